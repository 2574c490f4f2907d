package coverage_test

import (
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/coverage"
	"sluss/internal/day"
)

// measured is a register of 60 months that pays 80 per cent of a month in it,
// 17 the month after and 3 in the third, and 4 of a new grant only a year later;
// and a tiny stratum that must not be told of.
func measured(t *testing.T) coverage.Summary {
	t.Helper()
	last := day.Of(2026, 10, 31).Month()
	counts := coverage.NewRegister(last-59, last)
	for m := last - 59; m <= last; m++ {
		for delay, n := range []int64{80_000, 17_000, 3_000} {
			counts.Add("SJP", coverage.Continuing, m, m+delay, [3]int64{n * 10, n, n * 7})
		}
		counts.Add("SJP", coverage.NewGrant, m, m, [3]int64{4_000, 1, 12_345})
	}
	reg := catalog.Builtin().Register("midas_sjuk")
	return coverage.Summarise(reg, counts, day.Of(2026, 11, 1), coverage.Method{})
}

// TestPublishedHoldsNoCounts: what the counter is told are days and shares of
// large strata; no number of rows, days or kronor of the summary is in it.
func TestPublishedHoldsNoCounts(t *testing.T) {
	t.Parallel()
	s := measured(t)
	paid := day.Of(2026, 10, 30)
	p := coverage.Publish("s1", day.Of(2026, 11, 1), true, []coverage.Summary{s, {ID: "barnbidrag", PaymentsTo: &paid}})
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range s.Lines {
		for _, m := range l.Months {
			if n, _ := json.Marshal(m.Known); len(n) > 4 && strings.Contains(string(raw), string(n)) {
				t.Fatalf("%s of %s is published", n, m.Month)
			}
		}
	}
	if found := regexp.MustCompile(`"(known|ultimate|pace|benefit|measure)"|12345`).FindString(string(raw)); found != "" {
		t.Errorf("published: %s", found)
	}
	r := p.Register("midas_sjuk")
	if len(r.Curves) != 2 || r.Curves[0].Stratum != coverage.All || r.Curve(coverage.NewGrant) != nil || r.Curve(coverage.Continuing) == nil {
		t.Fatalf("a stratum of 48 days a year is told of: %+v", r.Curves)
	}
	points := r.Curves[0].Points
	if len(points) != 14 || points[13].Month != "2026-10" || *points[13].Completeness != 80_07 || *points[12].Completeness != 97_01 {
		t.Errorf("%+v", points[12:])
	}
	if r.OrderableUntil.String() != "2026-07-31" || r.MeasuredUntil.String() != "2026-09-30" || p.Register("barnbidrag").PaymentsTo.String() != "2026-10-30" || p.Register("none") != nil {
		t.Errorf("%+v", r)
	}
	var back coverage.Published
	if err := json.Unmarshal(raw, &back); err != nil || back.Check() != nil {
		t.Fatalf("%v, %v", err, back.Check())
	}
	again, err := json.Marshal(back)
	if err != nil || string(again) != string(raw) {
		t.Errorf("read back it is another: %v\n%s\n%s", err, raw, again)
	}
}

// TestPublishedIsChecked: what is not as a vault writes it is refused.
func TestPublishedIsChecked(t *testing.T) {
	t.Parallel()
	good := coverage.Publish("s1", day.Of(2026, 11, 1), false, []coverage.Summary{measured(t)})
	huge := coverage.Percent(1000_01)
	for name, spoil := range map[string]func(p *coverage.Published, r *coverage.PublishedRegister){
		"type": func(p *coverage.Published, _ *coverage.PublishedRegister) { p.Type = "x" }, "snapshot": func(p *coverage.Published, _ *coverage.PublishedRegister) { p.Snapshot = "" },
		"day": func(p *coverage.Published, _ *coverage.PublishedRegister) { p.Seen = 0 }, "register": func(_ *coverage.Published, r *coverage.PublishedRegister) { r.ID = "" },
		"decides": func(_ *coverage.Published, r *coverage.PublishedRegister) { r.Decides = "some" }, "stratum": func(_ *coverage.Published, r *coverage.PublishedRegister) { r.Curves[0].Stratum = "women" },
		"month": func(_ *coverage.Published, r *coverage.PublishedRegister) { r.Curves[0].Points[3].Month = "2026-13" },
		"share": func(_ *coverage.Published, r *coverage.PublishedRegister) { r.Curves[0].Points[3].Lower = &huge },
		"curves": func(_ *coverage.Published, r *coverage.PublishedRegister) {
			r.Curves = append(r.Curves, r.Curves[0], r.Curves[0])
		},
		"months": func(_ *coverage.Published, r *coverage.PublishedRegister) {
			r.Curves[0].Points = append(r.Curves[0].Points, r.Curves[0].Points[0])
		},
	} {
		raw, err := json.Marshal(good)
		if err != nil {
			t.Fatal(err)
		}
		var p coverage.Published
		if err := json.Unmarshal(raw, &p); err != nil {
			t.Fatal(err)
		}
		if spoil(&p, &p.Registers[0]); p.Check() == nil {
			t.Errorf("%s: taken in", name)
		}
	}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for _, text := range []string{`"95"`, `95`, `95.1`, `95.123`, `1e3`, `9999999999.00`} {
		if err := json.Unmarshal([]byte(text), new(coverage.Percent)); err == nil {
			t.Errorf("%s is taken for a share", text)
		}
	}
}

// TestUntilAnyShare: the day falls as the share asked for rises, agrees with the
// rule's measure at the rule's share, and is unknown where there is too little.
func TestUntilAnyShare(t *testing.T) {
	t.Parallel()
	s := measured(t)
	last := day.Of(2026, 10, 31).Month()
	counts := coverage.NewRegister(last-59, last)
	for m := last - 59; m <= last; m++ {
		for delay, n := range []int64{80_000, 17_000, 3_000} {
			counts.Add("SJP", coverage.Continuing, m, m+delay, [3]int64{n * 10, n, n * 7})
		}
	}
	var got []string
	for _, share := range []int64{50, 79, 80, 81, 95, 97, 98, 100} {
		until := coverage.Until(counts, big.NewRat(share, 100), coverage.Method{})
		got = append(got, until.String()[:7])
	}
	if want := []string{"2026-10", "2026-10", "2026-10", "2026-09", "2026-09", "2026-09", "2026-08", "2026-08"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if until := coverage.Until(counts, big.NewRat(95, 100), coverage.Method{}); *until != *s.MeasuredUntil {
		t.Errorf("at the rule's share %s and %s", until, s.MeasuredUntil)
	}
	few := coverage.NewRegister(last-59, last)
	few.Add("SJP", coverage.Continuing, last-20, last-20, [3]int64{10, 1, 1})
	if until := coverage.Until(few, big.NewRat(1, 2), coverage.Method{}); until != nil {
		t.Errorf("from nothing: %s", until)
	}
}
