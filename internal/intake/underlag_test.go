package intake

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestUnderlagGolden shows the etikunderlag of an order of everything.
func TestUnderlagGolden(t *testing.T) {
	t.Parallel()
	ps := Underlag(wide(), catalog.Builtin())
	for _, lang := range []string{"sv", "en"} {
		path := "testdata/underlag." + lang + ".txt"
		got := UnderlagText(ps, lang)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s:\n%s\nwant\n%s", path, got, want)
		}
	}
	if ps := Underlag(harmless(), catalog.Builtin()); ps != nil {
		t.Errorf("no approval is needed, and %d paragraphs are written", len(ps))
	}
}

// TestUnderlagCoversWhatItIsFor: a document made of our own paragraphs, on any
// pages, among other text, covers every item that is required; without one of
// them that item is not covered.
func TestUnderlagCoversWhatItIsFor(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	rapid.Check(t, func(rt *rapid.T) {
		a := drawApplication(rt, cat)
		ps := Underlag(a, cat)
		items := 0
		for _, p := range ps {
			items += len(p.Items)
		}
		if items != len(Items(a, cat)) {
			rt.Fatalf("%d items in the paragraphs, %d required", items, len(Items(a, cat)))
		}
		lang := rapid.SampledFrom([]string{"sv", "sv", "en"}).Draw(rt, "language")
		without := rapid.IntRange(-1, len(ps)-1).Draw(rt, "without")
		pages := []string{"Ansökan om etikprövning\n"}
		for i, p := range ps {
			if i == without {
				continue
			}
			if rapid.Bool().Draw(rt, "page") {
				pages = append(pages, "")
			}
			pages[len(pages)-1] += "\n" + wrapped(rt, p.Text.In(lang)) + "\n"
		}
		for _, f := range Search(a, pages, cat) {
			left := without >= 0 && slices.Contains(ps[without].Items, f.Item)
			if !left && !f.Met {
				rt.Fatalf("%s is not found (%s: %s) in\n%s", f.Item, f.Quote, f.Why.EN, strings.Join(pages, "\f"))
			}
			if left && f.Met && f.Sure == Sure {
				rt.Fatalf("%s is found for sure (%s) in\n%s", f.Item, f.Quote, strings.Join(pages, "\f"))
			}
			if f.Met && strings.HasPrefix(f.Item, CoverBenefit) && (f.FromAuthority == nil || !*f.FromAuthority) {
				rt.Fatalf("%s is not from Försäkringskassan", f.Item)
			}
		}
	})
}

// wrapped breaks lines at some spaces, as a printed page does.
func wrapped(rt *rapid.T, s string) string {
	var b strings.Builder
	for _, line := range strings.Split(s, "\n") {
		for i, w := range strings.Fields(line) {
			switch {
			case i == 0:
			case w != "–" && rapid.IntRange(0, 9).Draw(rt, "break") == 0:
				b.WriteByte('\n')
			default:
				b.WriteByte(' ')
			}
			b.WriteString(w)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// drawApplication draws a research application on health data.
func drawApplication(rt *rapid.T, cat *catalog.Catalogue) Application {
	a := current()
	a.Population.Definition = rapid.SampledFrom([]string{"Alla födda 1970", "Vuxna i Uppsala län den 31 december 2020.", "Personer med reumatisk sjukdom och fem jämförelsepersoner var", "Anställda i vården"}).Draw(rt, "population")
	a.Population.Size = rapid.IntRange(1, 1_000_000).Draw(rt, "size")
	a.Project.Deliveries = rapid.IntRange(1, 12).Draw(rt, "deliveries")
	a.Identified = rapid.Bool().Draw(rt, "identified")
	a.Project.Linkage = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"Statistiska centralbyrån", "Socialstyrelsen", "SCB", "Skatteverket", "Region Skåne"}), 0, 3, rapid.ID).Draw(rt, "linkage")
	a.Principal.Name = rapid.SampledFrom([]string{"Sjölunda universitet", "Region Skåne", "Institutet för tillämpad hälsa AB"}).Draw(rt, "principal")
	if rapid.Bool().Draw(rt, "key") {
		a.Delivery.KeepKeyUntil = "2029-01-01"
	}
	a.Categories = append(a.Categories, rapid.SliceOfNDistinct(rapid.SampledFrom(SensitiveCategories[1:]), 0, 8, rapid.ID).Draw(rt, "categories")...)
	a.Data = nil
	for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"midas_sjuk", "midas_sers", "tfp", "tandvard", "midas_foraldra"}), 1, 5, rapid.ID).Draw(rt, "registers") {
		r := cat.Register(id)
		w := Wish{Register: id, Table: r.Tables[0].ID, Motive: rapid.SampledFrom([]string{"", "Utfallet är sjukfrånvaro."}).Draw(rt, "motive")}
		for _, b := range r.Benefits {
			if rapid.Bool().Draw(rt, b.ID) {
				w.Benefits = append(w.Benefits, b.ID)
			}
		}
		w.From = on("2010-01-01")
		w.From += day.Day(rapid.IntRange(0, 3000).Draw(rt, "from"))
		w.To = w.From + day.Day(rapid.IntRange(0, 2000).Draw(rt, "length"))
		if id == "midas_sjuk" || id == "midas_sers" {
			w.Diagnoses = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"F", "M", "C", "I00-I99", "XXI"}), 0, 3, rapid.ID).Draw(rt, "chapters")
		}
		a.Data = append(a.Data, w)
	}
	return a
}
