# Refusals and faults. notice-NAME is the heading; -what and -then are the paragraphs below it.

notice-bad-request = No se pudo leer esa solicitud
notice-bad-request-what =
    Lo que envió su navegador no tenía una forma que podamos transmitir con seguridad, así que se
    detuvo aquí. No se cambió nada en { $app }.
notice-bad-request-then =
    Vuelva atrás e inténtelo de nuevo, o empiece desde la página de inicio de sesión.

notice-forbidden = No tiene acceso a esto
notice-forbidden-what =
    Esta página, o lo que hacía en ella, no está abierta para esta sesión. No se cambió nada en
    { $app }.
notice-forbidden-then =
    Si lo necesita para su trabajo, comuníquese con las personas indicadas en «¿Necesita ayuda?».

notice-not-found = Esa página no existe
notice-not-found-what = Quizá la dirección esté mal escrita o el enlace sea antiguo.

notice-method-not-allowed = Eso no funciona aquí
notice-method-not-allowed-what =
    Esta página no se puede abrir como lo intentó su navegador. Empiece desde la página de inicio de
    sesión.

notice-too-large = Es demasiado grande para enviarlo
notice-too-large-what =
    Supera el límite, así que no se envió y no se guardó nada. Si es un archivo, redúzcalo o envíelo
    por partes.

notice-headers-too-large = Su navegador envió demasiadas cookies
notice-headers-too-large-what =
    Suele significar que en su navegador se han acumulado cookies antiguas de este sitio.
notice-headers-too-large-then =
    Borre las cookies de este sitio en los ajustes de su navegador y luego inicie sesión de nuevo.

notice-unsupported-form = No se pudo leer ese formulario
notice-unsupported-form-what =
    El formulario llegó en un formato que no podemos comprobar, así que no se transmitió. No se
    cambió nada en { $app }.
notice-unsupported-form-then =
    Abra la página de inicio de sesión e inténtelo una vez más. Un navegador antiguo puede ser la
    causa; quizá otro funcione.

notice-cross-site = Eso vino de otro sitio web
notice-cross-site-what =
    Su navegador indica que esto vino de otro sitio web, así que se detuvo por su seguridad. Su
    contraseña no se transmitió.
notice-cross-site-then = Abra la página de inicio de sesión de { $app } e inténtelo allí.

notice-misdirected = Inténtelo de nuevo
notice-misdirected-what =
    Su navegador usó una conexión que pertenece a otro sitio. Un nuevo intento abrirá otra.

notice-too-many-requests = Demasiados intentos en este momento
notice-too-many-requests-what =
    Hubo muchos intentos desde su computadora o su red en poco tiempo, así que estamos reteniendo los
    nuevos.
notice-too-many-requests-then = Podrá intentarlo de nuevo dentro de { $span }.

notice-attempts-full = Demasiados inicios de sesión sin terminar
notice-attempts-full-what =
    Varios inicios de sesión ya esperan un código, así que este no comenzó. Su contraseña no se
    envió.
notice-attempts-full-then =
    Termine el inicio de sesión abierto en otra pestaña, o espere 5 minutos e inicie sesión de nuevo.

notice-login-not-understood = El inicio de sesión no funcionó
notice-login-not-understood-what =
    { $app } dio a su inicio de sesión una respuesta que no pudimos leer por completo, así que por
    seguridad no se transmitió. No ha iniciado sesión.
notice-login-not-understood-then =
    Inténtelo una vez más. Si vuelve a ocurrir, comuníquese con nosotros y dé la referencia de abajo.

# The headings with the application's name stand on pages, those without where it is not known.
notice-upstream-down = La aplicación no responde
notice-upstream-down-named = { $app } no responde
notice-upstream-down-what =
    El problema no es su contraseña ni su teléfono: no se puede acceder a { $app } en este momento.
notice-upstream-slow = La aplicación tarda demasiado
notice-upstream-slow-named = { $app } tarda demasiado
notice-upstream-slow-what =
    { $app } no respondió a tiempo. El problema no es su contraseña ni su teléfono.
notice-upstream-slow-then =
    Si estaba guardando algo, compruebe si llegó antes de enviarlo otra vez.
notice-store-down = El inicio de sesión no funciona en este momento
notice-store-down-what =
    No podemos comprobar los códigos en este momento, así que nadie puede entrar. El problema no es
    su contraseña ni su teléfono.
notice-in-a-minute =
    Inténtelo de nuevo en un minuto. Si continúa, comuníquese con las personas indicadas en
    «¿Necesita ayuda?».

notice-internal = Algo salió mal
notice-internal-what = La falla es nuestra y ha quedado registrada. Inténtelo una vez más.
notice-internal-then =
    Si vuelve a ocurrir, comuníquese con nosotros y dé la referencia de abajo.

notice-redirect-loop = Su navegador daba vueltas
notice-redirect-loop-what =
    El inicio de sesión enviaba su navegador una y otra vez al principio, así que lo detuvimos.
notice-redirect-loop-likely = Causa probable: { $likely }.
notice-redirect-loop-then =
    Cierre esta pestaña, permita las cookies de este sitio e inicie sesión de nuevo.

notice-try-login-again = Inicie sesión una vez más
notice-try-login-again-what =
    { $app } no aceptó ese inicio de sesión, casi siempre porque la página llevaba un rato abierta.
    Usted no hizo nada mal.
notice-try-login-again-then =
    Abra una nueva página de inicio de sesión y escriba su contraseña otra vez.

notice-sign-out-first = Primero cierre la sesión
notice-sign-out-first-what =
    Alguien tiene una sesión abierta en { $app } en este navegador. Para no mezclar el trabajo de dos
    personas, cierre primero esa sesión; después inicie la suya.

notice-spelling-held = Su nombre está escrito de otra manera
notice-spelling-held-what =
    El nombre que escribió se parece a uno que conocemos, pero no es el mismo. Para asegurar que no
    se le abran los expedientes de nadie más, una persona debe confirmarlo una vez.
notice-spelling-held-then =
    Inicie sesión con la forma habitual, o pida a las personas indicadas en «¿Necesita ayuda?» que
    confirmen la nueva.

notice-stopped = Su acceso está desactivado
notice-stopped-what =
    Se ha desactivado el inicio de sesión para su cuenta. Un código no puede activarlo de nuevo; el
    servicio de asistencia sí.
notice-stopped-then = Comuníquese con las personas indicadas en «¿Necesita ayuda?».

notice-break-out = Un paso más para iniciar sesión
notice-break-out-go = Continuar en la ventana completa
notice-break-out-what =
    { $app } no puede pedirle su código dentro de un marco. Referencia { $reference }

notice-conflicting-cookies = Se mezclaron dos cookies
notice-conflicting-cookies-what =
    Su navegador envió dos copias distintas de la misma cookie, y no queremos adivinar cuál es la
    suya. Le hemos pedido que las olvide:
notice-conflicting-cookies-then =
    Inicie sesión de nuevo. Si esta página vuelve, borre las cookies de este sitio en los ajustes de
    su navegador.

notice-service-worker-refused = Se rechazó un programa auxiliar
notice-service-worker-refused-what =
    { $app } intentó instalar un programa auxiliar en su navegador. Un programa así podría leer las
    páginas de inicio de sesión, así que se rechazó. No tiene que hacer nada.

notice-no-access-yet = Su teléfono aún no está configurado
notice-no-access-yet-what =
    { $app } pide un código de su teléfono además de su contraseña, y su cuenta aún no tiene ningún
    teléfono conectado.
notice-no-access-yet-then =
    Pida un código de inscripción a las personas indicadas en «¿Necesita ayuda?». Con él, la
    configuración lleva unos dos minutos.

next-sign-in = Ir a la página de inicio de sesión
next-app = Ir a { $app }
next-again = Intentar de nuevo

why = Para el servicio de asistencia: { $why }
why-two-readings = la dirección se podía leer de más de una manera
why-way-closed = esta entrada a la aplicación está cerrada
why-password-in-address = una contraseña no debe figurar en una dirección
why-session-in-address = una sesión no debe figurar en una dirección
why-session-in-form = una sesión no debe figurar en un formulario
why-sign-in-first = inicie sesión primero
why-form-late = el formulario no llegó a tiempo
why-for-people = nuestras páginas son para personas
why-form-changed = se modificó un formulario nuestro
why-form-readings = el formulario se podía leer de más de una manera
why-field-twice = un campo del formulario aparece dos veces
why-name-in-address = el nombre figura tanto en la dirección como en el formulario
why-name-missing = falta el campo del nombre en el formulario
why-strange-login =
    el formulario lleva una contraseña, pero no es el formulario de inicio de sesión de la
    aplicación
why-no-name = el nombre contiene caracteres que ningún nombre tiene

likely-login-page-closed =
    la página de inicio de sesión de la aplicación no está entre sus páginas abiertas en la
    configuración
likely-login-page-leads-on =
    la página de inicio de sesión de la aplicación envía a los visitantes a una página protegida
