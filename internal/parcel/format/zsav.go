package format

import (
	"bytes"
	"compress/zlib"
	"io"
)

// zsavBlock is how many bytes of byte codes SPSS compresses at a time.
const zsavBlock = 0x3FF000

// zsav compresses byte codes block by block and lists the blocks at the end of
// the file.
type zsav struct {
	w      io.Writer
	start  int64 // where the header of compression stands
	plain  int64 // where the next block would stand, were nothing compressed
	packed int64 // where the next block stands
	buf    []byte
	blocks [][2]int // bytes before and after compression
}

func newZSAV(w io.Writer, start int64) *zsav {
	return &zsav{w: w, start: start, plain: start, packed: start + 24}
}

func (z *zsav) write(b []byte) error {
	for len(b) > 0 {
		n := min(len(b), zsavBlock-len(z.buf))
		z.buf = append(z.buf, b[:n]...)
		b = b[n:]
		if len(z.buf) == zsavBlock {
			if err := z.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (z *zsav) flush() error {
	var out bytes.Buffer
	c := zlib.NewWriter(&out)
	if _, err := c.Write(z.buf); err != nil {
		return err
	}
	if err := c.Close(); err != nil {
		return err
	}
	z.blocks = append(z.blocks, [2]int{len(z.buf), out.Len()})
	z.buf = z.buf[:0]
	_, err := z.w.Write(out.Bytes())
	return err
}

// end writes the last block and the list of blocks.
func (z *zsav) end() error {
	if len(z.buf) > 0 {
		if err := z.flush(); err != nil {
			return err
		}
	}
	list := int64s(-savBias, 0)
	list = append(list, int32s(zsavBlock, int32(len(z.blocks)))...)
	for _, b := range z.blocks {
		list = append(list, int64s(z.plain, z.packed)...)
		list = append(list, int32s(int32(b[0]), int32(b[1]))...)
		z.plain += int64(b[0])
		z.packed += int64(b[1])
	}
	_, err := z.w.Write(list)
	return err
}

// patch is the header of compression: where it stands, where the list of blocks
// stands, and how long that is.
func (z *zsav) patch() patch {
	return patch{z.start, int64s(z.start, z.packed, int64(24+24*len(z.blocks)))}
}
