// Package review is the confidentiality review (sekretessprövning): the
// worksheet that leads from what was asked for to what may be disclosed.
//
// [Questions] gives the worksheet: for recipient and purpose, coverage, each
// variable, disclosure risk, safeguards and the assessment, each with its law
// and the facts that are known already. The reviewer gives [Answer]s.
// [Problems] compares them with the scope that is proposed: what is unanswered,
// what contradicts the scope, and what must be said before anything may be
// disclosed. [Propose] turns the answers into decision rows. [AppealGuide] says
// how a decision is appealed, [Contents] what a written decision lacks, and
// [Similar] finds earlier decisions to compare with.
//
// The room judges nothing: that disclosure does no harm (offentlighets- och
// sekretesslagen 24 kap. 8 §) is the reviewer's assessment. It sees to it that
// every question has been asked and that answers and decision agree.
//
// The package is pure.
//
// Sources: OSL (2009:400) 10 kap. 14 §, 24 kap. 8 §; dataskyddsförordningen (EU)
// 2016/679 articles 5, 9 and 89; förvaltningslagen (2017:900) 31–33 §§;
// reference domain §3.2, §3.4 and §4.
package review

import (
	"fmt"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/plan"
	"sluss/internal/swede"
)

// Sections of the worksheet, in order.
const (
	Recipient    = "recipient"
	Coverage     = "coverage"
	Minimisation = "minimisation"
	Risk         = "risk"
	Safeguards   = "safeguards"
	Assessment   = "assessment"
)

// Purposes and kinds of principal, as in intake.
const (
	Research   = "research"
	Statistics = "statistics"

	Authority = "authority"
	Private   = "private"
	Equated   = "equated"
)

const (
	lawSecrecy   = "offentlighets- och sekretesslagen (2009:400) 24 kap. 8 §"
	lawForbehall = "offentlighets- och sekretesslagen (2009:400) 10 kap. 14 §"
	lawMinimise  = "dataskyddsförordningen (EU) 2016/679 artikel 5.1 c"
	lawSafeguard = "dataskyddsförordningen (EU) 2016/679 artikel 89.1"
	lawProcessor = "dataskyddsförordningen (EU) 2016/679 artikel 28"
	lawEthics    = "etikprövningslagen (2003:460) 3 och 6 §§"
)

// Subject is what is known of the case under review.
type Subject struct {
	Purpose   string
	Principal string // name of the organisation
	Party     string // kind of principal
	Recipient string // name when it is not the principal, "" = the principal
	Processor bool   // there is a processing agreement with the recipient
	// Privileged: a statistics order from an authority responsible for
	// statistics, with equal secrecy and a delimited unit (promise 11).
	Privileged  bool
	Researchers int // named to work with the data
	Approvals   int // ethics approvals with their decisions
	Covered     []Cover
	Wanted      []Want // tables and variables asked for; what the scope holds is added
	Persons     int    // size of the population
	Source      string // file or criteria
	Linked      []string
	Identified  bool // personnummer asked for
	Report      *Figures
}

// Cover says that the ethics documents support an item, as intake's coverage
// matrix: population, diagnosis, benefit:<code> …
type Cover struct {
	Item string
	Met  bool
	Page int
}

// Want is a table with the variables asked for.
type Want struct {
	Table     string
	Variables []string
	Period    *plan.Period
}

// Figures are from a disclosure report, when there is one.
type Figures struct {
	K          int // persons in the smallest group that shares its indirect identifiers
	SmallCells int // groups below the report's limit
}

// Question is one line of the worksheet.
type Question struct {
	ID      string // stable; of variables minimise:<table>.<variable>
	Section string
	Text    catalog.Text
	Law     string
	Promise int            // of docs/promises.md that rests on its answer, 0 = none
	Facts   []catalog.Text // what is known already
}

// Treatments of a variable.
const (
	Keep    = "keep"
	Coarsen = "coarsen" // to Level or coarser
	Shorten = "shorten" // to Period or shorter
	Drop    = "drop"
)

// Answer is what the reviewer found.
type Answer struct {
	Question string       `json:"question"`
	Finding  string       `json:"finding"`         // in words
	Holds    bool         `json:"holds,omitempty"` // it speaks for disclosure
	Treat    string       `json:"treat,omitempty"` // of variables: a treatment
	Level    string       `json:"level,omitempty"`
	Period   *plan.Period `json:"period,omitempty"`
}

// VariableQuestion is the id of the question about a variable.
func VariableQuestion(table, variable string) string { return "minimise:" + table + "." + variable }

// Questions gives the worksheet of a case with the scope proposed so far.
func Questions(s Subject, scope plan.Scope, cat *catalog.Catalogue) []Question {
	out := recipientQuestions(s)
	out = append(out, coverageQuestions(s, scope, cat)...)
	for _, w := range wants(s, scope) {
		reg, table := cat.Table(w.Table)
		if table == nil {
			continue // Problems tells of it
		}
		for _, id := range w.Variables {
			if v := table.Variable(id); v != nil {
				out = append(out, variableQuestion(reg, table, v, scope))
			}
		}
	}
	out = append(out, riskQuestions(s)...)
	return append(out, closingQuestions(s)...)
}

func recipientQuestions(s Subject) []Question {
	q := []Question{
		{"recipient", Recipient, catalog.Text{SV: "Vem är det som får uppgifterna, och vilken sekretess gäller där?", EN: "Who gets the data, and what secrecy holds there?"}, lawSecrecy, 0, []catalog.Text{partyFact(s)}},
		{"purpose", Recipient, catalog.Text{SV: "Behövs uppgifterna för ändamålet?", EN: "Are the data needed for the purpose?"}, lawSecrecy, 0, nil},
	}
	if s.Recipient != "" {
		q = append(q, Question{"processor", Recipient, catalog.Text{SV: "Täcker biträdesavtalet mottagaren?", EN: "Does the processing agreement cover the recipient?"}, lawProcessor, 6, []catalog.Text{yesNo(s.Processor,
			"Det finns ett biträdesavtal.", "There is a processing agreement.", "Det finns inget biträdesavtal.", "There is no processing agreement.")}})
	}
	if s.Purpose == Statistics && !s.Privileged {
		q = append(q, Question{"presumption", Recipient, catalog.Text{
			SV: "Mottagaren är inte en statistikansvarig myndighet med samma sekretess. Utgångspunkten är avslag: vad talar ändå för utlämnande?",
			EN: "The recipient is not an authority responsible for statistics with equal secrecy. The presumption is refusal: what speaks for disclosure all the same?",
		}, lawSecrecy, 11, nil})
	}
	return q
}

func partyFact(s Subject) catalog.Text {
	switch s.Party {
	case Private:
		return catalog.Text{SV: "Huvudmannen är privat.", EN: "The principal is private."}
	case Equated:
		return catalog.Text{SV: "Huvudmannen är likställd med en myndighet (OSL 2 kap. 4 §).", EN: "The principal is equated with an authority (OSL 2 kap. 4 §)."}
	}
	return catalog.Text{SV: "Huvudmannen är en myndighet.", EN: "The principal is an authority."}
}

func yesNo(yes bool, sv, en, svNo, enNo string) catalog.Text {
	if yes {
		return catalog.Text{SV: sv, EN: en}
	}
	return catalog.Text{SV: svNo, EN: enNo}
}

func coverageQuestions(s Subject, scope plan.Scope, cat *catalog.Catalogue) []Question {
	if s.Purpose != Research {
		return nil
	}
	facts := []catalog.Text{{SV: fmt.Sprintf("%d etikgodkännanden med beslut.", s.Approvals), EN: fmt.Sprintf("%d ethics approvals with decisions.", s.Approvals)}}
	for _, c := range s.Covered {
		facts = append(facts, yesNo(c.Met, fmt.Sprintf("%s: stöd på sidan %d.", c.Item, c.Page), fmt.Sprintf("%s: supported on page %d.", c.Item, c.Page), c.Item+": utan stöd.", c.Item+": without support."))
	}
	for _, item := range uncovered(s, scope, cat) {
		facts = append(facts, catalog.Text{SV: item + ": känsliga uppgifter utan stöd.", EN: item + ": sensitive data without support."})
	}
	return []Question{{"coverage", Coverage, catalog.Text{
		SV: "Täcker etikgodkännandet populationen, varje förmån från Försäkringskassan, diagnoser, antal uttag och period?",
		EN: "Does the ethics approval cover the population, each benefit from Försäkringskassan, diagnoses, number of withdrawals and period?",
	}, lawEthics, 5, facts}}
}

func variableQuestion(reg *catalog.Register, table *catalog.Table, v *catalog.Variable, scope plan.Scope) Question {
	facts := []catalog.Text{{SV: reg.Names.SV + ", " + table.Names.SV + ".", EN: reg.Names.EN + ", " + table.Names.EN + "."}}
	if v.Sensitivity == catalog.SensitiveHealth {
		facts = append(facts, catalog.Text{SV: "Uppgift om hälsa.", EN: "Data concerning health."})
	}
	if len(v.Coarsen) > 0 {
		facts = append(facts, catalog.Text{SV: fmt.Sprintf("Kan lämnas grövre: %v.", v.Coarsen), EN: fmt.Sprintf("Can be given coarser: %v.", v.Coarsen)})
	}
	if b, in := bound(scope, table.ID, v.ID); in {
		level := b.Level
		if level == "" {
			level = "–"
		}
		facts = append(facts, catalog.Text{SV: "I förslaget på nivån " + level + ".", EN: "In the proposal at level " + level + "."})
	} else {
		facts = append(facts, catalog.Text{SV: "Inte i förslaget.", EN: "Not in the proposal."})
	}
	return Question{VariableQuestion(table.ID, v.ID), Minimisation, catalog.Text{
		SV: "Behövs " + v.Names.SV + ", och i så fall hur fint och hur länge?", EN: "Is " + v.Names.EN + " needed, and if so how fine and for how long?",
	}, lawMinimise, 3, facts}
}

func riskQuestions(s Subject) []Question {
	facts := []catalog.Text{{SV: fmt.Sprintf("Populationen är %s personer.", swede.Count(s.Persons, "sv")), EN: fmt.Sprintf("The population is %s persons.", swede.Count(s.Persons, "en"))}}
	if s.Report != nil {
		facts = append(facts, catalog.Text{
			SV: fmt.Sprintf("Enligt rapporten är den minsta gruppen %d personer; %d grupper är små.", s.Report.K, s.Report.SmallCells),
			EN: fmt.Sprintf("By the report the smallest group is %d persons; %d groups are small.", s.Report.K, s.Report.SmallCells),
		})
	}
	if len(s.Linked) > 0 {
		facts = append(facts, catalog.Text{SV: fmt.Sprintf("Uppgifterna ska kopplas till %d andra källor.", len(s.Linked)), EN: fmt.Sprintf("The data will be linked with %d other sources.", len(s.Linked))})
	}
	out := []Question{{"risk", Risk, catalog.Text{SV: "Kan någon enskild kännas igen i det som lämnas ut?", EN: "Can an individual be recognised in what is disclosed?"}, lawSecrecy, 0, facts}}
	if s.Identified {
		out = append(out, Question{"identified", Risk, catalog.Text{SV: "Varför räcker det inte med löpnummer?", EN: "Why are löpnummer not enough?"}, lawMinimise, 4, []catalog.Text{{SV: "Personnummer är begärda.", EN: "Personnummer are asked for."}}})
	}
	return out
}

func closingQuestions(s Subject) []Question {
	out := []Question{{"safeguards", Safeguards, catalog.Text{SV: "Vilka skyddsåtgärder finns hos mottagaren?", EN: "What safeguards does the recipient have?"}, lawSafeguard, 0, nil}}
	if s.Party != Authority && s.Party != Equated { // an unknown kind is treated as private
		out = append(out, Question{ID: "forbehall", Section: Safeguards, Text: catalog.Text{SV: "Behövs ett förbehåll, och i så fall vilket? Om inte, varför?", EN: "Is a förbehåll needed, and if so which? If not, why?"}, Law: lawForbehall, Promise: 7, Facts: []catalog.Text{
			{SV: fmt.Sprintf("%d forskare är namngivna.", s.Researchers), EN: fmt.Sprintf("%d researchers are named.", s.Researchers)},
		}})
	}
	return append(out, Question{"assessment", Assessment, catalog.Text{
		SV: "Står det klart att uppgifterna kan röjas utan att den enskilde eller någon närstående lider skada eller men?",
		EN: "Is it clear that the data can be disclosed without harm to the individual or somebody close?",
	}, lawSecrecy, 0, nil})
}

// wants joins what was asked for with what the scope holds, table by table in
// order of appearance.
func wants(s Subject, scope plan.Scope) []Want {
	var out []Want
	add := func(w Want) {
		i := slices.IndexFunc(out, func(x Want) bool { return x.Table == w.Table })
		if i < 0 {
			out = append(out, Want{Table: w.Table, Period: w.Period})
			i = len(out) - 1
		}
		for _, v := range w.Variables {
			if !slices.Contains(out[i].Variables, v) {
				out[i].Variables = append(out[i].Variables, v)
			}
		}
		if out[i].Period == nil {
			out[i].Period = w.Period
		}
	}
	for _, w := range s.Wanted {
		add(w)
	}
	for _, r := range scope.Rows {
		if r.Gives() {
			w := Want{Table: r.Table, Period: r.Period}
			for _, v := range r.Variables {
				w.Variables = append(w.Variables, v.ID)
			}
			add(w)
		}
	}
	return out
}

// bound returns what the scope lets out of a variable.
func bound(scope plan.Scope, table, variable string) (plan.VariableBound, bool) {
	for _, r := range scope.Rows {
		if r.Gives() && r.Table == table {
			for _, v := range r.Variables {
				if v.ID == variable {
					return v, true
				}
			}
		}
	}
	return plan.VariableBound{}, false
}

// uncovered lists the items that sensitive rows of a research scope need and
// that the ethics documents do not support: each benefit, and approval itself.
func uncovered(s Subject, scope plan.Scope, cat *catalog.Catalogue) []string {
	if s.Purpose != Research {
		return nil
	}
	var out []string
	for _, r := range scope.Rows {
		reg, table := cat.Table(r.Table)
		if !r.Gives() || table == nil || !sensitive(r, table) {
			continue
		}
		if s.Approvals == 0 && !slices.Contains(out, "approval") {
			out = append(out, "approval")
		}
		benefits := r.Benefits
		if len(benefits) == 0 {
			for _, b := range reg.Benefits {
				benefits = append(benefits, b.ID)
			}
		}
		for _, b := range benefits {
			item := "benefit:" + b
			met := slices.ContainsFunc(s.Covered, func(c Cover) bool { return c.Item == item && c.Met })
			if !met && !slices.Contains(out, item) {
				out = append(out, item)
			}
		}
	}
	return out
}

// sensitive reports whether the row lets out data concerning health: by a
// variable, or because the table is about nothing else.
func sensitive(r plan.Row, t *catalog.Table) bool {
	return t.Health() || slices.ContainsFunc(r.Variables, func(b plan.VariableBound) bool {
		v := t.Variable(b.ID)
		return v == nil || v.Sensitivity == catalog.SensitiveHealth
	})
}
