package works

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/exposure"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/swede"
	"sluss/internal/workorder"
)

// Service carries out work orders, one at a time.
type Service struct {
	Counter   Counter
	Mailroom  Mailroom
	Vault     Vault
	Registers Registers
	Tables    Tables
	Checker   Checker
	Measurer  Measurer
	Policy    exposure.Policy // by which the disclosure report is judged
	Packer    Packer
	Records   Records
	Catalogue *catalog.Catalogue
	// Open checks signatures against the vault's own list of signers.
	Open workorder.Opener
	// Random is where seeds of löpnummer come from.
	Random io.Reader
	Clock  func() time.Time
	// SimulatedTime takes the day of each work order for today. It is refused
	// unless the registers are synthetic.
	SimulatedTime bool
	Log           *slog.Logger
	// KeysUntil, if set, is the last day on which a backup may still hold keys
	// that are destroyed today; 0 when none does.
	KeysUntil func(today day.Day) (day.Day, error)
	// Bound, if set, ends a reading of a population or an extraction that takes more
	// than it may: the context that it returns is cancelled then, and its cause is a
	// fault that says why. done ends the watch. Nothing else is bounded: a purge and
	// a delivery are carried through.
	Bound func(ctx context.Context) (bounded context.Context, done func())
	// Progress, if set, hears what is going on: step and order, never a person.
	Progress func(step, order string)
}

// Step takes the next work order and carries it out. It returns [ErrNothing]
// when there is none. A refusal is reported to the counter and is no error.
func (s *Service) Step(ctx context.Context) error {
	if !s.SimulatedTime { // else today is what the work order says
		if err := s.expire(ctx, swede.CivilDay(s.Clock())); err != nil {
			return fmt.Errorf("destroy keys whose time is out: %w", err)
		}
	}
	w, err := s.Counter.Next(ctx)
	if err != nil {
		return err
	}
	working, done := context.WithCancel(ctx)
	go s.breathe(working, w)
	report, err := s.bounded(ctx, w)
	done()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && fault.ClassOf(err) != fault.Internal:
		f, _ := errors.AsType[*fault.Fault](err)
		s.Log.WarnContext(ctx, "work order refused", "order", w.Order, "kind", w.Kind, "code", f.Code, "at", f.Where.Column)
		report = refusal(w, f)
	case err != nil:
		s.Log.ErrorContext(ctx, "work order failed", "order", w.Order, "kind", w.Kind, "err", err)
		report = workorder.Report{Retry: "works.failed"}
	}
	return s.Counter.Report(ctx, w.ID, report)
}

// bounded carries a work order out within its bounds. What goes over them is
// refused, with the reason. The bounds hold until the files are finished and
// checked; what is then sealed and written down is carried through.
func (s *Service) bounded(ctx context.Context, w workorder.WorkOrder) (workorder.Report, error) {
	if s.Bound == nil || w.Kind != workorder.Population && w.Kind != workorder.Extract {
		return s.carry(ctx, w)
	}
	within, end := s.Bound(ctx)
	defer end()
	report, err := s.carry(context.WithValue(within, unboundKey{}, ctx), w)
	if over, ok := errors.AsType[*fault.Fault](context.Cause(within)); ok && err != nil {
		return workorder.Report{}, over
	}
	return report, err
}

type unboundKey struct{}

// unbound is ctx without the bounds: for the last writes of a work order, which
// are not to be left half done.
func unbound(ctx context.Context) (context.Context, error) {
	if free, ok := ctx.Value(unboundKey{}).(context.Context); ok {
		return free, ctx.Err()
	}
	return ctx, nil
}

// breath is how often the counter hears that a long job is still at work; its
// lease is several times longer.
const breath = 30 * time.Second

// breathe keeps the lease of a job until ctx ends. A counter that does not
// answer is asked again at the next breath; the report will tell how it went.
func (s *Service) breathe(ctx context.Context, w workorder.WorkOrder) {
	tick := time.NewTicker(breath)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.Counter.Alive(ctx, w.ID); err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "the counter did not hear that work goes on", "order", w.Order, "err", err)
			}
		}
	}
}

// refusal tells the counter that a rule of the vault, or the content, stopped
// the work.
func refusal(w workorder.WorkOrder, f *fault.Fault) workorder.Report {
	if w.Kind == workorder.Extract {
		var so workorder.SpecOrder
		hash := specHash(w, &so)
		return workorder.Report{Failed: &order.ExtractionFailed{Spec: hash, Code: f.Code, SV: f.Text("sv"), EN: f.Text("en")}}
	}
	return workorder.Report{Refused: &workorder.RefusedReport{Code: f.Code, SV: f.SV, EN: f.EN}}
}

func (s *Service) carry(ctx context.Context, w workorder.WorkOrder) (workorder.Report, error) {
	known, err := s.known(ctx, w)
	if err != nil {
		return workorder.Report{}, err
	}
	m, err := workorder.Check(w, s.Open, known, s.Catalogue)
	if m.Heard && m.Ref.Version > known.Ruling.Version { // before anything is done under it, and though nothing is
		if err := s.Records.SaveRuling(ctx, w.Order, workorder.Ruling{Version: m.Ref.Version, Hash: m.Ref.SHA256}); err != nil {
			return workorder.Report{}, err
		}
	}
	if err != nil {
		return workorder.Report{}, err
	}
	if s.SimulatedTime {
		if err := s.expire(ctx, known.Today); err != nil {
			return workorder.Report{}, err
		}
	}
	s.tell(string(w.Kind), w.Order)
	switch w.Kind {
	case workorder.Population:
		return s.population(ctx, m, known.Today)
	case workorder.Extract:
		return s.extract(ctx, m, known.Today)
	case workorder.Deliver:
		return s.deliver(ctx, m, known.Today)
	case workorder.Reseal:
		return s.reseal(ctx, m)
	case workorder.Purge:
		return s.purge(ctx, m, known.Today)
	}
	return workorder.Report{}, fmt.Errorf("work order %s: unknown kind %q", w.ID, w.Kind)
}

// fits refuses real registers while time is simulated.
func (s *Service) fits(snap Snapshot) error {
	if s.SimulatedTime && !snap.Synthetic() {
		return notSynthetic()
	}
	return nil
}

func notSynthetic() error {
	return fault.New("works.simulated_time", "Simulerad tid är bara till för syntetiska register.", "Simulated time is for synthetic registers only.").
		Do("Starta utan simulerad tid.", "Start without simulated time.").Of(fault.Gate)
}

func (s *Service) mustBeSynthetic(ctx context.Context) error {
	id, err := s.Registers.Latest(ctx)
	if err != nil {
		return err
	}
	snap, err := s.Registers.Open(ctx, id)
	if err != nil {
		return err
	}
	defer snap.Close()
	return s.fits(snap)
}

func (s *Service) tell(step, order string) {
	if s.Progress != nil {
		s.Progress(step, order)
	}
}

func specHash(w workorder.WorkOrder, so *workorder.SpecOrder) canon.Hash {
	if err := workorder.Peek(w.Spec, so); err != nil {
		return ""
	}
	h, err := so.Spec.Hash()
	if err != nil {
		return ""
	}
	return h
}
