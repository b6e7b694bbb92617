# Refusals and faults. notice-NAME is the heading; -what and -then are the paragraphs below it.

notice-bad-request = Cette demande n’a pas pu être lue
notice-bad-request-what =
    Ce que votre navigateur a envoyé n’avait pas une forme que nous pouvons transmettre en sécurité;
    l’envoi a donc été arrêté ici. Rien n’a été modifié dans { $app }.
notice-bad-request-then =
    Revenez en arrière et réessayez, ou repartez de la page de connexion.

notice-forbidden = Vous n’y avez pas accès
notice-forbidden-what =
    Cette page, ou ce que vous y faisiez, n’est pas ouverte à cette connexion. Rien n’a été modifié
    dans { $app }.
notice-forbidden-then =
    Si vous en avez besoin pour votre travail, contactez les personnes indiquées sous « Besoin
    d’aide? ».

notice-not-found = Cette page n’existe pas
notice-not-found-what = L’adresse est peut-être mal tapée, ou le lien est ancien.

notice-method-not-allowed = Cela ne fonctionne pas ici
notice-method-not-allowed-what =
    Cette page ne peut pas s’ouvrir comme votre navigateur l’a tenté. Repartez de la page de
    connexion.

notice-too-large = L’envoi est trop volumineux
notice-too-large-what =
    Il dépasse la limite; il n’a donc pas été envoyé et rien n’a été enregistré. Si c’est un fichier,
    réduisez-le ou envoyez-le en plusieurs parties.

notice-headers-too-large = Votre navigateur a envoyé trop de témoins (cookies)
notice-headers-too-large-what =
    En général, d’anciens témoins (cookies) de ce site se sont accumulés dans votre navigateur.
notice-headers-too-large-then =
    Effacez les témoins (cookies) de ce site dans les réglages de votre navigateur, puis
    reconnectez-vous.

notice-unsupported-form = Ce formulaire n’a pas pu être lu
notice-unsupported-form-what =
    Le formulaire est arrivé dans un format que nous ne pouvons pas vérifier; il n’a donc pas été
    transmis. Rien n’a été modifié dans { $app }.
notice-unsupported-form-then =
    Ouvrez la page de connexion et essayez encore une fois. Un vieux navigateur peut en être la
    cause; un autre fonctionnera peut-être.

notice-cross-site = Cela venait d’un autre site web
notice-cross-site-what =
    Votre navigateur indique que cela venait d’un autre site web; l’envoi a donc été arrêté pour
    votre sécurité. Votre mot de passe n’a pas été transmis.
notice-cross-site-then = Ouvrez la page de connexion de { $app } même et essayez là.

notice-misdirected = Veuillez réessayer
notice-misdirected-what =
    Votre navigateur a utilisé une liaison qui appartient à un autre site. Un nouvel essai en ouvrira
    une autre.

notice-too-many-requests = Trop d’essais en ce moment
notice-too-many-requests-what =
    Il y a eu beaucoup d’essais depuis votre ordinateur ou votre réseau en peu de temps; nous
    retenons donc les nouveaux.
notice-too-many-requests-then = Vous pourrez réessayer dans { $span }.

notice-attempts-full = Trop de connexions inachevées
notice-attempts-full-what =
    Plusieurs connexions attendent déjà un code; celle-ci n’a donc pas été commencée. Votre mot de
    passe n’a pas été envoyé.
notice-attempts-full-then =
    Terminez la connexion ouverte dans un autre onglet, ou attendez 5 minutes et reconnectez-vous.

notice-login-not-understood = La connexion n’a pas fonctionné
notice-login-not-understood-what =
    { $app } a donné à votre connexion une réponse que nous n’avons pas pu lire en entier; par
    sécurité, elle n’a pas été transmise. La connexion n’a pas eu lieu.
notice-login-not-understood-then =
    Essayez encore une fois. Si cela se reproduit, contactez-nous et donnez la référence ci-dessous.

# The headings with the application's name stand on pages, those without where it is not known.
notice-upstream-down = L’application ne répond pas
notice-upstream-down-named = { $app } ne répond pas
notice-upstream-down-what =
    Ni votre mot de passe ni votre téléphone n’est en cause : { $app } est injoignable en ce moment.
notice-upstream-slow = L’application met trop de temps
notice-upstream-slow-named = { $app } met trop de temps
notice-upstream-slow-what =
    { $app } n’a pas répondu à temps. Ni votre mot de passe ni votre téléphone n’est en cause.
notice-upstream-slow-then =
    Si vous étiez en train d’enregistrer, vérifiez si c’est arrivé avant de renvoyer.
notice-store-down = La connexion ne fonctionne pas en ce moment
notice-store-down-what =
    Nous ne pouvons pas vérifier les codes en ce moment; personne ne peut donc entrer. Ni votre mot
    de passe ni votre téléphone n’est en cause.
notice-in-a-minute =
    Réessayez dans une minute. Si cela dure, contactez les personnes indiquées sous « Besoin
    d’aide? ».

notice-internal = Un problème est survenu
notice-internal-what = La faute est de notre côté et a été consignée. Essayez encore une fois.
notice-internal-then =
    Si cela se reproduit, contactez-nous et donnez la référence ci-dessous.

notice-redirect-loop = Votre navigateur tournait en rond
notice-redirect-loop-what =
    La connexion renvoyait sans cesse votre navigateur au début; nous l’avons arrêtée.
notice-redirect-loop-likely = Cause probable : { $likely }.
notice-redirect-loop-then =
    Fermez cet onglet, autorisez les témoins (cookies) de ce site et reconnectez-vous.

notice-try-login-again = Veuillez vous connecter encore une fois
notice-try-login-again-what =
    { $app } n’a pas accepté cette connexion, le plus souvent parce que la page était ouverte depuis
    un moment. Vous n’avez rien fait de mal.
notice-try-login-again-then =
    Ouvrez une nouvelle page de connexion et tapez de nouveau votre mot de passe.

notice-sign-out-first = Veuillez d’abord vous déconnecter
notice-sign-out-first-what =
    Quelqu’un est connecté à { $app } dans ce navigateur. Pour séparer le travail de deux personnes,
    déconnectez-vous d’abord là-bas; reconnectez-vous ensuite.

notice-spelling-held = Votre nom est écrit d’une nouvelle façon
notice-spelling-held-what =
    Le nom que vous avez tapé ressemble à un nom que nous connaissons, sans être le même. Pour que
    les dossiers de personne d’autre ne s’ouvrent à vous, quelqu’un doit le confirmer une fois.
notice-spelling-held-then =
    Connectez-vous avec l’orthographe habituelle, ou demandez aux personnes indiquées sous « Besoin
    d’aide? » de confirmer la nouvelle.

notice-stopped = Votre accès est désactivé
notice-stopped-what =
    La connexion a été désactivée pour votre compte. Un code ne peut pas la réactiver; le service
    d’assistance le peut.
notice-stopped-then = Contactez les personnes indiquées sous « Besoin d’aide? ».

notice-break-out = Encore une étape pour se connecter
notice-break-out-go = Continuer dans la fenêtre entière
notice-break-out-what =
    { $app } ne peut pas vous demander un code à l’intérieur d’un cadre. Référence { $reference }

notice-conflicting-cookies = Deux témoins (cookies) se contredisent
notice-conflicting-cookies-what =
    Votre navigateur a envoyé deux copies différentes du même témoin (cookie), et nous ne voulons pas
    deviner laquelle est la vôtre. Nous lui avons demandé de les oublier :
notice-conflicting-cookies-then =
    Reconnectez-vous. Si cette page revient, effacez les témoins (cookies) de ce site dans les
    réglages de votre navigateur.

notice-service-worker-refused = Un programme auxiliaire a été refusé
notice-service-worker-refused-what =
    { $app } a tenté d’installer un programme auxiliaire dans votre navigateur. Un tel programme
    pourrait lire les pages de connexion; il a donc été refusé. Vous n’avez rien à faire.

notice-no-access-yet = Votre téléphone n’est pas encore configuré
notice-no-access-yet-what =
    { $app } demande un code de votre téléphone en plus de votre mot de passe, et aucun téléphone
    n’est encore relié à votre compte.
notice-no-access-yet-then =
    Demandez un code d’inscription aux personnes indiquées sous « Besoin d’aide? ». Avec ce code, la
    configuration prend environ deux minutes.

next-sign-in = Aller à la page de connexion
next-app = Aller à { $app }
next-again = Réessayer

why = Pour le service d’assistance : { $why }
why-two-readings = l’adresse pouvait se lire de plus d’une façon
why-way-closed = cet accès à l’application est fermé
why-password-in-address = un mot de passe ne doit pas figurer dans une adresse
why-session-in-address = une session ne doit pas figurer dans une adresse
why-session-in-form = une session ne doit pas figurer dans un formulaire
why-sign-in-first = se connecter d’abord
why-form-late = le formulaire n’est pas arrivé à temps
why-for-people = nos pages s’adressent aux personnes
why-form-changed = un formulaire de nos pages a été modifié
why-form-readings = le formulaire pouvait se lire de plus d’une façon
why-field-twice = un champ du formulaire figure deux fois
why-name-in-address = le nom figure dans l’adresse comme dans le formulaire
why-name-missing = le champ du nom manque dans le formulaire
why-strange-login =
    le formulaire contient un mot de passe, mais n’est pas le formulaire de connexion de
    l’application
why-no-name = le nom contient des caractères qu’aucun nom ne contient

likely-login-page-closed =
    la page de connexion de l’application ne figure pas parmi ses pages ouvertes dans la
    configuration
likely-login-page-leads-on =
    la page de connexion de l’application renvoie les visiteurs vers une page protégée
