package app_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/quote"
)

func dearer(from string, ore int64) quote.PriceChange {
	return quote.PriceChange{Price: quote.Price{From: day.MustParse(from), HourOre: ore, Basis: "avgiftsförordningen (1992:191) 4 §", Source: catalog.Text{SV: "beslut", EN: "decision"}}, Reason: "Löner"}
}

// TestPricesAndDaysAreSetEverywhere: what one process notes another goes by when
// it has looked, on its day; who is no administrator notes nothing; and a case
// read as of an earlier day knows nothing of it.
func TestPricesAndDaysAreSetEverywhere(t *testing.T) {
	t.Parallel()
	a, b, now := speaking(t) // 2026-11-04
	ctx := t.Context()
	monday := day.MustParse("2026-11-09")
	for _, role := range access.Roles {
		p := access.Person{ID: "x", Role: role}
		if err := a.ChangePrice(ctx, p, dearer("2026-11-06", 92_000)); (err == nil) != (role == access.RoleAdministrator) {
			t.Errorf("%s sets a price: %v", role, err)
		}
		if err := a.CloseDay(ctx, p, clock.ClosedChange{Day: monday, Reason: "flytt"}); (err == nil) != (role == access.RoleAdministrator) {
			t.Errorf("%s closes a day: %v", role, err)
		}
	}
	hour := func(x *app.App, on string) int64 {
		p, err := x.House().Prices.On(day.MustParse(on))
		if err != nil {
			t.Fatal(err)
		}
		return p.HourOre
	}
	if hour(b, "2026-11-06") != 85_000 || !b.House().Calendar.IsWorkingDay(monday) {
		t.Error("known before it looked")
	}
	if err := b.ReadSettings(ctx); err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]*app.App{"who noted": a, "the other": b} {
		if hour(x, "2026-11-05") != 85_000 || hour(x, "2026-11-06") != 92_000 || x.House().Calendar.IsWorkingDay(monday) {
			t.Errorf("%s: %d %d %v", name, hour(x, "2026-11-05"), hour(x, "2026-11-06"), x.House().Calendar.IsWorkingDay(monday))
		}
	}
	if !a.Authority.Calendar.IsWorkingDay(monday) || len(a.Authority.Prices) != 1 {
		t.Error("the authority's file was changed")
	}
	if then := a.HouseOn(day.MustParse("2026-11-03")); !then.Calendar.IsWorkingDay(monday) || len(then.Prices) != 1 {
		t.Error("known before it was noted")
	}
	if then := a.HouseOn(day.MustParse("2026-11-04")); then.Calendar.IsWorkingDay(monday) || len(then.Prices) != 2 {
		t.Error("not known on its day")
	}
	if err := b.CloseDay(ctx, administrator, clock.ClosedChange{Day: monday, Open: true, Reason: "ändå inte"}); err != nil {
		t.Fatal(err)
	}
	if err := b.ChangePrice(ctx, administrator, quote.PriceChange{Price: quote.Price{From: day.MustParse("2026-11-06")}, Back: true, Reason: "fel"}); err != nil {
		t.Fatal(err)
	}
	*now = now.Add(120 * time.Hour)
	if err := a.ReadSettings(ctx); err != nil {
		t.Fatal(err)
	}
	if hour(a, "2026-11-09") != 85_000 || !a.House().Calendar.IsWorkingDay(monday) {
		t.Error("what was taken back holds")
	}
	err := a.ChangePrice(ctx, administrator, dearer("2026-11-09", 92_000))
	if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Code != "price.from" {
		t.Errorf("a price of today: %v", err)
	}
	h, err := a.Housekeeping(ctx)
	if err != nil || len(h.Prices) != 2 || len(h.Days) != 2 || h.Prices[1].By != "tomas" || h.Prices[1].Reason != "fel" || !h.Days[1].Open {
		t.Errorf("%+v %v", h, err)
	}
}

// TestPricesByTwoAtOnce: of two who set the same at once one is told that it
// holds already, and nothing is lost.
func TestPricesByTwoAtOnce(t *testing.T) {
	t.Parallel()
	a, b, _ := speaking(t)
	ctx := t.Context()
	var all sync.WaitGroup
	said := make([]error, 8)
	for i := range said {
		x := a
		if i%2 == 1 {
			x = b
		}
		all.Go(func() { said[i] = x.ChangePrice(ctx, administrator, dearer("2026-12-01", 92_000)) })
	}
	all.Wait()
	taken := 0
	for _, err := range said {
		if f, ok := errors.AsType[*fault.Fault](err); err == nil {
			taken++
		} else if !ok || f.Code != "price.same" {
			t.Error(err)
		}
	}
	if h, err := b.Housekeeping(ctx); err != nil || taken != 1 || len(h.Prices) != 1 {
		t.Errorf("%d taken, %d noted, %v", taken, len(h.Prices), err)
	}
}
