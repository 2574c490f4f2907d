package codebook

import (
	"strings"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/plan"
)

// TestNotesOfShapes: the notes on a file speak of its own shape, and of no other.
func TestNotesOfShapes(t *testing.T) {
	t.Parallel()
	reg := catalog.Builtin().Register("midas_sjuk")
	says := []struct {
		words string
		of    []catalog.Shape
	}{
		{"fria dagar emellan", []catalog.Shape{catalog.ShapeSpell}},
		{"avklippta vid periodens gränser", []catalog.Shape{catalog.ShapeSpell, catalog.ShapeSubspell, catalog.ShapeLayout}},
		{"Ordningsnummer gäller", []catalog.Shape{catalog.ShapeSpell, catalog.ShapeSubspell}},
		{"innehavare har använt", []catalog.Shape{catalog.ShapeLayout}},
		{"en andel av en hel dag", []catalog.Shape{catalog.ShapeLayout}},
		{"Filen rättar ingenting", []catalog.Shape{catalog.ShapeCorrection}},
		{"bara för utbetalningar och återföringar", []catalog.Shape{catalog.ShapePayment}},
		{"en saknad rad betyder noll", []catalog.Shape{catalog.ShapePanelDay, catalog.ShapePanelWeek, catalog.ShapePanelMonth, catalog.ShapePanelQuarter, catalog.ShapePanelYear}},
		{"modellantagande A7", []catalog.Shape{
			catalog.ShapeSpell, catalog.ShapeSubspell, catalog.ShapeLayout, catalog.ShapePanelDay, catalog.ShapePanelWeek, catalog.ShapePanelMonth, catalog.ShapePanelQuarter, catalog.ShapePanelYear,
		}},
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
