package twin

import (
	"fmt"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/plan"
)

// Stage is how far an order had come when its twin was made.
type Stage string

// Stages. What is applied for can still change, what is decided be planned in
// less detail; what is planned is what will be delivered.
const (
	StageApplied Stage = "applied"
	StageDecided Stage = "decided"
	StagePlanned Stage = "planned"
)

// Wanted is what a twin is made of.
type Wanted struct {
	Stage Stage
	Spec  plan.Spec
	// Organisations: the population is organisations, and with Traders sole
	// traders too.
	Organisations, Traders bool
}

// Unnumbered is the number of an order that nobody has given one.
const Unnumbered = "UTKAST"

// Sight is what whoever asks for a twin may see of the case: a twin tells what
// it was made from, so a decision that has not been dispatched must not be
// read out of one.
type Sight struct {
	Decision bool // the decision
	Plan     bool // the specification
}

// Of returns what an order asks for, as far as it has come and may be seen: its
// specification, else what has been decided, else what has been applied for or
// agreed on in the dialogue. Tables are then taken as the statistician's own
// plan begins: one file per table, in the first of the formats.
//
// An order in which no wish has both table and variables yet is a *fault.Fault
// of class Input.
func Of(s order.State, cat *catalog.Catalogue, may Sight) (Wanted, error) {
	if s.Spec != nil && may.Plan {
		w := Wanted{Stage: StagePlanned, Spec: *s.Spec}
		if s.Decision != nil {
			w.whose(s.Decision.Scope.Persons)
		}
		return w, nil
	}
	w := Wanted{Stage: StageApplied}
	scope, formats := s.Wished(), s.Application.Delivery.Formats
	var columns []plan.PopulationExtra
	var criteria *plan.Criteria
	for _, c := range s.Application.Population.Columns {
		columns = append(columns, plan.PopulationExtra{Name: c.Name, Type: c.Type, Use: c.Use})
	}
	if s.Decision != nil && may.Decision && s.Decision.Scope.Discloses() {
		w.Stage, scope, formats, columns = StageDecided, s.Decision.Scope, s.Decision.Scope.Formats, s.Decision.Scope.Persons.Columns
		criteria = s.Decision.Scope.Persons.Criteria
	}
	w.whose(scope.Persons)
	number := s.ID
	if number == "" {
		number = Unnumbered
	}
	w.Spec = plan.Spec{Spec: plan.Version, Order: number, Identity: plan.Identity{Kind: scope.Identity.Kind}}
	file := &plan.FilePopulation{ID: "id"}
	for _, c := range columns {
		switch {
		case c.Use == "steer" && c.Type == "date":
			file.Anchors = append(file.Anchors, c.Name)
		case c.Use == "pass":
			file.Groups = append(file.Groups, c.Name)
		}
	}
	if w.Spec.Population.File = file; criteria != nil {
		w.Spec.Population = plan.Population{Criteria: criteria}
	}
	for _, r := range scope.Rows {
		if e, ok := plan.Proposed(r, formats, cat); ok && r.Gives() && len(r.Variables) > 0 {
			n := 1
			for _, other := range w.Spec.Extracts {
				if other.Table == e.Table {
					n++
				}
			}
			if n > 1 {
				e.Name = fmt.Sprintf("%s_%d", e.Name, n)
				e.Output.File = e.Name
			}
			w.Spec.Extracts = append(w.Spec.Extracts, e)
		}
	}
	if len(w.Spec.Extracts) == 0 {
		return w, fault.New("twin.open", "Beställningen anger ännu ingen tabell med variabler.", "The order does not name any table with variables yet.").
			Do("Välj tabell och variabler, eller vänta tills de har kommit fram i dialogen.", "Choose a table and variables, or wait until the dialogue has settled them.")
	}
	return w, nil
}

// whose notes the kind of population.
func (w *Wanted) whose(p plan.Persons) {
	w.Organisations, w.Traders = p.Organisations(), p.Organisations() && p.Traders == "include"
}

// check finds what the specification could not be carried out for. What binds
// it to decision, snapshot and population is not there yet and is not asked for.
func (w Wanted) check(cat *catalog.Catalogue) error {
	if len(w.Spec.Extracts) == 0 {
		return fault.New("twin.open", "Det finns inget uttag att göra en tvilling av.", "There is no extract to make a twin of.")
	}
	s, some := w.Spec, canon.Sum(nil)
	if s.Order == "" {
		s.Order = "ORDER"
	}
	s.Spec, s.Decision, s.Catalogue, s.AsOf = plan.Version, plan.Ref{ID: snapshot, SHA256: some}, plan.CatalogueRef(cat), plan.AsOf{Snapshot: snapshot}
	if s.Population.File != nil {
		file := *s.Population.File
		file.Intake = plan.Ref{ID: snapshot, SHA256: some}
		if file.ID == "" {
			file.ID = "id"
		}
		s.Population.File = &file
	}
	if found := s.Problems(cat); len(found) > 0 {
		return fault.New("twin."+found[0].Code, found[0].SV, found[0].EN).At(fault.Where{Column: found[0].Path})
	}
	return nil
}

// content is the hash of what is asked for: not of the decision, the snapshot
// or the population that it will be carried out on.
func (w Wanted) content() (canon.Hash, error) {
	return canon.Of(struct {
		Type     string
		Order    string
		Identity string
		Anchors  []string
		Groups   []string
		Extracts []plan.Extract
	}{Type, w.Spec.Order, w.Spec.Identity.Kind, w.anchors(), w.groups(), w.Spec.Extracts})
}

func (w Wanted) anchors() []string { return w.Spec.Population.AnchorNames() }

func (w Wanted) groups() []string { return w.Spec.Population.GroupNames() }

// around is the time that dates are drawn from: what the absolute windows
// span, else ten years.
func (w Wanted) around() day.Span {
	var out day.Span
	for _, e := range w.Spec.Extracts {
		if e.Window.From.Relative() {
			continue
		}
		s := day.Span{From: e.Window.From.Date, To: e.Window.To.Date}
		if out.Empty() {
			out = s
		}
		out = day.Span{From: min(out.From, s.From), To: max(out.To, s.To)}
	}
	if out.Empty() {
		out = day.Span{From: day.Of(2015, 1, 1), To: day.Of(2025, 1, 1)}
	}
	// "All that there is" is no time to draw from.
	return day.Span{From: max(out.From, day.Of(1995, 1, 1)), To: max(min(out.To, day.Of(2030, 1, 1)), day.Of(1995, 1, 2))}
}
