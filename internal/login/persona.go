package login

import (
	"context"
	"errors"
	"slices"
	"sync"

	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/order"
)

// Persona is a made-up person of a demo, whom one click logs in.
type Persona struct {
	ID    string // of the account, and in the staff table for staff
	Name  string
	Email string // of people from outside
	Staff bool
	Roles []order.Role // the usual one first
}

// PersonasAllowed refuses personas wherever anything but a demo could be meant:
// the counter must be started as a demo, be reached from this machine alone,
// and use a database that was marked as a demo's when it was empty.
func PersonasAllowed(mode Mode, addr, origin string, marked bool) error {
	if mode == Demo && loopback(addr) && loopback(hostOf(origin)) && marked {
		return nil
	}
	return fault.New("login.personas", "Påhittade personer finns bara i en demo, på den egna datorn, med en databas som är märkt som demo.", "Made-up people exist only in a demo, on this machine, with a database that is marked as a demo's.").Of(fault.Gate).
		Do("Starta en demo med sluss demo.", "Start a demo with sluss demo.")
}

// seat gives the personas their accounts, and staff their roles. Without
// personas it does nothing.
func (l *Login) seat(ctx context.Context) error {
	if len(l.Personas) == 0 {
		return nil
	}
	marked, err := l.Accounts.IsDemo(ctx)
	if err != nil {
		return err
	}
	if err := PersonasAllowed(l.Mode, l.Addr, l.Origin, marked); err != nil {
		return err
	}
	for _, p := range l.Personas {
		a := app.Account{ID: p.ID, Kind: app.AccountOutside, Name: p.Name, Email: p.Email}
		if p.Staff {
			a.Kind, a.Staff = app.AccountStaff, p.ID
			if _, err := l.Staff.Member(ctx, p.ID); errors.Is(err, app.ErrNotFound) {
				err = l.Staff.PutMember(ctx, app.Member{ID: p.ID, Name: p.Name, Roles: p.Roles}, order.Actor{ID: Operator, Role: app.RoleOperator}, l.Clock())
				if err != nil {
					return err
				}
			} else if err != nil {
				return err
			}
		}
		if err := l.make(ctx, &a, "persona"); err != nil && !errors.Is(err, app.ErrConflict) {
			return err
		}
	}
	return nil
}

// EnterPersona logs a persona in.
func (l *Login) EnterPersona(ctx context.Context, id, old string) (Entered, error) {
	i := slices.IndexFunc(l.Personas, func(p Persona) bool { return p.ID == id })
	if i < 0 {
		return Entered{}, app.ErrNotFound
	}
	a, err := l.Accounts.Account(ctx, id)
	if err != nil {
		return Entered{}, err
	}
	p := proof{method: "persona", level: app.AssuranceKey, at: l.Clock()}
	if roles := l.Personas[i].Roles; len(roles) > 0 {
		p.role = roles[0]
	}
	return l.enter(ctx, old, a, p)
}

// Letter is a letter of a demo.
type Letter struct{ To, Subject, Text string }

// Outbox is the Mailer of a demo: it keeps the latest letters to be looked at,
// in memory.
type Outbox struct {
	mu      sync.Mutex
	letters []Letter
}

// maxLetters is how many letters an Outbox keeps.
const maxLetters = 50

// Send keeps the letter.
func (o *Outbox) Send(_ context.Context, to, subject, text string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.letters = append(o.letters, Letter{to, subject, text})
	if n := len(o.letters); n > maxLetters {
		o.letters = o.letters[n-maxLetters:]
	}
	return nil
}

// Letters returns the letters of a demo, latest first; there are none anywhere
// else.
func (l *Login) Letters() (letters []Letter, demo bool) {
	if l.outbox == nil {
		return nil, false
	}
	l.outbox.mu.Lock()
	defer l.outbox.mu.Unlock()
	letters = slices.Clone(l.outbox.letters)
	slices.Reverse(letters)
	return letters, true
}
