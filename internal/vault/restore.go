package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sluss/internal/backup"
	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/works"
)

const restoredFile = "restored.json"

// restored says that a vault was restored and from what.
type restored struct {
	Format  string `json:"format"`
	Keys    string `json:"keys"`    // when the backup of the keys was made
	Objects string `json:"objects"` // and that of the objects
}

const restoredFormat = "sluss/restored/v1"

// Restoring says what [Restore] reads.
type Restoring struct {
	Dir           string // new folder
	Objects, Keys io.Reader
	Identity      string                   // that the backups are sealed to
	Signer        func(public string) bool // whose backups; nil accepts the key that they name
	Today         day.Day
}

// Restored says what came back.
type Restored struct {
	Public
	Objects int // readable again
	Purged  int // keys in the backup of what the lists say was destroyed: not restored
	Keyless int // ciphertexts without a key (destroyed, or stored, between the two backups): not restored
	Bare    int // keys without a ciphertext: not restored
}

// Restore makes a vault from a backup of its objects and one of its keys. They
// need not be of the same day: what was destroyed before the backup of the keys
// has no key there, and is not restored.
//
// Everything is checked before the folder gets its name: both backups (see
// [backup.Extract]), that they are of one vault (backup.other_vault), each
// ciphertext against its hash and each key against the root key. What was
// destroyed after the backup of the keys the vault cannot know; it opens nothing
// until [Vault.Settle].
func Restore(ctx context.Context, r Restoring) (out Restored, err error) {
	if _, err := os.Lstat(r.Dir); !errors.Is(err, fs.ErrNotExist) {
		return out, fault.New("vault.exists", "Mappen finns redan.", "The directory is there already.").
			Do("Välj en ny mapp; ett valv skrivs aldrig över.", "Choose a new directory; a vault is never written over.").At(fault.Where{File: filepath.Base(r.Dir)})
	}
	parent := filepath.Dir(filepath.Clean(r.Dir))
	work, err := os.MkdirTemp(parent, ".restore-*")
	if err != nil {
		return out, fmt.Errorf("restore: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	dir, spare := filepath.Join(work, "vault"), filepath.Join(work, "objects")
	want := backup.Want{Kind: backup.Keys, Signer: r.Signer, Today: r.Today}
	keys, err := backup.Extract(ctx, r.Keys, r.Identity, dir, want)
	if err != nil {
		return out, err
	}
	want.Kind = backup.Objects
	objects, err := backup.Extract(ctx, r.Objects, r.Identity, spare, want)
	if err != nil {
		return out, err
	}
	if keys.Head.Signer != objects.Head.Signer {
		return out, fault.New("backup.other_vault", "De två säkerhetskopiorna är av olika valv.", "The two backups are of different vaults.").
			Do("Ange två av samma valv.", "Name two of one vault.")
	}
	if err := join(dir, spare, &out); err != nil {
		return out, err
	}
	mark, err := canon.JSON(restored{restoredFormat, keys.Head.Made, objects.Head.Made})
	if err == nil {
		err = writeWhole(filepath.Join(dir, restoredFile), mark)
	}
	if err != nil {
		return out, err
	}
	if err := tryVault(dir, &out); err != nil {
		return out, err
	}
	if err := os.Rename(dir, r.Dir); err != nil {
		return out, fmt.Errorf("restore: %w", err)
	}
	return out, syncDir(parent)
}

// join puts the objects beside their keys.
func join(dir, spare string, out *Restored) error {
	for _, d := range []string{keyDir, objectDir, goneDir, ScratchDir, projectDir} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return err
		}
	}
	gone, err := joinJournals(filepath.Join(dir, goneDir), filepath.Join(spare, goneDir))
	if err != nil {
		return err
	}
	keys, err := os.ReadDir(filepath.Join(dir, keyDir))
	if err != nil {
		return err
	}
	for _, e := range keys {
		if err := joinObject(dir, spare, strings.TrimSuffix(e.Name(), ".json"), gone, out); err != nil {
			return err
		}
	}
	left, err := os.ReadDir(filepath.Join(spare, objectDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	out.Keyless = len(left)
	for _, name := range []string{ledgerFile, mailroomDir} {
		err := os.Rename(filepath.Join(spare, name), filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// joinObject takes one object over, or drops a key that is of no use.
func joinObject(dir, spare, id string, gone map[string]bool, out *Restored) error {
	key, object := filepath.Join(dir, keyDir, id+".json"), filepath.Join(spare, objectDir, id)
	b, err := os.ReadFile(key)
	if err != nil {
		return err
	}
	var rec record
	if json.Unmarshal(b, &rec) != nil || rec.Format != recordFormat || rec.ID != id {
		return damaged("en nyckelfil", "a key file", nil)
	}
	f, err := os.Open(object)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case gone[id]:
		out.Purged++
		return errors.Join(closeIf(f), overwrite(key), removeFile(key), removeFile(object))
	case missing:
		out.Bare++
		return errors.Join(overwrite(key), removeFile(key))
	case err != nil:
		return err
	}
	n, sum, err := canon.SumReader(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if n != rec.Bytes || sum != rec.Ciphertext {
		return damaged("ett objekt", "an object", nil)
	}
	out.Objects++
	return os.Rename(object, filepath.Join(dir, objectDir, id))
}

// joinJournals joins both lists of what was destroyed, and returns the ids.
func joinJournals(dir, other string) (map[string]bool, error) {
	ids := map[string]bool{}
	files, err := os.ReadDir(other)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	here, there := &Vault{dir: filepath.Dir(dir)}, &Vault{dir: filepath.Dir(other)}
	for _, e := range files {
		name := strings.TrimSuffix(e.Name(), ".json")
		a, err := here.readJournal(name)
		if err != nil {
			return nil, err
		}
		b, err := there.readJournal(name)
		if err != nil {
			return nil, err
		}
		for _, g := range b.Objects {
			if !slices.ContainsFunc(a.Objects, func(x gone) bool { return x.ID == g.ID }) {
				a.Objects = append(a.Objects, g)
			}
		}
		a.Tried, a.Final, a.Pending = max(a.Tried, b.Tried), a.Final || b.Final, nil // neither key nor ciphertext comes back
		if err := here.writeJournal(name, a); err != nil {
			return nil, err
		}
	}
	all, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		j, err := here.readJournal(strings.TrimSuffix(e.Name(), ".json"))
		if err != nil {
			return nil, err
		}
		for _, g := range j.Objects {
			ids[g.ID] = true
		}
	}
	return ids, nil
}

// tryVault opens the vault and every key in it.
func tryVault(dir string, out *Restored) (err error) {
	v, err := Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	for _, rec := range v.objects {
		if _, err := v.unwrap(rec); err != nil {
			return damaged("en nyckel", "a key", err)
		}
	}
	out.Public = v.Public()
	return nil
}

func wasRestored(dir string) (bool, error) {
	_, err := os.Stat(filepath.Join(dir, restoredFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Unsettled reports whether the vault was restored and has not heard yet what
// was purged since.
func (v *Vault) Unsettled() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.restored
}

// Settle destroys what these orders have left, which were purged after the
// backup was made, and lets the vault open its objects from then on. Each is
// destroyed as it would be today, before anything can be read. It returns what
// was destroyed, by order.
func (v *Vault) Settle(ctx context.Context, purged []string) (map[string][]works.Destroyed, error) {
	out := map[string][]works.Destroyed{}
	for _, order := range purged {
		d, err := v.Destroy(ctx, order)
		if err != nil {
			return out, err
		}
		out[order] = d
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := errors.Join(removeFile(filepath.Join(v.dir, restoredFile)), syncDir(v.dir)); err != nil {
		return out, err
	}
	v.restored = false
	return out, nil
}

func unsettled() error {
	f := fault.New("vault.restored", "Valvet är återläst och har inte hört vad som gallrats sedan dess.", "The vault was restored and has not heard what has been purged since.").
		Of(fault.Gate).Do("Låt det fråga disken: sluss-engine pull.", "Let it ask the counter: sluss-engine pull.")
	f.Rule, f.Promise, f.Law = "vault.restored", 10, "arkivlagen (1990:782) 10 §"
	return f
}
