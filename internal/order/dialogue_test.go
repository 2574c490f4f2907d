package order

import (
	"testing"

	"sluss/internal/day"
	"sluss/internal/intake"
)

// TestEnquiry follows a question before there is an order.
func TestEnquiry(t *testing.T) {
	t.Parallel()
	w := newWorld(t, research())
	w.refused(RoleOrderer, Enquire{Topic: "weather", Text: "?"}, "order.enquiry", 0)
	w.refused(RoleOrderer, Enquire{Topic: "wording"}, "order.enquiry", 0)
	w.refused(RoleRegistrar, Enquire{Topic: "wording", Text: "?"}, "order.on_behalf", 0)
	w.refused(RoleHandler, CloseEnquiry{}, "order.not_submitted", 0)
	w.do(RoleOrderer, Enquire{Topic: "variables", Text: "Vilka variabler behövs?"})
	if w.s.Phase() != PhaseEnquiry {
		t.Errorf("phase %s", w.s.Phase())
	}
	w.refused(RoleOrderer, Enquire{Topic: "variables", Text: "En gång till"}, "order.enquired_twice", 0)
	w.refused(RoleOrderer, Submit{Application: w.app}, "order.submitted_twice", 0)
	w.refused(RoleHandler, DraftQuote{Terms: w.terms()}, "order.not_submitted", 0)
	w.refused(RoleHandler, CloseEnquiry{}, "order.enquiry_unanswered", 0)
	w.refused(RoleOrderer, AnswerQuestion{ID: 1, Text: "jag själv"}, "order.own_question", 0)
	w.do(RoleHandler, AnswerQuestion{ID: 1, Text: "from_datum och tom_datum"})
	w.do(RoleHandler, CloseEnquiry{})
	if w.s.Phase() != PhaseAnswered || w.s.Holds() {
		t.Errorf("phase %s, holds %v", w.s.Phase(), w.s.Holds())
	}
	if err := Continues(w.s, KinEnquiry); err != nil {
		t.Error(err)
	}
	if err := Continues(at(t, research(), "agree_draft").s, KinEnquiry); err == nil {
		t.Error("an order is no enquiry")
	}
	at(t, research(), "agree_draft").refused(RoleHandler, CloseEnquiry{}, "order.no_enquiry", 0)

	by := newWorld(t, research()) // by mail: the answer goes to the address
	mail := &Arrival{On: start - 3, Channel: ChannelMail, Sender: "E", Name: "Fråga", Blob: "b", SHA256: hash("m")}
	by.do(RoleRegistrar, Enquire{Topic: "orderable", Text: "Går 2026 att beställa?", Email: "e@x.example", Arrival: mail})
	if by.s.ReceivedOn != start-3 || len(by.s.Documents) != 1 {
		t.Errorf("received %s, documents %v", by.s.ReceivedOn, by.s.Documents)
	}
	by.do(RoleOrderer, Withdraw{Reason: "löst"})
}

// TestQuestionsAndNotes: each side answers the other's, and notes stay inside.
func TestQuestionsAndNotes(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "draft_quote")
	w.refused(RoleHandler, AskQuestion{}, "order.question_empty", 0)
	w.do(RoleHandler, AskQuestion{Part: "data[0].need", Text: "Vilka fall?"})
	w.refused(RoleHandler, AnswerQuestion{ID: 1, Text: "alla"}, "order.own_question", 0)
	w.refused(RoleOrderer, AnswerQuestion{ID: 2, Text: "alla"}, "order.no_question", 0)
	w.refused(RoleOrderer, AnswerQuestion{ID: 1}, "order.answer_empty", 0)
	w.do(RoleOrderer, AnswerQuestion{ID: 1, Text: "alla"})
	w.refused(RoleOrderer, AnswerQuestion{ID: 1, Text: "alla"}, "order.no_question", 0)
	w.do(RoleCoApplicant, AskQuestion{Text: "När?"})
	w.do(RoleStatistician, AnswerQuestion{ID: 2, Text: "i december"})
	w.refused(RoleReviewer, WriteNote{}, "order.note_empty", 0)
	w.do(RoleReviewer, WriteNote{Text: "kontrollera kapitel F"})
	// By mail: the registrar asks and answers for the orderer, with the document.
	w.refused(RoleRegistrar, AskQuestion{Text: "x"}, "order.no_document", 0)
	w.do(RoleRegistrar, RegisterDocument{Document{Kind: "question", Name: "Mail", On: start, Party: "E", Channel: ChannelMail, Blob: "b", SHA256: hash("1")}})
	w.do(RoleRegistrar, AskQuestion{Text: "x", Behalf: Behalf{Mail: 1}})
	w.refused(RoleRegistrar, AnswerQuestion{ID: 3, Text: "y", Behalf: Behalf{Mail: 1}}, "order.own_question", 0)
	w.do(RoleHandler, AnswerQuestion{ID: 3, Text: "y"})
	// Also after the end.
	w = at(t, research(), "the end")
	w.do(RoleOrderer, AskQuestion{Text: "Vad hände?"})
	w.do(RoleHandler, AnswerQuestion{ID: 1, Text: "Gallrat"})
}

// TestNeedBecomesData: a draft is not agreed while something is only words.
func TestNeedBecomesData(t *testing.T) {
	t.Parallel()
	app := research()
	wish := app.Data[0]
	app.Data = []intake.Wish{{Register: wish.Register, Benefits: wish.Benefits, From: wish.From, To: wish.To, Need: "Fall per person"}}
	w := newWorld(t, app)
	w.do(RoleOrderer, Submit{Application: app})
	w.do(RoleHandler, DraftQuote{Terms: w.terms()})
	w.refused(RoleOrderer, AgreeDraft{Hash: w.s.DraftHash}, "order.data_open", 0)
	w.refused(RoleHandler, ProposeData{Data: app.Data}, "order.data_open", 0)
	w.refused(RoleOrderer, AgreeData{Hash: hash("x")}, "order.no_proposal", 0)
	w.do(RoleHandler, ProposeData{Data: []intake.Wish{wish}, Text: "En rad per fall"})
	w.refused(RoleOrderer, AgreeData{Hash: hash("x")}, "order.other_proposal", 0)
	w.do(RoleOrderer, AgreeData{Hash: w.s.Proposal.Hash})
	if w.s.Application.Data[0].Table != "midas_sjp" || w.s.Proposal != nil || w.s.DraftOpen {
		t.Errorf("data %+v, proposal %v, draft open %v", w.s.Application.Data, w.s.Proposal, w.s.DraftOpen)
	}
	w.do(RoleHandler, ConfirmComplete{})
	w.do(RoleHandler, DraftQuote{Terms: w.terms()}) // the draft was for something else
	w.do(RoleOrderer, AgreeDraft{Hash: w.s.DraftHash})
	w = at(t, research(), "dispatch_decision")
	w.refused(RoleHandler, ProposeData{Data: []intake.Wish{wish}}, "order.proposal_after_decision", 0)
}

// TestScenario27Reminders: reminder, timeout and a late answer, each once; exactly
// one of answer and timeout ends a request.
func TestScenario27Reminders(t *testing.T) {
	t.Parallel()
	asked := func() *world {
		w := at(t, research(), "confirm_complete")
		w.do(RoleHandler, RequestSupplement{Parts: []string{"title"}, Text: "Titeln", DueDays: 10})
		return w
	}
	w := asked()
	due := w.s.OpenSupplement().Due
	remind := w.authority.Calendar.AddWorkingDays(due, -RemindWorkingDays)
	acts := func(d day.Day) (names []string) {
		for _, c := range DueActs(w.s, w.authority, d) {
			if c.Name() != "warn_clock" {
				names = append(names, c.Name())
			}
		}
		return names
	}
	if got := acts(remind - 1); len(got) != 0 {
		t.Errorf("the day before the reminder: %v", got)
	}
	if got := acts(remind); len(got) != 1 || got[0] != "remind_supplement" {
		t.Errorf("on the day of the reminder: %v", got)
	}
	w.today = remind - 1
	w.refused(RoleClock, RemindSupplement{}, "order.reminder_early", 0)
	w.today = remind
	w.do(RoleClock, RemindSupplement{})
	w.refused(RoleClock, RemindSupplement{}, "order.reminded_twice", 0)
	w.today = due
	w.refused(RoleClock, TimeOutSupplement{}, "order.no_timeout", 0)
	if got := acts(due); len(got) != 0 {
		t.Errorf("on the last day: %v", got)
	}
	w.today = due + 1
	if got := acts(due + 1); len(got) != 1 || got[0] != "time_out_supplement" {
		t.Errorf("the day after: %v", got)
	}
	w.do(RoleClock, TimeOutSupplement{})
	w.refused(RoleClock, TimeOutSupplement{}, "order.no_timeout", 0)
	if w.s.Phase() != PhaseReceived {
		t.Errorf("phase %s after the timeout", w.s.Phase())
	}
	late := w.s.Application
	late.Title = "Ny titel"
	w.today += 20
	w.do(RoleOrderer, AnswerSupplement{Application: late})
	if ev := w.log[len(w.log)-1].Event.(*Supplemented); !ev.Late || w.s.Application.Title != "Ny titel" {
		t.Errorf("late answer %+v", ev)
	}
	w.refused(RoleOrderer, AnswerSupplement{Application: late}, "order.no_supplement", 0)

	w = asked() // answered first: nothing runs out
	answer := w.s.Application
	answer.Title = "T"
	w.do(RoleOrderer, AnswerSupplement{Application: answer})
	w.today = w.s.Supplements[0].Due + 1
	w.refused(RoleClock, TimeOutSupplement{}, "order.no_timeout", 0)

	w = asked() // a new request after a timeout: the answer is to that one
	w.today = w.s.OpenSupplement().Due + 1
	w.do(RoleClock, TimeOutSupplement{})
	w.do(RoleHandler, RequestSupplement{Parts: []string{"invoice"}, Text: "Fakturan", DueDays: 5})
	answer = w.s.Application
	answer.Title = "T"
	w.refused(RoleOrderer, AnswerSupplement{Application: answer}, "order.supplement_locked", 0)

	// By mail: the day the mail came decides whether it is late.
	w = asked()
	due = w.s.OpenSupplement().Due
	w.today = due + 2
	w.do(RoleRegistrar, RegisterDocument{Document{Kind: "supplement", Name: "Brev", On: due, Party: "E", Channel: ChannelPost, Blob: "b", SHA256: hash("1")}})
	answer = w.s.Application
	answer.Title = "T"
	w.refused(RoleRegistrar, AnswerSupplement{Application: answer}, "order.no_document", 0)
	w.do(RoleRegistrar, AnswerSupplement{Application: answer, Behalf: Behalf{Mail: 1}})
	if ev := w.log[len(w.log)-1].Event.(*Supplemented); ev.Late || w.s.LastItemOn != due {
		t.Errorf("came on the last day: %+v, last item %s", ev, w.s.LastItemOn)
	}
}
