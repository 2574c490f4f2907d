package login

import (
	"context"
	"errors"
	"strings"

	"sluss/internal/app"
	"sluss/internal/fault"
)

// Operator is how the log names who manages accounts at the command line.
const Operator = "operator"

// AddStaff makes the account of a member of staff; email may be "".
func (l *Login) AddStaff(ctx context.Context, staff, name, email string) (app.Account, error) {
	a := app.Account{Kind: app.AccountStaff, Name: strings.TrimSpace(name), Staff: strings.TrimSpace(staff)}
	if a.Staff == "" || len(a.Staff) > 100 || len(a.Name) > 100 || strings.ContainsAny(a.Staff+a.Name, "\n\x00") {
		return a, fault.New("login.staff", "Ange vem i personalregistret, och namnet, med högst 100 tecken.", "Say who of the staff table, and the name, with at most 100 characters.").At(fault.Where{Column: "staff"}).Do("Se sluss account add --help.", "See sluss account add --help.")
	}
	if email != "" {
		var err error
		if a.Email, err = address(email); err != nil {
			return a, err
		}
	}
	err := l.make(ctx, &a, Operator)
	if errors.Is(err, app.ErrConflict) {
		return a, fault.New("login.taken", "Personen eller adressen har redan ett konto.", "The person or the address has an account already.").Do("Se sluss account list.", "See sluss account list.")
	}
	return a, err
}

// Invitation lets somebody into an account that the authority has made, once
// and for three days, to add a passkey. Link and code go by different roads.
type Invitation struct{ Link, Code string }

// Invite makes an invitation to an account.
func (l *Login) Invite(ctx context.Context, account string) (Invitation, error) {
	a, err := l.Accounts.Account(ctx, account)
	if err != nil {
		return Invitation{}, err
	}
	if a.Kind != app.AccountStaff {
		return Invitation{}, fault.New("login.invite", "Bara personal bjuds in; andra loggar in med länk.", "Only staff are invited; others log in with a link.").Do("Be personen logga in med sin adress.", "Ask the person to log in with their address.")
	}
	secret, code, err := l.putLink(ctx, app.LoginLink{Account: a.ID, Expires: l.Clock().Add(inviteFor)})
	if err != nil {
		return Invitation{}, err
	}
	err = l.Accounts.NoteLogin(ctx, app.LoginAct{At: l.Clock(), Account: Operator, What: "invited", On: a.ID})
	return Invitation{l.linkAddress(secret, "sv", "/logins"), code}, err
}

// RemoveAccount removes an account with its visits and passkeys.
func (l *Login) RemoveAccount(ctx context.Context, account string) error {
	return l.Accounts.RemoveAccount(ctx, account, app.LoginAct{At: l.Clock(), Account: Operator, What: "account_removed", On: account})
}
