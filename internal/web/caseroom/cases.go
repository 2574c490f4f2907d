package caseroom

import (
	"slices"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/clock"
	"sluss/internal/order"
	"sluss/internal/swede"
	"sluss/internal/turn"
	"sluss/internal/web/canal"
	"sluss/internal/web/page"
)

type caseBody struct {
	ID, Title, Principal, Phase string
	Turn                        turnView
	Canal                       page.CanalView
	Acts, More, Parts           []page.Link
	Clocks                      []clockView
	Steps                       []stepView
	Mail                        []mailLine
	MailPath                    string
	MailTrouble                 bool
}

// mailLine is a mail of the case, as staff see it.
type mailLine struct{ What, To, State, On string }

type turnView struct {
	Class, Whose, Where, Do string
	By, ByISO               string
	Late                    bool
}

type clockView struct {
	Name, Due, DueISO, Source string
	Late                      bool
	Steps                     []string
}

type stepView struct {
	Day, ISO, Role, What, Checked, Law string
}

// one is the page of a case.
func one(a *page.Ask) error {
	c, err := a.Case(access.ViewCase)
	if err != nil {
		return err
	}
	st, today := c.State, a.Today
	if n := len(c.Entries); n > 0 { // a case of simulated time is read on its own day
		today = max(today, swede.CivilDay(c.Entries[n-1].At))
	}
	b := caseBody{ID: c.ID, Title: titleOf(a, st), Principal: st.Application.Principal.Name, Phase: page.Phase(a.Lang, access.Phase(a.Role(), st))}
	b.Turn = turnOf(a, turn.Of(st, a.Authority, today, a.Role()))
	b.Canal = a.Canal(canal.Of(st, a.Role(), b.Turn.Late), nil)
	for _, x := range a.Acts(c) {
		if x.Main {
			b.Acts = append(b.Acts, x)
		} else {
			b.More = append(b.More, x)
		}
	}
	b.Parts = a.Parts(c)
	if a.Sees(c, access.ViewClocks) {
		for _, k := range order.Clocks(app.AsSeen(a.Role(), c.Relation, c.Entries, st), a.Authority, today) {
			if k.Status == clock.Running || k.Status == clock.Paused || k.Status == clock.Late && !k.HasDone {
				v := clockView{Name: k.Def.Name.In(a.Lang), Due: page.LongDay(a.Lang, k.Due), DueISO: k.Due.String(), Source: k.Def.Source, Late: today > k.Due}
				for _, s := range k.Steps {
					v.Steps = append(v.Steps, s.Text.In(a.Lang))
				}
				b.Clocks = append(b.Clocks, v)
			}
		}
	}
	if err := b.posted(a, c); err != nil {
		return err
	}
	for _, v := range access.Read(a.Role(), c.Relation, c.Entries, st) {
		e := v.Entry
		l := order.Tell(e)
		on := swede.CivilDay(e.At)
		s := stepView{page.LongDay(a.Lang, on), on.String(), page.Role(a.Lang, e.By.Role), order.Headline(e.Event.Type()).In(a.Lang), "", ""}
		if v.Depth == access.Full {
			s.What, s.Checked, s.Law = l.What.In(a.Lang), l.Checked.In(a.Lang), l.Law
		}
		b.Steps = append(b.Steps, s)
	}
	return a.Show("case", page.View{Title: c.ID + " " + b.Title, Nav: "nav.cases", Body: b})
}

// posted tells staff how the mail of the case went, the latest first.
func (b *caseBody) posted(a *page.Ask, c *page.Case) error {
	if !access.Works(a.Role()) || !a.Sees(c, access.ViewDesk) {
		return nil
	}
	all, err := a.Orders.MailOf(a.R.Context(), c.ID)
	b.MailPath = "/cases/" + c.ID + "/mail"
	for _, m := range slices.Backward(all) {
		state := m.State
		if state == app.MailQueued && m.Fault != "" {
			state = "waiting"
		}
		b.MailTrouble = b.MailTrouble || state != app.MailSent && state != app.MailQueued
		if len(b.Mail) < 5 {
			b.Mail = append(b.Mail, mailLine{order.Headline(m.Event).In(a.Lang), a.Word("case.mail_to_" + m.Audience), a.Word("case.mail_" + state), swede.CivilDay(m.Made).String()})
		}
	}
	return err
}

func turnOf(a *page.Ask, t turn.Turn) turnView {
	v := turnView{Class: string(t.Whose), Whose: a.Word("case.turn_" + string(t.Whose)), Where: t.Where.In(a.Lang), Do: t.Do.In(a.Lang), Late: t.Late}
	// Where it is begins with whose it is; that is said once. Whose turn it is
	// reads what to do first.
	whose, what, told := strings.Cut(v.Where, ": ")
	switch {
	case t.Whose == turn.You:
		v.Where, v.Do = v.Do, ""
	case told:
		v.Whose, v.Where = whose, what
	default:
		v.Whose = ""
	}
	if t.HasBy {
		v.By, v.ByISO = page.LongDay(a.Lang, t.By), t.By.String()
	}
	return v
}
