package cluster

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/engine/embedded"
	"sluss/internal/fault"
	"sluss/internal/register"
)

// Columns that are not variables. Names of variables do not begin so.
const (
	columnPerson = "_person"
	columnPlace  = "_place"
	columnBorn   = "_born"
	columnAnchor = "_anchor" // and a number
)

// rows gathers what comes in through the pipe, column by column.
type rows struct {
	t      *Task
	person []int64 // of every row
	cols   []*embedded.Plain
	codes  []map[string]uint16
	seats  []Seat
}

func newRows(t *Task) *rows {
	r := &rows{t: t}
	for i := range t.Table.Columns {
		c := &t.Table.Columns[i]
		r.cols = append(r.cols, c.empty())
		var codes map[string]uint16
		if c.Type == TypeCode {
			codes = make(map[string]uint16, len(c.Codes))
			for at, text := range c.Codes {
				codes[text] = uint16(at)
			}
		}
		r.codes = append(r.codes, codes)
	}
	return r
}

// read takes in the whole stream.
func (r *rows) read(ctx context.Context, in io.Reader) error {
	s, err := ipc.NewReader(in)
	if err != nil {
		return notArrow(err)
	}
	defer s.Release()
	for s.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.add(s.RecordBatch()); err != nil {
			return err
		}
	}
	if err := s.Err(); err != nil {
		return notArrow(err)
	}
	return nil
}

func notArrow(err error) error {
	return fault.New("cluster.stream", "Strömmen in är inte Arrow, eller slutar för tidigt.", "The stream in is not Arrow, or ends too early.").Because(err)
}

// add takes in a batch.
func (r *rows) add(b arrow.RecordBatch) error {
	at := map[string]arrow.Array{}
	for i, f := range b.Schema().Fields() {
		at[f.Name] = b.Column(i)
	}
	person, ok := at[columnPerson].(*array.Int64)
	place, ok2 := at[columnPlace].(*array.Int64)
	if !ok || !ok2 {
		return wrongInput("column", columnPerson, "Kolumnerna _person och _place ska vara int64.", "The columns _person and _place are to be int64.")
	}
	var lines []int
	for i := range int(b.NumRows()) {
		switch {
		case person.IsNull(i) || person.Value(i) < 0 || person.Value(i) >= math.MaxUint32:
			return wrongInput("person", columnPerson, "En rad saknar person.", "A row has no person.")
		case place.IsNull(i):
			lines = append(lines, i)
			r.person = append(r.person, person.Value(i))
		default:
			s := Seat{Person: uint32(person.Value(i)), Place: place.Value(i)}
			if err := r.seat(&s, at, i); err != nil {
				return err
			}
			r.seats = append(r.seats, s)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	for k := range r.cols {
		c := &r.t.Table.Columns[k]
		if err := r.append(k, c, at[c.Variable], lines); err != nil {
			return err
		}
	}
	return nil
}

// seat reads birth and anchors of a seat from line i.
func (r *rows) seat(s *Seat, at map[string]arrow.Array, i int) error {
	read := func(name string) (day.Day, bool, error) {
		a, ok := at[name].(*array.Date32)
		if !ok {
			return 0, false, wrongInput("column", name, "Kolumnen saknas eller är inte date32.", "The column is missing or not date32.")
		}
		return day.Day(a.Value(i)), !a.IsNull(i), nil
	}
	var err error
	if s.Born, s.HasBorn, err = read(columnBorn); err != nil {
		return err
	}
	for k := range r.t.Anchors {
		d, set, err := read(fmt.Sprint(columnAnchor, k))
		if err != nil {
			return err
		}
		if !set {
			d = 0
		}
		s.Anchors = append(s.Anchors, engine.Anchor{Set: set, Day: d})
	}
	return nil
}

// append adds the cells of the given lines to column k.
func (r *rows) append(k int, c *ColumnLayout, a arrow.Array, lines []int) error {
	wrong := wrongInput("column", c.Variable, "Kolumnen saknas eller har en annan typ än utläggningen.", "The column is missing or has another type than the layout.")
	col := r.cols[k]
	ok := true
	switch c.Type {
	case TypeDay:
		col.Days, ok = appendCells(col.Days, a, lines, register.NoDay, func(v arrow.Date32) day.Day { return day.Day(v) })
	case TypeInt32:
		col.Int32s, ok = appendCells(col.Int32s, a, lines, register.NoInt32, func(v int32) int32 { return v })
	case TypeInt64:
		col.Int64s, ok = appendCells(col.Int64s, a, lines, register.NoInt64, func(v int64) int64 { return v })
	case TypeExtent:
		col.Extents, ok = appendCells(col.Extents, a, lines, register.NoExtent, func(v int32) uint16 { return uint16(v) })
	case TypePerson:
		col.Persons, ok = appendCells(col.Persons, a, lines, register.NoPerson, func(v int64) uint32 { return uint32(v) })
	case TypeCode:
		unknown := false
		col.Codes, ok = appendCells(col.Codes, a, lines, 0, func(v string) uint16 {
			code, known := r.codes[k][v]
			unknown = unknown || !known
			return code
		})
		if unknown {
			return wrongInput("code", c.Variable, "En kod finns inte i utläggningens ordlista.", "A code is not in the layout's dictionary.")
		}
	default:
		return wrong
	}
	if !ok {
		return wrong
	}
	return nil
}

// values is an Arrow array of values of a type.
type values[V any] interface {
	IsNull(i int) bool
	Value(i int) V
}

func appendCells[T, V any](dst []T, a arrow.Array, lines []int, missing T, as func(V) T) ([]T, bool) {
	v, ok := a.(values[V])
	if !ok {
		return dst, false
	}
	dst = slices.Grow(dst, len(lines))
	for _, i := range lines {
		if v.IsNull(i) {
			dst = append(dst, missing)
		} else {
			dst = append(dst, as(v.Value(i)))
		}
	}
	return dst, true
}

// source sorts the rows and returns them as a source, with the people of the
// task. Persons are numbered anew; other persons in columns keep their numbers
// in the snapshot.
func (r *rows) source() (*embedded.Source, []engine.Person, error) {
	slices.SortFunc(r.seats, func(a, b Seat) int { return cmp.Compare(a.Place, b.Place) })
	local := make(map[int64]int32, len(r.seats))
	people := make([]engine.Person, len(r.seats))
	for i := range r.seats {
		s := &r.seats[i]
		if _, twice := local[int64(s.Person)]; twice || s.Place < 1 || i > 0 && s.Place == r.seats[i-1].Place {
			return nil, nil, wrongInput("seat", columnPlace, "En person eller plats finns två gånger.", "A person or place is there twice.")
		}
		local[int64(s.Person)] = int32(i)
		people[i] = engine.Person{Index: uint32(i), Serial: s.Place, Anchors: s.Anchors, Groups: make([]string, r.groups())}
	}
	who := make([]int32, len(r.person))
	for i, p := range r.person {
		at, ok := local[p]
		if !ok {
			return nil, nil, wrongInput("stray", columnPerson, "En rad gäller någon som inte har plats i uppgiften.", "A row is of somebody without a seat in the task.")
		}
		who[i] = at
	}
	first := make([]int32, len(people)+1)
	for _, at := range who {
		first[at+1]++
	}
	for i := range people {
		first[i+1] += first[i]
	}
	table := &embedded.Table{
		Rows:    func(p uint32) (int, int) { return int(first[p]), int(first[p+1]) },
		Columns: map[string]*embedded.Column{},
	}
	order := r.order(who)
	for k := range r.cols {
		table.Columns[r.t.Table.Columns[k].Variable] = arranged(r.cols[k], order).Column()
	}
	return &embedded.Source{
		ID: r.t.Snapshot, Day: r.t.Day, Persons: len(people),
		Birth: func(p uint32) (day.Day, bool) { return r.seats[p].Born, r.seats[p].HasBorn },
		Table: func(id string) *embedded.Table {
			if id != r.t.Table.ID {
				return nil
			}
			return table
		},
	}, people, nil
}

func (r *rows) groups() int { return len(r.t.Spec.Population.GroupNames()) }

// order is the order of rows in a snapshot: by person, first day, row number.
// It is nil where they come in it.
func (r *rows) order(who []int32) []int32 {
	var from []day.Day
	var id []int64
	for k := range r.cols {
		if r.t.Table.Columns[k].From {
			from = r.cols[k].Days
		}
		if r.t.Table.Columns[k].RowID {
			id = r.cols[k].Int64s
		}
	}
	compare := func(a, b int32) int {
		c := cmp.Compare(who[a], who[b])
		if c == 0 && from != nil {
			c = cmp.Compare(from[a], from[b])
		}
		if c == 0 && id != nil {
			c = cmp.Compare(id[a], id[b])
		}
		return c
	}
	sorted := true
	for i := 1; i < len(who) && sorted; i++ {
		sorted = compare(int32(i-1), int32(i)) <= 0
	}
	if sorted {
		return nil
	}
	order := make([]int32, len(who))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, compare)
	return order
}

// arranged returns the column in the given order.
func arranged(c *embedded.Plain, order []int32) *embedded.Plain {
	if order == nil {
		return c
	}
	return &embedded.Plain{
		Days: gather(c.Days, order), Int32s: gather(c.Int32s, order), Int64s: gather(c.Int64s, order), Extents: gather(c.Extents, order),
		Persons: gather(c.Persons, order), Codes: gather(c.Codes, order), Dict: c.Dict,
	}
}

func gather[T any](from []T, order []int32) []T {
	if from == nil {
		return nil
	}
	out := make([]T, len(order))
	for i, at := range order {
		out[i] = from[at]
	}
	return out
}
