package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/sealed"
	"sluss/internal/workorder"
)

func code(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Code
	}
	return fmt.Sprint(err)
}

func TestWholeOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.delivered()
	if got := read2(t, h, id); got != "parcel" {
		t.Errorf("fetched %q", got)
	}
	sums, err := h.db.List(t.Context())
	if err != nil || len(sums) != 1 || sums[0].Phase != order.PhaseDelivered || sums[0].PurgeOn != start.AddMonths(6).String() || sums[0].Version != h.state(id).Version {
		t.Errorf("list %+v, %v", sums, err)
	}
	if second := h.submit(); second == id || !strings.HasPrefix(second, "FK-2026-") {
		t.Errorf("second order %s", second)
	}
	if _, err := h.app.Do(t.Context(), actor(order.RoleHandler), "FK-2026-99999", order.Acknowledge{}); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("unknown order: %v", err)
	}
	incomplete := application()
	incomplete.Title = ""
	if _, _, err := h.app.Submit(t.Context(), actor(order.RoleOrderer), order.Submit{Application: incomplete}); code(err) != "intake.parties" {
		t.Errorf("incomplete: %v", err)
	}
	if sums, err := h.db.List(t.Context()); err != nil || len(sums) != 2 {
		t.Errorf("a refused application is listed: %d, %v", len(sums), err)
	}
}

func read2(t *testing.T, h *house, id string) string {
	t.Helper()
	r, err := h.app.FetchParcel(t.Context(), id, order.RoleOrderer)
	return read(t, r, err)
}

// unread fails the test when a byte of it is asked for.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the file was read")
	return 0, io.EOF
}

// TestPromise01NotAByteIsRead: of a population file that comes before a
// dispatched disclosing decision, after the end, from somebody who may not
// send it, or when none is awaited, nothing is read and nothing is kept.
func TestPromise01NotAByteIsRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	send := func(id string, by order.Role, road string) error {
		_, err := h.app.TakePopulation(t.Context(), actor(by), id, road, unread{t})
		return err
	}
	early := map[string]string{"submitted": h.submit(), "reviewed": h.agreed()}
	decided := h.agreed()
	h.do(decided, order.RoleDecider, h.decision(decided))
	early["decided, not dispatched"] = decided
	for name, id := range early {
		if err := send(id, order.RoleSupplier, "upload"); code(err) != "gate.disclosing_decision" {
			t.Errorf("%s: %v", name, err)
		}
		if log := h.entries(id); log[len(log)-1] != "medium_early" {
			t.Errorf("%s: the arrival is logged as %s", name, log[len(log)-1])
		}
		h.do(id, order.RoleRegistrar, order.SettleMedium{ID: 1, How: "returned"})
	}
	withdrawn := h.accepted()
	h.do(withdrawn, order.RoleOrderer, order.Withdraw{})
	if err := send(withdrawn, order.RoleSupplier, "post"); code(err) != "order.ended" {
		t.Errorf("after the end: %v", err)
	}
	id := h.accepted()
	if err := send(id, order.RoleHandler, "upload"); code(err) != "access.denied" {
		t.Errorf("by somebody else: %v", err)
	}
	if err := send(id, order.RoleSupplier, "fax"); code(err) != "order.road" {
		t.Errorf("by fax: %v", err)
	}
	if _, err := h.send(id, "pnr\n"); err != nil {
		t.Fatal(err)
	}
	if err := send(id, order.RoleSupplier, "upload"); code(err) != "order.population_waiting" {
		t.Errorf("while one waits: %v", err)
	}
	if err := send("FK-2026-99999", order.RoleSupplier, "upload"); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("unknown order: %v", err)
	}
	if got := documents(t, h); len(got) != 1 {
		t.Errorf("kept: %v", got)
	}
}

// documents lists the files of the document store.
func documents(t *testing.T, h *house) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(filepath.Join(h.dir, "documents"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPopulationIsSealed: what comes in clear lies sealed, and what is sealed
// stays as it is; nothing in clear touches the disk.
func TestPopulationIsSealed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	clear := "pnr\n" + strings.Repeat("190001019999\n", 20000)
	id := h.accepted()
	s, err := h.send(id, clear)
	if err != nil {
		t.Fatal(err)
	}
	w := h.next(workorder.Population)
	body, err := h.app.OpenPopulation(t.Context(), w.ID)
	stored := read(t, body, err)
	if canon.Sum([]byte(stored)) != s.Population.SHA256 || w.Population.SHA256 != s.Population.SHA256 {
		t.Error("the hash is of something else")
	}
	plain, err := sealed.Open(strings.NewReader(stored), h.identity)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(plain); err != nil || string(got) != clear {
		t.Errorf("opened: %d bytes, %v", len(got), err)
	}
	other := h.accepted()
	s, err = h.send(other, stored) // sealed by its supplier
	if err != nil || s.Population.SHA256 != canon.Sum([]byte(stored)) {
		t.Errorf("a sealed file is not kept as it is: %v", err)
	}
	err = filepath.WalkDir(h.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte("190001019999")) {
			t.Errorf("%s holds numbers in clear", filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestUploadCutShort leaves nothing behind, and an empty file is refused.
func TestUploadCutShort(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.accepted()
	cut := io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<20)), brokenReader{})
	if _, err := h.app.TakePopulation(t.Context(), actor(order.RoleSupplier), id, "upload", cut); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut short: %v", err)
	}
	if _, err := h.send(id, ""); code(err) != "population.empty_file" {
		t.Errorf("empty: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	leaving := io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<17)), readerFunc(func(p []byte) (int, error) { cancel(); return len(p), nil }))
	if _, err := h.app.TakePopulation(ctx, actor(order.RoleSupplier), id, "upload", leaving); !errors.Is(err, context.Canceled) {
		t.Errorf("left: %v", err)
	}
	if got := documents(t, h); len(got) != 0 || h.state(id).Population != nil {
		t.Errorf("left: %v", got)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestTwoUploadsAtOnce: one is taken whole, the others are refused and cannot
// harm it.
func TestTwoUploadsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.accepted()
	var wg sync.WaitGroup
	results := make([]error, 6)
	ready := make(chan struct{})
	for i := range results {
		wg.Go(func() {
			text := strings.NewReader(fmt.Sprintf("pnr\nfile %d\n", i))
			_, results[i] = h.app.TakePopulation(t.Context(), actor(order.RoleSupplier), id, "upload", io.MultiReader(strings.NewReader(" "), readerFunc(func(p []byte) (int, error) {
				<-ready // until all have been let in
				return text.Read(p)
			})))
		})
	}
	close(ready)
	wg.Wait()
	taken := 0
	for _, err := range results {
		if err == nil {
			taken++
		} else if code(err) != "order.population_waiting" {
			t.Errorf("%v", err)
		}
	}
	w := h.next(workorder.Population)
	body, err := h.app.OpenPopulation(t.Context(), w.ID)
	stored := read(t, body, err)
	if taken != 1 || canon.Sum([]byte(stored)) != h.state(id).Population.SHA256 || len(documents(t, h)) != 1 {
		t.Errorf("%d were taken, %d files lie there", taken, len(documents(t, h)))
	}
}

// TestManyWriters: 25 at once lose nothing: whoever succeeds is in the log.
func TestManyWriters(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ids := []string{h.submit(), h.submit()}
	var wg sync.WaitGroup
	var mu sync.Mutex
	stored := map[string]int{}
	for i := range 25 {
		wg.Go(func() {
			for k := range 4 {
				id := ids[(i+k)%len(ids)]
				_, err := h.app.Do(t.Context(), actor(order.RoleRegistrar), id, order.TakeMedium{Road: "post"})
				if err == nil {
					mu.Lock()
					stored[id]++
					mu.Unlock()
				} else if !errors.Is(err, app.ErrConflict) {
					t.Errorf("%v", err)
				}
			}
		})
	}
	wg.Wait()
	total := 0
	for _, id := range ids {
		s := h.state(id)
		if s.Arrivals != stored[id] || len(s.Early) != stored[id] || s.Version != stored[id]+1 {
			t.Errorf("%s: %d arrivals, %d commands succeeded, version %d", id, s.Arrivals, stored[id], s.Version)
		}
		total += stored[id]
	}
	if total < 90 {
		t.Errorf("only %d of 100 got through", total)
	}
	// A double click on "decide" gives one decision.
	id := h.agreed()
	cmd := h.decision(id)
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { _, errs[i] = h.app.Do(t.Context(), actor(order.RoleDecider), id, cmd) })
	}
	wg.Wait()
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(code(a), code(b)) })
	if n := strings.Count(strings.Join(h.entries(id), " "), "decided"); n != 1 || errs[0] != nil && code(errs[1]) != "order.decided_twice" {
		t.Errorf("%d decisions, %v", n, errs)
	}
}

// TestPromise13SignedByWhoActs: decision, specification and release carry the
// signature of who acts, under exactly what is done.
func TestPromise13SignedByWhoActs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	try := func(id string, by order.Actor, cmd order.Command, want string) {
		t.Helper()
		n := h.state(id).Version
		if _, err := h.app.Do(t.Context(), by, id, cmd); code(err) != want {
			t.Errorf("%s: %v, want %s", cmd.Name(), err, want)
		}
		if h.state(id).Version != n {
			t.Errorf("%s: something was stored", cmd.Name())
		}
	}
	id := h.agreed()
	d := h.decision(id)
	other := d
	other.Note = ""
	try(id, actor(order.RoleDecider), other, "app.signature")
	other.Note = h.sign(order.RoleReleaser, d.Decision)
	try(id, actor(order.RoleDecider), other, "app.signature")
	try(id, order.Actor{ID: "decider.2", Role: order.RoleDecider}, d, "app.signature")
	other = d
	other.Decision.RetentionMonths = 12
	try(id, actor(order.RoleDecider), other, "app.signed_other")
	other = d
	other.Note = h.sign(order.RoleDecider, workorder.ReleaseOrder{Type: workorder.TypeRelease, By: "decider.1"})
	try(id, actor(order.RoleDecider), other, "app.signature")
	if _, err := h.app.Do(t.Context(), actor(order.RoleDecider), id, &d); err == nil || fault.ClassOf(err) != fault.Internal {
		t.Errorf("a pointer slips past the signature: %v", err)
	}

	id = h.checked()
	x := h.spec(id)
	forged := x
	forged.Spec.Extracts = slices.Clone(x.Spec.Extracts)
	forged.Spec.Extracts[0].Shape.Spell = nil
	forged.Spec.Extracts[0].Shape.Simple = "subspell"
	try(id, actor(order.RoleStatistician), forged, "app.signed_other")
	try(id, order.Actor{ID: "statistician.2", Role: order.RoleStatistician}, x, "app.signature")

	id = h.extracted()
	o := workorder.ReleaseOrder{Type: workorder.TypeRelease, By: "releaser.1", Order: id, Manifest: hash("m")}
	try(id, actor(order.RoleReleaser), order.Release{Manifest: hash("other"), Note: h.sign(order.RoleReleaser, o)}, "app.signed_other")
	try(id, actor(order.RoleReleaser), order.Release{Manifest: hash("m"), Note: h.sign(order.RoleStatistician, o)}, "app.signature")
	h.release(id)
}

// TestAnEndedCaseLeavesTheDesk: an enquiry is on the handlers' desk until it is
// closed, and then nothing is left of it there.
func TestAnEndedCaseLeavesTheDesk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.app.Digests = h.db
	ctx := t.Context()
	id, _, err := h.app.Enquire(ctx, actor(order.RoleOrderer), order.Enquire{Topic: "wording", Text: "Räcker det?", Email: "e@x.example"})
	if err != nil {
		t.Fatal(err)
	}
	desk := func() int {
		t.Helper()
		d, err := h.app.Desk(ctx, access.Person{ID: "h", Role: order.RoleHandler}, order.RoleHandler)
		if err != nil {
			t.Fatal(err)
		}
		if stale, err := h.app.Stale(ctx); err != nil || len(stale) > 0 {
			t.Errorf("lists that are not what the log says: %v, %v", stale, err)
		}
		return len(d.Tasks)
	}
	if n := desk(); n != 1 {
		t.Errorf("%d tasks of an open enquiry", n)
	}
	for _, cmd := range []order.Command{order.AnswerQuestion{ID: 1, Text: "Ja."}, order.CloseEnquiry{}} {
		if _, err := h.app.Do(ctx, actor(order.RoleHandler), id, cmd); err != nil {
			t.Fatal(err)
		}
	}
	if n := desk(); n != 0 {
		t.Errorf("%d tasks of a closed one", n)
	}
}
