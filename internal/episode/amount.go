package episode

import (
	"slices"

	"sluss/internal/day"
)

// Amounts appends to dst what the rows of a key have on each of some stretches
// of days: every live row, payment or reversal, is spread over its own days
// whoever decides them (S24), and the shares that fall in the window of the
// last Deliver count. Stretches are in the order of days and do not overlap;
// they need not be covered. Filters on sub-spells and spells are not looked at.
//
// Sums of amounts must fit 63 bits; the caller sees to that.
func (k *Kernel) Amounts(key uint32, stretches []day.Span, dst []int64) []int64 {
	start := len(dst)
	for range stretches {
		dst = append(dst, 0)
	}
	at := slices.IndexFunc(k.runs, func(r run) bool { return r.key == key })
	if at < 0 {
		return dst
	}
	first := 0
	for _, it := range k.items[k.runs[at].item0:k.runs[at].item1] {
		row := &k.rows[it.row]
		if it.twin || it.lead || row.To == day.Open || row.Amount == 0 {
			continue
		}
		// Rows come by first day: a stretch before this row is before the rest.
		for first < len(stretches) && stretches[first].To <= row.From {
			first++
		}
		s := spread{row: row, w: day.Span{From: k.window.From, To: k.window.To}, upTo: row.From}
		for i := first; i < len(stretches) && stretches[i].From < row.To; i++ {
			dst[start+i] += s.on(max(row.From, stretches[i].From), min(row.To, stretches[i].To))
		}
	}
	return dst
}
