package format

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"
)

// rowGroup is a stretch of rows, encoded: a chunk for each column.
type rowGroup struct {
	rows    int
	chunks  []chunk
	scratch scratch
}

func newRowGroup(s *Schema) *rowGroup { return &rowGroup{chunks: make([]chunk, len(s.Columns))} }

// chunk is the cells of one column of a row group, as they stand in the file, and
// what the metadata say of them.
type chunk struct {
	bytes    []byte
	kind     pq.Type
	encoding pq.Encoding
	values   int   // rows, the missing ones too
	nulls    int64 // missing
	// low and high bound the values that are there, nil where none is.
	low, high []byte
	page      int   // where the data page begins
	plain     int64 // bytes before compression, heads of pages counted
}

// scratch is memory of one encoder, used again for every column.
type scratch struct {
	i32     []int32
	i64     []int64
	present []byte // definition levels
	raw     []byte // a page before compression
	packed  []byte
	small   []byte
	head    bytes.Buffer
	zstd    *zstd.Encoder
	places  places
}

// encode fills the chunk with the n cells of a column.
func (c *chunk) encode(col *Column, texts textSource, v *Vector, n int, s *scratch) error {
	*c = chunk{bytes: c.bytes[:0], values: n, encoding: pq.DeltaBinaryPacked}
	var err error
	switch {
	case texts != nil:
		c.kind, c.encoding = pq.ByteArray, pq.RLEDictionary
		err = c.text(col, texts, v.I32[:n], s)
	case col.Type.Wide():
		c.kind = pq.Int64
		err = c.wide(col, v.I64[:n], s)
	default:
		c.kind = pq.Int32
		err = c.narrow(col, v.I32[:n], s)
	}
	if err != nil {
		return err
	}
	return c.dataPage(s)
}

// narrow lays out whole numbers and days. They are written as differences, packed:
// files are in the order of people and days, so the differences are small, and zstd
// gets a tenth of the bytes to look at. Every reader of Parquet since 2022 knows the
// encoding.
func (c *chunk) narrow(col *Column, cells []int32, s *scratch) error {
	there := cells
	if col.Nullable {
		there = s.i32[:0]
		s.levels(len(cells))
		for i, n := range cells {
			if n != Null32 {
				there = append(there, n)
				s.present[i] = 1
			}
		}
		s.i32 = there
	}
	low, high, hole := Null32, Null32, false
	for i, n := range there {
		hole = hole || n == Null32
		if i == 0 {
			low = n
			high = n
		}
		low, high = min(low, n), max(high, n)
	}
	if hole {
		return missing(col)
	}
	if c.nulls = int64(len(cells) - len(there)); len(there) > 0 {
		c.low, c.high = binary.LittleEndian.AppendUint32(nil, uint32(low)), binary.LittleEndian.AppendUint32(nil, uint32(high))
	}
	if err := s.begin(col); err != nil {
		return err
	}
	var err error
	s.small, err = new(delta.BinaryPackedEncoding).EncodeInt32(s.small, there)
	s.raw = append(s.raw, s.small...)
	return err
}

// wide is narrow for 64 bits.
func (c *chunk) wide(col *Column, cells []int64, s *scratch) error {
	there := cells
	if col.Nullable {
		there = s.i64[:0]
		s.levels(len(cells))
		for i, n := range cells {
			if n != Null64 {
				there = append(there, n)
				s.present[i] = 1
			}
		}
		s.i64 = there
	}
	low, high, hole := Null64, Null64, false
	for i, n := range there {
		hole = hole || n == Null64
		if i == 0 {
			low = n
			high = n
		}
		low, high = min(low, n), max(high, n)
	}
	if hole {
		return missing(col)
	}
	if c.nulls = int64(len(cells) - len(there)); len(there) > 0 {
		c.low, c.high = binary.LittleEndian.AppendUint64(nil, uint64(low)), binary.LittleEndian.AppendUint64(nil, uint64(high))
	}
	if err := s.begin(col); err != nil {
		return err
	}
	var err error
	s.small, err = new(delta.BinaryPackedEncoding).EncodeInt64(s.small, there)
	s.raw = append(s.raw, s.small...)
	return err
}

// text lays out the texts that occur as a dictionary, and the cells as places in it.
func (c *chunk) text(col *Column, texts textSource, cells []int32, s *scratch) error {
	empty := int32(Null32)
	if col.Type == Text {
		empty = 0
	}
	s.places.begin(texts.size())
	s.levels(len(cells))
	there := s.i32[:0]
	for i, code := range cells {
		if code == empty || code == Null32 {
			continue
		}
		s.present[i] = 1
		there = append(there, s.places.of(code))
	}
	s.i32 = there
	if c.nulls = int64(len(cells) - len(there)); c.nulls > 0 && !col.Nullable {
		return missing(col)
	}
	s.raw = s.raw[:0]
	for i, code := range s.places.codes {
		from := len(s.raw) + 4
		s.raw = texts.appendTo(append(s.raw, 0, 0, 0, 0), code)
		binary.LittleEndian.PutUint32(s.raw[from-4:], uint32(len(s.raw)-from))
		t := s.raw[from:]
		if i == 0 || bytes.Compare(t, c.low) < 0 {
			c.low = append([]byte{}, t...)
		}
		if i == 0 || bytes.Compare(t, c.high) > 0 {
			c.high = append([]byte{}, t...)
		}
	}
	err := c.pageOf(s, pq.PageHeader{
		Type:                 pq.DictionaryPage,
		DictionaryPageHeader: thrift.New(pq.DictionaryPageHeader{NumValues: int32(len(s.places.codes)), Encoding: pq.Plain}),
	})
	if err != nil {
		return err
	}
	if err := s.begin(col); err != nil {
		return err
	}
	s.small, err = new(rle.DictionaryEncoding).EncodeInt32(s.small, there)
	s.raw = append(s.raw, s.small...)
	return err
}

// levels makes room for n definition levels, all of missing values.
func (s *scratch) levels(n int) {
	if cap(s.present) < n {
		s.present = make([]byte, n)
	}
	s.present = s.present[:n]
	clear(s.present)
}

// begin starts a data page with the levels of a column that can hold missing values.
func (s *scratch) begin(col *Column) (err error) {
	s.raw = s.raw[:0]
	if !col.Nullable {
		return nil
	}
	if s.small, err = (&rle.Encoding{BitWidth: 1}).EncodeLevels(s.small, s.present); err != nil {
		return err
	}
	s.raw = binary.LittleEndian.AppendUint32(s.raw, uint32(len(s.small)))
	s.raw = append(s.raw, s.small...)
	return nil
}

// dataPage ends the chunk with its data page.
func (c *chunk) dataPage(s *scratch) error {
	c.page = len(c.bytes)
	return c.pageOf(s, pq.PageHeader{
		Type: pq.DataPage,
		DataPageHeader: thrift.New(pq.DataPageHeader{
			NumValues: int32(c.values), Encoding: c.encoding, DefinitionLevelEncoding: pq.RLE, RepetitionLevelEncoding: pq.RLE,
		}),
	})
}

// pageOf appends a page of what lies in raw: its head, and the bytes compressed.
func (c *chunk) pageOf(s *scratch, head pq.PageHeader) (err error) {
	if s.zstd == nil {
		s.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithZeroFrames(true), zstd.WithEncoderCRC(false))
		if err != nil {
			return err
		}
	}
	s.packed = s.zstd.EncodeAll(s.raw, s.packed[:0])
	head.UncompressedPageSize, head.CompressedPageSize = int32(len(s.raw)), int32(len(s.packed))
	head.CRC = int32(crc32.ChecksumIEEE(s.packed))
	s.head.Reset()
	if err := compact(&s.head, &head); err != nil {
		return err
	}
	c.plain += int64(s.head.Len() + len(s.raw))
	c.bytes = append(append(c.bytes, s.head.Bytes()...), s.packed...)
	return nil
}

// meta is what the file's metadata say of the chunk, which begins at a place of the
// file; place is where its data page lies.
func (c *chunk) meta(name string, at int64) (m pq.ColumnMetaData, place pq.PageLocation) {
	m = pq.ColumnMetaData{
		Type: c.kind, Encoding: thrift.Slice[pq.Encoding]{pq.RLE, c.encoding}, PathInSchema: thrift.Slice[string]{name}, Codec: pq.Zstd,
		NumValues: int64(c.values), TotalUncompressedSize: c.plain, TotalCompressedSize: int64(len(c.bytes)), DataPageOffset: at + int64(c.page),
		Statistics:    pq.Statistics{NullCount: c.nulls, MinValue: c.low, MaxValue: c.high},
		EncodingStats: thrift.Slice[pq.PageEncodingStats]{{PageType: pq.DataPage, Encoding: c.encoding, Count: 1}},
	}
	if c.encoding == pq.RLEDictionary {
		m.DictionaryPageOffset = at
		m.Encoding = append(m.Encoding, pq.Plain)
		m.EncodingStats = append(m.EncodingStats, pq.PageEncodingStats{PageType: pq.DictionaryPage, Encoding: pq.Plain, Count: 1})
	}
	return m, pq.PageLocation{Offset: m.DataPageOffset, CompressedPageSize: int32(len(c.bytes) - c.page)}
}

// index are the bounds of the chunk's page.
func (c *chunk) index() pq.ColumnIndex {
	low, high := c.low, c.high
	if low == nil {
		low, high = []byte{}, []byte{}
	}
	return pq.ColumnIndex{
		NullPages: thrift.Slice[bool]{c.low == nil}, MinValues: thrift.Slice[[]byte]{low}, MaxValues: thrift.Slice[[]byte]{high},
		BoundaryOrder: pq.Ascending, NullCounts: thrift.Slice[int64]{c.nulls},
	}
}

// textSource has the text of each code of a column.
type textSource interface {
	// size is how many codes there are from 0 on; others may occur beside them.
	size() int
	appendTo(b []byte, code int32) []byte
}

// textsOf returns the texts of a column; nil for numbers and days.
func textsOf(c *Column) textSource {
	switch c.Type {
	case Text:
		return dictionary(c.Dict)
	case Week, Month, Quarter:
		return periods(c.Type)
	}
	return nil
}

type dictionary []string

func (d dictionary) size() int                            { return len(d) }
func (d dictionary) appendTo(b []byte, code int32) []byte { return append(b, d[code]...) }

// periods are texts of weeks, months or quarters.
type periods Type

// size covers the weeks, months or quarters up to about the year 2100.
func (p periods) size() int {
	return map[Type]int{Week: 6800, Month: 2100 * 12, Quarter: 2100 * 4}[Type(p)]
}

func (p periods) appendTo(b []byte, code int32) []byte { return appendPeriod(b, Type(p), code) }

// places gives codes their places in the dictionary of a row group, in order of
// appearance.
type places struct {
	codes []int32 // by place
	at    []int32 // by code: place + 1 of this group, 0 for codes that have not been met
	other map[int32]int32
}

// begin forgets the row group before; size codes from 0 on are looked up in a table.
func (p *places) begin(size int) {
	for _, code := range p.codes {
		if int(code) < len(p.at) && code >= 0 {
			p.at[code] = 0
		}
	}
	p.codes = p.codes[:0]
	clear(p.other)
	if len(p.at) < size {
		p.at = make([]int32, size)
	}
}

func (p *places) of(code int32) int32 {
	if code >= 0 && int(code) < len(p.at) {
		if at := p.at[code]; at > 0 {
			return at - 1
		}
		p.codes = append(p.codes, code)
		p.at[code] = int32(len(p.codes))
		return int32(len(p.codes)) - 1
	}
	if at, met := p.other[code]; met {
		return at
	}
	if p.other == nil {
		p.other = map[int32]int32{}
	}
	p.codes = append(p.codes, code)
	p.other[code] = int32(len(p.codes)) - 1
	return int32(len(p.codes)) - 1
}
