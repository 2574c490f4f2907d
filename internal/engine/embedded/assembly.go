package embedded

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sluss/internal/engine"
	"sluss/internal/parcel/format"
)

// Assembly makes the files of a job from what tasks have made of parts of its
// people: the same bytes as [Engine.Run] writes, which it does with the same
// code. It puts in what tasks do not know: löpnummer or identity numbers, and
// the population's groups.
type Assembly struct {
	e *Engine
	p *program
}

// Assemble prepares the assembly of a job. The engine's source needs to know
// the columns of its tables and their dictionaries, but no rows. mentioned is
// what [engine.Engine.Mentioned] answers; it is only needed where persons are
// named by identity number.
func (e *Engine) Assemble(j engine.Job, mentioned []uint32) (*Assembly, error) {
	p, err := compile(e.src, &j, false)
	if err != nil {
		return nil, err
	}
	if err := p.arrange(mentioned); err != nil {
		return nil, err
	}
	for _, ps := range p.passes {
		for _, o := range ps.outputs {
			p.schema(o)
		}
	}
	return &Assembly{e, p}, nil
}

// People returns the people in the order of the files. The place of a person,
// from 1, is the Serial that a task knows it by.
func (a *Assembly) People() []engine.Person { return a.p.people }

// Filter is a test on rows that every extract of a table makes: a row whose
// variable has none of the texts counts nowhere.
type Filter struct {
	Variable string   `json:"variable"`
	Texts    []string `json:"texts"`
	Missing  bool     `json:"missing"` // rows without a value count
}

// Filters returns the tests on codes that all extracts of a table make. Whoever
// reads the table may leave out rows that fail one; tasks test again.
func (a *Assembly) Filters(table string) []Filter {
	kept := map[*Column][]bool{}
	first := true
	for _, ps := range a.p.passes {
		if ps.table.ID != table {
			continue
		}
		here := map[*Column][]bool{}
		for _, t := range ps.rows.tests {
			if t.codes == nil {
				continue
			}
			old := here[t.col]
			here[t.col] = merge(old, t.codes, func(x, y bool) bool { return old == nil && y || x && y })
		}
		for c, codes := range kept {
			if other, both := here[c]; both {
				kept[c] = merge(codes, other, func(x, y bool) bool { return x || y })
			} else {
				delete(kept, c)
			}
		}
		if first {
			kept, first = here, false
		}
	}
	var out []Filter
	for i := range a.p.passes {
		ps := a.p.passes[i]
		if ps.table.ID != table {
			continue
		}
		for k := range ps.table.Variables {
			id := ps.table.Variables[k].ID
			codes := kept[ps.src.Columns[id]]
			if codes == nil {
				continue
			}
			f := Filter{Variable: id, Texts: []string{}, Missing: codes[0]}
			for at, keep := range codes {
				if keep && at > 0 {
					f.Texts = append(f.Texts, ps.src.Columns[id].Dict[at])
				}
			}
			out = append(out, f)
		}
		break
	}
	return out
}

func merge(a, b []bool, f func(x, y bool) bool) []bool {
	out := make([]bool, len(b))
	for i := range b {
		out[i] = f(a != nil && a[i], b[i])
	}
	return out
}

// ErrParts is the error for parts that are not those of every person of the job
// once: some task's work is missing, or is there twice.
var ErrParts = errors.New("engine: the parts of the tasks are not those of every person once")

// Write writes the files. tallies are the sums over all tasks by place of the
// extract; parts returns the parts of one extract in the order of places (which
// may touch within no person). Faults are those of [engine.Engine.Run]; a
// person whose part is missing or is there twice is [ErrParts].
func (a *Assembly) Write(ctx context.Context, create engine.Create, tallies []Tally, parts func(extract int) Parts, progress func(done, total int64)) (engine.Result, error) {
	var res engine.Result
	p := a.p
	if len(tallies) != len(p.job.Spec.Extracts) {
		return res, ErrParts
	}
	for i := range tallies {
		if tallies[i].People != int64(len(p.people)) {
			return res, ErrParts
		}
	}
	for _, ps := range p.passes {
		if t := &tallies[p.place(ps.outputs[0])]; t.Conflict > 0 {
			return res, conflict(t.Conflict, t.Torn)
		}
	}
	byExtract := make([]*output, len(tallies))
	for _, ps := range p.passes {
		for _, o := range ps.outputs {
			byExtract[p.place(o)] = o
		}
	}
	var done, total int64
	for i := range tallies {
		total += tallies[i].Lines
	}
	for i, o := range byExtract {
		s := &sink{o: o, create: create, workers: a.e.workers, counts: tallies[i].Counts, rejected: tallies[i].Rejected}
		err := a.write(ctx, s, tallies[i].Lines, parts(i), func(n int64) {
			done += n
			if progress != nil {
				progress(done, total)
			}
		})
		s.abandon() // a no-op for what has been closed
		if err != nil {
			return engine.Result{}, err
		}
		res.Files = append(res.Files, s.files...)
		res.Counts = append(res.Counts, s.lines(len(p.people))...)
	}
	return res, nil
}

// Parts gives the lines of one person at a time, by ascending place: lines
// [lo, hi) of the part. It ends with a nil part. A part is good until the next
// call.
type Parts func() (part *Part, place int64, lo, hi int32, err error)

// assembledPeople is how many people's lines are put together at a time.
const assembledPeople = chunkPeople

// write writes the file or files of one extract.
func (a *Assembly) write(ctx context.Context, s *sink, want int64, next Parts, tell func(int64)) error {
	out := &part{batch: format.NewBatch(s.o.schema)}
	t := assembler{p: a.p, o: s.o}
	var last, lines int64
	flush := func() error {
		lines += int64(out.batch.N)
		tell(int64(out.batch.N))
		if err := s.add(ctx, out); err != nil {
			return err
		}
		out.batch.Reset()
		out.starts, out.total, out.sums = out.starts[:0], total{}, out.sums[:0]
		return ctx.Err()
	}
	for {
		in, place, lo, hi, err := next()
		if err != nil {
			return err
		}
		if in == nil {
			break
		}
		if place <= last || place > int64(len(a.p.people)) || lo >= hi {
			return ErrParts
		}
		last = place
		if err := t.add(out, in, int(place-1), lo, hi); err != nil {
			return err
		}
		if len(out.starts) == assembledPeople {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	if lines != want {
		return ErrParts
	}
	return s.close(ctx)
}

// assembler puts the lines of one person into a part of a file.
type assembler struct {
	p      *program
	o      *output
	cells  []int64
	sorter sorter
}

func (t *assembler) add(out *part, in *Part, place int, lo, hi int32) error {
	at, n := out.batch.N, int(hi-lo)
	out.starts = append(out.starts, int32(at))
	t.cells = slices.Grow(t.cells[:0], n)[:n]
	made := 0
	for i, c := range t.o.columns {
		to, typ := &out.batch.Cols[i], t.o.schema.Columns[i].Type
		if !c.made() {
			all(t.cells, t.p.own(c, place))
			c.store(t.cells, to, typ)
			continue
		}
		if made >= len(in.Made.Cols) {
			return fmt.Errorf("engine: a part has %d columns of %s", made, t.o.extract.Name)
		}
		from := &in.Made.Cols[made]
		made++
		switch {
		case c.person || c.employer:
			if err := t.name(c, from.I64[lo:hi]); err != nil {
				return err
			}
			c.store(t.cells, to, typ)
		case typ.Wide():
			to.I64 = append(to.I64, from.I64[lo:hi]...)
		default:
			to.I32 = append(to.I32, from.I32[lo:hi]...)
		}
	}
	if made != len(in.Made.Cols) {
		return fmt.Errorf("engine: a part has %d columns of %s, want %d", len(in.Made.Cols), t.o.extract.Name, made)
	}
	for _, s := range in.Sums[lo:hi] {
		line := sum{s.Days, s.Net, s.Ore}
		out.total.add(line)
		if t.o.byLine {
			out.sums = append(out.sums, line)
		}
	}
	out.batch.N = at + n
	t.sorter.sort(t.o, out, at)
	return nil
}

// name turns the numbers of other persons into what they are delivered under.
func (t *assembler) name(c *column, from []int64) error {
	name := t.p.other
	if c.employer {
		name = t.p.employer
	}
	for i, v := range from {
		if v == format.Null64 {
			v = null
		} else {
			v--
		}
		n, err := name(v)
		if err != nil {
			return err
		}
		t.cells[i] = n
	}
	return nil
}

// own is what stands in a column that is the same for all lines of a person.
func (p *program) own(c *column, place int) int64 {
	switch {
	case c.op == opGroup:
		return codeOrNull(p.groups[c.group].code[place])
	case p.numbers != nil:
		return int64(p.numberOf[p.people[place].Index])
	}
	return p.people[place].Serial
}

// Naming lists, for each extract that names other persons (or employers), the
// places of those columns among the ones that a task makes.
func (e *Engine) Naming(j engine.Job, employers bool) (map[int][]int, error) {
	p, err := compile(e.src, &j, true)
	if err != nil {
		return nil, err
	}
	if err := p.checkPeople(); err != nil {
		return nil, err
	}
	out := map[int][]int{}
	for _, ps := range p.passes {
		for _, o := range ps.outputs {
			made := -1
			for _, c := range o.columns {
				if !c.made() {
					continue
				}
				made++
				if employers && c.employer || !employers && c.person {
					out[p.place(o)] = append(out[p.place(o)], made)
				}
			}
		}
	}
	return out, nil
}
