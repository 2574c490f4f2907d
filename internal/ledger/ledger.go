// Package ledger is the vault's own small database: which populations it has
// accepted, which parcels lie ready, which löpnummer domains exist, and the
// protocols of what was purged. It holds no identity number and no key.
//
// It is a SQLite file beside the vault and implements works.Records.
package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"sluss/internal/pseudonym"
	"sluss/internal/works"
)

// Ledger implements works.Records. Safe for concurrent use.
type Ledger struct{ db *sql.DB }

const schema = `
CREATE TABLE IF NOT EXISTS records (owner TEXT NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (owner, kind));
CREATE TABLE IF NOT EXISTS domains (id TEXT PRIMARY KEY, project TEXT NOT NULL, owner TEXT NOT NULL, kept INTEGER NOT NULL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS domains_project ON domains(project);`

// Kinds of records.
const (
	kindIntake   = "intake"
	kindParcel   = "parcel"
	kindProtocol = "protocol"
)

// Open opens or makes the ledger file.
func Open(ctx context.Context, file string) (*Ledger, error) {
	q := url.Values{}
	q.Set("_txlock", "immediate")
	for _, p := range []string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(ON)"} {
		q.Add("_pragma", p)
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger: %w", err), db.Close())
	}
	return &Ledger{db}, nil
}

// Close closes the file.
func (l *Ledger) Close() error { return l.db.Close() }

func (l *Ledger) get(ctx context.Context, owner, kind string, v any) error {
	var data string
	err := l.db.QueryRowContext(ctx, `SELECT data FROM records WHERE owner = $1 AND kind = $2`, owner, kind).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return works.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return json.Unmarshal([]byte(data), v)
}

func put(ctx context.Context, db interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}, owner, kind string, v any,
) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, `INSERT INTO records(owner, kind, data) VALUES ($1, $2, $3) ON CONFLICT (owner, kind) DO UPDATE SET data = excluded.data`, owner, kind, string(data)); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// Intake returns the accepted population of an order.
func (l *Ledger) Intake(ctx context.Context, order string) (i works.Intake, err error) {
	return i, l.get(ctx, order, kindIntake, &i)
}

// SaveIntake stores it.
func (l *Ledger) SaveIntake(ctx context.Context, order string, i works.Intake) error {
	return put(ctx, l.db, order, kindIntake, i)
}

// Parcel returns the parcel of an order.
func (l *Ledger) Parcel(ctx context.Context, order string) (p works.Parcel, err error) {
	return p, l.get(ctx, order, kindParcel, &p)
}

// SaveParcel stores it.
func (l *Ledger) SaveParcel(ctx context.Context, order string, p works.Parcel) error {
	return put(ctx, l.db, order, kindParcel, p)
}

// Protocol returns the purge protocol of an order.
func (l *Ledger) Protocol(ctx context.Context, order string) (p works.Protocol, err error) {
	return p, l.get(ctx, order, kindProtocol, &p)
}

// Domains returns the löpnummer domains of a project, oldest first.
func (l *Ledger) Domains(ctx context.Context, project string) ([]pseudonym.Domain, error) {
	return l.domains(ctx, `SELECT data FROM domains WHERE project = $1 ORDER BY id`, project)
}

// Kept returns every domain whose key outlives its order and is not destroyed.
func (l *Ledger) Kept(ctx context.Context) ([]pseudonym.Domain, error) {
	all, err := l.domains(ctx, `SELECT data FROM domains WHERE kept = 1 ORDER BY id`)
	return slices.DeleteFunc(all, func(d pseudonym.Domain) bool { return d.State == pseudonym.Shredded }), err
}

func (l *Ledger) domains(ctx context.Context, query string, args ...any) ([]pseudonym.Domain, error) {
	rows, err := l.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	defer rows.Close()
	var out []pseudonym.Domain
	for rows.Next() {
		var data string
		var d pseudonym.Domain
		if err := rows.Scan(&data); err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		if err := json.Unmarshal([]byte(data), &d); err != nil {
			return nil, fmt.Errorf("ledger: domain: %w", err)
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// SaveDomain stores a domain that an order made or used.
func (l *Ledger) SaveDomain(ctx context.Context, order string, d pseudonym.Domain) error {
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	kept := 0
	if d.Policy.Keep == pseudonym.KeepUntil {
		kept = 1
	}
	_, err = l.db.ExecContext(ctx, `INSERT INTO domains(id, project, owner, kept, data) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET data = excluded.data`,
		d.ID, d.Project, order, kept, string(data))
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// Purge removes everything about the order but its protocol, and the domains
// whose key died with it.
func (l *Ledger) Purge(ctx context.Context, order string, p works.Protocol) error {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	defer tx.Rollback() // does nothing once committed
	if err := put(ctx, tx, order, kindProtocol, p); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM records WHERE owner = $1 AND kind <> 'protocol'`, order); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM domains WHERE owner = $1 AND kept = 0`, order); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return tx.Commit()
}
