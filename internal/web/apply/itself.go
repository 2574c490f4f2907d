package apply

import (
	"strconv"

	"sluss/internal/web/page"
)

// What the script saves while it is written goes into the draft, so that
// whoever opens it next finds it there. Two things do not, and are kept for
// their writer instead, until the button is pressed: answers that somebody else
// has changed meanwhile, since both texts must then be shown, and rows that
// would change places, since the form on the screen counts them as they stood.

// saveItself stores what the script has sent of a form.
func (s *scene) saveItself(places, lists []string, change func(answers)) error {
	for _, list := range lists {
		next := s.tree.clone()
		change(next)
		if moves(s.tree, next, list) {
			return s.KeepUnsent()
		}
	}
	conflict, err := s.save(places, s.Value("seen"), change)
	if err != nil {
		return err
	}
	if conflict {
		return s.KeepUnsent()
	}
	if err := s.Orders.DropUnsent(s.R.Context(), s.Visitor.Person, s.Value("unsent")); err != nil {
		return err
	}
	return s.Saved(s.Updated, map[string]string{"seen": s.tree.seen(places)})
}

// lists are the lists of rows that a form has.
func (f form) lists() []string {
	var out []string
	for _, b := range f.blocks {
		if b.group != nil {
			out = append(out, b.group.list)
		}
	}
	return out
}

// moves reports whether a change leaves a row of a list empty that was not, or
// empty before one that is not: storing it would give rows other numbers.
func moves(before, after answers, list string) bool {
	rows := after.rows(list)
	empty := false
	for i := range max(rows, before.rows(list)) {
		if i >= rows || tidy(after.get(list+"."+strconv.Itoa(i))) == nil {
			if i < before.rows(list) {
				return true
			}
			empty = true
		} else if empty {
			return true
		}
	}
	return false
}

// continued shows a page with what its writer wrote earlier and did not send.
func (s *scene) continued(err error, change func(answers), body func() (partBody, error), title string) error {
	if err != nil {
		return err
	}
	seen := s.Value("seen")
	b, err := s.yours(change, body)
	if err != nil {
		return err
	}
	if seen != "" { // what somebody else has changed since is shown when it is saved
		b.Seen = seen
	}
	return s.Show("part", page.View{Title: title, Nav: "nav.drafts", Body: b})
}
