package app

import (
	"context"
	"time"

	"sluss/internal/canon"
	"sluss/internal/order"
)

// AccountKind says whose account it is.
type AccountKind string

// Kinds of accounts.
const (
	AccountOutside AccountKind = "outside" // whoever reads the mail of an address
	AccountStaff   AccountKind = "staff"   // a member of staff
)

// Account is somebody who can log in to the pages. What the person may do is
// not here: staff have their roles from [Staff], people outside their cases.
type Account struct {
	ID      string // drawn; means nothing and is what the log names
	Kind    AccountKind
	Name    string
	Email   string // lower case; "" = none. Never in a log.
	Staff   string // the id in the staff table; "" for people outside
	Created time.Time
}

// StoredVisit is a visit as it is kept; its secret is not.
type StoredVisit struct {
	ID        string
	Account   string
	Role      order.Role
	Method    string
	Assurance Assurance
	Proved    time.Time // when the person last proved who it is
	Seen      time.Time // when a page was last asked for, to within a minute
	Expires   time.Time // at the latest
}

// LoginLink is a one-time link to an address, or an invitation to an account.
type LoginLink struct {
	Email   string     // the account is that of the address
	Account string     // or this one, which was invited
	Browser canon.Hash // of the secret of the browser that asked; "" = none did
	Code    canon.Hash // of the code that is asked for in another browser
	Tries   int        // at the code
	Expires time.Time
}

// Passkey is a public key that a person logs in with.
type Passkey struct {
	ID        string // of the credential, base64url
	Account   string
	Name      string
	Data      string    // the credential record, JSON
	Assurance Assurance // how sure a login with it is: no surer than its first day
	Blocked   bool      // its counter went backwards: there are two of it
	Created   time.Time
	Used      time.Time // zero = never
}

// Ceremony is what a login that takes two requests needs for the second.
type Ceremony struct {
	Kind    string
	Account string // whose, when somebody is logged in already
	Data    string
	Expires time.Time
}

// LoginAct is what the log keeps of a login, or of a login that failed: no
// address and no secret.
type LoginAct struct {
	At        time.Time  `json:"-"`
	Account   string     `json:"-"` // who acts; "" = nobody who is known
	Role      order.Role `json:"-"`
	Assurance Assurance  `json:"-"`
	// What: login, logout, role, failed, account, account_removed, passkey,
	// passkey_removed, invited, ended (all visits).
	What   string `json:"what"`
	Method string `json:"method,omitempty"`
	Code   string `json:"code,omitempty"` // of the fault, when it failed
	Who    string `json:"who,omitempty"`  // keyed hash of an address that has no account
	On     string `json:"on,omitempty"`   // the account or passkey that was acted on
}

// Accounts keeps who can log in, and who is logged in. Secrets are given as
// their SHA-256. What takes a LoginAct writes it to the log of orders in the
// same transaction.
type Accounts interface {
	// PutAccount stores a new account; ErrConflict when its address or member
	// of staff has one.
	PutAccount(ctx context.Context, a Account, act LoginAct) error
	// Account, AccountByEmail and AccountByStaff return one; ErrNotFound.
	Account(ctx context.Context, id string) (Account, error)
	AccountByEmail(ctx context.Context, email string) (Account, error)
	AccountByStaff(ctx context.Context, staff string) (Account, error)
	// ListAccounts returns all, oldest first.
	ListAccounts(ctx context.Context) ([]Account, error)
	// RemoveAccount removes an account with its visits, passkeys, links and
	// ceremonies.
	RemoveAccount(ctx context.Context, id string, act LoginAct) error

	// Enter begins a visit. When it replaces one (old is not ""), that one must
	// still be there (else ErrNotFound) and is gone afterwards.
	Enter(ctx context.Context, old, hash canon.Hash, v StoredVisit, act LoginAct) error
	// Visit returns a visit and its account; ErrNotFound.
	Visit(ctx context.Context, hash canon.Hash) (StoredVisit, Account, error)
	// Saw notes that a page was asked for. A visit that has ended stays ended.
	Saw(ctx context.Context, hash canon.Hash, at time.Time) error
	// Leave ends a visit; ErrNotFound when it had ended.
	Leave(ctx context.Context, hash canon.Hash, act LoginAct) error
	// LeaveAll ends all visits of an account but one ("" = all) and says how
	// many.
	LeaveAll(ctx context.Context, account string, but canon.Hash, act LoginAct) (int, error)

	// PutLink stores a new link; Link returns one that has not run out.
	PutLink(ctx context.Context, hash canon.Hash, l LoginLink) error
	Link(ctx context.Context, hash canon.Hash, now time.Time) (LoginLink, error)
	// TryLink counts a try at the code and returns the link with the count.
	TryLink(ctx context.Context, hash canon.Hash, now time.Time) (LoginLink, error)
	// TakeLink returns a link that has not run out and removes it: of two who
	// take it at once, one gets it, the other ErrNotFound.
	TakeLink(ctx context.Context, hash canon.Hash, now time.Time) (LoginLink, error)

	// PutPasskey stores a new passkey; ErrConflict when somebody has it.
	PutPasskey(ctx context.Context, p Passkey, act LoginAct) error
	// Passkey returns one by the credential's id; ErrNotFound.
	Passkey(ctx context.Context, id string) (Passkey, error)
	// Passkeys returns those of an account, oldest first.
	Passkeys(ctx context.Context, account string) ([]Passkey, error)
	// UsedPasskey stores data, block and use of p where its data are still was;
	// ErrConflict when they are not.
	UsedPasskey(ctx context.Context, p Passkey, was string) error
	// RemovePasskey removes one of an account's; ErrNotFound.
	RemovePasskey(ctx context.Context, account, id string, act LoginAct) error

	// PutCeremony stores a ceremony; TakeCeremony returns one of the kind that
	// has not run out and removes it, once.
	PutCeremony(ctx context.Context, hash canon.Hash, c Ceremony) error
	TakeCeremony(ctx context.Context, hash canon.Hash, kind string, now time.Time) (Ceremony, error)

	// Count adds one to who's count in the window that began, and returns it.
	Count(ctx context.Context, who string, began time.Time) (int, error)
	// NoteLogin writes to the log what changes nothing else.
	NoteLogin(ctx context.Context, act LoginAct) error
	// SweepLogin removes what has run out: visits, links, ceremonies, and counts
	// that began before a time.
	SweepLogin(ctx context.Context, now, counts time.Time) error

	// MarkDemo marks an empty database as one of a demo; ErrConflict when there
	// is anything in it. IsDemo reports whether it is marked.
	MarkDemo(ctx context.Context) error
	IsDemo(ctx context.Context) (bool, error)
}
