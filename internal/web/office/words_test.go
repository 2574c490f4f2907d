package office_test

import (
	"regexp"
	"testing"

	"sluss/internal/showcase"
	"sluss/internal/web/webtest"
)

// TestCausesInWords: what supplements were about is told in words.
func TestCausesInWords(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	for _, path := range []string{"/statistics", "/statistics/internal", "/statistics/internal?from=2020-01-01&to=2026-11-03"} {
		p := c.As(showcase.Handler).Get(path).Is(t, 200)
		if m := regexp.MustCompile(`\b(population|project|ethics|data|principal|invoice)\.[a-z_.]+`).FindString(p.Text()); m != "" {
			t.Errorf("%s shows %s", path, m)
		}
	}
}
