// Package register turns the source files of registers into immutable
// snapshots and reads them.
//
// A register is a moving database: rows arrive late, are corrected and
// vanish. An order must still give the same bytes when it is run again. So
// [Load] freezes what the sources say on one day into a snapshot that never
// changes, and an order pins one. Snapshots form a line: each load is compared
// row by row with the one before. A row that is new or different opens a
// version, a row that is gone or different closes one, so a snapshot knows both
// which days a row concerns and at which loads it was known.
//
// On disk a snapshot is a folder:
//
//	manifest.json, manifest.sha256     what it holds, hashes, counts; canonical JSON
//	identity/*.seg                     persons, numbers, parents and children
//	tables/<table>/offset.seg          first row of each person, one more than persons
//	tables/<table>/<variable>.seg      one column, sorted by person, in as few bytes per number as all need
//
// Columns are memory-mapped and read where they lie: the rows of person p in any
// column are [lo, hi) of [Table.Rows]. Persons are numbered 0, 1, 2 … in the
// order of their keys in the identity register; the number is only valid
// within one snapshot, the key for ever.
//
// Start with [Load], [List] and [Open]. The loader knows no register by name:
// roles in the catalogue tell it what a column means.
//
// Nothing in this package puts an identity number or the content of a cell in
// an error; faults name files, columns and counts.
//
// Source: reference extraction §2.4 and §3.1; identities, pseudonym §2.3.
package register

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"sluss/internal/canon"
	"sluss/internal/day"
)

const (
	manifestName = "manifest.json"
	hashName     = "manifest.sha256"
	loadingMark  = ".loading-" // folders of loads that are not finished, or were killed
)

// Snapshot is an open snapshot. It is read-only and safe for concurrent use.
// Slices handed out by its tables and its identity register point into mapped
// files: they must not be written to, and not used after [Snapshot.Close].
type Snapshot struct {
	dir      string
	manifest Manifest
	hash     canon.Hash
	tables   map[string]*Table
	identity *Identity
	maps     []*segment
}

// List returns the manifests of the finished snapshots in store, in the order
// of their loads. A store that does not exist yet has none.
func List(store string) ([]Manifest, error) {
	entries, err := os.ReadDir(store)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Manifest
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		m, _, err := readManifest(filepath.Join(store, e.Name()))
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b Manifest) int { return a.Load - b.Load })
	return out, nil
}

// Open opens the snapshot called id. It checks the manifest against its hash
// and every file's size; [Snapshot.Verify] checks the content. A snapshot that
// is not there is a fault of class Input.
func Open(store, id string) (*Snapshot, error) {
	if !idPattern.MatchString(id) {
		return nil, noSnapshot(id)
	}
	dir := filepath.Join(store, id)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, noSnapshot(id)
	}
	return openDir(dir)
}

func openDir(dir string) (_ *Snapshot, err error) {
	m, hash, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{dir: dir, manifest: m, hash: hash, tables: map[string]*Table{}}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	for _, f := range m.Files {
		st, err := os.Stat(filepath.Join(dir, filepath.FromSlash(f.Path)))
		if err != nil || st.Size() != f.Bytes {
			return nil, damaged(m.ID, f.Path, err)
		}
	}
	if s.identity, err = openIdentity(s); err != nil {
		return nil, err
	}
	for i := range m.Tables {
		t, err := openTable(s, &m.Tables[i])
		if err != nil {
			return nil, err
		}
		s.tables[t.man.ID] = t
	}
	return s, nil
}

// readManifest reads and checks dir's manifest.
func readManifest(dir string) (m Manifest, hash canon.Hash, err error) {
	id := filepath.Base(dir)
	b, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return m, "", damaged(id, manifestName, err)
	}
	want, err := os.ReadFile(filepath.Join(dir, hashName))
	if err != nil {
		return m, "", damaged(id, hashName, err)
	}
	hash = canon.Sum(b)
	if strings.TrimSpace(string(want)) != string(hash) {
		return m, "", damaged(id, manifestName, errors.New("the hash differs"))
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, "", damaged(id, manifestName, err)
	}
	if m.Format < oldestFormat || m.Format > formatVersion {
		return m, "", damaged(id, manifestName, fmt.Errorf("format %d, this program reads %d to %d", m.Format, oldestFormat, formatVersion))
	}
	return m, hash, nil
}

// segment maps the file at the slash path rel and remembers it for Close.
func (s *Snapshot) segment(rel string, width, count int) (*segment, error) {
	return s.mapped(rel, count, func(w int) bool { return w == width })
}

// narrow is segment for numbers that may lie in fewer bytes than their type has.
func (s *Snapshot) narrow(rel string, n numbers, count int) (*segment, error) {
	return s.mapped(rel, count, n.fits)
}

func (s *Snapshot) mapped(rel string, count int, fits func(width int) bool) (*segment, error) {
	g, err := openSegment(filepath.Join(s.dir, filepath.FromSlash(rel)))
	if err == nil && (!fits(g.width) || g.count != count) {
		g.close()
		err = fmt.Errorf("%d values of %d bytes are not the %d that there should be", g.count, g.width, count)
	}
	if err != nil {
		return nil, damaged(s.manifest.ID, rel, err)
	}
	s.maps = append(s.maps, g)
	return g, nil
}

// Close unmaps the snapshot's files.
func (s *Snapshot) Close() error {
	var first error
	for _, g := range s.maps {
		if err := g.close(); err != nil && first == nil {
			first = err
		}
	}
	s.maps = nil
	return first
}

// ID returns the snapshot's name.
func (s *Snapshot) ID() string { return s.manifest.ID }

// Hash returns the hash of the manifest, which holds the hash of every file.
func (s *Snapshot) Hash() canon.Hash { return s.hash }

// Load returns the ordinal of the load that made the snapshot, 1 for a store's
// first.
func (s *Snapshot) Load() int { return s.manifest.Load }

// LoadedAt returns the civil day whose knowledge the snapshot holds. As an
// exclusive bound it is the observation horizon of open rows.
func (s *Snapshot) LoadedAt() day.Day { return s.manifest.LoadedAt }

// Synthetic reports whether the data are made up.
func (s *Snapshot) Synthetic() bool { return s.manifest.Synthetic }

// Manifest returns the manifest. It must not be changed.
func (s *Snapshot) Manifest() *Manifest { return &s.manifest }

// Persons returns the number of persons.
func (s *Snapshot) Persons() int { return s.manifest.Persons }

// Table returns the table called id, nil when the snapshot has none.
func (s *Snapshot) Table(id string) *Table { return s.tables[id] }

// Tables returns all tables in the order of the catalogue.
func (s *Snapshot) Tables() []*Table {
	out := make([]*Table, 0, len(s.manifest.Tables))
	for _, m := range s.manifest.Tables {
		out = append(out, s.tables[m.ID])
	}
	return out
}

// Identity returns the identity register as it stood at the load.
func (s *Snapshot) Identity() *Identity { return s.identity }

// Verify reads every file from disk again and compares it with the manifest,
// two files at a time. The first difference is a fault that names the file. tell,
// which may be nil, is told how many bytes have been read; several may call it at once.
func (s *Snapshot) Verify(ctx context.Context, tell func(Progress)) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	var done, total int64
	for _, f := range s.manifest.Files {
		total += f.Bytes
	}
	read := func(n int) {
		if tell != nil {
			tell(Progress{"verify", addAtomic(&done, int64(n)), total})
		}
	}
	for _, f := range s.manifest.Files {
		g.Go(func() error {
			sum, n, err := hashFile(ctx, filepath.Join(s.dir, filepath.FromSlash(f.Path)), read)
			if err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				return damaged(s.manifest.ID, f.Path, err)
			}
			if n != f.Bytes || sum != f.SHA256 {
				return damaged(s.manifest.ID, f.Path, errors.New("the content differs from the manifest"))
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return s.reconcile()
}

// reconcile checks that the parts of the snapshot agree with each other.
func (s *Snapshot) reconcile() error {
	for _, t := range s.Tables() {
		if err := t.reconcile(); err != nil {
			return damaged(s.manifest.ID, "tables/"+t.ID(), err)
		}
	}
	return nil
}

// hashFile reads a file and returns its SHA-256 and size. It stops between
// blocks when ctx is done; read is told of each.
func hashFile(ctx context.Context, path string, read func(n int)) (canon.Hash, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	buf := make([]byte, 128<<10)
	var n int64
	for {
		if err := ctx.Err(); err != nil {
			return "", n, err
		}
		k, err := f.Read(buf)
		h.Write(buf[:k])
		n += int64(k)
		read(k)
		if err == io.EOF {
			return canon.Hash(hex.EncodeToString(h.Sum(nil))), n, nil
		}
		if err != nil {
			return "", n, err
		}
	}
}
