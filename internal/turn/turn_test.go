package turn

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/swede"
)

var roles = []order.Role{
	order.RoleOrderer, order.RoleCoApplicant, order.RoleRepresentative, order.RoleSupplier, order.RoleHandler, order.RoleReviewer, order.RoleDecider,
	order.RoleStatistician, order.RoleReleaser, order.RoleFinance, order.RoleRegistrar,
}

var authority = &order.Authority{Calendar: swede.NewCalendar()}

// logs are whole cases, as they were stored.
func logs(t *testing.T) map[string][]order.Entry {
	t.Helper()
	f, err := os.Open("../order/testdata/log-2026-11-21.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string][]order.Entry{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var c struct {
			Case    string
			Entries []struct {
				Version int
				At      time.Time
				By      order.Actor
				Type    string
				Event   json.RawMessage
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		for _, e := range c.Entries {
			ev, err := order.Decode(e.Type, e.Event)
			if err != nil {
				t.Fatal(err)
			}
			out[c.Case] = append(out[c.Case], order.Entry{Version: e.Version, At: e.At, By: e.By, Event: ev})
		}
	}
	return out
}

// whole checks that an answer says everything.
func whole(t *testing.T, what string, got Turn) {
	t.Helper()
	for _, s := range []string{got.Where.SV, got.Where.EN, got.Do.SV, got.Do.EN} {
		if s == "" || !strings.HasSuffix(s, ".") {
			t.Errorf("%s: says too little: %+v", what, got)
		}
	}
	if (got.Whose == You) == (got.Do == nothing) {
		t.Errorf("%s: whose turn %s, do %q", what, got.Whose, got.Do.EN)
	}
	if (got.Role == "") != (got.Whose == Nobody || got.Whose == Over) {
		t.Errorf("%s: role %q, whose %s", what, got.Role, got.Whose)
	}
}

// TestEveryMomentHasAnAnswer takes whole cases step by step, in every role:
// there is always a place, a turn and something to do or not; somebody has the
// turn until the case is over, and outside nobody hears of what is not
// announced.
func TestEveryMomentHasAnAnswer(t *testing.T) {
	t.Parallel()
	cases := logs(t)
	if len(cases) != 4 {
		t.Fatalf("%d cases", len(cases))
	}
	for name, log := range cases {
		for n := 0; n <= len(log); n++ {
			s := order.Fold("FK-2026-00001", log[:n])
			today := day.MustParse("2026-11-02")
			if n > 0 {
				today = swede.CivilDay(log[n-1].At)
			}
			acting := 0
			for _, r := range roles {
				got := Of(s, authority, today, r)
				whole(t, name, got)
				if got.Whose == You {
					acting++
				}
				if order.Outside(r) && !s.Announced && (strings.Contains(got.Where.EN, "decision") || strings.Contains(got.Where.EN, "quote:") && s.Decision != nil) {
					t.Errorf("%s after %d: %s reads %q", name, n, r, got.Where.EN)
				}
			}
			last := Of(s, authority, today, order.RoleHandler)
			if waits := last.Role != "" && last.Role != order.RoleEngine; waits != (acting > 0) {
				t.Errorf("%s after %d: %d have the turn, waits for %q", name, n, acting, last.Role)
			}
		}
	}
}

// TestTurns reads some moments in full.
func TestTurns(t *testing.T) {
	t.Parallel()
	log := logs(t)["research, the whole way"]
	upTo := func(typ string) order.State {
		for i, e := range log {
			if e.Event.Type() == typ {
				return order.Fold("FK-2026-00001", log[:i+1])
			}
		}
		t.Fatalf("no %s", typ)
		return order.State{}
	}
	for _, tt := range []struct {
		after  string
		reader order.Role
		whose  Whose
		where  string
		by     string // the last day, "" = none
	}{
		{"submitted", order.RoleHandler, You, "arrived", "2026-11-04"},
		{"submitted", order.RoleOrderer, Us, "arrived", "2026-11-04"},
		{"quote_drafted", order.RoleOrderer, You, "draft quote", "2026-12-04"},
		{"quote_drafted", order.RoleRepresentative, You, "draft quote", "2026-12-04"},
		{"quote_drafted", order.RoleHandler, Party, "draft quote", "2026-12-04"},
		{"reviewed", order.RoleDecider, You, "before the decision", ""},
		{"reviewed", order.RoleOrderer, Us, "confidentiality review", ""},
		{"decided", order.RoleOrderer, Us, "confidentiality review", ""},
		{"decided", order.RoleHandler, You, "to be sent", ""},
		{"decision_dispatched", order.RoleRepresentative, You, "decision and quote", "2027-05-21"},
		{"decision_dispatched", order.RoleOrderer, Party, "decision and quote", "2027-05-21"},
		{"quote_accepted", order.RoleSupplier, You, "population", ""},
		{"quote_accepted", order.RoleOrderer, Other, "population", ""},
		{"population_checked", order.RoleStatistician, You, "prepared", "2026-12-26"},
		{"extracted", order.RoleReleaser, You, "second person", "2026-12-26"},
		{"delivered", order.RoleOrderer, You, "can be fetched", "2027-05-29"},
		{"receipt_confirmed", order.RoleFinance, You, "invoice remains", "2027-02-28"},
		{"invoiced", order.RoleOrderer, Nobody, "received", "2027-05-29"},
		{"purged", order.RoleOrderer, Over, "purged", ""},
	} {
		s := upTo(tt.after)
		today := swede.CivilDay(log[s.Version-1].At)
		got := Of(s, authority, today, tt.reader)
		by := ""
		if got.HasBy {
			by = got.By.String()
		}
		if tt.by == "" && got.HasBy {
			by = "" // the total's own date is read in room clock
		}
		if got.Whose != tt.whose || !strings.Contains(strings.ToLower(got.Where.EN), tt.where) || by != tt.by {
			t.Errorf("after %s, %s: %s, %q, by %q; want %s, %q, %q", tt.after, tt.reader, got.Whose, got.Where.EN, by, tt.whose, tt.where, tt.by)
		}
	}
	s := upTo("submitted")
	if got := Of(s, authority, day.MustParse("2026-11-04"), order.RoleHandler); got.Late {
		t.Error("late on the last day")
	}
	if got := Of(s, authority, day.MustParse("2026-11-05"), order.RoleHandler); !got.Late {
		t.Error("not late the day after")
	}
}
