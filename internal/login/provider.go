package login

import (
	"bytes"
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/goccy/go-yaml"
	"golang.org/x/oauth2"

	"sluss/internal/app"
	"sluss/internal/fault"
)

// Provider is an identity provider that speaks OpenID Connect: the authority's
// own login, or a broker of e-legitimationer.
type Provider struct {
	Issuer       string `json:"issuer"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"-"`
	// Levels says which level each value of the claim acr stands for; what is
	// not here is refused.
	Levels map[string]app.Assurance `json:"levels"`
	// Least is the lowest level that is let in; 0 = 2.
	Least app.Assurance `json:"least,omitempty"`
	// StaffClaim holds the id in the staff table; EmailClaim an address, which
	// counts only when email_verified is true. One of them, or both.
	StaffClaim string `json:"staff_claim,omitempty"`
	EmailClaim string `json:"email_claim,omitempty"`
	// Client reaches the provider; nil = one with a limit of ten seconds.
	Client *http.Client `json:"-"`
}

// maxFile bounds a file of settings, bytes.
const maxFile = 1 << 16

// ReadProvider reads an identity provider from a file (YAML or JSON) with the
// members of [Provider] and secret_file, which names the file that holds the
// client's secret.
func ReadProvider(name string) (*Provider, error) {
	var f struct {
		Provider
		SecretFile string `json:"secret_file"`
	}
	raw, err := readFile(name)
	if err == nil {
		raw, err = yaml.YAMLToJSON(raw)
	}
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		err = dec.Decode(&f)
	}
	if err == nil && f.SecretFile != "" {
		if !filepath.IsAbs(f.SecretFile) {
			f.SecretFile = filepath.Join(filepath.Dir(name), f.SecretFile)
		}
		raw, err = readFile(f.SecretFile)
		f.ClientSecret = strings.TrimSpace(string(raw))
	}
	if err != nil {
		return nil, setting("provider", "Filen om identitetsutgivaren går inte att läsa.", "The file about the identity provider cannot be read.").At(fault.Where{File: filepath.Base(name)}).Because(err)
	}
	if _, err := f.ready(); err != nil {
		return nil, err
	}
	return &f.Provider, nil
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(raw) > maxFile {
		err = errors.New("too large")
	}
	return raw, err
}

// provider is a Provider that has been looked up, once it answers.
type provider struct {
	Provider
	mu    sync.Mutex
	found *oidc.Provider
}

// ready checks the settings.
func (p *Provider) ready() (*provider, error) {
	if p == nil {
		return nil, nil
	}
	q := &provider{Provider: *p}
	if q.Client == nil {
		q.Client = &http.Client{Timeout: 10 * time.Second}
	}
	q.Least = cmp.Or(q.Least, app.AssuranceLow)
	possible := func(level app.Assurance) bool { return level >= app.AssuranceMail && level <= app.AssuranceHigh }
	levels := possible(q.Least)
	for _, level := range q.Levels {
		levels = levels && possible(level)
	}
	if p.Issuer == "" || p.ClientID == "" || len(p.Levels) == 0 || !levels || p.StaffClaim == "" && p.EmailClaim == "" {
		return nil, setting("provider", "Identitetsutgivaren behöver issuer, klientens id, tillitsnivå för varje acr och ett claim för personen.", "The identity provider needs issuer, client id, a level for each acr and a claim that names the person.")
	}
	return q, nil
}

// look finds the provider's addresses and keys; one that does not answer is
// asked again next time.
func (p *provider) look(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	// Keys are fetched later with the same context: it must outlive the request.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.Client), p.Issuer)
	if err != nil {
		return nil, fmt.Errorf("identity provider: %w", err)
	}
	p.found = found
	return found, nil
}

// acrValues are the values to ask for, the surest first: those of a level at
// least so high, or the highest that the settings have. Providers differ in what
// they make of several: some take the first that they can, Keycloak the lowest.
func (p *provider) acrValues(least app.Assurance) string {
	highest := slices.Max(slices.Collect(maps.Values(p.Levels)))
	least = max(p.Least, min(least, highest))
	values := slices.SortedFunc(maps.Keys(p.Levels), func(a, b string) int {
		return cmp.Or(cmp.Compare(p.Levels[b], p.Levels[a]), strings.Compare(a, b))
	})
	return strings.Join(slices.DeleteFunc(values, func(v string) bool { return p.Levels[v] < least }), " ")
}

// trip is what a journey to the provider leaves behind.
type trip struct {
	State, Nonce, Verifier, Next string
	MaxAge                       int // seconds since the proof
}

func (l *Login) oauth(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: l.provider.ClientID, ClientSecret: l.provider.ClientSecret, Endpoint: p.Endpoint(), RedirectURL: l.Origin + "/login/provider/back",
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
	}
}

// Proof is what is asked of the identity provider beyond who somebody is.
type Proof struct {
	Fresh bool          // a new one, whoever the provider remembers
	Level app.Assurance // at least this sure, as far as the provider can be; 0 = as the settings say
}

// BeginProvider begins a login at the identity provider: where to send the
// browser, and the ceremony's secret.
func (l *Login) BeginProvider(ctx context.Context, next string, want Proof, network string) (address, ceremony string, err error) {
	if l.provider == nil {
		return "", "", app.ErrNotFound
	}
	if err := l.count(ctx, triesFromNetwork, network); err != nil {
		return "", "", err
	}
	p, err := l.provider.look(ctx)
	if err != nil {
		return "", "", err
	}
	t := trip{Next: LocalPath(next), MaxAge: int(l.Longest / time.Second)}
	for _, into := range []*string{&t.State, &t.Nonce, &t.Verifier} {
		if *into, err = l.secret(); err != nil {
			return "", "", err
		}
	}
	opts := []oauth2.AuthCodeOption{oidc.Nonce(t.Nonce), oauth2.S256ChallengeOption(t.Verifier), oauth2.SetAuthURLParam("acr_values", l.provider.acrValues(want.Level))}
	if want.Fresh {
		t.MaxAge = int(app.FreshFor / time.Second)
		opts = append(opts, oauth2.SetAuthURLParam("prompt", "login"))
	}
	opts = append(opts, oauth2.SetAuthURLParam("max_age", fmt.Sprint(t.MaxAge)))
	ceremony, err = l.ceremony(ctx, ceremonyProvider, "", t)
	return l.oauth(p).AuthCodeURL(t.State, opts...), ceremony, err
}

// Return is what the provider sends the browser back with.
type Return struct {
	Ceremony, State, Code string
	Error                 string // instead of a code
	Old, Network          string
}

// Faults of a login at the provider. Their codes never change.
func providerFault(code, sv, en string) *fault.Fault {
	return refuse("provider_"+code, sv, en).Do("Försök igen, eller logga in på ett annat sätt.", "Try again, or log in in another way.")
}

// FinishProvider logs in with what the provider says, and returns where to go.
func (l *Login) FinishProvider(ctx context.Context, r Return) (Entered, string, error) {
	if l.provider == nil {
		return Entered{}, "", app.ErrNotFound
	}
	if err := l.count(ctx, triesFromNetwork, r.Network); err != nil {
		return Entered{}, "", err
	}
	refused := func(f *fault.Fault) (Entered, string, error) {
		return Entered{}, "", l.failed(ctx, f, app.LoginAct{Method: "oidc"})
	}
	var t trip
	if _, err := l.resume(ctx, r.Ceremony, ceremonyProvider, &t); errors.Is(err, app.ErrNotFound) {
		return refused(errCeremony)
	} else if err != nil {
		return Entered{}, "", err
	}
	if subtle.ConstantTimeCompare([]byte(t.State), []byte(r.State)) != 1 {
		return refused(providerFault("state", "Svaret hör inte till den inloggning som du började.", "The answer does not belong to the login that you began."))
	}
	if r.Error != "" || r.Code == "" {
		return refused(providerFault("refused", "Inloggningen avbröts.", "The login was broken off."))
	}
	claims, f, err := l.exchange(ctx, t, r.Code)
	if err != nil {
		return Entered{}, "", err
	}
	if f != nil {
		return refused(f)
	}
	a, f, err := l.known(ctx, claims)
	if err != nil {
		return Entered{}, "", err
	}
	if f != nil {
		return refused(f)
	}
	in, err := l.enter(ctx, r.Old, a, proof{method: "oidc", level: l.provider.Levels[claims.text("acr")], at: claims.proved})
	return in, t.Next, err
}

// claims are what a token says of a person.
type claims struct {
	all    map[string]any
	proved time.Time
}

func (c claims) text(name string) string {
	s, _ := c.all[name].(string)
	return strings.TrimSpace(s)
}

// exchange fetches the token of a code and checks it: signature, issuer,
// audience, time, nonce, level, and when the person was asked.
func (l *Login) exchange(ctx context.Context, t trip, code string) (claims, *fault.Fault, error) {
	p, err := l.provider.look(ctx)
	if err != nil {
		return claims{}, nil, err
	}
	ctx = oidc.ClientContext(ctx, l.provider.Client)
	token, err := l.oauth(p).Exchange(ctx, code, oauth2.VerifierOption(t.Verifier))
	if err != nil {
		if _, said := errors.AsType[*oauth2.RetrieveError](err); said {
			return claims{}, providerFault("code", "Inloggningen är redan använd eller har gått ut.", "The login has been used, or has run out."), nil
		}
		return claims{}, nil, fmt.Errorf("identity provider: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.Verifier(&oidc.Config{ClientID: l.provider.ClientID, Now: l.Clock}).Verify(ctx, raw)
	if err != nil {
		return claims{}, providerFault("token", "Det som inloggningen svarade går inte att lita på.", "What the login answered cannot be trusted."), nil
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(t.Nonce)) != 1 {
		return claims{}, providerFault("nonce", "Svaret har använts förut.", "The answer has been used before."), nil
	}
	c := claims{}
	if err := id.Claims(&c.all); err != nil {
		return claims{}, providerFault("token", "Det som inloggningen svarade går inte att läsa.", "What the login answered cannot be read."), nil
	}
	if f := l.sure(&c, t); f != nil {
		return c, f, nil
	}
	return c, nil, l.more(ctx, p, token, id.Subject, &c)
}

// more asks the provider for what the token does not say of the person: many
// put names and addresses elsewhere (OpenID Connect Core section 5.3). How sure
// the provider is, and since when, only the signed token says.
func (l *Login) more(ctx context.Context, p *oidc.Provider, token *oauth2.Token, subject string, c *claims) error {
	if c.has(l.provider.StaffClaim) || c.has(l.provider.EmailClaim) || p.UserInfoEndpoint() == "" {
		return nil
	}
	info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return fmt.Errorf("identity provider: %w", err)
	}
	said := map[string]any{}
	if err := info.Claims(&said); err != nil || info.Subject != subject {
		return errors.Join(errors.New("identity provider: answers of another person"), err)
	}
	for _, name := range []string{l.provider.StaffClaim, l.provider.EmailClaim, "email_verified", "name"} {
		if _, have := c.all[name]; name != "" && !have && name != "acr" && name != "auth_time" {
			c.all[name] = said[name]
		}
	}
	return nil
}

func (c claims) has(name string) bool { return name != "" && c.text(name) != "" }

// skew is how far the provider's clock may go ahead of ours.
const skew = time.Minute

// sure checks the level, and that the person was asked lately enough.
func (l *Login) sure(c *claims, t trip) *fault.Fault {
	level, known := l.provider.Levels[c.text("acr")]
	if !known {
		return providerFault("acr", "Inloggningen säger inte vilken tillitsnivå den har, eller en som inte är känd här.", "The login does not say which level of assurance it has, or one that is not known here.")
	}
	if level < l.provider.Least {
		return providerFault("level", "Inloggningen har för låg tillitsnivå.", "The login has too low a level of assurance.")
	}
	seconds, ok := c.all["auth_time"].(float64)
	now := l.Clock()
	c.proved = time.Unix(int64(seconds), 0)
	if !ok || c.proved.After(now.Add(skew)) || now.Sub(c.proved) > time.Duration(t.MaxAge)*time.Second+skew {
		return providerFault("auth_time", "Inloggningen säger inte att du har legitimerat dig nyligen.", "The login does not say that you have proved who you are lately.")
	}
	if c.proved.After(now) {
		c.proved = now
	}
	return nil
}

// known is the account of the person that the claims name: a member of staff,
// or somebody from outside with an address that the provider has checked.
func (l *Login) known(ctx context.Context, c claims) (app.Account, *fault.Fault, error) {
	if staff := c.text(l.provider.StaffClaim); l.provider.StaffClaim != "" && staff != "" {
		a, err := l.colleague(ctx, staff, c.text("name"))
		if !errors.Is(err, app.ErrNotFound) {
			return a, nil, err
		}
	}
	if email, err := address(c.text(l.provider.EmailClaim)); l.provider.EmailClaim != "" && err == nil && c.all["email_verified"] == true {
		a, err := l.outsider(ctx, email, c.text("name"), "oidc")
		return a, nil, err
	}
	return app.Account{}, providerFault("person", "Inloggningen hör inte till någon som är känd här.", "The login belongs to nobody who is known here."), nil
}

// colleague is the account of a member of staff, made at the first login.
func (l *Login) colleague(ctx context.Context, staff, name string) (app.Account, error) {
	a, err := l.Accounts.AccountByStaff(ctx, staff)
	if !errors.Is(err, app.ErrNotFound) {
		return a, err
	}
	if _, err := l.Staff.Member(ctx, staff); err != nil {
		return a, err
	}
	if err := l.make(ctx, &app.Account{Kind: app.AccountStaff, Staff: staff, Name: name}, "oidc"); err != nil && !errors.Is(err, app.ErrConflict) {
		return a, err
	}
	return l.Accounts.AccountByStaff(ctx, staff)
}
