package caseroom

import (
	"slices"
	"strconv"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/letterpress"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// readers may read the letters of a case.
var readers = []order.Role{
	order.RoleOrderer, order.RoleCoApplicant, order.RoleRepresentative, order.RoleRegistrar, order.RoleHandler, order.RoleReviewer, order.RoleDecider, access.RoleAuditor,
}

// letterPage is a letter of the document list as a page of its own: it is read,
// printed and saved as it was sent.
func letterPage(a *page.Ask) error { return sendLetter(a, app.LetterHTML) }

// letterFile is the same letter as a file: pdf, or p7s, the seal under it.
func letterFile(a *page.Ask) error {
	switch format := a.R.PathValue("format"); format {
	case app.LetterPDF, app.LetterSeal, app.LetterHTML:
		return sendLetter(a, format)
	}
	return app.ErrNotFound
}

func sendLetter(a *page.Ask, format string) error {
	c, err := a.Case(access.ViewDocuments)
	if err != nil {
		return err
	}
	no, err := strconv.Atoi(a.R.PathValue("no"))
	list := app.DocumentsFor(a.Role(), c.Relation, c.Entries, c.State)
	i := slices.IndexFunc(list, func(d app.CaseDocument) bool { return d.No == no })
	if err != nil || i < 0 {
		return app.ErrNotFound
	}
	p, err := a.Orders.IssueLetter(a.R.Context(), c.ID, c.Entries, list[i], a.Lang, format)
	if err != nil {
		return err
	}
	a.Download(p.Name, p.Type)
	if h := a.W.Header(); format == app.LetterHTML && a.R.PathValue("format") == "" {
		h.Del("Content-Disposition")
		h.Set("Content-Security-Policy", letterpress.StylePolicy())
	}
	_, err = a.W.Write(p.Body)
	return err
}
