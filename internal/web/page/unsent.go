package page

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/swede"
)

// Nothing typed is lost. Every form in which something is written has a name,
// its own address, under which what is written is kept for its writer
// (app.KeepUnsent):
//
//   - with script, each field is saved as it is left: the form posts itself with
//     the field autosave=yes, which the kit answers without the page's handler,
//     unless the route [Route.Saves] by itself;
//   - without script too, when a form is sent and the login is too old for it.
//
// The page offers the text back when it is opened again: /page?unsent=NAME fills
// the form. What a form kept is thrown away when it leads on ([Ask.Go]).

// fewAnswers is how many fields a form without an area has at least to be saved
// by itself: two are soon written again.
const fewAnswers = 3

// Kept is what a form's writer wrote and did not send, as the page offers it.
type Kept struct {
	Text     string // when it was written
	Continue string // address that puts it into the fields
	Next     string // the page
	// Back: it stands in the fields.
	Back bool
}

// byHand reports whether somebody writes or chooses in the field.
func (x *Field) byHand() bool { return x.Kind != Hidden && x.Kind != File && x.Kind != Password }

// worth is how many fields are answered by hand, and whether one of them is an
// area.
func (f *Form) worth() (n int, area bool) {
	for _, x := range f.Fields {
		if x.byHand() {
			n++
		}
		area = area || x.Kind == Area
	}
	return n, area
}

// keepForms names the forms of a page that is about to be shown, and offers
// what their writer has not sent.
func (a *Ask) keepForms() error {
	if !a.LoggedIn() || a.Orders == nil {
		return nil
	}
	var named []*Form
	for _, f := range a.forms {
		n, area := f.worth()
		if n == 0 || a.oneOfSeveral(f) || strings.Contains(f.Action, "?") || !a.Orders.KeepsUnsent() && !f.Saves {
			continue
		}
		f.Name, f.Auto = f.Action, ""
		if f.Saves || area || n >= fewAnswers {
			f.Auto = "on"
		}
		named = append(named, f)
	}
	if a.R.Method != http.MethodGet || len(named) == 0 {
		return nil
	}
	var names []string
	for _, f := range named {
		names = append(names, f.Name)
	}
	found, err := a.Orders.UnsentAmong(a.R.Context(), a.Visitor.Person, names)
	if err != nil {
		return err
	}
	for _, f := range named {
		if slices.Contains(found, f.Name) {
			if err := a.offer(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// oneOfSeveral reports whether a page has forms of the same address for
// different things, as a list with one in each row. Forms without hidden fields
// stand for each other: one empty, one as it was sent, and one of them is shown.
func (a *Ask) oneOfSeveral(f *Form) bool {
	same, told := 0, false
	for _, g := range a.forms {
		if g.Action == f.Action {
			same++
			told = told || slices.ContainsFunc(g.Fields, func(x *Field) bool { return x.Kind == Hidden })
		}
	}
	return same > 1 && told
}

// offer tells of what was written in a form, or puts it into its fields when
// the address asks for that.
func (a *Ask) offer(f *Form) error {
	values, at, err := a.Orders.ReadUnsent(a.R.Context(), a.Visitor.Person, f.Name)
	if errors.Is(err, app.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	here := *a.R.URL
	q := here.Query()
	q.Del("unsent")
	q.Del("done")
	q.Del("lang")
	here.RawQuery = q.Encode()
	f.Kept = &Kept{Next: here.RequestURI(), Text: a.moment(at)}
	if a.R.URL.Query().Get("unsent") != f.Name {
		q.Set("unsent", f.Name)
		here.RawQuery = q.Encode()
		f.Kept.Continue = here.RequestURI()
		if f.Auto == "on" {
			f.Auto = "wait" // not to write over it
		}
		return nil
	}
	f.Kept.Back = true
	if v := values.Get("version"); v != "" && f.Version != 0 { // what is new since then is shown when it is sent
		_, _ = fmt.Sscan(v, &f.Version)
	}
	if a.continued != f.Action { // else the room has
		f.fill(values)
	}
	return nil
}

// fill puts values into the fields that were on the form when they were kept.
func (f *Form) fill(values url.Values) {
	for _, x := range f.Fields {
		_, was := values[x.ID]
		switch {
		case !x.byHand() || !was && !slices.Contains([]string{Checks, Check, Radio}, x.Kind):
		case x.Kind == Checks:
			for i := range x.Options {
				x.Options[i].On = slices.Contains(values[x.ID], x.Options[i].Value)
			}
		default:
			x.choose(strings.TrimSpace(values.Get(x.ID)))
		}
	}
}

// Continues reads what the visitor wrote in a form earlier into the request, as
// if it had been sent, when the address asks for that: for forms whose rows
// follow from what was written.
func (a *Ask) Continues(action string) (bool, error) {
	if a.R.Method != http.MethodGet || a.R.URL.Query().Get("unsent") != action || !a.LoggedIn() || a.Orders == nil {
		return false, nil
	}
	values, _, err := a.Orders.ReadUnsent(a.R.Context(), a.Visitor.Person, action)
	if errors.Is(err, app.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	a.R.Form, a.continued = values, action
	return true, nil
}

// moment is when something was written: today a clock's time.
func (a *Ask) moment(at time.Time) string {
	h, m := swede.Clock(at)
	sep := map[string]string{"sv": ".", "en": ":"}[a.Lang]
	text := fmt.Sprintf("%02d%s%02d", h, sep, m)
	if d := swede.CivilDay(at); d != a.Today {
		return LongDay(a.Lang, d) + " " + text
	}
	return text
}

// SavesItself reports whether a form is sent by the script, while it is being
// written.
func (a *Ask) SavesItself() bool {
	return a.R.Method == http.MethodPost && a.R.PostForm.Get("autosave") == "yes" // of a form without files: the script sends none
}

// sent is what came with a form, without what the kit adds.
func (a *Ask) sent() url.Values {
	out := url.Values{}
	for k, v := range a.R.PostForm {
		if k != "autosave" && k != "unsent" {
			out[k] = v
		}
	}
	return out
}

// KeepUnsent keeps what was sent by the script, for the next time that its
// writer opens the page, and answers it.
func (a *Ask) KeepUnsent() error {
	at, kept, err := a.Orders.KeepUnsent(a.R.Context(), a.Visitor.Person, a.R.PostForm.Get("unsent"), a.sent())
	switch f, ok := errors.AsType[*fault.Fault](err); {
	case ok:
		return a.tell(http.StatusUnprocessableEntity, map[string]string{"text": map[string]string{"sv": f.SV + " " + f.DoSV, "en": f.EN + " " + f.DoEN}[a.Lang]})
	case err != nil:
		return err
	case !kept:
		return a.tell(http.StatusUnprocessableEntity, map[string]string{"text": a.Word("unsent.not")})
	}
	return a.Saved(at, nil)
}

// Saved answers the script that what was sent is stored since a time; fresh are
// values of hidden fields that the form goes on with.
func (a *Ask) Saved(at time.Time, fresh map[string]string) error {
	out := map[string]string{"text": a.Word("unsent.saved") + " " + a.moment(at)}
	for k, v := range fresh {
		out["field."+k] = v
	}
	return a.tell(http.StatusOK, out)
}

// tell answers the script.
func (a *Ask) tell(status int, what map[string]string) error {
	b, err := json.Marshal(what)
	if err != nil {
		return err
	}
	secure(a.W)
	a.W.Header().Set("Content-Type", "application/json")
	a.W.Header().Set("Cache-Control", "no-store")
	a.W.WriteHeader(status)
	_, _ = a.W.Write(b) // a reader who goes away is none of ours
	return nil
}

// dropUnsent throws away what the form that was sent has kept.
func (a *Ask) dropUnsent() {
	if a.R.Method != http.MethodPost || !a.LoggedIn() || a.Orders == nil || a.R.Form.Get("unsent") == "" {
		return
	}
	if err := a.Orders.DropUnsent(a.R.Context(), a.Visitor.Person, a.R.Form.Get("unsent")); err != nil {
		a.Log.ErrorContext(a.R.Context(), "unsent text is left", "err", err) // it is offered once more, and gone later
	}
}

// throwUnsent is the button that throws away what is offered.
func throwUnsent(a *Ask) error {
	if err := a.Orders.DropUnsent(a.R.Context(), a.Visitor.Person, a.Value("form")); err != nil {
		return err
	}
	next := a.Value("next")
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n") {
		next = "/"
	}
	return a.Go(next, "done.unsent")
}

// backTo keeps what was sent with a form that needs a newer login, and is the
// page to come back to, with the fields filled. "" when there is none.
func (a *Ask) backTo() (string, error) {
	ref, err := url.Parse(a.R.Referer())
	if err != nil || ref.Host != a.R.Host || ref.Path == "" {
		ref = &url.URL{Path: a.R.URL.Path}
	}
	path := ref.Path
	for !a.opens(path) { // the answer to a form stands at an address that cannot be opened
		if path = parent(path); path == "/" {
			break
		}
	}
	q := url.Values{}
	if path == ref.Path {
		q = ref.Query()
	}
	for _, k := range []string{"done", "lang", "unsent"} {
		q.Del(k)
	}
	if name := a.R.PostForm.Get("unsent"); name != "" {
		_, kept, err := a.Orders.KeepUnsent(a.R.Context(), a.Visitor.Person, name, a.sent())
		if _, told := errors.AsType[*fault.Fault](err); err != nil && !told {
			return "", err
		}
		if kept {
			q.Set("unsent", name)
		}
	}
	return (&url.URL{Path: path, RawQuery: q.Encode()}).RequestURI(), nil
}

// opens reports whether an address can be opened by itself.
func (a *Ask) opens(path string) bool {
	_, pattern := a.mux.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}, Host: a.R.Host})
	return strings.HasPrefix(pattern, http.MethodGet+" ")
}
