package review

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/plan"
)

var cat = catalog.Builtin()

func period(from, to string) *plan.Period {
	return &plan.Period{From: day.MustParse(from), To: day.MustParse(to)}
}

// sick is research by a private principal on sjukersättning with diagnoses:
// worksheet, scope and answers agree.
func sick() (Subject, plan.Scope, []Answer) {
	s := Subject{
		Purpose: Research, Principal: "Institutet", Party: Private, Researchers: 2, Approvals: 1, Persons: 12_000, Source: "file",
		Covered: []Cover{{"benefit:SE", true, 4}},
		Wanted:  []Want{{Table: "midas_sa", Variables: []string{"from_datum", "diagnos", "belopp"}}},
	}
	scope := plan.Scope{Rows: []plan.Row{{
		Register: "midas_sers", Table: "midas_sa", Outcome: plan.OutcomePartly, Benefits: []string{"SE"}, Period: period("2015-01-01", "2020-01-01"),
		Variables: []plan.VariableBound{{ID: "from_datum"}, {ID: "diagnos", Level: "icd_block"}},
	}}}
	scope.Identity.Kind = plan.IdentitySerial
	var answers []Answer
	for _, q := range Questions(s, scope, cat) {
		a := Answer{Question: q.ID, Finding: "Bedömt.", Holds: true}
		if q.Section == Minimisation {
			a.Treat = Keep
		}
		switch q.ID {
		case "minimise:midas_sa.diagnos":
			a.Treat, a.Level, a.Finding = Coarsen, "icd_3", "Tre tecken räcker."
		case "minimise:midas_sa.belopp":
			a.Treat, a.Finding = Drop, "Belopp behövs inte."
		}
		answers = append(answers, a)
	}
	return s, scope, answers
}

func answer(as []Answer, id string) *Answer {
	return &as[slices.IndexFunc(as, func(a Answer) bool { return a.Question == id })]
}

func codes(ps []Problem) string {
	var out []string
	for _, p := range ps {
		if p.SV == "" || p.EN == "" || p.Law == "" {
			out = append(out, "untold:")
		}
		out = append(out, p.Code)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestProblems(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		spoil func(*Subject, *plan.Scope, *[]Answer)
		want  string
	}{
		{"all agree", func(*Subject, *plan.Scope, *[]Answer) {}, ""},
		{"a question without an answer", func(_ *Subject, _ *plan.Scope, a *[]Answer) { *a = (*a)[1:] }, "review.unanswered"},
		{"an empty answer", func(_ *Subject, _ *plan.Scope, a *[]Answer) { answer(*a, "risk").Finding = "" }, "review.unanswered"},
		{"keeping needs no words", func(_ *Subject, _ *plan.Scope, a *[]Answer) { answer(*a, "minimise:midas_sa.from_datum").Finding = "" }, ""},
		{"dropping does", func(_ *Subject, _ *plan.Scope, a *[]Answer) { answer(*a, "minimise:midas_sa.belopp").Finding = "" }, "review.unanswered"},
		{"answered twice", func(_ *Subject, _ *plan.Scope, a *[]Answer) { *a = append(*a, (*a)[0]) }, "review.twice"},
		{"an answer to nothing", func(_ *Subject, _ *plan.Scope, a *[]Answer) { *a = append(*a, Answer{Question: "x", Finding: "y"}) }, "review.not_asked"},
		{"not treated", func(_ *Subject, _ *plan.Scope, a *[]Answer) { answer(*a, "minimise:midas_sa.from_datum").Treat = "" }, "review.untreated"},
		{"dropped but still in scope", func(_ *Subject, _ *plan.Scope, a *[]Answer) { answer(*a, "minimise:midas_sa.from_datum").Treat = Drop }, "review.dropped_in_scope"},
		{"scope as fine as the review", func(_ *Subject, s *plan.Scope, _ *[]Answer) { s.Rows[0].Variables[1].Level = "icd_3" }, ""},
		{"scope finer than the review", func(_ *Subject, s *plan.Scope, _ *[]Answer) { s.Rows[0].Variables[1].Level = "" }, "review.finer_in_scope"},
		{"an unknown level", func(_ *Subject, _ *plan.Scope, a *[]Answer) { answer(*a, "minimise:midas_sa.diagnos").Level = "icd_9" }, "review.unknown_level"},
		{"shortened as the scope", func(_ *Subject, _ *plan.Scope, a *[]Answer) {
			x := answer(*a, "minimise:midas_sa.from_datum")
			x.Treat, x.Period = Shorten, period("2015-01-01", "2020-01-01")
		}, ""},
		{"scope longer than the review", func(_ *Subject, _ *plan.Scope, a *[]Answer) {
			x := answer(*a, "minimise:midas_sa.from_datum")
			x.Treat, x.Period = Shorten, period("2015-01-01", "2019-12-31")
		}, "review.longer_in_scope"},
		{"shortened to nothing told", func(_ *Subject, _ *plan.Scope, a *[]Answer) {
			answer(*a, "minimise:midas_sa.from_datum").Treat = Shorten
		}, "review.no_period"},
		{"a variable that is not there", func(_ *Subject, s *plan.Scope, _ *[]Answer) { s.Rows[0].Variables[0].ID = "x" }, "review.unknown_variable"},
		{"a table that is not there", func(_ *Subject, s *plan.Scope, _ *[]Answer) { s.Rows[0].Table = "x" }, "review.unknown_table"},
		{"harm", func(_ *Subject, _ *plan.Scope, a *[]Answer) { answer(*a, "assessment").Holds = false }, "review.harm"},
		{"harm, and nothing disclosed", func(_ *Subject, s *plan.Scope, a *[]Answer) {
			answer(*a, "assessment").Holds, s.Rows[0].Outcome = false, plan.OutcomeRefuse
		}, ""},
		{"not needed", func(_ *Subject, _ *plan.Scope, a *[]Answer) { answer(*a, "purpose").Holds = false }, "review.not_needed"},
		{"no personnummer asked for", func(_ *Subject, s *plan.Scope, _ *[]Answer) { s.Identity.Kind = plan.IdentityPersonalNumber }, "review.numbers_not_asked"},
		{"another recipient", func(s *Subject, _ *plan.Scope, _ *[]Answer) { s.Recipient = "Datacentralen" }, "review.no_agreement review.unanswered"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, scope, answers := sick()
			tt.spoil(&s, &scope, &answers)
			if got := codes(Problems(s, scope, cat, answers)); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// Sensitive data in research are never reviewed as ready without an approval
// that supports every benefit disclosed, whatever the reviewer answers.
func TestPromise05ReviewNeedsCoverage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil func(*Subject, *plan.Scope, *[]Answer)
		want  string
	}{
		"no approval":                   {func(s *Subject, _ *plan.Scope, _ *[]Answer) { s.Approvals = 0 }, "review.uncovered"},
		"the benefit is not there":      {func(s *Subject, _ *plan.Scope, _ *[]Answer) { s.Covered = nil }, "review.uncovered"},
		"looked for, not found":         {func(s *Subject, _ *plan.Scope, _ *[]Answer) { s.Covered[0].Met = false }, "review.uncovered"},
		"all benefits, one supported":   {func(_ *Subject, c *plan.Scope, _ *[]Answer) { c.Rows[0].Benefits = nil }, "review.uncovered"},
		"the reviewer found it lacking": {func(_ *Subject, _ *plan.Scope, a *[]Answer) { answer(*a, "coverage").Holds = false }, "review.not_covered"},
	} {
		s, scope, answers := sick()
		tt.spoil(&s, &scope, &answers)
		ps := Problems(s, scope, cat, answers)
		if codes(ps) != tt.want || ps[0].Promise != 5 {
			t.Errorf("%s: %v", name, ps)
		}
	}
	s, scope, answers := sick()
	s.Purpose, s.Privileged, s.Approvals, s.Covered, s.Party = Statistics, true, 0, nil, Authority
	answers = slices.DeleteFunc(answers, func(a Answer) bool { return a.Question == "coverage" || a.Question == "forbehall" })
	if ps := Problems(s, scope, cat, answers); len(ps) > 0 {
		t.Errorf("statistics ask for no ethics approval: %v", ps)
	}
}

func TestPromise07PrivatePrincipal(t *testing.T) {
	t.Parallel()
	for party, asked := range map[string]bool{Private: true, Authority: false, Equated: false, "": true} {
		s, scope, answers := sick()
		s.Party = party
		answers = slices.DeleteFunc(answers, func(a Answer) bool { return a.Question == "forbehall" })
		ps := Problems(s, scope, cat, answers)
		if (len(ps) == 1 && ps[0].Question == "forbehall" && ps[0].Promise == 7) != asked || !asked && len(ps) > 0 {
			t.Errorf("%q: %v", party, ps)
		}
	}
}

func TestPromise11PresumptionIsRebutted(t *testing.T) {
	t.Parallel()
	s, scope, answers := sick()
	s.Purpose, s.Party = Statistics, Authority
	answers = slices.DeleteFunc(answers, func(a Answer) bool { return a.Question == "coverage" || a.Question == "forbehall" })
	if ps := Problems(s, scope, cat, answers); codes(ps) != "review.unanswered" || ps[0].Promise != 11 {
		t.Errorf("unanswered: %v", ps)
	}
	answers = append(answers, Answer{Question: "presumption", Finding: "Ingenting talar för."})
	if ps := Problems(s, scope, cat, answers); codes(ps) != "review.presumption" || ps[0].Promise != 11 {
		t.Errorf("not rebutted: %v", ps)
	}
	answers[len(answers)-1].Holds = true
	if ps := Problems(s, scope, cat, answers); len(ps) > 0 {
		t.Errorf("rebutted: %v", ps)
	}
}

func TestQuestionsAreTold(t *testing.T) {
	t.Parallel()
	s, scope, _ := sick()
	s.Recipient, s.Identified, s.Linked, s.Report = "X", true, []string{"SCB"}, &Figures{K: 3, SmallCells: 7}
	var all string
	for _, q := range Questions(s, scope, cat) {
		if q.Text.SV == "" || q.Text.EN == "" || q.Law == "" || q.Section == "" {
			t.Errorf("%+v", q)
		}
		for _, f := range q.Facts {
			all += f.SV + f.EN
		}
	}
	for _, want := range []string{"benefit:SE: stöd på sidan 4", "minsta gruppen 3 personer; 7 grupper", "12\u00a0000", "12,000", "inget biträdesavtal", "nivån icd_block", "Inte i förslaget", "Uppgift om hälsa"} {
		if !strings.Contains(all, want) {
			t.Errorf("no fact says %q", want)
		}
	}
}

func TestPropose(t *testing.T) {
	t.Parallel()
	s, scope, answers := sick()
	s.Wanted = append(s.Wanted, Want{Table: "midas_fp", Variables: []string{"belopp"}}, Want{Table: "midas_sjp", Variables: []string{"belopp"}})
	answers = append(answers, Answer{Question: "minimise:midas_fp.belopp", Treat: Drop, Finding: "Utanför frågan."})
	got := Propose(s, scope.Rows, cat, answers, []string{"midas_sjp"})
	if len(got) != 3 {
		t.Fatalf("%d rows", len(got))
	}
	a := got[0]
	if a.Outcome != plan.OutcomePartly || !slices.Equal(a.Dropped, []string{"belopp"}) || !a.Appealable || a.Ground == "" ||
		!slices.Equal(a.Variables, []plan.VariableBound{{ID: "from_datum"}, {ID: "diagnos", Level: "icd_3"}}) || a.Reason.SV != "Tre tecken räcker. Belopp behövs inte." || !slices.Equal(a.Benefits, []string{"SE"}) {
		t.Errorf("%+v", a)
	}
	if b := got[1]; b.Outcome != plan.OutcomeRefuse || b.Ground == "" || !b.Appealable || b.Register != "midas_foraldra" || len(b.Variables) != 0 {
		t.Errorf("%+v", b)
	}
	if c := got[2]; !c.Withdrawn || c.Gives() || c.Appealable {
		t.Errorf("%+v", c)
	}
	x := answer(answers, "minimise:midas_sa.from_datum")
	x.Treat, x.Period, x.Finding = Shorten, period("2016-01-01", "2030-01-01"), "Från 2016."
	if p := Propose(s, scope.Rows, cat, answers, nil)[0].Period; *p != *period("2016-01-01", "2020-01-01") {
		t.Errorf("%v", p)
	}
	x.Period = period("2025-01-01", "2030-01-01")
	if r := Propose(s, scope.Rows, cat, answers, nil)[0]; r.Outcome != plan.OutcomeRefuse || r.Gives() {
		t.Errorf("no time left: %+v", r)
	}
}

// Rows proposed from answers never contradict them, and what has no answer never
// leaves.
func TestProposalsAgreeWithTheAnswers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, scope, answers := sick()
		_, table := cat.Table("midas_sa")
		s.Wanted[0].Period = scope.Rows[0].Period
		for i := range answers {
			v := table.Variable(strings.TrimPrefix(answers[i].Question, "minimise:midas_sa."))
			if v == nil {
				continue
			}
			answers[i].Treat = rapid.SampledFrom([]string{Keep, Coarsen, Shorten, Drop, ""}).Draw(t, "treat")
			if answers[i].Treat == Coarsen {
				answers[i].Level = rapid.SampledFrom(v.Coarsen).Draw(t, "level")
			}
			from := day.MustParse("2014-01-01") + day.Day(rapid.IntRange(0, 3000).Draw(t, "from"))
			answers[i].Period = &plan.Period{From: from, To: from + day.Day(rapid.IntRange(1, 3000).Draw(t, "for"))}
		}
		kept := answers
		if rapid.Bool().Draw(t, "lost") {
			kept = slices.DeleteFunc(slices.Clone(answers), func(a Answer) bool { return a.Question == "minimise:midas_sa.diagnos" })
		}
		var rows []plan.Row
		gives := 0
		for _, p := range Propose(s, scope.Rows, cat, kept, nil) {
			rows = append(rows, p.Row)
			gives += len(p.Variables)
			if p.Appealable != (p.Outcome != plan.OutcomeDisclose) {
				t.Fatalf("%+v", p)
			}
		}
		scope.Rows = rows
		for _, p := range Problems(s, scope, cat, kept) {
			if strings.HasSuffix(p.Code, "_in_scope") {
				t.Fatalf("%+v contradicts %+v", rows, p)
			}
		}
		if _, in := bound(scope, "midas_sa", "diagnos"); in && len(kept) < len(answers) {
			t.Fatal("a variable without an answer is proposed")
		}
	})
}

func TestAppealGuide(t *testing.T) {
	t.Parallel()
	decided, served := day.MustParse("2026-11-30"), day.MustParse("2026-12-03")
	for _, tt := range []struct {
		kind, party string
		decided     day.Day
		ok          bool
		forum       string
	}{
		{Refusal, Private, decided, true, "kammarrätten"},
		{Partial, Equated, decided, true, "kammarrätten"},
		{Forbehall, Private, decided, true, "kammarrätten"},
		{Refusal, Authority, decided, true, "regeringen"},
		{Refusal, LocalAuthority, decided, true, "kammarrätten"},
		{Forbehall, Authority, decided, false, ""},
		{"disclose", Private, decided, false, ""},
		{Refusal, "nobody", decided, false, ""},
		{Refusal, Private, day.MustParse("2018-06-30"), false, ""},
	} {
		g, ok := AppealGuide(Appeals(), tt.kind, tt.party, tt.decided, &served)
		if ok != tt.ok || g.Forum.SV != tt.forum {
			t.Errorf("%s, %s: %v %+v", tt.kind, tt.party, ok, g)
		}
		if ok && (g.Last.String() != "2026-12-28" || !strings.Contains(g.Text.SV, "tre veckor") || !strings.Contains(g.Text.EN, "2026-12-28") || !strings.Contains(g.Text.SV, tt.forum)) {
			t.Errorf("three weeks end on Christmas Eve, so the next working day: %+v", g)
		}
	}
	if g, ok := AppealGuide(Appeals(), Refusal, Private, decided, nil); !ok || g.Known || strings.Contains(g.Text.SV, "senast") {
		t.Errorf("not served yet: %+v", g)
	}
	later := append(Appeals(), AppealRule{decided, Private, catalog.Text{SV: "Y", EN: "Y"}, 14, "ny lag"})
	if g, _ := AppealGuide(later, Refusal, Private, decided, &served); g.Forum.SV != "Y" || g.Last.String() != "2026-12-17" {
		t.Errorf("a new rule from the day: %+v", g)
	}
	if g, _ := AppealGuide(later, Refusal, Private, decided-1, &served); g.Forum.SV != "kammarrätten" {
		t.Errorf("the day before: %+v", g)
	}
}

func TestContents(t *testing.T) {
	t.Parallel()
	whole := Written{
		Date: 1, Content: true, Deciders: []string{"a"}, Rapporteurs: []string{"b"}, NobodyElse: true, Reasons: catalog.Text{SV: "x", EN: "x"},
		Provisions: []string{"OSL"}, Appealable: true, AppealGuide: catalog.Text{SV: "x", EN: "x"}, Notify: []string{"p"}, Dissent: true, DissentTold: true,
	}
	if ps := Contents(whole); len(ps) > 0 {
		t.Errorf("%v", ps)
	}
	for want, spoil := range map[string]func(*Written){
		"decision.date": func(w *Written) { w.Date = 0 }, "decision.content": func(w *Written) { w.Content = false },
		"decision.decider": func(w *Written) { w.Deciders = nil }, "decision.rapporteur": func(w *Written) { w.Rapporteurs = nil },
		"decision.took_part": func(w *Written) { w.NobodyElse = false }, "decision.reasons": func(w *Written) { w.Reasons = catalog.Text{} },
		"decision.provisions": func(w *Written) { w.Provisions = nil }, "decision.notify": func(w *Written) { w.Notify = nil },
		"decision.appeal": func(w *Written) { w.AppealGuide = catalog.Text{} }, "decision.dissent": func(w *Written) { w.DissentTold = false },
	} {
		w := whole
		spoil(&w)
		if got := codes(Contents(w)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func past(n int) []Decided {
	r := rand.New(rand.NewPCG(3, 4))
	out := make([]Decided, n)
	for i := range out {
		d := Decided{Order: "2026/" + strconv.Itoa(i), Date: day.Day(20_000 + r.IntN(1000)), Principal: "P" + strconv.Itoa(r.IntN(40)), Purpose: Research, Population: "file", Sensitive: r.IntN(2) == 0}
		for range 1 + r.IntN(3) {
			d.Registers = append(d.Registers, "r"+strconv.Itoa(r.IntN(8)))
			d.Benefits = append(d.Benefits, "b"+strconv.Itoa(r.IntN(20)))
		}
		for range 5 + r.IntN(40) {
			d.Variables = append(d.Variables, "t.v"+strconv.Itoa(r.IntN(200)))
		}
		out[i] = d.Sorted()
	}
	return out
}

func TestSimilar(t *testing.T) {
	t.Parallel()
	of := Decided{Order: "O", Project: "p", Principal: "P", Purpose: Research, Population: "file", Registers: []string{"a", "b"}, Variables: []string{"y", "x"}}
	all := []Decided{
		{Order: "1", Purpose: Research, Population: "file"},                                                     // nothing in common but the kind
		{Order: "2", Purpose: Statistics, Population: "criteria", Sensitive: true, Project: "p"},                // 100
		{Order: "3", Purpose: Research, Population: "file", Registers: []string{"a"}},                           // 20 + 40
		{Order: "4", Purpose: Research, Population: "file", Registers: []string{"a"}, Date: 5},                  // the same, later
		{Order: "5", Purpose: Statistics, Population: "file", Variables: []string{"x", "y", "z"}, Outcome: "x"}, // 40 + 20
		{Order: "O", Project: "p"}, // the case itself
	}
	got := Similar(all, of, 10)
	var order []string
	for _, h := range got {
		order = append(order, h.Order+":"+strconv.Itoa(h.Points))
	}
	if s := strings.Join(order, " "); s != "2:100 4:60 3:60 5:60" {
		t.Errorf("%s", s)
	}
	want := []catalog.Text{{SV: "67 % av variablerna är gemensamma", EN: "67% of the variables are common"}, {SV: "samma slags population", EN: "the same kind of population"}, {SV: "lika känsliga uppgifter", EN: "equally sensitive data"}}
	if !reflect.DeepEqual(got[3].Why, want) || got[3].Outcome != "x" {
		t.Errorf("%v", got[3].Why)
	}
	many := past(500)
	top := Similar(many, many[7], 20)
	whole := Similar(many, many[7], 1000)
	if !reflect.DeepEqual(top, whole[:20]) {
		t.Error("the first 20 are not the first 20 of all")
	}
	slices.Reverse(many)
	if !reflect.DeepEqual(top, Similar(many, many[492], 20)) {
		t.Error("another order of the decisions gives another answer")
	}
	if len(Similar(many, many[0], 0)) != 0 {
		t.Error("none asked for")
	}
}

func BenchmarkSimilar(b *testing.B) {
	ds := past(10_000)
	for b.Loop() {
		Similar(ds, ds[77], 10)
	}
}
