// Package access says who may do and see what.
//
// There is one table, in three parts, and everything that is not in it is
// denied:
//
//   - commands: role x command x relation ([May]). Which roles give a command
//     stands with the command itself in room order; this package adds what the
//     role must be to the case, and by which road the command comes.
//   - views: role x view x relation ([MaySee]).
//   - events: how much of each event each side of a case sees ([EventDepth]).
//
// The relation of a person to a case is worked out from the case's own log by
// [Relate]; nobody states it. Somebody without a relation is answered as if
// the case did not exist.
//
// docs/access.md is this table printed by a test, which fails when the two
// differ, and when a command, event or role is not classified.
//
// Law: offentlighets- och sekretesslagen (2009:400) 24 kap. 8 § and 10 kap.
// 2 § (what the work needs), dataskyddsförordningen (EU) 2016/679 artikel 25
// and 32 (no more access than the task needs).
package access

import (
	"slices"
	"strings"

	"sluss/internal/intake"
	"sluss/internal/order"
)

// Roles that give no command in a case.
const (
	// RoleAuditor reads everything and changes nothing.
	RoleAuditor order.Role = "auditor"
	// RoleAdministrator runs the system and sees no case.
	RoleAdministrator order.Role = "administrator"
)

// Person is somebody who asks: who it is, as what, and what ties the person to
// a case.
type Person struct {
	ID   string
	Role order.Role
	// Email is how applications name their orderer and representative.
	Email string
	// Organisation is how applications name the holder of a population.
	Organisation string
	// Cleared: may see cases with protected personal data. Nobody may unless
	// the authority has said so.
	Cleared bool
	// Assurance is how sure the counter is of who it is, as [order.Actor] has it.
	Assurance int
}

// Actor is the person as the log knows actors.
func (p Person) Actor() order.Actor {
	return order.Actor{ID: p.ID, Role: p.Role, Assurance: p.Assurance}
}

// Relation is what somebody is to one case.
type Relation string

// Relations.
const (
	None     Relation = ""         // a stranger: the case does not exist
	New      Relation = "new"      // there is no case yet
	Own      Relation = "own"      // orderer, co-applicant or representative of this case
	Supplies Relation = "supplies" // holds the population of this case
	Staff    Relation = "staff"    // works at the authority
	Engine   Relation = "engine"   // the vault
	Clock    Relation = "clock"    // a date that has come
)

// relations is what each role must be to a case to do anything in it.
var relations = map[order.Role]Relation{
	order.RoleOrderer:        Own,
	order.RoleCoApplicant:    Own,
	order.RoleRepresentative: Own,
	order.RoleSupplier:       Supplies,
	order.RoleHandler:        Staff,
	order.RoleReviewer:       Staff,
	order.RoleDecider:        Staff,
	order.RoleStatistician:   Staff,
	order.RoleReleaser:       Staff,
	order.RoleFinance:        Staff,
	order.RoleRegistrar:      Staff,
	RoleAuditor:              Staff,
	RoleAdministrator:        None,
	order.RoleEngine:         Engine,
	order.RoleClock:          Clock,
}

// Roles is every role, in the order of the printed table.
var Roles = []order.Role{
	order.RoleOrderer, order.RoleCoApplicant, order.RoleRepresentative, order.RoleSupplier, order.RoleRegistrar, order.RoleHandler, order.RoleReviewer,
	order.RoleDecider, order.RoleStatistician, order.RoleReleaser, order.RoleFinance, RoleAuditor, RoleAdministrator, order.RoleEngine, order.RoleClock,
}

// Outside reports whether the role belongs to somebody outside the authority.
func Outside(r order.Role) bool { return relations[r] == Own || relations[r] == Supplies }

// Works reports whether the role works at the authority and sees cases.
func Works(r order.Role) bool { return relations[r] == Staff }

// Relate returns what the person is to the case with these entries, in the
// person's role. Staff are staff in every case but those that they are
// disqualified in, and those with protected personal data that they have no
// clearance for: those do not exist to them. An orderer is who handed the
// case in, or who the latest application names as orderer; a representative is
// who it names as the principal's; a supplier belongs to the organisation it
// names as holder of the population.
func Relate(p Person, entries []order.Entry) Relation {
	if len(entries) == 0 {
		return None
	}
	switch rel := relations[p.Role]; rel {
	case Own, Supplies:
	case Staff:
		if shut(p, entries) {
			return None
		}
		return rel
	default:
		return rel
	}
	keys := Keys(p)
	for _, k := range CaseKeys(entries) {
		if slices.Contains(keys, k) {
			return relations[p.Role]
		}
	}
	return None
}

// shut reports whether a member of staff must not know the case: it concerns
// protected personal data and the person has no clearance, or the person is
// disqualified in it (jäv).
func shut(p Person, entries []order.Entry) bool {
	for _, e := range entries {
		switch ev := e.Event.(type) {
		case *order.ProtectionMarked:
			if !p.Cleared {
				return true
			}
		case *order.ConflictDeclared:
			if ev.Person == p.ID {
				return true
			}
		}
	}
	return false
}

// Keys are the keys under which a person from outside is found in cases: who
// is tied to a case has one of [CaseKeys]. Staff have none.
func Keys(p Person) []string {
	var keys []string
	add := func(kind, value string) {
		if v := normal(value); v != "" {
			keys = append(keys, kind+":"+v)
		}
	}
	switch p.Role {
	case order.RoleOrderer:
		add("submitter", p.ID)
		add("orderer", p.Email)
	case order.RoleCoApplicant:
		add("co_applicant", p.Email)
	case order.RoleRepresentative:
		add("representative", p.Email)
	case order.RoleSupplier:
		add("holder", p.Organisation)
	}
	return keys
}

// CaseKeys are the keys of everybody from outside who is tied to the case now:
// somebody whom a later version of the application no longer names is a
// stranger from then on.
func CaseKeys(entries []order.Entry) []string {
	var submitter, asked string
	var app *intake.Application
	for _, e := range entries {
		switch ev := e.Event.(type) {
		case *order.Submitted:
			if e.By.Role == order.RoleOrderer {
				submitter = e.By.ID
			}
			app = &ev.Application
		case *order.Supplemented:
			app = &ev.Application
		case *order.DataAgreed:
			app = &ev.Application
		case *order.Enquired:
			if e.By.Role == order.RoleOrderer {
				submitter = e.By.ID
			}
			asked = ev.Email
		}
	}
	if app == nil {
		return Keys(Person{ID: submitter, Role: order.RoleOrderer, Email: asked})
	}
	keys := Keys(Person{ID: submitter, Role: order.RoleOrderer, Email: app.Orderer.Email})
	keys = append(keys, Keys(Person{Role: order.RoleRepresentative, Email: app.Principal.Representative.Email})...)
	for _, co := range app.CoOrderers {
		keys = append(keys, Keys(Person{Role: order.RoleCoApplicant, Email: co.Email})...)
	}
	if app.Population.Source == "file" {
		keys = append(keys, Keys(Person{Role: order.RoleSupplier, Organisation: app.Population.Holder})...)
	}
	return keys
}

// normal makes names of people and organisations comparable: without space
// around them, and with small letters A–Z. Other letters stay, so that no two
// that look alike become the same.
func normal(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.TrimSpace(s))
}
