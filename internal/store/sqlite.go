package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"sluss/internal/app"
)

// sqlite takes its write lock when a transaction begins (_txlock), so that two
// writers wait for each other instead of failing, and needs no locks of rows.
var sqliteDialect = dialect{
	isUnique:  sqliteUnique,
	oneWriter: true,
	identity:  "INTEGER PRIMARY KEY AUTOINCREMENT",
	lastDrawn: sqliteLastDrawn,
	setDrawn:  sqliteSetDrawn,
}

// writersWait is how long writers wait for each other.
const writersWait = 10 * time.Second

// OpenSQLite opens, or makes, the database file and brings it up to date.
// Writers wait for each other for at most ten seconds; every commit is on disk
// when it returns.
func OpenSQLite(ctx context.Context, file string) (*Store, error) {
	db, err := connectSQLite(file)
	if err != nil {
		return nil, err
	}
	if err := joined(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), db.Close())
	}
	s, err := opened(ctx, db, sqliteDialect)
	if err == nil {
		s.background = tidy(db)
	}
	return s, err
}

// joined makes a first connection. While several programs make a new file at
// once, each of them turns it to write-ahead logging, and SQLite lets all but one
// fail at once instead of having them wait: whoever fails tries again, as long
// as writers wait for each other. A file that is turned already is left alone.
func joined(ctx context.Context, db *sql.DB) error {
	ctx, cancel := context.WithTimeout(ctx, writersWait)
	defer cancel()
	for {
		err := db.PingContext(ctx)
		if e, ok := errors.AsType[*sqlite.Error](err); !ok || e.Code()&0xff != sqlite3.SQLITE_BUSY {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func connectSQLite(file string) (*sql.DB, error) {
	q := url.Values{}
	q.Set("_txlock", "immediate")
	for _, p := range []string{fmt.Sprintf("busy_timeout(%d)", writersWait.Milliseconds()), "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "wal_autocheckpoint(16384)"} {
		q.Add("_pragma", p)
	}
	db, err := sql.Open("sqlite", sqliteName(file, q))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return db, nil
}

// sqliteLastDrawn and sqliteSetDrawn read and set the number that was drawn
// last for a table: numbers of rows that are gone are not drawn again.
func sqliteLastDrawn(ctx context.Context, tx *sql.Tx, table string) (last int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT seq FROM sqlite_sequence WHERE name = $1`, table).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return last, err
}

func sqliteSetDrawn(ctx context.Context, tx *sql.Tx, table string, last int64) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM sqlite_sequence WHERE name = $1`, table); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO sqlite_sequence(name, seq) VALUES ($1, $2)`, table, last)
	return err
}

// tidy moves what has been committed from SQLite's log into its file, once a
// second beside the work, so that no command has to wait while it is done. Only
// when the log has grown to 64 MB all the same does a commit do it itself. What
// is returned ends it.
func tidy(db *sql.DB) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		t := time.NewTicker(time.Second)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				// When it cannot be done now it is done in a second.
				_, _ = db.ExecContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`)
			}
		}
	})
	return func() { cancel(); done.Wait() }
}

// ReadSQLite opens an existing database file to look at it only: nothing is
// made, brought up to date or written.
func ReadSQLite(ctx context.Context, file string) (*Store, error) {
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
		return nil, app.ErrNotFound
	}
	q := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(10000)", "query_only(ON)"}}
	db, err := sql.Open("sqlite", sqliteName(file, q))
	if err == nil {
		err = db.PingContext(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return &Store{db: db, d: sqliteDialect}, nil
}

func sqliteName(file string, q url.Values) string {
	return "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + q.Encode()
}

func sqliteUnique(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY || e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE)
}
