# What was wrong with a typed code: first what happened, then what to do now.

trouble-missing = No code was typed.
trouble-malformed = That is not a 6-digit code.
trouble-malformed-saved = That is neither a whole recovery code nor a whole temporary code.
trouble-malformed-enrolment = That is not a whole enrolment code.

trouble-expected = Type the 6 digits that your authenticator app shows now.
trouble-expected-first = Type the 6 digits that your authenticator app shows for the new entry.
trouble-expected-saved =
    A recovery code has 20 letters and digits, in five groups of four. A temporary code from the
    helpdesk has 10 digits.
trouble-expected-enrolment = It has 8 letters and digits, in two groups of four.

trouble-wrong = That code did not match.
trouble-wrong-then =
    Check that you read the right entry in your authenticator app, and type the code it shows now.
trouble-wrong-other =
    If your phone was replaced or reset, the old entry does not count any more: use the new one.
trouble-wrong-first-then =
    Check that you read the new entry, and type the code it shows now. If it still fails, remove the
    entry from the app and scan again.
trouble-wrong-saved = That recovery code did not match.
trouble-wrong-saved-then = Check it letter by letter. Each works once, so skip those you have used.
trouble-wrong-enrolment = That enrolment code did not match.
trouble-wrong-enrolment-then =
    Check it letter by letter, or ask the people under “Need help?” for a new one.
trouble-wrong-temporary = That temporary code did not match.
trouble-wrong-temporary-then =
    Check it digit by digit, or ask the people under “Need help?” for a new one.
trouble-wrong-sealed = That code from an envelope did not match.
trouble-wrong-sealed-then =
    Check it letter by letter. Each works once, for one person, at one application.

trouble-reused = That code has already been used.
trouble-reused-then =
    Each code works once. Wait until your app shows the next one, at most 30 seconds.
trouble-reused-saved = That recovery code was used before.
trouble-reused-saved-then = Each works once. Use the next one on your list.

trouble-expired = That page had been open too long.
trouble-expired-then = Here is a fresh one. Type the code again.
trouble-expired-enrolment = That enrolment code has expired.
trouble-new-one = Ask the people under “Need help?” for a new one.

# $moment is "10:42 UTC on 1 March".
trouble-temporary-used-up = This temporary code was used up at { $moment }.
trouble-temporary-used-up-then =
    If it was not you who used it, tell the people under “Need help?” now. They can also give you
    another one.
trouble-temporary-expired = This temporary code expired at { $moment }.
trouble-temporary-withdrawn = This temporary code was withdrawn at { $moment }.
trouble-temporary-withdrawn-then =
    If you were given a newer one, type that. Otherwise ask the people under “Need help?”.

trouble-clock-slow = { $minutes ->
    [0] Your phone’s clock is a little off.
    [one] Your phone’s clock is about 1 minute slow.
   *[other] Your phone’s clock is about { $minutes } minutes slow.
}
trouble-clock-fast = { $minutes ->
    [0] Your phone’s clock is a little off.
    [one] Your phone’s clock is about 1 minute fast.
   *[other] Your phone’s clock is about { $minutes } minutes fast.
}
trouble-clock-then = Set its time to automatic, then use the next code.

trouble-malformed-token = That is not a whole code.
trouble-expected-token = Type the 6 or 8 digits that your token or phone shows now.
trouble-wrong-token-then =
    Type the code that your token shows now. If that goes on, type two codes in a row under “My
    token’s codes are not taken”.
trouble-reused-token-then =
    Each code works once. Wait for the next one, or press the button of your token again.
trouble-token-slow = { $minutes ->
    [one] Your token’s clock is about 1 minute slow.
   *[other] Your token’s clock is about { $minutes } minutes slow.
}
trouble-token-slow-then =
    Type two codes in a row under “My token’s codes are not taken” to put it right.
trouble-switched-off = That code is of a phone or token of yours that is switched off.
trouble-switched-off-then = Use another one of yours, or ask the people under “Need help?”.
trouble-not-in-a-row = Those are not two codes in a row of your token.
trouble-not-in-a-row-then =
    Wait for a fresh code, type it, wait for the next one and type that. Use none twice.

trouble-passkey-missing = This browser did not ask for a passkey.
trouble-passkey-missing-then =
    It needs JavaScript for that. Allow it for this page, or use another way below.
trouble-passkey-disabled = That passkey has been switched off.
trouble-passkey-disabled-then = Use another way below, or ask the people under “Need help?”.
trouble-passkey-unverified = That passkey did not check that it is you.
trouble-passkey-unverified-then =
    Set up a PIN or a fingerprint on it, or use another way below.
trouble-passkey-not-made = That passkey could not be taken.
trouble-passkey-not-made-then =
    Try once more, with another device or security key if you have one.
trouble-passkey-known = That passkey is already in use.
trouble-passkey-known-then = Use another device or security key, or an authenticator app.
trouble-passkey-wrong = That passkey did not fit.
trouble-passkey-wrong-then =
    Use the one that you set up for this application, or another way below.
trouble-passkey-late-then = Here is a fresh one. Press the button again.
trouble-malformed-mail = That is not an 8-digit code.
trouble-expected-mail = Type the 8 digits of the newest message.
trouble-wrong-mail = That is not the code of our newest message.
trouble-wrong-mail-then =
    Only the newest one counts, once, for ten minutes and five tries. Send another one if in doubt.
