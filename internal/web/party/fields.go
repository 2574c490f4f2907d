package party

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// asked makes fields of the unlocked parts of an application, and reads them
// back. The application's own shape says which fields there are, so that a part
// that is asked for never lacks one; intake says what they are called.
//
// The id of a field is its question's, with points for brackets: data.0.motive.
type asked struct {
	*sheet
	now    *intake.Application // what the fields show, and what is read into
	fields []*page.Field
	form   *page.Form // reading marks what cannot be read; nil when only shown
	more   bool       // lists get an empty row
}

// long are the questions that are answered in sentences.
var long = []string{"definition", "questions", "need", "motive", "reason", "retention_reason", "quote", "note"}

// unasked are answers that are the counter's own: they follow a file.
var unasked = []string{"attachments.id", "attachments.sha256", "form"}

var (
	dayType = reflect.TypeFor[day.Day]()
	textsOf = reflect.TypeFor[[]string]()
)

// part walks what lies at or below a part: data[0].motive.
func (x *asked) part(id string) {
	v, path := reflect.ValueOf(x.now).Elem(), ""
	for _, step := range strings.Split(strings.NewReplacer("[", ".", "]", "").Replace(id), ".") {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				if v.Type().Elem().Kind() != reflect.Struct {
					return
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		if i, err := strconv.Atoi(step); err == nil {
			if v.Kind() != reflect.Slice || i >= v.Len() {
				return
			}
			v = v.Index(i)
		} else if v = member(v, step); !v.IsValid() {
			return
		}
		path = strings.TrimPrefix(path+"."+step, ".")
	}
	x.walk(v, path)
}

// member is the field of a struct that has the name in JSON.
func member(v reflect.Value, name string) reflect.Value {
	if v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	for i := range v.NumField() {
		if tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); tag == name {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

// walk shows, or reads, everything below v.
func (x *asked) walk(v reflect.Value, path string) {
	if slices.Contains(unasked, pattern(path)) {
		return
	}
	t := v.Type()
	switch {
	case t == dayType || t == textsOf:
		x.leaf(v, path)
	case t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct:
		x.optional(v, path)
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			x.walk(v.Field(i), path+"."+name)
		}
	case t.Kind() == reflect.Slice:
		x.list(v, path)
	default:
		x.leaf(v, path)
	}
}

// optional is a group that may be left out as a whole.
func (x *asked) optional(v reflect.Value, path string) {
	in := reflect.New(v.Type().Elem())
	if !v.IsNil() {
		in.Elem().Set(v.Elem())
	}
	x.walk(in.Elem(), path)
	if x.form != nil {
		if in.Elem().IsZero() {
			v.SetZero()
		} else {
			v.Set(in)
		}
	}
}

// maxRows bounds a list that a form may send.
const maxRows = 200

// list is a group of rows. A row whose answers are all gone is dropped; the
// empty one at the end is a row when something has been written in it.
func (x *asked) list(v reflect.Value, path string) {
	n, files := v.Len(), path == "attachments"
	if x.form != nil {
		for !files && n < maxRows && x.posted(path+"."+strconv.Itoa(n)+".") {
			n++
		}
	} else if (x.more || n == 0) && !files {
		n++
	}
	out := reflect.MakeSlice(v.Type(), 0, n)
	for i := range n {
		row := reflect.New(v.Type().Elem()).Elem()
		if i < v.Len() {
			row.Set(v.Index(i))
		}
		at := path + "." + strconv.Itoa(i)
		if x.form == nil || i >= v.Len() || x.posted(at+".") { // a row that came while the form was open stays as it is
			x.walk(row, at)
		}
		drop := at + ".drop"
		if x.form != nil {
			if x.Value(drop) != "yes" && !row.IsZero() {
				out = reflect.Append(out, row)
			}
		} else if i < v.Len() {
			x.fields = append(x.fields, &page.Field{ID: drop, Kind: page.Check, Label: x.Word("party.drop_row") + " " + strconv.Itoa(i+1)})
		}
	}
	if x.form != nil {
		if out.Len() == 0 {
			out = reflect.Zero(v.Type())
		}
		v.Set(out)
	}
}

// posted reports whether the form sent a field whose name begins so.
func (x *asked) posted(prefix string) bool {
	for name := range x.R.Form {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// leaf is one question.
func (x *asked) leaf(v reflect.Value, path string) {
	if x.form == nil {
		x.fields = append(x.fields, x.field(v, path))
		return
	}
	text := x.Value(path)
	bad := func(key string) { x.form.Wrong(path, x.Word(key)) }
	switch t := v.Type(); {
	case t == dayType:
		d, err := day.Parse(text)
		if text != "" && err != nil {
			bad("party.need_day")
			return
		}
		if text == "" {
			d = 0
		}
		v.Set(reflect.ValueOf(d))
	case t == textsOf:
		v.Set(reflect.ValueOf(x.several(path)))
	case t.Kind() == reflect.Int:
		n := 0
		if text != "" {
			var err error
			if n, err = strconv.Atoi(strings.NewReplacer(" ", "", "\u00a0", "").Replace(text)); err != nil || n < 0 {
				bad("party.need_number")
				return
			}
		}
		v.SetInt(int64(n))
	case t.Kind() == reflect.Bool:
		v.SetBool(text == "yes")
	case t.Kind() == reflect.Pointer: // of a bool: no answer is an answer of its own
		v.SetZero()
		if text != "" {
			yes := text == "yes"
			v.Set(reflect.ValueOf(&yes))
		}
	case t.Kind() == reflect.String:
		v.SetString(strings.ReplaceAll(text, "\r\n", "\n"))
	}
}

// several are the answers of a question that has more than one: boxes, or a
// line each.
func (x *asked) several(path string) []string {
	var out []string
	for _, sent := range x.Values(path) {
		for l := range strings.Lines(sent) {
			if l = strings.TrimSpace(l); l != "" {
				out = append(out, l)
			}
		}
	}
	return out
}

// field shows a question with its present answer.
func (x *asked) field(v reflect.Value, path string) *page.Field {
	f := &page.Field{ID: path, Kind: page.Text, Label: x.label(path), Max: 4000}
	name := path[strings.LastIndexByte(path, '.')+1:]
	yesNo := []page.Option{{Value: "yes", Label: x.Word("party.yes")}, {Value: "no", Label: x.Word("party.no")}}
	switch t := v.Type(); {
	case t == dayType:
		f.Kind, f.Max = page.Date, 0
		if d, _ := v.Interface().(day.Day); d != 0 {
			f.Value = d.String()
		}
		return f
	case t == textsOf:
		given, _ := v.Interface().([]string)
		if f.Options = x.choices(path); f.Options == nil {
			f.Kind, f.Hint, f.Value = page.Area, x.Word("party.one_a_line"), strings.Join(given, "\n")
			return x.Optional(f)
		}
		f.Kind = page.Checks
		for _, g := range given {
			f.Options = offered(f.Options, g)
		}
		return f
	case t.Kind() == reflect.Int:
		f.Kind = page.Number
		if n := v.Int(); n != 0 {
			f.Value = strconv.FormatInt(n, 10)
		}
		return f
	case t.Kind() == reflect.Bool:
		f.Kind, f.Options = page.Radio, yesNo
		f.With(map[bool]string{true: "yes", false: "no"}[v.Bool()])
		return f
	case t.Kind() == reflect.Pointer:
		f.Kind, f.Options = page.Radio, yesNo
		if !v.IsNil() {
			f.With(map[bool]string{true: "yes", false: "no"}[v.Elem().Bool()])
		}
		return f
	}
	f.Value = v.String()
	switch options := x.choices(path); {
	case options != nil:
		f.Kind, f.Options = page.Select, append([]page.Option{{Label: x.Word("party.choose")}}, options...)
		if f.Value != "" {
			f.Options = offered(f.Options, f.Value)
		}
	case slices.Contains(long, name):
		f.Kind = page.Area
	case name == "email":
		f.Kind, f.Max = page.Email, 254
	}
	return f
}

// offered marks an option, and adds it when there is none such, so that an
// answer is not lost because it is no longer offered.
func offered(options []page.Option, value string) []page.Option {
	for i := range options {
		if options[i].Value == value {
			options[i].On = true
			return options
		}
	}
	return append(options, page.Option{Value: value, Label: value, On: true})
}

// choices are what a question can be answered with; nil = anything.
func (x *asked) choices(path string) []page.Option {
	codes := func(set string, all ...string) []page.Option {
		var out []page.Option
		for _, c := range all {
			out = append(out, page.Option{Value: c, Label: x.Word("party.o_" + set + "_" + c)})
		}
		return out
	}
	switch p := pattern(path); p {
	case "purpose":
		return codes("purpose", string(intake.Research), string(intake.Statistics))
	case "principal.kind", "recipient.kind":
		return codes("kind", intake.PrincipalAuthority, intake.PrincipalEquated, intake.PrincipalPrivate)
	case "population.kind":
		return codes("population", intake.PopulationPersons, intake.PopulationOrganisations)
	case "population.traders":
		return codes("traders", "exclude", "include")
	case "population.source":
		return codes("source", "file", "criteria")
	case "population.columns.type":
		return codes("type", "date", "int", "code")
	case "population.columns.use":
		return codes("use", "steer", "pass", "drop")
	case "delivery.formats":
		return []page.Option{
			{Value: "csv", Label: "CSV"},
			{Value: "parquet", Label: "Parquet"},
			{Value: "dta", Label: "Stata (.dta)"},
			{Value: "sav", Label: "SPSS (.sav)"},
			{Value: "zsav", Label: "SPSS (.zsav)"},
			{Value: "xpt", Label: "SAS (.xpt)"},
		}
	case "sensitive_categories":
		return codes("category", intake.SensitiveCategories...)
	case "ethics.approvals.kind":
		return codes("approval", intake.ApprovalFirst, intake.ApprovalAddition, intake.ApprovalAmendment)
	case "ethics.approvals.board":
		return codes("board", intake.BoardAuthority, intake.BoardRegional, intake.BoardAppeals)
	case "ethics.approvals.application", "ethics.approvals.decision", "ethics.coverage.attachment", "attachments.of":
		return x.attached()
	case "attachments.kind":
		return codes("attachment", attachmentKinds...)
	case "child.kind":
		return codes("child", order.KinAmendment, order.KinExtension, order.KinRenewal, order.KinRetention)
	case "data.shape":
		return codes("shape", string(catalog.ShapeSpell), string(catalog.ShapeSubspell), string(catalog.ShapePayment), string(catalog.ShapeCorrection), string(catalog.ShapePanelDay), string(catalog.ShapePanelWeek), string(catalog.ShapePanelMonth), string(catalog.ShapePanelQuarter), string(catalog.ShapePanelYear), string(catalog.ShapeLayout))
	case "data.register", "data.table", "data.benefits", "data.variables":
		return x.catalogue(path, p)
	}
	return nil
}

var attachmentKinds = []string{
	intake.AttachEthicsApplication, intake.AttachEthicsDecision, intake.AttachEthicsAnnex, intake.AttachEthicsSupplement, intake.AttachEthicsAmendment,
	intake.AttachProjectPlan, intake.AttachProcessing, intake.AttachOther,
}

// attached offers the attachments of the application.
func (x *asked) attached() []page.Option {
	out := []page.Option{}
	for _, at := range x.now.Attachments {
		out = append(out, page.Option{Value: at.ID, Label: at.Name})
	}
	return out
}

// catalogue offers what the catalogue has for a wish.
func (x *asked) catalogue(path, question string) []page.Option {
	var out []page.Option
	var w intake.Wish
	if i, err := strconv.Atoi(strings.Split(path, ".")[1]); err == nil && i < len(x.now.Data) {
		w = x.now.Data[i]
	}
	add := func(id string, names catalog.Text) {
		out = append(out, page.Option{Value: id, Label: names.In(x.Lang)})
	}
	r := x.Catalogue.Register(w.Register)
	_, t := x.Catalogue.Table(w.Table)
	switch {
	case question == "data.register":
		for i := range x.Catalogue.Registers {
			add(x.Catalogue.Registers[i].ID, x.Catalogue.Registers[i].Names)
		}
	case question == "data.table" && r != nil:
		for i := range r.Tables {
			add(r.Tables[i].ID, r.Tables[i].Names)
		}
	case question == "data.benefits" && r != nil:
		for i := range r.Benefits {
			add(r.Benefits[i].ID, r.Benefits[i].Names)
		}
	case question == "data.variables" && t != nil:
		for i := range t.Variables {
			if v := &t.Variables[i]; v.Deliverable() {
				add(v.ID, v.Names)
			}
		}
	}
	return out
}

// pattern is a place without the numbers of its rows: data.motive.
func pattern(path string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(path, "."), func(s string) bool { _, err := strconv.Atoi(s); return err == nil }), ".")
}

// label is what a question is called, with the number of its row.
func (x *asked) label(path string) string {
	text, ok := intake.Label(page.FieldOf(path))
	if !ok {
		return path
	}
	for _, s := range strings.Split(path, ".") {
		if n, err := strconv.Atoi(s); err == nil {
			group, rest, cut := strings.Cut(text.In(x.Lang), ": ")
			if !cut {
				return group + " " + strconv.Itoa(n+1)
			}
			return group + " " + strconv.Itoa(n+1) + ": " + rest
		}
	}
	return text.In(x.Lang)
}

// loose adds documents that have been sent for the supplement and that no
// version names yet.
func loose(a *intake.Application, sent []app.Attachment) {
	a.Attachments = slices.Clone(a.Attachments)
	for _, at := range sent {
		if at.Sealed || at.Filed || slices.ContainsFunc(a.Attachments, func(x intake.Attachment) bool { return x.ID == at.ID }) {
			continue
		}
		a.Attachments = append(a.Attachments, intake.Attachment{ID: at.ID, Kind: at.Kind, Name: at.Name, SHA256: string(at.SHA256)})
	}
}
