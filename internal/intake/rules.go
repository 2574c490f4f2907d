package intake

import (
	"fmt"
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/swede"
)

// Problem is one thing that keeps an application from being complete.
type Problem struct {
	Rule    string `json:"rule"`  // stable code
	Field   string `json:"field"` // question id, as ethics.approvals[1].decision
	SV      string `json:"sv"`
	EN      string `json:"en"`
	Law     string `json:"law"`
	Promise int    `json:"promise,omitempty"`
}

// Rule is one requirement.
type Rule struct {
	Code    string
	Law     string
	Promise int     // of docs/promises.md, 0 = none
	From    day.Day // first day it holds
	For     []Purpose
	Check   func(*look)
}

// look is an application under one rule.
type look struct {
	Application
	on   day.Day
	cat  *catalog.Catalogue
	rule Rule
	out  []Problem
}

func (l *look) miss(field, sv, en string) {
	l.out = append(l.out, Problem{l.rule.Code, field, sv, en, l.rule.Law, l.rule.Promise})
}

// Problems returns everything that keeps a from being complete on the day.
func Problems(a Application, on day.Day, cat *catalog.Catalogue) []Problem {
	var out []Problem
	if a.Purpose != Research && a.Purpose != Statistics {
		return []Problem{{"intake.purpose", "purpose", "Ange om beställningen gäller forskning eller statistik.", "Say whether the order is for research or statistics.", lawHelp, 0}}
	}
	for _, r := range Rules {
		if on < r.From || !slices.Contains(r.For, a.Purpose) {
			continue
		}
		l := look{Application: a, on: on, cat: cat, rule: r}
		r.Check(&l)
		out = append(out, l.out...)
	}
	return out
}

const (
	lawHelp     = "förvaltningslagen (2017:900) 20 §"
	lawEthics   = "etikprövningslagen (2003:460) 3–6 §§"
	lawSecrecy  = "offentlighets- och sekretesslagen (2009:400) 24 kap. 8 §"
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

// Rules are the requirements in force, in the order they are shown.
var Rules = []Rule{
	{"intake.parties", lawHelp, 0, always, both, checkParties},
	{"intake.principal_swedish", sourcePage, 0, always, onlyResearch, checkOrgNo},
	{"intake.project", lawMinimise, 0, always, both, checkProject},
	{"intake.data", lawMinimise, 0, always, both, checkData},
	{"intake.sensitive_derived", lawEthics, 5, always, onlyResearch, checkSensitiveAnswer},
	{"intake.ethics_approval", lawEthics, 5, always, onlyResearch, checkApproval},
	{"intake.ethics_decisions", lawEthics, 5, always, onlyResearch, checkDecisions},
	{"intake.ethics_coverage", lawEthics, 5, always, onlyResearch, checkCoverage},
	{"intake.processing_agreement", lawProcess, 6, always, both, checkProcessing},
	{"intake.population", lawMinimise, 0, always, both, checkPopulation},
	{"intake.identified", lawMinimise, 4, always, onlyResearch, checkIdentified},
	{"intake.statistics_authority", lawSecrecy, 11, always, onlyStats, checkAuthority},
	{"intake.retention", lawStore, 10, always, both, checkRetention},
	{"intake.invoice", lawFee, 0, always, both, checkInvoice},
	{"intake.attachments", lawHelp, 0, always, both, checkAttachments},
}

func checkParties(l *look) {
	if l.Title == "" {
		l.miss("title", "Ge beställningen en titel.", "Give the order a title.")
	}
	if l.Principal.Name == "" {
		l.miss("principal.name", "Ange huvudman eller myndighet.", "Name the principal or authority.")
	}
	if !slices.Contains([]string{PrincipalAuthority, PrincipalPrivate, PrincipalEquated}, l.Principal.Kind) {
		l.miss("principal.kind", "Ange om huvudmannen är en myndighet, likställd eller privat.", "Say whether the principal is an authority, equated with one or private.")
	}
	if l.Principal.Representative.Name == "" || l.Principal.Representative.Email == "" {
		l.miss("principal.representative", "Ange namn och e-post till den som företräder huvudmannen; beslutet skickas dit.", "Give name and e-mail of the principal's representative; the decision goes there.")
	}
	if l.Orderer.Name == "" || l.Orderer.Email == "" {
		l.miss("orderer", "Ange namn och e-post till kontaktpersonen.", "Give name and e-mail of the contact.")
	}
}

func checkOrgNo(l *look) {
	if _, err := swede.ParseOrganisation(l.Principal.OrgNo, l.on, swede.Real); err != nil {
		l.miss("principal.org_no", "Huvudmannen saknar ett giltigt svenskt organisationsnummer. Beställ genom en svensk huvudman.",
			"The principal has no valid Swedish organisation number. Order through a Swedish principal.")
	}
}

func checkProject(l *look) {
	if strings.TrimSpace(l.Project.Questions) == "" {
		l.miss("project.questions", "Beskriv vad uppgifterna ska användas till.", "Describe what the data are for.")
	}
	if l.Project.Start >= l.Project.End {
		l.miss("project.end", "Projektets slut ska ligga efter dess start.", "The project must end after it starts.")
	}
	if l.Project.Deliveries < 1 {
		l.miss("project.deliveries", "Ange hur många uttag som behövs, minst ett.", "Say how many withdrawals are needed, at least one.")
	}
}

func checkData(l *look) {
	if len(l.Data) == 0 {
		l.miss("data", "Välj minst ett register.", "Choose at least one register.")
	}
	for i, w := range l.Data {
		field := fmt.Sprintf("data[%d]", i)
		reg := l.cat.Register(w.Register)
		if reg == nil {
			l.miss(field+".register", "Registret finns inte i katalogen.", "The register is not in the catalogue.")
			continue
		}
		if w.From > w.To {
			l.miss(field+".to", "Periodens slut ligger före dess början.", "The period ends before it begins.")
		}
		if len(w.Benefits) == 0 && len(reg.Benefits) > 0 {
			l.miss(field+".benefits", "Ange vilka förmåner det gäller.", "Name the benefits.")
		}
		for j, b := range w.Benefits {
			if reg.Benefit(b) == nil {
				l.miss(fmt.Sprintf("%s.benefits[%d]", field, j), "Förmånen finns inte i registret.", "The benefit is not in the register.")
			}
		}
		if w.Table == "" && strings.TrimSpace(w.Need) == "" {
			l.miss(field+".need", "Välj tabell och variabler eller beskriv behovet med egna ord.", "Choose table and variables or describe the need in your own words.")
		}
		checkVariables(l, field, w)
	}
}

func checkVariables(l *look, field string, w Wish) {
	if w.Table == "" {
		return
	}
	reg, table := l.cat.Table(w.Table)
	if table == nil || reg.ID != w.Register {
		l.miss(field+".table", "Tabellen finns inte i registret.", "The table is not in the register.")
		return
	}
	for j, id := range w.Variables {
		if table.Variable(id) == nil {
			l.miss(fmt.Sprintf("%s.variables[%d]", field, j), "Variabeln finns inte i tabellen.", "The variable is not in the table.")
		}
	}
}

// Sensitive reports whether the application asks for data concerning health,
// whatever the orderer answered: it is derived from the catalogue (promise 5).
// What the catalogue does not know counts as health.
func Sensitive(a Application, cat *catalog.Catalogue) bool {
	return slices.ContainsFunc(a.Data, func(w Wish) bool {
		reg := cat.Register(w.Register)
		if reg == nil {
			return true
		}
		if w.Table == "" {
			return reg.Health()
		}
		table := reg.Table(w.Table)
		return table == nil || tellsHealth(table, w.Variables)
	})
}

// tellsHealth reports whether rows of a table with these variables (none =
// all) concern health. A row also tells its benefit, though no column does:
// whoever stands among the recipients of sick pay was ill.
func tellsHealth(t *catalog.Table, variables []string) bool {
	if slices.ContainsFunc(variables, func(id string) bool { return t.Variable(id) == nil }) {
		return true
	}
	return slices.ContainsFunc(t.Variables, func(v catalog.Variable) bool {
		chosen := v.Deliverable() && (len(variables) == 0 || slices.Contains(variables, v.ID))
		return v.Sensitivity == catalog.SensitiveHealth && (chosen || v.Role == catalog.RoleBenefit)
	})
}

// EthicsProblems returns what the ethics documents lack for data other than
// those applied for: the tables and variables that a decision lets out. It is
// nil where no ethics approval is needed for them.
func EthicsProblems(a Application, given []Wish, on day.Day, cat *catalog.Catalogue) []Problem {
	a.Data = given
	l := look{Application: a, on: on, cat: cat}
	if a.Purpose != Research || !needsEthics(&l) {
		return nil
	}
	for _, r := range Rules {
		if r.Promise == 5 && on >= r.From {
			l.rule = r
			r.Check(&l)
		}
	}
	return l.out
}

func checkSensitiveAnswer(l *look) {
	if l.Sensitive != nil && !*l.Sensitive && Sensitive(l.Application, l.cat) {
		l.miss("sensitive", "Minst en vald uppgift rör hälsa. Svara att beställningen gäller känsliga personuppgifter.", "At least one chosen item concerns health. Answer that the order is for sensitive data.")
	}
}

func needsEthics(l *look) bool {
	return Sensitive(l.Application, l.cat) || l.Sensitive != nil && *l.Sensitive
}

func checkApproval(l *look) {
	if !needsEthics(l) {
		if !l.hasAttachment(AttachProjectPlan) {
			l.miss("attachments", "Bifoga en projektbeskrivning.", "Attach a project plan.")
		}
		return
	}
	if !slices.ContainsFunc(l.Ethics.Approvals, func(a Approval) bool { return a.Kind == ApprovalFirst }) {
		l.miss("ethics.approvals", "Bifoga ansökan om etikprövning och Etikprövningsmyndighetens beslut.", "Attach the ethics application and the ethics authority's decision.")
	}
}

func checkDecisions(l *look) {
	own := map[string]bool{} // decisions of applications and amendments; one can settle several supplements
	for i, a := range l.Ethics.Approvals {
		field := fmt.Sprintf("ethics.approvals[%d]", i)
		if !slices.Contains([]string{ApprovalFirst, ApprovalAmendment, ApprovalAddition}, a.Kind) {
			l.miss(field+".kind", "Ange om det är en ansökan, en komplettering eller en ändring.", "Say whether it is an application, a supplement or an amendment.")
		}
		if a.Decided == 0 || a.Decided > l.on {
			l.miss(field+".decided", "Ange vilken dag beslutet fattades.", "Give the day of the decision.")
		}
		if a.Kind != ApprovalAddition {
			if a.Decision != "" && own[a.Decision] {
				l.miss(field+".decision", "Varje ansökan och ändring har sitt eget beslut.", "Each application and amendment has a decision of its own.")
			}
			own[a.Decision] = true
		}
		if a.Number == "" {
			l.miss(field+".number", "Ange diarienummer.", "Give the diary number.")
		}
		if !l.isAttached(a.Application, AttachEthicsApplication) {
			l.miss(field+".application", "Bifoga ansökan.", "Attach the application.")
		}
		if !l.isAttached(a.Decision, AttachEthicsDecision) {
			l.miss(field+".decision", "Bifoga beslutet. Varje ansökan, komplettering och ändring ska ha sitt eget beslut.", "Attach the decision. Each application, supplement and amendment has a decision of its own.")
		}
		if !a.Signed {
			l.miss(field+".signed", "Ansökan ska vara undertecknad.", "The application must be signed.")
		}
	}
	for i, at := range l.Attachments {
		if at.Kind == AttachEthicsApplication && !slices.ContainsFunc(l.Ethics.Approvals, func(a Approval) bool { return a.Application == at.ID }) {
			l.miss(fmt.Sprintf("attachments[%d]", i), "Ange vilket beslut som hör till ansökan, kompletteringen eller ändringen.", "Say which decision belongs to the application, supplement or amendment.")
		}
	}
}

// Covered reports whether the ethics documents support an item.
func (a Application) Covered(item string) bool {
	return slices.ContainsFunc(a.Ethics.Coverage, func(c Coverage) bool { return c.Item == item && c.Met })
}

func checkCoverage(l *look) {
	if !needsEthics(l) {
		return
	}
	l.cover(CoverPopulation, "Etikgodkännandet ska omfatta populationen.", "The ethics approval must cover the population.")
	seen := map[string]bool{}
	for _, w := range l.Data {
		for _, b := range w.Benefits {
			if !seen[b] {
				seen[b] = true
				l.cover(CoverBenefit+b, "Etikgodkännandet ska nämna förmånen "+b+" och att uppgifterna kommer från Försäkringskassan.",
					"The ethics approval must name the benefit "+b+" and that the data come from Försäkringskassan.")
			}
		}
		if asksDiagnosis(w, l.cat) {
			l.cover(CoverDiagnosis, "Etikgodkännandet ska nämna diagnoser från Försäkringskassan, alla eller vilka kapitel.", "The ethics approval must name diagnoses from Försäkringskassan, all or which chapters.")
		}
	}
	if l.Project.Deliveries > 1 {
		l.cover(CoverWithdrawals, "Etikgodkännandet ska ange att flera uttag görs.", "The ethics approval must say that there are several withdrawals.")
	}
	if l.Delivery.KeepKeyUntil != "" {
		l.cover(CoverKeptKey, "Etikgodkännandet ska stödja att kodnyckeln sparas.", "The ethics approval must support keeping the key.")
	}
	if len(l.Project.Linkage) > 0 {
		l.cover(CoverLinkage, "Etikgodkännandet ska nämna samkörningen med andra register.", "The ethics approval must name the linkage with other registers.")
	}
}

// diagnoses is the value set of ICD-10-SE codes.
const diagnoses = "icd10se"

// asksDiagnosis reports whether a wish names a table and takes a diagnosis
// from it, by name or because it takes everything.
func asksDiagnosis(w Wish, cat *catalog.Catalogue) bool {
	_, table := cat.Table(w.Table)
	return table != nil && slices.ContainsFunc(table.Variables, func(v catalog.Variable) bool {
		return v.ValueSet == diagnoses && (len(w.Variables) == 0 || slices.Contains(w.Variables, v.ID))
	})
}

func (l *look) cover(item, sv, en string) {
	if slices.ContainsFunc(l.out, func(p Problem) bool { return p.Field == "ethics.coverage."+item }) {
		return
	}
	if !l.Covered(item) {
		l.miss("ethics.coverage."+item, sv, en)
	}
}

func checkIdentified(l *look) {
	if l.Identified && !l.Covered(CoverIdentified) {
		l.miss("ethics.coverage."+CoverIdentified, "Personnummer i leveransen kräver att etikgodkännandet säger det.", "Personal identity numbers in the delivery need the ethics approval's support.")
	}
}

func checkProcessing(l *look) {
	if l.Recipient == nil {
		return
	}
	if l.Recipient.Name == "" || l.Recipient.OrgNo == "" {
		l.miss("recipient", "Ange mottagarens namn och organisationsnummer.", "Give the recipient's name and organisation number.")
	}
	if !l.Processed(l.Recipient.OrgNo) {
		l.miss("attachments", "Mottagaren är en annan än huvudmannen: bifoga personuppgiftsbiträdesavtalet.", "The recipient is not the principal: attach the data processing agreement.")
	}
}

// Processed reports whether data may go to the organisation: it is the
// principal itself, or a processing agreement is attached (promise 6).
func (a Application) Processed(orgNo string) bool {
	to, principal := orgDigits(orgNo), orgDigits(a.Principal.OrgNo)
	return to != "" && to == principal || slices.ContainsFunc(a.Attachments, func(x Attachment) bool { return x.Kind == AttachProcessing })
}

// orgDigits keeps the ten digits of an organisation number, so that 16202100-
// 5521 and 2021005521 are the same.
func orgDigits(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	t := b.String()
	if len(t) == 12 && strings.HasPrefix(t, "16") {
		t = t[2:]
	}
	return t
}

func checkPopulation(l *look) {
	p := l.Population
	if strings.TrimSpace(p.Definition) == "" {
		l.miss("population.definition", "Beskriv populationen.", "Describe the population.")
	}
	if p.Size < 1 {
		l.miss("population.size", "Ange hur många personer populationen högst omfattar.", "Give the largest number of persons in the population.")
	}
	switch p.Source {
	case "criteria":
	case "file":
		if p.Holder == "" {
			l.miss("population.holder", "Ange vem som har populationsfilen.", "Say who holds the population file.")
		}
		if p.Ready == nil || p.Ready.By == "" {
			l.miss("population.ready", "Intyga att populationsfilen är klar, vilken dag och av vem.", "Attest that the population file is ready, on which day and by whom.")
		}
	default:
		l.miss("population.source", "Ange om populationen kommer som fil eller väljs ur registren.", "Say whether the population comes as a file or is drawn from the registers.")
	}
}

// checkAuthority asks what the decision on a statistics order needs to know.
// Whoever is not an authority responsible for statistics can apply, too: the
// presumption is refusal, and that is for the decision maker (promise 11).
func checkAuthority(l *look) {
	if l.Privileged() && !l.Statistics.Delimited {
		l.miss("statistics.delimited_unit", "Bekräfta att den statistiska verksamheten är avgränsad hos er.", "Confirm that the statistical activity is a delimited unit.")
	}
}

// Privileged reports whether a statistics order comes from an authority that
// is responsible for statistics under equal secrecy.
func (a Application) Privileged() bool {
	return a.Purpose == Statistics && a.Principal.Kind == PrincipalAuthority && a.Statistics.Responsible && a.Statistics.Secrecy
}

func checkRetention(l *look) {
	if l.Delivery.RetentionMonths < 0 || l.Delivery.RetentionMonths > 120 {
		l.miss("delivery.retention_months", "Ange högst 120 månader.", "Give at most 120 months.")
	}
	if l.Delivery.RetentionMonths > 6 && strings.TrimSpace(l.Delivery.RetentionReason) == "" {
		l.miss("delivery.retention_reason", "Ange varför filerna ska sparas längre än sex månader.", "Say why the files are to be kept longer than six months.")
	}
	if _, err := day.Parse(l.Delivery.KeepKeyUntil); l.Delivery.KeepKeyUntil != "" && err != nil {
		l.miss("delivery.keep_key_until", "Ange till vilket datum nyckeln ska sparas.", "Give the date until which the key is to be kept.")
	}
	if len(l.Delivery.Formats) == 0 {
		l.miss("delivery.formats", "Välj filformat.", "Choose a file format.")
	}
}

func checkInvoice(l *look) {
	if l.Statistics.Duty == "" && l.Invoice.Reference == "" {
		l.miss("invoice.reference", "Ange fakturareferens.", "Give an invoice reference.")
	}
}

func checkAttachments(l *look) {
	seen := map[string]bool{}
	for i, a := range l.Attachments {
		field := fmt.Sprintf("attachments[%d]", i)
		if a.ID == "" || seen[a.ID] {
			l.miss(field+".id", "Bilagan behöver ett eget id.", "The attachment needs an id of its own.")
		}
		seen[a.ID] = true
		if strings.TrimSpace(a.Name) == "" {
			l.miss(field+".name", "Namnge bilagan så att innehållet framgår.", "Name the attachment so that its content is clear.")
		}
	}
}

func (l *look) hasAttachment(kind string) bool {
	return slices.ContainsFunc(l.Attachments, func(a Attachment) bool { return a.Kind == kind })
}

func (l *look) isAttached(id, kind string) bool {
	return slices.ContainsFunc(l.Attachments, func(a Attachment) bool { return a.ID == id && a.Kind == kind })
}
