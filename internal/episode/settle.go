package episode

import (
	"cmp"
	"slices"

	"sluss/internal/day"
)

// claim says that a row holds the days [from, to), or wants to.
type claim struct {
	from, to day.Day
	row      int32
}

// settle finds out what holds on the days of rows that share days: first which
// row decides in each track, then which tracks decide the day.
func (k *Kernel) settle(items []item, sub0 int, policy Overlap) {
	k.markTwins(items)
	k.claims = k.claims[:0]
	for i := range items {
		if items[i].decides(k.rows) {
			k.claims = append(k.claims, claim{items[i].from, items[i].to, items[i].row})
		}
	}
	rows := k.rows
	slices.SortFunc(k.claims, func(a, b claim) int {
		if c := cmp.Compare(rows[a.row].Track, rows[b.row].Track); c != 0 {
			return c
		}
		return inTrack(&rows[a.row], &rows[b.row])
	})
	k.won = k.won[:0]
	tracks := 0
	for lo, hi := 0, 0; lo < len(k.claims); lo = hi {
		track := rows[k.claims[lo].row].Track
		for hi = lo + 1; hi < len(k.claims) && rows[k.claims[hi].row].Track == track; hi++ {
		}
		k.settleTrack(k.claims[lo:hi])
		tracks++
	}
	if tracks > 1 {
		k.settleTracks(sub0, policy)
		return
	}
	for _, c := range k.won {
		r := &rows[c.row]
		k.push(sub0, c, r.State, r.Extent, r.To == day.Open)
	}
}

// inTrack orders the rows of a track, the one that decides first: greatest Tx,
// a payment before a reversal, greatest RowID (S4 as refined). What follows
// only makes the order total.
func inTrack(a, b *Row) int {
	if c := cmp.Compare(b.Tx, a.Tx); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Kind, b.Kind); c != 0 {
		return c
	}
	return tieBreak(a, b)
}

// betweenTracks orders the payments that decide in their tracks: greatest
// Rank (A7), then greatest Tx and RowID.
func betweenTracks(a, b *Row) int {
	if c := cmp.Compare(b.Rank, a.Rank); c != 0 {
		return c
	}
	if c := cmp.Compare(b.Tx, a.Tx); c != 0 {
		return c
	}
	return tieBreak(a, b)
}

func tieBreak(a, b *Row) int {
	if c := cmp.Compare(b.RowID, a.RowID); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(b.Extent, a.Extent), cmp.Compare(b.State, a.State), cmp.Compare(b.Track, a.Track), cmp.Compare(b.Rest, a.Rest))
}

func byState(a, b *Row) int {
	return cmp.Or(cmp.Compare(a.State, b.State), cmp.Compare(a.Extent, b.Extent))
}

// settleTrack appends to won the days on which a payment decides in one track.
// claims lie in order of precedence.
func (k *Kernel) settleTrack(claims []claim) {
	if len(claims) == 1 {
		if k.rows[claims[0].row].Kind == Pay {
			k.won = append(k.won, claims[0])
		}
		return
	}
	p := &k.painter
	p.paint(claims)
	for i, o := range p.owner {
		if o < 0 || k.rows[claims[o].row].Kind == Rev {
			continue
		}
		c := claim{p.bounds[i], p.bounds[i+1], claims[o].row}
		if n := len(k.won); n > 0 && k.won[n-1].row == c.row && k.won[n-1].to == c.from {
			k.won[n-1].to = c.to
		} else {
			k.won = append(k.won, c)
		}
	}
}

// settleTracks pushes the days on which some track has a payment.
func (k *Kernel) settleTracks(sub0 int, policy Overlap) {
	rows := k.rows
	if policy == Conflict {
		// Tracks agree on a day when the least and the greatest state do.
		slices.SortFunc(k.won, func(a, b claim) int { return byState(&rows[a.row], &rows[b.row]) })
		k.painter.paint(k.won)
		k.low = k.low[:0]
		for _, o := range k.painter.owner {
			if o >= 0 {
				o = k.won[o].row
			}
			k.low = append(k.low, o)
		}
		slices.Reverse(k.won)
		k.painter.paint(k.won)
		for i, o := range k.painter.owner {
			if o >= 0 && byState(&rows[k.won[o].row], &rows[k.low[i]]) != 0 {
				k.conflict += int64(k.painter.bounds[i+1] - k.painter.bounds[i])
			}
		}
	}
	slices.SortFunc(k.won, func(a, b claim) int {
		if c := betweenTracks(&rows[a.row], &rows[b.row]); c != 0 {
			return c
		}
		return cmp.Compare(a.from, b.from)
	})
	p := &k.painter
	p.paint(k.won)
	if policy != Latest {
		k.addUp()
	}
	for i, o := range p.owner {
		if o < 0 {
			continue
		}
		r := &rows[k.won[o].row]
		extent, open := r.Extent, r.To == day.Open
		if policy != Latest {
			open = k.opens[i] > 0
		}
		if policy == SumTracks {
			extent = uint16(min(k.sums[i], int64(Full)))
		}
		k.push(sub0, claim{p.bounds[i], p.bounds[i+1], k.won[o].row}, r.State, extent, open)
	}
}

// addUp fills sums with the extents that the claims of each painted stretch
// have together (S5), and opens with how many of them are open.
func (k *Kernel) addUp() {
	p := &k.painter
	k.sums = slices.Grow(k.sums[:0], len(p.bounds))[:len(p.bounds)]
	k.opens = slices.Grow(k.opens[:0], len(p.bounds))[:len(p.bounds)]
	clear(k.sums)
	clear(k.opens)
	for _, c := range k.won {
		r := &k.rows[c.row]
		lo, hi := p.index(c.from), p.index(c.to)
		k.sums[lo] += int64(r.Extent)
		k.sums[hi] -= int64(r.Extent)
		if r.To == day.Open {
			k.opens[lo]++
			k.opens[hi]--
		}
	}
	for i := 1; i < len(k.sums); i++ {
		k.sums[i] += k.sums[i-1]
		k.opens[i] += k.opens[i-1]
	}
}

// markTwins marks rows with an amount that are equal to another in every
// column but the row id; the greatest row id stays (S2). Days need no such
// care: of equal rows only one can decide.
func (k *Kernel) markTwins(items []item) {
	if len(items) > 16 {
		k.markManyTwins(items)
		return
	}
	for i := range items {
		a := &k.rows[items[i].row]
		if a.Amount == 0 {
			continue
		}
		for j := i + 1; j < len(items) && !items[i].twin; j++ {
			b := &k.rows[items[j].row]
			if items[j].twin || items[i].from != items[j].from || compareContent(a, b) != 0 {
				continue
			}
			if a.RowID < b.RowID {
				items[i].twin = true
			} else {
				items[j].twin = true
			}
		}
	}
}

func (k *Kernel) markManyTwins(items []item) {
	rows := k.rows
	slices.SortFunc(items, func(a, b item) int {
		if c := cmp.Compare(a.from, b.from); c != 0 {
			return c // the days before a row lie elsewhere than the row
		}
		if c := compareContent(&rows[a.row], &rows[b.row]); c != 0 {
			return c
		}
		return cmp.Compare(rows[b.row].RowID, rows[a.row].RowID)
	})
	for i := 1; i < len(items); i++ {
		items[i].twin = items[i-1].from == items[i].from && compareContent(&rows[items[i-1].row], &rows[items[i].row]) == 0
	}
}

// compareContent orders rows of one key by every column but the row id, first
// day first.
func compareContent(a, b *Row) int {
	if c := cmp.Compare(a.From, b.From); c != 0 {
		return c
	}
	if c := cmp.Compare(a.To, b.To); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Tx, b.Tx); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Track, b.Track); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Amount, b.Amount), cmp.Compare(a.Extent, b.Extent),
		cmp.Compare(a.State, b.State), cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Rest, b.Rest))
}

// painter divides days among claims: each claim in turn takes those of its
// days that nobody has taken before. It costs n log n whatever the overlap.
type painter struct {
	bounds []day.Day // sorted, distinct ends of the claims
	owner  []int32   // claim that holds bounds[i] to bounds[i+1]; −1 none
	next   []int32   // first stretch at or after i that is free
}

func (p *painter) paint(claims []claim) {
	p.bounds = p.bounds[:0]
	for _, c := range claims {
		p.bounds = append(p.bounds, c.from, c.to)
	}
	slices.Sort(p.bounds)
	p.bounds = slices.Compact(p.bounds)
	n := max(len(p.bounds)-1, 0)
	p.owner = slices.Grow(p.owner[:0], n)[:n]
	p.next = slices.Grow(p.next[:0], n+1)[:n+1]
	for i := range n {
		p.owner[i], p.next[i] = -1, int32(i)
	}
	p.next[n] = int32(n)
	for ci, c := range claims {
		hi := p.index(c.to)
		for i := p.free(p.index(c.from)); i < hi; i = p.free(i) {
			p.owner[i] = int32(ci)
			p.next[i] = i + 1
		}
	}
}

// free returns the first free stretch at or after i.
func (p *painter) free(i int32) int32 {
	for p.next[i] != i {
		p.next[i] = p.next[p.next[i]]
		i = p.next[i]
	}
	return i
}

// index returns the place of d, which is one of the bounds.
func (p *painter) index(d day.Day) int32 {
	i, _ := slices.BinarySearch(p.bounds, d)
	return int32(i)
}
