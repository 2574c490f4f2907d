package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/order"
)

// Changes of the staff table have a stream of their own in the log of orders:
// who was given which roles and clearance, and by whom, cannot be rewritten
// unseen.
const (
	staffStream = "staff/log"
	typeStaff   = "staff_changed"
)

// staffEntry is the content of such an entry.
type staffEntry struct {
	ID      string       `json:"id"`
	Name    string       `json:"name,omitempty"`
	Roles   []order.Role `json:"roles,omitempty"`
	Teams   []string     `json:"teams,omitempty"`
	Cleared bool         `json:"cleared,omitempty"`
	Removed bool         `json:"removed,omitempty"`
}

const memberColumns = `id, name, roles, teams, cleared`

func scanMember(row interface{ Scan(...any) error }) (app.Member, error) {
	var m app.Member
	var roles, teams string
	var cleared int
	if err := row.Scan(&m.ID, &m.Name, &roles, &teams, &cleared); err != nil {
		return m, err
	}
	for _, r := range lines(roles) {
		m.Roles = append(m.Roles, order.Role(r))
	}
	m.Teams, m.Cleared = lines(teams), cleared == 1
	return m, nil
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// Members returns everybody, by id.
func (s *Store) Members(ctx context.Context) (out []app.Member, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+memberColumns+` FROM staff ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("list staff: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		m, err := scanMember(rows)
		if err != nil {
			return nil, fmt.Errorf("list staff: %w", err)
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

// Member returns one member of staff.
func (s *Store) Member(ctx context.Context, id string) (app.Member, error) {
	m, err := scanMember(s.db.QueryRowContext(ctx, `SELECT `+memberColumns+` FROM staff WHERE id = $1`, text(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return m, app.ErrNotFound
	}
	if err != nil {
		return m, fmt.Errorf("load staff: %w", err)
	}
	return m, nil
}

// PutMember stores or replaces a member of staff.
func (s *Store) PutMember(ctx context.Context, m app.Member, by order.Actor, at time.Time) error {
	var roles []string
	for _, r := range m.Roles {
		roles = append(roles, string(r))
	}
	oneLine := func(t string) string { return strings.ReplaceAll(text(t), "\n", " ") }
	var teams []string
	for _, t := range m.Teams {
		teams = append(teams, oneLine(t))
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO staff(id, name, roles, teams, cleared) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, roles = excluded.roles, teams = excluded.teams, cleared = excluded.cleared`,
			text(m.ID), oneLine(m.Name), strings.Join(roles, "\n"), strings.Join(teams, "\n"), bit(m.Cleared))
		if err != nil {
			return fmt.Errorf("store staff: %w", err)
		}
		return s.logStaff(ctx, tx, staffEntry{ID: text(m.ID), Name: oneLine(m.Name), Roles: m.Roles, Teams: teams, Cleared: m.Cleared}, by, at)
	})
}

// RemoveMember removes a member of staff.
func (s *Store) RemoveMember(ctx context.Context, id string, by order.Actor, at time.Time) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM staff WHERE id = $1`, text(id))
		if err != nil {
			return fmt.Errorf("remove staff: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, app.ErrNotFound)
		}
		return s.logStaff(ctx, tx, staffEntry{ID: text(id), Removed: true}, by, at)
	})
}

func (s *Store) logStaff(ctx context.Context, tx *sql.Tx, e staffEntry, by order.Actor, at time.Time) error {
	if s.d.lockCase != "" { // another process takes the next number
		if _, err := tx.ExecContext(ctx, s.d.lockCase, staffStream); err != nil {
			return fmt.Errorf("log of staff: %w", err)
		}
	}
	var last int
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM events WHERE stream = $1`, staffStream).Scan(&last); err != nil {
		return fmt.Errorf("log of staff: %w", err)
	}
	data, err := canon.JSON(e)
	if err != nil {
		return err
	}
	return s.insertEntry(ctx, tx, audit.Record{
		Stream: staffStream, Version: last + 1, At: at.UnixMilli(), Actor: text(by.ID), Role: string(by.Role), Assurance: by.Assurance, Type: typeStaff, Schema: schemaVersion, Data: data,
	})
}

// Absences returns those that are not over before a day.
func (s *Store) Absences(ctx context.Context, from day.Day) (out []app.Absence, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, person, first_day, last_day, substitute FROM absences WHERE last_day >= $1 ORDER BY first_day, id`, from.String())
	if err != nil {
		return nil, fmt.Errorf("list absences: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var x app.Absence
		var first, last string
		if err := rows.Scan(&x.ID, &x.Person, &first, &last, &x.Substitute); err != nil {
			return nil, fmt.Errorf("list absences: %w", err)
		}
		var err1, err2 error
		x.First, err1 = day.Parse(first)
		x.Last, err2 = day.Parse(last)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("list absences: %w", err)
		}
		out = append(out, x)
	}
	return out, rows.Err()
}

// PutAbsence stores an absence and returns its number.
func (s *Store) PutAbsence(ctx context.Context, x app.Absence) (id int64, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `INSERT INTO absences(person, first_day, last_day, substitute) VALUES ($1, $2, $3, $4) RETURNING id`,
			text(x.Person), x.First.String(), x.Last.String(), text(x.Substitute)).Scan(&id)
	})
	if err != nil {
		return 0, fmt.Errorf("store absence: %w", err)
	}
	return id, nil
}

// RemoveAbsence removes an absence.
func (s *Store) RemoveAbsence(ctx context.Context, id int64) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM absences WHERE id = $1`, id)
		return err
	})
}
