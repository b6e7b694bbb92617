# The challenge, its forms, and the page of a pause.

challenge-heading = Entrez votre code
challenge-heading-recovery = Utilisez un code conservé ou temporaire
challenge-heading-unlock = Bon retour
challenge-heading-stale = Confirmez que c’est bien vous
challenge-unlock = { $app } s’est verrouillé parce qu’il n’a pas été utilisé pendant un moment.
challenge-stale = Cette partie de { $app } demande un nouveau code.
challenge-act = Se connecter
challenge-act-unlock = Déverrouiller
challenge-act-stale = Confirmer
challenge-have-phone = J’ai mon téléphone : utiliser le code à 6 chiffres
challenge-no-phone =
    Je n’ai pas mon téléphone : utiliser un code de récupération (code de secours) ou un code
    temporaire
challenge-minutes-left = { $minutes ->
    [0] Il vous reste moins d’une minute.
    [one] Vous avez environ { $minutes } minute pour le faire.
   *[other] Vous avez environ { $minutes } minutes pour le faire.
}
challenge-tries-left = { $tries ->
    [0] Après un code erroné, il y aura une pause.
    [one] Encore { $tries } essai avant une pause.
   *[other] Encore { $tries } essais avant une pause.
}

code-ask =
    Ouvrez l’application d’authentification sur votre téléphone et tapez les 6 chiffres qu’elle
    affiche pour { $app }.
code-label = Code à 6 chiffres
code-hint = Il change toutes les 30 secondes.
code-title = 6 chiffres

remember-days = { $days ->
    [one] Ne pas demander de code sur cet ordinateur pendant { $days } jour
   *[other] Ne pas demander de code sur cet ordinateur pendant { $days } jours
}
remember-hint = Seulement sur un ordinateur que personne d’autre n’utilise. Votre mot de passe reste demandé.

recovery-spent =
    Vous avez utilisé tous vos codes de récupération. Les personnes indiquées sous « Besoin d’aide? »
    peuvent vous donner un code temporaire, à taper ici.
recovery-ask =
    Utilisez l’un des codes de récupération (codes de secours) que vous avez conservés lors de la
    configuration de votre téléphone, ou un code temporaire du service d’assistance. Chaque code de
    récupération ne sert qu’une fois.
recovery-left = { $count ->
    [one] Il vous reste { $count } code.
   *[other] Il vous reste { $count } codes.
}
recovery-label = Code de récupération ou code temporaire
recovery-hint =
    20 lettres et chiffres, ou 10 chiffres. Les majuscules, les espaces et les tirets n’ont pas
    d’importance. Le code d’une enveloppe scellée se tape aussi ici.
recovery-act = Utiliser ce code

# Below the field for a code from the drawer, above whom to ask.

# Where a code by e-mail is waited for.
mail-late = Pas de courriel après une minute?
mail-late-look =
    Regardez aussi dans le dossier des courriels indésirables. Seul le courriel le plus récent
    compte : à chaque nouvelle demande, le code précédent cesse de fonctionner.
mail-late-then =
    Si rien n’arrive, demandez au service d’assistance si l’adresse qu’il connaît est toujours la
    vôtre. Il peut aussi vous donner un code temporaire.

paused-heading = Les codes sont suspendus
paused-why =
    Plusieurs codes de suite étaient erronés; aucun n’est accepté pour le moment. Cela protège votre
    compte si quelqu’un essaie de deviner.
paused-until = Vous pourrez réessayer { $in }.
paused-in = dans { $span }
paused-then = Appuyez alors sur « Réessayer ».
paused-unlock =
    { $app } reste verrouillé jusque-là. Ce que vous avez enregistré est en sécurité.
paused-meanwhile =
    En attendant, vérifiez que votre téléphone règle son heure automatiquement et que vous lisez
    bien le code de l’entrée { $app }.
paused-help =
    Si vous ne pouvez pas attendre, ou si ces essais ne venaient pas de vous, contactez maintenant
    les personnes indiquées sous « Besoin d’aide? ».
paused-again = Réessayer
paused-otherwise =
    Utiliser un code temporaire, un code d’enveloppe scellée ou une clé d’accès : ils sont acceptés
    malgré tout

challenge-heading-token = Resynchroniser votre jeton
challenge-token-trouble = Les codes de mon jeton sont refusés
challenge-have-token = Taper un seul code de mon jeton ou de mon téléphone
challenge-no-token =
    Je n’ai ni mon téléphone ni mon jeton : utiliser un code de récupération (code de secours) ou un
    code temporaire

code-ask-token =
    Tapez le code affiché par votre jeton, ou par l’application d’authentification de votre téléphone
    pour { $app }.
code-label-token = Code de votre jeton ou de votre téléphone
code-hint-token = 6 ou 8 chiffres. Chaque code ne sert qu’une fois.
code-title-token = 6 ou 8 chiffres

token-why =
    Après une longue période sans usage, ou de nombreuses pressions sur son bouton, un jeton peut être
    décalé. Deux codes de suite le remettent à l’heure et ouvrent votre session.
token-first = Premier code de votre jeton
token-first-hint = Un code tout neuf, que vous n’avez encore tapé nulle part.
token-second = Le code suivant
token-second-hint = Attendez qu’il change, ou appuyez encore une fois sur le bouton.
token-act = Resynchroniser mon jeton

challenge-heading-passkey = Utilisez votre clé d’accès
challenge-other-ways = Essayer une autre façon

passkey-heading = Configurer une clé d’accès
passkey-what =
    Une clé d’accès est gardée par votre ordinateur, votre téléphone ou une clé de sécurité. Vous ouvrez
    votre session avec votre mot de passe, puis d’un toucher, d’un regard ou d’un NIP. Personne ne peut
    vous la demander au téléphone ni sur une fausse page.
passkey-account = Ouverture de session de
passkey-not-set-up = Rien n’a été configuré. Appuyez sur le bouton pour réessayer.
passkey-twice = Cet appareil ou cette clé a déjà une clé d’accès pour vous. Utilisez-en un autre.
passkey-cannot-make =
    Ce navigateur ne peut pas créer de clé d’accès ici. Prenez un autre navigateur ou une autre façon.
passkey-make-noscript = Il faut JavaScript pour cela, et il est désactivé dans ce navigateur.
passkey-how =
    Prenez l’appareil ou la clé de sécurité sur lequel vous l’avez configurée, et déverrouillez-le comme
    d’habitude.
passkey-act = Utiliser votre clé d’accès ou clé de sécurité
passkey-not-used =
    Aucune clé d’accès n’a été utilisée. Appuyez sur le bouton pour réessayer, ou choisissez une autre
    façon.
passkey-cannot-use =
    Ce navigateur ne peut pas utiliser de clé d’accès ici. Choisissez une autre façon.
passkey-noscript = Il faut JavaScript pour cela. Toutes les autres façons fonctionnent sans.
