// Package variablelist turns the catalogue into what people read and back:
// one Excel list of all variables, one page of documentation per register, and
// from somebody else's Excel list a data file of the catalogue.
//
// Begin with [WriteExcel] and [WritePages]; [Import] reads a list after a
// [Mapping], which says what the columns of that list mean. What cannot be
// understood is told cell by cell.
//
// The list that WriteExcel makes is one that Import understands, with the
// mapping [Own]. Everything is in Swedish and English.
package variablelist

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"sluss/internal/catalog"
)

// Sheets of the list.
const (
	SheetRegisters = "Register"
	SheetVariables = "Variabler"
	SheetCodes     = "Värdemängder"
)

// field is a member of a variable as a column of the list.
type field struct {
	path   string // as in the data file
	header string
	text   func(r *catalog.Register, t *catalog.Table, v *catalog.Variable) string
}

// fields are the columns of the sheet of variables, in their order.
var fields = []field{
	{"register", "Register", func(r *catalog.Register, _ *catalog.Table, _ *catalog.Variable) string { return r.ID }},
	{"table", "Tabell / Table", func(_ *catalog.Register, t *catalog.Table, _ *catalog.Variable) string { return t.ID }},
	{"id", "Variabel / Variable", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return v.ID }},
	{"names.sv", "Benämning", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return v.Names.SV }},
	{"names.en", "Name", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return v.Names.EN }},
	{"definition.sv", "Definition (svenska)", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return v.Definition.SV }},
	{"definition.en", "Definition (English)", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return v.Definition.EN }},
	{"kind", "Typ / Type", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return string(v.Kind) }},
	{"role", "Roll / Role", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return string(v.Role) }},
	{"shapes", "Former / Shapes", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return shapes(v.Shapes) }},
	{"perspective", "Tidsperspektiv / Time perspective", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return string(v.Perspective) }},
	{"sensitivity", "Känslighet / Sensitivity", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return string(v.Sensitivity) }},
	{"identifying", "Utpekande / Identifying", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return string(v.Identifying) }},
	{"value_set", "Värdemängd / Value set", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return v.ValueSet }},
	{"coarsen", "Grövre nivåer / Coarser levels", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string {
		return strings.Join(v.Coarsen, ", ")
	}},
	{"nullable", "Kan saknas / Can be missing", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return flag(v.Nullable) }},
	{"optional", "Kolumnen kan saknas / Column can be missing", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return flag(v.Optional) }},
	{"source", "Källans kolumn / Source column", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return v.Source }},
	{"derive", "Härledning / Derivation", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return v.Derive }},
	{"entity", "Löpnummerserie / Serial domain", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return v.Entity }},
	{"source_key", "Källans nyckel / Source key", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return v.SourceKey }},
	{"level", "Nivå / Level", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return v.Level }},
	{"assumption", "Modellantagande / Model assumption", func(_ *catalog.Register, _ *catalog.Table, v *catalog.Variable) string { return v.Assumption }},
}

func shapes(list []catalog.Shape) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return strings.Join(out, ", ")
}

func flag(on bool) string {
	if on {
		return "ja"
	}
	return "nej"
}

// WriteExcel writes the whole catalogue as one workbook: a sheet of registers,
// one of all variables, one of all codes, one of tables' own layouts. The same catalogue gives the same
// cells; every cell is text, so that no code loses a leading zero and none is
// taken for a formula.
func WriteExcel(w io.Writer, c *catalog.Catalogue) error {
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", SheetRegisters); err != nil {
		return err
	}
	for _, name := range []string{SheetVariables, SheetCodes, SheetLayouts} {
		if _, err := f.NewSheet(name); err != nil {
			return err
		}
	}
	for i, rows := range [][][]string{registerRows(c), variableRows(c), codeRows(c), layoutRows(c)} {
		if err := fillSheet(f, f.GetSheetName(i), rows); err != nil {
			return err
		}
	}
	if err := f.SetDocProps(&excelize.DocProperties{Creator: "Sluss", Title: c.ID, Created: c.ValidFrom + "T00:00:00Z", Modified: c.ValidFrom + "T00:00:00Z"}); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return err
	}
	return inOrder(w, b.Bytes())
}

// inOrder writes a workbook again with its parts in the order of their names,
// but for the list of contents, which readers want first.
func inOrder(w io.Writer, workbook []byte) error {
	r, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
	if err != nil {
		return err
	}
	const contents = "[Content_Types].xml"
	slices.SortFunc(r.File, func(a, b *zip.File) int {
		switch contents {
		case a.Name:
			return -1
		case b.Name:
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	out := zip.NewWriter(w)
	for _, f := range r.File {
		part, err := out.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate})
		if err != nil {
			return err
		}
		from, err := f.Open()
		if err != nil {
			return err
		}
		if _, err := io.Copy(part, from); err != nil {
			return err
		}
		if err := from.Close(); err != nil {
			return err
		}
	}
	return out.Close()
}

// fillSheet writes rows, the first of which is the header: bold, frozen, with
// a filter.
func fillSheet(f *excelize.File, name string, rows [][]string) error {
	s, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := s.SetColWidth(1, max(len(rows[0]), 1), 24); err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	for i, row := range rows {
		cells := make([]any, len(row))
		for k, text := range row {
			cells[k] = text
			if i == 0 {
				cells[k] = excelize.Cell{Value: text, StyleID: bold}
			}
		}
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := s.SetRow(at, cells); err != nil {
			return err
		}
	}
	return s.Flush()
}

func registerRows(c *catalog.Catalogue) [][]string {
	out := [][]string{{
		"Register", "Namn", "Name", "Beskrivning", "Description", "Område / Area", "I MiDAS / In MiDAS", "Har lista / Has list", "Har dokumentation / Has documentation",
		"Kvalitetssäkrade perioder / Periods quality-assured", "Föreslagna variabler / Proposed variables", "Från / From", "Till (ej) / To (exclusive)", "Täckning, procent / Coverage, per cent",
		"Täckning, månader / Coverage, months", "Hälsouppgifter / Health data", "Rättslig grund / Legal basis", "Delförmåner / Benefits", "Luckregel, dagar / Gap rule, days",
	}}
	for i := range c.Registers {
		r := &c.Registers[i]
		percent, months := "", ""
		if r.Coverage != nil {
			percent, months = number(r.Coverage.Percent), number(r.Coverage.Months)
		}
		var benefits, gaps []string
		for _, b := range r.Benefits {
			benefits = append(benefits, b.ID+" "+b.Names.SV)
		}
		for _, g := range r.SpellGroups {
			gaps = append(gaps, g.ID+" "+number(g.MaxGapDays))
		}
		out = append(out, []string{
			r.ID, r.Names.SV, r.Names.EN, r.Description.SV, r.Description.EN, string(r.Area), flag(r.MiDAS), flag(r.Listed), flag(r.Documented), flag(r.Assured), flag(r.Proposed),
			r.From, r.To, percent, months, flag(r.Health()), strings.Join(r.Basis, "; "), strings.Join(benefits, "; "), strings.Join(gaps, "; "),
		})
	}
	return out
}

func variableRows(c *catalog.Catalogue) [][]string {
	head := make([]string, len(fields))
	for i, f := range fields {
		head[i] = f.header
	}
	out := [][]string{head}
	for i := range c.Registers {
		r := &c.Registers[i]
		for k := range r.Tables {
			t := &r.Tables[k]
			for j := range t.Variables {
				row := make([]string, len(fields))
				for n, f := range fields {
					row[n] = f.text(r, t, &t.Variables[j])
				}
				out = append(out, row)
			}
		}
	}
	return out
}

func codeRows(c *catalog.Catalogue) [][]string {
	out := [][]string{{"Värdemängd / Value set", "Kod / Code", "Benämning", "Name", "Gäller från / Valid from", "Gäller till (ej) / Valid to (exclusive)"}}
	var ids []string
	for id := range c.ValueSets {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		for _, x := range c.ValueSets[id].Codes {
			out = append(out, []string{id, x.Code, x.Names.SV, x.Names.EN, x.From, x.To})
		}
	}
	return out
}
