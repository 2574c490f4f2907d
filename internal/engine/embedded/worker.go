package embedded

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/episode"
	"sluss/internal/parcel/format"
	"sluss/internal/plan"
)

// worker reads people for one pass. It keeps its memory between them.
type worker struct {
	p  *program
	ps *pass
	k  *episode.Kernel

	// The rows of the person at hand that count, and where they stand in the
	// table.
	rows     []episode.Row
	at       []int32
	keyAt    []int32 // by spell key: a row of the key
	keyGroup []int
	groupKey []int // by spell group without keys of its own: its key, −1 for none yet
	states   []int32
	rules    []episode.Rule

	person *engine.Person
	place  int // in program.people
	hand   hand
	spare  [9 + maxStates][]byte // what load copies out of columns that are narrower than others
	spans  lines
	stage  episode.Window // of the filters on sub-spells and spells
	cells  []int64        // scratch
	typed  format.Vector  // scratch
	sorter sorter
	seen   []int32
	twins  []bool // by row at hand

	// scratch for corrections
	apart []episode.Row
	loose []episode.Correction

	rejected [8]int64

	// what is kept of the chunks that it made
	shelf shelf
}

// lines are what a person delivers in one output: spells with their
// sub-spells, sub-spells, cells of a panel, payments or parts of them.
type lines struct {
	o      *output
	win    episode.Window
	n      int
	spells []episode.Spell
	subs   []episode.Subspell
	panel  []episode.Cell
	made   []episode.Cell // of a coarser unit than fine
	fine   []episode.Cell // by the finest unit asked for since the last window, as the kernel made them
	fineBy episode.Unit
	fineOK bool
	filled []episode.Cell       // with the empty ones between
	counts []episode.SpellCount // of panel, where a column asks for them
	pays   []payment
	rowsAt []int32 // of pays
	wide   []wideLine
	spread []day.Span // scratch
	ore    []int64    // scratch
	// seq and spellSeq number sub-spells and spells in the order of first day,
	// by their index; first numbers alike those that begin on one day.
	seq, spellSeq, first []int32
	order                []int32
}

// noKey is the spell key of cells for persons who have none.
const noKey uint32 = math.MaxUint32

func newWorker(p *program, ps *pass) *worker {
	w := &worker{p: p, ps: ps}
	if ps.feed == nil {
		return w
	}
	w.groupKey = make([]int, len(ps.feed.groups))
	opt := episode.Options{AsOf: math.MaxInt64, Horizon: p.src.Day, Rule: ps.rule}
	if ps.rules != nil {
		w.rules = make([]episode.Rule, maxKeys)
		opt.Rules = w.rules
	}
	for _, s := range ps.staged {
		if s.stage == plan.StageSubspell {
			opt.KeepSubspell = w.keepSubspell
		} else {
			opt.KeepSpell = w.keepSpell
		}
	}
	w.k = episode.New(opt)
	return w
}

// chunk is what came out for a stretch of people.
type chunk struct {
	parts    []part // by output
	kept     []packedRows
	rejected [8]int64
	conflict int64 // days on which tracks disagree and must not
	torn     int64 // persons with such days
	people   int
}

// part is the rows of one output.
type part struct {
	batch *format.Batch
	// starts holds the first row of every person with rows, who their places
	// in program.people.
	starts []int32
	who    []int32
	total  total
	sums   []sum // by row, where output.byLine asks for them
	counts counts
}

// sum is what a row adds to the control totals.
type sum struct {
	days int32
	net  int64
	ore  int64
}

// total is what rows add up to.
type total struct{ days, net, ore int64 }

func (t *total) add(s sum) {
	t.days += int64(s.days)
	t.net += s.net
	t.ore += s.ore
}

func (t *total) addTo(to *engine.Totals) {
	to.Days += t.days
	to.Net += t.net
	to.Ore += t.ore
}

// counts are what a part counts beside its rows.
type counts [5]int64

// Places of counts.
const (
	countNoAnchor = iota
	countOutside
	countNoRows
	countMaskedPaid
	countMasked // other dates and periods
)

func newChunk(ps *pass) *chunk {
	c := &chunk{parts: make([]part, len(ps.outputs))}
	for i, o := range ps.outputs {
		c.parts[i].batch = format.NewBatch(o.schema)
	}
	return c
}

func (c *chunk) reset() {
	for i := range c.parts {
		p := &c.parts[i]
		p.batch.Reset()
		p.starts, p.who, p.total, p.sums, p.counts = p.starts[:0], p.who[:0], total{}, p.sums[:0], counts{}
	}
	c.rejected, c.conflict, c.torn, c.people = [8]int64{}, 0, 0, 0
}

var errNoHorizon = errors.New("engine: the snapshot has no day")

// read adds the people [lo, hi) to c.
func (w *worker) read(c *chunk, lo, hi int) error {
	w.rejected = [8]int64{}
	for i := lo; i < hi; i++ {
		w.person, w.place = &w.p.people[i], i
		if err := w.readPerson(c); err != nil {
			return err
		}
	}
	c.rejected, c.people = w.rejected, hi-lo
	return nil
}

func (w *worker) readPerson(c *chunk) error {
	built, last := false, episode.Window{}
	for i, o := range w.ps.outputs {
		part := &c.parts[i]
		win, placed := o.window.of(w.person)
		switch placed {
		case noAnchor:
			part.counts[countNoAnchor]++
			continue
		case outside:
			part.counts[countOutside]++
			continue
		}
		w.spans.o, w.spans.win = o, win
		if w.ps.feed == nil {
			w.payments()
		} else {
			if !built {
				built, w.stage = true, win
				if err := w.build(c); err != nil {
					return err
				}
			}
			if last != win {
				var err error
				if w.spans.spells, w.spans.subs, err = w.k.Deliver(win); err != nil {
					return err
				}
				last, w.spans.fineOK = win, false
			}
			w.lines()
		}
		if err := w.write(part); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) build(c *chunk) error {
	if err := w.ps.feed.load(w, w.ps, w.person.Index); err != nil {
		return err
	}
	if err := w.k.Build(w.rows); err != nil {
		return errNoHorizon
	}
	if n := w.k.ConflictDays(); n > 0 {
		c.conflict += n
		c.torn++
	}
	return nil
}

// lines works out the lines of a kernel's shape.
func (w *worker) lines() {
	s := &w.spans
	switch s.o.shape {
	case catalog.ShapeSpell:
		s.n = len(s.spells)
	case catalog.ShapeSubspell:
		s.n = len(s.subs)
	case catalog.ShapeLayout:
		w.widen()
		s.n = len(s.wide)
	case catalog.ShapeCorrection:
		w.corrections()
	default:
		s.panel = w.panel()
		if s.o.zero {
			s.filled = w.fillEmpty(s.panel, s.filled[:0])
			s.panel = s.filled
		}
		s.n = len(s.panel)
		if s.o.counts {
			s.counts = episode.CountSpells(s.panel, s.spells, s.o.unit, s.win, s.counts[:0])
		}
	}
	if s.o.order {
		w.number()
	}
}

// panel returns the cells of the window. Cells of a coarser unit than one that
// has been asked for in the same window are sums of those.
func (w *worker) panel() []episode.Cell {
	s := &w.spans
	if s.fineOK && s.fineBy < s.o.unit && s.fineBy != episode.ByWeek { // weeks lie across months
		s.made = episode.Coarsen(s.fine, s.fineBy, s.o.unit, s.made[:0])
		return s.made
	}
	s.fine, s.fineBy, s.fineOK = w.k.Panel(s.o.unit, s.fine[:0]), s.o.unit, true
	return s.fine
}

// fillEmpty returns the cells with an empty one for every period of the window
// in which a key has none, up to the day of the snapshot: what comes later has
// not been seen and is not nothing. A person without any cell gets one line
// per period without key.
func (w *worker) fillEmpty(made, dst []episode.Cell) []episode.Cell {
	s, u := &w.spans, w.spans.o.unit
	end := min(s.win.To, w.p.src.Day)
	first, last := u.Of(s.win.From), u.Of(end-1)
	if s.win.From >= end {
		last = first - 1
	}
	if len(made) == 0 {
		for period := first; period <= last; period++ {
			dst = append(dst, episode.Cell{Key: noKey, Period: period})
		}
		return dst
	}
	for lo := 0; lo < len(made); {
		key, next := made[lo].Key, first
		for ; lo < len(made) && made[lo].Key == key; lo++ {
			for ; next < made[lo].Period && next <= last; next++ {
				dst = append(dst, episode.Cell{Key: key, Period: next})
			}
			dst = append(dst, made[lo])
			next = made[lo].Period + 1
		}
		for ; next <= last; next++ {
			dst = append(dst, episode.Cell{Key: key, Period: next})
		}
	}
	return dst
}

// number numbers spells and sub-spells of the person from 1 in the order of
// first day, then last day, then spell key.
func (w *worker) number() {
	s := &w.spans
	s.spellSeq = s.numberOf(s.spellSeq, len(s.spells), func(i int32) day.Span { return day.Span{From: s.spells[i].From, To: s.spells[i].To} })
	if s.o.shape == catalog.ShapeSubspell {
		s.seq = s.numberOf(s.seq, len(s.subs), func(i int32) day.Span { return day.Span{From: s.subs[i].From, To: s.subs[i].To} })
	}
}

func (s *lines) numberOf(dst []int32, n int, span func(i int32) day.Span) []int32 {
	s.order = s.order[:0]
	for i := range int32(n) {
		s.order = append(s.order, i)
	}
	slices.SortStableFunc(s.order, func(a, b int32) int {
		x, y := span(a), span(b)
		return cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To))
	})
	dst = slices.Grow(dst[:0], n)[:n]
	s.first = slices.Grow(s.first[:0], n)[:n]
	for at, i := range s.order {
		dst[i] = int32(at + 1)
		s.first[i] = int32(at + 1)
		if at > 0 && span(s.order[at-1]).From == span(i).From {
			s.first[i] = s.first[s.order[at-1]]
		}
	}
	return dst
}

// write appends the person's lines to a part.
func (w *worker) write(part *part) error {
	s := &w.spans
	if s.n == 0 {
		part.counts[countNoRows]++
		return nil
	}
	lo := part.batch.N
	part.starts, part.who = append(part.starts, int32(lo)), append(part.who, int32(w.place))
	w.cells = slices.Grow(w.cells[:0], s.n)[:s.n]
	for i, c := range s.o.columns {
		v := &part.batch.Cols[i]
		if c.plain && (w.put(c.op, v) || w.putRows(c, v)) {
			continue
		}
		if err := w.fill(c, w.cells); err != nil {
			return err
		}
		w.refine(c, w.cells, part)
		c.store(w.cells, v, s.o.schema.Columns[i].Type)
	}
	part.batch.N = lo + s.n
	w.tally(part)
	w.sorter.sort(s.o, part, lo)
	return nil
}

// tally adds the lines to the control totals.
func (w *worker) tally(p *part) {
	s := &w.spans
	switch s.o.shape {
	case catalog.ShapeSpell:
		tally(p, s.o, s.spells, func(l *episode.Spell) sum { return sum{l.Days, l.Net, 0} })
	case catalog.ShapeSubspell:
		tally(p, s.o, s.subs, func(l *episode.Subspell) sum { return sum{l.Days(), l.Net(), 0} })
	case catalog.ShapeLayout:
		tally(p, s.o, s.wide, func(l *wideLine) sum { return sum{l.days(), l.net(s), l.ore} })
	case catalog.ShapePayment, catalog.ShapeCorrection:
		tally(p, s.o, s.pays, func(l *payment) sum { return sum{l.days(), l.net(), l.amount} })
	default:
		tally(p, s.o, s.panel, func(l *episode.Cell) sum { return sum{l.Days, l.Net, l.Amount} })
	}
}

func tally[L any](p *part, o *output, lines []L, of func(*L) sum) {
	t := p.total
	for i := range lines {
		t.add(of(&lines[i]))
	}
	p.total = t
	if o.byLine {
		for i := range lines {
			p.sums = append(p.sums, of(&lines[i]))
		}
	}
}

// sorter puts the lines of one person into the order of the file.
type sorter struct {
	order []int32
	i32   []int32
	i64   []int64
	sums  []sum
}

func (t *sorter) sort(o *output, part *part, lo int) {
	b := part.batch
	if len(o.sort) == 0 || inOrder(o, b, lo) {
		return
	}
	t.order = t.order[:0]
	for i := lo; i < b.N; i++ {
		t.order = append(t.order, int32(i))
	}
	slices.SortStableFunc(t.order, func(x, y int32) int { return compareLines(o, b, x, y) })
	for i := range b.Cols {
		v := &b.Cols[i]
		if o.schema.Columns[i].Type.Wide() {
			t.i64 = gather(t.i64, v.I64, t.order)
			copy(v.I64[lo:], t.i64)
		} else {
			t.i32 = gather(t.i32, v.I32, t.order)
			copy(v.I32[lo:], t.i32)
		}
	}
	if o.byLine {
		t.sums = gather(t.sums, part.sums, t.order)
		copy(part.sums[lo:], t.sums)
	}
}

// inOrder reports whether the lines from lo on lie in order. Most persons' do,
// by the first column alone: days and periods ascend.
func inOrder(o *output, b *format.Batch, lo int) bool {
	n := 0
	if v := &b.Cols[o.sort[0]]; v.I64 != nil {
		n = ascending(v.I64[lo:b.N])
	} else {
		n = ascending(v.I32[lo:b.N])
	}
	for i := lo + n; i < b.N; i++ {
		if compareLines(o, b, int32(i-1), int32(i)) > 0 {
			return false
		}
	}
	return true
}

// ascending returns how many cells there are before the first that is not
// greater than the one before it.
func ascending[T cmp.Ordered](cells []T) int {
	for i := 1; i < len(cells); i++ {
		if cells[i-1] >= cells[i] {
			return i
		}
	}
	return len(cells)
}

func gather[T any](dst, from []T, order []int32) []T {
	dst = dst[:0]
	for _, i := range order {
		dst = append(dst, from[i])
	}
	return dst
}

// compareLines compares two lines of a person by the output's order. Missing
// values come first, texts bytewise: dictionaries are in that order.
func compareLines(o *output, b *format.Batch, x, y int32) int {
	for _, i := range o.sort {
		var c int
		if v := &b.Cols[i]; v.I64 != nil {
			c = cmp.Compare(v.I64[x], v.I64[y])
		} else {
			c = cmp.Compare(v.I32[x], v.I32[y])
		}
		if c != 0 {
			return c
		}
	}
	return 0
}
