package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"sluss/internal/access"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
)

// Member is a member of staff as the administrator has set: the roles that the
// person may have, the teams, and clearance for protected personal data. It is
// the only place that clearance comes from.
type Member struct {
	ID      string
	Name    string // as colleagues and letters say it; "" = the id
	Roles   []order.Role
	Teams   []string
	Cleared bool
}

// Absence is a stretch of days away, both included.
type Absence struct {
	ID          int64
	Person      string
	First, Last day.Day
	Substitute  string // "" = nobody
}

// Staff keeps who works here. Changes of members are entries of the log, with
// who made them.
type Staff interface {
	// Members returns everybody, by id; Member one, ErrNotFound when there is
	// none.
	Members(ctx context.Context) ([]Member, error)
	Member(ctx context.Context, id string) (Member, error)
	// PutMember stores or replaces a member, RemoveMember removes one.
	PutMember(ctx context.Context, m Member, by order.Actor, at time.Time) error
	RemoveMember(ctx context.Context, id string, by order.Actor, at time.Time) error
	// Absences returns those that are not over before a day, by their first day.
	Absences(ctx context.Context, from day.Day) ([]Absence, error)
	PutAbsence(ctx context.Context, x Absence) (int64, error)
	RemoveAbsence(ctx context.Context, id int64) error
}

// rules is the context of a command. Who has clearance is asked for where a
// case needs it, so that the rules of the case and the lists never disagree.
func (a *App) rules(ctx context.Context, by order.Actor, s order.State, cmd order.Command, now time.Time) (order.Context, error) {
	c := a.context(by, now)
	var err error
	if c.Measured, err = a.measured(ctx); err != nil {
		return c, err
	}
	if _, marks := cmd.(order.MarkProtected); a.Staff == nil || !s.Protected && !marks {
		return c, nil
	}
	members, err := a.Staff.Members(ctx)
	if err != nil {
		return c, err
	}
	authority := *a.House()
	authority.Clearance = nil
	for _, m := range members {
		if m.Cleared {
			authority.Clearance = append(authority.Clearance, m.ID)
		}
	}
	c.Authority = &authority
	return c, nil
}

// Known returns the person with the clearance that the staff table gives; a
// token carries none. Who stands in the table acts only in the roles that stand
// there, an administrator too; who does not has no clearance and no team.
func (a *App) Known(ctx context.Context, p access.Person) (access.Person, error) {
	p.Cleared = false
	if !employed(p.Role) {
		return p, nil
	}
	if a.Staff == nil {
		p.Cleared = a.House().Cleared(p.ID)
		return p, nil
	}
	m, err := a.Staff.Member(ctx, p.ID)
	if IsNotFound(err) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	if !slices.Contains(m.Roles, p.Role) {
		return p, (&fault.Fault{
			Code: "staff.role", Class: fault.Gate, Rule: "access", Law: "offentlighets- och sekretesslagen (2009:400) 10 kap. 2 §",
			SV: "Personen har inte den roll som nyckeln är till för.", EN: "The person does not have the role that the token is for.",
		}).Do("Be administratören om rätt roll.", "Ask the administrator for the right role.")
	}
	p.Cleared = m.Cleared
	return p, nil
}

// Limits of the staff table.
const (
	maxRoles = 10
	maxTeams = 20
	maxName  = 100
	// longestAbsence is how many days an absence may last.
	longestAbsence = 3 * 366
)

// employed reports whether the role is one of those that the staff table gives.
func employed(r order.Role) bool { return access.Works(r) || r == access.RoleAdministrator }

// SetMember stores a member of staff. The administrator does, but not what the
// administrator may do: nobody gives roles or clearance to themselves.
func (a *App) SetMember(ctx context.Context, p access.Person, m Member) error {
	if err := a.administers(ctx, p, "set_member"); err != nil {
		return err
	}
	m.ID = strings.TrimSpace(m.ID)
	if m.ID == p.ID {
		return ownEntry()
	}
	return a.putMember(ctx, p.Actor(), m)
}

// ownEntry: an administrator's own place in the staff table is another's to
// change, or that of who runs the machine.
func ownEntry() error {
	return (&fault.Fault{
		Code: "staff.self", Class: fault.Gate, Rule: "access", Law: "offentlighets- och sekretesslagen (2009:400) 10 kap. 2 §",
		SV: "Ingen ändrar sina egna roller.", EN: "Nobody changes their own roles.",
	}).Do("Be en annan administratör, eller den som sköter datorn (sluss staff).", "Ask another administrator, or whoever runs the machine (sluss staff).")
}

// OperatorSetsMember stores a member of staff, who may be the first: whoever runs
// the counter's machine does, under the name by, and the log tells so.
func (a *App) OperatorSetsMember(ctx context.Context, by string, m Member) error {
	return a.putMember(ctx, order.Actor{ID: by, Role: access.RoleAdministrator}, m)
}

// OperatorDropsMember removes a member of staff so.
func (a *App) OperatorDropsMember(ctx context.Context, by, id string) error {
	return a.Staff.RemoveMember(ctx, id, order.Actor{ID: by, Role: access.RoleAdministrator}, a.Clock())
}

func (a *App) putMember(ctx context.Context, by order.Actor, m Member) error {
	bad := func(column, sv, en string) error {
		return fault.New("staff."+column, sv, en).At(fault.Where{Column: column}).Do("Rätta och spara igen.", "Mend it and save again.")
	}
	m.ID, m.Name = strings.TrimSpace(m.ID), strings.TrimSpace(m.Name)
	switch {
	case m.ID == "" || len(m.ID) > maxName:
		return bad("id", "Ange vem, med högst 100 tecken.", "Say who, with at most 100 characters.")
	case len(m.Name) > maxName || strings.ContainsAny(m.Name, "\r\n\t"):
		return bad("name", "Ett namn har högst 100 tecken, på en rad.", "A name has at most 100 characters, on one line.")
	case len(m.Roles) == 0 || len(m.Roles) > maxRoles || slices.ContainsFunc(m.Roles, func(r order.Role) bool { return !employed(r) }):
		return bad("roles", "Ange en eller flera roller vid myndigheten.", "Give one or more roles at the authority.")
	case len(m.Teams) > maxTeams || slices.ContainsFunc(m.Teams, func(t string) bool { return strings.TrimSpace(t) == "" || len(t) > maxName }):
		return bad("teams", "Ett team har ett namn på högst 100 tecken.", "A team has a name of at most 100 characters.")
	}
	m.Roles, m.Teams = slices.Compact(slices.Sorted(slices.Values(m.Roles))), slices.Compact(slices.Sorted(slices.Values(m.Teams)))
	return a.Staff.PutMember(ctx, m, by, a.Clock())
}

// DropMember removes a member of staff, clearance and teams with them.
func (a *App) DropMember(ctx context.Context, p access.Person, id string) error {
	if err := a.administers(ctx, p, "drop_member"); err != nil {
		return err
	}
	if id == p.ID {
		return ownEntry()
	}
	return a.Staff.RemoveMember(ctx, id, p.Actor(), a.Clock())
}

func (a *App) administers(ctx context.Context, p access.Person, what string) error {
	if a.Staff == nil {
		return ErrNotFound
	}
	if p.Role != access.RoleAdministrator {
		return officeDenied(p.Role, what)
	}
	_, err := a.Known(ctx, p)
	return err
}

// Colleagues returns the staff and their absences from today on: all to the
// administrator, to others themselves and those who share a team with them,
// without who has clearance.
func (a *App) Colleagues(ctx context.Context, p access.Person) ([]Member, []Absence, error) {
	if a.Staff == nil {
		return nil, nil, ErrNotFound
	}
	admin := p.Role == access.RoleAdministrator
	if !admin && !access.Works(p.Role) {
		return nil, nil, officeDenied(p.Role, "list_staff")
	}
	if _, err := a.Known(ctx, p); err != nil {
		return nil, nil, err
	}
	members, err := a.Staff.Members(ctx)
	if err != nil {
		return nil, nil, err
	}
	away, err := a.Staff.Absences(ctx, a.today())
	if err != nil || admin {
		return members, away, err
	}
	var mine []string
	for _, m := range members {
		if m.ID == p.ID {
			mine = m.Teams
		}
	}
	var out []Member
	for _, m := range members {
		if m.ID == p.ID || slices.ContainsFunc(m.Teams, func(t string) bool { return slices.Contains(mine, t) }) {
			m.Cleared = m.Cleared && m.ID == p.ID
			out = append(out, m)
		}
	}
	away = slices.DeleteFunc(away, func(x Absence) bool {
		return x.Person != p.ID && !slices.ContainsFunc(out, func(m Member) bool { return m.ID == x.Person })
	})
	return out, away, nil
}

// SetAbsence notes an absence: the person's own, or, by the administrator,
// anybody's. The substitute stands in the staff table.
func (a *App) SetAbsence(ctx context.Context, p access.Person, x Absence) (Absence, error) {
	if x.Person == "" {
		x.Person = p.ID
	}
	if err := a.mayBeAway(ctx, p, x.Person); err != nil {
		return x, err
	}
	bad := func(column, sv, en string) (Absence, error) {
		return x, fault.New("absence."+column, sv, en).At(fault.Where{Column: column}).Do("Rätta och spara igen.", "Mend it and save again.")
	}
	switch {
	case len(x.Person) > maxName:
		return bad("person", "Ange vem, med högst 100 tecken.", "Say who, with at most 100 characters.")
	case x.First > x.Last || x.Last < a.today():
		return bad("last", "Frånvaron slutar innan den börjar, eller är redan över.", "The absence ends before it begins, or is over already.")
	case int(x.Last-x.First) > longestAbsence:
		return bad("last", "En frånvaro är högst tre år.", "An absence lasts at most three years.")
	case x.Substitute == x.Person:
		return bad("substitute", "Ingen är sin egen ersättare.", "Nobody is their own substitute.")
	}
	if x.Substitute != "" {
		if _, err := a.Staff.Member(ctx, x.Substitute); IsNotFound(err) {
			return bad("substitute", "Ersättaren finns inte bland personalen.", "The substitute is not among the staff.")
		} else if err != nil {
			return x, err
		}
	}
	var err error
	x.ID, err = a.Staff.PutAbsence(ctx, x)
	return x, err
}

// DropAbsence removes an absence; the one who is absent and the administrator
// may.
func (a *App) DropAbsence(ctx context.Context, p access.Person, id int64) error {
	if err := a.mayBeAway(ctx, p, p.ID); err != nil {
		return err
	}
	all, err := a.Staff.Absences(ctx, 0)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(x Absence) bool { return x.ID == id })
	if i < 0 || a.mayBeAway(ctx, p, all[i].Person) != nil {
		return ErrNotFound
	}
	return a.Staff.RemoveAbsence(ctx, id)
}

func (a *App) mayBeAway(ctx context.Context, p access.Person, who string) error {
	if a.Staff == nil {
		return ErrNotFound
	}
	if p.Role == access.RoleAdministrator || access.Works(p.Role) && p.ID == who {
		_, err := a.Known(ctx, p)
		return err
	}
	return officeDenied(p.Role, "set_absence")
}

// StaffNames are the names of those who work here, by id; who has none is left
// out.
func (a *App) StaffNames(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	if a.Staff == nil {
		return out, nil
	}
	members, err := a.Staff.Members(ctx)
	for _, m := range members {
		if m.Name != "" {
			out[m.ID] = m.Name
		}
	}
	return out, err
}
