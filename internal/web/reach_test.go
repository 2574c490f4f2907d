package web_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"sluss/internal/access"
	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web"
	"sluss/internal/web/page"
	"sluss/internal/web/webtest"
)

// TestEveryCommandHasAPage: whoever decides, extracts, releases, invoices or
// keeps the register finds each command of theirs on the page of a case.
func TestEveryCommandHasAPage(t *testing.T) {
	t.Parallel()
	for _, role := range []order.Role{order.RoleDecider, order.RoleStatistician, order.RoleReleaser, order.RoleFinance} {
		for _, cmd := range order.Commands {
			class, _ := access.Class(cmd.Name())
			if !slices.Contains(cmd.Roles(), role) || class.Road != access.RoadCommand {
				continue
			}
			found := false
			for _, room := range web.Rooms {
				for _, x := range room.Acts {
					found = found || x.Command.Name() == cmd.Name() && (x.As == nil || slices.Contains(x.As, role))
				}
			}
			if !found {
				t.Errorf("%s: no page gives %s", role, cmd.Name())
			}
		}
	}
}

// TestFresh: what decides, releases or purges asks for a login of a short while
// ago.
func TestFresh(t *testing.T) {
	t.Parallel()
	need := []string{"POST /cases/{id}/decide", "POST /cases/{id}/release", "POST /cases/{id}/purge"}
	for _, r := range web.Routes() {
		if slices.Contains(need, r.Pattern) {
			if !r.Fresh {
				t.Errorf("%s takes an old login", r.Pattern)
			}
			need = slices.DeleteFunc(need, func(p string) bool { return p == r.Pattern })
		}
	}
	if len(need) > 0 {
		t.Errorf("no such address: %q", need)
	}
}

// TestNoLinkIsAstray: each act and part of a case leads to a page that some room
// has.
func TestNoLinkIsAstray(t *testing.T) {
	t.Parallel()
	if _, _, astray := page.Reachable(web.Rooms); len(astray) > 0 {
		t.Errorf("no room has these addresses in a case: %q", astray)
	}
}

// TestWhatIsOfferedOpens: every kind of link that a case's page offers to a role
// opens for that role; each kind is tried once, in the first case that has it.
func TestWhatIsOfferedOpens(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, web.Rooms)
	tried := map[string]bool{}
	for _, p := range showcase.Cast() {
		for _, role := range p.Roles {
			b := c.As(p.ID, role)
			for _, id := range c.Shown.All {
				room := b.Get("/cases/" + id)
				if room.Status != 200 {
					continue
				}
				for _, link := range room.Links() {
					link, _, _ = strings.Cut(link, "#")
					in, ok := strings.CutPrefix(link, "/cases/"+id+"/")
					kind := string(role) + " " + number.ReplaceAllString(in, "n")
					if !ok || tried[kind] {
						continue
					}
					tried[kind] = true
					if at := b.Get(link); at.Status != 200 {
						t.Errorf("%s as %s: the page offers %s, which answers %d", p.ID, role, link, at.Status)
					}
				}
			}
		}
	}
	if len(tried) < 200 {
		t.Errorf("only %d kinds of links tried", len(tried))
	}
}

var number = regexp.MustCompile(`[0-9]+`)
