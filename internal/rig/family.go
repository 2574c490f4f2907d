package rig

import "sluss/internal/day"

// parental makes a parent's parental benefit, child by child.
func (w *World) parental(p Person, out []Row) []Row {
	d := w.cfg.roll(saltParental, uint64(p))
	scale := 545.0
	if !w.Woman[p] {
		scale = 745
	}
	daily := int64(min(d.skewed(scale, .28), 1300)) * 100
	var busy day.Day // one child at a time
	for k, c := range w.Kids[p] {
		lv := leave{w: w, d: d, p: p, c: c, track: int64(p)*1000 + int64(k)*20 + 1, daily: daily}
		var at day.Day
		if w.Woman[p] {
			lv.days = d.between(230, 330)
			at = max(busy, w.Birth[c]-day.Day(d.between(0, 25)))
		} else {
			lv.days = int(d.skewed(72, .75))
			at = max(busy, w.Birth[c]+day.Day(d.between(150, 420)))
		}
		if d.chance(.07) {
			lv.days /= 12 // hardly any
		}
		out, busy = lv.main(at, out)
		out = lv.later(busy, out)
	}
	return out
}

// leave is one parent's leave with one child.
type leave struct {
	w     *World
	d     dice
	p, c  Person
	track int64
	daily int64
	days  int // left to draw in the main part
}

// main draws the long leave from at on: whole months, or working weeks.
func (l *leave) main(at day.Day, out []Row) ([]Row, day.Day) {
	weekly := l.d.chance(.4)
	extent := uint16(1000)
	for l.days > 0 && at < horizon {
		n := min(l.days, 30)
		if weekly {
			n = min(l.days, 5)
		}
		if l.d.chance(.05) {
			extent = []uint16{1000, 750, 500, 250, 125}[l.d.pick([]float64{70, 8, 12, 6, 4})]
		}
		out = l.pay(at, n, extent, out)
		l.days -= n
		at += day.Day(n)
		if weekly {
			at += 2
		}
	}
	return out, at
}

// later draws scattered days until the child is twelve.
func (l *leave) later(from day.Day, out []Row) []Row {
	born := l.w.Birth[l.c]
	chance, mean := .19, 57.0
	if !l.w.Woman[l.p] {
		chance, mean = .155, 47
	}
	for year := range 11 {
		lo := max(born.AddMonths(12*year+12), from)
		if year > 7 {
			chance *= .7
		}
		if lo >= horizon || !l.d.chance(chance) {
			continue
		}
		for left := 1 + l.d.wait(mean); left > 0; {
			n := min(left, l.d.between(1, 10))
			at := lo + day.Day(l.d.IntN(330))
			extent := []uint16{1000, 500, 250, 125}[l.d.pick([]float64{88, 5, 4, 3})]
			out = l.pay(at, n, extent, out)
			left -= n
		}
	}
	return out
}

func (l *leave) pay(at day.Day, days int, extent uint16, out []Row) []Row {
	if at >= l.w.Death[l.p] || at >= l.w.Death[l.c] {
		return out
	}
	level, daily := "S", l.daily
	switch l.d.pick([]float64{82, 6, 12}) {
	case 1:
		level, daily = "G", 250_00
	case 2:
		level, daily = "L", 180_00
	}
	r := Row{
		Person: l.p, Child: l.c, Track: l.track, From: at, Tom: at + day.Day(days) - 1, Extent: extent, Benefit: "FP", Level: level,
		Amount: daily * int64(extent) / 1000 * int64(days),
	}
	r.Tx = l.d.decided(r.Tom)
	r.Paid = r.Tx + day.Day(l.d.between(1, 4))
	return l.w.accidents(l.d, r, out)
}

// temporary makes a parent's days with temporary parental benefit: when a
// child is ill, and for the other parent ten days when it is born.
func (w *World) temporary(p Person, out []Row) []Row {
	d := w.cfg.roll(saltTemporary, uint64(p))
	share := 1.3
	if !w.Woman[p] {
		share = .47
	}
	share *= d.skewed(.75, .8)
	daily := int64(min(d.skewed(980, .2), 1250)) * 100
	for k, c := range w.Kids[p] {
		track := int64(p)*1000 + int64(k)*100 + 1
		day1 := func(at day.Day, benefit string, extent uint16, tx day.Day) {
			if at >= w.Death[p] || at >= w.Death[c] || at >= horizon {
				return
			}
			r := Row{Person: p, Child: c, Track: track, From: at, Tom: at, Extent: extent, Benefit: benefit, Tx: tx, Paid: tx + 3, Amount: daily * int64(extent) / 1000}
			out = w.accidents(d, r, out)
		}
		if !w.Woman[p] && d.chance(.82) {
			at := w.Birth[c] + day.Day(d.IntN(20))
			tx := d.decided(at + 14)
			for i := range 10 {
				day1(at+day.Day(i/5*7+i%5), "TIO", 1000, tx)
			}
		}
		serious := d.chance(.003)
		for age := range 16 {
			mean := 3.6 * share
			switch {
			case age == 0:
				continue
			case age > 11:
				mean = .05
			case age > 5:
				mean = 1.6 * share
			}
			if serious && age > 3 {
				mean += 25
			}
			for left := d.wait(mean + .35); left > 0; track++ {
				n := min(left, d.between(1, 4))
				at := w.Birth[c].AddMonths(12*age) + day.Day(d.IntN(360))
				benefit := "VAB"
				switch {
				case serious && age > 3:
					benefit = "ALLV"
				case age > 11:
					benefit = "VAB12"
				}
				extent := []uint16{1000, 750, 500, 250, 125}[d.pick([]float64{84, 3, 9, 2, 2})]
				tx := d.decided(at + day.Day(n))
				for i := range n {
					day1(at+day.Day(i), benefit, extent, tx)
				}
				left -= n
			}
		}
	}
	return out
}
