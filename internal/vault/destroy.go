package vault

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tink-crypto/tink-go/v2/tink"

	"sluss/internal/canon"
	"sluss/internal/works"
)

// gone is an object that has been destroyed, as the purge protocol states it.
type gone struct {
	ID         string     `json:"id"`
	Owner      string     `json:"owner"`
	Kind       string     `json:"kind"`
	Name       string     `json:"name"`
	Version    int        `json:"version"`
	Bytes      int64      `json:"bytes"`      // of the ciphertext
	Ciphertext canon.Hash `json:"ciphertext"` // its hash: a copy that turns up can be recognised
	Key        canon.Hash `json:"key"`        // hash of the wrapped key
}

func (g gone) label() label { return label{recordFormat, g.ID, g.Owner, g.Kind, g.Name, g.Version} }

// outcome says what has been destroyed, in the order in which it was.
type outcome struct {
	objects []gone
	tried   int  // keys that were tried on the ciphertexts and did not open them
	before  bool // everything was gone before this run
}

// journal is a file under destroyed/. It is written before anything is
// destroyed, so that an interrupted run can be finished and reported whole.
type journal struct {
	Format  string   `json:"format"`
	Objects []gone   `json:"objects"`
	Tried   int      `json:"tried"`
	Pending []string `json:"pending"` // ids that are being destroyed
	Final   bool     `json:"final"`   // the whole order is gone
}

const journalFormat = "sluss/destroyed/v1"

func journalOf(owner string) string {
	if code, ok := strings.CutPrefix(owner, projectPrefix); ok {
		return "project-" + code
	}
	return "order-" + owner
}

// Destroy destroys every object of an owner, and its scratch directory:
//
//  1. what is to go is written down
//  2. each wrapped key is overwritten, synced and removed
//  3. each ciphertext is tried with every key that is left; none may open it
//  4. the ciphertexts are removed
//
// It returns all that was ever destroyed of the owner, also versions that were
// replaced, so that a second run, which changes nothing, can still write the
// protocol. A run that is cut short is finished by the next, or by [Open]. An
// order takes no new objects from then on; a project can, under a new key.
func (v *Vault) Destroy(ctx context.Context, owner string) ([]works.Destroyed, error) {
	o, err := v.destroy(ctx, owner)
	if err != nil {
		return nil, err
	}
	out := make([]works.Destroyed, len(o.objects))
	for i, g := range o.objects {
		out[i] = works.Destroyed{Object: fmt.Sprintf("%s/%s@%d", g.Kind, g.Name, g.Version), SHA256: g.Ciphertext, Key: string(g.Key)}
	}
	return out, nil
}

func (v *Vault) destroy(ctx context.Context, owner string) (outcome, error) {
	if err := checkWord(strings.TrimPrefix(owner, projectPrefix)); err != nil {
		return outcome{}, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	order := !strings.HasPrefix(owner, projectPrefix)
	if order {
		if err := v.Wipe(owner); err != nil {
			return outcome{}, fmt.Errorf("vault: wipe scratch: %w", err)
		}
	}
	d, err := v.shred(ctx, journalOf(owner), v.match(func(o Object) bool { return o.Owner == owner }), order)
	if err == nil && order {
		v.ended[owner] = true
	}
	return d, err
}

// Remove destroys one object, in the same way; one that is not there changes
// nothing. A later Destroy of the owner reports it too.
func (v *Vault) Remove(ctx context.Context, o Object) error {
	if err := check(o); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	_, err := v.shred(ctx, journalOf(o.Owner), v.match(func(x Object) bool { return x == o }), false)
	return err
}

// shred destroys targets, and what a former run left undone, under the journal
// called name.
func (v *Vault) shred(ctx context.Context, name string, targets []record, final bool) (outcome, error) {
	j, err := v.readJournal(name)
	if err != nil {
		return outcome{}, err
	}
	before := len(targets) == 0 && len(j.Pending) == 0
	if before && (j.Final || !final) {
		return outcome{j.Objects, j.Tried, true}, nil
	}
	for _, rec := range targets {
		if !slices.ContainsFunc(j.Objects, func(g gone) bool { return g.ID == rec.ID }) {
			j.Objects = append(j.Objects, gone{rec.ID, rec.Owner, rec.Kind, rec.Name, rec.Version, rec.Bytes, rec.Ciphertext, canon.Sum(rec.Key)})
			j.Pending = append(j.Pending, rec.ID)
		}
	}
	j.Final = j.Final || final
	if err := v.writeJournal(name, j); err != nil {
		return outcome{}, err
	}
	if err := v.step("written down"); err != nil {
		return outcome{}, err
	}
	if err := v.shredKeys(j.Pending); err != nil {
		return outcome{}, err
	}
	tried, err := v.prove(ctx, j)
	if err != nil {
		return outcome{}, err
	}
	if err := v.removeObjects(j.Pending); err != nil {
		return outcome{}, err
	}
	if err := v.dropProjects(); err != nil {
		return outcome{}, err
	}
	j.Pending, j.Tried = nil, j.Tried+tried
	if err := v.writeJournal(name, j); err != nil {
		return outcome{}, err
	}
	return outcome{j.Objects, j.Tried, before}, nil
}

func (v *Vault) shredKeys(ids []string) error {
	for _, id := range ids {
		if err := overwrite(v.keyPath(id)); err != nil {
			return fmt.Errorf("vault: overwrite a key: %w", err)
		}
		if err := v.step("key overwritten"); err != nil {
			return err
		}
		if err := removeFile(v.keyPath(id)); err != nil {
			return fmt.Errorf("vault: remove a key: %w", err)
		}
		delete(v.objects, id)
		if err := v.step("key removed"); err != nil {
			return err
		}
	}
	return syncDir(filepath.Join(v.dir, keyDir))
}

// prove tries every remaining key on every pending ciphertext and returns the
// number of keys. One that opens is an error: the ciphertext then stays, for
// somebody to look at.
func (v *Vault) prove(ctx context.Context, j journal) (tried int, err error) {
	type target struct{ head, bound []byte }
	var targets []target
	for _, g := range j.Objects {
		if !slices.Contains(j.Pending, g.ID) {
			continue
		}
		if _, err := os.Stat(v.keyPath(g.ID)); !errors.Is(err, fs.ErrNotExist) {
			return 0, errors.New("vault: a key is still there after it was destroyed")
		}
		head, err := firstSegment(v.objectPath(g.ID))
		if err != nil {
			return 0, err
		}
		bound, err := g.label().bound()
		if err != nil {
			return 0, err
		}
		if head != nil {
			targets = append(targets, target{head, bound})
		}
	}
	for _, rec := range v.objects {
		cipher, err := v.unwrap(rec)
		if err != nil {
			return tried, damaged("en nyckel", "a key", err)
		}
		tried++
		for _, t := range targets {
			if err := ctx.Err(); err != nil {
				return tried, err
			}
			if opens(cipher, t.head, t.bound) {
				return tried, errors.New("vault: a remaining key opens an object that was to be destroyed")
			}
		}
	}
	return tried, nil
}

// opens reports whether a cipher reads the beginning of a ciphertext.
func opens(cipher tink.StreamingAEAD, head, bound []byte) bool {
	r, err := cipher.NewDecryptingReader(bytes.NewReader(head), bound)
	if err != nil {
		return false
	}
	n, err := io.ReadFull(r, make([]byte, 1))
	return n > 0 || errors.Is(err, io.EOF) // EOF: the content is empty
}

// segment is the size of the first segment of a ciphertext with its header,
// and somewhat more: what follows tells the cipher that it is not the last one.
const segment = 1<<20 + 64

// firstSegment returns nil where the file is gone.
func firstSegment(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, segment))
	return b, errors.Join(err, f.Close())
}

func (v *Vault) removeObjects(ids []string) error {
	for _, id := range ids {
		if err := removeFile(v.objectPath(id)); err != nil {
			return fmt.Errorf("vault: remove an object: %w", err)
		}
		if err := v.step("object removed"); err != nil {
			return err
		}
	}
	return syncDir(filepath.Join(v.dir, objectDir))
}

// overwrite fills a file with random bytes; one that is not there changes
// nothing. On a disk that writes elsewhere each time (flash, copy on write) the
// old bytes can survive for a while; the protocol does not promise otherwise.
func overwrite(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	s, err := f.Stat()
	if err == nil {
		_, err = io.CopyN(f, rand.Reader, s.Size())
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (v *Vault) journalPath(name string) string {
	return filepath.Join(v.dir, goneDir, name+".json")
}

func (v *Vault) readJournal(name string) (journal, error) {
	j := journal{Format: journalFormat, Objects: []gone{}}
	b, err := os.ReadFile(v.journalPath(name))
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &j)
	}
	if err != nil || j.Format != journalFormat {
		return j, damaged("förteckningen över det som gallrats", "the list of what was destroyed", err)
	}
	return j, nil
}

func (v *Vault) writeJournal(name string, j journal) error {
	b, err := canon.JSON(j)
	if err != nil {
		return err
	}
	if err := writeWhole(v.journalPath(name), b); err != nil {
		return fmt.Errorf("vault: write down what is destroyed: %w", err)
	}
	return nil
}

// recover reads the key files, finishes what was interrupted and clears away
// what belongs to nothing.
func (v *Vault) recover() error {
	scratch, err := os.ReadDir(filepath.Join(v.dir, ScratchDir))
	if err != nil {
		return fmt.Errorf("open vault: %w", err)
	}
	for _, s := range scratch {
		if err := os.RemoveAll(filepath.Join(v.dir, ScratchDir, s.Name())); err != nil {
			return fmt.Errorf("wipe scratch: %w", err)
		}
	}
	pending, err := v.pending()
	if err != nil {
		return err
	}
	if err := v.readRecords(pending); err != nil {
		return err
	}
	for name := range pending.journals {
		if _, err := v.shred(context.Background(), name, nil, false); err != nil {
			return err
		}
	}
	if err := v.dropReplaced(); err != nil {
		return err
	}
	if err := v.dropOrphans(); err != nil {
		return err
	}
	return v.dropProjects()
}

type pending struct {
	ids      map[string]bool
	journals map[string]bool
}

func (v *Vault) pending() (pending, error) {
	p := pending{map[string]bool{}, map[string]bool{}}
	all, err := os.ReadDir(filepath.Join(v.dir, goneDir))
	if err != nil {
		return p, fmt.Errorf("open vault: %w", err)
	}
	for _, e := range all {
		name, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok {
			continue
		}
		j, err := v.readJournal(name)
		if err != nil {
			return p, err
		}
		if order, ok := strings.CutPrefix(name, "order-"); ok && j.Final {
			v.ended[order] = true
		}
		for _, id := range j.Pending {
			p.ids[id], p.journals[name] = true, true
		}
	}
	return p, nil
}

func (v *Vault) readRecords(p pending) error {
	files, err := os.ReadDir(filepath.Join(v.dir, keyDir))
	if err != nil {
		return fmt.Errorf("open vault: %w", err)
	}
	for _, e := range files {
		id, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok { // an interrupted write
			if err := removeFile(filepath.Join(v.dir, keyDir, e.Name())); err != nil {
				return err
			}
			continue
		}
		if p.ids[id] { // being destroyed, perhaps overwritten already
			continue
		}
		b, err := os.ReadFile(v.keyPath(id))
		if err != nil {
			return fmt.Errorf("open vault: %w", err)
		}
		var rec record
		if json.Unmarshal(b, &rec) != nil || rec.Format != recordFormat || rec.ID != id || check(rec.object()) != nil {
			return damaged("en nyckelfil", "a key file", nil)
		}
		v.objects[id] = rec
	}
	return nil
}

// dropReplaced destroys versions whose replacement was stored just before an
// interruption.
func (v *Vault) dropReplaced() error {
	for _, rec := range v.match(func(Object) bool { return true }) {
		if latest, _ := v.find(rec.object()); latest.Version > rec.Version {
			if _, err := v.shred(context.Background(), journalOf(rec.Owner), []record{rec}, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropOrphans removes ciphertexts without a key.
func (v *Vault) dropOrphans() error {
	files, err := os.ReadDir(filepath.Join(v.dir, objectDir))
	if err != nil {
		return fmt.Errorf("open vault: %w", err)
	}
	for _, e := range files {
		if _, ok := v.objects[e.Name()]; !ok {
			if err := removeFile(filepath.Join(v.dir, objectDir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
