package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"sluss/internal/app"
	"sluss/internal/letter"
)

// UseMail begins to note what happens in cases, for mail.
func (s *Store) UseMail(ctx context.Context, from time.Time) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO mail_since(at) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM mail_since)`, from.UnixMilli())
	if err != nil {
		return fmt.Errorf("begin with mail: %w", err)
	}
	return nil
}

// SpreadMail makes the mail of the case that has waited longest.
func (s *Store) SpreadMail(ctx context.Context, mk func(id string, last int, since time.Time) ([]app.Mail, int, error)) (bool, error) {
	var some int
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM mail_cases LIMIT 1) AS waiting`).Scan(&some); err != nil || some == 0 {
		return false, err
	}
	found := false
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		var id string
		err := tx.QueryRowContext(ctx, `SELECT stream FROM mail_cases ORDER BY id LIMIT 1`).Scan(&id)
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
		// Before the case is read: what is stored after this is noted again.
		res, err := tx.ExecContext(ctx, `DELETE FROM mail_cases WHERE stream = $1`, id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 { // another process was first
			return err
		}
		return makeMail(ctx, tx, id, mk)
	})
	if err != nil {
		return false, fmt.Errorf("make mail: %w", err)
	}
	return found, nil
}

func makeMail(ctx context.Context, tx *sql.Tx, id string, mk func(string, int, time.Time) ([]app.Mail, int, error)) error {
	var last int
	var since int64
	if err := tx.QueryRowContext(ctx, `SELECT coalesce((SELECT last FROM mail_places WHERE stream = $1), 0), (SELECT min(at) FROM mail_since)`, id).Scan(&last, &since); err != nil {
		return err
	}
	mails, upTo, err := mk(id, last, time.UnixMilli(since).UTC())
	if err != nil {
		return err
	}
	for _, m := range mails {
		kinds := make([]string, len(m.Letters))
		for i, k := range m.Letters {
			kinds[i] = string(k)
		}
		digest := 0
		if m.Digest {
			digest = 1
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO mails(stream, version, event, audience, address, lang, page, letters, digest, made, state, attempts, run_at, lease_until, fault, settled)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'queued', 0, $11, 0, '', 0) ON CONFLICT (stream, version, audience) DO NOTHING`,
			id, m.Version, m.Event, m.Audience, text(m.Address), m.Lang, m.Page, strings.Join(kinds, " "), digest, m.Made.UnixMilli(), m.RunAt.UnixMilli())
		if err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO mail_places(stream, last) VALUES ($1, $2) ON CONFLICT (stream) DO UPDATE SET last = excluded.last`, id, upTo)
	return err
}

const mailColumns = `id, stream, version, event, audience, address, lang, page, letters, digest, made, state, attempts, run_at, fault, settled`

func scanMail(row interface{ Scan(...any) error }) (m app.Mail, err error) {
	var letters string
	var made, runAt, settled int64
	var digest int
	err = row.Scan(&m.ID, &m.Case, &m.Version, &m.Event, &m.Audience, &m.Address, &m.Lang, &m.Page, &letters, &digest, &made, &m.State, &m.Attempts, &runAt, &m.Fault, &settled)
	if errors.Is(err, sql.ErrNoRows) {
		return m, app.ErrNotFound
	}
	for _, k := range strings.Fields(letters) {
		m.Letters = append(m.Letters, letter.Kind(k))
	}
	m.Digest, m.Made, m.RunAt = digest == 1, time.UnixMilli(made).UTC(), time.UnixMilli(runAt).UTC()
	if settled > 0 {
		m.Settled = time.UnixMilli(settled).UTC()
	}
	return m, err
}

// LeaseMail leases the notice that has been due longest, and when it can wait
// for others, those due to the same address in the same language with it.
func (s *Store) LeaseMail(ctx context.Context, now time.Time, lease time.Duration) (out []app.Mail, err error) {
	until := now.Add(lease).UnixMilli()
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		first, err := scanMail(tx.QueryRowContext(ctx, `UPDATE mails SET lease_until = $1, attempts = attempts + 1 WHERE id = (SELECT id FROM mails WHERE state = 'queued' AND run_at <= $2 AND lease_until <= $3 ORDER BY run_at, id LIMIT 1`+s.d.forUpdate+`)
			RETURNING `+mailColumns, until, now.UnixMilli(), now.UnixMilli()))
		if err != nil {
			return err
		}
		out = []app.Mail{first}
		if !first.Digest {
			return nil
		}
		rows, err := tx.QueryContext(ctx, `UPDATE mails SET lease_until = $1, attempts = attempts + 1 WHERE state = 'queued' AND digest = 1 AND address = $2 AND lang = $3 AND run_at <= $4 AND lease_until <= $5 RETURNING `+mailColumns,
			until, first.Address, first.Lang, now.UnixMilli(), now.UnixMilli())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			m, err := scanMail(rows)
			if err != nil {
				return err
			}
			out = append(out, m)
		}
		return rows.Err()
	})
	if err != nil && !errors.Is(err, app.ErrNotFound) {
		err = fmt.Errorf("lease mail: %w", err)
	}
	return out, err
}

// SettleMail stores how an attempt went; the address of what has ended goes.
func (s *Store) SettleMail(ctx context.Context, ids []int64, state, code string, at time.Time) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		for _, id := range ids {
			var err error
			if state == app.MailQueued {
				_, err = tx.ExecContext(ctx, `UPDATE mails SET run_at = $1, lease_until = 0, fault = $2 WHERE id = $3 AND state = 'queued'`, at.UnixMilli(), code, id)
			} else {
				_, err = tx.ExecContext(ctx, `UPDATE mails SET state = $1, settled = $2, lease_until = 0, fault = $3, address = '' WHERE id = $4 AND state = 'queued'`, state, at.UnixMilli(), code, id)
			}
			if err != nil {
				return fmt.Errorf("settle mail: %w", err)
			}
		}
		return nil
	})
}

// MailInTrouble lists mail that was refused, given up or waits after an attempt
// that failed: what has ended first, then by when it was made, latest first.
func (s *Store) MailInTrouble(ctx context.Context, most int) ([]app.Mail, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+mailColumns+` FROM mails WHERE state IN ('refused', 'given_up') OR (state = 'queued' AND fault <> '')
		ORDER BY CASE state WHEN 'queued' THEN 1 ELSE 0 END, id DESC LIMIT $1`, most)
	if err != nil {
		return nil, fmt.Errorf("list mail in trouble: %w", err)
	}
	defer rows.Close()
	var out []app.Mail
	for rows.Next() {
		m, err := scanMail(rows)
		if err != nil {
			return nil, fmt.Errorf("list mail in trouble: %w", err)
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

// Mail returns one mail; app.ErrNotFound when there is none.
func (s *Store) Mail(ctx context.Context, id int64) (app.Mail, error) {
	return scanMail(s.db.QueryRowContext(ctx, `SELECT `+mailColumns+` FROM mails WHERE id = $1`, id))
}

// ResendMail puts mail that was refused, given up or waits back to be sent now,
// to an address; app.ErrNotFound when it is not in trouble any more.
func (s *Store) ResendMail(ctx context.Context, id int64, address string, now time.Time) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE mails SET state = 'queued', address = $1, attempts = 0, made = $2, run_at = $3, lease_until = 0, fault = '', settled = 0
			WHERE id = $4 AND (state IN ('refused', 'given_up') OR (state = 'queued' AND fault <> ''))`, text(address), now.UnixMilli(), now.UnixMilli(), id)
		if err != nil {
			return fmt.Errorf("send mail again: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, app.ErrNotFound)
		}
		return nil
	})
}

// MailOf lists the mail of a case, oldest first.
func (s *Store) MailOf(ctx context.Context, id string) ([]app.Mail, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+mailColumns+` FROM mails WHERE stream = $1 ORDER BY id`, id)
	if err != nil {
		return nil, fmt.Errorf("list mail of %s: %w", id, err)
	}
	defer rows.Close()
	var out []app.Mail
	for rows.Next() {
		m, err := scanMail(rows)
		if err != nil {
			return nil, fmt.Errorf("list mail of %s: %w", id, err)
		}
		out = append(out, m)
	}
	return out, rows.Err()
}
