# New recovery codes: on the screen, on paper, and as a file.

codes-heading = Save your recovery codes
codes-heading-paper = Recovery codes for { $app }
codes-what =
    No phone one day? One of these codes (backup codes) signs you in instead. Each works once.
codes-what-paper =
    Account: { $account }. Each code works once, in place of the code from the phone. Tick it off
    when it is used.
codes-once = You will not see these codes again.
codes-before = Save them before you go on.
codes-copy = One click selects them all; then copy.
codes-download = Download as a file
codes-print = Or print this page with your browser’s Print.
codes-keep =
    Keep them as you would a spare key: in a locked drawer or a password manager, not on the phone
    itself. Nobody will ever ask you for one by phone or e-mail.
codes-saved = I have saved them

codes-file-heading = Recovery codes for { $app }
codes-file-account = Account: { $account }
codes-file-once = Each code works once, in place of the code from your phone.
codes-file-keep =
    Keep this file where only you can read it. Nobody will ever ask you for a code.
