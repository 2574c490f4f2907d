package vaultdesk

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/catalog"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/web/page"
	"sluss/internal/workorder"
)

// planned is an extraction plan being made.
type planned struct {
	page.Head
	F      *page.Form // nil when the visitor only reads
	Groups []group
	Common []*page.Field
	More   []*page.Field
	// Diff is the plan beside the decision, Hash the specification's as it is
	// now, "" when there is none; Raw is the specification itself.
	Diff  []element
	Over  int // elements beyond the decision
	Hash  string
	Raw   string
	Signs bool

	c    *page.Case
	spec plan.Spec
}

// group is the fields of one table.
type group struct {
	Table, Register string
	Fields          []*page.Field
	Columns         []*page.Field // level of each variable
	Wrong           bool
}

// formats are how a text file can be written; the first is the default.
var formats = []struct {
	id     string
	values []string
}{
	{"delimiter", []string{"", ";", ",", "\t"}},
	{"decimal", []string{"", ",", "."}},
	{"date", []string{"", "iso", "yyyymmdd"}},
	{"encoding", []string{"", "utf-8", "utf-8-bom", "iso-8859-1"}},
}

// shapes from the finest, as a decision bounds them.
var shapes = []catalog.Shape{catalog.ShapePayment, catalog.ShapeSubspell, catalog.ShapeSpell, catalog.ShapePanelDay, catalog.ShapePanelMonth, catalog.ShapePanelYear}

// planOf begins a plan: the last one of the case, or what the decision gives.
func planOf(a *page.Ask) (*planned, error) {
	c, err := a.Case(access.ViewExtraction)
	if err != nil {
		return nil, err
	}
	p := &planned{Head: a.HeadOf(c, "vaultdesk.plan_lead"), c: c, Signs: a.SignsHere()}
	if !c.State.Discloses() {
		return p, nil
	}
	if a.May(c, order.OrderExtraction{}) && !c.State.Released || c.State.Replacing && a.May(c, order.OrderExtraction{}) {
		verb := a.Word("vaultdesk.sign_plan")
		if !p.Signs {
			verb = a.Word("vaultdesk.hand_in_plan")
		}
		p.F = a.Form("/cases/"+c.ID+"/plan/order", verb)
		p.F.Version = c.Version
		p.fields(a)
		a.SignField(p.F)
	}
	return p, nil
}

func field(a *page.Ask, id, name, kind, value string) *page.Field {
	x := &page.Field{ID: id, Kind: kind, Label: a.Word("vaultdesk.f_" + name)}
	return x.With(value)
}

func (p *planned) add(fs ...*page.Field) []*page.Field {
	p.F.Fields = append(p.F.Fields, fs...)
	return fs
}

// fields are the form's: what is common, then each table that is disclosed.
func (p *planned) fields(a *page.Ask) {
	s := p.c.State
	snapshot := snapshotOf(s)
	x := field(a, "snapshot", "snapshot", page.Text, snapshot)
	x.Hint, x.Narrow = a.Word("vaultdesk.h_snapshot"), true
	p.Common = p.add(x)
	for _, col := range s.Decision.Scope.Persons.Columns {
		switch {
		case col.Use == "steer" && col.Type == "date":
			p.Common = append(p.Common, p.add(field(a, "anchor."+col.Name, "anchor", page.Check, "yes"))...)
		case col.Use == "pass":
			p.Common = append(p.Common, p.add(field(a, "group."+col.Name, "group", page.Check, "yes"))...)
		default:
			continue
		}
		p.Common[len(p.Common)-1].Label += " " + col.Name
	}
	for _, r := range s.Decision.Scope.Rows {
		if !r.Gives() {
			continue
		}
		reg, table := a.Catalogue.Table(r.Table)
		if table == nil {
			continue
		}
		p.Groups = append(p.Groups, p.group(a, r, reg, table, before(s, r.Table)))
	}
	own := a.Optional(&page.Field{ID: "own", Kind: page.Area, Rows: 10, Label: a.Word("vaultdesk.f_own"), Hint: a.Word("vaultdesk.h_own")})
	p.More = p.add(own)
}

// snapshotOf is the snapshot of the plan before, or of the month in which the
// decision was dispatched.
func snapshotOf(s order.State) string {
	if s.Spec != nil {
		return s.Spec.AsOf.Snapshot
	}
	on := s.DispatchedOn
	if on == 0 {
		on = s.Decision.Date
	}
	return on.String()[:7]
}

// before is the extract of the table in the plan before.
func before(s order.State, table string) *plan.Extract {
	if s.Spec == nil {
		return nil
	}
	for i := range s.Spec.Extracts {
		if s.Spec.Extracts[i].Table == table {
			return &s.Spec.Extracts[i]
		}
	}
	return nil
}

// group is a table's fields, filled in from the extract before, or as decided.
func (p *planned) group(a *page.Ask, r plan.Row, reg *catalog.Register, table *catalog.Table, old *plan.Extract) group {
	e, _ := plan.Proposed(r, p.c.State.Decision.Scope.Formats, a.Catalogue)
	included := p.c.State.Spec == nil || old != nil
	if old != nil {
		e = *old
	}
	id := func(name string) string { return table.ID + "." + name }
	g := group{Table: table.Names.In(a.Lang), Register: reg.Names.In(a.Lang)}
	include := field(a, id("take"), "take", page.Check, map[bool]string{true: "yes"}[included])
	file := field(a, id("file"), "file", page.Text, e.Output.File)
	file.Narrow = true
	shape := field(a, id("shape"), "shape", page.Select, "")
	for _, sh := range table.Shapes {
		if slices.Index(shapes, sh) >= slices.Index(shapes, r.Shape) {
			shape.Options = append(shape.Options, page.Option{Value: string(sh), Label: a.Word("vaultdesk.shape_" + string(sh))})
		}
	}
	shape.With(string(e.Shape.Of()))
	g.Fields = p.add(include, file, shape)
	gap := strconv.Itoa(plan.GapOf(r, reg))
	if e.Shape.Spell != nil {
		gap = strconv.Itoa(e.Shape.Spell.MaxGapDays)
	}
	if slices.Contains(table.Shapes, catalog.ShapeSpell) {
		x := field(a, id("gap"), "gap", page.Number, gap)
		x.Hint = a.Word("vaultdesk.h_gap")
		g.Fields = append(g.Fields, p.add(x)...)
	}
	if r.Around == nil {
		g.Fields = append(g.Fields, p.add(field(a, id("from"), "from", page.Date, e.Window.From.Date.String()), field(a, id("to"), "to", page.Date, (e.Window.To.Date-1).String()))...)
	}
	g.Fields = append(g.Fields, p.add(windowFields(a, id, r, e)...)...)
	format := field(a, id("format"), "format", page.Select, "")
	for _, f := range p.c.State.Decision.Scope.Formats {
		format.Options = append(format.Options, page.Option{Value: f, Label: f})
	}
	g.Fields = append(g.Fields, p.add(format.With(e.Output.Format))...)
	for _, f := range formats {
		x := field(a, id(f.id), f.id, page.Select, "")
		for _, v := range f.values {
			x.Options = append(x.Options, page.Option{Value: v, Label: valueName(a, v)})
		}
		g.Fields = append(g.Fields, p.add(x.With(map[string]string{"delimiter": e.Output.Delimiter, "decimal": e.Output.Decimal, "date": e.Output.Date, "encoding": e.Output.Encoding}[f.id]))...)
	}
	if len(r.Benefits) > 1 {
		benefits := field(a, id("benefits"), "benefits", page.Checks, "")
		for _, code := range r.Benefits {
			o := page.Option{Value: code, Label: code, On: takes(e, table, code)}
			if b := reg.Benefit(code); b != nil {
				o.Label = b.Names.In(a.Lang)
			}
			benefits.Options = append(benefits.Options, o)
		}
		g.Fields = append(g.Fields, p.add(benefits)...)
	}
	g.Columns = p.columns(a, r, table, e)
	return g
}

// windowFields say which spells and rows belong to the window, and, where the
// decision lets whole histories out, whether they are told.
func windowFields(a *page.Ask, id func(string) string, r plan.Row, e plan.Extract) []*page.Field {
	choose := func(name, at string, values ...string) *page.Field {
		x := field(a, id(name), name, page.Select, "")
		x.Hint = a.Word("vaultdesk.h_" + name)
		for _, v := range values {
			x.Options = append(x.Options, page.Option{Value: v, Label: a.Word("vaultdesk.o_" + name + "_" + v)})
		}
		return x.With(at)
	}
	modes := []string{plan.ModeClip, plan.ModeStartIn, plan.ModeEndIn}
	if !r.Reveal {
		return []*page.Field{choose("mode", cmp.Or(e.Window.Mode, plan.ModeClip), modes...)}
	}
	return []*page.Field{
		choose("mode", cmp.Or(e.Window.Mode, plan.ModeClip), append(modes, plan.ModeOverlap)...),
		choose("history", cmp.Or(e.History, plan.HistoryMask), plan.HistoryMask, plan.HistoryReveal),
	}
}

// columns are a field for each variable that may leave: left out, as decided,
// or coarser.
func (p *planned) columns(a *page.Ask, r plan.Row, table *catalog.Table, e plan.Extract) []*page.Field {
	var out []*page.Field
	for _, b := range r.Variables {
		v := table.Variable(b.ID)
		if v == nil || v.Role == catalog.RolePerson {
			continue
		}
		x := &page.Field{ID: table.ID + ".var." + v.ID, Kind: page.Select, Label: v.Names.In(a.Lang) + " (" + v.ID + ")"}
		decided := a.Word("vaultdesk.as_decided")
		if b.Level != "" {
			decided += " (" + levelName(a, b.Level) + ")"
		}
		x.Options = []page.Option{{Value: "level:" + b.Level, Label: decided}}
		for _, l := range v.Coarsen {
			if l != b.Level && plan.AtLeastAsCoarse(v, l, b.Level) {
				x.Options = append(x.Options, page.Option{Value: "level:" + l, Label: a.Word("vaultdesk.coarser") + " " + levelName(a, l)})
			}
		}
		x.Options = append(x.Options, page.Option{Value: "out", Label: a.Word("vaultdesk.leave_out")})
		at := "out"
		for _, c := range e.Columns {
			if c.Name == v.ID {
				at = "level:"
				if c.Coarsen != nil {
					at += c.Coarsen.To
				}
			}
		}
		out = append(out, p.add(x.With(at))...)
	}
	return out
}

func valueName(a *page.Ask, v string) string {
	switch v {
	case "":
		return a.Word("vaultdesk.default")
	case "\t":
		return a.Word("vaultdesk.tab")
	}
	return v
}

func levelName(a *page.Ask, level string) string { return a.Word("vaultdesk.level_" + level) }

// takes reports whether the extract keeps rows of the benefit.
func takes(e plan.Extract, table *catalog.Table, benefit string) bool {
	v := table.ByRole(catalog.RoleBenefit)
	if v == nil {
		return true
	}
	for _, f := range e.Where {
		if f.Var == v.ID && f.Stage == plan.StageRow && len(f.In) > 0 {
			return slices.Contains(f.In, any(benefit))
		}
	}
	return true
}

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
	e.Columns = e.Columns[:0]
	if person := table.ByRole(catalog.RolePerson); person != nil {
		e.Columns = append(e.Columns, plan.Column{Name: person.ID})
	}
	for _, b := range r.Variables {
		level, ok := strings.CutPrefix(value("var."+b.ID), "level:")
		if v := table.Variable(b.ID); !ok || v == nil || !v.Allows(shape) { // a shape that cannot hold it leaves it out; the table beside says so
			continue
		}
		e.Columns = append(e.Columns, plan.ColumnAt(b.ID, level))
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
	if n, _ := fmt.Sscanf(rest, "columns[%d]", &j); n == 1 && j < len(e.Columns) {
		name = "var." + e.Columns[j].Name
	}
	if x := p.F.Field(e.Table + "." + cmp.Or(name, "take")); x != nil {
		return x.ID
	}
	return ""
}

func (p *planned) view(a *page.Ask) page.View {
	return page.View{Title: a.Word("vaultdesk.plan"), Nav: "vaultdesk.nav", Body: p}
}

// showPlan is the plan as proposed, or as it was ordered.
func showPlan(a *page.Ask) error {
	p, err := planOf(a)
	if err != nil {
		return err
	}
	switch {
	case p.F != nil && p.c.State.Discloses():
		if err := p.build(a); err != nil {
			return err
		}
		p.F.Problems = nil
		for _, x := range p.F.Fields {
			x.Problem = ""
		}
	case p.c.State.Spec != nil:
		if err := p.asOrdered(a); err != nil {
			return err
		}
	}
	return a.Show("vaultdesk-plan", p.view(a))
}

// asOrdered is the plan to who only reads it.
func (p *planned) asOrdered(a *page.Ask) error {
	p.spec = *p.c.State.Spec
	found, err := p.findings(a)
	if err != nil {
		return err
	}
	p.Diff = p.elements(a, slices.DeleteFunc(found, func(x plan.Finding) bool { return x.Path == "decision" }))
	raw, err := json.MarshalIndent(p.spec, "", "  ")
	p.Hash, p.Raw = string(p.c.State.SpecHash), string(raw)
	return err
}

// filled is the plan that the posted form makes.
func filled(a *page.Ask) (*planned, error) {
	p, err := planOf(a)
	if err != nil {
		return nil, err
	}
	if p.F == nil {
		if err := a.Allowed(p.c, order.OrderExtraction{}); err != nil {
			return nil, err
		}
		return nil, order.GateByID(order.GateDecision).Shut()
	}
	p.F.Read(a)
	return p, p.build(a)
}

// lookPlan shows the plan that the form makes beside the decision; nothing is
// stored.
func lookPlan(a *page.Ask) error {
	p, err := filled(a)
	if err != nil {
		return err
	}
	if !p.F.OK() {
		return a.Refused("vaultdesk-plan", p.F, p.view(a))
	}
	return a.Show("vaultdesk-plan", p.view(a))
}

func (p *planned) order(a *page.Ask) workorder.SpecOrder {
	return workorder.SpecOrder{Type: workorder.TypeSpec, By: a.Visitor.Person.ID, Spec: p.spec}
}

// planDocument hands out the specification to be signed elsewhere.
func planDocument(a *page.Ask) error {
	p, err := filled(a)
	if err != nil {
		return err
	}
	if !p.F.OK() {
		return a.Refused("vaultdesk-plan", p.F, p.view(a))
	}
	return a.Document(p.c.ID+"-plan.json", p.order(a))
}

// orderPlan signs the specification that was shown and hands it to the vault.
func orderPlan(a *page.Ask) error {
	p, err := filled(a)
	if err != nil {
		return err
	}
	if p.F.OK() && a.Value("shown") != p.Hash {
		p.F.Wrong("", a.Word("vaultdesk.n_shown"))
	}
	if !p.F.OK() {
		return a.Refused("vaultdesk-plan", p.F, p.view(a))
	}
	if note, ok := a.Signed(p.order(a), p.F); ok {
		err := a.Do(p.c, order.OrderExtraction{Spec: p.spec, Note: note})
		if err == nil {
			return a.Go("/cases/"+p.c.ID+"/run", "done.vaultdesk_ordered")
		}
		if err := p.Taken(a, p.c, p.F, err); err != nil {
			return err
		}
	}
	return a.Refused("vaultdesk-plan", p.F, p.view(a))
}
