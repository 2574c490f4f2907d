// Package blob keeps documents and sealed files in a directory.
//
// A blob appears whole or not at all: it is written beside its place, synced
// and moved there. Names are made by the program, as FK-2026-00001/parcel.sluss;
// a name that could leave the directory is refused.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"sluss/internal/app"
	"sluss/internal/canon"
)

// Dir keeps blobs under a directory. It implements app.Blobs.
type Dir struct{ root string }

// NewDir returns the store under root, which is made if it is not there.
func NewDir(root string) (*Dir, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("blob directory: %w", err)
	}
	return &Dir{filepath.Clean(root)}, nil
}

// path returns where a blob lies. A name is slash-separated parts, none of
// which is empty, begins with a dot or holds a control character or a
// backslash: so it can neither leave the directory, nor mean the directory
// itself, nor be taken for a file that is being written.
func (d *Dir) path(name string) (string, error) {
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] == '.' || strings.ContainsFunc(part, odd) {
			return "", errors.New("not a blob name")
		}
	}
	return filepath.Join(d.root, filepath.FromSlash(name)), nil
}

func odd(r rune) bool { return unicode.IsControl(r) || r == '\\' || r == unicode.ReplacementChar }

// Put stores r under name and returns size and hash of what was written.
func (d *Dir) Put(ctx context.Context, name string, r io.Reader) (n int64, sum canon.Hash, err error) {
	path, err := d.path(name)
	if err != nil {
		return 0, "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return 0, "", fmt.Errorf("put blob: %w", err)
	}
	f, err := newPart(filepath.Dir(path))
	if err != nil {
		return 0, "", fmt.Errorf("put blob: %w", err)
	}
	defer func() {
		if err != nil { // closing twice and removing what is moved are no faults then
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	n, sum, err = canon.SumReader(io.TeeReader(contextReader{ctx, r}, f))
	if err != nil {
		return 0, "", fmt.Errorf("put blob: %w", err)
	}
	if err = f.Sync(); err != nil {
		return 0, "", fmt.Errorf("put blob: %w", err)
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return 0, "", fmt.Errorf("put blob: %w", err)
	}
	if err = f.Close(); err != nil {
		return 0, "", fmt.Errorf("put blob: %w", err)
	}
	return n, sum, d.syncUp(filepath.Dir(path))
}

// syncUp syncs a directory and those above it up to the root, any of which may
// be new.
func (d *Dir) syncUp(dir string) error {
	for {
		if err := syncDir(dir); err != nil || dir == d.root {
			return err
		}
		dir = filepath.Dir(dir)
	}
}

// Get opens a blob.
func (d *Dir) Get(_ context.Context, name string) (io.ReadCloser, error) {
	path, err := d.path(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, app.ErrNotFound
	}
	return f, err
}

// Delete removes a blob.
func (d *Dir) Delete(_ context.Context, name string) error {
	path, err := d.path(name)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete blob: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// DeleteUnder removes a folder of blobs.
func (d *Dir) DeleteUnder(_ context.Context, folder string) error {
	path, err := d.path(folder)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("delete blobs: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes what was created, moved or removed in a directory last through
// a power cut; a directory that is gone has nothing to lose.
func syncDir(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}

// contextReader ends a long copy when the context does.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
