package clock

import (
	"slices"
	"strings"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/swede"
)

// mark reads "2026-11-02 event attr=value …".
func mark(s string) Mark {
	f := strings.Fields(s)
	m := Mark{Day: day.MustParse(f[0]), Event: f[1], Attrs: map[string]string{}}
	for _, a := range f[2:] {
		k, v, _ := strings.Cut(a, "=")
		m.Attrs[k] = v
	}
	return m
}

func caseOf(purpose, party, today string, marks ...string) Case {
	c := Case{Purpose: purpose, Party: party, Today: day.MustParse(today), Calendar: swede.NewCalendar()}
	for _, m := range marks {
		c.Marks = append(c.Marks, mark(m))
	}
	return c
}

func only(t *testing.T, id string, c Case) Reading {
	t.Helper()
	rs := Definitions().Read(id, c)
	if len(rs) != 1 {
		t.Fatalf("%s: %d readings, want 1", id, len(rs))
	}
	return rs[0]
}

// Worked examples: every date can be checked with an almanac.
func TestWorkedExamples(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, id, purpose, party, today string
		marks                           []string
		status                          Status
		due                             string // "" = not started
	}{
		{"two working days from a Monday", "acknowledge", research, private, "2026-11-02", []string{"2026-11-02 arrived"}, Running, "2026-11-04"},
		{"two working days over a weekend", "acknowledge", research, private, "2026-11-06", []string{"2026-11-06 arrived"}, Running, "2026-11-10"},
		{"over Christmas", "acknowledge", research, private, "2026-12-23", []string{"2026-12-23 arrived"}, Running, "2026-12-29"},
		{"a letter counts from its arrival, not from its registration", "acknowledge", research, private, "2026-11-05", []string{"2026-11-05 arrived on=2026-11-02"}, Late, "2026-11-04"},
		{"acknowledged on the last day", "acknowledge", research, private, "2026-11-30", []string{"2026-11-02 arrived", "2026-11-04 acknowledged"}, Met, "2026-11-04"},
		{"acknowledged a day late", "acknowledge", research, private, "2026-11-30", []string{"2026-11-02 arrived", "2026-11-05 acknowledged"}, Late, "2026-11-04"},
		{"withdrawn first", "acknowledge", research, private, "2026-11-30", []string{"2026-11-02 arrived", "2026-11-03 withdrawn"}, Ended, "2026-11-04"},
		{"done and withdrawn on one day: done", "acknowledge", research, private, "2026-11-30", []string{"2026-11-02 arrived", "2026-11-03 withdrawn", "2026-11-03 acknowledged"}, Met, "2026-11-04"},
		{"nothing arrives after it was registered", "acknowledge", research, private, "2026-11-02", []string{"2026-11-02 arrived on=2026-11-05"}, Running, "2026-11-04"},
		{"two drafts in a row, the second sent the day the first was answered", "total", research, private, "2026-12-20", []string{
			"2026-11-02 completed", "2026-11-10 draft_sent id=1", "2026-11-12 draft_answered id=1", "2026-11-12 draft_sent id=2", "2026-11-20 draft_agreed",
		}, Running, "2027-03-12"},
		{"nothing has come", "acknowledge", research, private, "2026-11-30", nil, NotStarted, ""},
		{"four months", "total", research, private, "2026-12-01", []string{"2026-11-02 completed"}, Running, "2027-03-02"},
		{"four months into a short month", "total", research, private, "2026-11-01", []string{"2026-10-31 completed"}, Running, "2027-02-28"},
		{"ten days' pause moves by ten days", "total", research, private, "2026-12-01", []string{"2026-11-02 completed", "2026-11-10 supplement_requested id=1", "2026-11-20 supplement_answered id=1"}, Running, "2027-03-12"},
		{"overlapping pauses count once", "total", research, private, "2026-12-20", []string{
			"2026-11-02 completed", "2026-11-10 supplement_requested id=1", "2026-11-12 supplement_requested id=2", "2026-11-20 supplement_answered id=1", "2026-11-30 supplement_answered id=2",
		}, Running, "2027-03-22"},
		{"a pause that has not ended moves on with today", "total", research, private, "2026-11-25", []string{"2026-11-02 completed", "2026-11-10 supplement_requested id=1"}, Paused, "2027-03-17"},
		{"a pause before completion is of no account", "total", research, private, "2026-12-20", []string{"2026-11-10 supplement_requested id=1", "2026-11-20 completed on=2026-11-20", "2026-11-20 supplement_answered id=1"}, Running, "2027-03-20"},
		{"asked and answered on one day", "total", research, private, "2026-12-20", []string{"2026-11-02 completed", "2026-11-10 supplement_requested id=1", "2026-11-10 supplement_answered id=1"}, Running, "2027-03-02"},
		{"the file is waited for until it arrived, not until it was accepted", "total", research, private, "2026-12-20", []string{"2026-11-02 completed", "2026-11-10 file_called", "2026-11-23 file_accepted id=1 on=2026-11-20"}, Running, "2027-03-12"},
		{"statistics have no four months", "total", statistics, "authority", "2026-12-01", []string{"2026-11-02 completed"}, "none", ""},
		{"one month from the arrival of the accepted file", "delivery", research, private, "2026-12-01", []string{"2026-11-09 file_accepted id=1 on=2026-11-05"}, Running, "2026-12-05"},
		{"a file that was called for starts nothing", "delivery", research, private, "2026-12-01", []string{"2026-11-09 file_called"}, NotStarted, ""},
		{"faulty after all: not started", "delivery", research, private, "2026-12-01", []string{"2026-11-09 file_accepted id=1 on=2026-11-05", "2026-11-12 file_faulty id=1"}, NotStarted, ""},
		{"a new file restarts", "delivery", research, private, "2026-12-01", []string{"2026-11-09 file_accepted id=1 on=2026-11-05", "2026-11-12 file_faulty id=1", "2026-11-18 file_accepted id=2 on=2026-11-16"}, Running, "2026-12-16"},
		{"faulty, and a new one the same day", "delivery", research, private, "2026-12-01", []string{"2026-11-09 file_accepted id=1 on=2026-11-05", "2026-11-12 file_faulty id=1", "2026-11-12 file_accepted id=2 on=2026-11-12"}, Running, "2026-12-12"},
		{"without a file: decision and accepted quote", "delivery", research, private, "2026-12-01", []string{"2026-11-02 decided population=none", "2026-11-09 quote_accepted"}, Running, "2026-12-09"},
		{"without a file: the quote alone is not enough", "delivery", research, private, "2026-12-01", []string{"2026-11-02 decided population=file", "2026-11-09 quote_accepted"}, NotStarted, ""},
		{"statistics: as promised", "promised", statistics, "authority", "2026-12-01", []string{"2026-11-02 promised until=2026-12-18"}, Running, "2026-12-18"},
		{"statistics: promised anew", "promised", statistics, "authority", "2026-12-20", []string{"2026-11-02 promised until=2026-12-18", "2026-12-10 promised until=2027-01-15"}, Running, "2027-01-15"},
		{"the supplement carries its days", "supplement", research, private, "2026-11-03", []string{"2026-11-02 supplement_requested id=1 days=10"}, Running, "2026-11-16"},
		{"the quote carries its last day", "acceptance", research, private, "2026-11-20", []string{"2026-11-02 decision_sent until=2026-11-30"}, Running, "2026-11-30"},
		{"invoice one to three months after", "invoice", research, private, "2026-12-01", []string{"2026-11-30 delivered"}, Running, "2027-02-28"},
		{"purge six months after", "purge", research, private, "2026-12-01", []string{"2026-08-31 delivered"}, Running, "2027-02-28"},
		{"longer if agreed", "purge", research, private, "2026-12-01", []string{"2026-08-31 delivered months=18"}, Running, "2028-02-29"},
		{"three weeks to appeal", "appeal", research, private, "2026-11-03", []string{"2026-11-02 decision_served appealable=yes"}, Running, "2026-11-23"},
		{"the last day is Christmas Eve", "appeal", research, private, "2026-12-10", []string{"2026-12-03 decision_served appealable=yes"}, Running, "2026-12-28"},
		{"nothing to appeal", "appeal", research, private, "2026-12-10", []string{"2026-12-03 decision_served appealable=no"}, NotStarted, ""},
		{"six months, then the party may ask", "ruling_right", research, private, "2027-05-03", []string{"2026-11-02 arrived"}, Open, "2027-05-02"},
		{"not on the very day", "ruling_right", research, private, "2027-05-02", []string{"2026-11-02 arrived"}, Running, "2027-05-02"},
		{"an authority is no individual party", "ruling_right", research, "authority", "2027-05-03", []string{"2026-11-02 arrived"}, "none", ""},
		{"four weeks to answer", "ruling_answer", research, private, "2027-05-20", []string{"2027-05-10 ruling_requested"}, Running, "2027-06-07"},
		{"the delay notice starts when the total time is out", "delay_notice", research, private, "2027-03-03", []string{"2026-11-02 completed"}, Running, "2027-03-09"},
		{"no notice while there is time", "delay_notice", research, private, "2027-03-02", []string{"2026-11-02 completed"}, NotStarted, ""},
		{"a promise to a statistics order that was broken", "delay_notice", statistics, private, "2026-12-21", []string{"2026-11-02 promised until=2026-12-18"}, Running, "2026-12-29"},
		{"promised anew, nothing is late", "delay_notice", statistics, private, "2026-12-21", []string{"2026-11-02 promised until=2026-12-18", "2026-12-10 promised until=2027-01-15"}, NotStarted, ""},
		{"a year, then remind", "kept_key", research, private, "2027-11-02", []string{"2026-11-02 key_kept"}, Open, "2027-11-02"},
		{"reminded: another year", "kept_key", research, private, "2027-11-09", []string{"2026-11-02 key_kept", "2027-11-05 key_reminded"}, Running, "2028-11-05"},
		{"before förvaltningslagen", "ruling_right", research, private, "2019-05-03", []string{"2018-06-30 arrived"}, NotStarted, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rs := Definitions().Read(tt.id, caseOf(tt.purpose, tt.party, tt.today, tt.marks...))
			if tt.status == "none" {
				if len(rs) != 0 {
					t.Fatalf("the clock is shown: %v", rs)
				}
				return
			}
			if len(rs) != 1 {
				t.Fatalf("%d readings", len(rs))
			}
			if r := rs[0]; r.Status != tt.status || r.HasStarted() && r.Due.String() != tt.due {
				t.Errorf("%s, due %s, want %s, %s\n%v", r.Status, r.Due, tt.status, tt.due, r.Steps)
			}
		})
	}
}

func TestWorkingDayPauses(t *testing.T) {
	t.Parallel()
	book := Book{{
		ID: "x", Kind: Duty, Unit: WorkingDays, Length: 5, Source: "test", Name: catalog.Text{SV: "x", EN: "x"}, Warn: 2,
		Start: starts(Trigger{Event: "go"}), Pauses: []Pause{{Begin: []Trigger{{Event: "ask"}}, End: []Trigger{{Event: "answer"}}, Reason: catalog.Text{SV: "väntan", EN: "waiting"}}},
	}}
	c := caseOf(research, private, "2026-11-30", "2026-11-02 go", "2026-11-04 ask", "2026-11-11 answer")
	r := book.Read("x", c)[0]
	// Counted: 3, 4, 12, 13 and 16 November; 5–11 November hold five working days.
	if r.Due.String() != "2026-11-16" || r.Pauses[0].Work != 5 || r.Pauses[0].Days != 7 {
		t.Fatalf("due %s, pauses %+v", r.Due, r.Pauses)
	}
	if r.Warn.String() != "2026-11-12" {
		t.Errorf("warn on %s, want two working days before", r.Warn)
	}
	want := "Det ger 2026-11-16; räknade arbetsdagar: 2026-11-03, 2026-11-04, 2026-11-12, 2026-11-13, 2026-11-16."
	if !slices.ContainsFunc(r.Steps, func(s Step) bool { return s.Text.SV == want }) {
		t.Errorf("explanation lacks %q:\n%v", want, r.Steps)
	}
}

// A closing day of the authority's own delays its own clocks but not the time
// to appeal.
func TestLocalClosingDays(t *testing.T) {
	t.Parallel()
	c := caseOf(research, private, "2026-11-02", "2026-11-02 arrived", "2026-11-02 decision_served appealable=yes")
	c.Calendar = swede.NewCalendar(day.MustParse("2026-11-03"), day.MustParse("2026-11-23"))
	if r := only(t, "acknowledge", c); r.Due.String() != "2026-11-05" {
		t.Errorf("acknowledge by %s, want 2026-11-05", r.Due)
	}
	if r := only(t, "appeal", c); r.Due.String() != "2026-11-23" {
		t.Errorf("appeal by %s, want 2026-11-23", r.Due)
	}
}

func TestWarnedBeforeBreach(t *testing.T) {
	t.Parallel()
	for today, want := range map[string]bool{"2026-11-02": false, "2026-11-03": true, "2026-11-04": true, "2026-11-09": true} {
		r := only(t, "acknowledge", caseOf(research, private, today, "2026-11-02 arrived"))
		if got := r.Warned(day.MustParse(today)); got != want {
			t.Errorf("%s: warned %v, want %v", today, got, want)
		}
	}
	cal := swede.NewCalendar()
	for today, want := range map[string]int{"2026-11-02": 2, "2026-11-04": 0, "2026-11-05": -1, "2026-11-09": -3} {
		r := only(t, "acknowledge", caseOf(research, private, today, "2026-11-02 arrived"))
		if got := r.LeftWorkingDays(cal, day.MustParse(today)); got != want {
			t.Errorf("%s: %d working days left, want %d", today, got, want)
		}
	}
}

func TestSupplementsHaveTheirOwnClocks(t *testing.T) {
	t.Parallel()
	c := caseOf(research, private, "2026-11-20",
		"2026-11-02 supplement_requested id=1 days=5", "2026-11-04 supplement_answered id=1", "2026-11-05 supplement_requested id=2 days=5")
	rs := Definitions().Read("supplement", c)
	if len(rs) != 2 || rs[0].Status != Met || rs[1].Status != Late || rs[1].Key != "2" || rs[1].Due.String() != "2026-11-12" {
		t.Fatalf("%+v", rs)
	}
}

func TestTheFirstOfTwoWaysStarts(t *testing.T) {
	t.Parallel()
	book := Book{{ID: "x", Kind: Duty, Unit: Days, Length: 5, Start: []Start{{All: []Trigger{{Event: "a"}}}, {All: []Trigger{{Event: "b"}}}}}}
	for _, marks := range [][]string{{"2026-11-02 a", "2026-11-04 b"}, {"2026-11-02 b", "2026-11-04 a"}} {
		if r := book.Read("x", caseOf(research, private, "2026-11-30", marks...))[0]; r.Due.String() != "2026-11-07" {
			t.Errorf("%v: due %s, want 2026-11-07", marks, r.Due)
		}
	}
}

func TestOnlyPausedDaysAfterDayZeroAreShown(t *testing.T) {
	t.Parallel()
	r := only(t, "total", caseOf(research, private, "2026-12-20", "2026-11-10 supplement_requested id=1", "2026-11-20 completed", "2026-11-20 supplement_answered id=1", "2026-11-18 file_called", "2026-11-23 file_accepted"))
	if len(r.Pauses) != 1 || r.Pauses[0].First.String() != "2026-11-21" || r.Pauses[0].Days != 3 || r.Pauses[0].Work != 1 {
		t.Errorf("%+v", r.Pauses)
	}
}

func TestVersionInForceOnDayZero(t *testing.T) {
	t.Parallel()
	old := Definitions().Read("acknowledge", caseOf(research, private, "2026-01-01"))[0].Def
	book := Book{old, old}
	book[1].From, book[1].Length = day.MustParse("2026-11-03"), 1
	for arrived, want := range map[string]string{"2026-11-02": "2026-11-04", "2026-11-03": "2026-11-04", "2026-11-04": "2026-11-05"} {
		if r := book.Read("acknowledge", caseOf(research, private, "2026-11-30", arrived+" arrived"))[0]; r.Due.String() != want {
			t.Errorf("arrived %s: due %s, want %s", arrived, r.Due, want)
		}
	}
}

func TestBooksAreChecked(t *testing.T) {
	t.Parallel()
	if errs := Definitions().Check(); len(errs) > 0 {
		t.Fatal(errs)
	}
	for name, spoil := range map[string]func(*Definition){
		"no name":       func(d *Definition) { d.Name.EN = "" },
		"no source":     func(d *Definition) { d.Source = "" },
		"unknown unit":  func(d *Definition) { d.Unit = "weeks" },
		"unknown kind":  func(d *Definition) { d.Kind = "wish" },
		"negative":      func(d *Definition) { d.Length = -1 },
		"unknown roll":  func(d *Definition) { d.Roll = "office" },
		"never starts":  func(d *Definition) { d.Start = nil },
		"empty start":   func(d *Definition) { d.Start = []Start{{}} },
		"waits for air": func(d *Definition) { d.AfterLate = "nothing" },
		"waits itself":  func(d *Definition) { d.AfterLate = d.ID },
		"silent pause":  func(d *Definition) { d.Pauses = []Pause{{}} },
		"no id":         func(d *Definition) { d.ID = "" },
		"twice":         func(d *Definition) { d.ID = "completeness" },
	} {
		b := Definitions()
		spoil(&b[0])
		if len(b.Check()) == 0 {
			t.Errorf("%s: accepted", name)
		}
	}
	b := Definitions()
	b[0].AfterLate, b[1].AfterLate = b[1].ID, b[0].ID // wait for each other
	b.All(caseOf(research, private, "2030-01-01"))
}

func TestPromisedRange(t *testing.T) {
	t.Parallel()
	leads := map[string]Lead{}
	for _, p := range Phases() {
		leads[p.ID] = Lead{Median: 5, Slow: 10, Cases: 30}
	}
	few := map[string]Lead{}
	for _, p := range Phases() {
		few[p.ID] = Lead{Median: 5, Slow: 10, Cases: 9}
	}
	for _, tt := range []struct {
		name, purpose, today string
		marks                []string
		leads                map[string]Lead
		ahead                int
		earliest, latest     string // "" = not known
		reason               string
	}{
		{"published, complete", research, "2026-11-10", []string{"2026-11-02 completed"}, few, 0, "2026-12-02", "2027-03-02", "1–4 months"},
		{"published, not complete", research, "2026-11-10", []string{"2026-11-02 arrived"}, nil, 0, "2026-12-10", "2027-03-10", "as if it became so today"},
		{"statistics without a promise", statistics, "2026-11-10", []string{"2026-11-02 arrived"}, nil, 0, "", "", "resources"},
		{"statistics, promised", statistics, "2026-11-10", []string{"2026-11-02 promised until=2026-12-18"}, leads, 0, "2026-12-18", "2026-12-18", "promised"},
		{"measured, only extraction left", research, "2026-11-10", []string{"2026-11-01 completed", "2026-11-02 draft_agreed", "2026-11-03 decided", "2026-11-04 quote_accepted", "2026-11-09 file_accepted"}, leads, 0, "2026-11-16", "2026-11-23", "extraction"},
		{"measured, the file was faulty after all", research, "2026-11-10", []string{"2026-11-01 completed", "2026-11-02 draft_agreed", "2026-11-03 decided", "2026-11-04 quote_accepted", "2026-11-05 file_accepted id=1", "2026-11-10 file_faulty id=1"}, leads, 0, "2026-11-18", "2026-12-02", "population file"},
		{"measured, two cases ahead", research, "2026-11-10", []string{"2026-11-01 completed", "2026-11-02 draft_agreed", "2026-11-03 decided", "2026-11-04 quote_accepted", "2026-11-09 file_accepted"}, leads, 2, "2026-11-18", "2026-11-25", "2 cases lie ahead"},
		{"measured, no file due", research, "2026-11-10", []string{"2026-11-01 completed", "2026-11-02 draft_agreed", "2026-11-03 decided population=none", "2026-11-10 quote_accepted"}, leads, 0, "2026-11-17", "2026-11-24", "extraction"},
		{"waiting for the orderer", research, "2026-11-10", []string{"2026-11-02 completed", "2026-11-09 supplement_requested id=1"}, nil, 0, "2026-12-03", "2027-03-03", "we wait for your supplement since 2026-11-09"},
		{"slower than our longest time", research, "2027-03-01", []string{"2026-11-02 completed"}, leads, 0, "2027-03-31", "2027-04-28", "longer than our longest time"},
		{"delivered", research, "2026-11-10", []string{"2026-11-02 delivered"}, leads, 0, "", "", "over or delivered"},
	} {
		r := Definitions().Promise(caseOf(tt.purpose, private, tt.today, tt.marks...), tt.leads, tt.ahead, 1)
		if r.Known != (tt.earliest != "") || r.Known && (r.Earliest.String() != tt.earliest || r.Latest.String() != tt.latest) {
			t.Errorf("%s: %v %s–%s, want %s–%s", tt.name, r.Known, r.Earliest, r.Latest, tt.earliest, tt.latest)
		}
		if !slices.ContainsFunc(r.Reasons, func(x catalog.Text) bool { return strings.Contains(x.EN, tt.reason) && x.SV != "" }) {
			t.Errorf("%s: no reason says %q: %v", tt.name, tt.reason, r.Reasons)
		}
	}
}
