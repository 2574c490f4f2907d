package rulings

import (
	"slices"

	"sluss/internal/access"
	"sluss/internal/catalog"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/review"
	"sluss/internal/web/page"
)

// row is a row of the decision in words.
type row struct {
	Register, Table, Outcome, Period, Shape string
	Variables                               []string
	Reason, Ground                          string
	Refused, Partly                         bool
	Left                                    []left
}

// left is a variable that the review left out or made coarser, and why.
type left struct{ Name, Treat, Why string }

// answer is a question of the review with its finding.
type answer struct {
	Question, Finding string
	Holds             bool
}

// cover is a line of the ethics support.
type cover struct {
	Name, Where, Quote string
	Met                bool
}

// earlier is a decision to compare with.
type earlier struct {
	Case, Date, Principal, Outcome, Reasons string
	Why                                     []string
}

// priceView is the quote in words.
type priceView struct {
	Lines              []priceLine
	Net, VAT, Gross    string
	Form, NoFee, Until string
}

type priceLine struct{ Name, Hours, Sum string }

// summaryBody is a case on one page, for who decides.
type summaryBody struct {
	page.Head
	Purpose, Questions, Principal, Recipient, Persons, Rapporteur string
	Rows                                                          []row
	Answers                                                       []answer
	Ethics                                                        []cover
	EthicsMet                                                     int
	Safeguards                                                    []string
	Quote                                                         *priceView
	Similar                                                       []earlier
	Decide, Return                                                bool
	Decided                                                       *decidedView
	Letter                                                        bool
}

// decidedView is the decision that holds.
type decidedView struct{ ID, On, By, Hash, Dispatched string }

// summary is the case on one page.
func summary(a *page.Ask) error {
	c, err := a.Case(access.ViewReview)
	if err != nil {
		return err
	}
	b, err := summaryOf(a, c)
	if err != nil {
		return err
	}
	title := a.Word("rulings.summary")
	return a.Show("rulings-summary", page.View{Title: title, Nav: "rulings.nav", Body: b})
}

func summaryOf(a *page.Ask, c *page.Case) (*summaryBody, error) {
	s, app := c.State, c.State.Application
	b := &summaryBody{Head: a.HeadOf(c, ""), Questions: app.Project.Questions, Principal: app.Principal.Name, Rapporteur: a.Name(s.ReviewedBy)}
	b.Purpose = a.Word("rulings.purpose_" + string(app.Purpose))
	if app.Recipient != nil {
		b.Recipient = app.Recipient.Name
	}
	b.Persons = page.Thousands(int64(app.Population.Size)) + " · " + a.Word("rulings.source_"+app.Population.Source)
	if app.Population.Holder != "" {
		b.Persons += ", " + app.Population.Holder
	}
	sc := order.FromReview(s)
	rows := sc.Rows
	if s.Decision != nil && s.Reopened != order.KindReconsideration && s.Reopened != order.KindAfterAppeal {
		rows = s.Decision.Scope.Rows
	}
	b.Rows = rowsOf(a, s, rows)
	b.review(a, s)
	b.ethics(a, app)
	b.safeguards(a, s, sc)
	if q := quoteOf(s); q != nil {
		b.Quote = priceOf(a, *q)
	}
	if err := b.similar(a, s); err != nil {
		return nil, err
	}
	if d := s.Decision; d != nil {
		b.Decided = &decidedView{ID: d.ID, On: d.Date.String(), By: a.Name(s.DecidedBy), Hash: string(s.DecisionHash)}
		if s.Dispatched {
			b.Decided.Dispatched = s.DispatchedOn.String()
		}
		b.Letter = true
	}
	b.Decide = toDecide(s) && (a.May(c, order.RecordDecision{}) && s.Reopened == "" || a.May(c, order.Redecide{}) && s.Reopened != "")
	b.Return = returnable(s) && a.May(c, order.ReturnReview{})
	return b, nil
}

// quoteOf is the quote that the decision goes out with, or the agreed draft.
func quoteOf(s order.State) *quote.Quote {
	if s.Quote != nil {
		return s.Quote
	}
	return s.Draft
}

// rowsOf are decision rows in words, with what the review left out of each.
func rowsOf(a *page.Ask, s order.State, rows []plan.Row) []row {
	var out []row
	for _, r := range rows {
		reg, table := a.Catalogue.Table(r.Table)
		x := row{
			Table: r.Table, Outcome: a.Word("rulings.outcome_" + r.Outcome), Reason: r.Reason.In(a.Lang), Ground: r.Ground,
			Refused: r.Outcome == plan.OutcomeRefuse, Partly: r.Outcome == plan.OutcomePartly,
		}
		if r.Gives() && r.Shape != "" {
			x.Shape = a.Word("rulings.shape_" + string(r.Shape))
		}
		if table != nil {
			x.Register, x.Table = reg.Names.In(a.Lang), table.Names.In(a.Lang)
		}
		if r.Period != nil {
			x.Period = r.Period.From.String() + "–" + (r.Period.To - 1).String()
		}
		if w := r.Around; w != nil {
			x.Period += " · " + w.From.Anchor + " " + w.From.Offset.String() + "–" + w.To.Offset.String()
		}
		if r.Reveal {
			x.Period += " · " + a.Word("rulings.revealed")
		}
		for _, v := range r.Variables {
			text := nameOf(table, v.ID, a.Lang)
			if v.Level != "" {
				text += " (" + a.Level(v.Level) + ")"
			}
			x.Variables = append(x.Variables, text)
		}
		for _, y := range s.Worksheet {
			id, ok := ofTable(y.Question, r.Table)
			if ok && y.Treat != review.Keep && y.Treat != "" {
				x.Left = append(x.Left, left{nameOf(table, id, a.Lang), a.Word("rulings.treat_" + y.Treat), y.Finding})
			}
		}
		out = append(out, x)
	}
	return out
}

// ofTable returns the variable that a question of the minimisation is about,
// when it is one of the table.
func ofTable(question, table string) (variable string, ok bool) {
	prefix := review.VariableQuestion(table, "")
	if len(question) <= len(prefix) || question[:len(prefix)] != prefix {
		return "", false
	}
	return question[len(prefix):], true
}

func nameOf(table *catalog.Table, id, lang string) string {
	if table != nil {
		if v := table.Variable(id); v != nil {
			return v.Names.In(lang)
		}
	}
	return id
}

// review is what the reviewer found, without the variables: they stand with
// their rows.
func (b *summaryBody) review(a *page.Ask, s order.State) {
	for _, q := range review.Questions(s.Subject(a.Catalogue, nil), s.Wished(), a.Catalogue) {
		if q.Section == review.Minimisation {
			continue
		}
		i := slices.IndexFunc(s.Worksheet, func(y review.Answer) bool { return y.Question == q.ID })
		if i >= 0 {
			b.Answers = append(b.Answers, answer{q.Text.In(a.Lang), s.Worksheet[i].Finding, s.Worksheet[i].Holds})
		}
	}
}

// ethics is what the ethics documents support.
func (b *summaryBody) ethics(a *page.Ask, app intake.Application) {
	for _, item := range intake.Items(app, a.Catalogue) {
		x := cover{Name: item.Names.In(a.Lang)}
		for _, y := range app.Ethics.Coverage {
			if y.Item == item.ID {
				x.Met, x.Quote = y.Met, y.Quote
				if y.Page > 0 {
					x.Where = a.Word("rulings.page") + " " + page.Thousands(int64(y.Page))
				}
			}
		}
		if x.Met {
			b.EthicsMet++
		}
		b.Ethics = append(b.Ethics, x)
	}
}

// safeguards are what protects the data once they have left.
func (b *summaryBody) safeguards(a *page.Ask, s order.State, d order.DecisionDraft) {
	add := func(key, more string) {
		text := a.Word("rulings." + key)
		if more != "" {
			text += " " + more
		}
		b.Safeguards = append(b.Safeguards, text)
	}
	if d.Identity.Kind == plan.IdentityPersonalNumber {
		add("guard_numbers", "")
	} else {
		add("guard_serial", "")
	}
	if d.Identity.KeyPolicy == order.KeyKeptUntil {
		add("guard_key_kept", d.Identity.KeepUntil)
	} else {
		add("guard_key_gone", "")
	}
	if needsForbehall(s) {
		add("guard_forbehall", "")
	}
	if s.Application.Recipient != nil {
		if s.Application.Processed(s.Application.Recipient.OrgNo) {
			add("guard_processor", "")
		} else {
			add("guard_no_processor", "")
		}
	}
	add("guard_sealed", "")
}

// needsForbehall reports whether the principal is no authority and no body
// equated with one (promise 7).
func needsForbehall(s order.State) bool {
	kind := s.Application.Principal.Kind
	return kind != intake.PrincipalAuthority && kind != intake.PrincipalEquated
}

// priceOf is a quote in words.
func priceOf(a *page.Ask, q quote.Quote) *priceView {
	v := &priceView{Net: page.Kronor(q.NetOre), VAT: page.Kronor(q.VATOre), Gross: page.Kronor(q.GrossOre), Form: a.Word("rulings.form_" + q.Form)}
	for _, l := range q.Lines {
		v.Lines = append(v.Lines, priceLine{quote.KindName(l.Kind).In(a.Lang), page.HoursText(a.Lang, l.Centis), page.Kronor(l.Ore)})
	}
	if q.NoFee != nil {
		v.NoFee = q.NoFee.Ground
	}
	if q.ValidTo != 0 {
		v.Until = page.LongDay(a.Lang, q.ValidTo)
	}
	return v
}

// similar finds earlier decisions to compare with.
func (b *summaryBody) similar(a *page.Ask, s order.State) error {
	w, err := a.Orders.Review(a.R.Context(), a.Visitor.Person, s, nil, nil, nil)
	if err != nil {
		return err
	}
	for _, h := range w.Similar {
		if h.Order == s.ID {
			continue
		}
		x := earlier{Case: h.Order, Date: h.Date.String(), Principal: h.Principal, Outcome: a.Word("rulings.outcome_" + h.Outcome), Reasons: h.Reasons.In(a.Lang)}
		for _, y := range h.Why {
			x.Why = append(x.Why, y.In(a.Lang))
		}
		b.Similar = append(b.Similar, x)
	}
	return nil
}
