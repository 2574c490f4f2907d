package engineroom_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"golang.org/x/sync/errgroup"

	"sluss/internal/canon"
	"sluss/internal/engineroom"
	"sluss/internal/fault"
	"sluss/internal/sealed"
	"sluss/internal/works"
)

const id = "FK-2026-00001"

type room struct {
	engineroom.Mailroom
	t                   *testing.T
	dir                 string
	identity, recipient string
}

func newRoom(t *testing.T) *room {
	t.Helper()
	identity, recipient, err := sealed.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	return &room{engineroom.NewMailroom(dir), t, filepath.Join(dir, "mailroom"), identity, recipient}
}

func (r *room) put(tracking, text string) error {
	r.t.Helper()
	n, sum, err := r.Put(r.t.Context(), id, tracking, r.recipient, strings.NewReader(text))
	if err != nil {
		return err
	}
	b := r.medium(tracking)
	if int64(len(b)) != n || canon.Sum(b) != sum {
		r.t.Errorf("%s: said to be %d bytes %s, is %d bytes %s", tracking, n, sum, len(b), canon.Sum(b))
	}
	return nil
}

// medium is the sealed file.
func (r *room) medium(tracking string) []byte {
	r.t.Helper()
	m, err := r.Medium(r.t.Context(), id, tracking)
	if err != nil {
		r.t.Fatal(err)
	}
	defer m.Close()
	b, err := io.ReadAll(m)
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

// files are all files below the mailroom.
func (r *room) files() (out []string) {
	r.t.Helper()
	err := filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, d.Name())
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.t.Fatal(err)
	}
	return out
}

func code(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Code
	}
	return ""
}

// TestPromise01NobodyLooksIntoAMedium: whatever it holds, it is sealed as it
// is, and only the vault's key opens it.
func TestPromise01NobodyLooksIntoAMedium(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for tracking, content := range map[string]string{
		"RR1": "pnr;grupp\n191212121212;1\n", "RR2": "PK\x03\x04 no workbook", "RR3": "\x00\xff\xfe", "RR4": strings.Repeat("x", 3<<20), "RR5": "a",
	} {
		if err := r.put(tracking, content); err != nil {
			t.Fatalf("%s: %v", tracking, err)
		}
		b := r.medium(tracking)
		if !sealed.IsSealed(b) || len(content) > 8 && bytes.Contains(b, []byte(content[:8])) {
			t.Errorf("%s lies in clear", tracking)
		}
		plain, err := sealed.Open(bytes.NewReader(b), r.identity)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(plain); err != nil || string(got) != content {
			t.Errorf("%s: %d bytes of %d, %v", tracking, len(got), len(content), err)
		}
	}
	// What its supplier has sealed is kept byte for byte.
	supplied := r.medium("RR1")
	if err := r.put("RR9", string(supplied)); err != nil || !bytes.Equal(r.medium("RR9"), supplied) {
		t.Errorf("sealed before: %v", err)
	}
	if err := filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if mode := info.Mode().Perm(); err == nil && mode != 0o600 && mode != 0o700 {
			t.Errorf("%s has mode %s", d.Name(), mode)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

// TestAllOrNothing: what fails on the way leaves nothing, and the number free.
func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	broken := errors.New("bad sector")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx       context.Context
		recipient string
		r         io.Reader
		code      string
		err       error
	}{
		"disk":       {t.Context(), r.recipient, io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<18)), iotest.ErrReader(broken)), "", broken},
		"first byte": {t.Context(), r.recipient, iotest.ErrReader(broken), "", broken},
		"stopped":    {ended, r.recipient, strings.NewReader("x"), "", context.Canceled},
		"empty":      {t.Context(), r.recipient, strings.NewReader(""), "mailroom.empty", nil},
		"key":        {t.Context(), "age1x", strings.NewReader("x"), "sealed.recipient", nil},
	} {
		if _, _, err := r.Put(tt.ctx, id, "RR1", tt.recipient, tt.r); err == nil || code(err) != tt.code || tt.err != nil && !errors.Is(err, tt.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left := r.files(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if _, err := r.Medium(t.Context(), id, "RR1"); !errors.Is(err, works.ErrNotFound) {
		t.Errorf("%v", err)
	}
	for _, name := range []string{"", ".", "..", "../x", "a/b", ".part-1", "å"} {
		if _, _, err := r.Put(t.Context(), name, "RR1", r.recipient, strings.NewReader("x")); code(err) != "mailroom.order" {
			t.Errorf("order %q: %v", name, err)
		}
		if _, err := r.Clear(t.Context(), name); code(err) != "mailroom.order" {
			t.Errorf("clear %q: %v", name, err)
		}
	}
	if err := r.put("RR1", "x"); err != nil {
		t.Error(err)
	}
}

// TestOnceEach: a number is used once, and of several who put a medium in
// under it at once one does.
func TestOnceEach(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	var stored atomic.Int32
	var g errgroup.Group
	for range 8 {
		g.Go(func() error {
			_, _, err := r.Put(t.Context(), id, "rr 1", r.recipient, strings.NewReader("x"))
			if err == nil {
				stored.Add(1)
			} else if code(err) != "mailroom.twice" {
				return err
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil || stored.Load() != 1 {
		t.Fatalf("%d were stored, %v", stored.Load(), err)
	}
	// Also when it takes its time to copy.
	overtaken := &meanwhile{text: "slow", do: func() error { return r.put("RR3", "fast") }}
	if _, _, err := r.Put(t.Context(), id, "RR3", r.recipient, overtaken); code(err) != "mailroom.twice" {
		t.Errorf("overtaken: %v", err)
	}
	plain, err := sealed.Open(bytes.NewReader(r.medium("RR3")), r.identity)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(plain); err != nil || string(got) != "fast" {
		t.Errorf("overtaken: %q, %v", got, err)
	}
	// And when the other one has been read already.
	overtaken = &meanwhile{text: "slow", do: func() error { return errors.Join(r.put("RR4", "fast"), r.Done(t.Context(), id, "RR4")) }}
	if _, _, err := r.Put(t.Context(), id, "RR4", r.recipient, overtaken); code(err) != "mailroom.twice" {
		t.Errorf("overtaken and read: %v", err)
	}
	if _, err := r.Medium(t.Context(), id, "RR4"); !errors.Is(err, works.ErrTaken) {
		t.Errorf("overtaken and read: %v", err)
	}
	for range 2 {
		if err := errors.Join(r.Done(t.Context(), id, "RR1"), r.Done(t.Context(), id, "RR3")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Medium(t.Context(), id, "RR1"); !errors.Is(err, works.ErrTaken) {
		t.Errorf("after it was read: %v", err)
	}
	if err := r.put("RR1", "y"); code(err) != "mailroom.twice" {
		t.Errorf("again: %v", err)
	}
	if err := r.Done(t.Context(), id, "RR2"); err != nil {
		t.Errorf("one that never came: %v", err)
	}
	if _, err := r.Medium(t.Context(), id, "RR2"); !errors.Is(err, works.ErrNotFound) {
		t.Errorf("one that never came: %v", err)
	}
	if left := r.files(); !slices.Equal(left, []string{"RR1.gone", "RR3.gone", "RR4.gone"}) {
		t.Errorf("left: %v", left)
	}
}

// TestPromise10Cleared: nothing is left after a purge, nothing comes in any
// more, and a second run tells the same.
func TestPromise10Cleared(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for _, tracking := range []string{"RR1", "RR2"} {
		if err := r.put(tracking, tracking); err != nil {
			t.Fatal(err)
		}
	}
	want := []works.Medium{{Tracking: "RR1", SHA256: canon.Sum(r.medium("RR1"))}, {Tracking: "RR2", SHA256: canon.Sum(r.medium("RR2"))}}
	if err := r.Done(t.Context(), id, "RR1"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Put(t.Context(), "FK-2026-00002", "RR1", r.recipient, strings.NewReader("another order's")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.dir, id, ".part-1"), []byte("left by a kill"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := r.Clear(t.Context(), id); err != nil || !slices.Equal(got, want) {
			t.Errorf("%v, %v, want %v", got, err, want)
		}
	}
	if left := r.files(); !slices.Equal(left, []string{"RR1.gone", "RR2.gone", "closed", "RR1.age"}) {
		t.Errorf("left: %v", left)
	}
	err := r.put("RR3", "x")
	if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Code != "mailroom.closed" || f.Class != fault.Gate || f.Promise != 10 {
		t.Errorf("after the purge: %v", err)
	}
	if waiting, err := r.Waiting(); err != nil || len(waiting) != 1 || waiting[0].Order != "FK-2026-00002" || waiting[0].Tracking != "RR1" || waiting[0].Bytes == 0 {
		t.Errorf("waiting: %+v, %v", waiting, err)
	}
	if got, err := r.Clear(t.Context(), "FK-2026-00009"); err != nil || len(got) != 0 {
		t.Errorf("an order without media: %v, %v", got, err)
	}
	// A medium that is on its way in while the order is purged stays out.
	slow := &meanwhile{text: "x", do: func() error {
		_, err := r.Clear(t.Context(), "FK-2026-00003")
		return err
	}}
	if _, _, err := r.Put(t.Context(), "FK-2026-00003", "RR1", r.recipient, slow); code(err) != "mailroom.closed" {
		t.Errorf("purged meanwhile: %v", err)
	}
	if _, err := r.Medium(t.Context(), "FK-2026-00003", "RR1"); !errors.Is(err, works.ErrNotFound) {
		t.Errorf("purged meanwhile, and yet it is there: %v", err)
	}
}

// meanwhile gives its text after something else has happened.
type meanwhile struct {
	text string
	do   func() error
}

func (m *meanwhile) Read(p []byte) (int, error) {
	if m.text == "" {
		return 0, io.EOF
	}
	if err := m.do(); err != nil {
		return 0, err
	}
	n := copy(p, m.text)
	m.text = ""
	return n, nil
}
