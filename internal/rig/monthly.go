package rig

import "sluss/internal/day"

// compensation makes sickness and activity compensation: monthly payments,
// and for most of the grown-ups a decision without an end.
//
// A first grant is decided long after the month it holds from, so coverage of
// newly granted compensation passes 95 per cent at about nine months
// (assumption A10).
func (w *World) compensation(p Person, out []Row) []Row {
	d := w.cfg.roll(saltCompensation, uint64(p))
	mental := []string{"F84", "F90", "F70", "F20", "F32", "F41"}
	grant := func(benefit string, from, to day.Day, code string, track int64) {
		from = day.FirstOfMonth(max(from, w.Arrived[p], w.Birth[p].AddMonths(19*12)).Month())
		decided := from + 12 + day.Day(d.wait(93))
		extent := []uint16{1000, 750, 500, 250}[d.pick([]float64{72, 7, 15, 6})]
		kind := []string{"I", "G"}[d.pick([]float64{60, 40})]
		monthly := int64(d.between(9_000, 14_500)) * 100 * int64(extent) / 1000
		end := min(to, w.Death[p], horizon)
		if benefit == "SE" && d.chance(.85) {
			open := day.Day(day.Open)
			if to < horizon {
				open = to - 1
			}
			out = append(out, Row{Person: p, Child: Nobody, Track: track, From: from, Tom: open, Extent: extent, Benefit: benefit, Level: kind, Diagnosis: code, Tx: decided, Paid: decided})
		}
		for m := from.Month(); ; m++ {
			at := day.FirstOfMonth(m)
			if at >= end {
				return
			}
			last := min(day.FirstOfMonth(m+1), end) - 1
			tx := max(at+17, decided)
			out = w.accidents(d, Row{Person: p, Child: Nobody, Track: track, From: at, Tom: last, Extent: extent, Benefit: benefit, Level: kind, Diagnosis: code, Amount: monthly, Tx: tx, Paid: tx + 1}, out)
		}
	}
	birth := w.Birth[p]
	if d.chance(.0435) { // activity compensation, from 19 to at most 29 years
		from := birth.AddMonths(19*12 + d.between(0, 40))
		code := mental[d.pick([]float64{30, 18, 27, 6, 11, 8})]
		if d.chance(.205) {
			code = []string{"Q90", "G80", "G40", "M54"}[d.IntN(4)]
		}
		grant("AE", from, min(birth.AddMonths(30*12), from+day.Day(d.between(700, 4000))), code, int64(p)*1000+1)
	}
	if d.chance(.058) { // sickness compensation, until 66 years
		from := birth.AddMonths(12*30 + d.between(0, 12*33))
		code := diagnoses[d.pick(diagnosisWeights)].code
		if code == "O26" || code == "" {
			code = "F32"
		}
		grant("SE", from, birth.AddMonths(66*12), code, int64(p)*1000+2)
	}
	return out
}

// dental makes a patient's treatments.
func (w *World) dental(p Person, out []Row) []Row {
	d := w.cfg.roll(saltDental, uint64(p))
	type item struct {
		code  string
		price int
		tooth bool
	}
	items := []item{{"101", 1050, false}, {"111", 800, false}, {"121", 75, true}, {"103", 420, false}, {"301", 600, false}, {"401", 1200, true}, {"701", 850, true}, {"704", 1250, true}, {"800", 6800, true}}
	regular := .27 + .575*d.Float64()
	first := max(w.Birth[p].AddMonths(20*12), w.Arrived[p], w.cfg.start()-200)
	for year := first.Year(); year < horizon.Year(); year++ {
		at := day.FirstOfYear(year) + day.Day(d.IntN(365))
		go1 := d.chance(regular)
		if !go1 || at < first || at >= w.Death[p] {
			continue
		}
		benefit := "ATB"
		n := 1 + d.wait(1.6)
		for i := range n {
			it := items[d.pick([]float64{30, 14, 22, 10, 12, 3, 8, 7, 1.6})]
			price := int64(it.price) * int64(d.between(85, 135)) // öre
			r := Row{Person: p, Child: Nobody, Track: int64(p)*1000 + int64(year-2000)*20 + int64(i), From: at, Tom: at, Benefit: benefit, Diagnosis: it.code, Price: price, Reference: int64(it.price) * 100}
			if it.tooth {
				r.Tooth = uint8(d.between(1, 4)*10 + d.between(1, 8))
			}
			r.Amount = min(300_00, price)
			if benefit == "HKS" {
				r.Amount = price / 2
			}
			r.Tx = at + 3 + day.Day(d.wait(8))
			r.Paid = r.Tx + 14
			out = w.accidents(d, r, out)
			benefit = "HKS"
			if d.chance(.1) {
				benefit = "STB"
			}
		}
	}
	return out
}
