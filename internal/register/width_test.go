package register_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/day"
	"sluss/internal/register"
	"sluss/internal/register/cells"
)

// drawWide draws a row whose numbers are small, or of one of the sizes at which a
// column takes more bytes.
func drawWide(rt *rapid.T, id int64, persons int) provRow {
	size := func(label string) int64 {
		return rapid.SampledFrom([]int64{0, 1, 126, 127, 128, 254, 255, 32_766, 32_767, 32_768, 1<<31 - 2, 1<<31 - 1, 1 << 31, 1 << 40, 1<<62 + 1}).Draw(rt, label)
	}
	r := row(id, rapid.IntRange(0, persons-1).Draw(rt, "who"), "2025-01-01")
	r.RowID += size("row") * 100
	r.Track, r.Amount = size("track"), size("amount")
	if r.Tom = nil; rapid.Bool().Draw(rt, "ended") {
		r.Tom = ptr(r.From + int32(min(size("days"), 1_000_000)))
	}
	r.Tx = rapid.SampledFrom([]int32{-127, 0, 127, 128, 20_000, 32_767, 32_768, 2_000_000}).Draw(rt, "tx")
	r.Note = rapid.SampledFrom([]*string{nil, ptr("F43"), ptr("A09")}).Draw(rt, "note")
	return r
}

// headers are the width and number of values that the header of each column's file
// tells.
func headers(t testing.TB, store string, s *register.Snapshot) map[string][2]int {
	t.Helper()
	out := map[string][2]int{}
	for _, tab := range s.Tables() {
		for _, c := range tab.Columns() {
			f, err := os.Open(filepath.Join(store, s.ID(), "tables", tab.ID(), c.Variable()+".seg"))
			if err != nil {
				t.Fatal(err)
			}
			var h [64]byte
			if _, err := f.Read(h[:]); err != nil {
				t.Fatal(err)
			}
			st, err := f.Stat()
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
			width, n := int(binary.LittleEndian.Uint32(h[8:])), int(binary.LittleEndian.Uint64(h[16:]))
			if st.Size() != int64(64+width*n) {
				t.Fatalf("%s: %d bytes for %d numbers of %d", c.Variable(), st.Size(), n, width)
			}
			out[tab.ID()+"."+c.Variable()] = [2]int{width, n}
		}
	}
	return out
}

// needed is the width of a column by its values.
func needed(c *register.Column) int {
	switch c.Type() {
	case register.TypeDay:
		return widthOf(c.Days())
	case register.TypeInt32:
		return widthOf(c.Int32s())
	case register.TypeInt64:
		return widthOf(c.Int64s())
	case register.TypeCode:
		return widthOf(c.Codes())
	case register.TypeExtent:
		return widthOf(c.Extents())
	}
	return widthOf(c.Persons())
}

func widthOf[T cells.Cell](c *cells.Column[T]) int {
	var vals []T
	for _, v := range c.All() {
		vals = append(vals, v)
	}
	return cells.Width(vals)
}

// TestColumnsAreAsNarrowAsTheirNumbers: whatever numbers come, in whatever order, in
// one bucket or one for each person, all of them are there, each column takes as many
// bytes as its greatest number needs, and the files are the same.
func TestColumnsAreAsNarrowAsTheirNumbers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		src := people(rapid.IntRange(1, 12).Draw(rt, "persons"))
		for id := range rapid.IntRange(0, 30).Draw(rt, "rows") {
			src.rows = append(src.rows, drawWide(rt, int64(id+1), len(src.persons)))
		}
		from := src.write(t)
		var first *register.Manifest
		for _, bucket := range []int64{0, 1, 3} {
			o := register.Options{From: from, Store: filepath.Join(t.TempDir(), "store"), ID: "x", At: loadDay, Catalogue: provCatalogue()}
			o.WithoutSync()
			if bucket > 0 {
				o.SmallBuckets(bucket)
			}
			m, err := register.Load(context.Background(), o)
			if err != nil {
				rt.Fatal(err)
			}
			if first == nil {
				first = m
			}
			if !slices.Equal(m.Files, first.Files) {
				rt.Fatalf("buckets of %d give other files", bucket)
			}
			s := mustOpen(t, o.Store, "x")
			if got := content(t, s, 1); !reflect.DeepEqual(got, expected(src)) {
				rt.Fatalf("buckets of %d: %v", bucket, got)
			}
			told := headers(t, o.Store, s)
			for _, c := range s.Table("prov").Columns() {
				if want := [2]int{needed(c), len(src.rows)}; told["prov."+c.Variable()] != want {
					rt.Fatalf("%s: width and number %v, want %v", c.Variable(), told["prov."+c.Variable()], want)
				}
			}
		}
	})
}

// TestChangesWiden: a change file whose numbers need more bytes than the table before
// has gives the same files as a load of everything.
func TestChangesWiden(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		now := people(rapid.IntRange(1, 6).Draw(rt, "persons"))
		for id := range rapid.IntRange(0, 12).Draw(rt, "rows") {
			now.rows = append(now.rows, row(int64(id+1), rapid.IntRange(0, len(now.persons)-1).Draw(rt, "who"), "2025-01-01"))
			now.rows[id].Note = nil
		}
		stores := [2]string{filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "changed")}
		for _, store := range stores {
			mustLoad(t, now.write(t), store, "s1", loadDay)
		}
		var fresh []provRow
		for id := range rapid.IntRange(1, 4).Draw(rt, "fresh") {
			fresh = append(fresh, drawWide(rt, int64(50+id), len(now.persons)))
		}
		now.rows = append(now.rows, fresh...)
		whole := mustLoad(t, now.write(t), stores[0], "s2", loadDay+30)
		changed, err := loadChanges(writeChanges(t, fresh, nil, nil), stores[1], "s2", loadDay+30)
		if err != nil {
			rt.Fatal(err)
		}
		same(rt, whole, changed)
	})
}

// TestCodesAndPersonsMove: where hundreds of codes and persons come before those that
// there were, their numbers take more bytes in rows that have not changed, too.
func TestCodesAndPersonsMove(t *testing.T) {
	t.Parallel()
	more := people(302)
	for i := range 2 {
		more.persons[i].Entity, more.numbers[i].Entity = int64(1_000_000+i), int64(1_000_000+i)
	}
	now := source{persons: more.persons[:2], numbers: more.numbers[:2], rows: []provRow{row(1, 0, "2025-01-01"), row(2, 1, "2025-02-01")}}
	now.rows[0].Note, now.rows[0].Child = ptr("Z99"), ptr(numberOf(1))
	var fresh []provRow
	for i := range 300 {
		r := row(int64(10+i), 2+i, "2025-03-01")
		r.Note = ptr(fmt.Sprintf("A%02d%d", i/10, i%10))
		fresh = append(fresh, r)
	}
	stores := [2]string{filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "changed")}
	for _, store := range stores {
		mustLoad(t, now.write(t), store, "s1", loadDay)
	}
	if w := headers(t, stores[1], mustOpen(t, stores[1], "s1")); w["prov.anm"][0] != 1 || w["prov.barn_lopnr"][0] != 1 {
		t.Fatalf("%v", w)
	}
	changed, err := loadChanges(writeChanges(t, fresh, nil, &more), stores[1], "s2", loadDay+30)
	if err != nil {
		t.Fatal(err)
	}
	more.rows = append(now.rows, fresh...)
	same(t, mustLoad(t, more.write(t), stores[0], "s2", loadDay+30), changed)
	if w := headers(t, stores[1], mustOpen(t, stores[1], "s2")); w["prov.anm"][0] != 2 || w["prov.barn_lopnr"][0] != 2 {
		t.Errorf("%v", w)
	}
}

// TestSnapshotOfTheFormatBefore: a snapshot whose columns are as wide as their types is
// read, loaded upon with everything and with changes, and stays what it is.
func TestSnapshotOfTheFormatBefore(t *testing.T) {
	t.Parallel()
	src := people(4)
	src.rows = []provRow{row(1, 0, "2025-01-01"), row(2, 1, "2025-02-01"), row(3, 1, "2025-03-01"), row(4, 3, "2025-04-01")}
	src.rows[1].Tom, src.rows[2].Note, src.rows[3].Child = nil, nil, ptr(numberOf(1))
	store := filepath.Join(t.TempDir(), "store")
	mustLoad(t, src.write(t), store, "s1", loadDay)
	if err := register.WriteAsFormat1(store, "s1"); err != nil {
		t.Fatal(err)
	}
	old := mustOpen(t, store, "s1")
	if err := old.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if got := content(t, old, 1); !reflect.DeepEqual(got, expected(src)) {
		t.Fatalf("%v", got)
	}
	if w := headers(t, store, old); w["prov.belopp"][0] != 8 || w["prov.from_datum"][0] != 4 || w["prov.form"][0] != 2 {
		t.Fatalf("the snapshot is not of format 1: %v", w)
	}
	late, corrected := row(5, 2, "2025-05-01"), src.rows[0]
	corrected.Amount++
	m, err := loadChanges(writeChanges(t, []provRow{late, corrected}, []provKey{keyOf(src.rows[3])}, nil), store, "s2", loadDay+1)
	if err != nil {
		t.Fatal(err)
	}
	if c := m.Tables[0].Counts; c.Added != 1 || c.Changed != 1 || c.Removed != 1 {
		t.Errorf("%+v", c)
	}
	now := src
	now.rows = []provRow{corrected, src.rows[1], src.rows[2], late}
	if got := content(t, mustOpen(t, store, "s2"), 2); !reflect.DeepEqual(got, expected(now)) {
		t.Errorf("after changes: %v", got)
	}
	if got := content(t, mustOpen(t, store, "s2"), 1); !reflect.DeepEqual(got, expected(src)) {
		t.Errorf("as of the load before: %v", got)
	}
	m = mustLoad(t, now.write(t), store, "s3", loadDay+2)
	if c := m.Tables[0].Counts; c.Unchanged != 4 || c.Added+c.Changed+c.Removed != 0 {
		t.Errorf("everything again: %+v", c)
	}
	if w := headers(t, store, mustOpen(t, store, "s3")); w["prov.belopp"][0] != 2 || w["prov.form"][0] != 1 {
		t.Errorf("a load of everything has not become narrow: %v", w)
	}
}

// TestUnknownFormat: a snapshot of a later program is refused.
func TestUnknownFormat(t *testing.T) {
	t.Parallel()
	src := people(1)
	src.rows = []provRow{row(1, 0, day.Of(2025, 1, 1).String())}
	store := filepath.Join(t.TempDir(), "store")
	mustLoad(t, src.write(t), store, "s1", loadDay)
	if err := register.Rewrite(store, "s1", func(m *register.Manifest) { m.Format = 3 }); err != nil {
		t.Fatal(err)
	}
	if _, err := register.Open(store, "s1"); code(err) != "register.damaged" {
		t.Errorf("%v", err)
	}
}

// TestDamageBeforeGrowing: a file that is written anew because a number needs more bytes
// must hold what was put into it.
func TestDamageBeforeGrowing(t *testing.T) {
	t.Parallel()
	if err := register.GrowColumn(t.TempDir(), func(string) error { return nil }); err != nil {
		t.Fatal(err)
	}
	flip := func(path string) error {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b[len(b)-1] ^= 1
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.Write(b)
		return errors.Join(err, f.Close())
	}
	if err := register.GrowColumn(t.TempDir(), flip); err == nil {
		t.Error("nobody noticed")
	}
}
