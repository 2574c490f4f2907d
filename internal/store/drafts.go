package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/order"
)

// PutDraft stores a new draft.
func (s *Store) PutDraft(ctx context.Context, d app.Draft) error {
	aside, err := asideText(d)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO drafts(id, owner, email, version, form, answers, aside, updated) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			d.ID, text(d.Owner), text(d.Email), d.Version, d.Form, string(d.Answers), aside, d.Updated.UnixMilli())
		if err != nil {
			return fmt.Errorf("store draft: %w", err)
		}
		return admit(ctx, tx, d.ID, access.Person{ID: d.Owner, Role: order.RoleOrderer}, "")
	})
}

// admit lets whoever has the person's keys find the draft.
func admit(ctx context.Context, tx *sql.Tx, draft string, p access.Person, email string) error {
	for _, who := range access.Keys(p) {
		_, err := tx.ExecContext(ctx, `INSERT INTO draft_people(draft, who, email, added) VALUES ($1, $2, $3, (SELECT count(*) FROM draft_people WHERE draft = $4)) ON CONFLICT (draft, who) DO NOTHING`,
			draft, hashed(who), text(email), draft)
		if err != nil {
			return fmt.Errorf("people of a draft: %w", err)
		}
	}
	return nil
}

// asideText is what lies beside the answers, as it is stored; "" for nothing.
func asideText(d app.Draft) (string, error) {
	if len(d.Aside) == 0 {
		return "", nil
	}
	b, err := json.Marshal(d.Aside)
	return string(b), err
}

const draftColumns = `id, owner, email, version, form, answers, aside, updated`

func scanDraft(row interface{ Scan(...any) error }) (d app.Draft, err error) {
	var answers, aside string
	var updated int64
	err = row.Scan(&d.ID, &d.Owner, &d.Email, &d.Version, &d.Form, &answers, &aside, &updated)
	if errors.Is(err, sql.ErrNoRows) {
		return d, app.ErrNotFound
	}
	d.Answers, d.Updated = json.RawMessage(answers), time.UnixMilli(updated).UTC()
	if err == nil && aside != "" {
		err = json.Unmarshal([]byte(aside), &d.Aside)
	}
	return d, err
}

// Draft returns a draft.
func (s *Store) Draft(ctx context.Context, id string) (app.Draft, error) {
	d, err := scanDraft(s.db.QueryRowContext(ctx, `SELECT `+draftColumns+` FROM drafts WHERE id = $1`, id))
	if err != nil {
		return d, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT email FROM draft_people WHERE draft = $1 AND email <> '' ORDER BY added, who`, id)
	if err != nil {
		return d, fmt.Errorf("people of a draft: %w", err)
	}
	d.Members, err = texts(rows)
	return d, err
}

// texts reads rows of one text each.
func texts(rows *sql.Rows) (out []string, err error) {
	defer rows.Close()
	for rows.Next() {
		var t string
		if err := rows.Scan(&t); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// SaveDraft replaces the answers of a draft that stands at the version before.
func (s *Store) SaveDraft(ctx context.Context, d app.Draft) error {
	aside, err := asideText(d)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE drafts SET version = $1, form = $2, answers = $3, aside = $4, updated = $5 WHERE id = $6 AND version = $7`,
			d.Version, d.Form, string(d.Answers), aside, d.Updated.UnixMilli(), d.ID, d.Version-1)
		if err != nil {
			return fmt.Errorf("save draft: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, draftMoved(ctx, tx, d.ID))
		}
		return nil
	})
}

// draftMoved tells a draft that stands at another version from one that is
// gone.
func draftMoved(ctx context.Context, tx *sql.Tx, id string) error {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM drafts WHERE id = $1`, id).Scan(&n); err != nil || n == 0 {
		return errors.Join(err, app.ErrNotFound)
	}
	return app.ErrConflict
}

// Invite lets somebody else read and write a draft.
func (s *Store) Invite(ctx context.Context, id, email string) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		return admit(ctx, tx, id, access.Person{Email: email, Role: order.RoleOrderer}, email)
	})
}

// Uninvite takes that away.
func (s *Store) Uninvite(ctx context.Context, id, email string) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		for _, who := range access.Keys(access.Person{Email: email, Role: order.RoleOrderer}) {
			if _, err := tx.ExecContext(ctx, `DELETE FROM draft_people WHERE draft = $1 AND who = $2 AND email <> ''`, id, hashed(who)); err != nil {
				return fmt.Errorf("people of a draft: %w", err)
			}
		}
		return nil
	})
}

// DraftsOf returns the drafts that one of the keys belongs to.
func (s *Store) DraftsOf(ctx context.Context, keys []string) ([]app.Draft, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var c condition
	for _, k := range keys {
		c.add("@", hashed(k))
	}
	rows, err := s.db.QueryContext(ctx, `SELECT `+draftColumns+` FROM drafts WHERE id IN (SELECT draft FROM draft_people WHERE who IN (`+c.list()+`)) ORDER BY updated DESC, id`, c.args...)
	if err != nil {
		return nil, fmt.Errorf("list drafts: %w", err)
	}
	defer rows.Close()
	var out []app.Draft
	for rows.Next() {
		d, err := scanDraft(rows)
		if err != nil {
			return nil, fmt.Errorf("list drafts: %w", err)
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// DeleteDraft removes a draft and marks its attachments for removal.
func (s *Store) DeleteDraft(ctx context.Context, id string) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := loosen(ctx, tx, id); err != nil {
			return err
		}
		return dropDraft(ctx, tx, id)
	})
}

func dropDraft(ctx context.Context, tx *sql.Tx, id string) error {
	for _, q := range []string{`DELETE FROM draft_people WHERE draft = $1`, `DELETE FROM drafts WHERE id = $1`} {
		if _, err := tx.ExecContext(ctx, q, id); err != nil {
			return fmt.Errorf("remove draft: %w", err)
		}
	}
	return nil
}

// AppendDraft appends and turns the draft into the case.
func (s *Store) AppendDraft(ctx context.Context, d app.Draft, id string, entries []order.Entry, sum app.Summary, jobs []app.Job) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE drafts SET version = version + 1 WHERE id = $1 AND version = $2`, d.ID, d.Version)
		if err != nil {
			return fmt.Errorf("submit draft: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, draftMoved(ctx, tx, d.ID))
		}
		if _, err := tx.ExecContext(ctx, `UPDATE attachments SET place = $1 WHERE place = $2`, id, d.ID); err != nil {
			return fmt.Errorf("attachments of a draft: %w", err)
		}
		if err := s.append(ctx, tx, id, entries, sum, jobs); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO drafts_submitted(draft, owner, stream) VALUES ($1, $2, $3)`, d.ID, text(d.Owner), id); err != nil {
			return fmt.Errorf("submit draft: %w", err)
		}
		return dropDraft(ctx, tx, d.ID)
	})
}

// Became returns the case that a draft was turned into.
func (s *Store) Became(ctx context.Context, draft string) (id, owner string, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT stream, owner FROM drafts_submitted WHERE draft = $1`, draft).Scan(&id, &owner)
	if errors.Is(err, sql.ErrNoRows) {
		err = app.ErrNotFound
	}
	return id, owner, err
}

// DraftsBefore returns the drafts that nobody has saved since a time.
func (s *Store) DraftsBefore(ctx context.Context, t time.Time) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id FROM drafts WHERE updated < $1 ORDER BY updated`, t.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("old drafts: %w", err)
	}
	return texts(rows)
}
