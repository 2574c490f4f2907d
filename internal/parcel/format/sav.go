package format

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// savFile writes SPSS system files in UTF-8: .sav with compression by byte
// codes, .zsav with zlib over those.
//
// Numbers are 64-bit floating point, a missing one is the system missing value;
// dates are seconds since the first Gregorian day, with the format SDATE10. A
// missing text is blank. Texts of more than 255 bytes are written as segments
// that SPSS and PSPP put together. Labels belong to numbers and to texts alike.
//
// Every variable has a short name of the form @1, which no reader shows: the
// record of long names holds the columns' own.
//
// Source: GNU PSPP developers' guide, "System file format".
type savFile struct {
	w     io.Writer
	slots []slot
	rows  int64
	// countAt is where the number of cases stands for the second time.
	countAt int64
	deflate *zsav // nil in a .sav
}

const (
	savBias        = 100
	gregorianEpoch = 141428 // days from 1582-10-14 to 1970
	secondsOfDay   = 86400
	savCasesAt     = 80
)

// Byte codes: 1–251 are the number plus the bias.
const (
	codeRaw     = 253 // eight bytes follow
	codeBlank   = 254
	codeMissing = 255
)

// Segments of a long text.
const (
	savShort     = 255 // bytes of the longest text in one piece
	savSegment   = 252 // bytes that count when segments are counted
	savMaxText   = 32767
	savMaxLabel  = 255
	savMaxValues = 120 // bytes of a label of a value
)

var spss = limits{
	program: "SPSS", format: SAV, columns: 32767, text: savMaxText, encode: asUTF8, folds: true,
}

// piece is one variable of the file's dictionary: a column, or a segment of a
// long text.
type piece struct {
	c     *slot
	first bool
	width int // bytes, 0 for numbers
	short string
}

// elements is how many blocks of eight bytes a piece takes.
func (p piece) elements() int { return max(1, (p.width+7)/8) }

func pieces(slots []slot) []piece {
	var out []piece
	for i := range slots {
		c := &slots[i]
		n := 1
		if c.width > savShort {
			n = (c.width + savSegment - 1) / savSegment
		}
		for k := range n {
			p := piece{c: c, first: k == 0, width: c.width, short: "@" + strings.ToUpper(strconv.FormatInt(int64(len(out)+1), 36))}
			switch {
			case k < n-1:
				p.width = savShort
			case n > 1:
				p.width = c.width - k*savSegment
			}
			out = append(out, p)
		}
	}
	return out
}

func createSAV(w io.Writer, s *Schema, compressed bool, stamp string) (*savFile, error) {
	slots, err := spss.slots(s)
	if err != nil {
		return nil, err
	}
	f := &savFile{w: w, slots: slots}
	all := pieces(slots)
	elements := 0
	for _, p := range all {
		elements += p.elements()
	}
	head := savHeader(elements, compressed, stamp)
	for _, p := range all {
		head = p.record(head)
	}
	head = valueRecords(head, all)
	head = savExtension(head, 3, 4, int32s(1, 0, 0, -1, 1, 1, 2, 65001))
	limitsOf := binary.LittleEndian.AppendUint64(nil, math.Float64bits(-math.MaxFloat64))
	limitsOf = binary.LittleEndian.AppendUint64(limitsOf, math.Float64bits(math.MaxFloat64))
	limitsOf = binary.LittleEndian.AppendUint64(limitsOf, math.Float64bits(math.Nextafter(-math.MaxFloat64, 0)))
	head = savExtension(head, 4, 8, limitsOf)
	head = savExtension(head, 11, 4, display(all))
	head = savExtension(head, 13, 1, longNames(all))
	if long := longTexts(all); len(long) > 0 {
		head = savExtension(head, 14, 1, long)
	}
	head = savExtension(head, 16, 8, append(int64s(1), make([]byte, 8)...))
	f.countAt = int64(len(head) - 8)
	head = savExtension(head, 20, 1, []byte("UTF-8"))
	if labels := longLabels(all); len(labels) > 0 {
		head = savExtension(head, 21, 1, labels)
	}
	head = append(head, int32s(999, 0)...)
	if compressed {
		f.deflate = newZSAV(w, int64(len(head)))
		head = append(head, make([]byte, 24)...)
	}
	_, err = w.Write(head)
	return f, err
}

func int32s(ns ...int32) []byte {
	var out []byte
	for _, n := range ns {
		out = binary.LittleEndian.AppendUint32(out, uint32(n))
	}
	return out
}

func int64s(ns ...int64) []byte {
	var out []byte
	for _, n := range ns {
		out = binary.LittleEndian.AppendUint64(out, uint64(n))
	}
	return out
}

func savHeader(elements int, compressed bool, stamp string) []byte {
	magic, method := "$FL2", int32(1)
	if compressed {
		magic, method = "$FL3", 2
	}
	b := fixed([]byte(magic), "@(#) SPSS DATA FILE sluss", 60, ' ')
	b = append(b, int32s(2, int32(elements), method, 0, 0)...)
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(savBias))
	b = append(b, "01 Jan 7000:00:00"...) // files have no clock of ours
	return append(fixed(b, stamp, 64, ' '), 0, 0, 0)
}

// savExtension appends a record of type 7.
func savExtension(b []byte, kind, size int32, data []byte) []byte {
	b = append(b, int32s(7, kind, size, int32(len(data))/size)...)
	return append(b, data...)
}

// format returns how values are shown: type, width and decimals in a number.
func (p piece) format() int32 {
	kind, width, decimals := 5, 17, 0 // F
	switch {
	case p.width > 0:
		kind, width = 1, p.width // A
	case p.c.Type == Date:
		kind, width = 39, 10 // SDATE
	case p.c.Type == Decimal:
		width, decimals = 20, int(p.c.Scale)
	}
	return int32(kind<<16 | width<<8 | decimals)
}

// record appends the variable's record and, for a text of more than eight
// bytes, the empty ones after it.
func (p piece) record(b []byte) []byte {
	label := ""
	if p.first {
		label = cut(p.c.Label, savMaxLabel)
	}
	has := int32(0)
	if label != "" {
		has = 1
	}
	b = append(b, int32s(2, int32(p.width), has, 0, p.format(), p.format())...)
	b = fixed(b, p.short, 8, ' ')
	if has == 1 {
		b = append(b, int32s(int32(len(label)))...)
		b = fixed(b, label, (len(label)+3)/4*4, ' ')
	}
	for range p.elements() - 1 {
		b = append(b, int32s(2, -1, 0, 0, 0, 0)...)
		b = blanks(b, 8)
	}
	return b
}

// valueRecords appends labels of numbers and of texts of at most eight bytes.
func valueRecords(b []byte, all []piece) []byte {
	place := int32(1)
	for _, p := range all {
		here := place
		place += int32(p.elements())
		list := p.labels()
		if len(list) == 0 || p.width > 8 {
			continue
		}
		b = append(b, int32s(3, int32(len(list)))...)
		for _, l := range list {
			if p.width > 0 {
				b = fixed(b, l.Code, 8, ' ')
			} else {
				n, _ := strconv.ParseInt(l.Code, 10, 32)
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(n)))
			}
			text := cut(l.Text, savMaxValues)
			b = append(b, byte(len(text)))
			b = fixed(b, text, (len(text)+8)/8*8-1, ' ')
		}
		b = append(b, int32s(4, 1, here)...)
	}
	return b
}

// labels lists the labels that the piece can carry.
func (p piece) labels() []ValueLabel {
	if !p.first || p.c.width > savShort || p.c.Type != Text && p.c.Type != Int32 {
		return nil
	}
	var out []ValueLabel
	for _, l := range p.c.Labels {
		_, err := strconv.ParseInt(l.Code, 10, 32)
		if p.width > 0 && len(l.Code) <= p.width && l.Code != "" || p.width == 0 && err == nil {
			out = append(out, l)
		}
	}
	return out
}

// longLabels lays out labels of texts of 9–255 bytes.
func longLabels(all []piece) []byte {
	var b []byte
	for _, p := range all {
		list := p.labels()
		if len(list) == 0 || p.width <= 8 {
			continue
		}
		b = append(append(b, int32s(int32(len(p.c.Name)))...), p.c.Name...)
		b = append(b, int32s(int32(p.width), int32(len(list)))...)
		for _, l := range list {
			text := cut(l.Text, savMaxValues)
			b = fixed(append(b, int32s(int32(p.width))...), l.Code, p.width, ' ')
			b = append(append(b, int32s(int32(len(text)))...), text...)
		}
	}
	return b
}

// display says for each variable: nominal or continuous, width, left or right.
func display(all []piece) []byte {
	var b []byte
	for _, p := range all {
		switch {
		case p.width > 0:
			b = append(b, int32s(1, int32(min(p.width, 40)), 0)...)
		default:
			b = append(b, int32s(3, 12, 1)...)
		}
	}
	return b
}

func longNames(all []piece) []byte {
	var out []string
	for _, p := range all {
		if p.first {
			out = append(out, p.short+"="+p.c.Name)
		}
	}
	return []byte(strings.Join(out, "\t"))
}

func longTexts(all []piece) []byte {
	var b []byte
	for _, p := range all {
		if p.first && p.c.width > savShort {
			b = fmt.Appendf(b, "%s=%05d\x00\t", p.short, p.c.width)
		}
	}
	return b
}

// codes collects byte codes in blocks of eight, each followed by what its
// codes leave out.
type codes struct {
	out   []byte
	block int // where the current block of codes is in out
	n     int // codes in it
}

func (k *codes) code(c byte) {
	if k.n == 0 {
		k.block = len(k.out)
		k.out = append(k.out, 0, 0, 0, 0, 0, 0, 0, 0)
	}
	k.out[k.block+k.n] = c
	k.n = (k.n + 1) % 8
}

func (k *codes) number(x float64) {
	if x == math.Trunc(x) && x > -savBias && x <= 251-savBias {
		k.code(byte(int(x) + savBias))
		return
	}
	k.code(codeRaw)
	k.out = binary.LittleEndian.AppendUint64(k.out, math.Float64bits(x))
}

// text writes t in as many blocks of eight bytes as the piece has.
func (k *codes) text(t []byte, elements int) {
	for range elements {
		n := min(8, len(t))
		if n == 0 {
			k.code(codeBlank)
			continue
		}
		k.code(codeRaw)
		k.out = blanks(append(k.out, t[:n]...), 8-n)
		t = t[n:]
	}
}

// encode writes byte codes. A full group of rows ends where a block of codes
// does, since [GroupRows] is a multiple of eight; the last is filled with the
// code for nothing.
func (f *savFile) encode(b *Batch) (block, error) {
	var k codes
	scratch := make([]byte, 0, 16)
	for row := range b.N {
		for i := range f.slots {
			c, v := &f.slots[i], &b.Cols[i]
			if c.width > 0 {
				t, err := c.text(v, row, scratch)
				if err != nil {
					return nil, err
				}
				k.segments(t, c.width)
				continue
			}
			x, ok, err := c.number(v, row)
			if err != nil {
				return nil, err
			}
			if !ok {
				k.code(codeMissing)
				continue
			}
			if c.Type == Date {
				x = (x + gregorianEpoch) * secondsOfDay
			}
			k.number(x)
		}
	}
	return k.out, nil
}

// segments writes a text: whole, or cut into pieces of 255 bytes, of which each
// but the last takes 256.
func (k *codes) segments(t []byte, width int) {
	if width <= savShort {
		k.text(t, (width+7)/8)
		return
	}
	n := (width + savSegment - 1) / savSegment
	for i := range n {
		room := savShort
		if i == n-1 {
			room = width - i*savSegment
		}
		use := min(len(t), room)
		k.text(t[:use], (room+7)/8)
		t = t[use:]
	}
}

func (f *savFile) add(k block) error {
	if f.deflate != nil {
		return f.deflate.write(k.([]byte))
	}
	_, err := f.w.Write(k.([]byte))
	return err
}

func (f *savFile) end(rows int64) error {
	f.rows = rows
	if f.deflate != nil {
		return f.deflate.end()
	}
	return nil
}

// patches fills in the number of cases; the 32 bits of the header say −1 where
// they do not hold it.
func (f *savFile) patches() []patch {
	cases := int32(-1)
	if f.rows <= math.MaxInt32 {
		cases = int32(f.rows)
	}
	out := []patch{{savCasesAt, int32s(cases)}, {f.countAt, int64s(f.rows)}}
	if f.deflate != nil {
		out = append(out, f.deflate.patch())
	}
	return out
}
