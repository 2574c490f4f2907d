package vault

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/streamingaead"
	"github.com/tink-crypto/tink-go/v2/tink"

	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/works"
)

// Object names something that is kept. Its owner is an order, or "project/"
// with the project's code for a key that outlives orders; its parts hold letters
// a-z, digits, - _ and . only, never anybody's data.
type Object = works.Object

// ErrNotFound: there is no such object, or it has been destroyed.
var ErrNotFound = works.ErrNotFound

// Info describes a stored object.
type Info struct {
	Object
	ID      string
	Version int        // 1, 2, … every time it is replaced
	Bytes   int64      // of the content
	SHA256  canon.Hash // of the content
}

// label is what is bound into an object's encryption.
type label struct {
	Format  string `json:"format"`
	ID      string `json:"id"`
	Owner   string `json:"owner"`
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Version int    `json:"version"`
}

func labelOf(id string, o Object, version int) label {
	return label{recordFormat, id, o.Owner, o.Kind, o.Name, version}
}

func (l label) object() Object { return Object{Owner: l.Owner, Kind: l.Kind, Name: l.Name} }

const recordFormat = "sluss/object/v1"

// record is a key file.
type record struct {
	label
	Ciphertext canon.Hash `json:"ciphertext"`
	Bytes      int64      `json:"bytes"`          // of the ciphertext
	Wrap       string     `json:"wrap,omitempty"` // "project": the project's key wraps; "": the root key itself, in files of earlier programs
	Key        []byte     `json:"key"`            // wrapped
	Content    []byte     `json:"content"`
}

// content is what a record says about the content, encrypted: the hash of a
// small file could otherwise be guessed from.
type content struct {
	Bytes  int64      `json:"bytes"`
	SHA256 canon.Hash `json:"sha256"`
}

func (l label) bound() ([]byte, error) { return canon.JSON(l) }

// boundKey is what the wrapped key and the content's description are bound to.
func (r record) boundKey() ([]byte, error) {
	return canon.JSON(struct {
		label
		Ciphertext canon.Hash `json:"ciphertext"`
	}{r.label, r.Ciphertext})
}

const projectPrefix = "project/"

// check accepts a well-formed object. Only a key can belong to a project and
// outlive the order that made it; everything else goes with its order.
func check(o Object) error {
	if strings.HasPrefix(o.Owner, projectPrefix) && o.Kind != works.ObjectDomain {
		return errors.New("vault: only a key table can belong to a project")
	}
	for _, w := range []string{strings.TrimPrefix(o.Owner, projectPrefix), o.Kind, o.Name} {
		if err := checkWord(w); err != nil {
			return err
		}
	}
	return nil
}

// Put stores r under the object's name. An object that is there already is
// replaced, and its former version destroyed. It is all or nothing: where r
// fails, nothing has changed. The gate vault.destroyed refuses objects of an
// order that has been destroyed. R may itself read from the vault. It returns size
// and hash of the content.
func (v *Vault) Put(ctx context.Context, o Object, r io.Reader) (int64, canon.Hash, error) {
	if err := check(o); err != nil {
		return 0, "", err
	}
	rec, err := v.begin(o)
	if err != nil {
		return 0, "", err
	}
	handle, err := keyset.NewHandle(streamingaead.AES256GCMHKDF1MBKeyTemplate())
	if err != nil {
		return 0, "", err
	}
	about, err := v.encrypt(ctx, handle, &rec, r)
	if err == nil {
		err = v.commit(ctx, handle, &rec, about)
	}
	if err != nil {
		err = fmt.Errorf("vault: put %s: %w", o.Kind, err)
		if !v.holds(rec.ID) { // else it is stored, and only its former version is left to destroy
			err = errors.Join(err, removeFile(v.objectPath(rec.ID)))
		}
		return 0, "", err
	}
	return about.Bytes, about.SHA256, nil
}

// begin reserves the object's next version.
func (v *Vault) begin(o Object) (record, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.open(o); err != nil {
		return record{}, err
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails, by its contract
	old, _ := v.find(o)
	rec := record{label: labelOf(hex.EncodeToString(id), o, max(old.Version, v.reserved[o])+1)}
	v.reserved[o] = rec.Version
	return rec, nil
}

// open refuses objects of an order that has been destroyed.
func (v *Vault) open(o Object) error {
	if !v.ended[o.Owner] {
		return nil
	}
	f := fault.New("vault.destroyed", "Beställningens uppgifter är gallrade; inget nytt tas emot.", "The order's data have been purged; nothing new is taken in.").Of(fault.Gate)
	f.Rule, f.Promise = "vault.destroyed", 10
	return f
}

// commit writes the key file, which makes the object exist, and destroys
// former versions. Meanwhile the order may have been destroyed, or somebody
// else may have replaced the object by a later version.
func (v *Vault) commit(ctx context.Context, handle *keyset.Handle, rec *record, about content) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.step("ciphertext written"); err != nil {
		return err
	}
	if err := v.open(rec.object()); err != nil {
		return err
	}
	if latest, _ := v.find(rec.object()); latest.Version > rec.Version {
		return errors.New("somebody else stored a later version")
	}
	if err := v.writeKey(handle, rec, about); err != nil {
		return err
	}
	former := v.match(func(x Object) bool { return x == rec.object() })
	v.objects[rec.ID] = *rec
	if err := v.step("key written"); err != nil {
		return err
	}
	if len(former) == 0 {
		return nil
	}
	_, err := v.shred(ctx, journalOf(rec.Owner), former, false)
	return err
}

func (v *Vault) writeKey(handle *keyset.Handle, rec *record, about content) error {
	bound, err := rec.boundKey()
	if err != nil {
		return err
	}
	project, err := v.project(projectOf(rec.Owner))
	if err != nil {
		return err
	}
	rec.Wrap = wrapProject
	var wrapped bytes.Buffer
	if err := handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&wrapped), project, bound); err != nil {
		return err
	}
	rec.Key = wrapped.Bytes()
	plain, err := json.Marshal(about)
	if err != nil {
		return err
	}
	if rec.Content, err = project.Encrypt(plain, bound); err != nil {
		return err
	}
	text, err := canon.JSON(rec)
	if err != nil {
		return err
	}
	return writeWhole(v.keyPath(rec.ID), text)
}

// encrypt writes the ciphertext and fills in its size and hash.
func (v *Vault) encrypt(ctx context.Context, handle *keyset.Handle, rec *record, r io.Reader) (about content, err error) {
	cipher, err := streamingaead.New(handle)
	if err != nil {
		return about, err
	}
	bound, err := rec.bound()
	if err != nil {
		return about, err
	}
	f, err := os.OpenFile(v.objectPath(rec.ID), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return about, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sum := newSummer(f)
	w, err := cipher.NewEncryptingWriter(sum, bound)
	if err != nil {
		return about, err
	}
	about.Bytes, about.SHA256, err = canon.SumReader(io.TeeReader(contextReader{ctx, r}, w))
	if err != nil {
		return about, err
	}
	if err := w.Close(); err != nil {
		return about, err
	}
	rec.Bytes, rec.Ciphertext = sum.result()
	return about, f.Sync()
}

// Get opens the object's latest version. Its content is whole once the reader
// gives io.EOF; damage is the fault vault.damaged. ErrNotFound where there is
// no such object.
func (v *Vault) Get(ctx context.Context, o Object) (io.ReadCloser, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.restored {
		return nil, unsettled()
	}
	rec, ok := v.find(o)
	if !ok {
		return nil, ErrNotFound
	}
	cipher, err := v.unwrap(rec)
	if err != nil {
		return nil, damaged("en nyckel", "a key", err)
	}
	bound, err := rec.bound()
	if err != nil {
		return nil, err
	}
	f, err := os.Open(v.objectPath(rec.ID))
	if err != nil {
		return nil, damaged("ett objekt saknas", "an object is missing", err)
	}
	r, err := cipher.NewDecryptingReader(contextReader{ctx, f}, bound)
	if err != nil {
		return nil, errors.Join(damaged("ett objekt", "an object", err), f.Close())
	}
	return &reader{r, f, ctx}, nil
}

func (v *Vault) holds(id string) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	_, ok := v.objects[id]
	return ok
}

// List returns what an owner has, by kind and name.
func (v *Vault) List(owner string) ([]Info, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var out []Info
	for _, rec := range v.match(func(o Object) bool { return o.Owner == owner }) {
		info, err := v.describe(rec)
		if err != nil {
			return nil, err
		}
		out = append(out, info)
	}
	return out, nil
}

// match returns records in a fixed order: kind, name, version, id.
func (v *Vault) match(mine func(Object) bool) []record {
	var out []record
	for _, rec := range v.objects {
		if mine(rec.object()) {
			out = append(out, rec)
		}
	}
	slices.SortFunc(out, func(a, b record) int {
		if c := strings.Compare(a.Kind+"\x00"+a.Name, b.Kind+"\x00"+b.Name); c != 0 {
			return c
		}
		if a.Version != b.Version {
			return a.Version - b.Version
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}

// find returns the latest version of an object.
func (v *Vault) find(o Object) (record, bool) {
	all := v.match(func(x Object) bool { return x == o })
	if len(all) == 0 {
		return record{}, false
	}
	return all[len(all)-1], true
}

func (v *Vault) describe(rec record) (Info, error) {
	bound, err := rec.boundKey()
	if err != nil {
		return Info{}, err
	}
	key, err := v.wrapper(rec)
	if err != nil {
		return Info{}, damaged("en nyckelfil", "a key file", err)
	}
	plain, err := key.Decrypt(rec.Content, bound)
	var about content
	if err != nil || json.Unmarshal(plain, &about) != nil {
		return Info{}, damaged("en nyckelfil", "a key file", err)
	}
	return Info{rec.object(), rec.ID, rec.Version, about.Bytes, about.SHA256}, nil
}

// unwrap gives the object's cipher; an error where key and label do not fit.
func (v *Vault) unwrap(rec record) (tink.StreamingAEAD, error) {
	handle, err := v.unwrapHandle(rec)
	if err != nil {
		return nil, err
	}
	return streamingaead.New(handle)
}

func (v *Vault) unwrapHandle(rec record) (*keyset.Handle, error) {
	bound, err := rec.boundKey()
	if err != nil {
		return nil, err
	}
	key, err := v.wrapper(rec)
	if err != nil {
		return nil, err
	}
	return keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(rec.Key)), key, bound)
}

func (v *Vault) keyPath(id string) string    { return filepath.Join(v.dir, keyDir, id+".json") }
func (v *Vault) objectPath(id string) string { return filepath.Join(v.dir, objectDir, id) }
