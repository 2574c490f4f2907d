package rulings

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/web/page"
)

// windowFields let whole spells of a table out, and, where persons have a date,
// bound its period around that.
func windowFields(a *page.Ask, r plan.Row, table *catalog.Table, dated bool) []*page.Field {
	around := ""
	if w := r.Around; w != nil {
		around = w.From.Anchor + " " + w.From.Offset.String() + " " + w.To.Offset.String()
	}
	named := func(x *page.Field) *page.Field {
		x.Hint = a.Word("rulings.h_" + x.ID)
		x.ID, x.Label = x.ID+"."+r.Table, x.Label+" "+table.Names.In(a.Lang)
		return a.Optional(x)
	}
	var out []*page.Field
	if dated {
		out = append(out, named(field(a, "around", page.Text, around)))
	}
	if table.Allows(catalog.ShapeSpell) {
		out = append(out, named(field(a, "reveal", page.Check, map[bool]string{true: "yes"}[r.Reveal])))
	}
	return page.Folded(a.Word("rulings.fold_window")+" "+table.Names.In(a.Lang), out...)
}

// window reads the fields of windowFields.
func (r *ruling) window(a *page.Ask, row *plan.Row) {
	if x := r.F.Field("reveal." + row.Table); x != nil {
		row.Reveal = x.Value == "yes"
	}
	x := r.F.Field("around." + row.Table)
	if x == nil {
		return
	}
	row.Around = nil
	if x.Value == "" {
		return
	}
	w, ok := aroundOf(x.Value)
	if !ok {
		r.F.Wrong(x.ID, a.Word("rulings.n_around"))
		return
	}
	row.Around = &w
}

// aroundOf reads the name of a date and two offsets from it.
func aroundOf(text string) (w plan.Window, ok bool) {
	words := strings.Fields(text)
	if len(words) != 3 {
		return w, false
	}
	from, err := day.ParseOffset(words[1])
	to, err2 := day.ParseOffset(words[2])
	return plan.Window{From: plan.Bound{Anchor: words[0], Offset: from}, To: plan.Bound{Anchor: words[0], Offset: to}}, err == nil && err2 == nil
}

// criteriaFields bound a population that is drawn from the registers.
func (r *ruling) criteriaFields(a *page.Ask, d order.DecisionDraft) []*page.Field {
	table := hinted(a, field(a, "criteria_table", page.Select, ""))
	var from, to string
	for _, x := range d.Rows {
		if _, t := a.Catalogue.Table(x.Table); t != nil && x.Gives() {
			table.Options = append(table.Options, page.Option{Value: x.Table, Label: t.Names.In(a.Lang)})
			if x.Period != nil && from == "" {
				from, to = x.Period.From.String(), (x.Period.To - 1).String()
			}
		}
	}
	if len(table.Options) > 0 { // what a browser sends when nothing is chosen, so that it is what is shown
		table.With(table.Options[0].Value)
	}
	out := []*page.Field{
		table, field(a, "criteria_from", page.Date, from), field(a, "criteria_to", page.Date, to), a.Optional(hinted(a, field(a, "criteria_days", page.Number, ""))),
	}
	for n := 2; n <= mostConditions; n++ {
		out = append(out, page.Folded(a.Word("rulings.fold_condition")+" "+strconv.Itoa(n), conditionFields(a, n, table.Options)...)...)
	}
	out = append(
		out, a.Optional(hinted(a, field(a, "criteria_sample", page.Number, ""))),
		a.Optional(hinted(a, field(a, "criteria_ground", page.Text, ""))))
	return append(out, page.Folded(a.Word("rulings.fold_own"), a.Optional(hinted(a, ownCriteria(a))))...)
}

// mostConditions is how many conditions the form has fields for.
const mostConditions = 4

// How a condition goes with the first: instead of it, besides it, or keeping
// those out who meet it.
const (
	joinNone = ""
	joinAny  = "any"
	joinAnd  = "and"
	joinNot  = "not"
)

// conditionID is the name of a field of the condition with a number.
func conditionID(n int, what string) string { return "criteria" + strconv.Itoa(n) + "_" + what }

// conditionFields are those of another condition; as long as nothing says how it
// goes with the first there is none.
func conditionFields(a *page.Ask, n int, tables []page.Option) []*page.Field {
	no := " " + strconv.Itoa(n)
	how := &page.Field{ID: conditionID(n, "how"), Kind: page.Select, Label: a.Word("rulings.f_condition") + no}
	for _, j := range []string{joinNone, joinAny, joinAnd, joinNot} {
		how.Options = append(how.Options, page.Option{Value: j, Label: a.Word("rulings.join_" + cmp.Or(j, "none")), On: j == joinNone})
	}
	return []*page.Field{
		how,
		{ID: conditionID(n, "table"), Kind: page.Select, Label: a.Word("rulings.f_condition_table") + no, Options: slices.Clone(tables)},
		a.Optional(&page.Field{ID: conditionID(n, "from"), Kind: page.Date, Label: a.Word("rulings.f_condition_from") + no}),
		a.Optional(&page.Field{ID: conditionID(n, "to"), Kind: page.Date, Label: a.Word("rulings.f_condition_to") + no}),
		a.Optional(&page.Field{ID: conditionID(n, "days"), Kind: page.Number, Label: a.Word("rulings.f_condition_days") + no}),
	}
}

// conditionOf is a condition whose fields begin with a name: its table, its
// period, and at least so many days, or one row.
func conditionOf(f *page.Form, id func(what string) string, word func(key string) string) plan.Criterion {
	from, to := f.Day(id("from"), word("rulings.n_day")), f.Day(id("to"), word("rulings.n_day"))
	if f.OK() && to < from {
		f.Wrong(id("to"), word("rulings.n_condition_period"))
	}
	x := plan.Criterion{Table: f.Field(id("table")).Value, Period: plan.Window{From: plan.Bound{Date: from}, To: plan.Bound{Date: to + 1}}, AtLeast: &plan.AtLeast{Rows: 1}}
	if f.Field(id("days")).Value != "" {
		x.AtLeast = &plan.AtLeast{Days: f.Whole(id("days"), 1, 100_000, word("rulings.n_criteria_number"))}
	}
	return x
}

// ownCriteria is the field for criteria that the form has no fields for.
func ownCriteria(a *page.Ask) *page.Field {
	x := field(a, "criteria_own", page.Area, "")
	x.Rows = 6
	return x
}

// criteriaOf are the conditions of the filled form. Whatever is to be mended is
// marked there, in the words of word.
func criteriaOf(f *page.Form, seed string, cat *catalog.Catalogue, word func(key string) string) *plan.Criteria {
	c := &plan.Criteria{Ground: f.Field("criteria_ground").Value}
	if own := f.Field("criteria_own").Value; own != "" {
		ground := c.Ground
		dec := json.NewDecoder(strings.NewReader(own))
		dec.DisallowUnknownFields()
		if err := dec.Decode(c); err != nil {
			f.Wrong("criteria_own", word("rulings.n_criteria_own"))
		}
		c.Ground = cmp.Or(c.Ground, ground)
	} else {
		c.Any = []plan.Criterion{conditionOf(f, func(what string) string { return "criteria_" + what }, word)}
		for n := 2; n <= mostConditions; n++ {
			how := f.Field(conditionID(n, "how"))
			if how == nil || how.Value == joinNone {
				continue
			}
			x := conditionOf(f, func(what string) string { return conditionID(n, what) }, word)
			switch how.Value {
			case joinAny:
				c.Any = append(c.Any, x)
			case joinAnd:
				c.And = append(c.And, x)
			case joinNot:
				c.Not = append(c.Not, x)
			default:
				f.Wrong(how.ID, word("rulings.n_condition_how"))
			}
		}
		if f.Field("criteria_sample").Value != "" {
			c.Sample = &plan.Sample{Size: f.Whole("criteria_sample", 1, 20_000_000, word("rulings.n_criteria_number")), Seed: seed}
		}
	}
	if c.Ground == "" && c.Health(cat) {
		f.Wrong("criteria_ground", word("rulings.n_criteria_ground"))
	}
	return c
}
