# New recovery codes: on the screen, on paper, and as a file.

codes-heading = Guarde sus códigos de recuperación
codes-heading-paper = Códigos de recuperación para { $app }
codes-what =
    ¿Un día sin teléfono? Uno de estos códigos (códigos de respaldo) le permite entrar en su lugar.
    Cada uno sirve una sola vez.
codes-what-paper =
    Cuenta: { $account }. Cada código sirve una sola vez, en lugar del código del teléfono. Táchelo
    cuando lo use.
codes-once = No volverá a ver estos códigos.
codes-before = Guárdelos antes de continuar.
codes-copy = Un clic los selecciona todos; luego cópielos.
codes-download = Descargar como archivo
codes-print = O imprima esta página con la opción Imprimir de su navegador.
codes-keep =
    Guárdelos como una llave de repuesto: en un cajón con llave o en un gestor de contraseñas, no en
    el propio teléfono. Nadie le pedirá nunca uno por teléfono ni por correo electrónico.
codes-saved = Los he guardado

codes-file-heading = Códigos de recuperación para { $app }
codes-file-account = Cuenta: { $account }
codes-file-once = Cada código sirve una sola vez, en lugar del código de su teléfono.
codes-file-keep =
    Guarde este archivo donde solo usted pueda leerlo. Nadie le pedirá nunca un código.
