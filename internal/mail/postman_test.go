package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/intake"
	brev "sluss/internal/letter"
	"sluss/internal/order"
	"sluss/internal/store"
)

// press makes letters of a word, so that a mail with files can be looked at.
type press struct{}

func (press) Makes(string) bool                { return true }
func (press) HTML(brev.Letter) ([]byte, error) { return nil, app.ErrNoPress }

func (press) PDF(_ context.Context, l brev.Letter) ([]byte, error) {
	return []byte("%PDF " + l.Title), nil
}

func (press) Seal([]byte) ([]byte, error) { return nil, app.ErrNoPress }

// post is a counter with an outbox whose clock is moved by hand, and a postman
// who goes to a real server.
type post struct {
	t       *testing.T
	file    string
	app     *app.App
	mu      sync.Mutex
	now     time.Time
	account bool
}

const caseID = "FK-2026-00017"

func newPost(t *testing.T) *post {
	t.Helper()
	p := &post{t: t, file: filepath.Join(t.TempDir(), "sluss.db"), now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)}
	p.open()
	if err := p.app.Outbox.UseMail(t.Context(), p.now); err != nil {
		t.Fatal(err)
	}
	return p
}

// open starts the counter on the same database, as after a stop.
func (p *post) open() {
	p.t.Helper()
	db, err := store.OpenSQLite(p.t.Context(), p.file)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = db.Close() })
	p.app = &app.App{
		Log: db, Clock: p.clock, Authority: &order.Authority{Name: catalog.Text{SV: "Myndigheten", EN: "The Authority"}}, Catalogue: catalog.Builtin(),
		Beside: app.Beside{
			Outbox: db, Press: press{}, Origin: "https://sluss.example.se",
			HasAccount: func(context.Context, string) (bool, error) { return p.account, nil },
		},
	}
}

func (p *post) clock() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *post) wait(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = p.now.Add(d)
}

// happens stores events in the case.
func (p *post) happens(id string, events ...order.Event) {
	p.t.Helper()
	old, err := p.app.Log.Load(p.t.Context(), id)
	if err != nil && !app.IsNotFound(err) {
		p.t.Fatal(err)
	}
	var entries []order.Entry
	for i, ev := range events {
		entries = append(entries, order.Entry{Version: len(old) + i + 1, At: p.clock(), By: order.Actor{ID: "a", Role: order.RoleHandler}, Event: ev})
	}
	if err := p.app.Log.Append(p.t.Context(), id, entries, app.Summary{ID: id, Phase: order.PhaseReceived, Version: len(old) + len(events), Changed: p.clock()}, nil); err != nil {
		p.t.Fatal(err)
	}
}

func submitted() order.Event {
	return &order.Submitted{Application: intake.Application{
		Title: "Hemlig rubrik", Orderer: intake.Person{Name: "Elin Berg", Email: to},
		Principal: intake.Principal{Name: "Universitetet", Representative: intake.Person{Name: "Ragnhild", Email: "ragnhild@sjolunda.example"}},
	}}
}

// round makes and sends what is due.
func (p *post) round(m Sender) {
	p.t.Helper()
	man := Postman{Outbox: p.app, Sender: m, Log: slog.New(slog.DiscardHandler)}
	if err := errors.Join(man.Make(p.t.Context()), man.Empty(p.t.Context())); err != nil {
		p.t.Fatal(err)
	}
}

// states are the states of the case's mail, with the fault.
func (p *post) states() string {
	p.t.Helper()
	all, err := p.app.MailOf(p.t.Context(), caseID)
	if err != nil {
		p.t.Fatal(err)
	}
	var out []string
	for _, m := range all {
		if m.Address != "" {
			p.t.Error("an address is shown")
		}
		out = append(out, strings.TrimSpace(m.Audience+" "+m.State+" "+m.Fault))
	}
	return strings.Join(out, "; ")
}

func (p *post) want(states string) {
	p.t.Helper()
	if got := p.states(); got != states {
		p.t.Errorf("%q, want %q", got, states)
	}
}

func sender(t *testing.T, s *server) *SMTP {
	t.Helper()
	port, roots := s.start(t, true)
	m, err := New("smtp://localhost:"+port, from, "", roots)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestReceiptAtOnce: what happens is told once, encrypted, with one link and
// nothing of the case.
func TestReceiptAtOnce(t *testing.T) {
	t.Parallel()
	p, s := newPost(t), &server{}
	m := sender(t, s)
	p.happens(caseID, submitted(), &order.Acknowledged{})
	p.round(m)
	p.round(m)
	p.want("orderer sent")
	if len(s.letters) != 1 || s.letters[0].to != to {
		t.Fatalf("%d letters", len(s.letters))
	}
	text := plain(t, s.letters[0].data)
	if !strings.Contains(text, "Ärende "+caseID+": Vi har tagit emot din beställning.") || !strings.Contains(text, "https://sluss.example.se/cases/"+caseID) || strings.Contains(text, "Elin") || strings.Contains(text, "Hemlig") {
		t.Errorf("%s", text)
	}
}

// plain is the text of a letter, and of its first part when it has several.
func plain(t *testing.T, raw []byte) string {
	t.Helper()
	body, _ := opened(t, raw)
	return body
}

func opened(t *testing.T, raw []byte) (text string, files map[string]string) {
	t.Helper()
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	typ, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(typ, "multipart/") {
		return decoded(t, msg.Header.Get("Content-Transfer-Encoding"), msg.Body), nil
	}
	files = map[string]string{}
	for r := multipart.NewReader(msg.Body, params["boundary"]); ; {
		part, err := r.NextPart() // takes quoted-printable away itself
		if err != nil {
			return text, files
		}
		body := decoded(t, part.Header.Get("Content-Transfer-Encoding"), part)
		if name := part.FileName(); name != "" {
			files[name] = body
		} else {
			text = body
		}
	}
}

// TestServerDownForAnHour: the mail waits, longer each time, survives a
// restart, and leaves when the server is back; nothing is sent twice.
func TestServerDownForAnHour(t *testing.T) {
	t.Parallel()
	p, s := newPost(t), &server{}
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, dead, _ := net.SplitHostPort(ln.Addr().String())
	_ = ln.Close()
	down, err := New("smtp+plain://localhost:"+dead, from, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	p.happens(caseID, submitted(), &order.Acknowledged{})
	for range 60 {
		p.round(down)
		p.wait(time.Minute)
		p.open()
	}
	p.want("orderer queued mail.later")
	all, err := p.app.MailOf(t.Context(), caseID)
	if err != nil || all[0].Attempts < 5 || all[0].Attempts > 7 {
		t.Errorf("%d attempts in an hour, %v", all[0].Attempts, err)
	}
	up := sender(t, s)
	for range 60 {
		p.round(up)
		p.wait(time.Minute)
	}
	p.want("orderer sent")
	if len(s.letters) != 1 {
		t.Errorf("%d letters", len(s.letters))
	}
}

// TestOneAtATime: a mail that is under way is nobody else's until its lease ends;
// then another process sends it.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.happens(caseID, submitted(), &order.Acknowledged{})
	if _, err := p.app.SpreadMail(t.Context()); err != nil {
		t.Fatal(err)
	}
	first, err := p.app.NextMail(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.wait(time.Minute)
	if _, err := p.app.NextMail(t.Context()); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("leased twice: %v", err)
	}
	p.wait(time.Minute)
	if m, err := p.app.NextMail(t.Context()); err != nil || m.IDs[0] != first.IDs[0] || m.Attempts != 2 {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestGivenUp: after three days a mail is given up, and says so.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.happens(caseID, submitted(), &order.Acknowledged{})
	tries := 0
	for range 24 * 4 {
		p.round(senderFunc(func() error { tries++; return ErrLater }))
		p.wait(time.Hour)
	}
	p.want("orderer given_up mail.later")
	if tries < 15 || tries > 30 {
		t.Errorf("%d attempts", tries)
	}
}

type senderFunc func() error

func (f senderFunc) SendWith(context.Context, string, string, string, []File) error { return f() }

// TestRefusedAndSlow: a refused address ends that mail and not the other's; a
// slow server is waited for.
func TestRefusedAndSlow(t *testing.T) {
	t.Parallel()
	p, s := newPost(t), &server{refuse: 550}
	m := sender(t, s)
	p.happens(caseID, submitted(), &order.Acknowledged{})
	p.round(m)
	p.want("orderer refused mail.refused 550")
	s.mu.Lock()
	s.refuse, s.slow = 0, 300*time.Millisecond
	s.mu.Unlock()
	p.happens(caseID, &order.QuoteDrafted{})
	p.round(m)
	p.want("orderer refused mail.refused 550; orderer sent")
}

// TestDecisionWithLetters: a representative without an account gets decision and
// quote as files; the orderer, and who can log in, gets the link only.
func TestDecisionWithLetters(t *testing.T) {
	t.Parallel()
	for _, account := range []bool{false, true} {
		p, s := newPost(t), &server{}
		p.account = account
		m := sender(t, s)
		p.happens(caseID, submitted(), &order.Decided{Decision: order.Decision{ID: caseID + "-B1"}}, &order.DecisionDispatched{To: []string{"representative", "orderer"}})
		p.round(m)
		p.want("representative sent; orderer sent")
		if len(s.letters) != 2 {
			t.Fatalf("%d letters", len(s.letters))
		}
		for _, l := range s.letters {
			text, files := opened(t, l.data)
			enclosed := !account && strings.HasPrefix(l.to, "ragnhild")
			if (len(files) == 1) != enclosed || strings.Contains(text, "som filer") != enclosed {
				t.Errorf("account %v: %s has %d files: %s", account, l.to, len(files), text)
			}
			for name, body := range files {
				if name != caseID+"-decision.sv.pdf" || !strings.HasPrefix(body, "%PDF Beslut") {
					t.Errorf("%s: %q", name, body)
				}
			}
		}
	}
}

// TestDigest: what can wait is sent in one mail the next morning, seven o'clock
// in Sweden.
func TestDigest(t *testing.T) {
	t.Parallel()
	p, s := newPost(t), &server{}
	m := sender(t, s)
	other := "FK-2026-00018"
	p.happens(caseID, submitted(), &order.Purged{})
	p.happens(other, submitted(), &order.DatePromised{})
	p.wait(17*time.Hour + 59*time.Minute) // 05.59 in UTC, 06.59 in Sweden
	p.round(m)
	// The first round makes the mail; its morning is the one that comes.
	if len(s.letters) != 0 {
		t.Fatalf("%d letters before the morning", len(s.letters))
	}
	p.wait(time.Minute)
	p.round(m)
	p.want("orderer sent")
	if len(s.letters) != 1 {
		t.Fatalf("%d letters", len(s.letters))
	}
	text := plain(t, s.letters[0].data)
	if !strings.Contains(text, caseID) || !strings.Contains(text, other) || !strings.Contains(text, "https://sluss.example.se/cases?lang=sv") {
		t.Errorf("%s", text)
	}
}

func decoded(t *testing.T, encoding string, r io.Reader) string {
	t.Helper()
	switch strings.ToLower(encoding) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestSecondServer sends through aiosmtpd, a mail server that shares no code
// with ours; make verify starts it (tools/letters/mail.sh) and names its port in
// SLUSS_SMTP_PORT and its certificate in SLUSS_SMTP_ROOT.
func TestSecondServer(t *testing.T) {
	port, root := os.Getenv("SLUSS_SMTP_PORT"), os.Getenv("SLUSS_SMTP_ROOT")
	if port == "" {
		t.Skip("skipped: make verify starts the second mail server (SLUSS_SMTP_PORT)")
	}
	raw, err := os.ReadFile(root)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(raw)
	m, err := New("smtp://localhost:"+port, from, "", &tls.Config{RootCAs: pool, ServerName: "localhost", MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	p := newPost(t)
	p.happens(caseID, submitted(), &order.Acknowledged{}, &order.Decided{Decision: order.Decision{ID: caseID + "-B1"}}, &order.DecisionDispatched{To: []string{"representative", "orderer"}})
	p.round(m)
	p.want("orderer sent; representative sent; orderer sent")
	if err := m.Send(t.Context(), "nobody@sjolunda.example", "x", "y"); !errors.Is(err, ErrRefused) {
		t.Errorf("%v", err)
	}
}
