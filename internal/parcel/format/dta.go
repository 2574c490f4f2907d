package format

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// dtaFile writes Stata's release 118: UTF-8, least significant byte first.
//
// Whole numbers of 32 bits and dates (%td, days since 1960) are long, all other
// numbers double, texts str1–str2045. A missing number is the system missing
// value ".", a missing text is empty, which is what Stata calls missing. Codes
// are texts and stay so, with their leading zeros; Stata labels whole numbers
// only, so only columns of those carry labels of values.
//
// Source: Stata, help dta, "Description of .dta file format 118".
type dtaFile struct {
	mapAt int // where the map of sections stands
	w     io.Writer
	slots []slot
	width int // bytes of a row
	data  int // where the section of rows begins
	rows  int64
	size  int64
	tail  []byte // what stands below the rows
}

// Types of columns, and what they hold as missing.
const (
	dtaDouble        = 65526
	dtaLong          = 65528
	dtaMissingLong   = 2147483621
	dtaMissingDouble = 0x7FE0000000000000
	dtaLeastLong     = -2147483647
	dtaGreatestLong  = 2147483620
	stataEpoch       = 3653 // days from 1960 to 1970
)

// Where the number of rows stands, and the map of sections in a file whose
// stamp is empty.
const (
	dtaRowsAt = len("<stata_dta><header><release>118</release><byteorder>LSF</byteorder><K>xx</K><N>")
	dtaMapAt  = dtaRowsAt + 8 + len("</N><label>xx</label><timestamp>x</timestamp></header><map>")
)

var stata = limits{
	program: "Stata", format: DTA, columns: 32767, text: 2045, encode: asUTF8, trailing: true,
}

func createDTA(w io.Writer, s *Schema, stamp string) (*dtaFile, error) {
	slots, err := stata.slots(s)
	if err != nil {
		return nil, err
	}
	f := &dtaFile{w: w, slots: slots}
	le := binary.LittleEndian
	head := append([]byte("<stata_dta><header><release>118</release><byteorder>LSF</byteorder><K>"), 0, 0)
	le.PutUint16(head[len(head)-2:], uint16(len(slots)))
	head = append(head, "</K><N>"...)
	head = append(head, make([]byte, 8)...)
	stamp = cut(stamp, 80)
	f.mapAt = dtaMapAt + len(stamp)
	head = append(head, "</N><label>"...)
	head = append(le.AppendUint16(head, uint16(len(stamp))), stamp...)
	head = append(head, "</label><timestamp>\x00</timestamp></header><map>"...)
	head = append(head, make([]byte, 14*8)...)
	head = append(head, "</map>"...)
	var at [14]int
	at[1] = f.mapAt - len("<map>")
	section := func(n int, name string, each func(b []byte, c *slot) []byte, extra int) {
		at[n] = len(head)
		head = append(head, "<"+name+">"...)
		for i := range slots {
			head = each(head, &slots[i])
		}
		head = append(append(head, make([]byte, extra)...), "</"+name+">"...)
	}
	section(2, "variable_types", func(b []byte, c *slot) []byte { return le.AppendUint16(b, c.dtaType()) }, 0)
	section(3, "varnames", func(b []byte, c *slot) []byte { return fixed(b, c.Name, 129, 0) }, 0)
	section(4, "sortlist", func(b []byte, _ *slot) []byte { return append(b, 0, 0) }, 2)
	section(5, "formats", func(b []byte, c *slot) []byte { return fixed(b, c.dtaFormat(), 57, 0) }, 0)
	section(6, "value_label_names", func(b []byte, c *slot) []byte { return fixed(b, c.dtaLabels(), 129, 0) }, 0)
	section(7, "variable_labels", func(b []byte, c *slot) []byte { return fixed(b, firstRunes(c.Label, 80), 321, 0) }, 0)
	section(8, "characteristics", func(b []byte, _ *slot) []byte { return b }, 0)
	at[9] = len(head)
	for i, n := range at {
		le.PutUint64(head[f.mapAt+8*i:], uint64(n))
	}
	head = append(head, "<data>"...)
	f.data = len(head)
	for i := range slots {
		f.width += slots[i].dtaWidth()
	}
	_, err = w.Write(head)
	return f, err
}

func (c *slot) dtaType() uint16 {
	switch {
	case c.width > 0:
		return uint16(c.width)
	case c.Type.Wide():
		return dtaDouble
	}
	return dtaLong
}

func (c *slot) dtaWidth() int {
	switch {
	case c.width > 0:
		return c.width
	case c.Type.Wide():
		return 8
	}
	return 4
}

func (c *slot) dtaFormat() string {
	switch {
	case c.width > 0:
		return fmt.Sprintf("%%-%ds", c.width)
	case c.Type == Date:
		return "%tdCCYY-NN-DD"
	case c.Type == Decimal:
		return fmt.Sprintf("%%18.%df", c.Scale)
	}
	return "%18.0f"
}

// dtaLabels returns the name of the column's labels of values, "" without any.
func (c *slot) dtaLabels() string {
	if c.Type == Int32 && len(c.Labels) > 0 {
		return c.Name
	}
	return ""
}

func firstRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

func (f *dtaFile) encode(b *Batch) (block, error) {
	out := make([]byte, 0, b.N*f.width)
	le, scratch := binary.LittleEndian, make([]byte, 0, 16)
	for row := range b.N {
		for i := range f.slots {
			c, v := &f.slots[i], &b.Cols[i]
			if c.width > 0 {
				t, err := c.text(v, row, scratch)
				if err != nil {
					return nil, err
				}
				out = append(out, t...)
				for range c.width - len(t) {
					out = append(out, 0)
				}
				continue
			}
			x, ok, err := c.number(v, row)
			switch {
			case err != nil:
				return nil, err
			case c.Type.Wide() && !ok:
				out = le.AppendUint64(out, dtaMissingDouble)
			case c.Type.Wide():
				out = le.AppendUint64(out, math.Float64bits(x))
			case !ok:
				out = le.AppendUint32(out, dtaMissingLong)
			default:
				n := int64(x)
				if c.Type == Date {
					n += stataEpoch
				}
				if n < dtaLeastLong || n > dtaGreatestLong {
					return nil, refuse("number", c.Name, "Ett tal ryms inte i Statas typ long.", "A number does not fit Stata's type long.")
				}
				out = le.AppendUint32(out, uint32(int32(n)))
			}
		}
	}
	return out, nil
}

func (f *dtaFile) add(k block) error {
	b := k.([]byte)
	f.size += int64(len(b))
	_, err := f.w.Write(b)
	return err
}

// end writes the labels of values.
func (f *dtaFile) end(rows int64) error {
	f.rows = rows
	tail := []byte("</data><strls></strls><value_labels>")
	for i := range f.slots {
		if c := &f.slots[i]; c.dtaLabels() != "" {
			table := dtaTable(c.Labels)
			tail = append(tail, "<lbl>"...)
			tail = binary.LittleEndian.AppendUint32(tail, uint32(len(table)))
			tail = fixed(tail, c.dtaLabels(), 132, 0)
			tail = append(append(tail, table...), "</lbl>"...)
		}
	}
	f.tail = append(tail, "</value_labels></stata_dta>"...)
	_, err := f.w.Write(f.tail)
	return err
}

// dtaTable lays out labels of values: how many, the bytes of their texts, where
// each text begins, the values in rising order, the texts.
func dtaTable(labels []ValueLabel) []byte {
	type entry struct {
		value int32
		text  string
	}
	var list []entry
	for _, l := range labels {
		if n, err := strconv.ParseInt(l.Code, 10, 32); err == nil {
			list = append(list, entry{int32(n), cut(l.Text, 32000)})
		}
	}
	slices.SortFunc(list, func(a, b entry) int { return int(a.value) - int(b.value) })
	var texts, offsets, values []byte
	le := binary.LittleEndian
	for _, e := range list {
		offsets = le.AppendUint32(offsets, uint32(len(texts)))
		values = le.AppendUint32(values, uint32(e.value))
		texts = append(append(texts, e.text...), 0)
	}
	out := le.AppendUint32(nil, uint32(len(list)))
	out = le.AppendUint32(out, uint32(len(texts)))
	return append(append(append(out, offsets...), values...), texts...)
}

// patches fills in the number of rows and where the last sections begin.
func (f *dtaFile) patches() []patch {
	le := binary.LittleEndian
	after := int64(f.data) + f.size
	places := le.AppendUint64(nil, uint64(after)+uint64(len("</data>")))
	labels := after + int64(bytes.Index(f.tail, []byte("<value_labels>")))
	places = le.AppendUint64(places, uint64(labels))
	end := after + int64(len(f.tail))
	places = le.AppendUint64(places, uint64(end)-uint64(len("</stata_dta>")))
	places = le.AppendUint64(places, uint64(end))
	return []patch{
		{int64(dtaRowsAt), le.AppendUint64(nil, uint64(f.rows))},
		{int64(f.mapAt + 10*8), places},
	}
}
