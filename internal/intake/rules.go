package intake

import (
	"fmt"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Problem is one thing that keeps an application from being complete.
type Problem struct {
	Rule    string `json:"rule"`  // stable code
	Field   string `json:"field"` // question id, as ethics.approvals[1].decision
	SV      string `json:"sv"`    // what is wrong
	EN      string `json:"en"`
	Law     string `json:"law"`
	Promise int    `json:"promise,omitempty"`
	DoSV    string `json:"do_sv,omitempty"` // what to do about it
	DoEN    string `json:"do_en,omitempty"`
}

// Rule is one requirement.
type Rule struct {
	Code    string
	Law     string
	Promise int       // of docs/promises.md, 0 = none
	From    day.Day   // first day it holds
	To      day.Day   // last day it holds, 0 = it still does
	Form    int       // first form that asks its question
	For     []Purpose // purposes it applies to
	Check   func(*look)
}

// Holds reports whether the rule applies to an application for the purpose, on
// the given form, on the day.
func (r *Rule) Holds(purpose Purpose, form int, on day.Day) bool {
	return slices.Contains(r.For, purpose) && form >= r.Form && on >= r.From && (r.To == 0 || on <= r.To)
}

// look is an application under one rule.
type look struct {
	Application
	on       day.Day
	cat      *catalog.Catalogue
	measured Measured
	rule     *Rule
	out      []Problem
}

// miss notes a problem with the words kept under key. args fill the places of
// the sentence; a [catalog.Text] is shown in each language's own words.
func (l *look) miss(field, key string, args ...any) {
	w := words[key]
	l.out = append(l.out, Problem{
		Rule: l.rule.Code, Field: field, SV: fill(w.sv, "sv", args), EN: fill(w.en, "en", args),
		Law: l.rule.Law, Promise: l.rule.Promise, DoSV: w.doSV, DoEN: w.doEN,
	})
}

func fill(format, lang string, args []any) string {
	if len(args) == 0 {
		return format
	}
	in := slices.Clone(args)
	for i, a := range in {
		if t, ok := a.(catalog.Text); ok {
			in[i] = t.In(lang)
		}
	}
	return fmt.Sprintf(format, in...)
}

// run carries out one rule.
func (l *look) run(r *Rule) {
	l.rule = r
	r.Check(l)
}

// Problems returns everything that keeps a from being complete on the day, in
// the order of the rules, where nothing of the registers has been measured.
func Problems(a Application, on day.Day, cat *catalog.Catalogue) []Problem {
	return Measured(nil).Problems(a, on, cat)
}

func problems(l look) []Problem {
	a, on := l.Application, l.on
	if a.Purpose != Research && a.Purpose != Statistics {
		l.rule = &Rule{Code: "intake.purpose", Law: lawHelp}
		l.miss("purpose", "purpose")
		return l.out
	}
	for i := range Rules {
		if Rules[i].Holds(a.Purpose, a.FormVersion(), on) {
			l.run(&Rules[i])
		}
	}
	return l.out
}

// EthicsProblems returns what the ethics documents lack for data other than
// those applied for: the tables and variables that a decision lets out. It is
// nil where no ethics approval is needed for them. A given wish that takes
// diagnoses without naming chapters takes those applied for; one without a
// period is not compared with the approved period.
func EthicsProblems(a Application, given []Wish, on day.Day, cat *catalog.Catalogue) []Problem {
	given = slices.Clone(given)
	for i := range given {
		if g := &given[i]; len(g.Diagnoses) == 0 && asksDiagnosis(*g, cat) {
			for _, w := range a.Data {
				if w.Register == g.Register {
					g.Diagnoses = append(g.Diagnoses, w.Diagnoses...)
				}
			}
		}
	}
	a.Data = given
	l := look{Application: a, on: on, cat: cat}
	if a.Purpose != Research || !needsEthics(&l) {
		return nil
	}
	for i := range Rules {
		if Rules[i].Promise == 5 && Rules[i].Holds(a.Purpose, a.FormVersion(), on) {
			l.run(&Rules[i])
		}
	}
	return l.out
}

const (
	lawHelp     = "förvaltningslagen (2017:900) 20 §"
	lawEthics   = "etikprövningslagen (2003:460) 3–6 §§"
	lawResearch = "etikprövningslagen (2003:460) 2 §"
	lawBoards   = "etikprövningslagen (2003:460) 24 och 31 §§"
	lawCategory = "etikprövningslagen (2003:460) 3 § och dataskyddsförordningen (EU) 2016/679 artikel 9.1"
	lawSecrecy  = "offentlighets- och sekretesslagen (2009:400) 24 kap. 8 §"
	lawEquated  = "offentlighets- och sekretesslagen (2009:400) 2 kap. 4 § och bilagan"
	lawTerms    = "offentlighets- och sekretesslagen (2009:400) 10 kap. 14 §"
	lawProcess  = "dataskyddsförordningen (EU) 2016/679 artikel 28"
	lawMinimise = "dataskyddsförordningen (EU) 2016/679 artikel 5.1 b–c"
	lawFee      = "avgiftsförordningen (1992:191) 4 §"
	lawStore    = "dataskyddsförordningen (EU) 2016/679 artikel 5.1 e"
	sourcePage  = "Försäkringskassan, Beställning av individdata, 2025-06-27"
)

var (
	both         = []Purpose{Research, Statistics}
	onlyResearch = []Purpose{Research}
	onlyStats    = []Purpose{Statistics}
	always       = day.MustParse("2018-05-25") // the day the data protection regulation started to apply
)

// Rules are the requirements, in the order they are shown. A rule whose law is
// replaced gets a last day and a successor; it is never edited away, because
// orders are judged by the rule of their day.
var Rules = []Rule{
	{Code: "intake.form", Law: lawHelp, From: always, Form: 1, For: both, Check: checkForm},
	{Code: "intake.child", Law: sourcePage, Promise: 8, From: always, Form: 1, For: both, Check: checkChild},
	{Code: "intake.parties", Law: lawHelp, From: always, Form: 1, For: both, Check: checkParties},
	{Code: "intake.addresses", Law: lawHelp, From: always, Form: 2, For: both, Check: checkAddresses},
	{Code: "intake.principal_swedish", Law: sourcePage, From: always, Form: 1, For: onlyResearch, Check: checkOrgNo},
	{Code: "intake.principal_kind", Law: lawEquated, From: always, Form: 2, For: both, Check: checkKind},
	{Code: "intake.project", Law: lawMinimise, From: always, Form: 1, For: both, Check: checkProject},
	{Code: "intake.student_thesis", Law: lawResearch, From: always, Form: 1, For: onlyResearch, Check: checkThesis},
	{Code: "intake.researchers", Law: lawTerms, Promise: 7, From: always, Form: 2, For: onlyResearch, Check: checkResearchers},
	{Code: "intake.data", Law: lawMinimise, From: always, Form: 1, For: both, Check: checkData},
	{Code: "intake.motive", Law: lawMinimise, From: always, Form: 2, For: both, Check: checkMotive},
	{Code: "intake.orderable", Law: sourcePage, Promise: 12, From: always, Form: 2, For: both, Check: checkOrderable},
	{Code: "intake.sensitive_derived", Law: lawEthics, Promise: 5, From: always, Form: 1, For: onlyResearch, Check: checkSensitiveAnswer},
	{Code: "intake.sensitive_categories", Law: lawCategory, Promise: 5, From: always, Form: 2, For: onlyResearch, Check: checkCategories},
	{Code: "intake.ethics_approval", Law: lawEthics, Promise: 5, From: always, Form: 1, For: onlyResearch, Check: checkApproval},
	{Code: "intake.ethics_decisions", Law: lawEthics, Promise: 5, From: always, Form: 1, For: onlyResearch, Check: checkDecisions},
	{Code: "intake.ethics_board", Law: lawBoards, Promise: 5, From: always, Form: 1, For: onlyResearch, Check: checkBoards},
	{Code: "intake.ethics_annexes", Law: lawEthics, Promise: 5, From: always, Form: 2, For: onlyResearch, Check: checkAnnexes},
	{Code: "intake.ethics_supplements", Law: lawEthics, Promise: 5, From: always, Form: 2, For: onlyResearch, Check: checkSupplements},
	{Code: "intake.ethics_coverage", Law: lawEthics, Promise: 5, From: always, Form: 1, For: onlyResearch, Check: checkCoverage},
	{Code: "intake.ethics_source", Law: lawEthics, Promise: 5, From: always, Form: 2, For: onlyResearch, Check: checkSource},
	{Code: "intake.ethics_scope", Law: lawEthics, Promise: 5, From: always, Form: 2, For: onlyResearch, Check: checkScope},
	{Code: "intake.ethics_chapters", Law: lawEthics, Promise: 5, From: always, Form: 2, For: onlyResearch, Check: checkChapters},
	{Code: "intake.ethics_pages", Law: lawHelp, From: always, Form: 2, For: onlyResearch, Check: checkPages},
	{Code: "intake.processing_agreement", Law: lawProcess, Promise: 6, From: always, Form: 1, For: both, Check: checkProcessing},
	{Code: "intake.population", Law: lawMinimise, From: always, Form: 1, For: both, Check: checkPopulation},
	{Code: "intake.population_columns", Law: lawMinimise, From: always, Form: 2, For: both, Check: checkColumns},
	{Code: "intake.identified", Law: lawMinimise, Promise: 4, From: always, Form: 1, For: onlyResearch, Check: checkIdentified},
	{Code: "intake.statistics_authority", Law: lawSecrecy, Promise: 11, From: always, Form: 1, For: onlyStats, Check: checkAuthority},
	{Code: "intake.statistics_fee", Law: lawFee, Promise: 11, From: always, Form: 2, For: onlyStats, Check: checkFee},
	{Code: "intake.statistics_date", Law: lawHelp, From: always, Form: 1, For: onlyStats, Check: checkWishedDate},
	{Code: "intake.retention", Law: lawStore, Promise: 10, From: always, Form: 1, For: both, Check: checkRetention},
	{Code: "intake.kept_key", Law: lawStore, Promise: 9, From: always, Form: 2, For: both, Check: checkKeptKey},
	{Code: "intake.invoice", Law: lawFee, From: always, Form: 1, For: both, Check: checkInvoice},
	{Code: "intake.invoice_address", Law: lawHelp, From: always, Form: 2, For: both, Check: checkPeppol},
	{Code: "intake.attachments", Law: lawHelp, From: always, Form: 1, For: both, Check: checkAttachments},
	{Code: "intake.attachment_names", Law: lawHelp, From: always, Form: 2, For: both, Check: checkAttachmentNames},
}
