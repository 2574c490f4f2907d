package register_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/register"
)

// provKey is what a deleted row is known by.
type provKey struct {
	RowID  int64   `parquet:"rad_id"`
	Tx     int32   `parquet:"registrerad,date"`
	Number *string `parquet:"personnummer,optional"`
	From   int32   `parquet:"fran,date"`
}

func keyOf(r provRow) provKey { return provKey{r.RowID, r.Tx, r.Number, r.From} }

// writeChanges puts the files of a change into a new folder; identity is the
// whole register, or nil where it has not changed.
func writeChanges(t testing.TB, rows []provRow, gone []provKey, identity *source) string {
	t.Helper()
	dir := t.TempDir()
	if identity != nil {
		writeFile(t, dir, "person", identity.persons)
		writeFile(t, dir, "identity", identity.numbers)
		writeFile(t, dir, "relation", identity.relations)
	}
	if rows != nil {
		writeFile(t, dir, "prov", rows)
	}
	if gone != nil {
		writeFile(t, dir, "prov.deleted", gone)
	}
	return dir
}

func loadChanges(from, store, id string, at day.Day) (*register.Manifest, error) {
	return loadChangesBy(0, from, store, id, at)
}

// loadChangesBy compares stretches of persons with about so many rows; 0: all persons
// of a test in one go.
func loadChangesBy(rows int64, from, store, id string, at day.Day) (*register.Manifest, error) {
	o := register.Options{From: from, Store: store, ID: id, At: at, Catalogue: provCatalogue(), Changes: true}
	o.WithoutSync()
	o.SmallBuckets(rows)
	return register.Load(context.Background(), o)
}

// same compares what two snapshots hold, file by file, and their counts.
func same(t require, whole, changed *register.Manifest) {
	if !slices.Equal(whole.Files, changed.Files) {
		for _, f := range whole.Files {
			if !slices.Contains(changed.Files, f) {
				t.Fatalf("%s differs", f.Path)
			}
		}
		t.Fatalf("%d files and %d", len(whole.Files), len(changed.Files))
	}
	a, b := whole.Tables[0], changed.Tables[0]
	if a.Rows != b.Rows || a.Live != b.Live || fmt.Sprint(a.Columns) != fmt.Sprint(b.Columns) || whole.Persons != changed.Persons || whole.Numbers != changed.Numbers || whole.Relations != changed.Relations {
		t.Fatalf("another table:\n%+v\n%+v", a, b)
	}
	x, y := a.Counts, b.Counts
	if x.Added != y.Added || x.Late != y.Late || x.Changed != y.Changed || x.Removed != y.Removed {
		t.Fatalf("other counts:\n%+v\n%+v", x, y)
	}
}

type require interface{ Fatalf(string, ...any) }

// TestChangesAreAWholeLoad: a load of what has changed gives the same bytes in
// every file, the same counts and the same codes as a load of everything, load
// after load, whoever is born and whatever code comes up.
func TestChangesAreAWholeLoad(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		stores := [2]string{filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "changed")}
		n := rapid.IntRange(1, 12).Draw(rt, "persons")
		now := people(n)
		draw := func(id int64) provRow {
			r := row(id, rapid.IntRange(0, len(now.persons)-1).Draw(rt, "who"), day.Of(2025, 1, rapid.IntRange(1, 20).Draw(rt, "from")).String())
			r.Amount = rapid.Int64Range(0, 3).Draw(rt, "amount")
			r.Note = rapid.SampledFrom([]*string{nil, ptr("F43"), ptr("A09"), ptr("M54"), ptr("Z99")}).Draw(rt, "note")
			if rapid.Bool().Draw(rt, "child") {
				r.Child = ptr(numberOf(rapid.IntRange(0, len(now.persons)-1).Draw(rt, "whose")))
			}
			return r
		}
		next := int64(1)
		for range rapid.IntRange(0, 20).Draw(rt, "rows") {
			now.rows = append(now.rows, draw(next))
			next++
		}
		mustLoad(t, now.write(t), stores[0], "s1", loadDay)
		if err := os.CopyFS(stores[1], os.DirFS(stores[0])); err != nil {
			rt.Fatalf("%v", err)
		}
		for k := range rapid.IntRange(1, 2).Draw(rt, "loads") {
			var born *source
			if grow := rapid.IntRange(0, 2).Draw(rt, "born"); grow > 0 {
				more := people(len(now.persons) + grow)
				for i := n; i < len(more.persons); i++ { // their keys lie between those of others
					key := int64(10*(1+(i-n)%n) + 1 + (i-n)/n%9)
					more.persons[i].Entity, more.numbers[i].Entity = key, key
				}
				slices.Reverse(more.persons) // the order of a source means nothing
				more.rows = now.rows
				now = more
				born = &more
			}
			var rows []provRow
			var gone []provKey
			kept := now.rows[:0:0]
			for _, r := range now.rows {
				switch rapid.IntRange(0, 6).Draw(rt, "fate") {
				case 0:
					gone = append(gone, keyOf(r))
					continue
				case 1: // corrected: perhaps to what it was
					c := draw(r.RowID)
					c.Number = r.Number
					r = c
					rows = append(rows, r)
				case 2: // the row was another person's
					c := draw(r.RowID)
					if *c.Number != *r.Number {
						gone = append(gone, keyOf(r))
					}
					r = c
					rows = append(rows, r)
				case 3: // told again without a change
					rows = append(rows, r)
				}
				kept = append(kept, r)
			}
			for range rapid.IntRange(0, 5).Draw(rt, "new") {
				r := draw(next)
				next++
				rows, kept = append(rows, r), append(kept, r)
			}
			now.rows = kept
			at, id := loadDay+day.Day(30*(k+1)), fmt.Sprintf("s%d", k+2)
			whole := mustLoad(t, now.write(t), stores[0], id, at)
			stretch := rapid.Int64Range(0, 6).Draw(rt, "stretch")
			changed, err := loadChangesBy(stretch, writeChanges(t, rapid.Permutation(rows).Draw(rt, "order"), gone, born), stores[1], id, at)
			if err != nil {
				rt.Fatalf("%v", err)
			}
			same(rt, whole, changed)
		}
		s := mustOpen(t, stores[1], "s1")
		if err := s.Verify(context.Background(), nil); err != nil {
			rt.Fatalf("the first snapshot has changed: %v", err)
		}
	})
}

// TestChangesThatDoNotFit: rows that cannot be believed change nothing and are
// counted; folders that cannot be used are refused and leave nothing behind.
func TestChangesThatDoNotFit(t *testing.T) {
	t.Parallel()
	s := people(3)
	s.rows = []provRow{row(1, 0, "2025-01-01"), row(2, 1, "2025-02-01"), row(3, 1, "2025-03-01")}
	store := filepath.Join(t.TempDir(), "store")
	if _, err := loadChanges(writeChanges(t, s.rows, nil, nil), store, "s1", loadDay); code(err) != "register.no_parent" {
		t.Errorf("changes to nothing: %v", err)
	}
	mustLoad(t, s.write(t), store, "s1", loadDay)
	other, both := row(2, 1, "2025-02-05"), row(3, 1, "2025-03-09")
	stranger, unknown := row(9, 2, "2025-01-01"), row(7, 2, "2025-01-01")
	stranger.Number = ptr(numberOf(900))
	twice := row(8, 0, "2025-04-01")
	other2 := other
	other2.Amount++
	m, err := loadChanges(writeChanges(t, []provRow{other, other2, both, stranger, twice, twice}, []provKey{keyOf(both), keyOf(unknown), keyOf(s.rows[0]), keyOf(s.rows[0])}, nil), store, "s2", loadDay+1)
	if err != nil {
		t.Fatal(err)
	}
	c := m.Tables[0].Counts
	if c.Source != 10 || c.Added != 1 || c.Changed != 0 || c.Removed != 1 || c.Duplicates != 2 || m.Tables[0].Live != 3 {
		t.Errorf("%+v", c)
	}
	if want := map[string]int64{register.ReasonRowConflict: 4, register.ReasonUnknownIdentity: 1, register.ReasonUnknownRow: 1}; fmt.Sprint(c.Quarantined) != fmt.Sprint(want) {
		t.Errorf("set aside %v, want %v", c.Quarantined, want)
	}
	empty, err := loadChanges(t.TempDir(), store, "s3", loadDay+2)
	if err != nil || !slices.Equal(empty.Files, m.Files) {
		t.Errorf("no change: %v", err)
	}
	dir := writeChanges(t, nil, nil, &s)
	writeFile(t, dir, "unknown", s.rows)
	if _, err := loadChanges(dir, store, "s4", loadDay+3); code(err) != "register.file_unknown" || ids(t, store) != "s1 s2 s3" {
		t.Errorf("an unknown file: %v", err)
	}
}

// TestSomebodyIsBornAndNothingElse: persons get other numbers though no row is
// new, and rows that name them follow.
func TestSomebodyIsBornAndNothingElse(t *testing.T) {
	t.Parallel()
	now := people(3)
	r := row(1, 0, "2025-01-01")
	r.Child = ptr(numberOf(2))
	now.rows = []provRow{r}
	stores := [2]string{filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "changed")}
	for _, s := range stores {
		mustLoad(t, now.write(t), s, "s1", loadDay)
	}
	more := people(4)
	more.rows, more.persons[3].Entity, more.numbers[3].Entity = now.rows, 15, 15
	changed, err := loadChanges(writeChanges(t, nil, nil, &more), stores[1], "s2", loadDay+1)
	if err != nil {
		t.Fatal(err)
	}
	same(t, mustLoad(t, more.write(t), stores[0], "s2", loadDay+1), changed)
}

// TestLateIsBeforeTheLoadBefore: a new row is late if it concerns a day before that of
// the load before, by either way.
func TestLateIsBeforeTheLoadBefore(t *testing.T) {
	t.Parallel()
	s := people(1)
	s.rows = []provRow{row(1, 0, "2025-01-01")}
	first := s.write(t)
	fresh := []provRow{row(2, 0, (loadDay - 1).String()), row(3, 0, loadDay.String()), row(4, 0, (loadDay + 1).String())}
	s.rows = append(s.rows, fresh...)
	for name, load := range map[string]func(store string) (*register.Manifest, error){
		"everything": func(store string) (*register.Manifest, error) {
			return mustLoad(t, s.write(t), store, "s2", loadDay+9), nil
		},
		"changes": func(store string) (*register.Manifest, error) {
			return loadChanges(writeChanges(t, fresh, nil, nil), store, "s2", loadDay+9)
		},
	} {
		store := filepath.Join(t.TempDir(), "store")
		mustLoad(t, first, store, "s1", loadDay)
		m, err := load(store)
		if err != nil {
			t.Fatal(err)
		}
		if c := m.Tables[0].Counts; c.Added != 3 || c.Late != 1 {
			t.Errorf("%s: %d added, %d late, want 3 and 1", name, c.Added, c.Late)
		}
	}
}

// TestCodesOfManyLoads: the codes of all loads together must have numbers.
func TestCodesOfManyLoads(t *testing.T) {
	t.Parallel()
	texts := func(prefix string, n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprint(prefix, i))
		}
		return out
	}
	before := texts("a", 40_000)
	if dict, ok := register.MergedCodes(before, before); !ok || len(dict) != 40_001 {
		t.Errorf("%d texts, %v", len(dict), ok)
	}
	if _, ok := register.MergedCodes(texts("b", 40_000), before); ok {
		t.Error("80,000 texts have numbers of two bytes")
	}
	if dict, ok := register.MergedCodes(texts("b", 25_532), before); !ok || len(dict) != 65_533 {
		t.Errorf("%d texts, %v", len(dict), ok)
	}
	if _, ok := register.MergedCodes(texts("b", 25_533), before); ok {
		t.Error("a number that means something else is a code's")
	}
}
