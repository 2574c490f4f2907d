// Package ehds writes an application, a permit and a hand-over in the shape that
// the European Health Data Space asks of them, so that an order can be handed to,
// or taken over from, a health data access body, and a delivery to a secure
// processing environment.
//
// Regulation (EU) 2025/327 applies to secondary use from 26 March 2029; its
// templates for applications and permits are due by 26 March 2027 (article 70).
// Until they are there, the shapes are ours: versioned ([ApplicationVersion],
// [PermitVersion], [HandoverVersion]), each with a JSON schema ([Schema]) that says from which
// article a member comes. What the articles ask for and our form does not is
// named in the document itself ([Application.Missing]), never made up.
//
// Sources: Regulation (EU) 2025/327 articles 53, 61, 62, 67, 68 and 73, as
// reference standards §2 tells them from secondary sources: a lawyer has to
// compare them with the Official Journal before anybody relies on them.
package ehds

import (
	"embed"
	"fmt"
	"slices"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/plan"
)

// Formats of the documents.
const (
	ApplicationVersion = "sluss/ehds-application/v1"
	PermitVersion      = "sluss/ehds-permit/v1"
	HandoverVersion    = "sluss/ehds-handover/v1"
)

// Kinds of documents, as [Schema] names them.
const (
	KindApplication = "application"
	KindPermit      = "permit"
	KindHandover    = "handover"
)

//go:embed schemas/*.json
var schemas embed.FS

// Schema is the JSON schema (draft 2020-12) of a kind of document.
func Schema(kind string) ([]byte, error) {
	if !slices.Contains([]string{KindApplication, KindPermit, KindHandover}, kind) {
		return nil, fmt.Errorf("no document of the kind %q", kind)
	}
	return schemas.ReadFile("schemas/" + kind + "-v1.json")
}

// Organisation is an applicant, or who decides.
type Organisation struct {
	Name    string `json:"name"`
	Number  string `json:"registration_number,omitempty"`
	Country string `json:"country"`        // ISO 3166, two letters
	Kind    string `json:"kind,omitempty"` // authority, private or equated
}

// Contact is somebody to reach.
type Contact struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Purpose is what the data are for.
type Purpose struct {
	// Provision is the purpose's place in article 53(1): (c) official statistics,
	// (e) scientific research.
	Provision   string `json:"provision"`
	Description string `json:"description"`
}

// Dataset is data of one register that are asked for, or let out.
type Dataset struct {
	Dataset   string   `json:"dataset"` // id in the open catalogue
	Name      string   `json:"name"`
	Table     string   `json:"table,omitempty"`
	Variables []string `json:"variables,omitempty"`
	Benefits  []string `json:"benefits,omitempty"`
	From      string   `json:"from,omitempty"` // YYYY-MM-DD
	To        string   `json:"to,omitempty"`   // the last day
	Shape     string   `json:"shape,omitempty"`
	Why       string   `json:"why,omitempty"` // why the purpose needs them
	Outcome   string   `json:"outcome,omitempty"`
	Ground    string   `json:"ground,omitempty"` // of what is not let out
}

// Population is whose data it is about.
type Population struct {
	Description string `json:"description,omitempty"`
	Persons     int    `json:"persons"`          // asked for, or at most
	Source      string `json:"source"`           // file or criteria
	Holder      string `json:"holder,omitempty"` // of the file
}

// Ethics is an assessment that national law asks for.
type Ethics struct {
	Number  string `json:"number"`
	Body    string `json:"body"`
	Decided string `json:"decided"`
}

// Application is what article 67 asks of an application, as far as our form
// does.
type Application struct {
	Format     string       `json:"format"`
	Reference  string       `json:"reference"`
	Received   day.Day      `json:"received"`
	Title      string       `json:"title"`
	Applicant  Organisation `json:"applicant"`
	Contact    Contact      `json:"contact"`
	Authorised []string     `json:"authorised_persons,omitempty"`
	Purpose    Purpose      `json:"purpose"`
	Datasets   []Dataset    `json:"datasets"`
	Population Population   `json:"population"`
	Linkage    []string     `json:"linkage,omitempty"` // other holders' data
	// Form is pseudonymised or identified; anonymous data are a request (69), and
	// no order of ours.
	Form    string   `json:"form"`
	Formats []string `json:"formats"`
	From    day.Day  `json:"project_from"`
	To      day.Day  `json:"project_to"`
	Ethics  []Ethics `json:"ethics,omitempty"`
	// Missing are what article 67 asks for and the form does not.
	Missing []string `json:"missing"`
}

// Fee is what the applicant pays, in öre.
type Fee struct {
	Net   int64  `json:"net_ore"`
	VAT   int64  `json:"vat_ore"`
	Gross int64  `json:"gross_ore"`
	Basis string `json:"basis"`
}

// Permit is a decision that lets data out, in the shape of article 68.
type Permit struct {
	Format     string       `json:"format"`
	Reference  string       `json:"reference"`
	Number     string       `json:"permit"` // of the decision
	Decided    day.Day      `json:"decided"`
	Decider    string       `json:"decided_by"` // the authority
	Holder     Organisation `json:"permit_holder"`
	Purpose    Purpose      `json:"purpose"`
	Outcome    string       `json:"outcome"`
	Datasets   []Dataset    `json:"datasets"`
	Population Population   `json:"population"`
	Deliveries int          `json:"deliveries"`
	Formats    []string     `json:"formats"`
	Expires    day.Day      `json:"expires"` // the first day on which nothing is extracted
	// Conditions are those of the decision: how long files are kept, what becomes
	// of the key, by codes.
	Conditions Conditions `json:"conditions"`
	Fee        *Fee       `json:"fee,omitempty"`
	Provisions []string   `json:"provisions"`
	SHA256     canon.Hash `json:"decision_sha256"` // of the decision that was signed
}

// Conditions bind who gets the data.
type Conditions struct {
	RetentionMonths int    `json:"retention_months"`
	Key             string `json:"key"` // delete_after_delivery or keep_until
	KeyUntil        string `json:"key_until,omitempty"`
	Secrecy         string `json:"secrecy_condition,omitempty"` // förbehåll, OSL 10:14
	// Environment is secure where the data are used in a secure processing
	// environment (73), delivered where they go to the recipient's own.
	Environment string `json:"environment"`
}

// missing are members of article 67 that our form has no question for.
var missing = []string{"why_not_anonymous", "no_stigma_or_harm_declaration", "secure_environment_needs", "planned_outputs", "funding"}

func purpose(a intake.Application) Purpose {
	p := Purpose{Provision: "53(1)(e)", Description: a.Project.Questions}
	if a.Purpose == intake.Statistics {
		p.Provision = "53(1)(c)"
	}
	return p
}

func organisation(p intake.Principal) Organisation {
	o := Organisation{Name: p.Name, Number: p.OrgNo, Country: p.Country, Kind: p.Kind}
	if o.Country == "" {
		o.Country = "SE"
	}
	return o
}

func named(cat *catalog.Catalogue, register string) string {
	if r := cat.Register(register); r != nil {
		return r.Names.EN
	}
	return register
}

// ApplicationOf is the application of a case; false when it has none.
func ApplicationOf(s order.State, cat *catalog.Catalogue) (Application, bool) {
	if !s.Submitted {
		return Application{}, false
	}
	a := s.Application
	out := Application{
		Format: ApplicationVersion, Reference: s.ID, Received: s.ReceivedOn, Title: a.Title, Applicant: organisation(a.Principal), Contact: Contact(a.Orderer),
		Authorised: a.Project.Named, Purpose: purpose(a), Linkage: a.Project.Linkage, Form: "pseudonymised", Formats: a.Delivery.Formats, From: a.Project.Start, To: a.Project.End,
		Population: Population{a.Population.Definition, a.Population.Size, a.Population.Source, a.Population.Holder}, Missing: missing,
	}
	if a.Identified {
		out.Form = "identified"
	}
	for _, w := range a.Data {
		out.Datasets = append(out.Datasets, Dataset{
			Dataset: w.Register, Name: named(cat, w.Register), Table: w.Table, Variables: w.Variables, Benefits: w.Benefits,
			From: w.From.String(), To: w.To.String(), Shape: string(w.Shape), Why: w.Motive,
		})
	}
	for _, x := range a.Ethics.Approvals {
		body := x.Board
		if body == "" {
			body = intake.BoardAuthority
		}
		out.Ethics = append(out.Ethics, Ethics{x.Number, body, x.Decided.String()})
	}
	return out, true
}

// PermitOf is the decision of a case that lets data out; false when none has
// been sent. by is the authority.
func PermitOf(s order.State, cat *catalog.Catalogue, by string) (Permit, bool) {
	d := s.Decision
	if d == nil || !s.Dispatched || !d.Scope.Discloses() {
		return Permit{}, false
	}
	sc := d.Scope
	out := Permit{
		Format: PermitVersion, Reference: s.ID, Number: d.ID, Decided: d.Date, Decider: by, Holder: organisation(s.Application.Principal), Purpose: purpose(s.Application), Outcome: d.Outcome(),
		Population: Population{s.Application.Population.Definition, sc.Persons.Max, sc.Persons.Source, sc.Persons.Holder}, Deliveries: sc.Deliveries, Formats: sc.Formats, Expires: sc.Expires,
		Conditions: conditions(s),
		Provisions: slices.Clone(d.Provisions), SHA256: s.DecisionHash,
	}
	for _, r := range sc.Rows {
		x := Dataset{Dataset: r.Register, Name: named(cat, r.Register), Table: r.Table, Benefits: r.Benefits, Outcome: r.Outcome, Ground: r.Ground, Shape: string(r.Shape)}
		if r.Gives() {
			for _, v := range r.Variables {
				x.Variables = append(x.Variables, v.ID)
			}
			if r.Period != nil {
				x.From, x.To = r.Period.From.String(), (r.Period.To - 1).String()
			}
		}
		out.Datasets = append(out.Datasets, x)
	}
	if q := s.Quote; q != nil {
		out.Fee = &Fee{q.NetOre, q.VATOre, q.GrossOre, q.Basis}
	}
	return out, true
}

// conditions are those of the decision, and where the data are used.
func conditions(s order.State) Conditions {
	d := s.Decision
	out := Conditions{RetentionMonths: d.RetentionMonths, Key: d.Scope.Identity.KeyPolicy, KeyUntil: d.Scope.Identity.KeepUntil, Environment: environment(s)}
	if d.Forbehall != nil {
		out.Secrecy = d.Forbehall.Text.SV
	}
	return out
}

// environment is where the data of a case are used: in a secure environment when
// the house has chosen that way or released with it, not when somebody has asked
// for it.
func environment(s order.State) string {
	if s.Environment != "" && (s.RouteSettled || s.Released) {
		return "secure"
	}
	return "delivered"
}

// Outcomes of a permit and of its datasets.
var Outcomes = []string{plan.OutcomeDisclose, plan.OutcomePartly, plan.OutcomeRefuse}
