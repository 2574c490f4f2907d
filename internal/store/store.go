// Package store keeps orders in a database: their entries, their summaries and
// the jobs that follow from them, in SQLite (the embedded default) or PostgreSQL.
// Both behave the same: storetest is one suite for both, and dialect is all
// that differs.
//
// Entries are only ever added. One row per entry with a unique (stream,
// version) gives optimistic locking: two writers cannot both add version 7.
// Entries, summary and jobs of a command are written in one transaction, so
// work can neither be lost nor start early.
//
// Times are stored as milliseconds since 1970 UTC, JSON as text.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/canon"
	"sluss/internal/order"
	"sluss/internal/workorder"
)

// MaxAttempts is how often a job is tried before it is dead.
const MaxAttempts = 12

// schemaVersion is the format of stored events.
const schemaVersion = 1

// Store implements app.Log and app.Queue. Safe for concurrent use.
type Store struct {
	db *sql.DB
	d  dialect
	// writing is held while a transaction writes, where the database lets one
	// write at a time: waiting here is first come, first served, while waiting
	// for the file's lock is asking again now and then.
	writing sync.Mutex
	// background ends what runs beside; nil when nothing does.
	background func()
}

// dialect is all that differs between databases.
type dialect struct {
	isUnique func(error) bool // reports a broken unique constraint
	// forUpdate ends the sub-select of a lease, so that two workers never take
	// the same job.
	forUpdate string
	oneWriter bool               // the database lets one transaction write at a time
	identity  string             // column type of numbers that the database draws
	snapshot  sql.IsolationLevel // of a reader that wants one view
	unhurried string             // lifts the time limit of statements for such a reader
	// lockCase lets one transaction at a time do what needs all of a stream: tell
	// subscribers of a case, log reads; "" where only one writes anyway.
	lockCase string
	// lockSchema begins a migration, so that two programs that start at once do
	// not both run it; "" where beginning a transaction does that.
	lockSchema string
	// What a copy of the whole database needs: an INSERT that keeps numbers that
	// the database drew, and the number that it drew last.
	ownNumbers string
	lastDrawn  func(ctx context.Context, tx *sql.Tx, table string) (int64, error)
	setDrawn   func(ctx context.Context, tx *sql.Tx, table string, last int64) error
}

// Close closes the database.
func (s *Store) Close() error {
	if s.background != nil {
		s.background()
	}
	return s.db.Close()
}

// Load returns the entries of an order, oldest first. What the log holds
// besides orders (erasures/…) is none.
func (s *Store) Load(ctx context.Context, id string) ([]order.Entry, error) {
	entries, _, err := s.load(ctx, id)
	return entries, err
}

// load also tells how long the text of the entries is that was read, in bytes.
func (s *Store) load(ctx context.Context, id string) (out []order.Entry, bytes int, err error) {
	if strings.Contains(id, "/") {
		return nil, 0, app.ErrNotFound
	}
	rows, err := s.db.QueryContext(ctx, `SELECT version, at, actor, role, assurance, type, data FROM events WHERE stream = $1 ORDER BY version`, id)
	if err != nil {
		return nil, 0, fmt.Errorf("load %s: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		var e order.Entry
		var at int64
		var typ, data string
		if err := rows.Scan(&e.Version, &at, &e.By.ID, &e.By.Role, &e.By.Assurance, &typ, &data); err != nil {
			return nil, 0, fmt.Errorf("load %s: %w", id, err)
		}
		e.At = time.UnixMilli(at).UTC()
		if e.Event, err = order.Decode(typ, []byte(data)); err != nil {
			return nil, 0, fmt.Errorf("load %s version %d: %w", id, e.Version, err)
		}
		out, bytes = append(out, e), bytes+len(data)
	}
	if err := rows.Err(); err != nil {
		return nil, 0, fmt.Errorf("load %s: %w", id, err)
	}
	if len(out) == 0 {
		return nil, 0, app.ErrNotFound
	}
	return out, bytes, nil
}

// record is an entry as it is stored and committed to.
func record(id string, e order.Entry) (audit.Record, error) {
	typ, data, err := order.Encode(e.Event)
	if err == nil {
		data, err = canon.Normalise(data)
	}
	return audit.Record{
		Stream: id, Version: e.Version, At: e.At.UnixMilli(), Actor: e.By.ID, Role: string(e.By.Role), Assurance: e.By.Assurance, Type: typ, Schema: schemaVersion, Data: data,
	}, err
}

// Append adds entries, the commitments to them, summary and jobs, all or
// nothing.
func (s *Store) Append(ctx context.Context, id string, entries []order.Entry, sum app.Summary, jobs []app.Job) error {
	return s.inTx(ctx, func(tx *sql.Tx) error { return s.append(ctx, tx, id, entries, sum, jobs) })
}

// append is everything that a command leaves behind.
func (s *Store) append(ctx context.Context, tx *sql.Tx, id string, entries []order.Entry, sum app.Summary, jobs []app.Job) error {
	if len(entries) > 0 {
		if err := follows(ctx, tx, id, entries[0].Version); err != nil {
			return err
		}
	}
	for _, e := range entries {
		r, err := record(id, e)
		if err != nil {
			return err
		}
		if err := s.insertEntry(ctx, tx, r); err != nil {
			return err
		}
		if err := tie(ctx, tx, id, e); err != nil {
			return err
		}
		if err := file(ctx, tx, id, e); err != nil {
			return err
		}
	}
	if err := putSummary(ctx, tx, id, sum); err != nil {
		return err
	}
	if sum.HasDigest {
		if err := putDigest(ctx, tx, id, sum.Digest); err != nil {
			return err
		}
	}
	for _, j := range jobs {
		if _, err := tx.ExecContext(ctx, `INSERT INTO jobs(id, stream, kind, state, attempts, run_at, lease_until, worker, fault) VALUES ($1, $2, $3, 'queued', 0, $4, 0, '', '')`,
			j.ID, j.Order, string(j.Kind), sum.Changed.UnixMilli()); err != nil {
			return fmt.Errorf("enqueue %s: %w", j.ID, err)
		}
	}
	return post(ctx, tx, id)
}

// text is s as both databases can keep it: PostgreSQL takes no zero byte and
// nothing but UTF-8.
func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}

// NextNumber draws the next serial number of the year.
func (s *Store) NextNumber(ctx context.Context, year int) (n int, err error) {
	err = s.db.QueryRowContext(ctx, `INSERT INTO numbers(year, last) VALUES ($1, 1) ON CONFLICT (year) DO UPDATE SET last = numbers.last + 1 RETURNING last`, year).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("next number: %w", err)
	}
	return n, nil
}

// Lease gives the oldest job that is due: queued, or leased by somebody whose
// lease has run out. Work whose every worker went silent, [MaxAttempts] times,
// is dead.
func (s *Store) Lease(ctx context.Context, worker string, now time.Time, lease time.Duration) (app.Job, error) {
	for {
		row := s.db.QueryRowContext(ctx, `UPDATE jobs SET
			state = CASE WHEN attempts >= $1 THEN 'dead' ELSE 'leased' END, fault = CASE WHEN attempts >= $2 THEN 'queue.lease_lost' ELSE fault END,
			worker = $3, lease_until = $4, attempts = attempts + 1
			WHERE id = (SELECT id FROM jobs WHERE state IN ('queued', 'leased') AND run_at <= $5 AND lease_until <= $6 ORDER BY run_at, id LIMIT 1`+s.d.forUpdate+`)
			RETURNING `+jobColumns,
			MaxAttempts, MaxAttempts, worker, now.Add(lease).UnixMilli(), now.UnixMilli(), now.UnixMilli())
		j, err := scanJob(row)
		if err != nil || j.State != "dead" {
			return j, err
		}
	}
}

// Abandon ends the leases of a worker; the attempts stay counted.
func (s *Store) Abandon(ctx context.Context, worker string) error {
	_, err := s.db.ExecContext(ctx, `UPDATE jobs SET lease_until = 0 WHERE state = 'leased' AND worker = $1 AND lease_until > 0`, worker)
	return err
}

// Job returns a job by id.
func (s *Store) Job(ctx context.Context, id string) (app.Job, error) {
	return scanJob(s.db.QueryRowContext(ctx, `SELECT `+jobColumns+` FROM jobs WHERE id = $1`, id))
}

const jobColumns = `id, stream, kind, state, attempts, fault`

func scanJob(row interface{ Scan(...any) error }) (app.Job, error) {
	var j app.Job
	var kind string
	err := row.Scan(&j.ID, &j.Order, &kind, &j.State, &j.Attempts, &j.Fault)
	if errors.Is(err, sql.ErrNoRows) {
		return j, app.ErrNotFound
	}
	j.Kind = workorder.Kind(kind)
	return j, err
}

// Finish marks a job done.
func (s *Store) Finish(ctx context.Context, id string) error {
	_, err := s.db.ExecContext(ctx, `UPDATE jobs SET state = 'done', lease_until = 0 WHERE id = $1`, id)
	return err
}

// Retry puts a job back until a time, or lets it die after [MaxAttempts].
func (s *Store) Retry(ctx context.Context, id string, at time.Time, code string) error {
	_, err := s.db.ExecContext(ctx, `UPDATE jobs SET state = CASE WHEN attempts >= $1 THEN 'dead' ELSE 'queued' END, run_at = $2, lease_until = 0, fault = $3 WHERE id = $4 AND state IN ('queued', 'leased')`,
		MaxAttempts, at.UnixMilli(), code, id)
	return err
}

// Postpone puts a leased job back until a time; the attempt does not count.
func (s *Store) Postpone(ctx context.Context, id string, at time.Time) error {
	_, err := s.db.ExecContext(ctx, `UPDATE jobs SET state = 'queued', attempts = attempts - 1, run_at = $1, lease_until = 0 WHERE id = $2 AND state = 'leased'`, at.UnixMilli(), id)
	return err
}

// Extend lengthens the lease of a leased job.
func (s *Store) Extend(ctx context.Context, id string, until time.Time) error {
	res, err := s.db.ExecContext(ctx, `UPDATE jobs SET lease_until = $1 WHERE id = $2 AND state = 'leased'`, until.UnixMilli(), id)
	if err != nil {
		return fmt.Errorf("extend lease of %s: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, app.ErrNotFound)
	}
	return nil
}

// Bury marks a job dead.
func (s *Store) Bury(ctx context.Context, id, code string) error {
	_, err := s.db.ExecContext(ctx, `UPDATE jobs SET state = 'dead', lease_until = 0, fault = $1 WHERE id = $2 AND state <> 'done'`, code, id)
	return err
}

// Dead lists jobs that need an operator.
func (s *Store) Dead(ctx context.Context) ([]app.Job, error) {
	return s.jobs(ctx, `state = 'dead'`)
}

// Failing lists jobs that wait to be tried again after a fault.
func (s *Store) Failing(ctx context.Context) ([]app.Job, error) {
	return s.jobs(ctx, `state = 'queued' AND fault <> ''`)
}

func (s *Store) jobs(ctx context.Context, where string) ([]app.Job, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+jobColumns+` FROM jobs WHERE `+where+` ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	defer rows.Close()
	var out []app.Job
	for rows.Next() {
		j, err := scanJob(rows)
		if err != nil {
			return nil, fmt.Errorf("list jobs: %w", err)
		}
		out = append(out, j)
	}
	return out, rows.Err()
}

// Waiting counts jobs that are queued or leased.
func (s *Store) Waiting(ctx context.Context) (n int, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT count(*) FROM jobs WHERE state IN ('queued', 'leased')`).Scan(&n)
	return n, err
}

// inTx runs f in one transaction that writes.
func (s *Store) inTx(ctx context.Context, f func(*sql.Tx) error) error {
	if s.d.oneWriter {
		s.writing.Lock()
		defer s.writing.Unlock()
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() // does nothing once committed
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}
