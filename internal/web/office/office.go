// Package office has the pages of those who look after all cases: invoices,
// purges, the log as an auditor reads it, the running of the counter, and the
// statistics about ourselves.
//
// Nothing here decides about an order. Invoices follow from the accepted quote,
// what has been agreed since and the hours that were noted; purges from the day
// that the delivery set and the authority's gallringsbeslut. An auditor sees a
// case as it was on any day, read-only; the administrator sees no case at all.
package office

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
	paying     = []order.Role{order.RoleFinance}
	billed     = []order.Role{order.RoleFinance, order.RoleHandler, order.RoleDecider, order.RoleRegistrar, access.RoleAuditor}
	keeping    = []order.Role{order.RoleRegistrar}
	archiving  = []order.Role{order.RoleRegistrar, access.RoleAuditor}
	purged     = []order.Role{order.RoleRegistrar, order.RoleHandler, order.RoleDecider, order.RoleStatistician, order.RoleReleaser, access.RoleAuditor}
	auditing   = []order.Role{access.RoleAuditor}
	running    = []order.Role{access.RoleAdministrator}
	measured   = page.Staff
	everywhere = page.Everybody
)

// Room is the office.
var Room = page.Room{
	Name: "office", Files: files, Routes: routes,
	Acts: []page.Act{
		{Command: order.IssueInvoice{}, Key: "office.go_invoice", Path: "invoice", Main: true, When: order.State.Billable},
		{Command: order.CreditInvoice{}, Key: "office.go_credit", Path: "invoice#credit", When: func(s order.State) bool { return s.Invoice != nil && !s.Unbilled() && s.Invoice.Invoice.GrossOre > 0 }},
		{Command: order.OrderPurge{}, Key: "office.go_purge", Path: "purge", Main: true, When: func(s order.State) bool { return s.Ended != "" && s.Holds() && !s.PurgeOpen }},
		{Command: order.OrderPurge{}, Key: "office.go_purge", Path: "purge", When: func(s order.State) bool { return s.Ended == "" && s.Delivery != nil && !s.PurgeOpen && !s.Purged }},
	},
	Parts: []page.Part{
		{Key: "office.part_invoice", Path: "invoice", View: access.ViewInvoice, As: billed, When: func(s order.State) bool { return s.Quote != nil }},
		{Key: "office.part_purge", Path: "purge", View: access.ViewPurge, As: purged, When: func(s order.State) bool { return s.Delivery != nil || s.PurgeOpen || s.Purged || s.Holds() }},
		{Key: "office.part_archive", Path: "archive", View: access.ViewDocuments, As: archiving},
		{Key: "office.part_replay", Path: "replay", View: access.ViewEvents, As: auditing},
	},
}

var routes = []page.Route{
	{Pattern: "GET /invoices", Example: "/invoices", As: paying, Nav: "office.nav_invoices", Handle: invoices},
	{Pattern: "GET /invoices/export", Example: "/invoices/export", As: paying, Handle: exportInvoices},
	{Pattern: "GET /cases/{id}/invoice/file/{format}", Example: "/cases/{case:invoiced}/invoice/file/xml", As: billed, Handle: invoiceFile},
	{Pattern: "GET /cases/{id}/invoice/credit/{no}/{format}", Example: "/cases/{case:credited}/invoice/credit/1/xml", As: billed, Handle: invoiceFile},
	{Pattern: "POST /cases/{id}/invoice/credit", As: paying, Handle: creditInvoice},
	{Pattern: "GET /cases/{id}/invoice", Example: "/cases/{case:to_invoice}/invoice", As: billed, Handle: showInvoice},
	{Pattern: "POST /cases/{id}/invoice", As: paying, Handle: issue},

	{Pattern: "GET /purges", Example: "/purges", As: archiving, Nav: "office.nav_purges", Handle: purges},
	{Pattern: "GET /cases/{id}/purge", Example: "/cases/{case:purged}/purge", As: purged, Handle: showPurge},
	{Pattern: "POST /cases/{id}/purge", As: keeping, Fresh: true, Handle: orderPurge},
	{Pattern: "GET /cases/{id}/purge/protocol", Example: "/cases/{case:purged}/purge/protocol", As: purged, Handle: protocol},
	{Pattern: "GET /cases/{id}/archive", Example: "/cases/{case:closed}/archive", As: archiving, Handle: archive},

	{Pattern: "GET /audit", Example: "/audit", As: auditing, Nav: "office.nav_audit", Handle: audits},
	{Pattern: "POST /audit/verify", As: auditing, Handle: verify},
	{Pattern: "POST /audit/reads", As: auditing, Handle: reads},
	{Pattern: "GET /cases/{id}/replay", Example: "/cases/{case:closed}/replay", As: auditing, Handle: replay},

	{Pattern: "GET /admin", Example: "/admin", As: running, Nav: "office.nav_admin", Handle: people},
	{Pattern: "POST /admin/members", As: running, Handle: setMember},
	{Pattern: "POST /admin/members/remove", As: running, Handle: dropMember},
	{Pattern: "POST /admin/absences", As: running, Handle: setAbsence},
	{Pattern: "POST /admin/absences/remove", As: running, Handle: dropAbsence},
	{Pattern: "GET /admin/rules", Example: "/admin/rules", As: running, Handle: rules},
	{Pattern: "GET /admin/prices", Example: "/admin/prices", As: running, Handle: prices},
	{Pattern: "POST /admin/prices", As: running, Handle: setPrice},
	{Pattern: "POST /admin/prices/back", As: running, Handle: priceBack},
	{Pattern: "GET /admin/days", Example: "/admin/days", As: running, Handle: days},
	{Pattern: "POST /admin/days", As: running, Handle: closeDay},
	{Pattern: "POST /admin/days/open", As: running, Handle: openDay},
	{Pattern: "GET /admin/texts", Example: "/admin/texts", As: running, Handle: texts},
	{Pattern: "GET /admin/texts/{key}", Example: "/admin/texts/office.health_queue", As: running, Handle: text},
	{Pattern: "POST /admin/texts/{key}", As: running, Handle: changeText},
	{Pattern: "POST /admin/texts/{key}/back", As: running, Handle: backText},
	{Pattern: "GET /admin/catalogue", Example: "/admin/catalogue", As: running, Handle: registers},
	{Pattern: "GET /admin/catalogue/import", Example: "/admin/catalogue/import", As: running, Handle: showImport},
	{Pattern: "POST /admin/catalogue/import", As: running, Handle: checkImport},
	{Pattern: "POST /admin/catalogue/import/file", As: running, Handle: fetchImport},
	{Pattern: "GET /admin/health", Example: "/admin/health", As: running, Handle: health},
	{Pattern: "POST /admin/requeue", As: running, Handle: requeue},

	{Pattern: "GET /statistics", Example: "/statistics", As: everywhere, Handle: public},
	{Pattern: "GET /statistics/export", Example: "/statistics/export", As: everywhere, Handle: exportPublic},
	{Pattern: "GET /statistics/internal", Example: "/statistics/internal", As: measured, Handle: internal},
	{Pattern: "GET /statistics/internal/export", Example: "/statistics/internal/export", As: measured, Handle: exportInternal},
}

// percent writes a share of a whole as lengths in drawings are written.
func percent(n, whole int64) string {
	t := max(min(n*1000/max(whole, 1), 1000), 0)
	return string(appendInt(appendInt(nil, t/10), t%10, '.')) + "%"
}

// appendInt appends a number, after a mark when there is one.
func appendInt(b []byte, n int64, mark ...byte) []byte {
	b = append(b, mark...)
	return append(b, page.Thousands(n)...)
}
