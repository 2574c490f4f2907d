package codebook

import (
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/order"
	"sluss/internal/plan"
)

// Stage is a step in which a population was drawn from the registers, and how
// many were left or added, to the nearest five.
type Stage struct {
	Code  string       `json:"code"`
	Text  catalog.Text `json:"text"`
	Count int64        `json:"count"`
}

// stagePrefix begins the codes of counts of a drawing.
const stagePrefix = "population."

var stageTexts = map[string]catalog.Text{
	"register":  {SV: "Personer i identitetsregistret", EN: "Persons in the identity register"},
	"protected": {SV: "Borttagna på grund av skyddade uppgifter", EN: "Left out for a protected identity"},
	"any":       {SV: "Uppfyller något av de första villkoren", EN: "Meet one of the first conditions"},
	"and":       {SV: "Kvar efter ytterligare villkor", EN: "Left after further condition"},
	"not":       {SV: "Kvar efter uteslutande villkor", EN: "Left after excluding condition"},
	"sample":    {SV: "Dragna i stickprovet", EN: "Drawn in the sample"},
	"controls":  {SV: "Kontroller", EN: "Controls"},
	"short":     {SV: "Fall som fick färre kontroller än begärt", EN: "Cases that got fewer controls than asked for"},
	"children":  {SV: "Barn till de utvalda", EN: "Children of those selected"},
	"parents":   {SV: "Föräldrar till de utvalda", EN: "Parents of those selected"},
	"total":     {SV: "Populationen", EN: "The population"},
}

// stages are the counts of a drawing in words.
func stages(counts []order.CountLine) []Stage {
	var out []Stage
	for _, l := range counts {
		code, ok := strings.CutPrefix(l.Code, stagePrefix)
		if !ok {
			continue
		}
		kind, number, numbered := strings.Cut(code, "_")
		text := stageTexts[kind]
		if numbered {
			text = catalog.Text{SV: text.SV + " " + number, EN: text.EN + " " + number}
		}
		if text.SV == "" {
			text = catalog.Text{SV: code, EN: code}
		}
		out = append(out, Stage{code, text, l.Count})
	}
	return out
}

// Who the population is, in tables of persons and of employers.
var (
	populationPersons   = catalog.Text{SV: "Personer i populationen", EN: "Persons of the population"}
	populationEmployers = catalog.Text{SV: "Arbetsgivare i populationen", EN: "Employers of the population"}
)

var flowTexts = []struct {
	code string
	text catalog.Text
}{
	{"persons", populationPersons},
	{"persons_without_anchor", catalog.Text{SV: "Utan indexdatum", EN: "Without an index date"}},
	{"persons_outside_period", catalog.Text{SV: "Med en period utanför den beslutade", EN: "With a period outside the decided one"}},
	{"persons_without_rows", catalog.Text{SV: "Utan rader i perioden", EN: "Without rows in the period"}},
}

// flow says where the people of the population are who have no rows in the
// files of an extract. Like the stages of a drawing it is told to the nearest
// five, and not at all where everybody has rows.
func flow(counts []order.CountLine, extract string, employers bool) []Stage {
	found := map[string]int64{}
	for _, l := range counts {
		if code, ok := strings.CutPrefix(l.Code, extract+"."); ok {
			found[code] = l.Count
		}
	}
	var out []Stage
	for _, x := range flowTexts {
		if n, ok := found[x.code]; ok {
			if employers && x.text == populationPersons {
				x.text = populationEmployers
			}
			out = append(out, Stage{x.code, x.text, (n + 2) / 5 * 5})
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// employers says, of a table whose rows are of employers, which löpnummer are
// organisations' and which are persons', where we have drawn them.
func (f *File) employers(table *catalog.Table, spec plan.Spec) {
	if !table.OfEmployers() || spec.Population.File != nil && spec.Population.File.Serial != "" {
		return
	}
	self := table.ByRole(catalog.RolePerson).ID
	for i := range f.Columns {
		if d := &f.Columns[i]; d.Variable == self {
			d.Definition = both(d.Definition, seriesText)
		}
	}
}

// seriesText tells the two series of löpnummer apart ([plan.OrganisationBase]).
var seriesText = catalog.Text{
	SV: "Löpnummer över 10 000 000 är organisationer. Lägre är enskilda näringsidkare: det som sägs om dem är personuppgifter.",
	EN: "Löpnummer above 10 000 000 are organisations. Lower ones are sole traders: what is told of them is personal data.",
}

// drawn describes the columns that tell who is who in a drawn population.
func (f *File) drawn() {
	for i := range f.Columns {
		d := &f.Columns[i]
		switch {
		case d.Variable != "":
		case d.Name == plan.GroupRole:
			d.Names, d.Missing = catalog.Text{SV: "Roll i populationen", EN: "Role in the population"}, catalog.Text{}
			d.Definition = catalog.Text{SV: "Om personen är utvald genom villkoren, kontroll eller anhörig.", EN: "Whether the person was selected by the conditions, is a control or a relative."}
			d.Codes = roleCodes
		case d.Name == plan.GroupSet:
			d.Names, d.Missing = catalog.Text{SV: "Nummer på den utvaldas mängd", EN: "Number of the case's set"}, catalog.Text{}
			d.Definition = catalog.Text{SV: "Samma nummer för ett fall, dess kontroller och dess anhöriga. Gäller den här leveransen.", EN: "The same number for a case, its controls and its relatives. Holds for this delivery."}
		}
	}
}

var roleCodes = []catalog.Code{
	{Code: plan.RoleCase, Names: catalog.Text{SV: "fall, uppfyller villkoren", EN: "case, meets the conditions"}},
	{Code: plan.RoleControl, Names: catalog.Text{SV: "kontroll", EN: "control"}},
	{Code: plan.RoleChild, Names: catalog.Text{SV: "barn till ett fall", EN: "child of a case"}},
	{Code: plan.RoleParent, Names: catalog.Text{SV: "förälder till ett fall", EN: "parent of a case"}},
}
