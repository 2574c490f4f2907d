package queue

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
	"sluss/internal/swede"
)

var today = day.MustParse("2026-11-16") // a Monday

func task(number string, more ...func(*Task)) Task {
	t := Task{Case: number, Kind: "check", State: New, Role: "handler", Team: "A", Protected: Unprotected, Arrived: today, Waiting: today}
	for _, f := range more {
		f(&t)
	}
	return t
}

func due(s string) func(*Task) {
	return func(t *Task) { t.Due, t.HasDue = day.MustParse(s), true }
}

func has(person string) func(*Task) {
	return func(t *Task) { t.State, t.Assignee = Assigned, person }
}

func desk(tasks ...Task) Desk {
	return Desk{
		Tasks: tasks,
		People: []Person{
			{ID: "anna", Roles: []string{"handler", "releaser"}, Teams: []string{"A"}},
			{ID: "bo", Roles: []string{"handler"}, Teams: []string{"A"}},
			{ID: "cilla", Roles: []string{"handler"}, Teams: []string{"A", "B"}, Clearance: true},
			{ID: "dan", Roles: []string{"handler"}, Teams: []string{"B"}},
		},
		FourEyes: Promised(), Ordering: Default(), Calendar: swede.NewCalendar(), Today: today,
	}
}

func numbers(rs []Ranked) string {
	var out []string
	for _, r := range rs {
		out = append(out, r.Task.Case)
	}
	return strings.Join(out, " ")
}

// What the authority's task service asks of a queue (reference workflow §3 and
// scenario 29), one line each.
func TestScenario29Queue(t *testing.T) {
	t.Parallel()
	urgent := func(t *Task) { t.Priority = 9 }
	secret := func(t *Task) { t.Protected = Protected }
	unknown := func(t *Task) { t.Protected = Unknown }
	other := func(t *Task) { t.Role = "reviewer" }
	teamB := func(t *Task) { t.Team = "B" }
	for _, tt := range []struct {
		name   string
		desk   Desk
		person string
		want   string // case number, "" = none
		passed string
	}{
		{"next respects the order", desk(task("2026/1"), task("2026/2", urgent)), "anna", "2026/2", ""},
		{"nearest to breach goes first", desk(task("2026/1", due("2026-11-30")), task("2026/2", due("2026-11-18"))), "anna", "2026/2", ""},
		{"equal points go by number, 9 before 10", desk(task("2026/10"), task("2026/9")), "anna", "2026/9", ""},
		{"skips another role and says so", desk(task("2026/1"), task("2026/2", urgent, other)), "anna", "2026/1", "2026/2 queue.role"},
		{"skips another team and says so", desk(task("2026/1"), task("2026/2", urgent, teamB)), "anna", "2026/1", "2026/2 queue.team"},
		{"skips what is assigned", desk(task("2026/1"), task("2026/2", urgent, has("bo"))), "anna", "2026/1", ""},
		{"protected identities are not told of", desk(task("2026/1"), task("2026/2", urgent, secret)), "anna", "2026/1", ""},
		{"an unknown status fails closed", desk(task("2026/1"), task("2026/2", urgent, unknown)), "anna", "2026/1", ""},
		{"clearance opens", desk(task("2026/1"), task("2026/2", urgent, secret)), "cilla", "2026/2", ""},
		{"an empty queue is no error", desk(), "anna", "", ""},
		{"nothing for this person is no error", desk(task("2026/1", teamB)), "anna", "", "2026/1 queue.team"},
		{"a stranger gets nothing", desk(task("2026/1")), "eva", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before := desk(tt.desk.Tasks...)
			pick, ok := tt.desk.Next(tt.person)
			if ok != (tt.want != "") || pick.Task.Case != tt.want {
				t.Fatalf("got %q, %v, want %q", pick.Task.Case, ok, tt.want)
			}
			var passed []string
			for _, p := range pick.Passed {
				passed = append(passed, p.Case+" "+p.Reasons[0].Code)
			}
			if got := strings.Join(passed, ", "); got != tt.passed {
				t.Errorf("passed %q, want %q", got, tt.passed)
			}
			if !reflect.DeepEqual(before.Tasks, tt.desk.Tasks) {
				t.Error("the queue was changed")
			}
		})
	}
}

func TestPreviewChangesNothing(t *testing.T) {
	t.Parallel()
	d := desk(task("2026/1", due("2026-11-30")), task("2026/2", func(t *Task) { t.Arrived = today - 100 }))
	before := slices.Clone(d.Tasks)
	oldest := Ordering{ID: "oldest", Age: 1}
	if got := numbers(d.Order("anna", oldest)); got != "2026/2 2026/1" {
		t.Errorf("oldest first: %s", got)
	}
	if got := numbers(d.Order("anna", Ordering{Breach: 1, Horizon: 20})); got != "2026/1 2026/2" {
		t.Errorf("nearest breach first: %s", got)
	}
	if !reflect.DeepEqual(before, d.Tasks) || d.Ordering != Default() {
		t.Error("the preview changed the desk")
	}
	os := Orderings{Default(), oldest}
	if _, err := os.Without("default"); !errors.Is(err, ErrDefault) {
		t.Errorf("the default was deleted: %v", err)
	}
	if left, err := os.Without("oldest"); err != nil || len(left) != 1 || len(os) != 2 {
		t.Errorf("%v, %v", left, err)
	}
}

func TestPointsAreExplained(t *testing.T) {
	t.Parallel()
	d := desk(
		task("2026/7", due("2026-11-18"), func(t *Task) {
			t.Arrived, t.Waiting, t.Priority, t.Principal = day.MustParse("2026-11-09"), day.MustParse("2026-11-12"), 1, "X"
		}),
		task("2026/8", has("bo"), func(t *Task) { t.Principal = "X" }),
	)
	pick, ok := d.Next("anna")
	// 10·(20−2) + 1·5 + 2·2 + 50·1 − 5·1
	if !ok || pick.Points != 180+5+4+50-5 {
		t.Fatalf("%d points: %v", pick.Points, pick.Terms)
	}
	for _, want := range []string{"2 arbetsdagar kvar till 2026-11-18: +180", "kom in 2026-11-09: +5", "sedan 2026-11-12: +4", "prioritet 1: +50", "i arbete är redan 1: -5"} {
		if !strings.Contains(pick.Text.SV, want) {
			t.Errorf("%q is not in %q", want, pick.Text.SV)
		}
	}
	if !strings.Contains(pick.Text.EN, "2 working days left to 2026-11-18: +180") {
		t.Errorf("%q", pick.Text.EN)
	}
	late := desk(task("2026/7", due("2026-11-13")))
	if r := late.Order("anna", Default())[0]; r.Points != 210 {
		t.Errorf("one working day late: %d points, want 10·(20+1)", r.Points)
	}
}

func TestAssignAndTakeOver(t *testing.T) {
	t.Parallel()
	jav := desk(task("2026/1"))
	jav.Conflicts = jav.Conflicts.With(Conflict{"anna", "2026/1"})
	release := task("2026/1", func(t *Task) { t.Kind, t.Role, t.Did = "release", "releaser", []Act{{"extract", "anna"}} })
	extract := task("2026/1", func(t *Task) { t.Kind, t.Did = "extract", []Act{{"release", "bo"}} })
	away := func(d Desk) Desk {
		d.People = slices.Clone(d.People)
		d.People[1].Absences = []Absence{{today - 1, today, "dan"}}
		return d
	}
	for _, tt := range []struct {
		name   string
		desk   Desk
		task   Task
		person string
		take   bool
		code   string // "" = allowed
	}{
		{"free", desk(), task("2026/1"), "anna", false, ""},
		{"again", desk(), task("2026/1", has("anna")), "anna", false, ""},
		{"taken", desk(), task("2026/1", has("bo")), "anna", false, "queue.taken"},
		{"conflict of interest", jav, task("2026/1"), "anna", false, "queue.conflict"},
		{"conflict blocks a take-over", jav, task("2026/1", has("bo")), "anna", true, "queue.conflict"},
		{"conflict in another case", jav, task("2026/2"), "anna", false, ""},
		{"who extracted does not release", desk(), release, "anna", false, "queue.four_eyes"},
		{"who released does not extract", desk(), extract, "bo", false, "queue.four_eyes"},
		{"somebody else extracts", desk(), extract, "anna", false, ""},
		{"protected", desk(), task("2026/1", func(t *Task) { t.Protected = Protected }), "bo", false, "queue.protected"},
		{"protected, take-over", desk(), task("2026/1", has("cilla"), func(t *Task) { t.Protected = Protected }), "bo", true, "queue.protected"},
		{"unknown", desk(), task("2026/1", func(t *Task) { t.Protected = "perhaps" }), "bo", false, "queue.protected"},
		{"over", desk(), task("2026/1", func(t *Task) { t.State = Closed }), "bo", false, "queue.over"},
		{"absent", away(desk()), task("2026/1"), "bo", false, "queue.absent"},
		{"within the team", desk(), task("2026/1", has("bo")), "anna", true, ""},
		{"from another team", desk(), task("2026/1", has("dan"), func(t *Task) { t.Team = "" }), "anna", true, "queue.other_team"},
		{"nobody has it", desk(), task("2026/1"), "anna", true, "queue.nobody_has_it"},
		{"as substitute", away(desk()), task("2026/1", has("bo"), func(t *Task) { t.Team = "" }), "dan", true, ""},
		{"a substitute needs the team, too", away(desk()), task("2026/1", has("bo")), "dan", true, "queue.team"},
		{"the absence is over", func() Desk { d := away(desk()); d.Today++; return d }(), task("2026/1", has("bo"), func(t *Task) { t.Team = "" }), "dan", true, "queue.other_team"},
	} {
		err := tt.desk.Assign(tt.person, tt.task)
		if tt.take {
			err = tt.desk.TakeOver(tt.person, tt.task)
		}
		f, _ := errors.AsType[*fault.Fault](err)
		if (err == nil) != (tt.code == "") || f != nil && (f.Code != tt.code || f.Class != fault.Gate || f.SV == "" || f.DoEN == "") {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.code)
		}
	}
}

func TestSubstitutes(t *testing.T) {
	t.Parallel()
	d := desk(task("2026/1", has("anna")), task("2026/2", has("anna"), func(t *Task) { t.Protected = Protected }), task("2026/3", has("bo")))
	d.People[0].Absences = []Absence{{today, today, "bo"}}
	if got := d.StandIn("anna"); got != "bo" {
		t.Errorf("bo stands in for anna, got %q", got)
	}
	if got := d.List("bo", true); len(got) != 2 || got[0].Case != "2026/1" || got[1].Case != "2026/3" {
		t.Errorf("bo's list: %v", got)
	}
	barred := d
	barred.Conflicts = barred.Conflicts.With(Conflict{"bo", "2026/1"})
	if got := barred.List("bo", true); len(got) != 1 || got[0].Case != "2026/3" {
		t.Errorf("bo's list with a conflict of interest: %v", got)
	}
	d.People[1].Absences = []Absence{{today, today + 3, "cilla"}}
	if got := d.StandIn("anna"); got != "cilla" {
		t.Errorf("cilla stands in for bo who stands in for anna, got %q", got)
	}
	d.People[2].Absences = []Absence{{today, today, "anna"}}
	if got := d.StandIn("anna"); got != "" {
		t.Errorf("everybody is away, got %q", got)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	d := desk(
		task("2026/1", has("anna"), due("2026-11-13")), task("2026/2", has("anna")), task("2026/3", has("bo")),
		task("2026/4", has("cilla"), func(t *Task) { t.Protected = Protected }), task("2026/5"),
	)
	d.People[0].Absences = []Absence{{today, today, "bo"}}
	want := []Share{{"anna", 2, 0, 0, true, 0}, {"bo", 1, 2, 1, false, 150}, {"cilla", 0, 0, 0, false, 150}}
	if got := d.Load("A", "bo"); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := d.Load("A", "cilla"); got[2].Assigned != 1 || got[2].Fair != 200 {
		t.Errorf("with clearance: %+v", got)
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	var got []string
	all := []State{New, Assigned, Closed, Cancelled}
	for _, s := range all {
		for _, to := range all {
			if s.MayBecome(to) {
				got = append(got, string(s)+">"+string(to))
			}
		}
	}
	if want := "new>assigned new>cancelled assigned>new assigned>assigned assigned>closed assigned>cancelled"; strings.Join(got, " ") != want {
		t.Errorf("%v", got)
	}
}

func TestScenario22NaturalOrder(t *testing.T) {
	t.Parallel()
	want := []string{"", "2025/100", "2026/9", "2026/09", "2026/10", "2026/10-a", "2027/1", "A2", "A10", "A10B", "B"}
	rapid.Check(t, func(t *rapid.T) {
		got := rapid.Permutation(want).Draw(t, "numbers")
		slices.SortFunc(got, Natural)
		sorted := slices.Clone(want)
		sorted[2], sorted[3] = want[3], want[2] // 09 before 9: told apart last, as text
		if !slices.Equal(got, sorted) {
			t.Fatalf("%q", got)
		}
		gen := rapid.StringMatching(`[0-9a/]{0,6}`)
		a, b, c := gen.Draw(t, "a"), gen.Draw(t, "b"), gen.Draw(t, "c")
		if Natural(a, b) != -Natural(b, a) || (Natural(a, b) == 0) != (a == b) || Natural(a, b) < 0 && Natural(b, c) < 0 && Natural(a, c) >= 0 {
			t.Fatalf("no order: %q %q %q", a, b, c)
		}
	})
}

// Whatever the desk looks like: nobody without clearance sees or gets anything
// that is not known to be unprotected, a conflict is never got around, absent
// people get nothing, and who extracted does not release.
func TestPromise13NobodyGetsWhatTheyMayNot(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ids := []string{"anna", "bo", "cilla", "dan"}
		d := desk()
		for i := range d.People {
			d.People[i].Clearance = rapid.Bool().Draw(t, "clearance")
			d.People[i].Roles = []string{"handler", "releaser"}
			if rapid.IntRange(0, 3).Draw(t, "away") == 0 {
				d.People[i].Absences = []Absence{{today, today, rapid.SampledFrom(ids).Draw(t, "substitute")}}
			}
		}
		for range rapid.IntRange(0, 8).Draw(t, "tasks") {
			x := task(rapid.SampledFrom([]string{"2026/1", "2026/2", "2026/3"}).Draw(t, "case"))
			x.Kind = rapid.SampledFrom([]string{"check", "extract", "release"}).Draw(t, "kind")
			x.Protected = Protection(rapid.SampledFrom([]string{"", "none", "protected", "other"}).Draw(t, "protected"))
			x.Priority = rapid.IntRange(0, 3).Draw(t, "priority")
			x.Team = rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "team")
			if rapid.Bool().Draw(t, "assigned") {
				x.State, x.Assignee = Assigned, rapid.SampledFrom(ids).Draw(t, "assignee")
			}
			if rapid.Bool().Draw(t, "did") {
				x.Did = []Act{{rapid.SampledFrom([]string{"extract", "release"}).Draw(t, "act"), rapid.SampledFrom(ids).Draw(t, "by")}}
			}
			d.Tasks = append(d.Tasks, x)
		}
		conflicts := map[Conflict]bool{}
		for range rapid.IntRange(0, 3).Draw(t, "conflicts") {
			c := Conflict{rapid.SampledFrom(ids).Draw(t, "who"), rapid.SampledFrom([]string{"2026/1", "2026/2"}).Draw(t, "where")}
			d.Conflicts = d.Conflicts.With(c)
			conflicts[c] = true
		}
		for _, p := range d.People {
			_, away := p.AwayOn(today)
			allowed := func(x Task) bool {
				did := func(kind string) bool { return slices.Contains(x.Did, Act{kind, p.ID}) }
				return (x.Protected == "none" || p.Clearance) && !away && !conflicts[Conflict{p.ID, x.Case}] &&
					(x.Kind != "release" || !did("extract")) && (x.Kind != "extract" || !did("release")) &&
					(x.Team == "" || slices.Contains(p.Teams, x.Team))
			}
			free := 0
			for _, x := range d.Tasks {
				if !allowed(x) && (d.Assign(p.ID, x) == nil || d.TakeOver(p.ID, x) == nil) {
					t.Fatalf("%s may have %+v", p.ID, x)
				}
				if allowed(x) && x.State == New {
					free++
					if err := d.Assign(p.ID, x); err != nil {
						t.Fatalf("%s may not have %+v: %v", p.ID, x, err)
					}
				}
			}
			pick, ok := d.Next(p.ID)
			if ok != (free > 0) || ok && !allowed(pick.Task) {
				t.Fatalf("%s got %v, %+v of %d", p.ID, ok, pick, free)
			}
			seen := append(d.List(p.ID, false), d.List(p.ID, true)...)
			for _, r := range d.Order(p.ID, Default()) {
				seen = append(seen, r.Task)
			}
			for _, x := range seen {
				if x.Protected != "none" && !p.Clearance {
					t.Fatalf("%s sees %+v", p.ID, x)
				}
			}
		}
	})
}

func BenchmarkNext(b *testing.B) {
	d := desk()
	for i := range 3000 {
		d.Tasks = append(d.Tasks, task("2026/"+string(rune('0'+i%10))+string(rune('0'+i/10%10))+string(rune('0'+i/100)), due("2026-12-01"), func(t *Task) { t.Arrived = today - day.Day(i%300) }))
	}
	for b.Loop() {
		d.Next("anna")
	}
}
