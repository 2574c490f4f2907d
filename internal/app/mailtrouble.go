package app

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"sluss/internal/access"
	"sluss/internal/fault"
	"sluss/internal/notice"
	"sluss/internal/order"
)

// Mail that did not arrive is somebody's work: the registrar sends it again or
// corrects the address in the case; the administrator sees that the server is
// the trouble, and no case.

// mostTrouble is how many are listed.
const mostTrouble = 100

// mailChanges is the kind of the changes of mail by hand.
const mailChanges = "mail"

// MailInTrouble lists mail that was refused, given up or waits after an attempt
// that failed. The registrar sees that of the cases that exist to the person,
// the administrator all of it without the cases' numbers. more: there may be
// others behind.
func (a *App) MailInTrouble(ctx context.Context, p access.Person) (out []Mail, more bool, err error) {
	if a.Outbox == nil {
		return nil, false, nil
	}
	if p.Role != access.RoleAdministrator && p.Role != order.RoleRegistrar {
		return nil, false, officeDenied(p.Role, "list_mail_in_trouble")
	}
	if p, err = a.Known(ctx, p); err != nil {
		return nil, false, err
	}
	all, err := a.Outbox.MailInTrouble(ctx, mostTrouble)
	exists := map[string]bool{}
	for _, m := range all {
		m.Address = ""
		if p.Role == access.RoleAdministrator {
			m.Case = ""
			out = append(out, m)
			continue
		}
		known, asked := exists[m.Case]
		if !asked {
			entries, err := a.Log.Load(ctx, m.Case)
			if err != nil && !errors.Is(err, ErrNotFound) {
				return nil, false, err
			}
			known = access.Relate(p, entries) != access.None
			exists[m.Case] = known
		}
		if known {
			out = append(out, m)
		}
	}
	return out, len(all) == mostTrouble, err
}

// SendMailAgain puts mail that did not arrive back to be sent now, to where the
// case says that its reader is reached today. It is noted in the log, with who
// asked. The registrar, the case's handler and the administrator may.
func (a *App) SendMailAgain(ctx context.Context, p access.Person, id int64) error {
	if a.Outbox == nil {
		return ErrNotFound
	}
	if p.Role != access.RoleAdministrator && p.Role != order.RoleRegistrar && p.Role != order.RoleHandler {
		return officeDenied(p.Role, "send_mail_again")
	}
	p, err := a.Known(ctx, p)
	if err != nil {
		return err
	}
	m, err := a.Outbox.Mail(ctx, id)
	if err != nil {
		return err
	}
	entries, err := a.Log.Load(ctx, m.Case)
	if err != nil {
		return err
	}
	if p.Role != access.RoleAdministrator && access.Relate(p, entries) == access.None {
		return ErrNotFound
	}
	to := notice.Address(order.Fold(m.Case, entries), notice.Audience(m.Audience), a.Authority.Officer)
	if to == "" {
		return fault.New("mail.no_address", "Det finns ingen adress att skicka till.", "There is no address to send to.").
			Do("Skriv adressen i ärendet först.", "Write the address in the case first.")
	}
	err = a.Outbox.ResendMail(ctx, id, to, a.Clock())
	if errors.Is(err, ErrNotFound) {
		return fault.New("mail.settled", "Mejlet har redan gått, eller väntar på sin tur.", "The mail has gone already, or waits for its turn.").Do("Ladda om sidan.", "Reload the page.")
	}
	if err != nil || a.Settings == nil {
		return err
	}
	doc, err := json.Marshal(map[string]string{"mail": strconv.FormatInt(id, 10), "case": m.Case, "event": m.Event, "audience": m.Audience})
	if err != nil {
		return err
	}
	return a.noteChange(ctx, mailChanges, p.Actor(), doc)
}

// noteChange notes a change of a kind whose number does not matter.
func (a *App) noteChange(ctx context.Context, kind string, by order.Actor, doc json.RawMessage) error {
	last := 0
	for range attempts {
		all, err := a.Settings.Changes(ctx, kind, last)
		if err != nil {
			return err
		}
		last += len(all)
		if err := a.Settings.Change(ctx, kind, Change{No: last + 1, By: by, At: a.Clock(), Doc: doc}); !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return ErrConflict
}
