package page

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
)

// Option is a choice of a field.
type Option struct {
	Value, Label, Hint string
	On                 bool
}

// Kinds of fields.
const (
	Text     = "text"
	Email    = "email"
	Number   = "number" // whole, typed with figures
	Date     = "date"   // YYYY-MM-DD
	Area     = "area"
	Select   = "select"
	Radio    = "radio"
	Checks   = "checks" // several of the options
	Check    = "check"  // one box, value "yes"
	File     = "file"
	Hidden   = "hidden"
	Password = "password"
)

// Field is one question of a form with its answer.
type Field struct {
	// ID is its name in the form and its place on the page.
	ID, Kind    string
	Label, Hint string
	Value       string
	Options     []Option
	Rows        int    // of an area; 0 = 4
	Max         int    // characters; 0 = no bound told
	Auto        string // autocomplete
	Accept      string // of a file
	Optional    string // what marks a field that may be left empty; "" = must be filled in
	Problem     string // what to mend, in the visitor's language
	// Signing is what a passkey is asked in the place of what would be pasted.
	Signing      *Signing
	Narrow, Bare bool // short answers; Bare: without a visible label (it is in a table that names it)
	// Fold is what the field is folded under with its neighbours of the same Fold:
	// seldom asked for, and open as soon as it says something. "" = in sight.
	Fold string
}

// Problem is a line of the summary of what to mend.
type Problem struct{ ID, Text string }

// Form is a form on a page. What was typed stays in it when it is refused.
type Form struct {
	Action   string
	Lang     string
	Fields   []*Field
	Problems []Problem // in the order of the fields
	Verb     string    // the button: what happens
	Version  int       // of the case that it was made from; 0 = none
	Files    bool      // it sends files
	Small    bool      // its button is small
	Danger   bool      // its button ends something
	Heading  string    // of the summary
	// Saves: the form's own route stores it while it is written ([Route.Saves]).
	Saves bool
	// Name is what the form is kept under while it is not sent; Auto is "on" when
	// the script saves it, "wait" when it first must be said what becomes of
	// Kept, which was written earlier. The kit sets them when the page is shown.
	Name, Auto string
	Kept       *Kept
}

// Group is a run of fields, in sight or folded.
type Group struct {
	Fold   string
	Open   bool
	Fields []*Field
}

// Groups are the fields in their order, those of the same Fold together.
func (f *Form) Groups() []Group {
	var out []Group
	for _, x := range f.Fields {
		if n := len(out); n == 0 || out[n-1].Fold != x.Fold {
			out = append(out, Group{Fold: x.Fold})
		}
		g := &out[len(out)-1]
		g.Fields = append(g.Fields, x)
		g.Open = g.Open || x.Problem != "" || x.says()
	}
	return out
}

// says reports whether a field has another answer than none. The first option
// of a select is what a browser sends when nothing is chosen.
func (x *Field) says() bool {
	switch {
	case x.Kind == Hidden:
		return false
	case x.Kind == Select:
		return slices.IndexFunc(x.Options, func(o Option) bool { return o.On }) > 0
	case len(x.Options) > 0:
		return slices.ContainsFunc(x.Options, func(o Option) bool { return o.On })
	}
	return x.Value != ""
}

// Folded marks fields as folded under a text.
func Folded(text string, fields ...*Field) []*Field {
	for _, x := range fields {
		x.Fold = text
	}
	return fields
}

// Form begins a form that posts to an address of the site.
func (a *Ask) Form(action, verb string, fields ...*Field) *Form {
	f := &Form{Action: action, Lang: a.Lang, Verb: verb, Fields: fields, Heading: a.Word("form.heading")}
	for _, x := range fields {
		f.Files = f.Files || x.Kind == File
	}
	a.forms = append(a.forms, f)
	return f
}

// Optional marks a field that may be left empty.
func (a *Ask) Optional(x *Field) *Field {
	x.Optional = a.Word("form.optional")
	return x
}

// Field returns the field with the id, nil when there is none.
func (f *Form) Field(id string) *Field {
	i := slices.IndexFunc(f.Fields, func(x *Field) bool { return x.ID == id })
	if i < 0 {
		return nil
	}
	return f.Fields[i]
}

// Read fills the form with what was posted.
func (f *Form) Read(a *Ask) *Form {
	for _, x := range f.Fields {
		switch x.Kind {
		case File:
		case Checks:
			chosen := a.Values(x.ID)
			for i := range x.Options {
				x.Options[i].On = slices.Contains(chosen, x.Options[i].Value)
			}
		default:
			x.choose(a.Value(x.ID))
		}
	}
	return f
}

// choose sets a field's value.
func (x *Field) choose(value string) {
	x.Value = value
	for i := range x.Options {
		x.Options[i].On = x.Options[i].Value == value
	}
}

// With sets the value of a field and returns it.
func (x *Field) With(value string) *Field {
	if x.Kind == Checks {
		chosen := strings.Split(value, ",")
		for i := range x.Options {
			x.Options[i].On = slices.Contains(chosen, x.Options[i].Value)
		}
		return x
	}
	x.choose(value)
	return x
}

// Chosen are the values of a field with several choices.
func (x *Field) Chosen() []string {
	var out []string
	for _, o := range x.Options {
		if o.On {
			out = append(out, o.Value)
		}
	}
	return out
}

// Wrong marks a field: text says what to do. An id that is no field's stands in
// the summary only.
func (f *Form) Wrong(id, text string) {
	if x := f.Field(id); x != nil && x.Problem == "" {
		x.Problem = text
	}
	f.Problems = append(f.Problems, Problem{id, text})
}

// Need marks a field that is empty with what to do and reports whether it holds
// something.
func (f *Form) Need(id, text string) bool {
	x := f.Field(id)
	if x == nil || x.Value == "" && len(x.Chosen()) == 0 {
		f.Wrong(id, text)
		return false
	}
	return true
}

// Whole returns the number in a field, between two bounds, or marks it.
func (f *Form) Whole(id string, least, most int, text string) int {
	n, err := strconv.Atoi(strings.ReplaceAll(strings.ReplaceAll(f.Field(id).Value, " ", ""), "\u00a0", ""))
	if err != nil || n < least || n > most {
		f.Wrong(id, text)
	}
	return n
}

// Day returns the day in a field, or marks it.
func (f *Form) Day(id, text string) day.Day {
	d, err := day.Parse(f.Field(id).Value)
	if err != nil {
		f.Wrong(id, text)
	}
	return d
}

// OK reports whether nothing is to be mended.
func (f *Form) OK() bool { return len(f.Problems) == 0 }

// Take puts a refusal into the form, at the field that it names, and reports
// whether it was one: other errors are not for the visitor to mend.
func (f *Form) Take(err error) bool {
	x, ok := errors.AsType[*fault.Fault](err)
	if !ok || x.Class == fault.Internal {
		return false
	}
	text := catalog.Text{SV: x.SV + " " + x.DoSV, EN: x.EN + " " + x.DoEN}.In(f.Lang)
	f.Wrong(x.Where.Column, strings.TrimSpace(text))
	return true
}

// sort puts the problems in the order of the fields.
func (f *Form) sort() {
	at := func(id string) int {
		return slices.IndexFunc(f.Fields, func(x *Field) bool { return x.ID == id })
	}
	slices.SortStableFunc(f.Problems, func(x, y Problem) int { return at(x.ID) - at(y.ID) })
}

// Refused shows the page again with the form's problems on top: 422, with
// everything that was typed.
func (a *Ask) Refused(name string, f *Form, v View) error {
	f.sort()
	v.Error, v.Status = true, 422
	return a.Show(name, v)
}

// FieldOf is a place in a form as the questions of an application are named:
// data.0.from is data[0].from.
func FieldOf(name string) string {
	var b strings.Builder
	for i, s := range strings.Split(name, ".") {
		switch _, err := strconv.Atoi(s); {
		case err == nil:
			b.WriteString("[" + s + "]")
		case i > 0:
			b.WriteString("." + s)
		default:
			b.WriteString(s)
		}
	}
	return b.String()
}
