package console

import (
	"context"
	"io"
	"os"
)

// Stdin is standard input, whose reading fails with ctx's error when ctx ends:
// waiting for somebody to type can be interrupted, too.
func Stdin(ctx context.Context) io.Reader { return until(ctx, os.Stdin) }

// until is in, whose reading fails when ctx ends. What reads in goes on waiting then,
// as nothing can wake it.
func until(ctx context.Context, in io.Reader) io.Reader {
	r, w := io.Pipe()
	context.AfterFunc(ctx, func() { _ = w.CloseWithError(ctx.Err()) })
	var begun bool
	return reader(func(b []byte) (int, error) {
		if !begun {
			begun = true
			go func() {
				_, err := io.Copy(w, in)
				_ = w.CloseWithError(err)
			}()
		}
		return r.Read(b)
	})
}

type reader func([]byte) (int, error)

func (r reader) Read(b []byte) (int, error) { return r(b) }
