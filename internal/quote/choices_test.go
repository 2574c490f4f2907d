package quote_test

import (
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/quote"
)

// linear are finished cases in which every table takes two hours and a file four.
func linear() (past []quote.Past) {
	for tables := 1; tables <= 6; tables++ {
		for _, file := range []bool{false, true} {
			for range 12 {
				f := quote.Features{Purpose: "research", Registers: 1, Tables: tables, Variables: 5 * tables, Persons: 1000, Deliveries: 1, FromFile: file}
				c := int64(1000 + 200*tables)
				if file {
					c += 400
				}
				past = append(past, quote.Past{Features: f, Centis: c})
			}
		}
	}
	return past
}

// TestSavings: a choice costs what the estimate without it is less, each with
// what it counts on; the published span tells nothing of choices.
func TestSavings(t *testing.T) {
	t.Parallel()
	f := quote.Features{Purpose: "research", Registers: 1, Tables: 3, Variables: 15, Persons: 1000, Deliveries: 1, FromFile: true}
	fewer, drawn, same, more := f, f, f, f
	fewer.Tables, fewer.Variables = 2, 10
	drawn.FromFile = false
	more.Tables, more.Variables = 4, 20
	name := catalog.Text{SV: "x", EN: "x"}
	reckon := func(past []quote.Past) func(quote.Features) quote.Interval {
		return func(f quote.Features) quote.Interval { return quote.Estimate(past, f) }
	}
	got := quote.Savings(reckon(linear()), f, []quote.Choice{{name, fewer}, {name, drawn}, {name, same}, {name, more}})
	if len(got) != 4 {
		t.Fatalf("%+v", got)
	}
	for i, want := range []struct {
		centis int64
		rule   string
	}{
		{200, "Räknat på 2 tabeller, 10 variabler i stället för 3 tabeller, 15 variabler."},
		{400, "Räknat utan: en populationsfil."},
		{0, "Beräkningen räknar på samma sak."},
		{0, "Räknat på 4 tabeller, 20 variabler i stället för 3 tabeller, 15 variabler."},
	} {
		if got[i].Centis != want.centis || got[i].Rule.SV != want.rule {
			t.Errorf("%d: %d, %q; want %d, %q", i, got[i].Centis, got[i].Rule.SV, want.centis, want.rule)
		}
		if whole, without := quote.Estimate(linear(), f), quote.Estimate(linear(), got[i].Without); got[i].Centis != max(0, whole.Middle-without.Middle) {
			t.Errorf("%d: not the estimate without it: %d and %d", i, whole.Middle, without.Middle)
		}
	}
	if got := quote.Savings(reckon(linear()[:20]), f, []quote.Choice{{name, drawn}}); got != nil {
		t.Errorf("of the published span: %+v", got)
	}
	if c := quote.Counted(f); c.SV != "1 register, 3 tabeller, 15 variabler, 1000 personer, 1 leverans, en populationsfil" || c.EN != "1 register, 3 tables, 15 variables, 1000 persons, 1 delivery, a population file" {
		t.Errorf("%q %q", c.SV, c.EN)
	}
}
