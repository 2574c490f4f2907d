package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"sluss/internal/access"
	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/order"
)

// Read is that a member of staff has looked at a case, or at a list of cases
// (then Case is empty): who, when and at which part of it, never what it said.
type Read struct {
	At   time.Time   `json:"at"`
	Who  string      `json:"who"`
	Role order.Role  `json:"role"`
	Case string      `json:"case"`
	View access.View `json:"view"`
}

// ReadsPlace is a place in a list of reads, latest first; zero is its
// beginning.
type ReadsPlace int64

// Reads keeps the log of reads.
type Reads interface {
	// PutReads stores a batch, and an entry in the log of orders that holds the
	// batch's hash ([ReadsHash]), all or nothing.
	PutReads(ctx context.Context, batch []Read) error
	// ReadsOfCase and ReadsBy return at most limit reads, latest first, and
	// where to go on (0 at the end).
	ReadsOfCase(ctx context.Context, id string, after ReadsPlace, limit int) ([]Read, ReadsPlace, error)
	ReadsBy(ctx context.Context, who string, after ReadsPlace, limit int) ([]Read, ReadsPlace, error)
}

// ReadsHash is the hash that the log of orders holds of a batch.
func ReadsHash(batch []Read) (canon.Hash, error) { return canon.Of(batch) }

// ReadLog writes reads down, many at a time: a read waits in memory for at
// most [ReadsWait] or until [ReadsBatch] wait with it. Whoever reads does not
// wait for the disk; but when a batch could not be written, nothing more is
// shown to anybody until it has been (fail closed). Safe for concurrent use.
type ReadLog struct {
	store Reads
	log   *slog.Logger

	mu      sync.Mutex
	waiting []Read
	failed  error // of the last batch; nil when it was written
	wake    chan struct{}
	writing sync.Mutex // one batch is written at a time, in order
}

// Limits of the log of reads.
const (
	ReadsWait  = 100 * time.Millisecond
	ReadsBatch = 200
	// readsWaiting is how many reads may wait in memory; more are refused.
	readsWaiting = 10 * ReadsBatch
)

// NewReadLog returns a log that writes to store once [ReadLog.Run] runs.
func NewReadLog(store Reads, log *slog.Logger) *ReadLog {
	return &ReadLog{store: store, log: log, wake: make(chan struct{}, 1)}
}

// Run writes what waits, until ctx ends; then it writes the rest.
func (l *ReadLog) Run(ctx context.Context) {
	t := time.NewTicker(ReadsWait)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			l.tell(ctx, l.Flush(last))
			return
		case <-t.C:
		case <-l.wake:
		}
		l.tell(ctx, l.Flush(context.WithoutCancel(ctx))) // a batch that has been begun is written
	}
}

func (l *ReadLog) tell(ctx context.Context, err error) {
	if err != nil {
		l.log.ErrorContext(ctx, "log of reads", "err", err)
	}
}

// Flush writes what waits, now.
func (l *ReadLog) Flush(ctx context.Context) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	for {
		l.mu.Lock()
		batch := l.waiting[:min(len(l.waiting), ReadsBatch)]
		l.mu.Unlock()
		if len(batch) == 0 {
			return nil
		}
		err := l.store.PutReads(ctx, batch)
		l.mu.Lock()
		if l.failed = err; err == nil {
			l.waiting = append([]Read(nil), l.waiting[len(batch):]...)
		}
		l.mu.Unlock()
		if err != nil {
			return fmt.Errorf("write %d reads: %w", len(batch), err)
		}
	}
}

// add puts a read among those that wait.
func (l *ReadLog) add(r Read) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed != nil || len(l.waiting) >= readsWaiting {
		return (&fault.Fault{
			Code: "reads.not_logged", Class: fault.Internal, Rule: "read_log", SV: "Läsningen kunde inte loggas, så inget visas.", EN: "The read could not be logged, so nothing is shown.",
			Err: errors.Join(l.failed, errReads),
		}).Do("Försök igen om en stund.", "Try again in a while.")
	}
	l.waiting = append(l.waiting, r)
	if len(l.waiting)%ReadsBatch == 0 {
		select {
		case l.wake <- struct{}{}:
		default: // it is awake
		}
	}
	return nil
}

var errReads = errors.New("the log of reads is not being written")

// LogRead notes that a person is about to be shown a part of a case. Call it
// before showing anything: when it returns an error, nothing may be shown.
// Reads by those outside, of their own cases, are not noted.
func (a *App) LogRead(_ context.Context, p access.Person, id string, view access.View) error {
	if a.Reads == nil || !access.Works(p.Role) {
		return nil
	}
	return a.Reads.add(Read{At: a.Clock().UTC().Truncate(time.Millisecond), Who: p.ID, Role: p.Role, Case: id, View: view})
}

// LogList notes that a person is about to be shown a list of cases: which list,
// and by which filters, never what is on it or what a filter looked for. It is
// a read like any other: when it returns an error, nothing may be shown.
func (a *App) LogList(ctx context.Context, p access.Person, list string, filters ...string) error {
	view := "list:" + list
	if len(filters) > 0 {
		view += "?" + strings.Join(filters, "&")
	}
	return a.LogRead(ctx, p, "", access.View(view))
}

// readersOfReads may see who has read any case.
func readersOfReads(r order.Role) bool { return r == access.RoleAuditor }

// ReadsOf returns who has read a case, latest first: to the auditor, and to
// case handlers, whose case it is to guard. Looking at the log of reads is a
// read.
func (a *App) ReadsOf(ctx context.Context, p access.Person, id string, after ReadsPlace, limit int) ([]Read, ReadsPlace, error) {
	if !readersOfReads(p.Role) && p.Role != order.RoleHandler {
		return nil, 0, readsDenied(p.Role)
	}
	if _, err := a.Log.Load(ctx, id); err != nil {
		return nil, 0, err
	}
	if a.Reads == nil {
		return nil, 0, nil
	}
	if err := a.LogRead(ctx, p, id, ViewReads); err != nil {
		return nil, 0, err
	}
	if err := a.Reads.Flush(ctx); err != nil {
		return nil, 0, err
	}
	return a.Reads.store.ReadsOfCase(ctx, id, after, limit)
}

// ReadsBy returns what a person has read, latest first, to the auditor.
func (a *App) ReadsBy(ctx context.Context, p access.Person, who string, after ReadsPlace, limit int) ([]Read, ReadsPlace, error) {
	if !readersOfReads(p.Role) {
		return nil, 0, readsDenied(p.Role)
	}
	if a.Reads == nil {
		return nil, 0, nil
	}
	if err := a.Reads.Flush(ctx); err != nil {
		return nil, 0, err
	}
	return a.Reads.store.ReadsBy(ctx, who, after, limit)
}

// ViewReads is the log of reads as something that can be looked at.
const ViewReads access.View = "reads"

func readsDenied(role order.Role) error {
	return (&fault.Fault{
		Code: "access.denied", Class: fault.Gate, Rule: "access", Law: "offentlighets- och sekretesslagen (2009:400) 10 kap. 2 §",
		SV: "Rollen " + string(role) + " får inte se vem som har läst.", EN: "The role " + string(role) + " may not see who has read.",
	}).Do("Be revisorn.", "Ask the auditor.")
}
