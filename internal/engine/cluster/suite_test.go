package cluster

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/engine/embedded"
	"sluss/internal/engine/enginetest"
	"sluss/internal/register"
)

// TestSuite runs everything that an engine must pass through the pipe: rows in
// disorder, in several partitions, each read by a kernel of its own.
func TestSuite(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, func(t testing.TB, w enginetest.World) engine.Engine {
		l, tables := laid(w)
		return &Engine{Layout: l, Birth: births(w), Runner: &pipes{tables: tables, seed: 1}, Partitions: 3}
	})
}

// tableRows is a table of a world as columns.
type tableRows struct {
	persons []int64
	cols    []*embedded.Plain
}

func births(w enginetest.World) func(uint32) (day.Day, bool) {
	return func(p uint32) (day.Day, bool) { return w.Births[p], w.Births[p] != register.NoDay }
}

// laid lays a world out the way Export lays out a snapshot.
func laid(w enginetest.World) (*Layout, map[string]*tableRows) {
	l := &Layout{Format: layoutFormat, Snapshot: enginetest.Snapshot, Day: w.Day, Persons: len(w.Births), Buckets: 1}
	tables := map[string]*tableRows{}
	if len(w.Tables) == 0 {
		w.Tables = map[string][]enginetest.Row{"midas_sjp": nil}
	}
	for id, list := range w.Tables {
		_, ct := catalog.Builtin().Table(id)
		tl, tr := TableLayout{ID: id}, &tableRows{}
		for _, r := range list {
			if !r.Hidden {
				tr.persons = append(tr.persons, int64(r.Person))
			}
		}
		for i := range ct.Variables {
			if v := &ct.Variables[i]; v.Stored() && v.Role != catalog.RolePerson {
				cl, c := laidColumn(v, list)
				tl.Columns, tr.cols = append(tl.Columns, cl), append(tr.cols, c)
			}
		}
		l.Tables, tables[id] = append(l.Tables, tl), tr
	}
	return l, tables
}

func laidColumn(v *catalog.Variable, list []enginetest.Row) (ColumnLayout, *embedded.Plain) {
	cl := ColumnLayout{Variable: v.ID, Type: TypeInt32, From: v.Role == catalog.RoleFrom, RowID: v.Role == catalog.RoleRowID}
	switch {
	case v.Kind == catalog.KindCode:
		cl.Type, cl.Codes = TypeCode, []string{""}
		for _, r := range list {
			s, _ := r.Values[v.ID].(string)
			cl.Codes = append(cl.Codes, s)
		}
		slices.Sort(cl.Codes)
		cl.Codes = slices.Compact(cl.Codes)
	case v.Kind == catalog.KindDate:
		cl.Type = TypeDay
	case v.Kind == catalog.KindExtent:
		cl.Type = TypeExtent
	case v.Kind == catalog.KindPerson:
		cl.Type = TypePerson
	case v.Kind == catalog.KindOre || v.Role == catalog.RoleRowID || v.Role == catalog.RoleTrack:
		cl.Type = TypeInt64
	}
	c := cl.empty()
	for _, r := range list {
		x, there := r.Values[v.ID]
		if r.Hidden {
			continue
		}
		switch cl.Type {
		case TypeCode:
			s, _ := x.(string)
			c.Codes = append(c.Codes, uint16(slices.Index(cl.Codes, s)))
		case TypeDay:
			c.Days = append(c.Days, or(there, x, register.NoDay))
		case TypeExtent:
			c.Extents = append(c.Extents, or(there, x, register.NoExtent))
		case TypePerson:
			c.Persons = append(c.Persons, or(there, x, register.NoPerson))
		case TypeInt64:
			c.Int64s = append(c.Int64s, or(there, x, register.NoInt64))
		case TypeInt32:
			c.Int32s = append(c.Int32s, int32(or(there, x, int64(register.NoInt32))))
		}
	}
	return cl, c
}

func or[T any](there bool, x any, missing T) T {
	if !there {
		return missing
	}
	return x.(T)
}

// pipes is a cluster of one process: it does what the script for Spark does,
// with Arrow streams in memory between itself and the kernels.
type pipes struct {
	tables map[string]*tableRows
	seed   uint64
	sorted bool                                  // rows in the order of the snapshot
	sealed bool                                  // tasks go through their file
	damage func(task, part int, b []byte) []byte // of what a kernel wrote; nil: none
}

func (c *pipes) Run(ctx context.Context, w *Work, _ func(done, total int64)) (Results, error) {
	out := &kept{}
	for n, t := range w.Tasks {
		if c.sealed {
			b, err := t.seal()
			if err != nil {
				return nil, err
			}
			extracts := t.extracts
			if t, err = ReadTask(b); err != nil {
				return nil, err
			}
			t.extracts = extracts
		}
		var parts [][]byte
		for part := range t.Partitions {
			var b bytes.Buffer
			if err := Kernel(ctx, t, bytes.NewReader(c.stream(w, t, part)), &b); err != nil {
				return nil, err
			}
			got := b.Bytes()
			if c.damage != nil {
				got = c.damage(n, part, got)
			}
			if got != nil {
				parts = append(parts, got)
			}
		}
		out.parts = append(out.parts, parts)
	}
	return out, nil
}

// stream is what the process of a partition reads.
func (c *pipes) stream(w *Work, t *Task, part int) []byte {
	in := func(person int64) bool { return int(person*2654435761>>7)%t.Partitions == part }
	seats := map[int64]bool{}
	var lines []line
	for i, s := range w.Seats {
		if in(int64(s.Person)) {
			seats[int64(s.Person)] = true
			lines = append(lines, line{seat: &w.Seats[i]})
		}
	}
	rows := c.tables[t.Table.ID]
	for i, p := range rows.persons {
		if seats[p] && passes(t, rows, i) {
			lines = append(lines, line{row: i})
		}
	}
	if !c.sorted {
		r := rand.New(rand.NewPCG(c.seed, uint64(len(lines))))
		r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	}
	return stream(t, rows, lines)
}

// passes makes the tests on rows that Spark may make.
func passes(t *Task, rows *tableRows, i int) bool {
	for _, f := range t.Filters {
		k := slices.IndexFunc(t.Table.Columns, func(c ColumnLayout) bool { return c.Variable == f.Variable })
		text := rows.cols[k].Dict[rows.cols[k].Codes[i]]
		if text == "" && !f.Missing || text != "" && !slices.Contains(f.Texts, text) {
			return false
		}
	}
	return true
}

// line is a seat or a row.
type line struct {
	seat *Seat
	row  int
}

// stream writes lines as Spark does: seats and rows in one table, a few to a
// batch.
func stream(t *Task, rows *tableRows, lines []line) []byte {
	fields := []arrow.Field{
		{Name: columnPerson, Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: columnPlace, Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: columnBorn, Type: arrow.FixedWidthTypes.Date32, Nullable: true},
	}
	for k := range t.Anchors {
		fields = append(fields, arrow.Field{Name: columnAnchor + string(rune('0'+k)), Type: arrow.FixedWidthTypes.Date32, Nullable: true})
	}
	own := len(fields)
	fields = append(fields, t.Table.schema().Fields()[1:]...)
	schema := arrow.NewSchema(fields, nil)
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(schema))
	for len(lines) > 0 {
		n := min(len(lines), 7)
		b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		var at []int32
		for _, l := range lines[:n] {
			if l.seat == nil {
				at = append(at, int32(l.row))
				b.Field(0).(*array.Int64Builder).Append(rows.persons[l.row])
				for k := 1; k < own; k++ {
					b.Field(k).AppendNull()
				}
				continue
			}
			b.Field(0).(*array.Int64Builder).Append(int64(l.seat.Person))
			b.Field(1).(*array.Int64Builder).Append(l.seat.Place)
			appendDay(b.Field(2), int32(l.seat.Born), l.seat.HasBorn)
			for k, a := range l.seat.Anchors {
				appendDay(b.Field(3+k), int32(a.Day), a.Set)
			}
		}
		next := 0
		for _, l := range lines[:n] {
			for k, c := range rows.cols {
				if l.seat != nil {
					b.Field(own + k).AppendNull()
				} else {
					fill(b.Field(own+k), arranged(c, at[next:next+1]))
				}
			}
			if l.seat == nil {
				next++
			}
		}
		rec := b.NewRecordBatch()
		if err := w.Write(rec); err != nil {
			panic(err)
		}
		rec.Release()
		lines = lines[n:]
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// kept is results in memory.
type kept struct{ parts [][][]byte }

func (k *kept) Close() error { return nil }

func (k *kept) Streams(task, extract int) ([]Stream, error) {
	var out []Stream
	for _, b := range k.parts[task] {
		s, err := readRecords(b, extract)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

type listed struct{ recs []Record }

func (l *listed) Close() error { return nil }

func (l *listed) Next() (Record, error) {
	if len(l.recs) == 0 {
		return Record{}, io.EOF
	}
	r := l.recs[0]
	l.recs = l.recs[1:]
	return r, nil
}

func readRecords(b []byte, extract int) (*listed, error) {
	r, err := ipc.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	defer r.Release()
	out := &listed{}
	for r.Next() {
		rec := r.RecordBatch()
		for i := range int(rec.NumRows()) {
			if e := rec.Column(0).(*array.Int32).Value(i); int(e) == extract {
				out.recs = append(out.recs, Record{e, rec.Column(1).(*array.Int64).Value(i), slices.Clone(rec.Column(2).(*array.Binary).Value(i))})
			}
		}
	}
	return out, r.Err()
}
