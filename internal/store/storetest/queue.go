package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"sluss/internal/app"
	"sluss/internal/store"
	"sluss/internal/workorder"
)

func job(n int) app.Job {
	return app.Job{ID: fmt.Sprintf("%s.%d", caseID(1), n), Order: caseID(1), Kind: workorder.Extract}
}

// later is after all that appendEntry queues.
var later = T0.Add(time.Hour)

func lease(t *testing.T, p Place) {
	s := p.Open(t)
	_, err := s.Lease(t.Context(), "w", later, time.Minute)
	wantErr(t, "lease of nothing", err, app.ErrNotFound)
	_, err = s.Job(t.Context(), "x")
	wantErr(t, "unknown job", err, app.ErrNotFound)
	appendEntry(t, s, caseID(1), 1, "a", job(1))
	appendEntry(t, s, caseID(1), 2, "a", job(2))
	_, err = s.Lease(t.Context(), "w", T0.Add(-time.Hour), time.Minute)
	wantErr(t, "lease before it is due", err, app.ErrNotFound)
	for i, want := range []string{job(1).ID, job(2).ID} {
		j, err := s.Lease(t.Context(), "w", later, time.Minute)
		if err != nil || j.ID != want || j.Attempts != 1 || j.State != "leased" || j.Order != caseID(1) || j.Kind != workorder.Extract {
			t.Fatalf("lease %d: %+v, %v", i, j, err)
		}
	}
	_, err = s.Lease(t.Context(), "v", later.Add(59*time.Second), time.Minute)
	wantErr(t, "all are leased", err, app.ErrNotFound)
	j, err := s.Lease(t.Context(), "v", later.Add(time.Minute), time.Minute)
	if err != nil || j.ID != job(1).ID || j.Attempts != 2 {
		t.Errorf("after the lease: %+v, %v", j, err)
	}
	if err := s.Extend(t.Context(), job(1).ID, later.Add(time.Hour)); err != nil {
		t.Errorf("extend: %v", err)
	}
	if j, err := s.Lease(t.Context(), "w", later.Add(30*time.Minute), time.Minute); err == nil && j.ID == job(1).ID {
		t.Error("a job whose lease was lengthened was handed out again")
	}
	for _, worker := range []string{"w", "v"} { // job 1 is v's
		if err := s.Abandon(t.Context(), worker); err != nil {
			t.Fatal(err)
		}
		j, err := s.Lease(t.Context(), worker, later.Add(time.Minute), time.Hour)
		if worker == "w" && (err != nil || j.ID != job(2).ID) {
			t.Errorf("w gave its own back and got %+v, %v", j, err)
		}
		if worker == "v" && (err != nil || j.ID != job(1).ID || j.Attempts != 3) {
			t.Errorf("v gave its own back and got %+v, %v", j, err)
		}
	}
	for range 2 {
		if err := s.Finish(t.Context(), job(1).ID); err != nil {
			t.Fatal(err)
		}
	}
	for what, err := range map[string]error{"retry": s.Retry(t.Context(), job(1).ID, later, "x"), "bury": s.Bury(t.Context(), job(1).ID, "x"), "postpone": s.Postpone(t.Context(), job(1).ID, later)} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	wantErr(t, "a finished job has no lease", s.Extend(t.Context(), job(1).ID, later), app.ErrNotFound)
	if j, err := s.Job(t.Context(), job(1).ID); err != nil || j.State != "done" || j.Fault != "" {
		t.Errorf("a finished job came back: %+v, %v", j, err)
	}
	if n, err := s.Waiting(t.Context()); err != nil || n != 1 {
		t.Errorf("%d wait, %v, want 1", n, err)
	}
}

func retry(t *testing.T, p Place) {
	s := p.Open(t)
	appendEntry(t, s, caseID(1), 1, "a", job(1), job(2))
	now := later
	for i := 1; ; i++ {
		j, err := s.Lease(t.Context(), "w", now, time.Minute)
		if err != nil || j.ID != job(1).ID || j.Attempts != i {
			t.Fatalf("attempt %d: %+v, %v", i, j, err)
		}
		now = now.Add(time.Second)
		if err := s.Retry(t.Context(), j.ID, now, "vault.busy"); err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			failing, err := s.Failing(t.Context())
			if err != nil || len(failing) != 1 || failing[0].Fault != "vault.busy" || failing[0].State != "queued" {
				t.Errorf("failing %+v, %v", failing, err)
			}
			if other, err := s.Lease(t.Context(), "v", now.Add(-time.Millisecond), 24*time.Hour); err != nil || other.ID != job(2).ID {
				t.Errorf("before its time the other job is taken: %+v, %v", other, err)
			}
		}
		if i == store.MaxAttempts {
			break
		}
	}
	_, err := s.Lease(t.Context(), "w", now.Add(time.Hour), time.Minute)
	wantErr(t, "a dead job", err, app.ErrNotFound)
	if err := s.Bury(t.Context(), job(2).ID, "vault.refused"); err != nil {
		t.Fatal(err)
	}
	dead, err := s.Dead(t.Context())
	if err != nil || len(dead) != 2 || dead[0].Fault != "vault.busy" || dead[1].Fault != "vault.refused" {
		t.Errorf("dead %+v, %v", dead, err)
	}
}

// crashingWorkDies: work that kills its worker each time, so that nobody ever
// reports, ends among the dead as well.
func crashingWorkDies(t *testing.T, p Place) {
	s := p.Open(t)
	appendEntry(t, s, caseID(1), 1, "a", job(1))
	now := later
	for range store.MaxAttempts {
		if _, err := s.Lease(t.Context(), "w", now, time.Minute); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Minute)
	}
	_, err := s.Lease(t.Context(), "w", now, time.Minute)
	wantErr(t, "after the last attempt", err, app.ErrNotFound)
	dead, err := s.Dead(t.Context())
	if err != nil || len(dead) != 1 || dead[0].Fault != "queue.lease_lost" {
		t.Errorf("dead %+v, %v", dead, err)
	}
}

func postpone(t *testing.T, p Place) {
	s := p.Open(t)
	appendEntry(t, s, caseID(1), 1, "a", job(1))
	for i := range 2 * store.MaxAttempts {
		now := later.Add(time.Duration(i) * time.Second)
		j, err := s.Lease(t.Context(), "w", now, time.Minute)
		if err != nil || j.Attempts != 1 {
			t.Fatalf("%d: %+v, %v", i, j, err)
		}
		if err := s.Postpone(t.Context(), j.ID, now.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		_, err = s.Lease(t.Context(), "w", now, time.Minute)
		wantErr(t, "before its new time", err, app.ErrNotFound)
	}
	if f, err := s.Failing(t.Context()); err != nil || len(f) != 0 {
		t.Errorf("waiting is no fault: %+v, %v", f, err)
	}
}

// manyWorkers: 300 jobs, 6 workers of 3 programs; none is handed out twice.
func manyWorkers(t *testing.T, p Place) {
	const n = 300
	first := p.Open(t)
	var jobs []app.Job
	for i := range n {
		jobs = append(jobs, job(i))
	}
	appendEntry(t, first, caseID(1), 1, "a", jobs...)
	var mu sync.Mutex
	got := map[string]int{}
	perWorker := map[int]int{}
	const workers = 6
	var g errgroup.Group
	var begun sync.WaitGroup // nobody takes a second job before everybody has one
	begun.Add(workers)
	for i := range workers {
		s := first
		if i > 1 {
			s = p.Open(t)
		}
		g.Go(func() error {
			once := sync.OnceFunc(begun.Done)
			defer once()
			for {
				j, err := s.Lease(t.Context(), fmt.Sprint(i), later, time.Minute)
				if app.IsNotFound(err) {
					return nil
				}
				if err != nil {
					return err
				}
				mu.Lock()
				got[j.ID]++
				perWorker[i]++
				mu.Unlock()
				once()
				begun.Wait()
				if err := s.Finish(t.Context(), j.ID); err != nil {
					return err
				}
			}
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for id, times := range got {
		if times != 1 {
			t.Errorf("%s was handed out %d times", id, times)
		}
	}
	if len(got) != n {
		t.Errorf("%d jobs handed out, want %d", len(got), n)
	}
	if len(perWorker) != workers {
		t.Errorf("%d workers shared the work, want %d", len(perWorker), workers)
	}
}
