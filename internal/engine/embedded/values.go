package embedded

import (
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/episode"
	"sluss/internal/parcel/format"
)

// fill sets dst to the values of column c, one per line; null where missing.
func (w *worker) fill(c *column, dst []int64) error {
	s := &w.spans
	switch c.op {
	case opSelf:
		v := w.person.Serial
		if w.p.numbers != nil {
			v = int64(w.p.numberOf[w.person.Index])
		}
		all(dst, v)
		return nil
	case opGroup:
		all(dst, codeOrNull(w.p.groups[c.group].code[w.place]))
		return nil
	case opAbsent:
		all(dst, null)
		return nil
	case opStart:
		all(dst, int64(s.win.From))
		return nil
	case opAnchor:
		v := null
		if a := w.person.Anchors[c.anchor]; a.Set {
			v = int64(a.Day)
		}
		all(dst, v)
		return nil
	}
	w.typed.I32, w.typed.I64 = w.typed.I32[:0], w.typed.I64[:0]
	if w.put(c.op, &w.typed) {
		widen(&w.typed, dst)
		return nil
	}
	switch s.o.shape {
	case catalog.ShapeSpell:
		w.fillSpells(c, dst)
	case catalog.ShapeSubspell:
		w.fillSubspells(c, dst)
	case catalog.ShapeLayout:
		w.fillWide(c, dst)
	case catalog.ShapePayment, catalog.ShapeCorrection:
		w.fillPayments(c, dst)
	default:
		w.fillCells(c, dst)
	}
	if c.person || c.employer {
		name := w.p.other
		if c.employer {
			name = w.p.employer
		}
		for i, v := range dst {
			n, err := name(v)
			if err != nil {
				return err
			}
			dst[i] = n
		}
	}
	return nil
}

func all(dst []int64, v int64) {
	for i := range dst {
		dst[i] = v
	}
}

func codeOrNull(code int32) int64 {
	if code == 0 {
		return null
	}
	return int64(code)
}

func bit(on bool) int32 {
	if on {
		return 1
	}
	return 0
}

// lastDay is the last day before to, missing where the end is not known.
func lastDay(to day.Day, none bool) int32 {
	if none {
		return format.Null32
	}
	return int32(to) - 1
}

// tom is the same among cells of 64 bits.
func tom(to day.Day, none bool) int64 {
	if none {
		return null
	}
	return int64(to) - 1
}

func (w *worker) fillSpells(c *column, dst []int64) {
	for i := range w.spans.spells { // opRows
		dst[i] = w.aggregate(c, w.spellParts(&w.spans.spells[i]), ever)
	}
}

// ever is all days.
var ever = day.Span{From: -1 << 31, To: day.Open}

// spellParts returns the sub-spells that a spell's attributes come from: those
// delivered, or of the uncut spell where its history may be seen (S12).
func (w *worker) spellParts(p *episode.Spell) []episode.Subspell {
	if w.spans.win.History == episode.Reveal {
		spells, subs := w.k.Uncut()
		u := &spells[p.Uncut]
		return subs[u.Sub0:u.Sub1]
	}
	return w.spans.subs[p.Sub0:p.Sub1]
}

func (w *worker) fillSubspells(c *column, dst []int64) {
	for i := range w.spans.subs { // opRows
		dst[i] = w.aggregate(c, w.subspellPart(i), ever)
	}
}

// subspellPart returns sub-spell i, or the uncut one that it is cut from where
// its history may be seen.
func (w *worker) subspellPart(i int) []episode.Subspell {
	s := &w.spans
	b := &s.subs[i]
	if s.win.History == episode.Reveal {
		spells, subs := w.k.Uncut()
		u := &spells[s.spells[b.Spell].Uncut]
		for j := u.Sub0; j < u.Sub1; j++ {
			if subs[j].From <= b.From && b.From < subs[j].To {
				return subs[j : j+1]
			}
		}
	}
	return s.subs[i : i+1]
}

func (w *worker) fillCells(c *column, dst []int64) {
	s := &w.spans
	at := 0
	for i := range s.panel {
		cell := &s.panel[i]
		switch c.op {
		case opKey:
			dst[i] = null
			if cell.Key != noKey {
				dst[i] = c.col.value(int(w.keyAt[cell.Key]))
			}
		default: // opExtent, opRows: of the delivered days in the period
			days := day.Span{From: s.o.unit.Start(cell.Period), To: s.o.unit.Start(cell.Period + 1)}
			for at < len(s.subs) && (s.subs[at].Key < cell.Key || s.subs[at].Key == cell.Key && s.subs[at].To <= days.From) {
				at++
			}
			end := at
			for end < len(s.subs) && s.subs[end].Key == cell.Key && s.subs[end].From < days.To {
				end++
			}
			if c.op == opRows {
				dst[i] = w.aggregate(c, s.subs[at:end], days)
				continue
			}
			dst[i] = null
			for j := at; j < end; j++ {
				dst[i] = max(dst[i], int64(s.subs[j].Extent))
			}
		}
	}
}

// aggregate puts together the values of the rows that decide the days of parts
// within days.
func (w *worker) aggregate(c *column, parts []episode.Subspell, days day.Span) int64 {
	out := null
	if c.agg == aggCount || c.agg == aggFlag {
		out = 0
	}
	w.seen = w.seen[:0]
	for i := range parts {
		b := &parts[i]
		if b.To <= days.From || b.From >= days.To {
			continue
		}
		pieces := w.k.Pieces(b)
		for n := range pieces {
			if pieces[n].From >= days.To || n+1 < len(pieces) && pieces[n+1].From <= days.From {
				continue
			}
			row := w.at[pieces[n].Row]
			v := int64(b.Extent)
			if !c.extent {
				v = c.col.value(int(row))
			}
			if c.codes != nil && v != null && !c.codes[v] {
				continue
			}
			switch c.agg {
			case aggFlag:
				if v != null {
					return 1
				}
			case aggCount:
				if v != null && !slices.Contains(w.seen, row) {
					w.seen = append(w.seen, row)
					out++
				}
			case aggMax:
				out = max(out, v) // null is less than every value
			case aggLast:
				if v != null {
					out = v
				}
			default:
				if v != null {
					return v
				}
			}
		}
	}
	return out
}

// hide makes the dates and periods null that would tell of time outside the window,
// and returns how many they are.
func (m mask) hide(dst []int64, win episode.Window) (hidden int64) {
	for i, v := range dst {
		if v != null && m.tells(v, win) {
			dst[i] = null
			hidden++
		}
	}
	return hidden
}

// tells reports whether a date or period would tell of time outside the window.
func (m mask) tells(v int64, win episode.Window) bool {
	switch m {
	case maskDate:
		return v < int64(win.From) || v >= int64(win.To)
	case maskMonths:
		return day.FirstOfMonth(int(v)+1) > win.To
	case maskYears:
		return day.FirstOfYear(int(v)+1) > win.To
	}
	return false
}

// refine turns days into distances and hides what lies outside the window.
func (w *worker) refine(c *column, dst []int64, part *part) {
	masked := &part.counts[countMasked]
	if c.paid {
		masked = &part.counts[countMaskedPaid]
	}
	if c.mask != maskNone {
		*masked += c.mask.hide(dst, w.spans.win)
	}
	switch c.since {
	case sinceAnchor:
		a := w.person.Anchors[c.anchor]
		for i, v := range dst {
			if !a.Set {
				dst[i] = null
			} else if v != null {
				dst[i] = v - int64(a.Day)
			}
		}
	case sinceBirth:
		birth, ok := w.p.src.Birth(w.person.Index)
		for i, v := range dst {
			if !ok {
				dst[i] = null
			} else if v != null {
				dst[i] = age(birth, day.Day(v))
			}
		}
	}
}

// age returns the age in whole years on a day, null before birth. A person
// born on 29 February turns a year older on 28 February in common years
// (axiom S19).
func age(birth, on day.Day) int64 {
	if on < birth {
		return null
	}
	years := on.Year() - birth.Year()
	if birth.AddMonths(12*years) > on {
		years--
	}
	return int64(years)
}

// store makes values as coarse as they are delivered and appends them.
func (c *column) store(vals []int64, v *format.Vector, t format.Type) {
	switch c.coarsen {
	case asIs:
	case toCode:
		for i, x := range vals {
			if x != null {
				vals[i] = codeOrNull(c.recode[x])
			}
		}
	default:
		for i, x := range vals {
			if x != null {
				vals[i] = c.coarsen.apply(x)
			}
		}
	}
	if t.Wide() {
		v.I64 = append(v.I64, vals...) // both use the same missing value
		return
	}
	missing := format.Null32
	if t == format.Text {
		missing = 0
	}
	n := len(v.I32)
	v.I32 = slices.Grow(v.I32, len(vals))[:n+len(vals)]
	for i, x := range vals {
		y := int32(x)
		if x == null {
			y = missing
		}
		v.I32[n+i] = y
	}
}

func (k coarsen) apply(x int64) int64 {
	switch k {
	case dayToMonth:
		return int64(day.Day(x).Month())
	case dayToQuarter:
		return int64(day.Day(x).Month() / 3)
	case dayToYear:
		return int64(day.Day(x).Year())
	case monthToQuarter:
		return x / 3
	case monthToYear:
		return x / 12
	case toFive:
		return x / 5 * 5
	case toTen:
		return x / 10 * 10
	case toThousand:
		return x / 100_000 * 100_000
	}
	return x
}
