package wordform

import (
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/intake"
)

// kind is how a question is answered in its control.
type kind int

const (
	line    kind = iota // a text on one line
	area                // a text of several lines
	lines               // several texts, one on a line
	codes               // several codes, with commas or lines between
	whole               // a whole number
	date                // YYYY-MM-DD
	tick                // a box: yes, or no answer
	yesNo               // yes, no, or no answer
	choice              // one of the options
	several             // a box for each option; the tag ends in =code
)

// question is one question of the form. Its id has [] for its row.
type question struct {
	id      string
	kind    kind
	options func(*catalog.Catalogue) []option
	hint    catalog.Text
	only    intake.Purpose // "" = both
	// quiet: shown only where it is answered; nobody fills it in by hand.
	quiet bool
}

// option is an answer to choose.
type option struct {
	code  string
	label catalog.Text
}

// section is a heading with questions. list is the id of the list whose rows
// they are, "" for none, and spare how many empty rows the form has for it.
type section struct {
	heading   catalog.Text
	hint      catalog.Text
	list      string
	spare     int
	only      intake.Purpose
	questions []question
}

func say(sv, en string) catalog.Text { return catalog.Text{SV: sv, EN: en} }

var codesHint = say("Skriv koderna ur katalogen med komma emellan.", "Write the codes of the catalogue with commas between.")

// organisation are the questions on a principal or recipient.
func organisation(at string) []question {
	return []question{
		{id: at + ".name"},
		{id: at + ".org_no"},
		{id: at + ".kind", kind: choice, options: fixed("kind")},
		{id: at + ".equated_as"},
		{id: at + ".country", hint: say("Två bokstäver; tomt är Sverige.", "Two letters; empty is Sweden.")},
		{id: at + ".representative.name"},
		{id: at + ".representative.email"},
	}
}

// sections is the form from beginning to end.
var sections = []section{
	{heading: say("Projektet", "The project"), questions: []question{
		{id: "form", kind: whole, quiet: true},
		{id: "purpose", kind: choice, options: fixed("purpose")},
		{id: "title"},
		{id: "project.questions", kind: area},
		{id: "project.student_thesis", kind: yesNo, only: intake.Research},
		{id: "project.start", kind: date},
		{id: "project.end", kind: date},
		{id: "project.researchers", kind: lines, hint: say("En person på varje rad.", "One person on each line."), only: intake.Research},
		{id: "project.linkage", kind: lines, hint: say("En registerhållare på varje rad.", "One holder on each line.")},
	}},
	{heading: say("Huvudman", "Principal"), questions: organisation("principal")},
	{heading: say("Beställare", "Orderer"), questions: []question{{id: "orderer.name"}, {id: "orderer.email"}}},
	{heading: say("Medsökande", "Co-applicants"), list: "co_applicants", spare: 3, questions: []question{{id: "co_applicants[].name"}, {id: "co_applicants[].email"}}},
	{heading: say("Mottagare, om någon annan än huvudmannen", "Recipient, if not the principal"), questions: organisation("recipient")},
	{heading: say("Statistikändamål", "Statistics"), only: intake.Statistics, questions: []question{
		{id: "statistics.responsible", kind: tick},
		{id: "statistics.equal_secrecy", kind: tick},
		{id: "statistics.delimited_unit", kind: tick},
		{id: "statistics.duty"},
		{id: "statistics.fee_free", kind: tick},
		{id: "statistics.wished_date", kind: date},
	}},
	{heading: say("Populationen", "The population"), questions: []question{
		{id: "population.kind", kind: choice, options: fixed("population")},
		{id: "population.traders", kind: choice, options: fixed("traders")},
		{id: "population.definition", kind: area},
		{id: "population.size", kind: whole},
		{id: "population.source", kind: choice, options: fixed("source")},
		{id: "population.holder"},
		{id: "population.ready.on", kind: date},
		{id: "population.ready.by"},
	}},
	{heading: say("Extra kolumner i populationsfilen", "Further columns of the population file"), list: "population.columns", spare: 3, questions: []question{
		{id: "population.columns[].name"}, {id: "population.columns[].type", kind: choice, options: fixed("column")}, {id: "population.columns[].use", kind: choice, options: fixed("use")},
	}},
	{
		heading: say("Uppgifter", "Data"), list: "data", spare: 5,
		hint: say("En ruta för varje uttag ur ett register. Vet du inte vilken tabell du behöver, beskriv behovet med egna ord.", "One group for each register. If you do not know which table you need, describe the need in your own words."),
		questions: []question{
			{id: "data[].register", kind: choice, options: registers},
			{id: "data[].table", kind: choice, options: tables},
			{id: "data[].shape", kind: choice, options: fixed("shape")},
			{id: "data[].benefits", kind: codes, hint: codesHint},
			{id: "data[].variables", kind: codes, hint: codesHint},
			{id: "data[].from", kind: date},
			{id: "data[].to", kind: date},
			{id: "data[].accept_incomplete", kind: tick},
			{id: "data[].diagnoses", kind: codes, hint: say("Kapitel i ICD-10-SE med komma emellan; tomt är alla.", "Chapters of ICD-10-SE with commas between; empty is all.")},
			{id: "data[].motive", kind: area},
			{id: "data[].need", kind: area},
		},
	},
	{heading: say("Känsliga personuppgifter", "Sensitive data"), only: intake.Research, questions: []question{
		{id: "sensitive", kind: yesNo}, {id: "sensitive_categories", kind: several, options: fixed("category")},
	}},
	{heading: say("Bilagor", "Attachments"), list: "attachments", spare: 4, hint: say("Bilagorna skickas för sig. Ge varje ett eget kort namn som id, till exempel B1.", "Attachments are sent by themselves. Give each a short name of its own as id, such as B1."), questions: []question{
		{id: "attachments[].id"}, {id: "attachments[].name"}, {id: "attachments[].kind", kind: choice, options: fixed("attachment")}, {id: "attachments[].of"}, {id: "attachments[].sha256", quiet: true},
	}},
	{heading: say("Etikbeslut", "Ethics decisions"), list: "ethics.approvals", spare: 2, only: intake.Research, questions: []question{
		{id: "ethics.approvals[].kind", kind: choice, options: fixed("approval")},
		{id: "ethics.approvals[].number"},
		{id: "ethics.approvals[].decided", kind: date},
		{id: "ethics.approvals[].board", kind: choice, options: fixed("board")},
		{id: "ethics.approvals[].signed", kind: tick},
		{id: "ethics.approvals[].annexes", kind: whole},
		{id: "ethics.approvals[].named_in_decision", kind: tick},
		{id: "ethics.approvals[].application", hint: say("Bilagans id.", "The attachment's id.")},
		{id: "ethics.approvals[].decision", hint: say("Bilagans id.", "The attachment's id.")},
	}},
	{heading: say("Etikstöd", "Ethics coverage"), list: "ethics.coverage", spare: 6, only: intake.Research, hint: say("Var i etikhandlingarna varje uppgift har stöd.", "Where the ethics documents support each item."), questions: []question{
		{id: "ethics.coverage[].item", kind: choice, options: items},
		{id: "ethics.coverage[].met", kind: tick},
		{id: "ethics.coverage[].from_authority", kind: yesNo},
		{id: "ethics.coverage[].attachment", hint: say("Bilagans id.", "The attachment's id.")},
		{id: "ethics.coverage[].page", kind: whole},
		{id: "ethics.coverage[].quote", kind: area},
		{id: "ethics.coverage[].limit"},
		{id: "ethics.coverage[].period_from", kind: date},
		{id: "ethics.coverage[].period_to", kind: date},
		{id: "ethics.coverage[].principal_org_nos", kind: lines, hint: say("Ett organisationsnummer på varje rad.", "One organisation number on each line.")},
		{id: "ethics.coverage[].note", kind: area},
	}},
	{heading: say("Leveransen", "The delivery"), questions: []question{
		{id: "delivery.formats", kind: several, options: fixed("format")},
		{id: "project.deliveries", kind: whole},
		{id: "identified", kind: tick},
		{id: "delivery.retention_months", kind: whole},
		{id: "delivery.retention_reason", kind: area},
		{id: "delivery.keep_key_until", kind: date},
	}},
	{heading: say("Fakturan", "The invoice"), questions: []question{{id: "invoice.reference"}, {id: "invoice.peppol_id"}}},
	{heading: say("Tidigare ärende", "Earlier case"), questions: []question{
		{id: "child.kind", kind: choice, options: fixed("child")}, {id: "child.parent"}, {id: "child.reason", kind: area}, {id: "project.earlier_case"},
	}},
}

// byID finds a question by its id with [] for rows.
var byID = func() map[string]*question {
	out := map[string]*question{}
	for i := range sections {
		for k := range sections[i].questions {
			q := &sections[i].questions[k]
			out[q.id] = q
		}
	}
	return out
}()

// asked reports whether a question belongs to the form for a purpose.
func (s *section) asked(q *question, p intake.Purpose) bool {
	return (s.only == "" || s.only == p) && (q.only == "" || q.only == p)
}

// Options are the codes and texts of a set of fixed answers: those of the
// pages, under the same names.
func Options(set string) map[string]catalog.Text {
	out := map[string]catalog.Text{}
	for _, o := range sets[set] {
		out[o.code] = o.label
	}
	return out
}

// Sets are the names of the sets of fixed answers.
func Sets() []string {
	var out []string
	for s := range sets {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func fixed(set string) func(*catalog.Catalogue) []option {
	return func(*catalog.Catalogue) []option { return sets[set] }
}

func registers(cat *catalog.Catalogue) []option {
	var out []option
	for i := range cat.Registers {
		r := &cat.Registers[i]
		out = append(out, named(r.ID, r.Names))
	}
	return out
}

func tables(cat *catalog.Catalogue) []option {
	var out []option
	for i := range cat.Registers {
		for k := range cat.Registers[i].Tables {
			t := &cat.Registers[i].Tables[k]
			out = append(out, named(t.ID, t.Names))
		}
	}
	return out
}

// items are everything that an ethics document may have to support.
func items(cat *catalog.Catalogue) []option {
	var out []option
	for _, id := range []string{
		intake.CoverPopulation, intake.CoverDiagnosis, intake.CoverWithdrawals, intake.CoverKeptKey, intake.CoverIdentified, intake.CoverLinkage, intake.CoverMotivated,
		intake.CoverPeriod, intake.CoverPrincipal,
	} {
		out = append(out, named(id, itemName(id)))
	}
	for _, c := range intake.SensitiveCategories {
		out = append(out, named(intake.CoverCategory+c, itemName(intake.CoverCategory+c)))
	}
	for i := range cat.Registers {
		for _, b := range cat.Registers[i].Benefits {
			id := intake.CoverBenefit + b.ID
			if !slices.ContainsFunc(out, func(o option) bool { return o.code == id }) {
				out = append(out, named(id, b.Names))
			}
		}
	}
	return out
}

// itemName is the name of an item of the matrix, taken from its label.
func itemName(id string) catalog.Text {
	t, _ := intake.Label("ethics.coverage." + id)
	inner := func(s string) string {
		_, rest, _ := strings.Cut(s, "(")
		return strings.TrimSuffix(rest, ")")
	}
	return catalog.Text{SV: inner(t.SV), EN: inner(t.EN)}
}

// named is an option of the catalogue: its name and, since names may be the
// same, its code.
func named(code string, names catalog.Text) option {
	return option{code, catalog.Text{SV: names.SV + " [" + code + "]", EN: names.EN + " [" + code + "]"}}
}
