// Package engineroom puts the vault's program together: it fits the adapters
// (vault, register, engine, parcel, form) to the ports of works. It holds no
// rules.
package engineroom

import (
	"context"
	"errors"
	"io"

	"sluss/internal/form"
	"sluss/internal/population"
)

// Tables reads population files with package form.
type Tables struct {
	// Progress, if set, hears how far a long file has come.
	Progress func(rows int)
}

// Read checks a table file line by line.
func (t Tables) Read(ctx context.Context, r io.Reader, o population.Options) (population.Result, error) {
	fo := form.Options{Name: "population"}
	if t.Progress != nil {
		fo.Progress = func(p form.Progress) { t.Progress(p.Rows) }
	}
	rows, err := form.NewReader(ctx, r, fo)
	if err != nil {
		return population.Result{}, err
	}
	head, err := rows.Next()
	if err != nil {
		return population.Result{}, err
	}
	check, err := population.New(head.Cells, o)
	if err != nil {
		return population.Result{}, err
	}
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return check.Result(), nil
		}
		if err != nil {
			return population.Result{}, err
		}
		if err := check.Row(row.Line, row.Cells); err != nil {
			return population.Result{}, err
		}
	}
}
