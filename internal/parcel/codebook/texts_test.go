package codebook

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/episode"
	"sluss/internal/parcel"
	"sluss/internal/plan"
)

// TestNotesOfShapes: the notes on a file speak of its own shape, and of no other.
func TestNotesOfShapes(t *testing.T) {
	t.Parallel()
	reg := catalog.Builtin().Register("midas_sjuk")
	ofDays := []catalog.Shape{
		catalog.ShapeSpell, catalog.ShapeSubspell, catalog.ShapeLayout, catalog.ShapePanelDay, catalog.ShapePanelWeek, catalog.ShapePanelMonth, catalog.ShapePanelQuarter, catalog.ShapePanelYear,
	}
	says := []struct {
		words string
		of    []catalog.Shape
	}{
		{"fria dagar emellan", []catalog.Shape{catalog.ShapeSpell}},
		{"högst 19 fria dagar", []catalog.Shape{catalog.ShapeSpell}},
		{"avklippta vid periodens gränser", []catalog.Shape{catalog.ShapeSpell, catalog.ShapeSubspell, catalog.ShapeLayout}},
		{"Ordningsnummer gäller", []catalog.Shape{catalog.ShapeSpell, catalog.ShapeSubspell}},
		{"innehavare har använt", []catalog.Shape{catalog.ShapeLayout}},
		{"en andel av en hel dag", []catalog.Shape{catalog.ShapeLayout}},
		{"Filen rättar ingenting", []catalog.Shape{catalog.ShapeCorrection}},
		{"bara för utbetalningar och återföringar", []catalog.Shape{catalog.ShapePayment}},
		{"en saknad rad betyder noll", []catalog.Shape{catalog.ShapePanelDay, catalog.ShapePanelWeek, catalog.ShapePanelMonth, catalog.ShapePanelQuarter, catalog.ShapePanelYear}},
		{"modellantagande A7", ofDays},
		{"modellantagande A3", ofDays},
		{"Arbetsskadesjukpenning med högst 100 kronor", ofDays},
	}
	for _, s := range catalog.Shapes() {
		e := &plan.Extract{Shape: plan.ShapeOf(s, 4)}
		sv, en := "", ""
		for _, n := range notes(e, s, reg) {
			sv, en = sv+n.SV+"\n", en+n.EN+"\n"
		}
		if strings.Count(sv, "\n") != strings.Count(en, "\n") || sv == "" {
			t.Errorf("%s: languages differ:\n%s%s", s, sv, en)
		}
		for _, x := range says {
			want := false
			for _, of := range x.of {
				want = want || of == s
			}
			if strings.Contains(sv, x.words) != want {
				t.Errorf("%s: says %q: %v, want %v:\n%s", s, x.words, !want, want, sv)
			}
		}
		if row := rowIs(s, &reg.Tables[0]); row.SV == "" || row.EN == "" {
			t.Errorf("%s: a row is nothing", s)
		}
	}
}

// TestAssumptionsOfExtracts: which assumptions a file of sickness benefit rests on, with
// the values that hold for it.
func TestAssumptionsOfExtracts(t *testing.T) {
	t.Parallel()
	reg := catalog.Builtin().Register("midas_sjuk")
	for _, x := range []struct {
		shape catalog.Shape
		gap   int
		far   string // value of A2, "" where it does not hold
		rest  bool   // A3 and A5 hold
		join  string // value of A1, "" where no spells are told of
	}{
		{catalog.ShapeSpell, 4, "19", true, "4"},
		{catalog.ShapeSpell, 3, "", true, "3"}, // a definition of the orderer's own
		{catalog.ShapeSpell, 10, "19", true, "10"},
		{catalog.ShapeSpell, 19, "", true, "19"},
		{catalog.ShapeSubspell, 0, "19", true, ""},
		{catalog.ShapeLayout, 0, "19", true, "4"},
		{catalog.ShapePanelMonth, 0, "", true, ""},
		{catalog.ShapePanelYear, 0, "19", true, "4"}, // with numbers of spells
		{catalog.ShapePayment, 0, "", false, ""},
		{catalog.ShapeCorrection, 0, "", false, ""},
	} {
		r := rests{}
		e := &plan.Extract{Name: "x", Shape: plan.ShapeOf(x.shape, x.gap), Columns: []plan.Column{plan.ColumnAt("diagnos", "icd_3")}}
		f := &File{Shape: string(x.shape), Columns: []Column{{Name: "diagnos", Assumption: "A8"}, {Name: "niva", Missing: emptyInRegister}}}
		if x.shape == catalog.ShapePanelYear {
			f.Columns = append(f.Columns, Column{Name: "antal_fall", Assumption: reg.Table("midas_sjp").Variable("antal_fall").Assumption})
		}
		r.file(f, e, reg)
		got := map[string]string{}
		for _, a := range r.list() {
			for _, p := range a.Parameters {
				got[p.Name] = p.Value
			}
		}
		want := map[string]string{"spell.max_free_days": x.join, "spell.max_free_days.self_employed_chosen_karens": x.far}
		if x.rest {
			want["spell.include_sjuklon"], want["spell.max_sjuklon_days"], want["topup.max_amount_per_net_day"] = "true", "14", "100 SEK"
		}
		want["diagnosis.of_spell"], want["diagnosis.level"], want["missing.code"] = "first_not_missing", "icd_3", "none"
		if x.shape == catalog.ShapeCorrection {
			want["correction.pairs_with"], want["correction.tolerance_ore"] = "latest_earlier_payment", strconv.Itoa(episode.Rounding)
		}
		for _, name := range []string{"diagnosis.of_spell", "diagnosis.level", "missing.code", "correction.pairs_with", "correction.tolerance_ore", "spell.max_free_days", "spell.max_free_days.self_employed_chosen_karens", "spell.include_sjuklon", "spell.max_sjuklon_days", "topup.max_amount_per_net_day"} {
			if got[name] != want[name] {
				t.Errorf("%s with gap %d: %s is %q, want %q", x.shape, x.gap, name, got[name], want[name])
			}
		}
	}
}

// TestKeptApart: a file of spells with a key of the order's own says so, and with which
// variables they were made.
func TestKeptApart(t *testing.T) {
	t.Parallel()
	reg := catalog.Builtin().Register("midas_sjuk")
	e := &plan.Extract{Name: "x", Table: "midas_sjp", Shape: plan.ShapeOf(catalog.ShapeSpell, 4)}
	told := func() bool {
		return slices.ContainsFunc(notes(e, catalog.ShapeSpell, reg), func(n catalog.Text) bool {
			return strings.Contains(n.SV, "isär av delförmån, ersättningsnivå.") && strings.Contains(n.EN, "apart by benefit, benefit level.")
		})
	}
	if told() {
		t.Error("a key is told of that is not there")
	}
	e.Shape.Spell.Key = []string{"delforman", "niva"}
	r := rests{}
	r.file(&File{Shape: string(catalog.ShapeSpell)}, e, reg)
	if slices.ContainsFunc(notes(e, catalog.ShapeSpell, reg), func(n catalog.Text) bool { return strings.Contains(n.EN, "RHP") }) {
		t.Error("benefits that do not meet are said to go before each other")
	}
	if !told() || !slices.Contains(r["A1"], Parameter{"spell.key", "x", "delforman, niva"}) {
		t.Errorf("the key is not told of: %v, %v", notes(e, catalog.ShapeSpell, reg), r["A1"])
	}
}

// TestWhyEmpty: every cause that a column has of being empty is told, and no other.
func TestWhyEmpty(t *testing.T) {
	t.Parallel()
	both := func(a, b catalog.Text) string { return a.EN + " " + b.EN }
	for _, x := range []struct {
		table, variable, fn, history string
		want                         string
	}{
		{"midas_sjp", "utbetalningsdatum", "", "", emptyOutsideWindow.EN},
		{"midas_sjp", "utbetalningsdatum", "", plan.HistoryMask, emptyOutsideWindow.EN},
		{"midas_sjp", "utbetalningsdatum", "", plan.HistoryReveal, ""},
		{"midas_sjp", "utbetalningsdatum", "days_from_anchor", "", emptyOutsideWindow.EN},
		{"midas_sjp", "utbetalningsdatum", "count", "", ""},
		{"midas_sjp", "utbetalningsdatum", "flag_any", "", ""},
		{"midas_sjp", "helt_from_datum", "", "", ""},
		{"midas_sjp", "from_datum", "", "", ""},
		{"midas_sjp", "tom_datum", "", "", emptyWhenOngoing.EN},
		{"midas_sjp", "diagnos", "", "", emptyInRegister.EN},
		{"midas_sjp", "dagar", "", "", ""},
		{"person", "dodsmanad", "", "", both(emptyInRegister, emptyAfterWindow)},
		{"person", "dodsmanad", "", plan.HistoryReveal, emptyInRegister.EN},
		{"person", "fodelsear", "", "", ""},
		{"person", "alder", "age_at", "", ""},
		{"arbetsskada_beslut", "skadedatum", "", "", both(emptyInRegister, emptyOutsideWindow)},
		{"arbetsskada_beslut", "skadedatum", "", plan.HistoryReveal, emptyInRegister.EN},
	} {
		_, table := catalog.Builtin().Table(x.table)
		v := table.Variable(x.variable)
		var d Column
		d.fill(parcel.Column{Derive: x.fn}, v, catalog.ShapePayment, x.history)
		if d.Missing.EN != x.want {
			t.Errorf("%s.%s %s %s: %q, want %q", x.table, x.variable, x.fn, x.history, d.Missing.EN, x.want)
		}
	}
}
