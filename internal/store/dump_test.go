//go:build unix

package store_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"sluss/internal/fault"
	"sluss/internal/store"
	"sluss/internal/store/pgtest"
)

// stuff puts three rows into every table that a new database has, whatever its
// columns, and takes the last one of outbox away again.
func stuff(t *testing.T, db *sql.DB) (tables int) {
	t.Helper()
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	rows, err := db.QueryContext(t.Context(), `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_versions' ORDER BY rowid`)
	if err != nil {
		t.Fatal(err)
	}
	names := scanAll(t, rows)
	for _, name := range names {
		rows, err := db.QueryContext(t.Context(), `SELECT name || ' ' || type FROM pragma_table_info('`+name+`')`)
		if err != nil {
			t.Fatal(err)
		}
		columns := scanAll(t, rows)
		for n := 1; n <= 3; n++ {
			var cols, marks []string
			var args []any
			for _, c := range columns {
				col, typ, _ := strings.Cut(c, " ")
				cols, marks = append(cols, col), append(marks, "?")
				if typ == "TEXT" {
					args = append(args, fmt.Sprintf("%s åäö <&>\" \\ \n\u2028 %d", map[bool]string{true: "acc", false: name + col}[col == "account" || name == "accounts" && col == "id"], n))
				} else {
					args = append(args, int64(n)*1_000_007)
				}
			}
			exec(`INSERT INTO `+name+`(`+strings.Join(cols, ",")+`) VALUES (`+strings.Join(marks, ",")+`)`, args...)
		}
	}
	exec(`DELETE FROM outbox WHERE id = 3000021`)
	return len(names)
}

func scanAll(t *testing.T, rows *sql.Rows) (out []string) {
	t.Helper()
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// TestDumpThereAndBack: a copy of every table, from SQLite into PostgreSQL and
// into SQLite again, is the same line for line; who is logged in is in none;
// numbers that were drawn are not drawn again.
func TestDumpThereAndBack(t *testing.T) {
	t.Parallel()
	first := sqlite(t)
	s := first.Open(t).(*store.Store)
	tables := stuff(t, first.Raw(t))
	if tables < 35 {
		t.Fatalf("only %d tables", tables)
	}
	want := dumped(t, s)
	if n := strings.Count(want, "\n"); n < 3*30 {
		t.Fatalf("%d lines", n)
	}
	for _, passing := range []string{`"table":"visits"`, `"table":"login_links"`, `"table":"leases"`} {
		if strings.Contains(want, passing) {
			t.Errorf("the dump has %s", passing)
		}
	}
	if !strings.Contains(want, `{"counter":"outbox","last":3000021}`) {
		t.Error("the dump does not say which number was drawn last")
	}
	dsn := pgtest.Database(t)
	if err := store.FillPostgres(t.Context(), dsn, strings.NewReader(want)); err != nil {
		t.Fatal(err)
	}
	pg := opened(t)(store.OpenPostgres(t.Context(), dsn)).(*store.Store)
	between := dumped(t, pg)
	sameLines(t, "PostgreSQL", want, between)
	if err := store.FillPostgres(t.Context(), dsn, strings.NewReader(want)); code(err) != "restore.not_empty" {
		t.Errorf("over a database that is in use: %v", err)
	}
	raw := raw(t, "pgx", dsn)
	var drawn int64
	row := raw.QueryRowContext(t.Context(), `INSERT INTO leaves(stream, version, salt, leaf) VALUES ('x', 1, '', '') RETURNING id`)
	if err := row.Scan(&drawn); err != nil || drawn != 3000022 {
		t.Errorf("the next number is %d, %v", drawn, err)
	}
	file := filepath.Join(t.TempDir(), "again.db")
	if err := store.FillSQLite(t.Context(), file, strings.NewReader(between)); err != nil {
		t.Fatal(err)
	}
	again := opened(t)(store.OpenSQLite(t.Context(), file)).(*store.Store)
	sameLines(t, "SQLite", want, dumped(t, again))
	if err := pg.Empty(t.Context()); err != nil {
		t.Error(err)
	}
	if err := store.FillPostgres(t.Context(), dsn, strings.NewReader(want)); err != nil {
		t.Errorf("after it was emptied: %v", err)
	}
}

func dumped(t *testing.T, s *store.Store) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.Dump(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func sameLines(t *testing.T, name, want, got string) {
	t.Helper()
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	if len(a) != len(b) {
		t.Errorf("%s: %d lines, want %d", name, len(b), len(a))
	}
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Errorf("%s, line %d: %s\nwant %s", name, i+1, b[i], a[i])
			return
		}
	}
}

func code(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Code
	}
	return ""
}

// TestDumpOfAnEarlierProgram is brought up to date; that of a later one, a cut
// one and rubbish are refused and leave an empty database.
func TestDumpOfAnEarlierProgram(t *testing.T) {
	t.Parallel()
	early := `{"dump":"sluss/database/v1","schema":["migrations/0001_orders.sql","migrations/0002_audit.sql"]}
{"table":"numbers","columns":["year","last"]}
[2026,41]
{"end":true,"rows":1}
`
	file := filepath.Join(t.TempDir(), "sluss.db")
	if err := store.FillSQLite(t.Context(), file, strings.NewReader(early)); err != nil {
		t.Fatal(err)
	}
	s := opened(t)(store.OpenSQLite(t.Context(), file))
	if n, err := s.NextNumber(t.Context(), 2026); err != nil || n != 42 {
		t.Errorf("the next number is %d, %v", n, err)
	}
	for name, tt := range map[string][2]string{
		"later":      {strings.Replace(early, "0002_audit", "9999_later", 1), "restore.later"},
		"cut":        {early[:len(early)-25], "restore.database"},
		"a row less": {strings.Replace(early, "[2026,41]\n", "", 1), "restore.database"},
		"rubbish":    {"rubbish", "restore.database"},
		"a table":    {strings.Replace(early, `"numbers"`, `"sqlite_master"`, 1), "restore.database"},
		"a column":   {strings.Replace(early, `"last"`, `"last) VALUES (1); --"`, 1), "restore.database"},
		"a fraction": {strings.Replace(early, "41", "41.5", 1), "restore.database"},
	} {
		file := filepath.Join(t.TempDir(), "sluss.db")
		if err := store.FillSQLite(t.Context(), file, strings.NewReader(tt[0])); code(err) != tt[1] {
			t.Errorf("%s: %v", name, err)
		}
		if err := store.FillSQLite(t.Context(), file, strings.NewReader(early)); err != nil {
			t.Errorf("%s left something behind: %v", name, err)
		}
	}
}
