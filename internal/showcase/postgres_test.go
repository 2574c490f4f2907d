//go:build unix

package showcase_test

import (
	"os"
	"testing"

	"sluss/internal/day"
	"sluss/internal/store"
	"sluss/internal/store/pgtest"
)

// TestPostgres fills a counter whose database is PostgreSQL, and on another day:
// what is late today is late then, too, with half of the days before it holidays.
func TestPostgres(t *testing.T) {
	t.Parallel()
	db, err := store.OpenPostgres(t.Context(), pgtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	now := day.MustParse("2026-01-01")
	c := counterOn(t, db, t.TempDir(), now)
	c.isTrue(t, c.fill(t, now), now)
	lawful(t, c)
}

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
