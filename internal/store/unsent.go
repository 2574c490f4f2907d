package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"sluss/internal/app"
)

// What has not been sent: names that are keyed hashes, texts that are
// encrypted. The database knows neither whose they are nor what they say.

// KeepUnsent stores a text, and removes the writer's oldest beyond most.
func (s *Store) KeepUnsent(ctx context.Context, writer, name, text string, at time.Time, most int) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO unsent(name, writer, at, text) VALUES ($1, $2, $3, $4)
			ON CONFLICT (name) DO UPDATE SET writer = excluded.writer, at = excluded.at, text = excluded.text`, name, writer, at.UnixMilli(), text)
		if err != nil {
			return fmt.Errorf("keep unsent text: %w", err)
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM unsent WHERE writer = $1 AND name NOT IN (SELECT name FROM unsent WHERE writer = $2 ORDER BY at DESC, name LIMIT $3)`, writer, writer, most)
		if err != nil {
			return fmt.Errorf("bound unsent texts: %w", err)
		}
		return nil
	})
}

// UnsentText returns what a name has.
func (s *Store) UnsentText(ctx context.Context, name string) (text string, at time.Time, err error) {
	var ms int64
	err = s.db.QueryRowContext(ctx, `SELECT text, at FROM unsent WHERE name = $1`, name).Scan(&text, &ms)
	if errors.Is(err, sql.ErrNoRows) {
		return "", at, app.ErrNotFound
	}
	if err != nil {
		return "", at, fmt.Errorf("unsent text: %w", err)
	}
	return text, time.UnixMilli(ms).UTC(), nil
}

// UnsentOf returns the names that a writer has.
func (s *Store) UnsentOf(ctx context.Context, writer string) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT name FROM unsent WHERE writer = $1`, writer)
	if err != nil {
		return nil, fmt.Errorf("unsent texts: %w", err)
	}
	return texts(rows)
}

// DropUnsent removes what a name has.
func (s *Store) DropUnsent(ctx context.Context, name string) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM unsent WHERE name = $1`, name); err != nil {
			return fmt.Errorf("drop unsent text: %w", err)
		}
		return nil
	})
}

// PurgeUnsent removes what was written before a time.
func (s *Store) PurgeUnsent(ctx context.Context, before time.Time) (n int, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM unsent WHERE at < $1`, before.UnixMilli())
		if err != nil {
			return fmt.Errorf("purge unsent texts: %w", err)
		}
		gone, err := res.RowsAffected()
		n = int(gone)
		return err
	})
	return n, err
}
