package peppol

import (
	"cmp"

	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
)

// payDays is how long a bill is paid within when the authority says nothing.
const payDays = 30

// Of is the bill of a case whose invoice basis has been issued. Its number is
// the case's with F1 behind it: a series of its own, in which a number stands
// for one invoice. Faults: peppol.not_issued and peppol.no_seller.
func Of(s order.State, a *order.Authority) (Bill, error) {
	if s.Invoice == nil {
		return Bill{}, fault.New("peppol.not_issued", "Fakturaunderlaget är inte lämnat än.", "The invoice basis has not been issued yet.").
			Do("Lämna ärendet till fakturering först.", "Issue the invoice first.")
	}
	if a.Seller == (order.Seller{}) {
		return Bill{}, fault.New("peppol.no_seller", "Myndighetens uppgifter för fakturor saknas.", "What invoices say of the authority is missing.").
			Do("Fyll i seller i myndighetens fil (docs/authority.md).", "Fill in seller in the authority's file (docs/authority.md).")
	}
	inv, to := s.Invoice.Invoice, s.Application
	var hour int64
	if s.Quote != nil {
		hour = s.Quote.HourOre
	}
	return Bill{
		Number: s.ID + "-F1", Issued: inv.Date, Due: inv.Date + day.Day(cmp.Or(a.Seller.PayDays, payDays)), Seller: a.Seller,
		Buyer: Buyer{Name: to.Principal.Name, OrgNo: to.Principal.OrgNo, Endpoint: to.Invoice.PeppolID, Reference: to.Invoice.Reference, Country: to.Principal.Country},
		Basis: inv, HourOre: hour,
	}, nil
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
	f := File{Name: b.Number + "." + format}
	switch format {
	case FormatUBL:
		f.Type = "application/xml"
		f.Body, err = Invoice(b)
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
