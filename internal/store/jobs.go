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

// What an operator does to jobs stands in the log of orders, in a stream for
// each order: jobs/FK-2026-00001.
const (
	jobsPrefix   = "jobs/"
	typeRequeued = "job_requeued"
)

// requeued is the content of such an entry.
type requeued struct {
	Job      string `json:"job"`
	Kind     string `json:"kind"`
	Attempts int    `json:"attempts"`
	Code     string `json:"code"` // of the fault that it died of
}

// Requeue puts a dead job back and logs it, both or neither.
func (s *Store) Requeue(ctx context.Context, id string, by order.Actor, at time.Time) error {
	return s.requeue(ctx, id, "dead", by, at)
}

// Redo puts a job that is done back, and logs it in the same way.
func (s *Store) Redo(ctx context.Context, id string, by order.Actor, at time.Time) error {
	return s.requeue(ctx, id, "done", by, at)
}

func (s *Store) requeue(ctx context.Context, id, from string, by order.Actor, at time.Time) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		j, err := scanJob(tx.QueryRowContext(ctx, `SELECT `+jobColumns+` FROM jobs WHERE id = $1 AND state = $2`, id, from))
		if err != nil {
			return err
		}
		stream := jobsPrefix + j.Order
		if s.d.lockCase != "" {
			if _, err := tx.ExecContext(ctx, s.d.lockCase, stream); err != nil {
				return fmt.Errorf("requeue %s: %w", id, err)
			}
		}
		res, err := tx.ExecContext(ctx, `UPDATE jobs SET state = 'queued', attempts = 0, run_at = $1, lease_until = 0, worker = '', fault = '' WHERE id = $2 AND state = $3`, at.UnixMilli(), id, from)
		if err != nil {
			return fmt.Errorf("requeue %s: %w", id, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 { // somebody else was first
			return errors.Join(err, app.ErrNotFound)
		}
		data, err := canon.JSON(requeued{j.ID, string(j.Kind), j.Attempts, j.Fault})
		if err != nil {
			return err
		}
		var last int
		if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM events WHERE stream = $1`, stream).Scan(&last); err != nil {
			return fmt.Errorf("requeue %s: %w", id, err)
		}
		return s.insertEntry(ctx, tx, audit.Record{
			Stream: stream, Version: last + 1, At: at.UnixMilli(), Actor: text(by.ID), Role: string(by.Role), Assurance: by.Assurance, Type: typeRequeued, Schema: schemaVersion, Data: data,
		})
	})
}
