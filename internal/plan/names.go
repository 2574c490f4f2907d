package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"sluss/internal/catalog"
)

// Words that no column can be called.
var (
	stataWords = strings.Fields("_all _b byte _coef _cons double float if in int long _n _N _pi _pred _rc _skip strL using with")
	spssWords  = strings.Fields("all and by eq ge gt le lt ne not or to with")
)

// HoldsName reports whether a file of the format can have a column of that
// name: any in CSV and Parquet; a letter and then letters, digits and
// underscores in the others, at most 32 characters in Stata and, without å, ä
// and ö, in SAS transport, at most 64 bytes in SPSS, and no word that the
// program keeps for itself.
//
// Sources: Stata, User's Guide 11.3; IBM SPSS Statistics, Variable names; SAS
// Language Reference, Rules for SAS names.
func HoldsName(format, name string) bool {
	switch format {
	case "dta":
		n, err := strconv.Atoi(strings.TrimPrefix(name, "str"))
		typeName := strings.HasPrefix(name, "str") && err == nil && n >= 0
		return isIdentifier(name) && utf8.RuneCountInString(name) <= 32 && !slices.Contains(stataWords, name) && !typeName
	case "sav", "zsav":
		return isIdentifier(name) && name[0] != '_' && name[len(name)-1] != '_' && len(name) <= 64 && !slices.Contains(spssWords, strings.ToLower(name))
	case "xpt":
		return isIdentifier(name) && len(name) <= 32 && !strings.ContainsFunc(name, func(r rune) bool { return r > 127 })
	}
	return true
}

// nameRules are what [HoldsName] asks for, by format.
var nameRules = map[string]catalog.Text{
	"dta": {
		SV: "högst 32 bokstäver, siffror och _, inte en siffra först, och inget ord som Stata har för sig",
		EN: "at most 32 letters, digits and _, no digit first, and no word that Stata keeps for itself",
	},
	"sav":  spssRule,
	"zsav": spssRule,
	"xpt": {
		SV: "högst 32 bokstäver a–z, siffror och _, inte en siffra först",
		EN: "at most 32 letters a–z, digits and _, no digit first",
	},
}

var spssRule = catalog.Text{
	SV: "högst 64 byte av bokstäver, siffror och _, inte en siffra eller _ först, inte _ sist, och inget ord som SPSS har för sig",
	EN: "at most 64 bytes of letters, digits and _, no digit and no _ first, no _ last, and no word that SPSS keeps for itself",
}

func isIdentifier(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != "" && utf8.ValidString(s)
}

// ShortNames returns the names of columns in a SAS transport file, in order:
// the name itself in capitals where it has at most eight characters, else five
// of them, an underscore and two digits in base 36 that count such names. A
// short name that looks like one of those, or has capitals of its own, is
// treated as a long one, so that every short name leads back to one column.
func ShortNames(names []string) []string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	out := make([]string, len(names))
	n := 0
	for i, name := range names {
		out[i] = strings.ToUpper(name)
		if Shortened(name) {
			n++
			out[i] = fmt.Sprintf("%.5s_%c%c", out[i]+"____", digits[n/36%36], digits[n%36])
		}
	}
	return out
}

// Shortened reports whether a column of that name has another one in a SAS
// transport file.
func Shortened(name string) bool {
	return len(name) > 8 || len(name) == 8 && name[5] == '_' || name != strings.ToLower(name)
}
