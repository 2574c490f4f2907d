package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
)

// PutSubscription stores a subscription.
func (s *Store) PutSubscription(ctx context.Context, sub app.Subscription) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO subscriptions(id, token, url, types, created) VALUES ($1, $2, $3, $4, $5)`,
			sub.ID, sub.Token, text(sub.URL), strings.Join(sub.Types, " "), sub.Created.UnixMilli())
		if err != nil {
			return fmt.Errorf("store subscription: %w", err)
		}
		return nil
	})
}

const subscriptionRows = `SELECT s.id, s.token, s.url, s.types, s.created, t.actor, t.role, t.email, t.organisation
	FROM subscriptions s JOIN tokens t ON t.id = s.token WHERE t.expires > $1`

// Subscriptions returns those whose token holds.
func (s *Store) Subscriptions(ctx context.Context, now time.Time) ([]app.Subscription, error) {
	return s.subscriptions(ctx, subscriptionRows+` ORDER BY s.created, s.id`, now.UnixMilli())
}

// SubscriptionsOf returns those of one person.
func (s *Store) SubscriptionsOf(ctx context.Context, p access.Person, now time.Time) ([]app.Subscription, error) {
	return s.subscriptions(ctx, subscriptionRows+` AND t.actor = $2 AND t.role = $3 ORDER BY s.created, s.id`, now.UnixMilli(), p.ID, string(p.Role))
}

func (s *Store) subscriptions(ctx context.Context, query string, args ...any) ([]app.Subscription, error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list subscriptions: %w", err)
	}
	defer rows.Close()
	var out []app.Subscription
	for rows.Next() {
		var sub app.Subscription
		var types string
		var created int64
		if err := rows.Scan(&sub.ID, &sub.Token, &sub.URL, &types, &created, &sub.Person.ID, &sub.Person.Role, &sub.Person.Email, &sub.Person.Organisation); err != nil {
			return nil, fmt.Errorf("list subscriptions: %w", err)
		}
		sub.Types, sub.Created = strings.Fields(types), time.UnixMilli(created).UTC()
		out = append(out, sub)
	}
	return out, rows.Err()
}

// DeleteSubscription removes a subscription and what waits for it.
func (s *Store) DeleteSubscription(ctx context.Context, id string) error {
	return s.inTx(ctx, func(tx *sql.Tx) error { return dropSubscription(ctx, tx, id) })
}

func dropSubscription(ctx context.Context, tx *sql.Tx, id string) error {
	for _, q := range []string{`DELETE FROM deliveries WHERE subscription = $1`, `DELETE FROM hook_places WHERE subscription = $1`, `DELETE FROM subscriptions WHERE id = $1`} {
		if _, err := tx.ExecContext(ctx, q, id); err != nil {
			return fmt.Errorf("remove subscription: %w", err)
		}
	}
	return nil
}

// post notes that something has happened in a case, for whoever subscribes;
// where nobody does, nothing is noted.
func post(ctx context.Context, tx *sql.Tx, id string) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO outbox(stream) SELECT $1 WHERE EXISTS (SELECT 1 FROM subscriptions)`, id); err != nil {
		return fmt.Errorf("note for subscribers of %s: %w", id, err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO mail_cases(stream) SELECT $1 WHERE EXISTS (SELECT 1 FROM mail_since)`, id); err != nil {
		return fmt.Errorf("note for mail of %s: %w", id, err)
	}
	return nil
}

// Spread makes the messages of the case that has waited longest. Of two
// processes that take the same case, one waits for the other.
func (s *Store) Spread(ctx context.Context, mk func(id string, last map[string]int) ([]app.Delivery, error)) (bool, error) {
	var some int
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT 1) AS waiting`).Scan(&some); err != nil || some == 0 {
		return false, err
	}
	found := false
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		var id string
		err := tx.QueryRowContext(ctx, `SELECT stream FROM outbox ORDER BY id LIMIT 1`).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		found = true
		if s.d.lockCase != "" {
			if _, err := tx.ExecContext(ctx, s.d.lockCase, id); err != nil {
				return err
			}
		}
		// Before the case is read: what is stored after this stands in the outbox
		// again.
		res, err := tx.ExecContext(ctx, `DELETE FROM outbox WHERE stream = $1`, id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 { // another process was first
			return err
		}
		return spread(ctx, tx, id, mk)
	})
	if err != nil {
		return false, fmt.Errorf("spread: %w", err)
	}
	return found, nil
}

func spread(ctx context.Context, tx *sql.Tx, id string, mk func(string, map[string]int) ([]app.Delivery, error)) error {
	last := map[string]int{}
	rows, err := tx.QueryContext(ctx, `SELECT subscription, last FROM hook_places WHERE stream = $1`, id)
	if err != nil {
		return err
	}
	for rows.Next() {
		var sub string
		var n int
		if err := rows.Scan(&sub, &n); err != nil {
			rows.Close()
			return err
		}
		last[sub] = n
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	out, err := mk(id, last)
	if err != nil {
		return err
	}
	slices.SortStableFunc(out, func(a, b app.Delivery) int { return a.Number - b.Number })
	for _, d := range out {
		_, err := tx.ExecContext(ctx, `INSERT INTO deliveries(subscription, stream, number, type, at, state, attempts, run_at, lease_until, worker, fault) VALUES ($1, $2, $3, $4, $5, 'queued', 0, 0, 0, '', '')`,
			d.Subscription, d.Case, d.Number, d.Type, d.At.UnixMilli())
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO hook_places(subscription, stream, last) VALUES ($1, $2, $3) ON CONFLICT (subscription, stream) DO UPDATE SET last = excluded.last`, d.Subscription, d.Case, d.Number)
		if err != nil {
			return err
		}
	}
	return nil
}

const deliveryColumns = `id, subscription, stream, number, type, at, attempts, state, fault`

func scanDelivery(row interface{ Scan(...any) error }) (d app.Delivery, err error) {
	var at int64
	err = row.Scan(&d.ID, &d.Subscription, &d.Case, &d.Number, &d.Type, &at, &d.Attempts, &d.State, &d.Fault)
	if errors.Is(err, sql.ErrNoRows) {
		return d, app.ErrNotFound
	}
	d.At = time.UnixMilli(at).UTC()
	return d, err
}

// NextDelivery leases the oldest message that is due and not held back; at most
// two for one subscription are under way, so that a slow one leaves room. What
// waits for a subscription whose token does not hold any more stays where it is.
func (s *Store) NextDelivery(ctx context.Context, worker string, now time.Time, lease time.Duration) (app.Delivery, error) {
	d, err := scanDelivery(s.db.QueryRowContext(ctx, `UPDATE deliveries SET state = 'leased', worker = $1, lease_until = $2, attempts = attempts + 1
		WHERE id = (SELECT d.id FROM deliveries d WHERE d.state IN ('queued', 'leased') AND d.run_at <= $3 AND d.lease_until <= $4
			AND d.subscription IN (SELECT s.id FROM subscriptions s JOIN tokens t ON t.id = s.token WHERE t.expires > $5)
			AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.subscription = d.subscription AND e.stream = d.stream AND e.number < d.number)
			AND (SELECT count(*) FROM deliveries l WHERE l.subscription = d.subscription AND l.state = 'leased' AND l.lease_until > $6) < 2
			ORDER BY d.run_at, d.id LIMIT 1`+s.d.forUpdate+`)
		RETURNING `+deliveryColumns, worker, now.Add(lease).UnixMilli(), now.UnixMilli(), now.UnixMilli(), now.UnixMilli(), now.UnixMilli()))
	if err != nil {
		return d, err
	}
	err = s.db.QueryRowContext(ctx, `SELECT s.url, t.actor, t.role, t.email, t.organisation FROM subscriptions s JOIN tokens t ON t.id = s.token WHERE s.id = $1`, d.Subscription).
		Scan(&d.URL, &d.Person.ID, &d.Person.Role, &d.Person.Email, &d.Person.Organisation)
	if errors.Is(err, sql.ErrNoRows) { // taken back this moment
		err = app.ErrNotFound
	}
	return d, err
}

// Delivered removes a message that has arrived.
func (s *Store) Delivered(ctx context.Context, id int64) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM deliveries WHERE id = $1`, id)
	return err
}

// Failed puts a message back until a time, or lets it die. A report on another
// attempt than the one that is under way comes too late and changes nothing.
func (s *Store) Failed(ctx context.Context, id int64, attempt int, at time.Time, code string, dead bool) error {
	state := "queued"
	if dead {
		state = "dead"
	}
	_, err := s.db.ExecContext(ctx, `UPDATE deliveries SET state = $1, run_at = $2, lease_until = 0, fault = $3 WHERE id = $4 AND state = 'leased' AND attempts = $5`, state, at.UnixMilli(), code, id, attempt)
	return err
}

// Deliveries lists what waits for a subscription, in order.
func (s *Store) Deliveries(ctx context.Context, subscription string, limit int) ([]app.Delivery, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+deliveryColumns+` FROM deliveries WHERE subscription = $1 ORDER BY stream, number LIMIT $2`, subscription, limit)
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	defer rows.Close()
	var out []app.Delivery
	for rows.Next() {
		d, err := scanDelivery(rows)
		if err != nil {
			return nil, fmt.Errorf("list messages: %w", err)
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// Replay puts the dead messages of a subscription back.
func (s *Store) Replay(ctx context.Context, subscription string, now time.Time) (int, error) {
	return s.count(ctx, `UPDATE deliveries SET state = 'queued', attempts = 0, run_at = $1, lease_until = 0 WHERE subscription = $2 AND state = 'dead'`, now.UnixMilli(), subscription)
}

// Discard removes the dead messages of a subscription.
func (s *Store) Discard(ctx context.Context, subscription string) (int, error) {
	return s.count(ctx, `DELETE FROM deliveries WHERE subscription = $1 AND state = 'dead'`, subscription)
}

// count runs a statement and returns how many rows it changed.
func (s *Store) count(ctx context.Context, query string, args ...any) (int, error) {
	res, err := s.db.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}
