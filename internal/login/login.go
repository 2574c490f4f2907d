// Package login keeps who is logged in to the pages, and the ways in: one-time
// links, passkeys, an identity provider (OpenID Connect) and, in a demo, made-up
// people at one click.
//
//	l, err := login.New(login.Options{
//		Accounts: db, Staff: db, Authority: authority, Origin: "https://sluss.example.se",
//		Mode: login.Production, Clock: time.Now, Key: key, Mailer: mailer, Log: log,
//	})
//	…
//	visits := l.Visits() // for pages: who holds a cookie's secret
//	go l.Run(ctx)        // sweeps what has run out
//
// Every way in ends in one function, enter: it draws a new secret of 256 bits,
// stores its SHA-256 and ends the visit that the browser had, in one
// transaction with the entry in the log of orders. No secret is ever accepted
// that was not drawn there, so none can be planted, and a visit that was ended
// is gone from the database and cannot come back.
//
// How sure the counter is of who it is ([app.Assurance]) follows from the way
// in, is stored with the visit and with everything that is done in it, and is
// never surer than the proof on which it rests: a passkey that somebody added
// after a link alone gives level 2, one that was added on an invitation from
// the authority, or after a login of level 3, gives level 3.
//
// An address stands in the table of accounts and nowhere else: not in a log,
// an error or a count. Counts hold keyed hashes.
//
// Sources: reference/pseudonym.md section 5 (threat 20); W3C, Web
// Authentication Level 3; OpenID Connect Core 1.0; RFC 7636 (PKCE); RFC 6265bis
// (the prefix __Host-).
package login

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/order"
)

// Mode says whether the counter is in use or shows a demo.
type Mode string

// Modes.
const (
	Production Mode = "production"
	Demo       Mode = "demo"
)

// Mailer sends a letter. What it is given stands in no log.
type Mailer interface {
	Send(ctx context.Context, to, subject, text string) error
}

// Options are what a Login is made from.
type Options struct {
	Accounts app.Accounts
	// Staff says which roles the members of staff have.
	Staff app.Staff
	// Authority says which suppliers deliver population files.
	Authority *order.Authority
	// Origin is how browsers reach the counter: https://sluss.example.se.
	// Passkeys belong to its host. Plain http is for a demo on this machine.
	Origin string
	Mode   Mode
	// Addr is the address listened on; personas need one of this machine's own.
	Addr  string
	Clock func() time.Time
	// Random is where secrets come from; nil = crypto/rand.
	Random io.Reader
	// Key makes the keyed hashes of addresses; at least 32 bytes, kept secret.
	Key []byte
	// Mailer sends the links; nil = in production nobody logs in by link, in a
	// demo letters are kept for [Login.Letters].
	Mailer Mailer
	// StaffLinks lets staff in by a link to their address; else only people from
	// outside get one, and staff come by passkey or identity provider.
	StaffLinks bool
	// Provider is the identity provider; nil = there is none.
	Provider *Provider
	// Personas are the made-up people of a demo; see [Persona].
	Personas []Persona
	// Proxies are whose X-Forwarded-For is believed.
	Proxies []netip.Prefix
	// How long a visit lasts without a page being asked for (0 = 30 minutes for
	// staff, 12 hours for others), and at most (0 = 12 hours).
	IdleStaff, IdleOutside, Longest time.Duration
	Log                             *slog.Logger
}

// Login keeps who is logged in. Safe for concurrent use; several programs that
// share a database share visits and limits.
type Login struct {
	Options
	secure   bool // cookies travel over https only
	passkeys *webauthn.WebAuthn
	provider *provider
	outbox   *Outbox
}

// Times of what runs out.
const (
	linkFor     = 15 * time.Minute
	inviteFor   = 72 * time.Hour
	ceremonyFor = 5 * time.Minute
)

// New makes a Login; it refuses what would be unsafe.
func New(o Options) (*Login, error) {
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.IdleStaff == 0 {
		o.IdleStaff = 30 * time.Minute
	}
	if o.IdleOutside == 0 {
		o.IdleOutside = 12 * time.Hour
	}
	if o.Longest == 0 {
		o.Longest = 12 * time.Hour
	}
	if o.Accounts == nil || o.Staff == nil || o.Authority == nil || o.Clock == nil || o.Log == nil || len(o.Key) < 32 {
		return nil, errors.New("login: accounts, staff, authority, clock, log and a key of 32 bytes are needed")
	}
	u, err := url.Parse(o.Origin)
	if err != nil || u.Host == "" || u.Path != "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, setting("origin", "Ange hur webbläsare når disken, som https://sluss.example.se.", "Say how browsers reach the counter, as https://sluss.example.se.")
	}
	if u.Scheme == "http" && (o.Mode != Demo || !loopback(u.Host)) {
		return nil, setting("origin", "Utan https kan ingen logga in; bara en demo på den egna datorn går utan.", "Nobody can log in without https; only a demo on this machine goes without.")
	}
	if net.ParseIP(u.Hostname()) != nil {
		return nil, setting("origin", "Ange värdens namn, inte dess nummer: passernycklar hör till ett namn.", "Give the host's name, not its number: passkeys belong to a name.")
	}
	l := &Login{Options: o, secure: u.Scheme == "https"}
	if l.Mailer == nil && o.Mode == Demo {
		l.outbox = &Outbox{}
		l.Mailer = l.outbox
	}
	l.passkeys, err = webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "Sluss", RPOrigins: []string{o.Origin}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("login: %w", err)
	}
	if l.provider, err = o.Provider.ready(); err != nil {
		return nil, err
	}
	return l, l.seat(context.Background())
}

func setting(field, sv, en string) *fault.Fault {
	return fault.New("login."+field, sv, en).At(fault.Where{Column: field}).Do("docs/login.md visar varje inställning.", "docs/login.md shows every setting.")
}

// loopback reports whether only this machine reaches the address.
func loopback(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Host
}

// Visits returns who is logged in, for the pages.
func (l *Login) Visits() app.Visits { return l }

// HasLinks and HasProvider say which ways in there are besides passkeys.
func (l *Login) HasLinks() bool { return l.Mailer != nil }

// HasProvider reports whether there is an identity provider.
func (l *Login) HasProvider() bool { return l.provider != nil }

// secret draws a secret of 256 bits.
func (l *Login) secret() (string, error) {
	b, err := l.draw(32)
	return base64.RawURLEncoding.EncodeToString(b), err
}

func (l *Login) draw(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(l.Random, b); err != nil {
		return nil, fmt.Errorf("draw a secret: %w", err)
	}
	return b, nil
}

// id draws a name that means nothing.
func (l *Login) id() (string, error) {
	b, err := l.draw(10)
	return hex.EncodeToString(b), err
}

func hashOf(secret string) canon.Hash { return canon.Sum([]byte(secret)) }

// keyed is a hash that nobody without the key can guess back.
func (l *Login) keyed(kind, value string) string {
	m := hmac.New(sha256.New, l.Key)
	m.Write([]byte(kind + "\x00" + value))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// Run sweeps what has run out, every ten minutes, until ctx ends.
func (l *Login) Run(ctx context.Context) {
	t := time.NewTicker(10 * time.Minute)
	defer t.Stop()
	for {
		if err := l.Sweep(ctx); err != nil && ctx.Err() == nil {
			l.Log.ErrorContext(ctx, "sweep logins", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Sweep removes what has run out.
func (l *Login) Sweep(ctx context.Context) error {
	now := l.Clock()
	return l.Accounts.SweepLogin(ctx, now, now.Add(-2*time.Hour))
}
