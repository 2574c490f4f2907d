package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"sluss/internal/app"
)

// restand replaces a case's places in lists.
func restand(ctx context.Context, tx *sql.Tx, id, stands string) error {
	all, err := app.StandsIn(stands)
	if err == nil {
		_, err = tx.ExecContext(ctx, `DELETE FROM stands WHERE id = $1`, id)
	}
	for _, x := range all {
		var row []byte
		if row, err = json.Marshal(x.Row); err != nil {
			break
		}
		if _, err = tx.ExecContext(ctx, `INSERT INTO stands(list, on_day, id, row_json) VALUES ($1, $2, $3, $4)`, string(x.List), text(x.On), id, text(string(row))); err != nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("lists of %s: %w", id, err)
	}
	return nil
}

// Standing calls yield with the rows of a list that are asked for.
func (s *Store) Standing(ctx context.Context, q app.StandQuery, yield func(app.Standing) error) error {
	var c condition
	c.add(`l.list = @`, string(q.List))
	if q.From != "" {
		c.add(`l.on_day >= @`, text(q.From))
	}
	if q.To != "" {
		c.add(`l.on_day < @`, text(q.To))
	}
	after, by := ">", "l.on_day, l.id"
	if q.Latest {
		after, by = "<", "l.on_day DESC, l.id DESC"
	}
	if q.After != (app.StandPlace{}) {
		c.add(`(l.on_day, l.id) `+after+` (@, @)`, text(q.After.On), text(q.After.Case))
	}
	c.add(shown, viewed(q.Viewer)...)
	c.args = append(c.args, q.Limit)
	rows, err := s.db.QueryContext(ctx, `SELECT l.id, c.title, c.principal, l.on_day, l.row_json FROM stands l JOIN cases c ON c.id = l.id WHERE `+
		strings.Join(c.parts, " AND ")+` ORDER BY `+by+` LIMIT $`+strconv.Itoa(len(c.args)), c.args...)
	if err != nil {
		return fmt.Errorf("read list: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var x app.Standing
		var row string
		if err := rows.Scan(&x.Case, &x.Title, &x.Principal, &x.On, &row); err != nil {
			return fmt.Errorf("read list: %w", err)
		}
		if err := json.Unmarshal([]byte(row), &x.Row); err != nil {
			return fmt.Errorf("read list: %s: %w", x.Case, err)
		}
		if err := yield(x); err != nil {
			return err
		}
	}
	return rows.Err()
}

// OpenCases counts the orders that are not ended by purpose and phase.
func (s *Store) OpenCases(ctx context.Context) ([]app.OpenCount, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT purpose, phase, count(*) FROM cases WHERE is_open = 1 AND protected = 0 AND purpose <> '' GROUP BY purpose, phase ORDER BY purpose, phase`)
	if err != nil {
		return nil, fmt.Errorf("count cases: %w", err)
	}
	defer rows.Close()
	var out []app.OpenCount
	for rows.Next() {
		var x app.OpenCount
		if err := rows.Scan(&x.Purpose, &x.Phase, &x.N); err != nil {
			return nil, fmt.Errorf("count cases: %w", err)
		}
		out = append(out, x)
	}
	return out, rows.Err()
}

// StandingByMonth counts the rows of a list by month.
func (s *Store) StandingByMonth(ctx context.Context, l app.List, v app.Viewer) (map[string]int, error) {
	var c condition
	c.add(`l.list = @`, string(l))
	c.add(shown, viewed(v)...)
	rows, err := s.db.QueryContext(ctx, `SELECT substr(l.on_day, 1, 7), count(*) FROM stands l JOIN cases c ON c.id = l.id WHERE `+strings.Join(c.parts, " AND ")+` GROUP BY substr(l.on_day, 1, 7)`, c.args...)
	if err != nil {
		return nil, fmt.Errorf("count list: %w", err)
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var month string
		var n int
		if err := rows.Scan(&month, &n); err != nil {
			return nil, fmt.Errorf("count list: %w", err)
		}
		out[month] = n
	}
	return out, rows.Err()
}
