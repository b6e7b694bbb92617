# Setting up a phone: the operator's code, then the QR code and its first answer.

enrol-step = Paso { $step } de { $steps }
enrol-code-heading = Configure su teléfono
enrol-code-why =
    { $app } ahora pide un código de su teléfono además de su contraseña. Esto se configura una sola
    vez.
enrol-code-who = Inicia sesión como { $name }
enrol-code-label = Código de inscripción
enrol-code-hint =
    8 letras y dígitos que le dio su servicio de asistencia. Las mayúsculas y los guiones no
    importan.
enrol-code-act = Continuar
enrol-code-none =
    ¿No tiene un código de inscripción? Pida uno a las personas indicadas en «¿Necesita ayuda?».

enrol-totp-heading = Conecte su aplicación de autenticación
enrol-totp-first = Primero, consiga una aplicación de autenticación
enrol-totp-apps =
    Necesita una aplicación de autenticación en su teléfono: Google Authenticator, Microsoft
    Authenticator, Authy, 1Password o Duo Mobile. Son gratuitas.
enrol-totp-scan = Después, escanee este código QR con la aplicación
enrol-totp-picture =
    Código QR para su aplicación de autenticación. La misma clave está escrita más abajo, en «¿No
    puede escanearlo?».
enrol-totp-add =
    En la aplicación, elija agregar una cuenta y luego escanear un código QR.
enrol-totp-no-camera =
    No lo escanee con la cámara del teléfono: eso no funcionará.
enrol-totp-listed = Su aplicación lo mostrará como { $account }.
enrol-totp-replace = Si le propone reemplazar la entrada de otro sitio, diga que no.
enrol-totp-same-phone = ¿Lee esto en ese teléfono? Abra la aplicación aquí
enrol-totp-type = ¿No puede escanearlo? Escriba la clave
enrol-totp-by-hand = En la aplicación, elija introducir una clave de configuración a mano.
enrol-totp-account = Cuenta
enrol-totp-key = Clave
enrol-totp-kind = Tipo de clave
enrol-totp-time-based = Basada en la hora
enrol-totp-last = Por último, escriba el código que muestra
enrol-totp-act = Conectar
