package order

import (
	"slices"
	"strings"

	"sluss/internal/swede"
)

// What the register of orders and decisions that everybody may read leaves out of
// a case. A register of public documents tells for each the day it came, its
// number, whom it came from and briefly what it is about; the last two are left
// out where the register could not be open to the public otherwise.
//
// Source: offentlighets- och sekretesslagen (2009:400) 5 kap. 2 §.

// EntryParts are what can be left out.
var EntryParts = []string{"title", "principal"}

// Withheld is what is left out of a case's entry, and by which provision.
type Withheld struct {
	Parts     []string
	Provision string
}

// EntryWithheld: the register leaves these parts out from now on; none: it has
// all of them again.
type EntryWithheld struct {
	Parts     []string `json:"parts"`
	Provision string   `json:"provision,omitempty"`
	Why       string   `json:"why"`
}

// Type returns entry_withheld.
func (*EntryWithheld) Type() string { return "entry_withheld" }

func (ev *EntryWithheld) apply(s State, _ Entry) State {
	s.Withheld = Withheld{ev.Parts, ev.Provision}
	return s
}

// WithholdEntry says what the register leaves out; no parts: nothing.
type WithholdEntry struct {
	Parts          []string
	Provision, Why string
}

// Name returns withhold_entry.
func (WithholdEntry) Name() string { return "withhold_entry" }

// Roles that may say so.
func (WithholdEntry) Roles() []Role { return []Role{RoleRegistrar} }

// Decide refuses parts that cannot be left out, a secret without a provision,
// and what is as it is said already.
func (c WithholdEntry) Decide(s State, _ Context) ([]Event, error) {
	var parts []string
	for _, p := range EntryParts { // in their order, each once
		if slices.Contains(c.Parts, p) {
			parts = append(parts, p)
		}
	}
	provision, why := strings.TrimSpace(c.Provision), strings.TrimSpace(c.Why)
	if len(parts) == 0 {
		provision = ""
	}
	switch {
	case slices.ContainsFunc(c.Parts, func(p string) bool { return !slices.Contains(EntryParts, p) }):
		return nil, input("entry_parts", "Det som kan utelämnas är title och principal.", "What can be left out is title and principal.")
	case len(parts) > 0 && (provision == "" || len(provision) > 200 || swede.Contains(provision)):
		return nil, input("entry_provision", "Skriv bestämmelsen om sekretess, med högst 200 tecken.", "Write the provision on secrecy, with at most 200 characters.")
	case why == "" || len(why) > 500 || swede.Contains(why):
		return nil, input("entry_why", "Skriv varför, med högst 500 tecken och utan personnummer.", "Write why, with at most 500 characters and no identity number.")
	case slices.Equal(parts, s.Withheld.Parts) && provision == s.Withheld.Provision:
		return nil, input("entry_same", "Så är det redan.", "That is how it is already.")
	}
	return []Event{&EntryWithheld{Parts: parts, Provision: provision, Why: why}}, nil
}

func (WithholdEntry) endures() bool { return true }
