// Package workorder is what the counter hands to the vault, and what the vault
// checks by itself before it acts.
//
// A work order is self-contained: it carries the signed decision, the accepted
// quote, the population, the signed specification and the signed release. The
// vault has its own list of signers and does not trust the counter: a counter
// that has been taken over can ask, but it cannot make data leave.
//
// What the vault remembers by itself is as much of the check as what it is
// shown ([Known]): a decision that has been replaced does not come back, and a
// delivery is made again only as the same disclosure.
//
// The package is pure; checking signatures comes in as a function.
package workorder

import (
	"fmt"
	"slices"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
)

// Kind is what is to be done.
type Kind string

// Kinds of work.
const (
	Population Kind = "population" // read, check and resolve a population file
	Extract    Kind = "extract"    // run a specification, check the files, seal a parcel
	Deliver    Kind = "deliver"    // hand the sealed parcel over
	Reseal     Kind = "reseal"     // seal what was delivered to the recipient's new key
	Purge      Kind = "purge"      // destroy everything of the order
)

// Types of the signed documents.
const (
	TypeDecision = order.DecisionVersion
	TypeSpec     = "sluss/spec-order/v1"
	TypeRelease  = "sluss/release/v1"
	TypeReseal   = "sluss/reseal/v1"
	TypePurge    = "sluss/purge-order/v1"
	TypeProtocol = "sluss/gallringsprotokoll/v1"
	TypeKeyFile  = "sluss/key-file-order/v1"
)

// WorkOrder is one job for the vault.
type WorkOrder struct {
	ID    string `json:"id"` // job id, unique
	Kind  Kind   `json:"kind"`
	Order string `json:"order"`
	// Decision is the signed decision. Empty only for the purge of an order
	// that ended without one.
	Decision   string          `json:"decision,omitempty"`
	Acceptance *Acceptance     `json:"acceptance,omitempty"`
	Population *PopulationFile `json:"population,omitempty"`
	Spec       string          `json:"spec,omitempty"`    // signed SpecOrder
	Release    string          `json:"release,omitempty"` // signed ReleaseOrder
	Reseal     string          `json:"reseal,omitempty"`  // signed ResealOrder
	Purge      string          `json:"purge,omitempty"`   // signed PurgeOrder
	// Since is the snapshot of the first delivery that an extraction renews, for
	// counts of what has changed; "" where it renews none.
	Since string `json:"since,omitempty"`
	// Today is the counter's civil day. The vault uses its own clock; only in
	// synthetic mode, for simulated time, does it take this one.
	Today day.Day `json:"today"`
}

// Acceptance says that the quote was accepted or that no fee was decided.
type Acceptance struct {
	Quote quote.Quote `json:"quote"`
	By    string      `json:"by"`
	On    day.Day     `json:"on"`
	NoFee bool        `json:"no_fee,omitempty"`
}

// PopulationFile is a sealed file that waits: at the counter, or, when it came
// on a medium by registered post, in the vault's own mailroom. One of Blob and
// Tracking is "".
type PopulationFile struct {
	ID     int        `json:"id"`
	Blob   string     `json:"blob,omitempty"`
	SHA256 canon.Hash `json:"sha256,omitempty"` // of the sealed file at the counter
	// Tracking is the number of the registered letter; see [TrackingNumber].
	Tracking string `json:"tracking,omitempty"`
}

// SpecOrder is what the statistician signs.
type SpecOrder struct {
	Type string    `json:"type"`
	By   string    `json:"by"`
	Spec plan.Spec `json:"spec"`
}

// ReleaseOrder is what the releaser signs.
type ReleaseOrder struct {
	Type     string     `json:"type"`
	By       string     `json:"by"`
	Order    string     `json:"order"`
	Manifest canon.Hash `json:"manifest"`
}

// ResealOrder is what the releaser signs when the recipient has lost their key:
// the delivery, and the key that it is to be sealed to instead.
type ResealOrder struct {
	Type     string     `json:"type"`
	By       string     `json:"by"`
	Order    string     `json:"order"`
	Manifest canon.Hash `json:"manifest"` // of the delivery that cannot be opened
	Key      string     `json:"key"`
	// Fingerprint is the key's, as it was compared with the recipient.
	Fingerprint string `json:"fingerprint"`
}

// PurgeOrder is what the registrar, or the counter when the date comes, signs.
type PurgeOrder struct {
	Type   string  `json:"type"`
	By     string  `json:"by"`
	Order  string  `json:"order"`
	Reason string  `json:"reason"`
	Rule   string  `json:"rule"` // gallringsbeslut
	On     day.Day `json:"on"`
}

// Opener checks a signed note of the wanted type by a signer of the role,
// decodes the document into v and returns the signer's name.
type Opener func(note, typ string, role order.Role, v any) (signer string, err error)

// Mandate is a work order whose documents have been checked.
type Mandate struct {
	WorkOrder
	// Project is whose löpnummer domains to use: the order's own, or the
	// earlier order's that the decision names. It never comes from the counter.
	Project      string
	Ruling       order.Decision
	Ref          plan.Ref
	Plan         plan.Spec
	PlanHash     canon.Hash
	ExtractBy    string
	ReleaseOrder ReleaseOrder
	ReleaseBy    string
	ResealOrder  ResealOrder
	PurgeOrder   PurgeOrder
	// Heard: the decision is signed, fits the order and is not an earlier one,
	// whatever became of the work order. The vault remembers it then.
	Heard bool
	// Replaces: the extraction replaces a faulty delivery (promise 8).
	Replaces bool
}

// Refused is a work order that the vault will not carry out.
func Refused(rule string, promise int, sv, en string) *fault.Fault {
	return &fault.Fault{
		Code: "vault." + rule, Class: fault.Gate, SV: sv, EN: en, Rule: rule, Promise: promise,
		Law: "offentlighets- och sekretesslagen (2009:400) 24 kap. 8 §",
	}
}

// Check opens every document of the work order and returns the mandate, or
// the refusal. Nothing of the counter's database is believed. Of a mandate that
// comes with a refusal only Heard and Ref count.
func Check(w WorkOrder, open Opener, known Known, cat *catalog.Catalogue) (Mandate, error) {
	m := Mandate{WorkOrder: w, Project: w.Order}
	if w.Kind == Purge {
		return m, m.checkPurge(open)
	}
	if known.Purged {
		return m, Refused("purged", 10, "Beställningen är gallrad.", "The order has been purged.")
	}
	if err := m.checkDecision(open, known.Ruling); err != nil {
		return m, err
	}
	if p := m.Ruling.Scope.Identity.Project; p != "" {
		m.Project = p
	}
	if known.Today >= m.Ruling.Scope.Expires && w.Kind != Deliver && w.Kind != Reseal {
		return m, Refused("expired", 3, "Beslutets tid har gått ut.", "The decision's time has run out.")
	}
	switch w.Kind {
	case Population:
		return m, m.checkPopulation(known)
	case Extract:
		if err := m.checkAcceptance(); err != nil {
			return m, err
		}
		return m, m.checkSpec(open, known, cat)
	case Deliver:
		return m, m.checkRelease(open, known)
	case Reseal:
		return m, m.checkReseal(open, known)
	}
	return m, Refused("kind", 3, "Okänt slag av uppdrag.", "Unknown kind of work.")
}

func (m *Mandate) checkDecision(open Opener, heard Ruling) error {
	signer, err := open(m.Decision, TypeDecision, order.RoleDecider, &m.Ruling)
	if err != nil {
		return Refused("decision_signature", 2, "Beslutet är inte undertecknat av någon som valvet känner som beslutsfattare.", "The decision is not signed by anybody the vault knows as a decision maker.").Because(err)
	}
	d := m.Ruling
	hash, err := d.Scope.Hash()
	if err != nil || hash != d.ScopeHash || d.Scope.Scope != plan.ScopeVersion || d.Scope.Order != m.WorkOrder.Order || d.Order != m.WorkOrder.Order || d.Decider != signer {
		return Refused("decision_content", 3, "Beslutet hänger inte ihop med beställningen.", "The decision does not fit the order.")
	}
	if m.Ref, err = d.Ref(); err != nil {
		return err
	}
	if err := heard.follows(d, m.Ref); err != nil {
		return err
	}
	m.Heard = true
	if !d.Scope.Discloses() {
		return Refused("no_disclosure", 2, "Beslutet lämnar inte ut något.", "The decision lets nothing out.")
	}
	return nil
}

func (m *Mandate) checkPopulation(known Known) error {
	p := m.Population
	if m.Ruling.Scope.Persons.Source != plan.SourceFile || p == nil {
		return Refused("population_not_due", 1, "Beslutet väntar ingen populationsfil.", "The decision expects no population file.")
	}
	if known.Delivered != nil {
		return Refused("delivered", 8, "Beställningen är levererad; en annan population är en ny beställning.", "The order has been delivered; another population is another order.")
	}
	if p.Tracking == "" {
		return nil
	}
	number, ok := TrackingNumber(p.Tracking)
	if !ok || p.Blob != "" || p.SHA256 != "" {
		return Refused("tracking", 1, "Mediets brevnummer går inte att använda, eller så ligger filen också hos disken.", "The number of the medium's letter cannot be used, or the file lies at the counter as well.")
	}
	m.Population = &PopulationFile{ID: p.ID, Tracking: number}
	return nil
}

func (m *Mandate) checkAcceptance() error {
	a := m.Acceptance
	if a == nil {
		return Refused("not_accepted", 2, "Offerten är inte accepterad.", "The quote has not been accepted.")
	}
	h, err := a.Quote.Hash()
	if err != nil || h != m.Ruling.Quote || a.Quote.Scope != m.Ruling.ScopeHash {
		return Refused("other_quote", 2, "Den accepterade offerten är inte beslutets.", "The accepted quote is not the decision's.")
	}
	if a.NoFee && a.Quote.NoFee == nil || !a.NoFee && a.By == "" {
		return Refused("not_accepted", 2, "Offerten är inte accepterad.", "The quote has not been accepted.")
	}
	return nil
}

func (m *Mandate) checkSpec(open Opener, known Known, cat *catalog.Catalogue) error {
	var so SpecOrder
	signer, err := open(m.Spec, TypeSpec, order.RoleStatistician, &so)
	if err != nil || so.By != signer {
		return Refused("spec_signature", 3, "Specifikationen är inte undertecknad av någon som valvet känner som statistiker.", "The specification is not signed by anybody the vault knows as a statistician.").Because(err)
	}
	m.Plan, m.ExtractBy = so.Spec, signer
	if m.PlanHash, err = so.Spec.Hash(); err != nil {
		return err
	}
	if err := m.checkReplacement(known); err != nil {
		return err
	}
	if m.Ruling.Scope.Persons.Source == plan.SourceFile {
		if known.Intake.SHA256 == "" {
			return Refused("no_population", 2, "Valvet har ingen godkänd population för beställningen.", "The vault has no accepted population for the order.")
		}
		if !known.usable(m.Ruling) {
			return Refused("population_scope", 3, "Populationen togs in enligt ett tidigare beslut och ryms inte i det nya.", "The population was taken in under an earlier decision and does not fit the new one.")
		}
	}
	if ps := so.Spec.Problems(cat); len(ps) > 0 {
		return Refused("spec_invalid", 3, "Specifikationen går inte att köra: "+ps[0].SV, "The specification cannot be run: "+ps[0].EN).At(fault.Where{Column: ps[0].Path})
	}
	// A delivery that is replaced is no earlier one: it is the same disclosure.
	facts := plan.Facts{Decision: m.Ref, Intake: known.Intake, Persons: known.Persons, Today: known.Today}
	if vs := plan.Within(so.Spec, m.Ruling.Scope, facts, cat); len(vs) > 0 {
		return Refused("outside_decision", 3, vs[0].SV, vs[0].EN).At(fault.Where{Column: vs[0].Path})
	}
	return nil
}

func (m *Mandate) checkRelease(open Opener, known Known) error {
	signer, err := open(m.Release, TypeRelease, order.RoleReleaser, &m.ReleaseOrder)
	if err != nil || m.ReleaseOrder.By != signer {
		return Refused("release_signature", 13, "Frisläppandet är inte undertecknat av någon som valvet känner som frisläppare.", "The release is not signed by anybody the vault knows as a releaser.").Because(err)
	}
	m.ReleaseBy = signer
	switch {
	case m.Ref != known.Decision:
		return Refused("other_decision", 13, "Det som ligger klart är gjort enligt ett annat beslut.", "What lies ready was made under another decision.")
	case known.Manifest == "" || m.ReleaseOrder.Manifest != known.Manifest || m.ReleaseOrder.Order != m.WorkOrder.Order:
		return Refused("other_manifest", 13, "Frisläppandet gäller ett annat innehåll än det som ligger klart.", "The release is for another content than what lies ready.")
	case signer == known.RanBy:
		return Refused("four_eyes", 13, "Den som har gjort uttaget får inte släppa det.", "Whoever ran the extraction may not release it.")
	}
	return nil
}

// checkReseal lets what has been delivered be sealed to another key: the same
// files under the same scope, by the word of a releaser who did not extract. The
// decision names the recipient; which key is theirs now, two people have found
// out, and the vault hears it from the one who signs.
func (m *Mandate) checkReseal(open Opener, known Known) error {
	signer, err := open(m.Reseal, TypeReseal, order.RoleReleaser, &m.ResealOrder)
	if err != nil || m.ResealOrder.By != signer {
		return Refused("reseal_signature", 13, "Den nya förseglingen är inte undertecknad av någon som valvet känner som frisläppare.", "The new sealing is not signed by anybody the vault knows as a releaser.").Because(err)
	}
	r := m.ResealOrder
	again := known.Was != "" && r.Manifest == known.Was && r.Key == known.SealedTo // done, and asked for once more
	switch {
	case known.Delivered == nil:
		return Refused("not_delivered", 13, "Inget är levererat.", "Nothing has been delivered.")
	case known.Delivered.Scope != m.Ruling.ScopeHash:
		return Refused("other_decision", 13, "Det som är levererat är gjort enligt en annan omfattning.", "What was delivered was made under another scope.")
	case r.Order != m.WorkOrder.Order || r.Manifest == "" || r.Manifest != known.Manifest && !again:
		return Refused("other_manifest", 13, "Den nya förseglingen gäller ett annat innehåll än det levererade.", "The new sealing is for another content than what was delivered.")
	case !order.IsRecipientKey(r.Key) || r.Fingerprint != order.KeyFingerprint(r.Key):
		return Refused("reseal_key", 3, "Nyckeln går inte att läsa, eller så har den ett annat fingeravtryck.", "The key cannot be read, or has another fingerprint.")
	case signer == known.RanBy:
		return Refused("four_eyes", 13, "Den som har gjort uttaget får inte släppa det.", "Whoever ran the extraction may not release it.")
	}
	return nil
}

// purgeReasons are why an order can be purged: its date has come, or it ended
// early. A case that ended with an answer (order.PhaseAnswered) never had files.
var purgeReasons = []string{ReasonDue, string(order.PhaseRefused), string(order.PhaseDismissed), string(order.PhaseWithdrawn), string(order.PhaseExpired)}

// ReasonDue is the reason of a purge on its date.
const ReasonDue = "due"

func (m *Mandate) checkPurge(open Opener) error {
	signer, err := open(m.Purge, TypePurge, order.RoleRegistrar, &m.PurgeOrder)
	if err != nil || m.PurgeOrder.By != signer {
		return Refused("purge_signature", 10, "Gallringen är inte undertecknad av någon som valvet känner.", "The purge is not signed by anybody the vault knows.").Because(err)
	}
	if m.PurgeOrder.Order != m.WorkOrder.Order {
		return Refused("purge_order", 10, "Gallringen gäller en annan beställning.", "The purge is for another order.")
	}
	if !slices.Contains(purgeReasons, m.PurgeOrder.Reason) {
		return Refused("purge_reason", 10, "Gallringen saknar känt skäl.", "The purge has no known reason.")
	}
	if m.PurgeOrder.Rule == "" {
		return Refused("no_purge_rule", 10, "Gallringen saknar stöd i ett gallringsbeslut.", "The purge has no gallringsbeslut to rest on.")
	}
	return nil
}

// String names the work order in logs: kind, order and job, nothing of a
// person.
func (w WorkOrder) String() string { return fmt.Sprintf("%s %s (job %s)", w.Kind, w.Order, w.ID) }
