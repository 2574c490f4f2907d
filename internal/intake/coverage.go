package intake

import (
	"slices"
	"strings"

	"sluss/internal/catalog"
)

// Item is something that the ethics documents must support.
type Item struct {
	ID    string       `json:"item"` // as in [Coverage]
	Names catalog.Text `json:"names"`
	// FromAuthority: the document must also say that the data come from
	// Försäkringskassan.
	FromAuthority bool `json:"from_authority,omitempty"`
}

// itemNames are the names of the items that are not a benefit or a category.
var itemNames = map[string]catalog.Text{
	CoverPopulation:  {SV: "Populationen", EN: "The population"},
	CoverDiagnosis:   {SV: "Diagnoser", EN: "Diagnoses"},
	CoverWithdrawals: {SV: "Flera uttag", EN: "Several withdrawals"},
	CoverKeptKey:     {SV: "Sparad nyckelfil", EN: "Kept key file"},
	CoverIdentified:  {SV: "Personnummer", EN: "Personal identity numbers"},
	CoverLinkage:     {SV: "Samkörning med andra register", EN: "Linkage with other registers"},
	CoverMotivated:   {SV: "Uppgifterna motiveras av forskningsfrågorna", EN: "The research questions motivate the data"},
	CoverPeriod:      {SV: "Perioden", EN: "The period"},
	CoverPrincipal:   {SV: "Forskningshuvudmannen", EN: "The principal"},
}

// categoryNames are the names of [SensitiveCategories].
var categoryNames = map[string]catalog.Text{
	CategoryHealth:      {SV: "hälsa", EN: "health"},
	"sexual_life":       {SV: "sexualliv och sexuell läggning", EN: "sex life and sexual orientation"},
	"ethnic_origin":     {SV: "etniskt ursprung", EN: "ethnic origin"},
	"political_opinion": {SV: "politiska åsikter", EN: "political opinions"},
	"religion":          {SV: "religiös eller filosofisk övertygelse", EN: "religious or philosophical beliefs"},
	"union_membership":  {SV: "medlemskap i fackförening", EN: "trade union membership"},
	"genetic":           {SV: "genetiska uppgifter", EN: "genetic data"},
	"biometric":         {SV: "biometriska uppgifter", EN: "biometric data"},
	"offences":          {SV: "lagöverträdelser", EN: "offences"},
}

// Items returns what the ethics documents must support for the application, in
// the order of the coverage matrix. It is nil where no approval is needed.
//
// The items follow the checklist of Försäkringskassan's ordering page: the
// population; each benefit, named and from Försäkringskassan; diagnoses; the
// data motivated; several withdrawals; a kept key; personnummer; sensitive
// categories; linkage; period and principal.
func Items(a Application, cat *catalog.Catalogue) []Item {
	l := look{Application: a, cat: cat}
	if a.Purpose != Research || !needsEthics(&l) {
		return nil
	}
	out := []Item{{ID: CoverPopulation, Names: itemNames[CoverPopulation]}}
	out = append(out, basketItems(a, cat)...)
	for _, extra := range []struct {
		wanted bool
		item   string
	}{
		{true, CoverMotivated},
		{a.Project.Deliveries > 1, CoverWithdrawals},
		{a.Delivery.KeepKeyUntil != "", CoverKeptKey},
		{a.Identified, CoverIdentified},
		{len(a.Project.Linkage) > 0, CoverLinkage},
		{true, CoverPeriod},
		{true, CoverPrincipal},
	} {
		if extra.wanted {
			out = append(out, Item{ID: extra.item, Names: itemNames[extra.item]})
		}
	}
	for _, c := range a.Categories {
		if n, ok := categoryNames[c]; ok {
			out = append(out, Item{ID: CoverCategory + c, Names: catalog.Text{SV: "Känsliga uppgifter: " + n.SV, EN: "Sensitive data: " + n.EN}})
		}
	}
	return out
}

// basketItems are the benefits asked for and, where one is, diagnoses.
func basketItems(a Application, cat *catalog.Catalogue) []Item {
	var out []Item
	diagnosis := false
	for _, w := range a.Data {
		for _, b := range w.Benefits {
			id := CoverBenefit + b
			if !slices.ContainsFunc(out, func(x Item) bool { return x.ID == id }) {
				out = append(out, Item{ID: id, Names: benefitNames(cat, w.Register, b), FromAuthority: true})
			}
		}
		diagnosis = diagnosis || asksDiagnosis(w, cat)
	}
	if diagnosis {
		out = append(out, Item{ID: CoverDiagnosis, Names: itemNames[CoverDiagnosis], FromAuthority: true})
	}
	return out
}

func benefitNames(cat *catalog.Catalogue, register, code string) catalog.Text {
	if r := cat.Register(register); r != nil {
		if b := r.Benefit(code); b != nil {
			return b.Names
		}
	}
	return catalog.Text{SV: code, EN: code}
}

// diagnoses is the value set of ICD-10-SE codes.
const diagnoses = "icd10se"

// asksDiagnosis reports whether a wish takes a diagnosis: from its table, by
// name or because it takes everything; or by its need in free text, or because
// it names chapters.
func asksDiagnosis(w Wish, cat *catalog.Catalogue) bool {
	if len(w.Diagnoses) > 0 {
		return true
	}
	_, table := cat.Table(w.Table)
	if table == nil {
		return needsDiagnosis(w.Need)
	}
	return slices.ContainsFunc(table.Variables, func(v catalog.Variable) bool {
		return v.ValueSet == diagnoses && (len(w.Variables) == 0 || slices.Contains(w.Variables, v.ID))
	})
}

// needsDiagnosis reports whether a need in free text asks for diagnoses.
func needsDiagnosis(need string) bool {
	return slices.ContainsFunc(wordsOf(need), func(w string) bool {
		return strings.HasPrefix(w, "diagnos") || w == "icd" || w == "icd10"
	})
}

// Covered reports whether the ethics documents support an item.
func (a Application) Covered(item string) bool {
	return slices.ContainsFunc(a.Ethics.Coverage, func(c Coverage) bool { return c.Item == item && c.Met })
}

// Chapter returns the ranges of ICD-10-SE that a chapter stands for, as
// F00-F99: by its letter (F; D stands for two chapters), its range or its Roman
// number (IX). It is nil for everything else.
func Chapter(cat *catalog.Catalogue, chapter string) []string {
	c := strings.ToUpper(strings.NewReplacer("–", "-", " ", "").Replace(chapter))
	if r, ok := romanChapters[c]; ok {
		return []string{r}
	}
	var out []string
	for _, code := range cat.ValueSets[catalog.ICDChapters].Codes {
		lo, hi, _ := strings.Cut(code.Code, "-")
		if c == code.Code || len(c) == 1 && c >= lo[:1] && c <= hi[:1] {
			out = append(out, code.Code)
		}
	}
	return out
}

// romanChapters lacks the numbers I, V and X, which are letters of chapters,
// too: a single letter is always read as the letter of the codes.
var romanChapters = map[string]string{
	"II": "C00-D48", "III": "D50-D89", "IV": "E00-E90", "VI": "G00-G99", "VII": "H00-H59", "VIII": "H60-H95",
	"IX": "I00-I99", "XI": "K00-K93", "XII": "L00-L99", "XIII": "M00-M99", "XIV": "N00-N99", "XV": "O00-O99", "XVI": "P00-P96",
	"XVII": "Q00-Q99", "XVIII": "R00-R99", "XIX": "S00-T98", "XX": "V01-Y98", "XXI": "Z00-Z99", "XXII": "U00-U99",
}
