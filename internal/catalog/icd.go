package catalog

// Names of the value sets that list ranges of ICD-10-SE.
const (
	ICDChapters = "icd10_kapitel"
	ICDBlocks   = "icd10_block"
)

// ICD3 returns the category of an ICD-10-SE code: its first three characters.
// ok is false for text that does not begin with a letter and two digits.
func ICD3(code string) (category string, ok bool) {
	if len(code) < 3 || code[0] < 'A' || code[0] > 'Z' || !digit(code[1]) || !digit(code[2]) {
		return "", false
	}
	return code[:3], true
}

// ICDRange returns the range, such as F40-F48, that holds an ICD-10-SE code.
// set is [ICDChapters] or [ICDBlocks]. ok is false where no range holds it.
func (c *Catalogue) ICDRange(set, code string) (rng string, ok bool) {
	cat, ok := ICD3(code)
	if !ok {
		return "", false
	}
	for _, r := range c.ValueSets[set].Codes {
		if r.Code[:3] <= cat && cat <= r.Code[4:] {
			return r.Code, true
		}
	}
	return "", false
}

func digit(b byte) bool { return b >= '0' && b <= '9' }
