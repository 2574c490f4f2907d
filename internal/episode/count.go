package episode

import "sluss/internal/day"

// SpellCount is how many spells of a key a period has: those with a day in it,
// gap days counted, and of them those that begin and those that end there. A spell
// that lies over both ends of the period is one of Spells and neither Started nor
// Ended, so counts of periods do not add up to those of a longer one.
//
// Source: SCB, LISA bakgrundsfakta 1990–2017, appendix 5 (SjukFall_Antal,
// SjukFall_Startade and SjukFall_Avslutade, with five examples).
type SpellCount struct{ Spells, Started, Ended int32 }

// CountSpells appends the counts of cells to dst, one for each. Spells and cells are
// those of one window w and unit, both by key and then in time, as [Kernel.Deliver]
// and [Kernel.Panel] give them; a cell of a key without spells has none.
//
// What the window cuts off has not been seen: a spell that began before the window
// does not start in it, one that goes on after it, or is going on at the horizon,
// does not end.
func CountSpells(cells []Cell, spells []Spell, unit Unit, w Window, dst []SpellCount) []SpellCount {
	lo := 0
	for i := range cells {
		c := &cells[i]
		period := day.Span{From: unit.Start(c.Period), To: unit.Start(c.Period + 1)}
		for lo < len(spells) && (spells[lo].Key < c.Key || spells[lo].Key == c.Key && spells[lo].To <= period.From) {
			lo++
		}
		var n SpellCount
		for k := lo; k < len(spells) && spells[k].Key == c.Key && spells[k].From < period.To; k++ {
			s := &spells[k]
			n.Spells++
			if s.From >= period.From && (!s.LeftCut || w.whole()) {
				n.Started++
			}
			if s.To <= period.To && !s.Ongoing && (!s.RightCut || w.whole()) {
				n.Ended++
			}
		}
		dst = append(dst, n)
	}
	return dst
}
