package embedded

import (
	"context"
	"slices"

	"sluss/internal/engine"
	"sluss/internal/episode"
	"sluss/internal/parcel/format"
	"sluss/internal/plan"
)

// Part is what a task has made of one extract for a stretch of its people:
// lines as the kernel made them, before anything that only the vault knows is
// put in.
type Part struct {
	Extract int     // place in the task's specification
	Places  []int64 // of the people with lines, ascending: their Serial in the task's job
	Starts  []int32 // first line of each of them
	// Made holds the columns that need rows, in the order of the
	// specification; the person's own löpnummer and the population's groups are
	// not among them. Other persons and employers stand as their number in the
	// snapshot plus one.
	Made format.Batch
	Sums []Sum // by line
}

// Sum is what a line adds to the control totals.
type Sum struct {
	Days int32
	Net  int64 // thousandths of a day
	Ore  int64
}

// Tally is what a task has counted about one extract. Tallies of tasks add up.
type Tally struct {
	Extract  int      `json:"extract"`
	People   int64    `json:"people"` // read, with lines or without
	Lines    int64    `json:"lines"`
	Counts   counts   `json:"counts"`   // by their places
	Rejected [8]int64 `json:"rejected"` // by the kernel's reason
	Conflict int64    `json:"conflict"` // days on which tracks disagree and must not
	Torn     int64    `json:"torn"`     // persons with such days
}

// Add adds the counts of another task.
func (t *Tally) Add(o *Tally) {
	t.People += o.People
	t.Lines += o.Lines
	t.Conflict += o.Conflict
	t.Torn += o.Torn
	for i, n := range o.Counts {
		t.Counts[i] += n
	}
	for i, n := range o.Rejected {
		t.Rejected[i] += n
	}
}

// Task carries out a job on some of its people, for a process of a cluster that
// knows neither löpnummer nor who anybody is: every person's Serial is its
// place, from 1, among all people in the order of the files, and other persons
// in columns may have any number. What use is given is only good until it
// returns. [Assembly] makes files of the parts of all tasks.
func (e *Engine) Task(ctx context.Context, j engine.Job, use func(*Part) error) ([]Tally, error) {
	p, err := compile(e.src, &j, true)
	if err != nil {
		return nil, err
	}
	if err := p.arrange(nil); err != nil {
		return nil, err
	}
	tallies := make([]Tally, len(j.Spec.Extracts))
	for _, ps := range p.passes {
		for _, o := range ps.outputs {
			o.byLine = true
			o.columns, o.sort = slices.DeleteFunc(o.columns, func(c *column) bool { return !c.made() }), nil
			p.schema(o)
		}
		err := e.read(ctx, p, ps, nil, func(c *chunk) error {
			for i, o := range ps.outputs {
				out := Part{Extract: p.place(o)}
				tallies[out.Extract].count(c, &c.parts[i])
				if err := use(p.handOver(&out, &c.parts[i])); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for i := range tallies {
		tallies[i].Extract = i
	}
	return tallies, nil
}

// made reports whether the cells come from rows; else the vault knows them.
func (c *column) made() bool { return c.op != opSelf && c.op != opGroup }

// place is the place of an output among the extracts.
func (p *program) place(o *output) int {
	return slices.IndexFunc(p.job.Spec.Extracts, func(e plan.Extract) bool { return e.Name == o.extract.Name })
}

// handOver turns a part into what leaves the task.
func (p *program) handOver(out *Part, in *part) *Part {
	out.Starts, out.Made = in.starts, *in.batch
	for _, who := range in.who {
		out.Places = append(out.Places, p.people[who].Serial)
	}
	out.Sums = make([]Sum, len(in.sums))
	for i, s := range in.sums {
		out.Sums[i] = Sum{s.days, s.net, s.ore}
	}
	return out
}

func (t *Tally) count(c *chunk, in *part) {
	t.Add(&Tally{People: int64(c.people), Lines: int64(in.batch.N), Counts: in.counts, Rejected: c.rejected, Conflict: c.conflict, Torn: c.torn})
}

var _ = [8]int64{episode.OpenAmount: 0} // every reason has a place in Rejected
