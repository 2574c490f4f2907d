package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"sluss/internal/console"
	"sluss/internal/spelltable"
)

// spellsCmd is the stable command for independent checks: docs/spells.md.
type spellsCmd struct {
	Rows       text `help:"CSV of rows: person,benefit,track,row_id,tx,kind,from,tom,extent,amount_ore and, if wanted, waiting_days,ill_from; - is standard input." placeholder:"FILE"`
	Shape      text `help:"spell (default), subspell, panel-day, panel-week, panel-month, panel-quarter or panel-year." placeholder:"SHAPE"`
	AsOf       text `help:"Leave out rows with a greater tx." placeholder:"N"`
	MaxGap     text `help:"Free days that still join into one spell; 4 by default." placeholder:"N"`
	Overlap    text `help:"latest (default), sum_tracks or error." placeholder:"POLICY"`
	From       text `help:"First day of the window." placeholder:"DATE"`
	To         text `help:"The day after the window." placeholder:"DATE"`
	Anchors    text `help:"CSV of person,anchor: each person's window lies around the anchor." placeholder:"FILE"`
	FromOffset text `help:"First day of the window from the anchor, such as -P6M." placeholder:"OFFSET"`
	ToOffset   text `help:"The day after the window from the anchor, such as P6M." placeholder:"OFFSET"`
	Mode       text `help:"clip (default), overlap, start_in or end_in." placeholder:"MODE"`
	History    text `help:"mask (default) or reveal." placeholder:"HISTORY"`
	Horizon    text `help:"The first day that open rows do not reach." placeholder:"DATE"`
	Rejects    text `help:"Write row_id,reason of rows put aside here." placeholder:"FILE"`

	TopUpMax text `help:"Payments of at most N whole kronor by net day are money without days (assumption A5), such as 100." placeholder:"N"`
	FarGap   text `help:"Free days that still join before rows with more than one of waiting_days (assumption A2), such as 19." placeholder:"N"`
	SickPay  text `help:"Days from ill_from that belong to the spell, when at most N come before the row (assumption A3), such as 14." placeholder:"N"`

	Corrections text `help:"Write the table of reversals that met no payment here (assumption A6); it changes no day." placeholder:"FILE"`
}

// text is an option's value as typed. It may begin with a minus sign (-P6M);
// only what looks like another option is taken to be one.
type text struct{ value *string }

// Decode implements kong.MapperValue.
func (t *text) Decode(ctx *kong.DecodeContext) error {
	token := ctx.Scan.Pop()
	v, ok := token.Value.(string)
	if token.IsEOL() || !ok || token.Type != kong.FlagValueToken && strings.HasPrefix(v, "--") {
		return errors.New("a value is missing")
	}
	t.value = &v
	return nil
}

// Run writes the table to standard output and what became of the rows to standard
// error.
func (c *spellsCmd) Run(ctx context.Context) error {
	meter := newMeter()
	units := map[string]string{"read": "lines", "anchors": "lines"}
	notes, err := spelltable.Run(ctx, spelltable.Options{
		Rows: c.Rows.value, Shape: c.Shape.value, AsOf: c.AsOf.value, MaxGap: c.MaxGap.value, Overlap: c.Overlap.value,
		From: c.From.value, To: c.To.value, Anchors: c.Anchors.value, FromOffset: c.FromOffset.value, ToOffset: c.ToOffset.value,
		Mode: c.Mode.value, History: c.History.value, Horizon: c.Horizon.value, Rejects: c.Rejects.value, Corrections: c.Corrections.value,
		TopUpMax: c.TopUpMax.value, FarGap: c.FarGap.value, SickPay: c.SickPay.value,
		Progress: func(stage string, n int64, part float64) {
			meter.show(reading{stage, cmp.Or(units[stage], "persons"), n, 0, part})
		},
	}, console.Stdin(ctx), os.Stdout)
	if err != nil {
		return err
	}
	fmt.Fprint(os.Stderr, notes.Text(language()))
	return nil
}
