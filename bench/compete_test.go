package main

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test program be an entrant: it prints figures, takes
// memory, or does not end.
func TestMain(m *testing.M) {
	switch os.Getenv("BENCH_ENTRANT") {
	case "figures":
		if err := json.NewEncoder(os.Stdout).Encode(figures{Seconds: 2, Totals: map[string]totals{"fall": {Rows: 3}}}); err != nil {
			os.Exit(1)
		}
	case "memory":
		taken := make([]byte, 300<<20)
		for i := range taken {
			taken[i] = 1
		}
		time.Sleep(time.Minute)
	case "endless":
		time.Sleep(time.Minute)
	default:
		os.Exit(m.Run())
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	run := func(kind string, l limits) (figures, error) {
		return start(context.Background(), l, "/usr/bin/env", "BENCH_ENTRANT="+kind, os.Args[0])
	}
	f, err := run("figures", limits{time: time.Minute})
	if err != nil || f.Seconds != 2 || f.Totals["fall"].Rows != 3 {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err := run("memory", limits{time: time.Minute, memory: 200}); !unfits(err, "200 MB") {
		t.Errorf("too much memory: %v", err)
	}
	if _, err := run("endless", limits{time: 50 * time.Millisecond}); !unfits(err, "50ms") {
		t.Errorf("too long: %v", err)
	}
	gone, end := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, end)
	if _, err := start(gone, limits{time: time.Minute}, "/usr/bin/env", "BENCH_ENTRANT=endless", os.Args[0]); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	if _, err := start(context.Background(), limits{time: time.Minute}, filepath.Join(t.TempDir(), "nothing")); err == nil || unfits(err, "") {
		t.Errorf("no program: %v", err)
	}
}

func unfits(err error, why string) bool {
	u, ok := errors.AsType[unfit](err)
	return ok && strings.Contains(u.why, why)
}

// Another number anywhere is another result; öre count in panels only.
func TestAgree(t *testing.T) {
	t.Parallel()
	of := func(fall, manad totals) figures {
		return figures{Totals: map[string]totals{"fall": fall, "manad": manad}}
	}
	ours := of(totals{Rows: 1, Persons: 2, Days: 3, Net: 4, Ore: 5}, totals{1, 2, 3, 4, 5})
	for _, c := range []struct {
		theirs figures
		same   bool
	}{
		{ours, true},
		{of(totals{Rows: 1, Persons: 2, Days: 3, Net: 4}, totals{1, 2, 3, 4, 5}), true},
		{of(totals{Rows: 1, Persons: 2, Days: 3, Net: 4}, totals{1, 2, 3, 4, 6}), false},
		{of(totals{Rows: 1, Persons: 2, Days: 9, Net: 4}, totals{1, 2, 3, 4, 5}), false},
		{figures{Totals: map[string]totals{"fall": {Rows: 1, Persons: 2, Days: 3, Net: 4}}}, false},
		{figures{}, false},
	} {
		if err := agree(ours, c.theirs); (err == nil) != c.same {
			t.Errorf("%+v: %v", c.theirs, err)
		}
	}
}

func TestExponent(t *testing.T) {
	t.Parallel()
	if e := exponent(1e6, 2, 1e7, 20); math.Abs(e-1) > 1e-12 {
		t.Errorf("in proportion: %v", e)
	}
	if e := exponent(1e6, 1, 1e8, 1e4); math.Abs(e-2) > 1e-12 {
		t.Errorf("squared: %v", e)
	}
}

func TestMillions(t *testing.T) {
	t.Parallel()
	got, err := millions("100,0.5,10")
	if err != nil || len(got) != 3 || got[0] != 500_000 || got[2] != 100_000_000 {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "x", "-1", "1,", "0"} {
		if _, err := millions(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// Who needed 3 GB for a million rows is not tried with ten in 20 GB, and who did
// not fit before does not fit now.
func TestHopeless(t *testing.T) {
	t.Parallel()
	before := &sizeOf{rows: 1_000_000, snapshot: []*entrant{{best: figures{Anon: 3000}}, {best: figures{Anon: 1000}}, {why: "did not fit: too long"}}}
	for at, want := range []string{"about 29 GB", "", "too long"} {
		var e entrant
		e.hopeless(before, "sorted", at, 10_000_000, limits{memory: 20_000})
		if want == "" && e.why != "" || !strings.Contains(e.why, want) {
			t.Errorf("%d: %q", at, e.why)
		}
	}
	e := entrant{}
	e.hopeless(nil, "raw", 0, 10_000_000, limits{memory: 1})
	if e.why != "" {
		t.Errorf("nothing is known, but %q", e.why)
	}
}
