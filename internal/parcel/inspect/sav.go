package inspect

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"sluss/internal/disclose"
)

// savColumn is a column of an SPSS file as a reader shows it.
type savColumn struct {
	short    string
	width    int   // bytes of the text, 0 for numbers
	segments []int // bytes of each variable that holds a piece of the text
	date     bool
	scale    uint8
}

// savHead is what the dictionary says.
type savHead struct {
	in       *input
	zlib     bool
	cases    int64
	bias     float64
	columns  []savColumn
	long     map[string]string // name by short name
	widths   map[string]int    // of very long texts, by short name
	metadata [][2]string
	utf8     bool
}

// openSAV reads SPSS system files in UTF-8 with compression.
// Source: GNU PSPP developers' guide, "System file format".
func openSAV(in *os.File) (*File, error) {
	buffered := bufio.NewReaderSize(in, 1<<18)
	h := &savHead{in: &input{r: buffered}, long: map[string]string{}, widths: map[string]int{}}
	h.header()
	for !h.in.stopped() && h.record() {
	}
	if h.in.err != nil || !h.utf8 || !h.join() {
		return nil, errStats
	}
	f := &File{Stated: h.cases, Metadata: h.metadata, close: in.Close}
	for _, c := range h.columns {
		name, ok := h.long[c.short]
		if !ok {
			name = c.short
		}
		f.Header = append(f.Header, name)
	}
	var body io.Reader = buffered
	if h.zlib {
		var err error
		if body, err = inflated(in, buffered); err != nil {
			return nil, err
		}
	}
	u := &unpacker{r: body, bias: h.bias}
	f.rows = statRows(len(h.columns), h.cases, func(cells []disclose.Cell) error {
		for i := range h.columns {
			c, err := h.columns[i].cell(u)
			if err != nil {
				return err
			}
			cells[i] = c
		}
		return nil
	})
	return f, nil
}

func (in *input) stopped() bool { return in.err != nil }

func (in *input) int() int { return int(int32(binary.LittleEndian.Uint32(in.bytes(4)))) }

func (in *input) long() int64 { return int64(binary.LittleEndian.Uint64(in.bytes(8))) }

func (h *savHead) header() {
	in := h.in
	magic := string(in.bytes(4))
	in.bytes(60)
	layout := in.int()
	in.int()
	method := in.int()
	weight := in.int()
	h.cases = int64(in.int())
	h.bias = math.Float64frombits(uint64(in.long()))
	in.bytes(17)
	if label := unpadded(in.bytes(64)); label != "" {
		h.metadata = append(h.metadata, [2]string{"label", label})
	}
	in.bytes(3)
	h.zlib = method == 2
	if layout != 2 || weight != 0 || !(magic == "$FL2" && method == 1 || magic == "$FL3" && method == 2) {
		in.err = errStats
	}
}

// record reads one record of the dictionary; false at its end.
func (h *savHead) record() bool {
	in := h.in
	switch in.int() {
	case 2:
		h.variable()
	case 3:
		for range in.int() {
			in.bytes(8)
			n := int(in.bytes(1)[0])
			in.bytes((n+8)/8*8 - 1)
			if in.err != nil {
				return false
			}
		}
	case 4:
		in.bytes(4 * in.int())
	case 7:
		h.extension()
	case 999:
		in.int()
		return false
	default: // documents, and what nobody has defined
		in.err = errStats
	}
	return true
}

func (h *savHead) variable() {
	in := h.in
	width, label, missing, form := in.int(), in.int(), in.int(), in.int()
	in.int()
	name := unpadded(in.bytes(8))
	if label == 1 {
		in.bytes((in.int() + 3) / 4 * 4)
	}
	switch {
	case missing != 0 || width > 255 || width < -1:
		in.err = errStats
	case width >= 0:
		c := savColumn{short: name, width: width, segments: []int{width}}
		kind := form >> 16 & 0xFF
		c.date = kind == 20 || kind == 23 || kind == 38 || kind == 39
		c.scale = uint8(form & 0xFF)
		if c.scale > 9 {
			in.err = errStats
		}
		h.columns = append(h.columns, c)
	}
}

func (h *savHead) extension() {
	in := h.in
	kind, size := in.int(), in.int()
	b := in.bytes(size * in.int())
	switch kind {
	case 3, 4, 11, 21:
	case 13:
		for _, pair := range strings.Split(string(b), "\t") {
			short, name, _ := strings.Cut(pair, "=")
			h.long[short] = name
		}
	case 14:
		for _, pair := range strings.Split(strings.TrimSuffix(string(b), "\t"), "\t") {
			short, digits, _ := strings.Cut(strings.TrimRight(pair, "\x00"), "=")
			n, err := strconv.Atoi(digits)
			if err != nil || n < 256 || n > 32767 {
				in.err = errStats
			}
			h.widths[short] = n
		}
	case 16:
		if len(b) == 16 {
			h.cases = int64(binary.LittleEndian.Uint64(b[8:]))
		}
	case 20:
		h.utf8 = string(b) == "UTF-8"
	default:
		h.metadata = append(h.metadata, [2]string{"record " + strconv.Itoa(kind), string(b)})
	}
}

// join puts the segments of very long texts together.
func (h *savHead) join() bool {
	var out []savColumn
	for i := 0; i < len(h.columns); i++ {
		c := h.columns[i]
		if width, ok := h.widths[c.short]; ok {
			n := (width + 251) / 252
			if i+n > len(h.columns) {
				return false
			}
			for k := 1; k < n; k++ {
				i++
				want := 255
				if k == n-1 {
					want = width - k*252
				}
				if h.columns[i].width != want {
					return false
				}
				c.segments = append(c.segments, want)
			}
			c.width = width
		}
		out = append(out, c)
	}
	h.columns = out
	return len(out) > 0 && h.cases >= 0
}

// inflated reads the blocks of a .zsav by the list at its end.
func inflated(in *os.File, buffered *bufio.Reader) (io.Reader, error) {
	h := &input{r: buffered}
	h.long()
	trailer, size := h.long(), h.long()
	if h.err != nil || trailer < 0 || size < 24 || trailer+size != sizeOf(in) {
		return nil, errStats
	}
	list := &input{r: io.NewSectionReader(in, trailer, size)}
	if list.long() != -100 || list.long() != 0 {
		return nil, errStats
	}
	list.int()
	n := list.int()
	if int64(n)*24+24 != size {
		return nil, errStats
	}
	var parts []io.Reader
	for range n {
		list.long()
		at := list.long()
		plain, packed := list.int(), list.int()
		parts = append(parts, &block{src: io.NewSectionReader(in, at, int64(packed)), want: plain})
	}
	if list.err != nil {
		return nil, errStats
	}
	return bufio.NewReaderSize(io.MultiReader(parts...), 1<<18), nil
}

// block is one compressed block, opened when it is first read.
type block struct {
	src  io.Reader
	z    io.Reader
	want int
}

func (b *block) Read(p []byte) (int, error) {
	if b.z == nil {
		z, err := zlib.NewReader(b.src)
		if err != nil {
			return 0, errStats
		}
		b.z = z
	}
	n, err := b.z.Read(p)
	b.want -= n
	if err == io.EOF && b.want != 0 {
		return n, errStats
	}
	return n, err
}

// unpacker undoes byte codes. One element is eight bytes.
type unpacker struct {
	r     io.Reader
	bias  float64
	codes [8]byte
	at    int // next code; 0 means that a new block must be read
}

var (
	blankElement = []byte("        ")
	noNumber     = math.Float64bits(-math.MaxFloat64)
)

// element returns the next eight bytes of data.
func (u *unpacker) element() ([8]byte, error) {
	var out [8]byte
	for {
		if u.at == 0 {
			if _, err := io.ReadFull(u.r, u.codes[:]); err != nil {
				return out, err
			}
		}
		code := u.codes[u.at]
		u.at = (u.at + 1) % 8
		switch code {
		case 0:
			continue
		case 252:
			return out, io.ErrUnexpectedEOF
		case 253:
			_, err := io.ReadFull(u.r, out[:])
			return out, err
		case 254:
			copy(out[:], blankElement)
		case 255:
			binary.LittleEndian.PutUint64(out[:], noNumber)
		default:
			binary.LittleEndian.PutUint64(out[:], math.Float64bits(float64(code)-u.bias))
		}
		return out, nil
	}
}

func (c *savColumn) cell(u *unpacker) (disclose.Cell, error) {
	if c.width == 0 {
		e, err := u.element()
		bits := binary.LittleEndian.Uint64(e[:])
		switch {
		case err != nil:
			return disclose.Cell{}, err
		case bits == noNumber:
			return disclose.Cell{}, nil
		case c.date:
			s := math.Float64frombits(bits)
			return dayCell(s/86400, -141428), nil
		}
		return numberCell(math.Float64frombits(bits), c.scale), nil
	}
	var text bytes.Buffer
	for _, width := range c.segments {
		start := text.Len()
		for range (width + 7) / 8 {
			e, err := u.element()
			if err != nil {
				return disclose.Cell{}, err
			}
			text.Write(e[:])
		}
		text.Truncate(start + width)
	}
	return statText(unpadded(text.Bytes())), nil
}
