// Package ledger is the vault's own small database: which decisions it has
// heard of, which populations it has accepted, which parcels lie ready, what has
// been handed over, which löpnummer domains exist, and the protocols of what was
// purged. It holds no identity number and no key.
//
// It is a SQLite file beside the vault and implements works.Records. [Open]
// brings the file of an earlier program up to date (migrate.go) and refuses the
// file of a later one. What a method has returned from without error has
// reached the disk; each method changes all that it should, or nothing.
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
	"sluss/internal/workorder"
	"sluss/internal/works"
)

// Ledger implements works.Records. Safe for concurrent use.
type Ledger struct{ db *sql.DB }

// Kinds of records.
const (
	kindIntake   = "intake"
	kindParcel   = "parcel"
	kindDelivery = "delivery"
	kindRuling   = "ruling"
	kindProtocol = "protocol"
	kindPrints   = "prints"
	kindPin      = "pin"
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
	if err := migrate(ctx, db); err != nil {
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

// Delivery returns what has been handed over of an order.
func (l *Ledger) Delivery(ctx context.Context, order string) (d works.Delivery, err error) {
	return d, l.get(ctx, order, kindDelivery, &d)
}

// SaveDelivery stores it together with the parcel that was handed over.
func (l *Ledger) SaveDelivery(ctx context.Context, order string, d works.Delivery, p works.Parcel) error {
	return l.inTx(ctx, func(tx *sql.Tx) error {
		return errors.Join(put(ctx, tx, order, kindDelivery, d), put(ctx, tx, order, kindParcel, p))
	})
}

// Ruling returns the latest decision that the vault has heard of.
func (l *Ledger) Ruling(ctx context.Context, order string) (r workorder.Ruling, err error) {
	return r, l.get(ctx, order, kindRuling, &r)
}

// SaveRuling stores it.
func (l *Ledger) SaveRuling(ctx context.Context, order string, r workorder.Ruling) error {
	return put(ctx, l.db, order, kindRuling, r)
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

// Prints returns what is remembered of the orders of a project, by order.
func (l *Ledger) Prints(ctx context.Context, project string) ([]works.Prints, error) {
	rows, err := l.db.QueryContext(ctx, `SELECT data, EXISTS (SELECT 1 FROM records d WHERE d.owner = p.owner AND d.kind = $1)
		FROM records p WHERE kind = $2 AND json_extract(data, '$.project') = $3 ORDER BY owner`, kindDelivery, kindPrints, project)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	defer rows.Close()
	var out []works.Prints
	for rows.Next() {
		var data string
		var p works.Prints
		if err := rows.Scan(&data, &p.Delivered); err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		if err := json.Unmarshal([]byte(data), &p); err != nil {
			return nil, fmt.Errorf("ledger: prints: %w", err)
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// SavePrints stores what is remembered of an order.
func (l *Ledger) SavePrints(ctx context.Context, p works.Prints) error {
	return put(ctx, l.db, p.Order, kindPrints, p)
}

// pin is the snapshot that an order is extracted from.
type pin struct {
	Snapshot string `json:"snapshot"`
}

// SavePin notes that an order is extracted from a snapshot.
func (l *Ledger) SavePin(ctx context.Context, order, snapshot string) error {
	return put(ctx, l.db, order, kindPin, pin{snapshot})
}

// Pins returns the orders that need a snapshot, by snapshot: those that it is
// being extracted for, that have a parcel from it, and that got a delivery from
// it which has not been purged.
func (l *Ledger) Pins(ctx context.Context) (map[string][]string, error) {
	rows, err := l.db.QueryContext(ctx, `SELECT DISTINCT owner, coalesce(json_extract(data, '$.snapshot'), '') FROM records WHERE kind = $1
		UNION SELECT owner, coalesce(json_extract(data, '$.From.AsOf.snapshot'), '') FROM records WHERE kind IN ($2, $3) ORDER BY 1, 2`, kindPin, kindParcel, kindDelivery)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	defer rows.Close()
	out := map[string][]string{}
	for rows.Next() {
		var order, snapshot string
		if err := rows.Scan(&order, &snapshot); err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		if snapshot != "" {
			out[snapshot] = append(out[snapshot], order)
		}
	}
	return out, rows.Err()
}

// Purge removes everything about the order but its protocol, and the domains
// whose key died with it.
func (l *Ledger) Purge(ctx context.Context, order string, p works.Protocol) error {
	return l.inTx(ctx, func(tx *sql.Tx) error {
		if err := put(ctx, tx, order, kindProtocol, p); err != nil {
			return err
		}
		for _, stmt := range []string{`DELETE FROM records WHERE owner = $1 AND kind <> '` + kindProtocol + `'`, `DELETE FROM domains WHERE owner = $1 AND kept = 0`} {
			if _, err := tx.ExecContext(ctx, stmt, order); err != nil {
				return fmt.Errorf("ledger: %w", err)
			}
		}
		return nil
	})
}

func (l *Ledger) inTx(ctx context.Context, f func(*sql.Tx) error) error {
	return inTx(ctx, l.db, f)
}

func inTx(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	defer tx.Rollback() // does nothing once committed
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}
