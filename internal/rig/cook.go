package rig

import (
	"slices"

	"sluss/internal/day"
)

// cook makes the rows of one table for one person after its recipe.
type cook struct {
	w   *World
	r   *recipe
	d   dice
	out []Row
	row Row // what all rows of the run have in common
	// run: the days on which it can be, and the recipient's part.
	from, to day.Day
	part     uint16 // per mille
	monthly  int64
}

// follow appends the rows that recipe r gives person p.
func (w *World) follow(r *recipe, p Person, out []Row) []Row {
	table := r.Table
	if r.SameAs != "" {
		table = r.SameAs
	}
	k := &cook{w: w, r: r, d: w.cfg.roll(saltRecipe, key(r.Table)+uint64(p)), out: out}
	who := w.cfg.roll(saltWho, key(table)+uint64(p))
	years := func(from, to int) (day.Day, day.Day) {
		return w.Birth[p].AddMonths(12 * from), w.Birth[p].AddMonths(12 * to)
	}
	switch r.Who {
	case "adult", "anyone":
		from, to := years(r.Ages[0], r.Ages[1])
		if who.chance(r.Share) {
			k.run(p, Nobody, 0, who, from, to)
		}
	case "newcomer":
		from, to := years(r.Ages[0], r.Ages[1])
		if w.Arrived[p] > w.Birth[p] && who.chance(r.Share) {
			k.run(p, Nobody, 0, who, max(from, w.Arrived[p]+60), min(to, w.Arrived[p]+day.Day(r.Within)))
		}
	case "employer":
		k.employers(p, who)
	case "parent", "mother":
		k.children(p)
	case "parent_or_self":
		if from, to := years(r.Ages[0], r.Ages[1]); who.chance(r.Share / 2) {
			k.run(p, Nobody, 0, who, from, to)
		}
		k.children(p)
	}
	return k.out
}

// employers makes the rows of p as a sole trader, and of the organisation that
// stands at p's place.
func (k *cook) employers(p Person, who dice) {
	w := k.w
	if w.soleTrader(p) && who.chance(k.r.Share) {
		k.run(p, Nobody, 0, who, w.Birth[p].AddMonths(12*22), w.Birth[p].AddMonths(12*70))
	}
	if o := int(p); o < len(w.organisations) && who.chance(k.r.Share) {
		k.row.Organisation = int32(o) + 1
		k.run(p, Nobody, 900, who, day.Of(1990, 1, 1), horizon)
		k.row.Organisation = 0
	}
}

// children makes the rows that p has as a parent. What the parents have in
// common is drawn from the child's stream, so that both agree.
func (k *cook) children(p Person) {
	w, r := k.w, k.r
	for place, c := range w.Kids[p] {
		who := w.cfg.roll(saltWho, key(r.Table)+uint64(c)<<20)
		if !who.chance(r.Share) {
			continue
		}
		first, split := w.Mother[c], who.chance(r.Split)
		if !who.chance(r.Women) && r.Who != "mother" {
			first = w.Father[c]
		}
		if first == Nobody {
			first = max(w.Mother[c], w.Father[c])
		}
		other := w.Father[c]
		if first == other {
			other = w.Mother[c]
		}
		if r.Who == "mother" {
			split = false
		}
		split = split && other != Nobody
		if p != first && !(split && p == other) {
			continue
		}
		k.part = 1000
		if split {
			k.part = 500
		}
		from, to := w.Birth[c].AddMonths(12*r.ChildAges[0]), w.Birth[c].AddMonths(12*r.ChildAges[1])
		if r.Who == "mother" {
			from = w.Birth[c] + day.Day(who.between(r.Begins[0], r.Begins[1]))
			to = w.Birth[c] - day.Day(r.EndBefore) + 1
		}
		k.run(p, c, place+1, who, from, to)
	}
}

// run makes the rows of one subject between two days.
func (k *cook) run(p, c Person, place int, who dice, from, to day.Day) {
	w, r := k.w, k.r
	if k.part == 0 || c == Nobody {
		k.part = 1000
	}
	to = min(to, horizon)
	if k.row.Organisation == 0 {
		from, to = max(from, w.Arrived[p]), min(to, w.Death[p])
	}
	if c != Nobody {
		to = min(to, w.Death[c])
		if r.AfterDeath > 0 && w.Death[c] < horizon {
			to = min(w.Death[c].AddMonths(r.AfterDeath), horizon)
		}
	}
	if r.Runs[1] > 0 && from < to && r.Every == "month" {
		from += day.Day(who.IntN(int(to - from)))
		to = min(to, from+day.Day(who.between(r.Runs[0], r.Runs[1])))
	}
	if k.from, k.to = from, to; from >= to {
		return
	}
	k.row = Row{Person: p, Child: c, Track: int64(p)*1000 + int64(place)*20 + 1, Organisation: k.row.Organisation, recipe: r}
	k.draw()
	switch r.Every {
	case "month":
		k.months(who, place)
	case "spell":
		k.spells()
	case "year":
		k.years()
	default:
		k.events()
	}
}

// draw decides what a run is about: benefit, extent, amount and columns.
func (k *cook) draw() {
	r, d := k.r, k.d
	k.row.Benefit = r.Benefits[d.pick(weightsOf(r.Benefits))].Code
	if r.ChildBenefit != "" && k.row.Child != Nobody {
		k.row.Benefit = r.ChildBenefit
	}
	k.row.Extent = k.part
	if len(r.Extents) > 0 && k.part == 1000 {
		w := make([]float64, len(r.Extents))
		for i, e := range r.Extents {
			w[i] = e.Weight
		}
		k.row.Extent = r.Extents[d.pick(w)].Extent
	}
	k.monthly = k.between(r.Amount.Month)
	for i := range r.Columns {
		k.fill(i)
	}
}

func (k *cook) between(span [2]int64) int64 {
	if span[1] <= span[0] {
		return span[0]
	}
	n := span[0] + k.d.Int64N(span[1]-span[0]+1)
	return n - n%100 // whole kronor
}

// fill draws the value of the recipe's i'th column.
func (k *cook) fill(i int) {
	c, d := &k.r.Columns[i], k.d
	v := &k.row.Extra[i]
	*v = empty
	if c.Empty > 0 && d.chance(c.Empty) {
		return
	}
	switch {
	case len(c.Codes) > 0:
		*v = int64(d.pick(k.r.codeWeights[i]))
	case c.Ore != [2]int64{}:
		*v = k.between(c.Ore)
	case c.Int != [2]int{}:
		*v = int64(d.between(c.Int[0], c.Int[1]))
	case c.Diagnosis:
		*v = int64(d.pick(diagnosisWeights))
	case c.Person != "":
		*v = int64(k.relative(c.Person))
	case c.Employer != nil:
		*v = k.w.employer(d, c.Employer.Own)
	}
}

// relative finds another person whom a row names; −1 when there is none.
func (k *cook) relative(who string) Person {
	w, p, c := k.w, k.row.Person, k.row.Child
	switch who {
	case "spouse":
		if len(w.Kids[p]) == 0 {
			return Nobody
		}
		c = w.Kids[p][0]
		fallthrough
	case "other_parent":
		if c == Nobody || w.Mother[c] == p {
			if c == Nobody {
				return Nobody
			}
			return w.Father[c]
		}
		return w.Mother[c]
	case "guardian":
		if w.Birth[p].AddMonths(12*18) > First {
			return w.Mother[p]
		}
		return Nobody
	}
	kin := slices.DeleteFunc([]Person{w.Mother[p], w.Father[p]}, func(q Person) bool { return q == Nobody })
	kin = append(kin, w.Kids[p]...)
	if len(kin) == 0 {
		return Person(k.d.IntN(w.Len()))
	}
	return kin[k.d.IntN(len(kin))]
}

// add appends a row of the run and what befalls it later.
func (k *cook) add(r Row) {
	for i := range k.r.Columns {
		c := &k.r.Columns[i]
		switch {
		case c.Each == "row":
			k.fill(i)
			r.Extra[i] = k.row.Extra[i]
		case c.Decided:
			r.Extra[i] = int64(max(r.Tx-3, r.From-400))
		case c.DaysBefore != [2]int{} && r.Extra[i] == empty && !k.d.chance(c.Empty):
			r.Extra[i] = int64(r.From) - int64(k.d.between(c.DaysBefore[0], c.DaysBefore[1]))
		case len(c.Sum) > 0:
			r.Extra[i] = 0
			for _, name := range c.Sum {
				r.Extra[i] += r.Extra[k.r.column(name)]
			}
		case c.Unpaid != "" && c.Codes[r.Extra[i]].Code == c.Unpaid:
			r.Amount = 0
		}
	}
	if r.Organisation != 0 { // it has one number for ever
		k.out = append(k.out, r)
		return
	}
	k.out = k.w.accidents(k.d, r, k.out)
}
