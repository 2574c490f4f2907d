package desk_test

import (
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web/webtest"
)

// inTrouble are the mails of the showcase that did not arrive, by state.
func inTrouble(t *testing.T, c *webtest.Counter) map[string]app.Mail {
	t.Helper()
	all, err := c.DB.MailInTrouble(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]app.Mail{}
	for _, m := range all {
		out[m.State] = m
	}
	if len(out) != 3 {
		t.Fatalf("%+v", all)
	}
	return out
}

// TestJourneyMailThatDidNotArrive: the registrar sees what was refused, corrects
// the address in the case and sends it again; no address stands on a list or in
// an address of the site.
func TestJourneyMailThatDidNotArrive(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.Registrar)
	m := inTrouble(t, c)[app.MailRefused]
	p := b.Get("/mail").Is(t, 200).Has(t, m.Case, "Servern tog inte emot det (550)", "Väntar på nytt försök", "Uppgivet efter tre dygn", "Skicka igen", "Adressen är fel").Lacks(t, "@")
	if strings.Contains(strings.Join(p.Links(), " "), "@") {
		t.Error("an address stands in a link")
	}
	b.Get("/cases/"+m.Case).Is(t, 200).Has(t, "avvisat", "Något mejl har inte kommit fram")
	p = b.Get("/cases/"+m.Case+"/act/address").Is(t, 200)
	of := map[string]string{"orderer": "orderer", "representative": "representative"}[m.Audience]
	p = b.Send(p, "act/address", webtest.Values{"mail_of": of, "new_address": "elin at u", "known_by": ""}).Is(t, 422)
	if p.Field("act/address", "new_address") != "elin at u" {
		t.Error("what was typed is gone")
	}
	p = b.Send(p, "act/address", webtest.Values{"known_by": "Ringde"}).Is(t, 422).Has(t, "namn@organisation.se")
	p = b.Send(p, "act/address", webtest.Values{"new_address": "elin.ny@sjolunda.example"}).Is(t, 200).Has(t, "Adressen är rättad")
	b.Send(p, "/mail/again", webtest.Values{}).Is(t, 200).Has(t, "Mejlet skickas igen", "På väg")
	got, err := c.DB.Mail(t.Context(), m.ID)
	if err != nil || got.State != app.MailQueued || got.Address != "elin.ny@sjolunda.example" || got.Fault != "" || got.Attempts != 0 {
		t.Errorf("%+v %v", got, err)
	}
	log, err := c.DB.Changes(t.Context(), "mail", 0)
	if err != nil || len(log) != 1 || log[0].By.ID != showcase.Registrar || strings.Contains(string(log[0].Doc), "@") {
		t.Errorf("%+v %v", log, err)
	}
	if s := c.State(m.Case); s.Application.Orderer.Email == "elin.ny@sjolunda.example" || s.Application.Principal.Representative.Email == "elin.ny@sjolunda.example" {
		t.Error("the application has been changed")
	}
}

// TestMailPages: the administrator sees that mail is in trouble and of no case;
// each of the staff sees a case's mail; nobody from outside does.
func TestMailPages(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	all := inTrouble(t, c)
	admin := c.As(showcase.Administrator)
	p := admin.Get("/mail").Is(t, 200).Has(t, "Skicka igen").Lacks(t, all[app.MailRefused].Case, all[app.MailGivenUp].Case, "Adressen är fel", "@")
	admin.Send(p, "/mail/again", webtest.Values{}).Is(t, 200).Has(t, "Mejlet skickas igen")
	b := c.As(showcase.Handler)
	page := "/cases/" + all[app.MailQueued].Case + "/mail"
	b.Get(page).Is(t, 200).Has(t, "Väntar på nytt försök", "(451)").Lacks(t, "@")
	c.As(showcase.Statistician).Get(page).Is(t, 200)
	b.Get("/cases/"+c.Case(showcase.Recalled)+"/mail").Is(t, 200).Has(t, "dataskyddsombudet").Lacks(t, "@")
	for who, role := range map[string]order.Role{showcase.Orderer: order.RoleOrderer, showcase.Representative: order.RoleRepresentative} {
		for _, path := range []string{page, "/mail"} {
			c.As(who, role).Get(path).Is(t, 403)
		}
		c.As(who, role).Get("/cases/"+all[app.MailQueued].Case).Lacks(t, "Allt om e-posten")
	}
	c.As(showcase.Handler).Get("/mail").Is(t, 403)
	// Twice: the second finds that it has gone.
	first, second := b.Get(page), b.Get(page)
	b.Send(first, "/mail/again", webtest.Values{}).Is(t, 200)
	b.Send(second, "/mail/again", webtest.Values{}).Is(t, 422).Has(t, "redan gått")
	b.Lang = "en"
	b.Get(page+"?lang=en").Is(t, 200).Has(t, "On its way")
}
