# La página personal y los formularios con los que se cambia el propio acceso.

own-heading = Su acceso
own-on = El acceso en dos pasos está activado
own-off = El acceso en dos pasos está desactivado
own-off-why =
    Ha entrado solo con su contraseña, así que aquí no se puede consultar ni cambiar nada. Las personas
    indicadas en «¿Necesita ayuda?» pueden decirle cómo activarlo.
own-who =
    Ha entrado como { $name }. Cada cambio en esta página le pide que demuestre que es usted.
own-look = Ver o cambiar su acceso
own-address = Puede ver y cambiar su acceso en cualquier momento, en esta dirección: /.anteroom/me
own-back = Volver a su acceso, sin cambiar nada
own-go = Ir a { $app }

own-authenticators = Sus autenticadores
own-added = Añadido a las { $moment }.
own-used = Usado por última vez a las { $moment }.
own-disabled = Desactivado después de demasiados códigos erróneos.
own-rename = Cambiar el nombre
own-move = Pasar a un teléfono nuevo
own-remove = Quitar
own-kind-passkey = Llave de acceso o llave de seguridad.
own-kind-totp = Aplicación de autenticación.
own-kind-hardware = Dispositivo de códigos.
own-kind-email = Código por correo.
own-add-passkey = Añadir una llave de acceso o de seguridad
own-add-totp = Añadir otro teléfono
own-add-totp-first = Añadir un teléfono
own-add-hardware = Añadir un dispositivo de códigos
own-add-email = Añadir códigos por correo

own-codes = Códigos de recuperación
own-codes-none = No le queda ningún código de recuperación.
own-codes-make = Crear nuevos códigos de recuperación
own-codes-never =
    No tiene códigos de recuperación. Cree algunos y guárdelos bien: con uno de ellos puede entrar si
    ha perdido todo lo demás.
own-codes-make-first = Crear códigos de recuperación

own-mail = Adónde le escribimos
own-mail-why =
    Escribimos allí cuando algo cambia en su forma de entrar. Si una dirección no es suya, o falta
    alguna, dígalo a las personas indicadas en «¿Necesita ayuda?».

own-sessions = Dónde tiene sesiones abiertas
own-this = Este navegador
own-other = Otro navegador
own-place = En { $place }.
own-since = Desde las { $moment }.
own-active = Usado por última vez a las { $moment }.
own-end = Cerrarla
own-end-others = Cerrar todas las demás sesiones

own-devices = Ordenadores donde no se pide código
own-device-this = este ordenador
own-device-until = Hasta las { $moment }.
own-forget = Volver a pedir un código allí
own-forget-all = Volver a pedir un código en todos
own-forget-heading = Volver a pedir un código allí
own-forget-lead =
    En «{ $label }» se pedirá un código en la próxima entrada. Lo que se abrió allí sin código se
    cierra ahora.
own-forget-all-lead =
    En cada ordenador se pedirá un código en la próxima entrada. Lo que se abrió sin código se cierra
    ahora; esta sesión sigue abierta.
own-then-forgotten = En los ordenadores donde no se pide código se volverá a pedir uno.

own-events = Lo que ha ocurrido últimamente
own-event = { $moment }: { $what }.
own-event-from = { $moment }: { $what }, desde { $from }.
own-event-signed-in = entrada
own-event-signed-in-passkey = entrada con su llave de acceso o de seguridad
own-event-signed-in-totp = entrada con su aplicación de autenticación
own-event-signed-in-hardware = entrada con su dispositivo de códigos
own-event-signed-in-recovery = entrada con un código de recuperación
own-event-signed-in-given = entrada con un código de soporte
own-event-signed-in-mail = entrada con un código por correo
own-event-wrong = se escribió un código erróneo
own-event-reused = se escribió un código por segunda vez
own-event-recovery = se usó un código de recuperación
own-event-added = se añadió un autenticador
own-event-renamed = se cambió el nombre de un autenticador
own-event-replaced = un autenticador pasó a un teléfono nuevo
own-event-removed = se quitó un autenticador
own-event-disabled = se desactivaron sus autenticadores
own-event-codes = se crearon nuevos códigos de recuperación
own-event-temporary = soporte entregó un código temporal
own-event-reset = soporte restableció su acceso
own-event-not-me = usted dijo que una entrada no fue suya
own-event-signed-in-device = entrada desde un ordenador donde no se pide código
own-event-device = se recordó un ordenador: allí no se pide código
own-event-device-forgotten = se olvidó un ordenador: allí se vuelve a pedir un código
own-event-device-stolen = se copió un ordenador recordado, así que se olvidó
own-event-other = se cambió algo
own-not-you = ¿Hay algo que usted no hizo?

own-rename-heading = Cambiar el nombre de un autenticador
own-rename-lead = Elija un nombre que lo distinga de los demás, de { $count } caracteres como máximo.
own-remove-heading = Quitar un autenticador
own-remove-lead = «{ $label }» ya no se aceptará.
own-remove-then = Todas sus demás sesiones se cerrarán. Esta sigue abierta.
own-remove-last = «{ $label }» es el último: el acceso en dos pasos quedará desactivado.
own-remove-last-then =
    Sus códigos de recuperación ya no valdrán y se cerrarán todas sus sesiones. Su próxima entrada
    pedirá lo que pide la primera.
own-codes-lead = Los anteriores dejarán de valer en cuanto se creen los nuevos.
own-end-heading = Cerrar esta sesión
own-end-lead = Quien use { $app } en esa sesión tendrá que entrar de nuevo.
own-end-others-lead =
    Aquí su sesión sigue abierta. En todos los demás sitios { $app } pedirá entrar de nuevo.
own-not-me-heading = No fui yo
own-not-me-lead = Si otra persona entró como usted, conoce su contraseña.
own-not-me-ends =
    Demuestre que es usted: todas las sesiones menos esta terminarán, y se avisará a las personas que
    cuidan de los accesos.
own-not-me-then =
    Después, cambie enseguida su contraseña en { $app } y contacte con las personas indicadas en
    «¿Necesita ayuda?».

own-phone-beside =
    Sus demás autenticadores siguen funcionando. El nuevo cuenta en cuanto su primer código sea
    correcto.
own-phone-instead =
    El teléfono nuevo ocupa el lugar de «{ $label }». El anterior funciona hasta entonces, y después
    se cierran todas sus demás sesiones.
own-phone-after-mail =
    El teléfono cuenta en cuanto su primer código sea correcto. Desde entonces no se envían códigos
    por correo.
own-phone-mail = Primero, pida un código por correo
own-phone-scan-next = Después, escanee este código QR con el teléfono nuevo
own-mail-down-then =
    Inténtelo más tarde, o pregunte a las personas indicadas en «¿Necesita ayuda?».
own-phone-scan = Primero, escanee este código QR con el teléfono nuevo
own-phone-prove = Después, póngale nombre y demuestre ambos
own-label = Nombre
own-label-new = Nombre del teléfono nuevo
own-label-hint = Solo lo ven usted y soporte.
own-label-default = Teléfono nuevo
own-first = Código del teléfono nuevo
own-first-hint = Los 6 dígitos que muestra para la entrada nueva.
own-code = Su código
own-code-hint = Los 6 dígitos que su teléfono muestra ahora.
own-code-hint-saved = Los 6 dígitos que su teléfono muestra ahora, o un código de recuperación.
own-key-beside =
    Sus otros autenticadores siguen funcionando. Los ordenadores recordados volverán a preguntar.
own-label-of-key = Nombre de la nueva llave de acceso o de seguridad
own-label-key = Llave de acceso nueva
own-by-passkey = Usar una llave de acceso que ya tiene, en lugar de un código
own-by-passkey-only = Confírmelo con su llave de acceso o de seguridad.
own-noscript = Con una llave de acceso hace falta JavaScript, que está desactivado en este navegador.
own-code-hint-token = Los dígitos que su dispositivo muestra ahora.
own-code-hint-token-saved =
    Los dígitos que su dispositivo muestra ahora, o un código de recuperación.
own-code-beside = Código de un teléfono que ya usa
own-code-beside-token = Código de su dispositivo
own-code-mailed = Código recibido por correo
own-code-instead = Código del teléfono anterior
own-code-hint-instead =
    Los 6 dígitos que muestra ahora. Si lo ha perdido, un código de recuperación guardado.

own-problem-label-empty = No se escribió ningún nombre.
own-problem-label-empty-then = Escriba un nombre.
own-problem-label-long = Ese nombre es demasiado largo.
own-problem-label-long-then = Puede tener 40 caracteres.
own-problem-label-taken = Tiene otro con ese nombre.
own-problem-label-taken-then = Elija un nombre que los distinga.
own-problem-not-enough = Ese código no basta para esto.
own-problem-not-enough-then =
    Escriba un código que su propio autenticador muestre ahora. Su código no se ha gastado.
own-problem-last = Es su último autenticador, así que se queda.
own-problem-last-then =
    Añada antes otro, o pase a un teléfono nuevo. Su código no se ha gastado.
own-problem-gone = Eso ya no existe.
own-problem-gone-then = Vuelva a la página de su acceso y mire lo que hay ahora.
own-problem-over = Ese código QR llevaba demasiado tiempo a la vista.
own-problem-over-then =
    Quite la entrada nueva de su aplicación y escanee el código que se muestra ahora.
own-problem-many = Tiene tantos como puede tener una persona.
own-problem-many-then = Quite uno que ya no use.

trouble-not-fresh = Esta parte pide un código de su propio autenticador.
trouble-not-fresh-then =
    Un código de recuperación o temporal no basta aquí, y no se ha gastado.

lost-phone = He perdido mi teléfono, o tengo uno nuevo
lost-phone-codes =
    Si guardó códigos de recuperación, entre con uno de ellos. Después abra esta dirección y elija
    «Pasar a un teléfono nuevo»; basta con otro de sus códigos: /.anteroom/me
lost-phone-none =
    Si no tiene ninguno, contacte con las personas indicadas en «¿Necesita ayuda?». Se asegurarán de
    que es usted.

method-heading = Elija cómo demuestra que es usted
method-lead = Más tarde puede añadir otra forma.
method-passkey = Llave de acceso o llave de seguridad
method-passkey-why =
    Su teléfono, su propio ordenador o una llave que se conecta. Una página falsa no puede engañarla.
    No en un ordenador que usen otras personas.
method-noscript = Esta necesita JavaScript, que está desactivado en este navegador.
method-totp = Aplicación de autenticación
method-totp-why =
    Una aplicación en su teléfono que muestra un código nuevo cada 30 segundos. Si duda, tome esta.
method-other = Elegir otra forma
method-hardware = Dispositivo de códigos
method-hardware-why = Un pequeño aparato que entrega soporte.
method-email = Código por correo
method-email-why =
    Para quien no puede usar otra cosa: quien lea su correo también puede usarlo.

own-sign-out = Cerrar la sesión
