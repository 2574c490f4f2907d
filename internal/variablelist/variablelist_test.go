package variablelist

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"sluss/internal/catalog"
)

func export(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteExcel(&b, catalog.Builtin()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Every register comes back from the list as it was.
func TestThereAndBack(t *testing.T) {
	t.Parallel()
	list := export(t)
	for i := range catalog.Builtin().Registers {
		r := &catalog.Builtin().Registers[i]
		t.Run(r.ID, func(t *testing.T) {
			t.Parallel()
			m, err := Own(r)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := Import(bytes.NewReader(list), m, catalog.Builtin())
			if err != nil {
				t.Fatal(err)
			}
			var file struct{ Register catalog.Register }
			if err := json.Unmarshal(raw, &file); err != nil {
				t.Fatal(err)
			}
			for k := range r.Tables {
				got, want := file.Register.Tables[k].Variables, r.Tables[k].Variables
				for j := range want {
					g, w := got[j], want[j]
					if len(w.Shapes) == 0 {
						g.Shapes, w.Shapes = nil, nil
					}
					if !reflect.DeepEqual(g, w) {
						t.Fatalf("%s.%s came back as %+v", r.Tables[k].ID, w.ID, g)
					}
				}
			}
			if got, want := whatIsWritten(t, &file.Register), whatIsWritten(t, r); got != want {
				t.Fatalf("the register came back as\n%s\nnot\n%s", got, want)
			}
		})
	}
}

// whatIsWritten is a register as a data file says it, where a list of nothing
// is no list.
func whatIsWritten(t *testing.T, r *catalog.Register) string {
	t.Helper()
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(raw), `"shapes":null`, `"shapes":[]`)
}

const foreignMapping = `
register:
  id: batstod
  area: funktionsnedsattning
  midas: false
  names: {sv: Båtstöd, en: Boat allowance}
  description: {sv: Bidrag till båt., en: Grants for boats.}
  basis: [Båtstödslagen]
  benefits: [{id: BAT, names: {sv: Båtstöd, en: Boat allowance}, group: "", rank: 1, basis: 1 §}]
  spell_groups: []
  tables: [{id: batstod, names: {sv: Båtstöd, en: Boat allowance}, row_is: {sv: Ett bidrag., en: One grant.}, shapes: [payment]}]
sheet: Lista
header: 3
columns: {id: Kortnamn, source: Kolumn, names.sv: Namn, names.en: Namn, definition.sv: Beskrivning, definition.en: Beskrivning, kind: Format, sensitivity: Känslig, value_set: Kodlista, nullable: Bortfall}
values:
  kind: {Datum: date, Heltal: int, Kod: code, Belopp: ore}
  sensitivity: {Ja: health, Nej: personal}
defaults: {shapes: payment}
like: {pnr: lopnr, formn: delforman}
before: [bookkeeping]
codes:
  sheet: Koder
  columns: {set: Lista, code: Kod, names.sv: Text, names.en: Text, from: Från}
`

// foreignList is a list as another authority would send it.
func foreignList(t *testing.T, change func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	if err := f.SetSheetName("Sheet1", "Lista"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.NewSheet("Koder"); err != nil {
		t.Fatal(err)
	}
	for sheet, rows := range map[string][][]any{
		"Lista": {
			{"Variabellista för båtstöd"},
			{},
			{"Nr", "Kortnamn", "Namn", "Beskrivning", "Format", "Kodlista", "Känslig", "Bortfall", "Kolumn"},
			{1, "pnr", "Personnummer", "Den som får bidraget", "", "", "", "", "PNR"},
			{2, "formn", "Förmån", "Förmånens kod", "", "", "", "", "FORMAN"},
			{3, "dag", "Dag", "Dagen för bidraget", "Datum", "", "Nej", "nej", "dag"},
			{},
			{4, "sjo", "Sjö", "Sjön", "Kod", "sjoar", "Nej", "ja", "sjo"},
			{5, "skada", "Skada", "Skadans grad", "Heltal", "", "Ja", "", "skada"},
		},
		"Koder": {{"Lista", "Kod", "Text", "Från"}, {"sjoar", "01", "Vättern", 43831}, {"sjoar", "02", "Vänern", "2021-01-01"}},
	} {
		for i, row := range rows {
			at, err := excelize.CoordinatesToCellName(1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetSheetRow(sheet, at, &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	change(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func mapping(t *testing.T) *Mapping {
	t.Helper()
	m, err := ReadMapping([]byte(foreignMapping))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestImportOfAForeignList(t *testing.T) {
	t.Parallel()
	raw, err := Import(bytes.NewReader(foreignList(t, func(*excelize.File) {})), mapping(t), catalog.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.ExtendWith(catalog.Builtin(), "batstod.json", raw)
	if err != nil {
		t.Fatal(err)
	}
	_, tab := c.Table("batstod")
	var ids []string
	for _, v := range tab.Variables {
		ids = append(ids, v.ID)
	}
	if want := []string{"row_id", "track", "tx", "kind", "lopnr", "delforman", "dag", "sjo", "skada"}; !slices.Equal(ids, want) {
		t.Fatalf("variables %v, want %v", ids, want)
	}
	if v := tab.Variable("sjo"); v.Kind != catalog.KindCode || !v.Nullable || v.Sensitivity != catalog.SensitivePersonal || v.Names.SV != "Sjö" {
		t.Errorf("sjo = %+v", v)
	}
	if !tab.Health() {
		t.Error("a variable that is marked sensitive is not")
	}
	if s := c.ValueSets["sjoar"]; len(s.Codes) != 2 || s.Codes[0].Code != "01" || s.Codes[0].From != "2020-01-01" || s.Codes[1].From != "2021-01-01" {
		t.Errorf("codes %+v", s)
	}
}

// Each fault has its cell, and all are told at once.
func TestFaultsHaveTheirCell(t *testing.T) {
	t.Parallel()
	set := func(sheet, at string, v any) func(f *excelize.File) {
		return func(f *excelize.File) {
			if err := f.SetCellValue(sheet, at, v); err != nil {
				panic(err)
			}
		}
	}
	for name, tt := range map[string]struct {
		change func(f *excelize.File)
		want   []string
	}{
		"unknown word":    {set("Lista", "E6", "Datumtid"), []string{"Lista!E6: the mapping does not say what this kind means; it knows Belopp, Datum, Heltal, Kod"}},
		"no kind":         {set("Lista", "E8", ""), []string{"Lista!E8: kind is missing"}},
		"name":            {set("Lista", "B9", "Skada 2"), []string{"Lista!B9: a variable's name has"}},
		"no name":         {set("Lista", "B9", ""), []string{"Lista!B9: the variable has no name"}},
		"flag":            {set("Lista", "H8", "kanske"), []string{"Lista!H8: write ja or nej"}},
		"no text":         {set("Lista", "C8", ""), []string{"Lista!C8: names.sv is missing", "Lista!C8: names.en is missing"}},
		"column twice":    {set("Lista", "Z3", " format "), []string{`Lista!Z3: the column "Format" is there already to the left; which of them holds cannot be told`}},
		"missing column":  {set("Lista", "E3", "Typ"), []string{`Lista: line 3 has no column "Format"`}},
		"code without":    {set("Koder", "C3", ""), []string{"Koder!C3: names.sv is missing"}},
		"no such sheet":   {func(f *excelize.File) { _ = f.DeleteSheet("Koder") }, []string{"Koder: the workbook has no such sheet"}},
		"value set":       {set("Lista", "F8", "floder"), []string{`batstod.json:`, `variables.sjo.value_set: no value set "floder"`}},
		"two at a time":   {func(f *excelize.File) { set("Lista", "E6", "X")(f); set("Lista", "H8", "Y")(f) }, []string{"Lista!E6", "Lista!H8"}},
		"code valid when": {set("Koder", "D3", "i fjol"), []string{"batstod.json:", "value_sets.sjoar.codes.02"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Import(bytes.NewReader(foreignList(t, tt.change)), mapping(t), catalog.Builtin())
			if err == nil {
				t.Fatal("no fault")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
			if _, ok := errors.AsType[*CellError](err); !ok {
				if _, ok := errors.AsType[*catalog.FileError](err); !ok {
					t.Errorf("%T has no place", err)
				}
			}
		})
	}
	if _, err := Import(strings.NewReader("PK no workbook"), mapping(t), catalog.Builtin()); err == nil {
		t.Error("what is no workbook was read")
	}
}

func TestMappingsAreReadStrictly(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ from, to string }{
		{"columns:", "colums:"}, {"id: Kortnamn, ", ""}, {"  id: batstod\n", ""}, {"kind: Format", "sort: Format"},
	} {
		text := strings.Replace(foreignMapping, tt.from, tt.to, 1)
		if _, err := ReadMapping([]byte(text)); err == nil || text == foreignMapping {
			t.Errorf("%q for %q went unnoticed", tt.to, tt.from)
		}
	}
}

// The list says everything, as text, and the same every time.
func TestExcelList(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(bytes.NewReader(export(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(SheetVariables)
	if err != nil {
		t.Fatal(err)
	}
	want := 1
	for _, r := range catalog.Builtin().Registers {
		for _, tab := range r.Tables {
			want += len(tab.Variables)
		}
	}
	if len(rows) != want || len(rows[0]) != len(fields) {
		t.Errorf("%d lines of %d columns, want %d of %d", len(rows), len(rows[0]), want, len(fields))
	}
	if regs, err := f.GetRows(SheetRegisters); err != nil || len(regs) != len(catalog.Builtin().Registers)+1 {
		t.Errorf("%d registers, %v", len(regs), err)
	}
	codes, err := f.GetRows(SheetCodes)
	if err != nil || !slices.ContainsFunc(codes, func(r []string) bool { return len(r) > 2 && r[0] == "lan" && r[1] == "01" }) {
		t.Errorf("the county 01 has lost its zero, %v", err)
	}
	if !bytes.Equal(export(t), export(t)) {
		t.Error("two lists of one catalogue differ")
	}
}

// Every register has a page that tells, in both languages, what its rows,
// spells and panels are, what misleads, and how complete it is.
func TestPages(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	if err := WritePages(catalog.Builtin(), func(name string, b []byte) error { files[name] = string(b); return nil }); err != nil {
		t.Fatal(err)
	}
	for _, r := range catalog.Builtin().Registers {
		page := files[r.ID+".html"]
		want := []string{r.Names.SV, r.Names.EN, `<html lang="sv">`, `lang="en"`}
		for _, tab := range r.Tables {
			want = append(want, tab.RowIs.SV, tab.RowIs.EN)
		}
		for _, x := range r.Pitfalls {
			want = append(want, x.SV, x.EN)
		}
		if r.Episode != nil {
			want = append(want, r.Episode.SV, r.Episode.EN, r.Panel.SV, r.Panel.EN)
		}
		for _, text := range want {
			if !strings.Contains(page, escaped(text)) {
				t.Errorf("%s: %q is not on the page", r.ID, text)
			}
		}
		if !strings.Contains(files["index.html"], `href="`+r.ID+`.html"`) {
			t.Errorf("the index has no link to %s", r.ID)
		}
		if strings.Contains(page, "row_id") || strings.Contains(page, "http") {
			t.Errorf("%s: the page shows what is never delivered, or leads out", r.ID)
		}
	}
}

func escaped(s string) string {
	return strings.NewReplacer("&", "&amp;", "'", "&#39;", "+", "&#43;", "<html lang=&#34;", `<html lang="`).Replace(s)
}
