package clock

import (
	"fmt"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Phase is a stretch of the way to delivery, between two marks.
type Phase struct {
	ID   string       `json:"id"`
	Name catalog.Text `json:"name"`
	Done []Trigger    `json:"done"`           // over when any has happened
	Skip []Trigger    `json:"skip,omitempty"` // never comes when any has happened
	Undo []Trigger    `json:"undo,omitempty"` // as if what ended it had not happened
	// Theirs says that somebody else acts in this phase.
	Theirs bool `json:"theirs,omitempty"`
}

// Phases are the stretches of an order's way, in order.
func Phases() []Phase {
	return []Phase{
		{ID: "complete", Name: catalog.Text{SV: "beställningen görs komplett", EN: "the order is made complete"}, Done: []Trigger{{Event: Completed}}, Theirs: true},
		{ID: "draft", Name: catalog.Text{SV: "utkast till offert och överenskommelse", EN: "draft quote and agreement"}, Done: []Trigger{{Event: DraftAgreed}}},
		{ID: "review", Name: catalog.Text{SV: "sekretessprövning och beslut", EN: "confidentiality review and decision"}, Done: []Trigger{{Event: Decided}}},
		{ID: "acceptance", Name: catalog.Text{SV: "företrädaren godkänner offerten", EN: "the representative accepts the quote"}, Done: []Trigger{{Event: QuoteAccepted}}, Theirs: true},
		{ID: "file", Name: catalog.Text{SV: "populationsfilen skickas och godkänns", EN: "the population file is sent and accepted"}, Done: []Trigger{{Event: FileAccepted}}, Skip: []Trigger{noFile}, Undo: []Trigger{{Event: FileFaulty}}, Theirs: true},
		{ID: "extraction", Name: catalog.Text{SV: "uttag, kontroll och leverans", EN: "extraction, checks and delivery"}, Done: []Trigger{{Event: Delivered}}},
	}
}

// Lead is how long a phase has taken in finished cases.
type Lead struct {
	Median int // working days, half of the cases took at most this
	Slow   int // working days, nine of ten took at most this
	Cases  int
}

// enough is the least number of cases that a measured lead time rests on.
const enough = 10

// Range is the answer to "when do I get my data?".
type Range struct {
	Known            bool // false: nothing to promise from; Reasons say why
	Earliest, Latest day.Day
	Measured         bool // from measured lead times, else from the published ones
	Reasons          []catalog.Text
}

// Promise tells the span of days in which delivery is expected, with reasons.
//
//   - A promised day (clock "promised") is the answer for a statistics order.
//   - Otherwise, when every phase that remains has been measured in at least ten
//     cases, the earliest day is today plus the sum of medians and the latest
//     today plus the sum of the slow ones, in working days, less the working
//     days that the present phase has lasted already. ahead, the cases before
//     this one in the queue, each lengthen both by queueDays working days.
//   - Otherwise research gets the published 1–4 months after completion (clock
//     "total" with its pauses; counted from today while not complete), and
//     statistics gets no day until one has been promised.
//
// The latest day is a forecast, not the legal end: when it lies after the last
// day of the clock "total", a reason says so.
func (b Book) Promise(c Case, leads map[string]Lead, ahead, queueDays int) Range {
	for _, m := range c.Marks {
		if m.Day <= c.Today && (m.Event == Delivered || m.Event == Withdrawn || m.Event == Dismissed || m.Event == Refused) {
			return Range{Reasons: []catalog.Text{{SV: "Beställningen är avslutad eller levererad.", EN: "The order is over or delivered."}}}
		}
	}
	for _, r := range b.Read("promised", c) {
		if r.HasStarted() {
			return Range{Known: true, Earliest: r.Due, Latest: r.Due, Reasons: append(b.waitingFor(c), catalog.Text{
				SV: fmt.Sprintf("Leverans är utlovad den %s.", r.Due), EN: fmt.Sprintf("Delivery is promised on %s.", r.Due),
			})}
		}
	}
	out, ok := measured(c, leads, ahead*queueDays)
	if !ok {
		out = b.published(c)
	} else if ahead > 0 {
		out.Reasons = append(out.Reasons, catalog.Text{SV: fmt.Sprintf("%d ärenden ligger före i kön.", ahead), EN: fmt.Sprintf("%d cases lie ahead in the queue.", ahead)})
	}
	out.Reasons = append(b.waitingFor(c), out.Reasons...)
	for _, r := range b.Read("total", c) {
		if out.Known && r.HasStarted() && out.Latest > r.Due {
			out.Reasons = append(out.Reasons, catalog.Text{
				SV: fmt.Sprintf("Det kan ta längre än vår högsta tid, som går ut %s.", r.Due), EN: fmt.Sprintf("It may take longer than our longest time, which ends on %s.", r.Due),
			})
		}
	}
	return out
}

// waitingFor tells what the case waits for outside the authority.
func (b Book) waitingFor(c Case) []catalog.Text {
	var out []catalog.Text
	seen := map[string]bool{}
	for _, p := range []Pause{waitOrderer, waitDraft, waitAcceptance, waitFile} {
		for _, w := range (Definition{Pauses: []Pause{p}}).pairs(p, c, "") {
			if w.open && !seen[p.Reason.EN] {
				seen[p.Reason.EN] = true
				out = append(out, catalog.Text{
					SV: fmt.Sprintf("Just nu: %s sedan %s.", p.Reason.SV, w.From-1), EN: fmt.Sprintf("Right now: %s since %s.", p.Reason.EN, w.From-1),
				})
			}
		}
	}
	return out
}

func (b Book) published(c Case) Range {
	if c.Purpose != research {
		return Range{Reasons: []catalog.Text{{
			SV: "Leveransdagen bestäms med er när beställningen är klar; den beror på vilka resurser som finns.",
			EN: "The delivery day is settled with you when the order is clear; it depends on the resources at hand.",
		}}}
	}
	for _, r := range b.Read("total", c) {
		if r.HasStarted() {
			return Range{Known: true, Earliest: max(r.Least, c.Today), Latest: max(r.Due, c.Today), Reasons: []catalog.Text{{
				SV: fmt.Sprintf("Det tar 1–4 månader från den dag beställningen blev komplett, %s; den tid vi väntar på andra räknas inte.", r.Started),
				EN: fmt.Sprintf("It takes 1–4 months from the day the order became complete, %s; the time we wait for others is not counted.", r.Started),
			}}}
		}
	}
	return Range{Known: true, Earliest: c.Today.AddMonths(1), Latest: c.Today.AddMonths(4), Reasons: []catalog.Text{{
		SV: "Det tar 1–4 månader från den dag beställningen är komplett; här räknat som om den blev det idag.",
		EN: "It takes 1–4 months from the day the order is complete; counted here as if it became so today.",
	}}}
}

// measured sums the remaining phases. ok is false when one of them has been
// measured in too few cases.
func measured(c Case, leads map[string]Lead, queue int) (r Range, ok bool) {
	fast, slow, since, first := queue, queue, day.Min, true
	marks := Definition{}
	for _, m := range marks.find(c, "", []Trigger{arrived}) {
		since = max(since, m.on)
	}
	for _, p := range Phases() {
		undo := marks.find(c, "", p.Undo)
		done := slices.DeleteFunc(marks.find(c, "", p.Done), func(h hit) bool { return undone(h, undo) })
		if len(done) > 0 {
			since = max(since, done[0].on)
			continue
		}
		if len(marks.find(c, "", p.Skip)) > 0 {
			continue
		}
		l := leads[p.ID]
		if l.Cases < enough {
			return Range{}, false
		}
		spent := 0
		if first && since > day.Min {
			spent = c.Calendar.WorkingDays(day.Span{From: since + 1, To: c.Today + 1})
		}
		first = false
		f, s := max(0, l.Median-spent), max(0, l.Slow-spent)
		fast, slow = fast+f, slow+max(f, s)
		r.Reasons = append(r.Reasons, catalog.Text{
			SV: fmt.Sprintf("%s: oftast %s, sällan mer än %s.", p.Name.SV, amount(WorkingDays, f, "sv"), amount(WorkingDays, max(f, s), "sv")),
			EN: fmt.Sprintf("%s: usually %s, seldom more than %s.", p.Name.EN, amount(WorkingDays, f, "en"), amount(WorkingDays, max(f, s), "en")),
		})
	}
	r.Known, r.Measured = true, true
	r.Earliest, r.Latest = c.Calendar.AddWorkingDays(c.Today, fast), c.Calendar.AddWorkingDays(c.Today, slow)
	return r, true
}
