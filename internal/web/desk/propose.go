package desk

import (
	"slices"
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/catalog"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// proposeBody turns a need in words into tables and variables.
type proposeBody struct {
	page.Head
	Choose *page.Form // which table answers each wish: an address
	F      *page.Form
	Wishes []wish
}

// wish is one wish with what is suggested for it.
type wish struct {
	No                     int
	Need, Register, Period string
	Table                  string
	Fields                 []*page.Field
	Suggested              []suggestion
}

type suggestion struct{ Name, Why string }

// maxSuggested is how many tables stand as suggestions.
const maxSuggested = 5

// tables are those that can answer a wish: the suggestions for its need first,
// then what else its register has.
func tables(a *page.Ask, w intake.Wish) (ids []string, all []intake.Proposal) {
	var registers []string
	if w.Register != "" {
		registers = []string{w.Register}
	}
	all = intake.Propose(w.Need, registers, a.Catalogue)
	if w.Table != "" {
		ids = append(ids, w.Table)
	}
	for _, p := range all[:min(len(all), maxSuggested)] {
		ids = append(ids, p.Table)
	}
	if r := a.Catalogue.Register(w.Register); r != nil {
		for i := range r.Tables {
			ids = append(ids, r.Tables[i].ID)
		}
	}
	var once []string
	for _, id := range ids {
		if !slices.Contains(once, id) {
			once = append(once, id)
		}
	}
	return once, all
}

func proposeOf(a *page.Ask) (*proposeBody, *page.Case, error) {
	c, err := a.Case(access.ViewApplication)
	if err != nil {
		return nil, nil, err
	}
	if !a.May(c, order.ProposeData{}) {
		return nil, nil, a.Denied(order.ProposeData{}.Name())
	}
	b := &proposeBody{Head: headOf(a, c, "desk.propose_lead")}
	var choose, fields []*page.Field
	for i, w := range c.State.Application.Data {
		n := strconv.Itoa(i + 1)
		ids, suggested := tables(a, w)
		x := wish{No: i + 1, Need: w.Need, Period: w.From.String() + "–" + w.To.String()}
		if r := a.Catalogue.Register(w.Register); r != nil {
			x.Register = r.Names.In(a.Lang)
		}
		pick := &page.Field{ID: "table-" + n, Kind: page.Select, Label: a.Word("desk.f_table") + " " + n}
		for _, id := range ids {
			if _, t := a.Catalogue.Table(id); t != nil {
				pick.Options = append(pick.Options, page.Option{Value: id, Label: t.Names.In(a.Lang)})
			}
		}
		chosen := a.Value("table-" + n)
		if !slices.Contains(ids, chosen) && len(ids) > 0 {
			chosen = ids[0]
		}
		choose = append(choose, pick.With(chosen))
		_, table := a.Catalogue.Table(chosen)
		if table == nil {
			b.Wishes = append(b.Wishes, x)
			continue
		}
		x.Table = table.Names.In(a.Lang)
		j := slices.IndexFunc(suggested, func(p intake.Proposal) bool { return p.Table == chosen })
		var from *intake.Proposal
		if j >= 0 {
			from = &suggested[j]
		}
		x.Fields = wishFields(a, w, n, table, from)
		if from != nil {
			for _, v := range from.Variables {
				x.Suggested = append(x.Suggested, suggestion{v.Names.In(a.Lang), v.Why.In(a.Lang)})
			}
		}
		fields = append(fields, x.Fields...)
		b.Wishes = append(b.Wishes, x)
	}
	text := hinted(a, field(a, "proposal", page.Area))
	b.F = a.Form("/cases/"+c.ID+"/propose/send", a.Word("desk.propose_send"), append(fields, text)...)
	b.F.Version = c.Version
	b.Choose = a.Form("/cases/"+c.ID+"/propose", a.Word("desk.propose_show"), choose...)
	b.Choose.Small = true
	return b, c, nil
}

// wishFields are the table, its shape and its variables: those asked for, or
// those suggested.
func wishFields(a *page.Ask, w intake.Wish, n string, t *catalog.Table, from *intake.Proposal) []*page.Field {
	shape := &page.Field{ID: "shape-" + n, Kind: page.Select, Label: a.Word("desk.f_shape"), Narrow: true}
	for _, s := range t.Shapes {
		shape.Options = append(shape.Options, page.Option{Value: string(s), Label: a.Word("desk.shape_" + string(s))})
	}
	vars := &page.Field{ID: "variables-" + n, Kind: page.Checks, Label: a.Word("desk.f_variables")}
	var want []string
	switch {
	case w.Table == t.ID && len(w.Variables) > 0:
		want = w.Variables
		shape.With(string(w.Shape))
	case from != nil:
		for _, v := range from.Variables {
			want = append(want, v.ID)
		}
		shape.With(string(from.Shape))
	}
	for i := range t.Variables {
		v := &t.Variables[i]
		if v.Deliverable() && v.Role != catalog.RolePerson {
			o := page.Option{Value: v.ID, Label: v.Names.In(a.Lang), On: slices.Contains(want, v.ID)}
			if v.Sensitivity == catalog.SensitiveHealth && !t.Health() { // where all of it is, nothing stands out
				o.Hint = a.Word("desk.health")
			}
			vars.Options = append(vars.Options, o)
		}
	}
	return []*page.Field{{ID: "of-" + n, Kind: page.Hidden, Value: t.ID}, shape, vars}
}

func showPropose(a *page.Ask) error {
	b, _, err := proposeOf(a)
	if err != nil {
		return err
	}
	return a.Show("desk-propose", page.View{Title: a.Word("desk.propose_title"), Nav: "nav.cases", Body: b})
}

// propose sends the proposal to the orderer.
func propose(a *page.Ask) error {
	// The form carries which table its variables belong to.
	_ = a.Value("version") // reads the form
	for name, v := range a.R.PostForm {
		if n, ok := strings.CutPrefix(name, "of-"); ok && len(v) == 1 {
			a.R.Form.Set("table-"+n, v[0])
		}
	}
	b, c, err := proposeOf(a)
	if err != nil {
		return err
	}
	f := b.F.Read(a)
	data := slices.Clone(c.State.Application.Data)
	for i := range data {
		n := strconv.Itoa(i + 1)
		if f.Field("of-"+n) == nil {
			f.Wrong("table-"+n, a.Word("desk.n_table"))
			continue
		}
		w := &data[i]
		_, t := a.Catalogue.Table(f.Field("of-" + n).Value)
		if r, _ := a.Catalogue.Table(t.ID); r != nil {
			w.Register = r.ID
		}
		w.Table, w.Shape, w.Variables = t.ID, catalog.Shape(f.Field("shape-"+n).Value), f.Field("variables-"+n).Chosen()
		f.Need("variables-"+n, a.Word("desk.n_variables"))
	}
	text := needed(a, f, "proposal")
	if f.OK() {
		err := a.Do(c, order.ProposeData{Data: data, Text: text})
		if err == nil {
			return a.Go("/cases/"+c.ID, "done.desk_proposed")
		}
		if err := b.Taken(a, c, f, err); err != nil {
			return err
		}
	}
	return a.Refused("desk-propose", f, page.View{Title: a.Word("desk.propose_title"), Nav: "nav.cases", Body: b})
}
