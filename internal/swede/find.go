package swede

import "sluss/internal/day"

// Hit is a place in a text that reads as an identity number.
type Hit struct {
	Start, End int  // byte positions, half-open
	Alone      bool // no digit stands directly before or after
}

// FindIn calls found for every place in text where ten or twelve digits, with
// or without a sign or a space before the last four, read as a personnummer or
// samordningsnummer with the check digit of mode, until found returns false.
// Places inside longer runs of digits count too (Alone is false then), and
// such places may overlap; a caller who only fears whole numbers looks at
// Alone. No century is resolved: ten digits count if their day exists in any
// of the centuries 18, 19 and 20.
//
// About one in 140 random runs of ten digits reads as a number.
func FindIn[T ~string | ~[]byte](text T, mode Mode, found func(Hit) bool) {
	for i := 0; i+10 <= len(text); i++ {
		if !isDigit(text[i]) {
			continue
		}
		end := 0
		for _, length := range [2]int{12, 10} {
			e, ok := numberAt(text, i, length, mode)
			if !ok {
				continue
			}
			alone := (i == 0 || !isDigit(text[i-1])) && (e == len(text) || !isDigit(text[e]))
			if end == 0 || alone {
				end = e
				if alone {
					break
				}
			}
		}
		if end == 0 {
			continue
		}
		alone := (i == 0 || !isDigit(text[i-1])) && (end == len(text) || !isDigit(text[end]))
		if !found(Hit{i, end, alone}) {
			return
		}
		if alone {
			i = end - 1
		}
	}
}

// Contains reports whether text holds an identity number of either mode that
// no further digit touches.
func Contains[T ~string | ~[]byte](text T) bool {
	for _, mode := range [2]Mode{Real, Synthetic} {
		hit := false
		FindIn(text, mode, func(h Hit) bool {
			hit = h.Alone
			return !hit
		})
		if hit {
			return true
		}
	}
	return false
}

// Mask returns text with a bullet for every digit of it if it looks anything
// like an identity number: six digits or more. It is for names of files and
// columns, which people choose and which end up in messages.
func Mask(text string) string {
	digits := 0
	for i := range len(text) {
		if isDigit(text[i]) {
			digits++
		}
	}
	if digits < 6 {
		return text
	}
	out := make([]rune, 0, len(text))
	for _, r := range text {
		if r >= '0' && r <= '9' {
			r = '•'
		}
		out = append(out, r)
	}
	return string(out)
}

// numberAt reads a number of length digits that starts at text[i] and returns
// where it ends.
func numberAt[T ~string | ~[]byte](text T, i, length int, mode Mode) (end int, ok bool) {
	var n uint64
	j := i
	for k := range length {
		if k == length-4 {
			j += separator(text, j)
		}
		if j >= len(text) || !isDigit(text[j]) {
			return 0, false
		}
		n = n*10 + uint64(text[j]-'0')
		j++
	}
	date := int(n / 10_000)
	mm, dd := date/100%100, date%100
	if dd > 60 {
		dd -= 60
	}
	y := date / 10_000
	if length == 12 {
		if y < 1800 || y >= 2100 || !day.Valid(y, mm, dd) {
			return 0, false
		}
	} else if !day.Valid(2000+y, mm, dd) { // a leap day in 2000 + y is one in 1900 + y too, save for 1900 itself
		return 0, false
	}
	want := checkDigit(n / 10 % 1_000_000_000)
	if mode == Synthetic {
		want = (want + 1) % 10
	}
	return j, n%10 == want
}

// separator returns the length of the sign or space at text[j]: - + space,
// no-break space, or one of the hyphens and dashes U+2010–U+2015 and U+2212.
func separator[T ~string | ~[]byte](text T, j int) int {
	if j >= len(text) {
		return 0
	}
	switch c := text[j]; {
	case c == '-' || c == '+' || c == ' ':
		return 1
	case c == 0xC2 && j+1 < len(text) && text[j+1] == 0xA0:
		return 2
	case c == 0xE2 && j+2 < len(text):
		if text[j+1] == 0x80 && text[j+2] >= 0x90 && text[j+2] <= 0x95 || text[j+1] == 0x88 && text[j+2] == 0x92 {
			return 3
		}
	}
	return 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
