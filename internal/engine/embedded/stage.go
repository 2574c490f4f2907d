package embedded

import (
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/episode"
	"sluss/internal/plan"
)

// stageFilter is a filter on sub-spells or spells.
//
// Filters come before the window in the pipeline, but a filter also tells: a
// spell that is delivered because of a diagnosis before the window says that
// the diagnosis was there. Where history is masked, a filter therefore looks
// only at the days in the window, as the delivered columns do, and at all days
// of what lies wholly outside, which is never delivered itself but can join
// what is.
type stageFilter struct {
	stage string
	op    op
	col   *Column
	codes []bool
	test  *plan.Test
}

func (p *program) compileStage(e *plan.Extract, f plan.Filter, ps *pass, reg *catalog.Register) (stageFilter, error) {
	s := stageFilter{stage: f.Stage}
	v := ps.table.Variable(f.Var)
	bad := refuse(e, "stage_filter", "Filtret stöds inte i det steget.", "The filter is not supported at that stage.")
	if v == nil {
		return s, bad
	}
	switch {
	case v.Derive == "days":
		s.op = opDays
	case v.Derive == "gross_days":
		s.op = opGross
	case v.Derive != "" || v.Kind == catalog.KindPerson:
		return s, bad
	case v.Role == catalog.RoleFrom:
		s.op = opFrom
	case v.Role == catalog.RoleTom:
		s.op = opTom
	case v.Role == catalog.RoleExtent && f.Stage == plan.StageSubspell:
		s.op = opExtent
	case v.Role == "" || v.Role == catalog.RoleBenefit:
		s.op, s.col = opRows, ps.src.Columns[v.ID]
		if s.col == nil || v.Kind == catalog.KindDate {
			return s, bad
		}
	default:
		return s, bad
	}
	var err error
	if s.test, err = f.Compile(v.Kind); err != nil {
		return s, bad
	}
	if v.Kind == catalog.KindCode {
		s.codes = newRowTest(s.col, v, s.test).codes
	}
	return s, nil
}

func (s *stageFilter) keep(v int64) bool {
	switch {
	case v == null:
		return s.test.Null()
	case s.codes != nil:
		return s.codes[v]
	}
	return s.test.Number(v)
}

// visible returns the days that a filter may look at in a stretch.
func (w *worker) visible(days day.Span) day.Span {
	if w.stage.History == episode.Reveal {
		return days
	}
	if in := days.Intersect(day.Span{From: w.stage.From, To: w.stage.To}); !in.Empty() {
		return in
	}
	return days
}

// keepSubspell and keepSpell are called by the kernel while it builds.
func (w *worker) keepSubspell(_ *episode.Kernel, b *episode.Subspell) bool {
	part := []episode.Subspell{*b}
	days := w.visible(day.Span{From: b.From, To: b.To})
	for i := range w.ps.staged {
		if s := &w.ps.staged[i]; s.stage == plan.StageSubspell && !s.keep(w.stageValue(s, part, days, false)) {
			return false
		}
	}
	return true
}

func (w *worker) keepSpell(k *episode.Kernel, p *episode.Spell) bool {
	_, subs := k.Uncut()
	parts := subs[p.Sub0:p.Sub1]
	days := w.visible(day.Span{From: p.From, To: p.To})
	for i := range w.ps.staged {
		if s := &w.ps.staged[i]; s.stage == plan.StageSpell && !s.keep(w.stageValue(s, parts, days, p.Ongoing)) {
			return false
		}
	}
	return true
}

// stageValue is the value of a filter's variable on the days of parts within
// days.
func (w *worker) stageValue(s *stageFilter, parts []episode.Subspell, days day.Span, ongoing bool) int64 {
	var covered int64
	var shown day.Span
	for i := range parts {
		in := day.Span{From: parts[i].From, To: parts[i].To}.Intersect(days)
		if in.Empty() {
			continue
		}
		if covered == 0 {
			shown.From = in.From
		}
		shown.To = in.To
		covered += int64(in.To - in.From)
	}
	switch s.op {
	case opDays:
		return covered
	case opGross:
		return int64(shown.To - shown.From)
	case opFrom:
		return int64(shown.From)
	case opTom:
		return tom(shown.To, ongoing && shown.To == parts[len(parts)-1].To)
	case opExtent:
		return int64(parts[0].Extent)
	}
	return w.aggregate(&column{op: opRows, col: s.col}, parts, days)
}
