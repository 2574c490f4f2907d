//go:build unix

package store_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"sluss/internal/store"
	"sluss/internal/store/pgtest"
	"sluss/internal/store/storetest"
)

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, sqlite)
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	storetest.Run(t, postgres)
}

func sqlite(t testing.TB) storetest.Place {
	file := filepath.Join(t.TempDir(), "sluss.db")
	return storetest.Place{
		Open: func(t testing.TB) storetest.Store { return opened(t)(store.OpenSQLite(t.Context(), file)) },
		Raw: func(t testing.TB) *sql.DB {
			return raw(t, "sqlite", "file:"+file+"?_txlock=immediate&_pragma=busy_timeout(10000)")
		},
	}
}

func postgres(t testing.TB) storetest.Place {
	dsn := pgtest.Database(t)
	return storetest.Place{
		Open: func(t testing.TB) storetest.Store { return opened(t)(store.OpenPostgres(t.Context(), dsn)) },
		Raw:  func(t testing.TB) *sql.DB { return raw(t, "pgx", dsn) },
	}
}

func opened(t testing.TB) func(*store.Store, error) storetest.Store {
	return func(s *store.Store, err error) storetest.Store {
		if err != nil {
			t.Error(err)
			t.FailNow()
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	}
}

func raw(t testing.TB, driver, dsn string) *sql.DB {
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
