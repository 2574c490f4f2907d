package inspect

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/disclose"
	"sluss/internal/parcel/format"
	"sluss/internal/plan"
	"sluss/internal/swede"
	"sluss/internal/works"
)

var layout = &format.Schema{Columns: []format.Column{
	{Name: "lopnr", Type: format.Int64},
	{Name: "fran", Type: format.Date},
	{Name: "tom", Type: format.Date, Nullable: true},
	{Name: "manad", Type: format.Month},
	{Name: "kvartal", Type: format.Quarter},
	{Name: "net", Type: format.Decimal, Scale: 3},
	{Name: "ovr", Type: format.Text, Nullable: true, Dict: []string{"", "Å;\"x\"\n", "F32"}},
	{Name: "n", Type: format.Int32, Nullable: true},
}}

// rows makes n rows, each cell known from its place.
func rows(n int) *format.Batch {
	b := format.NewBatch(layout)
	for i := range n {
		k := int32(i)
		tom, number := 19000+k%7, k
		if i%3 == 0 {
			tom, number = format.Null32, format.Null32
		}
		b.Cols[0].I64 = append(b.Cols[0].I64, int64(i)+1)
		b.Cols[1].I32 = append(b.Cols[1].I32, 19000+k%1000)
		b.Cols[2].I32 = append(b.Cols[2].I32, tom)
		b.Cols[3].I32 = append(b.Cols[3].I32, 2024*12+k%12)
		b.Cols[4].I32 = append(b.Cols[4].I32, 2024*4+k%4)
		b.Cols[5].I64 = append(b.Cols[5].I64, int64(i)*125)
		b.Cols[6].I32 = append(b.Cols[6].I32, k%3)
		b.Cols[7].I32 = append(b.Cols[7].I32, number)
		b.N++
	}
	return b
}

func write(t testing.TB, path string, s *format.Schema, b *format.Batch, o plan.Output) {
	t.Helper()
	opt, err := format.OptionsOf(o)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	st, err := format.NewStream(context.Background(), f, s, opt, 2)
	if err == nil {
		err = st.Write(b, 0, b.N)
	}
	if err == nil {
		_, _, err = st.Close()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// text is a cell as a person would write it.
func text(c disclose.Cell) string {
	switch c.Kind {
	case disclose.Missing:
		return "-"
	case disclose.Text:
		return c.Text
	case disclose.Date:
		return day.Day(c.N).String()
	case disclose.Number:
		n, sign := c.N, ""
		if n < 0 {
			n, sign = -n, "-"
		}
		s := strconv.FormatInt(n, 10)
		for len(s) <= int(c.Scale) {
			s = "0" + s
		}
		if c.Scale > 0 {
			s = strings.TrimSuffix(strings.TrimRight(s[:len(s)-int(c.Scale)]+"."+s[len(s)-int(c.Scale):], "0"), ".")
		}
		return sign + s
	}
	return "?"
}

func read(t testing.TB, path string, o plan.Output) (*File, [][]string) {
	t.Helper()
	f, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out [][]string
	for cells, err := range f.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		var line []string
		for _, c := range cells {
			line = append(line, text(c))
		}
		out = append(out, line)
	}
	return f, out
}

// What the writers write, the other libraries read: every type, missing values,
// several row groups, every form of CSV.
func TestReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	const n = format.GroupRows + 5000
	path := filepath.Join(t.TempDir(), "f")
	b := rows(n)
	write(t, path, layout, b, plan.Output{Format: "parquet"})
	f, got := read(t, path, plan.Output{Format: "parquet"})
	if f.Stated != n || len(got) != n || len(f.Metadata) != 0 || strings.Join(f.Header, " ") != "lopnr fran tom manad kvartal net ovr n" {
		t.Fatalf("%d stated, %d read, header %v, metadata %v", f.Stated, len(got), f.Header, f.Metadata)
	}
	for _, i := range []int{0, 1, 2, 4095, 4096, format.GroupRows - 1, format.GroupRows, n - 1} {
		want := []string{strconv.Itoa(i + 1), day.Day(19000 + i%1000).String(), "-", "2024-" + strconv.Itoa(i%12 + 101)[1:], "2024-Q" + strconv.Itoa(i%4+1), text(disclose.Cell{Kind: disclose.Number, N: int64(i) * 125, Scale: 3}), []string{"-", "Å;\"x\"\n", "F32"}[i%3], "-"}
		if i%3 != 0 {
			want[2], want[7] = day.Day(19000+i%7).String(), strconv.Itoa(i)
		}
		if !slices.Equal(got[i], want) {
			t.Errorf("row %d: %q, want %q", i+1, got[i], want)
		}
	}
	for _, o := range []plan.Output{
		{Format: "csv"},
		{Format: "csv", Delimiter: ",", Encoding: "utf-8-bom", Null: "NA"},
		{Format: "csv", Delimiter: "\t", Encoding: "iso-8859-1"},
	} {
		write(t, path, layout, b, o)
		f, again := read(t, path, o)
		if f.Stated != -1 || len(again) != n || !slices.EqualFunc(got, again, slices.Equal) {
			t.Errorf("%+v: differs from Parquet", o)
		}
	}
	write(t, path, layout, rows(0), plan.Output{Format: "parquet"})
	if f, got := read(t, path, plan.Output{Format: "parquet"}); f.Stated != 0 || got != nil {
		t.Errorf("no rows: %d, %d", f.Stated, len(got))
	}
}

// What no delivery has is told as such, and a broken file is an error, never a
// panic or a shorter file.
func TestReadsWhatShouldNotBe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	type odd struct {
		Lopnr int64    `parquet:"lopnr"`
		X     float64  `parquet:"x"`
		Y     bool     `parquet:"y"`
		Z     []string `parquet:"z"`
	}
	path := filepath.Join(dir, "odd.parquet")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := parquet.NewGenericWriter[odd](f, parquet.KeyValueMetadata("pandas", "{}"))
	if _, err := w.Write([]odd{{1, 0.5, true, []string{"a", "b"}}}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	in, err := Open(path, plan.Output{Format: "parquet"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(in.Metadata, [][2]string{{"pandas", "{}"}}) {
		t.Errorf("metadata %v", in.Metadata)
	}
	for cells, err := range in.Rows() {
		if err == nil && (cells[0].Kind != disclose.Number || cells[1].Kind != disclose.Other || cells[2].Kind != disclose.Other || cells[3].Kind != disclose.Other) {
			t.Errorf("%+v", cells)
		}
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	whole := filepath.Join(dir, "whole.parquet")
	write(t, whole, layout, rows(1000), plan.Output{Format: "parquet"})
	b, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		bad := bytes.Clone(b)
		for range 1 + r.IntN(4) {
			bad[r.IntN(len(bad))] ^= byte(1 + r.IntN(255))
		}
		readBroken(t, filepath.Join(dir, "bad"), bad[:len(bad)-r.IntN(2)*r.IntN(len(bad))])
	}
	for text, o := range map[string]plan.Output{
		"\xEF\xBB\xBFa;b\n": {Format: "csv"},
		"a;b\n":             {Format: "csv", Encoding: "utf-8-bom"},
		"a;b":               {Format: "xlsx"},
		"":                  {Format: "csv"},
		"a":                 {Format: "parquet"},
		"a;b\n1;2\n":        {Format: "csv", Encoding: "utf-16"},
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path, o); err == nil {
			t.Errorf("%q was opened", text)
		}
	}
	if err := os.WriteFile(path, []byte("a;b\n\xff;1\n\"x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err = Open(path, plan.Output{Format: "csv"})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var kinds []disclose.CellKind
	var last error
	for cells, err := range in.Rows() {
		if last = err; err == nil {
			kinds = append(kinds, cells[0].Kind)
		}
	}
	if !slices.Equal(kinds, []disclose.CellKind{disclose.Other}) || last == nil {
		t.Errorf("%v, %v", kinds, last)
	}
}

// readBroken reads a damaged file to its end; all that counts is that it ends.
func readBroken(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, plan.Output{Format: "parquet"})
	if err != nil {
		return
	}
	n := int64(0)
	for _, err := range f.Rows() {
		if err != nil {
			break
		}
		if n++; n > 1_000_000 {
			break
		}
	}
	_ = f.Close()
}

// snapshot is as much of a snapshot as the check asks for.
type snapshot struct{ works.Snapshot }

func (snapshot) ID() string       { return "s1" }
func (snapshot) Hash() canon.Hash { return "" }
func (snapshot) Day() day.Day     { return day.MustParse("2024-06-01") }
func (snapshot) Synthetic() bool  { return true }
func (snapshot) Mentioned(context.Context, works.Extraction) ([]uint64, error) {
	return []uint64{1007}, nil
}
func (snapshot) Employers(context.Context, works.Extraction) ([]uint64, error) { return nil, nil }
func (snapshot) Size(plan.Persons) int                                         { return 0 }
func (snapshot) Alike(string, []works.Lasting) (func(uint64) int, int, bool)   { return nil, 0, false }
func (snapshot) Organisation(uint64) bool                                      { return false }
func (snapshot) Resolve(swede.Personnummer, day.Day) (uint64, works.Match)     { return 0, 0 }

func job(t testing.TB, dir, kind string) (works.Extracted, works.Extraction) {
	t.Helper()
	period := &plan.Period{From: day.MustParse("2020-01-01"), To: day.MustParse("2026-01-01")}
	j := works.Extraction{
		Scope: plan.Scope{
			Identity: plan.IdentityBound{Kind: plan.IdentitySerial}, Formats: []string{"csv", "parquet"}, Persons: plan.Persons{Max: 10},
			Rows: []plan.Row{{Table: "midas_fp", Outcome: plan.OutcomeDisclose, Period: period, Shape: catalog.ShapeSpell, Variables: []plan.VariableBound{{ID: "barn_lopnr"}, {ID: "from_datum"}, {ID: "tom_datum"}, {ID: "nettodagar"}}}},
		},
		Plan: plan.Spec{
			Identity: plan.Identity{Kind: plan.IdentitySerial}, Population: plan.Population{File: &plan.FilePopulation{}},
			Extracts: []plan.Extract{{
				Name: "fp", Table: "midas_fp", Shape: plan.Shape{Spell: &plan.SpellShape{MaxGapDays: 4}},
				Window:  plan.Window{From: plan.Bound{Date: day.MustParse("2020-01-01")}, To: plan.Bound{Date: day.MustParse("2024-06-01")}},
				Columns: []plan.Column{{Name: "lopnr"}, {Name: "barn_lopnr"}, {Name: "from_datum"}, {Name: "tom_datum"}, {Name: "nettodagar"}},
				Output:  plan.Output{File: "fp", Format: kind},
			}},
		},
		People: []works.Delivered{{Entity: 1002, Serial: 2}, {Entity: 1001, Serial: 1}},
		Other:  func(e uint64) (uint64, bool) { return e - 1000, e == 1007 },
	}
	b := format.NewBatch(&spellLayout)
	first := int32(day.MustParse("2024-01-01"))
	for i, lopnr := range []int64{1, 2, 2} {
		b.Cols[0].I64 = append(b.Cols[0].I64, lopnr)
		b.Cols[1].I64 = append(b.Cols[1].I64, 7)
		b.Cols[2].I32 = append(b.Cols[2].I32, first+int32(i)*30)
		b.Cols[3].I32 = append(b.Cols[3].I32, first+int32(i)*30+9)
		b.Cols[4].I64 = append(b.Cols[4].I64, 10_000)
		b.N++
	}
	f := works.File{Extract: "fp", Totals: works.Totals{Rows: 3, Persons: 2, Days: 30, Net: 30_000}}
	f.Name = "fp." + kind
	write(t, filepath.Join(dir, f.Name), &spellLayout, b, j.Plan.Extracts[0].Output)
	return works.Extracted{Files: []works.File{f}}, j
}

var spellLayout = format.Schema{Columns: []format.Column{
	{Name: "lopnr", Type: format.Int64},
	{Name: "barn_lopnr", Type: format.Int64, Nullable: true},
	{Name: "from_datum", Type: format.Date},
	{Name: "tom_datum", Type: format.Date, Nullable: true},
	{Name: "nettodagar", Type: format.Decimal, Scale: 3},
}}

func TestChecker(t *testing.T) {
	t.Parallel()
	for _, f := range []string{"csv", "parquet"} {
		dir := t.TempDir()
		e, j := job(t, dir, f)
		check := func(name, want string) {
			t.Helper()
			rs, err := Checker{catalog.Builtin()}.Check(t.Context(), dir, e, j, snapshot{})
			if err != nil || len(rs) != 15 {
				t.Fatalf("%s: %d results, %v", name, len(rs), err)
			}
			var got []string
			for _, r := range rs {
				if !r.OK {
					got = append(got, r.Check)
				}
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s, %s: %v, want %s: %+v", f, name, got, want, rs)
			}
		}
		check("as it should be", "")
		j.Other = func(uint64) (uint64, bool) { return 8, true }
		check("another child", "ids")
		j.Other = func(uint64) (uint64, bool) { return 7, true }
		j.People = j.People[:1]
		check("a person less", "ids totals")
		j.People = append(j.People, works.Delivered{Entity: 1001, Serial: 1})
		if err := os.WriteFile(filepath.Join(dir, "rows.tmp"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		check("a file that nobody ordered", "headers shape")
		stopped, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := (Checker{catalog.Builtin()}).Check(stopped, dir, e, j, snapshot{}); !errors.Is(err, context.Canceled) {
			t.Errorf("stopped: %v", err)
		}
		e.Files[0].Name = "../fp.csv"
		if _, err := (Checker{catalog.Builtin()}).Check(t.Context(), dir, e, j, snapshot{}); err == nil {
			t.Error("a file outside the directory")
		}
	}
}

func BenchmarkRead(b *testing.B) {
	for _, o := range []plan.Output{{Format: "csv"}, {Format: "parquet"}} {
		b.Run(o.Format, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "f")
			write(b, path, layout, rows(500_000), o)
			b.ResetTimer()
			for b.Loop() {
				f, err := Open(path, o)
				if err != nil {
					b.Fatal(err)
				}
				for _, err := range f.Rows() {
					if err != nil {
						b.Fatal(err)
					}
				}
				_ = f.Close()
			}
			b.ReportMetric(500_000*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}

// BenchmarkCheck is the whole check on a file of spells: 100 000 persons with
// five each.
func BenchmarkCheck(b *testing.B) {
	for _, kind := range []string{"csv", "parquet"} {
		b.Run(kind, func(b *testing.B) {
			dir := b.TempDir()
			e, j := job(b, dir, kind)
			j.People, j.Scope.Persons.Max = nil, 100_000
			batch, first := format.NewBatch(&spellLayout), int32(day.MustParse("2024-01-01"))
			for p := range 100_000 {
				j.People = append(j.People, works.Delivered{Entity: uint64(p), Serial: uint64(p) + 1})
				for k := range int32(5) {
					batch.Cols[0].I64 = append(batch.Cols[0].I64, int64(p)+1)
					batch.Cols[1].I64 = append(batch.Cols[1].I64, 7)
					batch.Cols[2].I32 = append(batch.Cols[2].I32, first+k*20)
					batch.Cols[3].I32 = append(batch.Cols[3].I32, first+k*20+9)
					batch.Cols[4].I64 = append(batch.Cols[4].I64, 10_000)
					batch.N++
				}
			}
			write(b, filepath.Join(dir, e.Files[0].Name), &spellLayout, batch, j.Plan.Extracts[0].Output)
			e.Files[0].Totals = works.Totals{Rows: 500_000, Persons: 100_000, Net: 5_000_000_000}
			b.ResetTimer()
			for b.Loop() {
				rs, err := Checker{catalog.Builtin()}.Check(b.Context(), dir, e, j, snapshot{})
				if err != nil {
					b.Fatal(err)
				}
				for _, r := range rs {
					if !r.OK {
						b.Fatalf("%+v", r)
					}
				}
			}
			b.ReportMetric(500_000*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}
