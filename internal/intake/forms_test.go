package intake

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
)

// oldForm is an application as the first form had it, before it was typed in.
const oldForm = `{
	"purpose": "research", "title": "Sjukfrånvaro",
	"contact": {"name": "Elin", "email": "e@x.example"},
	"principal": {"name": "Sjölunda", "org_no": "202100-5489", "kind": "authority", "signatory_first_name": "Ragnar", "signatory_last_name": "af Ugglas"},
	"project": {"questions": "Varför?", "time": "2026-09-01–2029-12-31", "deliveries": 1},
	"ethics": {"number": "2026-01234-01"},
	"population": {"source": "file", "definition": "Alla", "size": 1000},
	"data": [{"register": "midas_sjuk", "benefits": ["SJP"], "years": "2019–2025", "need": "Fall"}, {"register": "tfp", "years": "någon gång", "need": "x"}],
	"delivery": {"formats": ["csv"], "password_phone": "070"},
	"invoice": {"reference": "SU-1", "marking": "gul"},
	"favourite_colour": "blue", "sensitive": "kanske"
}`

func TestUpgrade(t *testing.T) {
	t.Parallel()
	a, moved, err := Upgrade(json.RawMessage(oldForm), 1)
	if err != nil {
		t.Fatal(err)
	}
	if a.Form != CurrentForm || a.Orderer != (Person{"Elin", "e@x.example"}) || a.Principal.Representative.Name != "Ragnar af Ugglas" || a.Project.Start != on("2026-09-01") || a.Project.End != on("2029-12-31") ||
		a.Ethics.Approvals[0].Number != "2026-01234-01" || a.Data[0].From != on("2019-01-01") || a.Data[0].To != on("2025-12-31") || a.Data[1].Need != "x" || a.Title != "Sjukfrånvaro" || a.Sensitive != nil {
		t.Errorf("%+v", a)
	}
	var got []string
	for _, m := range moved {
		line := fmt.Sprint(m.How, m.From, m.To)
		if m.NeedsAttention() {
			line += " " + string(m.Kept)
		}
		got = append(got, line)
	}
	want := []string{
		"renamed[contact.name] [orderer.name]",
		"renamed[contact.email] [orderer.email]",
		"merged[principal.signatory_first_name principal.signatory_last_name] [principal.representative.name]",
		"split[project.time] [project.start project.end]",
		"split[data[0].years] [data[0].from data[0].to]",
		`unreadable[data[1].years] [data[1].from data[1].to] {"data[1].years":"någon gång"}`,
		"renamed[ethics.number] [ethics.approvals[0].number]",
		`removed[delivery.password_phone] [] {"delivery.password_phone":"070"}`,
		`removed[invoice.marking] [] {"invoice.marking":"gul"}`,
		`removed[favourite_colour] [] {"favourite_colour":"blue"}`,
		`unreadable[sensitive] [] {"sensitive":"kanske"}`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("moved\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, m := range moved {
		if m.Texts.SV == "" || m.Texts.EN == "" {
			t.Errorf("%v: no reason", m.From)
		}
	}
	if _, _, err := Upgrade(json.RawMessage(`[1]`), 1); err == nil {
		t.Error("a list is no application")
	}
}

// TestUpgradeKeepsTodays: an application of today, with or without number, is
// carried over as it is.
func TestUpgradeKeepsTodays(t *testing.T) {
	t.Parallel()
	for _, a := range []Application{research(), harmless(), statistics(), current(), wide(), currentStatistics()} {
		raw, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		b, moved, err := Upgrade(raw, a.FormVersion())
		a.Form = CurrentForm
		if err != nil || len(moved) > 0 {
			t.Errorf("%v %v", moved, err)
		}
		if diff, err := Changed(a, b); err != nil || len(diff) > 0 {
			t.Errorf("%v %v", diff, err)
		}
	}
	a := current()
	a.Orderer.Name = ""
	raw, _ := json.Marshal(a)
	raw = append([]byte(`{"contact":{"name":"Elin"},`), raw[1:]...)
	if b, _, _ := Upgrade(raw, 1); b.Orderer.Name != "Elin" {
		t.Error("an empty answer kept the old one from its place")
	}
	raw = append([]byte(`{"contact":{"email":"old@x.example"},`), raw[len(`{"contact":{"name":"Elin"},`):]...)
	if b, moved, _ := Upgrade(raw, 1); b.Orderer.Email != "e@x.example" || len(moved) != 1 || !moved[0].NeedsAttention() {
		t.Errorf("two answers to one question: %q, %+v", b.Orderer.Email, moved)
	}
}

// TestNoAnswerIsLost over any chain of forms, whatever is filled in: each old
// answer is found in the new application, moved to it, or kept beside.
func TestNoAnswerIsLost(t *testing.T) {
	t.Parallel()
	ids := []string{"title", "contact.name", "contact.email", "contact", "orderer.name", "project.time", "project.questions", "project.linkage[0]", "project.linkage[1]", "data[0].years", "data[1].need", "data[1].years", "delivery.password_phone", "sensitive", "x", "x.y", "population.size", "principal.signatory_first_name", "invoice.reference", "ethics.number", "attachments[0].name", "q1", "q2", "q3"}
	rapid.Check(t, func(rt *rapid.T) {
		chain := slices.Clone(forms)
		for v := CurrentForm + 1; v <= CurrentForm+rapid.IntRange(0, 3).Draw(rt, "forms"); v++ {
			f := formChange{to: v}
			for range rapid.IntRange(1, 3).Draw(rt, "changes") {
				q := rapid.SampledFrom([]string{"q1", "q2", "q3", "title", "project.questions", "data[].need"}).Draw(rt, "question")
				to := map[string]string{"data[].need": "data[].motive"}[q]
				if to == "" {
					to = rapid.SampledFrom([]string{"q1", "q2", "q3", "title", "delivery.retention_reason"}).Draw(rt, "to")
				}
				switch rapid.IntRange(0, 3).Draw(rt, "how") {
				case 0:
					f.changes = append(f.changes, change{how: MoveRemoved, from: []string{q}})
				case 1:
					f.changes = append(f.changes, change{how: MoveMerged, from: []string{"q1", "q2"}, to: []string{"title"}, with: joinNames})
				case 2:
					f.changes = append(f.changes, change{how: MoveSplit, from: []string{q}, to: []string{"project.start", "project.end"}, with: splitTime})
				default:
					if q != to {
						f.changes = append(f.changes, change{how: MoveRenamed, from: []string{q}, to: []string{to}})
					}
				}
			}
			chain = append(chain, f)
		}
		answers := map[string]any{}
		for i, id := range ids {
			if clash := slices.ContainsFunc(ids, func(o string) bool { _, in := answers[o]; return in && o != id && (Below(o, id) || Below(id, o)) }); !clash && rapid.Bool().Draw(rt, id) {
				answers[id] = fmt.Sprintf("answer %d", i)
				if strings.HasSuffix(id, "time") || strings.HasSuffix(id, "years") {
					answers[id] = rapid.SampledFrom([]string{"2019–2025", "2001-02-03 till 2004-05-06", "unknown"}).Draw(rt, "time")
				}
			}
		}
		raw, err := json.Marshal(unflatten(answers))
		if err != nil {
			rt.Fatal(err)
		}
		a, moved, err := upgrade(raw, rapid.IntRange(0, 1).Draw(rt, "from"), chain)
		if err != nil {
			rt.Fatal(err)
		}
		now, err := json.Marshal(a)
		if err != nil {
			rt.Fatal(err)
		}
		text := string(now)
		for _, m := range moved {
			text += string(m.Kept)
		}
		for id, v := range answers {
			if s := v.(string); strings.HasPrefix(s, "answer ") && !strings.Contains(text, s) {
				rt.Fatalf("%s is lost: %s\n%+v", id, text, moved)
			} else if strings.Contains(s, "2") && !strings.HasPrefix(s, "answer") && !strings.Contains(text, s) && !strings.Contains(text, `"20`) {
				rt.Fatalf("%s is lost: %s", id, text)
			}
		}
	})
}

// BenchmarkUpgrade carries 3 000 drafts over, a third of them in the old form.
func BenchmarkUpgrade(b *testing.B) {
	raw, err := json.Marshal(wide())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for i := range 3000 {
			old := raw
			if i%3 == 0 {
				old = json.RawMessage(oldForm)
			}
			if _, _, err := Upgrade(old, 1); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// TestEveryQuestionHasALabel, by the types of the application; and every label
// a question.
func TestEveryQuestionHasALabel(t *testing.T) {
	t.Parallel()
	leaves := map[string]bool{}
	fields(reflect.TypeFor[Application](), "", leaves)
	if len(leaves) < 70 {
		t.Errorf("only %d questions", len(leaves))
	}
	for id := range leaves {
		if l, ok := Label(id); !ok || l.SV == "" || l.EN == "" {
			t.Errorf("%s has no label", id)
		}
	}
	for id, l := range Questions() {
		if !leaves[id] && !slices.ContainsFunc(slices.Collect(keysOf(leaves)), func(k string) bool { return Below(k, id) }) {
			t.Errorf("%s is no question", id)
		}
		if l.SV == "" || l.EN == "" {
			t.Errorf("%s lacks a language", id)
		}
	}
	for _, e := range append(slices.Clone(examples), example{of: wide, do: func(a *Application) { a.Ethics = Ethics{} }}) {
		a := e.of()
		e.do(&a)
		for _, p := range Problems(a, today, catalog.Builtin()) {
			if _, ok := Label(p.Field); !ok {
				t.Errorf("the problem at %s has no label", p.Field)
			}
		}
	}
}

func keysOf(m map[string]bool) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func fields(t reflect.Type, path string, out map[string]bool) {
	switch {
	case t.Kind() == reflect.Pointer:
		fields(t.Elem(), path, out)
	case t.Kind() == reflect.Slice:
		fields(t.Elem(), path+"[]", out)
	case t.Kind() == reflect.Struct:
		for f := range t.Fields() {
			id, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if path != "" {
				id = path + "." + id
			}
			fields(f.Type, id, out)
		}
	default:
		out[path] = true
	}
}

func TestScenario17ChildInherits(t *testing.T) {
	t.Parallel()
	parent := wide()
	parent.Delivery.RetentionMonths, parent.Delivery.RetentionReason = 24, "Granskning"
	parent.Data[0].Incomplete = true
	before := fmt.Sprintf("%+v", parent)
	for kind, want := range map[string]string{
		ChildAmendment: "", ChildRenewed: "", ChildExtension: "project.end", ChildRetention: "delivery.retention_months delivery.retention_reason",
	} {
		c := Inherit(parent, "FK-2026-00001", kind)
		rows, err := Difference(parent, c)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			got = append(got, r.Field)
			if r.Label.SV == "" || r.Old == r.New {
				t.Errorf("%s: %+v", kind, r)
			}
		}
		always := []string{"child.kind", "child.parent", "data[0].accept_incomplete", "invoice.reference", "population.ready.by", "population.ready.on", "project.earlier_case", "sensitive"}
		all := append(always, strings.Fields(want)...)
		slices.Sort(all)
		slices.Sort(got)
		if !slices.Equal(got, all) {
			t.Errorf("%s: %v, want %v", kind, got, all)
		}
		ps := rules(Problems(c, today, catalog.Builtin()))
		if !slices.Contains(ps, "child child.reason") || kind != ChildRetention && !slices.Contains(ps, "population population.ready") {
			t.Errorf("%s: complete without new answers: %v", kind, ps)
		}
		c.Data[0].Benefits[0] = "x"
		c.Ethics.Approvals[0].Number = "x"
	}
	if fmt.Sprintf("%+v", parent) != before {
		t.Error("the parent has changed")
	}
}

func TestDifference(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		do   func(*Application)
		want string
	}{
		{"nothing", func(*Application) {}, ""},
		{"an answer", func(a *Application) { a.Title = "Ny" }, "title: Sjukfrånvaro → Ny"},
		{"yes to no", func(a *Application) { a.Sensitive = no() }, "sensitive: ja → nej"},
		{"a number", func(a *Application) { a.Population.Size = 2_000_000 }, "population.size: 1000 → 2000000"},
		{"a document less at the head", func(a *Application) { a.Attachments = a.Attachments[1:] }, "attachments[0].id: ansokan →  | attachments[0].kind: ethics_application →  | attachments[0].name: Etikansökan → "},
		{"only another order", func(a *Application) { slices.Reverse(a.Attachments); slices.Reverse(a.Data[0].Variables) }, ""},
		{"a variable more in the middle", func(a *Application) { a.Data[0].Variables = slices.Insert(a.Data[0].Variables, 1, "dagar") }, "data[0].variables[1]:  → dagar"},
		{"a variable twice", func(a *Application) { a.Data[0].Variables = append(a.Data[0].Variables, "diagnos") }, "data[0].variables[2]:  → diagnos"},
		{"a page of an item that moved", func(a *Application) { slices.Reverse(a.Ethics.Coverage); a.Ethics.Coverage[0].Page = 9 }, "ethics.coverage[0].page: 7 → 9"},
		{"a day", func(a *Application) { a.Data[0].To = on("2025-06-30") }, "data[0].to: 2025-12-31 → 2025-06-30"},
		{"a part more", func(a *Application) { a.Recipient = &Principal{Name: "Datorhallen"} }, "recipient.kind:  →  | recipient.name:  → Datorhallen"},
	} {
		a := clone(current())
		tt.do(&a)
		rows, err := Difference(current(), a)
		var got []string
		for _, r := range rows {
			got = append(got, r.Field+": "+r.Old.SV+" → "+r.New.SV)
			if r.Label.EN == "" {
				t.Errorf("%s: no label for %s", tt.name, r.Field)
			}
		}
		want := strings.ReplaceAll(tt.want, "recipient.kind:  →  | ", "")
		if s := strings.Join(got, " | "); err != nil || s != want {
			t.Errorf("%s: %q, want %q", tt.name, s, want)
		}
	}
}

// TestDifferenceAgreesWithChanged: nothing changed and no difference go
// together, but for the order of lists.
func TestDifferenceAgreesWithChanged(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		a := current()
		b := clone(a)
		n := rapid.IntRange(0, len(examples)-1).Draw(rt, "change")
		if rapid.Bool().Draw(rt, "changed") {
			b = clone(examples[n].of())
			examples[n].do(&b)
		}
		changed, err := Changed(a, b)
		if err != nil {
			rt.Fatal(err)
		}
		rows, err := Difference(a, b)
		if err != nil || len(changed) == 0 && len(rows) > 0 || len(changed) > 0 && len(rows) == 0 {
			rt.Fatalf("%v, %v: %v", changed, rows, err)
		}
		for _, r := range rows {
			if r.Old == r.New {
				rt.Fatalf("%+v", r)
			}
		}
	})
}
