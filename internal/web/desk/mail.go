package desk

import (
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// How the mail of a case went, and the list of what did not arrive. An address
// is never shown here: the case says where its people are reached.

// sent is a mail as staff see it.
type sent struct {
	No, Case, What, To, State, Class, Tries, When, Next string
	Again                                               *page.Form
	Correct                                             string // where the address is corrected
}

// sentOf is a mail in words.
func sentOf(a *page.Ask, m app.Mail) sent {
	x := sent{
		No: strconv.FormatInt(m.ID, 10), Case: m.Case, What: order.Headline(m.Event).In(a.Lang), To: a.Word("outbox.to_" + m.Audience), State: a.Word("outbox.state_" + m.State), Class: "status-" + m.State,
		Tries: strconv.Itoa(m.Attempts), When: m.Made.Format("2006-01-02 15:04"),
	}
	fault, code, _ := strings.Cut(m.Fault, " ")
	switch {
	case m.State == app.MailQueued && m.Fault == "":
		x.Next = a.Word("outbox.next") + " " + m.RunAt.Format("2006-01-02 15:04")
	case m.State == app.MailQueued:
		x.State = a.Word("outbox.state_waiting")
		x.Next = a.Word("outbox.again_at") + " " + m.RunAt.Format("2006-01-02 15:04")
	case !m.Settled.IsZero():
		x.When = m.Settled.Format("2006-01-02 15:04")
	}
	if why, ok := map[string]string{"mail.refused": "outbox.why_refused", "mail.later": "outbox.why_later", "mail.personal": "outbox.why_personal", "mail.letters": "outbox.why_letters"}[fault]; ok {
		x.State += ". " + a.Word(why)
		if code != "" {
			x.State += " (" + code + ")"
		}
	}
	return x
}

// troubled reports whether somebody has to do something.
func troubled(m app.Mail) bool {
	return m.State == app.MailRefused || m.State == app.MailGivenUp || m.State == app.MailQueued && m.Fault != ""
}

// offer adds what can be done with a mail that did not arrive.
func (x *sent) offer(a *page.Ask, m app.Mail, path string) {
	x.Again = a.Form(path, a.Word("outbox.again"), &page.Field{ID: "mail", Kind: page.Hidden, Value: x.No})
	x.Again.Small = true
	if m.Case != "" && m.Audience != "supplier" {
		x.Correct = "/cases/" + m.Case + "/act/address"
	}
}

type mailBody struct {
	page.Head
	Mail []sent
	None string
	F    *page.Form // with a refusal
}

// mailOf is the mail of a case.
func mailOf(a *page.Ask) (*mailBody, *page.Case, error) {
	c, err := a.Case(access.ViewDesk)
	if err != nil {
		return nil, nil, err
	}
	b := &mailBody{Head: headOf(a, c, "outbox.case_lead"), None: a.Word("outbox.none"), F: &page.Form{Lang: a.Lang, Heading: a.Word("form.heading")}}
	all, err := a.Orders.MailOf(a.R.Context(), c.ID)
	for _, m := range all {
		x := sentOf(a, m)
		if troubled(m) && (a.Role() == order.RoleRegistrar || a.Role() == order.RoleHandler) {
			x.offer(a, m, "/cases/"+c.ID+"/mail/again")
		}
		x.Case = "" // it is this one
		b.Mail = append(b.Mail, x)
	}
	return b, c, err
}

func mail(a *page.Ask) error {
	b, _, err := mailOf(a)
	if err != nil {
		return err
	}
	return a.Show("desk-mail", page.View{Title: a.Word("outbox.title"), Nav: "nav.cases", Body: b})
}

// mailAgain sends a mail of the case again.
func mailAgain(a *page.Ask) error {
	b, c, err := mailOf(a)
	if err != nil {
		return err
	}
	if err := again(a); err != nil {
		if !b.F.Take(err) {
			return err
		}
		return a.Refused("desk-mail", b.F, page.View{Title: a.Word("outbox.title"), Nav: "nav.cases", Body: b})
	}
	return a.Go("/cases/"+c.ID+"/mail", "done.desk_mail")
}

func again(a *page.Ask) error {
	n, err := strconv.ParseInt(a.Value("mail"), 10, 64)
	if err != nil {
		return app.ErrNotFound
	}
	return a.Orders.SendMailAgain(a.R.Context(), a.Visitor.Person, n)
}

// troubleBody is mail that did not arrive.
type troubleBody struct {
	Mail               []sent
	Ended, Waits, More int
	ByCase             bool
	F                  *page.Form
}

func troubleOf(a *page.Ask) (*troubleBody, error) {
	if err := a.Orders.LogList(a.R.Context(), a.Visitor.Person, "mail", ""); a.Role() == order.RoleRegistrar && err != nil {
		return nil, err
	}
	all, more, err := a.Orders.MailInTrouble(a.R.Context(), a.Visitor.Person)
	b := &troubleBody{ByCase: a.Role() == order.RoleRegistrar, F: &page.Form{Lang: a.Lang, Heading: a.Word("form.heading")}}
	if more {
		b.More = len(all)
	}
	for _, m := range all {
		x := sentOf(a, m)
		x.offer(a, m, "/mail/again")
		if m.State == app.MailQueued {
			b.Waits++
		} else {
			b.Ended++
		}
		b.Mail = append(b.Mail, x)
	}
	return b, err
}

func troubleView(a *page.Ask, b *troubleBody) page.View {
	nav := "letters.nav"
	if !b.ByCase {
		nav = "office.nav_admin"
	}
	return page.View{Title: a.Word("outbox.trouble"), Nav: nav, Body: b}
}

// trouble lists mail that did not arrive.
func trouble(a *page.Ask) error {
	b, err := troubleOf(a)
	if err != nil {
		return err
	}
	return a.Show("desk-trouble", troubleView(a, b))
}

func troubleAgain(a *page.Ask) error {
	err := again(a)
	if err == nil {
		return a.Go("/mail", "done.desk_mail")
	}
	b, err2 := troubleOf(a)
	if err2 != nil {
		return err2
	}
	if !b.F.Take(err) {
		return err
	}
	return a.Refused("desk-trouble", b.F, troubleView(a, b))
}
