# What was wrong with a typed code: first what happened, then what to do now.

trouble-missing = Aucun code n’a été tapé.
trouble-malformed = Ce n’est pas un code à 6 chiffres.
trouble-malformed-saved =
    Ce n’est ni un code de récupération complet ni un code temporaire complet.
trouble-malformed-enrolment = Ce n’est pas un code d’inscription complet.

trouble-expected =
    Tapez les 6 chiffres que votre application d’authentification affiche en ce moment.
trouble-expected-first =
    Tapez les 6 chiffres que votre application d’authentification affiche pour la nouvelle entrée.
trouble-expected-saved =
    Un code de récupération compte 20 lettres et chiffres, en cinq groupes de quatre. Un code
    temporaire du service d’assistance compte 10 chiffres.
trouble-expected-enrolment = Il compte 8 lettres et chiffres, en deux groupes de quatre.

trouble-wrong = Ce code ne correspond pas.
trouble-wrong-then =
    Vérifiez que vous lisez la bonne entrée dans votre application d’authentification, et tapez le
    code qu’elle affiche en ce moment.
trouble-wrong-other =
    Si votre téléphone a été remplacé ou réinitialisé, l’ancienne entrée ne compte plus : utilisez
    la nouvelle.
trouble-wrong-first-then =
    Vérifiez que vous lisez la nouvelle entrée, et tapez le code qu’elle affiche en ce moment. Si
    cela échoue encore, supprimez l’entrée de l’application et numérisez de nouveau.
trouble-wrong-saved = Ce code de récupération ne correspond pas.
trouble-wrong-saved-then =
    Vérifiez-le lettre par lettre. Chacun ne sert qu’une fois : passez ceux que vous avez utilisés.
trouble-wrong-enrolment = Ce code d’inscription ne correspond pas.
trouble-wrong-enrolment-then =
    Vérifiez-le lettre par lettre, ou demandez-en un nouveau aux personnes indiquées sous « Besoin
    d’aide? ».
trouble-wrong-temporary = Ce code temporaire ne correspond pas.
trouble-wrong-temporary-then =
    Vérifiez-le chiffre par chiffre, ou demandez-en un nouveau aux personnes indiquées sous « Besoin
    d’aide? ».
trouble-wrong-sealed = Ce code d’enveloppe ne correspond pas.
trouble-wrong-sealed-then =
    Vérifiez-le lettre par lettre. Chacun ne sert qu’une fois, pour une seule personne, dans une
    seule application.

trouble-reused = Ce code a déjà été utilisé.
trouble-reused-then =
    Chaque code ne sert qu’une fois. Attendez que votre application affiche le suivant, au plus 30
    secondes.
trouble-reused-saved = Ce code de récupération a déjà été utilisé.
trouble-reused-saved-then = Chacun ne sert qu’une fois. Utilisez le suivant de votre liste.

trouble-expired = Cette page était ouverte depuis trop longtemps.
trouble-expired-then = En voici une nouvelle. Tapez de nouveau le code.
trouble-expired-enrolment = Ce code d’inscription est expiré.
trouble-new-one = Demandez-en un nouveau aux personnes indiquées sous « Besoin d’aide? ».

# $moment is "10 h 42 UTC, le 1er mars".
trouble-temporary-used-up = Ce code temporaire a été épuisé à { $moment }.
trouble-temporary-used-up-then =
    Si ce n’est pas vous qui l’avez utilisé, dites-le maintenant aux personnes indiquées sous
    « Besoin d’aide? ». Elles peuvent aussi vous en donner un autre.
trouble-temporary-expired = Ce code temporaire a expiré à { $moment }.
trouble-temporary-withdrawn = Ce code temporaire a été retiré à { $moment }.
trouble-temporary-withdrawn-then =
    Si vous en avez reçu un plus récent, tapez celui-là. Sinon, adressez-vous aux personnes indiquées
    sous « Besoin d’aide? ».

trouble-clock-slow = { $minutes ->
    [0] L’horloge de votre téléphone est un peu décalée.
    [one] L’horloge de votre téléphone retarde d’environ { $minutes } minute.
   *[other] L’horloge de votre téléphone retarde d’environ { $minutes } minutes.
}
trouble-clock-fast = { $minutes ->
    [0] L’horloge de votre téléphone est un peu décalée.
    [one] L’horloge de votre téléphone avance d’environ { $minutes } minute.
   *[other] L’horloge de votre téléphone avance d’environ { $minutes } minutes.
}
trouble-clock-then = Réglez l’heure sur automatique, puis utilisez le code suivant.

trouble-malformed-token = Ce n’est pas un code complet.
trouble-expected-token =
    Tapez les 6 ou 8 chiffres que votre jeton ou votre téléphone affiche en ce moment.
trouble-wrong-token-then =
    Tapez le code que votre jeton affiche en ce moment. Si cela continue, tapez deux codes de suite
    sous « Les codes de mon jeton sont refusés ».
trouble-reused-token-then =
    Chaque code ne sert qu’une fois. Attendez le suivant, ou appuyez de nouveau sur le bouton de votre
    jeton.
trouble-token-slow = { $minutes ->
    [one] L’horloge de votre jeton retarde d’environ { $minutes } minute.
   *[other] L’horloge de votre jeton retarde d’environ { $minutes } minutes.
}
trouble-token-slow-then =
    Tapez deux codes de suite sous « Les codes de mon jeton sont refusés » pour le remettre à l’heure.
trouble-switched-off =
    Ce code vient d’un de vos téléphones ou jetons qui est désactivé.
trouble-switched-off-then =
    Utilisez-en un autre, ou adressez-vous aux personnes indiquées sous « Besoin d’aide? ».
trouble-not-in-a-row = Ce ne sont pas deux codes de suite de votre jeton.
trouble-not-in-a-row-then =
    Attendez un nouveau code, tapez-le, attendez le suivant et tapez-le. N’en utilisez aucun deux
    fois.

trouble-passkey-missing = Ce navigateur n’a pas demandé de clé d’accès.
trouble-passkey-missing-then =
    Il lui faut JavaScript. Autorisez-le pour cette page, ou choisissez une autre façon ci-dessous.
trouble-passkey-disabled = Cette clé d’accès a été désactivée.
trouble-passkey-disabled-then =
    Choisissez une autre façon ci-dessous, ou adressez-vous aux personnes indiquées sous « Besoin
    d’aide? ».
trouble-passkey-unverified = Cette clé d’accès n’a pas vérifié que c’est bien vous.
trouble-passkey-unverified-then =
    Ajoutez-lui un NIP ou une empreinte, ou choisissez une autre façon ci-dessous.
trouble-passkey-not-made = Cette clé d’accès n’a pas pu être acceptée.
trouble-passkey-not-made-then =
    Réessayez, avec un autre appareil ou une autre clé de sécurité si vous en avez.
trouble-passkey-known = Cette clé d’accès est déjà utilisée.
trouble-passkey-known-then =
    Utilisez un autre appareil, une autre clé de sécurité ou une application d’authentification.
trouble-passkey-wrong = Cette clé d’accès ne convient pas.
trouble-passkey-wrong-then =
    Utilisez celle que vous avez configurée pour cette application, ou une autre façon ci-dessous.
trouble-passkey-late-then = En voici une nouvelle. Appuyez de nouveau sur le bouton.
trouble-malformed-mail = Ce n’est pas un code à 8 chiffres.
trouble-expected-mail = Tapez les 8 chiffres du message le plus récent.
trouble-wrong-mail = Ce n’est pas le code de notre message le plus récent.
trouble-wrong-mail-then =
    Seul le plus récent est accepté, une fois, pendant dix minutes et pour cinq essais. En cas de
    doute, faites-en envoyer un autre.
