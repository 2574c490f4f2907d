package pseudonym

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
	"sluss/internal/swede"
)

var on = day.MustParse("2026-11-21")

func domain(project string) Domain {
	return Domain{ID: project + "-person", Project: project, Type: Person, Scope: ScopeProject, Origin: Own, State: Open}
}

func seed(n uint64) *[SeedSize]byte {
	var s [SeedSize]byte
	for i := range s {
		s[i] = byte(n >> (i % 8 * 8))
	}
	s[31] ^= byte(n)
	return &s
}

func entities(n int) []uint64 {
	out := make([]uint64, n)
	for i := range out {
		out[i] = uint64(i + 1)
	}
	return out
}

func drawn(t interface{ Fatal(...any) }, d Domain, s uint64, e []uint64) *Table {
	tab := &Table{Domain: d}
	if _, err := tab.Draw(e, seed(s), "test"); err != nil {
		t.Fatal(err)
	}
	return tab
}

func code(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Code
	}
	return ""
}

// A numbering is injective and dense, the input's order and repeats leave no
// trace, and what has been drawn is never renumbered.
func TestPromise09DrawIsStableAndDense(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		batches := rapid.SliceOfN(rapid.SliceOfN(rapid.Uint64Range(0, 300), 1, 80), 1, 4).Draw(t, "batches")
		base := rapid.SampledFrom([]uint64{0, 1000}).Draw(t, "base")
		d := domain("p")
		d.Base = base
		tab, twin := &Table{Domain: d}, &Table{Domain: d}
		held := map[uint64]uint64{}
		for i, b := range batches {
			shuffled := slices.Concat(b, b[:len(b)/2])
			rand.New(rand.NewPCG(uint64(i), 7)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			before, max := len(held), tab.Max()
			n, err := tab.Draw(b, seed(uint64(i)), "approved")
			if err != nil {
				t.Fatal(err)
			}
			if m, err := twin.Draw(shuffled, seed(uint64(i)), "approved"); err != nil || m != n {
				t.Fatal("order or repeats of the input changed the draw", err)
			}
			x := tab.Index()
			for e, l := range held {
				if now, ok := x.Lopnr(e); !ok || now != l {
					t.Fatal("a löpnummer changed")
				}
			}
			for r := range tab.All {
				if _, old := held[r.Entity]; !old && (r.Lopnr <= max || r.Batch != uint32(batchesWithNew(batches[:i+1]))) {
					t.Fatalf("late addition %+v", r)
				}
				held[r.Entity] = r.Lopnr
			}
			if len(held) != before+n || tab.Len() != len(held) || tab.Max() != base+uint64(len(held)) {
				t.Fatal("not dense")
			}
		}
		seen := map[uint64]bool{}
		for _, l := range held {
			seen[l] = true
		}
		if len(seen) != len(held) {
			t.Fatal("two entities share a löpnummer")
		}
		a, _ := EncodeTable(tab)
		b, _ := EncodeTable(twin)
		if !bytes.Equal(a, b) {
			t.Fatal("order of input shows in the table")
		}
		if _, ok := tab.Index().Lopnr(301); ok {
			t.Fatal("an entity that was never drawn")
		}
	})
}

func batchesWithNew(batches [][]uint64) int {
	n, seen := 0, map[uint64]bool{}
	for _, b := range batches {
		fresh := false
		for _, e := range b {
			fresh = fresh || !seen[e]
			seen[e] = true
		}
		if fresh {
			n++
		}
	}
	return n
}

func TestPromise09KeptKeyOnlyWhileApproved(t *testing.T) {
	t.Parallel()
	kept := domain("p")
	kept.Policy = Policy{KeepUntil, day.MustParse("2027-06-30"), "Dnr 2024-01234-01"}
	change := func(f func(*Domain)) Domain {
		d := kept
		f(&d)
		return d
	}
	for _, tt := range []struct {
		name string
		d    Domain
		on   string
		ok   bool
	}{
		{"kept and approved", kept, "2027-06-30", true},
		{"the day after", kept, "2027-07-01", false},
		{"no ethics reference", change(func(d *Domain) { d.Policy.EthicsRef = " " }), "2027-01-01", false},
		{"delete after delivery", change(func(d *Domain) { d.Policy.Keep = DeleteAfterDelivery }), "2027-01-01", false},
		{"another project", change(func(d *Domain) { d.Project = "q" }), "2027-01-01", false},
		{"another type", change(func(d *Domain) { d.Type = Employer }), "2027-01-01", false},
		{"another scope", change(func(d *Domain) { d.Scope = ScopeRelatives }), "2027-01-01", false},
		{"shredded", change(func(d *Domain) { d.State = Shredded }), "2027-01-01", false},
		{"frozen", change(func(d *Domain) { d.State = Frozen }), "2027-01-01", false},
	} {
		got, ok := Choose([]Domain{tt.d}, "p", Person, ScopeProject, day.MustParse(tt.on))
		if ok != tt.ok || ok && got != tt.d {
			t.Errorf("%s: %v", tt.name, ok)
		}
	}
}

// Two projects with the same persons: knowing one numbering says nothing about
// the other.
func TestPromise09ProjectsAreUnlinkable(t *testing.T) {
	t.Parallel()
	e := entities(20_000)
	a, b := drawn(t, domain("p"), 1, e).Index(), drawn(t, domain("q"), 2, e).Index()
	x, y, same := make([]uint64, len(e)), make([]uint64, len(e)), 0
	for i, id := range e {
		x[i], _ = a.Lopnr(id)
		y[i], _ = b.Lopnr(id)
		if x[i] == y[i] {
			same++
		}
	}
	if l := OrderLeak(x, Ordering{"the other project", y}); l[0].Leaks || same > 10 {
		t.Errorf("%+v, %d equal", l, same)
	}
	if domain("p").ColumnName() == domain("q").ColumnName() {
		t.Error("both projects call the column the same")
	}
}

func TestDrawRefusals(t *testing.T) {
	t.Parallel()
	external, frozen := domain("p"), domain("p")
	external.Origin, frozen.State = External, Frozen
	for _, tt := range []struct {
		d        Domain
		n        int
		approved string
		want     string
	}{
		{domain("p"), 9, "", "pseudonym.small_batch"},
		{domain("p"), 9, "the decision", ""},
		{domain("p"), 10, "", ""},
		{domain("p"), 0, "", ""},
		{external, 20, "", "pseudonym.external"},
		{frozen, 20, "", "pseudonym.closed"},
	} {
		s := seed(3)
		tab := &Table{Domain: tt.d}
		n, err := tab.Draw(entities(tt.n), s, tt.approved)
		if code(err) != tt.want || err != nil && (n != 0 || tab.Len() != 0 || fault.ClassOf(err) != fault.Gate) {
			t.Errorf("%d: %v, want %q", tt.n, err, tt.want)
		}
		if *s != [SeedSize]byte{} {
			t.Error("the seed was not wiped")
		}
	}
	late := drawn(t, domain("p"), 1, entities(100))
	if _, err := late.Draw(entities(109), seed(4), ""); code(err) != "pseudonym.small_batch" {
		t.Errorf("nine late additions: %v", err)
	}
	if _, err := Seed(bytes.NewReader(make([]byte, 31))); err == nil {
		t.Error("a short seed")
	}
	if s, err := Seed(bytes.NewReader(bytes.Repeat([]byte{7}, 32))); err != nil || s[31] != 7 {
		t.Error(err)
	}
}

// Every place is equally likely for the first entity.
func TestDrawIsUniform(t *testing.T) {
	t.Parallel()
	const n, rounds = 12, 12_000
	var count [n][n]int
	for s := range uint64(rounds) {
		for r := range drawn(t, domain("p"), s*2654435761+1, entities(n)).All {
			count[r.Entity-1][r.Lopnr-1]++
		}
	}
	for e := range count {
		chi := 0.0
		for _, c := range count[e] {
			d := float64(c) - rounds/n
			chi += d * d / (rounds / n)
		}
		if chi > 45 { // 11 degrees of freedom, p ≈ 5e-6
			t.Errorf("entity %d: chi² %.1f %v", e+1, chi, count[e])
		}
	}
}

// The self-test passes our own draw and fails a numbering in any order that
// tells of the person. The sorted numbering is the mutation it exists for.
func TestThreat08OrderLeak(t *testing.T) {
	t.Parallel()
	const n = 5000
	number, born, file := make([]uint64, n), make([]uint64, n), make([]uint64, n)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range number {
		d := day.Of(1930, 1, 1) + day.Day(r.IntN(30_000))
		number[i] = swede.Make(d, r.IntN(1000), false, swede.Synthetic).Reveal()
		born[i], file[i] = uint64(d+1_000_000), uint64(i)
	}
	x := drawn(t, domain("p"), 9, entities(n)).Index()
	own := make([]uint64, n)
	for i := range own {
		own[i], _ = x.Lopnr(uint64(i + 1))
	}
	orderings := []Ordering{{"personnummer", number}, {"born", born}, {"file", file}}
	for _, l := range OrderLeak(own, orderings...) {
		if l.Leaks || l.N != n {
			t.Errorf("our own draw: %+v", l)
		}
	}
	rank := func(keys []uint64, down bool) []uint64 {
		out := make([]uint64, n)
		for i, k := range ascending(keys) {
			out[k.at] = uint64(i + 1)
			if down {
				out[k.at] = uint64(n - i)
			}
		}
		return out
	}
	for _, down := range []bool{false, true} {
		if l := OrderLeak(rank(number, down), orderings...); !l[0].Leaks || !l[1].Leaks || l[2].Leaks {
			t.Errorf("sorted by personnummer: %+v", l)
		}
		if l := OrderLeak(rank(file, down), orderings...); !l[2].Leaks {
			t.Errorf("in the file's order: %+v", l)
		}
	}
	// One in ten in order is enough.
	weak, sorted := make([]uint64, n), rank(number, false)
	for i := range weak {
		weak[i] = own[i]*2 + 1
		if i%10 == 0 {
			weak[i] = sorted[i] * 2
		}
	}
	if l := OrderLeak(weak, orderings[0]); !l[0].Leaks {
		t.Errorf("a tenth in order: %+v", l)
	}
}

func TestSpearman(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b  []uint64
		rho   float64
		leaks bool
	}{
		{[]uint64{1, 2, 3, 4, 5}, []uint64{2, 1, 4, 3, 5}, 0.8, false},
		{[]uint64{1, 2, 3, 4, 5}, []uint64{5, 6, 7, 8, 7}, 0.8207826816681233, false}, // ties, as R's cor(method = "spearman")
		{[]uint64{1, 2, 3}, []uint64{7, 7, 7}, 0, false},
		{[]uint64{1, 2, 3, 4, 5, 6, 7, 8}, []uint64{1, 2, 3, 4, 5, 6, 7, 8}, 1, false},
		{[]uint64{1, 2, 3, 4, 5, 6, 7, 8, 9}, []uint64{9, 8, 7, 6, 5, 4, 3, 2, 1}, -1, true},
		{nil, nil, 0, false},
	} {
		l := OrderLeak(tt.a, Ordering{"x", tt.b})[0]
		if d := l.Rho - tt.rho; d > 1e-12 || d < -1e-12 || l.Leaks != tt.leaks {
			t.Errorf("%v %v: %+v", tt.a, tt.b, l)
		}
	}
}

func TestSupersede(t *testing.T) {
	t.Parallel()
	tab := drawn(t, domain("p"), 5, entities(20))
	for _, c := range [][2]uint64{{5, 9}, {3, 5}, {5, 9}} {
		if err := tab.Supersede(c[0], c[1]); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range [][2]uint64{{9, 3}, {9, 9}, {5, 10}, {21, 1}, {1, 21}, {0, 1}} {
		if err := tab.Supersede(c[0], c[1]); code(err) != "pseudonym.supersede" {
			t.Errorf("%v: %v", c, err)
		}
	}
	if got := tab.Corrections(); !slices.Equal(got, []Correction{{3, 5}, {5, 9}}) || tab.Current(3) != 9 || tab.Current(7) != 7 || tab.Len() != 20 {
		t.Errorf("%v", got)
	}
}

func TestEncode(t *testing.T) {
	t.Parallel()
	tab := drawn(t, domain("p"), 5, entities(50))
	if _, err := tab.Draw(entities(70), seed(6), ""); err != nil {
		t.Fatal(err)
	}
	if err := tab.Supersede(4, 2); err != nil {
		t.Fatal(err)
	}
	b, err := EncodeTable(tab)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeTable(b)
	if err != nil || got.Domain != tab.Domain || !slices.Equal(got.rows, tab.rows) || !slices.Equal(got.corrections, tab.corrections) {
		t.Fatalf("%v", err)
	}
	for n := range len(b) {
		if _, err := DecodeTable(b[:n]); !errors.Is(err, ErrTable) {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
	if _, err := DecodeTable(append(slices.Clone(b), 0)); !errors.Is(err, ErrTable) {
		t.Error("one byte too many")
	}
	sorted := slices.Clone(tab.rows)
	for name, edit := range map[string]func(*Table){
		"swapped rows":      func(t *Table) { t.rows[3], t.rows[4] = t.rows[4], t.rows[3] },
		"repeated entity":   func(t *Table) { t.rows[3].Entity = t.rows[4].Entity },
		"a gap":             func(t *Table) { t.rows = slices.Delete(t.rows, 3, 4) },
		"no batch":          func(t *Table) { t.rows[0].Batch = 0 },
		"another base":      func(t *Table) { t.Domain.Base = 7 },
		"unknown corrected": func(t *Table) { t.corrections = []Correction{{900, 1}} },
	} {
		bad := &Table{Domain: tab.Domain, rows: slices.Clone(sorted), corrections: slices.Clone(tab.corrections)}
		edit(bad)
		raw, _ := EncodeTable(bad)
		if _, err := DecodeTable(raw); !errors.Is(err, ErrTable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestIndexOfSparseKeys(t *testing.T) {
	t.Parallel()
	var e []uint64
	for i := range uint64(10_000) {
		e = append(e, i*i*1_000_003+17)
	}
	tab := drawn(t, domain("p"), 8, e)
	x := tab.Index()
	if x.dense != nil {
		t.Fatal("these keys are not compact")
	}
	for r := range tab.All {
		if l, ok := x.Lopnr(r.Entity); !ok || l != r.Lopnr {
			t.Fatal("lost")
		}
	}
	if _, ok := x.Lopnr(18); ok {
		t.Error("found what is not there")
	}
}

// TestIndexOfAnyKeys: whatever the keys are, also such that all fall on one
// place of the index, each has its number and no other key has one.
func TestIndexOfAnyKeys(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.SampledFrom([]uint64{1, 1 << 40, 0xf1de83e19937733d, 1 << 63}).Draw(t, "step") // the third times the hash's factor is 1
		from := rapid.SampledFrom([]uint64{0, 1, math.MaxUint64}).Draw(t, "from")
		want := map[uint64]uint64{}
		tab := &Table{Domain: domain("p")}
		for i := range rapid.IntRange(0, 60).Draw(t, "keys") {
			e := from + uint64(i)*step
			if rapid.Bool().Draw(t, "other") {
				e = rapid.Uint64().Draw(t, "key")
			}
			if want[e] == 0 {
				want[e] = uint64(len(want) + 1)
				tab.rows = append(tab.rows, Row{e, want[e], 1})
			}
		}
		x := tab.Index()
		for i := range 70 {
			for _, e := range []uint64{from + uint64(i)*step, rapid.Uint64().Draw(t, "any")} {
				if n, ok := x.Lopnr(e); n != want[e] || ok != (want[e] > 0) {
					t.Fatalf("%d has %d, %v, want %d", e, n, ok, want[e])
				}
			}
		}
		for e, n := range want {
			if got, ok := x.Lopnr(e); !ok || got != n {
				t.Fatalf("%d has %d, want %d", e, got, n)
			}
		}
	})
}

func TestSortKeys(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for _, width := range []uint{8, 20, 33, 64} {
		a := make([]uint64, 10_000)
		for i := range a {
			a[i] = r.Uint64() >> (64 - width)
		}
		b := slices.Clone(a)
		sortKeys(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%d bits", width)
		}
	}
}

func TestColumnName(t *testing.T) {
	t.Parallel()
	d := domain("SMÖG-24")
	if got := d.ColumnName(); got != "lopnr_smog24" {
		t.Error(got)
	}
	d.Type = Employer
	if got := d.ColumnName(); got != "lopnr_employer_smog24" {
		t.Error(got)
	}
	d.Type, d.Scope = Person, ScopeRelatives
	if got := d.ColumnName(); got != "lopnr_anh_smog24" {
		t.Error(got)
	}
}

func BenchmarkDrawAndEncode10M(b *testing.B) {
	e := make([]uint64, 10_000_000)
	for i := range e {
		e[i] = uint64(i)*3 + 1
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(e), func(i, j int) { e[i], e[j] = e[j], e[i] })
	b.ResetTimer()
	for range b.N {
		t := &Table{Domain: domain("p")}
		if _, err := t.Draw(e, seed(1), ""); err != nil {
			b.Fatal(err)
		}
		raw, err := EncodeTable(t)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(raw)))
	}
}

func BenchmarkOrderLeak1M(b *testing.B) {
	x := entities(1_000_000)
	for b.Loop() {
		OrderLeak(x, Ordering{"x", x})
	}
}

func Example() {
	tab := &Table{Domain: Domain{ID: "d1", Project: "SMOG", Type: Person, Scope: ScopeProject, Origin: Own, State: Open}}
	n, err := tab.Draw([]uint64{7, 3, 9, 11, 2, 5, 20, 31, 8, 6, 7}, &[SeedSize]byte{1}, "")
	fmt.Println(n, err, tab.Max(), tab.Domain.ColumnName())
	// Output: 10 <nil> 10 lopnr_smog
}
