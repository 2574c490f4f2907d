package hook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/hook"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/store"
)

// post is a counter with subscribers in a test.
type post struct {
	t     *testing.T
	db    *store.Store
	app   *app.App
	skew  atomic.Int64 // of the clock, so that nobody waits for a back-off
	log   bytes.Buffer
	stops []func()
}

func (p *post) now() time.Time { return time.Now().Add(time.Duration(p.skew.Load())) }

func secret(id string) []byte { return []byte("secret of " + id) }

func newPost(t *testing.T) *post {
	t.Helper()
	p := &post{t: t}
	db, err := store.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "sluss.db"))
	if err != nil {
		t.Fatal(err)
	}
	p.db = db
	p.app = &app.App{Log: db, Queue: db, Clock: p.now, Beside: app.Beside{Hooks: db, HookSecret: secret}}
	t.Cleanup(func() {
		for _, stop := range p.stops {
			stop()
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if p.log.Len() > 0 {
			t.Errorf("logged: %s", &p.log)
		}
	})
	return p
}

// run starts a sender, as one of several processes.
func (p *post) run(holder string) {
	s := &hook.Sender{
		Source: p.app, Secret: secret, Clock: p.now, Holder: holder, Log: slog.New(slog.NewTextHandler(&p.log, nil)), Every: 5 * time.Millisecond, Timeout: 200 * time.Millisecond,
	}
	ctx, cancel := context.WithCancel(p.t.Context())
	var g sync.WaitGroup
	g.Go(func() { s.Run(ctx) })
	p.stops = append(p.stops, func() { cancel(); g.Wait() })
}

var (
	karin = access.Person{ID: "karin", Role: order.RoleHandler}
	elin  = access.Person{ID: "elin", Role: order.RoleOrderer, Email: "elin@u.example"}
)

func (p *post) subscribe(who access.Person, url string, types ...string) app.Subscription {
	p.t.Helper()
	token := app.Token{ID: "t" + who.ID + url, Person: who, Created: p.now(), Expires: p.now().Add(100_000 * time.Hour)}
	if err := p.db.PutToken(p.t.Context(), canon.Sum([]byte(token.ID)), token); err != nil {
		p.t.Fatal(err)
	}
	s := app.Subscription{ID: "P-" + who.ID + fmt.Sprint(len(url)), Token: token.ID, Person: who, URL: url, Types: types, Created: p.now().Add(-time.Second)}
	if err := p.db.PutSubscription(p.t.Context(), s); err != nil {
		p.t.Fatal(err)
	}
	return s
}

func caseID(n int) string { return fmt.Sprintf("FK-2026-%05d", n) }

// happen stores events of a case: the submission first, then arrivals that
// were too early.
func (p *post) happen(n, from, to int) {
	p.t.Helper()
	for v := from; v <= to; v++ {
		var ev order.Event = &order.MediumEarly{ID: v, Road: "post"}
		by := order.Actor{ID: "rut", Role: order.RoleRegistrar}
		if v == 1 {
			ev, by = &order.Submitted{Application: intake.Application{Title: "Hemligt 191212121212", Orderer: intake.Person{Email: elin.Email}}}, elin.Actor()
		}
		err := p.db.Append(p.t.Context(), caseID(n), []order.Entry{{Version: v, At: p.now(), By: by, Event: ev}}, app.Summary{ID: caseID(n), Version: v, Changed: p.now()}, nil)
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

// receiver notes what comes, and answers what answer says.
type receiver struct {
	t      *testing.T
	url    string
	mu     sync.Mutex
	got    []app.Message
	ids    map[string]int
	answer func(m app.Message, times int) int
}

func receive(t *testing.T, answer func(m app.Message, times int) int) *receiver {
	r := &receiver{t: t, ids: map[string]int{}, answer: answer}
	s := httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(s.Close)
	r.url = s.URL + "/hook"
	return r
}

func (r *receiver) serve(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	var m app.Message
	if err := json.Unmarshal(body, &m); err != nil || m.SpecVersion != "1.0" || req.Header.Get("Content-Type") != "application/cloudevents+json; charset=utf-8" {
		r.t.Errorf("%s %v", body, err)
	}
	sub, _, _ := strings.Cut(m.ID, ".")
	at, sig, _ := strings.Cut(strings.TrimPrefix(req.Header.Get("Sluss-Signature"), "t="), ",v1=")
	h := hmac.New(sha256.New, secret(sub))
	_, _ = io.WriteString(h, at+"."+string(body))
	if sig != hex.EncodeToString(h.Sum(nil)) {
		r.t.Errorf("signature %q", req.Header.Get("Sluss-Signature"))
	}
	if bytes.Contains(body, []byte("Hemligt")) || bytes.Contains(body, []byte("191212")) || bytes.Contains(body, []byte("@")) || bytes.Contains(body, []byte("rut")) {
		r.t.Errorf("it tells too much: %s", body)
	}
	r.mu.Lock()
	r.ids[m.ID]++
	n := r.ids[m.ID]
	r.mu.Unlock()
	status := http.StatusNoContent
	if r.answer != nil {
		status = r.answer(m, n)
	}
	if status < 300 {
		r.mu.Lock()
		r.got = append(r.got, m)
		r.mu.Unlock()
	}
	w.WriteHeader(status)
}

// met is how many messages have come, those that were not taken too.
func (r *receiver) met() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, times := range r.ids {
		n += times
	}
	return n
}

func (r *receiver) versions(n int) (out []int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.got {
		if m.Subject == caseID(n) {
			out = append(out, m.Data.Version)
		}
	}
	return out
}

// firsts are the versions of a case in the order in which they first came. A
// message may come twice, under the same id, when its sender's lease has run
// out: in a test whose clock leaps by hours while a request is under way, too.
func (r *receiver) firsts(n int) (out []int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := map[string]bool{}
	for _, m := range r.got {
		if m.Subject == caseID(n) && !seen[m.ID] {
			seen[m.ID] = true
			out = append(out, m.Data.Version)
		}
	}
	return out
}

func wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func upTo(n int) (out []int) {
	for i := range n {
		out = append(out, i+1)
	}
	return out
}

// TestOrderKept: two processes, several cases, a receiver that fails now and
// then: each event of a case arrives, in order, under an id that stays.
func TestOrderKept(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	r := receive(t, func(m app.Message, times int) int {
		if m.Data.Version%3 == 0 && times < 3 {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	})
	p.subscribe(karin, r.url)
	p.run("a")
	p.run("b")
	for n := range 3 {
		p.happen(n+1, 1, 7)
	}
	quiet, met := 0, 0
	wait(t, "all messages", func() bool {
		// The clock goes on only while nothing arrives: on a busy machine a request that is
		// under way would else outlive what the other process grants it.
		if n := r.met(); n != met {
			met, quiet = n, 0
		} else if quiet++; quiet > 20 {
			p.skew.Add(int64(time.Second))
		}
		return slices.Equal(r.versions(1), upTo(7)) && slices.Equal(r.versions(2), upTo(7)) && slices.Equal(r.versions(3), upTo(7))
	})
	time.Sleep(50 * time.Millisecond)
	if len(r.got) != 21 || len(r.ids) != 21 {
		t.Errorf("%d messages, %d ids", len(r.got), len(r.ids))
	}
	if m := r.got[0]; m.Type != "sluss.order.submitted" || m.Source != "/api/v1/orders/"+m.Subject || m.Time.IsZero() || m.Data.Order != m.Subject {
		t.Errorf("%+v", m)
	}
}

// TestOneCaseDoesNotHoldAnother: what fails for one case holds that case back
// and no other.
func TestOneCaseDoesNotHoldAnother(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	var mended atomic.Bool
	r := receive(t, func(m app.Message, _ int) int {
		if m.Subject == caseID(1) && m.Data.Version == 2 && !mended.Load() {
			return http.StatusBadGateway
		}
		return http.StatusOK
	})
	sub := p.subscribe(karin, r.url)
	p.run("a")
	p.happen(1, 1, 4)
	p.happen(2, 1, 4)
	wait(t, "the other case", func() bool { return slices.Equal(r.versions(2), upTo(4)) })
	if got := r.versions(1); !slices.Equal(got, upTo(1)) {
		t.Errorf("%v", got)
	}
	var dead app.Delivery
	wait(t, "the dead letter", func() bool {
		p.skew.Add(int64(7 * time.Hour / 10))
		all, err := p.app.WaitingFor(t.Context(), karin, sub.ID)
		if err != nil {
			t.Fatal(err)
		}
		dead = all[0]
		return dead.State == "dead"
	})
	if dead.Attempts < app.DeliveryAttempts || dead.Fault != "hook.status_502" {
		t.Errorf("%+v", dead)
	}
	mended.Store(true)
	if n, err := p.app.ReplayDead(t.Context(), karin, sub.ID); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	wait(t, "the rest", func() bool { return slices.Equal(r.firsts(1), upTo(4)) })
}

// TestDownAndSlow: a receiver that is down, or too slow to answer, loses
// nothing and holds nobody else up.
func TestDownAndSlow(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	var quick atomic.Bool
	slow := receive(t, func(app.Message, int) int {
		if !quick.Load() {
			time.Sleep(300 * time.Millisecond)
			return http.StatusTeapot
		}
		return http.StatusOK
	})
	well := receive(t, nil)
	p.subscribe(karin, slow.url+"/slow")
	down := p.subscribe(karin, "http://127.0.0.1:1/nobody/listens")
	p.subscribe(karin, well.url)
	p.run("a")
	p.happen(1, 1, 3)
	wait(t, "who is well", func() bool { return slices.Equal(well.versions(1), upTo(3)) })
	wait(t, "the fault of who is down", func() bool {
		all, err := p.app.WaitingFor(t.Context(), karin, down.ID)
		return err == nil && len(all) == 3 && all[0].Fault == "hook.unreachable"
	})
	quick.Store(true)
	wait(t, "who was slow", func() bool { p.skew.Add(int64(time.Second)); return slices.Equal(slow.versions(1), upTo(3)) })
}

// TestThreat19NoAddressOfOurOwnNetwork: those outside hear of what they may know, when they may
// know it, under their own numbers; strangers hear nothing; and no address in
// the authority's own network is called for them.
func TestThreat19NoAddressOfOurOwnNetwork(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.subscribe(elin, "https://127.0.0.1:1/x")
	stranger := p.subscribe(access.Person{ID: "ester", Role: order.RoleOrderer, Email: "ester@v.example"}, "https://v.example/x")
	only := p.subscribe(karin, "http://127.0.0.1:1/only", "reviewed")
	p.happen(1, 1, 1)
	for i, ev := range []order.Event{&order.Reviewed{}, &order.Decided{}, &order.Completed{}} {
		e := order.Entry{Version: i + 2, At: p.now(), By: order.Actor{ID: "bo", Role: order.RoleDecider}, Event: ev}
		if err := p.db.Append(t.Context(), caseID(1), []order.Entry{e}, app.Summary{ID: caseID(1), Version: i + 2, Changed: p.now()}, nil); err != nil {
			t.Fatal(err)
		}
	}
	for more := true; more; {
		var err error
		if more, err = p.app.SpreadHooks(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	types := func(s app.Subscription) (out []string) {
		all, err := p.db.Deliveries(t.Context(), s.ID, 99)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range all {
			out = append(out, fmt.Sprint(d.Number, d.Type))
		}
		return out
	}
	if got := types(sub); !slices.Equal(got, []string{"1submitted", "2completed"}) {
		t.Errorf("%v", got)
	}
	if got := types(stranger); got != nil {
		t.Errorf("%v", got)
	}
	if got := types(only); !slices.Equal(got, []string{"2reviewed"}) {
		t.Errorf("%v", got)
	}
	e := order.Entry{Version: 5, At: p.now(), By: order.Actor{ID: "karin", Role: order.RoleHandler}, Event: &order.DecisionDispatched{}}
	if err := p.db.Append(t.Context(), caseID(1), []order.Entry{e}, app.Summary{ID: caseID(1), Version: 5, Changed: p.now()}, nil); err != nil {
		t.Fatal(err)
	}
	p.run("a")
	wait(t, "the guard", func() bool {
		all, err := p.db.Deliveries(t.Context(), sub.ID, 99)
		return err == nil && len(all) == 4 && all[0].Fault == "hook.private_address"
	})
	if got := types(sub); !slices.Equal(got, []string{"1submitted", "2completed", "3decided", "4decision_dispatched"}) {
		t.Errorf("%v", got)
	}
}

// TestNothingFromBefore: a subscription hears of what happens after it.
func TestNothingFromBefore(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.subscribe(karin, "http://127.0.0.1:1/first")
	p.happen(1, 1, 2)
	p.skew.Store(int64(time.Hour))
	late := p.subscribe(karin, "http://127.0.0.1:1/late-one")
	p.skew.Store(int64(2 * time.Hour))
	p.happen(1, 3, 3)
	if _, err := p.app.SpreadHooks(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := p.db.Deliveries(t.Context(), late.ID, 9)
	if err != nil || len(all) != 1 || all[0].Number != 3 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestSubscribe(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	for _, tt := range []struct {
		who  access.Person
		url  string
		want bool
	}{
		{karin, "https://x.example/hook?a=1", true},
		{karin, "http://localhost:8081/", true},
		{karin, "http://[::1]:8081/", true},
		{karin, "http://x.example/", false},
		{karin, "ftp://localhost/", false},
		{karin, "https://u:p@x.example/", false},
		{karin, "https://x.example/#a", false},
		{karin, "https:///x", false},
		{karin, "x", false},
		{elin, "https://x.example/", true},
		{elin, "https://localhost/", false},
		{elin, "https://127.0.0.2/", false},
		{elin, "http://localhost/", false},
		{access.Person{ID: "adam", Role: access.RoleAdministrator}, "https://x.example/", false},
	} {
		s, secret, err := p.app.Subscribe(t.Context(), tt.who, "t", tt.url, nil)
		if (err == nil) != tt.want || tt.want && (secret == "" || s.ID == "") {
			t.Errorf("%s %s: %v", tt.who.ID, tt.url, err)
		}
		if err != nil && strings.Contains(err.Error(), "example") {
			t.Errorf("repeats the address: %v", err)
		}
	}
	if _, _, err := p.app.Subscribe(t.Context(), karin, "t", "https://x.example", []string{"nothing"}); err == nil {
		t.Error("an unknown type")
	}
}
