# What stands round every page. $app is the application's name; every sentence may use it.

page-title = { $heading } – { $app }
page-title-error = Erreur : { $heading } – { $app }
emergency-open = L’accès d’urgence à { $app } est ouvert jusqu’à { $until }.
emergency-recorded = Chaque connexion est consignée.

help-heading = Besoin d’aide?
help-ask = Adressez-vous aux responsables de { $app } sur votre lieu de travail.
help-email = Courriel
help-text-line = Texto
help-phone = Téléphone
help-reference = Si vous nous contactez, donnez cette référence : { $reference }

# What the row of languages at the foot is called, for those who hear the page.
language-choice = Langue

sign-in-again = Se reconnecter
start-over = Recommencer, ou se connecter sous un autre nom
sign-out-not-you = Ce n’est pas vous? Se déconnecter
