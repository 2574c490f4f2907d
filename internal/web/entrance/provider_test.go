//go:build unix

package entrance_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/login"
)

// TestRealProvider logs in at a certified OpenID provider (npm oidc-provider),
// there and back, through the pages. tools/oidc/oidc.sh installs it and says
// where in SLUSS_OIDC.
func TestRealProvider(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("SLUSS_OIDC")
	if dir == "" {
		t.Skip("skipped: make verify installs the provider (tools/oidc/oidc.sh)")
	}
	var issuer string
	b := start(t, func(o *login.Options) {
		issuer = run(t, dir, o.Origin+"/login/provider/back")
		o.Personas = nil
		o.Provider = &login.Provider{
			Issuer: issuer, ClientID: "sluss", ClientSecret: "a secret of the test", StaffClaim: "employee", EmailClaim: "email", Levels: map[string]app.Assurance{"loa1": 1, "loa2": 2, "loa3": 3},
		}
		member(t, o, "bo")
	}).browser()
	says := func(account, acr string) {
		t.Helper()
		raw, _ := json.Marshal(map[string]string{"account": account, "acr": acr})
		r, err := http.Post(issuer+"/test", "application/json", strings.NewReader(string(raw)))
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
	}
	s, body := b.get("/login?lang=sv")
	b.shows(s, body, 200, "Myndighetens inloggning")

	says("bo", "loa3")
	s, body = b.get("/login/provider?next=/logins")
	b.shows(s, body, 200, "Bo bo", "Mina inloggningar", "Tillitsnivå 3", "Beslutsfattare", "Du loggade in med myndighetens inloggning.")
	first := b.secret()
	s, body = b.get("/login/provider?next=/logins&why=fresh")
	b.shows(s, body, 200, "Bo bo")
	if b.secret() == first {
		t.Error("a fresh login keeps the secret")
	}

	for _, tt := range []struct{ account, acr, want string }{
		{"elin@u.example", "loa2", "Tillitsnivå 2"},
		{"elin@u.example", "other", "login.provider_acr"},
		{"bo", "loa1", "login.provider_"},
		{"unchecked@u.example", "loa3", "login.provider_person"},
		{"ingen", "loa3", "login.provider_person"},
		{"", "", "login.provider_refused"},
	} {
		says(tt.account, tt.acr)
		other := b.browser() // the provider remembers who logged in last
		s, body = other.get("/login/provider?next=/logins&lang=sv")
		want := http.StatusForbidden
		if strings.HasPrefix(tt.want, "Tillit") {
			want = http.StatusOK
		}
		other.shows(s, body, want, tt.want)
		if want != http.StatusOK && other.secret() != "" {
			t.Errorf("%s at %s: let in", tt.account, tt.acr)
		}
	}

	// An answer that was used, or that another browser brings, counts nothing.
	says("bo", "loa3")
	thief := b.browser()
	var back *url.URL
	thief.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/login/provider/back") {
			back = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}
	thief.get("/login/provider?next=/logins")
	if back == nil {
		t.Fatal("the provider sent nobody back")
	}
	victim := b.browser()
	s, body = victim.get("/login/provider/back?" + back.RawQuery)
	victim.shows(s, body, 403, "login.ceremony")
	thief.client.CheckRedirect = nil
	s, body = thief.get("/login/provider/back?" + back.RawQuery)
	thief.shows(s, body, 200)
	s, body = thief.get("/login/provider/back?" + back.RawQuery)
	thief.shows(s, body, 403, "login.ceremony")
}

// run starts the provider and returns its issuer; it ends with the test.
func run(t *testing.T, dir, redirect string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join(dir, "provider.mjs"), redirect)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "http://") {
			return lines.Text()
		}
	}
	t.Fatal("the provider did not start")
	return ""
}
