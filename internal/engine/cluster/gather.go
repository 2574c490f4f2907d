package cluster

import (
	"cmp"
	"container/heap"
	"errors"
	"fmt"
	"io"

	"sluss/internal/engine/embedded"
)

// gathering brings the records of all tasks together.
type gathering struct {
	w       *Work
	results Results
}

// tallies adds up what the processes counted, by place of the extract in the
// whole specification.
func (g *gathering) tallies(extracts int) ([]embedded.Tally, error) {
	out := make([]embedded.Tally, extracts)
	for i, t := range g.w.Tasks {
		err := g.records(i, Tallies, func(r Record) error {
			c, err := decodeTallies(r.Payload)
			if err != nil {
				return err
			}
			if c.Task != t.hash || len(c.Tallies) != len(t.extracts) {
				return errors.New("cluster: a process worked on another task")
			}
			for k := range c.Tallies {
				out[t.extracts[k]].Add(&c.Tallies[k])
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// records gives every record of an extract of a task to use.
func (g *gathering) records(task, extract int, use func(Record) error) error {
	streams, err := g.results.Streams(task, extract)
	if err != nil {
		return err
	}
	for _, s := range streams {
		for err == nil {
			var r Record
			if r, err = s.Next(); err == nil {
				err = use(r)
			}
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
		err = errors.Join(err, s.Close())
	}
	return err
}

// find returns the task of an extract, and its place in the task.
func (g *gathering) find(extract int) (task, place int) {
	for i, t := range g.w.Tasks {
		for k, x := range t.extracts {
			if x == extract {
				return i, k
			}
		}
	}
	return -1, -1
}

// each gives every part of an extract to use, in no particular order.
func (g *gathering) each(extract int, use func(*embedded.Part) error) error {
	task, place := g.find(extract)
	return g.records(task, place, func(r Record) error {
		p, err := decode(r)
		if err != nil {
			return err
		}
		return use(p)
	})
}

// merge brings the streams of an extract into the order of places.
type merge struct {
	err   error
	open  []Stream
	heads heads
	begun bool
}

func (g *gathering) merge(extract int) *merge {
	task, place := g.find(extract)
	streams, err := g.results.Streams(task, place)
	return &merge{err: err, open: streams}
}

// head is where a stream stands: at person at of a part.
type head struct {
	s    Stream
	part *embedded.Part
	at   int
}

func (h *head) place() int64 { return h.part.Places[h.at] }

// step goes to the next person; ok is false at the end of the stream.
func (h *head) step() (ok bool, err error) {
	if h.part != nil && h.at+1 < len(h.part.Places) {
		h.at++
		return true, nil
	}
	r, err := h.s.Next()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("cluster: read a record: %w", err)
	}
	last := int64(0)
	if h.part != nil {
		last = h.place()
	}
	if h.part, err = decode(r); err != nil {
		return false, err
	}
	h.at = 0
	if h.place() <= last {
		return false, errRecord // a stream is in the order of places
	}
	return true, nil
}

// heads is a heap of streams by the place that they stand at.
type heads []*head

func (h heads) Len() int           { return len(h) }
func (h heads) Less(i, j int) bool { return cmp.Less(h[i].place(), h[j].place()) }
func (h heads) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *heads) Push(x any)        { *h = append(*h, x.(*head)) }
func (h *heads) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// next implements [embedded.Parts].
func (m *merge) next() (part *embedded.Part, place int64, lo, hi int32, err error) {
	if m.err != nil {
		return nil, 0, 0, 0, m.err
	}
	if !m.begun {
		m.begun = true
		for _, s := range m.open {
			h := &head{s: s}
			ok, err := h.step()
			if err != nil {
				return nil, 0, 0, 0, err
			}
			if ok {
				m.heads = append(m.heads, h)
			}
		}
		heap.Init(&m.heads)
	} else if len(m.heads) > 0 { // the one that was given last moves on
		ok, err := m.heads[0].step()
		switch {
		case err != nil:
			return nil, 0, 0, 0, err
		case ok:
			heap.Fix(&m.heads, 0)
		default:
			heap.Pop(&m.heads)
		}
	}
	if len(m.heads) == 0 {
		return nil, 0, 0, 0, nil
	}
	h := m.heads[0]
	hi = int32(h.part.Made.N)
	if h.at+1 < len(h.part.Starts) {
		hi = h.part.Starts[h.at+1]
	}
	return h.part, h.place(), h.part.Starts[h.at], hi, nil
}

func (m *merge) close() {
	for _, s := range m.open {
		_ = s.Close() // read only: what matters was said by Next
	}
}
