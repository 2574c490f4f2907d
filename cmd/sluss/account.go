package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"sluss/internal/app"
	"sluss/internal/config"
	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/login"
	"sluss/internal/store"
)

// accountCmd manages who can log in to the pages. What members of staff may do
// there stands in the staff table, not here.
type accountCmd struct {
	Add    accountAddCmd    `cmd:"" help:"Make the account of a member of staff."`
	List   accountListCmd   `cmd:"" help:"List accounts; addresses are shortened."`
	Invite accountInviteCmd `cmd:"" help:"Let a member of staff in once, to add a passkey."`
	Remove accountRemoveCmd `cmd:"" help:"Remove an account with its passkeys, and end its visits."`
}

// entrance is where the counter keeps its logins, and how browsers reach it.
type entrance struct {
	place
	Origin string `required:"" env:"SLUSS_ORIGIN" placeholder:"URL" help:"How browsers reach the counter, as sluss serve has it."`
}

// open opens the counter's logins; letters are not sent from the command line.
func (e entrance) open(ctx context.Context) (*login.Login, *store.Store, error) {
	key, err := (&serveCmd{place: e.place}).key()
	if err != nil {
		return nil, nil, err
	}
	db, err := e.place.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	o := login.Options{
		Accounts: db, Staff: db, Authority: config.Authority(), Origin: e.Origin, Mode: login.Production, Clock: time.Now, Key: derived(key, "login"), Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if strings.HasPrefix(e.Origin, "http://") { // refused unless it is this machine
		o.Mode = login.Demo
	}
	l, err := login.New(o)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return l, db, nil
}

type accountAddCmd struct {
	entrance
	Staff string `required:"" placeholder:"ID" help:"Who, as the staff table has it."`
	Name  string `required:"" help:"How pages greet the person."`
	Email string `placeholder:"ADDRESS" help:"Where the person is told of new passkeys."`
}

// Run makes the account and writes its id.
func (c *accountAddCmd) Run(ctx context.Context) error {
	l, db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	a, err := l.AddStaff(ctx, c.Staff, c.Name, c.Email)
	if err != nil {
		return err
	}
	_, err = fmt.Println(a.ID)
	return err
}

type accountListCmd struct{ place }

// Run writes one line for each account: id, kind, who of the staff table, name,
// address but for most of its first part, day.
func (c *accountListCmd) Run(ctx context.Context) error {
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	all, err := db.ListAccounts(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, a := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", a.ID, a.Kind, a.Staff, a.Name, shortened(a.Email), a.Created.Format(time.DateOnly))
	}
	return w.Flush()
}

// shortened is an address that its owner knows again: e…@u.example.
func shortened(email string) string {
	user, host, ok := strings.Cut(email, "@")
	if !ok || user == "" {
		return ""
	}
	return string([]rune(user)[:1]) + "…@" + host
}

type accountInviteCmd struct {
	entrance
	ID string `arg:"" help:"As sluss account list has it."`
}

// Run writes the link to standard output and the code to standard error: they
// are to reach the person by different roads.
func (c *accountInviteCmd) Run(ctx context.Context) error {
	l, db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	i, err := l.Invite(ctx, c.ID)
	if err != nil {
		return noAccount(err)
	}
	note := "The code %s goes to the person by another road than the link. Both count for three days, and once.\n"
	if console.Language() == "sv" {
		note = "Koden %s lämnas till personen på en annan väg än länken. Båda gäller i tre dagar och en gång.\n"
	}
	fmt.Fprintf(os.Stderr, note, i.Code)
	_, err = fmt.Println(i.Link)
	return err
}

type accountRemoveCmd struct {
	entrance
	ID string `arg:"" help:"As sluss account list has it."`
}

// Run removes the account.
func (c *accountRemoveCmd) Run(ctx context.Context) error {
	l, db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	return noAccount(l.RemoveAccount(ctx, c.ID))
}

func noAccount(err error) error {
	if errors.Is(err, app.ErrNotFound) {
		return fault.New("account.unknown", "Det finns inget sådant konto.", "There is no such account.").Do("Se sluss account list.", "See sluss account list.")
	}
	return err
}
