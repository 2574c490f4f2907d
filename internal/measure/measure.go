// Package measure makes statistics about ourselves: how long things take, how
// many orders come, how many are complete at first, what supplements are about,
// how quoted hours compare with those used, and how many are refused.
//
// The input is one [Fact] for each case, which a caller reads out of the case
// logs; [Make] is a fold over them, so that the same log always gives the same
// [Report] and anybody with the log can recompute it. [Leads] gives the lead
// times that promises to orderers rest on.
//
// # Small numbers
//
// A report is for everybody, and a case belongs to somebody. Counts from one to
// below the threshold (default 5) are hidden, and with them as many others as
// are needed. The guarantee, exactly: for every hidden count there is another
// set of cases that agrees with every shown count, in which no count that is
// not nought becomes nought, and in which the hidden count is another. Nobody
// who has all shown counts of the report and knows that noughts are always shown
// can therefore tell a hidden count, neither by subtracting from totals of
// months, quarters and purposes nor by comparing the tables. What the guarantee
// does not cover: earlier reports over overlapping periods, knowledge of single
// cases from elsewhere, how far apart the possible values lie, and what can be
// concluded from how the hiding was chosen.
//
// Medians, ninetieth percentiles and hours are shown only when they rest on at
// least the threshold's number of cases, and those of all purposes together only
// when each purpose has none or at least as many.
//
// The package is pure.
package measure

import (
	"cmp"
	"fmt"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/swede"
)

// Milestones of a case.
const (
	Arrived   = "arrived"
	Completed = "completed"
	Agreed    = "agreed" // draft quote
	Decided   = "decided"
	Accepted  = "accepted" // quote
	FileHere  = "file"     // accepted population file; of a case without a file, none
	Delivered = "delivered"
)

// Outcomes of a case.
const (
	Open      = "open"
	Disclosed = "disclosed"
	Partly    = "partly"
	Refused   = "refused"
	Withdrawn = "withdrawn"
	Dismissed = "dismissed"
)

// Fact is what statistics need to know of a case: no names, no numbers.
type Fact struct {
	Purpose       string             // research or statistics
	Party         string             // kind of principal
	On            map[string]day.Day // milestones reached
	CompleteFirst bool               // complete at first submission
	Causes        []string           // what supplements were about: rule codes, each once
	Quoted, Used  int64              // hundredths of an hour; 0 = not known
	Outcome       string
}

// Phase is a stretch between two milestones.
type Phase struct {
	ID   string
	Name catalog.Text
	From []string // the last of those that were reached
	To   string
}

// Phases are the stretches whose length is measured. The first six have the ids
// of [clock.Phases].
func Phases() []Phase {
	return []Phase{
		{"complete", catalog.Text{SV: "Från ankomst till komplett", EN: "From arrival to complete"}, []string{Arrived}, Completed},
		{"draft", catalog.Text{SV: "Från komplett till överenskommet utkast", EN: "From complete to agreed draft"}, []string{Completed}, Agreed},
		{"review", catalog.Text{SV: "Från överenskommet utkast till beslut", EN: "From agreed draft to decision"}, []string{Agreed}, Decided},
		{"acceptance", catalog.Text{SV: "Från beslut till godkänd offert", EN: "From decision to accepted quote"}, []string{Decided}, Accepted},
		{"file", catalog.Text{SV: "Från godkänd offert till godkänd populationsfil", EN: "From accepted quote to accepted population file"}, []string{Accepted}, FileHere},
		{"extraction", catalog.Text{SV: "Från godkänd fil och offert till leverans", EN: "From accepted file and quote to delivery"}, []string{Accepted, FileHere}, Delivered},
		{"total", catalog.Text{SV: "Från komplett till leverans", EN: "From complete to delivery"}, []string{Completed}, Delivered},
		{"whole", catalog.Text{SV: "Från ankomst till leverans", EN: "From arrival to delivery"}, []string{Arrived}, Delivered},
	}
}

// span returns the days of the phase in the case: from the day after it began to
// the day it ended. What came earlier than the phase began took no time.
func (p Phase) span(f Fact) (day.Span, bool) {
	end, ok := f.On[p.To]
	if !ok {
		return day.Span{}, false
	}
	from, found := day.Min, false
	for _, m := range p.From {
		if d, ok := f.On[m]; ok {
			from, found = max(from, d), true
		}
	}
	return day.Span{From: from + 1, To: max(from, end) + 1}, found
}

// Rank returns the percentile p of sorted values by nearest rank: the smallest
// value that at least p per cent of the values do not exceed. The median is
// p = 50. It panics without values.
func Rank(sorted []int, p int) int {
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

// Lead is how long a phase has taken.
type Lead struct {
	Phase   string `json:"phase"`
	Purpose string `json:"purpose"` // "" = all
	Shown   bool   `json:"shown"`   // false: too few cases, the figures are nought
	// Working days and calendar days, by [Rank] 50 and 90.
	WorkMedian int `json:"work_median"`
	WorkSlow   int `json:"work_slow"`
	DaysMedian int `json:"days_median"`
	DaysSlow   int `json:"days_slow"`
}

// Effort is how hours used compare with hours quoted.
type Effort struct {
	Purpose string `json:"purpose"`
	Shown   bool   `json:"shown"`
	// Medians, hundredths of an hour.
	Quoted int64 `json:"quoted_centihours"`
	Used   int64 `json:"used_centihours"`
	Within int   `json:"within_percent"` // per cent of the cases that used at most what was quoted
}

// Count is one number of a table.
type Count struct {
	Table   string `json:"table"`   // cases, complete, outcome or cause
	Row     string `json:"row"`     // of cases 2026-03, 2026 Q1 or "" = all; of complete yes or no; else outcome or cause
	Purpose string `json:"purpose"` // "" = all
	N       int    `json:"n"`       // 0 when Hidden
	Hidden  bool   `json:"hidden"`
}

// Report is the statistics of a period.
type Report struct {
	From, To  day.Day // cases that arrived in [From, To); phases that ended in it
	Threshold int
	Counts    []Count
	Leads     []Lead
	Efforts   []Effort
}

// DefaultThreshold is the least number that is shown.
const DefaultThreshold = 5

// Make makes the report of a period. threshold is the least number shown (0 =
// [DefaultThreshold]). Facts in any order give the same report.
func Make(facts []Fact, period day.Span, cal swede.Calendar, threshold int) Report {
	if threshold <= 0 {
		threshold = DefaultThreshold
	}
	r := Report{From: period.From, To: period.To, Threshold: threshold}
	var arrived []Fact
	for _, f := range facts {
		if on, ok := f.On[Arrived]; ok && period.From <= on && on < period.To {
			arrived = append(arrived, f)
		}
	}
	r.Counts = counts(arrived, threshold)
	purposes := purposesOf(facts)
	for _, p := range Phases() {
		lengths := map[string][]day.Span{}
		for _, f := range facts {
			if s, ok := p.span(f); ok && period.From < s.To && s.To <= period.To {
				lengths[f.Purpose] = append(lengths[f.Purpose], s)
			}
		}
		for _, purpose := range append(purposes, "") {
			l := Lead{Phase: p.ID, Purpose: purpose}
			if spans, ok := enough(lengths, purpose, threshold); ok {
				l.Shown = true
				work, days := sortedLengths(spans, cal)
				l.WorkMedian, l.WorkSlow, l.DaysMedian, l.DaysSlow = Rank(work, 50), Rank(work, 90), Rank(days, 50), Rank(days, 90)
			}
			r.Leads = append(r.Leads, l)
		}
	}
	r.Efforts = efforts(facts, period, purposes, threshold)
	return r
}

// enough returns the values of a purpose, or of all together, when they may be
// shown.
func enough[T any](by map[string][]T, purpose string, threshold int) ([]T, bool) {
	if purpose != "" {
		return by[purpose], len(by[purpose]) >= threshold
	}
	var all []T
	for _, v := range by {
		if len(v) < threshold {
			return nil, false
		}
		all = append(all, v...)
	}
	return all, len(all) > 0
}

func sortedLengths(spans []day.Span, cal swede.Calendar) (work, days []int) {
	for _, s := range spans {
		work, days = append(work, cal.WorkingDays(s)), append(days, int(s.To-s.From))
	}
	slices.Sort(work)
	slices.Sort(days)
	return work, days
}

func purposesOf(facts []Fact) []string {
	var out []string
	for _, f := range facts {
		if !slices.Contains(out, f.Purpose) {
			out = append(out, f.Purpose)
		}
	}
	slices.Sort(out)
	return out
}

func efforts(facts []Fact, period day.Span, purposes []string, threshold int) []Effort {
	type hours struct{ quoted, used int64 }
	by := map[string][]hours{}
	for _, f := range facts {
		if on, ok := f.On[Delivered]; ok && period.From <= on && on < period.To && f.Quoted > 0 && f.Used > 0 {
			by[f.Purpose] = append(by[f.Purpose], hours{f.Quoted, f.Used})
		}
	}
	var out []Effort
	for _, purpose := range append(slices.Clone(purposes), "") {
		e := Effort{Purpose: purpose}
		if hs, ok := enough(by, purpose, threshold); ok {
			e.Shown = true
			within := 0
			var quoted, used []int
			for _, h := range hs {
				quoted, used = append(quoted, int(h.quoted)), append(used, int(h.used))
				if h.used <= h.quoted {
					within++
				}
			}
			slices.Sort(quoted)
			slices.Sort(used)
			e.Quoted, e.Used, e.Within = int64(Rank(quoted, 50)), int64(Rank(used, 50)), (within*100+len(hs)/2)/len(hs)
		}
		out = append(out, e)
	}
	return out
}

// Leads returns the lead times of finished phases of one purpose, for
// [clock.Book.Promise]. They are for the authority's own forecasts: numbers of
// cases stand beside, nothing is hidden.
func Leads(facts []Fact, purpose string, cal swede.Calendar) map[string]clock.Lead {
	out := map[string]clock.Lead{}
	for _, p := range Phases() {
		var spans []day.Span
		for _, f := range facts {
			if s, ok := p.span(f); ok && f.Purpose == purpose {
				spans = append(spans, s)
			}
		}
		if len(spans) > 0 {
			work, _ := sortedLengths(spans, cal)
			out[p.ID] = clock.Lead{Median: Rank(work, 50), Slow: Rank(work, 90), Cases: len(spans)}
		}
	}
	return out
}

// quarter writes the quarter of a day, as 2026 Q1.
func quarter(d day.Day) string {
	y, m, _ := d.YMD()
	return fmt.Sprintf("%04d Q%d", y, (m+2)/3)
}

func compareCounts(a, b Count) int {
	return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Row, b.Row), cmp.Compare(a.Purpose, b.Purpose))
}
