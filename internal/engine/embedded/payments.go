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
	s, r, h := &w.spans, w.ps.rows, &w.hand
	s.pays = s.pays[:0]
	lo, hi := w.ps.src.Rows(w.person.Index)
	h.hold(r, lo, hi)
	w.twins = slices.Grow(w.twins[:0], h.n)[:h.n]
	clear(w.twins)
	count := s.o == w.ps.outputs[0] // rejected rows are counted once
	plain := r.src.Known == nil && len(r.tests) == 0
	for k := range h.n {
		if w.twins[k] || !plain && !h.counts(k) {
			continue
		}
		if reason := h.test(k); reason != episode.Accepted {
			if count {
				w.rejected[reason]++
			}
			continue
		}
		if h.from == nil {
			s.pays = append(s.pays, payment{row: int32(lo + k), extent: noExtent})
			continue
		}
		row := w.rowDays(k)
		if row.to <= s.win.From || row.from >= s.win.To {
			continue // and rows equal to it are outside, too
		}
		if k+1 < h.n && h.from[k+1] == h.from[k] {
			w.markTwins(k)
		}
		if p, ok := w.partOf(k, &row, row.from, row.to); ok {
			s.pays = append(s.pays, p)
		}
	}
	s.paid()
}

// paid notes the lines that there are and their rows.
func (s *lines) paid() {
	s.n = len(s.pays)
	s.rowsAt = s.rowsAt[:0]
	for i := range s.pays {
		s.rowsAt = append(s.rowsAt, s.pays[i].row)
	}
}

// markTwins marks the rows at hand after k that are equal to it in every column but
// the row number. They have the same first day and therefore lie close.
func (w *worker) markTwins(k int) {
	h := &w.hand
	for j := k + 1; j < h.n && h.from[j] == h.from[k]; j++ {
		if !w.twins[j] && h.counts(j) && same(h.r.content, h.lo+k, h.lo+j) {
			w.twins[j] = true
		}
	}
}

// rowDays are the days of a row, one without an end up to the day of the
// snapshot.
type rowDays struct {
	from, to day.Day
	open     bool
}

func (w *worker) rowDays(k int) rowDays {
	d := rowDays{}
	d.from, d.to = w.hand.days(k)
	if d.to == day.Open {
		d.to, d.open = w.p.src.Day, true
	}
	return d
}

// partOf returns what the window shows of the days [from, to) of row k at hand.
func (w *worker) partOf(k int, row *rowDays, from, to day.Day) (p payment, ok bool) {
	h, win := &w.hand, w.spans.win
	p = payment{row: int32(h.lo + k), extent: noExtent}
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
	if h.extent != nil {
		p.extent = h.extent[k]
	}
	if h.amount != nil && h.amount[k] != noInt64 {
		p.amount = h.amount[k]
		if p.from != row.from || p.to != row.to {
			p.amount = share(h.amount[k], p.to-row.from, row.to-row.from) - share(h.amount[k], p.from-row.from, row.to-row.from)
		}
		if h.kind != nil && h.r.reverse[h.kind[k]] {
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
	s, h := &w.spans, &w.hand
	s.pays = s.pays[:0]
	lo, hi := w.ps.src.Rows(w.person.Index)
	h.hold(w.ps.rows, lo, hi)
	w.apart = append(w.apart[:0], w.rows...)
	for n := range w.apart {
		w.apart[n].Key = w.apart[n].Key<<16 | uint32(h.benefit[int(w.at[n])-h.lo])
	}
	w.loose = episode.Unresolved(w.apart, w.p.src.Day, w.loose[:0])
	for _, c := range w.loose {
		k := int(w.at[c.Row]) - h.lo
		row := w.rowDays(k)
		if p, ok := w.partOf(k, &row, c.From, c.To); ok {
			s.pays = append(s.pays, p)
		}
	}
	s.paid()
}

func (w *worker) fillPayments(c *column, dst []int64) {
	for i := range w.spans.pays { // opRows
		dst[i] = c.col.value(int(w.spans.pays[i].row))
	}
}
