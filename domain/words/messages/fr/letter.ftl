# Letters: codes by mail, and what people are told. letter-NAME is the subject, after the app's name.

letter-subject = { $app } : { $subject }
letter-line = { $label } : { $value }
letter-when = Quand
letter-where = Où
letter-account = Compte
letter-from = Depuis
letter-reference = Référence
letter-help = Service d’assistance
letter-no-links =
    Ce message ne contient aucun lien, à dessein : allez dans l’application comme vous le faites
    toujours.

letter-code = votre code de connexion
letter-code-what = { $minutes ->
    [one] Tapez ce code sur la page où vous vous connectez. Il sert une seule fois, là seulement, pendant 1 minute.
   *[other] Tapez ce code sur la page où vous vous connectez. Il sert une seule fois, là seulement, pendant { $minutes } minutes.
}
letter-code-never = Personne de votre service d’assistance ne vous le demandera jamais.

letter-test = ceci est un essai
letter-test-what =
    Un opérateur a envoyé ce message pour voir si le courrier part. Rien n’est arrivé à votre compte,
    et il n’y a rien à faire.

# What to do where it was not the reader.
letter-then-call =
    Si ce n’était pas vous, quelqu’un d’autre est peut-être en train de changer votre façon de vous
    connecter. Appelez tout de suite votre service d’assistance, avant de vous reconnecter.
letter-then-password =
    Si ce n’était pas vous, quelqu’un connaît votre mot de passe. Changez-le dans l’application, puis
    appelez votre service d’assistance.
letter-then-caller =
    Si vous ne l’avez pas demandé, appelez tout de suite votre service d’assistance : quelqu’un a
    peut-être appelé en votre nom.
letter-then-ask = Si vous ne vous y attendiez pas, appelez votre service d’assistance.

letter-added = une nouvelle façon de vous connecter a été ajoutée
letter-added-what =
    Un nouvel authentificateur a été configuré pour votre compte. Il peut désormais confirmer vos
    connexions.
letter-replaced = vous vous connectez avec un nouvel authentificateur
letter-replaced-what =
    Un nouvel authentificateur a pris la place d’un ancien, qui ne peut plus confirmer vos
    connexions.
letter-removed = une façon de vous connecter a été supprimée
letter-removed-what =
    Un authentificateur a été supprimé de votre compte. Il ne peut plus confirmer vos connexions.
letter-disabled = vos codes ne fonctionnent plus
letter-disabled-what =
    Après trop de codes erronés, ou par votre service d’assistance, votre authentificateur a été
    désactivé.
letter-reset = votre deuxième étape a été réinitialisée
letter-reset-what =
    Votre service d’assistance a supprimé tous les authentificateurs et codes de récupération de
    votre compte. À votre prochaine connexion, un code d’inscription vous sera demandé.
letter-recovery-used = un code de récupération a été utilisé
letter-recovery-used-what =
    L’un de vos codes de récupération gardés a servi à se connecter. Il ne peut plus servir.
letter-codes-replaced = vous avez de nouveaux codes de récupération
letter-codes-replaced-what =
    De nouveaux codes de récupération ont été créés pour votre compte. Les anciens ne fonctionnent
    plus.
letter-temporary = un code temporaire a été émis pour vous
letter-temporary-what =
    Votre service d’assistance a émis un code temporaire avec lequel vous pouvez vous connecter sans
    votre téléphone.
letter-temporary-used = un code temporaire a été utilisé
letter-temporary-used-what =
    Un code temporaire de votre service d’assistance a servi à se connecter.
letter-address-added = une adresse de courriel a été ajoutée
letter-address-added-what =
    Une autre adresse de courriel a été ajoutée à votre compte. Les messages comme celui-ci y vont
    aussi.
letter-address-removed = une adresse de courriel a été supprimée
letter-address-removed-what = Une adresse de courriel a été supprimée de votre compte.
letter-paused = des codes erronés ont été tapés
letter-paused-what =
    Plusieurs codes erronés ont été tapés pour votre compte; il n’accepte donc aucun code pendant un
    moment.
letter-suspended = votre compte a été suspendu
letter-suspended-what =
    Votre service d’assistance a suspendu votre compte. Personne ne peut s’y connecter.
letter-stolen = votre mot de passe a peut-être été volé
letter-stolen-what =
    Quelqu’un a tapé votre mot de passe exact, puis plusieurs codes erronés.
letter-emergency = une connexion sans deuxième étape
letter-emergency-what =
    Pendant une urgence, une connexion à votre compte s’est faite avec le mot de passe seul.
letter-sealed = un code d’urgence a été utilisé
letter-sealed-what = Un code d’une enveloppe scellée a servi à se connecter à votre compte.
letter-merged = deux noms sont devenus un seul compte
letter-merged-what =
    Votre service d’assistance a réuni ce nom avec un autre nom qui est le vôtre. Connectez-vous
    désormais avec la deuxième étape de l’autre nom.
letter-remembered = un ordinateur a été mémorisé
letter-remembered-what =
    Un ordinateur a été mémorisé : pendant quelques jours, aucun code n’y est demandé, seulement
    votre mot de passe.
letter-copied = un ordinateur mémorisé a peut-être été copié
letter-copied-what =
    Ce qui prouve qu’il s’agit d’un ordinateur mémorisé est venu de deux navigateurs. Il a été oublié,
    et ce qu’il avait ouvert a été fermé.
letter-not-me = une connexion a été signalée comme n’étant pas la vôtre
letter-not-me-what =
    Sur votre page personnelle, il a été dit qu’une connexion n’était pas de vous. Toutes les autres
    sessions de votre compte ont été fermées.

# What operators are told of a person, whose name stands below.
operator-no-links =
    Ce message ne contient aucun lien, à dessein : ouvrez l’application d’administration comme vous
    le faites toujours.
operator-then =
    Ouvrez ce compte dans l’application d’administration et regardez ce qui s’est passé en dernier.
    Si vous appelez la personne, faites-le à un numéro que vous connaissez.
operator-disabled = les codes de quelqu’un ont été désactivés
operator-disabled-what =
    Après trop de codes erronés, ou par un opérateur, l’authentificateur de ce compte a été
    désactivé.
operator-reset = la deuxième étape de quelqu’un a été réinitialisée
operator-reset-what =
    Un opérateur a supprimé tous les authentificateurs et codes de récupération de ce compte.
operator-stolen = un mot de passe a peut-être été volé
operator-stolen-what =
    Quelqu’un a tapé le mot de passe exact de ce compte, puis plusieurs codes erronés.
operator-copied = un ordinateur mémorisé de quelqu’un a peut-être été copié
operator-copied-what =
    Ce qui prouve qu’il s’agit d’un ordinateur mémorisé de ce compte est venu de deux navigateurs. Il
    a été oublié, et ce qu’il avait ouvert a été fermé.
operator-not-me = quelqu’un a signalé une connexion étrangère
operator-not-me-what =
    Sur la page personnelle, il a été dit qu’une connexion à ce compte était celle de quelqu’un
    d’autre. Toutes les autres sessions de ce compte ont été fermées.
operator-other = quelque chose est arrivé à un compte
operator-other-what = Le journal d’audit dit quoi, sous la référence ci-dessous.
