# What stands round every page. $app is the application's name; every sentence may use it.

page-title = { $heading } – { $app }
page-title-error = Error: { $heading } – { $app }
emergency-open = Emergency access is open for { $app } until { $until }.
emergency-recorded = Every sign-in is recorded.

help-heading = Need help?
help-ask = Ask the people who look after { $app } where you work.
help-email = E-mail
help-text-line = Text message
help-phone = Phone
help-reference = If you get in touch, give this reference: { $reference }

# What the row of languages at the foot is called, for those who hear the page.
language-choice = Language

sign-in-again = Sign in again
start-over = Start over, or sign in as somebody else
sign-out-not-you = Not you? Sign out
