package caseroom_test

import (
	"strings"
	"testing"

	"sluss/internal/access"
	"sluss/internal/showcase"
	"sluss/internal/web/caseroom"
	"sluss/internal/web/page"
	"sluss/internal/web/webtest"
)

var rooms = []page.Room{caseroom.Room}

// TestEverybodySeesTheirCases: each persona opens the list and every case on
// it; a case that is not on a visitor's own list does not exist to them.
func TestEverybodySeesTheirCases(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	for _, p := range showcase.Cast() {
		for _, role := range p.Roles {
			b := c.As(p.ID, role)
			list := b.Get("/cases")
			if role == access.RoleAdministrator || role == "supplier" {
				if list.Status == 200 && role == access.RoleAdministrator {
					t.Errorf("%s sees cases", role)
				}
				continue
			}
			list.Is(t, 200)
			seen := map[string]bool{}
			for _, link := range list.Links() {
				if id, ok := strings.CutPrefix(link, "/cases/"); ok && !seen[id] {
					seen[id] = true
					b.Get(link).Is(t, 200)
				}
			}
			if len(seen) == 0 {
				t.Errorf("%s as %s has no case", p.ID, role)
			}
			if access.Outside(role) {
				for _, id := range c.Shown.All {
					if !seen[id] {
						b.Get("/cases/"+id).Is(t, 404)
					}
				}
			}
		}
	}
}
