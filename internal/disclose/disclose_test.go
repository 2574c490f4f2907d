package disclose

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
)

// table writes rows of text as a CSV reader gives them; "" is a missing value.
// A cell that begins with # is a number, with @ a date, as in Parquet.
func table(lines ...string) ([]string, iter.Seq2[[]Cell, error]) {
	return strings.Split(lines[0], ";"), func(yield func([]Cell, error) bool) {
		for _, l := range lines[1:] {
			var cells []Cell
			for _, t := range strings.Split(l, ";") {
				cells = append(cells, cellOf(t))
			}
			if !yield(cells, nil) {
				return
			}
		}
	}
}

func cellOf(t string) Cell {
	switch {
	case t == "":
		return Cell{}
	case t[0] == '#':
		head, rest, _ := strings.Cut(t[1:], ".")
		n, _ := whole(Cell{Kind: Text, Text: head + rest})
		return Cell{Kind: Number, N: n, Scale: uint8(len(rest))}
	case t[0] == '@':
		return Cell{Kind: Date, N: int64(day.MustParse(t[1:]))}
	case t == "NaN":
		return Cell{Kind: Other}
	}
	return Cell{Kind: Text, Text: t}
}

// Three files of one order, with what they may hold. Löpnummer 3, 17 and 40
// have index dates; 41 has none.
var (
	spells = []string{
		"lopnr;grupp;fall_from;fall_tom;dagar;nettodagar;diagnos3;nr",
		"3;A;2024-01-01;2024-01-10;10;10;F32;0",
		"3;A;2024-02-01;2024-02-29;29;14.5;F41;31",
		"17;B;2023-07-01;;400;400;F32;0",
		"40;;2024-06-30;2024-06-30;1;0.125;F48;0",
	}
	panel = []string{
		"lopnr;grupp;manad;dagar;belopp",
		"#3;A;2024-01;#10;#1000000",
		"#3;A;2024-02;#29;#1500050",
		"#17;B;2023-07;#31;#3100000",
	}
	payments = []string{
		"lopnr;grupp;barn;forman;fran;utbetald;belopp",
		"#3;A;#900;FP;@2024-01-05;@2024-01-25;#50000",
		"#3;A;#17;FP;@2024-01-06;;#50000",
		"#40;;;FP;@2024-07-01;@2024-07-25;#100000",
	}
)

func window(from, to string) plan.Window {
	return plan.Window{From: plan.Bound{Date: day.MustParse(from)}, To: plan.Bound{Date: day.MustParse(to)}}
}

func around(from, to string) plan.Window {
	a, err := day.ParseOffset(from)
	b, err2 := day.ParseOffset(to)
	if err != nil || err2 != nil {
		panic("offset")
	}
	return plan.Window{From: plan.Bound{Anchor: "index", Offset: a}, To: plan.Bound{Anchor: "index", Offset: b}}
}

func derive(fn string) *plan.Derive { return &plan.Derive{Fn: fn} }

func cols(c ...plan.Column) []plan.Column { return append([]plan.Column{{Name: "lopnr"}}, c...) }

// input is an order where everything is as it should be.
func input(t *testing.T) Input {
	t.Helper()
	period := &plan.Period{From: day.MustParse("2020-01-01"), To: day.MustParse("2026-01-01")}
	near := around("-P1Y", "P2Y")
	in := Input{
		Catalogue: catalog.Builtin(), Horizon: day.MustParse("2024-07-01"),
		Scope: plan.Scope{
			Identity: plan.IdentityBound{Kind: plan.IdentitySerial}, Formats: []string{"csv", "parquet"},
			Persons: plan.Persons{Source: "file", Max: 4, Columns: []plan.PopulationExtra{{Name: "index", Type: "date", Use: "steer"}, {Name: "grupp", Type: "code", Use: "pass"}}},
			Rows: []plan.Row{
				{
					Table: "midas_sjp", Outcome: plan.OutcomeDisclose, Period: period, Around: &near, Shape: catalog.ShapeSubspell,
					Variables: []plan.VariableBound{{ID: "from_datum"}, {ID: "tom_datum"}, {ID: "dagar"}, {ID: "nettodagar"}, {ID: "diagnos", Level: "icd_3"}, {ID: "manad"}, {ID: "belopp"}, {ID: "delforman"}},
					Where:     []plan.Filter{{Var: "diagnos", Stage: plan.StageSpell, CodeIn: []string{"F30-F48"}}},
				},
				{
					Table: "midas_fp", Outcome: plan.OutcomePartly, Benefits: []string{"FP"}, Period: period, Shape: catalog.ShapePayment,
					Variables: []plan.VariableBound{{ID: "barn_lopnr"}, {ID: "delforman"}, {ID: "from_datum"}, {ID: "utbetalningsdatum"}, {ID: "belopp"}},
					Where:     []plan.Filter{{Var: "belopp", Stage: plan.StageRow, Between: []any{float64(1), float64(1_000_000)}}},
				},
			},
		},
		Spec: plan.Spec{
			Identity:   plan.Identity{Kind: plan.IdentitySerial},
			Population: plan.Population{File: &plan.FilePopulation{Anchors: []string{"index"}, Groups: []string{"grupp"}}},
			Extracts: []plan.Extract{
				{
					Name: "fall", Table: "midas_sjp", Shape: plan.Shape{Spell: &plan.SpellShape{MaxGapDays: 4}}, Window: around("-P6M", "P6M"),
					Columns: cols(plan.Column{Name: "from_datum", As: "fall_from"}, plan.Column{Name: "tom_datum", As: "fall_tom"}, plan.Column{Name: "dagar"}, plan.Column{Name: "nettodagar", Derive: derive("net_days")},
						plan.Column{Name: "diagnos", As: "diagnos3", Coarsen: &plan.Coarsen{To: "icd_3"}}, plan.Column{Name: "from_datum", As: "nr", Derive: &plan.Derive{Fn: "days_from_anchor", Args: map[string]any{"anchor": "index"}}}),
					Output: plan.Output{File: "fall", Format: "csv"},
				},
				{
					Name: "manad", Table: "midas_sjp", Shape: plan.Shape{Panel: &plan.PanelShape{Unit: "month"}}, Window: around("-P6M", "P6M"),
					Columns: cols(plan.Column{Name: "manad"}, plan.Column{Name: "dagar"}, plan.Column{Name: "belopp", Derive: derive("amount_sum")}),
					Output:  plan.Output{File: "manad", Format: "parquet"},
				},
				{
					Name: "fp", Table: "midas_fp", Shape: plan.Shape{Simple: "payment"}, Window: window("2023-01-01", "2025-01-01"),
					Columns: cols(plan.Column{Name: "barn_lopnr", As: "barn"}, plan.Column{Name: "delforman", As: "forman"}, plan.Column{Name: "from_datum", As: "fran"},
						plan.Column{Name: "utbetalningsdatum", As: "utbetald"}, plan.Column{Name: "belopp"}),
					Output: plan.Output{File: "fp", Format: "parquet"},
				},
			},
		},
		People: []Person{
			{3, []Anchor{{true, day.MustParse("2024-01-01")}}, []string{"A"}},
			{17, []Anchor{{true, day.MustParse("2024-01-01")}}, []string{"B"}},
			{40, []Anchor{{true, day.MustParse("2024-06-30")}}, []string{""}},
			{41, []Anchor{{}}, []string{"A"}},
		},
		Others: []uint64{900, 901},
	}
	in.Spec.Extracts[0].Columns[6].Derive = &plan.Derive{Fn: "days_from_anchor", Args: map[string]any{"anchor": "index"}}
	fill(&in, "fall", spells...)
	fill(&in, "manad", panel...)
	fill(&in, "fp", payments...)
	in.Files[0].Totals = Totals{Rows: 4, Persons: 3, Days: 440, Net: 424625}
	in.Files[1].Totals = Totals{Rows: 3, Persons: 2, Days: 70, Net: 1, Ore: 5600050}
	in.Files[2].Totals = Totals{Rows: 3, Persons: 2, Ore: 200000}
	return in
}

// fill puts rows into the file of an extract, which it makes if need be.
func fill(in *Input, extract string, lines ...string) *File {
	i := slices.IndexFunc(in.Files, func(f File) bool { return f.Extract == extract })
	if i < 0 {
		in.Files = append(in.Files, File{Name: extract + ".csv", Extract: extract, Stated: -1})
		i = len(in.Files) - 1
	}
	in.Files[i].Header, in.Files[i].Rows = table(lines...)
	return &in.Files[i]
}

// with returns lines with the first old replaced by new.
func with(lines []string, old, to string) []string {
	out := strings.Split(strings.Replace(strings.Join(lines, "\n"), old, to, 1), "\n")
	if slices.Equal(out, lines) {
		panic("the test changes nothing: " + old)
	}
	return out
}

func failed(rs []order.CheckResult) []string {
	var out []string
	for _, r := range rs {
		if !r.OK {
			out = append(out, r.Check)
		}
	}
	return out
}

func TestNothingWrong(t *testing.T) {
	t.Parallel()
	rs := Check(input(t))
	if len(rs) != len(checks) || failed(rs) != nil {
		t.Fatalf("%+v", rs)
	}
	for _, r := range rs {
		if want := "could not be tested for fp.csv"; r.SV != "" && !strings.Contains(r.EN, want) {
			t.Errorf("%s: %s", r.Check, r.EN)
		}
	}
}

// seeded is one thing wrong, and the checks that must say so.
type seeded struct {
	name string
	do   func(*Input)
	want []string
}

func run(t *testing.T, cases []seeded) {
	t.Helper()
	for _, tt := range cases {
		in := input(t)
		tt.do(&in)
		rs := Check(in)
		got := failed(rs)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v: %+v", tt.name, got, tt.want, rs)
		}
	}
}

// TestPromise03NothingOutsideTheDecision seeds one violation at a time into
// finished files: persons, variables, resolution, period, rows, shape.
func TestPromise03NothingOutsideTheDecision(t *testing.T) {
	t.Parallel()
	sp := func(old, to string) func(*Input) {
		return func(in *Input) { fill(in, "fall", with(spells, old, to)...) }
	}
	pn := func(old, to string) func(*Input) {
		return func(in *Input) { fill(in, "manad", with(panel, old, to)...) }
	}
	py := func(old, to string) func(*Input) {
		return func(in *Input) { fill(in, "fp", with(payments, old, to)...) }
	}
	run(t, []seeded{
		{"a person outside", sp("40;;", "50;;"), []string{IDs, Sums}},
		{"no löpnummer", sp("17;B", ";B"), []string{IDs, Sums}},
		{"a löpnummer with a zero before it", sp("17;B", "017;B"), []string{IDs, Sums}},
		{"a child outside", py("#900", "#902"), []string{IDs}},
		{"a column too many", func(in *Input) {
			fill(in, "manad", "lopnr;grupp;manad;dagar;belopp;rowid", "#3;A;2024-01;#70;#5600050;#1")
			in.Files[1].Totals.Rows, in.Files[1].Totals.Persons = 1, 1
		}, []string{Headers}},
		{"a column under another name", sp("diagnos3", "diagnos"), []string{Headers}},
		{"a column twice", sp(";nr", ";dagar"), []string{Headers}},
		{"a variable that the decision lacks", func(in *Input) { in.Scope.Rows[0].Variables = in.Scope.Rows[0].Variables[1:] }, []string{Headers}},
		{"a group that the decision drops", func(in *Input) { in.Scope.Persons.Columns[1].Use = "drop" }, []string{Headers}},
		{"a table that is refused", func(in *Input) { in.Scope.Rows[1].Outcome = plan.OutcomeRefuse }, []string{Headers, Shape}},
		{"a file that nobody ordered", func(in *Input) { in.Files[2].Extract = "extra" }, []string{Readable, Headers, Shape}},
		{"a file that is missing", func(in *Input) { in.Files = in.Files[:2] }, []string{Readable}},
		{"an unknown benefit", py("FP", "ZZZ"), []string{Codes}},
		{"a benefit that is not decided", func(in *Input) { in.Scope.Rows[1].Benefits = []string{"TFP"} }, []string{Codes}},
		{"a diagnosis outside", sp("F41", "F50"), []string{Codes}},
		{"a diagnosis missing where the filter drops it", sp("F41", ""), []string{Codes}},
		{"an amount outside the decision's limits", py("#100000", "#2000000"), []string{Codes, Sums}},
		{"a diagnosis in full", sp("F41", "F412"), []string{Resolution}},
		{"a decision that wants chapters", func(in *Input) { in.Scope.Rows[0].Variables[4].Level = "icd_chapter" }, []string{Resolution}},
		{"a day where a month is due", pn("2024-01", "2024-01-01"), []string{Resolution}},
		{"a year where a month is due", pn("2024-01", "#2024"), []string{Resolution}},
		{"a month where a date is due", sp("2024-01-01", "2024-01"), []string{Resolution}},
		{"net days too exact", sp("0.125", "0.1250"), []string{Resolution, Sums}},
		{"a start before the window", sp("2023-07-01", "2023-06-30"), []string{Dates}},
		{"an end after the window", sp("2024-02-29", "2024-07-01"), []string{Dates}},
		{"a month after the window", pn("2023-07", "2024-07"), []string{Dates}},
		{"a payment after the window", py("@2024-07-25", "@2025-01-01"), []string{Dates}},
		{"days from the anchor that lie outside", sp("F41;31", "F41;182"), []string{Dates}},
		{"an end before its start", sp("2024-02-29", "2024-01-31"), []string{Dates}},
		{"someone without an anchor", func(in *Input) {
			fill(in, "fall", append(slices.Clone(spells), "41;A;2024-01-01;2024-01-02;0;0;F32;0")...)
		}, []string{Dates, Rows, Sums}},
		{"going on behind the window", func(in *Input) { in.Horizon = day.MustParse("2026-01-01") }, []string{Dates}},
		{"a decided period that ends earlier", func(in *Input) { in.Scope.Rows[0].Period.To = day.MustParse("2024-06-30") }, []string{Dates}},
		{"a decided stretch around the anchor", func(in *Input) { a := around("-P1M", "P6M"); in.Scope.Rows[0].Around = &a }, []string{Dates}},
		{"a shape finer than decided", func(in *Input) { in.Scope.Rows[0].Shape = catalog.ShapePanelMonth }, []string{Shape}},
		{"whole history without leave", func(in *Input) { in.Spec.Extracts[0].History = "reveal" }, []string{Shape}},
		{"a format that is not decided", func(in *Input) { in.Scope.Formats = []string{"parquet"} }, []string{Shape}},
		{"more persons than decided", func(in *Input) { in.Scope.Persons.Max = 2 }, []string{Persons}},
		{"a row too many", func(in *Input) { in.Files[0].Totals.Rows = 3 }, []string{Rows}},
		{"a file that states another number of rows", func(in *Input) { in.Files[1].Stated = 4 }, []string{Rows}},
		{"more cells of a panel than periods", func(in *Input) {
			in.Spec.Extracts[1].Window = window("2024-01-01", "2024-02-01")
			fill(in, "manad", "lopnr;grupp;manad;dagar;belopp", "#3;A;2024-01;#10;#2500050", "#3;A;2024-01;#60;#3100000")
			in.Files[1].Totals.Rows, in.Files[1].Totals.Persons = 2, 1
		}, []string{Rows}},
		{"other days than the job's", sp(";10;10;", ";11;10;"), []string{Sums}},
		{"other net days", sp("0.125", "0.25"), []string{Sums}},
		{"another amount", pn("#1500050", "#1500051"), []string{Sums}},
		{"other persons", func(in *Input) { in.Files[0].Totals.Persons = 4 }, []string{Sums}},
		{"overlapping spells", sp("2024-02-01", "2024-01-10"), []string{Disjoint}},
		{"a spell after one that goes on", func(in *Input) {
			fill(in, "fall", with(spells, "40;;2024-06-30", "17;B;2024-06-30")...)
			in.Files[0].Totals.Persons = 2
		}, []string{Disjoint}},
		{"another person's group", sp("17;B", "17;A"), []string{Groups}},
		{"a group for someone without one", sp("40;;", "40;C;"), []string{Groups}},
		{"a group left out", sp("17;B", "17;"), []string{Groups}},
		{"rows in another order", func(in *Input) {
			in.Files[1].Header, in.Files[1].Rows = table(panel[0], panel[3], panel[1], panel[2])
		}, []string{Order}},
		{"metadata", func(in *Input) { in.Files[1].Metadata = [][2]string{{"pandas", "{}"}} }, []string{Metadata}},
		{"floating point", sp("0.125", "NaN"), []string{Readable, Resolution, Sums}},
		{"a row of another width", sp("F41;31", "F41"), []string{Readable, Sums}},
		{"a file that breaks off", func(in *Input) {
			rows := in.Files[0].Rows
			in.Files[0].Rows = func(yield func([]Cell, error) bool) {
				for c, err := range rows {
					if !yield(c, err) {
						return
					}
				}
				yield(nil, errors.New("cut"))
			}
		}, []string{Readable}},
		{"people out of order", func(in *Input) { slices.Reverse(in.Others) }, []string{IDs}},
	})
}

// Whole spells are let out where the decision reveals them, and only those that
// the window picks.
func TestRevealedHistory(t *testing.T) {
	t.Parallel()
	reveal := func(mode string, lines []string) func(*Input) {
		return func(in *Input) {
			e := &in.Spec.Extracts[0]
			in.Scope.Rows[0].Reveal, e.History, e.Window.Mode = true, "reveal", mode
			fill(in, "fall", lines...)
		}
	}
	before := with(spells, "2023-07-01", "2019-01-01")
	before = with(before, "400;400;F32;0", "400;400;F32;-1826")
	run(t, []seeded{
		{"overlap", reveal(plan.ModeOverlap, before), nil},
		{"start_in", reveal(plan.ModeStartIn, before), []string{Dates}},
		{"end_in", reveal(plan.ModeEndIn, before), []string{Dates}},
		{"clip", reveal(plan.ModeClip, before), []string{Dates}},
		{"end_in of spells that end inside", reveal(plan.ModeEndIn, with(spells, "2023-07-01;;400;400;F32;0", "2019-01-01;2023-07-01;400;400;F32;-1826")), nil},
		{"overlap of a spell that lies outside", reveal(plan.ModeOverlap, with(spells, "2023-07-01;;400;400;F32;0", "2019-01-01;2019-02-01;400;400;F32;-1826")), []string{Dates}},
	})
}

// TestPromise04PersonalNumbersStay: an identity number anywhere in a file stops
// it, unless the decision names persons by it, and then only in the column of
// persons. 1912-12-12 is an official test number (Skatteverket).
func TestPromise04PersonalNumbersStay(t *testing.T) {
	t.Parallel()
	named := func(in *Input) {
		in.Scope.Identity.Kind, in.Spec.Identity.Kind = plan.IdentityPersonalNumber, plan.IdentityPersonalNumber
		in.People = append(in.People, Person{191212121212, []Anchor{{true, day.MustParse("2024-06-30")}}, []string{""}})
		fill(in, "fall", with(spells, "40;;", "191212121212;;")...)
	}
	run(t, []seeded{
		{"in a code", func(in *Input) { fill(in, "fall", with(spells, "F41", "191212121212")...) }, []string{Numbers, Resolution}},
		{"inside a longer text", func(in *Input) {
			in.People[0].Groups[0] = "se 121212-1212."
			fill(in, "fall", with(with(spells, "3;A", "3;se 121212-1212."), "3;A", "3;se 121212-1212.")...)
			fill(in, "manad", with(with(panel, "#3;A", "#3;se 121212-1212."), "#3;A", "#3;se 121212-1212.")...)
			fill(in, "fp", with(with(payments, "#3;A", "#3;se 121212-1212."), "#3;A", "#3;se 121212-1212.")...)
		}, []string{Numbers}},
		{"inside more digits", func(in *Input) {
			in.People[1].Groups[0] = "0012121212120"
			fill(in, "fall", with(spells, "17;B", "17;0012121212120")...)
			fill(in, "manad", with(panel, "#17;B", "#17;0012121212120")...)
		}, []string{Numbers}},
		{"as löpnummer", func(in *Input) {
			in.People = append(in.People, Person{191212121212, []Anchor{{true, day.MustParse("2024-06-30")}}, []string{""}})
			fill(in, "fall", with(spells, "40;;", "191212121212;;")...)
		}, []string{Numbers}},
		{"as an amount", func(in *Input) {
			fill(in, "manad", with(panel, "#3100000", "#1212121212")...)
			in.Files[1].Totals.Ore = 1_214_621_262
		}, []string{Numbers}},
		{"in a header", func(in *Input) { fill(in, "fall", with(spells, ";nr", ";p191212121212")...) }, []string{Headers, Numbers}},
		{"in a file's name", func(in *Input) { in.Files[0].Name = "1212121212.csv" }, []string{Numbers}},
		{"in metadata", func(in *Input) { in.Files[1].Metadata = [][2]string{{"x", "191212121212"}} }, []string{Numbers, Metadata}},
		{"in a file that nobody ordered", func(in *Input) {
			in.Files[2].Extract = "extra"
			fill(in, "extra", "a", "19121212-1212")
		}, []string{Readable, Headers, Shape, Numbers}},
		{"synthetic, in synthetic mode", func(in *Input) { in.Synthetic = true; fill(in, "fall", with(spells, "F41", "191212121213")...) }, []string{Numbers, Resolution}},
		{"synthetic, in real mode", func(in *Input) { fill(in, "fall", with(spells, "F41", "191212121213")...) }, []string{Resolution}},
		{"where the decision says so", named, nil},
		{"where the decision says so, but in another column", func(in *Input) { named(in); fill(in, "fall", with(spells, "F41", "191212121212")...) }, []string{Numbers, Resolution}},
		{"where only the specification says so", func(in *Input) { named(in); in.Scope.Identity.Kind = plan.IdentitySerial }, []string{Numbers}},
	})
}

// Promise 14: what stands in a cell is never told, nor a name that looks like a
// number.
func TestMessagesHoldNoContent(t *testing.T) {
	t.Parallel()
	in := input(t)
	in.Files[0].Name = "1912121212-12.csv"
	fill(&in, "fall", with(with(spells, "F41", "HEMLIGT"), ";nr", ";121212-1212")...)
	for _, r := range Check(in) {
		for _, text := range []string{r.SV, r.EN} {
			if strings.Contains(text, "HEMLIGT") || strings.Contains(text, "1212") {
				t.Errorf("%s: %s", r.Check, text)
			}
		}
		if r.Check == Resolution && r.EN != "••••••••••-••.csv, column diagnos3, row 2: values more exact than decided (1)" {
			t.Errorf("%s", r.EN)
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"22.5": 22500, "0.125": 125, "20": 20000, "-1.5": -1500, "-0.5": -500, "#22.500": 22500, "#7": 7000, "": -1, "1.": -1, ".5": -1, "1.50": -1, "01": -1, "1e3": -1, "1.2345": -1, "#1.2345": -1, "+1": -1, "1,5": -1, "-": -1} {
		got, ok := decimal(cellOf(text), 3, '.')
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("decimal %q: %d, want %d", text, got, want)
		}
	}
	for _, tt := range []struct{ text, level, want string }{
		{"2024-02-29", "", "2024-02-29 2024-03-01"},
		{"@2024-02-29", "", "2024-02-29 2024-03-01"},
		{"2024-02", "month", "2024-02-01 2024-03-01"},
		{"2024-Q4", "quarter", "2024-10-01 2025-01-01"},
		{"2024", "year", "2024-01-01 2025-01-01"},
		{"#2024", "year", "2024-01-01 2025-01-01"},
		{"2023-02-29", "", ""},
		{"20240229", "", ""},
		{"2024-13", "month", ""},
		{"2024-00", "month", ""},
		{"2024-Q5", "quarter", ""},
		{"2024Q1", "quarter", ""},
		{"@2024-02-29", "month", ""},
		{"2024-02-29", "year", ""},
		{"24", "year", ""},
		{"2024-02", "week", ""},
	} {
		got := ""
		if s, ok := span(cellOf(tt.text), tt.level, false); ok {
			got = s.From.String() + " " + s.To.String()
		}
		if got != tt.want {
			t.Errorf("span %q as %q: %q, want %q", tt.text, tt.level, got, tt.want)
		}
	}
	for text, want := range map[string]bool{"35": true, "#35": true, "35-39": true, "100+": true, "36": false, "35-44": false, "+": false, "x+": false, "-5": false, "36-40": false} {
		if got := ageBand(cellOf(text), 5); got != want {
			t.Errorf("age band %q: %v", text, got)
		}
	}
	l := limit{codes: [][2]string{{"F320", "F329"}, {"M", "M"}}}
	for _, tt := range []struct {
		code, level string
		want        bool
	}{{"F321", "", true}, {"F32", "", false}, {"F33", "icd_3", false}, {"F32", "icd_3", true}, {"F30-F39", "icd_block", true}, {"F40-F48", "icd_block", false}, {"M00-M99", "icd_chapter", true}, {"F00-F99", "icd_chapter", true}, {"G00-G99", "icd_chapter", false}} {
		if got := l.passesCode(tt.code, tt.level); got != tt.want {
			t.Errorf("%s as %q: %v", tt.code, tt.level, got)
		}
	}
}
