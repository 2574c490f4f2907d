package embedded

import (
	"cmp"
	"os"
	"slices"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/engine/enginetest"
	"sluss/internal/register/cells"
)

func TestSuite(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, func(t testing.TB, w enginetest.World) engine.Engine { return New(handmade(t, w)) })
}

// handmade puts a world into columns the way a snapshot has them.
func handmade(t testing.TB, w enginetest.World) *Source {
	t.Helper()
	tables := map[string]*Table{}
	if w.Tables["midas_sjp"] == nil && w.Tables["midas_fp"] == nil && w.Tables["tandvard"] == nil && w.Tables["person"] == nil {
		w.Tables = map[string][]enginetest.Row{"midas_sjp": nil}
	}
	for id, rows := range w.Tables {
		_, ct := catalog.Builtin().Table(id)
		tables[id] = handmadeTable(t, ct, rows, len(w.Births))
	}
	return &Source{
		ID: enginetest.Snapshot, Day: w.Day, Persons: len(w.Births),
		Birth: func(p uint32) (day.Day, bool) { return w.Births[p], w.Births[p] != noDay },
		Table: func(id string) *Table { return tables[id] },
	}
}

func handmadeTable(t testing.TB, ct *catalog.Table, rows []enginetest.Row, persons int) *Table {
	rows = slices.Clone(rows)
	from := ct.ByRole(catalog.RoleFrom)
	slices.SortStableFunc(rows, func(a, b enginetest.Row) int {
		c := cmp.Compare(a.Person, b.Person)
		if from == nil || c != 0 {
			return c
		}
		x, _ := a.Values[from.ID].(day.Day)
		y, _ := b.Values[from.ID].(day.Day)
		p, _ := a.Values["row_id"].(int64)
		q, _ := b.Values["row_id"].(int64)
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(p, q))
	})
	out := &Table{Columns: map[string]*Column{}}
	offsets := make([]int, persons+1)
	for _, r := range rows {
		offsets[r.Person+1]++
	}
	for i := range persons {
		offsets[i+1] += offsets[i]
	}
	out.Rows = func(p uint32) (int, int) { return offsets[p], offsets[p+1] }
	if slices.ContainsFunc(rows, func(r enginetest.Row) bool { return r.Hidden }) {
		out.Known = func(i int) bool { return !rows[i].Hidden }
	}
	for i := range ct.Variables {
		v := &ct.Variables[i]
		if v.Stored() && v.Role != catalog.RolePerson {
			out.Columns[v.ID] = handmadeColumn(v, rows)
		}
	}
	return out
}

func handmadeColumn(v *catalog.Variable, rows []enginetest.Row) *Column {
	c := &Plain{}
	switch { // without rows, a column is there all the same
	case v.Kind == catalog.KindCode:
		c.Codes = []uint16{}
	case v.Kind == catalog.KindDate:
		c.Days = []day.Day{}
	case v.Kind == catalog.KindExtent:
		c.Extents = []uint16{}
	case v.Kind == catalog.KindPerson:
		c.Persons = []uint32{}
	case v.Kind == catalog.KindOre || v.Role == catalog.RoleRowID || v.Role == catalog.RoleTrack:
		c.Int64s = []int64{}
	default:
		c.Int32s = []int32{}
	}
	if v.Kind == catalog.KindCode {
		c.Dict = []string{""}
		for _, r := range rows {
			s, _ := r.Values[v.ID].(string)
			c.Dict = append(c.Dict, s)
		}
		slices.Sort(c.Dict)
		c.Dict = slices.Compact(c.Dict)
	}
	for _, r := range rows {
		x, there := r.Values[v.ID]
		switch {
		case v.Kind == catalog.KindCode:
			s, _ := x.(string)
			at, _ := slices.BinarySearch(c.Dict, s)
			c.Codes = append(c.Codes, uint16(at))
		case v.Kind == catalog.KindDate:
			d, _ := x.(day.Day)
			if !there {
				d = noDay
			}
			c.Days = append(c.Days, d)
		case v.Kind == catalog.KindExtent:
			e, _ := x.(uint16)
			if !there {
				e = noExtent
			}
			c.Extents = append(c.Extents, e)
		case v.Kind == catalog.KindPerson:
			p, _ := x.(uint32)
			if !there {
				p = noPerson
			}
			c.Persons = append(c.Persons, p)
		case v.Kind == catalog.KindOre || v.Role == catalog.RoleRowID || v.Role == catalog.RoleTrack:
			n, _ := x.(int64)
			if !there {
				n = noInt64
			}
			c.Int64s = append(c.Int64s, n)
		default:
			n, _ := x.(int64)
			if !there {
				n = int64(noInt32)
			}
			c.Int32s = append(c.Int32s, int32(n))
		}
	}
	// Columns of a kind are seldom all as wide as each other.
	if (len(rows)+7*int(v.ID[0])+len(v.ID))%3 == 0 {
		return c.Column()
	}
	return narrowed(c)
}

// narrowed is a column in as few bytes as its numbers need, as one of a snapshot is.
func narrowed(p *Plain) *Column {
	c := p.Column()
	c.Days, c.Int32s, c.Int64s = narrowedCells(p.Days), narrowedCells(p.Int32s), narrowedCells(p.Int64s)
	c.Extents, c.Persons, c.Codes = narrowedCells(p.Extents), narrowedCells(p.Persons), narrowedCells(p.Codes)
	return c
}

func narrowedCells[T cells.Cell](vals []T) *cells.Column[T] {
	if vals == nil {
		return nil
	}
	return cells.Packed(vals)
}

var temporary string

// TestMain removes the stored snapshot in the end.
func TestMain(m *testing.M) {
	code := m.Run()
	if temporary != "" {
		os.RemoveAll(temporary)
	}
	os.Exit(code)
}

func tempDir() (dir string, err error) {
	temporary, err = os.MkdirTemp("", "engine-test-")
	return temporary, err
}
