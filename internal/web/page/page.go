// Package page is what all pages are built with: layout and navigation, texts
// in both languages, forms that keep what was typed, the visitor, and the way
// to a case that asks the access table first.
//
// Pages lie in rooms, one for each kind of visitor's work; a [Room] is a folder
// with templates, texts and a list of [Route]s. A handler gets an [Ask] and
// returns an error: a *fault.Fault becomes a page that says what to do,
// app.ErrNotFound the same page for what does not exist and for what the
// visitor must not know of.
//
// Pages are rendered on the server, work without script and load nothing from
// elsewhere. Nothing of a person whose data are ordered ever reaches them.
package page

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/catalog"
	"sluss/internal/login"
	"sluss/internal/order"
)

//go:embed pages/*.html texts/*.json
var files embed.FS

// Cases is what pages read of cases directly; store.Store has it.
type Cases interface {
	Load(ctx context.Context, id string) ([]order.Entry, error)
	app.Lists
}

// Site is what the pages are made from.
type Site struct {
	Cases     Cases
	Catalogue *catalog.Catalogue
	Authority *order.Authority
	Clock     func() time.Time
	Log       *slog.Logger
	// Orders carries out what visitors do; nil when there are only public pages.
	Orders *app.App
	// Visits knows who is logged in; nil when nobody can be.
	Visits app.Visits
	// Login has the ways in; nil when nobody can log in.
	Login *login.Login
	// Cookie is the name of the cookie that holds a visit's secret.
	Cookie string
	// Demo marks a counter that shows made-up cases; every page says so.
	Demo bool
	// SignAs signs in the name of a made-up person, in the demo and nowhere
	// else; nil: people sign with their own keys.
	SignAs func(person string, doc any) (string, error)
	// Passkeys are the ids of the passkeys that somebody signs with in a role;
	// nil: nobody does.
	Passkeys func(person string, role order.Role) []string
	// VaultSigner is the fingerprint of the key that the vault signs with, which
	// decisions name; "": whoever decides writes it.
	VaultSigner string
	// SFTP is where parcels can be fetched with an SSH key; without a host they
	// cannot.
	SFTP SFTP
	// Proof is what pages can tell of the signed log; nil: nothing.
	Proof Proof
}

// SFTP is the server that parcels are fetched from with an SSH key.
type SFTP struct {
	Host, Port  string
	Fingerprint string // of its key, as ssh-keygen -l shows it
}

// Proof tells of the log that outsiders can verify.
type Proof interface {
	// Head is the latest checkpoint, its signature checked; ok is false when
	// there is none yet.
	Head(ctx context.Context) (head audit.Checkpoint, ok bool, err error)
	// Verify walks the whole log.
	Verify(ctx context.Context) (audit.Report, error)
}

// Who may see a route besides those that it names.
var (
	// Everybody need not be logged in.
	Everybody []order.Role
	// LoggedIn is every role that people have.
	LoggedIn = slices.DeleteFunc(slices.Clone(access.Roles), func(r order.Role) bool { return r == order.RoleEngine || r == order.RoleClock })
	// Staff is every role at the authority.
	Staff = slices.DeleteFunc(slices.Clone(access.Roles), func(r order.Role) bool {
		return !access.Works(r) && r != access.RoleAdministrator
	})
	// Handling is staff who see cases.
	Handling = slices.DeleteFunc(slices.Clone(access.Roles), func(r order.Role) bool { return !access.Works(r) })
	// Ordering is the side of the orderer.
	Ordering = []order.Role{order.RoleOrderer, order.RoleCoApplicant, order.RoleRepresentative}
)

// Route is an address of the site.
type Route struct {
	// Pattern is as in net/http: "GET /cases/{id}".
	Pattern string
	// Example is an address that a GET pattern matches, for tests and crawlers;
	// {case:late} stands for the demo's case of that name, {draft} for a draft,
	// {letter} for a letter. Without one the route is not visited by itself: only
	// for POST.
	Example string
	// Status is what the example answers; 0 = 200.
	Status int
	// As may see it, in a case only as far as the access table says; Everybody
	// is nil.
	As []order.Role
	// Nav is the key of the text under which the main menu of these roles shows
	// the address.
	Nav string
	// Fresh asks for a login at most ten minutes old.
	Fresh bool
	// Saves: Handle stores what is sent while it is being written (field
	// autosave=yes) and answers with [Ask.Saved] or [Ask.KeepUnsent]; otherwise
	// the kit keeps it until it is sent.
	Saves bool
	// Handle answers.
	Handle func(*Ask) error
}

// Act is something that a visitor can do in a case, as the case's own page
// offers it: a link to the page with its form.
type Act struct {
	// Command is what is given in the end; its role and relation are asked for.
	Command order.Command
	// Key is the text of the link: a verb.
	Key string
	// Path is the page's address in the case, after /cases/{id}/.
	Path string
	As   []order.Role // nil = everybody who may give the command; never more than the page behind lets in
	// When reports whether it is of use now; the rules have the last word.
	When func(order.State) bool
	// Main acts are what the case waits for; the others stand in a list of their
	// own.
	Main bool
	// Post acts need no form: their button on the case's page carries them out,
	// at the address in the case, by POST.
	Post bool
}

// Part is a page about a case besides its own: documents, hours, history.
type Part struct {
	Key  string // text of the link
	Path string // after /cases/{id}/
	View access.View
	As   []order.Role // nil = everybody who may see the view; never more than the page lets in
	When func(order.State) bool
}

// Room is a folder of pages.
type Room struct {
	Name   string
	Files  fs.FS // pages/*.html, texts/sv.json, texts/en.json
	Routes []Route
	Acts   []Act
	Parts  []Part
}

// Kit serves rooms.
type Kit struct {
	Site
	assets map[string]asset
	texts  Texts
	nav    []navItem
	acts   []Act
	parts  []Part
	base   *template.Template
	mux    *http.ServeMux
}

type navItem struct {
	key, path string
	as        []order.Role
}

// Mount adds the rooms to mux. It fails when a room's texts or templates do.
func Mount(mux *http.ServeMux, s Site, rooms []Room) error {
	k := &Kit{Site: s, texts: Texts{}, mux: mux}
	k.acts, k.parts, _ = Reachable(rooms)
	if k.Cookie == "" {
		k.Cookie = "__Host-sluss"
	}
	var err error
	if k.assets, err = readAssets(); err != nil {
		return err
	}
	if err := k.texts.add(files, "page"); err != nil {
		return err
	}
	for _, room := range rooms {
		if err := k.texts.add(room.Files, room.Name); err != nil {
			return err
		}
		for _, r := range room.Routes {
			if r.Nav != "" {
				k.nav = append(k.nav, navItem{r.Nav, r.path(), r.As})
			}
		}
	}
	if k.base, err = template.New("").Funcs(k.helpers()).ParseFS(files, "pages/*.html"); err != nil {
		return err
	}
	for _, room := range rooms {
		t, err := k.base.Clone()
		if err != nil {
			return err
		}
		if t, err = t.ParseFS(room.Files, "pages/*.html"); err != nil {
			return fmt.Errorf("room %s: %w", room.Name, err)
		}
		for _, r := range room.Routes {
			mux.HandleFunc(r.Pattern, func(w http.ResponseWriter, req *http.Request) { k.answer(w, req, r, t) })
		}
	}
	mux.HandleFunc("GET /assets/{name}", k.asset)
	throw := Route{As: LoggedIn, Handle: throwUnsent}
	mux.HandleFunc("POST /unsent/throw", func(w http.ResponseWriter, r *http.Request) { k.answer(w, r, throw, k.base) })
	missing := Route{Handle: func(*Ask) error { return app.ErrNotFound }}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { k.answer(w, r, missing, k.base) }) // without a method: /api/ answers for itself
	return nil
}

// path is the address of a pattern without parts that vary.
func (r Route) path() string {
	_, path, _ := cutSpace(r.Pattern)
	if path == "/{$}" {
		return "/"
	}
	return path
}
