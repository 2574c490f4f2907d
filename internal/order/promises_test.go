package order

import (
	"strings"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/plan"
	"sluss/internal/quote"
)

// TestPromise01NothingReadBeforeTheDecision: whatever comes before a
// dispatched disclosing decision is logged without content, and settled.
func TestPromise01NothingReadBeforeTheDecision(t *testing.T) {
	t.Parallel()
	medium := TakeMedium{Blob: "b/1", SHA256: hash("x"), Bytes: 7, Road: "post"}
	for _, st := range way[1:8] { // until the decision has been dispatched
		w := at(t, research(), st.name)
		if MediumGate(w.s) == nil {
			t.Errorf("before %s: the gate is open", st.name)
		}
		w.do(RoleRegistrar, medium)
		e, ok := w.log[len(w.log)-1].Event.(*MediumEarly)
		if !ok || e.Road != "post" || w.s.Population != nil || len(w.s.Early) != 1 {
			t.Fatalf("before %s: %+v", st.name, w.log[len(w.log)-1].Event)
		}
		if _, raw, _ := Encode(e); strings.Contains(string(raw), "b/1") || strings.Contains(string(raw), string(medium.SHA256)) {
			t.Errorf("the log keeps something of the file: %s", raw)
		}
		w.refused(RoleRegistrar, SettleMedium{ID: 2, How: "returned"}, "order.no_medium", 0)
		w.refused(RoleRegistrar, SettleMedium{ID: 1, How: "kept"}, "order.settle", 0)
		w.do(RoleRegistrar, SettleMedium{ID: 1, How: "destroyed"})
		w.refused(RoleRegistrar, SettleMedium{ID: 1, How: "returned"}, "order.no_medium", 0)
	}
	w := at(t, research(), "accept_quote")
	if err := MediumGate(w.s); err != nil {
		t.Errorf("after the dispatch: %v", err)
	}
	w.do(RoleSupplier, medium)
	if _, ok := w.log[len(w.log)-1].Event.(*PopulationReceived); !ok {
		t.Errorf("after the dispatch: %+v", w.log[len(w.log)-1].Event)
	}
	w = at(t, research(), "take_medium")
	w.do(RoleOrderer, Withdraw{})
	w.do(RoleSupplier, medium) // too late is like too early
	if w.s.Population != nil || len(w.s.Early) != 1 {
		t.Errorf("after the end: %+v", w.s.Population)
	}
	w = at(t, research(), "accept_quote")
	w.s.Decision.Scope.Persons = plan.Persons{Source: plan.SourceCriteria, Max: 10, Criteria: &plan.Criteria{}}
	w.log = nil
	if _, err := medium.Decide(w.s, w.context(actor(RoleSupplier))); err == nil || err.(*fault.Fault).Code != "order.population_not_due" {
		t.Errorf("a file where none is due: %v", err)
	}
}

// TestPromise02ExtractionNeedsDecisionQuoteAndPopulation.
func TestPromise02ExtractionNeedsDecisionQuoteAndPopulation(t *testing.T) {
	t.Parallel()
	gate := map[string]string{"accept_quote": "gate.quote_accepted", "take_medium": "gate.population_checked", "record_population_check": "gate.population_checked", "dispatch_decision": "gate.quote_accepted"}
	for _, st := range way[1:11] {
		code := gate[st.name]
		if code == "" {
			code = "gate.disclosing_decision"
		}
		w := at(t, research(), st.name)
		w.refused(RoleStatistician, OrderExtraction{Spec: w.specification()}, code, 2)
	}
	// No fee takes the place of acceptance, once the decision has been dispatched.
	w := at(t, statistics(), "dispatch_decision")
	w.refused(RoleStatistician, OrderExtraction{Spec: w.specification()}, "gate.quote_accepted", 2)
	w = at(t, statistics(), "order_extraction")
	if w.s.Accepted {
		t.Fatal("a quote without fee was accepted in the test itself")
	}
	w.do(RoleStatistician, OrderExtraction{Spec: w.specification()})
}

// TestPromise03Bounds: a specification outside the decision is refused, and a
// decision that does not bound everything is none.
func TestPromise03Bounds(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(*plan.Spec){
		"variable": func(s *plan.Spec) {
			s.Extracts[0].Columns[1].Name = "helt_from_datum"
			s.Extracts[0].History = "reveal"
		},
		"resolution": func(s *plan.Spec) { s.Extracts[0].Columns[2].Coarsen = nil },
		"period":     func(s *plan.Spec) { s.Extracts[0].Window.From.Date-- },
		"rows":       func(s *plan.Spec) { s.Extracts[0].Where[0].In = []any{"SJP", "FSP"} },
		"shape":      func(s *plan.Spec) { s.Extracts[0].Shape = plan.Shape{Simple: "subspell"} },
		"persons":    func(s *plan.Spec) { s.Population.File.Intake.SHA256 = hash("others") },
		"identity":   func(s *plan.Spec) { s.Identity.Kind = plan.IdentityPersonalNumber },
		"order":      func(s *plan.Spec) { s.Order = "FK-2026-00002" },
		"decision":   func(s *plan.Spec) { s.Decision.SHA256 = hash("b2") },
		"format":     func(s *plan.Spec) { s.Extracts[0].Output.Format = "parquet" },
	} {
		w := at(t, research(), "order_extraction")
		s := w.specification()
		do(&s)
		t.Log(name)
		w.refused(RoleStatistician, OrderExtraction{Spec: s}, "order.outside_decision", 3)
	}
	w := at(t, research(), "order_extraction")
	s := w.specification()
	s.Extracts[0].Overlap = "guess"
	w.refused(RoleStatistician, OrderExtraction{Spec: s}, "order.spec_invalid", 0)
	s = w.specification()
	w.today = start + 400
	w.refused(RoleStatistician, OrderExtraction{Spec: s}, "order.outside_decision", 3)

	w = at(t, research(), "record_population_check")
	many := PopulationChecked{ID: 1, Accepted: true, Persons: 1001, Intake: plan.Ref{SHA256: hash("p")}}
	w.refused(RoleEngine, RecordPopulationCheck{many}, "order.population_bounds", 3)
	many.Persons = 0
	w.refused(RoleEngine, RecordPopulationCheck{many}, "order.population_bounds", 3)
	many.Persons, many.Intake.SHA256 = 1000, ""
	w.refused(RoleEngine, RecordPopulationCheck{many}, "order.population_bounds", 3)

	w = at(t, research(), "record_extraction")
	for _, egress := range [][]CheckResult{nil, {{Check: "a", OK: true}, {Check: "b"}}} {
		x := w.extracted()
		x.Egress = egress
		w.do(RoleEngine, RecordExtraction{x})
		w.refused(RoleReleaser, Release{Manifest: hash("manifest")}, "gate.egress_checked", 3)
		w.do(RoleStatistician, OrderExtraction{Spec: w.specification()})
	}
}

// decisionFault is one thing wrong with a decision.
type decisionFault struct {
	name    string
	do      func(*Decision)
	code    string
	promise int
}

var decisionFaults = []decisionFault{
	{"format", func(d *Decision) { d.Type = "x" }, "order.decision_identity", 0},
	{"another order", func(d *Decision) { d.Order = "FK-2026-00002" }, "order.decision_identity", 0},
	{"scope of another order", func(d *Decision) { d.Scope.Order = "FK-2026-00002" }, "order.decision_identity", 0},
	{"no name", func(d *Decision) { d.ID = "" }, "order.decision_identity", 0},
	{"no version", func(d *Decision) { d.Version = 0 }, "order.decision_identity", 0},
	{"another principal", func(d *Decision) { d.Principal = "Någon annan" }, "order.decision_parties", 0},
	{"another purpose", func(d *Decision) { d.Purpose = "statistics" }, "order.decision_parties", 0},
	{"somebody else's", func(d *Decision) { d.Decider = "decider.2" }, "order.decision_facts", 0},
	{"no rapporteur", func(d *Decision) { d.Rapporteur = "" }, "order.decision_facts", 0},
	{"another day", func(d *Decision) { d.Date-- }, "order.decision_facts", 0},
	{"no reasons", func(d *Decision) { d.Reasons.SV = "" }, "order.decision_reasons", 0},
	{"no provisions", func(d *Decision) { d.Provisions = nil }, "order.decision_reasons", 0},
	{"no rows", func(d *Decision) { d.Scope.Rows = nil }, "order.decision_scope", 0},
	{"kept for ever", func(d *Decision) { d.RetentionMonths = 121 }, "order.decision_retention", 0},
	{"not kept", func(d *Decision) { d.RetentionMonths = 0 }, "order.decision_retention", 0},
	{"partly without reason", func(d *Decision) { d.Scope.Rows[0].Outcome = plan.OutcomePartly }, "order.row_reasons", 0},
	{"outcome", func(d *Decision) { d.Scope.Rows[0].Outcome = "maybe" }, "order.row_outcome", 0},
	{"partly without appeal", func(d *Decision) {
		r := &d.Scope.Rows[0]
		r.Outcome, r.Ground, r.Reason = plan.OutcomePartly, "g", catalog.Text{SV: "r"}
	}, "order.appeal", 0},
	{"restriction without appeal", func(d *Decision) { d.Forbehall = &Forbehall{catalog.Text{SV: "x"}, []string{"E"}} }, "order.appeal", 0},
	{"unknown table", func(d *Decision) { d.Scope.Rows[0].Table = "x" }, "order.row_table", 3},
	{"table of another register", func(d *Decision) { d.Scope.Rows[0].Register = "tfp" }, "order.row_table", 3},
	{"no period", func(d *Decision) { d.Scope.Rows[0].Period = nil }, "order.row_bounds", 3},
	{"no shape", func(d *Decision) { d.Scope.Rows[0].Shape = "" }, "order.row_bounds", 3},
	{"no variables", func(d *Decision) { d.Scope.Rows[0].Variables = nil }, "order.row_bounds", 3},
	{"no maximum", func(d *Decision) { d.Scope.Persons.Max = 0 }, "order.scope_bounds", 3},
	{"no delivery", func(d *Decision) { d.Scope.Deliveries = 0 }, "order.scope_bounds", 3},
	{"no last day", func(d *Decision) { d.Scope.Expires = 0 }, "order.scope_bounds", 3},
	{"last day today", func(d *Decision) { d.Scope.Expires = d.Date }, "order.scope_bounds", 3},
	{"two rows for a table", func(d *Decision) { d.Scope.Rows = append(d.Scope.Rows, d.Scope.Rows[0]) }, "order.scope_invalid", 3},
	{"unknown benefit", func(d *Decision) { d.Scope.Rows[0].Benefits = []string{"ZZZ"} }, "order.scope_invalid", 3},
	{"unknown variable", func(d *Decision) { d.Scope.Rows[0].Variables[0].ID = "x" }, "order.scope_invalid", 3},
	{"unknown source of persons", func(d *Decision) { d.Scope.Persons.Source = "" }, "order.scope_invalid", 3},
	{"another catalogue", func(d *Decision) { d.Scope.Catalogue.Version++ }, "order.scope_invalid", 3},
	{"no format", func(d *Decision) { d.Scope.Formats = nil }, "order.scope_invalid", 3},
	{"numbers without approval", func(d *Decision) { d.Scope.Identity.Kind = plan.IdentityPersonalNumber }, "order.identified_unsupported", 4},
	{"no identity", func(d *Decision) { d.Scope.Identity.Kind = "" }, "order.identity", 4},
	{"no key policy", func(d *Decision) { d.Scope.Identity.KeyPolicy = "" }, "order.key_policy", 9},
	{"kept key without approval", func(d *Decision) {
		d.Scope.Identity = plan.IdentityBound{Kind: plan.IdentitySerial, KeyPolicy: KeyKeptUntil, KeepUntil: "2030-01-01", EthicsRef: "1"}
	}, "order.key_unsupported", 9},
	{"key of somebody else's project", func(d *Decision) { d.Scope.Identity.Project = "FK-2025-00007" }, "order.scope_invalid", 3},
	{"no recipient's key", func(d *Decision) { d.Scope.Recipient.Key = "" }, "order.recipient_key", 3},
	{"another recipient", func(d *Decision) { d.Scope.Recipient.OrgNo = "556036-0793" }, "order.processing_agreement", 6},
	{"recipient without number", func(d *Decision) { d.Scope.Recipient.OrgNo = "" }, "order.processing_agreement", 6},
	{"restriction that binds nobody", func(d *Decision) { d.Forbehall, d.Appeal.SV = &Forbehall{catalog.Text{SV: "x"}, nil}, "så här" }, "order.forbehall_empty", 7},
	{"benefit that the approval lacks", func(d *Decision) { d.Scope.Rows[0].Benefits = []string{"SJP", "RHP"} }, "order.decided_uncovered", 5},
	{"all benefits, of which the approval has one", func(d *Decision) { d.Scope.Rows[0].Benefits = nil }, "order.decided_uncovered", 5},
}

func TestDecisionRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range decisionFaults {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := at(t, research(), "decide")
			w.refused(RoleDecider, w.decide(tt.do), tt.code, tt.promise)
		})
	}
	w := at(t, research(), "decide")
	c := w.decide(nil)
	c.Decision.ScopeHash = hash("other")
	w.refused(RoleDecider, c, "order.decision_scope", 0)
	w.authority.Deciders = []string{"decider.2"}
	w.refused(RoleDecider, w.decide(nil), "order.delegation", 0)
	w.authority.Deciders = []string{"decider.2", "decider.1"}
	w.do(RoleDecider, w.decide(nil))
}

// TestPromise04Numbers: in research the ethics approval must say so, too.
func TestPromise04Numbers(t *testing.T) {
	t.Parallel()
	numbers := func(d *Decision) { d.Scope.Identity.Kind = plan.IdentityPersonalNumber }
	w := at(t, research(), "decide")
	w.refused(RoleDecider, w.decide(numbers), "order.identified_unsupported", 4)
	app := research()
	app.Ethics.Coverage = append(app.Ethics.Coverage, intake.Coverage{Item: intake.CoverIdentified, Met: true})
	w = at(t, app, "decide")
	w.do(RoleDecider, w.decide(numbers))
	w = at(t, statistics(), "decide")
	w.do(RoleDecider, w.decide(numbers))
	// The decision says löpnummer: a specification with numbers is outside it.
	w = at(t, research(), "order_extraction")
	s := w.specification()
	s.Identity.Kind = plan.IdentityPersonalNumber
	w.refused(RoleStatistician, OrderExtraction{Spec: s}, "order.outside_decision", 3)
}

// TestPromise05DecidedDataAreCovered: a decision cannot let out health data
// that the ethics documents do not cover, whatever was applied for.
func TestPromise05DecidedDataAreCovered(t *testing.T) {
	t.Parallel()
	app := research()
	app.Sensitive, app.Ethics = nil, intake.Ethics{}
	app.Data = []intake.Wish{{Register: "midas_foraldra", Benefits: []string{"FP"}, From: start - 900, To: start - 400, Need: "dagar", Table: "midas_fp", Variables: []string{"from_datum"}}}
	app.Attachments = []intake.Attachment{{ID: "plan", Kind: intake.AttachProjectPlan, Name: "Projektplan"}}
	w := at(t, app, "decide")
	w.refused(RoleDecider, w.decide(nil), "order.decided_uncovered", 5)
	w.do(RoleDecider, w.decide(func(d *Decision) {
		d.Scope.Rows[0].Register, d.Scope.Rows[0].Table, d.Scope.Rows[0].Benefits = "midas_foraldra", "midas_fp", nil
		d.Scope.Rows[0].Variables = []plan.VariableBound{{ID: "from_datum"}}
	}))
	w = newWorld(t, research())
	w.app.Ethics.Approvals[0].Decision = ""
	w.refused(RoleOrderer, Submit{Application: w.app}, "intake.ethics_decisions", 5)
	w.do(RoleRegistrar, Submit{Application: w.app, OnBehalf: true, Arrival: letter(w.today)})
	w.refused(RoleHandler, ConfirmComplete{}, "intake.ethics_decisions", 5)
}

// TestPromise06Recipient: another recipient needs an agreement, when the order
// becomes complete and again when it is decided.
func TestPromise06Recipient(t *testing.T) {
	t.Parallel()
	app := research()
	app.Recipient = &intake.Principal{Name: "Datorhallen", OrgNo: "556036-0793"}
	newWorld(t, app).refused(RoleOrderer, Submit{Application: app}, "intake.processing_agreement", 6)
	app.Attachments = append(app.Attachments, intake.Attachment{ID: "pub", Kind: intake.AttachProcessing, Name: "Avtal"})
	w := at(t, app, "decide")
	w.do(RoleDecider, w.decide(func(d *Decision) { d.Scope.Recipient.OrgNo = "556036-0793" }))
}

// TestPromise07Restriction: a private principal's decision restricts or says
// why not; nothing is released before every named person has acknowledged.
func TestPromise07Restriction(t *testing.T) {
	t.Parallel()
	app := research()
	for _, kind := range []string{intake.PrincipalPrivate, "sect"} {
		app.Principal.Kind = kind
		w := newWorld(t, app)
		w.do(RoleRegistrar, Submit{Application: app, OnBehalf: true, Arrival: letter(start)})
		if kind == intake.PrincipalPrivate {
			w = at(t, app, "decide")
		}
		w.refused(RoleDecider, w.decide(nil), map[string]string{intake.PrincipalPrivate: "order.forbehall", "sect": "gate.complete"}[kind], map[string]int{intake.PrincipalPrivate: 7, "sect": 5}[kind])
		if err := restricted(Decision{}, w.s, Context{}); promiseOf(err) != 7 {
			t.Errorf("%s principal without restriction: %v", kind, err)
		}
	}
	app.Principal.Kind = intake.PrincipalPrivate
	w := at(t, app, "decide")
	w.do(RoleDecider, w.decide(func(d *Decision) { d.NoForbehall = "risken är borta" }))

	w = at(t, app, "decide")
	bound := func(d *Decision) {
		d.Forbehall = &Forbehall{catalog.Text{SV: "bara i projektet"}, []string{"Nils", "Ida"}}
		d.Appeal.SV = "så här"
	}
	w.do(RoleDecider, w.decide(bound))
	w.refused(RoleOrderer, AcknowledgeForbehall{Person: "Nils"}, "order.not_bound", 0)
	for _, st := range way[7:13] { // on to the release
		w.do(st.role, st.cmd(w))
	}
	let := Release{Manifest: hash("manifest")}
	w.refused(RoleReleaser, let, "gate.forbehall", 7)
	w.do(RoleOrderer, AcknowledgeForbehall{Person: "Nils"})
	w.refused(RoleOrderer, AcknowledgeForbehall{Person: "Nils"}, "order.bound_twice", 0)
	w.refused(RoleOrderer, AcknowledgeForbehall{Person: "Eva"}, "order.not_bound", 0)
	w.refused(RoleReleaser, let, "gate.forbehall", 7)
	w.do(RoleRepresentative, AcknowledgeForbehall{Person: "Ida"})
	w.do(RoleReleaser, let)
}

// TestPromise08OneDecisionOneDisclosure.
func TestPromise08OneDecisionOneDisclosure(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "record_review")
	w.refused(RoleDecider, w.decide(nil), "gate.reviewed", 8)
	for i := range ReviewQuestions {
		r := fullReview()
		r.Findings[i].Assessment = ""
		w.refused(RoleReviewer, r, "order.review_unanswered", 8)
	}
	for _, st := range way[7:] {
		w := at(t, research(), st.name)
		if w.s.Purged {
			break
		}
		w.refused(RoleDecider, w.decide(nil), "order.decided_twice", 8)
	}
}

// TestPromise09KeyPolicy: a key is kept, or an earlier one used again, only
// with the approval's support, until a date, and by the same project.
func TestPromise09KeyPolicy(t *testing.T) {
	t.Parallel()
	app := research()
	app.Ethics.Coverage = append(app.Ethics.Coverage, intake.Coverage{Item: intake.CoverKeptKey, Met: true})
	app.Delivery.KeepKeyUntil, app.Project.Earlier = "2031-01-01", "FK-2025-00007"
	for _, tt := range []struct {
		name string
		i    plan.IdentityBound
		code string
	}{
		{"kept", plan.IdentityBound{KeyPolicy: KeyKeptUntil, KeepUntil: "2031-01-01", EthicsRef: "1"}, ""},
		{"the earlier one", plan.IdentityBound{KeyPolicy: KeyKeptUntil, KeepUntil: "2031-01-01", EthicsRef: "1", Project: "FK-2025-00007"}, ""},
		{"somebody else's", plan.IdentityBound{KeyPolicy: KeyKeptUntil, KeepUntil: "2031-01-01", EthicsRef: "1", Project: "FK-2025-00008"}, "order.key_project"},
		{"no approval named", plan.IdentityBound{KeyPolicy: KeyKeptUntil, KeepUntil: "2031-01-01"}, "order.key_unsupported"},
		{"until yesterday", plan.IdentityBound{KeyPolicy: KeyKeptUntil, KeepUntil: "2026-01-01", EthicsRef: "1"}, "order.key_unsupported"},
		{"destroyed", plan.IdentityBound{KeyPolicy: KeyDeleted}, ""},
	} {
		w := at(t, app, "decide")
		c := w.decide(func(d *Decision) {
			d.Scope.Identity = tt.i
			d.Scope.Identity.Kind = plan.IdentitySerial
		})
		if tt.code == "" {
			w.do(RoleDecider, c)
		} else {
			w.refused(RoleDecider, c, tt.code, 9)
		}
	}
}

// TestPromise10SendAgainAndPurge: until the purge date the parcel can be sent
// again; on it, it goes, by a rule that names its authority; once.
func TestPromise10SendAgainAndPurge(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "confirm_receipt")
	due := w.s.Delivery.PurgeOn
	if want := w.today.AddMonths(6); due != want {
		t.Errorf("purge date %s, want %s", due, want)
	}
	w.today = due - 1
	w.refused(RoleClock, OrderPurge{}, "order.purge_early", 10)
	w.refused(RoleRegistrar, OrderPurge{}, "order.purge_early", 10)
	w.do(RoleOrderer, SendAgain{Reason: "sista dagen"})
	if e := w.log[len(w.log)-1].Event.(*SentAgain); e.SHA256 != w.s.Delivery.SHA256 {
		t.Error("another parcel was sent")
	}
	w.today = due
	w.refused(RoleOrderer, SendAgain{}, "order.purge_due", 10)
	w.authority.PurgeRule = ""
	w.refused(RoleClock, OrderPurge{}, "order.no_purge_rule", 10)
	w.authority.PurgeRule = "gallringsbeslut 2026:1"
	w.do(RoleClock, OrderPurge{})
	if e := w.log[len(w.log)-1].Event.(*PurgeOrdered); e.Reason != "due" || e.Rule != "gallringsbeslut 2026:1" {
		t.Errorf("%+v", e)
	}
	n := len(w.log)
	w.do(RoleRegistrar, OrderPurge{}) // nothing happens twice
	w.refused(RoleOrderer, SendAgain{}, "order.purge_due", 10)
	w.do(RoleEngine, RecordPurge{Purged{Protocol: "p", Hash: hash("p"), Objects: 3}})
	w.do(RoleClock, OrderPurge{})
	if len(w.log) != n+1 || !w.s.Purged || w.s.Holds() {
		t.Errorf("%d events, purged %v", len(w.log)-n, w.s.Purged)
	}
	for _, st := range way {
		switch st.name {
		case "take_medium", "issue_invoice", "order_purge", "record_purge", "submit":
		default:
			w.refused(st.role, st.cmd(w), "order.purged", 10)
		}
	}
	w.do(RoleFinance, IssueInvoice{}) // what is owed is owed
}

// TestPromise10Months: 1–120 months after delivery, a day that is not there is
// the month's last.
func TestPromise10Months(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		delivered string
		months    int
		want      string
	}{
		{"2026-01-15", 6, "2026-07-15"},
		{"2026-08-31", 6, "2027-02-28"},
		{"2027-08-31", 6, "2028-02-29"},
		{"2026-12-31", 1, "2027-01-31"},
		{"2024-02-29", 120, "2034-02-28"},
	} {
		if got := PurgeDate(day.MustParse(tt.delivered), tt.months).String(); got != tt.want {
			t.Errorf("%s + %d months = %s, want %s", tt.delivered, tt.months, got, tt.want)
		}
	}
	first, last := InvoiceWindow(day.MustParse("2026-11-30"))
	if first.String() != "2026-12-30" || last.String() != "2027-02-28" || DeliverBy(day.MustParse("2027-01-31")).String() != "2027-02-28" {
		t.Errorf("invoice %s–%s", first, last)
	}
	for _, months := range []int{0, 121} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%d months do not panic", months)
				}
			}()
			PurgeDate(0, months)
		}()
	}
}

// TestPromise11Presumption: anyone may apply for statistics; without reasons
// against the presumption nothing is let out, and no fee needs a duty.
func TestPromise11Presumption(t *testing.T) {
	t.Parallel()
	app := statistics()
	app.Principal.Kind, app.Statistics = intake.PrincipalEquated, intake.Authority{}
	w := at(t, app, "decide")
	w.refused(RoleDecider, w.decide(nil), "order.presumption", 11)
	w.do(RoleDecider, w.decide(func(d *Decision) { d.Presumption = "det står klart att ingen lider men" }))

	free := research()
	free.Statistics.Duty = "påhittad" // no order for statistics
	w = newWorld(t, research()).until("draft_quote")
	w.refused(RoleHandler, DraftQuote{quote.Terms{Form: "fixed", Hours: hoursOf("review", 100), VAT: quote.VATOutside, NoFee: &quote.NoFee{Ground: "x"}}}, "order.no_fee_ground", 11)
	if err := noFee(&quote.NoFee{Ground: "x"}, free); promiseOf(err) != 11 {
		t.Errorf("research without fee: %v", err)
	}
	if err := noFee(&quote.NoFee{}, statistics()); promiseOf(err) != 11 {
		t.Errorf("no fee without ground: %v", err)
	}
}

// TestPromise13FourEyes: who extracted does not release, and only exactly what
// was reviewed is released.
func TestPromise13FourEyes(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "release")
	w.refusedBy(Actor{ID: w.s.ExtractedBy, Role: RoleReleaser}, Release{Manifest: hash("manifest")}, "order.four_eyes", 13)
	w.refused(RoleReleaser, Release{Manifest: hash("other")}, "order.other_manifest", 13)
	w.refused(RoleReleaser, Release{}, "order.other_manifest", 13)
	w.refused(RoleEngine, RecordDelivery{Manifest: hash("manifest")}, "gate.released_by_second_person", 13)
	w.do(RoleReleaser, Release{Manifest: hash("manifest")})
	w.refused(RoleEngine, RecordDelivery{Manifest: hash("other")}, "order.delivered_twice", 0)
}

// TestPromise16DraftAndQuote: no disclosing decision before an agreed draft,
// and none without exactly its quote.
func TestPromise16DraftAndQuote(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "draft_quote")
	w.refused(RoleDecider, w.decide(nil), "gate.draft_agreed", 16)
	w.do(RoleHandler, DraftQuote{w.terms()})
	w.refused(RoleDecider, w.decide(nil), "gate.draft_agreed", 16)
	for name, do := range map[string]func(*RecordDecision){
		"order.decision_without_quote": func(c *RecordDecision) { c.Quote = nil },
		"order.quote_mismatch":         func(c *RecordDecision) { c.Quote.NetOre++ },
	} {
		w := at(t, research(), "decide")
		c := w.decide(nil)
		do(&c)
		w.refused(RoleDecider, c, name, 16)
	}
	rehash := func(c *RecordDecision) {
		h, err := c.Quote.Hash()
		if err != nil {
			t.Fatal(err)
		}
		c.Decision.Quote = h
	}
	for name, do := range map[string]func(*quote.Quote){
		"order.quote_mismatch: a draft":         func(q *quote.Quote) { q.Final = false },
		"order.quote_mismatch: another scope":   func(q *quote.Quote) { q.Scope = hash("s") },
		"order.quote_mismatch: another order":   func(q *quote.Quote) { q.Order = "FK-2026-00002" },
		"order.quote_reckoning: cheaper":        func(q *quote.Quote) { q.NetOre, q.GrossOre, q.VATOre = 0, 0, 0 },
		"order.quote_reckoning: cheaper hours":  func(q *quote.Quote) { q.Lines[0].Ore -= 100 },
		"order.quote_reckoning: another price":  func(q *quote.Quote) { q.HourOre = 100 },
		"order.quote_reckoning: another day":    func(q *quote.Quote) { q.Date-- },
		"order.quote_reckoning: VAT by decree":  func(q *quote.Quote) { q.VATOre = 1 },
		"order.quote_reckoning: unknown format": func(q *quote.Quote) { q.Quote = "sluss/quote/v0" },
	} {
		w := at(t, research(), "decide")
		c := w.decide(nil)
		do(c.Quote)
		rehash(&c)
		code, _, _ := strings.Cut(name, ":")
		w.refused(RoleDecider, c, code, 16)
	}
	w = at(t, research(), "decide")
	c := w.decide(nil)
	c.Quote.NoFee = &quote.NoFee{Ground: "vänskap"}
	rehash(&c)
	w.refused(RoleDecider, c, "order.no_fee_ground", 11)
	c = w.decide(func(d *Decision) {
		d.Scope.Rows[0] = plan.Row{Register: "midas_sjuk", Table: "midas_sjp", Outcome: plan.OutcomeRefuse, Ground: "g", Reason: catalog.Text{SV: "r"}}
		d.Appeal.SV = "så här"
	})
	c.Decision.Quote = hash("q")
	w.refused(RoleDecider, c, "order.refusal_quote", 16)
	w = at(t, research(), "dispatch_decision")
	w.s.Quote = nil
	if _, err := (DispatchDecision{}).Decide(w.s, w.context(actor(RoleHandler))); promiseOf(err) != 16 {
		t.Errorf("dispatched without quote: %v", err)
	}
}

// TestPromise12Coverage: a period that the register does not cover yet needs an
// exception with a reason, for that very table.
func TestPromise12Coverage(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "decide")
	reg, _ := catalog.Builtin().Table("midas_sjp")
	until, known := intake.OrderableUntil(reg, w.today)
	if !known {
		t.Fatal("the register has no coverage rule")
	}
	to := func(d day.Day, leave ...plan.CoverageLeave) func(*Decision) {
		return func(dec *Decision) { dec.Scope.Rows[0].Period.To, dec.Scope.Exceptions = d, leave }
	}
	w.refused(RoleDecider, w.decide(to(until+2)), "order.coverage", 12)
	w.refused(RoleDecider, w.decide(to(until+2, plan.CoverageLeave{Table: "midas_fp", Reason: "x"})), "order.coverage", 12)
	w.refused(RoleDecider, w.decide(to(until+2, plan.CoverageLeave{Table: "midas_sjp"})), "order.coverage", 12)
	w.do(RoleDecider, w.decide(to(until+2, plan.CoverageLeave{Table: "midas_sjp", Reason: "preliminära uppgifter räcker"})))
	w = at(t, research(), "decide")
	w.do(RoleDecider, w.decide(to(until+1))) // until itself is the last day

	// What has been measured takes the rule's place, and the refusal says so.
	measured := w.context(actor(RoleDecider))
	measured.Measured = intake.Measured{"midas_sjuk": {Until: until - 31, Seen: w.today - 3}}
	for last, want := range map[day.Day]bool{until + 1: false, until - 30: true} {
		d := Decision{Scope: plan.Scope{Rows: []plan.Row{{Table: "midas_sjp", Outcome: plan.OutcomeDisclose, Period: &plan.Period{From: until - 400, To: last}}}}}
		err := covered(d, w.s, measured)
		if (err == nil) != want || err != nil && !strings.Contains(err.Error(), "measured in the data of "+(w.today-3).String()) {
			t.Errorf("to %s: %v", last, err)
		}
	}
}
