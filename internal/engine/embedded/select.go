package embedded

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/parcel/format"
	"sluss/internal/plan"
	"sluss/internal/selection"
)

// Select implements [engine.Engine].
func (e *Engine) Select(ctx context.Context, s engine.Selection) ([][]selection.Met, error) {
	q, err := Ask(s)
	if err != nil {
		return nil, err
	}
	tallies, err := e.Task(ctx, q.Job, q.Add)
	if err != nil {
		return nil, err
	}
	return q.Answer(tallies)
}

// Asked is a selection as the job that answers it: one extract per condition,
// of everybody who is asked about. Whoever carries the job out hands over its
// parts, in any order, and the tallies in the end.
type Asked struct {
	Job  engine.Job
	by   []plan.Criterion
	date []int // the column of the first day among those made, −1 for none
	met  [][]selection.Met
}

// Ask turns a selection into a job. It returns a *fault.Fault of class Input
// where a condition names what there is not.
func Ask(s engine.Selection) (*Asked, error) {
	q := &Asked{by: s.Conditions, met: make([][]selection.Met, len(s.Conditions)), Job: engine.Job{Catalogue: s.Catalogue}}
	some := plan.Ref{ID: "selection", SHA256: canon.Sum(nil)}
	file := &plan.FilePopulation{ID: "id", Intake: some}
	if s.Anchor != "" {
		file.Anchors = []string{s.Anchor}
	}
	q.Job.Spec = plan.Spec{
		Spec: plan.Version, Order: "SELECTION", Decision: some, Catalogue: plan.CatalogueRef(s.Catalogue), AsOf: plan.AsOf{Snapshot: s.Snapshot},
		Identity: plan.Identity{Kind: plan.IdentitySerial}, Population: plan.Population{File: file},
	}
	q.Job.Scope = plan.Scope{Scope: plan.ScopeVersion, Identity: plan.IdentityBound{Kind: plan.IdentitySerial}}
	for i, k := range s.Conditions {
		reg, table := s.Catalogue.Table(k.Table)
		if table == nil {
			return nil, refuse(&plan.Extract{Name: k.Table}, "no_table", "Tabellen finns inte i katalogen.", "The table is not in the catalogue.")
		}
		e, date := lookAt(k, i, reg, table)
		q.Job.Spec.Extracts, q.date = append(q.Job.Spec.Extracts, e), append(q.date, date)
		if _, there := q.Job.Scope.RowFor(k.Table); !there {
			// What a condition may look at is the criteria's own to say: they
			// are the decision's, word by word.
			q.Job.Scope.Rows = append(q.Job.Scope.Rows, plan.Row{Table: k.Table, Outcome: plan.OutcomeDisclose, Shape: catalog.ShapePayment, Period: &plan.Period{From: always.From, To: always.To}})
		}
	}
	for i, p := range s.People {
		q.Job.People = append(q.Job.People, engine.Person{Index: p.Index, Serial: int64(i + 1), Anchors: p.Anchors})
	}
	return q, nil
}

// always is all days that a register can tell of.
var always = day.Span{From: day.Of(1800, 1, 1), To: day.Of(2200, 1, 1)}

// lookAt is the extract that shows what a condition counts; date is the place
// of the first day among the columns that are made, −1 where there is none.
func lookAt(k plan.Criterion, i int, reg *catalog.Register, table *catalog.Table) (e plan.Extract, date int) {
	shape := k.Counts(table)
	name := fmt.Sprintf("condition_%d", i+1)
	e = plan.Extract{
		Name: name, Table: k.Table, Window: k.Period, Where: slices.Clone(k.Where), Output: plan.Output{File: name, Format: format.CSV},
		Shape: plan.ShapeOf(shape, plan.GapOf(plan.Row{Benefits: benefitsOf(k, table)}, reg)),
	}
	if kind := table.ByRole(catalog.RoleKind); kind != nil && shape == catalog.ShapePayment {
		e.Where = append(e.Where, plan.Filter{Var: kind.ID, Stage: plan.StageRow, In: []any{"pay"}})
	}
	e.Columns = append(e.Columns, plan.Column{Name: table.ByRole(catalog.RolePerson).ID})
	date = -1
	if from := table.ByRole(catalog.RoleFrom); from != nil && from.Allows(shape) {
		e.Columns, date = append(e.Columns, plan.Column{Name: from.ID}), 0
	}
	return e, date
}

// benefitsOf are the benefits that a condition's filters name, whose gap joins
// its spells.
func benefitsOf(k plan.Criterion, table *catalog.Table) []string {
	v := table.ByRole(catalog.RoleBenefit)
	var out []string
	for _, f := range k.Where {
		if v == nil || f.Var != v.ID {
			continue
		}
		for _, x := range f.In {
			if code, ok := x.(string); ok {
				out = append(out, code)
			}
		}
	}
	return out
}

// Add takes a part of the job's work.
func (q *Asked) Add(p *Part) error {
	if p.Extract < 0 || p.Extract >= len(q.by) || len(p.Places) != len(p.Starts) {
		return ErrParts
	}
	k, date := q.by[p.Extract], q.date[p.Extract]
	rows, days := int64(1), int64(0)
	if k.AtLeast != nil {
		rows, days = max(rows, int64(k.AtLeast.Rows)), int64(k.AtLeast.Days)
	}
	for i, place := range p.Places {
		lo, hi := int(p.Starts[i]), p.Made.N
		if i+1 < len(p.Starts) {
			hi = int(p.Starts[i+1])
		}
		if place < 1 || place > int64(len(q.Job.People)) || lo >= hi || hi > len(p.Sums) || date >= len(p.Made.Cols) {
			return ErrParts
		}
		var covered int64
		for _, s := range p.Sums[lo:hi] {
			covered += int64(s.Days)
		}
		if int64(hi-lo) < rows || covered < days {
			continue
		}
		m := selection.Met{Person: q.Job.People[place-1].Index}
		if date >= 0 {
			starts := p.Made.Cols[date].I32[lo:hi]
			m.First, m.Last = day.Day(slices.Min(starts)), day.Day(slices.Max(starts))
		}
		q.met[p.Extract] = append(q.met[p.Extract], m)
	}
	return nil
}

// Answer is who meets the conditions, once every part has been added.
func (q *Asked) Answer(tallies []Tally) ([][]selection.Met, error) {
	for i := range tallies {
		if tallies[i].People != int64(len(q.Job.People)) {
			return nil, ErrParts
		}
		if tallies[i].Conflict > 0 {
			return nil, conflict(tallies[i].Conflict, tallies[i].Torn)
		}
	}
	for _, list := range q.met {
		slices.SortFunc(list, func(a, b selection.Met) int { return cmp.Compare(a.Person, b.Person) })
	}
	return q.met, nil
}
