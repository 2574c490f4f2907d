package rig

import (
	"strings"
	"testing"
)

// The synthetic registers come near what is published about the real ones.
func TestCalibration(t *testing.T) {
	t.Parallel()
	results := New(Config{Persons: 100_000, Seed: 1}).Calibrate()
	var b strings.Builder
	PrintCalibration(&b, results)
	t.Log("\n" + b.String())
	for _, r := range results {
		if !r.OK {
			t.Errorf("%s: %.4f, want %.4f ± %.0f %%", r.ID, r.Got, r.Value, 100*r.Tolerance)
		}
	}
}
