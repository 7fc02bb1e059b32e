// Package sheet reads the rows of CSV and XLSX files as texts, one row at a time. A CSV file may
// be in UTF-8, with or without a byte order mark, UTF-16 or Windows-1252, end its lines with LF or
// CRLF, and separate its fields by commas, semicolons, tabs or vertical bars.
package sheet

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// ErrForm is returned for a file that is neither CSV nor XLSX, or has no heading.
var ErrForm = errors.New("not a CSV or XLSX file with a heading")

// Row is a row of a file. Bad says that it cannot be read: a quotation mark is not closed, or it
// has more fields than the heading.
type Row struct {
	Line   int64 // in the file, from 1
	Values []string
	Bad    bool
}

// File is an open file.
type File struct {
	Heading     []string
	Spreadsheet bool // XLSX: a date may be the number of a day
	Separator   rune // of a CSV

	file *os.File
	book *excelize.File
	rows *excelize.Rows
	csv  *csv.Reader
	line int64
}

// sample is the number of bytes from which the encoding and the separator of a CSV are found.
const sample = 1 << 20

// Open opens a file and reads its heading. An XLSX file is known by its name or its first bytes;
// its first sheet is read. The caller closes it.
func Open(path string) (f *File, err error) {
	f = &File{}
	if f.file, err = os.Open(path); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	head := make([]byte, sample)
	n, err := io.ReadFull(f.file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if _, err = f.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	head = head[:n]
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) || strings.EqualFold(filepath.Ext(path), ".xlsx") {
		err = f.openBook()
	} else {
		err = f.openCSV(head, n == sample)
	}
	if err == nil && len(f.Heading) == 0 {
		err = ErrForm
	}
	return f, err
}

// Close closes the file.
func (f *File) Close() {
	if f.rows != nil {
		_ = f.rows.Close()
	}
	if f.book != nil {
		_ = f.book.Close()
	}
	_ = f.file.Close()
}

func (f *File) openBook() (err error) {
	f.Spreadsheet = true
	if f.book, err = excelize.OpenReader(f.file, excelize.Options{UnzipXMLSizeLimit: 16 << 20}); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	if f.rows, err = f.book.Rows(f.book.GetSheetName(0)); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	for row := range f.Rows() {
		f.Heading = row.Values
		break
	}
	return nil
}

func (f *File) openCSV(head []byte, cut bool) error {
	in := io.Reader(f.file)
	switch text := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")); {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		decoder := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
		head, _, _ = transform.Bytes(decoder, head)
		in = transform.NewReader(in, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	case !validUTF8(text, cut):
		head, _, _ = transform.Bytes(charmap.Windows1252.NewDecoder(), head)
		in = transform.NewReader(in, charmap.Windows1252.NewDecoder())
	case len(text) < len(head):
		if _, err := f.file.Seek(3, io.SeekStart); err != nil {
			return err
		}
		head = text
	}
	if bytes.ContainsRune(head, 0) {
		return ErrForm
	}
	f.Separator = separatorOf(head)
	f.csv = csv.NewReader(bufio.NewReaderSize(in, 1<<16))
	f.csv.Comma, f.csv.FieldsPerRecord, f.csv.LazyQuotes = f.Separator, -1, false
	for row := range f.Rows() {
		f.Heading = row.Values
		break
	}
	return nil
}

// validUTF8 reports whether a text is UTF-8; if it was cut, its last character may be incomplete.
func validUTF8(text []byte, cut bool) bool {
	for i := 0; cut && i < utf8.UTFMax && len(text) > 0 && !utf8.Valid(text); i++ {
		text = text[:len(text)-1]
	}
	return utf8.Valid(text)
}

// separatorOf returns the separator that the first line has most often outside quotation marks.
func separatorOf(text []byte) rune {
	line, _, _ := strings.Cut(string(text), "\n")
	best, most := ',', 0
	for _, r := range ",;\t|" {
		count, quoted := 0, false
		for _, c := range line {
			switch {
			case c == '"':
				quoted = !quoted
			case c == r && !quoted:
				count++
			}
		}
		if count > most {
			best, most = r, count
		}
	}
	return best
}

// Rows iterates over the rows after those that were read before. Empty rows are left out. It ends
// early if the file cannot be read any further; the last row is then bad.
func (f *File) Rows() iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for {
			row, more := f.next()
			if !more {
				return
			}
			empty := true
			for _, v := range row.Values {
				empty = empty && strings.TrimSpace(v) == ""
			}
			if empty && !row.Bad {
				continue
			}
			row.Bad = row.Bad || f.Heading != nil && len(row.Values) > len(f.Heading) && strings.TrimSpace(strings.Join(row.Values[len(f.Heading):], "")) != ""
			if !yield(row) {
				return
			}
		}
	}
}

func (f *File) next() (row Row, more bool) {
	if f.csv == nil {
		if !f.rows.Next() {
			return row, false
		}
		f.line++
		values, err := f.rows.Columns(excelize.Options{RawCellValue: true})
		for i, v := range values {
			values[i] = number(v)
		}
		return Row{f.line, values, err != nil}, true
	}
	values, err := f.csv.Read()
	var syntax *csv.ParseError
	switch {
	case errors.As(err, &syntax):
		return Row{Line: int64(syntax.StartLine), Bad: true}, true
	case errors.Is(err, io.EOF):
		return row, false
	case err != nil:
		return Row{Line: f.line + 1, Bad: true}, false
	}
	line, _ := f.csv.FieldPos(0)
	f.line = int64(line)
	return Row{f.line, values, false}, true
}

// number returns a number of a spreadsheet with the 15 digits that spreadsheets show, and other
// texts as they are.
func number(text string) string {
	if len(text) < 16 || strings.Trim(text, "0123456789.-+eE") != "" {
		return text
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !strings.ContainsAny(text, ".eE") {
		return text
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 15, 64), 64)
	if err != nil {
		return text
	}
	return strconv.FormatFloat(short, 'f', -1, 64)
}
