package app

import (
	"testing"
	"time"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/quote"
	"sluss/internal/swede"
)

// TestChoices: what each choice of an order costs is the estimate made again
// without it; a register that is not known that far moves the dates, unless the
// orderer takes it as it is.
func TestChoices(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	now := time.Date(2026, 11, 4, 12, 0, 0, 0, time.UTC)
	a := &App{Clock: func() time.Time { return now }, Catalogue: cat, Authority: &order.Authority{Calendar: swede.NewCalendar()}}
	for tables := 1; tables <= 4; tables++ {
		for range 20 {
			a.experience.past = append(a.experience.past, pastCase{"FK-2025-00001", quote.Past{
				Features: quote.Features{Purpose: "research", Registers: tables, Tables: tables, Persons: 1000, Deliveries: 1, FromFile: true, Sensitive: true},
				Centis:   int64(1000 + 300*tables),
			}})
		}
	}
	a.experience.until = now.Add(time.Minute)
	var regs []*catalog.Register
	for i := range cat.Registers {
		if cat.Registers[i].Coverage != nil && len(cat.Registers[i].Tables) > 0 {
			regs = append(regs, &cat.Registers[i])
		}
	}
	first, second := regs[0], regs[1]
	known, _ := intake.OrderableUntil(first, a.today())
	until, _ := intake.OrderableUntil(second, a.today())
	wish := func(r *catalog.Register, to day.Day) intake.Wish {
		return intake.Wish{Register: r.ID, Table: r.Tables[0].ID, From: known - 1000, To: to}
	}
	s := order.State{Application: intake.Application{
		Purpose: "research", Data: []intake.Wish{wish(first, known), wish(second, until+10)}, Population: intake.Population{Source: "file", Size: 1000}, Project: intake.Project{Deliveries: 1},
	}}
	c, err := a.Choices(t.Context(), s)
	if err != nil || c.Interval.Basis != quote.FromSimilar {
		t.Fatalf("%+v %v", c, err)
	}
	var names []string
	for _, x := range c.Savings {
		names = append(names, x.Name.SV)
	}
	if len(names) != 3 || names[0] != "Utan "+first.Tables[0].Names.SV || names[2] != "Med en population som vi drar ur registren" {
		t.Errorf("%q", names)
	}
	if c.Savings[0].Centis != c.Savings[1].Centis || c.Savings[0].Centis != 300 {
		t.Errorf("without one of two tables: %d and %d less", c.Savings[0].Centis, c.Savings[1].Centis)
	}
	if len(c.Waits) != 1 || c.Waits[0].Until != until || c.Waits[0].From <= a.today() || c.Waits[0].To != until+10 {
		t.Errorf("%+v", c.Waits)
	}
	if u, _ := intake.OrderableUntil(second, c.Waits[0].From); u < c.Waits[0].To {
		t.Errorf("on %s only %s is known", c.Waits[0].From, u)
	}
	if len(a.experience.estimates) != 3 { // the order without the one table is like that without the other
		t.Errorf("%d estimates are kept", len(a.experience.estimates))
	}
	// What has been measured goes before the rule; behind it nobody knows when.
	behind := a.waits(intake.Application{Data: []intake.Wish{wish(second, until-10)}}, intake.Measured{second.ID: {Until: until - 40, Seen: a.today()}})
	if len(behind) != 1 || behind[0].Until != until-40 || behind[0].From != 0 {
		t.Errorf("%+v", behind)
	}
	s.Application.Data[1].Incomplete = true
	s.Application.Data = s.Application.Data[1:]
	if c, err = a.Choices(t.Context(), s); err != nil || len(c.Waits) != 0 || len(c.Savings) != 1 {
		t.Errorf("%+v %v", c, err)
	}
}
