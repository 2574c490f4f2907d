package works_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/exposure"
	"sluss/internal/ledger"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/population"
	"sluss/internal/quote"
	"sluss/internal/risk"
	"sluss/internal/signed"
	"sluss/internal/swede"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

func hash(s string) canon.Hash { return canon.Sum([]byte(s)) }

// counter is the other side of the wall: it hands out one work order at a time
// and remembers what it is told.
type counter struct {
	next    *workorder.WorkOrder
	file    []byte
	asked   int // for a population file
	parcel  []byte
	refuses error // of PutParcel
	reports []workorder.Report
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
	c.asked++
	return io.NopCloser(bytes.NewReader(c.file)), nil
}

func (c *counter) PutParcel(_ context.Context, _ string, r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil || c.refuses != nil {
		return errors.Join(err, c.refuses)
	}
	c.parcel = b
	return nil
}

func (c *counter) Alive(context.Context, string) error { return nil }

func (c *counter) Report(_ context.Context, _ string, r workorder.Report) error {
	c.reports = append(c.reports, r)
	return nil
}

// mailroom is a mailroom in memory: by order and number what lies there, nil
// when it has been taken away.
type mailroom struct {
	media  map[[2]string][]byte
	asked  int
	closed map[string]bool
}

func (m *mailroom) Medium(_ context.Context, order, tracking string) (io.ReadCloser, error) {
	m.asked++
	b, ok := m.media[[2]string{order, tracking}]
	switch {
	case !ok:
		return nil, works.ErrNotFound
	case b == nil:
		return nil, works.ErrTaken
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

func (m *mailroom) Done(_ context.Context, order, tracking string) error {
	if _, ok := m.media[[2]string{order, tracking}]; ok {
		m.media[[2]string{order, tracking}] = nil
	}
	return nil
}

func (m *mailroom) Clear(_ context.Context, order string) ([]works.Medium, error) {
	m.closed[order] = true
	var out []works.Medium
	for k, b := range m.media {
		if k[0] == order {
			out = append(out, works.Medium{Tracking: k[1], SHA256: canon.Sum(b)})
			m.media[k] = nil
		}
	}
	return out, nil
}

// safe is a vault in memory. Sealing is a prefix: what matters here is when
// something is opened, and what is left.
type safe struct {
	objects   map[works.Object][]byte
	destroyed map[string][]works.Destroyed
	unsealed  int
	scratch   string
	signErr   error
}

const sealed = "sealed:"

func (s *safe) Put(_ context.Context, o works.Object, r io.Reader) (int64, canon.Hash, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return 0, "", err
	}
	s.objects[o] = b
	return int64(len(b)), canon.Sum(b), nil
}

func (s *safe) Get(_ context.Context, o works.Object) (io.ReadCloser, error) {
	b, ok := s.objects[o]
	if !ok {
		return nil, works.ErrNotFound
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

func (s *safe) Remove(_ context.Context, o works.Object) error {
	if b, ok := s.objects[o]; ok {
		s.gone(o, b)
	}
	return nil
}

// gone notes what is destroyed, as a later Destroy of the owner tells it.
func (s *safe) gone(o works.Object, b []byte) {
	s.destroyed[o.Owner] = append(s.destroyed[o.Owner], works.Destroyed{Object: o.Kind + "/" + o.Name, SHA256: canon.Sum(b), Key: "k"})
	delete(s.objects, o)
}

func (s *safe) Destroy(_ context.Context, owner string) ([]works.Destroyed, error) {
	for o, b := range s.objects {
		if o.Owner == owner {
			s.gone(o, b)
		}
	}
	return s.destroyed[owner], nil
}

func (s *safe) Unseal(r io.Reader) (io.Reader, error) {
	s.unsealed++
	head := make([]byte, len(sealed))
	if _, err := io.ReadFull(r, head); err != nil || string(head) != sealed {
		return nil, errors.New("not sealed to this vault")
	}
	return r, nil
}

func (s *safe) Scratch(owner string) (string, error) {
	dir := filepath.Join(s.scratch, owner)
	return dir, os.MkdirAll(dir, 0o700)
}

func (s *safe) Wipe(owner string) error { return os.RemoveAll(filepath.Join(s.scratch, owner)) }

func (s *safe) Sign(doc any) (string, error) {
	b, err := canon.JSON(doc)
	return string(b), errors.Join(err, s.signErr)
}

// of returns the kinds of objects that an owner has.
func (s *safe) of(owner string) []string {
	var out []string
	for o := range s.objects {
		if o.Owner == owner {
			out = append(out, o.Kind)
		}
	}
	slices.Sort(out)
	return out
}

// firstOrganisation is the first entity that is an organisation.
const firstOrganisation = 1 << 40

// registers hold persons 1 … n, whose identity numbers are made of their keys.
type registers struct {
	id         string
	content    string // of the snapshot, which its hash is of
	real       bool
	people     map[string]uint64 // number -> person
	protected  map[uint64]bool
	ambiguous  map[string]bool
	mentioned  []uint64
	employers  []uint64
	extracted  []works.Extraction
	drawn      []works.Person // by any criteria
	asked      []plan.Criteria
	open       bool // protected people were asked for, too
	extractErr error
	until      map[string]day.Day // orderable, by register
	alike      [][]works.Lasting  // counted by
}

func (r *registers) Open(_ context.Context, id string) (works.Snapshot, error) {
	if id != r.id {
		return nil, works.ErrNotFound
	}
	return snapshot{r}, nil
}

func (r *registers) Latest(context.Context) (string, error) {
	if r.id == "" {
		return "", works.ErrNotFound
	}
	return r.id, nil
}

type snapshot struct{ *registers }

func (s snapshot) ID() string             { return s.id }
func (s snapshot) Hash() canon.Hash       { return hash(s.id + s.content) }
func (s snapshot) Day() day.Day           { return 20000 }
func (s snapshot) Synthetic() bool        { return !s.real }
func (s snapshot) Close() error           { return nil }
func (s snapshot) Number(uint64) string   { return "190001019999" }
func (s snapshot) Birth(e uint64) day.Day { return day.Day(e * 7919 % 9973) }

func (s snapshot) Resolve(n swede.Personnummer, _ day.Day) (uint64, works.Match) {
	text := fmt.Sprintf("%012d", n.Reveal())
	if s.ambiguous[text] {
		return 0, works.Ambiguous
	}
	e, ok := s.people[text]
	if !ok {
		return 0, works.NotFound
	}
	return e, works.Found
}

func (s snapshot) ResolveOrganisation(n swede.Organisationsnummer, _ day.Day) (uint64, works.Match) {
	e, ok := s.people[fmt.Sprintf("%012d", n.Whole())]
	if !ok {
		return 0, works.NotFound
	}
	return e, works.Found
}

func (s snapshot) Size(plan.Persons) int { return 1000 }

func (s snapshot) Alike(_ string, by []works.Lasting) (func(uint64) int, int, bool) {
	s.registers.alike = append(s.registers.alike, by)
	return func(e uint64) int { return int(e % 10) }, 1000, true
}

func (s snapshot) Organisation(e uint64) bool { return e >= firstOrganisation }

func (s snapshot) Reach(_ context.Context, register string) (order.Reach, error) {
	return order.Reach{Register: register, Until: s.until[register], PaymentsTo: 19_990}, nil
}

func (s snapshot) Complete(_ context.Context, register string, share float64) (day.Day, bool, error) {
	until, ok := s.until[register]
	if share > 0.95 { // the last months are known less well
		until -= 100
	}
	return until, ok, nil
}

func (s snapshot) Draw(_ context.Context, c plan.Criteria, of plan.Persons) ([]works.Person, []order.CountLine, error) {
	s.registers.asked, s.registers.open = append(s.registers.asked, c), of.Protected == "include"
	return s.drawn, []order.CountLine{{Code: "population.total", Count: int64(len(s.drawn))}}, nil
}

func (s snapshot) Changes(_ context.Context, j works.Extraction, since string) ([]order.ChangeLine, error) {
	if since != "s0" {
		return nil, nil
	}
	return []order.ChangeLine{{Extract: j.Plan.Extracts[0].Name, Added: exposure.Protect(12), Deleted: exposure.Protect(3)}}, nil
}

func (s snapshot) Protected(e uint64) bool { return s.protected[e] }

func (s snapshot) Mentioned(context.Context, works.Extraction) ([]uint64, error) {
	return s.mentioned, nil
}

func (s snapshot) Employers(context.Context, works.Extraction) ([]uint64, error) {
	return s.employers, nil
}

func (s snapshot) Extract(_ context.Context, j works.Extraction, dir string) (works.Extracted, error) {
	s.registers.extracted = append(s.registers.extracted, j)
	var file strings.Builder
	file.WriteString("lopnr\n")
	for _, p := range j.People {
		fmt.Fprintln(&file, p.Serial, p.Entity%7)
	}
	if err := os.WriteFile(filepath.Join(dir, "fall.csv"), []byte(file.String()), 0o600); err != nil {
		return works.Extracted{}, err
	}
	f := works.File{FileSummary: order.FileSummary{Name: "fall.csv", Rows: int64(len(j.People)), SHA256: hash("f")}, Extract: "fall"}
	return works.Extracted{Files: []works.File{f}, Counts: []order.CountLine{{Code: "persons", Count: int64(len(j.People))}}}, s.extractErr
}

// tables reads lines of cells split by semicolons.
type tables struct{}

func (tables) Read(_ context.Context, r io.Reader, o population.Options) (population.Result, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return population.Result{}, err
	}
	var check *population.Check
	for i, l := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		cells := bytes.Split([]byte(l), []byte(";"))
		if i == 0 {
			if check, err = population.New(cells, o); err != nil {
				return population.Result{}, err
			}
			continue
		}
		if err := check.Row(i+1, cells); err != nil {
			return check.Result(), err
		}
	}
	return check.Result(), nil
}

// checker says what it is told to.
type checker struct{ results []order.CheckResult }

func (c *checker) Check(context.Context, string, works.Extracted, works.Extraction, works.Snapshot) ([]order.CheckResult, error) {
	return c.results, nil
}

// measurer finds that everything is well.
type measurer struct{}

func (measurer) Measure(context.Context, string, works.Extracted, works.Extraction, exposure.Policy) (works.Measured, error) {
	return works.Measured{Prints: func([]byte) []risk.Prints { return nil }}, nil
}

// packer writes a parcel that names its domains.
type packer struct {
	err     error
	packed  []works.Packing
	entries []string // of the directory when it was packed
	files   []string // content of the data file, each time
	again   []works.Resealing
}

// Reseal writes what the new parcel is made from.
func (p *packer) Reseal(_ context.Context, w io.Writer, old io.Reader, r works.Resealing) (canon.Hash, error) {
	b, err := io.ReadAll(old)
	if err != nil || p.err != nil {
		return "", errors.Join(err, p.err)
	}
	p.again = append(p.again, r)
	r.Keep([]byte("key of " + r.Recipient))
	_, err = io.WriteString(w, string(b)+" for "+r.Recipient+" by "+string(r.FileKey))
	return hash("manifest for " + r.Recipient), err
}

func (p *packer) Pack(_ context.Context, w io.Writer, dir string, k works.Packing) (canon.Hash, []order.FileSummary, error) {
	p.packed = append(p.packed, k)
	k.Keep([]byte("first key"))
	list, err := os.ReadDir(dir)
	for _, e := range list {
		p.entries = append(p.entries, e.Name())
	}
	b, e := os.ReadFile(filepath.Join(dir, "fall.csv"))
	p.files, err = append(p.files, string(b)), errors.Join(err, e)
	if _, e := io.WriteString(w, "parcel "+string(k.PlanHash)+strings.Join(k.Domains, ",")+k.Created.String()); e != nil {
		err = e
	}
	return hash("manifest" + strings.Join(k.Domains, ",") + k.Created.String()), []order.FileSummary{{Name: "fall.csv"}}, errors.Join(err, p.err)
}

// house is a vault with everything around it.
type house struct {
	t       *testing.T
	s       *works.Service
	counter *counter
	mail    *mailroom
	safe    *safe
	reg     *registers
	checker *checker
	packer  *packer
	ledger  *ledger.Ledger
	now     day.Day
	private map[order.Role]string
	logged  *bytes.Buffer
}

var start = day.MustParse("2026-11-02")

func newHouse(t *testing.T) *house {
	t.Helper()
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	h := &house{
		t: t, counter: &counter{}, mail: &mailroom{media: map[[2]string][]byte{}, closed: map[string]bool{}}, safe: &safe{objects: map[works.Object][]byte{}, destroyed: map[string][]works.Destroyed{}, scratch: t.TempDir()},
		reg:     &registers{id: "s1", people: map[string]uint64{}, protected: map[uint64]bool{}, ambiguous: map[string]bool{}},
		checker: &checker{[]order.CheckResult{{Check: "headers", OK: true}}}, packer: &packer{}, ledger: l, now: start,
		private: map[order.Role]string{}, logged: &bytes.Buffer{},
	}
	var signers signed.Signers
	for role, name := range map[order.Role]string{order.RoleDecider: "bo", order.RoleStatistician: "sten", order.RoleReleaser: "ylva", order.RoleRegistrar: "sluss"} {
		private, public, err := signed.Generate(rand.Reader, name)
		if err != nil {
			t.Fatal(err)
		}
		h.private[role] = private
		signers = append(signers, signed.Signer{Name: name, Role: role, Key: public})
	}
	for i := range 60 {
		h.reg.people[number(i)] = uint64(1000 + i*37%61)
	}
	h.s = &works.Service{
		Counter: h.counter, Mailroom: h.mail, Vault: h.safe, Registers: h.reg, Tables: tables{}, Checker: h.checker, Measurer: measurer{}, Policy: exposure.DefaultPolicy(), Packer: h.packer, Records: l,
		Catalogue: catalog.Builtin(), Open: signers.Open, Random: rand.Reader,
		Clock: func() time.Time { return time.Unix(int64(h.now)*86400+9*3600, 0) },
		Log:   slog.New(slog.NewTextHandler(h.logged, nil)),
	}
	return h
}

// number is the synthetic identity number of the ith person.
func number(i int) string {
	base := fmt.Sprintf("19%02d%02d%02d%03d", 30+i*7%60, 1+i%12, 1+i*5%28, 100+i)
	for c := range 10 {
		if _, err := swede.Parse(base+strconv.Itoa(c), start, swede.Synthetic); err == nil {
			return base + strconv.Itoa(c)
		}
	}
	panic("no check digit")
}

func (h *house) sign(role order.Role, doc any) string {
	h.t.Helper()
	note, err := signed.Sign(doc, h.private[role])
	if err != nil {
		h.t.Fatal(err)
	}
	return note
}

// one is an order as the vault meets it.
type one struct {
	h    *house
	id   string
	d    order.Decision
	q    quote.Quote
	file string
}

func (h *house) order(id string, change func(*order.Decision)) *one {
	h.t.Helper()
	o := &one{h: h, id: id, q: quote.Quote{Quote: quote.Version, Order: id, Final: true}}
	o.d = order.Decision{
		Type: order.DecisionVersion, Order: id, ID: id + "-B1", Version: 1, Decider: "bo", RetentionMonths: 6,
		Scope: plan.Scope{
			Scope: plan.ScopeVersion, Order: id, Catalogue: plan.CatalogueRef(catalog.Builtin()),
			Persons: plan.Persons{Source: plan.SourceFile, Max: 50, ID: "pnr", Columns: []plan.PopulationExtra{
				{Name: "skräp", Type: "code", Use: "drop"}, {Name: "grupp", Type: "code", Use: "pass"}, {Name: "index", Type: "date", Use: "steer"}, {Name: "antal", Type: "int", Use: "pass"},
			}},
			Identity: plan.IdentityBound{Kind: plan.IdentitySerial, KeyPolicy: plan.KeyDeleted},
			Rows: []plan.Row{{
				Register: "midas_sjuk", Table: "midas_sjp", Outcome: plan.OutcomeDisclose, Period: &plan.Period{From: 18000, To: 19000},
				Shape: catalog.ShapeSpell, Variables: []plan.VariableBound{{ID: "from_datum"}},
			}},
			Formats: []string{"csv"}, Deliveries: 1, Expires: start + 300,
		},
	}
	if change != nil {
		change(&o.d)
	}
	o.bind()
	return o
}

// people is a population file of the first n persons.
func people(n int) string {
	var b strings.Builder
	b.WriteString("grupp;pnr;index;skräp;antal\n")
	for i := range n {
		fmt.Fprintf(&b, "g%d;%s;2019-01-%02d;x;%d\n", i%2, number(i), 1+i%28, i)
	}
	return b.String()
}

// step lets the vault carry out a work order and returns its report.
func (h *house) step(w workorder.WorkOrder) workorder.Report {
	h.t.Helper()
	h.counter.next = &w
	n := len(h.counter.reports)
	if err := h.s.Step(h.t.Context()); err != nil {
		h.t.Fatalf("%s: %v", w, err)
	}
	if len(h.counter.reports) != n+1 {
		h.t.Fatalf("%s: %d reports", w, len(h.counter.reports)-n)
	}
	return h.counter.reports[n]
}

func (o *one) base(kind workorder.Kind) workorder.WorkOrder {
	return workorder.WorkOrder{ID: o.id + "." + string(kind), Kind: kind, Order: o.id, Decision: o.h.sign(order.RoleDecider, o.d), Today: o.h.now}
}

func (o *one) population(file string) workorder.Report {
	o.h.t.Helper()
	o.file, o.h.counter.file = file, []byte(sealed+file)
	w := o.base(workorder.Population)
	w.Population = &workorder.PopulationFile{ID: 1, Blob: "b", SHA256: hash(sealed + file)}
	return o.h.step(w)
}

// medium is the population by registered post.
func (o *one) medium(tracking string) workorder.Report {
	o.h.t.Helper()
	w := o.base(workorder.Population)
	w.Population = &workorder.PopulationFile{ID: 1, Tracking: tracking}
	return o.h.step(w)
}

// post puts a sealed medium into the mailroom.
func (o *one) post(tracking, file string) {
	o.file, o.h.mail.media[[2]string{o.id, tracking}] = file, []byte(sealed+file)
}

// again makes the order's decision the next version.
func (o *one) again(change func(*order.Decision)) {
	o.h.t.Helper()
	before, err := o.d.Hash()
	if err != nil {
		o.h.t.Fatal(err)
	}
	o.d.Version, o.d.Kind, o.d.Replaces = o.d.Version+1, order.KindReconsideration, before
	if change != nil {
		change(&o.d)
	}
	o.bind()
}

// bind works the hashes out anew.
func (o *one) bind() {
	o.h.t.Helper()
	var err error
	if o.d.ScopeHash, err = o.d.Scope.Hash(); err != nil {
		o.h.t.Fatal(err)
	}
	o.q.Scope = o.d.ScopeHash
	if o.d.Quote, err = o.q.Hash(); err != nil {
		o.h.t.Fatal(err)
	}
}

func (o *one) spec(change func(*plan.Spec)) workorder.WorkOrder {
	o.h.t.Helper()
	ref, err := o.d.Ref()
	if err != nil {
		o.h.t.Fatal(err)
	}
	s := plan.Spec{
		Spec: plan.Version, Order: o.id, Decision: ref, Catalogue: o.d.Scope.Catalogue, AsOf: plan.AsOf{Snapshot: "s1"}, Identity: plan.Identity{Kind: o.d.Scope.Identity.Kind},
		Population: plan.Population{File: &plan.FilePopulation{ID: "pnr", Serial: o.d.Scope.Persons.Serial, Intake: plan.Ref{ID: "pop-1", SHA256: hash(o.file)}}},
		Extracts: []plan.Extract{{
			Name: "fall", Table: "midas_sjp", Shape: plan.Shape{Spell: &plan.SpellShape{MaxGapDays: 4}},
			Window:  plan.Window{From: plan.Bound{Date: 18000}, To: plan.Bound{Date: 19000}},
			Columns: []plan.Column{{Name: "lopnr"}, {Name: "from_datum"}}, Output: plan.Output{File: "fall", Format: "csv"},
		}},
	}
	if change != nil {
		change(&s)
	}
	w := o.base(workorder.Extract)
	w.Acceptance = &workorder.Acceptance{Quote: o.q, By: "ragnar", On: o.h.now}
	w.Spec = o.h.sign(order.RoleStatistician, workorder.SpecOrder{Type: workorder.TypeSpec, By: "sten", Spec: s})
	return w
}

func (o *one) extract(change func(*plan.Spec)) workorder.Report {
	o.h.t.Helper()
	return o.h.step(o.spec(change))
}

func (o *one) deliver(manifest canon.Hash) workorder.Report {
	o.h.t.Helper()
	w := o.base(workorder.Deliver)
	w.Release = o.h.sign(order.RoleReleaser, workorder.ReleaseOrder{Type: workorder.TypeRelease, By: "ylva", Order: o.id, Manifest: manifest})
	return o.h.step(w)
}

func (o *one) purge(reason string) workorder.Report {
	o.h.t.Helper()
	w := workorder.WorkOrder{ID: o.id + ".purge", Kind: workorder.Purge, Order: o.id, Today: o.h.now}
	w.Purge = o.h.sign(order.RoleRegistrar, workorder.PurgeOrder{Type: workorder.TypePurge, By: "sluss", Order: o.id, Reason: reason, Rule: "gallringsbeslut 1", On: o.h.now})
	return o.h.step(w)
}

// delivered takes an order all the way to its delivery.
func (o *one) delivered(n int) workorder.Report {
	o.h.t.Helper()
	if r := o.population(people(n)); r.Population == nil || !r.Population.Accepted {
		o.h.t.Fatalf("population: %+v", r)
	}
	r := o.extract(nil)
	if r.Extracted == nil {
		o.h.t.Fatalf("extraction: %+v %+v", r, r.Failed)
	}
	if r = o.deliver(r.Extracted.Manifest); r.Delivered == nil {
		o.h.t.Fatalf("delivery: %+v", r)
	}
	return r
}

// serials returns person -> löpnummer of the latest extraction.
func (h *house) serials() map[uint64]uint64 {
	out := map[uint64]uint64{}
	for _, p := range h.reg.extracted[len(h.reg.extracted)-1].People {
		out[p.Entity] = p.Serial
	}
	return out
}
