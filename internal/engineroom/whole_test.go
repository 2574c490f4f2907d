package engineroom_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engineroom"
	"sluss/internal/ledger"
	"sluss/internal/order"
	"sluss/internal/parcel"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/register"
	"sluss/internal/rig"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/signed/signedtest"
	"sluss/internal/vault"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

// counter hands out one work order at a time and keeps what it is told.
type counter struct {
	next   *workorder.WorkOrder
	report workorder.Report
	parcel []byte
}

func (c *counter) Next(context.Context) (workorder.WorkOrder, error) {
	if c.next == nil {
		return workorder.WorkOrder{}, works.ErrNothing
	}
	w := *c.next
	c.next = nil
	return w, nil
}

func (c *counter) Population(context.Context, string) (io.ReadCloser, error) {
	return nil, works.ErrNotFound // every file comes by post here
}

func (c *counter) PutParcel(_ context.Context, _ string, r io.Reader) (err error) {
	c.parcel, err = io.ReadAll(r)
	return err
}

func (c *counter) Alive(context.Context, string) error { return nil }

func (c *counter) Report(_ context.Context, _ string, r workorder.Report) error {
	c.report = r
	return nil
}

// house is a whole vault on made-up registers.
type house struct {
	t        *testing.T
	dir      string
	counter  *counter
	service  *works.Service
	vault    *vault.Vault
	now      day.Day
	private  map[order.Role]string
	passkeys map[order.Role]*signedtest.Passkey // in the place of private
	identity string                             // of the recipient
	d        order.Decision
	q        quote.Quote
	intake   plan.Ref
}

func newHouse(t *testing.T) *house { return newHouseOf(t) }

// newHouseOf is a vault in which people of these roles sign with passkeys.
func newHouseOf(t *testing.T, byPasskey ...order.Role) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), counter: &counter{}, private: map[order.Role]string{}, passkeys: map[order.Role]*signedtest.Passkey{}}
	ctx, c := t.Context(), rig.Config{Persons: 600, Seed: 5}
	h.now = c.At() + 1
	world := rig.New(c)
	src := filepath.Join(h.dir, "src")
	if _, err := world.Write(ctx, src, nil); err != nil {
		t.Fatal(err)
	}
	if err := world.WritePopulations(t.Context(), src, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := register.Load(ctx, register.Options{From: src, Store: filepath.Join(h.dir, "store"), ID: "s1", At: c.At()}); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Create(filepath.Join(h.dir, "vault"), "valvet"); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(h.dir, "vault"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	h.vault = v
	records, err := ledger.Open(ctx, filepath.Join(h.dir, "vault", "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = records.Close() })
	var signers signed.Signers
	for _, role := range []order.Role{order.RoleDecider, order.RoleStatistician, order.RoleReleaser, order.RoleRegistrar} {
		private, public, err := signed.Generate(rand.Reader, string(role))
		if err != nil {
			t.Fatal(err)
		}
		h.private[role] = private
		if slices.Contains(byPasskey, role) {
			h.passkeys[role] = signedtest.New(t, signedtest.ES256)
			signers = append(signers, h.passkeys[role].Signer(string(role), role))
			continue
		}
		signers = append(signers, signed.Signer{Name: string(role), Role: role, Key: public})
	}
	h.service = engineroom.New(engineroom.Parts{
		Counter: h.counter, Mailroom: engineroom.NewMailroom(filepath.Join(h.dir, "vault")), Vault: v, Store: filepath.Join(h.dir, "store"), Records: records,
		Catalogue: catalog.Builtin(), Signers: signers, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
		Clock: func() time.Time { return time.Unix(int64(h.now)*86400+9*3600, 0) },
	})
	h.decide(v.Public().Signer)
	return h
}

func (h *house) decide(signer string) {
	h.t.Helper()
	identity, recipient, err := sealed.GenerateIdentity()
	if err != nil {
		h.t.Fatal(err)
	}
	h.identity = identity
	h.q = quote.Quote{Quote: quote.Version, Order: id, Final: true}
	h.d = order.Decision{
		Type: order.DecisionVersion, Order: id, ID: id + "-B1", Version: 1, Decider: string(order.RoleDecider), RetentionMonths: 6, Principal: "Sjölunda universitet",
		Scope: plan.Scope{
			Scope: plan.ScopeVersion, Order: id, Catalogue: plan.CatalogueRef(catalog.Builtin()), Recipient: plan.Recipient{OrgNo: "202100-5489", Key: recipient, Signer: signed.Fingerprint(signer)},
			Persons: plan.Persons{Source: plan.SourceFile, Max: 500, ID: "personnummer", Columns: []plan.PopulationExtra{
				{Name: "indexdatum", Type: "date", Use: "steer"}, {Name: "grupp", Type: "code", Use: "pass"},
			}},
			Identity: plan.IdentityBound{Kind: plan.IdentitySerial, KeyPolicy: plan.KeyDeleted},
			Rows: []plan.Row{{
				Register: "midas_sjuk", Table: "midas_sjp", Outcome: plan.OutcomeDisclose, Period: &plan.Period{From: day.Of(2019, 1, 1), To: day.Of(2026, 1, 1)},
				Shape: catalog.ShapeSpell, Variables: []plan.VariableBound{{ID: "from_datum"}, {ID: "tom_datum"}},
			}},
			Formats: []string{"csv", "parquet"}, Deliveries: 1, Expires: h.now + 300,
		},
	}
	h.bind()
}

func (h *house) bind() {
	h.t.Helper()
	var err error
	if h.d.ScopeHash, err = h.d.Scope.Hash(); err != nil {
		h.t.Fatal(err)
	}
	h.q.Scope = h.d.ScopeHash
	if h.d.Quote, err = h.q.Hash(); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) sign(role order.Role, doc any) string {
	h.t.Helper()
	if p := h.passkeys[role]; p != nil {
		return p.Sign(doc, signedtest.Wrong{})
	}
	note, err := signed.Sign(doc, h.private[role])
	if err != nil {
		h.t.Fatal(err)
	}
	return note
}

func (h *house) step(kind workorder.Kind, change func(*workorder.WorkOrder)) workorder.Report {
	h.t.Helper()
	w := workorder.WorkOrder{ID: "j", Kind: kind, Order: id, Decision: h.sign(order.RoleDecider, h.d)}
	change(&w)
	h.counter.next, h.counter.report = &w, workorder.Report{}
	if err := h.service.Step(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return h.counter.report
}

func (h *house) medium() workorder.Report {
	h.t.Helper()
	return h.step(workorder.Population, func(w *workorder.WorkOrder) {
		w.Population = &workorder.PopulationFile{ID: 1, Tracking: "RR123456789SE"}
	})
}

// mediumOf puts a file on a medium, and has it read.
func (h *house) mediumOf(b []byte) {
	h.t.Helper()
	if _, _, err := engineroom.NewMailroom(filepath.Join(h.dir, "vault")).Put(h.t.Context(), id, "RR123456789SE", h.vault.Public().Recipient, bytes.NewReader(b)); err != nil {
		h.t.Fatal(err)
	}
	r := h.medium()
	if r.Population == nil || !r.Population.Accepted {
		h.t.Fatalf("population: %+v", r)
	}
	h.intake = r.Population.Intake
}

// manifest is the hash of a parcel's manifest.
func (h *house) manifest(b []byte) canon.Hash {
	h.t.Helper()
	path := filepath.Join(h.t.TempDir(), "p.sluss")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		h.t.Fatal(err)
	}
	o, err := parcel.Verify(h.t.Context(), path, parcel.Want{Signer: parcel.Anybody(), Order: id})
	if err != nil {
		h.t.Fatal(err)
	}
	return o.Manifest
}

// spec is the specification of the order as the statistician means it.
func (h *house) spec() plan.Spec {
	h.t.Helper()
	ref, err := h.d.Ref()
	if err != nil {
		h.t.Fatal(err)
	}
	var extracts []plan.Extract
	for name, format := range map[string]string{"fall": "csv", "fall2": "parquet"} {
		extracts = append(extracts, plan.Extract{
			Name: name, Table: "midas_sjp", Shape: plan.Shape{Spell: &plan.SpellShape{MaxGapDays: 4}},
			Window:  plan.Window{From: plan.Bound{Date: day.Of(2019, 1, 1)}, To: plan.Bound{Date: day.Of(2026, 1, 1)}},
			Columns: []plan.Column{{Name: "lopnr"}, {Name: "from_datum"}, {Name: "tom_datum"}}, Output: plan.Output{File: name, Format: format},
		})
	}
	slices.SortFunc(extracts, func(a, b plan.Extract) int { return strings.Compare(a.Name, b.Name) })
	return plan.Spec{
		Spec: plan.Version, Order: id, Decision: ref, Catalogue: h.d.Scope.Catalogue, AsOf: plan.AsOf{Snapshot: "s1"}, Identity: plan.Identity{Kind: plan.IdentitySerial},
		Population: plan.Population{File: &plan.FilePopulation{ID: "personnummer", Intake: h.intake}}, Extracts: extracts,
	}
}

// deliver extracts, releases and hands over, and returns the data files.
func (h *house) deliver() map[string]string {
	h.t.Helper()
	spec := h.spec()
	r := h.step(workorder.Extract, func(w *workorder.WorkOrder) {
		w.Acceptance = &workorder.Acceptance{Quote: h.q, By: "r", On: h.now}
		w.Spec = h.sign(order.RoleStatistician, workorder.SpecOrder{Type: workorder.TypeSpec, By: string(order.RoleStatistician), Spec: spec})
	})
	if r.Extracted == nil {
		h.t.Fatalf("extraction: %+v %+v", r, r.Failed)
	}
	manifest := r.Extracted.Manifest
	r = h.step(workorder.Deliver, func(w *workorder.WorkOrder) {
		w.Release = h.sign(order.RoleReleaser, workorder.ReleaseOrder{Type: workorder.TypeRelease, By: string(order.RoleReleaser), Order: id, Manifest: manifest})
	})
	if r.Delivered == nil || r.Delivered.SHA256 != canon.Sum(h.counter.parcel) {
		h.t.Fatalf("delivery: %+v %+v", r, r.Refused)
	}
	return h.open()
}

// pins asks the vault's ledger what open orders need, as another process would.
func (h *house) pins() register.Pins {
	return func() (map[string][]string, error) {
		l, err := ledger.Open(h.t.Context(), filepath.Join(h.dir, "vault", "ledger.db"))
		if err != nil {
			return nil, err
		}
		defer l.Close()
		return l.Pins(h.t.Context())
	}
}

// open opens the delivered parcel as its recipient does.
func (h *house) open() map[string]string {
	h.t.Helper()
	dir := h.t.TempDir()
	sluss := filepath.Join(dir, "p.sluss")
	if err := os.WriteFile(sluss, h.counter.parcel, 0o600); err != nil {
		h.t.Fatal(err)
	}
	if _, err := parcel.Open(h.t.Context(), sluss, h.identity, filepath.Join(dir, "out"), parcel.Want{Signer: parcel.Anybody(), Order: id}); err != nil {
		h.t.Fatal(err)
	}
	out := map[string]string{}
	for _, name := range []string{"fall.csv", "fall2.parquet"} {
		b, err := os.ReadFile(filepath.Join(dir, "out", name))
		if err != nil {
			h.t.Fatal(err)
		}
		out[name] = string(b)
	}
	return out
}

// TestPromise15ReplacedFromPostToPurge takes an order through the real vault:
// the population comes on a medium by post, the delivery is made again after a
// correction of the decision with the same bytes in other wrapping, and the
// purge tells of all that ever lay there.
func TestPromise15ReplacedFromPostToPurge(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if r := h.medium(); r.Waiting != workorder.WaitingMedium {
		t.Fatalf("before the medium has been put in: %+v", r)
	}
	b, err := os.ReadFile(filepath.Join(h.dir, "src", "population", rig.PopulationIndexed))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := vault.ReadPublic(filepath.Join(h.dir, "vault")) // while the vault is open
	if err != nil || keys != h.vault.Public() {
		t.Fatalf("public keys %+v, %v", keys, err)
	}
	room := engineroom.NewMailroom(filepath.Join(h.dir, "vault"))
	_, sum, err := room.Put(t.Context(), id, "rr 123 456 789 se", keys.Recipient, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	forged := h.step(workorder.Population, func(w *workorder.WorkOrder) {
		w.Population = &workorder.PopulationFile{ID: 1, Tracking: "RR123456789SE"}
		w.Decision = strings.Replace(w.Decision, `"max":500`, `"max":900`, 1)
	})
	if waiting, err := room.Waiting(); err != nil || len(waiting) != 1 || forged.Refused == nil {
		t.Fatalf("by a forged decision: %+v; waiting %v, %v", forged, waiting, err)
	}
	p := h.medium().Population
	if p == nil || !p.Accepted || p.SHA256 != sum || p.Intake.SHA256 != canon.Sum(b) || p.Persons < 30 {
		t.Fatalf("population: %+v", p)
	}
	h.intake = p.Intake
	first, sealedFirst := h.deliver(), h.counter.parcel
	before, err := h.d.Hash()
	if err != nil {
		t.Fatal(err)
	}
	h.now += 30
	h.d.Version, h.d.Kind, h.d.Replaces, h.d.Principal = 2, order.KindCorrection, before, "Sjölunda universitet, institutionen"
	second := h.deliver()
	for name, text := range first {
		if len(text) < 500 || second[name] != text {
			t.Errorf("%s: %d bytes, then %d others", name, len(text), len(second[name]))
		}
	}
	if bytes.Equal(sealedFirst, h.counter.parcel) {
		t.Error("the same parcel was handed over again")
	}
	store := filepath.Join(h.dir, "store")
	if _, err := register.Load(t.Context(), register.Options{From: filepath.Join(h.dir, "src"), Store: store, ID: "s2", At: h.now}); err != nil {
		t.Fatal(err)
	}
	if err := register.Drop(store, "s1", h.now, h.pins()); err == nil || !strings.Contains(err.Error(), id) {
		t.Fatalf("the snapshot of a delivery that may be made again: %v", err)
	}

	h.now += 200
	r := h.step(workorder.Purge, func(w *workorder.WorkOrder) {
		w.Purge = h.sign(order.RoleRegistrar, workorder.PurgeOrder{Type: workorder.TypePurge, By: string(order.RoleRegistrar), Order: id, Reason: "due", Rule: "gallringsbeslut 1", On: h.now})
	})
	if err := register.Drop(store, "s1", h.now, h.pins()); err != nil {
		t.Errorf("after the purge: %v", err)
	}
	if r.Purged == nil {
		t.Fatalf("purge: %+v %+v", r, r.Refused)
	}
	var protocol works.PurgeProtocol
	note, _, _ := strings.Cut(r.Purged.Protocol, "\n")
	if err := json.Unmarshal([]byte(note), &protocol); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range protocol.Objects {
		names = append(names, o.Object)
	}
	slices.Sort(names)
	want := []string{
		"domain/" + id + "-person@1", "domain/" + id + "-person@2", "intake/people@1", "parcel/parcel-2.key@1", "parcel/parcel-2.sluss@1", "parcel/parcel.key@1", "parcel/parcel.sluss@1", "population/medium-RR123456789SE.age@1",
	}
	if !slices.Equal(names, want) || !slices.Equal(protocol.Media, []works.Medium{{Tracking: "RR123456789SE", SHA256: sum}}) {
		t.Errorf("the protocol lists %v and %v, want %v", names, protocol.Media, want)
	}
	for _, folder := range []string{"keys", "objects", "scratch"} {
		if left, err := os.ReadDir(filepath.Join(h.dir, "vault", folder)); err != nil || len(left) != 0 {
			t.Errorf("%s: %v, %v", folder, left, err)
		}
	}
}
