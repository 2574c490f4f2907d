package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"

	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/order"
)

// grown stores n entries in three orders and signs the tree after every step.
func grown(t testing.TB, s Store, q *audit.Sequencer, n, step int) {
	t.Helper()
	for i := range n {
		appendEntry(t, s, caseID(1+i%3), 1+i/3, fmt.Sprintf("skäl %d", i))
		if i%step == step-1 {
			sequence(t, q, step)
		}
	}
	sequence(t, q, n%step)
}

func oneSequencer(t *testing.T, p Place) {
	s := p.Open(t)
	for i, tt := range []struct {
		holder string
		after  time.Duration
		want   bool
	}{{"a", 0, true}, {"b", 0, false}, {"a", time.Second, true}, {"b", 4 * time.Second, true}, {"a", 4 * time.Second, false}} {
		if got, err := s.Hold(t.Context(), "x", tt.holder, T0.Add(tt.after), 3*time.Second); err != nil || got != tt.want {
			t.Errorf("hold %d: %v, %v, want %v", i, got, err, tt.want)
		}
	}
	q, v := key(t, s)
	sequence(t, q, 0)
	appendEntry(t, s, caseID(1), 1, "a")
	other := &audit.Sequencer{Tree: p.Open(t), Key: q.Key, Holder: "b", Clock: q.Clock}
	sequence(t, other, 0) // a holds the lease
	sequence(t, q, 1)
	other.Clock = func() time.Time { return time.Now().Add(time.Minute) } // a has gone silent
	appendEntry(t, s, caseID(1), 2, "b")
	sequence(t, other, 1)
	clean(t, verify(t, s, v))
}

func inclusion(t *testing.T, p Place) {
	s := p.Open(t)
	q, v := key(t, s)
	if text, err := s.Checkpoint(t.Context()); err != nil || text != "" {
		t.Errorf("checkpoint of an empty tree %q, %v", text, err)
	}
	appendEntry(t, s, caseID(1), 1, "a")
	want := func(version int, want bool) {
		t.Helper()
		if got, err := s.Included(t.Context(), caseID(1), version); err != nil || got != want {
			t.Errorf("version %d included: %v, %v, want %v", version, got, err, want)
		}
	}
	want(1, false)
	_, err := s.Prove(t.Context(), caseID(1), 1)
	wantErr(t, "proof before it is in the tree", err, app.ErrNotFound)
	if r := verify(t, s, v); r.Waiting != 1 || r.Entries != 0 || r.Found != 0 {
		t.Errorf("%+v", r)
	}
	sequence(t, q, 1)
	want(1, true)
	want(2, false)
	appendEntry(t, s, caseID(1), 2, "a")
	want(2, false)
	want(1, true)
	r := verify(t, s, v)
	if clean(t, r); r.Entries != 1 || r.Waiting != 1 || r.Head.Size != 1 || r.Head.Origin != "prov.example/sluss" {
		t.Errorf("%+v", r)
	}
}

// rootOf is RFC 6962 section 2.1 written down as it stands there.
func rootOf(leaves []audit.Commitment) [32]byte {
	switch n := len(leaves); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, leaves[0][:]...))
	default:
		k := 1
		for k*2 < n {
			k *= 2
		}
		l, r := rootOf(leaves[:k]), rootOf(leaves[k:])
		return sha256.Sum256(slices.Concat([]byte{1}, l[:], r[:]))
	}
}

func proofs(t *testing.T, p Place) {
	s := p.Open(t)
	q, v := key(t, s)
	const n = 23
	var checkpoints []audit.Checkpoint
	for i := range n {
		appendEntry(t, s, caseID(1+i%3), 1+i/3, fmt.Sprint(i))
		sequence(t, q, 1)
		checkpoints = append(checkpoints, head(t, s, v))
	}
	var all []audit.Commitment
	for i := range n {
		proof, err := s.Prove(t.Context(), caseID(1+i%3), 1+i/3)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := proof.Check(v); err != nil || proof.Seq != int64(i) {
			t.Fatalf("inclusion of %d at %d: %v", i, proof.Seq, err)
		}
		c, err := audit.ParseCommitment(proof.Commitment)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
		if got := rootOf(all); got != checkpoints[i].Root {
			t.Fatalf("root of %d leaves", i+1)
		}
		for what, break_ := range map[string]func(*audit.Inclusion){
			"another leaf":  func(p *audit.Inclusion) { p.Commitment = audit.Commit(nil, nil).String() },
			"another place": func(p *audit.Inclusion) { p.Seq = (p.Seq + 1) % n },
			"a longer path": func(p *audit.Inclusion) { p.Path = append(slices.Clone(p.Path), tlog.Hash{}) },
			"no checkpoint": func(p *audit.Inclusion) { p.Checkpoint = "" },
			"out of range":  func(p *audit.Inclusion) { p.Seq = -1 },
		} {
			bad := proof
			if break_(&bad); true {
				if _, err := bad.Check(v); err == nil {
					t.Errorf("inclusion of %d holds with %s", i, what)
				}
			}
		}
	}
	for i, older := range checkpoints {
		for _, newer := range checkpoints[i:] {
			proof, err := s.Consistency(t.Context(), older, newer)
			if err != nil || audit.CheckConsistency(proof, older, newer) != nil {
				t.Fatalf("%d in %d: %v", older.Size, newer.Size, err)
			}
			forged := older
			forged.Root[7] ^= 1
			if audit.CheckConsistency(proof, forged, newer) == nil {
				t.Fatalf("another tree of %d is in %d", older.Size, newer.Size)
			}
		}
	}
}

func erasure(t *testing.T, p Place) {
	s := p.Open(t)
	q, v := key(t, s)
	grown(t, s, q, 9, 4)
	before, err := s.Prove(t.Context(), caseID(2), 2)
	if err != nil {
		t.Fatal(err)
	}
	by := order.Actor{ID: "arkivarie", Role: order.RoleRegistrar}
	erase := func(id string, version int, left order.Event) error {
		return s.Erase(t.Context(), id, version, left, by, T0.Add(time.Hour), "dataskyddsförordningen artikel 17.1 d")
	}
	wantErr(t, "erase what is not there", erase(caseID(2), 9, &order.SentAgain{}), app.ErrNotFound)
	wantErr(t, "leave another type", erase(caseID(2), 2, &order.Withdrawn{}), app.ErrNotFound)
	if err := erase(caseID(2), 2, &order.SentAgain{Reason: "borttaget"}); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, s, v); r.Found != 0 || r.Erased != 1 || r.Waiting != 1 {
		t.Errorf("%+v", r)
	}
	sequence(t, q, 1)
	got, err := s.Load(t.Context(), caseID(2))
	if err != nil || len(got) != 3 || got[1].Event.(*order.SentAgain).Reason != "borttaget" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := before.Check(v); err != nil {
		t.Errorf("a proof from before: %v", err)
	}
	after, err := s.Prove(t.Context(), caseID(2), 2)
	if _, cerr := after.Check(v); err != nil || cerr != nil || after.Commitment != before.Commitment {
		t.Errorf("a proof from after: %v, %v", err, cerr)
	}
	if err := erase(caseID(2), 2, &order.SentAgain{}); err != nil { // once more, further
		t.Fatal(err)
	}
	sequence(t, q, 1)
	if r := verify(t, s, v, before.Checkpoint); r.Found != 0 || r.Erased != 1 || r.Entries != 11 {
		t.Errorf("%+v", r)
	}
	raw := p.Raw(t)
	var n int
	if err := raw.QueryRow(`SELECT count(*) FROM events e, leaves l WHERE e.stream = l.stream AND e.version = l.version AND (e.data LIKE '%skäl 4%' OR e.data LIKE '%borttaget%')`).Scan(&n); err != nil || n != 0 {
		t.Errorf("erased content stands in %d rows, %v", n, err)
	}
	exec(t, raw, `UPDATE events SET data = '{"reason":"annat","sha256":""}' WHERE stream = $1 AND version = 2`, caseID(2))
	found(t, verify(t, s, v), "erased")
}

func exec(t testing.TB, db *sql.DB, query string, args ...any) int64 {
	t.Helper()
	res, err := db.Exec(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func found(t testing.TB, r audit.Report, codes ...string) {
	t.Helper()
	for _, code := range codes {
		if !slices.ContainsFunc(r.Findings, func(f audit.Finding) bool { return f.Code == code }) {
			t.Errorf("no finding %q among %+v", code, r.Findings)
		}
	}
}

// everyByte changes each value of each row, one at a time: in the text of a
// column every byte in turn is changed, numbers go up by one.
func everyByte(t *testing.T, p Place) {
	s := p.Open(t)
	q, v := key(t, s)
	grown(t, s, q, 5, 3)
	if err := s.Erase(t.Context(), caseID(1), 1, &order.SentAgain{}, order.Actor{ID: "a", Role: order.RoleRegistrar}, T0, "beslut"); err != nil {
		t.Fatal(err)
	}
	sequence(t, q, 1)
	clean(t, verify(t, s, v))
	raw := p.Raw(t)
	changed := 0
	for _, tt := range []struct{ table, key, column string }{
		{"events", "stream || '/' || version", "data"},
		{"events", "stream || '/' || version", "actor"},
		{"events", "stream || '/' || version", "role"},
		{"events", "stream || '/' || version", "type"},
		{"events", "stream || '/' || version", "stream"},
		{"leaves", "stream || '/' || version", "salt"},
		{"leaves", "stream || '/' || version", "leaf"},
		{"leaves", "stream || '/' || version", "stream"},
		{"tree", "idx", "hash"},
		{"checkpoints", "size", "note"},
	} {
		for key, text := range column(t, raw, tt.table, tt.key, tt.column) {
			for i := 0; i < len(text); i += max(1, len(text)/24) {
				b := []byte(text)
				if b[i] >= 0x80 {
					continue // half a letter is no text
				}
				if b[i]++; b[i] == 0x7f {
					b[i] = 'a'
				}
				if !alter(t, raw, tt.table, tt.key, tt.column, key, string(b)) {
					continue // the database itself refuses
				}
				if r := verify(t, s, v); r.Found == 0 {
					t.Errorf("byte %d of %s.%s in row %s changed unseen", i, tt.table, tt.column, key)
				}
				back := key
				if tt.column == "stream" {
					back = string(b) + key[len(text):]
				}
				alter(t, raw, tt.table, tt.key, tt.column, back, text)
				changed++
			}
		}
	}
	for _, tt := range []struct{ table, column string }{
		{"events", "version"}, {"events", "at"}, {"events", "schema_version"}, {"leaves", "version"}, {"leaves", "seq"}, {"tree", "idx"}, {"checkpoints", "size"},
	} {
		// far away, so that it does not meet another row's number
		for _, n := range integers(t, raw, tt.table, tt.column) {
			exec(t, raw, fmt.Sprintf(`UPDATE %s SET %s = %s + 100000 WHERE %s = $1`, tt.table, tt.column, tt.column, tt.column), n)
			if r := verify(t, s, v); r.Found == 0 {
				t.Errorf("%s.%s = %d changed unseen", tt.table, tt.column, n)
			}
			exec(t, raw, fmt.Sprintf(`UPDATE %s SET %s = %s - 100000 WHERE %s = $1`, tt.table, tt.column, tt.column, tt.column), n+100000)
			changed++
		}
	}
	clean(t, verify(t, s, v))
	if changed < 500 {
		t.Errorf("only %d changes were tried", changed)
	}
}

func column(t testing.TB, db *sql.DB, table, key, column string) map[string]string {
	t.Helper()
	rows, err := db.Query(fmt.Sprintf(`SELECT CAST(%s AS TEXT), %s FROM %s`, key, column, table))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var k, v string
		if err := rows.Scan(&k, &v); err != nil {
			t.Fatal(err)
		}
		out[k] = v
	}
	return out
}

func alter(t testing.TB, db *sql.DB, table, key, column, row, value string) bool {
	t.Helper()
	res, err := db.Exec(fmt.Sprintf(`UPDATE %s SET %s = $1 WHERE CAST(%s AS TEXT) = $2`, table, column, key), value, row)
	if err != nil {
		return false
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		t.Fatalf("%d rows %s of %s were changed, %v", n, row, table, err)
	}
	return true
}

func integers(t testing.TB, db *sql.DB, table, column string) (out []int64) {
	t.Helper()
	rows, err := db.Query(fmt.Sprintf(`SELECT DISTINCT %s FROM %s`, column, table))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		out = append(out, n)
	}
	return out
}

func tampering(t *testing.T, p Place) {
	s := p.Open(t)
	q, v := key(t, s)
	grown(t, s, q, 10, 3)
	witness, err := s.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	raw := p.Raw(t)
	// Each story leaves the database as it found it: what it breaks is copied
	// first and put back.
	tables := []string{"events", "leaves", "tree", "checkpoints"}
	for _, table := range tables {
		exec(t, raw, `CREATE TABLE kept_`+table+` AS SELECT * FROM `+table)
	}
	restore := func() {
		for _, table := range tables {
			columns := map[string]string{
				"events": "stream, version, at, actor, role, assurance, type, schema_version, data", "leaves": "stream, version, salt, leaf, seq",
				"tree": "idx, hash", "checkpoints": "size, note",
			}[table]
			exec(t, raw, `DELETE FROM `+table)
			exec(t, raw, `INSERT INTO `+table+`(`+columns+`) SELECT `+columns+` FROM kept_`+table)
		}
	}
	swap := func(table, column, key string, a, b any) {
		var x, y any
		if err := errors.Join(raw.QueryRow(`SELECT `+column+` FROM `+table+` WHERE `+key+` = $1`, a).Scan(&x), raw.QueryRow(`SELECT `+column+` FROM `+table+` WHERE `+key+` = $1`, b).Scan(&y)); err != nil {
			t.Fatal(err)
		}
		exec(t, raw, `UPDATE `+table+` SET `+column+` = -1 WHERE `+key+` = $1`, a)
		exec(t, raw, `UPDATE `+table+` SET `+column+` = $1 WHERE `+key+` = $2`, x, b)
		exec(t, raw, `UPDATE `+table+` SET `+column+` = $1 WHERE `+column+` = -1`, y)
	}
	for _, tt := range []struct {
		name string
		do   func()
		want []string
	}{
		{"an entry's tail is dropped", func() { exec(t, raw, `DELETE FROM events WHERE stream = $1 AND version = 4`, caseID(1)) }, []string{"gone"}},
		{"an entry in the middle is dropped", func() { exec(t, raw, `DELETE FROM events WHERE stream = $1 AND version = 2`, caseID(2)) }, []string{"gone"}},
		{"entry and leaf in the middle are dropped", func() {
			exec(t, raw, `DELETE FROM events WHERE stream = $1 AND version = 2`, caseID(2))
			exec(t, raw, `DELETE FROM leaves WHERE stream = $1 AND version = 2`, caseID(2))
		}, []string{"order", "place", "checkpoint", "hash"}},
		{"a leaf is dropped", func() { exec(t, raw, `DELETE FROM leaves WHERE seq = 9`) }, []string{"loose", "tail", "checkpoint"}},
		{"the whole tail is dropped, with leaf, hashes and checkpoint", func() {
			exec(t, raw, `DELETE FROM events WHERE stream = $1 AND version = 4`, caseID(1))
			exec(t, raw, `DELETE FROM leaves WHERE seq = 9`)
			exec(t, raw, `DELETE FROM tree WHERE idx >= 16`)
			exec(t, raw, `DELETE FROM checkpoints WHERE size = 10`)
		}, []string{"witness"}},
		{"a leaf is taken out of the tree", func() { exec(t, raw, `UPDATE leaves SET seq = NULL WHERE seq = 9`) }, []string{"tail", "checkpoint"}},
		{"the last checkpoint is dropped", func() { exec(t, raw, `DELETE FROM checkpoints WHERE size = 10`) }, []string{"tail"}},
		{"the last hash is dropped", func() { exec(t, raw, `DELETE FROM tree WHERE idx = 17`) }, []string{"hash"}},
		{"a hash in the middle is dropped", func() { exec(t, raw, `DELETE FROM tree WHERE idx = 3`) }, []string{"hash"}},
		{"two places are swapped", func() { swap("leaves", "seq", "seq", 4, 5) }, []string{"checkpoint", "hash"}},
		{"two places of one order are swapped", func() { swap("leaves", "seq", "seq", 0, 3) }, []string{"order", "checkpoint"}},
		{"two entries change versions", func() { swap("events", "version", "stream = '"+caseID(1)+"' AND version", 1, 2) }, []string{"changed"}},
		{"two entries change content", func() {
			exec(t, raw, `UPDATE events SET data = (SELECT data FROM kept_events WHERE stream = $1 AND version = 2) WHERE stream = $2 AND version = 1`, caseID(1), caseID(1))
		}, []string{"changed"}},
		{"an entry is added", func() {
			exec(t, raw, `INSERT INTO events(stream, version, at, actor, role, assurance, type, schema_version, data) SELECT stream, 99, at, actor, role, assurance, type, schema_version, data FROM kept_events WHERE stream = $1 AND version = 1`, caseID(1))
		}, []string{"loose"}},
		{"white space is added", func() {
			exec(t, raw, `UPDATE events SET data = data || ' ' WHERE stream = $1 AND version = 1`, caseID(1))
		}, []string{"changed"}},
		{"content is blanked as if it had been erased", func() { exec(t, raw, `UPDATE leaves SET salt = '' WHERE seq = 2`) }, []string{"erased"}},
		{"an entry is committed to anew", func() {
			salt := make([]byte, audit.SaltSize)
			r := audit.Record{Stream: caseID(1), Version: 1, At: T0.UnixMilli(), Actor: "x", Role: "handler", Type: "sent_again", Schema: 1, Data: []byte(`{"reason":"ny","sha256":""}`)}
			text, err := r.Text()
			if err != nil {
				t.Fatal(err)
			}
			exec(t, raw, `UPDATE events SET at = $1, actor = 'x', data = $2 WHERE stream = $3 AND version = 1`, r.At, string(r.Data), r.Stream)
			exec(t, raw, `UPDATE leaves SET salt = $1, leaf = $2 WHERE stream = $3 AND version = 1`, fmt.Sprintf("%x", salt), audit.Commit(salt, text).String(), r.Stream)
		}, []string{"hash", "checkpoint"}},
	} {
		tt.do()
		r := verify(t, s, v, witness)
		if r.Found == 0 {
			t.Errorf("%s: not found", tt.name)
		}
		found(t, r, tt.want...)
		if t.Failed() {
			t.Fatalf("in the story: %s", tt.name)
		}
		restore()
		clean(t, verify(t, s, v, witness))
	}
	_, foreign := key(t, s)
	found(t, verify(t, s, foreign), "checkpoint", "tail")
	found(t, verify(t, s, v, "no checkpoint at all"), "witness")
}

// forks: who holds the log's key can make another log that is whole in itself.
// Only a checkpoint from outside tells.
func forks(t *testing.T, p Place) {
	s := p.Open(t)
	q, v := key(t, s)
	grown(t, s, q, 7, 2)
	clean(t, verify(t, s, v))
	witness, err := s.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	raw := p.Raw(t)
	for _, table := range []string{"events", "leaves", "tree", "checkpoints", "cases"} {
		exec(t, raw, `DELETE FROM `+table)
	}
	again := &audit.Sequencer{Tree: s, Key: q.Key, Holder: q.Holder, Clock: q.Clock}
	grown(t, s, again, 7, 2) // the same entries with new salts
	clean(t, verify(t, s, v))
	found(t, verify(t, s, v, witness), "witness")
}

// sequencerRefusesForks: the sequencer signs nothing on a tree that is not the
// one it signed last.
func sequencerRefusesForks(t *testing.T, p Place) {
	for name, break_ := range map[string]string{
		"a hash":         `UPDATE tree SET hash = (SELECT hash FROM tree WHERE idx = 0) WHERE idx = 6`, // the node over four leaves
		"the checkpoint": `UPDATE checkpoints SET note = 'x' WHERE size = 5`,
		"a leaf":         `DELETE FROM leaves WHERE seq = 4`,
	} {
		s := p.Open(t)
		q, _ := key(t, s)
		raw := p.Raw(t)
		for _, table := range []string{"events", "leaves", "tree", "checkpoints", "cases", "leases"} {
			exec(t, raw, `DELETE FROM `+table)
		}
		grown(t, s, q, 5, 5)
		exec(t, raw, break_)
		appendEntry(t, s, caseID(4), 1, "a")
		fresh := &audit.Sequencer{Tree: s, Key: q.Key, Holder: q.Holder, Clock: q.Clock}
		for _, x := range []*audit.Sequencer{q, fresh} {
			if n, err := x.Once(t.Context()); !errors.Is(err, audit.ErrForked) || n != 0 {
				t.Errorf("%s: %d added, %v", name, n, err)
			}
		}
	}
}

// writersAndSequencers: many write while two sequencers, whose lease is made
// to fail, work against each other; the log stays whole.
func writersAndSequencers(t *testing.T, p Place) {
	s := p.Open(t)
	q, v := key(t, s)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var seq sync.WaitGroup
	for _, holder := range []string{"a", "b"} {
		mine := &audit.Sequencer{Tree: always{p.Open(t)}, Key: q.Key, Holder: holder, Clock: time.Now}
		seq.Go(func() {
			for ctx.Err() == nil {
				_, _ = mine.Once(ctx) // the loser's step fails as a whole and is done again
			}
		})
	}
	var g errgroup.Group
	for i := range 6 {
		w := p.Open(t)
		g.Go(func() error {
			for n := range 15 {
				if err := w.Append(t.Context(), caseID(i+1), []order.Entry{entry(n+1, "w", fmt.Sprint(n))}, summary(caseID(i+1), n+1), nil); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	stop()
	seq.Wait()
	last := &audit.Sequencer{Tree: always{s}, Key: q.Key, Holder: "c", Clock: time.Now}
	if _, err := last.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := verify(t, s, v)
	if clean(t, r); r.Entries != 90 || r.Waiting != 0 {
		t.Errorf("%d entries, %d wait", r.Entries, r.Waiting)
	}
}

// always is a tree whose lease everybody has.
type always struct{ audit.Tree }

func (always) Hold(context.Context, string, string, time.Time, time.Duration) (bool, error) {
	return true, nil
}

// lateVisibleStillPlaced: a number that the database drew early and that is
// seen late is not passed over (in PostgreSQL identities become visible out of
// order).
func lateVisibleStillPlaced(t *testing.T, p Place) {
	s := p.Open(t)
	q, v := key(t, s)
	appendEntry(t, s, caseID(1), 1, "a")
	appendEntry(t, s, caseID(2), 1, "b")
	raw := p.Raw(t)
	exec(t, raw, `CREATE TABLE late AS SELECT * FROM leaves WHERE stream = $1`, caseID(1))
	exec(t, raw, `DELETE FROM leaves WHERE stream = $1`, caseID(1))
	sequence(t, q, 1)
	exec(t, raw, `INSERT INTO leaves(stream, version, salt, leaf) SELECT stream, version, salt, leaf FROM late`)
	sequence(t, q, 1)
	r := verify(t, s, v)
	if clean(t, r); r.Entries != 2 {
		t.Errorf("%+v", r)
	}
}
