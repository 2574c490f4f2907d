package page

import (
	"sluss/internal/catalog"
	"sluss/internal/wordform"
)

// Answer is an answer in an application as its reader says it: a code in the
// words that it was chosen by, anything else as it was written.
func (a *Ask) Answer(field string, answer catalog.Text) string {
	if t, ok := wordform.Answer(a.Catalogue, field, answer.SV); ok {
		return t.In(a.Lang)
	}
	return answer.In(a.Lang)
}
