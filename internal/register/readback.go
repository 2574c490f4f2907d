package register

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// readback brings finished files to the disk, reads them again from there, compares
// them with what was meant to be written and lists them, while others are still being
// written: waiting for the disk and summing what it holds go on at once.
type readback struct {
	dir      string
	progress func(Progress)
	group    *errgroup.Group
	ctx      context.Context // ends with the first file that is not as it was meant

	mu          sync.Mutex
	files       []FileEntry
	done, total int64 // bytes
	last        bool  // nothing more comes; progress is told from now on
}

// readsAtOnce is how many files are on their way to the disk and back.
const readsAtOnce = 8

func newReadback(ctx context.Context, dir string, progress func(Progress)) *readback {
	r := &readback{dir: dir, progress: progress}
	r.group, r.ctx = errgroup.WithContext(ctx)
	r.group.SetLimit(readsAtOnce)
	return r
}

// add takes over a file whose content is complete. It may be called by several at
// once, and waits while too many are on their way.
func (r *readback) add(path string, w *writer) error {
	if r.ctx.Err() != nil {
		w.abandon()
		return context.Cause(r.ctx)
	}
	r.mu.Lock()
	r.total += w.bytes
	r.mu.Unlock()
	r.group.Go(func() error { return r.check(path, w) })
	return nil
}

func (r *readback) check(path string, w *writer) error {
	if err := w.close(); err != nil {
		return err
	}
	sum, n, crc, err := rereadSegment(r.ctx, filepath.Join(r.dir, filepath.FromSlash(path)))
	if err != nil {
		return err
	}
	if n != w.bytes+segmentHeader || crc != w.crc.Sum32() {
		return fmt.Errorf("register: %s was not written as meant", path)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files = append(r.files, FileEntry{path, n, sum})
	r.done += w.bytes
	r.tell()
	return nil
}

func (r *readback) tell() {
	if r.last {
		r.progress(Progress{"verify", r.done, r.total})
	}
}

// wait returns the files in the order of their names when all have been read.
func (r *readback) wait() ([]FileEntry, error) {
	r.mu.Lock()
	r.last = true
	r.tell()
	r.mu.Unlock()
	if err := r.group.Wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(r.files, func(x, y FileEntry) int { return strings.Compare(x.Path, y.Path) })
	return r.files, nil
}

// end waits until nothing is on its way any more, however it went.
func (r *readback) end() { _ = r.group.Wait() }
