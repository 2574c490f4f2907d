package rig

import "sluss/internal/day"

// months makes payments by the month: the first ones late, where a decision
// takes its time, then about the twentieth of every month.
func (k *cook) months(who dice, place int) {
	r, d := k.r, k.d
	from := day.FirstOfMonth(k.from.Month())
	decided := from + 12 + day.Day(d.wait(r.FirstWait))
	if r.Lump > 0 && d.chance(r.Lump) {
		k.lump(from, decided)
		return
	}
	for m := from.Month(); ; m++ {
		at := day.FirstOfMonth(m)
		if at >= k.to {
			return
		}
		row := k.row
		row.From, row.Tom = at, day.FirstOfMonth(m+1)-1
		row.Tx = max(at+17, decided)
		row.Paid = row.Tx + 3
		row.Amount = k.month(at) * int64(row.Extent) / 1000
		if row.Tom < k.w.cfg.start()-400 {
			continue
		}
		k.add(row)
		if s := r.Settle; s != nil {
			k.settled(row, s)
		}
		if s := r.Second; s != nil && place >= s.Child {
			row.Benefit, row.Track = s.Benefit, row.Track+7
			row.Amount = s.Amounts[min(place-s.Child, len(s.Amounts)-1)] * int64(row.Extent) / 1000
			k.add(row)
		}
	}
}

// month is the amount of a whole month.
func (k *cook) month(at day.Day) int64 {
	list := k.r.Amount.ByChildAge
	if len(list) == 0 || k.row.Child == Nobody {
		return k.monthly
	}
	amount := int64(0)
	for _, step := range list {
		if k.w.Birth[k.row.Child].AddMonths(12*int(step[0])) <= at {
			amount = step[1]
		}
	}
	return amount
}

// lump pays once instead: a sum without a period.
func (k *cook) lump(at, decided day.Day) {
	row := k.row
	row.From, row.Tom, row.Tx, row.Paid = at, at, decided, decided+3
	row.Amount = k.monthly * int64(k.d.between(12, 40))
	k.add(row)
}

// settled makes a preliminary payment final in November of the year after: the
// difference is paid, or taken back, in a case of its own and without days of
// its own.
func (k *cook) settled(row Row, s *settle) {
	year := row.From.Year()
	whether := k.w.cfg.roll(saltRecipe, key("settle"+k.r.Table)+uint64(k.row.Person)<<12+uint64(year))
	if !whether.chance(s.Share) {
		return
	}
	diff := whether.Int64N(2*s.Most) - s.Most
	diff -= diff % 100
	row.Track += 5
	row.Extent = 0
	row.Extra[k.r.column(s.Source)] = 1
	row.Tx = day.Of(year+1, 11, 1) + day.Day(whether.IntN(25))
	row.Paid = row.Tx + 5
	row.Amount, row.Reversal = diff, diff < 0
	if diff < 0 {
		row.Amount = -diff
	}
	if row.Amount > 0 {
		k.out = append(k.out, row)
	}
}

// spells makes spells by chance, or the one that hangs on a birth.
func (k *cook) spells() {
	r, d := k.r, k.d
	if r.Who == "mother" {
		k.spell(k.from, min(k.to, k.from+day.Day(k.days())))
		return
	}
	for at := max(k.from, k.w.cfg.start()-900); ; k.row.Track++ {
		rate := r.PerYear
		if b := r.Busy; b != nil && at >= b.From && at < b.To {
			rate *= b.Times
		}
		step := day.Day(d.wait(365/rate)) + 5
		if b := r.Busy; b != nil && at < b.From && at+step > b.From {
			step = b.From - at + day.Day(d.wait(365/(rate*b.Times)))
		}
		if at += step; at >= k.to {
			return
		}
		end := min(k.to, at+day.Day(k.days()))
		k.draw()
		k.spell(at, end)
		at = end
	}
}

func (k *cook) days() float64 {
	l := k.r.Length
	return 1 + min(k.d.skewed(l.Median, l.Spread), l.Max)
}

// spell pays the days [from, to) some at a time.
func (k *cook) spell(from, to day.Day) {
	d := k.d
	daily := k.between(k.r.Amount.Day)
	for at := from; at < to; {
		n := day.Day(d.between(8, 31))
		if k.r.Weekdays {
			weekday := int(at+3) % 7 // 1970-01-01 was a Thursday: 0 is Monday
			if weekday > 4 {
				at += day.Day(7 - weekday)
				continue
			}
			n = day.Day(5 - weekday)
		}
		row := k.row
		row.From, row.Tom = at, min(at+n, to)-1
		row.Amount = daily * int64(row.Extent) / 1000 * int64(row.Tom-row.From+1)
		row.Tx = d.decided(row.Tom)
		row.Paid = row.Tx + day.Day(d.between(1, 4))
		k.add(row)
		at = row.Tom + 1
		if d.chance(.03) {
			at += day.Day(d.between(1, 4))
		}
	}
}

// events makes grants and decisions by chance.
func (k *cook) events() {
	r, d := k.r, k.d
	at := max(k.from, k.w.cfg.start()-900)
	if r.SameAs != "" {
		at = k.from
	}
	for {
		if r.SameAs == "" {
			at += day.Day(d.wait(365/r.PerYear)) + 20
		}
		if at >= k.to {
			return
		}
		k.draw()
		row := k.row
		row.From, row.Tom = at, at
		if r.Runs[1] > 0 {
			row.Tom = min(at+day.Day(d.between(r.Runs[0], r.Runs[1])), k.to) - 1
		}
		row.Amount = k.between(r.Amount.Year)
		row.Tx = row.From + day.Day(d.between(r.Wait[0], r.Wait[1]))
		row.Paid = row.Tx + 7
		k.add(row)
		k.row.Track++
		at = row.Tom + 1
	}
}

// years makes a row for every calendar year.
func (k *cook) years() {
	for y := max(k.from, k.w.cfg.start()-400).Year(); y < k.to.Year(); y++ {
		if !k.d.chance(.7) {
			continue
		}
		row := k.row
		row.From, row.Tom = day.FirstOfYear(y), day.FirstOfYear(y+1)-1
		row.Amount = k.between(k.r.Amount.Year)
		row.Tx = row.Tom + day.Day(k.d.between(k.r.Wait[0], k.r.Wait[1]))
		row.Paid = row.Tx + 10
		row.Track += int64(y - 2000)
		k.add(row)
	}
}
