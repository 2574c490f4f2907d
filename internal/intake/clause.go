package intake

import (
	"slices"
	"strings"
)

// How far a negation reaches. A sentence is cut into clauses: "Sjukpenning
// hämtas från Försäkringskassan, men inte diagnos" denies diagnosis and not
// sick pay.

// turns begin a new clause wherever they stand.
var turns = []string{"men", "dock", "däremot", "but", "however", "whereas", "som", "vilka", "vilket", "who", "which", "eftersom", "because", "medan", "while", "såvida"}

// verbs by which a clause says that data are asked for or kept. A comma or
// "och" parts two clauses only where both sides have one.
var verbs = []string{
	"hämtas", "inhämtas", "ingår", "begärs", "omfattas", "omfattar", "används", "behövs", "samlas", "insamlas", "lämnas", "kommer", "avser", "sparas", "bevaras", "önskas", "planeras", "gäller", "hämtar", "begär",
	"beställs", "beställer", "levereras", "erhålls", "erhåller", "efterfrågas", "inkluderas", "inkluderar", "undantas", "exkluderas", "utesluts", "utelämnas", "förstörs", "raderas", "är", "ska", "kan", "har", "används", "görs", "krävs", "tas",
	"obtained", "collected", "included", "excluded", "retrieved", "used", "requested", "is", "are", "will", "kept", "stored", "destroyed",
}

// cues deny what stands in their clause.
var cues = []string{
	"inte", "ej", "icke", "inga", "inget", "ingen", "aldrig", "varken", "undantas", "undantagna", "undantaget", "undantagen", "exkluderas", "exkluderade", "utesluts", "uteslutas", "utelämnas", "avstår", "utgår", "saknas", "bortses",
	"not", "no", "never", "neither", "excluded", "omitted",
}

// forward deny only what follows them in their clause.
var forward = []string{"utom", "undantag", "exklusive", "utan", "except", "excluding", "without", "slipper"}

// onlyWords turn a denial into its opposite: inte bara sjukpenning.
var onlyWords = []string{"bara", "enbart", "endast", "minst", "only", "just", "merely"}

// splitClauses numbers the clauses.
func splitClauses(ts []token) []token {
	clause := 0
	for i := range ts {
		if i == 0 || ts[i].sentence != ts[i-1].sentence || ts[i].block != ts[i-1].block || turnsAt(ts, i) {
			clause++
		}
		ts[i].clause = clause
	}
	return ts
}

func turnsAt(ts []token, i int) bool {
	if slices.Contains(turns, ts[i].word) {
		return !slices.Contains(relative, ts[i].word) || !noneBefore(ts, i)
	}
	joint := ts[i].comma || slices.Contains([]string{"och", "samt", "and", "utan"}, ts[i].word)
	if !joint || ts[i-1].sentence != ts[i].sentence {
		return false
	}
	if ts[i].word == "utan" { // "inte X utan Y" is a turn; "X utan diagnos" is a denial
		return deniedBefore(ts, i)
	}
	if ts[i].comma && (slices.Contains(cues, ts[i].word) || slices.Contains(forward, ts[i].word)) {
		return !slices.Contains([]string{"inga", "ingen", "inget"}, ts[i].word) || hasVerb(ts, i, -1)
	}
	return hasVerb(ts, i, -1) && hasVerb(ts, i, 1)
}

// relative words do not end the reach of "inga" and "no": inga uppgifter som
// rör sjukpenning hämtas.
var relative = []string{"som", "vilka", "vilket", "who", "which"}

func noneBefore(ts []token, i int) bool {
	for j := i - 1; j >= 0 && ts[j].clause == ts[i-1].clause; j-- {
		if slices.Contains([]string{"inga", "ingen", "inget", "no"}, ts[j].word) {
			return true
		}
	}
	return false
}

// deniedBefore reports whether the clause that ends before i has a denial.
func deniedBefore(ts []token, i int) bool {
	for j := i - 1; j >= 0 && ts[j].clause == ts[i-1].clause; j-- {
		if slices.Contains(cues, ts[j].word) {
			return true
		}
	}
	return false
}

// hasVerb looks for a verb from i: back through the clause so far, or on to the
// next comma or turn.
func hasVerb(ts []token, i, step int) bool {
	for j := i; j >= 0 && j < len(ts); j += step {
		if step < 0 && j == i {
			continue
		}
		if ts[j].sentence != ts[i].sentence || step < 0 && ts[j].clause != ts[i-1].clause {
			return false
		}
		if step > 0 && j > i && (ts[j].comma || slices.Contains(turns, ts[j].word) || ts[j].word == "och" || ts[j].word == "samt") {
			return false
		}
		if slices.Contains(verbs, ts[j].word) {
			return true
		}
	}
	return false
}

// denied reports whether token i stands under a negation, and where that is.
func (d *document) denied(i int) (at int, ok bool) {
	ts := d.tokens
	for j := i; j >= 0 && ts[j].clause == ts[i].clause; j-- {
		if d.denies(j) || j < i && d.excepts(j) && i-j <= 14 {
			return j, true
		}
	}
	for j := i + 1; j < len(ts) && ts[j].clause == ts[i].clause; j++ {
		if d.denies(j) {
			return j, true
		}
	}
	if ts[i].intro > 0 { // a list whose first line denies: Följande hämtas inte:
		for j := i; j >= 0 && ts[j].block == ts[i].block; j-- {
			if ts[j].sentence == ts[i].intro && (d.denies(j) || d.excepts(j)) {
				return j, true
			}
		}
	}
	return 0, false
}

// excepts reports whether token j leaves out what follows it. "Utan även" adds,
// and "utan" after a denial turns it: kan inte genomföras utan uppgifter.
func (d *document) excepts(j int) bool {
	ts := d.tokens
	if !slices.Contains(forward, ts[j].word) {
		return false
	}
	if ts[j].word == "utan" && j > 0 && ts[j-1].sentence == ts[j].sentence && ts[j-1].clause != ts[j].clause {
		return false
	}
	return j+1 >= len(ts) || !slices.Contains([]string{"även", "också", "dessutom", "att", "tvekan"}, ts[j+1].word)
}

// denies reports whether token j is a cue that denies its clause.
func (d *document) denies(j int) bool {
	ts := d.tokens
	if !slices.Contains(cues, ts[j].word) {
		return false
	}
	if ts[j].word == "no" && j+1 < len(ts) && strings.Trim(ts[j+1].word, "0123456789-") == "" {
		return false // No 4
	}
	return j+1 >= len(ts) || !slices.Contains(onlyWords, ts[j+1].word)
}

// passing are verbs of what is done with data afterwards: that data are not
// published says nothing about whether they are fetched.
var passing = []string{
	"publiceras", "redovisas", "spridas", "sprids", "röjas", "röjs", "vidare", "vidarebefordras", "identifieras", "identifiera", "delas", "lagras", "obehöriga", "published", "shared", "identified", "disclosed", "onward",
}

// aside reports whether the clause of token i is about something else than
// fetching data.
func (d *document) aside(i int) bool {
	for j := range d.clauseOf(i) {
		if slices.Contains(passing, d.tokens[j].word) {
			return true
		}
	}
	return false
}

// clauseOf yields the tokens of i's clause, sentenceOf and blockOf those of its
// sentence and block.
func (d *document) clauseOf(i int) func(func(int) bool) {
	return d.around(i, func(t token) int { return t.clause })
}

func (d *document) sentenceOf(i int) func(func(int) bool) {
	return d.around(i, func(t token) int { return t.sentence })
}

func (d *document) blockOf(i int) func(func(int) bool) {
	return d.around(i, func(t token) int { return t.block })
}

func (d *document) around(i int, of func(token) int) func(func(int) bool) {
	from := i
	for from > 0 && of(d.tokens[from-1]) == of(d.tokens[i]) {
		from--
	}
	return func(yield func(int) bool) {
		for j := from; j < len(d.tokens) && of(d.tokens[j]) == of(d.tokens[i]); j++ {
			if !yield(j) {
				return
			}
		}
	}
}
