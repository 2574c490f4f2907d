package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/plan"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

// migrations bring the file from one version to the next; the file's own
// number (user_version) is how many have been run. One that has been released
// is never changed.
var migrations = []func(ctx context.Context, tx *sql.Tx) error{
	records,
	deliveries,
}

func migrate(ctx context.Context, db *sql.DB) error {
	return inTx(ctx, db, func(tx *sql.Tx) error {
		var version int
		if err := tx.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
			return err
		}
		if version > len(migrations) {
			return fault.New("ledger.later", "Valvets databas är skriven av en senare version av programmet.", "The vault's database was written by a later version of the program.").
				Do("Använd den versionen.", "Use that version.").Of(fault.Internal)
		}
		if version == len(migrations) {
			return nil
		}
		for i, m := range migrations[version:] {
			if err := m(ctx, tx); err != nil {
				return fmt.Errorf("to version %d: %w", version+i+1, err)
			}
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA user_version = %d`, len(migrations)))
		return err
	})
}

// records makes the tables. Files of the first program have them, without a
// number.
func records(ctx context.Context, tx *sql.Tx) error {
	for _, stmt := range []string{
		`CREATE TABLE IF NOT EXISTS records (owner TEXT NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (owner, kind))`,
		`CREATE TABLE IF NOT EXISTS domains (id TEXT PRIMARY KEY, project TEXT NOT NULL, owner TEXT NOT NULL, kept INTEGER NOT NULL, data TEXT NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS domains_project ON domains(project)`,
	} {
		if _, err := tx.ExecContext(ctx, stmt); err != nil {
			return err
		}
	}
	return nil
}

// deliveries gives what has been handed over a record of its own, and writes
// down under which decision each parcel was made as the latest one heard of.
// From which scope and snapshot a parcel of then was made is not known, so
// nothing can replace it.
func deliveries(ctx context.Context, tx *sql.Tx) error {
	old, err := parcels(ctx, tx)
	if err != nil {
		return err
	}
	for owner, p := range old {
		if p.Decision.Version > 0 {
			if err := put(ctx, tx, owner, kindRuling, workorder.Ruling{Version: p.Decision.Version, Hash: p.Decision.SHA256}); err != nil {
				return err
			}
		}
		if p.Delivered {
			if err := put(ctx, tx, owner, kindDelivery, works.Delivery{PurgeOn: p.PurgeOn, Parcels: 1}); err != nil {
				return err
			}
		}
	}
	return nil
}

// oldParcel is what version 1 knew of a parcel, as far as it moves.
type oldParcel struct {
	Decision  plan.Ref
	Delivered bool
	PurgeOn   day.Day
}

func parcels(ctx context.Context, tx *sql.Tx) (map[string]oldParcel, error) {
	rows, err := tx.QueryContext(ctx, `SELECT owner, data FROM records WHERE kind = 'parcel'`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]oldParcel{}
	for rows.Next() {
		var owner, data string
		if err := rows.Scan(&owner, &data); err != nil {
			return nil, err
		}
		var p oldParcel
		if err := json.Unmarshal([]byte(data), &p); err != nil {
			return nil, fmt.Errorf("parcel: %w", err)
		}
		out[owner] = p
	}
	return out, rows.Err()
}
