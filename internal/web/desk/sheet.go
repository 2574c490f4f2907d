package desk

import (
	"slices"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/review"
	"sluss/internal/web/page"
)

// sheetBody is the worksheet of the confidentiality review.
type sheetBody struct {
	page.Head
	F        *page.Form // nil when the visitor only reads
	Sections []section
	Rows     []row
	Similar  []earlier
	Last     *lastTime
	Returned string
	Tried    bool
	Ready    bool
	Reviewed string
}

// section is a heading of the worksheet with its questions.
type section struct {
	Name      string
	Questions []question
	Variables []question // of the minimisation, a row each
}

// question is a line of the worksheet with what is known.
type question struct {
	ID, Text, Law          string
	Facts                  []string
	Finding, Holds         *page.Field
	Treat, Level, From, To *page.Field
	Answer                 string // to who only reads
}

// row is a decision row that the answers lead to.
type row struct {
	Table, Outcome, Period, Reason string
	Variables, Dropped             []string
	Refused, Partly                bool
}

// earlier is a decision to compare with.
type earlier struct {
	Case, Date, Principal, Outcome, Reasons string
	Why                                     []string
}

// lastTime is what was decided in the project's earlier case.
type lastTime struct {
	Case, Title, Date, Reasons string
	Rows                       []row
}

// sheet is a worksheet being read or filled in.
type sheet struct {
	*sheetBody
	c       *page.Case
	asked   []review.Question
	subject review.Subject
}

// sheetOf is the worksheet of a case with its fields, empty or as answered.
func sheetOf(a *page.Ask) (*sheet, error) {
	c, err := a.Case(access.ViewReview)
	if err != nil {
		return nil, err
	}
	s := &sheet{sheetBody: &sheetBody{Head: headOf(a, c, "desk.sheet_lead")}, c: c, subject: c.State.Subject(a.Catalogue, nil)}
	if !c.State.Submitted {
		return nil, app.ErrNotFound
	}
	s.asked = review.Questions(s.subject, c.State.Wished(), a.Catalogue)
	if a.May(c, order.RecordReview{}) && slices.Contains([]order.Phase{order.PhaseReview, order.PhaseDecision}, c.State.Phase()) {
		s.F = a.Form("/cases/"+c.ID+"/worksheet", a.Word("desk.sheet_try"))
		s.F.Version = c.Version
	}
	if c.State.Reviewed {
		s.Reviewed = a.Name(c.State.ReviewedBy)
	}
	answers := c.State.Worksheet
	for _, name := range []string{review.Recipient, review.Coverage, review.Minimisation, review.Risk, review.Safeguards, review.Assessment} {
		part := section{Name: a.Word("desk.sheet_" + name)}
		for _, q := range s.asked {
			if q.Section != name {
				continue
			}
			x := s.question(a, q, answers)
			if name == review.Minimisation {
				part.Variables = append(part.Variables, x)
			} else {
				part.Questions = append(part.Questions, x)
			}
		}
		if len(part.Questions)+len(part.Variables) > 0 {
			s.Sections = append(s.Sections, part)
		}
	}
	for _, e := range c.Entries {
		switch ev := e.Event.(type) {
		case *order.ReviewReturned:
			s.Returned = ev.Text
		case *order.Reviewed:
			s.Returned = ""
		}
	}
	return s, s.before(a)
}

// question is a line with its fields.
func (s *sheet) question(a *page.Ask, q review.Question, answers []review.Answer) question {
	x := question{ID: q.ID, Text: q.Text.In(a.Lang), Law: q.Law}
	for _, f := range q.Facts {
		x.Facts = append(x.Facts, s.named(a, f.In(a.Lang)))
	}
	var old review.Answer
	if i := slices.IndexFunc(answers, func(r review.Answer) bool { return r.Question == q.ID }); i >= 0 {
		old = answers[i]
	}
	if s.F == nil {
		x.Answer = old.Finding
		if old.Treat != "" {
			x.Answer = strings.TrimSpace(a.Word("desk.o_treat_"+old.Treat) + " " + old.Level + ". " + old.Finding)
		}
		return x
	}
	x.Finding = &page.Field{ID: "finding-" + q.ID, Kind: page.Area, Rows: 3, Label: a.Word("desk.f_finding"), Value: old.Finding}
	add := []*page.Field{x.Finding}
	if q.Section == review.Minimisation {
		_, name, _ := strings.Cut(q.ID, ":")
		x.Text = s.variable(a, name)
		x.Finding.Kind, x.Finding.Bare = page.Text, true
		x.Treat = &page.Field{ID: "treat-" + q.ID, Kind: page.Select, Label: a.Word("desk.f_treat") + ": " + x.Text, Options: options(a, "treat", review.Keep, review.Coarsen, review.Shorten, review.Drop), Bare: true}
		x.Treat.With(orKeep(old.Treat))
		x.Finding.Label += ": " + x.Text
		add = append(add, x.Treat)
		if levels := s.levels(a, name); len(levels) > 0 {
			x.Level = &page.Field{ID: "level-" + q.ID, Kind: page.Select, Label: a.Word("desk.f_level") + ": " + x.Text, Options: levels, Bare: true}
			x.Level.With(old.Level)
			add = append(add, x.Level)
		}
		x.From = &page.Field{ID: "from-" + q.ID, Kind: page.Date, Label: a.Word("desk.f_shorten_from") + ": " + x.Text}
		x.To = &page.Field{ID: "to-" + q.ID, Kind: page.Date, Label: a.Word("desk.f_shorten_to") + ": " + x.Text}
		if old.Period != nil {
			x.From.Value, x.To.Value = old.Period.From.String(), (old.Period.To - 1).String()
		}
		add = append(add, x.From, x.To)
	} else {
		x.Holds = &page.Field{ID: "holds-" + q.ID, Kind: page.Radio, Label: a.Word("desk.f_holds"), Options: options(a, "holds", "yes", "no")}
		if old.Question != "" {
			x.Holds.With(map[bool]string{true: "yes", false: "no"}[old.Holds])
		}
		add = append(add, x.Holds)
	}
	s.F.Fields = append(s.F.Fields, add...)
	return x
}

// named puts an item's name in the place of its id in a fact.
func (s *sheet) named(a *page.Ask, fact string) string {
	for _, item := range intake.Items(s.c.State.Application, a.Catalogue) {
		if rest, is := strings.CutPrefix(fact, item.ID+":"); is {
			return item.Names.In(a.Lang) + ":" + rest
		}
	}
	return fact
}

func orKeep(treat string) string {
	if treat == "" {
		return review.Keep
	}
	return treat
}

// variable names table.variable.
func (s *sheet) variable(a *page.Ask, name string) string {
	t, v, _ := strings.Cut(name, ".")
	if _, table := a.Catalogue.Table(t); table != nil {
		if x := table.Variable(v); x != nil {
			return x.Names.In(a.Lang)
		}
	}
	return name
}

// levels are how much coarser a variable can be given.
func (s *sheet) levels(a *page.Ask, name string) []page.Option {
	t, v, _ := strings.Cut(name, ".")
	_, table := a.Catalogue.Table(t)
	if table == nil || table.Variable(v) == nil || len(table.Variable(v).Coarsen) == 0 {
		return nil
	}
	out := []page.Option{{Value: "", Label: a.Word("desk.as_is")}}
	for _, l := range table.Variable(v).Coarsen {
		out = append(out, page.Option{Value: l, Label: l})
	}
	return out
}

// before finds earlier decisions like this one, and the project's last.
func (s *sheet) before(a *page.Ask) error {
	w, err := a.Orders.Review(a.R.Context(), a.Visitor.Person, s.c.State, nil, nil, nil)
	if err != nil {
		return err
	}
	for _, h := range w.Similar {
		x := earlier{Case: h.Order, Date: h.Date.String(), Principal: h.Principal, Outcome: a.Word("desk.o_outcome_" + h.Outcome), Reasons: h.Reasons.In(a.Lang)}
		for _, y := range h.Why {
			x.Why = append(x.Why, y.In(a.Lang))
		}
		s.Similar = append(s.Similar, x)
	}
	id := s.c.State.Application.Project.Earlier
	if p := s.c.State.Parent; p != nil {
		id = p.Case
	}
	if id == "" {
		return nil
	}
	old, err := a.CaseOf(id, access.ViewDecision)
	if app.IsNotFound(err) { // not the visitor's to know
		return nil
	}
	if err != nil {
		return err
	}
	if d := old.State.Decision; d != nil {
		s.Last = &lastTime{Case: id, Title: old.State.Application.Title, Date: d.Date.String(), Reasons: d.Reasons.In(a.Lang)}
		for _, r := range d.Scope.Rows {
			s.Last.Rows = append(s.Last.Rows, rowOf(a, r, nil))
		}
	}
	return nil
}

// rowOf is a decision row in words.
func rowOf(a *page.Ask, r plan.Row, dropped []string) row {
	x := row{Table: r.Table, Outcome: a.Word("desk.o_outcome_" + r.Outcome), Reason: r.Reason.In(a.Lang), Refused: r.Outcome == plan.OutcomeRefuse, Partly: r.Outcome == plan.OutcomePartly}
	_, table := a.Catalogue.Table(r.Table)
	if table != nil {
		x.Table = table.Names.In(a.Lang)
	}
	name := func(id string) string {
		if table != nil && table.Variable(id) != nil {
			return table.Variable(id).Names.In(a.Lang)
		}
		return id
	}
	for _, v := range r.Variables {
		text := name(v.ID)
		if v.Level != "" {
			text += " (" + v.Level + ")"
		}
		x.Variables = append(x.Variables, text)
	}
	for _, id := range dropped {
		x.Dropped = append(x.Dropped, name(id))
	}
	if r.Period != nil {
		x.Period = r.Period.From.String() + "–" + (r.Period.To - 1).String()
	}
	return x
}

func showSheet(a *page.Ask) error {
	s, err := sheetOf(a)
	if err != nil {
		return err
	}
	if s.c.State.Proposed != nil {
		s.show(a, *s.c.State.Proposed, s.c.State.Worksheet)
	}
	return a.Show("desk-sheet", page.View{Title: a.Word("desk.sheet_title"), Nav: "nav.cases", Body: s.sheetBody})
}

// show tells which decision rows a scope has.
func (s *sheet) show(a *page.Ask, sc plan.Scope, answers []review.Answer) {
	dropped := map[string][]string{}
	for _, p := range review.Propose(s.subject, s.c.State.Wished().Rows, a.Catalogue, answers, nil) {
		dropped[p.Table] = p.Dropped
	}
	for _, r := range sc.Rows {
		s.Rows = append(s.Rows, rowOf(a, r, dropped[r.Table]))
	}
}

// typed reads the answers.
func (s *sheet) typed(a *page.Ask) []review.Answer {
	f := s.F.Read(a)
	var out []review.Answer
	for _, q := range s.asked {
		x := review.Answer{Question: q.ID, Finding: f.Field("finding-" + q.ID).Value, Holds: true}
		if q.Section != review.Minimisation {
			x.Holds = f.Field("holds-"+q.ID).Value == "yes"
			if f.Field("holds-"+q.ID).Value == "" {
				f.Wrong("holds-"+q.ID, a.Word("desk.n_holds")+" "+q.Text.In(a.Lang))
			}
			out = append(out, x)
			continue
		}
		x.Treat = f.Field("treat-" + q.ID).Value
		if l := f.Field("level-" + q.ID); l != nil && x.Treat == review.Coarsen {
			x.Level = l.Value
		}
		if x.Treat == review.Shorten {
			x.Period = &plan.Period{From: f.Day("from-"+q.ID, a.Word("desk.n_day")), To: f.Day("to-"+q.ID, a.Word("desk.n_day")) + 1}
		}
		out = append(out, x)
	}
	return out
}

// lawSecrecy is the ground of what is not disclosed.
const lawSecrecy = "offentlighets- och sekretesslagen (2009:400) 24 kap. 8 §"

// scope is what the answers lead to: rows by the treatment of their variables,
// and no row at all when an answer speaks against disclosure as a whole.
func (s *sheet) scope(a *page.Ask, answers []review.Answer) plan.Scope {
	sc := s.c.State.Wished()
	proposed := review.Propose(s.subject, sc.Rows, a.Catalogue, answers, nil)
	sc.Rows = nil
	for _, p := range proposed {
		sc.Rows = append(sc.Rows, p.Row)
	}
	for _, x := range answers {
		if x.Holds {
			continue
		}
		switch x.Question {
		case "assessment", "purpose", "presumption", "processor", "coverage":
			for i := range sc.Rows {
				r := &sc.Rows[i]
				r.Outcome, r.Ground, r.Variables, r.Reason = plan.OutcomeRefuse, lawSecrecy, nil, catalog.Text{SV: x.Finding, EN: x.Finding}
			}
		case "identified":
			sc.Identity.Kind = plan.IdentitySerial
		}
	}
	return sc
}

// tried works out what the answers lead to and marks what is wrong with them.
func (s *sheet) tried(a *page.Ask) ([]review.Answer, plan.Scope) {
	answers := s.typed(a)
	sc := s.scope(a, answers)
	for _, p := range review.Problems(s.subject, sc, a.Catalogue, answers) {
		text := catalog.Text{SV: p.SV, EN: p.EN}.In(a.Lang)
		id := "finding-" + p.Question
		switch {
		case p.Question == "":
			id = ""
		case p.Code == "review.unanswered":
			i := slices.IndexFunc(s.asked, func(q review.Question) bool { return q.ID == p.Question })
			text = a.Word("desk.n_finding") + " " + s.asked[i].Text.In(a.Lang)
		case p.Code == "review.unknown_level" && s.F.Field("level-"+p.Question) != nil:
			id = "level-" + p.Question
		case strings.HasPrefix(p.Code, "review.un") || strings.HasPrefix(p.Code, "review.no_period"):
		case s.F.Field("holds-"+p.Question) != nil:
			id = "holds-" + p.Question
		}
		if id != "" && s.F.Field(id) == nil {
			id = ""
		}
		s.F.Wrong(id, text)
	}
	s.show(a, sc, answers)
	s.Tried, s.Ready = true, s.F.OK()
	return answers, sc
}

func sheetToFill(a *page.Ask) (*sheet, error) {
	s, err := sheetOf(a)
	if err == nil && s.F == nil {
		err = a.Denied(order.RecordReview{}.Name())
	}
	return s, err
}

// trySheet shows what the answers lead to; nothing is stored.
func trySheet(a *page.Ask) error {
	s, err := sheetToFill(a)
	if err != nil {
		return err
	}
	v := page.View{Title: a.Word("desk.sheet_title"), Nav: "nav.cases", Body: s.sheetBody}
	if s.tried(a); !s.Ready {
		return a.Refused("desk-sheet", s.F, v)
	}
	return a.Show("desk-sheet", v)
}

// recordSheet records the review.
func recordSheet(a *page.Ask) error {
	s, err := sheetToFill(a)
	if err != nil {
		return err
	}
	if answers, sc := s.tried(a); s.Ready {
		err := a.Do(s.c, order.RecordReview{Answers: answers, Scope: &sc})
		if err == nil {
			return a.Go("/cases/"+s.c.ID, "done.desk_reviewed")
		}
		if err := s.Taken(a, s.c, s.F, err); err != nil {
			return err
		}
	}
	return a.Refused("desk-sheet", s.F, page.View{Title: a.Word("desk.sheet_title"), Nav: "nav.cases", Body: s.sheetBody})
}
