// Package web puts the pages together: every room with its addresses.
//
// The rooms lie in folders of their own: public (catalogue, how it goes), diarium (the public
// register, the queue), entrance (logging in),
// caseroom (list of cases, the case), apply (the orderer's order), party (what those
// outside answer), desk (preparing cases), rulings (deciding), vaultdesk (extracting and releasing),
// office (invoices, purges, the log, running, statistics). What they share is package page; the
// canal is drawn by package canal.
package web

import (
	"net/http"

	"sluss/internal/web/apply"
	"sluss/internal/web/caseroom"
	"sluss/internal/web/desk"
	"sluss/internal/web/diarium"
	"sluss/internal/web/entrance"
	"sluss/internal/web/office"
	"sluss/internal/web/page"
	"sluss/internal/web/party"
	"sluss/internal/web/public"
	"sluss/internal/web/rulings"
	"sluss/internal/web/vaultdesk"
)

// Rooms is every room.
var Rooms = []page.Room{public.Room, diarium.Room, entrance.Room, caseroom.Room, apply.Room, desk.Room, party.Room, rulings.Room, vaultdesk.Room, office.Room}

// Pages adds the pages to mux. Without a log of who is logged in there are
// only those for everybody.
func Pages(mux *http.ServeMux, s page.Site) error {
	return page.Mount(mux, s, Rooms)
}

// Routes is every address, with what each needs.
func Routes() []page.Route {
	var all []page.Route
	for _, room := range Rooms {
		all = append(all, room.Routes...)
	}
	return all
}
