package risk

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"sluss/internal/exposure"
)

// TestSpecial: forty people, two of each sex, decade and county, and besides
// them one who is alone by county and six of a third sex, five of whom are alone
// by that and their decade, the sixth by the decade.
func TestSpecial(t *testing.T) {
	t.Parallel()
	var rows [][]string
	add := func(times int, sex, decade, county string) {
		for range times {
			rows = append(rows, []string{sex, decade, county})
		}
	}
	for _, sex := range []string{"1", "2"} {
		for decade := range 5 {
			for _, county := range []string{"01", "12"} {
				add(2, sex, strconv.Itoa(1950+10*decade), county)
			}
		}
	}
	add(1, "1", "1950", "25") // alone by county
	for i := range 6 {        // a third sex: with each decade alone, by county not
		add(1, "3", strconv.Itoa(1950+10*(i%5)+100*(i/5)), "01")
	}
	g := NewGather("a", "t", "spell", []Field{{Name: "sex", Trait: true}, {Name: "decade", Trait: true}, {Name: "county", Trait: true}}, len(rows))
	for i, r := range rows {
		g.Row(i, r)
	}
	p, err := g.Part(Setting{Policy: exposure.DefaultPolicy()})
	if err != nil {
		t.Fatal(err)
	}
	// The sixth of the third sex has a decade of its own: one trait is enough.
	x := p.Special
	if x == nil || !slices.Equal(x.Alone, []exposure.Count{{Few: true}, {N: 5}, {N: 5}}) {
		t.Fatalf("%+v", x)
	}
	if x.Columns[0].Column != "decade" || len(x.Columns) != 3 || x.Register != nil {
		t.Errorf("%+v", x)
	}
	sum := int64(0)
	for _, c := range x.Columns {
		if sum += c.Share; c.Share%100 != 0 {
			t.Errorf("%+v is no whole per cent", c)
		}
	}
	if sum < 9800 || sum > 10_200 {
		t.Errorf("the shares are %d together", sum)
	}
	// Of everybody, who is alone here is alone.
	if p, err := g.Part(Setting{Policy: exposure.DefaultPolicy(), Register: len(rows)}); err != nil || *p.Special.Register != exposure.Protect(7) {
		t.Errorf("%+v, %v", p.Special, err)
	}
	// Of a thousand times as many, few are: U = 7, P = 40, π = 0.001 give
	// DIS = 7·0.001/(7·0.001 + 40·0.999) = 0.000175.
	if p, err := g.Part(Setting{Policy: exposure.DefaultPolicy(), Register: 1000 * len(rows)}); err != nil || *p.Special.Register != (exposure.Count{}) {
		t.Errorf("%+v, %v", p.Special, err)
	}
	stop := errors.New("stop")
	if _, err := g.Part(Setting{Policy: exposure.DefaultPolicy(), Progress: func(Progress) error { return stop }}); !errors.Is(err, stop) {
		t.Errorf("not to be stopped: %v", err)
	}
	// Nobody alone, nothing to say.
	g = NewGather("a", "t", "spell", []Field{{Name: "sex", Trait: true}}, 6)
	for i := range 6 {
		g.Row(i, []string{strconv.Itoa(i / 3)})
	}
	if p, err := g.Part(Setting{Policy: exposure.DefaultPolicy(), Register: 6}); err != nil || p.Special != nil {
		t.Errorf("%+v, %v", p.Special, err)
	}
}
