package embedded

import (
	"math/bits"
	"slices"

	"sluss/internal/day"
	"sluss/internal/episode"
)

// payment is a delivered row of a register.
//
// A row is cut to the window like a spell is: what it says of days outside
// must not leave, so first and last day, days, net days and amount are those
// of its part in the window. Amounts are split as in panels (S24), so the
// amounts of a window and of the next add up. Equal rows count once (S2).
type payment struct {
	row      int32
	from, to day.Day // in the window; equal in tables of one row per person
	noTom    bool    // the row has no end and none is known in the window
	extent   uint16
	amount   int64 // of the part, negative in a reversal
}

func (p *payment) days() int32 { return int32(p.to - p.from) }

// net returns the net days in thousandths. Rows of tables without extents have
// none.
func (p *payment) net() int64 {
	if p.extent == noExtent {
		return 0
	}
	return int64(p.to-p.from) * int64(p.extent)
}

// payments works out the lines of the person at hand.
func (w *worker) payments() {
	s, r := &w.spans, w.ps.rows
	s.pays = s.pays[:0]
	lo, hi := w.ps.src.Rows(w.person.Index)
	w.twins = slices.Grow(w.twins[:0], hi-lo)[:hi-lo]
	clear(w.twins)
	count := s.o == w.ps.outputs[0] // rejected rows are counted once
	plain := r.src.Known == nil && len(r.tests) == 0
	for i := lo; i < hi; i++ {
		if w.twins[i-lo] || !plain && !r.counts(i) {
			continue
		}
		if reason := r.test(i); reason != episode.Accepted {
			if count {
				w.rejected[reason]++
			}
			continue
		}
		if r.from == nil {
			s.pays = append(s.pays, payment{row: int32(i), extent: noExtent})
			continue
		}
		row := w.rowDays(i)
		if row.to <= s.win.From || row.from >= s.win.To {
			continue // and rows equal to it are outside, too
		}
		if i+1 < hi && r.from[i+1] == r.from[i] {
			w.markTwins(i, lo, hi)
		}
		if p, ok := w.partOf(i, &row, row.from, row.to); ok {
			s.pays = append(s.pays, p)
		}
	}
	s.n = len(s.pays)
}

// markTwins marks the rows after i that are equal to it in every column but
// the row number. They have the same first day and therefore lie close.
func (w *worker) markTwins(i, lo, hi int) {
	r := w.ps.rows
	for j := i + 1; j < hi && r.from[j] == r.from[i]; j++ {
		if !w.twins[j-lo] && r.counts(j) && same(r.content, i, j) {
			w.twins[j-lo] = true
		}
	}
}

// rowDays are the days of a row, one without an end up to the day of the
// snapshot.
type rowDays struct {
	from, to day.Day
	open     bool
}

func (w *worker) rowDays(i int) rowDays {
	d := rowDays{}
	d.from, d.to = w.ps.rows.days(i)
	if d.to == day.Open {
		d.to, d.open = w.p.src.Day, true
	}
	return d
}

// partOf returns what the window shows of the days [from, to) of row i.
func (w *worker) partOf(i int, row *rowDays, from, to day.Day) (p payment, ok bool) {
	r, win := w.ps.rows, w.spans.win
	p = payment{row: int32(i), extent: noExtent}
	open := row.open && to == row.to
	if from >= to || to <= win.From || from >= win.To {
		return p, false
	}
	switch win.Mode {
	case episode.StartIn:
		if from < win.From {
			return p, false
		}
	case episode.EndIn:
		if to > win.To || open {
			return p, false
		}
	}
	p.from, p.to = max(from, win.From), min(to, win.To)
	if win.History == episode.Reveal && win.Mode != episode.Clip {
		p.from, p.to = from, to
	}
	p.noTom = open && p.to == to
	if r.extent != nil {
		p.extent = r.extent[i]
	}
	if r.amount != nil && r.amount[i] != noInt64 {
		p.amount = r.amount[i]
		if p.from != row.from || p.to != row.to {
			p.amount = share(r.amount[i], p.to-row.from, row.to-row.from) - share(r.amount[i], p.from-row.from, row.to-row.from)
		}
		if r.kind != nil && r.reverse[r.kind[i]] {
			p.amount = -p.amount
		}
	}
	return p, true
}

// share returns ⌊amount · k / n⌋ for 0 ≤ k ≤ n (S24).
func share(amount int64, k, n day.Day) int64 {
	hi, lo := bits.Mul64(uint64(amount), uint64(k))
	q, _ := bits.Div64(hi, lo, uint64(n))
	return int64(q)
}

// corrections works out the days on which reversals of the person at hand meet
// no payment to take back (assumption A6), each a part of its reversal. Benefits
// that form spells together are told apart, as are the keys of a spell group.
func (w *worker) corrections() {
	s, r := &w.spans, w.ps.rows
	s.pays = s.pays[:0]
	w.apart = append(w.apart[:0], w.rows...)
	for n := range w.apart {
		w.apart[n].Key = w.apart[n].Key<<16 | uint32(r.benefit[w.at[n]])
	}
	w.loose = episode.Unresolved(w.apart, w.p.src.Day, w.loose[:0])
	for _, c := range w.loose {
		i := int(w.at[c.Row])
		row := w.rowDays(i)
		if p, ok := w.partOf(i, &row, c.From, c.To); ok {
			s.pays = append(s.pays, p)
		}
	}
}

func (w *worker) fillPayments(c *column, dst []int64) {
	for i := range w.spans.pays { // opRows
		dst[i] = c.col.value(int(w.spans.pays[i].row))
	}
}
