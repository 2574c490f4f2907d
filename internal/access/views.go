package access

import (
	"slices"

	"sluss/internal/order"
)

// View is a part of a case that can be looked at.
type View string

// Views of a case.
const (
	ViewCase        View = "case"        // number, title, principal, phase, dates
	ViewApplication View = "application" // the answers and supplements
	ViewDraft       View = "draft"       // draft quote and the answer to it
	ViewReview      View = "review"      // that and by whom it has been reviewed
	ViewDecision    View = "decision"
	ViewQuote       View = "quote" // the final quote
	ViewPopulation  View = "population"
	ViewExtraction  View = "extraction" // specification, check and release
	ViewDelivery    View = "delivery"
	ViewInvoice     View = "invoice"
	ViewPurge       View = "purge"
	ViewEvents      View = "events"    // the log, as deep as the event table says
	ViewParcel      View = "parcel"    // the sealed parcel itself
	ViewDocuments   View = "documents" // the document list
	ViewClocks      View = "clocks"    // the dates, and how each is worked out
	ViewDesk        View = "desk"      // who works on it, hours, notes of jäv and protection
	ViewReads       View = "reads"     // who at the authority has looked at it
)

// Views is every view, in the order of the printed table.
var Views = []View{
	ViewCase, ViewApplication, ViewDraft, ViewReview, ViewDecision, ViewQuote, ViewPopulation, ViewExtraction, ViewDelivery, ViewInvoice, ViewPurge, ViewEvents, ViewParcel, ViewDocuments, ViewClocks, ViewDesk, ViewReads,
}

// audience is a group of roles that see the same.
type audience int

const (
	nobody    audience = iota
	party              // orderer and representative
	supplier           // of the population
	caseStaff          // who prepare, review, decide and register; and who audit
	technical          // who extract and release
	finance
)

var audiences = map[order.Role]audience{
	order.RoleOrderer:        party,
	order.RoleCoApplicant:    party,
	order.RoleRepresentative: party,
	order.RoleSupplier:       supplier,
	order.RoleRegistrar:      caseStaff,
	order.RoleHandler:        caseStaff,
	order.RoleReviewer:       caseStaff,
	order.RoleDecider:        caseStaff,
	RoleAuditor:              caseStaff,
	order.RoleStatistician:   technical,
	order.RoleReleaser:       technical,
	order.RoleFinance:        finance,
	RoleAdministrator:        nobody,
	order.RoleEngine:         nobody, // the vault has its own road
	order.RoleClock:          nobody,
}

var views = map[audience][]View{
	party:     {ViewCase, ViewApplication, ViewDraft, ViewDecision, ViewQuote, ViewPopulation, ViewDelivery, ViewInvoice, ViewPurge, ViewEvents, ViewParcel, ViewDocuments, ViewClocks},
	supplier:  {ViewCase, ViewPopulation, ViewEvents},
	caseStaff: {ViewCase, ViewApplication, ViewDraft, ViewReview, ViewDecision, ViewQuote, ViewPopulation, ViewExtraction, ViewDelivery, ViewInvoice, ViewPurge, ViewEvents, ViewParcel, ViewDocuments, ViewClocks, ViewDesk, ViewReads},
	technical: {ViewCase, ViewApplication, ViewDraft, ViewDecision, ViewQuote, ViewPopulation, ViewExtraction, ViewDelivery, ViewPurge, ViewEvents, ViewParcel, ViewClocks, ViewDesk},
	finance:   {ViewCase, ViewDraft, ViewQuote, ViewDelivery, ViewInvoice, ViewEvents, ViewClocks, ViewDesk},
}

// MaySee reports whether somebody in the role may look at a part of a case to
// which the relation is rel. Those outside the authority see decision and
// quote from the dispatch on, never before: s is the case as it is. The sealed
// parcel is the recipient's; of us only who writes it on a stick fetches it.
func MaySee(role order.Role, view View, rel Relation, s order.State) bool {
	if rel == None || rel != relations[role] || !slices.Contains(views[audiences[role]], view) {
		return false
	}
	if !Outside(role) {
		return view != ViewParcel || s.ByPost() && order.WritesSticks(role)
	}
	return s.Dispatched || !awaitsDispatch(view)
}

// awaitsDispatch marks what a decision holds: announced when dispatched.
func awaitsDispatch(v View) bool { return v == ViewDecision || v == ViewQuote }

// Phase returns the phase of the case as the role may know it: to those
// outside, review, decision and what is decided but not dispatched are all the
// review that they wait for.
func Phase(role order.Role, s order.State) order.Phase {
	p := s.Phase()
	if !Outside(role) {
		return p
	}
	switch p {
	case order.PhaseDecision:
		return order.PhaseReview
	case order.PhaseDecided, order.PhasePopulation, order.PhaseExtraction:
		if !s.Dispatched {
			return order.PhaseReview
		}
	}
	return p
}
