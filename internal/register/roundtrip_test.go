package register_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/register"
	"sluss/internal/rig"
)

// cells reads a Parquet file with another library than the loader's: per
// column the values as text, "" where one is missing.
func textCells(t *testing.T, path string) map[string][]string {
	t.Helper()
	r, err := file.OpenParquetFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	out := map[string][]string{}
	schema := r.MetaData().Schema
	for g := range r.NumRowGroups() {
		group := r.RowGroup(g)
		for c := range schema.NumColumns() {
			name := schema.Column(c).Name()
			chunk, err := group.Column(c)
			if err != nil {
				t.Fatal(err)
			}
			// One value at a time: the library reuses its memory from page to page.
			def := make([]int16, 1)
			for range group.NumRows() {
				text := ""
				var n int
				switch x := chunk.(type) {
				case *file.Int32ColumnChunkReader:
					v := make([]int32, 1)
					_, n, err = x.ReadBatch(1, v, def, nil)
					text = fmt.Sprint(v[0])
				case *file.Int64ColumnChunkReader:
					v := make([]int64, 1)
					_, n, err = x.ReadBatch(1, v, def, nil)
					text = fmt.Sprint(v[0])
				case *file.ByteArrayColumnChunkReader:
					v := make([]parquet.ByteArray, 1)
					_, n, err = x.ReadBatch(1, v, def, nil)
					text = string(v[0])
				}
				if err != nil {
					t.Fatal(err)
				}
				if n == 0 {
					text = ""
				}
				out[name] = append(out[name], text)
			}
		}
	}
	return out
}

// Every row of the synthetic sources stands in the snapshot with every value,
// under the person whose number it bore; sources are read with another library
// and numbers resolved in another way.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	dir, store := synthetic(t, rig.Config{Persons: 800, Seed: 8, Tables: everyTable()}), filepath.Join(t.TempDir(), "store")
	m, err := register.Load(context.Background(), register.Options{From: dir, Store: store, ID: "x", At: loadDay})
	if err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, store, "x")
	type span struct{ entity, from, to string }
	holders := map[string][]span{}
	ids := textCells(t, filepath.Join(dir, "identity.parquet"))
	for i, n := range ids["id_value"] {
		holders[n] = append(holders[n], span{ids["entity"][i], ids["valid_from"][i], ids["valid_to"][i]})
	}
	orgs := textCells(t, filepath.Join(dir, "organisation.parquet"))
	for i, n := range orgs["org_no"] {
		holders[n] = append(holders[n], span{orgs["entity"][i], "", ""})
	}
	holder := func(number, on string) string {
		list, found := holders[number], ""
		if len(list) == 1 {
			return list[0].entity
		}
		for _, h := range list {
			if atoi(h.from) <= atoi(on) && (h.to == "" || atoi(on) < atoi(h.to)) {
				found = h.entity
			}
		}
		return found
	}
	for _, tm := range m.Tables {
		_, tab := catalog.Builtin().Table(tm.ID)
		src := textCells(t, filepath.Join(dir, tm.ID+".parquet"))
		var want []string
		quarantined := int64(0)
	rows:
		for i := range src[tab.ByRole(catalog.RolePerson).Source] {
			var line, owner string
			for _, v := range tab.Variables {
				if !v.Stored() {
					continue
				}
				text := src[v.Source][i]
				if v.Kind == catalog.KindPerson && v.SourceKey == catalog.SourceNumber && text != "" {
					if text = holder(text, src[tab.ByRole(catalog.RoleFrom).Source][i]); text == "" {
						quarantined++
						continue rows
					}
				}
				if v.Kind == catalog.KindPeriod && text != "" {
					y, mm, _ := day.Day(atoi(text)).YMD()
					if text = fmt.Sprint(y); v.Level == "month" {
						text = fmt.Sprint(y*12 + mm - 1)
					}
				}
				if v.Role == catalog.RolePerson {
					owner = text
				} else {
					line += "|" + text
				}
			}
			want = append(want, owner+line)
		}
		slices.Sort(want)
		got := lines(s, s.Table(tm.ID))
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d rows in the snapshot, %d expected, or their content differs", tm.ID, len(got), len(want))
		}
		sum := int64(0)
		for _, n := range tm.Counts.Quarantined {
			sum += n
		}
		if sum != quarantined || tm.Counts.Source != int64(len(want))+quarantined {
			t.Errorf("%s: %+v, want %d in quarantine", tm.ID, tm.Counts, quarantined)
		}
	}
}

// everyTable lists the tables of the built-in catalogue.
func everyTable() (out []string) {
	for _, r := range catalog.Builtin().Registers {
		for _, t := range r.Tables {
			out = append(out, t.ID)
		}
	}
	return out
}

func atoi(s string) int {
	var n int
	fmt.Sscan(s, &n)
	return n
}

// lines returns a text of each row of a table: the person's key and all stored
// values in the order of the catalogue.
func lines(s *register.Snapshot, t *register.Table) []string {
	var out []string
	put := func(line string, missing bool, v any) string {
		if missing {
			return line + "|"
		}
		return line + "|" + fmt.Sprint(v)
	}
	for p := range uint32(s.Persons()) {
		lo, hi := t.Rows(p)
		for i := lo; i < hi; i++ {
			line := fmt.Sprint(s.Identity().Entity(p))
			for _, c := range t.Columns() {
				switch c.Type() {
				case register.TypeDay:
					line = put(line, c.Days().At(i) == register.NoDay, int32(c.Days().At(i)))
				case register.TypeInt32:
					line = put(line, c.Int32s().At(i) == register.NoInt32, c.Int32s().At(i))
				case register.TypeInt64:
					line = put(line, c.Int64s().At(i) == register.NoInt64, c.Int64s().At(i))
				case register.TypeExtent:
					line = put(line, c.Extents().At(i) == register.NoExtent, c.Extents().At(i))
				case register.TypeCode:
					line = put(line, c.Codes().At(i) == 0, c.Dict()[c.Codes().At(i)])
				case register.TypePerson:
					if v := c.Persons().At(i); v == register.NoPerson {
						line += "|"
					} else {
						line += fmt.Sprint("|", s.Identity().Entity(v))
					}
				}
			}
			out = append(out, line)
		}
	}
	slices.Sort(out)
	return out
}

// Within a person rows are sorted by first day, so that the kernel need not.
func TestRowsAreSorted(t *testing.T) {
	t.Parallel()
	store := filepath.Join(t.TempDir(), "store")
	if _, err := register.Load(context.Background(), register.Options{From: synthetic(t, rig.Config{Persons: 1500, Seed: 4}), Store: store, ID: "x", At: loadDay}); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, store, "x")
	for _, tab := range s.Tables() {
		from := tab.ByRole(catalog.RoleFrom)
		if from == nil {
			continue
		}
		rows := 0
		for p := range uint32(s.Persons()) {
			lo, hi := tab.Rows(p)
			rows += hi - lo
			days := make([]day.Day, hi-lo)
			if from.Days().Read(days, lo); !slices.IsSorted(days) {
				t.Fatalf("%s: a person's rows are out of order", tab.ID())
			}
		}
		if rows != tab.Len() || rows == 0 {
			t.Errorf("%s: %d rows through persons, %d in the table", tab.ID(), rows, tab.Len())
		}
	}
}

// TestOptionalColumn: a source may lack a column that the catalogue calls optional;
// every value is missing then. (That no other may be lacking is TestBadFiles'.)
func TestOptionalColumn(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "source")
	c := rig.Config{Persons: 400, Seed: 3, SickRows: 6, Tables: []string{"midas_sjp"}}
	if _, err := rig.New(c).Write(context.Background(), dir, nil); err != nil {
		t.Fatal(err)
	}
	source := textCells(t, filepath.Join(dir, "midas_sjp.parquet"))
	for _, column := range []string{"karenstid", "insjuknad"} {
		if _, there := source[column]; there {
			t.Fatalf("the source has %s: nothing is tried", column)
		}
	}
	o := register.Options{From: dir, Store: filepath.Join(t.TempDir(), "store"), ID: "x", At: c.At(), Tables: []string{"midas_sjp", "person"}}
	o.WithoutSync()
	if _, err := register.Load(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	table := mustOpen(t, o.Store, "x").Table("midas_sjp")
	waits, ill := table.Column("karenstid"), table.Column("insjuknad")
	if waits == nil || ill == nil || table.Len() == 0 {
		t.Fatalf("%d rows, columns %v and %v", table.Len(), waits, ill)
	}
	for i := range table.Len() {
		if waits.Codes().At(i) != 0 || ill.Days().At(i) != register.NoDay {
			t.Fatal("a value came out of nowhere")
		}
	}
	// What nobody has told cannot go missing.
	o.ID = "y"
	m, err := register.Load(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if n := m.Tables[slices.IndexFunc(m.Tables, func(t register.TableManifest) bool { return t.ID == "midas_sjp" })].Counts; n.Unchanged != int64(table.Len()) {
		t.Errorf("the same again: %+v", n)
	}
}
