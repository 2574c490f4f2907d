package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/signed"
)

// signerCmd keeps the vault's own list of people who may sign. What comes from
// the counter never changes it: a person brings the public half of a key, and
// its fingerprint is compared by another way.
type signerCmd struct {
	Add  signerAddCmd  `cmd:"" help:"Add somebody's passkey or public key, when its fingerprint has been read aloud."`
	List signerListCmd `cmd:"" help:"List who may sign, with fingerprints."`
}

type signerAddCmd struct {
	File        string `arg:"" help:"What the person brought: the text of the page that makes signing passkeys, or what sluss signer printed."`
	Signers     string `required:"" placeholder:"FILE" help:"The vault's list, JSON; made when it is not there."`
	Name        string `required:"" help:"Who it is, as the log knows the person."`
	Role        string `required:"" enum:"decider,statistician,releaser,registrar" help:"In which role: decider, statistician, releaser or registrar."`
	Fingerprint string `required:"" help:"The fingerprint as the person read it, not as it stands in the file."`
}

// Run adds the entry and prints it, for the counter's list.
func (c *signerAddCmd) Run(ctx context.Context) error {
	list, err := readList(c.Signers)
	if err != nil {
		return err
	}
	raw, err := readBrought(ctx, c.File)
	if err != nil {
		return signerFault("file", "Filen går inte att läsa.", "The file cannot be read.", err)
	}
	list, err = enrol(list, raw, c)
	switch {
	case errors.Is(err, signed.ErrFingerprint):
		return signerFault("fingerprint", "Fingeravtrycket är ett annat än nyckelns. Lägg inte in den förrän ni vet varför.", "The fingerprint is not that of the key. Do not add it before you know why.", err)
	case errors.Is(err, signed.ErrEnrolled):
		return signerFault("enrolled", "Nyckeln står redan i listan.", "The key stands in the list already.", err)
	case err != nil:
		return signerFault("key", "Det är ingen nyckel att underteckna med.", "This is no key to sign with.", err)
	}
	out, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	if err := replaceFile(c.Signers, append(out, '\n')); err != nil {
		return err
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(list[len(list)-1])
}

// enrol takes a passkey, or an entry with a public key.
func enrol(list signed.Signers, raw []byte, c *signerAddCmd) (signed.Signers, error) {
	var p struct {
		signed.Passkey
		Name string `json:"name"`
		Role string `json:"role"`
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, err
	}
	if p.ID != "" {
		return list.Enrol(c.Name, order.Role(c.Role), p.Passkey, c.Fingerprint)
	}
	return list.EnrolKey(c.Name, order.Role(c.Role), p.Key, c.Fingerprint)
}

type signerListCmd struct {
	Signers string `arg:"" help:"The vault's list, JSON."`
}

// Run prints who may sign, one to a line.
func (c *signerListCmd) Run() error {
	list, err := readList(c.Signers)
	if err != nil {
		return err
	}
	for _, s := range list {
		kind, fingerprint := "note", signed.Fingerprint(s.Key)
		if s.Passkey != nil {
			kind, fingerprint = "passkey", s.Passkey.Fingerprint()
		}
		if _, err := fmt.Printf("%s\t%s\t%s\t%s\n", s.Name, s.Role, kind, fingerprint); err != nil {
			return err
		}
	}
	return nil
}

func readList(file string) (signed.Signers, error) {
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var list signed.Signers
	if err == nil {
		list, err = signed.ReadSigners(raw)
	}
	if err != nil {
		return nil, signerFault("list", "Listan går inte att läsa.", "The list cannot be read.", err)
	}
	return list, nil
}

// readBrought reads a small file, or standard input.
func readBrought(ctx context.Context, file string) ([]byte, error) {
	in := console.Stdin(ctx)
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	return io.ReadAll(io.LimitReader(in, 64<<10))
}

// replaceFile writes a file beside and puts it in the place of the old one.
func replaceFile(file string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), strings.TrimSuffix(filepath.Base(file), ".json")+".*")
	if err != nil {
		return signerFault("list", "Listan går inte att skriva.", "The list cannot be written.", err)
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

func signerFault(code, sv, en string, err error) error {
	return fault.New("signer."+code, sv, en).Do("Rätta och försök igen.", "Mend it and try again.").Because(err)
}
