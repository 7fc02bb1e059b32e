package entries

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// Kinds lists the kinds in the table and those that the functions name.
func TestKindsAreListed(t *testing.T) {
	var want []string
	for _, kind := range kinds {
		want = append(want, kind)
	}
	for _, file := range []string{"entries.go", "close.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`\.Entry\("([a-z_]+)"`).FindAllSubmatch(source, -1) {
			want = append(want, string(found[1]))
		}
	}
	slices.Sort(want)
	want = slices.Compact(want)
	if got := slices.Sorted(slices.Values(Kinds)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
