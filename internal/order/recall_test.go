package order

import (
	"strings"
	"testing"
	"time"

	"sluss/internal/day"
	"sluss/internal/quote"
)

// TestThreat06WrongDeliveryIsRecalled: a recalled delivery can be neither
// fetched, sent again, confirmed, nor billed; it opens again only when nothing
// was wrong, when it has been made again, or when an exposed key has been
// replaced; what article 33 wants to be kept is asked for.
func TestThreat06WrongDeliveryIsRecalled(t *testing.T) {
	t.Parallel()
	on := day.MustParse("2026-11-02")
	d := Decision{}
	d.Scope.Recipient.Key = keyNo(1)
	base := State{Submitted: true, Released: true, Receipt: true, Decision: &d, Delivery: &Delivered{Manifest: "m1", On: on, PurgeOn: on + 180, BillFrom: on}, Extracted: &Extracted{Manifest: "m1"}}
	do := func(s State, cmd Command) (State, error) {
		c := Context{At: time.Unix(int64(on+1)*86400+9*3600, 0), By: Actor{ID: "karin", Role: RoleHandler}}
		events, err := cmd.Decide(s, c)
		for _, ev := range events {
			s = Apply(s, Entry{Version: s.Version + 1, At: c.At, By: c.By, Event: ev})
		}
		return s, err
	}
	must := func(s State, cmd Command) State {
		t.Helper()
		s, err := do(s, cmd)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	refused := func(s State, cmd Command, code string) {
		t.Helper()
		if _, err := do(s, cmd); err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: %v, want %s", cmd.Name(), err, code)
		}
	}
	refused(State{}, Recall{Kind: "lost", Text: "x"}, "not_delivered")
	refused(base, Recall{Kind: "odd", Text: "x"}, "recall")
	refused(base, Recall{Kind: "lost", Text: " "}, "recall")
	refused(base, AnswerRecall{Destroyed: true}, "no_incident")
	refused(base, SettleIncident{Outcome: "destroyed", Text: "x", Then: ThenNothing}, "no_incident")
	if base.Fetchable() != nil {
		t.Error("shut before it is recalled")
	}

	s := must(base, Recall{Kind: "wrong_content", Text: "fel period"})
	i := s.OpenIncident()
	if i == nil || i.ReportBy != on+4 || s.Receipt || s.Fetchable() == nil || !strings.Contains(s.Fetchable().Error(), "recalled") {
		t.Fatalf("%+v", i)
	}
	refused(s, Recall{Kind: "lost", Text: "x"}, "recalled_twice")
	refused(s, SendAgain{Reason: "x"}, "recalled")
	refused(s, ConfirmReceipt{Manifest: "m1"}, "recalled")
	billed := s
	billed.Quote = &quote.Quote{}
	refused(billed, IssueInvoice{}, "recalled")
	refused(s, AnswerRecall{}, "recall_answer")
	s = must(s, AnswerRecall{Opened: true, Text: "på två datorer"})
	if !s.OpenIncident().Answered {
		t.Error("the answer is not noted")
	}
	refused(s, SettleIncident{Outcome: "odd", Text: "x", Then: ThenNothing}, "incident_outcome")
	refused(s, SettleIncident{Outcome: "destroyed", Text: "x", Then: "odd"}, "incident_outcome")
	refused(s, SettleIncident{Outcome: "destroyed", Then: ThenNothing}, "incident_text")
	refused(s, SettleIncident{Outcome: "destroyed", Text: "x", Reported: true, Then: ThenNothing}, "incident_reference")
	refused(s, SettleIncident{Outcome: "destroyed", Text: "x", Then: ThenResume}, "incident_resume")
	late := s
	late.PurgeOpen = true
	refused(late, SettleIncident{Outcome: "destroyed", Text: "x", Then: ThenReplace}, "purge_due")

	if x := must(s, SettleIncident{Outcome: "no_incident", Text: "x", Then: ThenResume}); x.Fetchable() != nil || x.OpenIncident() != nil {
		t.Error("a false alarm does not open it again")
	}
	shut := must(s, SettleIncident{Outcome: "destroyed", Text: "x", Reported: true, Reference: "IMY-1", Then: ThenNothing})
	if shut.Fetchable() == nil || shut.OpenIncident() != nil {
		t.Error("a wrong delivery can be fetched again")
	}
	again := must(s, SettleIncident{Outcome: "destroyed", Text: "x", Then: ThenReplace})
	if !again.Replacing || again.Fetchable() == nil {
		t.Error("it is not made again, or can be fetched before it is")
	}
	again = Apply(again, Entry{Event: &Delivered{Manifest: "m2", On: on + 5, PurgeOn: on + 180, Replaces: true}})
	if again.Fetchable() != nil || again.Replacing {
		t.Error("the new delivery is shut")
	}

	s = must(base, Recall{Kind: KeyExposed, Text: "en dator är stulen"})
	s = must(s, RegisterKey{Key: keyNo(2)})
	s = must(s, ConfirmKey{Fingerprint: KeyFingerprint(keyNo(2)), Channel: "phone", With: "Anna"})
	s.Resealing = &ResealOrdered{Manifest: "m1", Key: keyNo(2), Fingerprint: KeyFingerprint(keyNo(2))}
	done := Resealed{Manifest: "m2", Was: "m1", Fingerprint: KeyFingerprint(keyNo(2))}
	if x := must(s, RecordReseal{done}); x.Fetchable() == nil {
		t.Error("open before the incident has been looked into")
	}
	s = must(s, SettleIncident{Outcome: "not_recovered", Text: "x", Then: ThenNothing})
	if x := must(s, RecordReseal{done}); x.Fetchable() != nil {
		t.Error("sealed to a new key, and still shut")
	}
}
