//go:build unix

package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/swede"
)

// template is a case of the showcase that the mass copies.
type template struct {
	sum     app.Summary
	entries []order.Entry
	types   []string
	data    []string // of the entries, as JSON
	ended   bool
}

// mass stores copies of the showcase's cases. Each has a number, an orderer and
// a title of its own; a representative has about a hundred cases, a member of
// staff as many as a hundred handlers, twenty reviewers and so on share. The
// agreed supplier has all that it has been asked for.
func (c *counter) mass(ctx context.Context, z size) error {
	if err := c.hire(ctx); err != nil {
		return err
	}
	sums, err := c.db.List(ctx)
	if err != nil {
		return err
	}
	var open, ended []template
	for _, sum := range sums {
		t, err := c.template(ctx, sum)
		if err != nil {
			return err
		}
		if t.ended {
			ended = append(ended, t)
		} else {
			open = append(open, t)
		}
	}
	for n := range z.cases {
		from := ended
		if (n+1)*z.open/100 > n*z.open/100 {
			from = open
			c.Open++
		}
		number, err := c.db.NextNumber(ctx, time.Now().Year())
		if err != nil {
			return err
		}
		id := fmt.Sprintf("%s-%d-%05d", c.app.Authority.CasePrefix, time.Now().Year(), number)
		if err := c.copy(ctx, from[n%len(from)], id, n); err != nil {
			return fmt.Errorf("copy %d of %s: %w", n, from[n%len(from)].sum.ID, err)
		}
		c.Mass++
	}
	return nil
}

func (c *counter) template(ctx context.Context, sum app.Summary) (template, error) {
	t := template{sum: sum}
	var err error
	if t.entries, err = c.db.Load(ctx, sum.ID); err != nil {
		return t, err
	}
	for _, e := range t.entries {
		name, data, err := order.Encode(e.Event)
		if err != nil {
			return t, err
		}
		t.types, t.data = append(t.types, name), append(t.data, string(data))
	}
	switch sum.Phase {
	case order.PhaseClosed, order.PhaseRefused, order.PhaseDismissed, order.PhaseWithdrawn, order.PhaseAnswered, order.PhaseExpired:
		t.ended = true
	}
	return t, nil
}

// copy stores a copy of a case.
func (c *counter) copy(ctx context.Context, t template, id string, n int) error {
	r := renaming(t.sum.ID, id, n)
	entries := make([]order.Entry, len(t.entries))
	for i, e := range t.entries {
		ev, err := order.Decode(t.types[i], []byte(r.Replace(t.data[i])))
		if err != nil {
			return err
		}
		e.Event, e.By.ID = ev, r.Replace(e.By.ID)
		entries[i] = e
	}
	s := order.Fold(id, entries)
	sum := t.sum
	sum.ID, sum.AssignedTo = id, r.Replace(sum.AssignedTo)
	if sum.Title != "" {
		sum.Title += " " + strconv.Itoa(n)
	}
	sum.HasDigest, sum.Digest = true, app.DigestOf(s, c.app.Authority, c.app.Catalogue, swede.CivilDay(entries[len(entries)-1].At))
	return c.db.Append(ctx, id, entries, sum, nil)
}

// How many share the work of each role, and how many cases an orderer and a
// representative have.
const (
	handlers   = 100
	others     = 20
	perOrderer = 10
	perHead    = 100
)

// renaming gives copy n of a case people of its own.
func renaming(from, to string, n int) *strings.Replacer {
	old := []string{from, to}
	for _, p := range showcase.Cast() {
		name := staffID(p, n)
		if !p.Staff {
			each := perOrderer
			if p.Roles[0] == order.RoleRepresentative {
				each = perHead
			}
			name = fmt.Sprintf("%s-%d", p.Roles[0], n/each)
		}
		if p.Roles[0] == order.RoleSupplier {
			continue // there is one
		}
		old = append(old, p.ID, name)
		if p.Email != "" {
			old = append(old, p.Email, name+"@bench.example")
		}
	}
	return strings.NewReplacer(old...)
}

// staffID is who of the office acts in copy n where the showcase has p.
func staffID(p showcase.Persona, n int) string {
	many := others
	if p.Roles[0] == order.RoleHandler {
		many = handlers
	}
	return fmt.Sprintf("%s-%03d", p.Roles[0], n%many)
}

// hire puts everybody who acts in the mass into the staff table, in teams.
func (c *counter) hire(ctx context.Context) error {
	seen := map[string]bool{}
	for _, p := range showcase.Cast() {
		for n := range handlers {
			id := staffID(p, n)
			if !p.Staff || seen[id] || p.Roles[0] == access.RoleAdministrator {
				continue
			}
			seen[id] = true
			m := app.Member{ID: id, Roles: p.Roles[:1], Teams: []string{"team " + strconv.Itoa(n%10)}}
			if err := c.db.PutMember(ctx, m, order.Actor{ID: showcase.Administrator, Role: access.RoleAdministrator}, time.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}
