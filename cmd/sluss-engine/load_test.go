package main

import (
	"bytes"
	"testing"
	"time"

	"sluss/internal/register"
)

// What a stage had done before it was heard of tells nothing of its rate.
func TestMeterRate(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	m := &meter{out: &out, begin: time.Now().Add(-time.Minute)}
	m.show(register.Progress{Stage: "verify", Done: 4_000_000, Total: 5_000_000})
	if got, want := out.String(), "verify     4000000 of 5000000 bytes, 0 per second, ? left\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	out.Reset()
	m.since, m.printed = time.Now().Add(-10*time.Second), time.Time{}
	m.show(register.Progress{Stage: "verify", Done: 4_500_000, Total: 5_000_000})
	if got, want := out.String(), "verify     4500000 of 5000000 bytes, "; len(got) < len(want) || got[:len(want)] != want || !bytes.HasSuffix(out.Bytes(), []byte("10 s left\n")) {
		t.Errorf("got %q, want half a million in ten seconds", got)
	}
}
