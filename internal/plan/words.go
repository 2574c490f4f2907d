package plan

import (
	"fmt"
	"strconv"
	"strings"

	"sluss/internal/catalog"
)

// Words says in sentences whom the criteria select, for a decision and whoever
// reads it: one for each condition and step, in their order.
func (c Criteria) Words(cat *catalog.Catalogue) []catalog.Text {
	var out []catalog.Text
	for i, k := range c.Any {
		out = append(out, lead(i, len(c.Any), "Har", "Has", "eller har", "or has", k.words(cat)))
	}
	for _, k := range c.And {
		out = append(out, lead(0, 1, "Dessutom", "In addition", "", "", k.words(cat)))
	}
	for _, k := range c.Not {
		out = append(out, lead(0, 1, "Men inte", "But not", "", "", k.words(cat)))
	}
	add := func(sv, en string, args ...any) {
		out = append(out, catalog.Text{SV: fmt.Sprintf(sv, args...), EN: fmt.Sprintf(en, args...)})
	}
	if a := c.Anchor; a != nil {
		which := map[string]catalog.Text{PickFirst: {SV: "första", EN: "first"}, PickLast: {SV: "sista", EN: "last"}}[a.Pick]
		out = append(out, catalog.Text{
			SV: "Indexdatum (" + a.Name + ") är början av det " + which.SV + " som uppfyller villkoren, så som perioden visar det.",
			EN: "The index date (" + a.Name + ") is the start of the " + which.EN + " that meets the conditions, as the period shows it.",
		})
	}
	if s := c.Sample; s != nil {
		add("Av dem dras ett stickprov om %d personer.", "Of them a sample of %d persons is drawn.", s.Size)
	}
	if x := c.Controls; x != nil {
		on := matchWords(x)
		out = append(out, catalog.Text{
			SV: fmt.Sprintf("Varje person får högst %d kontroller som inte uppfyller villkoren, lika i %s.", x.PerCase, on.SV),
			EN: fmt.Sprintf("Each person gets at most %d controls who do not meet the conditions, equal in %s.", x.PerCase, on.EN),
		})
	}
	if r := c.Relatives; r != nil {
		sv, en := map[string]string{RelationChildren: "barn", RelationParents: "föräldrar"}, map[string]string{RelationChildren: "children", RelationParents: "parents"}
		out = append(out, catalog.Text{SV: "Deras " + joined(r.Of, sv, " och ") + " tas med.", EN: "Their " + joined(r.Of, en, " and ") + " are included."})
	}
	if c.Ground != "" {
		add("Stöd för urval med uppgifter om hälsa: %s", "Ground for selecting by data concerning health: %s", c.Ground)
	}
	return out
}

// lead begins the sentence of a condition: the first of several, or another.
func lead(i, n int, sv, en, orSV, orEN string, t catalog.Text) catalog.Text {
	if i > 0 {
		sv, en = orSV, orEN
	}
	end := "."
	if i+1 < n {
		end = ","
	}
	return catalog.Text{SV: sv + " " + t.SV + end, EN: en + " " + t.EN + end}
}

func (k Criterion) words(cat *catalog.Catalogue) catalog.Text {
	_, table := cat.Table(k.Table)
	if table == nil {
		return catalog.Text{SV: k.Table, EN: k.Table}
	}
	rows := 1
	if k.AtLeast != nil {
		rows = max(1, k.AtLeast.Rows)
	}
	spells := k.Counts(table) == catalog.ShapeSpell
	what := catalog.Text{SV: fmt.Sprintf("%d rader", rows), EN: fmt.Sprintf("%d rows", rows)}
	switch {
	case spells && rows == 1:
		what = catalog.Text{SV: "ett fall", EN: "one spell"}
	case spells:
		what = catalog.Text{SV: fmt.Sprintf("%d fall", rows), EN: fmt.Sprintf("%d spells", rows)}
	case rows == 1:
		what = catalog.Text{SV: "en rad", EN: "one row"}
	}
	t := catalog.Text{
		SV: fmt.Sprintf("minst %s i %s %s", what.SV, lower(table.Names.SV), periodWords(k.Period).SV),
		EN: fmt.Sprintf("at least %s of %s %s", what.EN, lower(table.Names.EN), periodWords(k.Period).EN),
	}
	if table.ByRole(catalog.RoleFrom) == nil { // one row per person, of no time
		t = catalog.Text{SV: lower(table.Names.SV), EN: lower(table.Names.EN)}
	}
	for _, f := range k.Where {
		if v := table.Variable(f.Var); v != nil {
			t.SV += ", " + lower(v.Names.SV) + " " + filterWords(f, "till", "eller saknas")
			t.EN += ", " + lower(v.Names.EN) + " " + filterWords(f, "to", "or missing")
		}
	}
	if k.AtLeast != nil && k.AtLeast.Days > 0 {
		t.SV += fmt.Sprintf(", sammanlagt minst %d dagar", k.AtLeast.Days)
		t.EN += fmt.Sprintf(", at least %d days in all", k.AtLeast.Days)
	}
	return t
}

func lower(s string) string {
	first, rest, _ := strings.Cut(s, " ")
	if first == strings.ToUpper(first) { // an abbreviation
		return s
	}
	return strings.TrimSpace(strings.ToLower(first[:1]) + first[1:] + " " + rest)
}

func periodWords(w Window) catalog.Text {
	mode := map[string]catalog.Text{
		ModeStartIn: {SV: "som börjar ", EN: "that begin "}, ModeEndIn: {SV: "som slutar ", EN: "that end "},
	}[w.Mode]
	if w.From.Relative() {
		return catalog.Text{
			SV: fmt.Sprintf("%sfrån %s till (men inte med) %s räknat från %s", mode.SV, w.From.Offset, w.To.Offset, w.From.Anchor),
			EN: fmt.Sprintf("%sfrom %s to (but not including) %s counted from %s", mode.EN, w.From.Offset, w.To.Offset, w.From.Anchor),
		}
	}
	return catalog.Text{SV: fmt.Sprintf("%s%s–%s", mode.SV, w.From.Date, w.To.Date-1), EN: fmt.Sprintf("%s%s–%s", mode.EN, w.From.Date, w.To.Date-1)}
}

// filterWords writes the values that a filter keeps.
func filterWords(f Filter, to, missing string) string {
	var list []string
	for _, v := range f.In {
		list = append(list, valueWords(v))
	}
	list = append(list, f.CodeIn...)
	text := strings.Join(list, ", ")
	if len(f.Between) == 2 {
		text = valueWords(f.Between[0]) + " " + to + " " + valueWords(f.Between[1])
	}
	if f.Null == "keep" {
		text += " " + missing
	}
	return text
}

func valueWords(v any) string {
	if x, ok := v.(float64); ok {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

func matchWords(x *Controls) catalog.Text {
	sv := map[string]string{MatchSex: "kön", MatchBirthYear: "födelseår", MatchCounty: "län"}
	en := map[string]string{MatchSex: "sex", MatchBirthYear: "year of birth", MatchCounty: "county"}
	t := catalog.Text{SV: joined(x.Match, sv, " och "), EN: joined(x.Match, en, " and ")}
	if x.YearsApart > 0 {
		t.SV += fmt.Sprintf(" (högst %d år mellan födelseåren)", x.YearsApart)
		t.EN += fmt.Sprintf(" (at most %d years between years of birth)", x.YearsApart)
	}
	return t
}

// joined lists words in a language.
func joined(words []string, in map[string]string, and string) string {
	out := ""
	for i, w := range words {
		switch {
		case i > 0 && i == len(words)-1:
			out += and
		case i > 0:
			out += ", "
		}
		out += in[w]
	}
	return out
}
