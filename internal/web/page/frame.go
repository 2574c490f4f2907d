package page

import (
	"cmp"
	"errors"
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/swede"
)

// Head is what stands over a page about a case (template "case-head"): which
// case it is, what the page is for, and what is new in the case when somebody
// else was faster. A page's body holds one.
type Head struct {
	ID, Case string
	Lead     string
	News     []string
}

// HeadOf is the head of a page about a case; lead is the key of the paragraph
// below its heading, "" for none.
func (a *Ask) HeadOf(c *Case, lead string) Head {
	h := Head{ID: c.ID, Case: cmp.Or(c.State.Application.Title, a.Word("case.untitled"))}
	if lead != "" {
		h.Lead = a.Word(lead)
	}
	return h
}

// Taken puts a refusal into the form. When the case has changed since the form
// was made, the page says what is new; the form is then good for the case as it
// is now, with everything that was typed. An error that is no refusal comes
// back.
func (h *Head) Taken(a *Ask, c *Case, f *Form, err error) error {
	if !f.Take(err) {
		return err
	}
	if x, ok := errors.AsType[*fault.Fault](err); ok && x.Code == "page.stale" {
		h.News = a.news(c)
	}
	return nil
}

// news is what has happened in the case since the version that the posted form
// was made from, as far as the visitor may know.
func (a *Ask) news(c *Case) []string {
	seen, err := strconv.Atoi(a.Value("version"))
	if err != nil {
		return nil
	}
	var out []string
	for _, v := range access.Read(a.Role(), c.Relation, c.Entries, c.State) {
		if v.Number > seen {
			e := v.Entry
			out = append(out, swede.CivilDay(e.At).String()+": "+order.Headline(e.Event.Type()).In(a.Lang)+" ("+Role(a.Lang, e.By.Role)+")")
		}
	}
	return out
}

// Allowed is nil when the visitor's role may give the command in the case, and
// else the refusal that says so: for pages that hold a form of their own.
func (a *Ask) Allowed(c *Case, cmd order.Command) error {
	if a.May(c, cmd) {
		return nil
	}
	return a.Denied(cmd.Name())
}

// Both are two fields for a text in both languages: id for the Swedish one and
// id_en for the English one, with the same label and the language after it.
func (a *Ask) Both(id, kind, label string) []*Field {
	return []*Field{
		{ID: id, Kind: kind, Label: label + ", " + a.Word("lang.sv")},
		{ID: id + "_en", Kind: kind, Label: label + ", " + a.Word("lang.en")},
	}
}

// Lines splits what was typed into lines without empty ones.
func Lines(s string) []string {
	var out []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}
