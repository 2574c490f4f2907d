package order

import (
	"slices"
	"testing"

	"sluss/internal/fault"
)

// TestAssuranceOfActs: what lets data out or destroys them needs a login that
// the counter is sure of; a signature of one's own counts without a login, and
// dates and the vault do not log in.
func TestAssuranceOfActs(t *testing.T) {
	t.Parallel()
	note := func(c Command) Command {
		switch c := c.(type) {
		case RecordDecision:
			c.Note = "signed"
			return c
		case Release:
			c.Note = "signed"
			return c
		case Redecide:
			c.Note = "signed"
			return c
		case OrderExtraction:
			c.Note = "signed"
			return c
		}
		return c
	}
	own := &Authority{MinAssurance: map[string]int{"order_purge": 2, "release": 4, "write_note": 1, "decide": 0}}
	for _, tt := range []struct {
		cmd       Command
		role      Role
		assurance int
		signed    bool
		authority *Authority
		refused   bool
	}{
		{RecordDecision{}, RoleDecider, 1, true, nil, true}, // a signature does not mend a poor login
		{RecordDecision{}, RoleDecider, 2, true, nil, true},
		{RecordDecision{}, RoleDecider, 3, true, nil, false},
		{RecordDecision{}, RoleDecider, 4, false, &Authority{}, false},
		{RecordDecision{}, RoleDecider, 0, true, nil, false}, // a program, or a file
		{RecordDecision{}, RoleDecider, 1, false, own, false},
		{Redecide{}, RoleDecider, 2, true, nil, true},
		{Release{}, RoleReleaser, 2, true, nil, true},
		{Release{}, RoleReleaser, 3, true, own, true},
		{Release{}, RoleReleaser, 4, true, own, false},
		{Release{}, RoleReleaser, 0, true, own, false},
		{Release{}, RoleReleaser, 0, false, own, true},
		{OrderExtraction{}, RoleStatistician, 1, true, nil, false},
		{OrderPurge{}, RoleRegistrar, 2, false, nil, true},
		{OrderPurge{}, RoleRegistrar, 3, false, nil, false},
		{OrderPurge{}, RoleRegistrar, 0, false, nil, false},
		{OrderPurge{}, RoleRegistrar, 0, false, own, true}, // the authority has said so
		{OrderPurge{}, RoleRegistrar, 2, false, own, false},
		{OrderPurge{}, RoleClock, 0, false, own, false},
		{WriteNote{}, RoleHandler, 1, false, nil, false},
		{WriteNote{}, RoleHandler, 0, false, own, true},
		{WriteNote{}, RoleEngine, 0, false, own, false},
	} {
		cmd := tt.cmd
		if tt.signed {
			cmd = note(cmd)
		}
		err := sure(cmd, Context{By: Actor{ID: "a", Role: tt.role, Assurance: tt.assurance}, Authority: tt.authority})
		f, _ := err.(*fault.Fault)
		if (err != nil) != tt.refused || err != nil && (f == nil || f.Code != "order.assurance" || f.Class != fault.Gate) {
			t.Errorf("%s by %s at level %d, signed %v: %v", cmd.Name(), tt.role, tt.assurance, tt.signed, err)
		}
	}
}

// TestAssuranceInDecide: the rule stands where no command passes it by, and
// every command of [LevelOfActs] is one.
func TestAssuranceInDecide(t *testing.T) {
	t.Parallel()
	for name := range LevelOfActs {
		i := slices.IndexFunc(Commands, func(c Command) bool { return c.Name() == name })
		if i < 0 {
			t.Errorf("there is no command %s", name)
			continue
		}
		role := Commands[i].Roles()[0]
		_, err := Decide(State{Submitted: true}, Commands[i], Context{By: Actor{ID: "a", Role: role, Assurance: 2}})
		if f, ok := err.(*fault.Fault); !ok || f.Code != "order.assurance" {
			t.Errorf("%s: %v", name, err)
		}
	}
	w := at(t, research(), "decide")
	by := actor(RoleDecider)
	by.Assurance = 3
	if err := w.try(by, w.decide(nil)); err != nil {
		t.Error(err)
	}
	if got := w.log[len(w.log)-1].By.Assurance; got != 3 {
		t.Errorf("the entry has level %d", got)
	}
}
