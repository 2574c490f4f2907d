package blob

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// partPrefix begins the name of a file that is being written.
const partPrefix = ".part-"

// newPart makes a file to write a blob in, marked as being written.
func newPart(dir string) (*os.File, error) {
	for {
		f, err := os.CreateTemp(dir, partPrefix+"*")
		if err != nil {
			return nil, err
		}
		if claim(f) == nil && there(f) {
			return f, nil
		}
		_ = f.Close() // somebody swept it away before it was marked
		_ = os.Remove(f.Name())
	}
}

// there reports whether an open file still has its name.
func there(f *os.File) bool {
	own, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(f.Name())
	return err == nil && os.SameFile(own, named)
}

// Sweep removes what a process was writing when it was killed, and returns how
// many files that were. What another process writes meanwhile is left alone;
// where the system cannot tell, everything is.
func (d *Dir) Sweep(ctx context.Context) (swept int, err error) {
	if !tellsWriters {
		return 0, nil
	}
	err = filepath.WalkDir(d.root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			return err
		}
		if !e.Type().IsRegular() || !strings.HasPrefix(e.Name(), partPrefix) {
			return nil
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return nil // it has got its name meanwhile
		}
		defer f.Close()
		if claim(f) != nil || !there(f) {
			return nil
		}
		if err := os.Remove(path); err != nil {
			return err
		}
		swept++
		return nil
	})
	if err != nil {
		return swept, fmt.Errorf("sweep blobs: %w", err)
	}
	return swept, ctx.Err()
}
