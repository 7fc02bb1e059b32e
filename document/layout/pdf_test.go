package layout_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"os/exec"
	"strings"
	"testing"

	"sofipo/test/stack"
)

// made renders a document twice and returns its bytes, which must be the same.
func made(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var first, second bytes.Buffer
	if err := write(&first); err != nil {
		t.Fatal(err)
	}
	if err := write(&second); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("got other bytes for the same document the second time, want the same bytes")
	}
	return first.Bytes()
}

// extracted runs poppler's pdftotext on a PDF.
func extracted(t *testing.T, pdf []byte, args ...string) []byte {
	t.Helper()
	program, err := stack.Tool(context.Background(), "pdftotext")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, append(args, "-enc", "UTF-8", "-", "-")...)
	cmd.Stdin = bytes.NewReader(pdf)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("pdftotext: got %v %s, want no error and no complaint", err, complaints.String())
	}
	return out
}

// read gives the text of each page of a PDF, in lines as they are seen, with
// single blanks; it first checks that nothing is cut off or covered.
func read(t *testing.T, pdf []byte) (pages []string) {
	t.Helper()
	checkPlaces(t, pdf)
	for page := range strings.SplitSeq(strings.TrimSuffix(string(extracted(t, pdf, "-layout")), "\f"), "\f") {
		var lines []string
		for line := range strings.Lines(page) {
			if plain := strings.Join(strings.Fields(line), " "); plain != "" {
				lines = append(lines, plain)
			}
		}
		pages = append(pages, strings.Join(lines, "\n"))
	}
	return pages
}

type word struct {
	Left   float64 `xml:"xMin,attr"`
	Top    float64 `xml:"yMin,attr"`
	Right  float64 `xml:"xMax,attr"`
	Bottom float64 `xml:"yMax,attr"`
	Text   string  `xml:",chardata"`
}

// checkPlaces finds words outside the margins of their page, and words that
// stand on one another.
func checkPlaces(t *testing.T, pdf []byte) {
	t.Helper()
	var found struct {
		Pages []struct {
			Width  float64 `xml:"width,attr"`
			Height float64 `xml:"height,attr"`
			Words  []word  `xml:"word"`
		} `xml:"body>doc>page"`
	}
	if err := xml.Unmarshal(extracted(t, pdf, "-bbox"), &found); err != nil {
		t.Fatal(err)
	}
	if len(found.Pages) == 0 {
		t.Fatal("got no pages, want some")
	}
	const least = 14 * 72 / 25.4
	for n, p := range found.Pages {
		for i, w := range p.Words {
			if w.Left < least || w.Right > p.Width-least+1 || w.Top < 20 || w.Bottom > p.Height-20 {
				t.Errorf("page %d of %.0f × %.0f: got %q outside the margins, at %.0f,%.0f to %.0f,%.0f, want it at least %v from the sides and 20 from the top and the bottom", n+1, p.Width, p.Height, w.Text, w.Left, w.Top, w.Right, w.Bottom, least)
			}
			for _, v := range p.Words[:i] {
				across := min(w.Right, v.Right) - max(w.Left, v.Left)
				down := min(w.Bottom, v.Bottom) - max(w.Top, v.Top)
				if across > 0.6 && down > 0.45*min(w.Bottom-w.Top, v.Bottom-v.Top) {
					t.Errorf("page %d: got %q over %q, want no overlap", n+1, v.Text, w.Text)
				}
			}
		}
	}
}

// holds checks that the text contains each of the parts.
func holds(t *testing.T, text string, parts ...string) {
	t.Helper()
	plain := strings.Join(strings.Fields(text), " ")
	for _, p := range parts {
		if !strings.Contains(plain, strings.Join(strings.Fields(p), " ")) {
			t.Errorf("got\n%s\nwant %q in it", text, strings.Join(strings.Fields(p), " "))
		}
	}
}
