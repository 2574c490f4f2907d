package main

import (
	"context"
	"fmt"
	"os"

	"sluss/internal/parcel"
)

// verifyCmd checks a sealed parcel, or the directory that it was opened into.
type verifyCmd struct {
	Parcel string `arg:"" help:"A sealed parcel, or the directory that sluss open made."`
	Signer string `required:"" placeholder:"KEY" help:"Whose signature to ask for: the fingerprint that stands in the decision, a public key, or a file with one."`
	Order  string `placeholder:"ID" help:"Refuse the parcel of any other order."`
}

// Run checks as much as can be checked: a sealed parcel without its key as far
// as the seal, an opened one to the last row.
func (c *verifyCmd) Run(ctx context.Context) error {
	want, err := wanted(c.Signer, c.Order)
	if err != nil {
		return err
	}
	s, err := os.Stat(c.Parcel)
	if err != nil {
		return unreadable(c.Parcel, err)
	}
	if s.IsDir() {
		m, err := parcel.VerifyDir(ctx, c.Parcel, want)
		if err != nil {
			return interrupted(ctx, err)
		}
		return printManifest(os.Stdout, m)
	}
	o, err := parcel.Verify(ctx, c.Parcel, want)
	if err != nil {
		return interrupted(ctx, err)
	}
	_, err = fmt.Fprintf(os.Stdout, "order %s\nmanifest %s\nsealed-to %s\nsealed-bytes %d\n", o.Order, o.Manifest, o.Recipient, o.Bytes)
	return err
}
