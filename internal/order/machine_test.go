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
)

// TestScenario36AnyCommandsKeepThePromises gives random commands, by random roles, on
// random days, right and wrong ones, and reads the log afterwards: whatever
// has happened, no promise is broken and the fold of the log is the state.
// `make soak` makes it a long run.
func TestScenario36AnyCommandsKeepThePromises(t *testing.T) {
	t.Parallel()
	reached, given, carried := map[Phase]int{}, 0, map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt, anyApplication(rt))
		if rapid.IntRange(0, 9).Draw(rt, "no purge rule") == 0 {
			w.authority.PurgeRule = ""
		}
		w.authority.Clearance = []string{"handler.1", "reviewer.1", "decider.1", "statistician.1", "releaser.1", "registrar.1", "finance.1"}
		if rapid.IntRange(0, 3).Draw(rt, "agreed suppliers") == 0 {
			scb(w)
		}
		if rapid.IntRange(0, 11).Draw(rt, "parent") == 0 {
			w.parent = &Parent{Case: "FK-2025-00001", Kind: rapid.SampledFrom(Kins).Draw(rt, "kin")}
		}
		// One run in four has nobody who ends it on the way, so that what happens
		// after a delivery is met in short runs too.
		w.steady = rapid.IntRange(0, 3).Draw(rt, "steady") == 0
		for range rapid.IntRange(15, 90).Draw(rt, "commands") {
			w.today += day.Day(rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 9, 40}).Draw(rt, "days"))
			given++
			if name, ok := anyAct(rt, w); ok {
				carried[name]++
			}
		}
		reached[w.s.Phase()]++
		keeps(rt, w)
	})
	t.Logf("%d commands; carried out: %v", given, carried)
	for _, c := range Commands {
		if opening := c.Name() == "enquire" || c.Name() == "close_enquiry"; carried[c.Name()] == 0 && !opening && given > 100_000 {
			t.Logf("never carried out: %s", c.Name())
		}
	}
	for _, p := range []Phase{PhaseDelivered, PhaseRelease, PhaseDecided, PhaseWithdrawn, PhaseRefused, PhaseDismissed} {
		if reached[p] == 0 && !testing.Short() {
			t.Logf("no run ended in phase %s; reached %v", p, reached)
		}
	}
	if reached[PhaseDelivered]+reached[PhasePurge]+reached[PhaseClosed] == 0 {
		t.Errorf("no run came as far as a delivery: %v", reached)
	}
}

// TestScenario36ClockMovedBetweenCommands is the same on a machine whose clock is
// set back and forth, by hours to years: dates come out wrong, as they must, but
// no promise is broken.
func TestScenario36ClockMovedBetweenCommands(t *testing.T) {
	t.Parallel()
	moves, ended := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt, anyApplication(rt))
		w.moved, w.steady = true, true
		for range rapid.IntRange(15, 90).Draw(rt, "commands") {
			d := rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9, -1, -9, -400, 400}).Draw(rt, "days")
			if w.today += day.Day(d); d < 0 {
				moves++
			}
			anyAct(rt, w)
		}
		if w.s.Delivery != nil {
			ended++
		}
		keeps(rt, w)
	})
	if moves == 0 || ended == 0 {
		t.Errorf("%d moves back, %d deliveries: the test does not reach what it is for", moves, ended)
	}
}

// anyAct gives a random command, and tells its name and whether it was carried
// out. What is refused is refused by a rule.
func anyAct(rt *rapid.T, w *world) (name string, done bool) {
	by, cmd := anyCommand(rt, w)
	err := w.try(by, cmd)
	if c := fault.ClassOf(err); err != nil && c != fault.Gate && c != fault.Input {
		rt.Fatalf("%s: %v", cmd.Name(), err)
	}
	return cmd.Name(), err == nil
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
	if rapid.IntRange(0, 19).Draw(rt, "straight on") < 18 {
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
	switch n := rapid.IntRange(0, 17).Draw(rt, "instead"); {
	case n == 0 && !w.steady:
		cmd, role = detour(rt, w), ""
	case n == 1 && !w.steady:
		cmd = w.decide(anyDecision(rt))
		role = RoleDecider
	case n == 2:
		cmd, role = aside(rt, w), ""
	}
	if role == "" {
		role = rapid.SampledFrom(cmd.Roles()).Draw(rt, "one of its roles")
	}
	if waiting := pending(rt, w); len(waiting) > 0 && rapid.IntRange(0, 2).Draw(rt, "go on with it") > 0 {
		next := rapid.SampledFrom(waiting).Draw(rt, "what waits")
		cmd, role = next.cmd, next.role
	}
	if _, ok := cmd.(RecordDecision); ok && !w.steady {
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
			d.Scope.Persons = plan.Persons{Source: plan.SourceCriteria, Max: 9, Criteria: &plan.Criteria{Ground: "114 kap. 12 §", Any: []plan.Criterion{{Table: "midas_sjp", Period: plan.Window{From: plan.Bound{Date: 9000}, To: plan.Bound{Date: 9100}}}}}}
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
