package orderfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"sluss/examples"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
)

const small = `# an order
order: sluss/order/v1
people:
  - {id: elin, name: Elin, roles: [orderer, representative]}
  - id: bo
    name: Bo
    roles:
      - decider
application:
  purpose: research
  title: "2024"
  project: {questions: Varför?, start: 2026-09-01, end: 2029-12-31, deliveries: 1}
files: {}

acts:
  # the first
  - {on: 2026-11-02, by: elin, do: submit}

  -
    on: 2026-11-03
    by: elin
    as: representative
    do: draft_quote
    text: |
      - on: this is text
      - and so is this
    quote: &q {form: fixed, hours: {review: 2.25}, vat: standard_25, valid_to: 2027-01-31}
  - on: 2026-11-04
    by: bo
    do: decide
    decision:
      id: B1
      persons: {source: file, max: 10, id: pnr, protected: exclude}
      rows:
        - register: midas_sjuk
          table: midas_sjp
          outcome: disclose
          period: {from: 2022-01-01, to: 2026-01-01}
          around: {from: {anchor: a, offset: -P1Y}, to: {anchor: a, offset: P2Y}}
          variables: [{id: from_datum, level: month}]
      expires: 2027-12-31
      quote: *q
  - on: 2026-11-04
    by: bo
    do: order_extraction
    spec:
      extracts:
        - name: fall
          table: midas_sjp
          shape: {spell: {max_gap_days: 4}}
          window: {from: 2022-01-01, to: 2026-01-01}
          where: [{var: delforman, stage: row, in: [SJP, 7]}]
          columns: [{name: lopnr}]
          output: {file: fall, format: csv}
  - {on: 2026-11-05, by: calendar, do: purge, change: {title: null, population: {size: 3}}}
`

func read(text string) (*File, error) { return Read(strings.NewReader(text), "order.yaml") }

func TestRead(t *testing.T) {
	t.Parallel()
	f, err := read(small)
	if err != nil {
		t.Fatal(err)
	}
	lines := []int{}
	for _, a := range f.Acts {
		lines = append(lines, a.Line)
	}
	if fmt.Sprint(lines) != "[17 20 28 43 55]" {
		t.Errorf("acts stand on lines %v", lines)
	}
	if a := f.Acts[0]; a.As != order.RoleOrderer || a.On != day.MustParse("2026-11-02") {
		t.Errorf("%+v", a)
	}
	if a := f.Acts[1]; a.As != order.RoleRepresentative || a.Quote.Hours["review"] != 2.25 || !strings.HasPrefix(a.Text, "- on: this") {
		t.Errorf("%+v", a)
	}
	d := f.Acts[2].Decision
	if d.Quote == nil || d.Quote.ValidTo.String() != "2027-01-31" || d.Rows[0].Around.From.Offset != (day.Offset{Months: -12}) || d.Rows[0].Variables[0].Level != "month" {
		t.Errorf("%+v", d)
	}
	if x := f.Acts[3].Spec.Extracts[0]; x.Shape.Of() != catalog.ShapeSpell || x.Where[0].In[1] != 7.0 {
		t.Errorf("%+v", x)
	}
	if string(f.Acts[4].Change) != `{"population":{"size":3},"title":null}` || f.Acts[4].As != "" {
		t.Errorf("%s", f.Acts[4].Change)
	}
	if f.Application.Title != "2024" {
		t.Errorf("title %q", f.Application.Title)
	}
}

// TestFaultsHaveTheirLine: whatever is wrong is told with the line and field
// where it stands, and what to do.
func TestFaultsHaveTheirLine(t *testing.T) {
	t.Parallel()
	swap := func(from, to string) string {
		if !strings.Contains(small, from) {
			t.Fatalf("%q does not stand in the file", from)
		}
		return strings.Replace(small, from, to, 1)
	}
	for _, tt := range []struct {
		name, text string
		line       int
		field      string
	}{
		{"format", swap("sluss/order/v1", "sluss/order/v2"), 1, "order"},
		{"broken YAML", swap("id: bo", "id: [bo"), 6, ""},
		{"tab", swap("    name: Bo", "\tname: Bo"), 6, ""},
		{"unknown field", swap("do: decide", "do: decide\n    reason: x"), 31, "acts[2].reason"},
		{"misspelt field deep down", swap("outcome: disclose", "outcom: disclose"), 37, "acts[2].decision.rows[0].outcom"},
		{"field that stands elsewhere", swap("title: \"2024\"", "title: x\n  text: y"), 12, "application.text"},
		{"field in a list on one line", swap("level: month", "nivå: month"), 40, "acts[2].decision.rows[0].variables[0].nivå"},
		{"capital letter", swap("  purpose:", "  Purpose:"), 10, "application.Purpose"},
		{"unknown field inside a shape", swap("{max_gap_days: 4}", "{max_gap_days: 4, gap: 5}"), 50, "acts[3].spec.extracts[0].shape"},
		{"spell without its gap", swap("{max_gap_days: 4}", "{}"), 50, "acts[3].spec.extracts[0].shape"},
		{"half a window", swap("window: {from: 2022-01-01, to: 2026-01-01}", "window: {from: 2022-01-01}"), 51, "acts[3].spec.extracts[0].window"},
		{"offset", swap("offset: -P1Y", "offset: a year"), 39, "acts[2].decision.rows[0].around"},
		{"text for a number", swap("deliveries: 1}", "deliveries: one}"), 12, "application.project.deliveries"},
		{"number for text", swap(`title: "2024"`, "title: 2024"), 11, "application.title"},
		{"half a number", swap("deliveries: 1}", "deliveries: 1.5}"), 12, "application.project.deliveries"},
		{"no date", swap("start: 2026-09-01", "start: 2026-09-31"), 12, "application.project.start"},
		{"list for fields", swap("files: {}", "files: []"), 13, "files"},
		{"fields for a list", swap("roles: [orderer, representative]", "roles: {a: orderer}"), 4, "people[0].roles"},
		{"text for fields", swap("persons: {source: file, max: 10, id: pnr, protected: exclude}", "persons: all"), 33, "acts[2].decision.persons"},
		{"key twice", swap("    by: bo\n    do: decide", "    by: bo\n    by: elin\n    do: decide"), 30, ""},
		{"alias of nothing", swap("quote: *q", "quote: *p"), 42, "acts[2].decision.quote"},
		{"merge key", swap("id: B1", "<<: {id: B1}"), 32, "acts[2].decision"},
		{"tag", swap("id: B1", "id: !!binary aGVq"), 32, "acts[2].decision.id"},
		{"unknown person", swap("by: calendar", "by: karin"), 55, "acts.by"},
		{"somebody else's role", swap("as: representative", "as: decider"), 20, "acts.as"},
		{"the calendar as somebody", swap("by: calendar", "by: calendar, as: decider"), 55, "acts.as"},
		{"back in time", swap("on: 2026-11-05", "on: 2026-11-01"), 55, "acts.on"},
		{"no day", swap("on: 2026-11-02, ", ""), 17, "acts.on"},
		{"nothing done", swap("do: submit", "text: x"), 17, "acts.do"},
		{"id twice", swap("id: bo", "id: elin"), 5, "people"},
		{"id with a space", swap("id: bo", "id: bo ek"), 5, "people"},
		{"somebody called calendar", swap("id: bo", "id: calendar"), 5, "people"},
		{"no roles", swap("      - decider", "      []"), 5, "people"},
		{"the vault's role", swap("- decider", "- engine"), 5, "people.roles"},
		{"no acts", small[:strings.Index(small, "acts:")], 0, "acts"},
		{"two documents", small + "---\norder: sluss/order/v1\n", 0, ""},
		{"nothing", "", 0, ""},
		{"only a comment", "# order\n", 0, ""},
		{"a list", "- order\n", 1, ""},
		{"a word", "order\n", 1, ""},
		{"too large", small + strings.Repeat("#\n", 1<<19), 0, ""},
		{"too deep", "order: " + strings.Repeat("[", 60) + strings.Repeat("]", 60), 1, ""},
	} {
		f, err := read(tt.text)
		got, ok := err.(*fault.Fault)
		if !ok || f != nil && err == nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got.Where.Line != tt.line || tt.field != "" && got.Where.Column != tt.field || got.Where.File != "order.yaml" || got.Class != fault.Input || got.DoSV == "" || got.DoEN == "" {
			t.Errorf("%s: line %d, field %q (%s), want line %d, field %q", tt.name, got.Where.Line, got.Where.Column, got.EN, tt.line, tt.field)
		}
	}
	if _, err := Read(iotest.ErrReader(errors.New("disk")), "order.yaml"); fault.ClassOf(err) != fault.Input {
		t.Errorf("unreadable: %v", err)
	}
}

// TestAliasesDoNotGrow: a small file that would become millions of values is
// refused at once.
func TestAliasesDoNotGrow(t *testing.T) {
	t.Parallel()
	text := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		text += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", c-1), 9), ","))
	}
	if _, err := read(text); err == nil || !strings.Contains(err.Error(), "values") {
		t.Errorf("%v", err)
	}
	if _, err := read("a: &a [*a]\n"); err == nil {
		t.Error("a value that holds itself is read")
	}
}

func TestExamplesRead(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("examples: %v, %v", names, err)
	}
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Read(file, filepath.Base(name))
		file.Close()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, a := range f.Acts {
			if a.Line == 0 || i > 0 && a.Line <= f.Acts[i-1].Line {
				t.Errorf("%s: act %d stands on line %d", name, i, a.Line)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(small)
	f.Add("a: &a [*a]\n")
	f.Add("order: sluss/order/v1\nacts: [{on: 2026-01-01}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := read(text)
		if err == nil && (file.Order != Version || len(file.Acts) == 0) {
			t.Error("an order without acts is read")
		}
		if err != nil && fault.ClassOf(err) != fault.Input {
			t.Errorf("%v", err)
		}
	})
}

// TestExamplesAreOnTodaysForm: what is copied from an example is taken in.
func TestExamplesAreOnTodaysForm(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"research.yaml", "research-refused-in-part.yaml", "statistics.yaml", "families.yaml", "formats.yaml", "selection.yaml"} {
		f, err := examples.Files.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		o, err := Read(f, name)
		if err != nil || o.Application.Form != intake.CurrentForm {
			t.Errorf("%s: form %d, %v", name, o.Application.Form, err)
		}
	}
}

// TestAsOf: what the registers knew is said once, by a snapshot or an instant.
func TestAsOf(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		"{extracts: []}": true, "{snapshot: s1, extracts: []}": true, "{as_of: {snapshot: s1}, extracts: []}": true, "{as_of: {instant: 2026-11-01T00:00:00Z}, extracts: []}": true,
		"{as_of: {}, extracts: []}": false, "{as_of: {instant: 2026-11-01}, extracts: []}": false, "{as_of: {snapshot: s1, instant: 2026-11-01T00:00:00Z}, extracts: []}": false,
		"{snapshot: s1, as_of: {snapshot: s1}, extracts: []}": false, "{as_of: {load: 3}, extracts: []}": false,
	} {
		file := "order: sluss/order/v1\npeople: [{id: siv, name: Siv, roles: [statistician]}]\napplication: {purpose: research}\nfiles: {}\nacts:\n  - {on: 2026-11-02, by: siv, do: order_extraction, spec: " + text + "}\n"
		if _, err := Read(strings.NewReader(file), "order.yaml"); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}
