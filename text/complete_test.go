package text

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"sofipo/core/lang"
	"sofipo/core/nouns"
)

// notShown has the types of constants that need no text, with the reason.
var notShown = map[string]string{
	"core/client.ClaimKind": "the refusal of a claim has a text",
	"core/fault.Class":      "the API maps it to a status",
	"core/ledger.Account":   "the chart of accounts has the names",
	"core/money.Amount":     "a number",
	"core/rate.Annual":      "a number",
	"core/mx.CURP":          "an identifier",
	"core/mx.Code":          "the rules of core/client replace it",
	"core/mx.RFC":           "an identifier",
	"core/mx.Tier":          "a setting",
}

// TestEveryConstantHasItsTexts reads the source: each code, rule, state, kind,
// choice, role and permission of the core has a text in both languages, and each
// refusal gives what its text names.
func TestEveryConstantHasItsTexts(t *testing.T) {
	declared := map[string]lang.Text{}
	note := func(key any, text lang.Text) {
		k := reflect.TypeOf(key)
		value := reflect.ValueOf(key)
		spelled := value.String()
		if value.CanInt() {
			spelled = strconv.FormatInt(value.Int(), 10)
		}
		declared[strings.TrimPrefix(k.PkgPath(), module+"/")+"."+k.Name()+" "+spelled] = text
	}
	for _, n := range nouns.All {
		for key, text := range n.Texts {
			note(key, text)
		}
		for _, d := range n.Faults {
			note(d.Code, d.Text)
		}
		for _, p := range n.Permissions {
			note(p.Permission, p.Text)
		}
	}
	findings, constants, refusals, err := complete(os.DirFS(".."), declared, notShown)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Error(f)
	}
	if constants < 250 || refusals < 80 {
		t.Errorf("got %d constants and %d refusals, want 250 and 80 or more: the test does not see the source", constants, refusals)
	}
}

const (
	module = "sofipo"
	codes  = "core/fault.Code"
	rules  = "core/fault.Rule"
)

// constant is a typed constant of the core.
type constant struct{ name, kind, value string }

// source is the parsed source of the module.
type source struct {
	fset      *token.FileSet
	files     map[string][]*ast.File // by folder
	types     map[string]string      // exported type of core -> the type that it is an alias for, or ""
	constants map[string]constant    // by folder and name
}

// complete returns the missing texts and parameters, and the number of constants and
// refusals that it checked.
func complete(fsys fs.FS, declared map[string]lang.Text, notShown map[string]string) (findings []string, constants, refusals int, err error) {
	s := &source{token.NewFileSet(), map[string][]*ast.File{}, map[string]string{}, map[string]constant{}}
	if err = s.read(fsys); err != nil {
		return nil, 0, 0, err
	}
	s.find((*source).findTypes)
	s.find((*source).findConstants)
	for kind := range notShown {
		if _, found := s.types[kind]; !found {
			findings = append(findings, "there is no type "+kind+": take it out of the list of those that need no text")
		}
	}
	for _, at := range slices.Sorted(maps.Keys(s.constants)) {
		c := s.constants[at]
		if notShown[c.kind] != "" {
			continue
		}
		constants++
		text, found := declared[c.kind+" "+c.value]
		if !found {
			findings = append(findings, c.name+" has no text")
			continue
		}
		findings = append(findings, faultsOfText(c.name, text)...)
	}
	for folder, files := range s.files {
		for _, file := range files {
			f := &refusalFinder{source: s, folder: folder, file: file, declared: declared, done: map[ast.Node]bool{}}
			f.find()
			findings, refusals = append(findings, f.findings...), refusals+f.seen
		}
	}
	slices.Sort(findings)
	return findings, constants, refusals, nil
}

// read parses all Go files except tests and test data.
func (s *source) read(fsys fs.FS) error {
	return fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(p)
		if d.IsDir() && p != "." && (base == "testdata" || base == "node_modules" || base[0] == '.' || base[0] == '_') {
			return fs.SkipDir
		}
		if path.Ext(p) != ".go" || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(s.fset, p, text, 0)
		s.files[path.Dir(p)] = append(s.files[path.Dir(p)], file)
		return err
	})
}

// find visits the declarations of types and constants of the core.
func (s *source) find(visit func(*source, string, *ast.File, *ast.GenDecl)) {
	for folder, files := range s.files {
		if !strings.HasPrefix(folder, "core/") {
			continue
		}
		for _, file := range files {
			for _, d := range file.Decls {
				if g, ok := d.(*ast.GenDecl); ok {
					visit(s, folder, file, g)
				}
			}
		}
	}
}

var basic = strings.Fields("string int int8 int16 int32 int64 uint8 uint16 uint32 uint64")

func (s *source) findTypes(folder string, file *ast.File, g *ast.GenDecl) {
	for _, spec := range g.Specs {
		t, ok := spec.(*ast.TypeSpec)
		if !ok || !t.Name.IsExported() {
			continue
		}
		if underlying, is := t.Type.(*ast.Ident); is && slices.Contains(basic, underlying.Name) {
			s.types[folder+"."+t.Name.Name] = ""
		} else if t.Assign.IsValid() {
			s.types[folder+"."+t.Name.Name] = nameOf(folder, file, t.Type)
		}
	}
}

func (s *source) findConstants(folder string, file *ast.File, g *ast.GenDecl) {
	if g.Tok != token.CONST {
		return
	}
	for _, spec := range g.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok || v.Type == nil || len(v.Values) != len(v.Names) {
			continue
		}
		kind := nameOf(folder, file, v.Type)
		if other := s.types[kind]; other != "" {
			kind = other
		}
		if _, known := s.types[kind]; !known {
			continue
		}
		for i, name := range v.Names {
			literal, is := v.Values[i].(*ast.BasicLit)
			if !is || !name.IsExported() {
				continue
			}
			value, err := strconv.Unquote(literal.Value)
			if err != nil {
				value = literal.Value
			}
			s.constants[folder+"."+name.Name] = constant{folder + "." + name.Name, kind, value}
		}
	}
}

// nameOf returns the full name of an identifier, with its folder: "core/fault.Code".
func nameOf(folder string, file *ast.File, e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return folder + "." + e.Name
	case *ast.SelectorExpr:
		pkg, ok := e.X.(*ast.Ident)
		if !ok {
			return ""
		}
		for _, spec := range file.Imports {
			target, _ := strconv.Unquote(spec.Path.Value)
			name := path.Base(target)
			if spec.Name != nil {
				name = spec.Name.Name
			}
			if name == pkg.Name {
				return strings.TrimPrefix(target, module+"/") + "." + e.Sel.Name
			}
		}
	}
	return ""
}

// faultsOfText returns the faults in the form of a text.
func faultsOfText(name string, text lang.Text) (findings []string) {
	for language, template := range map[string]string{"English": text.EN, "Spanish": text.ES} {
		switch {
		case strings.TrimSpace(template) == "":
			findings = append(findings, name+" has no "+language+" text")
		case strings.TrimSpace(template) != template || strings.HasSuffix(template, ".") || strings.Contains(template, "  "):
			findings = append(findings, name+": the "+language+" text has a space too many or a full stop at its end: "+template)
		}
		for _, place := range placesOf(template) {
			if strings.Count(place, "|") != 0 && (strings.Count(place, "|") != 2 || strings.Contains(place, "||") || strings.HasSuffix(place, "|")) {
				findings = append(findings, name+": the "+language+" text has not two forms in {"+place+"}")
			}
		}
	}
	return findings
}

// placesOf lists the texts in braces.
func placesOf(template string) (places []string) {
	for _, part := range strings.Split(template, "{")[1:] {
		place, _, _ := strings.Cut(part, "}")
		places = append(places, place)
	}
	return places
}

// parametersOf lists the names of the parameters of a text.
func parametersOf(text lang.Text) (names []string) {
	for _, place := range append(placesOf(text.EN), placesOf(text.ES)...) {
		name, _, _ := strings.Cut(place, "|")
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// refusalFinder checks the refusals in a file.
type refusalFinder struct {
	*source
	folder   string
	file     *ast.File
	declared map[string]lang.Text
	done     map[ast.Node]bool
	made     map[string]refusal // refusals of the current function, by variable
	seen     int
	findings []string
}

// refusal has the parameters that a refusal passes to its text, and the constant of the
// text, "" if it is unknown.
type refusal struct {
	text  string
	names []string
	open  bool // some names are unknown
}

func (f *refusalFinder) find() {
	for _, d := range f.file.Decls {
		f.made = map[string]refusal{}
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if r, ok := f.assigned(n); ok {
					f.made[n.Lhs[0].(*ast.Ident).Name] = r
				}
			case *ast.CallExpr:
				if r, ok := f.refusal(n); ok {
					f.check(n, r)
				}
			}
			return true
		})
	}
}

// assigned returns the refusal that a statement assigns to a variable.
func (f *refusalFinder) assigned(a *ast.AssignStmt) (r refusal, ok bool) {
	if len(a.Lhs) != 1 || len(a.Rhs) != 1 {
		return r, false
	}
	_, isName := a.Lhs[0].(*ast.Ident)
	call, isCall := a.Rhs[0].(*ast.CallExpr)
	if !isName || !isCall {
		return r, false
	}
	if r, ok = f.refusal(call); ok {
		f.check(call, r)
	}
	return r, ok
}

// refusal interprets a call of Refuse or At, or of a method of their result.
func (f *refusalFinder) refusal(call *ast.CallExpr) (r refusal, ok bool) {
	switch nameOf(f.folder, f.file, call.Fun) {
	case "core/fault.Refuse":
		code := f.constantOf(call.Args[0])
		return f.withPairs(refusal{text: code, open: code == ""}, call.Args[1:]), true
	case "core/fault.At":
		return f.withPairs(refusal{text: f.constantOf(call.Args[1])}, call.Args[2:]), true
	}
	method, is := call.Fun.(*ast.SelectorExpr)
	if !is {
		return r, false
	}
	if method.Sel.Name == "Unless" && len(call.Args) == 3 {
		return refusal{text: f.constantOf(call.Args[2])}, true
	}
	switch on := method.X.(type) {
	case *ast.CallExpr:
		r, ok = f.refusal(on)
		f.done[on] = ok
	case *ast.Ident:
		r, ok = f.made[on.Name]
	}
	switch {
	case !ok:
		return r, false
	case method.Sel.Name == "With" && len(call.Args) == 2:
		return f.withPairs(r, call.Args), true
	case method.Sel.Name == "Because" && len(call.Args) == 1:
		r.text = f.constantOf(call.Args[0])
		return r, true
	case method.Sel.Name == "In":
		return r, true
	}
	return r, false
}

// withPairs adds the names of alternating names and values.
func (f *refusalFinder) withPairs(r refusal, pairs []ast.Expr) refusal {
	r.names = slices.Clone(r.names)
	for i := 0; i < len(pairs); i += 2 {
		literal, is := pairs[i].(*ast.BasicLit)
		if !is {
			r.open = true
			continue
		}
		name, _ := strconv.Unquote(literal.Value)
		r.names = append(r.names, name)
	}
	return r
}

// constantOf returns the code or rule that an expression names, "" if none.
func (f *refusalFinder) constantOf(e ast.Expr) string {
	c := f.constants[nameOf(f.folder, f.file, e)]
	if c.kind != codes && c.kind != rules {
		return ""
	}
	return c.kind + " " + c.value
}

// check reports the parameters of the text that a refusal does not pass.
func (f *refusalFinder) check(call *ast.CallExpr, r refusal) {
	text, found := f.declared[r.text]
	if f.done[call] || !found || r.open {
		return
	}
	f.done[call] = true
	f.seen++
	for _, name := range parametersOf(text) {
		if !slices.Contains(r.names, name) && name != "cause" {
			f.findings = append(f.findings, fmt.Sprintf("%s: the text of %s names {%s}, which is not given", f.fset.Position(call.Pos()), r.text, name))
		}
	}
}

// TestCompletenessIsSeen runs complete on small sources with one fault each.
func TestCompletenessIsSeen(t *testing.T) {
	const faults = "package fault\ntype Code string\ntype Rule string\nconst Big Rule = \"big\"\nconst None Code = \"none\"\ntype Hidden int\nconst One Hidden = 1\n"
	const imports = "package x\nimport \"sofipo/core/fault\"\n"
	sound := map[string]lang.Text{
		rules + " big":       {EN: "at most {most} {most|day|days}", ES: "a lo más {most} {most|día|días}"},
		codes + " none":      {EN: "There is none of {name}", ES: "No hay {name}"},
		"core/x.Status OPEN": {EN: "open", ES: "abierto"},
	}
	with := func(key, en, es string) map[string]lang.Text {
		changed := maps.Clone(sound)
		changed[key] = lang.Text{EN: en, ES: es}
		return changed
	}
	const status = "type Status string\nconst Open Status = \"OPEN\"\n"
	for _, c := range []struct {
		body  string
		texts map[string]lang.Text
		want  string
	}{
		{status, sound, ""},
		{`var e = fault.At("a.b", fault.Big, "most", 3)`, sound, ""},
		{`var e = fault.Refuse(fault.None, "name", "x").With("more", 1)`, sound, ""},
		{`var e = fault.Refuse(fault.None).With("name", "x")`, sound, ""},
		{`var e = fault.Refuse(fault.None, "most", 1).Because(fault.Big)`, sound, ""},
		{`func f() error { e := fault.Refuse(fault.None, "name", 1, "most", 2); return e.Because(fault.Big) }`, sound, ""},
		{`func f(code fault.Code, rule fault.Rule) { fault.Refuse(code); fault.At("a", rule) }`, sound, ""},
		{`func f(name string) { fault.Refuse(fault.None, name, 1) }`, sound, ""},
		{"type number int\nconst One number = 1", sound, ""},
		{status + `const Shut Status = "SHUT"`, sound, "core/x.Shut has no text"},
		{"type Level int\nconst High Level = 3", sound, "core/x.High has no text"},
		{"type Status = string\ntype Kind string\ntype Other = Kind\nconst Shut Other = \"SHUT\"", sound, "core/x.Shut has no text"},
		{`const Odd fault.Rule = "odd"`, sound, "core/x.Odd has no text"},
		{`const Lost fault.Code = "lost"`, sound, "core/x.Lost has no text"},
		{status, with("core/x.Status OPEN", "open", " "), "core/x.Open has no Spanish text"},
		{status, with("core/x.Status OPEN", "", "abierto"), "core/x.Open has no English text"},
		{status, with("core/x.Status OPEN", "open", "abierto."), "the Spanish text has a space too many or a full stop"},
		{status, with("core/x.Status OPEN", "{n|open}", "abierto"), "has not two forms in {n|open}"},
		{status, with("core/x.Status OPEN", "{n|open|}", "abierto"), "has not two forms in {n|open|}"},
		{`var e = fault.At("a.b", fault.Big)`, sound, "names {most}, which is not given"},
		{`var e = fault.At("a.b", fault.Big, "least", 3)`, sound, "names {most}, which is not given"},
		{`var e = fault.At("a", fault.Big).In("lines", 3)`, sound, "names {most}, which is not given"},
		{`func f(all fault.Flaws) { all.Unless(true, "a", fault.Big) }`, sound, "names {most}, which is not given"},
		{`var e = fault.Refuse(fault.None)`, sound, "names {name}, which is not given"},
		{`var e = fault.Refuse(fault.None, "name", 1).Because(fault.Big)`, sound, "names {most}, which is not given"},
		{`func f() error { e := fault.Refuse(fault.None, "name", 1); return e.Because(fault.Big) }`, sound, "names {most}, which is not given"},
		{`var e = fault.Refuse(fault.None, "name", 1)`, with(codes+" none", "none", "No hay {nombre}"), "names {nombre}, which is not given"},
	} {
		findings, _, _, err := complete(fstest.MapFS{
			"core/fault/fault.go": {Data: []byte(faults)},
			"core/x/x.go":         {Data: []byte(imports + c.body)},
			"core/x/x_test.go":    {Data: []byte("not Go")},
		}, c.texts, map[string]string{"core/fault.Hidden": "it is a number"})
		if err != nil {
			t.Errorf("%s: %v", c.body, err)
		}
		if c.want == "" && len(findings) > 0 || c.want != "" && (len(findings) != 1 || !strings.Contains(findings[0], c.want)) {
			t.Errorf("%s: got the findings %q, want %q", c.body, findings, c.want)
		}
	}
	findings, _, _, err := complete(fstest.MapFS{"core/fault/fault.go": {Data: []byte("package fault")}}, nil, map[string]string{"core/fault.Gone": "it was a number"})
	if want := "there is no type core/fault.Gone"; err != nil || len(findings) != 1 || !strings.HasPrefix(findings[0], want) {
		t.Errorf("got the findings %q, %v, want %q", findings, err, want)
	}
}
