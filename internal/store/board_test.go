package store_test

import (
	"encoding/json"
	"errors"
	"testing"

	"sluss/internal/app"
	"sluss/internal/store"
)

var _ app.Board = (*store.Store)(nil)

// TestBoard: the last document of a name is the one that is there, in both
// databases, also for another who opens them.
func TestBoard(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func() *store.Store{
		"sqlite":   func() *store.Store { return sqlite(t).Open(t).(*store.Store) },
		"postgres": func() *store.Store { return postgres(t).Open(t).(*store.Store) },
	} {
		s := place()
		if _, err := s.Posted(t.Context(), "coverage"); !errors.Is(err, app.ErrNotFound) {
			t.Errorf("%s: an empty board: %v", name, err)
		}
		for _, doc := range []string{`{"a":1}`, `{"a":2}`} {
			if err := s.Post(t.Context(), "coverage", json.RawMessage(doc)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Post(t.Context(), "other", json.RawMessage(`[]`)); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Posted(t.Context(), "coverage"); err != nil || string(got) != `{"a":2}` {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}
