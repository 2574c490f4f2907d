package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/parcel"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/swede"
)

// openCmd opens a parcel at the recipient's.
type openCmd struct {
	Parcel   string `arg:"" help:"The parcel, as it was delivered."`
	Identity string `required:"" placeholder:"FILE" help:"File with your secret key, from sluss keygen."`
	Signer   string `placeholder:"KEY" help:"Whose signature to ask for: the fingerprint that stands in the decision, a public key, or a file with one. Without it the fingerprint is printed for you to compare."`
	Order    string `placeholder:"ID" help:"Refuse the parcel of any other order."`
	Out      string `required:"" placeholder:"DIR" help:"New directory for the files."`
}

// Run opens the parcel, or leaves nothing behind.
func (c *openCmd) Run(ctx context.Context) error {
	want, err := c.want()
	if err != nil {
		return err
	}
	identity, err := sealed.ReadIdentity(c.Identity)
	if err != nil {
		return err
	}
	m, err := parcel.Open(ctx, c.Parcel, identity, c.Out, want)
	if err != nil {
		return interrupted(ctx, err)
	}
	if c.Signer == "" {
		note := "Signed by %s. Compare with the fingerprint in the decision before you use the files.\n"
		if console.Language() == "sv" {
			note = "Undertecknat av %s. Jämför med fingeravtrycket i beslutet innan du använder filerna.\n"
		}
		fmt.Fprintf(os.Stderr, note, signed.Fingerprint(m.Signer))
	}
	return printManifest(os.Stdout, m)
}

// want is whose parcel is asked for; without --signer the reader compares.
func (c *openCmd) want() (parcel.Want, error) {
	if c.Signer == "" {
		return parcel.Want{Signer: parcel.Anybody(), Order: c.Order}, nil
	}
	return wanted(c.Signer, c.Order)
}

func wanted(signer, order string) (parcel.Want, error) {
	s, err := parcel.ReadSigner(signer)
	return parcel.Want{Signer: s, Order: order}, err
}

// interrupted tells a user who stopped the program that nothing was written.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return fault.New("interrupted", "Avbrutet; inget är skrivet.", "Interrupted; nothing was written.").Of(fault.Internal).Because(err)
}

// printManifest tells what was delivered.
func printManifest(w io.Writer, m parcel.Manifest) error {
	lang := console.Language()
	hash, err := m.Hash()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "order %s\nmanifest %s\n", m.Order, hash)
	if m.Synthetic {
		fmt.Fprintln(w, "synthetic true")
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range m.Files {
		rows := ""
		if f.Role == parcel.RoleData {
			word := "rows"
			if lang == "sv" {
				word = "rader"
			}
			rows = swede.Count(int(f.Rows), lang) + " " + word
		}
		fmt.Fprintf(t, "file %s\t%s\t%d B\t%s\n", f.Name, f.Role, f.Bytes, rows)
	}
	return t.Flush()
}
