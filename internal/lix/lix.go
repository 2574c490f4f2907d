// Package lix says how hard a text is to read.
//
// LIX, läsbarhetsindex, is the number of words in a sentence plus the share of
// long words in per cent (C.-H. Björnsson, Läsbarhet, 1968): below 30 is very
// easy, 40 to 50 is the prose of newspapers, above 60 is the prose of
// authorities. A long word has more than six letters.
//
// Our own bounds are 45 for what orderers read and 50 for decisions.
package lix

import (
	"strings"
	"unicode"
)

// Bounds of texts.
const (
	Orderer  = 45
	Decision = 50
)

// Score is what a text measures.
type Score struct {
	Words, Long, Sentences int
}

// LIX is words a sentence plus long words in a hundred; 0 of an empty text.
func (s Score) LIX() float64 {
	if s.Words == 0 {
		return 0
	}
	return s.Average() + 100*float64(s.Long)/float64(s.Words)
}

// Average is words a sentence.
func (s Score) Average() float64 {
	if s.Sentences == 0 {
		return 0
	}
	return float64(s.Words) / float64(s.Sentences)
}

// Add is the score of both texts together.
func (s Score) Add(t Score) Score {
	return Score{s.Words + t.Words, s.Long + t.Long, s.Sentences + t.Sentences}
}

// longerThan is how many letters an ordinary word has at most.
const longerThan = 6

// Of measures a text. A sentence ends with a full stop, question mark,
// exclamation mark or colon that is followed by space, and with the text or
// line; a number is a word, and so are words joined by a hyphen.
func Of(text string) Score {
	var s Score
	for line := range strings.Lines(text) {
		open := false // words since the last end of a sentence
		for _, field := range strings.Fields(line) {
			letters := 0
			for _, r := range field {
				if unicode.IsLetter(r) || unicode.IsDigit(r) {
					letters++
				}
			}
			if letters == 0 {
				continue
			}
			s.Words++
			open = true
			if letters > longerThan {
				s.Long++
			}
			if strings.ContainsAny(field[len(field)-1:], ".?!:") || endsQuoted(field) {
				s.Sentences++
				open = false
			}
		}
		if open {
			s.Sentences++
		}
	}
	return s
}

// endsQuoted reports whether a word ends a sentence inside a quotation mark or
// bracket.
func endsQuoted(field string) bool {
	trimmed := strings.TrimRight(field, `"”’)»`)
	return trimmed != field && trimmed != "" && strings.ContainsAny(trimmed[len(trimmed)-1:], ".?!")
}

// LongSentences returns the sentences of more than n words, in order.
func LongSentences(text string, n int) []string {
	var out []string
	for line := range strings.Lines(text) {
		var sentence []string
		end := func() {
			if len(sentence) > n {
				out = append(out, strings.Join(sentence, " "))
			}
			sentence = nil
		}
		for _, field := range strings.Fields(line) {
			sentence = append(sentence, field)
			if strings.ContainsAny(field[len(field)-1:], ".?!:") || endsQuoted(field) {
				end()
			}
		}
		end()
	}
	return out
}
