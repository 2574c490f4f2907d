package wordform

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/intake"
)

// placeholders stand in controls that are not answered.
var placeholders = map[kind]catalog.Text{
	line: say("Klicka här och skriv", "Click here and write"), date: say("ÅÅÅÅ-MM-DD", "YYYY-MM-DD"), whole: say("Ett tal", "A number"), choice: say("Välj", "Choose"),
}

func placeholder(k kind) catalog.Text {
	switch k {
	case area, lines, codes:
		k = line
	case yesNo:
		k = choice
	}
	return placeholders[k]
}

var yesNoOptions = []option{{"true", say("Ja", "Yes")}, {"false", say("Nej", "No")}}

// noDay is how an application writes a day that nobody has given.
const noDay = "1970-01-01"

// Write makes the form for the application's purpose in "sv" or "en", with its
// answers. The same application gives the same bytes. Questions of the other
// purpose are there only when they are answered.
func Write(a intake.Application, cat *catalog.Catalogue, lang string) ([]byte, error) {
	raw, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var tree map[string]any
	if err := dec.Decode(&tree); err != nil {
		return nil, err
	}
	w := writer{cat: cat, lang: lang, purpose: a.Purpose, tree: tree}
	w.document()
	return w.pack()
}

// Template is the form without answers.
func Template(purpose intake.Purpose, cat *catalog.Catalogue, lang string) ([]byte, error) {
	return Write(intake.Application{Form: intake.CurrentForm, Purpose: purpose}, cat, lang)
}

// writer writes the main part.
type writer struct {
	b       bytes.Buffer
	cat     *catalog.Catalogue
	lang    string
	purpose intake.Purpose
	tree    map[string]any
	n       int // controls so far
}

func (w *writer) say(sv, en string) string { return say(sv, en).In(w.lang) }

// heading is what the form is called.
func (w *writer) heading() string {
	if w.purpose == intake.Statistics {
		return w.say("Beställning av uppgifter för statistik", "Order of data for statistics")
	}
	return w.say("Beställning av uppgifter för forskning", "Order of data for research")
}

const (
	wordSpace = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"`
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
)

func (w *writer) document() {
	w.b.WriteString(xmlHead + `<w:document ` + wordSpace + `><w:body>`)
	w.paragraph("Title", w.heading())
	for _, t := range []string{
		w.say("Fyll i rutorna, spara dokumentet som .docx och läs in det på beställningens sida, eller skicka det med e-post.", "Fill in the boxes, save the document as .docx and read it in on the order's page, or send it by mail."),
		w.say("Det du inte vet kan du lämna tomt. Skriv inga uppgifter om enskilda personer i populationen.", "Leave empty what you do not know. Write no data about single persons of the population."),
	} {
		w.paragraph("Normal", t)
	}
	for i := range sections {
		w.section(&sections[i])
	}
	w.b.WriteString(`<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr></w:body></w:document>`)
}

func (w *writer) section(s *section) {
	rows := 0
	if s.list != "" {
		list, _ := at(w.tree, s.list).([]any)
		rows = len(list)
		if s.only == "" || s.only == w.purpose {
			rows = min(rows+s.spare, max(rows, rowsMax))
		}
	}
	var shown []int // questions of the section that the form has
	for i := range s.questions {
		q := &s.questions[i]
		if !q.quiet && s.asked(q, w.purpose) || w.answered(q, rows) {
			shown = append(shown, i)
		}
	}
	if len(shown) == 0 || s.list != "" && rows == 0 {
		return
	}
	w.paragraph("Heading1", s.heading.In(w.lang))
	if h := s.hint.In(w.lang); h != "" {
		w.paragraph("Hint", h)
	}
	if s.list == "" {
		for _, i := range shown {
			w.question(&s.questions[i], s.questions[i].id)
		}
		return
	}
	for row := range rows {
		w.paragraph("Heading2", fmt.Sprintf("%s %d", s.heading.In(w.lang), row+1))
		for _, i := range shown {
			q := &s.questions[i]
			id := strings.Replace(q.id, "[]", "["+strconv.Itoa(row)+"]", 1)
			if !q.quiet || w.text(q, id) != "" {
				w.question(q, id)
			}
		}
	}
}

// answered reports whether a question has an answer in any row.
func (w *writer) answered(q *question, rows int) bool {
	if !strings.Contains(q.id, "[]") {
		return w.text(q, q.id) != ""
	}
	for row := range rows {
		if w.text(q, strings.Replace(q.id, "[]", "["+strconv.Itoa(row)+"]", 1)) != "" {
			return true
		}
	}
	return false
}

// text is the answer to a question as its control shows it, "" for none.
func (w *writer) text(q *question, id string) string {
	switch v := at(w.tree, id).(type) {
	case string:
		if q.kind == date && v == noDay {
			return ""
		}
		return v
	case json.Number:
		if v == "0" {
			return ""
		}
		return v.String()
	case bool:
		if v || q.kind == yesNo {
			return strconv.FormatBool(v)
		}
	case []any:
		var out []string
		for _, x := range v {
			if s, ok := x.(string); ok {
				out = append(out, s)
			}
		}
		if q.kind == codes {
			return strings.Join(out, ", ")
		}
		return strings.Join(out, "\n")
	}
	return ""
}

// at is what stands at a place of the tree, nil when nothing does.
func at(tree any, id string) any {
	for _, s := range strings.FieldsFunc(id, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		switch in := tree.(type) {
		case map[string]any:
			tree = in[s]
		case []any:
			i, err := strconv.Atoi(s)
			if err != nil || i >= len(in) {
				return nil
			}
			tree = in[i]
		default:
			return nil
		}
	}
	return tree
}

func (w *writer) question(q *question, id string) {
	title, label := Title(id).In(w.lang), Title(id).In(w.lang)
	text := w.text(q, id)
	switch q.kind {
	case tick:
		w.b.WriteString(`<w:p><w:pPr><w:pStyle w:val="Answer"/></w:pPr>`)
		w.box(id, title, text == "true")
		w.run("", " "+label)
		w.b.WriteString(`</w:p>`)
		return
	case several:
		w.paragraph("Question", label)
		chosen := strings.Split(text, "\n")
		for _, o := range q.options(w.cat) {
			w.b.WriteString(`<w:p><w:pPr><w:pStyle w:val="Answer"/></w:pPr>`)
			w.box(id+"="+o.code, title+": "+o.label.In(w.lang), slices.Contains(chosen, o.code))
			w.run("", " "+o.label.In(w.lang))
			w.b.WriteString(`</w:p>`)
		}
		return
	}
	w.paragraph("Question", label)
	if h := q.hint.In(w.lang); h != "" {
		w.paragraph("Hint", h)
	}
	w.b.WriteString(`<w:p><w:pPr><w:pStyle w:val="Answer"/></w:pPr>`)
	w.field(q, id, title, text)
	w.b.WriteString(`</w:p>`)
}

// field is a control with text in it.
func (w *writer) field(q *question, id, title, text string) {
	w.begin(id, title, q.quiet)
	var options []option
	switch q.kind {
	case choice:
		options = q.options(w.cat)
	case yesNo:
		options = yesNoOptions
	}
	if i := slices.IndexFunc(options, func(o option) bool { return o.code == text }); i >= 0 {
		text = options[i].label.In(w.lang)
	}
	if text == "" {
		w.b.WriteString(`<w:showingPlcHdr/>`)
	}
	switch q.kind {
	case date:
		w.b.WriteString(`<w:date><w:dateFormat w:val="yyyy-MM-dd"/><w:lid w:val="` + w.say("sv-SE", "en-GB") + `"/><w:storeMappedDataAs w:val="date"/><w:calendar w:val="gregorian"/></w:date>`)
	case choice, yesNo:
		w.b.WriteString(`<w:dropDownList>`)
		for _, o := range options {
			w.b.WriteString(`<w:listItem w:displayText="`)
			w.escape(o.label.In(w.lang))
			w.b.WriteString(`" w:value="`)
			w.escape(o.code)
			w.b.WriteString(`"/>`)
		}
		w.b.WriteString(`</w:dropDownList>`)
	default:
		w.b.WriteString(`<w:text w:multiLine="1"/>`)
	}
	w.b.WriteString(`</w:sdtPr><w:sdtContent>`)
	if text == "" {
		w.run("PlaceholderText", placeholder(q.kind).In(w.lang))
	} else {
		w.run("", text)
	}
	w.b.WriteString(`</w:sdtContent></w:sdt>`)
}

// box is a control to tick.
func (w *writer) box(id, title string, on bool) {
	w.begin(id, title, false)
	value, glyph := "0", "☐"
	if on {
		value, glyph = "1", "☒"
	}
	w.b.WriteString(`<w14:checkbox><w14:checked w14:val="` + value + `"/><w14:checkedState w14:val="2612" w14:font="MS Gothic"/><w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/></w14:checkbox></w:sdtPr><w:sdtContent>`)
	w.run("", glyph)
	w.b.WriteString(`</w:sdtContent></w:sdt>`)
}

// titleMax is how long Word lets a control's title and tag be.
const titleMax = 64

// begin begins a control. It can be filled in and not be taken away.
func (w *writer) begin(id, title string, locked bool) {
	w.n++
	if r := []rune(title); len(r) > titleMax {
		title = string(r[:titleMax])
	}
	lock := "sdtLocked"
	if locked {
		lock = "sdtContentLocked"
	}
	w.b.WriteString(`<w:sdt><w:sdtPr><w:alias w:val="`)
	w.escape(title)
	w.b.WriteString(`"/><w:tag w:val="`)
	w.escape(id)
	w.b.WriteString(`"/><w:id w:val="` + strconv.Itoa(1_000_000+w.n) + `"/><w:lock w:val="` + lock + `"/>`)
}

func (w *writer) paragraph(style, text string) {
	w.b.WriteString(`<w:p><w:pPr><w:pStyle w:val="` + style + `"/></w:pPr>`)
	w.run("", text)
	w.b.WriteString(`</w:p>`)
}

// run writes text; lines become line breaks and tabs tabs.
func (w *writer) run(style, text string) {
	w.b.WriteString(`<w:r>`)
	if style != "" {
		w.b.WriteString(`<w:rPr><w:rStyle w:val="` + style + `"/></w:rPr>`)
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	for i, l := range strings.Split(text, "\n") {
		if i > 0 {
			w.b.WriteString(`<w:br/>`)
		}
		for k, cell := range strings.Split(l, "\t") {
			if k > 0 {
				w.b.WriteString(`<w:tab/>`)
			}
			if cell != "" {
				w.b.WriteString(`<w:t xml:space="preserve">`)
				w.escape(cell)
				w.b.WriteString(`</w:t>`)
			}
		}
	}
	w.b.WriteString(`</w:r>`)
}

func (w *writer) escape(text string) {
	_ = xml.EscapeText(&w.b, []byte(text)) // a buffer takes everything
}

// pack puts the parts together.
func (w *writer) pack() ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	lang := w.say("sv-SE", "en-GB")
	for _, p := range []struct{ name, text string }{
		{"[Content_Types].xml", xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="` + mainType + `"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`},
		{"_rels/.rels", xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`},
		{"docProps/core.xml", xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>` + w.heading() + `</dc:title><dc:language>` + lang + `</dc:language></cp:coreProperties>`},
		{mainPart, w.b.String()},
		{"word/_rels/document.xml.rels", xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`},
		{"word/styles.xml", styles(lang)},
	} {
		f, err := z.Create(p.name)
		if err != nil {
			return nil, err
		}
		if _, err := f.Write([]byte(p.text)); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return out.Bytes(), err
}

const (
	mainPart = "word/document.xml"
	mainType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
)

// styles are those of the form: headings that a screen reader can jump between.
func styles(lang string) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<w:styles ` + wordSpace + `><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:cs="Calibri"/><w:sz w:val="22"/><w:lang w:val="` + lang + `"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="80"/></w:pPr></w:pPrDefault></w:docDefaults>`)
	paragraph := func(id, name, ppr, rpr string, standard bool) {
		def, on := "", `<w:basedOn w:val="Normal"/>`
		if standard {
			def, on = ` w:default="1"`, ""
		}
		b.WriteString(`<w:style w:type="paragraph"` + def + ` w:styleId="` + id + `"><w:name w:val="` + name + `"/>` + on + `<w:qFormat/><w:pPr>` + ppr + `</w:pPr><w:rPr>` + rpr + `</w:rPr></w:style>`)
	}
	paragraph("Normal", "Normal", "", "", true)
	paragraph("Title", "Title", `<w:spacing w:after="240"/>`, `<w:b/><w:sz w:val="40"/>`, false)
	paragraph("Heading1", "heading 1", `<w:keepNext/><w:spacing w:before="360" w:after="120"/><w:outlineLvl w:val="0"/>`, `<w:b/><w:sz w:val="30"/>`, false)
	paragraph("Heading2", "heading 2", `<w:keepNext/><w:spacing w:before="240"/><w:outlineLvl w:val="1"/>`, `<w:b/><w:sz w:val="25"/>`, false)
	paragraph("Question", "Question", `<w:keepNext/><w:spacing w:before="120" w:after="0"/>`, `<w:b/>`, false)
	paragraph("Hint", "Hint", `<w:keepNext/><w:spacing w:after="0"/>`, `<w:color w:val="474747"/>`, false)
	paragraph("Answer", "Answer", `<w:ind w:left="284"/>`, "", false)
	b.WriteString(`<w:style w:type="character" w:styleId="PlaceholderText"><w:name w:val="Placeholder Text"/><w:rPr><w:color w:val="595959"/></w:rPr></w:style></w:styles>`)
	return b.String()
}
