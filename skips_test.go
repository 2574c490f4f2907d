package sluss_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A test that waits for something `make verify` or `make spark` starts is
// skipped by `make test`, and .ci/run fails on a skip that .ci/skips does not
// name. Here that is found at once, and so is a name that no test has.
func TestSkipsAreListed(t *testing.T) {
	t.Parallel()
	listed := listedSkips(t)
	skips := testsThatSkip(t)
	for test, reason := range skips {
		if strings.Contains(reason, "make ") && !slices.Contains(listed, test) {
			t.Errorf("%s is skipped without make verify (%q): give it a line and a reason in .ci/skips", test, reason)
		}
	}
	for _, test := range listed {
		if _, ok := skips[test]; !ok {
			t.Errorf(".ci/skips names %s, and no such test skips", test)
		}
	}
}

func listedSkips(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(".ci/skips")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			names = append(names, line)
		}
	}
	return names
}

// testsThatSkip gives every test that may call t.Skip, by itself or through
// helpers of its own package, and the reasons it may give.
func testsThatSkip(t *testing.T) map[string]string {
	t.Helper()
	skips := map[string]string{}
	packages := map[string][]*ast.FuncDecl{}
	files := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "build"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				packages[filepath.Dir(path)] = append(packages[filepath.Dir(path)], f)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, functions := range packages {
		reasons := map[string]string{}
		for changed := true; changed; {
			changed = false
			for _, f := range functions {
				if reason := skipReason(f, reasons); reason != reasons[f.Name.Name] {
					reasons[f.Name.Name] = reason
					changed = true
				}
			}
		}
		for name, reason := range reasons {
			if strings.HasPrefix(name, "Test") && name != "TestMain" {
				skips[name] = reason
			}
		}
	}
	return skips
}

// skipReason is the text of every call of t.Skip in a function, after that of
// the functions of its package that it calls.
func skipReason(f *ast.FuncDecl, of map[string]string) string {
	var reasons []string
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch fun := call.Fun.(type) {
		case *ast.Ident:
			if reason := of[fun.Name]; reason != "" && fun.Name != f.Name.Name {
				reasons = append(reasons, reason)
			}
		case *ast.SelectorExpr:
			if on, ok := fun.X.(*ast.Ident); !ok || on.Name != "t" || !strings.HasPrefix(fun.Sel.Name, "Skip") {
				return true
			}
			reason := "no reason"
			ast.Inspect(call, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					reason = lit.Value
				}
				return true
			})
			reasons = append(reasons, reason)
		}
		return true
	})
	slices.Sort(reasons)
	return strings.Join(slices.Compact(reasons), "; ")
}
