package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/signed"
	"sluss/internal/workorder"
)

// signerCmd makes the key of somebody who signs decisions, specifications or
// releases.
type signerCmd struct {
	Name string `arg:"" help:"Who signs, as the log knows the person."`
	Role string `arg:"" enum:"decider,statistician,releaser,registrar" help:"In which role: decider, statistician, releaser or registrar."`
	Out  string `required:"" placeholder:"FILE" help:"New file for the private key; it stays with the person."`
}

// Run writes the private key to a file that only its owner reads, and prints
// the line for the lists of signers of counter and vault.
func (c *signerCmd) Run() error {
	if strings.ContainsAny(c.Name, "+\n ") || c.Name == "" {
		return fault.New("signer.name", "Namnet får inte innehålla mellanrum eller plustecken.", "The name must not hold spaces or plus signs.").Do("Ange personens id.", "Give the person's id.")
	}
	private, public, err := signed.Generate(rand.Reader, c.Name)
	if err != nil {
		return err
	}
	if err := writeSecret(c.Out, private); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(os.Stderr, "fingerprint", signed.Fingerprint(public)) // for who adds the key to the vault's list
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(signed.Signer{Name: c.Name, Role: order.Role(c.Role), Key: public})
}

// writeSecret writes a new file that only its owner reads.
func writeSecret(name, secret string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_, err = f.WriteString(secret + "\n")
		err = errors.Join(err, f.Sync(), f.Close())
	}
	if err == nil {
		return nil
	}
	return fault.New("signer.file", "Filen finns redan eller går inte att skriva.", "The file exists already or cannot be written.").
		At(fault.Where{File: filepath.Base(name)}).Do("Välj ett annat namn.", "Choose another name.").Because(err)
}

// signCmd signs a document for the interface: what people decide, specify or
// release they sign with a key that the counter does not have.
type signCmd struct {
	File string `arg:"" help:"The document, JSON with a type; - for standard input."`
	Key  string `required:"" placeholder:"FILE" help:"The signer's private key (sluss signer)."`
	By   string `placeholder:"NAME" help:"Who signs, where the document says so (specification, release)."`
}

// signable are the documents that people sign.
var signable = []string{workorder.TypeDecision, workorder.TypeSpec, workorder.TypeRelease, workorder.TypeReseal, workorder.TypePurge, workorder.TypeKeyFile, typeSupply}

// typeSupply is what the holder of a register signs about its files
// (sluss-engine load --signed-by); the counter knows no more of it.
const typeSupply = "sluss/register-files/v1"

// Run prints the signed note. What is signed is printed nowhere else: the note
// holds it, readable.
func (c *signCmd) Run(ctx context.Context) error {
	raw, err := readInput(ctx, c.File)
	if err != nil {
		return fault.New("sign.file", "Dokumentet går inte att läsa.", "The document cannot be read.").At(fault.Where{File: filepath.Base(c.File)}).Do("Kontrollera sökvägen.", "Check the path.").Because(err)
	}
	var doc map[string]any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&doc); err != nil || dec.More() {
		return fault.New("sign.json", "Dokumentet är inte ett JSON-objekt.", "The document is not one JSON object.").At(fault.Where{File: filepath.Base(c.File)}).Do("Ange dokumentet som det visas i ärendet.", "Give the document as the case shows it.").Because(err)
	}
	typ, _ := doc["type"].(string)
	if !slices.Contains(signable, typ) {
		return fault.New("sign.type", "Dokumentet är inte av ett slag som undertecknas: "+strings.Join(signable, ", ")+".", "The document is not of a kind that is signed: "+strings.Join(signable, ", ")+".").
			At(fault.Where{Column: "type"}).Do("Ange typen i fältet type.", "State the type in the field type.")
	}
	if c.By != "" && typ != workorder.TypeDecision {
		doc["by"] = c.By
	}
	key, err := os.ReadFile(c.Key)
	if err != nil {
		return fault.New("sign.key", "Nyckeln går inte att läsa.", "The key cannot be read.").At(fault.Where{File: filepath.Base(c.Key)}).Do("Ange filen från sluss signer.", "Name the file from sluss signer.").Because(err)
	}
	note, err := signed.Sign(doc, string(key))
	if err != nil {
		return fault.New("sign.failed", "Dokumentet gick inte att underteckna med den nyckeln.", "The document could not be signed with that key.").Do("Kontrollera att filen är en privat nyckel.", "Check that the file is a private key.").Because(err)
	}
	_, err = fmt.Print(note)
	return err
}

// readInput reads a small file, or standard input.
func readInput(ctx context.Context, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(console.Stdin(ctx), 4<<20))
	}
	info, err := os.Stat(name)
	if err == nil && info.Size() > 4<<20 {
		return nil, errors.Join(fs.ErrInvalid, errors.New("larger than 4 MB"))
	}
	return os.ReadFile(name)
}
