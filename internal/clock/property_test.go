package clock

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/swede"
)

var origin = day.MustParse("2026-10-01")

// randomCase draws a clock of its own and marks for it: starts, keyed pauses,
// perhaps a stop, a restart and days that the authority keeps closed.
func randomCase(t *rapid.T) (Book, Case) {
	d := Definition{
		ID: "x", Kind: Duty, Name: catalog.Text{SV: "x", EN: "x"}, Source: "s",
		Unit:   rapid.SampledFrom([]Unit{WorkingDays, Days, Months}).Draw(t, "unit"),
		Length: rapid.IntRange(0, 12).Draw(t, "length"), Warn: rapid.IntRange(0, 4).Draw(t, "warn"),
		Roll:  rapid.SampledFrom([]string{RollNone, RollLaw}).Draw(t, "roll"),
		Start: starts(Trigger{Event: "go"}), Restart: []Trigger{{Event: "again"}}, Reset: []Trigger{{Event: "reset"}}, Stop: []Trigger{{Event: "stop"}},
		Pauses: []Pause{{Key: "id", Begin: []Trigger{{Event: "ask"}}, End: []Trigger{{Event: "answer"}}, Reason: catalog.Text{SV: "väntan", EN: "waiting"}}},
	}
	at := func(label string) day.Day { return origin + day.Day(rapid.IntRange(0, 90).Draw(t, label)) }
	c := Case{Today: at("today") + 60, Marks: []Mark{{Day: origin + day.Day(rapid.IntRange(0, 20).Draw(t, "go")), Event: "go"}}}
	for i := range rapid.IntRange(0, 4).Draw(t, "pauses") {
		id := map[string]string{"id": strconv.Itoa(i)}
		from := at("ask")
		c.Marks = append(c.Marks, Mark{from, "ask", id})
		if rapid.IntRange(0, 3).Draw(t, "answered") > 0 {
			c.Marks = append(c.Marks, Mark{from + day.Day(rapid.IntRange(0, 30).Draw(t, "for")), "answer", id})
		}
	}
	for _, e := range rapid.SliceOfN(rapid.SampledFrom([]string{"stop", "again", "reset", "noise"}), 0, 2).Draw(t, "more") {
		c.Marks = append(c.Marks, Mark{at(e), e, nil})
	}
	c.Calendar = swede.NewCalendar(origin+day.Day(rapid.IntRange(0, 90).Draw(t, "closed")), origin+45)
	return Book{d}, c
}

func TestOrderOfMarksIsOfNoAccount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b, c := randomCase(t)
		first := b.All(c)
		c.Marks = rapid.Permutation(c.Marks).Draw(t, "shuffled")
		if again := b.All(c); !reflect.DeepEqual(first, again) {
			t.Fatalf("%+v\n%+v", first, again)
		}
		whole := Definitions()
		events := []string{Arrived, Completed, SupplementRequested, SupplementAnswered, Decided, DecisionSent, QuoteAccepted, FileCalled, FileAccepted, FileFaulty, Delivered, Withdrawn}
		c.Marks = nil
		for range rapid.IntRange(0, 12).Draw(t, "marks") {
			c.Marks = append(c.Marks, Mark{
				origin + day.Day(rapid.IntRange(0, 5).Draw(t, "day")), rapid.SampledFrom(events).Draw(t, "event"),
				map[string]string{"id": rapid.SampledFrom([]string{"1", "2"}).Draw(t, "id"), "population": rapid.SampledFrom([]string{"file", "none"}).Draw(t, "population")},
			})
		}
		c.Purpose, c.Party = research, private
		first = whole.All(c)
		c.Marks = rapid.Permutation(c.Marks).Draw(t, "shuffled again")
		if again := whole.All(c); !reflect.DeepEqual(first, again) {
			t.Fatalf("%+v\n%+v", first, again)
		}
	})
}

// One more pause never makes the due day earlier, and a pause alone moves it by
// exactly its own days.
func TestPausesOnlyMoveForward(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b, c := randomCase(t)
		before := b.All(c)[0]
		from := origin + day.Day(rapid.IntRange(0, 90).Draw(t, "extra"))
		id := map[string]string{"id": "extra"}
		c.Marks = append(c.Marks, Mark{from, "ask", id}, Mark{from + day.Day(rapid.IntRange(0, 30).Draw(t, "extra for")), "answer", id})
		after := b.All(c)[0]
		if after.Due < before.Due || after.Least < before.Least {
			t.Fatalf("due %s before, %s with one more pause", before.Due, after.Due)
		}
	})
}

func TestALonePauseMovesByItsDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b, c := randomCase(t)
		zero := origin
		b[0].Roll = RollNone
		b[0].Length = rapid.IntRange(1, 12).Draw(t, "at least one")
		c.Today = origin + 1000
		c.Marks = []Mark{{zero, "go", nil}}
		free := b.All(c)[0].Due
		if free == zero+1 {
			return // no room for a pause that begins before the due day
		}
		from := zero + day.Day(rapid.IntRange(0, int(free-zero)-1).Draw(t, "from"))
		to := from + day.Day(rapid.IntRange(0, 40).Draw(t, "for"))
		c.Marks = append(c.Marks, Mark{from, "ask", nil}, Mark{to, "answer", nil})
		r := b.All(c)[0]
		if b[0].Unit != WorkingDays {
			if want := free + (to - from); r.Due != want {
				t.Fatalf("due %s, want %s", r.Due, want)
			}
			return
		}
		inside := c.Calendar.WorkingDays(day.Span{From: from + 1, To: to + 1})
		if got := c.Calendar.WorkingDays(day.Span{From: free + 1, To: r.Due + 1}); got != inside {
			t.Fatalf("moved by %d working days, the pause holds %d", got, inside)
		}
	})
}

// recompute reaches the due day from the explanation alone, day by day.
func recompute(steps []Step, cal swede.Calendar) day.Day {
	var zero, last day.Day
	var paused []day.Span
	n, unit := 0, Days
	for _, s := range steps {
		switch s.Kind {
		case StepStart:
			zero = s.First
		case StepCount:
			n, unit = s.N, s.Unit
		case StepPause:
			paused = append(paused, day.Span{From: s.First, To: s.Last + 1})
		}
	}
	free := func(d day.Day) bool {
		return !slices.ContainsFunc(paused, func(p day.Span) bool { return p.From <= d && d < p.To })
	}
	left := n
	if unit == Months {
		left = int(zero.AddMonths(n) - zero)
	}
	for last = zero; left > 0; {
		if last++; free(last) && (unit != WorkingDays || cal.IsWorkingDay(last)) {
			left--
		}
	}
	if slices.ContainsFunc(steps, func(s Step) bool { return s.Kind == StepRoll }) {
		for swede.Weekday(last) > 5 || !swede.NewCalendar().IsWorkingDay(last) {
			last++
		}
	}
	return last
}

func TestExplanationLeadsToTheDueDay(t *testing.T) {
	t.Parallel()
	rolled := 0
	rapid.Check(t, func(t *rapid.T) {
		b, c := randomCase(t)
		r := b.All(c)[0]
		if !r.HasStarted() {
			return
		}
		if got := recompute(r.Steps, c.Calendar); got != r.Due {
			t.Fatalf("the explanation leads to %s, the clock says %s:\n%+v", got, r.Due, r.Steps)
		}
		var sv, en string
		for _, s := range r.Steps {
			sv, en = sv+s.Text.SV, en+s.Text.EN
			if s.Kind == StepRoll {
				rolled++
			}
		}
		for _, d := range []day.Day{r.Started, r.Due} {
			if !strings.Contains(sv, d.String()) || !strings.Contains(en, d.String()) {
				t.Fatalf("%s is not in the explanation: %s", d, en)
			}
		}
		if r.Roll() && !swede.NewCalendar().IsWorkingDay(r.Due) {
			t.Fatalf("time limit ends on %s, which is no working day", r.Due)
		}
		if r.Warn > r.Due && r.Warn != r.Started {
			t.Fatalf("warning on %s, after %s", r.Warn, r.Due)
		}
	})
	if rolled == 0 {
		t.Error("no draw moved a due day")
	}
}

// Roll reports whether the law on time limits applies to the reading.
func (r Reading) Roll() bool { return r.Def.Roll == RollLaw }

// How it stood on a day is the same whatever happened later.
func TestTheFutureIsNotSeen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b, c := randomCase(t)
		before := b.All(c)
		c.Marks = append(c.Marks, Mark{c.Today + 1, rapid.SampledFrom([]string{"stop", "again", "reset", "ask", "go"}).Draw(t, "later"), map[string]string{"id": "0"}})
		if after := b.All(c); !reflect.DeepEqual(before, after) {
			t.Fatalf("%+v\n%+v", before, after)
		}
	})
}
