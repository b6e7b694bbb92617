# Codes by mail: asked for, typed, and what is said when none can be sent. $address is masked.

mail-heading = Code by e-mail
mail-heading-enrol = Set up codes by e-mail
mail-act = Sign in
mail-act-enrol = Confirm
mail-enough = Enough messages were sent for now.
mail-enough-then =
    Another one can be sent in { $span }. The newest code still counts until then, for ten minutes.
mail-sent =
    We are sending 8 digits to { $address }. It may take a minute. Look among the spam too.
mail-label = 8-digit code
mail-hint = It counts for ten minutes, on this page only. Only the newest one counts.
mail-down = We cannot send e-mail just now.
mail-down-then =
    Use another way below, or ask the people under “Need help?” for a temporary code.
mail-none = There is no e-mail address of yours that may receive codes now.
mail-none-then = Use another way below, or ask the people under “Need help?”.
mail-ask = We can send a code to the address that your clinic has on file.
mail-weaker =
    Codes by e-mail are weaker than an authenticator app: whoever reads your mail can read them too.
mail-send = Send a code to { $address }
mail-send-again = Send another code to { $address }
mail-instead-saved = Use a recovery code or a temporary code instead
