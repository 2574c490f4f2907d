//go:build unix

package login_test

import "testing"

// FuzzVisitor: no value of a cookie that has not been given out is a visit, and
// none makes an error of ours.
func FuzzVisitor(f *testing.F) {
	w := newWorld(f)
	f.Add("")
	f.Add("AAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("x' OR 1=1 --")
	f.Add("\x00\xff")
	f.Fuzz(func(t *testing.T, secret string) {
		if v, err := w.Visits().Visitor(t.Context(), secret); err == nil && v.Person.ID != "" {
			t.Errorf("%q is a visit", secret)
		}
	})
}
