package intake

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	"sluss/internal/day"
	_ "sluss/internal/drawtest"
)

var today = day.MustParse("2026-11-02")

func yes() *bool { b := true; return &b }
func no() *bool  { b := false; return &b }

// research is a complete research application on health data.
func research() Application {
	return Application{
		Purpose: Research, Title: "Sjukfrånvaro", Sensitive: yes(),
		Principal: Principal{Name: "Sjölunda universitet", OrgNo: "202100-5489", Kind: PrincipalAuthority, Representative: Person{"Ragnar", "r@x.example"}},
		Orderer:   Person{"Elin", "e@x.example"},
		Project:   Project{Questions: "Varför?", Start: day.MustParse("2026-09-01"), End: day.MustParse("2029-12-31"), Deliveries: 1},
		Ethics: Ethics{
			Approvals: []Approval{{Kind: ApprovalFirst, Number: "2026-01234-01", Decided: day.MustParse("2026-05-12"), Application: "ansokan", Decision: "beslut", Signed: true}},
			Coverage: []Coverage{
				{Item: CoverPopulation, Met: true, Page: 4},
				{Item: CoverBenefit + "SJP", Met: true, Page: 5},
				{Item: CoverDiagnosis, Met: true, Page: 5, Limit: "F"},
			},
		},
		Population: Population{Source: "file", Holder: "SCB", Definition: "Alla födda 1970", Size: 1000, Ready: &Attestation{day.MustParse("2026-10-01"), "SCB"}},
		Data:       []Wish{{Register: "midas_sjuk", Benefits: []string{"SJP"}, From: day.MustParse("2019-01-01"), To: day.MustParse("2025-12-31"), Table: "midas_sjp", Variables: []string{"from_datum", "diagnos"}}},
		Delivery:   Delivery{Formats: []string{"csv"}},
		Invoice:    InvoiceTo{Reference: "SU-1"},
		Attachments: []Attachment{
			{ID: "ansokan", Kind: AttachEthicsApplication, Name: "Etikansökan"},
			{ID: "beslut", Kind: AttachEthicsDecision, Name: "Etikbeslut"},
		},
	}
}

// harmless is a complete research application without sensitive data.
func harmless() Application {
	a := research()
	a.Sensitive, a.Ethics = no(), Ethics{}
	a.Data = []Wish{{Register: "midas_foraldra", Benefits: []string{"FP"}, From: today - 900, To: today - 400, Need: "Dagar per månad"}}
	a.Attachments = []Attachment{{ID: "plan", Kind: AttachProjectPlan, Name: "Projektplan"}}
	return a
}

// statistics is a complete statistics application.
func statistics() Application {
	a := research()
	a.Purpose, a.Sensitive, a.Ethics, a.Attachments = Statistics, nil, Ethics{}, nil
	a.Statistics = Authority{Responsible: true, Secrecy: true, Delimited: true}
	return a
}

func TestComplete(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]Application{"research": research(), "no sensitive data": harmless(), "statistics": statistics()} {
		if ps := Problems(a, today, catalog.Builtin()); len(ps) != 0 {
			t.Errorf("%s: %+v", name, ps)
		}
	}
}

// fault is one thing wrong with an application and where it must be found.
type fault struct {
	name string
	of   func() Application
	do   func(*Application)
	want string // rule and field
}

var faults = []fault{
	{"purpose", research, func(a *Application) { a.Purpose = "marketing" }, "purpose purpose"},
	{"no purpose", research, func(a *Application) { a.Purpose = "" }, "purpose purpose"},
	{"title", statistics, func(a *Application) { a.Title = "" }, "parties title"},
	{"principal", research, func(a *Application) { a.Principal.Name = "" }, "parties principal.name"},
	{"kind of principal", research, func(a *Application) { a.Principal.Kind = "firm" }, "parties principal.kind"},
	{"representative", statistics, func(a *Application) { a.Principal.Representative.Email = "" }, "parties principal.representative"},
	{"contact", research, func(a *Application) { a.Orderer.Name = "" }, "parties orderer"},
	{"foreign principal", research, func(a *Application) { a.Principal.OrgNo = "NO 999 888 777" }, "principal_swedish principal.org_no"},
	{"wrong check digit", research, func(a *Application) { a.Principal.OrgNo = "202100-5480" }, "principal_swedish principal.org_no"},
	{"questions", research, func(a *Application) { a.Project.Questions = " " }, "project project.questions"},
	{"time", research, func(a *Application) { a.Project.End = a.Project.Start }, "project project.end"},
	{"withdrawals", statistics, func(a *Application) { a.Project.Deliveries = 0 }, "project project.deliveries"},
	{"no data", harmless, func(a *Application) { a.Data = nil }, "data data"},
	{"register", statistics, func(a *Application) { a.Data[0].Register = "x" }, "data data[0].register"},
	{"period", research, func(a *Application) { a.Data[0].To = a.Data[0].From - 1 }, "data data[0].to"},
	{"benefits", research, func(a *Application) { a.Data[0].Benefits = nil }, "data data[0].benefits"},
	{"benefit", statistics, func(a *Application) { a.Data[0].Benefits = []string{"SJP", "FP"} }, "data data[0].benefits[1]"},
	{"neither table nor need", harmless, func(a *Application) { a.Data[0].Need = " " }, "data data[0].need"},
	{"table of another register", statistics, func(a *Application) { a.Data[0].Table = "midas_fp" }, "data data[0].table"},
	{"variable", research, func(a *Application) { a.Data[0].Variables = append(a.Data[0].Variables, "x") }, "data data[0].variables[2]"},
	{"no for health", research, func(a *Application) { a.Sensitive = no() }, "sensitive_derived sensitive"},
	{"no project plan", harmless, func(a *Application) { a.Attachments = nil }, "ethics_approval attachments"},
	{"yes without approval", harmless, func(a *Application) {
		a.Sensitive = yes()
		a.Ethics.Coverage = []Coverage{{Item: CoverPopulation, Met: true}, {Item: CoverBenefit + "FP", Met: true}}
	}, "ethics_approval ethics.approvals"},
	{"only an amendment", research, func(a *Application) { a.Ethics.Approvals[0].Kind = ApprovalAmendment }, "ethics_approval ethics.approvals"},
	{"kind of approval", research, func(a *Application) {
		a.Ethics.Approvals = append(a.Ethics.Approvals, Approval{Kind: "advice", Number: "2", Decided: today, Application: "ansokan", Decision: "beslut2", Signed: true})
		a.Attachments = append(a.Attachments, Attachment{ID: "beslut2", Kind: AttachEthicsDecision, Name: "x"})
	}, "ethics_decisions ethics.approvals[1].kind"},
	{"diary number", research, func(a *Application) { a.Ethics.Approvals[0].Number = "" }, "ethics_decisions ethics.approvals[0].number"},
	{"no day", research, func(a *Application) { a.Ethics.Approvals[0].Decided = 0 }, "ethics_decisions ethics.approvals[0].decided"},
	{"a day to come", research, func(a *Application) { a.Ethics.Approvals[0].Decided = today + 1 }, "ethics_decisions ethics.approvals[0].decided"},
	{"no decision", research, func(a *Application) { a.Ethics.Approvals[0].Decision = "" }, "ethics_decisions ethics.approvals[0].decision"},
	{"decision is another document", research, func(a *Application) { a.Attachments[1].Kind = AttachOther }, "ethics_decisions ethics.approvals[0].decision"},
	{"decision not attached", research, func(a *Application) { a.Attachments = a.Attachments[:1] }, "ethics_decisions ethics.approvals[0].decision"},
	{"application not attached", research, func(a *Application) { a.Attachments = a.Attachments[1:] }, "ethics_decisions ethics.approvals[0].application"},
	{"not signed", research, func(a *Application) { a.Ethics.Approvals[0].Signed = false }, "ethics_decisions ethics.approvals[0].signed"},
	{"amendment under the first decision", research, func(a *Application) {
		a.Ethics.Approvals = append(a.Ethics.Approvals, Approval{Kind: ApprovalAmendment, Number: "2", Decided: today, Application: "andring", Decision: "beslut", Signed: true})
		a.Attachments = append(a.Attachments, Attachment{ID: "andring", Kind: AttachEthicsApplication, Name: "Ändring"})
	}, "ethics_decisions ethics.approvals[1].decision"},
	{"amendment without decision", research, func(a *Application) {
		a.Ethics.Approvals = append(a.Ethics.Approvals, Approval{Kind: ApprovalAmendment, Number: "2", Decided: today, Application: "andring", Decision: "", Signed: true})
		a.Attachments = append(a.Attachments, Attachment{ID: "andring", Kind: AttachEthicsApplication, Name: "Ändring"})
	}, "ethics_decisions ethics.approvals[1].decision"},
	{"amendment attached and not mentioned", research, func(a *Application) {
		a.Attachments = append(a.Attachments, Attachment{ID: "andring", Kind: AttachEthicsApplication, Name: "Ändring"})
	}, "ethics_decisions attachments[2]"},
	{"population not covered", research, func(a *Application) { a.Ethics.Coverage = a.Ethics.Coverage[1:] }, "ethics_coverage ethics.coverage.population"},
	{"benefit not met", research, func(a *Application) { a.Ethics.Coverage[1].Met = false }, "ethics_coverage ethics.coverage.benefit:SJP"},
	{"one more benefit", research, func(a *Application) { a.Data[0].Benefits = []string{"SJP", "RHP"} }, "ethics_coverage ethics.coverage.benefit:RHP"},
	{"diagnosis not covered", research, func(a *Application) { a.Ethics.Coverage = a.Ethics.Coverage[:2] }, "ethics_coverage ethics.coverage.diagnosis"},
	{"the whole table has a diagnosis", research, func(a *Application) {
		a.Data[0].Variables, a.Ethics.Coverage = nil, a.Ethics.Coverage[:2]
	}, "ethics_coverage ethics.coverage.diagnosis"},
	{"several withdrawals", research, func(a *Application) { a.Project.Deliveries = 2 }, "ethics_coverage ethics.coverage.withdrawals"},
	{"kept key", research, func(a *Application) { a.Delivery.KeepKeyUntil = "2030-01-01" }, "ethics_coverage ethics.coverage.kept_key"},
	{"linkage", research, func(a *Application) { a.Project.Linkage = []string{"SCB"} }, "ethics_coverage ethics.coverage.linkage"},
	{"processing agreement", research, func(a *Application) { a.Recipient = &Principal{Name: "Datorhallen AB", OrgNo: "556036-0793"} }, "processing_agreement attachments"},
	{"recipient without number", statistics, func(a *Application) {
		a.Recipient, a.Principal.OrgNo = &Principal{Name: "Datorhallen AB"}, ""
		a.Attachments = []Attachment{{ID: "b", Kind: AttachProcessing, Name: "Avtal"}}
	}, "processing_agreement recipient"},
	{"definition", statistics, func(a *Application) { a.Population.Definition = "" }, "population population.definition"},
	{"size", research, func(a *Application) { a.Population.Size = 0 }, "population population.size"},
	{"source", research, func(a *Application) { a.Population.Source = "" }, "population population.source"},
	{"holder", statistics, func(a *Application) { a.Population.Holder = "" }, "population population.holder"},
	{"not ready", research, func(a *Application) { a.Population.Ready = nil }, "population population.ready"},
	{"ready by nobody", research, func(a *Application) { a.Population.Ready.By = "" }, "population population.ready"},
	{"personnummer", research, func(a *Application) { a.Identified = true }, "identified ethics.coverage.personnummer"},
	{"statistics mixed with other work", statistics, func(a *Application) { a.Statistics.Delimited = false }, "statistics_authority statistics.delimited_unit"},
	{"kept for eleven years", research, func(a *Application) { a.Delivery.RetentionMonths, a.Delivery.RetentionReason = 121, "x" }, "retention delivery.retention_months"},
	{"kept for less than nothing", research, func(a *Application) { a.Delivery.RetentionMonths = -1 }, "retention delivery.retention_months"},
	{"kept longer without reason", statistics, func(a *Application) { a.Delivery.RetentionMonths = 7 }, "retention delivery.retention_reason"},
	{"format", research, func(a *Application) { a.Delivery.Formats = nil }, "retention delivery.formats"},
	{"date of the key", statistics, func(a *Application) { a.Delivery.KeepKeyUntil = "2030" }, "retention delivery.keep_key_until"},
	{"invoice", research, func(a *Application) { a.Invoice.Reference = "" }, "invoice invoice.reference"},
	{"attachment twice", research, func(a *Application) {
		a.Attachments = append(a.Attachments, Attachment{ID: "beslut", Kind: AttachOther, Name: "x"})
	}, "attachments attachments[2].id"},
	{"attachment without name", research, func(a *Application) { a.Attachments[0].Name = "" }, "attachments attachments[0].name"},
}

func rules(ps []Problem) []string {
	var out []string
	for _, p := range ps {
		out = append(out, strings.TrimPrefix(p.Rule, "intake.")+" "+p.Field)
	}
	return out
}

func TestRules(t *testing.T) {
	t.Parallel()
	met := map[string]bool{"intake.purpose": true}
	for _, f := range faults {
		a := f.of()
		f.do(&a)
		ps := Problems(a, today, catalog.Builtin())
		if got := rules(ps); !slices.Contains(got, f.want) {
			t.Errorf("%s: %v, want %s among them", f.name, got, f.want)
		} else if len(got) > 1 && !slices.Contains([]string{"kind of approval"}, f.name) {
			// one fault, one message, but where the fault is two things at once
			if f.name != "register" && f.name != "table of another register" && f.name != "no purpose" {
				t.Errorf("%s: also %v", f.name, got)
			}
		}
		for _, p := range ps {
			met[p.Rule] = true
			if p.SV == "" || p.EN == "" || p.Law == "" || p.DoSV == "" || p.DoEN == "" {
				t.Errorf("%s: %+v says too little", f.name, p)
			}
		}
	}
	for _, e := range examples {
		a := e.of()
		e.do(&a)
		for _, p := range Problems(a, today, catalog.Builtin()) {
			met[p.Rule] = true
		}
	}
	seen := map[string]bool{}
	for _, r := range Rules {
		if seen[r.Code] {
			t.Errorf("rule %s stands twice", r.Code)
		}
		seen[r.Code] = true
		if !met[r.Code] {
			t.Errorf("no test breaks %s", r.Code)
		}
		if len(r.For) == 0 || r.From == 0 || r.Form == 0 || r.Law == "" {
			t.Errorf("rule %s lacks purpose, day or law", r.Code)
		}
	}
}

// TestRulesFromTheirDay: a rule that does not hold yet asks for nothing.
func TestRulesFromTheirDay(t *testing.T) {
	t.Parallel()
	a := research()
	a.Ethics.Approvals[0].Decided, a.Title = 1, ""
	if ps := Problems(a, always-1, catalog.Builtin()); len(ps) != 0 {
		t.Errorf("%v", rules(ps))
	}
	if ps := Problems(a, always, catalog.Builtin()); len(ps) == 0 {
		t.Error("nothing missing from the first day on")
	}
}

// TestSeveralSupplementsOneDecision: one decision may settle several
// supplements, and statistics needs no ethics at all.
func TestSeveralSupplementsOneDecision(t *testing.T) {
	t.Parallel()
	a := research()
	for _, id := range []string{"k1", "k2"} {
		a.Ethics.Approvals = append(a.Ethics.Approvals, Approval{Kind: ApprovalAddition, Number: "2026-01234-01", Decided: today, Application: id, Decision: "beslut", Signed: true})
		a.Attachments = append(a.Attachments, Attachment{ID: id, Kind: AttachEthicsApplication, Name: id})
	}
	a.Ethics.Approvals = append(a.Ethics.Approvals, Approval{Kind: ApprovalAmendment, Number: "2026-09999-02", Decided: today, Application: "andring", Decision: "beslut2", Signed: true})
	a.Attachments = append(a.Attachments, Attachment{ID: "andring", Kind: AttachEthicsApplication, Name: "a"}, Attachment{ID: "beslut2", Kind: AttachEthicsDecision, Name: "b"})
	if ps := Problems(a, today, catalog.Builtin()); len(ps) != 0 {
		t.Errorf("%v", rules(ps))
	}
}

// TestPromise05HealthComesFromTheCatalogue: whatever is chosen, answered or
// left out, an order that the catalogue says concerns health is never complete
// without approval and every decision.
func TestPromise05HealthComesFromTheCatalogue(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	wish := func(register, table string, variables ...string) []Wish {
		return []Wish{{Register: register, Table: table, Variables: variables}}
	}
	for _, tt := range []struct {
		name string
		data []Wish
		want bool
	}{
		{"sick pay", wish("midas_sjuk", "midas_sjp", "diagnos"), true},
		{"only days of payment, of sick pay", wish("midas_sjuk", "midas_sjp", "utbetalningsdatum"), true},
		{"a table of sick pay", wish("midas_sjuk", "midas_sjp"), true},
		{"a need of sick pay", wish("midas_sjuk", ""), true},
		{"parental benefit", wish("midas_foraldra", "midas_fp"), false},
		{"a need of parental benefit", wish("midas_foraldra", ""), false},
		{"child's illness", wish("tfp", "tfp", "belopp"), true},
		{"what teeth cost", wish("tandvard", "tandvard", "belopp"), false},
		{"what was done to teeth", wish("tandvard", "tandvard", "belopp", "atgard"), true},
		{"everything about teeth", wish("tandvard", ""), true},
		{"sex and year of birth", wish("person", "person", "kon"), false},
		{"unknown register", wish("x", ""), true},
		{"unknown table", wish("midas_foraldra", "x"), true},
		{"unknown variable", wish("midas_foraldra", "midas_fp", "x"), true},
		{"nothing", nil, false},
	} {
		a := research()
		a.Data = tt.data
		for _, answer := range []*bool{nil, yes(), no()} {
			a.Sensitive = answer
			if got := Sensitive(a, cat); got != tt.want {
				t.Errorf("%s: sensitive %v", tt.name, got)
			}
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		a := research()
		reg := rapid.SampledFrom([]string{"midas_sjuk", "midas_sers", "tfp"}).Draw(rt, "register")
		r := cat.Register(reg)
		b := rapid.SampledFrom(r.Benefits).Draw(rt, "benefit").ID
		w := Wish{Register: reg, Benefits: []string{b}, From: today - 99, To: today, Need: "x"}
		if rapid.Bool().Draw(rt, "table") {
			w.Table = r.Tables[0].ID
			for _, v := range r.Tables[0].Variables {
				if v.Deliverable() && rapid.Bool().Draw(rt, v.ID) {
					w.Variables = append(w.Variables, v.ID)
				}
			}
		}
		a.Data = []Wish{w}
		a.Ethics.Coverage = append(a.Ethics.Coverage, Coverage{Item: CoverBenefit + b, Met: true})
		a.Sensitive = rapid.SampledFrom([]*bool{nil, yes(), no()}).Draw(rt, "answer")
		complete := len(Problems(a, today, cat)) == 0
		if said := a.Sensitive == nil || *a.Sensitive; complete != said {
			rt.Fatalf("complete %v, answer %v", complete, a.Sensitive)
		}
		// Take away any one thing the promise asks for.
		switch rapid.IntRange(0, 4).Draw(rt, "without") {
		case 0:
			a.Ethics.Approvals = nil
		case 1:
			a.Ethics.Approvals[0].Decision = ""
		case 2:
			a.Attachments = a.Attachments[:1]
		case 3:
			a.Ethics.Approvals = append(a.Ethics.Approvals, Approval{Kind: ApprovalAmendment, Number: "2", Decided: today, Application: "ansokan", Decision: "", Signed: true})
		case 4:
			a.Attachments = append(a.Attachments, Attachment{ID: "a2", Kind: AttachEthicsApplication, Name: "Ändring"})
		}
		if !slices.ContainsFunc(Problems(a, today, cat), func(p Problem) bool { return p.Promise == 5 }) {
			rt.Fatal("complete without approval or decision")
		}
	})
}

// TestPromise05DecidedData: what a decision lets out needs the ethics
// documents, also where the application named something else.
func TestPromise05DecidedData(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	sick := []Wish{{Register: "midas_sjuk", Benefits: []string{"SJP"}, Table: "midas_sjp", Variables: []string{"from_datum"}}}
	for _, tt := range []struct {
		name  string
		a     Application
		given []Wish
		want  []string
	}{
		{"as covered", research(), sick, nil},
		{"statistics", statistics(), sick, nil},
		{"health after all", harmless(), sick, []string{"sensitive_derived sensitive", "ethics_approval ethics.approvals", "ethics_coverage ethics.coverage.population", "ethics_coverage ethics.coverage.benefit:SJP"}},
		{"harmless", harmless(), harmless().Data, nil},
		{"another benefit", research(), []Wish{{Register: "midas_sjuk", Benefits: []string{"SJP", "ASP"}, Table: "midas_sjp", Variables: []string{"dagar"}}}, []string{"ethics_coverage ethics.coverage.benefit:ASP"}},
	} {
		if got := rules(EthicsProblems(tt.a, tt.given, today, cat)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestPromise06Recipient: another recipient needs a processing agreement.
func TestPromise06Recipient(t *testing.T) {
	t.Parallel()
	agreement := Attachment{ID: "pub", Kind: AttachProcessing, Name: "Biträdesavtal"}
	for _, tt := range []struct {
		name      string
		principal string
		to        *Principal
		agreement bool
		want      bool
	}{
		{"the principal", "202100-5489", nil, false, true},
		{"the principal by name", "202100-5489", &Principal{Name: "Institutionen", OrgNo: "202100-5489"}, false, true},
		{"the principal written otherwise", "202100-5489", &Principal{Name: "x", OrgNo: "162021005489"}, false, true},
		{"another", "202100-5489", &Principal{Name: "x", OrgNo: "556036-0793"}, false, false},
		{"another with an agreement", "202100-5489", &Principal{Name: "x", OrgNo: "556036-0793"}, true, true},
		{"no numbers at all", "", &Principal{Name: "x"}, false, false},
	} {
		a := statistics()
		a.Principal.OrgNo, a.Recipient = tt.principal, tt.to
		if tt.agreement {
			a.Attachments = append(a.Attachments, agreement)
		}
		if ps := Problems(a, today, catalog.Builtin()); (len(ps) == 0) != tt.want {
			t.Errorf("%s: %v", tt.name, rules(ps))
		}
	}
}

// TestPromise11Privilege: anyone may apply for statistics; only an authority
// responsible for statistics under equal secrecy has the presumption for it.
func TestPromise11Privilege(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		do   func(*Application)
		want bool
	}{
		{"responsible authority", func(*Application) {}, true},
		{"private", func(a *Application) { a.Principal.Kind = PrincipalPrivate }, false},
		{"equated", func(a *Application) { a.Principal.Kind = PrincipalEquated }, false},
		{"without responsibility", func(a *Application) { a.Statistics.Responsible = false }, false},
		{"without secrecy", func(a *Application) { a.Statistics.Secrecy = false }, false},
		{"research", func(a *Application) { a.Purpose = Research }, false},
	} {
		a := statistics()
		tt.do(&a)
		if a.Privileged() != tt.want {
			t.Errorf("%s: %v", tt.name, a.Privileged())
		}
		if ps := Problems(a, today, catalog.Builtin()); a.Purpose == Statistics && len(ps) != 0 {
			t.Errorf("%s may not apply: %v", tt.name, rules(ps))
		}
	}
	a := statistics()
	a.Statistics.Duty, a.Invoice = "förordning (2001:100) 5 §", InvoiceTo{}
	if ps := Problems(a, today, catalog.Builtin()); len(ps) != 0 {
		t.Errorf("a duty to supply needs no invoice reference: %v", rules(ps))
	}
}

func TestChanged(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		do   func(*Application)
		want []string
	}{
		{"nothing", func(*Application) {}, nil},
		{"one answer", func(a *Application) { a.Title = "x" }, []string{"title"}},
		{"an answer inside", func(a *Application) { a.Data[0].Benefits[0] = "RHP" }, []string{"data[0].benefits[0]"}},
		{"an item more", func(a *Application) { a.Data[0].Benefits = append(a.Data[0].Benefits, "RHP") }, []string{"data[0].benefits[1]"}},
		{"an item less", func(a *Application) { a.Attachments = a.Attachments[:1] }, []string{"attachments[1].id", "attachments[1].kind", "attachments[1].name", "attachments[1].sha256"}},
		{"a part more", func(a *Application) { a.Recipient = &Principal{Name: "x"} }, []string{"recipient.kind", "recipient.name", "recipient.org_no"}},
		{"yes to no", func(a *Application) { a.Sensitive = no() }, []string{"sensitive"}},
		{"no answer", func(a *Application) { a.Sensitive = nil }, []string{"sensitive"}},
		{"text to number", func(a *Application) { a.Population.Size = 1001 }, []string{"population.size"}},
	} {
		var b Application
		raw, err := json.Marshal(research())
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &b); err != nil {
			t.Fatal(err)
		}
		tt.do(&b)
		got, err := Changed(research(), b)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, %v, want %v", tt.name, got, err, tt.want)
		}
		back, err := Changed(b, research())
		if err != nil || !slices.Equal(back, got) {
			t.Errorf("%s: the other way %v", tt.name, back)
		}
	}
	for _, tt := range []struct {
		field, part string
		want        bool
	}{
		{"ethics", "ethics", true},
		{"ethics.approvals[1].decision", "ethics", true},
		{"ethics.approvals[1].decision", "ethics.approvals[1]", true},
		{"ethics.approvals[1].decision", "ethics.approvals", true},
		{"ethics.approvals[10].decision", "ethics.approvals[1]", false},
		{"ethics", "ethics.approvals", false},
		{"data[0].to", "da", false},
		{"title", "", false},
		{"sensitive", "sens", false},
	} {
		if got := Below(tt.field, tt.part); got != tt.want {
			t.Errorf("%s below %s: %v", tt.field, tt.part, got)
		}
	}
}
