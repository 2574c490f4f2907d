package sftp_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sftplib "github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/ehds"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/sftp"
	"sluss/internal/showcase"
	"sluss/internal/web"
	"sluss/internal/web/webtest"
)

// desk is a counter whose parcels are handed out over SFTP.
type desk struct {
	*webtest.Counter
	t    *testing.T
	addr string
	host ssh.PublicKey
	log  *bytes.Buffer
	mu   sync.Mutex
}

func (d *desk) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.log.Write(b)
}

// open is a counter full of cases with its server; it ends with the test.
func open(t *testing.T, change ...func(*sftp.Server)) *desk {
	t.Helper()
	d := &desk{Counter: webtest.New(t, web.Rooms), t: t, log: &bytes.Buffer{}}
	now := d.Now
	d.App.Clock = func() time.Time { return now } // the server asks from several goroutines
	host, err := sftp.HostKey(filepath.Join(t.TempDir(), "sftp.key"))
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.addr, d.host = ln.Addr().String(), host.PublicKey()
	s := &sftp.Server{
		Cases: d.App, Tokens: d.DB, Lists: d.DB, Host: host, Clock: d.App.Clock, Log: slog.New(slog.NewTextHandler(d, nil)),
		Handover: func(s order.State) ([]byte, bool) {
			doc, ok := ehds.HandoverOf(s, "x")
			raw, _ := json.Marshal(doc)
			return raw, ok
		},
	}
	for _, f := range change {
		f(s)
	}
	done := make(chan struct{})
	ctx := t.Context()
	go func() { s.Serve(ctx, ln); close(done) }()
	t.Cleanup(func() { <-done }) // t.Context has ended by then
	return d
}

func newKey(t *testing.T) ssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signer(t, private)
}

func signer(t *testing.T, private any) ssh.Signer {
	t.Helper()
	key, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// persona is somebody of the showcase in a role.
func persona(t *testing.T, id string, role order.Role) access.Person {
	t.Helper()
	for _, p := range showcase.Cast() {
		if p.ID == id {
			return access.Person{ID: p.ID, Role: role, Email: p.Email, Organisation: p.Organisation}
		}
	}
	t.Fatalf("nobody is %s", id)
	return access.Person{}
}

// register registers a key for somebody.
func (d *desk) register(key ssh.PublicKey, p access.Person, change ...func(*app.Token)) {
	d.t.Helper()
	k := app.Token{ID: app.SSHKeyID + rand.Text()[:8], Person: p, Scopes: []string{sftp.Scope}, Created: d.App.Clock(), Expires: d.App.Clock().Add(time.Hour)}
	for _, f := range change {
		f(&k)
	}
	if err := d.DB.PutToken(d.t.Context(), sftp.KeyHash(key), k); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) dial(auth ...ssh.AuthMethod) (*ssh.Client, error) {
	return ssh.Dial("tcp", d.addr, &ssh.ClientConfig{User: "any", Auth: auth, HostKeyCallback: ssh.FixedHostKey(d.host), Timeout: 10 * time.Second})
}

// enter is a session of the holder of a key.
func (d *desk) enter(key ssh.Signer) *sftplib.Client {
	d.t.Helper()
	conn, err := d.dial(ssh.PublicKeys(key))
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = conn.Close() })
	c, err := sftplib.NewClient(conn)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = c.Close() })
	return c
}

// as is a session of somebody of the showcase.
func (d *desk) as(id string, role order.Role) *sftplib.Client {
	d.t.Helper()
	key := newKey(d.t)
	d.register(key.PublicKey(), persona(d.t, id, role))
	return d.enter(key)
}

func names(t *testing.T, c *sftplib.Client) []string {
	t.Helper()
	all, err := c.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, x := range all {
		out = append(out, x.Name())
	}
	slices.Sort(out)
	return out
}

// overHTTPS is what the page of a parcel answers somebody.
func (d *desk) overHTTPS(id string, role order.Role, number string) (int, []byte) {
	r := httptest.NewRequest("GET", "/cases/"+number+"/parcel/file", nil)
	r.Header.Set("Cookie", "sluss="+id+"|"+string(role))
	w := httptest.NewRecorder()
	d.Mux.ServeHTTP(w, r)
	return w.Code, w.Body.Bytes()
}

// numbers are those of every case.
func (d *desk) numbers() (out []string) {
	d.t.Helper()
	all, err := d.DB.List(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	for _, x := range all {
		out = append(out, x.ID)
	}
	return out
}

// recipient is a session of the orderer of a case.
func (d *desk) recipient(number string) *sftplib.Client {
	d.t.Helper()
	for _, p := range showcase.Cast() {
		if p.Email == d.State(number).Application.Orderer.Email {
			return d.as(p.ID, order.RoleOrderer)
		}
	}
	d.t.Fatalf("nobody ordered %s", number)
	return nil
}

// TestThreat21SameAsOverHTTPS: everybody sees the parcels that the pages hand out to
// them, byte for byte, and no other.
func TestThreat21SameAsOverHTTPS(t *testing.T) {
	t.Parallel()
	d := open(t)
	total := 0
	for _, p := range showcase.Cast() {
		for _, role := range p.Roles {
			if !slices.Contains([]order.Role{order.RoleOrderer, order.RoleCoApplicant, order.RoleRepresentative, order.RoleSupplier, order.RoleHandler}, role) {
				continue
			}
			want := []string{}
			for _, number := range d.numbers() {
				if status, _ := d.overHTTPS(p.ID, role, number); status == 200 {
					want = append(want, number+".handover.json", number+".sluss", number+".sluss.sha256")
				}
			}
			slices.Sort(want)
			want = slices.Compact(want)
			c := d.as(p.ID, role)
			if got := names(t, c); !slices.Equal(got, want) {
				t.Errorf("%s sees %v, want %v", role, got, want)
			}
			for _, name := range want {
				number, ok := strings.CutSuffix(name, ".sluss")
				if !ok {
					continue
				}
				total++
				_, bytes := d.overHTTPS(p.ID, role, number)
				d.fetched(c, number, bytes)
			}
		}
	}
	if total < 5 {
		t.Errorf("only %d parcels were looked at", total)
	}
	if log := d.log.String(); !strings.Contains(log, "a parcel is read") || strings.Contains(log, "@") {
		t.Errorf("log: %s", log)
	}
}

// fetched compares a parcel, its checksum and its hand-over with its bytes.
func (d *desk) fetched(c *sftplib.Client, number string, want []byte) {
	d.t.Helper()
	read := func(name string) []byte {
		f, err := c.Open(name)
		if err != nil {
			d.t.Fatalf("%s: %v", name, err)
		}
		defer f.Close()
		got, err := io.ReadAll(f)
		if err != nil {
			d.t.Fatal(err)
		}
		if s, err := c.Stat("/" + name); err != nil || s.Size() != int64(len(got)) || s.Mode() != 0o400 || s.IsDir() {
			d.t.Errorf("%s: %+v, %v", name, s, err)
		}
		return got
	}
	if got := read(number + ".sluss"); !bytes.Equal(got, want) || len(want) == 0 {
		d.t.Errorf("%s: %d bytes are not the %d over HTTPS", number, len(got), len(want))
	}
	sum := string(canon.Sum(want))
	if got := string(read(number + ".sluss.sha256")); got != sum+"  "+number+".sluss\n" {
		d.t.Errorf("checksum %q", got)
	}
	var doc ehds.Handover
	if err := json.Unmarshal(read(number+".handover.json"), &doc); err != nil || string(doc.Parcel.SHA256) != sum || doc.Reference != number || len(doc.Files) == 0 {
		d.t.Errorf("%+v, %v", doc, err)
	}
	f, err := c.Open(number + ".sluss")
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	middle := make([]byte, 7)
	if _, err := f.ReadAt(middle, 11); err != nil || !bytes.Equal(middle, want[11:18]) {
		d.t.Errorf("from the middle: %q, %v", middle, err)
	}
}

// TestNothingElse: no other file is there, nothing can be written, no command is
// carried out.
func TestNothingElse(t *testing.T) {
	t.Parallel()
	d := open(t)
	c := d.recipient(d.Case(showcase.ToReceive))
	own := d.Case(showcase.ToReceive) + ".sluss"
	if _, err := c.Stat(own); err != nil {
		t.Fatal(err)
	}
	foreign := ""
	for _, number := range d.numbers() {
		if d.State(number).Delivery == nil || d.State(number).Application.Orderer.Email == d.State(d.Case(showcase.ToReceive)).Application.Orderer.Email {
			continue
		}
		if _, err := d.recipient(number).Stat(number + ".sluss"); err == nil {
			foreign = number
		}
	}
	if foreign == "" {
		t.Fatal("nobody else has a parcel")
	}
	for _, name := range []string{foreign + ".sluss", foreign + ".sluss.sha256", foreign + ".handover.json", "FK-2026-99999.sluss", ".sluss", "/etc/passwd", "../../etc/passwd", "sluss.db", "x/" + own, own + "/", own + ".x", "", "\x00.sluss", strings.Repeat("å", 3000) + ".sluss"} {
		f, err := c.Open(name)
		if err == nil && name != own+"/" {
			t.Errorf("%q can be opened: %v", name, f.Name())
		}
		if name == foreign+".sluss" && !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a case of somebody else's is answered %v", err)
		}
	}
	for what, do := range map[string]func() error{
		"create":    func() error { _, err := c.Create("x.sluss"); return err },
		"write":     func() error { _, err := c.OpenFile(own, os.O_RDWR); return err },
		"append":    func() error { _, err := c.OpenFile(own, os.O_WRONLY|os.O_APPEND); return err },
		"remove":    func() error { return c.Remove(own) },
		"rename":    func() error { return c.Rename(own, "y") },
		"posix":     func() error { return c.PosixRename(own, "y") },
		"folder":    func() error { return c.Mkdir("y") },
		"symlink":   func() error { return c.Symlink(own, "y") },
		"link":      func() error { return c.Link(own, "y") },
		"mode":      func() error { return c.Chmod(own, 0o777) },
		"truncate":  func() error { return c.Truncate(own, 0) },
		"times":     func() error { return c.Chtimes(own, time.Now(), time.Now()) },
		"read link": func() error { _, err := c.ReadLink(own); return err },
		"list":      func() error { _, err := c.ReadDir("/etc"); return err },
	} {
		if do() == nil {
			t.Errorf("%s is let", what)
		}
	}
	if got := names(t, c); !slices.Contains(got, own) {
		t.Error("the parcel is gone")
	}
}

// TestNoShell: a session serves SFTP and nothing else, and carries no tunnel.
func TestNoShell(t *testing.T) {
	t.Parallel()
	d := open(t)
	key := newKey(t)
	d.register(key.PublicKey(), persona(t, showcase.Orderer, order.RoleOrderer))
	conn, err := d.dial(ssh.PublicKeys(key))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for what, do := range map[string]func(*ssh.Session) error{
		"exec":            func(s *ssh.Session) error { return s.Run("id") },
		"shell":           func(s *ssh.Session) error { return s.Shell() },
		"terminal":        func(s *ssh.Session) error { return s.RequestPty("xterm", 24, 80, nil) },
		"environment":     func(s *ssh.Session) error { return s.Setenv("LD_PRELOAD", "x") },
		"other subsystem": func(s *ssh.Session) error { return s.RequestSubsystem("netconf") },
	} {
		s, err := conn.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		if do(s) == nil {
			t.Errorf("%s is let", what)
		}
		_ = s.Close()
	}
	if far, err := conn.Dial("tcp", d.addr); err == nil {
		_ = far.Close()
		t.Error("a tunnel is let")
	}
	if ln, err := conn.Listen("tcp", "127.0.0.1:0"); err == nil {
		_ = ln.Close()
		t.Error("a tunnel back is let")
	}
}

// TestWhoGetsIn: only the holder of a registered key that counts.
func TestWhoGetsIn(t *testing.T) {
	t.Parallel()
	d := open(t)
	p := persona(t, showcase.Orderer, order.RoleOrderer)
	short, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	registered := func(key ssh.Signer, change ...func(*app.Token)) ssh.Signer {
		d.register(key.PublicKey(), p, change...)
		return key
	}
	good := registered(newKey(t))
	certificate := func() ssh.Signer {
		key := registered(newKey(t))
		c := &ssh.Certificate{Key: key.PublicKey(), CertType: ssh.UserCert, ValidPrincipals: []string{"any"}, ValidBefore: ssh.CertTimeInfinity}
		if err := c.SignCert(rand.Reader, key); err != nil {
			t.Fatal(err)
		}
		s, err := ssh.NewCertSigner(c, key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for name, x := range map[string]struct {
		auth []ssh.AuthMethod
		in   bool
	}{
		"registered":       {[]ssh.AuthMethod{ssh.PublicKeys(good)}, true},
		"ecdsa":            {[]ssh.AuthMethod{ssh.PublicKeys(registered(signer(t, curve)))}, true},
		"second of two":    {[]ssh.AuthMethod{ssh.PublicKeys(newKey(t), good)}, true},
		"none":             {nil, false},
		"unknown":          {[]ssh.AuthMethod{ssh.PublicKeys(newKey(t))}, false},
		"password":         {[]ssh.AuthMethod{ssh.Password("x")}, false},
		"interactive":      {[]ssh.AuthMethod{ssh.KeyboardInteractive(func(string, string, []string, []bool) ([]string, error) { return nil, nil })}, false},
		"expired":          {[]ssh.AuthMethod{ssh.PublicKeys(registered(newKey(t), func(k *app.Token) { k.Expires = d.App.Clock() }))}, false},
		"other scope":      {[]ssh.AuthMethod{ssh.PublicKeys(registered(newKey(t), func(k *app.Token) { k.Scopes = []string{"orders:read"} }))}, false},
		"no ssh key":       {[]ssh.AuthMethod{ssh.PublicKeys(registered(newKey(t), func(k *app.Token) { k.ID = rand.Text()[:8] }))}, false},
		"short RSA":        {[]ssh.AuthMethod{ssh.PublicKeys(registered(signer(t, short)))}, false},
		"own certificate":  {[]ssh.AuthMethod{ssh.PublicKeys(certificate())}, false},
		"stolen public":    {[]ssh.AuthMethod{ssh.PublicKeys(liar{good.PublicKey(), newKey(t)})}, false},
		"seven are tried":  {[]ssh.AuthMethod{ssh.PublicKeys(newKey(t), newKey(t), newKey(t), newKey(t), newKey(t), newKey(t), newKey(t), good)}, false},
		"expired and then": {[]ssh.AuthMethod{ssh.PublicKeys(registered(newKey(t), func(k *app.Token) { k.Expires = d.App.Clock() }), good)}, true},
	} {
		conn, err := d.dial(x.auth...)
		if (err == nil) != x.in {
			t.Errorf("%s: in %t (%v), want %t", name, err == nil, err, x.in)
		}
		if err == nil {
			_ = conn.Close()
		}
	}
}

// liar offers somebody's public key and signs with another.
type liar struct {
	public ssh.PublicKey
	ssh.Signer
}

func (l liar) PublicKey() ssh.PublicKey { return l.public }

// TestActsAtOnce: what is taken back is gone within a session.
func TestActsAtOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	number := d.Case(showcase.ToReceive)
	c := d.recipient(number)
	reading, err := c.Open(number + ".sluss")
	if err != nil {
		t.Fatal(err)
	}
	defer reading.Close()
	handler := order.Actor{ID: showcase.Handler, Role: order.RoleHandler}
	if _, err := d.App.Do(t.Context(), handler, number, order.Recall{Kind: order.IncidentKinds[0], Text: "Fel."}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Open(number + ".sluss"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a recalled parcel is answered %v", err)
	}
	if got := names(t, c); slices.Contains(got, number+".sluss") {
		t.Error("a recalled parcel is listed")
	}
	tokens, err := d.DB.ListTokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range tokens {
		if k.IsSSHKey() {
			if err := d.DB.RevokeToken(t.Context(), k.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	time.Sleep(2100 * time.Millisecond) // as long as an answer holds
	if n, err := reading.ReadAt(make([]byte, 4), 0); err == nil {
		t.Errorf("a recalled parcel that was open is read: %d bytes", n)
	}
	if _, err := c.ReadDir("."); !errors.Is(err, os.ErrPermission) {
		t.Errorf("a key that was taken back is answered %v", err)
	}
	if _, err := c.Stat("/"); !errors.Is(err, os.ErrPermission) {
		t.Errorf("a key that was taken back is answered %v", err)
	}
}

// TestRoom: who says nothing is put out, and there is an end to how many come
// in.
func TestRoom(t *testing.T) {
	t.Parallel()
	d := open(t, func(s *sftp.Server) { s.Idle = 3 * time.Second })
	c := d.as(showcase.Orderer, order.RoleOrderer)
	names(t, c)
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Error("a silent session stays open")
	}
	knock := func(from string) (net.Conn, bool) {
		dial := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
		conn, err := dial.Dial("tcp", d.addr)
		if err != nil {
			t.Skipf("skipped: no connections from %s: %v", from, err)
		}
		_, err = io.ReadFull(conn, make([]byte, 8)) // SSH-2.0-
		return conn, err == nil
	}
	var held []net.Conn
	for n := 0; n < sftp.MaxSessions; n++ {
		conn, in := knock(fmt.Sprintf("127.0.1.%d", 1+n/sftp.MaxFrom))
		if held = append(held, conn); !in {
			t.Fatalf("connection %d is not let in", n)
		}
		if n == sftp.MaxFrom-1 {
			one, in := knock("127.0.1.1")
			if held = append(held, one); in {
				t.Error("one address takes every place")
			}
		}
	}
	over, in := knock("127.0.1.200")
	if held = append(held, over); in {
		t.Error("there is no end to how many come in")
	}
	for _, conn := range held {
		_ = conn.Close()
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if conn, err := d.dial(ssh.Password("x")); err == nil {
			_ = conn.Close()
		} else if strings.Contains(err.Error(), "unable to authenticate") {
			break // it is spoken with again
		}
		if time.Now().After(end) {
			t.Fatal("nobody comes in any more")
		}
	}
}

// TestOneCase: a key that is tied to a case opens that case only.
func TestOneCase(t *testing.T) {
	t.Parallel()
	d := open(t)
	number := d.Case(showcase.ToReceive)
	who := persona(t, showcase.OtherOrderer, order.RoleOrderer)
	key := newKey(t)
	d.register(key.PublicKey(), who, func(k *app.Token) { k.Scopes = append(k.Scopes, app.CaseScope+number) })
	c := d.enter(key)
	if got := names(t, c); !slices.Equal(got, []string{number + ".handover.json", number + ".sluss", number + ".sluss.sha256"}) {
		t.Errorf("%v", got)
	}
	if all := names(t, d.as(showcase.OtherOrderer, order.RoleOrderer)); len(all) <= 3 {
		t.Fatal("the orderer has no other case")
	}
	for _, name := range names(t, d.as(showcase.OtherOrderer, order.RoleOrderer)) {
		if _, err := c.Stat(name); (err == nil) != strings.HasPrefix(name, number) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNothingOfTheSystem: what cannot be read is not told in the system's words.
func TestNothingOfTheSystem(t *testing.T) {
	t.Parallel()
	d := open(t)
	f, err := d.recipient(d.Case(showcase.ToReceive)).Open(d.Case(showcase.ToReceive) + ".sluss")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.ReadAt(make([]byte, 4), -1); err == nil || strings.ContainsAny(err.Error(), "/") {
		t.Errorf("%v", err)
	}
}

// TestUnreadRequests: a client that ends a session and goes on asking in it
// keeps nobody waiting, nor the server from stopping.
func TestUnreadRequests(t *testing.T) {
	t.Parallel()
	d := open(t, func(s *sftp.Server) { s.Idle = 3 * time.Second })
	key := newKey(t)
	d.register(key.PublicKey(), persona(t, showcase.Orderer, order.RoleOrderer))
	conn, err := d.dial(ssh.PublicKeys(key))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ch, _, err := conn.OpenChannel("session", nil)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := ch.SendRequest("subsystem", true, ssh.Marshal(struct{ Name string }{"sftp"})); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if err := ch.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	for range 4000 {
		if _, err := ch.SendRequest("env", false, nil); err != nil {
			break
		}
	}
	if _, err := sftplib.NewClient(conn); err != nil { // another session of the same line
		t.Errorf("the line is stuck: %v", err)
	}
	// That the server ends is seen when the test does: open waits for it.
}

// TestHandlesHaveAnEnd: a session holds only so many parcels open, and what is
// closed makes room.
func TestHandlesHaveAnEnd(t *testing.T) {
	t.Parallel()
	d := open(t)
	name := d.Case(showcase.ToReceive) + ".sluss"
	c := d.recipient(d.Case(showcase.ToReceive))
	var held []*sftplib.File
	for n := range sftp.MaxOpen {
		f, err := c.Open(name)
		if err != nil {
			t.Fatalf("parcel %d: %v", n, err)
		}
		held = append(held, f)
	}
	if _, err := c.Open(name); err == nil {
		t.Error("there is no end to what a session holds open")
	}
	if _, err := c.ReadDir("/"); err == nil {
		t.Error("lists do not count")
	}
	for _, f := range held[:3] {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if _, err := c.Open(name); err != nil {
			t.Errorf("what was closed makes no room: %v", err)
		}
	}
	for range 2 * sftp.MaxOpen {
		if _, err := c.ReadDir("/"); err != nil {
			t.Fatalf("lists that are closed make no room: %v", err)
		}
		if _, err := c.Stat(name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Stat(name); err != nil {
		t.Error(err)
	}
}

// TestKeys: what is a person's key and what is not, and the server's own key
// lasts.
func TestKeys(t *testing.T) {
	t.Parallel()
	good := string(ssh.MarshalAuthorizedKey(newKey(t).PublicKey()))
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	short, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		text string
		ok   bool
	}{
		"key": {good, true}, "with comment": {strings.TrimSpace(good) + " elin@dator\r\n", true}, "empty": {"", false}, "text": {"hej", false}, "two": {good + good, false},
		"with options": {`from="*" ` + good, false}, "private": {string(pem.EncodeToMemory(block)), false}, "short RSA": {string(ssh.MarshalAuthorizedKey(signer(t, short).PublicKey())), false},
	} {
		_, err := sftp.ParseKey([]byte(x.text))
		f, told := errors.AsType[*fault.Fault](err)
		if (err == nil) != x.ok || !x.ok && (!told || f.Code != "sftp.key") {
			t.Errorf("%s: %v", name, err)
		}
	}
	file := filepath.Join(t.TempDir(), "sftp.key")
	a, err := sftp.HostKey(file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := sftp.HostKey(file)
	if err != nil || !bytes.Equal(a.PublicKey().Marshal(), b.PublicKey().Marshal()) {
		t.Errorf("another key after a restart: %v", err)
	}
	if s, err := os.Stat(file); err != nil || s.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", s.Mode(), err)
	}
	if raw, err := os.ReadFile(strings.TrimSuffix(file, ".key") + ".pub"); err != nil || !bytes.Equal(raw, ssh.MarshalAuthorizedKey(a.PublicKey())) {
		t.Errorf("%q, %v", raw, err)
	}
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sftp.HostKey(file); err == nil {
		t.Error("a spoilt key is taken")
	}
	if sftp.KeyHash(a.PublicKey()) == canon.Sum(a.PublicKey().Marshal()) {
		t.Error("the hash of a key is that of its text")
	}
}
