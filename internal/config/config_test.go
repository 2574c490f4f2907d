package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
)

func codes(ps []Problem) string {
	var out []string
	for _, p := range ps {
		if p.SV == "" || p.EN == "" || p.Field == "" {
			out = append(out, "says too little: "+p.Code)
		}
		out = append(out, strings.TrimPrefix(p.Code, "config."))
	}
	return strings.Join(out, " ")
}

// TestPromise10BuiltInNamesItsRule: the built-in authority can be shown, and
// says itself that its gallringsbeslut is an example.
func TestPromise10BuiltInNamesItsRule(t *testing.T) {
	t.Parallel()
	if got := codes(Problems(Authority())); got != "example_rule" {
		t.Errorf("problems: %s", got)
	}
}

// TestProblems breaks the second authority in one way at a time.
func TestProblems(t *testing.T) {
	t.Parallel()
	load := func() *order.Authority {
		a, err := Load("../../examples/authorities/halsodatamyndigheten.yaml")
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	a := load()
	if got := codes(Problems(a)); got != "" {
		t.Errorf("problems: %s", got)
	}
	if a.CasePrefix != "HDM" || a.FaultMonths != 6 || a.Cleared("bo.beslutar") {
		t.Errorf("%+v", a)
	}
	text, err := os.ReadFile("../../examples/authorities/halsodatamyndigheten.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if c, err := parse(append(text, "clearance: [bo.beslutar]\n"...)); err != nil || !c.Cleared("bo.beslutar") || c.Cleared("ylva") {
		t.Errorf("clearance in a file: %v", err)
	}
	if p, err := a.Prices.On(day.MustParse("2026-06-30")); err != nil || p.HourOre != 110_000 {
		t.Errorf("%+v, %v", p, err)
	}
	if a.Calendar.IsWorkingDay(day.MustParse("2026-05-15")) || !Authority().Calendar.IsWorkingDay(day.MustParse("2026-05-15")) {
		t.Error("local closing days")
	}
	for want, change := range map[string]func(*order.Authority){
		"name":            func(a *order.Authority) { a.Name.EN = "" },
		"case_prefix":     func(a *order.Authority) { a.CasePrefix = "H/D" },
		"document_number": func(a *order.Authority) { a.DocumentNumber = "{prefix}-{no}" },
		"prices":          func(a *order.Authority) { a.Prices = nil },
		"retention":       func(a *order.Authority) { a.RetentionMonths = 0 },
		"no_purge_rule":   func(a *order.Authority) { a.PurgeRule = " " },
		"example_rule":    func(a *order.Authority) { a.PurgeRule = "gallringsbeslut EXEMPEL-1" },
		"suppliers":       func(a *order.Authority) { a.Suppliers = append(a.Suppliers, a.Suppliers[0]) },
		"officer":         func(a *order.Authority) { a.Officer = "the officer at hdm.example" },
		"min_assurance": func(a *order.Authority) {
			a.MinAssurance = map[string]int{"release": 5, "no_such": 1, "decide": -1}
		},
		"people": func(a *order.Authority) { a.Deciders = []string{""} },
		"clocks": func(a *order.Authority) { a.Clocks = a.Book()[:1]; a.Clocks[0].Name.SV = "" },
	} {
		a := load()
		change(a)
		if got := codes(Problems(a)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestUnusableFiles: rubbish is refused, with the file and, where there is
// one, the field.
func TestUnusableFiles(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile("../../examples/authorities/halsodatamyndigheten.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty":         "",
		"no YAML":       "\tx: [",
		"unknown field": string(good) + "colour: red\n",
		"wrong type":    strings.Replace(string(good), "retention_months: 12", "retention_months: a year", 1),
		"no day":        strings.Replace(string(good), "2026-05-15", "2026-15-05", 1),
		"no rule":       strings.Replace(string(good), "purge_rule: Gallringsbeslut HDM 2026:3", "purge_rule: ''", 1),
		"too large":     string(good) + strings.Repeat("# x\n", maxFile/4),
	} {
		path := filepath.Join(t.TempDir(), "a.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Load(path)
		f, ok := err.(*fault.Fault)
		if !ok || f.Code != "config.authority" || f.Where.File != "a.yaml" || (name == "no rule") != (f.Where.Column == "purge_rule") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Load("nowhere.yaml"); err == nil {
		t.Error("a file that is not there")
	}
	if a, err := Load(""); err != nil || a.ID != "forsakringskassan" {
		t.Errorf("%v, %v", a, err)
	}
}
