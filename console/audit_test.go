package console

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"sofipo/core/authority"
	"sofipo/core/nouns"
)

var commandName = regexp.MustCompile(`Name\(\) string\s+\{ return "([a-z_]+[a-z])" \}`)

// TestEveryCommandHasItsText: the audit shows no name of a command.
func TestEveryCommandHasItsText(t *testing.T) {
	seen := 0
	err := fs.WalkDir(os.DirFS("../bank"), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || !strings.HasSuffix(path, ".go") {
			return err
		}
		body, err := os.ReadFile("../bank/" + path)
		for _, m := range commandName.FindAllSubmatch(body, -1) {
			seen++
			if _, declared := nouns.Text(authority.Operation(m[1])); !declared {
				t.Errorf("got no text for the command %s, want one in authority.OperationTexts", m[1])
			}
		}
		return err
	})
	if err != nil || seen < 60 {
		t.Errorf("got %d commands, %v, want at least 60", seen, err)
	}
}
