package register

import (
	"cmp"
	"encoding/binary"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// layout says how one row lies in memory while it is on its way from source to
// snapshot: a header and one fixed-width field per stored column.
//
//	0 person, uint32 · 4 known_from, uint16 · 6 known_to, uint16 · 8 fields, widest first
type layout struct {
	table  *catalog.Table
	person catalog.Variable // not a field: it becomes the header's person
	fields []field          // in the order of the catalogue
	size   int
	key    int // offset of the row number, -1 where a table has one row per person
	from   int // offset of the first day, -1 without
	event  []int
}

// field is one stored column of a layout.
type field struct {
	v     catalog.Variable
	typ   Type
	width int
	at    int // offset in the record
	// least and most bound the numbers that the field takes.
	least, most int64
}

const recordHeader = 8

func newLayout(t *catalog.Table) *layout {
	l := &layout{table: t, key: -1, from: -1}
	for _, v := range t.Variables {
		switch {
		case v.Role == catalog.RolePerson:
			l.person = v
		case v.Stored():
			typ := typeOf(&v)
			f := field{v: v, typ: typ, width: typ.width()}
			f.least, f.most = f.bounds()
			l.fields = append(l.fields, f)
		}
	}
	order := make([]int, len(l.fields))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(l.fields[b].width, l.fields[a].width) })
	l.size = recordHeader
	for _, i := range order {
		l.fields[i].at = l.size
		l.size += l.fields[i].width
	}
	// The day that decides whose a reused number was: the first day, else the
	// day of payment, else the day of registration.
	for _, role := range []catalog.Role{catalog.RoleFrom, catalog.RolePaid, catalog.RoleTx} {
		for _, f := range l.fields {
			if f.v.Role == role {
				l.event = append(l.event, f.at)
			}
		}
	}
	for _, f := range l.fields {
		switch f.v.Role {
		case catalog.RoleRowID:
			l.key = f.at
		case catalog.RoleFrom:
			l.from = f.at
		}
	}
	return l
}

// wanted returns the variables to read from the source: the person, then the
// fields.
func (l *layout) wanted() []catalog.Variable {
	out := []catalog.Variable{l.person}
	for _, f := range l.fields {
		out = append(out, f.v)
	}
	return out
}

// record is one row in a layout.
type record []byte

func (r record) person() uint32         { return binary.LittleEndian.Uint32(r) }
func (r record) setPerson(p uint32)     { binary.LittleEndian.PutUint32(r, p) }
func (r record) known() (f, t uint16)   { return r.u16(4), r.u16(6) }
func (r record) setKnown(f, t uint16)   { r.put16(4, f); r.put16(6, t) }
func (r record) u16(at int) uint16      { return binary.LittleEndian.Uint16(r[at:]) }
func (r record) put16(at int, v uint16) { binary.LittleEndian.PutUint16(r[at:], v) }
func (r record) u32(at int) uint32      { return binary.LittleEndian.Uint32(r[at:]) }
func (r record) put32(at int, v uint32) { binary.LittleEndian.PutUint32(r[at:], v) }
func (r record) put64(at int, v uint64) { binary.LittleEndian.PutUint64(r[at:], v) }
func (r record) u64(at int) uint64      { return binary.LittleEndian.Uint64(r[at:]) }

// rowKey returns the row number; 0 in a table with one row per person.
func (l *layout) rowKey(r record) int64 {
	if l.key < 0 {
		return 0
	}
	return int64(r.u64(l.key))
}

// firstDay returns the first day, NoDay in a table without.
func (l *layout) firstDay(r record) day.Day {
	if l.from < 0 {
		return NoDay
	}
	return day.Day(int32(r.u32(l.from)))
}

// eventDay returns the day on which the row's numbers are resolved.
func (l *layout) eventDay(r record) day.Day {
	for _, at := range l.event {
		if d := day.Day(int32(r.u32(at))); d != NoDay {
			return d
		}
	}
	return NoDay
}

// absent is the bit pattern of a missing value.
func (f *field) absent() uint64 {
	switch f.typ {
	case TypeCode:
		return 0
	case TypeExtent:
		return uint64(NoExtent)
	case TypePerson:
		return uint64(NoPerson)
	case TypeInt64:
		return 1 << 63
	}
	return 1 << 31 // NoDay and NoInt32
}

// get returns the bits of a record's field.
func (f *field) get(r record) uint64 {
	switch f.width {
	case 2:
		return uint64(r.u16(f.at))
	case 4:
		return uint64(r.u32(f.at))
	}
	return r.u64(f.at)
}

func (f *field) put(r record, v uint64) {
	switch f.width {
	case 2:
		r.put16(f.at, uint16(v))
	case 4:
		r.put32(f.at, uint32(v))
	default:
		r.put64(f.at, v)
	}
}
