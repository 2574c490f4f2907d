package enginetest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/day"
	"sluss/internal/episode/episodetest"
)

// The answers of the day-by-day reference of the kernel's tests, in the columns that random
// questions ask for.

// ranks of the benefits of midas_sjp.
var ranks = map[string]int{"SJP": 20, "FSP": 10, "RHP": 40, "ASP": 30}

// referenceRows are a person's known rows as the reference has them.
func referenceRows(w World, p uint32) []episodetest.Row {
	var rows []episodetest.Row
	for _, row := range w.Tables["midas_sjp"] {
		if row.Person != p || row.Hidden {
			continue
		}
		v := row.Values
		level, _ := v["niva"].(string)
		x := episodetest.Row{
			ID: v["row_id"].(int64), Tx: int64(v["tx"].(day.Day)), Track: int(v["track"].(int64)), Rev: v["kind"] == "rev", From: int(v["from_datum"].(day.Day)),
			Extent: int(v["omfattning"].(uint16)), State: slices.Index([]string{"SJP", "FSP", "RHP", "ASP"}, v["delforman"].(string))*3 + slices.Index([]string{"", "N", "F"}, level),
			Rank: ranks[v["delforman"].(string)], Amount: v["belopp"].(int64), Open: true,
		}
		if tom, ok := v["tom_datum"]; ok {
			x.Tom, x.Open = int(tom.(day.Day)), false
		}
		x.MoneyOnly = v["delforman"] == "ASP" && !x.Open && x.Amount > 0 && float64(x.Amount)/100 < 101*float64(x.Tom-x.From+1)*float64(x.Extent)/1000
		x.Far = slices.Contains([]any{"7", "14", "30", "60", "90", "2+"}, v["karenstid"])
		if ill, told := v["insjuknad"].(day.Day); told && v["forsakradtyp"] == "8" && x.From-int(ill) <= 14 {
			x.Lead = max(x.From-int(ill), 0)
		}
		rows = append(rows, x)
	}
	return rows
}

// reference answers q person by person.
func reference(w World, q question, seen sights) []string {
	var out []string
	for p := range w.Births {
		rows := referenceRows(w, uint32(p))
		byID := map[int64]Row{}
		for _, row := range w.Tables["midas_sjp"] {
			if row.Person == uint32(p) && !row.Hidden {
				byID[row.Values["row_id"].(int64)] = row
			}
		}
		if q.do.Shape == "correction" {
			out = append(out, referenceCorrections(fmt.Sprint(100+p), q, rows, byID, seen)...)
			continue
		}
		if q.do.Key != nil {
			out = append(out, referenceKeys(fmt.Sprint(100+p), q, rows, byID, seen)...)
			continue
		}
		a := episodetest.Ask(rows, q.ask)
		uncut := a
		if q.ask.History == "reveal" {
			whole := q.ask
			whole.Windowed, whole.Mode = false, "clip"
			uncut = episodetest.Ask(rows, whole)
		}
		if a.Twins > 0 {
			seen["twins"]++
		}
		note(seen, q, rows, a)
		out = append(out, referenceLines(fmt.Sprint(100+p), q, a, uncut, byID, seen)...)
	}
	return out
}

// referenceKeys answers for each key of the order's own as if there were no other rows,
// and numbers the spells of all of them by first and last day, then by which key has the
// first row.
func referenceKeys(person string, q question, rows []episodetest.Row, byID map[int64]Row, seen sights) []string {
	slices.SortFunc(rows, func(a, b episodetest.Row) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.ID, b.ID)) })
	var keys []string
	of := map[string][]episodetest.Row{}
	for _, r := range rows {
		key := ""
		for _, v := range q.do.Key {
			text, _ := byID[r.ID].Values[v].(string)
			key += text + "/"
		}
		if of[key] == nil {
			keys = append(keys, key)
		}
		of[key] = append(of[key], r)
	}
	type numbered struct {
		from, to int
		line     string
	}
	var all []numbered
	for _, key := range keys {
		a := episodetest.Ask(of[key], q.ask)
		uncut := a
		if q.ask.History == "reveal" {
			whole := q.ask
			whole.Windowed, whole.Mode = false, "clip"
			uncut = episodetest.Ask(of[key], whole)
		}
		for i, line := range referenceLines(person, q, a, uncut, byID, seen) {
			all = append(all, numbered{a.Spells[i].From, a.Spells[i].Tom, line})
		}
	}
	slices.SortStableFunc(all, func(a, b numbered) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	var out []string
	last := -1 << 31
	for i, n := range all {
		if n.from <= last {
			seen["keys side by side"]++
		}
		last = max(last, n.to)
		cells := strings.Split(n.line, ";")
		cells[spellNumber] = fmt.Sprint(i + 1)
		out = append(out, strings.Join(cells, ";"))
	}
	return out
}

// spellNumber is the place of fall_nr among the columns of random spells.
const spellNumber = 9

// note counts the assumptions that an answer shows.
func note(seen sights, q question, rows []episodetest.Row, a episodetest.Answer) {
	for _, s := range a.Spells {
		if q.ask.FarGap > 0 && s.Gross-s.Days > 4 {
			seen["far gap"]++
		}
	}
	from, money := map[int64]int{}, false
	for _, r := range rows {
		from[r.ID] = r.From
		money = money || r.MoneyOnly
	}
	for _, b := range a.Subspells {
		if b.From < from[b.First] {
			seen["sick pay"]++
		}
	}
	if money && len(a.Spells) > 0 {
		seen["top-up"]++
	}
}

func referenceLines(person string, q question, a, uncut episodetest.Answer, byID map[int64]Row, seen sights) []string {
	var out []string
	text := func(id int64, v string) string { s, _ := byID[id].Values[v].(string); return s }
	date := func(d int, none bool) string {
		if none {
			return ""
		}
		return day.Day(d).String()
	}
	switch q.do.Shape {
	case "spell":
		for i, s := range a.Spells {
			if s.LeftCut || s.RightCut {
				seen["cut"]++
			}
			if s.Ongoing {
				seen["ongoing"]++
			}
			diagnosis := ""
			for _, b := range uncut.Subspells {
				whole := uncut.Spells[b.Seq-1]
				if whole.TrueFrom != s.TrueFrom {
					continue
				}
				for _, id := range b.Deciders {
					if diagnosis == "" {
						diagnosis = text(id, "diagnos")
					}
				}
			}
			line := []string{
				person, date(s.From, false), date(s.Tom, s.NoTom), fmt.Sprint(s.Gross), fmt.Sprint(s.Days), thousandths(s.Net), flag(s.LeftCut), flag(s.RightCut), flag(s.Ongoing),
				fmt.Sprint(i + 1), text(s.First, "delforman"), diagnosis,
			}
			if q.do.Reveal {
				line = append(line, date(s.TrueFrom, false), date(s.TrueTom, s.OngoingBeforeTheWindowCut))
			}
			out = append(out, strings.Join(line, ";"))
		}
	case "subspell":
		for i, b := range a.Subspells {
			if b.NoTom {
				seen["no tom"]++
			}
			diagnosis := diagnosisOf(b, q, uncut, text)
			n := b.Tom - b.From + 1
			out = append(out, strings.Join([]string{
				person, date(b.From, false), date(b.Tom, b.NoTom), tenths(b.Extent), fmt.Sprint(n), thousandths(int64(n * b.Extent)), fmt.Sprint(b.Seq), fmt.Sprint(i + 1),
				text(b.First, "delforman"), text(b.First, "niva"), diagnosis,
			}, ";"))
		}
	case "subspell_42":
		out = referenceLayout(person, q, a, uncut, byID, seen)
	default:
		unit := strings.TrimPrefix(q.do.Shape, "panel_")
		greatest := map[string]int{}
		for _, b := range a.Subspells {
			for d := b.From; d <= b.Tom; d++ {
				p := episodetest.Period(unit, d)
				if old, there := greatest[p]; !there || b.Extent > old {
					greatest[p] = b.Extent
				}
			}
		}
		going, started, ended := referenceCounts(q, a, unit, seen)
		for _, c := range a.Panel(unit) {
			extent := ""
			if e, there := greatest[c.Period]; there {
				extent = tenths(e)
			}
			out = append(out, strings.Join([]string{person, c.Period, fmt.Sprint(c.Days), thousandths(c.Net), fmt.Sprint(c.Amount), extent, fmt.Sprint(going[c.Period]), fmt.Sprint(started[c.Period]), fmt.Sprint(ended[c.Period])}, ";"))
		}
	}
	return out
}

// referenceCounts counts the spells of periods: those with a day in them, gap days
// too, and of them those whose uncut first and last days lie there.
func referenceCounts(q question, a episodetest.Answer, unit string, seen sights) (going, started, ended map[string]int) {
	going, started, ended = map[string]int{}, map[string]int{}, map[string]int{}
	for _, s := range a.Spells {
		last, periods := "", 0
		for d := s.From; d <= s.Tom; d++ {
			if p := episodetest.Period(unit, d); p != last {
				going[p]++
				last = p
				periods++
			}
		}
		if periods > 2 && s.Gross > s.Days {
			seen["spell over whole periods"]++
		}
		whole := q.do.Reveal && q.do.Mode != ""
		if !s.LeftCut || whole {
			started[episodetest.Period(unit, s.From)]++
		}
		if (!s.RightCut || whole) && !s.Ongoing {
			ended[last]++
		}
		if s.LeftCut || s.RightCut || s.Ongoing {
			seen["cut in a panel"]++
		}
	}
	return going, started, ended
}

// diagnosisOf is the first diagnosis among the rows that decide a sub-spell, or,
// where history is revealed, the whole sub-spell that it is cut from.
func diagnosisOf(b episodetest.Subspell, q question, uncut episodetest.Answer, text func(int64, string) string) string {
	from := b
	for _, u := range uncut.Subspells {
		if q.do.Reveal && u.From <= b.From && b.From <= u.Tom {
			from = u
		}
	}
	for _, id := range from.Deciders {
		if d := text(id, "diagnos"); d != "" {
			return d
		}
	}
	return ""
}

// referenceLayout fills the days between the sub-spells of a spell with lines of
// their own and adds the money of single days up.
func referenceLayout(person string, q question, a, uncut episodetest.Answer, byID map[int64]Row, seen sights) []string {
	text := func(id int64, v string) string { s, _ := byID[id].Values[v].(string); return s }
	ore := map[string]int64{}
	for _, c := range a.Panel("day") {
		ore[c.Period] = c.Amount
	}
	last := func(d int, none bool) string {
		if none {
			return ""
		}
		return day.Day(d).String()
	}
	var out []string
	for i, s := range a.Spells {
		line := func(from, tom int, noTom bool, extent, covered int, more ...string) {
			sum := int64(0)
			for d := from; d <= tom; d++ {
				sum += ore[day.Day(d).String()]
			}
			out = append(out, strings.Join(append([]string{
				person, day.Day(from).String(), last(tom, noTom), thousandths(int64(extent)), fmt.Sprint(tom - from + 1), fmt.Sprint(covered), thousandths(int64(covered * extent)),
				fmt.Sprint(sum), day.Day(s.From).String(), last(s.Tom, s.NoTom), fmt.Sprint(s.Gross),
			}, more...), ";"))
		}
		at := s.From
		for _, b := range a.Subspells {
			if b.Seq != i+1 {
				continue
			}
			if at < b.From {
				seen["gap"]++
				line(at, b.From-1, false, 0, 0, "", "", "")
			}
			diagnosis := diagnosisOf(b, q, uncut, text)
			line(b.From, b.Tom, b.NoTom, b.Extent, b.Tom-b.From+1, text(b.First, "delforman"), diagnosis, "")
			at = b.Tom + 1
		}
	}
	return out
}

func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

// tenths and thousandths write decimals without trailing zeros, by way of
// floating point, which the engine never uses.
func tenths(n int) string { return strconv.FormatFloat(float64(n)/10, 'f', -1, 64) }

func thousandths(n int64) string { return strconv.FormatFloat(float64(n)/1000, 'f', -1, 64) }
