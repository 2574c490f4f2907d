package page

import (
	"cmp"
	"errors"
	"html/template"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/coverage"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/swede"
)

// Ask is one request for a page: who asks, in which language, and everything
// that an answer is made with.
type Ask struct {
	*Kit
	W http.ResponseWriter
	R *http.Request
	// Lang is "sv" or "en".
	Lang string
	// Visitor is who asks; its Session is empty when nobody is logged in.
	Visitor app.Visitor
	// Today is the Swedish civil day.
	Today day.Day
	// Authority is how the authority is set up now: its file, with what
	// administrators have set since.
	Authority *order.Authority

	pages  *template.Template
	secret string
	forms  []*Form           // that were made for the answer
	names  map[string]string // of those who work here, once asked for
	// continued is the form that the room filled with what was not sent.
	continued string

	published  *coverage.Published // what the vault has told of the registers, once asked for
	reachAsked bool
}

// maxForm bounds what a form without files may send.
const maxForm = 1 << 20

// LoggedIn reports whether somebody is.
func (a *Ask) LoggedIn() bool { return a.Visitor.Session != "" }

// Role is what the visitor acts as; "" when nobody is logged in.
func (a *Ask) Role() order.Role { return a.Visitor.Person.Role }

// Word is a text of the pages in the visitor's language.
func (a *Ask) Word(key string) string { return a.word(a.Lang, key) }

// Say picks the visitor's language.
func (a *Ask) Say(t catalog.Text) string { return t.In(a.Lang) }

// Name is the name of a member of staff, to another; the id when there is none,
// and to people from outside.
func (a *Ask) Name(id string) string {
	if !a.LoggedIn() || access.Outside(a.Role()) || a.Orders == nil {
		return id
	}
	if a.names == nil {
		names, err := a.Orders.StaffNames(a.R.Context())
		if err != nil {
			return id
		}
		a.names = names
	}
	return cmp.Or(a.names[id], id)
}

// NameAndID is the name with the id behind it, for who must not mistake one
// for another.
func (a *Ask) NameAndID(id string) string {
	if n := a.Name(id); n != id {
		return n + " (" + id + ")"
	}
	return id
}

// Value is a field of the form that was posted, without space around it, or of
// the address.
func (a *Ask) Value(name string) string { return strings.TrimSpace(a.R.FormValue(name)) }

// Values are all values of a field.
func (a *Ask) Values(name string) []string {
	_ = a.R.FormValue(name) // reads the form
	return a.R.Form[name]
}

// answer is what every request passes: who asks, whether they may, and what
// becomes of an error.
func (k *Kit) answer(w http.ResponseWriter, r *http.Request, route Route, pages *template.Template) {
	a := &Ask{Kit: k, W: w, R: r, Lang: language(r), Today: swede.CivilDay(k.Clock()), Authority: k.Authority, pages: pages}
	if k.Orders != nil {
		a.Authority = k.Orders.House()
	}
	if err := a.recognise(); err != nil {
		a.fail(err)
		return
	}
	if typ, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); r.Method == http.MethodPost && typ != "multipart/form-data" {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			a.fail(badForm(err))
			return
		}
	}
	handle := route.Handle
	itself := a.SavesItself()
	switch {
	case len(route.As) > 0 && !a.LoggedIn() && itself:
		handle = func(a *Ask) error {
			return a.tell(http.StatusUnauthorized, map[string]string{"text": a.Word("unsent.out")})
		}
	case len(route.As) > 0 && !a.LoggedIn() && a.typedAnything():
		handle = (*Ask).signedOut
	case len(route.As) > 0 && !a.LoggedIn():
		a.login("", "")
		return
	case len(route.As) > 0 && !slices.Contains(route.As, a.Role()):
		a.fail(a.otherRole(route.As))
		return
	case itself && !route.Saves && a.LoggedIn() && a.Orders != nil:
		handle = (*Ask).KeepUnsent
	case route.Fresh && !a.Visitor.Fresh(k.Clock()):
		handle = (*Ask).again
	}
	if err := handle(a); err != nil {
		a.fail(err)
	}
}

// recognise finds out who holds the cookie.
func (a *Ask) recognise() error {
	if a.Visits == nil {
		return nil
	}
	c, err := a.R.Cookie(a.Cookie)
	if err != nil || c.Value == "" {
		return nil
	}
	v, err := a.Visits.Visitor(a.R.Context(), c.Value)
	if errors.Is(err, app.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if a.Orders != nil {
		if v.Person, err = a.Orders.Known(a.R.Context(), v.Person); err != nil {
			return err
		}
	}
	a.Visitor, a.secret = v, c.Value
	return nil
}

// Secret is what the visitor's cookie holds, for the room that ends visits.
func (a *Ask) Secret() string { return a.secret }

// again asks for a newer login. A form that was sent is not carried out, but
// kept: its page comes back with the fields filled.
func (a *Ask) again() error {
	next := ""
	if a.R.Method != http.MethodGet {
		var err error
		if next, err = a.backTo(); err != nil {
			return err
		}
	}
	a.login("fresh", next)
	return nil
}

// login sends the visitor to log in and back again, or on to next. A form that
// was posted by somebody who is not logged in any more is not carried out.
func (a *Ask) login(why, next string) {
	q := url.Values{"lang": {a.Lang}}
	if a.R.Method == http.MethodGet {
		next = a.R.URL.RequestURI()
	}
	if next != "" {
		q.Set("next", next)
	}
	if why != "" {
		q.Set("why", why)
	}
	secure(a.W)
	a.W.Header().Set("Cache-Control", "no-store")
	http.Redirect(a.W, a.R, "/login?"+q.Encode(), http.StatusSeeOther)
}

// otherRole says that the page belongs to another role.
func (a *Ask) otherRole(as []order.Role) error {
	var sv, en []string
	for _, r := range as {
		sv, en = append(sv, strings.ToLower(Role("sv", r))), append(en, strings.ToLower(Role("en", r)))
	}
	return (&fault.Fault{
		Code: "page.role", Class: fault.Gate, Rule: "access", Law: "offentlighets- och sekretesslagen (2009:400) 10 kap. 2 §",
		SV: "Sidan är till för den som är " + strings.Join(sv, ", ") + ".", EN: "The page is for the " + strings.Join(en, ", ") + ".",
	}).Do("Byt roll, om du har den.", "Change your role, if you have it.")
}

// Go sends the browser on after something has been done, and says there that
// it is done: done is the key of a text that begins with "done.", or "".
func (a *Ask) Go(path, done string) error {
	a.dropUnsent()
	q := url.Values{"lang": {a.Lang}}
	if done != "" {
		q.Set("done", done)
	}
	path, fragment, _ := strings.Cut(path, "#")
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	path += sep + q.Encode()
	if fragment != "" {
		path += "#" + fragment
	}
	secure(a.W)
	a.W.Header().Set("Cache-Control", "no-store")
	http.Redirect(a.W, a.R, path, http.StatusSeeOther)
	return nil
}

// Case is a case as the visitor may see it.
type Case struct {
	ID       string
	Entries  []order.Entry
	State    order.State
	Relation access.Relation
	// Version is how much of the case the visitor has seen; a form carries it.
	Version int
}

// Case returns the case named in the address when the visitor may see the
// view of it, and notes that staff have read it. What the visitor must not
// know of does not exist: app.ErrNotFound.
func (a *Ask) Case(view access.View) (*Case, error) { return a.CaseOf(a.R.PathValue("id"), view) }

// CaseOf is [Ask.Case] of a case that is named otherwise.
func (a *Ask) CaseOf(id string, view access.View) (*Case, error) {
	entries, err := a.Cases.Load(a.R.Context(), id)
	if err != nil {
		return nil, err
	}
	rel := access.Relate(a.Visitor.Person, entries)
	if len(entries) == 0 || rel == access.None {
		return nil, app.ErrNotFound
	}
	c := &Case{ID: id, Entries: entries, State: order.Fold(id, entries), Relation: rel}
	c.Version = len(access.Read(a.Role(), rel, entries, c.State))
	if !access.MaySee(a.Role(), view, rel, c.State) {
		return nil, a.Denied("see " + string(view))
	}
	return c, a.Orders.LogRead(a.R.Context(), a.Visitor.Person, id, view)
}

// Sees reports whether the visitor may see a view of the case now.
func (a *Ask) Sees(c *Case, view access.View) bool {
	return access.MaySee(a.Role(), view, c.Relation, c.State)
}

// May reports whether the visitor's role may give the command in the case; the
// rules of the case say when.
func (a *Ask) May(c *Case, cmd order.Command) bool {
	return access.May(a.Role(), cmd, c.Relation) && !a.Orders.SwitchedOff(cmd.Name(), a.Role(), c.State.Phase())
}

// Do gives a command in the visitor's name. When the form carries the version
// of the case that it was made from (field "version") and the case has changed
// since, nothing is done: fault page.stale.
func (a *Ask) Do(c *Case, cmd order.Command) error {
	if !access.May(a.Role(), cmd, c.Relation) {
		return a.Denied(cmd.Name())
	}
	by, ctx := a.Visitor.Person.Actor(), a.R.Context()
	seen := a.Value("version")
	if seen == "" {
		_, err := a.Orders.Do(ctx, by, c.ID, cmd)
		return err
	}
	if n, err := strconv.Atoi(seen); err != nil || n != c.Version {
		return stale()
	}
	_, err := a.Orders.DoAt(ctx, by, c.ID, c.State.Version, cmd)
	if errors.Is(err, app.ErrConflict) {
		return stale()
	}
	return err
}

// Link is a link on a page.
type Link struct {
	Path, Text string
	Main       bool
	// Post: a button that posts to the address.
	Post bool
}

// Acts are what the visitor can do in the case now, what it waits for first.
func (a *Ask) Acts(c *Case) []Link {
	var main, more []Link
	for _, x := range a.acts {
		if !a.May(c, x.Command) || x.As != nil && !slices.Contains(x.As, a.Role()) || x.When != nil && !x.When(c.State) {
			continue
		}
		l := Link{"/cases/" + c.ID + "/" + x.Path, a.Word(x.Key), x.Main, x.Post}
		if x.Main {
			main = append(main, l)
		} else {
			more = append(more, l)
		}
	}
	return append(main, more...)
}

// Parts are the other pages about the case that the visitor may see.
func (a *Ask) Parts(c *Case) []Link {
	var out []Link
	for _, x := range a.parts {
		if a.Sees(c, x.View) && (x.As == nil || slices.Contains(x.As, a.Role())) && (x.When == nil || x.When(c.State)) {
			out = append(out, Link{Path: "/cases/" + c.ID + "/" + x.Path, Text: a.Word(x.Key)})
		}
	}
	return out
}

func stale() error {
	return fault.New("page.stale", "Ärendet har ändrats sedan du öppnade sidan.", "The case has changed since you opened the page.").
		Do("Läs det som är nytt nedan och skicka igen om det fortfarande stämmer. Det du skrev är kvar.", "Read what is new below and send again if it still holds. What you wrote is kept.")
}

// Denied is the refusal of the access table, for what a page does by itself.
func (a *Ask) Denied(what string) error {
	r := a.Role()
	return (&fault.Fault{
		Code: "access.denied", Class: fault.Gate, Rule: "access", Law: "offentlighets- och sekretesslagen (2009:400) 10 kap. 2 §",
		SV: "Rollen " + strings.ToLower(Role("sv", r)) + " får inte göra det här (" + what + ").", EN: "The role " + strings.ToLower(Role("en", r)) + " may not do this (" + what + ").",
	}).Do("Be någon med rätt roll.", "Ask somebody with the right role.")
}

func badForm(err error) error {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return fault.New("page.large", "Formuläret är för stort.", "The form is too large.").Do("Korta ned det du skrivit, eller ladda upp det som en bilaga.", "Shorten what you wrote, or upload it as an attachment.")
	}
	return fault.New("page.form", "Formuläret gick inte att läsa.", "The form could not be read.").Do("Gå tillbaka, ladda om sidan och skicka igen.", "Go back, reload the page and send again.").Because(err)
}

func cutSpace(s string) (before, after string, found bool) { return strings.Cut(s, " ") }
