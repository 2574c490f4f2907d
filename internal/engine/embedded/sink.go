package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"

	"sluss/internal/engine"
	"sluss/internal/parcel/format"
)

// sink writes the file, or the parts of the file, of one output.
type sink struct {
	o       *output
	create  engine.Create
	workers int

	stream   *format.Stream
	w        io.WriteCloser
	files    []engine.File
	counts   counts
	rejected [8]int64
}

// add writes the rows of a chunk.
func (s *sink) add(ctx context.Context, p *part) error {
	for i, n := range p.counts {
		s.counts[i] += n
	}
	split := s.o.extract.Output.SplitRows
	for lo := 0; lo < p.batch.N; {
		if err := s.ensure(ctx); err != nil {
			return err
		}
		f := &s.files[len(s.files)-1]
		hi := p.batch.N
		if split > 0 {
			hi = min(hi, lo+split-int(f.Totals.Rows))
		}
		if err := s.stream.Write(p.batch, lo, hi); err != nil {
			return err
		}
		s.tally(&f.Totals, p, lo, hi)
		lo = hi
		if split > 0 && f.Totals.Rows == int64(split) {
			if err := s.finish(); err != nil {
				return err
			}
		}
	}
	return nil
}

// tally adds the rows [lo, hi) to the control totals of the file at hand.
func (s *sink) tally(t *engine.Totals, p *part, lo, hi int) {
	all := p.total
	if hi-lo < p.batch.N {
		all = total{}
		for _, s := range p.sums[lo:hi] {
			all.add(s)
		}
	}
	all.addTo(t)
	// Persons who begin in [lo, hi), and one who began before and is not yet
	// in this file.
	first := sort.Search(len(p.starts), func(k int) bool { return int(p.starts[k]) >= lo })
	end := sort.Search(len(p.starts), func(k int) bool { return int(p.starts[k]) >= hi })
	t.Persons += int64(end - first)
	if t.Rows == 0 && (first == len(p.starts) || int(p.starts[first]) > lo) {
		t.Persons++
	}
	t.Rows += int64(hi - lo)
}

// ensure opens a file if none is open.
func (s *sink) ensure(ctx context.Context) error {
	if s.stream != nil {
		return nil
	}
	e := s.o.extract
	name := e.Output.File
	if e.Output.SplitRows > 0 {
		name = fmt.Sprintf("%s-%03d", name, len(s.files)+1)
	}
	name += s.o.options.Extension()
	w, err := s.create(name)
	if err != nil {
		return err
	}
	st, err := format.NewStream(ctx, w, s.o.schema, s.o.options, s.workers)
	if err != nil {
		return errors.Join(err, w.Close())
	}
	s.stream, s.w = st, w
	f := engine.File{Name: name, Extract: e.Name, Table: e.Table, Shape: s.o.shape, Format: s.o.options.Format}
	for i, c := range s.o.columns {
		k := engine.Column{Name: c.out.Name, Type: s.o.schema.Columns[i].Type.String(), Variable: c.plan.Name}
		if c.plan.Derive != nil {
			k.Derive = c.plan.Derive.Fn
		}
		if c.plan.Coarsen != nil {
			k.Coarsen = c.plan.Coarsen.To
		}
		f.Columns = append(f.Columns, k)
	}
	s.files = append(s.files, f)
	return nil
}

func (s *sink) finish() error {
	n, sum, err := s.stream.Close()
	if err != nil {
		return err
	}
	s.stream = nil
	if err := s.w.Close(); err != nil {
		return err
	}
	f := &s.files[len(s.files)-1]
	f.Bytes, f.SHA256 = n, sum
	return nil
}

// close ends the file at hand. An output without rows gets a file without
// rows.
func (s *sink) close(ctx context.Context) error {
	if len(s.files) == 0 {
		if err := s.ensure(ctx); err != nil {
			return err
		}
	}
	if s.stream == nil {
		return nil
	}
	return s.finish()
}

// abandon gives up the file at hand.
func (s *sink) abandon() {
	if s.stream != nil {
		s.stream.Abandon()
		s.w.Close()
		s.stream = nil
	}
}
