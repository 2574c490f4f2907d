package register

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"sluss/internal/catalog"
)

// source is an open Parquet file whose columns have been checked against the
// catalogue.
type source struct {
	name string
	file *os.File
	pq   *parquet.File
	leaf []int // column of the file, per wanted variable
}

// openSource opens the file called name in dir and checks that it has exactly
// the columns that the variables name, with fitting types.
func openSource(dir, name string, want []catalog.Variable) (_ *source, err error) {
	f, err := os.Open(filepath.Join(dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, missingFile(name)
	}
	if err != nil {
		return nil, err
	}
	s := &source{name: name, file: f}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	err = s.guard(func() (err error) {
		s.pq, err = parquet.OpenFile(f, st.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
		return err
	})
	if err != nil {
		return nil, unreadable(name, err)
	}
	return s, s.match(want)
}

// guard turns a panic of the Parquet reader, which corrupt files can cause,
// into an error.
func (s *source) guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the Parquet reader gave up: %T", r)
		}
	}()
	return f()
}

// match finds the columns of want.
func (s *source) match(want []catalog.Variable) error {
	schema := s.pq.Schema()
	for i := range want {
		v := &want[i]
		c, ok := schema.Lookup(v.Source)
		if !ok && v.Optional {
			s.leaf = append(s.leaf, absentLeaf)
			continue
		}
		if !ok {
			return column("column_missing", s.name, v.Source, "Kolumnen saknas i filen.", "The column is missing from the file.")
		}
		if !fits(v, c.Node) || c.MaxRepetitionLevel > 0 {
			return column("column_type", s.name, v.Source,
				fmt.Sprintf("Kolumnen har fel typ; %s väntades.", typeName(v)),
				fmt.Sprintf("The column has the wrong type; %s was expected.", typeName(v)))
		}
		s.leaf = append(s.leaf, c.ColumnIndex)
	}
	for _, path := range schema.Columns() {
		if len(path) != 1 || !slices.ContainsFunc(want, func(v catalog.Variable) bool { return v.Source == path[0] }) {
			return column("column_extra", s.name, path[0], "Katalogen känner inte till kolumnen.", "The catalogue does not know the column.")
		}
	}
	return nil
}

// fits reports whether a Parquet column can hold the variable.
func fits(v *catalog.Variable, n parquet.Node) bool {
	kind := n.Type().Kind()
	var logical format.LogicalTypeValue
	if l := n.Type().LogicalType(); l != nil {
		logical = l.Value
	}
	switch sourceForm(v) {
	case formText:
		return kind == parquet.ByteArray
	case formDate:
		_, date := logical.(*format.DateType)
		return kind == parquet.Int32 && date
	default:
		whole, isInt := logical.(*format.IntType)
		return (logical == nil || isInt && whole.IsSigned) && (kind == parquet.Int32 || kind == parquet.Int64)
	}
}

// form is how a value stands in the source.
type form int

const (
	formInt form = iota
	formDate
	formText
)

// sourceForm returns how a variable's values stand in the source: codes and
// identity numbers as text, dates as dates, everything else as whole numbers.
func sourceForm(v *catalog.Variable) form {
	switch {
	case v.Kind == catalog.KindCode, v.Kind == catalog.KindPerson && v.SourceKey == catalog.SourceNumber:
		return formText
	case v.Kind == catalog.KindDate, v.Kind == catalog.KindPeriod:
		return formDate
	}
	return formInt
}

func typeName(v *catalog.Variable) string {
	return [...]string{"INT32/INT64", "DATE", "STRING"}[sourceForm(v)]
}

// rows returns the number of rows in the file.
func (s *source) rows() int64 { return s.pq.NumRows() }

func (s *source) close() { s.file.Close() }

// batchRows is how many rows are decoded at a time.
const batchRows = 16 << 10

// scan reads one row group in batches and calls each with one cursor per
// wanted column and the number of rows that every cursor must be read for.
func (s *source) scan(ctx context.Context, group int, each func(cols []*cursor, rows int) error) error {
	g := s.pq.RowGroups()[group]
	chunks := g.ColumnChunks()
	cols := make([]*cursor, len(s.leaf))
	for i, leaf := range s.leaf {
		if leaf == absentLeaf {
			cols[i] = &cursor{src: s}
			continue
		}
		cols[i] = &cursor{src: s, pages: chunks[leaf].Pages(), name: s.pq.Schema().Columns()[leaf][0]}
	}
	defer func() {
		for _, c := range cols {
			if c.pages != nil {
				c.pages.Close()
			}
		}
	}()
	for left := g.NumRows(); left > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := int(min(left, batchRows))
		if err := each(cols, n); err != nil {
			return err
		}
		left -= int64(n)
	}
	return nil
}

// absentLeaf stands for a column that the file may lack, and does.
const absentLeaf = -1

// cursor reads one column of one row group from front to back. Every value of a
// column that the file may lack, and does, is missing; it has no pages.
type cursor struct {
	src   *source
	name  string
	pages parquet.Pages
	page  parquet.Page

	rows    int    // rows in the page
	row     int    // rows already taken
	value   int    // values already taken; fewer than rows where some are missing
	present []byte // definition levels, nil where nothing can be missing

	ints32 []int32
	ints64 []int64
	text   []byte
	bounds []uint32
	index  []int32 // into the dictionary, nil for plain pages
	dict   parquet.Dictionary

	dictCodes []uint16 // codes of the dictionary's texts, see codes
	dictOf    parquet.Dictionary
}

// advance makes at least one row available.
func (c *cursor) advance() error {
	for c.row == c.rows {
		if c.page != nil {
			parquet.Release(c.page)
			c.page = nil
		}
		p, err := c.pages.ReadPage()
		if err == io.EOF {
			return errors.New("the column ends before the row group")
		}
		if err != nil {
			return err
		}
		c.page, c.rows, c.row, c.value = p, int(p.NumRows()), 0, 0
		c.present = p.DefinitionLevels()
		if len(c.present) == 0 {
			c.present = nil
		}
		c.ints32, c.ints64, c.text, c.bounds, c.index, c.dict = nil, nil, nil, nil, nil, p.Dictionary()
		if c.dict != nil {
			data := p.Data()
			c.index = data.Int32()
			c.load(c.dict.Page())
		} else {
			c.load(p)
		}
	}
	return nil
}

// load takes the values of a page, plain or a dictionary.
func (c *cursor) load(p parquet.Page) {
	data := p.Data()
	switch p.Type().Kind() {
	case parquet.Int32:
		c.ints32 = data.Int32()
	case parquet.Int64:
		c.ints64 = data.Int64()
	default:
		c.text, c.bounds = data.ByteArray()
	}
}

// at returns where the next value stands and steps over the row; missing
// reports a row without value.
func (c *cursor) at() (i int, missing bool) {
	row := c.row
	c.row++
	if c.present != nil && c.present[row] == 0 {
		return 0, true
	}
	i = c.value
	c.value++
	if c.index != nil {
		i = int(c.index[i])
	}
	return i, false
}

// fail says which column could not be read.
func (c *cursor) fail(err error) error {
	f := unreadable(c.src.name, err)
	f.Where.Column = c.name
	return f
}

// leastInt64 is what is read of the least number that there is, which means that there
// is none where it is stored.
const leastInt64 = NoInt64 + 1

// ints reads len(dst) rows of whole numbers or dates; missing ones are NoInt64. What
// is there is leastInt64 or greater.
func (c *cursor) ints(dst []int64) error {
	if c.pages == nil {
		for i := range dst {
			dst[i] = NoInt64
		}
		return nil
	}
	err := c.src.guard(func() error {
		for i := 0; i < len(dst); {
			if err := c.advance(); err != nil {
				return err
			}
			i += c.some(dst[i:])
		}
		return nil
	})
	if err != nil {
		return c.fail(err)
	}
	return nil
}

// some reads rows of the page into dst, as many as there are and fit.
func (c *cursor) some(dst []int64) int {
	n := min(len(dst), c.rows-c.row)
	switch {
	case c.present == nil && c.index == nil && c.ints32 != nil:
		for i, v := range c.ints32[c.value : c.value+n] {
			dst[i] = int64(v)
		}
	case c.present == nil && c.index == nil:
		for i, v := range c.ints64[c.value : c.value+n] {
			dst[i] = max(v, leastInt64)
		}
	case c.present == nil && c.ints32 != nil:
		for i, k := range c.index[c.value : c.value+n] {
			dst[i] = int64(c.ints32[k])
		}
	case c.present == nil:
		for i, k := range c.index[c.value : c.value+n] {
			dst[i] = max(c.ints64[k], leastInt64)
		}
	default:
		for i := range n {
			k, missing := c.at()
			switch {
			case missing:
				dst[i] = NoInt64
			case c.ints32 != nil:
				dst[i] = int64(c.ints32[k])
			default:
				dst[i] = max(c.ints64[k], leastInt64)
			}
		}
		return n
	}
	c.row, c.value = c.row+n, c.value+n
	return n
}

// Numbers that are none.
const (
	numberMissing uint64 = 0
	numberBad     uint64 = 1<<64 - 1
)

// numbers reads len(dst) rows of identity numbers written with twelve digits.
func (c *cursor) numbers(dst []uint64) error {
	if c.pages == nil {
		clear(dst) // numberMissing
		return nil
	}
	err := c.src.guard(func() error {
		for i := 0; i < len(dst); {
			if err := c.advance(); err != nil {
				return err
			}
			for ; i < len(dst) && c.row < c.rows; i++ {
				k, missing := c.at()
				if missing {
					dst[i] = numberMissing
					continue
				}
				dst[i] = twelveDigits(c.text[c.bounds[k]:c.bounds[k+1]])
			}
		}
		return nil
	})
	if err != nil {
		return c.fail(err)
	}
	return nil
}

func twelveDigits(b []byte) uint64 {
	if len(b) == 0 {
		return numberMissing
	}
	if len(b) != 12 {
		return numberBad
	}
	var n uint64
	for _, d := range b {
		if d < '0' || d > '9' {
			return numberBad
		}
		n = n*10 + uint64(d-'0')
	}
	if n == numberMissing {
		return numberBad
	}
	return n
}

// codes reads len(dst) rows of codes through enc; missing ones are 0.
func (c *cursor) codes(dst []uint16, enc *codeCache) error {
	if c.pages == nil {
		clear(dst)
		return nil
	}
	err := c.src.guard(func() error {
		for i := 0; i < len(dst); {
			if err := c.advance(); err != nil {
				return err
			}
			if c.index != nil && c.dictOf != c.dict {
				c.dictOf, c.dictCodes = c.dict, make([]uint16, c.dict.Len())
				for k := range c.dictCodes {
					c.dictCodes[k] = enc.code(c.text[c.bounds[k]:c.bounds[k+1]])
				}
			}
			for ; i < len(dst) && c.row < c.rows; i++ {
				k, missing := c.at()
				switch {
				case missing:
					dst[i] = 0
				case c.index != nil:
					dst[i] = c.dictCodes[k]
				default:
					dst[i] = enc.code(c.text[c.bounds[k]:c.bounds[k+1]])
				}
			}
		}
		return nil
	})
	if err != nil {
		return c.fail(err)
	}
	return nil
}
