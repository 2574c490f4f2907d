package quote

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
)

func codes(all []*fault.Fault) string {
	var out []string
	for _, f := range all {
		out = append(out, strings.TrimPrefix(f.Code, "price.")+"@"+f.Where.Column)
	}
	return strings.Join(out, " ")
}

// TestPriceChangesAreChecked: what may be set, and what is told of what may not,
// at its field.
func TestPriceChangesAreChecked(t *testing.T) {
	t.Parallel()
	today := day.MustParse("2026-11-22")
	list := PriceList{{From: day.MustParse("2018-01-01"), HourOre: 85_000, Basis: "lag", Source: catalog.Text{SV: "a", EN: "b"}}}
	good := PriceChange{Price: Price{From: today + 1, HourOre: 92_000, Basis: "avgiftsförordningen 4 §", Source: catalog.Text{SV: "beslut", EN: "decision"}}, Reason: "dyrare"}
	noted := []PriceChange{good}
	for name, c := range map[string]struct {
		change func(*PriceChange)
		noted  []PriceChange
		want   string
	}{
		"good":           {func(*PriceChange) {}, nil, ""},
		"today":          {func(c *PriceChange) { c.From = today }, nil, "from@from"},
		"past":           {func(c *PriceChange) { c.From = 0 }, nil, "from@from"},
		"far":            {func(c *PriceChange) { c.From = today + planAhead + 1 }, nil, "far@from"},
		"last day":       {func(c *PriceChange) { c.From = today + planAhead }, nil, ""},
		"free":           {func(c *PriceChange) { c.HourOre = 0 }, nil, "hour@hour_ore"},
		"below":          {func(c *PriceChange) { c.HourOre = -1 }, nil, "hour@hour_ore"},
		"öre for kronor": {func(c *PriceChange) { c.HourOre = 8_500_000 }, nil, "hour@hour_ore"},
		"highest":        {func(c *PriceChange) { c.HourOre = highestHour }, nil, ""},
		"no basis":       {func(c *PriceChange) { c.Basis = "  " }, nil, "basis@basis"},
		"half a source":  {func(c *PriceChange) { c.Source.EN = "" }, nil, "source@source_en"},
		"no reason":      {func(c *PriceChange) { c.Reason = "" }, nil, "reason@reason"},
		"long reason":    {func(c *PriceChange) { c.Reason = strings.Repeat("å", 501) }, nil, "reason@reason"},
		"the same":       {func(c *PriceChange) { c.Price = list[0]; c.From = today + 5 }, nil, "same@hour_ore"},
		"everything":     {func(c *PriceChange) { *c = PriceChange{} }, nil, "from@from reason@reason hour@hour_ore basis@basis source@source_sv source@source_en"},
		"back":           {func(c *PriceChange) { c.Back, c.HourOre = true, 0 }, noted, ""},
		"back, not set":  {func(c *PriceChange) { c.Back = true }, nil, "not_planned@from"},
		"back, begun":    {func(c *PriceChange) { c.Back, c.From = true, today }, []PriceChange{{Price: Price{From: today}}}, "from@from"},
		"back twice":     {func(c *PriceChange) { c.Back = true }, append(noted, PriceChange{Price: Price{From: today + 1}, Back: true}), "not_planned@from"},
	} {
		x := good
		c.change(&x)
		if got := codes(list.CheckChange(x, c.noted, today)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestPricesOfDaysThatHaveBegunStay: whatever is noted, each for a day after its
// own, the price of a day is what it was on that day; and the list stays one.
func TestPricesOfDaysThatHaveBegunStay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		file := PriceList{{From: -100, HourOre: 80_000, Basis: "x"}, {From: 20, HourOre: 85_000, Basis: "x"}}
		var changes []PriceChange
		held := map[day.Day]int64{}
		for today := day.Day(0); today < 40; today++ {
			now, err := file.With(changes).On(today)
			if err != nil {
				t.Fatal(err)
			}
			held[today] = now.HourOre
			for range rapid.IntRange(0, 2).Draw(t, "changes") {
				c := PriceChange{Price: Price{From: today + day.Day(rapid.IntRange(-2, 9).Draw(t, "from")), HourOre: rapid.Int64Range(1, 9).Draw(t, "hour"), Basis: "x", Source: catalog.Text{SV: "s", EN: "e"}}, Back: rapid.Bool().Draw(t, "back"), Reason: "r"}
				if len(file.With(changes).CheckChange(c, changes, today)) == 0 {
					changes = append(changes, c)
				}
			}
		}
		list := file.With(changes)
		if err := list.Check(); err != nil {
			t.Fatal(err)
		}
		for d, ore := range held {
			if p, err := list.On(d); err != nil || p.HourOre != ore {
				t.Fatalf("day %d: %d, was %d (%v)", d, p.HourOre, ore, err)
			}
		}
		if len(changes) > 0 { // what is set last for a day holds
			last := changes[len(changes)-1]
			p, _ := list.On(last.From)
			if !last.Back && p.HourOre != last.HourOre || last.Back && slices.ContainsFunc(list, func(x Price) bool { return x.From == last.From && x.HourOre < 80_000 }) {
				t.Fatalf("%+v after %+v", p, last)
			}
		}
	})
}
