package episode

import "sluss/internal/day"

// Unit is the length of a panel's periods (assumption A9).
type Unit uint8

// Units of panels. Weeks are ISO 8601 weeks, Monday to Sunday.
const (
	ByDay Unit = iota
	ByWeek
	ByMonth
	ByQuarter
	ByYear
)

// Of returns the period that d lies in. Periods are numbered without holes:
// days as [day.Day], weeks from the week of 1970-01-01, months as
// [day.Day.Month], quarters as a third of that, years by their name.
func (u Unit) Of(d day.Day) int32 {
	switch u {
	case ByWeek:
		return floorDiv(int32(d)+3, 7)
	case ByMonth:
		return int32(d.Month())
	case ByQuarter:
		return floorDiv(int32(d.Month()), 3)
	case ByYear:
		return int32(d.Year())
	}
	return int32(d)
}

// Start returns the first day of a period; Start(p+1) is the day after its
// last.
func (u Unit) Start(period int32) day.Day {
	switch u {
	case ByWeek:
		return day.Day(period*7 - 3)
	case ByMonth:
		return day.FirstOfMonth(int(period))
	case ByQuarter:
		return day.FirstOfMonth(int(period) * 3)
	case ByYear:
		return day.FirstOfYear(int(period))
	}
	return day.Day(period)
}

// Append appends the name of a period: 2024-01-05, 2024-W01, 2024-01, 2024-Q1
// or 2024. Names of one unit sort bytewise as the periods do
// (years 1–9999, all that [day.Parse] reads).
func (u Unit) Append(b []byte, period int32) []byte {
	switch u {
	case ByWeek:
		// An ISO week belongs to the year of its Thursday.
		thursday := u.Start(period) + 3
		y := thursday.Year()
		return two(append(year(b, y), '-', 'W'), int(thursday-day.FirstOfYear(y))/7+1)
	case ByMonth:
		y := floorDiv(period, 12)
		return two(append(year(b, int(y)), '-'), int(period-y*12)+1)
	case ByQuarter:
		y := floorDiv(period, 4)
		return append(year(b, int(y)), '-', 'Q', byte('1'+period-y*4))
	case ByYear:
		return year(b, int(period))
	}
	return day.Day(period).AppendTo(b)
}

func year(b []byte, y int) []byte { return two(two(b, y/100), y%100) }

func two(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

func floorDiv(a, b int32) int32 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// calendar finds the period of a day. Most days lie in the years of its
// table, where a multiplication finds the period within one place.
type calendar struct {
	unit       Unit
	period     int32
	start, end day.Day // of period; equal when nothing is known yet

	table  []day.Day // first days of consecutive periods
	zero   int32     // the period of table[0]
	perDay uint64    // periods per day, 32 bits after the point
}

// The table holds the years in which registers have days.
const tableFrom, tableTo = 1900, 2100

func newCalendar(u Unit) calendar {
	c := calendar{unit: u}
	if u == ByDay {
		return c
	}
	first := day.FirstOfYear(tableFrom)
	c.zero = u.Of(first)
	for p := c.zero; p == c.zero || c.table[len(c.table)-1] < day.FirstOfYear(tableTo); p++ {
		c.table = append(c.table, u.Start(p))
	}
	n := len(c.table) - 1
	c.perDay = uint64(n) << 32 / uint64(c.table[n]-c.table[0])
	return c
}

// seek moves to the period of d.
func (c *calendar) seek(d day.Day) {
	if c.start <= d && d < c.end {
		return
	}
	if n := len(c.table) - 1; n > 0 && d >= c.table[0] && d < c.table[n] {
		i := int(uint64(d-c.table[0]) * c.perDay >> 32)
		for c.table[i] > d {
			i--
		}
		for c.table[i+1] <= d {
			i++
		}
		c.period, c.start, c.end = c.zero+int32(i), c.table[i], c.table[i+1]
		return
	}
	c.period = c.unit.Of(d)
	c.start, c.end = c.unit.Start(c.period), c.unit.Start(c.period+1)
}

// next moves to the following period.
func (c *calendar) next() {
	c.period++
	c.start, c.end = c.end, c.endOf(c.period)
}

// endOf returns the day after the last of a period.
func (c *calendar) endOf(period int32) day.Day {
	if i := int(period-c.zero) + 1; i >= 0 && i < len(c.table) {
		return c.table[i]
	}
	return c.unit.Start(period + 1)
}
