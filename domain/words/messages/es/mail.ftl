# Codes by mail: asked for, typed, and what is said when none can be sent. $address is masked.

mail-heading = Código por correo electrónico
mail-heading-enrol = Configure los códigos por correo electrónico
mail-act = Iniciar sesión
mail-act-enrol = Confirmar
mail-enough = Por ahora se enviaron suficientes mensajes.
mail-enough-then =
    Podrá enviarse otro dentro de { $span }. Hasta entonces, el código más reciente sigue valiendo,
    durante diez minutos.
mail-sent =
    Estamos enviando 8 dígitos a { $address }. Puede tardar un minuto. Mire también en el correo no
    deseado.
mail-label = Código de 8 dígitos
mail-hint = Vale durante diez minutos, solo en esta página. Solo cuenta el más reciente.
mail-down = En este momento no podemos enviar correo electrónico.
mail-down-then =
    Use otra de las formas de abajo, o pida un código temporal a las personas indicadas en «¿Necesita
    ayuda?».
mail-none = Ahora mismo ninguna dirección de correo suya puede recibir códigos.
mail-none-then =
    Use otra de las formas de abajo, o pregunte a las personas indicadas en «¿Necesita ayuda?».
mail-ask = Podemos enviar un código a la dirección que su clínica tiene registrada.
mail-weaker =
    Los códigos por correo protegen menos que una aplicación de autenticación: quien lea su correo
    también puede leerlos.
mail-send = Enviar un código a { $address }
mail-send-again = Enviar otro código a { $address }
mail-instead-saved = Usar un código de recuperación o un código temporal en su lugar
