package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/clock"
	"sluss/internal/config"
	"sluss/internal/console"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/quote"
	"sluss/internal/swede"
)

// pricesCmd is what an hour costs, and daysCmd when the authority is closed,
// from the counter's own machine. Otherwise administrators use the pages.
type pricesCmd struct {
	List pricesListCmd `cmd:"" help:"List the prices of an hour, with those that are planned."`
	Set  pricesSetCmd  `cmd:"" help:"Set what an hour costs from a later day on."`
	Back pricesBackCmd `cmd:"" help:"Take a planned price back."`
}

type daysCmd struct {
	List  daysListCmd  `cmd:"" help:"List the days on which the authority is closed besides those of the law."`
	Close daysCloseCmd `cmd:"" help:"Close the authority on a later day."`
	Open  daysOpenCmd  `cmd:"" help:"Make a day that was closed a working day again."`
}

// housePlace is where the counter's prices and days are.
type housePlace struct {
	place
	Authority string `placeholder:"FILE" help:"The authority (docs/authority.md); the built-in one by default."`
}

// app is the counter as far as they go; close ends it.
func (p housePlace) app(ctx context.Context) (a *app.App, done func() error, err error) {
	authority, err := config.Load(p.Authority)
	if err != nil {
		return nil, nil, err
	}
	db, err := p.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	return &app.App{Authority: authority, Clock: time.Now, Beside: app.Beside{Settings: db}}, db.Close, nil
}

// houseChange is what every change says.
type houseChange struct {
	housePlace
	signature
	Reason string `required:"" help:"Why; it stands in the log."`
}

// do makes a change.
func (c houseChange) do(ctx context.Context, change func(*app.App) error) error {
	if err := c.check(); err != nil {
		return err
	}
	a, done, err := c.app(ctx)
	if err != nil {
		return err
	}
	defer done()
	return change(a)
}

// dayOf reads a day that was typed.
func dayOf(s, code, place string) (day.Day, error) {
	d, err := day.Parse(s)
	if err != nil {
		return 0, fault.New(code, "Dagen går inte att läsa.", "The day cannot be read.").At(fault.Where{Column: place}).Do("Skriv den som 2026-12-04.", "Write it as 2026-12-04.")
	}
	return d, nil
}

type pricesListCmd struct{ housePlace }

// Run writes one line for each price: from, öre per hour, now or planned or
// past, basis, where it was decided.
func (c *pricesListCmd) Run(ctx context.Context) error {
	a, done, err := c.app(ctx)
	if err != nil {
		return err
	}
	defer done()
	if _, err := a.Housekeeping(ctx); err != nil {
		return err
	}
	list, today := a.House().Prices, swede.CivilDay(time.Now())
	now, err := list.On(today)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, p := range list {
		state := "past"
		switch {
		case err == nil && p.From == now.From:
			state = "now"
		case p.From > today:
			state = "planned"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\n", p.From, p.HourOre, state, p.Basis, p.Source.In(console.Language()))
	}
	return w.Flush()
}

type pricesSetCmd struct {
	houseChange
	From     string `arg:"" help:"The first day (YYYY-MM-DD), tomorrow at the earliest."`
	HourOre  int64  `required:"" placeholder:"ÖRE" help:"What an hour costs, in öre, without VAT: 85000 is SEK 850."`
	Basis    string `required:"" help:"The provision that the fee rests on."`
	SourceSV string `name:"source-sv" required:"" help:"Where the price was decided, in Swedish."`
	SourceEN string `name:"source-en" required:"" help:"Where the price was decided, in English."`
}

// Run notes the price. Quotes already made keep theirs.
func (c *pricesSetCmd) Run(ctx context.Context) error {
	from, err := dayOf(c.From, "price.from", "from")
	if err != nil {
		return err
	}
	return c.do(ctx, func(a *app.App) error {
		return a.OperatorChangesPrice(ctx, c.By, quote.PriceChange{Price: quote.Price{From: from, HourOre: c.HourOre, Basis: c.Basis, Source: catalog.Text{SV: c.SourceSV, EN: c.SourceEN}}, Reason: c.Reason})
	})
}

type pricesBackCmd struct {
	houseChange
	From string `arg:"" help:"The day that the planned price begins."`
}

// Run takes the price back.
func (c *pricesBackCmd) Run(ctx context.Context) error {
	from, err := dayOf(c.From, "price.from", "from")
	if err != nil {
		return err
	}
	return c.do(ctx, func(a *app.App) error {
		return a.OperatorChangesPrice(ctx, c.By, quote.PriceChange{Price: quote.Price{From: from}, Back: true, Reason: c.Reason})
	})
}

type daysListCmd struct{ housePlace }

// Run writes one line for each closed day: the day and why, where the log tells.
func (c *daysListCmd) Run(ctx context.Context) error {
	a, done, err := c.app(ctx)
	if err != nil {
		return err
	}
	defer done()
	h, err := a.Housekeeping(ctx)
	if err != nil {
		return err
	}
	why := map[day.Day]string{}
	for _, x := range h.Days {
		why[x.Day] = x.Reason
	}
	for _, d := range a.House().Calendar.Closed() {
		fmt.Println(strings.TrimSpace(d.String() + "  " + why[d]))
	}
	return nil
}

// daysChange is a change of a day.
type daysChange struct {
	houseChange
	Day string `arg:"" help:"The day (YYYY-MM-DD), tomorrow at the earliest."`
}

func (c daysChange) set(ctx context.Context, open bool) error {
	d, err := dayOf(c.Day, "closed.day", "day")
	if err != nil {
		return err
	}
	return c.do(ctx, func(a *app.App) error {
		return a.OperatorClosesDay(ctx, c.By, clock.ClosedChange{Day: d, Open: open, Reason: c.Reason})
	})
}

type daysCloseCmd struct{ daysChange }

// Run closes the day. Working days are counted anew within a second.
func (c *daysCloseCmd) Run(ctx context.Context) error { return c.set(ctx, false) }

type daysOpenCmd struct{ daysChange }

// Run opens the day again.
func (c *daysOpenCmd) Run(ctx context.Context) error { return c.set(ctx, true) }
