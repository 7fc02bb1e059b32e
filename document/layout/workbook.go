package layout

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"sofipo/core/civil"
	"sofipo/core/lending/risk"
	"sofipo/core/money"
)

// Kind is the type of the cells of a column.
type Kind uint8

// Kinds, with the Go type of their cells.
const (
	Words   Kind = iota // string
	Money               // money.Amount
	Percent             // risk.Ratio; without a value the cell is empty
	Count               // int64
	Day                 // civil.Date; the zero date is an empty cell
)

// Heading is a column of a report.
type Heading struct {
	Name   string // in Spanish, for people
	Kind   Kind
	Column string // name in CSV, if it is not derived from Name
}

// Row is a line of a report: a value or nil for each heading.
type Row struct {
	Cells []any
	Total bool // shown as a sum of the others
}

// Report is a table of any length, written as CSV or XLSX. Rows are read one at a time
// and not kept in memory.
type Report struct {
	Title    string // at most 31 characters, none of : \ / ? * [ ]
	About    string // institution, contents and date
	Headings []Heading
	Rows     iter.Seq2[Row, error]
}

// ErrTooLong means that a report has more rows than an XLSX sheet can have.
var ErrTooLong = errors.New("layout: more rows than an XLSX sheet can have")

// CSV writes the rows as the package comment says, under the names of the
// headings without capitals, accents and blanks. Percentages are numbers, 5.92
// for 5.92 %. Rows of totals are among the others, where the report has them.
func (r Report) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	record := make([]string, len(r.Headings))
	for i, h := range r.Headings {
		record[i] = h.column()
	}
	if err := out.Write(record); err != nil {
		return err
	}
	for row, err := range r.Rows {
		if err != nil {
			return err
		}
		for i := range record {
			if record[i], err = r.plain(row, i); err != nil {
				return err
			}
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

var unaccented = strings.NewReplacer(" ", "_", "á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ñ", "n")

// column is the name for programs.
// column returns the name of the column in CSV.
func (h Heading) column() string {
	return cmp.Or(h.Column, unaccented.Replace(strings.ToLower(h.Name)))
}

// plain formats a cell as text.
func (r Report) plain(row Row, i int) (string, error) {
	if err := r.fits(row, i); err != nil {
		return "", err
	}
	switch v := row.Cells[i].(type) {
	case string:
		return inert(v), nil
	case money.Amount:
		return v.String(), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case risk.Ratio:
		if n, known := v.Hundredths(); known {
			return money.Amount(n).String(), nil
		}
	case civil.Date:
		if !v.IsZero() {
			return v.String(), nil
		}
	}
	return "", nil
}

// fits checks that a cell has the type of its column.
func (r Report) fits(row Row, i int) error {
	if len(row.Cells) != len(r.Headings) {
		return fmt.Errorf("layout: a row of %d cells under %d headings", len(row.Cells), len(r.Headings))
	}
	kind, ok := r.Headings[i].Kind, false
	switch v := row.Cells[i].(type) {
	case nil:
		ok = true
	case string:
		ok = kind == Words
	case money.Amount:
		ok = kind == Money
	case risk.Ratio:
		ok = kind == Percent
	case int64:
		ok = kind == Count
	case civil.Date:
		ok = kind == Day
	default:
		return fmt.Errorf("layout: %q cannot hold a %T", r.Headings[i].Name, v)
	}
	if !ok {
		return fmt.Errorf("layout: %q cannot hold %v", r.Headings[i].Name, row.Cells[i])
	}
	return nil
}

// looks are the number format of each kind and the width of its columns. Words are
// in the format of text, so that none becomes a formula when its cell is edited.
var looks = [...]struct {
	format string
	width  float64
}{Words: {"@", 26}, Money: {"#,##0.00", 18}, Percent: {"0.00%", 10}, Count: {"#,##0", 12}, Day: {"yyyy-mm-dd", 12}}

const (
	headingRow = 3 // below the title and the description
	lastRow    = excelize.TotalRows
)

// XLSX writes the report as a workbook of one sheet, its headings frozen. The same
// rows always give the same bytes. Refused with ErrTooLong. Long sheets are kept in
// a temporary file until they are whole; nothing is written before.
func (r Report) XLSX(w io.Writer) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.SetSheetName("Sheet1", r.Title); err != nil {
		return err
	}
	const made = "2006-09-16T00:00:00Z" // every workbook has to have been made some time
	if err := f.SetDocProps(&excelize.DocProperties{Title: r.Title, Subject: r.About, Creator: "sofipo", Created: made, Modified: made, Language: "es-MX"}); err != nil {
		return err
	}
	out, err := f.NewStreamWriter(r.Title)
	if err != nil {
		return err
	}
	b := book{report: &r, out: out}
	if err := b.write(f); err != nil {
		return err
	}
	return f.Write(w)
}

// book is a workbook being written.
type book struct {
	report *Report
	out    *excelize.StreamWriter
	styles [len(looks)][2]int // by kind, plain and of totals
	cells  []any
	row    int
}

func (b *book) write(f *excelize.File) error {
	if err := b.prepare(f); err != nil {
		return err
	}
	for row, err := range b.report.Rows {
		if err == nil {
			err = b.put(row)
		}
		if err != nil {
			return err
		}
	}
	return b.out.Flush()
}

// prepare creates the styles and writes the title, the description and the headings.
func (b *book) prepare(f *excelize.File) (err error) {
	for kind, look := range looks {
		for total, bold := range []bool{false, true} {
			style := &excelize.Style{CustomNumFmt: &look.format}
			if bold {
				style.Font = &excelize.Font{Bold: true}
			}
			if b.styles[kind][total], err = f.NewStyle(style); err != nil {
				return err
			}
		}
	}
	for i, h := range b.report.Headings {
		if err := b.out.SetColWidth(i+1, i+1, max(looks[h.Kind].width, float64(len([]rune(h.Name)))+2)); err != nil {
			return err
		}
	}
	panes := &excelize.Panes{Freeze: true, YSplit: headingRow, TopLeftCell: fmt.Sprintf("A%d", headingRow+1), ActivePane: "bottomLeft"}
	if err := b.out.SetPanes(panes); err != nil {
		return err
	}
	bold := b.styles[Words][1]
	top := [][]any{{excelize.Cell{StyleID: bold, Value: b.report.Title}}, {b.report.About}, {}}
	for _, h := range b.report.Headings {
		top[headingRow-1] = append(top[headingRow-1], excelize.Cell{StyleID: bold, Value: h.Name})
	}
	for _, line := range top {
		b.row++
		if err := b.out.SetRow(fmt.Sprintf("A%d", b.row), line); err != nil {
			return err
		}
	}
	return nil
}

// put writes a row.
func (b *book) put(row Row) error {
	if b.row == lastRow {
		return ErrTooLong
	}
	b.row++
	b.cells = b.cells[:0]
	total := 0
	if row.Total {
		total = 1
	}
	for i, h := range b.report.Headings {
		if err := b.report.fits(row, i); err != nil {
			return err
		}
		value := cellOf(row.Cells[i])
		if value == nil {
			b.cells = append(b.cells, nil)
			continue
		}
		b.cells = append(b.cells, excelize.Cell{StyleID: b.styles[h.Kind][total], Value: value})
	}
	return b.out.SetRow(fmt.Sprintf("A%d", b.row), b.cells)
}

// cellOf is a value as a spreadsheet has it: amounts are the nearest numbers to
// their pesos, which up to fifteen digits come back as the same centavos.
func cellOf(value any) any {
	switch v := value.(type) {
	case money.Amount:
		return float64(v) / 100
	case risk.Ratio:
		if n, known := v.Hundredths(); known {
			return float64(n) / 100_00
		}
		return nil
	case civil.Date:
		if v.IsZero() {
			return nil
		}
		return v.Midnight()
	}
	return value
}
