package format

import (
	"io"
	"reflect"
	"sync"

	"sluss/internal/day"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// decimalDigits is the precision of decimals: what 64 bits hold.
const decimalDigits = 18

// parquetFile writes row groups with zstd. Encoding happens in the row
// group's own buffers; add only copies the finished pages.
type parquetFile struct {
	w     *parquet.GenericWriter[any]
	s     *Schema
	texts [][]parquet.Value // values of text columns by index
	// periods holds the texts of weeks, months and quarters up to the year 2100.
	periods [][]parquet.Value
	mu      sync.Mutex
	free    []*parquet.ConcurrentRowGroupWriter
	cells   sync.Pool
}

// cellBatch is how many values are handed to the library at a time.
const cellBatch = 2048

func createParquet(w io.Writer, s *Schema, stamp string) (*parquetFile, error) {
	f := &parquetFile{s: s, texts: make([][]parquet.Value, len(s.Columns)), periods: make([][]parquet.Value, len(s.Columns))}
	f.cells.New = func() any { return new([cellBatch]parquet.Value) }
	fields := make([]parquet.Node, len(s.Columns))
	names := make([]string, len(s.Columns))
	for i := range s.Columns {
		c := &s.Columns[i]
		fields[i], names[i] = c.node(), c.Name
		switch c.Type {
		case Week:
			f.periods[i] = periodTexts(c, i, int32(day.Of(2100, 1, 1))/7)
		case Month:
			f.periods[i] = periodTexts(c, i, 2100*12)
		case Quarter:
			f.periods[i] = periodTexts(c, i, 2100*4)
		}
		if c.Type == Text {
			f.texts[i] = make([]parquet.Value, len(c.Dict))
			for k, t := range c.Dict {
				f.texts[i][k] = parquet.ByteArrayValue([]byte(t)).Level(0, c.present(), i)
			}
		}
	}
	schema := parquet.NewSchema("rows", inOrder(names, fields))
	options := []parquet.WriterOption{
		schema,
		parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest, Concurrency: 1}),
		parquet.CreatedBy("sluss", "1", "0"),
		parquet.DataPageVersion(1),
		parquet.PageBufferSize(1 << 20),
		parquet.DataPageStatistics(false), // the column index says the same, and readers look there
	}
	if stamp != "" {
		options = append(options, parquet.KeyValueMetadata("sluss", stamp))
	}
	f.w = parquet.NewGenericWriter[any](w, options...)
	return f, nil
}

func periodTexts(c *Column, i int, n int32) []parquet.Value {
	out := make([]parquet.Value, n)
	for k := range n {
		out[k] = parquet.ByteArrayValue(appendPeriod(nil, c.Type, k)).Level(0, c.present(), i)
	}
	return out
}

// group is the root of a schema with its columns in our order; the library's
// own groups sort them by name.
type group struct {
	parquet.Group
	fields []parquet.Field
}

func (g *group) Fields() []parquet.Field { return g.fields }

type field struct {
	parquet.Node
	name string
}

func (f *field) Name() string { return f.name }

// Value is never asked for: no Go structs are written.
func (f *field) Value(reflect.Value) reflect.Value { return reflect.Value{} }

func inOrder(names []string, nodes []parquet.Node) *group {
	g := &group{Group: parquet.Group{}}
	for i, n := range nodes {
		g.Group[names[i]] = n
		g.fields = append(g.fields, &field{n, names[i]})
	}
	return g
}

// present is the definition level of a value that is there.
func (c *Column) present() int {
	if c.Nullable {
		return 1
	}
	return 0
}

// node describes the column to the library. Numbers and days are written as
// differences, packed: files are in the order of people and days, so the
// differences are small, and zstd gets a tenth of the bytes to look at. Every
// reader of Parquet since 2022 knows the encoding.
func (c *Column) node() parquet.Node {
	var n parquet.Node
	switch c.Type {
	case Int32:
		n = parquet.Encoded(parquet.Int(32), &parquet.DeltaBinaryPacked)
	case Int64:
		n = parquet.Encoded(parquet.Int(64), &parquet.DeltaBinaryPacked)
	case Date:
		n = parquet.Encoded(parquet.Date(), &parquet.DeltaBinaryPacked)
	case Decimal:
		n = parquet.Encoded(parquet.Decimal(int(c.Scale), decimalDigits, parquet.Int64Type), &parquet.DeltaBinaryPacked)
	default:
		n = parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	}
	if c.Nullable {
		n = parquet.Optional(n)
	}
	return n
}

func (f *parquetFile) encode(b *Batch) (block, error) {
	rg := f.rowGroup()
	cells := f.cells.Get().(*[cellBatch]parquet.Value)
	defer f.cells.Put(cells)
	writers := rg.ColumnWriters()
	for i := range f.s.Columns {
		for lo := 0; lo < b.N; lo += cellBatch {
			hi := min(lo+cellBatch, b.N)
			vals := cells[:hi-lo]
			if err := f.values(vals, i, &b.Cols[i], lo); err != nil {
				return nil, err
			}
			if _, err := writers[i].WriteRowValues(vals); err != nil {
				return nil, err
			}
		}
	}
	return rg, rg.Flush()
}

// rowGroup returns an empty row group writer. Making one touches the file's
// writer, so only one goroutine at a time may.
func (f *parquetFile) rowGroup() *parquet.ConcurrentRowGroupWriter {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.free); n > 0 {
		rg := f.free[n-1]
		f.free = f.free[:n-1]
		return rg
	}
	return f.w.BeginRowGroup()
}

// values turns the cells of column i from row lo on into the library's values.
// Levels matter for columns with missing values only.
func (f *parquetFile) values(vals []parquet.Value, i int, v *Vector, lo int) error {
	c := &f.s.Columns[i]
	switch {
	case c.Type.Wide() && !c.Nullable:
		for k, n := range v.I64[lo : lo+len(vals)] {
			if n == Null64 {
				return missing(c)
			}
			vals[k] = parquet.Int64Value(n)
		}
		return nil
	case (c.Type == Int32 || c.Type == Date) && !c.Nullable:
		for k, n := range v.I32[lo : lo+len(vals)] {
			if n == Null32 {
				return missing(c)
			}
			vals[k] = parquet.Int32Value(n)
		}
		return nil
	}
	null, level := parquet.NullValue().Level(0, 0, i), c.present()
	for k := range vals {
		if c.Type.Wide() {
			if n := v.I64[lo+k]; n != Null64 {
				vals[k] = parquet.Int64Value(n).Level(0, level, i)
				continue
			}
		} else if n := v.I32[lo+k]; n != Null32 && (n != 0 || c.Type != Text) {
			switch c.Type {
			case Text:
				vals[k] = f.texts[i][n]
			case Week, Month, Quarter:
				vals[k] = f.period(i, c.Type, n)
			default:
				vals[k] = parquet.Int32Value(n).Level(0, level, i)
			}
			continue
		}
		if !c.Nullable {
			return missing(c)
		}
		vals[k] = null
	}
	return nil
}

// period returns the text of a week, month or quarter of the years 1–9999, made once.
func (f *parquetFile) period(i int, t Type, n int32) parquet.Value {
	if n < 0 || int(n) >= len(f.periods[i]) {
		return parquet.ByteArrayValue(appendPeriod(nil, t, n)).Level(0, f.s.Columns[i].present(), i)
	}
	return f.periods[i][n]
}

func (f *parquetFile) add(k block) error {
	rg := k.(*parquet.ConcurrentRowGroupWriter)
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := rg.Commit(); err != nil {
		return err
	}
	f.free = append(f.free, rg)
	return nil
}

func (f *parquetFile) end(int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.w.Close()
}
