package order

// Seller is the authority as invoices name it.
type Seller struct {
	Name     string `json:"name"`
	OrgNo    string `json:"org_no"`
	Endpoint string `json:"endpoint,omitempty"` // scheme:id, as 0007:2021005521; "" = 0007 and the number
	Street   string `json:"street"`
	Zip      string `json:"zip"`
	City     string `json:"city"`
	Bankgiro string `json:"bankgiro,omitempty"`
	Plusgiro string `json:"plusgiro,omitempty"`
	// FTax says that the seller is approved for F-skatt.
	FTax    bool   `json:"f_tax,omitempty"`
	Contact string `json:"contact,omitempty"`
	Email   string `json:"email,omitempty"`
	// PayDays is how many days a bill is paid within; 0 = 30.
	PayDays int `json:"pay_days,omitempty"`
}
