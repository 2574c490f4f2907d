package order

import (
	"slices"

	"sluss/internal/day"
)

// The desk: who at the authority works on the case, and who must not.

const (
	lawJav       = "förvaltningslagen (2017:900) 16–18 §§"
	lawProtected = "offentlighets- och sekretesslagen (2009:400) 21 kap. 3–3 a §§ och 22 kap. 1–2 §§"
)

// The desk's events.
type (
	// Assigned: a member of staff has the case, in a role.
	Assigned struct {
		Role Role   `json:"role"`
		To   string `json:"to"`
		// Why the case came to this person: pulled, handed over, substitute or
		// taken over, and by which rule of the queue.
		Why string `json:"why"`
		// For is who is absent, when To is a substitute; Until its last day.
		For   string  `json:"for,omitempty"`
		Until day.Day `json:"until,omitempty"`
	}
	// Unassigned: the case is back in the queue for the role.
	Unassigned struct {
		Role Role   `json:"role"`
		Why  string `json:"why"`
	}
	// ConflictDeclared: a member of staff is disqualified (jävig) in the case,
	// for good.
	ConflictDeclared struct {
		Person string `json:"person"`
		Ground string `json:"ground"`
	}
	// ProtectionMarked: somebody in the case has protected personal data; only
	// staff with clearance see the case from now on.
	ProtectionMarked struct {
		Ground string `json:"ground"`
	}
)

var deskEvents = map[string]func() Event{
	"assigned":          func() Event { return &Assigned{} },
	"unassigned":        func() Event { return &Unassigned{} },
	"conflict_declared": func() Event { return &ConflictDeclared{} },
	"protection_marked": func() Event { return &ProtectionMarked{} },
}

func (*Assigned) Type() string         { return "assigned" }
func (*Unassigned) Type() string       { return "unassigned" }
func (*ConflictDeclared) Type() string { return "conflict_declared" }
func (*ProtectionMarked) Type() string { return "protection_marked" }

// Assignment is who has a case in a role.
type Assignment struct {
	Role  Role
	To    string
	For   string
	Until day.Day
	Since day.Day
}

func (ev *Assigned) apply(s State, e Entry) State {
	s.Assignments = with(without(s.Assignments, ev.Role), Assignment{ev.Role, ev.To, ev.For, ev.Until, civil(e)})
	return s
}

func (ev *Unassigned) apply(s State, _ Entry) State {
	s.Assignments = without(s.Assignments, ev.Role)
	return s
}

func (ev *ConflictDeclared) apply(s State, _ Entry) State {
	s.Conflicts = with(s.Conflicts, ev.Person)
	var left []Assignment
	for _, a := range s.Assignments {
		if a.To != ev.Person {
			left = append(left, a)
		}
	}
	s.Assignments = left
	return s
}

func (*ProtectionMarked) apply(s State, _ Entry) State {
	s.Protected = true
	return s
}

func without(list []Assignment, r Role) []Assignment {
	return slices.DeleteFunc(slices.Clone(list), func(a Assignment) bool { return a.Role == r })
}

// Has returns who has the case in the role, "" when nobody does.
func (s State) Has(r Role) string {
	for _, a := range s.Assignments {
		if a.Role == r {
			return a.To
		}
	}
	return ""
}

// Barred reports whether the person must not touch the case (jäv).
func (s State) Barred(person string) bool { return slices.Contains(s.Conflicts, person) }

var deskCommands = []Command{
	Assign{},
	Unassign{},
	DeclareConflict{},
	MarkProtected{},
}

// assignable are the roles that a case is given to.
var assignable = []Role{RoleHandler, RoleReviewer, RoleDecider, RoleStatistician, RoleReleaser, RoleFinance, RoleRegistrar}

// Assign gives the case to a member of staff: from the queue, by hand, to a
// substitute during an absence, or taken over within the team.
type Assign struct {
	Role  Role
	To    string
	Why   string
	For   string
	Until day.Day
}

// Name returns assign.
func (Assign) Name() string { return "assign" }

// Roles that may assign.
func (Assign) Roles() []Role { return staffRoles }

// Decide refuses a role that has no desk, somebody who is disqualified or
// without clearance where one is needed, four eyes that would become two, and
// a substitute without dates.
func (c Assign) Decide(s State, ctx Context) ([]Event, error) {
	switch {
	case !slices.Contains(assignable, c.Role) || c.To == "" || c.Why == "":
		return nil, input("assign", "Ange roll, person och hur ärendet kom till personen.", "Name the role, the person and how the case came to the person.")
	case (c.For == "") != (c.Until == 0) || c.Until != 0 && c.Until < ctx.Day() || c.For == c.To && c.For != "":
		return nil, input("substitute", "En ersättare har någon att ersätta och en sista dag.", "A substitute has somebody to stand in for, and a last day.")
	case s.Barred(c.To):
		return nil, conflict()
	case s.Protected && !ctx.Authority.Cleared(c.To):
		return nil, unclear()
	case c.Role == RoleReleaser && s.ExtractedBy != "" && c.To == s.ExtractedBy:
		return nil, refuse("four_eyes", 13, "dataskyddsförordningen (EU) 2016/679 artikel 32", "Den som har gjort uttaget får inte släppa det.", "Whoever ran the extraction may not release it.")
	case s.Has(c.Role) == c.To:
		return nil, wrongState("assigned_twice", "Personen har redan ärendet.", "The person has the case already.")
	}
	return []Event{&Assigned{Role: c.Role, To: c.To, Why: c.Why, For: c.For, Until: c.Until}}, nil
}

func (Assign) endures() bool { return true }

// Unassign puts the case back into the queue.
type Unassign struct {
	Role Role
	Why  string
}

// Name returns unassign.
func (Unassign) Name() string { return "unassign" }

// Roles that may.
func (Unassign) Roles() []Role { return with(staffRoles, RoleClock) }

// Decide refuses when nobody has the case in the role.
func (c Unassign) Decide(s State, _ Context) ([]Event, error) {
	if s.Has(c.Role) == "" {
		return nil, wrongState("not_assigned", "Ingen har ärendet i den rollen.", "Nobody has the case in that role.")
	}
	if c.Why == "" {
		return nil, input("assign", "Ange varför ärendet går tillbaka till kön.", "Say why the case goes back to the queue.")
	}
	return []Event{&Unassigned{c.Role, c.Why}}, nil
}

func (Unassign) endures() bool { return true }

// DeclareConflict says that a member of staff is disqualified (jävig). It
// cannot be taken back: whoever declares has seen the case with other eyes.
type DeclareConflict struct{ Person, Ground string }

// Name returns declare_conflict.
func (DeclareConflict) Name() string { return "declare_conflict" }

// Roles that may declare, of themselves or a colleague.
func (DeclareConflict) Roles() []Role { return staffRoles }

// Decide refuses without person and ground, and twice.
func (c DeclareConflict) Decide(s State, _ Context) ([]Event, error) {
	switch {
	case c.Person == "" || c.Ground == "":
		return nil, input("conflict", "Ange vem som är jävig och grunden.", "Say who is disqualified and on which ground.")
	case s.Barred(c.Person):
		return nil, wrongState("conflict_twice", "Jävet är redan antecknat.", "The conflict of interest is noted already.")
	}
	return []Event{&ConflictDeclared{c.Person, c.Ground}}, nil
}

func (DeclareConflict) endures() bool { return true }

// MarkProtected says that somebody in the case has protected personal data
// (skyddade personuppgifter).
type MarkProtected struct{ Ground string }

// Name returns mark_protected.
func (MarkProtected) Name() string { return "mark_protected" }

// Roles that may mark it.
func (MarkProtected) Roles() []Role { return []Role{RoleRegistrar, RoleHandler} }

// Decide refuses a second mark, and takes the case from everybody without
// clearance.
func (c MarkProtected) Decide(s State, ctx Context) ([]Event, error) {
	if s.Protected {
		return nil, wrongState("protected_twice", "Ärendet är redan skyddsmarkerat.", "The case is marked already.")
	}
	if c.Ground == "" {
		return nil, input("protected", "Ange grunden för markeringen.", "State the ground of the mark.")
	}
	events := []Event{&ProtectionMarked{c.Ground}}
	for _, a := range s.Assignments {
		if !ctx.Authority.Cleared(a.To) {
			events = append(events, &Unassigned{a.Role, "protected"})
		}
	}
	return events, nil
}

func (MarkProtected) endures() bool { return true }

func conflict() error {
	return refuse("conflict_of_interest", 0, lawJav, "Personen är jävig i ärendet.", "The person is disqualified in the case.")
}

func unclear() error {
	return refuse("clearance", 0, lawProtected, "Ärendet rör skyddade personuppgifter och kräver särskild behörighet.", "The case concerns protected personal data and needs clearance.")
}

// atDesk refuses whoever is disqualified in the case and, when it concerns
// protected data, members of staff without clearance. It fails closed: nobody
// has clearance unless the authority says so.
func atDesk(s State, ctx Context) error {
	if s.Barred(ctx.By.ID) {
		return conflict()
	}
	if s.Protected && slices.Contains(staffRoles, ctx.By.Role) && !ctx.Authority.Cleared(ctx.By.ID) {
		return unclear()
	}
	return nil
}

var deskStory = map[string]Line{
	"assigned":          told("Ärendet fördelades", "The case was assigned", "jäv, behörighet och fyra ögon", "conflict of interest, clearance and four eyes", "förvaltningslagen 16–18 §§; OSL 10 kap. 2 §"),
	"unassigned":        told("Ärendet gick tillbaka till kön", "The case went back to the queue", "", "", "förvaltningslagen 9 §"),
	"conflict_declared": told("Jäv antecknades", "A conflict of interest was noted", "", "", "förvaltningslagen 16–18 §§"),
	"protection_marked": told("Ärendet skyddsmarkerades", "The case was marked as protected", "de som saknar behörighet fick lämna det", "those without clearance had to leave it", "OSL 21 kap. 3 §, 22 kap. 1 §"),
}
