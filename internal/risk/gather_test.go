package risk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/exposure"
)

var spellFields = []Field{
	{Name: "kon", Trait: true, Text: true, Count: true},
	{Name: "fodelsear", Trait: true, To: "year10", Coarser: func(s string) string { return s[:3] }},
	{Name: "from", Event: true},
	{Name: "diagnos", Content: true, Text: true, Count: true},
}

// Twelve persons: six women born in the eighties, five men born in 1990, and
// one man born in 1991, who is alone until years become decades.
func twelve() *Gather {
	g := NewGather("fall", "t", "spell", spellFields, 12)
	for i := range 12 {
		sex, year := "2", "1980"
		if i >= 6 {
			sex, year = "1", "1990"
		}
		if i == 11 {
			year = "1991"
		}
		g.Row(i, []string{sex, year, "2020-01-0" + strconv.Itoa(1+i%2), []string{"F32", "M54"}[i%2]})
	}
	return g
}

func TestPart(t *testing.T) {
	t.Parallel()
	g := twelve()
	for range 5 { // later rows change no record, only the path and the cells, where a person counts once
		g.Row(0, []string{"1", "1991", "2020-02-01", "Z99"})
	}
	p, err := g.Part(Setting{Policy: exposure.DefaultPolicy()})
	if err != nil {
		t.Fatal(err)
	}
	if p.Persons != (exposure.Count{N: 10}) || !p.K.Count.Few || p.K.Light != exposure.Red || !p.Uniques.Count.Few || p.Uniques.Light != exposure.Red || !p.Classes.Few {
		t.Errorf("%+v", p)
	}
	// Classes: six women, five men and the one man; below five is he alone.
	if !p.AtRisk.Count.Few || p.AtRisk.Light != exposure.Red {
		t.Errorf("at risk %+v", p.AtRisk)
	}
	// His class has one diagnosis.
	if p.Content.Distinct != 1 || p.Content.Entropy != 100 || p.Content.Light != exposure.Amber {
		t.Errorf("content %+v", p.Content)
	}
	// By the first row nobody is alone; by all rows person 0 is.
	if p.Path.First[0].Count != (exposure.Count{}) || !p.Path.Whole.Count.Few || !p.Path.First[1].Count.Few {
		t.Errorf("path %+v", p.Path)
	}
	if len(p.WhatIf) != 3 || p.WhatIf[0].Uniques != (exposure.Count{}) || p.WhatIf[0].K.N != 10 && p.WhatIf[0].K.N != 5 {
		t.Errorf("what if %+v", p.WhatIf)
	}
	for _, w := range p.WhatIf {
		if w.Column == "kon" && !w.Uniques.Few {
			t.Errorf("without sex he is still alone: %+v", w)
		}
	}
	if !slices.Equal(p.Cells, []exposure.Cells{{Column: "kon", Cells: 2}, {Column: "diagnos", Cells: 3, Small: 1}}) {
		t.Errorf("cells %+v", p.Cells)
	}
	if p.Light() != exposure.Red {
		t.Error("no red light")
	}
}

// What is alike in two extracts is not when they are laid together.
func TestTogether(t *testing.T) {
	t.Parallel()
	a := NewGather("a", "t", "spell", []Field{{Name: "x", Trait: true}}, 12)
	b := NewGather("b", "u", "spell", []Field{{Name: "y", Trait: true}, {Name: "d", Event: true}}, 12)
	for i := range 12 {
		a.Row(i, []string{strconv.Itoa(i / 6)})
		b.Row(i, []string{strconv.Itoa(i % 6), strconv.Itoa(i)})
	}
	one, err := a.Part(Setting{Policy: exposure.DefaultPolicy()})
	if err != nil || one.K.Light != exposure.Green || one.K.Count.N != 5 || one.Path != nil {
		t.Errorf("%+v, %v", one, err)
	}
	p, err := Together([]*Gather{a, b}, Setting{Policy: exposure.DefaultPolicy()})
	if err != nil || p.Uniques.Count.N != 10 || p.Path.Whole.Count.N != 10 || p.Path.Whole.Light != exposure.Amber || p.Path.Whole.Share != 10_000 {
		t.Errorf("%+v, %v", p, err)
	}
	// Without traits everybody is alike.
	none := NewGather("n", "t", "spell", []Field{{Name: "d", Event: true}}, 20)
	for i := range 20 {
		none.Row(i, []string{"2020"})
	}
	if p, err := none.Part(Setting{Policy: exposure.DefaultPolicy()}); err != nil || p.K.Count.N != 20 || p.Light() != exposure.Green {
		t.Errorf("%+v, %v", p, err)
	}
	// Nobody.
	if p, err := NewGather("n", "t", "spell", spellFields, 3).Part(Setting{Policy: exposure.DefaultPolicy()}); err != nil || p.Persons != (exposure.Count{}) {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestPathsAreTrajectories compares the hashes with the tree of [Trajectories].
func TestPathsAreTrajectories(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "persons")
		g := NewGather("a", "t", "spell", []Field{{Name: "d", Event: true}}, n)
		tb := NewTable("p", "d")
		for i := range n {
			days := rapid.SliceOfNDistinct(rapid.IntRange(10, 14), 1, 4, rapid.ID[int]).Draw(t, "days")
			slices.Sort(days)
			for _, d := range days {
				g.Row(i, []string{strconv.Itoa(d)})
				tb.Add([]byte(strconv.Itoa(i)), []byte(strconv.Itoa(d)))
			}
		}
		want, err := Trajectories(tb, "p", "d", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		p, err := g.Part(Setting{Policy: exposure.DefaultPolicy()})
		if err != nil {
			t.Fatal(err)
		}
		if p.Path.Whole.Count != exposure.Protect(int64(want.Unique)) {
			t.Fatalf("%+v, want %d", p.Path, want.Unique)
		}
		for i, f := range want.First {
			if p.Path.First[i].Count != exposure.Protect(int64(f.Unique)) {
				t.Fatalf("first %d: %+v, want %d", i+1, p.Path.First[i], f.Unique)
			}
		}
	})
}

func TestPrints(t *testing.T) {
	t.Parallel()
	fields := []Field{{Name: "x", Trait: true}}
	make := func(values ...string) Prints {
		g := NewGather("fall", "t", "spell", fields, len(values))
		for i, v := range values {
			g.Row(i, []string{v})
		}
		p, ok := g.Prints([]byte("key"))
		if !ok {
			t.Fatal("no prints")
		}
		return p
	}
	policy := exposure.DefaultPolicy()
	wide := func(from, n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprint(from+i))
		}
		return out
	}
	// Ten unique persons in both; ten others.
	m, ok := make(wide(0, 20)...).Against(make(wide(10, 20)...), "FK-1", policy)
	if !ok || m.Unique.Count.N != 10 || m.Unique.Share != 5000 || m.Unique.Light != exposure.Red || m.Changed.N != 20 || m.Sampled {
		t.Errorf("%+v", m)
	}
	// A class that has grown by one, and nobody unique.
	m, _ = make("a", "a", "a", "a", "a", "a").Against(make("a", "a", "a", "a", "a"), "FK-1", policy)
	if m.Unique.Count != (exposure.Count{}) || m.Unique.Light != exposure.Green || !m.Changed.Few {
		t.Errorf("%+v", m)
	}
	// Unique here, common there: no match.
	if m, _ = make("a").Against(make("a", "a", "a", "a", "a", "a", "a"), "FK-1", policy); m.Unique.Light != exposure.Green || m.Changed != (exposure.Count{}) {
		t.Errorf("%+v", m)
	}
	big := make(wide(0, 2*maxPrints)...)
	if len(big.Hashes) != maxPrints || big.Top == ^uint64(0) {
		t.Fatal("not bounded")
	}
	m, _ = big.Against(big, "FK-1", policy)
	if !m.Sampled || m.Unique.Count.N < 2*maxPrints*97/100 || m.Unique.Count.N > 2*maxPrints*103/100 {
		t.Errorf("%+v", m)
	}
	other := make("a")
	other.Kind = "u spell x"
	if _, ok := make("a").Against(other, "FK-1", policy); ok {
		t.Error("different tables were compared")
	}
	g := NewGather("fall", "t", "spell", fields, 1)
	g.Row(0, []string{"a"})
	if p, _ := g.Prints([]byte("other key")); p.Hashes[0] == make("a").Hashes[0] {
		t.Error("the hash does not depend on the key")
	}
	if _, ok := NewGather("n", "t", "spell", []Field{{Name: "d", Event: true}}, 1).Prints(nil); ok {
		t.Error("prints without traits")
	}
}

func TestIdentify(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Identifier{
		"anna@fk.example": EMail, "<a@b.se>": EMail, "x @ y.se": "", "a@b": "", "@home.se": "", "åsa@ö.se": EMail, "a@b.": "",
		"0701234567": Phone, "070-123 45 67": Phone, "ring +46812345670": Phone, "08-123456": Phone, "0046 8 123 456 78": Phone, "031/123456": Phone,
		"+46 70 123 45 67": Phone, "2024-05-17": "", "012345678901234": "", "0701": "", "1.0701234567": Phone, "F32": "", "00-12345": Phone, "01-01-2024": Phone,
		"170701234567": "", "20240517": "", "0123456789": "", "1234-0701": "",
		"191212121212": PersonalNumber, "121212-1212": PersonalNumber, "x19121212-1212y": PersonalNumber,
	} {
		if got := Identify(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// The scan counts cells by column and kind and keeps no text in its findings.
func TestScan(t *testing.T) {
	t.Parallel()
	g := NewGather("fall", "t", "spell", spellFields, 4)
	for i := range 4 {
		g.Row(i, []string{"1", "1980", "0701234567", []string{"F32", "0701234567", "0701234567", "a@b.se"}[i]})
	}
	s := g.Found()
	if s.Cells != 8 || !slices.Equal(s.Hits, []Hit{{"diagnos", Phone, 2}, {"diagnos", EMail, 1}}) {
		t.Errorf("%+v", s)
	}
	if strings.Contains(fmt.Sprint(s.Hits), "0701") {
		t.Error("the findings hold the text")
	}
}
