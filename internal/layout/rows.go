package layout

import (
	"cmp"
	"slices"

	"sluss/internal/day"
)

// Row is a row of the register. Rows of one spell share a track. Of two
// payments that cover a day the later in the list decides, so it needs the
// greater row number.
type Row struct {
	Benefit   string
	Days      day.Span // To is [day.Open] for a row without an end
	Reversal  bool
	Earlier   bool // registered before all other rows, so that a reversal takes its days away
	Far       bool // continues its spell over a gap that only the register's longer rule joins (A2)
	Extent    uint16
	Ore       int64 // ≥ 0
	Spell     int   // of the person, from 0
	Insured   string
	Diagnosis string
}

// Gap is how many free days a register joins spells over: all of them over Max, and
// what begins with a row that is Far over Far, where that is greater (A1, A2).
type Gap struct{ Max, Far int }

// Counts says what became of the lines of a file.
type Counts struct {
	Lines, Repeated, Gaps, Spells, Rows int64
}

// Names of columns for the faults of [Reader.Rows].
func (r *Reader) name(k int) string { return r.names[r.at[k]] }

// Rows turns all lines of one person into rows. Lines may come in any order;
// lines that are the same in everything that is read count once, as files of
// this layout repeat them for each row of some other history. The gap is the
// register's: spells with no more free days than that between them are one.
func (r *Reader) Rows(lines []Line, gap Gap, n *Counts) ([]Row, error) {
	n.Lines += int64(len(lines))
	slices.SortStableFunc(lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Spell.From, b.Spell.From), cmp.Compare(a.Days.From, b.Days.From), cmp.Compare(a.Days.To, b.Days.To))
	})
	kept := lines[:0]
	for _, l := range lines {
		if k := len(kept); k > 0 && same(kept[k-1], l) {
			n.Repeated++
			continue
		}
		kept = append(kept, l)
	}
	var out []Row
	for lo, spell := 0, 0; lo < len(kept); spell++ {
		hi := lo + 1
		for hi < len(kept) && kept[hi].Spell.From == kept[lo].Spell.From {
			hi++
		}
		if lo > 0 && int(kept[lo].Spell.From-kept[lo-1].Spell.To) <= gap.Max {
			return nil, refusal(kept[lo].At, r.name(colSpellFrom), "joined", "Fallet börjar så nära det förra att registrets regel gör dem till ett.", "The spell begins so near the one before that the register's rule makes them one.")
		}
		if err := r.together(kept[lo:hi]); err != nil {
			return nil, err
		}
		out = rows(out, kept[lo:hi], spell, gap, n)
		n.Spells++
		lo = hi
	}
	n.Rows += int64(len(out))
	return out, nil
}

func same(a, b Line) bool {
	a.At, b.At = 0, 0
	return a == b
}

// together checks the lines of one spell, in the order of days: they say the
// same of it, and their days follow on each other from its first to its last, so
// that they add up to its days.
func (r *Reader) together(lines []Line) error {
	at := lines[0].Spell.From
	for i := range lines {
		l := &lines[i]
		switch {
		case l.Spell != lines[0].Spell || l.Ongoing != lines[0].Ongoing:
			return refusal(l.At, r.name(colSpellDays), "spell", "Raderna säger olika saker om samma fall.", "The lines say different things of one spell.")
		case l.Days.From < at:
			return refusal(l.At, r.name(colFrom), "overlap", "Raden har dagar som en annan rad i fallet också har.", "The line has days that another line of the spell has, too.")
		case l.Days.From > at:
			return refusal(l.At, r.name(colDays), "sum", "Delfallens dagar är färre än fallets: dagar saknas före raden.", "The days of the sub-spells are fewer than those of the spell: days are missing before the line.")
		}
		at = l.Days.To
	}
	last := &lines[len(lines)-1]
	switch {
	case at != last.Spell.To:
		return refusal(last.At, r.name(colDays), "sum", "Delfallens dagar är färre än fallets: dagar saknas efter raden.", "The days of the sub-spells are fewer than those of the spell: days are missing after the line.")
	case last.Ongoing && !last.Open:
		return refusal(last.At, r.name(colTom), "open", "Fallet pågår, men dess sista rad har en sista dag.", "The spell is ongoing, but its last line has a last day.")
	case !slices.ContainsFunc(lines, func(l Line) bool { return l.Benefit != "" }):
		return refusal(last.At, r.name(colBenefit), "missing", "Ingen rad i fallet säger vilken ersättning det är.", "No line of the spell says which benefit it is.")
	}
	return nil
}

// rows appends the rows of one spell. A gap gives none where the register's rule
// joins what lies around it, for which the row after it may have to be Far; longer
// ones, and those at the ends of a spell, are covered days of extent 0, so that the
// spell is what the file says (A3, A4).
func rows(dst []Row, lines []Line, spell int, gap Gap, n *Counts) []Row {
	far := false // the lines at hand follow a long gap
	for lo := 0; lo < len(lines); {
		hi := lo + 1
		for lines[lo].gap() && hi < len(lines) && lines[hi].gap() {
			hi++
		}
		length := int(lines[hi-1].Days.To - lines[lo].Days.From)
		free := lines[lo].gap() && lo > 0 && hi < len(lines) && length <= max(gap.Max, gap.Far)
		for i := lo; i < hi; i++ {
			l := &lines[i]
			row := Row{Benefit: l.Benefit, Days: l.Days, Extent: l.Extent, Spell: spell, Insured: l.Insured, Diagnosis: l.Diagnosis, Far: far}
			if row.Benefit == "" {
				row.Benefit = nearest(lines, i)
			}
			if free {
				n.Gaps++
			}
			dst = one(dst, row, l.Ore, free, l.Open)
		}
		far = free && length > gap.Max
		lo = hi
	}
	return dst
}

// one appends the row or rows of a line with its money.
func one(dst []Row, row Row, ore int64, free, open bool) []Row {
	paid, reversed := row, row
	paid.Ore, reversed.Ore, reversed.Reversal = max(ore, 0), max(-ore, 0), true
	if free {
		if ore != 0 { // money without days: paid, and taken back for more or for less
			paid.Earlier = true
			dst = append(dst, paid, reversed)
		}
		return dst
	}
	if ore < 0 { // more was taken back than paid; a payment of the same day holds the days
		dst = append(dst, reversed)
	}
	if !open {
		return append(dst, paid)
	}
	if ore > 0 { // a row without an end has no money; both say the same of the last known day
		dst = append(dst, paid)
		row.Days.From = row.Days.To - 1
	}
	row.Days.To = day.Open
	return append(dst, row)
}

// nearest is the benefit of the nearest line that has one, earlier ones first.
func nearest(lines []Line, i int) string {
	for d := 1; d < len(lines); d++ {
		for _, k := range []int{i - d, i + d} {
			if k >= 0 && k < len(lines) && lines[k].Benefit != "" {
				return lines[k].Benefit
			}
		}
	}
	return ""
}
