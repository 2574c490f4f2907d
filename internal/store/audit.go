package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/canon"
	"sluss/internal/order"
)

// insertEntry stores a record and the commitment to it.
func (s *Store) insertEntry(ctx context.Context, tx *sql.Tx, r audit.Record) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO events(stream, version, at, actor, role, assurance, type, schema_version, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		r.Stream, r.Version, r.At, r.Actor, r.Role, r.Assurance, r.Type, r.Schema, string(r.Data))
	if s.d.isUnique(err) {
		return app.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("append %s version %d: %w", r.Stream, r.Version, err)
	}
	text, err := r.Text()
	if err != nil {
		return fmt.Errorf("append %s version %d: %w", r.Stream, r.Version, err)
	}
	salt, err := audit.NewSalt(rand.Reader)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO leaves(stream, version, salt, leaf) VALUES ($1, $2, $3, $4)`,
		r.Stream, r.Version, hex.EncodeToString(salt), audit.Commit(salt, text).String())
	if err != nil {
		return fmt.Errorf("commit to %s version %d: %w", r.Stream, r.Version, err)
	}
	return nil
}

// follows refuses a version that does not come right after the stored ones.
func follows(ctx context.Context, tx *sql.Tx, stream string, version int) error {
	var last int
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM events WHERE stream = $1`, stream).Scan(&last); err != nil {
		return fmt.Errorf("append %s: %w", stream, err)
	}
	if version != last+1 {
		return app.ErrConflict
	}
	return nil
}

// Hold takes or renews a lease.
func (s *Store) Hold(ctx context.Context, name, holder string, now time.Time, d time.Duration) (bool, error) {
	res, err := s.db.ExecContext(ctx, `INSERT INTO leases(name, holder, until) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE leases.holder = excluded.holder OR leases.until <= $4`,
		name, holder, now.Add(d).UnixMilli(), now.UnixMilli())
	if err != nil {
		return false, fmt.Errorf("lease %s: %w", name, err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// Sequence gives waiting commitments their places.
func (s *Store) Sequence(ctx context.Context, limit int, grow func(audit.Edge) (audit.Growth, error)) (n int, err error) {
	// Look before opening a transaction that writes: mostly nothing waits.
	var some int
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM leaves WHERE seq IS NULL LIMIT 1) AS waiting`).Scan(&some); err != nil || some == 0 {
		return 0, err
	}
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		ids, edge, err := s.edge(ctx, tx, limit)
		if err != nil || len(ids) == 0 {
			return err
		}
		g, err := grow(edge)
		if err != nil {
			return err
		}
		n = len(ids)
		return plant(ctx, tx, ids, edge.Size, g)
	})
	if err != nil {
		return 0, fmt.Errorf("sequence: %w", err)
	}
	return n, nil
}

// edge reads the tree's size and latest checkpoint, and what waits. An id can
// become visible after a higher one; nothing is lost by that, because what
// waits is found by having no place and not by its id. The entries of one
// order cannot overtake each other: version 7 is only stored when version 6 is
// there to be seen.
func (s *Store) edge(ctx context.Context, tx *sql.Tx, limit int) (ids []int64, e audit.Edge, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, leaf FROM leaves WHERE seq IS NULL ORDER BY id LIMIT $1`, limit)
	if err != nil {
		return nil, e, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var leaf string
		if err := rows.Scan(&id, &leaf); err != nil {
			return nil, e, err
		}
		c, err := audit.ParseCommitment(leaf)
		if err != nil {
			return nil, e, fmt.Errorf("leaf %d: %w", id, err)
		}
		ids, e.Waiting = append(ids, id), append(e.Waiting, c)
	}
	if err := rows.Err(); err != nil {
		return nil, e, err
	}
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(seq) + 1, 0) FROM leaves`).Scan(&e.Size); err != nil {
		return nil, e, err
	}
	err = tx.QueryRowContext(ctx, `SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1`).Scan(&e.Last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, e, err
	}
	e.Hashes = hashes(ctx, tx)
	return ids, e, nil
}

// plant stores what a step adds.
func plant(ctx context.Context, tx *sql.Tx, ids []int64, size int64, g audit.Growth) error {
	give, err := tx.PrepareContext(ctx, `UPDATE leaves SET seq = $1 WHERE id = $2 AND seq IS NULL`)
	if err != nil {
		return err
	}
	defer give.Close()
	for i, id := range ids {
		res, err := give.ExecContext(ctx, size+int64(i), id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return errors.Join(errors.New("somebody else sequences"), err)
		}
	}
	put, err := tx.PrepareContext(ctx, `INSERT INTO tree(idx, hash) VALUES ($1, $2)`)
	if err != nil {
		return err
	}
	defer put.Close()
	for i, h := range g.Hashes {
		if _, err := put.ExecContext(ctx, g.First+int64(i), hex.EncodeToString(h[:])); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO checkpoints(size, note) VALUES ($1, $2)`, g.Size, g.Checkpoint)
	return err
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// hashes reads stored hashes of the tree.
func hashes(ctx context.Context, q querier) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		if len(indexes) == 0 {
			return nil, nil
		}
		var in strings.Builder // numbers of our own: a list of any length needs no placeholders
		for i, x := range indexes {
			if i > 0 {
				in.WriteByte(',')
			}
			in.WriteString(strconv.FormatInt(x, 10))
		}
		rows, err := q.QueryContext(ctx, `SELECT idx, hash FROM tree WHERE idx IN (`+in.String()+`)`)
		if err != nil {
			return nil, fmt.Errorf("read tree: %w", err)
		}
		defer rows.Close()
		found := map[int64]tlog.Hash{}
		for rows.Next() {
			var idx int64
			var text string
			if err := rows.Scan(&idx, &text); err != nil {
				return nil, fmt.Errorf("read tree: %w", err)
			}
			c, err := audit.ParseCommitment(text)
			if err != nil {
				return nil, fmt.Errorf("hash %d of the tree: %w", idx, err)
			}
			found[idx] = tlog.Hash(c)
		}
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			h, ok := found[x]
			if !ok {
				return nil, errors.Join(fmt.Errorf("hash %d of the tree is missing", x), rows.Err())
			}
			out[i] = h
		}
		return out, rows.Err()
	})
}

// Included reports whether the entries 1..version of an order all stand in the
// signed tree.
func (s *Store) Included(ctx context.Context, id string, version int) (bool, error) {
	var n int
	err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM leaves WHERE stream = $1 AND version <= $2 AND seq IS NOT NULL`, id, version).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("inclusion of %s: %w", id, err)
	}
	return n == version, nil
}

// Checkpoint returns the latest checkpoint, "" when the tree is empty.
func (s *Store) Checkpoint(ctx context.Context) (note string, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1`).Scan(&note)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return note, err
}

// Prove returns the proof that an entry stands in the tree of the latest
// checkpoint; app.ErrNotFound when it does not stand there yet.
func (s *Store) Prove(ctx context.Context, id string, version int) (p audit.Inclusion, err error) {
	var seq, size int64
	var leaf, note string
	err = s.db.QueryRowContext(ctx, `SELECT l.seq, l.leaf, c.size, c.note FROM leaves l, checkpoints c
		WHERE l.stream = $1 AND l.version = $2 AND l.seq IS NOT NULL ORDER BY c.size DESC LIMIT 1`, id, version).Scan(&seq, &leaf, &size, &note)
	if errors.Is(err, sql.ErrNoRows) {
		return p, app.ErrNotFound
	}
	if err != nil {
		return p, fmt.Errorf("prove %s version %d: %w", id, version, err)
	}
	c, err := audit.ParseCommitment(leaf)
	if err != nil {
		return p, fmt.Errorf("prove %s version %d: %w", id, version, err)
	}
	return audit.Prove(c, seq, size, note, hashes(ctx, s.db))
}

// Consistency returns the proof that the tree of newer begins with that of
// older.
func (s *Store) Consistency(ctx context.Context, older, newer audit.Checkpoint) (tlog.TreeProof, error) {
	return audit.Consistency(older, newer, hashes(ctx, s.db))
}

// Erase removes the content of an entry and its salt, and puts left in its
// place: an event of the same type with what may stay, so that the order can
// still be folded. That it happened, by whom, on which ground and what was left
// is logged in the same transaction. Proofs made before and after still hold.
func (s *Store) Erase(ctx context.Context, id string, version int, left order.Event, by order.Actor, at time.Time, ground string) error {
	typ, data, err := order.Encode(left)
	if err != nil {
		return err
	}
	if data, err = canon.Normalise(data); err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		rest := audit.Record{Stream: id, Version: version, Type: typ, Data: data}
		err := tx.QueryRowContext(ctx, `UPDATE events SET data = $1 WHERE stream = $2 AND version = $3 AND type = $4 RETURNING at, actor, role, assurance, schema_version`,
			string(data), id, version, typ).Scan(&rest.At, &rest.Actor, &rest.Role, &rest.Assurance, &rest.Schema)
		if errors.Is(err, sql.ErrNoRows) {
			return app.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("erase %s version %d: %w", id, version, err)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE leaves SET salt = '' WHERE stream = $1 AND version = $2`, id, version); err != nil {
			return fmt.Errorf("erase %s version %d: %w", id, version, err)
		}
		return s.logErasure(ctx, tx, rest, by, at, ground)
	})
}

// logErasure stores that content was erased, and the hash of the rest.
func (s *Store) logErasure(ctx context.Context, tx *sql.Tx, rest audit.Record, by order.Actor, at time.Time, ground string) error {
	text, err := rest.Text()
	if err != nil {
		return err
	}
	var last int
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM events WHERE stream = $1`, audit.ErasedPrefix+rest.Stream).Scan(&last); err != nil {
		return fmt.Errorf("erasures of %s: %w", rest.Stream, err)
	}
	r, err := audit.NewErasure(last+1, at, by.ID, string(by.Role), audit.Erasure{Stream: rest.Stream, Version: rest.Version, Ground: ground, Left: canon.Sum(text)})
	if err != nil {
		return err
	}
	r.Assurance = by.Assurance
	return s.insertEntry(ctx, tx, r)
}

// Inspect walks everything that the log rests on, in one view of the
// database, and changes nothing.
func (s *Store) Inspect(ctx context.Context, v audit.Visitor) error {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: s.d.snapshot, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() // nothing was written
	if s.d.unhurried != "" {
		if _, err := tx.ExecContext(ctx, s.d.unhurried); err != nil {
			return err
		}
	}
	if err := inspectLeaves(ctx, tx, v.Leaf); err != nil {
		return err
	}
	err = each(ctx, tx, `SELECT e.stream, e.version FROM events e LEFT JOIN leaves l ON l.stream = e.stream AND l.version = e.version WHERE l.stream IS NULL`,
		func(scan func(...any) error) error {
			var stream string
			var version int
			if err := scan(&stream, &version); err != nil {
				return err
			}
			return v.Loose(stream, version)
		})
	if err != nil {
		return err
	}
	err = each(ctx, tx, `SELECT idx, hash FROM tree ORDER BY idx`, numbered(v.Hash))
	if err != nil {
		return err
	}
	return each(ctx, tx, `SELECT size, note FROM checkpoints ORDER BY size`, numbered(v.Checkpoint))
}

func numbered(f func(int64, string) error) func(func(...any) error) error {
	return func(scan func(...any) error) error {
		var n int64
		var text string
		if err := scan(&n, &text); err != nil {
			return err
		}
		return f(n, text)
	}
}

func inspectLeaves(ctx context.Context, tx *sql.Tx, f func(audit.StoredLeaf) error) error {
	return each(ctx, tx, `SELECT coalesce(l.seq, -1), l.stream, l.version, l.salt, l.leaf,
		e.version, e.at, e.actor, e.role, e.assurance, e.type, e.schema_version, e.data
		FROM leaves l LEFT JOIN events e ON e.stream = l.stream AND e.version = l.version
		ORDER BY CASE WHEN l.seq IS NULL THEN 1 ELSE 0 END, l.seq, l.id`,
		func(scan func(...any) error) error {
			var l audit.StoredLeaf
			var version, at, assurance, schema sql.NullInt64
			var actor, role, typ, data sql.NullString
			if err := scan(&l.Seq, &l.Stream, &l.Version, &l.Salt, &l.Leaf, &version, &at, &actor, &role, &assurance, &typ, &schema, &data); err != nil {
				return err
			}
			if version.Valid {
				l.Record = &audit.Record{
					Stream: l.Stream, Version: l.Version, At: at.Int64, Actor: actor.String, Role: role.String, Assurance: int(assurance.Int64), Type: typ.String,
					Schema: int(schema.Int64), Data: json.RawMessage(data.String),
				}
			}
			return f(l)
		})
}

// each runs f for every row.
func each(ctx context.Context, q querier, query string, f func(scan func(...any) error) error) error {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
