package episode

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sluss/internal/day"
)

// pay reads "2024-01-01..2024-01-14 @100" with optional words: tx3 id7 trackB
// rev ore500 stateX rank2 key1. An empty tom is open.
func pay(t testing.TB, text string) Row {
	t.Helper()
	words := strings.Fields(text)
	from, tom, _ := strings.Cut(words[0], "..")
	r := Row{From: day.MustParse(from), To: day.Open, Extent: Full}
	if tom != "" {
		r.To = day.MustParse(tom) + 1
	}
	num := func(s string) (n int64) {
		if _, err := fmt.Sscan(s, &n); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		return n
	}
	for _, w := range words[1:] {
		switch {
		case w[0] == '@':
			if r.Extent = ParseExtent(w[1:]); r.Extent == NoExtent {
				t.Fatalf("%q: extent", text)
			}
		case w == "rev":
			r.Kind = Rev
		case strings.HasPrefix(w, "track"):
			r.Track = uint32(w[5])
		case strings.HasPrefix(w, "tx"):
			r.Tx = num(w[2:])
		case strings.HasPrefix(w, "id"):
			r.RowID = num(w[2:])
		case strings.HasPrefix(w, "ore"):
			r.Amount = num(w[3:])
		case strings.HasPrefix(w, "state"):
			r.State = uint32(num(w[5:]))
		case strings.HasPrefix(w, "rank"):
			r.Rank = uint8(num(w[4:]))
		case strings.HasPrefix(w, "key"):
			r.Key = uint32(num(w[3:]))
		default:
			t.Fatalf("%q: word %q", text, w)
		}
	}
	return r
}

func pays(t testing.TB, text string) []Row {
	t.Helper()
	var rows []Row
	for i, s := range strings.Split(text, ";") {
		r := pay(t, s)
		if r.RowID == 0 {
			r.RowID = int64(i + 1)
		}
		rows = append(rows, r)
	}
	return rows
}

// showSpells writes spells as "from..tom gross days net" and what is special.
func showSpells(spells []Spell) []string {
	var out []string
	for i := range spells {
		s := &spells[i]
		text := fmt.Sprintf("%s..%s %d %d %s", s.From, tom(s.To, s.NoTom), s.Gross(), s.Days, AppendNet(nil, s.Net))
		for _, f := range []struct {
			on   bool
			mark string
		}{{s.LeftCut, "L"}, {s.RightCut, "R"}, {s.Ongoing, "ongoing"}} {
			if f.on {
				text += " " + f.mark
			}
		}
		if s.TrueFrom != s.From || s.TrueTo != s.To {
			text += fmt.Sprintf(" true %s..%s", s.TrueFrom, tom(s.TrueTo, s.Ongoing))
		}
		out = append(out, text)
	}
	return out
}

func showSubspells(subs []Subspell) []string {
	var out []string
	for i := range subs {
		s := &subs[i]
		out = append(out, fmt.Sprintf("%s..%s @%s", s.From, tom(s.To, s.NoTom), AppendExtent(nil, s.Extent)))
	}
	return out
}

func showCells(u Unit, cells []Cell) []string {
	var out []string
	for _, c := range cells {
		out = append(out, fmt.Sprintf("%s %d %s %d", u.Append(nil, c.Period), c.Days, AppendNet(nil, c.Net), c.Amount))
	}
	return out
}

func tom(to day.Day, none bool) string {
	if none {
		return ""
	}
	return (to - 1).String()
}

// window reads "2024-01-01 2024-02-01 start_in reveal"; "" is all days.
func window(t testing.TB, text string) Window {
	w := Always()
	for i, f := range strings.Fields(text) {
		switch f {
		case "clip", "mask":
		case "overlap":
			w.Mode = Overlapped
		case "start_in":
			w.Mode = StartIn
		case "end_in":
			w.Mode = EndIn
		case "reveal":
			w.History = Reveal
		default:
			if i == 0 {
				w.From = day.MustParse(f)
			} else {
				w.To = day.MustParse(f)
			}
		}
	}
	return w
}

// The worked examples of the reference, §3.3: E1–E20, and the rules beside
// them that no example shows.
var examples = []struct {
	name     string
	rows     string
	asOf     int64 // 0 = all
	overlap  Overlap
	horizon  string
	window   string
	spells   []string
	subs     []string // nil = not looked at
	unit     Unit
	cells    []string // nil = not looked at
	conflict int64
}{
	{
		name: "E1", rows: "2024-01-01..2024-01-14;2024-01-15..2024-01-31",
		spells: []string{"2024-01-01..2024-01-31 31 31 31"}, subs: []string{"2024-01-01..2024-01-31 @100"},
	},
	{
		name: "E2", rows: "2024-01-01..2024-01-14;2024-01-15..2024-01-31 @50",
		spells: []string{"2024-01-01..2024-01-31 31 31 22.5"}, subs: []string{"2024-01-01..2024-01-14 @100", "2024-01-15..2024-01-31 @50"},
	},
	{
		name: "E3", rows: "2024-01-01..2024-01-10;2024-01-15..2024-01-20",
		spells: []string{"2024-01-01..2024-01-20 20 16 16"}, subs: []string{"2024-01-01..2024-01-10 @100", "2024-01-15..2024-01-20 @100"},
	},
	{
		name: "E4", rows: "2024-01-01..2024-01-10;2024-01-16..2024-01-20",
		spells: []string{"2024-01-01..2024-01-10 10 10 10", "2024-01-16..2024-01-20 5 5 5"},
	},
	{
		name: "E5", rows: "2024-03-01..2024-03-31 tx1;2024-03-11..2024-03-20 @50 tx2",
		spells: []string{"2024-03-01..2024-03-31 31 31 26"},
		subs:   []string{"2024-03-01..2024-03-10 @100", "2024-03-11..2024-03-20 @50", "2024-03-21..2024-03-31 @100"},
	},
	{
		name: "E6 as-of 2", asOf: 2, rows: "2024-05-01..2024-05-15 tx1;2024-05-01..2024-05-15 tx3 rev",
		spells: []string{"2024-05-01..2024-05-15 15 15 15"},
	},
	{name: "E6 as-of 3", asOf: 3, rows: "2024-05-01..2024-05-15 tx1;2024-05-01..2024-05-15 tx3 rev", spells: []string{}},
	{
		name: "E7 as-of 1", asOf: 1, rows: "2024-06-01..2024-06-10 tx1;2024-06-15..2024-06-30 tx1;2024-06-11..2024-06-14 tx5;2024-05-28..2024-05-31 tx7",
		spells: []string{"2024-06-01..2024-06-30 30 26 26"},
	},
	{
		name: "E7 as-of 5", asOf: 5, rows: "2024-06-01..2024-06-10 tx1;2024-06-15..2024-06-30 tx1;2024-06-11..2024-06-14 tx5;2024-05-28..2024-05-31 tx7",
		spells: []string{"2024-06-01..2024-06-30 30 30 30"}, subs: []string{"2024-06-01..2024-06-30 @100"},
	},
	{
		name: "E7 as-of 7", asOf: 7, rows: "2024-06-01..2024-06-10 tx1;2024-06-15..2024-06-30 tx1;2024-06-11..2024-06-14 tx5;2024-05-28..2024-05-31 tx7",
		spells: []string{"2024-05-28..2024-06-30 34 34 34"},
	},
	{
		name: "E8", overlap: SumTracks, rows: "2024-09-01..2024-09-20 @50 trackA;2024-09-11..2024-09-30 @50 trackB",
		spells: []string{"2024-09-01..2024-09-30 30 30 20"},
		subs:   []string{"2024-09-01..2024-09-10 @50", "2024-09-11..2024-09-20 @100", "2024-09-21..2024-09-30 @50"},
	},
	{
		name: "E9 mask", window: "2024-01-01 2024-02-01", rows: "2023-12-11..2024-01-20;2024-01-21..2024-02-10 @75",
		spells: []string{"2024-01-01..2024-01-31 31 31 28.25 L R"}, subs: []string{"2024-01-01..2024-01-20 @100", "2024-01-21..2024-01-31 @75"},
	},
	{
		name: "E9 reveal", window: "2024-01-01 2024-02-01 reveal", rows: "2023-12-11..2024-01-20;2024-01-21..2024-02-10 @75",
		spells: []string{"2024-01-01..2024-01-31 31 31 28.25 L R true 2023-12-11..2024-02-10"},
	},
	{
		name: "E10 clip", window: "2024-01-01 2024-03-01", rows: "2023-12-20..2024-01-05;2024-01-20..2024-02-10;2024-03-01..2024-03-05",
		spells: []string{"2024-01-01..2024-01-05 5 5 5 L", "2024-01-20..2024-02-10 22 22 22"},
	},
	{
		name: "E10 start_in", window: "2024-01-01 2024-03-01 start_in", rows: "2023-12-20..2024-01-05;2024-01-20..2024-02-10;2024-03-01..2024-03-05",
		spells: []string{"2024-01-20..2024-02-10 22 22 22"},
	},
	{
		name: "E11", window: "2025-01-01 2027-01-01", horizon: "2026-11-01", rows: "2025-07-01.. @75",
		spells: []string{"2025-07-01.. 488 488 366 ongoing"}, subs: []string{"2025-07-01.. @75"},
	},
	{
		name: "E12", rows: "2024-01-30..2024-03-01", unit: ByMonth,
		spells: []string{"2024-01-30..2024-03-01 32 32 32"}, cells: []string{"2024-01 2 2 0", "2024-02 29 29 0", "2024-03 1 1 0"},
	},
	{
		name: "E13", rows: "2023-12-17..2024-01-15 @50", unit: ByYear,
		spells: []string{"2023-12-17..2024-01-15 30 30 15"}, cells: []string{"2023 15 7.5 0", "2024 15 7.5 0"},
	},
	{
		name: "E14", window: "2023-02-28 2025-02-28", rows: "2023-02-20..2023-03-05;2025-02-20..2025-03-05",
		spells: []string{"2023-02-28..2023-03-05 6 6 6 L", "2025-02-20..2025-02-27 8 8 8 R"},
	},
	{
		name: "E15 first", rows: "2024-01-30..2024-02-01 ore10001", unit: ByMonth,
		spells: []string{"2024-01-30..2024-02-01 3 3 3"}, cells: []string{"2024-01 2 2 6667", "2024-02 1 1 3334"},
	},
	{
		name: "E15 second", rows: "2024-02-26..2024-03-03 ore100000", unit: ByMonth,
		spells: []string{"2024-02-26..2024-03-03 7 7 7"}, cells: []string{"2024-02 4 4 57142", "2024-03 3 3 42858"},
	},
	{
		name: "E16", rows: "2024-01-01..2024-01-10 trackA tx1;2024-01-01..2024-01-10 @50 trackB tx2;2024-01-01..2024-01-10 @50 trackB tx3 rev",
		spells: []string{"2024-01-01..2024-01-10 10 10 10"}, subs: []string{"2024-01-01..2024-01-10 @100"},
	},
	{
		name: "E17", rows: "2024-03-01..2024-03-31 tx1 ore31000;2024-03-11..2024-03-20 @50 tx2 ore5000", unit: ByMonth,
		spells: []string{"2024-03-01..2024-03-31 31 31 26"}, cells: []string{"2024-03 31 26 36000"},
	},
	{name: "E18", rows: "2024-02-01..2024-02-01 @12.5", spells: []string{"2024-02-01..2024-02-01 1 1 0.125"}},
	{
		name: "E19", window: "2024-01-12 2024-02-01", rows: "2024-01-01..2024-01-10;2024-01-15..2024-01-20",
		spells: []string{"2024-01-15..2024-01-20 6 6 6 L"},
	},
	{
		name: "E20", window: "2025-01-01 2026-01-01", horizon: "2026-11-01", rows: "2025-07-01.. @75",
		spells: []string{"2025-07-01..2025-12-31 184 184 138 R"}, subs: []string{"2025-07-01..2025-12-31 @75"},
	},

	{
		name: "extent 0 is a covered day", rows: "2024-01-01..2024-01-03 @0;2024-01-04..2024-01-05",
		spells: []string{"2024-01-01..2024-01-05 5 5 2"}, subs: []string{"2024-01-01..2024-01-03 @0", "2024-01-04..2024-01-05 @100"},
	},
	{
		name: "a payment over a reversal at equal tx", rows: "2024-01-01..2024-01-03 id1 tx1;2024-01-01..2024-01-03 id2 tx1 rev",
		spells: []string{"2024-01-01..2024-01-03 3 3 3"},
	},
	{
		name: "row id decides at equal tx", rows: "2024-01-01..2024-01-03 id9 tx1 @25;2024-01-01..2024-01-03 id10 tx1 @50",
		spells: []string{"2024-01-01..2024-01-03 3 3 1.5"},
	},
	{
		name: "rank goes before tx among tracks", rows: "2024-01-01..2024-01-03 trackA tx1 @25 rank2;2024-01-01..2024-01-05 trackB tx9 @50 rank1",
		spells: []string{"2024-01-01..2024-01-05 5 5 1.75"}, subs: []string{"2024-01-01..2024-01-03 @25", "2024-01-04..2024-01-05 @50"},
	},
	{
		name: "sum is capped at 100", overlap: SumTracks, rows: "2024-01-01..2024-01-02 trackA @75;2024-01-01..2024-01-02 trackB @50",
		spells: []string{"2024-01-01..2024-01-02 2 2 2"},
	},
	{
		name: "sum of one track is no sum", overlap: SumTracks, rows: "2024-01-01..2024-01-02 tx1 @50;2024-01-01..2024-01-02 tx2 @25",
		spells: []string{"2024-01-01..2024-01-02 2 2 0.5"},
	},
	{
		name: "states that differ split", rows: "2024-01-01..2024-01-02 state1;2024-01-03..2024-01-04 state2",
		spells: []string{"2024-01-01..2024-01-04 4 4 4"}, subs: []string{"2024-01-01..2024-01-02 @100", "2024-01-03..2024-01-04 @100"},
	},
	{
		name: "keys do not meet", rows: "2024-01-03..2024-01-04 key1;2024-01-01..2024-01-02 key0",
		spells: []string{"2024-01-01..2024-01-02 2 2 2", "2024-01-03..2024-01-04 2 2 2"},
	},
	{
		name: "conflict counts days", overlap: Conflict, rows: "2024-01-01..2024-01-10 trackA;2024-01-09..2024-01-12 trackB @50;2024-01-01..2024-01-03 trackC",
		conflict: 2,
	},
	{
		name: "equal winners are no conflict", overlap: Conflict, rows: "2024-01-01..2024-01-10 trackA;2024-01-09..2024-01-12 trackB",
		spells: []string{"2024-01-01..2024-01-12 12 12 12"},
	},
	{
		name: "a corrected track is no conflict", overlap: Conflict, rows: "2024-01-01..2024-01-10 trackA tx1 @50;2024-01-01..2024-01-10 trackB;2024-01-01..2024-01-10 trackA tx2",
		spells: []string{"2024-01-01..2024-01-10 10 10 10"},
	},
	{name: "only gap days in the window", window: "2024-01-11 2024-01-15", rows: "2024-01-01..2024-01-10;2024-01-15..2024-01-20", spells: []string{}},
	{
		name: "overlap gives the whole spell", window: "2024-01-18 2024-01-19 overlap reveal", rows: "2024-01-01..2024-01-10;2024-01-15..2024-01-20",
		spells: []string{"2024-01-01..2024-01-20 20 16 16 L R"}, subs: []string{"2024-01-01..2024-01-10 @100", "2024-01-15..2024-01-20 @100"},
	},
	{
		name: "a closed row at the horizon is not ongoing", horizon: "2024-02-01", rows: "2024-01-01..;2024-01-20..2024-01-31 tx2",
		spells: []string{"2024-01-01..2024-01-31 31 31 31"},
	},
	{
		name: "a closed row past the horizon", horizon: "2024-02-01", rows: "2024-01-01..;2024-02-03..2024-02-05",
		spells: []string{"2024-01-01..2024-02-05 36 34 34"},
	},
	{name: "an open row from the horizon on covers nothing", horizon: "2024-02-01", rows: "2024-02-01..;2024-03-01..", spells: []string{}},
	{
		name: "sum: any open winner makes the day open", overlap: SumTracks, horizon: "2024-02-01", rows: "2024-01-25.. trackA tx1 @25;2024-01-01..2024-01-31 trackB tx2 @50",
		spells: []string{"2024-01-01.. 31 31 17.25 ongoing"}, subs: []string{"2024-01-01..2024-01-24 @50", "2024-01-25.. @75"},
	},
	{
		name: "latest: only the winner makes the day open", horizon: "2024-02-01", rows: "2024-01-25.. trackA tx1 @25;2024-01-01..2024-01-31 trackB tx2 @50",
		spells: []string{"2024-01-01..2024-01-31 31 31 15.5"},
	},
	{
		name: "reveal and clip of an ongoing spell", window: "2025-01-01 2026-01-01 reveal", horizon: "2026-11-01", rows: "2024-07-01.. @75",
		spells: []string{"2025-01-01..2025-12-31 365 365 273.75 L R ongoing true 2024-07-01.."},
	},
	{
		name: "reveal and start_in of an ongoing spell", window: "2025-01-01 2026-01-01 start_in reveal", horizon: "2026-11-01", rows: "2025-07-01.. @75",
		spells: []string{"2025-07-01.. 488 488 366 R ongoing"}, subs: []string{"2025-07-01.. @75"},
	},
	{
		name: "start_in cuts under mask", window: "2025-01-01 2026-01-01 start_in", horizon: "2026-11-01", rows: "2025-07-01.. @75",
		spells: []string{"2025-07-01..2025-12-31 184 184 138 R"},
	},
	{
		name: "end_in never picks an ongoing spell", window: "end_in", horizon: "2026-11-01", rows: "2025-07-01.. @75;2024-01-01..2024-01-02",
		spells: []string{"2024-01-01..2024-01-02 2 2 2"},
	},
	{
		name: "the horizon at the window's end lies within", window: "2025-01-01 2026-11-01", horizon: "2026-11-01", rows: "2025-07-01.. @75",
		spells: []string{"2025-07-01.. 488 488 366 ongoing"},
	},
	{
		name: "amounts count where nothing covers, and only in the window", window: "2024-02-01 2025-01-01", unit: ByMonth,
		rows: "2024-01-30..2024-02-02 tx1 ore400;2024-01-30..2024-02-02 tx2 rev ore100", spells: []string{}, cells: []string{"2024-02 0 0 150"},
	},
	{
		name: "amounts that cancel leave no cell", unit: ByMonth,
		rows: "2024-01-30..2024-02-02 tx1 ore400;2024-01-30..2024-02-02 tx2 rev ore400", spells: []string{}, cells: []string{},
	},
	{
		name: "equal rows count once", unit: ByMonth,
		rows: "2024-01-30..2024-01-31 tx1 ore400;2024-01-30..2024-01-31 tx1 ore400;2024-01-30..2024-01-31 tx1 ore401", spells: []string{"2024-01-30..2024-01-31 2 2 2"}, cells: []string{"2024-01 2 2 801"},
	},
	{
		name: "amounts do not follow the mode", window: "2024-01-10 2024-02-01 start_in", unit: ByMonth,
		rows: "2024-01-01..2024-01-20 ore2000", spells: []string{}, cells: []string{"2024-01 0 0 1100"},
	},
	{
		name: "whole spells, amounts of the window", window: "2024-02-01 2024-03-01 overlap reveal", unit: ByMonth,
		rows: "2024-01-31..2024-02-01 ore2000", spells: []string{"2024-01-31..2024-02-01 2 2 2 L"}, cells: []string{"2024-01 1 1 0", "2024-02 1 1 1000"},
	},
	{
		name: "weeks", rows: "2020-12-30..2021-01-11", unit: ByWeek, spells: []string{"2020-12-30..2021-01-11 13 13 13"},
		cells: []string{"2020-W53 5 5 0", "2021-W01 7 7 0", "2021-W02 1 1 0"},
	},
	{
		name: "quarters", rows: "2023-12-31..2024-04-01", unit: ByQuarter, spells: []string{"2023-12-31..2024-04-01 93 93 93"},
		cells: []string{"2023-Q4 1 1 0", "2024-Q1 91 91 0", "2024-Q2 1 1 0"},
	},
	{
		name: "days", rows: "2024-02-28..2024-03-01 @25 ore100", unit: ByDay, spells: []string{"2024-02-28..2024-03-01 3 3 0.75"},
		cells: []string{"2024-02-28 1 0.25 33", "2024-02-29 1 0.25 33", "2024-03-01 1 0.25 34"},
	},
	{name: "a spell of years does not wrap", rows: "0001-01-01..9999-12-31 @75", spells: []string{"0001-01-01..9999-12-31 3652059 3652059 2739044.25"}},
}

func TestExamples(t *testing.T) {
	t.Parallel()
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			o := Defaults()
			o.Rule.Overlap = e.overlap
			if e.asOf != 0 {
				o.AsOf = e.asOf
			}
			if e.horizon != "" {
				o.Horizon = day.MustParse(e.horizon)
			}
			k := New(o)
			if err := k.Build(pays(t, e.rows)); err != nil {
				t.Fatal(err)
			}
			if got := k.ConflictDays(); got != e.conflict {
				t.Fatalf("%d days of conflict, want %d", got, e.conflict)
			}
			if e.conflict != 0 {
				return
			}
			spells, subs, err := k.Deliver(window(t, e.window))
			if err != nil {
				t.Fatal(err)
			}
			if got := showSpells(spells); !slices.Equal(got, e.spells) {
				t.Errorf("spells\n got %q\nwant %q", got, e.spells)
			}
			if got := showSubspells(subs); e.subs != nil && !slices.Equal(got, e.subs) {
				t.Errorf("sub-spells\n got %q\nwant %q", got, e.subs)
			}
			if got := showCells(e.unit, k.Panel(e.unit, nil)); e.cells != nil && !slices.Equal(got, e.cells) {
				t.Errorf("cells\n got %q\nwant %q", got, e.cells)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	k := New(Defaults())
	if err := k.Build(pays(t, "2024-01-01..")); err != ErrNoHorizon {
		t.Errorf("open row without horizon: %v", err)
	}
	if err := k.Build(pays(t, "2024-01-01..2024-01-05")); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]error{
		"2024-01-01 2024-01-01":                ErrEmptyWindow, // S21
		"2024-01-02 2024-01-01":                ErrEmptyWindow,
		"2024-01-01 2024-01-02 overlap":        ErrMaskedOverlap,
		"2024-01-01 2024-01-02 overlap reveal": nil,
	} {
		spells, subs, err := k.Deliver(window(t, text))
		if err != want || err != nil && spells != nil || err != nil && subs != nil {
			t.Errorf("window %q: %v and %d spells, want %v", text, err, len(spells), want)
		}
	}
}

// Spell groups differ in their rules; one build follows each its own.
func TestRulesByKey(t *testing.T) {
	t.Parallel()
	o := Defaults()
	o.Rules = []Rule{{MaxGap: 4}, {MaxGap: 19, Overlap: SumTracks}}
	k := New(o)
	rows := pays(t, "2024-01-01..2024-01-10;2024-01-20..2024-01-31;"+
		"2024-01-01..2024-01-10 key1 trackA @50;2024-01-01..2024-01-10 key1 trackB @25;2024-01-30..2024-01-31 key1;"+
		"2024-01-01..2024-01-01 key2;2024-01-06..2024-01-06 key2")
	if err := k.Build(rows); err != nil {
		t.Fatal(err)
	}
	uncut, subs := k.Uncut()
	want := []string{
		"2024-01-01..2024-01-10 10 10 10", "2024-01-20..2024-01-31 12 12 12",
		"2024-01-01..2024-01-31 31 12 9.5", "2024-01-01..2024-01-06 6 2 2",
	}
	if got := showSpells(uncut); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(subs) != 6 || len(k.Rows()) != len(rows) {
		t.Errorf("%d sub-spells of %d rows", len(subs), len(k.Rows()))
	}
}

// The first diagnosis of a spell is that of the row that decides its first
// day; under mask, its first day in the window.
func TestFirstRow(t *testing.T) {
	t.Parallel()
	k := New(Defaults())
	if err := k.Build(pays(t, "2024-01-06..2024-01-10 id20;2024-01-01..2024-01-05 id10;2024-01-11..2024-01-15 id30 @50;2024-01-08..2024-01-08 id40 tx1")); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]int64{
		"": {10, 10, 30}, "2024-01-06 2024-02-01": {20, 20, 30}, "2024-01-08 2024-02-01": {40, 40, 30}, "2024-01-09 2024-01-10": {20, 20},
		"2024-01-09 2024-02-01 reveal": {10, 10, 30}, "2024-01-12 2024-02-01": {30, 30},
	} {
		spells, subs, err := k.Deliver(window(t, text))
		if err != nil {
			t.Fatal(err)
		}
		got := []int64{k.Rows()[spells[0].First].RowID}
		for i := range subs {
			got = append(got, k.Rows()[subs[i].First].RowID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("window %q: first rows %v, want %v", text, got, want)
		}
	}
}
