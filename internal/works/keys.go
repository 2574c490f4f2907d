package works

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"

	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/pseudonym"
	"sluss/internal/swede"
	"sluss/internal/workorder"
)

// keys are the löpnummer of one extraction: of the population, of the others
// whom the files mention, and of employers.
type keys struct {
	people pseudonym.Index
	others pseudonym.Index
	firms  pseudonym.Index    // employers: a sole trader's has nothing to do with the person's
	tables []*pseudonym.Table // to be kept once there is a parcel
	// organisation tells organisations in a population of them; nil in one of
	// persons.
	organisation func(entity uint64) bool
}

func (k *keys) population(entity uint64) (uint64, bool) {
	if k.organisation != nil && k.organisation(entity) {
		return k.firms.Lopnr(entity)
	}
	return k.people.Lopnr(entity)
}

func (k *keys) other(entity uint64) (uint64, bool) {
	if n, ok := k.people.Lopnr(entity); ok {
		return n, true // one person, one löpnummer, in whatever role
	}
	return k.others.Lopnr(entity)
}

func (k *keys) employer(entity uint64) (uint64, bool) { return k.firms.Lopnr(entity) }

func (k *keys) names() []string {
	var out []string
	for _, t := range k.tables {
		out = append(out, t.Domain.ID)
	}
	return out
}

// keys finds or draws the löpnummer (promise 9): a domain of the project goes
// on only while a kept key is approved; otherwise the delivery gets a domain
// of its own, which nothing ties to any other.
func (s *Service) keys(ctx context.Context, m workorder.Mandate, people []Person, mentioned []uint64, snapshot Snapshot, today day.Day) (*keys, error) {
	sc := m.Ruling.Scope
	if sc.Persons.Serial != "" {
		return s.foreignKeys(ctx, m, people, mentioned, snapshot, today)
	}
	t, err := s.domain(ctx, m, pseudonym.Own, pseudonym.ScopeProject, 0, today)
	if err != nil {
		return nil, err
	}
	entities := append([]uint64(nil), mentioned...)
	for _, p := range people {
		entities = append(entities, p.Entity)
	}
	// Only what is drawn now is tested: later batches follow earlier ones by design.
	if err := s.drawAndTest(t, entities, people, m, snapshot); err != nil {
		return nil, err
	}
	index := t.Index()
	return &keys{people: index, others: index, tables: []*pseudonym.Table{t}}, nil
}

// employerKeys draws the löpnummer of employers, in a domain of their own: that
// an employer is a sole trader, and which person, must not show.
//
// Source: reference pseudonym §2.3, row "orgnr of sole trader".
func (s *Service) employerKeys(ctx context.Context, m workorder.Mandate, k *keys, employers []uint64, today day.Day) error {
	if len(employers) == 0 {
		return nil
	}
	t, err := s.domainOf(ctx, m, pseudonym.Employer, pseudonym.Own, pseudonym.ScopeProject, plan.OrganisationBase, today)
	if err != nil {
		return err
	}
	if err := s.draw(t, employers, m); err != nil {
		return err
	}
	k.firms, k.tables = t.Index(), append(k.tables, t)
	return nil
}

// foreignKeys takes over the löpnummer of another holder; whoever we add gets
// numbers in a range of our own beside them.
func (s *Service) foreignKeys(ctx context.Context, m workorder.Mandate, people []Person, mentioned []uint64, snapshot Snapshot, today day.Day) (*keys, error) {
	t, err := s.domain(ctx, m, pseudonym.External, pseudonym.ScopeProject, 0, today)
	if err != nil {
		return nil, err
	}
	lines := make([]pseudonym.Supplied, 0, len(people))
	births := make([]uint64, 0, len(people))
	mode := swede.Real
	if snapshot.Synthetic() {
		mode = swede.Synthetic
	}
	for _, p := range people {
		n, err := swede.Parse(p.Number, today, mode)
		if err != nil {
			return nil, fmt.Errorf("population kept in the vault: %w", err)
		}
		lines = append(lines, pseudonym.Supplied{Entity: p.Entity, Number: n, Lopnr: p.Serial})
		births = append(births, uint64(int64(snapshot.Birth(p.Entity))+1<<31))
	}
	if _, err := t.Import(lines, pseudonym.ImportOptions{At: today, Also: []pseudonym.Ordering{{Name: "birth_date", Keys: births}}}); err != nil {
		return nil, err
	}
	k := &keys{people: t.Index(), tables: []*pseudonym.Table{t}}
	var added []uint64
	for _, e := range mentioned {
		if _, ok := k.people.Lopnr(e); !ok {
			added = append(added, e)
		}
	}
	if len(added) == 0 {
		return k, nil
	}
	own, err := s.domain(ctx, m, pseudonym.Own, pseudonym.ScopeProject, pseudonym.Beside(t), today)
	if err != nil {
		return nil, err
	}
	if err := s.draw(own, added, m); err != nil {
		return nil, err
	}
	k.others, k.tables = own.Index(), append(k.tables, own)
	return k, nil
}

// draw gives numbers to those who have none. The first batch of a domain is
// the decided population itself, however small; a small later one would point
// persons out and needs an approval of its own.
func (s *Service) draw(t *pseudonym.Table, entities []uint64, m workorder.Mandate) error {
	seed, err := pseudonym.Seed(s.Random)
	if err != nil {
		return err
	}
	approved := ""
	if t.Len() == 0 {
		approved = m.Ref.ID
	}
	_, err = t.Draw(entities, seed, approved)
	return err
}

// checkOrder is the self-test: the numbers must tell nothing about the person.
func (s *Service) checkOrder(t *pseudonym.Table, people []Person, snapshot Snapshot) error {
	index := t.Index()
	var lopnr, number, birth, place []uint64
	for i, p := range people {
		n, ok := index.Lopnr(p.Entity)
		if !ok {
			continue
		}
		digits, err := strconv.ParseUint(p.Number, 10, 64)
		if err != nil {
			return fmt.Errorf("population kept in the vault: %w", err)
		}
		lopnr = append(lopnr, n)
		number = append(number, digits)
		birth = append(birth, uint64(int64(snapshot.Birth(p.Entity))+1<<31))
		place = append(place, uint64(i))
	}
	for _, leak := range pseudonym.OrderLeak(lopnr,
		pseudonym.Ordering{Name: "number", Keys: number}, pseudonym.Ordering{Name: "birth_date", Keys: birth}, pseudonym.Ordering{Name: "file_order", Keys: place}) {
		if leak.Leaks {
			return fmt.Errorf("löpnummer follow the order of %s", leak.Ordering)
		}
	}
	return nil
}

// saveKeys puts the tables of an extraction into the vault.
func (s *Service) saveKeys(ctx context.Context, orderID string, k *keys) error {
	for _, t := range k.tables {
		if err := s.putDomain(ctx, orderID, t); err != nil {
			return err
		}
	}
	return nil
}

// expire destroys the kept keys whose last day has passed (promise 9).
func (s *Service) expire(ctx context.Context, today day.Day) error {
	kept, err := s.Records.Kept(ctx)
	if err != nil {
		return err
	}
	for _, d := range kept {
		if today <= d.Policy.Until {
			continue
		}
		if err := s.Vault.Remove(ctx, Object{owner("", d), ObjectDomain, d.ID}); err != nil {
			return err
		}
		d.State = pseudonym.Shredded
		if err := s.Records.SaveDomain(ctx, "", d); err != nil {
			return err
		}
		s.Log.InfoContext(ctx, "kept key destroyed on its date", "domain", d.ID, "until", d.Policy.Until.String())
	}
	return nil
}

// domain is domainOf persons.
func (s *Service) domain(ctx context.Context, m workorder.Mandate, origin pseudonym.Origin, scope string, base uint64, today day.Day) (*pseudonym.Table, error) {
	return s.domainOf(ctx, m, pseudonym.Person, origin, scope, base, today)
}

// domainOf returns the table of an existing domain that may be used today, or
// of a new one.
func (s *Service) domainOf(ctx context.Context, m workorder.Mandate, kind pseudonym.EntityType, origin pseudonym.Origin, scope string, base uint64, today day.Day) (*pseudonym.Table, error) {
	all, err := s.Records.Domains(ctx, m.Project)
	if err != nil {
		return nil, err
	}
	for i := len(all) - 1; i >= 0; i-- { // one of another origin is not the same domain
		if all[i].Origin != origin {
			all = append(all[:i], all[i+1:]...)
		}
	}
	// The earlier decision kept the key; this one must have approved it, too.
	if m.Ruling.Scope.Identity.KeyPolicy == plan.KeyKeptUntil {
		if d, ok := pseudonym.Choose(all, m.Project, kind, scope, today); ok {
			return s.openDomain(ctx, m.Order, d)
		}
	}
	// The series of the population itself: persons', or organisations'.
	main := pseudonym.Person
	if m.Ruling.Scope.Persons.Organisations() {
		main = pseudonym.Employer
	}
	own := origin == pseudonym.Own && kind == main && (base == 0 || main == pseudonym.Employer)
	if m.Project != m.Order && own {
		return nil, workorder.Refused("no_kept_key", 9, "Det finns ingen sparad nyckel att använda igen för projektet.", "There is no kept key of the project to use again.")
	}
	id := m.Order + "-" + string(kind)
	if origin == pseudonym.External {
		id += "-external"
	}
	if d, ok := find(all, id); m.Replaces && (ok || own) {
		if !ok || d.State != pseudonym.Open { // what replaces a delivery has its löpnummer: it is the same disclosure
			return nil, workorder.Refused("no_kept_key", 9, "Leveransens löpnummer finns inte längre; den kan inte göras om.", "The löpnummer of the delivery are gone; it cannot be made again.")
		}
		return s.openDomain(ctx, m.Order, d)
	}
	return &pseudonym.Table{Domain: pseudonym.Domain{
		ID: id, Project: m.Project, Type: kind, Scope: scope, Origin: origin,
		Policy: policy(m.Ruling.Scope.Identity), State: pseudonym.Open, Base: base,
	}}, nil
}

func find(all []pseudonym.Domain, id string) (pseudonym.Domain, bool) {
	for _, d := range all {
		if d.ID == id {
			return d, true
		}
	}
	return pseudonym.Domain{}, false
}

func policy(i plan.IdentityBound) pseudonym.Policy {
	p := pseudonym.Policy{Keep: pseudonym.DeleteAfterDelivery}
	if i.KeyPolicy == order.KeyKeptUntil {
		if until, err := day.Parse(i.KeepUntil); err == nil {
			p = pseudonym.Policy{Keep: pseudonym.KeepUntil, Until: until - 1, EthicsRef: i.EthicsRef}
		}
	}
	return p
}

// owner is who a domain's key lives and dies with: the order, or the project
// while a kept key is approved.
func owner(orderID string, d pseudonym.Domain) string {
	if d.Policy.Keep == pseudonym.KeepUntil {
		return "project/" + d.Project
	}
	return orderID
}

func (s *Service) openDomain(ctx context.Context, orderID string, d pseudonym.Domain) (*pseudonym.Table, error) {
	r, err := s.Vault.Get(ctx, Object{owner(orderID, d), ObjectDomain, d.ID})
	if err != nil {
		return nil, fmt.Errorf("open domain %s: %w", d.ID, err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return pseudonym.DecodeTable(b)
}

func (s *Service) putDomain(ctx context.Context, orderID string, t *pseudonym.Table) error {
	b, err := pseudonym.EncodeTable(t)
	if err != nil {
		return err
	}
	if _, _, err := s.Vault.Put(ctx, Object{owner(orderID, t.Domain), ObjectDomain, t.Domain.ID}, bytes.NewReader(b)); err != nil {
		return err
	}
	return s.Records.SaveDomain(ctx, orderID, t.Domain)
}
