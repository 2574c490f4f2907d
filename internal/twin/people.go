package twin

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/plan"
)

// peopleOfATwin is how many people are made up.
const peopleOfATwin = 120

// person is somebody made up.
type person struct {
	serial  int64
	number  string // twelve digits with a month 99, so that nobody can have it
	birth   day.Day
	anchors map[string]day.Day
	groups  []int
}

// dice is a stream of numbers that the text decides.
func dice(text string) *rand.Rand {
	sum := []byte(canon.Sum([]byte(text)))
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum), binary.LittleEndian.Uint64(sum[8:])))
}

// between draws a whole number from low to high, both included.
func between(r *rand.Rand, low, high int) int { return low + r.IntN(max(high-low, 0)+1) }

// invent makes the people of a twin, in the order of its files: löpnummer, or
// numbers, ascend.
func invent(w Wanted, content canon.Hash) []person {
	r := dice(string(content) + "/people")
	around := w.around()
	out := make([]person, peopleOfATwin)
	serial := int64(100_000)
	for i := range out {
		if i == w.persons() {
			serial += plan.OrganisationBase
		}
		serial += int64(between(r, 1, 9_000))
		p := &out[i]
		p.serial = serial
		p.birth = around.From.AddMonths(-12*between(r, 20, 55)) - day.Day(r.IntN(365))
		p.number = fmt.Sprintf("%04d99%02d%04d", p.birth.Year(), 1+i%28, i)
		p.anchors = map[string]day.Day{}
		for _, name := range w.anchors() {
			p.anchors[name] = around.From + day.Day(r.IntN(int(around.To-around.From)))
		}
		for range w.groups() {
			p.groups = append(p.groups, r.IntN(60)) // by as many codes as there are
		}
	}
	if w.Spec.Identity.Kind == plan.IdentityPersonalNumber {
		slices.SortFunc(out, func(a, b person) int {
			if a.number < b.number {
				return -1
			}
			return 1
		})
	}
	return out
}

// persons is how many of the people of a twin are persons: all, or of a
// population of organisations the sole traders.
func (w Wanted) persons() int {
	switch {
	case !w.Organisations:
		return peopleOfATwin
	case w.Traders:
		return peopleOfATwin / 10
	}
	return 0
}

// line is what a row of a file tells, before columns are made of it.
type line struct {
	who            int // place among the people
	window         day.Span
	from, to       day.Day // half-open
	spell          day.Span
	extent         int64 // per mille
	benefit        int
	days           int64
	net            int64 // thousandths of a day
	ore            int64
	paid           day.Day
	spellSeq, seq  int
	left, right    bool // the spell begins before the window, goes on after it
	ongoing, empty bool
	spells         spellCount // of a period
	shown          day.Span   // of its spell, in a layout that tells of it
	goesOn         bool       // that spell is going on
	draw           string     // what the cells of the line are drawn from
}

// spellCount is how many spells a period has, and of them begin and end there.
type spellCount struct{ all, started, ended int64 }

// linesOf makes up the rows of an extract, in the order of people and days.
func linesOf(reg *catalog.Register, table *catalog.Table, e *plan.Extract, people []person, seed string) []line {
	var out []line
	for i := range people {
		w := windowOf(e, &people[i])
		if w.Empty() {
			continue
		}
		r := dice(fmt.Sprintf("%s/%d", seed, i))
		subs := subspells(reg, table, e, w, r)
		if table.ByRole(catalog.RoleFrom) == nil { // one row per person
			subs = []line{{window: w, from: w.From, to: w.From + 1, days: 1, net: 1000, extent: 1000}}
		}
		var lines []line
		switch shape := e.Shape.Of(); {
		case shape == catalog.ShapeSpell:
			lines = spellsOf(subs)
		case shape == catalog.ShapeLayout:
			lines = widened(subs)
		case shape == catalog.ShapeCorrection:
			lines = takenBack(subs)
		case shape.Panel():
			lines = periodsOf(subs, shape, w, e.Shape.Panel.EmptyCells == "zero")
		default:
			lines = subs
		}
		for k := range lines {
			lines[k].who, lines[k].window = i, w
			lines[k].draw = fmt.Sprintf("%s/%d/%d", seed, i, k)
		}
		out = append(out, lines...)
	}
	return out
}

// takenBack makes reversals that met no payment of a few of the sub-spells: most
// people have none, and their amounts are negative.
func takenBack(subs []line) (out []line) {
	for _, l := range subs {
		if l.benefit%4 == 0 {
			l.ore = -l.ore
			out = append(out, l)
		}
	}
	return out
}

// windowOf is the person's window, at most ten years of it.
func windowOf(e *plan.Extract, p *person) day.Span {
	at := p.anchors[e.Window.From.Anchor]
	w := day.Span{From: e.Window.From.Resolve(at), To: e.Window.To.Resolve(at)}
	if w.To-w.From > 3653 {
		w = w.Intersect(day.Span{From: day.Of(2015, 1, 1), To: day.Of(2025, 1, 1)})
	}
	return w
}

// subspells makes up spells of one to three sub-spells within a window, with
// gaps between spells that never join.
func subspells(reg *catalog.Register, table *catalog.Table, e *plan.Extract, w day.Span, r *rand.Rand) []line {
	gap := 0
	for _, g := range reg.SpellGroups {
		gap = max(gap, g.MaxGapDays)
	}
	if e.Shape.Spell != nil {
		gap = e.Shape.Spell.MaxGapDays
	}
	graded := table.ByRole(catalog.RoleExtent) != nil
	var out []line
	whole := int(w.To - w.From)
	at := w.From - day.Day(r.IntN(60)) + day.Day(r.IntN(max(whole/3, 1)))
	for seq := 1; at < w.To && seq <= 6; seq++ {
		spell := day.Span{From: at}
		first := len(out)
		benefit := r.IntN(1 << 16)
		extent := int64(1000)
		for range between(r, 1, 3) {
			to := at + day.Day(between(r, 5, 45))
			out = append(out, line{from: at, to: to, extent: extent, spellSeq: seq, benefit: benefit})
			at = to
			if graded {
				extent = []int64{750, 500, 250}[r.IntN(3)]
			}
		}
		spell.To = at
		for k := first; k < len(out); k++ {
			out[k].spell = spell
		}
		at += day.Day(gap + 1 + between(r, 20, max(whole/4, 60)))
	}
	return cut(out, w, r)
}

// cut keeps what lies in the window and counts it.
func cut(all []line, w day.Span, r *rand.Rand) []line {
	var out []line
	seqs := map[int]int{}
	for _, l := range all {
		l.left, l.right = l.spell.From < w.From, l.spell.To > w.To
		l.from, l.to = max(l.from, w.From), min(l.to, w.To)
		if l.from >= l.to {
			continue
		}
		if _, seen := seqs[l.spellSeq]; !seen {
			seqs[l.spellSeq] = len(seqs) + 1
		}
		l.spellSeq = seqs[l.spellSeq]
		l.seq = len(out) + 1
		l.ongoing = l.right && l.to == w.To
		l.days = int64(l.to - l.from)
		l.net = l.days * l.extent
		l.ore = l.net * int64(between(r, 60_000, 100_000)) / 1000
		l.paid = l.to + day.Day(between(r, 5, 30))
		out = append(out, l)
	}
	return out
}

// spellsOf puts the sub-spells of each spell together.
func spellsOf(subs []line) []line {
	var out []line
	for _, l := range subs {
		if n := len(out); n > 0 && out[n-1].spellSeq == l.spellSeq {
			o := &out[n-1]
			o.to, o.ongoing, o.days, o.net, o.ore = l.to, l.ongoing, o.days+l.days, o.net+l.net, o.ore+l.ore
			continue
		}
		l.seq = l.spellSeq
		out = append(out, l)
	}
	return out
}

// widened tells of each sub-spell's spell. Sub-spells of a spell touch here, so
// a day is taken from some of them to have gaps, too.
func widened(subs []line) []line {
	var out []line
	for lo := 0; lo < len(subs); {
		hi := lo + 1
		for hi < len(subs) && subs[hi].spellSeq == subs[lo].spellSeq {
			hi++
		}
		shown := day.Span{From: subs[lo].from, To: subs[hi-1].to}
		goesOn := subs[hi-1].ongoing
		for k := lo; k < hi; k++ {
			l := subs[k]
			l.shown, l.goesOn = shown, goesOn
			if k > lo && k%2 == 1 && l.days > 2 {
				gap := line{window: l.window, from: l.from, to: l.from + 1, spell: l.spell, spellSeq: l.spellSeq, shown: shown, goesOn: goesOn, empty: true}
				out = append(out, gap)
				l.ore -= l.ore / l.days
				l.from, l.days, l.net = l.from+1, l.days-1, l.net-l.extent
			}
			out = append(out, l)
		}
		lo = hi
	}
	return out
}

// periodsOf spreads the days of sub-spells over days, weeks, months, quarters or
// years.
func periodsOf(subs []line, shape catalog.Shape, w day.Span, zero bool) []line {
	first := func(d day.Day) day.Day { return d }
	next := func(d day.Day) day.Day { return d + 1 }
	switch shape {
	case catalog.ShapePanelWeek:
		first = func(d day.Day) day.Day { return d - ((d+3)%7+7)%7 } // day −3 was a Monday
		next = func(d day.Day) day.Day { return d + 7 }
	case catalog.ShapePanelQuarter:
		first = func(d day.Day) day.Day { return day.FirstOfMonth(d.Month() / 3 * 3) }
		next = func(d day.Day) day.Day { return day.FirstOfMonth(d.Month() + 3) }
	case catalog.ShapePanelMonth:
		first = func(d day.Day) day.Day { return day.FirstOfMonth(d.Month()) }
		next = func(d day.Day) day.Day { return day.FirstOfMonth(d.Month() + 1) }
	case catalog.ShapePanelYear:
		first = func(d day.Day) day.Day { return day.FirstOfYear(d.Year()) }
		next = func(d day.Day) day.Day { return day.FirstOfYear(d.Year() + 1) }
	}
	var out []line
	for at := first(w.From); at < w.To; at = next(at) {
		cell := line{from: at, to: next(at), empty: true}
		last := 0 // spell
		for _, l := range subs {
			part := day.Span{From: l.from, To: l.to}.Intersect(day.Span{From: at, To: next(at)})
			if part.Empty() {
				continue
			}
			n := int64(part.To - part.From)
			if cell.empty {
				cell.empty, cell.spell, cell.benefit, cell.paid = false, l.spell, l.benefit, l.paid
			}
			cell.days, cell.net, cell.ore = cell.days+n, cell.net+n*l.extent, cell.ore+l.ore*n/l.days
			cell.extent = max(cell.extent, l.extent)
			if l.spellSeq == last {
				continue
			}
			last = l.spellSeq
			cell.spells.all++
			if l.spell.From >= at && !l.left {
				cell.spells.started++
			}
			if l.spell.To <= next(at) && !l.right {
				cell.spells.ended++
			}
		}
		if !cell.empty || zero {
			out = append(out, cell)
		}
	}
	return out
}
