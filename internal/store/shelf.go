package store

import (
	"container/list"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"

	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/canon"
	"sluss/internal/order"
)

// ShelfBytes is how much a shelf holds, counted as the stored text of entries.
// Decoded it takes two to three times as much.
const ShelfBytes = 16 << 20

// Shelf is the store with the cases that were read lately at hand, already
// decoded, for pages that show many cases at once. Nothing on it is ever old:
// before a case is taken from the shelf the database is asked, by two looks
// into an index, whether an entry has been added or erased since.
//
// What is taken from the shelf is shared and must not be changed; [Shelf.Spoilt]
// tells in tests whether somebody has. Commands are decided on what [Store.Load]
// reads from the database itself. Safe for concurrent use.
type Shelf struct {
	*Store

	mu    sync.Mutex
	cases map[string]*list.Element // of *shelved
	used  *list.List               // latest used first
	bytes int
	asks  *sql.Stmt // made at the first use
}

// shelved is a case on the shelf, and how far it was read.
type shelved struct {
	id      string
	reached reached
	entries []order.Entry
	bytes   int
}

// reached is how many entries, and how many erasures in them, a case has.
type reached struct{ version, erased int }

// NewShelf returns an empty shelf of the store.
func NewShelf(s *Store) *Shelf {
	return &Shelf{Store: s, cases: map[string]*list.Element{}, used: list.New()}
}

const reachedNow = `SELECT coalesce((SELECT max(version) FROM events WHERE stream = $1), 0), coalesce((SELECT max(version) FROM events WHERE stream = $2), 0)`

// now asks the database how far a case has come.
func (s *Shelf) now(ctx context.Context, id string) (r reached, err error) {
	s.mu.Lock()
	if s.asks == nil {
		s.asks, err = s.db.PrepareContext(ctx, reachedNow)
	}
	asks := s.asks
	s.mu.Unlock()
	if err == nil {
		err = asks.QueryRowContext(ctx, id, audit.ErasedPrefix+id).Scan(&r.version, &r.erased)
	}
	if err != nil {
		return r, fmt.Errorf("load %s: %w", id, err)
	}
	return r, nil
}

// Load is [Store.Load]. The entries are shared: the caller may append to the
// list and must not change what stands in it.
func (s *Shelf) Load(ctx context.Context, id string) ([]order.Entry, error) {
	r, err := s.now(ctx, id)
	if err != nil {
		return nil, err
	}
	if entries := s.take(id, r); entries != nil {
		return entries, nil
	}
	entries, bytes, err := s.load(ctx, id)
	if err != nil {
		return nil, err
	}
	// What was erased between question and reading would show as another number
	// of erasures at the next question; what was added, as another version.
	if len(entries) == r.version {
		s.put(&shelved{id, r, entries, bytes})
	}
	return slices.Clone(entries), nil
}

// take returns a case that stands on the shelf as far as it has come by now,
// nil when it does not.
func (s *Shelf) take(id string, r reached) []order.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.cases[id]
	if at == nil || at.Value.(*shelved).reached != r {
		return nil
	}
	s.used.MoveToFront(at)
	return slices.Clone(at.Value.(*shelved).entries)
}

// put puts a case on the shelf, and takes away what was used longest ago when
// there is no room.
func (s *Shelf) put(c *shelved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := s.cases[c.id]; at != nil {
		s.drop(at)
	}
	s.cases[c.id], s.bytes = s.used.PushFront(c), s.bytes+c.bytes
	for s.bytes > ShelfBytes {
		s.drop(s.used.Back())
	}
}

func (s *Shelf) drop(at *list.Element) {
	c := s.used.Remove(at).(*shelved)
	delete(s.cases, c.id)
	s.bytes -= c.bytes
}

// Spoilt returns the cases on the shelf that are not what the database holds
// though as many entries and erasures are there: somebody has changed what was
// taken from the shelf. For tests.
func (s *Shelf) Spoilt(ctx context.Context) ([]string, error) {
	s.mu.Lock()
	var all []*shelved
	for at := s.used.Front(); at != nil; at = at.Next() {
		all = append(all, at.Value.(*shelved))
	}
	s.mu.Unlock()
	var out []string
	for _, c := range all {
		r, err := s.now(ctx, c.id)
		if err != nil {
			return nil, err
		}
		if r != c.reached {
			continue
		}
		is, err := s.Store.Load(ctx, c.id)
		if errors.Is(err, app.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for i, e := range is {
			a, err := record(c.id, e)
			b, err2 := record(c.id, c.entries[i])
			if err := errors.Join(err, err2); err != nil {
				return nil, err
			}
			x, err := canon.Of(a)
			y, err2 := canon.Of(b)
			if err := errors.Join(err, err2); err != nil {
				return nil, err
			}
			if x != y {
				out = append(out, fmt.Sprintf("%s version %d", c.id, e.Version))
			}
		}
	}
	return out, nil
}

// Len is how many cases stand on the shelf.
func (s *Shelf) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.cases)
}
