package episode

import (
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
// Sums of amounts must fit 63 bits; the caller sees to that.
func (k *Kernel) Panel(unit Unit, dst []Cell) []Cell {
	p := panel{k: k, out: dst, cells: k.pending[:0]}
	p.cal.unit = unit
	sub := 0
	for i := range k.runs {
		r := &k.runs[i]
		from := sub
		for sub < len(k.outSubs) && k.outSubs[sub].Key == r.key {
			sub++
		}
		p.run(r, k.outSubs[from:sub])
	}
	k.pending = p.cells[:0]
	return p.out
}

// panel collects the cells of one key at a time. Rows and sub-spells come by
// first day, so a period earlier than the one that the next begins in is
// finished.
type panel struct {
	k   *Kernel
	cal calendar
	out []Cell
	// cells[head:] are unfinished, of consecutive periods.
	cells []Cell
	head  int
	key   uint32
	kept  int32 // first sub-spell that may share days with the next row
}

func (p *panel) run(r *run, subs []Subspell) {
	p.key, p.kept = r.key, r.sub0
	items := p.k.items[r.item0:r.item1]
	w := p.k.window
	i, j := 0, 0
	for i < len(items) || j < len(subs) {
		if j < len(subs) && (i == len(items) || subs[j].From <= max(items[i].from, w.From)) {
			p.addDays(&subs[j])
			j++
			continue
		}
		it := &items[i]
		i++
		row := &p.k.rows[it.row]
		from, to := max(it.from, w.From), min(it.to, w.To)
		if row.Amount == 0 || row.To == day.Open || it.twin || from >= to {
			continue
		}
		p.open(from)
		if p.k.opt.KeepSubspell == nil && p.k.opt.KeepSpell == nil {
			p.addAmount(row, from, to)
			continue
		}
		p.addKept(row, from, to, r)
	}
	p.finish()
}

// addKept adds the shares of row on days of sub-spells that the filters left.
func (p *panel) addKept(row *Row, from, to day.Day, r *run) {
	subs := p.k.subs[:r.sub1]
	for p.kept < r.sub1 && subs[p.kept].To <= from {
		p.kept++
	}
	p.cell() // periods start here even if the first share lies later
	for _, b := range subs[p.kept:] {
		if b.From >= to {
			break
		}
		p.addAmount(row, max(from, b.From), min(to, b.To))
	}
}

func (p *panel) addDays(b *Subspell) {
	p.open(b.From)
	for from := b.From; from < b.To; from = p.cal.end {
		p.cal.seek(from)
		n := min(b.To, p.cal.end) - from
		c := p.cell()
		c.Days += int32(n)
		c.Net += int64(n) * int64(b.Extent)
	}
}

// addAmount adds the shares of row on the days [from, to).
func (p *panel) addAmount(row *Row, from, to day.Day) {
	sign := int64(1)
	if row.Kind == Rev {
		sign = -1
	}
	done := share(row, from)
	for from < to {
		p.cal.seek(from)
		from = min(to, p.cal.end)
		upTo := share(row, from)
		p.cell().Amount += sign * (upTo - done)
		done = upTo
	}
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

// open finishes the periods before that of d.
func (p *panel) open(d day.Day) {
	p.cal.seek(d)
	for p.head < len(p.cells) && p.cells[p.head].Period < p.cal.period {
		p.emit()
	}
	if p.head == len(p.cells) {
		p.head, p.cells = 0, p.cells[:0]
	}
}

// cell returns the cell of the calendar's period, which open has not passed.
func (p *panel) cell() *Cell {
	if p.head == len(p.cells) {
		p.cells = append(p.cells, Cell{Key: p.key, Period: p.cal.period})
	}
	at := p.head + int(p.cal.period-p.cells[p.head].Period)
	for len(p.cells) <= at {
		p.cells = append(p.cells, Cell{Key: p.key, Period: p.cells[len(p.cells)-1].Period + 1})
	}
	return &p.cells[at]
}

func (p *panel) emit() {
	if c := p.cells[p.head]; c.Days > 0 || c.Amount != 0 {
		p.out = append(p.out, c)
	}
	p.head++
}

func (p *panel) finish() {
	for p.head < len(p.cells) {
		p.emit()
	}
	p.head, p.cells = 0, p.cells[:0]
}
