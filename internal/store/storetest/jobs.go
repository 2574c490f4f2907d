package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/store"
)

var operator = order.Actor{ID: "olle", Role: app.RoleOperator}

// requeue: only the dead come back, with all their attempts, and the log says
// who called them.
func requeue(t *testing.T, p Place) {
	s := p.Open(t)
	q, v := key(t, s)
	appendEntry(t, s, caseID(1), 1, "a", job(1), job(2))
	wantErr(t, "unknown job", s.Requeue(t.Context(), "x", operator, later), app.ErrNotFound)
	wantErr(t, "a job that waits", s.Requeue(t.Context(), job(1).ID, operator, later), app.ErrNotFound)
	if j, err := s.Lease(t.Context(), "w", later, time.Minute); err != nil || j.ID != job(1).ID {
		t.Fatalf("%+v, %v", j, err)
	}
	wantErr(t, "a job that runs", s.Requeue(t.Context(), job(1).ID, operator, later), app.ErrNotFound)
	if err := s.Finish(t.Context(), job(1).ID); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "a job that is done", s.Requeue(t.Context(), job(1).ID, operator, later), app.ErrNotFound)

	now := later
	for range store.MaxAttempts {
		if _, err := s.Lease(t.Context(), "w", now, time.Minute); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Minute)
		if err := s.Retry(t.Context(), job(2).ID, now, "works.failed"); err != nil {
			t.Fatal(err)
		}
	}
	again := now.Add(time.Hour)
	if err := s.Requeue(t.Context(), job(2).ID, operator, again); err != nil {
		t.Fatal(err)
	}
	_, err := s.Lease(t.Context(), "w", again.Add(-time.Millisecond), time.Minute)
	wantErr(t, "before it was called", err, app.ErrNotFound)
	for range store.MaxAttempts - 1 {
		if _, err := s.Lease(t.Context(), "w", again, time.Minute); err != nil {
			t.Fatal(err)
		}
		if err := s.Retry(t.Context(), job(2).ID, again, "works.failed"); err != nil {
			t.Fatal(err)
		}
	}
	if j, err := s.Lease(t.Context(), "w", again, time.Minute); err != nil || j.Attempts != store.MaxAttempts {
		t.Errorf("the last attempt: %+v, %v", j, err)
	}

	sequence(t, q, 2) // the order's entry, and the operator's
	if r := verify(t, s, v); r.Entries != 2 {
		t.Errorf("%+v", r)
	} else {
		clean(t, r)
	}
	var actor, role, typ, data string
	row := p.Raw(t).QueryRowContext(t.Context(), `SELECT actor, role, type, data FROM events WHERE stream = $1 AND version = 1`, "jobs/"+caseID(1))
	if err := row.Scan(&actor, &role, &typ, &data); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`{"attempts":%d,"code":"works.failed","job":"%s","kind":"extract"}`, store.MaxAttempts, job(2).ID)
	if actor != "olle" || role != "operator" || typ != "job_requeued" || data != want {
		t.Errorf("logged: %s %s %s %s, want %s", actor, role, typ, data, want)
	}
	if entries, err := s.Load(t.Context(), caseID(1)); err != nil || len(entries) != 1 {
		t.Errorf("the order itself has %d entries, %v", len(entries), err)
	}
}

// requeueOnce: of several operators at once one calls the job back.
func requeueOnce(t *testing.T, p Place) {
	stores := []Store{p.Open(t), p.Open(t)}
	appendEntry(t, stores[0], caseID(1), 1, "a", job(1), job(2))
	for _, n := range []int{1, 2} {
		if err := stores[0].Bury(t.Context(), job(n).ID, "vault.refused"); err != nil {
			t.Fatal(err)
		}
	}
	var done atomic.Int32
	g, ctx := errgroup.WithContext(context.Background())
	for i := range 12 {
		g.Go(func() error {
			err := stores[i%2].Requeue(ctx, job(1+i/2%2).ID, operator, later)
			if err == nil {
				done.Add(1)
			} else if !app.IsNotFound(err) {
				return err
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil || done.Load() != 2 {
		t.Errorf("%d of 2 called back, %v", done.Load(), err)
	}
}
