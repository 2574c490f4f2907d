package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

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

var sizeForm = regexp.MustCompile(`^([0-9]{1,12})([kMGT]?)$`)

// sizeOf reads a number of bytes; k, M, G and T are thousands, as media are sold.
func sizeOf(text string) (int64, error) {
	m := sizeForm.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return 0, fault.New("split.size", "Storleken går inte att läsa.", "The size cannot be read.").
			Do("Ange byte, eller till exempel 700M eller 4G.", "Give bytes, or for example 700M or 4G.")
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0, err
	}
	for range map[string]int{"k": 1, "M": 2, "G": 3, "T": 4}[m[2]] {
		if n > 1<<50 {
			break // larger than any parcel
		}
		n *= 1000
	}
	return n, nil
}
