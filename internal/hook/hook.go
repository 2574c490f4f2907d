// Package hook sends messages to those who subscribe to what happens in cases.
//
// Each message is a POST of a small CloudEvent (app.Message) with the header
// Sluss-Signature. Any answer 2xx within [Timeout] means that it has arrived;
// redirects are not followed. What does not arrive is sent again, later each
// time; messages of one case come in order, so that one that fails holds back
// those after it, but not those of other cases. A message can come twice: its
// id is then the same.
//
// Several processes may each run a [Sender]; a lease keeps two from sending
// the same message at once.
package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
)

// Source is where messages come from; app.App has it.
type Source interface {
	SpreadHooks(ctx context.Context) (bool, error)
	NextDelivery(ctx context.Context, worker string) (app.Delivery, error)
	Sent(ctx context.Context, d app.Delivery, code string) error
}

// Timeout is how long a receiver may take to answer. It is well below the time
// for which a message is leased.
const Timeout = 10 * time.Second

// Sender sends messages until its context ends.
type Sender struct {
	Source Source
	Secret func(subscription string) []byte
	Clock  func() time.Time
	Holder string // name of this process
	Log    *slog.Logger
	// Workers is how many messages are under way at once; 0 = 4.
	Workers int
	// Every is how often to look for something to send; 0 = 500 ms.
	Every time.Duration
	// Timeout of a receiver; 0 = Timeout.
	Timeout time.Duration
}

// Run sends until ctx ends, and lets messages that are under way finish or be
// put back.
func (s *Sender) Run(ctx context.Context) {
	every, workers := s.Every, s.Workers
	if every == 0 {
		every = 500 * time.Millisecond
	}
	if workers == 0 {
		workers = 4
	}
	inside, outside := s.client(true), s.client(false)
	var g sync.WaitGroup
	g.Go(func() { s.again(ctx, every, s.spread) })
	for range workers {
		g.Go(func() {
			s.again(ctx, every, func(ctx context.Context) error { return s.drain(ctx, inside, outside) })
		})
	}
	g.Wait()
}

// again does f every so often until ctx ends.
func (s *Sender) again(ctx context.Context, every time.Duration, f func(context.Context) error) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		if err := f(ctx); err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "messages to subscribers", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

func (s *Sender) spread(ctx context.Context) error {
	for {
		if more, err := s.Source.SpreadHooks(ctx); err != nil || !more {
			return err
		}
	}
}

// drain sends one message after the other while any is due.
func (s *Sender) drain(ctx context.Context, inside, outside *http.Client) error {
	for ctx.Err() == nil {
		d, err := s.Source.NextDelivery(ctx, s.Holder)
		if app.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		client := outside
		if access.Works(d.Person.Role) {
			client = inside
		}
		code := s.send(ctx, client, d)
		if ctx.Err() != nil && code != "" {
			return nil // broken off; its lease runs out
		}
		// That it arrived is true also when we are told to stop.
		if err := s.Source.Sent(context.WithoutCancel(ctx), d, code); err != nil {
			return err
		}
	}
	return nil
}

// send posts one message and returns the code of what went wrong, "" when it
// arrived. Neither the address nor the answer is repeated anywhere.
func (s *Sender) send(ctx context.Context, client *http.Client, d app.Delivery) (code string) {
	body, err := d.Body()
	if err != nil {
		return "hook.body"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(body))
	if err != nil {
		return "hook.address"
	}
	req.Header.Set("Content-Type", "application/cloudevents+json; charset=utf-8")
	req.Header.Set("User-Agent", "sluss")
	req.Header.Set("Sluss-Signature", app.Signature(s.Secret(d.Subscription), body, s.Clock()))
	res, err := client.Do(req)
	if err != nil {
		if errors.Is(err, errPrivate) {
			return "hook.private_address"
		}
		if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() {
			return "hook.timeout"
		}
		return "hook.unreachable"
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, 4096) // so that the connection can be used again
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return fmt.Sprintf("hook.status_%d", res.StatusCode)
	}
	return ""
}

// errPrivate: somebody from outside subscribed with an address that leads into
// the authority's own network.
var errPrivate = errors.New("the address is not a public one")

// client reaches receivers; for subscribers from outside, public addresses
// only, whatever their name resolves to.
func (s *Sender) client(local bool) *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	if !local {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			if !public(address) {
				return errPrivate
			}
			return nil
		}
	}
	timeout := s.Timeout
	if timeout == 0 {
		timeout = Timeout
	}
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second, MaxIdleConns: 20, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute,
			MaxResponseHeaderBytes: 1 << 14,
		},
	}
}

// shared are networks that belong to nobody on the open net, besides those that
// netip knows: carrier-grade NAT (RFC 6598), this network (RFC 1122), protocol
// assignments and tests (RFC 6890), translated addresses (RFC 6052).
var shared = []netip.Prefix{
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
}

// public reports whether an address ip:port lies on the open net.
func public(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	host, _, _ = strings.Cut(host, "%")
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	ip = ip.Unmap()
	for _, p := range shared {
		if p.Contains(ip) {
			return false
		}
	}
	return ip.IsGlobalUnicast() && !ip.IsPrivate()
}
