# Setting up a phone: the operator's code, then the QR code and its first answer.

enrol-step = Step { $step } of { $steps }
enrol-code-heading = Set up your phone
enrol-code-why =
    { $app } now asks for a code from your phone as well as your password. You set this up once.
enrol-code-who = Signing in as { $name }
enrol-code-label = Enrolment code
enrol-code-hint =
    8 letters and digits that your helpdesk gave you. Capitals and dashes do not matter.
enrol-code-act = Continue
enrol-code-none = No enrolment code? Ask the people under “Need help?” for one.

enrol-totp-heading = Connect your authenticator app
enrol-totp-first = First, get an authenticator app
enrol-totp-apps =
    You need an authenticator app on your phone: Google Authenticator, Microsoft Authenticator,
    Authy, 1Password or Duo Mobile. They are free.
enrol-totp-scan = Then scan this QR code with the app
enrol-totp-picture =
    QR code for your authenticator app. The same key is written out below, under “Cannot scan it?”.
enrol-totp-add = In the app, choose to add an account, then to scan a QR code.
enrol-totp-no-camera = Do not scan with the phone’s camera app, that will not work.
enrol-totp-listed = Your app will list it as { $account }.
enrol-totp-replace = If it offers to replace the entry of another site, say no.
enrol-totp-same-phone = Reading this on that phone? Open the app here
enrol-totp-type = Cannot scan it? Type the key instead
enrol-totp-by-hand = In the app, choose to enter a setup key by hand.
enrol-totp-account = Account
enrol-totp-key = Key
enrol-totp-kind = Type of key
enrol-totp-time-based = Time-based
enrol-totp-last = Last, type the code it shows
enrol-totp-act = Connect
