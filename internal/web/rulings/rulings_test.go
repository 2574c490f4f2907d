package rulings_test

import (
	"strings"
	"testing"

	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web/caseroom"
	"sluss/internal/web/page"
	"sluss/internal/web/rulings"
	"sluss/internal/web/webtest"
)

var rooms = []page.Room{caseroom.Room, rulings.Room}

// key is a recipient's public key, as sluss keygen prints it.
const key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

// do gives a command in the name of one of the cast.
func do(t *testing.T, c *webtest.Counter, who string, role order.Role, id string, cmd order.Command) {
	t.Helper()
	if _, err := c.App.Do(t.Context(), order.Actor{ID: who, Role: role}, id, cmd); err != nil {
		t.Fatal(err)
	}
}

// TestJourneyDecision: a review goes back with a question, comes again
// answered, is decided and signed, and dispatched.
func TestJourneyDecision(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("to_decide")
	b := c.As(showcase.Decider)
	b.Get("/decisions").Is(t, 200).Has(t, id, "väntar på beslut")
	b.Get("/cases/"+id).Has(t, "Läs och besluta")
	p := b.Get("/cases/"+id+"/decision").Is(t, 200).Has(t, "rad för rad", "Talar för", "Etikstöd", "Offert", "Skyddsåtgärder")
	if p.HasForm("/decide") {
		t.Error("the summary decides")
	}
	was := c.State(id)
	p = b.Get("/cases/" + id + "/rule/return")
	p = b.Send(p, "rule/return", webtest.Values{}).Is(t, 422).Has(t, "Skriv vad som behöver utredas.")
	b.Send(p, "rule/return", webtest.Values{"questions": "Varför behövs diagnos på tre tecken?"}).Is(t, 200).Has(t, "tillbaka hos föredraganden")
	if c.State(id).Reviewed {
		t.Fatal("the review did not go back")
	}
	b.Get("/cases/"+id+"/decide").Is(t, 200).Lacks(t, "Underteckna och besluta")
	do(t, c, showcase.Reviewer, order.RoleReviewer, id, order.RecordReview{Answers: was.Worksheet, Scope: was.Proposed})

	before := b.Submissions
	do(t, c, showcase.Orderer, order.RoleOrderer, id, order.RegisterKey{Key: key}) // the one before is lost
	p = b.Get("/cases/"+id+"/decide").Is(t, 200).Has(t, "Skäl", "nyckel är inte bekräftad")
	p = b.Send(p, "decide/look", webtest.Values{"reasons": "Det står klart att uppgifterna kan lämnas ut."}).Is(t, 422).Has(t, "nyckel är inte bekräftad")
	do(t, c, showcase.Handler, order.RoleHandler, id, order.ConfirmKey{Fingerprint: order.KeyFingerprint(key), Channel: "phone", With: "Elise"})
	if got := p.Field("/decide", "reasons"); !strings.Contains(got, "Det står klart") {
		t.Errorf("what was typed is gone: %q", got)
	}
	p = b.Get("/cases/"+id+"/decide").Is(t, 200).Has(t, order.KeyFingerprint(key))
	p = b.Send(p, "decide/look", webtest.Values{"reasons": "Det står klart att uppgifterna kan lämnas ut."}).Is(t, 200).Has(t, "SHA-256", "Vi lämnar ut uppgifterna.", "Det står klart att uppgifterna kan lämnas ut.")
	q := b.Send(p, "/decide", webtest.Values{"persons": "17"}).Is(t, 422).Has(t, "Läs det som det är nu")
	if c.State(id).Decision != nil {
		t.Fatal("what was not shown was signed")
	}
	p = b.Send(q, "/decide", webtest.Values{}).Is(t, 200).Has(t, "Beslutet är undertecknat")
	s := c.State(id)
	if s.Decision == nil || s.Decision.Scope.Persons.Max != 17 || s.Decision.Scope.Recipient.Key != key || s.DecidedBy != showcase.Decider || s.Quote == nil {
		t.Fatalf("decided: %+v", s.Decision)
	}
	p.Has(t, string(s.DecisionHash))
	b.Get("/cases/"+id+"/decision/letter").Is(t, 200).Has(t, s.Decision.ID)
	if text := b.Get("/cases/" + id + "/decision/letter/text").HTML; !strings.Contains(text, "BESLUT") || strings.Contains(text, "<") {
		t.Errorf("the letter as text: %q", text)
	}
	do(t, c, showcase.Handler, order.RoleHandler, id, order.DispatchDecision{})
	t.Logf("question, answer, decision: %d submissions of the decision maker", b.Submissions-before+2)
}

// TestDecisionInTwoClicks: with the recipient's key confirmed, the decision
// is read and signed without typing anything.
func TestDecisionInTwoClicks(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("to_decide")
	b := c.As(showcase.Decider)
	p := b.Get("/cases/"+id+"/decide").Is(t, 200).Has(t, c.State(id).RecipientKey.Fingerprint)
	b.Send(p, "/decide", webtest.Values{}).Is(t, 200).Has(t, "Beslutet är undertecknat")
	if b.Submissions != 1 || !c.State(id).Discloses() {
		t.Errorf("%d submissions", b.Submissions)
	}
}

// TestRefusal: a refusal of everything has reasons, an appeal guide and no
// quote.
func TestRefusal(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("to_decide")
	b := c.As(showcase.Decider)
	p := b.Get("/cases/" + id + "/decide")
	p = b.Send(p, "decide/look", webtest.Values{"outcome": "refuse", "reasons": "Det står inte klart att uppgifterna kan lämnas ut."}).Is(t, 200).Has(t, "Vi lämnar inte ut uppgifterna.", "Så överklagar du")
	b.Send(p, "/decide", webtest.Values{}).Is(t, 200)
	d := c.State(id).Decision
	if d == nil || d.Scope.Discloses() || d.Appeal.SV == "" || d.Quote != "" {
		t.Fatalf("refused: %+v", d)
	}
}

// TestReconsidered: a case that was taken up again gets its next decision, and
// a correction changes words only.
func TestReconsidered(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.Decider)
	id := c.Case("not_accepted")
	was := c.State(id)
	p := b.Get("/cases/"+id+"/rule/reopen").Is(t, 200)
	p = b.Send(p, "rule/reopen", webtest.Values{"ground": "36 § förvaltningslagen"}).Is(t, 422).Has(t, "Välj varför")
	b.Send(p, "rule/reopen", webtest.Values{"kind": order.KindCorrection}).Is(t, 200)
	p = b.Get("/cases/"+id+"/decide").Is(t, 200)
	p = b.Send(p, "decide/look", webtest.Values{"reasons": "Skälen utan skrivfel."}).Is(t, 200).Has(t, "Priset är")
	b.Send(p, "/decide", webtest.Values{}).Is(t, 200)
	now := c.State(id)
	if now.Decision.Version != 2 || now.Decision.Replaces != was.DecisionHash || now.Decision.ScopeHash != was.Decision.ScopeHash || now.Decision.Reasons.SV != "Skälen utan skrivfel." || now.QuoteHash != was.QuoteHash {
		t.Errorf("corrected: %+v", now.Decision)
	}

	id = c.Case("reopened")
	was = c.State(id)
	do(t, c, showcase.Reviewer, order.RoleReviewer, id, order.RecordReview{Answers: was.Worksheet, Scope: was.Proposed})
	p = b.Get("/cases/"+id+"/decide").Is(t, 200)
	b.Send(p, "/decide", webtest.Values{}).Is(t, 200).Has(t, "Beslutet är undertecknat")
	if d := c.State(id).Decision; d.Kind != order.KindReconsideration || d.Replaces != was.DecisionHash {
		t.Errorf("reconsidered: %+v", d)
	}
}

// TestStaleDecision: what happens in the case while the decision is read is
// shown, and what was typed is kept.
func TestStaleDecision(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("to_decide")
	b := c.As(showcase.Decider)
	p := b.Send(b.Get("/cases/"+id+"/decide"), "decide/look", webtest.Values{"rapporteur": "Petra L."}).Is(t, 200)
	do(t, c, showcase.Handler, order.RoleHandler, id, order.WriteNote{Text: "Etikprövningsmyndigheten ringde."})
	p = b.Send(p, "/decide", webtest.Values{}).Is(t, 422).Has(t, "Nytt i ärendet", "har ändrats")
	if p.Field("/decide", "rapporteur") != "Petra L." {
		t.Error("what was typed is gone")
	}
	b.Send(p, "/decide", webtest.Values{}).Is(t, 200)
}

// TestOtherActs: what else a decision maker does, each in the showcase's case
// that waits for it.
func TestOtherActs(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.Decider)
	for _, tt := range []struct {
		situation showcase.Situation
		act       string
		typed     webtest.Values
		done      func(order.State) bool
	}{
		{"new", "dismiss", webtest.Values{"ground": "20 § förvaltningslagen", "why": "Beställningen är inte vår."}, func(s order.State) bool { return s.Ended == order.PhaseDismissed }},
		{"ruling_requested", "no-ruling", webtest.Values{"because": "Prövningen väntar på ett besked."}, func(s order.State) bool { return s.RulingDue == 0 }},
	} {
		id := c.Case(tt.situation)
		p := b.Get("/cases/"+id+"/rule/"+tt.act).Is(t, 200)
		b.Send(p, "rule/"+tt.act, webtest.Values{}).Is(t, 422)
		b.Send(p, "rule/"+tt.act, tt.typed).Is(t, 200)
		if !tt.done(c.State(id)) {
			t.Errorf("%s was not done", tt.act)
		}
	}
	b.Get("/cases/"+c.Case("new")+"/rule/nothing").Is(t, 404)
}

// TestWhoMay: every page of the room, as everybody of the cast in each role and
// in both languages.
func TestWhoMay(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	for _, p := range showcase.Cast() {
		for _, role := range p.Roles {
			b := c.As(p.ID, role)
			for _, r := range rulings.Room.Routes {
				if r.Example == "" {
					continue
				}
				path := strings.NewReplacer("{case:drawn_to_decide}", c.Case("drawn_to_decide"), "{case:to_decide}", c.Case("to_decide"), "{case:to_dispatch}", c.Case("to_dispatch")).Replace(r.Example)
				want := 403
				for _, x := range r.As {
					if x == role {
						want = 200
					}
				}
				b.Lang = "sv"
				b.Get(path).Is(t, want)
				b.Lang = "en"
				b.Get(path).Is(t, want)
			}
		}
	}
	if n := len(c.As("").Get("/decisions").HTML); n > 0 {
		t.Error("who is not logged in sees decisions")
	}
	if got := c.As(showcase.Reviewer, order.RoleReviewer).Get("/cases/" + c.Case("protected") + "/decision").Status; got != 404 {
		t.Errorf("a protected case: %d", got)
	}
}
