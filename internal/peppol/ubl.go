package peppol

import (
	"encoding/xml"
	"strings"

	"sluss/internal/quote"
)

const space = "urn:oasis:names:specification:ubl:schema:xsd:"

// The parts of a UBL document that we write, in the order that the schema
// wants.
type (
	document struct {
		XMLName       xml.Name
		Space         string     `xml:"xmlns,attr"`
		CAC           string     `xml:"xmlns:cac,attr"`
		CBC           string     `xml:"xmlns:cbc,attr"`
		Customization string     `xml:"cbc:CustomizationID"`
		Profile       string     `xml:"cbc:ProfileID"`
		ID            string     `xml:"cbc:ID"`
		IssueDate     string     `xml:"cbc:IssueDate"`
		DueDate       string     `xml:"cbc:DueDate,omitempty"`
		InvoiceType   string     `xml:"cbc:InvoiceTypeCode,omitempty"`
		CreditType    string     `xml:"cbc:CreditNoteTypeCode,omitempty"`
		Note          string     `xml:"cbc:Note,omitempty"`
		Currency      string     `xml:"cbc:DocumentCurrencyCode"`
		Reference     string     `xml:"cbc:BuyerReference"`
		Order         idOnly     `xml:"cac:OrderReference"`
		Billing       *billing   `xml:"cac:BillingReference"`
		Supplier      seat       `xml:"cac:AccountingSupplierParty"`
		Customer      seat       `xml:"cac:AccountingCustomerParty"`
		Means         []means    `xml:"cac:PaymentMeans"`
		Allowance     *allowance `xml:"cac:AllowanceCharge"`
		Tax           taxTotal   `xml:"cac:TaxTotal"`
		Total         monetary   `xml:"cac:LegalMonetaryTotal"`
		InvoiceLines  []line     `xml:"cac:InvoiceLine"`
		CreditLines   []line     `xml:"cac:CreditNoteLine"`
	}
	idOnly struct {
		ID string `xml:"cbc:ID"`
	}
	billing struct {
		Ref docRef `xml:"cac:InvoiceDocumentReference"`
	}
	docRef struct {
		ID     string `xml:"cbc:ID"`
		Issued string `xml:"cbc:IssueDate"`
	}
	schemed struct {
		Scheme string `xml:"schemeID,attr,omitempty"`
		Value  string `xml:",chardata"`
	}
	seat struct {
		Party party `xml:"cac:Party"`
	}
	party struct {
		Endpoint schemed     `xml:"cbc:EndpointID"`
		Name     *named      `xml:"cac:PartyName"`
		Address  address     `xml:"cac:PostalAddress"`
		Taxes    []taxScheme `xml:"cac:PartyTaxScheme"`
		Legal    legal       `xml:"cac:PartyLegalEntity"`
		Contact  *contact    `xml:"cac:Contact"`
	}
	named struct {
		Name string `xml:"cbc:Name"`
	}
	address struct {
		Street  string  `xml:"cbc:StreetName,omitempty"`
		City    string  `xml:"cbc:CityName,omitempty"`
		Zip     string  `xml:"cbc:PostalZone,omitempty"`
		Country country `xml:"cac:Country"`
	}
	country struct {
		Code string `xml:"cbc:IdentificationCode"`
	}
	taxScheme struct {
		Company string `xml:"cbc:CompanyID"`
		Scheme  scheme `xml:"cac:TaxScheme"`
	}
	scheme struct {
		ID string `xml:"cbc:ID"`
	}
	legal struct {
		Name    string   `xml:"cbc:RegistrationName"`
		Company *schemed `xml:"cbc:CompanyID"`
	}
	contact struct {
		Name  string `xml:"cbc:Name,omitempty"`
		Email string `xml:"cbc:ElectronicMail,omitempty"`
	}
	means struct {
		Code    string  `xml:"cbc:PaymentMeansCode"`
		Payment string  `xml:"cbc:PaymentID,omitempty"`
		Account account `xml:"cac:PayeeFinancialAccount"`
	}
	account struct {
		ID     string `xml:"cbc:ID"`
		Branch idOnly `xml:"cac:FinancialInstitutionBranch"`
	}
	amount struct {
		Currency string `xml:"currencyID,attr"`
		Value    string `xml:",chardata"`
	}
	quantity struct {
		Unit  string `xml:"unitCode,attr"`
		Value string `xml:",chardata"`
	}
	allowance struct {
		Charge   bool     `xml:"cbc:ChargeIndicator"`
		Code     string   `xml:"cbc:AllowanceChargeReasonCode"`
		Reason   string   `xml:"cbc:AllowanceChargeReason"`
		Amount   amount   `xml:"cbc:Amount"`
		Category category `xml:"cac:TaxCategory"`
	}
	category struct {
		ID      string `xml:"cbc:ID"`
		Percent string `xml:"cbc:Percent,omitempty"`
		Code    string `xml:"cbc:TaxExemptionReasonCode,omitempty"`
		Reason  string `xml:"cbc:TaxExemptionReason,omitempty"`
		Scheme  scheme `xml:"cac:TaxScheme"`
	}
	taxTotal struct {
		Amount   amount   `xml:"cbc:TaxAmount"`
		Subtotal subtotal `xml:"cac:TaxSubtotal"`
	}
	subtotal struct {
		Taxable  amount   `xml:"cbc:TaxableAmount"`
		Amount   amount   `xml:"cbc:TaxAmount"`
		Category category `xml:"cac:TaxCategory"`
	}
	monetary struct {
		Lines     amount  `xml:"cbc:LineExtensionAmount"`
		Exclusive amount  `xml:"cbc:TaxExclusiveAmount"`
		Inclusive amount  `xml:"cbc:TaxInclusiveAmount"`
		Allowance *amount `xml:"cbc:AllowanceTotalAmount"`
		Payable   amount  `xml:"cbc:PayableAmount"`
	}
	line struct {
		ID       string    `xml:"cbc:ID"`
		Invoiced *quantity `xml:"cbc:InvoicedQuantity"`
		Credited *quantity `xml:"cbc:CreditedQuantity"`
		Amount   amount    `xml:"cbc:LineExtensionAmount"`
		Item     item      `xml:"cac:Item"`
		Price    price     `xml:"cac:Price"`
	}
	item struct {
		Name     string   `xml:"cbc:Name"`
		Category category `xml:"cac:ClassifiedTaxCategory"`
	}
	price struct {
		Amount amount `xml:"cbc:PriceAmount"`
	}
)

// document is everything that invoice and credit note share.
func (b Bill) document() (*document, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	inv := b.Basis
	d := &document{
		CAC: space + "CommonAggregateComponents-2", CBC: space + "CommonBasicComponents-2",
		Customization: "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0", Profile: "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
		ID: b.Number, IssueDate: b.Issued.String(), Currency: "SEK", Reference: b.Buyer.Reference, Order: idOnly{inv.Order},
	}
	d.Supplier.Party, d.Customer.Party = b.seller(), b.buyer()
	if b.Seller.Bankgiro != "" {
		d.Means = append(d.Means, means{"30", b.Number, account{figures(b.Seller.Bankgiro), idOnly{"SE:BANKGIRO"}}})
	}
	if b.Seller.Plusgiro != "" {
		d.Means = append(d.Means, means{"30", b.Number, account{figures(b.Seller.Plusgiro), idOnly{"SE:PLUSGIRO"}}})
	}
	cat := taxed(inv.VAT)
	lines := inv.NetOre + inv.CapOre
	if inv.CapOre > 0 {
		d.Allowance = &allowance{Code: "95", Reason: "Takbelopp enligt accepterad offert", Amount: money(inv.CapOre), Category: cat}
	}
	sub := cat
	if inv.VAT == quote.VATOutside {
		sub.Code, sub.Reason = "vatex-eu-o", "Myndighetsutövning, utanför momslagens tillämpningsområde"
	}
	d.Tax = taxTotal{money(inv.VATOre), subtotal{money(inv.NetOre), money(inv.VATOre), sub}}
	d.Total = monetary{Lines: money(lines), Exclusive: money(inv.NetOre), Inclusive: money(inv.GrossOre), Payable: money(inv.GrossOre)}
	if inv.CapOre > 0 {
		m := money(inv.CapOre)
		d.Total.Allowance = &m
	}
	return d, nil
}

func endpointOf(s string) schemed {
	scheme, id, _ := strings.Cut(s, ":")
	return schemed{scheme, id}
}

func (b Bill) seller() party {
	s := b.Seller
	p := party{
		Endpoint: endpointOf(endpoint(s)), Name: &named{s.Name}, Address: address{s.Street, s.City, s.Zip, country{"SE"}},
		Legal: legal{s.Name, &schemed{"0007", figures(s.OrgNo)}},
	}
	if b.Basis.VAT != quote.VATOutside {
		p.Taxes = append(p.Taxes, taxScheme{"SE" + figures(s.OrgNo) + "01", scheme{"VAT"}})
	}
	if s.FTax {
		p.Taxes = append(p.Taxes, taxScheme{"Godkänd för F-skatt", scheme{"TAX"}})
	}
	if s.Contact != "" || s.Email != "" {
		p.Contact = &contact{s.Contact, s.Email}
	}
	return p
}

func (b Bill) buyer() party {
	c := b.Buyer.Country
	if c == "" {
		c = "SE"
	}
	p := party{Endpoint: endpointOf(b.Buyer.endpoint()), Name: &named{b.Buyer.Name}, Address: address{Country: country{c}}, Legal: legal{Name: b.Buyer.Name}}
	if b.swedish() {
		p.Legal.Company = &schemed{"0007", figures(b.Buyer.OrgNo)}
	}
	return p
}
