//go:build unix

package entrance_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/login"
	"sluss/internal/order"
	"sluss/internal/store"
	"sluss/internal/swede"
	"sluss/internal/web/entrance"
	"sluss/internal/web/page"
	"sluss/internal/web/public"
)

var cast = []login.Persona{
	{ID: "elise", Name: "Élise Sandahl-Öhrn", Email: "elise@u.example", Roles: []order.Role{order.RoleOrderer}},
	{ID: "bo", Name: "Bo Öberg", Staff: true, Roles: []order.Role{order.RoleDecider, order.RoleHandler}},
}

// counter is a demo's pages on an address of this machine.
type counter struct {
	t   *testing.T
	url string
	l   *login.Login
	log *strings.Builder
}

func start(t *testing.T, change func(*login.Options)) *counter {
	t.Helper()
	db, err := store.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "sluss.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.MarkDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	server := httptest.NewServer(http.NewCrossOriginProtection().Handler(mux))
	t.Cleanup(server.Close)
	c := &counter{t: t, url: strings.Replace(server.URL, "127.0.0.1", "localhost", 1), log: &strings.Builder{}}
	authority := &order.Authority{Calendar: swede.NewCalendar()}
	o := login.Options{
		Accounts: db, Staff: db, Authority: authority, Origin: c.url, Mode: login.Demo, Addr: strings.TrimPrefix(server.URL, "http://"),
		Clock: time.Now, Key: []byte(strings.Repeat("k", 32)), Personas: cast, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if change != nil {
		change(&o)
	}
	if c.l, err = login.New(o); err != nil {
		t.Fatal(err)
	}
	err = page.Mount(mux, page.Site{
		Catalogue: catalog.Builtin(), Authority: authority, Clock: time.Now, Log: slog.New(slog.NewTextHandler(c.log, nil)), Visits: c.l.Visits(), Login: c.l, Cookie: c.l.CookieName(), Demo: true,
	}, []page.Room{public.Room, entrance.Room})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// browser is one that keeps cookies and follows where it is sent.
type browser struct {
	*counter
	client *http.Client
}

func (c *counter) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return &browser{c, &http.Client{Jar: jar}}
}

func (b *browser) read(r *http.Response, err error) (int, string) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Body.Close()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return r.StatusCode, string(raw)
}

func (b *browser) get(path string) (int, string) {
	b.t.Helper()
	return b.read(b.client.Get(b.url + path))
}

func (b *browser) post(path string, v url.Values) (int, string) {
	b.t.Helper()
	return b.read(b.client.PostForm(b.url+path, v))
}

// shows checks a page.
func (b *browser) shows(status int, body string, want int, texts ...string) {
	b.t.Helper()
	if status != want {
		b.t.Errorf("status %d, want %d", status, want)
	}
	for _, text := range texts {
		if !strings.Contains(body, text) {
			b.t.Errorf("%q is missing in\n%s", text, body)
		}
	}
}

func (b *browser) secret() string {
	u, _ := url.Parse(b.url)
	i := slices.IndexFunc(b.client.Jar.Cookies(u), func(c *http.Cookie) bool { return c.Name == "sluss" })
	if i < 0 {
		return ""
	}
	return b.client.Jar.Cookies(u)[i].Value
}

var letterLink = regexp.MustCompile(`href="(http[^"]+/login/link[^"]+)"`)

// TestLinkFromLetterToLogout: the whole way without script, in one browser; the
// link is opened and burnt by nobody but the button.
func TestLinkFromLetterToLogout(t *testing.T) {
	t.Parallel()
	c := start(t, nil)
	b := c.browser()
	s, body := b.get("/login?next=/logins&lang=sv")
	b.shows(s, body, 200, "Logga in", "noscript", `name="email"`, "Bo Öberg", "Beslutsfattare, Handläggare")
	s, body = b.post("/login/link?lang=sv", url.Values{"email": {"elin"}})
	b.shows(s, body, 422, `value="elin"`, "Det är ingen e-postadress.", `aria-invalid="true"`)
	s, body = b.post("/login/link?lang=sv", url.Values{"email": {""}})
	b.shows(s, body, 422, "Skriv din e-postadress.")
	s, body = b.post("/login/link?lang=sv", url.Values{"email": {"elin@u.example"}, "next": {"/logins"}})
	b.shows(s, body, 200, "Titta i din e-post")
	s, body = b.get("/demo/mail?lang=sv")
	b.shows(s, body, 200, "elin@u.example", "Öppna länken")
	m := letterLink.FindStringSubmatch(body)
	if m == nil {
		t.Fatal("no link in the letter")
	}
	path := strings.ReplaceAll(strings.TrimPrefix(m[1], c.url), "&amp;", "&")
	scanner := c.browser()
	for range 3 {
		s, body = scanner.get(path)
		scanner.shows(s, body, 200, "Koden i brevet")
	}
	s, body = b.get(path)
	b.shows(s, body, 200, "Tryck på knappen")
	if strings.Contains(body, "Koden i brevet") {
		t.Error("the browser that asked is asked for the code")
	}
	q, _ := url.ParseQuery(path[strings.Index(path, "?")+1:])
	form := url.Values{"k": {q.Get("k")}, "next": {q.Get("next")}}
	s, body = scanner.post("/login/open?lang=sv", form)
	scanner.shows(s, body, 422, "Koden stämmer inte.", q.Get("k"))
	s, body = b.post("/login/open?lang=sv", form)
	b.shows(s, body, 200, "Mina inloggningar", "Du loggade in med en länk.", "Du har ingen passernyckel än.", "Beställare")
	old := b.secret()
	s, body = b.post("/login/open?lang=sv", form)
	b.shows(s, body, 410, "Du blev inte inloggad", "Länken gäller inte längre.")
	s, body = b.get(path)
	b.shows(s, body, 410, "login.link")
	s, body = b.post("/login/role?lang=sv", url.Values{"role": {"representative"}})
	b.shows(s, body, 200, "Huvudmannens företrädare")
	if b.secret() == old || b.secret() == "" {
		t.Error("the secret is the same in another role")
	}
	s, body = b.post("/login/role?lang=sv", url.Values{"role": {"decider"}})
	b.shows(s, body, 422, "Du har inte den rollen.")
	old = b.secret()
	s, body = b.post("/logout?lang=sv", nil)
	b.shows(s, body, 200, "Du är utloggad.")
	if b.secret() != "" {
		t.Error("the cookie stays")
	}
	r, _ := http.NewRequest(http.MethodGet, c.url+"/logins", nil)
	r.AddCookie(&http.Cookie{Name: "sluss", Value: old})
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusSeeOther || !strings.HasPrefix(resp.Header.Get("Location"), "/login?") {
		t.Errorf("replayed after logout: %d %s", resp.StatusCode, resp.Header.Get("Location"))
	}
	if strings.Contains(c.log.String(), "@") || strings.Contains(c.log.String(), q.Get("k")) {
		t.Errorf("the log holds an address or a secret: %s", c.log)
	}
}

// TestTooMany answers 429.
func TestTooMany(t *testing.T) {
	t.Parallel()
	b := start(t, nil).browser()
	for i := range 6 {
		s, body := b.post("/login/link?lang=en", url.Values{"email": {"elin@u.example"}})
		if i < 5 {
			b.shows(s, body, 200, "Look in your e-mail")
		} else {
			b.shows(s, body, 429, "too many attempts", `value="elin@u.example"`)
		}
	}
}

// TestPersonaPages: one click; where there are no made-up people there is no
// page for them, and where there is no demo no letters.
func TestPersonaPages(t *testing.T) {
	t.Parallel()
	b := start(t, nil).browser()
	s, body := b.post("/login/persona?lang=sv", url.Values{"persona": {"bo"}, "next": {"/logins"}})
	b.shows(s, body, 200, "Bo Öberg", "Beslutsfattare", "påhittad person", "Tillitsnivå 3")
	s, body = b.post("/login/persona?lang=sv", url.Values{"persona": {"bo"}, "next": {"https://evil.example/"}})
	b.shows(s, body, 200, "Bo Öberg", "slussportar") // the start page
	s, _ = b.post("/login/persona?lang=sv", url.Values{"persona": {"ingen"}})
	b.shows(s, "", 404)
	b = start(t, func(o *login.Options) { o.Personas, o.Mailer = nil, &login.Outbox{} }).browser()
	s, _ = b.post("/login/persona?lang=sv", url.Values{"persona": {"bo"}})
	b.shows(s, "", 404)
	s, _ = b.get("/demo/mail")
	b.shows(s, "", 404)
	s, body = b.get("/login?lang=sv")
	b.shows(s, body, 200)
	if strings.Contains(body, "persona") || strings.Contains(body, "Demons") {
		t.Error("a demo's ways in outside one")
	}
}

// TestScenario25ForgedForms: a form on another site logs nobody in or out, and
// changes nothing.
func TestScenario25ForgedForms(t *testing.T) {
	t.Parallel()
	c := start(t, nil)
	for _, r := range entrance.Room.Routes {
		method, path, _ := strings.Cut(r.Pattern, " ")
		if method != http.MethodPost {
			continue
		}
		req, _ := http.NewRequest(method, c.url+path, strings.NewReader("persona=bo"))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}

// TestPasskeyRoutes: what the script asks for comes as JSON with a cookie that
// only the server reads; refusals come in words.
func TestPasskeyRoutes(t *testing.T) {
	t.Parallel()
	b := start(t, nil).browser()
	resp, err := b.client.Post(b.url+"/login/passkey/begin", "application/json", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := resp.Cookies(); len(c) != 1 || c[0].Name != "sluss-ceremony" || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode {
		t.Errorf("cookies %v", c)
	}
	s, body := b.read(resp, nil)
	b.shows(s, body, 200, `"challenge"`, `"userVerification":"required"`)
	for _, want := range []string{"Passernyckeln gick inte", "tog för lång tid"} { // rubbish, and then nothing is begun
		s, body = b.read(b.client.Post(b.url+"/login/passkey/finish?lang=sv", "application/json", strings.NewReader("{}")))
		b.shows(s, body, 422, want)
	}
	s, body = b.post("/login/persona?lang=sv", url.Values{"persona": {"bo"}, "next": {"/logins"}})
	b.shows(s, body, 200, `data-passkey="create"`, "passkey.")
	s, body = b.read(b.client.Post(b.url+"/logins/begin", "application/json", nil))
	b.shows(s, body, 200, `"residentKey":"required"`)
	s, body = b.read(b.client.Post(b.url+"/logins/finish?lang=en&name=x", "application/json", strings.NewReader("{}")))
	b.shows(s, body, 422, "could not be logged in with")
	s, _ = b.post("/logins/remove?lang=sv", url.Values{"key": {"nobody's"}})
	b.shows(s, "", 404)
	s, body = b.post("/logins/leave?lang=sv", nil)
	b.shows(s, body, 200, "utloggad överallt")
}

// member puts somebody into the staff table.
func member(t *testing.T, o *login.Options, id string) {
	t.Helper()
	if err := o.Staff.PutMember(t.Context(), app.Member{ID: id, Roles: []order.Role{order.RoleDecider}}, order.Actor{ID: "adm"}, time.Now()); err != nil {
		t.Fatal(err)
	}
}
