package order

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"
	"time"

	"sluss/internal/canon"
)

// TestScenario33OldLogsStayTrue reads logs as earlier versions of the program
// wrote them: every event is still understood, hashes that people signed or
// accepted are those of the documents as they are read today, and the cases
// stand where they stood. A file is added before an event changes, never
// rewritten.
func TestScenario33OldLogsStayTrue(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/log-2026-11-21.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<22)
	cases := 0
	for lines.Scan() {
		var c struct {
			Case                               string
			Phase                              Phase
			Decision, Quote, Application, Spec canon.Hash
			Entries                            []struct {
				Version int
				At      time.Time
				By      Actor
				Type    string
				Event   json.RawMessage
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases++
		s := State{ID: "FK-2026-00001"}
		for _, e := range c.Entries {
			ev, err := Decode(e.Type, e.Event)
			if err != nil {
				t.Fatalf("%s: %v", c.Case, err)
			}
			s = Apply(s, Entry{Version: e.Version, At: e.At, By: e.By, Event: ev})
			if _, again, err := Encode(ev); err != nil || !sameJSON(t, e.Event, again) {
				t.Errorf("%s: %s is stored otherwise now:\n%s\n%s", c.Case, e.Type, e.Event, again)
			}
		}
		if s.Phase() != c.Phase || s.DecisionHash != c.Decision || s.QuoteHash != c.Quote || s.AppHash != c.Application || s.SpecHash != c.Spec {
			t.Errorf("%s stands at %s, stood at %s", c.Case, s.Phase(), c.Phase)
		}
		hash := func(what string, v any, want canon.Hash) {
			t.Helper()
			if got, err := canon.Of(v); want != "" && (err != nil || got != want) {
				t.Errorf("%s: the hash of the %s is another today", c.Case, what)
			}
		}
		hash("application", s.Application, c.Application)
		if s.Decision != nil {
			hash("decision", *s.Decision, c.Decision)
		}
		if s.Quote != nil {
			hash("quote", *s.Quote, c.Quote)
		}
		if s.Spec != nil {
			hash("specification", *s.Spec, c.Spec)
		}
	}
	if err := lines.Err(); err != nil || cases != 4 {
		t.Errorf("%d cases, %v", cases, err)
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	return canonical(t, x) == canonical(t, y)
}
