package main

import (
	"fmt"
	"os"
	"path/filepath"

	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/sealed"
	"sluss/internal/swede"
)

// keygenCmd makes the recipient's key pair.
type keygenCmd struct {
	Kind string `enum:"age,crypt4gh" default:"age" help:"age, or crypt4gh for archives that use it (${enum})."`
	Out  string `placeholder:"FILE" help:"New file for the secret key (default: standard output, and the public key to standard error). Keep it where the data may be processed, with a copy: without it nothing that is sealed to it can ever be opened."`
}

// Run writes the secret key to a file and the public one to standard output;
// without a file, the secret key to standard output and the public one to
// standard error.
func (c *keygenCmd) Run() error {
	generate := sealed.GenerateIdentity
	if c.Kind == sealed.KindCrypt4GH {
		if c.Out == "" {
			return fault.New("keygen.out", "En Crypt4GH-nyckel skrivs till en fil.", "A Crypt4GH key is written to a file.").
				Do("Ange --out FIL.", "Give --out FILE.")
		}
		generate = sealed.GenerateCrypt4GH
	}
	identity, recipient, err := generate()
	if err != nil {
		return err
	}
	if c.Out == "" {
		fmt.Fprintf(os.Stderr, "recipient %s\nfingerprint %s\n", recipient, sealed.Fingerprint(recipient))
		_, err = fmt.Println(identity)
		return err
	}
	if err := sealed.WriteIdentity(c.Out, identity); err != nil {
		return err
	}
	note := "The secret key is in %s; keep it and show it to nobody. Give the public key below in the order,\nand read its fingerprint to the authority when they ask.\n"
	if console.Language() == "sv" {
		note = "Den hemliga nyckeln ligger i %s; spara den och visa den inte för någon. Ange den publika nyckeln\nnedan i beställningen, och läs upp fingeravtrycket när myndigheten frågar.\n"
	}
	fmt.Fprintf(os.Stderr, note, swede.Mask(filepath.Base(c.Out)))
	_, err = fmt.Fprintf(os.Stdout, "recipient %s\nfingerprint %s\n", recipient, sealed.Fingerprint(recipient))
	return err
}
