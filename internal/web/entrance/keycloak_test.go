//go:build unix

package entrance_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	_ "embed"
	"encoding/binary"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/login"
)

// realm is a realm of Keycloak with made-up staff and step-up authentication:
// a password is loa2, a one-time code after it loa3.
//
//go:embed testdata/keycloak-realm.json
var realm []byte

// otpSecret is the key of the one-time codes of those who have one (RFC 6238,
// SHA-1, six digits, 30 seconds: what Keycloak does if nothing else is said).
const otpSecret = "only for this test's realm"

// TestKeycloak logs in at a Keycloak of one's own, through the forms that
// people see there. tools/oidc/keycloak.sh installs it and says where in
// SLUSS_KEYCLOAK.
func TestKeycloak(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("SLUSS_KEYCLOAK")
	if dir == "" {
		t.Skip("skipped: make verify installs the provider (tools/oidc/keycloak.sh)")
	}
	var issuer string
	c := start(t, func(o *login.Options) {
		issuer = keycloak(t, dir, o.Origin+"/login/provider/back") + "/realms/staff"
		o.Personas = nil
		o.Provider = &login.Provider{
			Issuer: issuer, ClientID: "sluss", ClientSecret: "a secret of the test", StaffClaim: "employee", EmailClaim: "email", Levels: map[string]app.Assurance{"loa2": 2, "loa3": 3},
		}
		member(t, o, "bo")
	})

	// A member of staff: of the levels that are asked for Keycloak takes the
	// lowest, a password.
	b := c.keycloakBrowser()
	s, body := b.get("/login/provider?next=/logins&lang=sv")
	s, body = b.password(s, body, "bo", "a password of bo")
	b.shows(s, body, 200, "Bo Öberg", "Mina inloggningar", "Tillitsnivå 2", "Du loggade in med myndighetens inloggning.")
	first := b.secret()

	// To decide takes more: Keycloak asks once more, although it knows him, and
	// for a code.
	s, body = b.get("/login/provider?next=/logins&why=fresh")
	s, body = b.password(s, body, "bo", "a password of bo")
	s, body = b.code(s, body, time.Now())
	b.shows(s, body, 200, "Tillitsnivå 3")
	if b.secret() == first {
		t.Error("a fresh login keeps the secret")
	}

	// A wrong password is Keycloak's to refuse; nobody is let in.
	wrong := c.keycloakBrowser()
	s, body = wrong.get("/login/provider?next=/logins&lang=sv")
	_, body = wrong.password(s, body, "bo", "not that")
	if !strings.Contains(body, "kc-form-login") || wrong.secret() != "" {
		t.Error("let in with a wrong password")
	}

	// Somebody whom the staff table does not know, and whose address is checked
	// or not.
	for _, tt := range []struct {
		account string
		want    int
		text    string
	}{
		{"elin", 200, "Tillitsnivå 2"},
		{"unchecked", 403, "login.provider_person"},
		{"ingen", 403, "login.provider_person"},
	} {
		other := c.keycloakBrowser()
		s, body = other.get("/login/provider?next=/logins&lang=sv")
		s, body = other.password(s, body, tt.account, "a password of "+tt.account)
		other.shows(s, body, tt.want, tt.text)
		if tt.want != 200 && other.secret() != "" {
			t.Errorf("%s is let in", tt.account)
		}
	}

	// Who breaks off there comes back to a page that says so.
	gone := c.keycloakBrowser()
	s, body = gone.get("/login/provider/back?error=access_denied&state=none")
	gone.shows(s, body, 403, "login.ceremony")
}

// keycloakBrowser keeps cookies that are marked as safe for the machine it is
// on as well, as browsers do for localhost and Go's jar does not.
func (c *counter) keycloakBrowser() *browser {
	b := c.browser()
	b.client.Jar = localJar{b.client.Jar}
	return b
}

type localJar struct{ http.CookieJar }

func (j localJar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	for _, c := range cookies {
		c.Secure = false
	}
	j.CookieJar.SetCookies(u, cookies)
}

var formAction = regexp.MustCompile(`<form[^>]*\saction="([^"]+)"`)

// send fills in the form that a page of Keycloak shows.
func (b *browser) send(status int, body, form string, v url.Values) (int, string) {
	b.t.Helper()
	at := strings.Index(body, `id="`+form+`"`)
	if status != 200 || at < 0 {
		b.t.Fatalf("status %d, and no form %s in\n%s", status, form, body)
	}
	start := strings.LastIndex(body[:at], "<form")
	action := formAction.FindStringSubmatch(body[start:])
	if action == nil {
		b.t.Fatal("the form has no address")
	}
	return b.read(b.client.PostForm(html.UnescapeString(action[1]), v))
}

func (b *browser) password(status int, body, account, password string) (int, string) {
	b.t.Helper()
	return b.send(status, body, "kc-form-login", url.Values{"username": {account}, "password": {password}, "credentialId": {""}})
}

func (b *browser) code(status int, body string, at time.Time) (int, string) {
	b.t.Helper()
	return b.send(status, body, "kc-otp-login-form", url.Values{"otp": {oneTime(at)}})
}

// oneTime is the one-time code of a time (RFC 6238).
func oneTime(at time.Time) string {
	mac := hmac.New(sha1.New, []byte(otpSecret))
	_ = binary.Write(mac, binary.BigEndian, at.Unix()/30)
	sum := mac.Sum(nil)
	from := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[from:from+4])&0x7fffffff%1_000_000)
}

// keycloak starts one that nobody else reaches, in a copy of its own, and ends
// it with the test. It returns its address.
func keycloak(t *testing.T, dir, redirect string) string {
	t.Helper()
	home := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "cp", "-a", dir+"/.", home).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	ready := bytes.ReplaceAll(bytes.ReplaceAll(realm, []byte("REDIRECT"), []byte(redirect)), []byte("OTP-SECRET"), []byte(otpSecret))
	if err := os.MkdirAll(filepath.Join(home, "data", "import"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "data", "import", "staff-realm.json"), ready, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	address := fmt.Sprintf("http://localhost:%d", port)
	log, err := os.Create(filepath.Join(home, "out.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), filepath.Join(home, "bin", "kc.sh"), "start-dev", "--import-realm", "--http-host=127.0.0.1", fmt.Sprintf("--http-port=%d", port), "--hostname="+address)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a script and the Java it starts
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		_ = log.Close()
	})
	for deadline := time.Now().Add(4 * time.Minute); time.Now().Before(deadline); time.Sleep(500 * time.Millisecond) {
		r, err := http.Get(address + "/realms/staff/.well-known/openid-configuration")
		if err != nil {
			continue
		}
		r.Body.Close()
		if r.StatusCode == http.StatusOK {
			return address
		}
	}
	said, _ := os.ReadFile(log.Name())
	t.Fatalf("Keycloak did not start:\n%s", said)
	return ""
}
