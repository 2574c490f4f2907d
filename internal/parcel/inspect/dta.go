package inspect

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"sluss/internal/disclose"
)

// dtaColumn is a variable of a Stata file.
type dtaColumn struct {
	kind  uint16 // 1–2045: bytes of a text; else as in the documentation
	date  bool
	scale uint8
}

// openDTA reads Stata's release 118, least significant byte first.
// Source: Stata, help dta.
func openDTA(in *os.File) (*File, error) {
	h := &input{r: bufio.NewReader(in)}
	le := binary.LittleEndian
	h.expect("<stata_dta><header><release>118</release><byteorder>LSF</byteorder><K>")
	k := int(le.Uint16(h.bytes(2)))
	h.expect("</K><N>")
	n := le.Uint64(h.bytes(8))
	h.expect("</N><label>")
	label := h.bytes(int(le.Uint16(h.bytes(2))))
	h.expect("</label><timestamp>")
	stamp := h.bytes(int(h.bytes(1)[0]))
	h.expect("</timestamp></header><map>")
	var places [14]int64
	for i := range places {
		places[i] = int64(le.Uint64(h.bytes(8)))
	}
	h.expect("</map>")
	part := func(name string, size int) []byte {
		h.expect("<" + name + ">")
		b := h.bytes(size)
		h.expect("</" + name + ">")
		return b
	}
	kinds := part("variable_types", 2*k)
	names := part("varnames", 129*k)
	part("sortlist", 2*(k+1))
	formats := part("formats", 57*k)
	part("value_label_names", 129*k)
	part("variable_labels", 321*k)
	part("characteristics", 0)
	h.expect("<data>")
	if h.err != nil || places[13] != sizeOf(in) || k == 0 {
		return nil, errStats
	}
	f := &File{Stated: int64(n), close: in.Close}
	for _, m := range [][2]string{{"label", string(label)}, {"timestamp", string(stamp)}} {
		if m[1] != "" {
			f.Metadata = append(f.Metadata, m)
		}
	}
	columns, width := make([]dtaColumn, k), int64(0)
	for i := range columns {
		f.Header = append(f.Header, zeroEnded(names[129*i:129*(i+1)]))
		c := dtaColumn{kind: le.Uint16(kinds[2*i:])}
		form := zeroEnded(formats[57*i : 57*(i+1)])
		c.date = strings.HasPrefix(form, "%td")
		if _, d, ok := strings.Cut(strings.TrimSuffix(form, "f"), "."); ok && strings.HasSuffix(form, "f") {
			s, err := strconv.Atoi(d)
			if err != nil || s > 9 || s < 0 {
				return nil, errStats
			}
			c.scale = uint8(s)
		}
		columns[i] = c
		width += c.bytes()
	}
	// The rows fill what lies between the places of their section and the next.
	body := places[10] - places[9] - int64(len("<data></data>"))
	if n > 1<<40 || body != int64(n)*width || width == 0 {
		return nil, errStats
	}
	if _, err := in.Seek(places[9], io.SeekStart); err != nil {
		return nil, errStats
	}
	r := bufio.NewReaderSize(in, 1<<18)
	if _, err := r.Discard(len("<data>")); err != nil {
		return nil, errStats
	}
	row := make([]byte, width)
	f.rows = statRows(k, int64(n), func(cells []disclose.Cell) error {
		if _, err := io.ReadFull(r, row); err != nil {
			return err
		}
		b := row
		for i, c := range columns {
			cells[i] = c.cell(b)
			b = b[c.bytes():]
		}
		return nil
	})
	return f, nil
}

func zeroEnded(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

func (c dtaColumn) bytes() int64 {
	switch c.kind {
	case 65526:
		return 8
	case 65527, 65528:
		return 4
	case 65529:
		return 2
	case 65530:
		return 1
	}
	return int64(c.kind)
}

func (c dtaColumn) cell(b []byte) disclose.Cell {
	var x float64
	switch {
	case c.kind >= 1 && c.kind <= 2045:
		return statText(zeroEnded(b[:c.kind]))
	case c.kind == 65526:
		bits := binary.LittleEndian.Uint64(b)
		if bits >= 0x7FE0000000000000 && bits>>63 == 0 {
			return disclose.Cell{}
		}
		x = math.Float64frombits(bits)
	case c.kind == 65528:
		n := int32(binary.LittleEndian.Uint32(b))
		if n > 2147483620 {
			return disclose.Cell{}
		}
		x = float64(n)
	default:
		return disclose.Cell{Kind: disclose.Other}
	}
	if c.date {
		return dayCell(x, -3653)
	}
	return numberCell(x, c.scale)
}
