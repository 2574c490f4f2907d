// Package vault keeps everything about single persons that the engine holds
// between two steps of an order: received population files, key files, finished
// files and parcels. Every object lies encrypted under a key of its own, so
// that destroying the key destroys the object, wherever copies of its
// ciphertext may be. A [Vault] is a works.Vault.
//
// [Create] makes a vault in a directory, [Open] opens it, [Vault.Put] and
// [Vault.Get] store and read, [Vault.Destroy] destroys all of an order and says
// what it destroyed.
//
//	root.key        the root key, which wraps the projects' keys; 0600. Or root.json:
//	                where else it is (a key service, a program)
//	projects/P.json the project's wrapped key, which wraps its objects' keys
//	identity.txt    the engine's age identity, which population files are sealed to
//	signing.key     the engine's signing key
//	keys/ID.json    an object's wrapped key and what it belongs to
//	objects/ID      its ciphertext, AES-256-GCM in segments of 1 MiB
//	destroyed/      what has been destroyed, for the purge protocol; holds no secret
//	scratch/        work in clear, one directory per order; wiped at start-up
//
// An object exists when its key file does. Owner, kind, name, version and
// id are bound into both encryptions, so that a file that is moved or
// renamed does not open.
//
// The private keys never leave the package: [Vault.Unseal] and [Vault.Sign] use
// them. What lies in scratch is in clear while a job runs; the directory can be
// a mount of its own, in memory or encrypted.
//
//	backups.json    the backups that were made of the keys, with their last days
//	restored.json   the vault was restored, and has not heard what was purged since
//
// A copy of keys/ in a backup still opens objects that were destroyed here,
// together with root.key. So keys have backups of their own ([WriteKeys]) with a
// last day, the purge protocol states that day ([KeysUntil]), and a vault that was
// restored opens nothing before it has destroyed what was purged since
// ([Vault.Settle]). ADR 17.
package vault

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/tink-crypto/tink-go/v2/tink"

	"sluss/internal/fault"
	"sluss/internal/sealed"
	"sluss/internal/signed"
)

const (
	rootFile     = "root.key"
	identityFile = "identity.txt"
	signingFile  = "signing.key"
	lockFile     = "lock"
	keyDir       = "keys"
	objectDir    = "objects"
	goneDir      = "destroyed"
)

// ScratchDir is the folder, within a vault's, with work in clear.
const ScratchDir = "scratch"

// Public is what others need to know of a vault.
type Public struct {
	Recipient string // age recipient: population files are sealed to it
	Signer    string // public signing key: manifests and protocols are checked with it
}

// Vault is an open vault. It is safe for concurrent use.
type Vault struct {
	dir      string
	root     tink.AEAD
	identity string
	signing  string
	public   Public
	unlock   func() error

	mu       sync.RWMutex
	restored bool                 // opens nothing before Settle
	objects  map[string]record    // by id
	projects map[string]tink.AEAD // by project
	reserved map[Object]int       // greatest version that a Put has begun
	ended    map[string]bool      // orders that have been destroyed

	// step is called between the steps of storing and destroying; tests stop
	// there as a power cut would.
	step func(name string) error
}

// Create makes a new vault in dir, which must be absent or empty, and returns
// its public keys. Name is put into the signing key and says whose it is.
func Create(dir, name string) (Public, error) {
	if name == "" || strings.ContainsAny(name, " +\t\n") {
		return Public{}, fault.New("vault.name", "Valvets namn ska vara utan mellanslag och plustecken.", "The vault's name has no space and no plus sign.")
	}
	if old, err := os.ReadDir(dir); err == nil && len(old) > 0 {
		return Public{}, fault.New("vault.exists", "Mappen är inte tom.", "The directory is not empty.").
			Do("Välj en ny mapp; ett valv skrivs aldrig över.", "Choose a new directory; a vault is never written over.").
			At(fault.Where{File: filepath.Base(dir)})
	}
	for _, d := range []string{keyDir, objectDir, goneDir, ScratchDir, projectDir} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return Public{}, fmt.Errorf("create vault: %w", err)
		}
	}
	identity, _, err := sealed.GenerateIdentity()
	if err != nil {
		return Public{}, fmt.Errorf("create vault: %w", err)
	}
	signing, _, err := signed.Generate(rand.Reader, name)
	if err != nil {
		return Public{}, fmt.Errorf("create vault: %w", err)
	}
	if err := sealed.WriteIdentity(filepath.Join(dir, identityFile), identity); err != nil {
		return Public{}, err
	}
	if err := writeWhole(filepath.Join(dir, signingFile), []byte(signing+"\n")); err != nil {
		return Public{}, fmt.Errorf("create vault: %w", err)
	}
	if err := newRootFile(dir); err != nil { // last: now it is a vault
		return Public{}, fmt.Errorf("create vault: %w", err)
	}
	return publicOf(identity, signing)
}

// Open opens the vault in dir for this process alone. It finishes a destruction
// that was interrupted, removes what an interrupted Put left, and wipes
// scratch. The fault vault.none says that there is no vault, vault.busy that
// another process has it open.
func Open(dir string) (_ *Vault, err error) {
	if err := hasRoot(dir); err != nil {
		return nil, fault.New("vault.none", "Mappen innehåller inget valv.", "The directory holds no vault.").
			At(fault.Where{File: filepath.Base(dir)}).
			Do("Skapa ett med sluss-engine vault init.", "Make one with sluss-engine vault init.").Because(err)
	}
	unlock, err := lock(filepath.Join(dir, lockFile))
	if errors.Is(err, errLocked) {
		return nil, fault.New("vault.busy", "En annan process använder valvet.", "Another process uses the vault.").
			Do("Vänta tills den är klar.", "Wait until it is done.")
	}
	if err != nil {
		return nil, fmt.Errorf("lock vault: %w", err)
	}
	v := &Vault{
		dir: dir, unlock: unlock, step: func(string) error { return nil },
		objects: map[string]record{}, projects: map[string]tink.AEAD{}, reserved: map[Object]int{}, ended: map[string]bool{},
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, unlock())
		}
	}()
	if err := v.readKeys(); err != nil {
		return nil, err
	}
	if err := v.recover(); err != nil {
		return nil, err
	}
	return v, nil
}

// Close lets other processes open the vault.
func (v *Vault) Close() error { return v.unlock() }

func (v *Vault) readKeys() error {
	roots, err := readRoots(v.dir)
	if err != nil {
		return err
	}
	if v.root, err = roots.aead(v.dir); err != nil {
		return err
	}
	if err := v.readProjects(); err != nil {
		return err
	}
	if v.restored, err = wasRestored(v.dir); err != nil {
		return err
	}
	if v.identity, err = sealed.ReadIdentity(filepath.Join(v.dir, identityFile)); err != nil {
		return err
	}
	signing, err := os.ReadFile(filepath.Join(v.dir, signingFile))
	if err != nil {
		return fmt.Errorf("open vault: %w", err)
	}
	v.signing = strings.TrimSpace(string(signing))
	if v.public, err = publicOf(v.identity, v.signing); err != nil {
		return damaged("signeringsnyckeln", "signing key", nil)
	}
	return nil
}

func publicOf(identity, signing string) (Public, error) {
	recipient, err := sealed.RecipientOf(identity)
	if err != nil {
		return Public{}, err
	}
	signer, err := signed.Public(signing)
	return Public{recipient, signer}, err
}

// Public returns the vault's public keys.
func (v *Vault) Public() Public { return v.public }

// Unseal opens a file that was sealed to the vault. Faults are those of
// [sealed.Open].
func (v *Vault) Unseal(r io.Reader) (io.Reader, error) { return sealed.Open(r, v.identity) }

// Sign signs a document with the vault's key; see [signed.Sign].
func (v *Vault) Sign(doc any) (string, error) { return signed.Sign(doc, v.signing) }

// Scratch returns an empty directory for work in clear on an order. [Vault.Wipe],
// [Vault.Destroy] and the next [Open] remove it with everything in it.
func (v *Vault) Scratch(order string) (string, error) {
	if err := v.Wipe(order); err != nil {
		return "", err
	}
	dir := filepath.Join(v.dir, ScratchDir, order)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("scratch: %w", err)
	}
	return dir, nil
}

// Wipe removes the order's scratch directory; one that is not there changes
// nothing.
func (v *Vault) Wipe(order string) error {
	if err := checkWord(order); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(v.dir, ScratchDir, order))
}

// checkWord accepts what can stand in a path on every system: order numbers,
// project codes and object names.
func checkWord(s string) error {
	ok := len(s) > 0 && len(s) <= 100 && s[0] != '.'
	for _, c := range []byte(s) {
		ok = ok && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.')
	}
	if !ok {
		return errors.New("vault: a name holds letters a-z, digits, - _ and . only")
	}
	return nil
}

func damaged(sv, en string, err error) *fault.Fault {
	return fault.New("vault.damaged", "Valvets fil är skadad: "+sv+".", "A file of the vault is damaged: "+en+".").
		Of(fault.Internal).Do("Läs in den ur säkerhetskopian.", "Restore it from the backup.").Because(err)
}

// writeWhole writes a file that is there whole or not at all, mode 0600.
func writeWhole(path string, b []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes renames and removals in a directory last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// removeFile removes a file; one that is not there changes nothing.
func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
