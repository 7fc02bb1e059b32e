package sheet

import (
	"archive/zip"
	"errors"
	"io"
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
	for r, err := range f.Rows() {
		if err != nil {
			t.Fatal(err)
		}
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
		"UTF-16":                        {"\xff\xfea\x00,\x00b\x00\n\x001\x00,\x00\xf1\x00", []string{"a|b", "1|ñ"}},
		"bad rows":                      {"a,b\n1,2,3\n\"x\"y,2\n4,5\n", []string{"a|b", "bad", "bad", "4|5"}},
		"blank fields at the end":       {"a,b\n1,2,, \n,,\n", []string{"a|b", "1|2|| "}},
		"a quotation mark that another line closes":  {"a,b\n1,\"x\n2,y\n3,\"z\"\n4,5\n", []string{"a|b", "bad", "bad", "bad", "4|5"}},
		"a quotation mark that is not closed at all": {"a,b\n1,\"x\n2,y\n3,z\n", []string{"a|b", "bad", "bad", "bad"}},
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
	if got, want := all(t, book(t)), []string{"fecha|importe", "45731|0.3", "15/03/2025|1234.56"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestNumber: spreadsheets store numbers with up to 17 digits and show 15.
func TestNumber(t *testing.T) {
	for text, want := range map[string]string{
		"0.30000000000000004": "0.3", "1.2345678901234501E+3": "1234.56789012345", "12345678901234567": "12345678901234567", "2.65": "2.65", "15/03/2025": "15/03/2025",
	} {
		if got := number(text); got != want {
			t.Errorf("got %q for %q, want %q", got, text, want)
		}
	}
}

// book writes an XLSX file.
func book(t *testing.T) string {
	t.Helper()
	book := excelize.NewFile()
	for i, row := range [][]any{{"fecha", "importe"}, {45731, 0.3}, {"15/03/2025", 1234.56}} {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := book.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "f.xlsx")
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDamagedXLSX damages the parts of a file, which must not become fewer or other rows.
func TestDamagedXLSX(t *testing.T) {
	const sheet, texts = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
	for name, c := range map[string]struct{ part, from, to string }{
		"the sheet ends early":          {sheet, `<row r="3"`, ""},
		"the sheet has a wrong end tag": {sheet, "0.3</v>", "0.3</x></row></sheetData></worksheet>"},
		"a text ends early":             {texts, "importe", ""},
		"a text is missing":             {texts, "<si><t>15/03/2025</t></si>", "</sst>"},
		"a text has no number":          {sheet, `t="s"><v>1</v>`, `t="s"><v>x</v></c></row></sheetData></worksheet>`},
	} {
		path := filepath.Join(t.TempDir(), "damaged.xlsx")
		damage(t, book(t), path, c.part, c.from, c.to)
		if f, err := Open(path); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: got %v, want %v", name, err, ErrBroken)
			if err == nil {
				f.Close()
				t.Errorf("%s: got the rows %q, want none", name, all(t, path))
			}
		}
	}
}

// damage copies a file, and in a part replaces a text and all that follows it.
func damage(t *testing.T, from, to, part, text, with string) {
	t.Helper()
	in, err := zip.OpenReader(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	file, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	out := zip.NewWriter(file)
	for _, p := range in.File {
		r, err := p.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if p.Name == part {
			before, _, found := strings.Cut(string(content), text)
			if !found {
				t.Fatalf("got %s in %s, want %q in it", content, part, text)
			}
			content = []byte(before + with)
		}
		w, err := out.Create(p.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(out.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
}
