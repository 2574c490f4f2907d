package episode

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"sluss/internal/day"
	"sluss/internal/episode/episodetest"
)

var (
	overlaps  = []string{"latest", "sum_tracks", "error"}
	modes     = []string{"clip", "overlap", "start_in", "end_in"}
	histories = []string{"mask", "reveal"}
	units     = []string{"day", "week", "month", "quarter", "year"}
)

// origin lies a little before a leap day, so that small sets of days meet the
// ends of months and years.
var origin = int(day.MustParse("2023-12-20"))

// randomRows makes rows of one key that meet as often as possible: few days,
// few tracks, few transaction times, equal rows and equal extents.
func randomRows(rnd *rand.Rand) []episodetest.Row {
	rows := make([]episodetest.Row, 0, 24)
	n := rnd.IntN(8)
	if rnd.IntN(20) == 0 {
		n = 16 + rnd.IntN(8) // many at once take another way through the kernel
	}
	span := []int{12, 40, 80}[rnd.IntN(3)]
	tracks := 1 + rnd.IntN(3)
	id := int64(0)
	for range n {
		id += 1 + rnd.Int64N(3)
		from := origin + rnd.IntN(span)
		r := episodetest.Row{
			ID: id, Tx: rnd.Int64N(4), Track: rnd.IntN(tracks), Rev: rnd.IntN(4) == 0, From: from, Tom: from + rnd.IntN(16),
			Extent: []int{0, 125, 250, 500, 750, 1000}[rnd.IntN(6)], Open: rnd.IntN(5) == 0,
		}
		if rnd.IntN(2) == 0 {
			r.Extent = 500
		}
		if rnd.IntN(4) == 0 {
			r.State = 1
		}
		if rnd.IntN(6) == 0 {
			r.Rank = rnd.IntN(3)
		}
		if r.Open {
			r.Tom = 0
		} else if rnd.IntN(3) > 0 {
			r.Amount = rnd.Int64N(1000)
		}
		if len(rows) > 0 && rnd.IntN(4) == 0 {
			old := rows[rnd.IntN(len(rows))]
			switch old.ID = id; rnd.IntN(3) {
			case 0: // the reversal of an earlier row
				old.Rev, old.Tx = true, old.Tx+rnd.Int64N(2)
			case 1: // a correction
				old.Tx, old.Extent = old.Tx+rnd.Int64N(2), r.Extent
			}
			r = old
		}
		rows = append(rows, r)
	}
	// Row ids say nothing about where a row stands.
	rnd.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return rows
}

// assume gives some rows what the assumptions A2, A3 and A5 look at.
func assume(rnd *rand.Rand, rows []episodetest.Row) {
	for i := range rows {
		r := &rows[i]
		r.Far = rnd.IntN(3) == 0
		r.MoneyOnly = r.Amount > 0 && rnd.IntN(4) == 0
		if rnd.IntN(2) == 0 {
			r.Lead = 1 + rnd.IntN(14)
		}
	}
}

func randomQuestion(rnd *rand.Rand) episodetest.Question {
	q := episodetest.Question{
		AsOf: rnd.Int64N(6), Gap: []int{0, 1, 4, 4, 1000}[rnd.IntN(5)], Overlap: overlaps[rnd.IntN(3)],
		Horizon: origin + rnd.IntN(110) - 5, Mode: modes[rnd.IntN(4)], History: histories[rnd.IntN(2)],
	}
	if q.Mode == "overlap" {
		q.History = "reveal"
	}
	if rnd.IntN(8) == 0 {
		q.KeepExtent = func(perMille int) bool { return perMille >= 250 }
	}
	if rnd.IntN(8) == 0 {
		q.MinDays = 1 + rnd.IntN(12)
	}
	if rnd.IntN(4) > 0 {
		q.Windowed = true
		q.WinFrom = origin + rnd.IntN(70) - 5
		q.WinTo = q.WinFrom + 1 + rnd.IntN(60)
	}
	return q
}

func kernelRow(r episodetest.Row, key uint32) Row {
	out := Row{
		From: day.Day(r.From), To: day.Day(r.Tom + 1), Tx: r.Tx, RowID: r.ID, Amount: r.Amount, Key: key, Track: uint32(r.Track),
		State: uint32(r.State), Extent: uint16(r.Extent), Rank: uint8(r.Rank), MoneyOnly: r.MoneyOnly, Far: r.Far, Lead: uint8(r.Lead),
		Rest: uint32(r.Lead), // as other columns would tell equal rows apart
	}
	if r.Far {
		out.Rest += 100
	}
	if r.MoneyOnly {
		out.Rest += 200
	}
	if r.Open {
		out.To = day.Open
	}
	if r.Rev {
		out.Kind = Rev
	}
	return out
}

func kernelOptions(q episodetest.Question) (Options, Window) {
	o := Defaults()
	o.AsOf, o.Horizon = q.AsOf, day.Day(q.Horizon)
	o.Rule = Rule{MaxGap: int32(q.Gap), FarGap: int32(q.FarGap), Overlap: Overlap(slices.Index(overlaps, q.Overlap))}
	w := Always()
	if q.Windowed {
		w.From, w.To = day.Day(q.WinFrom), day.Day(q.WinTo)
	}
	if q.KeepExtent != nil {
		o.KeepSubspell = func(_ *Kernel, s *Subspell) bool { return q.KeepExtent(int(s.Extent)) }
	}
	if q.MinDays > 0 {
		o.KeepSpell = func(_ *Kernel, s *Spell) bool { return int(s.Days) >= q.MinDays }
	}
	w.Mode, w.History = Mode(slices.Index(modes, q.Mode)), History(slices.Index(histories, q.History))
	return o, w
}

// same compares everything that the kernel says of one key with the oracle.
func same(k *Kernel, w Window, key uint32, a *episodetest.Answer) error {
	all, subs, err := k.Deliver(w)
	if err != nil {
		return err
	}
	var got, want []string
	id := func(row int32) int64 { return k.rows[row].RowID }
	first, n := -1, 0
	for i := range all {
		s := &all[i]
		if s.Key != key {
			continue
		}
		if n++; first < 0 {
			first = i
		}
		got = append(got, fmt.Sprint("spell ", int(s.From), int(s.To)-1, s.NoTom, s.Gross(), s.Days, s.Net, s.LeftCut, s.RightCut, s.Ongoing, int(s.TrueFrom), int(s.TrueTo)-1, id(s.First)))
		for j := s.Sub0; j < s.Sub1; j++ {
			b := &subs[j]
			if int(b.Spell) != i {
				return fmt.Errorf("sub-spell %d says spell %d, lies in %d", j, b.Spell, i)
			}
			var deciders []int64
			for _, p := range k.Pieces(b) {
				deciders = append(deciders, id(p.Row))
			}
			got = append(got, fmt.Sprint("sub ", int(b.From), int(b.To)-1, b.NoTom, b.Extent, b.State, int(b.Spell)-first+1, id(b.First), deciders))
		}
	}
	for i, s := range a.Spells {
		if w.History == Mask {
			s.TrueFrom, s.TrueTom = s.From, s.Tom
		}
		want = append(want, fmt.Sprint("spell ", s.From, s.Tom, s.NoTom, s.Gross, s.Days, s.Net, s.LeftCut, s.RightCut, s.Ongoing, s.TrueFrom, s.TrueTom, s.First))
		for _, b := range a.Subspells {
			if b.Seq == i+1 {
				want = append(want, fmt.Sprint("sub ", b.From, b.Tom, b.NoTom, b.Extent, b.State, b.Seq, b.First, b.Deciders))
			}
		}
	}
	for u, name := range units {
		for _, c := range k.Panel(Unit(u), nil) {
			if c.Key == key {
				got = append(got, fmt.Sprintf("%s %s %d %d %d", name, Unit(u).Append(nil, c.Period), c.Days, c.Net, c.Amount))
			}
		}
		for _, c := range a.Panel(name) {
			want = append(want, fmt.Sprintf("%s %s %d %d %d", name, c.Period, c.Days, c.Net, c.Amount))
		}
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("kernel\n%q\noracle\n%q", got, want)
	}
	return nil
}

// sights counts what the random sets made happen.
type sights map[string]int

func (s sights) note(rows []episodetest.Row, q episodetest.Question, a *episodetest.Answer) {
	see := func(name string, on bool) {
		if on {
			s[name]++
		} else {
			s[name] += 0
		}
	}
	see("no rows", len(rows) == 0)
	see("rows but no spell", len(rows) > 0 && len(a.Spells) == 0)
	see("several spells", len(a.Spells) > 2)
	see("twins", a.Twins > 0)
	see("many rows", len(rows) > 16)
	see("conflict", a.Conflict > 0)
	see("policy error without conflict", q.Overlap == "error" && a.Conflict == 0 && len(a.Spells) > 0)
	see("horizon before the window", q.Windowed && q.Horizon <= q.WinFrom)
	see("horizon in the window", q.Windowed && q.Horizon > q.WinFrom && q.Horizon <= q.WinTo)
	see("horizon after the window", q.Windowed && q.Horizon > q.WinTo)
	for _, s := range a.Spells {
		name := q.Mode + " " + q.History
		see(name+" left", s.LeftCut && !s.RightCut)
		see(name+" right", !s.LeftCut && s.RightCut)
		see(name+" both", s.LeftCut && s.RightCut)
		see(name+" neither", !s.LeftCut && !s.RightCut)
		see(name+" ongoing", s.Ongoing)
		see(name+" ongoing but cut", s.OngoingBeforeTheWindowCut && s.RightCut)
		see(q.Overlap+" ongoing", s.Ongoing)
		see("gap inside", s.Gross > s.Days)
		see("gap days at the window's edge", q.Windowed && q.Mode == "clip" && (s.LeftCut && s.From > q.WinFrom || s.RightCut && s.Tom < q.WinTo-1))
	}
	for _, b := range a.Subspells {
		see("several rows decide a sub-spell", len(b.Deciders) > 1)
		see("extent 0", b.Extent == 0)
		see("extent 0 before the deciding row", b.Extent == 0 && slices.ContainsFunc(rows, func(r episodetest.Row) bool { return r.ID == b.First && r.From > b.From }))
		see("summed extent", b.Extent%125 == 0 && b.Extent%250 != 0 && b.Extent != 125)
	}
	see("a gap that only far rows join", q.FarGap > q.Gap && slices.ContainsFunc(a.Spells, func(s episodetest.Spell) bool { return s.Gross-s.Days > 0 }))
	see("money only", slices.ContainsFunc(rows, func(r episodetest.Row) bool { return r.MoneyOnly }) && len(a.Spells) > 0)
	for _, c := range a.Panel("month") {
		see("amount without days", c.Days == 0)
		see("days without amount", c.Amount == 0)
		see("negative cell", c.Amount < 0)
	}
}

// impossible things that the names above would allow.
var impossible = []string{
	"start_in mask left", "start_in mask both", "start_in reveal left", "start_in reveal both",
	"end_in mask right", "end_in mask both", "end_in reveal right", "end_in reveal both",
	"end_in mask ongoing", "end_in reveal ongoing", "end_in mask ongoing but cut", "end_in reveal ongoing but cut",
}

func TestKernelAgreesWithTheDayOracle(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(20, 24))
	seen := sights{}
	for n := range 6_500 {
		q := randomQuestion(rnd)
		assumed := n >= 5_000
		if assumed {
			q.FarGap = []int{0, 6, 19}[rnd.IntN(3)]
		}
		o, w := kernelOptions(q)
		k := New(o)
		keys := make([][]episodetest.Row, 1+rnd.IntN(3))
		if rnd.IntN(60) == 0 {
			keys = make([][]episodetest.Row, 40) // more keys than are dealt out
		}
		var rows []Row
		for key := range keys {
			keys[key] = randomRows(rnd)
			if assumed {
				assume(rnd, keys[key])
			}
			for _, r := range keys[key] {
				rows = append(rows, kernelRow(r, uint32(key*7)))
			}
		}
		rnd.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		if rnd.IntN(2) == 0 { // as registers lie
			slices.SortStableFunc(rows, func(a, b Row) int { return int(a.From - b.From) })
		}
		if err := k.Build(rows); err != nil {
			t.Fatal(err)
		}
		conflict := int64(0)
		for key, list := range keys {
			a := episodetest.Ask(list, q)
			conflict += int64(a.Conflict)
			seen.note(list, q, &a)
			if q.Overlap == "error" && a.Conflict > 0 {
				continue
			}
			if err := same(k, w, uint32(key*7), &a); err != nil {
				t.Fatalf("%+v\n%+v\n%v", q, list, err)
			}
		}
		if conflict != k.ConflictDays() {
			t.Fatalf("%+v\n%+v\n%d days of conflict, want %d", q, keys, k.ConflictDays(), conflict)
		}
	}
	for name, n := range seen {
		if can := !slices.Contains(impossible, name); can != (n > 0) {
			t.Errorf("%q happened %d times", name, n)
		}
	}
	if len(seen) < 50 {
		t.Errorf("only %d kinds of sights", len(seen))
	}
}
