package web_test

import (
	"slices"
	"testing"

	"sluss/internal/access"
	"sluss/internal/order"
	"sluss/internal/web"
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
