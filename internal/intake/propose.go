package intake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Fixed returns what is still left to the dialogue: wishes without table or
// variables. An order may be applied for with benefit, period and a need in
// free text, but a draft is not agreed before this is nil, and only what is
// decided then is frozen.
func Fixed(a Application) []Problem {
	l := look{Application: a, rule: &Rule{Code: "intake.fixed", Law: lawMinimise}}
	for i, w := range a.Data {
		field := fmt.Sprintf("data[%d]", i)
		switch {
		case w.Table == "":
			l.miss(field+".table", "fixed.table")
		case len(w.Variables) == 0:
			l.miss(field+".variables", "fixed.variables")
		}
	}
	return l.out
}

// Proposal is a table with variables for a need in free text, for a case
// handler to edit.
type Proposal struct {
	Register  string        `json:"register"`
	Table     string        `json:"table"`
	Names     catalog.Text  `json:"names"`
	Shape     catalog.Shape `json:"shape"`
	ShapeWhy  catalog.Text  `json:"shape_why"`
	Benefits  []Suggestion  `json:"benefits"`
	Variables []Suggestion  `json:"variables"`
	// OtherShape are variables that the need names but that the shape does not
	// have.
	OtherShape []Suggestion `json:"other_shape,omitempty"`
	Score      int          `json:"score"` // greater fits better
}

// Suggestion is a benefit or a variable with the reason for it.
type Suggestion struct {
	ID    string       `json:"id"`
	Names catalog.Text `json:"names"`
	Score int          `json:"score"`
	Why   catalog.Text `json:"why"`
}

// Wish returns the proposal as part of an application, with the period and the
// words of the wish that it answers.
func (p Proposal) Wish(of Wish) Wish {
	of.Register, of.Table, of.Shape = p.Register, p.Table, p.Shape
	if len(of.Benefits) == 0 {
		for _, b := range p.Benefits {
			of.Benefits = append(of.Benefits, b.ID)
		}
	}
	of.Variables = nil
	for _, v := range p.Variables {
		of.Variables = append(of.Variables, v.ID)
	}
	return of
}

// scores of the reasons for a suggestion.
const (
	scoreName    = 10 // the need uses its name
	scoreSynonym = 6  // the need uses another word for it
	scoreShape   = 3  // every row in the shape needs it
	scoreText    = 2  // a word of the need stands in its definition
)

// Propose suggests tables and variables for a need, best first, and says why
// for each: its name, a synonym in Swedish or English, or words of its
// definition stand in the need. What the need denies ("inte diagnos") is left
// out. registers limits the search to some registers; none means all. The same
// need always gives the same proposals, and it answers "which variables do I
// need?".
func Propose(need string, registers []string, cat *catalog.Catalogue) []Proposal {
	d := readText([]string{need})
	var out []Proposal
	for i := range cat.Registers {
		r := &cat.Registers[i]
		if len(registers) > 0 && !slices.Contains(registers, r.ID) {
			continue
		}
		benefits := suggestBenefits(&d, cat, r)
		for j := range r.Tables {
			if p, ok := propose(&d, r, &r.Tables[j], benefits, len(registers) > 0); ok {
				out = append(out, p)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Proposal) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

// propose looks for one table. A table is proposed when the need names one of
// its benefits, a variable that only few tables have, or when it was asked for.
func propose(d *document, r *catalog.Register, t *catalog.Table, benefits []Suggestion, asked bool) (Proposal, bool) {
	p := Proposal{Register: r.ID, Table: t.ID, Names: t.Names, Benefits: benefits}
	p.Shape, p.ShapeWhy = suggestShape(d, t)
	for _, b := range benefits {
		p.Score += b.Score
	}
	own, long := false, longWords(d)
	for k := range t.Variables {
		v := &t.Variables[k]
		if !v.Deliverable() || v.Role == catalog.RolePerson {
			continue
		}
		s, found := suggestVariable(d, long, v, p.Shape)
		if !found {
			continue
		}
		if !v.Allows(p.Shape) {
			if s.Score == scoreName {
				s.Why = catalog.Text{SV: "Behovet nämner variabeln, men den finns inte i den formen.", EN: "The need names the variable, but it is not part of that shape."}
				p.OtherShape = append(p.OtherShape, s)
			}
			continue
		}
		p.Variables = append(p.Variables, s)
		if s.Score > scoreShape {
			p.Score += s.Score
			own = own || !slices.Contains(common, v.ID) && s.Score >= scoreSynonym
		}
	}
	slices.SortStableFunc(p.Variables, func(a, b Suggestion) int { return cmp.Compare(b.Score, a.Score) })
	return p, len(benefits) > 0 || asked || own && len(r.Benefits) == 0 || own && p.Score >= scoreName
}

// common are variables that tables of every benefit have; a need that names
// only such does not point out a table.
var common = []string{"from_datum", "tom_datum", "dagar", "nettodagar", "bruttodagar", "belopp", "omfattning", "utbetalningsdatum", "delforman", "pagaende", "dag", "manad", "ar", "fall_nr", "delfall_nr", "vanstercensur", "hogercensur", "helt_from_datum", "helt_tom_datum"}

func suggestBenefits(d *document, cat *catalog.Catalogue, r *catalog.Register) []Suggestion {
	var out []Suggestion
	for _, b := range r.Benefits {
		best := Suggestion{ID: b.ID, Names: b.Names}
		for k, n := range termsOf(cat, b.ID) {
			if !d.undenied(b.ID, n.term) {
				continue
			}
			score, sv, en := scoreSynonym, "Behovet använder ett annat namn på förmånen.", "The need uses another name of the benefit."
			switch {
			case n.group:
				score, sv, en = scoreText, "Behovet nämner gruppen som förmånen hör till.", "The need names the group that the benefit belongs to."
			case k < 2:
				score, sv, en = scoreName, "Behovet nämner förmånen.", "The need names the benefit."
			}
			if score > best.Score {
				best.Score, best.Why = score, catalog.Text{SV: sv, EN: en}
			}
		}
		if best.Score == 0 && slices.ContainsFunc(near[b.ID], func(t string) bool { return d.undenied("", t) }) {
			best.Score, best.Why = scoreText, catalog.Text{SV: "Behovet talar om det som förmånen ersätter.", EN: "The need speaks of what the benefit compensates."}
		}
		if best.Score > 0 {
			out = append(out, best)
		}
	}
	return out
}

// synonyms of variables, by id.
var synonyms = map[string][]string{
	"diagnos":           {"icd-10", "icd", "sjukdomsorsak~", "diagnoskod~", "diagnoskapitel~", "disease~", "diagnosis", "diagnoses"},
	"from_datum":        {"start~", "startdatum~", "början", "började", "börjar", "insjuknande~", "datum", "begin", "onset", "start date"},
	"tom_datum":         {"slut~", "slutdatum~", "avslut~", "slutade", "slutar", "datum", "end date", "ended"},
	"omfattning":        {"grad~", "heltid", "halvtid", "deltid", "partiell~", "procent", "part-time", "full-time", "degree"},
	"belopp":            {"kronor", "summa", "summor", "utbetalt", "ersättningsbelopp", "kostnad~", "money", "amounts", "cost~", "paid"},
	"utbetalningsdatum": {"utbetalningsdag~", "betalades", "payment date", "paid on"},
	"dagar":             {"antal dagar", "längd~", "varaktighet~", "duration", "length", "number of days"},
	"nettodagar":        {"hela dagar", "omräknade", "omräknat", "net days", "full-day equivalents"},
	"bruttodagar":       {"gross days"},
	"pagaende":          {"pågår", "still running"},
	"niva":              {"ersättningsnivå~", "normalnivå", "fortsättningsnivå", "sjukpenningnivå~", "grundnivå~", "lägstanivå~", "level"},
	"forsakradtyp":      {"anställd~", "arbetslös~", "egenföretagare", "studerande", "self-employed", "unemployed", "employed"},
	"barn_lopnr":        {"barnets", "syskon~", "per barn", "vilket barn", "children", "per child"},
	"kon":               {"könsfördelning~", "kvinnor", "män", "gender", "women", "men"},
	"alder":             {"åldrar", "åldersgrupp~", "åldersfördelning~", "years old"},
	"fodelsear":         {"född~", "födelseår~", "born"},
	"lan":               {"länen", "regional~", "geografi~", "bostadslän", "counties"},
	"dodsmanad":         {"död~", "avliden~", "avlidna", "dödlighet~", "mortality", "deceased"},
	"behandlingsdatum":  {"tandläkarbesök~", "behandlingsdag~", "besök~", "dental visit~"},
	"atgard":            {"åtgärd~", "behandling~", "behandlingar", "ingrepp~", "treatments", "procedure~"},
	"tand":              {"tänder", "tandposition~", "teeth", "tooth"},
	"pris":              {"priser", "prices"},
	"referenspris":      {"referenspriser"},
	"ersattningstyp":    {"tidsbegränsad", "tillsvidare", "permanent"},
	"fall_nr":           {"sjukfall~", "fallnummer"},
	"vanstercensur":     {"censurering~", "censoring"},
	"hogercensur":       {"censurering~", "censoring"},
}

// suggestVariable looks for one variable; long are the need's own long words.
func suggestVariable(d *document, long []string, v *catalog.Variable, shape catalog.Shape) (Suggestion, bool) {
	s := Suggestion{ID: v.ID, Names: v.Names}
	switch {
	case d.refused(append([]string{bend(v.Names.SV), bend(v.Names.EN)}, synonyms[v.ID]...)):
		return s, false
	case d.names(v.Names):
		s.Score, s.Why = scoreName, catalog.Text{SV: "Behovet nämner variabeln.", EN: "The need names the variable."}
	case slices.ContainsFunc(synonyms[v.ID], func(t string) bool { return d.undenied("", t) }):
		s.Score, s.Why = scoreSynonym, catalog.Text{SV: "Behovet använder ett annat ord för den.", EN: "The need uses another word for it."}
	case slices.Contains(frame[shape], v.ID):
		s.Score, s.Why = scoreShape, catalog.Text{SV: "Varje rad i den formen behöver den.", EN: "Every row in that shape needs it."}
	case !slices.Contains(common, v.ID) && defines(v.Definition, long):
		s.Score, s.Why = scoreText, catalog.Text{SV: "Ett ord i behovet står i definitionen.", EN: "A word of the need stands in its definition."}
	}
	return s, s.Score > 0
}

// longWords are the words of a text that say so much that one of them in a
// definition is a reason: those of more than six letters.
func longWords(d *document) []string {
	return slices.DeleteFunc(content(d.text), func(w string) bool { return len(w) <= 6 })
}

// defines reports whether a definition has one of the words.
func defines(definition catalog.Text, words []string) bool {
	if len(words) == 0 {
		return false
	}
	own := definedWith.get(definition.SV + " " + definition.EN)
	return slices.ContainsFunc(words, func(w string) bool { return slices.ContainsFunc(own, func(x string) bool { return alike(w, x) }) })
}

// refused reports whether a thing is named only to be left out.
func (d *document) refused(terms []string) bool {
	found := false
	for _, t := range terms {
		if d.undenied("", t) {
			return false
		}
		found = found || len(d.find("", t)) > 0
	}
	return found
}

// frame lists what a row in each shape cannot do without.
var frame = map[catalog.Shape][]string{
	catalog.ShapePayment:      {"from_datum", "tom_datum", "delforman"},
	catalog.ShapeCorrection:   {"from_datum", "tom_datum", "delforman", "belopp"},
	catalog.ShapeSubspell:     {"from_datum", "tom_datum", "delforman"},
	catalog.ShapeSpell:        {"from_datum", "tom_datum"},
	catalog.ShapePanelDay:     {"dag"},
	catalog.ShapePanelWeek:    {"vecka"},
	catalog.ShapePanelMonth:   {"manad"},
	catalog.ShapePanelQuarter: {"kvartal"},
	catalog.ShapePanelYear:    {"ar"},
	catalog.ShapeLayout:       {"from_datum", "tom_datum", "delforman", "omfattning", "dagar", "bruttodagar", "nettodagar", "fall_from", "fall_tom", "fall_dagar"},
}

// shapeWords lead to a shape, the first that fits.
var shapeWords = []struct {
	shape catalog.Shape
	words []string
}{
	{catalog.ShapeCorrection, []string{"olösta korrigeringar", "olöst korrigering", "olösta rättelser", "unresolved corrections", "unresolved correction"}},
	{catalog.ShapeSubspell, []string{"delfall~", "delperiod~", "sub-spell~"}},
	{catalog.ShapePanelWeek, []string{"per vecka", "veckovis", "varje vecka", "weekly", "per week"}},
	{catalog.ShapePanelQuarter, []string{"per kvartal", "kvartalsvis", "varje kvartal", "quarterly", "per quarter"}},
	{catalog.ShapePanelMonth, []string{"per månad", "månadsvis", "varje månad", "månatlig~", "monthly", "per month"}},
	{catalog.ShapePanelYear, []string{"per år", "årsvis", "årlig~", "årligen", "varje år", "per kalenderår", "annual", "yearly", "per year", "annually"}},
	{catalog.ShapePanelDay, []string{"per dag", "dag för dag", "dagsvis", "daily", "per day"}},
	{catalog.ShapePayment, []string{"utbetalning~", "utbetalningar", "varje utbetalning", "payments"}},
	{catalog.ShapeSpell, []string{"fall~", "sjukfall~", "perioder", "period~", "spell~", "episod~"}},
}

func suggestShape(d *document, t *catalog.Table) (catalog.Shape, catalog.Text) {
	for _, s := range shapeWords {
		if t.Allows(s.shape) && slices.ContainsFunc(s.words, func(w string) bool { return d.undenied("", w) }) {
			return s.shape, catalog.Text{SV: "Behovet talar om den formen.", EN: "The need speaks of that shape."}
		}
	}
	if t.Allows(catalog.ShapeSpell) {
		return catalog.ShapeSpell, catalog.Text{SV: "Fall är utgångspunkten när inget annat sägs.", EN: "Spells are the default where nothing else is said."}
	}
	if len(t.Shapes) == 0 {
		return "", catalog.Text{}
	}
	return t.Shapes[0], catalog.Text{SV: "Tabellens första form.", EN: "The table's first shape."}
}

// OrderableUntil returns the last day of a register that can be ordered on the
// day, by the default of its coverage rule: the last day of the latest month
// that ended at least as many months ago as the rule says. On 2026-11-02, with
// a rule of three months, that is 2026-07-31. known is false for registers
// without a coverage rule. Where the coverage has been measured, the measure
// takes the default's place: ask [Measured.Of].
//
// Source: Försäkringskassan's ordering page for research, 2025-06-27.
func OrderableUntil(r *catalog.Register, on day.Day) (until day.Day, known bool) {
	if r.Coverage == nil {
		return 0, false
	}
	return day.FirstOfMonth((on+1).Month()-r.Coverage.Months) - 1, true
}

// OrderableFrom returns the first day on which everything up to and including
// last can be ordered. known is false for registers without a coverage rule.
func OrderableFrom(r *catalog.Register, last day.Day) (on day.Day, known bool) {
	if r.Coverage == nil {
		return 0, false
	}
	return day.FirstOfMonth((last+1).Month()+boundary(last+1)+r.Coverage.Months) - 1, true
}

// boundary is 0 for the first day of a month, else 1: a month is orderable as
// a whole.
func boundary(d day.Day) int {
	if day.FirstOfMonth(d.Month()) == d {
		return 0
	}
	return 1
}

// Answer tells an enquirer whether a register's data up to and including last
// can be ordered on the day, and if not, when.
func (m Measured) Answer(r *catalog.Register, last, on day.Day) catalog.Text {
	reach := m.Of(r, on)
	until := reach.Until
	if !reach.Limited {
		return catalog.Text{
			SV: r.Names.SV + " har ingen täckningsgräns. Uppgifterna når till senaste utbetalningsdatum i den ögonblicksbild som uttaget görs ur.",
			EN: r.Names.EN + " has no coverage limit. The data reach the latest payment date of the snapshot that they are extracted from.",
		}
	}
	by := reach.Words()
	if last <= until {
		return catalog.Text{
			SV: fmt.Sprintf("Ja. %s kan beställas till och med %s (%s).", r.Names.SV, until, by.SV),
			EN: fmt.Sprintf("Yes. %s can be ordered up to and including %s (%s).", r.Names.EN, until, by.EN),
		}
	}
	from, _ := OrderableFrom(r, last)
	if from <= on { // less is known than the rule expects; nobody knows for how long
		return catalog.Text{
			SV: fmt.Sprintf("Inte än. %s kan i dag beställas till och med %s (%s): senare uppgifter har dröjt.", r.Names.SV, until, by.SV),
			EN: fmt.Sprintf("Not yet. %s can today be ordered up to and including %s (%s): later data have been slow to come.", r.Names.EN, until, by.EN),
		}
	}
	return catalog.Text{
		SV: fmt.Sprintf("Inte än. %s kan i dag beställas till och med %s (%s), och till och med %s från %s.", r.Names.SV, until, by.SV, last, from),
		EN: fmt.Sprintf("Not yet. %s can today be ordered up to and including %s (%s), and up to and including %s from %s.", r.Names.EN, until, by.EN, last, from),
	}
}

// lower writes the first letter small, for use inside a sentence.
func lower(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	return strings.ToLower(string(r[:1])) + string(r[1:])
}
