// Package cluster is the engine for registers that lie in a cluster: Spark
// scans, filters, joins the population and brings each person's rows together,
// and the kernel runs inside its tasks, in the same static program as
// everywhere else.
//
// The vault keeps to itself who anybody is. What goes to the cluster is a list
// of seats: a person's number in the snapshot, its place in the order of the
// files, its date of birth and its anchors. Neither an identity number nor a
// löpnummer goes along; both are put in when the vault puts the files together.
//
// The way of an order:
//
//	vault     Assemble: compile, check, order the people → seats, one [Task] per table
//	cluster   rows ⋉ seats → partition by person → [Kernel] → records
//	vault     records of all tasks, merged by place → names, order of lines → files
//
// A record is a stretch of finished lines of one extract; records of a task
// come in the order of places. So the vault merges as many streams as there
// were tasks and never sorts the whole. It counts people and lines against what
// the tasks say they did: work that is missing, or is there twice because a
// task was tried again, is an error and no file.
//
// [Engine] implements engine.Engine; a [Runner] takes work to a cluster.
// [Export] lays a snapshot out as Parquet for a cluster to read.
package cluster

import (
	"context"
	"fmt"
	"io"

	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/engine/embedded"
	"sluss/internal/selection"
)

// Engine carries out specifications where the rows lie in a cluster.
type Engine struct {
	// Layout says what the cluster holds; see [ReadLayout].
	Layout *Layout
	// Birth is the date of birth in the identity register, which stays in the
	// vault.
	Birth func(person uint32) (d day.Day, ok bool)
	// Runner takes the work to the cluster.
	Runner Runner
	// Partitions is how many parts the people of a table are divided into.
	Partitions int
}

var _ engine.Engine = (*Engine)(nil)

// Work is what a cluster is asked to do: every task on all seats.
type Work struct {
	Tasks []*Task // one per table
	Seats []Seat
}

// Seat is a person as the cluster knows it.
type Seat struct {
	Person  uint32 // number in the snapshot
	Place   int64  // in the order of the files, from 1
	Born    day.Day
	HasBorn bool
	Anchors []engine.Anchor
}

// Runner takes work to a cluster and waits for it. Close of what it returns
// removes everything that was left there.
type Runner interface {
	Run(ctx context.Context, w *Work, progress func(done, total int64)) (Results, error)
}

// Results gives back the records of a task, one stream per process that worked
// on it, each in the order in which the process wrote them.
type Results interface {
	// Streams opens the records of an extract of the task; Tallies stands for
	// what the processes counted.
	Streams(task, extract int) ([]Stream, error)
	Close() error
}

// Stream gives records until io.EOF.
type Stream interface {
	Next() (Record, error)
	Close() error
}

// Tallies is the extract of the records that hold counts.
const Tallies = -1

// Run implements [engine.Engine].
func (e *Engine) Run(ctx context.Context, j engine.Job, create engine.Create, progress func(done, total int64)) (res engine.Result, err error) {
	var mentioned []uint32
	if j.Number != nil {
		if mentioned, err = e.Mentioned(ctx, j); err != nil {
			return res, err
		}
	}
	a, err := e.hollow().Assemble(j, mentioned)
	if err != nil {
		return res, err
	}
	w, err := e.work(j, a)
	if err != nil {
		return res, err
	}
	results, err := e.Runner.Run(ctx, w, progress)
	if err != nil {
		return res, err
	}
	defer func() {
		if e := results.Close(); e != nil && err == nil {
			res, err = engine.Result{}, e
		}
	}()
	g := gathering{w, results}
	tallies, err := g.tallies(len(j.Spec.Extracts))
	if err != nil {
		return res, err
	}
	var open []*merge
	defer func() {
		for _, m := range open {
			m.close()
		}
	}()
	return a.Write(ctx, create, tallies, func(extract int) embedded.Parts {
		m := g.merge(extract)
		open = append(open, m)
		return m.next
	}, progress)
}

// hollow is an engine on the tables of the layout, without rows.
func (e *Engine) hollow() *embedded.Engine {
	return embedded.New(e.Layout.source())
}

// work divides a job into tasks, one per table.
func (e *Engine) work(j engine.Job, a *embedded.Assembly) (*Work, error) {
	w := &Work{}
	for i, p := range a.People() {
		w.Seats = append(w.Seats, e.seat(&p, i))
	}
	return w, e.tasks(w, j, a.Filters)
}

func (e *Engine) seat(p *engine.Person, at int) Seat {
	s := Seat{Person: p.Index, Place: int64(at) + 1, Anchors: p.Anchors}
	s.Born, s.HasBorn = e.Birth(p.Index)
	return s
}

// Select implements [engine.Engine]: the tasks are those of an extraction of
// everybody who is asked about.
func (e *Engine) Select(ctx context.Context, s engine.Selection) (met [][]selection.Met, err error) {
	q, err := embedded.Ask(s)
	if err != nil {
		return nil, err
	}
	if _, err := e.hollow().Naming(q.Job, false); err != nil { // the job can be carried out
		return nil, err
	}
	w := &Work{}
	for i := range q.Job.People {
		w.Seats = append(w.Seats, e.seat(&q.Job.People[i], i))
	}
	if err := e.tasks(w, q.Job, func(string) []embedded.Filter { return nil }); err != nil {
		return nil, err
	}
	results, err := e.Runner.Run(ctx, w, nil)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := results.Close(); e != nil && err == nil {
			met, err = nil, e
		}
	}()
	g := gathering{w, results}
	tallies, err := g.tallies(len(q.Job.Spec.Extracts))
	if err != nil {
		return nil, err
	}
	for i := range q.Job.Spec.Extracts {
		// A part's place is that of its task: put the one of the job there.
		if err := g.each(i, func(p *embedded.Part) error { p.Extract = i; return q.Add(p) }); err != nil {
			return nil, err
		}
	}
	return q.Answer(tallies)
}

// Mentioned implements [engine.Engine].
func (e *Engine) Mentioned(ctx context.Context, j engine.Job) ([]uint32, error) {
	own := map[uint32]bool{}
	for i := range j.People {
		own[j.People[i].Index] = true
	}
	return e.named(ctx, j, false, func(person uint32) bool { return !own[person] })
}

// Employers implements [engine.Engine].
func (e *Engine) Employers(ctx context.Context, j engine.Job) ([]uint32, error) {
	return e.named(ctx, j, true, func(uint32) bool { return true })
}

// named has the lines made that name others, and lists those whom keep keeps,
// ascending. The cluster has nothing to do where no column names anybody.
func (e *Engine) named(ctx context.Context, j engine.Job, employers bool, keep func(uint32) bool) (out []uint32, err error) {
	columns, err := e.hollow().Naming(j, employers)
	if err != nil || len(columns) == 0 {
		return nil, err
	}
	part := j
	part.Spec.Extracts = nil
	var which [][]int
	for i := range j.Spec.Extracts {
		if columns[i] != nil {
			part.Spec.Extracts, which = append(part.Spec.Extracts, j.Spec.Extracts[i]), append(which, columns[i])
		}
	}
	w := &Work{}
	for i := range j.People {
		w.Seats = append(w.Seats, e.seat(&j.People[i], i))
	}
	if err := e.tasks(w, part, func(string) []embedded.Filter { return nil }); err != nil {
		return nil, err
	}
	results, err := e.Runner.Run(ctx, w, nil)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := results.Close(); e != nil && err == nil {
			out, err = nil, e
		}
	}()
	g := gathering{w, results}
	if _, err := g.tallies(len(part.Spec.Extracts)); err != nil {
		return nil, err
	}
	seen := map[uint32]bool{}
	for i, cols := range which {
		if err := g.each(i, func(p *embedded.Part) error { return collect(seen, p, cols) }); err != nil {
			return nil, err
		}
	}
	return ascending(seen, keep), nil
}

func collect(seen map[uint32]bool, p *embedded.Part, cols []int) error {
	for _, c := range cols {
		if c >= len(p.Made.Cols) {
			return fmt.Errorf("cluster: a record has %d columns: %w", len(p.Made.Cols), io.ErrUnexpectedEOF)
		}
		for _, v := range p.Made.Cols[c].I64 {
			if v > 0 {
				seen[uint32(v-1)] = true
			}
		}
	}
	return nil
}
