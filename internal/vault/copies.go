package vault

import (
	"bytes"
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
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"sluss/internal/backup"
	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/signed"
)

const (
	backupsFile   = "backups.json"
	backupsFormat = "sluss/key-backups/v1"
	mailroomDir   = "mailroom"
	ledgerFile    = "ledger.db"
)

// Copying says what [Copy] writes.
type Copying struct {
	Dir       string
	Recipient string // age key that neither program holds
	Made      time.Time
	// Objects is where ciphertexts, ledger and the list of what was destroyed go;
	// nil for none. Ledger is a copy of ledger.db, made before Copy was called.
	Objects      io.Writer
	ObjectsUntil day.Day
	Ledger       string
	// Keys is where the keys go; nil for none.
	Keys      io.Writer
	KeysUntil day.Day
}

// Copied says what was written.
type Copied struct {
	Objects, Keys *backup.Manifest // nil where none was asked for
}

// Copy makes backups of a vault that may be in use by another process. Objects
// and keys are two files: the first opens nothing by itself and may be kept for
// long, the second is small, is made often, and has a last day, which the vault
// remembers from before the first key is read, so that every purge protocol
// names it. A file in clear (scratch) or without a key of its own (the mailroom)
// is in neither.
func Copy(ctx context.Context, c Copying) (Copied, error) {
	if _, err := ReadPublic(c.Dir); err != nil {
		return Copied{}, err
	}
	if c.Keys != nil {
		if err := noteKeyBackup(c.Dir, c.KeysUntil); err != nil {
			return Copied{}, err
		}
	}
	const tries = 5
	for n := 1; ; n++ {
		out, err := copyOnce(ctx, c)
		if !errors.Is(err, fs.ErrNotExist) || n == tries {
			return out, err
		}
		// An object was destroyed or replaced while it was copied: begin again.
		if err := rewind(c.Objects, c.Keys); err != nil {
			return Copied{}, err
		}
	}
}

// rewind empties what has been written to files.
func rewind(all ...io.Writer) error {
	for _, w := range all {
		f, ok := w.(interface {
			io.Seeker
			Truncate(int64) error
		})
		if !ok {
			if w == nil {
				continue
			}
			return errors.New("vault: changed while it was copied")
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := f.Truncate(0); err != nil {
			return err
		}
	}
	return nil
}

// small is a little file held in memory.
type small struct {
	name string
	text []byte
}

func copyOnce(ctx context.Context, c Copying) (out Copied, err error) {
	keys, records, err := readKeyFiles(c.Dir)
	if err != nil {
		return out, err
	}
	signing, err := os.ReadFile(filepath.Join(c.Dir, signingFile))
	if err != nil {
		return out, err
	}
	public, err := signed.Public(string(signing))
	if err != nil {
		return out, damaged("signeringsnyckeln", "signing key", nil)
	}
	sign := func(doc any) (string, error) { return signed.Sign(doc, string(signing)) }
	if c.Objects != nil {
		w, err := backup.New(c.Objects, c.Recipient, backup.Head{Kind: backup.Objects, Until: c.ObjectsUntil, Signer: public}, c.Made, sign)
		if err != nil {
			return out, err
		}
		if err := copyObjects(ctx, w, c, records); err != nil {
			return out, err
		}
		m, err := w.Close(map[string]string{"objects": fmt.Sprint(len(records))})
		if err != nil {
			return out, err
		}
		out.Objects = &m
	}
	if c.Keys != nil {
		w, err := backup.New(c.Keys, c.Recipient, backup.Head{Kind: backup.Keys, Until: c.KeysUntil, Signer: public}, c.Made, sign)
		if err != nil {
			return out, err
		}
		for _, s := range keys {
			if err := w.Add(ctx, s.name, int64(len(s.text)), bytes.NewReader(s.text)); err != nil {
				return out, err
			}
		}
		m, err := w.Close(map[string]string{"keys": fmt.Sprint(len(records))})
		if err != nil {
			return out, err
		}
		out.Keys = &m
	}
	return out, nil
}

// readKeyFiles reads everything small of a vault that may be in use, at one
// moment: what is read is opened with the root key that was read, and read
// again when a new root key came between.
func readKeyFiles(dir string) (files []small, records []record, err error) {
	for range 5 {
		if files, records, err = readKeyFilesOnce(dir); err == nil {
			return files, records, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil, nil, err
}

func readKeyFilesOnce(dir string) (files []small, records []record, err error) {
	for _, name := range []string{rootFile, rootsFile, identityFile, signingFile, backupsFile} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		files = append(files, small{name, b})
	}
	for _, folder := range []string{projectDir, keyDir, goneDir} {
		entries, err := os.ReadDir(filepath.Join(dir, folder))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".json") { // being written
				continue
			}
			b, err := os.ReadFile(filepath.Join(dir, folder, e.Name()))
			if errors.Is(err, fs.ErrNotExist) { // destroyed meanwhile
				continue
			}
			if err != nil {
				return nil, nil, err
			}
			if folder == keyDir {
				var rec record
				if json.Unmarshal(b, &rec) != nil || rec.Format != recordFormat { // being destroyed
					continue
				}
				records = append(records, rec)
			}
			if folder == projectDir && !json.Valid(b) { // being destroyed
				continue
			}
			files = append(files, small{folder + "/" + e.Name(), b})
		}
	}
	if err := opensAll(dir, files, records); err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		if f.name == rootFile || f.name == rootsFile {
			if b, err := os.ReadFile(filepath.Join(dir, f.name)); err != nil || !bytes.Equal(b, f.text) {
				return nil, nil, errors.New("vault: the root key was changed meanwhile")
			}
		}
	}
	return files, records, nil
}

// opensAll checks that the root key of these files opens the keys in them.
func opensAll(dir string, files []small, records []record) error {
	v := &Vault{dir: dir, projects: map[string]tink.AEAD{}}
	roots, err := readRoots(dir)
	if err != nil {
		return err
	}
	if v.root, err = roots.aead(dir); err != nil {
		return err
	}
	for _, f := range files {
		project, ok := strings.CutPrefix(strings.TrimSuffix(f.name, ".json"), projectDir+"/")
		if !ok {
			continue
		}
		if err := v.addProject(project, f.text); err != nil {
			return err
		}
	}
	for _, rec := range records {
		if _, err := v.unwrap(rec); err != nil {
			return damaged("en nyckel", "a key", err)
		}
	}
	return nil
}

// copyObjects writes ledger, ciphertexts, what remains of media, and last the
// list of what was destroyed, so that nothing that is destroyed meanwhile is
// missing there.
func copyObjects(ctx context.Context, w *backup.Writer, c Copying, records []record) error {
	if c.Ledger != "" {
		if err := w.AddFile(ctx, ledgerFile, c.Ledger); err != nil {
			return err
		}
	}
	for _, rec := range records {
		if err := w.AddFile(ctx, objectDir+"/"+rec.ID, filepath.Join(c.Dir, objectDir, rec.ID)); err != nil {
			return err
		}
	}
	if err := copyNotes(ctx, w, c.Dir); err != nil {
		return err
	}
	entries, err := os.ReadDir(filepath.Join(c.Dir, goneDir))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".json") {
			if err := w.AddFile(ctx, goneDir+"/"+e.Name(), filepath.Join(c.Dir, goneDir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// copyNotes writes what the mailroom remembers of media, never a medium: those
// lie on the medium that came, until the case says that it was read.
func copyNotes(ctx context.Context, w *backup.Writer, dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, mailroomDir, "*", "*"))
	if err != nil {
		return err
	}
	for _, path := range names {
		base := filepath.Base(path)
		if base != "closed" && !strings.HasSuffix(base, ".gone") || base[0] == '.' {
			continue
		}
		name := mailroomDir + "/" + filepath.Base(filepath.Dir(path)) + "/" + base
		if err := w.AddFile(ctx, name, path); err != nil {
			return err
		}
	}
	return nil
}

// keyBackups is backups.json.
type keyBackups struct {
	Format string    `json:"format"`
	Until  []day.Day `json:"until"` // last days of backups that hold keys
}

// noteKeyBackup writes down that a backup of the keys is about to be made.
func noteKeyBackup(dir string, until day.Day) error {
	k, err := readKeyBackups(dir)
	if err != nil {
		return err
	}
	if !slices.Contains(k.Until, until) {
		k.Until = append(k.Until, until)
		slices.Sort(k.Until)
	}
	b, err := canon.JSON(k)
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(dir, backupsFile), b)
}

// LatestKeyBackup is when the latest backup of a vault's keys was begun; ok is
// false when there has been none.
func LatestKeyBackup(dir string) (at time.Time, ok bool) {
	info, err := os.Stat(filepath.Join(dir, backupsFile)) // written every time
	if err != nil {
		return time.Time{}, false
	}
	return info.ModTime(), true
}

func readKeyBackups(dir string) (keyBackups, error) {
	k := keyBackups{Format: backupsFormat, Until: []day.Day{}}
	b, err := os.ReadFile(filepath.Join(dir, backupsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return k, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &k)
	}
	if err != nil || k.Format != backupsFormat {
		return k, damaged("förteckningen över nyckelkopior", "the list of key backups", err)
	}
	return k, nil
}

// KeysUntil returns the last day on which a backup may still hold a key that is
// destroyed today; 0 when none does.
func (v *Vault) KeysUntil(today day.Day) (day.Day, error) {
	k, err := readKeyBackups(v.dir)
	if err != nil || len(k.Until) == 0 {
		return 0, err
	}
	if last := k.Until[len(k.Until)-1]; last >= today {
		return last, nil
	}
	return 0, nil
}
