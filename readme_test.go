package arch_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sofipo/web"
)

var (
	codeBlock    = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	headingLevel = regexp.MustCompile(`(?m)^(#+) `)
	linkTarget   = regexp.MustCompile(`\]\(([^)]+)\)|<(https?://[^>]+)>`)
	imageSource  = regexp.MustCompile(`<img [^>]*src="([^"]+)"`)
	inlineCode   = regexp.MustCompile("`([^`\n]+)`")
	label        = regexp.MustCompile(`"[^"]*"`)
	release      = regexp.MustCompile(`(?m)^## (\d\S*)`)
)

// languages are the two READMEs, and the link from each to the other.
var languages = [2][2]string{{"README.md", "README.es.md"}, {"README.es.md", "README.md"}}

// TestReadmesAgree: README.md and README.es.md have the same headings, commands, links,
// images and inline code, in the same order, and as many list items and table rows.
func TestReadmesAgree(t *testing.T) {
	var parts [2][]string
	for i, pair := range languages {
		text, err := os.ReadFile(pair[0])
		if err != nil {
			t.Fatal(err)
		}
		if parts[i] = readmeParts(string(text), pair[1]); len(parts[i]) < 60 {
			t.Fatalf("%s: got %d parts, want 60 or more: the test does not see them", pair[0], len(parts[i]))
		}
	}
	if difference := firstDifference(parts[0], parts[1]); difference != "" {
		t.Errorf("README.md and README.es.md: got the difference %s, want none", difference)
	}
}

// TestReadmeDifferencesAreSeen gives two pages with one difference each.
func TestReadmeDifferencesAreSeen(t *testing.T) {
	const page = "# a\n[es](other.md)\n<img src=\"a.png\" alt=\"x\">\n## b\n- p\n| q |\n[x](a.md) and `c`\n```bash\nls\n```\n```mermaid\nA[\"x\"] --> B[\"y\"]\n```\n"
	for name, change := range map[string][2]string{
		"level of a heading": {"## b", "### b"}, "heading missing": {"## b\n", ""}, "command": {"ls", "ls -l"}, "link": {"(a.md)", "(b.md)"},
		"image": {"a.png", "b.png"}, "inline code": {"`c`", "`d`"}, "arrow of the diagram": {"-->", "---"}, "fence": {"```bash", "```text"},
		"list item": {"- p\n", ""}, "table row": {"| q |\n", ""},
	} {
		changed := strings.Replace(page, change[0], change[1], 1)
		if firstDifference(readmeParts(page, "other.md"), readmeParts(changed, "other.md")) == "" {
			t.Errorf("%s: got no difference, want one", name)
		}
	}
	translated := strings.NewReplacer("# a", "# ä", "[es](other.md)", "[en](README.md)", `alt="x"`, `alt="ä"`, `A["x"]`, `A["ä"]`).Replace(page)
	if d := firstDifference(readmeParts(page, "other.md"), readmeParts(translated, "README.md")); d != "" {
		t.Errorf("a translation: got %q, want no difference", d)
	}
}

// readmeParts lists what must be the same in both languages, in the order of kinds.
func readmeParts(text, other string) (parts []string) {
	for _, m := range codeBlock.FindAllStringSubmatch(text, -1) {
		code := m[2]
		if m[1] == "mermaid" {
			code = label.ReplaceAllString(code, "label")
		}
		parts = append(parts, m[1]+" block:\n"+code)
	}
	text = codeBlock.ReplaceAllString(text, "")
	parts = append(parts, fmt.Sprintf("%d list items", strings.Count(text, "\n- ")), fmt.Sprintf("%d table rows", strings.Count(text, "\n| ")))
	for _, m := range headingLevel.FindAllStringSubmatch(text, -1) {
		parts = append(parts, "heading "+m[1])
	}
	for _, m := range linkTarget.FindAllStringSubmatch(text, -1) {
		target := m[1] + m[2]
		if target == other {
			target = "the other language"
		}
		parts = append(parts, "link to "+target)
	}
	for _, m := range imageSource.FindAllStringSubmatch(text, -1) {
		parts = append(parts, "image "+m[1])
	}
	for _, m := range inlineCode.FindAllStringSubmatch(text, -1) {
		parts = append(parts, "code "+m[1])
	}
	return parts
}

// firstDifference compares two lists; it is empty if they are equal.
func firstDifference(a, b []string) string {
	for i := range max(len(a), len(b)) {
		var left, right string
		if i < len(a) {
			left = a[i]
		}
		if i < len(b) {
			right = b[i]
		}
		if left != right {
			return fmt.Sprintf("%q and %q", left, right)
		}
	}
	return ""
}

// TestReadmeImagesExist: the images that the READMEs show are in the repository.
func TestReadmeImagesExist(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	images := imageSource.FindAllStringSubmatch(string(text), -1)
	if len(images) == 0 {
		t.Error("got no image in README.md, want one")
	}
	for _, m := range images {
		if _, err := os.Stat(m[1]); err != nil {
			t.Error(err)
		}
	}
}

// TestVersionIsReleased: the newest release of CHANGELOG.md is the version of the
// program, which both READMEs name.
func TestVersionIsReleased(t *testing.T) {
	changes, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	if m := release.FindStringSubmatch(string(changes)); m == nil || m[1] != web.Version {
		t.Errorf("newest release in CHANGELOG.md: got %q, want %q", m, web.Version)
	}
	for _, pair := range languages {
		text, err := os.ReadFile(pair[0])
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(strings.FieldsFunc(string(text), func(r rune) bool { return strings.ContainsRune(" \n,;:", r) }), web.Version+".") {
			t.Errorf("%s: got no mention of version %s, want one", pair[0], web.Version)
		}
	}
}

// repositoryPath is inline code that names a file or folder of the repository.
var repositoryPath = regexp.MustCompile("`((?:api|bank|bench|checks|cmd|core|deploy|docs|document|infra|simulation|test|text|view|web)/[\\w./-]*)`")

// TestPathsExist: the files and folders that the README and the tour name exist.
func TestPathsExist(t *testing.T) {
	for page, least := range map[string]int{"README.md": 15, "docs/tour.md": 40} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		paths := repositoryPath.FindAllStringSubmatch(string(text), -1)
		if len(paths) < least {
			t.Errorf("%s: got %d paths, want %d or more: the test does not see them", page, len(paths), least)
		}
		for _, m := range paths {
			if _, err := os.Stat(m[1]); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}
