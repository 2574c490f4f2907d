package embedded

import (
	"encoding/binary"
	"slices"

	"sluss/internal/parcel/format"
)

// packed is a column of some rows that are kept: each cell as its distance from the
// least, in as few bytes as the greatest distance needs. Löpnummer, days and periods of
// people who stand next to each other lie close: rows take a third of the memory, and
// fresh memory costs more than the packing.
type packed struct {
	cells   []byte // width bytes each, little-endian
	base    int64  // the least cell that is not missing
	rows    int32
	width   uint8 // 0, 1, 2, 4; 8: the cells themselves
	missing bool  // distance 0 is a missing cell, and the others are one greater
}

// pack packs cells; none is the missing one, and the least of its type.
func pack[V int32 | int64](s *shelf, cells []V, none V) packed {
	p := packed{rows: int32(len(cells))}
	if len(cells) == 0 {
		return p
	}
	lo, hi := cells[0], cells[0]
	for _, c := range cells {
		lo, hi = min(lo, c), max(hi, c)
	}
	if p.missing = lo == none && hi != none; p.missing {
		lo = hi
		for _, c := range cells {
			if c != none {
				lo = min(lo, c)
			}
		}
	}
	p.base = int64(lo)
	p.width = widthOf(uint64(int64(hi))-uint64(p.base), p.missing)
	p.cells = s.take(len(cells) * int(p.width))
	if p.width == 8 {
		p.missing = false
		for i, c := range cells {
			binary.LittleEndian.PutUint64(p.cells[i*8:], uint64(c))
		}
		return p
	}
	if p.missing {
		putMissing(&p, cells, none)
		return p
	}
	switch p.width {
	case 1:
		for i, c := range cells {
			p.cells[i] = uint8(c - lo)
		}
	case 2:
		for i, c := range cells {
			binary.LittleEndian.PutUint16(p.cells[i*2:], uint16(c-lo))
		}
	case 4:
		for i, c := range cells {
			binary.LittleEndian.PutUint32(p.cells[i*4:], uint32(c-lo))
		}
	}
	return p
}

// widthOf is how many bytes the greatest distance needs, missing cells being one more.
func widthOf(most uint64, missing bool) uint8 {
	if missing {
		if most++; most == 0 {
			return 8
		}
	}
	switch {
	case most == 0:
		return 0
	case most < 1<<8:
		return 1
	case most < 1<<16:
		return 2
	case most < 1<<32:
		return 4
	}
	return 8
}

// putMissing fills in a column in which cells are missing.
func putMissing[V int32 | int64](p *packed, cells []V, none V) {
	for i, c := range cells {
		far := uint64(0)
		if c != none {
			far = uint64(int64(c)-p.base) + 1
		}
		switch p.width {
		case 1:
			p.cells[i] = uint8(far)
		case 2:
			binary.LittleEndian.PutUint16(p.cells[i*2:], uint16(far))
		case 4:
			binary.LittleEndian.PutUint32(p.cells[i*4:], uint32(far))
		}
	}
}

// unpack appends the cells to dst.
func unpack[V int32 | int64](p *packed, dst []V, none V) []V {
	dst = slices.Grow(dst, int(p.rows))
	for i := range int(p.rows) {
		far := uint64(0)
		switch p.width {
		case 1:
			far = uint64(p.cells[i])
		case 2:
			far = uint64(binary.LittleEndian.Uint16(p.cells[i*2:]))
		case 4:
			far = uint64(binary.LittleEndian.Uint32(p.cells[i*4:]))
		case 8:
			dst = append(dst, V(binary.LittleEndian.Uint64(p.cells[i*8:])))
			continue
		}
		switch {
		case p.missing && far == 0:
			dst = append(dst, none)
			continue
		case p.missing:
			far--
		}
		dst = append(dst, V(p.base+int64(far)))
	}
	return dst
}

// packedRows are the rows of one output that came out for a stretch of people.
type packedRows struct {
	n    int
	cols []packed
}

func packRows(s *shelf, b *format.Batch) packedRows {
	r := packedRows{n: b.N, cols: make([]packed, len(b.Cols))}
	for i := range b.Cols {
		if v := &b.Cols[i]; v.I64 != nil {
			r.cols[i] = pack(s, v.I64, format.Null64)
		} else {
			r.cols[i] = pack(s, v.I32, format.Null32)
		}
	}
	return r
}

func (r *packedRows) unpack(s *format.Schema, b *format.Batch) {
	b.Reset()
	b.N = r.n
	for i := range r.cols {
		if v := &b.Cols[i]; s.Columns[i].Type.Wide() {
			v.I64 = unpack(&r.cols[i], v.I64, format.Null64)
		} else {
			v.I32 = unpack(&r.cols[i], v.I32, format.Null32)
		}
	}
}

// shelf is memory for what is kept, taken in large pieces and given out without
// gaps. What is cut from one piece lives as long as it.
type shelf struct {
	rest  []byte
	given int // bytes so far
}

// Pieces are a quarter of what has been given, within these bounds: little is
// kept in little memory.
const leastPiece, mostPiece = 32 << 10, 8 << 20

// take returns n bytes that nobody else has.
func (s *shelf) take(n int) []byte {
	if n == 0 {
		return nil
	}
	if len(s.rest) < n {
		s.rest = make([]byte, max(n, min(max(s.given/4, leastPiece), mostPiece)))
		s.given += len(s.rest)
	}
	out := slices.Clip(s.rest[:n])
	s.rest = s.rest[n:]
	return out
}
