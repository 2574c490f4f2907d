package rulings_test

import (
	"testing"

	"sluss/internal/showcase"
	"sluss/internal/web/webtest"
)

// TestJourneyDrawnPopulation: a population of several conditions is decided from
// the form's fields, without script and without JSON; what is wrong in one of
// them is told there, and the rest is kept.
func TestJourneyDrawnPopulation(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("drawn_to_decide")
	b := c.As(showcase.Decider)
	p := b.Get("/cases/"+id+"/decide").Is(t, 200).Has(t, "Ett villkor till, nummer 2", "men inte: den som möter det här är inte med").Lacks(t, "Har .")
	table := p.Field("decide/look", "criteria_table")
	typed := webtest.Values{
		"reasons": "Det står klart att uppgifterna kan lämnas ut.", "criteria_ground": "114 kap. 12 § andra stycket",
		"criteria2_how": "not", "criteria2_table": table, "criteria2_from": "2012-01-01", "criteria2_to": "2011-01-01",
	}
	p = b.Send(p, "decide/look", typed).Is(t, 422).Has(t, "Sista dagen kommer före den första")
	if p.Field("decide/look", "criteria2_from") != "2012-01-01" || p.Field("decide/look", "criteria2_how") != "not" {
		t.Error("what was typed is gone")
	}
	p = b.Send(p, "decide/look", webtest.Values{"criteria2_to": "2012-12-31", "criteria3_how": "any", "criteria3_table": table, "criteria3_from": "2014-01-01", "criteria3_to": "2014-12-31", "criteria3_days": "14"}).Is(t, 200)
	b.Send(p, "/decide", webtest.Values{}).Is(t, 200).Has(t, "Beslutet är undertecknat")
	got := c.State(id).Decision.Scope.Persons.Criteria
	if got == nil || len(got.Any) != 2 || len(got.Not) != 1 || got.Any[1].AtLeast.Days != 14 || got.Not[0].Period.From.Date.String() != "2012-01-01" {
		t.Fatalf("%+v", got)
	}
}

// TestJourneyOrganisations: the decision on a population of organisations says
// whether sole traders, who are persons, are with them; page and letter tell.
func TestJourneyOrganisations(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("employers_to_decide")
	b := c.As(showcase.Decider)
	p := b.Get("/cases/"+id+"/decide").Is(t, 200).Has(t, "Enskilda näringsidkare", "organisationsnumret är ett personnummer")
	if got := p.Field("decide/look", "traders"); got != "exclude" || p.Field("decide/look", "identity_column") != "organisationsnummer" {
		t.Errorf("traders %q, column %q", got, p.Field("decide/look", "identity_column"))
	}
	p = b.Send(p, "decide/look", webtest.Values{"reasons": "Det står klart att uppgifterna kan lämnas ut."}).Is(t, 200).Has(t, "Populationen är organisationer. Enskilda näringsidkare, som är personer, ingår inte.")
	b.Send(p, "/decide", webtest.Values{}).Is(t, 200).Has(t, "Beslutet är undertecknat")
	got := c.State(id).Decision.Scope.Persons
	if !got.Organisations() || got.Traders != "exclude" || got.ID != "organisationsnummer" {
		t.Fatalf("%+v", got)
	}
}
