package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sluss/internal/fault"
	"sluss/internal/ledger"
	"sluss/internal/register"
	"sluss/internal/swede"
)

type snapshotsKeepCmd struct {
	Store string `required:"" placeholder:"DIR" help:"Folder of snapshots."`
	Why   string `placeholder:"TEXT" help:"Why it shall stay."`
	End   bool   `help:"It need not stay any longer."`
	ID    string `arg:"" name:"id" help:"The snapshot."`
}

// Run notes that the snapshot shall stay, or that it need not.
func (c *snapshotsKeepCmd) Run() error {
	if c.End {
		return register.Unkeep(c.Store, c.ID)
	}
	return register.Keep(c.Store, c.ID, c.Why, swede.CivilDay(time.Now()))
}

type snapshotsDropCmd struct {
	Store string   `required:"" placeholder:"DIR" help:"Folder of snapshots."`
	Dir   string   `placeholder:"DIR" help:"A vault that extracts from the store, when it has never pulled from where it lies now."`
	IDs   []string `arg:"" name:"id" help:"The snapshots."`
}

// Run drops one snapshot after the other. Which orders are open it reads in the
// vaults that have extracted from the store.
func (c *snapshotsDropCmd) Run(ctx context.Context) error {
	pins := pinsOf(ctx, c.Store, c.Dir)
	for _, id := range c.IDs {
		if err := register.Drop(c.Store, id, swede.CivilDay(time.Now()), pins); err != nil {
			return err
		}
		fmt.Printf("%s: dropped\n", id)
	}
	return nil
}

// noteUser notes in the store that a vault extracts from it.
func noteUser(store, dir, signer string) error {
	if _, err := os.Stat(store); errors.Is(err, fs.ErrNotExist) {
		return nil // nothing to extract from yet
	}
	folder, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(signer))
	u := register.User{Name: hex.EncodeToString(sum[:8]), Folder: folder}
	if known, err := register.Users(store); err == nil && slices.Contains(known, u) {
		return nil
	}
	return register.NoteUser(store, u)
}

// pinsOf asks the vaults that extract from a store which snapshots their open
// orders need; more names one besides.
func pinsOf(ctx context.Context, store, more string) register.Pins {
	return func() (map[string][]string, error) {
		users, err := register.Users(store)
		if err != nil {
			return nil, err
		}
		var folders []string
		for _, u := range users {
			folders = append(folders, u.Folder)
		}
		if more != "" && !slices.Contains(folders, more) {
			folders = append(folders, more)
		}
		out := map[string][]string{}
		for _, dir := range folders {
			pinned, err := pinsIn(ctx, dir)
			if err != nil {
				return nil, err
			}
			for id, orders := range pinned {
				out[id] = append(out[id], orders...)
			}
		}
		return out, nil
	}
}

// pinsIn reads a vault's ledger. A vault that cannot be read is a refusal: its
// orders may need anything.
func pinsIn(ctx context.Context, dir string) (map[string][]string, error) {
	file := filepath.Join(dir, "ledger.db")
	if _, err := os.Stat(file); err != nil {
		f := fault.New("snapshots.vault", "Ett valv som gör uttag ur lagret går inte att läsa, så det går inte att veta vad dess beställningar behöver.",
			"A vault that extracts from the store cannot be read, so nobody can know what its orders need.").
			Do("Starta valvet en gång från där det ligger nu (sluss-engine pull), eller ta bort dess anteckning i lagrets mapp .users om valvet är nedlagt.",
				"Start the vault once from where it lies now (sluss-engine pull), or remove its note in the store's folder .users if the vault has been closed down.")
		return nil, f.Of(fault.Gate).Because(err)
	}
	records, err := ledger.Open(ctx, file)
	if err != nil {
		return nil, err
	}
	defer records.Close()
	return records.Pins(ctx)
}

// stays says in a line why a snapshot cannot be dropped; "" when it can.
func stays(why string, orders []string) string {
	var out []string
	if why != "" {
		out = append(out, "kept: "+why)
	}
	if len(orders) > 0 {
		out = append(out, "needed by "+strings.Join(orders, ", "))
	}
	if out == nil {
		return ""
	}
	return "  (" + strings.Join(out, "; ") + ")"
}

// message is an error in the user's language.
func message(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok && language() == "sv" {
		return f.SV
	} else if ok {
		return f.EN
	}
	return err.Error()
}
