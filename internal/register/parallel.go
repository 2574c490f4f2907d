package register

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"io"
	"os"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"sluss/internal/canon"
)

// rereadSegment reads a file from disk and returns the hash and size of the
// whole, and the sum of the values after the header.
func rereadSegment(ctx context.Context, path string) (sum canon.Hash, n int64, crc uint32, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, 0, err
	}
	defer f.Close()
	h, c := sha256.New(), crc32.New(castagnoli)
	head := make([]byte, segmentHeader)
	if _, err := io.ReadFull(f, head); err != nil {
		return "", 0, 0, err
	}
	h.Write(head)
	n = segmentHeader
	buf := make([]byte, 128<<10)
	for {
		if err := ctx.Err(); err != nil {
			return "", n, 0, err
		}
		k, err := f.Read(buf)
		h.Write(buf[:k])
		c.Write(buf[:k])
		n += int64(k)
		if err == io.EOF {
			return canon.Hash(hex.EncodeToString(h.Sum(nil))), n, c.Sum32(), nil
		}
		if err != nil {
			return "", n, 0, err
		}
	}
}

// inParallel calls f for 0 … n−1, at most workers at a time, until one fails.
func inParallel(ctx context.Context, workers, n int, f func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workers)
	for i := range n {
		g.Go(func() error { return f(ctx, i) })
	}
	return g.Wait()
}

// inOrder makes 0 … n−1 with up to workers at a time and uses the results in
// order. At most workers + 1 results wait.
func inOrder[T any](ctx context.Context, workers, n int, make1 func(i int) (T, error), use func(T) error) error {
	type result struct {
		v   T
		err error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan chan result, workers)
	var made errgroup.Group
	made.Go(func() error {
		defer close(queue)
		for i := range n {
			ch := make(chan result, 1)
			select {
			case queue <- ch:
			case <-ctx.Done():
				return nil
			}
			made.Go(func() error {
				v, err := make1(i)
				ch <- result{v, err}
				return nil
			})
		}
		return nil
	})
	defer made.Wait()
	for ch := range queue {
		r := <-ch
		if r.err == nil {
			r.err = ctx.Err()
		}
		if r.err == nil {
			r.err = use(r.v)
		}
		if r.err != nil {
			cancel()
			return r.err
		}
	}
	return ctx.Err()
}

func addAtomic(p *int64, n int64) int64 { return atomic.AddInt64(p, n) }
