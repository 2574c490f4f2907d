package diarium_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/diarium"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/plan"
)

// sent is a case with a decision that has been sent.
func sent(outcome string) order.State {
	row := plan.Row{Register: "midas_sjuk", Table: "midas_sjp", Outcome: outcome}
	if outcome != plan.OutcomeDisclose {
		row.Ground = "24 kap. 8 § OSL"
	}
	s := order.State{ID: "FK-2026-00001", Submitted: true, ReceivedOn: day.MustParse("2026-03-02"), Dispatched: true, Announced: true}
	s.Application = intake.Application{Purpose: intake.Research, Title: "Sjukfrånvaro", Data: []intake.Wish{{Register: "midas_sjuk"}, {Register: "bilstod"}, {Register: "midas_sjuk"}, {}}}
	s.Application.Principal.Name = "Sjölunda universitet"
	s.Application.Orderer = intake.Person{Name: "Elise Sandahl-Öhrn", Email: "elise@sjolunda.example"}
	s.Decision = &order.Decision{Date: day.MustParse("2026-05-04"), Provisions: []string{"12 kap. 2 § OSL"}, Reasons: catalog.Text{SV: "hemliga skäl", EN: "secret reasons"}, Scope: plan.Scope{Rows: []plan.Row{row}}}
	return s
}

// TestEntries: what everybody may read in each situation, and what not.
func TestEntries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		outcome string
		change  func(*order.State)
		state   string
		told    string // outcome
		by      string // provisions
	}{
		"granted":              {plan.OutcomeDisclose, func(*order.State) {}, diarium.Decided, "disclose", ""},
		"granted in part":      {plan.OutcomePartly, func(*order.State) {}, diarium.Decided, "partly", "12 kap. 2 § OSL; 24 kap. 8 § OSL"},
		"refused":              {plan.OutcomeRefuse, func(s *order.State) { s.Ended = order.PhaseRefused }, diarium.Refused, "refuse", "12 kap. 2 § OSL; 24 kap. 8 § OSL"},
		"decided, not sent":    {plan.OutcomeRefuse, func(s *order.State) { s.Dispatched, s.Announced = false, false }, diarium.Received, "", ""},
		"tried again":          {plan.OutcomeRefuse, func(s *order.State) { s.Dispatched = false }, diarium.Reopened, "", ""},
		"taken back":           {plan.OutcomeDisclose, func(s *order.State) { s.Ended, s.Dispatched, s.Decision = order.PhaseWithdrawn, false, nil }, diarium.Withdrawn, "", ""},
		"dismissed":            {plan.OutcomeDisclose, func(s *order.State) { s.Ended, s.Dispatched, s.Decision = order.PhaseDismissed, false, nil }, diarium.Dismissed, "", ""},
		"ran out":              {plan.OutcomeDisclose, func(s *order.State) { s.Ended = order.PhaseExpired }, diarium.Expired, "disclose", ""},
		"delivered":            {plan.OutcomeDisclose, func(s *order.State) { s.Delivery = &order.Delivered{On: day.MustParse("2026-08-03")} }, diarium.Delivered, "disclose", ""},
		"nothing been decided": {plan.OutcomeDisclose, func(s *order.State) { s.Dispatched, s.Announced, s.Decision = false, false, nil }, diarium.Received, "", ""},
	} {
		s := sent(c.outcome)
		c.change(&s)
		x, ok := diarium.Of(s)
		if !ok || x.State != c.state || x.Outcome != c.told || strings.Join(x.Provisions, "; ") != c.by || (x.Decided != nil) != (c.told != "") {
			t.Errorf("%s: %+v", name, x)
		}
		if x.Title == "" || x.Principal == "" || !slices.Equal(x.Registers, []string{"bilstod", "midas_sjuk"}) {
			t.Errorf("%s: %+v", name, x)
		}
		raw, err := json.Marshal(x)
		if err != nil || strings.Contains(string(raw), "Elise") || strings.Contains(string(raw), "sjolunda.example") || strings.Contains(string(raw), "skäl") {
			t.Errorf("%s tells too much: %s %v", name, raw, err)
		}
	}
}

// TestWithheld: what the registrar leaves out is in no entry, and the provision
// is; a case with protected personal data and a question have no entry at all.
func TestWithheld(t *testing.T) {
	t.Parallel()
	s := sent(plan.OutcomeDisclose)
	ctx := order.Context{At: time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC), By: order.Actor{ID: "r", Role: order.RoleRegistrar}}
	for name, c := range map[string]struct {
		cmd              order.WithholdEntry
		title, principal bool // are told
		refused          bool
	}{
		"title":             {order.WithholdEntry{Parts: []string{"title"}, Provision: "24 kap. 8 § OSL", Why: "x"}, false, true, false},
		"both, twice":       {order.WithholdEntry{Parts: []string{"principal", "title", "title"}, Provision: "24 kap. 8 § OSL", Why: "x"}, false, false, false},
		"no provision":      {order.WithholdEntry{Parts: []string{"title"}, Why: "x"}, true, true, true},
		"no reason":         {order.WithholdEntry{Parts: []string{"title"}, Provision: "y", Why: " "}, true, true, true},
		"what it has not":   {order.WithholdEntry{Parts: []string{"state"}, Provision: "y", Why: "x"}, true, true, true},
		"nothing, as it is": {order.WithholdEntry{Why: "x"}, true, true, true},
		"identity number":   {order.WithholdEntry{Parts: []string{"title"}, Provision: "y", Why: "19121212-1212"}, true, true, true},
	} {
		events, err := c.cmd.Decide(s, ctx)
		if (err != nil) != c.refused {
			t.Errorf("%s: %v", name, err)
		}
		after := s
		for _, ev := range events {
			w := ev.(*order.EntryWithheld)
			after.Withheld = order.Withheld{Parts: w.Parts, Provision: w.Provision}
		}
		x, _ := diarium.Of(after)
		if (x.Title != "") != c.title || (x.Principal != "") != c.principal || (len(x.Withheld) > 0) == (x.Provision == "") {
			t.Errorf("%s: %+v", name, x)
		}
		if _, err := (order.WithholdEntry{Why: "again"}).Decide(after, ctx); !c.refused && err != nil {
			t.Errorf("%s: cannot be shown again: %v", name, err)
		}
	}
	named := s
	named.Application.Title = "Sjukfrånvaro hos 19121212-1212"
	if x, ok := diarium.Of(named); !ok || x.Title != "" {
		t.Errorf("a title with an identity number: %+v", x)
	}
	protected, question := s, s
	protected.Protected, question.Submitted = true, false
	for _, s := range []order.State{protected, question} {
		if x, ok := diarium.Of(s); ok {
			t.Errorf("%+v", x)
		}
	}
}
