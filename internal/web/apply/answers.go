package apply

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/canon"
)

// answers are what a draft holds: the JSON of an application, read without its
// types, so that what was typed stays as it was typed. A place in it is named
// as the fields of the forms are: data.0.from for the question data[0].from,
// ethics.coverage.benefit:SJP.page for a row of the coverage matrix.
type answers map[string]any

// matrix is the list whose rows are named by their item.
const matrix = "ethics.coverage"

// noDay is how an application writes a day that nobody has given.
const noDay = "1970-01-01"

// readAnswers reads a draft. What is no object at all is no answers.
func readAnswers(raw json.RawMessage) answers {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var out answers
	if dec.Decode(&out) != nil || out == nil {
		return answers{}
	}
	return out
}

// raw writes the answers down, without what is empty.
func (t answers) raw() (json.RawMessage, error) {
	kept, _ := tidy(map[string]any(t)).(map[string]any)
	if kept == nil {
		kept = map[string]any{}
	}
	return json.Marshal(kept)
}

// clone copies the answers.
func (t answers) clone() answers {
	raw, err := json.Marshal(t)
	if err != nil {
		return answers{}
	}
	return readAnswers(raw)
}

// tidy drops empty texts, lists and objects; rows of the matrix that say
// nothing but their item as well.
func tidy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			if x = tidy(x); x != nil {
				out[k] = x
			}
		}
		if _, item := out["item"]; len(out) == 0 || item && len(out) == 1 {
			return nil
		}
		return out
	case []any:
		var out []any
		for _, x := range v {
			if x = tidy(x); x != nil {
				out = append(out, x)
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case string:
		if v == "" || v == noDay {
			return nil
		}
	}
	return v
}

// steps cuts a name into its parts; a row of the matrix gets its place, the
// next free one when it has none yet.
func (t answers) steps(name string) []string {
	out := strings.Split(name, ".")
	if item, ok := strings.CutPrefix(name, matrix+"."); ok {
		item, _, _ = strings.Cut(item, ".")
		if _, err := strconv.Atoi(item); err != nil {
			rows, _ := t.at([]string{"ethics", "coverage"}).([]any)
			i := slices.IndexFunc(rows, func(r any) bool {
				m, _ := r.(map[string]any)
				return m["item"] == item
			})
			if i < 0 {
				i = len(rows)
			}
			out[2] = strconv.Itoa(i)
		}
	}
	return out
}

func (t answers) at(steps []string) any {
	var v any = map[string]any(t)
	for _, s := range steps {
		switch x := v.(type) {
		case map[string]any:
			v = x[s]
		case []any:
			i, err := strconv.Atoi(s)
			if err != nil || i < 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// get is the answer at a place, nil when there is none.
func (t answers) get(name string) any { return t.at(t.steps(name)) }

// text is the answer at a place as a field shows it; several on a line each.
func (t answers) text(name string) string { return shown(t.get(name)) }

func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if v == noDay {
			return ""
		}
		return v
	case json.Number:
		if v == "0" {
			return ""
		}
		return v.String()
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case []any:
		var lines []string
		for _, x := range v {
			lines = append(lines, shown(x))
		}
		return strings.Join(lines, "\n")
	}
	b, _ := json.Marshal(v)
	return string(b)
}

// rows is how long the list at a place is.
func (t answers) rows(name string) int {
	list, _ := t.get(name).([]any)
	return len(list)
}

// maxRows bounds a list that a form may write.
const maxRows = 500

// set puts an answer at a place; nil takes it away. What stands in the way (an
// answer of another kind) is replaced.
func (t answers) set(name string, v any) {
	steps := t.steps(name)
	t[steps[0]] = put(t[steps[0]], steps[1:], v)
	if item, ok := strings.CutPrefix(name, matrix+"."); ok && v != nil {
		item, _, _ = strings.Cut(item, ".")
		if row, ok := t.at(steps[:3]).(map[string]any); ok && row["item"] == nil {
			row["item"] = item
		}
	}
}

func put(in any, steps []string, v any) any {
	if len(steps) == 0 {
		return v
	}
	if i, err := strconv.Atoi(steps[0]); err == nil {
		if i < 0 || i >= maxRows {
			return in
		}
		list, _ := in.([]any)
		for len(list) <= i {
			list = append(list, nil)
		}
		list[i] = put(list[i], steps[1:], v)
		return list
	}
	m, _ := in.(map[string]any)
	if m == nil {
		m = map[string]any{}
	}
	m[steps[0]] = put(m[steps[0]], steps[1:], v)
	return m
}

// drop removes a row: data.1.
func (t answers) drop(name string) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return
	}
	list, _ := t.get(name[:i]).([]any)
	if n, err := strconv.Atoi(name[i+1:]); err == nil && n >= 0 && n < len(list) {
		t.set(name[:i], append(slices.Clone(list[:n]), list[n+1:]...))
	}
}

// seen is a short hash of the answers at some places: a form carries it, so
// that a change of something else by somebody else is no conflict.
func (t answers) seen(places []string) string {
	all := map[string]any{}
	for _, p := range places {
		if v := tidy(t.get(p)); v != nil {
			all[p] = v
		}
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return ""
	}
	return canon.Sum(raw).Short()
}

// fieldOf is a problem's field as the form on its page names it: as nameOf, but a
// row of the matrix by its item.
func (t answers) fieldOf(field string) string {
	name := nameOf(field)
	rest, ok := strings.CutPrefix(name, matrix+".")
	if !ok {
		return name
	}
	row, question, _ := strings.Cut(rest, ".")
	m, _ := t.at([]string{"ethics", "coverage", row}).(map[string]any)
	item, ok := m["item"].(string)
	if !ok || question == "" {
		return name
	}
	return matrix + "." + item + "." + question
}

// nameOf is a problem's field as the forms name it: data[0].from is data.0.from.
func nameOf(field string) string {
	return strings.NewReplacer("[", ".", "]", "").Replace(field)
}
