package measure

import (
	"reflect"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/clock"
	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/swede"
)

var (
	year = day.Span{From: day.MustParse("2026-01-01"), To: day.MustParse("2027-01-01")}
	cal  = swede.NewCalendar()
)

func on(pairs ...string) map[string]day.Day {
	out := map[string]day.Day{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = day.MustParse(pairs[i+1])
	}
	return out
}

func TestRank(t *testing.T) {
	t.Parallel()
	ten := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for _, tt := range []struct {
		values  []int
		p, want int
	}{{ten, 50, 5}, {ten, 90, 9}, {ten, 91, 10}, {ten, 100, 10}, {ten, 0, 1}, {[]int{7}, 50, 7}, {[]int{1, 2, 3}, 50, 2}, {[]int{1, 2, 3}, 90, 3}} {
		if got := Rank(tt.values, tt.p); got != tt.want {
			t.Errorf("Rank(%v, %d) = %d, want %d", tt.values, tt.p, got, tt.want)
		}
	}
}

func TestLeadTimes(t *testing.T) {
	t.Parallel()
	var facts []Fact
	for i, end := range []string{"2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06", "2026-11-09"} { // 1, 2, 3, 4 and 5 working days after Monday 2 November
		facts = append(facts, Fact{Purpose: "research", On: on(Arrived, "2026-11-02", Completed, end), Outcome: Open, Quoted: 1, Used: int64(i)})
	}
	find := func(r Report, phase, purpose string) Lead {
		i := slices.IndexFunc(r.Leads, func(l Lead) bool { return l.Phase == phase && l.Purpose == purpose })
		return r.Leads[i]
	}
	r := Make(facts, year, cal, 0)
	want := Lead{"complete", "research", true, 3, 5, 3, 7}
	if got := find(r, "complete", "research"); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := find(r, "complete", ""); !got.Shown || got.WorkMedian != 3 {
		t.Errorf("together: %+v", got)
	}
	// One statistics case: neither it nor what it could be told from is shown.
	r = Make(append(facts, Fact{Purpose: "statistics", On: on(Arrived, "2026-11-02", Completed, "2026-11-30")}), year, cal, 0)
	if find(r, "complete", "statistics").Shown || find(r, "complete", "").Shown || !find(r, "complete", "research").Shown {
		t.Error("the one case can be told from the total")
	}
	if r := Make(facts[:4], year, cal, 0); find(r, "complete", "research").Shown {
		t.Error("four cases shown")
	}
	if r := Make(facts, day.Span{From: year.From, To: day.MustParse("2026-11-09")}, cal, 0); find(r, "complete", "research").Shown {
		t.Error("a phase that ended on the day after the period counts")
	}
	leads := Leads(facts, "research", cal)
	if leads["complete"] != (clock.Lead{Median: 3, Slow: 5, Cases: 5}) || len(leads) != 1 {
		t.Errorf("%+v", leads)
	}
	var ids []string
	for _, p := range clock.Phases() {
		ids = append(ids, p.ID)
	}
	for i, p := range Phases()[:len(ids)] {
		if p.ID != ids[i] {
			t.Errorf("phase %s is called %s by the clock", p.ID, ids[i])
		}
	}
}

// Extraction begins when both quote and file are there; without a file, with the
// quote. A file accepted before the quote took no time after it.
func TestPhasesBegin(t *testing.T) {
	t.Parallel()
	phase := map[string]Phase{}
	for _, p := range Phases() {
		phase[p.ID] = p
	}
	for _, tt := range []struct {
		id   string
		on   map[string]day.Day
		days int // -1 = not measured
	}{
		{"extraction", on(Accepted, "2026-11-02", FileHere, "2026-11-10", Delivered, "2026-11-20"), 10},
		{"extraction", on(Accepted, "2026-11-12", FileHere, "2026-11-10", Delivered, "2026-11-20"), 8},
		{"extraction", on(Accepted, "2026-11-02", Delivered, "2026-11-20"), 18},
		{"file", on(Accepted, "2026-11-12", FileHere, "2026-11-10"), 0},
		{"file", on(Accepted, "2026-11-12"), -1},
		{"total", on(Delivered, "2026-11-12"), -1},
	} {
		s, ok := phase[tt.id].span(Fact{On: tt.on})
		if ok != (tt.days >= 0) || ok && int(s.To-s.From) != tt.days {
			t.Errorf("%s %v: %d days, %v, want %d", tt.id, tt.on, s.To-s.From, ok, tt.days)
		}
	}
}

func TestEfforts(t *testing.T) {
	t.Parallel()
	var facts []Fact
	for i := range 6 {
		facts = append(facts, Fact{Purpose: "research", On: on(Delivered, "2026-11-0"+strconv.Itoa(i+1)), Quoted: 2000, Used: int64(1700 + 100*i)})
	}
	got := Make(facts, year, cal, 0).Efforts
	want := []Effort{{"research", true, 2000, 1900, 67}, {"", true, 2000, 1900, 67}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func repeat(n int, f Fact) []Fact {
	out := make([]Fact, n)
	for i := range out {
		out[i] = f
	}
	return out
}

func TestCountsByMonthAndQuarter(t *testing.T) {
	t.Parallel()
	facts := slices.Concat(
		repeat(6, Fact{Purpose: "research", On: on(Arrived, "2026-01-10"), Outcome: Refused, CompleteFirst: true}),
		repeat(7, Fact{Purpose: "research", On: on(Arrived, "2026-03-31"), Outcome: Disclosed, Causes: []string{"b", "a", "a"}}),
		repeat(8, Fact{Purpose: "statistics", On: on(Arrived, "2026-04-01"), Outcome: Disclosed, CompleteFirst: true, Causes: []string{"a"}}),
		repeat(9, Fact{Purpose: "statistics", On: on(Arrived, "2025-12-31"), Outcome: Disclosed}),
	)
	want := map[Count]int{
		{Table: "cases"}: 21, {Table: "cases", Purpose: "research"}: 13, {Table: "cases", Purpose: "statistics"}: 8,
		{Table: "cases", Row: "2026 Q1"}: 13, {Table: "cases", Row: "2026 Q2"}: 8, {Table: "cases", Row: "2026 Q1", Purpose: "statistics"}: 0,
		{Table: "cases", Row: "2026-01"}: 6, {Table: "cases", Row: "2026-03", Purpose: "research"}: 7,
		{Table: "complete", Row: "yes"}: 14, {Table: "complete", Row: "no", Purpose: "research"}: 7,
		{Table: "outcome", Row: Refused}: 6, {Table: "outcome", Row: Disclosed}: 15, {Table: "cause", Row: "a"}: 15, {Table: "cause", Row: "b"}: 7,
	}
	found := 0
	for _, c := range Make(facts, year, cal, 0).Counts {
		if c.Hidden {
			t.Errorf("hidden: %+v", c)
		}
		n, ok := want[Count{Table: c.Table, Row: c.Row, Purpose: c.Purpose}]
		if ok {
			found++
		}
		if ok && n != c.N {
			t.Errorf("%+v, want %d", c, n)
		}
	}
	if found != len(want) {
		t.Errorf("%d of %d numbers", found, len(want))
	}
}

// Every hidden number has at least two possible values: all sets of cases of a
// small world are counted and compared with what is shown.
func TestHiddenNumbersCannotBeFound(t *testing.T) {
	t.Parallel()
	var kinds []Fact
	for _, purpose := range []string{"research", "statistics"} {
		for _, month := range []string{"2026-01-10", "2026-02-10"} {
			for _, complete := range []bool{true, false} {
				kinds = append(kinds, Fact{Purpose: purpose, On: on(Arrived, month), CompleteFirst: complete, Outcome: Open})
			}
		}
	}
	type world struct{ n map[Count]int }
	const most = 9 // cases
	var worlds []world
	var build func(i, left int, t []int)
	places := make([][]Count, len(kinds))
	for i, k := range kinds {
		places[i] = kindOf(k).places()
	}
	build = func(i, left int, have []int) {
		if i == len(kinds) {
			w := world{map[Count]int{}}
			for j, n := range have {
				if n > 0 {
					for _, c := range places[j] {
						w.n[c] += n
					}
				}
			}
			worlds = append(worlds, w)
			return
		}
		for n := range left + 1 {
			build(i+1, left-n, append(have, n))
		}
	}
	build(0, most, nil)
	hidden, extra := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		const threshold = 3
		var facts []Fact
		for range rapid.IntRange(1, most-1).Draw(t, "cases") {
			facts = append(facts, rapid.SampledFrom(kinds).Draw(t, "kind"))
		}
		report := Make(facts, year, cal, threshold).Counts
		truth := map[Count]int{}
		for _, f := range facts {
			for _, c := range kindOf(f).places() {
				truth[c]++
			}
		}
		possible := map[Count]map[int]bool{}
	world:
		for _, w := range worlds {
			for _, c := range report {
				key := Count{Table: c.Table, Row: c.Row, Purpose: c.Purpose}
				if n := w.n[key]; !c.Hidden && n != c.N || c.Hidden && n == 0 {
					continue world
				}
			}
			for _, c := range report {
				if c.Hidden {
					key := Count{Table: c.Table, Row: c.Row, Purpose: c.Purpose}
					if possible[key] == nil {
						possible[key] = map[int]bool{}
					}
					possible[key][w.n[key]] = true
				}
			}
		}
		for _, c := range report {
			key := Count{Table: c.Table, Row: c.Row, Purpose: c.Purpose}
			switch n := truth[key]; {
			case c.Hidden && len(possible[key]) < 2:
				t.Fatalf("%+v can only be %v:\n%+v", key, possible[key], report)
			case c.Hidden && (n == 0 || c.N != 0):
				t.Fatalf("%+v, in truth %d", c, n)
			case !c.Hidden && (n != c.N || n > 0 && n < threshold):
				t.Fatalf("shown: %+v, in truth %d", c, n)
			case c.Hidden:
				hidden++
				if n >= threshold {
					extra++
				}
			}
		}
	})
	if hidden == 0 || extra == 0 {
		t.Errorf("%d hidden, %d of them to protect others", hidden, extra)
	}
	t.Logf("%d hidden, %d of them to protect others", hidden, extra)
}

// With a year of realistic numbers the total is shown and little is hidden for
// the sake of others.
func TestLittleIsHidden(t *testing.T) {
	t.Parallel()
	var facts []Fact
	for i := range 240 {
		f := Fact{Purpose: "research", Outcome: Disclosed, CompleteFirst: i%2 == 0, On: map[string]day.Day{Arrived: year.From + day.Day(i*365/240)}}
		if i%3 == 1 {
			f.Purpose = "statistics"
		}
		if i%11 == 0 {
			f.Outcome = Partly
		}
		if i%60 == 0 {
			f.Outcome = Refused
		}
		if !f.CompleteFirst {
			f.Causes = []string{"intake.ethics_coverage"}
			if i%4 == 0 {
				f.Causes = append(f.Causes, "intake.population")
			}
		}
		facts = append(facts, f)
	}
	report := Make(facts, year, cal, 0)
	hidden := 0
	for _, c := range report.Counts {
		if c.Hidden {
			hidden++
		}
		if c.Table == "cases" && c.Row == "" && c.Hidden {
			t.Errorf("%+v", c)
		}
	}
	if hidden*3 > len(report.Counts) {
		t.Errorf("%d of %d numbers hidden", hidden, len(report.Counts))
	}
	t.Logf("%d of %d numbers hidden", hidden, len(report.Counts))
	slices.Reverse(facts)
	if again := Make(facts, year, cal, 0); !reflect.DeepEqual(report, again) {
		t.Error("another order of the cases gives another report")
	}
}

// No move takes a case away that is not there.
func TestMovesArePossible(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var facts []Fact
		for range rapid.IntRange(1, 6).Draw(t, "cases") {
			facts = append(facts, Fact{
				Purpose: rapid.SampledFrom([]string{"research", "statistics"}).Draw(t, "purpose"), CompleteFirst: rapid.Bool().Draw(t, "complete"),
				Outcome: rapid.SampledFrom([]string{Open, Refused}).Draw(t, "outcome"), On: on(Arrived, rapid.SampledFrom([]string{"2026-01-10", "2026-05-10"}).Draw(t, "arrived")),
			})
		}
		tab := tabulate(facts)
		for _, m := range tab.moves() {
			left := map[kind]int{}
			for _, k := range m.less {
				if left[k]++; left[k] > tab.of[k] {
					t.Fatalf("%+v takes away more cases than there are", m)
				}
			}
		}
	})
}
