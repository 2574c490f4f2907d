package format

import (
	"bytes"
	"encoding/binary"
	"io"
	"reflect"
	"sync"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"
)

// decimalDigits is the precision of decimals: what 64 bits hold.
const decimalDigits = 18

// parquetMagic is how a Parquet file begins and ends.
const parquetMagic = "PAR1"

// parquetFile writes row groups with zstd. The pages are ours, laid out straight
// from the vectors; levels, packed numbers and the metadata are encoded by the
// library's parts for them (ADR 30).
//
//	vector ──▶ values without the missing ones, levels ──▶ page ──▶ chunk   encode, on any goroutine
//	chunks of a group, one column after the other ──▶ file, places          add, in order
//	bounds and places of all pages, metadata ──▶ file                       end
//
// A column chunk has one data page, version 1, and before it a dictionary of the
// texts that occur, in order of appearance.
type parquetFile struct {
	w       io.Writer
	s       *Schema
	schema  thrift.Slice[pq.SchemaElement]
	stamp   string
	texts   []textSource // of the columns with texts
	at      int64        // bytes written
	groups  thrift.Slice[pq.RowGroup]
	indexes [][]chunkIndex // by group and column
	free    sync.Pool      // of *rowGroup
}

// chunkIndex is what readers look up before they read the page of a chunk.
type chunkIndex struct {
	column pq.ColumnIndex
	place  pq.PageLocation
}

func createParquet(w io.Writer, s *Schema, stamp string) (*parquetFile, error) {
	f := &parquetFile{w: w, s: s, stamp: stamp, texts: make([]textSource, len(s.Columns))}
	for i := range s.Columns {
		f.texts[i] = textsOf(&s.Columns[i])
	}
	f.free.New = func() any { return newRowGroup(s) }
	var err error
	f.schema, err = schemaElements(s)
	return f, err
}

func (f *parquetFile) encode(b *Batch) (block, error) {
	g := f.free.Get().(*rowGroup)
	g.rows = b.N
	for i := range f.s.Columns {
		if err := g.chunks[i].encode(&f.s.Columns[i], f.texts[i], &b.Cols[i], b.N, &g.scratch); err != nil {
			return nil, err
		}
	}
	return g, nil
}

func (f *parquetFile) add(k block) error {
	g := k.(*rowGroup)
	if err := f.begin(); err != nil {
		return err
	}
	row := pq.RowGroup{NumRows: int64(g.rows), FileOffset: f.at, Ordinal: int16(min(len(f.groups), 1<<15-1))}
	indexes := make([]chunkIndex, len(g.chunks))
	for i := range g.chunks {
		c := &g.chunks[i]
		meta, place := c.meta(f.s.Columns[i].Name, f.at)
		row.Columns = append(row.Columns, pq.ColumnChunk{MetaData: meta})
		row.TotalByteSize += meta.TotalUncompressedSize
		row.TotalCompressedSize += meta.TotalCompressedSize
		indexes[i] = chunkIndex{c.index(), place}
		if err := f.write(c.bytes); err != nil {
			return err
		}
	}
	f.groups, f.indexes = append(f.groups, row), append(f.indexes, indexes)
	f.free.Put(g)
	return nil
}

// begin writes the first bytes of the file.
func (f *parquetFile) begin() error {
	if f.at > 0 {
		return nil
	}
	return f.write([]byte(parquetMagic))
}

func (f *parquetFile) write(b []byte) error {
	n, err := f.w.Write(b)
	f.at += int64(n)
	return err
}

func (f *parquetFile) end(rows int64) error {
	if err := f.begin(); err != nil {
		return err
	}
	var b bytes.Buffer
	for g := range f.groups {
		for i := range f.groups[g].Columns {
			c := &f.groups[g].Columns[i]
			c.ColumnIndexOffset = f.at + int64(b.Len())
			if err := compact(&b, &f.indexes[g][i].column); err != nil {
				return err
			}
			c.ColumnIndexLength = int32(f.at + int64(b.Len()) - c.ColumnIndexOffset)
		}
	}
	for g := range f.groups {
		for i := range f.groups[g].Columns {
			c := &f.groups[g].Columns[i]
			c.OffsetIndexOffset = f.at + int64(b.Len())
			if err := compact(&b, &pq.OffsetIndex{PageLocations: thrift.Slice[pq.PageLocation]{f.indexes[g][i].place}}); err != nil {
				return err
			}
			c.OffsetIndexLength = int32(f.at + int64(b.Len()) - c.OffsetIndexOffset)
		}
	}
	meta := pq.FileMetaData{Version: 1, Schema: f.schema, NumRows: rows, RowGroups: f.groups, CreatedBy: "sluss version 1(build 0)"}
	for range f.s.Columns {
		meta.ColumnOrders = append(meta.ColumnOrders, pq.ColumnOrder{Value: &pq.TypeDefinedOrder{}})
	}
	if f.stamp != "" {
		meta.KeyValueMetadata = thrift.Slice[pq.KeyValue]{{Key: "sluss", Value: f.stamp}}
	}
	from := b.Len()
	if err := compact(&b, &meta); err != nil {
		return err
	}
	foot := b.Bytes()
	foot = binary.LittleEndian.AppendUint32(foot, uint32(len(foot)-from))
	return f.write(append(foot, parquetMagic...))
}

// compact appends a value in Thrift's compact protocol, the language of Parquet's
// metadata.
func compact(b *bytes.Buffer, value any) error {
	return thrift.NewEncoder(new(thrift.CompactProtocol).NewWriter(b)).Encode(value)
}

// schemaElements describes the columns as the library does: it is asked for a file
// without rows.
func schemaElements(s *Schema) (thrift.Slice[pq.SchemaElement], error) {
	fields := make([]parquet.Node, len(s.Columns))
	names := make([]string, len(s.Columns))
	for i := range s.Columns {
		fields[i], names[i] = s.Columns[i].node(), s.Columns[i].Name
	}
	var b bytes.Buffer
	w := parquet.NewGenericWriter[any](&b, parquet.NewSchema("rows", inOrder(names, fields)))
	if err := w.Close(); err != nil {
		return nil, err
	}
	empty, err := parquet.OpenFile(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		return nil, err
	}
	return empty.Metadata().Schema, nil
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

// node describes the column to the library.
func (c *Column) node() parquet.Node {
	var n parquet.Node
	switch c.Type {
	case Int32:
		n = parquet.Int(32)
	case Int64:
		n = parquet.Int(64)
	case Date:
		n = parquet.Date()
	case Decimal:
		n = parquet.Decimal(int(c.Scale), decimalDigits, parquet.Int64Type)
	default:
		n = parquet.String()
	}
	if c.Nullable {
		n = parquet.Optional(n)
	}
	return n
}
