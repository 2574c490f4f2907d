package enginetest

import (
	"slices"
	"strings"
	"testing"

	"sluss/internal/engine"
)

// Columns of the worked examples.
var (
	spellColumns    = []string{"lopnr", "from_datum", "tom_datum", "bruttodagar", "dagar", "nettodagar", "vanstercensur", "hogercensur", "pagaende"}
	subspellColumns = []string{"lopnr", "from_datum", "tom_datum", "omfattning", "dagar", "nettodagar", "fall_nr"}
	monthColumns    = []string{"lopnr", "manad", "dagar", "nettodagar", "belopp"}
	weekColumns     = []string{"lopnr", "vecka", "dagar", "nettodagar", "belopp"}
	quarterColumns  = []string{"lopnr", "kvartal", "dagar", "nettodagar", "belopp"}
	layoutColumns   = []string{
		"lopnr", "delforman=DELFORMAN1_KOD", "omfattning=OMFATTNING", "dagbelopp=DAGBELOPP", "from_datum=DEL_FROM_DATUM", "tom_datum=DEL_TOM_DATUM",
		"bruttodagar=DEL_DAGAR_TOT", "dagar=DEL_DAGAR_BRUTTO", "nettodagar=DEL_DAGAR_NETTO", "belopp=DEL_BELOPP_BRUTTO",
		"fall_from=FALL_FROM_DATUM", "fall_tom=FALL_TOM_DATUM", "fall_dagar=FALL_DAGAR_TOT", "diagnos!absent=DIAGNOS_KOD", "pgi=PGI",
	}
	yearColumns = []string{"lopnr", "ar", "dagar", "nettodagar", "belopp"}
)

// example is a worked example of reference extraction §3.3.
type example struct {
	name string
	rows []Pay
	do   Extract
	asOf int64 // rows with a greater Tx are not known; 0: all are
	ax   string
	want []string // without the person
}

var examples = []example{
	{
		name: "E1 touching rows", rows: []Pay{{From: "2024-01-01", Tom: "2024-01-14"}, {From: "2024-01-15", Tom: "2024-01-31"}},
		do: Extract{Shape: "spell", Gap: 4}, want: []string{"2024-01-01;2024-01-31;31;31;31;0;0;0"},
	},
	{
		name: "E1 one sub-spell", rows: []Pay{{From: "2024-01-01", Tom: "2024-01-14"}, {From: "2024-01-15", Tom: "2024-01-31"}},
		do: Extract{Shape: "subspell"}, want: []string{"2024-01-01;2024-01-31;100;31;31;1"},
	},
	{
		name: "E2 two extents", rows: []Pay{{From: "2024-01-01", Tom: "2024-01-14"}, {From: "2024-01-15", Tom: "2024-01-31", Extent: 500}},
		do: Extract{Shape: "subspell"}, want: []string{"2024-01-01;2024-01-14;100;14;14;1", "2024-01-15;2024-01-31;50;17;8.5;1"},
	},
	{
		name: "E2 one spell", rows: []Pay{{From: "2024-01-01", Tom: "2024-01-14"}, {From: "2024-01-15", Tom: "2024-01-31", Extent: 500}},
		do: Extract{Shape: "spell", Gap: 4}, want: []string{"2024-01-01;2024-01-31;31;31;22.5;0;0;0"},
	},
	{
		name: "E3 gap of four", rows: []Pay{{From: "2024-01-01", Tom: "2024-01-10"}, {From: "2024-01-15", Tom: "2024-01-20"}},
		do: Extract{Shape: "spell", Gap: 4}, want: []string{"2024-01-01;2024-01-20;20;16;16;0;0;0"},
	},
	{
		name: "E3 gap rule tightened", rows: []Pay{{From: "2024-01-01", Tom: "2024-01-10"}, {From: "2024-01-15", Tom: "2024-01-20"}},
		do: Extract{Shape: "spell", Gap: 3}, want: []string{"2024-01-01;2024-01-10;10;10;10;0;0;0", "2024-01-15;2024-01-20;6;6;6;0;0;0"},
	},
	{
		name: "E4 gap of five", rows: []Pay{{From: "2024-01-01", Tom: "2024-01-10"}, {From: "2024-01-16", Tom: "2024-01-20"}},
		do: Extract{Shape: "spell", Gap: 4}, want: []string{"2024-01-01;2024-01-10;10;10;10;0;0;0", "2024-01-16;2024-01-20;5;5;5;0;0;0"},
	},
	{
		name: "E5 correction inside", rows: []Pay{{Tx: 1, From: "2024-03-01", Tom: "2024-03-31"}, {Tx: 2, From: "2024-03-11", Tom: "2024-03-20", Extent: 500}},
		do:   Extract{Shape: "subspell"},
		want: []string{"2024-03-01;2024-03-10;100;10;10;1", "2024-03-11;2024-03-20;50;10;5;1", "2024-03-21;2024-03-31;100;11;11;1"},
	},
	{
		name: "E6 as of 2", rows: []Pay{{Tx: 1, From: "2024-05-01", Tom: "2024-05-15"}, {Tx: 3, From: "2024-05-01", Tom: "2024-05-15", Rev: true}},
		do: Extract{Shape: "spell", Gap: 4}, asOf: 2, want: []string{"2024-05-01;2024-05-15;15;15;15;0;0;0"},
	},
	{
		name: "E6 as of 3", rows: []Pay{{Tx: 1, From: "2024-05-01", Tom: "2024-05-15"}, {Tx: 3, From: "2024-05-01", Tom: "2024-05-15", Rev: true}},
		do: Extract{Shape: "spell", Gap: 4}, asOf: 3,
	},
	{
		name: "E7 as of 1", rows: e7, do: Extract{Shape: "spell", Gap: 4}, asOf: 1, want: []string{"2024-06-01;2024-06-30;30;26;26;0;0;0"},
	},
	{
		name: "E7 as of 5", rows: e7, do: Extract{Shape: "spell", Gap: 4}, asOf: 5, want: []string{"2024-06-01;2024-06-30;30;30;30;0;0;0"},
	},
	{
		name: "E7 as of 7", rows: e7, do: Extract{Shape: "spell", Gap: 4}, asOf: 7, want: []string{"2024-05-28;2024-06-30;34;34;34;0;0;0"},
	},
	{
		name: "E8 sum of tracks", rows: []Pay{{Track: 1, From: "2024-09-01", Tom: "2024-09-20", Extent: 500}, {Track: 2, From: "2024-09-11", Tom: "2024-09-30", Extent: 500}},
		do:   Extract{Shape: "subspell", Overlap: "sum_tracks"},
		want: []string{"2024-09-01;2024-09-10;50;10;5;1", "2024-09-11;2024-09-20;100;10;10;1", "2024-09-21;2024-09-30;50;10;5;1"},
	},
	{
		name: "E9 cut at both ends", rows: e9, do: Extract{Shape: "spell", Gap: 4, From: "2024-01-01", To: "2024-02-01"},
		want: []string{"2024-01-01;2024-01-31;31;31;28.25;1;1;0"},
	},
	{
		name: "E9 true ends", rows: e9,
		do: Extract{
			Shape: "spell", Gap: 4, From: "2024-01-01", To: "2024-02-01", Reveal: true,
			Columns: []string{"lopnr", "from_datum", "tom_datum", "helt_from_datum", "helt_tom_datum"},
		},
		want: []string{"2024-01-01;2024-01-31;2023-12-11;2024-02-10"},
	},
	{
		name: "E10 clip", rows: e10, do: Extract{Shape: "spell", Gap: 4, From: "2024-01-01", To: "2024-03-01"},
		want: []string{"2024-01-01;2024-01-05;5;5;5;1;0;0", "2024-01-20;2024-02-10;22;22;22;0;0;0"},
	},
	{
		name: "E10 start_in", rows: e10, do: Extract{Shape: "spell", Gap: 4, From: "2024-01-01", To: "2024-03-01", Mode: "start_in"},
		want: []string{"2024-01-20;2024-02-10;22;22;22;0;0;0"},
	},
	{
		name: "E11 open row", rows: []Pay{{From: "2025-07-01", Extent: 750}}, do: Extract{Shape: "spell", Gap: 4, From: "2025-01-01", To: "2027-01-01"},
		want: []string{"2025-07-01;;488;488;366;0;0;1"},
	},
	{
		name: "E12 month panel", rows: []Pay{{From: "2024-01-30", Tom: "2024-03-01"}}, do: Extract{Shape: "panel_month"},
		want: []string{"2024-01;2;2;0", "2024-02;29;29;0", "2024-03;1;1;0"},
	},
	{
		name: "E13 year panel", rows: []Pay{{From: "2023-12-17", Tom: "2024-01-15", Extent: 500}}, do: Extract{Shape: "panel_year"},
		want: []string{"2023;15;7.5;0", "2024;15;7.5;0"},
	},
	{
		name: "E14 around a leap day", rows: []Pay{{From: "2023-02-20", Tom: "2023-03-05"}, {From: "2025-02-20", Tom: "2025-03-05"}},
		do: Extract{Shape: "spell", Gap: 4, From: "index-P1Y", To: "indexP1Y"}, ax: "2024-02-29",
		want: []string{"2023-02-28;2023-03-05;6;6;6;1;0;0", "2025-02-20;2025-02-27;8;8;8;0;1;0"},
	},
	{
		name: "E15 ten thousand and one öre", rows: []Pay{{From: "2024-01-30", Tom: "2024-02-01", Ore: 10001}}, do: Extract{Shape: "panel_month"},
		want: []string{"2024-01;2;2;6667", "2024-02;1;1;3334"},
	},
	{
		name: "E15 a thousand kronor over seven days", rows: []Pay{{From: "2024-02-26", Tom: "2024-03-03", Ore: 100000}}, do: Extract{Shape: "panel_month"},
		want: []string{"2024-02;4;4;57142", "2024-03;3;3;42858"},
	},
	{
		name: "E16 reversal in its own track",
		rows: []Pay{
			{Track: 1, Tx: 1, From: "2024-01-01", Tom: "2024-01-10"},
			{Track: 2, Tx: 2, From: "2024-01-01", Tom: "2024-01-10", Extent: 500},
			{Track: 2, Tx: 3, From: "2024-01-01", Tom: "2024-01-10", Extent: 500, Rev: true},
		},
		do: Extract{Shape: "subspell"}, want: []string{"2024-01-01;2024-01-10;100;10;10;1"},
	},
	{
		name: "E17 amounts of all rows", rows: []Pay{{Tx: 1, From: "2024-03-01", Tom: "2024-03-31", Ore: 31000}, {Tx: 2, From: "2024-03-11", Tom: "2024-03-20", Extent: 500, Ore: 5000}},
		do: Extract{Shape: "panel_month"}, want: []string{"2024-03;31;26;36000"},
	},
	{
		name: "E18 an eighth of a day", rows: []Pay{{From: "2024-02-01", Tom: "2024-02-01", Extent: 125}}, do: Extract{Shape: "spell", Gap: 4},
		want: []string{"2024-02-01;2024-02-01;1;1;0.125;0;0;0"},
	},
	{
		name: "E19 window begins in a gap", rows: []Pay{{From: "2024-01-01", Tom: "2024-01-10"}, {From: "2024-01-15", Tom: "2024-01-20"}},
		do: Extract{Shape: "spell", Gap: 4, From: "2024-01-12", To: "2024-02-01"}, want: []string{"2024-01-15;2024-01-20;6;6;6;1;0;0"},
	},
	{
		name: "E20 open row cut by the window", rows: []Pay{{From: "2025-07-01", Extent: 750}}, do: Extract{Shape: "spell", Gap: 4, From: "2025-01-01", To: "2026-01-01"},
		want: []string{"2025-07-01;2025-12-31;184;184;138;0;1;0"},
	},
	{
		name: "weeks begin on Monday and belong to the year of their Thursday", rows: []Pay{{From: "2023-12-30", Tom: "2024-01-08", Ore: 10000}}, do: Extract{Shape: "panel_week"},
		want: []string{"2023-W52;2;2;2000", "2024-W01;7;7;7000", "2024-W02;1;1;1000"},
	},
	{
		name: "a quarter's bound", rows: []Pay{{From: "2024-03-30", Tom: "2024-04-02", Extent: 500, Ore: 400}}, do: Extract{Shape: "panel_quarter"},
		want: []string{"2024-Q1;2;1;200", "2024-Q2;2;1;200"},
	},
	{
		name: "the layout of 42 columns: days of the lines of a spell, its gap counted, add up to its days",
		rows: []Pay{
			{From: "2024-01-01", Tom: "2024-01-10", Ore: 30000, Benefit: "SJP", Diagnose: "F32"},
			{From: "2024-01-14", Tom: "2024-01-20", Extent: 500, Ore: 10500, Benefit: "RHP"},
			{From: "2024-02-01", Tom: "2024-02-02", Extent: 250, Ore: 100, Benefit: "SJP"},
		},
		do: Extract{Shape: "subspell_42"},
		want: []string{
			"SJP;1;3000;2024-01-01;2024-01-10;10;10;10;30000;2024-01-01;2024-01-20;20;;",
			";0;;2024-01-11;2024-01-13;3;0;0;0;2024-01-01;2024-01-20;20;;",
			"RHP;0.5;3000;2024-01-14;2024-01-20;7;7;3.5;10500;2024-01-01;2024-01-20;20;;",
			"SJP;0.25;200;2024-02-01;2024-02-02;2;2;0.5;100;2024-02-01;2024-02-02;2;;",
		},
	},
	{
		name: "the layout: a window cuts the spell that it tells of, money with it; what goes on has no last day",
		rows: []Pay{{From: "2025-12-22", Tom: "2025-12-31", Ore: 1000}, {Track: 2, From: "2026-01-03", Extent: 750}},
		do:   Extract{Shape: "subspell_42", From: "2025-12-30", To: "2027-01-01"},
		want: []string{
			"SJP;1;100;2025-12-30;2025-12-31;2;2;2;200;2025-12-30;;306;;",
			";0;;2026-01-01;2026-01-02;2;0;0;0;2025-12-30;;306;;",
			"SJP;0.75;0;2026-01-03;;302;302;226.5;0;2025-12-30;;306;;",
		},
	},
	{
		name: "a day of extent 0 is covered", rows: []Pay{{From: "2024-02-01", Tom: "2024-02-02", Extent: Zero}}, do: Extract{Shape: "subspell"},
		want: []string{"2024-02-01;2024-02-02;0;2;0;1"},
	},
}

var (
	e7 = []Pay{
		{Tx: 1, From: "2024-06-01", Tom: "2024-06-10"},
		{Tx: 1, From: "2024-06-15", Tom: "2024-06-30"},
		{Tx: 5, From: "2024-06-11", Tom: "2024-06-14"},
		{Tx: 7, From: "2024-05-28", Tom: "2024-05-31"},
	}
	e9  = []Pay{{From: "2023-12-11", Tom: "2024-01-20"}, {From: "2024-01-21", Tom: "2024-02-10", Extent: 750}}
	e10 = []Pay{{From: "2023-12-20", Tom: "2024-01-05"}, {From: "2024-01-20", Tom: "2024-02-10"}, {From: "2024-03-01", Tom: "2024-03-05"}}
)

func testExamples(t *testing.T, mk Maker) {
	for _, x := range examples {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			w := Sick(x.rows...)
			for i := range w.Tables["midas_sjp"] {
				r := &w.Tables["midas_sjp"][i]
				r.Hidden = x.asOf > 0 && x.rows[i].Tx > x.asOf
			}
			if x.do.Columns == nil {
				x.do.Columns = map[string][]string{"spell": spellColumns, "subspell": subspellColumns, "panel_month": monthColumns, "panel_week": weekColumns, "panel_quarter": quarterColumns, "subspell_42": layoutColumns, "panel_year": yearColumns}[x.do.Shape]
			}
			j := Job(w, x.do)
			if x.ax != "" {
				Anchored(&j, "index", x.ax)
			}
			var want []string
			for _, line := range x.want {
				want = append(want, "100;"+line)
			}
			if got := Lines(t, mk(t, w), j); !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// Run tries an engine against the whole suite.
func Run(t *testing.T, mk Maker) { RunOn(t, mk, manyWorlds, related) }

// RunOn is Run with another number of random worlds, for an engine that takes
// its time: worlds to compare with the reference, and worlds for the axioms
// that relate one result to another.
func RunOn(t *testing.T, mk Maker, worlds, related uint64) {
	days := func(t *testing.T, mk Maker) { testAgainstDays(t, mk, worlds) }
	relations := func(t *testing.T, mk Maker) { testRelations(t, mk, related) }
	for _, s := range []struct {
		name string
		do   func(*testing.T, Maker)
	}{
		{"examples", testExamples},
		{"columns", testColumns},
		{"payments", testPayments},
		{"corrections", testCorrections},
		{"assumptions", testAssumptions},
		{"filters", testFilters},
		{"bounds", testBounds},
		{"population", testPopulation},
		{"refusals", testRefusals},
		{"selection", testSelection},
		{"days", days},
		{"selection by days", func(t *testing.T, mk Maker) { testSelectionAgainstDays(t, mk, worlds/3) }},
		{"relations", relations},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.do(t, mk)
		})
	}
}

// sum adds up a column of lines, by its place.
func totals(res engine.Result) engine.Totals { return res.Files[0].Totals }
