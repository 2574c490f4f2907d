package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sluss/internal/backup"
	"sluss/internal/console"
	"sluss/internal/engineroom"
	"sluss/internal/fault"
	"sluss/internal/ledger"
	"sluss/internal/sealed"
	"sluss/internal/vault"
	"sluss/internal/works"
)

// keyfileCmd opens a key file with the approval of two persons, and says which
// have been opened.
type keyfileCmd struct {
	Open     keyfileOpenCmd     `cmd:"" help:"Write a key file, sealed to who was approved to have it."`
	Openings keyfileOpeningsCmd `cmd:"" help:"List the key files that have been opened: when, by whom, on which ground."`
}

type keyfileOpenCmd struct {
	Dir      string   `required:"" placeholder:"DIR" help:"Folder of the vault; it must not be in use."`
	Store    string   `required:"" placeholder:"DIR" help:"Folder of snapshots."`
	Signers  string   `required:"" placeholder:"FILE" help:"The vault's own list of people who may sign, JSON."`
	Approval []string `required:"" sep:"none" placeholder:"FILE" help:"Signed approval (sluss sign); give two."`
	Out      string   `required:"" placeholder:"FILE" help:"New file; only the holder of the approved key opens it."`
}

// Run writes the whole file or none.
func (c *keyfileOpenCmd) Run(ctx context.Context) error {
	signers, err := readList(c.Signers)
	if err != nil {
		return err
	}
	var notes []string
	for _, name := range c.Approval {
		b, err := readBrought(ctx, name)
		if err != nil {
			return fault.New("keyfile.approval", "Godkännandet går inte att läsa.", "The approval cannot be read.").
				At(fault.Where{File: filepath.Base(name)}).Do("Kontrollera sökvägen.", "Check the path.").Because(err)
		}
		notes = append(notes, string(b))
	}
	v, err := vault.Open(c.Dir)
	if err != nil {
		return err
	}
	defer v.Close()
	records, err := ledger.Open(ctx, filepath.Join(c.Dir, engineroom.LedgerFile))
	if err != nil {
		return err
	}
	defer records.Close()
	service := &works.Service{
		Vault: v, Records: records, Open: signers.Open, Clock: time.Now, Log: slog.New(slog.NewJSONHandler(os.Stderr, nil)),
		Registers: engineroom.Registers{Store: c.Store, Catalogue: console.Catalogue()},
	}
	var o works.Opening
	n := 0
	err = backup.ToFile(c.Out, false, func(f *os.File) (err error) {
		o, n, err = service.OpenKeyFile(ctx, works.KeyFile{
			Approvals: notes, Book: records,
			Seal: func(w io.Writer, to string) (io.WriteCloser, error) { return sealed.Seal(w, to) },
		}, f)
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Printf("domain %s\nlines %d\nby %s\norder %s\n", o.Order.Domain, n, strings.Join(o.By, ","), o.Hash)
	return err
}

type keyfileOpeningsCmd struct {
	Dir string `arg:"" help:"Folder of the vault; it may be in use."`
}

// Run prints one line for each.
func (c *keyfileOpeningsCmd) Run(ctx context.Context) (err error) {
	if _, err := vault.ReadPublic(c.Dir); err != nil {
		return err
	}
	records, err := ledger.Open(ctx, filepath.Join(c.Dir, engineroom.LedgerFile))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, records.Close()) }()
	all, err := records.Openings(ctx)
	if err != nil {
		return err
	}
	for _, o := range all {
		if _, err := fmt.Printf("%s\t%s\t%s\t%s\t%s\n", o.On, o.Order.Domain, strings.Join(o.By, ","), sealed.Fingerprint(o.Order.To), o.Order.Ground); err != nil {
			return err
		}
	}
	return nil
}
