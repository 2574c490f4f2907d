package episode

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/episode/episodetest"
)

// The axioms S1–S28 of the reference, §3.2, one test each, named after the
// axiom. S20 (a missing anchor gives no rows and a count) and S26 (canonical
// output order) belong to rooms that know persons and files; S19 to package
// day. What is the kernel's of them is here.

// drawn is a person drawn by rapid: rows of two keys, and a question.
type drawn struct {
	rows []Row
	q    episodetest.Question
}

func draw(t *rapid.T) drawn { return drawnFrom(rapid.Uint64().Draw(t, "seed")) }

func drawnFrom(seed uint64) drawn {
	rnd := rand.New(rand.NewPCG(seed, 1))
	d := drawn{q: randomQuestion(rnd)}
	for key := range uint32(2) {
		for _, r := range randomRows(rnd) {
			row := kernelRow(r, key)
			row.RowID = row.RowID*2 + int64(key) // unique over keys
			d.rows = append(d.rows, row)
		}
	}
	return d
}

// result is everything that a kernel says, with row indexes as row ids.
type result struct {
	Spells   []Spell
	Subs     []Subspell
	Deciders [][]int64
	Cells    [5][]Cell
	Conflict int64
}

func answer(t interface{ Fatal(...any) }, rows []Row, o Options, w Window) result {
	k := New(o)
	if err := k.Build(rows); err != nil {
		t.Fatal(err)
	}
	spells, subs, err := k.Deliver(w)
	if err != nil {
		t.Fatal(err)
	}
	r := result{Spells: slices.Clone(spells), Subs: slices.Clone(subs), Conflict: k.ConflictDays()}
	for i := range r.Subs {
		s := &r.Subs[i]
		var ids []int64
		for _, p := range k.Pieces(s) {
			ids = append(ids, rows[p.Row].RowID)
		}
		r.Deciders = append(r.Deciders, ids)
		s.First = int32(rows[s.First].RowID)
		s.piece0, s.piece1 = 0, 0
	}
	for i := range r.Spells {
		r.Spells[i].First = int32(rows[r.Spells[i].First].RowID)
	}
	for u := range r.Cells {
		r.Cells[u] = k.Panel(Unit(u), nil)
	}
	return r
}

func (d drawn) run(t interface{ Fatal(...any) }) result {
	o, w := kernelOptions(d.q)
	return answer(t, d.rows, o, w)
}

var unexported = cmp.AllowUnexported(Subspell{})

func wantSame(t *rapid.T, what string, a, b any) {
	if d := cmp.Diff(a, b, unexported); d != "" {
		t.Fatalf("%s: %s", what, d)
	}
}

// days returns the covered days of delivered sub-spells with their state.
func days(subs []Subspell) map[[2]int]uint64 {
	m := map[[2]int]uint64{}
	for _, s := range subs {
		for d := s.From; d < s.To; d++ {
			m[[2]int{int(s.Key), int(d)}] = uint64(s.State)<<16 | uint64(s.Extent)
		}
	}
	return m
}

// permissive asks for everything.
func (d drawn) permissive() (Options, Window) {
	o, _ := kernelOptions(d.q)
	return o, Always()
}

func TestS1OrderOfRowsDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		want := d.run(t)
		d.rows = rapid.Permutation(d.rows).Draw(t, "order")
		wantSame(t, "another order", d.run(t), want)
	})
}

func TestS2DuplicatesChangeNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		if len(d.rows) == 0 {
			return
		}
		want := d.run(t)
		copied := rapid.SampledFrom(d.rows).Draw(t, "row")
		if rapid.Bool().Draw(t, "under a lower id") {
			copied.RowID = -1
		}
		d.rows = append(d.rows, copied)
		wantSame(t, "a duplicate", d.run(t), want)
	})
	// Columns that the kernel does not see keep rows apart.
	rows := pays(t, "2024-01-01..2024-01-02 ore10;2024-01-01..2024-01-02 ore10")
	rows[1].Rest = 1
	if got := answer(t, rows, Defaults(), Always()).Cells[ByYear][0].Amount; got != 20 {
		t.Errorf("rows with another rest: %d öre, want 20", got)
	}
}

func TestS3RowsAreRejectedForTheFirstReason(t *testing.T) {
	t.Parallel()
	good := pay(t, "2024-01-01..2024-01-02 ore10")
	reversed, unknown, open := good, good, good
	reversed.To = reversed.From
	unknown.Extent = ParseExtent("33")
	open.To = day.Open
	all := open
	all.Extent = NoExtent
	openPaid := open
	open.Amount = 0
	for _, tt := range []struct {
		row             Row
		person, benefit bool
		want            Reason
		text            string
	}{
		{good, true, true, Accepted, ""},
		{open, true, true, Accepted, ""},
		{reversed, false, false, MissingPerson, "missing_person"},
		{reversed, true, false, MissingBenefit, "missing_benefit"},
		{reversed, true, true, FromAfterTom, "from_after_tom"},
		{unknown, true, true, UnknownExtent, "unknown_extent"},
		{all, true, true, UnknownExtent, "unknown_extent"},
		{openPaid, true, true, OpenAmount, "open_amount"},
	} {
		if got := tt.row.Test(tt.person, tt.benefit); got != tt.want || got.String() != tt.text {
			t.Errorf("%+v: %d %q, want %d %q", tt.row, got, got, tt.want, tt.text)
		}
	}
	for text, want := range map[string]uint16{"0": 0, "12.5": 125, "25": 250, "50": 500, "75": 750, "100": 1000, "012.5": NoExtent, "100.0": NoExtent, "": NoExtent, "37.5": NoExtent, " 50": NoExtent} {
		if got := ParseExtent(text); got != want {
			t.Errorf("extent %q = %d, want %d", text, got, want)
		}
	}
}

// S4 to S6 say what holds on a single day; the oracle asks each day.
func TestS4LatestDecidesInItsTrack(t *testing.T)    { t.Parallel(); testPolicy(t, "latest") }
func TestS5TracksAddUpTo100(t *testing.T)           { t.Parallel(); testPolicy(t, "sum_tracks") }
func TestS6UnequalWinnersAreAConflict(t *testing.T) { t.Parallel(); testPolicy(t, "error") }
func TestS5OrderOfTracksIsIrrelevant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		d.q.Overlap = "sum_tracks"
		want := days(d.run(t).Subs)
		for i := range d.rows {
			d.rows[i].Track = 7 - d.rows[i].Track
		}
		wantSame(t, "tracks renamed", days(d.run(t).Subs), want)
	})
}

func testPolicy(t *testing.T, policy string) {
	rapid.Check(t, func(t *rapid.T) {
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		list, q := randomRows(rnd), randomQuestion(rnd)
		q.Overlap = policy
		o, w := kernelOptions(q)
		k := New(o)
		var rows []Row
		for _, r := range list {
			rows = append(rows, kernelRow(r, 0))
		}
		if err := k.Build(rows); err != nil {
			t.Fatal(err)
		}
		a := episodetest.Ask(list, q)
		if int64(a.Conflict) != k.ConflictDays() {
			t.Fatalf("%d days of conflict, want %d", k.ConflictDays(), a.Conflict)
		}
		if a.Conflict > 0 {
			return
		}
		if err := same(k, w, 0, &a); err != nil {
			t.Fatal(err)
		}
	})
}

func TestS7SubspellsAreMaximalAndReproduceThemselves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		o, w := d.permissive()
		got := answer(t, d.rows, o, w)
		var again []Row
		for i := range got.Subs {
			s := &got.Subs[i]
			if i > 0 && got.Subs[i-1].Key == s.Key {
				p := &got.Subs[i-1]
				if p.To > s.From || p.To == s.From && p.State == s.State && p.Extent == s.Extent {
					t.Fatalf("sub-spells %d and %d overlap or should be one", i-1, i)
				}
			}
			again = append(again, Row{From: s.From, To: s.To, Key: s.Key, State: s.State, Extent: s.Extent, RowID: int64(i)})
		}
		wantSame(t, "fed again", days(answer(t, again, o, w).Subs), days(got.Subs))
		if n := len(answer(t, again, o, w).Subs); n != len(got.Subs) {
			t.Fatalf("fed again: %d sub-spells, want %d", n, len(got.Subs))
		}
	})
}

func TestS8SubspellsHoldExactlyTheCoveredDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		list := randomRows(rnd)
		q := randomQuestion(rnd)
		q.Overlap, q.Windowed, q.Mode = "latest", false, "clip"
		var rows []Row
		for _, r := range list {
			rows = append(rows, kernelRow(r, 0))
		}
		o, w := kernelOptions(q)
		a := episodetest.Ask(list, q)
		covered := 0
		for _, c := range a.Panel("day") {
			if c.Days == 1 {
				covered++
			}
		}
		if got := len(days(answer(t, rows, o, w).Subs)); got != covered {
			t.Fatalf("%d covered days, want %d", got, covered)
		}
	})
}

func TestS9SpellsJoinOverAtMostTheGap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		o, w := d.permissive()
		got := answer(t, d.rows, o, w)
		for i := 1; i < len(got.Subs); i++ {
			a, b := &got.Subs[i-1], &got.Subs[i]
			if joined := a.Spell == b.Spell; joined != (a.Key == b.Key && int(b.From-a.To) <= d.q.Gap) {
				t.Fatalf("sub-spells %v and %v, gap %d allowed %d, joined %v", a, b, b.From-a.To, d.q.Gap, joined)
			}
		}
	})
}

func TestS10FewerSpellsWithAGreaterGap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		d.q.MinDays = 0 // a greater gap makes longer spells
		o, w := d.permissive()
		before := math.MaxInt
		for _, gap := range []int32{0, 1, 4, 19, 90, math.MaxInt32} {
			o.Rule.MaxGap = gap
			n := len(answer(t, d.rows, o, w).Spells)
			if n > before {
				t.Fatalf("gap %d gives %d spells, a smaller one %d", gap, n, before)
			}
			before = n
		}
		if before > 2 {
			t.Fatalf("%d spells of two keys with an endless gap", before)
		}
	})
}

func TestS11GapDaysAreNowhere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		got := draw(t).run(t)
		for i := range got.Spells {
			s := &got.Spells[i]
			sum := int32(0)
			for _, b := range got.Subs[s.Sub0:s.Sub1] {
				sum += b.Days()
			}
			if sum != s.Days || s.Gross() < s.Days {
				t.Fatalf("spell of %d days, gross %d; sub-spells have %d", s.Days, s.Gross(), sum)
			}
		}
		covered := days(got.Subs)
		for _, c := range got.Cells[ByDay] {
			if _, on := covered[[2]int{int(c.Key), int(c.Period)}]; on != (c.Days == 1) {
				t.Fatalf("day cell %+v, covered %v", c, on)
			}
		}
	})
}

func TestS12SpellsAreBuiltBeforeTheyAreCut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		o, w := kernelOptions(d.q)
		whole := answer(t, d.rows, o, Always())
		got := answer(t, d.rows, o, w)
		for _, s := range got.Spells {
			u := whole.Spells[s.Uncut]
			if s.LeftCut != (u.From < w.From) || s.RightCut != (u.To > w.To) {
				t.Fatalf("flags of %+v, uncut %+v", s, u)
			}
			switch w.History {
			case Reveal:
				if s.TrueFrom != u.From || s.TrueTo != u.To || s.First != u.First || s.Ongoing != u.Ongoing {
					t.Fatalf("revealed %+v, uncut %+v", s, u)
				}
			case Mask:
				if s.TrueFrom != s.From || s.TrueTo != s.To || s.From < w.From || s.To > w.To || s.Ongoing != (u.Ongoing && o.Horizon <= w.To) {
					t.Fatalf("masked %+v, uncut %+v, window %+v", s, u, w)
				}
			}
		}
	})
}

func TestS13DeliveredIffADayLiesInTheWindow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		d.q.Mode = "clip"
		o, w := kernelOptions(d.q)
		whole := answer(t, d.rows, o, Always())
		want := map[int32]bool{}
		for _, b := range whole.Subs {
			if b.From < w.To && b.To > w.From {
				want[b.Spell] = true
			}
		}
		got := map[int32]bool{}
		for _, s := range answer(t, d.rows, o, w).Spells {
			got[s.Uncut] = true
		}
		wantSame(t, "spells", got, want)
	})
}

func TestS14ModesChooseAmongTheSpellsOfTheWindow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		o, w := kernelOptions(d.q)
		w.History = Reveal
		chosen := func(m Mode, from, to day.Day) []int32 {
			w := w
			w.Mode, w.From, w.To = m, from, to
			var uncut []int32
			for _, s := range answer(t, d.rows, o, w).Spells {
				uncut = append(uncut, s.Uncut)
			}
			return uncut
		}
		from, to := day.Day(origin), day.Day(origin+40)
		overlap := chosen(Overlapped, from, to)
		wantSame(t, "clip and overlap choose alike", chosen(Clip, from, to), overlap)
		for _, m := range []Mode{StartIn, EndIn} {
			for _, s := range chosen(m, from, to) {
				if !slices.Contains(overlap, s) {
					t.Fatalf("mode %d chose spell %d, overlap did not", m, s)
				}
			}
		}
		// Over a partition of time each spell starts in exactly one part.
		all := len(answer(t, d.rows, o, Always()).Spells)
		var parts []int32
		for a := from - 400; a < to+400; a += 40 {
			parts = append(parts, chosen(StartIn, a, a+40)...)
		}
		slices.Sort(parts)
		if len(parts) != all || len(slices.Compact(parts)) != all {
			t.Fatalf("%d starts in the parts, %d spells", len(parts), all)
		}
	})
}
