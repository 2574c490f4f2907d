// Package embedded is the engine that reads snapshots where they lie: columns
// mapped into memory, one goroutine per processor core.
//
// People are read in the order of the files, in chunks; every chunk goes
// through the kernel on some goroutine and is written in its turn, so memory
// stays bounded and the bytes do not depend on the number of cores. Extracts
// that need the same spells share one reading of their table.
//
// Start with [New]. What the port promises is in package engine; what is
// particular to a delivery is said here, because the codebook and the check on
// finished files rest on it:
//
//   - Lines are numbered and ordered per person: sub-spells and spells by first
//     day, last day and spell key; rank_start gives those that begin on one day
//     the same number. Lines of a file are in the order of the person, the sort
//     keys of the specification (or else first day or period) and then all
//     columns, missing values first. Only delivered values decide the order.
//   - A payment is cut to the window like a spell: days, net days and amount
//     are those of its part in the window, amounts split as in panels. A
//     reversal has a negative amount; its days are positive. A date of payment
//     outside the window is missing. With history reveal and another mode than
//     clip, whole rows are given.
//   - A panel has one line per person, spell key and period. With empty cells
//     zero, every key of the person gets a line for every period of the window
//     up to the day of the snapshot, and a person without any gets lines with
//     an empty key. Extent is the greatest of the period.
//   - A month of death is missing when it does not end within the window: it is
//     what was known at the end of the window.
//   - Ages are whole years; born on 29 February counts as 28 February in common
//     years. alder is the age on the first day of the window unless the
//     specification names an anchor. age_5y and age_10y give the first
//     age of the class, amount_1000 whole thousands of kronor (in öre) towards
//     zero.
//   - Parts of a file that is split hold the same number of lines but the last,
//     and are called file-001, file-002 …
package embedded

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"sluss/internal/engine"
	"sluss/internal/episode"
	"sluss/internal/fault"
	"sluss/internal/order"
)

// Engine carries out specifications on one source. It implements
// [engine.Engine].
type Engine struct {
	src     *Source
	workers int
}

var _ engine.Engine = (*Engine)(nil)

// New returns an engine on src, which must stay open while it works. It uses
// as many goroutines as the program may use processor cores.
func New(src *Source) *Engine { return &Engine{src: src, workers: runtime.GOMAXPROCS(0)} }

// chunkPeople is how many people are read at a time: what comes out of people
// with a hundred rows each stays in the cache of a processor core (a third of a
// megabyte in the bench; four times as many people cost a tenth more time).
const chunkPeople = 64

// Run implements [engine.Engine].
func (e *Engine) Run(ctx context.Context, j engine.Job, create engine.Create, progress func(done, total int64)) (engine.Result, error) {
	var res engine.Result
	var mentioned []uint32
	if j.Number != nil {
		var err error
		if mentioned, err = e.Mentioned(ctx, j); err != nil {
			return res, err
		}
	}
	p, err := compile(e.src, &j, false)
	if err != nil {
		return res, err
	}
	if err := p.arrange(mentioned); err != nil {
		return res, err
	}
	byExtract := map[string]*sink{}
	total := int64(len(p.people) * len(p.passes))
	for n, ps := range p.passes {
		sinks := make([]*sink, len(ps.outputs))
		for i, o := range ps.outputs {
			p.schema(o)
			sinks[i] = &sink{o: o, create: create, workers: e.workers}
			byExtract[o.extract.Name] = sinks[i]
		}
		base := int64(n * len(p.people))
		tell := func(done int64) {
			if progress != nil {
				progress(base+done, total)
			}
		}
		if err := e.run(ctx, p, ps, sinks, tell); err != nil {
			return engine.Result{}, err
		}
	}
	for i := range j.Spec.Extracts {
		s := byExtract[j.Spec.Extracts[i].Name]
		res.Files = append(res.Files, s.files...)
		res.Counts = append(res.Counts, s.lines(len(p.people))...)
	}
	return res, nil
}

// run reads the people once for a pass and closes its sinks.
func (e *Engine) run(ctx context.Context, p *program, ps *pass, sinks []*sink, tell func(done int64)) (err error) {
	defer func() {
		for _, s := range sinks {
			s.abandon() // a no-op for what has been closed
		}
	}()
	var all chunk
	var done int64
	err = e.read(ctx, p, ps, nil, func(c *chunk) error {
		all.conflict += c.conflict
		all.torn += c.torn
		for i := range c.parts {
			for r, n := range c.rejected {
				sinks[i].rejected[r] += n
			}
			if err := sinks[i].add(ctx, &c.parts[i]); err != nil {
				return err
			}
		}
		done += int64(c.people)
		tell(done)
		return nil
	})
	if err != nil {
		return err
	}
	if all.conflict > 0 {
		return conflict(all.conflict, all.torn)
	}
	for _, s := range sinks {
		if err := s.close(ctx); err != nil {
			return err
		}
	}
	return nil
}

// conflict is the fault for days on which tracks disagree where the
// specification says that they must not (S6). It counts and names nobody.
func conflict(days, persons int64) *fault.Fault {
	f := fault.New("engine.overlap", fmt.Sprintf("Ärenden säger emot varandra: %d dagar, %d personer.", days, persons),
		fmt.Sprintf("Cases contradict each other: %d days, %d persons.", days, persons)).Of(fault.Gate)
	f.Rule = "overlap: error"
	return f.Do("Välj regeln latest eller sum_tracks, eller rätta registret.", "Choose the rule latest or sum_tracks, or mend the register.")
}

// ahead is how many chunks a worker may be ahead of what is used, so that it
// need not wait while others use the processor.
const ahead = 4

// read takes the people through the workers and hands chunks to use in the
// order of the files. use must not keep a chunk. ready, if there is one, sees a
// chunk before that, on the worker that made it.
func (e *Engine) read(ctx context.Context, p *program, ps *pass, ready func(*worker, *chunk), use func(*chunk) error) error {
	type task struct {
		lo, hi int
		out    chan *chunk
	}
	g, ctx := errgroup.WithContext(ctx)
	tasks := make(chan task)
	turns := make(chan chan *chunk, ahead*e.workers)
	free := make(chan *chunk, (ahead+1)*e.workers+2)
	g.Go(func() error {
		defer close(tasks)
		defer close(turns)
		for lo := 0; lo < len(p.people); lo += chunkPeople {
			t := task{lo, min(lo+chunkPeople, len(p.people)), make(chan *chunk, 1)}
			select {
			case turns <- t.out:
			case <-ctx.Done():
				return ctx.Err()
			}
			select {
			case tasks <- t:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range e.workers {
		g.Go(func() error {
			w := newWorker(p, ps)
			for t := range tasks {
				if err := ctx.Err(); err != nil {
					return err
				}
				var c *chunk
				select {
				case c = <-free:
					c.reset()
				default:
					c = newChunk(ps)
				}
				if err := w.read(c, t.lo, t.hi); err != nil {
					return err
				}
				if ready != nil {
					ready(w, c)
				}
				t.out <- c
			}
			return nil
		})
	}
	g.Go(func() error {
		for turn := range turns {
			select {
			case c := <-turn:
				if err := use(c); err != nil {
					return err
				}
				select {
				case free <- c:
				default:
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return g.Wait()
}

// Mentioned implements [engine.Engine]: it makes the lines of every extract
// that names other persons and looks who stands there.
func (e *Engine) Mentioned(ctx context.Context, j engine.Job) ([]uint32, error) {
	named, p, err := e.named(ctx, j, func(c *column) bool { return c.person && c.op != opSelf })
	if err != nil {
		return nil, err
	}
	var out []uint32
	for person, yes := range named {
		if yes && p.serials[person] == 0 {
			out = append(out, uint32(person))
		}
	}
	return out, nil
}

// Employers implements [engine.Engine].
func (e *Engine) Employers(ctx context.Context, j engine.Job) ([]uint32, error) {
	named, _, err := e.named(ctx, j, func(c *column) bool { return c.employer })
	if err != nil {
		return nil, err
	}
	var out []uint32
	for entity, yes := range named {
		if yes {
			out = append(out, uint32(entity))
		}
	}
	return out, nil
}

// named marks the entities that stand in the columns that pick chooses.
func (e *Engine) named(ctx context.Context, j engine.Job, pick func(*column) bool) ([]bool, *program, error) {
	p, err := compile(e.src, &j, true)
	if err != nil {
		return nil, nil, err
	}
	if err := p.arrange(nil); err != nil {
		return nil, nil, err
	}
	named := make([]bool, e.src.Persons)
	for _, ps := range p.passes {
		ps.outputs = slices.DeleteFunc(ps.outputs, func(o *output) bool {
			o.columns = slices.DeleteFunc(o.columns, func(c *column) bool { return !pick(c) })
			o.sort, o.order, o.counts = nil, false, false
			return len(o.columns) == 0
		})
		if len(ps.outputs) == 0 {
			continue
		}
		for _, o := range ps.outputs {
			p.schema(o)
		}
		err := e.read(ctx, p, ps, nil, func(c *chunk) error {
			for i := range c.parts {
				for _, v := range c.parts[i].batch.Cols {
					for _, person := range v.I64 {
						if person != null {
							named[person-1] = true
						}
					}
				}
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return named, p, nil
}

// lines returns the counts of an extract for the delivery note; zeros are
// left out, except for the population's size.
func (s *sink) lines(people int) []order.CountLine {
	name := s.o.extract.Name + "."
	out := []order.CountLine{{Code: name + engine.CountPersons, Count: int64(people)}}
	add := func(code string, n int64) {
		if n > 0 {
			out = append(out, order.CountLine{Code: name + code, Count: n})
		}
	}
	add(engine.CountNoAnchor, s.counts[countNoAnchor])
	add(engine.CountOutside, s.counts[countOutside])
	add(engine.CountNoRows, s.counts[countNoRows])
	for r := episode.MissingPerson; r <= episode.OpenAmount; r++ {
		add(engine.CountRejected+r.String(), s.rejected[r])
	}
	add(engine.CountPaymentDates, s.counts[countMaskedPaid])
	add(engine.CountDates, s.counts[countMasked])
	return out
}
