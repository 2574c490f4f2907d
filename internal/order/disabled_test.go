package order

import "testing"

// TestScenario18SwitchedOffCommands: a command that the authority has switched
// off is refused to that role in that phase, and to nobody else; a date acts
// all the same.
func TestScenario18SwitchedOffCommands(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "confirm_complete")
	w.authority.Disabled = []Disabled{{"write_note", RoleHandler, PhaseReceived}, {"log_hours", RoleReviewer, ""}, {"withdraw", "", PhaseReceived}, {"acknowledge", "", ""}}
	note := WriteNote{Text: "x"}
	w.refused(RoleHandler, note, "order.disabled", 0)
	w.do(RoleReviewer, note)
	for _, r := range []Role{RoleOrderer, RoleRepresentative} {
		w.refused(r, Withdraw{Reason: "r"}, "order.disabled", 0)
	}
	w.refused(RoleStatistician, Withdraw{Reason: "r"}, "access.denied", 0) // who may not at all learns no more
	if !w.authority.SwitchedOff("log_hours", RoleReviewer, PhaseDelivered) || w.authority.SwitchedOff("acknowledge", RoleClock, PhaseReceived) || (*Authority)(nil).SwitchedOff("acknowledge", RoleHandler, "") {
		t.Error("switched off for others, or not for who it is")
	}
	w.do(RoleHandler, ConfirmComplete{})
	w.do(RoleHandler, note) // the phase has passed
	w.do(RoleOrderer, Withdraw{Reason: "r"})
}
