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

// Errors of a file as a whole.
var (
	ErrForm   = errors.New("not a CSV or XLSX file with a heading")
	ErrBroken = errors.New("a damaged XLSX file")
)

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

	file source
	most int64 // bytes of a whole XLSX; 0: the default of excelize
	book *excelize.File
	rows *excelize.Rows
	csv  *csv.Reader
	line int64 // of the last row
	bad  int64 // the lines up to this one cannot be read
}

// source has the bytes of a file.
type source interface {
	io.ReadSeeker
	io.ReaderAt
}

// sample is the number of bytes from which the encoding and the separator of a CSV are found.
const sample = 1 << 20

// Open opens a file and reads its heading. An XLSX file is known by its name or its first bytes;
// its first sheet is read. The caller closes it. The error is ErrForm, ErrBroken or that of the
// file.
func Open(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return open(&File{file: file}, filepath.Ext(path))
}

// mostUnpacked is the largest size of an XLSX file in memory without its compression.
const mostUnpacked = 256 << 20

// Read opens a file in memory, as Open does. An XLSX file that becomes much larger without its
// compression is refused with ErrForm.
func Read(name string, content []byte) (*File, error) {
	return open(&File{file: bytes.NewReader(content), most: mostUnpacked}, filepath.Ext(name))
}

// open reads the heading of a file whose name has an extension.
func open(f *File, extension string) (_ *File, err error) {
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
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) || strings.EqualFold(extension, ".xlsx") {
		err = f.openBook()
	} else {
		err = f.openCSV(validUTF8(head, n == sample))
	}
	if err != nil {
		return f, err
	}
	for row, err := range f.Rows() {
		f.Heading = row.Values
		if err != nil {
			return f, err
		}
		break
	}
	if len(f.Heading) == 0 {
		return f, ErrForm
	}
	return f, nil
}

// Close closes the file.
func (f *File) Close() {
	if f.rows != nil {
		_ = f.rows.Close()
	}
	if f.book != nil {
		_ = f.book.Close()
	}
	if file, is := f.file.(io.Closer); is {
		_ = file.Close()
	}
}

func (f *File) openBook() (err error) {
	f.Spreadsheet = true
	if f.book, err = excelize.OpenReader(f.file, excelize.Options{UnzipXMLSizeLimit: 16 << 20, UnzipSizeLimit: f.most}); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	if err := f.checkBook(); err != nil {
		return err
	}
	if f.rows, err = f.book.Rows(f.book.GetSheetName(0)); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	return nil
}

// openCSV finds the encoding and the separator. A byte order mark decides the encoding; without
// one it is UTF-8 or Windows-1252.
func (f *File) openCSV(valid bool) error {
	decoder := transform.Transformer(transform.Nop)
	if !valid {
		decoder = charmap.Windows1252.NewDecoder()
	}
	in := bufio.NewReaderSize(transform.NewReader(f.file, unicode.BOMOverride(decoder)), sample)
	text, err := in.Peek(sample)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if bytes.ContainsRune(text, 0) {
		return ErrForm
	}
	f.Separator = separatorOf(text)
	f.csv = csv.NewReader(in)
	f.csv.Comma, f.csv.FieldsPerRecord = f.Separator, -1
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
// with an error if the file cannot be read any further.
func (f *File) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for {
			row, err := f.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(row, err)
				return
			}
			if !row.Bad && filled(row.Values) == 0 {
				continue
			}
			row.Bad = row.Bad || f.Heading != nil && filled(row.Values) > len(f.Heading)
			if !yield(row, nil) {
				return
			}
		}
	}
}

// filled returns the number of values without the blank ones at the end.
func filled(values []string) int {
	n := len(values)
	for n > 0 && strings.TrimSpace(values[n-1]) == "" {
		n--
	}
	return n
}

// next returns the next row, or io.EOF.
func (f *File) next() (row Row, err error) {
	if f.book != nil {
		return f.nextOfBook()
	}
	if f.line < f.bad {
		f.line++
		return Row{Line: f.line, Bad: true}, nil
	}
	values, err := f.csv.Read()
	var syntax *csv.ParseError
	if errors.As(err, &syntax) { // it covers the lines after an open quotation mark
		f.line, f.bad = int64(syntax.StartLine), int64(syntax.Line)
		return Row{Line: f.line, Bad: true}, nil
	}
	if err != nil {
		return row, err
	}
	line, _ := f.csv.FieldPos(0)
	f.line = int64(line)
	return Row{f.line, values, false}, nil
}

func (f *File) nextOfBook() (row Row, err error) {
	if !f.rows.Next() {
		if err := f.rows.Error(); err != nil {
			return row, fmt.Errorf("%w: %w", ErrBroken, err)
		}
		return row, io.EOF
	}
	f.line++
	values, err := f.rows.Columns(excelize.Options{RawCellValue: true})
	for i, v := range values {
		values[i] = number(v)
	}
	return Row{f.line, values, err != nil}, nil
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
