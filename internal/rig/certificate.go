package rig

import (
	"sluss/internal/day"
	estimate "sluss/internal/leave"
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

// estimatedLeave makes the leave that paid days of parental benefit lead one
// to expect (package leave). Each stretch says whether it was paid or estimated.
func (w *World) estimatedLeave(p Person, out []Row) []Row {
	rows := w.parental(p, nil)
	for k, c := range w.Kids[p] {
		var paid []day.Span
		for i := range rows {
			if r := &rows[i]; r.Child == c && !r.Reversal {
				paid = append(paid, day.Span{From: r.From, To: r.Tom + 1})
			}
		}
		for _, s := range estimate.Default().Estimate(w.Birth[c], paid, nil) {
			r := Row{Person: p, Child: c, Track: int64(p)*1000 + int64(k), From: s.From, Tom: s.To - 1, Extent: estimate.Whole, Benefit: "FL", Tx: s.To + 40, Paid: s.To + 40}
			if s.Estimated {
				r.Extra[0] = 1
			}
			out = append(out, r)
		}
	}
	return out
}
