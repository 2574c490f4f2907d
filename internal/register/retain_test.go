package register_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/register"
)

// threeLoads is a store with the snapshots a, b and c.
func threeLoads(t *testing.T) string {
	t.Helper()
	s := people(3)
	s.rows = []provRow{row(1, 0, "2025-01-01"), row(2, 1, "2025-02-01")}
	from, store := s.write(t), filepath.Join(t.TempDir(), "store")
	for i, id := range []string{"a", "b", "c"} {
		mustLoad(t, from, store, id, loadDay+day.Day(i))
	}
	return store
}

func ids(t *testing.T, store string) string {
	t.Helper()
	list, err := register.List(store)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range list {
		out = append(out, m.ID)
	}
	return strings.Join(out, " ")
}

func needs(pins map[string][]string) register.Pins {
	return func() (map[string][]string, error) { return pins, nil }
}

func code(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Code
	}
	return ""
}

// TestPromise15DropRefusesWhatIsNeeded: a snapshot that an open order pins
// cannot be dropped, and the refusal names the order; nor can one that is kept,
// nor the newest. What is dropped is gone whole, leaves a note, and its name is
// not used again.
func TestPromise15DropRefusesWhatIsNeeded(t *testing.T) {
	t.Parallel()
	store := threeLoads(t)
	pins := map[string][]string{"a": {"FK-2026-00007", "FK-2026-00009"}}
	err := register.Drop(store, "a", loadDay, needs(pins))
	if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Code != "register.pinned" || f.Class != fault.Gate || !strings.Contains(f.EN, "FK-2026-00007, FK-2026-00009") || ids(t, store) != "a b c" {
		t.Fatalf("needed: %v, %s", err, ids(t, store))
	}
	if err := register.Keep(store, "b", "revision 2026", loadDay); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"b": "register.kept", "c": "register.newest", "d": "register.no_snapshot"} {
		if err := register.Drop(store, id, loadDay, needs(nil)); code(err) != want {
			t.Errorf("%s: %v", id, err)
		}
	}
	if err := register.Drop(store, "b", loadDay, func() (map[string][]string, error) { return nil, errors.New("locked") }); err == nil {
		t.Error("dropped though nobody could say what is needed")
	}
	if err := register.Keep(store, "b", " ", loadDay); err == nil {
		t.Error("kept without a reason")
	}
	if err := register.Unkeep(store, "b"); err != nil {
		t.Fatal(err)
	}
	hash := mustOpen(t, store, "b").Hash()
	for range 2 { // a second time changes nothing
		if err := register.Drop(store, "b", loadDay+9, needs(pins)); err != nil {
			t.Fatal(err)
		}
	}
	if ids(t, store) != "a c" {
		t.Errorf("left: %s", ids(t, store))
	}
	gone, err := register.DroppedFrom(store)
	if want := (register.Dropped{ID: "b", SHA256: hash, Load: 2, LoadedAt: loadDay + 1, On: loadDay + 9}); err != nil || gone["b"] != want {
		t.Errorf("%+v, %v", gone, err)
	}
	s := people(3)
	if _, err := load(t, s.write(t), store, "b", loadDay+5); code(err) != "register.id_taken" {
		t.Errorf("the name of a dropped snapshot is used again: %v", err)
	}
	mustLoad(t, s.write(t), store, "d", loadDay+5) // and the line goes on
	if _, err := mustOpen(t, store, "d").Diff(t.Context(), mustOpen(t, store, "a").Manifest(), func(register.Progress) {}); err != nil {
		t.Error(err)
	}
}

// TestDropKilled: wherever a run is killed, the snapshot is there whole or not
// at all, and the next run or load finishes what was begun. An order that comes
// in between gets its snapshot back, unless the files have begun to go.
func TestDropKilled(t *testing.T) {
	t.Parallel()
	for k := range 40 {
		store := threeLoads(t)
		steps, killed := 0, errors.New("killed")
		err := register.DropStepwise(store, "b", loadDay, needs(nil), func(string) error {
			if steps++; steps > k {
				return killed
			}
			return nil
		})
		if err == nil {
			if steps < 5 || ids(t, store) != "a c" {
				t.Fatalf("%d steps, left %s", steps, ids(t, store))
			}
			return
		}
		if !errors.Is(err, killed) {
			t.Fatal(err)
		}
		noted, err := register.DroppedFrom(store)
		if err != nil {
			t.Fatal(err)
		}
		switch got := ids(t, store); {
		case k == 0 && got != "a b c", k > 0 && got != "a c":
			t.Fatalf("killed at step %d: %s", k, got)
		case k == 0:
		case k == 1: // hidden, and nothing else: an order comes in
			if err := register.Drop(store, "b", loadDay, needs(map[string][]string{"b": {"FK-2026-00001"}})); code(err) != "register.pinned" {
				t.Errorf("step %d: %v", k, err)
			}
			if err := mustOpen(t, store, "b").Verify(t.Context(), nil); err != nil {
				t.Error(err)
			}
		case noted["b"].ID == "":
			t.Errorf("files go before there is a note (step %d)", k)
		}
		if k%2 == 0 {
			if err := register.Drop(store, "b", loadDay, needs(nil)); err != nil {
				t.Fatal(err)
			}
		} else {
			mustLoad(t, people(3).write(t), store, "e", loadDay+9)
		}
		if left, _ := filepath.Glob(filepath.Join(store, ".dropping-*")); left != nil || k != 1 && k%2 == 1 && ids(t, store) != "a c e" {
			t.Errorf("step %d leaves %v, %s", k, left, ids(t, store))
		}
	}
	t.Error("dropping never ends")
}

// TestStoreUsers: a vault that has moved is known by its key.
func TestStoreUsers(t *testing.T) {
	t.Parallel()
	store := t.TempDir()
	for _, u := range []register.User{{Name: "aa", Folder: "/old"}, {Name: "bb", Folder: "/other"}, {Name: "aa", Folder: "/new"}} {
		if err := register.NoteUser(store, u); err != nil {
			t.Fatal(err)
		}
	}
	got, err := register.Users(store)
	if want := []register.User{{Name: "aa", Folder: "/new"}, {Name: "bb", Folder: "/other"}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if err := register.NoteUser(store, register.User{Name: "../x"}); err == nil {
		t.Error("a note outside its folder")
	}
	if err := os.WriteFile(filepath.Join(store, ".users", "cc.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := register.Users(store); err == nil {
		t.Error("a note that cannot be read is passed over")
	}
}

// TestReadingTells: whoever reads a whole snapshot tells how far it has come, and ends
// with its context.
func TestReadingTells(t *testing.T) {
	t.Parallel()
	store := filepath.Join(t.TempDir(), "store")
	s := people(3)
	s.rows = []provRow{row(1, 0, "2024-01-01"), row(2, 1, "2024-01-02")}
	mustLoad(t, s.write(t), store, "a", loadDay)
	s.rows = s.rows[:1]
	mustLoad(t, s.write(t), store, "b", loadDay+1)
	a, b := mustOpen(t, store, "a"), mustOpen(t, store, "b")
	for name, read := range map[string]func(ctx context.Context, tell func(register.Progress)) error{
		"verify": b.Verify,
		"diff": func(ctx context.Context, tell func(register.Progress)) error {
			_, err := b.Diff(ctx, a.Manifest(), tell)
			return err
		},
	} {
		var mu sync.Mutex
		var last register.Progress
		calls := 0
		if err := read(t.Context(), func(p register.Progress) {
			mu.Lock()
			defer mu.Unlock()
			calls++
			if p.Done >= last.Done {
				last = p
			}
		}); err != nil || calls == 0 || last.Total == 0 || last.Done > last.Total || name == "verify" && last.Done != last.Total {
			t.Errorf("%s: %d calls, %+v, %v", name, calls, last, err)
		}
		ctx, end := context.WithCancel(t.Context())
		end()
		if err := read(ctx, func(register.Progress) {}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: ended, %v", name, err)
		}
	}
}
