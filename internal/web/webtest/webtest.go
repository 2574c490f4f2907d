// Package webtest lets tests of pages be visitors: a whole counter full of the
// showcase's cases, and a browser without script for each persona.
//
//	c := webtest.New(t, web.Rooms)
//	b := c.As(showcase.Handler)
//	p := b.Get("/cases/" + c.Case("late"))
//	p = b.Send(p, "supplement", webtest.Values{"text": "…"})
//
// Every page that is fetched is looked at: it has a title, a language and one
// heading, nothing of it is written twice under one id, every field has a
// label, and no identity number stands in it.
package webtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/blob"
	"sluss/internal/catalog"
	"sluss/internal/config"
	"sluss/internal/day"
	"sluss/internal/document"
	"sluss/internal/ethicsdoc"
	"sluss/internal/intake"
	"sluss/internal/letterpress"
	"sluss/internal/order"
	"sluss/internal/sealed"
	"sluss/internal/showcase"
	"sluss/internal/signed"
	"sluss/internal/store"
	"sluss/internal/web/page"
)

// Today is the day in every test, a Wednesday.
var Today = day.MustParse("2026-11-04")

// Counter is a counter of a test's own.
type Counter struct {
	t     testing.TB
	App   *app.App
	DB    *store.Store
	Mux   *http.ServeMux
	Shown showcase.Shown
	// Now is what its clock shows.
	Now time.Time
}

// filled is the showcase, played once for all tests of a program.
type filled struct {
	dir              string
	shown            showcase.Shown
	key, public      string // the counter's own
	identity, vaults string // the vault's key pair
	err              error
}

var fill = sync.OnceValue(func() filled {
	var f filled
	if f.dir, f.err = os.MkdirTemp("", "sluss-webtest-"); f.err != nil {
		return f
	}
	if f.key, f.public, f.err = signed.Generate(rand.NewChaCha8([32]byte{1}), "sluss"); f.err != nil {
		return f
	}
	if f.identity, f.vaults, f.err = sealed.GenerateIdentity(); f.err != nil {
		return f
	}
	a, db, err := f.open(f.dir)
	if err != nil {
		f.err = err
		return f
	}
	f.shown, f.err = showcase.Fill(context.Background(), showcase.Options{App: a, Now: Today, Rand: rand.NewChaCha8([32]byte{2})})
	if f.err == nil {
		_, f.err = (&audit.Sequencer{Tree: db, Key: f.key, Holder: "webtest", Clock: time.Now}).Once(context.Background())
	}
	if err := db.Close(); f.err == nil {
		f.err = err
	}
	return f
})

// open is a counter on a folder.
func (f *filled) open(dir string) (*app.App, *store.Store, error) {
	db, err := store.OpenSQLite(context.Background(), filepath.Join(dir, "sluss.db"))
	if err != nil {
		return nil, nil, err
	}
	blobs, err := blob.NewDir(filepath.Join(dir, "documents"))
	if err != nil {
		return nil, nil, err
	}
	authority, err := config.Load("")
	if err != nil {
		return nil, nil, err
	}
	authority.Seller = showcase.Seller()
	signers := append(signed.Signers{{Name: "sluss", Role: order.RoleRegistrar, Key: f.public}}, f.shown.Signers...)
	text := func(data []byte) (string, error) {
		pages, err := ethicsdoc.Pages(context.Background(), data)
		return strings.Join(pages, "\n"), err
	}
	return &app.App{
		Log: db, Queue: db, Blobs: blobs, Clock: time.Now, Authority: authority, Catalogue: catalog.Builtin(), Open: signers.Open, VaultKey: f.vaults, Seal: sealed.Seal,
		Sign: func(doc any) (string, error) { return signed.Sign(doc, f.key) }, Name: "sluss",
		Beside: app.Beside{
			Press:  letterpress.New("", nil, 1),
			Drafts: db, Upgrade: app.UpgradeAnswers, Form: intake.CurrentForm, Unsent: db, UnsentKey: bytes.Repeat([]byte{7}, 32), Attachments: db, Inspect: document.Inspector{PDFText: text}.Inspect,
			Reads: app.NewReadLog(db, quiet), Office: app.Office{Digests: db, Staff: db, Incoming: db, Pages: ethicsdoc.Pages},
		},
	}, db, nil
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// New is a counter with the showcase's cases and these rooms, which change may
// make different from a demo.
func New(t testing.TB, rooms []page.Room, change ...func(*app.App, *page.Site)) *Counter {
	t.Helper()
	f := fill()
	if f.err != nil {
		t.Fatal(f.err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(f.dir)); err != nil {
		t.Fatal(err)
	}
	a, db, err := f.open(dir)
	if err != nil {
		t.Fatal(err)
	}
	shelf := store.NewShelf(db)
	t.Cleanup(func() {
		spoilt, err := shelf.Spoilt(context.Background())
		if err != nil || len(spoilt) > 0 {
			t.Errorf("a page has changed what it was only to read: %v %v", spoilt, err)
		}
		_ = db.Close()
	})
	c := &Counter{t: t, App: a, DB: db, Mux: http.NewServeMux(), Shown: f.shown, Now: time.Unix(int64(Today)*86400+10*3600, 0).UTC()}
	verifier, err := audit.NewVerifier(f.public)
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { c.Now = c.Now.Add(time.Millisecond); return c.Now }
	a.Clock = clock
	site := page.Site{
		Cases: shelf, Catalogue: a.Catalogue, Authority: a.Authority, Clock: clock, Log: slog.New(slog.NewTextHandler(&shout{t}, nil)), Orders: a, Visits: visits{c}, Cookie: "sluss", Demo: true,
		SignAs:      func(person string, doc any) (string, error) { return signed.Sign(doc, f.shown.Keys[person]) },
		VaultSigner: signed.Fingerprint(f.shown.VaultSigner), Proof: audit.Book{Log: db, Key: verifier},
	}
	for _, f := range change {
		f(a, &site)
	}
	if err := page.Mount(c.Mux, site, rooms); err != nil {
		t.Fatal(err)
	}
	return c
}

// shout makes what the pages log a failure of the test: they log only what
// failed inside.
type shout struct{ t testing.TB }

func (s *shout) Write(b []byte) (int, error) {
	s.t.Errorf("logged: %s", b)
	return len(b), nil
}

// Case is the number of the showcase's case in a situation.
func (c *Counter) Case(situation showcase.Situation) string {
	c.t.Helper()
	id, ok := c.Shown.Cases[situation]
	if !ok {
		c.t.Fatalf("the showcase has no %q", situation)
	}
	return id
}

// State is a case as it is now.
func (c *Counter) State(id string) order.State {
	c.t.Helper()
	s, err := c.App.State(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

// visits lets everybody of the cast in: the secret is persona|role.
type visits struct{ c *Counter }

func (v visits) Visitor(_ context.Context, secret string) (app.Visitor, error) {
	id, role, _ := strings.Cut(secret, "|")
	role, old := strings.CutSuffix(role, "|old")
	since := v.c.Now
	if old {
		since = since.Add(-2 * time.Hour)
	}
	for _, p := range showcase.Cast() {
		if p.ID != id {
			continue
		}
		return app.Visitor{
			Session: "test", Name: p.Name, Roles: p.Roles, Method: "persona", Assurance: app.AssuranceHigh, Since: since, Expires: v.c.Now.Add(time.Hour),
			Person: access.Person{ID: p.ID, Role: order.Role(role), Email: p.Email, Organisation: p.Organisation, Assurance: int(app.AssuranceHigh)},
		}, nil
	}
	return app.Visitor{}, app.ErrNotFound
}

func (visits) TakeRole(context.Context, string, order.Role) (string, error) { return "", nil }
func (visits) Leave(context.Context, string) error                          { return nil }

// Browser is a browser without script.
type Browser struct {
	c      *Counter
	secret string
	// Lang is the browser's language, "sv" at first.
	Lang string
	// Submissions counts the forms that were posted.
	Submissions int
}

// As is the browser of a persona in its first role, or in the one given. ""
// is nobody.
func (c *Counter) As(persona string, role ...order.Role) *Browser {
	c.t.Helper()
	b := &Browser{c: c, Lang: "sv"}
	if persona == "" {
		return b
	}
	for _, p := range showcase.Cast() {
		if p.ID == persona {
			r := append(role, p.Roles[0])[0]
			b.secret = p.ID + "|" + string(r)
			return b
		}
	}
	c.t.Fatalf("nobody of the cast is %q", persona)
	return nil
}

// Page is what a browser shows.
type Page struct {
	Path   string // where it ended up
	Status int
	Header http.Header
	HTML   string
	root   *html.Node
}

// Get fetches a page, and goes where it is sent.
func (b *Browser) Get(path string) *Page {
	b.c.t.Helper()
	return b.follow(httptest.NewRequest(http.MethodGet, path, nil))
}

func (b *Browser) follow(r *http.Request) *Page {
	b.c.t.Helper()
	for range 5 {
		r.Header.Set("Accept-Language", b.Lang)
		if b.secret != "" {
			r.AddCookie(&http.Cookie{Name: "sluss", Value: b.secret})
		}
		w := httptest.NewRecorder()
		b.c.Mux.ServeHTTP(w, r)
		if w.Code != http.StatusSeeOther {
			p := &Page{Path: r.URL.Path, Status: w.Code, Header: w.Header(), HTML: w.Body.String()}
			if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				p.look(b.c.t, b.Lang)
			}
			return p
		}
		to := w.Header().Get("Location")
		if strings.HasPrefix(to, "/login") { // the rooms under test need not have it
			return &Page{Path: "/login", Status: w.Code, Header: w.Header()}
		}
		r = httptest.NewRequest(http.MethodGet, to, nil)
	}
	b.c.t.Fatal("sent round and round")
	return nil
}

// Values are what is typed into a form: name, value. Several choices are
// separated by line breaks; "" of a choice takes it away.
type Values map[string]string

// Send fills in the form on the page whose action, or that of one of its
// buttons, contains a text, and posts it there: with what stands in its fields, changed by what is typed. A name that the
// form does not have, or a choice that it does not offer, fails the test.
func (b *Browser) Send(p *Page, action string, typed Values) *Page {
	b.c.t.Helper()
	return b.post(p, action, typed, nil)
}

// Upload is a file that a form sends.
type Upload struct {
	Name string
	Data []byte
}

// SendFiles is [Browser.Send] of a form with files, by field.
func (b *Browser) SendFiles(p *Page, action string, typed Values, uploads map[string]Upload) *Page {
	b.c.t.Helper()
	return b.post(p, action, typed, uploads)
}

func (b *Browser) post(p *Page, action string, typed Values, uploads map[string]Upload) *Page {
	b.c.t.Helper()
	form := p.form(action)
	if form == nil {
		b.c.t.Fatalf("%s has no form to %q", p.Path, action)
	}
	sent := b.typed(p, form, action, typed)
	b.Submissions++
	target := attr(form, "action")
	if !strings.Contains(target, action) {
		target = buttonTo(form, action)
	}
	if attr(form, "method") != "post" {
		return b.Get(strings.Split(target, "?")[0] + "?" + sent.Encode())
	}
	var r *http.Request
	if attr(form, "enctype") == "multipart/form-data" {
		var body bytes.Buffer
		m := multipart.NewWriter(&body)
		for name, values := range sent {
			for _, v := range values {
				_ = m.WriteField(name, v)
			}
		}
		for name, u := range uploads {
			w, _ := m.CreateFormFile(name, u.Name)
			_, _ = w.Write(u.Data)
		}
		_ = m.Close()
		r = httptest.NewRequest(http.MethodPost, target, &body)
		r.Header.Set("Content-Type", m.FormDataContentType())
	} else {
		r = httptest.NewRequest(http.MethodPost, target, strings.NewReader(sent.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Referer", "http://"+r.Host+p.Path)
	return b.follow(r)
}

// typed is what a form sends: what stands in its fields, changed by what is
// typed.
func (b *Browser) typed(p *Page, form *html.Node, action string, typed Values) url.Values {
	b.c.t.Helper()
	fields := fieldsOf(form)
	for name, value := range typed {
		offers, ok := fields[name]
		if !ok {
			b.c.t.Fatalf("%s: the form to %q has no field %s", p.Path, action, name)
		}
		if err := offers.set(value); err != nil {
			b.c.t.Fatalf("%s: field %s: %v", p.Path, name, err)
		}
	}
	sent := url.Values{}
	for name, f := range fields {
		sent[name] = f.values
	}
	return sent
}

// setHidden puts a value into a hidden field of a form.
func setHidden(form *html.Node, name, value string) {
	walk(form, func(n *html.Node) {
		if n.Data == "input" && attr(n, "type") == "hidden" && attr(n, "name") == name {
			for i := range n.Attr {
				if n.Attr[i].Key == "value" {
					n.Attr[i].Val = value
				}
			}
		}
	})
}

// Has fails the test when one of the texts is not on the page.
func (p *Page) Has(t testing.TB, texts ...string) *Page {
	t.Helper()
	all := p.Text()
	for _, s := range texts {
		if !strings.Contains(all, s) && !strings.Contains(p.HTML, s) {
			t.Errorf("%s (%d): %q is missing in\n%s", p.Path, p.Status, s, all)
		}
	}
	return p
}

// Lacks fails the test when one of the texts is on the page.
func (p *Page) Lacks(t testing.TB, texts ...string) *Page {
	t.Helper()
	for _, s := range texts {
		if strings.Contains(p.Text(), s) {
			t.Errorf("%s: %q is on the page", p.Path, s)
		}
	}
	return p
}

// Is fails the test when the page has another status.
func (p *Page) Is(t testing.TB, status int) *Page {
	t.Helper()
	if p.Status != status {
		t.Fatalf("%s: status %d, want %d\n%s", p.Path, p.Status, status, p.Text())
	}
	return p
}

// Text is what a reader reads.
func (p *Page) Text() string {
	if p.root == nil {
		return p.HTML
	}
	var b strings.Builder
	walk(p.root, func(n *html.Node) {
		if n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" {
			b.WriteString(strings.Join(strings.FieldsFunc(n.Data, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' }), " "))
			b.WriteString(" ")
		}
	})
	return b.String()
}

// Field is what stands in a field of a form on the page.
func (p *Page) Field(action, name string) string {
	if form := p.form(action); form != nil {
		if f := fieldsOf(form)[name]; f != nil {
			return strings.Join(f.values, "\n")
		}
	}
	return ""
}

// HasForm reports whether a form on the page posts to an address with the text.
func (p *Page) HasForm(action string) bool { return p.form(action) != nil }

// Links are the addresses that the page links to, without the language.
func (p *Page) Links() []string {
	var out []string
	walk(p.root, func(n *html.Node) {
		if n.Data == "a" && attr(n, "href") != "" {
			out = append(out, regexp.MustCompile(`[?&]lang=..`).ReplaceAllString(attr(n, "href"), ""))
		}
	})
	return out
}

func (p *Page) form(action string) (found *html.Node) {
	walk(p.root, func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "form" && found == nil && (strings.Contains(attr(n, "action"), action) || buttonTo(n, action) != "") {
			found = n
		}
	})
	return found
}

// buttonTo is where a button of the form sends it instead, "" when none does to
// an address with the text.
func buttonTo(form *html.Node, action string) (to string) {
	walk(form, func(n *html.Node) {
		if n.Data == "button" && has(n, "formaction") && strings.Contains(attr(n, "formaction"), action) && to == "" {
			to = attr(n, "formaction")
		}
	})
	return to
}

// offered is a field of a form: what it holds, and what it offers.
type offered struct {
	values []string
	among  []string // of choices; nil = anything
}

func (f *offered) set(value string) error {
	f.values = nil
	for _, v := range strings.Split(value, "\n") {
		if f.among == nil {
			f.values = []string{value}
			return nil
		}
		if v == "" {
			continue
		}
		if !contains(f.among, v) {
			return fmt.Errorf("%q is not offered, only %q", v, f.among)
		}
		f.values = append(f.values, v)
	}
	return nil
}

func contains(all []string, one string) bool {
	for _, x := range all {
		if x == one {
			return true
		}
	}
	return false
}

func fieldsOf(form *html.Node) map[string]*offered {
	out := map[string]*offered{}
	at := func(name string) *offered {
		if out[name] == nil {
			out[name] = &offered{}
		}
		return out[name]
	}
	walk(form, func(n *html.Node) {
		name := attr(n, "name")
		if n.Type != html.ElementNode || name == "" {
			return
		}
		switch n.Data {
		case "input":
			switch attr(n, "type") {
			case "radio", "checkbox":
				f := at(name)
				f.among = append(f.among, attr(n, "value"))
				if has(n, "checked") {
					f.values = append(f.values, attr(n, "value"))
				}
			case "file", "submit":
			default:
				at(name).values = []string{attr(n, "value")}
			}
		case "button": // pressed when its value is typed
			at(name).among = append(at(name).among, attr(n, "value"))
		case "textarea":
			text := ""
			walk(n, func(c *html.Node) {
				if c.Type == html.TextNode {
					text += c.Data
				}
			})
			at(name).values = []string{strings.TrimPrefix(text, "\n")}
		case "select":
			f := at(name)
			f.among = []string{}
			walk(n, func(o *html.Node) {
				if o.Data != "option" {
					return
				}
				f.among = append(f.among, attr(o, "value"))
				if has(o, "selected") || len(f.values) == 0 {
					f.values = []string{attr(o, "value")}
				}
			})
		}
	})
	return out
}

// look is what every page must be.
func (p *Page) look(t testing.TB, lang string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(p.HTML))
	if err != nil {
		t.Fatal(err)
	}
	p.root = root
	ids, labels, headings := map[string]int{}, map[string]bool{}, 0
	var needs []*html.Node
	var title, speaks string
	walk(root, func(n *html.Node) {
		if n.Type != html.ElementNode {
			return
		}
		if id := attr(n, "id"); id != "" {
			ids[id]++
		}
		switch n.Data {
		case "html":
			speaks = attr(n, "lang")
		case "title":
			if n.FirstChild != nil {
				title = n.FirstChild.Data
			}
		case "h1":
			headings++
		case "label":
			labels[attr(n, "for")] = true
		case "input", "select", "textarea":
			if typ := attr(n, "type"); typ != "hidden" && typ != "submit" {
				needs = append(needs, n)
			}
		}
	})
	if title == "" || speaks == "" || headings != 1 {
		t.Errorf("%s: title %q, language %q, %d headings", p.Path, title, speaks, headings)
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%s: %d elements are called %s", p.Path, n, id)
		}
	}
	for _, n := range needs {
		if !labels[attr(n, "id")] && attr(n, "aria-label") == "" && attr(n, "aria-labelledby") == "" {
			t.Errorf("%s: field %s has no label", p.Path, attr(n, "name"))
		}
	}
	for _, m := range regexp.MustCompile(`href="#([a-zA-Z][\w.:-]*)"`).FindAllStringSubmatch(p.HTML, -1) {
		if ids[m[1]] == 0 {
			t.Errorf("%s: a link goes to #%s, which is not there", p.Path, m[1])
		}
	}
	if m := regexp.MustCompile(`\b(19|20)?\d{6}[-+]\d{4}\b`).FindString(p.Text()); m != "" && !organisation(m) {
		t.Errorf("%s: something like an identity number is on the page", p.Path)
	}
	if strings.Contains(p.HTML, "ZgotmplZ") {
		t.Errorf("%s: the template has thrown something away", p.Path)
	}
}

// organisation reports whether the third figure says that it is an
// organisation's number.
func organisation(s string) bool { return len(s) == 11 && s[2] >= '2' }

func walk(n *html.Node, visit func(*html.Node)) {
	if n == nil {
		return
	}
	visit(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, visit)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}
