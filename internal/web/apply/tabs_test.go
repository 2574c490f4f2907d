package apply_test

import (
	"testing"

	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web/webtest"
)

// TestTwoTabsOfAWish and of the matrix: both texts are shown there, too, and a
// file that came with a stale form is kept.
func TestTwoTabsOfAWish(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.Orderer), c.Case(showcase.DraftComplete)
	wish, stale := b.Get("/drafts/"+id+"/data/0"), b.Get("/drafts/"+id+"/data/0")
	b.Send(wish, "data/0/save", webtest.Values{"data.0.motive": "Det första skälet."}).Is(t, 200)
	p := b.Send(stale, "data/0/save", webtest.Values{"data.0.motive": "Det andra skälet.", "data.0.variables": "dagar"}).Is(t, 409).Has(t, "Det första skälet.", "Det andra skälet.")
	if a, _ := application(t, c, showcase.Orderer, id); a.Data[0].Motive != "Det första skälet." || len(a.Data[0].Variables) < 2 {
		t.Fatalf("%+v", a.Data[0])
	}
	b.Send(p, "data/0/save", nil).Is(t, 200)
	if a, _ := application(t, c, showcase.Orderer, id); a.Data[0].Motive != "Det andra skälet." || len(a.Data[0].Variables) != 1 {
		t.Errorf("%+v", a.Data[0])
	}

	rows, staleRows := b.Get("/drafts/"+id+"/matrix"), b.Get("/drafts/"+id+"/matrix")
	b.Send(rows, "matrix/save", webtest.Values{"ethics.coverage.population.page": "4"}).Is(t, 200)
	p = b.Send(staleRows, "matrix/save", webtest.Values{"ethics.coverage.population.page": "5", "ethics.coverage.benefit:SJP.met": ""}).Is(t, 409)
	b.Send(p, "matrix/save", nil).Is(t, 200)
	a, _ := application(t, c, showcase.Orderer, id)
	if a.Covered("benefit:SJP") || !a.Covered("population") {
		t.Errorf("%+v", a.Ethics.Coverage)
	}
	for _, x := range a.Ethics.Coverage {
		if x.Item == "population" && x.Page != 5 {
			t.Errorf("page %d", x.Page)
		}
	}

	files, staleFiles := b.Get("/drafts/"+id+"/approvals"), b.Get("/drafts/"+id+"/approvals")
	b.Send(files, "approvals/save", webtest.Values{"ethics.approvals.0.number": "2026-00001-01"}).Is(t, 200)
	before, _ := application(t, c, showcase.Orderer, id)
	p = b.SendFiles(staleFiles, "approvals/save", nil, map[string]webtest.Upload{"ethics.approvals.0.decision_file": {Name: "nytt.pdf", Data: pdf("Ett nytt beslut")}}).Is(t, 409)
	after, _ := application(t, c, showcase.Orderer, id)
	if len(after.Attachments) != len(before.Attachments)+1 || after.Ethics.Approvals[0].Decision != before.Ethics.Approvals[0].Decision {
		t.Fatalf("%+v", after.Attachments)
	}
	b.Send(p, "approvals/save", nil).Is(t, 200)
	if after, _ = application(t, c, showcase.Orderer, id); after.Ethics.Approvals[0].Decision != after.Attachments[len(after.Attachments)-1].ID {
		t.Errorf("%+v", after.Ethics.Approvals[0])
	}
}

// TestUntickedGoesOut: the register's page tells all that is wanted of a table.
func TestUntickedGoesOut(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.Orderer), c.Case(showcase.DraftComplete)
	page := "/catalogue/midas_sjuk?order=" + id
	b.Send(b.Get(page), "/basket/add", webtest.Values{"variable": "dagar\nbelopp"}).Is(t, 200)
	if a, _ := application(t, c, showcase.Orderer, id); len(a.Data) != 1 || len(a.Data[0].Variables) != 2 || a.Data[0].Motive == "" {
		t.Errorf("%+v", a.Data)
	}
	b.Send(b.Get(page), "/basket/add", webtest.Values{"variable": ""}).Is(t, 200)
	if a, _ := application(t, c, showcase.Orderer, id); len(a.Data) != 0 {
		t.Errorf("%+v", a.Data)
	}
	c.As(showcase.PrivateOrderer).Send(c.As(showcase.PrivateOrderer).Get("/catalogue/midas_sjuk"), "/basket/add", nil).Is(t, 422)
}

// TestPurposeLeadsTheWay: a statistics order has its own page and needs no
// ethics coverage; a research order the other way round. Both languages.
func TestPurposeLeadsTheWay(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	for _, lang := range []string{"sv", "en"} {
		b := c.As(showcase.StatsOrderer)
		b.Lang = lang
		p := b.Send(b.Get("/drafts"), "/drafts/begin", webtest.Values{"purpose": "statistics"}).Is(t, 200)
		p.Has(t, map[string]string{"sv": "Behövs inte", "en": "Not needed"}[lang])
		b.Get(p.Path+"/authority").Is(t, 200)
		for _, none := range []string{"/approvals", "/matrix"} {
			b.Get(p.Path+none).Is(t, 404)
		}
		b.Send(p, "/delete", nil).Is(t, 422)
		b.Send(p, "/delete", webtest.Values{"sure": "yes"}).Is(t, 200)
		b.Get(p.Path).Is(t, 404)
	}
	c.As(showcase.CoApplicant, order.RoleCoApplicant).Get("/drafts").Is(t, 403)
}
