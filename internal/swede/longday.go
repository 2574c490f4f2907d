package swede

import (
	"strconv"

	"sluss/internal/day"
)

var months = map[bool][12]string{
	true:  {"januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"},
	false: {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

// LongDay writes a day in "sv" (4 december 2026) or, for every other language,
// English (4 December 2026). The space after the day is a no-break space
// (U+00A0).
func LongDay(d day.Day, lang string) string {
	y, m, dd := d.YMD()
	return strconv.Itoa(dd) + "\u00a0" + months[lang == "sv"][m-1] + " " + strconv.Itoa(y)
}
