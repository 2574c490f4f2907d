package desk

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// A supplement that comes by mail or post is written off by the registrar: each
// unlocked question is a field, and a list has room for one entry more.

// asked is the request that an answer now would be to: the open one, or the last
// one when its time ran out.
func asked(s order.State) *order.Supplement {
	if open := s.OpenSupplement(); open != nil {
		return open
	}
	if n := len(s.Supplements); n > 0 && s.Supplements[n-1].TimedOut && !s.Supplements[n-1].Answered {
		return &s.Supplements[n-1]
	}
	return nil
}

func answerable(s order.State) bool {
	return s.Submitted && s.Decision == nil && s.Ended == "" && asked(s) != nil
}

// writing is an application being written off, as a tree of JSON.
type writing struct{ tree map[string]any }

func write(a intake.Application) (*writing, error) {
	raw, err := canon.JSON(a)
	if err != nil {
		return nil, err
	}
	w := &writing{tree: map[string]any{}}
	return w, json.Unmarshal(raw, &w.tree)
}

// steps splits data[0].from into data, 0, from.
func steps(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
}

// at is what stands at a path, nil when nothing does.
func (w *writing) at(path string) any {
	var v any = w.tree
	for _, s := range steps(path) {
		switch in := v.(type) {
		case map[string]any:
			v = in[s]
		case []any:
			i, err := strconv.Atoi(s)
			if err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// set puts a value at a path; nil takes away what stands there.
func (w *writing) set(path string, value any) {
	w.tree = put(w.tree, steps(path), value).(map[string]any)
}

func put(in any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	if i, err := strconv.Atoi(path[0]); err == nil {
		list, _ := in.([]any)
		for len(list) <= i {
			if value == nil {
				return in
			}
			list = append(list, map[string]any{})
		}
		list[i] = put(list[i], path[1:], value)
		return list
	}
	m, _ := in.(map[string]any)
	if m == nil {
		if value == nil {
			return in
		}
		m = map[string]any{}
	}
	if v := put(m[path[0]], path[1:], value); v == nil {
		delete(m, path[0])
	} else {
		m[path[0]] = v
	}
	return m
}

// paths are the unlocked questions, each entry of a list by its number and one
// more.
func (w *writing) paths(parts []string) []string {
	var out []string
	for _, id := range intake.QuestionsBelow(parts) {
		t := typeAt(id)
		if t == nil || t.Kind() == reflect.Struct || t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct {
			continue
		}
		for _, p := range w.expand(id) {
			if !slices.Contains(out, p) && slices.ContainsFunc(parts, func(part string) bool { return intake.Below(p, part) }) {
				out = append(out, p)
			}
		}
	}
	return out
}

func (w *writing) expand(id string) []string {
	before, after, list := strings.Cut(strings.TrimSuffix(id, "[]"), "[]")
	if !list {
		return []string{before}
	}
	entries, _ := w.at(before).([]any)
	var out []string
	for i := range len(entries) + 1 {
		out = append(out, w.expand(fmt.Sprintf("%s[%d]%s", before, i, after))...)
	}
	return out
}

// typeAt is the type of the answer to a question, nil when there is none; a day
// is a text.
func typeAt(id string) reflect.Type {
	t := reflect.TypeFor[intake.Application]()
	for _, s := range strings.Split(strings.TrimSuffix(id, "[]"), ".") {
		name, list := strings.CutSuffix(s, "[]")
		var found reflect.Type
		for i := range t.NumField() {
			if tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); tag == name {
				found = t.Field(i).Type
			}
		}
		if found == nil {
			return nil
		}
		if list && found.Kind() == reflect.Slice {
			found = found.Elem()
		}
		if t = found; t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
	}
	if t.Implements(reflect.TypeFor[interface{ MarshalText() ([]byte, error) }]()) {
		return reflect.TypeFor[string]()
	}
	return t
}

// textOf writes an answer as it stands in a field.
func textOf(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case bool:
		return map[bool]string{true: "yes", false: "no"}[x]
	case float64:
		return strconv.FormatInt(int64(x), 10)
	case []any:
		var lines []string
		for _, y := range x {
			lines = append(lines, textOf(y))
		}
		return strings.Join(lines, "\n")
	case string:
		return x
	}
	return ""
}

// valueOf reads a field as an answer of the type; ok is false when it is none.
func valueOf(text string, t reflect.Type) (v any, ok bool) {
	if text == "" {
		return nil, true
	}
	switch t.Kind() {
	case reflect.Bool:
		return text == "yes", true
	case reflect.Int, reflect.Int32, reflect.Int64:
		n, err := strconv.Atoi(strings.NewReplacer(" ", "", "\u00a0", "").Replace(text))
		return float64(n), err == nil
	case reflect.Slice:
		var list []any
		for line := range strings.Lines(text) {
			if s := strings.TrimSpace(line); s != "" {
				list = append(list, s)
			}
		}
		return list, true
	}
	return text, true
}

// indexed is a path with [] for every place in a list.
func indexed(path string) string {
	var b strings.Builder
	for i, s := range steps(path) {
		if _, err := strconv.Atoi(s); err == nil {
			b.WriteString("[]")
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s)
	}
	return b.String()
}

// fieldID is a path as the name of a field: data[0].from is data-0-from.
func fieldID(path string) string { return strings.Join(steps(path), "-") }

type behalfBody struct {
	page.Head
	F     *page.Form
	Asked string
	Due   string
}

// behalfForm has every unlocked question with its answer.
func behalfForm(a *page.Ask, c *page.Case) (*page.Form, *writing, []string, error) {
	w, err := write(c.State.Application)
	if err != nil {
		return nil, nil, nil, err
	}
	paths := w.paths(asked(c.State).Parts)
	mail := hinted(a, field(a, "mail", page.Select))
	mail.Options = incoming(a, c)
	fields := []*page.Field{mail}
	for _, p := range paths {
		x := &page.Field{ID: fieldID(p), Kind: page.Text, Label: label(a, p), Value: textOf(w.at(p))}
		switch t := typeAt(indexed(p)); t.Kind() {
		case reflect.Bool:
			x.Kind, x.Options = page.Select, append([]page.Option{{Value: "", Label: a.Word("desk.unanswered")}}, options(a, "holds", "yes", "no")...)
			x.With(x.Value)
		case reflect.Slice:
			x.Kind, x.Hint = page.Area, a.Word("desk.one_a_line")
		case reflect.Int, reflect.Int32, reflect.Int64:
			x.Kind = page.Number
		default:
			if len(x.Value) > 80 || strings.HasSuffix(p, ".definition") || strings.HasSuffix(p, ".questions") {
				x.Kind = page.Area
			}
		}
		fields = append(fields, a.Optional(x))
	}
	f := a.Form("/cases/"+c.ID+"/on-behalf", a.Word("desk.on_behalf_send"), fields...)
	f.Version = c.Version
	return f, w, paths, nil
}

func behalfOf(a *page.Ask) (*behalfBody, *page.Case, *writing, []string, error) {
	c, err := a.Case(access.ViewApplication)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	if !a.May(c, order.AnswerSupplement{}) || !answerable(c.State) {
		return nil, nil, nil, nil, a.Denied(order.AnswerSupplement{}.Name())
	}
	x := asked(c.State)
	b := &behalfBody{Head: headOf(a, c, "desk.on_behalf_lead"), Asked: x.Text, Due: x.Due.String()}
	f, w, paths, err := behalfForm(a, c)
	b.F = f
	return b, c, w, paths, err
}

func showOnBehalf(a *page.Ask) error {
	b, _, _, _, err := behalfOf(a)
	if err != nil {
		return err
	}
	return a.Show("desk-behalf", page.View{Title: a.Word("desk.go_on_behalf"), Nav: "nav.cases", Body: b})
}

// answerOnBehalf hands in what was written off.
func answerOnBehalf(a *page.Ask) error {
	b, c, w, paths, err := behalfOf(a)
	if err != nil {
		return err
	}
	f := b.F.Read(a)
	by := behalf(a, f)
	for _, p := range paths {
		text := f.Field(fieldID(p)).Value
		if text == textOf(w.at(p)) {
			continue
		}
		v, ok := valueOf(text, typeAt(indexed(p)))
		if !ok {
			f.Wrong(fieldID(p), a.Word("desk.n_number"))
			continue
		}
		w.set(p, v)
	}
	raw, err := canon.JSON(w.tree)
	if err != nil {
		return err
	}
	now, misfits := app.Fit(raw)
	for _, m := range misfits {
		id := fieldID(m.Field)
		if f.Field(id) == nil {
			id = ""
		}
		f.Wrong(id, label(a, m.Field)+": "+a.Word("desk.n_form"))
	}
	if f.OK() {
		err := a.Do(c, order.AnswerSupplement{Application: now, Behalf: by})
		if err == nil {
			return a.Go("/cases/"+c.ID, "done.desk_on_behalf")
		}
		if err := b.Taken(a, c, f, err); err != nil {
			return err
		}
	}
	return a.Refused("desk-behalf", f, page.View{Title: a.Word("desk.go_on_behalf"), Nav: "nav.cases", Body: b})
}
