package clock

import (
	"cmp"
	"maps"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/swede"
)

// wait is a stretch of days that are not counted, [From, To).
type wait struct {
	day.Span
	reason catalog.Text
	open   bool
}

// waits returns the pauses after day 0, each cut off after the day until (today,
// or the day the clock stopped), in order of day. A pause that begins and ends
// on one day is none.
func (d Definition) waits(c Case, key string, zero, until day.Day) []wait {
	var out []wait
	for _, p := range d.Pauses {
		for _, w := range d.pairs(p, c, key) {
			w.From = max(w.From, zero+1)
			if w.open || w.To > until+1 {
				w.To = until + 1
			}
			if !w.Empty() || w.open && w.From <= until+1 {
				w.reason = p.Reason
				out = append(out, w)
			}
		}
	}
	slices.SortFunc(out, func(x, y wait) int {
		return cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To), cmp.Compare(x.reason.EN, y.reason.EN))
	})
	return out
}

// pairs ties beginnings to ends: each beginning to the first end on the same
// day or later that no earlier beginning has used. A beginning inside a pause of
// the same key adds nothing.
func (d Definition) pairs(p Pause, c Case, key string) []wait {
	begins, ends := map[string][]day.Day{}, map[string][]day.Day{}
	for _, h := range d.find(c, key, p.Begin) {
		begins[h.mark.Attrs[p.Key]] = append(begins[h.mark.Attrs[p.Key]], h.on)
	}
	for _, h := range d.find(c, key, p.End) {
		ends[h.mark.Attrs[p.Key]] = append(ends[h.mark.Attrs[p.Key]], h.on)
	}
	var out []wait
	for _, k := range slices.Sorted(maps.Keys(begins)) {
		left, last := ends[k], day.Min-1
		for _, b := range begins[k] {
			if b < last {
				continue
			}
			for len(left) > 0 && left[0] < b {
				left = left[1:]
			}
			if len(left) == 0 {
				out = append(out, wait{Span: day.Span{From: b + 1, To: day.Open}, open: true})
				break
			}
			out = append(out, wait{Span: day.Span{From: b + 1, To: left[0] + 1}})
			last, left = left[0], left[1:]
		}
	}
	return out
}

// inPause reports whether d lies in any of the pauses.
func inPause(pauses []wait, d day.Day) bool {
	return slices.ContainsFunc(pauses, func(w wait) bool { return w.From <= d && d < w.To })
}

// pausedDays counts the days of (zero, last] that lie in a pause, each once.
func pausedDays(pauses []wait, zero, last day.Day) int {
	n, reached := 0, zero+1
	for _, w := range pauses { // in order of From
		from, to := max(w.From, reached), min(w.To, last+1)
		if from < to {
			n += int(to - from)
			reached = to
		}
	}
	return n
}

// due returns the day n units after zero, moved by the pauses; see the package
// comment.
func due(unit Unit, zero day.Day, n int, pauses []wait, cal swede.Calendar) day.Day {
	if unit == WorkingDays {
		d := zero
		for left := n; left > 0; {
			if d++; cal.IsWorkingDay(d) && !inPause(pauses, d) {
				left--
			}
		}
		return d
	}
	base := zero + day.Day(n)
	if unit == Months {
		base = zero.AddMonths(n)
	}
	d := base
	for { // grows until no more pause is reached
		next := base + day.Day(pausedDays(pauses, zero, d))
		if next == d {
			return d
		}
		d = next
	}
}

func explained(pauses []wait, cal swede.Calendar) []Waiting {
	var out []Waiting
	for _, w := range pauses {
		out = append(out, Waiting{
			Reason: w.reason, First: w.From, Last: w.To - 1, Open: w.open,
			Days: int(w.To - w.From), Work: cal.WorkingDays(w.Span),
		})
	}
	return out
}
