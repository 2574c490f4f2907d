// Package rulings has the pages of the decision maker: what is to be decided,
// a case summed up on one page, the decision as a letter, signing it, and what
// can happen around a decision: questions back to the reviewer, a case taken up
// again, appeals that came late, requests for a ruling, longer retention.
//
// The decision is not written on these pages: its rows follow from the review.
// Who decides reads them with what the review left out and why, completes what
// only the decision says (reasons, förbehåll, last day, the recipient's key),
// and signs the document whole, by its hash. Whoever disagrees with a row sends
// the review back.
package rulings

import (
	"embed"

	"sluss/internal/access"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

//go:embed pages/*.html texts/*.json
var files embed.FS

// Who the pages are for. The access table has the last word in a case.
var (
	deciding = []order.Role{order.RoleDecider}
	// knowing may read what is about to be decided.
	knowing = []order.Role{order.RoleDecider, order.RoleHandler, order.RoleReviewer, order.RoleRegistrar, access.RoleAuditor}
)

// Room is the decision maker's.
var Room = page.Room{Name: "rulings", Files: files, Routes: routes, Acts: offered(), Parts: []page.Part{
	{Key: "rulings.part", Path: "decision", View: access.ViewReview, As: knowing, When: decidable},
}}

var routes = []page.Route{
	{Pattern: "GET /decisions", Example: "/decisions", As: deciding, Nav: "rulings.nav", Handle: decisions},
	{Pattern: "GET /cases/{id}/decision", Example: "/cases/{case:to_decide}/decision", As: knowing, Handle: summary},
	{Pattern: "GET /cases/{id}/decision/letter", Example: "/cases/{case:to_dispatch}/decision/letter", As: knowing, Handle: showLetter},
	{Pattern: "GET /cases/{id}/decision/letter/text", Example: "/cases/{case:to_dispatch}/decision/letter/text", As: knowing, Handle: letterText},
	{Pattern: "GET /cases/{id}/decide", Example: "/cases/{case:drawn_to_decide}/decide", As: deciding, Fresh: true, Handle: showDecide},
	{Pattern: "POST /cases/{id}/decide", As: deciding, Fresh: true, Handle: decide},
	{Pattern: "POST /cases/{id}/decide/look", As: deciding, Fresh: true, Handle: lookDecide},
	{Pattern: "POST /cases/{id}/decide/document", As: deciding, Fresh: true, Handle: document},
	{Pattern: "GET /cases/{id}/rule/{act}", Example: "/cases/{case:to_decide}/rule/return", As: deciding, Handle: showAct},
	{Pattern: "POST /cases/{id}/rule/{act}", As: deciding, Handle: giveAct},
}

// decidable reports whether there is something about a decision to read.
func decidable(s order.State) bool { return s.Reviewed || s.Decision != nil }

// toDecide reports whether the case waits for a decision.
func toDecide(s order.State) bool {
	return s.Ended == "" && s.Reviewed && (s.Decision == nil || s.Reopened != "") || correcting(s)
}

// correcting reports whether the case is open for a correction of slips, which
// needs no review.
func correcting(s order.State) bool {
	return s.Reopened == order.KindCorrection && s.Decision != nil
}

// offered is what the room offers on the case's page.
func offered() []page.Act {
	out := []page.Act{
		{Command: order.RecordDecision{}, Key: "rulings.go_decide", Path: "decision", Main: true, When: func(s order.State) bool { return toDecide(s) && s.Reopened == "" }},
		{Command: order.Redecide{}, Key: "rulings.go_redecide", Path: "decision", Main: true, When: func(s order.State) bool { return toDecide(s) && s.Reopened != "" }},
	}
	for _, x := range acts {
		out = append(out, page.Act{Command: x.command, Key: "rulings.act_" + x.path, Path: "rule/" + x.path, When: x.when, Main: x.main})
	}
	return out
}
