package swede

import (
	"time"

	"sluss/internal/day"
)

// CivilDay returns the civil day in Sweden at the instant t. Deadlines and the
// rules in force follow it, wherever the program runs.
//
// Sweden is one hour ahead of UTC, two from the last Sunday of March 01:00 UTC
// to the last Sunday of October 01:00 UTC (directive 2000/84/EC, since 2002;
// the same days since 1996). Computed here so that the rules need no zone file.
func CivilDay(t time.Time) day.Day {
	return day.Day(floorDay(local(t)))
}

// Clock returns the hour and minute that a clock in Sweden shows at the
// instant t.
func Clock(t time.Time) (hour, minute int) {
	u := local(t)
	s := int(u - floorDay(u)*86400)
	return s / 3600, s / 60 % 60
}

// local counts seconds as Unix time does, but of Swedish clocks.
func local(t time.Time) int64 {
	u := t.Unix()
	y := day.Day(floorDay(u)).Year()
	start := int64(lastSunday(y, 3))*86400 + 3600
	end := int64(lastSunday(y, 10))*86400 + 3600
	if u >= start && u < end {
		return u + 2*3600
	}
	return u + 3600
}

func floorDay(u int64) int64 {
	q := u / 86400
	if u%86400 < 0 {
		q--
	}
	return q
}

// lastSunday returns the last Sunday of month m, which has 31 days.
func lastSunday(y, m int) day.Day {
	last := day.Of(y, m, 31)
	return last - day.Day((int(last)+4)%7) // 1970-01-01 was a Thursday: day 0 + 4 ≡ 4 days after a Sunday
}
