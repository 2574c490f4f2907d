package order

import (
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/plan"
	"sluss/internal/quote"
)

// What people sign is prepared here from what they choose: identity, numbers,
// hashes and the quote follow from the case. Whoever signs reads the whole.

// DecisionDraft is what a decision maker chooses.
type DecisionDraft struct {
	Suffix          string               `json:"id"` // B1 gives FK-2026-00001-B1; "" = B and the version
	Rapporteur      string               `json:"rapporteur"`
	Rows            []plan.Row           `json:"rows"`
	Persons         plan.Persons         `json:"persons"`
	Identity        plan.IdentityBound   `json:"identity"`
	Formats         []string             `json:"formats"`
	Deliveries      int                  `json:"deliveries"`
	Expires         day.Day              `json:"expires"`
	Exceptions      []plan.CoverageLeave `json:"exceptions,omitempty"`
	RecipientKey    string               `json:"recipient_key"` // age recipient
	VaultSigner     string               `json:"vault_signer"`  // fingerprint of the vault's signing key
	Reasons         catalog.Text         `json:"reasons"`
	Provisions      []string             `json:"provisions"`
	Forbehall       *Forbehall           `json:"forbehall,omitempty"`
	NoForbehall     string               `json:"no_forbehall,omitempty"`
	Presumption     string               `json:"presumption,omitempty"`
	RetentionMonths int                  `json:"retention_months"` // 0 = the authority's
	Appeal          catalog.Text         `json:"appeal,omitzero"`
	// Terms of the quote; nil for a refusal.
	Terms *quote.Terms `json:"-"`
}

// PrepareDecision writes the decision that follows from the draft, and its
// quote, for the decision maker to sign. In a reopened case it is the next
// decision, which names the one it replaces. It checks nothing: [Decide] does.
func PrepareDecision(s State, c Context, in DecisionDraft) (Decision, *quote.Quote, error) {
	app := s.Application
	recipient := app.Principal
	if app.Recipient != nil {
		recipient = *app.Recipient
	}
	d := Decision{
		Type: DecisionVersion, Order: s.ID, Version: 1, Date: c.Day(), Decider: c.By.ID, Rapporteur: in.Rapporteur,
		Principal: app.Principal.Name, Purpose: string(app.Purpose), Reasons: in.Reasons, Provisions: in.Provisions,
		Forbehall: in.Forbehall, NoForbehall: in.NoForbehall, Presumption: in.Presumption, RetentionMonths: in.RetentionMonths, Appeal: in.Appeal,
		Scope: plan.Scope{
			Scope: plan.ScopeVersion, Order: s.ID, Catalogue: plan.CatalogueRef(c.Catalogue), Persons: in.Persons, Identity: in.Identity, Rows: in.Rows,
			Formats: in.Formats, Deliveries: in.Deliveries, Expires: in.Expires, Exceptions: in.Exceptions,
			Recipient: plan.Recipient{Name: recipient.Name, OrgNo: recipient.OrgNo, Key: in.RecipientKey, Signer: in.VaultSigner},
		},
	}
	if d.RetentionMonths == 0 {
		d.RetentionMonths = c.Authority.RetentionMonths
	}
	if s.Reopened != "" && s.Decision != nil {
		d.Kind, d.Replaces, d.Version = s.Reopened, s.DecisionHash, s.Decision.Version+1
	}
	if d.ID = s.ID + "-" + in.Suffix; in.Suffix == "" {
		d.ID = s.ID + "-B" + string(rune('0'+min(d.Version, 9)))
	}
	var err error
	if d.ScopeHash, err = d.Scope.Hash(); err != nil || in.Terms == nil || !d.Scope.Discloses() {
		return d, nil, err
	}
	version := 1
	if s.Draft != nil {
		version = s.Draft.Version + 1
	}
	q, err := quote.Make(s.ID, version, c.Day(), c.Authority.Prices, *in.Terms)
	if err != nil {
		return d, nil, input("quote", "Offerten går inte att räkna ut: kontrollera timmar, form och moms.", "The quote cannot be worked out: check hours, form and VAT.").Because(err)
	}
	q.Final, q.Scope = true, d.ScopeHash
	d.Quote, err = q.Hash()
	return d, &q, err
}

// SpecDraft is what a data statistician chooses.
type SpecDraft struct {
	Snapshot string         `json:"snapshot"`
	Identity string         `json:"identity,omitempty"` // "" = as decided
	Anchors  []string       `json:"anchors,omitempty"`
	Groups   []string       `json:"groups,omitempty"`
	Extracts []plan.Extract `json:"extracts"`
}

// PrepareSpec writes the specification that follows from the draft: bound to
// the decision, the catalogue and the accepted population. It checks nothing.
func PrepareSpec(s State, cat *catalog.Catalogue, in SpecDraft) (plan.Spec, error) {
	spec := plan.Spec{
		Spec: plan.Version, Order: s.ID, Catalogue: plan.CatalogueRef(cat), AsOf: plan.AsOf{Snapshot: in.Snapshot},
		Identity: plan.Identity{Kind: plan.IdentitySerial}, Extracts: in.Extracts,
	}
	if s.Decision == nil {
		return spec, nil // the gate refuses it
	}
	if spec.Identity.Kind = s.Decision.Scope.Identity.Kind; in.Identity != "" {
		spec.Identity.Kind = in.Identity
	}
	ref, err := s.Decision.Ref()
	spec.Decision = ref
	p := s.Decision.Scope.Persons
	if p.Source != plan.SourceFile {
		spec.Population.Criteria = p.Criteria
		return spec, err
	}
	file := &plan.FilePopulation{ID: p.ID, Serial: p.Serial, Anchors: in.Anchors, Groups: in.Groups}
	if s.Population != nil {
		file.Intake = s.Population.Intake
	}
	spec.Population.File = file
	return spec, err
}

// FromReview fills the rows of a draft from what the review leads to, and the
// persons from the application: where a decision maker begins.
func FromReview(s State) DecisionDraft {
	d := DecisionDraft{Deliveries: max(1, s.Application.Project.Deliveries), Formats: s.Application.Delivery.Formats, Rapporteur: s.ReviewedBy}
	sc := s.Wished()
	if s.Proposed != nil {
		sc = *s.Proposed
	}
	d.Rows, d.Identity = sc.Rows, sc.Identity
	d.Persons = plan.Persons{Source: s.Application.Population.Source, Holder: s.Application.Population.Holder, Max: s.Application.Population.Size, Protected: "exclude"}
	if s.Application.Population.Organisations() {
		d.Persons.Kind, d.Persons.Traders = plan.KindOrganisations, s.Application.Population.Traders
	}
	for _, col := range s.Application.Population.Columns {
		d.Persons.Columns = append(d.Persons.Columns, plan.PopulationExtra{Name: col.Name, Type: col.Type, Use: col.Use})
	}
	if d.Identity.KeyPolicy = KeyDeleted; s.Application.Delivery.KeepKeyUntil != "" && s.Application.Covered(intake.CoverKeptKey) {
		d.Identity.KeyPolicy, d.Identity.KeepUntil = KeyKeptUntil, s.Application.Delivery.KeepKeyUntil
	}
	d.RetentionMonths = s.Application.Delivery.RetentionMonths
	return d
}
