package inspect

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluss/internal/day"
	"sluss/internal/disclose"
	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
	"sluss/internal/parcel/format"
	"sluss/internal/plan"
)

var statFormats = []string{format.DTA, format.SAV, format.ZSAV, format.XPT}

// put writes b and returns the path, or the error.
func put(dir, kind string, s *format.Schema, b *format.Batch, workers int) (string, error) {
	path := filepath.Join(dir, "f."+kind)
	opt, err := format.OptionsOf(plan.Output{Format: kind})
	if err != nil {
		return "", err
	}
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	st, err := format.NewStream(context.Background(), f, s, opt, workers)
	if err == nil {
		if err = st.Write(b, 0, b.N); err == nil {
			_, _, err = st.Close()
		} else {
			st.Abandon()
		}
	}
	return path, errors.Join(err, f.Close())
}

// Every schema and every row that the writers take comes back from the readers
// cell by cell.
func TestStatisticalFormatsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(statFormats).Draw(t, "kind")
		s, b := drawFile(t, kind)
		want := wanted(s, b)
		dir, err := os.MkdirTemp("", "")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		path, err := put(dir, kind, s, b, 2)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Open(path, plan.Output{Format: kind})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if kind != format.XPT && f.Stated != int64(b.N) || len(f.Metadata) > 0 {
			t.Fatalf("states %d rows of %d, metadata %d", f.Stated, b.N, len(f.Metadata))
		}
		for i, c := range s.Columns {
			if f.Header[i] != c.Name {
				t.Fatalf("column %d is called %q, want %q", i, f.Header[i], c.Name)
			}
		}
		n := 0
		for cells, err := range f.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range cells {
				if c.Kind == disclose.Number && c.Scale != s.Columns[i].Scale {
					t.Fatalf("column %d has %d decimals, want %d", i, c.Scale, s.Columns[i].Scale)
				}
				if got := text(c); got != want[n][i] {
					t.Fatalf("row %d column %d: %q, want %q", n, i, got, want[n][i])
				}
			}
			n++
		}
		if n != b.N {
			t.Fatalf("%d rows, want %d", n, b.N)
		}
	})
}

func drawFile(t *rapid.T, kind string) (*format.Schema, *format.Batch) {
	s := &format.Schema{}
	width := rapid.IntRange(1, 12).Draw(t, "columns")
	lengths := []int{1, 2, 7, 8, 9, 40, 99}
	if kind != format.XPT {
		lengths = append(lengths, 127, 128, 252, 300, 700) // characters of one and two bytes: segments in SPSS
	}
	alphabet := []rune("aåäöéÅß0 9;\"'")
	for i := range width {
		c := format.Column{Name: fmt.Sprintf("k%d", i), Nullable: true, Label: "Etikett åäö"}
		if rapid.Bool().Draw(t, "long") {
			c.Name = fmt.Sprintf("ett_langre_namn_%d", i)
		}
		c.Type = format.Type(rapid.IntRange(0, 7).Draw(t, "type"))
		if i == 0 {
			c.Type = format.Int64 // a file has a löpnummer
		}
		switch c.Type {
		case format.Decimal:
			c.Scale = uint8(rapid.IntRange(1, 9).Draw(t, "scale"))
		case format.Text:
			c.Dict = []string{""}
			for range rapid.IntRange(1, 5).Draw(t, "texts") {
				n := rapid.SampledFrom(lengths).Draw(t, "length")
				c.Dict = append(c.Dict, string(rapid.SliceOfN(rapid.SampledFrom(alphabet), n, n).Draw(t, "text"))+".")
			}
			c.Labels = []format.ValueLabel{{Code: c.Dict[1], Text: "första"}}
		case format.Int32:
			c.Labels = []format.ValueLabel{{Code: "1", Text: "ja"}, {Code: "-1", Text: "nej"}}
		}
		s.Columns = append(s.Columns, c)
	}
	b := format.NewBatch(s)
	b.N = rapid.SampledFrom([]int{0, 1, 2, 9, 60}).Draw(t, "rows")
	for i := range s.Columns {
		c := &s.Columns[i]
		for range b.N {
			null := rapid.IntRange(0, 3).Draw(t, "null") == 0
			n := rapid.Int64Range(-1<<53, 1<<53).Draw(t, "n")
			if c.Type == format.Decimal {
				n /= 2
			}
			small := int32(n)
			switch c.Type {
			case format.Int32:
				small = min(small, 2147483620)
				small = max(small, -2147483647)
			case format.Date:
				small = int32(day.MustParse("1582-10-15")) + int32(uint32(small)%3074000)
			case format.Week:
				small = int32(uint32(small)%80000) - 20000
			case format.Month, format.Quarter:
				small = 4000 + int32(uint32(small)%20000)
			case format.Text:
				small = 1 + int32(uint32(small)%uint32(len(c.Dict)-1))
			}
			if null {
				n, small = format.Null64, format.Null32
				if c.Type == format.Text {
					small = 0
				}
			}
			if c.Type.Wide() {
				b.Cols[i].I64 = append(b.Cols[i].I64, n)
			} else {
				b.Cols[i].I32 = append(b.Cols[i].I32, small)
			}
		}
	}
	return s, b
}

// wanted writes the rows as a person would, without any of the writers.
func wanted(s *format.Schema, b *format.Batch) [][]string {
	out := make([][]string, b.N)
	for r := range out {
		for i := range s.Columns {
			c, v := &s.Columns[i], &b.Cols[i]
			cell := disclose.Cell{}
			switch {
			case c.Type.Wide() && v.I64[r] != format.Null64:
				cell = disclose.Cell{Kind: disclose.Number, N: v.I64[r], Scale: c.Scale}
			case c.Type.Wide() || v.I32[r] == format.Null32 || c.Type == format.Text && v.I32[r] == 0:
			case c.Type == format.Text:
				cell = disclose.Cell{Kind: disclose.Text, Text: c.Dict[v.I32[r]]}
			case c.Type == format.Int32:
				cell = disclose.Cell{Kind: disclose.Number, N: int64(v.I32[r])}
			case c.Type == format.Date:
				cell = disclose.Cell{Kind: disclose.Date, N: int64(v.I32[r])}
			case c.Type == format.Week:
				y, w := time.Unix(int64(v.I32[r])*7*86400, 0).UTC().ISOWeek()
				cell = disclose.Cell{Kind: disclose.Text, Text: fmt.Sprintf("%04d-W%02d", y, w)}
			case c.Type == format.Month:
				cell = disclose.Cell{Kind: disclose.Text, Text: fmt.Sprintf("%04d-%02d", v.I32[r]/12, v.I32[r]%12+1)}
			case c.Type == format.Quarter:
				cell = disclose.Cell{Kind: disclose.Text, Text: fmt.Sprintf("%04d-Q%d", v.I32[r]/4, v.I32[r]%4+1)}
			}
			out[r] = append(out[r], text(cell))
		}
	}
	return out
}

// What a format cannot hold is refused under a stable code, in both languages,
// with the column and without the cell.
func TestStatisticalFormatsRefuse(t *testing.T) {
	t.Parallel()
	one := func(c format.Column, v format.Vector) (*format.Schema, *format.Batch) {
		s := &format.Schema{Columns: []format.Column{{Name: "lopnr", Type: format.Int64}, c}}
		return s, &format.Batch{N: 1, Cols: []format.Vector{{I64: []int64{1}}, v}}
	}
	str := func(t string) (format.Column, format.Vector) {
		return format.Column{Name: "k", Type: format.Text, Dict: []string{"", t}}, format.Vector{I32: []int32{1}}
	}
	named := func(name string) (format.Column, format.Vector) {
		return format.Column{Name: name, Type: format.Int32}, format.Vector{I32: []int32{1}}
	}
	secret := "hemlig"
	for _, tt := range []struct {
		name  string
		code  string // "" = taken
		kinds []string
		file  func() (format.Column, format.Vector)
	}{
		{"2^53 is exact", "", statFormats, func() (format.Column, format.Vector) {
			return format.Column{Name: "ore", Type: format.Int64}, format.Vector{I64: []int64{1 << 53}}
		}},
		{"more is not", "format.number", statFormats, func() (format.Column, format.Vector) {
			return format.Column{Name: "ore", Type: format.Int64}, format.Vector{I64: []int64{-1<<53 - 1}}
		}},
		{"before the calendar", "format.date", statFormats, func() (format.Column, format.Vector) {
			return format.Column{Name: "d", Type: format.Date}, format.Vector{I32: []int32{int32(day.MustParse("1582-10-14"))}}
		}},
		{"Stata's greatest long", "format.number", []string{"dta"}, func() (format.Column, format.Vector) {
			return format.Column{Name: "n", Type: format.Int32}, format.Vector{I32: []int32{2147483621}}
		}},
		{"2045 bytes", "", []string{"dta", "sav"}, func() (format.Column, format.Vector) { return str(strings.Repeat("x", 2045)) }},
		{"2046 bytes", "format.length", []string{"dta"}, func() (format.Column, format.Vector) { return str(secret + strings.Repeat("x", 2040)) }},
		{"200 characters of two bytes", "", []string{"xpt"}, func() (format.Column, format.Vector) { return str(strings.Repeat("å", 200)) }},
		{"201", "format.length", []string{"xpt"}, func() (format.Column, format.Vector) { return str(strings.Repeat("å", 201)) }},
		{"32767 bytes", "", []string{"sav", "zsav"}, func() (format.Column, format.Vector) { return str(strings.Repeat("x", 32767)) }},
		{"32768 bytes", "format.length", []string{"sav", "zsav"}, func() (format.Column, format.Vector) { return str(strings.Repeat("x", 32768)) }},
		{"outside ISO 8859-1", "format.character", []string{"xpt"}, func() (format.Column, format.Vector) { return str(secret + "Łódź") }},
		{"which the others hold", "", []string{"dta", "sav", "zsav"}, func() (format.Column, format.Vector) { return str("Łódź") }},
		{"a zero byte", "format.character", statFormats, func() (format.Column, format.Vector) { return str(secret + "\x00x") }},
		{"a blank at the end", "format.blank", []string{"sav", "zsav", "xpt"}, func() (format.Column, format.Vector) { return str(secret + " ") }},
		{"which Stata keeps", "", []string{"dta"}, func() (format.Column, format.Vector) { return str("x ") }},
		{"32 characters", "", statFormats, func() (format.Column, format.Vector) { return named(strings.Repeat("a", 32)) }},
		{"33", "format.name", []string{"dta", "xpt"}, func() (format.Column, format.Vector) { return named(strings.Repeat("a", 33)) }},
		{"65", "format.name", []string{"sav", "zsav"}, func() (format.Column, format.Vector) { return named(strings.Repeat("a", 65)) }},
		{"Stata's words", "format.name", []string{"dta"}, func() (format.Column, format.Vector) { return named("using") }},
		{"Stata's types", "format.name", []string{"dta"}, func() (format.Column, format.Vector) { return named("str12") }},
		{"SPSS's words", "format.name", []string{"sav", "zsav"}, func() (format.Column, format.Vector) { return named("with") }},
		{"åäö in a name", "format.name", []string{"xpt"}, func() (format.Column, format.Vector) { return named("län") }},
		{"which the others hold", "", []string{"dta", "sav", "zsav"}, func() (format.Column, format.Vector) { return named("län") }},
		{"a blank in a name", "format.name", statFormats, func() (format.Column, format.Vector) { return named("a b") }},
		{"one name twice", "format.name", []string{"sav", "zsav", "xpt"}, func() (format.Column, format.Vector) { return named("LOPNR") }},
	} {
		for _, kind := range tt.kinds {
			t.Run(tt.name+" "+kind, func(t *testing.T) {
				t.Parallel()
				c, v := tt.file()
				s, b := one(c, v)
				_, err := put(t.TempDir(), kind, s, b, 1)
				if tt.code == "" {
					if err != nil {
						t.Fatal(err)
					}
					return
				}
				var f *fault.Fault
				if !errors.As(err, &f) || f.Code != tt.code || f.SV == "" || f.EN == "" || f.Where.Column == "" {
					t.Fatalf("err = %v, want %s with both languages and the column", err, tt.code)
				}
				if strings.Contains(f.Text("sv")+f.Text("en"), secret) {
					t.Error("the refusal repeats the cell")
				}
			})
		}
	}
}

// A text that no row holds stops nobody, and a missing value where none may be
// stops the file.
func TestOnlyRowsAreRefused(t *testing.T) {
	t.Parallel()
	s := &format.Schema{Columns: []format.Column{
		{Name: "lopnr", Type: format.Int64},
		{Name: "k", Type: format.Text, Dict: []string{"", "a", "Łódź"}},
	}}
	for _, tt := range []struct {
		n  int32
		ok bool
	}{{1, true}, {2, false}, {0, false}} {
		_, err := put(t.TempDir(), "xpt", s, &format.Batch{N: 1, Cols: []format.Vector{{I64: []int64{1}}, {I32: []int32{tt.n}}}}, 1)
		if (err == nil) != tt.ok {
			t.Errorf("text %d: %v", tt.n, err)
		}
	}
}

// The bytes do not depend on how many encoders there are (promise 15), across
// the bounds of groups and of the blocks that zlib compresses.
func TestStatisticalFormatsAreDeterministic(t *testing.T) {
	t.Parallel()
	b := rows(format.GroupRows + 77)
	for _, kind := range statFormats {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			var first []byte
			for _, workers := range []int{1, 3} {
				path, err := put(t.TempDir(), kind, layoutStats, b, workers)
				if err != nil {
					t.Fatal(err)
				}
				got, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if first == nil {
					first = got
				} else if !slices.Equal(first, got) {
					t.Error("other bytes with other encoders")
				}
				if workers == 1 {
					continue
				}
				f, lines := read(t, path, plan.Output{Format: kind})
				if len(lines) != b.N || f.Stated >= 0 && f.Stated != int64(b.N) {
					t.Errorf("%d rows, %d stated, want %d", len(lines), f.Stated, b.N)
				}
				for i, want := range wanted(layoutStats, b) {
					if !slices.Equal(lines[i], want) {
						t.Fatalf("row %d: %q, want %q", i, lines[i], want)
					}
				}
			}
		})
	}
}

// layoutStats is layout with a text that the formats of SAS can hold.
var layoutStats = func() *format.Schema {
	s := &format.Schema{Columns: slices.Clone(layout.Columns)}
	s.Columns[6].Dict = []string{"", "Å;\"x\"!", "F32"}
	return s
}()

// A cut or changed file is an error, never a panic or fewer rows.
func TestDamagedStatisticalFiles(t *testing.T) {
	t.Parallel()
	for _, kind := range statFormats {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			path, err := put(t.TempDir(), kind, layoutStats, rows(40), 1)
			if err != nil {
				t.Fatal(err)
			}
			whole, _ := os.ReadFile(path)
			bad := filepath.Join(t.TempDir(), "bad")
			for n := 0; n < len(whole)-1; n += 1 + len(whole)/150 {
				if err := os.WriteFile(bad, whole[:n], 0o600); err != nil {
					t.Fatal(err)
				}
				if kind == format.XPT && n%80 == 0 {
					continue // a file cut between records cannot be told by itself: the totals of the job tell
				}
				if got, err := all(bad, kind); err == nil {
					t.Fatalf("cut at %d of %d: %d rows", n, len(whole), got)
				}
			}
			for n := 0; n < len(whole); n += 1 + len(whole)/300 {
				changed := slices.Clone(whole)
				changed[n] ^= 0xFF
				if err := os.WriteFile(bad, changed, 0o600); err != nil {
					t.Fatal(err)
				}
				_, _ = all(bad, kind) // must not panic
			}
		})
	}
}

func all(path, kind string) (n int, err error) {
	f, err := Open(path, plan.Output{Format: kind})
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for _, err := range f.Rows() {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Awkward files for the outside readers of tools/verify.sh, each beside the
// text of its cells: where SLUSS_SAMPLES names a folder they are written there.
func TestSamples(t *testing.T) {
	dir := os.Getenv("SLUSS_SAMPLES")
	if dir == "" {
		dir = t.TempDir()
	}
	for name, n := range map[string]int{"awkward": 7, "none": 0, "one": 1, "broad": 3} {
		s, b := awkward(n)
		if name == "broad" {
			s, b = broad(1200, n)
		}
		kinds := append([]string{format.Parquet}, statFormats...)
		for _, kind := range kinds {
			file := s
			if kind == format.XPT && name != "broad" { // what SAS cannot hold is not in its sample
				file = &format.Schema{Columns: slices.Clone(s.Columns)}
				file.Columns[7].Dict = []string{"", strings.Repeat("ö", 200), "kort"}
			}
			path, err := put(t.TempDir(), kind, file, b, 1)
			if err != nil {
				t.Fatalf("%s %s: %v", name, kind, err)
			}
			if err := copyFile(filepath.Join(dir, name+"."+kind), path); err != nil {
				t.Fatal(err)
			}
			if err := expectations(filepath.Join(dir, name+"."+kind+".csv"), file, b); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func copyFile(to, from string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o600)
}

// expectations writes names, types, labels and cells as text; "-" is missing.
func expectations(path string, s *format.Schema, b *format.Batch) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	var names, types, labels, first []string
	for i := range s.Columns {
		c := &s.Columns[i]
		names, types, labels = append(names, c.Name), append(types, c.Type.String()), append(labels, c.Label)
		l := ""
		if len(c.Labels) > 0 {
			l = c.Labels[0].Code + "=" + c.Labels[0].Text
		}
		first = append(first, l)
	}
	err = w.WriteAll(append([][]string{names, types, labels, first}, wanted(s, b)...))
	return errors.Join(err, f.Close())
}

// awkward is what readers stumble on: åäö and é, missing values in every type,
// the longest texts, dates of 1900 and 2099, öre at 2^53, codes with leading
// zeros, extents of an eighth.
func awkward(n int) (*format.Schema, *format.Batch) {
	s := &format.Schema{Columns: []format.Column{
		{Name: "lopnr", Type: format.Int64, Label: "Löpnummer"},
		{Name: "startdatum", Type: format.Date, Nullable: true, Label: "Första dagen, från och med"},
		{Name: "belopp_ore", Type: format.Int64, Nullable: true, Label: "Belopp i öre"},
		{Name: "omfattning", Type: format.Decimal, Scale: 1, Nullable: true, Label: "Omfattning i procent"},
		{Name: "netto", Type: format.Decimal, Scale: 3, Nullable: true, Label: "Nettodagar"},
		{Name: "kod", Type: format.Text, Nullable: true, Label: "Kod med inledande nollor", Dict: []string{"", "007", "01", "1"}, Labels: []format.ValueLabel{{Code: "007", Text: "Sjuan é"}, {Code: "01", Text: "Ettan åäö"}}},
		{Name: "diagnosgrupp", Type: format.Text, Nullable: true, Label: "Diagnosgrupp", Dict: []string{"", "Ångest åäö é", "F32.1"}, Labels: []format.ValueLabel{{Code: "F32.1", Text: "Medelsvår depressiv episod"}}},
		{Name: "lang", Type: format.Text, Nullable: true, Label: strings.Repeat("Etikett å", 4), Dict: []string{"", strings.Repeat("ö", 300), "kort"}},
		{Name: "kvartal", Type: format.Quarter, Nullable: true, Label: "Kvartal"},
		{Name: "manad", Type: format.Month, Nullable: true, Label: "Månad"},
		{Name: "vecka", Type: format.Week, Nullable: true, Label: "Vecka"},
		{Name: "flagga", Type: format.Int32, Nullable: true, Label: "Högercensurerat", Labels: []format.ValueLabel{{Code: "0", Text: "nej"}, {Code: "1", Text: "ja, fortsätter"}}},
	}}
	d := func(s string) int32 { return int32(day.MustParse(s)) }
	x, y := format.Null32, format.Null64
	v := []format.Vector{
		{I64: []int64{1, 2, 3, 4, 5, 9007199254740992, 7}},
		{I32: []int32{d("1900-01-01"), d("2099-12-31"), d("1960-01-01"), x, d("1970-01-01"), d("2024-02-29"), d("1959-12-31")}},
		{I64: []int64{0, -10001, 9007199254740992, y, -9007199254740992, 100, 151}},
		{I64: []int64{1000, 125, 250, y, 0, 667, 333}},
		{I64: []int64{22500, -125, 1, y, 999999999, 0, 100}},
		{I32: []int32{1, 2, 3, 0, 1, 2, 3}},
		{I32: []int32{1, 2, 1, 0, 2, 1, 2}},
		{I32: []int32{1, 2, 1, 0, 2, 2, 1}},
		{I32: []int32{2024 * 4, 2099*4 + 3, 1900 * 4, x, 8000, 8001, 8002}},
		{I32: []int32{2024 * 12, 2099*12 + 11, 1900 * 12, x, 24000, 24001, 24002}},
		{I32: []int32{2818, 6783, -3652, x, 0, -1, 1}},
		{I32: []int32{0, 1, 1, x, 2147483620, -2147483647, 0}},
	}
	for i := range v {
		if v[i].I64 != nil {
			v[i].I64 = v[i].I64[:n]
		} else {
			v[i].I32 = v[i].I32[:n]
		}
	}
	return s, &format.Batch{N: n, Cols: v}
}

func broad(columns, n int) (*format.Schema, *format.Batch) {
	s, b := &format.Schema{}, &format.Batch{N: n}
	for i := range columns {
		s.Columns = append(s.Columns, format.Column{Name: fmt.Sprintf("kolumn_%d", i), Type: format.Int32, Label: fmt.Sprintf("Kolumn %d", i)})
		var v format.Vector
		for r := range n {
			v.I32 = append(v.I32, int32(i*n+r))
		}
		b.Cols = append(b.Cols, v)
	}
	return s, b
}
