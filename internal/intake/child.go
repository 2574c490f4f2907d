package intake

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sluss/internal/catalog"
)

// Inherit begins a child case: the parent's answers, without those that must
// be given anew. number is the parent's case number. The parent is not changed.
//
// Never inherited: the attestation that the population is ready, the answer on
// sensitive data, the wished date, the request for incomplete data, the
// invoice reference and the reason. An extension asks for the project's new
// end, longer retention for its months and reason.
func Inherit(parent Application, number, kind string) Application {
	a := clone(parent)
	a.Form = CurrentForm
	a.Child = Child{Kind: kind, Parent: number}
	a.Project.Earlier = number
	a.Sensitive = nil
	a.Population.Ready = nil
	a.Statistics.WishedDate = ""
	a.Invoice.Reference = ""
	for i := range a.Data {
		a.Data[i].Incomplete = false
	}
	switch kind {
	case ChildExtension:
		a.Project.End = 0
	case ChildRetention:
		a.Delivery.RetentionMonths, a.Delivery.RetentionReason = 0, ""
	}
	return a
}

// clone copies an application with everything in it.
func clone(a Application) Application {
	raw, err := json.Marshal(a)
	if err != nil {
		panic("intake: " + err.Error()) // nothing in it can fail
	}
	var out Application
	if err := json.Unmarshal(raw, &out); err != nil {
		panic("intake: " + err.Error())
	}
	return out
}

// Row is one answer that differs between two versions of an application.
type Row struct {
	Field string       `json:"field"` // question id, with the place in the new version, or in the old where it is gone
	Label catalog.Text `json:"label"`
	Old   catalog.Text `json:"old"` // empty: there was no answer
	New   catalog.Text `json:"new"` // empty: there is none any more
}

// keys name the member by which the entries of a list are the same entry,
// wherever they stand. Lists of plain values are compared as sets.
var keys = map[string]string{
	"attachments": "id", "ethics.coverage": "item", "ethics.approvals": "application", "population.columns": "name", "co_applicants": "email",
}

// Difference returns only what differs between two versions, in the order of
// the question ids: between parent and child, two drafts, or before and after a
// supplement. Entries of a list that only moved do not differ.
func Difference(before, after Application) ([]Row, error) {
	x, err := tree(before)
	if err != nil {
		return nil, err
	}
	y, err := tree(after)
	if err != nil {
		return nil, err
	}
	var out []Row
	compare("", x, y, &out)
	return out, nil
}

func tree(a Application) (any, error) {
	raw, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	var t any
	err = json.Unmarshal(raw, &t)
	return t, err
}

func compare(path string, x, y any, out *[]Row) {
	mx, isX := x.(map[string]any)
	my, isY := y.(map[string]any)
	lx, listX := x.([]any)
	ly, listY := y.([]any)
	switch {
	case (isX || x == nil) && (isY || y == nil) && (isX || isY):
		members := maps.Clone(mx)
		if members == nil {
			members = map[string]any{}
		}
		maps.Copy(members, my)
		for _, k := range slices.Sorted(maps.Keys(members)) {
			p := k
			if path != "" {
				p = path + "." + k
			}
			compare(p, mx[k], my[k], out)
		}
	case (listX || x == nil) && (listY || y == nil) && (listX || listY):
		compareLists(path, lx, ly, out)
	default:
		a, b := show(x), show(y)
		if a == b {
			return
		}
		label, _ := Label(path)
		*out = append(*out, Row{Field: path, Label: label, Old: a, New: b})
	}
}

// compareLists pairs the entries of two lists: by key, plain values by value,
// others by place.
func compareLists(path string, x, y []any, out *[]Row) {
	at := func(i int) string { return fmt.Sprintf("%s[%d]", path, i) }
	entry := func(v any, i int) string {
		switch v := v.(type) {
		case map[string]any:
			if k, ok := v[keys[path]].(string); ok && k != "" {
				return "=" + k
			}
			return fmt.Sprintf("#%d", i)
		default:
			return fmt.Sprintf("=%v", v)
		}
	}
	old := map[string][]int{}
	for i, v := range x {
		k := entry(v, i)
		old[k] = append(old[k], i)
	}
	paired := map[int]bool{}
	for i, v := range y {
		k := entry(v, i)
		if places := old[k]; len(places) > 0 {
			old[k] = places[1:]
			paired[places[0]] = true
			compare(at(i), x[places[0]], v, out)
			continue
		}
		compare(at(i), nil, v, out)
	}
	for i, v := range x {
		if !paired[i] {
			compare(at(i), v, nil, out)
		}
	}
}

// show writes an answer for a reader. Answers that are the default are none.
func show(v any) catalog.Text {
	switch v := v.(type) {
	case nil:
		return catalog.Text{}
	case bool:
		if v {
			return catalog.Text{SV: "ja", EN: "yes"}
		}
		return catalog.Text{SV: "nej", EN: "no"}
	case float64:
		s := strings.TrimSuffix(fmt.Sprintf("%.0f", v), ".0")
		return catalog.Text{SV: s, EN: s}
	}
	s := fmt.Sprint(v)
	return catalog.Text{SV: s, EN: s}
}
