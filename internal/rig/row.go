package rig

import (
	"runtime"
	"sync"

	"sluss/internal/day"
)

// Row is one row of any table; a table uses the fields it has columns for.
// Days are closed, as in the source: Tom is the last day.
type Row struct {
	Tx        day.Day // registered; also the order of the file
	From, Tom day.Day // Tom is day.Open in a decision without an end
	Paid      day.Day
	Person    Person
	Child     Person // Nobody where the source has no number
	Track     int64
	Amount    int64 // öre
	Price     int64
	Reference int64
	Extent    uint16 // per mille
	Benefit   string
	Level     string
	Insured   string
	Waits     string  // waiting days that a self-employed person has chosen
	Ill       day.Day // first day of illness by the application, day.Open when it says none
	Diagnosis string  // or treatment code
	Tooth     uint8
	Extra     [maxColumns]int64 // the columns of a recipe's own, in its order; or of certificates and leave
	recipe    *recipe           // nil for tables with rules of their own
	// Organisation is the place of the organisation whose row it is, plus one;
	// 0 for a person's row.
	Organisation int32
	Reversal     bool
	OldNumber    bool // the source still writes the number before the last change
	Typo         bool // the source writes a number that nobody has
}

// maker appends the rows of one person.
type maker func(w *World, p Person, out []Row) []Row

var makers = map[string]maker{
	"midas_sjp": (*World).sickness,
	"midas_fp":  (*World).parental,
	"midas_sa":  (*World).compensation,
	"tfp":       (*World).temporary,
	"tandvard":  (*World).dental,
	// lakarintyg and midas_fl follow the sickness spells and the parental benefit.
	"lakarintyg": (*World).certificates,
	"midas_fl":   (*World).estimatedLeave,
}

// maker returns how the rows of a table are made, nil for a table that has
// neither rules nor recipe.
func (w *World) maker(table string) maker {
	if r := w.cfg.Recipes[table]; r != nil {
		return func(w *World, p Person, out []Row) []Row { return w.follow(r, p, out) }
	}
	return makers[table]
}

// Makes reports whether rows of a table can be made.
func (r Recipes) Makes(table string) bool {
	return table == "person" || makers[table] != nil || r[table] != nil
}

// chunk is how many persons a worker takes at a time.
const chunk = 2048

// Rows calls use with the rows of a table in the order of the source, that is,
// of registration, for those registered from from up to, not including, to.
// Rows of one day are in the order of persons. use must not keep the slice.
func (w *World) Rows(table string, from, to day.Day, use func([]Row)) {
	rows, err := w.between(table, from, to, func(float64) error { return nil })
	if err == nil {
		use(rows)
	}
}

// between returns the rows that [World.Rows] has. came is told what part of the persons
// is done, and ends the making with an error.
func (w *World) between(table string, from, to day.Day, came func(part float64) error) ([]Row, error) {
	mk, start := w.maker(table), w.cfg.start()
	parts := make([][]Row, (w.Len()+chunk-1)/chunk)
	next := make(chan int)
	var wg sync.WaitGroup
	for range w.cfg.Workers {
		wg.Go(func() {
			var buf []Row
			for k := range next {
				buf = buf[:0]
				for p := k * chunk; p < min((k+1)*chunk, w.Len()); p++ {
					n := len(buf)
					buf = mk(w, Person(p), buf)
					buf = w.keep(buf, n, max(from, start), to)
				}
				parts[k] = append(parts[k], buf...)
			}
		})
	}
	var err error
	for k := range parts {
		if err = came(float64(k) / float64(len(parts))); err != nil {
			break
		}
		next <- k
	}
	close(next)
	wg.Wait()
	if err != nil {
		return nil, err
	}
	return byDay(parts, from, to), nil
}

// keep drops the rows from n on that were not registered in [from, to) or
// whose person is not known then.
func (w *World) keep(rows []Row, n int, from, to day.Day) []Row {
	kept := rows[:n]
	for _, r := range rows[n:] {
		if r.Tx >= from && r.Tx < to && (r.Organisation != 0 || r.Tx >= w.Arrived[r.Person]) {
			if r.Child != Nobody && w.Arrived[r.Child] > r.Tx {
				r.Child = Nobody // paid before the child had a number
			}
			kept = append(kept, r)
		}
	}
	return kept
}

// byDay sorts rows by day of registration, keeping the order of persons.
func byDay(parts [][]Row, from, to day.Day) []Row {
	lo, hi, n := to, from, 0
	for _, p := range parts {
		n += len(p)
		for i := range p {
			lo, hi = min(lo, p[i].Tx), max(hi, p[i].Tx)
		}
	}
	if n == 0 {
		return nil
	}
	at := make([]int, hi-lo+2)
	for _, p := range parts {
		for i := range p {
			at[p[i].Tx-lo+1]++
		}
	}
	for i := 1; i < len(at); i++ {
		at[i] += at[i-1]
	}
	out := make([]Row, n)
	for k, p := range parts {
		for i := range p {
			out[at[p[i].Tx-lo]] = p[i]
			at[p[i].Tx-lo]++
		}
		parts[k] = nil
	}
	runtime.GC() // the parts are as large as the result
	return out
}
