package apply_test

import (
	"strings"
	"testing"

	"sluss/internal/showcase"
	"sluss/internal/web/webtest"
)

// TestSavedWhileWritten: each field that is left is in the draft; nothing is
// told to be wrong while one writes; the button that saves afterwards meets no
// conflict with what the script saved.
func TestSavedWhileWritten(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.Orderer), c.Case(showcase.DraftComplete)
	saved := func(p *webtest.Page, action string, typed webtest.Values) {
		t.Helper()
		if status, line := b.Save(p, action, typed); status != 200 || !strings.HasPrefix(line, "Sparat 1") {
			t.Errorf("%s: %d %q", action, status, line)
		}
	}
	p := b.Get("/drafts/" + id + "/about")
	saved(p, "about/save", webtest.Values{"title": "Skriven först"})
	saved(p, "about/save", webtest.Values{"title": "Skriven först", "project.end": "våren 20"})
	if now := b.Get("/drafts/" + id + "/about"); now.Field("about/save", "title") != "Skriven först" || now.Field("about/save", "project.end") != "våren 20" {
		t.Fatalf("title %q, end %q", now.Field("about/save", "title"), now.Field("about/save", "project.end"))
	}
	b.Send(p, "about/save", webtest.Values{"title": "Skriven sedan", "project.end": "2031-06-30"}).Is(t, 200)
	if a, _ := application(t, c, showcase.Orderer, id); a.Title != "Skriven sedan" || a.Project.End.String() != "2031-06-30" {
		t.Fatalf("%q %v", a.Title, a.Project.End)
	}
	for name, field := range map[string]string{"principal": "principal.name", "people": "project.researchers", "delivery": "invoice.reference", "population": "population.definition", "data/0": "data.0.motive", "approvals": "ethics.approvals.0.number", "matrix": "ethics.coverage.period.quote"} {
		p := b.Get("/drafts/"+id+"/"+name).Is(t, 200)
		saved(p, name+"/save", webtest.Values{field: "Ord på " + name})
		if got := b.Get("/drafts/"+id+"/"+name).Field(name+"/save", field); got != "Ord på "+name {
			t.Errorf("%s: %s holds %q", name, field, got)
		}
		b.Send(p, name+"/save", webtest.Values{field: "Annat på " + name}) // 409 if the form were stale
		if got := b.Get("/drafts/"+id+"/"+name).Field(name+"/save", field); got != "Annat på "+name {
			t.Errorf("%s by the button: %s holds %q", name, field, got)
		}
	}
}

// TestRowsKeepTheirPlaces: a row that is emptied while one writes would give the
// others new numbers. It is kept beside the draft until the button is pressed,
// and offered when the page is opened again.
func TestRowsKeepTheirPlaces(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.Orderer), c.Case(showcase.DraftComplete)
	at := "/drafts/" + id + "/population"
	p := b.Get(at)
	p = b.Send(p, "population/save", webtest.Values{"do": "add:population.columns"})
	p = b.Send(p, "population/save", webtest.Values{"do": "add:population.columns", "population.columns.0.name": "ett", "population.columns.0.type": "date", "population.columns.0.use": "steer"})
	p = b.Send(p, "population/save", webtest.Values{"do": "stay", "population.columns.1.name": "två", "population.columns.1.type": "code", "population.columns.1.use": "pass"})
	columns := func() (out []string) {
		a, _ := application(t, c, showcase.Orderer, id)
		for _, x := range a.Population.Columns {
			out = append(out, x.Name)
		}
		return out
	}
	empty := webtest.Values{"population.columns.0.name": "", "population.columns.0.type": "", "population.columns.0.use": "", "population.holder": "Nytt register"}
	if status, line := b.Save(p, "population/save", empty); status != 200 || !strings.HasPrefix(line, "Sparat") {
		t.Fatalf("%d %q", status, line)
	}
	if got := columns(); strings.Join(got, " ") != "ett två" {
		t.Errorf("the draft has the columns %v", got)
	}
	b.Get(at).Has(t, "Du har en osparad text från", "Fortsätt", "Släng")
	p = b.Get(at+"?unsent="+at+"/save").Is(t, 200).Has(t, "I fälten står det du skrev")
	if p.Field("population/save", "population.holder") != "Nytt register" || p.Field("population/save", "population.columns.0.name") != "" || p.Field("population/save", "population.columns.1.name") != "två" {
		t.Errorf("the fields hold %q, %q, %q", p.Field("population/save", "population.holder"), p.Field("population/save", "population.columns.0.name"), p.Field("population/save", "population.columns.1.name"))
	}
	b.Send(p, "population/save", nil).Is(t, 200)
	if got := columns(); strings.Join(got, " ") != "två" {
		t.Errorf("after the button the draft has %v", got)
	}
	b.Get(at).Lacks(t, "osparad text")
}

// TestSavedByTwo: what somebody else has changed is not written over while one
// writes; both texts are shown when the button is pressed, also after the page
// has been opened again.
func TestSavedByTwo(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.Orderer), c.Case(showcase.DraftComplete)
	at := "/drafts/" + id + "/about"
	mine, theirs := b.Get(at), b.Get(at)
	b.Send(theirs, "about/save", webtest.Values{"title": "Deras"}).Is(t, 200)
	if status, _ := b.Save(mine, "about/save", webtest.Values{"title": "Min"}); status != 200 {
		t.Fatal(status)
	}
	if a, _ := application(t, c, showcase.Orderer, id); a.Title != "Deras" {
		t.Fatalf("title %q", a.Title)
	}
	p := b.Get(at + "?unsent=" + at + "/save")
	b.Send(p, "about/save", nil).Is(t, 409).Has(t, "Deras", "Min")
}
