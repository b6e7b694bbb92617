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
