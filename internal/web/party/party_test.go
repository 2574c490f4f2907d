package party_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"sluss/internal/access"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web/caseroom"
	"sluss/internal/web/page"
	"sluss/internal/web/party"
	"sluss/internal/web/webtest"
)

var rooms = []page.Room{caseroom.Room, party.Room}

// TestEverybodySeesTheirPages: the pages of the room, a third of them in each
// case, as each persona. Who is in the case sees it or is told that it is not there yet; to
// all others the case does not exist; staff are told that the page is not
// theirs. Nothing fails inside (webtest sees to that), in either language.
func TestEverybodySeesTheirPages(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	shown := map[string]int{}
	for k, p := range showcase.Cast() {
		role := p.Roles[0]
		if p.Staff && p.ID != showcase.Handler {
			continue
		}
		b := c.As(p.ID)
		for n, id := range c.Shown.All {
			entries, err := c.DB.Load(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			rel := access.Relate(p.Person(role), entries)
			b.Lang = []string{"sv", "en"}[n%2]
			for i, r := range party.Room.Routes {
				path, ok := strings.CutPrefix(r.Pattern, "GET /cases/{id}/")
				if !ok || strings.Contains(path, "{") || (i+n+k)%3 != 0 || rel != own(role) && (i+n)%4 != 0 {
					continue
				}
				got := b.Get("/cases/" + id + "/" + path)
				switch {
				case !slices.Contains(r.As, role):
					got.Is(t, 403)
				case rel == access.None:
					got.Is(t, 404)
				case got.Status == 200:
					shown[path]++
				case got.Status != 404 && got.Status != 403 && got.Status != 422:
					t.Errorf("%s as %s in %s: %d", path, role, id, got.Status)
				}
			}
		}
	}
	for _, r := range party.Room.Routes {
		if path, ok := strings.CutPrefix(r.Pattern, "GET /cases/{id}/"); ok && !strings.Contains(path, "{") && shown[path] == 0 {
			t.Errorf("%s was never seen", path)
		}
	}
}

// own is what somebody in the role is to a case of their own.
func own(role order.Role) access.Relation {
	if role == order.RoleSupplier {
		return access.Supplies
	}
	return access.Own
}

// TestNothingBeforeTheDispatch: what has been decided and not sent shows on no
// page of those outside.
func TestNothingBeforeTheDispatch(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.ToDispatch)
	b := c.As(showcase.OtherOrderer)
	b.Get("/cases/"+id+"/outcome").Is(t, 403)
	b.Get("/cases/"+id+"/accept").Is(t, 403)
	b.Get("/cases/"+id).Is(t, 200).Lacks(t, "Beslut och offert", "Läs och acceptera")
	decision := c.State(id).Decision
	for _, path := range []string{"documents", "dates", "people", "key", "questions", "draft"} {
		b.Get("/cases/"+id+"/"+path).Is(t, 200).Lacks(t, decision.ID, string(c.State(id).DecisionHash))
	}
}

// TestSupplement: the handler's question, exactly the unlocked questions, what
// changes, and what it was afterwards; three submissions with a look on the
// way, and what was typed wrong is kept.
func TestSupplement(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.WaitingForOrderer)
	b := c.As(showcase.Orderer)
	b.Get("/cases/"+id).Has(t, "Komplettera beställningen")
	p := b.Get("/cases/"+id+"/supplement").Is(t, 200).Has(t, "Beskriv hur kontrollerna väljs")
	if p.Field("/supplement", "population.definition") == "" || strings.Contains(p.HTML, `name="population.holder"`) || strings.Contains(p.HTML, `name="title"`) {
		t.Error("not exactly the unlocked questions are fields")
	}
	p = b.Send(p, "/supplement", webtest.Values{"population.size": "två tusen", "population.definition": "Fall och två kontroller per fall."}).Is(t, 422)
	p.Has(t, "Skriv ett helt tal", `href="#population-size"`, "Rätta det här")
	if got := p.Field("/supplement", "population.size"); got != "två tusen" {
		t.Errorf("what was typed is not kept: %q", got)
	}
	p = b.Send(p, "/supplement/look", webtest.Values{"population.size": "2 100"}).Is(t, 200).Has(t, "Det här ändras", "Fall och två kontroller per fall.", "Före", "Efter")
	if c.State(id).OpenSupplement() == nil {
		t.Fatal("looking at the changes has sent them")
	}
	p = b.Send(p, "/supplement", nil).Is(t, 200).Has(t, "Kompletteringen är skickad", "Komplettering 1", "Fall och två kontroller per fall.")
	s := c.State(id)
	if s.OpenSupplement() != nil || s.Application.Population.Size != 2100 {
		t.Errorf("the supplement has not arrived: size %d", s.Application.Population.Size)
	}
	if b.Submissions != 3 {
		t.Errorf("%d submissions", b.Submissions)
	}
	p.Lacks(t, "Ditt svar")
	b.Get("/cases/"+id).Lacks(t, "Komplettera beställningen")
}

// TestUnlockedQuestionsHaveFields: whatever part a handler unlocks, each
// question below it is a field; nothing else is.
func TestUnlockedQuestionsHaveFields(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.New)
	handler := order.Actor{ID: showcase.Handler, Role: order.RoleHandler, Assurance: 3}
	b := c.As(showcase.OtherOrderer)
	parts := []string{"project", "principal", "recipient", "ethics", "statistics", "population", "data", "delivery", "invoice", "attachments", "title", "purpose", "sensitive", "sensitive_categories", "identified", "co_applicants", "orderer", "child"}
	if _, err := c.App.Do(t.Context(), handler, id, order.RequestSupplement{Parts: parts, Text: "Allt.", DueDays: 10}); err != nil {
		t.Fatal(err)
	}
	p := b.Get("/cases/"+id+"/supplement").Is(t, 200)
	fields := map[string]bool{}
	for _, m := range regexp.MustCompile(`name="([a-z_0-9.]+)"`).FindAllStringSubmatch(p.HTML, -1) {
		fields[regexp.MustCompile(`\.\d+`).ReplaceAllString(m[1], "[]")] = true
	}
	groups := map[string]bool{}
	for q := range intake.Questions() {
		for i, r := range q {
			if r == '.' || r == '[' {
				groups[q[:i]] = true
				if r == '[' {
					groups[q[:i+2]] = true
				}
			}
		}
	}
	for _, q := range intake.QuestionsBelow(parts) {
		name := strings.TrimSuffix(q, "[]")
		if groups[q] && !fields[name] && !fields[q] && hasBelow(fields, q) || q == "attachments[].id" || q == "attachments[].sha256" {
			continue
		}
		if !fields[q] && !fields[name] {
			t.Errorf("no field for %s", q)
		}
	}
	// Sent back as it is, nothing has changed: every answer survives its field.
	b.Send(p, "/supplement", nil).Is(t, 422).Has(t, "Du har inte ändrat något")
	p = b.Send(p, "/supplement/look", webtest.Values{"data.0.motive": "Ett nytt skäl."}).Is(t, 200)
	if n := strings.Count(p.HTML, "<tr>"); n != 2 {
		t.Errorf("one answer changed, and the table has %d rows", n)
	}
	// A file is taken in, and a new row.
	p = b.SendFiles(p, "/supplement/look", webtest.Values{"upload_kind": intake.AttachProjectPlan}, map[string]webtest.Upload{"upload": {Name: "plan.txt", Data: []byte("En plan utan personer.")}}).Is(t, 200).Has(t, "plan.txt", "Filen är mottagen")
	p = b.Send(p, "look?more=yes", nil).Is(t, 200)
	last := len(c.State(id).Application.Ethics.Approvals)
	b.Send(p, "/supplement", webtest.Values{"project.linkage": "Socialstyrelsen\nSCB", "ethics.approvals." + string(rune('0'+last)) + ".number": "2026-99"}).Is(t, 200).Has(t, "Kompletteringen är skickad")
	a := c.State(id).Application
	if len(a.Population.Columns) != 0 {
		t.Error("an empty row has become an answer")
	}
	if len(a.Ethics.Approvals) != last+1 || !slices.Equal(a.Project.Linkage, []string{"Socialstyrelsen", "SCB"}) || a.Data[0].Motive != "Ett nytt skäl." || a.Attachments[len(a.Attachments)-1].Name != "plan.txt" {
		t.Errorf("what was answered is not there: %d approvals, %v", len(a.Ethics.Approvals), a.Project.Linkage)
	}
}

func hasBelow(fields map[string]bool, q string) bool {
	for f := range fields {
		if f != q && intake.Below(f, q) {
			return true
		}
	}
	return false
}

// TestDraftToAcceptedQuote: a change is proposed, the next draft agreed to; the
// representative accepts the quote that came with the decision.
func TestDraftToAcceptedQuote(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.DraftReturned)
	b := c.As(showcase.OtherOrderer)
	p := b.Get("/cases/"+id+"/draft").Is(t, 200).Has(t, "version 2", "Timmar, dialog: från", "Jag är överens om innehållet", "Du köper inget ännu")
	b.Get("/cases/"+id+"/draft?version=1").Has(t, "äldre utkast").Lacks(t, "Jag är överens")
	b.Send(p, "/draft/return", nil).Is(t, 422).Has(t, "Skriv vad som ska vara annorlunda")
	b.Submissions = 0
	b.Send(p, "/draft/agree", nil).Is(t, 200).Has(t, "Du är överens med oss")
	if s := c.State(id); s.AgreedDraft == "" || b.Submissions != 1 {
		t.Error("the draft has not been agreed to in one submission")
	}

	id = c.Case(showcase.NotAccepted)
	o := c.As(showcase.Orderer).Get("/cases/"+id+"/accept").Is(t, 200).Has(t, "Ragnhild af Sjöhjelm")
	if o.HasForm("/accept") {
		t.Error("the orderer can accept the quote")
	}
	r := c.As(showcase.Representative)
	r.Get("/cases/"+id).Has(t, "Läs och acceptera offerten")
	r.Get("/cases/"+id+"/outcome").Is(t, 200).Has(t, "Lämnas ut", "24 kap. 8 §", "Föredragande")
	p = r.Get("/cases/"+id+"/accept").Is(t, 200).Has(t, "I korthet", "Jag företräder Sjölunda universitet")
	p = r.Send(p, "/accept", nil).Is(t, 422).Has(t, "Intyga att du har rätt", `href="#mandate"`)
	r.Send(p, "/accept", webtest.Values{"mandate": "yes"}).Is(t, 200).Has(t, "Offerten är accepterad")
	if !c.State(id).Accepted {
		t.Error("the quote has not been accepted")
	}
	r.Get("/cases/"+id+"/accept").Lacks(t, "Jag företräder")
}

// TestStaleAnswer: who answers a case that has changed meanwhile is told what
// is new, and what was typed is kept.
func TestStaleAnswer(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.Paused)
	b := c.As(showcase.Orderer)
	p := b.Get("/cases/" + id + "/draft")
	other := c.As(showcase.Representative)
	other.Send(other.Get("/cases/"+id+"/questions"), "/questions/ask", webtest.Values{"text": "Ingår startkod?"}).Is(t, 200).Has(t, "Ingår startkod?")
	p = b.Send(p, "/draft/return", webtest.Values{"text": "Färre timmar."}).Is(t, 422).Has(t, "Det här är nytt", "En fråga ställdes")
	if p.Field("/draft/return", "text") != "Färre timmar." {
		t.Error("what was typed is gone")
	}
	b.Send(p, "/draft/return", nil).Is(t, 200).Has(t, "Vi har fått ditt förslag")
}
