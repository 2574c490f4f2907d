package register

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
)

// Rows that wait on the disk until their bucket's turn are packed: writing them costs
// more than making them, most of it for fresh memory that files get from the system.
// What a worker hands over at once lies close together (one range of persons, rows that
// stood together in the source), so a field of it is written as distances from the
// least, in as few bytes as the greatest needs.
//
// A block is
//
//	records, uint32 · for each lane: width, 1 byte · base, uint64 ·
//	for each lane: records numbers of width bytes
//
// all little-endian. Number 0 is the lane's missing value, number n > 0 is base + n − 1. A
// lane of width 0 holds base in every record.

// lane is one number of every record.
type lane struct {
	at, width int
	absent    uint64 // bit pattern of a missing value
}

// plainLane marks a lane that holds its values as they are, where distances do not fit
// 64 bits.
const plainLane = 9

// spare is how many bytes stand behind a block in memory, so that numbers of any width
// can be read and written eight bytes at a time.
const spare = 8

// errSpill says that what was written is not what is read; the disk is not to be trusted.
var errSpill = errors.New("register: rows on their way through the disk came back damaged")

// lanes are the numbers of a record: its head, then its fields.
func (l *layout) lanes() []lane {
	out := []lane{{0, 4, math.MaxUint32}, {4, 2, math.MaxUint16}, {6, 2, uint64(stillKnown)}}
	for i := range l.fields {
		f := &l.fields[i]
		out = append(out, lane{f.at, f.width, f.absent() & (math.MaxUint64 >> (64 - 8*f.width))})
	}
	return out
}

// packer packs records of size bytes. Not safe for concurrent use; its zero memory grows
// with the largest block.
type packer struct {
	lanes   []lane
	size    int
	numbers []uint64
	out     []byte
}

func newPacker(l *layout) packer { return packer{lanes: l.lanes(), size: l.size} }

// pack returns records as a block, which is good until the next call.
func (p *packer) pack(recs []byte) []byte {
	n := len(recs) / p.size
	numbers := p.scratch(n)
	head := 4 + 9*len(p.lanes)
	// A lane of all its values and a missing one takes a byte more than it is wide.
	if most := head + n*(p.size+len(p.lanes)) + spare; cap(p.out) < most {
		p.out = make([]byte, most)
	}
	out := p.out[:cap(p.out)]
	binary.LittleEndian.PutUint32(out, uint32(n))
	at := head
	for i := range p.lanes {
		ln := &p.lanes[i]
		lo, hi, missing := ln.gather(recs, p.size, numbers)
		width, base := 0, lo
		switch {
		case lo > hi:
			base = ln.absent
		case lo == hi && !missing:
		case hi-lo == math.MaxUint64:
			width = plainLane
		default:
			width = (bits.Len64(hi-lo+1) + 7) / 8
		}
		out[4+9*i] = byte(width)
		binary.LittleEndian.PutUint64(out[5+9*i:], base)
		switch width {
		case 0:
		case plainLane:
			for _, v := range numbers {
				binary.LittleEndian.PutUint64(out[at:], v)
				at += 8
			}
		default:
			for _, v := range numbers {
				number := v - base + 1
				if v == ln.absent {
					number = 0
				}
				binary.LittleEndian.PutUint64(out[at:], number)
				at += width
			}
		}
	}
	return out[:at]
}

// scratch is room for n numbers.
func (p *packer) scratch(n int) []uint64 {
	if cap(p.numbers) < n {
		p.numbers = make([]uint64, n)
	}
	return p.numbers[:n]
}

// gather sets numbers to a lane of the records and returns the least and the greatest
// that are not missing, and whether one is; lo > hi where all are.
func (ln *lane) gather(recs []byte, size int, numbers []uint64) (lo, hi uint64, missing bool) {
	lo = math.MaxUint64
	recs = recs[ln.at:]
	switch ln.width {
	case 2:
		for k := range numbers {
			numbers[k] = uint64(binary.LittleEndian.Uint16(recs[k*size:]))
		}
	case 4:
		for k := range numbers {
			numbers[k] = uint64(binary.LittleEndian.Uint32(recs[k*size:]))
		}
	default:
		for k := range numbers {
			numbers[k] = binary.LittleEndian.Uint64(recs[k*size:])
		}
	}
	for _, v := range numbers {
		if v == ln.absent {
			missing = true
			continue
		}
		lo, hi = min(lo, v), max(hi, v)
	}
	return lo, hi, missing
}

// unpack appends the records of all blocks to dst, which must have room for them. blocks
// has spare bytes behind it in its memory.
func (p *packer) unpack(dst, blocks []byte) ([]byte, error) {
	head := 4 + 9*len(p.lanes)
	for len(blocks) > 0 {
		if len(blocks) < head {
			return nil, errSpill
		}
		n := int(binary.LittleEndian.Uint32(blocks))
		old := len(dst)
		if n > (cap(dst)-old)/p.size {
			return nil, errSpill
		}
		dst = dst[:old+n*p.size]
		at := head
		for i := range p.lanes {
			width, base := int(blocks[4+9*i]), binary.LittleEndian.Uint64(blocks[5+9*i:])
			wide := min(width, 8)
			if width > plainLane || at+n*wide > len(blocks) {
				return nil, errSpill
			}
			values := p.scratch(n)
			p.lanes[i].values(values, blocks[at:at+n*wide+spare], width, base)
			p.lanes[i].scatter(dst[old:], p.size, values)
			at += n * wide
		}
		blocks = blocks[at:]
	}
	return dst, nil
}

// values sets values to what numbers of width bytes stand for.
func (ln *lane) values(values []uint64, numbers []byte, width int, base uint64) {
	switch width {
	case 0:
		for k := range values {
			values[k] = base
		}
	case plainLane:
		for k := range values {
			values[k] = binary.LittleEndian.Uint64(numbers[k*8:])
		}
	default:
		mask, absent := uint64(math.MaxUint64)>>(64-8*width), ln.absent
		for k := range values {
			v := binary.LittleEndian.Uint64(numbers[k*width:])&mask + base - 1
			if v == base-1 {
				v = absent
			}
			values[k] = v
		}
	}
}

// scatter sets a lane of records to values.
func (ln *lane) scatter(recs []byte, size int, values []uint64) {
	recs = recs[ln.at:]
	switch ln.width {
	case 2:
		for k, v := range values {
			binary.LittleEndian.PutUint16(recs[k*size:], uint16(v))
		}
	case 4:
		for k, v := range values {
			binary.LittleEndian.PutUint32(recs[k*size:], uint32(v))
		}
	default:
		for k, v := range values {
			binary.LittleEndian.PutUint64(recs[k*size:], v)
		}
	}
}
