package app

import (
	"context"
	"time"

	"sluss/internal/access"
	"sluss/internal/order"
)

// Assurance is how sure the counter is of who somebody is, stored with every
// act. The numbers are those of Swedish tillitsnivåer (Myndigheten för digital
// förvaltning, Tillitsramverk för Svensk e-legitimation): 2, 3 and 4; 1 is
// whoever reads the mail of an address.
type Assurance int

// Levels of assurance.
const (
	AssuranceNone Assurance = 0 // a program with a token, or nobody
	AssuranceMail Assurance = 1 // a link sent to an address
	AssuranceLow  Assurance = 2
	AssuranceKey  Assurance = 3 // a passkey whose holder was verified, or an e-legitimation of level 3
	AssuranceHigh Assurance = 4
)

// Visitor is somebody who has logged in to the pages.
type Visitor struct {
	// Session names the visit; it is no secret and opens nothing.
	Session string
	// Person is who it is, in the role that is in use now.
	Person access.Person
	// Name is how the pages greet the person.
	Name string
	// Roles are those that the person may act in, the one in use among them.
	Roles     []order.Role
	Method    string // "passkey", "link", "invite", "oidc", "persona"
	Assurance Assurance
	// Since is when the person last proved who it is: acts that need a fresh
	// login ask for it again.
	Since   time.Time
	Expires time.Time
}

// FreshFor is how long a proof of who somebody is counts as fresh.
const FreshFor = 10 * time.Minute

// Fresh reports whether the visitor proved who it is a short while ago. Pages
// ask for another login before a decision, a release or a purge when not.
func (v Visitor) Fresh(now time.Time) bool {
	return !v.Since.After(now) && now.Sub(v.Since) <= FreshFor
}

// Visits keeps who is logged in to the pages. A secret is what the browser's
// cookie holds; only its hash is stored.
type Visits interface {
	// Visitor returns who holds the secret; ErrNotFound when nobody does, or not
	// any more.
	Visitor(ctx context.Context, secret string) (Visitor, error)
	// TakeRole lets the visitor act in another of its roles. The visit gets a
	// new secret, for the browser's cookie; the old one counts no more.
	TakeRole(ctx context.Context, secret string, role order.Role) (renewed string, err error)
	// Leave ends the visit.
	Leave(ctx context.Context, secret string) error
}
