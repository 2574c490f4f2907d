package blob

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"sluss/internal/app"
	"sluss/internal/canon"
)

var _ app.Blobs = (*Dir)(nil)

func newDir(t *testing.T) *Dir {
	t.Helper()
	d, err := NewDir(filepath.Join(t.TempDir(), "documents") + "/")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// files lists everything under the root.
func files(t *testing.T, d *Dir) string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(d.root, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(d.root, path)
			out = append(out, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, " ")
}

func TestPutGetDelete(t *testing.T) {
	t.Parallel()
	d, ctx := newDir(t), t.Context()
	for _, text := range []string{"first", "second, longer"} { // the second takes the first one's place
		n, sum, err := d.Put(ctx, "FK-2026-00001/parcel/a.sluss", strings.NewReader(text))
		if err != nil || n != int64(len(text)) || sum != canon.Sum([]byte(text)) {
			t.Fatalf("%d, %s, %v", n, sum, err)
		}
		r, err := d.Get(ctx, "FK-2026-00001/parcel/a.sluss")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || string(got) != text || r.Close() != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	for range 2 {
		if err := d.Delete(ctx, "FK-2026-00001/parcel/a.sluss"); err != nil {
			t.Error(err)
		}
	}
	if _, err := d.Get(ctx, "FK-2026-00001/parcel/a.sluss"); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("a deleted blob: %v", err)
	}
	if got := files(t, d); got != "" {
		t.Errorf("left: %s", got)
	}
}

// TestWholeOrNotAtAll: a reader that breaks or a caller that leaves changes
// nothing and leaves nothing.
func TestWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	d, ctx := newDir(t), t.Context()
	if _, _, err := d.Put(ctx, "a/b", strings.NewReader("old")); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(ctx)
	for name, r := range map[string]io.Reader{
		"cut short": io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<20)), iotest.ErrReader(io.ErrUnexpectedEOF)),
		"left":      io.MultiReader(strings.NewReader("x"), readerFunc(func([]byte) (int, error) { cancel(); return 1, nil })),
	} {
		for _, to := range []string{"a/b", "a/c", "new/d"} {
			if _, _, err := d.Put(gone, to, r); err == nil {
				t.Errorf("%s: %s was put", name, to)
			}
		}
	}
	if got := files(t, d); got != "a/b" {
		t.Errorf("there is: %s", got)
	}
	r, err := d.Get(ctx, "a/b")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, _ := io.ReadAll(r); string(got) != "old" {
		t.Errorf("the old content has become %d bytes", len(got))
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestNames(t *testing.T) {
	t.Parallel()
	d, ctx := newDir(t), t.Context()
	outside := filepath.Join(filepath.Dir(d.root), "outside")
	if err := os.WriteFile(outside, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", ".", "..", "../outside", "a/../../outside", "/etc/passwd", outside, "a//b", "a/", "/a", "a/.", "a/./b", ".part-1", "a/.hidden", "a\x00b", `a\b`, "a\nb", "\xff"} {
		if _, _, err := d.Put(ctx, name, strings.NewReader("y")); err == nil {
			t.Errorf("%q is put", name)
		}
		if _, err := d.Get(ctx, name); err == nil || errors.Is(err, app.ErrNotFound) {
			t.Errorf("%q is looked for: %v", name, err)
		}
		if err := d.Delete(ctx, name); err == nil {
			t.Errorf("%q is deleted", name)
		}
		if err := d.DeleteUnder(ctx, name); err == nil {
			t.Errorf("under %q is deleted", name)
		}
	}
	if b, err := os.ReadFile(outside); err != nil || string(b) != "x" {
		t.Errorf("the file outside: %q, %v", b, err)
	}
	for _, name := range []string{"attachments/Etikansökan (slutlig).pdf", "a..b", "FK-2026-00001/x"} {
		if _, _, err := d.Put(ctx, name, strings.NewReader("y")); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestDeleteUnder takes a folder away, with what an interrupted Put left, and
// nothing beside it.
func TestDeleteUnder(t *testing.T) {
	t.Parallel()
	d, ctx := newDir(t), t.Context()
	for _, name := range []string{"FK-1/population/a.age", "FK-1/population/b.age", "FK-1/decision", "FK-10/population/a.age", "FK-1/population2/a"} {
		if _, _, err := d.Put(ctx, name, strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(d.root, "FK-1/population/.part-77"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.DeleteUnder(ctx, "FK-1/population"); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := files(t, d), "FK-1/decision FK-1/population2/a FK-10/population/a.age"; got != want {
		t.Errorf("left: %s, want %s", got, want)
	}
	if err := d.DeleteUnder(ctx, "FK-9/population"); err != nil {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// TestSweep: what a killed process was writing goes; what is being written and
// what is stored stays.
func TestSweep(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	d, err := NewDir(root)
	if err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(root, "FK-2026-00001", ".part-123")
	if _, _, err := d.Put(t.Context(), "FK-2026-00001/parcel.sluss", strings.NewReader("whole")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(left, []byte("ha"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	done := make(chan error)
	go func() {
		_, _, err := d.Put(t.Context(), "FK-2026-00001/slow", r)
		done <- err
	}()
	if _, err := io.WriteString(w, "be"); err != nil { // it is being written now
		t.Fatal(err)
	}
	if n, err := d.Sweep(t.Context()); err != nil || n != 1 && runtime.GOOS != "windows" {
		t.Errorf("swept %d, %v", n, err)
	}
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) && runtime.GOOS != "windows" {
		t.Errorf("what was left: %v", err)
	}
	if _, err := io.WriteString(w, "gun"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"parcel.sluss": "whole", "slow": "begun"} {
		f, err := d.Get(t.Context(), "FK-2026-00001/"+name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(f)
		if f.Close(); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
