package timeline

import "sluss/internal/day"

// Month is a month of a register: whether its data are complete enough to be
// ordered.
type Month struct {
	First     day.Day
	Orderable bool
}

// Months are the last n months before a day, oldest first; until is the last
// day that can be ordered.
func Months(today, until day.Day, n int) []Month {
	var out []Month
	last := today.Month()
	for m := last - n; m < last; m++ {
		out = append(out, Month{day.FirstOfMonth(m), day.FirstOfMonth(m+1)-1 <= until})
	}
	return out
}

// DrawnMonth is a month's place in a row of months.
type DrawnMonth struct {
	X, W      string
	Orderable bool
	Text      string // of a January, or the first
}

// DrawMonths places months side by side.
func DrawMonths(all []Month) []DrawnMonth {
	var out []DrawnMonth
	n := max(len(all), 1)
	for i, m := range all {
		x := DrawnMonth{X: percent(i * 10_000 / n), W: percent(10_000/n - 40), Orderable: m.Orderable}
		if m.First.Month()%12 == 0 {
			x.Text = m.First.String()[:4]
		}
		out = append(out, x)
	}
	return out
}
