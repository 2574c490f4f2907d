// Package public has the pages that everybody may read without logging in: what
// the service is, what can be ordered, and how it goes.
package public

import (
	"embed"
	"strconv"
	"strings"

	"sluss/internal/app"
	"sluss/internal/intake"
	"sluss/internal/web/page"
	"sluss/internal/wordform"
)

//go:embed pages/*.html texts/*.json
var files embed.FS

// Room is the pages for everybody.
var Room = page.Room{Name: "public", Files: files, Routes: []page.Route{
	{Pattern: "GET /{$}", Example: "/", Handle: start},
	{Pattern: "GET /catalogue", Example: "/catalogue?q=diagnos", Nav: "nav.catalogue", Handle: catalogue},
	{Pattern: "GET /catalogue/{register}", Example: "/catalogue/midas_sjuk", Handle: register},
	{Pattern: "GET /catalogue/{register}/{table}/{variable}", Example: "/catalogue/midas_sjuk/midas_sjp/diagnos", Handle: variable},
	{Pattern: "GET /forms/{form}", Example: "/forms/research.docx", Handle: wordForm},
	{Pattern: "GET /how", Example: "/how", Handle: how},
	{Pattern: "GET /accessibility", Example: "/accessibility", Handle: page.Plain("access.title", "access.text1", "access.text2", "access.text3")},
	{Pattern: "GET /cookies", Example: "/cookies", Handle: page.Plain("cookies.title", "cookies.text", "cookies.text2")},
}}

// wordForm is the form as a Word document, without answers.
func wordForm(a *page.Ask) error {
	purpose, docx := strings.CutSuffix(a.R.PathValue("form"), ".docx")
	if !docx || purpose != string(intake.Research) && purpose != string(intake.Statistics) {
		return app.ErrNotFound
	}
	doc, err := wordform.Template(intake.Purpose(purpose), a.Catalogue, a.Lang)
	if err != nil {
		return err
	}
	a.Download(a.Word("catalogue.form_file_"+purpose), wordform.Type)
	a.W.Header().Set("Content-Length", strconv.Itoa(len(doc)))
	_, _ = a.W.Write(doc) // a reader who goes away is none of ours
	return nil
}

// howBody is the way of an order, step by step.
type howBody struct{ Steps []string }

// how tells how an order goes, in ten steps.
func how(a *page.Ask) error {
	b := howBody{}
	for _, key := range []string{"how.1", "how.2", "how.3", "how.4", "how.5", "how.6", "how.7", "how.8", "how.9", "how.10"} {
		b.Steps = append(b.Steps, a.Word(key))
	}
	return a.Show("how", page.View{Title: a.Word("how.title"), Body: b})
}
