package showcase_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/showcase"
)

// seen is a case as a test looks at it.
type seen struct {
	order.State
	log    []order.Entry
	clocks []clock.Reading
	today  day.Day
}

// reads reports whether a clock stands so.
func (s seen) reads(id string, status clock.Status) bool {
	return slices.ContainsFunc(s.clocks, func(r clock.Reading) bool { return r.ID == id && r.Status == status })
}

// left are the days until a duty that runs is due; far when none does.
func (s seen) left() day.Day {
	next := day.Day(1 << 20)
	for _, r := range s.clocks {
		if r.Def.Kind == clock.Duty && (r.Status == clock.Running || r.Status == clock.Late && !r.HasDone) {
			next = min(next, r.Due-s.today)
		}
	}
	return next
}

func (s seen) has(event string) bool {
	return slices.ContainsFunc(s.log, func(e order.Entry) bool { return e.Event.Type() == event })
}

func (s seen) forbehall() (named, bound int) {
	if s.Decision == nil || s.Decision.Forbehall == nil {
		return 0, 0
	}
	return len(s.Decision.Forbehall.Names), len(s.Bound)
}

// situations say when the name of a situation is true of a case.
var situations = map[showcase.Situation]func(seen) bool{
	showcase.New: func(s seen) bool {
		return s.Phase() == order.PhaseReceived && !s.Acknowledged && s.left() >= 0 && s.Assignments == nil
	},
	showcase.Late: func(s seen) bool { return s.reads("acknowledge", clock.Late) && !s.Acknowledged && s.left() < 0 },
	showcase.Soon: func(s seen) bool { return s.left() >= 0 && s.left() <= 5 && s.Phase() == order.PhaseReceived },
	showcase.WaitingForOrderer: func(s seen) bool {
		return s.Phase() == order.PhaseSupplement && s.OpenSupplement().Due > s.today && len(s.Questions) == 1 && s.has("note_written")
	},
	showcase.TimedOut: func(s seen) bool {
		return s.Supplements[0].TimedOut && s.OpenSupplement() == nil && s.Supplements[0].Reminded
	},
	showcase.Foreign: func(s seen) bool {
		return s.Application.Principal.Country == "DK" && s.Phase() == order.PhaseSupplement && len(s.Documents) == 1
	},
	showcase.Conflict: func(s seen) bool {
		return s.Barred(showcase.Handler) && s.Has(order.RoleHandler) == showcase.OtherHandler && s.Phase() == order.PhaseComplete
	},
	showcase.Protected:     func(s seen) bool { return s.State.Protected && s.Phase() == order.PhaseComplete },
	showcase.Paused:        func(s seen) bool { return s.Phase() == order.PhaseDraft && s.reads("total", clock.Paused) },
	showcase.DraftReturned: func(s seen) bool { return s.Phase() == order.PhaseDraft && s.Draft.Version == 2 },
	showcase.DataProposed: func(s seen) bool {
		return s.Proposal != nil && s.DraftOpen && s.Application.Data[0].Table == "" && s.Proposal.Data[0].Table != ""
	},
	showcase.ToReview: func(s seen) bool {
		return s.Phase() == order.PhaseReview && s.Has(order.RoleReviewer) == showcase.Reviewer
	},
	showcase.EarlyPopulation: func(s seen) bool {
		return len(s.Early) == 1 && s.Early[0].How == "" && s.Decision == nil && s.Population == nil
	},
	showcase.ToDecide: func(s seen) bool {
		return s.Phase() == order.PhaseDecision && len(s.Worksheet) > 5 && s.Has(order.RoleDecider) == showcase.Decider
	},
	showcase.DrawnToDecide: func(s seen) bool {
		return s.Phase() == order.PhaseDecision && s.Application.Population.Source == "criteria" && s.Has(order.RoleDecider) == showcase.Decider
	},
	showcase.EmployersToDecide: func(s seen) bool {
		return s.Phase() == order.PhaseDecision && s.Application.Population.Organisations() && s.Has(order.RoleDecider) == showcase.Decider
	},
	showcase.RulingRequested: func(s seen) bool {
		return s.RulingDue > s.today && s.Phase() == order.PhaseDecision && s.reads("total", clock.Late) && s.DelayToldOn != 0
	},
	showcase.Child: func(s seen) bool {
		return s.Parent.Kind == order.KinAmendment && s.Application.Project.Earlier == s.Parent.Case
	},
	showcase.Extension:  func(s seen) bool { return s.Parent.Kind == order.KinExtension && s.Phase() == order.PhaseReceived },
	showcase.Renewal:    func(s seen) bool { return s.Parent.Kind == order.KinRenewal && s.DraftOpen && s.Draft.NetOre == 0 },
	showcase.ToDispatch: func(s seen) bool { return s.Phase() == order.PhaseDecided && !s.Dispatched },
	showcase.NotAccepted: func(s seen) bool {
		return s.Dispatched && !s.Accepted && s.left() >= 0 && s.left() <= 7 && s.Quote.ValidTo == s.today+6
	},
	showcase.PartlyRefused: func(s seen) bool { return s.Decision.Outcome() == plan.OutcomePartly },
	showcase.Appealed: func(s seen) bool {
		return len(s.Appeals) == 1 && s.Appeals[0].InTime && s.Appeals[0].Forwarded && !s.Appeals[0].Settled
	},
	showcase.Reopened: func(s seen) bool { return s.State.Reopened != "" && s.Phase() == order.PhaseReview },
	showcase.Reconsidered: func(s seen) bool {
		return len(s.Earlier) == 1 && s.Decision.Version == 2 && s.Phase() == order.PhaseDecided
	},
	showcase.PopulationCalled: func(s seen) bool {
		return s.Phase() == order.PhasePopulation && s.Population == nil && s.Call != nil && s.Call.Closes > s.today && s.Accepted
	},
	showcase.PopulationRejected: func(s seen) bool {
		return s.Phase() == order.PhasePopulation && s.Population.Checked && !s.Population.Accepted
	},
	showcase.PopulationWaiting: func(s seen) bool {
		return s.Phase() == order.PhasePopulation && !s.Population.Checked && s.Population.Blob == ""
	},
	showcase.ToExtract: func(s seen) bool {
		return s.Phase() == order.PhaseExtraction && s.Spec == nil && s.Population.Accepted && s.Has(order.RoleStatistician) == showcase.Statistician
	},
	showcase.Extracting: func(s seen) bool { return s.Running && s.Phase() == order.PhaseExtraction },
	showcase.ExtractionFailed: func(s seen) bool {
		return s.has("extraction_failed") && !s.Running && s.Phase() == order.PhaseExtraction
	},
	showcase.ChangeProposed: func(s seen) bool { return len(s.Changes) == 1 && !s.Changes[0].Answered && s.Changes[0].NetOre > 0 },
	showcase.ToRelease: func(s seen) bool {
		return s.Phase() == order.PhaseRelease && !s.Released && s.Has(order.RoleReleaser) == showcase.Releaser && len(s.Extracted.Files) == 1
	},
	showcase.ForbehallOpen: func(s seen) bool {
		named, bound := s.forbehall()
		return s.Phase() == order.PhaseRelease && named == 2 && bound == 1
	},
	showcase.ForbehallBound: func(s seen) bool {
		named, bound := s.forbehall()
		return s.Delivery != nil && named == 2 && bound == 2
	},
	showcase.ToReceive: func(s seen) bool { return s.Phase() == order.PhaseDelivered && !s.Receipt },
	showcase.ToInvoice: func(s seen) bool {
		return s.Invoice == nil && s.Delivery.BillFrom <= s.today && s.Delivery.BillTo > s.today && len(s.Hours) == 2
	},
	showcase.InvoiceIssued: func(s seen) bool {
		return s.Invoice != nil && s.Phase() == order.PhaseDelivered && len(s.Children) == 2
	},
	showcase.CreditIssued:  func(s seen) bool { return len(s.Credits) == 1 && s.Invoice == nil },
	showcase.FaultReported: func(s seen) bool { return len(s.Faults) == 1 && s.Faults[0].Outcome == "" && s.Faults[0].Within },
	showcase.Replaced:      func(s seen) bool { return s.Delivery.Replaces && !s.Replacing && s.Faults[0].Outcome == "replace" },
	showcase.Recalled:      func(s seen) bool { return s.OpenIncident() != nil && s.State.Recalled },
	showcase.ToPost:        func(s seen) bool { return s.AwaitsPosting() },
	showcase.OnItsWay:      func(s seen) bool { return s.StickUnderway() != nil },
	showcase.ToEnvironment: func(s seen) bool { return s.Environment != "" && s.Delivery != nil && !s.Receipt },
	showcase.KeyLost:       func(s seen) bool { return s.AwaitsReseal() && s.Delivery != nil },
	showcase.KeptKey: func(s seen) bool {
		return s.Decision.Scope.Identity.KeyPolicy == plan.KeyKeptUntil && s.KeyRemindedOn != 0 && s.Phase() == order.PhaseDelivered
	},
	showcase.LongerRetention: func(s seen) bool { return s.has("retention_extended") && s.Delivery.PurgeOn == s.today+240 },
	showcase.NoFee: func(s seen) bool {
		return s.Application.Purpose == intake.Statistics && s.Quote.NoFee != nil && s.Quote.NetOre == 0 && s.Purged && s.Invoice == nil
	},
	showcase.PurgeSoon: func(s seen) bool {
		return s.Delivery.PurgeOn > s.today && s.Delivery.PurgeOn <= s.today+9 && s.Invoice != nil
	},
	showcase.PurgeOrdered: func(s seen) bool { return s.PurgeOpen && !s.State.Purged && s.Delivery.PurgeOn == s.today },
	showcase.Purged:       func(s seen) bool { return s.State.Purged && s.Protocol != "" },
	showcase.InvoiceForgotten: func(s seen) bool {
		return s.Phase() == order.PhasePurge && s.State.Purged && s.reads("invoice", clock.Late)
	},
	showcase.Closed: func(s seen) bool { return s.Phase() == order.PhaseClosed && s.Invoice != nil },
	showcase.Refused: func(s seen) bool {
		return s.Phase() == order.PhaseRefused && s.Application.Purpose == intake.Research && s.Decision.Appeal.SV != ""
	},
	showcase.Presumed: func(s seen) bool {
		return s.Phase() == order.PhaseRefused && s.Application.Purpose == intake.Statistics && !s.Application.Privileged()
	},
	showcase.Dismissed: func(s seen) bool { return s.Phase() == order.PhaseDismissed && s.Application.Principal.Country == "NO" },
	showcase.Withdrawn: func(s seen) bool { return s.Phase() == order.PhaseWithdrawn },
	showcase.Expired:   func(s seen) bool { return s.Phase() == order.PhaseExpired && s.Accepted },
	showcase.Enquiry:   func(s seen) bool { return s.Phase() == order.PhaseEnquiry && !s.Questions[0].Answered },
	showcase.Answered: func(s seen) bool {
		return s.Phase() == order.PhaseAnswered && s.State.Enquiry && s.Questions[0].Answered
	},
	showcase.RetentionGranted: func(s seen) bool { return s.Phase() == order.PhaseAnswered && s.Granted == s.today+240 },
}

// besides are the situations that are no cases.
var besides = []showcase.Situation{
	showcase.DraftBegun, showcase.DraftShared, showcase.DraftComplete, showcase.DraftStatistics, showcase.LetterMatching, showcase.LetterNew,
}

// look reads a case as it stands on the day.
func (c *counter) look(t testing.TB, id string, on day.Day) seen {
	t.Helper()
	log, err := c.db.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	s := seen{State: order.Fold(id, log), log: log, today: on}
	s.clocks = order.Clocks(s.State, c.app.Authority, on)
	return s
}

// true sees that every situation is there and true of its case.
func (c *counter) isTrue(t *testing.T, shown showcase.Shown, on day.Day) {
	t.Helper()
	for name, is := range situations {
		id, ok := shown.Cases[name]
		if !ok {
			t.Errorf("%s: no case shows %s", on, name)
			continue
		}
		func() {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("%s: %s: %v", on, name, r)
				}
			}()
			if s := c.look(t, id, on); !is(s) {
				t.Errorf("%s: %s (%s, phase %s) does not show %s", on, id, s.Application.Title, s.Phase(), name)
			}
		}()
	}
	p := showcase.Persona{}
	for _, x := range showcase.Cast() {
		if x.ID == showcase.Registrar {
			p = x
		}
	}
	for _, name := range besides {
		id := shown.Cases[name]
		switch {
		case id == "":
			t.Errorf("%s: nothing shows %s", on, name)
		case strings.HasPrefix(string(name), "letter"):
			if l, _, err := c.app.LetterWith(t.Context(), p.Person(order.RoleRegistrar), id); err != nil || l.State != app.LetterWaiting {
				t.Errorf("%s: %s: %+v, %v", on, name, l, err)
			}
		default:
			if _, err := c.db.Draft(t.Context(), id); err != nil {
				t.Errorf("%s: %s: %v", on, name, err)
			}
		}
	}
	if len(shown.Cases) != len(situations)+len(besides) {
		t.Errorf("%d situations are shown, %d are looked at", len(shown.Cases), len(situations)+len(besides))
	}
}

// TestEverySituationIsNamed compares the constants with what the tests look at.
func TestEverySituationIsNamed(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "situations.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ast.Inspect(file, func(node ast.Node) bool {
		lit, ok := node.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		n++
		name, err := strconv.Unquote(lit.Value)
		if err != nil {
			t.Fatal(err)
		}
		if _, looked := situations[showcase.Situation(name)]; !looked && !slices.Contains(besides, showcase.Situation(name)) {
			t.Errorf("no test looks at %s", name)
		}
		return true
	})
	if n != len(situations)+len(besides) {
		t.Errorf("%d constants, %d tests", n, len(situations)+len(besides))
	}
}
