package audit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sluss/internal/signed"
)

func pair(t testing.TB, name string) (string, note.Signer, note.Verifier) {
	t.Helper()
	private, public, err := signed.Generate(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	s, err1 := NewSigner(private)
	v, err2 := NewVerifier(public)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return private, s, v
}

// The bytes that are committed to must never change: logs that exist would no
// longer verify. The sums are worked out with another program.
func TestCommitmentStaysAsItIs(t *testing.T) {
	t.Parallel()
	r := Record{Stream: "FK-2026-00001", Version: 2, At: 1772438400000, Actor: "anna", Role: "handler", Type: "acknowledged", Schema: 1, Data: []byte(`{"b":1,"a":"å"}`)}
	text, err := r.Text()
	const want = `{"actor":"anna","at":1772438400000,"data":{"a":"å","b":1},"role":"handler","schema":1,"stream":"FK-2026-00001","type":"acknowledged","version":2}`
	if err != nil || string(text) != want {
		t.Fatalf("%s, %v\nwant %s", text, err, want)
	}
	salt := make([]byte, SaltSize)
	c := Commit(salt, text)
	if got := c.String(); got != "cca5d1e0c157619b5a8b61c5d16e6cdff6ec8567be247536a2b6d11997b0743b" {
		t.Errorf("commitment %s", got)
	}
	if got := fmt.Sprintf("%x", [32]byte(c.Leaf())); got != "35bf7187eb25ad83b48a15411f93845e3b35b901a7e213e3fac40266fa0ef707" {
		t.Errorf("leaf %s", got)
	}
	if back, err := ParseCommitment(c.String()); err != nil || back != c {
		t.Errorf("%v, %v", back, err)
	}
	for _, bad := range []string{"", "ab", strings.ToUpper(c.String()), strings.Repeat("g", 64), c.String() + "00"} {
		if _, err := ParseCommitment(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestOpenCheckpoint(t *testing.T) {
	t.Parallel()
	_, signer, v := pair(t, "myndighet.example/logg")
	_, _, other := pair(t, "myndighet.example/logg")
	want := Checkpoint{Origin: "myndighet.example/logg", Size: 42, Root: tlog.Hash{1, 2, 3}}
	text, err := Checkpoint{Size: want.Size, Root: want.Root}.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := OpenCheckpoint(text, v); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := OpenCheckpoint(text, other); !errors.Is(err, ErrSignature) {
		t.Errorf("another key of the same name: %v", err)
	}
	sign := func(body string) string {
		b, err := note.Sign(&note.Note{Text: body}, signer)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	root := strings.Split(text, "\n")[2]
	if _, err := OpenCheckpoint(sign("myndighet.example/logg\n42\n"+root+"\nan extension\n"), v); err != nil {
		t.Errorf("extension lines: %v", err)
	}
	for name, bad := range map[string]string{
		"another origin": sign("annan\n42\n" + root + "\n"), "a size with a zero": sign("myndighet.example/logg\n042\n" + root + "\n"),
		"a negative size": sign("myndighet.example/logg\n-1\n" + root + "\n"), "a short root": sign("myndighet.example/logg\n42\nAAAA\n"),
		"two lines": sign("myndighet.example/logg\n42\n"), "a signed document": sign("{\"type\":\"x\"}\n"),
		"no text": "", "cut": text[:len(text)-9], "a digit changed": strings.Replace(text, "42", "43", 1), "too long": sign("myndighet.example/logg\n42\n" + root + "\n" + strings.Repeat("x", 5000) + "\n"),
	} {
		if _, err := OpenCheckpoint(bad, v); !errors.Is(err, ErrCheckpoint) && !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzOpenCheckpoint(f *testing.F) {
	_, signer, v := pair(f, "x")
	text, err := Checkpoint{Size: 1}.Sign(signer)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := OpenCheckpoint(s, v); err == nil && c.Text() != text[:len(c.Text())] {
			t.Errorf("a checkpoint that was never signed: %q", s)
		}
	})
}

// failing is a tree whose lease or step fails.
type failing struct {
	hold     error
	sequence error
	edges    []Edge
}

func (f *failing) Hold(context.Context, string, string, time.Time, time.Duration) (bool, error) {
	return f.hold == nil, f.hold
}

func (f *failing) Sequence(_ context.Context, _ int, grow func(Edge) (Growth, error)) (int, error) {
	if len(f.edges) == 0 {
		return 0, f.sequence
	}
	e := f.edges[0]
	f.edges = f.edges[1:]
	_, err := grow(e)
	return len(e.Waiting), err
}

func TestSequencerTellsFaults(t *testing.T) {
	t.Parallel()
	private, _, _ := pair(t, "x")
	broken := errors.New("disk")
	noHashes := tlog.HashReaderFunc(func(x []int64) ([]tlog.Hash, error) {
		if len(x) > 0 {
			return nil, broken
		}
		return nil, nil
	})
	for name, tt := range map[string]struct {
		q    Sequencer
		want error
	}{
		"no key":           {Sequencer{Tree: &failing{}, Clock: time.Now}, nil},
		"the lease fails":  {Sequencer{Tree: &failing{hold: broken}, Key: private, Clock: time.Now}, broken},
		"the step fails":   {Sequencer{Tree: &failing{sequence: broken}, Key: private, Clock: time.Now}, broken},
		"no checkpoint":    {Sequencer{Tree: &failing{edges: []Edge{{Size: 3, Waiting: make([]Commitment, 1), Hashes: noHashes}}}, Key: private, Clock: time.Now}, ErrForked},
		"a log made empty": {Sequencer{Tree: &failing{edges: []Edge{{Waiting: make([]Commitment, 1), Hashes: noHashes}}}, Key: private, Clock: time.Now, seen: 3}, ErrForked},
	} {
		if _, err := tt.q.Once(t.Context()); err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}
