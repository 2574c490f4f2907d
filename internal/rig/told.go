package rig

import (
	"slices"

	"sluss/internal/day"
)

// told is what the applications of one sickness spell say beside what every payment
// does: when the illness began, and which waiting period was chosen.
type told struct {
	dice
	from, free day.Day // first day of the spell, day after the spell before
}

func (w *World) told(track int64, from, free day.Day) told {
	return told{w.cfg.roll(saltTold, uint64(track)), from, free}
}

// tell writes it into the rows of the spell, which begin at first, and makes payments
// of occupational injury benefit top up sickness benefit at times. It has a stream of
// its own: the rows themselves do not depend on it.
func (t told) tell(rows []Row, first int) []Row {
	waits := []string{"", "1", "7", "14", "30", "60", "90"}[t.pick([]float64{5, 20, 45, 15, 8, 4, 3})]
	// Fourteen days of sick pay, unless the employer paid before the spell before or
	// the application does not say.
	ill := t.from - 14
	switch {
	case t.from-t.free < 20, t.chance(.06):
		ill = day.Open
	case t.chance(.05):
		ill = t.from - day.Day(t.between(1, 60))
	}
	topsUp, kronor := t.chance(.4), int64(t.between(20, 95)) // by net day
	if t.chance(.4) {
		rows = t.pause(rows, first)
	}
	for i := range rows[first:] {
		r := &rows[first+i]
		r.Ill = day.Open
		switch r.Insured {
		case "5":
			r.Waits = waits
		case "8":
			r.Ill = ill
		}
		if r.Benefit == "ASP" && topsUp {
			r.Benefit = "SJP"
			extra := *r
			extra.Benefit, extra.Track = "ASP", r.Track+500
			extra.Amount = kronor * 100 * int64(r.Tom-r.From+1) * int64(r.Extent) / 1000
			rows = append(rows, extra)
		}
	}
	return rows
}

// pause takes a payment of 5 to 19 days out of the middle of a self-employed person's
// spell, with what befell it: the spell goes on within the twenty days of the law, if
// more than one waiting day was chosen.
func (t told) pause(rows []Row, first int) []Row {
	for _, r := range rows[first:] {
		if days := r.Tom - r.From + 1; r.Insured == "5" && r.From > t.from && days >= 5 && days <= 19 {
			return rows[:first+len(slices.DeleteFunc(rows[first:], func(x Row) bool { return x.From == r.From }))]
		}
	}
	return rows
}
