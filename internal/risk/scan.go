package risk

import (
	"strings"

	"sluss/internal/swede"
)

// Identifier is a kind of text that points a person out by itself.
type Identifier string

// Identifiers that are looked for.
const (
	// PersonalNumber is a personnummer or samordningsnummer, and with it the
	// organisation number of a sole trader, which is the same number.
	PersonalNumber Identifier = "personal_number"
	EMail          Identifier = "e_mail"
	Phone          Identifier = "phone"
)

// Scan is what a search through the cells of text has found: columns and
// counts, nothing of the content.
type Scan struct {
	Cells int64 // searched
	Hits  []Hit // by column and kind
	known map[string]Identifier
}

// Hit is a kind of identifier in a column.
type Hit struct {
	Column string
	Kind   Identifier
	Cells  int64
}

// maxKnown bounds the texts whose outcome is remembered; codes repeat.
const maxKnown = 1 << 14

// look searches one cell.
func (s *Scan) look(column, text string) {
	s.Cells++
	if len(text) < 5 { // the shortest address is a@b.c
		return
	}
	kind, ok := s.known[text]
	if !ok {
		kind = Identify(text)
		if s.known == nil {
			s.known = map[string]Identifier{}
		}
		if len(s.known) < maxKnown {
			s.known[strings.Clone(text)] = kind
		}
	}
	if kind == "" {
		return
	}
	for i := range s.Hits {
		if s.Hits[i].Column == column && s.Hits[i].Kind == kind {
			s.Hits[i].Cells++
			return
		}
	}
	s.Hits = append(s.Hits, Hit{column, kind, 1})
}

// Identify returns the first identifier that a text holds, "" for none. Made-up
// identity numbers, with the deliberately wrong check digit, count as well.
func Identify(text string) Identifier {
	switch {
	case personal(text):
		return PersonalNumber
	case address(text):
		return EMail
	case phone(text):
		return Phone
	}
	return ""
}

func personal(text string) (hit bool) {
	for _, mode := range []swede.Mode{swede.Real, swede.Synthetic} {
		swede.FindIn(text, mode, func(swede.Hit) bool { hit = true; return false })
	}
	return hit
}

// address finds x@y.z, letters or digits on both sides of the sign and a dot
// with something after it.
func address(text string) bool {
	for i := 1; i+3 < len(text); i++ {
		if text[i] != '@' || !wordly(text[i-1]) || !wordly(text[i+1]) {
			continue
		}
		for j := i + 2; j+1 < len(text) && (wordly(text[j]) || text[j] == '.' || text[j] == '-'); j++ {
			if text[j] == '.' && wordly(text[j+1]) {
				return true
			}
		}
	}
	return false
}

func wordly(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' || b >= 0x80
}

// phone finds Swedish numbers as they are written: +46 or 0046 and eight or
// nine digits, a mobile number (07 and eight digits), or an area code of two
// to four digits, a hyphen or slash, and five to eight. Longer runs of digits are
// something else.
func phone(text string) bool {
	for i := range len(text) {
		if i > 0 && (isDigit(text[i-1]) || text[i-1] == '+') {
			continue
		}
		rest := text[i:]
		n, cut := run(rest)
		switch {
		case strings.HasPrefix(rest, "+46") || strings.HasPrefix(rest, "0046"):
			if n >= 10 && n <= 13 {
				return true
			}
		case strings.HasPrefix(rest, "07"):
			if n == 10 {
				return true
			}
		case rest[0] == '0' && cut >= 2 && cut <= 4 && n-cut >= 5 && n-cut <= 8:
			return true
		}
	}
	return false
}

// run counts the digits at the start of text, with single hyphens, slashes,
// spaces and a leading plus between them. cut is the digits before the first
// hyphen or slash, 0 without one.
func run(text string) (n, cut int) {
	for i := range len(text) {
		switch b := text[i]; {
		case isDigit(b):
			n++
		case b == '+' && i == 0:
		case (b == '-' || b == '/' || b == ' ') && i > 0 && isDigit(text[i-1]) && i+1 < len(text) && isDigit(text[i+1]):
			if b != ' ' && cut == 0 {
				cut = n
			}
		default:
			return n, cut
		}
	}
	return n, cut
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
