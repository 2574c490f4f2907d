package twin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/parquet-go/parquet-go"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/engine/embedded"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/parcel"
	"sluss/internal/parcel/codebook"
	"sluss/internal/plan"
	"sluss/internal/register"
	"sluss/internal/rig"
)

// vault is a snapshot of every register, as a vault has it.
var vault = sync.OnceValues(func() (*register.Snapshot, error) {
	dir, err := tempDir()
	if err != nil {
		return nil, err
	}
	ctx, c := context.Background(), rig.Config{Persons: 400, Seed: 3, Workers: 1}
	if _, err := rig.New(c).Write(ctx, filepath.Join(dir, "src"), nil); err != nil {
		return nil, err
	}
	if _, err := register.Load(ctx, register.Options{From: filepath.Join(dir, "src"), Store: filepath.Join(dir, "store"), ID: snapshot, At: c.At()}); err != nil {
		return nil, err
	}
	return register.Open(filepath.Join(dir, "store"), snapshot)
})

// buffer is a file in memory that the engine writes.
type buffer struct{ memory }

func (*buffer) Close() error { return nil }

// deliver carries the specification out as the vault does, and describes the
// files as a delivery's.
func deliver(t testing.TB, spec plan.Spec, cat *catalog.Catalogue) (map[string][]byte, *codebook.Book) {
	t.Helper()
	files, book, _ := deliverTyped(t, spec, cat)
	return files, book
}

// deliverTyped also gives the engine's words for the types of the columns, by
// extract.
func deliverTyped(t testing.TB, spec plan.Spec, cat *catalog.Catalogue) (map[string][]byte, *codebook.Book, map[string][]string) {
	t.Helper()
	s, err := vault()
	if err != nil {
		t.Fatal(err)
	}
	some := plan.Ref{ID: "some", SHA256: canon.Sum(nil)}
	spec.Spec, spec.Decision, spec.Catalogue, spec.AsOf = plan.Version, some, plan.CatalogueRef(cat), plan.AsOf{Snapshot: snapshot}
	file := *spec.Population.File
	file.Intake = some
	spec.Population.File = &file
	j := engine.Job{Catalogue: cat, Spec: spec, Scope: plan.Scope{Identity: plan.IdentityBound{Kind: spec.Identity.Kind}}}
	for _, e := range spec.Extracts {
		if _, ok := j.Scope.RowFor(e.Table); !ok {
			j.Scope.Rows = append(j.Scope.Rows, plan.Row{Table: e.Table, Outcome: plan.OutcomeDisclose, Reveal: true, Period: &plan.Period{From: day.Of(1900, 1, 1), To: day.Of(2100, 1, 1)}})
		}
	}
	j.Other = func(p uint32) (int64, bool) { return int64(p) + 5_000_000, true }
	j.Employer = func(p uint32) (int64, bool) { return int64(p) + 9_000_000, true }
	if spec.Identity.Kind == plan.IdentityPersonalNumber {
		j.Number = func(p uint32) string { return fmt.Sprintf("%012d", 190001010000+int64(p)) }
	}
	for p := range uint32(s.Persons()) {
		q := engine.Person{Index: p, Serial: int64(p) + 1}
		for range file.Anchors {
			q.Anchors = append(q.Anchors, engine.Anchor{Set: true, Day: day.Of(2022, 5, 1)})
		}
		for range file.Groups {
			q.Groups = append(q.Groups, "A")
		}
		j.People = append(j.People, q)
	}
	files := map[string]*buffer{}
	res, err := embedded.New(embedded.Of(s)).Run(t.Context(), j, func(name string) (io.WriteCloser, error) {
		files[name] = &buffer{}
		return files[name], nil
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := parcel.Manifest{Order: spec.Order, Project: spec.Order, Snapshot: plan.Ref{ID: snapshot}}
	out, types := map[string][]byte{}, map[string][]string{}
	for _, f := range res.Files {
		w := codebook.Written{Name: f.Name, Extract: f.Extract, Rows: f.Totals.Rows, Persons: f.Totals.Persons, Bytes: f.Bytes, SHA256: f.SHA256}
		for _, c := range f.Columns {
			w.Columns = append(w.Columns, codebook.WrittenColumn(c))
			types[f.Extract] = append(types[f.Extract], c.Type)
		}
		d, err := codebook.DataFile(w, spec, cat)
		if err != nil {
			t.Fatal(err)
		}
		m.Files = append(m.Files, d)
		out[f.Name] = files[f.Name].b
	}
	book, err := codebook.Make(m, spec, cat)
	if err != nil {
		t.Fatal(err)
	}
	return out, book, types
}

// everything asks for all that a table can give in a shape: every variable as
// it is, at each level, and under each derivation that it takes.
func everything(cat *catalog.Catalogue, table *catalog.Table, shape catalog.Shape, format string) plan.Extract {
	reg, _ := cat.Table(table.ID)
	name := table.ID + "_" + string(shape)
	e := plan.Extract{
		Name: name, Table: table.ID, Shape: plan.ShapeOf(shape, plan.GapOf(plan.Row{}, reg)), History: "reveal",
		Window: plan.Window{From: plan.Bound{Date: day.Of(2022, 1, 1)}, To: plan.Bound{Date: day.Of(2023, 1, 1)}}, Output: plan.Output{File: name, Format: format},
	}
	try := func(c plan.Column) {
		one := e
		one.Columns = []plan.Column{{Name: table.ByRole(catalog.RolePerson).ID}, c}
		if c.Out() == one.Columns[0].Name { // the person itself
			one.Columns = one.Columns[:1]
		}
		if w := wantedOf(one); w.check(cat) == nil {
			if _, err := compile(w, cat, reg, table, &one); err != nil {
				return
			}
			e.Columns = append(e.Columns, c)
		}
	}
	for _, v := range table.Variables {
		try(plan.Column{Name: v.ID})
		for _, level := range v.Coarsen {
			try(plan.Column{Name: v.ID, As: short(v.ID + "_" + level), Coarsen: &plan.Coarsen{To: level}})
		}
		for _, fn := range []string{"count", "first", "last", "max", "flag_any", "amount_sum", "rank_start", "days_from_anchor", "age_at"} {
			d := &plan.Derive{Fn: fn}
			if strings.HasSuffix(fn, "anchor") || fn == "age_at" {
				d.Args = map[string]any{"anchor": "indexdatum"}
			}
			if fn != "first" && v.Kind == catalog.KindPerson {
				continue
			}
			try(plan.Column{Name: v.ID, As: short(v.ID + "_" + fn), Derive: d})
			for _, level := range v.Coarsen {
				try(plan.Column{Name: v.ID, As: short(v.ID + "_" + fn + "_" + level), Derive: d, Coarsen: &plan.Coarsen{To: level}})
			}
		}
	}
	return e
}

// short keeps a name within what every format holds.
func short(s string) string {
	if len(s) > 30 {
		return s[:22] + "_" + string(canon.Sum([]byte(s)))[:6]
	}
	return s
}

func wantedOf(extracts ...plan.Extract) Wanted {
	return Wanted{Stage: StagePlanned, Spec: plan.Spec{
		Order: "FK-2026-00001", Identity: plan.Identity{Kind: plan.IdentitySerial}, Extracts: extracts,
		Population: plan.Population{File: &plan.FilePopulation{ID: "pnr", Anchors: []string{"indexdatum"}, Groups: []string{"grupp"}}},
	}}
}

func parquetSchema(t testing.TB, b []byte) string {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return f.Schema().String()
}

// TestSchemaOfEveryRegister: for every table of the catalogue in every shape,
// with every variable, level and derivation, the files of the twin have the
// columns, types, scales and nullability of those that the vault's engine
// writes of the same order, and the starter programs are the same bytes.
func TestSchemaOfEveryRegister(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	columns := 0
	for _, reg := range cat.Registers {
		var w Wanted
		for _, table := range reg.Tables {
			for _, shape := range table.Shapes {
				w = wantedOf(append(w.Spec.Extracts, everything(cat, &table, shape, "parquet"))...)
				columns += len(w.Spec.Extracts[len(w.Spec.Extracts)-1].Columns)
			}
		}
		made, err := Make(t.Context(), w, cat)
		if err != nil {
			t.Fatalf("%s: %v", reg.ID, err)
		}
		real, book, types := deliverTyped(t, w.Spec, cat)
		for _, e := range w.Spec.Extracts {
			_, table := cat.Table(e.Table)
			columns, err := compile(w, cat, &reg, table, &e)
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range columns {
				if c.out.Type.String() != types[e.Name][i] {
					t.Errorf("%s: %s is %s in the twin and %s in the delivery", e.Name, c.out.Name, c.out.Type, types[e.Name][i])
				}
			}
		}
		for _, f := range made.Manifest.Files {
			if f.Role != parcel.RoleData {
				continue
			}
			name := strings.Replace(f.Name, mark, "", 1)
			if got, want := parquetSchema(t, made.file(f.Name)), parquetSchema(t, real[name]); got != want {
				t.Errorf("%s: twin and delivery differ\n%s", name, difference(got, want))
			}
			if f.Rows == 0 {
				t.Errorf("%s: the twin is empty", name)
			}
		}
		for name, make := range map[string]func() ([]byte, error){codebook.NameR: book.R, codebook.NamePython: book.Python} {
			want, err := make()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(made.file(name), want) {
				t.Errorf("%s: %s differs\n%s", reg.ID, name, difference(string(made.file(name)), string(want)))
			}
		}
		compareBooks(t, reg.ID, made, w, cat, book)
	}
	if columns < 1000 {
		t.Errorf("only %d columns were compared", columns)
	}
}

// compareBooks: the codebooks say the same of every column.
func compareBooks(t *testing.T, reg string, made *Twin, w Wanted, cat *catalog.Catalogue, real *codebook.Book) {
	t.Helper()
	twin, err := codebook.Make(parcel.Manifest{Files: made.Manifest.Files}, w.Spec, cat)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range twin.Files {
		a, err := canon.Of(f.Columns)
		b, err2 := canon.Of(real.Files[i].Columns)
		if err != nil || err2 != nil || a != b {
			t.Errorf("%s: the codebooks describe %s differently", reg, f.Name)
		}
	}
}

func (t *Twin) file(name string) []byte {
	for _, f := range t.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// difference is the lines that only one of two texts has.
func difference(a, b string) string {
	var out []string
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for _, l := range x {
		if !slices.Contains(y, l) {
			out = append(out, "twin:     "+l)
		}
	}
	for _, l := range y {
		if !slices.Contains(x, l) {
			out = append(out, "delivery: "+l)
		}
	}
	return strings.Join(out[:min(len(out), 20)], "\n")
}

// TestSchemaByNumber: where persons are named by number, twin and delivery have
// texts, and no number of a twin can be anybody's.
func TestSchemaByNumber(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	_, table := cat.Table("midas_fp")
	w := wantedOf(everything(cat, table, catalog.ShapePayment, "parquet"))
	w.Spec.Identity.Kind = plan.IdentityPersonalNumber
	made, err := Make(t.Context(), w, cat)
	if err != nil {
		t.Fatal(err)
	}
	real, _ := deliver(t, w.Spec, cat)
	for name, b := range real {
		if got, want := parquetSchema(t, made.Files[0].Data), parquetSchema(t, b); got != want {
			t.Errorf("%s: %s", name, difference(got, want))
		}
	}
	for _, p := range invent(w, "x") {
		if len(p.number) != 12 || p.number[4:6] != "99" {
			t.Errorf("a number that could be somebody's: %s", p.number)
		}
	}
}

// TestSameOrderSameBytes: the twin follows the content of the order, not the
// decision, snapshot or population that it is bound to, and another order has
// other people.
func TestSameOrderSameBytes(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	_, table := cat.Table("midas_sjp")
	zipped := func(w Wanted) []byte {
		made, err := Make(t.Context(), w, cat)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := made.Zip(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	w := wantedOf(everything(cat, table, catalog.ShapeSpell, "csv"))
	first := zipped(w)
	bound := w
	bound.Spec.Decision, bound.Spec.AsOf = plan.Ref{ID: "B1", SHA256: canon.Sum([]byte("b"))}, plan.AsOf{Snapshot: "2026-11"}
	if !bytes.Equal(first, zipped(w)) || !bytes.Equal(first, zipped(bound)) {
		t.Error("the same order gives other bytes")
	}
	other := w
	other.Spec.Order = "FK-2026-00002"
	a, err := Make(t.Context(), w, cat)
	b, err2 := Make(t.Context(), other, cat)
	if err != nil || err2 != nil || bytes.Equal(a.Files[0].Data, b.Files[0].Data) {
		t.Error("two orders have the same people")
	}
}

// TestStamped: everything in a twin says that it is synthetic.
func TestStamped(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	_, table := cat.Table("merkostnad")
	for _, format := range []string{"csv", "parquet", "dta", "sav", "zsav", "xpt"} {
		e := everything(cat, table, catalog.ShapeSubspell, format)
		made, err := Make(t.Context(), wantedOf(e), cat)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(made.Name, mark) || !made.Manifest.Synthetic {
			t.Error("folder and manifest do not say it")
		}
		for _, f := range made.Files {
			said := bytes.Contains(bytes.ToLower(f.Data), []byte("syntetisk")) || strings.Contains(f.Name, mark)
			if !said {
				t.Errorf("%s does not say it", f.Name)
			}
		}
		if has := bytes.Contains(made.Files[0].Data, []byte("SYNTETISK")); has == (format == "csv") {
			t.Errorf("%s: stamped inside: %t", format, has)
		}
	}
}

// TestRefused: what a delivery could not be made of gives no twin, and the
// reason.
func TestRefused(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	_, table := cat.Table("midas_sjp")
	e := everything(cat, table, catalog.ShapeSpell, "csv")
	for code, change := range map[string]func(e *plan.Extract){
		"twin.plan.variable": func(e *plan.Extract) { e.Columns = append(slices.Clone(e.Columns), plan.Column{Name: "skonummer"}) },
		"twin.plan.table":    func(e *plan.Extract) { e.Table = "nothing" },
		"twin.plan.value":    func(e *plan.Extract) { e.Output.Format = "sas7bdat" },
	} {
		x := e
		change(&x)
		_, err := Make(t.Context(), wantedOf(x), cat)
		if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	if _, err := Make(t.Context(), wantedOf(), cat); fault.ClassOf(err) != fault.Input {
		t.Error("a twin of nothing")
	}
}

// TestDrawnPopulation: a twin of an order whose population the vault will draw
// has the columns that a drawing brings, and says whom it will be of.
func TestDrawnPopulation(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	w := wantedOf(plan.Extract{
		Name: "fall", Table: "midas_sjp", Shape: plan.ShapeOf(catalog.ShapeSpell, 4), Columns: []plan.Column{{Name: "lopnr"}, {Name: "from_datum"}}, Output: plan.Output{File: "fall", Format: "csv"},
		Window: plan.Window{From: plan.Bound{Anchor: "start", Offset: day.Offset{Months: -12}}, To: plan.Bound{Anchor: "start", Offset: day.Offset{Months: 12}}},
	})
	w.Spec.Population = plan.Population{Criteria: &plan.Criteria{
		Ground: "114 kap. 12 §", Any: []plan.Criterion{{Table: "midas_sjp", Period: plan.Window{From: plan.Bound{Date: day.Of(2022, 1, 1)}, To: plan.Bound{Date: day.Of(2023, 1, 1)}}}},
		Anchor: &plan.AnchorPick{Name: "start", Pick: plan.PickFirst}, Controls: &plan.Controls{PerCase: 2, Match: []string{plan.MatchSex}, Seed: "s"},
		Relatives: &plan.Relatives{Of: []string{plan.RelationChildren, plan.RelationParents}},
	}}
	made, err := Make(t.Context(), w, cat)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(made.file("fall-syntetisk.csv"))), "\n")
	if lines[0] != "lopnr;from_datum;roll;matchnr" || len(lines) < 20 {
		t.Fatalf("%d lines under %s", len(lines), lines[0])
	}
	roles := map[string]int{}
	for _, l := range lines[1:] {
		roles[strings.Split(l, ";")[2]]++
	}
	if len(roles) != 4 || roles[plan.RoleCase] == 0 || roles[plan.RoleControl] == 0 {
		t.Errorf("roles %v", roles)
	}
	if book := string(made.file("kodbok.json")); !strings.Contains(book, "at most 2 controls") || !strings.Contains(book, "kontroll") {
		t.Error("the codebook does not tell how the population will be drawn")
	}
	w.Spec.Population.Criteria.Ground = ""
	if _, err := Make(t.Context(), w, cat); err == nil || !strings.Contains(err.Error(), "plan.ground") {
		t.Errorf("without a ground: %v", err)
	}
}

// TestTwinOfOrganisations: the made-up numbers tell organisations and sole
// traders apart as those of the delivery do.
func TestTwinOfOrganisations(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	_, table := cat.Table("sjuklonekostnad")
	w := wantedOf(everything(cat, table, catalog.ShapePayment, "csv"))
	for _, tt := range []struct{ organisations, traders bool }{{false, false}, {true, false}, {true, true}} {
		w.Organisations, w.Traders = tt.organisations, tt.traders
		var above, below int
		last := int64(0)
		for _, p := range invent(w, "x") {
			if p.serial <= last {
				t.Fatal("the numbers do not ascend")
			}
			if last = p.serial; last > plan.OrganisationBase {
				above++
			} else {
				below++
			}
		}
		if (above > 0) != tt.organisations || (below > 0) != (!tt.organisations || tt.traders) {
			t.Errorf("%+v: %d organisations, %d persons", tt, above, below)
		}
		if _, err := Make(t.Context(), w, cat); err != nil {
			t.Error(err)
		}
	}
	s := order.State{Decision: &order.Decision{}, Spec: &w.Spec}
	s.Decision.Scope.Persons = plan.Persons{Kind: plan.KindOrganisations, Traders: "include"}
	if got, err := Of(s, cat, Sight{Decision: true, Plan: true}); err != nil || !got.Organisations || !got.Traders {
		t.Errorf("of a planned order: %+v, %v", got.Organisations, err)
	}
}

// TestSpellsOfPeriods: a made-up panel counts its made-up spells as a delivery would.
func TestSpellsOfPeriods(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	reg, table := cat.Table("midas_sjp")
	w := day.Span{From: day.Of(2018, 3, 1), To: day.Of(2022, 3, 1)}
	over := 0
	for seed := range 200 {
		subs := subspells(reg, table, &plan.Extract{Shape: plan.ShapeOf(catalog.ShapePanelYear, 0)}, w, dice(fmt.Sprint(seed)))
		var all, started, ended int64
		for _, s := range spellsOf(subs) {
			all++
			if !s.left {
				started++
			}
			if !s.right {
				ended++
			}
		}
		for _, l := range periodsOf(subs, catalog.ShapePanelYear, w, true) {
			if n := l.spells; n.started > n.all || n.ended > n.all || (n.all == 0) != l.empty {
				t.Errorf("seed %d: %+v of a period, empty is %v", seed, n, l.empty)
			}
			over += int(l.spells.all)
			started, ended = started-l.spells.started, ended-l.spells.ended
		}
		if started != 0 || ended != 0 {
			t.Errorf("seed %d: %d beginnings and %d ends are not among those of the periods", seed, started, ended)
		}
		over -= int(all)
	}
	if over < 20 {
		t.Errorf("only %d spells lie over the turn of a year", over)
	}
}
