// Package apply has the pages on which somebody orders: the basket that is the
// order, its six parts, the ethics matrix, the attachments, checking and
// sending, and the receipt.
//
// What is written is a draft (room app). Saving always works: an answer of the
// wrong form is kept as it was typed and told, and what is missing stands as
// "to be completed" until it is there. Two tabs, or two people, may write at
// once: a form knows which answers it was made from, and only when those have
// changed are both texts shown.
//
// The questions are those of room intake. A table ([forms] and its like) says
// on which page each stands; a test holds it against intake.Questions.
package apply

import (
	"embed"

	"sluss/internal/access"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

//go:embed pages/*.html texts/*.json
var files embed.FS

// orderers are who writes drafts; a co-applicant does it as orderer, by the
// address that the invitation went to.
var orderers = []order.Role{order.RoleOrderer}

// Room is the orderer's order, from basket to receipt.
var Room = page.Room{Name: "apply", Files: files, Routes: append(formRoutes(), []page.Route{
	{Pattern: "GET /drafts", Example: "/drafts", As: orderers, Nav: "nav.drafts", Handle: listDrafts},
	{Pattern: "POST /drafts/begin", As: orderers, Handle: begin},
	{Pattern: "POST /basket/add", As: orderers, Handle: addToBasket},
	{Pattern: "GET /drafts/{draft}", Example: sample, As: orderers, Handle: home},
	{Pattern: "POST /drafts/{draft}/invite", As: orderers, Handle: invite},
	{Pattern: "POST /drafts/{draft}/uninvite", As: orderers, Handle: uninvite},
	{Pattern: "POST /drafts/{draft}/delete", As: orderers, Handle: remove},
	{Pattern: "GET /drafts/{draft}/matrix", Example: sample + "/matrix", As: orderers, Handle: showMatrix},
	{Pattern: "POST /drafts/{draft}/matrix/save", As: orderers, Saves: true, Handle: saveMatrix},
	{Pattern: "GET /drafts/{draft}/data", Example: sample + "/data?need=diagnos+och+nettodagar", As: orderers, Handle: showData},
	{Pattern: "POST /drafts/{draft}/data/add", As: orderers, Handle: addRegister},
	{Pattern: "POST /drafts/{draft}/data/drop", As: orderers, Handle: dropWish},
	{Pattern: "POST /drafts/{draft}/data/import", As: orderers, Handle: importBasket},
	{Pattern: "GET /drafts/{draft}/data/{wish}", Example: sample + "/data/0", As: orderers, Handle: showWish},
	{Pattern: "POST /drafts/{draft}/data/{wish}/save", As: orderers, Saves: true, Handle: saveWish},
	{Pattern: "GET /drafts/{draft}/basket.xlsx", Example: sample + "/basket.xlsx", As: orderers, Handle: exportBasket},
	{Pattern: "GET /drafts/{draft}/word", Example: sample + "/word", As: orderers, Handle: showWord},
	{Pattern: "POST /drafts/{draft}/word/import", As: orderers, Handle: importWord},
	{Pattern: "GET /drafts/{draft}/order.docx", Example: sample + "/order.docx", As: orderers, Handle: exportWord},
	{Pattern: "GET /drafts/{draft}/twin.zip", Example: sample + "/twin.zip", As: orderers, Handle: twinFile},
	{Pattern: "GET /drafts/{draft}/order.yaml", Example: sample + "/order.yaml", As: orderers, Handle: exportOrder},
	{Pattern: "GET /drafts/{draft}/files/{file}", Example: sample + "/files/none", Status: 404, As: orderers, Handle: openFile},
	{Pattern: "GET /drafts/{draft}/check", Example: sample + "/check", As: orderers, Handle: check},
	{Pattern: "POST /drafts/{draft}/check/send", As: orderers, Handle: send},
	{Pattern: "GET /cases/{id}/receipt", Example: "/cases/{case:new}/receipt", As: orderers, Handle: receipt},
	{Pattern: "GET /cases/{id}/again", Example: "/cases/{case:closed}/again", As: orderers, Handle: showAgain},
	{Pattern: "POST /cases/{id}/again/begin", As: orderers, Handle: again},
}...), Parts: []page.Part{
	{Key: "apply.part_receipt", Path: "receipt", View: access.ViewCase, As: orderers},
	{Key: "apply.part_again", Path: "again", View: access.ViewApplication, As: orderers, When: continues},
}}

// formRoutes are the pages of the table [forms].
func formRoutes() []page.Route {
	var out []page.Route
	for _, f := range forms {
		example := sample
		if f.only == intake.Statistics {
			example = "/drafts/{case:draft_statistics}"
		}
		at := "/drafts/{draft}/" + f.name
		out = append(out, page.Route{Pattern: "GET " + at, Example: example + "/" + f.name, As: orderers, Handle: f.show},
			page.Route{Pattern: "POST " + at + "/save", As: orderers, Saves: true, Handle: f.save})
	}
	return out
}

// sample is the showcase's draft that lacks nothing.
const sample = "/drafts/{case:draft_complete}"
