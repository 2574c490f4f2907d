package clock

import (
	"fmt"
	"slices"
)

// Check returns what keeps the book from being used: one error per definition
// that lacks a name in both languages, a source, a unit or a start, or that
// waits for a clock that is not in the book. It returns nil for a sound book.
func (b Book) Check() []error {
	var out []error
	versions := map[string]bool{}
	for i, d := range b {
		bad := func(what string) { out = append(out, fmt.Errorf("clock %d (%s): %s", i+1, d.ID, what)) }
		version := fmt.Sprint(d.ID, d.From, d.Purposes, d.Parties)
		switch {
		case d.ID == "":
			bad("has no id")
		case versions[version]:
			bad("has two versions from the same day for the same cases")
		}
		versions[version] = true
		if d.Name.SV == "" || d.Name.EN == "" || d.Source == "" {
			bad("needs a name in both languages and a source")
		}
		if !slices.Contains([]Unit{WorkingDays, Days, Months}, d.Unit) {
			bad("unit is not working_days, days or months")
		}
		if !slices.Contains([]Kind{Duty, Right, Reminder}, d.Kind) {
			bad("kind is not duty, right or reminder")
		}
		if d.Length < 0 || d.Least < 0 || d.Least > d.Length || d.Warn < 0 {
			bad("lengths are not negative, and the least is at most the length")
		}
		if d.Roll != RollNone && d.Roll != RollLaw {
			bad("roll is not empty or law")
		}
		if len(d.Start) == 0 && d.AfterLate == "" || slices.ContainsFunc(d.Start, func(s Start) bool { return len(s.All) == 0 }) {
			bad("nothing starts it")
		}
		if d.AfterLate != "" && !slices.ContainsFunc(b, func(o Definition) bool { return o.ID == d.AfterLate && o.ID != d.ID }) {
			bad("waits for a clock that is not in the book")
		}
		for _, p := range d.Pauses {
			if p.Reason.SV == "" || p.Reason.EN == "" || len(p.Begin) == 0 || len(p.End) == 0 {
				bad("a pause needs a reason in both languages, a beginning and an end")
			}
		}
	}
	return out
}
