# Codes by mail: asked for, typed, and what is said when none can be sent. $address is masked.

mail-heading = Code par courriel
mail-heading-enrol = Configurez les codes par courriel
mail-act = Se connecter
mail-act-enrol = Confirmer
mail-enough = Assez de messages ont été envoyés pour le moment.
mail-enough-then =
    Un autre pourra être envoyé dans { $span }. D’ici là, le code le plus récent reste valable,
    pendant dix minutes.
mail-sent =
    Nous envoyons 8 chiffres à { $address }. Cela peut prendre une minute. Regardez aussi parmi les
    courriels indésirables.
mail-label = Code à 8 chiffres
mail-hint =
    Il est valable dix minutes, sur cette page seulement. Seul le plus récent est accepté.
mail-down = Nous ne pouvons pas envoyer de courriel en ce moment.
mail-down-then =
    Utilisez un autre moyen ci-dessous, ou demandez un code temporaire aux personnes indiquées sous
    « Besoin d’aide? ».
mail-none = Aucune de vos adresses de courriel ne peut recevoir de code pour le moment.
mail-none-then =
    Utilisez un autre moyen ci-dessous, ou adressez-vous aux personnes indiquées sous « Besoin
    d’aide? ».
mail-ask = Nous pouvons envoyer un code à l’adresse que votre clinique a au dossier.
mail-weaker =
    Les codes par courriel protègent moins bien qu’une application d’authentification : quiconque lit
    vos courriels peut les lire aussi.
mail-send = Envoyer un code à { $address }
mail-send-again = Envoyer un autre code à { $address }
mail-instead-saved = Utiliser plutôt un code de récupération ou un code temporaire
