package format

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"golang.org/x/sync/errgroup"

	"sluss/internal/canon"
)

// GroupRows is how many rows are encoded together. It decides where Parquet
// row groups end and therefore is part of the format: changing it changes the
// bytes of files.
const GroupRows = 1 << 17

// Stream writes one file. Batches come in from one goroutine in the order of
// the file; groups of rows are encoded on others and written in order.
type Stream struct {
	schema *Schema
	group  int // rows encoded together
	file   file
	out    *summed
	fill   *Batch
	free   chan *Batch // at most as many groups as there are encoders are in memory
	queue  chan chan encoded
	work   *errgroup.Group
	ctx    context.Context
	rows   int64
}

// encoded is what comes out of an encoder.
type encoded struct {
	block block
	err   error
}

// summed counts and hashes what passes; it only counts where h is nil.
type summed struct {
	w io.Writer
	h hash.Hash
	n int64
}

func (s *summed) Write(b []byte) (int, error) {
	n, err := s.w.Write(b)
	if s.h != nil {
		s.h.Write(b[:n])
	}
	s.n += int64(n)
	return n, err
}

// Places is a file that can be written and read at a place. Stata's and SPSS's
// files want one: their heads say how many rows there are.
type Places interface {
	io.WriterAt
	io.ReaderAt
}

// NewStream begins a file on w with up to workers encoders, at least one.
// Close or Abandon must be called. The stream stops when ctx is done. For DTA,
// SAV and ZSAV w must be [Places] and empty, as a new file is.
func NewStream(ctx context.Context, w io.Writer, s *Schema, o Options, workers int) (*Stream, error) {
	return newStream(ctx, w, s, o, workers, GroupRows)
}

func newStream(ctx context.Context, w io.Writer, s *Schema, o Options, workers, group int) (*Stream, error) {
	workers = max(workers, 1)
	out := &summed{w: w, h: sha256.New()}
	f, err := create(out, s, o)
	if err != nil {
		return nil, err
	}
	if _, late := f.(patcher); late {
		if _, ok := w.(Places); !ok {
			return nil, fmt.Errorf("format: %s wants a file that can be written at a place", o.Format)
		}
		out.h = nil // the whole file is hashed when it is finished
	}
	st := &Stream{schema: s, group: group, file: f, out: out, free: make(chan *Batch, workers+1), queue: make(chan chan encoded, workers)}
	for range workers {
		st.free <- nil // made when first used
	}
	st.fill = NewBatch(s)
	st.work, st.ctx = errgroup.WithContext(ctx)
	queue := st.queue
	st.work.Go(func() error { return st.drain(queue) })
	return st, nil
}

// drain writes blocks in the order in which their groups were filled.
func (s *Stream) drain(queue <-chan chan encoded) error {
	for slot := range queue {
		select {
		case e := <-slot:
			if e.err != nil {
				return e.err
			}
			if err := s.file.add(e.block); err != nil {
				return err
			}
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
	}
	return nil
}

// Write adds the rows [lo, hi) of b, which it copies. After an error only
// Abandon may be called.
func (s *Stream) Write(b *Batch, lo, hi int) error {
	s.rows += int64(hi - lo)
	for lo < hi {
		n := min(hi-lo, s.group-s.fill.N)
		s.fill.Append(b, lo, lo+n)
		lo += n
		if s.fill.N == s.group {
			if err := s.dispatch(); err != nil {
				return err
			}
		}
	}
	return nil
}

// dispatch hands the filled group to an encoder.
func (s *Stream) dispatch() error {
	var next *Batch
	select {
	case next = <-s.free:
	case <-s.ctx.Done():
		return s.failed()
	}
	full, slot := s.fill, make(chan encoded, 1)
	if next == nil {
		next = NewBatch(s.schema)
	}
	next.Reset()
	s.fill = next
	s.work.Go(func() error {
		k, err := s.file.encode(full)
		slot <- encoded{k, err}
		s.free <- full
		return err
	})
	select {
	case s.queue <- slot:
		return nil
	case <-s.ctx.Done():
		return s.failed()
	}
}

// failed waits for the encoders and returns what stopped them.
func (s *Stream) failed() error {
	if s.queue != nil {
		close(s.queue)
		s.queue = nil
	}
	if err := s.work.Wait(); err != nil {
		return err
	}
	return s.ctx.Err()
}

// Rows returns the number of rows written so far.
func (s *Stream) Rows() int64 { return s.rows }

// Close writes the rest and ends the file. It returns how many bytes were
// written and their hash. It does not close the writer below.
func (s *Stream) Close() (bytes int64, sum canon.Hash, err error) {
	if s.fill.N > 0 {
		if err := s.dispatch(); err != nil {
			return 0, "", err
		}
	}
	close(s.queue)
	s.queue = nil
	if err := s.work.Wait(); err != nil {
		return 0, "", err
	}
	if err := s.file.end(s.rows); err != nil {
		return 0, "", err
	}
	if err := s.patch(); err != nil {
		return 0, "", err
	}
	return s.out.n, canon.Hash(hex.EncodeToString(s.out.h.Sum(nil))), nil
}

// patch fills in what the head states and hashes the finished file.
func (s *Stream) patch() error {
	late, ok := s.file.(patcher)
	if !ok {
		return nil
	}
	w := s.out.w.(Places)
	for _, p := range late.patches() {
		if _, err := w.WriteAt(p.b, p.at); err != nil {
			return err
		}
	}
	s.out.h = sha256.New()
	n, err := io.Copy(s.out.h, io.NewSectionReader(w, 0, s.out.n))
	if err == nil && n != s.out.n {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// Abandon stops without ending the file. It may follow an error of Write or
// Close, or come instead of Close.
func (s *Stream) Abandon() { _ = s.failed() }
