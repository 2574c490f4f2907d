package register_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/day"
	"sluss/internal/register"
	"sluss/internal/swede"
)

func sum(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

func TestIdentity(t *testing.T) {
	t.Parallel()
	on := func(s string) *int32 { return ptr(int32(day.MustParse(s))) }
	at := func(s string) int32 { return int32(day.MustParse(s)) }
	old, now := number("1970-05-05", 501, false), number("1970-05-06", 503, false)
	coord, pnr := number("1985-03-03", 12, true), number("1985-03-03", 14, false)
	reused, later := number("1950-01-01", 101, false), number("1950-01-02", 103, false)
	lapsed := number("1944-04-04", 9, false)
	revived := number("1988-08-08", 15, false)
	src := source{
		persons: []personRow{
			{Entity: 500, Birth: at("1970-05-05"), Sex: "M", County: ptr("12")},
			{Entity: 100, Birth: at("1985-03-03"), Sex: "K", Protected: 1},
			{Entity: 300, Birth: at("1950-01-01"), Sex: "M", Death: on("2020-02-29")},
			{Entity: 200, Birth: at("1951-01-01"), Sex: "X", County: ptr("?")},
		},
		numbers: []numberRow{
			{500, old, "pnr", at("1970-05-05"), on("1995-01-01")},
			{500, now, "pnr", at("1995-01-01"), nil},
			{100, coord, "samnr", at("2005-01-01"), on("2009-01-01")},
			{100, pnr, "pnr", at("2009-01-01"), nil},
			{300, reused, "pnr", at("1950-01-01"), on("1980-01-01")},
			{300, later, "pnr", at("1980-01-01"), nil},
			{200, reused, "pnr", at("1985-01-01"), nil},
			{200, lapsed, "pnr", at("1944-04-04"), on("1960-01-01")},
			{500, revived, "pnr", at("1988-08-08"), on("1990-01-01")},
			{500, revived, "pnr", at("2000-01-01"), nil},
		},
		relations: []relationRow{{500, 100}, {300, 100}, {500, 200}, {500, 100}},
	}
	store := t.TempDir()
	mustLoad(t, src.write(t), store, "x", loadDay)
	ids := mustOpen(t, store, "x").Identity()
	for _, tt := range []struct {
		name   string
		number string
		on     string
		entity int64
		match  register.Match
	}{
		{"in use", now, "2020-01-01", 500, register.Found},
		{"in use, a day before it was given", now, "1990-01-01", 500, register.Found},
		{"changed", old, "1990-01-01", 500, register.Superseded},
		{"changed, asked for later", old, "2020-01-01", 500, register.Superseded},
		{"samordningsnummer", coord, "2007-01-01", 100, register.Superseded},
		{"personnummer after it", pnr, "2007-01-01", 100, register.Found},
		{"reused, first holder", reused, "1979-12-31", 300, register.Superseded},
		{"reused, between", reused, "1980-01-01", 0, register.Ambiguous},
		{"reused, the day before the second", reused, "1984-12-31", 0, register.Ambiguous},
		{"reused, second holder", reused, "1985-01-01", 200, register.Found},
		{"not in use any more", lapsed, "2000-01-01", 200, register.Superseded},
		{"given up and in use again", revived, "1989-01-01", 500, register.Found},
		{"unknown", number("1999-09-09", 1, false), "2020-01-01", 0, register.NotFound},
	} {
		n, err := swede.Parse(tt.number, loadDay, swede.Real)
		if err != nil {
			t.Fatal(err)
		}
		p, m := ids.Resolve(n, day.MustParse(tt.on))
		if m != tt.match {
			t.Errorf("%s: match %d, want %d", tt.name, m, tt.match)
		}
		if tt.entity != 0 && ids.Entity(p) != tt.entity {
			t.Errorf("%s: another person", tt.name)
		}
	}
	if _, m := ids.Resolve(swede.Personnummer{}, 0); m != register.NotFound {
		t.Error("no number was found")
	}
	p500, _ := ids.ByEntity(500)
	p100, _ := ids.ByEntity(100)
	p200, _ := ids.ByEntity(200)
	p300, ok := ids.ByEntity(300)
	if _, there := ids.ByEntity(301); !ok || there || ids.Len() != 4 {
		t.Error("keys")
	}
	if d, dead := ids.Death(p300); !dead || d != day.MustParse("2020-02-29") {
		t.Error("death")
	}
	if _, dead := ids.Death(p500); dead || ids.Birth(p500) != day.MustParse("1970-05-05") || ids.Sex(p500) != "M" || ids.County(p500) != "12" || ids.Protected(p500) {
		t.Error("particulars of 500")
	}
	if ids.Sex(p100) != "K" || ids.County(p100) != "" || !ids.Protected(p100) || ids.Sex(p200) != "" || ids.County(p200) != "" {
		t.Error("particulars of 100 or 200")
	}
	if !slices.Equal(ids.Children(p500), []uint32{p100, p200}) || !slices.Equal(ids.Parents(p100), []uint32{p300, p500}) || len(ids.Children(p200)) != 0 {
		t.Errorf("kin: %v %v", ids.Children(p500), ids.Parents(p100))
	}
	for p, want := range map[uint32]string{p100: pnr, p200: reused, p300: later} {
		if got := fmt.Sprintf("%012d", ids.Current(p).Reveal()); got != want {
			t.Errorf("the number in use of entity %d is another", ids.Entity(p))
		}
	}
}

// TestHolders: looked up many at a time, a number is its only holder's, or several
// people's, or nobody's.
func TestHolders(t *testing.T) {
	t.Parallel()
	number := rapid.Custom(func(t *rapid.T) uint64 { // few days, many on each
		day := rapid.SampledFrom([]uint64{18000101, 19501231, 19501291, 19700615, 20991231}).Draw(t, "day")
		return day*10_000 + rapid.Uint64Range(1, 40).Draw(t, "end")
	})
	rapid.Check(t, func(t *rapid.T) {
		among := rapid.SliceOfN(number, 0, 300).Draw(t, "among")
		slices.Sort(among)
		holder := make([]uint32, len(among))
		had := map[uint64]map[uint32]bool{}
		for i, n := range among {
			holder[i] = rapid.Uint32Range(0, 3).Draw(t, "holder")
			if had[n] == nil {
				had[n] = map[uint32]bool{}
			}
			had[n][holder[i]] = true
		}
		some := rapid.OneOf(number, rapid.SampledFrom([]uint64{0, 1, 165565000001, 999999999999, 1<<64 - 1}))
		ask := append(slices.Clone(among), rapid.SliceOfN(some, 0, 150).Draw(t, "ask")...)
		who, several, nobody := register.Holders(among, holder, ask)
		for i, got := range who {
			want := several
			switch len(had[ask[i]]) {
			case 0:
				want = nobody
			case 1:
				for want = range had[ask[i]] {
				}
			}
			if got != want {
				t.Fatalf("%d is %d's, found %d", ask[i], want, got)
			}
		}
	})
}
