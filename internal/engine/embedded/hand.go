package embedded

import (
	"slices"

	"sluss/internal/day"
	"sluss/internal/episode"
	"sluss/internal/register/cells"
)

// hand is the rows of the person at hand: the columns that are looked at for
// every row, copied out of the snapshot, where they lie in fewer bytes and far
// apart. Row k is row lo+k of the table. Columns that the table lacks are nil.
type hand struct {
	r       *rowReader
	lo, n   int
	from    []day.Day
	tom     []day.Day
	extent  []uint16
	amount  []int64
	benefit []uint16
	kind    []uint16
}

// hold reads the rows [lo, hi), unless they are at hand already.
func (h *hand) hold(r *rowReader, lo, hi int) {
	if h.r == r && h.lo == lo && h.n == hi-lo {
		return
	}
	h.r, h.lo, h.n = r, lo, hi-lo
	r.near.touch(lo, hi)
	h.from, h.tom = take(h.from, r.from, lo, hi), take(h.tom, r.tom, lo, hi)
	h.extent, h.amount = take(h.extent, r.extent, lo, hi), take(h.amount, r.amount, lo, hi)
	h.benefit, h.kind = take(h.benefit, r.benefit, lo, hi), take(h.kind, r.kind, lo, hi)
}

// take reads cells into dst's memory.
func take[T cells.Cell](dst []T, c *cells.Column[T], lo, hi int) []T {
	if c == nil {
		return nil
	}
	dst = slices.Grow(dst[:0], hi-lo)[:hi-lo]
	c.Read(dst, lo)
	return dst
}

// days returns the days of row k; to is day.Open for a row without an end.
func (h *hand) days(k int) (from, to day.Day) {
	from = h.from[k]
	switch {
	case h.r.oneDay:
		return from, from + 1
	case h.tom[k] == noDay:
		return from, day.Open
	}
	return from, h.tom[k] + 1
}

// test returns the first reason for which row k cannot be used, in the order
// of the kernel's. Rows without days (one per person) are always usable.
func (h *hand) test(k int) episode.Reason {
	if h.from == nil {
		return episode.Accepted
	}
	from, to := h.days(k)
	switch {
	case h.benefit != nil && !h.r.known[h.benefit[k]].listed:
		return episode.MissingBenefit
	case from == noDay || from >= to:
		return episode.FromAfterTom
	case h.extent != nil && !known(h.extent[k]):
		return episode.UnknownExtent
	case to == day.Open && h.amount != nil && h.amount[k] != 0 && h.amount[k] != noInt64:
		return episode.OpenAmount
	}
	return episode.Accepted
}

// counts reports whether row k was known and passes the filters.
func (h *hand) counts(k int) bool { return h.r.counts(h.lo + k) }

// nearby are columns that are about to be read. The rows of a person lie far from those
// of the person before, in every column: asked for all at once, they come together.
type nearby []interface{ Touch(lo, hi int) byte }

func (n nearby) touch(lo, hi int) {
	for _, c := range n {
		c.Touch(lo, hi)
	}
}

// near adds a column, where there is one.
func near[T cells.Cell](to *nearby, c *cells.Column[T]) {
	if c != nil {
		*to = append(*to, c)
	}
}
