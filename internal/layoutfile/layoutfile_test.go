package layoutfile_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/engine/embedded"
	"sluss/internal/engine/enginetest"
	"sluss/internal/fault"
	"sluss/internal/layoutfile"
	"sluss/internal/plan"
	"sluss/internal/register"
	"sluss/internal/rig"
)

// spellsOf orders everybody's spells of sickness from a snapshot, and what the
// layout has of them.
func run(t *testing.T, store, id string, e enginetest.Extract) string {
	t.Helper()
	snap, err := register.Open(store, id)
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	src := embedded.Of(snap)
	j := enginetest.Job(enginetest.World{}, e)
	j.Spec.AsOf.Snapshot = id
	for p := range src.Persons {
		j.People = append(j.People, engine.Person{Index: uint32(p), Serial: int64(p) + 1})
	}
	files, res := enginetest.Files(t, embedded.New(src), j)
	return files[res.Files[0].Name]
}

// layoutColumns are the columns of a plan that gives all of the layout.
func layoutColumns(t *testing.T) []string {
	t.Helper()
	_, table := catalog.Builtin().Table("midas_sjp")
	var out []string
	for _, c := range table.Layout {
		out = append(out, c.Variable+"="+c.Name)
	}
	return out
}

// TestDeliveredLayoutComesBack: a delivery in the layout of 42 columns, read into
// a register and ordered again, has the same spells: first and last days, days,
// net days; and the same lines, but for the level that the layout does not tell.
func TestDeliveredLayoutComesBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx := context.Background()
	c := rig.Config{Persons: 1200, Seed: 5}
	first, store := filepath.Join(dir, "first"), filepath.Join(dir, "store")
	if _, err := rig.New(c).Write(ctx, first, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := register.Load(ctx, register.Options{From: first, Store: store, ID: "one", At: c.At()}); err != nil {
		t.Fatal(err)
	}
	wide := enginetest.Extract{Shape: "subspell_42", Columns: layoutColumns(t), Output: plan.Output{Delimiter: "\t"}}
	delivered := run(t, store, "one", wide)
	if head, _, _ := strings.Cut(delivered, "\n"); !strings.HasPrefix(head, "lopnr\tDELFORMAN1_KOD\tDELFORMAN2_KOD\tOMFATTNING\tDAGBELOPP\tDEL_FROM_DATUM") || strings.Count(head, "\t") != 41 {
		t.Fatal(head)
	}
	file, key := filepath.Join(dir, "wide.tsv"), filepath.Join(dir, "key.csv")
	write(t, file, delivered)
	write(t, key, numbers(t, store))
	second := filepath.Join(dir, "second")
	res, err := layoutfile.Import(ctx, layoutfile.Options{File: file, Key: key, Dir: second, Table: "midas_sjp", Registered: c.At() - 1, Catalogue: catalog.Builtin()})
	if err != nil {
		t.Fatal(err)
	}
	if res.Gaps == 0 || res.Spells == 0 || len(res.Unused) != 1 || res.Unused[0] != "DAGBELOPP" {
		t.Errorf("%+v", res)
	}
	for _, name := range []string{"person", "identity", "relation", "organisation"} {
		b, err := os.ReadFile(filepath.Join(first, name+".parquet"))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(second, name+".parquet"), string(b))
	}
	writeNote(t, first, second)
	m, err := register.Load(ctx, register.Options{From: second, Store: filepath.Join(dir, "store2"), ID: "two", At: c.At(), Tables: []string{"midas_sjp", "person"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tab := range m.Tables {
		if tab.ID == "midas_sjp" && tab.Counts.Added != res.Rows {
			t.Errorf("%d rows loaded of %d: %v", tab.Counts.Added, res.Rows, tab.Counts.Quarantined)
		}
	}
	spells := enginetest.Extract{Shape: "spell", Gap: 4, Columns: []string{"lopnr", "from_datum", "tom_datum", "bruttodagar", "dagar", "nettodagar", "pagaende"}}
	if before, after := run(t, store, "one", spells), run(t, filepath.Join(dir, "store2"), "two", spells); before != after {
		t.Errorf("the spells differ: %s", firstDifference(before, after))
	}
	years := enginetest.Extract{Shape: "spell", Gap: 4, Columns: []string{"lopnr", "from_datum", "diagnos", "forsakradtyp"}}
	if before, after := run(t, store, "one", years), run(t, filepath.Join(dir, "store2"), "two", years); before != after {
		t.Errorf("attributes of spells differ: %s", firstDifference(before, after))
	}
	if before, after := sumOf(delivered, 10), sumOf(run(t, filepath.Join(dir, "store2"), "two", wide), 10); before != after || before == 0 {
		t.Errorf("money: %d and %d", before, after)
	}
}

// writeNote says that the second folder is as synthetic as the first: its file
// of the layout has been read, the others are the same.
func writeNote(t *testing.T, first, second string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(first, register.NoteName))
	if err != nil {
		t.Fatal(err)
	}
	var note register.Note
	if err := json.Unmarshal(raw, &note); err != nil {
		t.Fatal(err)
	}
	note.Files = slices.DeleteFunc(note.Files, func(f register.SourceFile) bool {
		_, err := os.Stat(filepath.Join(second, f.Name))
		return err != nil || f.Name == "midas_sjp.parquet"
	})
	b, err := os.ReadFile(filepath.Join(second, "midas_sjp.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	note.Files = append(note.Files, register.SourceFile{Name: "midas_sjp.parquet", Bytes: int64(len(b)), SHA256: canon.Sum(b)})
	if raw, err = json.Marshal(note); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(second, register.NoteName), string(raw))
}

// numbers writes a key file: löpnummer is the place in the snapshot, from 1.
func numbers(t *testing.T, store string) string {
	t.Helper()
	snap, err := register.Open(store, "one")
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	out := "lopnr,personnummer\n"
	for p := range snap.Persons() {
		if snap.Identity().Organisation(uint32(p)) {
			continue
		}
		if n := fmt.Sprint(snap.Identity().Current(uint32(p)).Reveal()); len(n) == 12 {
			out += fmt.Sprintf("%d,%s\n", p+1, n)
		}
	}
	return out
}

// sumOf adds up a column of a file.
func sumOf(file string, column int) (sum int64) {
	for _, line := range strings.Split(strings.TrimSpace(file), "\n")[1:] {
		n := int64(0)
		_, _ = fmt.Sscan(strings.Split(line, "\t")[column], &n) // an empty cell is nothing
		sum += n
	}
	return sum
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d of %d and %d:\n%s\n%s", i+1, len(x), len(y), x[i], y[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(x), len(y))
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRefusedFiles: a file that cannot be read leaves nothing behind and says
// where.
func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	_, table := catalog.Builtin().Table("midas_sjp")
	var names []string
	for _, c := range table.Layout {
		names = append(names, c.Name)
	}
	head := strings.Join(names, "\t") + "\n"
	line := func(person, from string) string {
		cells := make([]string, 42)
		for name, v := range map[string]string{
			"lopnr": person, "DELFORMAN1_KOD": "SJP", "OMFATTNING": "1", "DEL_FROM_DATUM": from, "DEL_TOM_DATUM": from, "DEL_DAGAR_TOT": "1", "DEL_DAGAR_BRUTTO": "1",
			"FALL_FROM_DATUM": from, "FALL_TOM_DATUM": from, "FALL_DAGAR_TOT": "1",
		} {
			cells[slices.Index(names, name)] = v
		}
		return strings.Join(cells, "\t") + "\n"
	}
	const one, two = "199001019805", "199001029804"
	for _, tt := range []struct{ name, file, key, code, where string }{
		{"no file", "", "", "layout.empty", ""},
		{"a wrong header", strings.Replace(head, "PGI", "PGJ", 1), "", "layout.header", "line 1, column PGI"},
		{"cells too few", head + "1\t2\n", "", "layout.columns", "line 2"},
		{"no identity number", head + line("17", "2024-01-01"), "", "layout.number", "line 2, column lopnr"},
		{"not in the key", head + line("17", "2024-01-01") + line("18", "2024-01-01"), "lopnr,personnummer\n17," + one + "\n", "layout.key", "line 3, column lopnr"},
		{"a person in two places", head + line(one, "2024-01-01") + line(two, "2024-01-01") + line(one, "2024-02-01"), "", "layout.order", "line 4, column lopnr"},
		{"a key that is none", head, "lopnr\n1\n", "layout.key_file", "line 1"},
		{"a key twice", head, "lopnr,personnummer\n17," + one + "\n17," + two + "\n", "layout.key_file", "line 3, column lopnr"},
		{"a quotation mark", head + "1\t\"a\"b\n", "", "layout.unreadable", "line 2"},
	} {
		dir := t.TempDir()
		o := layoutfile.Options{File: filepath.Join(dir, "f.tsv"), Dir: filepath.Join(dir, "out"), Table: "midas_sjp", Registered: day.MustParse("2026-01-01"), Catalogue: catalog.Builtin()}
		write(t, o.File, tt.file)
		if tt.key != "" {
			o.Key = filepath.Join(dir, "key.csv")
			write(t, o.Key, tt.key)
		}
		_, err := layoutfile.Import(context.Background(), o)
		f, ok := errors.AsType[*fault.Fault](err)
		if !ok || f.Code != tt.code || !strings.Contains(f.Text("en"), tt.where) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if left, _ := os.ReadDir(o.Dir); len(left) > 0 {
			t.Errorf("%s leaves %d files", tt.name, len(left))
		}
	}
}
