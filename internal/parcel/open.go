package parcel

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/sealed"
)

// Want is what the reader knows beforehand about the parcel.
type Want struct {
	Signer Signer
	Order  string // "" = any; else a parcel of another order is refused
}

// Verify checks a parcel as far as that goes without the key: both notes'
// signature that can be seen, and that the sealed part is the one the note
// names. Path is the parcel, or a part of one ([Split]). Faults are parcel.*.
func Verify(ctx context.Context, path string, want Want) (Outer, error) {
	p, err := openSource(path)
	if err != nil {
		return Outer{}, err
	}
	defer p.Close()
	o, err := verify(ctx, p, want)
	if err != nil {
		return Outer{}, p.blame(ctx, err)
	}
	return o, nil
}

func verify(ctx context.Context, f io.Reader, want Want) (Outer, error) {
	t, outer, err := readOuter(ctx, f, want)
	if err != nil {
		return Outer{}, err
	}
	h := canon.NewHasher()
	if err := t.copy(h, outer.Bytes); err != nil {
		return Outer{}, damage(err)
	}
	if err := t.end(); err != nil {
		return Outer{}, damage(err)
	}
	if h.Hash() != outer.SHA256 {
		return Outer{}, fetchAgain(fault.New("parcel.sealed_part", "Den förseglade delen är inte den som paketets underskrift gäller: den har ändrats eller bytts ut.",
			"The sealed part is not the one that the parcel's signature is for: it has been changed or replaced."))
	}
	return outer, nil
}

func openFile(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		sv, en := "Paketet kan inte öppnas.", "The parcel cannot be opened."
		if errors.Is(err, fs.ErrNotExist) {
			sv, en = "Paketet finns inte.", "The parcel does not exist."
		}
		return nil, fault.New("parcel.unreadable", sv, en).At(fault.Where{File: filepath.Base(path)}).Because(err)
	}
	return f, nil
}

// readOuter reads up to the sealed part, and believes nothing until the
// signature holds.
func readOuter(ctx context.Context, f io.Reader, want Want) (tarReader, Outer, error) {
	t := newTarReader(contextReader{ctx, f})
	head, err := t.r.Peek(len(nameOuter) + 1)
	if len(head) == 0 && err == nil || string(head) != nameOuter+"\x00" {
		if err != nil && !errors.Is(err, io.EOF) {
			return t, Outer{}, err
		}
		return t, Outer{}, notParcel()
	}
	note, err := t.take(nameOuter, maxNote)
	if err != nil {
		return t, Outer{}, damage(err)
	}
	var outer Outer
	if err := want.Signer.open(string(note), TypeOuter, &outer); err != nil {
		return t, Outer{}, err
	}
	if want.Order != "" && outer.Order != want.Order {
		return t, Outer{}, fault.New("parcel.other_order", "Paketet gäller en annan beställning än den du angav.", "The parcel is for another order than the one you gave.").
			Do("Kontrollera att det är rätt paket.", "Check that it is the right parcel.")
	}
	text, err := t.take(nameReadme, maxReadme)
	if err != nil {
		return t, Outer{}, damage(err)
	}
	part, err := outer.part()
	if err != nil {
		return t, Outer{}, damage(err)
	}
	size, err := t.next(part)
	if err != nil {
		return t, Outer{}, damage(err)
	}
	if canon.Sum(text) != outer.Readme || size != outer.Bytes {
		return t, Outer{}, fetchAgain(changed())
	}
	return t, outer, nil
}

// Open verifies a parcel, opens it with the identity, verifies everything in
// it, and moves it into place as the new directory out. Where anything is wrong
// out is not made and nothing is left behind.
func Open(ctx context.Context, path, identity, out string, want Want) (m Manifest, err error) {
	if _, err := os.Lstat(out); !errors.Is(err, fs.ErrNotExist) {
		return m, fault.New("parcel.out_exists", "Mappen finns redan och skrivs inte över.", "The directory exists already and is not written over.").
			At(fault.Where{File: filepath.Base(out)}).Do("Välj en ny mapp.", "Choose a new directory.")
	}
	recipient, err := sealed.RecipientOf(identity)
	if err != nil {
		return m, err
	}
	f, err := openSource(path)
	if err != nil {
		return m, err
	}
	defer f.Close()
	outer, err := verify(ctx, f, want)
	if err != nil {
		return m, f.blame(ctx, err)
	}
	if outer.Recipient != sealed.Fingerprint(recipient) {
		return m, fault.New("parcel.wrong_key", "Paketet är förseglat till en annan nyckel än din.", "The parcel is sealed to another key than yours.").
			Do("Använd den hemliga nyckel vars publika del lämnades i beställningen.", "Use the secret key whose public part was given in the order.")
	}
	tmp, err := os.MkdirTemp(filepath.Dir(filepath.Clean(out)), ".sluss-open-*")
	if err != nil {
		return m, fault.New("parcel.out_unwritable", "Det går inte att skriva där mappen ska ligga.", "The place of the new directory cannot be written to.").
			At(fault.Where{File: filepath.Base(out)}).Because(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(tmp))
		}
	}()
	if err := f.rewind(); err != nil {
		return m, err
	}
	if m, err = unpack(ctx, f, identity, tmp, want, outer); err != nil {
		return m, err
	}
	if err = os.Rename(tmp, out); err != nil {
		return m, fmt.Errorf("move the opened parcel into place: %w", err)
	}
	return m, nil
}

// unpack writes the files of a verified parcel into dir.
func unpack(ctx context.Context, f io.Reader, identity, dir string, want Want, outer Outer) (Manifest, error) {
	t, again, err := readOuter(ctx, f, want)
	if err != nil {
		return Manifest{}, err
	}
	if again != outer {
		return Manifest{}, fetchAgain(changed()) // replaced under our hands
	}
	plain, err := sealed.Open(io.LimitReader(t.r, outer.Bytes), identity)
	if err != nil {
		return Manifest{}, err
	}
	inner := newTarReader(plain)
	note, err := inner.take(nameManifest, maxNote)
	if err != nil {
		return Manifest{}, damage(err)
	}
	m, err := openManifest(string(note), want)
	if err != nil {
		return m, err
	}
	if noteSum(string(note)) != outer.Manifest || m.Order != outer.Order || m.Project != outer.Project ||
		m.Decision.SHA256 != outer.Decision || m.Recipient != outer.Recipient {
		return m, swapped()
	}
	if err := writeNew(filepath.Join(dir, nameManifest), func(w io.Writer) error { _, err := w.Write(note); return err }); err != nil {
		return m, err
	}
	for _, file := range m.Files {
		if err := unpackFile(inner, dir, file); err != nil {
			return m, err
		}
	}
	if err := inner.end(); err != nil {
		return m, damage(err)
	}
	for _, file := range m.Files {
		if err := checkRows(ctx, dir, file); err != nil {
			return m, err
		}
	}
	return m, nil
}

func openManifest(note string, want Want) (Manifest, error) {
	var m Manifest
	if err := want.Signer.open(note, TypeManifest, &m); err != nil {
		return m, err
	}
	if err := m.check(); err != nil {
		return m, fetchAgain(changed()).Because(err)
	}
	return m, nil
}

func unpackFile(t tarReader, dir string, f File) error {
	size, err := t.next(f.Name)
	if err != nil {
		return damage(err)
	}
	h := canon.NewHasher()
	if size == f.Bytes {
		err = writeNew(filepath.Join(dir, f.Name), func(w io.Writer) error { return t.copy(io.MultiWriter(w, h), size) })
	}
	if err != nil {
		return damage(err)
	}
	if size != f.Bytes || h.Hash() != f.SHA256 {
		return fileFault("file_changed", f.Name, "Filen är inte den som innehållsförteckningen anger.", "The file is not the one that the manifest names.")
	}
	return nil
}

func writeNew(path string, fill func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<18)
	err = fill(w)
	if err == nil {
		err = w.Flush()
	}
	return errors.Join(err, f.Close())
}

// VerifyDir checks an opened parcel: the manifest's signature, and that every
// file is there, unchanged, with its rows, and no other.
func VerifyDir(ctx context.Context, dir string, want Want) (Manifest, error) {
	note, err := os.ReadFile(filepath.Join(dir, nameManifest))
	if err != nil {
		return Manifest{}, fault.New("parcel.no_manifest", "Mappen har ingen innehållsförteckning (MANIFEST).", "The directory has no manifest (MANIFEST).").
			Do("Ange mappen som sluss open skapade.", "Give the directory that sluss open made.").Because(err)
	}
	m, err := openManifest(string(note), want)
	if err != nil {
		return m, err
	}
	if want.Order != "" && m.Order != want.Order {
		return m, fault.New("parcel.other_order", "Paketet gäller en annan beställning än den du angav.", "The parcel is for another order than the one you gave.")
	}
	listed := map[string]bool{nameManifest: true}
	for _, f := range m.Files {
		listed[f.Name] = true
		if err := verifyFile(ctx, dir, f); err != nil {
			return m, err
		}
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		return m, err
	}
	for _, e := range there {
		if !listed[e.Name()] {
			return m, fault.New("parcel.file_extra", "Mappen innehåller en fil som inte ingår i leveransen.", "The directory holds a file that is not part of the delivery.").
				Do("Flytta egna filer till en annan mapp.", "Move files of your own to another directory.")
		}
	}
	return m, nil
}

func verifyFile(ctx context.Context, dir string, f File) error {
	path := filepath.Join(dir, f.Name)
	s, err := os.Lstat(path)
	if err != nil || !s.Mode().IsRegular() {
		return fileFault("file_missing", f.Name, "Filen saknas.", "The file is missing.").Because(err)
	}
	in, err := os.Open(path)
	if err != nil {
		return fileFault("file_missing", f.Name, "Filen kan inte läsas.", "The file cannot be read.").Because(err)
	}
	n, sum, err := canon.SumReader(contextReader{ctx, in})
	if err = errors.Join(err, in.Close()); err != nil {
		return err
	}
	if n != f.Bytes || sum != f.SHA256 {
		return fileFault("file_changed", f.Name, "Filen har ändrats sedan den levererades.", "The file has been changed since it was delivered.")
	}
	return checkRows(ctx, dir, f)
}
