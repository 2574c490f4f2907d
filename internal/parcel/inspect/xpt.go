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

	"golang.org/x/text/encoding/charmap"

	"sluss/internal/disclose"
)

type xptColumn struct {
	text  bool
	width int
	at    int
	date  bool
	scale uint8
}

// openXPT reads the first data set of a SAS transport file of version 5.
// Source: SAS technical support, TS-140.
func openXPT(in *os.File) (*File, error) {
	h := &input{r: bufio.NewReader(in)}
	head := func(name string) []byte {
		b := h.bytes(80)
		if !bytes.HasPrefix(b, []byte("HEADER RECORD*******"+name)) {
			h.err = errStats
		}
		return b
	}
	head("LIBRARY ")
	h.bytes(160)
	if m := head("MEMBER  "); string(m[74:78]) != "0140" {
		return nil, errStats
	}
	head("DSCRPTR ")
	h.bytes(80)
	label := unpadded(h.bytes(80)[32:72])
	k, err := strconv.Atoi(string(head("NAMESTR ")[54:58]))
	if err != nil || h.err != nil || k < 1 {
		return nil, errStats
	}
	stats := h.bytes((140*k + 79) / 80 * 80)
	head("OBS     ")
	if h.err != nil {
		return nil, errStats
	}
	f := &File{Stated: -1, close: in.Close}
	if label != "" {
		f.Metadata = append(f.Metadata, [2]string{"label", label})
	}
	columns, width := make([]xptColumn, k), 0
	for i := range columns {
		b := stats[140*i : 140*(i+1)]
		be := binary.BigEndian
		c := xptColumn{text: be.Uint16(b) == 2, width: int(be.Uint16(b[4:])), at: int(be.Uint32(b[84:]))}
		form := unpadded(b[56:64])
		c.date = form == "YYMMDD"
		c.scale = uint8(be.Uint16(b[66:]))
		if c.at != width || c.width < 1 || !c.text && c.width != 8 || c.scale > 9 {
			return nil, errStats
		}
		width += c.width
		columns[i] = c
		f.Header = append(f.Header, xptName(unpadded(b[8:16]), unpadded(b[16:56])))
	}
	rows, err := xptCount(in, int64(width), int64(5*80+3*80+len(stats)+80))
	if err != nil {
		return nil, err
	}
	body := bufio.NewReaderSize(in, 1<<18)
	row := make([]byte, width)
	f.rows = statRows(k, rows, func(cells []disclose.Cell) error {
		if _, err := io.ReadFull(body, row); err != nil {
			return err
		}
		for i, c := range columns {
			cells[i] = c.cell(row[c.at : c.at+c.width])
		}
		return nil
	})
	return f, nil
}

// xptName is the whole name of a column: five characters, an underscore and
// two more say that the label begins with it.
func xptName(short, label string) string {
	if len(short) == 8 && short[5] == '_' {
		name, _, _ := strings.Cut(label, ": ")
		return name
	}
	return strings.ToLower(short)
}

// xptCount leaves in at the first row and returns how many there are: the file
// does not say, and is filled with blanks to whole records of 80 bytes.
func xptCount(in *os.File, width, start int64) (int64, error) {
	size := sizeOf(in)
	if size%80 != 0 || size < start {
		return 0, errStats
	}
	rows := (size - start) / width
	tail := make([]byte, min(79, size-start))
	if _, err := in.ReadAt(tail, size-int64(len(tail))); err != nil {
		return 0, errStats
	}
	fill := int64(len(tail) - len(bytes.TrimRight(tail, " ")))
	for rows > 0 && size-(start+(rows-1)*width) <= fill { // the row lies in the fill
		rows--
	}
	if size-(start+rows*width) > fill {
		return 0, errStats
	}
	_, err := in.Seek(start, io.SeekStart)
	return rows, err
}

func (c xptColumn) cell(b []byte) disclose.Cell {
	if c.text {
		t, err := charmap.ISO8859_1.NewDecoder().Bytes(b)
		if err != nil {
			return disclose.Cell{Kind: disclose.Other}
		}
		return statText(unpadded(t))
	}
	if bytes.Equal(b[1:], make([]byte, 7)) && b[0] != 0 {
		if b[0] == '.' {
			return disclose.Cell{}
		}
		return disclose.Cell{Kind: disclose.Other} // .A–.Z and ._ are never written
	}
	x := ibm(b)
	if c.date {
		return dayCell(x, -3653)
	}
	return numberCell(x, c.scale)
}

// ibm reads a number digit by digit of base 16.
func ibm(b []byte) float64 {
	var fraction float64
	for i := 7; i >= 1; i-- {
		fraction = (fraction + float64(b[i])) / 256
	}
	x := math.Ldexp(fraction, 4*(int(b[0]&0x7F)-64))
	if b[0]&0x80 != 0 {
		return -x
	}
	return x
}
