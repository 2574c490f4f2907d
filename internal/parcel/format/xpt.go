package format

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"sluss/internal/plan"
)

// xptFile writes a SAS transport file, version 5: one data set called DATA.
//
// Numbers are IBM floating point of eight bytes, which hold every number that
// a 64-bit floating point number of ours can be; dates are days since 1960 with
// the format YYMMDD10. A missing number is ".", a missing text is blank. The
// format says nothing of encodings: texts are ISO 8859-1, which SAS reads right
// in its Western and its Latin sessions (wlatin1, latin1); a character outside
// it is refused. Labels of values have no place in the format: the program
// las_in.sas sets them.
//
// Names have at most eight characters. A longer one is written as its first
// five characters, an underscore and a number in base 36; its label then begins
// with the whole name and a colon, see [plan.ShortNames].
//
// Source: SAS technical support, TS-140, "Record layout of a SAS version 5 or 6
// data set in SAS transport format".
type xptFile struct {
	w     io.Writer
	slots []slot
	width int
	size  int64
}

// sasClock stands for the time of making, which the format wants: files have
// none of ours.
const sasClock = "01JAN70:00:00:00"

var sas = limits{
	program: "SAS Transport", format: XPT, columns: 9999, text: 200, encode: asLatin1, folds: true,
}

// asLatin1 encodes the characters that ISO 8859-1 and Windows-1252 share.
func asLatin1(s string) ([]byte, bool) {
	for _, r := range s {
		if r >= 0x80 && r < 0xA0 {
			return nil, false
		}
	}
	b, err := charmap.ISO8859_1.NewEncoder().Bytes([]byte(s))
	return b, err == nil
}

func createXPT(w io.Writer, s *Schema, stamp string) (*xptFile, error) {
	slots, err := sas.slots(s)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(slots))
	long := 0
	for i := range slots {
		names[i] = slots[i].Name
	}
	short := plan.ShortNames(names)
	for _, name := range names {
		if plan.Shortened(name) {
			long++
		}
	}
	if long >= 36*36 {
		return nil, refuse("columns", "", "SAS Transport rymmer högst 1 295 kolumner med namn längre än åtta tecken.", "SAS Transport holds at most 1,295 columns with names longer than eight characters.")
	}
	f := &xptFile{w: w, slots: slots}
	head := []byte(xptHeader("LIBRARY ", strings.Repeat("0", 30)))
	head = append(head, "SAS     SAS     SASLIB  9.4     "...)
	head = append(blanks(head, 32), sasClock...)
	head = blanks(append(head, sasClock...), 64)
	head = append(head, xptHeader("MEMBER  ", "000000000000000001600000000140")...)
	head = append(head, xptHeader("DSCRPTR ", strings.Repeat("0", 30))...)
	head = append(head, "SAS     DATA    SASDATA 9.4     "...)
	head = append(blanks(head, 32), sasClock...)
	head = blanks(append(head, sasClock...), 16)
	head = blanks(fixed(head, stamp, 40, ' '), 8) // label and type of the data set
	head = append(head, xptHeader("NAMESTR ", fmt.Sprintf("000000%04d%020d", len(slots), 0))...)
	for i := range slots {
		head = slots[i].namestr(head, i, short[i], f.width)
		f.width += slots[i].xptWidth()
	}
	head = blanks(head, (80-len(head)%80)%80)
	head = append(head, xptHeader("OBS     ", strings.Repeat("0", 30))...)
	_, err = w.Write(head)
	return f, err
}

func xptHeader(name, digits string) string {
	return "HEADER RECORD*******" + name + "HEADER RECORD!!!!!!!" + digits + "  "
}

func (c *slot) xptWidth() int {
	if c.width > 0 {
		return c.width
	}
	return 8
}

// namestr appends the 140 bytes that describe a column.
func (c *slot) namestr(b []byte, i int, short string, at int) []byte {
	be := binary.BigEndian
	kind, form, width, decimals := uint16(1), "", 0, 0
	switch {
	case c.width > 0:
		kind, form, width = 2, "$", c.width
	case c.Type == Date:
		form, width = "YYMMDD", 10
	case c.Type == Decimal:
		width, decimals = 20, int(c.Scale)
	default:
		width = 17
	}
	label := c.Label
	if plan.Shortened(c.Name) {
		label = strings.TrimSuffix(c.Name+": "+label, ": ")
	}
	text, ok := asLatin1(label)
	if !ok {
		text = []byte(c.Name)
	}
	b = be.AppendUint16(b, kind)
	b = be.AppendUint16(b, 0)
	b = be.AppendUint16(b, uint16(c.xptWidth()))
	b = be.AppendUint16(b, uint16(i+1))
	b = fixed(b, short, 8, ' ')
	text = text[:min(len(text), 40)]
	b = blanks(append(b, text...), 40-len(text))
	b = fixed(b, form, 8, ' ')
	b = be.AppendUint16(b, uint16(width))
	b = be.AppendUint16(b, uint16(decimals))
	b = append(b, 0, 0, 0, 0)
	b = blanks(b, 8)
	b = append(b, 0, 0, 0, 0)
	b = be.AppendUint32(b, uint32(at))
	return append(b, make([]byte, 52)...)
}

func (f *xptFile) encode(b *Batch) (block, error) {
	out, scratch := make([]byte, 0, b.N*f.width), make([]byte, 0, 16)
	for row := range b.N {
		blank := true
		for i := range f.slots {
			c, v := &f.slots[i], &b.Cols[i]
			if c.width > 0 {
				t, err := c.text(v, row, scratch)
				if err != nil {
					return nil, err
				}
				blank = blank && len(t) == 0
				out = blanks(append(out, t...), c.width-len(t))
				continue
			}
			x, ok, err := c.number(v, row)
			if err != nil {
				return nil, err
			}
			blank = false
			if !ok {
				out = append(out, '.', 0, 0, 0, 0, 0, 0, 0)
				continue
			}
			if c.Type == Date {
				x += stataEpoch // SAS counts from the same day
			}
			out = binary.BigEndian.AppendUint64(out, toIBM(x))
		}
		if blank {
			return nil, refuse("blank", "", "En rad har bara saknade texter; i SAS Transport kan den inte skiljas från filens utfyllnad.", "A row has missing texts only; in SAS Transport it cannot be told from the padding of the file.")
		}
	}
	return out, nil
}

// toIBM returns x as IBM floating point: a sign, seven bits of exponent of 16
// in excess of 64, and 56 bits of fraction. The 53 bits of x always find room,
// whatever the three bits are that the first digit of 16 leaves empty.
func toIBM(x float64) uint64 {
	if x == 0 {
		return 0
	}
	var sign uint64
	if x < 0 {
		sign, x = 1<<63, -x
	}
	fraction, two := math.Frexp(x) // x = fraction·2^two, ½ ≤ fraction < 1
	sixteen := (two + 1024 + 3) / 4
	empty := sixteen*4 - (two + 1024)
	return sign | uint64(sixteen-256+64)<<56 | uint64(fraction*(1<<53))<<(3-empty)
}

func (f *xptFile) add(k block) error {
	b := k.([]byte)
	f.size += int64(len(b))
	_, err := f.w.Write(b)
	return err
}

// end fills the last record of 80 bytes with blanks.
func (f *xptFile) end(int64) error {
	_, err := f.w.Write(blanks(nil, int((80-f.size%80)%80)))
	return err
}
