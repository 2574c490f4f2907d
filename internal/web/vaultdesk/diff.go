package vaultdesk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/plan"
	"sluss/internal/web/page"
)

// element is a line of the plan beside the decision.
type element struct {
	Part, What     string
	Decided, Taken string
	Over           bool // beyond the decision, or wrong
	Less           bool // narrower or coarser than decided
	Problems       []string
}

// elements is the whole plan beside the decision. Every finding stands with the
// element that its path names; what belongs to none stands in a line of its own.
func (p *planned) elements(a *page.Ask, found []plan.Finding) []element {
	sc := p.c.State.Decision.Scope
	told := make([]bool, len(found))
	at := func(x element, paths ...string) element {
		for i, f := range found {
			if !told[i] && slices.ContainsFunc(paths, func(path string) bool { return f.Path == path || strings.HasPrefix(f.Path, path+".") }) {
				told[i], x.Over, x.Less = true, true, false
				x.Problems = append(x.Problems, catalog.Text{SV: f.SV, EN: f.EN}.In(a.Lang))
			}
		}
		return x
	}
	whole := a.Word("vaultdesk.whole")
	persons := "–"
	if f := p.c.State.Population; f != nil && f.Checked {
		persons = page.Thousands(int64(f.Persons))
	}
	out := []element{
		at(element{Part: whole, What: a.Word("vaultdesk.e_identity"), Decided: a.Word("vaultdesk.id_" + sc.Identity.Kind), Taken: a.Word("vaultdesk.id_" + p.spec.Identity.Kind)}, "identity"),
		at(element{Part: whole, What: a.Word("vaultdesk.e_persons"), Decided: a.Word("vaultdesk.at_most") + " " + page.Thousands(int64(sc.Persons.Max)), Taken: persons}, "population"),
		at(element{Part: whole, What: a.Word("vaultdesk.e_snapshot"), Taken: p.spec.AsOf.Snapshot}, "as_of"),
		at(element{Part: whole, What: a.Word("vaultdesk.e_until"), Decided: (sc.Expires - 1).String(), Taken: a.Today.String()}, "decision"),
	}
	for _, t := range sc.Persons.Words() {
		out = append(out, element{Part: whole, What: a.Word("vaultdesk.e_criteria"), Decided: t.In(a.Lang), Taken: a.Word("vaultdesk.as_decided")})
	}
	if c := sc.Persons.Criteria; c != nil { // the same in the plan, word by word
		for _, t := range c.Words(a.Catalogue) {
			out = append(out, element{Part: whole, What: a.Word("vaultdesk.e_criteria"), Decided: t.In(a.Lang), Taken: a.Word("vaultdesk.as_decided")})
		}
	}
	for i, e := range p.spec.Extracts {
		out = append(out, p.extractElements(a, i, e, at)...)
	}
	for _, r := range sc.Rows {
		if r.Gives() && !slices.ContainsFunc(p.spec.Extracts, func(e plan.Extract) bool { return e.Table == r.Table }) {
			out = append(out, element{Part: tableName(a, r.Table), What: a.Word("vaultdesk.e_table"), Decided: a.Word("vaultdesk.may"), Taken: a.Word("vaultdesk.not_taken"), Less: true})
		}
	}
	for i, f := range found {
		if !told[i] {
			out = append(out, element{Part: whole, What: f.Path, Over: true, Problems: []string{catalog.Text{SV: f.SV, EN: f.EN}.In(a.Lang)}})
		}
	}
	return out
}

func tableName(a *page.Ask, id string) string {
	if _, t := a.Catalogue.Table(id); t != nil {
		return t.Names.In(a.Lang)
	}
	return id
}

// extractElements are the lines of one file.
func (p *planned) extractElements(a *page.Ask, i int, e plan.Extract, at func(element, ...string) element) []element {
	path := fmt.Sprintf("extracts[%d]", i)
	row, _ := p.c.State.Decision.Scope.RowFor(e.Table)
	part := tableName(a, e.Table)
	_, table := a.Catalogue.Table(e.Table)
	shape := element{Part: part, What: a.Word("vaultdesk.e_shape"), Taken: shapeName(a, e.Shape.Of())}
	for i, id := range e.Shape.OwnKey() {
		shape.Taken += []string{", " + a.Word("vaultdesk.apart") + " ", ", "}[min(i, 1)] + variableName(a, table, id)
	}
	if row.Shape != "" {
		shape.Decided, shape.Less = a.Word("vaultdesk.finest")+" "+strings.ToLower(shapeName(a, row.Shape)), row.Shape != e.Shape.Of()
	}
	out := []element{at(shape, path+".shape", path+".table"), at(p.window(a, part, e, row), path+".window", path+".history")}
	if where := p.benefits(a, part, e, row, table); where.Decided != "" {
		out = append(out, at(where, path+".where"))
	}
	format := element{Part: part, What: a.Word("vaultdesk.e_format"), Decided: strings.Join(p.c.State.Decision.Scope.Formats, ", "), Taken: e.Output.File + "." + e.Output.Format}
	out = append(out, at(format, path+".output", path+".name"))
	for j, c := range e.Columns {
		out = append(out, at(variable(a, part, c, row, table), fmt.Sprintf("%s.columns[%d]", path, j)))
	}
	for _, b := range row.Variables {
		if !slices.ContainsFunc(e.Columns, func(c plan.Column) bool { return c.Name == b.ID }) {
			out = append(out, element{Part: part, What: variableName(a, table, b.ID), Decided: a.Word("vaultdesk.may") + level(a, b.Level), Taken: a.Word("vaultdesk.not_taken"), Less: true})
		}
	}
	return append(out, rest(at(element{Part: part, What: a.Word("vaultdesk.e_rest")}, path))...)
}

// rest is a line only when something is found there.
func rest(x element) []element {
	if x.Over {
		return []element{x}
	}
	return nil
}

func shapeName(a *page.Ask, s catalog.Shape) string {
	if s == "" {
		return "–"
	}
	return a.Word("vaultdesk.shape_" + string(s))
}

func variableName(a *page.Ask, table *catalog.Table, id string) string {
	if table != nil && table.Variable(id) != nil {
		return table.Variable(id).Names.In(a.Lang)
	}
	return id
}

func level(a *page.Ask, l string) string {
	if l == "" {
		return ""
	}
	return ", " + a.Level(l)
}

func (p *planned) window(a *page.Ask, part string, e plan.Extract, row plan.Row) element {
	x := element{Part: part, What: a.Word("vaultdesk.e_window"), Taken: bound(e.Window.From) + "–" + last(e.Window.To)}
	if row.Period != nil {
		x.Decided = row.Period.From.String() + "–" + (row.Period.To - 1).String()
		x.Less = !e.Window.From.Relative() && (row.Period.From < e.Window.From.Date || row.Period.To > e.Window.To.Date)
	}
	if row.Around != nil {
		x.Decided += " · " + bound(row.Around.From) + "–" + last(row.Around.To)
	}
	return x
}

func bound(b plan.Bound) string {
	if b.Relative() {
		return b.Anchor + " " + b.Offset.String()
	}
	return b.Date.String()
}

// last is the last day of a window that ends before b.
func last(b plan.Bound) string {
	if b.Relative() {
		return bound(b)
	}
	return (b.Date - 1).String()
}

// benefits is which benefits are taken of those decided.
func (p *planned) benefits(a *page.Ask, part string, e plan.Extract, row plan.Row, table *catalog.Table) element {
	x := element{Part: part, What: a.Word("vaultdesk.e_benefits"), Decided: strings.Join(row.Benefits, ", ")}
	if table == nil || len(row.Benefits) == 0 {
		if len(row.Where)+len(e.Where) > 0 {
			x.Decided, x.Taken = strconv.Itoa(len(row.Where))+" "+a.Word("vaultdesk.filters"), strconv.Itoa(len(e.Where))+" "+a.Word("vaultdesk.filters")
		}
		return x
	}
	var taken []string
	for _, b := range row.Benefits {
		if takes(e, table, b) {
			taken = append(taken, b)
		}
	}
	x.Taken, x.Less = strings.Join(taken, ", "), len(taken) < len(row.Benefits)
	return x
}

func variable(a *page.Ask, part string, c plan.Column, row plan.Row, table *catalog.Table) element {
	taken := ""
	if c.Coarsen != nil {
		taken = c.Coarsen.To
	}
	x := element{Part: part, What: variableName(a, table, c.Name), Taken: a.Word("vaultdesk.taken") + level(a, taken)}
	if c.Derive != nil {
		x.Taken += ", " + c.Derive.Fn
	}
	if table != nil {
		if v := table.Variable(c.Name); v != nil && v.Role == catalog.RolePerson {
			x.Decided = a.Word("vaultdesk.follows")
			return x
		}
	}
	i := slices.IndexFunc(row.Variables, func(b plan.VariableBound) bool { return b.ID == c.Name })
	if i < 0 {
		x.Decided = a.Word("vaultdesk.may_not")
		return x
	}
	x.Decided, x.Less = a.Word("vaultdesk.may")+level(a, row.Variables[i].Level), taken != row.Variables[i].Level
	return x
}
