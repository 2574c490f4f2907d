// Package entrance has the pages on which people log in and out: one-time
// links, passkeys, the identity provider, the made-up people of a demo, and
// what somebody can do about their own logins.
//
// What counts as a proof is decided in package login; these pages carry
// secrets between it and the browser, in cookies, and nowhere else. Opening a
// link changes nothing: programs that look through letters open them too. A
// button does.
package entrance

import (
	"embed"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/fault"
	"sluss/internal/login"
	"sluss/internal/order"
	"sluss/internal/swede"
	"sluss/internal/web/page"
)

//go:embed pages/*.html texts/*.json
var files embed.FS

// Room is the pages for logging in.
var Room = page.Room{Name: "entrance", Files: files, Routes: []page.Route{
	{Pattern: "GET /login", Example: "/login", Handle: open(enter)},
	{Pattern: "POST /login/link", Handle: open(ask)},
	{Pattern: "GET /login/sent", Example: "/login/sent", Handle: open(sent)},
	{Pattern: "GET /login/link", Example: "/login/link?k=x", Status: 410, Handle: open(link)},
	{Pattern: "POST /login/open", Handle: open(use)},
	{Pattern: "POST /login/passkey/begin", Handle: open(beginPasskey)},
	{Pattern: "POST /login/passkey/finish", Handle: open(finishPasskey)},
	{Pattern: "GET /login/provider", Example: "/login/provider", Status: 404, Handle: open(toProvider)},
	{Pattern: "GET /login/provider/back", Example: "/login/provider/back", Status: 404, Handle: open(fromProvider)},
	{Pattern: "POST /login/persona", Handle: open(persona)},
	{Pattern: "POST /login/role", As: page.LoggedIn, Handle: open(role)},
	{Pattern: "POST /logout", Handle: open(logout)},
	{Pattern: "GET /logins", Example: "/logins", As: page.LoggedIn, Handle: open(mine)},
	{Pattern: "POST /logins/begin", As: page.LoggedIn, Handle: open(beginAdd)},
	{Pattern: "POST /logins/finish", As: page.LoggedIn, Handle: open(finishAdd)},
	{Pattern: "POST /logins/remove", As: page.LoggedIn, Fresh: true, Handle: open(remove)},
	{Pattern: "POST /logins/leave", As: page.LoggedIn, Handle: open(leaveOthers)},
	{Pattern: "GET /logins/signing", Example: "/logins/signing", As: page.Staff, Handle: open(signing)},
	{Pattern: "GET /demo/mail", Example: "/demo/mail", Handle: open(letters)},
}}

// open is a page that exists where people can log in.
func open(f func(*page.Ask) error) func(*page.Ask) error {
	return func(a *page.Ask) error {
		if a.Login == nil {
			return app.ErrNotFound
		}
		return f(a)
	}
}

// script is the file that passkeys need.
var script = []string{"passkey.js"}

type choice struct{ ID, Name, Roles string }

type enterBody struct {
	Why, Next        string
	Finish           string // where the script sends the answer of a passkey
	Again            string // the name of who is logged in already
	Link             *page.Form
	Provider         string // address that leads to the identity provider
	Personas         []choice
	PasskeyIsTheWay  bool // there is no other
	Letters, HasLink bool
}

// enter is every way in.
func enter(a *page.Ask) error { return showEnter(a, nil, 0) }

func showEnter(a *page.Ask, f *page.Form, status int) error {
	why := a.Value("why")
	if why != "fresh" {
		why = ""
	}
	b := enterBody{Why: why, Next: login.LocalPath(a.Value("next")), HasLink: a.Login.HasLinks(), Link: f}
	b.Finish = "/login/passkey/finish?next=" + escape(b.Next)
	if a.LoggedIn() {
		b.Again = a.Visitor.Name
	}
	if f == nil {
		b.Link = linkForm(a, b.Next)
	}
	if a.Login.HasProvider() {
		b.Provider = "/login/provider?next=" + escape(b.Next) + "&why=" + why
	}
	for _, p := range a.Login.Personas {
		c := choice{ID: p.ID, Name: p.Name}
		for i, r := range p.Roles {
			if i > 0 {
				c.Roles += ", "
			}
			c.Roles += page.Role(a.Lang, r)
		}
		b.Personas = append(b.Personas, c)
	}
	_, b.Letters = a.Login.Letters()
	b.PasskeyIsTheWay = !b.HasLink && b.Provider == ""
	v := page.View{Title: a.Word("login.title"), Body: b, Scripts: script, Status: status, Error: status != 0}
	return a.Show("login", v)
}

func linkForm(a *page.Ask, next string) *page.Form {
	return a.Form("/login/link", a.Word("login.link_verb"),
		&page.Field{ID: "email", Kind: page.Email, Label: a.Word("login.email"), Hint: a.Word("login.email_hint"), Max: 254, Auto: "email"},
		&page.Field{ID: "next", Kind: page.Hidden, Value: next})
}

// ask sends a link. Its answer is the same whatever the address.
func ask(a *page.Ask) error {
	f := linkForm(a, "/").Read(a)
	if !f.Need("email", a.Word("login.email_need")) {
		return showEnter(a, f, http.StatusUnprocessableEntity)
	}
	browser, err := a.Login.AskLink(a.R.Context(), login.LinkRequest{Email: a.Value("email"), Network: a.Login.Network(a.R), Lang: a.Lang, Next: a.Value("next")})
	if err != nil {
		if f.Take(err) {
			return showEnter(a, f, status(err))
		}
		return err
	}
	http.SetCookie(a.W, a.Login.BrowserCookie(browser))
	return a.Go("/login/sent", "")
}

// status is the answer to a refusal.
func status(err error) int {
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Code == login.CodeTooMany {
		return http.StatusTooManyRequests
	}
	return http.StatusUnprocessableEntity
}

func sent(a *page.Ask) error {
	_, demo := a.Login.Letters()
	return a.Show("login-sent", page.View{Title: a.Word("login.sent"), Body: demo})
}

// link is where a letter's link leads: a page with a button.
func link(a *page.Ask) error {
	needs, err := a.Login.LookLink(a.R.Context(), a.Value("k"), a.Login.Browser(a.R))
	if err != nil {
		return refused(a, err, http.StatusGone)
	}
	return a.Show("login-link", page.View{Title: a.Word("login.open"), Body: openForm(a, needs)})
}

func openForm(a *page.Ask, needsCode bool) *page.Form {
	f := a.Form("/login/open", a.Word("login.open_verb"),
		&page.Field{ID: "k", Kind: page.Hidden, Value: a.Value("k")}, &page.Field{ID: "next", Kind: page.Hidden, Value: login.LocalPath(a.Value("next"))})
	if needsCode {
		f.Fields = append(f.Fields, &page.Field{ID: "code", Kind: page.Number, Label: a.Word("login.code"), Hint: a.Word("login.code_hint"), Max: 7, Auto: "one-time-code", Narrow: true})
	}
	return f
}

// use logs in with a link.
func use(a *page.Ask) error {
	in, err := a.Login.UseLink(a.R.Context(), login.LinkUse{
		Secret: a.Value("k"), Code: a.Value("code"), Browser: a.Login.Browser(a.R), Old: a.Login.Old(a.R), Network: a.Login.Network(a.R), Lang: a.Lang,
	})
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Where.Column == "code" {
		form := openForm(a, true).Read(a)
		form.Take(err)
		return a.Refused("login-link", form, page.View{Title: a.Word("login.open"), Body: form})
	}
	if err != nil {
		return refused(a, err, http.StatusGone)
	}
	http.SetCookie(a.W, a.Login.BrowserCookie(""))
	return welcome(a, in, a.Value("next"))
}

// welcome puts the secret of a visit into the browser and sends it on.
func welcome(a *page.Ask, in login.Entered, next string) error {
	http.SetCookie(a.W, a.Login.VisitCookie(in.Secret))
	return a.Go(login.LocalPath(next), "")
}

// refusal is a page that says why somebody was not let in.
type refusal struct{ What, Do, Code string }

// refused tells why, with the way back to every way in.
func refused(a *page.Ask, err error, code int) error {
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok || f.Class == fault.Internal {
		return err
	}
	if f.Code == login.CodeTooMany {
		code = http.StatusTooManyRequests
	}
	b := refusal{f.SV, f.DoSV, f.Code}
	if a.Lang == "en" {
		b = refusal{f.EN, f.DoEN, f.Code}
	}
	return a.Show("login-refused", page.View{Title: a.Word("login.refused"), Error: true, Status: code, Body: b})
}

// toProvider sends the browser to the identity provider. Staff prove who they
// are once more for what takes a high level: to decide, release and purge.
func toProvider(a *page.Ask) error {
	want := login.Proof{Fresh: a.Value("why") == "fresh"}
	if want.Fresh && slices.Contains(page.Staff, a.Role()) {
		want.Level = app.AssuranceKey
	}
	address, ceremony, err := a.Login.BeginProvider(a.R.Context(), a.Value("next"), want, a.Login.Network(a.R))
	if err != nil {
		return refused(a, err, http.StatusUnprocessableEntity)
	}
	http.SetCookie(a.W, a.Login.CeremonyCookie(ceremony))
	a.W.Header().Set("Cache-Control", "no-store")
	http.Redirect(a.W, a.R, address, http.StatusSeeOther)
	return nil
}

// fromProvider is where the identity provider sends the browser back to.
func fromProvider(a *page.Ask) error {
	q := a.R.URL.Query()
	in, next, err := a.Login.FinishProvider(a.R.Context(), login.Return{
		Ceremony: a.Login.Ceremony(a.R), State: q.Get("state"), Code: q.Get("code"), Error: q.Get("error"), Old: a.Login.Old(a.R), Network: a.Login.Network(a.R),
	})
	http.SetCookie(a.W, a.Login.CeremonyCookie(""))
	if err != nil {
		return refused(a, err, http.StatusForbidden)
	}
	return welcome(a, in, next)
}

func persona(a *page.Ask) error {
	in, err := a.Login.EnterPersona(a.R.Context(), a.Value("persona"), a.Login.Old(a.R))
	if err != nil {
		return err
	}
	return welcome(a, in, a.Value("next"))
}

// role lets the visitor act in another role.
func role(a *page.Ask) error {
	renewed, err := a.Login.TakeRole(a.R.Context(), a.Secret(), order.Role(a.Value("role")))
	if err != nil {
		return err
	}
	http.SetCookie(a.W, a.Login.VisitCookie(renewed))
	return a.Go("/", "")
}

func logout(a *page.Ask) error {
	if err := a.Login.Leave(a.R.Context(), a.Login.Old(a.R)); err != nil {
		return err
	}
	http.SetCookie(a.W, a.Login.VisitCookie(""))
	return a.Go("/", "done.logout")
}

// maxAnswer bounds what a browser answers about a passkey, bytes.
const maxAnswer = 64 << 10

func answered(a *page.Ask) ([]byte, error) { return io.ReadAll(io.LimitReader(a.R.Body, maxAnswer)) }

// tell answers the script.
func tell(a *page.Ask, code int, v any) error {
	h := a.W.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	a.W.WriteHeader(code)
	return json.NewEncoder(a.W).Encode(v)
}

// told answers the script with a refusal, in words for the page.
func told(a *page.Ask, err error) error {
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok || f.Class == fault.Internal {
		return err
	}
	return tell(a, status(err), map[string]string{"error": a.Say(catalog.Text{SV: f.SV + " " + f.DoSV, EN: f.EN + " " + f.DoEN})})
}

// on tells the script where to go.
func on(a *page.Ask, path, done string) error {
	path = page.Address(a.Lang, path)
	if done != "" {
		path += "&done=" + done
	}
	return tell(a, http.StatusOK, map[string]string{"next": path})
}

func beginPasskey(a *page.Ask) error {
	options, ceremony, err := a.Login.BeginPasskey(a.R.Context(), a.Login.Network(a.R))
	if err != nil {
		return told(a, err)
	}
	http.SetCookie(a.W, a.Login.CeremonyCookie(ceremony))
	return tell(a, http.StatusOK, options)
}

func finishPasskey(a *page.Ask) error {
	raw, err := answered(a)
	if err != nil {
		return err
	}
	in, err := a.Login.FinishPasskey(a.R.Context(), login.PasskeyUse{Ceremony: a.Login.Ceremony(a.R), Old: a.Login.Old(a.R), Network: a.Login.Network(a.R), Answer: raw})
	http.SetCookie(a.W, a.Login.CeremonyCookie(""))
	if err != nil {
		return told(a, err)
	}
	http.SetCookie(a.W, a.Login.VisitCookie(in.Secret))
	return on(a, login.LocalPath(a.R.URL.Query().Get("next")), "")
}

type keyRow struct {
	ID, Name, Added, Used string
	Blocked               bool
}

// signers are the roles whose acts are signed.
var signers = []order.Role{order.RoleDecider, order.RoleStatistician, order.RoleReleaser}

// signing is where somebody who decides, extracts or releases makes the passkey
// that they sign with: another one than they log in with, so that a login can
// never be taken for a signature. The page stores nothing. The public half goes
// into the lists of counter and vault by hand, when its fingerprint has been
// read aloud.
func signing(a *page.Ask) error {
	return a.Show("signing", page.View{Title: a.Word("login.signing"), Body: a.Visitor.Person.ID, Scripts: script})
}

type mineBody struct {
	Signs               bool
	Keys                []keyRow
	Fresh               bool
	Method, Level, Name string
}

// mine is a visitor's own logins.
func mine(a *page.Ask) error {
	keys, err := a.Login.Passkeys(a.R.Context(), a.Secret())
	if err != nil {
		return err
	}
	b := mineBody{Fresh: a.Visitor.Fresh(a.Clock()), Method: a.Word("login.by_" + a.Visitor.Method), Level: strconv.Itoa(int(a.Visitor.Assurance)), Name: a.Visitor.Name, Signs: !a.SignsHere() && slices.Contains(signers, a.Role())}
	for _, k := range keys {
		row := keyRow{ID: k.ID, Name: k.Name, Added: page.LongDay(a.Lang, swede.CivilDay(k.Created)), Blocked: k.Blocked, Used: a.Word("login.never")}
		if !k.Used.IsZero() {
			row.Used = page.LongDay(a.Lang, swede.CivilDay(k.Used))
		}
		b.Keys = append(b.Keys, row)
	}
	return a.Show("logins", page.View{Title: a.Word("login.mine"), Body: b, Scripts: script})
}

func beginAdd(a *page.Ask) error {
	options, ceremony, err := a.Login.BeginAdd(a.R.Context(), a.Secret())
	if err != nil {
		return told(a, err)
	}
	http.SetCookie(a.W, a.Login.CeremonyCookie(ceremony))
	return tell(a, http.StatusOK, options)
}

func finishAdd(a *page.Ask) error {
	raw, err := answered(a)
	if err != nil {
		return err
	}
	err = a.Login.FinishAdd(a.R.Context(), login.PasskeyAdd{Secret: a.Secret(), Ceremony: a.Login.Ceremony(a.R), Name: a.R.URL.Query().Get("name"), Lang: a.Lang, Answer: raw})
	http.SetCookie(a.W, a.Login.CeremonyCookie(""))
	if err != nil {
		return told(a, err)
	}
	return on(a, "/logins", "done.passkey_added")
}

func remove(a *page.Ask) error {
	if err := a.Login.RemovePasskey(a.R.Context(), a.Secret(), a.Value("key")); err != nil {
		return err
	}
	return a.Go("/logins", "done.passkey_removed")
}

func leaveOthers(a *page.Ask) error {
	if _, err := a.Login.LeaveOthers(a.R.Context(), a.Secret()); err != nil {
		return err
	}
	return a.Go("/logins", "done.left_others")
}

// letters shows what a demo would have sent.
func letters(a *page.Ask) error {
	all, demo := a.Login.Letters()
	if !demo {
		return app.ErrNotFound
	}
	return a.Show("letters", page.View{Title: a.Word("login.letters"), Body: lettersOf(all)})
}
