package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

var postgresDialect = dialect{
	isUnique:   postgresUnique,
	ownNumbers: " OVERRIDING SYSTEM VALUE",
	lastDrawn:  postgresLastDrawn,
	setDrawn:   postgresSetDrawn,
	forUpdate:  " FOR UPDATE SKIP LOCKED",
	identity:   "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
	snapshot:   sql.LevelRepeatableRead,
	unhurried:  "SET LOCAL statement_timeout = 0",
	lockCase:   "SELECT pg_advisory_xact_lock(7305419, hashtext($1))",
	lockSchema: "SELECT pg_advisory_xact_lock(7305418)", // a number of our own
}

// Limits of one program's use of the server.
const (
	maxConnections = 16
	idleConnection = 5 * time.Minute
)

// OpenPostgres connects to a database by URL or key=value text and brings its
// schema up to date. What hangs is given up: a statement after 30 seconds, a
// wait for a lock after 10, a transaction that does nothing after a minute.
func OpenPostgres(ctx context.Context, dsn string) (*Store, error) {
	db, err := connectPostgres(ctx, dsn)
	if err != nil {
		return nil, err
	}
	return opened(ctx, db, postgresDialect)
}

func connectPostgres(ctx context.Context, dsn string) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("open database: the address cannot be read") // the error would hold the password
	}
	for name, value := range map[string]string{
		"application_name": "sluss", "timezone": "UTC", "lock_timeout": "10000", "statement_timeout": "30000", "idle_in_transaction_session_timeout": "60000",
	} {
		if cfg.RuntimeParams[name] == "" {
			cfg.RuntimeParams[name] = value
		}
	}
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(maxConnections)
	db.SetMaxIdleConns(maxConnections)
	db.SetConnMaxIdleTime(idleConnection)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), db.Close())
	}
	return db, nil
}

func postgresLastDrawn(ctx context.Context, tx *sql.Tx, table string) (last int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence($1, 'id')), 0)`, table).Scan(&last)
	return last, err
}

func postgresSetDrawn(ctx context.Context, tx *sql.Tx, table string, last int64) error {
	if last == 0 { // none has been drawn yet
		return nil
	}
	_, err := tx.ExecContext(ctx, `SELECT setval(pg_get_serial_sequence($1, 'id'), $2)`, table, last)
	return err
}

func postgresUnique(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "23505" // unique_violation
}
