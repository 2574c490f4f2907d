package register

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"os"
	"unsafe"

	"sluss/internal/register/cells"
)

// A segment is one column on disk: a header of 64 bytes and count values of
// width bytes, little-endian. The header keeps the values aligned in a mapped
// file. The width is 0, 1, 2, 4 or 8 and may be less than that of the
// numbers' type, see package cells.
//
//	0  "SLUSSEG1"
//	8  width, uint32
//	16 count, uint64
//	24 zeros
const (
	segmentMagic  = "SLUSSEG1"
	segmentHeader = 64
)

// segment is an open, mapped segment.
type segment struct {
	width, count int
	data         []byte // the values
	unmap        func() error
}

func openSegment(path string) (*segment, error) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return nil, errors.New("snapshots need a little-endian machine")
	}
	b, unmap, err := mapFile(path)
	if err != nil {
		return nil, err
	}
	g := &segment{unmap: unmap}
	if err := g.header(b); err != nil {
		unmap()
		return nil, err
	}
	return g, nil
}

func (g *segment) header(b []byte) error {
	if len(b) < segmentHeader || string(b[:8]) != segmentMagic {
		return errors.New("not a segment")
	}
	width, count := binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint64(b[16:])
	if width > 8 || count > 1<<48 || uint64(len(b)) != segmentHeader+uint64(width)*count {
		return fmt.Errorf("%d bytes do not hold %d values of %d bytes", len(b), count, width)
	}
	g.width, g.count, g.data = int(width), int(count), b[segmentHeader:]
	return nil
}

func (g *segment) close() error {
	g.data = nil
	return g.unmap()
}

// view returns the values of g in place; nil for an empty segment.
func view[T cells.Number](g *segment) []T {
	var zero T
	if int(unsafe.Sizeof(zero)) != g.width {
		panic("register: a column was read with another width than it was written")
	}
	return cells.Whole[T](g.data)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// writer writes one segment. It sums what it is given, so that the file can be
// compared with it when it is read back.
type writer struct {
	f     *os.File
	buf   *bufio.Writer
	width int
	bytes int64
	none  int // of width 0: how many values
	crc   hash.Hash32
	check func(op string) error
	sync  bool
}

func createSegment(path string, width int, check func(op string) error) (*writer, error) {
	if err := check("create"); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	w := &writer{f: f, buf: bufio.NewWriterSize(f, 128<<10), width: width, crc: crc32.New(castagnoli), check: check}
	_, err = w.buf.Write(make([]byte, segmentHeader))
	return w, err
}

func (w *writer) Write(b []byte) (int, error) {
	if err := w.check("write"); err != nil {
		return 0, err
	}
	w.crc.Write(b)
	w.bytes += int64(len(b))
	return w.buf.Write(b)
}

// finish completes the content: the last values and the header.
func (w *writer) finish() error {
	if err := w.check("finish"); err != nil {
		return err
	}
	if err := w.buf.Flush(); err != nil {
		return err
	}
	count := uint64(w.none)
	if w.width > 0 {
		if w.bytes%int64(w.width) != 0 {
			return fmt.Errorf("register: %d bytes are no whole number of values", w.bytes)
		}
		count = uint64(w.bytes) / uint64(w.width)
	}
	var h [segmentHeader]byte
	copy(h[:], segmentMagic)
	binary.LittleEndian.PutUint32(h[8:], uint32(w.width))
	binary.LittleEndian.PutUint64(h[16:], count)
	_, err := w.f.WriteAt(h[:], 0)
	return err
}

// close brings a finished file to the disk and closes it.
func (w *writer) close() (err error) {
	if w.sync {
		err = w.f.Sync()
	}
	return errors.Join(err, w.f.Close())
}

// abandon closes the file without finishing it.
func (w *writer) abandon() { w.f.Close() }
