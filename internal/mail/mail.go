// Package mail sends letters through a mail server (SMTP).
//
// [SMTP] sends one letter; [Postman] empties the counter's outbox with it.
//
// What is sent is short text with one link, and sometimes letters of a case as
// files. The way to the server is encrypted
// (STARTTLS or TLS from the start) with a certificate that is checked; only a
// server on this machine may be spoken to in plain text. A body that holds
// something like a personnummer is not sent at all. No address, subject or body
// stands in an error or a log.
//
// Sources: RFC 5321 and 5322 (mail), RFC 3207 (STARTTLS), RFC 8314 (TLS from
// the start).
package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"sluss/internal/fault"
	"sluss/internal/swede"
)

// SMTP sends through one server. Safe for concurrent use.
type SMTP struct {
	host    string
	from    string
	options []gomail.Option
}

// patience is how long a server may take for a letter.
const patience = 20 * time.Second

// New reads where the server is: smtp://user@host:587 (STARTTLS, which must be
// there), smtps://user@host:465, or smtp+plain://localhost:25 for a server on
// this machine. from is the sender's address; password is empty when the server
// asks for none. roots is nil but in tests.
func New(server, from, password string, roots *tls.Config) (*SMTP, error) {
	u, err := url.Parse(server)
	if err != nil || u.Hostname() == "" {
		return nil, setting("smtp", "Adressen till e-postservern går inte att läsa.", "The mail server's address cannot be read.", "Skriv den som smtp://användare@server:587.", "Write it as smtp://user@server:587.")
	}
	if err := gomail.NewMsg().From(from); err != nil {
		return nil, setting("mail_from", "Avsändarens adress går inte att läsa.", "The sender's address cannot be read.", "Skriv den som namn@myndighet.se.", "Write it as name@authority.se.")
	}
	m := &SMTP{host: u.Hostname(), from: from, options: []gomail.Option{gomail.WithTimeout(patience), gomail.WithoutNoop()}}
	port := 587
	switch u.Scheme {
	case "smtp":
		m.options = append(m.options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case "smtps":
		port = 465
		m.options = append(m.options, gomail.WithSSL())
	case "smtp+plain":
		if port = 25; !here(u.Hostname()) {
			return nil, setting("smtp", "Utan kryptering får bara en server på den egna datorn användas.", "Without encryption only a server on this machine may be used.", "Använd smtp:// eller smtps://.", "Use smtp:// or smtps://.")
		}
		m.options = append(m.options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		return nil, setting("smtp", "Adressen till e-postservern börjar fel.", "The mail server's address begins wrongly.", "Börja med smtp://, smtps:// eller smtp+plain://.", "Begin with smtp://, smtps:// or smtp+plain://.")
	}
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, setting("smtp", "Portens nummer går inte att läsa.", "The port cannot be read.", "Skriv ett tal efter kolon.", "Write a number after the colon.")
		}
	}
	m.options = append(m.options, gomail.WithPort(port))
	if name := u.User.Username(); name != "" {
		m.options = append(m.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(name), gomail.WithPassword(password))
	}
	if roots != nil {
		m.options = append(m.options, gomail.WithTLSConfig(roots))
	}
	return m, nil
}

func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func setting(field, sv, en, doSV, doEN string) *fault.Fault {
	return fault.New("mail."+field, sv, en).At(fault.Where{Column: field}).Do(doSV, doEN)
}

// Faults of letters. None names the address.
var (
	// ErrRefused: the server will not take the letter; trying again is of no use.
	ErrRefused = errors.New("mail: the server refuses the letter")
	// ErrLater: the server cannot be reached, or not now; the same letter may be
	// taken later.
	ErrLater = errors.New("mail: the server does not take the letter now")
	// ErrPersonal: the text holds something like a personnummer.
	ErrPersonal = errors.New("mail: the text holds something like a personnummer and is not sent")
)

// ServerError is ErrRefused or ErrLater with what the server said: its code, as
// 550, and nothing of its text, which may name the address.
type ServerError struct {
	Err  error
	Code int // 0: it could not be reached
}

func (e *ServerError) Error() string { return e.Err.Error() }

func (e *ServerError) Unwrap() error { return e.Err }

// File goes with a letter.
type File struct {
	Name, Type string
	Body       []byte
}

// Send sends a letter and returns when the server has taken it. Errors are
// ErrRefused, ErrLater, ErrPersonal, and those of ctx.
func (m *SMTP) Send(ctx context.Context, to, subject, text string) error {
	return m.SendWith(ctx, to, subject, text, nil)
}

// SendWith is Send with files. What is in them their maker has looked through.
func (m *SMTP) SendWith(ctx context.Context, to, subject, text string, files []File) error {
	if swede.Contains(subject) || swede.Contains(withoutLinks(text)) {
		return ErrPersonal
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := errors.Join(msg.From(m.from), msg.To(to)); err != nil {
		return ErrRefused
	}
	msg.Subject(subject)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // no answering machine answers
	msg.SetBodyString(gomail.TypeTextPlain, text)
	for _, f := range files {
		if err := msg.AttachReader(f.Name, bytes.NewReader(f.Body), gomail.WithFileContentType(gomail.ContentType(f.Type))); err != nil {
			return ErrRefused
		}
	}
	client, err := gomail.NewClient(m.host, m.options...)
	if err != nil {
		return ErrLater
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// The library looks at ctx while it dials only: who is gone does not wait
	// for the rest, which ends by itself.
	done := make(chan error, 1)
	go func() { done <- client.DialAndSendWithContext(ctx, msg) }()
	select {
	case err = <-done:
	case <-ctx.Done():
		if err := ctx.Err(); errors.Is(err, context.Canceled) {
			return err
		}
		return ErrLater
	}
	if err == nil {
		return nil
	}
	if sent, ok := errors.AsType[*gomail.SendError](err); ok {
		if code := sent.ErrorCode(); !sent.IsTemp() && code >= 500 {
			return &ServerError{ErrRefused, code}
		} else if code >= 400 {
			return &ServerError{ErrLater, code}
		}
	}
	return ErrLater
}

// withoutLinks leaves links out: their secrets are drawn, and may look like
// anything.
func withoutLinks(text string) string {
	words := strings.Fields(text)
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return strings.HasPrefix(w, "https://") || strings.HasPrefix(w, "http://") }), " ")
}
