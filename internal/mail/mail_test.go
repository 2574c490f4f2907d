package mail

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"mime"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"sluss/internal/fault"
)

// server is a real mail server on this machine, with faults to order.
type server struct {
	mu      sync.Mutex
	letters []letter
	refuse  int           // answer to RCPT; 0 = take it
	slow    time.Duration // before it takes the letter
	login   bool          // asks for a password
}

type letter struct {
	to   string
	data []byte
}

type session struct {
	s      *server
	to     string
	inside bool
}

func (s *server) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{s: s}, nil }

func (x *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (x *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "sluss" || password != "hemligt" {
			return errors.New("no")
		}
		x.inside = true
		return nil
	}), nil
}

func (x *session) Mail(string, *smtp.MailOptions) error {
	if x.s.login && !x.inside {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	if x.s.refuse > 0 {
		return &smtp.SMTPError{Code: x.s.refuse, EnhancedCode: smtp.EnhancedCode{x.s.refuse / 100, 1, 1}, Message: "no such person " + to}
	}
	x.to = to
	return nil
}

func (x *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	time.Sleep(x.s.slow)
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.s.letters = append(x.s.letters, letter{x.to, b})
	return nil
}
func (*session) Reset()        {}
func (*session) Logout() error { return nil }

// start serves on a port of its own; encrypted says whether STARTTLS is there.
func (s *server) start(t *testing.T, encrypted bool) (port string, roots *tls.Config) {
	t.Helper()
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	x := smtp.NewServer(s)
	x.Domain, x.AllowInsecureAuth, x.ReadTimeout, x.WriteTimeout = "localhost", true, time.Minute, time.Minute
	if encrypted {
		cert, pool := certificate(t)
		x.TLSConfig, roots = &tls.Config{Certificates: []tls.Certificate{cert}}, &tls.Config{RootCAs: pool, ServerName: "localhost", MinVersion: tls.VersionTLS12}
	}
	go func() { _ = x.Serve(ln) }() // ends when it is closed
	t.Cleanup(func() { _ = x.Close() })
	_, port, err = net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, roots
}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	raw, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, pool
}

const (
	from    = "registrator@myndighet.example"
	to      = "elin@sjolunda.example"
	subject = "Din beställning är på väg – åäö"
)

func TestSendsEncrypted(t *testing.T) {
	t.Parallel()
	s := &server{login: true}
	port, roots := s.start(t, true)
	m, err := New("smtp://sluss@localhost:"+port, from, "hemligt", roots)
	if err != nil {
		t.Fatal(err)
	}
	text := "Hej!\n\nÖppna https://sluss.example.se/cases/FK-2026-00001\n"
	if err := m.Send(t.Context(), to, subject, text); err != nil {
		t.Fatal(err)
	}
	if len(s.letters) != 1 || s.letters[0].to != to {
		t.Fatalf("%d letters", len(s.letters))
	}
	msg, err := mail.ReadMessage(bytes.NewReader(s.letters[0].data))
	if err != nil {
		t.Fatal(err)
	}
	got, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil || got != subject {
		t.Errorf("subject %q, %v", got, err)
	}
	for _, name := range []string{"User-Agent", "X-Mailer"} {
		if msg.Header.Get(name) != "" {
			t.Errorf("the letter tells %s", name)
		}
	}
	if msg.Header.Get("Auto-Submitted") != "auto-generated" || msg.Header.Get("To") != "<"+to+">" {
		t.Errorf("headers %v", msg.Header)
	}
}

// TestFaults: what the server does is told apart, and no fault names the
// address.
func TestFaults(t *testing.T) {
	t.Parallel()
	refusing := func(code int) func(*testing.T) *SMTP {
		return func(t *testing.T) *SMTP {
			s := &server{refuse: code}
			port, roots := s.start(t, true)
			return made(t, "smtp://localhost:"+port, roots)
		}
	}
	for name, tt := range map[string]struct {
		mk   func(*testing.T) *SMTP
		want error
	}{
		"no such person":  {refusing(550), ErrRefused},
		"come back later": {refusing(451), ErrLater},
		"no server":       {func(t *testing.T) *SMTP { return made(t, "smtp://localhost:1", nil) }, ErrLater},
		"no encryption": {func(t *testing.T) *SMTP {
			port, _ := (&server{}).start(t, false)
			return made(t, "smtp://localhost:"+port, nil)
		}, ErrLater},
		"a certificate that nobody knows": {func(t *testing.T) *SMTP {
			port, _ := (&server{}).start(t, true)
			return made(t, "smtp://localhost:"+port, nil)
		}, ErrLater},
		"a wrong password": {func(t *testing.T) *SMTP {
			port, roots := (&server{login: true}).start(t, true)
			m, err := New("smtp://sluss@localhost:"+port, from, "fel", roots)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}, ErrLater},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.mk(t).Send(t.Context(), to, subject, "Hej")
			if !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
			if strings.Contains(err.Error(), "elin") {
				t.Error("the fault names the address")
			}
		})
	}
}

func made(t *testing.T, server string, roots *tls.Config) *SMTP {
	t.Helper()
	m, err := New(server, from, "", roots)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestASlowServerIsNotWaitedForByWhoIsGone(t *testing.T) {
	t.Parallel()
	s := &server{slow: 5 * time.Second}
	port, roots := s.start(t, true)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	if err := made(t, "smtp://localhost:"+port, roots).Send(ctx, to, subject, "Hej"); err == nil {
		t.Error("a letter that nobody waits for counts as sent")
	}
}

// TestPromise14NoIdentityNumberByMail: a letter with something like a
// personnummer is not sent; a link's secret is not looked at.
func TestPromise14NoIdentityNumberByMail(t *testing.T) {
	t.Parallel()
	s := &server{}
	port, roots := s.start(t, true)
	m := made(t, "smtp://localhost:"+port, roots)
	const official = "191212121212" // the number of forms and examples
	for _, text := range []string{"Personen " + official + " finns med.", "121212-1212"} {
		if err := m.Send(t.Context(), to, subject, text); !errors.Is(err, ErrPersonal) {
			t.Errorf("%v", err)
		}
	}
	if err := m.Send(t.Context(), to, official, "Hej"); !errors.Is(err, ErrPersonal) {
		t.Errorf("in the subject: %v", err)
	}
	if err := m.Send(t.Context(), to, subject, "https://sluss.example.se/login/link?k="+official); err != nil {
		t.Errorf("a link: %v", err)
	}
	if len(s.letters) != 1 {
		t.Errorf("%d letters left", len(s.letters))
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ server, from, code string }{
		{"smtp://", from, "mail.smtp"},
		{"http://localhost", from, "mail.smtp"},
		{"smtp+plain://mail.example.se", from, "mail.smtp"},
		{"smtp://localhost:x", from, "mail.smtp"},
		{"smtp://localhost", "nobody", "mail.mail_from"},
	} {
		_, err := New(tt.server, tt.from, "", nil)
		if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Code != tt.code {
			t.Errorf("%s: %v", tt.server, err)
		}
	}
	for _, good := range []string{"smtp://mail.example.se", "smtps://sluss@mail.example.se:465", "smtp+plain://localhost:1025"} {
		if _, err := New(good, from, "p", nil); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}
