package embedded

import (
	"context"
	"iter"

	"sluss/internal/engine"
	"sluss/internal/parcel/format"
)

// Kept is the outcome of one extract in memory: the rows of the file that Run
// would have written, column by column.
type Kept struct {
	Extract string
	Schema  *format.Schema
	Totals  engine.Totals
	rows    []packedRows
}

// Rows gives the rows in the order of the file, some at a time. A batch is good until
// the next.
func (k *Kept) Rows() iter.Seq[*format.Batch] {
	return func(yield func(*format.Batch) bool) {
		b := format.NewBatch(k.Schema)
		for i := range k.rows {
			k.rows[i].unpack(k.Schema, b)
			if !yield(b) {
				return
			}
		}
	}
}

// Collect carries out a job like Run and keeps the rows in memory instead of
// writing files: for computations that go on from there, and for measuring the
// pipeline without the writing. Identity numbers are refused.
func (e *Engine) Collect(ctx context.Context, j engine.Job) ([]Kept, error) {
	return e.collect(ctx, j, true)
}

// Stream carries out a job like Collect but lets every row go once it is made
// and counted: of what it returns only the totals are filled in. Memory does not
// grow with the number of people.
func (e *Engine) Stream(ctx context.Context, j engine.Job) ([]Kept, error) {
	return e.collect(ctx, j, false)
}

func (e *Engine) collect(ctx context.Context, j engine.Job, keep bool) ([]Kept, error) {
	if j.Number != nil {
		return nil, gate("no_numbers", "Identitetsnummer får inte lämnas ut.", "Identity numbers may not leave.")
	}
	p, err := compile(e.src, &j, false)
	if err != nil {
		return nil, err
	}
	if err := p.arrange(nil); err != nil {
		return nil, err
	}
	kept := map[string]*Kept{}
	for _, ps := range p.passes {
		into := make([]*Kept, len(ps.outputs))
		for i, o := range ps.outputs {
			p.schema(o)
			into[i] = &Kept{Extract: o.extract.Name, Schema: o.schema}
			kept[o.extract.Name] = into[i]
		}
		var days, torn int64
		var ready func(*worker, *chunk)
		if keep {
			ready = (*worker).keep
		}
		err := e.read(ctx, p, ps, ready, func(c *chunk) error {
			days, torn = days+c.conflict, torn+c.torn
			for i := range c.parts {
				into[i].count(&c.parts[i])
				if keep && c.kept[i].n > 0 {
					into[i].rows = append(into[i].rows, c.kept[i])
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if days > 0 {
			return nil, conflict(days, torn)
		}
	}
	var out []Kept
	for i := range j.Spec.Extracts {
		out = append(out, *kept[j.Spec.Extracts[i].Name])
	}
	return out, nil
}

// count adds a part to the totals.
func (k *Kept) count(p *part) {
	p.total.addTo(&k.Totals)
	k.Totals.Rows += int64(p.batch.N)
	k.Totals.Persons += int64(len(p.starts))
}

// keep packs the rows of a chunk: its batches are used again.
func (w *worker) keep(c *chunk) {
	c.kept = make([]packedRows, len(c.parts))
	for i := range c.parts {
		c.kept[i] = packRows(&w.shelf, c.parts[i].batch)
	}
}
