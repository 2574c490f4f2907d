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

// maxStates is how many columns the groups of a register may have their codes from
// side by side; the states of a group beyond are numbered per person.
const maxStates = 8

// loader returns load for columns of certain widths. The days of a table are mostly as
// wide as each other, and so are its numbers and its codes; a column that is narrower
// than the widest of its kind is copied.
func (f *feed) loader(r *rowReader) func(*worker, *pass, uint32) error {
	days, numbers, codes := max(r.from.Width(), r.tom.Width(), f.tx.Width()), max(f.rowID.Width(), f.track.Width()), max(r.benefit.Width(), r.kind.Width())
	if r.amount != nil {
		numbers = max(numbers, r.amount.Width())
	}
	for _, c := range f.states {
		codes = max(codes, c.Width())
	}
	switch wide := [3]bool{days > 2, numbers > 4, codes > 1}; wide {
	case [3]bool{false, false, false}:
		return load[int16, int32, uint8]
	case [3]bool{false, false, true}:
		return load[int16, int32, uint16]
	case [3]bool{false, true, false}:
		return load[int16, int64, uint8]
	case [3]bool{false, true, true}:
		return load[int16, int64, uint16]
	case [3]bool{true, false, false}:
		return load[int32, int32, uint8]
	case [3]bool{true, false, true}:
		return load[int32, int32, uint16]
	case [3]bool{true, true, false}:
		return load[int32, int64, uint8]
	}
	return load[int32, int64, uint16]
}

// load fills the worker's rows with those of a person that count. D, N and C are how days,
// numbers and codes lie in the snapshot.
func load[D int16 | int32, N int32 | int64, C uint8 | uint16](w *worker, ps *pass, person uint32) error {
	r, f := ps.rows, ps.feed
	w.keyAt, w.states = w.keyAt[:0], w.states[:0]
	for g := range w.groupKey {
		w.groupKey[g] = -1
	}
	lo, hi := ps.src.Rows(person)
	n := hi - lo
	w.rows, w.at = slices.Grow(w.rows[:0], n)[:n], slices.Grow(w.at[:0], n)[:n]
	rows, at := w.rows, w.at
	plain := r.src.Known == nil && len(r.tests) == 0
	spare := &w.spare
	froms, toms, txs := cells.Part[D](r.from, lo, hi, &spare[0]), cells.Part[D](r.tom, lo, hi, &spare[1]), cells.Part[D](f.tx, lo, hi, &spare[2])
	ids, tracks := cells.Part[N](f.rowID, lo, hi, &spare[3]), cells.Part[N](f.track, lo, hi, &spare[4])
	kinds, benefits := cells.Part[C](r.kind, lo, hi, &spare[5]), cells.Part[C](r.benefit, lo, hi, &spare[6])
	extents := cells.Part[uint16](r.extent, lo, hi, &spare[7])
	var amounts []N
	if r.amount != nil {
		amounts = cells.Part[N](r.amount, lo, hi, &spare[8])
	}
	var states [maxStates][]C
	for k, c := range f.states {
		states[k] = cells.Part[C](c, lo, hi, &spare[9+k])
	}
	froms, toms, txs, ids = froms[:n], toms[:n], txs[:n], ids[:n]
	tracks, kinds, benefits, extents = tracks[:n], kinds[:n], benefits[:n], extents[:n]
	var high uint64
	used, last := 0, noDay
	for i := range n {
		if !plain && !r.counts(lo+i) {
			continue
		}
		b := &r.known[benefits[i]]
		from, to := cells.Widened[day.Day](froms[i]), day.Open
		if t := cells.Widened[day.Day](toms[i]); t != noDay {
			to = t + 1
		}
		amount := int64(0)
		if amounts != nil {
			if amount = cells.Widened[int64](amounts[i]); amount == noInt64 {
				amount = 0
			}
		}
		if b.group < 0 || from == noDay || from >= to || !known(extents[i]) || to == day.Open && amount != 0 {
			w.hand.hold(r, lo, hi)
			w.reject(i)
			continue
		}
		g := &f.groups[b.group]
		key := uint32(w.groupKey[b.group]) // of groups without keys of their own
		if len(g.key) > 0 || w.groupKey[b.group] < 0 {
			var err error
			if key, err = w.key(ps, g, b.group, lo+i); err != nil {
				return err
			}
		}
		kind := episode.Pay
		if r.reverse[kinds[i]] {
			kind = episode.Rev
		}
		track := cells.Widened[int64](tracks[i])
		high |= uint64(track)
		at[used] = int32(lo + i)
		// Field by field: a literal is put together elsewhere and copied, for
		// which the processor has to wait.
		row := &rows[used]
		*row = episode.Row{}
		row.From, row.To, row.Tx, row.RowID = from, to, int64(cells.Widened[day.Day](txs[i])), cells.Widened[int64](ids[i])
		row.Amount, row.Key, row.Track = amount, key, uint32(track)
		row.Extent, row.Rank, row.Kind = extents[i], b.rank, kind
		if g.packed {
			row.State = uint32(states[g.codes[0]][i])<<16 | uint32(states[g.codes[1]][i])
		} else {
			row.State = w.state(g, lo+i)
		}
		row.MoneyOnly = b.topUp.Is(amount, from, to, extents[i])
		if g.far != nil {
			row.Far = g.far[g.farBy.At(lo+i)]
		}
		if g.ill != nil {
			row.Lead = g.lead(lo+i, from)
		}
		if from == last {
			w.numberTwin(r, used)
		}
		last = from
		used++
	}
	w.rows, w.at = rows[:used], at[:used]
	if high>>32 != 0 {
		w.numberTracks(f)
	}
	return nil
}

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
