package app

import (
	"context"
	"errors"
	"time"

	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/swede"
)

// clockActor is a date, or the counter itself, as an actor in the log.
var clockActor = order.Actor{ID: "calendar", Role: order.RoleClock}

// Due does what today's date brings about: reminders, requests that ran out,
// warnings before a clock does, decisions that end, purges. It looks at the
// cases in which a date acts today at the latest, as their digests tell
// ([order.NextAct]). It returns the cases it acted on. Doing it again changes
// nothing.
func (a *App) Due(ctx context.Context) ([]string, error) {
	if a.Digests == nil {
		return a.DueInAll(ctx)
	}
	today := swede.CivilDay(a.Clock())
	var ids []string
	q := StandQuery{List: listActs, Viewer: Everything, To: (today + 1).String(), Limit: dueAtOnce}
	for {
		n := 0
		err := a.Digests.Standing(ctx, q, func(s Standing) error {
			ids, q.After = append(ids, s.Case), StandPlace{s.On, s.Case}
			n++
			return nil
		})
		if err != nil {
			return nil, err
		}
		if n < dueAtOnce {
			return a.dueOn(ctx, ids, today, dueRest)
		}
	}
}

// DueInAll does so in every case, with longer rests, whatever its digest says:
// once after a start, as the authority's rules may have changed since the
// digests were written. It also tells cases of their kin where that was cut
// short.
func (a *App) DueInAll(ctx context.Context) ([]string, error) {
	sums, err := a.Log.List(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(sums))
	for _, sum := range sums {
		ids = append(ids, sum.ID)
	}
	return a.dueOn(ctx, ids, swede.CivilDay(a.Clock()), allRest)
}

// dueOn lets the day act in the cases. One that it cannot act on does not keep
// the others.
func (a *App) dueOn(ctx context.Context, ids []string, today day.Day, between time.Duration) (acted []string, err error) {
	var errs []error
	for i, id := range ids {
		if i > 0 {
			if err := rest(ctx, between); err != nil {
				return acted, errors.Join(append(errs, err)...)
			}
		}
		done, err := a.dueIn(ctx, id, today)
		if err != nil {
			errs = append(errs, err)
		}
		if done {
			acted = append(acted, id)
		}
	}
	return acted, errors.Join(errs...)
}

// Dates are in no hurry, and people are: after every case there is a rest, so
// that going through all of them takes nobody's time.
const (
	dueAtOnce = 1000 // rows read of the list at a time
	dueRest   = 2 * time.Millisecond
	allRest   = 100 * time.Millisecond
)

func rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *App) dueIn(ctx context.Context, id string, today day.Day) (acted bool, err error) {
	s, err := a.State(ctx, id)
	if err != nil {
		return false, err
	}
	errs := []error{a.tellKin(ctx, s)}
	for _, cmd := range order.DueActs(s, a.House(), today) {
		before := s.Version
		if c, ok := cmd.(order.DestroySealed); ok { // the log tells what has been done
			if err := a.destroySealed(ctx, c.Blob); err != nil {
				errs = append(errs, err)
				continue
			}
		}
		next, err := a.Do(ctx, clockActor, id, cmd)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		s = next
		acted = acted || s.Version != before
	}
	return acted, errors.Join(errs...)
}

// tellKin tells the earlier case that this one continues it and, once it has
// been granted, that its files are kept longer. What it knows already changes
// nothing.
func (a *App) tellKin(ctx context.Context, s order.State) error {
	if s.Parent == nil {
		return nil
	}
	parent, err := a.State(ctx, s.Parent.Case)
	if err != nil {
		return err
	}
	link := order.LinkChild{Case: s.ID, Kind: s.Parent.Kind}
	if !parent.Continued(link.Case) {
		if _, err := a.Do(ctx, clockActor, parent.ID, link); err != nil {
			return err
		}
	}
	if s.Granted == 0 || parent.Delivery == nil || parent.PurgeOpen || parent.Purged || s.Granted <= parent.Delivery.PurgeOn {
		return nil
	}
	_, err = a.Do(ctx, clockActor, parent.ID, order.ExtendRetention{Until: s.Granted, Child: s.ID})
	return err
}

// CallPopulation writes the call for a case's population file, signs it as the
// counter and sends it. Rows 0 means as many as are decided.
func (a *App) CallPopulation(ctx context.Context, by order.Actor, id, supplier, reference string, rows int, opens, closes day.Day) (order.State, error) {
	s, err := a.State(ctx, id)
	if err != nil {
		return s, err
	}
	call, err := order.MakeCall(s, a.House(), supplier, reference, rows, opens, closes, swede.CivilDay(a.Clock()), a.VaultKey)
	if err != nil {
		return s, err
	}
	note, err := a.Sign(call)
	if err != nil {
		return s, err
	}
	return a.Do(ctx, by, id, order.CallPopulation{Call: call, Signature: note})
}
