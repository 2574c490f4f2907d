package wordform

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
)

// control is a content control as it was found.
type control struct {
	tag     string
	text    strings.Builder
	empty   bool // the program says that it shows a placeholder
	box     bool
	checked *bool
	depth   int  // of its element
	inPr    bool // its properties are being read
}

// known are the texts that programs show in a control without an answer, beside
// our own: Word puts its own there when an answer is deleted.
var known = []string{
	"Click or tap here to enter text.", "Click here to enter text.", "Click or tap to enter a date.", "Choose an item.",
	"Klicka eller tryck här för att ange text.", "Klicka här för att ange text.", "Klicka eller tryck här för att ange datum.", "Välj ett objekt.",
}

// answer is the text of a control, "" when it has none.
func (c *control) answer() string {
	text := strings.TrimSpace(strings.ReplaceAll(c.text.String(), "\u200b", ""))
	if c.empty || slices.Contains(known, text) {
		return ""
	}
	for _, p := range placeholders {
		if text == p.SV || text == p.EN {
			return ""
		}
	}
	return text
}

// ticked reports whether a box is ticked: by its state, or by the sign in it
// where a program has lost the state.
func (c *control) ticked() bool {
	if c.checked != nil {
		return *c.checked
	}
	return slices.Contains([]string{"☒", "☑", "x", "ja", "yes"}, strings.ToLower(c.answer()))
}

// Read takes the answers out of a filled-in form. The error is a *fault.Fault
// of class Input when the file is no form that can be read.
func Read(doc []byte, cat *catalog.Catalogue) (*Filled, error) {
	text, err := mainOf(doc)
	if err != nil {
		return nil, err
	}
	controls, err := controlsOf(text)
	if err != nil {
		return nil, err
	}
	r := reader{cat: cat, answers: map[string]any{}, said: map[string]string{}}
	ours := false
	for _, c := range controls {
		ours = r.take(c) || ours
	}
	if !ours {
		return nil, refuse("none", "Dokumentet är inte vår blankett: det har inga av dess rutor.", "The document is not our form: it has none of its controls.",
			"Hämta blanketten på nytt och fyll i den.", "Fetch the form again and fill it in.")
	}
	return r.filled()
}

// controlsOf finds the content controls of the main part, in its order. Text
// belongs to the innermost control around it; what was deleted or moved away
// with changes tracked, and the copies that older programs get, count for
// nothing.
func controlsOf(text []byte) ([]*control, error) {
	dec := xml.NewDecoder(bytes.NewReader(text))
	var out, open []*control
	depth, skip := 0, 0 // skip is the depth of an element that counts for nothing
	inText := false
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, unreadable().Because(err)
		}
		var c *control
		if len(open) > 0 {
			c = open[len(open)-1]
		}
		switch t := tok.(type) {
		case xml.Directive:
			return nil, dtd()
		case xml.StartElement:
			if depth++; depth > depthMax {
				return nil, deep()
			}
			if skip == 0 && slices.Contains([]string{"del", "moveFrom", "Fallback"}, t.Name.Local) && (c == nil || !c.inPr) {
				skip = depth
			}
			if skip > 0 {
				continue
			}
			if t.Name.Local == "sdt" {
				if len(out) >= controlsMax {
					return nil, packed()
				}
				c = &control{depth: depth}
				out, open = append(out, c), append(open, c)
				continue
			}
			if c != nil {
				c.element(t)
			}
			inText = t.Name.Local == "t"
		case xml.EndElement:
			if skip == depth {
				skip = 0
			}
			if c != nil && skip == 0 {
				switch {
				case t.Name.Local == "sdtPr":
					c.inPr = false
				case c.depth == depth && t.Name.Local == "sdt":
					open = open[:len(open)-1]
				case t.Name.Local == "p" && c.text.Len() > 0:
					c.text.WriteByte('\n')
				}
			}
			inText = false
			depth--
		case xml.CharData:
			if c != nil && inText && skip == 0 && c.text.Len() <= 4*textMax {
				c.text.Write(t)
			}
		}
	}
}

// element takes in what an element says of the control.
func (c *control) element(t xml.StartElement) {
	value := func() string {
		for _, a := range t.Attr {
			if a.Name.Local == "val" {
				return a.Value
			}
		}
		return ""
	}
	off := func(v string) bool { return v == "0" || v == "false" || v == "off" }
	switch t.Name.Local {
	case "sdtPr":
		c.inPr = true
	case "tag":
		if c.inPr && c.tag == "" {
			c.tag = value()
		}
	case "showingPlcHdr":
		c.empty = c.inPr && !off(value()) || c.empty
	case "checkbox", "checkBox":
		c.box = c.inPr || c.box
	case "checked":
		if c.inPr {
			on := !off(value())
			c.checked = &on
		}
	case "br", "cr":
		c.text.WriteByte('\n')
	case "tab":
		if !c.inPr {
			c.text.WriteByte('\t')
		}
	case "noBreakHyphen":
		c.text.WriteByte('-')
	}
}

// reader puts answers together.
type reader struct {
	cat     *catalog.Catalogue
	answers map[string]any    // by place: data[0].from
	said    map[string]string // tag: its answer, of those that have been seen
	wrong   []Wrong
	count   int
}

func (r *reader) miss(field, sv, en string) {
	if len(r.wrong) < wrongMax {
		r.wrong = append(r.wrong, Wrong{field, Title(field), say(sv, en)})
	}
}

var tagForm = regexp.MustCompile(`^([a-z_]+(?:\[\d{1,3}\])?(?:\.[a-z_][a-z0-9_]*(?:\[\d{1,3}\])?)*)(?:=([a-z0-9_]+))?$`)

// take reads one control; false when it is none of the form's.
func (r *reader) take(c *control) bool {
	m := tagForm.FindStringSubmatch(c.tag)
	if m == nil {
		return false
	}
	id := m[1]
	q := byID[rowOf.ReplaceAllString(id, "[]")]
	if q == nil || strings.Contains(q.id, "[]") == (rowOf.FindString(id) == "") || (m[2] != "") != (q.kind == several) {
		return false
	}
	if row := rowOf.FindStringSubmatch(id); row != nil {
		if n, err := strconv.Atoi(row[1]); err != nil || n >= rowsMax {
			r.miss(id, "Blanketten har för många rader här. Dela beställningen.", "The form has too many rows here. Split the order.")
			return true
		}
	}
	text := c.answer()
	if q.kind == tick || q.kind == several {
		if text = ""; c.ticked() {
			text = "true"
		}
	}
	if before, twice := r.said[c.tag]; twice {
		if before != text && text != "" && before != "" {
			r.miss(id, "Rutan finns två gånger med olika svar. Ta bort den ena.", "The control is there twice with different answers. Remove one of them.")
			delete(r.answers, id)
			return true
		}
		if text == "" || before != "" {
			return true
		}
	}
	r.said[c.tag] = text
	if text == "" {
		return true
	}
	if utf8.RuneCountInString(text) > textMax {
		r.miss(id, "Svaret är längre än 20 000 tecken. Korta det, eller skicka det som bilaga.", "The answer is longer than 20 000 characters. Shorten it, or send it as an attachment.")
		return true
	}
	r.answer(q, id, text, m[2])
	return true
}

// answer reads the text of one control.
func (r *reader) answer(q *question, id, text, code string) {
	var v any
	switch q.kind {
	case several:
		if !slices.ContainsFunc(q.options(r.cat), func(o option) bool { return o.code == code }) {
			return // a box of another form
		}
		list, _ := r.answers[id].([]any)
		v = append(list, code)
	case tick:
		v = true
	case yesNo, choice:
		options := yesNoOptions
		if q.kind == choice {
			options = q.options(r.cat)
		}
		found, ok := pick(options, text)
		if !ok {
			r.miss(id, "Välj ett av svaren i listan.", "Choose one of the answers of the list.")
			return
		}
		if v = found; q.kind == yesNo {
			v = found == "true"
		}
	case whole:
		n, err := strconv.Atoi(strings.Map(digits, text))
		if err != nil || n < 0 || n > 2_000_000_000 {
			r.miss(id, "Skriv ett heltal med siffror.", "Write a whole number with digits.")
			return
		}
		if n == 0 {
			return
		}
		v = n
	case date:
		d, err := day.Parse(text)
		if err != nil || d == 0 {
			r.miss(id, "Skriv datumet som 2015-01-01.", "Write the date as 2015-01-01.")
			return
		}
		v = d.String()
	case lines:
		v = list(text, "\n")
	case codes:
		v = list(text, ",;\n")
	case line:
		v = strings.ReplaceAll(text, "\n", " ")
	default:
		v = text
	}
	r.count++
	r.answers[id] = v
}

// digits drops the spaces of a number.
func digits(c rune) rune {
	if c == ' ' || c == '\u00a0' || c == '\u202f' {
		return -1
	}
	return c
}

// pick finds the option that a text is: its text in either language, or its
// code.
func pick(options []option, text string) (string, bool) {
	text = fold(text)
	for _, o := range options {
		if text == fold(o.code) || text == fold(o.label.SV) || text == fold(o.label.EN) || strings.HasSuffix(text, "["+fold(o.code)+"]") {
			return o.code, true
		}
	}
	return "", false
}

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// list are the entries of a list in a text.
func list(text, between string) any {
	var out []any
	for _, x := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(between, r) }) {
		if x = strings.TrimSpace(x); x != "" {
			out = append(out, x)
		}
	}
	if out == nil {
		return nil
	}
	return out
}

// filled checks codes against the catalogue and builds the answers. Rows without
// any answer close up.
func (r *reader) filled() (*Filled, error) {
	if v, ok := r.answers["form"].(int); ok && v != intake.CurrentForm {
		return nil, refuse("version", "Blanketten är av en annan version än den som gäller.", "The form is of another version than the one in use.",
			"Hämta blanketten på nytt och för över svaren.", "Fetch the form again and copy the answers over.")
	}
	r.catalogued()
	tree, lists := map[string]any{}, map[string]bool{}
	rows := map[string]map[int]map[string]any{} // list: row: its answers
	for _, id := range slices.Sorted(maps.Keys(r.answers)) {
		v := r.answers[id]
		if v == nil {
			continue
		}
		at := rowOf.FindStringSubmatchIndex(id)
		if at == nil {
			put(tree, strings.Split(id, "."), v)
			continue
		}
		name := id[:at[0]]
		n, err := strconv.Atoi(id[at[2]:at[3]])
		if err != nil {
			continue
		}
		if rows[name] == nil {
			rows[name] = map[int]map[string]any{}
		}
		if rows[name][n] == nil {
			rows[name][n] = map[string]any{}
		}
		put(rows[name][n], strings.Split(strings.TrimPrefix(id[at[1]:], "."), "."), v)
	}
	for name, in := range rows {
		var all []any
		for _, n := range slices.Sorted(maps.Keys(in)) {
			all = append(all, in[n])
		}
		put(tree, strings.Split(name, "."), all)
		lists[name] = true
	}
	raw, err := json.Marshal(tree)
	return &Filled{Answers: raw, Lists: slices.Sorted(maps.Keys(lists)), Count: r.count, Wrong: r.wrong}, err
}

func put(in map[string]any, steps []string, v any) {
	for _, s := range steps[:len(steps)-1] {
		next, ok := in[s].(map[string]any)
		if !ok {
			next = map[string]any{}
			in[s] = next
		}
		in = next
	}
	in[steps[len(steps)-1]] = v
}

// catalogued tells codes that the catalogue does not have; the others stay.
func (r *reader) catalogued() {
	for _, id := range slices.Sorted(maps.Keys(r.answers)) {
		if !strings.HasPrefix(id, "data[") {
			continue
		}
		row, part, _ := strings.Cut(id, ".")
		text := func(name string) string { s, _ := r.answers[row+"."+name].(string); return s }
		reg := r.cat.Register(text("register"))
		switch part {
		case "table":
			if reg != nil && reg.Table(text("table")) == nil {
				r.miss(id, "Tabellen finns inte i registret.", "The table is not in the register.")
				r.answers[id] = nil
			}
		case "shape":
			if _, t := r.cat.Table(text("table")); t != nil && !t.Allows(catalog.Shape(text("shape"))) {
				r.miss(id, "Tabellen lämnas inte ut i den formen.", "The table is not delivered in that shape.")
				r.answers[id] = nil
			}
		case "benefits":
			r.keep(id, "En av förmånerna finns inte i registret. Skriv koderna ur katalogen.", "One of the benefits is not in the register. Write the codes of the catalogue.", func(code string) bool { return reg == nil || reg.Benefit(code) != nil })
		case "diagnoses":
			r.keep(id, "Kapitlet finns inte i ICD-10-SE. Skriv som F eller F00-F99.", "The chapter is not one of ICD-10-SE. Write it as F or F00-F99.", func(code string) bool { return intake.Chapter(r.cat, code) != nil })
		case "variables":
			_, t := r.cat.Table(text("table"))
			r.keep(id, "En av variablerna finns inte i tabellen. Skriv variablernas id ur katalogen.", "One of the variables is not in the table. Write the variables' ids of the catalogue.", func(code string) bool {
				return t == nil || t.Variable(code) != nil && t.Variable(code).Deliverable()
			})
		}
	}
}

// keep keeps the entries of a list that are codes.
func (r *reader) keep(id, sv, en string, is func(string) bool) {
	all, _ := r.answers[id].([]any)
	var kept []any
	for _, x := range all {
		if s, _ := x.(string); is(s) {
			kept = append(kept, x)
		}
	}
	if len(kept) < len(all) {
		r.miss(id, sv, en)
	}
	if r.answers[id] = nil; kept != nil {
		r.answers[id] = kept
	}
}
