package episode

import (
	"maps"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/day"
)

// The axioms on windows, panels, time and amounts; S1–S14 are in
// axioms_test.go.

func TestS15DaysAddUpOverAdjacentWindows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		d.q.Mode = "clip"
		o, w := kernelOptions(d.q)
		middle := w
		middle.From, middle.To = day.Day(origin), day.Day(origin+90)
		cut := middle.From + 1 + day.Day(rapid.IntRange(0, 88).Draw(t, "cut"))
		left, right := middle, middle
		left.To, right.From = cut, cut
		var n [3]int64
		var net, amount [3]int64
		for i, w := range []Window{middle, left, right} {
			r := answer(t, d.rows, o, w)
			for _, s := range r.Spells {
				n[i] += int64(s.Days)
				net[i] += s.Net
			}
			for _, c := range r.Cells[ByMonth] {
				amount[i] += c.Amount
			}
		}
		if n[0] != n[1]+n[2] || net[0] != net[1]+net[2] || amount[0] != amount[1]+amount[2] {
			t.Fatalf("days %v, net %v, amounts %v", n, net, amount)
		}
	})
}

func TestS16PanelsKeepDaysAndNetDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		got := draw(t).run(t)
		var days, net int64
		for i := range got.Subs {
			days += int64(got.Subs[i].Days())
			net += got.Subs[i].Net()
		}
		for u, cells := range got.Cells {
			var d, n int64
			for _, c := range cells {
				d += int64(c.Days)
				n += c.Net
			}
			if d != days || n != net {
				t.Fatalf("unit %d: %d days and %d net in cells, %d and %d in sub-spells", u, d, n, days, net)
			}
		}
	})
}

func TestS17FinerCellsAddUpToCoarser(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		got := draw(t).run(t)
		for _, pair := range [][2]Unit{{ByDay, ByWeek}, {ByDay, ByMonth}, {ByMonth, ByQuarter}, {ByMonth, ByYear}, {ByQuarter, ByYear}, {ByDay, ByYear}} {
			if c := Coarsen(got.Cells[pair[0]], pair[0], pair[1], []Cell{{Days: 1}}); !slices.Equal(c[1:], got.Cells[pair[1]]) {
				t.Fatalf("%v coarsened to %v, want %v", got.Cells[pair[0]], c[1:], got.Cells[pair[1]])
			}
			sums := map[[2]int64]Cell{}
			for _, c := range got.Cells[pair[0]] {
				p := pair[1].Of(pair[0].Start(c.Period))
				s := sums[[2]int64{int64(c.Key), int64(p)}]
				sums[[2]int64{int64(c.Key), int64(p)}] = Cell{Key: c.Key, Period: p, Days: s.Days + c.Days, Net: s.Net + c.Net, Amount: s.Amount + c.Amount}
			}
			for _, c := range got.Cells[pair[1]] {
				at := [2]int64{int64(c.Key), int64(c.Period)}
				if sums[at] != c {
					t.Fatalf("cell %+v, its parts %+v", c, sums[at])
				}
				delete(sums, at)
				if length := pair[1].Start(c.Period+1) - pair[1].Start(c.Period); c.Days > int32(length) {
					t.Fatalf("%d days in a period of %d", c.Days, length)
				}
			}
			for _, s := range sums {
				if s.Days != 0 || s.Amount != 0 {
					t.Fatalf("no cell for %+v", s)
				}
			}
		}
	})
}

func TestS18OngoingIsIndependentOfTheCut(t *testing.T) {
	t.Parallel()
	check := func(t interface{ Fatalf(string, ...any) }, fatal interface{ Fatal(...any) }, d drawn) (seen map[[2]bool]bool) {
		d.q.History = "reveal"
		o, w := kernelOptions(d.q)
		whole := answer(fatal, d.rows, o, Always())
		seen = map[[2]bool]bool{}
		for _, s := range answer(fatal, d.rows, o, w).Spells {
			if s.Ongoing != whole.Spells[s.Uncut].Ongoing {
				t.Fatalf("ongoing changed by window %+v", w)
			}
			seen[[2]bool{s.Ongoing, s.RightCut}] = true
		}
		return seen
	}
	rapid.Check(t, func(t *rapid.T) { check(t, t, draw(t)) })

	// The same on fixed draws, which must meet every combination.
	met := map[[2]bool]bool{}
	for seed := range uint64(400) {
		maps.Copy(met, check(t, t, drawnFrom(seed)))
	}
	if len(met) != 4 {
		t.Errorf("only %v met", met)
	}
}

func TestS19WindowsOfAnAnchorCountMonthsFirst(t *testing.T) {
	t.Parallel()
	anchor := day.MustParse("2024-02-29")
	year := day.Offset{Months: 12}
	back := day.Offset{Months: -12}
	if w := (Window{From: anchor.Add(back), To: anchor.Add(year)}); w.From.String() != "2023-02-28" || w.To.String() != "2025-02-28" || w.Check() != nil {
		t.Errorf("window %s–%s", w.From, w.To)
	}
}

func TestS21EmptyWindowsAreRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		o, w := kernelOptions(d.q)
		w.From = day.Day(origin)
		w.To = w.From - day.Day(rapid.IntRange(0, 5).Draw(t, "before"))
		k := New(o)
		if err := k.Build(d.rows); err != nil {
			t.Fatal(err)
		}
		if _, _, err := k.Deliver(w); err != ErrEmptyWindow {
			t.Fatalf("window %+v: %v", w, err)
		}
	})
}

func TestS22OnlyWhatWasKnownCounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		want := d.run(t)
		wantSame(t, "the same again", d.run(t), want)
		d.rows = slices.DeleteFunc(d.rows, func(r Row) bool { return r.Tx > d.q.AsOf })
		wantSame(t, "without later rows", d.run(t), want)
	})
}

func TestS23ARowClosedAndReopenedChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		if len(d.rows) == 0 {
			return
		}
		// The register closes a row and opens its equal: a new row id, the
		// same content. Before, at and after that the result is the same.
		want := d.run(t)
		i := rapid.IntRange(0, len(d.rows)-1).Draw(t, "row")
		again := d.rows[i]
		d.rows = append(d.rows, again)
		wantSame(t, "both versions", d.run(t), want)
		d.rows = slices.Delete(d.rows, i, i+1)
		wantSame(t, "only the new version", d.run(t), want)
	})
}

func TestS24AmountsAreSpreadToTheLastOre(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := day.Day(rapid.IntRange(-700_000, 2_900_000).Draw(t, "from"))
		n := day.Day(rapid.IntRange(1, 800).Draw(t, "days"))
		amount := rapid.Int64Range(0, math.MaxInt64).Draw(t, "amount")
		r := Row{From: from, To: from + n, Amount: amount, Extent: Full}
		back := r
		back.Kind, back.Tx, back.RowID = Rev, 1, 1
		for u := range Unit(5) {
			paid := answer(t, []Row{r}, Defaults(), Always()).Cells[u]
			taken := answer(t, []Row{back}, Defaults(), Always()).Cells[u]
			sum := int64(0)
			negated := map[int32]int64{}
			for _, c := range taken {
				negated[c.Period] = -c.Amount
			}
			for _, c := range paid {
				sum += c.Amount
				if negated[c.Period] != c.Amount {
					t.Fatalf("period %d: %d paid, %d taken back", c.Period, c.Amount, negated[c.Period])
				}
			}
			if sum != amount {
				t.Fatalf("cells sum to %d, want %d", sum, amount)
			}
			if cells := answer(t, []Row{r, back}, Defaults(), Always()).Cells[u]; len(cells) != 0 {
				t.Fatalf("a payment taken back leaves %v", cells)
			}
		}
	})
}

func TestS25NetDaysAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		got := draw(t).run(t)
		for _, s := range got.Spells {
			var net int64
			for _, x := range days(got.Subs[s.Sub0:s.Sub1]) {
				net += int64(x & 0xffff)
			}
			if s.Net != net {
				t.Fatalf("net %d, want %d", s.Net, net)
			}
		}
	})
	for n, want := range map[int64]string{0: "0", 125: "0.125", 12500: "12.5", 20000: "20", 22500: "22.5", 1010: "1.01", 1001: "1.001", 100: "0.1", -125: "-0.125"} {
		if got := string(AppendNet(nil, n)); got != want {
			t.Errorf("%d thousandths written %s, want %s", n, got, want)
		}
	}
	for n, want := range map[uint16]string{0: "0", 125: "12.5", 250: "25", 625: "62.5", 1000: "100", 5: "0.5"} {
		if got := string(AppendExtent(nil, n)); got != want {
			t.Errorf("%d per mille written %s, want %s", n, got, want)
		}
	}
}

func TestS26ResultsComeInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		got := draw(t).run(t)
		if !slices.IsSortedFunc(got.Spells, func(a, b Spell) int {
			return slices.Compare([]int64{int64(a.Key), int64(a.From)}, []int64{int64(b.Key), int64(b.From)})
		}) {
			t.Fatal("spells out of order")
		}
		for u, cells := range got.Cells {
			for i := 1; i < len(cells); i++ {
				a, b := cells[i-1], cells[i]
				names := [2]string{string(Unit(u).Append(nil, a.Period)), string(Unit(u).Append(nil, b.Period))}
				if a.Key > b.Key || a.Key == b.Key && (a.Period >= b.Period || names[0] >= names[1]) {
					t.Fatalf("cells %v and %v (%s) out of order", a, b, names)
				}
			}
		}
	})
}

func TestS27APersonIsBuiltAlone(t *testing.T) {
	t.Parallel()
	// A kernel keeps its memory between persons and nothing else.
	warm := map[Rule]*Kernel{}
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		d.q.AsOf, d.q.Horizon, d.q.KeepExtent, d.q.MinDays = 3, origin+60, nil, 0
		o, w := kernelOptions(d.q)
		k := warm[o.Rule]
		if k == nil {
			k = New(o)
			warm[o.Rule] = k
		}
		if err := k.Build(d.rows); err != nil {
			t.Fatal(err)
		}
		spells, subs, err := k.Deliver(w)
		if err != nil {
			t.Fatal(err)
		}
		fresh := New(o)
		_ = fresh.Build(d.rows)
		spells2, subs2, _ := fresh.Deliver(w)
		if !slices.Equal(spells, spells2) || !slices.Equal(subs, subs2) || !slices.Equal(k.Panel(ByMonth, nil), fresh.Panel(ByMonth, nil)) {
			t.Fatal("a used kernel answers otherwise than a new one")
		}
		// One key neither.
		alone := slices.DeleteFunc(slices.Clone(d.rows), func(r Row) bool { return r.Key != 1 })
		part := days(answer(t, alone, o, w).Subs)
		both := days(subs2)
		for at := range both {
			if at[0] != 1 {
				delete(both, at)
			}
		}
		wantSame(t, "one key alone", part, both)
	})
}

func TestS28RelabellingCommutes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		want := d.run(t)
		for i := range d.rows {
			d.rows[i].Key = d.rows[i].Key*40 + 3
			d.rows[i].Track += 100
		}
		for i := range want.Spells {
			want.Spells[i].Key = want.Spells[i].Key*40 + 3
		}
		for i := range want.Subs {
			want.Subs[i].Key = want.Subs[i].Key*40 + 3
		}
		for u := range want.Cells {
			for i := range want.Cells[u] {
				want.Cells[u][i].Key = want.Cells[u][i].Key*40 + 3
			}
		}
		wantSame(t, "relabelled", d.run(t), want)
	})
}
