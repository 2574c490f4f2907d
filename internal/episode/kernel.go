package episode

import (
	"cmp"
	"math"
	"slices"

	"sluss/internal/day"
)

// Piece says that from a day on, until the next piece or the end of its
// sub-spell, one row decides.
type Piece struct {
	From day.Day
	Row  int32 // index in the rows given to Build
}

// Subspell is a stretch of touching days with the same state and extent
// (delfall). Every day in it is covered.
type Subspell struct {
	Key, State uint32
	From, To   day.Day
	Spell      int32 // index of its spell in the same list of spells
	// First is the index of the row that decides its first day; with
	// [SumTracks] the greatest of them. Under [Mask] it is the first day in
	// the window, under [Reveal] that of the uncut sub-spell.
	First int32
	// piece0 and piece1 bound its pieces.
	piece0, piece1 int32
	Extent         uint16
	// NoTom: the sub-spell is the last of a spell that is still going on; its
	// end is not known and To is the horizon.
	NoTom bool
	open  bool // its last day is decided by an open row
}

// Days returns the number of days, all of them covered.
func (s *Subspell) Days() int32 { return int32(s.To - s.From) }

// Net returns the net days in thousandths (S25).
func (s *Subspell) Net() int64 { return int64(s.To-s.From) * int64(s.Extent) }

// Spell is a run of sub-spells of one key with no gap greater than the rule
// allows (fall). Gap days belong to the run but not to Days.
type Spell struct {
	Key      uint32
	From, To day.Day // first covered day, day after the last covered day
	// TrueFrom and TrueTo are the ends of the uncut spell under [Reveal];
	// under [Mask] they repeat From and To.
	TrueFrom, TrueTo day.Day
	Sub0, Sub1       int32 // its sub-spells in the same list
	Uncut            int32 // its index in Kernel.Uncut
	First            int32 // row that decides its first day, masked as in Subspell
	Days             int32 // covered days
	Net              int64 // thousandths of a day
	LeftCut          bool  // the uncut spell begins before the window (S18)
	RightCut         bool  // the uncut spell ends after the window
	Ongoing          bool  // it reaches the horizon by an open row
	NoTom            bool  // its end is delivered empty
}

// Gross returns the days from first to last covered day, gaps counted.
func (s *Spell) Gross() int32 { return int32(s.To - s.From) }

// item is a live row while it is sorted and swept.
type item struct {
	from, to day.Day // with the horizon in place of an open end
	row      int32
	key      uint32
	twin     bool // another equal row counts instead
	lead     bool // not the row's days but the days of sick pay before it
}

// decides reports whether the item's row has a say in what holds on its days.
func (it *item) decides(rows []Row) bool { return !it.lead && !rows[it.row].MoneyOnly }

// run is the stretch of items, sub-spells and spells of one key.
type run struct {
	item0, item1, sub0, sub1 int32
	key                      uint32
}

// Kernel builds spells for one person at a time.
type Kernel struct {
	opt    Options
	rows   []Row
	items  []item
	spare  []item
	keys   []uint32
	counts []int32
	runs   []run

	subs   []Subspell
	spells []Spell
	pieces []Piece

	outSubs   []Subspell
	outSpells []Spell
	shown     []Subspell // those of the last Deliver
	span      day.Span   // from the first to after the last covered day
	window    Window
	conflict  int64

	won     []claim
	claims  []claim
	painter painter
	sums    []int64
	opens   []int32
	low     []int32

	calendars [ByYear + 1]calendar
}

// New returns a kernel with the options o.
func New(o Options) *Kernel { return &Kernel{opt: o} }

// Build works out the days, sub-spells and uncut spells of one person. The
// order of rows does not matter (S1). It keeps rows until the next Build and
// never changes them.
//
// Rows must have passed [Row.Test]. It returns [ErrNoHorizon] or nil. Nothing
// is delivered before [Kernel.Deliver].
func (k *Kernel) Build(rows []Row) error {
	k.rows = rows
	k.subs, k.spells, k.pieces = k.subs[:0], k.spells[:0], k.pieces[:0]
	k.shown, k.conflict = nil, 0
	k.span = day.Span{From: day.Open, To: math.MinInt32}
	sorted, err := k.take()
	if err != nil {
		return err
	}
	if !sorted {
		k.group()
	}
	k.findRuns()
	for i := range k.runs {
		r := &k.runs[i]
		r.sub0 = int32(len(k.subs))
		rule := k.rule(r.key)
		k.sweep(r, rule.Overlap)
		k.addSickPay(r)
		k.filterSubspells(int(r.sub0))
		first := len(k.spells)
		k.join(int(r.sub0), rule)
		k.filterSpells(first, int(r.sub0))
		r.sub1 = int32(len(k.subs))
		if r.sub0 < r.sub1 {
			k.span.From = min(k.span.From, k.subs[r.sub0].From)
			k.span.To = max(k.span.To, k.subs[r.sub1-1].To)
		}
	}
	return nil
}

// Uncut returns the spells and sub-spells before any window. Both are valid
// until the next Build.
func (k *Kernel) Uncut() ([]Spell, []Subspell) { return k.spells, k.subs }

// Rows returns the rows that were built.
func (k *Kernel) Rows() []Row { return k.rows }

// ConflictDays returns the number of days (key by key) on which tracks under
// [Conflict] disagree, within and outside every window. What else the kernel
// holds is then not to be used.
func (k *Kernel) ConflictDays() int64 { return k.conflict }

// Pieces returns the rows that decide the days of s, in order of days. The
// first piece may begin before s, when the window cuts it.
func (k *Kernel) Pieces(s *Subspell) []Piece { return k.pieces[s.piece0:s.piece1] }

func (k *Kernel) rule(key uint32) Rule {
	if int(key) < len(k.opt.Rules) {
		return k.opt.Rules[key]
	}
	return k.opt.Rule
}

// take fills items with the rows that are known at the as-of and cover a day.
// It reports whether they already lie by key and first day.
func (k *Kernel) take() (sorted bool, err error) {
	k.items = slices.Grow(k.items[:0], len(k.rows))[:len(k.rows)]
	n, sorted, leads := 0, true, false
	var last uint64
	for i := range k.rows {
		r := &k.rows[i]
		if r.Tx > k.opt.AsOf {
			continue
		}
		to := r.To
		if to == day.Open {
			if to = k.opt.Horizon; to == day.Open {
				return false, ErrNoHorizon
			}
		}
		if r.From >= to {
			continue
		}
		it := &k.items[n]
		it.from, it.to, it.row, it.key, it.twin, it.lead = r.From, to, int32(i), r.Key, false, false
		n++
		leads = leads || r.Lead > 0
		place := uint64(r.Key)<<32 | uint64(uint32(r.From)^1<<31)
		sorted = sorted && place >= last
		last = place
	}
	k.items = k.items[:n]
	if leads {
		k.takeLeads()
		return false, nil
	}
	return sorted, nil
}

// takeLeads adds an item for the days before each payment that has some.
func (k *Kernel) takeLeads() {
	for _, it := range k.items {
		if r := &k.rows[it.row]; r.Lead > 0 && r.Kind == Pay && !r.MoneyOnly {
			k.items = append(k.items, item{from: r.From - day.Day(r.Lead), to: r.From, row: it.row, key: it.key, lead: true})
		}
	}
}

// group sorts items by key and first day. Registers usually lie by first day,
// so it deals the rows out by key and sorts a key only where it must.
func (k *Kernel) group() {
	k.keys, k.counts = k.keys[:0], k.counts[:0]
	at := -1
	for i := range k.items {
		key := k.items[i].key
		if at < 0 || k.keys[at] != key {
			if at = slices.Index(k.keys, key); at < 0 {
				at = len(k.keys)
				k.keys = append(k.keys, key)
				k.counts = append(k.counts, 0)
			}
		}
		k.counts[at]++
		if len(k.keys) > 32 {
			slices.SortFunc(k.items, byKeyAndDay)
			return
		}
	}
	if len(k.keys) > 1 {
		k.deal()
	}
	for lo, hi := 0, 0; lo < len(k.items); lo = hi {
		for hi = lo + 1; hi < len(k.items) && k.items[hi].key == k.items[lo].key; hi++ {
		}
		if part := k.items[lo:hi]; !slices.IsSortedFunc(part, byKeyAndDay) {
			slices.SortFunc(part, byKeyAndDay)
		}
	}
}

// deal moves items into one stretch per key, keys ascending, order kept.
func (k *Kernel) deal() {
	for i := 1; i < len(k.keys); i++ {
		for j := i; j > 0 && k.keys[j-1] > k.keys[j]; j-- {
			k.keys[j-1], k.keys[j] = k.keys[j], k.keys[j-1]
			k.counts[j-1], k.counts[j] = k.counts[j], k.counts[j-1]
		}
	}
	start := int32(0)
	for i, n := range k.counts {
		k.counts[i] = start
		start += n
	}
	k.spare = slices.Grow(k.spare[:0], len(k.items))[:len(k.items)]
	at := 0
	for i := range k.items {
		if k.keys[at] != k.items[i].key {
			at = slices.Index(k.keys, k.items[i].key)
		}
		k.spare[k.counts[at]] = k.items[i]
		k.counts[at]++
	}
	k.items, k.spare = k.spare, k.items
}

func byKeyAndDay(a, b item) int {
	if c := cmp.Compare(a.key, b.key); c != 0 {
		return c
	}
	return cmp.Compare(a.from, b.from)
}

func (k *Kernel) findRuns() {
	k.runs = k.runs[:0]
	for lo, hi := 0, 0; lo < len(k.items); lo = hi {
		key := k.items[lo].key
		for hi = lo + 1; hi < len(k.items) && k.items[hi].key == key; hi++ {
		}
		k.runs = append(k.runs, run{item0: int32(lo), item1: int32(hi), key: key})
	}
}

// sweep turns the rows of one key into sub-spells. A row that shares no day
// with another decides its own days; rows that do are settled together.
func (k *Kernel) sweep(r *run, policy Overlap) {
	items := k.items[r.item0:r.item1]
	for i := 0; i < len(items); {
		end, j := items[i].to, i+1
		for j < len(items) && items[j].from < end {
			end = max(end, items[j].to)
			j++
		}
		if j == i+1 {
			it := &items[i]
			if w := &k.rows[it.row]; w.Kind == Pay && it.decides(k.rows) {
				k.push(int(r.sub0), claim{it.from, it.to, it.row}, w.State, w.Extent, w.To == day.Open)
			}
		} else {
			k.settle(items[i:j], int(r.sub0), policy)
		}
		i = j
	}
}

// push adds days after all days pushed before; days that touch the last
// sub-spell and hold the same continue it (S7). sub0 is the first sub-spell of
// the key.
func (k *Kernel) push(sub0 int, c claim, state uint32, extent uint16, open bool) {
	if n := len(k.subs); n > sub0 {
		last := &k.subs[n-1]
		if last.To == c.from && last.State == state && last.Extent == extent {
			if k.pieces[len(k.pieces)-1].Row != c.row {
				k.pieces = append(k.pieces, Piece{c.from, c.row})
				last.piece1++
			}
			last.To, last.open = c.to, open
			return
		}
	}
	k.pieces = append(k.pieces, Piece{c.from, c.row})
	n := int32(len(k.pieces))
	// Field by field here and in the other loops over rows: a literal is put
	// together elsewhere and copied, for which the processor has to wait.
	k.subs = append(k.subs, Subspell{})
	b := &k.subs[len(k.subs)-1]
	b.Key, b.State, b.From, b.To, b.First = k.rows[c.row].Key, state, c.from, c.to, c.row
	b.piece0, b.piece1, b.Extent, b.open = n-1, n, extent, open
}

func (k *Kernel) filterSubspells(from int) {
	if k.opt.KeepSubspell == nil {
		return
	}
	kept := k.subs[:from]
	for i := from; i < len(k.subs); i++ {
		if k.opt.KeepSubspell(k, &k.subs[i]) {
			kept = append(kept, k.subs[i])
		}
	}
	k.subs = kept
}

// join forms spells from the sub-spells of one key (S9).
func (k *Kernel) join(from int, rule Rule) {
	for i := from; i < len(k.subs); {
		k.spells = append(k.spells, Spell{})
		s := &k.spells[len(k.spells)-1]
		s.Key, s.From, s.First = k.subs[i].Key, k.subs[i].From, k.subs[i].First
		s.Sub0, s.Uncut = int32(i), int32(len(k.spells)-1)
		j := i
		for {
			b := &k.subs[j]
			b.Spell = s.Uncut
			s.Days += b.Days()
			s.Net += b.Net()
			j++
			if j == len(k.subs) || k.subs[j].From-b.To > k.gapBefore(j, rule) {
				break
			}
		}
		last := &k.subs[j-1]
		s.To, s.Sub1 = last.To, int32(j)
		s.TrueFrom, s.TrueTo = s.From, s.To
		s.Ongoing = last.open && last.To == k.opt.Horizon
		s.NoTom, last.NoTom = s.Ongoing, s.Ongoing
		i = j
	}
}

// gapBefore is the greatest gap that still joins sub-spell j to the one before it.
func (k *Kernel) gapBefore(j int, rule Rule) day.Day {
	if rule.FarGap > rule.MaxGap && k.rows[k.subs[j].First].Far {
		return day.Day(rule.FarGap)
	}
	return day.Day(rule.MaxGap)
}

// filterSpells drops spells from the given one on, with their sub-spells.
func (k *Kernel) filterSpells(spell, sub int) {
	if k.opt.KeepSpell == nil {
		return
	}
	kept, keptSubs := spell, sub
	for i := spell; i < len(k.spells); i++ {
		s := k.spells[i]
		if !k.opt.KeepSpell(k, &s) {
			continue
		}
		n := copy(k.subs[keptSubs:], k.subs[s.Sub0:s.Sub1])
		s.Sub0, s.Sub1, s.Uncut = int32(keptSubs), int32(keptSubs+n), int32(kept)
		for j := s.Sub0; j < s.Sub1; j++ {
			k.subs[j].Spell = s.Uncut
		}
		k.spells[kept] = s
		kept, keptSubs = kept+1, keptSubs+n
	}
	k.spells, k.subs = k.spells[:kept], k.subs[:keptSubs]
}
