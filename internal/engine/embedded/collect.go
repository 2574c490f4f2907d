package embedded

import (
	"context"

	"sluss/internal/engine"
	"sluss/internal/parcel/format"
)

// Kept is the outcome of one extract in memory: the rows of the file that Run
// would have written, column by column, as a list of batches.
type Kept struct {
	Extract string
	Schema  *format.Schema
	Batches []*format.Batch
	Totals  engine.Totals
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
				if keep && c.kept[i].N > 0 {
					into[i].Batches = append(into[i].Batches, c.kept[i])
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

// keep copies the rows of a chunk: its batches are used again, and a copy is no
// larger than it must be.
func (w *worker) keep(c *chunk) {
	c.kept = make([]*format.Batch, len(c.parts))
	for i := range c.parts {
		from := c.parts[i].batch
		b := &format.Batch{Cols: make([]format.Vector, len(from.Cols)), N: from.N}
		for k := range b.Cols {
			b.Cols[k] = format.Vector{I32: w.kept32.hold(from.Cols[k].I32), I64: w.kept64.hold(from.Cols[k].I64)}
		}
		c.kept[i] = b
	}
}
