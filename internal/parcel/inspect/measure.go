package inspect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/disclose"
	"sluss/internal/exposure"
	"sluss/internal/risk"
	"sluss/internal/works"
)

// Measurer reads the finished files once more and measures how easily the
// people in them can be found again. It implements works.Measurer.
//
// Files are read row by row; what is kept is one record per person and
// extract: some forty bytes, and four for each trait.
type Measurer struct{ Catalogue *catalog.Catalogue }

// Measure measures the files of a job in dir.
func (m Measurer) Measure(ctx context.Context, dir string, e works.Extracted, j works.Extraction, policy exposure.Policy) (works.Measured, error) {
	who, err := people(j)
	if err != nil {
		return works.Measured{}, err
	}
	var all []*risk.Gather
	for i, f := range e.Files {
		if i == 0 || f.Extract != e.Files[i-1].Extract {
			all = append(all, risk.NewGather(f.Extract, f.Table, f.Shape, m.fields(f), len(who)))
		}
		if err := m.gather(ctx, dir, f, j, who, all[len(all)-1]); err != nil {
			return works.Measured{}, err
		}
	}
	in := risk.Setting{Policy: policy, Register: j.Register, Progress: func(risk.Progress) error { return ctx.Err() }}
	out := works.Measured{Report: exposure.Report{Type: exposure.Version, Policy: policy}}
	if len(all) == 0 {
		return out, errors.New("inspect: nothing to measure")
	}
	for _, g := range all {
		found := g.Found()
		out.Report.Scanned += found.Cells
		for _, h := range found.Hits {
			out.Identifiers = append(out.Identifiers, works.Identifier{Extract: g.Extract, Hit: h})
		}
		part, err := g.Part(in)
		if err != nil {
			return works.Measured{}, err
		}
		out.Report.Parts = append(out.Report.Parts, part)
	}
	out.Prints = func(key []byte) (ps []risk.Prints) {
		for _, g := range all {
			if p, ok := g.Prints(key); ok {
				ps = append(ps, p)
			}
		}
		return ps
	}
	out.Report.Together, err = risk.Together(all, in)
	return out, err
}

// gather reads one file.
func (m Measurer) gather(ctx context.Context, dir string, f works.File, j works.Extraction, who []disclose.Person, g *risk.Gather) error {
	open, err := openOf(dir, f, j.Plan)
	if err != nil {
		return err
	}
	defer open.Close()
	id, err := m.identity(f)
	if err != nil {
		return err
	}
	needed, cells, last := g.Needed(), make([]string, len(f.Columns)), 0
	for row, err := range until(ctx, open.Rows()) {
		if err != nil {
			return err
		}
		if len(row) != len(cells) {
			return fmt.Errorf("inspect: %s has rows of another width", f.Name)
		}
		n, ok := personOf(row[id])
		if !ok {
			return fmt.Errorf("inspect: %s has a row without a person", f.Name)
		}
		if who[last].ID != n {
			if last, ok = slices.BinarySearchFunc(who, n, func(p disclose.Person, n uint64) int { return cmpID(p.ID, n) }); !ok {
				return fmt.Errorf("inspect: %s has a row of somebody outside the delivery", f.Name)
			}
		}
		for i, c := range row {
			if needed[i] {
				cells[i] = textOf(c)
			}
		}
		g.Row(last, cells)
	}
	return nil
}

func cmpID(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// identity is the place of the column that says whose row it is.
func (m Measurer) identity(f works.File) (int, error) {
	_, t := m.Catalogue.Table(f.Table)
	for i, c := range f.Columns {
		if t != nil && c.Variable != "" {
			if v := t.Variable(c.Variable); v != nil && v.Role == catalog.RolePerson {
				return i, nil
			}
		}
	}
	return 0, fmt.Errorf("inspect: %s has no column of persons", f.Name)
}

// fields are the columns of a file as the report sees them. What the
// population file passes on may be known to whoever made it: a trait.
func (m Measurer) fields(f works.File) []risk.Field {
	_, t := m.Catalogue.Table(f.Table)
	out := make([]risk.Field, len(f.Columns))
	content := -1
	for i, c := range f.Columns {
		out[i] = risk.Field{Name: c.Name}
		var v *catalog.Variable
		if t != nil && c.Variable != "" {
			v = t.Variable(c.Variable)
		}
		if v == nil {
			out[i].Trait, out[i].Text, out[i].Count = true, true, true
			continue
		}
		if v.Kind == catalog.KindPerson {
			continue
		}
		x := &out[i]
		x.Trait, x.Event = v.Identifying == catalog.Trait, v.Identifying == catalog.Event
		x.Text = c.Type == "text"
		x.Count = v.Kind == catalog.KindCode || v.Kind == catalog.KindPeriod
		next := slices.Index(v.Coarsen, c.Coarsen) + 1 // "" is before the first
		if next < len(v.Coarsen) {
			x.To = v.Coarsen[next]
			x.Coarser = m.step(x.To)
		}
		health := v.Sensitivity == catalog.SensitiveHealth && v.Kind == catalog.KindCode && v.Identifying == catalog.NotIdentifying
		if health && (content < 0 || slices.Contains(v.Coarsen, "icd_3")) { // a diagnosis before other codes
			content = i
		}
	}
	if content >= 0 {
		out[content].Content = true
	}
	return out
}

// step makes the texts of a column coarser, to a level of the catalogue; nil
// for a level that it does not know. A text that has no place at the level
// becomes missing.
func (m Measurer) step(level string) func(string) string {
	ok := func(s string, ok bool) string {
		if !ok {
			return ""
		}
		return s
	}
	switch level {
	case "icd_3":
		return func(s string) string { return ok(catalog.ICD3(s)) }
	case "icd_block":
		return func(s string) string { return ok(m.Catalogue.ICDRange(catalog.ICDBlocks, s)) }
	case "icd_chapter":
		return func(s string) string { return ok(m.Catalogue.ICDRange(catalog.ICDChapters, s)) }
	case "county":
		return func(s string) string { return ok(s[:min(2, len(s))], len(s) >= 2) }
	case "year":
		return func(s string) string { return ok(s[:min(4, len(s))], len(s) >= 4) }
	case "month":
		return func(s string) string { return ok(monthOf(s)) }
	case "quarter":
		return func(s string) string {
			month, known := monthOf(s)
			n, err := strconv.Atoi(month[max(0, len(month)-2):])
			return ok(s[:min(4, len(s))]+"-Q"+strconv.Itoa((n+2)/3), known && err == nil)
		}
	case "age_5y":
		return band(5)
	case "age_10y":
		return band(10)
	case "amount_1000":
		return band(100_000) // öre
	}
	return nil
}

// monthOf reads 2024-05-17, 20240517 and 2024-05.
func monthOf(s string) (string, bool) {
	switch plain := strings.ReplaceAll(s, "-", ""); {
	case strings.Contains(s, "Q"), len(plain) != 8 && len(plain) != 6:
		return "", false
	default:
		return plain[:4] + "-" + plain[4:6], true
	}
}

func band(width int64) func(string) string {
	return func(s string) string {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return ""
		}
		return strconv.FormatInt(n/width*width, 10)
	}
}

// personOf reads the number of a person.
func personOf(c disclose.Cell) (uint64, bool) {
	switch {
	case c.Kind == disclose.Number && c.Scale == 0 && c.N > 0:
		return uint64(c.N), true
	case c.Kind == disclose.Text:
		n, err := strconv.ParseUint(c.Text, 10, 64)
		return n, err == nil
	}
	return 0, false
}

// textOf is a cell as a text; equal cells of a column have equal texts.
func textOf(c disclose.Cell) string {
	switch c.Kind {
	case disclose.Text:
		return c.Text
	case disclose.Date:
		return day.Day(c.N).String()
	case disclose.Number:
		if c.Scale == 0 {
			return strconv.FormatInt(c.N, 10)
		}
		return strconv.FormatInt(c.N, 10) + "e-" + strconv.Itoa(int(c.Scale))
	}
	return ""
}
