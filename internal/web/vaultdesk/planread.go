package vaultdesk

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/web/page"
)

// build makes the specification of the filled form, or marks what to mend.
func (p *planned) build(a *page.Ask) error {
	f, s := p.F, p.c.State
	f.Need("snapshot", a.Word("vaultdesk.n_snapshot"))
	in := order.SpecDraft{Snapshot: f.Field("snapshot").Value}
	for _, col := range s.Decision.Scope.Persons.Columns {
		if x := f.Field("anchor." + col.Name); x != nil && x.Value == "yes" {
			in.Anchors = append(in.Anchors, col.Name)
		}
		if x := f.Field("group." + col.Name); x != nil && x.Value == "yes" {
			in.Groups = append(in.Groups, col.Name)
		}
	}
	if own := f.Field("own").Value; own != "" {
		dec := json.NewDecoder(bytes.NewReader([]byte(own)))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&in.Extracts); err != nil {
			f.Wrong("own", a.Word("vaultdesk.n_own"))
			return nil
		}
	} else {
		for _, r := range s.Decision.Scope.Rows {
			if x := f.Field(r.Table + ".take"); r.Gives() && x != nil && x.Value == "yes" {
				in.Extracts = append(in.Extracts, p.extract(a, r))
			}
		}
	}
	if len(in.Extracts) == 0 && f.OK() {
		f.Wrong("", a.Word("vaultdesk.n_nothing"))
	}
	spec, err := order.PrepareSpec(s, a.Catalogue, in)
	if err != nil {
		return err
	}
	p.spec = spec
	return p.compare(a)
}

// extract is one table's, as the form has it.
func (p *planned) extract(a *page.Ask, r plan.Row) plan.Extract {
	f := p.F
	reg, table := a.Catalogue.Table(r.Table)
	value := func(name string) string {
		if x := f.Field(r.Table + "." + name); x != nil {
			return x.Value
		}
		return ""
	}
	e, _ := plan.Proposed(r, p.c.State.Decision.Scope.Formats, a.Catalogue)
	if old := before(p.c.State, r.Table); old != nil {
		e.Name, e.Overlap, e.MinCoverage = old.Name, old.Overlap, old.MinCoverage
	}
	gap := plan.GapOf(r, reg)
	if f.Field(r.Table+".gap") != nil {
		gap = f.Whole(r.Table+".gap", 0, plan.MaxGap, a.Word("vaultdesk.n_gap"))
	}
	shape := catalog.Shape(value("shape"))
	e.Shape = plan.ShapeOf(shape, gap)
	if x := f.Field(r.Table + ".key"); x != nil && e.Shape.Spell != nil {
		e.Shape.Spell.Key = x.Chosen()
	}
	if r.Around == nil {
		from, to := f.Day(r.Table+".from", a.Word("vaultdesk.n_day")), f.Day(r.Table+".to", a.Word("vaultdesk.n_day"))
		e.Window = plan.Window{From: plan.Bound{Date: from}, To: plan.Bound{Date: to + 1}}
	}
	if e.Window.Mode = value("mode"); e.Window.Mode == plan.ModeClip {
		e.Window.Mode = "" // the default is not written
	}
	if e.History = value("history"); e.History == plan.HistoryMask {
		e.History = ""
	}
	e.Output = plan.Output{File: value("file"), Format: value("format"), Delimiter: value("delimiter"), Decimal: value("decimal"), Date: value("date"), Encoding: value("encoding")}
	if x := f.Field(r.Table + ".benefits"); x != nil {
		if len(x.Chosen()) == 0 {
			f.Wrong(x.ID, a.Word("vaultdesk.n_benefits"))
		}
		e.Where = plan.KeepBenefits(slices.Clone(r.Where), table, x.Chosen())
	}
	var chosen []plan.VariableBound
	for _, b := range r.Variables {
		level, ok := strings.CutPrefix(value("var."+b.ID), "level:")
		if v := table.Variable(b.ID); !ok || v == nil || !v.Allows(shape) { // a shape that cannot hold it leaves it out; the table beside says so
			continue
		}
		chosen = append(chosen, plan.VariableBound{ID: b.ID, Level: level})
	}
	if shape == catalog.ShapeLayout { // all of its columns, what was not chosen without values
		e.Columns = plan.LayoutColumns(table, plan.Row{Variables: chosen})
		return e
	}
	e.Columns = nil
	if person := table.ByRole(catalog.RolePerson); person != nil {
		e.Columns = append(e.Columns, plan.Column{Name: person.ID})
	}
	for _, b := range chosen {
		e.Columns = append(e.Columns, plan.ColumnAt(b.ID, b.Level))
	}
	return e
}

// compare puts the plan beside the decision, and its hash on the page.
func (p *planned) compare(a *page.Ask) error {
	found, err := p.findings(a)
	if err != nil {
		return err
	}
	p.Diff = p.elements(a, found)
	for _, x := range p.Diff {
		if x.Over {
			p.Over++
		}
	}
	for i, x := range found {
		if i == maxProblems {
			break
		}
		p.F.Wrong(p.fieldOf(x.Path), catalog.Text{SV: x.SV, EN: x.EN}.In(a.Lang))
	}
	h, err := p.spec.Hash()
	if err != nil {
		return err
	}
	raw, err := json.MarshalIndent(p.spec, "", "  ")
	p.Hash, p.Raw = string(h), string(raw)
	if err == nil && p.Over == 0 {
		err = a.OfferPasskey(p.F, p.order(a))
	}
	return err
}

// maxProblems bounds the summary; the table beside tells them all.
const maxProblems = 12

// findings are what is wrong with the specification by itself, and where it
// asks for more than the decision gives.
func (p *planned) findings(a *page.Ask) ([]plan.Finding, error) {
	s := p.c.State
	ref, err := s.Decision.Ref()
	if err != nil {
		return nil, err
	}
	facts := plan.Facts{Decision: ref, Today: a.Today}
	if s.Population != nil {
		facts.Intake, facts.Persons = s.Population.Intake, s.Population.Persons
	}
	return append(p.spec.Problems(a.Catalogue), plan.Within(p.spec, s.Decision.Scope, facts, a.Catalogue)...), nil
}

// fieldOf is the field of the form that an element of the specification comes
// from, "" when none does.
func (p *planned) fieldOf(path string) string {
	if path == "as_of" {
		return "snapshot"
	}
	var i int
	if n, _ := fmt.Sscanf(path, "extracts[%d]", &i); n != 1 || i >= len(p.spec.Extracts) {
		return ""
	}
	if p.F.Field("own").Value != "" {
		return "own"
	}
	e := p.spec.Extracts[i]
	_, rest, _ := strings.Cut(path, "].")
	name := map[string]string{"shape": "shape", "window": "from", "output.file": "file", "output.format": "format", "where": "benefits", "output.decimal": "decimal", "table": "take", "columns": "take"}[rest]
	var j int
	if strings.HasPrefix(rest, "shape.spell.key") {
		name = "key"
	}
	if n, _ := fmt.Sscanf(rest, "columns[%d]", &j); n == 1 && j < len(e.Columns) {
		name = "var." + e.Columns[j].Name
	}
	if x := p.F.Field(e.Table + "." + cmp.Or(name, "take")); x != nil {
		return x.ID
	}
	return ""
}
