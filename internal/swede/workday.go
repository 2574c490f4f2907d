package swede

import (
	"maps"
	"slices"

	"sluss/internal/day"
)

// Calendar counts working days: Monday to Friday except public holidays, the
// three eves that the law equates with Sundays, and days the authority keeps
// closed besides.
//
// Source: lag (1989:253) om allmänna helgdagar; lag (1930:173) om beräkning av
// lagstadgad tid, 2 §; reference domain §6.
type Calendar struct{ closed map[day.Day]bool }

// NewCalendar returns the calendar with the given days closed besides those of
// the law (klämdagar, moving day).
func NewCalendar(closed ...day.Day) Calendar {
	c := Calendar{closed: make(map[day.Day]bool, len(closed))}
	for _, d := range closed {
		c.closed[d] = true
	}
	return c
}

// Closed returns the days closed besides those of the law, in order.
func (c Calendar) Closed() []day.Day {
	return slices.Sorted(maps.Keys(c.closed))
}

// Weekday returns 1 for Monday to 7 for Sunday.
func Weekday(d day.Day) int { return int(((d+3)%7+7)%7) + 1 }

// IsWorkingDay reports whether the authority works on d.
func (c Calendar) IsWorkingDay(d day.Day) bool {
	if Weekday(d) > 5 || c.closed[d] {
		return false
	}
	_, _, holiday := Holiday(d)
	return !holiday
}

// Deadline returns the day on which a time limit ends that would end on d: d
// itself or, if that is no working day, the next one.
func (c Calendar) Deadline(d day.Day) day.Day {
	for !c.IsWorkingDay(d) {
		d++
	}
	return d
}

// AddWorkingDays returns the n-th working day after d; with a negative n the
// n-th before. d itself is not counted and need not be a working day; n = 0
// returns Deadline(d).
func (c Calendar) AddWorkingDays(d day.Day, n int) day.Day {
	step := day.Day(1)
	if n < 0 {
		step, n = -1, -n
	} else if n == 0 {
		return c.Deadline(d)
	}
	for n > 0 {
		if d += step; c.IsWorkingDay(d) {
			n--
		}
	}
	return d
}

// WorkingDays returns the number of working days in the half-open span s.
func (c Calendar) WorkingDays(s day.Span) int {
	n := 0
	for d := s.From; d < s.To; d++ {
		if c.IsWorkingDay(d) {
			n++
		}
	}
	return n
}

// Holiday returns the names of the public holiday or equated eve that d is.
// Ordinary Sundays are none.
func Holiday(d day.Day) (sv, en string, ok bool) {
	y, m, dd := d.YMD()
	easter := Easter(y)
	switch {
	case m == 1 && dd == 1:
		return "nyårsdagen", "New Year's Day", true
	case m == 1 && dd == 6:
		return "trettondedag jul", "Epiphany", true
	case d == easter-2:
		return "långfredagen", "Good Friday", true
	case d == easter:
		return "påskdagen", "Easter Sunday", true
	case d == easter+1:
		return "annandag påsk", "Easter Monday", true
	case m == 5 && dd == 1:
		return "första maj", "May Day", true
	case d == easter+39:
		return "Kristi himmelsfärdsdag", "Ascension Day", true
	case d == easter+49:
		return "pingstdagen", "Whit Sunday", true
	case y <= 2004 && d == easter+50:
		return "annandag pingst", "Whit Monday", true
	case y >= 2005 && m == 6 && dd == 6:
		return "nationaldagen", "National Day", true
	case m == 6 && dd >= 19 && dd <= 25 && Weekday(d) == 5:
		return "midsommarafton", "Midsummer's Eve", true
	case m == 6 && dd >= 20 && dd <= 26 && Weekday(d) == 6:
		return "midsommardagen", "Midsummer's Day", true
	case (m == 10 && dd == 31 || m == 11 && dd <= 6) && Weekday(d) == 6:
		return "alla helgons dag", "All Saints' Day", true
	case m == 12 && dd == 24:
		return "julafton", "Christmas Eve", true
	case m == 12 && dd == 25:
		return "juldagen", "Christmas Day", true
	case m == 12 && dd == 26:
		return "annandag jul", "Boxing Day", true
	case m == 12 && dd == 31:
		return "nyårsafton", "New Year's Eve", true
	}
	return "", "", false
}

// Easter returns Easter Sunday of year y (Gregorian computus).
func Easter(y int) day.Day {
	golden, century := y%19, y/100
	skipped := century - century/4
	moon := (19*golden + skipped - (8*century+13)/25 + 15) % 30
	moon -= moon / 28 * (1 - 29/(moon+1)*((21-golden)/11))
	sunday := (y + y/4 + moon + 2 - skipped) % 7
	return day.Of(y, 3, 28) + day.Day(moon-sunday)
}
