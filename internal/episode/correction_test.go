package episode_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/episode"
)

// row is a row of key 0: days [from, to) counted from nought.
func row(id, tx int64, kind episode.Kind, from, to day.Day, ore int64) episode.Row {
	return episode.Row{RowID: id, Tx: tx, Kind: kind, From: from, To: to, Amount: ore, Extent: 1000}
}

func tell(rows []episode.Row, got []episode.Correction) string {
	var out []string
	for _, c := range got {
		out = append(out, fmt.Sprintf("%d:%d-%d=%d", rows[c.Row].RowID, c.From, c.To, c.Amount))
	}
	return strings.Join(out, " ")
}

// TestUnresolved: worked examples of assumption A6.
func TestUnresolved(t *testing.T) {
	t.Parallel()
	const pay, rev = episode.Pay, episode.Rev
	other := row(3, 3, rev, 0, 2, 200)
	other.Key = 1
	track := row(2, 2, rev, 0, 2, 200)
	track.Track = 7
	open := episode.Row{RowID: 1, Tx: 1, Kind: pay, From: 0, To: day.Open}
	for name, x := range map[string]struct {
		rows []episode.Row
		want string
	}{
		"nothing to take back":            {[]episode.Row{row(1, 1, rev, 0, 3, 300)}, "1:0-3=300"},
		"taken back whole":                {[]episode.Row{row(1, 1, pay, 0, 3, 300), row(2, 2, rev, 0, 3, 300)}, ""},
		"in part of the days":             {[]episode.Row{row(1, 1, pay, 0, 3, 300), row(2, 2, rev, 1, 5, 400)}, "2:3-5=200"},
		"days on both sides":              {[]episode.Row{row(1, 1, pay, 2, 4, 200), row(2, 2, rev, 0, 6, 600)}, "2:0-2=200 2:4-6=200"},
		"more than was paid":              {[]episode.Row{row(1, 1, pay, 0, 2, 100), row(2, 2, rev, 0, 2, 200)}, "2:0-2=200"},
		"less than was paid":              {[]episode.Row{row(1, 1, pay, 0, 2, 200), row(2, 2, rev, 0, 2, 100)}, ""},
		"twice, and once was paid":        {[]episode.Row{row(1, 1, pay, 0, 2, 200), row(2, 2, rev, 0, 2, 200), row(3, 3, rev, 0, 2, 200)}, "3:0-2=200"},
		"twice, in halves":                {[]episode.Row{row(1, 1, pay, 0, 2, 200), row(2, 2, rev, 0, 2, 100), row(3, 3, rev, 0, 2, 100)}, ""},
		"the payment came later":          {[]episode.Row{row(1, 2, pay, 0, 2, 200), row(2, 1, rev, 0, 2, 200)}, "2:0-2=200"},
		"the payment came at once":        {[]episode.Row{row(1, 1, pay, 0, 2, 200), row(2, 1, rev, 0, 2, 200)}, "2:0-2=200"},
		"the latest that is large enough": {[]episode.Row{row(1, 1, pay, 0, 2, 400), row(2, 2, pay, 0, 2, 100), row(3, 3, rev, 0, 2, 300), row(4, 4, rev, 0, 2, 100)}, ""},
		"the latest first":                {[]episode.Row{row(1, 1, pay, 0, 2, 300), row(2, 2, pay, 0, 2, 300), row(3, 3, rev, 0, 2, 100), row(4, 4, rev, 0, 2, 300)}, ""},
		"the latest, not the earliest":    {[]episode.Row{row(1, 1, pay, 0, 2, 400), row(2, 2, pay, 0, 2, 300), row(3, 3, rev, 0, 2, 300), row(4, 4, rev, 0, 2, 400)}, ""},
		"no amount":                       {[]episode.Row{row(1, 1, pay, 0, 2, 0), row(2, 2, rev, 0, 2, 0), row(3, 3, rev, 0, 2, 0)}, "3:0-2=0"},
		"another benefit":                 {[]episode.Row{row(1, 1, pay, 0, 2, 200), other}, "3:0-2=200"},
		"another track":                   {[]episode.Row{row(1, 1, pay, 0, 2, 200), track}, ""},
		"the same row twice":              {[]episode.Row{row(1, 1, pay, 0, 2, 200), row(2, 2, rev, 0, 2, 200), row(3, 2, rev, 0, 2, 200)}, ""},
		"a payment without end":           {[]episode.Row{open, {RowID: 2, Tx: 2, Kind: rev, From: 8, To: 12}}, "2:10-12=0"},
		"öre that do not divide":          {[]episode.Row{row(1, 1, pay, 0, 3, 100), row(2, 2, rev, 2, 3, 34), row(3, 3, rev, 0, 1, 34)}, ""},
		"a part, an öre more on a day":    {[]episode.Row{row(1, 1, pay, 0, 14, 1_000_000), row(2, 2, rev, 0, 5, 357_143)}, ""},
		"two öre more on each day":        {[]episode.Row{row(1, 1, pay, 0, 2, 200), row(2, 2, rev, 0, 2, 204)}, "2:0-2=204"},
		"all but an öre is all":           {[]episode.Row{row(1, 1, pay, 0, 2, 200), row(2, 2, rev, 0, 2, 198), row(3, 3, rev, 0, 2, 2)}, "3:0-2=2"},
		"all but two öre is not":          {[]episode.Row{row(1, 1, pay, 0, 2, 200), row(2, 2, rev, 0, 2, 196), row(3, 3, rev, 0, 2, 4)}, ""},
	} {
		if got := tell(x.rows, episode.Unresolved(x.rows, 10, nil)); got != x.want {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
	}
}

// TestUnresolvedAsADiary goes through random rows as somebody would who keeps a
// diary: for each day a list of what was paid, and each reversal looks in it.
func TestUnresolvedAsADiary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(t, "rows")
		var rows []episode.Row
		for i := range n {
			from := rapid.IntRange(0, 2).Draw(t, "from")
			r := row(int64(i), int64(rapid.IntRange(1, 4).Draw(t, "tx")), episode.Kind(rapid.IntRange(0, 1).Draw(t, "kind")), day.Day(from),
				day.Day(from+rapid.IntRange(1, 3).Draw(t, "days")), int64(rapid.IntRange(0, 5).Draw(t, "öre")))
			r.Key, r.Rest = uint32(rapid.IntRange(0, 1).Draw(t, "key")), uint32(i) // no two are the same
			rows = append(rows, r)
		}
		got := map[[2]int64]int64{} // by row and day
		for _, c := range episode.Unresolved(rows, day.Open, nil) {
			sum := int64(0)
			for d := c.From; d < c.To; d++ {
				sum += onDay(rows[c.Row], d)
				got[[2]int64{rows[c.Row].RowID, int64(d)}] = onDay(rows[c.Row], d)
			}
			if sum != c.Amount {
				t.Fatalf("a stretch of %d öre tells %d", sum, c.Amount)
			}
		}
		want := diary(rows)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v\nhas %v, want %v", rows, got, want)
		}
		// The order in which rows are given does not matter.
		turned := slices.Clone(rows)
		slices.Reverse(turned)
		if a, b := tell(rows, episode.Unresolved(rows, day.Open, nil)), tell(turned, episode.Unresolved(turned, day.Open, nil)); a != b {
			t.Fatalf("%s, and turned around %s", a, b)
		}
	})
}

// onDay is what falls on a day of an amount spread over the days of a row.
func onDay(r episode.Row, d day.Day) int64 {
	k, n := int64(d-r.From), int64(r.To-r.From)
	return r.Amount*(k+1)/n - r.Amount*k/n
}

func diary(rows []episode.Row) map[[2]int64]int64 {
	type note struct {
		left    int64
		crossed bool
	}
	out := map[[2]int64]int64{}
	sorted := slices.Clone(rows)
	slices.SortFunc(sorted, func(a, b episode.Row) int {
		return cmp.Or(cmp.Compare(a.Tx, b.Tx), cmp.Compare(b.Kind, a.Kind), cmp.Compare(a.RowID, b.RowID))
	})
	for key := range uint32(2) {
		for d := day.Day(0); d < 12; d++ {
			var paid []note
			for _, r := range sorted {
				if r.Key != key || d < r.From || d >= r.To {
					continue
				}
				ore, met := onDay(r, d), false
				for i := len(paid) - 1; r.Kind == episode.Rev && i >= 0 && !met; i-- {
					p := &paid[i]
					if met = !p.crossed && ore <= p.left+1; met {
						p.left -= ore
						p.crossed = p.left < 2
					}
				}
				switch {
				case r.Kind == episode.Pay:
					paid = append(paid, note{left: ore})
				case !met:
					out[[2]int64{r.RowID, int64(d)}] = ore
				}
			}
		}
	}
	return out
}
