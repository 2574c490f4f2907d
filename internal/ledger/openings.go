package ledger

import (
	"context"
	"encoding/json"
	"fmt"

	"sluss/internal/works"
)

// kindOpening is a key file that was opened; its owner is the hash of what was
// approved, so no purge of an order removes it.
const kindOpening = "opening"

// SaveOpening remembers that a key file was opened, once for each approval.
func (l *Ledger) SaveOpening(ctx context.Context, o works.Opening) error {
	data, err := json.Marshal(o)
	if err != nil {
		return err
	}
	res, err := l.db.ExecContext(ctx, `INSERT INTO records(owner, kind, data) VALUES ($1, $2, $3) ON CONFLICT (owner, kind) DO NOTHING`, string(o.Hash), kindOpening, string(data))
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return works.ErrTaken
}

// Openings lists the key files that were opened, oldest first.
func (l *Ledger) Openings(ctx context.Context) ([]works.Opening, error) {
	rows, err := l.db.QueryContext(ctx, `SELECT data FROM records WHERE kind = $1 ORDER BY rowid`, kindOpening)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	defer rows.Close()
	var out []works.Opening
	for rows.Next() {
		var data string
		if err := rows.Scan(&data); err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		var o works.Opening
		if err := json.Unmarshal([]byte(data), &o); err != nil {
			return nil, fmt.Errorf("ledger: opening: %w", err)
		}
		out = append(out, o)
	}
	return out, rows.Err()
}
