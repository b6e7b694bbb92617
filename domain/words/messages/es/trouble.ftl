# What was wrong with a typed code: first what happened, then what to do now.

trouble-missing = No se escribió ningún código.
trouble-malformed = Eso no es un código de 6 dígitos.
trouble-malformed-saved =
    Eso no es un código de recuperación completo ni un código temporal completo.
trouble-malformed-enrolment = Eso no es un código de inscripción completo.

trouble-expected = Escriba los 6 dígitos que su aplicación de autenticación muestra ahora.
trouble-expected-first =
    Escriba los 6 dígitos que su aplicación de autenticación muestra para la entrada nueva.
trouble-expected-saved =
    Un código de recuperación tiene 20 letras y dígitos, en cinco grupos de cuatro. Un código
    temporal del servicio de asistencia tiene 10 dígitos.
trouble-expected-enrolment = Tiene 8 letras y dígitos, en dos grupos de cuatro.

trouble-wrong = Ese código no coincide.
trouble-wrong-then =
    Compruebe que lee la entrada correcta en su aplicación de autenticación y escriba el código que
    muestra ahora.
trouble-wrong-other =
    Si su teléfono se cambió o se restableció, la entrada anterior ya no cuenta: use la nueva.
trouble-wrong-first-then =
    Compruebe que lee la entrada nueva y escriba el código que muestra ahora. Si sigue fallando,
    elimine la entrada de la aplicación y escanee de nuevo.
trouble-wrong-saved = Ese código de recuperación no coincide.
trouble-wrong-saved-then =
    Compruébelo letra por letra. Cada uno sirve una sola vez, así que omita los que ya usó.
trouble-wrong-enrolment = Ese código de inscripción no coincide.
trouble-wrong-enrolment-then =
    Compruébelo letra por letra, o pida uno nuevo a las personas indicadas en «¿Necesita ayuda?».
trouble-wrong-temporary = Ese código temporal no coincide.
trouble-wrong-temporary-then =
    Compruébelo dígito por dígito, o pida uno nuevo a las personas indicadas en «¿Necesita ayuda?».
trouble-wrong-sealed = Ese código de sobre no coincide.
trouble-wrong-sealed-then =
    Compruébelo letra por letra. Cada uno sirve una sola vez, para una sola persona, en una sola
    aplicación.

trouble-reused = Ese código ya se usó.
trouble-reused-then =
    Cada código sirve una sola vez. Espere a que su aplicación muestre el siguiente, 30 segundos como
    máximo.
trouble-reused-saved = Ese código de recuperación ya se usó.
trouble-reused-saved-then = Cada uno sirve una sola vez. Use el siguiente de su lista.

trouble-expired = Esa página estuvo abierta demasiado tiempo.
trouble-expired-then = Aquí tiene una nueva. Escriba el código otra vez.
trouble-expired-enrolment = Ese código de inscripción ha caducado.
trouble-new-one = Pida uno nuevo a las personas indicadas en «¿Necesita ayuda?».

# $moment is "10:42 UTC del 1 de marzo".
trouble-temporary-used-up = Este código temporal se agotó a las { $moment }.
trouble-temporary-used-up-then =
    Si no fue usted quien lo usó, dígalo ahora a las personas indicadas en «¿Necesita ayuda?».
    También pueden darle otro.
trouble-temporary-expired = Este código temporal caducó a las { $moment }.
trouble-temporary-withdrawn = Este código temporal se retiró a las { $moment }.
trouble-temporary-withdrawn-then =
    Si le dieron uno más reciente, escriba ese. Si no, pregunte a las personas indicadas en
    «¿Necesita ayuda?».

trouble-clock-slow = { $minutes ->
    [0] El reloj de su teléfono está un poco desajustado.
    [one] El reloj de su teléfono está atrasado alrededor de 1 minuto.
   *[other] El reloj de su teléfono está atrasado unos { $minutes } minutos.
}
trouble-clock-fast = { $minutes ->
    [0] El reloj de su teléfono está un poco desajustado.
    [one] El reloj de su teléfono está adelantado alrededor de 1 minuto.
   *[other] El reloj de su teléfono está adelantado unos { $minutes } minutos.
}
trouble-clock-then = Ponga la hora en automático y use el código siguiente.

trouble-malformed-token = Eso no es un código completo.
trouble-expected-token = Escriba los 6 u 8 dígitos que su token o su teléfono muestra ahora.
trouble-wrong-token-then =
    Escriba el código que su token muestra ahora. Si sigue así, escriba dos códigos seguidos en «No se
    aceptan los códigos de mi token».
trouble-reused-token-then =
    Cada código sirve una sola vez. Espere al siguiente, o pulse otra vez el botón de su token.
trouble-token-slow = { $minutes ->
    [one] El reloj de su token está atrasado alrededor de 1 minuto.
   *[other] El reloj de su token está atrasado unos { $minutes } minutos.
}
trouble-token-slow-then =
    Escriba dos códigos seguidos en «No se aceptan los códigos de mi token» para ponerlo en hora.
trouble-switched-off = Ese código es de un teléfono o token suyo que está desactivado.
trouble-switched-off-then =
    Use otro de los suyos, o pregunte a las personas indicadas en «¿Necesita ayuda?».
trouble-not-in-a-row = Esos no son dos códigos seguidos de su token.
trouble-not-in-a-row-then =
    Espere a un código nuevo, escríbalo, espere al siguiente y escríbalo. No use ninguno dos veces.

trouble-passkey-missing = Este navegador no pidió ninguna llave de acceso.
trouble-passkey-missing-then =
    Para eso necesita JavaScript. Permítalo en esta página, o use otra forma de las de abajo.
trouble-passkey-disabled = Esa llave de acceso está desactivada.
trouble-passkey-disabled-then =
    Use otra forma de las de abajo, o pregunte a las personas indicadas en «¿Necesita ayuda?».
trouble-passkey-unverified = Esa llave de acceso no comprobó que es usted.
trouble-passkey-unverified-then =
    Póngale un PIN o una huella, o use otra forma de las de abajo.
trouble-passkey-not-made = Esa llave de acceso no se pudo aceptar.
trouble-passkey-not-made-then =
    Inténtelo otra vez, con otro dispositivo u otra llave de seguridad si los tiene.
trouble-passkey-known = Esa llave de acceso ya está en uso.
trouble-passkey-known-then =
    Use otro dispositivo, otra llave de seguridad o una aplicación de autenticación.
trouble-passkey-wrong = Esa llave de acceso no corresponde.
trouble-passkey-wrong-then =
    Use la que configuró para esta aplicación, u otra forma de las de abajo.
trouble-passkey-late-then = Aquí tiene una nueva. Pulse el botón otra vez.
trouble-malformed-mail = Eso no es un código de 8 dígitos.
trouble-expected-mail = Escriba los 8 dígitos del mensaje más reciente.
trouble-wrong-mail = Ese no es el código de nuestro mensaje más reciente.
trouble-wrong-mail-then =
    Solo cuenta el más reciente, una vez, durante diez minutos y con cinco intentos. En caso de duda,
    haga que se envíe otro.
