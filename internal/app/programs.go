package app

import (
	"context"
	"strings"
	"time"

	"sluss/internal/access"
	"sluss/internal/canon"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/quote"
)

// Token lets a program act as a person in one role, within its scopes, until
// it expires. The secret itself is kept nowhere: only its hash is.
type Token struct {
	ID      string // to name it by; no secret
	Person  access.Person
	Scopes  []string
	Created time.Time
	Expires time.Time
}

// SSHKeyID begins the ids of tokens that are no secrets but SSH keys, with which
// parcels are fetched over SFTP. Nobody gets in with one in another way.
const SSHKeyID = "ssh-"

// IsSSHKey reports whether the token is an SSH key.
func (t Token) IsSSHKey() bool { return strings.HasPrefix(t.ID, SSHKeyID) }

// CaseScope begins the scope that ties a token to one case.
const CaseScope = "case:"

// Case is the only case that the token is for, "" for all of its person's.
func (t Token) Case() string { return OnlyCase(t.Scopes) }

// OnlyCase is the case that scopes are tied to, "" when they are to none.
func OnlyCase(scopes []string) string {
	for _, s := range scopes {
		if id, ok := strings.CutPrefix(s, CaseScope); ok {
			return id
		}
	}
	return ""
}

// Tokens keeps tokens by the hash of their secret.
type Tokens interface {
	// PutToken stores a new token.
	PutToken(ctx context.Context, hash canon.Hash, t Token) error
	// Token returns the token whose secret has the hash, expired or not;
	// ErrNotFound when there is none.
	Token(ctx context.Context, hash canon.Hash) (Token, error)
	// ListTokens returns all tokens, newest first.
	ListTokens(ctx context.Context) ([]Token, error)
	// RevokeToken removes a token by its id; ErrNotFound when there is none.
	RevokeToken(ctx context.Context, id string) error
}

// Answer is what a request with a key was answered. Status 0: the first
// request with the key has not been answered (yet).
type Answer struct {
	Request canon.Hash // of what was asked
	Status  int
	Headers map[string]string
	Body    []byte
}

// Answers keeps the answers to requests that carry a key of their sender's, so
// that a request that is sent twice is carried out once.
type Answers interface {
	// Claim takes the key for a request. When it is taken already, claimed is
	// false and the answer is that of the request that took it. Keys are the
	// asker's own, and forgotten when they are older than keep.
	Claim(ctx context.Context, asker, key string, request canon.Hash, now time.Time, keep time.Duration) (earlier Answer, claimed bool, err error)
	// Answered stores the answer to a claimed key.
	Answered(ctx context.Context, asker, key string, a Answer) error
	// Unclaim gives a key back: its request changed nothing and can be sent
	// again.
	Unclaim(ctx context.Context, asker, key string) error
}

// Cursor is a place in the list of cases; zero is its beginning.
type Cursor struct {
	Changed time.Time
	ID      string
}

// Lists finds cases without reading each one.
type Lists interface {
	// Page returns at most limit cases that the viewer may know of, after the
	// cursor, latest change first.
	Page(ctx context.Context, v Viewer, after Cursor, limit int) ([]Summary, error)
	// WorkList returns at most limit open cases that the filter lets through,
	// after the cursor; a filter by number finds closed ones too.
	WorkList(ctx context.Context, f WorkFilter, after WorkCursor, limit int) ([]Summary, error)
	// Tied returns the numbers of the cases to which one of the keys (of
	// access.Keys) has ever been tied, newest number first. The caller asks
	// access.Relate whether it still is.
	Tied(ctx context.Context, keys []string) ([]string, error)
}

// Entries returns the log of an order; ErrNotFound for an unknown one.
func (a *App) Entries(ctx context.Context, id string) ([]order.Entry, error) {
	return a.Log.Load(ctx, id)
}

// Problems returns everything that keeps an application from being complete
// today. What has been measured is left out where it cannot be read: the command
// that follows will say so.
func (a *App) Problems(ctx context.Context, app intake.Application) []intake.Problem {
	on := a.context(order.Actor{}, a.Clock()).Day()
	measured, _ := a.measured(ctx)
	return append(intake.HandInProblems(app, on), measured.Problems(app, on, a.Catalogue)...)
}

// SwitchedOff reports whether the authority has switched a command off for a
// role in a phase.
func (a *App) SwitchedOff(command string, role order.Role, phase order.Phase) bool {
	return a.Authority.SwitchedOff(command, role, phase)
}

// DoAt carries out a command on an order that stands at a version; the caller
// has looked at it there. It returns ErrConflict when the order has moved on,
// and otherwise what [App.Do] does.
func (a *App) DoAt(ctx context.Context, by order.Actor, id string, version int, cmd order.Command) (order.State, error) {
	s, err := a.State(ctx, id)
	if err != nil {
		return s, err
	}
	if s.Version != version {
		return s, ErrConflict
	}
	if err := a.vet(ctx, by, s, cmd); err != nil {
		return s, err
	}
	now := a.Clock()
	c, err := a.rules(ctx, by, s, cmd, now)
	if err != nil {
		return s, err
	}
	events, err := order.Decide(s, cmd, c)
	if err != nil || len(events) == 0 {
		return s, err
	}
	return a.store(ctx, s, by, now, events)
}

// PrepareDecision writes the decision that follows from a draft, and its
// quote, for the actor to sign today.
func (a *App) PrepareDecision(ctx context.Context, by order.Actor, s order.State, draft order.DecisionDraft) (order.Decision, *quote.Quote, error) {
	c := a.context(by, a.Clock())
	var err error
	if c.Measured, err = a.measured(ctx); err != nil {
		return order.Decision{}, nil, err
	}
	return order.PrepareDecision(s, c, draft)
}
