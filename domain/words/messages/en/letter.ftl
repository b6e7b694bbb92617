# Letters: codes by mail, and what people are told. letter-NAME is the subject, after the app's name.

letter-subject = { $app }: { $subject }
letter-line = { $label }: { $value }
letter-when = When
letter-where = Where
letter-account = Account
letter-from = From
letter-reference = Reference
letter-help = Helpdesk
letter-no-links =
    This message has no links, on purpose: go to the application the way you always do.

letter-code = your sign-in code
letter-code-what = { $minutes ->
    [one] Type this code on the page where you are signing in. It works once, there only, for 1 minute.
   *[other] Type this code on the page where you are signing in. It works once, there only, for { $minutes } minutes.
}
letter-code-never = Nobody from your helpdesk will ever ask you for it.

letter-test = this is a test
letter-test-what =
    An operator sent this message to see whether mail goes out. Nothing has happened to your
    account, and there is nothing to do.

# What to do where it was not the reader.
letter-then-call =
    If this was not you, somebody else may be changing how you sign in. Call your helpdesk now,
    before you sign in again.
letter-then-password =
    If this was not you, somebody knows your password. Change it in the application, then call your
    helpdesk.
letter-then-caller =
    If you did not ask for this, call your helpdesk now: somebody may have called in your name.
letter-then-ask = If you did not expect this, call your helpdesk.

letter-added = a new way to sign in was added
letter-added-what =
    A new authenticator was set up for your account. From now on it can confirm your sign-ins.
letter-replaced = you sign in with a new authenticator
letter-replaced-what =
    A new authenticator took the place of an old one, which cannot confirm your sign-ins any more.
letter-removed = a way to sign in was removed
letter-removed-what =
    An authenticator was removed from your account. It cannot confirm your sign-ins any more.
letter-disabled = your codes do not work any more
letter-disabled-what =
    After too many wrong codes, or by your helpdesk, your authenticator was switched off.
letter-reset = your second step was reset
letter-reset-what =
    Your helpdesk removed every authenticator and recovery code of your account. At your next
    sign-in you will be asked for an enrolment code.
letter-recovery-used = a recovery code was used
letter-recovery-used-what =
    One of your saved recovery codes was used to sign in. It cannot be used again.
letter-codes-replaced = you have new recovery codes
letter-codes-replaced-what =
    New recovery codes were made for your account. The old ones do not work any more.
letter-temporary = a temporary code was issued for you
letter-temporary-what =
    Your helpdesk issued a temporary code with which you can sign in without your phone.
letter-temporary-used = a temporary code was used
letter-temporary-used-what = A temporary code from your helpdesk was used to sign in.
letter-address-added = an e-mail address was added
letter-address-added-what =
    Another e-mail address was added to your account. Messages like this one go there too.
letter-address-removed = an e-mail address was removed
letter-address-removed-what = An e-mail address was removed from your account.
letter-paused = wrong codes were typed
letter-paused-what =
    Several wrong codes were typed for your account, so it takes no codes for a while.
letter-suspended = your account was suspended
letter-suspended-what = Your helpdesk suspended your account. Nobody can sign in with it.
letter-stolen = your password may be stolen
letter-stolen-what = Somebody typed your right password and then several wrong codes.
letter-emergency = a sign-in without a second step
letter-emergency-what =
    During an emergency your account was signed in with the password alone.
letter-sealed = an emergency code was used
letter-sealed-what = A code from a sealed envelope was used to sign in with your account.
letter-merged = two names became one account
letter-merged-what =
    Your helpdesk joined this name with another name of yours. Sign in with the other name’s second
    step from now on.
letter-remembered = a computer was remembered
letter-remembered-what =
    A computer was remembered: for some days no code is asked for on it, only your password.
letter-copied = a remembered computer may have been copied
letter-copied-what =
    What a remembered computer proves itself with came from two browsers. It was forgotten, and
    what it had opened was ended.
letter-not-me = a sign-in was reported as not yours
letter-not-me-what =
    On your own page it was said that a sign-in was not you. All other sessions of your account were
    ended.

# What operators are told of a person, whose name stands below.
operator-no-links =
    This message has no links, on purpose: open the admin app the way you always do.
operator-then =
    Open this account in the admin app and look at what happened last. If you call, call the person
    on a number that you know.
operator-disabled = somebody’s codes were switched off
operator-disabled-what =
    After too many wrong codes, or by an operator, the authenticator of this account was switched
    off.
operator-reset = somebody’s second step was reset
operator-reset-what =
    An operator removed every authenticator and recovery code of this account.
operator-stolen = a password may be stolen
operator-stolen-what =
    Somebody typed the right password of this account and then several wrong codes.
operator-copied = a remembered computer may have been copied
operator-copied-what =
    What a remembered computer of this account proves itself with came from two browsers. It was
    forgotten, and what it had opened was ended.
operator-not-me = somebody reported a foreign sign-in
operator-not-me-what =
    On the person’s own page it was said that a sign-in to this account was somebody else’s. All
    other sessions of this account were ended.
operator-other = something happened to an account
operator-other-what = The audit log says what, under the reference below.
