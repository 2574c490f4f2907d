//go:build unix

package store_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/catalog"
	"sluss/internal/config"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/signed"
	"sluss/internal/store"
	"sluss/internal/store/pgtest"
	"sluss/internal/store/storetest"
	"sluss/internal/swede"
	"sluss/internal/workorder"
)

var rounds = flag.Int("rounds", 1, "how often the load tests are repeated")

// The environment of a child process that is to be killed.
const (
	envDriver = "SLUSS_TEST_LOAD_DRIVER"
	envPlace  = "SLUSS_TEST_LOAD_PLACE"
	envKey    = "SLUSS_TEST_LOAD_KEY"
)

func TestMain(m *testing.M) {
	if os.Getenv(envDriver) != "" {
		if err := child(os.Getenv(envDriver), os.Getenv(envPlace), os.Getenv(envKey)); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1) // it is killed before it ends
	}
	os.Exit(pgtest.Main(m))
}

var databases = map[string]func(t testing.TB) (place string){
	"sqlite":   func(t testing.TB) string { return t.TempDir() + "/sluss.db" },
	"postgres": func(t testing.TB) string { return pgtest.Database(t) },
}

func open(ctx context.Context, driver, place string) (*store.Store, error) {
	if driver == "sqlite" {
		return store.OpenSQLite(ctx, place)
	}
	return store.OpenPostgres(ctx, place)
}

// counter is an instance of the counter on a database.
func counter(db *store.Store) *app.App {
	return &app.App{
		Log: db, Queue: db, Tree: db, Clock: time.Now, Authority: config.Authority(), Catalogue: catalog.Builtin(), Name: "sluss",
		Sign: func(any) (string, error) { return "signed", nil },
	}
}

func newCounter(t testing.TB, driver, place string) *app.App {
	t.Helper()
	db, err := open(t.Context(), driver, place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return counter(db)
}

func logKey(t testing.TB) (private, public string) {
	t.Helper()
	private, public, err := signed.Generate(rand.Reader, "sluss")
	if err != nil {
		t.Fatal(err)
	}
	return private, public
}

var registrar = order.Actor{ID: "registrator", Role: order.RoleRegistrar}

// submitCases opens n cases, as the registrar does for orders that come by
// post.
func submitCases(ctx context.Context, a *app.App, n int) (ids []string, err error) {
	for i := range n {
		id, _, err := a.Submit(ctx, registrar, order.Submit{Application: intake.Application{Title: fmt.Sprintf("Beställning %d", i)}, OnBehalf: true, Arrival: letter(a)})
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// command is one that is always accepted and that leaves its sender's name: a
// medium that arrives before there is a decision.
func command(ctx context.Context, a *app.App, who, id string) error {
	_, err := a.Do(ctx, order.Actor{ID: who, Role: order.RoleRegistrar}, id, order.TakeMedium{Road: "post"})
	return err
}

// wholeLog checks that each command in acknowledged stands exactly once in its
// case, that versions have no gaps, that the list says what the entries say,
// and that the tree holds. It returns how many entries there are.
func wholeLog(t *testing.T, a *app.App, q *audit.Sequencer, public string, acknowledged map[string]string) int {
	t.Helper()
	if _, err := q.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	times, total := map[string]int{}, 0
	list, err := a.Log.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, sum := range list {
		entries, err := a.Log.Load(t.Context(), sum.ID)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range entries {
			if e.Version != i+1 {
				t.Errorf("%s: entry %d has version %d", sum.ID, i, e.Version)
			}
			times[sum.ID+" "+e.By.ID]++
		}
		total += len(entries)
	}
	for who, id := range acknowledged {
		if n := times[id+" "+who]; n != 1 {
			t.Errorf("the command of %s in %s was acknowledged and stands %d times in the log", who, id, n)
		}
	}
	if stale, err := a.Stale(t.Context()); err != nil || len(stale) > 0 {
		t.Errorf("rows of the list that are not what the entries say: %v, %v", stale, err)
	}
	v, err := audit.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	r, err := audit.Verify(t.Context(), q.Tree.(storetest.Store), v)
	if err != nil || r.Found != 0 || r.Entries != int64(total) {
		t.Errorf("the log: %d entries of %d, %d findings %v, %v", r.Entries, total, r.Found, r.Findings, err)
	}
	return total
}

// TestManyWritersLoseNothing is the load of issue B: 1 250 commands by 25
// writers on 5 cases while 10 readers read; on PostgreSQL with two instances
// of the counter, each with its sequencer.
func TestManyWritersLoseNothing(t *testing.T) {
	const writers, each, cases, readers = 25, 50, 5, 10
	for driver, place := range databases {
		t.Run(driver, func(t *testing.T) {
			for range *rounds {
				manyWriters(t, driver, place(t), writers, each, cases, readers)
			}
		})
	}
}

func manyWriters(t *testing.T, driver, place string, writers, each, cases, readers int) {
	apps := []*app.App{newCounter(t, driver, place)}
	if driver == "postgres" { // several instances share a PostgreSQL; SQLite belongs to one
		apps = append(apps, newCounter(t, driver, place))
	}
	private, public := logKey(t)
	ids, err := submitCases(t.Context(), apps[0], cases)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var around errgroup.Group
	sequencers := make([]*audit.Sequencer, len(apps))
	for i, a := range apps {
		sequencers[i] = &audit.Sequencer{Tree: a.Log.(audit.Tree), Key: private, Holder: fmt.Sprint(i), Clock: time.Now}
		around.Go(func() error {
			for ctx.Err() == nil {
				if _, err := sequencers[i].Once(ctx); err != nil && ctx.Err() == nil {
					return fmt.Errorf("sequencer: %w", err)
				}
				time.Sleep(100 * time.Millisecond)
			}
			return nil
		})
	}
	var reads atomic.Int64
	for i := range readers {
		around.Go(func() error { return readOn(ctx, apps[i%len(apps)], ids[i%cases], &reads) })
	}
	start := time.Now()
	var g errgroup.Group
	var mu sync.Mutex
	acknowledged := map[string]string{}
	for w := range writers {
		g.Go(func() error {
			for n := range each {
				who, id := fmt.Sprintf("w%02d-%02d", w, n), ids[(w+n)%cases]
				if err := command(ctx, apps[w%len(apps)], who, id); err != nil {
					return fmt.Errorf("%s: %w", who, err)
				}
				mu.Lock()
				acknowledged[who] = id
				mu.Unlock()
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	took := time.Since(start)
	stop()
	if err := around.Wait(); err != nil {
		t.Error(err)
	}
	sequencers[0].Clock = func() time.Time { return time.Now().Add(time.Hour) }
	if total := wholeLog(t, apps[0], sequencers[0], public, acknowledged); total != writers*each+cases {
		t.Errorf("%d entries, want %d", total, writers*each+cases)
	}
	t.Logf("%d commands in %v (%.0f a second), %d reads", writers*each, took.Round(time.Millisecond), float64(writers*each)/took.Seconds(), reads.Load())
}

// readOn reads an order again and again: it only ever grows, and what is read
// can be folded.
func readOn(ctx context.Context, a *app.App, id string, reads *atomic.Int64) error {
	last := 0
	for ctx.Err() == nil {
		s, err := a.State(ctx, id)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil || s.Version < last {
			return fmt.Errorf("read %s: version %d after %d: %w", id, s.Version, last, err)
		}
		last = s.Version
		if _, err := a.Log.List(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("list: %w", err)
		}
		reads.Add(1)
		time.Sleep(25 * time.Millisecond)
	}
	return nil
}

// child is a counter under load that tells each command when it has been
// acknowledged, until it is killed.
func child(driver, place, private string) error {
	ctx := context.Background()
	db, err := open(ctx, driver, place)
	if err != nil {
		return err
	}
	a := counter(db)
	ids, err := submitCases(ctx, a, 3)
	if err != nil {
		return err
	}
	q := &audit.Sequencer{Tree: db, Key: private, Holder: fmt.Sprint(os.Getpid()), Clock: time.Now}
	var g errgroup.Group
	g.Go(func() error {
		for {
			if _, err := q.Once(ctx); err != nil {
				return err
			}
		}
	})
	for w := range 6 {
		g.Go(func() error {
			for n := 0; ; n++ {
				who, id := fmt.Sprintf("%d-%d-%d", os.Getpid(), w, n), ids[(w+n)%len(ids)]
				err := command(ctx, a, who, id)
				if errors.Is(err, app.ErrConflict) {
					continue // told plainly; nothing was stored
				}
				if err != nil {
					return err
				}
				if _, err := os.Stdout.WriteString(who + " " + id + "\n"); err != nil {
					return err
				}
			}
		})
	}
	return g.Wait()
}

// TestKilledProcessLosesNothingAcknowledged kills a counter without warning
// while it works, again and again, and looks for every command that it had
// acknowledged.
func TestKilledProcessLosesNothingAcknowledged(t *testing.T) {
	for driver, place := range databases {
		t.Run(driver, func(t *testing.T) {
			where := place(t)
			private, public := logKey(t)
			acknowledged := map[string]string{}
			for round := range 3 * *rounds {
				killed(t, driver, where, private, 40+60*(round%3), acknowledged)
				a := newCounter(t, driver, where)
				q := &audit.Sequencer{Tree: a.Log.(audit.Tree), Key: private, Holder: "after", Clock: func() time.Time { return time.Now().Add(time.Hour) }}
				wholeLog(t, a, q, public, acknowledged)
				// the lease of the one that came after must not hold the next up
				if _, err := a.Log.(*store.Store).Hold(t.Context(), "sequencer", "after", time.Now().Add(-2*time.Hour), time.Second); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// killed runs a child until it has acknowledged at least n commands and kills
// it.
func killed(t *testing.T, driver, place, private string, n int, acknowledged map[string]string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envDriver+"="+driver, envPlace+"="+place, envKey+"="+private)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	count := 0
	for {
		line, err := lines.ReadString('\n')
		if who, id, ok := strings.Cut(strings.TrimSpace(line), " "); ok && err == nil {
			acknowledged[who] = id
			if count++; count == n {
				if err := cmd.Process.Kill(); err != nil {
					t.Error(err)
				}
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			break
		}
	}
	if err := cmd.Wait(); err == nil || count < n {
		t.Fatalf("the child ended by itself after %d commands: %v", count, err)
	}
}

// TestCrashedServerLosesNothingAcknowledged stops PostgreSQL itself as a crash
// would, under load, and starts it again.
func TestCrashedServerLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	server := pgtest.StartServer(t)
	place := server.Database(t)
	a := newCounter(t, "postgres", place)
	ids, err := submitCases(t.Context(), a, 3)
	if err != nil {
		t.Fatal(err)
	}
	done := make([][]string, 6)
	var many atomic.Int64
	var g errgroup.Group
	for w := range done {
		g.Go(func() error {
			for n := 0; ; n++ {
				who := fmt.Sprintf("%d-%d", w, n)
				err := command(t.Context(), a, who, ids[w%3])
				if errors.Is(err, app.ErrConflict) {
					continue
				}
				if err != nil {
					return nil // the server is gone; whether it was stored is not known
				}
				done[w] = append(done[w], who)
				many.Add(1)
			}
		})
	}
	for many.Load() < 60 {
		time.Sleep(5 * time.Millisecond)
	}
	if err := server.Down("QUIT"); err != nil {
		t.Fatal(err)
	}
	_ = g.Wait()
	if err := server.Up(); err != nil {
		t.Fatal(err)
	}
	acknowledged := map[string]string{}
	for w, all := range done {
		for _, who := range all {
			acknowledged[who] = ids[w%3]
		}
	}
	private, public := logKey(t)
	again := newCounter(t, "postgres", place)
	wholeLog(t, again, &audit.Sequencer{Tree: again.Log.(audit.Tree), Key: private, Holder: "after", Clock: time.Now}, public, acknowledged)
	if err := command(t.Context(), a, "afterwards", ids[0]); err != nil {
		t.Errorf("the counter that was running goes on: %v", err)
	}
}

// withPurge stores a case whose purge has been ordered, with its job.
func withPurge(t *testing.T, db *store.Store, n int) string {
	t.Helper()
	id, now := fmt.Sprintf("FK-2026-%05d", n), time.Now().Add(-time.Hour)
	err := db.Append(t.Context(), id, []order.Entry{
		{Version: 1, At: now, By: registrar, Event: &order.Submitted{OnBehalf: true}},
		{Version: 2, At: now, By: order.Actor{ID: "calendar", Role: order.RoleClock}, Event: &order.PurgeOrdered{Reason: "due", Rule: "x"}},
	}, app.Summary{ID: id, Version: 2, Changed: now}, []app.Job{{ID: id + ".2", Order: id, Kind: workorder.Purge}})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestWorkWaitsForTheTree: no work order leaves before all of its order stands
// in the signed tree, and waiting is no failed attempt.
func TestWorkWaitsForTheTree(t *testing.T) {
	t.Parallel()
	for driver, place := range databases {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			a := newCounter(t, driver, place(t))
			db := a.Log.(*store.Store)
			private, _ := logKey(t)
			q := &audit.Sequencer{Tree: db, Key: private, Holder: "a", Clock: time.Now}
			now := time.Now()
			a.Clock = func() time.Time { now = now.Add(time.Second); return now }
			none := func(why string) {
				t.Helper()
				for range 3 {
					if w, err := a.NextWork(t.Context(), "vault"); !errors.Is(err, app.ErrNotFound) {
						t.Fatalf("%s: work %q, %v", why, w.ID, err)
					}
				}
			}
			a.Clock = func() time.Time { return now }
			id := withPurge(t, db, 1)
			none("nothing is in the tree")
			if _, err := q.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
			now = now.Add(time.Second)
			err := db.Append(t.Context(), id, []order.Entry{{Version: 3, At: now, By: registrar, Event: &order.MediumEarly{ID: 1, Road: "post"}}}, app.Summary{ID: id, Version: 3, Changed: now}, nil)
			if err != nil {
				t.Fatal(err)
			}
			none("its latest entry is not in the tree")
			if _, err := q.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
			now = now.Add(time.Second)
			w, err := a.NextWork(t.Context(), "vault")
			if err != nil || w.ID != id+".2" {
				t.Fatalf("%q, %v", w.ID, err)
			}
			if j, err := db.Job(t.Context(), w.ID); err != nil || j.Attempts != 1 || j.Fault != "" {
				t.Errorf("%+v, %v", j, err)
			}
		})
	}
}

// TestTwoCountersShareTheWork: two instances on one database hand out every
// job once, and both do some.
func TestTwoCountersShareTheWork(t *testing.T) {
	t.Parallel()
	const jobs = 60
	for driver, place := range databases {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			where := place(t)
			apps := []*app.App{newCounter(t, driver, where), newCounter(t, driver, where)}
			private, _ := logKey(t)
			q := &audit.Sequencer{Tree: apps[0].Log.(audit.Tree), Key: private, Holder: "a", Clock: time.Now}
			for n := range jobs {
				withPurge(t, apps[n%2].Log.(*store.Store), n)
			}
			if n, err := q.Once(t.Context()); err != nil || n != 2*jobs {
				t.Fatal(n, err)
			}
			got := make([][]string, len(apps))
			var g errgroup.Group
			for i, a := range apps {
				g.Go(func() error {
					for {
						w, err := a.NextWork(t.Context(), fmt.Sprint(i))
						if errors.Is(err, app.ErrNotFound) {
							return nil
						}
						if err != nil {
							return err
						}
						got[i] = append(got[i], w.ID)
						time.Sleep(time.Millisecond) // the vault's part
						if err := a.Queue.Finish(t.Context(), w.ID); err != nil {
							return err
						}
					}
				})
			}
			if err := g.Wait(); err != nil {
				t.Fatal(err)
			}
			all := slices.Concat(got...)
			slices.Sort(all)
			if len(all) != jobs || len(slices.Compact(all)) != jobs {
				t.Errorf("%d jobs were handed out, want %d, each once", len(all), jobs)
			}
			if len(got[0]) == 0 || len(got[1]) == 0 {
				t.Errorf("shared %d to %d", len(got[0]), len(got[1]))
			}
		})
	}
}

// letter is how an order comes by post.
func letter(a *app.App) *order.Arrival {
	return &order.Arrival{On: swede.CivilDay(a.Clock()), Channel: order.ChannelPost, Sender: "Avsändare", Name: "Brev", Blob: "letters/1", SHA256: "00"}
}
