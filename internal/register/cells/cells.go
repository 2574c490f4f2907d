// Package cells reads and writes columns of whole numbers that take one, two,
// four or eight bytes each: as few as the greatest of a column needs. A column in
// which every number is missing takes none.
//
// A column is read as numbers of its own type, whatever their width. One value
// of a type means that there is none: the least of a signed type, the greatest
// of an unsigned one. Every width has such a value of its own, and reading and
// writing translate between them.
package cells

import (
	"encoding/binary"
	"iter"
	"math"
	"slices"
	"unsafe"
)

// Cell is what a column holds.
type Cell interface {
	~uint16 | ~int32 | ~uint32 | ~int64
}

// Number is what lies in memory.
type Number interface {
	Cell | ~int8 | ~uint8 | ~int16 | ~uint64
}

// Column is a column in memory, often that of a mapped file. It is read-only
// and safe for concurrent use. Its zero value has no cells.
type Column[T Cell] struct {
	data     []byte
	width, n int
}

// Of returns a column of vals where they stand.
func Of[T Cell](vals []T) *Column[T] { return &Column[T]{Bytes(vals), size[T](), len(vals)} }

// Packed returns a column of a copy of vals, as narrow as can be.
func Packed[T Cell](vals []T) *Column[T] {
	width := Width(vals)
	return In[T](Append(make([]byte, 0, len(vals)*width), vals, width), width, len(vals))
}

// In returns the column of n cells that lies in data with width bytes for each,
// little-endian. It panics for a width that [Fits] refuses.
func In[T Cell](data []byte, width, n int) *Column[T] {
	if !Fits[T](width) || len(data) != n*width {
		panic("cells: numbers of another width than their type has")
	}
	return &Column[T]{data, width, n}
}

// Fits reports whether numbers of the type are ever written in width bytes.
func Fits[T Cell](width int) bool {
	return width >= 0 && width <= size[T]() && width&(width-1) == 0
}

// Missing is the number that means that there is none.
func Missing[T Number]() T {
	if signed[T]() {
		return T(1) << (8*unsafe.Sizeof(T(0)) - 1)
	}
	return ^T(0)
}

func signed[T Number]() bool { return ^T(0) < 0 }

func size[T Number]() int { return int(unsafe.Sizeof(T(0))) }

// Len is the number of cells.
func (c *Column[T]) Len() int { return c.n }

// Width is how many bytes each cell takes: none where all are missing.
func (c *Column[T]) Width() int { return c.width }

// Data is the memory of the cells, [Column.Width] bytes each.
func (c *Column[T]) Data() []byte { return c.data }

// At returns cell i. Who reads many uses [Column.Read] or [Pick].
func (c *Column[T]) At(i int) T {
	switch c.width {
	case size[T]():
		return Whole[T](c.data)[i]
	case 0:
		return Missing[T]()
	case 1:
		if signed[T]() {
			return Widened[T](int8(c.data[i]))
		}
		return Widened[T](c.data[i])
	case 2:
		v := binary.LittleEndian.Uint16(c.data[2*i:])
		if signed[T]() {
			return Widened[T](int16(v))
		}
		return Widened[T](v)
	}
	v := binary.LittleEndian.Uint32(c.data[4*i:])
	if signed[T]() {
		return Widened[T](int32(v))
	}
	return Widened[T](v)
}

// Read sets dst to the cells from lo on.
func (c *Column[T]) Read(dst []T, lo int) {
	data := c.data[lo*c.width : (lo+len(dst))*c.width]
	if c.width == size[T]() {
		copy(dst, Whole[T](data))
		return
	}
	unpack[T, T](dst, data, c.width)
}

// unpack sets dst to the numbers in data, cells of T in width bytes each, which are
// fewer than those of V and of T.
func unpack[V Number, T Cell](dst []V, data []byte, width int) {
	switch {
	case width == 0:
		all(dst, Missing[V]())
	case width == 1 && signed[T]():
		spread(dst, Whole[int8](data))
	case width == 1:
		spread(dst, Whole[uint8](data))
	case width == 2 && signed[T]():
		spread(dst, Whole[int16](data))
	case width == 2:
		spread(dst, Whole[uint16](data))
	case signed[T]():
		spread(dst, Whole[int32](data))
	default:
		spread(dst, Whole[uint32](data))
	}
}

// Touch reads a byte of every line of memory in which the cells [lo, hi) lie, so that
// they are on their way when the cells are read. What it returns says nothing; it is
// there so that the reading is not left out.
func (c *Column[T]) Touch(lo, hi int) (sum byte) {
	data := c.data[lo*c.width : hi*c.width]
	for at := 0; at < len(data); at += 64 {
		sum += data[at]
	}
	if len(data) > 0 {
		sum += data[len(data)-1]
	}
	return sum
}

// Part returns the cells [lo, hi) as numbers that are as wide as the column or wider:
// where they lie, or else in spare's memory. It panics where they are narrower.
func Part[N Number, T Cell](c *Column[T], lo, hi int, spare *[]byte) []N {
	if c.width > size[N]() {
		panic("cells: numbers are to be read that do not fit")
	}
	data := c.data[lo*c.width : hi*c.width]
	if c.width == size[N]() {
		return Whole[N](data)
	}
	*spare = slices.Grow((*spare)[:0], (hi-lo)*size[N]())[:(hi-lo)*size[N]()]
	dst := Whole[N](*spare)
	unpack[N, T](dst, data, c.width)
	return dst
}

// All are the places and cells in their order.
func (c *Column[T]) All() iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		i := 0
		for part := range c.Parts() {
			for _, v := range part {
				if !yield(i, v) {
					return
				}
				i++
			}
		}
	}
}

// Parts are all cells in their order, some at a time, in memory that the next take.
func (c *Column[T]) Parts() iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		var some [512]T
		for lo := 0; lo < c.n; lo += len(some) {
			part := some[:min(len(some), c.n-lo)]
			c.Read(part, lo)
			if !yield(part) {
				return
			}
		}
	}
}

// Pick sets dst to the cells of c at the places of at, as another type of
// number: of missing ones, the number that means so in T.
func Pick[V, T Cell](dst []V, c *Column[T], at []int32) {
	switch {
	case c.width == size[T]():
		pick[V, T](dst, Whole[T](c.data), at)
	case c.width == 0:
		all(dst[:len(at)], V(Missing[T]()))
	case c.width == 1 && signed[T]():
		pick[V, T](dst, Whole[int8](c.data), at)
	case c.width == 1:
		pick[V, T](dst, Whole[uint8](c.data), at)
	case c.width == 2 && signed[T]():
		pick[V, T](dst, Whole[int16](c.data), at)
	case c.width == 2:
		pick[V, T](dst, Whole[uint16](c.data), at)
	case signed[T]():
		pick[V, T](dst, Whole[int32](c.data), at)
	default:
		pick[V, T](dst, Whole[uint32](c.data), at)
	}
}

// Greatest returns the greatest cell of c that is not missing, if there is one, and
// whether some are missing.
func Greatest[T ~uint16 | ~uint32](c *Column[T]) (most T, there, missing bool) {
	var next uint64
	switch c.width {
	case 0:
		return 0, false, c.n > 0
	case 1:
		next, missing = afterGreatest(c.data)
	case 2:
		next, missing = afterGreatest(Whole[uint16](c.data))
	default:
		next, missing = afterGreatest(Whole[uint32](c.data))
	}
	if next == 0 {
		return 0, false, missing
	}
	return T(next - 1), true, missing
}

// afterGreatest is the number after the greatest of vals that is not missing, 0 without
// one: the greatest of a type, which means that there is none, is followed by 0.
func afterGreatest[N ~uint8 | ~uint16 | ~uint32](vals []N) (next uint64, missing bool) {
	var most N
	for _, v := range vals {
		most = max(most, v+1)
		missing = missing || v == ^N(0)
	}
	return uint64(most), missing
}

// Width returns how many bytes each of vals needs, none where all are missing.
func Width[T Cell](vals []T) int {
	var most uint64
	none, there := Missing[T](), false
	for _, v := range vals {
		if v == none {
			continue
		}
		there = true
		x := int64(v)
		sign := x >> 63
		most = max(most, uint64(x^sign-sign))
	}
	if !there {
		return 0
	}
	for width := 1; width < size[T](); width *= 2 {
		if most <= greatest(width, signed[T]()) {
			return width
		}
	}
	return size[T]()
}

// greatest is the greatest distance from nought that width bytes hold.
func greatest(width int, sign bool) uint64 {
	if sign {
		return math.MaxUint64 >> (64 - 8*width + 1)
	}
	return math.MaxUint64>>(64-8*width) - 1
}

// Append appends vals to dst in width bytes each, which must be enough for them.
// dst may end where vals begin in memory: nothing is overwritten before it is read.
func Append[T Cell](dst []byte, vals []T, width int) []byte {
	at := len(dst)
	dst = slices.Grow(dst, len(vals)*width)[:at+len(vals)*width]
	to := dst[at:]
	switch {
	case width == size[T]():
		copy(Whole[T](to), vals)
	case width == 0: // all are missing
	case width == 1 && signed[T]():
		spread(Whole[int8](to), vals)
	case width == 1:
		spread(Whole[uint8](to), vals)
	case width == 2 && signed[T]():
		spread(Whole[int16](to), vals)
	case width == 2:
		spread(Whole[uint16](to), vals)
	case signed[T]():
		spread(Whole[int32](to), vals)
	default:
		spread(Whole[uint32](to), vals)
	}
	return dst
}

// Bytes is the memory of vals.
func Bytes[T Number](vals []T) []byte {
	if len(vals) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(vals))), len(vals)*size[T]())
}

// Whole is memory as the numbers that lie in it, of their type's own width.
func Whole[T Number](data []byte) []T {
	if len(data) == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(data))), len(data)/size[T]())
}

// Widened is a number of another width, or what there means that there is none.
func Widened[T, N Number](v N) T {
	if v == Missing[N]() {
		return Missing[T]()
	}
	return T(v)
}

func all[T Number](dst []T, v T) {
	for i := range dst {
		dst[i] = v
	}
}

// spread sets dst to from, numbers of another width.
func spread[T, N Number](dst []T, from []N) {
	near, far := Missing[N](), Missing[T]()
	from = from[:len(dst)]
	for i, n := range from {
		v := T(n)
		if n == near {
			v = far
		}
		dst[i] = v
	}
}

func pick[V, T Cell, N Number](dst []V, from []N, at []int32) {
	near, far := Missing[N](), V(Missing[T]())
	at = at[:len(dst)]
	for i, k := range at {
		n := from[k]
		v := V(n)
		if n == near {
			v = far
		}
		dst[i] = v
	}
}
