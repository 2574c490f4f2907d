package embedded

import (
	"fmt"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/episode"
	"sluss/internal/plan"
	"sluss/internal/register/cells"
)

// feed turns the rows of a table into rows of the kernel: it knows what the
// columns mean, the kernel does not.
type feed struct {
	tx     *cells.Column[day.Day]
	rowID  *cells.Column[int64]
	track  *cells.Column[int64]
	states []*cells.Column[uint16] // the columns that groups have their codes from
	groups []groupFeed             // by place among the register's spell groups
	load   func(w *worker, ps *pass, person uint32) error
}

// groupFeed says what tells spells and sub-spells of a spell group apart.
type groupFeed struct {
	key   []*Column // besides person and group: the catalogue's, then the order's own
	state []*Column // assumption A4
	// codes: where the state is one or two columns of codes, they stand side by
	// side in 32 bits, one column twice; else it is numbered per person. They are
	// places in feed.states.
	packed bool
	codes  [2]int
	assumed
}

// assumed is what the rows of a spell group tell of assumptions A2 and A3.
type assumed struct {
	far     []bool // by code of farBy; nil without the rule, or where no row has such a code
	farBy   *cells.Column[uint16]
	sick    episode.SickPay
	ill     *cells.Column[day.Day] // nil without the rule
	insured []bool                 // by code of status
	status  *cells.Column[uint16]
}

// compileAssumed finds the columns that the rules of a group look at; a snapshot that
// lacks one has no such rows.
func compileAssumed(g *catalog.SpellGroup, src *Table) (a assumed) {
	if f := g.FarGap; f != nil {
		if c := src.Columns[f.Variable]; c != nil {
			a.farBy, a.far = c.Codes, marked(c.Dict, f.Codes)
		}
	}
	if s := g.SickPay; s != nil {
		if ill, c := src.Columns[s.IllFrom], src.Columns[s.Insured]; ill != nil && c != nil && ill.Days.Width() > 0 {
			if a.insured = marked(c.Dict, s.Codes); a.insured != nil {
				a.ill, a.status, a.sick = ill.Days, c.Codes, episode.SickPay{MaxDays: int32(s.MaxDays)}
			}
		}
	}
	return a
}

// marked marks the codes of a dictionary that are among some; nil if none is.
func marked(dict, codes []string) []bool {
	var out []bool
	for i, text := range dict {
		if i > 0 && slices.Contains(codes, text) {
			if out == nil {
				out = make([]bool, len(dict))
			}
			out[i] = true
		}
	}
	return out
}

// lead returns the days of sick pay before row i, which begins on a day.
func (a *assumed) lead(i int, from day.Day) uint8 {
	ill := a.ill.At(i)
	if ill == noDay || !a.insured[a.status.At(i)] {
		return 0
	}
	return a.sick.Before(ill, from)
}

func compileFeed(e *plan.Extract, reg *catalog.Register, table *catalog.Table, src *Table) (*feed, error) {
	f := &feed{}
	for _, need := range []catalog.Role{catalog.RoleTx, catalog.RoleRowID, catalog.RoleTrack, catalog.RoleBenefit, catalog.RoleFrom, catalog.RoleTom, catalog.RoleExtent, catalog.RoleKind} {
		if src.byRole(table, need) == nil {
			return nil, refuse(e, "no_spells", "Tabellen saknar det som behövs för fall.", "The table lacks what spells need.")
		}
	}
	f.tx = src.byRole(table, catalog.RoleTx).Days
	f.rowID = src.byRole(table, catalog.RoleRowID).Int64s
	f.track = src.byRole(table, catalog.RoleTrack).Int64s
	for _, g := range reg.SpellGroups {
		var gf groupFeed
		for _, list := range []struct {
			ids  []string
			into *[]*Column
		}{{g.Key, &gf.key}, {e.Shape.OwnKey(), &gf.key}, {g.StateBy, &gf.state}} {
			for _, id := range list.ids {
				c := src.Columns[id]
				if c == nil {
					return nil, refuse(e, "no_column", "Ögonblicksbilden saknar en kolumn.", "The snapshot lacks a column.")
				}
				*list.into = append(*list.into, c)
			}
		}
		gf.assumed = compileAssumed(&g, src)
		n := len(gf.state)
		gf.packed = (n == 1 || n == 2) && len(f.states)+n <= maxStates && !slices.ContainsFunc(gf.state, func(c *Column) bool { return c.Dict == nil })
		if gf.packed {
			gf.codes = [2]int{f.place(gf.state[0]), f.place(gf.state[n-1])}
		}
		f.groups = append(f.groups, gf)
	}
	return f, nil
}

// place is the place of a column in f.states.
func (f *feed) place(c *Column) int {
	if i := slices.Index(f.states, c.Codes); i >= 0 {
		return i
	}
	f.states = append(f.states, c.Codes)
	return len(f.states) - 1
}

// maxKeys is how many spell keys a person can have where groups have
// different rules.
const maxKeys = 1024

// reject counts row k of the person at hand under the first reason that applies.
// A benefit outside every spell group is as good as none.
func (w *worker) reject(k int) {
	reason := w.hand.test(k)
	if reason == episode.Accepted {
		reason = episode.MissingBenefit
	}
	w.rejected[reason]++
}

// key returns the number of row i's spell key, in the order of first
// appearance: nothing of another person shows in it.
func (w *worker) key(ps *pass, g *groupFeed, group, i int) (uint32, error) {
	if len(g.key) == 0 {
		if k := w.groupKey[group]; k >= 0 {
			return uint32(k), nil
		}
	} else {
		for k, at := range w.keyAt {
			if w.keyGroup[k] == group && same(g.key, int(at), i) {
				return uint32(k), nil
			}
		}
	}
	k := len(w.keyAt)
	w.keyAt, w.keyGroup = append(w.keyAt, int32(i)), append(w.keyGroup[:k], group)
	w.groupKey[group] = k
	if ps.rules != nil {
		if k >= maxKeys {
			return 0, fmt.Errorf("engine: a person with more than %d kinds of spells", maxKeys)
		}
		w.rules[k] = ps.rules[group] // the kernel reads it at Build
	}
	return uint32(k), nil
}

// state numbers what tells sub-spells apart where it does not fit 32 bits.
func (w *worker) state(g *groupFeed, i int) uint32 {
	for k, at := range w.states {
		if same(g.state, int(at), i) {
			return uint32(k)
		}
	}
	w.states = append(w.states, int32(i))
	return uint32(len(w.states) - 1)
}

// numberTracks numbers a person's tracks where the case numbers do not fit 32
// bits.
func (w *worker) numberTracks(f *feed) {
	seen := make([]int64, 0, 16)
	for n := range w.rows {
		t := f.track.At(int(w.at[n]))
		k := slices.Index(seen, t)
		if k < 0 {
			k = len(seen)
			seen = append(seen, t)
		}
		w.rows[n].Track = uint32(k)
	}
}

// numberTwin sets the Rest of row n so that rows of one first day have the same
// number exactly when every column but the row number is equal (S2). Rows of
// different first days cannot be twins; those of one lie together.
func (w *worker) numberTwin(r *rowReader, n int) {
	lo := n
	for lo > 0 && w.rows[lo-1].From == w.rows[n].From {
		lo--
	}
	w.rows[n].Rest = uint32(n - lo)
	for m := lo; m < n; m++ {
		if same(r.content, int(w.at[m]), int(w.at[n])) {
			w.rows[n].Rest = w.rows[m].Rest
			return
		}
	}
}
