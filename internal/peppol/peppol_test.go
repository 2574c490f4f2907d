package peppol

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
	"sluss/internal/quote"
)

// out is where TestWriteExamples puts invoices for the official rules.
var out = flag.String("out", "", "folder for invoices that the official rules are run on")

var (
	issued = day.MustParse("2026-11-22")
	prices = quote.PriceList{{HourOre: 85_000, Basis: "avgiftsförordningen 4 §"}}
)

func sample() Bill { return billOf(quote.FormFixed, quote.VATStandard, nil, nil) }

// billOf is a bill of a quote in a form, with changes and worked hours.
func billOf(form, vat string, changes []quote.Amendment, worked []quote.Hours) Bill {
	q, err := quote.Make("FK-2026-00012", 1, issued-60, prices, quote.Terms{
		Form: form, Hours: []quote.Hours{{Kind: quote.Dialogue, Centis: 425}, {Kind: quote.Review, Centis: 700}, {Kind: quote.Extraction, Centis: 1275}}, VAT: vat, VATReason: "myndighetsutövning",
		Text: catalog.Text{SV: "x", EN: "x"}, ValidTo: issued + 90,
	})
	if err != nil {
		panic(err)
	}
	inv, err := quote.BillWith(q, changes, worked, issued)
	if err != nil {
		panic(err)
	}
	return Bill{
		Number: "2026-1007", Issued: issued, Due: issued + 30, Basis: inv, HourOre: 85_000,
		Seller: Seller{Name: "Exempelmyndigheten", OrgNo: "202100-5521", Street: "Exempelgatan 1", Zip: "103 51", City: "Stockholm", Bankgiro: "5050-1055", FTax: true, Contact: "Ekonomi", Email: "ekonomi@myndighet.example"},
		Buyer:  Buyer{Name: "Sjölunda universitet & högskola", OrgNo: "202100-5489", Reference: "ZZ4711"},
	}
}

func TestInvoiceStandsAsWritten(t *testing.T) {
	t.Parallel()
	b := sample()
	got, err := Invoice(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"`, "<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>", "<cbc:BuyerReference>ZZ4711</cbc:BuyerReference>",
		`<cbc:EndpointID schemeID="0007">2021005521</cbc:EndpointID>`, "<cbc:CompanyID>SE202100552101</cbc:CompanyID>", "Godkänd för F-skatt", "Sjölunda universitet &amp; högskola",
		`<cbc:InvoicedQuantity unitCode="HUR">4.25</cbc:InvoicedQuantity>`, `<cbc:LineExtensionAmount currencyID="SEK">3612.50</cbc:LineExtensionAmount>`,
		`<cbc:TaxAmount currencyID="SEK">5100.00</cbc:TaxAmount>`, `<cbc:PayableAmount currencyID="SEK">25500.00</cbc:PayableAmount>`, "<cbc:ID>SE:BANKGIRO</cbc:ID>", "<cbc:ID>50501055</cbc:ID>",
	} {
		if !bytes.Contains(got, []byte(want)) {
			t.Errorf("%s is missing in\n%s", want, got)
		}
	}
	again, err := Invoice(b)
	if err != nil || !bytes.Equal(got, again) {
		t.Error("the same bill is written differently")
	}
}

func TestOutsideTheScope(t *testing.T) {
	t.Parallel()
	got, err := Invoice(billOf(quote.FormFixed, quote.VATOutside, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	if s := string(got); strings.Contains(s, "SE202100552101") || strings.Contains(s, "<cbc:Percent>") || !strings.Contains(s, "vatex-eu-o") {
		t.Errorf("an invoice outside the scope of VAT:\n%s", s)
	}
}

func TestCreditTakesBack(t *testing.T) {
	t.Parallel()
	b := sample()
	b.Number, b.Of, b.Reason = "2026-1008", &Reference{"2026-1007", issued}, "Leveransen var felaktig"
	got, err := Credit(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<CreditNote ", "<cbc:CreditNoteTypeCode>381<", "<cac:InvoiceDocumentReference>", "<cbc:ID>2026-1007</cbc:ID>", "<cbc:CreditedQuantity", `<cbc:PayableAmount currencyID="SEK">25500.00<`} {
		if !bytes.Contains(got, []byte(want)) {
			t.Errorf("%s is missing", want)
		}
	}
	if bytes.Contains(got, []byte("InvoiceLine")) || bytes.Contains(got, []byte("<cbc:DueDate>")) {
		t.Error("a credit note has parts of an invoice")
	}
}

// TestRefused: what the receiver would refuse is refused here, at its field.
func TestRefused(t *testing.T) {
	t.Parallel()
	for code, change := range map[string]func(*Bill){
		"peppol.reference":       func(b *Bill) { b.Buyer.Reference = " " },
		"peppol.seller_org_no":   func(b *Bill) { b.Seller.OrgNo = "202100-5522" },
		"peppol.buyer_org_no":    func(b *Bill) { b.Buyer.OrgNo = "202100-5488" },
		"peppol.buyer_endpoint":  func(b *Bill) { b.Buyer.Endpoint = "7:1" },
		"peppol.seller_endpoint": func(b *Bill) { b.Seller.Endpoint = "0007:" },
		"peppol.sum":             func(b *Bill) { b.Basis.NetOre++ },
		"peppol.vat":             func(b *Bill) { b.Basis.VAT = "12" },
		"peppol.number":          func(b *Bill) { b.Number = "" },
		"peppol.name":            func(b *Bill) { b.Buyer.Name = "" },
		"peppol.due":             func(b *Bill) { b.Due = b.Issued - 1 },
		"peppol.account":         func(b *Bill) { b.Seller.Bankgiro = "" },
		"peppol.bankgiro":        func(b *Bill) { b.Seller.Bankgiro = "5050" },
		"peppol.plusgiro":        func(b *Bill) { b.Seller.Plusgiro = "1" },
		"peppol.price":           func(b *Bill) { b.HourOre = 0 },
		"peppol.of":              func(b *Bill) { b.Of = &Reference{Number: "1"} },
	} {
		b := sample()
		change(&b)
		_, err := Invoice(b)
		if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	b := sample()
	b.Basis.Lines, b.Basis.NetOre, b.Basis.VATOre, b.Basis.GrossOre = nil, 0, 0, 0
	if _, err := Invoice(b); !errors.Is(err, ErrNothing) {
		t.Errorf("nothing to pay: %v", err)
	}
	if _, err := Credit(sample()); err == nil {
		t.Error("a credit note of nothing")
	}
	foreign := sample()
	foreign.Buyer.Country, foreign.Buyer.OrgNo, foreign.Buyer.Endpoint = "NO", "", "0192:987654325"
	if _, err := Invoice(foreign); err != nil {
		t.Errorf("a foreign buyer: %v", err)
	}
}

// random is a bill of any form, with hours, changes and a ceiling.
func random(t *rapid.T) Bill {
	hours := rapid.Custom(func(t *rapid.T) quote.Hours {
		return quote.Hours{Kind: rapid.SampledFrom([]string{quote.Dialogue, quote.Review, quote.Extraction}).Draw(t, "kind"), Centis: rapid.Int64Range(1, 9_999).Draw(t, "centis")}
	})
	var changes []quote.Amendment
	for i := range rapid.IntRange(0, 2).Draw(t, "changes") {
		changes = append(changes, quote.Amendment{ID: fmt.Sprint(i), Hours: []quote.Hours{hours.Draw(t, "change")}, Reason: catalog.Text{SV: "r", EN: "r"}, ApprovedOn: issued - 5, ApprovedBy: "p"})
	}
	form := rapid.SampledFrom([]string{quote.FormFixed, quote.FormCeiling, quote.FormActual}).Draw(t, "form")
	var worked []quote.Hours
	if form != quote.FormFixed {
		worked = rapid.SliceOfN(hours, 1, 4).Draw(t, "worked")
	}
	b := billOf(form, rapid.SampledFrom([]string{quote.VATStandard, quote.VATOutside}).Draw(t, "vat"), changes, worked)
	if form != quote.FormFixed { // changes raise a ceiling; only a fixed sum lists them
		b.Basis.Changes = nil
	}
	return b
}

// TestSumsAgree: what stands in the XML adds up, for every bill.
func TestSumsAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := random(t)
		got, err := Invoice(b)
		if err != nil {
			t.Fatal(err)
		}
		type figure struct {
			Value string `xml:",chardata"`
		}
		var read struct {
			Lines []figure `xml:"InvoiceLine>LineExtensionAmount"`
			Net   figure   `xml:"LegalMonetaryTotal>TaxExclusiveAmount"`
			Sum   figure   `xml:"LegalMonetaryTotal>LineExtensionAmount"`
			Cap   figure   `xml:"LegalMonetaryTotal>AllowanceTotalAmount"`
			Gross figure   `xml:"LegalMonetaryTotal>PayableAmount"`
			VAT   figure   `xml:"TaxTotal>TaxAmount"`
		}
		if err := xml.Unmarshal(got, &read); err != nil {
			t.Fatal(err)
		}
		sum := int64(0)
		for _, l := range read.Lines {
			sum += ore(t, l.Value)
		}
		if sum != ore(t, read.Sum.Value) || sum-ore(t, read.Cap.Value) != ore(t, read.Net.Value) || ore(t, read.Net.Value)+ore(t, read.VAT.Value) != ore(t, read.Gross.Value) || ore(t, read.Gross.Value) != b.Basis.GrossOre {
			t.Fatalf("sums do not agree:\n%s", got)
		}
	})
}

func ore(t *rapid.T, s string) int64 {
	if s == "" {
		return 0
	}
	whole, cents, ok := strings.Cut(s, ".")
	var k, o int64
	if _, err := fmt.Sscan(whole, &k); err != nil || !ok {
		t.Fatalf("%q is no amount", s)
	}
	if _, err := fmt.Sscan(strings.TrimPrefix(cents, "0"), &o); err != nil && cents != "00" {
		t.Fatalf("%q is no amount", s)
	}
	if strings.HasPrefix(s, "-") {
		return k*100 - o
	}
	return k*100 + o
}

func TestCSV(t *testing.T) {
	t.Parallel()
	b := sample()
	b.Buyer.Reference = "=1+1"
	got, err := CSV([]Bill{b})
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(got))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil || len(rows) != 4 || len(rows[0]) != len(Columns) {
		t.Fatalf("%v, %q", err, rows)
	}
	if rows[1][6] != "'=1+1" || rows[1][11] != "4.25" || rows[1][13] != "3612.50" || rows[1][16] != "25500.00" {
		t.Errorf("%q", rows[1])
	}
}

// TestWriteExamples writes invoices for the official rules (tools/peppol).
func TestWriteExamples(t *testing.T) {
	if *out == "" {
		t.Skip("skipped: no folder for the official rules (make verify gives one)")
	}
	put := func(name string, xml []byte, err error) {
		t.Helper()
		if err == nil {
			err = os.WriteFile(filepath.Join(*out, name+".xml"), xml, 0o644)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for name, b := range map[string]Bill{
		"fixed": sample(), "outside": billOf(quote.FormFixed, quote.VATOutside, nil, nil),
		"ceiling": billOf(quote.FormCeiling, quote.VATStandard, nil, []quote.Hours{{Kind: quote.Dialogue, Centis: 9900}}),
		"actual":  billOf(quote.FormActual, quote.VATStandard, nil, []quote.Hours{{Kind: quote.Review, Centis: 333}, {Kind: quote.Extraction, Centis: 1}}),
	} {
		xml, err := Invoice(b)
		put("good-"+name, xml, err)
	}
	credit := sample()
	credit.Number, credit.Of, credit.Reason = "2026-1008", &Reference{"2026-1007", issued}, "Leveransen var felaktig"
	xml, err := Credit(credit)
	put("good-credit", xml, err)
	foreign := sample()
	foreign.Buyer.Country, foreign.Buyer.OrgNo, foreign.Buyer.Endpoint = "NO", "", "0192:987654325"
	xml, err = Invoice(foreign)
	put("good-foreign", xml, err)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		if n++; n > 20 {
			return
		}
		xml, err := Invoice(random(r))
		put(fmt.Sprintf("good-random-%02d", n), xml, err)
	})
	base, err := Invoice(sample())
	if err != nil {
		t.Fatal(err)
	}
	// Mutations of what we wrote; the name says which official rule must find it.
	for rule, change := range map[string][2]string{
		"PEPPOL-EN16931-R003": {"<cbc:BuyerReference>ZZ4711</cbc:BuyerReference>", ""},
		"PEPPOL-COMMON-R049":  {"2021005489</cbc:EndpointID>", "2021005488</cbc:EndpointID>"},
		"SE-R-005":            {"Godkänd för F-skatt", "Godkand for F-skatt"},
		"SE-R-006":            {"<cbc:Percent>25</cbc:Percent>", "<cbc:Percent>24</cbc:Percent>"},
		"SE-R-009":            {"<cbc:ID>50501055</cbc:ID>", "<cbc:ID>505010</cbc:ID>"},
		"SE-R-013":            {`<cbc:CompanyID schemeID="0007">2021005521</cbc:CompanyID>`, `<cbc:CompanyID schemeID="0007">2021005522</cbc:CompanyID>`},
		"BR-CO-15":            {`<cbc:TaxInclusiveAmount currencyID="SEK">25500.00<`, `<cbc:TaxInclusiveAmount currencyID="SEK">25501.00<`},
		"BR-CO-10":            {`<cac:LegalMonetaryTotal>` + "\n    " + `<cbc:LineExtensionAmount currencyID="SEK">20400.00<`, `<cac:LegalMonetaryTotal>` + "\n    " + `<cbc:LineExtensionAmount currencyID="SEK">20401.00<`},
		"PEPPOL-EN16931-R120": {`<cbc:PriceAmount currencyID="SEK">850.00<`, `<cbc:PriceAmount currencyID="SEK">900.00<`},
		"PEPPOL-EN16931-R010": {"<cac:AccountingCustomerParty>\n    <cac:Party>\n      <cbc:EndpointID schemeID=\"0007\">2021005489</cbc:EndpointID>", "<cac:AccountingCustomerParty>\n    <cac:Party>"},
		"BR-02":               {"<cbc:ID>2026-1007</cbc:ID>", "<cbc:ID></cbc:ID>"},
		"BR-S-08":             {`<cbc:TaxableAmount currencyID="SEK">20400.00<`, `<cbc:TaxableAmount currencyID="SEK">20300.00<`},
	} {
		base := bytes.Clone(base)
		if !bytes.Contains(base, []byte(change[0])) {
			t.Errorf("%s: there is nothing to change", rule)
		}
		if rule == "PEPPOL-EN16931-R003" { // an order reference would do, too
			base = bytes.Replace(base, []byte("  <cac:OrderReference>\n    <cbc:ID>FK-2026-00012</cbc:ID>\n  </cac:OrderReference>\n"), nil, 1)
		}
		put("bad-"+rule, bytes.Replace(base, []byte(change[0]), []byte(change[1]), 1), nil)
	}
}
