package parcel

import (
	"context"
	"errors"
	"fmt"
	"io"

	"sluss/internal/canon"
	"sluss/internal/sealed"
)

// Resealing is what [Reseal] makes a parcel from.
type Resealing struct {
	Manifest  canon.Hash // of the parcel that is opened
	FileKey   []byte     // that [Sealing].Keep was given when it was written
	Recipient string     // the new key
	Scratch   string     // where the sealed part lies until it is whole
	Signer    Signer     // who has signed the parcel: ourselves
	Sign      func(doc any) (string, error)
	Keep      func(fileKey []byte)
}

// Reseal reads a parcel that we have written and writes the same files to w,
// sealed to another key. The new manifest is the old one with another recipient;
// its hash is returned. No file touches the disk in clear, and every byte is
// compared with the manifest on its way. Where Reseal fails w is of no use.
func Reseal(ctx context.Context, w io.Writer, old io.Reader, r Resealing) (canon.Hash, error) {
	recipient, err := sealed.ParseRecipient(r.Recipient)
	if err != nil {
		return "", err
	}
	want := Want{Signer: r.Signer}
	t, outer, err := readOuter(ctx, old, want)
	if err != nil {
		return "", fmt.Errorf("seal again: %w", err)
	}
	if outer.Manifest != r.Manifest {
		return "", errors.New("seal again: this is another parcel")
	}
	plain, err := sealed.OpenKept(io.LimitReader(t.r, outer.Bytes), r.FileKey)
	if err != nil {
		return "", fmt.Errorf("seal again: %w", err)
	}
	inner := newTarReader(plain)
	note, err := inner.take(nameManifest, maxNote)
	if err != nil {
		return "", fmt.Errorf("seal again: %w", err)
	}
	m, err := openManifest(string(note), want)
	if err != nil {
		return "", fmt.Errorf("seal again: %w", err)
	}
	if noteSum(string(note)) != outer.Manifest || m.Order != outer.Order || m.Recipient != outer.Recipient {
		return "", fmt.Errorf("seal again: %w", swapped())
	}
	if m.Recipient == sealed.Fingerprint(recipient) {
		return "", errors.New("seal again: it is sealed to that key already")
	}
	m.Recipient = sealed.Fingerprint(recipient)
	left := len(m.Files)
	hash, err := Write(ctx, w, Sealing{
		Manifest: m, Scratch: r.Scratch, Recipient: recipient, Sign: r.Sign, Keep: r.Keep,
		from: func(f File) (io.ReadCloser, error) {
			size, err := inner.next(f.Name)
			if err == nil && size != f.Bytes {
				err = errFormat
			}
			left--
			return &entry{inner, &io.LimitedReader{R: inner.r, N: size}, size, left == 0}, err
		},
	})
	if err != nil {
		return "", fmt.Errorf("seal again: %w", err)
	}
	return hash, nil
}

// entry is the content of an entry in an archive; closing it reads what stands
// behind: padding and, after the last one, the archive's end.
type entry struct {
	t tarReader
	*io.LimitedReader
	size int64
	last bool
}

func (e *entry) Close() error {
	if e.N != 0 {
		return errCut
	}
	if err := e.t.zeros(padding(e.size)); err != nil || !e.last {
		return err
	}
	return e.t.end()
}
