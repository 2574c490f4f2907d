package basket

import (
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
)

// reader puts rows together to wishes.
type reader struct {
	sheet  string
	cat    *catalog.Catalogue
	wishes []intake.Wish
	at     map[string]int // number in the first column: place in wishes
	wrong  []Wrong
}

// maxWrong bounds how many cells are told at once.
const maxWrong = 50

func (r *reader) miss(row, col int, sv, en string) {
	if len(r.wrong) >= maxWrong {
		return
	}
	name, err := excelize.CoordinatesToCellName(col+1, row)
	if err != nil {
		name = strconv.Itoa(row)
	}
	r.wrong = append(r.wrong, Wrong{r.sheet + "!" + name, catalog.Text{SV: sv, EN: en}})
}

// row reads one row. A row whose number has been seen adds its variable to that
// wish; other cells of it may be empty, and must not contradict the first.
func (r *reader) row(n int, cells []string) {
	cell := func(col int) string {
		if col < len(cells) {
			return strings.TrimSpace(cells[col])
		}
		return ""
	}
	no := cell(colNo)
	i, known := r.at[no]
	if no == "" {
		r.miss(n, colNo, "Raden saknar nummer. Skriv samma nummer på rader som hör ihop.", "The row has no number. Write the same number on rows that belong together.")
		return
	}
	if !known {
		i = len(r.wishes)
		r.at[no] = i
		r.wishes = append(r.wishes, r.wish(n, cell))
	} else {
		for col, c := range columns {
			if col == colNo || col == colVariable || cell(col) == "" {
				continue
			}
			if first := c.write(r.wishes[i], ""); normal(first) != normal(r.read(col, cell(col))) {
				r.miss(n, col, "Cellen säger något annat än den första raden med samma nummer.", "The cell says something else than the first row with the same number.")
			}
		}
	}
	r.variable(n, &r.wishes[i], cell(colVariable))
}

// read is a cell as a wish would write it.
func (r *reader) read(col int, text string) string {
	switch col {
	case colFrom, colTo:
		if d, ok := dayOf(text); ok {
			return d.String()
		}
	case colIncomplete:
		return map[bool]string{true: "ja"}[said(text)]
	}
	return text
}

func normal(s string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == ';' || r == '\n' }), ","))
}

func said(text string) bool {
	return slices.Contains([]string{"ja", "yes", "true", "1", "x"}, strings.ToLower(text))
}

// wish reads the cells that all rows of a wish share.
func (r *reader) wish(n int, cell func(int) string) intake.Wish {
	w := intake.Wish{Register: cell(colRegister), Table: cell(colTable), Shape: catalog.Shape(cell(colShape)), Motive: cell(colMotive), Need: cell(colNeed), Incomplete: said(cell(colIncomplete))}
	w.Benefits, w.Diagnoses = listed(cell(colBenefits)), listed(cell(colDiagnoses))
	reg := r.cat.Register(w.Register)
	if reg == nil {
		r.miss(n, colRegister, "Registret finns inte i katalogen. Välj ett id ur bladet Katalog.", "The register is not in the catalogue. Choose an id from the sheet Catalogue.")
		return w
	}
	if w.Table != "" {
		table := reg.Table(w.Table)
		if table == nil {
			r.miss(n, colTable, "Tabellen finns inte i registret.", "The table is not in the register.")
		} else if w.Shape != "" && !table.Allows(w.Shape) {
			r.miss(n, colShape, "Tabellen lämnas inte ut i den formen.", "The table is not delivered in that shape.")
		}
	}
	for _, b := range w.Benefits {
		if reg.Benefit(b) == nil {
			r.miss(n, colBenefits, "En av förmånerna finns inte i registret. Koderna står på bladet Katalog.", "One of the benefits is not in the register. The codes stand on the sheet Catalogue.")
		}
	}
	for _, d := range w.Diagnoses {
		if intake.Chapter(r.cat, d) == nil {
			r.miss(n, colDiagnoses, "Kapitlet finns inte i ICD-10-SE. Skriv som F eller F00-F99.", "The chapter is not one of ICD-10-SE. Write it as F or F00-F99.")
		}
	}
	w.From, w.To = r.day(n, colFrom, cell(colFrom)), r.day(n, colTo, cell(colTo))
	if w.From != 0 && w.To != 0 && w.From > w.To {
		r.miss(n, colTo, "Perioden slutar innan den börjar.", "The period ends before it begins.")
	}
	return w
}

func (r *reader) day(n, col int, text string) day.Day {
	if text == "" {
		return 0
	}
	d, ok := dayOf(text)
	if !ok {
		r.miss(n, col, "Skriv datumet som 2015-01-01.", "Write the date as 2015-01-01.")
	}
	return d
}

// dayOf reads a date as text, or as the number that a spreadsheet makes of it:
// days since 1899-12-30.
func dayOf(text string) (day.Day, bool) {
	if d, err := day.Parse(text); err == nil {
		return d, true
	}
	if n, err := strconv.Atoi(text); err == nil && n > 20_000 && n < 100_000 {
		return day.MustParse("1899-12-30") + day.Day(n), true
	}
	return 0, false
}

func (r *reader) variable(n int, w *intake.Wish, id string) {
	if id == "" {
		return
	}
	reg := r.cat.Register(w.Register)
	if reg == nil {
		return // said already
	}
	table := reg.Table(w.Table)
	switch {
	case w.Table == "":
		r.miss(n, colVariable, "Raden har en variabel men ingen tabell.", "The row has a variable but no table.")
	case table == nil: // said already
	case table.Variable(id) == nil:
		r.miss(n, colVariable, "Variabeln finns inte i tabellen.", "The variable is not in the table.")
	case !table.Variable(id).Deliverable():
		r.miss(n, colVariable, "Variabeln lämnas aldrig ut.", "The variable is never delivered.")
	case slices.Contains(w.Variables, id):
		r.miss(n, colVariable, "Variabeln står redan i samma uppgift.", "The variable already stands under the same number.")
	default:
		w.Variables = append(w.Variables, id)
	}
}

func listed(text string) []string {
	var out []string
	for _, x := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if x = strings.TrimSpace(x); x != "" {
			out = append(out, x)
		}
	}
	return out
}
