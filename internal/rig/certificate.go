package rig

import (
	"cmp"
	"slices"

	"sluss/internal/day"
)

// certificates makes the medical certificates behind a person's sickness
// spells: each spell has some, each with one to three prescribed periods, and
// a new one often begins before the old one ends.
func (w *World) certificates(p Person, out []Row) []Row {
	rows := w.sickness(p, nil)
	d := w.cfg.roll(saltCertificate, uint64(p))
	number := int64(0)
	for i := 0; i < len(rows); {
		from, to, code, j := rows[i].From, rows[i].Tom, rows[i].Diagnosis, i
		for ; j < len(rows) && rows[j].From <= to+10; j++ {
			to = max(to, rows[j].Tom)
		}
		i = j
		if code == "" {
			code = "Z73"
		}
		for at := from; at <= to; {
			number++
			issued := at - day.Day(d.IntN(6))
			if at > from {
				issued = at + day.Day(d.IntN(4))
			}
			kind := int64(d.pick([]float64{94, 2, 4}))
			unit, role := w.employer(d, .03), int64(d.pick([]float64{96, 2, 2}))
			extent := []uint16{1000, 750, 500, 250}[d.pick([]float64{68, 8, 18, 6})]
			end := at
			for range d.between(1, 3) {
				r := Row{Person: p, Child: Nobody, Track: int64(p)*1000 + number, From: end, Tom: end + day.Day(d.between(6, 45)), Extent: extent, Benefit: "INTYG", Diagnosis: code}
				r.Tx = issued + day.Day(d.between(0, 9))
				r.Extra = [maxColumns]int64{kind, int64(issued), empty, number, role, unit}
				if d.chance(.3) {
					r.Extra[2] = int64(d.pick(diagnosisWeights))
				}
				out = w.accidents(d, r, out)
				end = r.Tom + 1
				if extent > 250 {
					extent -= 250
				}
				if end > to {
					break
				}
			}
			at = end - day.Day(d.between(0, 7)) // overlaps the one before
			if end > to {
				break
			}
		}
	}
	return out
}

var (
	certificateKinds = []string{"LISJP", "LUNSP", "LUAS"}
	issuerRoles      = []string{"LAK", "TDL", "OVR"}
)

// Columns of certificates in [Row.Extra].
const (
	certKind = iota
	certIssued
	certSecond
	certNumber
	certRole
	certUnit
)

// leaveFreeDays is assumption A12: so many days between paid weeks are leave,
// too, while the child is under leaveMonths.
const (
	leaveFreeDays = 28
	leaveMonths   = 24
)

// estimatedLeave makes the leave that paid days of parental benefit lead one
// to expect (assumption A12): weeks with a paid day are filled, then gaps of
// up to leaveFreeDays between them. Each stretch says whether it was paid or
// estimated.
func (w *World) estimatedLeave(p Person, out []Row) []Row {
	rows := w.parental(p, nil)
	for k, c := range w.Kids[p] {
		time := day.Span{From: w.Birth[c], To: w.Birth[c].AddMonths(leaveMonths)}
		var paid, weeks []day.Span
		for i := range rows {
			r := &rows[i]
			s := day.Span{From: r.From, To: r.Tom + 1}.Intersect(time)
			if r.Child == c && !r.Reversal && !s.Empty() {
				paid = append(paid, s)
				weeks = append(weeks, day.Span{From: monday(s.From), To: monday(s.To-1) + 7}.Intersect(time))
			}
		}
		add := func(from, to day.Day, estimated int64) {
			if from >= to {
				return
			}
			r := Row{Person: p, Child: c, Track: int64(p)*1000 + int64(k), From: from, Tom: to - 1, Extent: 1000, Benefit: "FL", Tx: to + 40, Paid: to + 40}
			r.Extra[0] = estimated
			out = append(out, r)
		}
		paid = union(paid, 0)
		for _, s := range union(weeks, leaveFreeDays) {
			at := s.From
			for _, x := range paid {
				if x = x.Intersect(s); !x.Empty() {
					add(at, x.From, 1)
					add(x.From, x.To, 0)
					at = x.To
				}
			}
			add(at, s.To, 1)
		}
	}
	return out
}

// monday returns the Monday of a day's week.
func monday(d day.Day) day.Day { return d - (d+3)%7 }

// union joins spans between which at most gap days are free.
func union(list []day.Span, gap day.Day) []day.Span {
	slices.SortFunc(list, func(a, b day.Span) int { return cmp.Compare(a.From, b.From) })
	var out []day.Span
	for _, s := range list {
		if n := len(out); n > 0 && s.From <= out[n-1].To+gap {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}
