// Package episodetest answers the kernel's questions the slow way: one day at
// a time, in maps, straight from the text of the contract. Tests compare the
// kernel (and engines that carry it) with it; no program links it.
//
// It shares nothing with the kernel, neither types nor calendar: days are
// plain integers since 1970-01-01 and the standard library names periods.
package episodetest

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"
)

// Row is one accepted row of one person and spell key.
type Row struct {
	ID, Tx    int64
	Track     int
	Rev       bool
	From, Tom int // closed; Tom means nothing when Open
	Open      bool
	Extent    int // per mille
	State     int
	Rank      int
	Amount    int64
	MoneyOnly bool // has no say about days (A5)
	Far       bool // joins over Question.FarGap what begins with it (A2)
	Lead      int  // days of sick pay right before From (A3)
}

// Question is the options of one run.
type Question struct {
	AsOf     int64
	Gap      int
	FarGap   int    // before what a far row begins, if greater
	Overlap  string // latest, sum_tracks, error
	Horizon  int    // exclusive
	Windowed bool
	WinFrom  int
	WinTo    int    // exclusive
	Mode     string // clip, overlap, start_in, end_in
	History  string // mask, reveal
	// Filters, nil and 0 for none: sub-spells by extent, then spells by their
	// covered days. With either, amounts count on days of what is left only.
	KeepExtent func(perMille int) bool
	MinDays    int
}

// Spell is a delivered spell.
type Spell struct {
	From, Tom                 int
	NoTom                     bool
	Gross, Days               int
	Net                       int64
	LeftCut, RightCut         bool
	Ongoing                   bool
	TrueFrom, TrueTom, UpTo   int // UpTo: number of covered days of the uncut spell
	First                     int64
	OngoingBeforeTheWindowCut bool
}

// Subspell is a delivered sub-spell; Seq is that of its spell, from 1.
type Subspell struct {
	From, Tom     int
	NoTom         bool
	Extent, State int
	Seq           int
	First         int64
	Deciders      []int64 // ids of the rows that decide its days, without repeats in a row
}

// Cell is a panel cell.
type Cell struct {
	Period string
	Days   int
	Net    int64
	Amount int64
}

// Answer is what the contract says comes out.
type Answer struct {
	Spells    []Spell
	Subspells []Subspell
	Conflict  int // days on which winners differ
	Twins     int // rows that another equal row counts for
	question  Question
	days      map[int]state // delivered days
	kept      map[int]bool  // days of uncut spells that the filters left
	live      []Row
}

// state is what holds on a day.
type state struct {
	extent, state int
	open          bool
	first         int64
	far           bool
}

func (q Question) inWindow(d int) bool { return !q.Windowed || q.WinFrom <= d && d < q.WinTo }

// Ask answers q about rows, all of one person and one key.
func Ask(rows []Row, q Question) Answer {
	a := Answer{question: q, days: map[int]state{}, kept: map[int]bool{}}
	for _, r := range rows {
		if r.Tx > q.AsOf {
			continue
		}
		twin := false
		for _, other := range rows {
			if other.ID > r.ID {
				other.ID = r.ID
				twin = twin || other == r
			}
		}
		if twin {
			a.Twins++
			continue
		}
		a.live = append(a.live, r)
	}
	holds := a.holds()
	a.deliver(holds)
	return a
}

// daysOf lists the days that r covers.
func (q Question) daysOf(r Row) []int {
	end := r.Tom
	if r.Open {
		end = q.Horizon - 1
	}
	var days []int
	for d := r.From; d <= end; d++ {
		days = append(days, d)
	}
	return days
}

// holds works out each day by itself.
func (a *Answer) holds() map[int]state {
	covering := map[int][]Row{}
	for _, r := range a.live {
		if r.MoneyOnly {
			continue
		}
		for _, d := range a.question.daysOf(r) {
			covering[d] = append(covering[d], r)
		}
	}
	holds := map[int]state{}
	begun := map[int]Row{} // by day: the row that decides it, where it is the row's first
	for d, rows := range covering {
		winners := map[int]Row{}
		for _, r := range rows {
			w, some := winners[r.Track]
			if !some || r.Tx > w.Tx || r.Tx == w.Tx && (!r.Rev && w.Rev || r.Rev == w.Rev && r.ID > w.ID) {
				winners[r.Track] = r
			}
		}
		maps.DeleteFunc(winners, func(_ int, w Row) bool { return w.Rev })
		if len(winners) == 0 {
			continue
		}
		s, best, agreed := a.question.settle(winners)
		if !agreed {
			a.Conflict++
		}
		holds[d] = s
		if best.From == d {
			begun[d] = best
		}
	}
	// Days of sick pay: back from the first day of a row, as long as nothing holds.
	sick := map[int]state{}
	for d, r := range begun {
		for e := d - 1; e >= d-r.Lead; e-- {
			if _, some := holds[e]; some {
				break
			}
			sick[e] = state{0, r.State, false, r.ID, r.Far}
		}
	}
	maps.Copy(holds, sick)
	if a.question.KeepExtent != nil {
		maps.DeleteFunc(holds, func(_ int, s state) bool { return !a.question.KeepExtent(s.extent) })
	}
	return holds
}

func (q Question) settle(winners map[int]Row) (s state, decides Row, agreed bool) {
	var best *Row
	sum, anyOpen, agreed := 0, false, true
	for _, w := range winners {
		sum += w.Extent
		anyOpen = anyOpen || w.Open
		for _, v := range winners {
			agreed = agreed && v.Extent == w.Extent && v.State == w.State
		}
		if best == nil || w.Rank > best.Rank || w.Rank == best.Rank && (w.Tx > best.Tx || w.Tx == best.Tx && w.ID > best.ID) {
			best = &w
		}
	}
	s = state{best.Extent, best.State, best.Open, best.ID, best.Far}
	switch q.Overlap {
	case "sum_tracks":
		s.extent, s.open = min(sum, 1000), anyOpen
		agreed = true
	case "error":
		s.open = anyOpen
	default:
		agreed = true
	}
	return s, *best, agreed
}

// deliver cuts the covered days into spells and those into sub-spells.
func (a *Answer) deliver(holds map[int]state) {
	covered := slices.Sorted(maps.Keys(holds))
	var spell []int
	for i, d := range covered {
		spell = append(spell, d)
		gap := a.question.Gap
		if i+1 < len(covered) && holds[covered[i+1]].far {
			gap = max(gap, a.question.FarGap)
		}
		if i+1 == len(covered) || covered[i+1]-d-1 > gap {
			a.deliverSpell(holds, spell)
			spell = nil
		}
	}
}

func (a *Answer) deliverSpell(holds map[int]state, uncut []int) {
	q := a.question
	if len(uncut) < q.MinDays {
		return
	}
	for _, d := range uncut {
		a.kept[d] = true
	}
	first, last := uncut[0], uncut[len(uncut)-1]
	ongoing := last == q.Horizon-1 && holds[last].open
	var within []int
	for _, d := range uncut {
		if q.inWindow(d) {
			within = append(within, d)
		}
	}
	if len(within) == 0 || q.Mode == "start_in" && !q.inWindow(first) || q.Mode == "end_in" && (!q.inWindow(last) || ongoing) {
		return
	}
	s := Spell{
		LeftCut: q.Windowed && first < q.WinFrom, RightCut: q.Windowed && last >= q.WinTo,
		TrueFrom: first, TrueTom: last, UpTo: len(uncut), OngoingBeforeTheWindowCut: ongoing,
	}
	shown := within
	if q.History == "reveal" && q.Mode != "clip" {
		shown = uncut
	}
	horizonWithin := !q.Windowed || q.Horizon <= q.WinTo
	s.Ongoing = ongoing && (horizonWithin || q.History == "reveal")
	s.NoTom = ongoing && (horizonWithin || len(shown) == len(uncut))
	s.From, s.Tom = shown[0], shown[len(shown)-1]
	s.Gross, s.Days = s.Tom-s.From+1, len(shown)
	s.First = holds[s.From].first
	if q.History == "reveal" {
		s.First = holds[first].first
	}
	for _, d := range shown {
		s.Net += int64(holds[d].extent)
		a.days[d] = holds[d]
	}
	a.Spells = append(a.Spells, s)
	a.deliverSubspells(holds, shown, s.NoTom)
}

func (a *Answer) deliverSubspells(holds map[int]state, shown []int, noTom bool) {
	same := func(d, e int) bool {
		return holds[d].extent == holds[e].extent && holds[d].state == holds[e].state
	}
	for i, d := range shown {
		h := holds[d]
		if i == 0 || shown[i-1] != d-1 || !same(d, d-1) {
			b := Subspell{From: d, Extent: h.extent, State: h.state, Seq: len(a.Spells), First: h.first}
			if a.question.History == "reveal" {
				for e := d; ; e-- {
					if before, some := holds[e]; !some || !same(d, e) {
						break
					} else {
						b.First = before.first
					}
				}
			}
			a.Subspells = append(a.Subspells, b)
		}
		b := &a.Subspells[len(a.Subspells)-1]
		b.Tom = d
		if n := len(b.Deciders); n == 0 || b.Deciders[n-1] != h.first {
			b.Deciders = append(b.Deciders, h.first)
		}
		b.NoTom = noTom && i == len(shown)-1
	}
}

// Panel answers with the cells of a unit: day, week, month, quarter or year.
func (a *Answer) Panel(unit string) []Cell {
	cells := map[string]*Cell{}
	cell := func(d int) *Cell {
		p := Period(unit, d)
		if cells[p] == nil {
			cells[p] = &Cell{Period: p}
		}
		return cells[p]
	}
	for d, s := range a.days {
		c := cell(d)
		c.Days++
		c.Net += int64(s.extent)
	}
	for _, r := range a.live {
		if r.Open {
			continue
		}
		n := int64(r.Tom - r.From + 1)
		upTo := func(k int64) int64 {
			x := new(big.Int).Mul(big.NewInt(r.Amount), big.NewInt(k))
			return x.Div(x, big.NewInt(n)).Int64()
		}
		for i := range n {
			d := r.From + int(i)
			filtered := (a.question.KeepExtent != nil || a.question.MinDays > 0) && !a.kept[d]
			if a.question.inWindow(d) && !filtered {
				share := upTo(i+1) - upTo(i)
				if r.Rev {
					share = -share
				}
				cell(d).Amount += share
			}
		}
	}
	var out []Cell
	for _, p := range slices.Sorted(maps.Keys(cells)) {
		if c := cells[p]; c.Days > 0 || c.Amount != 0 {
			out = append(out, *c)
		}
	}
	return out
}

// Period names the period of a day.
func Period(unit string, d int) string {
	t := time.Unix(int64(d)*86400, 0).UTC()
	switch unit {
	case "week":
		y, w := t.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", y, w)
	case "month":
		return t.Format("2006-01")
	case "quarter":
		return fmt.Sprintf("%04d-Q%d", t.Year(), (int(t.Month())+2)/3)
	case "year":
		return t.Format("2006")
	}
	return t.Format(time.DateOnly)
}
