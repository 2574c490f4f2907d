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
)

// Logins have a stream of their own in the log of orders, as changes of the
// staff table have: who came in, how, and how sure the counter was.
const (
	loginStream = "login/log"
	typeLogin   = "login"
)

var _ app.Accounts = (*Store)(nil)

// logLogin writes an act to the log.
func (s *Store) logLogin(ctx context.Context, tx *sql.Tx, act app.LoginAct) error {
	if s.d.lockCase != "" { // another process takes the next number
		if _, err := tx.ExecContext(ctx, s.d.lockCase, loginStream); err != nil {
			return fmt.Errorf("log of logins: %w", err)
		}
	}
	var last int
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM events WHERE stream = $1`, loginStream).Scan(&last); err != nil {
		return fmt.Errorf("log of logins: %w", err)
	}
	data, err := canon.JSON(act)
	if err != nil {
		return err
	}
	return s.insertEntry(ctx, tx, audit.Record{
		Stream: loginStream, Version: last + 1, At: act.At.UnixMilli(), Actor: text(act.Account), Role: string(act.Role), Assurance: int(act.Assurance),
		Type: typeLogin, Schema: schemaVersion, Data: data,
	})
}

// NoteLogin writes to the log what changes nothing else.
func (s *Store) NoteLogin(ctx context.Context, act app.LoginAct) error {
	return s.inTx(ctx, func(tx *sql.Tx) error { return s.logLogin(ctx, tx, act) })
}

// logged runs a statement that must touch a row, and writes the act to the log.
// Nothing touched is ErrNotFound, a broken unique constraint ErrConflict.
func (s *Store) logged(ctx context.Context, what string, act app.LoginAct, query string, args ...any) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := s.touch(ctx, tx, what, query, args...); err != nil {
			return err
		}
		return s.logLogin(ctx, tx, act)
	})
}

func (s *Store) touch(ctx context.Context, tx *sql.Tx, what, query string, args ...any) error {
	res, err := tx.ExecContext(ctx, query, args...)
	if s.d.isUnique(err) {
		return app.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, app.ErrNotFound)
	}
	return nil
}

// absent makes the database's word for nothing ours.
func absent(what string, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return app.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func orNull(s string) sql.NullString { return sql.NullString{String: text(s), Valid: s != ""} }

// moment is the reverse of millis.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// PutAccount stores a new account.
func (s *Store) PutAccount(ctx context.Context, a app.Account, act app.LoginAct) error {
	return s.logged(ctx, "store account", act, `INSERT INTO accounts(id, kind, name, email, staff, created) VALUES ($1, $2, $3, $4, $5, $6)`,
		a.ID, string(a.Kind), text(a.Name), orNull(a.Email), orNull(a.Staff), a.Created.UnixMilli())
}

const accountColumns = `a.id, a.kind, a.name, coalesce(a.email, ''), coalesce(a.staff, ''), a.created`

func accountFields(a *app.Account, created *int64) []any {
	return []any{&a.ID, &a.Kind, &a.Name, &a.Email, &a.Staff, created}
}

func (s *Store) account(ctx context.Context, where, value string) (a app.Account, err error) {
	var created int64
	err = s.db.QueryRowContext(ctx, `SELECT `+accountColumns+` FROM accounts a WHERE a.`+where+` = $1`, text(value)).Scan(accountFields(&a, &created)...)
	a.Created = moment(created)
	return a, absent("load account", err)
}

// Account returns an account.
func (s *Store) Account(ctx context.Context, id string) (app.Account, error) {
	return s.account(ctx, "id", id)
}

// AccountByEmail returns the account of an address.
func (s *Store) AccountByEmail(ctx context.Context, email string) (app.Account, error) {
	return s.account(ctx, "email", email)
}

// AccountByStaff returns the account of a member of staff.
func (s *Store) AccountByStaff(ctx context.Context, staff string) (app.Account, error) {
	return s.account(ctx, "staff", staff)
}

// ListAccounts returns all accounts, oldest first.
func (s *Store) ListAccounts(ctx context.Context) (out []app.Account, err error) {
	err = each(ctx, s.db, `SELECT `+accountColumns+` FROM accounts a ORDER BY a.created, a.id`, func(scan func(...any) error) error {
		var a app.Account
		var created int64
		err := scan(accountFields(&a, &created)...)
		a.Created = moment(created)
		out = append(out, a)
		return err
	})
	return out, absent("list accounts", err)
}

// RemoveAccount removes an account with all that is its.
func (s *Store) RemoveAccount(ctx context.Context, id string, act app.LoginAct) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		for _, q := range []string{
			`DELETE FROM login_links WHERE account = $1 OR email = (SELECT email FROM accounts WHERE id = $2)`,
			`DELETE FROM login_ceremonies WHERE account = $1 AND account = $2`,
			`DELETE FROM visits WHERE account = $1 AND account = $2`,
			`DELETE FROM passkeys WHERE account = $1 AND account = $2`,
		} {
			if _, err := tx.ExecContext(ctx, q, text(id), text(id)); err != nil {
				return fmt.Errorf("remove account: %w", err)
			}
		}
		if err := s.touch(ctx, tx, "remove account", `DELETE FROM accounts WHERE id = $1`, text(id)); err != nil {
			return err
		}
		return s.logLogin(ctx, tx, act)
	})
}

// Enter begins a visit, in the place of another when old is not "".
func (s *Store) Enter(ctx context.Context, old, hash canon.Hash, v app.StoredVisit, act app.LoginAct) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if old != "" {
			if err := s.touch(ctx, tx, "end visit", `DELETE FROM visits WHERE hash = $1`, string(old)); err != nil {
				return err
			}
		}
		err := s.touch(ctx, tx, "begin visit", `INSERT INTO visits(hash, id, account, role, method, assurance, proved, seen, expires)
			SELECT $1, $2, a.id, $3, $4, $5, $6, $7, $8 FROM accounts a WHERE a.id = $9`,
			string(hash), v.ID, string(v.Role), v.Method, int(v.Assurance), v.Proved.UnixMilli(), v.Seen.UnixMilli(), v.Expires.UnixMilli(), text(v.Account))
		if err != nil {
			return err
		}
		return s.logLogin(ctx, tx, act)
	})
}

// Visit returns a visit and its account.
func (s *Store) Visit(ctx context.Context, hash canon.Hash) (v app.StoredVisit, a app.Account, err error) {
	var created, proved, seen, expires int64
	err = s.db.QueryRowContext(ctx, `SELECT v.id, v.role, v.method, v.assurance, v.proved, v.seen, v.expires, `+accountColumns+`
		FROM visits v JOIN accounts a ON a.id = v.account WHERE v.hash = $1`, string(hash)).
		Scan(append([]any{&v.ID, &v.Role, &v.Method, &v.Assurance, &proved, &seen, &expires}, accountFields(&a, &created)...)...)
	v.Account, v.Proved, v.Seen, v.Expires, a.Created = a.ID, moment(proved), moment(seen), moment(expires), moment(created)
	return v, a, absent("load visit", err)
}

// Saw notes that a page was asked for.
func (s *Store) Saw(ctx context.Context, hash canon.Hash, at time.Time) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE visits SET seen = $1 WHERE hash = $2 AND seen < $3`, at.UnixMilli(), string(hash), at.UnixMilli())
		if err != nil {
			return fmt.Errorf("renew visit: %w", err)
		}
		return nil
	})
}

// Leave ends a visit.
func (s *Store) Leave(ctx context.Context, hash canon.Hash, act app.LoginAct) error {
	return s.logged(ctx, "end visit", act, `DELETE FROM visits WHERE hash = $1`, string(hash))
}

// LeaveAll ends all visits of an account but one.
func (s *Store) LeaveAll(ctx context.Context, account string, but canon.Hash, act app.LoginAct) (n int, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM visits WHERE account = $1 AND hash <> $2`, text(account), string(but))
		if err != nil {
			return fmt.Errorf("end visits: %w", err)
		}
		ended, err := res.RowsAffected()
		if n = int(ended); err != nil {
			return err
		}
		return s.logLogin(ctx, tx, act)
	})
	return n, err
}

// SweepLogin removes what has run out.
func (s *Store) SweepLogin(ctx context.Context, now, counts time.Time) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		for _, q := range []struct {
			statement string
			before    time.Time
		}{
			{`DELETE FROM visits WHERE expires <= $1`, now},
			{`DELETE FROM login_links WHERE expires <= $1`, now},
			{`DELETE FROM login_ceremonies WHERE expires <= $1`, now},
			{`DELETE FROM login_counts WHERE began < $1`, counts},
		} {
			if _, err := tx.ExecContext(ctx, q.statement, q.before.UnixMilli()); err != nil {
				return fmt.Errorf("sweep logins: %w", err)
			}
		}
		return nil
	})
}

// Count adds one to a count and returns it.
func (s *Store) Count(ctx context.Context, who string, began time.Time) (n int, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `INSERT INTO login_counts(who, began, n) VALUES ($1, $2, 1) ON CONFLICT (who, began) DO UPDATE SET n = login_counts.n + 1 RETURNING n`,
			who, began.UnixMilli()).Scan(&n)
	})
	return n, absent("count logins", err)
}

// MarkDemo marks an empty database as one of a demo.
func (s *Store) MarkDemo(ctx context.Context) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if s.d.lockCase != "" {
			if _, err := tx.ExecContext(ctx, s.d.lockCase, loginStream); err != nil {
				return fmt.Errorf("mark database: %w", err)
			}
		}
		var used int
		if err := tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM accounts) + (SELECT count(*) FROM marks)`).Scan(&used); err != nil {
			return fmt.Errorf("mark database: %w", err)
		}
		if used > 0 {
			return app.ErrConflict
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO marks(name) VALUES ('demo')`)
		return absent("mark database", err)
	})
}

// IsDemo reports whether the database is one of a demo.
func (s *Store) IsDemo(ctx context.Context) (bool, error) {
	var n int
	err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM marks WHERE name = 'demo'`).Scan(&n)
	return n == 1, absent("look for the mark", err)
}
