// Package basket writes what somebody orders as a workbook, and reads it back.
//
// A basket is the wishes of an application ([intake.Wish]). In the workbook
// each variable has a row; rows with the same number are one wish, of which the
// first row tells everything else:
//
//	sheet 1, Instruktion (Instructions)   how to fill it in
//	sheet 2, Uppgifter (Data)             Nr, register, tabell, form, variabel, …
//	sheet 3, Katalog (Catalogue)          every register, table and variable
//
// [Read] takes back what [Write] wrote, in either language, and says of every
// cell that is wrong where it stands: Uppgifter!D14. There are no macros in it,
// and a workbook that has some is refused. It is unpacked in memory within
// bounds, and a basket names no persons.
package basket

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/intake"
)

// Bounds of a workbook that is read.
const (
	// MaxBytes is how large the file may be, 2 MB.
	MaxBytes = 2 << 20
	// unpackedMax is how much it may hold when it is unpacked.
	unpackedMax = 32 << 20
	// MaxRows is how many rows of data it may have.
	MaxRows  = 2_000
	partsMax = 200
)

// Wrong is a cell to mend.
type Wrong struct {
	Cell string // Uppgifter!D14
	Text catalog.Text
}

// column is one of the sheet's columns.
type column struct {
	names catalog.Text
	hint  catalog.Text
	width float64
	// write is what a row of a wish shows; variable is "" in a wish without any.
	write func(w intake.Wish, variable string) string
}

// Columns of the sheet, in their order.
const (
	colNo = iota
	colRegister
	colTable
	colShape
	colVariable
	colBenefits
	colFrom
	colTo
	colIncomplete
	colMotive
	colDiagnoses
	colNeed
)

var columns = []column{
	colNo:         {catalog.Text{SV: "Nr", EN: "No"}, catalog.Text{SV: "Rader med samma nummer hör ihop.", EN: "Rows with the same number belong together."}, 6, nil},
	colRegister:   {catalog.Text{SV: "Register", EN: "Register"}, catalog.Text{SV: "Registrets id ur bladet Katalog.", EN: "The register's id from the sheet Catalogue."}, 18, func(w intake.Wish, _ string) string { return w.Register }},
	colTable:      {catalog.Text{SV: "Tabell", EN: "Table"}, catalog.Text{SV: "Tabellens id, eller tomt om behovet är beskrivet med ord.", EN: "The table's id, or empty when the need is described in words."}, 18, func(w intake.Wish, _ string) string { return w.Table }},
	colShape:      {catalog.Text{SV: "Form", EN: "Shape"}, catalog.Text{SV: "payment, correction, subspell, subspell_42, spell, panel_day, panel_week, panel_month, panel_quarter eller panel_year.", EN: "payment, correction, subspell, subspell_42, spell, panel_day, panel_week, panel_month, panel_quarter or panel_year."}, 14, func(w intake.Wish, _ string) string { return string(w.Shape) }},
	colVariable:   {catalog.Text{SV: "Variabel", EN: "Variable"}, catalog.Text{SV: "En variabel per rad.", EN: "One variable a row."}, 20, func(_ intake.Wish, v string) string { return v }},
	colBenefits:   {catalog.Text{SV: "Förmåner", EN: "Benefits"}, catalog.Text{SV: "Koder, åtskilda med komma.", EN: "Codes with commas between."}, 18, func(w intake.Wish, _ string) string { return strings.Join(w.Benefits, ", ") }},
	colFrom:       {catalog.Text{SV: "Från och med", EN: "From"}, catalog.Text{SV: "Första dagen, som 2015-01-01.", EN: "First day, as 2015-01-01."}, 13, func(w intake.Wish, _ string) string { return dayText(w.From) }},
	colTo:         {catalog.Text{SV: "Till och med", EN: "To"}, catalog.Text{SV: "Sista dagen, som 2024-12-31.", EN: "Last day, as 2024-12-31."}, 13, func(w intake.Wish, _ string) string { return dayText(w.To) }},
	colIncomplete: {catalog.Text{SV: "Också ofullständiga", EN: "Incomplete, too"}, catalog.Text{SV: "ja om du vill ha dagar som inte är kompletta än.", EN: "yes if you want days that are not complete yet."}, 12, func(w intake.Wish, _ string) string { return map[bool]string{true: "ja"}[w.Incomplete] }},
	colMotive:     {catalog.Text{SV: "Varför", EN: "Why"}, catalog.Text{SV: "Vilken forskningsfråga uppgifterna besvarar.", EN: "Which research question the data answer."}, 40, func(w intake.Wish, _ string) string { return w.Motive }},
	colDiagnoses:  {catalog.Text{SV: "Diagnoskapitel", EN: "Diagnosis chapters"}, catalog.Text{SV: "Kapitel i ICD-10-SE med komma emellan; tomt är alla.", EN: "Chapters of ICD-10-SE with commas between; empty is all."}, 16, func(w intake.Wish, _ string) string { return strings.Join(w.Diagnoses, ", ") }},
	colNeed:       {catalog.Text{SV: "Behov med egna ord", EN: "Need in own words"}, catalog.Text{SV: "Om du inte vet vilken tabell du behöver.", EN: "If you do not know which table you need."}, 40, func(w intake.Wish, _ string) string { return w.Need }},
}

// sheets are the names of the workbook's sheets.
var sheets = struct{ how, data, catalogue catalog.Text }{
	catalog.Text{SV: "Instruktion", EN: "Instructions"}, catalog.Text{SV: "Uppgifter", EN: "Data"}, catalog.Text{SV: "Katalog", EN: "Catalogue"},
}

func dayText(d day.Day) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// Write makes the workbook of the wishes in "sv" or "en".
func Write(wishes []intake.Wish, cat *catalog.Catalogue, lang string) ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	how, data, list := sheets.how.In(lang), sheets.data.In(lang), sheets.catalogue.In(lang)
	if err := errors.Join(f.SetSheetName("Sheet1", how), newSheet(f, data), newSheet(f, list)); err != nil {
		return nil, err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	w := writer{f: f, bold: bold, lang: lang}
	w.how(how, data, list)
	w.data(data, list, wishes, cat)
	w.catalogue(list, cat)
	if w.err != nil {
		return nil, w.err
	}
	var b bytes.Buffer
	err = f.Write(&b)
	return b.Bytes(), err
}

func newSheet(f *excelize.File, name string) error {
	_, err := f.NewSheet(name)
	return err
}

// writer fills sheets and keeps the first error.
type writer struct {
	f    *excelize.File
	bold int
	lang string
	err  error
}

func (w *writer) row(sheet string, n int, cells ...string) {
	values := make([]any, len(cells))
	for i, c := range cells {
		values[i] = c
	}
	w.keep(w.f.SetSheetRow(sheet, "A"+strconv.Itoa(n), &values))
}

func (w *writer) keep(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) how(sheet, data, list string) {
	say := func(sv, en string) string { return catalog.Text{SV: sv, EN: en}.In(w.lang) }
	lines := []string{
		say("Beställning av uppgifter", "Order of data"),
		say("Fyll i bladet "+data+" och skicka tillbaka filen på beställningens sida Uppgifter.", "Fill in the sheet "+data+" and send the file back on the order's page Data."),
		say("Varje variabel har en rad. Rader med samma nummer hör ihop; det räcker att fylla i den första av dem helt.", "Each variable has a row. Rows with the same number belong together; it is enough to fill in the first of them wholly."),
		say("Allt som går att beställa står på bladet "+list+".", "Everything that can be ordered stands on the sheet "+list+"."),
		say("Skriv inga uppgifter om enskilda personer i filen.", "Write no data about single persons in the file."),
		"",
	}
	for i, l := range lines {
		w.row(sheet, i+1, l)
	}
	for i, c := range columns {
		w.row(sheet, len(lines)+1+i, c.names.In(w.lang), c.hint.In(w.lang))
	}
	w.keep(w.f.SetColWidth(sheet, "A", "A", 24))
	w.keep(w.f.SetColWidth(sheet, "B", "B", 90))
	w.keep(w.f.SetCellStyle(sheet, "A1", "A1", w.bold))
}

func (w *writer) head(sheet string, names []string, widths []float64) {
	w.row(sheet, 1, names...)
	last, err := excelize.ColumnNumberToName(len(names))
	w.keep(err)
	w.keep(w.f.SetCellStyle(sheet, "A1", last+"1", w.bold))
	for i, width := range widths {
		name, err := excelize.ColumnNumberToName(i + 1)
		w.keep(err)
		w.keep(w.f.SetColWidth(sheet, name, name, width))
	}
	w.keep(w.f.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
}

func (w *writer) data(sheet, list string, wishes []intake.Wish, cat *catalog.Catalogue) {
	var names []string
	var widths []float64
	for _, c := range columns {
		names, widths = append(names, c.names.In(w.lang)), append(widths, c.width)
	}
	w.head(sheet, names, widths)
	n := 2
	for i, wish := range wishes {
		variables := wish.Variables
		if len(variables) == 0 {
			variables = []string{""}
		}
		for first, v := range variables {
			cells := make([]string, len(columns))
			for k, c := range columns {
				if c.write != nil && (first == 0 || k == colVariable) {
					cells[k] = c.write(wish, v)
				}
			}
			cells[colNo] = strconv.Itoa(i + 1)
			w.row(sheet, n, cells...)
			n++
		}
	}
	for col, from := range map[int]string{colRegister: "A"} {
		v := excelize.NewDataValidation(true)
		name, err := excelize.ColumnNumberToName(col + 1)
		w.keep(err)
		v.SetSqref(fmt.Sprintf("%s2:%s%d", name, name, MaxRows+1))
		v.SetSqrefDropList(fmt.Sprintf("'%s'!$%s$2:$%s$%d", list, from, from, 1+rows(cat)))
		v.ShowErrorMessage = false // a hint, never a lock: Read tells what is wrong
		w.keep(w.f.AddDataValidation(sheet, v))
	}
}

func rows(cat *catalog.Catalogue) int {
	n := 0
	for _, r := range cat.Registers {
		for _, t := range r.Tables {
			for i := range t.Variables {
				if t.Variables[i].Deliverable() {
					n++
				}
			}
		}
	}
	return n
}

// catalogue lists everything that can be ordered. It is the long sheet, and is
// written as a stream.
func (w *writer) catalogue(sheet string, cat *catalog.Catalogue) {
	out, err := w.f.NewStreamWriter(sheet)
	if err != nil {
		w.keep(err)
		return
	}
	for i, width := range []float64{18, 18, 20, 30, 60, 30, 24} {
		w.keep(out.SetColWidth(i+1, i+1, width))
	}
	w.keep(out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	n := 0
	row := func(style int, cells ...string) {
		n++
		values := make([]any, len(cells))
		for i, c := range cells {
			values[i] = excelize.Cell{StyleID: style, Value: c}
		}
		w.keep(out.SetRow("A"+strconv.Itoa(n), values))
	}
	say := func(sv, en string) string { return catalog.Text{SV: sv, EN: en}.In(w.lang) }
	row(w.bold, say("Register", "Register"), say("Tabell", "Table"), say("Variabel", "Variable"), say("Heter", "Name"), say("Betyder", "Meaning"), say("Former", "Shapes"), say("Förmåner", "Benefits"))
	for _, r := range cat.Registers {
		var codes []string
		for _, b := range r.Benefits {
			codes = append(codes, b.ID)
		}
		for _, t := range r.Tables {
			for i := range t.Variables {
				v := &t.Variables[i]
				if !v.Deliverable() {
					continue
				}
				var shapes []string
				for _, s := range v.Shapes {
					shapes = append(shapes, string(s))
				}
				row(0, r.ID, t.ID, v.ID, v.Names.In(w.lang), v.Definition.In(w.lang), strings.Join(shapes, ", "), strings.Join(codes, ", "))
			}
		}
	}
	w.keep(out.Flush())
}

// Read reads the wishes of a workbook. wrong are the cells to mend, in their
// order; then there are no wishes. The error is a *fault.Fault when the file is
// no workbook that can be read.
func Read(book []byte, cat *catalog.Catalogue) (wishes []intake.Wish, wrong []Wrong, err error) {
	if err := plain(book); err != nil {
		return nil, nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(book), excelize.Options{UnzipSizeLimit: unpackedMax, UnzipXMLSizeLimit: unpackedMax, RawCellValue: true})
	if err != nil {
		return nil, nil, unreadable().Because(err)
	}
	defer func() { _ = f.Close() }()
	sheet := ""
	for _, name := range f.GetSheetList() {
		if name == sheets.data.SV || name == sheets.data.EN {
			sheet = name
		}
	}
	if sheet == "" {
		return nil, nil, fault.New("basket.sheet", "Arbetsboken har inget blad som heter Uppgifter.", "The workbook has no sheet called Data.").
			Do("Hämta mallen på nytt och fyll i den.", "Fetch the template again and fill it in.")
	}
	all, err := f.GetRows(sheet)
	if err != nil {
		return nil, nil, unreadable().Because(err)
	}
	if len(all) > MaxRows+1 {
		return nil, nil, fault.New("basket.rows", fmt.Sprintf("Bladet har fler än %d rader.", MaxRows), fmt.Sprintf("The sheet has more than %d rows.", MaxRows)).
			Do("Dela upp beställningen.", "Split the order.")
	}
	r := reader{sheet: sheet, cat: cat, at: map[string]int{}}
	for i, cells := range all {
		if i > 0 && slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" }) {
			r.row(i+1, cells)
		}
	}
	if len(r.wrong) == 0 && len(r.wishes) == 0 {
		r.miss(2, colRegister, "Bladet är tomt.", "The sheet is empty.")
	}
	if len(r.wrong) > 0 {
		return nil, r.wrong, nil
	}
	return r.wishes, nil, nil
}

func unreadable() *fault.Fault {
	return fault.New("basket.unreadable", "Filen är ingen arbetsbok som går att läsa.", "The file is no workbook that can be read.").
		Do("Spara den som .xlsx och skicka den igen.", "Save it as .xlsx and send it again.")
}

// plain refuses what is no plain workbook, by the names and sizes of its parts.
func plain(book []byte) error {
	if len(book) > MaxBytes {
		return fault.New("basket.large", "Arbetsboken är större än 2 MB.", "The workbook is larger than 2 MB.").
			Do("Ta bort blad och bilder som inte behövs.", "Remove sheets and pictures that are not needed.")
	}
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil || len(z.File) > partsMax {
		return unreadable()
	}
	var size uint64
	for _, p := range z.File {
		name := strings.ToLower(p.Name)
		if size += p.UncompressedSize64; p.UncompressedSize64 > unpackedMax || size > unpackedMax {
			return unreadable()
		}
		for _, active := range []string{"vbaproject", "macrosheets/", "activex/", "externallinks/", "connections.xml", "querytables/", "embeddings/"} {
			if strings.Contains(name, active) {
				return fault.New("basket.active", "Arbetsboken innehåller makron, länkar eller inbäddade filer.", "The workbook holds macros, links or embedded files.").
					Do("Spara den som vanlig .xlsx utan sådant.", "Save it as a plain .xlsx without them.")
			}
		}
	}
	return nil
}
