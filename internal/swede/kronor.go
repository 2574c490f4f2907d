package swede

import "strconv"

// Ore is an amount of money in öre, hundredths of a krona.
type Ore int64

// Kronor returns n kronor.
func Kronor(n int64) Ore { return Ore(n * 100) }

// Text writes the amount in "sv" ("20 400 kr", "−20 400,50 kr") or, for every
// other language, English ("SEK 20,400", "−SEK 20,400.50"). Öre are left out
// when they are zero. Spaces are no-break spaces (U+00A0), so that an amount
// never breaks across lines, and minus is U+2212.
func (o Ore) Text(lang string) string {
	group, point := ",", "."
	if lang == "sv" {
		group, point = "\u00a0", ","
	}
	sign, u := "", uint64(o)
	if o < 0 {
		sign, u = "\u2212", -u
	}
	text := grouped(u/100, group)
	if rest := u % 100; rest != 0 {
		text += point + string([]byte{byte('0' + rest/10), byte('0' + rest%10)})
	}
	if lang == "sv" {
		return sign + text + "\u00a0kr"
	}
	return sign + "SEK\u00a0" + text
}

// Count writes a whole number with the thousands grouped as in [Ore.Text].
func Count(n int, lang string) string {
	group := ","
	if lang == "sv" {
		group = "\u00a0"
	}
	if n < 0 {
		return "\u2212" + grouped(-uint64(n), group)
	}
	return grouped(uint64(n), group)
}

func grouped(n uint64, group string) string {
	digits := strconv.FormatUint(n, 10)
	head := len(digits) % 3
	out := digits[:head]
	for i := head; i < len(digits); i += 3 {
		if out != "" {
			out += group
		}
		out += digits[i : i+3]
	}
	return out
}
