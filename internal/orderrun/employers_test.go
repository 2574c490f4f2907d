package orderrun_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/orderfile"
	"sluss/internal/orderrun"
	"sluss/internal/plan"
	"sluss/internal/rig"
)

// employerTables are the tables of the catalogue whose rows are of employers.
func employerTables(t *testing.T) (out []*catalog.Table) {
	t.Helper()
	for _, r := range catalog.Builtin().Registers {
		for i := range r.Tables {
			if r.Tables[i].OfEmployers() {
				out = append(out, &r.Tables[i])
			}
		}
	}
	if len(out) == 0 {
		t.Fatal("no table of employers")
	}
	return out
}

// ofEmployers is the example with every table of employers, in every shape that
// it has and every format, with every variable, exactly as it is.
func ofEmployers(t *testing.T, more func(*orderfile.File)) *orderfile.File {
	t.Helper()
	f := example(t, "employers.yaml")
	formats := []string{"csv", "parquet", "dta", "sav", "zsav", "xpt"}
	decide, order := f.Acts[find(t, f, "decide")].Decision, f.Acts[find(t, f, "order_extraction")].Spec
	f.Application.Delivery.Formats, decide.Formats = formats, formats
	row, wish := decide.Rows[0], f.Application.Data[0]
	decide.Rows, order.Extracts, f.Application.Data = nil, nil, nil
	for _, tab := range employerTables(t) {
		reg, _ := catalog.Builtin().Table(tab.ID)
		row.Register, row.Table, row.Variables, row.Shape = reg.ID, tab.ID, nil, tab.Shapes[0]
		wish.Register, wish.Table, wish.Shape, wish.Variables, wish.Benefits = reg.ID, tab.ID, tab.Shapes[0], variablesOf(tab, tab.Shapes[0], false), nil
		for _, b := range reg.Benefits {
			wish.Benefits = append(wish.Benefits, b.ID)
		}
		for _, s := range tab.Shapes {
			var columns []plan.Column
			for _, v := range variablesOf(tab, s, true) {
				columns = append(columns, plan.Column{Name: v})
				if tab.Variable(v).Role != catalog.RolePerson && !slices.ContainsFunc(row.Variables, func(b plan.VariableBound) bool { return b.ID == v }) {
					row.Variables = append(row.Variables, plan.VariableBound{ID: v})
				}
			}
			for _, format := range formats {
				e := plan.Extract{
					Name: tab.ID + "_" + string(s) + "_" + format, Table: tab.ID, Shape: plan.ShapeOf(s, 4), Columns: columns,
					Window: plan.Window{From: plan.Bound{Date: row.Period.From}, To: plan.Bound{Date: row.Period.To}},
				}
				e.Output = plan.Output{File: e.Name, Format: format}
				order.Extracts = append(order.Extracts, e)
			}
		}
		decide.Rows, f.Application.Data = append(decide.Rows, row), append(f.Application.Data, wish)
	}
	if more != nil {
		more(f)
	}
	return f
}

// cells reads a delivered CSV file.
func cells(t *testing.T, path string) [][]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%s: %d lines, %v", filepath.Base(path), len(rows), err)
	}
	return rows
}

// TestEveryTableOfEmployersFromOrderToDelivery: by organisations, in every shape
// and format; what is delivered are the rows of those in the file and nobody
// else's, under numbers that say which of the two they are.
func TestEveryTableOfEmployersFromOrderToDelivery(t *testing.T) {
	t.Parallel()
	w := rig.New(rig.Config{Persons: 1500, Seed: 3})
	out, printed, err := carryOut(t, ofEmployers(t, nil))
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	data := filepath.Join(out, "recipient", "data")
	for _, tab := range employerTables(t) {
		for _, s := range tab.Shapes {
			for _, format := range []string{"parquet", "dta", "sav", "zsav", "xpt"} {
				if i, err := os.Stat(filepath.Join(data, tab.ID+"_"+string(s)+"_"+format+"."+format)); err != nil || i.Size() < 100 {
					t.Errorf("%s as %s: %v", tab.ID, format, err)
				}
			}
		}
		rows := cells(t, filepath.Join(data, tab.ID+"_payment_csv.csv"))
		organisations, traders := map[int]int{}, map[int]int{}
		for _, row := range rows[1:] {
			n, err := strconv.Atoi(row[slices.Index(rows[0], "lopnr")])
			if err != nil {
				t.Fatal(err)
			}
			if n > plan.OrganisationBase {
				organisations[n]++
			} else {
				traders[n]++
			}
		}
		if len(organisations) == 0 || len(traders) == 0 {
			t.Fatalf("%s: rows of %d organisations and %d sole traders", tab.ID, len(organisations), len(traders))
		}
		// As many rows each as the registers have of those in the file.
		wantOrganisations, wantTraders := made(t, w, tab.ID)
		if got := counted(organisations); !slices.Equal(got, wantOrganisations) {
			t.Errorf("%s: rows by organisation %v, want %v", tab.ID, got, wantOrganisations)
		}
		if len(traders) > wantTraders || len(traders) < wantTraders-2 { // some rows name a number that nobody has
			t.Errorf("%s: %d sole traders, want %d", tab.ID, len(traders), wantTraders)
		}
	}
	book, err := os.ReadFile(filepath.Join(data, "kodbok.html"))
	if err != nil || !bytes.Contains(book, []byte("10 000 000")) || !bytes.Contains(book, []byte("Arbetsgivare i populationen")) {
		t.Errorf("the codebook does not say which numbers are organisations': %v", err)
	}
}

// counted are how many rows each has, ascending.
func counted(rows map[int]int) []int {
	var out []int
	for _, n := range rows {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// made counts the rows that were made up of the organisations in the population
// file, and the sole traders in it who have rows and no protected identity.
func made(t *testing.T, w *rig.World, table string) (organisations []int, traders int) {
	t.Helper()
	listed := map[string]bool{}
	f, err := os.Open(filepath.Join(registers, "population", rig.PopulationEmployers))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		digits := strings.ReplaceAll(s.Text(), "-", "")
		listed[digits[max(0, len(digits)-10):]] = true
	}
	from, to := day.MustParse("2019-01-01"), day.MustParse("2025-11-01")
	byOrganisation, byPerson := map[int]int{}, map[rig.Person]bool{}
	w.Rows(table, day.Of(2019, 1, 1), rig.First, func(rows []rig.Row) {
		for i := range rows {
			r := &rows[i]
			if r.From >= to || r.Tom < from {
				continue
			}
			if r.Organisation != 0 {
				if n := w.OrganisationNumber(int(r.Organisation) - 1); listed[n[2:]] {
					byOrganisation[int(r.Organisation)]++
				}
				continue
			}
			for _, n := range w.Numbers(r.Person) {
				if listed[strconv.FormatUint(n.Value.Reveal()%10_000_000_000, 10)] && !w.Shield[r.Person] {
					byPerson[r.Person] = true
				}
			}
		}
	})
	return counted(byOrganisation), len(byPerson)
}

// TestEmployersWithoutSoleTraders: a decision that leaves sole traders out lets
// no person's row out, by file or by criteria.
func TestEmployersWithoutSoleTraders(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]func(*orderfile.File){
		"file": nil,
		"criteria": func(f *orderfile.File) {
			f.Application.Population.Source, f.Application.Population.Holder, f.Application.Population.Ready = "criteria", "", nil
			p := &f.Acts[find(t, f, "decide")].Decision.Persons
			years := plan.Window{From: plan.Bound{Date: day.MustParse("2019-01-01")}, To: plan.Bound{Date: day.MustParse("2025-11-01")}}
			*p = plan.Persons{Kind: plan.KindOrganisations, Source: plan.SourceCriteria, Max: 2000, Protected: "exclude", Criteria: &plan.Criteria{Any: []plan.Criterion{{Table: "sjuklonekostnad", Period: years}}}}
			drop("population")(t, f)
			drop("call_population")(t, f)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := example(t, "employers.yaml")
			if more != nil {
				more(f)
			}
			f.Application.Population.Traders = "exclude"
			f.Acts[find(t, f, "decide")].Decision.Persons.Traders = "exclude"
			out, printed, err := carryOut(t, f)
			if err != nil {
				t.Fatalf("%v\n%s", err, printed)
			}
			for _, row := range cells(t, filepath.Join(out, "recipient", "data", "sjuklonekostnad.csv"))[1:] {
				if n, err := strconv.Atoi(row[0]); err != nil || n <= plan.OrganisationBase {
					t.Fatal("a person's row is among those of organisations")
				}
			}
		})
	}
}

// TestNoNumberOfAnEmployerAtTheCounter: as for persons, no number of the file
// stands at the counter, in what was printed, or among the results.
func TestNoNumberOfAnEmployerAtTheCounter(t *testing.T) {
	t.Parallel()
	state, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	var printed bytes.Buffer
	_, err := orderrun.Run(context.Background(), orderrun.Options{
		File: example(t, "employers.yaml"), Name: "order.yaml", Base: "../../examples", Data: registers, Out: out, Engine: engine, Lang: "sv", Print: &printed, State: state,
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, printed.String())
	}
	places := map[string][]byte{"printed text": printed.Bytes()}
	for _, dir := range []string{state, out} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			places[path], err = os.ReadFile(path)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(places) < 8 {
		t.Fatalf("only %d places to look in", len(places))
	}
	for _, c := range employerCanaries(t) {
		for place, content := range places {
			if bytes.Contains(content, c) {
				t.Fatalf("a number of the population stands in %s", filepath.Base(place))
			}
		}
	}
}

// employerCanaries are the numbers of the file with and without hyphen.
func employerCanaries(t *testing.T) (out [][]byte) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(registers, "population", rig.PopulationEmployers))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Fields(string(b))[1:] {
		digits := strings.ReplaceAll(line, "-", "")
		ten := digits[len(digits)-10:]
		out = append(out, []byte(ten), []byte(ten[:6]+"-"+ten[6:]))
	}
	if len(out) < 60 {
		t.Fatalf("only %d numbers", len(out))
	}
	return out
}
