package spelltable

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluss/internal/episode/episodetest"
)

// line is one row of a random file, cells as text.
type line struct {
	person, benefit, track, extent string
	row                            episodetest.Row
	// What the application says, in files that have it.
	told       bool
	waits, ill string
}

const dayZero = 19711 // 2023-12-20

func date(d int) string { return time.Unix(int64(d)*86400, 0).UTC().Format(time.DateOnly) }

func (l *line) csv() string {
	kind, tom := "pay", date(l.row.Tom)
	if l.row.Rev {
		kind = "rev"
	}
	if l.row.Open {
		tom = ""
	}
	told := ""
	if l.told {
		told = fmt.Sprintf(",%s,%s", l.waits, l.ill)
	}
	return fmt.Sprintf("%s,%s,%s,%d,%d,%s,%s,%s,%s,%d%s\n", quote(l.person), quote(l.benefit), l.track, l.row.ID, l.row.Tx, kind, date(l.row.From), tom, l.extent, l.row.Amount, told)
}

// quote quotes where the contract says so and nowhere else.
func quote(s string) string {
	if strings.ContainsAny(s, ",\"\n\r") {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

func randomLines(rnd *rand.Rand) []line {
	persons := []string{"p", "P", "å", "p,1", `p"`, "10", "9"}[:1+rnd.IntN(7)]
	benefits := []string{"SJP", "SE", "S,J"}[:1+rnd.IntN(3)]
	var lines []line
	for i := range rnd.IntN(30) {
		l := line{person: persons[rnd.IntN(len(persons))], benefit: benefits[rnd.IntN(len(benefits))], track: []string{"A", "B", ""}[rnd.IntN(3)]}
		from := dayZero + rnd.IntN(60)
		l.row = episodetest.Row{ID: int64(i*7%31 - 5), Tx: rnd.Int64N(5) - 1, Rev: rnd.IntN(4) == 0, From: from, Tom: from + rnd.IntN(20)}
		e := rnd.IntN(6)
		l.extent, l.row.Extent = []string{"0", "12.5", "25", "50", "75", "100"}[e], []int{0, 125, 250, 500, 750, 1000}[e]
		if rnd.IntN(2) == 0 {
			l.row.Amount = rnd.Int64N(5000)
		}
		if rnd.IntN(6) == 0 {
			l.row.Open, l.row.Tom = true, 0
			if rnd.IntN(6) > 0 {
				l.row.Amount = 0
			}
		}
		switch rnd.IntN(30) {
		case 0:
			l.person = ""
		case 1:
			l.benefit = ""
		case 2:
			l.extent = "33"
		case 3:
			if !l.row.Open {
				l.row.Tom = l.row.From - 1
			}
		}
		if len(lines) > 0 && rnd.IntN(6) == 0 {
			id := l.row.ID
			l = lines[rnd.IntN(len(lines))]
			if rnd.IntN(3) > 0 {
				l.row.ID = id
			}
		}
		lines = append(lines, l)
	}
	return lines
}

// assume gives lines what applications say and returns options that look at it.
func assume(rnd *rand.Rand, lines []line, q *episodetest.Question) (args string) {
	q.FarGap = []int{6, 19}[rnd.IntN(2)]
	sick, topUp := 1+rnd.IntN(14), 1+rnd.IntN(3)
	for i := range lines {
		l := &lines[i]
		k := (l.row.From*3+l.row.Extent/125+int(l.row.Tx)*7+len(l.track+l.person)*5)%997 + 997 // rows that were equal stay so
		l.told, l.waits = true, []string{"", "0", "1", "2", "30"}[k%5]
		l.row.Far = k%5 > 2
		if before := k % 17; k%3 > 0 {
			l.ill = date(l.row.From - before)
			if before <= sick {
				l.row.Lead = before
			}
		}
		days := l.row.Tom - l.row.From + 1
		l.row.MoneyOnly = !l.row.Open && l.row.Amount > 0 && l.row.Extent > 0 && days > 0 && l.row.Amount*1000 < int64(100*(topUp+1)*days*l.row.Extent)
	}
	return fmt.Sprintf(" --far-gap %d --sick-pay %d --top-up-max %d", q.FarGap, sick, topUp)
}

// usable returns the live rows that can be used, by person and benefit, and the
// reject file; straight from the contract.
func usable(lines []line, asOf int64) (map[[2]string][]episodetest.Row, string) {
	groups, rejects := map[[2]string][]episodetest.Row{}, "row_id,reason\n"
	met, tracks := map[int64]bool{}, map[string]int{"A": 0, "B": 1, "": 2}
	for _, l := range lines {
		if l.row.Tx > asOf || met[l.row.ID] {
			continue
		}
		met[l.row.ID] = true
		reason := ""
		switch {
		case l.person == "":
			reason = "missing_person"
		case l.benefit == "":
			reason = "missing_benefit"
		case !l.row.Open && l.row.From > l.row.Tom:
			reason = "from_after_tom"
		case l.extent == "33":
			reason = "unknown_extent"
		case l.row.Open && l.row.Amount != 0:
			reason = "open_amount"
		}
		if reason != "" {
			rejects += fmt.Sprintf("%d,%s\n", l.row.ID, reason)
			continue
		}
		l.row.Track = tracks[l.track]
		g := [2]string{l.person, l.benefit}
		groups[g] = append(groups[g], l.row)
	}
	return groups, rejects
}

func net(n int64) string {
	if n%1000 == 0 {
		return strconv.FormatInt(n/1000, 10)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%03d", n/1000, n%1000), "0")
}

func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

func tomText(d int, none bool) string {
	if none {
		return ""
	}
	return date(d)
}

// expected writes the lines of one person and benefit.
func expected(b *strings.Builder, who string, shape string, q episodetest.Question, a *episodetest.Answer) {
	switch shape {
	case "spell":
		for i, s := range a.Spells {
			fmt.Fprintf(b, "%s,%d,%s,%s,%d,%d,%s,%s,%s,%s", who, i+1, date(s.From), tomText(s.Tom, s.NoTom), s.Gross, s.Days, net(s.Net), flag(s.LeftCut), flag(s.RightCut), flag(s.Ongoing))
			if q.Mode == "clip" && q.History == "reveal" {
				fmt.Fprintf(b, ",%s,%s", date(s.TrueFrom), tomText(s.TrueTom, s.Ongoing))
			}
			b.WriteByte('\n')
		}
	case "subspell":
		for i, s := range a.Subspells {
			n := s.Tom - s.From + 1
			fmt.Fprintf(b, "%s,%d,%s,%s,%s,%d,%s,%d\n", who, i+1, date(s.From), tomText(s.Tom, s.NoTom), net(int64(s.Extent)*100), n, net(int64(n)*int64(s.Extent)), s.Seq)
		}
	default:
		for _, c := range a.Panel(strings.TrimPrefix(shape, "panel-")) {
			fmt.Fprintf(b, "%s,%s,%d,%s,%d\n", who, c.Period, c.Days, net(c.Net), c.Amount)
		}
	}
}

// TestCommandAgreesWithTheDayOracle runs random files through the whole
// command and compares every byte with the slow answer.
func TestCommandAgreesWithTheDayOracle(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(7, 11))
	delivered, conflicts, unplaced, rejected := map[string]int{}, 0, 0, 0
	for n := range 1500 {
		lines := randomLines(rnd)
		q := episodetest.Question{
			AsOf: rnd.Int64N(4), Gap: []int{0, 4, 9}[rnd.IntN(3)], Overlap: overlaps[rnd.IntN(3)], Horizon: dayZero + rnd.IntN(80),
			Mode: modes[rnd.IntN(4)], History: histories[rnd.IntN(2)],
		}
		if q.Mode == "overlap" {
			q.History = "reveal"
		}
		shape := shapes[rnd.IntN(len(shapes))]
		args := fmt.Sprintf("--shape %s --as-of %d --max-gap %d --overlap %s --horizon %s --mode %s --history %s", shape, q.AsOf, q.Gap, q.Overlap, date(q.Horizon), q.Mode, q.History)
		anchors, placed := "", map[string]int{}
		switch rnd.IntN(3) {
		case 0:
			q.Windowed, q.WinFrom = true, dayZero+rnd.IntN(50)
			q.WinTo = q.WinFrom + 1 + rnd.IntN(40)
			args += fmt.Sprintf(" --from %s --to %s", date(q.WinFrom), date(q.WinTo))
		case 1:
			q.Windowed = true
			args += " --from-offset -P10D --to-offset P12D"
			anchors = "!"
			for _, l := range lines {
				if _, met := placed[l.person]; !met && l.person != "" && rnd.IntN(3) > 0 {
					placed[l.person] = dayZero + rnd.IntN(50)
					anchors += quote(l.person) + "," + date(placed[l.person]) + "\n"
				}
			}
		}
		var text strings.Builder
		if n%2 == 1 {
			args += assume(rnd, lines, &q)
			text.WriteString("+")
		}
		for i := range lines {
			text.WriteString(lines[i].csv())
		}
		groups, rejects := usable(lines, q.AsOf)
		var want strings.Builder
		conflict, lost := 0, map[string]bool{}
		for _, g := range slices.SortedFunc(maps.Keys(groups), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
			person := q
			if anchors != "" {
				at, some := placed[g[0]]
				if person.WinFrom, person.WinTo = at-10, at+12; !some {
					lost[g[0]] = true
				}
			}
			a := episodetest.Ask(groups[g], person)
			conflict += a.Conflict
			if !lost[g[0]] {
				expected(&want, quote(g[0])+","+quote(g[1]), shape, q, &a)
			}
		}
		got := ask(t, text.String(), anchors, args)
		if conflict > 0 {
			conflicts++
			if got.fault == nil || int(got.fault.Class) != 3 {
				t.Fatalf("%s\n%s\nwant exit 3, got %v", args, text.String(), got.fault)
			}
			continue
		}
		if got.fault != nil {
			t.Fatalf("%s\n%s%s\n%v", args, text.String(), anchors, got.fault)
		}
		_, body, _ := strings.Cut(got.out, "\n")
		if body != want.String() || got.rejects != rejects || got.notes.Unplaced != len(lost) {
			t.Fatalf("%s\n%s%s\ngot\n%s%s%+v\nwant\n%s%s%d", args, text.String(), anchors, body, got.rejects, got.notes, want.String(), rejects, len(lost))
		}
		delivered[shape] += strings.Count(body, "\n")
		unplaced += len(lost)
		rejected += got.notes.Rejected
	}
	if len(delivered) != len(shapes) || conflicts < 20 || unplaced < 20 || rejected < 20 {
		t.Errorf("too little happened: %v lines, %d conflicts, %d without anchor, %d rejected", delivered, conflicts, unplaced, rejected)
	}
}
