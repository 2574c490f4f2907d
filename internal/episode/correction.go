package episode

import (
	"cmp"
	"slices"

	"sluss/internal/day"
)

// Correction is a stretch of days on which a reversal met no payment to take
// back (assumption A6): what a table of unresolved corrections tells. It changes
// no day and no amount; those follow from the order of rows alone (S4, S24).
type Correction struct {
	Row      int32   // in the rows that were given
	From, To day.Day // [From, To), touching days
	Amount   int64   // öre of the reversal that fall on these days
}

// Unresolved pairs the reversals of one person with payments, key by key and
// day by day, and appends to dst the days that are left over, in the order of
// key, Tx, RowID and day. Rows are as [Kernel.Build] takes them.
//
// A reversal takes back, of the earlier payments that cover the day, the latest
// whose amount on that day is not yet taken back and is no less than its own, an
// öre apart at most: amounts are spread over a row's days as in panels (S24), so
// that a part of a payment, taken back, can have an öre more on a day than the
// payment. Earlier is what the
// kernel holds to be earlier: of equal Tx a payment comes after a reversal. Rows
// that are equal but for their RowID are one (S2). Rows without an end reach to
// the horizon and have no amount.
//
// Source: reference domain §1.3, assumption A6; no public rule was found.
func Unresolved(rows []Row, horizon day.Day, dst []Correction) []Correction {
	order := make([]int32, 0, len(rows))
	for i := range rows {
		order = append(order, int32(i))
	}
	slices.SortFunc(order, func(a, b int32) int {
		if c := cmp.Compare(rows[a].Key, rows[b].Key); c != 0 {
			return c
		}
		return inTrack(&rows[b], &rows[a]) // the one that decides last
	})
	order = onlyOnce(rows, order)
	for lo, hi := 0, 0; lo < len(order); lo = hi {
		for hi = lo + 1; hi < len(order) && rows[order[hi]].Key == rows[order[lo]].Key; hi++ {
		}
		dst = unresolvedOf(rows, order[lo:hi], horizon, dst)
	}
	return dst
}

// onlyOnce keeps, of rows that are equal but for their RowID, the last.
func onlyOnce(rows []Row, order []int32) []int32 {
	last := map[Row]int32{}
	bare := func(i int32) Row { r := rows[i]; r.RowID = 0; return r }
	for _, i := range order {
		if old, met := last[bare(i)]; !met || rows[i].RowID > rows[old].RowID {
			last[bare(i)] = i
		}
	}
	return slices.DeleteFunc(order, func(i int32) bool { return last[bare(i)] != i })
}

// Rounding is how many öre two amounts of a day may differ by and still be the
// same.
const Rounding = 1

// ledge is what is left of a payment on each of its days.
type ledge struct {
	span day.Span
	left []int64 // öre; -1 where it has been taken back
}

// unresolvedOf goes through the rows of one key, the earliest first.
func unresolvedOf(rows []Row, order []int32, horizon day.Day, dst []Correction) []Correction {
	var paid []ledge
	for _, i := range order {
		r := &rows[i]
		span := day.Span{From: r.From, To: min(r.To, horizon)}
		if r.To != day.Open {
			span.To = r.To
		}
		if r.Kind == Pay {
			paid = append(paid, ledge{span, daily(r, span)})
			continue
		}
		from := len(dst)
		for k, own := range daily(r, span) {
			d := span.From + day.Day(k)
			if takeBack(paid, d, own) {
				continue
			}
			if n := len(dst); n > from && dst[n-1].To == d {
				dst[n-1].To, dst[n-1].Amount = d+1, dst[n-1].Amount+own
				continue
			}
			dst = append(dst, Correction{Row: i, From: d, To: d + 1, Amount: own})
		}
	}
	return dst
}

// takeBack takes an amount from the latest payment that covers the day and has
// it left.
func takeBack(paid []ledge, d day.Day, own int64) bool {
	for i := range slices.Backward(paid) {
		p := &paid[i]
		if d < p.span.From || d >= p.span.To {
			continue
		}
		left := &p.left[d-p.span.From]
		if *left < 0 || *left < own-Rounding {
			continue
		}
		if *left -= own; *left <= Rounding {
			*left = -1
		}
		return true
	}
	return false
}

// daily are a row's öre on each of its first days.
func daily(r *Row, span day.Span) []int64 {
	if span.To <= span.From {
		return nil
	}
	out := make([]int64, span.To-span.From)
	if r.To == day.Open || r.Amount == 0 {
		return out
	}
	before := int64(0)
	for k := range out {
		upTo := share(r, span.From+day.Day(k)+1)
		out[k], before = upTo-before, upTo
	}
	return out
}
