package twin

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/parcel/format"
	"sluss/internal/plan"
)

// sheet makes the cells of one file.
type sheet struct {
	cat        *catalog.Catalogue
	reg        *catalog.Register
	table      *catalog.Table
	e          *plan.Extract
	columns    []column
	seed       string
	identified bool
}

// fill makes the rows in the order of a delivery: by person, the sort keys of
// the specification (or else first day or period), then all columns.
func (s *sheet) fill(lines []line, people []person) (*format.Batch, *format.Schema, int64) {
	schema := &format.Schema{}
	cells := make([][]int64, len(s.columns)) // by column; null is format.Null64
	for i := range s.columns {
		c := &s.columns[i]
		if c.out.Type == format.Text {
			s.dictionary(c, people)
		}
		cells[i] = make([]int64, len(lines))
		for k := range lines {
			cells[i][k] = s.cell(c, &lines[k], &people[lines[k].who])
		}
		schema.Columns = append(schema.Columns, c.out)
	}
	order := make([]int, len(lines))
	for k := range order {
		order[k] = k
	}
	by := s.sortKeys()
	slices.SortStableFunc(order, func(a, b int) int {
		if d := cmp.Compare(lines[a].who, lines[b].who); d != 0 {
			return d
		}
		for _, i := range by {
			if d := cmp.Compare(cells[i][a], cells[i][b]); d != 0 {
				return d
			}
		}
		return 0
	})
	batch := format.NewBatch(schema)
	batch.N = len(lines)
	for i, c := range schema.Columns {
		for _, k := range order {
			x := cells[i][k]
			if c.Type.Wide() {
				batch.Cols[i].I64 = append(batch.Cols[i].I64, x)
				continue
			}
			if x == format.Null64 {
				x = int64(format.Null32)
				if c.Type == format.Text {
					x = 0
				}
			}
			batch.Cols[i].I32 = append(batch.Cols[i].I32, int32(x))
		}
	}
	seen := map[int]bool{}
	for _, l := range lines {
		seen[l.who] = true
	}
	return batch, schema, int64(len(seen))
}

func (s *sheet) sortKeys() []int {
	var out []int
	for _, name := range s.e.Output.Sort {
		out = append(out, slices.IndexFunc(s.columns, func(c column) bool { return c.out.Name == name }))
	}
	for i, c := range s.columns {
		if len(s.e.Output.Sort) == 0 && (c.fn == "period" || c.fn == "" && c.v.Role == catalog.RoleFrom) {
			out = append(out, i)
		}
	}
	for i := range s.columns {
		out = append(out, i)
	}
	return out
}

// dictionary sets the texts of a column, after coarsening, in bytewise order
// after the missing value.
func (s *sheet) dictionary(c *column, people []person) {
	dict := []string{""}
	if c.v != nil && c.v.Kind == catalog.KindPerson {
		for _, p := range people {
			dict = append(dict, p.number)
		}
	}
	for _, code := range c.codes {
		dict = append(dict, s.coarser(c, code))
	}
	slices.Sort(dict)
	c.out.Dict = slices.Compact(dict)
}

// coarser is a code at the column's level, "" where it has no place there.
func (s *sheet) coarser(c *column, code string) string {
	if c.plan == nil || c.plan.Coarsen == nil {
		return code
	}
	out := ""
	switch c.plan.Coarsen.To {
	case "icd_3":
		out, _ = catalog.ICD3(code)
	case "icd_block":
		out, _ = s.cat.ICDRange(catalog.ICDBlocks, code)
	case "icd_chapter":
		out, _ = s.cat.ICDRange(catalog.ICDChapters, code)
	case "county":
		out = code[:min(2, len(code))]
	}
	return out
}

// at is the place of a text in the column's dictionary.
func (c *column) at(text string) int64 {
	n, _ := slices.BinarySearch(c.out.Dict, text)
	return int64(n)
}

// cell is one value as it is written.
func (s *sheet) cell(c *column, l *line, p *person) int64 {
	if c.fn == "group" {
		return c.at(c.codes[p.groups[c.group]%len(c.codes)])
	}
	x := s.value(c, l, p)
	if x == format.Null64 || c.plan.Coarsen == nil || c.out.Type == format.Text {
		return x
	}
	switch c.plan.Coarsen.To {
	case "month":
		return int64(day.Day(x).Month())
	case "quarter":
		if c.typ == format.Date {
			x = int64(day.Day(x).Month())
		}
		return x / 3
	case "year":
		if c.typ == format.Date {
			return int64(day.Day(x).Year())
		}
		return x / 12
	case "age_5y":
		return x / 5 * 5
	case "age_10y":
		return x / 10 * 10
	case "amount_1000":
		return x / 100_000 * 100_000
	}
	return x
}

// value is the value of a line before coarsening.
func (s *sheet) value(c *column, l *line, p *person) int64 {
	truth := func(b bool) int64 {
		if b {
			return 1
		}
		return 0
	}
	switch c.fn {
	case plan.FnAbsent:
		return format.Null64
	case "days":
		return l.days
	case "gross_days":
		if s.e.Shape.Of() == catalog.ShapeLayout {
			return int64(l.to - l.from)
		}
		return l.days
	case "spell_from":
		return int64(l.shown.From)
	case "spell_tom":
		if l.goesOn {
			return format.Null64
		}
		return int64(l.shown.To - 1)
	case "spell_days":
		return int64(l.shown.To - l.shown.From)
	case "day_amount":
		if l.net == 0 {
			return format.Null64
		}
		return l.ore * 1000 / l.net
	case "net_days":
		return l.net
	case "spell_seq":
		return int64(l.spellSeq)
	case "seq", "rank_start":
		return int64(l.seq)
	case "spells":
		return l.spells.all
	case "spells_started":
		return l.spells.started
	case "spells_ended":
		return l.spells.ended
	case "left_cut":
		return truth(l.left)
	case "right_cut":
		return truth(l.right)
	case "ongoing":
		return truth(l.ongoing)
	case "true_from":
		return int64(l.spell.From)
	case "true_tom", "true_to":
		return int64(l.spell.To - 1)
	case "amount_sum":
		return l.ore
	case "period":
		switch c.typ {
		case format.Week: // numbered from the Monday before 1970
			return int64((l.from - day.Of(1969, 12, 29)) / 7)
		case format.Quarter:
			return int64(l.from.Month() / 3)
		case format.Month:
			return int64(l.from.Month())
		case format.Date:
			return int64(l.from)
		}
		return int64(l.from.Year())
	case "count":
		return truth(!l.empty) * 2
	case "flag_any":
		return truth(!l.empty)
	case "age_at":
		on := l.window.From
		if a, ok := s.anchor(c, p); ok {
			on = a
		}
		return int64((on.Month() - p.birth.Month()) / 12)
	case "days_from_anchor":
		a, _ := s.anchor(c, p)
		if d := s.stored(c, l, p); d != format.Null64 {
			return d - int64(a)
		}
		return format.Null64
	}
	return s.stored(c, l, p)
}

func (s *sheet) anchor(c *column, p *person) (day.Day, bool) {
	if c.plan.Derive == nil {
		return 0, false
	}
	name, _ := c.plan.Derive.Args["anchor"].(string)
	d, ok := p.anchors[name]
	return d, ok
}

// stored is a value of the variable itself.
func (s *sheet) stored(c *column, l *line, p *person) int64 {
	if c.v.Role == catalog.RolePerson {
		if s.identified {
			return c.at(p.number)
		}
		return p.serial
	}
	if l.empty && c.out.Nullable && c.v.Role != catalog.RoleTom {
		return format.Null64
	}
	switch c.v.Role {
	case catalog.RoleFrom:
		return int64(l.from)
	case catalog.RoleTom:
		if l.ongoing {
			return format.Null64
		}
		return int64(l.to - 1)
	case catalog.RoleExtent:
		return l.extent
	case catalog.RoleAmount:
		return l.ore
	case catalog.RolePaid:
		if l.paid >= l.window.To && s.e.History != "reveal" {
			return format.Null64
		}
		return int64(l.paid)
	case catalog.RoleBenefit:
		return c.at(s.coarser(c, c.codes[l.benefit%len(c.codes)]))
	}
	r := dice(l.draw + "/" + c.v.ID)
	if c.v.Nullable && r.IntN(8) == 0 {
		return format.Null64
	}
	return s.drawn(c, l, p, r)
}

// drawn is a value of a variable that is carried along.
func (s *sheet) drawn(c *column, l *line, p *person, r *rand.Rand) int64 {
	switch c.v.Kind {
	case catalog.KindPerson:
		if c.out.Type == format.Text {
			return int64(1 + r.IntN(len(c.out.Dict)-1))
		}
		return int64(between(r, 100_000, 1_200_000))
	case catalog.KindDate:
		d := l.from - day.Day(r.IntN(30))
		if d < l.window.From && s.e.History != "reveal" {
			return format.Null64
		}
		return int64(d)
	case catalog.KindCode:
		return c.at(s.coarser(c, c.codes[r.IntN(len(c.codes))]))
	case catalog.KindOre:
		return int64(between(r, 10, 4_000)) * 10_000
	case catalog.KindExtent:
		return []int64{1000, 1000, 750, 500, 250}[r.IntN(5)]
	case catalog.KindPeriod:
		switch {
		case c.v.Level == "month" && c.v.Nullable: // happens to few
			if r.IntN(5) > 0 {
				return format.Null64
			}
			return int64(l.window.From.Month() + 1)
		case c.v.Level == "month":
			return int64(p.birth.Month())
		}
		return int64(p.birth.Year())
	}
	return int64(between(r, 0, 30))
}
