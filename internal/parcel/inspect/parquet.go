package inspect

import (
	"errors"
	"os"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"sluss/internal/disclose"
)

var errParquet = errors.New("inspect: the Parquet file cannot be read")

// guard calls into the library, which panics on some damaged files. Neither
// its panics nor its errors are passed on: they could quote a cell.
func guard(call func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errParquet
		}
	}()
	if call() != nil {
		return errParquet
	}
	return nil
}

func openParquet(in *os.File) (*File, error) {
	var r *file.Reader
	if err := guard(func() (err error) { r, err = file.NewParquetReader(in); return err }); err != nil {
		return nil, err
	}
	f := &File{Stated: r.NumRows(), close: r.Close} // closes in, too
	sc := r.MetaData().Schema
	for i := range sc.NumColumns() {
		f.Header = append(f.Header, sc.Column(i).Path())
	}
	if kv := r.MetaData().KeyValueMetadata(); kv != nil {
		keys, values := kv.Keys(), kv.Values()
		for i := range keys {
			f.Metadata = append(f.Metadata, [2]string{keys[i], values[i]})
		}
	}
	f.rows = func(yield func([]disclose.Cell, error) bool) {
		cells := make([]disclose.Cell, sc.NumColumns())
		for g := range r.NumRowGroups() {
			if !readGroup(r.RowGroup(g), sc, cells, yield) {
				return
			}
		}
	}
	return f, nil
}

// readGroup reads the columns of a row group side by side; false when the
// reading ends.
func readGroup(rg *file.RowGroupReader, sc *schema.Schema, cells []disclose.Cell, yield func([]disclose.Cell, error) bool) bool {
	cursors := make([]*cursor, len(cells))
	for i := range cursors {
		var c file.ColumnChunkReader
		if err := guard(func() (err error) { c, err = rg.Column(i); return err }); err != nil {
			yield(nil, err)
			return false
		}
		cursors[i] = newCursor(c, sc.Column(i))
	}
	for range rg.NumRows() {
		for i, c := range cursors {
			cell, err := c.next()
			if err != nil {
				yield(nil, err)
				return false
			}
			cells[i] = cell
		}
		if !yield(cells, nil) {
			return false
		}
	}
	return true
}

// cursorRows is how many values of a column are read at a time.
const cursorRows = 4096

// cursor walks one column of a row group.
type cursor struct {
	fill  func(levels []int16) (rows, values int, err error)
	cell  func(value int) disclose.Cell
	most  int16 // definition level of a value that is there
	level []int16
	row   int
	value int
	rows  int
	texts map[string]string // the few texts of a column, each kept once
}

func newCursor(c file.ColumnChunkReader, d *schema.Column) *cursor {
	k := &cursor{most: d.MaxDefinitionLevel(), level: make([]int16, cursorRows), texts: map[string]string{}}
	kind, scale := kindOf(d)
	if d.MaxRepetitionLevel() > 0 { // a list: no delivery has one
		kind = disclose.Other
	}
	switch c := c.(type) {
	case *file.Int32ColumnChunkReader:
		buf := make([]int32, cursorRows)
		k.fill = func(l []int16) (int, int, error) {
			n, v, err := c.ReadBatch(cursorRows, buf, l, nil)
			return int(n), v, err
		}
		k.cell = func(i int) disclose.Cell { return disclose.Cell{Kind: kind, Scale: scale, N: int64(buf[i])} }
	case *file.Int64ColumnChunkReader:
		buf := make([]int64, cursorRows)
		k.fill = func(l []int16) (int, int, error) {
			n, v, err := c.ReadBatch(cursorRows, buf, l, nil)
			return int(n), v, err
		}
		k.cell = func(i int) disclose.Cell { return disclose.Cell{Kind: kind, Scale: scale, N: buf[i]} }
	case *file.ByteArrayColumnChunkReader:
		buf := make([]parquet.ByteArray, cursorRows)
		k.fill = func(l []int16) (int, int, error) {
			n, v, err := c.ReadBatch(cursorRows, buf, l, nil)
			return int(n), v, err
		}
		k.cell = func(i int) disclose.Cell { return disclose.Cell{Kind: kind, Text: k.text(buf[i])} }
	default:
		k.fill = func([]int16) (int, int, error) { return 0, 0, errParquet }
		k.cell = func(int) disclose.Cell { return disclose.Cell{Kind: disclose.Other} }
	}
	return k
}

// kindOf says what a column's values are. Only types that a delivery has are
// known; everything else is Other.
func kindOf(d *schema.Column) (disclose.CellKind, uint8) {
	switch l := d.LogicalType().(type) {
	case schema.DateLogicalType:
		if d.PhysicalType() == parquet.Types.Int32 {
			return disclose.Date, 0
		}
	case schema.StringLogicalType:
		if d.PhysicalType() == parquet.Types.ByteArray {
			return disclose.Text, 0
		}
	case schema.DecimalLogicalType:
		if d.PhysicalType() != parquet.Types.ByteArray && l.Scale() >= 0 && l.Scale() < 10 {
			return disclose.Number, uint8(l.Scale())
		}
	case schema.IntLogicalType:
		if l.IsSigned() {
			return disclose.Number, 0
		}
	case schema.NoLogicalType, schema.UnknownLogicalType:
		if p := d.PhysicalType(); p == parquet.Types.Int32 || p == parquet.Types.Int64 {
			return disclose.Number, 0
		}
	}
	return disclose.Other, 0
}

func (k *cursor) text(b []byte) string {
	if t, ok := k.texts[string(b)]; ok {
		return t
	}
	t := string(b)
	if len(k.texts) < 1<<16 {
		k.texts[t] = t
	}
	return t
}

func (k *cursor) next() (disclose.Cell, error) {
	if k.row == k.rows {
		var n int
		if err := guard(func() (err error) { n, _, err = k.fill(k.level); return err }); err != nil || n == 0 {
			return disclose.Cell{}, errParquet
		}
		k.rows, k.row, k.value = n, 0, 0
	}
	missing := k.most > 0 && k.level[k.row] < k.most
	k.row++
	if missing {
		return disclose.Cell{}, nil
	}
	k.value++
	return k.cell(k.value - 1), nil
}
