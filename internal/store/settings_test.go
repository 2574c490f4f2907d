//go:build unix

package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"

	"sluss/internal/app"
	"sluss/internal/store/storetest"
)

type setting interface {
	app.Log
	app.Settings
}

// TestSettings runs what an administrator sets on both databases.
func TestSettings(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(testing.TB) storetest.Place{"SQLite": sqlite, "Postgres": postgres} {
		for what, f := range map[string]func(*testing.T, storetest.Place){"Changes": settingChanges, "Together": settingsTogether} {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				f(t, place(t))
			})
		}
	}
}

// settingChanges: changes come back in their order, each kind by itself, to every
// process; none is a case, and each has a commitment in the log.
func settingChanges(t *testing.T, p storetest.Place) {
	s, other, ctx := p.Open(t).(setting), p.Open(t).(setting), t.Context()
	for i, doc := range []string{`{"key":"a","sv":"Å ä \"ö\""}`, `{"key":"b"}`} {
		ok(t, s.Change(ctx, "texts", app.Change{No: i + 1, By: admin, At: noon, Doc: json.RawMessage(doc)}))
	}
	ok(t, s.Change(ctx, "other", app.Change{No: 1, By: admin, At: noon, Doc: json.RawMessage(`{}`)}))
	is(t, "a number that is taken", s.Change(ctx, "texts", app.Change{No: 2, By: admin, At: noon, Doc: json.RawMessage(`{}`)}), app.ErrConflict)
	is(t, "a number that is not next", s.Change(ctx, "texts", app.Change{No: 4, By: admin, At: noon, Doc: json.RawMessage(`{}`)}), app.ErrConflict)
	all, err := other.Changes(ctx, "texts", 0)
	ok(t, err)
	if len(all) != 2 || all[0].No != 1 || string(all[0].Doc) != `{"key":"a","sv":"Å ä \"ö\""}` || all[1].By.ID != admin.ID || all[1].By.Role != admin.Role || !all[1].At.Equal(noon) {
		t.Errorf("%+v", all)
	}
	all, err = other.Changes(ctx, "texts", 1)
	ok(t, err)
	if len(all) != 1 || all[0].No != 2 {
		t.Errorf("after 1: %+v", all)
	}
	_, err = s.Load(ctx, "texts/log")
	is(t, "as a case", err, app.ErrNotFound)
	var n int
	ok(t, p.Raw(t).QueryRowContext(ctx, `SELECT count(*) FROM events e JOIN leaves l ON l.stream = e.stream AND l.version = e.version WHERE e.stream = 'texts/log' AND e.type = 'texts_changed'`).Scan(&n))
	if n != 2 {
		t.Errorf("%d commitments", n)
	}
}

// settingsTogether: of those who take the same number at once, one gets it.
func settingsTogether(t *testing.T, p storetest.Place) {
	var g sync.WaitGroup
	won := make(chan int, 8)
	for i := range 8 {
		s := p.Open(t).(setting)
		g.Go(func() {
			err := s.Change(t.Context(), "texts", app.Change{No: 1, By: admin, At: noon, Doc: json.RawMessage(fmt.Sprintf(`{"key":"%d"}`, i))})
			switch {
			case err == nil:
				won <- i
			case !errors.Is(err, app.ErrConflict):
				t.Error(err)
			}
		})
	}
	g.Wait()
	if len(won) != 1 {
		t.Errorf("%d got the number", len(won))
	}
}
