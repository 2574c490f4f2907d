package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/parcel"
)

// splitCmd cuts a parcel into parts for a medium that does not take it whole.
type splitCmd struct {
	Parcel string `arg:"" help:"The parcel, as it was delivered."`
	Size   string `required:"" placeholder:"SIZE" help:"Of each part: bytes, or as 700M, 4G (4G fits no FAT medium; 3900M does)."`
	Out    string `required:"" placeholder:"DIR" help:"New directory for the parts and their list."`
}

// Run writes the parts, or nothing. sluss open takes any part, cat joins them.
func (c *splitCmd) Run(ctx context.Context) error {
	size, err := sizeOf(c.Size)
	if err != nil {
		return err
	}
	l, err := parcel.Split(ctx, c.Parcel, c.Out, size)
	if err != nil {
		return interrupted(ctx, err)
	}
	_, err = fmt.Fprintf(os.Stdout, "parts %d\nlist %s\n", len(l.Sums), l.ListName())
	return err
}

// sizeOf reads a number of bytes. Fault: split.size.
func sizeOf(text string) (int64, error) {
	n, err := console.ParseSize(text)
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		f.Code = "split.size"
	}
	return int64(n), err
}
