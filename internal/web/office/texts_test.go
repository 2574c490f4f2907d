package office_test

import (
	"slices"
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/letter"
	"sluss/internal/showcase"
	"sluss/internal/web/webtest"
)

// TestTexts: the administrator finds a text, tries it, uses it, sees it on its
// page and takes it back; others do not get there.
func TestTexts(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.Administrator)
	page := "/admin/texts/office.health_queue"
	p := b.Get("/admin/texts?q=office.health_queue").Is(t, 200)
	if !strings.Contains(strings.Join(p.Links(), " "), page) {
		t.Fatalf("%v", p.Links())
	}
	b.Get("/admin/texts?q=finnsinte").Is(t, 200).Has(t, "Ingen text har orden")
	p = b.Get(page).Is(t, 200).Has(t, "Som originalet")
	was := p.Field(page, "sv")
	typed := webtest.Values{"do": "try", "sv": "Arbeten i kö", "en": "Work that waits"}
	p = b.Send(p, page, typed).Is(t, 200).Has(t, "Så blir texten", "Arbeten i kö", "Inget är ändrat än")
	b.Get("/admin/health").Lacks(t, "Arbeten i kö")
	p = b.Send(p, page, webtest.Values{"do": "save"}).Is(t, 422).Has(t, "Skälet saknas")
	if p.Field(page, "sv") != "Arbeten i kö" {
		t.Error("what was typed is gone")
	}
	b.Send(p, page, webtest.Values{"do": "save", "reason": "Så säger vi"}).Is(t, 200).Has(t, "Texten är sparad", "Så säger vi", was)
	b.Get("/admin/health").Has(t, "Arbeten i kö")
	b.Lang = "en"
	b.Get("/admin/health?lang=en").Has(t, "Work that waits")
	b.Lang = "sv"
	b.Get("/admin/texts").Is(t, 200).Has(t, "Arbeten i kö", "egen text från 2026-11-04", "Så säger vi", "Tomas Åströmsäter")
	if b.Submissions != 3 {
		t.Errorf("%d submissions", b.Submissions)
	}

	// Bad input, each kept and told at its field.
	for name, bad := range map[string]struct {
		typed webtest.Values
		want  string
	}{
		"markup":  {webtest.Values{"sv": "Kö <b>nu</b>"}, "hör inte hemma"},
		"empty":   {webtest.Values{"sv": ""}, "Texten är tom"},
		"both":    {webtest.Values{"sv": "", "en": ""}, "Texten är tom"},
		"word":    {webtest.Values{"sv": "Kö av mikrodata"}, "individdata"},
		"day":     {webtest.Values{"from": "snart"}, "Skriv en dag"},
		"past":    {webtest.Values{"from": "2020-01-01"}, "Dagen har redan varit"},
		"ends":    {webtest.Values{"until": "2026-11-03"}, "Sista dagen"},
		"numbers": {webtest.Values{"sv": "%d i kö"}, "inte detsamma"},
	} {
		bad.typed["do"], bad.typed["reason"] = "save", "x"
		p := b.Send(b.Get(page), page, bad.typed).Is(t, 422).Has(t, bad.want)
		for f, v := range bad.typed {
			if f != "do" && p.Field(page, f) != v {
				t.Errorf("%s: %s is %q", name, f, p.Field(page, f))
			}
		}
	}
	b.Send(b.Get(page), page+"/back", webtest.Values{}).Is(t, 422).Has(t, "Skriv varför")
	b.Send(b.Get(page), page+"/back", webtest.Values{"why": "Ångrat"}).Is(t, 200).Has(t, "Originalet gäller igen", "Ångrat")
	b.Get("/admin/health").Lacks(t, "Arbeten i kö")

	b.Get("/admin/texts/office.text_save").Is(t, 200).Has(t, "hör till sidan där texter ändras").Lacks(t, "Använd texten nu")
	b.Get("/admin/texts/no.such").Is(t, 404)
	c.As(showcase.Handler).Get("/admin/texts").Is(t, 403)
	if p := c.As("").Get("/admin/texts"); p.Path != "/login" {
		t.Errorf("%s", p.Path)
	}
}

// TestTextsOfLetters: a letter says a text as it was said when it was written.
func TestTextsOfLetters(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.Administrator)
	page := "/admin/texts/letter.contact_questions"
	b.Send(b.Get(page), page, webtest.Values{"do": "save", "sv": "Undrar du något?", "en": "Do you wonder?", "reason": "Vänligare"}).Is(t, 200)
	id := c.Case("closed")
	entries, err := c.DB.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	docs := app.DocumentList(id, entries)
	i := slices.IndexFunc(docs, func(d app.CaseDocument) bool { return d.Kind == string(letter.Receipt) })
	if i < 0 {
		t.Fatal("the case has no receipt")
	}
	l, err := c.App.Letter(t.Context(), id, entries, docs[i], "sv")
	if err != nil || strings.Contains(l.Text(), "UNDRAR DU NÅGOT?") || !strings.Contains(l.Text(), "FRÅGOR") {
		t.Errorf("a letter from before reads (%v)\n%s", err, l.Text())
	}
	for i := range entries { // the same letter, written after the change
		entries[i].At = entries[i].At.AddDate(1, 0, 0)
	}
	if l, err = c.App.Letter(t.Context(), id, entries, docs[i], "sv"); err != nil || !strings.Contains(l.Text(), "UNDRAR DU NÅGOT?") {
		t.Errorf("a letter from after reads (%v)\n%s", err, l.Text())
	}
}
