package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"

	"sluss/internal/register"
)

// snapshotsCmd looks after the snapshots of a store.
type snapshotsCmd struct {
	List   snapshotsListCmd   `cmd:"" help:"List the snapshots."`
	Diff   snapshotsDiffCmd   `cmd:"" help:"What became of the rows between two snapshots: late, corrected and deleted ones per table and month. Numbers only."`
	Verify snapshotsVerifyCmd `cmd:"" help:"Read a snapshot's files again and compare them with its manifest."`
	Keep   snapshotsKeepCmd   `cmd:"" help:"Say that a snapshot shall stay, and why."`
	Drop   snapshotsDropCmd   `cmd:"" help:"Remove snapshots that no open order needs (docs/snapshots.md)."`
}

type snapshotsListCmd struct {
	Store string `required:"" placeholder:"DIR" help:"Folder of snapshots."`
	JSON  bool   `name:"json" help:"Print the manifests as JSON."`
}

// Run prints one line per snapshot, the oldest first.
func (c *snapshotsListCmd) Run() error {
	list, err := register.List(c.Store)
	if err != nil {
		return err
	}
	if c.JSON {
		if list == nil {
			list = []register.Manifest{}
		}
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(list)
	}
	kept, err := register.KeptIn(c.Store)
	if err != nil {
		return err
	}
	pinned, err := pinsOf(context.Background(), c.Store, "")()
	if err != nil {
		fmt.Fprintln(os.Stderr, message(err)) // the snapshots can be listed all the same
	}
	for _, m := range list {
		rows, kind := 0, "real"
		for _, t := range m.Tables {
			rows += t.Live
		}
		if m.Synthetic {
			kind = "synthetic"
		}
		fmt.Printf("%-28s load %-3d as of %s  %9d persons  %11d rows  %s%s\n", m.ID, m.Load, m.LoadedAt, m.Persons-m.Organisations, rows, kind, stays(kept[m.ID].Why, pinned[m.ID]))
	}
	return nil
}

type snapshotsDiffCmd struct {
	Store string `required:"" placeholder:"DIR" help:"Folder of snapshots."`
	JSON  bool   `name:"json" help:"Print the counts as JSON."`
	A     string `arg:"" help:"The older snapshot."`
	B     string `arg:"" help:"The newer snapshot."`
}

// Run prints one line per table and month in which something has changed.
func (c *snapshotsDiffCmd) Run(ctx context.Context) error {
	a, err := register.Open(c.Store, c.A)
	if err != nil {
		return err
	}
	defer a.Close()
	b, err := register.Open(c.Store, c.B)
	if err != nil {
		return err
	}
	defer b.Close()
	list, err := b.Diff(ctx, a.Manifest(), newMeter().load)
	if err != nil {
		return err
	}
	if c.JSON {
		if list == nil {
			list = []register.Change{}
		}
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(list)
	}
	for _, x := range list {
		fmt.Printf("%-22s %-7s %9d added (%d late) %9d corrected %9d deleted\n", x.Table, x.Month, x.Added, x.Late, x.Corrected, x.Deleted)
	}
	return nil
}

type snapshotsVerifyCmd struct {
	Store string   `required:"" placeholder:"DIR" help:"Folder of snapshots."`
	IDs   []string `arg:"" optional:"" name:"id" help:"Snapshots to verify (default: all)."`
}

// Run verifies; the first damaged file ends it with a fault.
func (c *snapshotsVerifyCmd) Run(ctx context.Context) error {
	ids := c.IDs
	if len(ids) == 0 {
		list, err := register.List(c.Store)
		if err != nil {
			return err
		}
		for _, m := range list {
			ids = append(ids, m.ID)
		}
	}
	for _, id := range ids {
		s, err := register.Open(c.Store, id)
		if err != nil {
			return err
		}
		err = s.Verify(ctx, newMeter().load)
		s.Close()
		if err != nil {
			return err
		}
		fmt.Printf("%s: %d files as written, manifest %s\n", id, len(s.Manifest().Files), s.Hash())
	}
	return nil
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
