package disclose

import (
	"strconv"
	"strings"

	"sluss/internal/day"
)

// The readers of this file take a cell apart from its text or its typed value,
// whichever the file has. They accept one spelling only.

// whole reads a whole number.
func whole(c Cell) (int64, bool) {
	switch c.Kind {
	case Number:
		return c.N, c.Scale == 0
	case Text:
		n, err := strconv.ParseInt(c.Text, 10, 64)
		return n, err == nil && strconv.FormatInt(n, 10) == c.Text
	}
	return 0, false
}

// decimal reads a number with at most scale decimals as a multiple of the
// smallest: 22.5 with three is 22500. Trailing zeros are not written.
func decimal(c Cell, scale uint8, sign byte) (int64, bool) {
	switch c.Kind {
	case Number:
		if c.Scale > scale {
			return 0, false
		}
		return times10(c.N, scale-c.Scale)
	case Text:
		head, rest, found := strings.Cut(c.Text, string(rune(sign)))
		if found && (rest == "" || len(rest) > int(scale) || rest[len(rest)-1] == '0') {
			return 0, false
		}
		digits := strings.TrimPrefix(head, "-")
		if digits == "" || len(digits) > 1 && digits[0] == '0' || len(digits) > 12 || !allDigits(digits) || !allDigits(rest) {
			return 0, false
		}
		n, err := strconv.ParseInt(head+rest, 10, 64)
		if err != nil {
			return 0, false
		}
		return times10(n, scale-uint8(len(rest)))
	}
	return 0, false
}

func times10(n int64, by uint8) (int64, bool) {
	for range by {
		if n > 1<<59 || n < -(1<<59) {
			return 0, false
		}
		n *= 10
	}
	return n, true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// span reads a date or a period of the given level ("" = a day) as the days it
// stands for. ok is false for anything else, so a date where a month is due is
// not a month.
func span(c Cell, level string, compact bool) (day.Span, bool) {
	switch level {
	case "", "day":
		return oneDay(c, compact)
	case "week":
		return week(c)
	case "month":
		y, m, ok := yearAnd(c, "-", 12)
		if !ok {
			return day.Span{}, false
		}
		return months(y, m-1, 1), true
	case "quarter":
		y, q, ok := yearAnd(c, "-Q", 4)
		if !ok {
			return day.Span{}, false
		}
		return months(y, 3*(q-1), 3), true
	case "year":
		n, ok := whole(c)
		if !ok || n < 1000 || n > 9999 {
			return day.Span{}, false
		}
		return months(int(n), 0, 12), true
	}
	return day.Span{}, false
}

// week reads 2024-W05, a week of ISO 8601: Monday to Sunday, of the year in
// which its Thursday lies.
func week(c Cell) (day.Span, bool) {
	if len(c.Text) != len("2024-W05") {
		return day.Span{}, false
	}
	y, n, ok := yearAnd(c, "-W", 53)
	if !ok {
		return day.Span{}, false
	}
	fourth := day.Of(y, 1, 4)                                // in the first week of its year
	monday := fourth - ((fourth+3)%7+7)%7 + day.Day(7*(n-1)) // day −3 was a Monday
	return day.Span{From: monday, To: monday + 7}, (monday + 3).Year() == y
}

func oneDay(c Cell, compact bool) (day.Span, bool) {
	switch c.Kind {
	case Date:
		d := day.Day(c.N)
		return day.Span{From: d, To: d + 1}, c.N >= int64(day.Min) && c.N <= int64(day.Max)
	case Text:
		text := c.Text
		if compact {
			if len(text) != 8 {
				return day.Span{}, false
			}
			text = text[:4] + "-" + text[4:6] + "-" + text[6:]
		}
		d, err := day.Parse(text)
		return day.Span{From: d, To: d + 1}, err == nil
	}
	return day.Span{}, false
}

// yearAnd reads 2024-01 or 2024-Q1: a year, a mark, a number of 1 to most.
func yearAnd(c Cell, mark string, most int) (y, n int, ok bool) {
	head, rest, found := strings.Cut(c.Text, mark)
	width := 1
	if most > 9 {
		width = 2
	}
	if c.Kind != Text || !found || len(head) != 4 || len(rest) != width || !allDigits(head) || !allDigits(rest) {
		return 0, 0, false
	}
	y, _ = strconv.Atoi(head)
	n, _ = strconv.Atoi(rest)
	return y, n, n >= 1 && n <= most
}

func months(year, first, n int) day.Span {
	m := year*12 + first
	return day.Span{From: day.FirstOfMonth(m), To: day.FirstOfMonth(m + n)}
}

// icd3 reports whether a text is a category of ICD-10: a letter, two digits.
func icd3(s string) bool {
	return len(s) == 3 && s[0] >= 'A' && s[0] <= 'Z' && allDigits(s[1:])
}

// ageBand reports whether a cell is an age of steps of width years: the first
// age, or a range such as 35-39.
func ageBand(c Cell, width int64) bool {
	if n, ok := whole(c); ok {
		return n >= 0 && n%width == 0
	}
	if c.Kind != Text {
		return false
	}
	if top, ok := strings.CutSuffix(c.Text, "+"); ok { // the open band at the end
		n, ok := whole(Cell{Kind: Text, Text: top})
		return ok && n >= 0 && n%width == 0
	}
	low, high, _ := strings.Cut(c.Text, "-")
	a, ok := whole(Cell{Kind: Text, Text: low})
	b, ok2 := whole(Cell{Kind: Text, Text: high})
	return ok && ok2 && a >= 0 && a%width == 0 && b == a+width-1
}
