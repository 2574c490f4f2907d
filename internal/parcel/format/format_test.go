package format

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	pqfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"sluss/internal/day"
	"sluss/internal/plan"
)

// testGroup is how many rows a group of these tests holds.
const testGroup = 3000

var wide = &Schema{Columns: []Column{
	{Name: "lopnr", Type: Int64},
	{Name: "from", Type: Date, Nullable: true},
	{Name: "manad", Type: Month},
	{Name: "kvartal", Type: Quarter, Nullable: true},
	{Name: "netto", Type: Decimal, Scale: 3, Nullable: true},
	{Name: "omf", Type: Decimal, Scale: 1},
	{Name: "diagnos", Type: Text, Dict: []string{"", "F32", `a"b;c`, "å"}, Nullable: true},
	{Name: "dagar", Type: Int32, Nullable: true},
	{Name: "ore", Type: Int64, Nullable: true},
}}

func d(s string) int32 { return int32(day.MustParse(s)) }

// three rows: an ordinary one, one with everything missing that may be, and
// one with signs, quotes and many decimals.
func three() *Batch {
	return &Batch{N: 3, Cols: []Vector{
		{I64: []int64{1, 2, 1 << 40}},
		{I32: []int32{d("2024-01-30"), Null32, d("1899-12-31")}},
		{I32: []int32{2024 * 12, 2023*12 + 11, 999*12 + 8}},
		{I32: []int32{2024 * 4, Null32, 2023*4 + 3}},
		{I64: []int64{22500, Null64, -125}},
		{I64: []int64{1000, 125, 0}},
		{I32: []int32{1, 0, 2}},
		{I32: []int32{31, Null32, -4}},
		{I64: []int64{-10001, Null64, 1 << 60}},
	}}
}

func write(t *testing.T, s *Schema, o plan.Output, workers int, batches ...*Batch) []byte {
	t.Helper()
	opt, err := OptionsOf(o)
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	st, err := newStream(context.Background(), &buf, s, opt, workers, testGroup)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		if err := st.Write(b, 0, b.N); err != nil {
			t.Fatal(err)
		}
	}
	n, _, err := st.Close()
	if err != nil {
		t.Fatal(err)
	}
	if n != int64(buf.Len()) {
		t.Fatalf("Close says %d bytes, there are %d", n, buf.Len())
	}
	return buf.Bytes()
}

func TestCSV(t *testing.T) {
	t.Parallel()
	head := "lopnr;from;manad;kvartal;netto;omf;diagnos;dagar;ore\n"
	for _, tt := range []struct {
		name string
		o    plan.Output
		want string
	}{
		{"defaults", plan.Output{}, head +
			"1;2024-01-30;2024-01;2024-Q1;22.5;100;F32;31;-10001\n" +
			"2;;2023-12;;;12.5;;;\n" +
			"1099511627776;1899-12-31;0999-09;2023-Q4;-0.125;0;\"a\"\"b;c\";-4;1152921504606846976\n"},
		{"comma decimals, compact dates, NA", plan.Output{Decimal: ",", Date: "yyyymmdd", Null: "NA", Encoding: "utf-8-bom"}, "\xEF\xBB\xBF" + head +
			"1;20240130;2024-01;2024-Q1;22,5;100;F32;31;-10001\n" +
			"2;NA;2023-12;NA;NA;12,5;NA;NA;NA\n" +
			"1099511627776;18991231;0999-09;2023-Q4;-0,125;0;\"a\"\"b;c\";-4;1152921504606846976\n"},
		{"tab and a text that reads as missing", plan.Output{Delimiter: "\t", Null: "F32", Encoding: "iso-8859-1"}, strings.ReplaceAll(head, ";", "\t") +
			"1\t2024-01-30\t2024-01\t2024-Q1\t22.5\t100\t\"F32\"\t31\t-10001\n" +
			"2\tF32\t2023-12\tF32\tF32\t12.5\tF32\tF32\tF32\n" +
			"1099511627776\t1899-12-31\t0999-09\t2023-Q4\t-0.125\t0\t\"a\"\"b;c\"\t-4\t1152921504606846976\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.o.Format = CSV
			if got := write(t, wide, tt.o, 1, three()); string(got) != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestLatin1(t *testing.T) {
	t.Parallel()
	s := &Schema{Columns: []Column{{Name: "län", Type: Text, Dict: []string{"", "Örebro"}}}}
	got := write(t, s, plan.Output{Format: CSV, Encoding: "iso-8859-1"}, 1, &Batch{N: 1, Cols: []Vector{{I32: []int32{1}}}})
	if string(got) != "l\xE4n\n\xD6rebro\n" {
		t.Errorf("got %q", got)
	}
	s.Columns[0].Dict[1] = "Łódź"
	o, _ := OptionsOf(plan.Output{Format: CSV, Encoding: "iso-8859-1"})
	if _, err := NewStream(context.Background(), io.Discard, s, o, 1); err == nil || strings.Contains(err.Error(), "dź") {
		t.Errorf("a text outside the encoding: err = %v; it must be refused without being repeated", err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for _, o := range []plan.Output{
		{Format: "fixed"},
		{Format: CSV, Delimiter: "|"},
		{Format: CSV, Delimiter: ",", Decimal: ","},
		{Format: CSV, Encoding: "utf-16"},
		{Format: CSV, Date: "us"},
		{Format: CSV, Decimal: "'"},
	} {
		if _, err := OptionsOf(o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

// TestParquet reads a file back with another library than the one that wrote
// it, and with its types.
func TestParquet(t *testing.T) {
	t.Parallel()
	raw := write(t, wide, plan.Output{Format: Parquet}, 2, three())
	tab := readParquet(t, raw)
	wantTypes := []arrow.DataType{
		arrow.PrimitiveTypes.Int64,
		arrow.FixedWidthTypes.Date32,
		arrow.BinaryTypes.String,
		arrow.BinaryTypes.String,
		&arrow.Decimal128Type{Precision: 18, Scale: 3},
		&arrow.Decimal128Type{Precision: 18, Scale: 1},
		arrow.BinaryTypes.String,
		arrow.PrimitiveTypes.Int32,
		arrow.PrimitiveTypes.Int64,
	}
	want := [][]string{
		{"1", "2", "1099511627776"},
		{"2024-01-30", "-", "1899-12-31"},
		{"2024-01", "2023-12", "0999-09"},
		{"2024-Q1", "-", "2023-Q4"},
		{"22.5", "-", "-0.125"},
		{"100", "12.5", "0"},
		{"F32", "-", `a"b;c`},
		{"31", "-", "-4"},
		{"-10001", "-", "1152921504606846976"},
	}
	for i, c := range wide.Columns {
		f := tab.Schema().Field(i)
		if f.Name != c.Name || !arrow.TypeEqual(f.Type, wantTypes[i]) || f.Nullable != c.Nullable {
			t.Errorf("column %d is %v, want %s %v nullable %v", i, f, c.Name, wantTypes[i], c.Nullable)
		}
		col := tab.Column(i).Data().Chunk(0)
		for row := range col.Len() {
			got := "-"
			if !col.IsNull(row) {
				got = col.ValueStr(row)
			}
			if dec, ok := col.(*array.Decimal128); ok && got != "-" {
				got = string(appendDecimal(nil, int64(dec.Value(row).LowBits()), c.Scale, '.'))
			}
			if got != want[i][row] {
				t.Errorf("%s row %d = %q, want %q", c.Name, row, got, want[i][row])
			}
		}
	}
	r, err := pqfile.NewParquetReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if kv := r.MetaData().KeyValueMetadata(); len(kv) > 0 {
		t.Errorf("the file carries metadata: %v", kv)
	}
	if by := r.MetaData().GetCreatedBy(); by != "sluss version 1(build 0)" {
		t.Errorf("created by %q: it must not change with library or machine", by)
	}
}

func readParquet(t *testing.T, raw []byte) arrow.Table {
	t.Helper()
	r, err := pqfile.NewParquetReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	pr, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	tab, err := pr.ReadTable(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func random(n int) *Batch {
	r := rand.New(rand.NewPCG(1, 2))
	b := &Batch{N: n, Cols: make([]Vector, len(wide.Columns))}
	for row := range n {
		cell := func(i int, v int64) {
			c := &b.Cols[i]
			null := wide.Columns[i].Nullable && r.IntN(4) == 0
			switch {
			case wide.Columns[i].Type.Wide() && null:
				c.I64 = append(c.I64, Null64)
			case wide.Columns[i].Type.Wide():
				c.I64 = append(c.I64, v)
			case null:
				c.I32 = append(c.I32, Null32)
			default:
				c.I32 = append(c.I32, int32(v))
			}
		}
		cell(0, int64(row/9))
		cell(1, 19000+int64(r.IntN(3000)))
		cell(2, 2020*12+int64(r.IntN(60)))
		cell(3, 2020*4+int64(r.IntN(20)))
		cell(4, int64(r.IntN(100000)))
		cell(5, int64(r.IntN(9))*125)
		cell(6, int64(r.IntN(4)))
		cell(7, int64(r.IntN(400)))
		cell(8, int64(r.IntN(1<<40)))
	}
	return b
}

// TestPromise15BytesOfFiles: the bytes do not depend on how the rows were cut
// into batches or on the number of encoders.
func TestPromise15BytesOfFiles(t *testing.T) {
	t.Parallel()
	all := random(3*testGroup + 777)
	for _, format := range []string{CSV, Parquet} {
		whole := write(t, wide, plan.Output{Format: format}, 1, all)
		for _, size := range []int{100, 2999, testGroup, 7000} {
			var parts []*Batch
			for lo := 0; lo < all.N; lo += size {
				p := NewBatch(wide)
				p.Append(all, lo, min(lo+size, all.N))
				parts = append(parts, p)
			}
			if got := write(t, wide, plan.Output{Format: format}, 3, parts...); !bytes.Equal(got, whole) {
				t.Errorf("%s in batches of %d rows gives other bytes", format, size)
			}
		}
	}
}

// TestSameCells: CSV and Parquet of the same rows hold the same cells.
func TestSameCells(t *testing.T) {
	t.Parallel()
	all := random(testGroup + 500)
	r := csv.NewReader(bytes.NewReader(write(t, wide, plan.Output{Format: CSV, Null: "-"}, 2, all)))
	r.Comma = ';'
	lines, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	tab := readParquet(t, write(t, wide, plan.Output{Format: Parquet}, 2, all))
	if int(tab.NumRows()) != all.N || len(lines) != all.N+1 {
		t.Fatalf("%d rows in Parquet and %d lines in CSV, want %d", tab.NumRows(), len(lines)-1, all.N)
	}
	for i, c := range wide.Columns {
		row := 1
		for _, chunk := range tab.Column(i).Data().Chunks() {
			for k := range chunk.Len() {
				got := "-"
				if dec, ok := chunk.(*array.Decimal128); ok && !chunk.IsNull(k) {
					got = string(appendDecimal(nil, int64(dec.Value(k).LowBits()), c.Scale, '.'))
				} else if !chunk.IsNull(k) {
					got = chunk.ValueStr(k)
				}
				if got != lines[row][i] {
					t.Fatalf("%s row %d: Parquet %q, CSV %q", c.Name, row, got, lines[row][i])
				}
				row++
			}
		}
	}
}

func TestMissingWhereNoneMayBe(t *testing.T) {
	t.Parallel()
	for _, format := range []string{CSV, Parquet} {
		for _, kind := range []Type{Int32, Int64, Date, Week, Month, Quarter, Decimal, Text} {
			o, _ := OptionsOf(plan.Output{Format: format})
			s := &Schema{Columns: []Column{{Name: "kolumn", Type: kind, Scale: 3, Dict: []string{"", "a"}}}}
			b := &Batch{N: 2, Cols: []Vector{{I32: []int32{1, Null32}}}}
			switch {
			case kind.Wide():
				b.Cols[0] = Vector{I64: []int64{1, Null64}}
			case kind == Text:
				b.Cols[0].I32[1] = 0
			}
			st, err := NewStream(context.Background(), io.Discard, s, o, 2)
			if err != nil {
				t.Fatal(err)
			}
			err = st.Write(b, 0, b.N)
			if err == nil {
				_, _, err = st.Close()
			}
			st.Abandon()
			if err == nil || !strings.Contains(err.Error(), "kolumn") {
				t.Errorf("%s, %s: err = %v, want one that names the column", format, kind, err)
			}
		}
	}
}

// fullDisk fails after some bytes.
type fullDisk struct{ left int }

var errFull = errors.New("disk full")

func (f *fullDisk) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestBrokenWriter(t *testing.T) {
	t.Parallel()
	all := random(8 * testGroup)
	for _, format := range []string{CSV, Parquet} {
		o, _ := OptionsOf(plan.Output{Format: format})
		st, err := newStream(context.Background(), &fullDisk{1 << 16}, wide, o, 2, testGroup)
		if err != nil {
			t.Fatal(err)
		}
		err = st.Write(all, 0, all.N)
		if err == nil {
			_, _, err = st.Close()
		}
		st.Abandon()
		if !errors.Is(err, errFull) {
			t.Errorf("%s: err = %v, want the disk's", format, err)
		}
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	o, _ := OptionsOf(plan.Output{Format: Parquet})
	st, err := newStream(ctx, io.Discard, wide, o, 2, testGroup)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	all := random(testGroup)
	for range 1000 {
		if err = st.Write(all, 0, all.N); err != nil {
			break
		}
	}
	st.Abandon()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want canceled", err)
	}
}

func BenchmarkWrite(b *testing.B) {
	all := random(2 * GroupRows)
	for _, format := range []string{CSV, Parquet} {
		b.Run(format, func(b *testing.B) {
			o, _ := OptionsOf(plan.Output{Format: format})
			for b.Loop() {
				st, err := NewStream(context.Background(), io.Discard, wide, o, 1)
				if err != nil {
					b.Fatal(err)
				}
				if err := st.Write(all, 0, all.N); err != nil {
					b.Fatal(err)
				}
				if _, _, err := st.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(all.N)/float64(len(wide.Columns)), "ns/cell")
		})
	}
}

func FuzzDecimal(f *testing.F) {
	f.Add(int64(22500), uint8(3))
	f.Fuzz(func(t *testing.T, n int64, scale uint8) {
		scale = scale%9 + 1
		if n == Null64 {
			return
		}
		text := string(appendDecimal(nil, n, scale, '.'))
		whole, frac, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
		back, err := strconv.ParseInt(whole+frac+strings.Repeat("0", int(scale)-len(frac)), 10, 64)
		if strings.HasPrefix(text, "-") {
			back = -back
		}
		if err != nil || back != n || strings.HasSuffix(text, ".") || strings.Contains(text, ".") && strings.HasSuffix(text, "0") {
			t.Errorf("%d with %d decimals is written %s", n, scale, text)
		}
	})
}
