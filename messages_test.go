package arch_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// TestFailureMessages: the failure message of a comparison says what was wanted. A message
// about an error that must not be, in an if of err != nil, need not.
func TestFailureMessages(t *testing.T) {
	findings, messages := oneSided(t, os.DirFS("."))
	for _, f := range findings {
		t.Error(f)
	}
	if messages < 2_000 {
		t.Errorf("got %d failure messages in the tests, want at least 2,000", messages)
	}
}

// TestFailureMessagesAreSeen gives oneSided tests with one message each.
func TestFailureMessagesAreSeen(t *testing.T) {
	for body, want := range map[string]int{
		`if got != 1 { t.Errorf("%d", got) }`:                              1,
		`if got != 1 { t.Error(got) }`:                                     1,
		`if got != 1 || err != nil { t.Fatal(got, err) }`:                  1,
		`if !found { t.Error("nothing was found") }`:                       1,
		`if err := f(); err == nil { t.Errorf("%s was taken", name) }`:     1,
		`if got != 1 { t.Errorf("got %d, want 1", got) }`:                  0,
		`if err := f(); err != nil { t.Fatalf("%s: %v", name, err) }`:      0,
		`if check.Err != nil { t.Error(check.Err) }`:                       0,
		`for _, f := range findings { t.Error(f) }`:                        0,
		`if got != 1 { return fmt.Errorf("%d", got) }`:                     0,
		`if got != 1 { if err := f(); err != nil { t.Error("f:", err) } }`: 0,
	} {
		text := "package x\n\nfunc TestX(t *testing.T) {\n" + body + "\n}\n"
		if findings, _ := oneSided(t, fstest.MapFS{"x/x_test.go": {Data: []byte(text)}}); len(findings) != want {
			t.Errorf("%s: got the findings %q, want %d", body, findings, want)
		}
	}
}

// oneSided lists the failure messages of comparisons that do not say what was wanted, and
// counts all failure messages.
func oneSided(t *testing.T, fsys fs.FS) (findings []string, messages int) {
	t.Helper()
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skipFolder(fsys, path)
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(fsys, path)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, text, 0)
		if err != nil {
			return err
		}
		ast.PreorderStack(file, nil, func(n ast.Node, above []ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !reportsFailure(call) {
				return true
			}
			messages++
			if condition := conditionOf(above); condition != nil && !isUnwantedError(condition) && !saysWhatIsWanted(call) {
				findings = append(findings, fmt.Sprintf("%s: the message does not say what was wanted: write got X, want Y", fset.Position(call.Pos())))
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return findings, messages
}

// reportsFailure reports whether the call is t.Error, t.Errorf, t.Fatal or t.Fatalf, of
// whatever has these methods; a method Error without arguments is that of an error.
func reportsFailure(call *ast.CallExpr) bool {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 || !slices.Contains([]string{"Error", "Errorf", "Fatal", "Fatalf"}, method.Sel.Name) {
		return false
	}
	receiver, ok := method.X.(*ast.Ident)
	return !ok || receiver.Name != "fmt" && receiver.Name != "http"
}

// conditionOf returns the condition of the if that the statement is directly in, if it is
// in one.
func conditionOf(above []ast.Node) ast.Expr {
	for i := len(above) - 1; i > 0; i-- {
		if _, block := above[i].(*ast.BlockStmt); block {
			if branch, ok := above[i-1].(*ast.IfStmt); ok && branch.Body == above[i] {
				return branch.Cond
			}
			return nil
		}
	}
	return nil
}

// isUnwantedError reports whether the condition is that an error is not nil.
func isUnwantedError(condition ast.Expr) bool {
	comparison, ok := condition.(*ast.BinaryExpr)
	if !ok || comparison.Op != token.NEQ {
		return false
	}
	name := comparison.X
	if selector, ok := name.(*ast.SelectorExpr); ok {
		name = selector.Sel
	}
	left, ok := name.(*ast.Ident)
	right, isIdent := comparison.Y.(*ast.Ident)
	return ok && isIdent && right.Name == "nil" && strings.HasSuffix(strings.ToLower(left.Name), "err")
}

// saysWhatIsWanted reports whether a text of the message has the word want.
func saysWhatIsWanted(call *ast.CallExpr) bool {
	text, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return false
	}
	message, err := strconv.Unquote(text.Value)
	return err == nil && strings.Contains(message, "want")
}
