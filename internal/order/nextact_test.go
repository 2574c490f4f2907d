package order

import (
	"testing"

	"sluss/internal/day"
	"sluss/internal/plan"
)

// TestNextAct: each thing that a date brings about, alone: the day that is told
// is the very day on which it first acts.
func TestNextAct(t *testing.T) {
	t.Parallel()
	const today = day.Day(20_000)
	a := newWorld(t, research()).authority
	kept := Decision{Scope: plan.Scope{Identity: plan.IdentityBound{KeyPolicy: KeyKeptUntil, KeepUntil: (today + 4000).String()}}}
	gives := Decision{Scope: plan.Scope{Expires: today + 77, Rows: []plan.Row{{Outcome: plan.OutcomeDisclose}}}}
	for what, x := range map[string]struct {
		s    State
		name string
	}{
		"a reminder":               {State{Supplements: []Supplement{{Due: today + 60}}}, "remind_supplement"},
		"a request that runs out":  {State{Supplements: []Supplement{{Due: today + 60, Reminded: true}}}, "time_out_supplement"},
		"a substitute":             {State{Assignments: []Assignment{{Role: RoleHandler, Until: today + 12}, {Role: RoleReviewer}}}, "unassign"},
		"a file sealed away":       {State{SealedAway: []SealedFile{{On: today - 2}, {On: today - 100, Gone: true}}}, "destroy_sealed"},
		"such a file, case over":   {State{SealedAway: []SealedFile{{On: today - 2}}, Ended: PhaseRefused}, "destroy_sealed"},
		"a decision that ends":     {State{Decision: &gives}, "expire"},
		"a kept key":               {State{Decision: &kept, Delivery: &Delivered{On: today - 20}, Purged: true}, "remind_key"},
		"a purge":                  {State{Delivery: &Delivered{On: today - 20, PurgeOn: today + 160}}, "order_purge"},
		"a purge that is overdue":  {State{Delivery: &Delivered{On: today - 200, PurgeOn: today - 10}}, "order_purge"},
		"an ended case that holds": {State{Ended: PhaseWithdrawn, TookIn: true}, "order_purge"},
	} {
		next, ok := NextAct(x.s, a, today)
		if !ok || next < today {
			t.Errorf("%s: %s, %t", what, next, ok)
			continue
		}
		acts := DueActs(x.s, a, next)
		if len(acts) != 1 || acts[0].Name() != x.name {
			t.Errorf("%s: on %s %v, want %s", what, next, acts, x.name)
		}
		if next > today && len(DueActs(x.s, a, next-1)) != 0 {
			t.Errorf("%s: it acts before %s", what, next)
		}
	}
	for what, s := range map[string]State{"nothing": {}, "a file destroyed": {SealedAway: []SealedFile{{On: today - 9, Gone: true}}}, "a purge under way": {Delivery: &Delivered{PurgeOn: today}, PurgeOpen: true}} {
		if next, ok := NextAct(s, a, today); ok {
			t.Errorf("%s: %s", what, next)
		}
	}
}
