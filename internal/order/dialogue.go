package order

import (
	"slices"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/intake"
)

// The dialogue: an enquiry before there is an order, questions and answers,
// internal notes, and the list of tables and variables that a free-text need
// becomes before the draft is agreed.

const lawService = "förvaltningslagen (2017:900) 6 §"

// The dialogue's events.
type (
	// Enquired: somebody asks before ordering. The case holds nothing else.
	Enquired struct {
		Topic   string   `json:"topic"` // one of EnquiryTopics
		Text    string   `json:"text"`
		Email   string   `json:"email,omitempty"` // where the answer goes, when it came by mail or post
		Arrival *Arrival `json:"arrival,omitempty"`
	}
	// EnquiryClosed: it has been answered.
	EnquiryClosed struct{}
	// QuestionAsked: a question between the parties and the authority. It is
	// seen by both.
	QuestionAsked struct {
		ID   int    `json:"id"`
		Part string `json:"part,omitempty"` // question id of the application that it is about
		Text string `json:"text"`
		Mail int    `json:"mail,omitempty"`
	}
	// QuestionAnswered: the answer.
	QuestionAnswered struct {
		ID   int    `json:"id"`
		Text string `json:"text"`
		Mail int    `json:"mail,omitempty"`
	}
	// NoteWritten: an internal note, never shown outside the authority.
	NoteWritten struct {
		Part string `json:"part,omitempty"`
		Text string `json:"text"`
	}
	// DataProposed: what a need in words would be in tables and variables.
	DataProposed struct {
		Data []intake.Wish `json:"data"`
		Hash canon.Hash    `json:"hash"` // of Data
		Text string        `json:"text,omitempty"`
	}
	// DataAgreed: the orderer takes the proposal as the order's data.
	DataAgreed struct {
		Proposal    canon.Hash         `json:"proposal"`
		Application intake.Application `json:"application"`
		Hash        canon.Hash         `json:"hash"` // of the application
		Mail        int                `json:"mail,omitempty"`
	}
	// SupplementReminded: the day of a request for supplements draws near.
	SupplementReminded struct {
		ID int `json:"id"`
	}
	// SupplementTimedOut: the day has passed without an answer. The parts are
	// locked again; a late answer is still taken in until the decision.
	SupplementTimedOut struct {
		ID int `json:"id"`
	}
)

var dialogueEvents = map[string]func() Event{
	"enquired":             func() Event { return &Enquired{} },
	"enquiry_closed":       func() Event { return &EnquiryClosed{} },
	"question_asked":       func() Event { return &QuestionAsked{} },
	"question_answered":    func() Event { return &QuestionAnswered{} },
	"note_written":         func() Event { return &NoteWritten{} },
	"address_corrected":    func() Event { return &AddressCorrected{} },
	"entry_withheld":       func() Event { return &EntryWithheld{} },
	"data_proposed":        func() Event { return &DataProposed{} },
	"data_agreed":          func() Event { return &DataAgreed{} },
	"supplement_reminded":  func() Event { return &SupplementReminded{} },
	"supplement_timed_out": func() Event { return &SupplementTimedOut{} },
}

func (*Enquired) Type() string           { return "enquired" }
func (*EnquiryClosed) Type() string      { return "enquiry_closed" }
func (*QuestionAsked) Type() string      { return "question_asked" }
func (*QuestionAnswered) Type() string   { return "question_answered" }
func (*NoteWritten) Type() string        { return "note_written" }
func (*DataProposed) Type() string       { return "data_proposed" }
func (*DataAgreed) Type() string         { return "data_agreed" }
func (*SupplementReminded) Type() string { return "supplement_reminded" }
func (*SupplementTimedOut) Type() string { return "supplement_timed_out" }

// Question is one exchange of the dialogue.
type Question struct {
	ID       int
	Part     string
	Outside  bool // asked by the parties; the authority answers
	Answered bool
	On       day.Day
}

// Proposal is a list of data that waits for the orderer.
type Proposal struct {
	Data []intake.Wish
	Hash canon.Hash
}

func (ev *Enquired) apply(s State, e Entry) State {
	s.Enquiry = true
	s.ReceivedOn = arrived(ev.Arrival, e)
	if ev.Arrival != nil {
		s.Documents = with(s.Documents, ev.Arrival.document(len(s.Documents)+1, "enquiry"))
	}
	s.Questions = with(s.Questions, Question{ID: 1, Outside: true, On: s.ReceivedOn})
	return s
}

func (*EnquiryClosed) apply(s State, _ Entry) State {
	s.Ended = PhaseAnswered
	return s
}

func (ev *QuestionAsked) apply(s State, e Entry) State {
	s.Questions = with(s.Questions, Question{ID: ev.ID, Part: ev.Part, Outside: Outside(e.By.Role) || ev.Mail > 0, On: civil(e)})
	return s
}

func (ev *QuestionAnswered) apply(s State, _ Entry) State {
	s.Questions = changed(s.Questions, func(q Question) bool { return q.ID == ev.ID }, func(q *Question) { q.Answered = true })
	return s
}

func (*NoteWritten) apply(s State, _ Entry) State { return s }

func (ev *DataProposed) apply(s State, _ Entry) State {
	s.Proposal = &Proposal{ev.Data, ev.Hash}
	return s
}

func (ev *DataAgreed) apply(s State, _ Entry) State {
	if redraft(s.Application, ev.Application) {
		s.DraftOpen, s.AgreedDraft, s.Reviewed = false, "", false
	}
	s.Application, s.AppHash, s.Proposal = ev.Application, ev.Hash, nil
	return s
}

func (ev *SupplementReminded) apply(s State, _ Entry) State {
	s.Supplements = changed(s.Supplements, func(x Supplement) bool { return x.ID == ev.ID }, func(x *Supplement) { x.Reminded = true })
	return s
}

func (ev *SupplementTimedOut) apply(s State, _ Entry) State {
	s.Supplements = changed(s.Supplements, func(x Supplement) bool { return x.ID == ev.ID }, func(x *Supplement) { x.TimedOut = true })
	return s
}

// Outside reports whether the role belongs to somebody outside the authority.
func Outside(r Role) bool {
	return slices.Contains([]Role{RoleOrderer, RoleCoApplicant, RoleRepresentative, RoleSupplier}, r)
}

var dialogueCommands = []Command{
	Enquire{},
	CloseEnquiry{},
	AskQuestion{},
	AnswerQuestion{},
	WriteNote{},
	CorrectAddress{},
	WithholdEntry{},
	ProposeData{},
	AgreeData{},
	RemindSupplement{},
	TimeOutSupplement{},
}

// EnquiryTopics are what an enquiry can be about.
var EnquiryTopics = []string{"variables", "wording", "orderable", "other"}

// Enquire asks before there is an order: which variables are needed, whether a
// wording of the ethics application covers it, whether a year can be ordered
// yet. It opens a case of its own, which an order can later refer to.
type Enquire struct {
	Topic   string
	Text    string
	Email   string
	Arrival *Arrival // by mail or post
}

// Name returns enquire.
func (Enquire) Name() string { return "enquire" }

// Roles that may ask.
func (Enquire) Roles() []Role { return []Role{RoleOrderer, RoleRegistrar} }

// Decide refuses an unknown topic, an empty text, and an enquiry in a case
// that is there already.
func (c Enquire) Decide(s State, ctx Context) ([]Event, error) {
	if s.Version > 0 {
		return nil, wrongState("enquired_twice", "Ärendet finns redan: ställ frågan i det.", "The case is there already: ask the question in it.")
	}
	if !slices.Contains(EnquiryTopics, c.Topic) || c.Text == "" {
		return nil, input("enquiry", "Ange vad frågan gäller (variables, wording, orderable eller other) och skriv den.", "Say what the question is about (variables, wording, orderable or other) and write it.")
	}
	if err := c.Arrival.check(ctx); err != nil {
		return nil, err
	}
	return []Event{&Enquired{Topic: c.Topic, Text: c.Text, Email: c.Email, Arrival: c.Arrival}}, nil
}

// CloseEnquiry ends an enquiry that has been answered.
type CloseEnquiry struct{}

// Name returns close_enquiry.
func (CloseEnquiry) Name() string { return "close_enquiry" }

// Roles that may close it.
func (CloseEnquiry) Roles() []Role { return []Role{RoleHandler} }

// Decide refuses while a question is not answered, and for an order.
func (CloseEnquiry) Decide(s State, _ Context) ([]Event, error) {
	if !s.Enquiry {
		return nil, wrongState("no_enquiry", "Ärendet är en beställning, inte en förfrågan.", "The case is an order, not an enquiry.")
	}
	if slices.ContainsFunc(s.Questions, func(q Question) bool { return q.Outside && !q.Answered }) {
		return nil, refuse("enquiry_unanswered", 0, lawService, "Förfrågan är inte besvarad.", "The enquiry has not been answered.")
	}
	return []Event{&EnquiryClosed{}}, nil
}

// AskQuestion asks the other side: the parties the authority, or a handler the
// parties. Answers to it unlock nothing and stop no clock; what is needed for
// the case to go on is a supplement.
type AskQuestion struct {
	Part string
	Text string
	Behalf
}

// Name returns ask_question.
func (AskQuestion) Name() string { return "ask_question" }

// Roles that may ask.
func (AskQuestion) Roles() []Role {
	return []Role{RoleOrderer, RoleCoApplicant, RoleRepresentative, RoleSupplier, RoleHandler, RoleReviewer, RoleStatistician, RoleRegistrar}
}

// Decide refuses an empty question.
func (c AskQuestion) Decide(s State, ctx Context) ([]Event, error) {
	if c.Text == "" {
		return nil, input("question_empty", "Skriv frågan.", "Write the question.")
	}
	if err := c.check(s, ctx); err != nil {
		return nil, err
	}
	return []Event{&QuestionAsked{ID: len(s.Questions) + 1, Part: c.Part, Text: c.Text, Mail: c.Mail}}, nil
}

func (AskQuestion) endures() bool { return true }

// AnswerQuestion answers a question of the other side.
type AnswerQuestion struct {
	ID   int
	Text string
	Behalf
}

// Name returns answer_question.
func (AnswerQuestion) Name() string { return "answer_question" }

// Roles that may answer.
func (AnswerQuestion) Roles() []Role {
	return []Role{RoleOrderer, RoleCoApplicant, RoleRepresentative, RoleHandler, RoleReviewer, RoleStatistician, RoleRegistrar}
}

// Decide refuses an empty answer, a question that is not there or has been
// answered, and one of the same side.
func (c AnswerQuestion) Decide(s State, ctx Context) ([]Event, error) {
	if err := c.check(s, ctx); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(s.Questions, func(q Question) bool { return q.ID == c.ID && !q.Answered })
	switch {
	case c.Text == "":
		return nil, input("answer_empty", "Skriv svaret.", "Write the answer.")
	case i < 0:
		return nil, wrongState("no_question", "Frågan finns inte eller är redan besvarad.", "There is no such question, or it has been answered already.")
	case s.Questions[i].Outside == (Outside(ctx.By.Role) || c.Mail > 0):
		return nil, wrongState("own_question", "Frågan är ställd till den andra sidan.", "The question is put to the other side.")
	}
	return []Event{&QuestionAnswered{ID: c.ID, Text: c.Text, Mail: c.Mail}}, nil
}

func (AnswerQuestion) endures() bool { return true }

// WriteNote writes an internal note.
type WriteNote struct{ Part, Text string }

// Name returns write_note.
func (WriteNote) Name() string { return "write_note" }

// Roles that may write notes.
func (WriteNote) Roles() []Role { return staffRoles }

// Decide refuses an empty note.
func (c WriteNote) Decide(State, Context) ([]Event, error) {
	if c.Text == "" {
		return nil, input("note_empty", "Skriv anteckningen.", "Write the note.")
	}
	return []Event{&NoteWritten{c.Part, c.Text}}, nil
}

func (WriteNote) endures() bool { return true }

var staffRoles = []Role{RoleHandler, RoleReviewer, RoleDecider, RoleStatistician, RoleReleaser, RoleFinance, RoleRegistrar}

// ProposeData answers a need in words with tables and variables.
type ProposeData struct {
	Data []intake.Wish
	Text string
}

// Name returns propose_data.
func (ProposeData) Name() string { return "propose_data" }

// Roles that may propose.
func (ProposeData) Roles() []Role { return []Role{RoleHandler, RoleStatistician} }

// Decide refuses after the decision, and a proposal in which something is
// still only words.
func (c ProposeData) Decide(s State, ctx Context) ([]Event, error) {
	if s.Decision != nil {
		return nil, wrongState("proposal_after_decision", "Ärendet är redan beslutat.", "The case has been decided already.")
	}
	proposed := s.Application
	proposed.Data = c.Data
	if err := fixedData(proposed, ctx); err != nil {
		return nil, err
	}
	h, err := canon.Of(c.Data)
	if err != nil {
		return nil, err
	}
	return []Event{&DataProposed{Data: c.Data, Hash: h, Text: c.Text}}, nil
}

// AgreeData takes the proposal with this hash as the order's data.
type AgreeData struct {
	Hash canon.Hash
	Behalf
}

// Name returns agree_data.
func (AgreeData) Name() string { return "agree_data" }

// Roles that may agree.
func (AgreeData) Roles() []Role { return []Role{RoleOrderer, RoleRepresentative, RoleRegistrar} }

// Decide refuses another proposal than the latest, and after the decision.
func (c AgreeData) Decide(s State, ctx Context) ([]Event, error) {
	if err := c.check(s, ctx); err != nil {
		return nil, err
	}
	switch {
	case s.Decision != nil:
		return nil, wrongState("proposal_after_decision", "Ärendet är redan beslutat.", "The case has been decided already.")
	case s.Proposal == nil:
		return nil, wrongState("no_proposal", "Det finns inget förslag att svara på.", "There is no proposal to answer.")
	case c.Hash != s.Proposal.Hash:
		return nil, refuse("other_proposal", 0, lawService, "Svaret gäller ett annat förslag än det senaste.", "The answer is to another proposal than the latest.")
	}
	app := s.Application
	app.Data = s.Proposal.Data
	h, err := canon.Of(app)
	if err != nil {
		return nil, err
	}
	return []Event{&DataAgreed{Proposal: c.Hash, Application: app, Hash: h, Mail: c.Mail}}, nil
}

// RemindSupplement reminds of a request whose day draws near.
type RemindSupplement struct{}

// Name returns remind_supplement.
func (RemindSupplement) Name() string { return "remind_supplement" }

// Roles: a date.
func (RemindSupplement) Roles() []Role { return []Role{RoleClock, RoleHandler} }

// RemindWorkingDays is how long before its day a request is reminded of.
const RemindWorkingDays = 3

// Decide refuses without an open request, twice, and by the calendar too early.
func (RemindSupplement) Decide(s State, ctx Context) ([]Event, error) {
	open := s.OpenSupplement()
	switch {
	case open == nil:
		return nil, wrongState("no_supplement", "Ingen komplettering är begärd.", "No supplement has been asked for.")
	case open.Reminded:
		return nil, wrongState("reminded_twice", "En påminnelse är redan skickad.", "A reminder has been sent already.")
	case ctx.By.Role == RoleClock && ctx.Day() < ctx.Authority.Calendar.AddWorkingDays(open.Due, -RemindWorkingDays):
		return nil, wrongState("reminder_early", "Det är för tidigt att påminna.", "It is too early for a reminder.")
	}
	return []Event{&SupplementReminded{ID: open.ID}}, nil
}

// TimeOutSupplement says that the day of a request has passed unanswered. The
// handler then dismisses the order, or goes on with what there is.
type TimeOutSupplement struct{}

// Name returns time_out_supplement.
func (TimeOutSupplement) Name() string { return "time_out_supplement" }

// Roles: a date.
func (TimeOutSupplement) Roles() []Role { return []Role{RoleClock} }

// Decide refuses without an open request and until its day has passed.
func (TimeOutSupplement) Decide(s State, ctx Context) ([]Event, error) {
	open := s.OpenSupplement()
	if open == nil || ctx.Day() <= open.Due {
		return nil, wrongState("no_timeout", "Ingen begäran om komplettering har löpt ut.", "No request for supplements has run out.")
	}
	return []Event{&SupplementTimedOut{ID: open.ID}}, nil
}

var dialogueStory = map[string]Line{
	"enquired":             told("En förfrågan kom in", "An enquiry arrived", "", "", "förvaltningslagen 6 §"),
	"enquiry_closed":       told("Förfrågan är besvarad", "The enquiry has been answered", "varje fråga har ett svar", "every question has an answer", "förvaltningslagen 6 §"),
	"question_asked":       told("En fråga ställdes", "A question was asked", "", "", "förvaltningslagen 6 §"),
	"question_answered":    told("Frågan besvarades", "The question was answered", "", "", "förvaltningslagen 6 §"),
	"note_written":         told("En intern anteckning gjordes", "An internal note was made", "", "", "förvaltningslagen 27 §"),
	"address_corrected":    told("Vart e-post i ärendet går ändrades", "Where mail of the case goes was changed", "adressen går att skriva till", "the address can be written to", "förvaltningslagen 6 och 9 §§"),
	"entry_withheld":       told("Vad diariet utelämnar ändrades", "What the public register leaves out was changed", "det som utelämnas har en bestämmelse om sekretess", "what is left out has a provision on secrecy", "offentlighets- och sekretesslagen 5 kap. 2 §"),
	"data_proposed":        told("Tabeller och variabler föreslogs", "Tables and variables were proposed", "varje önskemål har tabell och variabler", "every wish has table and variables", "förvaltningslagen 6 §; dataskyddsförordningen art. 5.1 c"),
	"data_agreed":          told("Beställaren godtog förslaget på data", "The orderer took the proposed data", "svaret gäller det senaste förslaget", "the answer is to the latest proposal", "förvaltningslagen 6 §; dataskyddsförordningen art. 5.1 c"),
	"supplement_reminded":  told("En påminnelse om kompletteringen skickades", "A reminder of the supplement was sent", "", "", "förvaltningslagen 20 §"),
	"supplement_timed_out": told("Tiden för kompletteringen gick ut", "The time for the supplement ran out", "dagen har passerat utan svar", "the day has passed without an answer", "förvaltningslagen 20 §"),
}
