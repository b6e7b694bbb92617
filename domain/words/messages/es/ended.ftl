# After a session.

ended-heading = Inicie sesión de nuevo
ended-heading-left = Ha cerrado la sesión
ended-left =
    Ha salido de { $app } en esta computadora. Si otras personas también la usan, cierre la ventana.
ended-expired =
    Se acabó el tiempo, así que esta sesión ha terminado. Es normal y su cuenta no tiene ningún
    problema.
ended-idle =
    { $app } no se usó durante un rato, así que cerramos su sesión para proteger los expedientes.
ended-revoked =
    Su sesión se cerró, ya sea por el servicio de asistencia o porque se cambió su acceso. Si no lo
    esperaba, comuníquese con las personas indicadas en «¿Necesita ayuda?».
ended-elsewhere =
    Inició sesión de nuevo en otra pestaña o en otra computadora, así que esta sesión ha terminado.
    Si no fue usted, comuníquese ahora con las personas indicadas en «¿Necesita ayuda?».
