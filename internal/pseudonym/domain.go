// Package pseudonym draws löpnummer, the numbers under which persons,
// employers and cases leave the authority, and checks those that others have
// drawn.
//
// A [Table] is the key file of one [Domain]: one project, one entity type, one
// scope. Begin with [Choose], which says whether a delivery may go on in a
// domain that is kept or needs a new one, then [Table.Draw] what is missing.
// The rows tie an entity key (the vault's own surrogate, never an identity
// number) to a löpnummer.
//
//   - Numbers are a random permutation of 1 … N, drawn once and stored. There
//     is no key from which the table could be made again: when it is destroyed
//     the tie is gone. A keyed function of the personnummer would stay
//     reversible for whoever ever copied the key.
//   - Late additions get numbers after the greatest, shuffled among
//     themselves. Nobody is ever renumbered.
//   - Domains are drawn independently, so nothing ties two projects together.
//     Small numbers stand in every domain; [Domain.ColumnName] keeps an
//     accidental join from looking right.
//   - [OrderLeak] tests that a numbering follows no order that tells of the
//     person, also that of our own draw.
//
// The package is pure; the seed of a draw is passed in and wiped.
//
// Source: reference pseudonym §2; promise 9.
package pseudonym

import (
	"strings"

	"sluss/internal/day"
	"sluss/internal/fault"
)

// EntityType is what a löpnummer stands for. A role is no type: a child is a
// person.
type EntityType string

// Entity types.
const (
	Person   EntityType = "person"
	Employer EntityType = "employer" // organisationsnummer, also a sole trader's
	Case     EntityType = "case"
	Subspell EntityType = "delfall"
)

// Scopes of a domain within project and type.
const (
	ScopeProject = "project"
	// ScopeRelatives is for relatives whose tie to the index persons is not
	// approved: in a domain of their own nobody can see that a child is an
	// index person, too.
	ScopeRelatives = "relative-unlinked"
)

// Origin says who drew the numbers.
type Origin string

// Origins.
const (
	Own      Origin = "own"
	External Origin = "external" // another register holder, as its key file says
)

// Keep is how long the key file is kept.
type Keep string

// Key policies.
const (
	DeleteAfterDelivery Keep = "delete_after_delivery"
	KeepUntil           Keep = "keep_until"
)

// Policy is the key policy of a domain, as decided.
type Policy struct {
	Keep      Keep    `json:"keep"`
	Until     day.Day `json:"until"`      // last day of keeping; with KeepUntil
	EthicsRef string  `json:"ethics_ref"` // the approval that allows it; with KeepUntil
}

// Allows reports whether a further delivery may use the key on the day on.
func (p Policy) Allows(on day.Day) bool {
	return p.Keep == KeepUntil && strings.TrimSpace(p.EthicsRef) != "" && on <= p.Until
}

// State is the state of a domain.
type State string

// States. Only an open domain draws.
const (
	Open     State = "open"
	Frozen   State = "frozen"
	Shredded State = "shredded"
)

// Domain is what löpnummer are unique within.
type Domain struct {
	ID      string     `json:"id"`
	Project string     `json:"project"` // code of the project, as in file and column names
	Type    EntityType `json:"type"`
	Scope   string     `json:"scope"`
	Origin  Origin     `json:"origin"`
	Policy  Policy     `json:"policy"`
	State   State      `json:"state"`
	// Base comes before the first number: numbers are Base+1, Base+2, …. It is
	// 0, or what [Beside] chose to keep clear of an external domain.
	Base uint64 `json:"base"`
}

// ColumnName returns the name of the löpnummer's column in a delivery, lopnr_
// with the project's code, so that a join across projects does not look right.
func (d Domain) ColumnName() string {
	name := "lopnr_"
	if d.Type != Person {
		name += string(d.Type) + "_"
	}
	if d.Scope == ScopeRelatives {
		name += "anh_"
	}
	for _, r := range strings.ToLower(d.Project) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			name += string(r)
		case r == 'å', r == 'ä':
			name += "a"
		case r == 'ö':
			name += "o"
		}
	}
	return name
}

// Choose returns the domain in which a delivery to project goes on, if there
// is one: same project, type and scope, open, and with a key policy that
// allows it on the day on. Otherwise ok is false and the delivery needs a new
// domain, which nothing ties to the old.
//
// A domain of another project is never returned. Promise 9.
func Choose(all []Domain, project string, t EntityType, scope string, on day.Day) (d Domain, ok bool) {
	for _, d := range all {
		if d.Project == project && d.Type == t && d.Scope == scope && d.State == Open && d.Policy.Allows(on) {
			return d, true
		}
	}
	return Domain{}, false
}

// Beside returns the base of an own domain for those whom we add to an
// external one (children, employers): the least power of ten above its
// greatest number, with room for it to grow tenfold. No number is then in both.
func Beside(external *Table) uint64 {
	base := uint64(1000)
	for base <= external.Max()*10 && base < MaxNumber/100 {
		base *= 10
	}
	return base
}

// MaxNumber bounds löpnummer: fifteen digits, exact in the doubles of SAS,
// Stata and R.
const MaxNumber = 999_999_999_999_999

func gate(rule, sv, en string) *fault.Fault {
	f := fault.New("pseudonym."+rule, sv, en).Of(fault.Gate)
	f.Rule, f.Promise = "pseudonym."+rule, 9
	return f
}
