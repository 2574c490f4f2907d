package store_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/store"
)

// TestShelf: what stands on the shelf is never older than the database: an
// entry more or an erasure shows at once, and the list is the reader's own.
func TestShelf(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, err := store.OpenSQLite(ctx, filepath.Join(t.TempDir(), "sluss.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	shelf := store.NewShelf(db)
	by, now := order.Actor{ID: "h", Role: order.RoleHandler}, time.UnixMilli(1_800_000_000_000).UTC()
	add := func(version int, text string) {
		t.Helper()
		e := order.Entry{Version: version, At: now, By: by, Event: &order.NoteWritten{Text: text}}
		if err := db.Append(ctx, "FK-2026-00001", []order.Entry{e}, app.Summary{ID: "FK-2026-00001", Changed: now}, nil); err != nil {
			t.Fatal(err)
		}
	}
	reads := func(want ...string) []order.Entry {
		t.Helper()
		entries, err := shelf.Load(ctx, "FK-2026-00001")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range entries {
			got = append(got, e.Event.(*order.NoteWritten).Text)
		}
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if string(a) != string(b) {
			t.Fatalf("the shelf has %s, want %s", a, b)
		}
		return entries
	}
	if _, err := shelf.Load(ctx, "FK-2026-00001"); !app.IsNotFound(err) {
		t.Fatalf("a case that is not there: %v", err)
	}
	add(1, "first")
	for range 2 { // from the database, and from the shelf
		mine := reads("first")
		mine[0] = order.Entry{Version: 9, Event: &order.NoteWritten{Text: "mine"}}
	}
	reads("first")
	add(2, "second")
	reads("first", "second")
	if err := db.Erase(ctx, "FK-2026-00001", 1, &order.NoteWritten{Text: "gone"}, by, now, "ground"); err != nil {
		t.Fatal(err)
	}
	got := reads("gone", "second")
	if spoilt, err := shelf.Spoilt(ctx); err != nil || len(spoilt) > 0 {
		t.Fatalf("nobody has changed anything: %v %v", spoilt, err)
	}
	got[1].Event.(*order.NoteWritten).Text = "changed"
	if spoilt, err := shelf.Spoilt(ctx); err != nil || len(spoilt) != 1 {
		t.Fatalf("somebody has changed an entry: %v %v", spoilt, err)
	}
}

// TestShelfHasRoom: a shelf that is full gives way for what is read.
func TestShelfHasRoom(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, err := store.OpenSQLite(ctx, filepath.Join(t.TempDir(), "sluss.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	shelf := store.NewShelf(db)
	long := make([]byte, store.ShelfBytes/3)
	for i := range long {
		long[i] = 'x'
	}
	ids := []string{"FK-2026-00001", "FK-2026-00002", "FK-2026-00003", "FK-2026-00004"}
	for _, id := range ids {
		e := order.Entry{Version: 1, At: time.UnixMilli(1).UTC(), By: order.Actor{ID: "h", Role: order.RoleHandler}, Event: &order.NoteWritten{Text: string(long)}}
		if err := db.Append(ctx, id, []order.Entry{e}, app.Summary{ID: id, Changed: e.At}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := shelf.Load(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	if n := shelf.Len(); n != 2 {
		t.Errorf("%d cases on the shelf, want the 2 that there is room for", n)
	}
}
