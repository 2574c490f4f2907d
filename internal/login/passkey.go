package login

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"sluss/internal/app"
	"sluss/internal/fault"
)

// Kinds of ceremonies.
const (
	ceremonyEnter    = "passkey"
	ceremonyAdd      = "passkey_add"
	ceremonyProvider = "oidc"
)

// maxPasskeys is how many passkeys an account may have.
const maxPasskeys = 10

// holder is an account as the WebAuthn library asks for it.
type holder struct {
	app.Account
	credentials []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return []byte(h.ID) }
func (h holder) WebAuthnName() string                       { return h.shown() }
func (h holder) WebAuthnDisplayName() string                { return h.shown() }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.credentials }

func (h holder) shown() string {
	switch {
	case h.Name != "":
		return h.Name
	case h.Email != "":
		return h.Email
	}
	return h.ID
}

var (
	errPasskey  = refuse("passkey", "Passernyckeln gick inte att logga in med.", "The passkey could not be logged in with.").Do("Försök igen, eller logga in på ett annat sätt.", "Try again, or log in in another way.")
	errCloned   = refuse("cloned", "Passernyckeln verkar finnas i två exemplar och är spärrad.", "There seem to be two of the passkey, and it is blocked.").Do("Logga in på ett annat sätt, ta bort den och lägg till en ny.", "Log in in another way, remove it and add a new one.")
	errCeremony = refuse("ceremony", "Inloggningen tog för lång tid eller är redan använd.", "The login took too long, or has been used.").Do("Börja om.", "Begin again.")
	errFresh    = refuse("fresh", "Det var för länge sedan du loggade in för att ändra dina inloggningar.", "You logged in too long ago to change your logins.").Do("Logga in igen.", "Log in again.")
)

// ceremony stores what the second request needs, and returns the secret of the
// cookie that the browser must bring back.
func (l *Login) ceremony(ctx context.Context, kind, account string, data any) (string, error) {
	raw, err := json.Marshal(data)
	if err != nil {
		return "", err
	}
	secret, err := l.secret()
	if err != nil {
		return "", err
	}
	return secret, l.Accounts.PutCeremony(ctx, hashOf(secret), app.Ceremony{Kind: kind, Account: account, Data: string(raw), Expires: l.Clock().Add(ceremonyFor)})
}

// resume takes a ceremony, once.
func (l *Login) resume(ctx context.Context, secret, kind string, data any) (app.Ceremony, error) {
	c, err := l.Accounts.TakeCeremony(ctx, hashOf(secret), kind, l.Clock())
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal([]byte(c.Data), data)
}

// challenge stores the challenge of a WebAuthn ceremony. When it runs out is ours
// to say, by the clock that was given.
func (l *Login) challenge(ctx context.Context, kind, account string, s *webauthn.SessionData) (string, error) {
	s.Expires = time.Time{}
	return l.ceremony(ctx, kind, account, s)
}

// BeginPasskey begins a login with a passkey: options for the browser's
// navigator.credentials.get, as JSON, and the ceremony's secret.
func (l *Login) BeginPasskey(ctx context.Context, network string) (options any, ceremony string, err error) {
	if err := l.count(ctx, triesFromNetwork, network); err != nil {
		return nil, "", err
	}
	assertion, session, err := l.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, "", fmt.Errorf("begin a login: %w", err)
	}
	ceremony, err = l.challenge(ctx, ceremonyEnter, "", session)
	return assertion, ceremony, err
}

// PasskeyUse is the browser's answer.
type PasskeyUse struct {
	Ceremony, Old, Network string
	Answer                 []byte // JSON of the PublicKeyCredential
}

// FinishPasskey logs in with the browser's answer: an assertion over our
// challenge, from our own page, by a key of the account that it names, whose
// holder was verified.
func (l *Login) FinishPasskey(ctx context.Context, u PasskeyUse) (Entered, error) {
	if err := l.count(ctx, triesFromNetwork, u.Network); err != nil {
		return Entered{}, err
	}
	var session webauthn.SessionData
	if _, err := l.resume(ctx, u.Ceremony, ceremonyEnter, &session); err != nil {
		if errors.Is(err, app.ErrNotFound) {
			err = l.failed(ctx, errCeremony, app.LoginAct{Method: "passkey"})
		}
		return Entered{}, err
	}
	answer, err := protocol.ParseCredentialRequestResponseBytes(u.Answer)
	if err != nil {
		return Entered{}, l.failed(ctx, errPasskey, app.LoginAct{Method: "passkey"})
	}
	var was app.Passkey
	var broken error // of the database: no fault of the visitor's
	find := func(raw, handle []byte) (webauthn.User, error) {
		var h holder
		h, was, broken = l.keyHolder(ctx, raw, string(handle))
		if broken != nil || was.ID == "" {
			return nil, errors.Join(broken, errPasskey)
		}
		return h, nil
	}
	user, credential, err := l.passkeys.ValidatePasskeyLogin(find, session, answer)
	switch {
	case broken != nil:
		return Entered{}, broken
	case err != nil || !credential.Flags.UserVerified:
		return Entered{}, l.failed(ctx, errPasskey, app.LoginAct{Method: "passkey", Account: was.Account, On: was.ID})
	case credential.Authenticator.CloneWarning:
		return Entered{}, l.block(ctx, was)
	}
	now := was
	raw, err := json.Marshal(credential)
	if err != nil {
		return Entered{}, err
	}
	now.Data, now.Used = string(raw), l.Clock()
	if err := l.Accounts.UsedPasskey(ctx, now, was.Data); err != nil {
		if errors.Is(err, app.ErrConflict) { // used twice at once
			err = l.failed(ctx, errPasskey, app.LoginAct{Method: "passkey", Account: was.Account, On: was.ID})
		}
		return Entered{}, err
	}
	return l.enter(ctx, u.Old, user.(holder).Account, proof{method: "passkey", level: was.Assurance, at: l.Clock(), on: was.ID})
}

// keyHolder returns the account whose key it is, when the handle names it; an
// empty Passkey when there is none.
func (l *Login) keyHolder(ctx context.Context, raw []byte, handle string) (holder, app.Passkey, error) {
	p, err := l.Accounts.Passkey(ctx, base64.RawURLEncoding.EncodeToString(raw))
	if errors.Is(err, app.ErrNotFound) || err == nil && (p.Account != handle || p.Blocked) {
		return holder{}, app.Passkey{}, nil
	}
	if err != nil {
		return holder{}, app.Passkey{}, err
	}
	a, err := l.Accounts.Account(ctx, p.Account)
	if err != nil {
		return holder{}, app.Passkey{}, err
	}
	var c webauthn.Credential
	if err := json.Unmarshal([]byte(p.Data), &c); err != nil {
		return holder{}, app.Passkey{}, fmt.Errorf("stored passkey: %w", err)
	}
	return holder{a, []webauthn.Credential{c}}, p, nil
}

// block blocks a passkey whose counter went backwards, and ends all visits of
// its account: one of those who hold it is not the person.
func (l *Login) block(ctx context.Context, p app.Passkey) error {
	was := p.Data
	p.Blocked = true
	if err := l.Accounts.UsedPasskey(ctx, p, was); err != nil && !errors.Is(err, app.ErrConflict) {
		return err
	}
	if _, err := l.Accounts.LeaveAll(ctx, p.Account, "", app.LoginAct{At: l.Clock(), What: "ended", Code: errCloned.Code, On: p.Account}); err != nil {
		return err
	}
	return l.failed(ctx, errCloned, app.LoginAct{Method: "passkey", Account: p.Account, On: p.ID})
}

// mine is a visitor who may change their logins: somebody who has just logged
// in.
func (l *Login) mine(ctx context.Context, secret string) (app.StoredVisit, app.Account, error) {
	v, a, _, err := l.visit(ctx, secret)
	if err == nil && !(app.Visitor{Since: v.Proved}).Fresh(l.Clock()) {
		err = errFresh
	}
	return v, a, err
}

// Passkeys returns the visitor's own, oldest first.
func (l *Login) Passkeys(ctx context.Context, secret string) ([]app.Passkey, error) {
	_, a, _, err := l.visit(ctx, secret)
	if err != nil {
		return nil, err
	}
	return l.Accounts.Passkeys(ctx, a.ID)
}

// BeginAdd begins adding a passkey to the visitor's account: options for
// navigator.credentials.create.
func (l *Login) BeginAdd(ctx context.Context, secret string) (options any, ceremony string, err error) {
	_, a, err := l.mine(ctx, secret)
	if err != nil {
		return nil, "", err
	}
	have, err := l.Accounts.Passkeys(ctx, a.ID)
	if err != nil {
		return nil, "", err
	}
	if len(have) >= maxPasskeys {
		return nil, "", fault.New("login.many_passkeys", "Du har redan tio passernycklar.", "You have ten passkeys already.").Do("Ta bort en som du inte använder.", "Remove one that you do not use.")
	}
	var exclude []protocol.CredentialDescriptor
	for _, p := range have {
		raw, err := base64.RawURLEncoding.DecodeString(p.ID)
		if err != nil {
			return nil, "", fmt.Errorf("stored passkey: %w", err)
		}
		exclude = append(exclude, protocol.CredentialDescriptor{Type: protocol.PublicKeyCredentialType, CredentialID: raw})
	}
	creation, session, err := l.passkeys.BeginRegistration(holder{Account: a}, webauthn.WithExclusions(exclude))
	if err != nil {
		return nil, "", fmt.Errorf("begin adding a passkey: %w", err)
	}
	ceremony, err = l.challenge(ctx, ceremonyAdd, a.ID, session)
	return creation, ceremony, err
}

// PasskeyAdd is the browser's answer when a passkey is added.
type PasskeyAdd struct {
	Secret, Ceremony, Name, Lang string
	Answer                       []byte
}

// FinishAdd stores a new passkey. A login with it is as sure as the login it
// was added in: level 3 after an invitation from the authority or a login of
// level 3, and else 2. The person is told in a letter.
func (l *Login) FinishAdd(ctx context.Context, u PasskeyAdd) error {
	v, a, err := l.mine(ctx, u.Secret)
	if err != nil {
		return err
	}
	act := app.LoginAct{Account: a.ID, Role: v.Role, Assurance: v.Assurance, Method: "passkey"}
	var session webauthn.SessionData
	c, err := l.resume(ctx, u.Ceremony, ceremonyAdd, &session)
	if errors.Is(err, app.ErrNotFound) || err == nil && c.Account != a.ID {
		return l.failed(ctx, errCeremony, act)
	}
	if err != nil {
		return err
	}
	answer, err := protocol.ParseCredentialCreationResponseBytes(u.Answer)
	if err != nil {
		return l.failed(ctx, errPasskey, act)
	}
	credential, err := l.passkeys.CreateCredential(holder{Account: a}, session, answer)
	if err != nil || !credential.Flags.UserVerified {
		return l.failed(ctx, errPasskey, act)
	}
	raw, err := json.Marshal(credential)
	if err != nil {
		return err
	}
	p := app.Passkey{
		ID: base64.RawURLEncoding.EncodeToString(credential.ID), Account: a.ID, Name: keyName(u.Name, u.Lang), Data: string(raw), Assurance: app.AssuranceLow, Created: l.Clock(),
	}
	if v.Method == "invite" || v.Assurance >= app.AssuranceKey {
		p.Assurance = app.AssuranceKey
	}
	act.At, act.What, act.On = p.Created, "passkey", p.ID
	if err := l.Accounts.PutPasskey(ctx, p, act); err != nil {
		if errors.Is(err, app.ErrConflict) {
			err = l.failed(ctx, errPasskey, act)
		}
		return err
	}
	if a.Email == "" || l.Mailer == nil {
		return nil
	}
	if err := l.send(ctx, u.Lang, a.Email, keySubject, keyText.In(u.Lang)); err != nil { // the passkey is there all the same
		l.Log.ErrorContext(ctx, "tell of a new passkey", "err", err)
	}
	return nil
}

func keyName(name, lang string) string {
	name = strings.Join(strings.Fields(strings.ToValidUTF8(name, "")), " ")
	for utf8.RuneCountInString(name) > 60 {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	if name == "" && lang == "en" {
		return "Passkey"
	} else if name == "" {
		return "Passernyckel"
	}
	return name
}

// RemovePasskey removes one of the visitor's own; visits that it began go on
// until they are ended.
func (l *Login) RemovePasskey(ctx context.Context, secret, id string) error {
	v, a, err := l.mine(ctx, secret)
	if err != nil {
		return err
	}
	return l.Accounts.RemovePasskey(ctx, a.ID, id, app.LoginAct{At: l.Clock(), Account: a.ID, Role: v.Role, Assurance: v.Assurance, What: "passkey_removed", On: id})
}
