package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	"sluss/internal/engineroom"
	"sluss/internal/fault"
	"sluss/internal/swede"
	"sluss/internal/vault"
	"sluss/internal/works"
)

// letter says which medium of which vault is meant.
type letter struct {
	Vault    string `required:"" placeholder:"DIR" help:"Folder of the vault; it may be in use."`
	Order    string `required:"" placeholder:"ID" help:"The case, as FK-2026-00001."`
	Tracking string `required:"" placeholder:"NUMBER" help:"Number of the registered letter, as the registrar entered it in the case."`
}

// mailroom opens the mailroom of a vault and returns the vault's public keys.
func mailroom(dir string) (engineroom.Mailroom, vault.Public, error) {
	p, err := vault.ReadPublic(dir)
	return engineroom.NewMailroom(dir), p, err
}

// mediumTakeCmd puts a medium into the mailroom.
type mediumTakeCmd struct {
	letter
	File string `arg:"" help:"The file on the medium; - for standard input."`
}

// Run seals the file to the vault while it is copied. What it holds is not
// looked at: that is for the vault, once it has seen the decision.
func (c *mediumTakeCmd) Run(ctx context.Context) error {
	room, keys, err := mailroom(c.Vault)
	if err != nil {
		return err
	}
	in, _, err := openInput(ctx, c.File)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	n, sum, err := room.Put(ctx, c.Order, c.Tracking, keys.Recipient, in)
	if err != nil {
		return err
	}
	note := `The file is sealed and has not been read; the vault reads it when the case has a signed decision and the letter is registered there.
Keep the medium locked in until the case says that the file has been checked. Then return or destroy the medium, and note it in the case.
`
	if language() == "sv" {
		note = `Filen är förseglad och har inte lästs; valvet läser den när ärendet har ett undertecknat beslut och brevet är registrerat där.
Håll mediet inlåst tills ärendet visar att filen är kontrollerad. Återsänd eller förstör sedan mediet och anteckna det i ärendet.
`
	}
	fmt.Fprint(os.Stderr, note)
	_, err = fmt.Printf("sealed %d bytes %s\n", n, sum)
	return err
}

// mediumListCmd lists media.
type mediumListCmd struct {
	Vault string `required:"" placeholder:"DIR" help:"Folder of the vault; it may be in use."`
}

// Run writes one line for each medium.
func (c *mediumListCmd) Run() error {
	room, _, err := mailroom(c.Vault)
	if err != nil {
		return err
	}
	media, err := room.Waiting()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, m := range media {
		fmt.Fprintf(w, "%s\t%s\t%s bytes\n", m.Order, m.Tracking, swede.Count(int(m.Bytes), language()))
	}
	return w.Flush()
}

// mediumDiscardCmd takes a medium out, such as one that came before the
// decision (promise 1) or was the wrong file.
type mediumDiscardCmd struct{ letter }

// Run removes the sealed file; the number cannot be used again.
func (c *mediumDiscardCmd) Run(ctx context.Context) error {
	room, _, err := mailroom(c.Vault)
	if err != nil {
		return err
	}
	m, err := room.Remove(ctx, c.Order, c.Tracking)
	if errors.Is(err, works.ErrNotFound) {
		return fault.New("mailroom.unknown", "Inget medium med det brevnumret har legat här.", "No medium under that letter number has lain here.").
			Do("Se sluss-engine population media.", "See sluss-engine population media.")
	}
	if err != nil {
		return err
	}
	note := "The sealed file is gone; the number is not used again. Return or destroy the medium, and note it in the case.\n"
	if language() == "sv" {
		note = "Den förseglade filen är borta; numret används inte igen. Återsänd eller förstör mediet och anteckna det i ärendet.\n"
	}
	fmt.Fprint(os.Stderr, note)
	_, err = fmt.Printf("removed %s\n", m.SHA256)
	return err
}
