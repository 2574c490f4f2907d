package ehds

import (
	"slices"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/order"
)

// File is a file in a parcel.
type File struct {
	Name    string     `json:"name"`
	Rows    int64      `json:"rows"`
	Persons int64      `json:"persons"`
	Bytes   int64      `json:"bytes"`
	SHA256  canon.Hash `json:"sha256"`
}

// Parcel is what is handed over.
type Parcel struct {
	Name     string     `json:"name"`
	Bytes    int64      `json:"bytes"`
	SHA256   canon.Hash `json:"sha256"`   // of the sealed parcel
	Manifest canon.Hash `json:"manifest"` // of the signed list of its content: the receipt names it
	// Sealing is age or crypt4gh, SealedTo the public key that it takes to open the
	// parcel.
	Sealing  string `json:"sealing"`
	SealedTo string `json:"sealed_to"`
	// Signer is the fingerprint of the key that the manifest is signed with.
	Signer string `json:"signer"`
}

// Handover is what whoever runs a secure processing environment has to know of a
// delivery: under which permit it comes, who may work with it, on which
// conditions, what is in the parcel and how it is told from another (article 73).
// It names no person whose data are in it, and nothing in it is secret to the
// parties of the case.
type Handover struct {
	Format      string       `json:"format"`
	Reference   string       `json:"reference"`
	Permit      string       `json:"permit"` // number of the decision
	Decision    canon.Hash   `json:"decision_sha256"`
	Decider     string       `json:"decided_by"`
	Holder      Organisation `json:"permit_holder"`
	Environment string       `json:"environment,omitempty"` // name and operator, where the case names one
	Authorised  []string     `json:"authorised_persons,omitempty"`
	Conditions  Conditions   `json:"conditions"`
	Delivered   day.Day      `json:"delivered"`
	// Replaces: an earlier parcel of the case was faulty and is to be destroyed.
	Replaces bool   `json:"replaces"`
	Files    []File `json:"files"`
	Parcel   Parcel `json:"parcel"`
	// Until is the last day on which the parcel can be fetched.
	Until day.Day `json:"fetch_until"`
}

// HandoverOf is the hand-over of a case's delivery; false when there is none
// that may be fetched.
func HandoverOf(s order.State, by string) (Handover, bool) {
	d := s.Delivery
	if d == nil || s.Decision == nil || s.Extracted == nil || s.Extracted.Manifest != d.Manifest || s.Purged || s.Fetchable() != nil {
		return Handover{}, false
	}
	a, dec := s.Application, s.Decision
	sealing, _, foreign := strings.Cut(s.RecipientNow(), ":")
	if !foreign {
		sealing = "age"
	}
	out := Handover{
		Format: HandoverVersion, Reference: s.ID, Permit: dec.ID, Decision: s.DecisionHash, Decider: by, Holder: organisation(a.Principal), Environment: s.Environment,
		Authorised: slices.Clone(a.Project.Named), Conditions: conditions(s), Delivered: d.On, Replaces: d.Replaces, Until: d.PurgeOn - 1,
		Parcel: Parcel{Name: s.ID + ".sluss", Bytes: d.Bytes, SHA256: d.SHA256, Manifest: d.Manifest, Sealing: sealing, SealedTo: s.RecipientNow(), Signer: dec.Scope.Recipient.Signer},
	}
	for _, f := range s.Extracted.Files {
		out.Files = append(out.Files, File{f.Name, f.Rows, f.Persons, f.Bytes, f.SHA256})
	}
	return out, true
}
