package engineroom

import (
	"context"
	"io"
	"slices"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/engine/embedded"
	"sluss/internal/plan"
	"sluss/internal/register"
)

// Grade says how far the spells of a table can be trusted, by what a snapshot
// holds. MiDAS is assured by its maker; of the other benefits this is what can
// be known without asking anybody. It is a model assumption ("modellantagande"),
// and a grade tells of the data as they were registered, not of what is true.
type Grade struct {
	Register string `json:"register"`
	Table    string `json:"table"`
	Rows     int64  `json:"rows"` // known at the snapshot
	// Paid is the sum of all rows, reversals negative, read straight from the
	// columns; Panel is the sum over a month panel of everybody, made by the
	// kernel. They differ by Difference öre.
	Paid       int64 `json:"paid_ore"`
	Panel      int64 `json:"panel_ore"`
	Difference int64 `json:"difference_ore"`
	// Overlap is the share of paid days that another row of the same spell key
	// covers, too, in hundredths of a per cent; NoPeriod that of rows with an
	// amount but without days.
	Overlap    int64  `json:"overlap_bp"`
	NoPeriod   int64  `json:"no_period_bp"`
	Grade      string `json:"grade"`      // A, B or C
	Assumption string `json:"assumption"` // always "modellantagande"
}

// Limits of the grades, in hundredths of a per cent.
const (
	gradeA = 100
	gradeB = 500
)

// grade: A when sums agree to the öre and both shares are below one per cent,
// B when sums agree and they are below five, else C.
func (g *Grade) grade() {
	g.Difference, g.Assumption = g.Paid-g.Panel, "modellantagande"
	switch worst := max(g.Overlap, g.NoPeriod); {
	case g.Difference == 0 && worst < gradeA:
		g.Grade = "A"
	case g.Difference == 0 && worst < gradeB:
		g.Grade = "B"
	default:
		g.Grade = "C"
	}
}

// MeasureGrades measures every table of the snapshot that has spells and
// amounts and whose periods nobody has assured. tell, which may be nil, is told how
// far the rows of a table have been added up.
func MeasureGrades(ctx context.Context, s *register.Snapshot, c *catalog.Catalogue, tell func(register.Progress)) ([]Grade, error) {
	out := []Grade{}
	for i := range c.Registers {
		r := &c.Registers[i]
		for k := range r.Tables {
			t := &r.Tables[k]
			table := s.Table(t.ID)
			if r.Assured || table == nil || !t.Allows(catalog.ShapePanelMonth) || t.ByRole(catalog.RoleAmount) == nil {
				continue
			}
			g := Grade{Register: r.ID, Table: t.ID}
			came := func(row int) error {
				if tell != nil {
					tell(register.Progress{Stage: t.ID, Done: int64(row), Total: int64(table.Len())})
				}
				return ctx.Err()
			}
			if err := measureRows(&g, s, r, t, table, came); err != nil {
				return nil, err
			}
			var err error
			if g.Panel, err = panelSum(ctx, s, c, r, t, tell); err != nil {
				return nil, err
			}
			g.grade()
			out = append(out, g)
		}
	}
	return out, nil
}

// panelSum has the engine make a month panel of everybody, writes it nowhere,
// and returns the sum of its amounts.
func panelSum(ctx context.Context, s *register.Snapshot, c *catalog.Catalogue, r *catalog.Register, t *catalog.Table, tell func(register.Progress)) (int64, error) {
	all := plan.Window{From: plan.Bound{Date: day.Of(1950, 1, 1)}, To: plan.Bound{Date: s.LoadedAt().AddMonths(1200)}}
	amount, period := t.ByRole(catalog.RoleAmount), ""
	for _, v := range t.Variables {
		if v.Derive == "period" && v.Allows(catalog.ShapePanelMonth) {
			period = v.ID
		}
	}
	e := plan.Extract{
		Name: "grade", Table: t.ID, Shape: plan.Shape{Panel: &plan.PanelShape{Unit: "month"}}, Window: all, Output: plan.Output{File: "grade", Format: "csv"},
		Columns: []plan.Column{{Name: t.ByRole(catalog.RolePerson).ID}, {Name: period}, {Name: amount.ID}},
	}
	none := plan.Ref{ID: "grade", SHA256: canon.Sum([]byte("grade"))}
	j := engine.Job{
		Catalogue: c,
		Spec: plan.Spec{
			Spec: plan.Version, Order: "GRADE-1", AsOf: plan.AsOf{Snapshot: s.ID()}, Identity: plan.Identity{Kind: plan.IdentitySerial}, Decision: none,
			Catalogue: plan.CatalogueRef(c), Population: plan.Population{File: &plan.FilePopulation{ID: "pnr", Intake: none}}, Extracts: []plan.Extract{e},
		},
		Scope: plan.Scope{Scope: plan.ScopeVersion, Order: "GRADE-1", Identity: plan.IdentityBound{Kind: plan.IdentitySerial}, Rows: []plan.Row{{
			Register: r.ID, Table: t.ID, Outcome: plan.OutcomeDisclose, Shape: catalog.ShapePayment, Period: &plan.Period{From: all.From.Date, To: all.To.Date},
		}}},
	}
	for p := range uint32(s.Persons()) {
		j.People = append(j.People, engine.Person{Index: p, Serial: int64(p) + 1})
	}
	res, err := embedded.New(embedded.Of(s)).Run(ctx, j, func(string) (io.WriteCloser, error) { return nowhere{}, nil }, func(done, total int64) {
		if tell != nil {
			tell(register.Progress{Stage: t.ID + "/panel", Done: done, Total: total})
		}
	})
	if err != nil {
		return 0, err
	}
	sum := int64(0)
	for _, f := range res.Files {
		sum += f.Totals.Ore
	}
	return sum, nil
}

type nowhere struct{}

func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) Close() error                { return nil }

// stretch is the days of a payment that stands, with what tells spells apart.
type stretch struct {
	group    int
	keys     [2]uint32
	from, to day.Day
}

// measureRows adds up amounts and days straight from the columns.
func measureRows(g *Grade, s *register.Snapshot, r *catalog.Register, t *catalog.Table, table *register.Table, came func(row int) error) error {
	view := table.Visible(s.Load())
	amounts, kind := table.ByRole(catalog.RoleAmount).Int64s(), table.ByRole(catalog.RoleKind)
	froms, toms, extents := table.ByRole(catalog.RoleFrom).Days(), table.ByRole(catalog.RoleTom).Days(), table.ByRole(catalog.RoleExtent).Extents()
	rev, hasRev := kind.Code("rev")
	var withAmount, without, days, double int64
	for p := range uint32(s.Persons()) {
		lo, hi := table.Rows(p)
		if p%16384 == 0 {
			if err := came(lo); err != nil {
				return err
			}
		}
		var live []stretch
		for i := lo; i < hi; i++ {
			if !view.Row(i) {
				continue
			}
			g.Rows++
			amount, from, tom, extent := amounts.At(i), froms.At(i), toms.At(i), extents.At(i)
			back := hasRev && kind.Codes().At(i) == rev
			if amount != register.NoInt64 && amount != 0 {
				withAmount++
				if back {
					g.Paid -= amount
				} else {
					g.Paid += amount
				}
				if from == register.NoDay || tom == register.NoDay || extent == 0 {
					without++
					continue
				}
			}
			if !back && tom != register.NoDay && tom >= from && extent > 0 && stands(table, view, rev, hasRev, i, lo, hi) {
				live = append(live, stretchOf(r, t, table, i, from, tom+1))
			}
		}
		a, b := overlap(live)
		days, double = days+a, double+b
	}
	g.NoPeriod, g.Overlap = share(without, withAmount), share(double, days)
	return nil
}

func share(part, of int64) int64 {
	if of == 0 {
		return 0
	}
	return part * 10_000 / of
}

// stands reports whether no later row of the same case and days takes row i
// back or its place.
func stands(t *register.Table, view register.View, rev uint16, hasRev bool, i, lo, hi int) bool {
	track, tx, from := t.ByRole(catalog.RoleTrack).Int64s(), t.ByRole(catalog.RoleTx).Days(), t.ByRole(catalog.RoleFrom).Days()
	id, kind := t.ByRole(catalog.RoleRowID).Int64s(), t.ByRole(catalog.RoleKind).Codes()
	for _, step := range []int{-1, 1} {
		for j := i + step; j >= lo && j < hi && from.At(j) == from.At(i); j += step {
			if view.Row(j) && track.At(j) == track.At(i) && (tx.At(j) > tx.At(i) || tx.At(j) == tx.At(i) && id.At(j) > id.At(i) && !(hasRev && kind.At(j) == rev)) {
				return false
			}
		}
	}
	return true
}

func stretchOf(r *catalog.Register, t *catalog.Table, table *register.Table, i int, from, to day.Day) stretch {
	out := stretch{from: from, to: to, group: -1}
	c := table.ByRole(catalog.RoleBenefit)
	b := r.Benefit(c.Dict()[c.Codes().At(i)])
	if b == nil {
		return out
	}
	for k := range r.SpellGroups {
		if r.SpellGroups[k].ID != b.Group {
			continue
		}
		out.group = k
		for n, id := range r.SpellGroups[k].Key {
			if col := table.Column(id); n < len(out.keys) && col != nil && col.Type() == register.TypePerson {
				out.keys[n] = col.Persons().At(i)
			}
		}
	}
	return out
}

// overlap returns all days of the stretches and how many of them stand twice.
func overlap(list []stretch) (days, double int64) {
	slices.SortFunc(list, func(a, b stretch) int {
		switch {
		case a.group != b.group:
			return a.group - b.group
		case a.keys != b.keys:
			return slices.Compare(a.keys[:], b.keys[:])
		}
		return int(a.from - b.from)
	})
	for i, at := 0, day.Day(0); i < len(list); i++ {
		x := list[i]
		if i == 0 || list[i-1].group != x.group || list[i-1].keys != x.keys {
			at = x.from
		}
		days += int64(x.to - x.from)
		double += int64(max(min(at, x.to)-x.from, 0))
		at = max(at, x.to)
	}
	return days, double
}
