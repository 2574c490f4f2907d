package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/canon"
	"sluss/internal/order"
)

// The batches of the log of reads have a stream of their own in the log of
// orders, one entry with the hash of each batch.
const (
	readsStream = "reads/log"
	typeReads   = "reads_logged"
)

// readsEntry is the content of such an entry.
type readsEntry struct {
	Rows   int        `json:"rows"`
	SHA256 canon.Hash `json:"sha256"`
}

// PutReads stores a batch and the entry that vouches for it.
func (s *Store) PutReads(ctx context.Context, batch []app.Read) error {
	sum, err := app.ReadsHash(batch)
	if err != nil {
		return err
	}
	data, err := canon.JSON(readsEntry{len(batch), sum})
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if s.d.lockCase != "" { // another process takes the next number
			if _, err := tx.ExecContext(ctx, s.d.lockCase, readsStream); err != nil {
				return fmt.Errorf("log of reads: %w", err)
			}
		}
		var last int
		if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM events WHERE stream = $1`, readsStream).Scan(&last); err != nil {
			return fmt.Errorf("log of reads: %w", err)
		}
		err := s.insertEntry(ctx, tx, audit.Record{
			Stream: readsStream, Version: last + 1, At: batch[len(batch)-1].At.UnixMilli(), Actor: "sluss", Role: string(order.RoleClock), Type: typeReads, Schema: schemaVersion, Data: data,
		})
		if err != nil {
			return err
		}
		put, err := tx.PrepareContext(ctx, `INSERT INTO reads(batch, at, actor, role, stream, part) VALUES ($1, $2, $3, $4, $5, $6)`)
		if err != nil {
			return fmt.Errorf("log of reads: %w", err)
		}
		defer put.Close()
		for _, r := range batch {
			if _, err := put.ExecContext(ctx, last+1, r.At.UnixMilli(), r.Who, string(r.Role), r.Case, string(r.View)); err != nil {
				return fmt.Errorf("log of reads: %w", err)
			}
		}
		return nil
	})
}

// ReadsOfCase returns who has read a case, latest first.
func (s *Store) ReadsOfCase(ctx context.Context, id string, after app.ReadsPlace, limit int) ([]app.Read, app.ReadsPlace, error) {
	return s.readsWhere(ctx, `stream`, id, after, limit)
}

// ReadsBy returns what a person has read, latest first.
func (s *Store) ReadsBy(ctx context.Context, who string, after app.ReadsPlace, limit int) ([]app.Read, app.ReadsPlace, error) {
	return s.readsWhere(ctx, `actor`, who, after, limit)
}

func (s *Store) readsWhere(ctx context.Context, column, what string, after app.ReadsPlace, limit int) (out []app.Read, next app.ReadsPlace, err error) {
	if after == 0 {
		after = 1<<63 - 1
	}
	rows, err := s.db.QueryContext(ctx, `SELECT id, at, actor, role, stream, part FROM reads WHERE `+column+` = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, what, int64(after), limit)
	if err != nil {
		return nil, 0, fmt.Errorf("list reads: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		r, id, err := scanRead(rows)
		if err != nil {
			return nil, 0, fmt.Errorf("list reads: %w", err)
		}
		out, next = append(out, r), app.ReadsPlace(id)
	}
	if len(out) < limit {
		next = 0
	}
	return out, next, rows.Err()
}

func scanRead(rows *sql.Rows) (r app.Read, id int64, err error) {
	var at int64
	var part string
	err = rows.Scan(&id, &at, &r.Who, &r.Role, &r.Case, &part)
	r.At, r.View = time.UnixMilli(at).UTC(), access.View(part)
	return r, id, err
}

// CheckReads compares every batch of the log of reads with the hash that the
// log of orders holds of it, and returns the numbers of those that differ.
// Whether the hashes themselves are as they were is for audit.Verify.
func (s *Store) CheckReads(ctx context.Context) (changed []int, err error) {
	batches := map[int][]app.Read{}
	rows, err := s.db.QueryContext(ctx, `SELECT id, at, actor, role, stream, part, batch FROM reads ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("check reads: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r app.Read
		var id, at int64
		var batch int
		if err := rows.Scan(&id, &at, &r.Who, &r.Role, &r.Case, &r.View, &batch); err != nil {
			return nil, fmt.Errorf("check reads: %w", err)
		}
		r.At = time.UnixMilli(at).UTC()
		batches[batch] = append(batches[batch], r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("check reads: %w", err)
	}
	err = each(ctx, s.db, `SELECT version, data FROM events WHERE stream = '`+readsStream+`' ORDER BY version`, func(scan func(...any) error) error {
		var version int
		var data string
		if err := scan(&version, &data); err != nil {
			return err
		}
		sum, err := app.ReadsHash(batches[version])
		if err != nil {
			return err
		}
		want, err := canon.JSON(readsEntry{len(batches[version]), sum})
		if err != nil {
			return err
		}
		if string(want) != data {
			changed = append(changed, version)
		}
		delete(batches, version)
		return nil
	})
	for version := range batches { // of no entry
		changed = append(changed, version)
	}
	return changed, err
}
