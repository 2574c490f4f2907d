package register

import (
	"context"
	"encoding/binary"
	"math"

	"golang.org/x/sync/errgroup"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// reasons are the reasons for which decoding sets a row aside; a row's is the
// first that is met. Index 0 is a good row.
var reasons = [...]string{
	"", ReasonMissingIdentity, ReasonUnknownIdentity, ReasonAmbiguousIdentity, ReasonUnknownOther,
	ReasonMissingValue, ReasonUnknownCode, ReasonBadCode, ReasonOutOfRange, ReasonNegativeAmount,
}

const (
	good uint8 = iota
	missingIdentity
	unknownIdentity
	ambiguousIdentity
	unknownOther
	missingValue
	unknownCode
	badCode
	outOfRange
	negativeAmount
)

// tally counts what became of rows.
type tally [len(reasons)]int64

// decoder turns batches of source rows into records. One per worker.
type decoder struct {
	l      *layout
	ids    *Identity
	held   *holders     // nil where the source names persons by key
	caches []*codeCache // per field, nil unless a code

	recs  []byte
	bad   []uint8
	ints  []int64
	codes []uint16
	owner []uint64 // the person's numbers
	who   [together]uint32

	touched uint64
	keys    []int64          // or keys
	others  map[int][]uint64 // numbers of other persons, per field
}

func newDecoder(l *layout, ids *Identity, books []*codeBook) *decoder {
	d := &decoder{
		l: l, ids: ids, caches: make([]*codeCache, len(l.fields)), others: map[int][]uint64{},
		recs: make([]byte, batchRows*l.size), bad: make([]uint8, batchRows), ints: make([]int64, batchRows),
		codes: make([]uint16, batchRows), owner: make([]uint64, batchRows), keys: make([]int64, batchRows),
	}
	if l.person.SourceKey != catalog.SourceEntity {
		d.held = ids.holders()
	}
	for i, f := range l.fields {
		if f.typ == TypeCode {
			d.caches[i] = newCodeCache(books[i])
		}
		if f.typ == TypePerson {
			d.others[i] = make([]uint64, batchRows)
		}
	}
	return d
}

// batch decodes n rows and adds the good ones to out.
func (d *decoder) batch(cols []*cursor, n int, load uint16, out *pocket, t *tally) error {
	clear(d.bad[:n])
	if d.l.person.SourceKey == catalog.SourceEntity {
		if err := cols[0].ints(d.keys[:n]); err != nil {
			return err
		}
	} else if err := cols[0].numbers(d.owner[:n]); err != nil {
		return err
	}
	for i := range d.l.fields {
		if err := d.field(i, cols[i+1], n); err != nil {
			return err
		}
	}
	for i := range n {
		if i%together == 0 && d.l.person.SourceKey != catalog.SourceEntity {
			d.touched += d.held.find(d.owner[i:min(i+together, n)], d.who[:])
		}
		r := record(d.recs[i*d.l.size : (i+1)*d.l.size])
		if d.bad[i] == good {
			d.bad[i] = d.resolve(i, r)
		}
		t[d.bad[i]]++
		if d.bad[i] != good {
			continue
		}
		r.setKnown(load, stillKnown)
		if err := out.add(r); err != nil {
			return err
		}
	}
	return nil
}

// field decodes one column into the records.
func (d *decoder) field(i int, c *cursor, n int) error {
	f := &d.l.fields[i]
	switch {
	case f.typ == TypePerson && f.v.SourceKey == catalog.SourceNumber:
		return c.numbers(d.others[i][:n])
	case f.typ == TypeCode:
		if err := c.codes(d.codes[:n], d.caches[i]); err != nil {
			return err
		}
		for k, v := range d.codes[:n] {
			switch {
			case v == codeFull:
				return tooManyCodes(c.src.name, c.name)
			case v == codeUnknown:
				d.reject(k, unknownCode)
			case v == codeText:
				d.reject(k, badCode)
			case v == 0 && !f.v.Nullable:
				d.reject(k, missingValue)
			}
			record(d.recs[k*d.l.size:]).put16(f.at, v)
		}
		return nil
	}
	if err := c.ints(d.ints[:n]); err != nil {
		return err
	}
	if f.typ == TypePerson || f.v.Kind == catalog.KindPeriod {
		for k, v := range d.ints[:n] {
			if v != NoInt64 {
				d.ints[k] = d.translated(f, k, v)
			}
		}
	}
	lo, hi, absent := f.least, f.most, f.absent()
	for k, v := range d.ints[:n] {
		u := uint64(v)
		if v < lo || v > hi {
			if u = absent; v != NoInt64 {
				d.reject(k, f.outside(v))
			} else if !f.v.Nullable {
				d.reject(k, missingValue)
			}
		}
		d.ints[k] = int64(u)
	}
	d.place(f, n)
	return nil
}

// translated is the number that is stored for a value of the source that says something
// else: another person's key, a day of which the year or month counts. What means
// nothing is out of the field's range.
func (d *decoder) translated(f *field, row int, v int64) int64 {
	switch {
	case f.typ == TypePerson:
		p, ok := d.ids.ByEntity(v)
		if !ok {
			d.reject(row, unknownOther)
			return int64(NoPerson)
		}
		return int64(p)
	case v < int64(day.Min) || v > int64(day.Max):
		return math.MaxInt64
	case f.v.Level == "year":
		return int64(day.Day(v).Year())
	}
	return int64(day.Day(v).Month())
}

// place puts the numbers of a field into the records.
func (d *decoder) place(f *field, n int) {
	size, recs := d.l.size, d.recs[f.at:]
	switch f.width {
	case 2:
		for k, v := range d.ints[:n] {
			binary.LittleEndian.PutUint16(recs[k*size:], uint16(v))
		}
	case 4:
		for k, v := range d.ints[:n] {
			binary.LittleEndian.PutUint32(recs[k*size:], uint32(v))
		}
	default:
		for k, v := range d.ints[:n] {
			binary.LittleEndian.PutUint64(recs[k*size:], uint64(v))
		}
	}
}

// bounds are the least and the greatest number that a field takes.
func (f *field) bounds() (least, most int64) {
	switch {
	case f.typ == TypeDay:
		return int64(day.Min), int64(day.Max)
	case f.typ == TypeExtent:
		return 0, int64(NoExtent) - 1
	case f.typ == TypePerson:
		return 0, int64(NoPerson)
	case f.typ == TypeInt64 && f.v.Role == catalog.RoleAmount:
		return 0, math.MaxInt64
	case f.typ == TypeInt64:
		return leastInt64 + 1, math.MaxInt64
	}
	return int64(NoInt32) + 1, math.MaxInt32
}

// outside is why a number that is not within a field's bounds is not taken.
func (f *field) outside(v int64) uint8 {
	if f.v.Role == catalog.RoleAmount && v < 0 {
		return negativeAmount
	}
	return outOfRange
}

func (d *decoder) reject(row int, reason uint8) {
	if d.bad[row] == good {
		d.bad[row] = reason
	}
}

// resolve finds the row's persons. The day that decides about reused numbers
// is the row's own.
func (d *decoder) resolve(i int, r record) uint8 {
	on := d.l.eventDay(r)
	if d.l.person.SourceKey == catalog.SourceEntity {
		if d.keys[i] == NoInt64 {
			return missingIdentity
		}
		p, ok := d.ids.ByEntity(d.keys[i])
		if !ok {
			return unknownIdentity
		}
		r.setPerson(p)
	} else {
		if d.owner[i] == numberMissing {
			return missingIdentity
		}
		p := d.who[i%together]
		switch p {
		case NoPerson:
			return unknownIdentity
		case severalHolders:
			var m Match
			if p, m = d.ids.resolve(d.owner[i], on); m == Ambiguous {
				return ambiguousIdentity
			}
		}
		r.setPerson(p)
	}
	for k, list := range d.others {
		f := &d.l.fields[k]
		if f.v.SourceKey == catalog.SourceEntity {
			continue // resolved already
		}
		p := NoPerson
		if list[i] != numberMissing {
			var m Match
			if p, m = d.ids.resolve(list[i], on); m == NotFound || m == Ambiguous {
				return unknownOther
			}
		} else if !f.v.Nullable {
			return unknownOther
		}
		r.put32(f.at, p)
	}
	return good
}

// scatter reads a source with several workers and sorts its rows into
// buckets. done is told how many rows have been read.
func scatter(ctx context.Context, src *source, l *layout, ids *Identity, books []*codeBook, b *buckets, load uint16, workers int, done func(rows int)) (tally, error) {
	groups := make(chan int)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(groups)
		for i := range src.pq.RowGroups() {
			select {
			case groups <- i:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	tallies := make([]tally, workers)
	for w := range workers {
		g.Go(func() error {
			d, out := newDecoder(l, ids, books), b.pocket()
			for i := range groups {
				err := src.scan(ctx, i, func(cols []*cursor, n int) error {
					defer done(n)
					return d.batch(cols, n, load, out, &tallies[w])
				})
				if err != nil {
					return err
				}
			}
			return out.close()
		})
	}
	err := g.Wait()
	var sum tally
	for _, t := range tallies {
		for i, n := range t {
			sum[i] += n
		}
	}
	return sum, err
}
