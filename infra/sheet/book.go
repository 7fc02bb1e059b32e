package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// checkBook reads the sheets and the shared texts of a workbook to their ends. excelize takes an
// error in them for their end, and a text that is not there for an empty one.
func (f *File) checkBook() error {
	size, err := f.file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	book, err := zip.NewReader(f.file, size)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	var c bookCheck
	for _, part := range book.File {
		name := strings.ToLower(strings.ReplaceAll(part.Name, "\\", "/"))
		if name != "xl/sharedstrings.xml" && (!strings.HasPrefix(name, "xl/worksheets/") || !strings.HasSuffix(name, ".xml")) {
			continue
		}
		if err := c.part(part, f.book.CharsetReader); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrBroken, part.Name, err)
		}
	}
	if c.used > c.texts {
		return fmt.Errorf("%w: %d shared texts, and a cell with number %d", ErrBroken, c.texts, c.used-1)
	}
	return nil
}

// bookCheck counts the shared texts of a workbook.
type bookCheck struct {
	texts int // number of shared texts
	used  int // the largest number of one in a cell, from 0, plus 1
}

// part reads a part of a workbook.
func (c *bookCheck) part(part *zip.File, charset func(string, io.Reader) (io.Reader, error)) error {
	in, err := part.Open()
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	decoder := xml.NewDecoder(in)
	decoder.CharsetReader = charset
	var shared, value bool // in a cell with the number of a shared text; in its value
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "si":
				c.texts++
			case "c":
				shared = slices.Contains(e.Attr, xml.Attr{Name: xml.Name{Local: "t"}, Value: "s"})
			}
			value = shared && e.Name.Local == "v"
		case xml.EndElement:
			value = false
		case xml.CharData:
			text := strings.TrimSpace(string(e))
			if !value || text == "" {
				continue
			}
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				return fmt.Errorf("a cell with the shared text %q", text)
			}
			c.used = max(c.used, n+1)
		}
	}
}
