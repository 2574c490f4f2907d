package order

import (
	"slices"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/day"
)

// A wrong invoice is taken back as a whole by a credit note, with its reason;
// what is right is then invoiced anew, or nothing is. Neither invoice nor credit
// note is ever changed: each has a number of its own.

// Credited: the issued invoice has been taken back.
type Credited struct {
	No      int        `json:"no"`
	Invoice canon.Hash `json:"invoice"` // the hash of what is taken back
	Reason  string     `json:"reason"`
	On      day.Day    `json:"on"`
	// Final says that nothing is invoiced instead.
	Final bool `json:"final,omitempty"`
}

var creditEvents = map[string]func() Event{"credited": func() Event { return &Credited{} }}

// Type returns credited.
func (*Credited) Type() string { return "credited" }

// Credit is a credit note with the invoice that it takes back.
type Credit struct {
	No      int
	Invoice Invoiced
	Reason  string
	On      day.Day
	Final   bool
}

func (ev *Credited) apply(s State, _ Entry) State {
	if s.Invoice == nil {
		return s
	}
	s.Credits = append(slices.Clone(s.Credits), Credit{ev.No, *s.Invoice, ev.Reason, ev.On, ev.Final})
	if !ev.Final {
		s.Invoice = nil
	}
	return s
}

// Unbilled reports whether the issued invoice has been taken back for good.
func (s State) Unbilled() bool {
	n := len(s.Credits)
	return n > 0 && s.Credits[n-1].Final
}

// InvoiceNo is the number in the case of the invoice that has been issued, or
// will be: 1 for the first, 2 for the one after a credit note.
func (s State) InvoiceNo() int {
	if s.Unbilled() {
		return len(s.Credits)
	}
	return len(s.Credits) + 1
}

// CreditInvoice takes the issued invoice back.
type CreditInvoice struct {
	Reason string
	Final  bool
}

// Name returns credit_invoice.
func (CreditInvoice) Name() string { return "credit_invoice" }

// Roles that may.
func (CreditInvoice) Roles() []Role { return []Role{RoleFinance} }

// maxCredits is how often a case is invoiced anew before somebody should look
// at why.
const maxCredits = 9

// Decide refuses without an invoice, for one that has been taken back, one on
// nothing, and without a reason.
func (c CreditInvoice) Decide(s State, ctx Context) ([]Event, error) {
	switch {
	case s.Invoice == nil || s.Unbilled():
		return nil, wrongState("no_invoice", "Det finns ingen faktura att kreditera.", "There is no invoice to credit.")
	case s.Invoice.Invoice.GrossOre == 0:
		return nil, wrongState("nothing_due", "Fakturaunderlaget är på noll kronor.", "The invoice basis is of nought kronor.")
	case strings.TrimSpace(c.Reason) == "":
		return nil, input("credit_reason", "Skriv varför fakturan krediteras.", "Write why the invoice is credited.")
	case len(s.Credits) >= maxCredits:
		return nil, wrongState("credits", "Fakturan är krediterad nio gånger.", "The invoice has been credited nine times.")
	}
	return []Event{&Credited{No: len(s.Credits) + 1, Invoice: s.Invoice.Hash, Reason: strings.TrimSpace(c.Reason), On: ctx.Day(), Final: c.Final}}, nil
}

func (CreditInvoice) endures() bool { return true } // an invoice can be wrong when everything else is over

var creditCommands = []Command{CreditInvoice{}}

var creditStory = map[string]Line{
	"credited": told("Fakturan krediterades", "The invoice was credited", "hela fakturan, med skäl", "the whole invoice, with its reason", "avgiftsförordningen 4–5 §§"),
}
