package party

import (
	"strconv"

	"sluss/internal/access"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/swede"
	"sluss/internal/web/page"
)

// The dialogue: an enquiry before there is an order, questions and answers in a
// case, and what a need in words would be in tables and variables.

// enquiryForm asks before there is an order.
func enquiryForm(a *page.Ask) *page.Form {
	topics := &page.Field{ID: "topic", Kind: page.Radio, Label: a.Word("party.topic")}
	for _, t := range order.EnquiryTopics {
		topics.Options = append(topics.Options, page.Option{Value: t, Label: a.Word("party.topic_" + t)})
	}
	return a.Form("/enquire", a.Word("party.enquire_verb"), topics,
		&page.Field{ID: "text", Kind: page.Area, Label: a.Word("party.enquire_text"), Hint: a.Word("party.enquire_hint"), Rows: 8, Max: 4000})
}

func showEnquire(a *page.Ask) error { return enquiryPage(a, nil) }

func enquiryPage(a *page.Ask, refused *page.Form) error {
	b := &body{Lead: a.Word("party.enquire_lead"), Problems: refused}
	f := refused
	if f == nil {
		f = enquiryForm(a)
	}
	b.Blocks = []*block{{Form: f}, {ID: "next", Heading: a.Word("party.enquire_next"), Text: []string{a.Word("party.enquire_next_text")}}}
	v := page.View{Title: a.Word("party.enquire"), Nav: "party.nav_enquire", Body: b}
	if refused != nil {
		return a.Refused("loose", refused, v)
	}
	return a.Show("loose", v)
}

func enquire(a *page.Ask) error {
	f := enquiryForm(a).Read(a)
	f.Need("topic", a.Word("party.need_topic"))
	f.Need("text", a.Word("party.need_question"))
	if f.OK() {
		id, _, err := a.Orders.Enquire(a.R.Context(), a.Visitor.Person.Actor(), order.Enquire{Topic: a.Value("topic"), Text: a.Value("text"), Email: a.Visitor.Person.Email})
		if err == nil {
			return a.Go("/cases/"+id, "done.party_enquired")
		}
		if !f.Take(err) {
			return err
		}
	}
	return enquiryPage(a, f)
}

// exchange is a question with its answer, as the log has them.
type exchange struct {
	id       int
	ours     bool // asked by the authority
	part     string
	text     string
	answer   string
	on, back string
	answered bool
}

// exchanges are the questions that the reader sees, oldest first.
func (s *sheet) exchanges() []exchange {
	var out []exchange
	for _, e := range s.events() {
		on := s.long(swede.CivilDay(e.At))
		switch ev := e.Event.(type) {
		case *order.Enquired:
			out = append(out, exchange{id: 1, text: ev.Text, on: on})
		case *order.QuestionAsked:
			out = append(out, exchange{id: ev.ID, part: ev.Part, text: ev.Text, on: on, ours: !order.Outside(e.By.Role) && ev.Mail == 0})
		case *order.QuestionAnswered:
			for i := range out {
				if out[i].id == ev.ID {
					out[i].answer, out[i].back, out[i].answered = ev.Text, on, true
				}
			}
		}
	}
	return out
}

func showQuestions(a *page.Ask) error {
	s, err := open(a, access.ViewCase)
	if err != nil {
		return err
	}
	return s.questions()
}

func (s *sheet) questionForm() *page.Form {
	return s.form("questions/ask", "party.ask_verb", &page.Field{ID: "text", Kind: page.Area, Label: s.Word("party.your_question"), Hint: s.Word("party.question_hint"), Max: 4000})
}

func (s *sheet) answerForm(id int) *page.Form {
	n := strconv.Itoa(id)
	f := s.form("questions/"+n, "party.answer_verb", &page.Field{ID: "answer" + n, Kind: page.Area, Label: s.Word("party.your_answer"), Max: 4000})
	f.Small = true
	return f
}

// questions is the page of what has been asked and answered.
func (s *sheet) questions() error {
	s.Lead = s.Word("party.questions_lead")
	all := s.exchanges()
	for _, x := range all {
		who := "party.asked_by_you"
		if x.ours {
			who = "party.asked_by_us"
		}
		b := s.add("question-"+strconv.Itoa(x.id), "")
		b.ID, b.Heading = "question-"+strconv.Itoa(x.id), s.Word(who)+", "+x.on
		if label, ok := intake.Label(x.part); ok && x.part != "" {
			b.fact(s.Word("party.about"), label.In(s.Lang))
		}
		b.fact(s.Word("party.the_question"), x.text)
		switch {
		case x.answered:
			b.fact(s.Word("party.the_answer")+", "+x.back, x.answer)
		case x.ours:
			if s.May(s.Case, order.AnswerQuestion{}) {
				s.ask(b, s.answerForm(x.id))
			}
		default:
			b.say(s.Word("party.waits_for_us"))
		}
	}
	if len(all) == 0 {
		s.add("", "").say(s.Word("party.no_questions"))
	}
	if s.May(s.Case, order.AskQuestion{}) {
		s.ask(s.add("ask", "party.ask_heading"), s.questionForm())
	}
	return s.show(s.Word("party.questions"))
}

func askQuestion(a *page.Ask) error {
	s, err := open(a, access.ViewCase)
	if err != nil {
		return err
	}
	f := s.questionForm().Read(a)
	f.Need("text", a.Word("party.need_question"))
	return s.give(f, order.AskQuestion{Text: a.Value("text")}, s.path("questions"), "done.party_asked", (*sheet).questions)
}

func answerQuestion(a *page.Ask) error {
	s, err := open(a, access.ViewCase)
	if err != nil {
		return err
	}
	id, err := strconv.Atoi(a.R.PathValue("no"))
	if err != nil {
		return errGone
	}
	field := "answer" + strconv.Itoa(id)
	f := s.answerForm(id).Read(a)
	f.Need(field, a.Word("party.need_answer"))
	return s.give(f, order.AnswerQuestion{ID: id, Text: a.Value(field)}, s.path("questions"), "done.party_answered", (*sheet).questions)
}

// showProposal is the page of what a need in words would be in tables.
func showProposal(a *page.Ask) error {
	s, err := open(a, access.ViewApplication)
	if err != nil {
		return err
	}
	return s.proposal()
}

func (s *sheet) proposalForm() *page.Form {
	return s.form("proposal", "party.proposal_verb", &page.Field{ID: "hash", Kind: page.Hidden, Value: string(s.State.Proposal.Hash)})
}

func (s *sheet) proposal() error {
	if s.State.Proposal == nil {
		s.Lead = s.Word("party.proposal_none")
		s.wishes(s.add("asked", "party.spec"), s.State.Application.Data)
		return s.show(s.Word("party.proposal"))
	}
	s.Lead = s.Word("party.proposal_lead")
	for _, e := range s.events() {
		if ev, ok := e.Event.(*order.DataProposed); ok && ev.Hash == s.State.Proposal.Hash && ev.Text != "" {
			s.add("", "").note().say(ev.Text)
		}
	}
	s.wishes(s.add("proposed", "party.proposed_data"), s.State.Proposal.Data)
	s.wishes(s.add("asked", "party.asked_data"), s.State.Application.Data)
	b := s.add("agree", "party.proposal_agree").say(s.Word("party.proposal_means"))
	if proposed(s.State) && s.May(s.Case, order.AgreeData{}) {
		s.ask(b, s.proposalForm())
	}
	b.Links = []page.Link{{Path: s.path("questions#ask"), Text: s.Word("party.go_ask")}}
	return s.show(s.Word("party.proposal"))
}

func agreeProposal(a *page.Ask) error {
	s, err := open(a, access.ViewApplication)
	if err != nil {
		return err
	}
	if s.State.Proposal == nil {
		return errGone
	}
	f := s.proposalForm().Read(a)
	return s.give(f, order.AgreeData{Hash: hashOf(a)}, "/cases/"+s.ID, "done.party_data_agreed", (*sheet).proposal)
}
