// Package vaultdesk has the pages of those who plan extractions and let
// deliveries out: what waits, the extraction plan with its difference to the
// decision, the run, the disclosure report, and the release.
//
// The plan is proposed from the decision, as fine as decided, and made narrower
// or coarser with form fields. Beside it stands, element by element, what the
// decision allows and what the plan takes; what goes beyond is found by the
// rules of room plan and cannot be signed. Nobody releases what they have
// extracted (promise 13).
//
// No page here has ever seen a person's data: the vault reports counts, hashes
// and checks. The timeline shows made-up people.
package vaultdesk

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
	planning  = []order.Role{order.RoleStatistician}
	releasing = []order.Role{order.RoleReleaser}
	both      = []order.Role{order.RoleStatistician, order.RoleReleaser}
	seeing    = []order.Role{order.RoleStatistician, order.RoleReleaser, order.RoleHandler, order.RoleReviewer, order.RoleDecider, order.RoleRegistrar, access.RoleAuditor}
)

// Room is the vault's desk.
var Room = page.Room{
	Name: "vaultdesk", Files: files, Routes: routes,
	Acts: []page.Act{
		{Command: order.OrderExtraction{}, Key: "vaultdesk.go_plan", Path: "plan", Main: true, When: order.State.Plannable},
		{Command: order.OrderExtraction{}, Key: "vaultdesk.go_replan", Path: "plan", When: func(s order.State) bool {
			return s.Phase() == order.PhaseRelease && !s.Released
		}},
		{Command: order.Release{}, Key: "vaultdesk.go_release", Path: "release", Main: true, When: order.State.Releasable},
		{Command: order.Reseal{}, Key: "vaultdesk.go_reseal", Path: "reseal", Main: true, When: order.State.AwaitsReseal},
	},
	Parts: []page.Part{
		{Key: "vaultdesk.part_run", Path: "run", View: access.ViewExtraction, As: seeing, When: func(s order.State) bool { return s.Spec != nil }},
		{Key: "vaultdesk.part_plan", Path: "plan", View: access.ViewExtraction, As: seeing, When: order.State.Discloses},
		{Key: "vaultdesk.part_twin", Path: "twin", View: access.ViewExtraction, As: both, When: order.State.Discloses},
	},
}

var routes = []page.Route{
	{Pattern: "GET /extractions", Example: "/extractions", As: both, Nav: "vaultdesk.nav", Handle: extractions},
	{Pattern: "GET /cases/{id}/plan", Example: "/cases/{case:to_extract}/plan", As: seeing, Handle: showPlan},
	{Pattern: "POST /cases/{id}/plan", As: planning, Handle: lookPlan},
	{Pattern: "POST /cases/{id}/plan/document", As: planning, Handle: planDocument},
	{Pattern: "POST /cases/{id}/plan/order", As: planning, Handle: orderPlan},
	{Pattern: "GET /cases/{id}/run", Example: "/cases/{case:extracting}/run", As: seeing, Handle: showRun},
	{Pattern: "GET /cases/{id}/run/events", Example: "/cases/{case:to_release}/run/events", As: seeing, Handle: follow},
	{Pattern: "POST /cases/{id}/run/ask", As: planning, Handle: askRelease},
	{Pattern: "GET /cases/{id}/release", Example: "/cases/{case:to_release}/release", As: both, Handle: showRelease},
	{Pattern: "POST /cases/{id}/release", As: releasing, Fresh: true, Handle: release},
	{Pattern: "GET /cases/{id}/release/document", Example: "/cases/{case:to_release}/release/document", As: releasing, Handle: releaseDocument},
	{Pattern: "POST /cases/{id}/release/back", As: releasing, Handle: sendBack},
	{Pattern: "GET /cases/{id}/reseal", Example: "/cases/{case:key_lost}/reseal", As: both, Handle: showReseal},
	{Pattern: "POST /cases/{id}/reseal", As: releasing, Fresh: true, Handle: reseal},
	{Pattern: "GET /cases/{id}/reseal/document", Example: "/cases/{case:key_lost}/reseal/document", As: releasing, Handle: resealDocument},
	{Pattern: "GET /cases/{id}/twin", Example: "/cases/{case:to_extract}/twin", As: both, Handle: twin},
	{Pattern: "GET /cases/{id}/twin/zip", Example: "/cases/{case:to_extract}/twin/zip", As: both, Handle: twinFile},
}
