package embedded

import (
	"sluss/internal/day"
	"sluss/internal/episode"
)

// wideLine is a line of the layout of 42 columns: a sub-spell, or the gap
// between two sub-spells of a spell (assumption A4). Days of the lines of a
// spell, gaps counted, add up to the days from its first to its last.
type wideLine struct {
	day.Span
	spell int32 // in the delivered spells
	sub   int32 // in the delivered sub-spells, −1 for a gap
	ore   int64
}

// days is how many days are covered: none of a gap.
func (l *wideLine) days() int32 {
	if l.sub < 0 {
		return 0
	}
	return int32(l.To - l.From)
}

// net is net days in thousandths.
func (l *wideLine) net(s *lines) int64 {
	if l.sub < 0 {
		return 0
	}
	return s.subs[l.sub].Net()
}

// widen makes the lines of the delivered spells, with what the rows of their
// keys have on the days of each.
func (w *worker) widen() {
	s := &w.spans
	s.wide, s.spread = s.wide[:0], s.spread[:0]
	for i := range s.spells {
		p := &s.spells[i]
		at := p.From
		for j := p.Sub0; j < p.Sub1; j++ {
			b := &s.subs[j]
			if at < b.From {
				s.wide = append(s.wide, wideLine{Span: day.Span{From: at, To: b.From}, spell: int32(i), sub: -1})
			}
			s.wide = append(s.wide, wideLine{Span: day.Span{From: b.From, To: b.To}, spell: int32(i), sub: j})
			at = b.To
		}
	}
	for i := range s.wide {
		s.spread = append(s.spread, s.wide[i].Span)
	}
	s.ore = s.ore[:0]
	for lo := 0; lo < len(s.wide); {
		key, hi := s.spells[s.wide[lo].spell].Key, lo
		for hi < len(s.wide) && s.spells[s.wide[hi].spell].Key == key {
			hi++
		}
		s.ore = w.k.Amounts(key, s.spread[lo:hi], s.ore)
		lo = hi
	}
	for i := range s.wide {
		// What a filter has taken away leaves no money behind (as in panels).
		if l := &s.wide[i]; l.sub >= 0 || len(w.ps.staged) == 0 {
			l.ore = s.ore[i]
		}
	}
}

func (w *worker) fillWide(c *column, dst []int64) {
	s := &w.spans
	for i := range s.wide {
		l := &s.wide[i]
		p := &s.spells[l.spell]
		switch c.op {
		case opFrom:
			dst[i] = int64(l.From)
		case opTom:
			dst[i] = tom(l.To, p.NoTom && l.To == p.To)
		case opDays:
			dst[i] = int64(l.days())
		case opGross:
			dst[i] = int64(l.To - l.From)
		case opNet:
			dst[i] = l.net(s)
		case opAmount:
			dst[i] = l.ore
		case opDayAmount:
			dst[i] = null
			if net := l.net(s); net > 0 {
				dst[i] = perDay(l.ore, net)
			}
		case opSpellFrom:
			dst[i] = int64(p.From)
		case opSpellTom:
			dst[i] = tom(p.To, p.NoTom)
		case opSpellDays:
			dst[i] = int64(p.Gross())
		case opExtent:
			dst[i] = 0
			if l.sub >= 0 {
				dst[i] = int64(s.subs[l.sub].Extent)
			}
		default: // opRows; a gap has no rows
			var part []episode.Subspell
			if l.sub >= 0 {
				part = w.subspellPart(int(l.sub))
			}
			dst[i] = w.aggregate(c, part, ever)
		}
	}
}

// perDay is öre by a whole day, whole öre towards zero; net is in thousandths.
func perDay(ore, net int64) int64 {
	whole, rest := ore/net, ore%net
	return whole*1000 + rest*1000/net
}
