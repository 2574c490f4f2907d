package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"sluss/internal/access"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/quote"
	"sluss/internal/swede"
)

// What the administrator sets while the counter runs besides texts: what an hour
// costs from a day on, and which days the authority is closed. Both begin as
// what the authority's file says; what holds is worked out from the file and the
// noted changes, so that a case can be read as it was on any day.

// houseChanges is the kind of these changes: one list, so that they have one
// order.
const houseChanges = "house"

// houseDoc is a change as the log keeps it: a price or a day.
type houseDoc struct {
	Price  *quote.Price `json:"price,omitempty"`
	Back   *day.Day     `json:"price_back,omitempty"`
	Closed *day.Day     `json:"closed,omitempty"`
	Open   *day.Day     `json:"open,omitempty"`
	Reason string       `json:"reason"`
}

// Housekeeping is what has been noted, oldest first.
type Housekeeping struct {
	Prices []quote.PriceChange
	Days   []clock.ClosedChange
	noted  int // changes in all
}

// house holds the latest reading, swapped as a whole.
type house struct{ latest atomic.Pointer[housed] }

// housed is what has been noted and what follows from it today.
type housed struct {
	Housekeeping
	now *order.Authority
}

// House is the authority as it is now: its file, with what administrators have
// noted since. Not to be changed.
func (a *App) House() *order.Authority {
	if h := a.house.latest.Load(); h != nil {
		return h.now
	}
	return a.Authority
}

// HouseOn is the authority as it was known at the end of a day: what has been
// noted since moves no date of a case that is read as it was then.
func (a *App) HouseOn(d day.Day) *order.Authority {
	h := a.house.latest.Load()
	if h == nil {
		return a.Authority
	}
	then := h.Housekeeping
	then.Prices = slices.DeleteFunc(slices.Clone(then.Prices), func(c quote.PriceChange) bool { return swede.CivilDay(c.At) > d })
	then.Days = slices.DeleteFunc(slices.Clone(then.Days), func(c clock.ClosedChange) bool { return swede.CivilDay(c.At) > d })
	return then.authority(a.Authority)
}

func (h Housekeeping) authority(file *order.Authority) *order.Authority {
	out := *file
	out.Prices = file.Prices.With(h.Prices)
	out.Calendar = clock.Closed(file.Calendar, h.Days)
	return &out
}

// readHouse takes in what has been noted since the last reading, here or by
// another process.
func (a *App) readHouse(ctx context.Context) error {
	last := a.house.latest.Load()
	var all Housekeeping
	if last != nil {
		all = last.Housekeeping
	}
	news, err := a.Settings.Changes(ctx, houseChanges, all.noted)
	if err != nil {
		return err
	}
	if last != nil && len(news) == 0 {
		return nil
	}
	all.Prices, all.Days = all.Prices[:len(all.Prices):len(all.Prices)], all.Days[:len(all.Days):len(all.Days)] // others read them
	for _, c := range news {
		if err := all.take(c); err != nil {
			return err
		}
	}
	next := &housed{Housekeeping: all, now: all.authority(a.Authority)}
	// A reading that began before ours must not replace it.
	for {
		have := a.house.latest.Load()
		if have != nil && have.noted >= all.noted || a.house.latest.CompareAndSwap(have, next) {
			return nil
		}
	}
}

// take adds a change.
func (h *Housekeeping) take(c Change) error {
	var d houseDoc
	if err := json.Unmarshal(c.Doc, &d); err != nil {
		return fmt.Errorf("price list and closed days, change %d: %w", c.No, err)
	}
	h.noted = c.No
	switch {
	case d.Price != nil:
		h.Prices = append(h.Prices, quote.PriceChange{Price: *d.Price, Reason: d.Reason, By: c.By.ID, At: c.At})
	case d.Back != nil:
		h.Prices = append(h.Prices, quote.PriceChange{Price: quote.Price{From: *d.Back}, Back: true, Reason: d.Reason, By: c.By.ID, At: c.At})
	case d.Closed != nil:
		h.Days = append(h.Days, clock.ClosedChange{Day: *d.Closed, Reason: d.Reason, By: c.By.ID, At: c.At})
	case d.Open != nil:
		h.Days = append(h.Days, clock.ClosedChange{Day: *d.Open, Open: true, Reason: d.Reason, By: c.By.ID, At: c.At})
	default:
		return fmt.Errorf("price list and closed days, change %d: nothing that we know", c.No)
	}
	return nil
}

// Housekeeping is what has been noted; ErrNotFound where nothing can be.
func (a *App) Housekeeping(ctx context.Context) (Housekeeping, error) {
	if a.Settings == nil {
		return Housekeeping{}, ErrNotFound
	}
	if err := a.readHouse(ctx); err != nil {
		return Housekeeping{}, err
	}
	return a.house.latest.Load().Housekeeping, nil
}

// ChangePrice notes what an hour costs from a day on, or takes a planned price
// back. Everything that is wrong comes back at once, joined.
func (a *App) ChangePrice(ctx context.Context, p access.Person, c quote.PriceChange) error {
	if err := a.mayRun(ctx, p, "change_price"); err != nil {
		return err
	}
	return a.changePrice(ctx, p.Actor(), c)
}

// OperatorChangesPrice is ChangePrice by whoever runs the counter's machine,
// under the name by.
func (a *App) OperatorChangesPrice(ctx context.Context, by string, c quote.PriceChange) error {
	return a.changePrice(ctx, order.Actor{ID: by, Role: access.RoleAdministrator}, c)
}

// CloseDay notes a day on which the authority is closed, or that it is open
// after all. Everything that is wrong comes back at once, joined.
func (a *App) CloseDay(ctx context.Context, p access.Person, c clock.ClosedChange) error {
	if err := a.mayRun(ctx, p, "close_day"); err != nil {
		return err
	}
	return a.closeDay(ctx, p.Actor(), c)
}

// OperatorClosesDay is CloseDay by whoever runs the counter's machine, under the
// name by.
func (a *App) OperatorClosesDay(ctx context.Context, by string, c clock.ClosedChange) error {
	return a.closeDay(ctx, order.Actor{ID: by, Role: access.RoleAdministrator}, c)
}

// mayRun reports whether somebody runs the counter.
func (a *App) mayRun(ctx context.Context, p access.Person, act string) error {
	if p.Role != access.RoleAdministrator {
		return officeDenied(p.Role, act)
	}
	_, err := a.Known(ctx, p)
	return err
}

func (a *App) changePrice(ctx context.Context, by order.Actor, c quote.PriceChange) error {
	for _, s := range []*string{&c.Basis, &c.Source.SV, &c.Source.EN, &c.Reason} {
		*s = strings.TrimSpace(*s)
	}
	d := houseDoc{Price: &c.Price, Reason: c.Reason}
	if c.Back {
		d.Price, d.Back = nil, &c.From
	}
	return a.noteHouse(ctx, by, d, func(h Housekeeping) []*fault.Fault {
		return a.House().Prices.CheckChange(c, h.Prices, a.today())
	})
}

func (a *App) closeDay(ctx context.Context, by order.Actor, c clock.ClosedChange) error {
	c.Reason = strings.TrimSpace(c.Reason)
	d := houseDoc{Closed: &c.Day, Reason: c.Reason}
	if c.Open {
		d.Closed, d.Open = nil, &c.Day
	}
	return a.noteHouse(ctx, by, d, func(Housekeeping) []*fault.Fault {
		return clock.CheckClosed(a.House().Calendar, c, a.today())
	})
}

// noteHouse notes a change that nothing is wrong with. What is wrong is asked
// again when another process was first.
func (a *App) noteHouse(ctx context.Context, by order.Actor, d houseDoc, wrong func(Housekeeping) []*fault.Fault) error {
	doc, err := json.Marshal(d)
	if err != nil {
		return err
	}
	for range attempts {
		h, err := a.Housekeeping(ctx)
		if err != nil {
			return err
		}
		var all []error
		for _, w := range wrong(h) {
			all = append(all, w)
		}
		if len(all) > 0 {
			return errors.Join(all...)
		}
		err = a.Settings.Change(ctx, houseChanges, Change{No: h.noted + 1, By: by, At: a.Clock(), Doc: doc})
		if errors.Is(err, ErrConflict) {
			continue
		}
		if err != nil {
			return err
		}
		return a.readHouse(ctx)
	}
	return ErrConflict
}
