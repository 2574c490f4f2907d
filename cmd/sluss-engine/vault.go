package main

import (
	"encoding/json"
	"fmt"
	"os"

	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/vault"
)

// vaultCmd makes a vault and shows its public keys.
type vaultCmd struct {
	Init vaultInitCmd `cmd:"" help:"Make a new vault with its own keys and print the public ones."`
	Show vaultShowCmd `cmd:"" help:"Print the public keys of a vault."`
}

type vaultInitCmd struct {
	Dir  string `arg:"" help:"New or empty directory."`
	Name string `default:"valvet" help:"Whose signing key it is, such as the authority's short name."`
	JSON bool   `name:"json" help:"Print the keys as JSON."`
}

// Run makes the vault.
func (c *vaultInitCmd) Run() error {
	p, err := vault.Create(c.Dir, c.Name)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(map[string]string{"recipient": p.Recipient, "signer": p.Signer})
	}
	return printPublic(p)
}

type vaultShowCmd struct {
	Dir string `arg:"" help:"Directory of the vault."`
}

// Run opens the vault for a moment; it must not be in use.
func (c *vaultShowCmd) Run() error {
	v, err := vault.Open(c.Dir)
	if err != nil {
		return err
	}
	if err := printPublic(v.Public()); err != nil {
		return err
	}
	return v.Close()
}

// printPublic writes what suppliers, the counter and recipients need.
func printPublic(p vault.Public) error {
	_, err := fmt.Fprintf(os.Stdout, "recipient %s\nrecipient-fingerprint %s\nsigner %s\nsigner-fingerprint %s\n",
		p.Recipient, sealed.Fingerprint(p.Recipient), p.Signer, signed.Fingerprint(p.Signer))
	return err
}
