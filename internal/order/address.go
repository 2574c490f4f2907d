package order

import (
	"slices"
	"strings"

	"sluss/internal/swede"
)

// Where mail of the case goes. The application says it; when a server refuses
// the address, or its holder has another, the authority notes the right one. It
// is where notices are sent and nothing else: who sees the case follows from the
// application and from logins, so that a mistyped address opens it to nobody.

// MailAddress is where somebody's mail goes instead of where the application
// says.
type MailAddress struct{ Of, Email string }

// MailRecipients are those whose address can be corrected. A supplier's stands
// in the authority's list.
var MailRecipients = []string{"orderer", "representative"}

// AddressCorrected: mail to somebody goes to another address from now on.
type AddressCorrected struct {
	Of    string `json:"of"` // orderer or representative
	Email string `json:"email"`
	Why   string `json:"why"` // how the authority knows
}

// Type returns address_corrected.
func (*AddressCorrected) Type() string { return "address_corrected" }

func (ev *AddressCorrected) apply(s State, _ Entry) State {
	s.Addresses = append(slices.DeleteFunc(slices.Clone(s.Addresses), func(x MailAddress) bool { return x.Of == ev.Of }), MailAddress{ev.Of, ev.Email})
	return s
}

// MailTo is where mail to one of [MailRecipients] goes; "" when nobody has said.
func (s State) MailTo(of string) string {
	for _, x := range s.Addresses {
		if x.Of == of {
			return x.Email
		}
	}
	if of == "representative" {
		return s.Application.Principal.Representative.Email
	}
	return s.Application.Orderer.Email
}

// CorrectAddress notes where mail to somebody goes.
type CorrectAddress struct{ Of, Email, Why string }

// Name returns correct_address.
func (CorrectAddress) Name() string { return "correct_address" }

// Roles that may correct it.
func (CorrectAddress) Roles() []Role { return []Role{RoleRegistrar, RoleHandler} }

// Decide refuses somebody who gets no mail, what is no address or the one that
// is used already, and a correction without a reason.
func (c CorrectAddress) Decide(s State, _ Context) ([]Event, error) {
	email, why := strings.TrimSpace(c.Email), strings.TrimSpace(c.Why)
	switch {
	case !slices.Contains(MailRecipients, c.Of):
		return nil, input("address_of", "Ange vem adressen gäller (orderer eller representative).", "Say whose address it is (orderer or representative).")
	case !isAddress(email):
		return nil, input("address", "Skriv e-postadressen som namn@organisation.se, högst 254 tecken.", "Write the address as name@organisation.se, at most 254 characters.")
	case strings.EqualFold(email, s.MailTo(c.Of)):
		return nil, input("address_same", "Adressen är redan den som används.", "The address is the one that is used already.")
	case why == "" || len(why) > 500 || swede.Contains(why):
		return nil, input("address_why", "Skriv hur ni vet det, med högst 500 tecken och utan personnummer.", "Write how you know, with at most 500 characters and no identity number.")
	}
	return []Event{&AddressCorrected{Of: c.Of, Email: email, Why: why}}, nil
}

func (CorrectAddress) endures() bool { return true }

// isAddress reports whether a text can be an address of mail: one @ with
// something on both sides, a dot after it, and nothing that ends a header.
func isAddress(s string) bool {
	name, host, ok := strings.Cut(s, "@")
	return ok && name != "" && len(s) <= 254 && strings.Contains(strings.Trim(host, "."), ".") && !strings.Contains(host, "@") && !strings.ContainsAny(s, " \t\r\n\x00<>,;:\"()[]\\") && !swede.Contains(s)
}
