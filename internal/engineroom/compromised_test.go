package engineroom_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/engineroom"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/rig"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/signed/signedtest"
	"sluss/internal/workorder"
)

// taken is a counter that somebody else has taken over: its database with
// every document that was ever signed, its own signing key, and the vault's
// ear. The passkeys of those who decide, extract and release it does not have.
type taken struct {
	*house
	decision string // signed, of the order whose parcel lies ready
	spec     string // signed
	accepted *workorder.Acceptance
	manifest canon.Hash // of the parcel that waits for its release
	earlier  string     // the decision on the same order that this one replaced
	other    string     // a decision on another order
	release  string     // signed, of another order with another manifest
	login    signed.Assertion
}

// number is an identity number of twelve figures.
var number = regexp.MustCompile(`(?:^|[^0-9a-f])(?:19|20)\d{10}(?:[^0-9a-f]|$)`)

// theft is an order in the real vault, as far as a parcel that waits for its
// release, at the moment when the counter is taken over.
func theft(t *testing.T) *taken {
	t.Helper()
	h := newHouseOf(t, order.RoleDecider, order.RoleStatistician, order.RoleReleaser)
	b, err := os.ReadFile(filepath.Join(h.dir, "src", "population", rig.PopulationIndexed))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := engineroom.NewMailroom(filepath.Join(h.dir, "vault")).Put(t.Context(), id, "RR123456789SE", h.vault.Public().Recipient, bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
	x := &taken{house: h, earlier: h.sign(order.RoleDecider, h.d)}
	p := h.medium().Population
	if p == nil || !p.Accepted {
		t.Fatalf("population: %+v", p)
	}
	h.intake = p.Intake
	before, err := h.d.Hash()
	if err != nil {
		t.Fatal(err)
	}
	h.d.Version, h.d.Kind, h.d.Replaces = 2, order.KindReconsideration, before
	h.bind()
	x.decision = h.sign(order.RoleDecider, h.d)
	x.accepted = &workorder.Acceptance{Quote: h.q, By: "r", On: h.now}
	x.spec = h.sign(order.RoleStatistician, workorder.SpecOrder{Type: workorder.TypeSpec, By: string(order.RoleStatistician), Spec: h.spec()})
	if r := x.send(workorder.WorkOrder{Kind: workorder.Extract, Decision: x.decision, Acceptance: x.accepted, Spec: x.spec}); r.Extracted == nil {
		t.Fatalf("extraction: %+v", r.Failed)
	} else {
		x.manifest = r.Extracted.Manifest
	}
	elsewhere := h.d
	elsewhere.Order, elsewhere.ID, elsewhere.Version, elsewhere.Replaces, elsewhere.Scope.Order = "FK-2026-00999", "FK-2026-00999-B1", 1, "", "FK-2026-00999"
	if elsewhere.ScopeHash, err = elsewhere.Scope.Hash(); err != nil {
		t.Fatal(err)
	}
	x.other = h.sign(order.RoleDecider, elsewhere)
	x.release = h.sign(order.RoleReleaser, workorder.ReleaseOrder{Type: workorder.TypeRelease, By: string(order.RoleReleaser), Order: elsewhere.Order, Manifest: canon.Sum([]byte("theirs"))})
	x.login = h.passkeys[order.RoleReleaser].Answer(map[string]string{"type": "x"}, signedtest.Wrong{Challenge: []byte("drawn for a login 0123456789abcd")})
	return x
}

// send puts a work order before the vault and returns what it answers. What the
// vault fails at inside is told to be tried again, and is no delivery either.
func (x *taken) send(w workorder.WorkOrder) workorder.Report {
	x.t.Helper()
	if w.ID == "" {
		w.ID = "j"
	}
	if w.Order == "" {
		w.Order = id
	}
	x.counter.next, x.counter.report = &w, workorder.Report{}
	if err := x.service.Step(x.t.Context()); err != nil {
		x.t.Fatal(err)
	}
	return x.counter.report
}

// forge signs with the counter's own key, which the vault knows as that of a
// registrar.
func (x *taken) forge(doc any) string {
	x.t.Helper()
	note, err := signed.Sign(doc, x.private[order.RoleRegistrar])
	if err != nil {
		x.t.Fatal(err)
	}
	return note
}

// under puts another's answer under a document.
func (x *taken) under(doc any, a signed.Assertion) string {
	x.t.Helper()
	text, err := signed.WithPasskey(doc, a)
	if err != nil {
		x.t.Fatal(err)
	}
	return text
}

func (x *taken) releaseOrder(by string) workorder.ReleaseOrder {
	return workorder.ReleaseOrder{Type: workorder.TypeRelease, By: by, Order: id, Manifest: x.manifest}
}

// widened is the decision with the attacker as its recipient and everything
// that a decision can give.
func (x *taken) widened() order.Decision {
	x.t.Helper()
	d := x.d
	_, key, err := sealed.GenerateIdentity()
	if err != nil {
		x.t.Fatal(err)
	}
	d.Scope.Recipient.Key, d.Scope.Persons.Max = key, 1_000_000
	d.Scope.Identity = plan.IdentityBound{Kind: plan.IdentityPersonalNumber}
	if d.ScopeHash, err = d.Scope.Hash(); err != nil {
		x.t.Fatal(err)
	}
	return d
}

// TestThreat24TheCounterIsTakenOver: whoever owns the counter, its database and its
// keys, and can send the vault any work order, gets no row out of it. Each line
// is something that was tried, and the code with which the vault refuses it.
func TestThreat24TheCounterIsTakenOver(t *testing.T) {
	t.Parallel()
	x := theft(t)
	releaser, decider, statistician := string(order.RoleReleaser), string(order.RoleDecider), string(order.RoleStatistician)
	mine := signedtest.New(t, signedtest.ES256)
	stolenID := mine.Answer(x.releaseOrder(releaser), signedtest.Wrong{})
	stolenID.ID = x.passkeys[order.RoleReleaser].ID
	wider := x.widened()
	spec := x.house.spec()
	spec.Extracts[0].Window.To.Date = day.Of(2027, 1, 1)
	elsewhere := x.house.spec()
	elsewhere.Population.File.Intake.SHA256 = canon.Sum([]byte("everybody"))
	free := x.q
	free.Final = false
	own, _, err := signed.Generate(rand.Reader, decider)
	if err != nil {
		t.Fatal(err)
	}
	named, err := signed.Sign(wider, own)
	if err != nil {
		t.Fatal(err)
	}
	deliver := func(release string) workorder.WorkOrder {
		return workorder.WorkOrder{Kind: workorder.Deliver, Decision: x.decision, Release: release}
	}
	extract := func(change func(*workorder.WorkOrder)) workorder.WorkOrder {
		w := workorder.WorkOrder{Kind: workorder.Extract, Decision: x.decision, Acceptance: x.accepted, Spec: x.spec}
		change(&w)
		return w
	}
	sign := func(role order.Role, doc any) string { return x.passkeys[role].Sign(doc, signedtest.Wrong{}) }
	for _, tt := range []struct {
		tried string
		w     workorder.WorkOrder
		code  string
	}{
		{"delivery without a release", deliver(""), "vault.release_signature"},
		{"release signed with the counter's own key", deliver(x.forge(x.releaseOrder(releaser))), "vault.release_signature"},
		{"release signed with a passkey of the attacker's", deliver(mine.Sign(x.releaseOrder(releaser), signedtest.Wrong{})), "vault.release_signature"},
		{"release by the attacker's passkey under the releaser's credential id", deliver(x.under(x.releaseOrder(releaser), stolenID)), "vault.release_signature"},
		{"what the releaser answered when logging in, under a release", deliver(x.under(x.releaseOrder(releaser), x.login)), "vault.release_signature"},
		{"release with the decision maker's passkey", deliver(sign(order.RoleDecider, x.releaseOrder(decider))), "vault.release_signature"},
		{"release by whoever extracted", deliver(sign(order.RoleStatistician, x.releaseOrder(statistician))), "vault.release_signature"},
		{"release in another's name", deliver(sign(order.RoleReleaser, x.releaseOrder("ylva"))), "vault.release_signature"},
		{"release of another case, replayed", deliver(x.release), "vault.other_manifest"},
		{"release of another case with this case's manifest written in", deliver(strings.Replace(x.release, string(canon.Sum([]byte("theirs"))), string(x.manifest), 1)), "vault.release_signature"},
		{"release that was given to a page of the attacker's", deliver(x.passkeys[order.RoleReleaser].Sign(x.releaseOrder(releaser), signedtest.Wrong{Origin: "https://sluss.evil.example"})), "vault.release_signature"},
		{"release of a passkey whose holder was not verified", deliver(x.passkeys[order.RoleReleaser].Sign(x.releaseOrder(releaser), signedtest.Wrong{Unproved: true})), "vault.release_signature"},
		{"the signed decision as a release", deliver(x.decision), "vault.release_signature"},
		{"the signed specification as a release", deliver(x.spec), "vault.release_signature"},
		{"delivery under the decision that was replaced", workorder.WorkOrder{Kind: workorder.Deliver, Decision: x.earlier, Release: x.release}, "vault.decision_replaced"},
		{"delivery under another case's decision", workorder.WorkOrder{Kind: workorder.Deliver, Decision: x.other, Release: x.release}, "vault.decision_content"},
		{"another case that has the other's decision, and no parcel", workorder.WorkOrder{Kind: workorder.Deliver, Order: "FK-2026-00999", Decision: x.other, Release: x.release}, "vault.other_decision"},
		{"delivery without a decision", workorder.WorkOrder{Kind: workorder.Deliver, Release: x.release}, "vault.decision_signature"},

		{"decision for everything, to the attacker's key, signed with the counter's key", extract(func(w *workorder.WorkOrder) { w.Decision = x.forge(wider) }), "vault.decision_signature"},
		{"the same, signed with a new key under the decision maker's name", extract(func(w *workorder.WorkOrder) { w.Decision = named }), "vault.decision_signature"},
		{"the same, with the signature of the real decision under it", extract(func(w *workorder.WorkOrder) {
			_, line, _ := strings.Cut(x.decision, "\n\n")
			text, _ := canon.JSON(wider)
			w.Decision = string(text) + "\n\n" + line
		}), "vault.decision_signature"},
		{"the real decision with another recipient written in", extract(func(w *workorder.WorkOrder) {
			w.Decision = strings.Replace(x.decision, x.d.Scope.Recipient.Key, wider.Scope.Recipient.Key, 1)
		}), "vault.decision_signature"},
		{"the decision as two signed texts", extract(func(w *workorder.WorkOrder) { w.Decision = x.forge(wider) + x.decision }), "vault.decision_signature"},
		{"the decision that was replaced", extract(func(w *workorder.WorkOrder) { w.Decision = x.earlier }), "vault.decision_replaced"},
		{"another case's decision", extract(func(w *workorder.WorkOrder) { w.Decision = x.other }), "vault.decision_content"},
		{"specification of more, signed with the counter's key", extract(func(w *workorder.WorkOrder) {
			w.Spec = x.forge(workorder.SpecOrder{Type: workorder.TypeSpec, By: statistician, Spec: spec})
		}), "vault.spec_signature"},
		{"specification signed by the decision maker", extract(func(w *workorder.WorkOrder) {
			w.Spec = sign(order.RoleDecider, workorder.SpecOrder{Type: workorder.TypeSpec, By: decider, Spec: spec})
		}), "vault.spec_signature"},
		{"specification of more, with a statistician who was deceived", extract(func(w *workorder.WorkOrder) {
			w.Spec = sign(order.RoleStatistician, workorder.SpecOrder{Type: workorder.TypeSpec, By: statistician, Spec: spec})
		}), "vault.outside_decision"},
		{"specification of another population, with a statistician who was deceived", extract(func(w *workorder.WorkOrder) {
			w.Spec = sign(order.RoleStatistician, workorder.SpecOrder{Type: workorder.TypeSpec, By: statistician, Spec: elsewhere})
		}), "vault.outside_decision"},
		{"no accepted quote", extract(func(w *workorder.WorkOrder) { w.Acceptance = nil }), "vault.not_accepted"},
		{"another quote", extract(func(w *workorder.WorkOrder) { w.Acceptance = &workorder.Acceptance{Quote: free, NoFee: true} }), "vault.other_quote"},
		{"a kind of work that there is none of", workorder.WorkOrder{Kind: "dump", Decision: x.decision}, "vault.kind"},
		{"no kind", workorder.WorkOrder{Decision: x.decision}, "vault.kind"},
		{"a path in the place of a case", workorder.WorkOrder{Kind: workorder.Deliver, Order: "../../store", Decision: x.decision, Release: x.release}, "vault.decision_content"},

		{"a purge without a signature", workorder.WorkOrder{Kind: workorder.Purge, Purge: ""}, "vault.purge_signature"},
		{"a purge of another case than it names", workorder.WorkOrder{Kind: workorder.Purge, Purge: x.forge(workorder.PurgeOrder{Type: workorder.TypePurge, By: string(order.RoleRegistrar), Order: "FK-2026-00999", Reason: "due", Rule: "g", On: x.now})}, "vault.purge_order"},
	} {
		r := x.send(tt.w)
		if got := codeOf(r); got != tt.code {
			t.Errorf("%s: the vault answers %q, want %q", tt.tried, got, tt.code)
		}
		x.nothingLeft(tt.tried, r)
	}
	x.otherPeople()
	x.expired()
	if r := x.send(deliver(sign(order.RoleReleaser, x.releaseOrder(releaser)))); r.Delivered == nil { // the house was whole all along
		t.Errorf("the real release: %q", codeOf(r))
	}
}

// otherPeople: the attacker cannot put other people into the population that
// the parcel and the specification were made of: a file that it seals to the
// vault itself is another population, which no signed specification names.
func (x *taken) otherPeople() {
	x.t.Helper()
	x.send(workorder.WorkOrder{Kind: workorder.Population, Decision: x.decision, Population: &workorder.PopulationFile{ID: 2, Blob: "b", SHA256: canon.Sum([]byte("b"))}})
	x.nothingLeft("a population of the attacker's", x.counter.report)
	for _, tracking := range []string{"../../signing.key", "RR999999999SE"} {
		r := x.send(workorder.WorkOrder{Kind: workorder.Population, Decision: x.decision, Population: &workorder.PopulationFile{ID: 2, Tracking: tracking}})
		if r.Population != nil && r.Population.Accepted {
			x.t.Errorf("a population by the number %q", tracking)
		}
		x.nothingLeft("a medium with the number "+tracking, r)
	}
}

// expired: a decision whose time is out opens nothing, whatever day the counter
// says it is.
func (x *taken) expired() {
	x.t.Helper()
	now := x.now
	x.now = x.d.Scope.Expires + 1
	r := x.send(workorder.WorkOrder{Kind: workorder.Extract, Decision: x.decision, Acceptance: x.accepted, Spec: x.spec, Today: now})
	if codeOf(r) != "vault.expired" {
		x.t.Errorf("an old decision with an old day: %q", codeOf(r))
	}
	x.nothingLeft("an old decision", r)
	x.now = now
}

// nothingLeft: no parcel was handed over, and the answer holds no cell.
func (x *taken) nothingLeft(tried string, r workorder.Report) {
	x.t.Helper()
	raw, err := json.Marshal(r)
	if err != nil {
		x.t.Fatal(err)
	}
	if x.counter.parcel != nil || r.Delivered != nil {
		x.t.Fatalf("%s: a parcel of %d bytes left", tried, len(x.counter.parcel))
	}
	if number.Match(raw) {
		x.t.Errorf("%s: the answer holds an identity number", tried)
	}
}

func codeOf(r workorder.Report) string {
	switch {
	case r.Refused != nil:
		return r.Refused.Code
	case r.Failed != nil:
		return r.Failed.Code
	case r.Retry != "":
		return "retry " + r.Retry
	}
	return ""
}

// TestPasskeyFlawIsTheCause: the code of what is wrong with an answer
// is kept with the refusal.
func TestPasskeyFlawIsTheCause(t *testing.T) {
	t.Parallel()
	key := signedtest.New(t, signedtest.EdDSA)
	list := signed.Signers{key.Signer("bo", order.RoleDecider)}
	_, err := workorder.Check(workorder.WorkOrder{Kind: workorder.Extract, Order: id, Decision: key.Sign(map[string]string{"type": workorder.TypeDecision}, signedtest.Wrong{Unproved: true})}, list.Open, workorder.Known{}, nil)
	if !errors.Is(err, signed.FlawVerified) {
		t.Errorf("refused because of %v", err)
	}
}
