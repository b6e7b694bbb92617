# Refusals and faults. notice-NAME is the heading; -what and -then are the paragraphs below it.

notice-bad-request = That request could not be read
notice-bad-request-what =
    What your browser sent was not in a form we can pass on safely, so it was stopped here. Nothing
    was changed in { $app }.
notice-bad-request-then = Go back and try again, or start from the sign-in page.

notice-forbidden = This is not open to you
notice-forbidden-what =
    This page, or what you were doing on it, is not open to this sign-in. Nothing was changed in
    { $app }.
notice-forbidden-then =
    If you need it for your work, get in touch with the people under “Need help?”.

notice-not-found = There is no such page
notice-not-found-what = The address may be mistyped, or the link may be old.

notice-method-not-allowed = That does not work here
notice-method-not-allowed-what =
    This page cannot be opened in the way your browser tried. Start from the sign-in page.

notice-too-large = That is too large to send
notice-too-large-what =
    It is over the limit, so it was not sent and nothing was saved. If it is a file, make it smaller
    or send it in parts.

notice-headers-too-large = Your browser sent too many cookies
notice-headers-too-large-what =
    Usually this means that old cookies of this site have piled up in your browser.
notice-headers-too-large-then =
    Clear the cookies of this site in your browser’s settings, then sign in again.

notice-unsupported-form = That form could not be read
notice-unsupported-form-what =
    The form came in a format that we cannot check, so it was not passed on. Nothing was changed in
    { $app }.
notice-unsupported-form-then =
    Open the sign-in page and try once more. An old browser can cause this; another one may work.

notice-cross-site = That came from another website
notice-cross-site-what =
    Your browser says that this came from another website, so for your safety it was stopped. Your
    password was not passed on.
notice-cross-site-then = Open the sign-in page of { $app } itself and try there.

notice-misdirected = Please try again
notice-misdirected-what =
    Your browser used a connection that belongs to another site. Trying again will open a new one.

notice-too-many-requests = Too many tries just now
notice-too-many-requests-what =
    There were many tries from your computer or network in a short time, so we are holding new ones
    back.
notice-too-many-requests-then = You can try again in { $span }.

notice-attempts-full = Too many unfinished sign-ins
notice-attempts-full-what =
    Several sign-ins are already waiting for a code, so this one was not started. Your password was
    not sent.
notice-attempts-full-then =
    Finish the sign-in that is open in another tab, or wait 5 minutes and sign in again.

notice-login-not-understood = Sign-in did not work
notice-login-not-understood-what =
    { $app } gave an answer to your sign-in that we could not read in full, so for safety it was not
    passed on. You are not signed in.
notice-login-not-understood-then =
    Try once more. If it happens again, get in touch and give the reference below.

# The headings with the application's name stand on pages, those without where it is not known.
notice-upstream-down = The application is not answering
notice-upstream-down-named = { $app } is not answering
notice-upstream-down-what =
    The fault is not your password or your phone: { $app } itself cannot be reached just now.
notice-upstream-slow = The application is taking too long
notice-upstream-slow-named = { $app } is taking too long
notice-upstream-slow-what =
    { $app } did not answer in time. The fault is not your password or your phone.
notice-upstream-slow-then =
    If you were saving something, look whether it arrived before you send it again.
notice-store-down = Sign-in is not working just now
notice-store-down-what =
    We cannot check codes just now, so nobody can be let in. The fault is not your password or your
    phone.
notice-in-a-minute =
    Try again in a minute. If it lasts, get in touch with the people under “Need help?”.

notice-internal = Something went wrong
notice-internal-what = The fault is ours, and it has been recorded. Try once more.
notice-internal-then = If it happens again, get in touch and give the reference below.

notice-redirect-loop = Your browser was going in circles
notice-redirect-loop-what =
    The sign-in kept sending your browser back to its start, so we stopped it.
notice-redirect-loop-likely = Likely cause: { $likely }.
notice-redirect-loop-then = Close this tab, allow cookies for this site, and sign in again.

notice-try-login-again = Please sign in once more
notice-try-login-again-what =
    { $app } did not take that sign-in, most often because the page had been open for a while. You
    have done nothing wrong.
notice-try-login-again-then = Open a fresh sign-in page and type your password again.

notice-sign-out-first = Please sign out first
notice-sign-out-first-what =
    Somebody is signed in to { $app } in this browser. To keep two people’s work apart, sign out
    there first; then sign in again.

notice-spelling-held = Your name is spelled in a new way
notice-spelling-held-what =
    The name you typed is close to one that we know, but not the same. To be sure that nobody else’s
    records open for you, a person has to confirm it once.
notice-spelling-held-then =
    Sign in with your usual spelling, or ask the people under “Need help?” to confirm the new one.

notice-stopped = Your sign-in is switched off
notice-stopped-what =
    Signing in has been switched off for your account. A code cannot switch it on again; the
    helpdesk can.
notice-stopped-then = Get in touch with the people under “Need help?”.

notice-break-out = One more step to sign in
notice-break-out-go = Go on in the full window
notice-break-out-what =
    { $app } cannot ask for your code inside a frame. Reference { $reference }

notice-conflicting-cookies = Two cookies got mixed up
notice-conflicting-cookies-what =
    Your browser sent two different copies of the same cookie, and we will not guess which is yours.
    We have asked it to forget them:
notice-conflicting-cookies-then =
    Sign in again. If this page comes back, clear the cookies of this site in your browser’s
    settings.

notice-service-worker-refused = A helper program was refused
notice-service-worker-refused-what =
    { $app } tried to install a helper program in your browser. Such a program could read the
    sign-in pages, so it was refused. There is nothing you need to do.

notice-no-access-yet = Your phone is not set up yet
notice-no-access-yet-what =
    { $app } asks for a code from your phone as well as your password, and your account has no phone
    connected yet.
notice-no-access-yet-then =
    Ask the people under “Need help?” for an enrolment code. With it, setting up takes about two
    minutes.

next-sign-in = Go to the sign-in page
next-app = Go to { $app }
next-again = Try again

why = For the helpdesk: { $why }
why-two-readings = the address could be read in more than one way
why-way-closed = this way into the app is closed
why-password-in-address = a password must not stand in an address
why-session-in-address = a session must not stand in an address
why-session-in-form = a session must not stand in a form
why-sign-in-first = sign in first
why-form-late = the form did not arrive in time
why-for-people = our pages are for people
why-form-changed = a form of ours was changed
why-form-readings = the form could not be read in only one way
why-field-twice = a field of the form stands twice
why-name-in-address = the name stands in the address as well as in the form
why-name-missing = the form lacks the field for the name
why-strange-login = the form carries a password but is not the app's login form
why-no-name = the name holds characters that no name has

likely-login-page-closed =
    the app's login page is not among its open pages in the configuration
likely-login-page-leads-on = the app's login page sends visitors on to a protected page
