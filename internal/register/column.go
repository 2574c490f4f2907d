package register

import (
	"fmt"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/register/cells"
)

// Column is one stored variable. Exactly one of its methods for values may be
// called, the one of its [Type]; another panics.
type Column struct {
	man     *ColumnManifest
	days    *cells.Column[day.Day]
	int32s  *cells.Column[int32]
	int64s  *cells.Column[int64]
	shorts  *cells.Column[uint16] // of codes and of extents
	persons *cells.Column[uint32]
}

func openColumn(m *ColumnManifest, g *segment) *Column {
	c := &Column{man: m}
	switch m.Type {
	case TypeDay:
		c.days = cells.In[day.Day](g.data, g.width, g.count)
	case TypeInt32:
		c.int32s = cells.In[int32](g.data, g.width, g.count)
	case TypeCode, TypeExtent:
		c.shorts = cells.In[uint16](g.data, g.width, g.count)
	case TypePerson:
		c.persons = cells.In[uint32](g.data, g.width, g.count)
	default:
		c.int64s = cells.In[int64](g.data, g.width, g.count)
	}
	return c
}

// Variable returns the variable's id.
func (c *Column) Variable() string { return c.man.Variable }

// Kind returns the variable's kind.
func (c *Column) Kind() catalog.Kind { return c.man.Kind }

// Role returns the variable's role, empty for an attribute.
func (c *Column) Role() catalog.Role { return c.man.Role }

// Type returns what values the column holds and which method gives them.
func (c *Column) Type() Type { return c.man.Type }

// Days returns a column of type day. Missing is [NoDay].
func (c *Column) Days() *cells.Column[day.Day] { return c.must(c.days != nil, TypeDay).days }

// Int32s returns a column of type int32. Missing is [NoInt32].
func (c *Column) Int32s() *cells.Column[int32] { return c.must(c.int32s != nil, TypeInt32).int32s }

// Int64s returns a column of type int64. Missing is [NoInt64].
func (c *Column) Int64s() *cells.Column[int64] { return c.must(c.int64s != nil, TypeInt64).int64s }

// Codes returns a column of codes as indexes into [Column.Dict]. Missing is 0.
func (c *Column) Codes() *cells.Column[uint16] {
	return c.must(c.man.Type == TypeCode, TypeCode).shorts
}

// Extents returns a column of extents per mille. Missing is [NoExtent].
func (c *Column) Extents() *cells.Column[uint16] {
	return c.must(c.man.Type == TypeExtent, TypeExtent).shorts
}

// Persons returns a column of other persons. Missing is [NoPerson].
func (c *Column) Persons() *cells.Column[uint32] { return c.must(c.persons != nil, TypePerson).persons }

// Dict returns the texts of a column of codes: Dict()[0] is the empty text of
// a missing value, the rest are in bytewise order.
func (c *Column) Dict() []string { return c.man.Codes }

// Code returns the index of a text in the dictionary.
func (c *Column) Code(text string) (code uint16, ok bool) {
	i, ok := slices.BinarySearch(c.man.Codes, text)
	return uint16(i), ok
}

func (c *Column) must(ok bool, want Type) *Column {
	if !ok {
		panic(fmt.Sprintf("register: column %s is %s, not %s", c.man.Variable, c.man.Type, want))
	}
	return c
}

// empty reports whether the column tells nothing, as far as is seen without reading it.
func (c *Column) empty() bool {
	if c.man.Type == TypeCode {
		return len(c.man.Codes) <= 1
	}
	return c.width() == 0
}

// width is how many bytes each value takes.
func (c *Column) width() int {
	switch {
	case c.days != nil:
		return c.days.Width()
	case c.int32s != nil:
		return c.int32s.Width()
	case c.int64s != nil:
		return c.int64s.Width()
	case c.persons != nil:
		return c.persons.Width()
	}
	return c.shorts.Width()
}

// pattern is the bits of cell i in a record.
func (c *Column) pattern(i int) uint64 {
	switch {
	case c.shorts != nil:
		return uint64(c.shorts.At(i))
	case c.days != nil:
		return uint64(uint32(c.days.At(i)))
	case c.int64s != nil:
		return uint64(c.int64s.At(i))
	case c.persons != nil:
		return uint64(c.persons.At(i))
	}
	return uint64(uint32(c.int32s.At(i)))
}

// numbers works on a column's numbers for whom their type does not matter.
type numbers interface {
	// fits reports whether such numbers are ever written in width bytes.
	fits(width int) bool
	// pack writes numbers of full width over themselves in as few bytes each
	// as they need.
	pack(full []byte) (packed []byte, width int)
	// widen appends n packed numbers to dst in more bytes each.
	widen(dst, packed []byte, n, from, to int) []byte
}

// numbers returns how columns of a type are worked on.
func (t Type) numbers() numbers {
	switch t {
	case TypeDay:
		return numbersOf[day.Day]{}
	case TypeInt32:
		return numbersOf[int32]{}
	case TypeCode, TypeExtent:
		return numbersOf[uint16]{}
	case TypePerson:
		return numbersOf[uint32]{}
	}
	return numbersOf[int64]{}
}

// loads are the numbers of version columns.
type loads = numbersOf[uint16]

type numbersOf[T cells.Cell] struct{}

func (numbersOf[T]) fits(width int) bool { return cells.Fits[T](width) }

func (numbersOf[T]) pack(full []byte) ([]byte, int) {
	vals := cells.Whole[T](full)
	width := cells.Width(vals)
	return cells.Append(full[:0], vals, width), width
}

func (numbersOf[T]) widen(dst, packed []byte, n, from, to int) []byte {
	c := cells.In[T](packed, from, n)
	var some [512]T
	for lo := 0; lo < c.Len(); lo += len(some) {
		part := some[:min(len(some), c.Len()-lo)]
		c.Read(part, lo)
		dst = cells.Append(dst, part, to)
	}
	return dst
}
