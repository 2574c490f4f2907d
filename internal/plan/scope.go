package plan

import (
	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
)

// ScopeVersion is the format of decided scopes.
const ScopeVersion = "sluss/scope/v1"

// Scope is what a decision lets out, element by element. Its canonical JSON is
// frozen with the decision; its hash stands in quote, specification, manifest
// and invoice.
type Scope struct {
	Scope      string          `json:"scope"`
	Order      string          `json:"order"`
	Catalogue  Ref             `json:"catalogue"`
	Recipient  Recipient       `json:"recipient"`
	Persons    Persons         `json:"persons"`
	Identity   IdentityBound   `json:"identity"`
	Rows       []Row           `json:"rows"`
	Formats    []string        `json:"formats"`
	Deliveries int             `json:"deliveries"` // ≥ 1
	Expires    day.Day         `json:"expires"`    // exclusive: no extraction on or after it
	Exceptions []CoverageLeave `json:"exceptions,omitempty"`
}

// Hash is the hash of the scope's canonical JSON.
func (s Scope) Hash() (canon.Hash, error) { return canon.Of(s) }

// Recipient is who may open the parcel, by key.
type Recipient struct {
	Name   string `json:"name"`
	OrgNo  string `json:"org_no"`
	Key    string `json:"key"`    // age recipient that parcels are sealed to
	Signer string `json:"signer"` // fingerprint of the vault's signing key, for the recipient to check against
}

// Kinds of population. A decision that names none is of persons.
const (
	KindPersons       = "persons"
	KindOrganisations = "organisations"
)

// Persons bounds the population.
type Persons struct {
	// Kind is whose rows leave: persons ("" in decisions of persons), or
	// organisations, in tables whose rows are of employers.
	Kind string `json:"kind,omitempty"`
	// Traders says of organisations whether sole traders are with them (include
	// or exclude). A sole trader's organisation number is a personnummer: it is
	// a person, and what is told of it is personal data.
	Traders string `json:"traders,omitempty"`
	// Source is file (a population or key file from Holder) or criteria.
	Source    string            `json:"source"`
	Holder    string            `json:"holder,omitempty"`
	Max       int               `json:"max"`
	ID        string            `json:"id,omitempty"`     // name of the identity column
	Serial    string            `json:"serial,omitempty"` // name of the column of foreign löpnummer, "" = drawn by us
	Columns   []PopulationExtra `json:"columns,omitempty"`
	Criteria  *Criteria         `json:"criteria,omitempty"`
	Protected string            `json:"protected"` // exclude or include persons with protected identity
}

// OrganisationBase comes before the first löpnummer of an employer in domains
// that we draw: they have eight digits. The numbers of persons in a domain
// beside it stay below, so that none of the two series is ever in the other.
const OrganisationBase = 10_000_000

// Organisations reports whether the population is of organisations.
func (p Persons) Organisations() bool { return p.Kind == KindOrganisations }

// Words say of a population of organisations that it is one, and whether sole
// traders are with them; nil of persons.
func (p Persons) Words() []catalog.Text {
	switch {
	case !p.Organisations():
		return nil
	case p.Traders == "include":
		return []catalog.Text{{
			SV: "Populationen är organisationer, även enskilda näringsidkare. De senare är personer: deras organisationsnummer är ett personnummer.",
			EN: "The population is organisations, sole traders included. The latter are persons: their organisation number is a personal identity number.",
		}}
	}
	return []catalog.Text{{
		SV: "Populationen är organisationer. Enskilda näringsidkare, som är personer, ingår inte.",
		EN: "The population is organisations. Sole traders, who are persons, are not part of it.",
	}}
}

// PopulationExtra is a column of the population file beside identity and
// löpnummer. Use is steer (it steers windows), pass (delivered) or drop.
type PopulationExtra struct {
	Name string `json:"name"`
	Type string `json:"type"` // date, int or code
	Use  string `json:"use"`
}

// IdentityBound says how persons may be named, and how long a key lives.
type IdentityBound struct {
	Kind      string `json:"kind"`
	KeyPolicy string `json:"key_policy"`           // delete_after_delivery or keep_until
	KeepUntil string `json:"keep_until,omitempty"` // YYYY-MM-DD, first day it must be gone
	EthicsRef string `json:"ethics_ref,omitempty"`
	// Project is the earlier order whose kept key is used again, "" = none:
	// the löpnummer are this order's own. It stands in the decision, so that
	// neither the orderer nor the counter can tie two projects together.
	Project string `json:"project,omitempty"`
}

// Outcomes of a decision row.
const (
	OutcomeDisclose = "disclose"
	OutcomePartly   = "partly"
	OutcomeRefuse   = "refuse"
	// OutcomeWithdrawn: the orderer took the wish back before the decision.
	OutcomeWithdrawn = "withdrawn"
)

// Row is the decision on one table.
type Row struct {
	Register  string          `json:"register"`
	Table     string          `json:"table"`
	Outcome   string          `json:"outcome"`
	Benefits  []string        `json:"benefits,omitempty"` // codes; empty = all of the table
	Variables []VariableBound `json:"variables,omitempty"`
	Period    *Period         `json:"period,omitempty"` // outermost, always absolute
	Around    *Window         `json:"around,omitempty"` // bound relative to an anchor; then Period holds as well
	Shape     catalog.Shape   `json:"shape,omitempty"`  // finest
	Reveal    bool            `json:"reveal,omitempty"` // history: reveal
	Where     []Filter        `json:"where,omitempty"`  // rows: filters that the specification must have or tighten
	Ground    string          `json:"ground,omitempty"` // law, for partly and refuse
	Reason    catalog.Text    `json:"reason,omitzero"`
}

// Gives reports whether the row lets anything out.
func (r Row) Gives() bool { return r.Outcome == OutcomeDisclose || r.Outcome == OutcomePartly }

// Period is [From, To) in civil days.
type Period struct {
	From day.Day `json:"from"`
	To   day.Day `json:"to"`
}

// Span returns the period as a span.
func (p Period) Span() day.Span { return day.Span(p) }

// VariableBound is a variable that may leave, at this level or coarser.
type VariableBound struct {
	ID string `json:"id"`
	// Level is the finest level, "" = as the catalogue has it.
	Level string `json:"level,omitempty"`
}

// CoverageLeave is a logged exception to the coverage limit of a table
// (promise 12).
type CoverageLeave struct {
	Table  string `json:"table"`
	Reason string `json:"reason"`
}

// Discloses reports whether any row lets something out.
func (s Scope) Discloses() bool {
	for _, r := range s.Rows {
		if r.Gives() {
			return true
		}
	}
	return false
}

// RowFor returns the row that lets out the table. There is none when two rows
// do: which of them holds could not be told.
func (s Scope) RowFor(table string) (row Row, ok bool) {
	for _, r := range s.Rows {
		if r.Table == table && r.Gives() {
			if ok {
				return Row{}, false
			}
			row, ok = r, true
		}
	}
	return row, ok
}
