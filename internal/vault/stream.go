package vault

import (
	"context"
	"errors"
	"io"
	"os"

	"sluss/internal/canon"
)

// contextReader stops reading when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// summer counts and hashes what passes through it.
type summer struct {
	w io.Writer
	n int64
	h canon.Hasher
}

func newSummer(w io.Writer) *summer { return &summer{w: w, h: canon.NewHasher()} }

func (s *summer) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.n += int64(n)
	_, _ = s.h.Write(p[:n])
	return n, err
}

func (s *summer) result() (int64, canon.Hash) {
	return s.n, s.h.Hash()
}

// reader reads an object and tells damage as such.
type reader struct {
	r   io.Reader
	f   *os.File
	ctx context.Context
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		if stopped := r.ctx.Err(); stopped != nil {
			return n, stopped
		}
		err = damaged("ett objekt", "an object", err)
	}
	return n, err
}

func (r *reader) Close() error { return r.f.Close() }
