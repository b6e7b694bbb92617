# Letters: codes by mail, and what people are told. letter-NAME is the subject, after the app's name.

letter-subject = { $app }: { $subject }
letter-line = { $label }: { $value }
letter-when = Cuándo
letter-where = Dónde
letter-account = Cuenta
letter-from = Desde
letter-reference = Referencia
letter-help = Servicio de asistencia
letter-no-links =
    Este mensaje no lleva enlaces, a propósito: vaya a la aplicación como siempre lo hace.

letter-code = su código para iniciar sesión
letter-code-what = { $minutes ->
    [one] Escriba este código en la página donde está iniciando sesión. Vale una sola vez, solo allí, durante 1 minuto.
   *[other] Escriba este código en la página donde está iniciando sesión. Vale una sola vez, solo allí, durante { $minutes } minutos.
}
letter-code-never = Nadie de su servicio de asistencia se lo pedirá nunca.

letter-test = esto es una prueba
letter-test-what =
    Un operador envió este mensaje para ver si sale el correo. No ha pasado nada con su cuenta, y no
    hay nada que hacer.

# What to do where it was not the reader.
letter-then-call =
    Si no fue usted, puede que otra persona esté cambiando su forma de entrar. Llame ahora a su
    servicio de asistencia, antes de volver a iniciar sesión.
letter-then-password =
    Si no fue usted, alguien conoce su contraseña. Cámbiela en la aplicación y después llame a su
    servicio de asistencia.
letter-then-caller =
    Si usted no lo pidió, llame ahora a su servicio de asistencia: puede que alguien haya llamado en
    su nombre.
letter-then-ask = Si no lo esperaba, llame a su servicio de asistencia.

letter-added = se añadió una nueva forma de entrar
letter-added-what =
    Se configuró un nuevo autenticador para su cuenta. Desde ahora puede confirmar sus inicios de
    sesión.
letter-replaced = usted entra con un nuevo autenticador
letter-replaced-what =
    Un nuevo autenticador ocupó el lugar de uno anterior, que ya no puede confirmar sus inicios de
    sesión.
letter-removed = se quitó una forma de entrar
letter-removed-what =
    Se quitó un autenticador de su cuenta. Ya no puede confirmar sus inicios de sesión.
letter-disabled = sus códigos ya no sirven
letter-disabled-what =
    Después de demasiados códigos erróneos, o por su servicio de asistencia, se desactivó su
    autenticador.
letter-reset = se restableció su segundo paso
letter-reset-what =
    Su servicio de asistencia quitó todos los autenticadores y códigos de recuperación de su cuenta.
    En su próximo inicio de sesión se le pedirá un código de inscripción.
letter-recovery-used = se usó un código de recuperación
letter-recovery-used-what =
    Uno de los códigos de recuperación que guardó se usó para iniciar sesión. No se puede volver a
    usar.
letter-codes-replaced = tiene nuevos códigos de recuperación
letter-codes-replaced-what =
    Se crearon nuevos códigos de recuperación para su cuenta. Los anteriores ya no sirven.
letter-temporary = se emitió un código temporal para usted
letter-temporary-what =
    Su servicio de asistencia emitió un código temporal con el que puede iniciar sesión sin su
    teléfono.
letter-temporary-used = se usó un código temporal
letter-temporary-used-what =
    Un código temporal de su servicio de asistencia se usó para iniciar sesión.
letter-address-added = se añadió una dirección de correo
letter-address-added-what =
    Se añadió otra dirección de correo electrónico a su cuenta. Los mensajes como este también van
    allí.
letter-address-removed = se quitó una dirección de correo
letter-address-removed-what = Se quitó una dirección de correo electrónico de su cuenta.
letter-paused = se escribieron códigos erróneos
letter-paused-what =
    Se escribieron varios códigos erróneos para su cuenta, así que por un rato no acepta ninguno.
letter-suspended = su cuenta fue suspendida
letter-suspended-what =
    Su servicio de asistencia suspendió su cuenta. Nadie puede iniciar sesión con ella.
letter-stolen = puede que le hayan robado la contraseña
letter-stolen-what =
    Alguien escribió su contraseña correcta y después varios códigos erróneos.
letter-emergency = un inicio de sesión sin segundo paso
letter-emergency-what =
    Durante una emergencia se inició sesión con su cuenta solo con la contraseña.
letter-sealed = se usó un código de emergencia
letter-sealed-what =
    Un código de un sobre sellado se usó para iniciar sesión con su cuenta.
letter-merged = dos nombres son ahora una sola cuenta
letter-merged-what =
    Su servicio de asistencia unió este nombre con otro nombre suyo. Desde ahora entre con el segundo
    paso del otro nombre.
letter-remembered = se recordó un ordenador
letter-remembered-what =
    Se recordó un ordenador: durante unos días no se pide en él ningún código, solo su contraseña.
letter-copied = puede que hayan copiado un ordenador recordado
letter-copied-what =
    Lo que identifica a un ordenador recordado llegó desde dos navegadores. Se olvidó, y lo que había
    abierto se cerró.
letter-not-me = se avisó de un inicio de sesión que no era suyo
letter-not-me-what =
    En su página personal se dijo que un inicio de sesión no fue suyo. Se cerraron todas las demás
    sesiones de su cuenta.

# What operators are told of a person, whose name stands below.
operator-no-links =
    Este mensaje no lleva enlaces, a propósito: abra la aplicación de administración como siempre lo
    hace.
operator-then =
    Abra esta cuenta en la aplicación de administración y mire lo último que ocurrió. Si llama a la
    persona, llame a un número que usted conozca.
operator-disabled = se desactivaron los códigos de alguien
operator-disabled-what =
    Después de demasiados códigos erróneos, o por un operador, se desactivó el autenticador de esta
    cuenta.
operator-reset = se restableció el segundo paso de alguien
operator-reset-what =
    Un operador quitó todos los autenticadores y códigos de recuperación de esta cuenta.
operator-stolen = puede que hayan robado una contraseña
operator-stolen-what =
    Alguien escribió la contraseña correcta de esta cuenta y después varios códigos erróneos.
operator-copied = puede que hayan copiado un ordenador recordado de alguien
operator-copied-what =
    Lo que identifica a un ordenador recordado de esta cuenta llegó desde dos navegadores. Se olvidó,
    y lo que había abierto se cerró.
operator-not-me = alguien avisó de un inicio de sesión ajeno
operator-not-me-what =
    En la página personal se dijo que un inicio de sesión en esta cuenta fue de otra persona. Se
    cerraron todas las demás sesiones de esta cuenta.
operator-other = algo ocurrió con una cuenta
operator-other-what = El registro de auditoría dice qué, con la referencia de abajo.
