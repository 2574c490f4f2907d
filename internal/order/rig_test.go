package order

import (
	"reflect"
	"testing"
	"time"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/swede"
)

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	Helper()
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// world is one order on its way in a test, with a clock that the test sets.
type world struct {
	t         tester
	app       intake.Application
	authority *Authority
	parent    *Parent // of the case that is submitted
	today     day.Day
	s         State
	log       []Entry
	// steady: nobody ends the case on the way (random runs only).
	steady bool
	// moved: the clock is moved while the case is open (random runs only), so that
	// a day that was foreseen may come earlier than it was.
	moved bool
}

var start = day.MustParse("2026-11-02")

func truth() *bool { b := true; return &b }

// research is a complete research application.
func research() intake.Application {
	return intake.Application{
		Purpose: intake.Research, Title: "Sjukfrånvaro", Sensitive: truth(),
		Principal: intake.Principal{Name: "Sjölunda universitet", OrgNo: "202100-5489", Kind: intake.PrincipalAuthority, Representative: intake.Person{Name: "R", Email: "r@x.example"}},
		Orderer:   intake.Person{Name: "E", Email: "e@x.example"},
		Project:   intake.Project{Questions: "Varför?", Start: start, End: start + 900, Deliveries: 1},
		Ethics: intake.Ethics{
			Approvals: []intake.Approval{{Kind: intake.ApprovalFirst, Number: "1", Decided: start - 90, Application: "ansokan", Decision: "beslut", Signed: true}},
			Coverage:  []intake.Coverage{{Item: intake.CoverPopulation, Met: true}, {Item: "benefit:SJP", Met: true}, {Item: intake.CoverDiagnosis, Met: true}},
		},
		Population: intake.Population{Source: "file", Holder: "SCB", Definition: "Alla", Size: 1000, Ready: &intake.Attestation{On: start - 9, By: "SCB"}},
		Data:       []intake.Wish{{Register: "midas_sjuk", Benefits: []string{"SJP"}, From: start - 2000, To: start - 400, Need: "Fall", Motive: "Frågan gäller fallens längd.", Table: "midas_sjp", Shape: catalog.ShapeSpell, Variables: []string{"from_datum", "tom_datum", "diagnos"}}},
		Delivery:   intake.Delivery{Formats: []string{"csv"}},
		Invoice:    intake.InvoiceTo{Reference: "SU-1"},
		Attachments: []intake.Attachment{
			{ID: "ansokan", Kind: intake.AttachEthicsApplication, Name: "Etikansökan"}, {ID: "beslut", Kind: intake.AttachEthicsDecision, Name: "Etikbeslut"},
		},
	}
}

// statistics is a complete statistics application with a duty to supply.
func statistics() intake.Application {
	a := research()
	a.Purpose, a.Sensitive, a.Ethics, a.Attachments = intake.Statistics, nil, intake.Ethics{}, nil
	a.Statistics = intake.Authority{Responsible: true, Secrecy: true, Delimited: true, Duty: "förordning (2001:100) 5 §"}
	return a
}

func newWorld(t tester, a intake.Application) *world {
	return &world{
		t: t, app: a, today: start, s: State{ID: "FK-2026-00001"},
		authority: &Authority{
			Prices:    quote.PriceList{{From: 0, HourOre: 85_000, Basis: "avgiftsförordningen 4 §"}},
			PurgeRule: "gallringsbeslut 2026:1", Calendar: swede.NewCalendar(), RetentionMonths: 6,
		},
	}
}

// actors are who acts in a role, unless a test says otherwise.
func actor(r Role) Actor { return Actor{ID: string(r) + ".1", Role: r} }

func (w *world) context(by Actor) Context {
	return Context{At: time.Unix(int64(w.today)*86400+8*3600, 0), By: by, Authority: w.authority, Catalogue: catalog.Builtin()}
}

// try gives a command and applies what it leads to. It checks on the way that
// events survive being stored, that applying them never changes an earlier
// state, and that the fold of the log is the state.
func (w *world) try(by Actor, cmd Command) error {
	w.t.Helper()
	events, err := Decide(w.s, cmd, w.context(by))
	if err != nil {
		if len(events) > 0 {
			w.t.Fatalf("%s: refused and yet %d events", cmd.Name(), len(events))
		}
		return err
	}
	for _, ev := range events {
		name, data, err := Encode(ev)
		if err != nil {
			w.t.Fatalf("%s: %v", cmd.Name(), err)
		}
		stored, err := Decode(name, data)
		if err != nil {
			w.t.Fatalf("%s: %v", cmd.Name(), err)
		}
		e := Entry{Version: w.s.Version + 1, At: w.context(by).At, By: by, Event: stored}
		before := canonical(w.t, w.s)
		next := Apply(w.s, e)
		if after := canonical(w.t, w.s); after != before {
			w.t.Fatalf("%s changes the earlier state:\n%s\n%s", name, before, after)
		}
		w.s, w.log = next, append(w.log, e)
	}
	if !w.moved {
		w.unforeseen()
	}
	if folded := Fold(w.s.ID, w.log); !reflect.DeepEqual(folded, w.s) {
		w.t.Fatalf("%s: the fold is another state:\n%+v\n%+v", cmd.Name(), folded, w.s)
	}
	return nil
}

// unforeseen checks that no date acts in the case before the day that is told:
// on the day before it, and on one of several days from now, another after each
// command.
func (w *world) unforeseen() {
	w.t.Helper()
	ahead := []day.Day{0, 1, 3, 8, 21, 45, 100, 200, 400, 800}
	next, ok := NextAct(w.s, w.authority, w.today)
	days := []day.Day{w.today + ahead[len(w.log)%len(ahead)]}
	if ok && next > w.today {
		days = append(days, next-1)
	}
	for _, d := range days {
		if acts := DueActs(w.s, w.authority, d); len(acts) > 0 && (!ok || next > d) {
			w.t.Fatalf("%s acts on %s, foreseen for %s (%t) on %s", acts[0].Name(), d, next, ok, w.today)
		}
	}
}

func canonical(t tester, v any) string {
	b, err := canon.JSON(v)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(b)
}

// do gives a command that must be carried out.
func (w *world) do(r Role, cmd Command) {
	w.t.Helper()
	if err := w.try(actor(r), cmd); err != nil {
		w.t.Fatalf("%s by %s in phase %s: %v", cmd.Name(), r, w.s.Phase(), err)
	}
}

// refused gives a command that must be refused by the rule, which must be
// named as one.
func (w *world) refused(r Role, cmd Command, code string, promise int) {
	w.t.Helper()
	w.refusedBy(actor(r), cmd, code, promise)
}

func (w *world) refusedBy(by Actor, cmd Command, code string, promise int) {
	w.t.Helper()
	n := len(w.log)
	err := w.try(by, cmd)
	f, ok := err.(*fault.Fault)
	if !ok || f.Code != code || f.Promise != promise || len(w.log) != n {
		w.t.Errorf("%s by %s: %v (promise %d), want %s (promise %d)", cmd.Name(), by.Role, err, promiseOf(err), code, promise)
		return
	}
	if f.SV == "" || f.EN == "" || f.Class == fault.Gate && (f.Rule == "" || f.Law == "") {
		w.t.Errorf("%s: the refusal says too little: %+v", cmd.Name(), f)
	}
}

func promiseOf(err error) int {
	if f, ok := err.(*fault.Fault); ok {
		return f.Promise
	}
	return -1
}

// letter is an application that came by post on the day.
func letter(on day.Day) *Arrival {
	return &Arrival{On: on, Channel: ChannelPost, Sender: "Sjölunda universitet", Name: "Beställning", Blob: "b/letter", SHA256: hash("letter")}
}

func hash(s string) canon.Hash { return canon.Sum([]byte(s)) }

// terms of the quotes.
func (w *world) terms() quote.Terms {
	t := quote.Terms{Form: quote.FormFixed, Hours: []quote.Hours{{Kind: quote.Review, Centis: 400}, {Kind: quote.Extraction, Centis: 1200}}, VAT: quote.VATStandard, VATReason: "tjänst", ValidTo: start + 200}
	if w.app.Statistics.Duty != "" {
		t.NoFee = &quote.NoFee{Ground: w.app.Statistics.Duty}
	}
	return t
}

// scope is what the decision lets out.
func (w *world) scope() plan.Scope {
	return plan.Scope{
		Scope: plan.ScopeVersion, Order: w.s.ID, Catalogue: plan.CatalogueRef(catalog.Builtin()),
		Recipient: plan.Recipient{Name: "Sjölunda universitet", OrgNo: "202100-5489", Key: "age1xyz", Signer: "aaaa"},
		Persons:   plan.Persons{Source: plan.SourceFile, Holder: "SCB", Max: 1000, ID: "personnummer", Protected: "exclude"},
		Identity:  plan.IdentityBound{Kind: plan.IdentitySerial, KeyPolicy: KeyDeleted},
		Rows: []plan.Row{{
			Register: "midas_sjuk", Table: "midas_sjp", Outcome: plan.OutcomeDisclose, Benefits: []string{"SJP"},
			Period: &plan.Period{From: start - 2000, To: start - 400}, Shape: catalog.ShapeSpell,
			Variables: []plan.VariableBound{{ID: "from_datum"}, {ID: "tom_datum"}, {ID: "diagnos", Level: "icd_3"}},
		}},
		Formats: []string{"csv"}, Deliveries: 1, Expires: start + 400,
	}
}

// decide makes the decision of today; change may alter it before its hashes
// are taken.
func (w *world) decide(change func(*Decision)) RecordDecision {
	w.t.Helper()
	d := Decision{
		Type: DecisionVersion, Order: w.s.ID, ID: w.s.ID + "-B1", Version: 1, Date: w.today, Decider: actor(RoleDecider).ID, Rapporteur: "reviewer.1",
		Principal: w.app.Principal.Name, Purpose: string(w.app.Purpose), Scope: w.scope(), Reasons: catalog.Text{SV: "skäl", EN: "reasons"},
		Provisions: []string{"OSL 24:8"}, RetentionMonths: 6,
	}
	if change != nil {
		change(&d)
	}
	var err error
	if d.ScopeHash, err = d.Scope.Hash(); err != nil {
		w.t.Fatalf("%v", err)
	}
	if !d.Scope.Discloses() {
		return RecordDecision{Decision: d, Note: "signed"}
	}
	q, err := quote.Make(w.s.ID, 2, w.today, w.authority.Prices, w.terms())
	if err != nil {
		w.t.Fatalf("%v", err)
	}
	q.Final, q.Scope = true, d.ScopeHash
	if d.Quote, err = q.Hash(); err != nil {
		w.t.Fatalf("%v", err)
	}
	return RecordDecision{Decision: d, Note: "signed", Quote: &q}
}

// specification fits the decision and the accepted population.
func (w *world) specification() plan.Spec {
	w.t.Helper()
	s := plan.Spec{
		Spec: plan.Version, Order: w.s.ID, Catalogue: plan.CatalogueRef(catalog.Builtin()), AsOf: plan.AsOf{Snapshot: "s1"},
		Identity: plan.Identity{Kind: plan.IdentitySerial},
		Extracts: []plan.Extract{{
			Name: "fall", Table: "midas_sjp", Shape: plan.Shape{Spell: &plan.SpellShape{MaxGapDays: 4}},
			Window:  plan.Window{From: plan.Bound{Date: start - 2000}, To: plan.Bound{Date: start - 400}},
			Where:   []plan.Filter{{Var: "delforman", Stage: plan.StageRow, In: []any{"SJP"}}},
			Columns: []plan.Column{{Name: "lopnr"}, {Name: "from_datum"}, {Name: "diagnos", Coarsen: &plan.Coarsen{To: "icd_3"}}},
			Output:  plan.Output{File: "fall", Format: "csv"},
		}},
	}
	s.Population.File = &plan.FilePopulation{ID: "personnummer"}
	if w.s.Decision != nil {
		ref, err := w.s.Decision.Ref()
		if err != nil {
			w.t.Fatalf("%v", err)
		}
		s.Decision, s.Identity.Kind = ref, w.s.Decision.Scope.Identity.Kind
	}
	if w.s.Population != nil {
		s.Population.File.Intake = w.s.Population.Intake
	}
	return s
}

// step is one act on the way from application to purge.
type step struct {
	name string
	role Role
	days int // after the step before
	cmd  func(*world) Command
}

// way is the whole way of an order.
var way = []step{
	{"submit", RoleOrderer, 0, func(w *world) Command { return Submit{Application: w.app, Parent: w.parent} }},
	{"acknowledge", RoleHandler, 1, func(*world) Command { return Acknowledge{} }},
	{"confirm_complete", RoleHandler, 2, func(*world) Command { return ConfirmComplete{} }},
	{"draft_quote", RoleHandler, 2, func(w *world) Command { return DraftQuote{Terms: w.terms()} }},
	{"agree_draft", RoleOrderer, 3, func(w *world) Command { return AgreeDraft{Hash: w.s.DraftHash} }},
	{"record_review", RoleReviewer, 3, func(*world) Command { return fullReview() }},
	{"decide", RoleDecider, 3, func(w *world) Command { return w.decide(nil) }},
	{"dispatch_decision", RoleHandler, 0, func(*world) Command { return DispatchDecision{} }},
	{"accept_quote", RoleRepresentative, 5, func(w *world) Command { return AcceptQuote{Hash: w.s.QuoteHash} }},
	{"take_medium", RoleSupplier, 5, func(*world) Command {
		return TakeMedium{Blob: "b/1", SHA256: hash("sealed"), Bytes: 9, Road: "upload"}
	}},
	{"record_population_check", RoleEngine, 0, func(w *world) Command {
		return RecordPopulationCheck{PopulationChecked{ID: w.s.Arrivals, Accepted: true, Intake: plan.Ref{ID: "pop-1", SHA256: hash("persons")}, Rows: 901, Persons: 900}}
	}},
	{"order_extraction", RoleStatistician, 2, func(w *world) Command { return OrderExtraction{Spec: w.specification(), Note: "signed"} }},
	{"record_extraction", RoleEngine, 0, func(w *world) Command { return RecordExtraction{w.extracted()} }},
	{"release", RoleReleaser, 1, func(w *world) Command { return Release{Manifest: hash("manifest"), Note: "signed"} }},
	{"record_delivery", RoleEngine, 0, func(*world) Command {
		return RecordDelivery{Manifest: hash("manifest"), Blob: "b/parcel", SHA256: hash("parcel"), Bytes: 99}
	}},
	{"confirm_receipt", RoleOrderer, 2, func(*world) Command { return ConfirmReceipt{Manifest: hash("manifest")} }},
	{"send_again", RoleOrderer, 20, func(*world) Command { return SendAgain{Reason: "skadad fil"} }},
	{"issue_invoice", RoleFinance, 20, func(*world) Command { return IssueInvoice{} }},
	{"order_purge", RoleClock, 200, func(*world) Command { return OrderPurge{} }},
	{"record_purge", RoleEngine, 0, func(*world) Command {
		return RecordPurge{Purged{Protocol: "signed", Hash: hash("protocol"), Objects: 4}}
	}},
}

func (w *world) extracted() Extracted {
	return Extracted{
		Spec: w.s.SpecHash, Manifest: hash("manifest"), Files: []FileSummary{{Name: "fall.csv", Rows: 10, Persons: 9, Bytes: 99, SHA256: hash("file")}},
		Egress: []CheckResult{{Check: "headers", OK: true}, {Check: "dates", OK: true}}, Counts: []CountLine{{"not_found", 3}},
	}
}

func fullReview() RecordReview {
	var r RecordReview
	for _, q := range ReviewQuestions {
		r.Findings = append(r.Findings, ReviewFinding{Question: q, Assessment: "ja", Holds: true})
	}
	return r
}

// skip are the steps that an order of this kind does not have.
func (w *world) skips(name string) bool {
	noFee := w.app.Statistics.Duty != ""
	return noFee && (name == "accept_quote" || name == "issue_invoice")
}

// until takes the way up to, not including, the step.
func (w *world) until(name string) *world {
	w.t.Helper()
	for _, st := range way {
		if st.name == name {
			return w
		}
		if w.skips(st.name) {
			continue
		}
		w.today += day.Day(st.days)
		w.do(st.role, st.cmd(w))
	}
	if name != "the end" {
		w.t.Fatalf("no step %s", name)
	}
	return w
}

// at returns a new order just before the step.
func at(t *testing.T, a intake.Application, name string) *world {
	t.Helper()
	return newWorld(t, a).until(name)
}

func hoursOf(kind string, centis int64) []quote.Hours {
	return []quote.Hours{{Kind: kind, Centis: centis}}
}
