# Lengths and moments of time. Where somebody has to wait no moment is named: a clinic's clock is not ours.

span-few-seconds = unos segundos
span-seconds = unos { $count } segundos
span-minute = alrededor de un minuto
span-minutes = unos { $count } minutos
span-hour = alrededor de una hora
span-hours = unas { $count } horas

# $hour and $minute have two digits.
clock = { $hour }:{ $minute } UTC
month = { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
}
date = { $day } de { $month }
moment = { $clock } del { $date }
# For what may be read years later.
moment-whole = { $date } de { $year }, { $clock }
