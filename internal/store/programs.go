package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/order"
)

// PutToken stores a new token.
func (s *Store) PutToken(ctx context.Context, hash canon.Hash, t app.Token) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO tokens(hash, id, actor, role, email, organisation, scopes, created, expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			string(hash), t.ID, text(t.Person.ID), string(t.Person.Role), text(t.Person.Email), text(t.Person.Organisation), strings.Join(t.Scopes, " "), t.Created.UnixMilli(), t.Expires.UnixMilli())
		if err != nil {
			return fmt.Errorf("store token: %w", err)
		}
		return nil
	})
}

const tokenColumns = `id, actor, role, email, organisation, scopes, created, expires`

func scanToken(row interface{ Scan(...any) error }) (app.Token, error) {
	var t app.Token
	var scopes string
	var created, expires int64
	if err := row.Scan(&t.ID, &t.Person.ID, &t.Person.Role, &t.Person.Email, &t.Person.Organisation, &scopes, &created, &expires); err != nil {
		return app.Token{}, err
	}
	t.Scopes = strings.Fields(scopes)
	t.Created, t.Expires = time.UnixMilli(created).UTC(), time.UnixMilli(expires).UTC()
	return t, nil
}

// Token returns the token whose secret has the hash.
func (s *Store) Token(ctx context.Context, hash canon.Hash) (app.Token, error) {
	t, err := scanToken(s.db.QueryRowContext(ctx, `SELECT `+tokenColumns+` FROM tokens WHERE hash = $1`, string(hash)))
	if errors.Is(err, sql.ErrNoRows) {
		return t, app.ErrNotFound
	}
	if err != nil {
		return t, fmt.Errorf("load token: %w", err)
	}
	return t, nil
}

// ListTokens returns all tokens, newest first.
func (s *Store) ListTokens(ctx context.Context) ([]app.Token, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+tokenColumns+` FROM tokens ORDER BY created DESC, id`)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	defer rows.Close()
	var out []app.Token
	for rows.Next() {
		t, err := scanToken(rows)
		if err != nil {
			return nil, fmt.Errorf("list tokens: %w", err)
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// RevokeToken removes a token, and the subscriptions that were made with it.
func (s *Store) RevokeToken(ctx context.Context, id string) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM tokens WHERE id = $1`, id)
		if err != nil {
			return fmt.Errorf("revoke token: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, app.ErrNotFound)
		}
		rows, err := tx.QueryContext(ctx, `SELECT id FROM subscriptions WHERE token = $1`, id)
		if err != nil {
			return fmt.Errorf("revoke token: %w", err)
		}
		subs, err := texts(rows)
		if err != nil {
			return fmt.Errorf("revoke token: %w", err)
		}
		for _, sub := range subs {
			if err := dropSubscription(ctx, tx, sub); err != nil {
				return err
			}
		}
		return nil
	})
}

// Claim takes the key for a request, or returns what the request that took it
// was answered. Of two requests at once, one gets it.
func (s *Store) Claim(ctx context.Context, asker, key string, request canon.Hash, now time.Time, keep time.Duration) (earlier app.Answer, claimed bool, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM answers WHERE at <= $1`, now.Add(-keep).UnixMilli()); err != nil {
			return fmt.Errorf("forget answers: %w", err)
		}
		res, err := tx.ExecContext(ctx, `INSERT INTO answers(asker, request_key, request, at, status, headers, body) VALUES ($1, $2, $3, $4, 0, '', '') ON CONFLICT (asker, request_key) DO NOTHING`,
			asker, key, string(request), now.UnixMilli())
		if err != nil {
			return fmt.Errorf("claim key: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			claimed = err == nil
			return err
		}
		earlier, err = scanAnswer(tx.QueryRowContext(ctx, `SELECT request, status, headers, body FROM answers WHERE asker = $1 AND request_key = $2`, asker, key))
		return err
	})
	return earlier, claimed && err == nil, err
}

func scanAnswer(row *sql.Row) (app.Answer, error) {
	var a app.Answer
	var headers, body string
	if err := row.Scan(&a.Request, &a.Status, &headers, &body); err != nil {
		return a, fmt.Errorf("load answer: %w", err)
	}
	a.Body = []byte(body)
	if headers == "" {
		return a, nil
	}
	if err := json.Unmarshal([]byte(headers), &a.Headers); err != nil {
		return a, fmt.Errorf("load answer: %w", err)
	}
	return a, nil
}

// Answered stores the answer to a claimed key.
func (s *Store) Answered(ctx context.Context, asker, key string, a app.Answer) error {
	headers, err := json.Marshal(a.Headers)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE answers SET status = $1, headers = $2, body = $3 WHERE asker = $4 AND request_key = $5`, a.Status, string(headers), string(a.Body), asker, key); err != nil {
			return fmt.Errorf("store answer: %w", err)
		}
		return nil
	})
}

// Unclaim gives a key back.
func (s *Store) Unclaim(ctx context.Context, asker, key string) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM answers WHERE asker = $1 AND request_key = $2 AND status = 0`, asker, key); err != nil {
			return fmt.Errorf("unclaim key: %w", err)
		}
		return nil
	})
}

// tie notes who from outside an entry ties to its order, as hashes: names and
// addresses stand in the entries alone, where they can be erased.
func tie(ctx context.Context, tx *sql.Tx, id string, e order.Entry) error {
	for _, who := range access.CaseKeys([]order.Entry{e}) {
		if _, err := tx.ExecContext(ctx, `INSERT INTO case_people(who, stream) VALUES ($1, $2) ON CONFLICT (who, stream) DO NOTHING`, hashed(who), id); err != nil {
			return fmt.Errorf("tie to %s: %w", id, err)
		}
	}
	return nil
}

func hashed(who string) string { return string(canon.Sum([]byte(who))) }

// Tied returns the numbers of the cases to which one of the keys has been
// tied, newest first.
func (s *Store) Tied(ctx context.Context, keys []string) ([]string, error) {
	var out []string
	for _, who := range keys {
		rows, err := s.db.QueryContext(ctx, `SELECT stream FROM case_people WHERE who = $1`, hashed(who))
		if err != nil {
			return nil, fmt.Errorf("list own cases: %w", err)
		}
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				rows.Close()
				return nil, fmt.Errorf("list own cases: %w", err)
			}
			out = append(out, id)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, fmt.Errorf("list own cases: %w", err)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(app.Serial(b), app.Serial(a)), strings.Compare(b, a)) })
	return slices.Compact(out), nil
}
