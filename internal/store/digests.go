package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"sluss/internal/app"
	"sluss/internal/order"
)

// Digests are copies of what entries say, as the rows of lists are. Tasks have
// a table of their own with a row only for cases in which somebody has
// something to do, so that a queue is read without passing finished cases.

// putDigest stores the digest of a case, in the transaction of its entries.
func putDigest(ctx context.Context, tx *sql.Tx, id string, d app.Digest) error {
	var marks, conflicts, stands string
	err := tx.QueryRowContext(ctx, `SELECT marks, conflicts, stands FROM digests WHERE id = $1`, id).Scan(&marks, &conflicts, &stands)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("digest of %s: %w", id, err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO digests(id, fact, decided, past, marks, conflicts, stands) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET fact = excluded.fact, decided = excluded.decided, past = excluded.past, marks = excluded.marks, conflicts = excluded.conflicts, stands = excluded.stands`,
		id, text(d.Fact), text(d.Decided), text(d.Past), text(d.Marks), text(d.Conflicts), text(d.Stands))
	if err != nil {
		return fmt.Errorf("digest of %s: %w", id, err)
	}
	if d.Roles == "" {
		_, err = tx.ExecContext(ctx, `DELETE FROM desk WHERE id = $1`, id)
	} else {
		_, err = tx.ExecContext(ctx, `INSERT INTO desk(id, roles, tasks) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET roles = excluded.roles, tasks = excluded.tasks`, id, d.Roles, text(d.Tasks))
	}
	if err != nil {
		return fmt.Errorf("tasks of %s: %w", id, err)
	}
	if text(d.Marks) != marks {
		if err := relist(ctx, tx, id, d.Marks, `DELETE FROM case_marks WHERE stream = $1`, `INSERT INTO case_marks(stream, mark) VALUES ($1, $2)`); err != nil {
			return err
		}
	}
	if text(d.Stands) != stands {
		if err := restand(ctx, tx, id, d.Stands); err != nil {
			return err
		}
	}
	if text(d.Conflicts) != conflicts {
		return relist(ctx, tx, id, d.Conflicts, `DELETE FROM case_conflicts WHERE stream = $1`, `INSERT INTO case_conflicts(stream, person) VALUES ($1, $2)`)
	}
	return nil
}

// relist replaces the rows of a case by the texts of a JSON list.
func relist(ctx context.Context, tx *sql.Tx, id, list, remove, insert string) error {
	var all []string
	if list != "" {
		if err := json.Unmarshal([]byte(list), &all); err != nil {
			return fmt.Errorf("digest of %s: %w", id, err)
		}
	}
	if _, err := tx.ExecContext(ctx, remove, id); err != nil {
		return fmt.Errorf("digest of %s: %w", id, err)
	}
	for _, v := range all {
		if _, err := tx.ExecContext(ctx, insert, id, text(v)); err != nil {
			return fmt.Errorf("digest of %s: %w", id, err)
		}
	}
	return nil
}

// shown is the condition that a viewer may know of case c; @ stands twice for
// what viewed returns.
const shown = `(c.protected = 0 OR @ = 1) AND NOT EXISTS (SELECT 1 FROM case_conflicts x WHERE x.stream = c.id AND x.person = @)`

func viewed(v app.Viewer) []any { return []any{bit(v.Cleared), text(v.Person)} }

// shownDigest is the same condition of row d of a case that lists nothing else
// of it: few cases are protected, and an index has those alone.
const shownDigest = `(@ = 1 OR NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = d.id AND c.protected = 1)) AND NOT EXISTS (SELECT 1 FROM case_conflicts x WHERE x.stream = d.id AND x.person = @)`

// EachDigest calls yield with a part of every case that has it and that the
// viewer may know of.
func (s *Store) EachDigest(ctx context.Context, part app.Part, role order.Role, v app.Viewer, yield func(id, text string) error) error {
	var c condition
	if role != "" && part == app.PartTasks {
		c.add(`d.roles LIKE @ ESCAPE '\'`, "%,"+likeText(string(role))+",%")
	}
	return s.digests(ctx, part, c, v, yield)
}

// SomeDigests does so with these cases only.
func (s *Store) SomeDigests(ctx context.Context, part app.Part, ids []string, v app.Viewer, yield func(id, text string) error) error {
	if len(ids) == 0 {
		return nil
	}
	var these, c condition
	for _, id := range ids {
		these.add(`@`, text(id))
	}
	c.args, c.parts = these.args, []string{`d.id IN (` + these.list() + `)`}
	return s.digests(ctx, part, c, v, yield)
}

// digests calls yield with a part of the cases of a condition that have it and
// that the viewer may know of.
func (s *Store) digests(ctx context.Context, part app.Part, c condition, v app.Viewer, yield func(id, text string) error) error {
	c.add(shownDigest, viewed(v)...)
	table, column := "digests", ""
	switch part {
	case app.PartTasks:
		table, column = "desk", "tasks"
	case app.PartFact:
		column = "fact"
	case app.PartDecided:
		column = "decided"
	case app.PartPast:
		column = "past"
	default:
		return fmt.Errorf("no part %q of digests", part)
	}
	c.add(`d.` + column + ` <> ''`)
	rows, err := s.db.QueryContext(ctx, `SELECT d.id, d.`+column+` FROM `+table+` d WHERE `+strings.Join(c.parts, " AND "), c.args...)
	if err != nil {
		return fmt.Errorf("read digests: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, text string
		if err := rows.Scan(&id, &text); err != nil {
			return fmt.Errorf("read digests: %w", err)
		}
		if err := yield(id, text); err != nil {
			return err
		}
	}
	return rows.Err()
}

// EachWhole calls yield with the whole digest of every case that has one.
func (s *Store) EachWhole(ctx context.Context, yield func(id string, d app.Digest) error) error {
	rows, err := s.db.QueryContext(ctx, `SELECT d.id, d.fact, d.decided, d.past, d.marks, d.conflicts, d.stands, coalesce(k.roles, ''), coalesce(k.tasks, '') FROM digests d LEFT JOIN desk k ON k.id = d.id`)
	if err != nil {
		return fmt.Errorf("read digests: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var d app.Digest
		if err := rows.Scan(&id, &d.Fact, &d.Decided, &d.Past, &d.Marks, &d.Conflicts, &d.Stands, &d.Roles, &d.Tasks); err != nil {
			return fmt.Errorf("read digests: %w", err)
		}
		if err := yield(id, d); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Undigested returns cases that have no digest.
func (s *Store) Undigested(ctx context.Context, limit int) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT c.id FROM cases c WHERE NOT EXISTS (SELECT 1 FROM digests d WHERE d.id = c.id) ORDER BY c.id LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("cases without digest: %w", err)
	}
	return texts(rows)
}

// PutDigest stores the digest of a case that stands at the version.
func (s *Store) PutDigest(ctx context.Context, id string, version int, d app.Digest) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE cases SET version = version WHERE id = $1 AND version = $2`, id, version)
		if err != nil {
			return fmt.Errorf("digest of %s: %w", id, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err // the command that moved it has written one
		}
		return putDigest(ctx, tx, id, d)
	})
}

// Marked returns the cases that one of the marks stands for.
func (s *Store) Marked(ctx context.Context, marks []string) ([]string, error) {
	var out []string
	const some = 100
	for len(marks) > 0 {
		now := marks[:min(some, len(marks))]
		marks = marks[len(now):]
		var c condition
		for _, m := range now {
			c.add(`@`, text(m))
		}
		rows, err := s.db.QueryContext(ctx, `SELECT DISTINCT stream FROM case_marks WHERE mark IN (`+c.list()+`) ORDER BY stream`, c.args...)
		if err != nil {
			return nil, fmt.Errorf("marked cases: %w", err)
		}
		found, err := texts(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}
