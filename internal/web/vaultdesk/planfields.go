package vaultdesk

import (
	"cmp"
	"slices"
	"strconv"

	"sluss/internal/catalog"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/web/page"
)

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
		if sh.Within(r.Shape) {
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
		if key := field(a, id("key"), "key", page.Checks, ""); len(ownKeys(r, reg, table)) > 0 {
			key.Hint = a.Word("vaultdesk.h_key")
			for _, v := range ownKeys(r, reg, table) {
				key.Options = append(key.Options, page.Option{Value: v, Label: variableName(a, table, v), On: slices.Contains(e.Shape.OwnKey(), v)})
			}
			g.Fields = append(g.Fields, p.add(key)...)
		}
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

// ownKeys are the variables that may keep spells apart and leave as they are.
func ownKeys(r plan.Row, reg *catalog.Register, table *catalog.Table) []string {
	return slices.DeleteFunc(plan.SpellKeys(reg, table), func(id string) bool {
		return !slices.Contains(r.Variables, plan.VariableBound{ID: id})
	})
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
			decided += " (" + a.Level(b.Level) + ")"
		}
		x.Options = []page.Option{{Value: "level:" + b.Level, Label: decided}}
		for _, l := range v.Coarsen {
			if l != b.Level && plan.AtLeastAsCoarse(v, l, b.Level) {
				x.Options = append(x.Options, page.Option{Value: "level:" + l, Label: a.Word("vaultdesk.coarser") + " " + a.Level(l)})
			}
		}
		x.Options = append(x.Options, page.Option{Value: "out", Label: a.Word("vaultdesk.leave_out")})
		at := "out"
		for _, c := range e.Columns {
			if c.Name == v.ID && (c.Derive == nil || c.Derive.Fn != plan.FnAbsent) {
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
