package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"sluss/internal/catalog"
	"sluss/internal/engine/embedded"
	"sluss/internal/fault"
	"sluss/internal/register"
	"sluss/internal/register/cells"
	"sluss/internal/whole"
)

// exportRows is how many rows are in a row group.
const exportRows = 1 << 18

// Export lays the rows that were known at a snapshot out as Parquet in dir, for
// a cluster to read; see [Layout]. It writes all or nothing; dir must be empty or
// not exist. Tables nil means all. progress, if set, is told how many rows of a
// table have been laid out, and what part of its folders, from 0 to 1.
func Export(ctx context.Context, s *register.Snapshot, dir string, buckets int, tables []string, progress func(table string, rows int64, part float64)) (*Layout, error) {
	if buckets < 1 || buckets > 4096 {
		return nil, fault.New("cluster.buckets", "Antalet mappar per tabell ska vara 1–4096.", "The number of folders per table is to be 1–4096.")
	}
	if !whole.Free(dir) {
		return nil, fault.New("cluster.not_empty", "Mappen är inte tom.", "The folder is not empty.").Do("Ange en ny mapp.", "Name a new folder.")
	}
	m := s.Manifest()
	l := &Layout{Format: layoutFormat, Snapshot: s.ID(), Hash: s.Hash(), Day: s.LoadedAt(), Synthetic: m.Synthetic, Persons: s.Persons(), Buckets: buckets}
	chosen, err := choose(s, tables)
	if err != nil {
		return nil, err
	}
	if progress == nil {
		progress = func(string, int64, float64) {}
	}
	return l, whole.Make(dir, LayoutName, func(dir string) error { return l.lay(ctx, embedded.Of(s), chosen, dir, progress) })
}

// lay writes the tables and what the layout says of them.
func (l *Layout) lay(ctx context.Context, src *embedded.Source, chosen []*register.Table, dir string, progress func(string, int64, float64)) error {
	for _, t := range chosen {
		tl := layoutOf(t)
		x := exporter{l: l, t: &tl, src: src.Table(t.ID()), dir: filepath.Join(dir, t.ID())}
		for b := range l.Buckets {
			if err := x.bucket(ctx, b); err != nil {
				return fmt.Errorf("export %s: %w", t.ID(), err)
			}
			progress(t.ID(), tl.Rows, float64(b+1)/float64(l.Buckets))
		}
		l.Tables = append(l.Tables, tl)
	}
	return l.write(dir)
}

func choose(s *register.Snapshot, ids []string) ([]*register.Table, error) {
	if ids == nil {
		return s.Tables(), nil
	}
	var out []*register.Table
	for _, id := range ids {
		t := s.Table(id)
		if t == nil {
			return nil, fault.New("cluster.table", "Ögonblicksbilden saknar tabellen.", "The snapshot does not hold the table.").At(fault.Where{Column: id})
		}
		out = append(out, t)
	}
	return out, nil
}

// write writes the layout's own file.
func (l *Layout) write(dir string) error {
	b, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, LayoutName), append(b, '\n'), 0o600)
}

func layoutOf(t *register.Table) TableLayout {
	types := map[register.Type]Type{
		register.TypeDay: TypeDay, register.TypeInt32: TypeInt32, register.TypeInt64: TypeInt64, register.TypeCode: TypeCode,
		register.TypeExtent: TypeExtent, register.TypePerson: TypePerson,
	}
	out := TableLayout{ID: t.ID()}
	for _, c := range t.Columns() {
		cl := ColumnLayout{Variable: c.Variable(), Type: types[c.Type()], From: c.Role() == catalog.RoleFrom, RowID: c.Role() == catalog.RoleRowID}
		if cl.Type == TypeCode {
			cl.Codes = c.Dict()
		}
		out.Columns = append(out.Columns, cl)
	}
	return out
}

// exporter writes one table.
type exporter struct {
	l   *Layout
	t   *TableLayout
	src *embedded.Table
	dir string
}

// bucket writes the file of the persons whose number modulo buckets is b.
func (x *exporter) bucket(ctx context.Context, b int) (err error) {
	dir := filepath.Join(x.dir, fmt.Sprintf("bucket=%d", b))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, "rows.parquet"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w, err := newParquet(f, x.t.schema())
	if err != nil {
		return errors.Join(err, f.Close())
	}
	var persons []int64
	var at []int32
	flush := func() error {
		if len(at) == 0 {
			return ctx.Err()
		}
		cols := make([]*embedded.Plain, len(x.t.Columns))
		for i := range cols {
			cols[i] = picked(x.src.Columns[x.t.Columns[i].Variable], at)
		}
		rec := x.t.batch(persons, cols)
		defer rec.Release()
		x.t.Rows += int64(len(at))
		persons, at = persons[:0], at[:0]
		return errors.Join(w.Write(rec), ctx.Err())
	}
	for p := b; p < x.l.Persons && err == nil; p += x.l.Buckets {
		lo, hi := x.src.Rows(uint32(p))
		for i := lo; i < hi; i++ {
			if x.src.Known == nil || x.src.Known(i) {
				if i > math.MaxInt32 {
					return errors.Join(errors.New("more rows than one machine lays out; load the table in parts"), w.Close())
				}
				persons, at = append(persons, int64(p)), append(at, int32(i))
			}
		}
		if len(at) >= exportRows {
			err = flush()
		}
	}
	if err == nil {
		err = flush()
	}
	return errors.Join(err, w.Close()) // closes the file, too
}

// picked is a column's cells at some places.
func picked(c *embedded.Column, at []int32) *embedded.Plain {
	return &embedded.Plain{
		Days: pick(c.Days, at), Int32s: pick(c.Int32s, at), Int64s: pick(c.Int64s, at), Extents: pick(c.Extents, at), Persons: pick(c.Persons, at),
		Codes: pick(c.Codes, at), Dict: c.Dict,
	}
}

func pick[T cells.Cell](c *cells.Column[T], at []int32) []T {
	if c == nil {
		return nil
	}
	out := make([]T, len(at))
	cells.Pick(out, c, at)
	return out
}

func newParquet(f *os.File, schema *arrow.Schema) (*pqarrow.FileWriter, error) {
	return pqarrow.NewFileWriter(schema, f, parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd)), pqarrow.DefaultWriterProps())
}

// schema is the table's Arrow schema.
func (t *TableLayout) schema() *arrow.Schema {
	fields := []arrow.Field{{Name: columnPerson, Type: arrow.PrimitiveTypes.Int64}}
	for i := range t.Columns {
		fields = append(fields, arrow.Field{Name: t.Columns[i].Variable, Type: t.Columns[i].Type.arrow(), Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

func (t Type) arrow() arrow.DataType {
	switch t {
	case TypeDay:
		return arrow.FixedWidthTypes.Date32
	case TypeInt32, TypeExtent:
		return arrow.PrimitiveTypes.Int32
	case TypeCode:
		return arrow.BinaryTypes.String
	}
	return arrow.PrimitiveTypes.Int64
}

// batch returns rows as Arrow.
func (t *TableLayout) batch(persons []int64, cols []*embedded.Plain) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, t.schema())
	defer b.Release()
	b.Field(0).(*array.Int64Builder).AppendValues(persons, nil)
	for i := range t.Columns {
		fill(b.Field(i+1), cols[i])
	}
	return b.NewRecordBatch()
}

func fill(to array.Builder, c *embedded.Plain) {
	switch {
	case c.Dict != nil:
		b := to.(*array.StringBuilder)
		for _, v := range c.Codes {
			if v == 0 {
				b.AppendNull()
			} else {
				b.Append(c.Dict[v])
			}
		}
	case c.Days != nil:
		fillWith(to.(*array.Date32Builder), c.Days, register.NoDay)
	case c.Int32s != nil:
		fillWith(to.(*array.Int32Builder), c.Int32s, register.NoInt32)
	case c.Extents != nil:
		fillWith(to.(*array.Int32Builder), c.Extents, register.NoExtent)
	case c.Persons != nil:
		fillWith(to.(*array.Int64Builder), c.Persons, register.NoPerson)
	default:
		fillWith(to.(*array.Int64Builder), c.Int64s, register.NoInt64)
	}
}

// fillWith appends numbers to a builder of numbers; missing becomes null.
func fillWith[T, V ~int32 | ~int64 | ~uint16 | ~uint32](to interface {
	Append(V)
	AppendNull()
	Reserve(int)
}, from []T, missing T,
) {
	to.Reserve(len(from))
	for _, v := range from {
		if v == missing {
			to.AppendNull()
		} else {
			to.Append(V(v))
		}
	}
}
