package clock

import (
	"fmt"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/swede"
)

// Kinds of steps.
const (
	StepStart = "start" // day 0
	StepCount = "count" // N units are added to day 0
	StepFixed = "fixed" // the due day was agreed
	StepPause = "pause" // First–Last are not counted
	StepDue   = "due"   // what the counting gives
	StepRoll  = "roll"  // moved to the next working day
	StepEnd   = "end"   // done, ended, or how it stands today
)

// Step is one line of an explanation. The texts suffice to reach the due day
// with an almanac; the fields say the same to programs.
type Step struct {
	Kind        string
	First, Last day.Day // the day; of a pause its first and last day
	N           int     // units counted; of a pause its days
	Unit        Unit
	Text        catalog.Text
}

// listed is how many counted working days are written out one by one.
const listed = 15

func steps(r Reading, at begin, raw day.Day, c Case) []Step {
	out := []Step{{
		Kind: StepStart, First: at.zero, Last: at.zero,
		Text: catalog.Text{
			SV: fmt.Sprintf("%s: %s. Det är dag 0 och räknas inte.", at.zero, at.name.SV),
			EN: fmt.Sprintf("%s: %s. This is day 0 and is not counted.", at.zero, at.name.EN),
		},
	}}
	if at.fixed {
		out = append(out, Step{Kind: StepFixed, First: raw, Last: raw, Text: catalog.Text{
			SV: fmt.Sprintf("Dagen är bestämd till %s.", raw), EN: fmt.Sprintf("The day is set to %s.", raw),
		}})
	} else {
		out = append(out, Step{Kind: StepCount, First: at.zero, Last: at.zero, N: at.length, Unit: r.Def.Unit, Text: catalog.Text{
			SV: fmt.Sprintf("+ %s (%s).", amount(r.Def.Unit, at.length, "sv"), r.Def.Source),
			EN: fmt.Sprintf("+ %s (%s).", amount(r.Def.Unit, at.length, "en"), r.Def.Source),
		}})
		for _, w := range r.Pauses {
			out = append(out, pauseStep(r.Def.Unit, w))
		}
		out = append(out, dueStep(r, at, raw, c.Calendar))
	}
	if r.Due != raw {
		out = append(out, Step{Kind: StepRoll, First: raw, Last: r.Due, Text: catalog.Text{
			SV: fmt.Sprintf("%s är %s; tiden går ut nästa arbetsdag, %s (lag (1930:173) 2 §).", raw, closed(raw, "sv"), r.Due),
			EN: fmt.Sprintf("%s is %s; the time ends on the next working day, %s (lag (1930:173) 2 §).", raw, closed(raw, "en"), r.Due),
		}})
	}
	return append(out, endStep(r, c.Today))
}

func pauseStep(u Unit, w Waiting) Step {
	n := w.Days
	if u == WorkingDays {
		n = w.Work
	} else {
		u = Days
	}
	last := catalog.Text{SV: fmt.Sprintf("%s–%s", w.First, w.Last), EN: fmt.Sprintf("%s–%s", w.First, w.Last)}
	if w.Open {
		last = catalog.Text{SV: fmt.Sprintf("från %s, pågår", w.First), EN: fmt.Sprintf("from %s, not over", w.First)}
	}
	return Step{Kind: StepPause, First: w.First, Last: w.Last, N: n, Unit: u, Text: catalog.Text{
		SV: fmt.Sprintf("Räknas inte, %s: %s (%s).", w.Reason.SV, last.SV, amount(u, n, "sv")),
		EN: fmt.Sprintf("Not counted, %s: %s (%s).", w.Reason.EN, last.EN, amount(u, n, "en")),
	}}
}

// dueStep writes the counted days out where they are few, and otherwise how
// many days were passed over.
func dueStep(r Reading, at begin, raw day.Day, cal swede.Calendar) Step {
	sv, en := fmt.Sprintf("Det ger %s", raw), fmt.Sprintf("That gives %s", raw)
	open := false
	for _, w := range r.Pauses {
		open = open || w.Open
	}
	if open {
		sv, en = fmt.Sprintf("Det ger tidigast %s, om väntan tar slut idag", raw), fmt.Sprintf("That gives %s at the earliest, if the waiting ends today", raw)
	}
	if r.Def.Unit == WorkingDays {
		var days, shut []string
		var shutEN []string
		for d := at.zero + 1; d <= raw; d++ {
			if name, other, ok := swede.Holiday(d); ok && swede.Weekday(d) <= 5 {
				shut, shutEN = append(shut, d.String()+" "+name), append(shutEN, d.String()+" "+other)
			} else if !cal.IsWorkingDay(d) && swede.Weekday(d) <= 5 {
				shut, shutEN = append(shut, d.String()+" stängt"), append(shutEN, d.String()+" closed")
			}
			if cal.IsWorkingDay(d) && !covered(r.Pauses, d) {
				days = append(days, d.String())
			}
		}
		if len(days) > 0 && len(days) <= listed {
			sv, en = sv+"; räknade arbetsdagar: "+strings.Join(days, ", "), en+"; working days counted: "+strings.Join(days, ", ")
		}
		if len(shut) > 0 {
			sv, en = sv+"; stängda vardagar: "+strings.Join(shut, ", "), en+"; weekdays closed: "+strings.Join(shutEN, ", ")
		}
	} else if n := int(raw - due(r.Def.Unit, at.zero, at.length, nil, cal)); n > 0 {
		unmoved := raw - day.Day(n)
		sv += fmt.Sprintf("; utan väntan %s, flyttat %s", unmoved, amount(Days, n, "sv"))
		en += fmt.Sprintf("; without waiting %s, moved by %s", unmoved, amount(Days, n, "en"))
	}
	return Step{Kind: StepDue, First: raw, Last: raw, N: at.length, Unit: r.Def.Unit, Text: catalog.Text{SV: sv + ".", EN: en + "."}}
}

func covered(pauses []Waiting, d day.Day) bool {
	for _, w := range pauses {
		if w.First <= d && d <= w.Last {
			return true
		}
	}
	return false
}

func endStep(r Reading, today day.Day) Step {
	s := Step{Kind: StepEnd, First: today, Last: today}
	switch r.Status {
	case Met:
		s.First, s.Last = r.Done, r.Done
		s.Text = catalog.Text{SV: fmt.Sprintf("%s: klart, i tid.", r.Done), EN: fmt.Sprintf("%s: done, in time.", r.Done)}
	case Late:
		if r.HasDone {
			s.First, s.Last = r.Done, r.Done
			s.Text = catalog.Text{SV: fmt.Sprintf("%s: klart, %s för sent.", r.Done, amount(Days, int(r.Done-r.Due), "sv")), EN: fmt.Sprintf("%s: done, %s too late.", r.Done, amount(Days, int(r.Done-r.Due), "en"))}
			break
		}
		s.Text = catalog.Text{SV: fmt.Sprintf("%s: tiden är ute sedan %s.", today, amount(Days, int(today-r.Due), "sv")), EN: fmt.Sprintf("%s: the time ran out %s ago.", today, amount(Days, int(today-r.Due), "en"))}
	case Paused:
		s.Text = catalog.Text{SV: fmt.Sprintf("%s: klockan står stilla.", today), EN: fmt.Sprintf("%s: the clock stands still.", today)}
	case Open:
		s.Text = catalog.Text{SV: fmt.Sprintf("%s: tiden är inne.", today), EN: fmt.Sprintf("%s: the time has come.", today)}
	case Ended:
		s.Text = catalog.Text{SV: "Ärendet avslutades innan tiden gick ut eller frågan blev aktuell.", EN: "The case ended before the time was out or the question arose."}
	default:
		s.Text = catalog.Text{SV: fmt.Sprintf("%s: klockan går.", today), EN: fmt.Sprintf("%s: the clock is running.", today)}
	}
	return s
}

// closed says why d is no working day by law.
func closed(d day.Day, lang string) string {
	sv, en, ok := swede.Holiday(d)
	if !ok {
		sv, en = "en lördag", "a Saturday"
		if swede.Weekday(d) == 7 {
			sv, en = "en söndag", "a Sunday"
		}
	}
	return catalog.Text{SV: sv, EN: en}.In(lang)
}

// amount writes "2 arbetsdagar", "1 month" …
func amount(u Unit, n int, lang string) string {
	one := map[Unit]catalog.Text{WorkingDays: {SV: "arbetsdag", EN: "working day"}, Days: {SV: "dag", EN: "day"}, Months: {SV: "månad", EN: "month"}}
	many := map[Unit]catalog.Text{WorkingDays: {SV: "arbetsdagar", EN: "working days"}, Days: {SV: "dagar", EN: "days"}, Months: {SV: "månader", EN: "months"}}
	names := many
	if n == 1 || n == -1 {
		names = one
	}
	return fmt.Sprintf("%d %s", n, names[u].In(lang))
}
