package peppol

import (
	"cmp"
	"strconv"

	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/quote"
)

// payDays is how long a bill is paid within when the authority says nothing.
const payDays = 30

// Of is the bill of a case whose invoice basis has been issued. Its number is
// the case's with F1 behind it, F2 for the one after a credit note: a series of
// its own, in which a number stands for one invoice. Faults: peppol.not_issued and peppol.no_seller.
func Of(s order.State, a *order.Authority) (Bill, error) {
	if s.Invoice == nil {
		return Bill{}, fault.New("peppol.not_issued", "Fakturaunderlaget är inte lämnat än.", "The invoice basis has not been issued yet.").
			Do("Lämna ärendet till fakturering först.", "Issue the invoice first.")
	}
	if a.Seller == (order.Seller{}) {
		return Bill{}, noSeller()
	}
	return nth(s, a, s.Invoice.Invoice, s.InvoiceNo()), nil
}

// CreditOf is the bill of a case's credit note, of which 1 is the first. Its
// number is the case's with K and its own behind it. The fault peppol.no_credit
// says that there is none.
func CreditOf(s order.State, a *order.Authority, no int) (Bill, error) {
	if no < 1 || no > len(s.Credits) {
		return Bill{}, fault.New("peppol.no_credit", "Ärendet har ingen sådan kreditnota.", "The case has no such credit note.").
			Do("Se ärendets dokument.", "See the documents of the case.")
	}
	if a.Seller == (order.Seller{}) {
		return Bill{}, noSeller()
	}
	c := s.Credits[no-1]
	b := nth(s, a, c.Invoice.Invoice, no)
	b.Of, b.Reason = &Reference{b.Number, b.Issued}, c.Reason
	b.Number, b.Issued, b.Due = s.ID+"-K"+strconv.Itoa(no), c.On, c.On
	return b, nil
}

func noSeller() *fault.Fault {
	return fault.New("peppol.no_seller", "Myndighetens uppgifter för fakturor saknas.", "What invoices say of the authority is missing.").
		Do("Fyll i seller i myndighetens fil (docs/authority.md).", "Fill in seller in the authority's file (docs/authority.md).")
}

// nth is the nth invoice of a case.
func nth(s order.State, a *order.Authority, inv quote.Invoice, no int) Bill {
	to := s.Application
	var hour int64
	if s.Quote != nil {
		hour = s.Quote.HourOre
	}
	return Bill{
		Number: s.ID + "-F" + strconv.Itoa(no), Issued: inv.Date, Due: inv.Date + day.Day(cmp.Or(a.Seller.PayDays, payDays)), Seller: a.Seller,
		Buyer: Buyer{Name: to.Principal.Name, OrgNo: to.Principal.OrgNo, Endpoint: to.Invoice.PeppolID, Reference: to.Invoice.Reference, Country: to.Principal.Country},
		Basis: inv, HourOre: hour,
	}
}

// File is a bill as a file.
type File struct {
	Name, Type string
	Body       []byte
}

// Formats of a bill.
const (
	FormatUBL = "xml" // Peppol BIS Billing 3.0
	FormatCSV = "csv" // the finance system's lines
)

// Write writes the bill of a case in a format. A basis without anything to pay
// gives ErrNothing.
func Write(s order.State, a *order.Authority, format string) (File, error) {
	b, err := Of(s, a)
	if err != nil {
		return File{}, err
	}
	return b.write(format)
}

// WriteNo is Write for the credit note that no numbers; "" is the invoice.
func WriteNo(s order.State, a *order.Authority, no, format string) (File, error) {
	if no == "" {
		return Write(s, a, format)
	}
	n, err := strconv.Atoi(no)
	if err != nil {
		n = 0 // which there is not
	}
	b, err := CreditOf(s, a, n)
	if err != nil {
		return File{}, err
	}
	return b.write(format)
}

// write writes an invoice or, where it takes one back, a credit note.
func (b Bill) write(format string) (f File, err error) {
	f = File{Name: b.Number + "." + format}
	switch format {
	case FormatUBL:
		f.Type = "application/xml"
		write := Invoice
		if b.Of != nil {
			write = Credit
		}
		f.Body, err = write(b)
	case FormatCSV:
		f.Type = "text/csv; charset=utf-8"
		if b.Basis.GrossOre == 0 {
			return File{}, ErrNothing
		}
		f.Body, err = CSV([]Bill{b})
	default:
		err = fault.New("peppol.format", "Välj xml eller csv.", "Choose xml or csv.")
	}
	return f, err
}
