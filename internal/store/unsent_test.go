//go:build unix

package store_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/store"
	"sluss/internal/store/storetest"
)

var _ app.UnsentTexts = (*store.Store)(nil)

// TestUnsent keeps what has not been sent in both databases.
func TestUnsent(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(testing.TB) storetest.Place{"SQLite": sqlite, "Postgres": postgres} {
		t.Run(name, func(t *testing.T) { t.Parallel(); unsent(t, place(t)) })
	}
}

func unsent(t *testing.T, p storetest.Place) {
	db, ctx := p.Open(t).(app.UnsentTexts), t.Context()
	at := func(minute int) time.Time { return time.Date(2026, 11, 4, 9, minute, 0, 0, time.UTC) }
	_, _, err := db.UnsentText(ctx, "a")
	is(t, "nothing kept", err, app.ErrNotFound)
	ok(t, db.KeepUnsent(ctx, "w", "a", "first", at(1), 3))
	ok(t, db.KeepUnsent(ctx, "w", "a", "second", at(2), 3))
	ok(t, db.KeepUnsent(ctx, "v", "z", "another's", at(0), 3))
	text, when, err := db.UnsentText(ctx, "a")
	ok(t, err)
	if text != "second" || !when.Equal(at(2)) {
		t.Errorf("kept %q at %v", text, when)
	}
	for i := range 4 { // a is the oldest of five: two give way
		ok(t, db.KeepUnsent(ctx, "w", "b"+strconv.Itoa(i), "x", at(3+i), 3))
	}
	names := func(writer string) []string {
		all, err := db.UnsentOf(ctx, writer)
		ok(t, err)
		slices.Sort(all)
		return all
	}
	if got := names("w"); !slices.Equal(got, []string{"b1", "b2", "b3"}) {
		t.Errorf("the writer has %v", got)
	}
	if got := names("v"); !slices.Equal(got, []string{"z"}) {
		t.Errorf("another has %v", got)
	}
	ok(t, db.DropUnsent(ctx, "b2"))
	ok(t, db.DropUnsent(ctx, "b2"))
	n, err := db.PurgeUnsent(ctx, at(4))
	ok(t, err)
	if got := names("w"); n != 1 || len(names("v")) != 0 || !slices.Equal(got, []string{"b1", "b3"}) { // b1 was written at that minute, not before it
		t.Errorf("purged %d, left %v and %v", n, got, names("v"))
	}
}
