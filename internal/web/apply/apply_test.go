package apply_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web/apply"
	"sluss/internal/web/caseroom"
	"sluss/internal/web/page"
	"sluss/internal/web/public"
	"sluss/internal/web/webtest"
)

var rooms = []page.Room{apply.Room, public.Room, caseroom.Room}

// TestPagesByRole: orderers see the pages of their own drafts; other orderers
// get to know nothing of them, and other roles are told that the page is not
// theirs.
func TestPagesByRole(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.DraftComplete)
	for _, r := range apply.Room.Routes {
		if strings.Contains(r.Example, string(showcase.DraftStatistics)) {
			c.As(showcase.StatsOrderer).Get(strings.ReplaceAll(r.Example, "{case:draft_statistics}", c.Case(showcase.DraftStatistics))).Is(t, 200)
			continue
		}
		path := strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(r.Example, "{case:draft_complete}", id), "{case:new}", c.Case(showcase.New)), "{case:closed}", c.Case(showcase.Closed))
		if path == "" {
			continue
		}
		for _, lang := range []string{"sv", "en"} {
			b := c.As(showcase.Orderer)
			b.Lang = lang
			want := r.Status
			if want == 0 {
				want = 200
			}
			if p := b.Get(path); p.Status != want && !strings.HasPrefix(path, "/cases/") { // those cases have another orderer
				t.Errorf("%s: %d", path, p.Status)
			}
		}
		if strings.HasPrefix(path, "/drafts/") {
			c.As(showcase.OtherOrderer).Get(path).Is(t, 404)
		}
		for _, p := range showcase.Cast() {
			for _, role := range p.Roles {
				if role != order.RoleOrderer {
					c.As(p.ID, role).Get(path).Is(t, 403)
				}
			}
		}
		if p := c.As("").Get(path); p.Path != "/login" {
			t.Errorf("%s is shown to nobody", path)
		}
	}
}

// fieldsOn are the names of the fields on a page, as question ids.
func fieldsOn(p *webtest.Page) []string {
	var out []string
	for _, m := range regexp.MustCompile(` name="([^"]+)"`).FindAllStringSubmatch(p.HTML, -1) {
		name := strings.TrimSuffix(m[1], "_file")
		if rest, ok := strings.CutPrefix(name, "ethics.coverage."); ok {
			_, q, _ := strings.Cut(rest, ".")
			out = append(out, "ethics.coverage[]."+q)
			continue
		}
		out = append(out, regexp.MustCompile(`\.\d+`).ReplaceAllString(name, "[]"))
	}
	return out
}

// TestEveryQuestionHasAField: every question of the form stands on some page,
// for both purposes; what does not is named here, with its reason.
func TestEveryQuestionHasAField(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	set := map[string]string{
		"form": "the version of the form, which nobody chooses", "attachments[].id": "given when the file is sent", "attachments[].sha256": "of the file",
		"ethics.coverage[].item": "the row itself",
	}
	onlyResearch, onlyStatistics := []string{"ethics", "sensitive", "sensitive_categories", "project.student_thesis", "project.researchers"}, []string{"statistics"}
	for purpose, draft := range map[intake.Purpose]struct {
		who, id string
		without []string
	}{
		intake.Research:   {showcase.Orderer, c.Case(showcase.DraftComplete), onlyStatistics},
		intake.Statistics: {showcase.StatsOrderer, c.Case(showcase.DraftStatistics), onlyResearch},
	} {
		b := c.As(draft.who)
		have := map[string]bool{}
		for _, name := range []string{
			"about", "principal", "people?add=co_applicants", "authority", "delivery", "earlier", "approvals", "matrix", "data/0", "population?add=population.columns", "attachments",
		} {
			p := b.Get("/drafts/" + draft.id + "/" + name)
			if p.Status == 404 && (strings.HasPrefix(name, "authority") || purpose == intake.Statistics) {
				continue
			}
			for _, f := range fieldsOn(p.Is(t, 200)) {
				have[f] = true
			}
		}
		for id := range intake.Questions() {
			covered := set[id] != ""
			for _, w := range draft.without {
				covered = covered || intake.Below(id, w)
			}
			if purpose == intake.Statistics && id == "attachments[].name" {
				covered = true // it has none yet; see new.0.name
			}
			for f := range have {
				covered = covered || f == id || f+"[]" == id || intake.Below(f, id) || intake.Below(f, strings.TrimSuffix(id, "[]"))
			}
			if !covered && !(purpose == intake.Statistics && intake.Below(id, "attachments")) {
				t.Errorf("%s: no page asks for %s", purpose, id)
			}
		}
	}
}

// application is what a draft holds now.
func application(t *testing.T, c *webtest.Counter, who, id string) (intake.Application, map[string]any) {
	t.Helper()
	d, err := c.DB.Draft(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var a intake.Application
	_ = json.Unmarshal(d.Answers, &a)
	var raw map[string]any
	if err := json.Unmarshal(d.Answers, &raw); err != nil {
		t.Fatal(err)
	}
	return a, raw
}

// TestSavingLosesNothing: every page saved as it stands leaves the answers as
// they were.
func TestSavingLosesNothing(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	for who, id := range map[string]string{showcase.Orderer: c.Case(showcase.DraftComplete), showcase.StatsOrderer: c.Case(showcase.DraftStatistics)} {
		b := c.As(who)
		before, _ := application(t, c, who, id)
		for _, name := range []string{"about", "principal", "people", "authority", "delivery", "earlier", "approvals", "matrix", "data/0", "population", "attachments"} {
			p := b.Get("/drafts/" + id + "/" + name)
			if p.Status == 404 {
				continue
			}
			b.Send(p, name+"/save", nil).Is(t, 200)
			after, _ := application(t, c, who, id)
			rows, err := intake.Difference(before, after)
			if err != nil || len(rows) > 0 {
				t.Errorf("%s changed %+v %v", name, rows, err)
			}
		}
	}
}

// TestWrongDateIsKept: what is no date is stored as it was typed, told at its
// field with 422, and still there when the page is opened again.
func TestWrongDateIsKept(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.Orderer), c.Case(showcase.DraftComplete)
	p := b.Get("/drafts/" + id + "/about")
	p = b.Send(p, "about/save", webtest.Values{"project.end": "våren 2029", "title": "Ny titel"})
	p.Is(t, 422).Has(t, "Sparat, men", "våren 2029", `href="#project-end"`, "Ny titel")
	p = b.Get("/drafts/"+id+"/about").Has(t, "våren 2029")
	p = b.Send(p, "about/save", webtest.Values{"project.end": "2029-06-30"})
	p.Is(t, 200)
	if a, _ := application(t, c, showcase.Orderer, id); a.Project.End.String() != "2029-06-30" || a.Title != "Ny titel" {
		t.Errorf("%v %q", a.Project.End, a.Title)
	}
}

// TestTwoTabs: two tabs with different pages disturb nobody; two with the same
// page get both texts to see, and nothing is lost.
func TestTwoTabs(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.Orderer), c.Case(showcase.DraftComplete)
	about, same, delivery := b.Get("/drafts/"+id+"/about"), b.Get("/drafts/"+id+"/about"), b.Get("/drafts/"+id+"/delivery")
	b.Send(about, "about/save", webtest.Values{"title": "Den första titeln"}).Is(t, 200)
	b.Send(delivery, "delivery/save", webtest.Values{"invoice.reference": "REF 7"}).Is(t, 200)
	a, _ := application(t, c, showcase.Orderer, id)
	if a.Title != "Den första titeln" || a.Invoice.Reference != "REF 7" {
		t.Fatalf("%q %q", a.Title, a.Invoice.Reference)
	}
	p := b.Send(same, "about/save", webtest.Values{"title": "Den andra titeln"})
	p.Is(t, 409).Has(t, "Den första titeln", "Den andra titeln")
	if a, _ = application(t, c, showcase.Orderer, id); a.Title != "Den första titeln" {
		t.Fatal("the stale form was stored")
	}
	if got := p.Field("about/save", "title"); got != "Den andra titeln" {
		t.Errorf("the field holds %q", got)
	}
	b.Send(p, "about/save", nil).Is(t, 200)
	if a, _ = application(t, c, showcase.Orderer, id); a.Title != "Den andra titeln" {
		t.Errorf("title %q", a.Title)
	}
}

// TestRowsWithoutScript: rows are added and taken away by buttons; what else
// was typed is stored by the same press.
func TestRowsWithoutScript(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.Orderer), c.Case(showcase.DraftComplete)
	p := b.Get("/drafts/" + id + "/population")
	p = b.Send(p, "population/save", webtest.Values{"do": "add:population.columns", "population.size": "12 500"})
	p = b.Send(p, "population/save", webtest.Values{"do": "add:population.columns", "population.columns.0.name": "indexdatum", "population.columns.0.type": "date", "population.columns.0.use": "steer"})
	p = b.Send(p, "population/save", webtest.Values{"do": "stay", "population.columns.1.name": "grupp", "population.columns.1.type": "code", "population.columns.1.use": "pass"})
	a, _ := application(t, c, showcase.Orderer, id)
	if len(a.Population.Columns) != 2 || a.Population.Columns[1].Name != "grupp" || a.Population.Size != 12500 {
		t.Fatalf("%+v", a.Population)
	}
	p = b.Send(p, "population/save", webtest.Values{"do": "drop:population.columns.0", "population.holder": "SCB"})
	p.Is(t, 200)
	a, _ = application(t, c, showcase.Orderer, id)
	if len(a.Population.Columns) != 1 || a.Population.Columns[0].Name != "grupp" || a.Population.Holder != "SCB" {
		t.Fatalf("%+v", a.Population)
	}
}

// TestCoApplicants are invited and removed, and see the draft in between.
func TestCoApplicants(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.Orderer), c.Case(showcase.DraftComplete)
	guest := c.As(showcase.OtherOrderer)
	guest.Get("/drafts/"+id).Is(t, 404)
	p := b.Get("/drafts/" + id)
	b.Send(p, "/invite", webtest.Values{"email": "inte en adress"}).Is(t, 422).Has(t, "inte en adress")
	p = b.Send(p, "/invite", webtest.Values{"email": "abdi@norrstrand.example"}).Is(t, 200)
	guest.Get("/drafts/"+id).Is(t, 200).Has(t, "Den som började beställningen skickar den")
	if guest.Get("/drafts/" + id + "/check").HasForm("check/send") {
		t.Error("a co-applicant is offered to send")
	}
	b.Send(p, "/uninvite", nil).Is(t, 200)
	guest.Get("/drafts/"+id).Is(t, 404)
}
