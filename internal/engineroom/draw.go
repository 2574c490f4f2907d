package engineroom

import (
	"context"
	"slices"
	"strconv"

	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/selection"
	"sluss/internal/works"
)

// countPopulation begins the codes of the counts of a drawing; the stage
// follows.
const countPopulation = "population."

// Draw draws a population from the snapshot: the identity register says who
// there is, the engine what rows say of conditions.
func (s *snapshot) Draw(ctx context.Context, c plan.Criteria, of plan.Persons) ([]works.Person, []order.CountLine, error) {
	e, err := s.engine()
	if err != nil {
		return nil, nil, err
	}
	drawn, err := selection.Draw(&c, of.Protected == "include", &drawing{ctx: ctx, snapshot: s, engine: e, criteria: &c, of: of})
	if err != nil {
		return nil, nil, err
	}
	people := make([]works.Person, len(drawn.Members))
	for i, m := range drawn.Members {
		entity := uint64(s.Identity().Entity(m.Person))
		p := works.Person{Entity: entity, Number: s.Number(entity)}
		if c.Anchor != nil {
			p.Anchors = []works.AnchorDay{{Set: m.HasIndex, Day: m.Index}}
		}
		if len((plan.Population{Criteria: &c}).GroupNames()) > 0 {
			p.Passed = []works.PassedValue{{Set: true, Text: m.Role}, {Set: true, Text: strconv.Itoa(m.Set)}}
		}
		people[i] = p
	}
	var counts []order.CountLine
	for _, x := range drawn.Stages {
		counts = append(counts, order.CountLine{Code: countPopulation + x.Code, Count: int64(selection.Rounded(x.Count))})
	}
	return people, counts, nil
}

// drawing is the snapshot as a selection.Register.
type drawing struct {
	ctx      context.Context
	snapshot *snapshot
	engine   engine.Engine
	criteria *plan.Criteria
	of       plan.Persons
}

// People are all persons of the identity register; or all organisations, and
// the persons too where sole traders are with them.
func (d *drawing) People() []selection.Person {
	ids := d.snapshot.Identity()
	out := make([]selection.Person, 0, ids.Len())
	for p := range uint32(ids.Len()) {
		if organisation := ids.Organisation(p); organisation != d.of.Organisations() && (organisation || d.of.Traders != "include") {
			continue
		}
		x := selection.Person{
			Index: p, Key: uint64(ids.Entity(p)), Born: ids.Birth(p), Died: day.Open, Sex: ids.Sex(p), County: ids.County(p), Protected: ids.Protected(p),
		}
		if died, ok := ids.Death(p); ok {
			x.Died = died
		}
		out = append(out, x)
	}
	return out
}

// Meets asks the engine.
func (d *drawing) Meets(conditions []plan.Criterion, seats []selection.Seat) ([][]selection.Met, error) {
	q := engine.Selection{Snapshot: d.snapshot.ID(), Catalogue: d.snapshot.catalogue, Conditions: conditions, People: make([]engine.Person, len(seats))}
	if slices.ContainsFunc(conditions, func(k plan.Criterion) bool { return k.Period.From.Relative() }) {
		q.Anchor = d.criteria.Anchor.Name
	}
	for i, x := range seats {
		q.People[i].Index = x.Person
		if q.Anchor != "" {
			q.People[i].Anchors = []engine.Anchor{{Set: x.HasIndex, Day: x.Index}}
		}
	}
	return d.engine.Select(d.ctx, q)
}

// Relatives are somebody's children or parents.
func (d *drawing) Relatives(person uint32, relation string) []uint32 {
	if relation == plan.RelationChildren {
		return d.snapshot.Identity().Children(person)
	}
	return d.snapshot.Identity().Parents(person)
}

var _ selection.Register = (*drawing)(nil)
