package main

import (
	"context"
	"errors"
	"os"
	"strconv"

	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/peppol"
)

// invoiceCmd writes a case's invoice as a file.
type invoiceCmd struct {
	office
	Case   string `arg:"" help:"Number of the case."`
	Format string `enum:"xml,csv" default:"xml" help:"xml (Peppol BIS Billing 3.0) or csv (lines for the finance system)."`
	Credit int    `placeholder:"NO" help:"The credit note of this number instead, 1 being the first."`
	Out    string `placeholder:"FILE" help:"Where to write; standard output by default."`
}

// Run writes the invoice that has been issued, or a credit note.
func (c *invoiceCmd) Run(ctx context.Context) error {
	a, done, err := c.app(ctx)
	if err != nil {
		return err
	}
	defer done()
	entries, err := a.Log.Load(ctx, c.Case)
	if err != nil {
		return notThere(err)
	}
	no := ""
	if c.Credit != 0 {
		no = strconv.Itoa(c.Credit)
	}
	f, err := peppol.WriteNo(order.Fold(c.Case, entries), a.Authority, no, c.Format)
	if errors.Is(err, peppol.ErrNothing) {
		return fault.New("peppol.nothing", "Det finns inget att fakturera i ärendet.", "There is nothing to invoice in the case.")
	}
	if err != nil {
		return err
	}
	if c.Out == "" {
		_, err = os.Stdout.Write(f.Body)
		return err
	}
	return os.WriteFile(c.Out, f.Body, 0o600)
}
