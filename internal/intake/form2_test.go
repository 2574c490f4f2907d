package intake

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

func on(s string) day.Day { return day.MustParse(s) }

// current is a complete research application on today's form.
func current() Application {
	a := research()
	a.Form = 2
	a.Categories = []string{CategoryHealth}
	a.Project.Thesis = no()
	a.Data[0].Motive, a.Data[0].Diagnoses = "Frågan gäller hur länge fallen varar.", []string{"F"}
	a.Ethics.Coverage = []Coverage{
		{Item: CoverPopulation, Met: true, Attachment: "ansokan", Page: 4},
		{Item: CoverBenefit + "SJP", Met: true, Attachment: "ansokan", Page: 5, FromAuthority: yes()},
		{Item: CoverDiagnosis, Met: true, Attachment: "ansokan", Page: 5, Limit: "F, M", FromAuthority: yes()},
		{Item: CoverMotivated, Met: true, Attachment: "ansokan", Page: 3},
		{Item: CoverPeriod, Met: true, Attachment: "ansokan", Page: 6, From: on("2015-01-01"), To: on("2026-12-31")},
		{Item: CoverPrincipal, Met: true, Attachment: "beslut", Page: 1, OrgNos: []string{"2021005489"}},
		{Item: CoverCategory + CategoryHealth, Met: true, Attachment: "ansokan", Page: 7},
	}
	return a
}

// currentStatistics is a complete statistics application on today's form.
func currentStatistics() Application {
	a := statistics()
	a.Form = 2
	a.Data[0].Motive = "Tabellerna redovisar sjukfrånvaro per yrke."
	return a
}

// currentHarmless is a complete application without sensitive data on today's
// form.
func currentHarmless() Application {
	a := harmless()
	a.Form = 2
	a.Project.Thesis = no()
	a.Data[0].Motive, a.Data[0].To = "Frågan gäller uttaget.", today-400
	return a
}

// example is one change to an application and what it leads to: a rule and a
// field, or nothing.
type example struct {
	name string
	of   func() Application
	do   func(*Application)
	want string
}

func supplement(a *Application, kind string) *Approval {
	a.Ethics.Approvals = append(a.Ethics.Approvals, Approval{Kind: kind, Number: "2026-01234-02", Decided: on("2026-06-01"), Application: "k1", Decision: "beslut", Signed: true})
	a.Attachments = append(a.Attachments, Attachment{ID: "k1", Kind: AttachEthicsSupplement, Name: "Komplettering till etikansökan"})
	return &a.Ethics.Approvals[len(a.Ethics.Approvals)-1]
}

// organised asks for organisations in a register of employers.
func organised(do func(*Application)) func(*Application) {
	return func(a *Application) {
		a.Population.Kind, a.Population.Traders = PopulationOrganisations, "exclude"
		w := a.Data[0]
		w.Register, w.Benefits, w.Table, w.Shape, w.Variables, w.Need = "sjuklonekostnad", []string{"HSK"}, "sjuklonekostnad", "payment", []string{"belopp"}, ""
		a.Data = []Wish{w}
		do(a)
	}
}

var examples = []example{
	{"form to come", current, func(a *Application) { a.Form = 3 }, "form form"},
	{"form before the first", research, func(a *Application) { a.Form = -1 }, "form form"},
	{"no child", current, func(a *Application) { a.Child = Child{} }, ""},
	{"child", current, func(a *Application) { a.Child = Child{ChildAmendment, "FK-2026-00001", "Ett register till"} }, ""},
	{"child of no case", current, func(a *Application) { a.Child = Child{ChildAmendment, "", "x"} }, "child child.parent"},
	{"child of no kind", current, func(a *Application) { a.Child = Child{"twin", "FK-2026-00001", "x"} }, "child child.kind"},
	{"child without reason", current, func(a *Application) { a.Child = Child{ChildRenewed, "FK-2026-00001", " "} }, "child child.reason"},
	{"longer without months", current, func(a *Application) { a.Child = Child{ChildRetention, "FK-2026-00001", "x"} }, "child delivery.retention_months"},
	{"longer needs no population file", current, func(a *Application) {
		a.Child, a.Population.Ready = Child{ChildRetention, "FK-2026-00001", "x"}, nil
		a.Delivery.RetentionMonths, a.Delivery.RetentionReason = 12, "Granskning"
	}, ""},

	{"organisations", currentHarmless, organised(func(*Application) {}), ""},
	{"organisations without a word on traders", currentHarmless, organised(func(a *Application) { a.Population.Traders = "" }), "population population.traders"},
	{"organisations where rows are of persons", currentHarmless, func(a *Application) {
		a.Population.Kind, a.Population.Traders = PopulationOrganisations, "exclude"
	}, "population data[0].register"},
	{"a kind that there is not", currentHarmless, func(a *Application) { a.Population.Kind = "firms" }, "population population.kind"},
	{"persons, said so", currentHarmless, func(a *Application) { a.Population.Kind = PopulationPersons }, ""},

	{"address", current, func(a *Application) { a.Orderer.Email = "elin.sjolund@uni.example" }, ""},
	{"no address", current, func(a *Application) { a.Orderer.Email = "elin.sjolund" }, "addresses orderer.email"},
	{"two addresses", current, func(a *Application) { a.Principal.Representative.Email = "a@x.example, b@x.example" }, "addresses principal.representative.email"},
	{"co-applicant", current, func(a *Application) { a.CoOrderers = []Person{{"Ida", "ida@x.example"}} }, ""},
	{"co-applicant without address", current, func(a *Application) { a.CoOrderers = []Person{{"Ida", ""}} }, "addresses co_applicants[0]"},

	{"Swedish", current, func(a *Application) { a.Principal.Country = "SE" }, ""},
	{"Norwegian", current, func(a *Application) { a.Principal.Country = "NO" }, "principal_swedish principal.country"},
	{"company as authority", current, func(a *Application) {
		a.Principal.OrgNo = "556036-0793"
		a.Ethics.Coverage[5].OrgNos = []string{"556036-0793"}
	}, "principal_kind principal.kind"},
	{"university as private", current, func(a *Application) {
		a.Principal.Kind, a.Project.Named = PrincipalPrivate, []string{"Elin"}
	}, "principal_kind principal.kind"},
	{"equated by the annex", current, func(a *Application) {
		a.Principal.Kind, a.Principal.EquatedAs = PrincipalEquated, "Stiftelsen Högskolan, all verksamhet"
	}, ""},
	{"equated by nothing", current, func(a *Application) { a.Principal.Kind = PrincipalEquated }, "principal_kind principal.equated_as"},

	{"over", current, func(a *Application) {
		a.Project.Start, a.Project.End = on("2024-01-01"), on("2026-01-01")
	}, "project project.end"},
	{"doctoral thesis", current, func(a *Application) { a.Title = "Sjukfrånvaro, en doktorsavhandling" }, ""},
	{"thesis", current, func(a *Application) { a.Project.Thesis = yes() }, "student_thesis project.student_thesis"},
	{"unanswered", current, func(a *Application) { a.Project.Thesis = nil }, "student_thesis project.student_thesis"},
	{"an old form with a thesis by its title", research, func(a *Application) { a.Title = "Masteruppsats om sjukfrånvaro" }, "student_thesis project.student_thesis"},
	{"an old form that has no such question", research, func(*Application) {}, ""},
	{"about theses", current, func(a *Application) { a.Title = "Examensarbeten och hälsa" }, ""},
	{"private with names", current, func(a *Application) { private(a); a.Project.Named = []string{"Elin"} }, ""},
	{"private without names", current, private, "researchers project.researchers"},
	{"a blank name", current, func(a *Application) { a.Project.Named = []string{"Elin", ""} }, "researchers project.researchers[1]"},

	{"shape", current, func(a *Application) { a.Data[0].Shape = catalog.ShapeSpell }, ""},
	{"shape of no table", current, func(a *Application) { a.Data[0].Shape = "weekly" }, "data data[0].shape"},
	{"variable of another shape", current, func(a *Application) { a.Data[0].Shape = catalog.ShapePanelYear }, "data data[0].variables[0]"},
	{"variable that is never delivered", research, func(a *Application) { a.Data[0].Variables[0] = never() }, "data data[0].variables[0]"},
	{"no such chapter", current, func(a *Application) { a.Data[0].Diagnoses = []string{"F", "å"} }, "data data[0].diagnoses[1]"},
	{"no motive", currentStatistics, func(a *Application) { a.Data[0].Motive = " " }, "motive data[0].motive"},
	{"a need and no table", current, func(a *Application) { a.Data[0].Table, a.Data[0].Variables, a.Data[0].Need = "", nil, "Fall" }, ""},

	{"the last orderable day", current, func(a *Application) { a.Data[0].To = on("2026-07-31") }, ""},
	{"the day after", current, func(a *Application) { a.Data[0].To = on("2026-08-01") }, "orderable data[0].to"},
	{"the day after, all the same", current, func(a *Application) { a.Data[0].To, a.Data[0].Incomplete = on("2026-08-01"), true }, ""},
	{"the day after, in statistics", currentStatistics, func(a *Application) { a.Data[0].To = on("2026-08-01") }, "orderable data[0].to"},

	{"sensitive unanswered", current, func(a *Application) { a.Sensitive = nil }, "sensitive_derived sensitive"},
	{"a need that names health", currentHarmless, func(a *Application) { a.Data[0].Need = "Dagar per månad och diagnos" }, "sensitive_derived sensitive"},
	{"a need that names sick pay", currentHarmless, func(a *Application) { a.Data[0].Need = "Föräldrapenning och sjukpenningdagar" }, "sensitive_derived sensitive"},
	{"a need that denies health", currentHarmless, func(a *Application) { a.Data[0].Need = "Dagar per månad, inte sjukpenning" }, ""},
	{"health not listed", current, func(a *Application) { a.Categories = nil }, "sensitive_categories sensitive_categories"},
	{"unknown category", current, func(a *Application) { a.Categories = append(a.Categories, "shoe_size") }, "sensitive_categories sensitive_categories[1]"},
	{"listed but no", currentHarmless, func(a *Application) { a.Categories = []string{"religion"} }, "sensitive_categories sensitive"},
	{"another category, covered", current, func(a *Application) {
		a.Categories = append(a.Categories, "ethnic_origin")
		a.Ethics.Coverage = append(a.Ethics.Coverage, Coverage{Item: CoverCategory + "ethnic_origin", Met: true, Attachment: "ansokan", Page: 8})
	}, ""},
	{"another category, not covered", current, func(a *Application) { a.Categories = append(a.Categories, "ethnic_origin") }, "ethics_scope ethics.coverage.category:ethnic_origin"},

	{"regional board", current, func(a *Application) {
		a.Ethics.Approvals[0].Board, a.Ethics.Approvals[0].Decided = BoardRegional, on("2018-12-31")
		a.Project.Start = on("2019-02-01")
	}, ""},
	{"regional board in 2019", current, func(a *Application) {
		a.Ethics.Approvals[0].Board, a.Ethics.Approvals[0].Decided = BoardRegional, on("2019-01-01")
		a.Project.Start = on("2019-02-01")
	}, "ethics_board ethics.approvals[0].decided"},
	{"the authority in 2018", research, func(a *Application) { a.Ethics.Approvals[0].Decided = on("2018-12-31") }, "ethics_board ethics.approvals[0].board"},
	{"the authority on its first day", research, func(a *Application) { a.Ethics.Approvals[0].Decided = on("2019-01-01") }, ""},
	{"appeals board", current, func(a *Application) { a.Ethics.Approvals[0].Board = BoardAppeals }, ""},
	{"appeals board before it was", research, func(a *Application) {
		a.Ethics.Approvals[0].Board, a.Ethics.Approvals[0].Decided = BoardAppeals, on("2003-12-31")
	}, "ethics_board ethics.approvals[0].decided"},
	{"no board", current, func(a *Application) { a.Ethics.Approvals[0].Board = "kommunen" }, "ethics_board ethics.approvals[0].board"},

	{"annexes", current, func(a *Application) {
		a.Ethics.Approvals[0].Annexes = 1
		a.Attachments = append(a.Attachments, Attachment{ID: "b1", Kind: AttachEthicsAnnex, Name: "Forskningsplan", Of: "ansokan"})
	}, ""},
	{"an annex too few", current, func(a *Application) { a.Ethics.Approvals[0].Annexes = 1 }, "ethics_annexes ethics.approvals[0].annexes"},
	{"an annex of nothing", current, func(a *Application) {
		a.Attachments = append(a.Attachments, Attachment{ID: "b1", Kind: AttachEthicsAnnex, Name: "Forskningsplan"})
	}, "ethics_annexes attachments[2].of"},
	{"supplement that the decision names", current, func(a *Application) { supplement(a, ApprovalAddition).NamedThere = true }, ""},
	{"supplement that it does not", current, func(a *Application) { supplement(a, ApprovalAddition) }, "ethics_supplements ethics.approvals[1].named_in_decision"},
	{"supplement with its own decision", current, func(a *Application) {
		supplement(a, ApprovalAddition).Decision = "beslut2"
		a.Attachments = append(a.Attachments, Attachment{ID: "beslut2", Kind: AttachEthicsDecision, Name: "Beslut om komplettering"})
	}, ""},
	{"supplement that nobody mentions", current, func(a *Application) {
		supplement(a, ApprovalAddition)
		a.Ethics.Approvals = a.Ethics.Approvals[:1]
	}, "ethics_decisions attachments[2]"},
	{"amendment before the approval", current, func(a *Application) {
		p := supplement(a, ApprovalAmendment)
		p.Decision, p.Decided = "beslut2", on("2026-05-11")
		a.Attachments[2].Kind = AttachEthicsAmendment
		a.Attachments = append(a.Attachments, Attachment{ID: "beslut2", Kind: AttachEthicsDecision, Name: "Beslut om ändring"})
	}, "ethics_supplements ethics.approvals[1].decided"},
	{"begun in time", current, func(a *Application) { a.Ethics.Approvals[0].Decided = on("2024-09-01") }, ""},
	{"lapsed", current, func(a *Application) { a.Ethics.Approvals[0].Decided = on("2024-08-31") }, "ethics_supplements project.start"},

	{"benefit not from us", current, func(a *Application) { a.Ethics.Coverage[1].FromAuthority = no() }, "ethics_source ethics.coverage.benefit:SJP.from_authority"},
	{"diagnosis from nobody", current, func(a *Application) { a.Ethics.Coverage[2].FromAuthority = nil }, "ethics_source ethics.coverage.diagnosis.from_authority"},
	{"not motivated", current, func(a *Application) { a.Ethics.Coverage[3].Met = false }, "ethics_scope ethics.coverage.motivated"},
	{"no period", current, func(a *Application) { a.Ethics.Coverage[4].Met = false }, "ethics_scope ethics.coverage.period"},
	{"a period of no days", current, func(a *Application) { a.Ethics.Coverage[4].From = 0 }, "ethics_scope ethics.coverage.period.period_from"},
	{"from the first approved day", current, func(a *Application) { a.Data[0].From = on("2015-01-01") }, ""},
	{"a day earlier", current, func(a *Application) { a.Data[0].From = on("2014-12-31") }, "ethics_scope data[0].from"},
	{"a day later", current, func(a *Application) { a.Ethics.Coverage[4].To = on("2025-12-30") }, "ethics_scope data[0].to"},
	{"no principal", current, func(a *Application) { a.Ethics.Coverage[5].Met = false }, "ethics_scope ethics.coverage.principal"},
	{"another principal", current, func(a *Application) { a.Ethics.Coverage[5].OrgNos = []string{"202100-5521"} }, "ethics_scope ethics.coverage.principal.principal_org_nos"},
	{"joint principals", current, func(a *Application) {
		a.Ethics.Coverage[5].OrgNos = []string{"202100-5521", "202100-5489"}
	}, ""},
	{"all chapters", current, func(a *Application) { a.Ethics.Coverage[2].Limit, a.Data[0].Diagnoses = "all", nil }, ""},
	{"all of two chapters", current, func(a *Application) { a.Data[0].Diagnoses = nil }, "ethics_chapters data[0].diagnoses"},
	{"one more chapter", current, func(a *Application) { a.Data[0].Diagnoses = []string{"F00-F99", "I"} }, "ethics_chapters data[0].diagnoses[1]"},
	{"by range and name", current, func(a *Application) { a.Ethics.Coverage[2].Limit = "F00–F99 och XIII" }, ""},
	{"which chapters", current, func(a *Application) { a.Ethics.Coverage[2].Limit = "" }, "ethics_chapters ethics.coverage.diagnosis.limit"},
	{"no page", current, func(a *Application) { a.Ethics.Coverage[0].Page = 0 }, "ethics_pages ethics.coverage.population.page"},
	{"in no document", current, func(a *Application) { a.Ethics.Coverage[0].Attachment = "x" }, "ethics_pages ethics.coverage.population.attachment"},

	{"ready in time to come", research, func(a *Application) { a.Population.Ready.On = today + 1 }, "population population.ready.on"},
	{"ready today", research, func(a *Application) { a.Population.Ready.On = today }, ""},
	{"drawn by us", current, func(a *Application) {
		a.Population.Source, a.Population.Ready, a.Population.Holder = "criteria", nil, ""
	}, ""},
	{"columns", current, func(a *Application) {
		a.Population.Columns = []PopulationItem{{"indexdatum", "date", "steer"}, {"grupp", "code", "pass"}}
	}, ""},
	{"column twice", current, func(a *Application) {
		a.Population.Columns = []PopulationItem{{"grupp", "code", "pass"}, {"Grupp", "code", "drop"}}
	}, "population_columns population.columns[1].name"},
	{"column of numbers", current, func(a *Application) { a.Population.Columns = []PopulationItem{{"Personnummer", "code", "drop"}} }, "population_columns population.columns[0].name"},
	{"type", current, func(a *Application) { a.Population.Columns = []PopulationItem{{"x", "float", "drop"}} }, "population_columns population.columns[0].type"},
	{"a code that steers", current, func(a *Application) { a.Population.Columns = []PopulationItem{{"x", "code", "steer"}} }, "population_columns population.columns[0].use"},

	{"a duty", currentStatistics, func(a *Application) {
		a.Statistics.FeeFree, a.Statistics.Duty = true, "förordning (2001:100) 5 §"
	}, ""},
	{"no fee and no duty", currentStatistics, func(a *Application) { a.Statistics.FeeFree = true }, "statistics_fee statistics.duty"},
	{"a duty in general", currentStatistics, func(a *Application) { a.Statistics.Duty = "ja" }, "statistics_fee statistics.duty"},
	{"wished", currentStatistics, func(a *Application) { a.Statistics.WishedDate = "2027-03-01" }, ""},
	{"wished in spring", statistics, func(a *Application) { a.Statistics.WishedDate = "i vår" }, "statistics_date statistics.wished_date"},
	{"wished yesterday", currentStatistics, func(a *Application) { a.Statistics.WishedDate = "2026-11-01" }, "statistics_date statistics.wished_date"},

	{"key within the project", currentStatistics, func(a *Application) { a.Delivery.KeepKeyUntil = "2029-12-31" }, ""},
	{"key past the project", currentStatistics, func(a *Application) { a.Delivery.KeepKeyUntil = "2030-01-01" }, "kept_key delivery.keep_key_until"},
	{"key until today", currentStatistics, func(a *Application) { a.Delivery.KeepKeyUntil = "2026-11-02" }, "kept_key delivery.keep_key_until"},
	{"Peppol", current, func(a *Application) { a.Invoice.PeppolID = "0007:2021005489" }, ""},
	{"Peppol without scheme", current, func(a *Application) { a.Invoice.PeppolID = "2021005489" }, "invoice_address invoice.peppol_id"},
	{"Peppol too short", current, func(a *Application) { a.Invoice.PeppolID = "0007:202100" }, "invoice_address invoice.peppol_id"},
	{"name that tells", current, func(a *Application) { a.Attachments[0].Name = "Bilaga 1 Forskningsplan.pdf" }, ""},
	{"name that does not", current, func(a *Application) { a.Attachments[0].Name = "Bilaga 1.pdf" }, "attachment_names attachments[0].name"},
	{"name by a scanner", current, func(a *Application) { a.Attachments[0].Name = "scan_20260512_001.pdf" }, "attachment_names attachments[0].name"},
}

func private(a *Application) {
	a.Principal.Kind, a.Principal.OrgNo = PrincipalPrivate, "556036-0793"
	a.Ethics.Coverage[5].OrgNos = []string{"556036-0793"}
}

// never is a variable of sick pay that is not delivered in any shape.
func never() string {
	_, t := catalog.Builtin().Table("midas_sjp")
	for _, v := range t.Variables {
		if !v.Deliverable() {
			return v.ID
		}
	}
	return ""
}

// TestExamples: every rule has an example that it faults, with that field and
// nothing else, and one that it lets pass.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, a := range []Application{current(), currentHarmless(), currentStatistics()} {
		if ps := Problems(a, today, catalog.Builtin()); len(ps) != 0 {
			t.Fatalf("not complete from the start: %+v", ps)
		}
	}
	for _, e := range examples {
		a := e.of()
		e.do(&a)
		ps := Problems(a, today, catalog.Builtin())
		switch got := rules(ps); {
		case e.want == "" && len(got) > 0:
			t.Errorf("%s: %v, want nothing", e.name, got)
		case e.want != "" && !slices.Contains(got, e.want):
			t.Errorf("%s: %v, want %s", e.name, got, e.want)
		case len(got) > 1 && e.name != "longer without months" && e.name != "variable of another shape" && e.name != "a need that names health" && e.name != "a need that names sick pay" && e.name != "listed but no":
			t.Errorf("%s: also %v", e.name, got)
		}
	}
}

// TestRulesHaveTheirDays: a rule holds from its first to its last day, and
// only for forms that ask its question.
func TestRulesHaveTheirDays(t *testing.T) {
	t.Parallel()
	r := Rule{From: 100, To: 200, Form: 2, For: onlyResearch}
	for _, tt := range []struct {
		purpose Purpose
		form    int
		on      day.Day
		want    bool
	}{
		{Research, 2, 100, true},
		{Research, 2, 200, true},
		{Research, 3, 150, true},
		{Research, 2, 99, false},
		{Research, 2, 201, false},
		{Research, 1, 150, false},
		{Statistics, 2, 150, false},
	} {
		if got := r.Holds(tt.purpose, tt.form, tt.on); got != tt.want {
			t.Errorf("%s, form %d, day %d: %v", tt.purpose, tt.form, tt.on, got)
		}
	}
	r.To = 0
	if !r.Holds(Research, 2, 1<<20) {
		t.Error("a rule without a last day has ended")
	}
}

// TestWords: every text says what is wrong and what to do, in both languages,
// as sentences.
func TestWords(t *testing.T) {
	t.Parallel()
	for k, w := range words {
		for _, s := range []string{w.sv, w.en, w.doSV, w.doEN} {
			if !strings.HasSuffix(s, ".") || !unicode.IsUpper([]rune(s)[0]) {
				t.Errorf("%s: %q is no sentence", k, s)
			}
		}
		if strings.Count(w.sv, "%") != strings.Count(w.en, "%") || strings.Contains(w.doSV+w.doEN, "%") {
			t.Errorf("%s: places to fill differ", k)
		}
	}
}

// TestPromise05DecidedOnTodaysForm: the decided data are held against the
// chapters and sources of the approval, too.
func TestPromise05DecidedOnTodaysForm(t *testing.T) {
	t.Parallel()
	given := []Wish{{Register: "midas_sjuk", Benefits: []string{"SJP"}, Table: "midas_sjp", Variables: []string{"diagnos"}}}
	if ps := EthicsProblems(current(), given, today, catalog.Builtin()); len(ps) != 0 {
		t.Errorf("as covered: %v", rules(ps))
	}
	a := current()
	a.Data[0].Diagnoses = nil
	if ps := EthicsProblems(a, given, today, catalog.Builtin()); !slices.Contains(rules(ps), "ethics_chapters data[0].diagnoses") {
		t.Errorf("all chapters where two are approved: %v", rules(ps))
	}
	given[0].Variables = []string{"dagar"}
	if ps := EthicsProblems(a, given, today, catalog.Builtin()); len(ps) != 0 {
		t.Errorf("no diagnosis decided: %v", rules(ps))
	}
}

func TestChapter(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"F": "F00-F99", "f": "F00-F99", "F00–F99": "F00-F99", "IX": "I00-I99", "I": "I00-I99", "V": "V01-Y98", "C": "C00-D48", "D": "C00-D48 D50-D89", "H": "H00-H59 H60-H95", "T": "S00-T98", "W": "V01-Y98", "XXII": "U00-U99",
		"": "", "å": "", "F00-F98": "", "FF": "", "17": "",
	} {
		if got := strings.Join(Chapter(catalog.Builtin(), in), " "); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
