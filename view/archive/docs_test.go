package archive_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"sofipo/view/archive"
)

var update = flag.Bool("update", false, "write the files and members in the page of the archive")

const (
	page  = "../../docs/archive.md"
	start = "## The files\n"
)

// TestDocumented: docs/archive.md has each file and member of an archive with its type, and no others.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, _, found := strings.Cut(string(text), start)
	if !found {
		t.Fatalf("got no %q in %s, want it", start, page)
	}
	want := before + start + described()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if string(text) != want {
		t.Error("got docs/archive.md unlike the declarations of view/archive, want the same; run: go test ./view/archive -run Documented -update")
	}
	names := map[string]bool{}
	for _, f := range append(archive.Files(), archive.EventsFile) {
		if names[f.Name] || f.About == "" {
			t.Errorf("%s: got two files of the name or no description, want one of each", f.Name)
		}
		names[f.Name] = true
		members := map[string]bool{}
		for _, m := range f.Members {
			if members[m.Name] || !strings.HasSuffix(m.About, ".") {
				t.Errorf("%s.%s: got %q, want one sentence, once", f.Name, m.Name, m.About)
			}
			members[m.Name] = true
		}
	}
}

// described returns the files and members as Markdown.
func described() string {
	var b strings.Builder
	for _, f := range append(archive.Files(), archive.EventsFile) {
		fmt.Fprintf(&b, "\n### %s.jsonl\n\n%s", f.Name, f.About)
		if f.Personal {
			b.WriteString(" Only with `--personal-data`.")
		}
		b.WriteString("\n\n| member | type | content |\n|---|---|---|\n")
		for _, m := range f.Members {
			about := m.About
			if m.Personal {
				about += " Only with `--personal-data`."
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", m.Name, m.Type, about)
		}
	}
	return b.String()
}
