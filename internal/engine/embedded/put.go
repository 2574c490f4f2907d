package embedded

import (
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/episode"
	"sluss/internal/parcel/format"
	"sluss/internal/register/cells"
)

// put appends the cells of a column to v as they are delivered. It knows what
// every line holds itself, and reports whether x is of that kind; what comes
// from rows is [worker.fill]'s.
func (w *worker) put(x op, v *format.Vector) bool {
	s := &w.spans
	switch {
	case x == opSelf && w.p.numbers == nil:
		all(more(&v.I64, s.n), w.person.Serial)
		return true
	case s.o.shape == catalog.ShapeSpell:
		return s.putSpells(x, v)
	case s.o.shape == catalog.ShapeSubspell:
		return s.putSubspells(x, v)
	case s.o.shape.Panel():
		return s.putCells(x, v)
	case s.o.shape.OfRows():
		return s.putPayments(x, v)
	}
	return false
}

func (s *lines) putPayments(x op, v *format.Vector) bool {
	switch x {
	case opFrom:
		each(more(&v.I32, s.n), s.pays, func(p *payment) int32 { return int32(p.from) })
	case opTom:
		each(more(&v.I32, s.n), s.pays, func(p *payment) int32 { return lastDay(p.to, p.noTom) })
	case opDays, opGross:
		each(more(&v.I32, s.n), s.pays, func(p *payment) int32 { return p.days() })
	case opNet:
		each(more(&v.I64, s.n), s.pays, func(p *payment) int64 { return p.net() })
	case opExtent:
		each(more(&v.I64, s.n), s.pays, func(p *payment) int64 { return int64(p.extent) })
	case opAmount:
		each(more(&v.I64, s.n), s.pays, func(p *payment) int64 { return p.amount })
	default:
		return false
	}
	return true
}

// putRows appends what the source's rows hold, where a line is a row: missing values
// are the same on both sides.
func (w *worker) putRows(c *column, v *format.Vector) bool {
	s := &w.spans
	if c.op != opRows || !s.o.shape.OfRows() {
		return false
	}
	switch {
	case c.col.Codes != nil:
		cells.Pick(more(&v.I32, s.n), c.col.Codes, s.rowsAt)
	case c.col.Days != nil:
		cells.Pick(more(&v.I32, s.n), c.col.Days, s.rowsAt)
	case c.col.Int32s != nil:
		cells.Pick(more(&v.I32, s.n), c.col.Int32s, s.rowsAt)
	case c.col.Int64s != nil:
		cells.Pick(more(&v.I64, s.n), c.col.Int64s, s.rowsAt)
	default:
		return false
	}
	return true
}

func (s *lines) putSpells(x op, v *format.Vector) bool {
	switch x {
	case opFrom:
		each(more(&v.I32, s.n), s.spells, func(p *episode.Spell) int32 { return int32(p.From) })
	case opTom:
		each(more(&v.I32, s.n), s.spells, func(p *episode.Spell) int32 { return lastDay(p.To, p.NoTom) })
	case opTrueFrom:
		each(more(&v.I32, s.n), s.spells, func(p *episode.Spell) int32 { return int32(p.TrueFrom) })
	case opTrueTom:
		each(more(&v.I32, s.n), s.spells, func(p *episode.Spell) int32 { return lastDay(p.TrueTo, p.Ongoing) })
	case opDays:
		each(more(&v.I32, s.n), s.spells, func(p *episode.Spell) int32 { return p.Days })
	case opGross:
		each(more(&v.I32, s.n), s.spells, func(p *episode.Spell) int32 { return p.Gross() })
	case opNet:
		each(more(&v.I64, s.n), s.spells, func(p *episode.Spell) int64 { return p.Net })
	case opSpellSeq:
		v.I32 = append(v.I32, s.spellSeq[:s.n]...)
	case opRank:
		v.I32 = append(v.I32, s.first[:s.n]...)
	case opLeftCut:
		each(more(&v.I32, s.n), s.spells, func(p *episode.Spell) int32 { return bit(p.LeftCut) })
	case opRightCut:
		each(more(&v.I32, s.n), s.spells, func(p *episode.Spell) int32 { return bit(p.RightCut) })
	case opOngoing:
		each(more(&v.I32, s.n), s.spells, func(p *episode.Spell) int32 { return bit(p.Ongoing) })
	default:
		return false
	}
	return true
}

func (s *lines) putSubspells(x op, v *format.Vector) bool {
	switch x {
	case opFrom:
		each(more(&v.I32, s.n), s.subs, func(b *episode.Subspell) int32 { return int32(b.From) })
	case opTom:
		each(more(&v.I32, s.n), s.subs, func(b *episode.Subspell) int32 { return lastDay(b.To, b.NoTom) })
	case opDays, opGross:
		each(more(&v.I32, s.n), s.subs, func(b *episode.Subspell) int32 { return b.Days() })
	case opNet:
		each(more(&v.I64, s.n), s.subs, func(b *episode.Subspell) int64 { return b.Net() })
	case opExtent:
		each(more(&v.I64, s.n), s.subs, func(b *episode.Subspell) int64 { return int64(b.Extent) })
	case opSpellSeq:
		each(more(&v.I32, s.n), s.subs, func(b *episode.Subspell) int32 { return s.spellSeq[b.Spell] })
	case opSeq:
		v.I32 = append(v.I32, s.seq[:s.n]...)
	case opRank:
		v.I32 = append(v.I32, s.first[:s.n]...)
	case opLeftCut:
		each(more(&v.I32, s.n), s.subs, func(b *episode.Subspell) int32 { return bit(s.spells[b.Spell].LeftCut) })
	case opRightCut:
		each(more(&v.I32, s.n), s.subs, func(b *episode.Subspell) int32 { return bit(s.spells[b.Spell].RightCut) })
	case opOngoing:
		each(more(&v.I32, s.n), s.subs, func(b *episode.Subspell) int32 { return bit(s.spells[b.Spell].Ongoing) })
	default:
		return false
	}
	return true
}

func (s *lines) putCells(x op, v *format.Vector) bool {
	switch x {
	case opPeriod:
		each(more(&v.I32, s.n), s.panel, func(c *episode.Cell) int32 { return c.Period })
	case opDays:
		each(more(&v.I32, s.n), s.panel, func(c *episode.Cell) int32 { return c.Days })
	case opNet:
		each(more(&v.I64, s.n), s.panel, func(c *episode.Cell) int64 { return c.Net })
	case opAmount:
		each(more(&v.I64, s.n), s.panel, func(c *episode.Cell) int64 { return c.Amount })
	case opSpells:
		each(more(&v.I32, s.n), s.counts, func(n *episode.SpellCount) int32 { return n.Spells })
	case opStarted:
		each(more(&v.I32, s.n), s.counts, func(n *episode.SpellCount) int32 { return n.Started })
	case opEnded:
		each(more(&v.I32, s.n), s.counts, func(n *episode.SpellCount) int32 { return n.Ended })
	default:
		return false
	}
	return true
}

// each sets dst to what of says about every line. It is small, so that the
// compiler puts it and of in the place of the call.
func each[V int32 | int64, L any](dst []V, lines []L, of func(*L) V) {
	for i := range dst {
		dst[i] = of(&lines[i])
	}
}

// more makes cells n longer and returns the new ones.
func more[V int32 | int64](cells *[]V, n int) []V {
	old := len(*cells)
	*cells = slices.Grow(*cells, n)[:old+n]
	return (*cells)[old:]
}

// widen sets dst to the cells of v among cells of 64 bits.
func widen(v *format.Vector, dst []int64) {
	if len(v.I64) > 0 {
		copy(dst, v.I64)
		return
	}
	for i, x := range v.I32 {
		dst[i] = int64(x)
		if x == format.Null32 {
			dst[i] = null
		}
	}
}
