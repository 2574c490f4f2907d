package format

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"
	"pgregory.net/rapid"

	_ "sluss/internal/drawtest"
	"sluss/internal/plan"
)

// drawColumn draws a column and n cells of it, beside what a reader must find: the
// value as text, "" where it is missing.
func drawColumn(t *rapid.T, name string, n int) (c Column, v Vector, want []string) {
	c = Column{Name: name, Type: rapid.SampledFrom([]Type{Int32, Int64, Date, Week, Month, Quarter, Decimal, Text}).Draw(t, "type"), Nullable: rapid.Bool().Draw(t, "nullable")}
	missing := 0
	if c.Nullable {
		missing = rapid.SampledFrom([]int{0, 1, 5, 10}).Draw(t, "of ten are missing")
	}
	switch c.Type {
	case Decimal:
		c.Scale = 3
	case Text:
		c.Dict = []string{""}
		for i := range rapid.IntRange(1, 40).Draw(t, "codes") {
			c.Dict = append(c.Dict, fmt.Sprintf("%c%s%d", rapid.SampledFrom([]rune{'A', 'å', 'z', '0'}).Draw(t, "letter"), strings.Repeat("x", i%3*20), i))
		}
	}
	steady := rapid.Bool().Draw(t, "steady") // as numbers of persons are
	wide := rapid.SampledFrom([]int64{1, 300, 1 << 31, math.MaxInt64}).Draw(t, "spread")
	seed := rapid.Uint64().Draw(t, "seed")
	last := int64(0)
	for i := range n {
		seed = seed*6364136223846793005 + 1442695040888963407
		random := int64(seed >> 1)
		if int(random%10) < missing {
			want = append(want, "")
			if c.Type.Wide() {
				v.I64 = append(v.I64, Null64)
			} else if c.Type == Text {
				v.I32 = append(v.I32, 0)
			} else {
				v.I32 = append(v.I32, Null32)
			}
			continue
		}
		x := (random >> 8) % wide
		if seed&(1<<40) > 0 {
			x = -x
		}
		if steady {
			last += random % 3
			x = last
		}
		switch c.Type {
		case Int64, Decimal:
			v.I64 = append(v.I64, x)
			want = append(want, fmt.Sprint(x))
			continue
		case Text:
			x = 1 + (x&math.MaxInt32)%int64(len(c.Dict)-1)
			want = append(want, c.Dict[x])
		case Week, Month, Quarter:
			x = 12 + (x&math.MaxInt32)%100_000 // the years 1–8000, and with them codes beyond the tables
			if c.Type == Week {
				x -= 1000
			}
			want = append(want, string(appendPeriod(nil, c.Type, int32(x))))
		default:
			x = int64(int32(x))
			if x == int64(Null32) {
				x = 0
			}
			want = append(want, fmt.Sprint(x))
		}
		v.I32 = append(v.I32, int32(x))
		_ = i
	}
	return c, v, want
}

// TestParquetFilesOfAllKinds writes files of random columns, sizes and gaps and reads
// them with the library: every cell, and every bound and place in the metadata.
func TestParquetFilesOfAllKinds(t *testing.T) {
	t.Parallel()
	groups := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{0, 1, 7, 8, 9, testGroup - 1, testGroup, testGroup + 1, 3*testGroup + 17}).Draw(t, "rows")
		s, b := &Schema{}, &Batch{N: n}
		var want [][]string
		for i := range rapid.IntRange(1, 5).Draw(t, "columns") {
			c, v, w := drawColumn(t, fmt.Sprintf("k%d", 9-i), n)
			s.Columns, b.Cols, want = append(s.Columns, c), append(b.Cols, v), append(want, w)
		}
		raw := draftParquet(t, s, b, 1)
		if again := draftParquet(t, s, b, 4); !bytes.Equal(raw, again) {
			t.Fatal("four encoders give other bytes than one")
		}
		checkParquet(t, s, want, raw)
		groups[fmt.Sprint(n)]++
	})
	if len(groups) < 5 {
		t.Errorf("only files of %v rows", groups)
	}
}

func draftParquet(t *rapid.T, s *Schema, b *Batch, workers int) []byte {
	opt, err := OptionsOf(plan.Output{Format: Parquet})
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	st, err := newStream(t.Context(), &buf, s, opt, workers, testGroup)
	if err != nil {
		t.Fatal(err)
	}
	for lo := 0; lo < b.N; {
		hi := min(b.N, lo+1+lo%4099)
		if err := st.Write(b, lo, hi); err != nil {
			t.Fatal(err)
		}
		lo = hi
	}
	if _, _, err := st.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// checkParquet compares a file with the cells that went in, and its metadata with both.
func checkParquet(t *rapid.T, s *Schema, want [][]string, raw []byte) {
	f, err := parquet.OpenFile(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	meta := f.Metadata()
	if f.NumRows() != int64(len(want[0])) || len(meta.Schema) != len(s.Columns)+1 || len(meta.ColumnOrders) != len(s.Columns) {
		t.Fatalf("%d rows, %d columns", f.NumRows(), len(meta.Schema)-1)
	}
	from := 0
	for g, group := range f.RowGroups() {
		rows := int(group.NumRows())
		if m := meta.RowGroups[g]; m.NumRows != int64(rows) || rows == 0 || rows > testGroup {
			t.Fatalf("a group of %d rows, of %d by the metadata", rows, m.NumRows)
		}
		var plain, packed int64
		for i, chunk := range group.ColumnChunks() {
			c := &s.Columns[i]
			if got := meta.RowGroups[g].Columns[i].MetaData.PathInSchema; !slices.Equal(got, []string{c.Name}) {
				t.Fatalf("column %v stands where %s should", got, c.Name)
			}
			cells := want[i][from : from+rows]
			got := cellsOf(t, c, chunk)
			if !slices.Equal(got, cells) {
				t.Fatalf("%s (%s): got %.300q, want %.300q", c.Name, c.Type, got, cells)
			}
			m := &meta.RowGroups[g].Columns[i].MetaData
			checkBounds(t, c, m, chunk, cells, raw)
			plain, packed = plain+m.TotalUncompressedSize, packed+m.TotalCompressedSize
		}
		if m := meta.RowGroups[g]; m.TotalByteSize != plain || m.TotalCompressedSize != packed {
			t.Fatalf("group %d has %d and %d bytes, its columns %d and %d", g, m.TotalByteSize, m.TotalCompressedSize, plain, packed)
		}
		from += rows
	}
	if from != len(want[0]) {
		t.Fatalf("%d rows in all groups", from)
	}
}

func cellsOf(t *rapid.T, c *Column, chunk parquet.ColumnChunk) (out []string) {
	pages := chunk.Pages()
	defer pages.Close()
	for {
		p, err := pages.ReadPage()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		vals := make([]parquet.Value, p.NumValues())
		if n, err := p.Values().ReadValues(vals); n != len(vals) || err != nil && err != io.EOF {
			t.Fatalf("%d values, %v", n, err)
		}
		for _, v := range vals {
			switch {
			case v.IsNull():
				out = append(out, "")
			case v.Kind() == parquet.ByteArray:
				out = append(out, string(v.ByteArray()))
			case c.Type.Wide():
				out = append(out, fmt.Sprint(v.Int64()))
			default:
				out = append(out, fmt.Sprint(v.Int32()))
			}
		}
	}
}

// checkBounds holds what readers skip rows by to the cells themselves: least and
// greatest value, number of missing ones, where the page lies.
func checkBounds(t *rapid.T, c *Column, m *pq.ColumnMetaData, chunk parquet.ColumnChunk, cells []string, raw []byte) {
	var low, high []byte
	nulls := int64(0)
	var numbers []int64
	var texts []string
	for _, x := range cells {
		switch {
		case x == "":
			nulls++
		case m.Type == pq.ByteArray:
			texts = append(texts, x)
		default:
			var n int64
			fmt.Sscan(x, &n)
			numbers = append(numbers, n)
		}
	}
	bound := func(n int64) []byte {
		if c.Type.Wide() {
			return binary.LittleEndian.AppendUint64(nil, uint64(n))
		}
		return binary.LittleEndian.AppendUint32(nil, uint32(n))
	}
	if len(numbers) > 0 {
		low, high = bound(slices.Min(numbers)), bound(slices.Max(numbers))
	}
	if len(texts) > 0 {
		low, high = []byte(slices.Min(texts)), []byte(slices.Max(texts))
	}
	if m.NumValues != int64(len(cells)) || m.Statistics.NullCount != nulls || !bytes.Equal(m.Statistics.MinValue, low) || !bytes.Equal(m.Statistics.MaxValue, high) {
		t.Fatalf("%s: the metadata say %d values, %d missing, %x to %x; there are %d, %d, %x to %x", c.Name, m.NumValues, m.Statistics.NullCount, m.Statistics.MinValue, m.Statistics.MaxValue, len(cells), nulls, low, high)
	}
	column, err := chunk.ColumnIndex()
	if err != nil {
		t.Fatal(err)
	}
	offset, err := chunk.OffsetIndex()
	if err != nil {
		t.Fatal(err)
	}
	if column.NumPages() != 1 || offset.NumPages() != 1 || column.NullCount(0) != nulls || column.NullPage(0) != (low == nil) || offset.Offset(0) != m.DataPageOffset || offset.FirstRowIndex(0) != 0 {
		t.Fatalf("%s: the page index has other pages", c.Name)
	}
	// The page lies where the metadata say, and nothing lies between it and the end.
	var head pq.PageHeader
	page := raw[m.DataPageOffset:]
	if err := thrift.NewDecoder(new(thrift.CompactProtocol).NewReader(bytes.NewReader(page))).Decode(&head); err != nil {
		t.Fatal(err)
	}
	first := m.DataPageOffset
	if m.Type == pq.ByteArray {
		first = m.DictionaryPageOffset
	}
	if head.Type != pq.DataPage || int64(offset.CompressedPageSize(0))+m.DataPageOffset != first+m.TotalCompressedSize || int64(head.CompressedPageSize) >= offset.CompressedPageSize(0) {
		t.Fatalf("%s: a page of type %d at %d, %d bytes", c.Name, head.Type, m.DataPageOffset, offset.CompressedPageSize(0))
	}
	if low != nil {
		for _, b := range []struct {
			got  parquet.Value
			want []byte
		}{{column.MinValue(0), low}, {column.MaxValue(0), high}} {
			if got := b.got.Bytes(); !bytes.Equal(got, b.want) {
				t.Fatalf("%s: bound %x in the index, want %x", c.Name, got, b.want)
			}
		}
	}
}
