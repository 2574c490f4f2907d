package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/intake"
)

// Fit reads the answers of a draft as an application. What does not fit
// (unknown questions, values of the wrong type, options that there are not) is
// left out of the application and told, with the field it stands in; the text
// of the answer is never repeated.
func Fit(answers json.RawMessage) (intake.Application, []intake.Problem) {
	var f fitter
	kept := f.value(answers, reflect.TypeFor[intake.Application](), "")
	var a intake.Application
	if kept != nil {
		if err := json.Unmarshal(kept, &a); err != nil {
			f.misfit("", "draft.wrong_type", "Svaren går inte att läsa.", "The answers cannot be read.")
		}
	}
	return a, f.found
}

type fitter struct{ found []intake.Problem }

func (f *fitter) misfit(field, rule, sv, en string) {
	f.found = append(f.found, intake.Problem{Field: field, Rule: rule, SV: sv, EN: en})
}

func (f *fitter) wrongType(field string) {
	f.misfit(field, "draft.wrong_type", "Svaret har fel form; texten är sparad som den skrevs.", "The answer is of the wrong form; the text is kept as it was written.")
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// value returns what of raw can be read as the type, nil when nothing can.
func (f *fitter) value(raw json.RawMessage, t reflect.Type, field string) json.RawMessage {
	raw = bytes.TrimSpace(raw)
	if t.Kind() == reflect.Pointer && !t.Implements(unmarshaler) {
		if string(raw) == "null" {
			return nil
		}
		t = t.Elem()
	}
	own := t.Implements(unmarshaler) || reflect.PointerTo(t).Implements(unmarshaler)
	switch {
	case t.Kind() == reflect.Struct && !own:
		return f.object(raw, t, field)
	case t.Kind() == reflect.Slice && !own:
		return f.list(raw, t, field)
	}
	if string(raw) == "null" {
		return nil
	}
	v := reflect.New(t)
	if err := json.Unmarshal(raw, v.Interface()); err != nil {
		f.wrongType(field)
		return nil
	}
	if text := v.Elem(); text.Kind() == reflect.String && !f.option(field, text.String()) {
		return nil
	}
	return raw
}

func (f *fitter) object(raw json.RawMessage, t reflect.Type, field string) json.RawMessage {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil || members == nil {
		if string(raw) != "null" {
			f.wrongType(field)
		}
		return nil
	}
	types := map[string]reflect.Type{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		types[name] = t.Field(i).Type
	}
	kept := map[string]json.RawMessage{}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		at := strings.TrimPrefix(field+"."+name, ".")
		mt, ok := types[name]
		if !ok {
			f.misfit(clip(at), "draft.unknown_field", "Formuläret har ingen sådan fråga; svaret är sparat.", "The form has no such question; the answer is kept.")
			continue
		}
		if v := f.value(members[name], mt, at); v != nil {
			kept[name] = v
		}
	}
	return encoded(kept)
}

func (f *fitter) list(raw json.RawMessage, t reflect.Type, field string) json.RawMessage {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		f.wrongType(field)
		return nil
	}
	kept := []json.RawMessage{}
	for i, item := range items {
		if v := f.value(item, t.Elem(), fmt.Sprintf("%s[%d]", field, i)); v != nil {
			kept = append(kept, v)
		}
	}
	return encoded(kept)
}

// encoded is v as JSON; what was decoded can always be encoded again.
func encoded(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return b
}

// clip bounds the name of a field, which whoever fills in may have chosen.
func clip(s string) string {
	if r := []rune(s); len(r) > 100 {
		return string(r[:100])
	}
	return s
}

// options are the fields that are answered with one of a few codes. Codes that
// the catalogue holds are looked at by the rules of intake.
var options = map[string][]string{
	"purpose":                 {string(intake.Research), string(intake.Statistics)},
	"principal.kind":          {intake.PrincipalAuthority, intake.PrincipalPrivate, intake.PrincipalEquated},
	"recipient.kind":          {intake.PrincipalAuthority, intake.PrincipalPrivate, intake.PrincipalEquated},
	"population.kind":         {intake.PopulationPersons, intake.PopulationOrganisations},
	"population.traders":      {"exclude", "include"},
	"population.source":       {"file", "criteria"},
	"ethics.approvals[].kind": {intake.ApprovalFirst, intake.ApprovalAmendment, intake.ApprovalAddition},
	"data[].shape":            words(catalog.Shapes()),
	"delivery.formats[]":      {"csv", "parquet", "dta", "sav", "zsav", "xpt"},
}

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = string(x)
	}
	return out
}

// option reports whether text is an answer that the field has; the empty one is
// none yet.
func (f *fitter) option(field, text string) bool {
	codes := options[pattern(field)]
	if codes == nil || text == "" || slices.Contains(codes, text) {
		return true
	}
	f.misfit(field, "draft.unknown_option", "Svaret är inget av alternativen; det är sparat som det skrevs.", "The answer is none of the options; it is kept as it was written.")
	return false
}

// pattern is a field without the places of its lists: data[].shape.
func pattern(field string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(field, "[")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		_, after, _ := strings.Cut(rest, "]")
		b.WriteString("[]")
		field = after
	}
}

// keepsAnswers reports whether every answer of before is still there in after,
// wherever it stands, or is told of in moved. What is empty, nought or no is an
// answer only where it is written out.
func keepsAnswers(before, after json.RawMessage, moved []intake.Moved) bool {
	told := map[string]bool{}
	for _, m := range moved {
		for _, id := range m.From {
			told[id] = true
		}
	}
	has := map[string]int{}
	if !leaves(after, func(_, answer string) { has[answer]++ }) {
		return false
	}
	kept := true
	return leaves(before, func(id, answer string) {
		if !told[id] {
			has[answer]--
			kept = kept && has[answer] >= 0
		}
	}) && kept
}

// leaves hands on every answer in raw, by its question and its text; false when
// raw cannot be read.
func leaves(raw json.RawMessage, each func(id, answer string)) bool {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return false
	}
	if all, ok := v.(map[string]any); ok {
		delete(all, "form") // which form it is, no answer
	}
	eachLeaf("", v, each)
	return true
}

func eachLeaf(id string, v any, each func(id, answer string)) {
	switch v := v.(type) {
	case map[string]any:
		for name, m := range v {
			eachLeaf(strings.TrimPrefix(id+"."+name, "."), m, each)
		}
	case []any:
		for i, m := range v {
			eachLeaf(fmt.Sprintf("%s[%d]", id, i), m, each)
		}
	case string:
		if v != "" {
			each(id, v)
		}
	case json.Number:
		if v != "0" {
			each(id, v.String())
		}
	case bool:
		if v {
			each(id, strconv.FormatBool(v))
		}
	}
}
