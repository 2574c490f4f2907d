package app

import (
	"strconv"
	"strings"
)

// perYear is more than there are cases in a year.
const perYear = 1_000_000_000

// Serial is a case number as a whole number that grows with it: by year, and
// within the year by number, so that FK-2026-100000 comes after
// FK-2026-99999. It is 0 for what is no case number.
func Serial(id string) int64 {
	rest, number, ok := cutLast(id)
	_, year, ok2 := cutLast(rest)
	n, err := strconv.ParseInt(number, 10, 64)
	y, err2 := strconv.ParseInt(year, 10, 64)
	if !ok || !ok2 || err != nil || err2 != nil || n < 0 || n >= perYear || y < 0 || y > 9999 {
		return 0
	}
	return y*perYear + n
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '-')
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+1:], true
}
