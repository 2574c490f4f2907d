package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/parquet-go/parquet-go"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/register"
	"sluss/internal/rig"
)

// Part c: what a change file costs beside a load of everything. Every hundredth
// row of a table is named: a third each corrected, late and deleted.

// changedTable is the table of part c, and changedShare how many rows there are
// for each that is named.
const (
	changedTable = "midas_sjp"
	changedShare = 100
)

func init() {
	children["load-whole"] = func(ctx context.Context, dir string, _ int) (figures, error) {
		return secondLoad(ctx, dir, "source", false)
	}
	children["load-changes"] = func(ctx context.Context, dir string, _ int) (figures, error) {
		return secondLoad(ctx, dir, "changes", true)
	}
}

// secondLoad loads a folder upon the snapshot that is there, and takes the
// outcome away again.
func secondLoad(ctx context.Context, dir, from string, changes bool) (figures, error) {
	store, id := filepath.Join(dir, "store"), "second"
	if err := os.RemoveAll(filepath.Join(store, id)); err != nil {
		return figures{}, err
	}
	list, err := register.List(store)
	if err != nil || len(list) != 1 {
		return figures{}, errors.Join(err, errors.New("the store of part c holds one snapshot"))
	}
	catalog.Builtin().Hash() // once in a process
	stop := watch()
	m, err := register.Load(ctx, register.Options{From: filepath.Join(dir, from), Store: store, ID: id, At: list[0].LoadedAt + 30, Tables: tablesOf(changes), Changes: changes})
	f := stop()
	if err != nil {
		return f, err
	}
	f.Rows = map[string]int64{}
	for _, t := range m.Tables {
		f.Rows["rows"] += int64(t.Rows)
		f.Rows["named"] += t.Counts.Source
	}
	return f, os.RemoveAll(filepath.Join(store, id))
}

// tablesOf names the tables of a load of everything; a change file says itself.
func tablesOf(changes bool) []string {
	if changes {
		return nil
	}
	return []string{changedTable}
}

func (b *bench) partC(ctx context.Context, rows int) error {
	dir := filepath.Join(b.dir, fmt.Sprintf("change-%d", rows))
	if _, err := os.Stat(filepath.Join(dir, "changes", register.NoteName)); err != nil {
		if err := makeChanges(ctx, dir, rig.Config{Persons: max(rows/100, 1), Seed: 1, SickRows: 120, Tables: []string{changedTable}}); err != nil {
			return err
		}
	}
	whole, err := b.run("load-whole", dir, 3)
	if err != nil {
		return err
	}
	changes, err := b.run("load-changes", dir, 3)
	if err != nil {
		return err
	}
	fmt.Printf("\nA second load upon a snapshot of %d rows\n", whole.Rows["rows"])
	whole.line(fmt.Sprintf("everything: %d rows read", whole.Rows["named"]))
	changes.line(fmt.Sprintf("changes: %d rows read", changes.Rows["named"]))
	fmt.Printf("changes ÷ everything %30.3f wall  %8.3f CPU (aim: at most 0.1)\n", changes.Seconds/whole.Seconds, changes.CPU/whole.CPU)
	return nil
}

// makeChanges writes the sources, loads them, and writes a folder of changes.
func makeChanges(ctx context.Context, dir string, c rig.Config) error {
	fmt.Printf("making %s: %d persons …\n", filepath.Base(dir), c.Persons)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	source, changes := filepath.Join(dir, "source"), filepath.Join(dir, "changes")
	if _, err := rig.New(c).Write(ctx, source, nil); err != nil {
		return err
	}
	if _, err := register.Load(ctx, register.Options{From: source, Store: filepath.Join(dir, "store"), ID: "first", At: c.At(), Tables: []string{changedTable}}); err != nil {
		return err
	}
	if err := os.MkdirAll(changes, 0o755); err != nil {
		return err
	}
	if err := writeChanged(source, changes); err != nil {
		return err
	}
	note := register.Note{Synthetic: true, At: c.At() + 30}
	for _, name := range []string{changedTable + ".parquet", changedTable + ".deleted.parquet"} {
		f, err := os.Open(filepath.Join(changes, name))
		if err != nil {
			return err
		}
		n, sum, err := canon.SumReader(f)
		f.Close()
		if err != nil {
			return err
		}
		note.Files = append(note.Files, register.SourceFile{Name: name, Bytes: n, SHA256: sum})
	}
	raw, err := json.Marshal(note)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(changes, register.NoteName), raw, 0o644)
}

// writeChanged reads a source file and writes the rows that have changed, and
// the keys of those that are gone.
func writeChanged(source, changes string) error {
	f, err := os.Open(filepath.Join(source, changedTable+".parquet"))
	if err != nil {
		return err
	}
	defer f.Close()
	in := parquet.NewReader(f)
	defer in.Close()
	_, table := catalog.Builtin().Table(changedTable)
	at := map[catalog.Role]int{}
	keys, keep := parquet.Group{}, map[int]string{}
	for _, v := range table.Variables {
		leaf, ok := in.Schema().Lookup(v.Source)
		if !ok {
			continue
		}
		at[v.Role] = leaf.ColumnIndex
		switch v.Role {
		case catalog.RolePerson, catalog.RoleRowID, catalog.RoleFrom, catalog.RolePaid, catalog.RoleTx:
			keys[v.Source], keep[leaf.ColumnIndex] = leaf.Node, v.Source
		}
	}
	out, done, err := create(filepath.Join(changes, changedTable+".parquet"), in.Schema())
	if err != nil {
		return err
	}
	gone, goneDone, err := create(filepath.Join(changes, changedTable+".deleted.parquet"), parquet.NewSchema("deleted", keys))
	if err != nil {
		return err
	}
	place := map[int]int{} // of a key's column in the file of deleted rows
	for k, name := range keep {
		leaf, _ := gone.Schema().Lookup(name)
		place[k] = leaf.ColumnIndex
	}
	rows, n := make([]parquet.Row, 10_000), 0
	for {
		k, err := in.ReadRows(rows)
		for _, r := range rows[:k] {
			if n++; n%changedShare != 0 {
				continue
			}
			if err := named(n/changedShare%3, r, at, place, out, gone); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(done(), goneDone())
}

// named writes one row: corrected, late or deleted.
func named(fate int, r parquet.Row, at map[catalog.Role]int, place map[int]int, out, gone *parquet.GenericWriter[any]) error {
	r = r.Clone()
	set := func(role catalog.Role, add int64) {
		v := r[at[role]]
		r[at[role]] = parquet.Int64Value(v.Int64()+add).Level(v.RepetitionLevel(), v.DefinitionLevel(), v.Column())
	}
	if fate == 2 {
		key := make(parquet.Row, len(place))
		for from, to := range place {
			v := r[from]
			key[to] = v.Level(v.RepetitionLevel(), v.DefinitionLevel(), to)
		}
		_, err := gone.WriteRows([]parquet.Row{key})
		return err
	}
	if fate == 0 {
		set(catalog.RoleAmount, 100)
	} else {
		set(catalog.RoleRowID, 1<<40)
	}
	_, err := out.WriteRows([]parquet.Row{r})
	return err
}

func create(name string, schema *parquet.Schema) (*parquet.GenericWriter[any], func() error, error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, nil, err
	}
	w := parquet.NewGenericWriter[any](f, schema)
	return w, func() error { return errors.Join(w.Close(), f.Close()) }, nil
}
