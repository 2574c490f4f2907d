package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluss/internal/app"
	"sluss/internal/order"
)

// The row of a case in lists is a copy of what its entries say, written with
// them. Every list is read along an index and no further than its page, so
// that it costs the same however many cases there are.

const caseColumns = `id, title, principal, purpose, phase, version, changed, purge_on, assigned_to, next_due, protected`

// never is a day after every other: the due date of a case that has none, so
// that it comes last.
const never = "9999-99-99"

func putSummary(ctx context.Context, tx *sql.Tx, id string, sum app.Summary) error {
	due := sum.NextDue
	if due == "" {
		due = never
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO cases(id, title, principal, purpose, phase, version, changed, purge_on, assigned_to, next_due, protected, is_open, serial)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (id) DO UPDATE SET title = excluded.title, principal = excluded.principal, purpose = excluded.purpose, phase = excluded.phase,
		version = excluded.version, changed = excluded.changed, purge_on = excluded.purge_on, assigned_to = excluded.assigned_to,
		next_due = excluded.next_due, protected = excluded.protected, is_open = excluded.is_open`,
		id, text(sum.Title), text(sum.Principal), sum.Purpose, string(sum.Phase), sum.Version, sum.Changed.UnixMilli(), sum.PurgeOn,
		text(sum.AssignedTo), due, bit(sum.Protected), bit(open(sum.Phase)), app.Serial(id))
	if err != nil {
		return fmt.Errorf("summary of %s: %w", id, err)
	}
	return nil
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// open reports whether there is anything left to do in a case of the phase.
func open(p order.Phase) bool {
	switch p {
	case order.PhaseClosed, order.PhaseRefused, order.PhaseDismissed, order.PhaseWithdrawn, order.PhaseAnswered, order.PhaseExpired:
		return false
	}
	return true
}

// condition is the end of a query that is put together from parts, with its
// parameters in the order they stand.
type condition struct {
	parts []string
	args  []any
}

// add adds a part; each @ in it stands for the next of args.
func (c *condition) add(part string, args ...any) {
	for range args {
		c.args = append(c.args, args[0])
		part = strings.Replace(part, "@", "$"+strconv.Itoa(len(c.args)), 1)
		args = args[1:]
	}
	c.parts = append(c.parts, part)
}

// list is the parts with commas between.
func (c *condition) list() string { return strings.Join(c.parts, ", ") }

// List returns all orders, latest change first.
func (s *Store) List(ctx context.Context) ([]app.Summary, error) {
	return s.summaries(ctx, `SELECT `+caseColumns+` FROM cases ORDER BY changed DESC, serial DESC, id DESC`)
}

// Page returns at most limit cases that the viewer may know of, after the
// cursor, latest change first.
func (s *Store) Page(ctx context.Context, v app.Viewer, after app.Cursor, limit int) ([]app.Summary, error) {
	changed, number := int64(1<<63-1), int64(1<<63-1)
	if after != (app.Cursor{}) {
		changed, number = after.Changed.UnixMilli(), app.Serial(after.ID)
	}
	var c condition
	c.add(`(changed, serial, id) < (@, @, @)`, changed, number, after.ID)
	c.add(shown, viewed(v)...)
	c.args = append(c.args, limit)
	return s.summaries(ctx, `SELECT `+caseColumns+` FROM cases c WHERE `+strings.Join(c.parts, " AND ")+` ORDER BY changed DESC, serial DESC, id DESC LIMIT $`+strconv.Itoa(len(c.args)), c.args...)
}

// WorkList returns at most limit cases that the filter lets through. Several
// phases are read one by one, each along its index and no further than the
// limit, and put together: there may be thousands of open cases in others.
func (s *Store) WorkList(ctx context.Context, f app.WorkFilter, after app.WorkCursor, limit int) ([]app.Summary, error) {
	by := `serial DESC, id DESC`
	if f.ByDue {
		by = `next_due, serial, id`
	}
	phases := slices.Compact(slices.Sorted(slices.Values(f.Phases)))
	if len(phases) == 0 {
		phases = []order.Phase{""}
	}
	var c condition
	var each []string
	for i, phase := range phases {
		from := len(c.parts)
		c.filter(f, phase, after)
		c.args = append(c.args, limit)
		each = append(each, `SELECT * FROM (SELECT `+caseColumns+`, serial FROM cases c WHERE `+strings.Join(c.parts[from:], " AND ")+
			` ORDER BY `+by+` LIMIT $`+strconv.Itoa(len(c.args))+`) p`+strconv.Itoa(i))
	}
	c.args = append(c.args, limit)
	return s.summaries(ctx, `SELECT `+caseColumns+` FROM (`+strings.Join(each, " UNION ALL ")+`) u ORDER BY `+by+` LIMIT $`+strconv.Itoa(len(c.args)), c.args...)
}

// filter adds what a work list takes of one phase; "" is every phase.
func (c *condition) filter(f app.WorkFilter, phase order.Phase, after app.WorkCursor) {
	c.add(shown, viewed(f.Viewer)...)
	switch {
	case f.Unassigned:
		c.add(`assigned_to = ''`)
	case f.Assigned != "":
		c.add(`assigned_to = @`, text(f.Assigned))
	}
	switch number := strings.ToUpper(f.Number); {
	case number == "":
		c.add(`is_open = 1`)
	case whole(number):
		c.add(`id = @`, number)
	default: // along cases_serial, which holds the number
		c.add(`id LIKE @ ESCAPE '\'`, "%"+likeText(number)+"%")
	}
	if phase != "" {
		c.add(`phase = @`, string(phase))
	}
	switch number := app.Serial(after.ID); {
	case after.ID == "":
	case f.ByDue && after.Due == "":
		c.add(`(next_due, serial, id) > (@, @, @)`, never, number, after.ID)
	case f.ByDue:
		c.add(`(next_due, serial, id) > (@, @, @)`, after.Due, number, after.ID)
	default:
		c.add(`(serial, id) < (@, @)`, number, after.ID)
	}
}

// whole reports whether a text is a case number with everything that it has,
// FK-2026-00017, and not a part of one.
func whole(number string) bool {
	return app.Serial(number) != 0 && len(number)-strings.LastIndexByte(number, '-') > 5
}

// likeText is s as a pattern that stands for itself.
func likeText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text(s))
}

func (s *Store) summaries(ctx context.Context, query string, args ...any) ([]app.Summary, error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	defer rows.Close()
	var out []app.Summary
	for rows.Next() {
		var c app.Summary
		var changed int64
		var protected int
		if err := rows.Scan(&c.ID, &c.Title, &c.Principal, &c.Purpose, &c.Phase, &c.Version, &changed, &c.PurgeOn, &c.AssignedTo, &c.NextDue, &protected); err != nil {
			return nil, fmt.Errorf("list cases: %w", err)
		}
		c.Changed, c.Protected = time.UnixMilli(changed).UTC(), protected == 1
		if c.NextDue == never {
			c.NextDue = ""
		}
		out = append(out, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	return out, nil
}
