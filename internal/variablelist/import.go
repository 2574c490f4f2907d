package variablelist

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/xuri/excelize/v2"

	"sluss/internal/catalog"
)

// Mapping says what somebody's list of variables means. docs/registers.md has
// an example.
type Mapping struct {
	// Register is what the list does not hold: id, area, names, benefits,
	// spell groups and tables, as in a data file but without the variables.
	Register map[string]any `json:"register"`
	Sheet    string         `json:"sheet,omitempty"`  // "" = the first
	Header   int            `json:"header,omitempty"` // line of the column names; 0 = the first
	// Columns names the column of the list for each member of a variable:
	// id, source, names.sv, kind … ; table, where the register has several.
	Columns map[string]string `json:"columns,omitempty"`
	// Values translates what stands in the cells, by member: kind: {Datum: date}.
	Values map[string]map[string]string `json:"values,omitempty"`
	// Defaults are for members that the list does not have or leaves empty.
	Defaults map[string]string `json:"defaults,omitempty"`
	// Like names the template that takes a variable's place, by variable.
	Like map[string]string `json:"like,omitempty"`
	// Lists are templates that come before and after the list's variables in
	// every table.
	Before []string `json:"before,omitempty"`
	After  []string `json:"after,omitempty"`
	// Only takes the lines of one register, where the list holds several.
	Only string `json:"only,omitempty"`
	// Codes says where the value sets stand, if they do.
	Codes *CodeMapping `json:"codes,omitempty"`
	// Layouts says where the columns of tables' own layouts stand, if they do.
	Layouts *LayoutMapping `json:"layouts,omitempty"`
}

// CodeMapping says where the codes stand: columns set, code, names.sv,
// names.en, from and to.
type CodeMapping struct {
	Sheet   string            `json:"sheet,omitempty"`
	Header  int               `json:"header,omitempty"`
	Columns map[string]string `json:"columns,omitempty"`
	Open    []string          `json:"open,omitempty"` // sets that accept other codes
	Only    []string          `json:"only,omitempty"` // take these sets; none: all
}

// CellError is what is wrong in one cell. It does not repeat the content.
type CellError struct {
	Sheet string // "" for the file or the mapping itself
	Cell  string // C12; "" for the whole sheet
	Text  catalog.Text
}

// Error is the English text, after the place.
func (e *CellError) Error() string { return e.In("en") }

// In is the text in a language, after the place: Lista!C12: …
func (e *CellError) In(lang string) string {
	switch {
	case e.Sheet == "":
		return e.Text.In(lang)
	case e.Cell == "":
		return e.Sheet + ": " + e.Text.In(lang)
	}
	return e.Sheet + "!" + e.Cell + ": " + e.Text.In(lang)
}

// Told is every fault of an error of this room, one text each, in a language.
// Faults of a data file ([*catalog.FileError]) name its members and are English.
func Told(err error, lang string) []string {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var out []string
		for _, e := range many.Unwrap() {
			out = append(out, Told(e, lang)...)
		}
		return out
	}
	if e, ok := errors.AsType[*CellError](err); ok {
		return []string{e.In(lang)}
	}
	return []string{err.Error()}
}

// whole is what is wrong with the file or the mapping as a whole.
func whole(sv, en string) error { return &CellError{Text: catalog.Text{SV: sv, EN: en}} }

// ReadMapping reads a mapping from YAML. Unknown members are refused.
func ReadMapping(raw []byte) (*Mapping, error) {
	m := &Mapping{}
	if err := yaml.UnmarshalWithOptions(raw, m, yaml.Strict(), yaml.UseJSONUnmarshaler()); err != nil {
		return nil, errors.New(yaml.FormatError(err, false, false))
	}
	switch {
	case m.Register["id"] == nil:
		return nil, whole("register.id saknas", "register.id is missing")
	case m.Columns["id"] == "":
		return nil, whole("columns.id saknas: vilken kolumn har variabelns namn?", "columns.id is missing: which column holds the variable's name?")
	}
	for path := range m.Columns {
		if !slices.ContainsFunc(fields, func(f field) bool { return f.path == path }) {
			return nil, whole("columns."+path+": en variabel har ingen sådan uppgift", "columns."+path+": a variable has no such member")
		}
	}
	if m.Layouts != nil {
		if err := m.Layouts.check(); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Own is the mapping of the lists that [WriteExcel] writes, for one register
// of c. What the list does not hold is taken from the register.
func Own(r *catalog.Register) (*Mapping, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	m := &Mapping{Sheet: SheetVariables, Columns: map[string]string{}, Only: r.ID}
	if err := json.Unmarshal(raw, &m.Register); err != nil {
		return nil, err
	}
	for _, t := range m.Register["tables"].([]any) {
		table := t.(map[string]any)
		delete(table, "variables")
		if table["layout"] != nil {
			delete(table, "layout")
			m.Layouts = ownLayouts()
		}
	}
	for _, f := range fields {
		m.Columns[f.path] = f.header
	}
	return m, nil
}

// YAML is the mapping as [ReadMapping] reads it.
func (m *Mapping) YAML() ([]byte, error) {
	return yaml.MarshalWithOptions(m, yaml.UseJSONMarshaler())
}

// maxUnpacked bounds a workbook when it is unpacked.
const maxUnpacked = 256 << 20

// Import reads the list in an Excel workbook and returns a data file of the
// catalogue. It has been checked together with base. Errors are [*CellError]s,
// joined, or [*catalog.FileError]s for what only shows in the whole.
func Import(r io.Reader, m *Mapping, base *catalog.Catalogue) ([]byte, error) {
	f, err := excelize.OpenReader(r, excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked / 4})
	if err != nil {
		return nil, whole("filen går inte att läsa som en Excelbok (.xlsx)", "the file cannot be read as an Excel workbook (.xlsx)")
	}
	defer f.Close()
	m = m.copied()
	im := &importer{m: m, tables: map[string][]any{}}
	sheet := m.Sheet
	if sheet == "" {
		sheet = f.GetSheetName(0)
	}
	im.sheet(f, sheet, m.Header, m.Columns, im.variable)
	sets := map[string]any{}
	if k := m.Codes; k != nil {
		im.sheet(f, k.Sheet, k.Header, k.Columns, func(cells map[string]cell) { im.code(sets, cells) })
	}
	if m.Layouts != nil {
		im.layouts(f)
	}
	if len(im.errs) > 0 {
		return nil, errors.Join(im.errs...)
	}
	raw, err := im.file(sets)
	if err != nil {
		return nil, err
	}
	id := fmt.Sprint(m.Register["id"])
	_, err = catalog.ExtendWith(without(base, id), id+".json", raw)
	return raw, err
}

// copied is a mapping whose tables can be filled without changing m's.
func (m *Mapping) copied() *Mapping {
	c := *m
	c.Register = maps.Clone(m.Register)
	if tables, ok := c.Register["tables"].([]any); ok {
		tables = slices.Clone(tables)
		for i, t := range tables {
			if table, ok := t.(map[string]any); ok {
				tables[i] = maps.Clone(table)
			}
		}
		c.Register["tables"] = tables
	}
	return &c
}

// With returns base with the register of a data file that [Import] made, last,
// and without the register that had its name.
func With(base *catalog.Catalogue, data []byte) (*catalog.Catalogue, error) {
	var doc struct {
		Register struct {
			ID string `json:"id"`
		} `json:"register"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	return catalog.ExtendWith(without(base, doc.Register.ID), doc.Register.ID+".json", data)
}

// without returns base without the register that is imported anew.
func without(base *catalog.Catalogue, id string) *catalog.Catalogue {
	c := *base
	c.Registers = slices.DeleteFunc(slices.Clone(base.Registers), func(r catalog.Register) bool { return r.ID == id })
	return &c
}

// importer gathers variables and what is wrong.
type importer struct {
	m      *Mapping
	now    string // the sheet at hand
	tables map[string][]any
	errs   []error
}

// cell is a cell with its place.
type cell struct{ at, text string }

// bad notes a fault; both texts take the same values.
func (im *importer) bad(at, sv, en string, values ...any) {
	im.errs = append(im.errs, &CellError{im.now, at, catalog.Text{SV: fmt.Sprintf(sv, values...), EN: fmt.Sprintf(en, values...)}})
}

// sheet calls use with the cells of every line that is not blank, by member.
func (im *importer) sheet(f *excelize.File, name string, header int, columns map[string]string, use func(map[string]cell)) {
	im.now = name
	rows, err := f.GetRows(name, excelize.Options{RawCellValue: true})
	if err != nil {
		im.bad("", "boken har inget sådant blad", "the workbook has no such sheet")
		return
	}
	header = max(header, 1)
	if len(rows) < header {
		im.bad("", "bladet har ingen rad %d med kolumnernas namn", "the sheet has no line %d with the names of columns", header)
		return
	}
	place := map[string]int{}
	for path, title := range columns {
		is := func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), strings.TrimSpace(title)) }
		k := slices.IndexFunc(rows[header-1], is)
		if k < 0 {
			im.bad("", "rad %d har ingen kolumn %q", "line %d has no column %q", header, title)
			continue
		}
		if again := slices.IndexFunc(rows[header-1][k+1:], is); again >= 0 {
			at, _ := excelize.CoordinatesToCellName(k+again+2, header) // Excel has no more columns than this can name
			im.bad(at, "kolumnen %q finns redan till vänster; vilken som gäller går inte att veta", "the column %q is there already to the left; which of them holds cannot be told", title)
			continue
		}
		place[path] = k
	}
	if len(place) < len(columns) {
		return
	}
	for i, row := range rows[header:] {
		if !slices.ContainsFunc(row, func(s string) bool { return strings.TrimSpace(s) != "" }) {
			continue
		}
		cells := map[string]cell{}
		for path, k := range place {
			at, err := excelize.CoordinatesToCellName(k+1, header+i+1)
			if err != nil {
				continue // Excel has no such cell
			}
			c := cell{at: at}
			if k < len(row) {
				c.text = strings.TrimSpace(row[k])
			}
			cells[path] = c
		}
		use(cells)
	}
}

// variable makes a variable of a line.
func (im *importer) variable(cells map[string]cell) {
	if only := im.m.Only; only != "" && cells["register"].text != only {
		return
	}
	table := cells["table"].text
	if table == "" {
		if list, ok := im.m.Register["tables"].([]any); ok && len(list) == 1 {
			table = fmt.Sprint(list[0].(map[string]any)["id"])
		} else {
			im.bad(cells["table"].at, "vilken tabell hör variabeln till?", "which table does the variable belong to?")
			return
		}
	}
	v := map[string]any{}
	id := cells["id"]
	if id.text == "" {
		im.bad(id.at, "variabeln har inget namn", "the variable has no name")
		return
	}
	if name := im.m.Like[id.text]; name != "" {
		im.tables[table] = append(im.tables[table], map[string]any{"like": name})
		return
	}
	for _, f := range fields {
		if f.path == "register" || f.path == "table" {
			continue
		}
		c := cells[f.path]
		text := c.text
		if known := im.m.Values[f.path]; known != nil && text != "" {
			to, ok := known[text]
			if !ok {
				im.bad(c.at, "kolumnbeskrivningen säger inte vad detta betyder för %s; den känner %s", "the mapping does not say what this %s means; it knows %s", f.path, listed(known))
				continue
			}
			text = to
		}
		if text == "" {
			text = im.m.Defaults[f.path]
		}
		im.set(v, f.path, text, c.at)
	}
	im.tables[table] = append(im.tables[table], v)
}

func listed(m map[string]string) string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// words are the members that take few words, with these.
var words = map[string][]string{
	"kind":        {"person", "date", "int", "ore", "extent", "code", "period"},
	"sensitivity": {"none", "personal", "health"},
	"identifying": {"trait", "event"},
	"perspective": {"period", "payment"},
	"source_key":  {"entity"},
	"level":       {"month", "year"},
}

// set puts a text into its member and checks what can be checked in one cell.
func (im *importer) set(v map[string]any, path, text, at string) {
	if want := words[path]; want != nil && text != "" && !slices.Contains(want, text) {
		im.bad(at, "%s måste vara ett av %s", "%s must be one of %s", path, strings.Join(want, ", "))
		return
	}
	switch path {
	case "id":
		if strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || text[0] < 'a' || text[0] > 'z' {
			im.bad(at, "ett variabelnamn har gemener a–z, siffror och _, och börjar med en bokstav", "a variable's name has lower-case letters a–z, digits and _, and begins with a letter")
		}
		v[path] = text
	case "kind", "sensitivity":
		if text == "" {
			im.bad(at, "%s saknas", "%s is missing", path)
		}
		v[path] = text
	case "names.sv", "names.en", "definition.sv", "definition.en":
		member, lang, _ := strings.Cut(path, ".")
		if text == "" {
			im.bad(at, "%s saknas", "%s is missing", path)
			return
		}
		m, _ := v[member].(map[string]any)
		if m == nil {
			m = map[string]any{}
			v[member] = m
		}
		m[lang] = text
	case "shapes", "coarsen":
		list := append([]string{}, strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' })...)
		if len(list) > 0 || path == "shapes" {
			v[path] = list
		}
	case "nullable", "optional":
		switch strings.ToLower(text) {
		case "ja", "yes", "true", "1", "x":
			v[path] = true
		case "nej", "no", "false", "0", "":
		default:
			im.bad(at, "skriv ja eller nej", "write ja or nej (yes or no)")
		}
	default:
		if text != "" {
			v[path] = text
		}
	}
}

// code adds a code to its set.
func (im *importer) code(sets map[string]any, cells map[string]cell) {
	name, k := cells["set"], im.m.Codes
	if len(k.Only) > 0 && !slices.Contains(k.Only, name.text) {
		return
	}
	code := map[string]any{"code": cells["code"].text, "names": map[string]any{"sv": cells["names.sv"].text, "en": cells["names.en"].text}}
	for _, path := range []string{"set", "code", "names.sv", "names.en"} {
		if cells[path].text == "" {
			im.bad(cells[path].at, "%s saknas", "%s is missing", path)
			return
		}
	}
	for _, path := range []string{"from", "to"} {
		if text := cells[path].text; text != "" {
			code[path] = day(text)
		}
	}
	s, _ := sets[name.text].(map[string]any)
	if s == nil {
		s = map[string]any{"names": map[string]any{"sv": name.text, "en": name.text}, "open": slices.Contains(k.Open, name.text), "codes": []any{}}
		sets[name.text] = s
	}
	s["codes"] = append(s["codes"].([]any), code)
}

// day turns Excel's number of a day into YYYY-MM-DD; a text stays as it is.
func day(text string) string {
	if n, err := strconv.ParseFloat(text, 64); err == nil && n > 1000 && n < 200_000 {
		if t, err := excelize.ExcelDateToTime(n, false); err == nil {
			return t.Format("2006-01-02")
		}
	}
	return text
}

// file puts the data file together.
func (im *importer) file(sets map[string]any) ([]byte, error) {
	tables, _ := im.m.Register["tables"].([]any)
	for _, t := range tables {
		table, ok := t.(map[string]any)
		if !ok {
			return nil, whole("register.tables är en lista av tabeller med id, names, row_is och shapes", "register.tables is a list of tables with id, names, row_is and shapes")
		}
		var vs []any
		for _, name := range im.m.Before {
			vs = append(vs, map[string]any{"list": name})
		}
		vs = append(vs, im.tables[fmt.Sprint(table["id"])]...)
		for _, name := range im.m.After {
			vs = append(vs, map[string]any{"list": name})
		}
		table["variables"] = vs
		delete(im.tables, fmt.Sprint(table["id"]))
	}
	for id := range im.tables {
		return nil, &CellError{im.m.Sheet, "", catalog.Text{SV: "kolumnbeskrivningen har ingen tabell " + id, EN: "the mapping has no table " + id}}
	}
	doc := map[string]any{"register": im.m.Register}
	if len(sets) > 0 {
		doc["value_sets"] = sets
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func number(n int) string { return strconv.Itoa(n) }
