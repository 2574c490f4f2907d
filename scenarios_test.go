package sluss

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// elsewhere are the scenarios of docs/adr/0010: of other products, or with the
// pages.
var elsewhere = map[int]bool{16: true, 19: true, 21: true, 31: true, 35: true}

// TestScenariosAreNamed: each of the 36 scenarios that a system for
// applications must survive has a test that carries its number, or a line in
// the record that says why not.
func TestScenariosAreNamed(t *testing.T) {
	t.Parallel()
	found := map[int][]string{}
	named := regexp.MustCompile(`(?m)^func (TestScenario(\d\d)\w+)\(`)
	err := filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range named.FindAllSubmatch(source, -1) {
			var n int
			if _, err := fmt.Sscan(strings.TrimLeft(string(m[2]), "0"), &n); err != nil {
				return err
			}
			found[n] = append(found[n], string(m[1]))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	record, err := os.ReadFile("docs/adr/0010-scenarios-of-other-products.md")
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 36; n++ {
		line := strings.Contains(string(record), fmt.Sprintf("\n| %d |", n))
		switch {
		case elsewhere[n] && (len(found[n]) > 0 || !line):
			t.Errorf("scenario %d: tests %v, in the record %v", n, found[n], line)
		case !elsewhere[n] && len(found[n]) == 0:
			t.Errorf("scenario %d has no test", n)
		}
		delete(found, n)
	}
	for n, tests := range found {
		t.Errorf("%v: there is no scenario %d", tests, n)
	}
}
