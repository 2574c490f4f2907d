package order

import (
	"testing"

	"sluss/internal/canon"
	"sluss/internal/intake"
)

// lastOldDay is the last day on which the form without a number is taken in.
const lastOldDay = "2027-06-30"

// TestOldFormIsTakenInForAWhile: until its last day, and from then on the
// refusal says what to do; by mail and post as well.
func TestOldFormIsTakenInForAWhile(t *testing.T) {
	t.Parallel()
	app := statistics()
	app.Project.End = start + 2000
	w := newWorld(t, app)
	for w.today.String() != lastOldDay {
		w.today++
	}
	w.do(RoleOrderer, Submit{Application: app})
	w = newWorld(t, app)
	for w.today.String() != lastOldDay {
		w.today++
	}
	w.today++
	w.refused(RoleOrderer, Submit{Application: app}, "intake.old_form", 0)
	w.refused(RoleRegistrar, Submit{Application: app, OnBehalf: true, Arrival: letter(w.today)}, "intake.old_form", 0)
	app.Form, app.Data[0].Motive = intake.CurrentForm, "Tabellerna redovisar sjukfrånvaro."
	w.do(RoleOrderer, Submit{Application: app})
}

// TestOldCaseOnNewForm: a case on the old form is completed by it whenever that
// is, but what is asked for anew is asked on the new form. The other answers,
// and their hash, stay.
func TestOldCaseOnNewForm(t *testing.T) {
	t.Parallel()
	app := research()
	app.Data[0].Motive = ""
	w := newWorld(t, app)
	w.do(RoleOrderer, Submit{Application: app})
	w.today += 400 // the form is not taken in any more
	before := w.s.AppHash
	w.do(RoleHandler, RequestSupplement{Parts: []string{"data"}, Text: "Vilka år?", DueDays: 5})
	if w.s.AppHash != before || w.s.OpenSupplement().Form != intake.CurrentForm {
		t.Fatalf("asking changed the answers, or asks on form %d", w.s.OpenSupplement().Form)
	}
	answered := w.s.Application
	answered.Data = append([]intake.Wish(nil), answered.Data...)
	answered.Data[0].To--
	w.do(RoleOrderer, AnswerSupplement{Application: answered})
	w.refused(RoleHandler, ConfirmComplete{}, "intake.motive", 0)
	w.do(RoleHandler, RequestSupplement{Parts: []string{"data[0].motive"}, Text: "Varför?", DueDays: 5})
	answered.Data = append([]intake.Wish(nil), answered.Data...)
	answered.Data[0].Motive = "Frågan gäller fallens längd."
	w.do(RoleOrderer, AnswerSupplement{Application: answered})
	w.do(RoleHandler, ConfirmComplete{})
	if h, err := canon.Of(answered); err != nil || h != w.s.AppHash || w.s.Application.Form != 0 {
		t.Errorf("hash %v, form %d", err, w.s.Application.Form)
	}
	w = newWorld(t, app)
	w.do(RoleOrderer, Submit{Application: app})
	w.do(RoleHandler, ConfirmComplete{}) // nobody has asked anew
}

// TestManyOpenCasesOnNewForm: 3 000 cases that wait for a supplement when the
// form changes lose no answer, and may change no other than was asked for.
func TestManyOpenCasesOnNewForm(t *testing.T) {
	t.Parallel()
	parts := []string{"data[0].motive", "project.student_thesis", "sensitive_categories"}
	base := newWorld(t, research())
	give := func(s State, role Role, cmd Command) (State, error) {
		events, err := Decide(s, cmd, base.context(actor(role)))
		for _, ev := range events {
			s = Apply(s, Entry{Version: s.Version + 1, At: base.context(actor(role)).At, By: base.context(actor(role)).By, Event: ev})
		}
		return s, err
	}
	lost := 0
	for i := range 3000 {
		app := research()
		app.Data[0].Motive, app.Population.Size, app.Project.Deliveries = "", 1000+i, 1+i%3
		s, err := give(State{ID: "FK-2026-00001"}, RoleRegistrar, Submit{Application: app, OnBehalf: true, Arrival: letter(start)})
		if err == nil {
			s, err = give(s, RoleHandler, RequestSupplement{Parts: parts, Text: "Nya frågor", DueDays: 5})
		}
		if err != nil {
			t.Fatal(err)
		}
		answered := s.Application
		answered.Data = append([]intake.Wish(nil), answered.Data...)
		answered.Data[0].Motive, answered.Project.Thesis, answered.Categories = "m", new(bool), []string{intake.CategoryHealth}
		other := answered
		other.Population.Size++
		if _, err := give(s, RoleOrderer, AnswerSupplement{Application: other}); err == nil {
			t.Fatal("an answer that was not asked for is taken")
		}
		if s, err = give(s, RoleOrderer, AnswerSupplement{Application: answered}); err != nil {
			t.Fatal(err)
		}
		changed, err := intake.Changed(app, s.Application)
		if h, herr := canon.Of(s.Application); err != nil || herr != nil || h != s.AppHash {
			t.Fatalf("case %d: %v, %v", i, err, herr)
		}
		for _, f := range changed {
			if f != "data[0].motive" && f != "project.student_thesis" && f != "sensitive_categories[0]" {
				lost++
			}
		}
	}
	if lost > 0 {
		t.Errorf("%d answers are not what they were", lost)
	}
}
