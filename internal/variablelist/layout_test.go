package variablelist

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/xuri/excelize/v2"

	"sluss/internal/catalog"
)

// withLayout is the register of sickness benefit, whose table has a layout.
func withLayout(t *testing.T) *catalog.Register {
	t.Helper()
	r, table := catalog.Builtin().Table("midas_sjp")
	if table == nil || len(table.Layout) != 42 {
		t.Fatal("midas_sjp has no layout of 42 columns")
	}
	return r
}

// written is a list of the one register that has a layout, made once.
var written = sync.OnceValues(func() ([]byte, error) {
	c := *catalog.Builtin()
	r, _ := c.Table("midas_sjp")
	c.Registers, c.ValueSets = []catalog.Register{*r}, nil
	var b bytes.Buffer
	err := WriteExcel(&b, &c)
	return b.Bytes(), err
})

// changed is that list after a change of its layouts.
func changed(t *testing.T, change func(f *excelize.File) error) []byte {
	t.Helper()
	list, err := written()
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(list))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := change(f); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The columns of a layout come in the order of the list's lines.
func TestLayoutInTheOrderOfItsLines(t *testing.T) {
	t.Parallel()
	r := withLayout(t)
	m, err := Own(r)
	if err != nil {
		t.Fatal(err)
	}
	list := changed(t, func(f *excelize.File) error {
		// The second column of the layout goes to the end of the sheet.
		row, err := f.GetRows(SheetLayouts)
		if err != nil {
			return err
		}
		return errors.Join(f.SetSheetRow(SheetLayouts, "A60", &row[2]), f.RemoveRow(SheetLayouts, 3))
	})
	raw, err := Import(bytes.NewReader(list), m, catalog.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Import(bytes.NewReader(list), m, catalog.Builtin()); err != nil || !bytes.Equal(again, raw) {
		t.Errorf("the mapping serves once only: %v", err)
	}
	c, err := With(catalog.Builtin(), raw)
	if err != nil {
		t.Fatal(err)
	}
	_, before := catalog.Builtin().Table("midas_sjp")
	_, after := c.Table("midas_sjp")
	want := append(slices.Delete(slices.Clone(before.Layout), 1, 2), before.Layout[1])
	if !slices.Equal(after.Layout, want) {
		t.Errorf("%v, want %v", after.Layout, want)
	}
}

// What is wrong with a layout is told at its cell, in both languages.
func TestLayoutFaultsHaveTheirCell(t *testing.T) {
	t.Parallel()
	r := withLayout(t)
	set := func(at, text string) func(*excelize.File) error {
		return func(f *excelize.File) error { return f.SetCellStr(SheetLayouts, at, text) }
	}
	for name, tt := range map[string]struct {
		change func(*excelize.File) error
		want   []string
	}{
		"no name":      {set("C4", ""), []string{"Egna former!C4: the column has no name"}},
		"twice":        {set("C4", "DELFORMAN1_KOD"), []string{"Egna former!C4: the layout of the table has a column of this name already"}},
		"no variable":  {set("D4", ""), []string{"Egna former!D4: which variable's values"}},
		"unknown":      {set("D4", "skostorlek"), []string{"Egna former!D4: the table has no such variable with the shape subspell_42"}},
		"other shape":  {set("D4", "row_id"), []string{"Egna former!D4: the table has no such variable with the shape subspell_42"}},
		"other table":  {set("B4", "midas"), []string{"Egna former!B4: which table of the mapping"}},
		"two at once":  {func(f *excelize.File) error { return errors.Join(set("C4", "")(f), set("D5", "")(f)) }, []string{"Egna former!C4", "Egna former!D5"}},
		"no header":    {set("C1", "Rubrik"), []string{`Egna former: line 1 has no column "Kolumn / Column"`}},
		"no sheet":     {func(f *excelize.File) error { return f.DeleteSheet(SheetLayouts) }, []string{"Egna former: the workbook has no such sheet"}},
		"no layout":    {func(f *excelize.File) error { return emptied(f) }, []string{"a table has a layout exactly when it has the shape subspell_42"}},
		"other source": {set("A4", "midas_sja"), nil}, // the line of another register is not ours
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := Own(r)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := Import(bytes.NewReader(changed(t, tt.change)), m, catalog.Builtin())
			if tt.want == nil {
				if err != nil || strings.Contains(string(raw), "DELFORMAN2_KOD") {
					t.Errorf("the line of another register was taken, %v", err)
				}
				return
			}
			if err == nil {
				t.Fatal("no fault")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
			if sv, en := Told(err, "sv"), Told(err, "en"); len(sv) != len(en) || name != "no layout" && slices.Equal(sv, en) {
				t.Errorf("the Swedish texts are %q", sv)
			}
		})
	}
}

// emptied takes every line but the header from the sheet of layouts.
func emptied(f *excelize.File) error {
	rows, err := f.GetRows(SheetLayouts)
	for range rows[1:] {
		err = errors.Join(err, f.RemoveRow(SheetLayouts, 2))
	}
	return err
}

// A list from elsewhere has its layout where its mapping says; the only table
// need not be named, and variables of templates count.
func TestLayoutOfAForeignList(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("shapes: [payment]}]", "shapes: [payment, subspell_42]}]", "defaults: {shapes: payment}", `defaults: {shapes: "payment subspell_42"}`).Replace(foreignMapping)
	m, err := ReadMapping([]byte(text + "layouts: {sheet: Filen, header: 2, columns: {name: Rubrik, variable: Kortnamn}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	im := &importer{m: m, tables: map[string][]any{}}
	f := excelize.NewFile()
	defer f.Close()
	if _, err := f.NewSheet("Filen"); err != nil {
		t.Fatal(err)
	}
	for at, row := range map[string][]string{"A2": {"Rubrik", "Kortnamn"}, "A3": {"DAG", "dag"}, "A5": {"PNR", "lopnr"}} {
		if err := f.SetSheetRow("Filen", at, &row); err != nil {
			t.Fatal(err)
		}
	}
	im.layouts(f)
	if len(im.errs) > 0 {
		t.Fatal(im.errs)
	}
	got := im.registerTables()[0]["layout"].([]any)
	if len(got) != 2 || got[0].(map[string]any)["name"] != "DAG" || got[1].(map[string]any)["variable"] != "lopnr" {
		t.Errorf("layout %v", got)
	}
	if im.layouts(f); len(im.errs) != 1 || !strings.Contains(im.errs[0].Error(), "both here and in the mapping") {
		t.Errorf("a layout that stands twice: %v", im.errs)
	}
	for _, wrong := range []string{"{columns: {name: Rubrik}}", "{columns: {variable: Kortnamn}}", "{columns: {name: A, variable: B, kind: C}}", "{colums: {}}"} {
		if _, err := ReadMapping([]byte(foreignMapping + "layouts: " + wrong + "\n")); err == nil {
			t.Errorf("%s was read", wrong)
		}
	}
}
