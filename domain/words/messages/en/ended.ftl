# After a session.

ended-heading = Please sign in again
ended-heading-left = You are signed out
ended-left = You have left { $app } on this computer. If others use it too, close the window.
ended-expired =
    Time ran out, so this sign-in has ended. That is normal and nothing is wrong with your account.
ended-idle = { $app } was not used for a while, so we signed you out to keep the records safe.
ended-revoked =
    Your session was ended, either by the helpdesk or because your sign-in was changed. If you did
    not expect this, get in touch with the people under “Need help?”.
ended-elsewhere =
    You signed in again in another tab or on another computer, so this session has ended. If that
    was not you, get in touch with the people under “Need help?” now.
