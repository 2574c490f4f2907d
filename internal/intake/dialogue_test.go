package intake

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

func TestFixed(t *testing.T) {
	t.Parallel()
	if ps := Fixed(current()); len(ps) != 0 {
		t.Errorf("%v", rules(ps))
	}
	a := current()
	a.Data = append(a.Data, Wish{Register: "midas_sers", Benefits: []string{"SE"}, Need: "per år"}, Wish{Register: "tfp", Table: "tfp"})
	if got := rules(Fixed(a)); !slices.Equal(got, []string{"fixed data[1].table", "fixed data[2].variables"}) {
		t.Errorf("%v", got)
	}
}

// TestPropose: needs as people write them, with the table, the shape, and some
// variables that must and must not be suggested.
func TestPropose(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	for _, tt := range []struct {
		need     string
		table    string
		shape    catalog.Shape
		benefits string
		has, not string
	}{
		{"Sjukpenning per månad med antal nettodagar och diagnos", "midas_sjp", catalog.ShapePanelMonth, "SJP", "manad nettodagar", "from_datum diagnos"},
		{"När sjukfall med sjukpenning började och slutade, med ICD-10", "midas_sjp", catalog.ShapeSpell, "SJP", "from_datum tom_datum diagnos", "belopp manad"},
		{"Sjukpenning, fall med datum, inte diagnos", "midas_sjp", catalog.ShapeSpell, "SJP", "from_datum", "diagnos"},
		{"Annual amounts of parental benefit per child", "midas_fp", catalog.ShapePanelYear, "FP", "ar belopp barn_lopnr", "diagnos"},
		{"Hur mycket föräldrapenning, i kronor per år", "midas_fp", catalog.ShapePanelYear, "FP", "ar belopp", ""},
		{"Aktivitetsersättning och sjukersättning: omfattning", "midas_sa", catalog.ShapeSpell, "AE SE", "", "belopp"},
		{"Dagar med vab", "tfp", catalog.ShapeSpell, "VAB", "dagar", "belopp"},
		{"Vilka tänder som behandlats och vilka åtgärder", "tandvard", catalog.ShapePayment, "", "tand atgard", "belopp"},
		{"Kön och ålder", "person", catalog.ShapePayment, "", "kon alder", "lan"},
		{"Sickness benefit, duration of spells", "midas_sjp", catalog.ShapeSpell, "SJP", "dagar", "diagnos"},
	} {
		ps := Propose(tt.need, nil, cat)
		if len(ps) == 0 {
			t.Errorf("%q: nothing proposed", tt.need)
			continue
		}
		p := ps[0]
		ids := func(ss []Suggestion) (out []string) {
			for _, s := range ss {
				out = append(out, s.ID)
				if s.Why.SV == "" || s.Why.EN == "" {
					t.Errorf("%q: no reason for %s", tt.need, s.ID)
				}
			}
			return out
		}
		got := ids(p.Variables)
		benefits := ids(p.Benefits)
		slices.Sort(benefits)
		if p.Table != tt.table || p.Shape != tt.shape || strings.Join(benefits, " ") != tt.benefits {
			t.Errorf("%q: %s as %s of %v", tt.need, p.Table, p.Shape, benefits)
		}
		for _, v := range strings.Fields(tt.has) {
			if !slices.Contains(got, v) {
				t.Errorf("%q: %v lacks %s", tt.need, got, v)
			}
		}
		for _, v := range strings.Fields(tt.not) {
			if slices.Contains(got, v) {
				t.Errorf("%q: %v holds %s", tt.need, got, v)
			}
		}
	}
	if p := Propose("Sjukpenning per månad och diagnos", nil, cat)[0]; len(p.OtherShape) != 1 || p.OtherShape[0].ID != "diagnos" {
		t.Errorf("not said that diagnosis is not part of a month panel: %+v", p.OtherShape)
	}
	for _, need := range []string{"", "Hur mår de?", "väder"} {
		if ps := Propose(need, nil, cat); len(ps) != 0 {
			t.Errorf("%q: %+v", need, ps)
		}
	}
	if ps := Propose("dagar", []string{"midas_fp", "midas_foraldra"}, cat); len(ps) != 1 || ps[0].Register != "midas_foraldra" {
		t.Errorf("an asked register is not proposed: %+v", ps)
	}
}

// TestProposedIsOrderable: whatever the need, what is proposed is a wish
// without problems of its own, and it is fixed.
func TestProposedIsOrderable(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	pieces := []string{"sjukpenning", "föräldrapenning", "per år", "månadsvis", "diagnos", "inte", "belopp", "barn", "fall", "utbetalningar", "tänder", "kön", "dagar", "start", "utan", "och"}
	rapid.Check(t, func(rt *rapid.T) {
		need := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(rt, "need"), " ")
		for _, p := range Propose(need, nil, cat) {
			a := current()
			a.Data = []Wish{p.Wish(Wish{Benefits: []string{cat.Register(p.Register).ID}, From: 1, To: 2})}
			a.Data[0].Benefits = nil
			l := look{Application: a, on: today, cat: cat, rule: &Rule{}}
			checkData(&l)
			for _, x := range l.out {
				if x.Field != "data[0].benefits" {
					rt.Fatalf("%q: %s: %s", need, x.Field, x.EN)
				}
			}
			if left := Fixed(a); len(p.Variables) > 0 && len(left) > 0 {
				rt.Fatalf("%q: %v", need, rules(left))
			}
		}
	})
}

func TestOrderable(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	for _, tt := range []struct{ register, on, until string }{
		{"midas_sjuk", "2026-10-31", "2026-07-31"}, // the worked example: July at the end of October
		{"midas_sjuk", "2026-10-30", "2026-06-30"},
		{"midas_sjuk", "2026-11-02", "2026-07-31"},
		{"midas_sers", "2026-11-02", "2026-01-31"},
		{"midas_foraldra", "2027-03-31", "2026-12-31"},
		{"midas_foraldra", "2027-03-30", "2026-11-30"},
	} {
		if got, known := OrderableUntil(cat.Register(tt.register), on(tt.on)); !known || got.String() != tt.until {
			t.Errorf("%s on %s: %s, want %s", tt.register, tt.on, got, tt.until)
		}
	}
	if _, known := OrderableUntil(cat.Register("tandvard"), today); known {
		t.Error("a payment register has no coverage limit")
	}
	if got, _ := OrderableFrom(cat.Register("midas_sjuk"), on("2026-12-31")); got != on("2027-03-31") {
		t.Errorf("2026 is orderable from %s", got)
	}
	rapid.Check(t, func(rt *rapid.T) {
		r := cat.Register(rapid.SampledFrom([]string{"midas_sjuk", "midas_sers"}).Draw(rt, "register"))
		last := on("2020-01-01") + day.Day(rapid.IntRange(0, 4000).Draw(rt, "last"))
		first, _ := OrderableFrom(r, last)
		if until, _ := OrderableUntil(r, first); until < last {
			rt.Fatalf("on %s until %s, not %s", first, until, last)
		}
		if until, _ := OrderableUntil(r, first-1); until >= last {
			rt.Fatalf("already the day before %s", first)
		}
	})
	sjuk := cat.Register("midas_sjuk")
	for _, tt := range []struct {
		r          *catalog.Register
		last, want string
	}{
		{sjuk, "2026-07-31", "Ja."}, {sjuk, "2026-12-31", "från 2027-03-31"}, {cat.Register("tandvard"), "2026-12-31", "ingen täckningsgräns"},
	} {
		if got := Measured(nil).Answer(tt.r, on(tt.last), today); !strings.Contains(got.SV, tt.want) || got.EN == "" {
			t.Errorf("%s: %q", tt.last, got.SV)
		}
	}
}
