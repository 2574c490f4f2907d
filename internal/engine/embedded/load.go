package embedded

import (
	"slices"

	"sluss/internal/day"
	"sluss/internal/episode"
	"sluss/internal/register/cells"
)

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

// lying is the rows of a person where they lie. D, N and C are how days, numbers and
// codes do so.
type lying[D int16 | int32, N int32 | int64, C uint8 | uint16] struct {
	from, tom, tx     []D
	id, track, amount []N // amount: nil in a table without
	kind, benefit     []C
	extent            []uint16
	states            [maxStates][]C // as feed.states
}

// look finds the rows [lo, hi). A column that is narrower than others of its kind is
// copied into spare.
func (y *lying[D, N, C]) look(r *rowReader, f *feed, lo, hi int, spare *[9 + maxStates][]byte) {
	y.from, y.tom, y.tx = cells.Part[D](r.from, lo, hi, &spare[0]), cells.Part[D](r.tom, lo, hi, &spare[1]), cells.Part[D](f.tx, lo, hi, &spare[2])
	y.id, y.track = cells.Part[N](f.rowID, lo, hi, &spare[3]), cells.Part[N](f.track, lo, hi, &spare[4])
	y.kind, y.benefit = cells.Part[C](r.kind, lo, hi, &spare[5]), cells.Part[C](r.benefit, lo, hi, &spare[6])
	y.extent = cells.Part[uint16](r.extent, lo, hi, &spare[7])
	if r.amount != nil {
		y.amount = cells.Part[N](r.amount, lo, hi, &spare[8])
	}
	for k, c := range f.states {
		y.states[k] = cells.Part[C](c, lo, hi, &spare[9+k])
	}
}

// load fills the worker's rows with those of a person that count.
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
	var y lying[D, N, C]
	y.look(r, f, lo, hi, &w.spare)
	froms, toms, txs, ids, tracks, amounts := y.from[:n], y.tom[:n], y.tx[:n], y.id[:n], y.track[:n], y.amount
	kinds, benefits, extents := y.kind[:n], y.benefit[:n], y.extent[:n]
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
			row.State = uint32(y.states[g.codes[0]][i])<<16 | uint32(y.states[g.codes[1]][i])
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
