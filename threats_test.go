package sluss_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	threatRow  = regexp.MustCompile(`(?m)^\| ([0-9]+) \|.*\|$`)
	threatTest = regexp.MustCompile("([a-z/]+): `(Test[A-Za-z0-9_]+)`")
	testFunc   = regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9_]+)\(`)
)

// threats is how many rows the table has.
const threats = 28

// TestThreatsAreTested compares docs/threats.md with the tests: every row has a
// test with its number, every test that is named is in the room that is named,
// and every numbered test stands in the table.
func TestThreatsAreTested(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("docs/threats.md")
	if err != nil {
		t.Fatal(err)
	}
	have := map[string][]string{} // test -> folders
	err = filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		for _, m := range testFunc.FindAllSubmatch(src, -1) {
			have[string(m[1])] = append(have[string(m[1])], filepath.Dir(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named, rows := map[string]bool{}, 0
	for _, row := range threatRow.FindAllSubmatch(b, -1) {
		n, _ := strconv.Atoi(string(row[1]))
		if rows++; n != rows {
			t.Errorf("row %d has the number %d", rows, n)
		}
		own := false
		for _, m := range threatTest.FindAllSubmatch(row[0], -1) {
			room, name := string(m[1]), string(m[2])
			named[name] = true
			own = own || strings.HasPrefix(name, "TestThreat"+pad(n))
			if !slices.ContainsFunc(have[name], func(dir string) bool {
				return room == "root" && dir == "." || strings.HasSuffix(dir, "/"+room) || dir == room
			}) {
				t.Errorf("threat %d: %s has no test %s", n, room, name)
			}
		}
		if !own {
			t.Errorf("threat %d has no test of its own", n)
		}
	}
	if rows != threats {
		t.Errorf("%d rows, want %d", rows, threats)
	}
	for name := range have {
		if regexp.MustCompile(`^TestThreat[0-9]{2}`).MatchString(name) && !named[name] {
			t.Errorf("docs/threats.md does not name %s", name)
		}
	}
}

func pad(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// TestThreat04NobodyOpensTheKeyFile: what lies under a key of its own in the
// vault, löpnummer and populations among it, is opened by the use cases in
// works and by nothing else; no command has a way to it.
func TestThreat04NobodyOpensTheKeyFile(t *testing.T) {
	t.Parallel()
	opens := regexp.MustCompile(`\bworks\.Object(Domain|Intake|Population)\b|[vV]ault\.Get\(`)
	seen := false
	for _, dir := range []string{"cmd", "internal"} {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			src, err := os.ReadFile(path)
			inside := slices.Contains([]string{"internal/works", "internal/vault"}, filepath.ToSlash(filepath.Dir(path))) // the vault's own room says which kinds there are
			if m := opens.Find(src); m != nil && !inside {
				t.Errorf("%s has %s", path, m)
			} else if m != nil {
				seen = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !seen {
		t.Error("the test does not find the use cases that open objects")
	}
}

// TestThreat25ModulesArePinned: every module that is required has its hash in
// go.sum, none is replaced by another, and what is handed out is built without
// the paths of the machine.
func TestThreat25ModulesArePinned(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	mod, sum, mk := read("go.mod"), read("go.sum"), read("Makefile")
	if regexp.MustCompile(`(?m)^\s*replace\b|=>`).MatchString(mod) {
		t.Error("go.mod replaces a module")
	}
	required := regexp.MustCompile(`(?m)^\s*(?:require )?([a-z0-9.-]+\.[a-z]+/\S+|[a-z]+\.[a-z.]+/\S+) (v\S+)`).FindAllStringSubmatch(mod, -1)
	if len(required) < 20 {
		t.Fatalf("only %d modules found in go.mod", len(required))
	}
	for _, m := range required {
		if !strings.Contains(sum, m[1]+" "+m[2]+" h1:") && !strings.Contains(sum, m[1]+" "+m[2]+"/go.mod h1:") {
			t.Errorf("%s %s has no hash", m[1], m[2])
		}
	}
	for line := range strings.Lines(mk) {
		if strings.Contains(line, "build") && strings.Contains(line, " -o ") && strings.Contains(line, "$(GO)") && !strings.Contains(line, "-trimpath") {
			t.Errorf("built with paths of the machine: %s", line)
		}
	}
}
