package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"sluss/internal/catalog"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/swede"
	"sluss/internal/workorder"
)

// App carries out commands on orders. Safe for concurrent use.
type App struct {
	Log   Log
	Queue Queue
	Blobs Blobs
	// Tree makes the vault's work wait until the order's entries stand in the
	// signed tree; nil lets it go at once, which only a test does.
	Tree      Tree
	Clock     func() time.Time
	Authority *order.Authority
	Catalogue *catalog.Catalogue
	// Open checks signatures against the counter's list of people who may sign.
	Open workorder.Opener
	// VaultKey is the age recipient of the vault; populations are sealed to it.
	VaultKey string
	// Seal wraps w so that what is written can only be read with the key.
	Seal func(w io.Writer, recipient string) (io.WriteCloser, error)
	// Sign signs what the counter itself orders (purge on its date), as Name.
	Sign func(doc any) (string, error)
	Name string
	// Beside is what stands beside the cases: drafts, attachments, the log of
	// reads, subscriptions.
	Beside

	turns      turns
	texts      texts
	house      house
	tasks      taskMemo
	forecast   forecasts
	published  published
	experience experience
}

// attempts is how often a command is tried when others write to the order. Who
// loses four times in five, against another process that never rests, gets
// through all the same: all of them lost would be once in half a million.
const attempts = 60

// Submit opens a case with an application and returns its number.
func (a *App) Submit(ctx context.Context, by order.Actor, cmd order.Submit) (string, order.State, error) {
	if err := a.checkAttachments(ctx, "", cmd.Application, intake.Application{}); err != nil {
		return "", order.State{}, err
	}
	if err := a.checkArrival(ctx, cmd.Arrival); err != nil {
		return "", order.State{}, err
	}
	return a.open(ctx, by, cmd, a.Log.Append)
}

// Enquire opens a case with a question and returns its number.
func (a *App) Enquire(ctx context.Context, by order.Actor, cmd order.Enquire) (string, order.State, error) {
	if err := a.checkArrival(ctx, cmd.Arrival); err != nil {
		return "", order.State{}, err
	}
	return a.open(ctx, by, cmd, a.Log.Append)
}

// open opens a case and stores it with put. When it continues an earlier case,
// that one is told; should that be cut short, [App.Due] does it.
func (a *App) open(ctx context.Context, by order.Actor, cmd order.Command, put appendFunc) (string, order.State, error) {
	now := a.Clock()
	c := a.context(by, now)
	var err error
	if c.Measured, err = a.measured(ctx); err != nil {
		return "", order.State{}, err
	}
	events, err := order.Decide(order.State{}, cmd, c)
	if err != nil {
		return "", order.State{}, err
	}
	if ev, ok := events[0].(*order.Submitted); ok && ev.Parent != nil {
		parent, err := a.State(ctx, ev.Parent.Case)
		if err != nil {
			return "", order.State{}, err
		}
		if err := order.Continues(parent, ev.Parent.Kind); err != nil {
			return "", order.State{}, err
		}
	}
	year := c.Day().Year()
	n, err := a.Log.NextNumber(ctx, year)
	if err != nil {
		return "", order.State{}, fmt.Errorf("draw case number: %w", err)
	}
	id := fmt.Sprintf("%s-%d-%05d", a.Authority.CasePrefix, year, n)
	s, err := a.storeWith(ctx, order.State{ID: id}, by, now, events, put)
	if err == nil {
		err = a.tellKin(ctx, s)
	}
	return id, s, err
}

// Do carries out a command on an order and returns the state afterwards.
//
// It returns a *fault.Fault when a rule refuses, ErrNotFound for an unknown
// order, and ErrConflict when others kept changing the order.
func (a *App) Do(ctx context.Context, by order.Actor, id string, cmd order.Command) (order.State, error) {
	done, err := a.turns.take(ctx, id)
	if err != nil {
		return order.State{}, err
	}
	defer done()
	for attempt := range attempts {
		s, err := a.State(ctx, id)
		if err != nil {
			return s, err
		}
		now := a.Clock()
		if err := a.vet(ctx, by, s, cmd); err != nil {
			return s, err
		}
		c, err := a.rules(ctx, by, s, cmd, now)
		if err != nil {
			return s, err
		}
		events, err := order.Decide(s, cmd, c)
		if err != nil || len(events) == 0 {
			return s, err
		}
		next, err := a.store(ctx, s, by, now, events)
		if !errors.Is(err, ErrConflict) {
			if err == nil && next.Granted != s.Granted {
				err = a.tellKin(ctx, next)
			}
			return next, err
		}
		if err := pause(ctx, attempt); err != nil {
			return order.State{}, err
		}
	}
	return order.State{}, ErrConflict
}

// State returns the order as it is now.
func (a *App) State(ctx context.Context, id string) (order.State, error) {
	entries, err := a.Log.Load(ctx, id)
	if err != nil {
		return order.State{}, err
	}
	return order.Fold(id, entries), nil
}

func (a *App) context(by order.Actor, now time.Time) order.Context {
	return order.Context{At: now, By: by, Authority: a.House(), Catalogue: a.Catalogue}
}

func (a *App) store(ctx context.Context, s order.State, by order.Actor, now time.Time, events []order.Event) (order.State, error) {
	return a.storeWith(ctx, s, by, now, events, a.Log.Append)
}

// appendFunc stores entries as [Log.Append] does.
type appendFunc func(ctx context.Context, id string, entries []order.Entry, sum Summary, jobs []Job) error

func (a *App) storeWith(ctx context.Context, s order.State, by order.Actor, now time.Time, events []order.Event, put appendFunc) (order.State, error) {
	var entries []order.Entry
	var jobs []Job
	for _, ev := range events {
		e := order.Entry{Version: s.Version + 1, At: now, By: by, Event: ev}
		s = order.Apply(s, e)
		entries = append(entries, e)
		if kind, ok := follows(ev); ok {
			jobs = append(jobs, Job{ID: fmt.Sprintf("%s.%d", s.ID, e.Version), Order: s.ID, Kind: kind})
		}
	}
	return s, put(ctx, s.ID, entries, a.summary(s, now), jobs)
}

// follows returns the work that an event brings about.
func follows(ev order.Event) (workorder.Kind, bool) {
	switch ev.(type) {
	case *order.PopulationReceived:
		return workorder.Population, true
	case *order.ExtractionOrdered:
		return workorder.Extract, true
	case *order.Released:
		return workorder.Deliver, true
	case *order.ResealOrdered:
		return workorder.Reseal, true
	case *order.PurgeOrdered:
		return workorder.Purge, true
	}
	return "", false
}

// summary is the case's row in lists, as it was when it last changed.
func (a *App) summary(s order.State, now time.Time) Summary {
	sum := Summary{
		ID: s.ID, Title: s.Application.Title, Principal: s.Application.Principal.Name, Purpose: string(s.Application.Purpose),
		Phase: s.Phase(), Version: s.Version, Changed: now, AssignedTo: s.Has(deskOf(s.Phase())), Protected: s.Protected,
	}
	if due := order.NextDue(s, a.House(), swede.CivilDay(now)); due != 0 {
		sum.NextDue = due.String()
	}
	if s.Delivery != nil && !s.Purged {
		sum.PurgeOn = s.Delivery.PurgeOn.String()
	}
	if a.Digests != nil {
		sum.HasDigest = true
		sum.Digest = DigestOf(s, a.House(), a.Catalogue, swede.CivilDay(now))
	}
	return sum
}

// deskOf is the role at whose desk a case lies in a phase.
func deskOf(p order.Phase) order.Role {
	switch p {
	case order.PhaseReview:
		return order.RoleReviewer
	case order.PhaseDecision:
		return order.RoleDecider
	case order.PhaseExtraction:
		return order.RoleStatistician
	case order.PhaseRelease:
		return order.RoleReleaser
	case order.PhaseDelivered:
		return order.RoleFinance
	case order.PhasePurge:
		return order.RoleRegistrar
	}
	return order.RoleHandler
}

// checkSignature makes sure that a signed act is signed by the person who
// acts, in the role that the act needs.
func (a *App) checkSignature(by order.Actor, cmd order.Command) error {
	switch c := cmd.(type) {
	case order.RecordDecision:
		var d order.Decision
		if err := a.opened(by, c.Note, workorder.TypeDecision, order.RoleDecider, &d); err != nil {
			return err
		}
		return same(d, c.Decision)
	case order.Redecide:
		var d order.Decision
		if err := a.opened(by, c.Note, workorder.TypeDecision, order.RoleDecider, &d); err != nil {
			return err
		}
		return same(d, c.Decision)
	case order.CallPopulation:
		var call order.Call
		if _, err := a.Open(c.Signature, order.CallVersion, order.RoleRegistrar, &call); err != nil {
			return unsigned(err)
		}
		return same(call, c.Call)
	case order.OrderExtraction:
		var o workorder.SpecOrder
		if err := a.opened(by, c.Note, workorder.TypeSpec, order.RoleStatistician, &o); err != nil {
			return err
		}
		return same(o.Spec, c.Spec)
	case order.Release:
		var o workorder.ReleaseOrder
		if err := a.opened(by, c.Note, workorder.TypeRelease, order.RoleReleaser, &o); err != nil {
			return err
		}
		return same(o.Manifest, c.Manifest)
	case order.Reseal:
		var o workorder.ResealOrder
		if err := a.opened(by, c.Note, workorder.TypeReseal, order.RoleReleaser, &o); err != nil {
			return err
		}
		return same([]any{o.Manifest, o.Fingerprint, o.Fingerprint}, []any{c.Manifest, c.Fingerprint, order.KeyFingerprint(o.Key)})
	}
	return nil
}

func (a *App) opened(by order.Actor, note, typ string, role order.Role, v any) error {
	signer, err := a.Open(note, typ, role, v)
	if err == nil && signer == by.ID {
		return nil
	}
	return unsigned(err)
}

func unsigned(err error) error {
	return (&fault.Fault{
		Code: "app.signature", Class: fault.Gate, Rule: "signature", Promise: 13, Law: "förvaltningslagen (2017:900) 31 §", Err: err,
		SV: "Handlingen är inte undertecknad av den som utför den.", EN: "The act is not signed by the person who carries it out.",
	}).Do("Underteckna med din egen nyckel.", "Sign with your own key.")
}
