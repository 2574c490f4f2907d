package store

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var placeholder = regexp.MustCompile(`\$(\d+)|\?`)

// TestPlaceholdersStandInOrder: drivers of SQLite disagree about what $2
// before $1, or $1 twice, means. So every statement of this room names its
// parameters $1, $2, … once each, in the order they stand.
func TestPlaceholdersStandInOrder(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	statements := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		inside := map[ast.Node]bool{}
		ast.Inspect(f, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok || inside[n] {
				return true
			}
			text, ok := sqlText(e, inside)
			if !ok {
				return true
			}
			statements++
			for i, m := range placeholder.FindAllStringSubmatch(text, -1) {
				if m[1] != strconv.Itoa(i+1) {
					t.Errorf("%s: %s stands as parameter %d", fset.Position(n.Pos()), m[0], i+1)
				}
			}
			return true
		})
	}
	if statements < 25 {
		t.Errorf("only %d statements were found", statements)
	}
}

// sqlText puts a concatenation of literals and other things together.
func sqlText(e ast.Expr, inside map[ast.Node]bool) (string, bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		if x.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(x.Value)
		return s, err == nil && (regexp.MustCompile(`(?i)\b(select|insert|update|delete|create)\b`).MatchString(s) || inside[x])
	case *ast.BinaryExpr:
		if x.Op != token.ADD {
			return "", false
		}
		var all string
		found := false
		for _, part := range []ast.Expr{x.X, x.Y} {
			s, ok := sqlText(part, inside)
			if lit, isLit := part.(*ast.BasicLit); isLit && !ok && lit.Kind == token.STRING {
				s, _ = strconv.Unquote(lit.Value)
			}
			all += s
			found = found || ok
			inside[part] = true
		}
		return all, found
	}
	return "", false
}
