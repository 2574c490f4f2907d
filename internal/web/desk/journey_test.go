package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/showcase"
	"sluss/internal/web/page"
	"sluss/internal/web/webtest"
)

func actor(id string, role order.Role) order.Actor {
	return order.Actor{ID: id, Role: role, Assurance: int(app.AssuranceKey)}
}

// do gives a command from the other side of the counter.
func do(t *testing.T, c *webtest.Counter, id string, by order.Actor, cmd order.Command) {
	t.Helper()
	if _, err := c.App.Do(t.Context(), by, id, cmd); err != nil {
		t.Fatal(err)
	}
}

// filled answers every question of a worksheet for disclosure.
func filled(p *webtest.Page) webtest.Values {
	v := webtest.Values{}
	for _, part := range strings.Split(p.HTML, `name="`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		switch {
		case strings.HasPrefix(name, "holds-"):
			v[name] = "yes"
		case strings.HasPrefix(name, "finding-") && !strings.Contains(name, "minimise:"):
			v[name] = "Framgår av ansökan."
		}
	}
	return v
}

// TestJourneyOfAnOrder: a new order is acknowledged with one click, found
// complete with two, gets its draft quote, and is reviewed.
func TestJourneyOfAnOrder(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.New)
	at := "/cases/" + id
	b := c.As(showcase.Handler)

	p := b.Send(b.Get(at), at+"/act/acknowledge", nil).Has(t, "Mottagandet är bekräftat")
	if b.Submissions != 1 || !c.State(id).Acknowledged {
		t.Fatalf("acknowledged with %d submissions", b.Submissions)
	}
	p.Has(t, "Kontrollera om den är komplett")
	p = b.Get(at+"/check").Has(t, "Inget saknas enligt reglerna", "Etikstöd")
	b.Send(p, at+"/check", nil).Has(t, "Beställningen är komplett")
	if b.Submissions != 2 || !c.State(id).Complete {
		t.Fatalf("complete with %d submissions", b.Submissions)
	}

	p = b.Get(at+"/price").Has(t, "Liknande ärenden")
	bad := b.Send(p, at+"/price", webtest.Values{"hours_dialogue": "sju", "terms": "Uttag enligt ansökan."}).Is(t, http.StatusUnprocessableEntity)
	if bad.Field("/price", "hours_dialogue") != "sju" || bad.Field("/price", "terms") != "Uttag enligt ansökan." {
		t.Error("what was typed is gone")
	}
	p = b.Send(bad, at+"/price", webtest.Values{
		"form": "fixed", "hours_dialogue": "3,5", "hours_review": "6", "hours_extraction": "14.25", "vat_reason": "Myndighetens ställningstagande.", "terms_en": "Extraction as applied for.",
	}).Is(t, 200).Has(t, "14,25", "20\u00a0187,50\u00a0kr")
	if c.State(id).Draft != nil {
		t.Fatal("a preview sends the draft")
	}
	b.Send(p, at+"/price/send", nil).Has(t, "Utkastet är skickat")
	s := c.State(id)
	if s.Draft == nil || s.Draft.NetOre != 2_018_750 || len(s.Draft.Lines) != 3 {
		t.Fatalf("draft %+v", s.Draft)
	}

	do(t, c, id, actor(showcase.Orderer, order.RoleOrderer), order.AgreeDraft{Hash: s.DraftHash})
	r := c.As(showcase.Reviewer)
	p = r.Get(at+"/worksheet").Has(t, "Uppgiftsminimering", "Liknande beslut")
	if got := r.Send(p, at+"/worksheet", nil); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("an empty worksheet answers %d", got.Status)
	}
	values := filled(p)
	_, dropped, _ := strings.Cut(p.HTML, `name="treat-`)
	dropped, _, _ = strings.Cut(dropped, `"`)
	values["treat-"+dropped] = "drop"
	r.Send(p, at+"/worksheet", values).Is(t, http.StatusUnprocessableEntity).Has(t, "Skriv din bedömning") // a drop needs its reason
	values["finding-"+dropped] = "Behövs inte för frågeställningen."
	p = r.Send(p, at+"/worksheet", values).Is(t, 200).Has(t, "Rader som svaren leder till", "Stryks", "Lämnas ut delvis")
	if c.State(id).Reviewed {
		t.Fatal("trying the answers records them")
	}
	r.Send(p, at+"/worksheet/record", nil).Has(t, "Prövningen är klar")
	s = c.State(id)
	if !s.Reviewed || s.ReviewedBy != showcase.Reviewer || s.Proposed == nil || s.Proposed.Rows[0].Outcome != plan.OutcomePartly {
		t.Fatalf("reviewed %v by %q: %+v", s.Reviewed, s.ReviewedBy, s.Proposed)
	}
	t.Logf("handler %d submissions (one of them wrong on purpose), reviewer %d (two of them wrong on purpose)", b.Submissions, r.Submissions)
}

// TestReviewAgainstDisclosure: an assessment that does not hold refuses every
// row.
func TestReviewAgainstDisclosure(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.ToReview)
	b := c.As(showcase.Reviewer)
	p := b.Get("/cases/" + id + "/worksheet")
	v := filled(p)
	v["holds-assessment"], v["finding-assessment"] = "no", "Det står inte klart."
	p = b.Send(p, "/worksheet", v).Is(t, 200).Has(t, "Avslås")
	b.Send(p, "/worksheet/record", nil).Is(t, 200)
	if s := c.State(id); s.Proposed == nil || s.Proposed.Discloses() {
		t.Errorf("something is disclosed: %+v", s.Proposed)
	}
}

// TestReturnedReview: what the decision maker asks stands over the worksheet,
// which still has its answers.
func TestReturnedReview(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.ToDecide)
	do(t, c, id, actor(showcase.Decider, order.RoleDecider), order.ReturnReview{Text: "Varför behövs länet?"})
	b := c.As(showcase.Reviewer)
	p := b.Get("/cases/"+id+"/worksheet").Has(t, "Beslutsfattaren frågar", "Varför behövs länet?")
	p = b.Send(p, "/worksheet", nil).Is(t, 200)
	b.Send(p, "/worksheet/record", nil).Has(t, "Prövningen är klar")
	if c.State(id).Phase() != order.PhaseDecision {
		t.Error("the review is not back with the decision maker")
	}
}

// TestSupplement: the composer proposes what the rules miss, and asks for what
// the handler chose.
func TestSupplement(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.New)
	b := c.As(showcase.Handler)
	b.Send(b.Get("/cases/"+id), "/act/acknowledge", nil)
	p := b.Get("/cases/"+id+"/ask-more").Has(t, "15 arbetsdagar: 25\u00a0november 2026")
	bad := b.Send(p, "/ask-more", webtest.Values{"text": "Skriv hur kontrollerna väljs."}).Is(t, 422).Has(t, "Välj minst en del")
	if bad.Field("/ask-more", "text") != "Skriv hur kontrollerna väljs." {
		t.Error("the letter is gone")
	}
	b.Send(bad, "/ask-more", webtest.Values{"more": "population\nattachments", "days": "10"}).Has(t, "Begäran är skickad")
	x := c.State(id).OpenSupplement()
	if x == nil || strings.Join(x.Parts, " ") != "population attachments" || x.Due.String() != "2026-11-18" {
		t.Fatalf("asked for %+v", x)
	}
	b.Get("/cases/"+id+"/check").Has(t, "Vi väntar på komplettering till 2026-11-18")
}

// TestMissing: an order that came by post is written off, the checklist shows
// what the rules miss, the composer asks for it, and the registrar writes the
// answer off: only what is unlocked, with room in each list.
func TestMissing(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	r, b := c.As(showcase.Registrar), c.As(showcase.Handler)
	p := r.Send(r.Get("/letters/"+c.Case(showcase.LetterNew)), "/open", webtest.Values{
		"order_title": "Sjukpenning i Norrstrand", "principal": "Norrstrands högskola", "orderer": "Abdirahman Åkerblom-Nyström", "orderer_email": "abdi@norrstrand.example",
	}).Has(t, "Ärendet är öppnat")
	id := strings.TrimPrefix(p.Path, "/cases/")
	problems := c.State(id).Problems(webtest.Today, c.App.Catalogue, nil)
	if len(problems) < 5 {
		t.Fatalf("only %d problems", len(problems))
	}
	b.Get("/cases/"+id+"/check").Has(t, problems[0].SV, problems[len(problems)-1].SV, "saknas enligt reglerna")
	b.Send(b.Get("/cases/"+id+"/ask-more").Has(t, problems[0].SV), "/ask-more", webtest.Values{"more": "population\nproject"}).Has(t, "Begäran är skickad")
	if open := c.State(id).OpenSupplement(); open == nil || len(open.Parts) < 5 || !strings.Contains(open.Text, problems[0].DoSV) {
		t.Fatalf("asked for %+v", open)
	}

	letter := registered(t, r, id)
	p = r.Get("/cases/"+id+"/on-behalf").Has(t, "Begärt till")
	bad := r.Send(p, "/on-behalf", webtest.Values{"mail": letter, "population-size": "många", "population-definition": "Alla födda 1970."}).Is(t, 422).Has(t, "Skriv ett heltal")
	if bad.Field("/on-behalf", "population-definition") != "Alla födda 1970." {
		t.Error("what was typed is gone")
	}
	r.Send(bad, "/on-behalf", webtest.Values{
		"population-size": "12 000", "population-columns-0-name": "indexdatum", "project-student_thesis": "no", "project-linkage": "Patientregistret\nDödsorsaksregistret",
	}).Has(t, "Svaret är registrerat")
	s := c.State(id).Application
	if s.Population.Size != 12000 || s.Population.Definition != "Alla födda 1970." || len(s.Population.Columns) != 1 || s.Project.Thesis == nil || *s.Project.Thesis || len(s.Project.Linkage) != 2 {
		t.Errorf("written off as %+v %+v", s.Population, s.Project)
	}
	b.Get("/cases/"+id+"/order").Has(t, "Ändrat mellan versionerna", "12000")
}

// TestPartsOfTheMatrix: rows of the matrix of coverage are unlocked together.
func TestPartsOfTheMatrix(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.Foreign)
	p := c.As(showcase.Handler).Get("/cases/" + id + "/ask-more")
	for _, x := range c.State(id).Problems(webtest.Today, c.App.Catalogue, nil) {
		if strings.HasPrefix(x.Field, "ethics.coverage.") && strings.Contains(p.HTML, `value="`+x.Field+`"`) {
			t.Errorf("%s cannot be changed by itself", x.Field)
		}
	}
}

// registered registers a letter in a case and returns its number.
func registered(t *testing.T, b *webtest.Browser, id string) string {
	t.Helper()
	p := b.Get("/cases/" + id + "/act/document")
	p = b.SendFiles(p, "/act/document", webtest.Values{"what": "brev", "party": "Élise Sandahl-Öhrn"}, map[string]webtest.Upload{"original": {Name: "svar.txt", Data: []byte("Kontrollerna väljs per län.")}})
	p.Has(t, "Handlingen är registrerad")
	opts := b.Get("/cases/" + id + "/act/withdraw")
	no, _, _ := strings.Cut(opts.HTML[strings.Index(opts.HTML, `<option value="`)+15:], `"`)
	return no
}

// TestStale: a form that was made before something happened is not carried out;
// what was typed stays, and what is new is told.
func TestStale(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.ToReview)
	b := c.As(showcase.Handler)
	p := b.Get("/cases/" + id + "/act/note")
	do(t, c, id, actor(showcase.Reviewer, order.RoleReviewer), order.WriteNote{Text: "Ringt."})
	got := b.Send(p, "/act/note", webtest.Values{"note": "Mitt eget."}).Is(t, 422).Has(t, "Nytt i ärendet sedan du öppnade sidan", "En intern anteckning gjordes")
	if got.Field("/act/note", "note") != "Mitt eget." {
		t.Error("the note is gone")
	}
	b.Send(got, "/act/note", nil).Has(t, "Anteckningen är sparad", "Mitt eget.")
}

// TestDesk: what comes next is told with its reason, taken with one click, and
// then among one's own; a substitute takes over.
func TestDesk(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.Handler)
	p := b.Get("/desk").Has(t, "Varför just det här?", "Du är ersättare för")
	taken := b.Send(p, "/desk/pull", nil).Has(t, "Ärendet är ditt")
	id := strings.TrimPrefix(taken.Path, "/cases/")
	if c.State(id).Has(order.RoleHandler) != showcase.Handler {
		t.Errorf("%s is not the handler's", id)
	}
	p = b.Get("/desk?whose=mine").Has(t, id)
	took := b.Send(p, "/take-over", nil).Has(t, "Du har tagit över ärendet")
	if got := c.State(strings.TrimPrefix(took.Path, "/cases/")).Has(order.RoleHandler); got != showcase.Handler {
		t.Errorf("taken over by %q", got)
	}
	b.Get("/desk?whose=all&due=late").Has(t, "försenat")
	b.Get("/desk?month=2026-11&whose=all").Has(t, "november 2026", "Måndag")
	b.Get("/desk?month=nonsense&phase=nonsense&whose=nonsense").Is(t, 200)
	b.Lang = "en"
	b.Get("/desk?month=2026-12&whose=all").Has(t, "December 2026", "Monday")
	for _, role := range []string{showcase.Orderer, showcase.Auditor, showcase.Administrator} {
		c.As(role).Get("/desk").Is(t, http.StatusForbidden)
	}
	if c.As("").Get("/desk").Path != "/login" {
		t.Error("the desk is open to nobody")
	}
}

// TestEthicsBesideTheOrder: the text of the ethics application stands beside the
// matrix, with the place marked.
func TestEthicsBesideTheOrder(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.ToReview)
	b := c.As(showcase.Reviewer)
	p := b.Get("/cases/"+id+"/ethics").Has(t, "Vad godkännandet ska stödja", "Sidan 1 av")
	marked := false
	for _, link := range p.Links() {
		if strings.Contains(link, "/ethics?") {
			marked = marked || strings.Contains(b.Get(link).HTML, "<mark")
		}
	}
	if !marked {
		t.Error("nothing is marked in the text")
	}
	for _, link := range p.Links() {
		if strings.Contains(link, "/attached/") {
			if got := b.Get(link); got.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(got.HTML, "%PDF") {
				t.Errorf("%s is %s", link, got.Header.Get("Content-Type"))
			}
		}
	}
}

// TestLetters: what comes by mail is registered, matched to its case, opens a
// case, or is sent back.
func TestLetters(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.Registrar)
	list := b.Get("/letters").Has(t, "Svar på komplettering i ")
	b.Get("/letters/"+c.Case(showcase.LetterMatching)).Has(t, "ärendenumret står i ämnet")
	p := b.Send(b.Get("/letters/"+c.Case(showcase.LetterMatching)), "/file", nil).Has(t, "Handlingen är registrerad i ärendet")
	if p.Path != "/cases/"+c.Case(showcase.WaitingForOrderer) {
		t.Errorf("registered to %s", p.Path)
	}
	// A new one: without its file it is refused, and what was typed stays.
	bad := b.Send(list, "/letters", webtest.Values{"sender": "Norrstrands högskola", "channel": "post"}).Is(t, 422).Has(t, "Välj filen")
	if bad.Field("/letters", "sender") != "Norrstrands högskola" {
		t.Error("the sender is gone")
	}
	one := b.SendFiles(bad, "/letters", nil, map[string]webtest.Upload{"original": {Name: "ansokan.txt", Data: []byte("Vi ansöker om sjukpenning.")}}).Has(t, "Välj nu vart den hör")
	refused := b.Send(one, "/open", webtest.Values{"order_title": "Sjukpenning i Norrstrand"}).Is(t, 422)
	if refused.Field("/open", "order_title") != "Sjukpenning i Norrstrand" {
		t.Error("the title is gone")
	}
	opened := b.Send(refused, "/open", webtest.Values{"principal": "Norrstrands högskola", "orderer": "Abdirahman Åkerblom-Nyström", "orderer_email": "abdi@norrstrand.example"}).Has(t, "Ärendet är öppnat")
	s := c.State(strings.TrimPrefix(opened.Path, "/cases/"))
	if s.Application.Title != "Sjukpenning i Norrstrand" || len(s.Documents) != 1 {
		t.Errorf("opened %+v", s.Application)
	}
	other := b.Get("/letters/" + c.Case(showcase.LetterNew))
	if got := b.Get("/letters/" + c.Case(showcase.LetterNew) + "/original"); got.Status != 200 || !strings.Contains(got.HTML, "allmän handling") && !strings.Contains(got.HTML, "besluten") {
		t.Errorf("the original: %d", got.Status)
	}
	b.Send(other, "/return", webtest.Values{"reason_back": ""}).Is(t, 422)
	b.Send(other, "/return", webtest.Values{"reason_back": "Hör till en annan myndighet."}).Has(t, "återsänd")
	for _, who := range []string{showcase.Handler, showcase.Orderer, showcase.Auditor} {
		c.As(who).Get("/letters").Is(t, http.StatusForbidden)
	}
}

// TestRequestForDocuments: a request is registered, answered, and its copy
// fetched; not before.
func TestRequestForDocuments(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.ToReceive)
	b, d := c.As(showcase.Registrar), c.As(showcase.Decider)
	b.Send(b.Get("/cases/"+id+"/act/request"), "/act/request", webtest.Values{"wanted": "Handling 1"}).Has(t, "Begäran är registrerad")
	b.Get("/cases/"+id+"/requests/1/papers/1").Is(t, 422)
	b.Get("/cases/"+id+"/requests").Has(t, "Handling 1", "inget svar än")
	p := d.Get("/cases/" + id + "/act/give-out")
	d.Send(p, "/act/give-out", webtest.Values{"given": "masked", "masks": "nonsense"}).Is(t, 422).Has(t, "tre delar på varje rad")
	d.Send(p, "/act/give-out", webtest.Values{
		"given": "masked", "masks": "1; application.orderer.email; 21 kap. 7 § OSL", "because": "Adressen omfattas av sekretess.", "because_en": "The address is secret.", "appeal_guide": "Till kammarrätten.", "appeal_guide_en": "To the court.",
	}).Has(t, "Begäran är besvarad")
	got := b.Get("/cases/"+id+"/requests/1/papers/1").Is(t, 200)
	if strings.Contains(got.HTML, c.State(id).Application.Orderer.Email) || !strings.Contains(got.HTML, "maskerat") {
		t.Error("the copy is not masked")
	}
	// The auditor reads without addresses.
	address := c.State(id).Application.Orderer.Email
	if got := b.Get("/cases/" + id + "/papers/1"); !strings.Contains(got.HTML, address) {
		t.Error("the registrar needs the address")
	}
	if got := c.As(showcase.Auditor).Get("/cases/" + id + "/papers/1"); got.Status != 200 || strings.Contains(got.HTML, address) {
		t.Errorf("the auditor's copy, %d", got.Status)
	}
}

// TestProtected: a case with protected personal data does not exist to those
// without clearance, on any page of the desk.
func TestProtected(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.Protected)
	for _, who := range []struct {
		id   string
		role order.Role
	}{{showcase.OtherHandler, order.RoleHandler}, {showcase.Reviewer, order.RoleReviewer}, {showcase.Statistician, order.RoleStatistician}, {showcase.Auditor, ""}} {
		b := c.As(who.id)
		if who.role != "" {
			b = c.As(who.id, who.role)
		}
		for _, r := range routesOf(id) {
			if got := b.Get(r); got.Status != 404 && got.Status != 403 {
				t.Errorf("%s: %s answers %d", who.id, r, got.Status)
			}
		}
		if got := b.Get("/desk?whose=all"); strings.Contains(got.HTML, id) {
			t.Errorf("%s: the desk shows it", who.id)
		}
	}
	c.As(showcase.Handler).Get("/cases/"+id+"/order").Is(t, 200)
}

// routesOf are the addresses of the desk in a case.
func routesOf(id string) []string {
	var out []string
	for _, r := range roomRoutes() {
		if strings.HasPrefix(r.Pattern, "GET /cases/{id}") {
			path := strings.NewReplacer("GET ", "", "{id}", id, "{act}", "note", "{no}", "1", "{file}", "x", "{request}", "1").Replace(r.Pattern)
			out = append(out, path)
		}
	}
	return out
}

func roomRoutes() []page.Route { return rooms[1].Routes }
