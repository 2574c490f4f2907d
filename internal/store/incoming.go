package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/day"
)

const letterColumns = `id, at, actor, arrived, channel, sender, subject, name, type, bytes, sha256, blob, sealed, state, stream, reason, settled_by, settled_at`

func scanLetter(row interface{ Scan(...any) error }) (app.Letter, error) {
	var l app.Letter
	var at, settled int64
	var arrived, sum string
	var sealed int
	err := row.Scan(&l.ID, &at, &l.By, &arrived, &l.Channel, &l.Sender, &l.Subject, &l.Name, &l.Type, &l.Bytes, &sum, &l.Blob, &sealed, &l.State, &l.Case, &l.Reason, &l.SettledBy, &settled)
	if err != nil {
		return l, err
	}
	l.At, l.SHA256, l.Sealed = time.UnixMilli(at).UTC(), canon.Hash(sum), sealed == 1
	if settled != 0 {
		l.SettledAt = time.UnixMilli(settled).UTC()
	}
	l.Arrived, err = day.Parse(arrived)
	return l, err
}

// PutLetter stores a letter.
func (s *Store) PutLetter(ctx context.Context, l app.Letter) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO incoming(`+letterColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
			l.ID, l.At.UnixMilli(), text(l.By), l.Arrived.String(), l.Channel, text(l.Sender), text(l.Subject), text(l.Name), l.Type, l.Bytes, string(l.SHA256), l.Blob, bit(l.Sealed), l.State, l.Case, text(l.Reason), text(l.SettledBy), millis(l.SettledAt))
		if err != nil {
			return fmt.Errorf("store letter: %w", err)
		}
		return nil
	})
}

// millis is a time as it is stored, 0 for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Letter returns a letter.
func (s *Store) Letter(ctx context.Context, id string) (app.Letter, error) {
	l, err := scanLetter(s.db.QueryRowContext(ctx, `SELECT `+letterColumns+` FROM incoming WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return l, app.ErrNotFound
	}
	if err != nil {
		return l, fmt.Errorf("load letter: %w", err)
	}
	return l, nil
}

// Letters returns those in a state, oldest first.
func (s *Store) Letters(ctx context.Context, state string, limit int) (out []app.Letter, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+letterColumns+` FROM incoming WHERE state = $1 ORDER BY at, id LIMIT $2`, state, limit)
	if err != nil {
		return nil, fmt.Errorf("list letters: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		l, err := scanLetter(rows)
		if err != nil {
			return nil, fmt.Errorf("list letters: %w", err)
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

// SettleLetter moves a letter from a state.
func (s *Store) SettleLetter(ctx context.Context, l app.Letter, from string) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE incoming SET state = $1, stream = $2, reason = $3, settled_by = $4, settled_at = $5 WHERE id = $6 AND state = $7`,
			l.State, l.Case, text(l.Reason), text(l.SettledBy), millis(l.SettledAt), l.ID, from)
		if err != nil {
			return fmt.Errorf("settle letter: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, app.ErrConflict)
		}
		return nil
	})
}
