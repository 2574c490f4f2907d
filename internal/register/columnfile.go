package register

import (
	"errors"
	"hash/crc32"
	"io"
	"os"
	"slices"

	"sluss/internal/register/cells"
)

// columnFile writes a column in as few bytes each as all of its numbers need.
// That is known when the last has come, so the file begins as narrow as the
// first ones and is written anew, wider, when one does not fit. Whoever writes
// the same numbers gets the same bytes, however they come.
type columnFile struct {
	b      *builder
	path   string // in the snapshot, with slashes
	n      numbers
	w      *writer // nil while all are missing
	silent int     // how many have been missing until then
	wide   []byte
}

// write adds n numbers of width bytes each.
func (c *columnFile) write(packed []byte, n, width int) (err error) {
	switch {
	case n == 0:
		return nil
	case c.w == nil && width == 0:
		c.silent += n
		return nil
	case c.w == nil:
		if c.w, err = c.b.create(c.path, width); err != nil {
			return err
		}
		if err := c.catchUp(); err != nil {
			return err
		}
	case width > c.w.width:
		err = c.grow(width)
	case width < c.w.width:
		c.wide = c.n.widen(c.wide[:0], packed, n, width, c.w.width)
		packed = c.wide
	}
	if err == nil {
		_, err = c.w.Write(packed)
	}
	return err
}

// catchUp writes the missing numbers that there have been.
func (c *columnFile) catchUp() error {
	for ; c.silent > 0; c.silent -= min(c.silent, missingAtOnce) {
		c.wide = c.n.widen(c.wide[:0], nil, min(c.silent, missingAtOnce), 0, c.w.width)
		if _, err := c.w.Write(c.wide); err != nil {
			return err
		}
	}
	return nil
}

const missingAtOnce = 8192

// grow writes the file anew with more bytes for each number.
func (c *columnFile) grow(width int) error {
	old := c.w
	defer old.abandon()
	if err := old.buf.Flush(); err != nil {
		return err
	}
	if err := os.Remove(old.f.Name()); err != nil {
		return err
	}
	w, err := c.b.create(c.path, width)
	if err != nil {
		return err
	}
	c.w = w
	sum := crc32.New(castagnoli)
	values := io.NewSectionReader(old.f, segmentHeader, old.bytes)
	buf := make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(values, buf)
		sum.Write(buf[:n])
		c.wide = c.n.widen(c.wide[:0], buf[:n], n/old.width, old.width, width)
		if _, err := w.Write(c.wide); err != nil {
			return err
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if sum.Sum32() != old.crc.Sum32() {
		return errSpill
	}
	return nil
}

// finish completes the file.
func (c *columnFile) finish() (err error) {
	w := c.w
	if w == nil {
		if w, err = c.b.create(c.path, 0); err != nil {
			return err
		}
		w.none = c.silent
	}
	c.w = nil
	return c.b.finish(c.path, w)
}

func (c *columnFile) abandon() {
	if c.w != nil {
		c.w.abandon()
	}
}

// versionFile writes a version column. Where all rows say the same there is no
// file, so it begins with the first that says something else.
type versionFile struct {
	columnFile
	usual uint16
	same  int // rows that have said the usual, of which nothing is written yet
	full  []byte
}

func (v *versionFile) write(loads []uint16) error {
	if v.w == nil {
		if !slices.ContainsFunc(loads, func(l uint16) bool { return l != v.usual }) {
			v.same += len(loads)
			return nil
		}
		some := slices.Repeat([]uint16{v.usual}, missingAtOnce)
		for ; v.same > 0; v.same -= min(v.same, len(some)) {
			if err := v.put(some[:min(v.same, len(some))]); err != nil {
				return err
			}
		}
	}
	return v.put(loads)
}

func (v *versionFile) put(loads []uint16) error {
	v.full = append(v.full[:0], cells.Bytes(loads)...)
	packed, width := v.n.pack(v.full)
	return v.columnFile.write(packed, len(loads), width)
}

// finish completes the file where there is one.
func (v *versionFile) finish() error {
	if v.w == nil {
		return nil
	}
	return v.columnFile.finish()
}
