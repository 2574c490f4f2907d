package page

import (
	"net/http"
	"slices"
	"strings"
)

// Who sends a form after the login has run out has typed something that the
// server cannot keep for anybody: it does not know whose it is. So the answer
// gives it back, in a form that can be sent again as soon as somebody has logged
// in in another tab. Nothing is carried out, and nothing is stored.

// signedOutBody is a form that nobody was logged in for.
type signedOutBody struct {
	Action, Login string
	Hidden        []sentField
	Typed         []sentField // what a person may have typed, to be read
	Files         bool        // there were files, which have to be chosen again
}

type sentField struct{ Name, Value string }

// typedAnything reports whether a form with values was sent, and reads it.
func (a *Ask) typedAnything() bool {
	if a.R.Method != http.MethodPost {
		return false
	}
	a.R.Body = http.MaxBytesReader(a.W, a.R.Body, maxForm)
	_ = a.R.ParseMultipartForm(maxForm) // of a form that is too large nothing can be given back
	for name, values := range a.R.PostForm {
		if name != "lang" && slices.ContainsFunc(values, func(v string) bool { return strings.TrimSpace(v) != "" }) {
			return true
		}
	}
	return false
}

// signedOut gives the form back.
func (a *Ask) signedOut() error {
	b := signedOutBody{Action: a.R.URL.RequestURI(), Login: "/login", Files: a.R.MultipartForm != nil && len(a.R.MultipartForm.File) > 0}
	names := make([]string, 0, len(a.R.PostForm))
	for name := range a.R.PostForm {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range a.R.PostForm[name] {
			b.Hidden = append(b.Hidden, sentField{name, v})
			if strings.ContainsAny(v, " \n") {
				b.Typed = append(b.Typed, sentField{name, v})
			}
		}
	}
	a.W.Header().Set("Cache-Control", "no-store")
	return a.Show("signed-out", View{Title: a.Word("signedout.title"), Error: true, Status: http.StatusUnauthorized, Body: b})
}
