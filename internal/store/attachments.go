package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"sluss/internal/app"
	"sluss/internal/intake"
	"sluss/internal/order"
)

// PutAttachment stores what is known of a document.
func (s *Store) PutAttachment(ctx context.Context, a app.Attachment) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO attachments(id, place, kind, name, type, bytes, sha256, actor, at, sealed, filed, blob) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			a.ID, a.Place, text(a.Kind), text(a.Name), a.Type, a.Bytes, string(a.SHA256), text(a.By), a.At.UnixMilli(), bit(a.Sealed), bit(a.Filed), a.Blob)
		if err != nil {
			return fmt.Errorf("store attachment: %w", err)
		}
		return nil
	})
}

// AttachmentsOf returns what belongs to a draft or case, oldest first.
func (s *Store) AttachmentsOf(ctx context.Context, place string) ([]app.Attachment, error) {
	return s.attachments(ctx, `place = $1`, place)
}

func (s *Store) attachments(ctx context.Context, where string, args ...any) ([]app.Attachment, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, place, kind, name, type, bytes, sha256, actor, at, sealed, filed, blob FROM attachments WHERE `+where+` ORDER BY at, id`, args...)
	if err != nil {
		return nil, fmt.Errorf("list attachments: %w", err)
	}
	defer rows.Close()
	var out []app.Attachment
	for rows.Next() {
		var a app.Attachment
		var at int64
		var sealed, filed int
		if err := rows.Scan(&a.ID, &a.Place, &a.Kind, &a.Name, &a.Type, &a.Bytes, &a.SHA256, &a.By, &at, &sealed, &filed, &a.Blob); err != nil {
			return nil, fmt.Errorf("list attachments: %w", err)
		}
		a.At, a.Sealed, a.Filed = time.UnixMilli(at).UTC(), sealed == 1, filed == 1
		out = append(out, a)
	}
	return out, rows.Err()
}

// file makes the documents that a version of the application names stay with
// the case for good, and marks those that it leaves out, and that no earlier
// one named, for removal.
func file(ctx context.Context, tx *sql.Tx, id string, e order.Entry) error {
	var named []intake.Attachment
	switch ev := e.Event.(type) {
	case *order.Submitted:
		named = ev.Application.Attachments
	case *order.Supplemented:
		named = ev.Application.Attachments
	default:
		return nil
	}
	for _, a := range named {
		if _, err := tx.ExecContext(ctx, `UPDATE attachments SET filed = 1 WHERE id = $1 AND place = $2`, a.ID, id); err != nil {
			return fmt.Errorf("file attachment: %w", err)
		}
	}
	return loosen(ctx, tx, id)
}

// loosen takes the documents of a place that are not filed away from it. What
// was sealed away stays known with a case.
func loosen(ctx context.Context, tx *sql.Tx, place string) error {
	which := `place = $1 AND filed = 0 AND sealed = 0`
	if app.IsDraft(place) {
		which = `place = $1`
	}
	for _, q := range []string{`INSERT INTO loose_blobs(blob) SELECT blob FROM attachments WHERE ` + which + ` AND blob <> '' ON CONFLICT (blob) DO NOTHING`, `DELETE FROM attachments WHERE ` + which} {
		if _, err := tx.ExecContext(ctx, q, place); err != nil {
			return fmt.Errorf("remove attachments: %w", err)
		}
	}
	return nil
}

// LooseBlobs returns the blobs of documents that belong nowhere any more.
func (s *Store) LooseBlobs(ctx context.Context, limit int) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT blob FROM loose_blobs ORDER BY blob LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("loose documents: %w", err)
	}
	return texts(rows)
}

// DropAttachment removes the knowledge of one document.
func (s *Store) DropAttachment(ctx context.Context, id string) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM attachments WHERE id = $1`, id)
		return err
	})
}

// SealedFiles returns what lies sealed away anywhere, oldest first.
func (s *Store) SealedFiles(ctx context.Context) ([]app.Attachment, error) {
	return s.attachments(ctx, `sealed = 1 AND blob <> ''`)
}

// EmptySealed notes that the bytes of a sealed file are gone.
func (s *Store) EmptySealed(ctx context.Context, blob string) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE attachments SET blob = '' WHERE blob = $1 AND sealed = 1`, blob)
		return err
	})
}

// ForgetBlob removes the knowledge of a loose blob.
func (s *Store) ForgetBlob(ctx context.Context, blob string) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM loose_blobs WHERE blob = $1`, blob)
		return err
	})
}
