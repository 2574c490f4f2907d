// Package diarium says what everybody may read of an order and its decision: the
// public register, which a register of public documents (diarium) is.
//
// An entry has the case's number, the day it came, whom it came from, briefly
// what it is about, and how it ended: granted, in part or refused, by which
// provisions, delivered or not. It names organisations, never a person; it has
// no word of what the authority has not yet sent, and nothing of a case with
// protected personal data. Whom it came from and what it is about are left out
// where the registrar has said so, with the provision on secrecy in their place.
//
// Sources: tryckfrihetsförordningen 2 kap.; offentlighets- och sekretesslagen
// (2009:400) 5 kap. 1–2 §§. The same entries are what Regulation (EU) 2025/327
// (EHDS) asks for from 26 March 2029: applications and decisions, with the
// grounds of refusals (articles 57(1)(j)(ii), 58(1)(f) and 59; read in secondary
// sources, reference standards §2).
package diarium

import (
	"slices"

	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/swede"
)

// Version is the format of entries.
const Version = "sluss/diarium/v1"

// How a case stands, as far as it is public.
const (
	Received  = "received"  // nothing has been decided, or nothing sent
	Decided   = "decided"   // granted, in whole or in part
	Refused   = "refused"   // refused, or dismissed after a decision
	Reopened  = "reopened"  // a decision has been sent, and is tried again
	Delivered = "delivered" // and the files have left
	Dismissed = "dismissed" // not tried
	Withdrawn = "withdrawn" // taken back by who asked
	Expired   = "expired"   // granted, and not used in time
)

// Entry is what everybody may read of a case.
type Entry struct {
	Case      string   `json:"case"`
	Received  day.Day  `json:"received"`
	Purpose   string   `json:"purpose"`             // research or statistics
	Title     string   `json:"title,omitempty"`     // briefly what it is about
	Principal string   `json:"principal,omitempty"` // the organisation that it came from
	Registers []string `json:"registers,omitempty"` // ids in the catalogue, each once
	State     string   `json:"state"`
	Decided   *day.Day `json:"decided,omitempty"` // of the decision that holds
	Outcome   string   `json:"outcome,omitempty"` // disclose, partly or refuse
	// Provisions are those of a decision that refuses, in whole or in part.
	Provisions []string `json:"provisions,omitempty"`
	Delivered  *day.Day `json:"delivered,omitempty"`
	Purged     bool     `json:"purged,omitempty"`
	// Withheld are the parts that are left out, Provision why.
	Withheld  []string `json:"withheld,omitempty"`
	Provision string   `json:"withheld_by,omitempty"`
}

// Of is the entry of a case; false when there is none: a question that is no
// order, and a case with protected personal data.
func Of(s order.State) (Entry, bool) {
	if !s.Submitted || s.Protected {
		return Entry{}, false
	}
	x := Entry{
		Case: s.ID, Received: s.ReceivedOn, Purpose: string(s.Application.Purpose), Title: s.Application.Title, Principal: s.Application.Principal.Name,
		State: standing(s), Purged: s.Purged, Withheld: s.Withheld.Parts, Provision: s.Withheld.Provision,
	}
	for _, w := range s.Application.Data {
		if w.Register != "" {
			x.Registers = append(x.Registers, w.Register)
		}
	}
	slices.Sort(x.Registers)
	x.Registers = slices.Compact(x.Registers)
	if d := s.Decision; d != nil && s.Dispatched {
		on := d.Date
		x.Decided, x.Outcome = &on, d.Outcome()
		if x.Outcome != plan.OutcomeDisclose {
			x.Provisions = provisions(*d)
		}
	}
	if s.Delivery != nil {
		on := s.Delivery.On
		x.Delivered = &on
	}
	if swede.Contains(x.Title) { // nobody's number is everybody's to read, whatever has been typed
		x.Title = ""
	}
	for _, part := range x.Withheld {
		switch part {
		case "title":
			x.Title = ""
		case "principal":
			x.Principal = ""
		}
	}
	return x, true
}

// provisions are those that the decision rests on and those of its rows that
// are not granted, each once.
func provisions(d order.Decision) []string {
	out := slices.Clone(d.Provisions)
	for _, r := range d.Scope.Rows {
		if r.Outcome != plan.OutcomeDisclose && r.Ground != "" && !slices.Contains(out, r.Ground) {
			out = append(out, r.Ground)
		}
	}
	return out
}

func standing(s order.State) string {
	switch s.Ended {
	case order.PhaseDismissed:
		return Dismissed
	case order.PhaseWithdrawn:
		return Withdrawn
	case order.PhaseExpired:
		return Expired
	}
	switch {
	case s.Delivery != nil:
		return Delivered
	case s.Announced && !s.Dispatched:
		return Reopened
	case s.Dispatched && !s.Discloses():
		return Refused
	case s.Dispatched:
		return Decided
	}
	return Received
}
