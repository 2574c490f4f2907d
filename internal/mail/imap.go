package mail

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Box is a mailbox at a mail server that is read by IMAP. Nothing is changed in
// it: it is opened for reading only, and no mail is marked, moved or removed.
//
// What is spoken is the small part of IMAP4rev1 that reading takes: STARTTLS,
// LOGIN, EXAMINE, UID SEARCH and UID FETCH with BODY.PEEK (RFC 3501, RFC 8314
// for TLS). Answers are bounded, and what a server says stands in no error.
type Box struct {
	network         func(ctx context.Context) (net.Conn, error)
	host            string
	scheme          string
	user, password  string
	mailbox         string
	tls             *tls.Config
	lineMax, bodies int
}

// Bounds of what a server answers.
const (
	imapLine   = 1 << 20 // bytes of a line; a list of mails may be long
	imapHeader = 1 << 18 // bytes of a mail's head
	imapLines  = 20_000  // lines of one answer
	// imapPatience is how long a command may take.
	imapPatience = 2 * time.Minute
)

// Errors of a mailbox. None has a word of the server's in it.
var (
	// ErrBox: the server cannot be reached, or breaks off.
	ErrBox = errors.New("imap: the server does not answer")
	// ErrLogin: it does not take name and password.
	ErrLogin = errors.New("imap: the server refuses name and password")
	// ErrMailbox: it has no such mailbox, or one that may not be read.
	ErrMailbox = errors.New("imap: the mailbox cannot be opened")
	// ErrAnswer: it answers something else than IMAP.
	ErrAnswer = errors.New("imap: the answer cannot be read")
)

// NewBox reads where the mailbox is: imaps://user@host:993/INBOX,
// imap://user@host:143/INBOX (STARTTLS, which must be there), or
// imap+plain://user@localhost:143 for a server on this machine. most is how many
// bytes a mail may have; roots is nil but in tests.
func NewBox(server, password string, most int, roots *tls.Config) (*Box, error) {
	bad := func(sv, en string) (*Box, error) {
		return nil, setting("imap", sv, en, "Skriv den som imaps://användare@server/INBOX.", "Write it as imaps://user@server/INBOX.")
	}
	u, err := url.Parse(server)
	if err != nil || u.Hostname() == "" {
		return bad("Adressen till brevlådan går inte att läsa.", "The mailbox's address cannot be read.")
	}
	port, known := map[string]string{"imaps": "993", "imap": "143", "imap+plain": "143"}[u.Scheme]
	if !known {
		return bad("Adressen till brevlådan börjar fel.", "The mailbox's address begins wrongly.")
	}
	if u.Scheme == "imap+plain" && !here(u.Hostname()) {
		return bad("Utan kryptering får bara en server på den egna datorn användas.", "Without encryption only a server on this machine may be used.")
	}
	if _, given := u.User.Password(); given || u.User.Username() == "" || password == "" {
		return bad("Användare eller lösenord saknas; lösenordet står i SLUSS_IMAP_PASSWORD och aldrig i adressen.", "User or password is missing; the password stands in SLUSS_IMAP_PASSWORD and never in the address.")
	}
	b := &Box{host: u.Hostname(), scheme: u.Scheme, user: u.User.Username(), password: password, mailbox: strings.TrimPrefix(u.Path, "/"), bodies: most, lineMax: imapLine}
	if b.mailbox == "" {
		b.mailbox = "INBOX"
	}
	for _, r := range b.user + b.mailbox {
		if r < ' ' || r > '~' || r == '&' {
			return bad("Användare och brevlåda får bara ha engelska bokstäver, siffror och vanliga tecken.", "User and mailbox may only have English letters, digits and common signs.")
		}
	}
	if u.Port() != "" {
		port = u.Port()
	}
	b.tls = &tls.Config{ServerName: b.host, MinVersion: tls.VersionTLS12}
	if roots != nil {
		b.tls.RootCAs = roots.RootCAs
	}
	address := net.JoinHostPort(b.host, port)
	b.network = func(ctx context.Context) (net.Conn, error) {
		d := net.Dialer{Timeout: 20 * time.Second}
		if b.scheme == "imaps" {
			return (&tls.Dialer{NetDialer: &d, Config: b.tls}).DialContext(ctx, "tcp", address)
		}
		return d.DialContext(ctx, "tcp", address)
	}
	return b, nil
}

// Note is what is known of a mail before it is fetched.
type Note struct {
	UID  uint32
	Key  string // Message-ID, sender and date as they stand; "" when the mail has no Message-ID
	At   time.Time
	Size int64
}

// Session is an open mailbox.
type Session struct {
	// Validity is what numbers of mails are true for: with another, all are new.
	Validity uint32

	box  *Box
	conn net.Conn
	r    *bufio.Reader
	tag  int
	stop func() bool
}

// Open opens the mailbox for reading. Close ends it.
func (b *Box) Open(ctx context.Context) (*Session, error) {
	conn, err := b.network(ctx)
	if err != nil {
		return nil, ErrBox
	}
	s := &Session{box: b, conn: conn, r: bufio.NewReader(conn)}
	s.stop = context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	if err := s.enter(ctx); err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

func (s *Session) end() {
	s.stop()
	_ = s.conn.Close()
}

// Close says goodbye.
func (s *Session) Close() {
	_, _ = s.command("LOGOUT", 0)
	s.end()
}

// enter is the way from the greeting to the mailbox.
func (s *Session) enter(ctx context.Context) error {
	s.wait()
	hello, err := s.line(0)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(strings.ToUpper(hello.text), "* OK") { // PREAUTH would leave the way without encryption
		return ErrAnswer
	}
	if s.box.scheme == "imap" {
		if _, err := s.command("STARTTLS", 0); err != nil {
			return err
		}
		if s.r.Buffered() > 0 { // said before encryption, and meant to be taken for said after
			return ErrAnswer
		}
		safe := tls.Client(s.conn, s.box.tls)
		if err := safe.HandshakeContext(ctx); err != nil {
			return ErrBox
		}
		s.conn, s.r = safe, bufio.NewReader(safe)
	}
	if _, err := s.command("LOGIN", 0, s.box.user, s.box.password); err != nil {
		return or(err, ErrLogin)
	}
	answers, err := s.command("EXAMINE", 0, s.box.mailbox)
	if err != nil {
		return or(err, ErrMailbox)
	}
	for _, a := range answers {
		if m := validity.FindStringSubmatch(a.text); m != nil {
			n, err := strconv.ParseUint(m[1], 10, 32)
			if err != nil {
				return ErrAnswer
			}
			s.Validity = uint32(n)
		}
	}
	return nil
}

// or is another error in the place of a refusal.
func or(err, other error) error {
	if errors.Is(err, errNo) {
		return other
	}
	return err
}

var (
	validity = regexp.MustCompile(`(?i)\[UIDVALIDITY (\d{1,10})\]`)
	literal  = regexp.MustCompile(`\{(\d{1,12})\+?\}$`)
	fetchUID = regexp.MustCompile(`(?i)^\* \d+ FETCH \(.*?\bUID (\d{1,10})`)
	arrived  = regexp.MustCompile(`(?i)INTERNALDATE "([^"]{1,40})"`)
	sizeOf   = regexp.MustCompile(`(?i)RFC822\.SIZE (\d{1,15})`)
	quoted   = regexp.MustCompile(`(?i)BODY\[[^\]]*\](?:<\d+>)? "((?:[^"\\]|\\.)*)"`)
)

// reply is one line of an answer with the texts that were sent as literals.
type reply struct {
	text     string
	literals [][]byte
}

func (s *Session) wait() { _ = s.conn.SetDeadline(time.Now().Add(imapPatience)) }

// line reads one line; its literals may have most bytes together.
func (s *Session) line(most int) (reply, error) {
	var out reply
	var b strings.Builder
	for {
		part, err := s.r.ReadSlice('\n')
		for errors.Is(err, bufio.ErrBufferFull) && b.Len()+len(part) <= s.box.lineMax {
			b.Write(part)
			part, err = s.r.ReadSlice('\n')
		}
		if err != nil || b.Len()+len(part) > s.box.lineMax {
			return out, broken(err)
		}
		b.Write(part)
		text := strings.TrimRight(b.String(), "\r\n")
		m := literal.FindStringSubmatch(text)
		if m == nil {
			out.text = text
			return out, nil
		}
		n, err := strconv.Atoi(m[1])
		if most -= n; err != nil || most < 0 {
			return out, ErrAnswer
		}
		data := make([]byte, n)
		if _, err := io.ReadFull(s.r, data); err != nil {
			return out, broken(err)
		}
		out.literals = append(out.literals, data)
		b.Reset()
		b.WriteString(text + " ")
	}
}

// broken is what a failed read means.
func broken(err error) error {
	if err == nil || errors.Is(err, bufio.ErrBufferFull) {
		return ErrAnswer
	}
	return ErrBox
}

// errNo: the server says no.
var errNo = errors.New("imap: refused")

// command sends a command, its arguments as literals, and returns what was
// answered before its end.
func (s *Session) command(text string, most int, arguments ...string) ([]reply, error) {
	s.wait()
	s.tag++
	tag := "s" + strconv.Itoa(s.tag)
	var out []reply
	line := tag + " " + text
	for _, a := range arguments {
		line += fmt.Sprintf(" {%d}\r\n", len(a))
		if _, err := io.WriteString(s.conn, line); err != nil {
			return nil, ErrBox
		}
		for {
			r, err := s.line(most)
			if err != nil {
				return nil, err
			}
			if strings.HasPrefix(r.text, "+") {
				break
			}
			if strings.HasPrefix(r.text, tag+" ") {
				return nil, errNo
			}
			if len(out) > imapLines {
				return nil, ErrAnswer
			}
			out = append(out, r)
		}
		line = a
	}
	if _, err := io.WriteString(s.conn, line+"\r\n"); err != nil {
		return nil, ErrBox
	}
	for {
		r, err := s.line(most)
		if err != nil {
			return nil, err
		}
		if rest, ok := strings.CutPrefix(r.text, tag+" "); ok {
			if strings.HasPrefix(strings.ToUpper(rest), "OK") {
				return out, nil
			}
			return nil, errNo
		}
		if len(out) > imapLines {
			return nil, ErrAnswer
		}
		out = append(out, r)
	}
}

// Since returns the numbers of the mails that arrived on a day or later.
func (s *Session) Since(day time.Time) ([]uint32, error) {
	answers, err := s.command("UID SEARCH SINCE "+day.UTC().Format("2-Jan-2006"), 0)
	if err != nil {
		return nil, or(err, ErrAnswer)
	}
	var out []uint32
	for _, a := range answers {
		rest, ok := strings.CutPrefix(strings.ToUpper(a.text), "* SEARCH")
		if !ok {
			continue
		}
		for _, f := range strings.Fields(rest) {
			n, err := strconv.ParseUint(f, 10, 32)
			if err != nil || n == 0 {
				return nil, ErrAnswer
			}
			out = append(out, uint32(n))
		}
	}
	return out, nil
}

// fetch asks for one mail; found is false when it is gone.
func (s *Session) fetch(uid uint32, what string, most int) (r reply, body []byte, found bool, err error) {
	answers, err := s.command(fmt.Sprintf("UID FETCH %d (%s)", uid, what), most)
	if err != nil {
		return r, nil, false, or(err, ErrAnswer)
	}
	for _, a := range answers {
		m := fetchUID.FindStringSubmatch(a.text)
		if m == nil || m[1] != strconv.FormatUint(uint64(uid), 10) {
			continue // news of other mails
		}
		switch q := quoted.FindStringSubmatch(a.text); {
		case len(a.literals) > 0:
			return a, a.literals[len(a.literals)-1], true, nil
		case q != nil:
			return a, []byte(unquote.Replace(q[1])), true, nil
		}
	}
	return r, nil, false, nil
}

var unquote = strings.NewReplacer(`\\`, `\`, `\"`, `"`)

// Note asks what a mail is; found is false when it is gone.
func (s *Session) Note(uid uint32) (n Note, found bool, err error) {
	r, head, found, err := s.fetch(uid, "UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID FROM DATE)]", imapHeader)
	if err != nil || !found {
		return n, false, err
	}
	n = Note{UID: uid, Key: keyOf(head)}
	if m := sizeOf.FindStringSubmatch(r.text); m != nil {
		if n.Size, err = strconv.ParseInt(m[1], 10, 64); err != nil {
			return n, false, ErrAnswer
		}
	}
	m := arrived.FindStringSubmatch(r.text)
	if m == nil {
		return n, false, ErrAnswer
	}
	if n.At, err = time.Parse("2-Jan-2006 15:04:05 -0700", strings.TrimSpace(m[1])); err != nil {
		return n, false, ErrAnswer
	}
	return n, true, nil
}

// keyOf makes the key of a mail from some lines of its head: "" without a
// Message-ID. Sender and date are in it, so that a mail that takes another's
// Message-ID does not hide it.
func keyOf(head []byte) string {
	fields := map[string]string{}
	name := ""
	for line := range strings.Lines(strings.ReplaceAll(string(head), "\r\n", "\n")) {
		line = strings.TrimRight(line, "\n")
		if line != "" && (line[0] == ' ' || line[0] == '\t') && name != "" {
			fields[name] += " " + strings.TrimSpace(line)
			continue
		}
		before, after, ok := strings.Cut(line, ":")
		if name = strings.ToLower(strings.TrimSpace(before)); ok && fields[name] == "" {
			fields[name] = strings.TrimSpace(after)
		}
	}
	if fields["message-id"] == "" {
		return ""
	}
	return fields["message-id"] + "\x00" + fields["from"] + "\x00" + fields["date"]
}

// Whole fetches a mail as it came, and Head its head alone; found is false when
// it is gone.
func (s *Session) Whole(uid uint32) (raw []byte, found bool, err error) {
	_, raw, found, err = s.fetch(uid, "UID BODY.PEEK[]", s.box.bodies)
	return raw, found, err
}

// Head is [Session.Whole] for a mail that is too large.
func (s *Session) Head(uid uint32) (raw []byte, found bool, err error) {
	_, raw, found, err = s.fetch(uid, "UID BODY.PEEK[HEADER]", imapHeader)
	return raw, found, err
}
