package register_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/parquet-go/parquet-go"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/register"
	"sluss/internal/rig"
	"sluss/internal/swede"
)

// The tests use a fictitious register, prov, beside the identity register: the
// loader must work from roles alone.
type (
	provRow struct {
		RowID  int64   `parquet:"rad_id"`
		Track  int64   `parquet:"arende_id"`
		Tx     int32   `parquet:"registrerad,date"`
		Kind   string  `parquet:"transaktion,dict"`
		Number *string `parquet:"personnummer,optional"`
		Child  *string `parquet:"barn,optional"`
		Code   string  `parquet:"form,dict"`
		From   int32   `parquet:"fran,date"`
		Tom    *int32  `parquet:"till,optional,date"`
		Extent int32   `parquet:"omfattning"`
		Note   *string `parquet:"not,optional"`
		Amount int64   `parquet:"belopp_ore"`
	}
	personRow struct {
		Entity    int64   `parquet:"entity"`
		Birth     int32   `parquet:"birth_date,date"`
		Death     *int32  `parquet:"death_date,optional,date"`
		Sex       string  `parquet:"sex"`
		Protected int32   `parquet:"protected"`
		County    *string `parquet:"county,optional"`
	}
	numberRow struct {
		Entity int64  `parquet:"entity"`
		Value  string `parquet:"id_value"`
		Kind   string `parquet:"id_kind"`
		From   int32  `parquet:"valid_from,date"`
		To     *int32 `parquet:"valid_to,optional,date"`
	}
	relationRow struct {
		Parent int64 `parquet:"parent"`
		Child  int64 `parquet:"child"`
	}
)

// source is the content of one folder of source files.
type source struct {
	persons   []personRow
	numbers   []numberRow
	relations []relationRow
	rows      []provRow
}

// write puts the files into a new folder.
func (s source) write(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(os.TempDir(), "sluss-source-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	writeFile(t, dir, "person", s.persons)
	writeFile(t, dir, "identity", s.numbers)
	writeFile(t, dir, "relation", s.relations)
	writeFile(t, dir, "prov", s.rows)
	return dir
}

func writeFile[T any](t testing.TB, dir, name string, rows []T) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, name+".parquet"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := parquet.NewGenericWriter[T](f, parquet.MaxRowsPerRowGroup(50))
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// provCatalogue is the built-in catalogue with the register prov alone and the
// value sets that are needed: every load takes the hash of it all.
func provCatalogue() *catalog.Catalogue {
	c := *catalog.Builtin()
	sets := c.ValueSets
	c.ValueSets = map[string]catalog.ValueSet{}
	for _, name := range []string{"transaktion", "icd10se", "nummerslag", "kon", "lan"} {
		c.ValueSets[name] = sets[name]
	}
	txt := catalog.Text{SV: "prov", EN: "test"}
	v := func(id, source string, kind catalog.Kind, role catalog.Role) catalog.Variable {
		return catalog.Variable{ID: id, Source: source, Kind: kind, Role: role, Names: txt, Definition: txt, Sensitivity: catalog.SensitiveNone, Shapes: []catalog.Shape{}}
	}
	vars := []catalog.Variable{
		v("row_id", "rad_id", catalog.KindInt, catalog.RoleRowID),
		v("track", "arende_id", catalog.KindInt, catalog.RoleTrack),
		v("tx", "registrerad", catalog.KindDate, catalog.RoleTx),
		v("kind", "transaktion", catalog.KindCode, catalog.RoleKind),
		v("lopnr", "personnummer", catalog.KindPerson, catalog.RolePerson),
		v("barn_lopnr", "barn", catalog.KindPerson, catalog.RoleOther),
		v("form", "form", catalog.KindCode, catalog.RoleBenefit),
		v("from_datum", "fran", catalog.KindDate, catalog.RoleFrom),
		v("tom_datum", "till", catalog.KindDate, catalog.RoleTom),
		v("omfattning", "omfattning", catalog.KindExtent, catalog.RoleExtent),
		v("anm", "not", catalog.KindCode, ""),
		v("belopp", "belopp_ore", catalog.KindOre, catalog.RoleAmount),
	}
	vars[3].ValueSet, vars[10].ValueSet = "transaktion", "icd10se"
	vars[5].Nullable, vars[8].Nullable, vars[10].Nullable = true, true, true
	c.Registers = []catalog.Register{{
		ID: "prov", Names: txt, Description: txt, Area: catalog.AreaPerson, Basis: []string{"-"},
		Benefits:    []catalog.Benefit{{ID: "A", Names: txt, Group: "g", Basis: "-"}, {ID: "B", Names: txt, Group: "g", Basis: "-"}},
		SpellGroups: []catalog.SpellGroup{{ID: "g", Names: txt, Overlap: "latest"}},
		Tables:      []catalog.Table{{ID: "prov", Names: txt, RowIs: txt, Shapes: []catalog.Shape{catalog.ShapeSpell}, Variables: vars}},
	}}
	return &c
}

func TestProvCatalogueIsValid(t *testing.T) {
	t.Parallel()
	for _, p := range provCatalogue().Validate() {
		t.Error(p)
	}
}

var loadDay = day.MustParse("2026-11-01")

// number returns an identity number with a right check digit, as the loader
// asks for where nothing says that data are synthetic.
func number(date string, serial int, coordination bool) string {
	return fmt.Sprintf("%012d", swede.Make(day.MustParse(date), serial, coordination, swede.Real).Reveal())
}

// people returns n persons with keys 10, 20, 30 … and one number each.
func people(n int) source {
	var s source
	for i := range n {
		birth := day.Of(1960+i%40, 1+i%12, 1+i%28)
		s.persons = append(s.persons, personRow{Entity: int64(10 * (i + 1)), Birth: int32(birth), Sex: []string{"K", "M"}[i%2], County: ptr("01")})
		s.numbers = append(s.numbers, numberRow{Entity: int64(10 * (i + 1)), Value: numberOf(i), Kind: "pnr", From: int32(birth)})
	}
	return s
}

func numberOf(i int) string {
	return number(day.Of(1960+i%40, 1+i%12, 1+i%28).String(), 100+2*(i/840)+i%2, false)
}

func ptr[T any](v T) *T { return &v }

// row returns a plain row of person i.
func row(id int64, i int, from string) provRow {
	f := int32(day.MustParse(from))
	return provRow{RowID: id, Track: 1, Tx: f + 40, Kind: "pay", Number: ptr(numberOf(i)), Code: "A", From: f, Tom: ptr(f + 9), Extent: 1000, Note: ptr("F43"), Amount: 5000}
}

func load(t testing.TB, from, store, id string, at day.Day) (*register.Manifest, error) {
	t.Helper()
	o := register.Options{From: from, Store: store, ID: id, At: at, Catalogue: provCatalogue()}
	o.WithoutSync()
	return register.Load(context.Background(), o)
}

func mustLoad(t testing.TB, from, store, id string, at day.Day) *register.Manifest {
	t.Helper()
	m, err := load(t, from, store, id, at)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mustOpen(t testing.TB, store, id string) *register.Snapshot {
	t.Helper()
	s, err := register.Open(store, id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// synthetic writes the source files of a small synthetic world: of the tables
// of c, or of a few where it names none.
func synthetic(t testing.TB, c rig.Config) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "source")
	if c.Tables == nil {
		c.Tables = []string{"midas_sjp", "midas_fp", "midas_sa", "tfp", "tandvard"}
	}
	if _, err := rig.New(c).Write(context.Background(), dir, nil); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestMain lets properties try fewer cases than usual, unless the command line
// says otherwise: each case makes many files.
func TestMain(m *testing.M) {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "rapid.checks" })
	if !chosen {
		if err := flag.Set("rapid.checks", "30"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
