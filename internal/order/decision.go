package order

import (
	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/plan"
)

// DecisionVersion is the format of decisions.
const DecisionVersion = "sluss/decision/v1"

// Decision is the document that the decision maker signs. Its canonical JSON
// is frozen; the vault checks the same bytes again before it acts.
//
// Contents: förvaltningslagen (2017:900) 31–32 §§ (the five facts and the
// reasons), OSL 24:8; reference domain §3.4.
type Decision struct {
	Type    string `json:"type"` // DecisionVersion
	Order   string `json:"order"`
	ID      string `json:"id"`
	Version int    `json:"version"`
	// Kind is "" for the first decision; a later one says what it is
	// (correction, reconsideration, after_appeal) and which one it replaces.
	Kind        string       `json:"kind,omitempty"`
	Replaces    canon.Hash   `json:"replaces,omitempty"`
	Date        day.Day      `json:"date"`
	Decider     string       `json:"decider"`
	Rapporteur  string       `json:"rapporteur"`
	Principal   string       `json:"principal"`
	Purpose     string       `json:"purpose"`
	Scope       plan.Scope   `json:"scope"`
	ScopeHash   canon.Hash   `json:"scope_hash"`
	Reasons     catalog.Text `json:"reasons"`
	Provisions  []string     `json:"provisions"`
	Forbehall   *Forbehall   `json:"forbehall,omitempty"`
	NoForbehall string       `json:"no_forbehall,omitempty"` // why none is set for a private principal
	// Presumption says why a statistics order is granted to anyone else than an
	// authority responsible for statistics (promise 11).
	Presumption     string       `json:"presumption,omitempty"`
	Quote           canon.Hash   `json:"quote,omitempty"`
	RetentionMonths int          `json:"retention_months"`
	Appeal          catalog.Text `json:"appeal,omitzero"`
}

// Forbehall is the restriction a private recipient's researchers are bound by;
// OSL (2009:400) 10 kap. 14 §.
type Forbehall struct {
	Text  catalog.Text `json:"text"`
	Names []string     `json:"names"` // who must acknowledge it
}

// Hash is the hash of the decision's canonical JSON.
func (d Decision) Hash() (canon.Hash, error) { return canon.Of(d) }

// Ref is how specifications and manifests name the decision.
func (d Decision) Ref() (plan.Ref, error) {
	h, err := d.Hash()
	return plan.Ref{ID: d.ID, Version: d.Version, SHA256: h}, err
}

// Outcome sums up the rows: disclose, partly or refuse.
func (d Decision) Outcome() string {
	gives, less := false, false
	for _, r := range d.Scope.Rows {
		gives = gives || r.Gives()
		less = less || r.Outcome != plan.OutcomeDisclose
	}
	switch {
	case !gives:
		return plan.OutcomeRefuse
	case less:
		return plan.OutcomePartly
	}
	return plan.OutcomeDisclose
}
