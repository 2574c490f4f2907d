package orderrun_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sluss/examples"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/orderfile"
	"sluss/internal/plan"
	"sluss/internal/rig"
	"sluss/internal/swede"
)

// The whole time that every register of the test can be ordered for.
const (
	testFrom = "2019-01-01"
	testTo   = "2025-11-01" // exclusive
)

// everyRegister writes an order for every table of the catalogue: each as it
// is finest, and as spells and months where it has them, with every variable
// that is there. It is the statistics example with other data.
func everyRegister(t *testing.T, population string) *orderfile.File {
	t.Helper()
	var data, rows, extracts []any
	period := map[string]any{"from": testFrom, "to": testTo}
	for _, r := range catalog.Builtin().Registers {
		for i := range r.Tables {
			tab := &r.Tables[i]
			wish := map[string]any{"register": r.ID, "from": testFrom, "to": "2025-10-31", "motive": "Behövs för statistiken.", "table": tab.ID, "shape": "payment", "variables": variablesOf(tab, catalog.ShapePayment, false)}
			var benefits []string
			for _, b := range r.Benefits {
				benefits = append(benefits, b.ID)
			}
			if benefits != nil {
				wish["benefits"] = benefits
			}
			data = append(data, wish)
			var bounds []any
			all := map[string]bool{}
			for _, s := range []catalog.Shape{catalog.ShapePayment, catalog.ShapeSpell, catalog.ShapePanelMonth} {
				names := variablesOf(tab, s, false)
				for _, v := range names {
					if !all[v] {
						all[v] = true
						bounds = append(bounds, map[string]any{"id": v})
					}
				}
				shape := map[catalog.Shape]any{catalog.ShapePayment: "payment", catalog.ShapeSpell: map[string]any{"spell": map[string]any{"max_gap_days": 4}}, catalog.ShapePanelMonth: map[string]any{"panel": map[string]any{"unit": "month"}}}[s]
				if !tab.Allows(s) {
					continue
				}
				var columns []any
				for _, v := range variablesOf(tab, s, true) {
					columns = append(columns, map[string]any{"name": v})
				}
				name := tab.ID + "_" + strings.TrimPrefix(string(s), "panel_")
				extracts = append(extracts, map[string]any{
					"name": name, "table": tab.ID, "shape": shape, "window": period, "columns": columns, "output": map[string]any{"file": name, "format": "csv", "delimiter": ";"},
				})
			}
			rows = append(rows, map[string]any{"register": r.ID, "table": tab.ID, "outcome": "disclose", "period": period, "shape": "payment", "variables": bounds})
		}
	}
	raw, err := examples.Files.ReadFile("statistics.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, block := range []struct {
		head string
		list any
	}{{"  data:\n", data}, {"      rows:\n", rows}, {"      extracts:\n", extracts}} {
		text = replaceBlock(t, text, block.head, block.list)
	}
	text = strings.NewReplacer(`"@data/population/nyckelfil.csv"`, strconv.Quote(population)).Replace(text)
	f, err := orderfile.Read(strings.NewReader(text), "every.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// variablesOf lists what can be delivered in a shape without leave to look
// outside the period, with or without the person's own column.
func variablesOf(tab *catalog.Table, s catalog.Shape, self bool) (out []string) {
	for _, v := range tab.Variables {
		if v.Allows(s) && (self || v.Role != catalog.RolePerson) && v.Derive != "true_from" && v.Derive != "true_tom" {
			out = append(out, v.ID)
		}
	}
	return out
}

// replaceBlock puts a list in the place of a member's value in YAML: all
// following lines that are indented deeper. JSON is YAML, too.
func replaceBlock(t *testing.T, text, head string, list any) string {
	t.Helper()
	b, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	before, after, ok := strings.Cut(text, "\n"+head)
	if !ok {
		t.Fatalf("the example has no %s", head)
	}
	depth := len(head) - len(strings.TrimLeft(head, " "))
	for after != "" {
		line, rest, _ := strings.Cut(after, "\n")
		if len(line)-len(strings.TrimLeft(line, " ")) <= depth {
			break
		}
		after = rest
	}
	return before + "\n" + strings.TrimSuffix(head, "\n") + " " + string(b) + "\n" + after
}

// everybody writes a key file of all persons, children included, and returns
// who has which löpnummer.
func everybody(t *testing.T, w *rig.World) (path string, who map[int64]rig.Person) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("Personnr;LopNr_SCB\n")
	r := rand.New(rand.NewPCG(7, 7))
	serials := r.Perm(9_000_000)
	who = map[int64]rig.Person{}
	people := r.Perm(w.Len())
	for i, k := range people {
		p := rig.Person(k)
		if w.Arrived[p] >= rig.First {
			continue
		}
		numbers := w.Numbers(p)
		number := numbers[0]
		for _, n := range numbers {
			if n.From < rig.First {
				number = n
			}
		}
		serial := int64(1_000_000 + serials[i])
		who[serial] = p
		fmt.Fprintf(&b, "%012d;%d\n", number.Value.Reveal(), serial)
	}
	path = filepath.Join(t.TempDir(), "alla.csv")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, who
}

// TestEveryRegisterFromOrderToDelivery takes every table of the catalogue
// through one order: application, decision, population, extraction, check,
// release, parcel, and the recipient's opening of it.
func TestEveryRegisterFromOrderToDelivery(t *testing.T) {
	t.Parallel()
	w := rig.New(rig.Config{Persons: 1500, Seed: 3})
	population, who := everybody(t, w)
	out, printed, err := carryOut(t, everyRegister(t, population))
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	d := delivered{t: t, w: w, who: who, dir: filepath.Join(out, "recipient", "data"), employers: map[int64]bool{}, seen: map[string]int{}}
	for _, r := range catalog.Builtin().Registers {
		for i := range r.Tables {
			d.table(&r.Tables[i])
		}
	}
	for _, col := range []string{"barn_lopnr", "vardad_lopnr", "make_lopnr", "betalare_lopnr", "mottagare_lopnr", "arbetsgivare_lopnr", "anordnare_lopnr", "enhet_lopnr"} {
		if d.seen[col] == 0 {
			t.Errorf("no row names anybody in %s", col)
		}
	}
	for n := int64(1); n <= int64(len(d.employers)); n++ {
		if !d.employers[plan.OrganisationBase+n] {
			t.Errorf("employers are %d, but none has löpnummer %d", len(d.employers), n)
			break
		}
	}
}

// delivered looks at the files of a delivery.
type delivered struct {
	t         *testing.T
	w         *rig.World
	who       map[int64]rig.Person
	dir       string
	employers map[int64]bool
	seen      map[string]int // cells by column of another's löpnummer
}

func (d *delivered) table(tab *catalog.Table) {
	for _, s := range []catalog.Shape{catalog.ShapePayment, catalog.ShapeSpell, catalog.ShapePanelMonth} {
		if !tab.Allows(s) {
			continue
		}
		name := tab.ID + "_" + strings.TrimPrefix(string(s), "panel_") + ".csv"
		raw, err := os.ReadFile(filepath.Join(d.dir, name))
		if err != nil {
			d.t.Error(err)
			continue
		}
		swede.FindIn(string(raw), swede.Synthetic, func(swede.Hit) bool {
			d.t.Errorf("%s holds an identity number", name)
			return false
		})
		read := csv.NewReader(bytes.NewReader(raw))
		read.Comma = ';'
		rows, err := read.ReadAll()
		if err != nil || len(rows) < 2 {
			d.t.Errorf("%s: %d lines, %v", name, len(rows), err)
			continue
		}
		if want := variablesOf(tab, s, true); !slices.Equal(rows[0], want) {
			d.t.Errorf("%s has the columns %v, want %v", name, rows[0], want)
			continue
		}
		for _, row := range rows[1:] {
			d.row(name, tab, rows[0], row)
		}
		if s == catalog.ShapePayment && tab.ID != "person" {
			d.count(name, tab, len(rows)-1)
		}
	}
}

// row checks whom a row names: the same person has one löpnummer wherever they
// stand.
func (d *delivered) row(name string, tab *catalog.Table, header, row []string) {
	child := rig.Nobody
	number := func(text string) int64 {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			d.t.Fatalf("%s: no number", name)
		}
		return n
	}
	for _, id := range []string{"lopnr", "barn_lopnr"} {
		if i := slices.Index(header, id); i >= 0 && row[i] != "" {
			p, ok := d.who[number(row[i])]
			if !ok {
				d.t.Fatalf("%s: %s is not of the key file", name, id)
			}
			if id == "barn_lopnr" {
				child = p
			}
		}
	}
	self := d.who[number(row[slices.Index(header, "lopnr")])]
	for i, id := range header {
		v := tab.Variable(id)
		if v.Kind != catalog.KindPerson || v.Role == catalog.RolePerson || row[i] == "" {
			continue
		}
		d.seen[id]++
		n := number(row[i])
		if v.Entity == "employer" {
			d.employers[n] = true
			if _, person := d.who[n]; person {
				d.t.Fatalf("%s: an employer has a person's löpnummer", name)
			}
			continue
		}
		p, ok := d.who[n]
		parents := func(of, q rig.Person) bool { return d.w.Mother[of] == q || d.w.Father[of] == q }
		switch id {
		case "barn_lopnr":
			ok = ok && parents(p, self)
		case "make_lopnr":
			ok = ok && slices.ContainsFunc(d.w.Kids[self], func(c rig.Person) bool { return parents(c, p) })
		case "betalare_lopnr":
			ok = ok && (child == rig.Nobody || parents(child, p)) && p != self
		case "mottagare_lopnr":
			ok = ok && parents(self, p)
		}
		if !ok {
			d.t.Fatalf("%s: %s is not who it should be", name, id)
		}
	}
}

// count compares the rows of a file with those that were made up.
func (d *delivered) count(name string, tab *catalog.Table, got int) {
	from, to := day.MustParse(testFrom), day.MustParse(testTo)
	want := 0
	d.w.Rows(tab.ID, day.Of(2019, 1, 1), rig.First, func(rows []rig.Row) {
		for i := range rows {
			if r := &rows[i]; r.From < to && (r.Tom >= from || tab.ByRole(catalog.RoleTom) == nil && r.From >= from) && r.Organisation == 0 && !d.w.Shield[r.Person] {
				want++
			}
		}
	})
	// Protected persons are not delivered. Some rows name a number that nobody has, one that two have had, or say the same twice.
	if got > want || float64(got) < .97*float64(want)-3 {
		d.t.Errorf("%s has %d rows, %d were made up", name, got, want)
	}
}
