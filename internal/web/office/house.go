package office

import (
	"slices"
	"strconv"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/quote"
	"sluss/internal/swede"
	"sluss/internal/web/page"
)

// What an hour costs and when the authority is closed: seen with what the
// authority's file says, changed for a later day, taken back until that day, and
// all of it with who, when and why. The rooms quote and clock judge what may be
// set; here it is typed.

const (
	pricesPath = "/admin/prices"
	daysPath   = "/admin/days"
	yearAhead  = 366 // days
)

// pricesBody is the price list and what has been changed in it.
type pricesBody struct {
	Prices  []price
	F       *page.Form
	Back    *page.Form // with a refusal
	History []houseLine
}

type price struct {
	From, Hour, Basis, Source string
	Now, Planned              bool
	Back                      *page.Form // planned here, and so can be taken back
}

// houseLine is a change as the log has it.
type houseLine struct{ At, What, Reason, By string }

func pricesOf(a *page.Ask) (*pricesBody, error) {
	h, err := a.Orders.Housekeeping(a.R.Context())
	if err != nil {
		return nil, err
	}
	b := &pricesBody{}
	list := a.Orders.House().Prices
	now, err := list.On(a.Today)
	for _, p := range slices.Backward(list) {
		x := price{From: p.From.String(), Hour: page.Kronor(p.HourOre), Basis: p.Basis, Source: p.Source.In(a.Lang), Now: err == nil && p.From == now.From, Planned: p.From > a.Today}
		if x.Planned && quote.Noted(h.Prices, p.From) {
			x.Back = a.Form(pricesPath+"/back", a.Word("office.take_back"),
				&page.Field{ID: "price-" + x.From, Kind: page.Text, Label: a.Word("office.f_reason"), Max: 500}, &page.Field{ID: "planned", Kind: page.Hidden, Value: x.From})
			x.Back.Small, x.Back.Danger = true, true
		}
		b.Prices = append(b.Prices, x)
	}
	basis := ""
	if err == nil {
		basis = now.Basis
	}
	b.F = a.Form(pricesPath, a.Word("office.price_save"),
		&page.Field{ID: "hour_ore", Kind: page.Text, Label: a.Word("office.f_hour"), Hint: a.Word("office.h_hour"), Max: 20, Narrow: true},
		&page.Field{ID: "from", Kind: page.Date, Label: a.Word("office.f_from"), Hint: a.Word("office.h_from")},
		&page.Field{ID: "basis", Kind: page.Text, Label: a.Word("office.f_basis"), Hint: a.Word("office.h_basis"), Value: basis, Max: 500},
		&page.Field{ID: "source_sv", Kind: page.Text, Label: a.Word("office.f_source_sv"), Hint: a.Word("office.h_source"), Max: 500},
		&page.Field{ID: "source_en", Kind: page.Text, Label: a.Word("office.f_source_en"), Max: 500},
		&page.Field{ID: "reason", Kind: page.Text, Label: a.Word("office.f_reason"), Hint: a.Word("office.h_reason"), Max: 500})
	for _, c := range slices.Backward(h.Prices) {
		what := page.Kronor(c.HourOre) + " " + a.Word("office.price_from") + " " + c.From.String()
		if c.Back {
			what = a.Word("office.price_back") + " " + c.From.String()
		}
		b.History = append(b.History, houseLine{c.At.Format("2006-01-02 15:04"), what, c.Reason, a.Name(c.By)})
	}
	return b, nil
}

func pricesView(a *page.Ask, b *pricesBody) page.View {
	return page.View{Title: a.Word("office.price_list"), Nav: "office.nav_admin", Body: b}
}

func prices(a *page.Ask) error {
	b, err := pricesOf(a)
	if err != nil {
		return err
	}
	return a.Show("office-prices", pricesView(a, b))
}

// setPrice notes a price from a later day on.
func setPrice(a *page.Ask) error {
	b, err := pricesOf(a)
	if err != nil {
		return err
	}
	f := b.F.Read(a)
	c := quote.PriceChange{Price: quote.Price{Basis: f.Field("basis").Value, Source: catalog.Text{SV: f.Field("source_sv").Value, EN: f.Field("source_en").Value}}, Reason: f.Field("reason").Value}
	ore, readable := kronor(f.Field("hour_ore").Value)
	if c.HourOre = ore; !readable {
		f.Wrong("hour_ore", a.Word("office.n_hour"))
	}
	if c.From = f.Day("from", a.Word("office.n_day")); f.OK() {
		err := a.Orders.ChangePrice(a.R.Context(), a.Visitor.Person, c)
		if err == nil {
			return a.Go(pricesPath, "done.office_price")
		}
		if !take(f, err) {
			return err
		}
	}
	return a.Refused("office-prices", f, pricesView(a, b))
}

// kronor reads an amount as it is written, 850 or 1 020,50 kr, in öre.
func kronor(s string) (ore int64, ok bool) {
	s = strings.NewReplacer("\u00a0", "", " ", "", ".", ",").Replace(strings.TrimSuffix(strings.TrimSpace(s), "kr"))
	whole, part, cut := strings.Cut(s, ",")
	if cut && (len(part) == 0 || len(part) > 2) {
		return 0, false
	}
	part += "00"[:2-len(part)]
	for _, r := range whole + part {
		if r < '0' || r > '9' {
			return 0, false
		}
	}
	ore, err := strconv.ParseInt(whole+part, 10, 64)
	return ore, err == nil && whole != ""
}

// priceBack takes a planned price back.
func priceBack(a *page.Ask) error {
	b, err := pricesOf(a)
	if err != nil {
		return err
	}
	from, err := day.Parse(a.Value("planned"))
	i := slices.IndexFunc(b.Prices, func(p price) bool { return p.Back != nil && p.From == a.Value("planned") })
	if err != nil || i < 0 {
		return fault.New("price.not_planned", "Inget pris som är satt här börjar gälla den dagen.", "No price that was set here begins on that day.").Do("Ladda om sidan.", "Reload the page.")
	}
	f := b.Prices[i].Back.Read(a)
	reason := f.Fields[0]
	if f.Need(reason.ID, a.Word("office.n_reason")) {
		err := a.Orders.ChangePrice(a.R.Context(), a.Visitor.Person, quote.PriceChange{Price: quote.Price{From: from}, Back: true, Reason: reason.Value})
		if err == nil {
			return a.Go(pricesPath, "done.office_price_back")
		}
		if !take(f, err) {
			return err
		}
	}
	b.Back = f
	return a.Refused("office-prices", f, pricesView(a, b))
}

// daysBody is which days are free, and what has been changed.
type daysBody struct {
	Days    []freeDay
	F       *page.Form
	Again   *page.Form // with a refusal
	History []houseLine
}

// freeDay is a day that is no Saturday or Sunday and no working day.
type freeDay struct {
	Day, Long, Why string
	Own            bool
	Open           *page.Form
}

func daysOf(a *page.Ask) (*daysBody, error) {
	h, err := a.Orders.Housekeeping(a.R.Context())
	if err != nil {
		return nil, err
	}
	b := &daysBody{}
	cal := a.Orders.House().Calendar
	closed := cal.Closed()
	last := a.Today + yearAhead
	if n := len(closed); n > 0 {
		last = max(last, closed[n-1]+1)
	}
	for d := a.Today; d < last; d++ {
		_, own := slices.BinarySearch(closed, d)
		sv, en, holiday := swede.Holiday(d)
		if !own && !(holiday && swede.Weekday(d) <= 5) {
			continue
		}
		x := freeDay{Day: d.String(), Long: page.LongDay(a.Lang, d), Why: catalog.Text{SV: sv, EN: en}.In(a.Lang), Own: own && !holiday}
		if x.Own {
			x.Why = a.Word("office.day_own")
			if d > a.Today {
				x.Open = a.Form(daysPath+"/open", a.Word("office.day_open"),
					&page.Field{ID: "day-" + x.Day, Kind: page.Text, Label: a.Word("office.f_reason"), Max: 500}, &page.Field{ID: "closed", Kind: page.Hidden, Value: x.Day})
				x.Open.Small, x.Open.Danger = true, true
			}
		}
		b.Days = append(b.Days, x)
	}
	b.F = a.Form(daysPath, a.Word("office.day_close"),
		&page.Field{ID: "day", Kind: page.Date, Label: a.Word("office.f_day"), Hint: a.Word("office.h_day")},
		&page.Field{ID: "reason", Kind: page.Text, Label: a.Word("office.f_reason"), Hint: a.Word("office.h_reason"), Max: 500})
	for _, c := range slices.Backward(h.Days) {
		what := a.Word("office.day_closed")
		if c.Open {
			what = a.Word("office.day_opened")
		}
		b.History = append(b.History, houseLine{c.At.Format("2006-01-02 15:04"), what + " " + c.Day.String(), c.Reason, a.Name(c.By)})
	}
	return b, nil
}

func daysView(a *page.Ask, b *daysBody) page.View {
	return page.View{Title: a.Word("office.days_title"), Nav: "office.nav_admin", Body: b}
}

func days(a *page.Ask) error {
	b, err := daysOf(a)
	if err != nil {
		return err
	}
	return a.Show("office-days", daysView(a, b))
}

// closeDay closes the authority on a later day.
func closeDay(a *page.Ask) error {
	b, err := daysOf(a)
	if err != nil {
		return err
	}
	f := b.F.Read(a)
	if d := f.Day("day", a.Word("office.n_day")); f.OK() {
		err := a.Orders.CloseDay(a.R.Context(), a.Visitor.Person, clock.ClosedChange{Day: d, Reason: f.Field("reason").Value})
		if err == nil {
			return a.Go(daysPath, "done.office_day")
		}
		if !take(f, err) {
			return err
		}
	}
	return a.Refused("office-days", f, daysView(a, b))
}

// openDay makes a day that was closed a working day again.
func openDay(a *page.Ask) error {
	b, err := daysOf(a)
	if err != nil {
		return err
	}
	d, err := day.Parse(a.Value("closed"))
	i := slices.IndexFunc(b.Days, func(x freeDay) bool { return x.Open != nil && x.Day == a.Value("closed") })
	if err != nil || i < 0 {
		return fault.New("closed.not_closed", "Myndigheten har inte stängt den dagen.", "The authority has not closed that day.").Do("Ladda om sidan.", "Reload the page.")
	}
	f := b.Days[i].Open.Read(a)
	reason := f.Fields[0]
	if f.Need(reason.ID, a.Word("office.n_reason")) {
		err := a.Orders.CloseDay(a.R.Context(), a.Visitor.Person, clock.ClosedChange{Day: d, Open: true, Reason: reason.Value})
		if err == nil {
			return a.Go(daysPath, "done.office_day_open")
		}
		if !take(f, err) {
			return err
		}
	}
	b.Again = f
	return a.Refused("office-days", f, daysView(a, b))
}
