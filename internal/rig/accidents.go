package rig

import "sluss/internal/day"

// decided is the day a payment is registered: after the last day paid for,
// soon for most, late for some. It makes coverage pass 95 per cent about three
// months after a month's end (assumption A10).
func (d dice) decided(last day.Day) day.Day {
	switch x := d.Float64(); {
	case x < .52:
		return last + 2 + day.Day(d.wait(7))
	case x < .80:
		return last + 15 + day.Day(d.wait(16))
	case x < .935:
		return last + 30 + day.Day(d.wait(25))
	default:
		return last + 45 + day.Day(d.wait(75))
	}
}

// rates of accidents in registers.
const (
	reversed   = .035  // of payments
	replaced   = .7    // of reversals: paid again, otherwise
	lagging    = .3    // of rows in the year after a change of number: the old number
	misspelled = .0001 // of rows: a number that nobody has
)

// accidents appends what befalls the payment r later: that it is taken back,
// and perhaps made again with another extent or fewer days. It also decides
// whether the source got the number wrong.
func (w *World) accidents(d dice, r Row, out []Row) []Row {
	list := w.numbers[r.Person]
	if last := list[len(list)-1].From; len(list) > 1 && r.Tx >= last && r.Tx < last+365 && d.chance(lagging) {
		r.OldNumber = true
	}
	r.Typo = d.chance(misspelled)
	out = append(out, r)
	if r.Amount == 0 || !d.chance(reversed) {
		return out
	}
	back := r
	back.Reversal = true
	back.Tx = r.Tx + 5 + day.Day(d.wait(60))
	back.Paid = back.Tx + 2
	out = append(out, back)
	if !d.chance(replaced) {
		return out
	}
	again := back
	again.Reversal = false // of the same day as the reversal: a payment wins
	switch days := again.Tom - again.From + 1; {
	case days > 3 && d.chance(.5):
		cut := day.Day(1 + d.IntN(int(days)/2))
		again.Tom -= cut
		again.Amount = r.Amount * int64(days-cut) / int64(days)
	case r.Extent > 250 && d.chance(.7):
		again.Extent = map[uint16]uint16{1000: 500, 750: 500, 500: 250}[r.Extent]
		again.Amount = r.Amount * int64(again.Extent) / int64(r.Extent)
	default:
		again.Amount = r.Amount * 95 / 100
	}
	return append(out, again)
}
