package pseudonym

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"sluss/internal/day"
	"sluss/internal/swede"
)

func externalTable() *Table {
	d := domain("p")
	d.Origin = External
	return &Table{Domain: d}
}

// file makes a key file of n persons whose löpnummer are width digits wide and
// random.
func file(n, width int) []Supplied {
	r := rand.New(rand.NewPCG(uint64(n), uint64(width)))
	low := uint64(1)
	for range width - 1 {
		low *= 10
	}
	used := map[uint64]bool{}
	out := make([]Supplied, n)
	for i := range out {
		l := low + r.Uint64N(9*low)
		for used[l] {
			l = low + r.Uint64N(9*low)
		}
		used[l] = true
		d := day.Of(1930, 1, 1) + day.Day(r.IntN(30_000))
		out[i] = Supplied{uint64(i + 1), swede.Make(d, r.IntN(1000), false, swede.Synthetic), fmt.Sprint(l)}
	}
	return out
}

func digits(p swede.Personnummer) string { return fmt.Sprintf("%012d", p.Reveal()) }

func TestPromise09ForeignNumbersAreChecked(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		n, w int
		edit func([]Supplied)
		o    ImportOptions
		want string
	}{
		{"random, five digits", 5000, 5, nil, ImportOptions{}, ""},
		{"random, seven digits", 3000, 7, nil, ImportOptions{}, ""},
		{"few persons", 5, 6, nil, ImportOptions{}, ""},
		{"letters", 100, 5, func(l []Supplied) { l[3].Lopnr = "A12" }, ImportOptions{}, "pseudonym.not_a_number"},
		{"leading zero", 100, 5, func(l []Supplied) { l[3].Lopnr = "012" }, ImportOptions{}, "pseudonym.not_a_number"},
		{"zero", 100, 5, func(l []Supplied) { l[3].Lopnr = "0" }, ImportOptions{}, "pseudonym.not_a_number"},
		{"blank", 100, 5, func(l []Supplied) { l[3].Lopnr = "" }, ImportOptions{}, "pseudonym.not_a_number"},
		{"sixteen digits", 100, 5, func(l []Supplied) { l[3].Lopnr = "1234567890123456" }, ImportOptions{}, "pseudonym.not_a_number"},
		{"two persons, one number", 100, 5, func(l []Supplied) { l[3].Lopnr = l[4].Lopnr }, ImportOptions{}, "pseudonym.not_bijective"},
		{"one person, two numbers", 100, 5, func(l []Supplied) { l[3].Entity = l[4].Entity }, ImportOptions{}, "pseudonym.not_bijective"},
		{"the same line twice", 100, 5, func(l []Supplied) { l[3] = l[4] }, ImportOptions{}, ""},
		{"a personnummer", 100, 9, func(l []Supplied) { l[3].Lopnr = "191212121212" }, ImportOptions{}, "pseudonym.identity_number"},
		{"an organisationsnummer", 100, 9, func(l []Supplied) { l[3].Lopnr = "2021005521" }, ImportOptions{}, "pseudonym.identity_number"},
		{"a synthetic personnummer", 100, 9, func(l []Supplied) { l[3].Lopnr = digits(l[9].Number) }, ImportOptions{Mode: swede.Synthetic}, "pseudonym.identity_number"},
		{"the own number without its check digit", 100, 9, func(l []Supplied) { l[3].Lopnr = digits(l[3].Number)[0:11] }, ImportOptions{}, "pseudonym.part_of_number"},
		{"the own number with a digit before", 100, 9, func(l []Supplied) { l[3].Lopnr = "7" + digits(l[3].Number) }, ImportOptions{}, "pseudonym.part_of_number"},
		{"half the last five of each", 400, 6, func(l []Supplied) {
			for i := range l[:200] {
				if s := digits(l[i].Number)[7:]; s[0] != '0' {
					l[i].Lopnr = s
				}
			}
		}, ImportOptions{}, "pseudonym.part_of_number"},
		{"in order of number", 100, 5, func(l []Supplied) {
			keys := make([]uint64, len(l))
			for i := range l {
				keys[i] = l[i].Number.Reveal()
			}
			for rank, k := range ascending(keys) {
				l[k.at].Lopnr = fmt.Sprint(rank + 1)
			}
		}, ImportOptions{}, "pseudonym.order_leak"},
		{"in order of something else", 100, 5, nil, ImportOptions{Also: []Ordering{{Name: "inkomst"}}}, "pseudonym.order_leak"},
		{"in our own range", 100, 5, nil, ImportOptions{Below: 50_000}, "pseudonym.out_of_range"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			lines := file(tt.n, tt.w)
			if tt.edit != nil {
				tt.edit(lines)
			}
			tt.o.At = on
			for i := range tt.o.Also {
				for _, l := range lines {
					n, _ := whole(l.Lopnr)
					tt.o.Also[i].Keys = append(tt.o.Also[i].Keys, n/100)
				}
			}
			tab := externalTable()
			r, err := tab.Import(lines, tt.o)
			if code(err) != tt.want {
				t.Fatalf("%v, want %q; %+v", err, tt.want, r)
			}
			if err != nil && (tab.Len() != 0 || swede.Contains(err.Error())) {
				t.Error("a refused file left something behind")
			}
			if err == nil && (tab.Len() != r.Added || r.Added == 0) {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestImportAgain(t *testing.T) {
	t.Parallel()
	tab, lines := externalTable(), file(200, 6)
	if r, err := tab.Import(lines[:150], ImportOptions{At: on}); err != nil || r.Added != 150 {
		t.Fatal(r, err)
	}
	if r, err := tab.Import(lines, ImportOptions{At: on}); err != nil || r.Added != 50 || tab.lastBatch() != 2 {
		t.Fatal(r, err)
	}
	x := tab.Index()
	for _, l := range lines {
		if n, ok := x.Lopnr(l.Entity); !ok || fmt.Sprint(n) != l.Lopnr {
			t.Fatal("lost or renumbered")
		}
	}
	raw, err := EncodeTable(tab)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeTable(raw); err != nil {
		t.Fatal(err)
	}
	changed := file(200, 6)
	changed[0].Lopnr = "5"
	if _, err := tab.Import(changed, ImportOptions{At: on}); code(err) != "pseudonym.not_bijective" || tab.Len() != 200 {
		t.Error(err)
	}
	own := &Table{Domain: domain("p")}
	if _, err := own.Import(lines, ImportOptions{At: on}); code(err) != "pseudonym.closed" {
		t.Error(err)
	}
}

// Those whom we add beside an external domain never get one of its numbers.
func TestBesideIsDisjoint(t *testing.T) {
	t.Parallel()
	for _, width := range []int{1, 3, 5, 8} {
		tab := externalTable()
		if _, err := tab.Import(file(7, width), ImportOptions{At: on}); err != nil {
			t.Fatal(err)
		}
		d := domain("p")
		d.Base = Beside(tab)
		own := drawn(t, d, 3, entities(50))
		for r := range own.All {
			if r.Lopnr <= tab.Max()*10 || r.Lopnr <= d.Base {
				t.Fatalf("width %d: our own %d, theirs up to %d", width, r.Lopnr, tab.Max())
			}
		}
	}
}
