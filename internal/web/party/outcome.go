package party

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/review"
	"sluss/internal/sealed"
	"sluss/internal/web/page"
)

// Decision and quote as they have been dispatched, and what is answered to them.

// ruled is a page about the decision; of a dismissed case, about the dismissal.
func ruled(a *page.Ask) (*sheet, error) {
	s, err := open(a, access.ViewCase)
	if err != nil {
		return nil, err
	}
	if s.State.Ended == order.PhaseDismissed {
		return s, nil
	}
	if s, err = open(a, access.ViewDecision); err != nil {
		return nil, err
	}
	if s.State.Decision == nil {
		return nil, errGone
	}
	return s, nil
}

func showOutcome(a *page.Ask) error {
	s, err := ruled(a)
	if err != nil {
		return err
	}
	if s.State.Ended == order.PhaseDismissed {
		return s.dismissal()
	}
	d := s.State.Decision
	s.Lead = s.Word("party.outcome_" + d.Outcome())
	s.pending()
	s.decided(s.add("rows", "party.rows"), d.Scope.Rows)
	s.add("reasons", "party.reasons").say(d.Reasons.In(s.Lang)).fact(s.Word("party.provisions"), strings.Join(d.Provisions, "; "))
	if d.Scope.Discloses() {
		s.conditions()
	}
	if q := s.State.Quote; q != nil && s.Sees(s.Case, access.ViewQuote) {
		s.priced(s.add("quote", "party.quote"), *q).say(q.Text.In(s.Lang), s.acceptance())
	}
	s.appealing()
	s.identity()
	return s.show(s.Word("party.outcome"))
}

// pending links to what the decision waits for.
func (s *sheet) pending() {
	b := &block{}
	if acceptable(s.State) && s.May(s.Case, order.AcceptQuote{}) {
		b.Links = append(b.Links, page.Link{Path: s.path("accept"), Text: s.Word("party.go_accept"), Main: true})
	}
	if len(unbound(s.State)) > 0 && s.May(s.Case, order.AcknowledgeForbehall{}) {
		b.Links = append(b.Links, page.Link{Path: s.path("restriction"), Text: s.Word("party.go_restriction"), Main: len(b.Links) == 0})
	}
	if len(b.Links) > 0 {
		s.Blocks = append(s.Blocks, b)
	}
}

// decided is a table of the decision's rows, then why some give less.
func (s *sheet) decided(b *block, rows []plan.Row) {
	t := b.rows(b.Heading, s.Word("party.register"), s.Word("party.row_outcome"), s.Word("party.what"), s.Word("party.years"))
	for _, r := range rows {
		register := r.Register
		if x := s.Catalogue.Register(r.Register); x != nil {
			register = x.Names.In(s.Lang)
		}
		var ids []string
		for _, v := range r.Variables {
			ids = append(ids, v.ID)
		}
		years := ""
		if r.Period != nil && r.Gives() {
			years = s.span(r.Period.From, r.Period.To-1)
		}
		t.row(register, s.Word("party.row_"+r.Outcome), s.variables(r.Table, ids), years)
		if why := strings.TrimSpace(r.Reason.In(s.Lang) + " " + bracket(r.Ground)); why != "" {
			b.List = append(b.List, register+": "+why)
		}
	}
}

func bracket(law string) string {
	if law == "" {
		return ""
	}
	return "(" + law + ")"
}

// conditions is what goes with the disclosure.
func (s *sheet) conditions() {
	d := s.State.Decision
	b := s.add("conditions", "party.conditions")
	if d.Forbehall != nil {
		b.fact(s.Word("party.restriction"), d.Forbehall.Text.In(s.Lang))
		b.fact(s.Word("party.restriction_names"), strings.Join(d.Forbehall.Names, ", "))
	} else if d.NoForbehall != "" {
		b.fact(s.Word("party.restriction"), d.NoForbehall)
	}
	b.fact(s.Word("party.recipient"), d.Scope.Recipient.Name)
	b.code(s.Word("party.key_print"), fingerprint(d.Scope.Recipient.Key))
	b.code(s.Word("party.signer_print"), d.Scope.Recipient.Signer)
	if d.Scope.Persons.Max > 0 {
		b.fact(s.Word("party.spec_most"), page.Thousands(int64(d.Scope.Persons.Max)))
	}
	for _, t := range d.Scope.Persons.Words() {
		b.fact(s.Word("party.spec_who"), t.In(s.Lang))
	}
	if c := d.Scope.Persons.Criteria; c != nil {
		for _, t := range c.Words(s.Catalogue) {
			b.fact(s.Word("party.spec_who"), t.In(s.Lang))
		}
	}
	b.fact(s.Word("party.spec_formats"), strings.Join(d.Scope.Formats, ", "))
	b.fact(s.Word("party.named_by"), s.Word("party.identity_"+d.Scope.Identity.Kind))
	if d.Scope.Identity.KeepUntil != "" {
		b.fact(s.Word("party.key_kept"), d.Scope.Identity.KeepUntil)
	}
	b.fact(s.Word("party.kept_months"), fmt.Sprintf(s.Word("party.months"), d.RetentionMonths))
	b.fact(s.Word("party.expires"), s.long(d.Scope.Expires-1))
}

func fingerprint(key string) string {
	if _, err := sealed.ParseRecipient(key); err != nil {
		return ""
	}
	return sealed.Fingerprint(key)
}

// acceptance says how the quote stands.
func (s *sheet) acceptance() string {
	switch {
	case s.State.Quote.NoFee != nil:
		return s.Word("party.nothing_to_pay")
	case s.State.Accepted:
		return s.Word("party.is_accepted")
	case s.Role() == order.RoleRepresentative:
		return ""
	}
	return fmt.Sprintf(s.Word("party.accepted_by"), s.State.Application.Principal.Representative.Name)
}

// appealing tells how to appeal, where that can be done.
func (s *sheet) appealing() {
	if !against(s.State) {
		return
	}
	b := s.add("appealing", "party.appealing")
	if g, ok := s.guide(); ok {
		b.say(g.Text.In(s.Lang)).fact(s.Word("party.last_day"), s.long(g.Last))
	} else if d := s.State.Decision; d != nil {
		b.say(d.Appeal.In(s.Lang))
	}
	if appealable(s.State) && s.May(s.Case, order.RegisterAppeal{}) {
		b.Links = []page.Link{{Path: s.path("appeal"), Text: s.Word("party.go_appeal")}}
	}
}

func (s *sheet) guide() (review.Guide, bool) {
	served := s.State.DispatchedOn
	if s.State.Ended == order.PhaseDismissed {
		served = s.State.DismissedOn
	}
	return s.State.AppealGuide(s.Authority, served)
}

// identity is what the decision is known by.
func (s *sheet) identity() {
	d := s.State.Decision
	s.add("about", "party.about_decision").
		fact(s.Word("party.decision_id"), d.ID+", "+fmt.Sprintf(s.Word("party.version"), d.Version)).
		fact(s.Word("party.decision_kind"), s.kind(d.Kind)).
		fact(s.Word("party.decision_day"), s.long(d.Date)).
		fact(s.Word("party.sent_day"), s.long(s.State.DispatchedOn)).
		fact(s.Word("party.decider"), d.Decider).fact(s.Word("party.rapporteur"), d.Rapporteur).
		code(s.Word("party.checksum"), string(s.State.DecisionHash))
}

func (s *sheet) kind(kind string) string {
	if kind == "" {
		return ""
	}
	return s.Word("party.kind_" + kind)
}

// dismissal is the page of a case that was not taken up.
func (s *sheet) dismissal() error {
	s.Lead = s.Word("party.dismissed_lead")
	for _, e := range s.events() {
		if ev, ok := e.Event.(*order.Dismissed); ok {
			s.add("reasons", "party.reasons").say(ev.Reason).fact(s.Word("party.ground"), ev.Ground).fact(s.Word("party.decision_day"), s.long(s.State.DismissedOn))
		}
	}
	s.appealing()
	return s.show(s.Word("party.dismissal"))
}

func showAccept(a *page.Ask) error {
	s, err := open(a, access.ViewQuote)
	if err != nil {
		return err
	}
	if s.State.Decision == nil || s.State.Quote == nil {
		return errGone
	}
	return s.accept()
}

func (s *sheet) acceptForm() *page.Form {
	return s.form("accept", "party.accept_verb",
		&page.Field{ID: "mandate", Kind: page.Check, Label: fmt.Sprintf(s.Word("party.mandate"), s.State.Application.Principal.Name)},
		&page.Field{ID: "hash", Kind: page.Hidden, Value: string(s.State.QuoteHash)})
}

// accept is the representative's page: all of it in one view, and one answer.
func (s *sheet) accept() error {
	if s.State.Decision == nil || s.State.Quote == nil {
		return errGone
	}
	a, d, q := s.State.Application, s.State.Decision, *s.State.Quote
	s.Lead = fmt.Sprintf(s.Word("party.accept_lead"), page.Kronor(q.NetOre), page.LongDay(s.Lang, q.ValidTo))
	b := s.add("short", "party.accept_short").
		fact(s.Word("party.project"), a.Title).fact(s.Word("party.orderer"), a.Orderer.Name).fact(s.Word("party.principal"), a.Principal.Name).
		fact(s.Word("party.decision"), s.Word("party.outcome_"+d.Outcome())).
		fact(s.Word("party.disclosed"), s.given(d.Scope.Rows))
	if d.Scope.Persons.Max > 0 {
		b.fact(s.Word("party.spec_most"), page.Thousands(int64(d.Scope.Persons.Max)))
	}
	b.fact(s.Word("party.recipient"), d.Scope.Recipient.Name)
	if d.Forbehall != nil {
		b.fact(s.Word("party.restriction"), d.Forbehall.Text.In(s.Lang))
	}
	b.fact(s.Word("party.kept_months"), fmt.Sprintf(s.Word("party.months"), d.RetentionMonths))
	b.fact(s.Word("party.invoice_reference"), a.Invoice.Reference)
	b.Links = []page.Link{{Path: s.path("outcome"), Text: s.Word("party.read_decision")}}
	s.priced(s.add("price", "party.quote"), q)
	end := s.add("accept", "party.accept_means").say(s.Word("party.accept_means_1"), s.Word("party.accept_means_2"))
	switch {
	case !acceptable(s.State):
		end.note().say(s.acceptance())
	case s.May(s.Case, order.AcceptQuote{}):
		s.ask(end, s.acceptForm())
	default:
		end.note().say(s.acceptance())
	}
	return s.show(s.Word("party.accept"))
}

// given are the registers that something is disclosed from.
func (s *sheet) given(rows []plan.Row) string {
	var names []string
	for _, r := range rows {
		name := r.Register
		if x := s.Catalogue.Register(r.Register); x != nil {
			name = x.Names.In(s.Lang)
		}
		if r.Gives() && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func acceptQuote(a *page.Ask) error {
	s, err := open(a, access.ViewQuote)
	if err != nil {
		return err
	}
	f := s.acceptForm().Read(a)
	if f.Field("mandate").Value != "yes" {
		f.Wrong("mandate", a.Word("party.need_mandate"))
	}
	return s.give(f, order.AcceptQuote{Hash: hashOf(a)}, "/cases/"+s.ID, "done.party_accepted", (*sheet).accept)
}

func showRestriction(a *page.Ask) error {
	s, err := open(a, access.ViewDecision)
	if err != nil {
		return err
	}
	return s.restriction()
}

func (s *sheet) restrictionForm() *page.Form {
	who := &page.Field{ID: "person", Kind: page.Radio, Label: s.Word("party.restriction_who")}
	for _, n := range unbound(s.State) {
		who.Options = append(who.Options, page.Option{Value: n, Label: n})
	}
	return s.form("restriction", "party.restriction_verb", who, &page.Field{ID: "read", Kind: page.Check, Label: s.Word("party.restriction_read")})
}

// restriction is the page on which each named researcher is bound.
func (s *sheet) restriction() error {
	if s.State.Decision == nil || s.State.Decision.Forbehall == nil {
		return errGone
	}
	f := s.State.Decision.Forbehall
	s.Lead = s.Word("party.restriction_lead")
	s.add("text", "party.restriction_text").note().say(f.Text.In(s.Lang))
	who := s.add("who", "party.restriction_names")
	t := who.rows(who.Heading, s.Word("party.name"), s.Word("party.has_acknowledged"))
	for _, n := range f.Names {
		done := "party.no"
		if s.State.Bound[n] {
			done = "party.yes"
		}
		t.row(n, s.Word(done))
	}
	if len(unbound(s.State)) > 0 && s.May(s.Case, order.AcknowledgeForbehall{}) {
		s.ask(s.add("acknowledge", "party.restriction_confirm").say(s.Word("party.restriction_breach")), s.restrictionForm())
	}
	return s.show(s.Word("party.restriction_title"))
}

func acknowledge(a *page.Ask) error {
	s, err := open(a, access.ViewDecision)
	if err != nil {
		return err
	}
	f := s.restrictionForm().Read(a)
	f.Need("person", a.Word("party.need_person"))
	if f.Field("read").Value != "yes" {
		f.Wrong("read", a.Word("party.need_read"))
	}
	return s.give(f, order.AcknowledgeForbehall{Person: a.Value("person")}, s.path("restriction"), "done.party_bound", (*sheet).restriction)
}

func showAppeal(a *page.Ask) error {
	s, err := ruled(a)
	if err != nil {
		return err
	}
	return s.appeal()
}

func (s *sheet) appealForm() *page.Form {
	return s.form("appeal", "party.appeal_verb", &page.Field{ID: "sure", Kind: page.Check, Label: s.Word("party.appeal_sure")})
}

// appeal tells how to appeal and notes that it has been done.
func (s *sheet) appeal() error {
	if !against(s.State) {
		s.Lead = s.Word("party.appeal_nothing")
		return s.show(s.Word("party.appeal"))
	}
	b := s.add("how", "party.appeal_how")
	g, known := s.guide()
	if known {
		s.Lead = fmt.Sprintf(s.Word("party.appeal_lead"), page.LongDay(s.Lang, g.Last))
		b.say(g.Text.In(s.Lang))
		b.fact(s.Word("party.forum"), capital(g.Forum.In(s.Lang))).fact(s.Word("party.last_day"), s.long(g.Last)).fact(s.Word("party.basis"), g.Law)
	}
	b.List = []string{s.Word("party.appeal_1"), s.Word("party.appeal_2"), fmt.Sprintf(s.Word("party.appeal_3"), s.ID)}
	for _, x := range s.State.Appeals {
		state := "party.appeal_open"
		if x.Forwarded {
			state = "party.appeal_forwarded"
		}
		if x.Settled {
			state = "party.appeal_settled"
		}
		s.add("", "").note().say(fmt.Sprintf(s.Word(state), x.ID))
	}
	if appealable(s.State) && known && s.May(s.Case, order.RegisterAppeal{}) {
		s.ask(s.add("now", "party.appeal_now").say(s.Word("party.appeal_now_text")), s.appealForm())
	}
	return s.show(s.Word("party.appeal"))
}

func appeal(a *page.Ask) error {
	s, err := ruled(a)
	if err != nil {
		return err
	}
	f := s.appealForm().Read(a)
	if f.Field("sure").Value != "yes" {
		f.Wrong("sure", a.Word("party.need_sure"))
	}
	return s.give(f, order.RegisterAppeal{}, s.path("appeal"), "done.party_appealed", (*sheet).appeal)
}

func showChange(a *page.Ask) error {
	s, err := open(a, access.ViewQuote)
	if err != nil {
		return err
	}
	return s.change()
}

func (s *sheet) changeForm(c order.Change) *page.Form {
	return s.form("change", "party.change_verb",
		&page.Field{ID: "answer", Kind: page.Radio, Label: s.Word("party.change_answer"), Options: []page.Option{
			{Value: "yes", Label: s.Word("party.change_yes")}, {Value: "no", Label: s.Word("party.change_no"), Hint: s.Word("party.change_no_hint")},
		}},
		&page.Field{ID: "hash", Kind: page.Hidden, Value: string(c.Hash)})
}

// change is the page of changes of the accepted quote.
func (s *sheet) change() error {
	if len(s.State.Changes) == 0 || s.State.Quote == nil {
		return errGone
	}
	s.Lead = s.Word("party.change_lead")
	for i, c := range s.State.Changes {
		b := s.add("change-"+strconv.Itoa(c.ID), "")
		b.Heading = fmt.Sprintf(s.Word("party.change_no_of"), i+1)
		b.fact(s.Word("party.change_reason"), c.Reason)
		for _, h := range c.Hours {
			b.fact(capital(quote.KindName(h.Kind).In(s.Lang)), quote.Centis(h.Centis, s.Lang))
		}
		b.fact(s.Word("party.change_costs"), page.Kronor(c.NetOre)+" "+s.Word("party.without_vat"))
		b.fact(s.Word("party.quote_was"), page.Kronor(s.State.Quote.NetOre)+" "+s.Word("party.without_vat"))
		if c.Answered {
			state := "party.change_declined"
			if c.Approved {
				state = "party.change_approved"
			}
			b.say(s.Word(state))
		}
		if open, ok := openChange(s.State); ok && open.ID == c.ID {
			if s.May(s.Case, order.AnswerChange{}) {
				s.ask(b, s.changeForm(c))
			} else {
				b.say(fmt.Sprintf(s.Word("party.change_by"), s.State.Application.Principal.Representative.Name))
			}
		}
	}
	return s.show(s.Word("party.change"))
}

func answerChange(a *page.Ask) error {
	s, err := open(a, access.ViewQuote)
	if err != nil {
		return err
	}
	c, ok := openChange(s.State)
	f := s.changeForm(c).Read(a)
	f.Need("answer", a.Word("party.need_change"))
	if !ok {
		f.Wrong("", a.Word("party.change_none"))
	}
	done := "done.party_change_no"
	if a.Value("answer") == "yes" {
		done = "done.party_change_yes"
	}
	return s.give(f, order.AnswerChange{Hash: hashOf(a), Approve: a.Value("answer") == "yes"}, s.path("change"), done, (*sheet).change)
}
