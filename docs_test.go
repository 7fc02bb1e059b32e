package arch_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

var (
	ruleMention  = regexp.MustCompile(`docs/rules/[\w-]+\.md(#[\w-]+)?`)
	relativeLink = regexp.MustCompile(`\]\(([^)\s:#]+)?(#[\w-]+)?\)`)
	headingLine  = regexp.MustCompile(`(?m)^#+ (.+)$`)
	notInAnchor  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	mentioning   = words(".go .csv .md .loan .py .sql")
)

// TestMentionsOfPages: each page and section that code, data or a page names exists.
func TestMentionsOfPages(t *testing.T) {
	findings, mentions := deadMentions(t, os.DirFS("."))
	for _, f := range findings {
		t.Error(f)
	}
	if mentions < 200 {
		t.Errorf("got %d mentions, want 200 or more: the test does not see the files", mentions)
	}
}

// TestCurlCommandsSendJSON: each curl command in the pages that sends an object names the
// media type, because the API refuses a form.
func TestCurlCommandsSendJSON(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	for _, page := range append(pages, "README.md", "README.es.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for command := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
			if !strings.Contains(command, "curl ") || !strings.Contains(command, "-d '{") {
				continue
			}
			if sent++; !strings.Contains(command, "$JSON") && !strings.Contains(command, "application/json") {
				t.Errorf("%s: got no media type of the body, want one: %s", page, command)
			}
		}
	}
	if sent < 5 {
		t.Errorf("got %d commands with a body, want 5 or more: the test does not see them", sent)
	}
}

var (
	phrasePair  = regexp.MustCompile(`(?m)^\s+"(?:[^"\\]|\\.)*":\s+"((?:[^"\\]|\\.)*)",`)
	phraseValue = regexp.MustCompile(`\{[^}]*\}`)
	fourLetters = regexp.MustCompile(`\p{L}{4}`)
	boldLabel   = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	guideImage  = regexp.MustCompile(`!\[[^\]]+\]\(\.\./images/guias/([\w-]+\.png)\)`)
)

// TestGuides: the guides for the staff name what the console shows in Spanish, each label in bold;
// have two to four pictures each, and all pictures; and the pictures are small.
func TestGuides(t *testing.T) {
	shown := consoleSpanish(t)
	guides, err := filepath.Glob("docs/guias/*.md")
	if err != nil || len(guides) != 4 {
		t.Fatalf("got %d guides and %v, want 4", len(guides), err)
	}
	named := map[string]bool{}
	for _, guide := range guides {
		text, err := os.ReadFile(guide)
		if err != nil {
			t.Fatal(err)
		}
		labels := boldLabel.FindAllStringSubmatch(string(text), -1)
		if len(labels) < 20 {
			t.Errorf("%s: got %d labels, want 20 or more", guide, len(labels))
		}
		for _, m := range labels {
			if label := strings.Join(strings.Fields(m[1]), " "); !shown.MatchString(label) {
				t.Errorf("%s: got the label %q, want one that the console shows", guide, label)
			}
		}
		images := guideImage.FindAllStringSubmatch(string(text), -1)
		if n := len(images); n < 2 || n > 4 {
			t.Errorf("%s: got %d pictures, want 2 to 4", guide, n)
		}
		for _, m := range images {
			named[m[1]] = true
		}
	}
	files, err := os.ReadDir("docs/images/guias")
	if err != nil {
		t.Fatal(err)
	}
	bytes := int64(0)
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if bytes += info.Size(); !named[f.Name()] {
			t.Errorf("docs/images/guias/%s: got a picture that no guide has, want none", f.Name())
		}
	}
	if bytes > 1_200_000 {
		t.Errorf("got pictures of %d bytes, want at most 1,200,000", bytes)
	}
}

// consoleSpanish matches a Spanish phrase of the console, with anything in place of its values.
func consoleSpanish(t *testing.T) *regexp.Regexp {
	t.Helper()
	files, err := filepath.Glob("console/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var patterns []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range phrasePair.FindAllStringSubmatch(string(text), -1) {
			parts := phraseValue.Split(m[1], -1)
			if len(parts) > 1 && !fourLetters.MatchString(strings.Join(parts, " ")) {
				continue // would match too much
			}
			for i := range parts {
				parts[i] = regexp.QuoteMeta(parts[i])
			}
			patterns = append(patterns, strings.Join(parts, ".+"))
		}
	}
	if len(patterns) < 1000 {
		t.Fatalf("got %d phrases of the console, want 1,000 or more", len(patterns))
	}
	return regexp.MustCompile("^(?:" + strings.Join(patterns, "|") + ")$")
}

var testName = regexp.MustCompile(`\b(?:func )?(Test[A-Z]\w+)`)

// TestNamedTests: each test that a page names, such as one that runs the steps of a runbook, exists;
// a page may name only the beginning, as go test -run does.
func TestNamedTests(t *testing.T) {
	declared, named := []string{}, map[string]string{} // the named ones with their page
	err := fs.WalkDir(os.DirFS("."), ".", func(p string, d fs.DirEntry, err error) error {
		page := path.Ext(p) == ".md" && p != "CHANGELOG.md"
		switch {
		case err != nil:
			return err
		case d.IsDir() && len(p) > 1 && p[0] == '.':
			return fs.SkipDir
		case !page && !strings.HasSuffix(p, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(p)
		for _, m := range testName.FindAllStringSubmatch(string(text), -1) {
			if page {
				named[m[1]] = p
			} else if strings.HasPrefix(m[0], "func ") {
				declared = append(declared, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range named {
		if !slices.ContainsFunc(declared, func(test string) bool { return strings.HasPrefix(test, name) }) {
			t.Errorf("%s: got the test %s, want one that exists", page, name)
		}
	}
	if len(named) < 20 {
		t.Errorf("got %d named tests, want 20 or more: the test does not see the pages", len(named))
	}
}

// TestMentionsAreSeen gives deadMentions files with one fault each.
func TestMentionsAreSeen(t *testing.T) {
	for text, want := range map[string]int{"docs/rules/a.md": 0, "docs/rules/a.md#day-1-and-2": 0, "docs/rules/b.md": 1, "docs/rules/a.md#day": 1} {
		findings, _ := deadMentions(t, fstest.MapFS{"docs/rules/a.md": {Data: []byte("## Day 1, and 2\n")}, "x.go": {Data: []byte(text)}})
		if len(findings) != want {
			t.Errorf("%s: got %q, want %d findings", text, findings, want)
		}
	}
	for text, want := range map[string]int{"[x](a.md)": 0, "[x](a.md#one-two)": 0, "[x](#here)": 0, "[x](https://example.com/)": 0, "[x](b.md)": 1, "[x](a.md#three)": 1, "[x](#there)": 1} {
		findings, _ := deadMentions(t, fstest.MapFS{"docs/a.md": {Data: []byte("# One `two`\n")}, "docs/c.md": {Data: []byte("# Here\n" + text)}})
		if len(findings) != want {
			t.Errorf("%s: got %q, want %d findings", text, findings, want)
		}
	}
}

// deadMentions finds mentions of pages and sections that do not exist, and counts all.
func deadMentions(t *testing.T, fsys fs.FS) (findings []string, mentions int) {
	t.Helper()
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name == "node_modules" || len(name) > 1 && name[0] == '.' {
				return fs.SkipDir
			}
			return nil
		}
		if !mentioning[path.Ext(p)] || p == "docs_test.go" {
			return nil
		}
		text, err := fs.ReadFile(fsys, p)
		for _, target := range targets(p, string(text)) {
			mentions++
			if !exists(fsys, target) {
				findings = append(findings, p+": no "+target)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return findings, mentions
}

// targets lists what a file names: pages of rules and, in a page, relative links.
func targets(file, text string) []string {
	all := ruleMention.FindAllString(text, -1)
	if path.Ext(file) != ".md" {
		return all
	}
	for _, m := range relativeLink.FindAllStringSubmatch(text, -1) {
		page := file
		if m[1] != "" {
			page = path.Join(path.Dir(file), m[1])
		}
		all = append(all, page+m[2])
	}
	return all
}

// exists reports whether there is a file, with the heading that the anchor names.
func exists(fsys fs.FS, target string) bool {
	page, anchor, section := strings.Cut(target, "#")
	if !section {
		_, err := fs.Stat(fsys, page)
		return err == nil
	}
	text, err := fs.ReadFile(fsys, page)
	return err == nil && slices.ContainsFunc(headingLine.FindAllStringSubmatch(string(text), -1), func(m []string) bool {
		return strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-") == anchor
	})
}

var (
	requiredModule = regexp.MustCompile(`(?m)^\t(\S+) (v\S+)( // indirect)?$`)
	listedModule   = regexp.MustCompile("(?m)^\\| `(\\S+)` \\| (\\S+) \\| [^|]+ \\| [^| ][^|]* \\|")
	listedTool     = regexp.MustCompile("(?m)^\\| (\\S+) \\| (v\\S+) \\| `(\\S+)` \\|")
)

// TestDependencies: docs/dependencies.md has each module of go.mod with its version, those that the code
// uses first, and the version of each tool.
func TestDependencies(t *testing.T) {
	page, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	direct, indirect, _ := strings.Cut(string(page), "\n## Used by other modules\n")
	list := func(section string) (all []string) {
		for _, m := range listedModule.FindAllStringSubmatch(section, -1) {
			all = append(all, m[1]+" "+m[2])
		}
		return all
	}
	file, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var want, others []string
	for _, m := range requiredModule.FindAllStringSubmatch(string(file), -1) {
		if m[3] == "" {
			want = append(want, m[1]+" "+m[2])
		} else {
			others = append(others, m[1]+" "+m[2])
		}
	}
	if got := list(direct); !slices.Equal(got, want) || len(want) < 20 {
		t.Errorf("used by the code: got %q in docs/dependencies.md, want %q of go.mod", got, want)
	}
	if got := list(indirect); !slices.Equal(got, others) || len(others) < 20 {
		t.Errorf("used by other modules: got %q in docs/dependencies.md, want %q of go.mod", got, others)
	}
	tools := listedTool.FindAllStringSubmatch(indirect, -1)
	if len(tools) != 4 {
		t.Errorf("got %d tools in docs/dependencies.md, want 4", len(tools))
	}
	for _, tool := range tools {
		text, err := os.ReadFile(tool[3])
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), " "+tool[2]+" //") {
			t.Errorf("%s: got no module of the version %s in %s, want the one in docs/dependencies.md", tool[1], tool[2], tool[3])
		}
	}
}
