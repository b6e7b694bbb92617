# La page personnelle, et les formulaires par lesquels on change sa propre connexion.

own-heading = Votre connexion
own-on = La connexion en deux étapes est activée
own-off = La connexion en deux étapes est désactivée
own-off-why =
    Vous êtes entré avec votre mot de passe seul : rien ne peut être consulté ni changé ici. Les
    personnes indiquées sous « Besoin d’aide? » peuvent vous dire comment l’activer.
own-who =
    Connexion en tant que { $name }. Tout changement sur cette page vous demande de prouver que c’est
    vous.
own-look = Voir ou changer votre connexion
own-address = Vous pouvez voir et changer votre connexion à tout moment, à cette adresse : /.anteroom/me
own-back = Retour à votre connexion, sans rien changer
own-go = Aller à { $app }

own-authenticators = Vos authentificateurs
own-added = Ajouté à { $moment }.
own-used = Dernière utilisation à { $moment }.
own-disabled = Désactivé après trop de codes erronés.
own-rename = Renommer
own-move = Passer à un nouveau téléphone
own-remove = Supprimer
own-kind-passkey = Clé d’accès ou clé de sécurité.
own-kind-totp = Application d’authentification.
own-kind-hardware = Jeton matériel.
own-kind-email = Code par courriel.
own-add-passkey = Ajouter une clé d’accès ou de sécurité
own-add-totp = Ajouter un autre téléphone
own-add-totp-first = Ajouter un téléphone
own-add-hardware = Ajouter un jeton matériel
own-add-email = Ajouter des codes par courriel

own-codes = Codes de récupération
own-codes-none = Il ne vous reste aucun code de récupération.
own-codes-make = Créer de nouveaux codes de récupération
own-codes-never =
    Vous n’avez aucun code de récupération. Créez-en et gardez-les en lieu sûr : l’un d’eux vous
    laisse entrer quand vous avez perdu tout le reste.
own-codes-make-first = Créer des codes de récupération

own-mail = Où nous vous écrivons
own-mail-why =
    Nous y écrivons quand quelque chose change dans votre connexion. Si une adresse n’est pas la
    vôtre, ou s’il en manque une, dites-le aux personnes indiquées sous « Besoin d’aide? ».

own-sessions = Où vous êtes connecté
own-this = Ce navigateur
own-other = Un autre navigateur
own-place = Dans { $place }.
own-since = Depuis { $moment }.
own-active = Dernière utilisation à { $moment }.
own-end = La fermer
own-end-others = Fermer toutes les autres sessions

own-devices = Ordinateurs où aucun code n’est demandé
own-device-this = cet ordinateur
own-device-until = Jusqu’à { $moment }.
own-forget = Y demander de nouveau un code
own-forget-all = Demander de nouveau un code sur tous
own-forget-heading = Y demander de nouveau un code
own-forget-lead =
    Un code sera demandé à la prochaine connexion depuis « { $label } ». Ce qui y a été ouvert sans
    code est fermé aussitôt.
own-forget-all-lead =
    Un code sera demandé sur chaque ordinateur à la prochaine connexion. Ce qui a été ouvert sans code
    est fermé aussitôt; cette session reste ouverte.
own-then-forgotten =
    Les ordinateurs où aucun code n’est demandé en demanderont de nouveau un.

own-events = Ce qui s’est passé dernièrement
own-event = { $moment } : { $what }.
own-event-from = { $moment } : { $what }, depuis { $from }.
own-event-signed-in = connexion
own-event-signed-in-passkey = connexion avec votre clé d’accès ou de sécurité
own-event-signed-in-totp = connexion avec votre application d’authentification
own-event-signed-in-hardware = connexion avec votre jeton matériel
own-event-signed-in-recovery = connexion avec un code de récupération
own-event-signed-in-given = connexion avec un code de l’assistance
own-event-signed-in-mail = connexion avec un code par courriel
own-event-wrong = un code erroné a été saisi
own-event-reused = un code a été saisi une deuxième fois
own-event-recovery = un code de récupération a été utilisé
own-event-added = un authentificateur a été ajouté
own-event-renamed = un authentificateur a été renommé
own-event-replaced = un authentificateur est passé à un nouveau téléphone
own-event-removed = un authentificateur a été supprimé
own-event-disabled = vos authentificateurs ont été désactivés
own-event-codes = de nouveaux codes de récupération ont été créés
own-event-temporary = l’assistance a donné un code temporaire
own-event-reset = l’assistance a réinitialisé votre connexion
own-event-not-me = vous avez signalé une connexion qui n’était pas la vôtre
own-event-signed-in-device = connexion depuis un ordinateur où aucun code n’est demandé
own-event-device = un ordinateur a été mémorisé : aucun code n’y est demandé
own-event-device-forgotten = un ordinateur a été oublié : un code y est de nouveau demandé
own-event-device-stolen = un ordinateur mémorisé a été copié, il a donc été oublié
own-event-other = quelque chose a été changé
own-not-you = Y a-t-il quelque chose que vous n’avez pas fait?

own-rename-heading = Renommer un authentificateur
own-rename-lead = Choisissez un nom qui le distingue des autres, de { $count } caractères au plus.
own-remove-heading = Supprimer un authentificateur
own-remove-lead = « { $label } » ne sera plus accepté.
own-remove-then = Toutes vos autres sessions seront fermées. Celle-ci reste ouverte.
own-remove-last =
    « { $label } » est le dernier : la connexion en deux étapes sera désactivée.
own-remove-last-then =
    Vos codes de récupération ne vaudront plus rien et vous serez déconnecté partout. Votre prochaine
    connexion demandera ce que demande une première.
own-codes-lead = Les anciens ne vaudront plus rien dès que les nouveaux seront créés.
own-end-heading = Fermer cette session
own-end-lead = La personne qui utilise { $app } dans cette session devra se reconnecter.
own-end-others-lead =
    Vous restez connecté ici. Partout ailleurs, { $app } demandera une nouvelle connexion.
own-not-me-heading = Ce n’était pas moi
own-not-me-lead = Si quelqu’un s’est connecté à votre place, il connaît votre mot de passe.
own-not-me-ends =
    Prouvez que c’est vous : toutes les sessions sauf celle-ci prendront fin, et les personnes qui
    s’occupent des connexions seront averties.
own-not-me-then =
    Ensuite, changez aussitôt votre mot de passe dans { $app } et contactez les personnes indiquées
    sous « Besoin d’aide? ».

own-phone-beside =
    Vos autres authentificateurs continuent de fonctionner. Le nouveau compte dès que son premier code
    est juste.
own-phone-instead =
    Le nouveau téléphone prend la place de « { $label } ». L’ancien fonctionne jusque-là; ensuite
    toutes vos autres sessions sont fermées.
own-phone-after-mail =
    Le téléphone compte dès que son premier code est juste. Ensuite, aucun code n’est plus envoyé par
    courriel.
own-phone-mail = D’abord, demandez un code par courriel
own-phone-scan-next = Ensuite, scannez ce code QR avec le nouveau téléphone
own-mail-down-then =
    Réessayez plus tard, ou demandez aux personnes indiquées sous « Besoin d’aide? ».
own-phone-scan = D’abord, scannez ce code QR avec le nouveau téléphone
own-phone-prove = Ensuite, nommez-le et prouvez les deux
own-label = Nom
own-label-new = Nom du nouveau téléphone
own-label-hint = Vous et l’assistance êtes seuls à le voir.
own-label-default = Nouveau téléphone
own-first = Code du nouveau téléphone
own-first-hint = Les 6 chiffres qu’il affiche pour la nouvelle entrée.
own-code = Votre code
own-code-hint = Les 6 chiffres que votre téléphone affiche maintenant.
own-code-hint-saved =
    Les 6 chiffres que votre téléphone affiche maintenant, ou un code de récupération.
own-key-beside =
    Vos autres authentificateurs continuent de fonctionner. Les ordinateurs mémorisés demanderont de
    nouveau.
own-label-of-key = Nom de la nouvelle clé d’accès ou de sécurité
own-label-key = Nouvelle clé d’accès
own-by-passkey = Utiliser une clé d’accès que vous avez, au lieu d’un code
own-by-passkey-only = Confirmez avec votre clé d’accès ou votre clé de sécurité.
own-noscript = Avec une clé d’accès, il faut JavaScript, et il est désactivé dans ce navigateur.
own-code-hint-token = Les chiffres que votre jeton affiche maintenant.
own-code-hint-token-saved =
    Les chiffres que votre jeton affiche maintenant, ou un code de récupération.
own-code-beside = Code d’un téléphone que vous utilisez déjà
own-code-beside-token = Code de votre jeton matériel
own-code-mailed = Code reçu par courriel
own-code-instead = Code de l’ancien téléphone
own-code-hint-instead =
    Les 6 chiffres qu’il affiche maintenant. Si vous l’avez perdu, un code de récupération enregistré.

own-problem-label-empty = Aucun nom n’a été saisi.
own-problem-label-empty-then = Saisissez un nom.
own-problem-label-long = Ce nom est trop long.
own-problem-label-long-then = Il peut avoir 40 caractères.
own-problem-label-taken = Vous en avez un autre de ce nom.
own-problem-label-taken-then = Choisissez un nom qui les distingue.
own-problem-not-enough = Ce code ne suffit pas pour cela.
own-problem-not-enough-then =
    Saisissez un code que votre propre authentificateur affiche maintenant. Votre code n’a pas été
    consommé.
own-problem-last = C’est votre dernier authentificateur : il reste.
own-problem-last-then =
    Ajoutez-en d’abord un autre, ou passez à un nouveau téléphone. Votre code n’a pas été consommé.
own-problem-gone = Cela n’existe plus.
own-problem-gone-then = Retournez à la page de votre connexion et voyez ce qui s’y trouve.
own-problem-over = Ce code QR était affiché depuis trop longtemps.
own-problem-over-then =
    Supprimez la nouvelle entrée de votre application et scannez le code affiché maintenant.
own-problem-many = Vous en avez autant qu’une personne peut en avoir.
own-problem-many-then = Supprimez-en un que vous n’utilisez plus.

trouble-not-fresh = Cette partie demande un code de votre propre authentificateur.
trouble-not-fresh-then =
    Un code de récupération ou temporaire ne suffit pas ici, et n’a pas été consommé.

lost-phone = J’ai perdu mon téléphone, ou j’en ai un nouveau
lost-phone-codes =
    Si vous avez enregistré des codes de récupération, connectez-vous avec l’un d’eux. Ouvrez ensuite
    cette adresse et choisissez « Passer à un nouveau téléphone »; un deuxième de vos codes suffit : /.anteroom/me
lost-phone-none =
    Sinon, contactez les personnes indiquées sous « Besoin d’aide? ». Elles s’assureront que c’est
    bien vous.

method-heading = Choisissez comment prouver que c’est vous
method-lead = Vous pourrez ajouter une autre façon plus tard.
method-passkey = Clé d’accès ou clé de sécurité
method-passkey-why =
    Votre téléphone, votre propre ordinateur ou une clé à brancher. Une fausse page ne peut pas la
    tromper. Pas sur un ordinateur que d’autres utilisent.
method-noscript = Il faut JavaScript pour celle-ci, et il est désactivé dans ce navigateur.
method-totp = Application d’authentification
method-totp-why =
    Une application sur votre téléphone qui affiche un nouveau code toutes les 30 secondes. Si vous
    hésitez, prenez celle-ci.
method-other = Choisir une autre façon
method-hardware = Jeton matériel
method-hardware-why = Un petit appareil remis par l’assistance.
method-email = Code par courriel
method-email-why =
    Pour qui ne peut rien utiliser d’autre : qui lit votre courrier peut l’utiliser aussi.

own-sign-out = Se déconnecter
