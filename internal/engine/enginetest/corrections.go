package enginetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/episode/episodetest"
	"sluss/internal/plan"
)

// testCorrections tells what reversals that met no payment show (assumption A6).
func testCorrections(t *testing.T, mk Maker) {
	w := Sick(
		Pay{Tx: 1, From: "2024-01-03", Tom: "2024-01-06", Ore: 40000},
		Pay{Tx: 2, From: "2023-12-30", Tom: "2024-01-08", Ore: 100003, Rev: true, Extent: 500, Paid: "2024-01-25"}, // four of ten days were paid
		Pay{Tx: 1, From: "2024-01-20", Tom: "2024-01-21", Ore: 500, Benefit: "RHP"},
		Pay{Tx: 2, From: "2024-01-20", Tom: "2024-01-21", Ore: 500, Rev: true, Paid: "2024-02-25"},                                   // another benefit was paid
		Pay{ID: 9, Tx: 2, From: "2024-01-20", Tom: "2024-01-21", Ore: 500, Rev: true, Paid: "2024-02-25"},                            // the same once more
		Pay{Tx: 1, Track: 7, From: "2024-01-25", Tom: "2024-01-26", Ore: 700, Benefit: "FSP"},                                        // another case: it counts
		Pay{Tx: 3, From: "2024-01-25", Tom: "2024-01-26", Ore: 700, Benefit: "FSP", Rev: true},                                       //
		Pay{Tx: 1, From: "2024-02-05", Tom: "2024-02-06", Benefit: "ASP"}, Pay{Tx: 4, From: "2024-02-03", Benefit: "ASP", Rev: true}, // a reversal without end
	)
	columns := []string{"lopnr", "from_datum", "tom_datum", "delforman", "omfattning", "dagar", "belopp", "utbetalningsdatum"}
	in := func(from, to, mode string, reveal bool) Extract {
		return Extract{Shape: "correction", From: from, To: to, Mode: mode, Reveal: reveal, Columns: columns}
	}
	family := children
	family.Tables = map[string][]Row{"midas_fp": slices.Clone(children.Tables["midas_fp"])}
	for i, child := range []uint32{2, 3} { // the second child had no payment on these days
		values := maps.Clone(family.Tables["midas_fp"][0].Values)
		values["row_id"], values["tx"], values["kind"], values["barn_lopnr"], values["tom_datum"] = int64(10+i), D("2024-05-01"), "rev", child, D("2024-01-02")
		values["belopp"] = int64(200)
		family.Tables["midas_fp"] = append(family.Tables["midas_fp"], Row{Person: 0, Values: values})
	}
	tell(t, mk, []story{
		{
			name: "on both sides of what was paid", w: w, do: in("", "", "", false),
			want: []string{
				"100;2023-12-30;2024-01-02;SJP;50;4;-40001;2024-01-25",
				"100;2024-01-07;2024-01-08;SJP;50;2;-20001;2024-01-25",
				"100;2024-01-20;2024-01-21;SJP;100;2;-500;2024-02-25",
				"100;2024-02-03;2024-02-04;ASP;100;2;0;2024-06-25",
				"100;2024-02-07;;ASP;100;998;0;2024-06-25",
			},
		},
		{
			name: "cut, the later date of payment masked", w: w, do: in("2024-01-01", "2024-02-08", "", false),
			want: []string{
				"100;2024-01-01;2024-01-02;SJP;50;2;-20001;2024-01-25",
				"100;2024-01-07;2024-01-08;SJP;50;2;-20001;2024-01-25",
				"100;2024-01-20;2024-01-21;SJP;100;2;-500;",
				"100;2024-02-03;2024-02-04;ASP;100;2;0;",
				"100;2024-02-07;2024-02-07;ASP;100;1;0;",
			},
		},
		{name: "that end in the window, whole", w: w, do: in("2024-01-01", "2024-02-08", "end_in", true), want: []string{
			"100;2023-12-30;2024-01-02;SJP;50;4;-40001;2024-01-25",
			"100;2024-01-07;2024-01-08;SJP;50;2;-20001;2024-01-25",
			"100;2024-01-20;2024-01-21;SJP;100;2;-500;2024-02-25",
			"100;2024-02-03;2024-02-04;ASP;100;2;0;2024-06-25",
		}},
		{name: "that start in the window", w: w, do: in("2024-01-01", "2024-02-08", "start_in", false), want: []string{
			"100;2024-01-07;2024-01-08;SJP;50;2;-20001;2024-01-25",
			"100;2024-01-20;2024-01-21;SJP;100;2;-500;",
			"100;2024-02-03;2024-02-04;ASP;100;2;0;",
			"100;2024-02-07;2024-02-07;ASP;100;1;0;",
		}},
		{
			name: "of one benefit", w: w, do: Extract{Shape: "correction", Columns: columns[:4], Where: []plan.Filter{{Var: "delforman", Stage: plan.StageRow, In: []any{"ASP"}}}},
			want: []string{"100;2024-02-03;2024-02-04;ASP", "100;2024-02-07;;ASP"},
		},
		{
			name: "children are told apart", w: family, do: Extract{Table: "midas_fp", Shape: "correction", Columns: []string{"lopnr", "barn_lopnr", "from_datum", "tom_datum", "belopp"}},
			want: []string{"100;103;2024-01-01;2024-01-02;-200"},
		},
	})
	t.Run("beside spells", func(t *testing.T) {
		t.Parallel()
		all := in("", "", "", false)
		all.Name = "korrigeringar"
		_, res := Files(t, mk(t, w), Job(w, Extract{Shape: "spell", Columns: []string{"lopnr"}}, all))
		if got, want := res.Files[1].Totals, (engine.Totals{Rows: 5, Persons: 1, Days: 1008, Net: 1005000, Ore: -60502}); got != want {
			t.Errorf("totals = %+v, want %+v", got, want)
		}
	})
}

// referenceCorrections keeps a diary for each benefit: what is paid for a day is
// written down, and a reversal crosses out the latest note that suffices, an öre apart. Days on
// which it finds none are its corrections.
func referenceCorrections(person string, q question, rows []episodetest.Row, byID map[int64]Row, seen sights) []string {
	type note struct {
		left    int64
		crossed bool
	}
	content := func(r episodetest.Row) string {
		r.ID = 0
		return fmt.Sprintf("%+v %v", r, byID[r.ID].Values["delforman"])
	}
	last := map[string]int64{}
	for _, r := range rows {
		last[content(r)] = max(last[content(r)], r.ID)
	}
	rows = slices.DeleteFunc(slices.Clone(rows), func(r episodetest.Row) bool { return last[content(r)] != r.ID })
	slices.SortFunc(rows, func(a, b episodetest.Row) int {
		reversalFirst := func(r episodetest.Row) int {
			if r.Rev {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.Tx, b.Tx), cmp.Compare(reversalFirst(a), reversalFirst(b)), cmp.Compare(a.ID, b.ID))
	})
	diary := map[string][]note{} // by benefit and day
	var out []string
	for _, r := range rows {
		benefit := byID[r.ID].Values["delforman"].(string)
		to := r.Tom + 1
		if r.Open {
			to = q.ask.Horizon
		}
		onDay := func(d int) int64 {
			k, n := int64(d-r.From), int64(to-r.From)
			return r.Amount*(k+1)/n - r.Amount*k/n
		}
		var stretches [][2]int
		for d := r.From; d < to; d++ {
			page := fmt.Sprint(benefit, d)
			ore := onDay(d)
			if !r.Rev {
				diary[page] = append(diary[page], note{left: ore})
				continue
			}
			met := false
			for i := len(diary[page]) - 1; i >= 0 && !met; i-- {
				n := &diary[page][i]
				if met = !n.crossed && ore <= n.left+1; met { // an öre is rounding
					n.left -= ore
					n.crossed = n.left < 2
				}
			}
			if n := len(stretches); !met && n > 0 && stretches[n-1][1] == d {
				stretches[n-1][1]++
			} else if !met {
				stretches = append(stretches, [2]int{d, d + 1})
			}
		}
		for _, s := range stretches {
			in := [2]int{max(s[0], q.ask.WinFrom), min(s[1], q.ask.WinTo)}
			if in[0] >= in[1] || q.ask.Mode == "start_in" && s[0] < q.ask.WinFrom || q.ask.Mode == "end_in" && (s[1] > q.ask.WinTo || r.Open && s[1] == to) {
				continue
			}
			if q.do.Reveal && q.ask.Mode != "clip" {
				in = s
			}
			sum := int64(0)
			for d := in[0]; d < in[1]; d++ {
				sum -= onDay(d)
			}
			tom := day.Day(in[1] - 1).String()
			if r.Open && in[1] == to {
				tom = ""
			}
			seen["unresolved"]++
			n := in[1] - in[0]
			out = append(out, strings.Join([]string{
				person, day.Day(in[0]).String(), tom, benefit, tenths(r.Extent), fmt.Sprint(n), fmt.Sprint(sum),
			}, ";"))
		}
	}
	slices.SortFunc(out, inFile)
	return out
}

// inFile orders lines of corrections as a file has them: by cell, numbers by
// their value, what is missing first.
func inFile(a, b string) int {
	x, y := strings.Split(a, ";"), strings.Split(b, ";")
	for i := range x {
		m, errM := strconv.ParseFloat(x[i], 64)
		n, errN := strconv.ParseFloat(y[i], 64)
		c := cmp.Compare(x[i], y[i])
		if errM == nil && errN == nil {
			c = cmp.Compare(m, n)
		}
		if c != 0 {
			return c
		}
	}
	return 0
}
