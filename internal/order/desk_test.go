package order

import "testing"

// TestDesk: who may have a case, and who must not touch it.
func TestDesk(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "draft_quote")
	w.refused(RoleHandler, Assign{Role: RoleOrderer, To: "k", Why: "pulled"}, "order.assign", 0)
	w.refused(RoleHandler, Assign{Role: RoleHandler, To: "k"}, "order.assign", 0)
	w.do(RoleHandler, Assign{Role: RoleHandler, To: "kerstin", Why: "pulled: nearest date"})
	w.refused(RoleHandler, Assign{Role: RoleHandler, To: "kerstin", Why: "pulled"}, "order.assigned_twice", 0)
	w.do(RoleReviewer, Assign{Role: RoleReviewer, To: "petra", Why: "handed over"})
	if w.s.Has(RoleHandler) != "kerstin" || w.s.Has(RoleReviewer) != "petra" || w.s.Has(RoleDecider) != "" {
		t.Errorf("%+v", w.s.Assignments)
	}
	// A substitute has dates, and the case goes back when they are over.
	w.refused(RoleHandler, Assign{Role: RoleHandler, To: "sven", Why: "substitute", For: "kerstin"}, "order.substitute", 0)
	w.refused(RoleHandler, Assign{Role: RoleHandler, To: "sven", Why: "substitute", For: "sven", Until: w.today + 4}, "order.substitute", 0)
	w.refused(RoleHandler, Assign{Role: RoleHandler, To: "sven", Why: "substitute", For: "kerstin", Until: w.today - 1}, "order.substitute", 0)
	w.do(RoleHandler, Assign{Role: RoleHandler, To: "sven", Why: "substitute", For: "kerstin", Until: w.today + 4})
	if n := count(DueActs(w.s, w.authority, w.today+4), "unassign"); n != 0 {
		t.Errorf("taken back on the last day: %d", n)
	}
	if n := count(DueActs(w.s, w.authority, w.today+5), "unassign"); n != 1 {
		t.Errorf("not taken back: %d", n)
	}
	w.today += 5
	w.do(RoleClock, Unassign{Role: RoleHandler, Why: "substitute_ended"})
	w.refused(RoleHandler, Unassign{Role: RoleHandler, Why: "x"}, "order.not_assigned", 0)
}

func count(cmds []Command, name string) (n int) {
	for _, c := range cmds {
		if c.Name() == name {
			n++
		}
	}
	return n
}

// TestConflictOfInterest: jäv blocks for good, whatever the role, and takes
// the case away.
func TestConflictOfInterest(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "record_review")
	w.do(RoleHandler, Assign{Role: RoleReviewer, To: "petra", Why: "pulled"})
	w.refused(RoleReviewer, DeclareConflict{Person: "petra"}, "order.conflict", 0)
	w.do(RoleHandler, DeclareConflict{Person: "petra", Ground: "förvaltningslagen 16 § 1: närstående"})
	if w.s.Has(RoleReviewer) != "" {
		t.Error("still assigned")
	}
	w.refused(RoleHandler, DeclareConflict{Person: "petra", Ground: "x"}, "order.conflict_twice", 0)
	for _, r := range staffRoles {
		w.refusedBy(Actor{ID: "petra", Role: r}, WriteNote{Text: "x"}, "order.conflict_of_interest", 0)
	}
	w.refusedBy(Actor{ID: "petra", Role: RoleReviewer}, fullReview(), "order.conflict_of_interest", 0)
	w.refused(RoleHandler, Assign{Role: RoleReviewer, To: "petra", Why: "back"}, "order.conflict_of_interest", 0)
	w.do(RoleReviewer, fullReview())
}

// TestProtectedFailsClosed: once marked, nobody without clearance acts, and
// clearance is given by the authority alone.
func TestProtectedFailsClosed(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "record_review")
	w.authority.Clearance = []string{"reviewer.1", "decider.1"}
	w.do(RoleHandler, Assign{Role: RoleHandler, To: "handler.1", Why: "pulled"})
	w.do(RoleHandler, Assign{Role: RoleReviewer, To: "reviewer.1", Why: "pulled"})
	w.refused(RoleHandler, MarkProtected{}, "order.protected", 0)
	w.do(RoleHandler, MarkProtected{Ground: "sekretessmarkering"})
	if w.s.Has(RoleHandler) != "" || w.s.Has(RoleReviewer) != "reviewer.1" {
		t.Errorf("%+v", w.s.Assignments)
	}
	w.refused(RoleHandler, WriteNote{Text: "x"}, "order.clearance", 0)
	w.refused(RoleHandler, MarkProtected{Ground: "x"}, "order.clearance", 0)
	w.refused(RoleReviewer, Assign{Role: RoleHandler, To: "handler.1", Why: "x"}, "order.clearance", 0)
	w.do(RoleReviewer, fullReview())
	w.do(RoleOrderer, AskQuestion{Text: "När?"}) // those outside go on
	w.refused(RoleReviewer, MarkProtected{Ground: "x"}, "access.denied", 0)
}

// TestPromise13Desk: who has extracted cannot even be given the release.
func TestPromise13Desk(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "release")
	w.refused(RoleHandler, Assign{Role: RoleReleaser, To: "statistician.1", Why: "pulled"}, "order.four_eyes", 13)
	w.do(RoleHandler, Assign{Role: RoleReleaser, To: "ylva", Why: "pulled"})
}
