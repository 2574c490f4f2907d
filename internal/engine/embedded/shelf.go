package embedded

import (
	"slices"
	"unsafe"
)

// shelf is memory for columns that are kept, taken in large pieces: the system
// hands out a large piece in large pages, which costs it a fraction of what
// thousands of small ones do. Columns cut from one piece live as long as it.
type shelf[V int32 | int64] struct {
	rest  []V
	given int // bytes so far
}

// Pieces are a quarter of what has been given, within these bounds in bytes:
// little is kept in little memory.
const leastPiece, mostPiece = 1 << 16, 1 << 24

// hold returns a copy of cells that nobody else appends to.
func (s *shelf[V]) hold(cells []V) []V {
	if cells == nil {
		return nil
	}
	if n := len(cells); len(s.rest) < n {
		size := int(unsafe.Sizeof(cells[0]))
		piece := min(max(s.given/4, leastPiece), mostPiece)
		s.rest = make([]V, max(n, piece/size))
		s.given += len(s.rest) * size
		if piece == mostPiece {
			inLargePages(unsafe.Slice((*byte)(unsafe.Pointer(&s.rest[0])), len(s.rest)*size))
		}
	}
	out := slices.Clip(s.rest[:len(cells)])
	s.rest = s.rest[len(cells):]
	copy(out, cells)
	return out
}
