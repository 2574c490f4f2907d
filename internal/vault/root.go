package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"sluss/internal/canon"
	"sluss/internal/fault"
)

// Kinds of root keys.
const (
	RootFile    = "file"    // root.key in the vault's folder
	RootTransit = "transit" // a key service with the HTTP interface of HashiCorp Vault's transit engine
	RootCommand = "command" // a program that wraps and unwraps, such as one for a hardware module
)

// RootSpec says where a root key is. It holds no secret.
type RootSpec struct {
	Kind string `json:"kind"`
	// Of a key service: its address, the key's name, and the file that holds the
	// token to use it with.
	URL   string `json:"url,omitempty"`
	Key   string `json:"key,omitempty"`
	Token string `json:"token,omitempty"`
	// Of a program: its name and arguments.
	Command []string `json:"command,omitempty"`
}

// rootsFile lists the roots of a vault, the one in use first; a vault without
// it has a key in a file.
const (
	rootsFile   = "root.json"
	rootsFormat = "sluss/root/v1"
)

type roots struct {
	Format string     `json:"format"`
	Roots  []RootSpec `json:"roots"`
}

// hasRoot reports whether a folder holds a vault.
func hasRoot(dir string) error {
	_, err := os.Stat(filepath.Join(dir, rootFile))
	if errors.Is(err, fs.ErrNotExist) {
		_, err = os.Stat(filepath.Join(dir, rootsFile))
	}
	return err
}

func readRoots(dir string) (roots, error) {
	r := roots{rootsFormat, []RootSpec{{Kind: RootFile}}}
	b, err := os.ReadFile(filepath.Join(dir, rootsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil || r.Format != rootsFormat || len(r.Roots) == 0 {
		return r, damaged("uppgiften om rotnyckeln", "where the root key is", err)
	}
	return r, nil
}

func (r roots) write(dir string) error {
	b, err := canon.JSON(r)
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(dir, rootsFile), b)
}

// aead is the root key: the first wraps, all unwrap.
func (r roots) aead(dir string) (tink.AEAD, error) {
	var all anyOf
	for _, s := range r.Roots {
		a, err := s.open(dir)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

func (s RootSpec) open(dir string) (tink.AEAD, error) {
	switch s.Kind {
	case RootFile:
		handle, err := readRootFile(dir)
		if err != nil {
			return nil, err
		}
		a, err := aead.New(handle)
		if err != nil {
			return nil, damaged("rotnyckeln", "root key", nil)
		}
		return a, nil
	case RootTransit:
		return newTransit(s)
	case RootCommand:
		return newCommand(s)
	}
	return nil, rootFault("kind", "Rotnyckelns slag är okänt.", "The kind of the root key is unknown.", nil)
}

// begin adds the new root before the old one. Without another kind, the file or
// the service gets a new key of its own.
func (r roots) begin(dir string, to *RootSpec) (roots, error) {
	if to == nil {
		if r.Roots[0].Kind == RootFile {
			return r, addToRootFile(dir)
		}
		return r, nil // the service has made a new version of its key, and wraps with that
	}
	if at := slices.IndexFunc(r.Roots, func(s RootSpec) bool { return same(s, *to) }); at >= 0 { // an interrupted run
		r.Roots = slices.Delete(slices.Clone(r.Roots), at, at+1)
	}
	r.Roots = append([]RootSpec{*to}, r.Roots...)
	if to.Kind == RootFile {
		if _, err := os.Stat(filepath.Join(dir, rootFile)); errors.Is(err, fs.ErrNotExist) {
			if err := newRootFile(dir); err != nil {
				return r, err
			}
		}
	}
	a, err := to.open(dir)
	if err != nil {
		return r, err
	}
	if err := tryRoot(a); err != nil { // before anything depends on it
		return r, err
	}
	return r, r.write(dir)
}

// tryRoot wraps and unwraps something.
func tryRoot(a tink.AEAD) error {
	probe, bound := []byte(rand.Text()), []byte("sluss/probe/v1")
	c, err := a.Encrypt(probe, bound)
	if err != nil {
		return err
	}
	got, err := a.Decrypt(c, bound)
	if err != nil {
		return err
	}
	if _, err := a.Decrypt(c, []byte("another")); err == nil || !bytes.Equal(got, probe) {
		return rootFault("probe", "Rotnyckeln binder inte det som den ska.", "The root key does not bind what it should.", nil)
	}
	return nil
}

func same(a, b RootSpec) bool {
	return a.Kind == b.Kind && a.URL == b.URL && a.Key == b.Key && slices.Equal(a.Command, b.Command)
}

// end leaves the first root alone, and destroys a file that is none any more.
func (r roots) end(dir string) (roots, error) {
	r.Roots = r.Roots[:1]
	if r.Roots[0].Kind == RootFile {
		if err := onlyPrimary(dir); err != nil {
			return r, err
		}
		return r, errors.Join(removeFile(filepath.Join(dir, rootsFile)), syncDir(dir))
	}
	if err := r.write(dir); err != nil {
		return r, err
	}
	path := filepath.Join(dir, rootFile)
	if err := errors.Join(overwrite(path), removeFile(path)); err != nil {
		return r, fmt.Errorf("vault: destroy the old root key: %w", err)
	}
	return r, syncDir(dir)
}

// anyOf wraps with the first key and unwraps with whichever can.
type anyOf []tink.AEAD

func (a anyOf) Encrypt(plain, bound []byte) ([]byte, error) { return a[0].Encrypt(plain, bound) }

// Decrypt returns, where none can, what a key service said, if one said anything.
func (a anyOf) Decrypt(text, bound []byte) ([]byte, error) {
	failed := errors.New("the root key does not open it")
	for _, k := range a {
		plain, err := k.Decrypt(text, bound)
		if err == nil {
			return plain, nil
		}
		if f, ok := errors.AsType[*fault.Fault](err); ok {
			failed = f
		}
	}
	return nil, failed
}

func readRootFile(dir string) (*keyset.Handle, error) {
	text, err := os.ReadFile(filepath.Join(dir, rootFile))
	if err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		return nil, damaged("rotnyckeln", "root key", nil) // the cause could quote the key
	}
	return handle, nil
}

func newRootFile(dir string) error {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return err
	}
	return writeRootFile(dir, handle)
}

// writeRootFile replaces root.key, and fills what was there with random bytes.
func writeRootFile(dir string, handle *keyset.Handle) error {
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		return errors.New("vault: the root key cannot be written")
	}
	path := filepath.Join(dir, rootFile)
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := writeWhole(path, text.Bytes()); err != nil {
		return errors.Join(err, closeIf(old))
	}
	if old == nil {
		return nil
	}
	info, err := old.Stat()
	if err == nil {
		_, err = io.CopyN(old, rand.Reader, info.Size())
	}
	return errors.Join(err, old.Sync(), old.Close())
}

func closeIf(f *os.File) error {
	if f == nil {
		return nil
	}
	return f.Close()
}

// addToRootFile puts a new key into root.key, which wraps from now on.
func addToRootFile(dir string) error {
	handle, err := readRootFile(dir)
	if err != nil {
		return err
	}
	m := keyset.NewManagerFromHandle(handle)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err == nil {
		err = m.SetPrimary(id)
	}
	if err != nil {
		return fmt.Errorf("vault: new root key: %w", err)
	}
	if handle, err = m.Handle(); err != nil {
		return fmt.Errorf("vault: new root key: %w", err)
	}
	return writeRootFile(dir, handle)
}

// onlyPrimary takes the former keys out of root.key.
func onlyPrimary(dir string) error {
	handle, err := readRootFile(dir)
	if err != nil {
		return err
	}
	info := handle.KeysetInfo()
	m := keyset.NewManagerFromHandle(handle)
	for _, k := range info.GetKeyInfo() {
		if k.GetKeyId() == info.GetPrimaryKeyId() {
			continue
		}
		if err := m.Delete(k.GetKeyId()); err != nil {
			return fmt.Errorf("vault: drop the former root key: %w", err)
		}
	}
	if handle, err = m.Handle(); err != nil {
		return fmt.Errorf("vault: drop the former root key: %w", err)
	}
	return writeRootFile(dir, handle)
}

func rootFault(code, sv, en string, err error) *fault.Fault {
	return fault.New("vault.root_"+code, sv, en).Of(fault.Internal).
		Do("Se docs/operations.md om rotnyckeln.", "See docs/operations.md about the root key.").Because(err)
}
