package clock

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/swede"
)

// Book is the authority's clocks.
type Book []Definition

// All reads every clock of the case that is meant for its purpose and party, in
// the order of the book, the several of one definition in order of their day 0.
func (b Book) All(c Case) []Reading {
	var out []Reading
	seen := map[string]bool{}
	for _, d := range b {
		if !seen[d.ID] {
			seen[d.ID] = true
			out = append(out, b.Read(d.ID, c)...)
		}
	}
	return out
}

// Read reads the clock called id: one reading, or one for each key of a
// definition with a key (none when no key has appeared). It returns nothing for
// an unknown id or a clock that is not meant for the case's purpose or party.
func (b Book) Read(id string, c Case) []Reading {
	return b.read(id, c, len(b))
}

// read follows AfterLate at most depth times, so that clocks waiting for each
// other end.
func (b Book) read(id string, c Case, depth int) []Reading {
	var versions []Definition
	for _, d := range b {
		if d.ID == id && has(d.Purposes, c.Purpose) && has(d.Parties, c.Party) {
			versions = append(versions, d)
		}
	}
	if len(versions) == 0 || depth < 0 {
		return nil
	}
	slices.SortFunc(versions, func(x, y Definition) int { return cmp.Compare(x.From, y.From) })
	keys := map[string]bool{}
	for _, d := range versions {
		for _, k := range d.keys(c) {
			keys[k] = true
		}
	}
	var out []Reading
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		out = append(out, b.version(versions, k, c, depth))
	}
	slices.SortStableFunc(out, func(x, y Reading) int { return cmp.Compare(x.Started, y.Started) })
	return out
}

// version reads the version in force on day 0; before the start, the one in
// force today. A version that is not in force yet on its own day 0 does not
// apply, nor one that a later version has replaced.
func (b Book) version(versions []Definition, key string, c Case, depth int) Reading {
	current := versions[0]
	for i, d := range versions {
		r := b.one(d, key, c, depth)
		replaced := i+1 < len(versions) && r.Started >= versions[i+1].From
		if r.HasStarted() && r.Started >= d.From && !replaced {
			return r
		}
		if d.From <= c.Today {
			current = d
		}
	}
	return Reading{ID: current.ID, Key: key, Def: current, Status: NotStarted}
}

// keys returns the keys under which the definition has clocks in the case.
func (d Definition) keys(c Case) []string {
	if d.Key == "" {
		return []string{""}
	}
	var out []string
	for _, s := range d.Start {
		for _, t := range s.All {
			for _, m := range c.Marks {
				if t.hits(m) && m.Day <= c.Today {
					out = append(out, m.Attrs[d.Key])
				}
			}
		}
	}
	return out
}

func has(list []string, v string) bool { return len(list) == 0 || slices.Contains(list, v) }

func (t Trigger) hits(m Mark) bool {
	return m.Event == t.Event && (t.Attr == "" || m.Attrs[t.Attr] == t.Is)
}

// dayOf returns the day that m counts from under t.
func (t Trigger) dayOf(m Mark) day.Day {
	if t.DayFrom != "" {
		if d, err := day.Parse(m.Attrs[t.DayFrom]); err == nil {
			return min(d, m.Day)
		}
	}
	return m.Day
}

// hit is a mark that a trigger has found.
type hit struct {
	on   day.Day // day to count from
	mark Mark
	by   Trigger
}

// find returns what the triggers hit among the marks until today, earliest
// first. Ties are broken by content, so that the order of the marks is of no
// account.
func (d Definition) find(c Case, key string, triggers []Trigger) []hit {
	var out []hit
	for _, t := range triggers {
		for _, m := range c.Marks {
			if m.Day <= c.Today && t.hits(m) && (d.Key == "" || m.Attrs[d.Key] == key || m.Attrs[d.Key] == "" && !d.starts(t)) {
				out = append(out, hit{t.dayOf(m), m, t})
			}
		}
	}
	slices.SortFunc(out, func(x, y hit) int {
		return cmp.Or(cmp.Compare(x.on, y.on), cmp.Compare(x.mark.Day, y.mark.Day), cmp.Compare(x.mark.Event, y.mark.Event), cmpAttrs(x.mark.Attrs, y.mark.Attrs))
	})
	return out
}

// starts reports whether t is one of the definition's starting triggers; those
// must carry the key, while a mark such as "withdrawn" ends all keys.
func (d Definition) starts(t Trigger) bool {
	return slices.ContainsFunc(d.Start, func(s Start) bool { return slices.Contains(s.All, t) })
}

func cmpAttrs(a, b map[string]string) int {
	pairs := func(m map[string]string) []string {
		var out []string
		for _, k := range slices.Sorted(maps.Keys(m)) {
			out = append(out, k, m[k])
		}
		return out
	}
	return slices.Compare(pairs(a), pairs(b))
}

// begin is where a clock starts: day 0, the marks that made it, and the due
// day or length that they carry.
type begin struct {
	zero   day.Day
	name   catalog.Text // what happened on day 0
	length int
	until  day.Day
	fixed  bool // until holds
}

// started finds day 0. ok is false when the clock has not started.
func (b Book) started(d Definition, key string, c Case, depth int) (begin, bool) {
	best, ok := begin{}, false
	resets := d.find(c, key, d.Reset)
	for _, s := range d.Start {
		if way, found := d.way(s, key, c, resets); found && (!ok || way.zero < best.zero) {
			best, ok = way, true
		}
	}
	if d.AfterLate != "" {
		for _, r := range b.read(d.AfterLate, c, depth-1) {
			over := r.Status == Late && (!r.HasDone || r.Done > r.Due)
			if over && (!ok || r.Due < best.zero) {
				best, ok = begin{zero: r.Due, name: passed(r), length: d.Length}, true
			}
		}
	}
	if !ok {
		return begin{}, false
	}
	for _, h := range d.find(c, key, d.Restart) {
		if h.on >= best.zero && !undone(h, resets) {
			best = d.carry(h)
		}
	}
	return best, true
}

// way tries one way to start.
func (d Definition) way(s Start, key string, c Case, resets []hit) (begin, bool) {
	best, ok := begin{}, len(s.All) > 0
	for i, t := range s.All {
		hits := slices.DeleteFunc(d.find(c, key, []Trigger{t}), func(h hit) bool { return undone(h, resets) })
		if len(hits) == 0 {
			return begin{}, false
		}
		b := d.carry(hits[0])
		if best.fixed && !b.fixed {
			b.fixed, b.until = true, best.until
		}
		if i > 0 && b.zero <= best.zero {
			b.zero, b.name, b.length = best.zero, best.name, best.length
		}
		best = b
	}
	return best, ok
}

// undone reports whether a reset has taken the mark away: one on a later day,
// or on the same day and about the same thing (attribute id).
func undone(h hit, resets []hit) bool {
	return slices.ContainsFunc(resets, func(r hit) bool {
		id := r.mark.Attrs["id"]
		return h.mark.Day < r.mark.Day || h.mark.Day == r.mark.Day && (id == "" || id == h.mark.Attrs["id"])
	})
}

func passed(r Reading) catalog.Text {
	return catalog.Text{
		SV: "tiden gick ut för: " + r.Def.Name.SV,
		EN: "the time ran out for: " + r.Def.Name.EN,
	}
}

func (t Trigger) name() catalog.Text {
	if t.Name == (catalog.Text{}) {
		return catalog.Text{SV: t.Event, EN: t.Event}
	}
	return t.Name
}

// carry reads the length and due day that a starting mark carries.
func (d Definition) carry(h hit) begin {
	b := begin{zero: h.on, name: h.by.name(), length: d.Length}
	if d.LengthFrom != "" {
		if n, err := strconv.Atoi(h.mark.Attrs[d.LengthFrom]); err == nil && n >= 0 && n <= 1200 {
			b.length = n
		}
	}
	if d.UntilFrom != "" {
		if u, err := day.Parse(h.mark.Attrs[d.UntilFrom]); err == nil {
			b.until, b.fixed = u, true
		}
	}
	return b
}

// one reads one definition in one case.
func (b Book) one(d Definition, key string, c Case, depth int) Reading {
	r := Reading{ID: d.ID, Key: key, Def: d, Status: NotStarted}
	at, ok := b.started(d, key, c, depth)
	if !ok || d.UntilFrom != "" && !at.fixed {
		return r
	}
	r.Started = at.zero
	end, how := d.end(c, key, at.zero)
	until := c.Today
	if how != Running {
		until = end
	}
	pauses := d.waits(c, key, at.zero, until)
	raw := due(d.Unit, at.zero, at.length, pauses, c.Calendar)
	r.Least = due(d.Unit, at.zero, d.Least, pauses, c.Calendar)
	if at.fixed {
		raw, r.Least = at.until, at.zero
	}
	r.Due = raw
	if d.Roll == RollLaw {
		r.Due = swede.NewCalendar().Deadline(raw)
	}
	r.Pauses = explained(pauses, c.Calendar)
	r.Warn = max(at.zero, c.Calendar.AddWorkingDays(r.Due, -d.Warn))
	if d.Warn == 0 {
		r.Warn = max(at.zero, r.Due)
	}
	r.Status, r.Done, r.HasDone = d.status(c.Today, r.Due, end, how, pauses)
	r.Steps = steps(r, at, raw, c)
	return r
}

// end finds the first mark that stops or cancels the clock; how is Met, Ended
// or, without one, Running. On the same day what was done counts.
func (d Definition) end(c Case, key string, zero day.Day) (day.Day, Status) {
	first := func(ts []Trigger) (day.Day, bool) {
		for _, h := range d.find(c, key, ts) {
			if h.on >= zero {
				return h.on, true
			}
		}
		return 0, false
	}
	stop, stopped := first(d.Stop)
	cancel, cancelled := first(d.Cancel)
	switch {
	case stopped && (!cancelled || stop <= cancel):
		return stop, Met
	case cancelled:
		return cancel, Ended
	}
	return 0, Running
}

func (d Definition) status(today, due, end day.Day, how Status, pauses []wait) (s Status, done day.Day, hasDone bool) {
	switch {
	case how == Ended:
		return Ended, 0, false
	case how == Met && (end <= due || d.Kind != Duty):
		return Met, end, true
	case how == Met:
		return Late, end, true
	case slices.ContainsFunc(pauses, func(w wait) bool { return w.open }):
		if today <= due {
			return Paused, 0, false
		}
	}
	switch {
	case d.Kind == Right && today > due, d.Kind == Reminder && today >= due:
		return Open, 0, false
	case today > due && d.Kind == Duty:
		return Late, 0, false
	}
	return Running, 0, false
}
