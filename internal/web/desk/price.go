package desk

import (
	"strconv"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/quote"
	"sluss/internal/web/page"
)

// priceBody is the quote editor: terms, what they cost, what cases like this
// have taken, and what differs from the version before.
type priceBody struct {
	page.Head
	F        *page.Form
	Estimate estimate
	Preview  *quoteView
	Changes  []string
	Before   int // version before, 0 = none
	Returned string
}

// estimate is how many hours cases like this have taken.
type estimate struct {
	Low, Middle, High, Text string
	Known                   bool
}

// quoteView is a quote as its reader sees it.
type quoteView struct {
	Version               int
	Form, VAT, ValidTo    string
	Lines                 []quoteLine
	Hour, Net, Tax, Gross string
	NoFee, Text           string
}

type quoteLine struct{ Name, Hours, Sum string }

func viewOf(a *page.Ask, q quote.Quote) *quoteView {
	v := &quoteView{
		Version: q.Version, Form: a.Word("desk.o_form_" + q.Form), VAT: a.Word("desk.o_vat_" + q.VAT), ValidTo: page.LongDay(a.Lang, q.ValidTo), Hour: page.Kronor(q.HourOre), Net: page.Kronor(q.NetOre),
		Tax: page.Kronor(q.VATOre), Gross: page.Kronor(q.GrossOre), Text: q.Text.In(a.Lang),
	}
	if q.NoFee != nil {
		v.NoFee = q.NoFee.Ground
	}
	for _, l := range q.Lines {
		v.Lines = append(v.Lines, quoteLine{quote.KindName(l.Kind).In(a.Lang), page.HoursText(a.Lang, l.Centis), page.Kronor(l.Ore)})
	}
	return v
}

// validDays is for how long a draft is proposed to stand.
const validDays = 60

// priceForm begins with the latest draft, or with the hours that cases like
// this have taken.
func priceForm(a *page.Ask, c *page.Case, middle int64) *page.Form {
	t := terms(c.State, middle)
	fields := []*page.Field{choice(a, "form", page.Radio, "form", quote.FormFixed, quote.FormCeiling, quote.FormActual).With(t.Form)}
	for _, k := range kinds {
		x := a.Optional(&page.Field{ID: "hours_" + k, Kind: page.Text, Label: a.Word("desk.f_hours") + ", " + quote.KindName(k).In(a.Lang), Narrow: true})
		for _, h := range t.Hours {
			if h.Kind == k {
				x.Value = page.HoursText(a.Lang, h.Centis)
			}
		}
		fields = append(fields, x)
	}
	vat := choice(a, "vat", page.Radio, "vat", quote.VATStandard, quote.VATOutside).With(t.VAT)
	reason := hinted(a, field(a, "vat_reason", page.Text)).With(t.VATReason)
	fields = append(fields, vat, reason)
	if c.State.Application.Purpose == intake.Statistics {
		free := a.Optional(hinted(a, field(a, "no_fee", page.Text)))
		if t.NoFee != nil {
			free.Value = t.NoFee.Ground
		}
		fields = append(fields, free)
	}
	for i, x := range both(a, "terms") {
		fields = append(fields, x.With([]string{t.Text.SV, t.Text.EN}[i]))
	}
	fields = append(fields, field(a, "valid", page.Date).With(t.ValidTo.String()))
	if t.ValidTo <= a.Today {
		fields[len(fields)-1].Value = (a.Today + validDays).String()
	}
	f := a.Form("/cases/"+c.ID+"/price", a.Word("desk.price_preview"), fields...)
	f.Version = c.Version
	return f
}

// terms are where the editor begins.
func terms(s order.State, middle int64) quote.Terms {
	if q := s.Draft; q != nil {
		t := quote.Terms{Form: q.Form, VAT: q.VAT, VATReason: q.VATReason, NoFee: q.NoFee, Text: q.Text, ValidTo: q.ValidTo}
		for _, l := range q.Lines {
			t.Hours = append(t.Hours, quote.Hours{Kind: l.Kind, Centis: l.Centis})
		}
		return t
	}
	t := quote.Terms{Form: quote.FormCeiling, VAT: quote.VATStandard}
	if middle > 0 { // a tenth dialogue, a quarter review, the rest extraction: for the handler to change
		dialogue, review := middle/10/25*25, middle/4/25*25
		t.Hours = []quote.Hours{{Kind: quote.Dialogue, Centis: dialogue}, {Kind: quote.Review, Centis: review}, {Kind: quote.Extraction, Centis: middle - dialogue - review}}
	}
	if s.Application.Statistics.FeeFree && s.Application.Statistics.Duty != "" {
		t.NoFee = &quote.NoFee{Ground: s.Application.Statistics.Duty}
	}
	return t
}

func priceOf(a *page.Ask) (*priceBody, *page.Case, error) {
	c, err := a.Case(access.ViewDraft)
	if err != nil {
		return nil, nil, err
	}
	if !a.May(c, order.DraftQuote{}) {
		return nil, nil, a.Denied(order.DraftQuote{}.Name())
	}
	e, err := a.Orders.Estimate(a.R.Context(), c.State)
	if err != nil {
		return nil, nil, err
	}
	b := &priceBody{Head: headOf(a, c, "desk.price_lead"), Estimate: estimate{Text: e.Text.In(a.Lang), Known: e.High > 0}}
	if e.High > 0 {
		b.Estimate.Low, b.Estimate.Middle, b.Estimate.High = page.HoursText(a.Lang, e.Low), page.HoursText(a.Lang, e.Middle), page.HoursText(a.Lang, e.High)
	}
	b.F = priceForm(a, c, e.Middle)
	if all := app.DraftQuotes(c.Entries); len(all) > 0 {
		b.Before = all[len(all)-1].Version
	}
	for _, entry := range c.Entries {
		switch ev := entry.Event.(type) {
		case *order.QuoteReturned:
			b.Returned = ev.Text
		case *order.QuoteDrafted:
			b.Returned = ""
		}
	}
	return b, c, nil
}

func showPrice(a *page.Ask) error {
	b, _, err := priceOf(a)
	if err != nil {
		return err
	}
	return a.Show("desk-price", page.View{Title: a.Word("desk.price_title"), Nav: "nav.cases", Body: b})
}

// typed reads the terms of the form.
func (b *priceBody) typed(a *page.Ask) quote.Terms {
	f := b.F.Read(a)
	t := quote.Terms{
		Form: needed(a, f, "form"), Hours: hoursIn(a, f), VAT: needed(a, f, "vat"), VATReason: needed(a, f, "vat_reason"), ValidTo: f.Day("valid", a.Word("desk.n_day")),
		Text: catalog.Text{SV: needed(a, f, "terms"), EN: needed(a, f, "terms_en")},
	}
	if x := f.Field("no_fee"); x != nil && x.Value != "" {
		t.NoFee = &quote.NoFee{Ground: x.Value}
	}
	for _, h := range t.Hours {
		if h.Centis < 0 {
			f.Wrong("hours_"+h.Kind, a.Word("desk.n_hours"))
		}
	}
	return t
}

// preview works the quote out and compares it with the version before.
func (b *priceBody) preview(a *page.Ask, c *page.Case, t quote.Terms) {
	q, err := quote.Make(c.ID, b.Before+1, a.Today, a.Authority.Prices, t)
	if err != nil {
		b.F.Wrong("hours_"+kinds[0], a.Word("desk.n_quote"))
		return
	}
	b.Preview = viewOf(a, q)
	if c.State.Draft != nil {
		for _, x := range quote.Diff(*c.State.Draft, q) {
			b.Changes = append(b.Changes, catalog.Text{SV: x.SV, EN: x.EN}.In(a.Lang))
		}
	}
}

// previewPrice shows what the draft will say; nothing is sent.
func previewPrice(a *page.Ask) error {
	b, c, err := priceOf(a)
	if err != nil {
		return err
	}
	if t := b.typed(a); b.F.OK() {
		b.preview(a, c, t)
	}
	v := page.View{Title: a.Word("desk.price_title"), Nav: "nav.cases", Body: b}
	if !b.F.OK() {
		return a.Refused("desk-price", b.F, v)
	}
	return a.Show("desk-price", v)
}

// sendPrice sends the draft to the orderer.
func sendPrice(a *page.Ask) error {
	b, c, err := priceOf(a)
	if err != nil {
		return err
	}
	if t := b.typed(a); b.F.OK() {
		err := a.Do(c, order.DraftQuote{Terms: t})
		if err == nil {
			return a.Go("/cases/"+c.ID, "done.desk_priced")
		}
		b.preview(a, c, t)
		if err := b.Taken(a, c, b.F, err); err != nil {
			return err
		}
	}
	return a.Refused("desk-price", b.F, page.View{Title: a.Word("desk.price_title") + " " + strconv.Itoa(b.Before+1), Nav: "nav.cases", Body: b})
}
