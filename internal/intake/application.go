// Package intake says what an order must hold to be complete, and helps the
// orderer to get there.
//
// An [Application] is what the orderer fills in. [Problems] compares it with
// the rules in force and returns everything that is missing or contradictory,
// each with the field it belongs to, the law behind it and what to do. An
// application without problems is complete. The rules are a list ([Rules]),
// each with its legal basis, its purposes, the first and the last day it holds
// and the first form that asks its question: nobody is faulted for an answer
// that their form did not ask for. [Upgrade] carries answers from form to form.
//
// Before the application there is a dialogue, and the package knows its pure
// parts: [Propose] suggests tables and variables for a need in free text,
// [OrderableUntil] says how far a register reaches, [Underlag] writes the
// paragraphs that the ethics application needs, and [Search] looks for the same
// things in the text of an ethics document and fills in the coverage matrix,
// for a person to confirm. After it, [Inherit] begins a child case and
// [Difference] shows what a new version changes.
//
// The package is pure: values in, values out; the day is an argument.
//
// Sources: Försäkringskassan's pages on ordering individual data for research
// (2025-06-27) and for statistics; Statistics Sweden's questions and answers on
// ordering microdata (2024-01) for theses and the delimited unit.
package intake

import (
	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Purpose decides which rules apply.
type Purpose string

// The two purposes.
const (
	Research   Purpose = "research"
	Statistics Purpose = "statistics"
)

// Application is one version of what the orderer asks for. The JSON names are
// the stable ids of the questions; [Questions] has their texts.
type Application struct {
	Form        int          `json:"form,omitempty"` // version of the form; 0 = 1, see [CurrentForm]
	Child       Child        `json:"child,omitzero"` // what this case continues, if any
	Purpose     Purpose      `json:"purpose"`
	Title       string       `json:"title"`
	Principal   Principal    `json:"principal"`
	Orderer     Person       `json:"orderer"`
	CoOrderers  []Person     `json:"co_applicants,omitempty"` // read along; only the orderer acts
	Recipient   *Principal   `json:"recipient,omitempty"`     // nil = the principal
	Project     Project      `json:"project"`
	Sensitive   *bool        `json:"sensitive,omitempty"`            // the orderer's own answer
	Categories  []string     `json:"sensitive_categories,omitempty"` // kinds of sensitive data, as health
	Ethics      Ethics       `json:"ethics,omitzero"`
	Statistics  Authority    `json:"statistics,omitzero"`
	Population  Population   `json:"population"`
	Data        []Wish       `json:"data"`
	Identified  bool         `json:"identified,omitempty"` // personnummer wanted in the delivery
	Delivery    Delivery     `json:"delivery"`
	Invoice     InvoiceTo    `json:"invoice"`
	Attachments []Attachment `json:"attachments,omitempty"`
}

// Kinds of principal; OSL (2009:400) 2 kap. 4 § and its annex for equated.
const (
	PrincipalAuthority = "authority"
	PrincipalPrivate   = "private"
	PrincipalEquated   = "equated"
)

// Principal is an organisation: forskningshuvudman, authority or recipient.
type Principal struct {
	Name           string `json:"name"`
	OrgNo          string `json:"org_no"`
	Kind           string `json:"kind"`
	Representative Person `json:"representative,omitzero"`
	Country        string `json:"country,omitempty"`    // ISO 3166 two letters; "" = SE
	EquatedAs      string `json:"equated_as,omitempty"` // entry in the annex of OSL, for the equated
}

// Person is somebody to reach.
type Person struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Project is the delimited piece of work that the data are for.
type Project struct {
	Questions  string   `json:"questions"` // research questions, or what the statistics describe
	Start      day.Day  `json:"start"`
	End        day.Day  `json:"end"`
	Deliveries int      `json:"deliveries"` // how many withdrawals
	Earlier    string   `json:"earlier_case,omitempty"`
	Linkage    []string `json:"linkage,omitempty"`        // other holders whose data will be linked
	Named      []string `json:"researchers,omitempty"`    // who will work with the data
	Thesis     *bool    `json:"student_thesis,omitempty"` // a thesis within basic or advanced studies
}

// Ethics is what Etikprövningsmyndigheten, or a board before or above it,
// decided.
type Ethics struct {
	Approvals []Approval `json:"approvals,omitempty"`
	Coverage  []Coverage `json:"coverage,omitempty"`
}

// Kinds of ethics documents that each need a decision.
const (
	ApprovalFirst     = "approval"
	ApprovalAmendment = "amendment"  // ändringsansökan
	ApprovalAddition  = "supplement" // komplettering
)

// Approval is an application or addition with its decision. Application and
// Decision are ids of attachments.
type Approval struct {
	Kind        string  `json:"kind"`
	Number      string  `json:"number"` // diary number
	Decided     day.Day `json:"decided"`
	Application string  `json:"application"`
	Decision    string  `json:"decision"`
	Signed      bool    `json:"signed"`
	Board       string  `json:"board,omitempty"`             // who decided; "" = Etikprövningsmyndigheten
	Annexes     int     `json:"annexes,omitempty"`           // how many annexes the application names
	NamedThere  bool    `json:"named_in_decision,omitempty"` // the decision names this supplement
}

// Boards that decide on ethics. Six regional boards did until 2018; since
// 2019-01-01 Etikprövningsmyndigheten does. Överklagandenämnden för
// etikprövning decides on appeals and on what a divided board hands over.
const (
	BoardAuthority = "etikprovningsmyndigheten"
	BoardRegional  = "regional"
	BoardAppeals   = "onep"
)

// Items of the coverage matrix besides one "benefit:<code>" for each benefit.
const (
	CoverPopulation  = "population"
	CoverDiagnosis   = "diagnosis"
	CoverWithdrawals = "withdrawals"
	CoverKeptKey     = "kept_key"
	CoverIdentified  = "personnummer"
	CoverLinkage     = "linkage"
	CoverBenefit     = "benefit:" // prefix
	CoverMotivated   = "motivated"
	CoverPeriod      = "period"
	CoverPrincipal   = "principal"
	CoverCategory    = "category:" // prefix, before one of [SensitiveCategories]
)

// SensitiveCategories are the kinds of data that etikprövningslagen 3 § and
// article 9 of the data protection regulation single out.
var SensitiveCategories = []string{
	CategoryHealth, "sexual_life", "ethnic_origin", "political_opinion", "religion", "union_membership", "genetic", "biometric", "offences",
}

// CategoryHealth is data concerning health.
const CategoryHealth = "health"

// Coverage says where in the ethics documents an item is supported.
type Coverage struct {
	Item       string `json:"item"`
	Met        bool   `json:"met"`
	Attachment string `json:"attachment,omitempty"`
	Page       int    `json:"page,omitempty"`
	Limit      string `json:"limit,omitempty"` // diagnosis: "all" or chapters, as F
	Note       string `json:"note,omitempty"`
	// FromAuthority answers, for a benefit and for diagnoses, whether the
	// document says that the data come from Försäkringskassan. It is a fact of
	// its own: a benefit can be named without it.
	FromAuthority *bool    `json:"from_authority,omitempty"`
	Quote         string   `json:"quote,omitempty"`             // the words, at most 200 characters
	From          day.Day  `json:"period_from,omitzero"`        // item period: first day approved
	To            day.Day  `json:"period_to,omitzero"`          // item period: last day approved
	OrgNos        []string `json:"principal_org_nos,omitempty"` // item principal: whom the approval names
}

// Authority answers the questions of a statistics order.
type Authority struct {
	Responsible bool   `json:"responsible,omitempty"` // responsible for official statistics
	Secrecy     bool   `json:"equal_secrecy,omitempty"`
	Delimited   bool   `json:"delimited_unit,omitempty"` // the statistical activity is a unit of its own
	Duty        string `json:"duty,omitempty"`           // särskilt beslutad uppgiftslämnarskyldighet, the provision
	WishedDate  string `json:"wished_date,omitempty"`    // YYYY-MM-DD
	FeeFree     bool   `json:"fee_free,omitempty"`       // no fee is asked for; needs a duty
}

// Population is whose data are asked for.
type Population struct {
	// Kind is persons ("" in applications of persons) or organisations, for
	// registers whose rows are of employers.
	Kind string `json:"kind,omitempty"`
	// Traders says of organisations whether sole traders, whose organisation
	// number is a personnummer, are asked for too: include or exclude.
	Traders    string           `json:"traders,omitempty"`
	Source     string           `json:"source"` // file or criteria
	Holder     string           `json:"holder,omitempty"`
	Definition string           `json:"definition"`
	Size       int              `json:"size"`
	Ready      *Attestation     `json:"ready,omitempty"`
	Columns    []PopulationItem `json:"columns,omitempty"`
}

// Kinds of population, as in package plan.
const (
	PopulationPersons       = "persons"
	PopulationOrganisations = "organisations"
)

// Organisations reports whether the population is of organisations.
func (p Population) Organisations() bool { return p.Kind == PopulationOrganisations }

// Attestation says that the population file is ready, and who holds it.
type Attestation struct {
	On day.Day `json:"on"`
	By string  `json:"by"`
}

// PopulationItem is a column of the population file beside identity and
// löpnummer.
type PopulationItem struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Use  string `json:"use"`
}

// Wish is data asked for: at least register, benefits and period; tables and
// variables may be left to the dialogue.
type Wish struct {
	Register  string        `json:"register"`
	Benefits  []string      `json:"benefits"`
	From      day.Day       `json:"from"`
	To        day.Day       `json:"to"` // last day
	Need      string        `json:"need,omitempty"`
	Table     string        `json:"table,omitempty"`
	Shape     catalog.Shape `json:"shape,omitempty"`
	Variables []string      `json:"variables,omitempty"`
	Motive    string        `json:"motive,omitempty"`    // why the questions need these data
	Diagnoses []string      `json:"diagnoses,omitempty"` // chapters of ICD-10-SE wanted; empty = all
	// Incomplete says that the orderer wants days past the coverage limit, too.
	// Whether an exception is made is the authority's to decide (promise 12).
	Incomplete bool `json:"accept_incomplete,omitempty"`
}

// Delivery is how the data are to arrive and how long they are kept.
type Delivery struct {
	Formats         []string `json:"formats"`
	RetentionMonths int      `json:"retention_months,omitempty"` // 0 = the authority's default
	RetentionReason string   `json:"retention_reason,omitempty"`
	KeepKeyUntil    string   `json:"keep_key_until,omitempty"` // YYYY-MM-DD, "" = not kept
}

// InvoiceTo is where the invoice goes.
type InvoiceTo struct {
	Reference string `json:"reference"`
	PeppolID  string `json:"peppol_id,omitempty"`
}

// Kinds of attachments.
const (
	AttachEthicsApplication = "ethics_application"
	AttachEthicsDecision    = "ethics_decision"
	AttachProcessing        = "processing_agreement"
	AttachProjectPlan       = "project_plan"
	AttachOther             = "other"
	AttachEthicsAnnex       = "ethics_annex"
	AttachEthicsSupplement  = "ethics_supplement" // komplettering
	AttachEthicsAmendment   = "ethics_amendment"  // ändringsansökan
)

// Attachment is a document that came with the application.
type Attachment struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Of     string `json:"of,omitempty"` // annex: id of the attachment it belongs to
}

// Kinds of child cases.
const (
	ChildAmendment = "amendment"        // other or more data
	ChildExtension = "extension"        // a longer project or a longer period of data
	ChildRenewed   = "renewed_extract"  // the same data from a newer snapshot
	ChildRetention = "longer_retention" // delivered files are kept longer
)

// Child says what earlier case an application continues. Each disclosure still
// has its own review, decision and quote (promise 8).
type Child struct {
	Kind   string `json:"kind,omitempty"`
	Parent string `json:"parent,omitempty"` // case number
	Reason string `json:"reason,omitempty"`
}
