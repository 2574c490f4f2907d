package register_test

import (
	"context"
	"path/filepath"
	"testing"

	"sluss/internal/register"
	"sluss/internal/rig"
	"sluss/internal/swede"
)

// Organisations are entities beside the persons: rows of theirs are loaded, a
// column can name them, and a sole trader is the person and nobody else.
func TestOrganisationsAreEntities(t *testing.T) {
	t.Parallel()
	c := rig.Config{Persons: 2000, Seed: 4, Tables: []string{"sjuklonekostnad", "graviditet", "person"}}
	w := rig.New(c)
	dir, store := filepath.Join(t.TempDir(), "source"), filepath.Join(t.TempDir(), "store")
	if _, err := w.Write(context.Background(), dir, nil); err != nil {
		t.Fatal(err)
	}
	m, err := register.Load(context.Background(), register.Options{From: dir, Store: store, ID: "s", At: c.At()})
	if err != nil {
		t.Fatal(err)
	}
	if m.Organisations != w.Organisations() || m.Persons != 2000+m.Organisations {
		t.Fatalf("%d organisations of %d entities, want %d of %d", m.Organisations, m.Persons, w.Organisations(), 2000+w.Organisations())
	}
	s := mustOpen(t, store, "s")
	ids, table := s.Identity(), s.Table("sjuklonekostnad")
	var organisations, traders int
	for p := range uint32(s.Persons()) {
		lo, hi := table.Rows(p)
		switch {
		case ids.Organisation(p) && ids.Entity(p) < 1<<40, !ids.Organisation(p) && ids.Entity(p) >= 1<<40:
			t.Fatal("an entity is of the wrong kind")
		case lo == hi:
		case ids.Organisation(p):
			organisations++
			if n := ids.Current(p); !n.IsZero() {
				t.Error("an organisation has an identity number")
			}
		default:
			traders++
		}
	}
	if organisations == 0 || traders == 0 {
		t.Errorf("rows of %d organisations and %d sole traders", organisations, traders)
	}
	named := map[bool]int{}
	for _, e := range s.Table("graviditet").Column("arbetsgivare_lopnr").Persons().All() {
		if e != register.NoPerson {
			named[ids.Organisation(e)]++
		}
	}
	if named[true] == 0 || named[false] == 0 {
		t.Errorf("employers: %d organisations, %d sole traders", named[true], named[false])
	}
	if _, err := s.Identity().Resolve(swede.Personnummer{}, c.At()); err == register.Found {
		t.Error("no number finds somebody")
	}
	if err := s.Verify(context.Background(), nil); err != nil {
		t.Error(err)
	}
}
