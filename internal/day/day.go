// Package day counts civil days.
//
// A register knows days, not instants: 2024-01-30 is a day in Sweden whatever
// the clock or the time zone says. A [Day] is the number of days since
// 1970-01-01 in the proleptic Gregorian calendar. Inside the program every
// stretch of time is half-open, [from, to); at its edges (files, pages,
// letters) it is closed, from–tom, with tom = to − 1.
//
// The package is pure: it never asks what day it is.
package day

import (
	"errors"
	"fmt"
)

// Day is a civil day as the number of days since 1970-01-01.
type Day int32

const (
	// Min and Max bound what [Parse] accepts: 0001-01-01 and 9999-12-31.
	Min Day = -719162
	Max Day = 2932896
	// Open stands for "no end yet" as the exclusive end of a stretch. It is
	// later than every day that can be written.
	Open Day = 1<<31 - 1
)

// ErrSyntax is returned for text that is not a calendar day written
// YYYY-MM-DD. The text itself is not repeated: it may be a person's data.
var ErrSyntax = errors.New("not a date written YYYY-MM-DD")

// Of returns the day y-m-d. It does not check that the day exists; use
// [Valid] for values that come from outside.
func Of(y, m, d int) Day {
	if m <= 2 {
		y--
		m += 12
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return Day(era*146097 + doe - 719468)
}

// YMD returns the year, month (1–12) and day of the month of d.
func (d Day) YMD() (y, m, dd int) {
	z := int(d) + 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	dd = doy - (153*mp+2)/5 + 1
	m = mp + 3
	y = yoe + era*400
	if m > 12 {
		m -= 12
		y++
	}
	return y, m, dd
}

// Valid reports whether y-m-d is a day of the calendar in the years 1–9999.
func Valid(y, m, d int) bool {
	return y >= 1 && y <= 9999 && m >= 1 && m <= 12 && d >= 1 && d <= DaysIn(y, m)
}

// DaysIn returns the number of days of month m in year y.
func DaysIn(y, m int) int {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// Parse reads a day written YYYY-MM-DD and nothing else. It accepts a string
// or a byte slice and allocates nothing.
func Parse[T ~string | ~[]byte](s T) (Day, error) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, ErrSyntax
	}
	for i := range 10 {
		if i != 4 && i != 7 && (s[i] < '0' || s[i] > '9') {
			return 0, ErrSyntax
		}
	}
	y := int(s[0]-'0')*1000 + int(s[1]-'0')*100 + int(s[2]-'0')*10 + int(s[3]-'0')
	m := int(s[5]-'0')*10 + int(s[6]-'0')
	d := int(s[8]-'0')*10 + int(s[9]-'0')
	if !Valid(y, m, d) {
		return 0, ErrSyntax
	}
	return Of(y, m, d), nil
}

// MustParse is [Parse] for constants in code and tests; it panics on error.
func MustParse(s string) Day {
	d, err := Parse(s)
	if err != nil {
		panic("day: " + err.Error())
	}
	return d
}

// AppendTo appends d written YYYY-MM-DD to b.
func (d Day) AppendTo(b []byte) []byte {
	y, m, dd := d.YMD()
	return append(b,
		byte('0'+y/1000%10), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-',
		byte('0'+m/10), byte('0'+m%10), '-', byte('0'+dd/10), byte('0'+dd%10))
}

// String returns d written YYYY-MM-DD, or "open" for [Open].
func (d Day) String() string {
	if d == Open {
		return "open"
	}
	return string(d.AppendTo(make([]byte, 0, 10)))
}

// MarshalText and UnmarshalText write and read YYYY-MM-DD, so that a Day can
// stand in JSON and YAML.
func (d Day) MarshalText() ([]byte, error) { return d.AppendTo(nil), nil }

// UnmarshalText is the reverse of MarshalText.
func (d *Day) UnmarshalText(b []byte) error {
	v, err := Parse(b)
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// Month returns the number of months since January of year 0: y·12 + m − 1.
func (d Day) Month() int {
	y, m, _ := d.YMD()
	return y*12 + m - 1
}

// Year returns the calendar year of d.
func (d Day) Year() int {
	y, _, _ := d.YMD()
	return y
}

// FirstOfMonth returns the first day of month m as counted by [Day.Month].
func FirstOfMonth(m int) Day { return Of(floorDiv(m, 12), m-floorDiv(m, 12)*12+1, 1) }

// FirstOfYear returns 1 January of year y.
func FirstOfYear(y int) Day { return Of(y, 1, 1) }

// AddMonths returns the day n months after d; where the month is too short,
// its last day (31 August + 6 months = 28 or 29 February).
//
// Source: reference extraction §3.2, axiom S19.
func (d Day) AddMonths(n int) Day {
	y, m, dd := d.YMD()
	t := y*12 + m - 1 + n
	y, m = floorDiv(t, 12), t-floorDiv(t, 12)*12+1
	return Of(y, m, min(dd, DaysIn(y, m)))
}

// Offset is a calendar distance: months first, then days, both with the same
// sign (axiom S19).
type Offset struct{ Months, Days int }

// Add returns the day o after d: months first, days after, once from d.
func (d Day) Add(o Offset) Day { return d.AddMonths(o.Months) + Day(o.Days) }

// ParseOffset reads a distance written -?P with years, months and days in that
// order, each part optional but at least one present: P6M, -P1Y, P1Y2M3D. The
// sign counts for the whole.
func ParseOffset(s string) (Offset, error) {
	bad := fmt.Errorf("not an offset such as P6M, -P1Y or P1Y2M3D: %q", s)
	t, sign := s, 1
	if len(t) > 0 && t[0] == '-' {
		t, sign = t[1:], -1
	}
	if len(t) < 3 || t[0] != 'P' {
		return Offset{}, bad
	}
	t = t[1:]
	var o Offset
	units := "YMD"
	for len(t) > 0 {
		n, i := 0, 0
		for i < len(t) && t[i] >= '0' && t[i] <= '9' {
			n = n*10 + int(t[i]-'0')
			if n > 100_000 {
				return Offset{}, bad
			}
			i++
		}
		if i == 0 || i == len(t) {
			return Offset{}, bad
		}
		k := -1
		for j := range units {
			if units[j] == t[i] {
				k = j
			}
		}
		if k < 0 {
			return Offset{}, bad
		}
		switch units[k] {
		case 'Y':
			o.Months += 12 * n
		case 'M':
			o.Months += n
		case 'D':
			o.Days += n
		}
		units, t = units[k+1:], t[i+1:]
	}
	return Offset{sign * o.Months, sign * o.Days}, nil
}

// String writes o the way [ParseOffset] reads it, whole years as years.
func (o Offset) String() string {
	m, d, s := o.Months, o.Days, "P"
	if m < 0 || d < 0 {
		m, d, s = -m, -d, "-P"
	}
	if m/12 != 0 {
		s += fmt.Sprintf("%dY", m/12)
	}
	if m%12 != 0 {
		s += fmt.Sprintf("%dM", m%12)
	}
	if d != 0 || m == 0 {
		s += fmt.Sprintf("%dD", d)
	}
	return s
}

// Span is a half-open stretch of days [From, To).
type Span struct{ From, To Day }

// Empty reports whether s holds no day.
func (s Span) Empty() bool { return s.From >= s.To }

// Contains reports whether every day of t is a day of s.
func (s Span) Contains(t Span) bool { return t.Empty() || s.From <= t.From && t.To <= s.To }

// Intersect returns the days that are in both; it may be empty.
func (s Span) Intersect(t Span) Span { return Span{max(s.From, t.From), min(s.To, t.To)} }

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
