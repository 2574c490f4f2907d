// Package quote turns hours into money: draft quotes, quotes and the content
// of invoices.
//
// Money is whole öre. A price list is data with the day it starts to hold; the
// one in force on the day of the quote applies. VAT is rounded once, on the
// sum. The package is pure.
//
// Begin with [Make], which builds a quote; [Diff] tells two versions apart for a
// reader, [BillWith] makes the invoice basis from the accepted quote, the
// approved changes and the logged hours, [BillEnded] when the order was taken
// back, and [Estimate] says what a case like this has taken before.
//
// Sources: Försäkringskassan's ordering pages 2025-06-27 (850 SEK an hour
// excluding VAT, usually 16–40 hours); avgiftsförordningen (1992:191) 4 §;
// reference domain §6 for the VAT treatments.
package quote

import (
	"errors"
	"fmt"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Kinds of hours.
const (
	Dialogue   = "dialogue"
	Review     = "review"
	Extraction = "extraction"
)

// Forms of agreement.
const (
	FormFixed   = "fixed"   // the sum is what is invoiced
	FormCeiling = "ceiling" // hours worked, at most the sum
	FormActual  = "actual"  // hours worked
)

// VAT treatments; reference domain §6. Which one applies is the authority's
// own standpoint and stands on the quote with its reason.
const (
	VATStandard = "standard_25"   // 25 %
	VATOutside  = "outside_scope" // exercise of public authority
)

// Price is what an hour costs from a day on.
type Price struct {
	From    day.Day      `json:"from"`
	HourOre int64        `json:"hour_ore"`
	Basis   string       `json:"basis"` // fee basis, law
	Source  catalog.Text `json:"source"`
}

// PriceList is the authority's prices, oldest first.
type PriceList []Price

// ErrNoPrice is returned when no price is in force.
var ErrNoPrice = errors.New("no price is in force on the day")

// On returns the price in force on d.
func (l PriceList) On(d day.Day) (Price, error) {
	for i := len(l) - 1; i >= 0; i-- {
		if l[i].From <= d {
			return l[i], nil
		}
	}
	return Price{}, ErrNoPrice
}

// Hours is an amount of one kind of work, in hundredths of an hour.
type Hours struct {
	Kind   string `json:"kind"`
	Centis int64  `json:"centihours"`
}

// Line is a row of a quote.
type Line struct {
	Kind   string `json:"kind"`
	Centis int64  `json:"centihours"`
	Ore    int64  `json:"ore"` // excluding VAT
}

// NoFee is a decided ground for taking no fee: only a särskilt beslutad
// uppgiftslämnarskyldighet of a statistics order (promise 11).
type NoFee struct {
	Ground string `json:"ground"` // the provision, as "förordning (2001:100) …"
}

// Quote is an offer with a price. Draft quotes have Final false.
type Quote struct {
	Quote     string       `json:"quote"` // format: sluss/quote/v1
	Order     string       `json:"order"`
	Version   int          `json:"version"` // 1, 2 … within the order
	Final     bool         `json:"final"`
	Date      day.Day      `json:"date"`
	Form      string       `json:"form"`
	HourOre   int64        `json:"hour_ore"`
	Basis     string       `json:"basis"`
	Lines     []Line       `json:"lines"`
	NetOre    int64        `json:"net_ore"`
	VAT       string       `json:"vat"`
	VATReason string       `json:"vat_reason"`
	VATOre    int64        `json:"vat_ore"`
	GrossOre  int64        `json:"gross_ore"`
	NoFee     *NoFee       `json:"no_fee,omitempty"`
	Scope     canon.Hash   `json:"scope,omitempty"` // of the decided scope, on a final quote
	Text      catalog.Text `json:"text,omitzero"`   // what is to be done, in words
	ValidTo   day.Day      `json:"valid_to"`        // last day of acceptance
}

// Version is the format of quotes.
const Version = "sluss/quote/v1"

// Hash identifies the quote: what is accepted is accepted by hash.
func (q Quote) Hash() (canon.Hash, error) { return canon.Of(q) }

// Terms are what a handler enters for a quote.
type Terms struct {
	Form      string
	Hours     []Hours
	VAT       string
	VATReason string
	NoFee     *NoFee
	Text      catalog.Text
	ValidTo   day.Day
}

// Make builds the quote for an order on a day. It returns an error for hours
// that are not positive, an unknown kind, form or VAT treatment, or a day
// without a price.
func Make(order string, version int, on day.Day, prices PriceList, t Terms) (Quote, error) {
	p, err := prices.On(on)
	if err != nil {
		return Quote{}, err
	}
	q := Quote{
		Quote: Version, Order: order, Version: version, Date: on, Form: t.Form,
		HourOre: p.HourOre, Basis: p.Basis, VAT: t.VAT, VATReason: t.VATReason,
		NoFee: t.NoFee, Text: t.Text, ValidTo: t.ValidTo,
	}
	switch t.Form {
	case FormFixed, FormCeiling, FormActual:
	default:
		return Quote{}, fmt.Errorf("form of quote %q is not fixed, ceiling or actual", t.Form)
	}
	for _, h := range t.Hours {
		if h.Kind != Dialogue && h.Kind != Review && h.Kind != Extraction {
			return Quote{}, fmt.Errorf("kind of hours %q is not dialogue, review or extraction", h.Kind)
		}
		if h.Centis <= 0 || h.Centis > 1_000_000 {
			return Quote{}, fmt.Errorf("%d hundredths of an hour of %s: want 1 to 1,000,000", h.Centis, h.Kind)
		}
		l := Line{h.Kind, h.Centis, Cost(h.Centis, p.HourOre)}
		if t.NoFee != nil {
			l.Ore = 0
		}
		q.Lines = append(q.Lines, l)
		q.NetOre += l.Ore
	}
	if len(q.Lines) == 0 {
		return Quote{}, errors.New("a quote has at least one line of hours")
	}
	q.VATOre, err = VAT(q.NetOre, t.VAT)
	q.GrossOre = q.NetOre + q.VATOre
	return q, err
}

// Cost returns the price of centis hundredths of an hour, rounded to the
// nearest öre, halves away from nought: hours taken off are worth what the same
// hours cost.
func Cost(centis, hourOre int64) int64 {
	if centis < 0 {
		return -Cost(-centis, hourOre)
	}
	return (centis*hourOre + 50) / 100
}

// VAT returns the VAT on net öre, rounded to the nearest öre, halves up.
func VAT(net int64, treatment string) (int64, error) {
	switch treatment {
	case VATStandard:
		return (net*25 + 50) / 100, nil
	case VATOutside:
		return 0, nil
	}
	return 0, fmt.Errorf("VAT treatment %q is not standard_25 or outside_scope", treatment)
}

// Invoice is the basis of an invoice: what was accepted plus what was agreed
// and logged afterwards, for what was done.
type Invoice struct {
	Invoice  string     `json:"invoice"` // sluss/invoice/v1
	Order    string     `json:"order"`
	Date     day.Day    `json:"date"`
	Quote    canon.Hash `json:"quote"`
	Scope    canon.Hash `json:"scope"`
	Lines    []Line     `json:"lines"`
	NetOre   int64      `json:"net_ore"`
	VAT      string     `json:"vat"`
	VATOre   int64      `json:"vat_ore"`
	GrossOre int64      `json:"gross_ore"`
	// Changes are the approved changes that the sum includes or that raised the
	// ceiling, and CapOre what was taken off because of the ceiling; see
	// [BillWith].
	Changes []ChangeLine `json:"changes,omitempty"`
	CapOre  int64        `json:"cap_ore,omitempty"`
}

// Bill makes the invoice basis from the accepted quote and the hours worked.
// A fixed quote is billed as it stands; with a ceiling the hours worked are
// billed, each kind at most as quoted in sum; actual hours are billed as
// worked.
func Bill(q Quote, worked []Hours, on day.Day) (Invoice, error) {
	hash, err := q.Hash()
	if err != nil {
		return Invoice{}, err
	}
	inv := Invoice{Invoice: "sluss/invoice/v1", Order: q.Order, Date: on, Quote: hash, Scope: q.Scope, VAT: q.VAT}
	if q.Form == FormFixed || q.NoFee != nil {
		inv.Lines, inv.NetOre = q.Lines, q.NetOre
	} else {
		for _, h := range worked {
			l := Line{h.Kind, h.Centis, Cost(h.Centis, q.HourOre)}
			inv.Lines = append(inv.Lines, l)
			inv.NetOre += l.Ore
		}
		if q.Form == FormCeiling {
			inv.NetOre = min(inv.NetOre, q.NetOre)
		}
	}
	inv.VATOre, err = VAT(inv.NetOre, q.VAT)
	inv.GrossOre = inv.NetOre + inv.VATOre
	return inv, err
}
