package store

import (
	"context"
	"fmt"
	"time"
)

// Vitals are counts that tell an operator whether work goes on; none is about a
// case or a person.
type Vitals struct {
	Jobs          map[string]int // work orders by state: queued, leased, dead (done ones are not counted)
	OldestJob     time.Time      // since when the oldest that is due waits; zero when none does
	PurgesWaiting int            // purges that were ordered and are not done
	Mails         map[string]int // mail that has not been sent: queued, waiting (after an attempt that failed), refused, given_up
	Unplaced      int            // entries that have no place in the log's tree yet
	LastEntry     time.Time      // zero in an empty log
	Schema        string         // the latest migration that has been run
}

// Vitals counts.
func (s *Store) Vitals(ctx context.Context) (v Vitals, err error) {
	fail := func(err error) (Vitals, error) { return v, fmt.Errorf("vitals: %w", err) }
	v.Jobs, v.Mails = map[string]int{"queued": 0, "leased": 0, "dead": 0}, map[string]int{"queued": 0, "waiting": 0, "refused": 0, "given_up": 0}
	if err := s.countBy(ctx, `SELECT state, count(*) FROM jobs WHERE state <> 'done' GROUP BY state`, v.Jobs); err != nil {
		return fail(err)
	}
	if err := s.countBy(ctx, `SELECT CASE WHEN state = 'queued' AND fault <> '' THEN 'waiting' ELSE state END AS how, count(*) FROM mails WHERE state <> 'sent' GROUP BY how`, v.Mails); err != nil {
		return fail(err)
	}
	var oldest, last int64
	for query, into := range map[string]any{
		`SELECT coalesce(min(run_at), 0) FROM jobs WHERE state = 'queued'`:                                                            &oldest,
		`SELECT count(*) FROM jobs WHERE kind = 'purge' AND state <> 'done'`:                                                          &v.PurgesWaiting,
		`SELECT count(*) FROM leaves WHERE seq IS NULL`:                                                                               &v.Unplaced,
		`SELECT coalesce(max(at), 0) FROM events WHERE stream IN (SELECT stream FROM leaves WHERE id = (SELECT max(id) FROM leaves))`: &last,
		`SELECT coalesce(max(name), '') FROM schema_versions`:                                                                         &v.Schema,
	} {
		if err := s.db.QueryRowContext(ctx, query).Scan(into); err != nil {
			return fail(err)
		}
	}
	if oldest > 0 {
		v.OldestJob = time.UnixMilli(oldest).UTC()
	}
	if last > 0 {
		v.LastEntry = time.UnixMilli(last).UTC()
	}
	return v, nil
}

func (s *Store) countBy(ctx context.Context, query string, into map[string]int) error {
	return each(ctx, s.db, query, func(scan func(...any) error) error {
		var state string
		var n int
		err := scan(&state, &n)
		into[state] = n
		return err
	})
}

// LatestSchema is the latest migration that this program knows.
func LatestSchema() string {
	names, err := migrationNames()
	if err != nil || len(names) == 0 {
		return ""
	}
	return names[len(names)-1]
}
