# After a session.

ended-heading = Veuillez vous reconnecter
ended-heading-left = Votre session est fermée
ended-left =
    Vous avez quitté { $app } sur cet ordinateur. Si d’autres l’utilisent aussi, fermez la fenêtre.
ended-expired =
    Le temps est écoulé, cette connexion a donc pris fin. C’est normal, et votre compte n’a aucun
    problème.
ended-idle =
    { $app } n’a pas été utilisé pendant un moment; nous avons fermé votre session
    pour protéger les dossiers.
ended-revoked =
    Votre session a été fermée, soit par le service d’assistance, soit parce que votre accès a été
    modifié. Si vous ne vous y attendiez pas, contactez les personnes indiquées sous « Besoin
    d’aide? ».
ended-elsewhere =
    Une nouvelle connexion a été faite dans un autre onglet ou sur un autre ordinateur; cette session
    a donc pris fin. Si ce n’était pas vous, contactez maintenant les personnes indiquées sous « Besoin
    d’aide? ».
