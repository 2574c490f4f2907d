package vaultdesk_test

import (
	"slices"
	"strings"
	"testing"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/disclose"
	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web/caseroom"
	"sluss/internal/web/page"
	"sluss/internal/web/vaultdesk"
	"sluss/internal/web/webtest"
	"sluss/internal/workorder"
)

var rooms = []page.Room{caseroom.Room, vaultdesk.Room}

// report lets the vault report on the case's extraction.
func report(t *testing.T, c *webtest.Counter, id string, r workorder.Report) {
	t.Helper()
	for range 20 {
		w, err := c.App.NextWork(t.Context(), "test")
		if err != nil {
			t.Fatal(err)
		}
		if w.Order != id {
			continue
		}
		if err := c.App.Take(t.Context(), w.ID, r); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatal("the vault got no work")
}

func files(s order.State) *order.Extracted {
	x := &order.Extracted{Spec: s.SpecHash, Manifest: canon.Sum([]byte("manifest of " + s.ID))}
	x.Files = []order.FileSummary{{Name: "midas_sjp.csv", Rows: 1200, Persons: 300, Bytes: 48000, SHA256: canon.Sum([]byte("file"))}}
	x.Egress = []order.CheckResult{{Check: disclose.Readable, OK: true}, {Check: disclose.Persons, OK: true}}
	x.Counts = []order.CountLine{{Code: "midas_sjp.persons", Count: 310}, {Code: "midas_sjp.persons_without_rows", Count: 10}, {Code: "new.figure", Count: 3}}
	return x
}

// TestJourneyExtraction: a plan is made from the decision, signed and ordered;
// the vault reports; somebody else lets exactly that out, and whoever extracted
// cannot.
func TestJourneyExtraction(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("to_extract")
	b := c.As(showcase.Statistician)
	b.Get("/extractions").Is(t, 200).Has(t, id, "Väntar på plan")
	b.Get("/cases/"+id).Has(t, "Planera uttaget")
	p := b.Get("/cases/"+id+"/plan").Is(t, 200).Has(t, "Planen ryms i beslutet", "SHA-256", "som beslutet")

	p = b.Send(p, "/plan/order", webtest.Values{"midas_sjp.from": "2001-01-01"}).Is(t, 422).Has(t, "Perioden är längre än beslutet medger.", "går utöver beslutet")
	if p.Field("/plan/order", "midas_sjp.from") != "2001-01-01" {
		t.Error("what was typed is gone")
	}
	p.Lacks(t, "Underteckna och beställ")
	p = b.Get("/cases/" + id + "/plan")
	p = b.Send(p, "/plan/order", webtest.Values{"midas_sjp.var.diagnos": "level:icd_chapter", "midas_sjp.key": "delforman"}).Is(t, 422).Has(t, "Läs den som den är nu", "mindre än beslutet", "Fall, isär efter Delförmån")
	if c.State(id).Running {
		t.Fatal("what was not shown was ordered")
	}
	p = b.Send(p, "/plan/order", webtest.Values{}).Is(t, 200).Has(t, "Uttaget är beställt", "Valvet hämtar arbetet")
	if !slices.Contains(p.Links(), "/cases/"+id+"/run") || !strings.Contains(p.HTML, "data-events=") {
		t.Error("the page of a run does not follow it")
	}
	s := c.State(id)
	if !s.Running || s.ExtractedBy != showcase.Statistician {
		t.Fatalf("running %v by %s", s.Running, s.ExtractedBy)
	}
	coarse, apart := false, false
	for _, e := range s.Spec.Extracts {
		apart = apart || slices.Equal(e.Shape.OwnKey(), []string{"delforman"})
		for _, col := range e.Columns {
			coarse = coarse || col.Name == "diagnos" && col.Coarsen != nil && col.Coarsen.To == "icd_chapter"
		}
	}
	if !coarse || !apart {
		t.Error("the variable was not made coarser, or spells are not kept apart")
	}

	report(t, c, id, workorder.Report{Extracted: files(s)})
	p = b.Get("/cases/"+id+"/run").Is(t, 200).Has(t, "Grönt.", "midas_sjp.csv", "1\u00a0200", "personer utan rader", "new")
	if strings.Contains(p.HTML, "http-equiv") {
		t.Error("a finished run is fetched again and again")
	}
	b.Send(p, "run/ask", webtest.Values{"to": showcase.Releaser}).Is(t, 200).Has(t, "Ärendet är hos")
	if got := c.State(id).Has(order.RoleReleaser); got != showcase.Releaser {
		t.Errorf("asked %q", got)
	}

	own := b.Get("/cases/"+id+"/release").Is(t, 200).Has(t, "Någon annan godkänner")
	if own.HasForm("/release") {
		t.Error("whoever extracted is offered to release")
	}
	r := c.As(showcase.Releaser)
	r.Get("/extractions").Has(t, id)
	p = r.Get("/cases/"+id+"/release").Is(t, 200).Has(t, "Det här undertecknar du", string(files(s).Manifest), "Sten Åhlén-Roosvik")
	before := r.Submissions
	r.Send(p, "/release", webtest.Values{}).Is(t, 200).Has(t, "Leveransen är godkänd")
	if s := c.State(id); !s.Released || s.ReleasedBy != showcase.Releaser {
		t.Fatal("not released")
	}
	t.Logf("plan %d submissions, release %d", b.Submissions-3, r.Submissions-before)
}

// TestExtractorCannotRelease: not even with a releaser's role.
func TestExtractorCannotRelease(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("to_release")
	p := c.As(showcase.Releaser).Get("/cases/" + id + "/release")
	c.As(showcase.Statistician).Send(p, "/release", webtest.Values{}).Is(t, 403)
	if c.State(id).Released {
		t.Fatal("the extractor released")
	}
	admin := access.Person{ID: showcase.Administrator, Role: access.RoleAdministrator}
	if err := c.App.SetMember(t.Context(), admin, app.Member{ID: showcase.Statistician, Roles: []order.Role{order.RoleStatistician, order.RoleReleaser}}); err != nil {
		t.Fatal(err)
	}
	b := c.As(showcase.Statistician, order.RoleReleaser)
	b.Send(p, "/release", webtest.Values{}).Is(t, 422).Has(t, "Den som har gjort uttaget får inte släppa det.")
	if c.State(id).Released {
		t.Fatal("the extractor released in another role")
	}
}

// TestReleaseIsOfWhatWasShown: files that were made anew meanwhile are not let
// out by the approval of the old ones.
func TestReleaseIsOfWhatWasShown(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("to_release")
	r := c.As(showcase.Releaser)
	p := r.Get("/cases/" + id + "/release")
	b := c.As(showcase.Statistician)
	b.Send(b.Get("/cases/"+id+"/plan"), "/plan/order", webtest.Values{}).Is(t, 200)
	report(t, c, id, workorder.Report{Extracted: files(c.State(id))})
	r.Send(p, "/release", webtest.Values{}).Is(t, 422).Has(t, "Filerna är inte längre de som visades")
	if c.State(id).Released {
		t.Error("released unseen")
	}
}

// TestSendBack: the case goes back with the reason.
func TestSendBack(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("to_release")
	r := c.As(showcase.Releaser)
	p := r.Get("/cases/" + id + "/release")
	p = r.Send(p, "/release/back", webtest.Values{}).Is(t, 422).Has(t, "Skriv vad som behöver göras om.")
	r.Send(p, "/release/back", webtest.Values{"why": "Panelen ska vara per år."}).Is(t, 200).Has(t, "tillbaka hos den som gjorde uttaget")
	if s := c.State(id); s.Has(order.RoleReleaser) != "" || s.Has(order.RoleStatistician) != showcase.Statistician {
		t.Errorf("releaser %q, statistician %q", s.Has(order.RoleReleaser), s.Has(order.RoleStatistician))
	}
}

// TestReportLights: what a report shows.
func TestReportLights(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("extracting")
	x := files(c.State(id))
	x.Files[0].Persons = 3
	x.Egress[0] = order.CheckResult{Check: "future_check", OK: true}
	report(t, c, id, workorder.Report{Extracted: x})
	c.As(showcase.Statistician).Get("/cases/"+id+"/run").Is(t, 200).Has(t, "Gult.", "få", "future_check", "kan göras grövre")
	c.As(showcase.Statistician).Get("/cases/"+c.Case("extraction_failed")+"/run").Is(t, 200).Has(t, "Uttaget stoppades.", "from_datum")
	c.As(showcase.Statistician).Get("/extractions").Has(t, "Stoppade i valvet")
}

// TestOwnExtracts: a specification written as text replaces the choices, and is
// refused as any other.
func TestOwnExtracts(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("to_extract")
	b := c.As(showcase.Statistician)
	p := b.Get("/cases/" + id + "/plan")
	p = b.Send(p, "/plan", webtest.Values{"own": `[{"nome": 1}]`}).Is(t, 422).Has(t, "JSON gick inte att läsa")
	b.Send(p, "/plan", webtest.Values{"own": `[{"name":"a","table":"midas_sjp","shape":"subspell","window":{"from":"2001-01-01","to":"2002-01-01"},"columns":[{"name":"lopnr"}],"output":{"file":"a","format":"csv"}}]`}).
		Is(t, 422).Has(t, "går utöver beslutet", "Specifikationen begränsar inte förmånerna")
}

// TestTwin: made-up people with a table beside, the same every time.
func TestTwin(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.Statistician)
	path := "/cases/" + c.Case("to_extract") + "/twin"
	p := b.Get(path).Is(t, 200).Has(t, "påhittade", "Kan beställas till och med", "Fall nr")
	if !strings.Contains(p.HTML, `class="timeline"`) || strings.Count(p.HTML, `class="row-name"`) < 5 {
		t.Error("nobody is drawn")
	}
	if b.Get(path).HTML != p.HTML {
		t.Error("other people the second time")
	}
	if file := b.Get(path + "/zip"); file.Status != 200 || !strings.Contains(file.HTML, "-syntetisk/filer.tsv") {
		t.Errorf("the synthetic twin cannot be fetched: %d", file.Status)
	}
}

// TestWords: every check of the vault and every level of the catalogue has
// words.
func TestWords(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"sv", "en"} {
		words := page.ReadTexts(vaultdesk.Room.Files, lang)
		for _, x := range disclose.Check(disclose.Input{}) {
			if words["vaultdesk.check_"+x.Check] == "" {
				t.Errorf("%s: no words for the check %s", lang, x.Check)
			}
		}
	}
}

// TestWhoMay: every page of the room, as everybody of the cast in each role and
// in both languages.
func TestWhoMay(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	for _, p := range showcase.Cast() {
		for _, role := range p.Roles {
			b := c.As(p.ID, role)
			for _, r := range vaultdesk.Room.Routes {
				if r.Example == "" {
					continue
				}
				path := strings.NewReplacer("{case:to_extract}", c.Case("to_extract"), "{case:extracting}", c.Case("extracting"), "{case:to_release}", c.Case("to_release"), "{case:key_lost}", c.Case("key_lost")).Replace(r.Example)
				want := 403
				for _, x := range r.As {
					if x == role {
						want = 200
					}
				}
				for _, lang := range []string{"sv", "en"} {
					b.Lang = lang
					b.Get(path).Is(t, want)
				}
			}
		}
	}
}
