package order

import (
	"testing"

	"sluss/internal/exposure"
)

// TestRedNeedsAReason: what the disclosure report gives a red light is released
// with a reason only, and blanks are none.
func TestRedNeedsAReason(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		light exposure.Light
		why   string
		ok    bool
	}{
		{exposure.Green, "", true},
		{exposure.Amber, "", true},
		{exposure.Red, "", false},
		{exposure.Red, " \n", false},
		{exposure.Red, "sekretess hos mottagaren", true},
		{"", "", true}, // made before there was a report
	} {
		w := at(t, research(), "release")
		if c.light != "" {
			w.s.Extracted.Exposure = &exposure.Report{Light: c.light}
		}
		events, err := Release{Manifest: w.s.Extracted.Manifest, Why: c.why}.Decide(w.s, Context{By: Actor{ID: "releaser.1", Role: RoleReleaser}})
		if (err == nil) != c.ok {
			t.Errorf("%q %q: %v", c.light, c.why, err)
		}
		if err == nil && events[0].(*Released).Why != c.why {
			t.Errorf("%q %q: the event says %q", c.light, c.why, events[0].(*Released).Why)
		}
	}
}
