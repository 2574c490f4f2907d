package intake

import (
	"fmt"
	"strings"

	"sluss/internal/catalog"
)

// Paragraph is a piece of the etikunderlag: what the ethics application should
// say about some items, in Swedish, and the same in English as a courtesy.
type Paragraph struct {
	Items []string     `json:"items"` // as in [Coverage]
	Text  catalog.Text `json:"text"`
}

// Underlag writes the paragraphs that the ethics application needs for what is
// asked for: the benefits by their full names and from Försäkringskassan,
// diagnoses (all or which chapters), period, withdrawals, key, personnummer,
// linkage, population and principal. It is nil where no ethics approval is
// needed. [Search] finds every item in it.
func Underlag(a Application, cat *catalog.Catalogue) []Paragraph {
	var out []Paragraph
	var benefits, categories []Item
	for _, item := range Items(a, cat) {
		switch {
		case strings.HasPrefix(item.ID, CoverBenefit):
			benefits = append(benefits, item)
		case strings.HasPrefix(item.ID, CoverCategory):
			categories = append(categories, item)
		}
	}
	for _, item := range Items(a, cat) {
		switch {
		case len(benefits) > 0 && item.ID == benefits[0].ID:
			out = append(out, benefitParagraph(benefits))
		case len(categories) > 0 && item.ID == categories[0].ID:
			out = append(out, categoryParagraph(a, categories))
		case strings.HasPrefix(item.ID, CoverBenefit), strings.HasPrefix(item.ID, CoverCategory):
		default:
			out = append(out, Paragraph{Items: []string{item.ID}, Text: paragraphs[item.ID](a, cat)})
		}
	}
	return out
}

// UnderlagText joins the paragraphs into one text in "sv" or, for every other
// value, English.
func UnderlagText(ps []Paragraph, lang string) string {
	texts := make([]string, len(ps))
	for i, p := range ps {
		texts[i] = p.Text.In(lang)
	}
	return strings.Join(texts, "\n\n") + "\n"
}

func benefitParagraph(items []Item) Paragraph {
	p := Paragraph{Text: catalog.Text{SV: "Uppgifter om följande förmåner hämtas från Försäkringskassan:", EN: "Data on the following benefits are obtained from Försäkringskassan (the Swedish Social Insurance Agency):"}}
	for _, item := range items {
		p.Items = append(p.Items, item.ID)
		p.Text.SV += "\n– " + lower(item.Names.SV) + " från Försäkringskassan"
		p.Text.EN += "\n– " + lower(item.Names.EN) + " from Försäkringskassan"
	}
	return p
}

func categoryParagraph(a Application, items []Item) Paragraph {
	var p Paragraph
	var sv, en []string
	for _, item := range items {
		p.Items = append(p.Items, item.ID)
		n := categoryNames[strings.TrimPrefix(item.ID, CoverCategory)]
		sv, en = append(sv, n.SV), append(en, n.EN)
	}
	p.Text = catalog.Text{
		SV: "Projektet behandlar känsliga personuppgifter om " + list(sv, "och") + ".",
		EN: "The project processes sensitive data concerning " + list(en, "and") + ".",
	}
	return p
}

// paragraphs write what each item, besides benefits and categories, needs.
var paragraphs = map[string]func(Application, *catalog.Catalogue) catalog.Text{
	CoverPopulation: func(a Application, _ *catalog.Catalogue) catalog.Text {
		if a.Population.Organisations() {
			return catalog.Text{
				SV: fmt.Sprintf("Studiepopulationen består av högst %d organisationer. Populationen avgränsas så: %s.", a.Population.Size, stopless(a.Population.Definition)),
				EN: fmt.Sprintf("The study population consists of at most %d organisations. The population is delimited as follows: %s.", a.Population.Size, stopless(a.Population.Definition)),
			}
		}
		return catalog.Text{
			SV: fmt.Sprintf("Studiepopulationen består av högst %d personer. Populationen avgränsas så: %s.", a.Population.Size, stopless(a.Population.Definition)),
			EN: fmt.Sprintf("The study population consists of at most %d persons. The population is delimited as follows: %s.", a.Population.Size, stopless(a.Population.Definition)),
		}
	},
	CoverDiagnosis: func(a Application, cat *catalog.Catalogue) catalog.Text {
		all, ranges := askedChapters(a, cat)
		if all {
			return catalog.Text{SV: "Från Försäkringskassan hämtas samtliga diagnoser enligt ICD-10-SE.", EN: "All diagnoses (ICD-10-SE) are obtained from Försäkringskassan."}
		}
		return catalog.Text{
			SV: "Från Försäkringskassan hämtas diagnoser enligt ICD-10-SE i kapitel " + list(ranges, "och") + ".",
			EN: "Diagnoses (ICD-10-SE) in chapters " + list(ranges, "and") + " are obtained from Försäkringskassan.",
		}
	},
	CoverMotivated: func(a Application, _ *catalog.Catalogue) catalog.Text {
		sv, en := "Uppgifterna är nödvändiga för att besvara forskningsfrågorna.", "The data are necessary to answer the research questions."
		for _, w := range a.Data {
			if m := stopless(w.Motive); m != "" {
				sv, en = sv+" "+m+".", en+" "+m+"."
			}
		}
		return catalog.Text{SV: sv, EN: en}
	},
	CoverWithdrawals: func(a Application, _ *catalog.Catalogue) catalog.Text {
		return catalog.Text{
			SV: fmt.Sprintf("Försäkringskassan gör %d uttag av uppgifterna.", a.Project.Deliveries),
			EN: fmt.Sprintf("Försäkringskassan makes %d withdrawals of the data.", a.Project.Deliveries),
		}
	},
	CoverKeptKey: func(a Application, _ *catalog.Catalogue) catalog.Text {
		return catalog.Text{
			SV: "Nyckelfilen sparas hos Försäkringskassan till och med " + a.Delivery.KeepKeyUntil + ".",
			EN: "The key file is kept at Försäkringskassan until " + a.Delivery.KeepKeyUntil + ".",
		}
	},
	CoverIdentified: func(Application, *catalog.Catalogue) catalog.Text {
		return catalog.Text{
			SV: "Uppgifterna levereras till projektet med personnummer.", EN: "The data are delivered to the project with personal identity numbers.",
		}
	},
	CoverLinkage: func(a Application, _ *catalog.Catalogue) catalog.Text {
		return catalog.Text{
			SV: "Uppgifterna från Försäkringskassan samkörs med uppgifter från " + list(a.Project.Linkage, "och") + ".",
			EN: "The data from Försäkringskassan are linked with data from " + list(a.Project.Linkage, "and") + ".",
		}
	},
	CoverPeriod: func(a Application, _ *catalog.Catalogue) catalog.Text {
		from, to := wanted(a)
		return catalog.Text{
			SV: fmt.Sprintf("Uppgifterna avser tiden %s till och med %s.", from, to), EN: fmt.Sprintf("The data cover the time %s through %s.", from, to),
		}
	},
	CoverPrincipal: func(a Application, _ *catalog.Catalogue) catalog.Text {
		return catalog.Text{
			SV: fmt.Sprintf("Forskningshuvudman är %s, organisationsnummer %s.", a.Principal.Name, a.Principal.OrgNo),
			EN: fmt.Sprintf("The principal (forskningshuvudman) is %s, organisation number %s.", a.Principal.Name, a.Principal.OrgNo),
		}
	},
}

// askedChapters returns the chapters that the application asks for diagnoses
// in, or all when any wish does not limit them.
func askedChapters(a Application, cat *catalog.Catalogue) (all bool, ranges []string) {
	seen := map[string]bool{}
	for _, w := range a.Data {
		if !asksDiagnosis(w, cat) {
			continue
		}
		if len(w.Diagnoses) == 0 {
			return true, nil
		}
		for _, c := range w.Diagnoses {
			for _, r := range Chapter(cat, c) {
				if !seen[r] {
					seen[r] = true
					ranges = append(ranges, r)
				}
			}
		}
	}
	return len(ranges) == 0, ranges
}

// list writes a, b and c.
func list(items []string, and string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " " + and + " " + items[len(items)-1]
}

// stopless drops white space and full stops at the end.
func stopless(s string) string { return strings.TrimRight(strings.TrimSpace(flat(s)), ". ") }
