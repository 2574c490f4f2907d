package store

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"sluss/internal/fault"
)

// A dump is a copy of the whole database in lines of JSON, the same from SQLite
// and PostgreSQL, so that either can be filled from the other's:
//
//	{"dump":"sluss/database/v1","schema":["migrations/0001_orders.sql",…]}
//	{"table":"events","columns":["stream",…]}
//	["FK-2026-00001",1,…]                        one line for each row
//	{"counter":"leaves","last":4711}             numbers that the database draws
//	{"end":true,"rows":123456}
//
// It is read in one transaction, while the counter works, and shows the
// database as it was at one moment.
const dumpFormat = "sluss/database/v1"

// passing are tables that no dump holds: who is logged in, who is logging in
// just now, who sequences. Nobody stays logged in through a restore.
var passing = []string{"leases", "visits", "login_links", "login_ceremonies", "login_counts"}

// dumpLine is every line of a dump that is no row.
type dumpLine struct {
	Dump    string   `json:"dump,omitempty"`
	Schema  []string `json:"schema,omitempty"`
	Table   string   `json:"table,omitempty"`
	Columns []string `json:"columns,omitempty"`
	Counter string   `json:"counter,omitempty"`
	Last    int64    `json:"last,omitempty"`
	End     bool     `json:"end,omitempty"`
	Rows    int64    `json:"rows,omitempty"`
}

var createTable = regexp.MustCompile(`\bCREATE TABLE ([a-z_]+) \(`)

// schemaTable is a table as the migrations make it.
type schemaTable struct {
	name  string
	drawn bool // its column id is drawn by the database
}

// tablesOf lists the tables that these migrations make, in their order, so that
// what refers to a table comes after it.
func tablesOf(names []string) ([]schemaTable, error) {
	var out []schemaTable
	for _, name := range names {
		b, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for stmt := range strings.SplitSeq(string(b), ";\n") {
			if m := createTable.FindStringSubmatch(stmt); m != nil {
				out = append(out, schemaTable{m[1], strings.Contains(stmt, "\n  id @identity@")})
			}
		}
	}
	return out, nil
}

// Dump writes a copy of the database.
func (s *Store) Dump(ctx context.Context, w io.Writer) error {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: s.d.snapshot, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("dump: %w", err)
	}
	defer tx.Rollback() // nothing was written
	if s.d.unhurried != "" {
		if _, err := tx.ExecContext(ctx, s.d.unhurried); err != nil {
			return fmt.Errorf("dump: %w", err)
		}
	}
	d := dumper{buffered: bufio.NewWriterSize(w, 1<<18)}
	d.lines = json.NewEncoder(d.buffered)
	d.lines.SetEscapeHTML(false)
	if err := d.all(ctx, tx, s.d); err != nil {
		return fmt.Errorf("dump: %w", err)
	}
	return d.buffered.Flush()
}

type dumper struct {
	buffered *bufio.Writer
	lines    *json.Encoder
	rows     int64
}

func (d *dumper) all(ctx context.Context, tx *sql.Tx, dia dialect) error {
	var schema []string
	err := each(ctx, tx, `SELECT name FROM schema_versions ORDER BY name`, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		schema = append(schema, name)
		return err
	})
	if err != nil {
		return err
	}
	tables, err := tablesOf(schema)
	if err != nil {
		return err
	}
	if err := d.lines.Encode(dumpLine{Dump: dumpFormat, Schema: schema}); err != nil {
		return err
	}
	for _, t := range tables {
		if slices.Contains(passing, t.name) {
			continue
		}
		if err := d.table(ctx, tx, t.name); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		if !t.drawn {
			continue
		}
		last, err := dia.lastDrawn(ctx, tx, t.name)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		if err := d.lines.Encode(dumpLine{Counter: t.name, Last: last}); err != nil {
			return err
		}
	}
	return d.lines.Encode(dumpLine{End: true, Rows: d.rows})
}

func (d *dumper) table(ctx context.Context, tx *sql.Tx, name string) error {
	rows, err := tx.QueryContext(ctx, `SELECT * FROM `+name)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	if err := d.lines.Encode(dumpLine{Table: name, Columns: columns}); err != nil {
		return err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, v := range values {
			switch v := v.(type) {
			case nil, string, int64, bool:
			case int32:
				values[i] = int64(v)
			case []byte:
				values[i] = string(v)
			default:
				return fmt.Errorf("column %s holds a %T", columns[i], v)
			}
		}
		if err := d.lines.Encode(values); err != nil {
			return err
		}
		d.rows++
	}
	return rows.Err()
}

// FillSQLite makes a database file from a dump; the file must not exist.
func FillSQLite(ctx context.Context, file string, r io.Reader) error {
	db, err := connectSQLite(file)
	if err != nil {
		return err
	}
	return errors.Join(fill(ctx, db, sqliteDialect, r), db.Close())
}

// FillPostgres fills an empty PostgreSQL database from a dump. The fault
// restore.not_empty says that the database is in use.
func FillPostgres(ctx context.Context, dsn string, r io.Reader) error {
	db, err := connectPostgres(ctx, dsn)
	if err != nil {
		return err
	}
	return errors.Join(fill(ctx, db, postgresDialect, r), db.Close())
}

// Empty takes everything out of a database that was filled from a backup that
// turned out not to be whole.
func (s *Store) Empty(ctx context.Context) error {
	names, err := migrationNames()
	if err != nil {
		return err
	}
	tables, err := tablesOf(names)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		for _, t := range slices.Backward(tables) {
			if _, err := tx.ExecContext(ctx, `DROP TABLE IF EXISTS `+t.name); err != nil {
				return fmt.Errorf("empty: %w", err)
			}
		}
		_, err := tx.ExecContext(ctx, `DROP TABLE IF EXISTS schema_versions`)
		return err
	})
}

// fill runs the migrations that the dump had, puts the rows in and runs those
// that came later, in one transaction: the dump of an earlier program is
// brought up to date.
func fill(ctx context.Context, db *sql.DB, d dialect, r io.Reader) error {
	s := &Store{db: db, d: d}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if d.unhurried != "" {
			if _, err := tx.ExecContext(ctx, d.unhurried); err != nil {
				return fmt.Errorf("fill: %w", err)
			}
		}
		if err := prepare(ctx, tx, d); err != nil {
			return err
		}
		var used int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM schema_versions`).Scan(&used); err != nil {
			return fmt.Errorf("fill: %w", err)
		}
		if used > 0 {
			return fault.New("restore.not_empty", "Databasen används redan.", "The database is in use already.").
				Do("Ange en tom databas; inget skrivs över.", "Name an empty database; nothing is written over.")
		}
		f := filler{tx: tx, d: d, lines: json.NewDecoder(bufio.NewReaderSize(r, 1<<18))}
		f.lines.UseNumber()
		if err := f.all(ctx); err != nil {
			return err
		}
		return migrate(ctx, tx, d)
	})
}

type filler struct {
	tx    *sql.Tx
	d     dialect
	lines *json.Decoder
	table string
	put   *sql.Stmt
	rows  int64
}

func (f *filler) all(ctx context.Context) error {
	var head dumpLine
	if err := f.lines.Decode(&head); err != nil || head.Dump != dumpFormat {
		return badDump(err)
	}
	known, err := migrationNames()
	if err != nil {
		return err
	}
	for _, name := range head.Schema {
		if !slices.Contains(known, name) {
			return fault.New("restore.later", "Säkerhetskopian är gjord av en senare version av programmet.", "The backup was made by a later version of the program.").
				Do("Använd den versionen.", "Use that version.").Of(fault.Internal)
		}
		if err := runFile(ctx, f.tx, f.d, name); err != nil {
			return fmt.Errorf("fill %s: %w", name, err)
		}
	}
	tables, err := tablesOf(head.Schema)
	if err != nil {
		return err
	}
	for {
		var raw json.RawMessage
		if err := f.lines.Decode(&raw); err != nil {
			return badDump(err)
		}
		if len(raw) > 0 && raw[0] == '[' {
			if err := f.row(ctx, raw); err != nil {
				return err
			}
			continue
		}
		var l dumpLine
		if err := json.Unmarshal(raw, &l); err != nil {
			return badDump(err)
		}
		if l.End {
			if l.Rows != f.rows {
				return badDump(nil)
			}
			return nil
		}
		if err := f.begin(ctx, l, tables); err != nil {
			return err
		}
	}
}

// begin begins a table, or sets the number that was drawn last.
func (f *filler) begin(ctx context.Context, l dumpLine, tables []schemaTable) error {
	name := l.Table + l.Counter
	at := slices.IndexFunc(tables, func(t schemaTable) bool { return t.name == name })
	if at < 0 {
		return badDump(nil)
	}
	if l.Counter != "" {
		return f.d.setDrawn(ctx, f.tx, name, l.Last)
	}
	marks := make([]string, len(l.Columns))
	for i, c := range l.Columns {
		if !columnName.MatchString(c) {
			return badDump(nil)
		}
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	var err error
	f.table = name
	f.put, err = f.tx.PrepareContext(ctx, `INSERT INTO `+name+`(`+strings.Join(l.Columns, ", ")+`)`+f.d.ownNumbers+` VALUES (`+strings.Join(marks, ", ")+`)`)
	if err != nil {
		return fmt.Errorf("fill %s: %w", name, err)
	}
	return nil
}

var columnName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

func (f *filler) row(ctx context.Context, raw json.RawMessage) error {
	var values []any
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	if err := dec.Decode(&values); err != nil || f.put == nil {
		return badDump(err)
	}
	for i, v := range values {
		if n, ok := v.(json.Number); ok {
			whole, err := n.Int64()
			if err != nil {
				return badDump(err)
			}
			values[i] = whole
		}
	}
	if _, err := f.put.ExecContext(ctx, values...); err != nil {
		return fmt.Errorf("fill %s: %w", f.table, err)
	}
	f.rows++
	return nil
}

func badDump(err error) error {
	return fault.New("restore.database", "Databasens kopia går inte att läsa in.", "The copy of the database cannot be read.").
		Do("Använd en annan säkerhetskopia.", "Use another backup.").Because(err)
}
