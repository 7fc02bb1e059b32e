// Package arch_test keeps the house in order: it reads the source of every
// package and fails on a breach of the import order, an impure core, an
// undocumented package, a forbidden folder name or a function that does not fit
// on a screen.
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
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const (
	module   = "sofipo"
	maxLines = 80 // of a function, from its func keyword to its closing brace
)

// rooms gives each top folder its floor. A package imports from lower floors and
// from its own room; the yard may import anything, and of the house only cmd
// looks into it.
var rooms = map[string]int{"core": 0, "text": 1, "infra": 1, "bank": 2, "view": 2, "document": 2, "web": 3, "api": 4, "console": 4, "simulation": 4, "cmd": 5,
	"bench": yard, "deploy": yard, "docs": yard, "test": yard, "": yard}

const yard = 6

var (
	forbiddenFolders = words("util utils common service services repository repositories dto dtos model models pkg helper helpers")

	// Standard packages through which context, clock, files, SQL, log, network or
	// chance would enter the core; a folder forbids what is below it, but for the exceptions.
	impureImports    = words("context crypto/rand database/sql io/ioutil log net os plugin syscall testing unsafe")
	pureExceptions   = words("net/mail net/netip net/url")
	impureTime       = words("After AfterFunc Local NewTicker NewTimer Now Since Sleep Tick Until")
	seededRandomness = words("ChaCha8 New NewChaCha8 NewPCG NewSource NewZipf PCG Rand Source Source64 Zipf")
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
		t.Errorf("core/mx was not inspected: the test does not see the house (packages: %v)", packages)
	}
	for _, f := range findings {
		t.Error(f)
	}
}

// source is one parsed file.
type source struct {
	path string // slash-separated, from the root
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
		folders[path.Dir(p)] = append(folders[path.Dir(p)], source{p, file, fset})
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
		if why := importBreach(from, target); why != "" {
			findings = append(findings, s.say(spec, "%s imports %s: %s", folder, target, why))
		}
	}
	if from == "core" {
		findings = append(findings, impureCalls(s)...)
	}
	for _, decl := range s.file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || from == "test" || ast.IsGenerated(s.file) {
			continue
		}
		if n := s.fset.Position(fn.End()).Line - s.fset.Position(fn.Pos()).Line + 1; n > maxLines {
			findings = append(findings, s.say(fn, "function %s has %d lines, at most %d fit on a screen", fn.Name.Name, n, maxLines))
		}
	}
	return findings
}

// importBreach says why a package of the room from must not import target, "" if it may.
func importBreach(from, target string) string {
	inside, ours := strings.CutPrefix(target+"/", module+"/")
	to := room(strings.TrimSuffix(inside, "/"))
	switch {
	case !ours && from == "core":
		return impurity(target)
	case !ours || rooms[from] == yard || from == to:
		return ""
	case rooms[to] == yard && (from != "cmd" || to == "test"):
		return "the house does not import " + cmp.Or(to, "its root")
	case (from == "api" || from == "console") && strings.HasPrefix(inside, "infra/db/"):
		return "a door never touches infra/db"
	case from == "document" && to != "core":
		return "document renders values: of the house it imports only core"
	case rooms[to] != yard && rooms[to] >= rooms[from]:
		return "the order is core < text, infra < bank, view, document < web < api, console, simulation < cmd"
	}
	return ""
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
	lines := func(n int) string { return "func f() {" + strings.Repeat("\n", n-1) + "}" }
	imports := func(p string) string { return `import "` + p + `"` }
	for _, c := range []struct{ file, body, want string }{
		{"core/loan/loan.go", imports("sofipo/core/money") + "\n" + imports("net/url") + "\n" + lines(80), ""},
		{"core/loan/rand.go", imports("math/rand/v2") + "\n" + imports("time") + "\nvar r, d = rand.NewPCG(1, 2), time.Date", ""},
		{"core/loan/x_test.go", imports("os") + "\n" + lines(90), ""},
		{"bank/pay.go", imports("sofipo/infra/db") + "\n" + imports("github.com/google/uuid"), ""},
		{"api/loans.go", imports("sofipo/infra/auth") + "\n" + imports("sofipo/view"), ""},
		{"api/papers.go", imports("sofipo/document"), ""},
		{"document/x.go", imports("sofipo/core/money") + "\n" + imports("codeberg.org/go-pdf/fpdf"), ""},
		{"cmd/sofipo/bench.go", imports("sofipo/bench") + "\n" + imports("sofipo/console"), ""},
		{"test/stack/stack.go", imports("sofipo/bench") + "\n" + lines(200), ""},
		{"core/testdata/util/x.go", imports("os"), ""},
		{"core/x/x.go", imports("sofipo/infra/db"), "the order is"},
		{"infra/db/x.go", imports("sofipo/bank"), "the order is"},
		{"bank/x.go", imports("sofipo/view"), "the order is"},
		{"view/x.go", imports("sofipo/bank"), "the order is"},
		{"view/x.go", imports("sofipo/document"), "the order is"},
		{"document/x.go", imports("sofipo/infra/db"), "only core"},
		{"api/x.go", imports("sofipo/console"), "the order is"},
		{"console/x.go", imports("sofipo/cmd/sofipo"), "the order is"},
		{"console/x.go", imports("sofipo/infra/db"), "never touches infra/db"},
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
		{"core/x/x.go", lines(81), "has 81 lines"},
		{"bank/util/x.go", "", "forbidden folder name util"},
		{"infra/helpers/db/x.go", "", "forbidden folder name helpers"},
		{"misc/x.go", "", "no room misc"},
	} {
		house := fstest.MapFS{c.file: {Data: []byte("// Package x is an example.\npackage x\n" + c.body)}}
		expect(t, house, c.file+" "+c.body, c.want)
	}
	expect(t, fstest.MapFS{"core/x/x.go": {Data: []byte("//go:build linux\npackage x")}}, "no comment", "undocumented package")
	expect(t, fstest.MapFS{"core/x/x.go": {Data: []byte("// Command x.\n\npackage x")}}, "detached", "undocumented package")
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
		t.Errorf("%q: findings %q, want %q", what, findings, want)
	}
}
