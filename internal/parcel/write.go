package parcel

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/sealed"
)

// Sealing is what [Write] makes a parcel from.
type Sealing struct {
	Manifest  Manifest
	Dir       string // holds the manifest's files
	Scratch   string // where the sealed part lies until it is whole
	Recipient string // age key; its fingerprint stands in the manifest
	// Sign signs documents with the key that the manifest names.
	Sign func(doc any) (string, error)
	// Keep, if set, is given the key of the sealed part alone; see [Reseal].
	Keep func(fileKey []byte)
	// from opens a file of the manifest; they are asked for in its order. Nil
	// opens those in Dir.
	from func(f File) (io.ReadCloser, error)
}

// Write writes the parcel to w and returns the manifest's hash. Every file is
// hashed while it is packed and the sealed part is read back from the disk: a
// file that is no longer as the manifest has it is an error, and w is then of
// no use.
//
// Equal files and manifests give equal archives inside; what is sealed differs
// every time.
func Write(ctx context.Context, w io.Writer, s Sealing) (manifest canon.Hash, err error) {
	if err := s.Manifest.check(); err != nil {
		return "", err
	}
	recipient, err := sealed.ParseRecipient(s.Recipient)
	if err != nil {
		return "", err
	}
	if s.Manifest.Recipient != sealed.Fingerprint(recipient) {
		return "", errors.New("parcel: the manifest is for another recipient")
	}
	if manifest, err = s.Manifest.Hash(); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(s.Scratch, "sealed-*")
	if err != nil {
		return "", fmt.Errorf("write parcel: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	size, sum, err := s.seal(ctx, f, recipient)
	if err != nil {
		return "", fmt.Errorf("write parcel: %w", err)
	}
	text := readme(s.Manifest.Order, sealing(recipient))
	note := Outer{
		Type: TypeOuter, Order: s.Manifest.Order, Project: s.Manifest.Project, Decision: s.Manifest.Decision.SHA256,
		Recipient: s.Manifest.Recipient, Manifest: manifest, SHA256: sum, Bytes: size, Readme: canon.Sum(text), Signer: s.Manifest.Signer, Sealing: sealing(recipient),
	}
	part, err := note.part()
	if err != nil {
		return "", fmt.Errorf("write parcel: %w", err)
	}
	outer, err := s.Sign(note)
	if err != nil {
		return "", fmt.Errorf("write parcel: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("write parcel: %w", err)
	}
	again := canon.NewHasher()
	out := bufio.NewWriterSize(w, 1<<18)
	t := tarWriter{out}
	err = t.add(nameOuter, int64(len(outer)), strings.NewReader(outer))
	if err == nil {
		err = t.add(nameReadme, int64(len(text)), strings.NewReader(string(text)))
	}
	if err == nil {
		err = t.add(part, size, io.TeeReader(contextReader{ctx, f}, again))
	}
	if err == nil && again.Hash() != sum {
		err = errors.New("the sealed part is not on the disk as it was written")
	}
	if err == nil {
		err = t.close()
	}
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return "", fmt.Errorf("write parcel: %w", err)
	}
	return manifest, nil
}

// seal writes the sealed part and returns its size and hash.
func (s Sealing) seal(ctx context.Context, w io.Writer, recipient string) (int64, canon.Hash, error) {
	note, err := s.Sign(s.Manifest)
	if err != nil {
		return 0, "", err
	}
	sum := &counter{w: bufio.NewWriterSize(w, 1<<18), h: canon.NewHasher()}
	plain, key, err := sealed.SealKept(sum, recipient)
	if err != nil {
		return 0, "", err
	}
	if s.Keep != nil {
		s.Keep(key)
	}
	buffered := bufio.NewWriterSize(plain, 1<<18)
	t := tarWriter{buffered}
	if err := t.add(nameManifest, int64(len(note)), strings.NewReader(note)); err != nil {
		return 0, "", err
	}
	for _, f := range s.Manifest.Files {
		if err := s.add(ctx, t, f); err != nil {
			return 0, "", err
		}
	}
	if err := t.close(); err != nil {
		return 0, "", err
	}
	if err := errors.Join(buffered.Flush(), plain.Close(), sum.w.Flush()); err != nil {
		return 0, "", err
	}
	return sum.n, sum.h.Hash(), nil
}

func (s Sealing) add(ctx context.Context, t tarWriter, f File) error {
	open := s.from
	if open == nil {
		open = func(f File) (io.ReadCloser, error) { return os.Open(filepath.Join(s.Dir, f.Name)) }
	}
	in, err := open(f)
	if err != nil {
		return err
	}
	h := canon.NewHasher()
	err = t.add(f.Name, f.Bytes, io.TeeReader(contextReader{ctx, in}, h))
	if err == nil && h.Hash() != f.SHA256 {
		err = fmt.Errorf("%s is no longer as the manifest has it", f.Name)
	}
	return errors.Join(err, in.Close())
}

// counter counts and hashes what is written.
type counter struct {
	w *bufio.Writer
	h canon.Hasher
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	_, _ = c.h.Write(p[:n])
	return n, err
}

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
