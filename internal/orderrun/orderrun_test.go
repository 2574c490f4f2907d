package orderrun_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sluss/examples"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/orderfile"
	"sluss/internal/orderrun"
	"sluss/internal/plan"
)

// The vault's program and a set of synthetic registers, made once.
var engine, registers string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "orderrun-test-")
	if err != nil {
		panic(err)
	}
	engine, registers = filepath.Join(dir, "sluss-engine"), filepath.Join(dir, "registers")
	code := 1
	if err := build(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func build() error {
	for _, args := range [][]string{
		{"go", "build", "-o", engine, "sluss/cmd/sluss-engine"},
		{engine, "synth", "--persons", "1500", "--seed", "3", "--out", registers},
		{engine, "load", "--from", registers, "--store", filepath.Join(registers, "store")},
	} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w\n%s", args, err, out)
		}
	}
	return nil
}

func example(t *testing.T, name string) *orderfile.File {
	t.Helper()
	f, err := examples.Files.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	file, err := orderfile.Read(f, name)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// carryOut runs the order and returns the folder of results, what was printed
// and the error.
func carryOut(t *testing.T, f *orderfile.File) (out, printed string, err error) {
	t.Helper()
	out = filepath.Join(t.TempDir(), "out")
	var b bytes.Buffer
	_, err = orderrun.Run(context.Background(), orderrun.Options{
		File: f, Name: "order.yaml", Base: "../../examples", Data: registers, Out: out, Engine: engine, Lang: "en", Print: &b,
	})
	return out, b.String(), err
}

func TestExamplesFromApplicationToPurge(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"research.yaml":                 {"sjukfall.parquet", "delfall.csv", "fp_manad.parquet"},
		"research-refused-in-part.yaml": {"sjp_ar.csv"},
		"statistics.yaml":               {"sjukfall.parquet", "sjukfall_ar.csv", "sa_ar.csv"},
		"employers.yaml":                {"sjuklonekostnad.csv"},
		"families.yaml":                 {"barnbidrag.parquet", "graviditet.csv", "intyg.parquet"},
		"selection.yaml":                {"sjukfall.csv", "sa_ar.parquet"},
		"formats.yaml":                  {"fall_dta.dta", "fall_sav.sav", "fall_xpt.xpt", "ar_zsav.zsav", "ar_csv.csv"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, printed, err := carryOut(t, example(t, name))
			if err != nil {
				t.Fatalf("%v\n%s", err, printed)
			}
			for _, f := range want {
				info, err := os.Stat(filepath.Join(out, "recipient", "data", f))
				if err != nil || info.Size() < 100 {
					t.Errorf("%s: %v", f, err)
				}
			}
			var c struct {
				Phase order.Phase
				Steps []struct{ Event, Day, Law string }
			}
			b, err := os.ReadFile(filepath.Join(out, "case.json"))
			if err == nil {
				err = json.Unmarshal(b, &c)
			}
			if err != nil || c.Phase != order.PhaseClosed {
				t.Errorf("phase %q, %v, want closed", c.Phase, err)
			}
			for _, s := range c.Steps {
				if s.Law == "" || s.Day == "" {
					t.Errorf("step %s has no day or law", s.Event)
				}
			}
			if strings.Contains(printed, "PRIVATE") {
				t.Error("a private key was printed")
			}
		})
	}
}

// find returns the index of the first act.
func find(t *testing.T, f *orderfile.File, do string) int {
	t.Helper()
	i := slices.IndexFunc(f.Acts, func(a orderfile.Act) bool { return a.Do == do })
	if i < 0 {
		t.Fatalf("no act %s", do)
	}
	return i
}

func drop(do string) func(*testing.T, *orderfile.File) {
	return func(t *testing.T, f *orderfile.File) { i := find(t, f, do); f.Acts = slices.Delete(f.Acts, i, i+1) }
}

// before moves an act to stand before another, on the same day.
func before(do, other string) func(*testing.T, *orderfile.File) {
	return func(t *testing.T, f *orderfile.File) {
		i := find(t, f, do)
		a := f.Acts[i]
		f.Acts = slices.Delete(f.Acts, i, i+1)
		j := find(t, f, other)
		a.On = f.Acts[j].On
		f.Acts = slices.Insert(f.Acts, j, a)
	}
}

func change(do string, with func(*orderfile.Act)) func(*testing.T, *orderfile.File) {
	return func(t *testing.T, f *orderfile.File) { with(&f.Acts[find(t, f, do)]) }
}

func all(fs ...func(*testing.T, *orderfile.File)) func(*testing.T, *orderfile.File) {
	return func(t *testing.T, f *orderfile.File) {
		for _, g := range fs {
			g(t, f)
		}
	}
}

func extract(with func(*plan.Extract)) func(*testing.T, *orderfile.File) {
	return change("order_extraction", func(a *orderfile.Act) { with(&a.Spec.Extracts[0]) })
}

func decision(with func(*orderfile.Decision)) func(*testing.T, *orderfile.File) {
	return change("decide", func(a *orderfile.Act) { with(a.Decision) })
}

func days(do string, n day.Day) func(*testing.T, *orderfile.File) {
	return change(do, func(a *orderfile.Act) { a.On += n })
}

// broken lists every gate broken on purpose: what is done to the example, and
// the rule and promise that must stop it.
var broken = []struct {
	name    string
	example string
	breakIt func(*testing.T, *orderfile.File)
	rule    string
	promise int
}{
	{"complete without the ethics decision", "research.yaml", drop("answer_supplement"), "supplement_open", 0},
	{"complete without the ethics decision, never asked", "research.yaml", all(drop("request_supplement"), drop("answer_supplement")), "intake.ethics_decisions", 5},
	{"supplement outside what was asked for", "research.yaml", change("answer_supplement", func(a *orderfile.Act) { a.Change = json.RawMessage(`{"title":"Annat"}`) }), "supplement_locked", 0},
	{"sensitive data called not sensitive", "research-refused-in-part.yaml", func(_ *testing.T, f *orderfile.File) { no := false; f.Application.Sensitive = &no }, "intake.sensitive_derived", 5},
	{"benefit without ethics support", "research-refused-in-part.yaml", func(_ *testing.T, f *orderfile.File) {
		f.Application.Ethics.Coverage = f.Application.Ethics.Coverage[:1]
	}, "intake.ethics_coverage", 5},
	{"another recipient without processing agreement", "research-refused-in-part.yaml", func(_ *testing.T, f *orderfile.File) {
		r := f.Application.Principal
		r.OrgNo = "202199-0045"
		f.Application.Recipient = &r
	}, "intake.processing_agreement", 6},
	{"decision before the draft is agreed", "research.yaml", all(drop("agree_draft"), drop("review")), "draft_agreed", 16},
	{"decision without review", "research.yaml", drop("review"), "reviewed", 8},
	{"decision without quote", "research.yaml", decision(func(d *orderfile.Decision) { d.Quote = nil }), "decision_without_quote", 16},
	{"decision twice", "research.yaml", func(t *testing.T, f *orderfile.File) {
		i := find(t, f, "decide")
		f.Acts = slices.Insert(f.Acts, i+1, f.Acts[i])
	}, "decided_twice", 8},
	{"decision without reasons", "research.yaml", decision(func(d *orderfile.Decision) { d.Reasons.SV = "" }), "decision_reasons", 0},
	{"decision by somebody whom the delegation order does not name", "research.yaml", func(_ *testing.T, f *orderfile.File) { f.Authority.Deciders = []string{"gd"} }, "delegation", 0},
	{"private principal without förbehåll", "research-refused-in-part.yaml", decision(func(d *orderfile.Decision) { d.Forbehall = nil }), "forbehall", 7},
	{"förbehåll not acknowledged", "research-refused-in-part.yaml", drop("acknowledge_forbehall"), "forbehall", 7},
	{"refusal without appeal guide", "research-refused-in-part.yaml", decision(func(d *orderfile.Decision) { d.Appeal.SV = "" }), "appeal", 0},
	{"personnummer without ethics support", "research.yaml", decision(func(d *orderfile.Decision) { d.Identity.Kind = plan.IdentityPersonalNumber }), "identified_unsupported", 4},
	{"key kept without ethics support", "research.yaml", decision(func(d *orderfile.Decision) {
		d.Identity.KeyPolicy = order.KeyKeptUntil
		d.Identity.KeepUntil = "2029-01-01"
	}), "key_unsupported", 9},
	{"population before the decision", "research.yaml", before("population", "decide"), "disclosing_decision", 1},
	{"population before the decision is dispatched", "research.yaml", before("population", "dispatch_decision"), "disclosing_decision", 1},
	{"extraction before the quote is accepted", "research.yaml", drop("accept_quote"), "quote_accepted", 2},
	{"extraction without population", "research.yaml", drop("population"), "population_checked", 2},
	{"another quote accepted", "research.yaml", change("accept_quote", func(a *orderfile.Act) { a.Hash = strings.Repeat("0", 64) }), "other_quote", 16},
	{"more persons than decided", "research.yaml", decision(func(d *orderfile.Decision) { d.Persons.Max = 10 }), "population_checked", 2},
	{"a column that is not decided", "research.yaml", extract(func(e *plan.Extract) { e.Columns = append(e.Columns, plan.Column{Name: "forsakradtyp"}) }), "outside_decision", 3},
	{"diagnosis finer than decided", "research.yaml", extract(func(e *plan.Extract) { e.Columns[5].Coarsen = nil }), "outside_decision", 3},
	{"a longer window than decided", "research.yaml", extract(func(e *plan.Extract) { e.Window.To.Offset.Months++ }), "outside_decision", 3},
	{"a finer shape than decided", "research.yaml", change("order_extraction", func(a *orderfile.Act) {
		a.Spec.Extracts[2].Shape = plan.Shape{Panel: &plan.PanelShape{Unit: "day"}}
		a.Spec.Extracts[2].Columns[1].Name = "dag"
	}), "outside_decision", 3},
	{"benefits that are not decided", "research.yaml", extract(func(e *plan.Extract) { e.Where = nil }), "outside_decision", 3},
	{"days outside the period", "research.yaml", extract(func(e *plan.Extract) { e.History = "reveal" }), "outside_decision", 3},
	{"personnummer that the decision does not give", "research.yaml", change("order_extraction", func(a *orderfile.Act) { a.Spec.Identity = plan.IdentityPersonalNumber }), "outside_decision", 3},
	{"released by whoever ran it", "research.yaml", func(t *testing.T, f *orderfile.File) {
		for i := range f.People {
			if f.People[i].ID == "sten.statistiker" {
				f.People[i].Roles = append(f.People[i].Roles, order.RoleReleaser)
			}
		}
		a := &f.Acts[find(t, f, "release")]
		a.By, a.As = "sten.statistiker", order.RoleReleaser
	}, "four_eyes", 13},
	{"another content released", "research.yaml", change("release", func(a *orderfile.Act) { a.Hash = strings.Repeat("0", 64) }), "other_manifest", 13},
	{"receipt for another content", "research.yaml", change("receipt", func(a *orderfile.Act) { a.Hash = strings.Repeat("0", 64) }), "other_manifest", 13},
	{"invoice too early", "research.yaml", days("invoice", -14), "invoice_early", 0},
	{"sent again on the purge date", "research.yaml", func(t *testing.T, f *orderfile.File) {
		i := find(t, f, "send_again")
		a := f.Acts[i]
		f.Acts = slices.Delete(f.Acts, i, i+1)
		a.On = f.Acts[find(t, f, "purge")].On
		f.Acts = slices.Insert(f.Acts, find(t, f, "purge"), a)
	}, "purge_due", 10},
	{"purge a day too early", "research.yaml", days("purge", -1), "purge_early", 10},
	{"purge without a rule", "research.yaml", func(_ *testing.T, f *orderfile.File) { none := ""; f.Authority.PurgeRule = &none }, "no_purge_rule", 10},
	{"an act by the wrong role", "research.yaml", change("accept_quote", func(a *orderfile.Act) { a.By, a.As = "elin.sjolund", order.RoleOrderer }), "access", 0},
	{"no fee without a duty to supply", "statistics.yaml", change("draft_quote", func(a *orderfile.Act) { a.Quote.NoFee = "en förordning" }), "no_fee_ground", 11},
}

func TestEveryGateBrokenOnPurpose(t *testing.T) {
	t.Parallel()
	for _, tt := range broken {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := example(t, tt.example)
			tt.breakIt(t, f)
			out, printed, err := carryOut(t, f)
			stop, ok := errors.AsType[*fault.Fault](err)
			if !ok {
				t.Fatalf("not stopped: %v\n%s", err, printed)
			}
			if stop.Class != fault.Gate || stop.Rule != tt.rule || stop.Promise != tt.promise || stop.Law == "" {
				t.Errorf("stopped by %q (class %d, promise %d, law %q): %v\nwant %q, promise %d", stop.Rule, stop.Class, stop.Promise, stop.Law, err, tt.rule, tt.promise)
			}
			if stop.Where.Line == 0 {
				t.Errorf("no line: %v", err)
			}
			if _, err := os.Stat(out); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("something was written: %v", err)
			}
		})
	}
}

// What comes too early is logged and not read (promise 1).
func TestPromise01EarlyPopulationIsLoggedUnread(t *testing.T) {
	t.Parallel()
	f := example(t, "research.yaml")
	before("population", "decide")(t, f)
	_, printed, err := carryOut(t, f)
	if err == nil || !strings.Contains(printed, "came too early and was not read") {
		t.Errorf("%v\n%s", err, printed)
	}
}

// Promise 15: the same specification, snapshot and key file give the same
// bytes. The key file of the statistics order is the authority's own, so two
// runs of it have the same numbers.
func TestPromise15SameBytesFromApplicationToParcel(t *testing.T) {
	t.Parallel()
	var first map[string]string
	for range 2 {
		out, printed, err := carryOut(t, example(t, "statistics.yaml"))
		if err != nil {
			t.Fatalf("%v\n%s", err, printed)
		}
		got := map[string]string{}
		for _, name := range []string{"sjukfall.parquet", "sa_ar.csv"} {
			b, err := os.ReadFile(filepath.Join(out, "recipient", "data", name))
			if err != nil {
				t.Fatal(err)
			}
			got[name] = string(b)
		}
		if first == nil {
			first = got
		} else if first["sjukfall.parquet"] != got["sjukfall.parquet"] || first["sa_ar.csv"] != got["sa_ar.csv"] {
			t.Error("the data files differ between two runs")
		}
	}
}

func TestUnusableInput(t *testing.T) {
	t.Parallel()
	for name, breakIt := range map[string]func(*testing.T, *orderfile.File){
		"unknown act":          func(_ *testing.T, f *orderfile.File) { f.Acts[1].Do = "dance" },
		"first act not submit": func(_ *testing.T, f *orderfile.File) { f.Acts = f.Acts[1:] },
		"missing attachment":   func(_ *testing.T, f *orderfile.File) { f.Files["etikansokan"] = "nowhere.pdf" },
		"missing population":   change("population", func(a *orderfile.Act) { a.File = "nowhere.csv" }),
		"no decision":          change("decide", func(a *orderfile.Act) { a.Decision = nil }),
		"no specification":     change("order_extraction", func(a *orderfile.Act) { a.Spec = nil }),
		"no snapshot so early": change("order_extraction", func(a *orderfile.Act) { a.Spec.AsOf = &plan.AsOf{Instant: "2020-01-01T00:00:00Z"} }),
		"impossible hours":     change("draft_quote", func(a *orderfile.Act) { a.Quote.Hours = map[string]float64{"review": -1} }),
		"unknown variable":     extract(func(e *plan.Extract) { e.Columns[1].Name = "hemlig" }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := example(t, "research.yaml")
			breakIt(t, f)
			out, _, err := carryOut(t, f)
			if fault.ClassOf(err) != fault.Input {
				t.Errorf("%v, want a fault of class input", err)
			}
			if _, err := os.Stat(out); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("something was written: %v", err)
			}
		})
	}
}
