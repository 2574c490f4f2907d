// Package intake says what an order must hold to be complete.
//
// An [Application] is what the orderer fills in. [Problems] compares it with
// the rules in force and returns everything that is missing or contradictory,
// each with the field it belongs to, the law behind it and what to do. An
// application without problems is complete.
//
// The rules are a list ([Rules]), each with its legal basis, the purposes it
// applies to and the day it starts to hold. The package is pure.
//
// Sources: Försäkringskassan's pages on ordering individual data for research
// (2025-06-27) and for statistics; reference domain §3.1–3.2.
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
// the stable ids of the questions.
type Application struct {
	Purpose     Purpose      `json:"purpose"`
	Title       string       `json:"title"`
	Principal   Principal    `json:"principal"`
	Orderer     Person       `json:"orderer"`
	CoOrderers  []Person     `json:"co_applicants,omitempty"` // read along; only the orderer acts
	Recipient   *Principal   `json:"recipient,omitempty"` // nil = the principal
	Project     Project      `json:"project"`
	Sensitive   *bool        `json:"sensitive,omitempty"` // the orderer's own answer
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
	Linkage    []string `json:"linkage,omitempty"`     // other holders whose data will be linked
	Named      []string `json:"researchers,omitempty"` // who will work with the data
}

// Ethics is what Etikprövningsmyndigheten decided.
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
}

// Items of the coverage matrix besides one "benefit:<code>" for each benefit.
const (
	CoverPopulation  = "population"
	CoverDiagnosis   = "diagnosis"
	CoverWithdrawals = "withdrawals"
	CoverKeptKey     = "kept_key"
	CoverIdentified  = "personnummer"
	CoverLinkage     = "linkage"
	CoverBenefit     = "benefit:" // prefix
)

// Coverage says where in the ethics documents an item is supported.
type Coverage struct {
	Item       string `json:"item"`
	Met        bool   `json:"met"`
	Attachment string `json:"attachment,omitempty"`
	Page       int    `json:"page,omitempty"`
	Limit      string `json:"limit,omitempty"` // diagnosis: "all" or chapters, as F
	Note       string `json:"note,omitempty"`
}

// Authority answers the questions of a statistics order.
type Authority struct {
	Responsible bool   `json:"responsible,omitempty"` // responsible for official statistics
	Secrecy     bool   `json:"equal_secrecy,omitempty"`
	Delimited   bool   `json:"delimited_unit,omitempty"` // the statistical activity is a unit of its own
	Duty        string `json:"duty,omitempty"`           // särskilt beslutad uppgiftslämnarskyldighet, the provision
	WishedDate  string `json:"wished_date,omitempty"`
}

// Population is whose data are asked for.
type Population struct {
	Source     string           `json:"source"` // file or criteria
	Holder     string           `json:"holder,omitempty"`
	Definition string           `json:"definition"`
	Size       int              `json:"size"`
	Ready      *Attestation     `json:"ready,omitempty"`
	Columns    []PopulationItem `json:"columns,omitempty"`
}

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
)

// Attachment is a document that came with the application.
type Attachment struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}
