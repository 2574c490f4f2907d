package desk_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/swede"
	"sluss/internal/web/webtest"
)

// TestActs: each small form does what it says, and with nothing filled in it
// comes back with what to mend.
func TestActs(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	for _, tt := range []struct {
		shows  showcase.Situation
		who    string
		path   string
		values webtest.Values
		done   func(order.State) bool
	}{
		{showcase.ToReview, showcase.Handler, "hours", webtest.Values{"amount": "1,25", "work": "Genomgång"}, func(s order.State) bool { return hoursOf(s) == 125 }},
		{showcase.ToReview, showcase.Handler, "hours", webtest.Values{"amount": "−0,25"}, func(s order.State) bool { return hoursOf(s) == 100 }},
		{showcase.ToReview, showcase.Handler, "assign", webtest.Values{"to": showcase.Decider, "role": "decider", "reason": "Känner projektet"}, func(s order.State) bool { return s.Has(order.RoleDecider) == showcase.Decider }},
		{showcase.ToReview, showcase.Handler, "unassign", webtest.Values{"reason": "Föräldraledig"}, func(s order.State) bool { return s.Has(order.RoleHandler) == "" }},
		{showcase.ToReview, showcase.Handler, "promise", webtest.Values{"from": "2026-12-01", "last": "2026-12-20", "because": "Som vanligt.", "because_en": "As usual."}, func(s order.State) bool { return s.Promised != nil }},
		{showcase.ToReview, showcase.Handler, "delay", webtest.Values{"expected": "2027-01-20", "because": "Sjukdom.", "because_en": "Illness."}, func(s order.State) bool { return s.DelayToldOn != 0 }},
		{showcase.ToReview, showcase.Handler, "protect", webtest.Values{"ground": "Anmält av beställaren"}, func(s order.State) bool { return s.Protected }},
		{showcase.ToReceive, showcase.Handler, "change", webtest.Values{"hours_extraction": "2", "reason": "Ett uttag till"}, func(s order.State) bool { return len(s.Changes) == 1 && s.Changes[0].NetOre == 170_000 }},
		{showcase.ToReceive, showcase.Handler, "send-again", webtest.Values{"reason": "Filen kom inte fram"}, nil},
		{showcase.FaultReported, showcase.Handler, "fault", webtest.Values{"fault_outcome": "none", "found": "Filen är hel."}, func(s order.State) bool { return s.Faults[0].Outcome == "none" }},
		{showcase.EarlyPopulation, showcase.Registrar, "medium", webtest.Values{"how": "returned"}, func(s order.State) bool { return s.Early[0].How == "returned" }},
		{showcase.Appealed, showcase.Handler, "appeal-outcome", webtest.Values{"ruling": "upheld", "case_number": "1234-26"}, nil},
		{showcase.ToDispatch, showcase.Handler, "dispatch", nil, func(s order.State) bool { return s.Dispatched }},
		{showcase.Late, showcase.Registrar, "conflict", webtest.Values{"to": showcase.OtherHandler, "ground": "Medförfattare"}, func(s order.State) bool { return s.Barred(showcase.OtherHandler) }},
	} {
		id := c.Case(tt.shows)
		b := c.As(tt.who)
		p := b.Get("/cases/" + id + "/act/" + tt.path)
		if p.Status != http.StatusOK {
			t.Errorf("%s in %s: %d %s", tt.path, tt.shows, p.Status, p.Text())
			continue
		}
		if tt.values != nil {
			if bad := b.Send(p, "/act/"+tt.path, nil); bad.Status != http.StatusUnprocessableEntity || !strings.Contains(bad.HTML, `id="problems"`) {
				t.Errorf("%s with nothing filled in: %d", tt.path, bad.Status)
			}
		}
		if got := b.Send(p, "/act/"+tt.path, tt.values); got.Status != http.StatusOK || !strings.Contains(got.HTML, `class="done"`) {
			t.Errorf("%s in %s: %d %s", tt.path, tt.shows, got.Status, got.Text())
			continue
		}
		if tt.done != nil && !tt.done(c.State(id)) {
			t.Errorf("%s in %s did not do it", tt.path, tt.shows)
		}
	}
	// Not everybody may, and not everything is an act.
	id := c.Case(showcase.ToReceive)
	c.As(showcase.Statistician).Get("/cases/"+id+"/act/dispatch").Is(t, http.StatusForbidden)
	c.As(showcase.Handler).Get("/cases/"+id+"/act/nothing").Is(t, http.StatusNotFound)
	c.As(showcase.Orderer).Get("/cases/"+id+"/act/note").Is(t, http.StatusForbidden)
}

func hoursOf(s order.State) (sum int64) {
	for _, h := range s.Hours {
		sum += h.Centis
	}
	return sum
}

// TestQuestions: a question of the orderer's is answered, and the enquiry is
// closed with one click.
func TestQuestions(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.Enquiry)
	b := c.As(showcase.Handler)
	p := b.Get("/cases/"+id+"/talk").Has(t, "inget svar än", "bara hos oss")
	b.Send(p, "/act/answer", webtest.Values{"answer": "Ja, från 2005."}).Has(t, "Svaret är skickat", "Ja, från 2005.").Lacks(t, "inget svar än")
	b.Send(b.Get("/cases/"+id), "/act/close", nil).Has(t, "Förfrågan är avslutad")
	if c.State(id).Ended != order.PhaseAnswered {
		t.Error("the enquiry is open")
	}
}

// TestProposal: a need in words becomes tables and variables.
func TestProposal(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.DataProposed)
	b := c.As(showcase.Handler)
	before := c.State(id).Proposal.Hash
	p := b.Get("/cases/"+id+"/propose").Has(t, "Varför de här?")
	p = b.Send(p, "/propose", nil).Has(t, "Diagnos") // the first form chooses the table
	bad := b.Send(p, "/propose/send", webtest.Values{"variables-1": ""}).Is(t, http.StatusUnprocessableEntity).Has(t, "Välj minst en variabel")
	got := b.Send(bad, "/propose/send", webtest.Values{"proposal": "Delfall med diagnos.", "shape-1": "subspell", "variables-1": "from_datum\ntom_datum\ndiagnos"}).Has(t, "Förslaget är skickat")
	if s := c.State(id); got.Status != 200 || s.Proposal.Hash == before || len(s.Proposal.Data[0].Variables) != 3 {
		t.Errorf("proposed %+v", s.Proposal)
	}
}

// TestConfirmKey: a key that waits is confirmed by the fingerprint as it was
// read aloud; another is refused, and the page does not give it away.
func TestConfirmKey(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.DraftReturned)
	key := "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
	if _, err := c.App.Do(t.Context(), order.Actor{ID: showcase.Orderer, Role: order.RoleOrderer}, id, order.RegisterKey{Key: key}); err != nil {
		t.Fatal(err)
	}
	b, print := c.As(showcase.Handler), order.KeyFingerprint(key)
	b.Get("/cases/"+id).Is(t, 200).Has(t, "Bekräfta mottagarens nyckel")
	p := b.Get("/cases/"+id+"/act/key").Is(t, 200).Lacks(t, print)
	p = b.Send(p, "/act/key", webtest.Values{"fingerprint": "0000" + print[4:], "compared": "phone", "read_by": "Elise"}).Is(t, 422).Has(t, "stämmer inte")
	b.Send(p, "/act/key", webtest.Values{"fingerprint": strings.ReplaceAll(print, "-", " ")}).Is(t, 200).Has(t, "Nyckeln är bekräftad")
	if k := c.State(id).RecipientKey; !k.Confirmed || k.ConfirmedBy != showcase.Handler || k.Channel != "phone" {
		t.Errorf("%+v", k)
	}
}

// TestFileIsKept: a file that came with a form that has to be mended need not be
// chosen again; one with many personnummer is not kept; another form has none.
func TestFileIsKept(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.Registrar), c.Case(showcase.New)
	file := map[string]webtest.Upload{"original": {Name: "svar.txt", Data: []byte("Kontrollerna väljs per län.")}}
	for _, x := range []struct {
		at, action  string
		bad, mended webtest.Values
	}{
		{"/letters", "/letters", webtest.Values{"sender": "", "subject": "Ansökan"}, webtest.Values{"sender": "anna@example.se"}},
		{"/cases/" + id + "/act/document", "/act/document", webtest.Values{"party": "", "what": "brev"}, webtest.Values{"party": "Anna"}},
	} {
		p := b.SendFiles(b.Get(x.at), x.action, x.bad, file).Is(t, 422).Has(t, "svar.txt, ", "är kvar")
		p = b.Send(p, x.action, nil).Is(t, 422).Has(t, "är kvar")
		b.Send(p, x.action, x.mended).Is(t, 200)
		b.Send(b.Get(x.at), x.action, x.mended).Is(t, 422) // the file went with the form before
		var many strings.Builder
		for i := range 9 {
			fmt.Fprintln(&many, swede.Make(day.MustParse("1980-03-01")+day.Day(i), 120, false, swede.Real).Reveal())
		}
		b.SendFiles(b.Get(x.at), x.action, x.bad, map[string]webtest.Upload{"original": {Name: "lista.txt", Data: []byte(many.String())}}).Is(t, 422).Has(t, "Välj filen igen").Lacks(t, "är kvar")
	}
	letters, err := c.App.Letters(t.Context(), access.Person{ID: showcase.Registrar, Role: order.RoleRegistrar}, app.LetterWaiting)
	came := slices.ContainsFunc(letters, func(l app.Letter) bool { return l.Name == "svar.txt" && l.Bytes == int64(len(file["original"].Data)) })
	if err != nil || !came {
		t.Errorf("the letter did not come whole: %v", err)
	}
}
