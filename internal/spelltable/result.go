package spelltable

import (
	"fmt"
	"io"

	"sluss/internal/day"
	"sluss/internal/episode"
	"sluss/internal/fault"
)

// result collects the lines of the answer.
type result struct {
	q        *question
	table    *table
	anchors  map[uint32]day.Day // nil without --anchors
	out      []byte
	lines    int
	unplaced int
	labels   []string // benefits by number, as written
	cells    []episode.Cell
}

const (
	spellHeader    = "person,benefit,seq,from,tom,gross_days,days,net_days,left_cut,right_cut,ongoing"
	subspellHeader = "person,benefit,seq,from,tom,extent,days,net_days,spell_seq"
	panelHeader    = "person,benefit,period,days,net_days,amount_ore"
)

// trueEnds reports whether spells get the columns true_from and true_tom:
// where they are cut and their history may be seen.
func (q *question) trueEnds() bool {
	return q.window.Mode == episode.Clip && q.window.History == episode.Reveal
}

func (r *result) header() string {
	switch {
	case r.q.shape == subspell:
		return subspellHeader
	case r.q.shape != spell:
		return panelHeader
	case r.q.trueEnds():
		return spellHeader + ",true_from,true_tom"
	}
	return spellHeader
}

// conflicts returns the fault for tracks that contradict each other, of any
// person and on any day, delivered or not.
func conflicts(q *question, persons []personRows, w *watch) error {
	if q.kernel.Rule.Overlap != episode.Conflict {
		return nil
	}
	k := episode.New(q.kernel)
	var days int64
	torn := 0
	for i, p := range persons {
		if err := w.came("conflicts", i, shareOf(i, persons)); err != nil {
			return err
		}
		if err := k.Build(p.rows); err != nil {
			return err
		}
		if n := k.ConflictDays(); n > 0 {
			days += n
			torn++
		}
	}
	if days > 0 {
		return overlapFault(days, torn)
	}
	return nil
}

// chunk is how much is collected before it is written.
const chunk = 1 << 20

// writeTo writes the header and the lines of every person. No rule can refuse
// any more; only writing can fail, or be ended.
func (r *result) writeTo(w io.Writer, persons []personRows, watch *watch) error {
	r.out = append(append(r.out, r.header()...), '\n')
	r.labels = r.table.labels()
	k := episode.New(r.q.kernel)
	for i, p := range persons {
		if err := watch.came("spells", i, shareOf(i, persons)); err != nil {
			return err
		}
		window := r.q.window
		if r.anchors != nil {
			anchor, placed := r.anchors[p.person]
			if !placed {
				r.unplaced++
				continue
			}
			window = r.q.around(anchor)
		}
		if err := k.Build(p.rows); err != nil {
			return err
		}
		spells, subs, err := k.Deliver(window)
		if err != nil {
			return err
		}
		r.write(string(appendField(nil, r.table.persons.text[p.person]))+",", k, spells, subs)
		if len(r.out) >= chunk {
			if err := r.flush(w); err != nil {
				return err
			}
		}
	}
	return r.flush(w)
}

// labels are the benefits as written, by the numbers that sortOut gives them.
func (t *table) labels() []string {
	out := make([]string, len(t.benefits.text))
	for id, place := range t.benefits.ranks() {
		out[place] = string(appendField(nil, t.benefits.text[id]))
	}
	return out
}

func (r *result) flush(w io.Writer) error {
	if _, err := w.Write(r.out); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	r.out = r.out[:0]
	return nil
}

func overlapFault(days int64, persons int) *fault.Fault {
	f := fault.New("spells.overlap", fmt.Sprintf("spår säger emot varandra: %d dagar, %d personer.", days, persons),
		fmt.Sprintf("tracks contradict each other: %d days, %d persons.", days, persons)).Of(fault.Gate)
	f.Rule = "--overlap error"
	return f
}

func (r *result) write(person string, k *episode.Kernel, spells []episode.Spell, subs []episode.Subspell) {
	if unit, panel := r.q.shape.unit(); panel {
		r.cells = k.Panel(unit, r.cells[:0])
		for i := range r.cells {
			r.writeCell(person, unit, &r.cells[i])
		}
		return
	}
	var c counter
	if r.q.shape == spell {
		for i := range spells {
			r.writeSpell(person, c.next(spells[i].Key), &spells[i])
		}
		return
	}
	var parts counter
	for i := range spells {
		seq := c.next(spells[i].Key)
		for j := spells[i].Sub0; j < spells[i].Sub1; j++ {
			r.writeSubspell(person, parts.next(subs[j].Key), seq, &subs[j])
		}
	}
}

// counter numbers lines from 1 within each key.
type counter struct {
	key uint32
	n   int64
}

func (c *counter) next(key uint32) int64 {
	if c.key != key {
		c.key, c.n = key, 0
	}
	c.n++
	return c.n
}

func (r *result) writeSpell(person string, seq int64, s *episode.Spell) {
	b := r.begin(person, s.Key)
	b = append(appendInt(b, seq), ',')
	b = append(s.From.AppendTo(b), ',')
	b = append(appendTom(b, s.To, s.NoTom), ',')
	b = append(appendInt(b, int64(s.Gross())), ',')
	b = append(appendInt(b, int64(s.Days)), ',')
	b = append(episode.AppendNet(b, s.Net), ',', bit(s.LeftCut), ',', bit(s.RightCut), ',', bit(s.Ongoing))
	if r.q.trueEnds() {
		b = append(s.TrueFrom.AppendTo(append(b, ',')), ',')
		b = appendTom(b, s.TrueTo, s.Ongoing)
	}
	r.out = append(b, '\n')
}

func (r *result) writeSubspell(person string, seq, spellSeq int64, s *episode.Subspell) {
	b := r.begin(person, s.Key)
	b = append(appendInt(b, seq), ',')
	b = append(s.From.AppendTo(b), ',')
	b = append(appendTom(b, s.To, s.NoTom), ',')
	b = append(episode.AppendExtent(b, s.Extent), ',')
	b = append(appendInt(b, int64(s.Days())), ',')
	b = append(episode.AppendNet(b, s.Net()), ',')
	r.out = append(appendInt(b, spellSeq), '\n')
}

func (r *result) writeCell(person string, unit episode.Unit, c *episode.Cell) {
	b := r.begin(person, c.Key)
	b = append(unit.Append(b, c.Period), ',')
	b = append(appendInt(b, int64(c.Days)), ',')
	b = append(episode.AppendNet(b, c.Net), ',')
	r.out = append(appendInt(b, c.Amount), '\n')
}

func (r *result) begin(person string, key uint32) []byte {
	r.lines++
	return append(append(append(r.out, person...), r.labels[key]...), ',')
}

func appendTom(b []byte, to day.Day, none bool) []byte {
	if none {
		return b
	}
	return (to - 1).AppendTo(b)
}

func bit(on bool) byte {
	if on {
		return '1'
	}
	return '0'
}
