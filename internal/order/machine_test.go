package order

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/plan"
	"sluss/internal/swede"
)

// TestAnyCommandsKeepThePromises gives random commands, by random roles, on
// random days, right and wrong ones, and reads the log afterwards: whatever
// has happened, no promise is broken. `go test -rapid.checks=100000` makes it
// a long run.
func TestAnyCommandsKeepThePromises(t *testing.T) {
	t.Parallel()
	reached := map[Phase]int{}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt, anyApplication(rt))
		if rapid.IntRange(0, 9).Draw(rt, "no purge rule") == 0 {
			w.authority.PurgeRule = ""
		}
		for range rapid.IntRange(15, 70).Draw(rt, "commands") {
			w.today += day.Day(rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 9, 40}).Draw(rt, "days"))
			by, cmd := anyCommand(rt, w)
			if err := w.try(by, cmd); err != nil {
				if c := fault.ClassOf(err); c != fault.Gate && c != fault.Input {
					rt.Fatalf("%s: %v", cmd.Name(), err)
				}
			}
		}
		reached[w.s.Phase()]++
		keeps(rt, w)
	})
	for _, p := range []Phase{PhaseDelivered, PhaseRelease, PhaseDecided, PhaseWithdrawn, PhaseRefused, PhaseDismissed} {
		if reached[p] == 0 && !testing.Short() {
			t.Logf("no run ended in phase %s; reached %v", p, reached)
		}
	}
	if reached[PhaseDelivered]+reached[PhasePurge]+reached[PhaseClosed] == 0 {
		t.Errorf("no run came as far as a delivery: %v", reached)
	}
}

func anyApplication(rt *rapid.T) intake.Application {
	a := research()
	if rapid.IntRange(0, 3).Draw(rt, "purpose") == 0 {
		a = statistics()
		if rapid.Bool().Draw(rt, "fee") {
			a.Statistics.Duty = ""
		}
	}
	a.Principal.Kind = rapid.SampledFrom([]string{intake.PrincipalAuthority, intake.PrincipalAuthority, intake.PrincipalPrivate, intake.PrincipalEquated}).Draw(rt, "kind")
	for _, item := range []string{intake.CoverIdentified, intake.CoverKeptKey} {
		if rapid.Bool().Draw(rt, item) {
			a.Ethics.Coverage = append(a.Ethics.Coverage, intake.Coverage{Item: item, Met: true})
		}
	}
	if rapid.IntRange(0, 29).Draw(rt, "incomplete") == 0 {
		a.Title = ""
	}
	return a
}

// anyCommand is mostly the next step of the way, so that runs come far, and
// otherwise anything at all.
func anyCommand(rt *rapid.T, w *world) (Actor, Command) {
	steps := way
	if rapid.IntRange(0, 9).Draw(rt, "straight on") < 8 {
		steps = way[nextStep(w.s):min(nextStep(w.s)+1, len(way))]
		if nextStep(w.s) >= len(way) {
			steps = way
		}
	}
	st := rapid.SampledFrom(steps).Draw(rt, "step")
	if st.days > 15 {
		w.today += day.Day(st.days) // else the waiting times are never waited out
	}
	cmd := st.cmd(w)
	role := st.role
	if w.s.OpenSupplement() != nil && rapid.Bool().Draw(rt, "answered") {
		cmd = AnswerSupplement{Application: w.s.Application}
		role = RoleOrderer
	}
	switch rapid.IntRange(0, 17).Draw(rt, "instead") {
	case 0:
		cmd, role = detour(rt, w), ""
	case 1:
		cmd = w.decide(anyDecision(rt))
		role = RoleDecider
	}
	if role == "" {
		role = cmd.Roles()[0]
	}
	if _, ok := cmd.(RecordDecision); ok {
		cmd = w.decide(anyDecision(rt))
	}
	by := actor(role)
	switch rapid.IntRange(0, 19).Draw(rt, "somebody else") {
	case 0:
		by = actor(rapid.SampledFrom([]Role{RoleOrderer, RoleHandler, RoleEngine, RoleReleaser, RoleClock}).Draw(rt, "role"))
	case 1:
		by.ID = "statistician.1" // in another role
	}
	return by, cmd
}

// nextStep is where on the way an order is.
func nextStep(s State) int {
	done := []bool{
		s.Submitted, s.Acknowledged, s.Complete, s.Draft != nil && (s.DraftOpen || s.AgreedDraft != ""), s.AgreedDraft != "", s.Reviewed, s.Decision != nil, s.Dispatched,
		s.Accepted || s.Quote != nil && s.Quote.NoFee != nil, s.Population != nil && (!s.Population.Checked || s.Population.Accepted), s.Population != nil && s.Population.Accepted,
		s.Running || s.Extracted != nil, s.Extracted != nil, s.Released, s.Delivery != nil, s.Receipt, false, s.Invoice != nil, s.PurgeOpen || s.Purged, s.Purged,
	}
	done[16] = s.Invoice != nil // sending again is no step that must be taken
	return max(0, slices.Index(done, false))
}

func detour(rt *rapid.T, w *world) Command {
	changed := w.app
	changed.Data = slices.Clone(changed.Data)
	changed.Data[0].To += day.Day(rapid.IntRange(0, 1).Draw(rt, "changed"))
	changed.Title = "Ny titel"
	spec := w.specification()
	switch rapid.IntRange(0, 3).Draw(rt, "spec") {
	case 0:
		spec.Extracts[0].Columns[2].Coarsen = nil
	case 1:
		spec.Extracts[0].Window.From.Date -= 400
	case 2:
		spec.Identity.Kind = plan.IdentityPersonalNumber
	}
	failed := w.extracted()
	failed.Egress = []CheckResult{{Check: "dates"}}
	return rapid.SampledFrom([]Command{
		RequestSupplement{Parts: []string{"data", "title"}, Text: "x", DueDays: 3},
		AnswerSupplement{Application: changed},
		AnswerSupplement{Application: w.app},
		DraftQuote{Terms: w.terms()},
		ReturnDraft{Text: "x"},
		Withdraw{},
		Dismiss{Ground: "g", Reason: "r"},
		TakeMedium{Road: "post"},
		TakeMedium{Blob: "b/9", SHA256: hash("9"), Road: "upload"},
		SettleMedium{ID: 1, How: "returned"},
		RecordPopulationCheck{PopulationChecked{ID: w.s.Arrivals}},
		RecordPopulationCheck{PopulationChecked{ID: w.s.Arrivals, Accepted: true, Persons: 5000, Intake: plan.Ref{SHA256: hash("x")}}},
		OrderExtraction{Spec: spec, Note: "x"},
		RecordExtraction{failed},
		RecordFailure{ExtractionFailed{Spec: w.s.SpecHash}},
		Release{Manifest: hash("other")},
		RecordDelivery{Manifest: hash("other")},
		SendAgain{},
		OrderPurge{},
		RecordPurge{},
		AcknowledgeForbehall{Person: "Nils"},
		AcknowledgeForbehall{Person: "Ida"},
		AgreeDraft{Hash: hash("x")},
		AcceptQuote{Hash: w.s.QuoteHash},
	}).Draw(rt, "detour")
}

func anyDecision(rt *rapid.T) func(*Decision) {
	dice := func(label string, one int) bool { return rapid.IntRange(1, one).Draw(rt, label) == 1 }
	identified, kept, refused, bound, short := dice("numbers", 4), dice("kept", 4), dice("refused", 6), dice("bound", 2), dice("short", 6)
	criteria, free := dice("criteria", 8), dice("presumption", 2)
	return func(d *Decision) {
		if identified {
			d.Scope.Identity.Kind = plan.IdentityPersonalNumber
		}
		if kept {
			d.Scope.Identity.KeyPolicy, d.Scope.Identity.KeepUntil, d.Scope.Identity.EthicsRef = KeyKeptUntil, "2040-01-01", "1"
		}
		if bound {
			d.Forbehall, d.Appeal.SV = &Forbehall{catalog.Text{SV: "x"}, []string{"Nils"}}, "så här"
		}
		if short {
			d.Scope.Expires, d.RetentionMonths = d.Date+5, 1
		}
		if criteria {
			d.Scope.Persons = plan.Persons{Source: plan.SourceCriteria, Max: 9, Criteria: &plan.Criteria{Any: []plan.Criterion{{Table: "midas_sjp", Period: plan.Window{From: plan.Bound{Date: 9000}, To: plan.Bound{Date: 9100}}}}}}
		}
		if free {
			d.Presumption = "x"
		}
		if refused {
			d.Scope.Rows[0] = plan.Row{Register: "midas_sjuk", Table: "midas_sjp", Outcome: plan.OutcomeRefuse, Ground: "g", Reason: catalog.Text{SV: "r"}}
			d.Appeal.SV = "så här"
		}
	}
}

// keeps reads the log as an outsider would, event by event, with no help from
// the fold.
func keeps(t tester, w *world) {
	t.Helper()
	var (
		app                           intake.Application
		decision                      *Decision
		dispatched, accepted, counted bool
		reviewed, agreed, drafted     int // place of the event
		population                    *PopulationChecked
		ordered                       *ExtractionOrdered
		orderedBy, ended              string
		extracted                     *Extracted
		released                      *Released
		delivered                     *Delivered
		purging, purged               bool
		bound                         = map[string]bool{}
		changedAt                     int
	)
	broken := func(promise int, what string) { t.Errorf("promise %d is broken: %s", promise, what) }
	for i, e := range w.log {
		on := swede.CivilDay(e.At)
		if e.Version != i+1 {
			t.Errorf("version %d at place %d", e.Version, i+1)
		}
		if ended != "" || purged {
			switch e.Event.(type) {
			case *PurgeOrdered, *Purged, *MediumEarly, *MediumSettled, *Invoiced:
			default:
				t.Errorf("%s after the end", e.Event.Type())
			}
		}
		discloses := decision != nil && decision.Scope.Discloses()
		switch ev := e.Event.(type) {
		case *Submitted:
			app = ev.Application
		case *Supplemented:
			if ev.Application.Data[0].To != app.Data[0].To {
				changedAt = i
			}
			app = ev.Application
		case *QuoteDrafted:
			drafted = i
		case *DraftAgreed:
			agreed = i
		case *Reviewed:
			reviewed = i
		case *Decided:
			if decision != nil {
				broken(8, "two decisions")
			}
			decision = &ev.Decision
			if !decision.Scope.Discloses() {
				break
			}
			if agreed == 0 || agreed < drafted || agreed < changedAt {
				broken(16, "a disclosing decision without an agreed draft")
			}
			if h, _ := ev.Quote.Hash(); h != decision.Quote || ev.Quote.Scope != decision.ScopeHash {
				broken(16, "a disclosing decision without its quote")
			}
			if reviewed == 0 || reviewed < changedAt {
				broken(8, "a disclosing decision without its own review")
			}
			if ps := intake.Problems(app, on, catalog.Builtin()); len(ps) > 0 {
				broken(5, "a disclosing decision on an incomplete order: "+ps[0].Rule)
			}
			if decision.Scope.Identity.Kind == plan.IdentityPersonalNumber && app.Purpose == intake.Research && !app.Covered(intake.CoverIdentified) {
				broken(4, "numbers without the approval")
			}
			if app.Principal.Kind == intake.PrincipalPrivate && decision.Forbehall == nil && decision.NoForbehall == "" {
				broken(7, "no restriction")
			}
			if decision.Scope.Identity.KeyPolicy == KeyKeptUntil && !app.Covered(intake.CoverKeptKey) {
				broken(9, "a kept key without approval")
			}
		case *DecisionDispatched:
			dispatched = true
			if !discloses {
				ended = "refused"
			}
		case *QuoteAccepted:
			accepted = true
		case *ForbehallAcknowledged:
			bound[ev.Name] = true
		case *PopulationReceived:
			if !discloses || !dispatched {
				broken(1, "a population was taken in before a disclosing decision")
			}
			population = nil
		case *PopulationChecked:
			if ev.Accepted {
				population = ev
				if ev.Persons > decision.Scope.Persons.Max {
					broken(3, "more persons than decided")
				}
			}
		case *ExtractionOrdered:
			due := discloses && decision.Scope.Persons.Source == "file"
			if !discloses || !dispatched || !accepted && app.Statistics.Duty == "" || due && population == nil {
				broken(2, "an extraction before decision, quote and population")
			}
			facts := plan.Facts{Today: on}
			facts.Decision, _ = decision.Ref()
			if population != nil {
				facts.Intake, facts.Persons = population.Intake, population.Persons
			}
			if vs := plan.Within(ev.Spec, decision.Scope, facts, catalog.Builtin()); len(vs) > 0 {
				broken(3, "an extraction outside the decision: "+vs[0].Code)
			}
			ordered, orderedBy, extracted = ev, e.By.ID, nil
		case *Extracted:
			if ordered == nil || ev.Spec != ordered.Hash {
				broken(3, "something else was extracted")
			}
			extracted = ev
		case *ExtractionFailed:
			extracted = nil
		case *Released:
			switch {
			case extracted == nil || ev.Manifest != extracted.Manifest || released != nil:
				broken(13, "something else was released")
			case e.By.ID == orderedBy:
				broken(13, "released by who ran it")
			case slices.ContainsFunc(extracted.Egress, func(c CheckResult) bool { return !c.OK }) || len(extracted.Egress) == 0:
				broken(3, "released without its check")
			}
			if decision.Forbehall != nil {
				for _, n := range decision.Forbehall.Names {
					if !bound[n] {
						broken(7, "released before the restriction was acknowledged")
					}
				}
			}
			released = ev
		case *Delivered:
			if released == nil || ev.Manifest != released.Manifest || delivered != nil {
				broken(13, "delivered what was not released")
			}
			delivered = ev
		case *SentAgain:
			if delivered == nil || on >= delivered.PurgeOn || purging {
				broken(10, "sent again too late")
			}
		case *PurgeOrdered:
			if ev.Rule == "" || ended == "" && (delivered == nil || on < delivered.PurgeOn) || purging {
				broken(10, "a purge too early, without a rule, or twice")
			}
			purging = true
		case *Purged:
			if !purging || purged {
				broken(10, "purged without an order, or twice")
			}
			purged = true
		case *Dismissed:
			ended = "dismissed"
		case *Withdrawn:
			ended = "withdrawn"
			if released != nil {
				t.Errorf("withdrawn after the release")
			}
		case *Invoiced:
			if delivered == nil || on < delivered.BillFrom || counted {
				t.Errorf("invoiced too early or twice")
			}
			counted = true
		}
	}
}
