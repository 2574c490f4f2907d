package vault

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/fault"
)

// Examined is the health of a vault, in counts; nothing in it names an order.
type Examined struct {
	Public
	Objects int // whose keys the root key opens
	// Lost are objects whose ciphertext is missing or of another size, or, when
	// the content was read, of another hash.
	Lost int
	// Exposed are files and folders that others than the owner may read.
	Exposed int
	// Unfinished are destructions that were cut short; the next to open the vault
	// finishes them.
	Unfinished int
	Unsettled  bool // restored, and has not heard what was purged since
}

// Examine looks a vault over and changes nothing; another process may be using
// it. Every key is opened with the root key, wherever that is. deep reads every
// ciphertext and compares its hash. Faults are those of [Open] and [ReadPublic].
func Examine(ctx context.Context, dir string, deep bool) (Examined, error) {
	var x Examined
	var err error
	if x.Public, err = ReadPublic(dir); err != nil {
		return x, err
	}
	_, records, err := readKeyFiles(dir)
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return x, f
	}
	if err != nil {
		return x, damaged("en nyckel", "a key", err)
	}
	v := &Vault{dir: dir, ended: map[string]bool{}}
	x.Objects = len(records)
	for _, rec := range records {
		whole, err := v.whole(ctx, rec, deep)
		if err != nil {
			return x, err
		}
		if !whole {
			x.Lost++
		}
	}
	p, err := v.pending()
	if err != nil {
		return x, err
	}
	x.Unfinished = len(p.journals)
	if x.Unsettled, err = wasRestored(dir); err != nil {
		return x, err
	}
	x.Exposed, err = exposed(dir)
	return x, err
}

// whole reports whether an object's ciphertext is as its record says. One whose
// record is gone by now was destroyed meanwhile, which is no loss.
func (v *Vault) whole(ctx context.Context, rec record, deep bool) (bool, error) {
	f, err := os.Open(v.objectPath(rec.ID))
	if errors.Is(err, fs.ErrNotExist) {
		_, err := os.Stat(v.keyPath(rec.ID))
		return errors.Is(err, fs.ErrNotExist), nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Size() != rec.Bytes {
		return false, err
	}
	if !deep {
		return true, nil
	}
	sum, buf := sha256.New(), make([]byte, 1<<20)
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		n, err := f.Read(buf)
		_, _ = sum.Write(buf[:n]) // never fails
		if errors.Is(err, io.EOF) {
			return canon.Hash(hex.EncodeToString(sum.Sum(nil))) == rec.Ciphertext, nil
		}
		if err != nil {
			return false, err
		}
	}
}

// exposed counts what others than the owner may read: the folder, or, in a
// folder that they may enter, the files of keys.
func exposed(dir string) (n int, err error) {
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return 0, err
	}
	n = 1
	for _, folder := range []string{"", keyDir, projectDir} {
		entries, err := os.ReadDir(filepath.Join(dir, folder))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return n, err
		}
		for _, e := range entries {
			secret := folder != "" || strings.HasSuffix(e.Name(), ".key") || e.Name() == rootFile || e.Name() == identityFile
			if info, err := e.Info(); err == nil && secret && !e.IsDir() && info.Mode().Perm()&0o077 != 0 {
				n++
			}
		}
	}
	return n, nil
}
