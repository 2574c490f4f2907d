//go:build unix

package login_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"sluss/internal/app"
	"sluss/internal/login"
	"sluss/internal/order"
)

// issuer is an identity provider that can be made to answer wrongly.
type issuer struct {
	*httptest.Server
	t      testing.TB
	key    *ecdsa.PrivateKey
	clock  func() time.Time
	asked  url.Values // of the latest journey
	claims map[string]any
	signer *ecdsa.PrivateKey // nil = key
	info   map[string]any
	used   map[string]bool
}

func newIssuer(t testing.TB, clock func() time.Time) *issuer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{t: t, key: key, clock: clock, used: map[string]bool{}}
	mux := http.NewServeMux()
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	say := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		say(w, map[string]any{
			"issuer": i.URL, "authorization_endpoint": i.URL + "/auth", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys", "userinfo_endpoint": i.URL + "/info",
			"id_token_signing_alg_values_supported": []string{"ES256"},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		say(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &i.key.PublicKey, KeyID: "k", Algorithm: "ES256", Use: "sig"}}})
	})
	mux.HandleFunc("/info", func(w http.ResponseWriter, _ *http.Request) { say(w, i.info) })
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
		code := r.PostForm.Get("code")
		if base64.RawURLEncoding.EncodeToString(sum[:]) != i.asked.Get("code_challenge") || i.asked.Get("code_challenge_method") != "S256" || i.used[code] {
			w.WriteHeader(http.StatusBadRequest)
			say(w, map[string]any{"error": "invalid_grant"})
			return
		}
		i.used[code] = true
		say(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": i.token()})
	})
	return i
}

func (i *issuer) token() string {
	key := i.key
	if i.signer != nil {
		key = i.signer
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "k"}}, nil)
	if err != nil {
		i.t.Fatal(err)
	}
	raw, err := json.Marshal(i.claims)
	if err != nil {
		i.t.Fatal(err)
	}
	signed, err := s.Sign(raw)
	if err != nil {
		i.t.Fatal(err)
	}
	out, err := signed.CompactSerialize()
	if err != nil {
		i.t.Fatal(err)
	}
	return out
}

// provided is a world with an identity provider, and a member of staff.
func provided(t *testing.T) (*world, *issuer) {
	t.Helper()
	var w *world
	i := newIssuer(t, nil)
	w = newWorld(t, func(o *login.Options) {
		o.Provider = &login.Provider{
			Issuer: i.URL, ClientID: "sluss", ClientSecret: "s", StaffClaim: "employee", EmailClaim: "email",
			Levels: map[string]app.Assurance{"mail": 1, "loa2": 2, "loa3": 3, "loa4": 4},
		}
	})
	i.clock = w.clock
	w.ok(w.db.PutMember(t.Context(), app.Member{ID: "bo", Roles: []order.Role{order.RoleDecider}}, w.admin, t0))
	return w, i
}

// journey goes to the provider and back; change makes its token, or what the
// browser brings back, wrong.
func (w *world) journey(i *issuer, fresh bool, change func(map[string]any, *login.Return)) (login.Entered, string, error) {
	w.t.Helper()
	address, ceremony, err := w.BeginProvider(w.t.Context(), "/cases?x=1", login.Proof{Fresh: fresh}, "n")
	w.ok(err)
	u, err := url.Parse(address)
	w.ok(err)
	i.asked = u.Query()
	now := w.clock()
	i.claims = map[string]any{
		"iss": i.URL, "aud": "sluss", "sub": "s1", "exp": now.Add(5 * time.Minute).Unix(), "iat": now.Unix(), "nonce": i.asked.Get("nonce"), "acr": "loa3",
		"auth_time": now.Add(-time.Minute).Unix(), "employee": "bo", "name": "Bo Beslutar",
	}
	back := login.Return{Ceremony: ceremony, State: i.asked.Get("state"), Code: rand.Text(), Network: "n"}
	if change != nil {
		change(i.claims, &back)
	}
	return w.FinishProvider(w.t.Context(), back)
}

// TestProvider logs in at an identity provider: staff by their id, others by
// an address that the provider has checked; the level and the time of the proof
// are the token's.
func TestProvider(t *testing.T) {
	t.Parallel()
	w, i := provided(t)
	in, next, err := w.journey(i, false, nil)
	w.ok(err)
	v := w.visitor(in.Secret)
	if v.Person.ID != "bo" || v.Person.Role != order.RoleDecider || v.Assurance != app.AssuranceKey || v.Method != "oidc" || v.Name != "Bo Beslutar" || !v.Since.Equal(t0.Add(-time.Minute)) || next != "/cases?x=1" {
		t.Errorf("%+v, %s", v, next)
	}
	for level, want := range map[app.Assurance]string{0: "loa4 loa3 loa2", 3: "loa4 loa3", 4: "loa4"} {
		address, _, err := w.BeginProvider(t.Context(), "/", login.Proof{Level: level}, "n")
		w.ok(err)
		u, err := url.Parse(address)
		w.ok(err)
		if got := u.Query().Get("acr_values"); got != want {
			t.Errorf("level %d: asked for %q, want %q", level, got, want)
		}
	}
	if q := i.asked; q.Get("acr_values") != "loa4 loa3 loa2" || q.Get("max_age") != "43200" || q.Get("prompt") != "" || q.Get("scope") != "openid profile email" ||
		q.Get("redirect_uri") != testOrigin+"/login/provider/back" || q.Get("response_type") != "code" || len(q.Get("state")) != 43 || len(q.Get("nonce")) != 43 || q.Get("state") == q.Get("nonce") {
		t.Errorf("asked %v", q)
	}
	w.wait(20 * time.Minute)
	again, _, err := w.journey(i, true, func(_ map[string]any, r *login.Return) { r.Old = in.Secret })
	w.ok(err)
	w.gone(in.Secret)
	if q := i.asked; q.Get("prompt") != "login" || q.Get("max_age") != "600" {
		t.Errorf("a fresh login asked %v", q)
	}
	if v := w.visitor(again.Secret); !v.Fresh(w.clock()) {
		t.Error("a fresh login is not fresh")
	}
	in, _, err = w.journey(i, false, func(c map[string]any, _ *login.Return) {
		delete(c, "employee")
		c["email"], c["email_verified"], c["acr"] = "Elin@U.example", true, "loa2"
	})
	w.ok(err)
	if v := w.visitor(in.Secret); v.Person.Email != "elin@u.example" || v.Person.Role != order.RoleOrderer || v.Assurance != app.AssuranceLow {
		t.Errorf("%+v", v)
	}
	i.info = map[string]any{"sub": "s1", "employee": "bo", "acr": "loa4"}
	in, _, err = w.journey(i, false, func(c map[string]any, _ *login.Return) { delete(c, "employee"); c["acr"] = "loa2" })
	w.ok(err)
	if v := w.visitor(in.Secret); v.Person.ID != "bo" || v.Assurance != app.AssuranceLow {
		t.Errorf("the unsigned answer decided the level: %+v", v)
	}
}

// TestScenario24ProviderAnswersWrongly: a wrong answer lets nobody in, and says
// why by a code that never changes; every failure is a row of the log.
func TestScenario24ProviderAnswersWrongly(t *testing.T) {
	t.Parallel()
	w, i := provided(t)
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.ok(err)
	set := func(name string, value any) func(map[string]any, *login.Return) {
		return func(c map[string]any, _ *login.Return) { c[name] = value }
	}
	at := func(d time.Duration) int64 { return t0.Add(d).Unix() }
	for _, tt := range []struct {
		what, code string
		fresh      bool
		change     func(map[string]any, *login.Return)
	}{
		{"another's token", "provider_token", false, set("aud", "somebody else")},
		{"another issuer", "provider_token", false, set("iss", "https://evil.example")},
		{"an old token", "provider_token", false, set("exp", at(-time.Second))},
		{"no end", "provider_token", false, func(c map[string]any, _ *login.Return) { delete(c, "exp") }},
		{"another key", "provider_token", false, func(map[string]any, *login.Return) { i.signer = stranger }},
		{"another nonce", "provider_nonce", false, set("nonce", "x")},
		{"no nonce", "provider_nonce", false, set("nonce", "")},
		{"a low level", "provider_level", false, set("acr", "mail")},
		{"an unknown level", "provider_acr", false, set("acr", "loa5")},
		{"no level", "provider_acr", false, func(c map[string]any, _ *login.Return) { delete(c, "acr") }},
		{"a level that is no text", "provider_acr", false, set("acr", 3)},
		{"no time of the proof", "provider_auth_time", false, func(c map[string]any, _ *login.Return) { delete(c, "auth_time") }},
		{"an old proof", "provider_auth_time", false, set("auth_time", at(-13*time.Hour))},
		{"an old proof where a fresh one was asked for", "provider_auth_time", true, set("auth_time", at(-12*time.Minute))},
		{"a proof of tomorrow", "provider_auth_time", false, set("auth_time", at(24*time.Hour))},
		{"nobody we know", "provider_person", false, set("employee", "ingen")},
		{"an address that nobody checked", "provider_person", false, func(c map[string]any, _ *login.Return) { delete(c, "employee"); c["email"] = "elin@u.example" }},
		{"an address that was checked in words", "provider_person", false, func(c map[string]any, _ *login.Return) {
			delete(c, "employee")
			c["email"], c["email_verified"] = "elin@u.example", "true"
		}},
		{"another state", "provider_state", false, func(_ map[string]any, r *login.Return) { r.State = "x" }},
		{"no state", "provider_state", false, func(_ map[string]any, r *login.Return) { r.State = "" }},
		{"another browser", "ceremony", false, func(_ map[string]any, r *login.Return) { r.Ceremony = "x" }},
		{"broken off", "provider_refused", false, func(_ map[string]any, r *login.Return) { r.Error, r.Code = "access_denied", "" }},
		{"no code", "provider_refused", false, func(_ map[string]any, r *login.Return) { r.Code = "" }},
		{"another verifier", "provider_code", false, func(map[string]any, *login.Return) { i.asked.Set("code_challenge", "x") }},
	} {
		before := len(w.logged())
		in, _, err := w.journey(i, tt.fresh, tt.change)
		i.signer = nil
		if in.Secret != "" {
			t.Errorf("%s: let in", tt.what)
		}
		w.refused(err, tt.code)
		if log := w.logged(); len(log) != before+1 || !strings.Contains(log[before], `{"code":"login.`+tt.code+`","method":"oidc","what":"failed"}`) {
			t.Errorf("%s: log %v", tt.what, log[before:])
		}
	}
	var back login.Return
	_, _, err = w.journey(i, false, func(_ map[string]any, r *login.Return) { back = *r })
	w.ok(err)
	_, _, err = w.FinishProvider(t.Context(), back)
	w.refused(err, "ceremony") // replayed
	_, _, err = w.journey(i, false, func(_ map[string]any, r *login.Return) { r.Code = back.Code })
	w.refused(err, "provider_code") // an old code in a new journey
	_, _, err = w.journey(i, false, func(map[string]any, *login.Return) { w.wait(5 * time.Minute) })
	w.refused(err, "ceremony") // late
	i.Close()
	if _, _, err := w.BeginProvider(t.Context(), "/", login.Proof{}, "n"); err != nil {
		t.Errorf("known already: %v", err)
	}
}

// TestScenario24RotatedKeysAndNamelessPeople: new keys of the provider are
// fetched, and who has neither name nor address is still a member of staff.
func TestScenario24RotatedKeysAndNamelessPeople(t *testing.T) {
	t.Parallel()
	w, i := provided(t)
	_, _, err := w.journey(i, false, nil)
	w.ok(err)
	if i.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	w.ok(w.db.PutMember(t.Context(), app.Member{ID: "ylva", Roles: []order.Role{order.RoleReleaser}}, w.admin, t0))
	in, _, err := w.journey(i, false, func(c map[string]any, _ *login.Return) { delete(c, "name"); c["employee"] = "ylva" })
	w.ok(err)
	if v := w.visitor(in.Secret); v.Person.ID != "ylva" || v.Name != "ylva" {
		t.Errorf("%+v", v)
	}
}

// TestProviderThatIsDown keeps nobody from logging in otherwise, and is asked
// again.
func TestProviderThatIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *login.Options) {
		o.Provider = &login.Provider{Issuer: "http://127.0.0.1:1", ClientID: "sluss", EmailClaim: "email", Levels: map[string]app.Assurance{"loa3": 3}}
	})
	if _, _, err := w.BeginProvider(t.Context(), "/", login.Proof{}, "n"); err == nil {
		t.Error("a provider that does not answer")
	}
	w.visitor(w.byLink("elin@u.example", ""))
	if _, _, err := newWorld(t).BeginProvider(t.Context(), "/", login.Proof{}, "n"); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("without a provider: %v", err)
	}
}

// TestReadProvider: the file of settings is data; what is misspelt is refused.
func TestReadProvider(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("secret", " hemligt\n")
	good := "issuer: https://login.example\nclient_id: sluss\nsecret_file: secret\nstaff_claim: employee\nlevels: {loa3: 3, loa2: 2}\nleast: 3\n"
	p, err := login.ReadProvider(write("good.yaml", good))
	if err != nil || p.ClientSecret != "hemligt" || p.Levels["loa3"] != app.AssuranceKey || p.Least != app.AssuranceKey || p.StaffClaim != "employee" {
		t.Errorf("%+v, %v", p, err)
	}
	for what, text := range map[string]string{
		"empty": "", "misspelt": good + "levles: {}\n", "no levels": strings.Replace(good, "levels: {loa3: 3, loa2: 2}", "", 1), "no secret": strings.Replace(good, "file: secret", "file: nowhere", 1),
		"no person": strings.Replace(good, "staff_claim: employee", "", 1), "a level too high": strings.Replace(good, "loa3: 3", "loa3: 7", 1), "too large": good + "#" + strings.Repeat("x", 1<<16),
	} {
		if _, err := login.ReadProvider(write("bad.yaml", text)); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}
