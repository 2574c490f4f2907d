package rig

import "sluss/internal/day"

// diagnosis is an ICD-10-SE category with how often a sickness spell starts
// with it and how long such spells last compared with others.
type diagnosis struct {
	code   string
	weight float64
	length float64
}

// The mix of ongoing spells that comes out is compared with [Targets].
var diagnoses = []diagnosis{
	{"F43", 17.5, 1.45},
	{"F32", 7, 1.6},
	{"F41", 6, 1.5},
	{"F48", 2, 1.3},
	{"F33", 2, 2},
	{"F31", .7, 2},
	{"M54", 7, .85},
	{"M79", 3.3, .9},
	{"M75", 4, .8},
	{"M17", 2.5, .9},
	{"M51", 2.5, 1},
	{"C50", 2.6, 1.9},
	{"C61", .7, 1},
	{"D25", .8, .6},
	{"S82", 4, .6},
	{"S52", 3, .45},
	{"S06", 1.4, .8},
	{"G56", 1.5, .4},
	{"G43", 1, .8},
	{"G93", 1, 2},
	{"I21", 1, 1},
	{"I63", 1.1, 1.8},
	{"R53", 1.5, 1},
	{"R52", 1.2, 1},
	{"O26", 4, .35},
	{"K40", 2.5, .25},
	{"N80", 1.5, .4},
	{"J18", 1.5, .3},
	{"H25", .9, .3},
	{"L40", .4, .8},
	{"", 5.5, 1},
}

var diagnosisWeights = func() []float64 {
	out := make([]float64, len(diagnoses))
	for i, d := range diagnoses {
		out[i] = d.weight
	}
	return out
}()

// Sickness: spells begin by chance, more often for women and for the older,
// and much more often for some than for others.
const (
	yearlySpells = .066 // spells with benefit that begin per person of working age and year
	spellMedian  = 76.0 // days
	spellSpread  = 1.38
)

// sickness makes a person's sickness spells.
func (w *World) sickness(p Person, out []Row) []Row {
	d := w.cfg.roll(saltSick, uint64(p))
	track := int64(p)*1000 + 1
	if w.cfg.SickRows > 0 {
		return w.denseSickness(d, p, track, out)
	}
	rate := yearlySpells * d.skewed(.6, 1)
	if w.Woman[p] {
		rate *= 1.29
	} else {
		rate *= .71
	}
	begin := w.Birth[p].AddMonths(18 * 12)
	end := min(w.Birth[p].AddMonths(67*12), w.Death[p], horizon)
	free := day.Min // day after the spell before
	for at := max(begin, day.Of(2013, 1, 1), w.Arrived[p]); ; track++ {
		at += day.Day(d.wait(365/rate) + 5)
		if at >= end {
			return out
		}
		dg := diagnoses[d.pick(diagnosisWeights)]
		if dg.code == "O26" && !w.Woman[p] {
			dg = diagnoses[6]
		}
		median := spellMedian * dg.length
		if !w.Woman[p] {
			median *= .85
		}
		length := day.Day(min(d.skewed(median, spellSpread), 1500)) + 1
		out = w.told(track, at, free).tell(w.spell(d, p, track, at, min(at+length, end), dg.code, out), len(out))
		at += length
		free = at
	}
}

// denseSickness makes about SickRows rows for the person, whatever their age.
func (w *World) denseSickness(d dice, p Person, track int64, out []Row) []Row {
	first := len(out)
	start := w.cfg.start()
	span := float64(w.cfg.At() - start)
	want := d.between(w.cfg.SickRows/2, w.cfg.SickRows*3/2)
	for at := start + day.Day(d.wait(60)); len(out)-first < want && at < horizon; track++ {
		dg := diagnoses[d.pick(diagnosisWeights)]
		length := day.Day(min(d.skewed(70, 1), 900)) + 1
		out = w.spell(d, p, track, at, at+length, dg.code, out)
		at += length + 5 + day.Day(d.wait(max(span/float64(want)*2.6-45, 8)))
	}
	return out
}

// spell makes the payments of one sickness spell with benefit on the days
// [from, to): about a month at a time, with extents that fall towards the end,
// and at times another benefit of the four for a while.
func (w *World) spell(d dice, p Person, track int64, from, to day.Day, code string, out []Row) []Row {
	insured := []string{"8", "2", "5", "6", "4", "9"}[d.pick([]float64{80, 9, 5, 3, 2, 1})]
	daily := int64(min(d.skewed(620, .3), 1100)) * 100
	extent, step := uint16(1000), d.chance(.55)
	if d.chance(.15) {
		extent = 500
	}
	benefit, level, begin, missing := "SJP", "N", from, code == ""
	special := day.Day(0) // first day of another benefit, 0 = none
	if to-from > 60 && d.chance(.14) {
		special = from + day.Day(d.between(30, int(to-from)-15))
	}
	if d.chance(.02) {
		benefit = "FSP"
	}
	for at := from; at < to; {
		last := min(at+day.Day(d.between(12, 31)), to) - 1
		if benefit == "SJP" && special != 0 && at >= special {
			benefit = []string{"RHP", "ASP", "FSP"}[d.pick([]float64{75, 15, 10})]
			track++
		}
		if at-begin > 364 {
			level = "F"
		}
		if step && to-at < 75 && extent > 250 && d.chance(.4) {
			extent -= 250
		}
		dg := code
		if missing && at > from && d.chance(.3) {
			missing, dg = false, "R69"
		}
		r := Row{
			Person: p, Child: Nobody, Track: track, From: at, Tom: last, Extent: extent, Benefit: benefit, Level: level, Insured: insured, Diagnosis: dg,
			Amount: daily * int64(extent) / 1000 * int64(last-at+1),
		}
		r.Tx = d.decided(last)
		if at == from {
			r.Tx += day.Day(d.wait(9)) // the first decision takes longer
		}
		r.Paid = r.Tx + day.Day(d.between(1, 4))
		out = w.accidents(d, r, out)
		at = last + 1
		switch {
		case d.chance(.03):
			at += day.Day(d.between(1, 4)) // a few free days: the same spell
		case d.chance(.012) && at-3 > from:
			at -= 3 // paid twice, in a case of its own
			track++
		}
	}
	return out
}
