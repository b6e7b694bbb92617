# Lengths and moments of time. Where somebody has to wait no moment is named: a clinic's clock is not ours.

span-few-seconds = quelques secondes
span-seconds = environ { $count } secondes
span-minute = environ une minute
span-minutes = environ { $count } minutes
span-hour = environ une heure
span-hours = environ { $count } heures

# $hour and $minute have two digits.
clock = { $hour } h { $minute } UTC
month = { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
}
date = { $day ->
    [1] 1er
   *[other] { $day }
} { $month }
moment = { $clock }, le { $date }
# For what may be read years later.
moment-whole = { $date } { $year }, { $clock }
