package enginetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/plan"
)

// story is a world, one extract, and the lines that come out.
type story struct {
	name string
	w    World
	do   Extract
	set  func(*engine.Job)
	want []string
}

func tell(t *testing.T, mk Maker, stories []story) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			j := Job(s.w, s.do)
			if s.set != nil {
				s.set(&j)
			}
			if got := Lines(t, mk(t, s.w), j); !slices.Equal(got, s.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(s.want, "\n"))
			}
		})
	}
}

// mixed is one person with a spell of three sub-spells, whose first diagnosis
// is missing, and a later spell.
var mixed = Sick(
	Pay{From: "2024-01-01", Tom: "2024-01-10"},
	Pay{From: "2024-01-11", Tom: "2024-01-20", Extent: 500, Diagnose: "F32", Level: "N"},
	Pay{From: "2024-01-23", Tom: "2024-01-31", Extent: 500, Diagnose: "M54", Benefit: "RHP"},
	Pay{From: "2024-03-01", Tom: "2024-03-02", Diagnose: "XX"},
)

// testColumns tells what stands in every kind of column.
func testColumns(t *testing.T, mk Maker) {
	tell(t, mk, []story{
		{
			name: "attributes of spells: the earliest that is not missing",
			w:    mixed, do: Extract{Shape: "spell", Gap: 4, Columns: []string{"lopnr", "fall_nr", "delforman", "diagnos", "diagnos|icd_3=d3", "diagnos|icd_block=block", "diagnos|icd_chapter=kap"}},
			want: []string{"100;1;SJP;F32;F32;F30-F39;F00-F99", "100;2;SJP;XX;;;"},
		},
		{
			name: "spells kept apart by the benefit: each as if the other rows were not there",
			w: Sick(
				Pay{From: "2024-01-01", Tom: "2024-01-20"},
				Pay{From: "2024-01-11", Tom: "2024-01-31", Extent: 500, Benefit: "RHP"}, // would win the days that both cover
				Pay{From: "2024-02-03", Tom: "2024-02-05"},
			),
			do:   Extract{Shape: "spell", Gap: 14, Key: []string{"delforman"}, Columns: []string{"lopnr", "delforman", "from_datum", "tom_datum", "dagar", "nettodagar", "fall_nr"}},
			want: []string{"100;SJP;2024-01-01;2024-02-05;23;23;1", "100;RHP;2024-01-11;2024-01-31;21;10.5;2"},
		},
		{
			name: "the same, joined",
			w: Sick(
				Pay{From: "2024-01-01", Tom: "2024-01-20"},
				Pay{From: "2024-01-11", Tom: "2024-01-31", Extent: 500, Benefit: "RHP"},
				Pay{From: "2024-02-03", Tom: "2024-02-05"},
			),
			do:   Extract{Shape: "spell", Gap: 14, Columns: []string{"lopnr", "delforman", "from_datum", "tom_datum", "dagar", "nettodagar", "fall_nr"}},
			want: []string{"100;SJP;2024-01-01;2024-02-05;34;23.5;1"},
		},
		{
			name: "masked, only what lies in the window", w: mixed,
			do:   Extract{Shape: "spell", Gap: 4, From: "2024-01-21", To: "2024-02-10", Columns: []string{"lopnr", "from_datum", "delforman", "diagnos"}},
			want: []string{"100;2024-01-23;RHP;M54"},
		},
		{
			name: "revealed, of the uncut spell", w: mixed,
			do:   Extract{Shape: "spell", Gap: 4, From: "2024-01-21", To: "2024-02-10", Reveal: true, Columns: []string{"lopnr", "from_datum", "delforman", "diagnos"}},
			want: []string{"100;2024-01-23;SJP;F32"},
		},
		{
			name: "sub-spells", w: mixed,
			do: Extract{Shape: "subspell", Columns: []string{"lopnr", "delfall_nr", "fall_nr", "from_datum", "omfattning", "niva", "delforman", "diagnos"}},
			want: []string{
				"100;1;1;2024-01-01;100;;SJP;", "100;2;1;2024-01-11;50;N;SJP;F32", "100;3;1;2024-01-23;50;;RHP;M54", "100;4;2;2024-03-01;100;;SJP;XX",
			},
		},
		{
			name: "derivations", w: mixed,
			do: Extract{
				Shape: "spell", Gap: 4,
				Columns: []string{"lopnr", "diagnos!first=a", "diagnos!last=b", "diagnos!count=c", "diagnos!flag_any=d", "from_datum!rank_start=e", "from_datum!days_from_anchor=f"},
				Derive:  map[string]map[string]any{"f": {"anchor": "index"}},
			},
			set:  func(j *engine.Job) { Anchored(j, "index", "2024-01-15") },
			want: []string{"100;F32;M54;2;1;1;-14", "100;XX;XX;1;1;2;46"},
		},
		{
			name: "counts and flags of some codes", w: mixed,
			do: Extract{
				Shape: "spell", Gap: 4, Columns: []string{"lopnr", "from_datum", "diagnos!count=f", "diagnos!flag_any=g", "diagnos!count=m", "diagnos!flag_any=x"},
				Derive: map[string]map[string]any{
					"f": {"code_in": []any{"F30-F48", "M54"}}, "g": {"code_in": []any{"F32"}}, "m": {"code_in": []any{"M"}}, "x": {"code_in": []any{"S00-S99"}},
				},
			},
			want: []string{"100;2024-01-01;2;1;1;0", "100;2024-03-01;0;0;0;0"},
		},
		{
			name: "coarser dates order the lines by what is shown", w: mixed,
			do:   Extract{Shape: "subspell", Columns: []string{"lopnr", "from_datum|quarter=kv", "from_datum|month=man", "from_datum|year=ar", "tom_datum|month=till", "dagar"}},
			want: []string{"100;2024-Q1;2024-01;2024;2024-01;9", "100;2024-Q1;2024-01;2024;2024-01;10", "100;2024-Q1;2024-01;2024;2024-01;10", "100;2024-Q1;2024-03;2024;2024-03;2"},
		},
		{
			name: "panel: the greatest extent, amounts by the thousand", w: Sick(
				Pay{From: "2024-01-01", Tom: "2024-01-10", Extent: 250, Ore: 123456},
				Pay{From: "2024-01-11", Tom: "2024-02-01", Extent: 750, Ore: 223456},
				Pay{Tx: 9, From: "2024-01-01", Tom: "2024-01-10", Extent: 250, Ore: 123456, Rev: true, Track: 7},
			),
			do: Extract{Shape: "panel_month", Columns: []string{"lopnr", "manad|quarter=kv", "omfattning", "omfattning!max=m", "belopp", "belopp|amount_1000=tkr", "belopp!amount_sum=summa"}},
			want: []string{
				"100;2024-Q1;75;75;10158;0;10158", // the rest after ⌊223 456 · 21/22⌋
				"100;2024-Q1;75;75;213298;200000;213298",
			},
		},
		{
			name: "empty cells, up to the day of the snapshot", w: World{Day: D("2024-03-05"), Births: mixed.Births, Tables: map[string][]Row{"midas_sjp": {Pay{ID: 1, Extent: 1000, From: "2024-01-30", Tom: "2024-01-31"}.Row()}}},
			do:   Extract{Shape: "panel_month", From: "2023-12-01", To: "2024-07-01", Zero: true, Columns: []string{"lopnr", "manad", "dagar", "nettodagar", "omfattning"}},
			want: []string{"100;2023-12;0;0;", "100;2024-01;2;2;100", "100;2024-02;0;0;", "100;2024-03;0;0;"},
		},
		{
			name: "empty cells of who has none", w: World{Day: D("2024-03-05"), Births: mixed.Births},
			do:   Extract{Shape: "panel_year", From: "2023-01-01", To: "2025-01-01", Zero: true, Columns: []string{"lopnr", "ar", "dagar", "belopp", "omfattning"}},
			want: []string{"100;2023;0;0;", "100;2024;0;0;"},
		},
		{
			name: "spells of a period: joined over a gap, across months, cut by the window, going on",
			w: World{Day: D("2024-05-10"), Births: mixed.Births, Tables: map[string][]Row{"midas_sjp": {
				Pay{ID: 1, Extent: 1000, From: "2023-12-20", Tom: "2024-01-05"}.Row(), // began before the window
				Pay{ID: 2, Extent: 1000, From: "2024-01-20", Tom: "2024-01-29"}.Row(), // one spell, over the turn of the month
				Pay{ID: 3, Extent: 1000, From: "2024-02-03", Tom: "2024-02-10"}.Row(),
				Pay{ID: 4, Extent: 1000, From: "2024-02-16", Tom: "2024-02-29"}.Row(), // its last day is the month's last
				Pay{ID: 5, Extent: 1000, From: "2024-05-02"}.Row(),                    // going on
			}}},
			do:   Extract{Shape: "panel_month", From: "2024-01-01", To: "2024-07-01", Zero: true, Columns: []string{"lopnr", "manad", "dagar", "antal_fall", "startade_fall", "avslutade_fall"}},
			want: []string{"100;2024-01;15;2;1;1", "100;2024-02;22;2;1;2", "100;2024-03;0;0;0;0", "100;2024-04;0;0;0;0", "100;2024-05;8;1;1;0"},
		},
		{
			name: "spells of a period that the window cuts at both ends",
			w:    mixed, do: Extract{Shape: "panel_year", From: "2024-01-25", To: "2024-03-02", Columns: []string{"lopnr", "ar", "dagar", "antal_fall", "startade_fall", "avslutade_fall"}},
			want: []string{"100;2024;8;2;1;1"},
		},
		{
			name: "a sub-spell cut by the window", w: Sick(Pay{From: "2024-01-01", Tom: "2024-01-10", Diagnose: "F32"}, Pay{From: "2024-01-11", Tom: "2024-01-20", Diagnose: "M54"}),
			do:   Extract{Shape: "subspell", From: "2024-01-15", Columns: []string{"lopnr", "from_datum", "diagnos"}},
			want: []string{"100;2024-01-15;M54"},
		},
		{
			name: "a sub-spell cut by the window, history revealed", w: Sick(Pay{From: "2024-01-01", Tom: "2024-01-10", Diagnose: "F32"}, Pay{From: "2024-01-11", Tom: "2024-01-20", Diagnose: "M54"}),
			do:   Extract{Shape: "subspell", From: "2024-01-15", Reveal: true, Columns: []string{"lopnr", "from_datum", "diagnos"}},
			want: []string{"100;2024-01-15;F32"},
		},
		{
			name: "case numbers that differ in the upper bits only", w: Sick(
				Pay{Track: 7, Tx: 1, From: "2024-01-01", Tom: "2024-01-10"},
				Pay{Track: 7 + 1<<32, Tx: 2, From: "2024-01-01", Tom: "2024-01-10", Extent: 500},
				Pay{Track: 7 + 1<<32, Tx: 3, From: "2024-01-01", Tom: "2024-01-10", Extent: 500, Rev: true},
			),
			do: Extract{Shape: "subspell", Columns: subspellColumns}, want: []string{"100;2024-01-01;2024-01-10;100;10;10;1"},
		},
		{
			name: "numbers per person across spell keys", w: children,
			do: Extract{Table: "midas_fp", Shape: "spell", Gap: 4, Columns: []string{"lopnr", "fall_nr", "barn_lopnr", "from_datum", "dagar"}},
			want: []string{
				"100;1;102;2024-01-01;5", "100;2;103;2024-01-03;5", "100;3;;2024-02-01;1", "100;4;102;2024-03-01;1",
			},
		},
		{
			name: "panel by child", w: children,
			do: Extract{Table: "midas_fp", Shape: "panel_month", Columns: []string{"lopnr", "manad", "barn_lopnr", "dagar"}},
			want: []string{
				"100;2024-01;102;5", "100;2024-01;103;5", "100;2024-02;;1", "100;2024-03;102;1",
			},
		},
		{
			name: "persons: what was known at the end of the window", w: persons,
			do: Extract{
				Table: "person", Shape: "payment", From: "2020-01-01", To: "2024-07-01",
				Columns: []string{"lopnr", "fodelsear", "dodsmanad", "dodsmanad|year=dodsar", "kon", "lan", "alder", "alder|age_5y=klass", "alder!age_at=vid"},
				Derive:  map[string]map[string]any{"vid": {"anchor": "index"}},
			},
			set:  func(j *engine.Job) { Anchored(j, "index", "2024-02-28", "2024-05-31") },
			want: []string{"100;1980;;;K;01;39;35;43", "101;1951;2024-06;2024;M;;69;65;73"},
		},
	})
	t.Run("what is withheld of persons is counted", func(t *testing.T) {
		t.Parallel()
		_, res := Files(t, mk(t, persons), Job(persons, Extract{
			Table: "person", Shape: "payment", From: "2020-01-01", To: "2024-07-01", Columns: []string{"lopnr", "fodelsear", "dodsmanad", "dodsmanad|year=dodsar"},
		}))
		want := []order.CountLine{{Code: "sjukfall.persons", Count: 2}, {Code: "sjukfall.dates_masked", Count: 2}}
		if !slices.Equal(res.Counts, want) {
			t.Errorf("counts = %v, want %v", res.Counts, want)
		}
	})
}

// children: a parent (0) with payments for two children (2, 3) and for one
// without number; person 1 has none.
var children = func() World {
	w := World{Day: D("2026-11-01"), Tables: map[string][]Row{}}
	for range 4 {
		w.Births = append(w.Births, D("1990-05-05"))
	}
	for i, x := range []struct {
		child any
		from  string
		tom   string
	}{
		{uint32(2), "2024-01-01", "2024-01-05"},
		{uint32(3), "2024-01-03", "2024-01-07"},
		{nil, "2024-02-01", "2024-02-01"},
		{uint32(2), "2024-03-01", "2024-03-01"},
	} {
		v := map[string]any{
			"row_id": int64(i + 1), "track": int64(1), "tx": D("2024-04-01"), "kind": "pay", "delforman": "FP", "from_datum": D(x.from), "tom_datum": D(x.tom),
			"omfattning": uint16(1000), "niva": "S", "belopp": int64(1000), "utbetalningsdatum": D("2024-04-25"),
		}
		if x.child != nil {
			v["barn_lopnr"] = x.child
		}
		w.Tables["midas_fp"] = append(w.Tables["midas_fp"], Row{Person: 0, Values: v})
	}
	return w
}()

var persons = World{
	Day: D("2026-11-01"), Births: []day.Day{D("1980-02-29"), D("1950-06-01")},
	Tables: map[string][]Row{"person": {
		{Person: 0, Values: map[string]any{"fodelsear": int64(1980), "dodsmanad": int64(2024*12 + 6), "kon": "K", "lan": "01", "skyddad": int64(0)}},
		{Person: 1, Values: map[string]any{"fodelsear": int64(1951), "dodsmanad": int64(2024*12 + 5), "kon": "M", "skyddad": int64(1)}},
	}},
}

// testPayments tells what a payment shows through a window.
func testPayments(t *testing.T, mk Maker) {
	w := Sick(
		Pay{From: "2023-12-22", Tom: "2024-01-10", Ore: 20000, Paid: "2024-01-25", Diagnose: "F32", Extent: 500},
		Pay{From: "2024-01-11", Tom: "2024-01-20", Ore: 10000, Paid: "2024-02-25"},
		Pay{ID: 8, From: "2024-01-11", Tom: "2024-01-20", Ore: 10000, Paid: "2024-02-25"}, // equal but for its number
		Pay{ID: 9, Tx: 5, From: "2024-01-11", Tom: "2024-01-20", Ore: 10000, Paid: "2024-01-30", Rev: true},
		Pay{From: "2024-01-25", Extent: 250, Paid: "2024-01-25"},
	)
	columns := []string{"lopnr", "from_datum", "tom_datum", "omfattning", "dagar", "nettodagar", "belopp", "utbetalningsdatum", "diagnos"}
	in := func(mode string, reveal bool) Extract {
		return Extract{Shape: "payment", From: "2024-01-01", To: "2024-02-01", Mode: mode, Reveal: reveal, Columns: columns}
	}
	tell(t, mk, []story{
		{
			name: "cut and masked", w: w, do: in("", false),
			want: []string{
				"100;2024-01-01;2024-01-10;50;10;5;10000;2024-01-25;F32",
				"100;2024-01-11;2024-01-20;100;10;10;-10000;2024-01-30;",
				"100;2024-01-11;2024-01-20;100;10;10;10000;;",
				"100;2024-01-25;2024-01-31;25;7;1.75;0;2024-01-25;",
			},
		},
		{name: "start_in", w: w, do: in("start_in", false), want: []string{
			"100;2024-01-11;2024-01-20;100;10;10;-10000;2024-01-30;",
			"100;2024-01-11;2024-01-20;100;10;10;10000;;",
			"100;2024-01-25;2024-01-31;25;7;1.75;0;2024-01-25;",
		}},
		{name: "end_in never picks an open row", w: w, do: in("end_in", false), want: []string{
			"100;2024-01-01;2024-01-10;50;10;5;10000;2024-01-25;F32",
			"100;2024-01-11;2024-01-20;100;10;10;-10000;2024-01-30;",
			"100;2024-01-11;2024-01-20;100;10;10;10000;;",
		}},
		{name: "whole rows", w: w, do: in("overlap", true), want: []string{
			"100;2023-12-22;2024-01-10;50;20;10;20000;2024-01-25;F32",
			"100;2024-01-11;2024-01-20;100;10;10;-10000;2024-01-30;",
			"100;2024-01-11;2024-01-20;100;10;10;10000;2024-02-25;",
			"100;2024-01-25;;25;1011;252.75;0;2024-01-25;",
		}},
		{
			name: "dental care: one day, other amounts", w: World{Day: D("2026-11-01"), Births: persons.Births, Tables: map[string][]Row{"tandvard": {
				{Person: 1, Values: map[string]any{
					"row_id": int64(1), "track": int64(1), "tx": D("2024-02-01"), "kind": "rev", "delforman": "STB", "behandlingsdatum": D("2024-01-31"),
					"atgard": "101", "tand": int64(11), "pris": int64(90050), "referenspris": int64(80000), "belopp": int64(5000), "utbetalningsdatum": D("2024-01-31"),
				}},
				{Person: 1, Values: map[string]any{
					"row_id": int64(2), "track": int64(1), "tx": D("2024-02-01"), "kind": "pay", "delforman": "STB", "behandlingsdatum": D("2024-02-01"),
					"atgard": "101", "pris": int64(1), "referenspris": int64(1), "belopp": int64(1), "utbetalningsdatum": D("2024-02-01"),
				}},
			}}},
			do:   Extract{Table: "tandvard", Shape: "payment", From: "2024-01-01", To: "2024-02-01", Columns: []string{"lopnr", "behandlingsdatum", "atgard", "tand", "pris", "belopp"}},
			want: []string{"101;2024-01-31;101;11;90050;-5000"},
		},
	})
	t.Run("totals and counts", func(t *testing.T) {
		t.Parallel()
		_, res := Files(t, mk(t, w), Job(w, in("", false)))
		if got, want := res.Files[0].Totals, (engine.Totals{Rows: 4, Persons: 1, Days: 37, Net: 26750, Ore: 10000}); got != want {
			t.Errorf("totals = %+v, want %+v", got, want)
		}
		want := []order.CountLine{{Code: "sjukfall.persons", Count: 1}, {Code: "sjukfall.payment_dates_masked", Count: 1}}
		if !slices.Equal(res.Counts, want) {
			t.Errorf("counts = %v, want %v", res.Counts, want)
		}
	})
}

// testFilters tells what the three stages of filters leave.
func testFilters(t *testing.T, mk Maker) {
	columns := []string{"lopnr", "from_datum", "tom_datum", "dagar", "diagnos"}
	where := func(f ...plan.Filter) Extract { return Extract{Shape: "spell", Gap: 4, Where: f, Columns: columns} }
	row := plan.StageRow
	tell(t, mk, []story{
		{name: "rows by code, missing dropped", w: mixed, do: where(plan.Filter{Var: "diagnos", Stage: row, CodeIn: []string{"F30-F48"}}), want: []string{"100;2024-01-11;2024-01-20;10;F32"}},
		{name: "rows by code, missing kept", w: mixed, do: where(plan.Filter{Var: "diagnos", Stage: row, In: []any{"F32"}, Null: "keep"}), want: []string{"100;2024-01-01;2024-01-20;20;F32"}},
		{name: "rows by extent", w: mixed, do: where(plan.Filter{Var: "omfattning", Stage: row, In: []any{float64(100)}}), want: []string{"100;2024-01-01;2024-01-10;10;", "100;2024-03-01;2024-03-02;2;XX"}},
		{name: "rows by date", w: mixed, do: where(plan.Filter{Var: "from_datum", Stage: row, Between: []any{"2024-01-11", "2024-01-23"}}), want: []string{"100;2024-01-11;2024-01-31;19;F32"}},
		{name: "sub-spells before spells are formed", w: mixed, do: where(plan.Filter{Var: "omfattning", Stage: plan.StageSubspell, Between: []any{float64(75), float64(100)}}), want: []string{"100;2024-01-01;2024-01-10;10;", "100;2024-03-01;2024-03-02;2;XX"}},
		{name: "spells by their first diagnosis", w: mixed, do: where(plan.Filter{Var: "diagnos", Stage: plan.StageSpell, In: []any{"F32"}}), want: []string{"100;2024-01-01;2024-01-31;29;F32"}},
		{name: "spells by days", w: mixed, do: where(plan.Filter{Var: "dagar", Stage: plan.StageSpell, Between: []any{float64(1), float64(5)}}), want: []string{"100;2024-03-01;2024-03-02;2;XX"}},
		{
			name: "masked: a diagnosis before the window does not choose", w: mixed,
			do:   Extract{Shape: "spell", Gap: 4, From: "2024-01-21", To: "2024-02-10", Columns: columns, Where: []plan.Filter{{Var: "diagnos", Stage: plan.StageSpell, In: []any{"F32"}}}},
			want: nil,
		},
		{
			name: "revealed: it does", w: mixed,
			do:   Extract{Shape: "spell", Gap: 4, From: "2024-01-21", To: "2024-02-10", Reveal: true, Columns: columns, Where: []plan.Filter{{Var: "diagnos", Stage: plan.StageSpell, In: []any{"F32"}}}},
			want: []string{"100;2024-01-23;2024-01-31;9;F32"},
		},
		{
			name: "money follows the filter", w: Sick(Pay{From: "2024-01-01", Tom: "2024-01-10", Ore: 1000, Diagnose: "F32"}, Pay{From: "2024-02-01", Tom: "2024-02-10", Ore: 2000, Diagnose: "M54"}),
			do:   Extract{Shape: "panel_year", Columns: []string{"lopnr", "ar", "dagar", "belopp"}, Where: []plan.Filter{{Var: "diagnos", Stage: plan.StageSpell, In: []any{"M54"}}}},
			want: []string{"100;2024;10;2000"},
		},
		{
			name: "benefits of the decision", w: mixed, do: where(),
			set:  func(j *engine.Job) { j.Scope.Rows[0].Benefits = []string{"RHP"} },
			want: []string{"100;2024-01-23;2024-01-31;9;M54"},
		},
		{
			name: "rows of the decision", w: mixed, do: where(),
			set: func(j *engine.Job) {
				j.Scope.Rows[0].Where = []plan.Filter{{Var: "diagnos", Stage: row, CodeIn: []string{"F"}}}
			},
			want: []string{"100;2024-01-11;2024-01-20;10;F32"},
		},
	})
}

// testBounds tells how windows are cut to the decision.
func testBounds(t *testing.T, mk Maker) {
	w := Sick(Pay{From: "2024-01-01", Tom: "2024-12-31"}, Pay{Person: 1, From: "2024-01-01", Tom: "2024-12-31"}, Pay{Person: 2, From: "2024-01-01", Tom: "2024-12-31"})
	columns := []string{"lopnr", "from_datum", "tom_datum", "vanstercensur", "hogercensur"}
	around := Extract{Shape: "spell", Gap: 4, From: "index-P1M", To: "indexP1M", Columns: columns}
	e := mk(t, w)
	tell(t, mk, []story{
		{
			name: "a window around a date, cut to the decided period", w: w, do: around,
			set: func(j *engine.Job) {
				Anchored(j, "index", "2024-06-15", "2024-07-15", "2020-01-01")
				j.Scope.Rows[0].Period = &plan.Period{From: D("2024-01-01"), To: D("2024-08-01")}
			},
			want: []string{"100;2024-05-15;2024-07-14;1;1", "101;2024-06-15;2024-07-31;1;1"},
		},
		{
			name: "and to the decision's own window", w: w, do: around,
			set: func(j *engine.Job) {
				Anchored(j, "index", "2024-06-15", "", "2020-01-01")
				j.Scope.Rows[0].Around = &plan.Window{From: bound("index-P10D", ""), To: bound("indexP1Y", "")}
			},
			want: []string{"100;2024-06-05;2024-07-14;1;1"},
		},
	})
	t.Run("who has no window is counted", func(t *testing.T) {
		t.Parallel()
		j := Job(w, around)
		Anchored(&j, "index", "2024-06-15", "", "1700-01-01")
		_, res := Files(t, e, j)
		want := []order.CountLine{{Code: "sjukfall.persons", Count: 3}, {Code: "sjukfall.persons_without_anchor", Count: 1}, {Code: "sjukfall.persons_outside_period", Count: 1}}
		if !slices.Equal(res.Counts, want) {
			t.Errorf("counts = %v, want %v", res.Counts, want)
		}
		if got, want := totals(res), (engine.Totals{Rows: 1, Persons: 1, Days: 61, Net: 61000}); got != want {
			t.Errorf("totals = %+v, want %+v", got, want)
		}
	})
	t.Run("bad rows are counted and not used", func(t *testing.T) {
		t.Parallel()
		bad := Sick(
			Pay{From: "2024-01-10", Tom: "2024-01-01"}, Pay{From: "2024-01-01", Tom: "2024-01-02", Extent: 330},
			Pay{From: "2024-01-01", Ore: 5}, Pay{From: "2024-01-01", Tom: "2024-01-02", Benefit: "QQQ"}, Pay{From: "2024-02-01", Tom: "2024-02-01"},
		)
		_, res := Files(t, mk(t, bad), Job(bad, Extract{Shape: "spell", Columns: columns}))
		want := []order.CountLine{
			{Code: "sjukfall.persons", Count: 1},
			{Code: "sjukfall.rows_rejected.missing_benefit", Count: 1},
			{Code: "sjukfall.rows_rejected.from_after_tom", Count: 1},
			{Code: "sjukfall.rows_rejected.unknown_extent", Count: 1},
			{Code: "sjukfall.rows_rejected.open_amount", Count: 1},
		}
		if !slices.Equal(res.Counts, want) {
			t.Errorf("counts = %v, want %v", res.Counts, want)
		}
	})
	t.Run("tracks that must agree", func(t *testing.T) {
		t.Parallel()
		torn := Sick(Pay{Track: 1, From: "2024-01-01", Tom: "2024-01-10"}, Pay{Track: 2, From: "2024-01-08", Tom: "2024-01-12", Extent: 500})
		_, err := mk(t, torn).Run(context.Background(), Job(torn, Extract{Shape: "spell", Overlap: "error", Columns: columns}), (&Disk{}).Create, nil)
		f, ok := errors.AsType[*fault.Fault](err)
		if !ok || f.Class != fault.Gate || !strings.Contains(f.EN, "3 days, 1 persons") {
			t.Errorf("err = %v, want a gate that counts 3 days and 1 person", err)
		}
	})
}

// testPopulation tells how people are named.
func testPopulation(t *testing.T, mk Maker) {
	w := Sick(Pay{From: "2024-01-01", Tom: "2024-01-10"}, Pay{Person: 1, From: "2024-02-01", Tom: "2024-02-10"}, Pay{Person: 2, From: "2024-03-01", Tom: "2024-03-10"})
	do := Extract{Shape: "spell", Columns: []string{"lopnr", "from_datum"}}
	tell(t, mk, []story{
		{
			name: "in the order of löpnummer", w: w, do: do,
			set: func(j *engine.Job) {
				j.People[0].Serial, j.People[1].Serial, j.People[2].Serial = 1000, 999, 5
			},
			want: []string{"5;2024-03-01", "999;2024-02-01", "1000;2024-01-01"},
		},
		{
			name: "groups follow", w: w, do: do,
			set: func(j *engine.Job) {
				j.Spec.Population.File.Groups = []string{"grupp", "skola"}
				for i, g := range []string{"fall", "", "kontroll"} {
					j.People[i].Groups = []string{g, "A;B"}
				}
			},
			want: []string{`100;2024-01-01;fall;"A;B"`, `101;2024-02-01;;"A;B"`, `102;2024-03-01;kontroll;"A;B"`},
		},
		{
			name: "identity numbers where the decision says so", w: w, do: do,
			set: func(j *engine.Job) {
				j.Spec.Identity.Kind, j.Scope.Identity.Kind = plan.IdentityPersonalNumber, plan.IdentityPersonalNumber
				j.Number = func(p uint32) string { return []string{"195003030000", "194001010000", "196002020000"}[p] }
			},
			want: []string{"194001010000;2024-02-01", "195003030000;2024-01-01", "196002020000;2024-03-01"},
		},
		{
			name: "identity numbers of children too", w: children, do: Extract{Table: "midas_fp", Shape: "panel_year", Columns: []string{"lopnr", "barn_lopnr", "dagar"}},
			set: func(j *engine.Job) {
				j.Spec.Identity.Kind, j.Scope.Identity.Kind = plan.IdentityPersonalNumber, plan.IdentityPersonalNumber
				j.People = j.People[:1]
				j.Number = func(p uint32) string { return []string{"195003030000", "", "202001010000", "201502020000"}[p] }
			},
			want: []string{"195003030000;;1", "195003030000;201502020000;5", "195003030000;202001010000;6"},
		},
		{
			name: "children outside the population", w: children, do: Extract{Table: "midas_fp", Shape: "panel_year", Columns: []string{"lopnr", "barn_lopnr", "dagar"}},
			set: func(j *engine.Job) {
				j.People = j.People[:1]
				j.Other = func(p uint32) (int64, bool) { return 7000 - int64(p), p == 2 || p == 3 }
			},
			want: []string{"100;;1", "100;6997;5", "100;6998;6"},
		},
	})
	t.Run("who will be named", func(t *testing.T) {
		t.Parallel()
		e := mk(t, children)
		do := Extract{Table: "midas_fp", Shape: "panel_year", Columns: []string{"lopnr", "barn_lopnr"}}
		j := Job(children, do)
		for i := range j.People {
			j.People[i].Serial = 0
		}
		j.People = append(j.People[:1:1], j.People[3])
		if got, err := e.Mentioned(context.Background(), j); err != nil || !slices.Equal(got, []uint32{2}) {
			t.Errorf("mentioned = %v, %v; want person 2 only", got, err)
		}
		do.To = "2023-01-01"
		j = Job(children, do)
		j.People = j.People[:1]
		if got, err := e.Mentioned(context.Background(), j); err != nil || len(got) > 0 {
			t.Errorf("mentioned = %v, %v; want nobody: no row lies in the window", got, err)
		}
		do = Extract{Table: "midas_fp", Shape: "panel_year", Columns: []string{"lopnr", "dagar"}}
		if got, err := e.Mentioned(context.Background(), Job(children, do)); err != nil || len(got) > 0 {
			t.Errorf("mentioned = %v, %v; want nobody: no column names others", got, err)
		}
	})
}

// testRefusals lists what no engine may do.
func testRefusals(t *testing.T, mk Maker) {
	good := Extract{Shape: "spell", Gap: 4, Columns: []string{"lopnr", "from_datum"}}
	with := func(change func(*Extract)) Extract {
		e := good
		change(&e)
		return e
	}
	e := mk(t, mixed)
	for _, x := range []struct {
		name string
		do   Extract
		set  func(*engine.Job)
		want fault.Class
	}{
		{"another snapshot", good, func(j *engine.Job) { j.Spec.AsOf.Snapshot = "other" }, fault.Gate},
		{"a time instead of a snapshot", good, func(j *engine.Job) { j.Spec.AsOf = plan.AsOf{Instant: "2026-01-01T00:00:00Z"} }, fault.Gate},
		{"a table that was refused", good, func(j *engine.Job) { j.Scope.Rows[0].Outcome = plan.OutcomeRefuse }, fault.Gate},
		{"no decided period", good, func(j *engine.Job) { j.Scope.Rows[0].Period = nil }, fault.Gate},
		{"histories that are not given", with(func(e *Extract) { e.Reveal = true }), func(j *engine.Job) { j.Scope.Rows[0].Reveal = false }, fault.Gate},
		{"numbers that are not given", good, func(j *engine.Job) { j.Spec.Identity.Kind = plan.IdentityPersonalNumber }, fault.Gate},
		{"numbers without a register", good, func(j *engine.Job) {
			j.Spec.Identity.Kind, j.Scope.Identity.Kind = plan.IdentityPersonalNumber, plan.IdentityPersonalNumber
		}, fault.Gate},
		{"a decided window around another date", good, func(j *engine.Job) {
			j.Scope.Rows[0].Around = &plan.Window{From: bound("birth-P1Y", ""), To: bound("birthP1Y", "")}
		}, fault.Gate},
		{"no column of the person", with(func(e *Extract) { e.Columns = []string{"from_datum"} }), nil, fault.Input},
		{"an unknown variable", with(func(e *Extract) { e.Columns = []string{"lopnr", "hemlig"} }), nil, fault.Input},
		{"a variable that never leaves", with(func(e *Extract) { e.Columns = []string{"lopnr", "row_id"} }), nil, fault.Input},
		{"an unknown function", with(func(e *Extract) { e.Columns = []string{"lopnr", "diagnos!guess"} }), nil, fault.Input},
		{"exact days under the name of a year", with(func(e *Extract) {
			e.Columns = []string{"lopnr", "from_datum!days_from_anchor|year=x"}
			e.Derive = map[string]map[string]any{"x": {"anchor": "index"}}
		}), func(j *engine.Job) { Anchored(j, "index", "2024-01-01") }, fault.Input},
		{"unknown arguments", with(func(e *Extract) {
			e.Columns = []string{"lopnr", "diagnos!flag_any=x"}
			e.Derive = map[string]map[string]any{"x": {"like": []any{"F"}}}
		}), nil, fault.Input},
		{"the true start without leave", with(func(e *Extract) { e.Columns = []string{"lopnr", "helt_tom_datum"} }), nil, fault.Input},
		{"an order by other columns first", with(func(e *Extract) { e.Output.Sort = []string{"from_datum"} }), nil, fault.Input},
		{"a filter on spells that is not defined", with(func(e *Extract) {
			e.Where = []plan.Filter{{Var: "belopp", Stage: plan.StageSpell, Between: []any{float64(0), float64(9)}}}
		}), nil, fault.Input},
		{"spells apart by a diagnosis", good, func(j *engine.Job) { j.Spec.Extracts[0].Shape.Spell.Key = []string{"diagnos"} }, fault.Input},
		{"an unknown format", with(func(e *Extract) { e.Output.Format = "fixed" }), nil, fault.Input},
		{"a table that is not in the snapshot", Extract{Table: "tfp", Shape: "spell", Columns: []string{"lopnr"}}, nil, fault.Input},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			j := Job(mixed, x.do)
			if x.set != nil {
				x.set(&j)
			}
			var d Disk
			_, err := e.Run(context.Background(), j, d.Create, nil)
			f, ok := errors.AsType[*fault.Fault](err)
			if !ok || f.Class != x.want {
				t.Fatalf("err = %v, want a fault of class %d", err, x.want)
			}
			if len(d.Files) > 0 {
				t.Errorf("files were made: %v", d.Names())
			}
		})
	}
	for _, x := range []struct {
		name string
		set  func(*engine.Job)
	}{
		{"two persons with one löpnummer", func(j *engine.Job) { j.People = append(j.People, engine.Person{Index: 0, Serial: 100}) }},
		{"a person twice", func(j *engine.Job) { j.People = append(j.People, engine.Person{Index: 0, Serial: 7}) }},
		{"a person outside the snapshot", func(j *engine.Job) { j.People[0].Index = 99 }},
		{"no löpnummer", func(j *engine.Job) { j.People[0].Serial = 0 }},
		{"missing anchors", func(j *engine.Job) { j.Spec.Population.File.Anchors = []string{"index"} }},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			j := Job(mixed, good)
			x.set(&j)
			if _, err := e.Run(context.Background(), j, (&Disk{}).Create, nil); err == nil {
				t.Error("it ran")
			}
		})
	}
	t.Run("a child without löpnummer", func(t *testing.T) {
		t.Parallel()
		j := Job(children, Extract{Table: "midas_fp", Shape: "spell", Columns: []string{"lopnr", "barn_lopnr"}})
		j.People = j.People[:1]
		if _, err := mk(t, children).Run(context.Background(), j, (&Disk{}).Create, nil); err == nil {
			t.Error("it ran: a person would have been missing or named")
		}
	})
}
