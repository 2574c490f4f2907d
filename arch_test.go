package sluss_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The rooms, from the inside out. A room may import rooms of its own layer and
// of layers before it, as far as the rules below allow.
var layers = []struct {
	name  string
	rooms []string
}{
	{"rules", []string{"day", "canon", "fault", "swede", "catalog", "episode", "population", "pseudonym", "plan", "selection", "clock", "quote", "intake", "review", "queue", "measure", "order", "disclose", "workorder", "access", "turn", "exposure", "risk", "coverage", "layout", "leave", "lix", "wording", "diarium", "ehds", "letter", "notice", "dpia", "drawtest"}},
	{"use cases", []string{"app", "works"}},
	{"adapters", []string{"store", "audit", "blob", "document", "hook", "ledger", "vault", "register", "engine", "parcel", "form", "pull", "signed", "sealed", "config", "layoutfile", "spelltable", "variablelist", "rig", "orderfile", "basket", "wordform", "console", "doctor", "ethicsdoc", "peppol", "mail", "scan", "login", "letterpress", "opencat", "twin", "backup", "vitals", "whole"}},
	{"edges", []string{"web", "api", "sftp", "engineroom", "orderrun", "showcase"}},
	{"programs", []string{"cmd", "bench", "tools"}},
}

// small are the standard packages that rules may use: nothing that reads a
// clock, a file, a network or a random source of its own.
var small = []string{
	"bytes", "cmp", "crypto/hmac", "crypto/sha256", "embed", "encoding/binary", "encoding/hex", "encoding/json", "errors", "fmt", "hash", "io", "io/fs", "iter", "log/slog", "maps", "math", "math/big",
	"math/bits", "math/rand/v2", "reflect", "slices", "sort", "strconv", "strings", "sync", "time", "unicode", "unicode/utf16", "unicode/utf8", "unsafe", "path", "regexp",
}

// vaultRooms hold or handle data about single persons, or open what is sealed
// to the vault; the counter links none of them.
var vaultRooms = []string{"vault", "register", "engine", "episode", "works", "pseudonym", "pull", "ledger", "rig", "layoutfile", "spelltable", "engineroom", "disclose", "form", "risk", "selection"}

func layerOf(pkg string) int {
	room := roomOf(pkg)
	for i, l := range layers {
		if slices.Contains(l.rooms, room) {
			return i
		}
	}
	return -1
}

func roomOf(pkg string) string {
	rest, ok := strings.CutPrefix(pkg, "sluss/internal/")
	if !ok {
		rest = strings.TrimPrefix(pkg, "sluss/")
	}
	room, _, _ := strings.Cut(rest, "/")
	return room
}

func list(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// TestImportDirections keeps imports going one way, and rules pure.
func TestImportDirections(t *testing.T) {
	t.Parallel()
	for _, line := range list(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...") {
		f := strings.Fields(line)
		pkg := f[0]
		if pkg == "sluss" || pkg == "sluss/examples" {
			continue
		}
		from := layerOf(pkg)
		if from < 0 {
			t.Errorf("%s is in no layer: give it a room", pkg)
			continue
		}
		for _, imp := range f[1:] {
			own := strings.HasPrefix(imp, "sluss/")
			if to := layerOf(imp); own && imp != "sluss/examples" && to > from {
				t.Errorf("%s (%s) imports %s (%s)", pkg, layers[from].name, imp, layers[to].name)
			}
			testOnly := strings.HasSuffix(pkg, "test") // suites and oracles
			if layers[from].name == "rules" && !own && !testOnly && !slices.Contains(small, imp) {
				t.Errorf("%s is a rule and imports %s", pkg, imp)
			}
			if layers[from].name == "use cases" && !own && strings.Contains(imp, ".") {
				t.Errorf("%s is a use case and imports the module %s", pkg, imp)
			}
		}
	}
}

var clockOrChance = regexp.MustCompile(`\btime\.(Now|Since|Until|Sleep|After|Tick|NewTimer)\b|\brand\.(Int|N|IntN|Shuffle|Perm|Float64|Uint64)\(`)

// TestRulesKnowNoClock finds rules that read the clock or draw by themselves.
func TestRulesKnowNoClock(t *testing.T) {
	t.Parallel()
	for _, room := range layers[0].rooms {
		files, err := filepath.Glob("internal/" + room + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if m := clockOrChance.FindString(string(b)); m != "" {
				t.Errorf("%s uses %s", f, m)
			}
		}
	}
}

// TestTheWall: the counter's program links no room of the vault, so that no
// code that reads persons' data or opens what is sealed to the vault is in it.
func TestTheWall(t *testing.T) {
	t.Parallel()
	for _, pkg := range list(t, "-deps", "./cmd/sluss") {
		if strings.HasPrefix(pkg, "sluss/internal/") && slices.Contains(vaultRooms, roomOf(pkg)) {
			t.Errorf("cmd/sluss links %s", pkg)
		}
	}
}

// TestEveryRoomIsDescribed compares the layers with docs/architecture.md.
func TestEveryRoomIsDescribed(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range layers[:4] {
		for _, room := range l.rooms {
			if !strings.Contains(string(b), "`"+room+"`") {
				t.Errorf("docs/architecture.md does not describe %s", room)
			}
			if _, err := os.Stat("internal/" + room); err != nil {
				t.Errorf("there is no room %s", room)
			}
		}
	}
}

var promiseTest = regexp.MustCompile("`(TestPromise[0-9]{2}[A-Za-z0-9_]*)`")

// TestPromisesAreGuarded compares docs/promises.md with the tests: every test
// that it names exists, and every promise that is due has one.
func TestPromisesAreGuarded(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("docs/promises.md")
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	err = filepath.WalkDir(".", func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`func (TestPromise[0-9]{2}[A-Za-z0-9_]*)\(`).FindAllSubmatch(src, -1) {
			have[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, m := range promiseTest.FindAllSubmatch(b, -1) {
		named[string(m[1])] = true
		if !have[string(m[1])] {
			t.Errorf("docs/promises.md names %s, which does not exist", m[1])
		}
	}
	for name := range have {
		if !named[name] {
			t.Errorf("docs/promises.md does not name %s", name)
		}
	}
	for _, due := range []string{"01", "02", "03", "04", "09", "10", "13", "14", "15", "16"} {
		if !slices.ContainsFunc(slices.Collect(keys(have)), func(n string) bool { return strings.HasPrefix(n, "TestPromise"+due) }) {
			t.Errorf("promise %s has no test", due)
		}
	}
}

func keys(m map[string]bool) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// TestPropertiesDrawTheSame finds packages whose property tests would draw
// other cases in every run.
func TestPropertiesDrawTheSame(t *testing.T) {
	t.Parallel()
	for _, line := range list(t, "-f", `{{.ImportPath}} {{join .TestImports " "}} {{join .XTestImports " "}}`, "./...") {
		f := strings.Fields(line)
		if slices.Contains(f, "pgregory.net/rapid") && !slices.Contains(f, "sluss/internal/drawtest") {
			t.Errorf("%s imports rapid without sluss/internal/drawtest", f[0])
		}
	}
}
