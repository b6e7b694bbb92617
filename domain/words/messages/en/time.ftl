# Lengths and moments of time. Where somebody has to wait no moment is named: a clinic's clock is not ours.

span-few-seconds = a few seconds
span-seconds = about { $count } seconds
span-minute = about a minute
span-minutes = about { $count } minutes
span-hour = about an hour
span-hours = about { $count } hours

# $hour and $minute have two digits.
clock = { $hour }:{ $minute } UTC
month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
date = { $day } { $month }
moment = { $clock } on { $date }
# For what may be read years later.
moment-whole = { $date } { $year }, { $clock }
