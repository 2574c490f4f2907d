package apply

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// scene is a draft on a page: what it holds as it was typed, and as an
// application as far as that can be read.
type scene struct {
	*page.Ask
	app.Seen
	tree answers
	app  intake.Application
	own  bool // the visitor began it
}

// open reads the draft that the address names.
func open(a *page.Ask) (*scene, error) {
	if a.Orders == nil {
		return nil, app.ErrNotFound
	}
	seen, err := a.Orders.ReadDraft(a.R.Context(), a.Visitor.Person, a.R.PathValue("draft"))
	if err != nil {
		return nil, err
	}
	return sceneOf(a, seen), nil
}

func sceneOf(a *page.Ask, seen app.Seen) *scene {
	s := &scene{Ask: a}
	s.take(seen)
	return s
}

// take makes a draft the one on the page.
func (s *scene) take(seen app.Seen) {
	s.Seen, s.tree = seen, readAnswers(seen.Answers)
	s.app, _ = app.Fit(seen.Answers)
	mine := access.Keys(access.Person{ID: s.Visitor.Person.ID, Role: order.RoleOrderer})
	theirs := access.Keys(access.Person{ID: seen.Owner, Role: order.RoleOrderer})
	s.own = slices.ContainsFunc(mine, func(k string) bool { return slices.Contains(theirs, k) })
}

// path is an address of the draft.
func (s *scene) path(rest string) string {
	if rest == "" {
		return "/drafts/" + s.ID
	}
	return "/drafts/" + s.ID + "/" + rest
}

// title is what the order is called until it has a title.
func (s *scene) title() string {
	if t := strings.TrimSpace(s.tree.text("title")); t != "" {
		return t
	}
	return s.Word("apply.untitled")
}

// saves is how often a save is tried again when somebody else saves other
// answers at the same time.
const saves = 5

// save changes the answers of some places and stores them. seen is what the
// form knew of those places: when they have changed since, nothing is stored
// and conflict is true. A change of other places by somebody else is none.
func (s *scene) save(places []string, seen string, change func(answers)) (conflict bool, err error) {
	for range saves {
		if seen != "" && s.tree.seen(places) != seen {
			return true, nil
		}
		next := s.tree.clone()
		change(next)
		raw, err := next.raw()
		if err != nil {
			return false, err
		}
		stored, err := s.Orders.SaveDraft(s.R.Context(), s.Visitor.Person, s.ID, s.Version, raw)
		stale, isStale := errors.AsType[*app.StaleDraft](err)
		switch {
		case isStale:
			again, err := s.Orders.ReadDraft(s.R.Context(), s.Visitor.Person, stale.Stored.ID)
			if err != nil {
				return false, err
			}
			s.take(again)
		case err != nil:
			return false, err
		default:
			s.take(stored)
			return false, nil
		}
	}
	return true, nil
}

// problemsOn are the problems that belong to a page, by the field to mend; those
// of a whole group lie at the group's place.
func (s *scene) problemsOn(pageName string) []intake.Problem {
	var out []intake.Problem
	for _, p := range s.Problems {
		if s.pageOf(nameOf(p.Field)) == pageName {
			out = append(out, p)
		}
	}
	return out
}

// pageOf is the page that a place is answered on; "" for none.
func (s *scene) pageOf(name string) string {
	switch {
	case name == "data" || name == "":
		return partData
	case strings.HasPrefix(name, "data."):
		row := strings.Split(name, ".")[1]
		if _, err := strconv.Atoi(row); err != nil {
			return partData
		}
		return "data/" + row
	case name == matrix || strings.HasPrefix(name, matrix+"."):
		return "matrix"
	}
	for _, f := range forms {
		if !asks(f.only, s.app.Purpose) {
			continue
		}
		for _, p := range f.places() {
			if within(name, p) || within(p, name) {
				return f.name
			}
		}
	}
	return ""
}

// within reports whether a place is another, or lies below it.
func within(name, place string) bool {
	return name == place || strings.HasPrefix(name, place+".")
}

// say is a problem in the visitor's language, with what to do about it.
func (s *scene) say(p intake.Problem) string {
	if s.Lang == "en" {
		return strings.TrimSpace(p.EN + " " + p.DoEN)
	}
	return strings.TrimSpace(p.SV + " " + p.DoSV)
}

// unstorable are the problems of answers that are not of their field's form:
// the text is kept, but it is no answer yet.
func unstorable(p intake.Problem) bool { return strings.HasPrefix(p.Rule, "draft.wrong") }
