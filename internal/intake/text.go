package intake

import (
	"slices"
	"strings"
	"unicode"
)

// A document's text is read as tokens. Each token knows its page, its place in
// the text and the clause, sentence and block it stands in:
//
//   - a clause is what one negation reaches (see [splitClauses]),
//   - a sentence ends at a full stop or with its line in a list,
//   - a block is a paragraph, with the list that it introduces.

// token is one word.
type token struct {
	word     string // lower case
	raw      string // as written
	page     int    // 1 is the first
	at, end  int    // bytes of document.text
	clause   int
	sentence int
	block    int
	comma    bool // a comma or semicolon stands before it
	section  int  // the text under one numbered heading
	heading  bool // it stands in that heading
	intro    int  // sentence that introduces the list it stands in, 0 = none
	hyphen   bool // written with a hyphen after it, as "sjuk-" in "sjuk- och rehabiliteringspenning"
}

// document is a text ready to be searched.
type document struct {
	text   string
	tokens []token
}

// wordsOf returns the words of a short text in lower case.
func wordsOf(s string) []string {
	d := readText([]string{s})
	out := make([]string, len(d.tokens))
	for i, t := range d.tokens {
		out[i] = t.word
	}
	return out
}

// composed writes å, ä, ö and é that came as a letter and a mark as one letter,
// and drops soft hyphens that are not at the end of a line.
var composed = strings.NewReplacer(
	"a\u030a", "å", "A\u030a", "Å", "a\u0308", "ä", "A\u0308", "Ä", "o\u0308", "ö", "O\u0308", "Ö", "e\u0301", "é", "E\u0301", "É",
	"\u00ad\n", "-\n", "\u00ad", "", "\u2010", "-", "\u2011", "-", "\u00a0", " ", "\u202f", " ", "\r\n", "\n", "\r", "\n", "\f", "\n", "ﬁ", "fi", "ﬂ", "fl",
)

// readText reads the pages of a document.
func readText(pages []string) document {
	var b strings.Builder
	var starts []int // where each page begins
	for _, p := range pages {
		starts = append(starts, b.Len())
		b.WriteString(composed.Replace(p))
		b.WriteByte('\n')
	}
	d := document{text: b.String()}
	r := reader{text: d.text, starts: starts}
	r.read()
	d.tokens = splitClauses(expandSuspended(r.tokens))
	return d
}

// longest is how many words a sentence can have: a table without a full stop
// must not make one sentence of a hundred pages.
const longest = 300

// reader cuts a text into tokens, sentences and blocks.
type reader struct {
	text            string
	starts          []int
	tokens          []token
	sentence, block int // count from 1
	section         int // counts the numbered headings
	heading         bool
	began           int // first token of the sentence
	page            int
	comma           bool
	colon           bool // the last paragraph ended with a colon: its list belongs to it
	lead, intro     int  // sentence of that paragraph; of the list that is read
}

func (r *reader) read() {
	lines := strings.SplitAfter(r.text, "\n")
	at, blank := 0, true
	for _, line := range lines {
		for r.page < len(r.starts) && r.starts[r.page] <= at {
			r.page++
			blank = blank || strings.ContainsAny(lastSign(r.text[:at]), ".!?") // a page that ends with its paragraph
		}
		bare := strings.TrimSpace(line)
		switch bullet := isBullet(bare); {
		case bare == "":
			blank = true
		case bullet:
			r.sentence++
			if blank && !r.colon {
				r.block++
			}
			if r.intro = 0; r.colon {
				r.intro = r.lead
			}
			r.line(line, at)
			blank = false
		default:
			heading := isHeading(bare)
			if blank || heading {
				r.block++
				r.sentence++
				r.colon, r.intro = false, 0
			}
			if heading {
				r.section++
			}
			r.heading = heading
			r.line(line, at)
			r.heading = false
			if strings.HasSuffix(bare, ":") {
				r.colon, r.lead = true, r.sentence
			}
			if blank = false; heading { // it names its section, and is no part of a sentence
				r.sentence++
			}
		}
		at += len(line)
	}
}

// lastSign returns the last byte before any white space at the end.
func lastSign(s string) string {
	s = strings.TrimRight(s, " \t\n")
	return s[max(0, len(s)-1):]
}

func isBullet(line string) bool {
	for _, b := range []string{"- ", "– ", "— ", "• ", "· ", "* ", "o ", "▪ ", "● "} {
		if strings.HasPrefix(line, b) {
			return true
		}
	}
	return false
}

// isHeading reports whether a line is a numbered heading such as "4.2 Data":
// short, begun by a number, without a full stop at its end.
func isHeading(line string) bool {
	number, rest, ok := strings.Cut(line, " ")
	if !ok || len(line) > 80 || number == "" || strings.Trim(number, "0123456789.") != "" || strings.HasSuffix(line, ".") {
		return false
	}
	for part := range strings.SplitSeq(strings.Trim(number, "."), ".") {
		if part == "" || len(part) > 2 { // 2019 is a year
			return false
		}
	}
	rest = strings.TrimSpace(rest)
	return rest != "" && unicode.IsUpper([]rune(rest)[0]) && strings.Count(rest, " ") < 8
}

// abbreviations end with a full stop that does not end a sentence.
var abbreviations = []string{"t.ex", "bl.a", "d.v.s", "dvs", "kap", "nr", "ca", "dnr", "resp", "m.m", "s.k", "fr.o.m", "t.o.m", "from", "tom", "exkl", "inkl", "ev", "f.d", "osv", "prof", "e.g", "i.e", "no", "bil", "st", "s", "p", "jfr", "dr"}

// line reads the words of one line; a word divided at its end goes on in the
// next.
func (r *reader) line(line string, base int) {
	i := 0
	for i < len(line) {
		c, size := decode(line[i:])
		if !wordRune(c) {
			r.mark(line, i, c)
			i += size
			continue
		}
		j := i
		for j < len(line) {
			c, size := decode(line[j:])
			inner := (c == '-' || c == '.' || c == '/' || c == '\'') && j+size < len(line) && followsInside(line[j+size:], c)
			if !wordRune(c) && !inner {
				break
			}
			j += size
		}
		r.word(line[i:j], base+i, base+j, strings.HasPrefix(line[j:], "-") && (j+1 >= len(line) || !wordByte(line[j+1])))
		i = j
	}
}

// followsInside reports whether a sign stands inside a word or number: a
// hyphen between letters (F-kassan), a full stop in an abbreviation (t.ex).
func followsInside(rest string, sign rune) bool {
	c, size := decode(rest)
	if !wordRune(c) {
		return false
	}
	if sign == '.' { // t.ex, 2.1: single letters or digits only
		next, _ := decode(rest[size:])
		return unicode.IsDigit(c) || !wordRune(next) || next == '.'
	}
	return sign != '/'
}

func (r *reader) mark(line string, i int, c rune) {
	switch c {
	case ',', ';':
		r.comma = true
	case '.', '!', '?':
		rest := strings.TrimLeft(line[i+1:], ")]\"”’")
		if n := len(r.tokens); n > 0 && c == '.' && slices.Contains(abbreviations, r.tokens[n-1].word) && strings.TrimSpace(rest) != "" {
			return
		}
		if rest == "" || rest[0] == ' ' || rest[0] == '\n' || rest[0] == '\t' {
			r.sentence++
		}
	}
}

// word takes in a word, or the rest of one that was divided over a line end.
func (r *reader) word(raw string, at, end int, hyphen bool) {
	if n := len(r.tokens); n > 0 && r.tokens[n-1].hyphen && r.divided(at) && unicode.IsLower([]rune(raw)[0]) && !slices.Contains([]string{"och", "eller", "samt", "respektive", "and", "or"}, raw) {
		t := &r.tokens[n-1]
		t.word, t.raw, t.end, t.hyphen = t.word+strings.ToLower(raw), t.raw+raw, end, hyphen
		return
	}
	if n := len(r.tokens); n-r.began > longest && r.tokens[n-1].sentence == r.sentence {
		r.sentence++
	} else if n > 0 && r.tokens[n-1].sentence != r.sentence {
		r.began = n
	}
	r.tokens = append(r.tokens, token{word: strings.ToLower(raw), raw: raw, page: r.page, at: at, end: end, sentence: r.sentence, block: r.block, comma: r.comma, intro: r.intro, section: r.section, heading: r.heading, hyphen: hyphen})
	r.comma = false
}

// divided reports whether only a hyphen and a line end stand between the last
// token and the byte at.
func (r *reader) divided(at int) bool {
	between := r.text[r.tokens[len(r.tokens)-1].end:at]
	return strings.Contains(between, "\n") && strings.TrimSpace(between) == "-"
}

// tails are the ends that two words joined by "och" share: sjuk- och
// rehabiliteringspenning.
var tails = []string{"penning", "ersättning", "bidrag", "stöd"}

// expandSuspended writes out words that leave their end to the next: sjuk- och
// aktivitetsersättning is read as sjukersättning och aktivitetsersättning.
func expandSuspended(ts []token) []token {
	for i := range ts {
		if !ts[i].hyphen {
			continue
		}
		for j := i + 1; j < len(ts) && j <= i+3; j++ {
			for _, tail := range tails {
				if k := strings.Index(ts[j].word, tail); k > 0 && ts[j].sentence == ts[i].sentence {
					ts[i].word += tail
					ts[i].hyphen = false
					break
				}
			}
			if !ts[i].hyphen {
				break
			}
		}
	}
	return ts
}

func decode(s string) (rune, int) {
	for _, c := range s {
		return c, len(string(c))
	}
	return 0, 1
}

func wordRune(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// quote returns the sentence around token i, at most 200 characters, cut at
// words around the token.
func (d *document) quote(i int) string {
	from, to := i, i
	for from > 0 && d.tokens[from-1].sentence == d.tokens[i].sentence {
		from--
	}
	for to+1 < len(d.tokens) && d.tokens[to+1].sentence == d.tokens[i].sentence {
		to++
	}
	text := func() string { return flat(d.text[d.tokens[from].at:d.tokens[to].end]) }
	for len([]rune(text())) > maxQuote-2 && from < to { // room for the marks that something is left out
		if i-from > to-i {
			from++
		} else {
			to--
		}
	}
	q := []rune(text())
	return string(q[:min(len(q), maxQuote)])
}

// maxQuote is the longest quote in characters.
const maxQuote = 200

// flat joins divided words and lines.
func flat(s string) string {
	s = strings.Join(strings.Fields(strings.ReplaceAll(s, "-\n", "\u00ad")), " ")
	return strings.ReplaceAll(s, "\u00ad", "")
}
