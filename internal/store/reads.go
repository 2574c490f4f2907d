package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
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

// checkedAtOnce is how many batches of the log of reads are looked at together.
const checkedAtOnce = 1000

// CheckReads compares every batch of the log of reads with the hash that the
// log of orders holds of it, and returns the numbers of those that differ,
// sorted. Whether the hashes themselves are as they were is for audit.Verify.
// It holds the hashes of some batches and the rows of one at a time.
func (s *Store) CheckReads(ctx context.Context) (changed []int, err error) {
	for after := 0; ; {
		hashes, to, err := s.readsHashes(ctx, after)
		if err != nil {
			return nil, fmt.Errorf("check reads: %w", err)
		}
		if len(hashes) < checkedAtOnce {
			to = 1<<31 - 1 // and what belongs to no entry
		}
		differ, err := s.checkBatches(ctx, after, to, hashes)
		if err != nil {
			return nil, fmt.Errorf("check reads: %w", err)
		}
		if changed = append(changed, differ...); to == 1<<31-1 {
			return changed, nil
		}
		after = to
	}
}

// readsHashes returns the next entries of the log of reads by their number, and
// the last of them.
func (s *Store) readsHashes(ctx context.Context, after int) (hashes map[int]string, last int, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT version, data FROM events WHERE stream = '`+readsStream+`' AND version > $1 ORDER BY version LIMIT $2`, after, checkedAtOnce)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	hashes = map[int]string{}
	for rows.Next() {
		var data string
		if err := rows.Scan(&last, &data); err != nil {
			return nil, 0, err
		}
		hashes[last] = data
	}
	return hashes, last, rows.Err()
}

// checkBatches compares the batches after one and up to another with hashes.
func (s *Store) checkBatches(ctx context.Context, after, to int, hashes map[int]string) (changed []int, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, at, actor, role, stream, part, batch FROM reads WHERE batch > $1 AND batch <= $2 ORDER BY batch, id`, after, to)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var batch []app.Read
	number := 0
	compare := func() error {
		if len(batch) == 0 {
			return nil
		}
		sum, err := app.ReadsHash(batch)
		if err != nil {
			return err
		}
		is, err := canon.JSON(readsEntry{len(batch), sum})
		if err != nil {
			return err
		}
		if hashes[number] != string(is) {
			changed = append(changed, number)
		}
		delete(hashes, number)
		batch = batch[:0]
		return nil
	}
	for rows.Next() {
		var r app.Read
		var id, at int64
		var n int
		if err := rows.Scan(&id, &at, &r.Who, &r.Role, &r.Case, &r.View, &n); err != nil {
			return nil, err
		}
		if n != number {
			if err := compare(); err != nil {
				return nil, err
			}
			number = n
		}
		r.At = time.UnixMilli(at).UTC()
		batch = append(batch, r)
	}
	if err := errors.Join(rows.Err(), compare()); err != nil {
		return nil, err
	}
	for n := range hashes { // an entry whose rows are gone
		changed = append(changed, n)
	}
	slices.Sort(changed)
	return changed, nil
}
