// Package storetest is the suite that every database behind the store must
// pass. Extend it before you extend a database.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/order"
	"sluss/internal/signed"
)

// Store is what a database must do.
type Store interface {
	app.Log
	app.Queue
	app.Accounts
	audit.Tree
	audit.Source
	Included(ctx context.Context, id string, version int) (bool, error)
	Checkpoint(ctx context.Context) (string, error)
	Prove(ctx context.Context, id string, version int) (audit.Inclusion, error)
	Consistency(ctx context.Context, older, newer audit.Checkpoint) (tlog.TreeProof, error)
	Erase(ctx context.Context, id string, version int, left order.Event, by order.Actor, at time.Time, ground string) error
	Close() error
}

// Place is a new, empty database.
type Place struct {
	// Open opens the store; every call gives another, as another process would
	// have it.
	Open func(t testing.TB) Store
	// Raw opens the database itself, for a test to do what no program of ours
	// does. Statements use $1, $2, … in order of appearance.
	Raw func(t testing.TB) *sql.DB
}

// Run runs the suite; place gives a new database each time.
func Run(t *testing.T, place func(t testing.TB) Place) {
	for name, f := range map[string]func(*testing.T, Place){
		"Entries":                entries,
		"Conflict":               conflict,
		"AllOrNothing":           allOrNothing,
		"List":                   list,
		"Numbers":                numbers,
		"Lease":                  lease,
		"Retry":                  retry,
		"CrashingWorkDies":       crashingWorkDies,
		"Postpone":               postpone,
		"Requeue":                requeue,
		"RequeueOnce":            requeueOnce,
		"ManyWorkers":            manyWorkers,
		"OneSequencer":           oneSequencer,
		"Inclusion":              inclusion,
		"Proofs":                 proofs,
		"Erasure":                erasure,
		"EveryByte":              everyByte,
		"Tampering":              tampering,
		"Forks":                  forks,
		"SequencerRefusesForks":  sequencerRefusesForks,
		"WritersAndSequencers":   writersAndSequencers,
		"OpenedTwiceAtOnce":      openedTwiceAtOnce,
		"LateVisibleStillPlaced": lateVisibleStillPlaced,
		"Accounts":               accounts,
		"Visits":                 visits,
		"VisitRace":              visitRace,
		"Links":                  links,
		"Passkeys":               passkeys,
		"Ceremonies":             ceremonies,
		"Counts":                 counts,
		"LoginLogged":            loginLogged,
		"AssuranceKept":          assuranceKept,
		"DemoMark":               demoMark,
		"DemoMarkRefused":        demoMarkRefused,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, place(t))
		})
	}
}

// T0 is when the stories of the suite begin.
var T0 = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func entry(version int, who, text string) order.Entry {
	return order.Entry{
		Version: version, At: T0.Add(time.Duration(version) * time.Second), By: order.Actor{ID: who, Role: order.RoleHandler},
		Event: &order.SentAgain{Reason: text},
	}
}

func summary(id string, version int) app.Summary {
	return app.Summary{ID: id, Title: "Sjukfall efter höftfraktur", Principal: "Uppsala universitet", Purpose: "research", Phase: order.PhaseClosed, Version: version, Changed: T0.Add(time.Duration(version) * time.Second)}
}

func appendEntry(t testing.TB, s Store, id string, version int, text string, jobs ...app.Job) {
	t.Helper()
	if err := s.Append(t.Context(), id, []order.Entry{entry(version, "anna", text)}, summary(id, version), jobs); err != nil {
		t.Fatalf("append %s version %d: %v", id, version, err)
	}
}

// key makes a log key: a sequencer on s and the verifier of what it signs.
func key(t testing.TB, s Store) (*audit.Sequencer, note.Verifier) {
	t.Helper()
	private, public, err := signed.Generate(rand.Reader, "prov.example/sluss")
	if err != nil {
		t.Fatal(err)
	}
	v, err := audit.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return &audit.Sequencer{Tree: s, Key: private, Holder: "a", Clock: time.Now}, v
}

func sequence(t testing.TB, q *audit.Sequencer, want int) {
	t.Helper()
	n, err := q.Once(t.Context())
	if err != nil || n != want {
		t.Fatalf("sequenced %d, %v, want %d", n, err, want)
	}
}

func head(t testing.TB, s Store, v note.Verifier) audit.Checkpoint {
	t.Helper()
	text, err := s.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := audit.OpenCheckpoint(text, v)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func verify(t testing.TB, s Store, v note.Verifier, outside ...string) audit.Report {
	t.Helper()
	r, err := audit.Verify(t.Context(), s, v, outside...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func clean(t testing.TB, r audit.Report) {
	t.Helper()
	if r.Found != 0 {
		t.Fatalf("%d findings: %+v", r.Found, r.Findings)
	}
}

func wantErr(t testing.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func caseID(n int) string { return fmt.Sprintf("FK-2026-%05d", n) }
