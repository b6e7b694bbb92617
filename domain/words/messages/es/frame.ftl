# What stands round every page. $app is the application's name; every sentence may use it.

page-title = { $heading } – { $app }
page-title-error = Error: { $heading } – { $app }
emergency-open = El acceso de emergencia a { $app } está abierto hasta las { $until }.
emergency-recorded = Cada inicio de sesión queda registrado.

help-heading = ¿Necesita ayuda?
help-ask = Pregunte a quienes se ocupan de { $app } en su lugar de trabajo.
help-email = Correo electrónico
help-text-line = Mensaje de texto
help-phone = Teléfono
help-reference = Si se comunica con nosotros, dé esta referencia: { $reference }

# What the row of languages at the foot is called, for those who hear the page.
language-choice = Idioma

sign-in-again = Iniciar sesión de nuevo
start-over = Empezar de nuevo o iniciar sesión con otro nombre
sign-out-not-you = ¿No es usted? Cerrar sesión
