package register

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/register/cells"
)

// FailWith lets f decide before every write, sync and rename whether the disk
// fails.
func (o *Options) FailWith(f func(op string) error) { o.check = f }

// WithoutSync leaves out waiting for the disk, which a test of content does
// not need and which takes most of a small load's time.
func (o *Options) WithoutSync() { o.noSync = true }

// SmallBuckets divides the persons among many buckets, of so many rows each.
func (o *Options) SmallBuckets(rows int64) { o.bucketRows = rows }

// DropStepwise is Drop with a stop before each step, as a power cut would be.
var DropStepwise = drop

// Holders looks numbers up among ascending ones, as a load does: who alone has had a
// number, or that several or nobody have.
func Holders(among []uint64, holder []uint32, ask []uint64) (who []uint32, several, nobody uint32) {
	h := newHolders(among, holder)
	for i := 0; i < len(ask); i += together {
		var some [together]uint32
		n := min(together, len(ask)-i)
		h.find(ask[i:i+n], some[:])
		who = append(who, some[:n]...)
	}
	return who, severalHolders, NoPerson
}

// Spilled packs records of a table as blocks of several, as they lie on the disk, and
// unpacks them again. bytes is what the blocks take.
func Spilled(t *catalog.Table, blocks [][]byte, damage func([]byte) []byte) (size int, back []byte, bytes int, err error) {
	l := newLayout(t)
	p := newPacker(l)
	var held []byte
	n := 0
	for _, b := range blocks {
		held = append(held, p.pack(b)...)
		n += len(b)
	}
	bytes = len(held)
	if damage != nil {
		held = damage(held)
	}
	held = slices.Grow(held, spare)
	q := newPacker(l)
	back, err = q.unpack(make([]byte, 0, n), held)
	return l.size, back, bytes, err
}

// Rewrite changes the manifest of a snapshot.
func Rewrite(store, id string, change func(m *Manifest)) error {
	dir := filepath.Join(store, id)
	m, _, err := readManifest(dir)
	if err != nil {
		return err
	}
	change(&m)
	raw, err := canon.JSON(m)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(filepath.Join(dir, manifestName), raw, 0o600), os.WriteFile(filepath.Join(dir, hashName), []byte(canon.Sum(raw)+"\n"), 0o600))
}

// WriteAsFormat1 writes the columns of a snapshot as wide as their types, as programs
// did before format 2.
func WriteAsFormat1(store, id string) error {
	dir := filepath.Join(store, id)
	s, err := Open(store, id)
	if err != nil {
		return err
	}
	defer s.Close()
	wide := map[string]bool{}
	for _, t := range s.manifest.Tables {
		for _, c := range t.Columns {
			path := "tables/" + t.ID + "/" + c.Variable + ".seg"
			g, err := openSegment(filepath.Join(dir, path))
			if err != nil {
				return err
			}
			w, err := createSegment(filepath.Join(dir, path+".wide"), c.Type.width(), func(string) error { return nil })
			if err != nil {
				return err
			}
			_, err = w.Write(c.Type.numbers().widen(nil, g.data, g.count, g.width, c.Type.width()))
			if err := errors.Join(err, g.close(), w.finish(), w.close(), os.Rename(filepath.Join(dir, path+".wide"), filepath.Join(dir, path))); err != nil {
				return err
			}
			wide[path] = true
		}
	}
	return Rewrite(store, id, func(m *Manifest) {
		m.Format = 1
		for i, f := range m.Files {
			if wide[f.Path] {
				m.Files[i].SHA256, m.Files[i].Bytes, err = hashFile(context.Background(), filepath.Join(dir, f.Path), func(int) {})
			}
		}
	})
}

// GrowColumn writes a small number and a large one into a column's file in dir; between
// them, damage happens to what lies on the disk.
func GrowColumn(dir string, damage func(path string) error) error {
	b := &builder{dir: dir, o: Options{noSync: true, check: func(string) error { return nil }}}
	c := columnFile{b: b, path: "x.seg", n: numbersOf[int64]{}}
	defer c.abandon()
	for _, v := range []int64{7, 1 << 40} {
		packed, width := c.n.pack(bytes.Clone(cells.Bytes([]int64{v})))
		if err := c.write(packed, 1, width); err != nil {
			return err
		}
		if err := errors.Join(c.w.buf.Flush(), damage(c.w.f.Name())); err != nil {
			return err
		}
	}
	return nil
}

// MergedCodes is the dictionary of a load whose texts come after a parent's.
func MergedCodes(fresh, parent []string) (dict []string, ok bool) {
	b := newCodeBook(nil)
	for _, t := range fresh {
		b.code(t)
	}
	dict, _, _, ok = b.final(parent)
	return dict, ok
}
