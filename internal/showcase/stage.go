package showcase

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/swede"
	"sluss/internal/workorder"
)

// stage is where the tales are played: the counter, its clock and its people.
type stage struct {
	Options
	*clockwork
	app        *app.App
	Authority  *order.Authority
	vault      vault
	signers    signed.Signers
	keys       map[string]string // private, by persona
	identities map[string]string // secret keys of recipients, by orderer
	recipients map[string]string

	last  day.Day // the last working day before today
	tales []*tale
	told  []*tale // in the order in which their cases were opened
	byID  map[string]*tale
	cases map[Situation]string // that no tale is: drafts, letters
	total int
	done  int
}

// clockwork is a clock that stands where it has been set and goes on by a
// millisecond each time it is asked.
type clockwork struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clockwork) Clock() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Millisecond)
	return c.now
}

// set moves the clock to a minute of a day (UTC), and never back.
func (c *clockwork) set(d day.Day, minute int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := time.Unix(int64(d)*86400+int64(minute)*60, 0).UTC(); at.After(c.now) {
		c.now = at
	}
}

// signing are the roles whose acts are signed, and who acts in them.
var signing = []struct {
	id   string
	role order.Role
}{{Decider, order.RoleDecider}, {Statistician, order.RoleStatistician}, {Releaser, order.RoleReleaser}}

func newStage(o Options) (*stage, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &stage{
		Options: o, clockwork: &clockwork{}, Authority: o.App.Authority, keys: map[string]string{}, identities: map[string]string{}, recipients: map[string]string{},
		byID: map[string]*tale{}, cases: map[Situation]string{},
	}
	s.last = s.Authority.Calendar.AddWorkingDays(o.Now, -1)
	for _, x := range signing {
		private, public, err := signed.Generate(o.Rand, x.id)
		if err != nil {
			return nil, err
		}
		s.keys[x.id] = private
		s.signers = append(s.signers, signed.Signer{Name: x.id, Role: x.role, Key: public})
	}
	var err error
	if s.vault.private, s.vault.public, err = signed.Generate(o.Rand, "showcase-vault"); err != nil {
		return nil, err
	}
	for _, id := range []string{Orderer, OtherOrderer, PrivateOrderer, StatsOrderer} {
		if s.identities[id], s.recipients[id], err = sealed.GenerateIdentity(); err != nil {
			return nil, err
		}
	}
	s.app = own(o.App)
	s.app.Clock, s.app.Open = s.Clock, s.open
	return s, nil
}

// own is another counter on the same ports.
func own(a *app.App) *app.App {
	return &app.App{
		Log: a.Log, Queue: a.Queue, Blobs: a.Blobs, Tree: a.Tree, Clock: a.Clock, Authority: a.Authority, Catalogue: a.Catalogue,
		Open: a.Open, VaultKey: a.VaultKey, Seal: a.Seal, Sign: a.Sign, Name: a.Name, Beside: a.Beside,
	}
}

// open accepts what the cast has signed, and what the counter accepts already:
// what it signs itself.
func (s *stage) open(note, typ string, role order.Role, v any) (string, error) {
	if name, err := s.signers.Open(note, typ, role, v); err == nil {
		return name, nil
	}
	return s.App.Open(note, typ, role, v)
}

var _ workorder.Opener = (&stage{}).open

// hire puts the staff of the cast into the staff table, on a day before
// everything else.
func (s *stage) hire(ctx context.Context) error {
	s.set(s.Now-700, 8*60)
	admin := as(Administrator, access.RoleAdministrator)
	for _, p := range Cast() {
		if !p.Staff || p.ID == Administrator {
			continue
		}
		m := app.Member{ID: p.ID, Name: p.Name, Roles: p.Roles, Teams: teams[p.ID], Cleared: slices.Contains(cleared, p.ID)}
		if err := s.app.SetMember(ctx, admin, m); err != nil {
			return fmt.Errorf("showcase: %s: %w", p.ID, err)
		}
	}
	return nil
}

// Minutes of a day, UTC. Dates act just after midnight in Sweden; what the vault
// is to leave alone comes last.
const (
	midnight = -55
	morning  = 7*60 + 10
	evening  = 15 * 60
)

// when is a place in time.
type when struct {
	day    day.Day
	minute int
	tale   int
}

func (w when) compare(x when) int {
	return cmp.Or(cmp.Compare(w.day, x.day), cmp.Compare(w.minute, x.minute), cmp.Compare(w.tale, x.tale))
}

// play carries all acts of all tales out in order of time, and between them
// what dates bring about.
func (s *stage) play(ctx context.Context) error {
	for _, t := range s.tales {
		s.total += len(t.acts)
	}
	for {
		var next *tale
		var at when
		for _, t := range s.tales {
			if w, ok := t.upcoming(s); ok && (next == nil || w.compare(at) < 0) {
				next, at = t, w
			}
		}
		if next == nil {
			return nil
		}
		if at.day > s.Now {
			return fmt.Errorf("showcase: %s acts on %s, after %s", next.title(), at.day, s.Now)
		}
		s.set(at.day, at.minute)
		if err := next.step(ctx, s, at); err != nil {
			return fmt.Errorf("showcase: %s on %s: %w", next.title(), at.day, err)
		}
	}
}

// upcoming is when something happens in the tale next: its own act, or a date
// before it.
func (t *tale) upcoming(s *stage) (when, bool) {
	if t.planned {
		return t.next, t.next.day != 0
	}
	t.planned, t.next = true, when{}
	until := s.Now
	if t.at < len(t.acts) {
		a := t.acts[t.at]
		t.next = when{a.day, a.minute, t.no}
		until = a.day
	}
	if t.id != "" {
		if d, ok := s.dueBefore(t, until); ok {
			t.next = when{d, midnight, t.no}
		}
	}
	return t.next, t.next.day != 0
}

// dueBefore is the first day up to and including the last on which dates bring
// something about in the tale. What is due stays due until it is done, so the
// days are halved.
func (s *stage) dueBefore(t *tale, last day.Day) (day.Day, bool) {
	due := func(d day.Day) bool { return len(order.DueActs(t.state, s.Authority, d)) > 0 }
	first := t.seen + 1
	if first > last || !due(last) {
		return 0, false
	}
	return first + day.Day(sort.Search(int(last-first), func(i int) bool { return due(first + day.Day(i)) })), true
}

// step carries out what is next in the tale.
func (t *tale) step(ctx context.Context, s *stage, at when) error {
	t.planned = false
	if at.minute == midnight {
		t.seen = at.day
		return s.dates(ctx, t, at.day)
	}
	t.seen = max(t.seen, at.day-1)
	a := t.acts[t.at]
	t.at++
	if err := a.do(t, ctx); err != nil {
		return err
	}
	s.done++
	if s.Progress != nil {
		s.Progress(s.done, s.total)
	}
	if !a.works {
		return nil
	}
	return s.work(ctx, t)
}

// dates does what the day brings about in the tale, as [app.App.Due] does in
// all cases.
func (s *stage) dates(ctx context.Context, t *tale, today day.Day) (err error) {
	if t.state, err = s.app.State(ctx, t.id); err != nil {
		return err
	}
	purges := false
	for _, cmd := range order.DueActs(t.state, s.Authority, today) {
		if t.state, err = s.app.Do(ctx, order.Actor{ID: "calendar", Role: order.RoleClock}, t.id, cmd); err != nil {
			return err
		}
		_, purge := cmd.(order.OrderPurge)
		purges = purges || purge
	}
	if !purges || t.keepsPurge {
		return nil
	}
	return s.work(ctx, t)
}

// today is the Swedish civil day of the stage.
func today(s *stage) day.Day { return swede.CivilDay(s.Clock()) }
