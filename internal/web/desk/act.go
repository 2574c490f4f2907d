package desk

import (
	"slices"
	"strconv"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// act is something that is done in a case with a few fields. Its texts are
// desk.act_, desk.why_ and desk.do_ and its path, and done.desk_ when it is
// done; where when is nil it can be done at any time that the rules allow.
type act struct {
	command order.Command
	path    string
	when    func(order.State) bool
	fields  func(*page.Ask, *page.Case) []*page.Field
	// build makes the command of the filled form, or marks what to mend.
	build func(*page.Ask, *page.Case, *page.Form) order.Command
	// give does it where the counter completes the command itself.
	give func(*page.Ask, *page.Case, *page.Form) error
	// behalf: the registrar does it for somebody who wrote by mail or post.
	behalf bool
	// main: the case waits for it. post: it has no fields, and is a button.
	main, post bool
	// danger ends something. in is another page of the case that has the form.
	danger bool
	in     string
}

// pages are the acts that have pages of their own.
var pages = []page.Act{
	{Command: order.ConfirmComplete{}, Key: "desk.go_check", Path: "check", Main: true, When: func(s order.State) bool {
		return s.Submitted && !s.Complete && s.Ended == "" && s.Decision == nil && s.OpenSupplement() == nil
	}},
	{Command: order.DraftQuote{}, Key: "desk.go_price", Path: "price", Main: true, When: func(s order.State) bool {
		return s.Phase() == order.PhaseComplete
	}},
	{Command: order.DraftQuote{}, Key: "desk.go_price_again", Path: "price", When: func(s order.State) bool {
		return s.Submitted && s.Ended == "" && s.Decision == nil && s.Phase() != order.PhaseComplete
	}},
	{Command: order.DispatchStick{}, Key: "desk.go_stick", Path: "stick", Main: true, When: order.State.AwaitsPosting},
	{Command: order.RecordReview{}, Key: "desk.go_worksheet", Path: "worksheet", Main: true, When: func(s order.State) bool {
		return s.Phase() == order.PhaseReview
	}},
	{Command: order.RequestSupplement{}, Key: "desk.go_ask_more", Path: "ask-more", When: func(s order.State) bool {
		return s.Submitted && s.Ended == "" && s.Decision == nil && s.OpenSupplement() == nil
	}},
	{Command: order.ProposeData{}, Key: "desk.go_propose", Path: "propose", When: func(s order.State) bool {
		return s.Submitted && s.Ended == "" && s.Decision == nil
	}},
	{Command: order.AnswerSupplement{}, Key: "desk.go_on_behalf", Path: "on-behalf", When: answerable},
}

// offered is what the room offers on the case's page.
func offered() []page.Act {
	var out []page.Act
	for _, x := range acts {
		p := page.Act{Command: x.command, Key: "desk.act_" + x.path, Path: "act/" + x.path, When: x.when, Main: x.main, Post: x.post}
		if x.in != "" {
			p.Path = x.in
		}
		out = append(out, p)
	}
	return append(out, pages...)
}

func actAt(path string) (act, bool) {
	i := slices.IndexFunc(acts, func(x act) bool { return x.path == path })
	if i < 0 {
		return act{}, false
	}
	return acts[i], true
}

// form is the act's form for the case as it is.
func (x act) form(a *page.Ask, c *page.Case) *page.Form {
	var fields []*page.Field
	if x.fields != nil {
		fields = x.fields(a, c)
	}
	if x.behalf && a.Role() == order.RoleRegistrar {
		mail := hinted(a, field(a, "mail", page.Select))
		mail.Options = incoming(a, c)
		fields = append([]*page.Field{mail}, fields...)
	}
	f := a.Form("/cases/"+c.ID+"/act/"+x.path, a.Word("desk.do_"+x.path), fields...)
	f.Version, f.Danger = c.Version, x.danger
	return f
}

// behalf is on which document a registrar acts.
func behalf(a *page.Ask, f *page.Form) order.Behalf {
	if a.Role() != order.RoleRegistrar {
		return order.Behalf{}
	}
	n, err := strconv.Atoi(needed(a, f, "mail"))
	if err != nil {
		return order.Behalf{}
	}
	return order.Behalf{Mail: n}
}

// showAct is the page with an act's form.
func showAct(a *page.Ask) error {
	x, c, err := actFor(a)
	if err != nil {
		return err
	}
	b := formBody{headOf(a, c, "desk.why_"+x.path), x.form(a, c)}
	return a.Show("desk-form", page.View{Title: a.Word("desk.act_" + x.path), Nav: "nav.cases", Body: b})
}

func actFor(a *page.Ask) (act, *page.Case, error) {
	x, ok := actAt(a.R.PathValue("act"))
	if !ok {
		return x, nil, app.ErrNotFound
	}
	c, err := a.Case(access.ViewCase)
	if err == nil && !a.May(c, x.command) {
		err = a.Denied(x.command.Name())
	}
	return x, c, err
}

// giveAct carries an act out.
func giveAct(a *page.Ask) error {
	x, c, err := actFor(a)
	if err != nil {
		return err
	}
	if x.give != nil { // its file is read with its fields
		return x.byItself(a, c)
	}
	b := formBody{headOf(a, c, "desk.why_"+x.path), x.form(a, c).Read(a)}
	if cmd := x.build(a, c, b.F); b.F.OK() {
		err := a.Do(c, cmd)
		if err == nil {
			return x.done(a, c)
		}
		if err := b.Taken(a, c, b.F, err); err != nil {
			return err
		}
	}
	return a.Refused("desk-form", b.F, page.View{Title: a.Word("desk.act_" + x.path), Nav: "nav.cases", Body: b})
}

// byItself carries out what the counter completes.
func (x act) byItself(a *page.Ask, c *page.Case) error {
	f := x.form(a, c)
	err := x.give(a, c, f)
	if err == nil && f.OK() {
		return x.done(a, c)
	}
	b := formBody{headOf(a, c, "desk.why_"+x.path), f}
	if err != nil {
		if err := b.Taken(a, c, f, err); err != nil {
			return err
		}
	}
	return a.Refused("desk-form", f, page.View{Title: a.Word("desk.act_" + x.path), Nav: "nav.cases", Body: b})
}

// done goes on to where the act was begun; who has no part in the case any more
// goes to the desk.
func (x act) done(a *page.Ask, c *page.Case) error {
	if x.path == "conflict" || x.path == "protect" {
		return a.Go("/desk", "done.desk_"+x.path)
	}
	path := "/cases/" + c.ID
	if x.in != "" {
		path += "/" + x.in
	}
	return a.Go(path, "done.desk_"+x.path)
}
