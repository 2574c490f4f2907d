package parcel

import (
	"context"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// checkRows counts the rows of a data file and compares them with the
// manifest. Other files have none.
func checkRows(ctx context.Context, dir string, f File) error {
	if f.Role != RoleData {
		return nil
	}
	in, err := os.Open(filepath.Join(dir, f.Name))
	if err != nil {
		return err
	}
	defer in.Close()
	var n int64
	switch {
	case f.Format == "csv" && f.CSV != nil && len(f.CSV.Delimiter) == 1:
		n, err = countCSV(contextReader{ctx, in}, rune(f.CSV.Delimiter[0]), len(f.Columns))
	case f.Format == "parquet":
		n, err = countParquet(in)
	case f.Format == "dta":
		n, err = countDTA(in)
	case f.Format == "sav", f.Format == "zsav":
		n, err = countSAV(in)
	case f.Format == "xpt":
		n, err = countXPT(in)
	default:
		err = errUnreadable
	}
	if stopped := ctx.Err(); stopped != nil {
		return stopped
	}
	if err != nil {
		return fileFault("file_unreadable", f.Name, "Filen går inte att läsa som datafil.", "The file cannot be read as a data file.").Because(err)
	}
	if n != f.Rows {
		return fileFault("rows", f.Name, "Filen har ett annat antal rader än innehållsförteckningen anger.", "The file has another number of rows than the manifest says.")
	}
	return nil
}

var errUnreadable = errors.New("not a data file of a known format")

// countCSV counts the rows below the header. Rows of another width than the
// header's are an error.
func countCSV(r io.Reader, delimiter rune, columns int) (int64, error) {
	c := csv.NewReader(r)
	c.Comma, c.ReuseRecord, c.FieldsPerRecord = delimiter, true, columns
	n := int64(-1)
	for {
		switch _, err := c.Read(); {
		case errors.Is(err, io.EOF) && n >= 0:
			return n, nil
		case err != nil:
			return 0, errUnreadable // the cause would name a cell's place, not its content; nothing more is needed
		}
		n++
	}
}

// countParquet reads the number of rows from a file's footer: "PAR1", length,
// and FileMetaData in Thrift's compact protocol, of which only field 3
// (num_rows) is wanted.
//
// Source: Apache Parquet format, file metadata.
func countParquet(f io.ReadSeeker) (int64, error) {
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	tail := make([]byte, 8)
	if end < 12 {
		return 0, errUnreadable
	}
	if _, err := f.Seek(end-8, io.SeekStart); err != nil {
		return 0, err
	}
	if _, err := io.ReadFull(f, tail); err != nil {
		return 0, err
	}
	size := int64(binary.LittleEndian.Uint32(tail))
	if string(tail[4:]) != "PAR1" || size > end-12 || size > maxFooter {
		return 0, errUnreadable
	}
	if _, err := f.Seek(end-8-size, io.SeekStart); err != nil {
		return 0, err
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(f, b); err != nil {
		return 0, err
	}
	t := thrift{b: b}
	return t.rows()
}

// maxFooter bounds the footer, in bytes: 64 MiB is some hundred thousand
// column chunks.
const maxFooter = 64 << 20

// thrift walks a value in the compact protocol.
type thrift struct {
	b   []byte
	bad bool
}

// Types of the compact protocol.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
)

func (t *thrift) rows() (int64, error) {
	for id := int64(0); ; {
		kind, next := t.field(id)
		id = next
		switch {
		case t.bad || kind == 0:
			return 0, errUnreadable
		case id == 3 && kind == thriftI64:
			n := t.zigzag()
			if t.bad || n < 0 {
				return 0, errUnreadable
			}
			return n, nil
		}
		t.skip(kind, 0)
	}
}

// field returns the type and id of the next field; type 0 ends a struct.
func (t *thrift) field(last int64) (kind byte, id int64) {
	h := t.byte()
	if h&0x0F == 0 {
		return 0, last
	}
	if d := h >> 4; d != 0 {
		return h & 0x0F, last + int64(d)
	}
	return h & 0x0F, t.zigzag()
}

// skip passes over a value; depth stops a file that nests without end.
func (t *thrift) skip(kind byte, depth int) {
	if depth > 16 {
		t.bad = true
	}
	if t.bad {
		return
	}
	switch kind {
	case thriftTrue, thriftFalse:
	case thriftByte:
		t.byte()
	case thriftI16, thriftI32, thriftI64:
		t.varint()
	case thriftDouble:
		t.take(8)
	case thriftBinary:
		t.take(t.varint())
	case thriftList, thriftSet:
		h := t.byte()
		n := uint64(h >> 4)
		if n == 15 {
			n = t.varint()
		}
		for ; n > 0 && !t.bad; n-- {
			t.element(h&0x0F, depth)
		}
	case thriftMap:
		n := t.varint()
		if n == 0 {
			return
		}
		h := t.byte()
		for ; n > 0 && !t.bad; n-- {
			t.element(h>>4, depth)
			t.element(h&0x0F, depth)
		}
	case thriftStruct:
		for id := int64(0); !t.bad; {
			k, next := t.field(id)
			if k == 0 {
				return
			}
			id = next
			t.skip(k, depth+1)
		}
	default:
		t.bad = true
	}
}

// element passes over a value inside a list, set or map, where booleans take a
// byte.
func (t *thrift) element(kind byte, depth int) {
	if kind == thriftTrue || kind == thriftFalse {
		kind = thriftByte
	}
	t.skip(kind, depth+1)
}

func (t *thrift) byte() byte {
	if len(t.b) == 0 {
		t.bad = true
		return 0
	}
	c := t.b[0]
	t.b = t.b[1:]
	return c
}

func (t *thrift) take(n uint64) {
	if n > uint64(len(t.b)) {
		t.bad = true
		return
	}
	t.b = t.b[n:]
}

func (t *thrift) varint() uint64 {
	v, n := binary.Uvarint(t.b)
	if n <= 0 {
		t.bad = true
		return 0
	}
	t.b = t.b[n:]
	return v
}

func (t *thrift) zigzag() int64 {
	v := t.varint()
	return int64(v>>1) ^ -int64(v&1)
}
