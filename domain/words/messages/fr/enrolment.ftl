# Setting up a phone: the operator's code, then the QR code and its first answer.

enrol-step = Étape { $step } de { $steps }
enrol-code-heading = Configurez votre téléphone
enrol-code-why =
    { $app } demande maintenant un code de votre téléphone en plus de votre mot de passe. Cette
    configuration ne se fait qu’une fois.
enrol-code-who = Connexion en tant que { $name }
enrol-code-label = Code d’inscription
enrol-code-hint =
    8 lettres et chiffres que votre service d’assistance vous a donnés. Les majuscules et les tirets
    n’ont pas d’importance.
enrol-code-act = Continuer
enrol-code-none =
    Pas de code d’inscription? Demandez-en un aux personnes indiquées sous « Besoin d’aide? ».

enrol-totp-heading = Reliez votre application d’authentification
enrol-totp-first = D’abord, installez une application d’authentification
enrol-totp-apps =
    Il vous faut une application d’authentification sur votre téléphone : Google Authenticator,
    Microsoft Authenticator, Authy, 1Password ou Duo Mobile. Elles sont gratuites.
enrol-totp-scan = Ensuite, numérisez ce code QR avec l’application
enrol-totp-picture =
    Code QR pour votre application d’authentification. La même clé est écrite plus bas, sous
    « Impossible de numériser? ».
enrol-totp-add =
    Dans l’application, choisissez d’ajouter un compte, puis de numériser un code QR.
enrol-totp-no-camera =
    N’utilisez pas l’appareil photo du téléphone : cela ne fonctionnera pas.
enrol-totp-listed = Votre application l’affichera sous le nom { $account }.
enrol-totp-replace = Si elle propose de remplacer l’entrée d’un autre site, refusez.
enrol-totp-same-phone = Vous lisez ceci sur ce téléphone? Ouvrez l’application ici
enrol-totp-type = Impossible de numériser? Tapez plutôt la clé
enrol-totp-by-hand =
    Dans l’application, choisissez d’entrer une clé de configuration à la main.
enrol-totp-account = Compte
enrol-totp-key = Clé
enrol-totp-kind = Type de clé
enrol-totp-time-based = Basée sur l’heure
enrol-totp-last = Enfin, tapez le code qu’elle affiche
enrol-totp-act = Relier
