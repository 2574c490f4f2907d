package order

import (
	"testing"

	"sluss/internal/quote"
)

// TestHours: noted by kind, taken back, never below nothing.
func TestHours(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "record_review")
	w.do(RoleHandler, LogHours{Kind: quote.Dialogue, Centis: 150})
	w.do(RoleReviewer, LogHours{Kind: quote.Review, Centis: 325, On: w.today - 1, Text: "prövning"})
	w.do(RoleHandler, LogHours{Kind: quote.Dialogue, Centis: 50})
	w.do(RoleHandler, LogHours{Kind: quote.Dialogue, Centis: -25})
	w.refused(RoleHandler, LogHours{Kind: quote.Dialogue, Centis: -176}, "order.hours", 0)
	w.refused(RoleHandler, LogHours{Kind: "lunch", Centis: 100}, "order.hours", 0)
	w.refused(RoleHandler, LogHours{Kind: quote.Dialogue, Centis: 2401}, "order.hours", 0)
	w.refused(RoleHandler, LogHours{Kind: quote.Dialogue, Centis: 1, On: w.today + 1}, "order.hours_day", 0)
	if len(w.s.Hours) != 2 || w.s.Hours[0] != (quote.Hours{Kind: quote.Dialogue, Centis: 175}) || w.s.Hours[1].Centis != 325 {
		t.Errorf("%+v", w.s.Hours)
	}
	w = at(t, research(), "order_purge")
	w.refused(RoleHandler, LogHours{Kind: quote.Dialogue, Centis: 100}, "order.hours_invoiced", 0)
}

// TestInvoiceIsQuotePlusApprovedChanges reckons by hand: 16 h quoted at a
// fixed 13 600 kr; 2 h more approved, 5 h more declined, 1 h less approved.
func TestInvoiceIsQuotePlusApprovedChanges(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "accept_quote")
	w.refused(RoleHandler, ProposeChange{Hours: hoursOf(quote.Extraction, 200), Reason: "x"}, "order.change_unaccepted", 0)
	w = at(t, research(), "order_extraction")
	change := func(centis int64, approve bool) {
		t.Helper()
		w.do(RoleHandler, ProposeChange{Hours: hoursOf(quote.Extraction, centis), Reason: "fler tabeller"})
		h := w.s.Changes[len(w.s.Changes)-1].Hash
		w.refused(RoleRepresentative, AnswerChange{Hash: hash("x"), Approve: true}, "order.other_change", 0)
		w.do(RoleRepresentative, AnswerChange{Hash: h, Approve: approve})
		w.refused(RoleRepresentative, AnswerChange{Hash: h, Approve: true}, "order.other_change", 0)
	}
	w.refused(RoleHandler, ProposeChange{Reason: "x"}, "order.change", 0)
	w.refused(RoleHandler, ProposeChange{Hours: hoursOf(quote.Extraction, -1601), Reason: "x"}, "order.change_negative", 0)
	change(200, true)
	change(500, false)
	change(-100, true)
	w.do(RoleHandler, ProposeChange{Hours: hoursOf(quote.Review, 100), Reason: "väntar"})
	w.refused(RoleHandler, ProposeChange{Hours: hoursOf(quote.Review, 100), Reason: "väntar"}, "order.change_open", 0)
	for _, st := range way[11:17] {
		w.today += 1
		w.do(st.role, st.cmd(w))
	}
	w.today += 31
	w.do(RoleFinance, IssueInvoice{})
	if got, want := w.s.Invoice.Invoice.NetOre, int64(13_600_00+1_700_00-850_00); got != want {
		t.Errorf("%d öre, want %d", got, want)
	}
	if got, want := w.s.Invoice.Invoice.GrossOre, int64(18_062_50); got != want {
		t.Errorf("%d öre with VAT, want %d", got, want)
	}
}

// TestWithdrawnIsChargedByPolicy: nothing without one; what was worked, at
// most the accepted quote, with one; never before acceptance.
func TestWithdrawnIsChargedByPolicy(t *testing.T) {
	t.Parallel()
	policy := quote.WithdrawalPolicies{{From: start, Rule: quote.WithdrawalWorked, Source: "myndighetens ställningstagande"}}
	for _, tt := range []struct {
		name   string
		step   string // withdrawn before it
		policy quote.WithdrawalPolicies
		centis int64
		code   string
		net    int64
	}{
		{"no policy", "order_extraction", nil, 300, "order.nothing_due", 0},
		{"worked", "order_extraction", policy, 300, "", 2_550_00},
		{"more than was quoted", "order_extraction", policy, 2000, "", 13_600_00},
		{"nothing worked", "order_extraction", policy, 0, "order.nothing_due", 0},
		{"not accepted", "accept_quote", policy, 300, "order.ended", 0},
	} {
		w := at(t, research(), tt.step)
		w.authority.Withdrawal = tt.policy
		if tt.centis > 0 {
			w.do(RoleReviewer, LogHours{Kind: quote.Review, Centis: tt.centis})
		}
		w.do(RoleOrderer, Withdraw{Reason: "projektet läggs ner"})
		if tt.code != "" {
			w.refused(RoleFinance, IssueInvoice{}, tt.code, 0)
			continue
		}
		w.do(RoleFinance, IssueInvoice{})
		if got := w.s.Invoice.Invoice.NetOre; got != tt.net {
			t.Errorf("%s: %d öre, want %d", tt.name, got, tt.net)
		}
		w.refused(RoleFinance, IssueInvoice{}, "order.invoiced_twice", 0)
	}
}
