package enginetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/episode/episodetest"
	"sluss/internal/fault"
	"sluss/internal/plan"
	"sluss/internal/selection"
)

// ask puts conditions to everybody in a world.
func ask(w World, anchor string, days []string, conditions ...plan.Criterion) engine.Selection {
	s := engine.Selection{Snapshot: Snapshot, Catalogue: catalog.Builtin(), Conditions: conditions, Anchor: anchor}
	for p := range w.Births {
		x := engine.Person{Index: uint32(p)}
		if anchor != "" {
			a := engine.Anchor{}
			if d := days[p%len(days)]; d != "" {
				a = engine.Anchor{Set: true, Day: D(d)}
			}
			x.Anchors = []engine.Anchor{a}
		}
		s.People = append(s.People, x)
	}
	return s
}

func during(from, to string) plan.Window {
	return plan.Window{From: bound(from, ""), To: bound(to, "")}
}

// met writes who meets a condition: person, first and last start.
func met(list []selection.Met) []string {
	var out []string
	for _, m := range list {
		text := fmt.Sprint(m.Person)
		if m.First != 0 || m.Last != 0 {
			text += " " + m.First.String() + " " + m.Last.String()
		}
		out = append(out, text)
	}
	return out
}

// testSelection tells who meets a condition.
func testSelection(t *testing.T, mk Maker) {
	w := Sick(
		Pay{From: "2023-12-20", Tom: "2024-01-05", Diagnose: "F32"},
		Pay{From: "2024-02-01", Tom: "2024-02-10", Diagnose: "M54", Extent: 500},
		Pay{Person: 1, From: "2024-03-01", Tom: "2024-03-05", Diagnose: "F33"},
		Pay{Person: 1, From: "2024-03-08", Tom: "2024-03-10", Diagnose: "F33"}, // the same spell
		Pay{Person: 2, Tx: 1, From: "2024-03-01", Tom: "2024-03-05"},
		Pay{Person: 2, Tx: 2, From: "2024-03-01", Tom: "2024-03-05", Rev: true}, // all taken back
		Pay{Person: 3, From: "2022-01-01", Tom: "2022-12-31"},
	)
	year := during("2024-01-01", "2025-01-01")
	f := plan.Filter{Var: "diagnos", Stage: plan.StageRow, CodeIn: []string{"F30-F48"}}
	begins := year
	begins.Mode = plan.ModeStartIn
	for _, x := range []struct {
		name   string
		k      plan.Criterion
		anchor []string
		want   []string
	}{
		{name: "anything in the period, cut to it", k: plan.Criterion{Table: "midas_sjp", Period: year}, want: []string{"0 2024-01-01 2024-02-01", "1 2024-03-01 2024-03-01"}},
		{name: "what begins in the period", k: plan.Criterion{Table: "midas_sjp", Period: begins}, want: []string{"0 2024-02-01 2024-02-01", "1 2024-03-01 2024-03-01"}},
		{name: "two spells", k: plan.Criterion{Table: "midas_sjp", Period: year, AtLeast: &plan.AtLeast{Rows: 2}}, want: []string{"0 2024-01-01 2024-02-01"}},
		{name: "nine covered days, gaps left out", k: plan.Criterion{Table: "midas_sjp", Period: year, AtLeast: &plan.AtLeast{Days: 9}}, want: []string{"0 2024-01-01 2024-02-01"}},
		{name: "eight covered days", k: plan.Criterion{Table: "midas_sjp", Period: year, AtLeast: &plan.AtLeast{Days: 8}}, want: []string{"0 2024-01-01 2024-02-01", "1 2024-03-01 2024-03-01"}},
		{name: "rows of a diagnosis", k: plan.Criterion{Table: "midas_sjp", Period: begins, Where: []plan.Filter{f}}, want: []string{"1 2024-03-01 2024-03-01"}},
		{
			name: "spells by what the period shows of them", k: plan.Criterion{Table: "midas_sjp", Period: year, Where: []plan.Filter{{Var: "dagar", Stage: plan.StageSpell, Between: []any{float64(6), float64(9)}}}},
			want: []string{"1 2024-03-01 2024-03-01"},
		},
		{
			name: "a year before a date of each person", k: plan.Criterion{Table: "midas_sjp", Period: during("index-P1Y", "indexP0D")}, anchor: []string{"2024-01-01", "2024-03-01", "2024-04-01", ""},
			want: []string{"0 2023-12-20 2023-12-20"},
		},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			name := ""
			if x.anchor != nil {
				name = "index"
			}
			got, err := mk(t, w).Select(context.Background(), ask(w, name, x.anchor, x.k))
			if err != nil || len(got) != 1 || !slices.Equal(met(got[0]), x.want) {
				t.Errorf("met %v, %v; want %v", got, err, x.want)
			}
		})
	}
	t.Run("several conditions, and rows without dates", func(t *testing.T) {
		t.Parallel()
		born := plan.Criterion{Table: "person", Period: year, Where: []plan.Filter{{Var: "fodelsear", Stage: plan.StageRow, Between: []any{float64(1950), float64(1960)}}}}
		died := plan.Criterion{Table: "person", Period: year, Where: []plan.Filter{{Var: "dodsmanad", Stage: plan.StageRow, Between: []any{"2024-07", "2024-12"}}}}
		got, err := mk(t, persons).Select(context.Background(), ask(persons, "", nil, born, died))
		if err != nil || len(got) != 2 || !slices.Equal(met(got[0]), []string{"1"}) || !slices.Equal(met(got[1]), []string{"0"}) {
			t.Errorf("met %v, %v", got, err)
		}
	})
	t.Run("conditions on several tables", func(t *testing.T) {
		t.Parallel()
		both := World{Day: w.Day, Births: w.Births, Tables: map[string][]Row{"midas_sjp": w.Tables["midas_sjp"], "person": {
			{Person: 2, Values: map[string]any{"fodelsear": int64(1950), "kon": "K", "lan": "01", "skyddad": int64(0)}},
		}}}
		born := plan.Criterion{Table: "person", Period: year, Where: []plan.Filter{{Var: "fodelsear", Stage: plan.StageRow, In: []any{float64(1950)}}}}
		got, err := mk(t, both).Select(context.Background(), ask(both, "", nil, born, plan.Criterion{Table: "midas_sjp", Period: begins}))
		if err != nil || len(got) != 2 || !slices.Equal(met(got[0]), []string{"2"}) || !slices.Equal(met(got[1]), []string{"0 2024-02-01 2024-02-01", "1 2024-03-01 2024-03-01"}) {
			t.Errorf("met %v, %v", got, err)
		}
	})
	t.Run("what is not there", func(t *testing.T) {
		t.Parallel()
		for _, k := range []plan.Criterion{{Table: "tfp", Period: year}, {Table: "nowhere", Period: year}, {Table: "midas_sjp", Period: during("2024-02-01", "2024-01-01")}} {
			_, err := mk(t, w).Select(context.Background(), ask(w, "", nil, k))
			if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Class != fault.Input {
				t.Errorf("%s: %v, want a fault", k.Table, err)
			}
		}
	})
}

// testSelectionAgainstDays compares who meets random conditions with the
// day-by-day reference.
func testSelectionAgainstDays(t *testing.T, mk Maker, worlds uint64) {
	some, none := 0, 0
	for seed := range worlds {
		r := rand.New(rand.NewPCG(seed, 11))
		w := randomSick(r)
		from := start + day.Day(r.IntN(60))
		k := plan.Criterion{Table: "midas_sjp", Period: plan.Window{From: plan.Bound{Date: from}, To: plan.Bound{Date: from + day.Day(1+r.IntN(60))}}}
		q := question{ask: episodetest.Question{
			AsOf: math.MaxInt64, Horizon: int(w.Day), Windowed: true, Gap: 4, FarGap: 19, Overlap: "latest", Mode: "clip", History: "mask", WinFrom: int(from), WinTo: int(k.Period.To.Date),
		}}
		if r.IntN(3) == 0 {
			k.Period.Mode, q.ask.Mode = plan.ModeStartIn, "start_in"
		}
		k.AtLeast = &plan.AtLeast{Rows: r.IntN(3), Days: r.IntN(20)}
		if k.AtLeast.Rows+k.AtLeast.Days == 0 {
			k.AtLeast = nil
		}
		got, err := mk(t, w).Select(context.Background(), ask(w, "", nil, k))
		if err != nil {
			t.Fatal(err)
		}
		want := meets(w, q, k)
		if !slices.Equal(met(got[0]), want) {
			t.Fatalf("seed %d, %+v: met %v, want %v", seed, k, met(got[0]), want)
		}
		if len(want) > 0 {
			some++
		} else {
			none++
		}
	}
	if worlds >= manyWorlds/3 && (some < 100 || none < 100) {
		t.Errorf("random conditions were met in %d worlds and not in %d", some, none)
	}
}

// meets answers a condition from the reference's spells.
func meets(w World, q question, k plan.Criterion) []string {
	rows, days := 1, 0
	if k.AtLeast != nil {
		rows, days = max(1, k.AtLeast.Rows), k.AtLeast.Days
	}
	var out []selection.Met
	for p := range w.Births {
		a := episodetest.Ask(referenceRows(w, uint32(p)), q.ask)
		covered := 0
		m := selection.Met{Person: uint32(p)}
		for i, s := range a.Spells {
			covered += s.Days
			if from := day.Day(s.From); i == 0 {
				m.First, m.Last = from, from
			} else {
				m.First, m.Last = min(m.First, from), max(m.Last, from)
			}
		}
		if len(a.Spells) >= rows && covered >= days {
			out = append(out, m)
		}
	}
	return met(out)
}
