package backup

import (
	"archive/tar"
	"bytes"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
	"sluss/internal/sealed"
	"sluss/internal/signed"
)

type house struct {
	identity, recipient string
	private, public     string
}

func newHouse(t testing.TB) house {
	t.Helper()
	var h house
	var err error
	if h.identity, h.recipient, err = sealed.GenerateIdentity(); err != nil {
		t.Fatal(err)
	}
	if h.private, h.public, err = signed.Generate(rand.Reader, "sluss"); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h house) sign(doc any) (string, error) { return signed.Sign(doc, h.private) }

var (
	today = day.Of(2026, 11, 22)
	made  = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
)

// write makes a backup of files, name and content in turn.
func (h house) write(t testing.TB, kind Kind, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := New(&b, h.recipient, Head{Kind: kind, Until: today + 35, Signer: h.public}, made, h.sign)
	if err != nil {
		t.Fatal(err)
	}
	for f := range slices.Chunk(files, 2) {
		if err := w.Add(t.Context(), f[0], int64(len(f[1])), strings.NewReader(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(map[string]string{"checkpoint": "c"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func code(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Code
	}
	return ""
}

func (h house) want() Want {
	return Want{Kind: Counter, Signer: func(p string) bool { return p == h.public }, Today: today}
}

func TestThereAndBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	big := strings.Repeat("0123456789", 30_000)
	b := h.write(t, Counter, "database.jsonl", big, "documents/FK-1/a.pdf", "", "documents/FK-1/b.pdf", "b")
	if bytes.Contains(b, []byte("0123456789")) || bytes.Contains(b, []byte("FK-1")) {
		t.Error("not sealed")
	}
	dir := filepath.Join(t.TempDir(), "out")
	m, err := Extract(t.Context(), bytes.NewReader(b), h.identity, dir, h.want())
	if err != nil || len(m.Files) != 3 || m.Facts["checkpoint"] != "c" || m.Head.Made != "2026-11-22T09:00:00Z" || m.Head.ID == "" {
		t.Fatalf("%+v, %v", m, err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "database.jsonl")); err != nil || string(got) != big {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	info, err := os.Stat(filepath.Join(dir, "documents", "FK-1", "b.pdf"))
	if err != nil || info.Mode().Perm() != 0o600 && os.PathSeparator == '/' {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if _, err := Extract(t.Context(), bytes.NewReader(b), h.identity, dir, h.want()); code(err) != "backup.exists" {
		t.Errorf("over what is there: %v", err)
	}
}

// TestAnyChangeIsFound: cut anywhere, or with any bit changed, nothing comes out.
func TestAnyChangeIsFound(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.write(t, Counter, "database.jsonl", strings.Repeat("x", 200_000))
	parent := t.TempDir()
	dir := filepath.Join(parent, "out")
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		bad := bytes.Clone(b)
		bad[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		for _, x := range [][]byte{bad, b[:at]} {
			if _, err := Extract(t.Context(), bytes.NewReader(x), h.identity, dir, h.want()); fault.ClassOf(err) != fault.Input {
				t.Fatalf("byte %d: %v", at, err)
			}
			if left, _ := os.ReadDir(parent); len(left) > 0 {
				t.Fatalf("byte %d: something is left", at)
			}
		}
	})
}

// TestForged: whoever knows the public key can seal something, but not sign it.
func TestForged(t *testing.T) {
	t.Parallel()
	h, other := newHouse(t), newHouse(t)
	other.identity, other.recipient = h.identity, h.recipient // sealed to the right key by somebody else
	good := h.write(t, Counter, "a", "1", "b", "2")
	second := h.write(t, Counter, "a", "3", "b", "4")
	refused := func(name, want string, b []byte, w Want) {
		t.Helper()
		parent := t.TempDir()
		_, err := Extract(t.Context(), bytes.NewReader(b), h.identity, filepath.Join(parent, "out"), w)
		if code(err) != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
		if left, _ := os.ReadDir(parent); len(left) > 0 {
			t.Errorf("%s: something is left", name)
		}
	}
	refused("somebody else's", "backup.signer", other.write(t, Counter, "a", "1"), h.want())
	refused("another kind", "backup.kind", h.write(t, Objects, "a", "1"), h.want())
	late := h.want()
	late.Today = today + 36
	refused("kept too long", "backup.expired", good, late)
	a, b := h.entries(t, good), h.entries(t, second)
	refused("content of another", "backup.changed", h.seal(t, a[0], b[1], a[2], a[3]), h.want())
	refused("end of another", "backup.mixed", h.seal(t, a[0], a[1], a[2], b[3]), h.want())
	refused("without its end", "backup.cut", h.seal(t, a[0], a[1], a[2]), h.want())
	refused("without a file", "backup.changed", h.seal(t, a[0], a[1], a[3]), h.want())
	refused("a file twice", "backup.changed", h.seal(t, a[0], a[1], a[1], a[2], a[3]), h.want())
	refused("more after its end", "backup.changed", h.seal(t, a[0], a[1], a[2], a[3], a[1]), h.want())
	refused("no head", "backup.none", h.seal(t, a[1], a[2], a[3]), h.want())
	for _, name := range []string{"../a", "/etc/a", ".hidden", "a/../b", "a\\b", "C:a", ""} {
		x := a[1]
		x.name = name
		refused("the name "+name, "backup.changed", h.seal(t, a[0], x, a[2], a[3]), h.want())
	}
	link := a[1]
	link.link = true
	refused("a link", "backup.changed", h.seal(t, a[0], link, a[2], a[3]), h.want())
	var plain bytes.Buffer
	w, err := sealed.Seal(&plain, h.recipient)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("no archive")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	refused("no archive", "backup.none", plain.Bytes(), h.want())
}

type entry struct {
	name, text string
	link       bool
}

func (h house) entries(t *testing.T, b []byte) []entry {
	t.Helper()
	r, err := sealed.Open(bytes.NewReader(b), h.identity)
	if err != nil {
		t.Fatal(err)
	}
	var out []entry
	for tr := tar.NewReader(r); ; {
		hd, err := tr.Next()
		if err != nil {
			return out
		}
		var text bytes.Buffer
		if _, err := text.ReadFrom(tr); err != nil {
			t.Fatal(err)
		}
		out = append(out, entry{name: hd.Name, text: text.String()})
	}
}

func (h house) seal(t *testing.T, all ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := sealed.Seal(&b, h.recipient)
	if err != nil {
		t.Fatal(err)
	}
	tw := tar.NewWriter(w)
	for _, e := range all {
		hd := header(e.name, int64(len(e.text)))
		if e.link {
			hd.Typeflag, hd.Linkname, hd.Size, e.text = tar.TypeSymlink, "/etc/passwd", 0, ""
		}
		if err := tw.WriteHeader(hd); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write([]byte(e.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tw.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWriting(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var b bytes.Buffer
	if _, err := New(&b, "age1nothing", Head{}, made, h.sign); code(err) != "sealed.recipient" {
		t.Errorf("%v", err)
	}
	w, err := New(&b, h.recipient, Head{Kind: Counter, Signer: h.public}, made, h.sign)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.AddFile(t.Context(), "a", filepath.Join(t.TempDir(), "gone")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is gone: %v", err)
	}
	if err := w.Add(t.Context(), "../a", 1, strings.NewReader("x")); err == nil {
		t.Error("a name that leads out")
	}
	if err := w.Add(t.Context(), "a", 10, strings.NewReader("short")); err == nil {
		t.Error("a file that became shorter")
	}
	path := filepath.Join(t.TempDir(), "b")
	fill := func(f *os.File) error { _, err := f.WriteString("new"); return err }
	if err := ToFile(path, false, fill); err != nil {
		t.Fatal(err)
	}
	if err := ToFile(path, false, fill); code(err) != "backup.exists" {
		t.Errorf("over a file: %v", err)
	}
	if err := ToFile(path, true, func(*os.File) error { return errors.New("disk full") }); err == nil {
		t.Error("a disk that is full")
	}
	if got, _ := os.ReadFile(path); string(got) != "new" {
		t.Errorf("the former backup is %q", got)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("%d files", len(left))
	}
}
