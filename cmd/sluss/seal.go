package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"sluss/internal/fault"
	"sluss/internal/sealed"
	"sluss/internal/swede"
)

// sealCmd is for suppliers who want their file sealed before it leaves them.
type sealCmd struct {
	To   string `required:"" placeholder:"KEY" help:"The vault's public key, age1…, as it stands in the decision."`
	File string `arg:"" help:"File to seal; it stays as it is."`
	Out  string `placeholder:"FILE" help:"Sealed file; FILE.age by default."`
}

// Run seals one file. A file that is there already is never written over.
func (c *sealCmd) Run(ctx context.Context) error {
	if _, err := sealed.ParseRecipient(c.To); err != nil {
		return err
	}
	in, err := os.Open(c.File)
	if err != nil {
		return unreadable(c.File, err)
	}
	defer in.Close()
	if s, err := in.Stat(); err != nil || !s.Mode().IsRegular() {
		return unreadable(c.File, errors.Join(err, fs.ErrInvalid))
	}
	plain := bufio.NewReaderSize(in, 1<<16)
	if head, _ := plain.Peek(sealed.HeadSize); sealed.IsSealed(head) {
		return fault.New("seal.twice", "Filen är redan förseglad.", "The file is sealed already.").
			At(where(c.File)).Do("Skicka den som den är.", "Send it as it is.")
	}
	out := c.Out
	if out == "" {
		out = c.File + ".age"
	}
	f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fault.New("seal.exists", "Filen finns redan och skrivs inte över.", "The file exists already and is not written over.").
			At(where(out)).Do("Välj ett annat namn med --out.", "Choose another name with --out.")
	}
	if err != nil {
		return fault.New("seal.unwritable", "Filen kan inte skrivas.", "The file cannot be written.").At(where(out)).Because(err)
	}
	if err = errors.Join(sealInto(ctx, f, plain, c.To), f.Close()); err != nil {
		return errors.Join(err, os.Remove(out))
	}
	return nil
}

func sealInto(ctx context.Context, f *os.File, plain io.Reader, to string) error {
	buffered := bufio.NewWriterSize(f, 1<<18)
	w, err := sealed.Seal(buffered, to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, stopReader{ctx, plain}); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	return f.Sync()
}

// stopReader ends with its context, so that an interrupt leaves no half file.
type stopReader struct {
	ctx context.Context
	r   io.Reader
}

func (s stopReader) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// where is a file's position in messages; people put numbers into names.
func where(path string) fault.Where { return fault.Where{File: swede.Mask(filepath.Base(path))} }

func unreadable(path string, err error) error {
	sv, en := "Filen kan inte läsas.", "The file cannot be read."
	if errors.Is(err, fs.ErrNotExist) {
		sv, en = "Filen finns inte.", "The file does not exist."
	}
	return fault.New("file.unreadable", sv, en).At(where(path)).Because(err)
}
