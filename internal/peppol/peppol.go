// Package peppol writes invoices and credit notes as Peppol BIS Billing 3.0
// (UBL 2.1), and as a line for the finance system's import.
//
// A [Bill] is what stands in an invoice basis (room quote) with who sells and
// who buys. [Invoice] and [Credit] write it as XML, byte for byte the same every
// time; what the receiver's rules would refuse is refused here first, with the
// field it belongs to: a missing reference, a number with a wrong check digit,
// sums that do not agree.
//
// VAT is category S at 25 % or category O (outside the scope, for a public
// authority's fees), as the quote says. In category O neither party's VAT
// number may stand in the invoice (EN 16931, BR-O-02).
//
// Sources: Peppol BIS Billing 3.0 (OpenPeppol, 2025-05) with the Swedish rules
// SE-R-001 to SE-R-013; EN 16931-1:2017. The official rules run on what we
// write in make verify.
package peppol

import (
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/quote"
	"sluss/internal/swede"
)

// Seller is who invoices: the authority.
type Seller = order.Seller

// Buyer is who is invoiced: the principal.
type Buyer struct {
	Name     string
	OrgNo    string
	Endpoint string // scheme:id; "" = 0007 and the number
	// Reference is the buyer's own; a Swedish authority pays no invoice without.
	Reference string
	Country   string // ISO 3166; "" = SE
}

// Bill is an invoice or credit note before it is written.
type Bill struct {
	Number string // of the invoice, given by the finance system
	Issued day.Day
	Due    day.Day
	Seller Seller
	Buyer  Buyer
	Basis  quote.Invoice
	// HourOre is the price of an hour that the lines were made with.
	HourOre int64
	// Of is the invoice that a credit note takes back, and Reason why.
	Of     *Reference
	Reason string
}

// Reference is an earlier invoice.
type Reference struct {
	Number string
	Issued day.Day
}

// ErrNothing is returned for a basis without anything to pay: nothing is sent.
var ErrNothing = errors.New("there is nothing to invoice")

// Invoice writes the bill as an invoice. It returns ErrNothing when the sum is
// nought, and a *fault.Fault when the receiver would refuse it.
func Invoice(b Bill) ([]byte, error) {
	if b.Of != nil {
		return nil, bad("of", "En faktura tar inte tillbaka en annan; det gör en kreditnota.", "An invoice does not take another back; a credit note does.")
	}
	d, err := b.document()
	if err != nil {
		return nil, err
	}
	d.XMLName.Local, d.Space = "Invoice", space+"Invoice-2"
	d.InvoiceType, d.DueDate = "380", b.Due.String()
	d.InvoiceLines = b.lines(false)
	return render(d)
}

// Credit writes the bill as a credit note, of the same sums: what was invoiced
// is taken back as a whole.
func Credit(b Bill) ([]byte, error) {
	if b.Of == nil || b.Of.Number == "" || b.Reason == "" {
		return nil, bad("of", "En kreditnota säger vilken faktura den tar tillbaka och varför.", "A credit note says which invoice it takes back and why.")
	}
	d, err := b.document()
	if err != nil {
		return nil, err
	}
	d.XMLName.Local, d.Space = "CreditNote", space+"CreditNote-2"
	d.CreditType, d.Note = "381", b.Reason
	d.Billing = &billing{docRef{b.Of.Number, b.Of.Issued.String()}}
	d.CreditLines = b.lines(true)
	return render(d)
}

func render(d *document) ([]byte, error) {
	out, err := xml.MarshalIndent(d, "", "  ")
	if err != nil {
		return nil, err
	}
	return append([]byte(xml.Header), append(out, '\n')...), nil
}

func bad(field, sv, en string) *fault.Fault {
	return fault.New("peppol."+field, sv, en).At(fault.Where{Column: field}).Do("Rätta uppgiften och skapa fakturan igen.", "Mend it and make the invoice again.")
}

// check refuses what the receiver's rules would.
func (b Bill) check() error {
	inv := b.Basis
	sum := int64(0)
	for _, l := range inv.Lines {
		sum += l.Ore
	}
	for _, l := range inv.Changes {
		sum += l.Ore
	}
	vat, err := quote.VAT(inv.NetOre, inv.VAT)
	switch {
	case err != nil:
		return bad("vat", "Momsen är varken 25 procent eller utanför momslagen.", "The VAT is neither 25 per cent nor outside the scope.")
	case inv.NetOre == 0:
		return ErrNothing
	case inv.NetOre < 0 || sum-inv.CapOre != inv.NetOre || vat != inv.VATOre || inv.NetOre+vat != inv.GrossOre:
		return bad("sum", "Raderna och summorna stämmer inte överens.", "The lines and the sums do not agree.")
	case b.HourOre <= 0:
		return bad("price", "Timpriset saknas.", "The price of an hour is missing.")
	case strings.TrimSpace(b.Number) == "":
		return bad("number", "Fakturanumret saknas.", "The invoice's number is missing.")
	case strings.TrimSpace(b.Buyer.Reference) == "":
		return bad("reference", "Köparens referens saknas (PEPPOL-EN16931-R003).", "The buyer's reference is missing (PEPPOL-EN16931-R003).")
	case b.Buyer.Name == "" || b.Seller.Name == "":
		return bad("name", "Säljarens eller köparens namn saknas.", "The seller's or the buyer's name is missing.")
	case b.Due < b.Issued:
		return bad("due", "Förfallodagen är före fakturadagen.", "The due day is before the day of the invoice.")
	}
	if !orgNo(b.Seller.OrgNo) {
		return bad("seller_org_no", "Säljarens organisationsnummer är fel (SE-R-013).", "The seller's organisation number is wrong (SE-R-013).")
	}
	if b.swedish() && !orgNo(b.Buyer.OrgNo) {
		return bad("buyer_org_no", "Köparens organisationsnummer är fel (PEPPOL-COMMON-R049).", "The buyer's organisation number is wrong (PEPPOL-COMMON-R049).")
	}
	for field, e := range map[string]string{"seller_endpoint": endpoint(b.Seller), "buyer_endpoint": b.Buyer.endpoint()} {
		if scheme, id, ok := strings.Cut(e, ":"); !ok || len(scheme) != 4 || id == "" {
			return bad(field, "Den elektroniska adressen ska vara schema:nummer, som 0007:2021005521.", "The electronic address must be scheme:number, as 0007:2021005521.")
		}
	}
	return payee(b.Seller)
}

func (b Bill) swedish() bool { return b.Buyer.Country == "" || b.Buyer.Country == "SE" }

// account checks where to pay: Bankgiro has 7 or 8 figures (SE-R-009), Plusgiro
// 2 to 8 (SE-R-010).
func payee(s Seller) error {
	if s.Bankgiro == "" && s.Plusgiro == "" {
		return bad("account", "Det saknas bankgiro eller plusgiro att betala till.", "There is no Bankgiro or Plusgiro to pay to.")
	}
	if n := len(figures(s.Bankgiro)); s.Bankgiro != "" && (n < 7 || n > 8) {
		return bad("bankgiro", "Ett bankgironummer har sju eller åtta siffror.", "A Bankgiro number has seven or eight figures.")
	}
	if n := len(figures(s.Plusgiro)); s.Plusgiro != "" && (n < 2 || n > 8) {
		return bad("plusgiro", "Ett plusgironummer har två till åtta siffror.", "A Plusgiro number has two to eight figures.")
	}
	return nil
}

// orgNo reports whether it is an organisation number with a right check digit.
func orgNo(s string) bool {
	n, err := swede.ParseOrganisation(s, day.Max, swede.Real)
	_, person := n.Person()
	return err == nil && !person
}

// figures are the figures of s.
func figures(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func endpoint(s Seller) string {
	if s.Endpoint != "" {
		return s.Endpoint
	}
	return "0007:" + figures(s.OrgNo)
}

func (b Buyer) endpoint() string {
	if b.Endpoint != "" {
		return b.Endpoint
	}
	return "0007:" + figures(b.OrgNo)
}

// money writes öre as kronor with two decimals.
func money(ore int64) amount {
	sign := ""
	if ore < 0 {
		sign, ore = "-", -ore
	}
	return amount{"SEK", fmt.Sprintf("%s%d.%02d", sign, ore/100, ore%100)}
}

// hours writes hundredths of hours.
func hours(centis int64) string {
	return money(centis).Value
}

// kinds are the lines as they are called.
var kinds = map[string]string{
	quote.Dialogue: "Dialog och beredning", quote.Review: "Sekretessprövning", quote.Extraction: "Uttag och leverans",
}

// lines are the bill's lines, of what was quoted or worked and then of the
// approved changes.
func (b Bill) lines(credit bool) []line {
	all := slices.Clone(b.Basis.Lines)
	for _, c := range b.Basis.Changes {
		all = append(all, c.Line)
	}
	var out []line
	for i, l := range all {
		x := line{
			ID: fmt.Sprint(i + 1), Amount: money(l.Ore),
			Item:  item{kinds[l.Kind], taxed(b.Basis.VAT)},
			Price: price{money(b.HourOre)},
		}
		q := &quantity{"HUR", hours(l.Centis)}
		if credit {
			x.Credited = q
		} else {
			x.Invoiced = q
		}
		out = append(out, x)
	}
	return out
}

// taxed is the VAT category of a line.
func taxed(vat string) category {
	if vat == quote.VATOutside {
		return category{ID: "O", Scheme: scheme{"VAT"}}
	}
	return category{ID: "S", Percent: "25", Scheme: scheme{"VAT"}}
}
