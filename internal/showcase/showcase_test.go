package showcase_test

import (
	"reflect"
	"regexp"
	"slices"
	"testing"
	"testing/cryptotest"

	"sluss/internal/access"
	"sluss/internal/audit"
	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/swede"
)

// phases are all that a case can be in.
var phases = []order.Phase{
	order.PhaseReceived, order.PhaseSupplement, order.PhaseComplete, order.PhaseDraft, order.PhaseReview, order.PhaseDecision, order.PhaseDecided, order.PhasePopulation,
	order.PhaseExtraction, order.PhaseRelease, order.PhaseDelivered, order.PhasePurge, order.PhaseClosed, order.PhaseRefused, order.PhaseDismissed, order.PhaseWithdrawn,
	order.PhaseEnquiry, order.PhaseAnswered, order.PhaseExpired,
}

// TestFill looks at one filled counter from every side, and at a second one that
// was filled from the same seed. It is not parallel: it holds the random source
// of the whole program, so that what the counter draws itself is the same too.
func TestFill(t *testing.T) {
	cryptotest.SetGlobalRandom(t, 7)
	c := newCounter(t, today)
	shown := c.fill(t, today)
	c.isTrue(t, shown, today)
	cases := map[string]seen{}
	for _, id := range shown.All {
		cases[id] = c.look(t, id, today)
	}
	t.Run("every phase", func(t *testing.T) { everyPhase(t, cases) })
	t.Run("logs", func(t *testing.T) { logs(t, cases) })
	t.Run("people", func(t *testing.T) { people(t, cases) })
	t.Run("lawful", func(t *testing.T) { lawful(t, c) })
	t.Run("at rest", func(t *testing.T) { atRest(t, c, shown) })
	t.Run("beside", func(t *testing.T) { beside(t, c) })
	t.Run("signatures", func(t *testing.T) { signatures(t, c, shown, cases) })
	t.Run("files", func(t *testing.T) { files(t, c, shown, cases) })
	t.Run("played vault", func(t *testing.T) { playedVault(t, c, shown, cases) })
	t.Run("the same again", func(t *testing.T) {
		cryptotest.SetGlobalRandom(t, 7)
		again := newCounter(t, today)
		if fingerprint(t, again, again.fill(t, today)) != fingerprint(t, c, shown) {
			t.Error("the same seed on the same day gave another log")
		}
	})
}

func everyPhase(t *testing.T, cases map[string]seen) {
	in := map[order.Phase]int{}
	for _, s := range cases {
		in[s.Phase()]++
	}
	for _, p := range phases {
		if in[p] < 2 {
			t.Errorf("%d cases in phase %s", in[p], p)
		}
	}
	if len(in) != len(phases) {
		t.Errorf("phases %v", in)
	}
}

// hashes are left out of the search for identity numbers: one in a few thousand
// has ten digits in a row that could be one.
var hashes = regexp.MustCompile(`[0-9a-f]{64}`)

// logs: time never goes back, nothing happens after today, everything that is
// said is said in both languages, and no identity number stands anywhere.
func logs(t *testing.T, cases map[string]seen) {
	short, long := 100, 0
	for id, s := range cases {
		for i, e := range s.log {
			if e.Version != i+1 || i > 0 && e.At.Before(s.log[i-1].At) {
				t.Errorf("%s: entry %d has version %d at %s", id, i+1, e.Version, e.At)
			}
			if on := swede.CivilDay(e.At); on > today || on == today && e.By.Role != order.RoleClock {
				t.Errorf("%s: %s by %s on %s", id, e.Event.Type(), e.By.ID, on)
			}
			name, data, err := order.Encode(e.Event)
			if err != nil {
				t.Fatal(err)
			}
			if swede.Contains(hashes.ReplaceAll(data, nil)) {
				t.Errorf("%s: %s holds what reads as an identity number", id, name)
			}
			eachText(reflect.ValueOf(e.Event), func(text catalog.Text) {
				if (text.SV == "") != (text.EN == "") {
					t.Errorf("%s: %s says %+v", id, name, text)
				}
			})
		}
		if !s.Enquiry {
			n := len([]rune(s.Application.Title))
			short, long = min(short, n), max(long, n)
		}
	}
	if short > 3 || long < 120 {
		t.Errorf("titles of %d to %d letters", short, long)
	}
}

// eachText finds the texts in both languages within v.
func eachText(v reflect.Value, found func(catalog.Text)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			eachText(v.Elem(), found)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachText(v.Index(i), found)
		}
	case reflect.Struct:
		if text, ok := v.Interface().(catalog.Text); ok {
			found(text)
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				eachText(v.Field(i), found)
			}
		}
	}
}

// people: everybody of the cast has something to do or to see, each in roles of
// their own; nobody else acts but dates and the vault.
func people(t *testing.T, cases map[string]seen) {
	mine := map[string]int{}
	for _, p := range showcase.Cast() {
		for id, s := range cases {
			for _, role := range p.Roles {
				if !p.Staff && access.Relate(p.Person(role), s.log) != access.None {
					mine[p.ID]++
				}
				if p.Staff && slices.ContainsFunc(s.log, func(e order.Entry) bool { return e.By.ID == p.ID && e.By.Role == role }) {
					mine[p.ID]++
				}
			}
			for _, e := range s.log {
				known := slices.ContainsFunc(showcase.Cast(), func(x showcase.Persona) bool { return x.ID == e.By.ID && slices.Contains(x.Roles, e.By.Role) })
				if !known && e.By.Role != order.RoleClock && e.By.Role != order.RoleEngine {
					t.Errorf("%s: %s by %s (%s)", id, e.Event.Type(), e.By.ID, e.By.Role)
				}
			}
		}
	}
	for _, p := range showcase.Cast() {
		least := 3
		if p.Roles[0] == access.RoleAuditor || p.Roles[0] == access.RoleAdministrator {
			least = 0
		}
		if mine[p.ID] < least {
			t.Errorf("%s has to do with %d cases", p.ID, mine[p.ID])
		}
	}
	if mine[showcase.Orderer] < 10 || mine[showcase.CoApplicant] < 5 {
		t.Errorf("the orderer has %d cases, the co-applicant %d", mine[showcase.Orderer], mine[showcase.CoApplicant])
	}
}

// lawful: the log verifies, lists and digests are what the entries say.
func lawful(t *testing.T, c *counter) {
	if err := c.sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	v, err := audit.NewVerifier(c.public)
	if err != nil {
		t.Fatal(err)
	}
	r, err := audit.Verify(t.Context(), c.db, v)
	if err != nil || r.Found != 0 || r.Waiting != 0 || r.Entries < 500 {
		t.Errorf("%+v, %v", r, err)
	}
	stale, err := c.app.Stale(t.Context())
	if err != nil || len(stale) != 0 {
		t.Errorf("stale %v, %v", stale, err)
	}
}

// atRest: today has nothing left to bring about, and exactly what the vault was
// to leave alone waits for it, untouched.
func atRest(t *testing.T, c *counter, shown showcase.Shown) {
	acted, err := c.app.Due(t.Context())
	if err != nil || len(acted) != 0 {
		t.Errorf("dates acted in %v, %v", acted, err)
	}
	n, err := c.db.Waiting(t.Context())
	if err != nil || n != 3 {
		t.Errorf("%d jobs wait, %v", n, err)
	}
	for _, list := range []func() (int, error){
		func() (int, error) { jobs, err := c.db.Dead(t.Context()); return len(jobs), err },
		func() (int, error) { jobs, err := c.db.Failing(t.Context()); return len(jobs), err },
	} {
		if n, err := list(); err != nil || n != 0 {
			t.Errorf("%d jobs have failed, %v", n, err)
		}
	}
	for _, name := range []showcase.Situation{showcase.PopulationWaiting, showcase.Extracting, showcase.PurgeOrdered} {
		w, err := c.app.NextWork(t.Context(), "test")
		if err != nil || !slices.Contains([]string{shown.Cases[showcase.PopulationWaiting], shown.Cases[showcase.Extracting], shown.Cases[showcase.PurgeOrdered]}, w.Order) {
			t.Errorf("%s: work %v, %v", name, w, err)
		}
	}
}

// beside: four drafts, six letters of which one finds its case, the staff with
// roles, teams and clearance, and an absence with a substitute.
func beside(t *testing.T, c *counter) {
	persona := func(id string, role order.Role) access.Person {
		cast := showcase.Cast()
		return cast[slices.IndexFunc(cast, func(p showcase.Persona) bool { return p.ID == id })].Person(role)
	}
	drafts := 0
	for _, id := range []string{showcase.Orderer, showcase.OtherOrderer, showcase.PrivateOrderer, showcase.StatsOrderer} {
		list, err := c.app.OwnDrafts(t.Context(), persona(id, order.RoleOrderer))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			seen, err := c.app.ReadDraft(t.Context(), persona(id, order.RoleOrderer), d.ID)
			if err != nil {
				t.Fatal(err)
			}
			if len(seen.Problems) == 0 {
				drafts += 10
			}
		}
		drafts += len(list)
	}
	if drafts != 4+2*10 { // two of the four can be handed in
		t.Errorf("drafts: %d", drafts)
	}
	registrar := persona(showcase.Registrar, order.RoleRegistrar)
	letters, err := c.app.Letters(t.Context(), registrar, "")
	if err != nil || len(letters) != 6 {
		t.Errorf("%d letters, %v", len(letters), err)
	}
	matched := 0
	for _, l := range letters {
		if _, m, err := c.app.LetterWith(t.Context(), registrar, l.ID); err != nil {
			t.Error(err)
		} else if len(m) > 0 && m[0].Points >= 100 {
			matched++
		}
	}
	if matched != 1 {
		t.Errorf("%d letters find their case", matched)
	}
	members, away, err := c.app.Colleagues(t.Context(), persona(showcase.Administrator, access.RoleAdministrator))
	clear := 0
	for _, m := range members {
		if m.Cleared {
			clear++
		}
	}
	if err != nil || len(members) != 9 || clear != 3 || len(away) != 1 || away[0].Substitute != showcase.Handler {
		t.Errorf("%d members, %d cleared, away %+v, %v", len(members), clear, away, err)
	}
}

// fingerprint is a hash of every entry of every case.
func fingerprint(t *testing.T, c *counter, shown showcase.Shown) canon.Hash {
	t.Helper()
	h := canon.NewHasher()
	for _, id := range shown.All {
		log, err := c.db.Load(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range log {
			name, data, err := order.Encode(e.Event)
			if err != nil {
				t.Fatal(err)
			}
			line, err := canon.JSON(struct {
				ID, At, Name, Data string
				By                 order.Actor
			}{id, e.At.String(), name, string(data), e.By})
			if err != nil {
				t.Fatal(err)
			}
			_, _ = h.Write(line)
		}
	}
	return h.Hash()
}
