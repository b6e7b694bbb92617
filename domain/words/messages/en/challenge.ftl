# The challenge, its forms, and the page of a pause.

challenge-heading = Enter your code
challenge-heading-recovery = Use a saved or temporary code
challenge-heading-unlock = Welcome back
challenge-heading-stale = Confirm that it is you
challenge-unlock = { $app } was locked because it was not used for a while.
challenge-stale = This part of { $app } asks for a fresh code.
challenge-act = Sign in
challenge-act-unlock = Unlock
challenge-act-stale = Confirm
challenge-have-phone = I have my phone: use the 6-digit code
challenge-no-phone = I don’t have my phone: use a recovery code (backup code) or a temporary code
challenge-minutes-left = { $minutes ->
    [0] You have less than a minute for this.
    [one] You have about 1 minute for this.
   *[other] You have about { $minutes } minutes for this.
}
challenge-tries-left = { $tries ->
    [0] After a wrong code there will be a pause.
    [one] 1 try left before a pause.
   *[other] { $tries } tries left before a pause.
}

code-ask = Open the authenticator app on your phone and type the 6 digits it shows for { $app }.
code-label = 6-digit code
code-hint = It changes every 30 seconds.
code-title = 6 digits

remember-days = { $days ->
    [one] Do not ask for a code on this computer for 1 day
   *[other] Do not ask for a code on this computer for { $days } days
}
remember-hint = Only on a computer that nobody else uses. Your password is still asked for.

recovery-spent =
    You have used all your recovery codes. The people under “Need help?” can give you a temporary
    code, which you can type here.
recovery-ask =
    Use one of the recovery codes (backup codes) that you saved when you set up your phone, or a
    temporary code from the helpdesk. Each recovery code works once.
recovery-left = { $count ->
    [one] You have 1 code left.
   *[other] You have { $count } codes left.
}
recovery-label = Recovery code or temporary code
recovery-hint =
    20 letters and digits, or 10 digits. Capitals, spaces and dashes do not matter. A code from a
    sealed envelope goes here too.
recovery-act = Use this code

# Below the field for a code from the drawer, above whom to ask.

# Where a code by e-mail is waited for.
mail-late = No e-mail after a minute?
mail-late-look =
    Look in the folder for junk mail too. Only the newest e-mail counts: every time you ask, the
    code before it stops working.
mail-late-then =
    If none comes, ask the helpdesk whether the address they have is still yours. They can also give
    you a temporary code.

paused-heading = Codes are paused
paused-why =
    Several codes in a row were not right, so none are taken for a while. This protects your account
    if somebody is guessing.
paused-until = You can try again { $in }.
paused-in = in { $span }
paused-then = Then press “Try again”.
paused-unlock = { $app } stays locked until then. What you saved is safe.
paused-meanwhile =
    Meanwhile, check that your phone sets its time automatically, and that you read the code of the
    entry for { $app }.
paused-help =
    If you cannot wait, or those tries were not yours, get in touch with the people under “Need
    help?” now.
paused-again = Try again
paused-otherwise =
    Use a temporary code, a code from a sealed envelope or a passkey: they are taken all the same

challenge-heading-token = Put your token right
challenge-token-trouble = My token’s codes are not taken
challenge-have-token = Type a single code of my token or phone
challenge-no-token =
    I don’t have my phone or token: use a recovery code (backup code) or a temporary code

code-ask-token =
    Type the code that your token shows, or the authenticator app on your phone for { $app }.
code-label-token = Code from your token or phone
code-hint-token = 6 or 8 digits. Each code works once.
code-title-token = 6 or 8 digits

token-why =
    After a long time unused, or many presses of its button, a token may be out of step. Two codes in
    a row put it right, and sign you in.
token-first = First code of your token
token-first-hint = A fresh one that you have not typed anywhere yet.
token-second = The code that comes next
token-second-hint = Wait until it changes, or press the button once more.
token-act = Put my token right

challenge-heading-passkey = Use your passkey
challenge-other-ways = Try another way

passkey-heading = Set up a passkey
passkey-what =
    A passkey is kept by your computer, your phone or a security key. You sign in with your password
    and then a touch, a glance or a PIN. Nobody can ask you for it on the phone or on a false page.
passkey-account = Signing in as
passkey-not-set-up = Nothing was set up. Press the button to try again.
passkey-twice = This device or key has a passkey for you already. Use another one.
passkey-cannot-make =
    This browser cannot make a passkey here. Use another browser or another way.
passkey-make-noscript = This needs JavaScript, which is off in this browser.
passkey-how = Use the device or security key on which you set it up, the way you unlock it.
passkey-act = Use your passkey or security key
passkey-not-used = No passkey was used. Press the button to try again, or use another way.
passkey-cannot-use = This browser cannot use a passkey here. Use another way.
passkey-noscript = This needs JavaScript. Every other way works without.
