package desk_test

import (
	"slices"
	"strings"
	"testing"

	"sluss/internal/access"
	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web/caseroom"
	"sluss/internal/web/desk"
	"sluss/internal/web/page"
	"sluss/internal/web/webtest"
)

var rooms = []page.Room{caseroom.Room, desk.Room}

// elsewhere are commands of these roles that no page of the desk gives, and why.
var elsewhere = map[string]string{
	"order_purge": "the office's purge calendar",
}

// TestEveryCommandHasAPage: what the handler, the reviewer and the registrar may
// do in a case is offered on its page.
func TestEveryCommandHasAPage(t *testing.T) {
	t.Parallel()
	for _, role := range []order.Role{order.RoleHandler, order.RoleReviewer, order.RoleRegistrar} {
		for _, cmd := range order.Commands {
			class, _ := access.Class(cmd.Name())
			given := class.Road == access.RoadCommand || class.Road == access.RoadPopulation
			if !given || !access.May(role, cmd, access.Staff) || elsewhere[cmd.Name()] != "" {
				continue
			}
			if !slices.ContainsFunc(desk.Room.Acts, func(x page.Act) bool { return x.Command.Name() == cmd.Name() }) {
				t.Errorf("%s: no page gives %s", role, cmd.Name())
			}
		}
	}
	for name := range elsewhere {
		if slices.ContainsFunc(desk.Room.Acts, func(x page.Act) bool { return x.Command.Name() == name }) {
			t.Errorf("%s has a page here by now", name)
		}
	}
}

// TestPagesOfCases: each role opens every case that it may know of, and each
// page and form that is offered, once.
func TestPagesOfCases(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	asked := map[order.Role]bool{}
	for i, p := range showcase.Cast() {
		for _, role := range p.Roles {
			if !access.Works(role) || asked[role] {
				continue
			}
			asked[role] = true
			b := c.As(p.ID, role)
			b.Lang = []string{"sv", "en"}[i%2]
			seen := map[string]int{}
			for _, id := range c.Shown.All {
				one := b.Get("/cases/" + id)
				if one.Status == 404 {
					continue
				}
				for _, link := range one.Links() {
					if rest, in := strings.CutPrefix(link, "/cases/"+id+"/"); in && seen[rest] < 1 {
						seen[rest]++
						if got := b.Get(link); got.Status != 200 {
							t.Errorf("%s as %s: %s answers %d\n%s", p.ID, role, link, got.Status, got.Text())
						}
					}
				}
			}
			t.Logf("%s: %d pages", role, len(seen))
			if err := c.App.Reads.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}
