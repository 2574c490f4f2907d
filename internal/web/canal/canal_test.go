package canal

import (
	"strings"
	"testing"

	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
)

// line writes a canal in one word a basin: o open, n next, s shut, f free; B
// where the boat is.
func line(c Canal) string {
	var b strings.Builder
	for _, x := range c.Basins {
		if x.Here {
			b.WriteString("B")
		}
		b.WriteString(string(x.Gate.State)[:1])
	}
	return b.String()
}

func decision(source string) *order.Decision {
	return &order.Decision{Scope: plan.Scope{Persons: plan.Persons{Source: source}, Rows: []plan.Row{{Outcome: plan.OutcomeDisclose}}}}
}

// TestCanal reads the drawing of states along the way.
func TestCanal(t *testing.T) {
	t.Parallel()
	agreed := order.State{Submitted: true, Complete: true, AgreedDraft: "h", DraftHash: "h"}
	decided := agreed
	decided.Reviewed, decided.Decision, decided.Quote = true, decision("file"), &quote.Quote{NetOre: 1}
	sent := decided
	sent.Dispatched, sent.Announced = true, true
	accepted := sent
	accepted.Accepted = true
	criteria := accepted
	criteria.Decision = decision("criteria")
	extracted := accepted
	extracted.Population = &order.PopulationState{Checked: true, Accepted: true}
	extracted.Extracted = &order.Extracted{Egress: []order.CheckResult{{OK: true}}}
	released := extracted
	released.Released = true
	delivered := released
	delivered.Delivery = &order.Delivered{}
	purged := delivered
	purged.Purged = true
	withdrawn := agreed
	withdrawn.Ended = order.PhaseWithdrawn
	early := order.State{Submitted: true, AgreedDraft: "h", DraftHash: "h"} // research: the draft first
	for _, tt := range []struct {
		name  string
		s     order.State
		role  order.Role
		want  string
		boats int
	}{
		{"nothing yet", order.State{}, order.RoleOrderer, "Bnsssssss", 1},
		{"draft agreed before complete", early, order.RoleHandler, "Bnosssssss"[:9] + "", 1},
		{"agreed", agreed, order.RoleHandler, "ooBnsssss", 1},
		{"decided, inside", decided, order.RoleHandler, "oooBnssss", 1},
		{"decided, outside", decided, order.RoleOrderer, "ooBnsssss", 1},
		{"sent", sent, order.RoleOrderer, "oooBnssss", 1},
		{"accepted", accepted, order.RoleOrderer, "ooooBnsss", 1},
		{"no file is due", criteria, order.RoleOrderer, "oooofBnss", 1},
		{"extracted", extracted, order.RoleHandler, "oooooBnss", 1},
		{"released", released, order.RoleHandler, "ooooooBns", 1},
		{"delivered", delivered, order.RoleOrderer, "oooooooBn", 1},
		{"purged", purged, order.RoleOrderer, "oooooooBo", 1},
		{"withdrawn", withdrawn, order.RoleOrderer, "ooBssssss", 1},
	} {
		c := Of(tt.s, tt.role, false)
		if got := line(c); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		if strings.Count(line(c), "B") != tt.boats || len(c.Basins) != 8 {
			t.Errorf("%s: %s", tt.name, line(c))
		}
		for _, b := range c.Basins {
			if b.Gate.Basis == "" || b.Gate.Opens == "" || b.Gate.Name.SV == "" || b.Gate.Name.EN == "" || b.Name.EN == "" {
				t.Errorf("%s: a gate says too little: %+v", tt.name, b)
			}
			if b.Water == Full && b.Gate.State == Shut {
				t.Errorf("%s: full water before a shut gate", tt.name)
			}
		}
	}
}

// TestDraw: basins lie side by side, water stays within them, the boat floats.
func TestDraw(t *testing.T) {
	t.Parallel()
	d := Of(order.State{Submitted: true, Complete: true}, order.RoleOrderer, false).Draw("en", func(Basin) string { return "x" })
	for i, b := range d.Basins {
		if i > 0 && b.X != d.Basins[i-1].X+d.Basins[i-1].W {
			t.Errorf("basin %d begins at %d", i, b.X)
		}
		if b.WaterH > b.H || b.WaterY+b.WaterH != d.Ground || b.Y+b.H != d.Ground || b.GateX > d.Width {
			t.Errorf("basin %d: %+v", i, b)
		}
	}
	if d.Boat == nil || d.Boat.X != d.Basins[1].Middle || d.Boat.Y >= d.Ground {
		t.Errorf("boat %+v", d.Boat)
	}
	if l := (Canal{Basins: []Basin{{Gate: Gate{State: Open}}, {Gate: Gate{State: Free}}, {Gate: Gate{State: Shut}}}}).Label(); l.EN != "2 of 8 gates are open." {
		t.Errorf("%+v", l)
	}
}
