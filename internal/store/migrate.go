package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// The schema: one file per version, the same for both databases but for
// @identity@, which the dialect spells. A file that has been released is never
// changed. Statements end with a semicolon at the end of a line.
//
//go:embed migrations/*.sql
var migrations embed.FS

// opened brings the schema up to date and returns the store, or closes the
// database.
func opened(ctx context.Context, db *sql.DB, d dialect) (*Store, error) {
	s := &Store{db: db, d: d}
	if err := s.inTx(ctx, func(tx *sql.Tx) error { return migrate(ctx, tx, d) }); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), db.Close())
	}
	return s, nil
}

// migrate runs the files that have not been run, in order of their names.
func migrate(ctx context.Context, tx *sql.Tx, d dialect) error {
	if err := prepare(ctx, tx, d); err != nil {
		return err
	}
	names, err := migrationNames()
	if err != nil {
		return err
	}
	for _, name := range names {
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM schema_versions WHERE name = $1`, name).Scan(&n); err != nil {
			return fmt.Errorf("migrate %s: %w", name, err)
		}
		if n > 0 {
			continue
		}
		if err := runFile(ctx, tx, d, name); err != nil {
			return fmt.Errorf("migrate %s: %w", name, err)
		}
	}
	return nil
}

// prepare waits for whoever migrates, and makes the list of what has been run.
func prepare(ctx context.Context, tx *sql.Tx, d dialect) error {
	if d.lockSchema != "" {
		if _, err := tx.ExecContext(ctx, d.lockSchema); err != nil {
			return fmt.Errorf("lock schema: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_versions(name TEXT PRIMARY KEY)`); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func migrationNames() ([]string, error) { return fs.Glob(migrations, "migrations/*.sql") }

func runFile(ctx context.Context, tx *sql.Tx, d dialect, name string) error {
	b, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	for stmt := range strings.SplitSeq(strings.ReplaceAll(string(b), "@identity@", d.identity), ";\n") {
		if strings.TrimSpace(stmt) == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, stmt); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO schema_versions(name) VALUES ($1)`, name)
	return err
}
