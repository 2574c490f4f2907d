package enginetest

import (
	"slices"
	"testing"

	"sluss/internal/plan"
)

// testAssumptions tells what the assumptions A2, A3 and A5 make of a person's
// payments, worked out by hand, and that nothing of it leaves where it may not.
func testAssumptions(t *testing.T, mk Maker) {
	spell := Extract{Shape: "spell", Gap: 4, Columns: []string{"from_datum", "tom_datum", "bruttodagar", "dagar", "nettodagar", "delforman", "lopnr"}}
	narrow, wide := spell, spell
	narrow.Gap, wide.Gap = 3, 30
	subspell := Extract{Shape: "subspell", Columns: []string{"from_datum", "tom_datum", "omfattning", "dagar", "fall_nr", "lopnr"}}
	month := Extract{Shape: "panel_month", Columns: []string{"manad", "dagar", "nettodagar", "belopp", "lopnr"}}
	layout := Extract{Shape: "subspell_42", Columns: []string{"from_datum", "tom_datum", "omfattning", "bruttodagar", "dagar", "belopp", "fall_from", "fall_dagar", "lopnr"}}
	since := func(e Extract, from string) Extract { e.From = from; return e }
	payments := Extract{Shape: "payment", Columns: []string{"from_datum", "tom_datum", "dagar", "belopp", "lopnr"}}
	where := func(e Extract, f plan.Filter) Extract { e.Where = append(e.Where, f); return e }

	// An own-account worker with 30 waiting days: breaks of 19 and 20 days.
	trader := Sick(
		Pay{From: "2024-01-01", Tom: "2024-01-10", Insured: "5", Waits: "30"},
		Pay{From: "2024-01-30", Tom: "2024-02-08", Insured: "5", Waits: "30"},
		Pay{From: "2024-02-29", Tom: "2024-03-09", Insured: "5", Waits: "30"},
	)
	oneDay := Sick(
		Pay{From: "2024-01-01", Tom: "2024-01-10", Insured: "5", Waits: "1"},
		Pay{From: "2024-01-16", Tom: "2024-01-20", Insured: "5", Waits: "1"},
	)
	// An employee who fell ill on the first of January.
	employee := Sick(
		Pay{From: "2024-01-15", Tom: "2024-01-31", Insured: "8", Ill: "2024-01-01", Ore: 1700000},
		Pay{From: "2024-02-01", Tom: "2024-02-10", Insured: "8", Ill: "2024-01-01", Extent: 500, Ore: 500000},
	)
	// Somebody whose occupational injury benefit tops up sickness benefit.
	injured := Sick(
		Pay{From: "2024-01-01", Tom: "2024-01-20", Ore: 1200000},
		Pay{From: "2024-01-01", Tom: "2024-02-09", Benefit: "ASP", Track: 9, Ore: 40 * 10099}, // 100.99 kronor a day
		Pay{From: "2024-03-01", Tom: "2024-03-10", Benefit: "ASP", Track: 9, Ore: 10 * 10100}, // 101 kronor a day
	)
	for _, x := range []struct {
		name string
		w    World
		do   Extract
		want []string
	}{
		{"19 free days join, 20 do not", trader, spell, []string{"2024-01-01;2024-02-08;39;20;20;SJP;100", "2024-02-29;2024-03-09;10;10;10;SJP;100"}},
		{"who asks for less gets less", trader, narrow, []string{"2024-01-01;2024-01-10;10;10;10;SJP;100", "2024-01-30;2024-02-08;10;10;10;SJP;100", "2024-02-29;2024-03-09;10;10;10;SJP;100"}},
		{"who asks for more gets more", trader, wide, []string{"2024-01-01;2024-03-09;69;30;30;SJP;100"}},
		{"one waiting day is as everybody's", oneDay, spell, []string{"2024-01-01;2024-01-10;10;10;10;SJP;100", "2024-01-16;2024-01-20;5;5;5;SJP;100"}},
		{
			"the gap is a line of the layout", trader, layout,
			[]string{
				"2024-01-01;2024-01-10;1;10;10;0;2024-01-01;39;100", "2024-01-11;2024-01-29;0;19;0;0;2024-01-01;39;100", "2024-01-30;2024-02-08;1;10;10;0;2024-01-01;39;100",
				"2024-02-29;2024-03-09;1;10;10;0;2024-02-29;10;100",
			},
		},
		{"sick pay belongs to the spell", employee, spell, []string{"2024-01-01;2024-02-10;41;41;22;SJP;100"}},
		{"as a sub-spell of extent 0", employee, subspell, []string{"2024-01-01;2024-01-14;0;14;1;100", "2024-01-15;2024-01-31;100;17;1;100", "2024-02-01;2024-02-10;50;10;1;100"}},
		{"cut by the window", employee, since(subspell, "2024-01-10"), []string{"2024-01-10;2024-01-14;0;5;1;100", "2024-01-15;2024-01-31;100;17;1;100", "2024-02-01;2024-02-10;50;10;1;100"}},
		{"nothing of it before the window", employee, since(spell, "2024-01-15"), []string{"2024-01-15;2024-02-10;27;27;22;SJP;100"}},
		{"days without net days and without money", employee, month, []string{"2024-01;31;17;1700000;100", "2024-02;10;5;500000;100"}},
		{"not among payments", employee, payments, []string{"2024-01-15;2024-01-31;17;1700000;100", "2024-02-01;2024-02-10;10;500000;100"}},
		{"nor for those who are not employed", Sick(Pay{From: "2024-01-15", Tom: "2024-01-31", Insured: "2", Ill: "2024-01-01"}), spell, []string{"2024-01-15;2024-01-31;17;17;17;SJP;100"}},
		{"nor for those who fell ill more than 14 days before", Sick(Pay{From: "2024-01-15", Tom: "2024-01-31", Insured: "8", Ill: "2023-12-31"}), spell, []string{"2024-01-15;2024-01-31;17;17;17;SJP;100"}},
		{"left out with days of extent 0", employee, where(spell, plan.Filter{Var: "omfattning", Stage: plan.StageSubspell, Between: []any{float64(25), float64(100)}}), []string{"2024-01-15;2024-02-10;27;27;22;SJP;100"}},
		{"a top-up has no days", injured, spell, []string{"2024-01-01;2024-01-20;20;20;20;SJP;100", "2024-03-01;2024-03-10;10;10;10;ASP;100"}},
		{"but its money", injured, month, []string{"2024-01;20;20;1513069;100", "2024-02;0;0;90891;100", "2024-03;10;10;101000;100"}},
		{"in the layout on the days of spells", injured, layout, []string{"2024-01-01;2024-01-20;1;20;20;1401980;2024-01-01;20;100", "2024-03-01;2024-03-10;1;10;10;101000;2024-03-01;10;100"}},
		{"and as a payment it is as it was", injured, payments, []string{"2024-01-01;2024-01-20;20;1200000;100", "2024-01-01;2024-02-09;40;403960;100", "2024-03-01;2024-03-10;10;101000;100"}},
		{"sickness benefit of little money is no top-up", Sick(Pay{From: "2024-01-01", Tom: "2024-01-10", Ore: 30000}), spell, []string{"2024-01-01;2024-01-10;10;10;10;SJP;100"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			if got := Lines(t, mk(t, x.w), Job(x.w, x.do)); !slices.Equal(got, x.want) {
				t.Errorf("got  %q\nwant %q", got, x.want)
			}
		})
	}
}
