package main

import (
	"context"
	"fmt"
	"os"

	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/parcel"
)

// stickCmd writes a parcel on a stick that goes by registered post.
type stickCmd struct {
	Parcel string `arg:"" help:"The parcel, from sluss fetch or the page of the case."`
	Signer string `required:"" placeholder:"KEY" help:"Whose signature to ask for: the fingerprint that stands in the decision, a public key, or a file with one."`
	Order  string `required:"" placeholder:"ID" help:"Number of the case; the parcel of any other is refused."`
	Out    string `required:"" placeholder:"DIR" help:"Where the stick is mounted, empty; or a new directory."`
	Size   string `default:"4G" placeholder:"SIZE" help:"Largest file that the stick takes: bytes, or as 700M, 4G."`
}

// Run writes the stick and reads it back. The fingerprint is the one that the
// registrar writes down when the stick is posted.
func (c *stickCmd) Run(ctx context.Context) error {
	want, err := wanted(c.Signer, c.Order)
	if err != nil {
		return err
	}
	size, err := sizeOf(c.Size)
	if err != nil {
		return err
	}
	outer, sum, err := parcel.WriteStick(ctx, parcel.Stick{Parcel: c.Parcel, Dir: c.Out, Want: want, PartSize: size})
	if err != nil {
		if ctx.Err() == nil {
			return err
		}
		return fault.New("stick.stopped", "Avbrutet; minnet är inte färdigt.", "Interrupted; the stick is not ready.").Of(fault.Internal).
			Do("Kör kommandot igen: det börjar om från början.", "Run the command again: it begins anew.").Because(err)
	}
	_, err = fmt.Fprintf(os.Stdout, "order %s\nsealed-to %s\nsha256 %s\nfingerprint %s\n", outer.Order, outer.Recipient, sum, order.ParcelPrint(sum))
	return err
}
