package store

import (
	"context"
	"database/sql"
	"time"

	"sluss/internal/app"
	"sluss/internal/canon"
)

// PutLink stores a new link.
func (s *Store) PutLink(ctx context.Context, hash canon.Hash, l app.LoginLink) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		return s.touch(ctx, tx, "store link", `INSERT INTO login_links(hash, email, account, browser, code, tries, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			string(hash), text(l.Email), text(l.Account), string(l.Browser), string(l.Code), l.Tries, l.Expires.UnixMilli())
	})
}

const linkColumns = `email, account, browser, code, tries, expires`

func scanLink(row *sql.Row) (l app.LoginLink, err error) {
	var expires int64
	err = row.Scan(&l.Email, &l.Account, &l.Browser, &l.Code, &l.Tries, &expires)
	l.Expires = moment(expires)
	return l, absent("load link", err)
}

// Link returns a link that has not run out.
func (s *Store) Link(ctx context.Context, hash canon.Hash, now time.Time) (app.LoginLink, error) {
	return scanLink(s.db.QueryRowContext(ctx, `SELECT `+linkColumns+` FROM login_links WHERE hash = $1 AND expires > $2`, string(hash), now.UnixMilli()))
}

// TryLink counts a try at the code.
func (s *Store) TryLink(ctx context.Context, hash canon.Hash, now time.Time) (l app.LoginLink, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		l, err = scanLink(tx.QueryRowContext(ctx, `UPDATE login_links SET tries = tries + 1 WHERE hash = $1 AND expires > $2 RETURNING `+linkColumns, string(hash), now.UnixMilli()))
		return err
	})
	return l, err
}

// TakeLink returns a link that has not run out, and removes it.
func (s *Store) TakeLink(ctx context.Context, hash canon.Hash, now time.Time) (l app.LoginLink, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		l, err = scanLink(tx.QueryRowContext(ctx, `DELETE FROM login_links WHERE hash = $1 AND expires > $2 RETURNING `+linkColumns, string(hash), now.UnixMilli()))
		return err
	})
	return l, err
}

// PutPasskey stores a new passkey.
func (s *Store) PutPasskey(ctx context.Context, p app.Passkey, act app.LoginAct) error {
	return s.logged(ctx, "store passkey", act, `INSERT INTO passkeys(id, account, name, data, assurance, blocked, created, used) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		p.ID, p.Account, text(p.Name), p.Data, int(p.Assurance), bit(p.Blocked), p.Created.UnixMilli(), millis(p.Used))
}

const passkeyColumns = `id, account, name, data, assurance, blocked, created, used`

func scanPasskey(scan func(...any) error) (p app.Passkey, err error) {
	var blocked int
	var created, used int64
	err = scan(&p.ID, &p.Account, &p.Name, &p.Data, &p.Assurance, &blocked, &created, &used)
	p.Blocked, p.Created, p.Used = blocked == 1, moment(created), moment(used)
	return p, absent("load passkey", err)
}

// Passkey returns a passkey by the id of its credential.
func (s *Store) Passkey(ctx context.Context, id string) (app.Passkey, error) {
	return scanPasskey(s.db.QueryRowContext(ctx, `SELECT `+passkeyColumns+` FROM passkeys WHERE id = $1`, text(id)).Scan)
}

// Passkeys returns those of an account, oldest first.
func (s *Store) Passkeys(ctx context.Context, account string) (out []app.Passkey, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+passkeyColumns+` FROM passkeys WHERE account = $1 ORDER BY created, id`, text(account))
	if err != nil {
		return nil, absent("list passkeys", err)
	}
	defer rows.Close()
	for rows.Next() {
		p, err := scanPasskey(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// UsedPasskey stores what a login changed, unless another came first.
func (s *Store) UsedPasskey(ctx context.Context, p app.Passkey, was string) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		err := s.touch(ctx, tx, "renew passkey", `UPDATE passkeys SET data = $1, blocked = $2, used = $3 WHERE id = $4 AND data = $5`, p.Data, bit(p.Blocked), millis(p.Used), p.ID, was)
		if app.IsNotFound(err) {
			return app.ErrConflict
		}
		return err
	})
}

// RemovePasskey removes one of an account's passkeys.
func (s *Store) RemovePasskey(ctx context.Context, account, id string, act app.LoginAct) error {
	return s.logged(ctx, "remove passkey", act, `DELETE FROM passkeys WHERE account = $1 AND id = $2`, text(account), text(id))
}

// PutCeremony stores a ceremony.
func (s *Store) PutCeremony(ctx context.Context, hash canon.Hash, c app.Ceremony) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		return s.touch(ctx, tx, "store ceremony", `INSERT INTO login_ceremonies(hash, kind, account, data, expires) VALUES ($1, $2, $3, $4, $5)`,
			string(hash), c.Kind, c.Account, c.Data, c.Expires.UnixMilli())
	})
}

// TakeCeremony returns a ceremony that has not run out, and removes it.
func (s *Store) TakeCeremony(ctx context.Context, hash canon.Hash, kind string, now time.Time) (c app.Ceremony, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		var expires int64
		err := tx.QueryRowContext(ctx, `DELETE FROM login_ceremonies WHERE hash = $1 AND kind = $2 AND expires > $3 RETURNING kind, account, data, expires`, string(hash), kind, now.UnixMilli()).
			Scan(&c.Kind, &c.Account, &c.Data, &expires)
		c.Expires = moment(expires)
		return absent("load ceremony", err)
	})
	return c, err
}
