package clock

import (
	"strings"
	"testing"

	"sluss/internal/day"
	"sluss/internal/swede"
)

// TestClosedDaysAreChecked: which days may be closed or opened, and what is told
// of those that may not.
func TestClosedDaysAreChecked(t *testing.T) {
	t.Parallel()
	today := day.MustParse("2026-11-22") // a Sunday
	full := make([]day.Day, 0, mostClosed)
	for d := day.MustParse("2027-02-01"); len(full) < mostClosed; d++ {
		if swede.NewCalendar().IsWorkingDay(d) {
			full = append(full, d)
		}
	}
	for name, c := range map[string]struct {
		closed []day.Day
		day    string
		open   bool
		reason string
		want   string
	}{
		"klämdag":                     {nil, "2027-01-05", false, "klämdag", ""},
		"tomorrow":                    {nil, "2026-11-23", false, "flytt", ""},
		"today":                       {nil, "2026-11-22", false, "flytt", "past"},
		"Saturday":                    {nil, "2026-11-28", false, "flytt", "free"},
		"Christmas Eve":               {nil, "2026-12-24", false, "jul", "free"},
		"closed already":              {[]day.Day{day.MustParse("2027-01-05")}, "2027-01-05", false, "igen", "free"},
		"no reason":                   {nil, "2027-01-05", false, " ", "reason"},
		"far":                         {nil, "2031-01-07", false, "x", "far"},
		"too many":                    {full, "2027-03-30", false, "x", "many"},
		"many, but of another year":   {full, "2028-03-30", false, "x", ""},
		"opened":                      {[]day.Day{day.MustParse("2027-01-05")}, "2027-01-05", true, "bemanning", ""},
		"opened, not closed":          {nil, "2027-01-05", true, "x", "not_closed"},
		"a holiday cannot be opened":  {nil, "2026-12-25", true, "x", "not_closed"},
		"a day that has been is kept": {[]day.Day{day.MustParse("2026-11-20")}, "2026-11-20", true, "x", "past"},
	} {
		var got []string
		for _, f := range CheckClosed(swede.NewCalendar(c.closed...), ClosedChange{Day: day.MustParse(c.day), Open: c.open, Reason: c.reason}, today) {
			got = append(got, strings.TrimPrefix(f.Code, "closed."))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %q", name, got, c.want)
		}
	}
}

// TestClosedDaysMoveWorkingDays: a day that is closed is passed over, one that is
// opened again counts, and the file's own can be opened, too.
func TestClosedDaysMoveWorkingDays(t *testing.T) {
	t.Parallel()
	monday, tuesday := day.MustParse("2026-11-23"), day.MustParse("2026-11-24")
	file := swede.NewCalendar(tuesday)
	friday := monday - 3
	for name, c := range map[string]struct {
		changes []ClosedChange
		want    day.Day
	}{
		"as the file says": {nil, monday},
		"Monday closed":    {[]ClosedChange{{Day: monday}}, tuesday + 1},
		"both opened":      {[]ClosedChange{{Day: monday}, {Day: tuesday, Open: true}, {Day: monday, Open: true}}, monday},
		"Tuesday opened":   {[]ClosedChange{{Day: monday}, {Day: tuesday, Open: true}}, tuesday},
	} {
		if got := Closed(file, c.changes).AddWorkingDays(friday, 1); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if got := file.AddWorkingDays(friday, 2); got != tuesday+1 {
		t.Errorf("the file's calendar was changed: %s", got)
	}
}
