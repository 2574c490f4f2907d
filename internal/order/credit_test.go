package order

import (
	"strings"
	"testing"
	"time"

	"sluss/internal/day"
	"sluss/internal/quote"
)

// TestCreditedInvoice: an invoice is taken back whole, with a reason; the next
// one has a number of its own; a credit for good bills nothing more.
func TestCreditedInvoice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, research())
	w.until("issue_invoice")
	w.today += 40
	if w.s.Invoice == nil {
		w.do(RoleFinance, IssueInvoice{})
	}
	first := *w.s.Invoice
	w.refused(RoleFinance, CreditInvoice{Reason: " "}, "order.credit_reason", 0)
	w.do(RoleFinance, CreditInvoice{Reason: "fel timmar"})
	if w.s.Invoice != nil || w.s.Unbilled() || w.s.InvoiceNo() != 2 || len(w.s.Credits) != 1 || w.s.Credits[0].Invoice.Hash != first.Hash {
		t.Fatalf("%+v", w.s.Credits)
	}
	w.refused(RoleFinance, CreditInvoice{Reason: "x"}, "order.no_invoice", 0)
	w.do(RoleFinance, IssueInvoice{Worked: []quote.Hours{{Kind: quote.Extraction, Centis: 100}}})
	w.do(RoleFinance, CreditInvoice{Reason: "inget ska betalas", Final: true})
	if !w.s.Unbilled() || w.s.Invoice == nil || w.s.InvoiceNo() != 2 {
		t.Fatalf("%+v", w.s.Credits)
	}
	w.refused(RoleFinance, IssueInvoice{}, "order.invoiced_twice", 0)
	w.refused(RoleFinance, CreditInvoice{Reason: "x"}, "order.no_invoice", 0)
	s := State{Invoice: &Invoiced{}}
	at := Context{At: time.Unix(int64(day.MustParse("2026-11-02"))*86400, 0)}
	if _, err := (CreditInvoice{Reason: "x"}).Decide(s, at); err == nil || !strings.Contains(err.Error(), "nothing_due") {
		t.Errorf("a basis of nought: %v", err)
	}
	s.Invoice.Invoice.GrossOre, s.Credits = 100, make([]Credit, maxCredits)
	if _, err := (CreditInvoice{Reason: "x"}).Decide(s, at); err == nil || !strings.Contains(err.Error(), "credits") {
		t.Errorf("for ever: %v", err)
	}
}
