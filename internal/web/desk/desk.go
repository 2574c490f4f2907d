// Package desk has the pages of those who prepare cases: the handler, the
// reviewer and the registrar.
//
// The desk itself is a list of what waits, with the case that comes next and
// why. In a case, most of what can be done is a small form: a command with a
// few fields. Those stand in one table ([acts]) and share one page. What needs
// more has a page of its own: the completeness check, the supplement composer,
// the ethics documents beside the order, the quote editor, the proposal of
// data, the worksheet of the confidentiality review, documents and letters.
//
// No page decides by itself: what the pages fill in is a proposal that a
// person reads, and the rules of the case have the last word.
package desk

import (
	"embed"
	"slices"

	"sluss/internal/access"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

//go:embed pages/*.html texts/*.json
var files embed.FS

// Who the pages are for. The access table has the last word in a case.
var (
	// takers have tasks in the queue.
	takers = slices.DeleteFunc(slices.Clone(page.Handling), func(r order.Role) bool { return r == access.RoleAuditor })
	// preparing read all papers of a case.
	preparing = []order.Role{order.RoleHandler, order.RoleReviewer, order.RoleDecider, order.RoleRegistrar, access.RoleAuditor}
	handling  = []order.Role{order.RoleHandler}
	reviewing = []order.Role{order.RoleReviewer, order.RoleHandler}
	register  = []order.Role{order.RoleRegistrar}
	proposing = []order.Role{order.RoleHandler, order.RoleStatistician}
	answering = []order.Role{order.RoleRegistrar, order.RoleHandler, order.RoleDecider, access.RoleAuditor}
	// copying is who takes out a masked copy: those who answer, not who audits.
	copying = []order.Role{order.RoleRegistrar, order.RoleHandler, order.RoleDecider}
	// resending is who sends mail again that did not arrive, and mending who sees
	// all of it.
	resending = []order.Role{order.RoleHandler, order.RoleRegistrar}
	mending   = []order.Role{order.RoleRegistrar, access.RoleAdministrator}
	reading   = []order.Role{order.RoleHandler, access.RoleAuditor}
	// posting is who writes a stick and posts it.
	posting = []order.Role{order.RoleRegistrar, order.RoleReleaser}
)

// Room is the desk, what is done in a case, and the letters.
var Room = page.Room{Name: "desk", Files: files, Routes: routes, Acts: offered(), Parts: parts}

var routes = []page.Route{
	{Pattern: "GET /desk", Example: "/desk", As: takers, Nav: "desk.nav", Handle: desk},
	{Pattern: "POST /desk/pull", As: takers, Handle: pull},
	{Pattern: "POST /cases/{id}/take-over", As: takers, Handle: takeOver},

	{Pattern: "GET /cases/{id}/act/{act}", Example: "/cases/{case:late}/act/note", As: takers, Handle: showAct},
	{Pattern: "POST /cases/{id}/act/{act}", As: takers, Handle: giveAct},

	{Pattern: "GET /cases/{id}/check", Example: "/cases/{case:new}/check", As: preparing, Handle: showCheck},
	{Pattern: "POST /cases/{id}/check", As: handling, Handle: confirmComplete},
	{Pattern: "GET /cases/{id}/ask-more", Example: "/cases/{case:new}/ask-more", As: handling, Handle: showAskMore},
	{Pattern: "POST /cases/{id}/ask-more", As: handling, Handle: askMore},
	{Pattern: "GET /cases/{id}/ethics", Example: "/cases/{case:to_review}/ethics", As: preparing, Handle: ethics},
	{Pattern: "GET /cases/{id}/order", Example: "/cases/{case:to_review}/order", As: preparing, Handle: showOrder},

	{Pattern: "GET /cases/{id}/price", Example: "/cases/{case:new}/price", As: handling, Handle: showPrice},
	{Pattern: "POST /cases/{id}/price", As: handling, Handle: previewPrice},
	{Pattern: "POST /cases/{id}/price/send", As: handling, Handle: sendPrice},
	{Pattern: "GET /cases/{id}/propose", Example: "/cases/{case:new}/propose", As: proposing, Handle: showPropose},
	{Pattern: "POST /cases/{id}/propose/send", As: proposing, Handle: propose},
	{Pattern: "GET /cases/{id}/worksheet", Example: "/cases/{case:to_review}/worksheet", As: preparing, Handle: showSheet},
	{Pattern: "POST /cases/{id}/worksheet", As: reviewing, Handle: trySheet},
	{Pattern: "POST /cases/{id}/worksheet/record", As: reviewing, Handle: recordSheet},

	{Pattern: "GET /cases/{id}/talk", Example: "/cases/{case:enquiry}/talk", As: takers, Handle: talk},
	{Pattern: "GET /cases/{id}/hours", Example: "/cases/{case:to_review}/hours", As: page.Handling, Handle: hours},
	{Pattern: "GET /cases/{id}/papers", Example: "/cases/{case:to_review}/papers", As: preparing, Handle: papers},
	{Pattern: "GET /cases/{id}/papers/{no}", Example: "/cases/{case:to_review}/papers/1", As: preparing, Handle: paper},
	{Pattern: "GET /cases/{id}/attached/{file}", Example: "/cases/{case:to_review}/attached/none", Status: 404, As: preparing, Handle: attached},
	{Pattern: "GET /cases/{id}/readers", Example: "/cases/{case:to_review}/readers", As: reading, Handle: readers},
	{Pattern: "GET /cases/{id}/requests", Example: "/cases/{case:to_review}/requests", As: answering, Handle: requests},
	{Pattern: "GET /cases/{id}/requests/{request}/papers/{no}", Example: "/cases/{case:to_review}/requests/1/papers/1", Status: 404, As: copying, Handle: givenCopy},
	{Pattern: "GET /cases/{id}/on-behalf", Example: "/cases/{case:waiting_for_orderer}/on-behalf", As: register, Handle: showOnBehalf},
	{Pattern: "POST /cases/{id}/on-behalf", As: register, Handle: answerOnBehalf},

	{Pattern: "GET /cases/{id}/stick", Example: "/cases/{case:to_post}/stick", As: posting, Handle: showStick},
	{Pattern: "POST /cases/{id}/stick", As: posting, Handle: postStick},
	{Pattern: "GET /cases/{id}/stick/parcel", Example: "/cases/{case:to_post}/stick/parcel", As: posting, Handle: stickParcel},
	{Pattern: "GET /cases/{id}/stick/label", Example: "/cases/{case:to_post}/stick/label", As: posting, Handle: stickLabel},
	{Pattern: "GET /cases/{id}/stick/label.pdf", Example: "/cases/{case:to_post}/stick/label.pdf", Status: 422, As: posting, Handle: stickLabelPDF},

	{Pattern: "GET /cases/{id}/mail", Example: "/cases/{case:no_fee}/mail", As: page.Handling, Handle: mail},
	{Pattern: "POST /cases/{id}/mail/again", As: resending, Handle: mailAgain},
	{Pattern: "GET /mail", Example: "/mail", As: mending, Handle: trouble},
	{Pattern: "POST /mail/again", As: mending, Handle: troubleAgain},

	{Pattern: "GET /letters", Example: "/letters", As: register, Nav: "letters.nav", Handle: letters},
	{Pattern: "POST /letters", As: register, Handle: takeLetter},
	{Pattern: "GET /letters/{letter}", Example: "/letters/{letter}", As: register, Handle: letter},
	{Pattern: "GET /letters/{letter}/original", Example: "/letters/{letter}/original", As: register, Handle: original},
	{Pattern: "GET /letters/{letter}/parts/{no}", Example: "/letters/{letter}/parts/none", Status: 404, As: register, Handle: letterPart},
	{Pattern: "POST /letters/{letter}/file", As: register, Handle: fileLetter},
	{Pattern: "POST /letters/{letter}/open", As: register, Handle: openWithLetter},
	{Pattern: "POST /letters/{letter}/ask", As: register, Handle: askWithLetter},
	{Pattern: "POST /letters/{letter}/return", As: register, Handle: returnLetter},
}

var parts = []page.Part{
	{Key: "desk.part_order", Path: "order", View: access.ViewApplication, As: preparing, When: submitted},
	{Key: "desk.part_check", Path: "check", View: access.ViewApplication, As: preparing, When: submitted},
	{Key: "desk.part_ethics", Path: "ethics", View: access.ViewApplication, As: preparing, When: submitted},
	{Key: "desk.part_worksheet", Path: "worksheet", View: access.ViewReview, As: preparing, When: submitted},
	{Key: "desk.part_talk", Path: "talk", View: access.ViewDesk, As: takers},
	{Key: "desk.part_papers", Path: "papers", View: access.ViewDocuments, As: preparing},
	{Key: "desk.part_stick", Path: "stick", View: access.ViewParcel, As: posting, When: func(s order.State) bool { return s.Delivery != nil && s.ByPost() }},
	{Key: "desk.part_mail", Path: "mail", View: access.ViewDesk, As: page.Handling},
	{Key: "desk.part_hours", Path: "hours", View: access.ViewDesk, As: page.Handling},
	{Key: "desk.part_requests", Path: "requests", View: access.ViewDocuments, As: answering, When: func(s order.State) bool { return len(s.Requests) > 0 }},
	{Key: "desk.part_readers", Path: "readers", View: access.ViewReads, As: reading},
}

func submitted(s order.State) bool { return s.Submitted }
