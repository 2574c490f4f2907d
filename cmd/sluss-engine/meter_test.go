package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluss/internal/form"
	"sluss/internal/register"
	"sluss/internal/rig"
	"sluss/internal/risk"
)

// What a stage had done before it was heard of tells nothing of its rate.
func TestMeterRate(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	m := &meter{out: &out, begin: time.Now().Add(-time.Minute)}
	m.load(register.Progress{Stage: "verify", Done: 4_000_000, Total: 5_000_000})
	if got, want := out.String(), "verify     4000000 of 5000000 bytes, 0 per second, ? left\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	out.Reset()
	m.since, m.printed = time.Now().Add(-10*time.Second), time.Time{}
	m.load(register.Progress{Stage: "verify", Done: 4_500_000, Total: 5_000_000})
	if got, want := out.String(), "verify     4500000 of 5000000 bytes, "; !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "10 s left\n") {
		t.Errorf("got %q, want half a million in ten seconds", got)
	}
}

// Every kind of work says how much is done, how fast, and what is left, once a
// second and after some patience only.
func TestMeterWords(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "f.csv")
	if err := os.WriteFile(file, make([]byte, 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for _, c := range []struct {
		lang string
		tell func(m *meter) func(half bool)
		want string
	}{
		{"sv", func(m *meter) func(bool) {
			return func(half bool) {
				m.made(rig.Progress{Stage: "people", Rows: come(half, 500), Part: float64(come(half, 1)) / 2})
			}
		}, "people     500 rader, 50 per sekund, 10 s kvar\n"},
		{"en", func(m *meter) func(bool) {
			return func(half bool) { m.measured(risk.Progress{Stage: "suda", Done: come(half, 500), Total: 1000}) }
		}, "suda       500 of 1000 sets of columns, 50 per second, 10 s left\n"},
		{"sv", func(m *meter) func(bool) {
			return func(half bool) { m.measured(risk.Progress{Stage: "risk", Done: come(half, 500), Total: 1000}) }
		}, "risk       500 av 1000 klasser, 50 per sekund, 10 s kvar\n"},
		{"en", func(m *meter) func(bool) {
			return func(half bool) { m.measured(risk.Progress{Stage: "classes", Done: come(half, 500), Total: 0}) }
		}, "classes    500 rows, 50 per second, ? left\n"},
		{"sv", func(m *meter) func(bool) {
			read := m.read(f)
			return func(half bool) { read(form.Progress{Rows: int(come(half, 20)), Bytes: come(half, 500)}) }
		}, "read       20 rader, 2 per sekund, 10 s kvar\n"},
		{"en", func(m *meter) func(bool) {
			read := m.read(f)
			return func(half bool) { read(form.Progress{Rows: int(come(half, 20)), Bytes: come(half, 500), Total: 2000}) }
		}, "read       20 lines, 2 per second, 30 s left\n"},
		{"en", func(m *meter) func(bool) {
			read := m.read(nil)
			return func(half bool) { read(form.Progress{Rows: int(come(half, 20)), Bytes: come(half, 500)}) }
		}, "read       20 lines, 2 per second, ? left\n"},
	} {
		var out bytes.Buffer
		m := &meter{out: &out, lang: c.lang}
		tell := c.tell(m)
		tell(false)
		m.begin = time.Now().Add(-10 * time.Second)
		m.since = m.begin
		tell(true)
		tell(true) // within the second
		if out.String() != c.want {
			t.Errorf("got %q, want %q", out.String(), c.want)
		}
	}
	for lang := range meterWords {
		if len(meterWords[lang]) != len(meterWords["en"]) {
			t.Errorf("%s lacks words", lang)
		}
	}
}

// A second file is told of from its own beginning.
func TestMeterOfSeveralFiles(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	m := &meter{out: &out, lang: "en"}
	m.read(nil)(form.Progress{Rows: 10, Bytes: 90, Total: 100})
	second := m.read(nil)
	second(form.Progress{Rows: 1, Bytes: 0, Total: 100})
	m.begin, m.since = time.Now().Add(-10*time.Second), time.Now().Add(-10*time.Second)
	second(form.Progress{Rows: 501, Bytes: 50, Total: 100})
	if got, want := out.String(), "read       501 lines, 50 per second, 10 s left\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// come is n halfway, nothing at the beginning.
func come(half bool, n int64) int64 {
	if half {
		return n
	}
	return 0
}
