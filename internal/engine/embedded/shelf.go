package embedded

import "slices"

// shelf is memory for columns that are kept, taken in large pieces and given out
// without gaps. What is cut from one piece lives as long as it.
type shelf[V int32 | int64] struct {
	rest  []V
	given int // cells so far
}

// Pieces are a quarter of what has been given, within these bounds: little is
// kept in little memory.
const leastPiece, mostPiece = 1 << 13, 1 << 21

// hold returns a copy of cells that nobody else appends to.
func (s *shelf[V]) hold(cells []V) []V {
	n := len(cells)
	if n == 0 {
		return nil
	}
	if len(s.rest) < n {
		s.rest = make([]V, max(n, min(max(s.given/4, leastPiece), mostPiece)))
		s.given += len(s.rest)
	}
	out := slices.Clip(s.rest[:n])
	s.rest = s.rest[n:]
	copy(out, cells)
	return out
}
