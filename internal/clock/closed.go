package clock

import (
	"strings"
	"time"
	"unicode/utf8"

	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/swede"
)

// Limits of what an administrator may close.
const (
	closeAhead  = 3 * 366 // days
	mostClosed  = 30      // working days of the law in any year around the day
	mostReason  = 500     // characters
	halfOfAYear = 183     // days
)

// ClosedChange is one change of the days on which the authority is closed
// besides those of the law (klämdagar): a day more, or one that is a working day
// after all.
type ClosedChange struct {
	Day    day.Day
	Open   bool      // a working day after all
	Reason string    // why, for the log
	By     string    // who noted it
	At     time.Time // when
}

// Closed is the calendar with the changes, which are in the order they were
// noted.
func Closed(cal swede.Calendar, changes []ClosedChange) swede.Calendar {
	days := map[day.Day]bool{}
	for _, d := range cal.Closed() {
		days[d] = true
	}
	for _, c := range changes {
		if c.Open {
			delete(days, c.Day)
		} else {
			days[c.Day] = true
		}
	}
	out := make([]day.Day, 0, len(days))
	for d := range days {
		out = append(out, d)
	}
	return swede.NewCalendar(out...)
}

// CheckClosed says everything that keeps a change from being made today, each at
// its field: day and reason. cal is the calendar with the changes so far. A day
// that has begun stays what it was, since dates have been counted by it.
//
// Deadlines that the law sets do not move with it: they end by lagen (1930:173)
// om beräkning av lagstadgad tid, which knows no klämdagar.
func CheckClosed(cal swede.Calendar, c ClosedChange, today day.Day) []*fault.Fault {
	var out []*fault.Fault
	bad := func(code, field, sv, en, doSV, doEN string) {
		out = append(out, fault.New("closed."+code, sv, en).At(fault.Where{Column: field}).Do(doSV, doEN))
	}
	near := 0
	closed := false
	for _, d := range cal.Closed() {
		if d > c.Day-halfOfAYear && d < c.Day+halfOfAYear && swede.NewCalendar().IsWorkingDay(d) {
			near++
		}
		closed = closed || d == c.Day
	}
	switch {
	case c.Day <= today:
		bad("past", "day", "Dagen har redan börjat.", "The day has begun already.", "Välj en senare dag. Datum har räknats med dagen som den var.", "Choose a later day. Dates have been counted with the day as it was.")
	case c.Day > today+closeAhead:
		bad("far", "day", "Dagen ligger mer än tre år bort.", "The day is more than three years away.", "Kontrollera året.", "Check the year.")
	case c.Open && !closed:
		bad("not_closed", "day", "Myndigheten har inte stängt den dagen.", "The authority has not closed that day.", "Lördagar, söndagar och helgdagar följer av lag.", "Saturdays, Sundays and public holidays follow from law.")
	case !c.Open && !cal.IsWorkingDay(c.Day):
		bad("free", "day", "Dagen är redan ledig.", "The day is free already.", "Det finns inget att ändra.", "There is nothing to change.")
	case !c.Open && near >= mostClosed:
		bad("many", "day", "Så många dagar kan inte vara stängda på ett år.", "So many days of a year cannot be closed.", "Högst 30 vardagar runt dagen. Öppna en annan dag först.", "At most 30 weekdays around the day. Open another day first.")
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(c.Reason)); n == 0 || n > mostReason {
		bad("reason", "reason", "Skäl saknas, eller är längre än 500 tecken.", "There is no reason, or it is longer than 500 characters.", "Skriv varför. Det står i loggen.", "Write why. It stands in the log.")
	}
	return out
}
