package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/canon"
)

// What an administrator sets at the pages is kept as its changes and nothing
// else: each is an entry of the signed log, in a stream of its own for each kind
// (texts/log), so that who said what and when can neither be lost nor rewritten
// unseen, and lies in every backup.

func settingStream(kind string) string { return kind + "/log" }

// Changes returns the changes of a kind after a number, oldest first.
func (s *Store) Changes(ctx context.Context, kind string, after int) (out []app.Change, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT version, at, actor, role, data FROM events WHERE stream = $1 AND version > $2 ORDER BY version`, settingStream(kind), after)
	if err != nil {
		return nil, fmt.Errorf("changes of %s: %w", kind, err)
	}
	defer rows.Close()
	for rows.Next() {
		var c app.Change
		var at int64
		var doc string
		if err := rows.Scan(&c.No, &at, &c.By.ID, &c.By.Role, &doc); err != nil {
			return nil, fmt.Errorf("changes of %s: %w", kind, err)
		}
		c.At, c.Doc = time.UnixMilli(at).UTC(), json.RawMessage(doc)
		out = append(out, c)
	}
	return out, rows.Err()
}

// Change notes the next change of a kind; app.ErrConflict when its number is not
// the next one.
func (s *Store) Change(ctx context.Context, kind string, c app.Change) error {
	stream := settingStream(kind)
	doc, err := canon.Normalise(c.Doc)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if s.d.lockCase != "" { // another process takes the next number
			if _, err := tx.ExecContext(ctx, s.d.lockCase, stream); err != nil {
				return fmt.Errorf("change %s: %w", kind, err)
			}
		}
		if err := follows(ctx, tx, stream, c.No); err != nil {
			return err
		}
		return s.insertEntry(ctx, tx, audit.Record{
			Stream: stream, Version: c.No, At: c.At.UnixMilli(), Actor: text(c.By.ID), Role: string(c.By.Role), Assurance: c.By.Assurance, Type: kind + "_changed", Schema: schemaVersion, Data: doc,
		})
	})
}

var _ app.Settings = (*Store)(nil)
