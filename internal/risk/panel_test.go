package risk

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTrajectories(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rows                 string
		persons, unique      int
		first, second, third int
	}{
		"alone":                  {"1,2024,x", 1, 1, 1, 1, 1},
		"twins":                  {"1,2024,x;2,2024,x", 2, 0, 0, 0, 0},
		"a beginning is another": {"1,2024,x;2,2024,x;2,2025,x", 2, 2, 0, 2, 2},
		"rows in any order":      {"1,2025,y;2,2024,x;1,2024,x;2,2025,y", 2, 0, 0, 0, 0},
		"numbers by size":        {"1,10,x;1,9,y;2,9,y;3,10,x", 3, 3, 1, 3, 3}, // 9 comes first: 1 begins like 2
		"same period, as a set":  {"1,1,x;1,1,y;2,1,y;2,1,x", 2, 0, 0, 0, 0},
		"a period as a whole":    {"1,1,x;1,1,y;2,1,x", 2, 2, 2, 2, 2},
		"how often counts":       {"1,1,x;1,1,x;2,1,x", 2, 2, 2, 2, 2},
		"period matters":         {"1,1,x;2,2,x", 2, 2, 2, 2, 2},
		"late difference":        {"1,1,x;1,2,x;1,3,x;1,4,x;2,1,x;2,2,x;2,3,x;2,4,y", 2, 2, 0, 0, 0},
	} {
		got, err := Trajectories(table(t, "p,t,v", c.rows), "p", "t", []string{"v"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		have := []int{got.Persons, got.Unique, got.First[0].Unique, got.First[1].Unique, got.First[2].Unique}
		if want := []int{c.persons, c.unique, c.first, c.second, c.third}; !slices.Equal(have, want) {
			t.Errorf("%s: %v, want %v", name, have, want)
		}
		if got.Share != float64(got.Unique)/float64(got.Persons) {
			t.Errorf("%s: share %v", name, got.Share)
		}
	}
}

// The panel rule of reference pseudonym §4.2.
func TestPanelRule(t *testing.T) {
	t.Parallel()
	months := []int64{7, 6, 4, 5}
	if got := SmallCells(months, 5); !slices.Equal(got, []int{2}) {
		t.Errorf("small cells %v", got)
	}
	if got, ok := Suppress(months, 5, false); !ok || !slices.Equal(got, []bool{false, false, true, false}) {
		t.Errorf("without the year: %v", got)
	}
	if got, ok := Suppress(months, 5, true); !ok || !slices.Equal(got, []bool{false, false, true, true}) {
		t.Errorf("with the year: %v", got)
	}
	if d := DifferenceCells([]int64{23}, []int64{24}, DefaultCell); d.Classes != 1 || d.Records != 1 || d.Added != 1 {
		t.Errorf("23 → 24: %+v", d)
	}
	for name, c := range map[string]struct {
		cells  []int64
		hidden []bool
		ok     bool
	}{
		"empty cells are no shelter": {[]int64{0, 4, 0, 9}, []bool{false, true, false, true}, true},
		"two ones are still two":     {[]int64{1, 1, 8, 9}, []bool{true, true, true, false}, true},
		"nothing to hide behind":     {[]int64{3, 0}, []bool{true, false}, false},
		"nothing small":              {[]int64{5, 6}, []bool{false, false}, true},
	} {
		if got, ok := Suppress(c.cells, 5, true); ok != c.ok || !slices.Equal(got, c.hidden) {
			t.Errorf("%s: %v %v", name, got, ok)
		}
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	now := table(t, "a,b", "1,x;1,x;2,y;3,z")
	before, err := now.Beside([]string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	fill(before, "1,x;9,q;9,q;9,q;9,q;9,q;2,y")
	got, err := Differences(now, before, []string{"a", "b"}, 5, nil)
	if want := (Differencing{Classes: 2, Records: 2, Added: 2, Removed: 5}); err != nil || got != want {
		t.Errorf("%+v, want %+v (%v)", got, want, err)
	}
}

// What Suppress hides cannot be worked out from the total.
func TestSuppressedStaysHidden(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.SliceOfN(rapid.Int64Range(0, 12), 1, 12).Draw(t, "cells")
		hidden, ok := Suppress(cells, 5, true)
		count, sum := 0, int64(0)
		for i, n := range cells {
			if n > 0 && n < 5 && !hidden[i] {
				t.Fatalf("cell %d of %v is shown", i, cells)
			}
			if hidden[i] {
				count++
				sum += n
			}
		}
		if ok && count > 0 && (count < 2 || sum < 5) {
			t.Fatalf("%v: %v can be worked out", cells, hidden)
		}
	})
}

func TestCoarsening(t *testing.T) {
	t.Parallel()
	for text, values := range map[string][2]string{
		"d=prefix:4": {"2024-05-17", "2024"},
		"d=prefix:2": {"åäö", "åä"},
		"d=prefix:9": {"abc", "abc"},
		"a=width:10": {"37", "30+"},
		"a=width:5":  {"-3", "-5+"},
		"b=width:5":  {"x", "x"},
		"c=width:5":  {"", ""},
	} {
		c, err := ParseCoarsening(text)
		if err != nil || c.String() != text {
			t.Errorf("%s: %v, %v", text, c, err)
		}
		if got := c.of(values[0]); got != values[1] {
			t.Errorf("%s: %q", text, got)
		}
	}
	for _, text := range []string{"", "a", "a=prefix", "a=prefix:0", "a=round:3", "a=width:x", "a=drop:1"} {
		if _, err := ParseCoarsening(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	p := DefaultPolicy()
	for _, c := range []struct {
		k, uniques, records int
		share               float64
		want                Verdict
	}{
		{5, 0, 1000, 0, Verdict{Green, Green, Green, Green}},
		{4, 0, 1000, 0, Verdict{Amber, Green, Green, Amber}},
		{2, 0, 1000, 0, Verdict{Red, Green, Green, Red}},
		{5, 1, 1000, .05, Verdict{Green, Amber, Amber, Amber}},
		{5, 0, 1000, .051, Verdict{Green, Green, Red, Red}},
		{5, 2, 1000, .051, Verdict{Green, Red, Red, Red}},
	} {
		r := &Report{K: c.k, Uniques: c.uniques, Records: c.records, Prosecutor: Prosecutor{Share: c.share}}
		if got := p.Judge(r); got != c.want {
			t.Errorf("%+v: %+v", c, got)
		}
	}
	if p, err := ParsePolicy([]byte(`{"k":{"green":10,"amber":5}}`)); err != nil || p.K.Green != 10 || p.Share != DefaultPolicy().Share {
		t.Errorf("%+v %v", p, err)
	}
	for _, bad := range []string{"", "[]", `{"k":{"green":2,"amber":5}}`, `{"l":1}`, "{} {}", `{"uniques":{"green":9,"amber":5}}`} {
		if _, err := ParsePolicy([]byte(bad)); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

// The JSON has the agreed members, in any case.
func TestJSON(t *testing.T) {
	t.Parallel()
	tb := table(t, "a,b", "1,x;1,x;2,y")
	r, err := Measure(tb, Question{QI: []string{"a", "b"}, SUDA: true, SamplingFraction: .5, Threshold: .2})
	if err != nil {
		t.Fatal(err)
	}
	const head = `{"records":3,"classes":2,"k":1,"uniques":1,"below":{"2":1,"3":3,"5":3,"10":3},` +
		`"prosecutor":{"max":1,"mean":0.6666666666666666,"share":1},"journalist":null,"marketer":0.6666666666666666,` +
		`"population_uniques":null,"expected_reidentifications":2,`
	for perRow, want := range map[bool]string{
		false: head + `"l":null,"t_closeness":null}` + "\n",
		true:  head + `"individual":[0.5,0.5,1],"l":null,"t_closeness":null,"suda":[0,0,2],"dis_suda":[0,0,0.3333333333333333]}` + "\n",
	} {
		var b bytes.Buffer
		if err := r.WriteJSON(&b, perRow, Extras{}); err != nil {
			t.Fatal(err)
		}
		if b.String() != want || !json.Valid(b.Bytes()) {
			t.Errorf("got  %swant %s", b.String(), want)
		}
	}
	if r, err = Measure(tb, Question{QI: []string{"a", "b"}, SUDA: true}); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.WriteJSON(&b, true, Extras{Trajectory: &Trajectory{}, Differencing: &Differencing{}}); err != nil || !strings.Contains(b.String(), `"dis_suda":null,"trajectory":{`) {
		t.Errorf("%v %s", err, b.String())
	}
}

// A writer that fails is told, also in the middle of a list.
func TestJSONWriterFails(t *testing.T) {
	t.Parallel()
	tb := NewTable("a")
	for range 50_000 {
		tb.Add([]byte("x"))
	}
	r, err := Measure(tb, Question{QI: []string{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("disk full")
	for room := range 3 {
		if err := r.WriteJSON(&disk{room, full}, true, Extras{}); !errors.Is(err, full) {
			t.Errorf("after %d blocks: %v", room, err)
		}
	}
}

// disk takes so many blocks.
type disk struct {
	room int
	err  error
}

func (d *disk) Write(b []byte) (int, error) {
	if d.room--; d.room < 0 {
		return 0, d.err
	}
	return len(b), nil
}

// Text in both languages; no word is missing and no cell is shown.
func TestText(t *testing.T) {
	t.Parallel()
	for key, w := range words {
		if w.SV == "" || w.EN == "" || strings.Count(w.SV, "%") != strings.Count(w.EN, "%") {
			t.Errorf("%s: %q and %q", key, w.SV, w.EN)
		}
	}
	tb := table(t, "a,b,s", "1,canary,p;1,canary,p;2,canary,q")
	qi := []string{"a", "b"}
	r, err := Measure(tb, Question{QI: qi, SUDA: true, Sensitive: "s", Threshold: .2})
	if err != nil {
		t.Fatal(err)
	}
	effects, err := r.WhatIf(tb, qi, []Coarsening{{Column: "a", Kind: Drop}, {Column: "a", Kind: Width, N: 5}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := Page{Report: r, QI: qi, Policy: DefaultPolicy(), Effects: effects, Extras: Extras{&Trajectory{First: []Beginning{{Periods: 1}}}, &Differencing{}}, Threshold: .2}
	for lang, want := range map[string][]string{
		"sv": {"rött   sammantaget", "poster med risk över 0,2", "k 1 → 3, unika poster 1 → 0", "i band om 5", "33,33 %", "ett enda värde"},
		"en": {"red    on the whole", "records with risk above 0.2", "k 1 → 3, unique records 1 → 0", "33.33 %", "one single value"},
	} {
		var b strings.Builder
		if err := p.Text(&b, lang); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s: no %q in\n%s", lang, w, b.String())
			}
		}
		if strings.Contains(b.String(), "canary") || strings.Contains(b.String(), "%!") {
			t.Errorf("%s:\n%s", lang, b.String())
		}
	}
}
