package workorder

import (
	"slices"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/population"
)

// Known is what the vault knows from its own records about the order. A
// counter can show it old documents, but cannot make it forget.
type Known struct {
	Today   day.Day
	Intake  plan.Ref // population that it accepted itself
	Persons int
	// Under is what the decision said about the population when it was taken
	// in; nil in records from before this was written down.
	Under     *plan.Persons
	Ruling    Ruling     // the latest decision that it has heard of
	Delivered *Delivery  // what has been handed over, nil before
	Manifest  canon.Hash // of the parcel that lies ready, "" when none does
	RanBy     string     // who ordered the extraction that lies ready
	Decision  plan.Ref   // that the parcel was made under
	// SealedTo is the key that took the place of the decision's when that was
	// lost, "" before, and Was the manifest of the parcel that could not be opened.
	SealedTo string
	Was      canon.Hash
	Purged   bool // everything about the order has been destroyed
}

// Ruling is the latest decision on an order that the vault has heard of: its
// version and the hash of its canonical JSON. The zero value is none.
type Ruling struct {
	Version int        `json:"version"`
	Hash    canon.Hash `json:"hash"`
}

// follows refuses a decision that has been replaced, another one of the same
// version, and one that replaces another decision than the one before it.
//
// A vault that has heard of none takes whichever version comes first, and one
// that has missed a version cannot follow the chain over the gap: what it has
// not been shown it does not know.
func (r Ruling) follows(d order.Decision, ref plan.Ref) error {
	switch {
	case d.Version < 1 || d.Version == 1 && d.Replaces != "" || d.Version > 1 && d.Replaces == "":
		return Refused("decision_chain", 8, "Beslutets versionsnummer stämmer inte med vilket beslut det ersätter.", "The decision's version does not agree with which decision it replaces.")
	case r.Version == 0:
		return nil
	case d.Version < r.Version:
		return Refused("decision_replaced", 8, "Beslutet har ersatts av ett senare.", "The decision has been replaced by a later one.")
	case d.Version == r.Version && ref.SHA256 != r.Hash:
		return Refused("decision_other", 8, "Valvet känner ett annat beslut med samma versionsnummer.", "The vault knows another decision of the same version.")
	case d.Version == r.Version+1 && d.Replaces != r.Hash:
		return Refused("decision_chain", 8, "Beslutet ersätter ett annat beslut än det som valvet känner.", "The decision replaces another one than the vault knows.")
	}
	return nil
}

// Delivery is what an order's delivery was made from. AsOf is zero in records
// from before this was written down: then nothing can replace it.
type Delivery struct {
	Scope canon.Hash // hash of the decided scope
	AsOf  plan.AsOf  // snapshot, and until when it was looked at
}

// checkReplacement lets an extraction after the delivery through when it is
// the same disclosure: same scope, though the wording of the decision may have
// been corrected in between, and same snapshot. That a fault was reported is
// the counter's word and counts for nothing here; a statistician has signed
// the specification, and another person must sign the release.
func (m *Mandate) checkReplacement(known Known) error {
	d := known.Delivered
	if d == nil {
		return nil
	}
	if d.Scope != m.Ruling.ScopeHash || d.AsOf != m.Plan.AsOf || d.AsOf == (plan.AsOf{}) {
		return Refused("delivered", 8, "Beställningen är levererad; ett uttag ur en annan ögonblicksbild eller med en annan omfattning är en ny beställning.",
			"The order has been delivered; an extraction from another snapshot or of another scope is another order.")
	}
	m.Replaces = true
	return nil
}

// usable reports whether the population that was taken in under one decision
// can be used under this one: named by the same columns, and nobody and nothing
// in it that this decision leaves out. How many persons is for plan.Within.
func (k Known) usable(d order.Decision) bool {
	now := d.Scope.Persons
	if k.Under == nil {
		return d.Version == 1
	}
	then := *k.Under
	if now.Organisations() != then.Organisations() || then.Traders == protectedIncluded && now.Traders != protectedIncluded {
		return false
	}
	if now.ID != then.ID || now.Serial != then.Serial || then.Protected == protectedIncluded && now.Protected != protectedIncluded {
		return false
	}
	return !slices.ContainsFunc(now.Columns, func(c plan.PopulationExtra) bool {
		return c.Use != string(population.UseDrop) && !slices.Contains(then.Columns, c)
	})
}

// protectedIncluded: the scope takes persons with protected identity too.
const protectedIncluded = "include"
