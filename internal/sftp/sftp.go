// Package sftp hands sealed parcels out over SFTP, to recipients whose systems
// fetch that way: secure computing environments, scripts at night.
//
// Who asks is told by an SSH key that the authority has registered for one
// person ([KeyHash]); there are no passwords. A person sees one folder with the
// parcels that the person may fetch over HTTPS at that moment, each with its
// checksum and its hand-over document, and nothing else: no other files exist
// here, nothing can be written, and no command, terminal or tunnel is served.
// Whether a parcel is there is asked anew for every request: a key taken back, a
// purge date, a recall act at once, also within a session. A file that is being
// read is read to its end.
//
// The server is SFTP version 3 (draft-ietf-secsh-filexfer-02) on SSH
// (RFC 4251–4254) by the libraries pkg/sftp and golang.org/x/crypto/ssh.
package sftp

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	sftplib "github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/order"
)

// Scope is what a key must be registered for.
const Scope = "parcel:fetch"

// Limits of the server.
const (
	MaxSessions = 64 // connections at once; one more is closed at once
	MaxFrom     = 16 // of them from one address
	MaxOpen     = 16 // files and lists that one session has open at once
	maxChannels = 4  // of a connection
	maxTries    = 6  // keys that a client offers
	handshake   = 20 * time.Second
	idle        = 15 * time.Minute
	longest     = 6 * time.Hour // as long as a request over HTTPS may take
)

// Cases is what the server asks of the counter; app.App has it.
type Cases interface {
	Known(ctx context.Context, p access.Person) (access.Person, error)
	Entries(ctx context.Context, id string) ([]order.Entry, error)
	LogRead(ctx context.Context, p access.Person, id string, view access.View) error
	FetchParcel(ctx context.Context, id string, by order.Role) (io.ReadCloser, error)
}

// Server hands parcels out.
type Server struct {
	Cases  Cases
	Tokens app.Tokens
	Lists  app.Lists
	// Handover writes the hand-over document of a case; ok is false when it has
	// none.
	Handover func(s order.State) (doc []byte, ok bool)
	Host     ssh.Signer // the server's own key
	Clock    func() time.Time
	Log      *slog.Logger
	// Idle closes a connection on which nothing moves; zero means 15 minutes.
	Idle time.Duration
}

// KeyHash is the hash by which tokens know a key. It is never the hash of a
// token's secret: those are texts without a zero byte.
func KeyHash(key ssh.PublicKey) canon.Hash {
	return canon.Sum(append([]byte("ssh-key\x00"), key.Marshal()...))
}

// Serve answers on ln until ctx ends, then closes what is open and returns.
func (s *Server) Serve(ctx context.Context, ln net.Listener) {
	var (
		open sync.WaitGroup
		in   crowd
	)
	defer open.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = ln.Close() })()
	for {
		conn, err := ln.Accept()
		switch {
		case ctx.Err() != nil || errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			s.Log.ErrorContext(ctx, "sftp: accept", "err", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second): // out of files, say
			}
			continue
		}
		leave, ok := in.enter(conn.RemoteAddr())
		if !ok {
			_ = conn.Close()
			continue
		}
		open.Go(func() {
			defer leave()
			s.talk(ctx, conn)
		})
	}
}

// crowd counts who is in, by address: whoever fills the room does so from many.
type crowd struct {
	mu   sync.Mutex
	all  int
	from map[string]int
}

// enter lets a connection in, where there is room; leave makes it again.
func (c *crowd) enter(a net.Addr) (leave func(), ok bool) {
	host := a.String()
	if t, ok := a.(*net.TCPAddr); ok {
		ip := t.AddrPort().Addr().Unmap().WithZone("")
		host = ip.String()
		if net6, err := ip.Prefix(64); err == nil && ip.Is6() {
			host = net6.String() // one host has all of them
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == MaxSessions || c.from[host] == MaxFrom {
		return nil, false
	}
	if c.from == nil {
		c.from = map[string]int{}
	}
	c.all++
	c.from[host]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.all--
		if c.from[host]--; c.from[host] == 0 {
			delete(c.from, host)
		}
	}, true
}

// config is how the server speaks SSH: with algorithms that encrypt and
// authenticate in one, keys of at least 3072 bits where they are RSA's, and no
// way in but a key.
func (s *Server) config(ctx context.Context) *ssh.ServerConfig {
	c := &ssh.ServerConfig{
		Config: ssh.Config{
			KeyExchanges: []string{ssh.KeyExchangeMLKEM768X25519, ssh.KeyExchangeCurve25519},
			Ciphers:      []string{ssh.CipherChaCha20Poly1305, ssh.CipherAES256GCM, ssh.CipherAES128GCM},
		},
		PublicKeyAuthAlgorithms: Algorithms, MaxAuthTries: maxTries, ServerVersion: "SSH-2.0-Sluss",
		PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if err := Usable(key); err != nil {
				return nil, err
			}
			hash := KeyHash(key)
			if _, err := s.holder(ctx, hash); err != nil {
				return nil, errStranger
			}
			return &ssh.Permissions{Extensions: map[string]string{"key": string(hash)}}, nil
		},
	}
	c.AddHostKey(s.Host)
	return c
}

// Algorithms are the kinds of signatures by which people prove their keys.
var Algorithms = []string{
	ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoSKECDSA256, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
}

var (
	errStranger = errors.New("unknown key")
	errWeak     = errors.New("a key that is not accepted")
)

// holder is who holds the key with the hash, as the staff table knows the
// person now. It is an error when nobody does, or the key's time has run out.
func (s *Server) holder(ctx context.Context, hash canon.Hash) (app.Token, error) {
	t, err := s.Tokens.Token(ctx, hash)
	if err != nil {
		return t, err
	}
	if !t.IsSSHKey() || !s.Clock().Before(t.Expires) || !slices.Contains(t.Scopes, Scope) {
		return t, errStranger
	}
	t.Person, err = s.Cases.Known(ctx, t.Person)
	return t, err
}

// talk serves one connection to its end.
func (s *Server) talk(ctx context.Context, raw net.Conn) {
	patience := s.Idle
	if patience == 0 {
		patience = idle
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = raw.Close() })()
	defer raw.Close()
	line := &line{Conn: raw}
	if line.SetDeadline(time.Now().Add(handshake)) != nil {
		return
	}
	conn, channels, requests, err := ssh.NewServerConn(line, s.config(ctx))
	if err != nil {
		return // a scanner, or a key that nobody has; there is nothing to tell
	}
	defer conn.Close()
	_ = raw.SetDeadline(time.Time{}) // from now on it is a timer that ends a silent line
	silence := time.AfterFunc(patience, cancel)
	defer silence.Stop()
	line.moved.Store(func() { silence.Reset(patience) })
	go ssh.DiscardRequests(requests)
	var (
		open sync.WaitGroup
		room = make(chan struct{}, maxChannels)
	)
	defer open.Wait()
	hash := canon.Hash(conn.Permissions.Extensions["key"])
	// A line on which nothing moves is left also while its library is stuck with
	// what nobody reads: it is not waited for.
	defer func() {
		go func() {
			for c := range channels {
				_ = c.Reject(ssh.ResourceShortage, "closing")
			}
		}()
	}()
	for {
		var c ssh.NewChannel
		var ok bool
		select {
		case <-ctx.Done():
			return
		case c, ok = <-channels:
		}
		if !ok {
			return
		}
		if c.ChannelType() != "session" {
			_ = c.Reject(ssh.UnknownChannelType, "only sessions")
			continue
		}
		select {
		case room <- struct{}{}:
		default:
			_ = c.Reject(ssh.ResourceShortage, "too many sessions")
			continue
		}
		ch, asked, err := c.Accept()
		if err != nil {
			<-room
			continue
		}
		open.Go(func() {
			defer func() { <-room }()
			s.session(ctx, hash, ch, asked)
		})
	}
}

// line is a connection that tells when something has moved on it.
type line struct {
	net.Conn
	moved atomic.Value // a func(); nothing until somebody has logged in
}

func (l *line) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	l.told(n)
	return n, err
}

func (l *line) Write(b []byte) (int, error) {
	n, err := l.Conn.Write(b)
	l.told(n)
	return n, err
}

func (l *line) told(n int) {
	if f, ok := l.moved.Load().(func()); ok && n > 0 {
		f()
	}
}

// session waits for the subsystem sftp and serves it; everything else that a
// session can be asked for is refused.
func (s *Server) session(ctx context.Context, hash canon.Hash, ch ssh.Channel, asked <-chan *ssh.Request) {
	defer func() {
		_ = ch.Close()
		go ssh.DiscardRequests(asked) // what is still asked must not stop the others' sessions
	}()
	served := false
	done := make(chan struct{})
	for {
		select {
		case <-ctx.Done():
			return
		case <-done:
			return
		case r, ok := <-asked:
			if !ok {
				if served {
					select {
					case <-done:
					case <-ctx.Done():
					}
				}
				return
			}
			var name struct{ Name string }
			sub := !served && r.Type == "subsystem" && ssh.Unmarshal(r.Payload, &name) == nil && name.Name == "sftp"
			if r.WantReply {
				_ = r.Reply(sub, nil)
			}
			if !sub {
				continue
			}
			served = true
			go func() {
				defer close(done)
				desk := &folder{Server: s, ctx: ctx, key: hash}
				server := sftplib.NewRequestServer(ch, sftplib.Handlers{FileGet: desk, FilePut: desk, FileCmd: desk, FileList: desk})
				status := uint32(0)
				if err := server.Serve(); err != nil && !errors.Is(err, io.EOF) {
					status = 1
				}
				_ = server.Close()
				_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{status}))
			}()
		}
	}
}
