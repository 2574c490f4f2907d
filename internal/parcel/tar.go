package parcel

import (
	"archive/tar"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
)

// Our archives are read strictly: a header must be, byte for byte, the one that
// we would write for the name and size, padding must be zero, and nothing may
// follow. So no byte of an archive can be changed unseen, not even one that
// means nothing. Ordinary tar programs read them as any other archive.

const block = 512

// stamp is the time of every entry: the same files give the same archive.
var stamp = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Errors of a tarReader.
var (
	errCut    = errors.New("archive ends too early")
	errFormat = errors.New("archive is not as it was written")
)

// tarHeader returns the header of a file.
func tarHeader(name string, size int64) ([]byte, error) {
	var b bytes.Buffer
	err := tar.NewWriter(&b).WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644, ModTime: stamp, Format: tar.FormatGNU})
	if err != nil || b.Len() != block {
		return nil, fmt.Errorf("header of an archive entry: %w", errors.Join(err, errFormat))
	}
	return b.Bytes(), nil
}

func padding(size int64) int64 { return (block - size%block) % block }

type tarWriter struct{ w io.Writer }

// add writes an entry of exactly size bytes.
func (t tarWriter) add(name string, size int64, r io.Reader) error {
	h, err := tarHeader(name, size)
	if err != nil {
		return err
	}
	if _, err := t.w.Write(h); err != nil {
		return err
	}
	n, err := io.Copy(t.w, io.LimitReader(r, size+1))
	if err != nil {
		return err
	}
	if n != size {
		return fmt.Errorf("%s is not of the size it had", name)
	}
	_, err = t.w.Write(make([]byte, padding(size)))
	return err
}

func (t tarWriter) close() error {
	_, err := t.w.Write(make([]byte, 2*block))
	return err
}

type tarReader struct{ r *bufio.Reader }

func newTarReader(r io.Reader) tarReader { return tarReader{bufio.NewReaderSize(r, 1<<16)} }

// next returns the size of the next entry, which must be called name.
func (t tarReader) next(name string) (size int64, err error) {
	h := make([]byte, block)
	if err := t.full(h); err != nil {
		return 0, err
	}
	parsed, err := tar.NewReader(bytes.NewReader(h)).Next()
	if err != nil {
		return 0, errFormat
	}
	want, err := tarHeader(name, parsed.Size)
	if err != nil || !bytes.Equal(h, want) {
		return 0, errFormat
	}
	return parsed.Size, nil
}

// copy writes the entry's content to w and checks its padding.
func (t tarReader) copy(w io.Writer, size int64) error {
	if _, err := io.CopyN(w, t.r, size); err != nil {
		return cutShort(err)
	}
	return t.zeros(padding(size))
}

// take returns the content of a small entry.
func (t tarReader) take(name string, limit int64) ([]byte, error) {
	size, err := t.next(name)
	if err != nil {
		return nil, err
	}
	if size > limit {
		return nil, errFormat
	}
	var b bytes.Buffer
	err = t.copy(&b, size)
	return b.Bytes(), err
}

// end checks that the archive ends here.
func (t tarReader) end() error {
	if err := t.zeros(2 * block); err != nil {
		return err
	}
	switch _, err := t.r.ReadByte(); {
	case err == nil:
		return errFormat
	case errors.Is(err, io.EOF):
		return nil
	default:
		return err
	}
}

func (t tarReader) zeros(n int64) error {
	b := make([]byte, n)
	if err := t.full(b); err != nil {
		return err
	}
	for _, c := range b {
		if c != 0 {
			return errFormat
		}
	}
	return nil
}

func (t tarReader) full(b []byte) error {
	_, err := io.ReadFull(t.r, b)
	return cutShort(err)
}

func cutShort(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errCut
	}
	return err
}
