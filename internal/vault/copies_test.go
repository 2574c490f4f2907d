package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sluss/internal/day"
	"sluss/internal/sealed"
	"sluss/internal/works"
)

// copies are backups of a vault, as they lie somewhere else.
type copies struct{ objects, keys []byte }

// today is when tests make backups; made is the hour.
var (
	today = day.Of(2026, 11, 22)
	made  = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
)

func backUp(t *testing.T, dir, to string) copies {
	t.Helper()
	var objects, keys bytes.Buffer
	out, err := Copy(t.Context(), Copying{Dir: dir, Recipient: to, Made: made, Objects: &objects, ObjectsUntil: today + 365, Keys: &keys, KeysUntil: today + 35})
	if err != nil || out.Objects == nil || out.Keys == nil {
		t.Fatalf("backup: %v", err)
	}
	return copies{objects.Bytes(), keys.Bytes()}
}

func restore(t *testing.T, c copies, identity string) (*Vault, Restored) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "restored")
	r, err := Restore(t.Context(), Restoring{Dir: dir, Objects: bytes.NewReader(c.objects), Keys: bytes.NewReader(c.keys), Identity: identity, Today: today + 1})
	if err != nil {
		t.Fatal(err)
	}
	return reopen(t, dir), r
}

func pair(t *testing.T) (identity, recipient string) {
	t.Helper()
	identity, recipient, err := sealed.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return identity, recipient
}

// TestPromise10RestoreAfterPurge: a backup is made, an order is purged, the
// disk is lost and the backup restored. The other order is back, the project's
// kept key too; of the purged one nothing can be read, whichever backup of the
// keys is used and whatever lies on the disk.
func TestPromise10RestoreAfterPurge(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	identity, to := pair(t)
	put(t, v, population, canary)
	put(t, v, parcel, canary+canary)
	put(t, v, keyTable, "kept "+canary)
	put(t, v, other, "other "+canary)
	before := backUp(t, v.dir, to)
	gone, err := v.Destroy(t.Context(), "FK-1")
	if err != nil || len(gone) != 2 {
		t.Fatalf("%d destroyed, %v", len(gone), err)
	}
	after := backUp(t, v.dir, to)
	for _, c := range []copies{before, after} {
		if bytes.Contains(c.objects, []byte(canary)) || bytes.Contains(c.keys, []byte(canary)) {
			t.Error("a backup holds what is in the vault in clear")
		}
	}

	t.Run("keys of after the purge, content of before", func(t *testing.T) {
		r, told := restore(t, copies{before.objects, after.keys}, identity)
		if told.Objects != 2 || told.Keyless != 2 || told.Public != v.Public() {
			t.Errorf("%+v", told)
		}
		settled(t, r)
		mustBeBack(t, r)
	})
	t.Run("keys of before the purge, list of after", func(t *testing.T) {
		r, told := restore(t, copies{after.objects, before.keys}, identity)
		if told.Objects != 2 || told.Purged != 2 {
			t.Errorf("%+v", told)
		}
		settled(t, r)
		mustBeBack(t, r)
		if files, err := os.ReadDir(filepath.Join(r.dir, keyDir)); err != nil || len(files) != 2 {
			t.Errorf("%d keys lie there, %v", len(files), err)
		}
	})
	t.Run("everything of before the purge", func(t *testing.T) {
		r, told := restore(t, before, identity)
		if told.Objects != 4 || !r.Unsettled() {
			t.Errorf("%+v", told)
		}
		for _, o := range []Object{population, parcel, keyTable, other} {
			if _, err := get(r, o); code(err) != "vault.restored" {
				t.Errorf("%s/%s before the vault has heard of purges: %v", o.Owner, o.Kind, err)
			}
		}
		dir := r.dir // still so after a restart
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		r = reopen(t, dir)
		if _, err := get(r, other); code(err) != "vault.restored" {
			t.Errorf("after a restart: %v", err)
		}
		again, err := r.Settle(t.Context(), []string{"FK-1"})
		if err != nil || len(again["FK-1"]) != 2 {
			t.Errorf("purged again: %+v, %v", again, err)
		}
		mustBeBack(t, r)
		if _, _, err := r.Put(t.Context(), population, strings.NewReader("x")); code(err) != "vault.destroyed" {
			t.Errorf("the purged order takes something in: %v", err)
		}
	})
}

func settled(t *testing.T, v *Vault) {
	t.Helper()
	if _, err := v.Settle(t.Context(), nil); err != nil || v.Unsettled() {
		t.Fatal(err)
	}
}

// mustBeBack: order FK-2 and the kept key are there, FK-1 is not, not even as a
// file that any key of the vault opens.
func mustBeBack(t *testing.T, v *Vault) {
	t.Helper()
	if got, err := get(v, other); err != nil || got != "other "+canary {
		t.Errorf("the other order: %q, %v", got, err)
	}
	if got, err := get(v, keyTable); err != nil || got != "kept "+canary {
		t.Errorf("the kept key: %q, %v", got, err)
	}
	for _, o := range []Object{population, parcel} {
		if _, err := get(v, o); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s of the purged order: %v", o.Kind, err)
		}
	}
	if files, err := os.ReadDir(filepath.Join(v.dir, objectDir)); err != nil || len(files) != 2 {
		t.Errorf("%d ciphertexts lie there, %v", len(files), err)
	}
}

// TestKeyBackupsAreRemembered: a purge can name the last day on which a backup
// may hold its keys, from before the first key was read.
func TestKeyBackupsAreRemembered(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	_, to := pair(t)
	put(t, v, population, "x")
	if until, err := v.KeysUntil(today); err != nil || until != 0 {
		t.Errorf("before any backup: %v, %v", until, err)
	}
	failing := Copying{Dir: v.dir, Recipient: to, Made: made, Keys: brokenWriter{}, KeysUntil: today + 35}
	if _, err := Copy(t.Context(), failing); err == nil {
		t.Error("a backup onto a broken disk")
	}
	if until, err := v.KeysUntil(today + 35); err != nil || until != today+35 {
		t.Errorf("after a backup that failed: %v, %v", until, err)
	}
	if until, err := v.KeysUntil(today + 36); err != nil || until != 0 {
		t.Errorf("when it has expired: %v, %v", until, err)
	}
	var objects bytes.Buffer
	if _, err := Copy(t.Context(), Copying{Dir: v.dir, Recipient: to, Made: made, Objects: &objects, ObjectsUntil: today + 900}); err != nil {
		t.Fatal(err)
	}
	if until, err := v.KeysUntil(today + 36); err != nil || until != 0 {
		t.Errorf("a backup of ciphertexts counts as one of keys: %v, %v", until, err)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// TestRestoreRefuses: cut, changed, exchanged, expired, of another vault; and
// nothing is left behind.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	v, w := newVault(t), newVault(t)
	identity, to := pair(t)
	put(t, v, population, strings.Repeat(canary, 9000))
	put(t, w, population, "x")
	c, foreign := backUp(t, v.dir, to), backUp(t, w.dir, to)
	flipped := bytes.Clone(c.objects)
	flipped[len(flipped)/2] ^= 1
	stranger, _ := pair(t)
	for name, tt := range map[string]struct {
		objects, keys []byte
		identity      string
		today         day.Day
		want          string
	}{
		"cut":                    {c.objects[:len(c.objects)-100], c.keys, identity, today, "sealed.broken"},
		"changed":                {flipped, c.keys, identity, today, "sealed.broken"},
		"exchanged":              {c.keys, c.objects, identity, today, "backup.kind"},
		"the same twice":         {c.keys, c.keys, identity, today, "backup.kind"},
		"of another vault":       {foreign.objects, c.keys, identity, today, "backup.other_vault"},
		"keys kept too long":     {c.objects, c.keys, identity, today + 36, "backup.expired"},
		"content kept too long":  {c.objects, c.keys, identity, today + 366, "backup.expired"},
		"with another identity":  {c.objects, c.keys, stranger, today, "sealed.wrong_key"},
		"something else at all":  {c.objects, []byte("keys"), identity, today, "sealed.not_sealed"},
		"somebody else's backup": {foreign.objects, foreign.keys, identity, today, "backup.signer"},
	} {
		parent := t.TempDir()
		_, err := Restore(t.Context(), Restoring{
			Dir: filepath.Join(parent, "vault"), Objects: bytes.NewReader(tt.objects), Keys: bytes.NewReader(tt.keys), Identity: tt.identity, Today: tt.today,
			Signer: func(public string) bool { return public == v.Public().Signer || name == "of another vault" },
		})
		if code(err) != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
		if left, _ := os.ReadDir(parent); len(left) != 0 {
			t.Errorf("%s: %d left behind", name, len(left))
		}
	}
	if _, err := Restore(t.Context(), Restoring{Dir: v.dir, Objects: bytes.NewReader(c.objects), Keys: bytes.NewReader(c.keys), Identity: identity, Today: today}); code(err) != "vault.exists" {
		t.Errorf("over a vault: %v", err)
	}
}

// TestRestoreFindsDamage: an object that was damaged before the backup was made
// is found when it is restored, not when somebody needs it.
func TestRestoreFindsDamage(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	identity, to := pair(t)
	rec := put(t, v, population, strings.Repeat(canary, 100))
	path := filepath.Join(v.dir, objectDir, rec.ID)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	c := backUp(t, v.dir, to)
	_, err = Restore(t.Context(), Restoring{Dir: filepath.Join(t.TempDir(), "vault"), Objects: bytes.NewReader(c.objects), Keys: bytes.NewReader(c.keys), Identity: identity, Today: today})
	if code(err) != "vault.damaged" {
		t.Errorf("%v", err)
	}
}

// TestBackupWhileAtWork: the vault stores, replaces and destroys while backups
// are made; each restores whole.
func TestBackupWhileAtWork(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	identity, to := pair(t)
	stop, done := make(chan struct{}), make(chan error, 1)
	put(t, v, other, "stays")
	go func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			o := Object{Owner: fmt.Sprintf("FK-%d", 100+n), Kind: works.ObjectParcel, Name: "parcel"}
			for range 3 {
				if _, _, err := v.Put(t.Context(), o, strings.NewReader(strings.Repeat("y", 1000*n))); err != nil {
					done <- err
					return
				}
			}
			if n%2 == 0 {
				if _, err := v.Destroy(t.Context(), o.Owner); err != nil {
					done <- err
					return
				}
			}
		}
	}()
	var all []copies
	for n := range 8 {
		folder := t.TempDir()
		objects, err := os.Create(filepath.Join(folder, "objects"))
		if err != nil {
			t.Fatal(err)
		}
		keys, err := os.Create(filepath.Join(folder, "keys"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = Copy(t.Context(), Copying{Dir: v.dir, Recipient: to, Made: made, Objects: objects, ObjectsUntil: today + 9, Keys: keys, KeysUntil: today + 9})
		if err = errors.Join(err, objects.Close(), keys.Close()); err != nil {
			t.Fatalf("backup %d: %v", n, err)
		}
		a, _ := os.ReadFile(objects.Name())
		b, _ := os.ReadFile(keys.Name())
		all = append(all, copies{a, b})
	}
	close(stop)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for n, c := range all {
		r, told := restore(t, c, identity)
		settled(t, r)
		if got, err := get(r, other); err != nil || got != "stays" || told.Bare > 0 || told.Keyless > 0 {
			t.Errorf("backup %d: %q, %v, %+v", n, got, err, told)
		}
		for _, rec := range r.match(func(Object) bool { return true }) {
			f, err := r.Get(t.Context(), rec.object())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, f); err != nil {
				t.Errorf("backup %d: %s: %v", n, rec.Owner, err)
			}
			_ = f.Close()
		}
	}
}

// TestMailroomStaysOut: media that wait for the vault are in no backup, what is
// remembered of them is.
func TestMailroomStaysOut(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	identity, to := pair(t)
	room := filepath.Join(v.dir, mailroomDir, "FK-1")
	if err := os.MkdirAll(room, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"RR1.age": "sealed medium", "RR2.gone": "{}", "closed": "", ".part-1": "half"} {
		if err := os.WriteFile(filepath.Join(room, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, _ := restore(t, backUp(t, v.dir, to), identity)
	files, err := os.ReadDir(filepath.Join(r.dir, mailroomDir, "FK-1"))
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	if err != nil || !slices.Equal(names, []string{"RR2.gone", "closed"}) {
		t.Errorf("%v, %v", names, err)
	}
}
