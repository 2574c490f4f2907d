package main

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"sluss/internal/engine/embedded"
	"sluss/internal/register"
)

var outputs = []string{"fall", "delfall", "manad", "ar"}

func engineMemory(ctx context.Context, dir string, _ int) (figures, error) {
	s, err := register.Open(filepath.Join(dir, "store"), snapshotID)
	if err != nil {
		return figures{}, err
	}
	defer s.Close()
	src := embedded.Of(s)
	j := job(src, 1, everything("parquet")...)
	stop := watch()
	kept, err := embedded.New(src).Collect(ctx, j)
	if err != nil {
		return figures{}, err
	}
	f := stop()
	f.Rows = map[string]int64{"midas_sjp": int64(s.Table("midas_sjp").Len())}
	for _, k := range kept {
		f.Rows[k.Extract] = k.Totals.Rows
	}
	f.Notes = map[string]string{"out": rowList(outputs, f.Rows)}
	return f, nil
}

func engineFiles(ctx context.Context, dir string, _ int) (figures, error) {
	s, err := register.Open(filepath.Join(dir, "store"), snapshotID)
	if err != nil {
		return figures{}, err
	}
	defer s.Close()
	out := filepath.Join(dir, "out")
	if err := os.MkdirAll(out, 0o700); err != nil {
		return figures{}, err
	}
	src := embedded.Of(s)
	j := job(src, 1, everything("parquet")...)
	stop := watch()
	_, err = embedded.New(src).Run(ctx, j, func(name string) (io.WriteCloser, error) { return os.Create(filepath.Join(out, name)) }, nil)
	return stop(), err
}
