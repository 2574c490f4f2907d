package cluster

import (
	"encoding/binary"
	"encoding/json"
	"errors"

	"sluss/internal/canon"
	"sluss/internal/engine/embedded"
	"sluss/internal/parcel/format"
)

// Record is what a process of the cluster writes: a stretch of finished lines
// of one extract, or what it has counted.
type Record struct {
	Extract int32 // place in the task's specification, or Tallies
	First   int64 // place of the first person with lines
	Payload []byte
}

// counted is the payload of a record of tallies.
type counted struct {
	Task    canon.Hash       `json:"task"` // hash of the task file
	Rows    int64            `json:"rows"` // read
	Tallies []embedded.Tally `json:"tallies"`
}

var errRecord = errors.New("cluster: a record that this program does not read")

// encode lays a part out as the payload of a record: in order, little-endian,
//
//	uint32 people, lines, columns
//	int64  place, per person         uint32 first line, per person
//	per column: byte 4 or 8, then the cells in so many bytes each
//	int32  days, per line            int64  net, per line       int64 öre, per line
func encode(p *embedded.Part) []byte {
	n := p.Made.N
	le := binary.LittleEndian
	b := make([]byte, 0, 12+12*len(p.Places)+n*(20+9*len(p.Made.Cols)))
	for _, v := range []int{len(p.Places), n, len(p.Made.Cols)} {
		b = le.AppendUint32(b, uint32(v))
	}
	for _, v := range p.Places {
		b = le.AppendUint64(b, uint64(v))
	}
	for _, v := range p.Starts {
		b = le.AppendUint32(b, uint32(v))
	}
	for i := range p.Made.Cols {
		c := &p.Made.Cols[i]
		if len(c.I64) == n {
			b = append(b, 8)
			for _, v := range c.I64 {
				b = le.AppendUint64(b, uint64(v))
			}
			continue
		}
		b = append(b, 4)
		for _, v := range c.I32 {
			b = le.AppendUint32(b, uint32(v))
		}
	}
	for i := range p.Sums {
		b = le.AppendUint32(b, uint32(p.Sums[i].Days))
	}
	for i := range p.Sums {
		b = le.AppendUint64(b, uint64(p.Sums[i].Net))
	}
	for i := range p.Sums {
		b = le.AppendUint64(b, uint64(p.Sums[i].Ore))
	}
	return b
}

// reader takes numbers off a payload; bad says that it was too short.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.bad = true
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) int32s(n int) []int32 {
	b := r.take(4 * n)
	out := make([]int32, len(b)/4)
	for i := range out {
		out[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}

func (r *reader) int64s(n int) []int64 {
	b := r.take(8 * n)
	out := make([]int64, len(b)/8)
	for i := range out {
		out[i] = int64(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return out
}

// decode reads a payload back. Anything that does not hang together is an
// error; nothing of its content is told.
func decode(rec Record) (*embedded.Part, error) {
	r := reader{b: rec.Payload}
	head := r.int32s(3)
	if r.bad || head[0] < 1 || head[1] < head[0] || head[2] < 0 || int(head[1]) > len(rec.Payload) || int(head[2]) > len(rec.Payload) {
		return nil, errRecord
	}
	people, n := int(head[0]), int(head[1])
	p := &embedded.Part{Extract: int(rec.Extract), Places: r.int64s(people), Starts: r.int32s(people), Made: format.Batch{N: n}}
	for range int(head[2]) {
		var v format.Vector
		switch width := r.take(1); {
		case r.bad:
		case width[0] == 8:
			v.I64 = r.int64s(n)
		case width[0] == 4:
			v.I32 = r.int32s(n)
		default:
			return nil, errRecord
		}
		p.Made.Cols = append(p.Made.Cols, v)
	}
	days, net, ore := r.int32s(n), r.int64s(n), r.int64s(n)
	if r.bad || len(r.b) > 0 {
		return nil, errRecord
	}
	for i := range p.Places {
		if i == 0 && p.Starts[0] != 0 || i > 0 && (p.Places[i] <= p.Places[i-1] || p.Starts[i] <= p.Starts[i-1]) || int(p.Starts[i]) >= n {
			return nil, errRecord
		}
	}
	for i := range n {
		p.Sums = append(p.Sums, embedded.Sum{Days: days[i], Net: net[i], Ore: ore[i]})
	}
	return p, nil
}

func decodeTallies(payload []byte) (*counted, error) {
	var c counted
	if json.Unmarshal(payload, &c) != nil {
		return nil, errRecord
	}
	return &c, nil
}
