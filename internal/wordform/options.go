package wordform

import (
	"regexp"
	"strings"

	"sluss/internal/catalog"
)

// sets are the fixed answers by the set that they belong to. A test of the pages
// for ordering holds them against the words that stand there.
var sets = map[string][]option{
	"purpose": {
		{"research", say("Forskning", "Research")},
		{"statistics", say("Statistik", "Statistics")},
	},
	"kind": {
		{"authority", say("Myndighet", "Authority")},
		{"equated", say("Likställd med myndighet", "Equated with an authority")},
		{"private", say("Privat", "Private")},
	},
	"format": {
		{"csv", say("CSV", "CSV")},
		{"parquet", say("Parquet", "Parquet")},
		{"dta", say("Stata (.dta)", "Stata (.dta)")},
		{"sav", say("SPSS (.sav)", "SPSS (.sav)")},
		{"zsav", say("SPSS (.zsav)", "SPSS (.zsav)")},
		{"xpt", say("SAS (.xpt)", "SAS (.xpt)")},
	},
	"child": {
		{"amendment", say("Ändring", "Amendment")},
		{"extension", say("Förlängning", "Extension")},
		{"renewed_extract", say("Förnyat uttag", "Renewed extraction")},
		{"longer_retention", say("Längre bevarande", "Longer retention")},
	},
	"category": {
		{"health", say("Hälsa", "Health")},
		{"sexual_life", say("Sexualliv och sexuell läggning", "Sex life and sexual orientation")},
		{"ethnic_origin", say("Etniskt ursprung", "Ethnic origin")},
		{"political_opinion", say("Politiska åsikter", "Political opinions")},
		{"religion", say("Religion eller filosofisk övertygelse", "Religious or philosophical beliefs")},
		{"union_membership", say("Medlemskap i fackförening", "Trade union membership")},
		{"genetic", say("Genetiska uppgifter", "Genetic data")},
		{"biometric", say("Biometriska uppgifter", "Biometric data")},
		{"offences", say("Lagöverträdelser", "Offences")},
	},
	"approval": {
		{"approval", say("Ansökan", "Application")},
		{"supplement", say("Komplettering", "Supplement")},
		{"amendment", say("Ändring", "Amendment")},
	},
	"board": {
		{"etikprovningsmyndigheten", say("Etikprövningsmyndigheten", "The Ethical Review Authority")},
		{"regional", say("Regional nämnd, före 2019", "Regional board, before 2019")},
		{"onep", say("Överklagandenämnden för etikprövning", "The appeals board")},
	},
	"source": {
		{"file", say("En fil som någon har tagit fram", "A file that somebody has made")},
		{"criteria", say("Försäkringskassan väljer ut personer efter villkor", "Försäkringskassan selects persons by criteria")},
	},
	"column": {
		{"date", say("Datum", "Date")},
		{"int", say("Heltal", "Whole number")},
		{"code", say("Kod", "Code")},
	},
	"use": {
		{"steer", say("Styr perioden för varje person", "Steers each person's period")},
		{"pass", say("Följer med i leveransen", "Goes along in the delivery")},
		{"drop", say("Används inte", "Is not used")},
	},
	"attachment": {
		{"ethics_application", say("Etikansökan", "Ethics application")},
		{"ethics_decision", say("Etikbeslut", "Ethics decision")},
		{"ethics_annex", say("Bilaga till etikansökan", "Annex to the ethics application")},
		{"ethics_supplement", say("Komplettering av etikansökan", "Supplement to the ethics application")},
		{"ethics_amendment", say("Ändringsansökan", "Amendment application")},
		{"project_plan", say("Projektbeskrivning", "Project plan")},
		{"processing_agreement", say("Personuppgiftsbiträdesavtal", "Data processing agreement")},
		{"other", say("Annat", "Other")},
	},
	"shape": {
		{"payment", say("Utbetalning", "Payment")},
		{"subspell", say("Delfall", "Sub-spell")},
		{"spell", say("Fall", "Spell")},
		{"panel_day", say("Panel per dag", "Panel by day")},
		{"correction", say("Olösta korrigeringar", "Unresolved corrections")},
		{"subspell_42", say("Delfall med luckor, 42 kolumner", "Sub-spells with gaps, 42 columns")},
		{"panel_week", say("Panel per vecka", "Panel by week")},
		{"panel_quarter", say("Panel per kvartal", "Panel by quarter")},
		{"panel_month", say("Panel per månad", "Panel by month")},
		{"panel_year", say("Panel per år", "Panel by year")},
	},
	"population": {
		{"persons", say("Personer", "Persons")},
		{"organisations", say("Organisationer", "Organisations")},
	},
	"traders": {
		{"exclude", say("Ska inte vara med", "Are not wanted")},
		{"include", say("Ska vara med", "Are wanted")},
	},
}

// Answer is a coded answer in words: the code that was chosen for a question,
// which may name its row. ok is false for an answer in words of its own, and for a
// code that the question does not have.
func Answer(cat *catalog.Catalogue, field, code string) (text catalog.Text, ok bool) {
	q := byID[rows.ReplaceAllString(field, "[]")]
	if q == nil {
		q = byID[strings.TrimSuffix(rows.ReplaceAllString(field, "[]"), "[]")] // one of several
	}
	if q == nil {
		return text, false
	}
	if q.options == nil {
		return inCatalogue(cat, q.id, code)
	}
	for _, o := range q.options(cat) {
		if o.code == code {
			bare := func(s string) string { return strings.TrimSuffix(s, " ["+code+"]") }
			return catalog.Text{SV: bare(o.label.SV), EN: bare(o.label.EN)}, true
		}
	}
	return text, false
}

var rows = regexp.MustCompile(`\[\d+\]`)

// inCatalogue are the codes that people write themselves: benefits and variables.
func inCatalogue(cat *catalog.Catalogue, question, code string) (catalog.Text, bool) {
	for i := range cat.Registers {
		r := &cat.Registers[i]
		for _, b := range r.Benefits {
			if question == "data[].benefits" && b.ID == code {
				return b.Names, true
			}
		}
		for k := range r.Tables {
			if v := r.Tables[k].Variable(code); question == "data[].variables" && v != nil {
				return v.Names, true
			}
		}
	}
	return catalog.Text{}, false
}
