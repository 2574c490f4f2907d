// Package party has the pages of everybody outside the authority in a case that
// has been handed in: the orderer and co-applicants, the principal's
// representative, and whoever supplies the population.
//
// They see what a case waits for and answer it: supplements, questions, the
// draft quote, the proposal of data, decision and quote, the restriction, the
// population file, the delivery. And they see what they can ask of the
// authority: dates, documents, the people of the case, an appeal, to take the
// order back, and what they have to be told about keys.
//
// A page here is a [sheet]: paragraphs, facts, tables and forms under
// headings, in that order of reading, all shown by one template. Nothing of what
// has not been announced reaches it: pages ask access for the view first, and
// dates are read from the case as the reader's own events tell it.
package party

import (
	"embed"
	"slices"

	"sluss/internal/access"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/web/page"
)

//go:embed pages/*.html texts/*.json
var files embed.FS

// Who the pages are for. The access table has the last word in a case.
var (
	parties  = page.Ordering
	ordering = []order.Role{order.RoleOrderer}
	answers  = []order.Role{order.RoleOrderer, order.RoleRepresentative}
	accepts  = []order.Role{order.RoleRepresentative}
	supplies = []order.Role{order.RoleSupplier}
	outside  = append(slices.Clone(page.Ordering), order.RoleSupplier)
)

// Room is the pages of the parties and the supplier.
var Room = page.Room{Name: "party", Files: files, Acts: acts, Parts: parts, Routes: []page.Route{
	{Pattern: "GET /enquire", Example: "/enquire", As: ordering, Nav: "party.nav_enquire", Handle: showEnquire},
	{Pattern: "POST /enquire", As: ordering, Handle: enquire},
	{Pattern: "GET /calls", Example: "/calls", As: supplies, Nav: "party.nav_calls", Handle: calls},

	{Pattern: "GET /cases/{id}/supplement", Example: "/cases/{case:waiting_for_orderer}/supplement", As: parties, Handle: showSupplement},
	{Pattern: "POST /cases/{id}/supplement", As: ordering, Handle: answerSupplement},
	{Pattern: "POST /cases/{id}/supplement/look", As: ordering, Handle: lookSupplement},
	{Pattern: "GET /cases/{id}/questions", Example: "/cases/{case:waiting_for_orderer}/questions", As: parties, Handle: showQuestions},
	{Pattern: "POST /cases/{id}/questions/ask", As: parties, Handle: askQuestion},
	{Pattern: "POST /cases/{id}/questions/{no}", As: parties, Handle: answerQuestion},
	{Pattern: "GET /cases/{id}/proposal", Example: "/cases/{case:data_proposed}/proposal", As: parties, Handle: showProposal},
	{Pattern: "POST /cases/{id}/proposal", As: answers, Handle: agreeProposal},
	{Pattern: "GET /cases/{id}/draft", Example: "/cases/{case:paused}/draft", As: parties, Handle: showDraft},
	{Pattern: "POST /cases/{id}/draft/agree", As: answers, Handle: agreeDraft},
	{Pattern: "POST /cases/{id}/draft/return", As: answers, Handle: returnDraft},

	{Pattern: "GET /cases/{id}/outcome", Example: "/cases/{case:not_accepted}/outcome", As: parties, Handle: showOutcome},
	{Pattern: "GET /cases/{id}/accept", Example: "/cases/{case:not_accepted}/accept", As: parties, Handle: showAccept},
	{Pattern: "POST /cases/{id}/accept", As: accepts, Handle: acceptQuote},
	{Pattern: "GET /cases/{id}/restriction", Example: "/cases/{case:forbehall_open}/restriction", As: answers, Handle: showRestriction},
	{Pattern: "POST /cases/{id}/restriction", As: answers, Handle: acknowledge},
	{Pattern: "GET /cases/{id}/appeal", Example: "/cases/{case:partly_refused}/appeal", As: parties, Handle: showAppeal},
	{Pattern: "POST /cases/{id}/appeal", As: answers, Handle: appeal},
	{Pattern: "GET /cases/{id}/change", Example: "/cases/{case:change_proposed}/change", As: parties, Handle: showChange},
	{Pattern: "POST /cases/{id}/change", As: accepts, Handle: answerChange},

	{Pattern: "GET /cases/{id}/key", Example: "/cases/{case:paused}/key", As: parties, Handle: showKey},
	{Pattern: "POST /cases/{id}/key", As: parties, Handle: sendKey},
	{Pattern: "POST /cases/{id}/route", As: ordering, Handle: askRoute},
	{Pattern: "GET /cases/{id}/population", Example: "/cases/{case:population_called}/population", As: outside, Handle: showPopulation},
	{Pattern: "POST /cases/{id}/population", As: []order.Role{order.RoleSupplier, order.RoleOrderer}, Handle: takePopulation},
	{Pattern: "GET /cases/{id}/population/call", Example: "/cases/{case:population_called}/population/call", As: outside, Handle: callFile},
	{Pattern: "GET /cases/{id}/parcel", Example: "/cases/{case:fault_reported}/parcel", As: parties, Handle: showParcel},
	{Pattern: "GET /cases/{id}/parcel/file", Example: "/cases/{case:fault_reported}/parcel/file", As: parties, Handle: parcelFile},
	{Pattern: "GET /cases/{id}/parcel/parts", Example: "/cases/{case:fault_reported}/parcel/parts", As: parties, Handle: parcelList},
	{Pattern: "GET /cases/{id}/parcel/parts/{no}", Example: "/cases/{case:fault_reported}/parcel/parts/1", As: parties, Handle: parcelPart},
	{Pattern: "POST /cases/{id}/parcel/receipt", As: answers, Handle: confirmReceipt},
	{Pattern: "POST /cases/{id}/parcel/fault", As: answers, Handle: reportFault},
	{Pattern: "POST /cases/{id}/parcel/recalled", As: answers, Handle: answerRecall},
	{Pattern: "POST /cases/{id}/parcel/again", As: ordering, Handle: sendAgain},

	{Pattern: "GET /cases/{id}/testdata", Example: "/cases/{case:paused}/testdata", As: parties, Handle: showTwin},
	{Pattern: "GET /cases/{id}/twin.zip", Example: "/cases/{case:paused}/twin.zip", As: parties, Handle: twinFile},

	{Pattern: "GET /cases/{id}/dates", Example: "/cases/{case:to_review}/dates", As: parties, Handle: showDates},
	{Pattern: "GET /cases/{id}/dates/calendar", Example: "/cases/{case:to_review}/dates/calendar", As: parties, Handle: calendar},
	{Pattern: "POST /cases/{id}/dates", As: answers, Handle: requestRuling},
	{Pattern: "GET /cases/{id}/documents", Example: "/cases/{case:to_invoice}/documents", As: parties, Handle: showDocuments},
	{Pattern: "GET /cases/{id}/documents/{no}", Example: "/cases/{case:to_invoice}/documents/1", As: parties, Handle: documentFile},
	{Pattern: "GET /cases/{id}/documents/sent/{file}", Example: "/cases/{case:to_invoice}/documents/sent/none", Status: 404, As: parties, Handle: sentFile},
	{Pattern: "GET /cases/{id}/people", Example: "/cases/{case:to_review}/people", As: parties, Handle: showPeople},
	{Pattern: "GET /cases/{id}/withdraw", Example: "/cases/{case:paused}/withdraw", As: answers, Handle: showWithdraw},
	{Pattern: "POST /cases/{id}/withdraw", As: answers, Handle: withdraw},
}}

// acts are what a case waits for first; the others follow.
var acts = []page.Act{
	{Command: order.AnswerSupplement{}, Key: "party.go_supplement", Path: "supplement", As: ordering, Main: true, When: func(s order.State) bool { return answerable(s) != nil }},
	{Command: order.AnswerQuestion{}, Key: "party.go_answer", Path: "questions", As: parties, Main: true, When: func(s order.State) bool {
		return slices.ContainsFunc(s.Questions, func(q order.Question) bool { return !q.Outside && !q.Answered })
	}},
	{Command: order.AgreeData{}, Key: "party.go_proposal", Path: "proposal", As: answers, Main: true, When: proposed},
	{Command: order.AgreeDraft{}, Key: "party.go_draft", Path: "draft", As: answers, Main: true, When: draftOpen},
	{Command: order.AcceptQuote{}, Key: "party.go_accept", Path: "accept", As: accepts, Main: true, When: acceptable},
	{Command: order.AcknowledgeForbehall{}, Key: "party.go_restriction", Path: "restriction", As: answers, Main: true, When: func(s order.State) bool { return len(unbound(s)) > 0 }},
	{Command: order.AnswerChange{}, Key: "party.go_change", Path: "change", As: accepts, Main: true, When: func(s order.State) bool { _, ok := openChange(s); return ok }},
	{Command: order.TakeMedium{}, Key: "party.go_population", Path: "population", As: supplies, Main: true, When: order.State.AwaitsFile},
	{Command: order.ConfirmReceipt{}, Key: "party.go_parcel", Path: "parcel", As: answers, Main: true, When: func(s order.State) bool { return fetchable(s) && !s.Receipt && !s.ByPost() }},
	{Command: order.ConfirmReceipt{}, Key: "party.go_stick", Path: "parcel", As: answers, Main: true, When: func(s order.State) bool { return fetchable(s) && s.StickUnderway() != nil }},
	{Command: order.AnswerRecall{}, Key: "party.go_recalled", Path: "parcel", As: answers, Main: true, When: func(s order.State) bool { i := s.OpenIncident(); return i != nil && !i.Answered }},
	{Command: order.AskQuestion{}, Key: "party.go_ask", Path: "questions#ask", As: parties},
	{Command: order.ReportFault{}, Key: "party.go_fault", Path: "parcel#fault", As: answers, When: fetchable},
	{Command: order.SendAgain{}, Key: "party.go_again", Path: "parcel#again", As: ordering, When: func(s order.State) bool {
		return fetchable(s) && (!s.ByPost() || s.Receipt && !s.AwaitsPosting())
	}},
	{Command: order.ChooseRoute{}, Key: "party.go_route", Path: "key#way", As: ordering, When: routeOpen},
	{Command: order.RegisterAppeal{}, Key: "party.go_appeal", Path: "appeal", As: answers, When: appealable},
	{Command: order.Withdraw{}, Key: "party.go_withdraw", Path: "withdraw", As: answers, When: withdrawable},
}

var parts = []page.Part{
	{Key: "party.part_supplement", Path: "supplement", View: access.ViewApplication, As: parties, When: func(s order.State) bool { return len(s.Supplements) > 0 }},
	{Key: "party.part_questions", Path: "questions", View: access.ViewCase, As: parties},
	{Key: "party.part_proposal", Path: "proposal", View: access.ViewApplication, As: parties, When: proposed},
	{Key: "party.part_draft", Path: "draft", View: access.ViewDraft, As: parties, When: func(s order.State) bool { return s.Draft != nil }},
	{Key: "party.part_outcome", Path: "outcome", View: access.ViewDecision, As: parties, When: func(s order.State) bool { return s.Decision != nil }},
	{Key: "party.part_dismissal", Path: "outcome", View: access.ViewCase, As: parties, When: func(s order.State) bool { return s.Ended == order.PhaseDismissed }},
	{Key: "party.part_change", Path: "change", View: access.ViewQuote, As: parties, When: func(s order.State) bool { return len(s.Changes) > 0 }},
	{Key: "party.part_population", Path: "population", View: access.ViewPopulation, As: outside, When: withFile},
	{Key: "party.part_key", Path: "key", View: access.ViewApplication, As: parties, When: func(s order.State) bool { return s.Submitted }},
	{Key: "party.part_twin", Path: "testdata", View: access.ViewApplication, As: parties, When: func(s order.State) bool { return s.Submitted && s.Ended == "" }},
	{Key: "party.part_parcel", Path: "parcel", View: access.ViewDelivery, As: parties, When: func(s order.State) bool { return s.Delivery != nil }},
	{Key: "party.part_dates", Path: "dates", View: access.ViewClocks, As: parties},
	{Key: "party.part_documents", Path: "documents", View: access.ViewDocuments, As: parties},
	{Key: "party.part_people", Path: "people", View: access.ViewApplication, As: parties, When: func(s order.State) bool { return s.Submitted }},
}

// What a case waits for, as far as those outside may know.

// answerable is the request that an answer now would be to: the open one, or the
// last one when its time ran out.
func answerable(s order.State) *order.Supplement {
	if s.Ended != "" || s.Announced {
		return nil
	}
	if open := s.OpenSupplement(); open != nil {
		return open
	}
	if n := len(s.Supplements); n > 0 && s.Supplements[n-1].TimedOut && !s.Supplements[n-1].Answered {
		return &s.Supplements[n-1]
	}
	return nil
}

func proposed(s order.State) bool { return s.Proposal != nil && s.Ended == "" && !s.Announced }

func draftOpen(s order.State) bool { return s.DraftOpen && s.Ended == "" && !s.Announced }

func acceptable(s order.State) bool {
	return s.Ended == "" && s.Dispatched && s.Discloses() && !s.Accepted && s.Quote != nil && s.Quote.NoFee == nil
}

// unbound are the researchers who have not acknowledged the restriction.
func unbound(s order.State) []string {
	if s.Ended != "" || !s.Dispatched || s.Decision == nil || s.Decision.Forbehall == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.Decision.Forbehall.Names), func(n string) bool { return s.Bound[n] })
}

func openChange(s order.State) (order.Change, bool) {
	i := slices.IndexFunc(s.Changes, func(c order.Change) bool { return !c.Answered })
	if i < 0 || s.Ended != "" || s.Invoice != nil {
		return order.Change{}, false
	}
	return s.Changes[i], true
}

func withFile(s order.State) bool { return s.Submitted && s.Application.Population.Source == "file" }

// fetchable reports whether there is a parcel to fetch.
func fetchable(s order.State) bool {
	return s.Fetchable() == nil && !s.PurgeOpen && !s.Purged && s.Ended == ""
}

func appealable(s order.State) bool {
	if slices.ContainsFunc(s.Appeals, func(a order.Appeal) bool { return !a.Settled }) {
		return false
	}
	return against(s)
}

// against reports whether there is something that can be appealed.
func against(s order.State) bool {
	if s.Ended == order.PhaseDismissed {
		return true
	}
	return s.Dispatched && s.Decision != nil && (s.Decision.Outcome() != plan.OutcomeDisclose || s.Decision.Forbehall != nil)
}

// withdrawable is told from what has been announced only: that a refusal waits
// to be dispatched must not show.
func withdrawable(s order.State) bool {
	return s.Ended == "" && s.Delivery == nil && !s.Released && (!s.Announced || s.Discloses())
}
