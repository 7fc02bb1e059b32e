package sheet

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
)

// all reads a file whole: its heading and its rows, with | between values.
func all(t *testing.T, path string) (rows []string) {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows = []string{strings.Join(f.Heading, "|")}
	for r := range f.Rows() {
		line := strings.Join(r.Values, "|")
		if r.Bad {
			line = "bad"
		}
		rows = append(rows, line)
	}
	return rows
}

func TestCSV(t *testing.T) {
	latin, err := charmap.Windows1252.NewEncoder().String("Año;Peña\n1;€\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"commas, byte order mark, CRLF": {"\ufeffa,b\r\n1,\"x, y\"\r\n\r\n2,z\r\n", []string{"a|b", "1|x, y", "2|z"}},
		"semicolons":                    {"a;b\n1,5;2", []string{"a|b", "1,5|2"}},
		"tabs":                          {"a\tb\n1\t2\n", []string{"a|b", "1|2"}},
		"Windows-1252":                  {latin, []string{"Año|Peña", "1|€"}},
		"bad rows":                      {"a,b\n1,2,3\n\"x\"y,2\n4,5\n", []string{"a|b", "bad", "bad", "4|5"}},
	} {
		path := filepath.Join(t.TempDir(), "f.csv")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := all(t, path); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestXLSX(t *testing.T) {
	book := excelize.NewFile()
	for i, row := range [][]any{{"fecha", "importe"}, {45731, 0.1 + 0.2}, {"15/03/2025", 1234.56}} {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := book.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "f.xlsx")
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	if got, want := all(t, path), []string{"fecha|importe", "45731|0.3", "15/03/2025|1234.56"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
