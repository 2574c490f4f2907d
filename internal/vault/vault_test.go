package vault

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/works"
)

var _ works.Vault = (*Vault)(nil)

var (
	population = Object{Owner: "FK-1", Kind: works.ObjectPopulation, Name: "population-1"}
	parcel     = Object{Owner: "FK-1", Kind: works.ObjectParcel, Name: "parcel"}
	keyTable   = Object{Owner: "project/FK-1", Kind: works.ObjectDomain, Name: "person"}
	other      = Object{Owner: "FK-2", Kind: works.ObjectPopulation, Name: "population-1"}
)

func newVault(t *testing.T) *Vault {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "vault")
	if _, err := Create(dir, "valvet"); err != nil {
		t.Fatal(err)
	}
	return reopen(t, dir)
}

func reopen(t *testing.T, dir string) *Vault {
	t.Helper()
	v, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	return v
}

func put(t *testing.T, v *Vault, o Object, text string) record {
	t.Helper()
	n, sum, err := v.Put(t.Context(), o, strings.NewReader(text))
	if err != nil || n != int64(len(text)) || sum != canon.Sum([]byte(text)) {
		t.Fatalf("%d bytes, %v", n, err)
	}
	rec, _ := v.find(o)
	return rec
}

func get(v *Vault, o Object) (string, error) {
	r, err := v.Get(context.Background(), o)
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	return string(b), err
}

func code(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Code
	}
	return ""
}

// canary stands in everything that is stored; it must not be found on disk.
const canary = "19121212-1212;indexdatum"

func TestPutAndGet(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	for _, size := range []int{0, 1, 1 << 20, 3<<20 + 7} {
		want := strings.Repeat(canary, size/len(canary)+1)[:size]
		put(t, v, population, want)
		if got, err := get(v, population); err != nil || got != want {
			t.Errorf("%d bytes: %d back, %v", size, len(got), err)
		}
	}
	dir := v.dir
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	v = reopen(t, dir)
	if got, err := get(v, population); err != nil || len(got) != 3<<20+7 {
		t.Errorf("after a restart: %d bytes, %v", len(got), err)
	}
	infos, err := v.List("FK-1")
	if err != nil || len(infos) != 1 || infos[0].Version != 4 || infos[0].Bytes != 3<<20+7 {
		t.Errorf("list: %+v, %v", infos, err)
	}
	if _, err := v.Get(t.Context(), parcel); !errors.Is(err, ErrNotFound) {
		t.Errorf("absent: %v", err)
	}
	mustNotHold(t, dir, canary)
}

// mustNotHold looks for text in every file of a vault.
func mustNotHold(t *testing.T, dir, text string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) {
			t.Errorf("%s is in clear", filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPutIsAllOrNothing(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	put(t, v, population, "first")
	disk := errors.New("disk gone")
	if _, _, err := v.Put(t.Context(), population, io.MultiReader(strings.NewReader("second"), iotest.ErrReader(disk))); !errors.Is(err, disk) {
		t.Errorf("err = %v", err)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := v.Put(stopped, population, strings.NewReader("second")); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
	if got, err := get(v, population); got != "first" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if n := files(t, v, objectDir); n != 1 {
		t.Errorf("%d ciphertexts lie there, want 1", n)
	}
	for _, bad := range []Object{
		{Owner: "project/FK-1", Kind: works.ObjectPopulation, Name: "x"},
		{Owner: "../x", Kind: works.ObjectPopulation, Name: "x"},
		{Owner: "project/../x", Kind: works.ObjectDomain, Name: "x"},
		{Owner: "FK-1", Kind: works.ObjectPopulation},
		{Kind: works.ObjectPopulation, Name: "x"},
		{Owner: "FK-1", Kind: works.ObjectPopulation, Name: "a b"},
	} {
		if _, _, err := v.Put(t.Context(), bad, strings.NewReader("")); err == nil {
			t.Errorf("%+v was stored", bad)
		}
	}
}

func files(t *testing.T, v *Vault, dir string) int {
	t.Helper()
	all, err := os.ReadDir(filepath.Join(v.dir, dir))
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// An object cannot be passed off as another one: neither its ciphertext nor its
// key file opens in another's place, whoever edits the label.
func TestThreat06ObjectsCannotBeSwapped(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	a, b := put(t, v, population, "of FK-1"), put(t, v, other, "of FK-2")
	swap := func(x, y string) {
		t.Helper()
		tmp := x + ".tmp"
		for _, m := range [][2]string{{x, tmp}, {y, x}, {tmp, y}} {
			if err := os.Rename(m[0], m[1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	swap(v.objectPath(a.ID), v.objectPath(b.ID))
	if _, err := get(v, population); code(err) != "vault.damaged" {
		t.Errorf("ciphertexts swapped: %v", err)
	}
	swap(v.objectPath(a.ID), v.objectPath(b.ID))
	text, err := os.ReadFile(v.keyPath(b.ID))
	if err != nil {
		t.Fatal(err)
	}
	forged := bytes.ReplaceAll(text, []byte("FK-2"), []byte("FK-1"))
	if err := os.WriteFile(v.keyPath(b.ID), forged, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(v.keyPath(a.ID)); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	v = reopen(t, v.dir)
	if _, err := get(v, population); code(err) != "vault.damaged" {
		t.Errorf("label edited: %v", err)
	}
}

func TestDamage(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	i := put(t, v, population, strings.Repeat("x", 3<<20))
	path := v.objectPath(i.ID)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"cut":            whole[:len(whole)-1],
		"cut at segment": whole[:2<<20],
		"changed":        append(append(bytes.Clone(whole[:2<<20]), whole[2<<20]^1), whole[2<<20+1:]...),
		"longer":         append(bytes.Clone(whole), 0),
		"empty":          nil,
	} {
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := get(v, population); code(err) != "vault.damaged" || fault.ClassOf(err) != fault.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCreateAndOpen(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	if _, err := Create(v.dir, "valvet"); code(err) != "vault.exists" {
		t.Errorf("created twice: %v", err)
	}
	if _, err := Create(filepath.Join(t.TempDir(), "v"), "my vault"); code(err) != "vault.name" {
		t.Errorf("name with a space: %v", err)
	}
	if _, err := Open(t.TempDir()); code(err) != "vault.none" {
		t.Errorf("no vault: %v", err)
	}
	if _, err := Open(v.dir); code(err) != "vault.busy" {
		t.Errorf("opened twice: %v", err)
	}
	for _, name := range []string{rootFile, identityFile, signingFile} {
		s, err := os.Stat(filepath.Join(v.dir, name))
		if err != nil || s.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, s.Mode(), err)
		}
	}
	var b bytes.Buffer
	w, err := sealed.Seal(&b, v.Public().Recipient)
	if err == nil {
		_, err = io.WriteString(w, canary)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	r, err := v.Unseal(&b)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); string(got) != canary || err != nil {
		t.Errorf("unsealed: %v", err)
	}
	note, err := v.Sign(map[string]string{"type": "sluss/test/v1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := signed.Open(note, "sluss/test/v1", v.Public().Signer); err != nil {
		t.Errorf("signature: %v", err)
	}
}

func TestThreat10ScratchIsWiped(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	dir, err := v.Scratch("FK-1")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a.csv"), []byte(canary), 0o600); err != nil {
		t.Fatal(err)
	}
	keep, err := v.Scratch("FK-2")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.destroy(t.Context(), "FK-1"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("scratch of a destroyed order: %v", err)
	}
	if _, err := os.Stat(keep); err != nil {
		t.Errorf("another order's scratch: %v", err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	reopen(t, v.dir)
	if _, err := os.Stat(keep); !os.IsNotExist(err) {
		t.Errorf("scratch after a restart: %v", err)
	}
	if _, err := v.Scratch("../.."); err == nil {
		t.Error("scratch outside the vault")
	}
}

// TestPromise10DestroyedIsGone: after Destroy nothing of the order can be read,
// not even from a copy of the ciphertexts, everything else can, and a second
// run changes nothing and reports the same.
func TestPromise10DestroyedIsGone(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	first := put(t, v, population, "replaced by the next")
	second := put(t, v, population, canary)
	put(t, v, parcel, strings.Repeat(canary, 100_000))
	put(t, v, keyTable, "kept")
	put(t, v, other, "another order")
	backup := filepath.Join(t.TempDir(), "objects")
	if err := os.CopyFS(backup, os.DirFS(filepath.Join(v.dir, objectDir))); err != nil {
		t.Fatal(err)
	}
	d, err := v.destroy(t.Context(), "FK-1")
	if err != nil || d.before || len(d.objects) != 3 || d.tried < 2 {
		t.Fatalf("%d objects, %d keys tried, before %v, %v", len(d.objects), d.tried, d.before, err)
	}
	if d.objects[0].ID != first.ID || !slices.ContainsFunc(d.objects, func(g gone) bool { return g.ID == second.ID && g.Version == 2 }) {
		t.Errorf("the list lacks a version: %+v", d.objects)
	}
	for _, g := range d.objects[1:] {
		b, err := os.ReadFile(filepath.Join(backup, g.ID))
		if err != nil || canon.Sum(b) != g.Ciphertext || int64(len(b)) != g.Bytes || g.Key == "" {
			t.Errorf("%s: hash of the ciphertext is not in the list, %v", g.Kind, err)
		}
	}
	for _, o := range []Object{population, parcel} {
		if _, err := get(v, o); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", o.Kind, err)
		}
	}
	for _, o := range []Object{keyTable, other} {
		if _, err := get(v, o); err != nil {
			t.Errorf("%s of %q: %v", o.Kind, o.Owner, err)
		}
	}
	again, err := v.destroy(t.Context(), "FK-1")
	if err != nil || !again.before || !reflect.DeepEqual(again.objects, d.objects) {
		t.Errorf("second run: %+v, %v", again, err)
	}
	if _, _, err := v.Put(t.Context(), population, strings.NewReader("x")); code(err) != "vault.destroyed" {
		t.Errorf("stored afterwards: %v", err)
	}
	list, err := v.Destroy(t.Context(), "FK-1")
	if err != nil || len(list) != 3 || list[0] != (works.Destroyed{Object: "population/population-1@1", SHA256: first.Ciphertext, Key: string(canon.Sum(first.Key))}) {
		t.Errorf("list for the protocol: %+v, %v", list, err)
	}
	// The ciphertexts come back from a backup: nothing opens them.
	for _, g := range d.objects[1:] {
		b, err := os.ReadFile(filepath.Join(backup, g.ID))
		if err == nil {
			err = os.WriteFile(v.objectPath(g.ID), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	v = reopen(t, v.dir)
	if _, err := get(v, population); !errors.Is(err, ErrNotFound) {
		t.Errorf("after a restart: %v", err)
	}
	if again, err := v.destroy(t.Context(), "FK-1"); err != nil || !again.before || len(again.objects) != 3 {
		t.Errorf("after a restart: %+v, %v", again, err)
	}
	if _, _, err := v.Put(t.Context(), population, strings.NewReader("x")); code(err) != "vault.destroyed" {
		t.Errorf("stored after a restart: %v", err)
	}
	mustNotHold(t, v.dir, canary)
}

func TestDestroyOfProjectAndRemove(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	put(t, v, keyTable, "rows")
	put(t, v, population, "persons")
	if d, err := v.destroy(t.Context(), "project/FK-1"); err != nil || len(d.objects) != 1 {
		t.Fatalf("%+v, %v", d, err)
	}
	if _, err := get(v, keyTable); !errors.Is(err, ErrNotFound) {
		t.Errorf("key table: %v", err)
	}
	put(t, v, keyTable, "a new domain")
	if d, err := v.destroy(t.Context(), "project/FK-1"); err != nil || len(d.objects) != 2 || d.before {
		t.Errorf("%+v, %v", d, err)
	}
	if err := v.Remove(t.Context(), population); err != nil {
		t.Fatal(err)
	}
	if err := v.Remove(t.Context(), population); err != nil {
		t.Errorf("removed twice: %v", err)
	}
	put(t, v, parcel, "p")
	if d, err := v.destroy(t.Context(), "FK-1"); err != nil || len(d.objects) != 2 || d.before {
		t.Errorf("%+v, %v", d, err)
	}
	if d, err := v.destroy(t.Context(), "FK-9"); err != nil || len(d.objects) != 0 {
		t.Errorf("an order without objects: %+v, %v", d, err)
	}
}

// The proof is one: a second key to the same ciphertext stops the destruction,
// also of an object of several segments and of an empty one.
func TestDestroyFindsAnotherKey(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 10, 3 << 20} {
		v := newVault(t)
		i := put(t, v, population, strings.Repeat("x", size))
		put(t, v, other, "x")
		// A stray copy of the key, wrapped for another object.
		rec, stray := v.objects[i.ID], record{label: labelOf("ff", other, 9)}
		h, err := v.unwrapHandle(rec)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.writeKey(h, &stray, content{}); err != nil {
			t.Fatal(err)
		}
		v.objects["ff"] = stray
		if _, err := v.destroy(t.Context(), "FK-1"); err == nil || !strings.Contains(err.Error(), "remaining key opens") {
			t.Errorf("%d bytes: err = %v", size, err)
		}
	}
}

// Whatever the moment of a power cut, the next start finishes the destruction
// or has not begun it, and nothing is left that belongs to nothing.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	cut := errors.New("power cut")
	crash := func(v *Vault, at int, f func()) (crashed bool) {
		n := 0
		v.step = func(string) error {
			if n++; n > at {
				panic(cut)
			}
			return nil
		}
		defer func() {
			if r := recover(); r != nil {
				crashed = true
			}
		}()
		f()
		return false
	}
	for at := range 20 {
		v := newVault(t)
		put(t, v, population, "first")
		put(t, v, parcel, "parcel")
		put(t, v, other, "other")
		crashed := crash(v, at, func() {
			if _, _, err := v.Put(context.Background(), population, strings.NewReader("second")); err != nil {
				t.Error(err)
			}
			if _, err := v.destroy(context.Background(), "FK-1"); err != nil {
				t.Error(err)
			}
		})
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
		v = reopen(t, v.dir)
		infos, err := v.List("FK-1")
		if err != nil || len(infos) != 2 && len(infos) != 0 {
			t.Fatalf("cut after %d steps: %d objects, %v", at, len(infos), err)
		}
		for _, i := range infos {
			if got, err := get(v, i.Object); err != nil || got != map[string]string{works.ObjectPopulation: []string{"", "first", "second"}[i.Version], works.ObjectParcel: "parcel"}[i.Kind] {
				t.Errorf("cut after %d steps: %s %q, %v", at, i.Kind, got, err)
			}
		}
		if k, o := files(t, v, keyDir), files(t, v, objectDir); k != o || k != len(infos)+1 {
			t.Errorf("cut after %d steps: %d keys, %d ciphertexts, %d objects", at, k, o, len(infos))
		}
		d, err := v.destroy(t.Context(), "FK-1")
		if err != nil || len(d.objects) < 2 || len(d.objects) > 3 {
			t.Errorf("cut after %d steps: %d destroyed, %v", at, len(d.objects), err)
		}
		if _, err := get(v, other); err != nil {
			t.Errorf("cut after %d steps: another order: %v", at, err)
		}
		if !crashed && at < 8 {
			t.Errorf("no crash after %d steps: the test has lost its hold", at)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "vault")
	if _, err := Create(dir, "valvet"); err != nil {
		b.Fatal(err)
	}
	v, err := Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer v.Close()
	content := bytes.Repeat([]byte("0123456789abcdef"), 4<<20)
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		if _, _, err := v.Put(b.Context(), population, bytes.NewReader(content)); err != nil {
			b.Fatal(err)
		}
	}
}
