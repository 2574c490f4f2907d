package register_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/register"
	"sluss/internal/rig"
)

// wantFault checks that err is a fault of class Input with the given code.
func wantFault(t *testing.T, err error, code, file, column string) {
	t.Helper()
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok || f.Class != fault.Input || f.Code != code || f.Where.File != file || f.Where.Column != column {
		t.Errorf("err = %v (%+v), want %s in %s %s", err, f, code, file, column)
	}
}

func TestBadFiles(t *testing.T) {
	t.Parallel()
	type extraRow struct {
		relationRow
		More int32 `parquet:"more"`
	}
	type fewRow struct {
		Parent int64 `parquet:"parent"`
	}
	type textRow struct {
		Parent string `parquet:"parent"`
		Child  int64  `parquet:"child"`
	}
	type undatedRow struct {
		Entity int64  `parquet:"entity"`
		Value  string `parquet:"id_value"`
		Kind   string `parquet:"id_kind"`
		From   int32  `parquet:"valid_from"`
		To     *int32 `parquet:"valid_to,optional,date"`
	}
	type listRow struct {
		Parent []int64 `parquet:"parent"`
		Child  int64   `parquet:"child"`
	}
	for _, tt := range []struct {
		name         string
		harm         func(t *testing.T, dir string)
		code         string
		file, column string
	}{
		{"missing file", func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, "prov.parquet")) }, "register.file_missing", "prov.parquet", ""},
		{"missing identity", func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, "identity.parquet")) }, "register.file_missing", "identity.parquet", ""},
		{"unknown file", func(t *testing.T, dir string) { writeFile(t, dir, "annat", []relationRow{{1, 2}}) }, "register.file_unknown", "annat.parquet", ""},
		{"truncated", func(t *testing.T, dir string) { os.Truncate(filepath.Join(dir, "prov.parquet"), 1500) }, "register.unreadable", "prov.parquet", ""},
		{"empty", func(t *testing.T, dir string) { os.Truncate(filepath.Join(dir, "prov.parquet"), 0) }, "register.unreadable", "prov.parquet", ""},
		{"not Parquet", func(t *testing.T, dir string) {
			os.WriteFile(filepath.Join(dir, "prov.parquet"), []byte(strings.Repeat("person,from,tom\n", 50)), 0o600)
		}, "register.unreadable", "prov.parquet", ""},
		{"extra column", func(t *testing.T, dir string) { writeFile(t, dir, "relation", []extraRow{{}}) }, "register.column_extra", "relation.parquet", "more"},
		{"missing column", func(t *testing.T, dir string) { writeFile(t, dir, "relation", []fewRow{{}}) }, "register.column_missing", "relation.parquet", "child"},
		{"text for a number", func(t *testing.T, dir string) { writeFile(t, dir, "relation", []textRow{{}}) }, "register.column_type", "relation.parquet", "parent"},
		{"number for a date", func(t *testing.T, dir string) { writeFile(t, dir, "identity", []undatedRow{{}}) }, "register.column_type", "identity.parquet", "valid_from"},
		{"list", func(t *testing.T, dir string) { writeFile(t, dir, "relation", []listRow{{}}) }, "register.column_type", "relation.parquet", "parent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			src := people(60)
			for i := range 60 {
				src.rows = append(src.rows, row(int64(i+1), i, "2024-01-01"))
			}
			dir, store := src.write(t), filepath.Join(t.TempDir(), "store")
			tt.harm(t, dir)
			_, err := load(t, dir, store, "x", loadDay)
			wantFault(t, err, tt.code, tt.file, tt.column)
			if list, _ := register.List(store); len(list) != 0 {
				t.Error("something was written")
			}
		})
	}
}

// A byte changed anywhere in a file of synthetic data is always found; in
// other data the load fails or not, but it never panics and never leaves half
// a snapshot.
func TestCorruptBytes(t *testing.T) {
	t.Parallel()
	dir := synthetic(t, rig.Config{Persons: 300, Seed: 3})
	note, err := os.ReadFile(filepath.Join(dir, register.NoteName))
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	path := filepath.Join(dir, "midas_fp.parquet")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 60 {
		bad := append([]byte(nil), good...)
		for range 1 + rnd.IntN(8) {
			bad[rnd.IntN(len(bad))] ^= byte(1 + rnd.IntN(255))
		}
		os.WriteFile(path, bad, 0o600)
		store := filepath.Join(t.TempDir(), "store")
		o := register.Options{From: dir, Store: store, ID: "x", At: loadDay}
		o.WithoutSync()
		if i%2 == 0 {
			os.WriteFile(filepath.Join(dir, register.NoteName), note, 0o600)
			_, err := register.Load(context.Background(), o)
			if fault.ClassOf(err) != fault.Input {
				t.Errorf("err = %v", err)
			}
		} else {
			os.Remove(filepath.Join(dir, register.NoteName))
			_, err := register.Load(context.Background(), o)
			list, lerr := register.List(store)
			if lerr != nil || (err == nil) != (len(list) == 1) {
				t.Errorf("err = %v, %d snapshots, %v", err, len(list), lerr)
			}
			if err != nil && fault.ClassOf(err) != fault.Input {
				t.Errorf("err = %v", err)
			}
		}
	}
}

func TestQuarantine(t *testing.T) {
	t.Parallel()
	src := people(3)
	// 10 gave up a number in 2010 that 30 was given in 2015.
	shared := number("1970-05-05", 501, false)
	src.numbers = append(
		src.numbers,
		numberRow{Entity: 10, Value: shared, Kind: "pnr", From: int32(day.MustParse("1970-05-05")), To: ptr(int32(day.MustParse("2010-01-01")))},
		numberRow{Entity: 30, Value: shared, Kind: "pnr", From: int32(day.MustParse("2015-01-01"))},
		numberRow{Entity: 77, Value: number("1980-01-01", 1, false), Kind: "pnr"},           // no such person
		numberRow{Entity: 20, Value: "198001010000", Kind: "pnr"},                           // check digit
		numberRow{Entity: 20, Value: "19800101-000", Kind: "pnr"},                           // no number
		numberRow{Entity: 20, Value: number("1980-02-02", 7, true), Kind: "samnr", From: 1}, // fine
	)
	src.relations = []relationRow{{10, 20}, {10, 99}}
	change := func(id int64, f func(r *provRow)) {
		r := row(id, 0, "2024-01-01")
		f(&r)
		src.rows = append(src.rows, r)
	}
	change(1, func(r *provRow) {})
	change(2, func(r *provRow) { r.Number = nil })
	change(3, func(r *provRow) { r.Number = ptr("") })
	change(4, func(r *provRow) { r.Number = ptr("197001011234") })
	change(5, func(r *provRow) { r.Number = ptr("19700101-12x") })
	change(6, func(r *provRow) { r.Number, r.From = &shared, int32(day.MustParse("2012-06-01")) })
	change(7, func(r *provRow) { r.Number, r.From = &shared, int32(day.MustParse("2009-06-01")) })
	change(8, func(r *provRow) { r.Number, r.From = &shared, int32(day.MustParse("2016-06-01")) })
	change(9, func(r *provRow) { r.Child = ptr("197001011234") })
	change(10, func(r *provRow) { r.Code = "" })
	change(11, func(r *provRow) { r.Code = "C" })
	change(12, func(r *provRow) { r.Kind = "PAY" })
	change(13, func(r *provRow) { r.Extent = 70_000 })
	change(14, func(r *provRow) { r.From = 1 << 30 })
	change(15, func(r *provRow) { r.Amount = -1 })
	change(16, func(r *provRow) { r.Note = ptr(strings.Repeat("x", 100)) })
	change(17, func(r *provRow) {})
	change(17, func(r *provRow) {}) // the same again
	change(18, func(r *provRow) {})
	change(18, func(r *provRow) { r.Amount++ })              // one number, two contents
	change(19, func(r *provRow) { r.Tom = ptr(r.From - 5) }) // the kernel's business, not ours
	change(20, func(r *provRow) { r.Note = ptr("a\x00b") })
	change(21, func(r *provRow) { r.Note = ptr("\xff") })
	change(22, func(r *provRow) { r.Note = ptr(strings.Repeat("å", 32)) }) // as long as can be
	change(23, func(r *provRow) { r.Amount = math.MinInt64 })              // would mean that there is none
	change(math.MinInt64, func(r *provRow) {})
	change(24, func(r *provRow) { r.Code = strings.Repeat("C", 100) }) // nor in the closed set
	m := mustLoad(t, src.write(t), t.TempDir(), "x", loadDay)
	want := map[string]int64{
		"missing_identity": 2, "unknown_identity": 2, "ambiguous_identity": 1, "unknown_other": 1, "missing_value": 1,
		"unknown_code": 3, "bad_code": 3, "out_of_range": 3, "negative_amount": 2, "row_conflict": 2,
	}
	c := m.Tables[0].Counts
	if !maps.Equal(c.Quarantined, want) || c.Duplicates != 1 || c.Added != 6 || c.Source != 27 {
		t.Errorf("%+v", c)
	}
	if !maps.Equal(m.Rejected, map[string]int{"unknown_entity": 2, "bad_number": 2}) {
		t.Errorf("rejected %v", m.Rejected)
	}
}

// Real numbers are refused where data are said to be synthetic, and synthetic
// ones where they are not.
func TestSyntheticMode(t *testing.T) {
	t.Parallel()
	dir := synthetic(t, rig.Config{Persons: 100, Seed: 1})
	os.Remove(filepath.Join(dir, register.NoteName))
	m, err := register.Load(context.Background(), register.Options{From: dir, Store: t.TempDir(), ID: "x", At: loadDay})
	if err != nil {
		t.Fatal(err)
	}
	if m.Synthetic || m.Numbers != 0 || m.Rejected[register.ReasonBadNumber] < 100 {
		t.Errorf("%d numbers of made-up people were taken for real", m.Numbers)
	}
	src := people(3)
	dir = src.write(t)
	var files []string
	for _, f := range []string{"person", "identity", "relation", "prov"} {
		b, err := os.ReadFile(filepath.Join(dir, f+".parquet"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, fmt.Sprintf(`{"name":"%s.parquet","sha256":"%s"}`, f, sum(b)))
	}
	os.WriteFile(filepath.Join(dir, register.NoteName), []byte(`{"synthetic":true,"at":"2026-11-01","files":[`+strings.Join(files, ",")+`]}`), 0o600)
	m = mustLoad(t, dir, t.TempDir(), "x", loadDay)
	if !m.Synthetic || m.Numbers != 0 || m.Rejected[register.ReasonBadNumber] != 3 {
		t.Errorf("%d real numbers were taken for made up", m.Numbers)
	}
}

// Tables without a file are left out, but not where the note says that the
// file was made; and there must be something to load.
func TestTablesWithoutFile(t *testing.T) {
	t.Parallel()
	dir := synthetic(t, rig.Config{Persons: 100, Seed: 1, Tables: []string{"tfp", "midas_fp"}})
	m, err := register.Load(context.Background(), register.Options{From: dir, Store: t.TempDir(), ID: "x", At: loadDay})
	if err != nil || len(m.Tables) != 3 { // persons, too
		t.Fatalf("%+v, %v", m, err)
	}
	if err := os.Remove(filepath.Join(dir, "tfp.parquet")); err != nil {
		t.Fatal(err)
	}
	_, err = register.Load(context.Background(), register.Options{From: dir, Store: t.TempDir(), ID: "x", At: loadDay})
	wantFault(t, err, "register.file_missing", "tfp.parquet", "")
}

func TestStoreRules(t *testing.T) {
	t.Parallel()
	src := people(2)
	src.rows = []provRow{row(1, 0, "2024-01-01")}
	dir, store := src.write(t), t.TempDir()
	mustLoad(t, dir, store, "x", loadDay)
	_, err := load(t, dir, store, "x", loadDay+1)
	wantFault(t, err, "register.id_taken", "", "")
	_, err = load(t, dir, store, "y", loadDay-1)
	wantFault(t, err, "register.out_of_order", "", "")
	_, err = load(t, dir, store, "../y", loadDay)
	wantFault(t, err, "register.bad_id", "", "")
	_, err = register.Open(store, "../x")
	wantFault(t, err, "register.no_snapshot", "", "")
	_, err = register.Open(store, "z")
	wantFault(t, err, "register.no_snapshot", "", "")
	// A table that was there must not be forgotten: its rows would all close.
	cat := provCatalogue()
	extra := cat.Registers[0]
	extra.ID = "annat"
	extra.Tables = append(extra.Tables[:0:0], extra.Tables...)
	extra.Tables[0].ID = "annat"
	cat.Registers = append(cat.Registers, extra)
	_, err = register.Load(context.Background(), register.Options{From: dir, Store: store, ID: "y", At: loadDay, Catalogue: cat, Tables: []string{"annat"}})
	wantFault(t, err, "register.file_missing", "prov.parquet", "")
}
