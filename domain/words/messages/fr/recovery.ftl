# New recovery codes: on the screen, on paper, and as a file.

codes-heading = Conservez vos codes de récupération
codes-heading-paper = Codes de récupération pour { $app }
codes-what =
    Pas de téléphone un jour? L’un de ces codes (codes de secours) vous connecte à sa place. Chacun
    ne sert qu’une fois.
codes-what-paper =
    Compte : { $account }. Chaque code ne sert qu’une fois, à la place du code du téléphone. Cochez-le
    une fois utilisé.
codes-once = Vous ne reverrez pas ces codes.
codes-before = Conservez-les avant de continuer.
codes-copy = Un clic les sélectionne tous; copiez-les ensuite.
codes-download = Télécharger en fichier
codes-print = Ou imprimez cette page avec la commande Imprimer de votre navigateur.
codes-keep =
    Gardez-les comme un double de clé : dans un tiroir fermé à clé ou un gestionnaire de mots de
    passe, pas sur le téléphone lui-même. Personne ne vous en demandera jamais un par téléphone ou
    par courriel.
codes-saved = Je les ai conservés

codes-file-heading = Codes de récupération pour { $app }
codes-file-account = Compte : { $account }
codes-file-once = Chaque code ne sert qu’une fois, à la place du code de votre téléphone.
codes-file-keep =
    Gardez ce fichier là où personne d’autre ne peut le lire. Personne ne vous demandera jamais un code.
