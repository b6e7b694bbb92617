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
lost-phone = ¿Perdió el teléfono, se lo robaron, se rompió o tiene uno nuevo?
lost-phone-then =
    Avise ahora al servicio de asistencia. Puede hacer que el teléfono anterior ya no sirva para
    iniciar sesión y darle un código para continuar. Tenga a mano su nombre completo y su lugar de
    trabajo.

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
