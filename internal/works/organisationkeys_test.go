package works_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"

	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/pseudonym"
	"sluss/internal/swede"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

// organisations is a decision on organisations.
func organisations(traders string, more func(*order.Decision)) func(*order.Decision) {
	return func(d *order.Decision) {
		d.Scope.Persons = plan.Persons{Kind: plan.KindOrganisations, Traders: traders, Source: plan.SourceFile, Max: 50, ID: "orgnr", Protected: "exclude"}
		d.Scope.Rows = []plan.Row{{
			Register: "sjuklonekostnad", Table: "sjuklonekostnad", Outcome: plan.OutcomeDisclose, Period: &plan.Period{From: 18000, To: 19000},
			Shape: "payment", Variables: []plan.VariableBound{{ID: "from_datum"}},
		}}
		if more != nil {
			more(d)
		}
	}
}

// organised lets the registers know n organisations and returns a file of them
// and of the first persons, as sole traders.
func (h *house) organised(n, traders int) string {
	var b strings.Builder
	b.WriteString("orgnr\n")
	for i := range n {
		for c := range 10 {
			text := fmt.Sprintf("16556%06d%d", 100_000+i*37, c)
			if o, err := swede.ParseOrganisation(text, start, swede.Synthetic); err == nil {
				h.reg.people[fmt.Sprint(o.Whole())] = firstOrganisation + uint64(i)
				fmt.Fprintf(&b, "%s\n", text[2:])
			}
		}
	}
	for i := range traders {
		fmt.Fprintf(&b, "%s\n", number(i))
	}
	return b.String()
}

// extracted takes an order of organisations to the finished extraction.
func (o *one) extracted(file string) order.Extracted {
	o.h.t.Helper()
	if r := o.population(file); r.Population == nil || !r.Population.Accepted {
		o.h.t.Fatalf("%+v", r)
	}
	r := o.extract(organisedSpec)
	if r.Extracted == nil {
		o.h.t.Fatalf("%+v", r.Failed)
	}
	return *r.Extracted
}

// organisedSpec is the extraction of such an order.
func organisedSpec(s *plan.Spec) {
	s.Population.File = &plan.FilePopulation{Intake: s.Population.File.Intake, ID: "orgnr"}
	e := &s.Extracts[0]
	e.Table, e.Shape, e.Where, e.Columns = "sjuklonekostnad", plan.Shape{Simple: "payment"}, nil, []plan.Column{{Name: "lopnr"}, {Name: "from_datum"}}
}

// keep puts a key with numbers for these entities into the vault.
func (h *house) keep(t *pseudonym.Table, entities []uint64) {
	h.t.Helper()
	if _, err := t.Draw(entities, &[pseudonym.SeedSize]byte{1}, "the whole population"); err != nil {
		h.t.Fatal(err)
	}
	b, err := pseudonym.EncodeTable(t)
	if err != nil {
		h.t.Fatal(err)
	}
	owner := t.Domain.Project
	if t.Domain.Policy.Keep == pseudonym.KeepUntil {
		owner = "project/" + owner
	}
	if _, _, err := h.safe.Put(h.t.Context(), works.Object{Owner: owner, Kind: works.ObjectDomain, Name: t.Domain.ID}, bytes.NewReader(b)); err != nil {
		h.t.Fatal(err)
	}
	if err := h.ledger.SaveDomain(h.t.Context(), t.Domain.Project, t.Domain); err != nil {
		h.t.Fatal(err)
	}
}

// approves signs that a key file is opened.
func (h *house) approves(role order.Role, by, domain string) string {
	return h.sign(role, works.KeyFileOrder{
		Type: workorder.TypeKeyFile, By: by, Project: "FK-2026-00001", Domain: domain, Ground: "beslut dnr 4711", Reason: "rättelse av felaktig koppling",
		To: "age1recipient", Nonce: "n0123456", Until: h.now + 7,
	})
}

// TestOrganisationsHaveASeriesOfTheirOwn: an organisation has a number of the
// organisations' series in every column, a sole trader one of the persons', and
// no number is in both.
func TestOrganisationsHaveASeriesOfTheirOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	file := h.organised(30, 12)
	h.reg.protected[h.reg.people[number(0)]] = true
	h.reg.employers = []uint64{firstOrganisation + 3, firstOrganisation + 99, h.reg.people[number(2)]} // whom other columns name
	o := h.order("FK-2026-00001", organisations("include", nil))
	o.extracted(file)
	job, seen, traders := h.reg.extracted[0], map[uint64]bool{}, 0
	for _, p := range job.People {
		organisation := p.Entity >= firstOrganisation
		if organisation != (p.Serial > plan.OrganisationBase) || seen[p.Serial] || p.Serial == 0 {
			t.Fatalf("an organisation (%v) has the number %d", organisation, p.Serial)
		}
		if n, ok := job.Employer(p.Entity); organisation && (!ok || n != p.Serial) {
			t.Fatalf("an organisation has the number %d in one column and %d in another", p.Serial, n)
		}
		seen[p.Serial] = true
		if !organisation {
			traders++
		}
	}
	if len(job.People) != 41 || traders != 11 {
		t.Errorf("%d, of them %d sole traders; the protected one should not be there", len(job.People), traders)
	}
	if n, ok := job.Employer(firstOrganisation + 99); !ok || seen[n] {
		t.Error("an organisation outside the population has no number of its own")
	}
	if n, _ := job.Employer(h.reg.people[number(2)]); seen[n] {
		t.Error("a column of employers tells which person an employer is")
	}
}

// TestSoleTradersOnlyWhereDecided: they are persons, and left out they leave
// nothing behind, no key of persons either.
func TestSoleTradersOnlyWhereDecided(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", organisations("exclude", nil))
	file := h.organised(30, 12)
	if r := o.population(file).Population; r == nil || r.Persons != 30 || r.Counts[order.CountTradersExcluded] != 12 || r.Counts[order.CountOrganisations] != 30 || r.Counts[order.CountTraders] != 0 {
		t.Fatalf("%+v", r)
	}
	o.extracted(file)
	if d := h.packer.packed[0].Domains; len(d) != 1 || d[0] != "FK-2026-00001-employer" {
		t.Errorf("keys %v", d)
	}
	for _, p := range h.reg.extracted[0].People {
		if p.Entity < firstOrganisation {
			t.Fatal("a person is in a population without sole traders")
		}
	}
}

// TestOrganisationsKeepTheirNumbers: within a project whose key is kept, and
// nowhere else; a key of employers from before the series were apart is refused.
func TestOrganisationsKeepTheirNumbers(t *testing.T) {
	t.Parallel()
	kept := func(project string) func(*order.Decision) {
		return organisations("include", func(d *order.Decision) {
			d.Scope.Identity = plan.IdentityBound{Kind: plan.IdentitySerial, KeyPolicy: plan.KeyKeptUntil, KeepUntil: "2028-01-01", EthicsRef: "Dnr 1", Project: project}
		})
	}
	h := newHouse(t)
	h.order("FK-2026-00001", kept("")).extracted(h.organised(20, 12))
	first := h.serials()
	h.order("FK-2026-00002", kept("FK-2026-00001")).extracted(h.organised(34, 12))
	second := h.serials()
	for e, n := range first {
		if second[e] != n {
			t.Fatalf("%d has another number within the project", e)
		}
	}
	if len(second) != 46 {
		t.Errorf("%d of 46", len(second))
	}
	h.order("FK-2026-00003", kept("")).extracted(h.organised(34, 0))
	same := 0
	for e, n := range h.serials() {
		if second[e] == n {
			same++
		}
	}
	if same > 12 {
		t.Errorf("%d numbers are the same in another project", same)
	}
	// As it was drawn before: from 1.
	old := &pseudonym.Table{Domain: pseudonym.Domain{
		ID: "FK-2025-00009-employer", Project: "FK-2025-00009", Type: pseudonym.Employer, Scope: pseudonym.ScopeProject, Origin: pseudonym.Own, State: pseudonym.Open,
		Policy: pseudonym.Policy{Keep: pseudonym.KeepUntil, Until: h.now + 100, EthicsRef: "Dnr 1"},
	}}
	h.keep(old, []uint64{firstOrganisation, firstOrganisation + 1})
	o := h.order("FK-2026-00004", kept("FK-2025-00009"))
	o.population(h.organised(20, 0))
	if r := o.extract(organisedSpec); r.Failed == nil || r.Failed.Code != "vault.organisation_series" {
		t.Errorf("numbers that can be persons': %+v", r)
	}
}

// TestKeyFileOfEmployersSaysWhichIsWhich, and only two persons open it.
func TestKeyFileOfEmployersSaysWhichIsWhich(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	table := &pseudonym.Table{Domain: pseudonym.Domain{
		ID: "FK-2026-00001-employer", Project: "FK-2026-00001", Type: pseudonym.Employer, Scope: pseudonym.ScopeProject, Origin: pseudonym.Own, State: pseudonym.Open, Base: plan.OrganisationBase,
	}}
	h.keep(table, []uint64{7, firstOrganisation + 1, firstOrganisation + 2})
	open := func(notes ...string) (*closed, error) {
		c := &closed{}
		_, _, err := h.s.OpenKeyFile(t.Context(), works.KeyFile{Approvals: notes, Book: h.ledger, Seal: func(io.Writer, string) (io.WriteCloser, error) { return c, nil }}, io.Discard)
		return c, err
	}
	one := h.approves(order.RoleDecider, "bo", table.Domain.ID)
	if _, err := open(one); codeOf(err) != "vault.keyfile_two" {
		t.Errorf("by one person: %v", err)
	}
	c, err := open(one, h.approves(order.RoleReleaser, "ylva", table.Domain.ID))
	lines := strings.Split(strings.TrimSpace(c.String()), "\n")
	if err != nil || len(lines) != 4 || lines[0] != "lopnr;organisationsnummer;slag" || strings.Count(c.String(), ";organisation\n") != 2 || strings.Count(c.String(), ";enskild_naringsidkare\n") != 1 {
		t.Errorf("%q, %v", c, err)
	}
	for _, l := range lines[1:] {
		if !strings.HasPrefix(l, "1000000") {
			t.Errorf("a number outside the series: %q", l)
		}
	}
}

// TestOrganisationsOfALaterDecision: a project whose key is not kept has none to
// go on with, and people taken in under one decision are not another kind's.
func TestOrganisationsOfALaterDecision(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00002", organisations("exclude", func(d *order.Decision) { d.Scope.Identity.Project = "FK-2026-00001" }))
	o.population(h.organised(20, 0))
	if r := o.extract(organisedSpec); r.Failed == nil || r.Failed.Code != "vault.no_kept_key" {
		t.Errorf("a key that is not kept: %+v", r)
	}
	for name, persons := range map[string]func(*plan.Persons){
		"without sole traders": func(p *plan.Persons) { p.Traders = "exclude" },
		"persons":              func(p *plan.Persons) { p.Kind, p.Traders = "", "" },
	} {
		h := newHouse(t)
		o := h.order("FK-2026-00003", organisations("include", nil))
		o.population(h.organised(20, 12))
		o.again(func(d *order.Decision) { persons(&d.Scope.Persons) })
		if r := o.extract(organisedSpec); r.Failed == nil || r.Failed.Code != "vault.population_scope" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestPromise15ReplacementOfOrganisations: a faulty delivery about organisations
// and sole traders is replaced by one with the same numbers of both series and
// the same bytes of the data files.
func TestPromise15ReplacementOfOrganisations(t *testing.T) {
	t.Parallel()
	for name, identity := range map[string]plan.IdentityBound{
		"our own": {Kind: plan.IdentitySerial, KeyPolicy: plan.KeyDeleted},
		"kept":    {Kind: plan.IdentitySerial, KeyPolicy: plan.KeyKeptUntil, KeepUntil: "2027-02-01", EthicsRef: "Dnr 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.reg.employers = []uint64{firstOrganisation + 3, firstOrganisation + 99}
			o := h.order("FK-2026-00001", organisations("include", func(d *order.Decision) { d.Scope.Identity = identity }))
			r := o.extracted(h.organised(30, 12))
			if d := o.deliver(r.Manifest); d.Delivered == nil {
				t.Fatalf("%+v", d.Refused)
			}
			numbers := h.serials()
			outside, _ := h.reg.extracted[0].Employer(firstOrganisation + 99)
			if len(numbers) != 42 || outside <= plan.OrganisationBase {
				t.Fatalf("%d numbers, somebody outside has %d", len(numbers), outside)
			}
			h.now += 20
			again := o.extract(organisedSpec)
			if again.Extracted == nil {
				t.Fatalf("%+v", again.Failed)
			}
			if !maps.Equal(numbers, h.serials()) || h.packer.files[1] != h.packer.files[0] || len(h.packer.files[0]) < 100 {
				t.Error("the replacement has other numbers or bytes")
			}
			if n, _ := h.reg.extracted[1].Employer(firstOrganisation + 99); n != outside {
				t.Errorf("an employer who is named has %d instead of %d", n, outside)
			}
			if d := o.deliver(again.Extracted.Manifest); d.Delivered == nil {
				t.Errorf("%+v", d.Refused)
			}
		})
	}
}

// TestPromise10PurgeOfOrganisations: what is purged is the order's own; keys that
// the decision keeps are told of, both series, and go on their own date.
func TestPromise10PurgeOfOrganisations(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", organisations("include", func(d *order.Decision) {
		d.Scope.Identity = plan.IdentityBound{Kind: plan.IdentitySerial, KeyPolicy: plan.KeyKeptUntil, KeepUntil: "2028-01-01", EthicsRef: "Dnr 1"}
	}))
	o.extracted(h.organised(30, 12))
	r := o.purge("withdrawn")
	if r.Purged == nil || len(h.safe.of(o.id)) != 0 {
		t.Fatalf("%+v, left %v", r, h.safe.of(o.id))
	}
	for _, key := range []string{"FK-2026-00001-person until 2027-12-31", "FK-2026-00001-employer until 2027-12-31"} {
		if !strings.Contains(r.Purged.Protocol, key) {
			t.Errorf("%s is not told of: %s", key, r.Purged.Protocol)
		}
	}
	if kept := h.safe.of("project/FK-2026-00001"); len(kept) != 2 {
		t.Errorf("kept: %v", kept)
	}
	// Without a kept key everything goes at once.
	o = h.order("FK-2026-00002", organisations("include", nil))
	o.extracted(h.organised(30, 12))
	if r := o.purge("withdrawn"); r.Purged == nil || len(h.safe.of(o.id)) != 0 || len(h.safe.of("project/FK-2026-00002")) != 0 {
		t.Errorf("%+v, left %v", r, h.safe.of(o.id))
	}
	h.now = day.MustParse("2028-01-01")
	if err := h.s.Step(t.Context()); !errors.Is(err, works.ErrNothing) || len(h.safe.of("project/FK-2026-00001")) != 0 {
		t.Errorf("after their last day: %v, kept %v", err, h.safe.of("project/FK-2026-00001"))
	}
}
