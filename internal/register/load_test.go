package register_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/canon"
	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
	"sluss/internal/register"
	"sluss/internal/rig"
)

// content returns every live row of a prov snapshot at a load, as row number →
// text of everything in it.
func content(t testing.TB, s *register.Snapshot, at int) map[int64]string {
	t.Helper()
	tab := s.Table("prov")
	ids, out := s.Identity(), map[int64]string{}
	view := tab.Visible(at)
	for p := range uint32(s.Persons()) {
		lo, hi := tab.Rows(p)
		for i := lo; i < hi; i++ {
			if !view.Row(i) {
				continue
			}
			child := int64(0)
			if c := tab.Column("barn_lopnr").Persons().At(i); c != register.NoPerson {
				child = ids.Entity(c)
			}
			text := func(id string) string { c := tab.Column(id); return c.Dict()[c.Codes().At(i)] }
			id := tab.Column("row_id").Int64s().At(i)
			if _, twice := out[id]; twice {
				t.Fatalf("row %d is visible twice at load %d", id, at)
			}
			out[id] = fmt.Sprint(ids.Entity(p), child, tab.Column("track").Int64s().At(i), tab.Column("tx").Days().At(i), text("kind"), text("form"),
				tab.Column("from_datum").Days().At(i), tab.Column("tom_datum").Days().At(i) == register.NoDay, int32(tab.Column("tom_datum").Days().At(i)),
				tab.Column("omfattning").Extents().At(i), text("anm"), tab.Column("belopp").Int64s().At(i))
		}
	}
	return out
}

// expected says the same of source rows, straight from the source.
func expected(s source) map[int64]string {
	entity := map[string]int64{"": 0}
	for _, n := range s.numbers {
		entity[n.Value] = n.Entity
	}
	out := map[int64]string{}
	for _, r := range s.rows {
		child, note, tom := "", "", int32(register.NoDay)
		if r.Child != nil {
			child = *r.Child
		}
		if r.Note != nil {
			note = *r.Note
		}
		if r.Tom != nil {
			tom = *r.Tom
		}
		out[r.RowID] = fmt.Sprint(entity[*r.Number], entity[child], r.Track, day.Day(r.Tx), r.Kind, r.Code, day.Day(r.From), r.Tom == nil, tom, uint16(r.Extent), note, r.Amount)
	}
	return out
}

func drawRow(t *rapid.T, id int64, persons int) provRow {
	r := row(id, rapid.IntRange(0, persons-1).Draw(t, "person"), "2024-01-01")
	r.From += int32(rapid.IntRange(0, 5).Draw(t, "from"))
	r.Amount = int64(rapid.IntRange(0, 2).Draw(t, "amount"))
	r.Code = rapid.SampledFrom([]string{"A", "B"}).Draw(t, "code")
	if rapid.Bool().Draw(t, "open") {
		r.Tom = nil
	}
	if rapid.Bool().Draw(t, "child") {
		r.Child = ptr(numberOf(rapid.IntRange(0, persons-1).Draw(t, "who")))
	}
	r.Note = rapid.SampledFrom([]*string{nil, ptr("F43"), ptr("M54"), ptr("C50")}).Draw(t, "note")
	return r
}

// Whatever rows are added, changed, moved to another person, removed and
// brought back, every snapshot shows at every load what the source said then,
// and earlier snapshots stay as they were.
func TestLoadsAgainstModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		store, err := os.MkdirTemp("", "sluss-store-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(store)
		const persons = 4
		rows := map[int64]provRow{}
		var history []map[int64]string
		hashes := map[string]canon.Hash{}
		for load := 1; load <= 3; load++ {
			for range rapid.IntRange(0, 6).Draw(rt, "edits") {
				id := int64(rapid.IntRange(1, 8).Draw(rt, "id"))
				if _, there := rows[id]; there && rapid.Bool().Draw(rt, "remove") {
					delete(rows, id)
				} else {
					rows[id] = drawRow(rt, id, persons)
				}
			}
			src := people(persons + load) // newcomers shift nobody's history
			ids := make([]int64, 0, len(rows))
			for id := range rows {
				ids = append(ids, id)
			}
			for _, id := range rapid.Permutation(ids).Draw(rt, "order") {
				src.rows = append(src.rows, rows[id])
			}
			name := fmt.Sprintf("s%d", load)
			m := mustLoad(t, src.write(t), store, name, loadDay+day.Day(load))
			history = append(history, expected(src))
			s := mustOpen(t, store, name)
			if err := s.Verify(context.Background(), nil); err != nil {
				rt.Fatal(err)
			}
			hashes[name] = s.Hash()
			for k, want := range history {
				if got := content(t, s, k+1); !reflect.DeepEqual(got, want) {
					rt.Fatalf("snapshot %d at load %d:\n got %v\nwant %v", load, k+1, got, want)
				}
			}
			checkCounts(rt, m, history)
		}
		for name, hash := range hashes {
			s, err := register.Open(store, name)
			if err != nil {
				rt.Fatal(err)
			}
			if err := s.Verify(context.Background(), nil); err != nil || s.Hash() != hash {
				rt.Fatalf("%s is not what it was: %v", name, err)
			}
			s.Close()
		}
	})
}

// checkCounts compares the manifest's counts with a plain comparison of the
// last two states. A row that moved to another person counts as one removed
// and one added.
func checkCounts(t *rapid.T, m *register.Manifest, history []map[int64]string) {
	now, before := history[len(history)-1], map[int64]string{}
	if len(history) > 1 {
		before = history[len(history)-2]
	}
	var gone, fresh, same int64
	for id, was := range before {
		if now[id] != was {
			gone++
		} else {
			same++
		}
	}
	for id, is := range now {
		if before[id] != is {
			fresh++
		}
	}
	c := m.Tables[0].Counts
	if c.Removed+c.Changed != gone || c.Added+c.Changed != fresh || c.Unchanged != same || c.Source != int64(len(now)) {
		t.Fatalf("counts %+v, want %d gone, %d fresh, %d same", c, gone, fresh, same)
	}
}

// A new row is late when it concerns a day before the day of the load before.
func TestLate(t *testing.T) {
	t.Parallel()
	store := t.TempDir()
	src := people(2)
	src.rows = []provRow{row(1, 0, "2024-01-01")}
	if c := mustLoad(t, src.write(t), store, "a", loadDay).Tables[0].Counts; c.Added != 1 || c.Late != 0 {
		t.Errorf("first load: %+v", c)
	}
	for i, from := range []string{"2026-10-31", "2026-11-01", "2026-11-02", "2020-01-01"} {
		src.rows = append(src.rows, row(int64(10+i), 0, from))
	}
	src.rows[0].Amount++ // changed, not late
	if c := mustLoad(t, src.write(t), store, "b", loadDay+30).Tables[0].Counts; c.Added != 4 || c.Late != 2 || c.Changed != 1 {
		t.Errorf("second load: %+v", c)
	}
}

// One synthetic month after another: all tables, both snapshots readable, the
// second as of the first's load equal to the first.
func TestSecondMonth(t *testing.T) {
	t.Parallel()
	store := filepath.Join(t.TempDir(), "store")
	for wave := 1; wave <= 2; wave++ {
		c := rig.Config{Persons: 2500, Seed: 8, Wave: wave}
		_, err := register.Load(context.Background(), register.Options{From: synthetic(t, c), Store: store, ID: fmt.Sprintf("wave-%d", wave), At: c.At()})
		if err != nil {
			t.Fatal(err)
		}
	}
	first, second := mustOpen(t, store, "wave-1"), mustOpen(t, store, "wave-2")
	if !second.Synthetic() || second.Load() != 2 || second.LoadedAt() != day.MustParse("2026-12-01") || second.Manifest().Parent.SHA256 != first.Hash() {
		t.Errorf("second manifest: %+v", second.Manifest())
	}
	for _, a := range first.Tables() {
		b := second.Table(a.ID())
		if got, want := sums(second, b, 1), sums(first, a, 1); !slices.Equal(got, want) {
			t.Errorf("%s at load 1: %d rows of the second snapshot differ from the first's %d", a.ID(), len(got), len(want))
		}
		c := second.Manifest().Tables[slices.IndexFunc(second.Manifest().Tables, func(m register.TableManifest) bool { return m.ID == a.ID() })].Counts
		if c.Added == 0 || c.Unchanged == 0 || (a.ID() == "midas_sjp" && (c.Late == 0 || c.Changed == 0 || c.Removed == 0)) {
			t.Errorf("%s: %+v", a.ID(), c)
		}
	}
}

// sums returns a text of each row version visible at a load, sorted.
func sums(s *register.Snapshot, t *register.Table, load int) []string {
	var out []string
	view := t.Visible(load)
	for p := range uint32(s.Persons()) {
		lo, hi := t.Rows(p)
		for i := lo; i < hi; i++ {
			if !view.Row(i) {
				continue
			}
			line := fmt.Sprint(s.Identity().Entity(p))
			for _, c := range t.Columns() {
				switch c.Type() {
				case register.TypeDay:
					line += fmt.Sprint(" ", int32(c.Days().At(i)))
				case register.TypeInt32:
					line += fmt.Sprint(" ", c.Int32s().At(i))
				case register.TypeInt64:
					line += fmt.Sprint(" ", c.Int64s().At(i))
				case register.TypeExtent:
					line += fmt.Sprint(" ", c.Extents().At(i))
				case register.TypeCode:
					line += " " + c.Dict()[c.Codes().At(i)]
				case register.TypePerson:
					if v := c.Persons().At(i); v == register.NoPerson {
						line += " -"
					} else {
						line += fmt.Sprint(" ", s.Identity().Entity(v))
					}
				}
			}
			out = append(out, line)
		}
	}
	slices.Sort(out)
	return out
}

// Workers, memory, how the persons are divided among them and the order of rows
// within a file decide nothing.
func TestLoadIsDeterministic(t *testing.T) {
	t.Parallel()
	first, second := synthetic(t, rig.Config{Persons: 2500, Seed: 9}), synthetic(t, rig.Config{Persons: 2500, Seed: 9, Wave: 2})
	parted := func(o register.Options) register.Options {
		o.SmallBuckets(500)
		return o
	}
	var hashes [][2]canon.Hash
	for i, o := range []register.Options{{Workers: 1}, {Workers: 3}, {Workers: 2, Memory: 1}, parted(register.Options{Workers: 1}), parted(register.Options{Workers: 3, Memory: 1})} {
		o.From, o.Store, o.ID, o.At = first, filepath.Join(t.TempDir(), "store"), "x", loadDay
		o.WithoutSync()
		if _, err := register.Load(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		o.From, o.ID, o.At = second, "y", loadDay+30
		if _, err := register.Load(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, [2]canon.Hash{mustOpen(t, o.Store, "x").Hash(), mustOpen(t, o.Store, "y").Hash()})
		if hashes[i] != hashes[0] {
			t.Errorf("options %d give other bytes", i)
		}
	}
}

// A load that dies at any write leaves nothing that looks like a snapshot, and
// the next one succeeds.
func TestKilledLoad(t *testing.T) {
	t.Parallel()
	src := people(5)
	for i := range 5 {
		src.rows = append(src.rows, row(int64(i+1), i, "2024-01-01"))
	}
	from, store := src.write(t), filepath.Join(t.TempDir(), "store")
	broken := errors.New("the disk is full")
	ops := 0
	for fail := 1; ; fail++ {
		o := register.Options{From: from, Store: store, ID: "x", At: loadDay, Catalogue: provCatalogue(), Workers: 1, Memory: 1}
		n := 0
		o.WithoutSync()
		o.FailWith(func(string) error {
			if n++; n == fail {
				return broken
			}
			return nil
		})
		_, err := register.Load(context.Background(), o)
		if err == nil {
			ops = n
			break
		}
		if !errors.Is(err, broken) {
			t.Fatalf("operation %d: %v", fail, err)
		}
		if list, err := register.List(store); err != nil || len(list) != 0 {
			t.Fatalf("operation %d: %d snapshots, %v", fail, len(list), err)
		}
		if _, err := register.Open(store, "x"); err == nil {
			t.Fatalf("operation %d: the snapshot can be opened", fail)
		}
	}
	if ops < 50 {
		t.Errorf("only %d operations could fail", ops)
	}
	if got := content(t, mustOpen(t, store, "x"), 1); !reflect.DeepEqual(got, expected(src)) {
		t.Error("the load after all failures is wrong")
	}
}

// What a killed process leaves behind is not listed and is cleared away.
func TestLeftovers(t *testing.T) {
	t.Parallel()
	store := t.TempDir()
	if err := os.MkdirAll(filepath.Join(store, ".loading-old", "spill"), 0o700); err != nil {
		t.Fatal(err)
	}
	if list, err := register.List(store); err != nil || len(list) != 0 {
		t.Fatalf("%v %v", list, err)
	}
	src := people(2)
	src.rows = []provRow{row(1, 0, "2024-01-01")}
	mustLoad(t, src.write(t), store, "x", loadDay)
	entries, err := os.ReadDir(store)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if !slices.Equal(names, []string{".lock", "x"}) {
		t.Errorf("the store holds %v", names)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	dir, store := synthetic(t, rig.Config{Persons: 2500, Seed: 9}), filepath.Join(t.TempDir(), "store")
	for _, stage := range []string{"identity", "midas_fp", "sort midas_fp", "tandvard", "verify"} {
		ctx, cancel := context.WithCancel(context.Background())
		_, err := register.Load(ctx, register.Options{From: dir, Store: store, ID: "x", At: loadDay, Progress: func(p register.Progress) {
			if p.Stage == stage {
				cancel()
			}
		}})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: err = %v", stage, err)
		}
		if list, _ := register.List(store); len(list) != 0 {
			t.Errorf("%s: a cancelled load left a snapshot", stage)
		}
		if left, _ := filepath.Glob(filepath.Join(store, ".loading*")); len(left) != 0 {
			t.Errorf("%s: a cancelled load left %v", stage, left)
		}
	}
}

// A changed byte anywhere in a snapshot is found.
func TestThreat26SnapshotStaysAsItIs(t *testing.T) {
	t.Parallel()
	store := t.TempDir()
	src := people(3)
	src.relations = []relationRow{{10, 20}}
	src.rows = []provRow{row(1, 0, "2024-01-01"), row(2, 1, "2024-02-01")}
	mustLoad(t, src.write(t), store, "x", loadDay)
	files := 0
	err := filepath.WalkDir(filepath.Join(store, "x"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		good, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, at := range []int{0, len(good) / 2, len(good) - 2} {
			bad := slices.Clone(good)
			bad[at] ^= 1
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				return err
			}
			s, err := register.Open(store, "x")
			if err == nil {
				err = s.Verify(context.Background(), nil)
				s.Close()
			}
			if err == nil {
				t.Errorf("%s: byte %d changed and nobody noticed", filepath.Base(path), at)
			}
		}
		return os.WriteFile(path, good, 0o600)
	})
	if err != nil || files < 20 {
		t.Errorf("%d files, %v", files, err)
	}
}

// A column that a file may lack must not get lost unnoticed: it was there at the load
// before, so somebody has to say that it has come to an end, once.
func TestColumnGone(t *testing.T) {
	t.Parallel()
	// Dense registers lack the columns that a file may lack.
	with := synthetic(t, rig.Config{Persons: 200, Seed: 9, Tables: []string{"midas_sjp"}})
	bare := synthetic(t, rig.Config{Persons: 200, Seed: 9, SickRows: 5, Tables: []string{"midas_sjp"}})
	store := filepath.Join(t.TempDir(), "store")
	load := func(from, id string, changes bool, without ...string) error {
		o := register.Options{From: from, Store: store, ID: id, At: loadDay, Tables: []string{"midas_sjp"}, Without: without, Changes: changes}
		if changes {
			o.Tables = nil
		}
		o.WithoutSync()
		_, err := register.Load(t.Context(), o)
		return err
	}
	if err := load(with, "first", false); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		from    string
		changes bool
		without []string
		column  string
	}{
		{bare, false, nil, "karenstid"},
		{onlyTable(t, bare, "midas_sjp"), true, nil, "karenstid"},
		{bare, false, []string{"midas_sjp.karenstid"}, "insjuknad"},
	} {
		err := load(x.from, "second", x.changes, x.without...)
		f, ok := errors.AsType[*fault.Fault](err)
		if !ok || f.Code != "register.column_gone" || f.Where.Column != x.column {
			t.Fatalf("changes %v, without %v: %v", x.changes, x.without, err)
		}
		if list, _ := register.List(store); len(list) != 1 {
			t.Fatalf("%d snapshots", len(list))
		}
	}
	for _, name := range []string{"karenstid", "midas_sjp.niva", "midas_sjp.nope", "nope.karenstid"} {
		if f, ok := errors.AsType[*fault.Fault](load(bare, "second", false, name)); !ok || f.Code != "register.without" {
			t.Errorf("%s: %v", name, f)
		}
	}
	if err := load(bare, "second", false, "midas_sjp.karenstid", "midas_sjp.insjuknad"); err != nil {
		t.Fatal(err)
	}
	if err := load(bare, "third", false); err != nil {
		t.Errorf("said once, it is known: %v", err)
	}
	if err := load(with, "fourth", false); err != nil {
		t.Errorf("the columns may come back: %v", err)
	}
}

// onlyTable is a folder with one table of a folder of made-up sources, and its note.
func onlyTable(t *testing.T, from, table string) string {
	t.Helper()
	dir := t.TempDir()
	var note register.Note
	raw, err := os.ReadFile(filepath.Join(from, register.NoteName))
	if err == nil {
		err = json.Unmarshal(raw, &note)
	}
	note.Files = slices.DeleteFunc(note.Files, func(f register.SourceFile) bool { return f.Name != table+".parquet" })
	if raw, err2 := json.Marshal(note); err == nil && err2 == nil {
		err = os.WriteFile(filepath.Join(dir, register.NoteName), raw, 0o600)
	}
	if err == nil {
		err = os.Link(filepath.Join(from, table+".parquet"), filepath.Join(dir, table+".parquet"))
	}
	if err != nil || len(note.Files) != 1 {
		t.Fatal(note.Files, err)
	}
	return dir
}
