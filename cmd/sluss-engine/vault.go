package main

import (
	"context"
	"encoding/json"
	"errors"
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

	Rotate vaultRotateCmd `cmd:"" help:"Give the vault a new root key, in its file, in a key service, or behind a program of a hardware module."`
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

// vaultRotateCmd changes the root key. No object is written again, and a run
// that is cut short leaves a vault that works.
type vaultRotateCmd struct {
	Dir     string   `arg:"" help:"Directory of the vault; it must not be in use."`
	File    bool     `xor:"kind" help:"A key in a file, for a vault whose root is elsewhere."`
	Transit string   `xor:"kind" placeholder:"URL" help:"A key service that speaks the interface of Vault's transit engine."`
	Key     string   `placeholder:"NAME" help:"Name of the key in the service."`
	Token   string   `placeholder:"FILE" help:"File with the token to use the service with."`
	Command []string `xor:"kind" placeholder:"COMMAND" sep:"none" help:"Program that wraps and unwraps (docs/operations.md), then its arguments."`
}

// Run rotates, and prints what was wrapped anew.
func (c *vaultRotateCmd) Run(ctx context.Context) error {
	v, err := vault.Open(c.Dir)
	if err != nil {
		return err
	}
	var done vault.Rotated
	if to := c.to(); to == nil {
		done, err = v.Rotate(ctx)
	} else {
		done, err = v.Move(ctx, *to)
	}
	if err = errors.Join(err, v.Close()); err != nil {
		return err
	}
	_, err = fmt.Printf("projects %d\nobjects %d\n", done.Projects, done.Objects)
	return err
}

func (c *vaultRotateCmd) to() *vault.RootSpec {
	switch {
	case c.File:
		return &vault.RootSpec{Kind: vault.RootFile}
	case c.Transit != "":
		return &vault.RootSpec{Kind: vault.RootTransit, URL: c.Transit, Key: c.Key, Token: c.Token}
	case len(c.Command) > 0:
		return &vault.RootSpec{Kind: vault.RootCommand, Command: c.Command}
	}
	return nil
}
