package apply

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// Ordering again: a new draft with the answers of an earlier case, its years
// moved, and copies of its documents.

type againBody struct {
	ID, Title string
	Form      *page.Form
	Period    string
}

// childKinds are what an earlier case can be continued by.
var childKinds = []string{intake.ChildRenewed, intake.ChildExtension, intake.ChildAmendment, intake.ChildRetention}

// continues reports whether a case can be.
func continues(s order.State) bool {
	return slices.ContainsFunc(childKinds, func(k string) bool { return order.Continues(s, k) == nil })
}

// showAgain asks for the years.
func showAgain(a *page.Ask) error {
	c, err := a.Case(access.ViewApplication)
	if err != nil {
		return err
	}
	if !continues(c.State) {
		return app.ErrNotFound
	}
	first, last := years(c.State.Application)
	f := againForm(a, c)
	f.Field("from").Value, f.Field("to").Value = first.String(), moved(a, c.State.Application, last).String()
	return againPage(a, c, f)
}

func againPage(a *page.Ask, c *page.Case, f *page.Form) error {
	first, last := years(c.State.Application)
	b := againBody{ID: c.ID, Title: c.State.Application.Title, Form: f, Period: page.LongDay(a.Lang, first) + " – " + page.LongDay(a.Lang, last)}
	v := page.View{Title: a.Word("apply.again"), Nav: "nav.cases", Body: b}
	if !f.OK() {
		return a.Refused("again", f, v)
	}
	return a.Show("again", v)
}

func againForm(a *page.Ask, c *page.Case) *page.Form {
	var kinds []page.Option
	for _, k := range childKinds {
		if order.Continues(c.State, k) == nil {
			kinds = append(kinds, page.Option{Value: k, Label: a.Word("apply.o_child_" + k), Hint: a.Word("apply.again_" + k), On: len(kinds) == 0})
		}
	}
	return a.Form("/cases/"+c.ID+"/again/begin", a.Word("apply.again_begin"),
		&page.Field{ID: "kind", Kind: page.Radio, Label: a.Word("apply.again_kind"), Options: kinds},
		&page.Field{ID: "from", Kind: page.Date, Label: a.Word("apply.again_from")},
		&page.Field{ID: "to", Kind: page.Date, Label: a.Word("apply.again_to")},
		a.Optional(&page.Field{ID: "reason", Kind: page.Area, Rows: 2, Label: a.Word("apply.again_reason")}),
	)
}

// years are the first and the last day asked for.
func years(app intake.Application) (first, last day.Day) {
	for i, w := range app.Data {
		if i == 0 || w.From < first {
			first = w.From
		}
		if i == 0 || w.To > last {
			last = w.To
		}
	}
	return first, last
}

// moved is the last whole year that every register of the order reaches today,
// never before the one that was asked for.
func moved(a *page.Ask, app intake.Application, last day.Day) day.Day {
	reach := a.Today
	for _, w := range app.Data {
		if r := a.Catalogue.Register(w.Register); r != nil {
			if x := a.Measured().Of(r, a.Today); x.Limited {
				reach = min(reach, x.Until)
			}
		}
	}
	end := day.FirstOfMonth((reach+1).Month()-(reach+1).Month()%12) - 1
	return max(end, last)
}

// again begins the new order.
func again(a *page.Ask) error {
	c, err := a.Case(access.ViewApplication)
	if err != nil {
		return err
	}
	f := againForm(a, c).Read(a)
	f.Need("kind", a.Word("apply.again_choose"))
	from, to := f.Day("from", a.Word("apply.day_wrong")), f.Day("to", a.Word("apply.day_wrong"))
	if f.OK() && from > to {
		f.Wrong("to", a.Word("apply.again_order"))
	}
	kind := f.Field("kind").Value
	if f.OK() {
		if err := order.Continues(c.State, kind); err != nil && !f.Take(err) {
			return err
		}
	}
	if !f.OK() {
		return againPage(a, c, f)
	}
	next := intake.Inherit(c.State.Application, c.ID, kind)
	next.Child.Reason = f.Field("reason").Value
	shift(&next, from, to)
	attachments := next.Attachments
	next.Attachments = nil
	raw, err := json.Marshal(next)
	if err != nil {
		return err
	}
	d, err := a.Orders.CreateDraft(a.R.Context(), a.Visitor.Person, raw)
	if err != nil {
		return err
	}
	s := sceneOf(a, d)
	ids, copies, err := s.copyFiles(c.ID, attachments)
	if err != nil {
		return err
	}
	if _, err := s.save(nil, "", func(t answers) { t.inherit(ids, copies) }); err != nil {
		return err
	}
	return a.Go(s.path(""), "done.apply_again")
}

// shift moves what is asked for to new years: wishes that began first and ended
// last do so again, the others keep their distance to the last day.
func shift(a *intake.Application, from, to day.Day) {
	first, last := years(*a)
	for i := range a.Data {
		w := &a.Data[i]
		if w.From == first {
			w.From = from
		} else {
			w.From = min(to, w.From+(to-last))
		}
		w.To = max(w.From, w.To+(to-last))
	}
}

// copyFiles puts copies of a case's documents into the draft: each order has
// its own.
func (s *scene) copyFiles(from string, list []intake.Attachment) (ids map[string]string, copies []intake.Attachment, err error) {
	ids = map[string]string{}
	for _, x := range list {
		at, r, err := s.Orders.OpenDocument(s.R.Context(), s.Visitor.Person, from, x.ID)
		if errors.Is(err, app.ErrNotFound) { // came by post: named, never uploaded
			copies = append(copies, x)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		again, err := s.Orders.TakeAttachment(s.R.Context(), s.Visitor.Person, s.ID, at.Name, x.Kind, r)
		_ = r.Close()
		if _, refused := errors.AsType[*fault.Fault](err); refused {
			continue // the rules on documents may have changed; its owner sends it again
		}
		if err != nil {
			return nil, nil, err
		}
		ids[x.ID], x.ID, x.SHA256 = again.ID, again.ID, string(again.SHA256)
		copies = append(copies, x)
	}
	return ids, copies, nil
}

// inherit names the copies, and renames them where the answers point to them.
func (t answers) inherit(ids map[string]string, copies []intake.Attachment) {
	for i, x := range copies {
		at := fmt.Sprintf("attachments.%d", i)
		of := x.Of
		if n, ok := ids[of]; ok {
			of = n
		}
		for _, m := range [][2]string{{"id", x.ID}, {"kind", x.Kind}, {"name", x.Name}, {"sha256", x.SHA256}, {"of", of}} {
			t.set(at+"."+m[0], m[1])
		}
	}
	for _, list := range []struct{ at, fields string }{{"ethics.approvals", "application decision"}, {matrix, "attachment"}} {
		for i := range t.rows(list.at) {
			for f := range strings.FieldsSeq(list.fields) {
				at := fmt.Sprintf("%s.%d.%s", list.at, i, f)
				if n, ok := ids[t.text(at)]; ok {
					t.set(at, n)
				}
			}
		}
	}
}
