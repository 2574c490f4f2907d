package register

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"sync"

	"sluss/internal/day"
)

// merger sorts the rows of one bucket, compares them with the versions of the
// snapshot before, and lays the result out as columns.
//
// The comparison is a full outer join on person and row number over the
// versions that are still open: only here opens a version, only there closes
// one, in both with another content does both, in both alike leaves the version
// as it is. The whole stored content is compared, not a hash of it.
//
// Source: reference extraction §2.4.
type merger struct {
	l        *layout
	ids      *Identity
	load     uint16
	fromBook [][]uint16 // per field: from provisional code to code
	parent   *parentTable
	spare    sync.Pool // of *merged that have been written
}

// parentTable is the same table in the snapshot before.
type parentTable struct {
	table      *Table
	ids        *Identity
	at         day.Day // the day of that load
	persons    []uint32
	fromParent [][]uint16 // per field: from the parent's code to code
	columns    []*Column  // per field, nil where the parent lacks it
	keys, from *Column    // of those: the row number and the first day; nil without
}

// merged is a bucket laid out as columns.
type merged struct {
	lo        uint32   // first person
	fresh     int      // records of the source
	rows      []uint64 // per person of the bucket
	columns   [][]byte // per field
	widths    []int    // per field: bytes of each number
	knownFrom []uint16
	knownTo   []uint16
	counts    Counts
	conflicts int64
}

// version is a record's place in the bucket with its sort keys.
type version struct {
	key   int64
	from  day.Day
	known uint16
	at    uint32 // number of the record
}

// run merges the records of persons [lo, hi).
func (m *merger) run(recs []byte, lo, hi uint32) *merged {
	size := m.l.size
	m.translate(recs)
	fresh := len(recs) / size
	first, order := groupByPerson(recs, size, lo, hi)
	out := m.empty(lo, hi, fresh)
	out.fresh = fresh
	var now, before, emit []version
	var sorter byDay
	for p := lo; p < hi; p++ {
		now, before, emit = now[:0], before[:0], emit[:0]
		for _, k := range order[first[p-lo]:first[p-lo+1]] {
			now = append(now, m.version(recs, k))
		}
		if m.parent != nil {
			recs, before, emit = m.parent.add(recs, m, p, before, emit)
		}
		now = m.unique(recs, now, out)
		emit = m.join(recs, now, before, emit, out)
		ordered := emit
		if m.parent == nil { // every row number once, in their order
			ordered = sorter.sort(emit)
		} else {
			slices.SortFunc(ordered, inTime)
		}
		m.lay(out, recs, ordered)
		out.rows[p-lo] = uint64(len(emit))
	}
	for i, f := range m.l.fields {
		out.columns[i], out.widths[i] = f.typ.numbers().pack(out.columns[i])
	}
	return out
}

// inTime orders versions by their first day, then by row number, then by the
// load that brought them.
func inTime(a, b version) int {
	if a.from != b.from {
		return cmp.Compare(a.from, b.from)
	}
	if a.key != b.key {
		return cmp.Compare(a.key, b.key)
	}
	return cmp.Compare(a.known, b.known)
}

// byDay puts versions that stand in the order of their row numbers in that of their first
// days: a day and a place are one number, which sorts faster than a version.
type byDay struct {
	keys []uint64
	to   []version
}

// sort returns the versions in order, in memory that the next call takes.
func (s *byDay) sort(list []version) []version {
	s.keys, s.to = s.keys[:0], s.to[:0]
	for i, v := range list {
		s.keys = append(s.keys, uint64(uint32(v.from)^1<<31)<<32|uint64(i))
	}
	slices.Sort(s.keys)
	for _, k := range s.keys {
		s.to = append(s.to, list[uint32(k)])
	}
	return s.to
}

// empty is room for about n rows of persons [lo, hi), in memory that has been
// used before where there is some: fresh memory costs as much as what is put
// into it.
func (m *merger) empty(lo, hi uint32, n int) *merged {
	out, ok := m.spare.Get().(*merged)
	if !ok {
		out = &merged{columns: make([][]byte, len(m.l.fields)), widths: make([]int, len(m.l.fields))}
	}
	out.lo, out.counts, out.conflicts = lo, Counts{}, 0
	out.rows = slices.Grow(out.rows[:0], int(hi-lo))[:hi-lo]
	for i, f := range m.l.fields {
		out.columns[i] = slices.Grow(out.columns[i][:0], n*f.width)
	}
	out.knownFrom, out.knownTo = slices.Grow(out.knownFrom[:0], n), slices.Grow(out.knownTo[:0], n)
	return out
}

// done takes back what has been written.
func (m *merger) done(out *merged) { m.spare.Put(out) }

// translate turns provisional codes into codes.
func (m *merger) translate(recs []byte) {
	for i, f := range m.l.fields {
		if f.typ != TypeCode {
			continue
		}
		for at := f.at; at < len(recs); at += m.l.size {
			binary.LittleEndian.PutUint16(recs[at:], m.fromBook[i][binary.LittleEndian.Uint16(recs[at:])])
		}
	}
}

// groupByPerson returns the numbers of the records of each person: those of p
// are order[first[p-lo]:first[p-lo+1]].
func groupByPerson(recs []byte, size int, lo, hi uint32) (first, order []uint32) {
	first = make([]uint32, hi-lo+2)
	n := len(recs) / size
	for k := range n {
		first[record(recs[k*size:]).person()-lo+2]++
	}
	for i := 2; i < len(first); i++ {
		first[i] += first[i-1]
	}
	order = make([]uint32, n)
	for k := range n {
		p := record(recs[k*size:]).person() - lo
		order[first[p+1]] = uint32(k)
		first[p+1]++
	}
	return first[:hi-lo+1], order
}

func (m *merger) version(recs []byte, k uint32) version {
	r := record(recs[int(k)*m.l.size : int(k+1)*m.l.size])
	known, _ := r.known()
	return version{key: m.l.rowKey(r), from: m.l.firstDay(r), known: known, at: k}
}

// unique sorts a person's new rows by row number and drops repetitions: equal
// rows but one, all rows that share a number and differ.
func (m *merger) unique(recs []byte, now []version, out *merged) []version {
	slices.SortFunc(now, func(a, b version) int { return cmp.Compare(a.key, b.key) })
	kept := now[:0]
	for i := 0; i < len(now); {
		j, same := i+1, true
		for ; j < len(now) && now[j].key == now[i].key; j++ {
			same = same && m.equal(recs, now[i], now[j])
		}
		if same {
			out.counts.Duplicates += int64(j - i - 1)
			kept = append(kept, now[i])
		} else {
			out.conflicts += int64(j - i)
		}
		i = j
	}
	return kept
}

// equal reports whether two records have the same content.
func (m *merger) equal(recs []byte, a, b version) bool {
	x, y := int(a.at)*m.l.size, int(b.at)*m.l.size
	return bytes.Equal(recs[x+recordHeader:x+m.l.size], recs[y+recordHeader:y+m.l.size])
}

// join compares now with before, both sorted by row number, and adds all
// versions to emit.
func (m *merger) join(recs []byte, now, before, emit []version, out *merged) []version {
	i := 0
	shut := func(v version) {
		r := record(recs[int(v.at)*m.l.size:])
		from, _ := r.known()
		r.setKnown(from, m.load)
		emit = append(emit, v)
	}
	for _, b := range before {
		for ; i < len(now) && now[i].key < b.key; i++ {
			emit = m.open(now[i], emit, out)
		}
		switch {
		case i == len(now) || now[i].key != b.key:
			out.counts.Removed++
			shut(b)
		case m.equal(recs, now[i], b):
			out.counts.Unchanged++
			emit = append(emit, b)
			i++
		default:
			out.counts.Changed++
			shut(b)
			emit = append(emit, now[i])
			i++
		}
	}
	for ; i < len(now); i++ {
		emit = m.open(now[i], emit, out)
	}
	return emit
}

func (m *merger) open(v version, emit []version, out *merged) []version {
	out.counts.Added++
	if m.parent != nil && v.from != NoDay && v.from < m.parent.at {
		out.counts.Late++
	}
	return append(emit, v)
}

// lay lays the records of a person out as columns, one column after the other.
func (m *merger) lay(out *merged, recs []byte, emit []version) {
	size := m.l.size
	for i := range m.l.fields {
		f := &m.l.fields[i]
		old := len(out.columns[i])
		c := slices.Grow(out.columns[i], len(emit)*f.width)[:old+len(emit)*f.width]
		out.columns[i] = c
		to := c[old:]
		switch f.width {
		case 8:
			for k, v := range emit {
				binary.LittleEndian.PutUint64(to[k*8:], binary.LittleEndian.Uint64(recs[int(v.at)*size+f.at:]))
			}
		case 4:
			for k, v := range emit {
				binary.LittleEndian.PutUint32(to[k*4:], binary.LittleEndian.Uint32(recs[int(v.at)*size+f.at:]))
			}
		case 2:
			for k, v := range emit {
				binary.LittleEndian.PutUint16(to[k*2:], binary.LittleEndian.Uint16(recs[int(v.at)*size+f.at:]))
			}
		default:
			for k, v := range emit {
				at := int(v.at)*size + f.at
				copy(to[k*f.width:], recs[at:at+f.width])
			}
		}
	}
	for _, v := range emit {
		from, to := record(recs[int(v.at)*size : int(v.at+1)*size]).known()
		out.knownFrom, out.knownTo = append(out.knownFrom, from), append(out.knownTo, to)
	}
}

// newParent prepares the table t of the snapshot before for comparison.
// persons says which person there a person of the new snapshot is.
func newParent(t *Table, from *Snapshot, l *layout, ids *Identity) (*parentTable, error) {
	p := &parentTable{table: t, ids: from.identity, at: from.LoadedAt(), persons: make([]uint32, ids.Len()), columns: make([]*Column, len(l.fields)), fromParent: make([][]uint16, len(l.fields))}
	for i := range p.persons {
		p.persons[i] = NoPerson
		if k, ok := from.identity.ByEntity(ids.entity[i]); ok {
			p.persons[i] = k
		}
	}
	found := 0
	for i, f := range l.fields {
		c := t.Column(f.v.ID)
		if c == nil {
			continue
		}
		if c.Type() != f.typ {
			return nil, changedTable(t.ID(), f.v.ID)
		}
		p.columns[i] = c
		switch f.at {
		case l.key:
			p.keys = c
		case l.from:
			p.from = c
		}
		found++
	}
	if found != len(t.columns) {
		return nil, changedTable(t.ID(), "")
	}
	return p, nil
}

// add appends person p's versions of the snapshot before to recs. Those that
// are still open come back in before, sorted by row number; the closed ones
// join emit as they are.
func (t *parentTable) add(recs []byte, m *merger, p uint32, before, emit []version) (_ []byte, b, e []version) {
	old := t.persons[p]
	if old == NoPerson {
		return recs, before, emit
	}
	size := m.l.size
	lo, hi := t.table.Rows(old)
	for i := lo; i < hi; i++ {
		k := uint32(len(recs) / size)
		recs = append(recs, make([]byte, size)...)
		r := record(recs[int(k)*size:])
		t.fill(r, m, i)
		r.setPerson(p)
		from, to := uint16(1), stillKnown
		if t.table.knownFrom != nil {
			from = t.table.knownFrom.At(i)
		}
		if t.table.knownTo != nil {
			to = t.table.knownTo.At(i)
		}
		r.setKnown(from, to)
		v := m.version(recs, k)
		if to == stillKnown {
			before = append(before, v)
		} else {
			emit = append(emit, v)
		}
	}
	slices.SortFunc(before, func(a, b version) int { return cmp.Compare(a.key, b.key) })
	return recs, before, emit
}

// fill copies row version i of the parent into r.
func (t *parentTable) fill(r record, m *merger, i int) {
	for k := range m.l.fields {
		f, c := &m.l.fields[k], t.columns[k]
		if c == nil {
			f.put(r, f.absent())
			continue
		}
		switch f.typ {
		case TypeCode:
			r.put16(f.at, t.fromParent[k][c.Codes().At(i)])
		case TypePerson:
			r.put32(f.at, t.translatePerson(m, c.Persons().At(i)))
		default:
			f.put(r, c.pattern(i))
		}
	}
}

// translatePerson returns the person of the new snapshot who was p in the one
// before. Everyone there is also here.
func (t *parentTable) translatePerson(m *merger, p uint32) uint32 {
	if p == NoPerson {
		return NoPerson
	}
	now, _ := m.ids.ByEntity(t.ids.entity[p])
	return now
}
