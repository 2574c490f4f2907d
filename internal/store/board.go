package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"sluss/internal/app"
)

// Post puts a document up in place of the one of that name.
func (s *Store) Post(ctx context.Context, name string, doc json.RawMessage) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO board(name, doc) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET doc = excluded.doc`, name, string(doc))
	if err != nil {
		return fmt.Errorf("post %s: %w", name, err)
	}
	return nil
}

// Posted is the document of a name; app.ErrNotFound when there is none.
func (s *Store) Posted(ctx context.Context, name string) (json.RawMessage, error) {
	var doc string
	err := s.db.QueryRowContext(ctx, `SELECT doc FROM board WHERE name = $1`, name).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, app.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return json.RawMessage(doc), nil
}
