package catalog

import "testing"

// TestShapesWithin: a shape lies within itself and finer ones; months cannot be
// told from weeks, and beside them would tell of single days.
func TestShapesWithin(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		s, bound Shape
		want     bool
	}{
		{ShapePayment, ShapePayment, true},
		{ShapeSpell, ShapePayment, true},
		{ShapePayment, ShapeSpell, false},
		{ShapeLayout, ShapeSubspell, false}, // it has money and gaps
		{ShapeSubspell, ShapeLayout, true},
		{ShapeLayout, ShapePayment, true},
		{ShapeCorrection, ShapePayment, true},
		{ShapeCorrection, ShapeCorrection, true},
		{ShapeCorrection, ShapeLayout, false}, // days of reversals that no sub-spell tells of
		{ShapeCorrection, ShapeSpell, false},
		{ShapeSubspell, ShapeCorrection, false},
		{ShapePanelYear, ShapeCorrection, false},
		{ShapePayment, ShapeCorrection, false},
		{ShapeCorrection, ShapePanelWeek, false},
		{ShapePanelWeek, ShapePanelDay, true},
		{ShapePanelWeek, ShapeSpell, true},
		{ShapePanelWeek, ShapePanelWeek, true},
		{ShapePanelMonth, ShapePanelWeek, false},
		{ShapePanelQuarter, ShapePanelWeek, false},
		{ShapePanelYear, ShapePanelWeek, false},
		{ShapePanelWeek, ShapePanelMonth, false},
		{ShapePanelWeek, ShapePanelYear, false},
		{ShapePanelMonth, ShapePanelDay, true},
		{ShapePanelQuarter, ShapePanelMonth, true},
		{ShapePanelYear, ShapePanelQuarter, true},
		{ShapePanelMonth, ShapePanelQuarter, false},
		{"", ShapePayment, false},
		{ShapePayment, "", false},
		{"panel_hour", "panel_hour", false},
	} {
		if got := tt.s.Within(tt.bound); got != tt.want {
			t.Errorf("%s within %s: %v", tt.s, tt.bound, got)
		}
	}
}
