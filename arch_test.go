// Package arch_test checks the rules of CONTRIBUTING.md in the source of every package:
// the import order, the purity of core, the separation of the lines of business, package
// comments, folder names, forbidden words, the length and parameters of functions, and
// the size of interfaces.
package arch_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const (
	module     = "sofipo"
	maxLines   = 80 // of a function, from its func keyword to its closing brace
	maxParams  = 5  // of a function, without its receiver
	maxMethods = 3  // of an interface
)

// rooms maps each top folder to its level. A package may import its own folder and
// folders of lower levels. Folders of the level yard may import anything. Folders of other
// levels may not import them, except that cmd may import all of them but test.
var rooms = map[string]int{"core": 0, "text": 1, "infra": 1, "bank": 2, "view": 3, "checks": 4, "document": 4, "web": 5, "api": 6, "console": 6, "simulation": 6, "cmd": 7,
	"bench": yard, "deploy": yard, "docs": yard, "test": yard, "": yard}

const (
	yard  = 8
	order = "the order is core < text, infra < bank < view < checks, document < web < api, console, simulation < cmd"
)

// The packages of core that are not nouns, the lines of business, and the packages that
// all lines share. Each name is the second element of a path: core/lending, bank/lending.
var (
	plain  = words("access civil event fault glyph id lang ledger money mx names rate wire")
	lines  = words("lending deposits")
	shared = words("accounting settlement")
)

// wide are the interfaces that may have more methods.
var wide = words("bank.Command")

var (
	forbiddenFolders = words("util utils common service services repository repositories dto dtos model models pkg helper helpers")

	// Standard packages that give access to context, clock, files, SQL, log, network or
	// randomness, which core must not use. A folder includes its subfolders, except for
	// pureExceptions.
	impureImports    = words("context crypto/rand database/sql io/ioutil log net os plugin syscall testing unsafe")
	pureExceptions   = words("net/mail net/netip net/url")
	impureTime       = words("After AfterFunc Local NewTicker NewTimer Now Since Sleep Tick Until")
	seededRandomness = words("ChaCha8 New NewChaCha8 NewPCG NewSource NewZipf PCG Rand Source Source64 Zipf")

	// Words of the seed's error bodies, which only api may use.
	seedWords = regexp.MustCompile("value_error|type_error")
)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

func TestArchitecture(t *testing.T) {
	findings, packages, err := inspect(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(packages, "core/mx") {
		t.Errorf("got the packages %v, want core/mx among them: the test does not see the repository", packages)
	}
	for _, f := range findings {
		t.Error(f)
	}
}

// source is one parsed file.
type source struct {
	path string // slash-separated, from the root
	text []byte
	file *ast.File
	fset *token.FileSet
}

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s source) say(at ast.Node, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", s.path, s.fset.Position(at.Pos()).Line, fmt.Sprintf(format, args...))
}

// inspect returns the findings about the module in fsys, in order, and the
// folders that hold its packages.
func inspect(fsys fs.FS) (findings, packages []string, err error) {
	folders := map[string][]source{}
	err = fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skipFolder(fsys, p)
		}
		if path.Ext(p) != ".go" {
			return nil
		}
		text, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, p, text, parser.ParseComments)
		folders[path.Dir(p)] = append(folders[path.Dir(p)], source{p, text, file, fset})
		return err
	})
	packages = slices.Sorted(maps.Keys(folders))
	for _, folder := range packages {
		findings = append(findings, checkFolder(folder, folders[folder])...)
		for _, s := range folders[folder] {
			if !s.isTest() {
				findings = append(findings, checkSource(folder, s)...)
			}
		}
	}
	return findings, packages, err
}

// skipFolder leaves out what the go command leaves out: testdata, hidden folders
// and other modules; and installed JavaScript.
func skipFolder(fsys fs.FS, p string) error {
	base := path.Base(p)
	_, err := fs.Stat(fsys, path.Join(p, "go.mod"))
	if p != "." && (err == nil || base == "testdata" || base == "node_modules" || base[0] == '.' || base[0] == '_') {
		return fs.SkipDir
	}
	return nil
}

// checkFolder looks at a package as a whole.
func checkFolder(folder string, sources []source) (findings []string) {
	for name := range strings.SplitSeq(folder, "/") {
		if forbiddenFolders[name] {
			findings = append(findings, fmt.Sprintf("%s: forbidden folder name %s: name it after what it holds", folder, name))
		}
	}
	if _, ok := rooms[room(folder)]; !ok {
		findings = append(findings, fmt.Sprintf("%s: the house has no room %s", folder, room(folder)))
	}
	if !slices.ContainsFunc(sources, func(s source) bool { return s.file.Doc.Text() != "" }) {
		findings = append(findings, fmt.Sprintf("%s: undocumented package: no file has a package comment", folder))
	}
	return findings
}

// room is the top folder of a package, "" for the root.
func room(folder string) string {
	top, _, _ := strings.Cut(folder, "/")
	return strings.TrimPrefix(top, ".")
}

// checkSource looks at one file that is no test.
func checkSource(folder string, s source) (findings []string) {
	from := room(folder)
	for _, spec := range s.file.Imports {
		target, _ := strconv.Unquote(spec.Path.Value)
		if why := importBreach(folder, target); why != "" {
			findings = append(findings, s.say(spec, "%s imports %s: %s", folder, target, why))
		}
	}
	if from == "core" {
		findings = append(findings, impureCalls(s)...)
	}
	if from != "api" && rooms[from] != yard {
		findings = append(findings, forbiddenWords(s)...)
	}
	if from != "test" && !ast.IsGenerated(s.file) {
		findings = append(findings, largeForms(s)...)
	}
	return findings
}

// forbiddenWords finds the words of the seed's error bodies.
func forbiddenWords(s source) (findings []string) {
	for i, line := range strings.Split(string(s.text), "\n") {
		if word := seedWords.FindString(line); word != "" {
			findings = append(findings, fmt.Sprintf("%s:%d: forbidden word %s: only api knows the seed's error bodies", s.path, i+1, word))
		}
	}
	return findings
}

// largeForms finds functions that are too long or take too much, and wide interfaces.
func largeForms(s source) (findings []string) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if length := s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1; length > maxLines {
				findings = append(findings, s.say(n, "function %s has %d lines, at most %d fit on a screen", n.Name.Name, length, maxLines))
			}
			if count := n.Type.Params.NumFields(); count > maxParams {
				findings = append(findings, s.say(n, "function %s has %d parameters, at most %d: give it a struct", n.Name.Name, count, maxParams))
			}
		case *ast.TypeSpec:
			of, ok := n.Type.(*ast.InterfaceType)
			if ok && of.Methods.NumFields() > maxMethods && !wide[s.file.Name.Name+"."+n.Name.Name] {
				findings = append(findings, s.say(n, "interface %s has %d methods, at most %d", n.Name.Name, of.Methods.NumFields(), maxMethods))
			}
		}
		return true
	})
	return findings
}

// importBreach returns why the package of a folder must not import target, or "" if it may.
func importBreach(folder, target string) string {
	from := room(folder)
	inside, ours := strings.CutPrefix(target+"/", module+"/")
	inside = strings.TrimSuffix(inside, "/")
	to := room(inside)
	switch {
	case !ours && from == "core":
		return impurity(target)
	case !ours || rooms[from] == yard:
		return ""
	case from != to && rooms[to] == yard && (from != "cmd" || to == "test"):
		return "the house does not import " + cmp.Or(to, "its root")
	case from != to && rooms[to] != yard && rooms[to] >= rooms[from]:
		return order
	case (from == "web" || from == "api" || from == "console") && strings.HasPrefix(inside+"/", "infra/db/"):
		return "a door never touches infra/db"
	case from == "document" && to != "core" && to != "text" && to != "view" && to != "document":
		return "document shows what view answers: of the house it imports only core, text and view"
	case from == "view" && inside == "bank":
		return "view asks and does not command: of bank it imports only the packages of the nouns, for their tables"
	}
	return nounBreach(folder, inside)
}

// nounBreach returns why the package of a folder must not import target under the rules of
// nouns and lines of business, or "" if it may.
func nounBreach(folder, target string) string {
	from, to := room(folder), room(target)
	own, other := second(folder), second(target)
	switch {
	case target == "core/nouns" && folder != target && (from == "core" || from == "infra"):
		return "the list of nouns is for text, bank, view and what is above them"
	case from == "infra" && to == "core" && !plain[other]:
		return "infra knows no noun of the bank"
	case from == "core" && plain[own] && to == "core" && !plain[other]:
		return "what all nouns build on knows none of them"
	case shared[own] && lines[other]:
		return own + " is shared by all lines of business and imports none"
	case lines[own] && lines[other] && own != other:
		return "lines of business do not know each other"
	}
	return ""
}

// second is the second element of a path, "" if there is none.
func second(folder string) string {
	_, rest, _ := strings.Cut(folder, "/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// impurity says why the core must not import a package from outside the module.
func impurity(target string) string {
	if top, _, _ := strings.Cut(target, "/"); strings.Contains(top, ".") {
		return "core imports only the standard library and core"
	}
	for p := target; p != "."; p = path.Dir(p) {
		if impureImports[p] && !pureExceptions[target] {
			return "core is pure: no context, clock, files, SQL, log, network or chance"
		}
	}
	return ""
}

// impureCalls finds uses of the clock and of the random functions without a seed.
func impureCalls(s source) (findings []string) {
	watched := map[string]string{} // local name -> import path
	for _, spec := range s.file.Imports {
		target, _ := strconv.Unquote(spec.Path.Value)
		if target != "time" && target != "math/rand" && target != "math/rand/v2" {
			continue
		}
		name := path.Base(strings.TrimSuffix(target, "/v2"))
		if spec.Name != nil {
			name = spec.Name.Name
		}
		watched[name] = target
		if name == "." {
			findings = append(findings, s.say(spec, "core is pure: a dot import of %s hides its use", target))
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		if !ok {
			return true
		}
		target := watched[x.Name]
		if target == "time" && impureTime[sel.Sel.Name] || strings.HasPrefix(target, "math/") && !seededRandomness[sel.Sel.Name] {
			findings = append(findings, s.say(sel, "core is pure: %s.%s; take it as an argument", target, sel.Sel.Name))
		}
		return true
	})
	return findings
}

// TestArchitectureSees gives inspect small houses with one fault each: each must
// be reported, once, and the sound ones must not.
func TestArchitectureSees(t *testing.T) {
	long := func(n int) string { return "func f() {" + strings.Repeat("\n", n-1) + "}" }
	imports := func(p string) string { return `import "` + p + `"` }
	for _, c := range []struct{ file, body, want string }{
		{"core/loan/loan.go", imports("sofipo/core/money") + "\n" + imports("net/url") + "\n" + long(80), ""},
		{"core/loan/rand.go", imports("math/rand/v2") + "\n" + imports("time") + "\nvar r, d = rand.NewPCG(1, 2), time.Date", ""},
		{"core/loan/x_test.go", imports("os") + "\n" + long(90), ""},
		{"bank/pay.go", imports("sofipo/infra/db") + "\n" + imports("github.com/google/uuid"), ""},
		{"api/loans.go", imports("sofipo/infra/auth") + "\n" + imports("sofipo/view"), ""},
		{"api/documents.go", imports("sofipo/document") + "\n" + imports("sofipo/web"), ""},
		{"document/x.go", imports("sofipo/core/money") + "\n" + imports("codeberg.org/go-pdf/fpdf") + "\n" + imports("sofipo/view") + "\n" + imports("sofipo/document/layout"), ""},
		{"view/x.go", imports("sofipo/bank/lending") + "\n" + imports("sofipo/infra/db") + "\n" + imports("sofipo/text"), ""},
		{"checks/x.go", imports("sofipo/view") + "\n" + imports("sofipo/bank"), ""},
		{"text/x.go", imports("sofipo/core/nouns"), ""},
		{"core/nouns/x.go", imports("sofipo/core/lending/loan") + "\n" + imports("sofipo/core/client"), ""},
		{"core/lending/x.go", imports("sofipo/core/accounting") + "\n" + imports("sofipo/core/lending/loan"), ""},
		{"core/client/x.go", imports("sofipo/core/fault"), ""},
		{"bank/dayend/x.go", imports("sofipo/bank/lending") + "\n" + imports("sofipo/bank/deposits") + "\n" + imports("sofipo/bank"), ""},
		{"infra/x/x.go", imports("sofipo/core/event") + "\n" + imports("sofipo/core/wire"), ""},
		{"api/seedform/x.go", `const s = "value_error.missing"`, ""},
		{"core/x/x_test.go", `const s = "value_error.missing"`, ""},
		{"core/x/x.go", "func f(a, b, c int, d string, e ...int) {}\ntype t interface{ A(); B(); C() }", ""},
		{"core/x/x.go", "type t interface{ ~int | ~int64 | ~string | ~bool }", ""},
		{"test/x/x.go", "func f(a, b, c, d, e, f int) {}\ntype t interface{ A(); B(); C(); D() }", ""},
		{"bank/x.go", "type t interface{ A(); B(); C(); D() }", "interface t has 4 methods"},
		{"cmd/sofipo/bench.go", imports("sofipo/bench") + "\n" + imports("sofipo/console"), ""},
		{"test/stack/stack.go", imports("sofipo/bench") + "\n" + long(200), ""},
		{"core/testdata/util/x.go", imports("os"), ""},
		{"core/x/x.go", imports("sofipo/infra/db"), "the order is"},
		{"infra/db/x.go", imports("sofipo/bank"), "the order is"},
		{"bank/x.go", imports("sofipo/view"), "the order is"},
		{"bank/lending/x.go", imports("sofipo/view"), "the order is"},
		{"text/x.go", imports("sofipo/infra/db"), "the order is"},
		{"infra/x/x.go", imports("sofipo/text"), "the order is"},
		{"core/x/x.go", imports("sofipo/text"), "the order is"},
		{"view/x.go", imports("sofipo/checks"), "the order is"},
		{"view/x.go", imports("sofipo/document"), "the order is"},
		{"checks/x.go", imports("sofipo/document"), "the order is"},
		{"document/x.go", imports("sofipo/web"), "the order is"},
		{"web/x.go", imports("sofipo/api"), "the order is"},
		{"simulation/x.go", imports("sofipo/api"), "the order is"},
		{"view/x.go", imports("sofipo/bank"), "asks and does not command"},
		{"view/lending/x.go", imports("sofipo/bank"), "asks and does not command"},
		{"document/x.go", imports("sofipo/infra/db"), "only core, text and view"},
		{"document/x.go", imports("sofipo/bank/lending"), "only core, text and view"},
		{"core/lending/risk/x.go", imports("sofipo/core/deposits"), "do not know each other"},
		{"core/deposits/x.go", imports("sofipo/core/lending/loan"), "do not know each other"},
		{"bank/deposits/x.go", imports("sofipo/bank/lending"), "do not know each other"},
		{"bank/lending/x.go", imports("sofipo/core/deposits"), "do not know each other"},
		{"view/deposits/x.go", imports("sofipo/bank/lending"), "do not know each other"},
		{"core/accounting/x.go", imports("sofipo/core/lending/servicing"), "shared by all lines"},
		{"bank/settlement/x.go", imports("sofipo/bank/deposits"), "shared by all lines"},
		{"core/fault/x.go", imports("sofipo/core/client"), "knows none of them"},
		{"core/event/x.go", imports("sofipo/core/lending/loan"), "knows none of them"},
		{"core/access/x.go", imports("sofipo/core/staff"), "knows none of them"},
		{"core/lang/x.go", imports("sofipo/core/accounting"), "knows none of them"},
		{"core/client/x.go", imports("sofipo/core/nouns"), "list of nouns"},
		{"core/fault/x.go", imports("sofipo/core/nouns"), "list of nouns"},
		{"infra/x/x.go", imports("sofipo/core/nouns"), "list of nouns"},
		{"infra/x/x.go", imports("sofipo/core/client"), "knows no noun"},
		{"infra/x/x.go", imports("sofipo/core/lending/loan"), "knows no noun"},
		{"core/x/x.go", `const s = "value_error.missing"`, "forbidden word value_error"},
		{"view/x.go", `// pydantic's type_error.integer`, "forbidden word type_error"},
		{"web/x.go", `const s = "value_error"`, "forbidden word value_error"},
		{"bank/x.go", "func f(a, b, c int, d string, e bool, g ...int) {}", "function f has 6 parameters"},
		{"bank/x.go", "type r int\nfunc (r) f(int, int, int, int, int, int) {}", "function f has 6 parameters"},
		{"infra/x/x.go", "import \"io\"\ntype t interface{ A(); io.Reader; C(); D() }", "interface t has 4 methods"},
		{"api/x.go", imports("sofipo/console"), "the order is"},
		{"console/x.go", imports("sofipo/cmd/sofipo"), "the order is"},
		{"console/x.go", imports("sofipo/infra/db"), "never touches infra/db"},
		{"web/x.go", imports("sofipo/infra/db"), "never touches infra/db"},
		{"api/x/x.go", imports("sofipo/infra/db/migrations"), "never touches infra/db"},
		{"bank/x.go", imports("sofipo/bench"), "does not import bench"},
		{"cmd/sofipo/x.go", imports("sofipo/test/stack"), "does not import test"},
		{"core/x/x.go", imports("github.com/google/uuid"), "only the standard library"},
		{"core/x/x.go", imports("os/exec"), "core is pure"},
		{"core/x/x.go", imports("log/slog"), "core is pure"},
		{"core/x/x.go", imports("net/http"), "core is pure"},
		{"core/x/x.go", imports("database/sql/driver"), "core is pure"},
		{"core/x/x.go", imports("crypto/rand"), "core is pure"},
		{"core/x/x.go", imports("time") + "\nvar now = time.Now()", "time.Now"},
		{"core/x/x.go", "import clock \"time\"\nvar since = clock.Since", "time.Since"},
		{"core/x/x.go", "import . \"time\"\nvar now = Now()", "dot import"},
		{"core/x/x.go", imports("math/rand") + "\nvar n = rand.Intn(6)", "math/rand.Intn"},
		{"core/x/x.go", imports("math/rand/v2") + "\nvar n = rand.N(6)", "math/rand/v2.N"},
		{"core/x/x.go", long(81), "has 81 lines"},
		{"bank/util/x.go", "", "forbidden folder name util"},
		{"infra/helpers/db/x.go", "", "forbidden folder name helpers"},
		{"misc/x.go", "", "no room misc"},
	} {
		house := fstest.MapFS{c.file: {Data: []byte("// Package x is an example.\npackage x\n" + c.body)}}
		expect(t, house, c.file+" "+c.body, c.want)
	}
	expect(t, fstest.MapFS{"core/x/x.go": {Data: []byte("//go:build linux\npackage x")}}, "no comment", "undocumented package")
	expect(t, fstest.MapFS{"core/x/x.go": {Data: []byte("// Command x.\n\npackage x")}}, "detached", "undocumented package")
	command := "// Package bank is an example.\npackage bank\ntype Command interface{ A(); B(); C(); D() }"
	expect(t, fstest.MapFS{"bank/x.go": {Data: []byte(command)}}, command, "")
	expect(t, fstest.MapFS{"lint/go.mod": {}, "lint/x.go": {Data: []byte("package x")}}, "other module", "")
}

// expect inspects a house and wants exactly one finding with the given text, or none if it is "".
func expect(t *testing.T, house fs.FS, what, want string) {
	t.Helper()
	findings, _, err := inspect(house)
	if err != nil {
		t.Errorf("%q: %v", what, err)
	}
	if want == "" && len(findings) > 0 || want != "" && (len(findings) != 1 || !strings.Contains(findings[0], want)) {
		t.Errorf("%q: got the findings %q, want %q", what, findings, want)
	}
}
