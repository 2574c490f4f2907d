package wordform

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
	"sluss/internal/intake"
)

// small is a catalogue of three registers, so that a form is quickly made.
func small(t testing.TB) *catalog.Catalogue {
	t.Helper()
	c := *catalog.Builtin()
	c.Registers = nil
	for _, id := range []string{"midas_sjuk", "tfp", "tandvard"} {
		c.Registers = append(c.Registers, *catalog.Builtin().Register(id))
	}
	return &c
}

// drawer fills an application in, question by question, by its type.
type drawer struct {
	t   *rapid.T
	cat *catalog.Catalogue
}

var (
	oneLine = []string{"", "Återgång i arbete", "x", "=1+1", "a <b> & \"c\" 'd'", "två  mellanslag", "Åsa Öberg-Ek", "2015-01-01", "emoji 🏥", "[midas_sjuk]", "a\tb", "nej", "0"}
	manyLin = []string{"", "En rad", "Första raden\nandra raden\n\nfjärde", "slut\tmed\ttabb", "]]>", "<w:t>nej</w:t>"}
)

func (d drawer) value(v reflect.Value, id string) {
	plainID := rowOf.ReplaceAllString(id, "[]")
	switch v.Kind() {
	case reflect.Pointer:
		if rapid.Bool().Draw(d.t, id+" there") {
			v.Set(reflect.New(v.Type().Elem()))
			d.value(v.Elem(), id)
			if v.Elem().Kind() == reflect.Struct && v.Elem().IsZero() {
				v.Set(reflect.Zero(v.Type()))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			d.value(v.Field(i), strings.TrimPrefix(id+"."+name, "."))
		}
	case reflect.Slice:
		d.slice(v, id, plainID)
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(d.t, id))
	case reflect.Int, reflect.Int32:
		if v.Type() == reflect.TypeFor[day.Day]() {
			if rapid.Bool().Draw(d.t, id+" there") {
				v.SetInt(int64(day.MustParse("1999-12-31")) + int64(rapid.IntRange(0, 12_000).Draw(d.t, id)))
			}
			return
		}
		v.SetInt(int64(rapid.IntRange(0, 1_200_000).Draw(d.t, id)))
	case reflect.String:
		v.SetString(d.text(id, byID[plainID]))
	default:
		d.t.Fatalf("%s: %s", id, v.Kind())
	}
}

func (d drawer) text(id string, q *question) string {
	if q == nil {
		d.t.Fatalf("%s is not in the form", id)
	}
	switch q.kind {
	case choice:
		all := []string{""}
		for _, o := range q.options(d.cat) {
			all = append(all, o.code)
		}
		return rapid.SampledFrom(all).Draw(d.t, id)
	case date:
		return rapid.SampledFrom([]string{"", "2030-06-30"}).Draw(d.t, id)
	case area:
		return rapid.SampledFrom(manyLin).Draw(d.t, id)
	}
	return rapid.SampledFrom(oneLine).Draw(d.t, id)
}

func (d drawer) slice(v reflect.Value, id, plainID string) {
	q := byID[plainID]
	if q == nil { // rows
		for range rapid.IntRange(0, 3).Draw(d.t, id) {
			x := reflect.New(v.Type().Elem()).Elem()
			d.value(x, id+"[0]")
			if w, ok := x.Interface().(intake.Wish); ok {
				w.Register, w.Table, w.Shape, w.Benefits, w.Variables, w.Diagnoses = "", "", "", nil, nil, nil
				d.wish(&w)
				x.Set(reflect.ValueOf(w))
			}
			if !empty(x) {
				v.Set(reflect.Append(v, x))
			}
		}
		return
	}
	var all []string
	switch q.kind {
	case several:
		for _, o := range q.options(d.cat) {
			if rapid.Bool().Draw(d.t, id) {
				all = append(all, o.code)
			}
		}
	case lines:
		all = rapid.SliceOfN(rapid.SampledFrom([]string{"Åsa Ek", "Bo, docent", "x; y"}), 0, 3).Draw(d.t, id)
	}
	if len(all) > 0 {
		v.Set(reflect.ValueOf(all))
	}
}

// empty reports whether a row says nothing.
func empty(v reflect.Value) bool {
	raw, _ := json.Marshal(v.Interface())
	var m map[string]any
	_ = json.Unmarshal(raw, &m)
	for _, x := range m {
		if x != nil && x != "" && x != false && x != 0.0 && x != "1970-01-01" {
			return false
		}
	}
	return true
}

// wish draws data that the catalogue has.
func (d drawer) wish(w *intake.Wish) {
	r := &d.cat.Registers[rapid.IntRange(0, len(d.cat.Registers)-1).Draw(d.t, "register")]
	w.Register = r.ID
	for _, b := range r.Benefits {
		if rapid.Bool().Draw(d.t, "benefit") {
			w.Benefits = append(w.Benefits, b.ID)
		}
	}
	w.Diagnoses = rapid.SampledFrom([][]string{nil, {"F"}, {"M", "F00-F99"}}).Draw(d.t, "diagnoses")
	if len(r.Tables) > 0 && rapid.Bool().Draw(d.t, "table") {
		t := &r.Tables[0]
		w.Table, w.Shape = t.ID, t.Shapes[0]
		for i := range t.Variables {
			if v := &t.Variables[i]; v.Deliverable() && rapid.Bool().Draw(d.t, "variable") {
				w.Variables = append(w.Variables, v.ID)
			}
		}
	}
}

// TestThereAndBack: what is written to a form is read as the same answers, of
// either purpose and in either language, and the same answers give the same
// bytes.
func TestThereAndBack(t *testing.T) {
	t.Parallel()
	cat := small(t)
	rapid.Check(t, func(t *rapid.T) {
		var want intake.Application
		drawer{t, cat}.value(reflect.ValueOf(&want).Elem(), "")
		want.Form = rapid.SampledFrom([]int{0, intake.CurrentForm}).Draw(t, "form")
		if want.Purpose == "" {
			want.Purpose = intake.Statistics
		}
		lang := rapid.SampledFrom([]string{"sv", "en"}).Draw(t, "lang")
		doc, err := Write(want, cat, lang)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Write(want, cat, lang)
		if err != nil || !bytes.Equal(doc, again) {
			t.Fatalf("not the same bytes: %v", err)
		}
		filled, err := Read(doc, cat)
		if err != nil || len(filled.Wrong) > 0 {
			t.Fatalf("%v %+v", err, filled)
		}
		var got intake.Application
		if err := json.Unmarshal(filled.Answers, &got); err != nil {
			t.Fatal(err)
		}
		diff, err := intake.Difference(want, got)
		for _, row := range diff {
			if row.Old != row.New && !(row.Old.SV == "nej" && row.New.SV == "") && !(row.Old.SV == "" && row.New.SV == "nej") {
				t.Errorf("%s: %q, want %q", row.Field, row.New.SV, row.Old.SV)
			}
		}
		if err != nil || !reflect.DeepEqual(bare(t, got), bare(t, want)) {
			t.Fatalf("%v\ngot  %s\nwant %v", err, filled.Answers, bare(t, want))
		}
	})
}

// bare is an application as JSON without null.
func bare(t *rapid.T, a intake.Application) string {
	raw, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(raw), "null", "[]")
}

// TestEveryQuestion: every question of intake has its control, and every
// control is a question.
func TestEveryQuestion(t *testing.T) {
	t.Parallel()
	for id := range intake.Questions() {
		if byID[strings.TrimSuffix(id, "[]")] != nil {
			continue
		}
		part := false // the name of a group of questions
		for q := range byID {
			part = part || strings.HasPrefix(q, id+".") || strings.HasPrefix(q, strings.TrimSuffix(id, "[]")+"[]")
		}
		if !part {
			t.Errorf("%s has no control", id)
		}
	}
	for id, q := range byID {
		if _, ok := intake.Label(id); !ok {
			t.Errorf("%s is no question", id)
		}
		if (q.kind == choice || q.kind == several) != (q.options != nil) {
			t.Errorf("%s: options", id)
		}
		if len(id)+len("[199]=etikprovningsmyndigheten") > titleMax && q.kind == several || len(id)+3 > titleMax {
			t.Errorf("%s is too long for a tag", id)
		}
	}
	for _, purpose := range []intake.Purpose{intake.Research, intake.Statistics} {
		doc, err := Template(purpose, small(t), "sv")
		if err != nil {
			t.Fatal(err)
		}
		got, err := Read(doc, small(t))
		if err != nil || got.Count != 2 || len(got.Lists) != 0 || string(got.Answers) != `{"form":2,"purpose":"`+string(purpose)+`"}` {
			t.Errorf("an empty form says %+v %s %v", got, got.Answers, err)
		}
		main := part(t, doc, mainPart)
		if strings.Contains(main, `"statistics.duty"`) != (purpose == intake.Statistics) || strings.Contains(main, `"ethics.approvals[0].number"`) != (purpose == intake.Research) {
			t.Errorf("%s: questions of the other purpose", purpose)
		}
	}
}

// part is the text of a part of a document.
func part(t testing.TB, doc []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(doc), int64(len(doc)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// with is a document with parts changed or added; "" takes one away.
func with(t testing.TB, doc []byte, parts ...string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(doc), int64(len(doc)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		all[f.Name] = part(t, doc, f.Name)
	}
	for i := 0; i < len(parts); i += 2 {
		if !slices.Contains(names, parts[i]) {
			names = append(names, parts[i])
		}
		all[parts[i]] = parts[i+1]
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range names {
		if all[n] == "" {
			continue
		}
		f, err := w.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(all[n])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func form(t testing.TB) []byte {
	t.Helper()
	doc, err := Template(intake.Research, small(t), "sv")
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// sdt is a control as a program may write it.
func sdt(tag, props, content string) string {
	return `<w:sdt><w:sdtPr><w:tag w:val="` + tag + `"/>` + props + `</w:sdtPr><w:sdtContent>` + content + `</w:sdtContent></w:sdt>`
}

func run(text string) string { return `<w:p><w:r><w:t>` + text + `</w:t></w:r></w:p>` }

func body(controls string) string {
	return xmlHead + `<w:document ` + wordSpace + `><w:body>` + controls + `</w:body></w:document>`
}

// TestAnswersToMend: an answer that cannot be read is told by its title and
// never repeated, and the others are kept.
func TestAnswersToMend(t *testing.T) {
	t.Parallel()
	cat, doc := small(t), form(t)
	for name, tt := range map[string]struct {
		controls, field, title string
	}{
		"date":            {sdt("project.start", "", run("våren")), "project.start", "Projektets början"},
		"number":          {sdt("population.size", "", run("många våren")), "population.size", "Högsta antal personer"},
		"negative":        {sdt("population.size", "", run("-5")), "population.size", "Högsta antal personer"},
		"option":          {sdt("principal.kind", "", run("våren")), "principal.kind", "Huvudman: myndighet, likställd eller privat"},
		"register":        {sdt("data[1].register", "", run("våren")), "data[1].register", "Uppgifter 2: register"},
		"other's table":   {sdt("data[0].register", "", run("tfp")) + sdt("data[0].table", "", run("midas_sjp")), "data[0].table", "Uppgifter 1: tabell"},
		"other's shape":   {sdt("data[0].register", "", run("tandvard")) + sdt("data[0].table", "", run(cat.Register("tandvard").Tables[0].ID)) + sdt("data[0].shape", "", run("Delfall med luckor, 42 kolumner")), "data[0].shape", "Uppgifter 1: form"},
		"benefit":         {sdt("data[0].register", "", run("midas_sjuk")) + sdt("data[0].benefits", "", run("SJP, våren")), "data[0].benefits", "Uppgifter 1: förmåner"},
		"diagnosis":       {sdt("data[0].diagnoses", "", run("våren")), "data[0].diagnoses", "Uppgifter 1: diagnoskapitel"},
		"variable":        {sdt("data[0].register", "", run("midas_sjuk")) + sdt("data[0].table", "", run("midas_sjp")) + sdt("data[0].variables", "", run("diagnos; våren")), "data[0].variables", "Uppgifter 1: variabler"},
		"twice":           {sdt("orderer.name", "", run("Åsa")) + sdt("orderer.name", "", run("våren")), "orderer.name", "Beställarens namn"},
		"too long":        {sdt("orderer.name", "", run(strings.Repeat("våren", textMax/5+1))), "orderer.name", "Beställarens namn"},
		"too many rows":   {sdt("co_applicants[900].name", "", run("våren")), "co_applicants[900].name", "Medsökandes namn (901)"},
		"a yes or a no":   {sdt("sensitive", "", run("våren")), "sensitive", "Känsliga personuppgifter"},
		"nothing to read": {sdt("project.end", "", run("2015-13-01")), "project.end", "Projektets slut"},
	} {
		got, err := Read(with(t, doc, mainPart, body(sdt("title", "", run("En titel"))+tt.controls)), cat)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(got.Wrong) != 1 || got.Wrong[0].Field != tt.field || got.Wrong[0].Title.SV != tt.title || got.Wrong[0].Title.EN == "" || got.Wrong[0].Text.SV == "" || got.Wrong[0].Text.EN == "" {
			t.Errorf("%s: %+v", name, got.Wrong)
		}
		var a intake.Application
		if err := json.Unmarshal(got.Answers, &a); err != nil || a.Title != "En titel" || strings.Contains(string(got.Answers), "våren") {
			t.Errorf("%s: %s %v", name, got.Answers, err)
		}
	}
}

// TestWhatProgramsWrite: placeholders of Word, tracked changes, boxes by state
// or sign, text in several runs and lines.
func TestWhatProgramsWrite(t *testing.T) {
	t.Parallel()
	cat, doc := small(t), form(t)
	checked := func(v string) string { return `<w14:checkbox><w14:checked w14:val="` + v + `"/></w14:checkbox>` }
	controls := `<w:sdt><w:sdtPr><w:tag w:val="min egen"/></w:sdtPr><w:sdtContent>` + strings.Join([]string{
		sdt("title", `<w:showingPlcHdr/>`, run("Platsmarkör på finska")),
		sdt("principal.name", ``, run("Click or tap here to enter text.")),
		sdt("recipient.name", `<w:showingPlcHdr w:val="0"/>`, `<w:p><w:r><w:t>Lunds </w:t></w:r><w:r><w:t>universitet</w:t></w:r></w:p>`),
		sdt("orderer.name", ``, `<w:p><w:del><w:r><w:t>Bo</w:t></w:r></w:del><w:moveFrom><w:r><w:t>Bo</w:t></w:r></w:moveFrom><w:ins><w:r><w:t>Åsa</w:t></w:r></w:ins></w:p>`),
		sdt("project.questions", ``, run("ett")+`<w:p><w:r><w:t>två</w:t><w:br/><w:t>tre</w:t></w:r></w:p>`),
		sdt("identified", checked("1"), run("☐")),
		sdt("statistics.responsible", checked("0"), run("☒")),
		sdt("statistics.fee_free", ``, run("☒")),
		sdt("delivery.formats=csv", checked("true"), run("☐")),
		sdt("delivery.formats=dta", checked("on"), run("☐")),
		sdt("delivery.formats=sas7bdat", checked("1"), run("☐")),
		sdt("sensitive", ``, run("nej")),
		sdt("principal.kind", ``, run("  AUTHORITY ")),
		sdt("population.size", ``, run("1 200 000")),
		sdt("data[7].register", ``, run("Något annat namn [tfp]")),
		sdt("data[3].register", ``, run("midas_sjuk")),
		sdt("okänd.fråga", ``, run("x")), sdt("unknown", ``, run("x")), sdt("data[].from", ``, run("2015-01-01")), sdt("title[0]", ``, run("x")),
	}, "") + `</w:sdtContent></w:sdt>`
	got, err := Read(with(t, doc, mainPart, body(controls)), cat)
	if err != nil || len(got.Wrong) > 0 {
		t.Fatalf("%v %+v", err, got)
	}
	want := `{"data":[{"register":"midas_sjuk"},{"register":"tfp"}],"delivery":{"formats":["csv","dta"]},"identified":true,"orderer":{"name":"Åsa"},"population":{"size":1200000},"principal":{"kind":"authority"},"project":{"questions":"ett\ntvå\ntre"},"recipient":{"name":"Lunds universitet"},"sensitive":false,"statistics":{"fee_free":true}}`
	if string(got.Answers) != want || !slices.Equal(got.Lists, []string{"data"}) {
		t.Errorf("got  %s %v\nwant %s", got.Answers, got.Lists, want)
	}
}

const emptyRels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`

func TestThreat17WordFormsThatAct(t *testing.T) {
	t.Parallel()
	doc := form(t)
	relation := func(typ, target, mode string) []byte {
		return with(t, doc, "word/_rels/document.xml.rels", emptyRels+`<Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/`+typ+`" Target="`+target+`"`+mode+`/></Relationships>`)
	}
	external := ` TargetMode="External"`
	types := part(t, doc, "[Content_Types].xml")
	for _, tt := range []struct {
		code string
		doc  []byte
	}{
		{"wordform.macro", with(t, doc, "word/vbaProject.bin", "x")},
		{"wordform.macro", with(t, doc, "word/VBADATA.xml", "<x/>")},
		{"wordform.macro", with(t, doc, "[Content_Types].xml", strings.Replace(types, mainType, "application/vnd.ms-word.document.macroEnabled.main+xml", 1))},
		{"wordform.macro", relation("vbaProject", "x.xml", "")},
		{"wordform.embedded", with(t, doc, "word/embeddings/oleObject1.bin", "x")},
		{"wordform.embedded", with(t, doc, "word/x.html", "<b/>")},
		{"wordform.embedded", relation("oleObject", "x.xml", "")},
		{"wordform.embedded", relation("aFChunk", "x.xml", "")},
		{"wordform.external", relation("hyperlink", "https://example.se", external)},
		{"wordform.external", relation("attachedTemplate", "file:///C:/x.dotm", external)},
		{"wordform.external", relation("image", `\\server\x.png`, "")},
		{"wordform.external", with(t, doc, "word/_rels/settings.xml.rels", emptyRels+`<Relationship Id="r" Type="t" Target="x" TargetMode="External"/></Relationships>`)},
		{"wordform.dtd", with(t, doc, mainPart, `<!DOCTYPE x [<!ENTITY e "y">]>`+body(""))},
		{"wordform.dtd", with(t, doc, "word/styles.xml", `<?xml version="1.0"?><!DOCTYPE x><x/>`)},
		{"wordform.dtd", with(t, doc, mainPart, strings.Replace(body(""), "<w:body>", "<!doctype x><w:body>", 1))},
		{"wordform.unreadable", with(t, doc, mainPart, "\xff\xfe<\x00x\x00/\x00>\x00")},
		{"wordform.unreadable", with(t, doc, mainPart, "<w:document>")},
		{"wordform.unreadable", with(t, doc, mainPart, "")},
		{"wordform.unreadable", with(t, doc, "WORD/document.xml", "<x/>")},
		{"wordform.unreadable", []byte("ingen zip")},
		{"wordform.old", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 ett gammalt dokument")},
		{"wordform.version", with(t, doc, mainPart, body(sdt("form", "", run("1"))))},
		{"wordform.none", with(t, doc, mainPart, body(run("Hej")+sdt("annat", "", run("x"))))},
	} {
		got, err := Read(tt.doc, small(t))
		if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Code != tt.code || f.DoSV == "" || f.DoEN == "" || f.Class != fault.Input || got != nil {
			t.Errorf("%s: %v", tt.code, err)
		}
	}
}

func TestThreat16WordBombs(t *testing.T) {
	t.Parallel()
	doc := form(t)
	var many []string
	for i := range entriesMax {
		many = append(many, "word/x"+strings.Repeat("y", i)+".xml", "<x/>")
	}
	for _, tt := range []struct {
		code string
		doc  []byte
	}{
		{"wordform.large", make([]byte, MaxBytes+1)},
		{"wordform.packed", with(t, doc, many...)},
		{"wordform.packed", with(t, doc, "word/x.xml", "<x>"+strings.Repeat(" ", 3<<20)+"</x>")},
		{"wordform.deep", with(t, doc, mainPart, body(strings.Repeat("<w:p>", depthMax)+strings.Repeat("</w:p>", depthMax)))},
		{"wordform.packed", with(t, doc, mainPart, body(strings.Repeat(sdt("title", "", ""), controlsMax+1)))},
	} {
		if _, err := Read(tt.doc, small(t)); err == nil {
			t.Errorf("%s: is read", tt.code)
		} else if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Code != tt.code {
			t.Errorf("%s: %v", tt.code, err)
		}
	}
}

// TestAnswer: codes are told in words, and what is no code is not.
func TestAnswer(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	for _, x := range []struct{ field, code, sv string }{
		{"purpose", "research", "Forskning"},
		{"attachments[3].kind", "ethics_application", "Etikansökan"},
		{"sensitive_categories[0]", "health", "Hälsa"},
		{"data[1].register", "midas_sjuk", "Sjuk- och rehabiliteringspenning (MiDAS)"},
		{"data[0].benefits[1]", "SJP", "Sjukpenning"},
		{"data[0].variables[2]", "from_datum", "Från och med"},
		{"title", "research", ""},
		{"purpose", "other", ""},
		{"data[0].variables[2]", "no_such", ""},
		{"no.such.question", "research", ""},
		{"", "", ""},
	} {
		if got, ok := Answer(cat, x.field, x.code); got.SV != x.sv || ok != (x.sv != "") {
			t.Errorf("%s %s: %q, %t", x.field, x.code, got.SV, ok)
		}
	}
}
