//go:build unix

package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/canon"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/store"
	"sluss/internal/store/storetest"
)

// beside is what stands beside the cases.
type beside interface {
	programs
	app.Drafts
	app.Attachments
	app.Reads
	app.Hooks
	CheckReads(ctx context.Context) ([]int, error)
}

var _ beside = (*store.Store)(nil)

// TestBeside runs what stands beside the cases on both databases.
func TestBeside(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(testing.TB) storetest.Place{"SQLite": sqlite, "Postgres": postgres} {
		for what, f := range map[string]func(*testing.T, storetest.Place){
			"Drafts": drafts, "DraftBecomesACase": draftBecomesACase, "SubmittedOnce": submittedOnce, "Attachments": attachments, "Reads": reads, "ReadsAtOnce": readsAtOnce,
			"Spread": spread, "OrderOfDeliveries": orderOfDeliveries, "TwoSenders": twoSenders, "Subscriptions": subscriptions, "WorkList": workList, "NaturalNumbers": naturalNumbers,
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				f(t, place(t))
			})
		}
	}
}

func besideOf(t *testing.T, p storetest.Place) beside { return p.Open(t).(beside) }

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func orderer(id, email string) access.Person {
	return access.Person{ID: id, Role: order.RoleOrderer, Email: email}
}

func draftOf(id string) app.Draft {
	return app.Draft{ID: id, Owner: "elin", Email: "elin@u.example", Version: 1, Form: 1, Answers: json.RawMessage(`{"title":"å \u0000"}`), Updated: noon}
}

func drafts(t *testing.T, p storetest.Place) {
	s, ctx := besideOf(t, p), t.Context()
	d := draftOf("U-1")
	ok(t, s.PutDraft(ctx, d))
	got, err := s.Draft(ctx, "U-1")
	if err != nil || !reflect.DeepEqual(got, d) {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = s.Draft(ctx, "U-2")
	is(t, "no draft", err, app.ErrNotFound)
	next := d
	next.Version, next.Answers, next.Updated = 2, json.RawMessage(`{}`), noon.Add(time.Hour)
	ok(t, s.SaveDraft(ctx, next))
	is(t, "saved twice", s.SaveDraft(ctx, next), app.ErrConflict)
	next.ID, next.Version = "U-2", 3
	is(t, "saved what is not there", s.SaveDraft(ctx, next), app.ErrNotFound)
	ok(t, s.Invite(ctx, "U-1", "Maj@u.example"))
	ok(t, s.Invite(ctx, "U-1", "maj@u.example"))
	ok(t, s.Invite(ctx, "U-1", "bo@u.example"))
	if got, err := s.Draft(ctx, "U-1"); err != nil || !slices.Equal(got.Members, []string{"Maj@u.example", "bo@u.example"}) {
		t.Errorf("%v, %v", got.Members, err)
	}
	count := func(who access.Person, want int) {
		t.Helper()
		if l, err := s.DraftsOf(ctx, access.Keys(who)); err != nil || len(l) != want {
			t.Errorf("%s finds %d, %v, want %d", who.ID, len(l), err, want)
		}
	}
	count(orderer("elin", ""), 1)
	count(orderer("m", "MAJ@u.example"), 1)
	count(orderer("x", "x@u.example"), 0)
	ok(t, s.Uninvite(ctx, "U-1", "maj@U.example"))
	count(orderer("m", "maj@u.example"), 0)
	ok(t, s.Uninvite(ctx, "U-1", "elin"))
	count(orderer("elin", ""), 1)
	if ids, err := s.DraftsBefore(ctx, noon.Add(time.Hour)); err != nil || len(ids) != 0 {
		t.Errorf("%v, %v", ids, err)
	}
	if ids, err := s.DraftsBefore(ctx, noon.Add(time.Hour+time.Millisecond)); err != nil || len(ids) != 1 {
		t.Errorf("%v, %v", ids, err)
	}
	ok(t, s.PutAttachment(ctx, attachment("B-1", "U-1", false)))
	ok(t, s.DeleteDraft(ctx, "U-1"))
	count(orderer("elin", ""), 0)
	if l, err := s.LooseBlobs(ctx, 9); err != nil || !slices.Equal(l, []string{"blob/B-1"}) {
		t.Errorf("%v, %v", l, err)
	}
}

func attachment(id, place string, sealed bool) app.Attachment {
	return app.Attachment{ID: id, Place: place, Kind: "other", Name: "å.pdf", Type: "application/pdf", Bytes: 3 << 32, SHA256: canon.Sum([]byte(id)), By: "elin", At: noon, Sealed: sealed, Blob: "blob/" + id}
}

func submission(ids ...string) []order.Entry {
	var a intake.Application
	for _, id := range ids {
		a.Attachments = append(a.Attachments, intake.Attachment{ID: id})
	}
	return []order.Entry{{Version: 1, At: noon, By: order.Actor{ID: "elin", Role: order.RoleOrderer}, Event: &order.Submitted{Application: a}}}
}

func sum(id string, version int) app.Summary {
	return app.Summary{ID: id, Phase: order.PhaseReceived, Version: version, Changed: noon}
}

func draftBecomesACase(t *testing.T, p storetest.Place) {
	s, ctx := besideOf(t, p), t.Context()
	const id = "FK-2026-00001"
	ok(t, s.PutDraft(ctx, draftOf("U-1")))
	for _, b := range []string{"B-1", "B-2"} {
		ok(t, s.PutAttachment(ctx, attachment(b, "U-1", false)))
	}
	ok(t, s.PutAttachment(ctx, attachment("B-3", "U-1", true)))
	stale := draftOf("U-1")
	stale.Version = 2
	is(t, "another version", s.AppendDraft(ctx, stale, id, submission("B-1"), sum(id, 1), nil), app.ErrConflict)
	// a refused append leaves the draft and its documents where they were
	wrong := submission("B-1")
	wrong[0].Version = 2
	is(t, "refused", s.AppendDraft(ctx, draftOf("U-1"), id, wrong, sum(id, 1), nil), app.ErrConflict)
	if d, err := s.Draft(ctx, "U-1"); err != nil || d.Version != 1 {
		t.Fatalf("%+v, %v", d, err)
	}
	if l, err := s.AttachmentsOf(ctx, "U-1"); err != nil || len(l) != 3 {
		t.Fatalf("%v, %v", l, err)
	}
	ok(t, s.AppendDraft(ctx, draftOf("U-1"), id, submission("B-1"), sum(id, 1), nil))
	_, err := s.Draft(ctx, "U-1")
	is(t, "the draft afterwards", err, app.ErrNotFound)
	is(t, "again", s.AppendDraft(ctx, draftOf("U-1"), "FK-2026-00002", submission(), sum(id, 1), nil), app.ErrNotFound)
	_, err = s.Load(ctx, "FK-2026-00002")
	is(t, "a second case", err, app.ErrNotFound)
	if c, owner, err := s.Became(ctx, "U-1"); err != nil || c != id || owner != "elin" {
		t.Errorf("%s %s, %v", c, owner, err)
	}
	l, err := s.AttachmentsOf(ctx, id)
	if err != nil || len(l) != 2 || l[0].ID != "B-1" || !l[0].Filed || l[1].ID != "B-3" || !l[1].Sealed || l[0].Bytes != 3<<32 {
		t.Errorf("%+v, %v", l, err)
	}
	if b, err := s.LooseBlobs(ctx, 9); err != nil || !slices.Equal(b, []string{"blob/B-2"}) {
		t.Errorf("loose: %v, %v", b, err)
	}
}

func submittedOnce(t *testing.T, p storetest.Place) {
	s, ctx := besideOf(t, p), t.Context()
	ok(t, s.PutDraft(ctx, draftOf("U-1")))
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			id := fmt.Sprintf("FK-2026-%05d", i+1)
			errs[i] = s.AppendDraft(ctx, draftOf("U-1"), id, submission(), sum(id, 1), nil)
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, app.ErrNotFound) && !errors.Is(err, app.ErrConflict) {
			t.Error(err)
		}
	}
	if l, err := s.List(ctx); won != 1 || err != nil || len(l) != 1 {
		t.Errorf("%d won, %d cases, %v", won, len(l), err)
	}
}

// attachments: what an earlier version named stays, whatever a later one names;
// a document of another case stays there.
func attachments(t *testing.T, p storetest.Place) {
	s, ctx := besideOf(t, p), t.Context()
	const id, other = "FK-2026-00001", "FK-2026-00002"
	ok(t, s.PutAttachment(ctx, attachment("B-1", id, false)))
	ok(t, s.PutAttachment(ctx, attachment("B-9", other, false)))
	ok(t, s.Append(ctx, id, submission("B-1", "B-9"), sum(id, 1), nil))
	ok(t, s.PutAttachment(ctx, attachment("B-2", id, false)))
	ok(t, s.PutAttachment(ctx, attachment("B-3", id, false)))
	later := order.Entry{Version: 2, At: noon, By: order.Actor{ID: "elin", Role: order.RoleOrderer}, Event: &order.Supplemented{Application: intake.Application{Attachments: []intake.Attachment{{ID: "B-2"}}}}}
	ok(t, s.Append(ctx, id, []order.Entry{later}, sum(id, 2), nil))
	var got []string
	l, err := s.AttachmentsOf(ctx, id)
	ok(t, err)
	for _, a := range l {
		got = append(got, fmt.Sprint(a.ID, a.Filed))
	}
	if !slices.Equal(got, []string{"B-1true", "B-2true"}) {
		t.Errorf("%v", got)
	}
	if l, err := s.AttachmentsOf(ctx, other); err != nil || len(l) != 1 || l[0].Filed {
		t.Errorf("%+v, %v", l, err)
	}
	ok(t, s.ForgetBlob(ctx, "blob/B-3"))
	if b, err := s.LooseBlobs(ctx, 9); err != nil || len(b) != 0 {
		t.Errorf("%v, %v", b, err)
	}
}

func readOf(n int, who, id string) app.Read {
	return app.Read{At: noon.Add(time.Duration(n) * time.Second), Who: who, Role: order.RoleHandler, Case: id, View: access.ViewCase}
}

func reads(t *testing.T, p storetest.Place) {
	s, ctx := besideOf(t, p), t.Context()
	var all []app.Read
	for n := range 5 {
		all = append(all, readOf(n, []string{"karin", "kalle"}[n%2], "FK-2026-00001"))
	}
	ok(t, s.PutReads(ctx, all[:3]))
	ok(t, s.PutReads(ctx, append(all[3:], readOf(9, "karin", "FK-2026-00002"))))
	got, next, err := s.ReadsOfCase(ctx, "FK-2026-00001", 0, 3)
	if err != nil || next == 0 || !reflect.DeepEqual(got, []app.Read{all[4], all[3], all[2]}) {
		t.Errorf("%+v %d, %v", got, next, err)
	}
	if got, next, err = s.ReadsOfCase(ctx, "FK-2026-00001", next, 3); err != nil || next != 0 || !reflect.DeepEqual(got, []app.Read{all[1], all[0]}) {
		t.Errorf("%+v %d, %v", got, next, err)
	}
	if got, _, err = s.ReadsBy(ctx, "karin", 0, 9); err != nil || len(got) != 4 || got[0].Case != "FK-2026-00002" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := s.Load(ctx, "reads/log"); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("the log of reads is an order: %v", err)
	}
	// the log of orders vouches for each batch
	private, public := logKey(t)
	q := &audit.Sequencer{Tree: s, Key: private, Holder: "a", Clock: time.Now}
	if n, err := q.Once(ctx); err != nil || n != 2 {
		t.Fatalf("%d, %v", n, err)
	}
	v, err := audit.NewVerifier(public)
	ok(t, err)
	if r, err := audit.Verify(ctx, s, v); err != nil || r.Found != 0 || r.Entries != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	raw := p.Raw(t)
	for _, change := range []string{`UPDATE reads SET actor = 'bo' WHERE id = 4`, `UPDATE reads SET at = at + 1 WHERE id = 5`, `UPDATE reads SET stream = 'x' WHERE id = 6`, `UPDATE reads SET batch = 7 WHERE batch = 2`, `DELETE FROM reads WHERE batch = 2 AND actor = 'kalle'`} {
		if l, err := s.CheckReads(ctx); err != nil || len(l) != 0 {
			t.Fatalf("%v, %v", l, err)
		}
		for _, stmt := range []string{`CREATE TABLE kept AS SELECT * FROM reads`, change} {
			if _, err := raw.Exec(stmt); err != nil {
				t.Fatal(err)
			}
		}
		if l, err := s.CheckReads(ctx); err != nil || !slices.Contains(l, 2) || slices.Contains(l, 1) || strings.Contains(change, "= 7") != slices.Contains(l, 7) {
			t.Errorf("%s: %v, %v", change, l, err)
		}
		for _, stmt := range []string{`UPDATE reads SET batch = k.batch, at = k.at, actor = k.actor, stream = k.stream FROM kept k WHERE k.id = reads.id`, `DROP TABLE kept`} {
			if change[:6] == "DELETE" {
				return // the last that can be put back
			}
			if _, err := raw.Exec(stmt); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// readsAtOnce: two processes log reads at once, and no batch is lost.
func readsAtOnce(t *testing.T, p storetest.Place) {
	var wg sync.WaitGroup
	for w := range 4 {
		s := besideOf(t, p)
		wg.Go(func() {
			for n := range 10 {
				if err := s.PutReads(t.Context(), []app.Read{readOf(n, fmt.Sprint(w), "FK-2026-00001")}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	s := besideOf(t, p)
	if l, _, err := s.ReadsOfCase(t.Context(), "FK-2026-00001", 0, 100); err != nil || len(l) != 40 {
		t.Errorf("%d reads, %v", len(l), err)
	}
	if l, err := s.CheckReads(t.Context()); err != nil || len(l) != 0 {
		t.Errorf("%v, %v", l, err)
	}
}

// subscribed puts a token and a subscription made with it.
func subscribed(t *testing.T, s beside, id string, p access.Person) app.Subscription {
	t.Helper()
	ok(t, s.PutToken(t.Context(), canon.Sum([]byte(id)), app.Token{ID: "t-" + id, Person: p, Created: noon, Expires: noon.Add(time.Hour)}))
	sub := app.Subscription{ID: id, Token: "t-" + id, Person: p, URL: "https://x.example/" + id, Types: []string{}, Created: noon}
	ok(t, s.PutSubscription(t.Context(), sub))
	return sub
}

var karin = access.Person{ID: "karin", Role: order.RoleHandler}

func happened(t *testing.T, s beside, id string, version int) {
	t.Helper()
	e := order.Entry{Version: version, At: noon, By: order.Actor{ID: "k", Role: order.RoleHandler}, Event: &order.SentAgain{}}
	ok(t, s.Append(t.Context(), id, []order.Entry{e}, sum(id, version), nil))
}

func subscriptions(t *testing.T, p storetest.Place) {
	s, ctx := besideOf(t, p), t.Context()
	sub := subscribed(t, s, "P-1", karin)
	subscribed(t, s, "P-2", orderer("elin", "e@x.example"))
	if l, err := s.SubscriptionsOf(ctx, karin, noon); err != nil || len(l) != 1 || !reflect.DeepEqual(l[0], sub) {
		t.Errorf("%+v, %v, want %+v", l, err, sub)
	}
	if l, err := s.Subscriptions(ctx, noon); err != nil || len(l) != 2 {
		t.Errorf("%v, %v", l, err)
	}
	if l, err := s.Subscriptions(ctx, noon.Add(time.Hour)); err != nil || len(l) != 0 {
		t.Errorf("after the token has expired: %v, %v", l, err)
	}
	happened(t, s, "FK-2026-00001", 1)
	if more, err := s.Spread(ctx, oneMessage("P-2", 1)); err != nil || !more {
		t.Errorf("%v, %v", more, err)
	}
	if _, err := s.NextDelivery(ctx, "w", noon.Add(time.Hour), time.Minute); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("sent after the token has expired: %v", err)
	}
	ok(t, s.RevokeToken(ctx, "t-P-2"))
	if l, err := s.Subscriptions(ctx, noon); err != nil || len(l) != 1 {
		t.Errorf("after its token was revoked: %v, %v", l, err)
	}
	if l, err := s.Deliveries(ctx, "P-2", 9); err != nil || len(l) != 0 {
		t.Errorf("%v, %v", l, err)
	}
	ok(t, s.DeleteSubscription(ctx, "P-1"))
	happened(t, s, "FK-2026-00001", 2)
	if more, err := s.Spread(ctx, oneMessage("P-1", 2)); err != nil || more {
		t.Errorf("with nobody to tell: %v, %v", more, err)
	}
}

func oneMessage(sub string, number int) func(string, map[string]int) ([]app.Delivery, error) {
	return func(id string, _ map[string]int) ([]app.Delivery, error) {
		return []app.Delivery{{Subscription: sub, Case: id, Number: number, Type: "x", At: noon}}, nil
	}
}

func spread(t *testing.T, p storetest.Place) {
	s, ctx := besideOf(t, p), t.Context()
	subscribed(t, s, "P-1", karin)
	happened(t, s, "FK-2026-00001", 1)
	happened(t, s, "FK-2026-00001", 2)
	happened(t, s, "FK-2026-00002", 1)
	broken := errors.New("broken")
	_, err := s.Spread(ctx, func(string, map[string]int) ([]app.Delivery, error) { return nil, broken })
	is(t, "a fault leaves it where it was", err, broken)
	var seen []string
	for {
		more, err := s.Spread(ctx, func(id string, last map[string]int) ([]app.Delivery, error) {
			seen = append(seen, fmt.Sprint(id, last))
			return []app.Delivery{
				{Subscription: "P-1", Case: id, Number: last["P-1"] + 2, Type: "x", At: noon}, {Subscription: "P-1", Case: id, Number: last["P-1"] + 1, Type: "x", At: noon},
			}, nil
		})
		ok(t, err)
		if !more {
			break
		}
	}
	happened(t, s, "FK-2026-00001", 3)
	if _, err := s.Spread(ctx, func(id string, last map[string]int) ([]app.Delivery, error) {
		seen = append(seen, fmt.Sprint(id, last))
		return nil, nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"FK-2026-00001map[]", "FK-2026-00002map[]", "FK-2026-00001map[P-1:2]"}; !slices.Equal(seen, want) {
		t.Errorf("%v, want %v", seen, want)
	}
}

// orderOfDeliveries: what fails holds back what comes after it in the same case,
// for the same subscriber, and nothing else; also when it is dead.
func orderOfDeliveries(t *testing.T, p storetest.Place) {
	s, ctx := besideOf(t, p), t.Context()
	subscribed(t, s, "P-1", karin)
	subscribed(t, s, "P-2", karin)
	for _, id := range []string{"FK-2026-00001", "FK-2026-00002"} {
		happened(t, s, id, 1)
	}
	for range 2 {
		if _, err := s.Spread(ctx, func(id string, _ map[string]int) (out []app.Delivery, err error) {
			for _, sub := range []string{"P-1", "P-2"} {
				for n := range 2 {
					out = append(out, app.Delivery{Subscription: sub, Case: id, Number: n + 1, Type: "x", At: noon})
				}
			}
			return out, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	now := noon
	take := func() map[string]int64 {
		t.Helper()
		got := map[string]int64{}
		for {
			d, err := s.NextDelivery(ctx, "w", now, time.Minute)
			if errors.Is(err, app.ErrNotFound) {
				return got
			}
			ok(t, err)
			got[fmt.Sprint(d.Subscription, d.Case[12:], ".", d.Number)] = d.ID
		}
	}
	names := func(m map[string]int64) (out []string) {
		for k := range m {
			out = append(out, k)
		}
		slices.Sort(out)
		return out
	}
	want := func(got map[string]int64, want ...string) {
		t.Helper()
		if n := names(got); !slices.Equal(n, want) {
			t.Errorf("%v, want %v", n, want)
		}
	}
	first := take()
	want(first, "P-11.1", "P-12.1", "P-21.1", "P-22.1")
	ok(t, s.Delivered(ctx, first["P-11.1"]))
	ok(t, s.Failed(ctx, first["P-12.1"], 1, now.Add(time.Minute), "hook.status_500", false))
	ok(t, s.Failed(ctx, first["P-21.1"], 1, now.Add(time.Minute), "hook.status_500", true))
	// P-2, case 2: silent
	want(take(), "P-11.2")
	now = now.Add(time.Minute)
	want(take(), "P-11.2", "P-12.1", "P-22.1") // leases of two have run out
	now = now.Add(20 * time.Minute)
	if n, err := s.Replay(ctx, "P-2", now); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	again := take()
	want(again, "P-11.2", "P-12.1", "P-21.1", "P-22.1")
	attempts := map[int64]int{}
	for _, sub := range []string{"P-1", "P-2"} {
		all, err := s.Deliveries(ctx, sub, 100)
		ok(t, err)
		for _, d := range all {
			attempts[d.ID] = d.Attempts
		}
	}
	// The report on an earlier attempt comes too late: what is under way stays so.
	ok(t, s.Failed(ctx, again["P-12.1"], attempts[again["P-12.1"]]-1, now, "hook.timeout", false))
	want(take())
	for _, id := range again {
		ok(t, s.Failed(ctx, id, attempts[id], now, "hook.timeout", true))
	}
	want(take())
	if n, err := s.Discard(ctx, "P-2"); err != nil || n != 2 {
		t.Errorf("%d, %v", n, err)
	}
	want(take(), "P-21.2", "P-22.2")
	l, err := s.Deliveries(ctx, "P-1", 9)
	if err != nil || len(l) != 3 || l[0].State != "dead" || l[0].Fault != "hook.timeout" || l[2].Number != 2 {
		t.Errorf("%+v, %v", l, err)
	}
}

// twoSenders: two processes share the messages, each of which one of them gets,
// in order.
func twoSenders(t *testing.T, p storetest.Place) {
	s := besideOf(t, p)
	subs := []string{"P-1", "P-2", "P-3"}
	for _, id := range subs {
		subscribed(t, s, id, karin)
	}
	const cases, each = 4, 5
	for c := range cases {
		happened(t, s, fmt.Sprintf("FK-2026-%05d", c+1), 1)
	}
	var mu sync.Mutex
	last, total := map[string]int{}, 0
	var wg sync.WaitGroup
	for w := range 4 {
		s := besideOf(t, p)
		wg.Go(func() {
			for {
				more, err := s.Spread(t.Context(), func(id string, _ map[string]int) (out []app.Delivery, err error) {
					for _, sub := range subs {
						for n := range each {
							out = append(out, app.Delivery{Subscription: sub, Case: id, Number: n + 1, Type: "x", At: noon})
						}
					}
					return out, nil
				})
				if err != nil {
					t.Error(err)
					return
				}
				if !more {
					break
				}
			}
			for idle := 0; idle < 20; {
				d, err := s.NextDelivery(t.Context(), fmt.Sprint(w), noon, time.Minute)
				if errors.Is(err, app.ErrNotFound) {
					idle++
					time.Sleep(2 * time.Millisecond)
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				idle = 0
				mu.Lock()
				key := d.Subscription + d.Case
				if d.Number != last[key]+1 {
					t.Errorf("%s: %d after %d", key, d.Number, last[key])
				}
				last[key] = d.Number
				total++
				mu.Unlock()
				if err := s.Delivered(t.Context(), d.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if total != cases*each*len(subs) {
		t.Errorf("%d messages, want %d", total, cases*each*len(subs))
	}
}

func workList(t *testing.T, p storetest.Place) {
	s, ctx := besideOf(t, p), t.Context()
	put := func(n int, phase order.Phase, who, due string, protected bool) {
		t.Helper()
		id := fmt.Sprintf("FK-2026-%05d", n)
		c := app.Summary{ID: id, Title: "T", Phase: phase, Version: 1, Changed: noon, AssignedTo: who, NextDue: due, Protected: protected}
		ok(t, s.Append(ctx, id, []order.Entry{{Version: 1, At: noon, By: order.Actor{ID: "k", Role: order.RoleHandler}, Event: &order.Acknowledged{}}}, c, nil))
	}
	put(1, order.PhaseReceived, "karin", "2026-12-01", false)
	put(2, order.PhaseReview, "karin", "", true)
	put(3, order.PhaseClosed, "karin", "2026-11-01", false)
	put(100000, order.PhaseReceived, "", "2026-11-22", false)
	put(99999, order.PhaseReceived, "kalle", "", false)
	list := func(f app.WorkFilter, size int) (got []string) {
		t.Helper()
		var at app.WorkCursor
		for range 10 {
			f.Viewer = app.Everything
			l, err := s.WorkList(ctx, f, at, size)
			ok(t, err)
			for _, c := range l {
				got = append(got, c.ID[8:])
				at = app.WorkCursor{ID: c.ID, Due: c.NextDue}
			}
			if len(l) < size {
				break
			}
		}
		return got
	}
	for _, tt := range []struct {
		f    app.WorkFilter
		want []string
	}{
		{app.WorkFilter{}, []string{"100000", "99999", "00002", "00001"}},
		{app.WorkFilter{ByDue: true}, []string{"100000", "00001", "00002", "99999"}},
		{app.WorkFilter{Assigned: "karin"}, []string{"00002", "00001"}},
		{app.WorkFilter{Assigned: "karin", ByDue: true}, []string{"00001", "00002"}},
		{app.WorkFilter{Unassigned: true}, []string{"100000"}},
		{app.WorkFilter{Phases: []order.Phase{order.PhaseReview, order.PhaseClosed}}, []string{"00002"}},
		{app.WorkFilter{Phases: []order.Phase{order.PhaseReceived}, ByDue: true}, []string{"100000", "00001", "99999"}},
		{app.WorkFilter{Phases: []order.Phase{order.PhaseReview, order.PhaseReceived, order.PhaseReview}, ByDue: true}, []string{"100000", "00001", "00002", "99999"}},
		{app.WorkFilter{Phases: []order.Phase{order.PhaseReceived, order.PhaseReview}}, []string{"100000", "99999", "00002", "00001"}},
		{app.WorkFilter{Phases: []order.Phase{order.PhaseReceived, order.PhaseReview}, Assigned: "karin", ByDue: true}, []string{"00001", "00002"}},
		{app.WorkFilter{Number: "0000"}, []string{"100000", "00003", "00002", "00001"}},
		{app.WorkFilter{Number: "fk-2026-00003"}, []string{"00003"}},
		{app.WorkFilter{Number: "%"}, nil},
		{app.WorkFilter{Number: "_"}, nil},
		{app.WorkFilter{Assigned: "nobody else"}, nil},
	} {
		for _, size := range []int{1, 2, 50} {
			if got := list(tt.f, size); !slices.Equal(got, tt.want) {
				t.Errorf("%+v by %d: %v, want %v", tt.f, size, got, tt.want)
			}
		}
	}
	l, err := s.WorkList(ctx, app.WorkFilter{Viewer: app.Everything, Number: "00002"}, app.WorkCursor{}, 1)
	if err != nil || len(l) != 1 || !l[0].Protected || l[0].AssignedTo != "karin" || l[0].NextDue != "" {
		t.Errorf("%+v, %v", l, err)
	}
}

// naturalNumbers: lists of cases go by number, not by letters.
func naturalNumbers(t *testing.T, p storetest.Place) {
	s, ctx := besideOf(t, p), t.Context()
	for _, n := range []int{100000, 99999, 5} {
		id := fmt.Sprintf("FK-2026-%05d", n)
		ok(t, s.Append(ctx, id, submission(), sum(id, 1), nil))
	}
	want := []string{"FK-2026-100000", "FK-2026-99999", "FK-2026-00005"}
	if got, err := s.Tied(ctx, access.Keys(orderer("elin", ""))); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	var got []string
	var at app.Cursor
	for range 3 {
		l, err := s.Page(ctx, app.Everything, at, 1)
		ok(t, err)
		got, at = append(got, l[0].ID), app.Cursor{Changed: l[0].Changed, ID: l[0].ID}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}
