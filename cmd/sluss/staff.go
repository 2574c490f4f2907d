package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"sluss/internal/app"
	"sluss/internal/config"
	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/store"
	"sluss/internal/swede"
)

// staffCmd is the staff table from the counter's own machine: the first
// administrator, and what administrators may not do to themselves. Otherwise
// they use the pages.
type staffCmd struct {
	List   staffListCmd   `cmd:"" help:"List who works here, with roles and teams."`
	Set    staffSetCmd    `cmd:"" help:"Add somebody, or replace what the table says of them."`
	Remove staffRemoveCmd `cmd:"" help:"Remove somebody; their visits to the pages end."`
}

// staffTable is the counter as far as its staff table goes.
func staffTable(db *store.Store) *app.App {
	return &app.App{Authority: config.Authority(), Clock: time.Now, Beside: app.Beside{Office: app.Office{Staff: db}}}
}

type staffListCmd struct{ place }

// Run writes one line for each member: id, name, roles, teams, and clearance
// where there is one.
func (c *staffListCmd) Run(ctx context.Context) error {
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	members, err := db.Members(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, m := range members {
		roles := make([]string, len(m.Roles))
		for i, r := range m.Roles {
			roles[i] = string(r)
		}
		cleared := ""
		if m.Cleared {
			cleared = "clearance"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", m.ID, m.Name, strings.Join(roles, " "), strings.Join(m.Teams, " "), cleared)
	}
	return w.Flush()
}

// signature is who changes the staff table, as the log names it.
type signature struct {
	By string `required:"" placeholder:"ID" help:"Who does it, as the log will name it."`
}

func (s signature) check() error {
	if strings.TrimSpace(s.By) == "" || strings.ContainsAny(s.By, "\n\x00") || swede.Contains(s.By) {
		return fault.New("staff.by", "Ange vem som gör det, inte med personnummer.", "Say who does it, not by a personal identity number.").At(fault.Where{Column: "by"})
	}
	return nil
}

type staffSetCmd struct {
	place
	signature
	ID        string   `arg:"" help:"Who, as logins and tokens name them."`
	Name      string   `help:"As colleagues and letters say it."`
	Role      []string `required:"" placeholder:"ROLE" help:"A role at the authority (docs/access.md); several with commas between."`
	Team      []string `placeholder:"TEAM" help:"A team; several with commas between."`
	Clearance bool     `help:"May see cases with protected personal data."`
}

// Run stores the member.
func (c *staffSetCmd) Run(ctx context.Context) error {
	if err := c.check(); err != nil {
		return err
	}
	if swede.Contains(c.ID) {
		return fault.New("staff.id", "Ange vem, inte med personnummer.", "Say who, not by a personal identity number.").At(fault.Where{Column: "id"})
	}
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	m := app.Member{ID: c.ID, Name: c.Name, Teams: c.Team, Cleared: c.Clearance}
	for _, r := range c.Role {
		m.Roles = append(m.Roles, order.Role(r))
	}
	return staffTable(db).OperatorSetsMember(ctx, c.By, m)
}

type staffRemoveCmd struct {
	place
	signature
	ID string `arg:"" help:"As sluss staff list has it."`
}

// Run removes the member.
func (c *staffRemoveCmd) Run(ctx context.Context) error {
	if err := c.check(); err != nil {
		return err
	}
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	err = staffTable(db).OperatorDropsMember(ctx, c.By, c.ID)
	if errors.Is(err, app.ErrNotFound) {
		return fault.New("staff.unknown", "Det finns ingen sådan i personaltabellen.", "There is nobody of that name in the staff table.").Do("Se sluss staff list.", "See sluss staff list.")
	}
	if err == nil && console.Language() == "sv" {
		fmt.Fprintln(os.Stderr, "Borttagen; besöken på sidorna är avslutade.")
	} else if err == nil {
		fmt.Fprintln(os.Stderr, "Removed; the visits to the pages have ended.")
	}
	return err
}
