package parcel

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/fault"
)

// inParts lays a parcel out in parts with their list and returns the folder.
func inParts(t *testing.T, parcel []byte, size int64) (dir string, l PartList) {
	t.Helper()
	path, _ := place(t, parcel)
	dir = filepath.Join(filepath.Dir(path), "parts")
	l, err := Split(t.Context(), path, dir, size)
	if err != nil {
		t.Fatal(err)
	}
	return dir, l
}

// TestPartsAreTheParcel: parts put one after the other are the parcel, by cat
// and by us, and the list is one that sha256sum checks.
func TestPartsAreTheParcel(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	parcel := write(t, h.sealing(t, "FK-2026-00001"))
	for _, size := range []int64{int64(len(parcel)) + 1, int64(len(parcel)), int64(len(parcel)) - 1, 1000, 512} {
		dir, l := inParts(t, parcel, size)
		if want := (len(parcel)-1)/int(size) + 1; len(l.Sums) != want {
			t.Fatalf("size %d: %d parts, want %d", size, len(l.Sums), want)
		}
		cat := exec.Command("sh", "-c", "cat p.sluss.???")
		cat.Dir = dir
		if whole, err := cat.Output(); err != nil || !bytes.Equal(whole, parcel) {
			t.Errorf("size %d: cat gives something else: %v", size, err)
		}
		if path, err := exec.LookPath("sha256sum"); err == nil {
			check := exec.Command(path, "--check", "--strict", "--quiet", l.ListName())
			check.Dir = dir
			if out, err := check.CombinedOutput(); err != nil {
				t.Errorf("size %d: sha256sum: %s", size, out)
			}
		}
		for _, name := range []string{"p.sluss", l.ListName(), l.Name(1), l.Name(len(l.Sums))} {
			out := filepath.Join(t.TempDir(), "out")
			if _, err := Open(t.Context(), filepath.Join(dir, name), h.identity, out, h.want(t)); err != nil {
				t.Errorf("size %d, by %s: %v", size, name, err)
			}
		}
		if err := os.Remove(filepath.Join(dir, l.ListName())); err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(t.Context(), filepath.Join(dir, l.Name(1)), h.want(t)); err != nil {
			t.Errorf("size %d, without the list: %v", size, err)
		}
	}
	if _, err := Split(t.Context(), "none", t.TempDir(), 1); code(err) != "parcel.unreadable" {
		t.Errorf("no parcel: %v", err)
	}
	path, _ := place(t, parcel)
	if _, err := Split(t.Context(), path, filepath.Dir(path), 1000); code(err) != "parcel.out_exists" {
		t.Errorf("into a folder that is there: %v", err)
	}
	if _, err := Split(t.Context(), path, filepath.Join(filepath.Dir(path), "x"), 1); code(err) != "parcel.part_size" {
		t.Errorf("too many parts: %v", err)
	}
}

// TestSpoiltPartsAreNamed: a part that is missing, cut, changed, swapped or of
// another parcel is named; the parcel is not opened and nothing is left behind.
func TestSpoiltPartsAreNamed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	parcel, foreign := write(t, h.sealing(t, "FK-2026-00001")), write(t, h.sealing(t, "FK-2026-00002"))
	const size = 1000
	last := (len(parcel)-1)/size + 1
	file := func(dir string, no int) string { return filepath.Join(dir, fmt.Sprintf("p.sluss.%03d", no)) }
	read := func(path string) []byte {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	set := func(path string, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		spoil func(dir string)
		with  string // code and part that are told, where the list is there
		alone string // and where it is not
	}{
		"first missing":    {func(d string) { _ = os.Remove(file(d, 1)) }, "part_missing 1", "part_missing 1"},
		"middle missing":   {func(d string) { _ = os.Remove(file(d, 3)) }, "part_missing 3", "part_missing 3"},
		"last missing":     {func(d string) { _ = os.Remove(file(d, last)) }, fmt.Sprint("part_missing ", last), fmt.Sprint("part_missing ", last)},
		"middle cut":       {func(d string) { set(file(d, 2), read(file(d, 2))[:999]) }, "part_cut 2", "part_cut 2"},
		"last cut":         {func(d string) { b := read(file(d, last)); set(file(d, last), b[:len(b)-1]) }, fmt.Sprint("part_cut ", last), fmt.Sprint("part_missing ", last+1)},
		"middle longer":    {func(d string) { set(file(d, 2), append(read(file(d, 2)), 0)) }, "part_size 2", "part_size 2"},
		"changed":          {func(d string) { b := read(file(d, 4)); b[17] ^= 1; set(file(d, 4), b) }, "part_changed 4", "changed"},
		"swapped":          {func(d string) { a, b := read(file(d, 3)), read(file(d, 5)); set(file(d, 3), b); set(file(d, 5), a) }, "part_swapped 3", "changed"},
		"first swapped":    {func(d string) { a, b := read(file(d, 1)), read(file(d, 2)); set(file(d, 1), b); set(file(d, 2), a) }, "part_swapped 1", "not_parcel"},
		"of other parcel":  {func(d string) { set(file(d, 6), foreign[5000:6000]) }, "part_changed 6", "sealed_part"},
		"a folder instead": {func(d string) { _ = os.Remove(file(d, 2)); _ = os.Mkdir(file(d, 2), 0o700) }, "part_missing 2", "part_missing 2"},
	}
	for name, tt := range tests {
		for _, listed := range []bool{true, false} {
			dir, l := inParts(t, parcel, size)
			tt.spoil(dir)
			want, no, _ := strings.Cut(tt.with, " ")
			if !listed {
				if err := os.Remove(filepath.Join(dir, l.ListName())); err != nil {
					t.Fatal(err)
				}
				want, no, _ = strings.Cut(tt.alone, " ")
			}
			out := filepath.Join(t.TempDir(), "out")
			_, err := Open(t.Context(), filepath.Join(dir, "p.sluss.001"), h.identity, out, h.want(t))
			f, ok := errors.AsType[*fault.Fault](err)
			if !ok || f.Code != "parcel."+want || f.DoSV == "" || f.DoEN == "" {
				t.Errorf("%s, list %t: %v, want %s", name, listed, err, want)
				continue
			}
			if no != "" {
				if part := fmt.Sprintf("p.sluss.%0*s", 3, no); f.Where.File != strings.ReplaceAll(part, " ", "0") {
					t.Errorf("%s, list %t: %s is named, want part %s", name, listed, f.Where.File, no)
				}
			}
			if left, _ := os.ReadDir(filepath.Dir(out)); len(left) != 0 {
				t.Errorf("%s, list %t: something is left behind", name, listed)
			}
		}
	}
}

// TestPartListIsReadBack: a list says what it said when it was written; what is
// no list is refused.
func TestPartListIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "content")
		size := rapid.Int64Range(1, 400).Draw(t, "size")
		l, err := SumParts(t.Context(), "a b.sluss", bytes.NewReader(content), int64(len(content)), size)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParsePartList("a b.sluss", l.Text())
		if err != nil || !bytes.Equal(again.Text(), l.Text()) {
			t.Fatalf("%v\n%s%s", err, l.Text(), again.Text())
		}
		var sum int64
		for no := range l.Sums {
			from, n := l.Span(no + 1)
			if from != sum || n < 1 {
				t.Fatalf("part %d: %d+%d after %d", no+1, from, n, sum)
			}
			sum += n
		}
		if sum != int64(len(content)) {
			t.Fatalf("%d of %d bytes", sum, len(content))
		}
		text := l.Text()
		i := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		text[i] ^= 1 << rapid.IntRange(0, 6).Draw(t, "bit")
		if odd, err := ParsePartList("a b.sluss", text); err == nil && len(odd.Sums) != len(l.Sums) {
			t.Fatalf("a damaged list has %d parts", len(odd.Sums))
		}
	})
	for _, text := range []string{"", "\n", "# bytes 5 in parts of 0\n", "# bytes 1 in parts of 1\n", "# bytes 99999999999999999999 in parts of 1\n"} {
		if _, err := ParsePartList("p", []byte(text)); code(err) != "parcel.part_list" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzPartList: whatever a list holds, it is read or refused.
func FuzzPartList(f *testing.F) {
	f.Add([]byte("# bytes 3 in parts of 2\n" + strings.Repeat("0", 64) + "  p.001\n" + strings.Repeat("1", 64) + "  p.002\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := ParsePartList("p", text)
		if err == nil && (len(l.Sums) < 1 || len(l.Sums) > MaxParts || l.Size < 1) {
			t.Errorf("%+v", l)
		}
	})
}
