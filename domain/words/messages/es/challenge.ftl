# The challenge, its forms, and the page of a pause.

challenge-heading = Introduzca su código
challenge-heading-recovery = Use un código guardado o temporal
challenge-heading-unlock = Hola de nuevo
challenge-heading-stale = Confirme que es usted
challenge-unlock = { $app } se bloqueó porque no se usó durante un rato.
challenge-stale = Esta parte de { $app } pide un código nuevo.
challenge-act = Iniciar sesión
challenge-act-unlock = Desbloquear
challenge-act-stale = Confirmar
challenge-have-phone = Tengo mi teléfono: usar el código de 6 dígitos
challenge-no-phone =
    No tengo mi teléfono: usar un código de recuperación (código de respaldo) o un código temporal
challenge-minutes-left = { $minutes ->
    [0] Le queda menos de un minuto.
    [one] Tiene alrededor de 1 minuto para hacerlo.
   *[other] Tiene unos { $minutes } minutos para hacerlo.
}
challenge-tries-left = { $tries ->
    [0] Después de un código incorrecto habrá una pausa.
    [one] Queda 1 intento antes de una pausa.
   *[other] Quedan { $tries } intentos antes de una pausa.
}

code-ask =
    Abra la aplicación de autenticación en su teléfono y escriba los 6 dígitos que muestra para
    { $app }.
code-label = Código de 6 dígitos
code-hint = Cambia cada 30 segundos.
code-title = 6 dígitos

remember-days = { $days ->
    [one] No pedir ningún código en este ordenador durante 1 día
   *[other] No pedir ningún código en este ordenador durante { $days } días
}
remember-hint = Solo en un ordenador que no use nadie más. Su contraseña se le seguirá pidiendo.

recovery-spent =
    Ha usado todos sus códigos de recuperación. Las personas indicadas en «¿Necesita ayuda?» pueden
    darle un código temporal, que puede escribir aquí.
recovery-ask =
    Use uno de los códigos de recuperación (códigos de respaldo) que guardó cuando configuró su
    teléfono, o un código temporal del servicio de asistencia. Cada código de recuperación sirve una
    sola vez.
recovery-left = { $count ->
    [one] Le queda 1 código.
   *[other] Le quedan { $count } códigos.
}
recovery-label = Código de recuperación o código temporal
recovery-hint =
    20 letras y dígitos, o 10 dígitos. Las mayúsculas, los espacios y los guiones no importan. El
    código de un sobre sellado también se escribe aquí.
recovery-act = Usar este código

# Below the field for a code from the drawer, above whom to ask.

# Where a code by e-mail is waited for.
mail-late = ¿No le llega el correo después de un minuto?
mail-late-look =
    Mire también en la carpeta de correo no deseado. Solo cuenta el correo más reciente: cada vez
    que pide uno, el código anterior deja de servir.
mail-late-then =
    Si no llega ninguno, pregunte al servicio de asistencia si la dirección que tiene sigue siendo
    la suya. También puede darle un código temporal.

paused-heading = Los códigos están en pausa
paused-why =
    Varios códigos seguidos no fueron correctos, así que por un rato no se acepta ninguno. Esto
    protege su cuenta si alguien está adivinando.
paused-until = Podrá intentarlo de nuevo { $in }.
paused-in = dentro de { $span }
paused-then = Entonces pulse «Intentar de nuevo».
paused-unlock = { $app } sigue bloqueado hasta entonces. Lo que guardó está a salvo.
paused-meanwhile =
    Mientras tanto, compruebe que su teléfono ajusta la hora automáticamente y que lee el código de
    la entrada de { $app }.
paused-help =
    Si no puede esperar, o si esos intentos no fueron suyos, comuníquese ahora con las personas
    indicadas en «¿Necesita ayuda?».
paused-again = Intentar de nuevo
paused-otherwise =
    Usar un código temporal, un código de un sobre sellado o una llave de acceso: se aceptan de
    todos modos

challenge-heading-token = Poner su token en hora
challenge-token-trouble = No se aceptan los códigos de mi token
challenge-have-token = Escribir un solo código de mi token o de mi teléfono
challenge-no-token =
    No tengo mi teléfono ni mi token: usar un código de recuperación (código de respaldo) o un código
    temporal

code-ask-token =
    Escriba el código que muestra su token, o la aplicación de autenticación de su teléfono para
    { $app }.
code-label-token = Código de su token o de su teléfono
code-hint-token = 6 u 8 dígitos. Cada código sirve una sola vez.
code-title-token = 6 u 8 dígitos

token-why =
    Tras mucho tiempo sin usarlo, o muchas pulsaciones de su botón, un token puede desajustarse. Dos
    códigos seguidos lo ponen en hora e inician su sesión.
token-first = Primer código de su token
token-first-hint = Uno nuevo, que no haya escrito todavía en ningún sitio.
token-second = El código que viene después
token-second-hint = Espere a que cambie, o pulse el botón una vez más.
token-act = Poner mi token en hora

challenge-heading-passkey = Use su llave de acceso
challenge-other-ways = Probar otra forma

passkey-heading = Configurar una llave de acceso
passkey-what =
    Una llave de acceso la guarda su ordenador, su teléfono o una llave de seguridad. Usted entra con su
    contraseña y después con un toque, una mirada o un PIN. Nadie puede pedírsela por teléfono ni en una
    página falsa.
passkey-account = Inicio de sesión de
passkey-not-set-up = No se configuró nada. Pulse el botón para intentarlo de nuevo.
passkey-twice = Este dispositivo o esta llave ya tiene una llave de acceso suya. Use otro.
passkey-cannot-make =
    Este navegador no puede crear aquí una llave de acceso. Use otro navegador u otra forma.
passkey-make-noscript = Esto necesita JavaScript, que está desactivado en este navegador.
passkey-how =
    Use el dispositivo o la llave de seguridad donde la configuró, y desbloquéelo como siempre.
passkey-act = Usar su llave de acceso o de seguridad
passkey-not-used =
    No se usó ninguna llave de acceso. Pulse el botón para intentarlo de nuevo, o use otra forma.
passkey-cannot-use = Este navegador no puede usar aquí una llave de acceso. Use otra forma.
passkey-noscript = Esto necesita JavaScript. Todas las demás formas funcionan sin él.
