package engineroom_test

import (
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engineroom"
	"sluss/internal/plan"
	"sluss/internal/register"
	"sluss/internal/rig"
	"sluss/internal/swede"
	"sluss/internal/works"
)

// TestDrawFromASnapshot draws a population from synthetic registers and looks
// everybody up in the identity register: who they are, whose, and like whom.
func TestDrawFromASnapshot(t *testing.T) {
	t.Parallel()
	c := rig.Config{Persons: 3000, Seed: 5}
	dir, store := filepath.Join(t.TempDir(), "src"), filepath.Join(t.TempDir(), "store")
	if _, err := rig.New(c).Write(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := register.Load(t.Context(), register.Options{From: dir, Store: store, ID: "s", At: c.At()}); err != nil {
		t.Fatal(err)
	}
	raw, err := register.Open(store, "s")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	ids := raw.Identity()
	s, err := engineroom.Registers{Store: store, Catalogue: catalog.Builtin()}.Open(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	around := func(from, to string) plan.Window {
		a, _ := day.ParseOffset(from)
		b, _ := day.ParseOffset(to)
		return plan.Window{From: plan.Bound{Anchor: "index", Offset: a}, To: plan.Bound{Anchor: "index", Offset: b}}
	}
	year := plan.Window{From: plan.Bound{Date: day.Of(2023, 1, 1)}, To: plan.Bound{Date: day.Of(2024, 1, 1)}, Mode: plan.ModeStartIn}
	criteria := plan.Criteria{
		Ground: "114 kap. 12 §", Any: []plan.Criterion{{Table: "midas_sjp", Period: year}}, Not: []plan.Criterion{{Table: "midas_sjp", Period: around("-P1Y", "P0D")}},
		Anchor: &plan.AnchorPick{Name: "index", Pick: plan.PickFirst}, Sample: &plan.Sample{Size: 60, Seed: "a"},
		Controls: &plan.Controls{PerCase: 2, Match: []string{plan.MatchSex, plan.MatchBirthYear}, YearsApart: 1, Seed: "b"}, Relatives: &plan.Relatives{Of: []string{plan.RelationChildren, plan.RelationParents}},
	}
	people, counts, err := s.Draw(t.Context(), criteria, plan.Persons{})
	if err != nil {
		t.Fatal(err)
	}
	cases, roles := map[string]works.Person{}, map[string]int{}
	for _, p := range people {
		roles[p.Passed[0].Text]++
		if p.Passed[0].Text == plan.RoleCase {
			cases[p.Passed[1].Text] = p
		}
	}
	if roles[plan.RoleCase] != 60 || roles[plan.RoleControl] < 60 || roles[plan.RoleChild] == 0 || roles[plan.RoleParent] == 0 {
		t.Fatalf("roles %v, counts %v", roles, counts)
	}
	for _, p := range people {
		at, ok := ids.ByEntity(int64(p.Entity))
		own := cases[p.Passed[1].Text]
		of, _ := ids.ByEntity(int64(own.Entity))
		if !ok || ids.Organisation(at) || ids.Protected(at) || p.Number == "" || !p.Anchors[0].Set || p.Anchors[0] != own.Anchors[0] {
			t.Fatalf("%s in set %s: not a person of the register, or another date than the case", p.Passed[0].Text, p.Passed[1].Text)
		}
		switch p.Passed[0].Text {
		case plan.RoleControl:
			died, dead := ids.Death(at)
			if apart := ids.Birth(at).Year() - ids.Birth(of).Year(); ids.Sex(at) != ids.Sex(of) || apart < -1 || apart > 1 || dead && died <= p.Anchors[0].Day {
				t.Errorf("a control unlike its case: %d years apart", apart)
			}
		case plan.RoleChild:
			if !slices.Contains(ids.Children(of), at) {
				t.Error("a child of somebody else")
			}
		case plan.RoleParent:
			if !slices.Contains(ids.Parents(of), at) {
				t.Error("a parent of somebody else")
			}
		default:
			if d := p.Anchors[0].Day; d < year.From.Date || d >= year.To.Date {
				t.Errorf("index date %s", d)
			}
		}
	}
	if n := counts[0].Count; counts[0].Code != "population.register" || n%5 != 0 || n < 2990 || n > 3010 {
		t.Errorf("counts %v", counts)
	}
	again, _, err := s.Draw(t.Context(), criteria, plan.Persons{})
	if err != nil || !slices.EqualFunc(people, again, func(a, b works.Person) bool { return a.Entity == b.Entity && slices.Equal(a.Passed, b.Passed) }) {
		t.Errorf("drawn again, other people: %v", err)
	}
	// Nobody protected is left out where the decision takes them, too.
	all, _, err := s.Draw(t.Context(), plan.Criteria{Any: []plan.Criterion{{Table: "person", Period: year, Where: []plan.Filter{{Var: "fodelsear", Stage: plan.StageRow, Between: []any{1900.0, 2026.0}}}}}}, plan.Persons{Protected: "include"})
	protected := 0
	for _, p := range all {
		if at, _ := ids.ByEntity(int64(p.Entity)); ids.Protected(at) {
			protected++
		}
		if len(p.Anchors)+len(p.Passed) > 0 {
			t.Fatal("values that nobody asked for: " + strconv.Itoa(len(p.Anchors)))
		}
	}
	if err != nil || protected == 0 {
		t.Errorf("%d protected of %d, %v", protected, len(all), err)
	}
}

// TestOrganisationsAreDrawn: by what stands in the registers of employers, with
// sole traders only where the decision takes them.
func TestOrganisationsAreDrawn(t *testing.T) {
	t.Parallel()
	c := rig.Config{Persons: 3000, Seed: 5, Tables: []string{"sjuklonekostnad", "person"}}
	dir, store := filepath.Join(t.TempDir(), "source"), filepath.Join(t.TempDir(), "store")
	if _, err := rig.New(c).Write(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := register.Load(t.Context(), register.Options{From: dir, Store: store, ID: "s", At: c.At()}); err != nil {
		t.Fatal(err)
	}
	s, err := engineroom.Registers{Store: store, Catalogue: catalog.Builtin()}.Open(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	years := plan.Window{From: plan.Bound{Date: day.Of(2019, 1, 1)}, To: plan.Bound{Date: day.Of(2026, 1, 1)}}
	criteria := plan.Criteria{Any: []plan.Criterion{{Table: "sjuklonekostnad", Period: years}}}
	count := func(of plan.Persons) (organisations, persons int) {
		t.Helper()
		people, _, err := s.Draw(t.Context(), criteria, of)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range people {
			if !s.Organisation(p.Entity) {
				persons++
				continue
			}
			organisations++
			o, err := swede.ParseOrganisation(p.Number, day.Max, swede.Synthetic)
			if err != nil {
				t.Fatal("an organisation without its number")
			}
			if e, m := s.ResolveOrganisation(o, day.Of(2024, 1, 1)); m != works.Found || e != p.Entity {
				t.Fatal("the number finds another organisation")
			}
		}
		return organisations, persons
	}
	if o, p := count(plan.Persons{}); o != 0 || p == 0 {
		t.Errorf("of persons: %d organisations, %d persons", o, p)
	}
	alone, none := count(plan.Persons{Kind: plan.KindOrganisations, Traders: "exclude"})
	if alone == 0 || none != 0 {
		t.Errorf("of organisations alone: %d and %d persons", alone, none)
	}
	if o, p := count(plan.Persons{Kind: plan.KindOrganisations, Traders: "include"}); o != alone || p == 0 {
		t.Errorf("with sole traders: %d organisations, %d persons", o, p)
	}
}
