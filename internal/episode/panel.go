package episode

import (
	"math"
	"math/bits"

	"sluss/internal/day"
)

// Cell is one key in one period. A cell exists if Days > 0 or Amount ≠ 0.
type Cell struct {
	Key    uint32
	Period int32 // as numbered by the Unit
	Days   int32 // covered days
	Net    int64 // thousandths of a day
	Amount int64 // öre; reversals count negative
}

// Panel appends the cells of the last Deliver to dst, by key and period.
//
// Days are those of the delivered spells. Amounts are independent of them:
// every live row, payment or reversal, is spread over its own days whoever
// decides them (S24), and the shares that fall in the window count, whatever
// Mode and History. Options.KeepSubspell and KeepSpell narrow both.
//
// Sums of amounts must fit 63 bits; the caller sees to that. For several units
// at once take the finest here and the others from [Coarsen].
func (k *Kernel) Panel(unit Unit, dst []Cell) []Cell {
	cal := &k.calendars[unit]
	if cal.end == 0 && cal.table == nil {
		*cal = newCalendar(unit)
	}
	p := panel{k: k, cal: cal, out: dst, unfiltered: k.opt.KeepSubspell == nil && k.opt.KeepSpell == nil}
	sub := 0
	for i := range k.runs {
		r := &k.runs[i]
		from, start := sub, len(p.out)
		for sub < len(k.shown) && k.shown[sub].Key == r.key {
			sub++
		}
		p.addRows(r)
		p.addDays(start, k.shown[from:sub])
		p.dropEmpty(start)
	}
	return p.out
}

// Coarsen appends the cells of a coarser unit to dst: the sums of cells, which
// [Kernel.Panel] made by unit from. Days go into every unit, months into
// quarters and years, quarters into years (S17).
func Coarsen(cells []Cell, from, to Unit, dst []Cell) []Cell {
	cal := calendar{unit: to}
	for i := 0; i < len(cells); {
		sum, end := cells[i], int32(0) // the first finer period that is not in the coarser
		switch {
		case from == ByMonth && to == ByYear:
			sum.Period = floorDiv(sum.Period, 12)
			end = sum.Period*12 + 12
		case from == ByMonth && to == ByQuarter:
			sum.Period = floorDiv(sum.Period, 3)
			end = sum.Period*3 + 3
		case from == ByQuarter && to == ByYear:
			sum.Period = floorDiv(sum.Period, 4)
			end = sum.Period*4 + 4
		default:
			cal.seek(from.Start(sum.Period))
			sum.Period, end = cal.period, from.Of(cal.end-1)+1
		}
		for i++; i < len(cells) && cells[i].Key == sum.Key && cells[i].Period < end; i++ {
			c := &cells[i]
			sum.Days += c.Days
			sum.Net += c.Net
			sum.Amount += c.Amount
		}
		if sum.Days != 0 || sum.Amount != 0 { // else they cancel out
			dst = append(dst, sum)
		}
	}
	return dst
}

// panel makes the cells of one key after the other. Rows come first: they open
// a cell for every period that they touch, and no day is covered without a
// row. Days find their cells made. What is empty in the end is dropped.
type panel struct {
	k          *Kernel
	cal        *calendar
	out        []Cell
	unfiltered bool
	kept       int32 // first sub-spell that may share days with the next row
	spread     spread
}

// addRows opens the cells of a key and adds amounts to them. Rows come by
// first day, so each begins within the stretch of consecutive cells that the
// rows before it opened, or after all of them.
func (p *panel) addRows(r *run) {
	w := p.k.window
	show := day.Span{From: w.From, To: w.To}
	if w.whole() {
		show = day.Span{From: math.MinInt32, To: day.Open}
	}
	p.kept = r.sub0
	items, rows, out, cal := p.k.items[r.item0:r.item1], p.k.rows, p.out, p.cal
	base, last := 0, int32(math.MinInt32)
	for i := range items {
		it := &items[i]
		from, to := max(it.from, show.From), min(it.to, show.To)
		if from >= to {
			continue
		}
		cal.seek(from)
		at := len(out)
		if cal.period > last {
			base = at
		} else {
			at = base + int(cal.period-out[base].Period)
		}
		row := &rows[it.row]
		amount := row.Amount
		if row.To == day.Open || it.twin || it.lead {
			amount = 0
		}
		// What lies whole in the window is spread at once; the rest with care.
		var s *spread
		if amount != 0 && (!p.unfiltered || row.From < w.From || row.To > w.To) {
			p.spread = spread{row: row, w: day.Span{From: w.From, To: w.To}, upTo: row.From}
			s = &p.spread
		}
		if row.Kind == Rev {
			amount = -amount
		}
		for done := int64(0); ; at++ {
			if at == len(out) {
				out = append(out, Cell{})
				out[at].Key, out[at].Period = r.key, cal.period
				last = cal.period
			}
			c, end := &out[at], min(to, cal.end)
			switch {
			case s != nil:
				c.Amount += p.amount(s, r, from, end)
			case end == to:
				c.Amount += amount - done
			case amount != 0:
				upTo := share(row, end)
				if row.Kind == Rev {
					upTo = -upTo
				}
				c.Amount += upTo - done
				done = upTo
			}
			if end == to {
				break
			}
			from = end
			cal.next()
		}
	}
	p.out = out
}

// spread is a row while its amount is spread over some of its days.
type spread struct {
	row *Row
	w   day.Span // days that count
	// share of the amount before day upTo, so that it is not worked out twice
	upTo day.Day
	done int64
}

// amount returns the share of a row on the days [from, to) of one period.
func (p *panel) amount(s *spread, r *run, from, to day.Day) (sum int64) {
	if p.unfiltered {
		return s.on(from, to)
	}
	subs := p.k.subs[:r.sub1]
	for p.kept < r.sub1 && subs[p.kept].To <= s.row.From {
		p.kept++
	}
	for _, b := range subs[p.kept:] {
		if b.From >= to {
			break
		}
		if b.To > from {
			sum += s.on(max(from, b.From), min(to, b.To))
		}
	}
	return sum
}

// on returns the signed share of the days [from, to) that count.
func (s *spread) on(from, to day.Day) int64 {
	from, to = max(from, s.w.From), min(to, s.w.To)
	if from >= to {
		return 0
	}
	if from != s.upTo {
		s.done = share(s.row, from)
	}
	before := s.done
	s.upTo, s.done = to, share(s.row, to)
	if s.row.Kind == Rev {
		return before - s.done
	}
	return s.done - before
}

// addDays adds the days of sub-spells of one key to its cells, out[start:].
func (p *panel) addDays(start int, subs []Subspell) {
	if len(subs) == 0 {
		return
	}
	cells, cal := p.out[start:], p.cal
	at, end := 0, cal.endOf(cells[0].Period)
	for i := range subs {
		b := &subs[i]
		for from := b.From; from < b.To; {
			for end <= from {
				at++
				end = cal.endOf(cells[at].Period)
			}
			n := min(b.To, end) - from
			c := &cells[at]
			c.Days += int32(n)
			c.Net += int64(n) * int64(b.Extent)
			from += n
		}
	}
}

func (p *panel) dropEmpty(start int) {
	n := start
	for i := start; i < len(p.out); i++ {
		if c := &p.out[i]; c.Days != 0 || c.Amount != 0 {
			if n != i {
				p.out[n] = *c
			}
			n++
		}
	}
	p.out = p.out[:n]
}

// share returns the part of row's amount on its days before d:
// ⌊amount · days before d / all days⌋ (S24).
func share(row *Row, d day.Day) int64 {
	k, n := uint64(d-row.From), uint64(row.To-row.From)
	switch {
	case k == 0:
		return 0
	case k == n:
		return row.Amount
	case row.Amount < 1<<40: // a row has fewer than 2^22 days
		return int64(uint64(row.Amount) * k / n)
	}
	hi, lo := bits.Mul64(uint64(row.Amount), k)
	q, _ := bits.Div64(hi, lo, n)
	return int64(q)
}
