package enginetest

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/episode/episodetest"
	"sluss/internal/plan"
)

// sights counts what random worlds have shown, so that a generator that no
// longer reaches something is noticed.
type sights map[string]int

// manyWorlds are enough random worlds to show everything that they should, and
// related is how many the axioms that relate results are tried on.
const (
	manyWorlds = 1500
	related    = 60
)

// start is the first day of random worlds.
var start = D("2023-12-10")

// randomSick makes a world of a few persons with tangled payments. Diagnosis,
// date of payment and what the applications say follow from the rest of a row, so
// that rows that are equal to the reference are equal to the engine.
func randomSick(r *rand.Rand) World {
	w := World{Day: start + day.Day(60+r.IntN(90)), Tables: map[string][]Row{"midas_sjp": {}}}
	var all []Pay
	for p := range uint32(1 + r.IntN(3)) {
		w.Births = append(w.Births, D("1970-01-01"))
		for range r.IntN(11) {
			from := start + day.Day(r.IntN(80))
			pay := Pay{
				Person: p, ID: int64(len(all) + 1), Tx: int64(r.IntN(5)), Track: int64(1 + r.IntN(3)), Rev: r.IntN(5) == 0, From: from.String(),
				Tom: (from + day.Day(r.IntN(25))).String(), Extent: []uint16{0, 250, 500, 500, 750, 1000}[r.IntN(6)], Ore: int64(r.IntN(3)*3333) * []int64{1, 1, 40}[r.IntN(3)],
				Benefit: []string{"SJP", "SJP", "RHP", "ASP", "FSP"}[r.IntN(5)], Level: []string{"", "N", "F"}[r.IntN(3)],
			}
			if r.IntN(10) == 0 {
				pay.Tom, pay.Ore = "", 0
			}
			if r.IntN(6) == 0 && len(all) > 0 {
				twin := all[r.IntN(len(all))]
				twin.ID = pay.ID
				pay = twin
			}
			pay.Diagnose = []string{"", "F32", "M545", "S82"}[(int(D(pay.From))+int(pay.Extent)+int(pay.Tx))%4]
			told := int(D(pay.From))*5 + int(pay.Extent)/125 + int(pay.Tx)*3 + int(pay.Track)*7
			pay.Insured, pay.Waits = []string{"8", "5", "8", "", "2"}[told%5], []string{"", "7", "1", "2+"}[told%4]
			if told%3 > 0 {
				pay.Ill = (D(pay.From) - day.Day(told%19)).String()
			}
			all = append(all, pay)
			row := pay.Row()
			row.Hidden = r.IntN(8) == 0
			w.Tables["midas_sjp"] = append(w.Tables["midas_sjp"], row)
		}
	}
	return w
}

// question is a random way to look at a world, for the engine and for the
// reference.
type question struct {
	do  Extract
	ask episodetest.Question
}

func randomQuestion(r *rand.Rand, w World, seen sights) question {
	q := question{ask: episodetest.Question{AsOf: math.MaxInt64, Horizon: int(w.Day), Windowed: true, Gap: 4, Overlap: "latest", Mode: "clip", History: "mask"}}
	q.do.Shape = []string{"spell", "subspell", "subspell_42", "panel_day", "panel_week", "panel_month", "panel_quarter", "panel_year", "correction"}[r.IntN(9)]
	if q.do.Shape == "spell" {
		q.do.Gap = r.IntN(8)
		q.ask.Gap = q.do.Gap
	}
	if q.ask.Gap >= 4 {
		q.ask.FarGap = 19
	}
	if r.IntN(3) == 0 {
		q.do.Overlap = "sum_tracks"
		q.ask.Overlap = q.do.Overlap
	}
	from := start + day.Day(r.IntN(70)-10)
	to := from + day.Day(1+r.IntN(90))
	if r.IntN(4) == 0 {
		from, to = D("1900-01-01"), D("2100-01-01")
	}
	q.do.From, q.do.To, q.ask.WinFrom, q.ask.WinTo = from.String(), to.String(), int(from), int(to)
	if r.IntN(2) == 0 {
		q.do.Reveal, q.ask.History = true, "reveal"
	}
	if m := r.IntN(4); m > 0 && (m != 1 || q.do.Reveal) {
		q.do.Mode = []string{"", "overlap", "start_in", "end_in"}[m]
		q.ask.Mode = q.do.Mode
	}
	if r.IntN(4) == 0 && q.do.Shape != "correction" {
		q.do.Where = append(q.do.Where, plan.Filter{Var: "omfattning", Stage: plan.StageSubspell, Between: []any{float64(50), float64(100)}})
		q.ask.KeepExtent = func(e int) bool { return e >= 500 }
	}
	if r.IntN(4) == 0 && q.do.Reveal && q.do.Shape != "correction" {
		q.ask.MinDays = 1 + r.IntN(12)
		q.do.Where = append(q.do.Where, plan.Filter{Var: "dagar", Stage: plan.StageSpell, Between: []any{float64(q.ask.MinDays), float64(9999)}})
	}
	if q.do.Shape == "spell" && r.IntN(3) == 0 {
		q.do.Key = [][]string{{"delforman"}, {"niva"}, {"niva", "delforman"}}[r.IntN(3)]
		seen["own key"]++
	}
	for _, s := range []string{q.do.Shape, q.do.Mode, q.do.Overlap, q.ask.History, fmt.Sprintf("filters %d", len(q.do.Where))} {
		seen[s]++
	}
	q.do.Columns = map[string][]string{
		"spell":    {"lopnr", "from_datum", "tom_datum", "bruttodagar", "dagar", "nettodagar", "vanstercensur", "hogercensur", "pagaende", "fall_nr", "delforman", "diagnos"},
		"subspell": {"lopnr", "from_datum", "tom_datum", "omfattning", "dagar", "nettodagar", "fall_nr", "delfall_nr", "delforman", "niva", "diagnos"},
		"subspell_42": {
			"lopnr", "from_datum", "tom_datum", "omfattning", "bruttodagar", "dagar", "nettodagar", "belopp", "fall_from", "fall_tom", "fall_dagar", "delforman", "diagnos", "diagnos!absent=tom",
		},
		"correction":    {"lopnr", "from_datum", "tom_datum", "delforman", "omfattning", "dagar", "belopp"},
		"panel_week":    {"lopnr", "vecka", "dagar", "nettodagar", "belopp", "omfattning", "antal_fall", "startade_fall", "avslutade_fall"},
		"panel_quarter": {"lopnr", "kvartal", "dagar", "nettodagar", "belopp", "omfattning", "antal_fall", "startade_fall", "avslutade_fall"},
		"panel_day":     {"lopnr", "dag", "dagar", "nettodagar", "belopp", "omfattning", "antal_fall", "startade_fall", "avslutade_fall"},
		"panel_month":   {"lopnr", "manad", "dagar", "nettodagar", "belopp", "omfattning", "antal_fall", "startade_fall", "avslutade_fall"},
		"panel_year":    {"lopnr", "ar", "dagar", "nettodagar", "belopp", "omfattning", "antal_fall", "startade_fall", "avslutade_fall"},
	}[q.do.Shape]
	if q.do.Shape == "spell" && q.do.Reveal {
		q.do.Columns = append(q.do.Columns, "helt_from_datum", "helt_tom_datum")
	}
	return q
}

// testAgainstDays compares random jobs with the day-by-day reference of the
// kernel's tests, which knows nothing of columns or intervals.
func testAgainstDays(t *testing.T, mk Maker, worlds uint64) {
	seen := sights{}
	for seed := range worlds {
		r := rand.New(rand.NewPCG(seed, 7))
		w := randomSick(r)
		q := randomQuestion(r, w, seen)
		got := Lines(t, mk(t, w), Job(w, q.do))
		want := reference(w, q, seen)
		if q.do.Key != nil { // spells of several keys may begin on one day; their order is not the reference's to know
			slices.Sort(got)
			slices.Sort(want)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d, %+v\nrows %v\ngot\n%s\nwant\n%s", seed, q.do, w.Tables["midas_sjp"], strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if worlds < manyWorlds {
		return // too few to show everything
	}
	for _, s := range []string{"cut", "ongoing", "no tom", "twins", "spell", "subspell", "subspell_42", "gap", "correction", "unresolved", "panel_day", "panel_week", "panel_quarter", "overlap", "start_in", "end_in", "sum_tracks", "reveal", "filters 2", "far gap", "sick pay", "top-up", "spell over whole periods", "cut in a panel", "own key", "keys side by side"} {
		if seen[s] < 20 {
			t.Errorf("random worlds showed %q only %d times", s, seen[s])
		}
	}
}

// testRelations holds the axioms that relate one result to another; they need
// no reference and hold for every column at once.
func testRelations(t *testing.T, mk Maker, few uint64) {
	total := func(t *testing.T, w World, do Extract) engine.Totals {
		t.Helper()
		_, res := Files(t, mk(t, w), Job(w, do))
		return totals(res)
	}
	run := func(t *testing.T, w World, do ...Extract) map[string]string {
		t.Helper()
		files, _ := Files(t, mk(t, w), Job(w, do...))
		return files
	}
	worlds := func(t *testing.T, do func(t *testing.T, r *rand.Rand, w World)) {
		t.Parallel()
		for seed := range few {
			r := rand.New(rand.NewPCG(seed, 11))
			do(t, r, randomSick(r))
		}
	}
	short := []plan.Filter{{Var: "dagar", Stage: plan.StageSpell, Between: []any{float64(1), float64(9)}}}
	every := []Extract{
		{Name: "a", Shape: "spell", Gap: 4, Columns: []string{"lopnr", "from_datum", "tom_datum", "dagar", "diagnos", "fall_nr"}},
		{Name: "s", Shape: "spell", Gap: 4, Key: []string{"niva"}, Columns: []string{"lopnr", "from_datum", "tom_datum", "dagar", "diagnos", "fall_nr"}},
		{Name: "t", Shape: "panel_year", From: "2024-01-05", To: "2024-03-01", Columns: []string{"lopnr", "ar", "antal_fall", "startade_fall", "avslutade_fall"}},
		{Name: "b", Shape: "subspell", Columns: []string{"lopnr", "from_datum", "omfattning", "niva"}},
		{Name: "c", Shape: "panel_month", From: "2023-12-15", To: "2024-02-15", Columns: []string{"lopnr", "manad", "dagar", "belopp"}},
		{Name: "d", Shape: "payment", Columns: []string{"lopnr", "from_datum", "belopp", "diagnos"}},
		{Name: "e", Shape: "spell", Gap: 0, From: "2024-01-01", To: "2024-03-01", Columns: []string{"lopnr", "from_datum", "tom_datum"}},
		{Name: "f", Shape: "panel_year", Zero: true, Columns: []string{"lopnr", "ar", "dagar"}, Where: []plan.Filter{{Var: "omfattning", Stage: plan.StageRow, In: []any{float64(50)}}}},
		{Name: "r", Shape: "correction", From: "2024-01-05", To: "2024-03-01", Columns: []string{"lopnr", "from_datum", "tom_datum", "delforman", "belopp", "utbetalningsdatum"}},
		{Name: "o", Shape: "panel_week", From: "2024-01-05", To: "2024-03-01", Columns: []string{"lopnr", "vecka", "dagar", "belopp"}},
		{Name: "q", Shape: "panel_month", From: "2024-01-05", To: "2024-03-01", Columns: []string{"lopnr", "manad", "dagar", "belopp"}},
		{Name: "p", Shape: "panel_quarter", From: "2024-01-05", To: "2024-03-01", Columns: []string{"lopnr", "kvartal", "dagar", "belopp"}},
		{Name: "h", Shape: "panel_year", From: "2024-01-05", To: "2024-03-01", Columns: []string{"lopnr", "ar", "dagar", "belopp"}},
		{Name: "i", Shape: "panel_day", From: "2024-01-05", To: "2024-03-01", Columns: []string{"lopnr", "dag", "dagar", "belopp"}},
		{Name: "j", Shape: "panel_month", From: "2024-01-05", To: "2024-03-01", Columns: []string{"lopnr", "manad", "dagar", "belopp"}},
		{Name: "k", Shape: "panel_year", From: "2024-01-05", To: "2024-03-01", Columns: []string{"lopnr", "ar", "dagar", "belopp"}},
		{Name: "l", Shape: "subspell", From: "2023-12-15", To: "2024-01-15", Where: short, Columns: []string{"lopnr", "from_datum", "tom_datum"}},
		{Name: "m", Shape: "subspell", From: "2024-01-10", To: "2024-02-15", Where: short, Columns: []string{"lopnr", "from_datum", "tom_datum"}},
		{Name: "n", Shape: "subspell", From: "2024-01-10", To: "2024-02-15", Reveal: true, Where: short, Columns: []string{"lopnr", "from_datum", "tom_datum"}},
		{Name: "g", Shape: "panel_month", From: "2024-01-01", To: "2024-03-01", Columns: []string{"lopnr", "manad", "dagar", "belopp"}},
	}
	t.Run("S1 order of rows", func(t *testing.T) {
		worlds(t, func(t *testing.T, r *rand.Rand, w World) {
			other := w
			other.Tables = map[string][]Row{"midas_sjp": slices.Clone(w.Tables["midas_sjp"])}
			rows := other.Tables["midas_sjp"]
			r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
			if !maps.Equal(run(t, w, every...), run(t, other, every...)) {
				t.Error("the order of rows shows")
			}
		})
	})
	t.Run("S10 wider gaps never give more spells", func(t *testing.T) {
		worlds(t, func(t *testing.T, _ *rand.Rand, w World) {
			last := int64(math.MaxInt64)
			for _, gap := range []int{0, 1, 3, 7, 30, 366} {
				n := total(t, w, Extract{Shape: "spell", Gap: gap, Columns: []string{"lopnr"}}).Rows
				if n > last {
					t.Errorf("gap %d gives %d spells, a narrower one %d", gap, n, last)
				}
				last = n
			}
		})
	})
	t.Run("S15 windows add up, S16 shapes agree", func(t *testing.T) {
		worlds(t, func(t *testing.T, r *rand.Rand, w World) {
			a, m, b := start+day.Day(r.IntN(20)), start+day.Day(21+r.IntN(30)), start+day.Day(52+r.IntN(60))
			for _, shape := range []string{"spell", "subspell", "panel_day", "panel_month", "panel_year", "payment", "correction"} {
				of := func(from, to day.Day) engine.Totals {
					return total(t, w, Extract{Shape: shape, Gap: 4, From: from.String(), To: to.String(), Columns: []string{"lopnr"}})
				}
				whole, left, right := of(a, b), of(a, m), of(m, b)
				if whole.Days != left.Days+right.Days || whole.Net != left.Net+right.Net || whole.Ore != left.Ore+right.Ore {
					t.Errorf("%s: %+v and %+v do not add up to %+v", shape, left, right, whole)
				}
				spells := total(t, w, Extract{Shape: "subspell", From: a.String(), To: b.String(), Columns: []string{"lopnr"}})
				if shape != "payment" && shape != "correction" && (whole.Days != spells.Days || whole.Net != spells.Net) {
					t.Errorf("%s has %d days and %d net, sub-spells have %d and %d", shape, whole.Days, whole.Net, spells.Days, spells.Net)
				}
				panel := total(t, w, Extract{Shape: "panel_day", From: a.String(), To: b.String(), Columns: []string{"lopnr"}})
				if shape == "payment" && whole.Ore != panel.Ore {
					t.Errorf("payments have %d öre, the panel %d", whole.Ore, panel.Ore)
				}
			}
		})
	})
	t.Run("S22 what was not known does not show", func(t *testing.T) {
		worlds(t, func(t *testing.T, _ *rand.Rand, w World) {
			without := w
			without.Tables = map[string][]Row{"midas_sjp": slices.DeleteFunc(slices.Clone(w.Tables["midas_sjp"]), func(r Row) bool { return r.Hidden })}
			if !maps.Equal(run(t, w, every...), run(t, without, every...)) {
				t.Error("rows that were not known show")
			}
		})
	})
	t.Run("S27 one person, S28 other löpnummer", func(t *testing.T) {
		worlds(t, func(t *testing.T, r *rand.Rand, w World) {
			e := mk(t, w)
			whole, _ := Files(t, e, Job(w, every...))
			serials := r.Perm(1000)
			relabelled := Job(w, every...)
			want := map[string][]string{}
			for i := range relabelled.People {
				relabelled.People[i].Serial = int64(serials[i] + 1)
				alone := Job(w, every...)
				alone.People = alone.People[i : i+1]
				files, _ := Files(t, e, alone)
				for name, text := range files {
					if got := linesOf(whole[name], fmt.Sprint(100+i)); !slices.Equal(got, linesOf(text, fmt.Sprint(100+i))) {
						t.Errorf("%s: a person alone gives other lines", name)
					}
				}
			}
			other, _ := Files(t, e, relabelled)
			for name := range whole {
				for i := range relabelled.People {
					for _, line := range linesOf(whole[name], fmt.Sprint(100+i)) {
						want[name] = append(want[name], fmt.Sprint(relabelled.People[i].Serial)+strings.TrimPrefix(line, fmt.Sprint(100+i)))
					}
				}
				got := strings.Split(strings.TrimSpace(other[name]), "\n")[1:]
				slices.Sort(got)
				slices.Sort(want[name])
				if !slices.Equal(got, want[name]) {
					t.Errorf("%s: other löpnummer give other lines", name)
				}
			}
		})
	})
	t.Run("extracts together and alone", func(t *testing.T) {
		worlds(t, func(t *testing.T, _ *rand.Rand, w World) {
			together := run(t, w, every...)
			for _, do := range every {
				for name, text := range run(t, w, do) {
					if together[name] != text {
						t.Errorf("%s alone differs", name)
					}
				}
			}
		})
	})
}

// linesOf returns the lines of a file that begin with a löpnummer.
func linesOf(file, serial string) []string {
	var out []string
	for line := range strings.Lines(file) {
		if strings.HasPrefix(line, serial+";") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}
