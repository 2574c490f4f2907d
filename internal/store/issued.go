package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/canon"
	"sluss/internal/order"
)

// A letter that has been made into a file stands in the log of orders with its
// hash, in a stream for each case: letters/FK-2026-00001.
const (
	lettersPrefix = "letters/"
	typeIssued    = "letter_issued"
)

// issued is the content of such an entry.
type issued struct {
	No     int        `json:"no"`
	Number string     `json:"number"`
	Lang   string     `json:"lang"`
	Format string     `json:"format"`
	SHA256 canon.Hash `json:"sha256"`
}

// KeepLetter stores that a letter has been made into a file, and logs its hash,
// both or neither; app.ErrConflict when there is one already.
func (s *Store) KeepLetter(ctx context.Context, l app.KeptLetter, by order.Actor) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		stream := lettersPrefix + l.Case
		if s.d.lockCase != "" {
			if _, err := tx.ExecContext(ctx, s.d.lockCase, stream); err != nil {
				return fmt.Errorf("keep letter: %w", err)
			}
		}
		res, err := tx.ExecContext(ctx, `INSERT INTO letters(stream, no, lang, format, number, blob, sha256, issued) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
			l.Case, l.No, l.Lang, l.Format, text(l.Number), l.Blob, string(l.SHA256), l.Issued.UnixMilli())
		if err != nil {
			return fmt.Errorf("keep letter: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, app.ErrConflict)
		}
		data, err := canon.JSON(issued{l.No, l.Number, l.Lang, l.Format, l.SHA256})
		if err != nil {
			return err
		}
		var last int
		if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM events WHERE stream = $1`, stream).Scan(&last); err != nil {
			return fmt.Errorf("keep letter: %w", err)
		}
		return s.insertEntry(ctx, tx, audit.Record{
			Stream: stream, Version: last + 1, At: l.Issued.UnixMilli(), Actor: text(by.ID), Role: string(by.Role), Assurance: by.Assurance, Type: typeIssued, Schema: schemaVersion, Data: data,
		})
	})
}

// KeptLetters lists the files that the letters of a case have been made into,
// by document, language and format.
func (s *Store) KeptLetters(ctx context.Context, id string) ([]app.KeptLetter, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT stream, no, lang, format, number, blob, sha256, issued FROM letters WHERE stream = $1 ORDER BY no, lang, format`, id)
	if err != nil {
		return nil, fmt.Errorf("list letters of %s: %w", id, err)
	}
	defer rows.Close()
	var out []app.KeptLetter
	for rows.Next() {
		var l app.KeptLetter
		var at int64
		if err := rows.Scan(&l.Case, &l.No, &l.Lang, &l.Format, &l.Number, &l.Blob, &l.SHA256, &at); err != nil {
			return nil, fmt.Errorf("list letters of %s: %w", id, err)
		}
		l.Issued = time.UnixMilli(at).UTC()
		out = append(out, l)
	}
	return out, rows.Err()
}
