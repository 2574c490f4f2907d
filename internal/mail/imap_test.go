package mail

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/fault"
)

// letterbox is a mail server that speaks IMAP as far as it is used here, over a
// socket with TLS. Anything that would change a mailbox makes the test fail.
type letterbox struct {
	t        *testing.T
	starttls bool
	tls      *tls.Config

	mu       sync.Mutex
	mails    map[uint32]string
	at       map[uint32]time.Time
	validity uint32
	fetched  []uint32 // whole mails that were asked for
	cut      int      // hang up after so many whole mails; 0 = never
	say      map[string]string
	quoted   bool // heads as quoted strings
}

func (s *letterbox) put(uid uint32, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails[uid] = strings.ReplaceAll(text, "\n", "\r\n")
	s.at[uid] = arrival
}

var arrival = time.Date(2026, 11, 2, 23, 30, 0, 0, time.UTC)

func newBox(t *testing.T, starttls bool) *letterbox {
	t.Helper()
	return &letterbox{t: t, starttls: starttls, mails: map[uint32]string{}, at: map[uint32]time.Time{}, validity: 7, say: map[string]string{}}
}

// start listens; open is how the counter reads it.
func (s *letterbox) start(change ...func(string) string) *Box {
	s.t.Helper()
	cert, pool := certificate(s.t)
	s.tls = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = ln.Close() })
	scheme := "imap"
	if !s.starttls {
		scheme = "imaps"
		ln = tls.NewListener(ln, s.tls)
	}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go s.talk(c)
		}
	}()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	address := scheme + "://registrator@localhost:" + port + "/INBOX"
	for _, f := range change {
		address = f(address)
	}
	box, err := NewBox(address, `hemligt "ord\`, 1<<20, &tls.Config{RootCAs: pool})
	if err != nil {
		s.t.Fatal(err)
	}
	return box
}

var announced = regexp.MustCompile(`\{(\d+)\}$`)

func (s *letterbox) talk(c net.Conn) {
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	send := func(format string, args ...any) { _, _ = fmt.Fprintf(c, format+"\r\n", args...) }
	send("%s", orSay(s.say["hello"], "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready"))
	safe := !s.starttls
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		var literals []string
		for announced.MatchString(line) {
			n, _ := strconv.Atoi(announced.FindStringSubmatch(line)[1])
			send("+ go on")
			text := make([]byte, n)
			if _, err := io.ReadFull(r, text); err != nil {
				return
			}
			literals = append(literals, string(text))
			rest, err := r.ReadString('\n')
			if err != nil {
				return
			}
			line = announced.ReplaceAllString(line, "") + strings.TrimRight(rest, "\r\n")
		}
		tag, command, _ := strings.Cut(line, " ")
		verb, _, _ := strings.Cut(strings.TrimSpace(command), " ")
		if text, ok := s.say[verb]; ok {
			send("%s", strings.ReplaceAll(text, "TAG", tag))
			continue
		}
		if !safe && verb != "STARTTLS" && verb != "LOGOUT" {
			s.t.Errorf("%s is said without encryption", verb)
			return
		}
		switch {
		case verb == "STARTTLS":
			send("%s OK begin", tag)
			t := tls.Server(c, s.tls)
			c, r, safe = t, bufio.NewReader(t), true
			send = func(format string, args ...any) { _, _ = fmt.Fprintf(c, format+"\r\n", args...) }
		case verb == "LOGIN":
			if len(literals) != 2 || literals[0] != "registrator" || literals[1] != `hemligt "ord\` {
				send("%s NO [AUTHENTICATIONFAILED] registrator@example.se is unknown", tag)
				continue
			}
			send("%s OK", tag)
		case verb == "EXAMINE" && len(literals) == 1 && literals[0] == "INBOX":
			send("* 3 EXISTS\r\n* OK [UIDVALIDITY %d] valid\r\n%s OK [READ-ONLY] done", s.validity, tag)
		case verb == "EXAMINE":
			send("%s NO no such mailbox", tag)
		case strings.HasPrefix(command, "UID SEARCH SINCE "):
			s.search(send)
			send("%s OK", tag)
		case strings.HasPrefix(command, "UID FETCH "):
			if s.fetch(c, send, strings.TrimPrefix(command, "UID FETCH ")) {
				return
			}
			send("%s OK", tag)
		case verb == "LOGOUT":
			send("* BYE\r\n%s OK", tag)
			return
		default:
			s.t.Errorf("the mailbox is told to %s", command)
			send("%s BAD", tag)
		}
	}
}

func orSay(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func (s *letterbox) search(send func(string, ...any)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := "* SEARCH"
	for uid := uint32(1); uid < 100; uid++ {
		if _, ok := s.mails[uid]; ok {
			out += " " + strconv.Itoa(int(uid))
		}
	}
	send("%s", out)
}

// fetch answers a fetch; cut reports that the line is cut in the middle.
func (s *letterbox) fetch(c net.Conn, send func(string, ...any), what string) (cut bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	number, items, _ := strings.Cut(what, " ")
	n, _ := strconv.Atoi(number)
	uid := uint32(n)
	text, ok := s.mails[uid]
	if !ok {
		return false
	}
	head, _, _ := strings.Cut(text, "\r\n\r\n")
	send("* 1 FETCH (FLAGS (\\Recent) UID 99)") // news of another mail
	switch {
	case strings.Contains(items, "HEADER.FIELDS"):
		size := len(text)
		if strings.Contains(text, "X-Huge") {
			size = app.MaxAttachment + 1
		}
		if s.quoted {
			send(`* 1 FETCH (UID %d INTERNALDATE "%s" RFC822.SIZE %d BODY[HEADER.FIELDS (MESSAGE-ID FROM DATE)] "Message-ID: <\"q\"@x>")`, uid, s.at[uid].Format("02-Jan-2006 15:04:05 -0700"), size)
			return false
		}
		send("* 1 FETCH (UID %d INTERNALDATE \"%s\" RFC822.SIZE %d BODY[HEADER.FIELDS (MESSAGE-ID FROM DATE)] {%d}\r\n%s)", uid, s.at[uid].Format("_2-Jan-2006 15:04:05 -0700"), size, len(head)+4, head+"\r\n\r\n")
	case strings.Contains(items, "BODY.PEEK[HEADER]"):
		send("* 1 FETCH (UID %d BODY[HEADER] {%d}\r\n%s)", uid, len(head)+4, head+"\r\n\r\n")
	case strings.Contains(items, "BODY.PEEK[]"):
		s.fetched = append(s.fetched, uid)
		if s.cut > 0 && len(s.fetched) >= s.cut {
			_, _ = fmt.Fprintf(c, "* 1 FETCH (UID %d BODY[] {%d}\r\n%s", uid, len(text), text[:len(text)/2])
			return true
		}
		send("* 1 FETCH (BODY[] {%d}\r\n%s UID %d)", len(text), text, uid)
	default:
		s.t.Errorf("fetched %s, which may mark the mail as read", items)
	}
	return false
}

// list is a registrar's list.
type list struct {
	mu    sync.Mutex
	mails []app.FetchedMail
	fails map[string]error // by a text in the mail
}

func (l *list) HasMail(_ context.Context, key string) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.mails {
		if m.Key == key {
			return true, nil
		}
	}
	return false, nil
}

func (l *list) TakeMail(_ context.Context, m app.FetchedMail) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for text, err := range l.fails {
		if bytes.Contains(m.Raw, []byte(text)) {
			return err
		}
	}
	l.mails = append(l.mails, m)
	return nil
}

func fetcherOf(box *Box, in Inbox) *Fetcher {
	return &Fetcher{Box: box, Inbox: in, Clock: func() time.Time { return arrival.Add(time.Hour) }, Log: slog.New(slog.DiscardHandler)}
}

const sample = "Message-ID: <%d@x.example>\nFrom: e@x.example\nDate: Mon, 2 Nov 2026 22:00:00 +0100\nSubject: FK-2026-00001\n\nHej %d\n"

// TestMailIsFetchedOnce: over both roads of TLS each mail is taken once with its
// bytes and its day, also when it lies in the box twice, the box is renumbered or
// the program starts anew; the box is never changed.
func TestMailIsFetchedOnce(t *testing.T) {
	t.Parallel()
	for _, starttls := range []bool{false, true} {
		s := newBox(t, starttls)
		for i := range uint32(3) {
			s.put(i+1, fmt.Sprintf(sample, i+1, i+1))
		}
		s.put(4, fmt.Sprintf(sample, 1, 1)) // the first again
		s.put(5, "From: a@x.example\nSubject: utan Message-ID\n\nx\n")
		s.put(6, "From: a@x.example\nSubject: utan Message-ID\n\nx\n")
		s.put(7, strings.Replace(fmt.Sprintf(sample, 1, 1), "From: e@", "From: annan@", 1)) // another's Message-ID
		s.put(8, "Message-ID: <8@x>\nX-Huge: yes\nContent-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n")
		box, in := s.start(), &list{}
		f := fetcherOf(box, in)
		n, err := f.Fetch(t.Context())
		if err != nil || n != 6 || len(in.mails) != 6 {
			t.Fatalf("starttls %v: %d, %v", starttls, n, err)
		}
		if m := in.mails[0]; string(m.Raw) != s.mails[1] || !m.At.Equal(arrival) {
			t.Errorf("%q at %v", m.Raw, m.At)
		}
		if huge := string(in.mails[5].Raw); !strings.Contains(huge, "ligger kvar i brevlådan") || strings.Count(huge, "X-Huge") != 1 {
			t.Errorf("a huge mail: %q", huge)
		}
		before := len(s.fetched)
		if n, err := f.Fetch(t.Context()); n != 0 || err != nil || len(s.fetched) != before {
			t.Errorf("again: %d, %v, fetched %v", n, err, s.fetched[before:])
		}
		s.mu.Lock()
		s.validity++
		s.mu.Unlock()
		s.put(20, fmt.Sprintf(sample, 20, 20))
		if n, err := f.Fetch(t.Context()); n != 1 || err != nil {
			t.Errorf("renumbered: %d, %v", n, err)
		}
		if n, err := fetcherOf(box, in).Fetch(t.Context()); n != 0 || err != nil {
			t.Errorf("after a restart: %d, %v", n, err)
		}
	}
}

// TestMailThroughFaults: a mail that the list cannot take now, a line that is cut in
// the middle of a mail, and a server that is down for an hour: nothing is lost,
// nothing is taken twice, and the others do not wait.
func TestMailThroughFaults(t *testing.T) {
	t.Parallel()
	s := newBox(t, true)
	for i := range uint32(4) {
		s.put(i+1, fmt.Sprintf(sample, i+1, i+1))
	}
	in := &list{fails: map[string]error{"Hej 2": errors.New("no disk")}}
	f := fetcherOf(s.start(), in)
	if n, err := f.Fetch(t.Context()); n != 3 || err == nil {
		t.Fatalf("%d, %v", n, err)
	}
	in.fails = nil
	s.mu.Lock()
	s.cut = len(s.fetched) + 1
	s.mu.Unlock()
	if n, err := f.Fetch(t.Context()); n != 0 || !errors.Is(err, ErrBox) {
		t.Fatalf("cut: %d, %v", n, err)
	}
	s.mu.Lock()
	s.cut = 0
	s.mu.Unlock()
	real := f.Box.network
	f.Box.network = func(context.Context) (net.Conn, error) { return nil, errors.New("registrator@example.se: refused") }
	for range 60 { // an hour
		if n, err := f.Fetch(t.Context()); n != 0 || !errors.Is(err, ErrBox) || strings.Contains(err.Error(), "@") {
			t.Fatalf("down: %d, %v", n, err)
		}
	}
	f.Box.network = real
	if n, err := f.Fetch(t.Context()); n != 1 || err != nil || len(in.mails) != 4 {
		t.Errorf("well again: %d, %v", n, err)
	}
}

// TestRunTellsOnce: a server that is down is told once, and that it is well
// again.
func TestRunTellsOnce(t *testing.T) {
	t.Parallel()
	s := newBox(t, false)
	s.put(1, fmt.Sprintf(sample, 1, 1))
	var log bytes.Buffer
	in := &list{}
	f := fetcherOf(s.start(), in)
	f.Log, f.Every = slog.New(slog.NewTextHandler(&log, nil)), 5*time.Millisecond
	real, tries := f.Box.network, 0
	f.Box.network = func(ctx context.Context) (net.Conn, error) {
		if tries++; tries < 4 {
			return nil, io.EOF
		}
		return real(ctx)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { f.Run(ctx); close(done) }()
	for range 2000 {
		in.mu.Lock()
		n := len(in.mails)
		in.mu.Unlock()
		if n == 1 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
	cancel()
	<-done
	if strings.Count(log.String(), "cannot be fetched") != 1 || strings.Count(log.String(), "fetched again") != 1 {
		t.Errorf("%s", log.String())
	}
}

// TestMailServersThatAreNotTrusted: a certificate that nobody knows, no
// encryption where it must be, texts slipped in before it, wrong passwords,
// lies about sizes and no IMAP at all: an error without a word of the server's.
func TestMailServersThatAreNotTrusted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		say  map[string]string
		box  string
		want error
	}{
		"no STARTTLS":   {map[string]string{"STARTTLS": "TAG NO hemligt"}, "", errNo},
		"slipped in":    {map[string]string{"STARTTLS": "TAG OK begin\r\n* OK hemligt"}, "", ErrAnswer},
		"PREAUTH":       {map[string]string{"hello": "* PREAUTH hemligt"}, "", ErrAnswer},
		"no IMAP":       {map[string]string{"hello": "220 hemligt ESMTP"}, "", ErrAnswer},
		"wrong login":   {map[string]string{"LOGIN": "TAG NO hemligt"}, "", ErrLogin},
		"no mailbox":    {nil, "Hemligt", ErrMailbox},
		"huge literal":  {map[string]string{"EXAMINE": "* OK {99999999}\r\nTAG OK"}, "", ErrAnswer},
		"huge number":   {map[string]string{"EXAMINE": "* OK {999999999999}\r\nTAG OK"}, "", ErrAnswer},
		"endless line":  {map[string]string{"EXAMINE": "* OK " + strings.Repeat("x", 2*imapLine)}, "", ErrAnswer},
		"wrong search":  {map[string]string{"UID": "* SEARCH 1 hemligt\r\nTAG OK"}, "", ErrAnswer},
		"zero":          {map[string]string{"UID": "* SEARCH 0\r\nTAG OK"}, "", ErrAnswer},
		"search is bad": {map[string]string{"UID": "TAG BAD hemligt"}, "", ErrAnswer},
	} {
		s := newBox(t, true)
		for k, v := range tt.say {
			s.say[k] = v
		}
		box := s.start(func(a string) string {
			if tt.box != "" {
				return strings.TrimSuffix(a, "INBOX") + tt.box
			}
			return a
		})
		_, err := fetcherOf(box, &list{}).Fetch(t.Context())
		if !errors.Is(err, tt.want) || strings.Contains(err.Error(), "hemligt") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := newBox(t, false)
	box := s.start()
	box.tls.RootCAs = nil
	if _, err := box.Open(t.Context()); !errors.Is(err, ErrBox) {
		t.Errorf("an unknown certificate: %v", err)
	}
	s = newBox(t, true)
	s.quoted = true
	s.put(1, "Message-ID: <x>\n\nx\n")
	in := &list{}
	if n, err := fetcherOf(s.start(), in).Fetch(t.Context()); n != 1 || err != nil || !strings.HasPrefix(in.mails[0].Key, `<"q"@x>`) {
		t.Errorf("a quoted head: %d, %v", n, err)
	}
}

func TestMailboxSettings(t *testing.T) {
	t.Parallel()
	for address, password := range map[string]string{
		"": "x", "imap://server": "x", "http://u@server": "x", "imaps://u@server": "", "imaps://u:p@server": "x", "imap+plain://u@mail.example": "x", "imaps://u@server/å": "x", "imaps://u@%zz": "x",
	} {
		_, err := NewBox(address, password, 1, nil)
		if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Code != "mail.imap" || f.DoSV == "" || strings.Contains(err.Error(), ":p@") {
			t.Errorf("%q: %v", address, err)
		}
	}
	b, err := NewBox("imaps://u@server", "x", 1, nil)
	if err != nil || b.mailbox != "INBOX" || b.tls.InsecureSkipVerify {
		t.Errorf("%+v %v", b, err)
	}
}

// FuzzAnswer: whatever a server answers, it is read within bounds.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte("* OK\r\ns1 OK\r\n* OK [UIDVALIDITY 3] x\r\ns2 OK\r\n* SEARCH 1\r\ns3 OK\r\n* 1 FETCH (UID 1 INTERNALDATE \" 2-Nov-2026 10:00:00 +0100\" RFC822.SIZE 3 BODY[HEADER.FIELDS (MESSAGE-ID)] {5}\r\nM: x\n)\r\ns4 OK\r\n"))
	f.Add([]byte("* SEARCH 1 {3}\r\nabc 2\r\n"))
	f.Fuzz(func(t *testing.T, said []byte) {
		ours, theirs := net.Pipe()
		go func() { _, _ = theirs.Write(said); _ = theirs.Close() }()
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		s := &Session{box: &Box{user: "u", password: "p", mailbox: "INBOX", lineMax: 1 << 12, bodies: 1 << 12, scheme: "imaps"}, conn: ours, r: bufio.NewReader(ours), stop: func() bool { return true }}
		defer func() { _ = ours.Close() }()
		if err := s.enter(t.Context()); err != nil {
			return
		}
		all, err := s.Since(arrival)
		for _, uid := range all {
			if err != nil {
				return
			}
			if _, _, err = s.Note(uid); err == nil {
				_, _, err = s.Whole(uid)
			}
		}
	})
}
