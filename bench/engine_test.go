package main

import (
	"context"
	"io"
	"os"
	"testing"

	"sluss/internal/engine/embedded"
	"sluss/internal/register"
)

// BenchmarkCollect is for profiling the pipeline on a snapshot that a run of
// the program has left: BENCH_STORE names its store.
func BenchmarkCollect(b *testing.B) {
	store := os.Getenv("BENCH_STORE")
	if store == "" {
		b.Skip("skipped: BENCH_STORE is not set")
	}
	s, err := register.Open(store, "bench")
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	src := embedded.Of(s)
	e := embedded.New(src)
	for b.Loop() {
		kept, err := e.Collect(context.Background(), job(src, 1, everything("parquet")...))
		if err != nil {
			b.Fatal(err)
		}
		for _, k := range kept {
			b.ReportMetric(float64(k.Totals.Rows), k.Extract+"-rows")
		}
	}
	b.ReportMetric(float64(s.Table("midas_sjp").Len())*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

// BenchmarkRun is the same into files that nobody keeps.
func BenchmarkRun(b *testing.B) {
	store := os.Getenv("BENCH_STORE")
	if store == "" {
		b.Skip("skipped: BENCH_STORE is not set")
	}
	s, err := register.Open(store, "bench")
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	src := embedded.Of(s)
	for b.Loop() {
		_, err := embedded.New(src).Run(context.Background(), job(src, 1, everything("parquet")...), func(string) (io.WriteCloser, error) { return nowhere{}, nil }, nil)
		if err != nil {
			b.Fatal(err)
		}
	}
}

type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) Close() error                { return nil }
