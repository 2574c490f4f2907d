package layout

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/episode"
	"sluss/internal/fault"
)

// header is the source's own: reference domain §1.3.
var header = strings.Fields(`lopnr DELFORMAN1_KOD DELFORMAN2_KOD OMFATTNING DAGBELOPP
	DEL_FROM_DATUM DEL_TOM_DATUM DEL_DAGAR_TOT DEL_DAGAR_BRUTTO DEL_DAGAR_NETTO DEL_BELOPP_BRUTTO
	FALL_FROM_DATUM FALL_FROM_DATUM2 FALL_TOM_DATUM FALL_DAGAR_TOT FORSAKRADTYP_KOD DIAGNOS_KOD
	ar_sysselsatt SYSS_STATUS_KOD SNI_2007 CFAR_NR KON_KOD fodelsear FODELSELAND_KOD
	KOMMUN_KOD fromdat_kommun tomdat_kommun ANTAL_HEMMA fromdat_hemmafor tomdat_hemmafor
	ar_pgi PGI ar_sgi belopp_sgi_ar inktyp_kod_sgi_ar fromdat_sgi tomdat_sgi belopp_sgi inktyp_kod_sgi SSYK3 ar_yrke lopnr_make_maka`)

// line writes cells by column: "column=value" words after the ones that a line
// must have: person, benefit, extent, from, tom, days, covered, net, öre, first
// and last day and days of the spell.
func line(must string, more ...string) []string {
	out := make([]string, len(header))
	names := strings.Fields("lopnr DELFORMAN1_KOD OMFATTNING DEL_FROM_DATUM DEL_TOM_DATUM DEL_DAGAR_TOT DEL_DAGAR_BRUTTO DEL_DAGAR_NETTO DEL_BELOPP_BRUTTO FALL_FROM_DATUM FALL_TOM_DATUM FALL_DAGAR_TOT")
	for i, v := range strings.Split(must, "|") {
		out[slices.Index(header, names[i])] = v
	}
	for _, m := range more {
		name, v, _ := strings.Cut(m, "=")
		out[slices.Index(header, name)] = v
	}
	return out
}

func newReader(t testing.TB, o Options) *Reader {
	t.Helper()
	reg, table := catalog.Builtin().Table("midas_sjp")
	r, err := NewReader(reg, table, header, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// golden is one spell of 20 days: ten whole days, a gap of three, seven halves.
func golden() [][]string {
	return [][]string{
		line("7|SJP|1|2024-01-01|2024-01-10|10|10|10|30000|2024-01-01|2024-01-20|20", "DIAGNOS_KOD=F48", "FORSAKRADTYP_KOD=8"),
		line("7||0|2024-01-11|2024-01-13|3|0|0|0|2024-01-01|2024-01-20|20", "DIAGNOS_KOD=-00"),
		line("7|RHP|0,5|2024-01-14|2024-01-20|7|7|3.5|10500|2024-01-01|2024-01-20|20"),
	}
}

func readAll(r *Reader, cells [][]string) ([]Row, Counts, error) {
	return readOver(r, Gap{Max: 4}, cells)
}

// readOver reads lines of a register that joins over a gap.
func readOver(r *Reader, gap Gap, cells [][]string) ([]Row, Counts, error) {
	var lines []Line
	var n Counts
	for i, c := range cells {
		l, err := r.Read(i+2, c)
		if err != nil {
			return nil, n, err
		}
		lines = append(lines, l)
	}
	rows, err := r.Rows(lines, gap, &n)
	return rows, n, err
}

func span(from, tom string) day.Span {
	return day.Span{From: day.MustParse(from), To: day.MustParse(tom) + 1}
}

// TestGolden: a gap that the register's rule joins gives no row, and lines that
// are repeated for other histories count once.
func TestGolden(t *testing.T) {
	t.Parallel()
	cells := golden()
	again := slices.Clone(cells[0])
	again[slices.Index(header, "KOMMUN_KOD")] = "0180"
	rows, n, err := readAll(newReader(t, Options{}), append(cells, again))
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{
		{Benefit: "SJP", Days: span("2024-01-01", "2024-01-10"), Extent: 1000, Ore: 30000, Insured: "8", Diagnosis: "F48"},
		{Benefit: "RHP", Days: span("2024-01-14", "2024-01-20"), Extent: 500, Ore: 10500},
	}
	if !slices.Equal(rows, want) || n != (Counts{Lines: 4, Repeated: 1, Gaps: 1, Spells: 1, Rows: 2}) {
		t.Errorf("got %+v %+v", rows, n)
	}
}

// TestOtherFiles: codes and units of the holder's own; days without benefit at
// the ends of a spell, and gaps that the rule does not join, are covered days of
// extent 0.
func TestOtherFiles(t *testing.T) {
	t.Parallel()
	r := newReader(t, Options{Kronor: true, Benefits: map[string]string{"11": "SJP"}})
	rows, n, err := readAll(r, [][]string{
		line("7||0|2024-01-01|2024-01-14|14|0|0||2024-01-01|2024-02-10|41"),
		line("7|11|0.25|2024-01-15|2024-01-20|6|6|1.5|1000,50|2024-01-01|2024-02-10|41"),
		line("7||0|2024-01-21|2024-01-25|5|0|0||2024-01-01|2024-02-10|41"),
		line("7|11|0.125|2024-01-26|2024-02-10|16|16|2|-7|2024-01-01|2024-02-10|41"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{
		{Benefit: "SJP", Days: span("2024-01-01", "2024-01-14")},
		{Benefit: "SJP", Days: span("2024-01-15", "2024-01-20"), Extent: 250, Ore: 100050},
		{Benefit: "SJP", Days: span("2024-01-21", "2024-01-25")},
		{Benefit: "SJP", Days: span("2024-01-26", "2024-02-10"), Extent: 125, Ore: 700, Reversal: true},
		{Benefit: "SJP", Days: span("2024-01-26", "2024-02-10"), Extent: 125},
	}
	if !slices.Equal(rows, want) || n.Gaps != 0 {
		t.Errorf("got %+v %+v", rows, n)
	}
}

// TestLongGap: where the register joins the self-employed over longer gaps, a gap of
// the file gives no row, and the row after it says why.
func TestLongGap(t *testing.T) {
	t.Parallel()
	rows, n, err := readOver(newReader(t, Options{}), Gap{Max: 4, Far: 5}, [][]string{
		line("7|SJP|1|2024-01-01|2024-01-10|10|10|10|0|2024-01-01|2024-02-08|39"),
		line("7||0|2024-01-11|2024-01-15|5|0|0|0|2024-01-01|2024-02-08|39"),
		line("7|SJP|1|2024-01-16|2024-01-20|5|5|5|0|2024-01-01|2024-02-08|39"),
		line("7|SJP|0.5|2024-01-21|2024-01-29|9|9|4.5|0|2024-01-01|2024-02-08|39"),
		line("7||0|2024-01-30|2024-02-04|6|0|0|0|2024-01-01|2024-02-08|39"),
		line("7|SJP|1|2024-02-05|2024-02-08|4|4|4|0|2024-01-01|2024-02-08|39"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{
		{Benefit: "SJP", Days: span("2024-01-01", "2024-01-10"), Extent: 1000},
		{Benefit: "SJP", Days: span("2024-01-16", "2024-01-20"), Extent: 1000, Far: true},
		{Benefit: "SJP", Days: span("2024-01-21", "2024-01-29"), Extent: 500},
		{Benefit: "SJP", Days: span("2024-01-30", "2024-02-04")},
		{Benefit: "SJP", Days: span("2024-02-05", "2024-02-08"), Extent: 1000},
	}
	if !slices.Equal(rows, want) || n.Gaps != 1 {
		t.Errorf("got %+v %+v", rows, n)
	}
}

// TestRefused: what cannot be read names line and column and never a cell.
func TestRefused(t *testing.T) {
	t.Parallel()
	set := func(at int, column, v string) func([][]string) [][]string {
		return func(c [][]string) [][]string {
			c[at][slices.Index(header, column)] = v
			return c
		}
	}
	for _, tt := range []struct {
		name   string
		do     func([][]string) [][]string
		code   string
		line   int
		column string
	}{
		{"no person", set(0, "lopnr", ""), "missing", 2, "lopnr"},
		{"a date", set(0, "DEL_FROM_DATUM", "2024-02-30"), "date", 2, "DEL_FROM_DATUM"},
		{"no date", set(0, "DEL_FROM_DATUM", "-00"), "missing", 2, "DEL_FROM_DATUM"},
		{"a number", set(0, "DEL_DAGAR_TOT", "ten"), "number", 2, "DEL_DAGAR_TOT"},
		{"decimals of a number", set(0, "DEL_BELOPP_BRUTTO", "1.50"), "number", 2, "DEL_BELOPP_BRUTTO"},
		{"an extent that the law does not have", set(2, "OMFATTNING", "0.6"), "net", 4, "DEL_DAGAR_NETTO"},
		{"an extent, net days left out", func(c [][]string) [][]string {
			return set(2, "DEL_DAGAR_NETTO", "")(set(2, "OMFATTNING", "0.6")(c))
		}, "extent", 4, "OMFATTNING"},
		{"a benefit", set(0, "DELFORMAN1_KOD", "XX"), "benefit", 2, "DELFORMAN1_KOD"},
		{"no benefit", set(0, "DELFORMAN1_KOD", ""), "missing", 2, "DELFORMAN1_KOD"},
		{"days that are not those of the dates", set(0, "DEL_DAGAR_TOT", "9"), "days", 2, "DEL_DAGAR_TOT"},
		{"no days", set(0, "DEL_DAGAR_TOT", "0"), "days", 2, "DEL_DAGAR_TOT"},
		{"days with benefit", set(0, "DEL_DAGAR_BRUTTO", "9"), "covered", 2, "DEL_DAGAR_BRUTTO"},
		{"net days", set(2, "DEL_DAGAR_NETTO", "7"), "net", 4, "DEL_DAGAR_NETTO"},
		{"days of the spell", set(2, "FALL_DAGAR_TOT", "17"), "days", 4, "FALL_DAGAR_TOT"},
		{"outside its spell", func(c [][]string) [][]string {
			return set(2, "FALL_DAGAR_TOT", "17")(set(2, "FALL_TOM_DATUM", "2024-01-17")(c))
		}, "outside", 4, "DEL_FROM_DATUM"},
		{"two accounts of a spell", func(c [][]string) [][]string {
			return set(2, "FALL_DAGAR_TOT", "21")(set(2, "FALL_TOM_DATUM", "2024-01-21")(c))
		}, "spell", 4, "FALL_DAGAR_TOT"},
		{"no last day in a spell that has one", set(2, "DEL_TOM_DATUM", ""), "open", 4, "DEL_TOM_DATUM"},
		{"a line too few in the middle", func(c [][]string) [][]string { return slices.Delete(c, 1, 2) }, "sum", 3, "DEL_DAGAR_TOT"},
		{"a line too few at the end", func(c [][]string) [][]string { return c[:2] }, "sum", 3, "DEL_DAGAR_TOT"},
		{"a line too few at the beginning", func(c [][]string) [][]string { return c[1:] }, "sum", 2, "DEL_DAGAR_TOT"},
		{"days twice", func(c [][]string) [][]string {
			return append(c, line("7|SJP|1|2024-01-10|2024-01-10|1|1|1|0|2024-01-01|2024-01-20|20"))
		}, "overlap", 5, "DEL_FROM_DATUM"},
		{"two amounts of a line", func(c [][]string) [][]string {
			return append(c, line("7|SJP|1|2024-01-01|2024-01-10|10|10|10|1|2024-01-01|2024-01-20|20"))
		}, "overlap", 5, "DEL_FROM_DATUM"},
		{"spells that are one", func(c [][]string) [][]string {
			return append(c, line("7|SJP|1|2024-01-25|2024-01-25|1|1|1|0|2024-01-25|2024-01-25|1"))
		}, "joined", 5, "FALL_FROM_DATUM"},
		{"a gap alone", func([][]string) [][]string {
			return [][]string{line("7||0|2024-01-25|2024-01-25|1|0|0|0|2024-01-25|2024-01-25|1")}
		}, "missing", 2, "DELFORMAN1_KOD"},
		{"cells too few", func(c [][]string) [][]string { return [][]string{c[0][:41]} }, "columns", 2, ""},
	} {
		_, _, err := readAll(newReader(t, Options{}), tt.do(golden()))
		f, ok := errors.AsType[*fault.Fault](err)
		if !ok || f.Code != "layout."+tt.code || f.Where.Line != tt.line || f.Where.Column != tt.column {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, _, err := readAll(newReader(t, Options{}), append(golden(), line("7|SJP|1|2024-01-26|2024-01-26|1|1|1|0|2024-01-26|2024-01-26|1"))); err != nil {
		t.Errorf("five free days: %v", err)
	}
}

// TestHeader: the columns of the layout, in its order, and no others.
func TestHeader(t *testing.T) {
	t.Parallel()
	reg, table := catalog.Builtin().Table("midas_sjp")
	if len(header) != 42 {
		t.Fatal(len(header))
	}
	swapped := slices.Clone(header)
	swapped[3], swapped[4] = swapped[4], swapped[3]
	for _, h := range [][]string{header[:41], append(slices.Clone(header), "more"), swapped, nil} {
		if _, err := NewReader(reg, table, h, Options{}); err == nil {
			t.Errorf("%d columns are accepted", len(h))
		}
	}
	if _, other := catalog.Builtin().Table("tfp"); other != nil {
		if _, err := NewReader(reg, other, header, Options{}); err == nil {
			t.Error("a table without a layout is accepted")
		}
	}
}

// TestRowsGiveTheSpellsAgain: lines made of spells give rows that make the same
// spells: first and last days, covered and net days, and money.
func TestRowsGiveTheSpellsAgain(t *testing.T) {
	t.Parallel()
	r := newReader(t, Options{})
	horizon := day.MustParse("2024-03-01")
	rapid.Check(t, func(t *rapid.T) {
		first := day.MustParse("2024-01-01")
		var rows []episode.Row
		for i := range rapid.IntRange(1, 8).Draw(t, "rows") {
			from := first + day.Day(rapid.IntRange(0, 50).Draw(t, "from"))
			x := episode.Row{
				From: from, To: from + day.Day(rapid.IntRange(1, 9).Draw(t, "days")), Tx: int64(rapid.IntRange(0, 3).Draw(t, "tx")), RowID: int64(i), Extent: []uint16{0, 250, 1000}[rapid.IntRange(0, 2).Draw(t, "extent")],
				Amount: int64(rapid.IntRange(0, 5000).Draw(t, "ore")), Kind: episode.Kind(rapid.IntRange(0, 5).Draw(t, "kind") / 5),
				Far: rapid.IntRange(0, 2).Draw(t, "far") == 0, Lead: uint8(max(rapid.IntRange(-10, 6).Draw(t, "lead"), 0)),
			}
			if rapid.IntRange(0, 9).Draw(t, "open") == 0 {
				x.To, x.Amount, x.Kind = day.Open, 0, episode.Pay
			}
			rows = append(rows, x)
		}
		before := spells(t, rows, horizon)
		again, _, err := readOver(r, Gap{Max: 4, Far: 9}, cellsOf(t, rows, horizon))
		if err != nil {
			t.Fatal(err)
		}
		var back []episode.Row
		for i, x := range again {
			row := episode.Row{From: x.Days.From, To: x.Days.To, Tx: 9, RowID: int64(i), Extent: x.Extent, Amount: x.Ore, Track: uint32(x.Spell), Far: x.Far}
			if x.Reversal {
				row.Kind = episode.Rev
			}
			if x.Earlier {
				row.Tx = 8
			}
			if reason := row.Test(true, true); reason != episode.Accepted {
				t.Fatalf("row %+v: %s", x, reason)
			}
			back = append(back, row)
		}
		if after := spells(t, back, horizon); !slices.Equal(before, after) {
			t.Fatalf("before\n%s\nafter\n%s\nrows %+v", strings.Join(before, "\n"), strings.Join(after, "\n"), again)
		}
	})
}

// spells tells of spells and their money.
func spells(t *rapid.T, rows []episode.Row, horizon day.Day) (out []string) {
	k := kernel(t, rows, horizon)
	list, _, err := k.Deliver(episode.Always())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		ore := k.Amounts(0, []day.Span{{From: s.From, To: s.To}}, nil)
		out = append(out, fmt.Sprintf("%s..%s %d %d %v %d", s.From, s.To-1, s.Days, s.Net, s.Ongoing, ore[0]))
	}
	return out
}

func kernel(t *rapid.T, rows []episode.Row, horizon day.Day) *episode.Kernel {
	o := episode.Defaults()
	o.Horizon, o.Rule.FarGap = horizon, 9
	k := episode.New(o)
	if err := k.Build(rows); err != nil {
		t.Fatal(err)
	}
	return k
}

// cellsOf writes the lines of the layout from the kernel's spells, without the
// engine.
func cellsOf(t *rapid.T, rows []episode.Row, horizon day.Day) (out [][]string) {
	k := kernel(t, rows, horizon)
	list, subs, err := k.Deliver(episode.Always())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		tom := func(d day.Day) string {
			if s.NoTom && d == s.To {
				return ""
			}
			return (d - 1).String()
		}
		add := func(benefit string, extent, covered int, d day.Span) {
			ore := k.Amounts(0, []day.Span{d}, nil)
			out = append(out, line(strings.Join([]string{
				"7", benefit, strconv.FormatFloat(float64(extent)/1000, 'f', -1, 64), d.From.String(), tom(d.To), fmt.Sprint(int(d.To - d.From)), fmt.Sprint(covered),
				strconv.FormatFloat(float64(covered*extent)/1000, 'f', -1, 64), fmt.Sprint(ore[0]), s.From.String(), tom(s.To), fmt.Sprint(s.Gross()),
			}, "|")))
		}
		at := s.From
		for _, b := range subs[s.Sub0:s.Sub1] {
			if at < b.From {
				add("", 0, 0, day.Span{From: at, To: b.From})
			}
			add("SJP", int(b.Extent), int(b.Days()), day.Span{From: b.From, To: b.To})
			at = b.To
		}
	}
	return out
}
