package order

import "strings"

// trackingMax bounds the number of a registered letter.
const trackingMax = 40

// TrackingNumber returns the number of a registered letter as everybody must
// write it: capital letters A-Z, digits and hyphens, at most 40 of them, spaces
// left out. "rr 123 456 789 se" is RR123456789SE. A second medium in the same
// letter gets a suffix of its own, as RR123456789SE-2.
//
// Both sides of the wall name a medium by it, and the vault names a file by it,
// so ok is false for everything else.
func TrackingNumber(text string) (number string, ok bool) {
	b := []byte(strings.ReplaceAll(text, " ", ""))
	if len(b) == 0 || len(b) > trackingMax || b[0] == '-' {
		return "", false
	}
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		} else if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return "", false
		}
	}
	return string(b), true
}
