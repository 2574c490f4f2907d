package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/crypto/ssh"

	"sluss/internal/access"
	"sluss/internal/api"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/console"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/sftp"
	"sluss/internal/swede"
)

// tokenCmd handles tokens, with which programs act at the counter's interface.
type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a token for one person in one role."`
	List   tokenListCmd   `cmd:"" help:"List tokens; their secrets are kept nowhere."`
	Revoke tokenRevokeCmd `cmd:"" help:"Take a token back at once."`
}

// tokenCreateCmd makes a token.
type tokenCreateCmd struct {
	place
	Actor        string   `required:"" placeholder:"ID" help:"Who acts, as the log will name it."`
	Role         string   `required:"" placeholder:"ROLE" help:"As what: a role of docs/access.md."`
	Email        string   `placeholder:"ADDRESS" help:"Orderers and representatives: as applications name them."`
	Organisation string   `placeholder:"NAME" help:"Suppliers: as applications name the holder of the population."`
	Scope        []string `placeholder:"SCOPE" help:"What the token may be used for: orders:read, orders:act, population:send, parcel:fetch, parcel:receipt; once each (default: all)."`
	Case         string   `placeholder:"NUMBER" help:"Only this case; for tokens that fetch and confirm parcels (parcel:fetch, parcel:receipt)."`
	SSHKey       string   `name:"ssh-key" placeholder:"FILE" help:"A public SSH key instead of a secret: its holder fetches parcels over SFTP (sluss serve --sftp), and does nothing else."`
	Expires      string   `required:"" placeholder:"YYYY-MM-DD" help:"Last day on which it counts, at most a year away."`
}

// longest is how many days a token may live.
const longest = 366

// tokenPrefix lets people and scanners see what a leaked secret is.
const tokenPrefix = "sluss_"

// Run stores the hash of a new secret and writes the secret to standard
// output, once; or the hash of an SSH key, and writes its fingerprint.
func (c *tokenCreateCmd) Run(ctx context.Context) error {
	now := time.Now()
	if c.SSHKey != "" && len(c.Scope) == 0 {
		c.Scope = []string{sftp.Scope}
	}
	t, err := c.token(now)
	if err != nil {
		return err
	}
	if c.SSHKey != "" {
		return c.register(ctx, t)
	}
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	secret := tokenPrefix + rand.Text()
	if err := db.PutToken(ctx, canon.Sum([]byte(secret)), t); err != nil {
		return err
	}
	note := "Token %s for %s as %s, until %s. The secret below is shown only now.\n"
	if console.Language() == "sv" {
		note = "Nyckel %s för %s som %s, till och med %s. Hemligheten nedan visas bara nu.\n"
	}
	fmt.Fprintf(os.Stderr, note, t.ID, swede.Mask(t.Person.ID), t.Person.Role, c.Expires)
	_, err = fmt.Println(secret)
	return err
}

// register stores the hash of an SSH key, which is one person's at a time.
func (c *tokenCreateCmd) register(ctx context.Context, t app.Token) error {
	if !slices.Equal(c.Scope, []string{sftp.Scope}) || !slices.Contains([]order.Role{order.RoleOrderer, order.RoleRepresentative}, t.Person.Role) {
		return fault.New("token.ssh_scope", "Med en SSH-nyckel hämtas paket, och inget annat; den är till för beställare och företrädare.", "With an SSH key parcels are fetched, and nothing else; it is for orderers and representatives.").
			Do("Utelämna --scope, och ange en roll som tar emot paket.", "Leave --scope out, and give a role that receives parcels.")
	}
	raw, err := os.ReadFile(c.SSHKey)
	if err != nil || len(raw) > 1<<16 {
		return unreadable(c.SSHKey, err)
	}
	key, err := sftp.ParseKey(raw)
	if err != nil {
		return err
	}
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	hash := sftp.KeyHash(key)
	switch had, err := db.Token(ctx, hash); {
	case err == nil:
		return fault.New("token.ssh_taken", "Nyckeln är redan registrerad.", "The key is registered already.").
			Do("Ta först tillbaka den: sluss token revoke "+had.ID+".", "Take it back first: sluss token revoke "+had.ID+".")
	case !errors.Is(err, app.ErrNotFound):
		return err
	}
	t.ID = app.SSHKeyID + t.ID
	if err := db.PutToken(ctx, hash, t); err != nil {
		return err
	}
	note := "Key %s for %s as %s, until %s. Compare the fingerprint with its holder.\n"
	if console.Language() == "sv" {
		note = "Nyckel %s för %s som %s, till och med %s. Jämför fingeravtrycket med innehavaren.\n"
	}
	fmt.Fprintf(os.Stderr, note, t.ID, swede.Mask(t.Person.ID), t.Person.Role, c.Expires)
	_, err = fmt.Println(ssh.FingerprintSHA256(key))
	return err
}

func (c *tokenCreateCmd) token(now time.Time) (app.Token, error) {
	bad := func(field, sv, en string) (app.Token, error) {
		return app.Token{}, fault.New("token."+field, sv, en).At(fault.Where{Column: field}).Do("Se sluss token create --help.", "See sluss token create --help.")
	}
	role := order.Role(c.Role)
	last, err := day.Parse(c.Expires)
	today := swede.CivilDay(now)
	scopes := c.Scope
	if len(scopes) == 0 {
		scopes = api.Scopes
	}
	switch {
	case strings.TrimSpace(c.Actor) == "" || strings.ContainsAny(c.Actor, "\n\x00"):
		return bad("actor", "Ange vem som handlar.", "Say who acts.")
	case !access.Works(role) && !access.Outside(role) && role != access.RoleAdministrator:
		return bad("role", "Rollen finns inte, eller handlar inte genom gränssnittet.", "There is no such role, or it does not act at the interface.")
	case role == order.RoleRepresentative && c.Email == "":
		return bad("email", "En företrädare känns igen på sin adress.", "A representative is known by an address.")
	case role == order.RoleSupplier && c.Organisation == "":
		return bad("organisation", "En leverantör känns igen på sin organisation.", "A supplier is known by an organisation.")
	case slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(api.Scopes, s) }):
		return bad("scope", "Omfattningen finns inte.", "There is no such scope.")
	case err != nil || last < today || last > today+longest:
		return bad("expires", "Ange en dag från i dag till om ett år.", "Give a day from today to a year from now.")
	}
	if c.Case != "" {
		if slices.ContainsFunc(scopes, func(s string) bool { return s != api.ScopeParcel && s != api.ScopeReceipt }) || !caseForm.MatchString(c.Case) {
			return bad("case", "Bara en nyckel för paket (parcel:fetch, parcel:receipt) gäller ett enda ärende.", "Only a token for parcels (parcel:fetch, parcel:receipt) is for a single case.")
		}
		scopes = append(slices.Clone(scopes), app.CaseScope+c.Case)
	}
	return app.Token{
		ID: rand.Text()[:8], Person: access.Person{ID: c.Actor, Role: role, Email: c.Email, Organisation: c.Organisation}, Scopes: scopes, Created: now, Expires: endOf(last),
	}, nil
}

// endOf returns the moment at which a day ends in Sweden.
func endOf(d day.Day) time.Time {
	midnight := time.Unix(int64(d+1)*86400, 0)
	for _, before := range []time.Duration{2 * time.Hour, time.Hour} { // summer, winter
		if t := midnight.Add(-before); swede.CivilDay(t) > d {
			return t
		}
	}
	return midnight
}

// tokenListCmd lists tokens.
type tokenListCmd struct{ place }

// Run writes one line for each token.
func (c *tokenListCmd) Run(ctx context.Context) error {
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	tokens, err := db.ListTokens(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, t := range tokens {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", t.ID, swede.Mask(t.Person.ID), t.Person.Role, t.Expires.Format(time.DateOnly), strings.Join(t.Scopes, " "))
	}
	return w.Flush()
}

// tokenRevokeCmd takes a token back.
type tokenRevokeCmd struct {
	place
	ID string `arg:"" help:"As sluss token list has it."`
}

// Run removes the token.
func (c *tokenRevokeCmd) Run(ctx context.Context) error {
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	err = db.RevokeToken(ctx, c.ID)
	if errors.Is(err, app.ErrNotFound) {
		return fault.New("token.unknown", "Det finns ingen sådan nyckel.", "There is no such token.").Do("Se sluss token list.", "See sluss token list.")
	}
	return err
}
