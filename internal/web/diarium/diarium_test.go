package diarium_test

import (
	"encoding/json"
	"strings"
	"testing"

	"sluss/internal/diarium"
	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web"
	"sluss/internal/web/webtest"
)

type file struct {
	Format  string
	Entries []diarium.Entry
	Next    string
}

func fetch(t *testing.T, b *webtest.Browser, path string) file {
	t.Helper()
	var f file
	if err := json.Unmarshal([]byte(b.Get(path).Is(t, 200).HTML), &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestRegisterForEverybody: who is not logged in reads what orders have come
// in, each once, a year at a time; no person, no protected case, no question.
func TestRegisterForEverybody(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, web.Rooms)
	b := c.As("")
	f := fetch(t, b, "/diarium/export")
	seen := map[string]bool{}
	for i, x := range f.Entries {
		if seen[x.Case] || i > 0 && x.Received > f.Entries[i-1].Received {
			t.Errorf("%s twice, or out of order", x.Case)
		}
		seen[x.Case] = true
	}
	if f.Format != diarium.Version || len(seen) < 40 || f.Next != "" {
		t.Errorf("%s, %d entries, next %q", f.Format, len(seen), f.Next)
	}
	for _, name := range []showcase.Situation{showcase.Protected, showcase.Enquiry} {
		if id := c.Case(name); id == "" || seen[id] {
			t.Errorf("%s: %s is in the register", name, id)
		}
	}
	if !seen[c.Case(showcase.Conflict)] { // jäv is somebody's, not everybody's
		t.Error("a case that somebody is disqualified in is not in the register")
	}
	raw, _ := json.Marshal(f)
	for _, p := range showcase.Cast() {
		if strings.Contains(string(raw), p.ID) || strings.Contains(string(raw), p.Name) || p.Email != "" && strings.Contains(string(raw), p.Email) {
			t.Errorf("%s is in the register", p.ID)
		}
	}

	p := b.Get("/diarium").Is(t, 200).Has(t, f.Entries[0].Case, "Levererad", "Avslagen", "Personer nämns inte")
	links := strings.Join(p.Links(), " ")
	if !strings.Contains(links, "year=2025") {
		t.Errorf("%s", links)
	}
	for _, x := range fetch(t, b, "/diarium/export?year=2025").Entries {
		if x.Received.Year() != 2025 {
			t.Errorf("%s came %s", x.Case, x.Received)
		}
	}
	b.Get("/diarium?year=2001").Is(t, 200).Has(t, "Inga beställningar det året")
	for _, bad := range []string{"/diarium?year=nu", "/diarium?year=1750", "/diarium?after=x", "/diarium/export?after=2026-01-01", "/diarium/export?year=99999"} {
		b.Get(bad).Is(t, 404)
	}
	b.Lang = "en"
	b.Get("/diarium").Is(t, 200).Has(t, "Public register", "Delivered")
}

// TestRegisterKeepsSecrets: what the registrar leaves out is gone from the page
// and the file, with the provision in its place, and comes back when it is
// shown again; nobody else can do it.
func TestRegisterKeepsSecrets(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, web.Rooms)
	id := c.Case("to_review")
	r, everybody := c.As(showcase.Registrar), c.As("")
	form := "/cases/" + id + "/act/diarium"
	entry := func() diarium.Entry {
		for _, x := range fetch(t, everybody, "/diarium/export").Entries {
			if x.Case == id {
				return x
			}
		}
		t.Fatal("it is not in the register")
		return diarium.Entry{}
	}
	was := entry()
	if was.Title == "" || was.Principal == "" {
		t.Fatalf("%+v", was)
	}
	p := r.Get(form).Is(t, 200).Has(t, "Utelämna uppgifter i diariet")
	p = r.Send(p, form, webtest.Values{"left_out": "title\nprincipal", "secret_why": "Forskaren har bett om det"}).Is(t, 422).Has(t, "Skriv bestämmelsen om sekretess")
	r.Send(p, form, webtest.Values{"secret_by": "24 kap. 8 § OSL"}).Is(t, 200).Has(t, "Diariet är ändrat")
	if x := entry(); x.Title != "" || x.Principal != "" || x.Provision != "24 kap. 8 § OSL" || x.State != was.State {
		t.Errorf("%+v", x)
	}
	everybody.Get("/diarium").Is(t, 200).Has(t, "En uppgift är utelämnad (24 kap. 8 § OSL)").Lacks(t, was.Title)
	r.Send(r.Get(form), form, webtest.Values{"left_out": "", "secret_why": "Frågan är offentlig nu"}).Is(t, 200)
	if x := entry(); x.Title != was.Title || x.Principal != was.Principal || x.Provision != "" {
		t.Errorf("%+v", x)
	}
	c.As(showcase.Handler).Get(form).Is(t, 403)
}

// TestForecastForEverybody: the queue by phase without small numbers, and the
// days that finished orders make likely; none where too few are finished.
func TestForecastForEverybody(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, web.Rooms)
	b := c.As("")
	b.Get("/forecast").Is(t, 200).Has(t, "Forskning", "Statistik", "Data ", "färre än 5")
	var f struct {
		Format   string
		Purposes []struct {
			Purpose          string
			Earliest, Latest string
			Measured         bool
			Queue            []struct {
				Phase string
				N     *int
			}
		}
	}
	if err := json.Unmarshal([]byte(b.Get("/forecast/export").Is(t, 200).HTML), &f); err != nil {
		t.Fatal(err)
	}
	if f.Format != "sluss/forecast/v1" || len(f.Purposes) != 2 || f.Purposes[0].Earliest <= "2026-11-04" || f.Purposes[0].Latest < f.Purposes[0].Earliest || !f.Purposes[0].Measured || f.Purposes[1].Earliest != "" {
		t.Errorf("%+v", f)
	}
	place := -1
	for _, q := range f.Purposes[0].Queue {
		n := -1
		for i, p := range order.Phases {
			if string(p) == q.Phase {
				n = i
			}
		}
		if n <= place {
			t.Errorf("%s is out of order", q.Phase)
		}
		if place = n; q.N != nil && *q.N < 5 {
			t.Errorf("%s shows %d", q.Phase, *q.N)
		}
	}
	if len(f.Purposes[0].Queue) < 5 {
		t.Errorf("%+v", f.Purposes[0].Queue)
	}
}
