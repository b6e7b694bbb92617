# A person's own page, and the forms by which she changes her own sign-in.

own-heading = Your sign-in
own-on = Two-step sign-in is on
own-off = Two-step sign-in is off
own-off-why =
    You came in with your password alone, so nothing can be looked up or changed here. The people
    under “Need help?” can tell you how to turn it on.
own-who = Signed in as { $name }. Every change on this page asks you to prove that it is you.
own-look = Look at your sign-in, or change it
own-address = You can look at your sign-in and change it at any time, at this address: /.anteroom/me
own-back = Back to your sign-in, without a change
own-go = Go to { $app }

own-authenticators = Your authenticators
own-added = Added at { $moment }.
own-used = Last used at { $moment }.
own-disabled = Switched off after too many wrong codes.
own-rename = Rename
own-move = Move to a new phone
own-remove = Remove
own-kind-passkey = Passkey or security key.
own-kind-totp = Authenticator app.
own-kind-hardware = Hardware token.
own-kind-email = Code by e-mail.
own-add-passkey = Add a passkey or security key
own-add-totp = Add another phone
own-add-totp-first = Add a phone
own-add-hardware = Add a hardware token
own-add-email = Add codes by e-mail

own-codes = Recovery codes
own-codes-none = You have no recovery codes left.
own-codes-make = Make new recovery codes
own-codes-never =
    You have no recovery codes. Make some and keep them safe: one of them lets you in when you have
    lost everything else.
own-codes-make-first = Make recovery codes

own-mail = Where we write to you
own-mail-why =
    We write there when something about your sign-in changes. If one is not yours, or is missing,
    tell the people under “Need help?”.

own-sessions = Where you are signed in
own-this = This browser
own-other = Another browser
own-place = At { $place }.
own-since = Since { $moment }.
own-active = Last used at { $moment }.
own-end = End it
own-end-others = End all other sessions

own-devices = Computers that ask for no code
own-device-this = this computer
own-device-until = Until { $moment }.
own-forget = Ask for a code there again
own-forget-all = Ask for a code on all of them again
own-forget-heading = Ask for a code there again
own-forget-lead =
    “{ $label }” will be asked for a code at its next sign-in. What was opened there without a code
    ends now.
own-forget-all-lead =
    Every computer will be asked for a code at its next sign-in. What was opened without a code ends
    now; this session stays.
own-then-forgotten = Computers that ask for no code now will ask for one again.

own-events = What happened lately
own-event = { $moment }: { $what }.
own-event-from = { $moment }: { $what }, from { $from }.
own-event-signed-in = Signed in
own-event-signed-in-passkey = Signed in with your passkey or security key
own-event-signed-in-totp = Signed in with your authenticator app
own-event-signed-in-hardware = Signed in with your hardware token
own-event-signed-in-recovery = Signed in with a recovery code
own-event-signed-in-given = Signed in with a code from the helpdesk
own-event-signed-in-mail = Signed in with a code by e-mail
own-event-wrong = A wrong code was typed
own-event-reused = A code was typed a second time
own-event-recovery = A recovery code was used
own-event-added = An authenticator was added
own-event-renamed = An authenticator was renamed
own-event-replaced = An authenticator was moved to a new phone
own-event-removed = An authenticator was removed
own-event-disabled = Your authenticators were switched off
own-event-codes = New recovery codes were made
own-event-temporary = The helpdesk gave out a temporary code
own-event-reset = The helpdesk reset your sign-in
own-event-not-me = You said that a sign-in was not yours
own-event-signed-in-device = Signed in on a computer that asks for no code
own-event-device = A computer was remembered, so that it asks for no code
own-event-device-forgotten = A computer was forgotten: it asks for a code again
own-event-device-stolen = A remembered computer was copied, so it was forgotten
own-event-other = Something was changed
own-not-you = Is there something that you did not do?

own-rename-heading = Rename an authenticator
own-rename-lead = Choose a name that tells it from the others, of at most { $count } characters.
own-remove-heading = Remove an authenticator
own-remove-lead = “{ $label }” will not be taken any more.
own-remove-then = All your other sessions will end. This one stays.
own-remove-last = “{ $label }” is your last one: two-step sign-in will be off.
own-remove-last-then =
    Your recovery codes will be worthless and you will be signed out everywhere. Your next sign-in
    will ask for what a first one asks for.
own-codes-lead = The old ones will be worthless as soon as the new ones are made.
own-end-heading = End this session
own-end-lead = Whoever uses { $app } in that session will have to sign in again.
own-end-others-lead =
    You will stay signed in here. Everywhere else { $app } will ask for a sign-in again.
own-not-me-heading = This was not me
own-not-me-lead = If somebody else signed in as you, they know your password.
own-not-me-ends =
    Prove that it is you: every session but this one will end, and the people who look after sign-ins
    will be told.
own-not-me-then =
    After that, change your password in { $app } at once, and get in touch with the people under
    “Need help?”.

own-phone-beside =
    Your other authenticators go on working. The new one counts as soon as its first code is right.
own-phone-instead =
    The new phone takes the place of “{ $label }”. The old one works until the new one does, and all
    your other sessions end then.
own-phone-after-mail =
    The phone counts as soon as its first code is right. From then on no codes are sent by e-mail.
own-phone-mail = First, ask for a code by e-mail
own-phone-scan-next = Then scan this QR code with the new phone
own-mail-down-then =
    Try again later, or ask the people under “Need help?”.
own-phone-scan = First, scan this QR code with the new phone
own-phone-prove = Then name it and prove both
own-label = Name
own-label-new = Name of the new phone
own-label-hint = Only you and the helpdesk see it.
own-label-default = New phone
own-first = Code of the new phone
own-first-hint = The 6 digits that it shows for the new entry.
own-code = Your code
own-code-hint = The 6 digits that your phone shows now.
own-code-hint-saved = The 6 digits that your phone shows now, or a recovery code.
own-key-beside =
    Your other authenticators go on working. Computers that were remembered will ask again.
own-label-of-key = Name of the new passkey or key
own-label-key = New passkey
own-by-passkey = Use a passkey that you have, instead of a code
own-by-passkey-only = Use your passkey or security key to confirm this.
own-noscript = With a passkey this needs JavaScript, which is off in this browser.
own-code-hint-token = The digits that your hardware token shows now.
own-code-hint-token-saved = The digits that your hardware token shows now, or a recovery code.
own-code-beside = Code of a phone that you already use
own-code-beside-token = Code of your hardware token
own-code-mailed = Code from your e-mail
own-code-instead = Code of the old phone
own-code-hint-instead =
    The 6 digits that it shows now. If you have lost it, a recovery code that you saved.

own-problem-label-empty = No name was typed.
own-problem-label-empty-then = Type a name for it.
own-problem-label-long = That name is too long.
own-problem-label-long-then = It may have 40 characters.
own-problem-label-taken = You have another one of that name.
own-problem-label-taken-then = Choose a name that tells them apart.
own-problem-not-enough = That code is not enough for this.
own-problem-not-enough-then =
    Type a code that your own authenticator shows now. Your code was not used up.
own-problem-last = This is your last authenticator, so it stays.
own-problem-last-then =
    Add another one first, or move to a new phone. Your code was not used up.
own-problem-gone = That does not exist any more.
own-problem-gone-then = Go back to your sign-in page and look what is there now.
own-problem-over = That QR code had been shown too long.
own-problem-over-then =
    Remove the new entry from your app and scan the one that is shown now.
own-problem-many = You have as many as one person may have.
own-problem-many-then = Remove one that you do not use any more.

trouble-not-fresh = This part asks for a code from your own authenticator.
trouble-not-fresh-then = A recovery or temporary code is not enough here, and was not used up.

lost-phone = I lost my phone, or I have a new one
lost-phone-codes =
    If you saved recovery codes, sign in with one of them. Then open this address and choose “Move to
    a new phone”; a second one of your codes does that: /.anteroom/me
lost-phone-none =
    Without any, get in touch with the people under “Need help?”. They will make sure that it is you.

method-heading = Choose how you prove that it is you
method-lead = You can add another way later.
method-passkey = Passkey or security key
method-passkey-why =
    Your phone, your own computer or a key that you plug in. It cannot be tricked by a false page.
    Not on a computer that others use.
method-noscript = This one needs JavaScript, which is off in this browser.
method-totp = Authenticator app
method-totp-why =
    An app on your phone that shows a new code every 30 seconds. Take this one if you are not sure.
method-other = Choose another way
method-hardware = Hardware token
method-hardware-why = A small device from the helpdesk.
method-email = Code by e-mail
method-email-why = For those who can use nothing else: whoever reads your mail can use it too.

own-sign-out = Sign out
