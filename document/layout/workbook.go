package layout

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/core/wire"
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
	Moment              // time.Time, in the time zone to show; the zero time is an empty cell
	ID                  // id.ID, or a string in a row of totals
	Total               // money.Total
	Rate                // rate.Annual, shown in per cent
)

// Heading is a column of a report.
type Heading struct {
	Name   string // in Spanish, for people
	Kind   Kind
	Column string // name in CSV, if it is not derived from Name
	Data   bool   // for programs, such as ids and codes: only in CSV
}

// Row is a line of a report: a value or nil for each heading.
type Row struct {
	Cells []any
	Total bool // shown in bold as a sum of other rows
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

// reportOf returns a report of the rows that fill adds.
func reportOf(title, about string, headings []Heading, fill func(add func(cells ...any))) Report {
	return Report{Title: title, About: about, Headings: headings, Rows: func(yield func(Row, error) bool) {
		var rows []Row
		fill(func(cells ...any) { rows = append(rows, Row{Cells: cells}) })
		RowsOf(rows...)(yield)
	}}
}

// RowsOf returns an iterator over the rows.
func RowsOf(rows ...Row) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// report returns a report about the loan.
func (c Credit) report(title, about string, headings []Heading, fill func(add func(cells ...any))) Report {
	return reportOf(title, joined(" · ", c.Institution.Name, c.Client.Name, "préstamo "+c.name(), about), headings, fill)
}

// componentHeadings returns the headings of componentCells.
func componentHeadings() (headings []Heading) {
	for _, c := range shown {
		headings = append(headings, Heading{Name: columnNames[c], Column: csvNames[c], Kind: Money})
	}
	return headings
}

// componentCells returns the amounts by component.
func componentCells(a servicing.Amounts) (cells []any) {
	for _, c := range shown {
		cells = append(cells, a.Of(c))
	}
	return cells
}

var csvNames = map[product.Component]string{
	product.Principal: "capital", product.Interest: "interes", product.InterestIVA: "iva_interes",
	product.PenaltyInterest: "moratorio", product.PenaltyInterestIVA: "iva_moratorio",
	product.Fee: "comision", product.FeeIVA: "iva_comision", product.Insurance: "seguro",
}

// period returns a period in words.
func period(from, to civil.Date) string { return "del " + day(from) + " al " + day(to) }

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

// column returns the name of the column in CSV.
func (h Heading) column() string { return cmp.Or(h.Column, ColumnName(h.Name)) }

// ColumnName returns the name of a column in CSV: the name for people without capitals, accents
// and blanks.
func ColumnName(name string) string { return unaccented.Replace(strings.ToLower(name)) }

// inert returns a text that no spreadsheet takes for a formula.
func inert(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n", rune(text[0])) {
		return "'" + text
	}
	return text
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
	case money.Total:
		return v.String(), nil
	case rate.Annual:
		return rate.Annual(int64(v) * 100).Fixed(2), nil
	case id.ID:
		return v.String(), nil
	case civil.Date:
		if !v.IsZero() {
			return v.String(), nil
		}
	case time.Time:
		if !v.IsZero() {
			return v.Format(wire.Moment), nil
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
		ok = kind == Words || kind == ID
	case id.ID:
		ok = kind == ID
	case money.Amount:
		ok = kind == Money
	case money.Total:
		ok = kind == Total
	case risk.Ratio:
		ok = kind == Percent
	case rate.Annual:
		ok = kind == Rate
	case int64:
		ok = kind == Count
	case civil.Date:
		ok = kind == Day
	case time.Time:
		ok = kind == Moment
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
}{
	Words: {"@", 26}, Money: {"#,##0.00", 18}, Percent: {"0.00%", 10}, Count: {"#,##0", 12}, Day: {"yyyy-mm-dd", 12},
	Moment: {"yyyy-mm-dd hh:mm", 18}, ID: {"@", 38}, Total: {"#,##0.00", 22},
	Rate: {"0.00##%", 12},
}

const (
	headingRow = 3 // below the title and the description
	lastRow    = excelize.TotalRows
)

// XLSX writes the report as a workbook of one sheet. Its headings are frozen and have a
// filter. It prints in landscape, one page wide, with the headings on each page. The same
// rows always give the same bytes. Refused with ErrTooLong. Long sheets are kept in a
// temporary file until they are complete; nothing is written before.
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
	if err := f.SetSheetProps(r.Title, &excelize.SheetPropsOptions{FitToPage: new(true)}); err != nil { // before the stream begins
		return err
	}
	out, err := f.NewStreamWriter(r.Title)
	if err != nil {
		return err
	}
	b := book{report: &r, out: out, shown: slices.DeleteFunc(slices.Clone(r.Headings), func(h Heading) bool { return h.Data })}
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
	shown  []Heading
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
	if err := b.finish(f); err != nil {
		return err
	}
	return b.out.Flush()
}

// finish sets the filter and the print settings.
func (b *book) finish(f *excelize.File) error {
	sheet := b.report.Title
	last, err := excelize.CoordinatesToCellName(len(b.shown), b.row)
	if err != nil {
		return err
	}
	const letter = 1
	return errors.Join(
		f.AutoFilter(sheet, fmt.Sprintf("A%d:%s", headingRow, last), nil),
		f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$%d:$%[2]d", sheet, headingRow), Scope: sheet}),
		f.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: new(letter), Orientation: new("landscape"), FitToWidth: new(1), FitToHeight: new(0)}),
		f.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{Left: new(0.4), Right: new(0.4), Top: new(0.5), Bottom: new(0.6)}),
		f.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddFooter: "&L&8&A&R&8Página &P de &N"}),
	)
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
	for i, h := range slices.Backward(b.shown) { // excelize writes the column set last first
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
	for _, h := range b.shown {
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
		if h.Data {
			continue
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
	case rate.Annual:
		fraction, _ := strconv.ParseFloat(v.String(), 64)
		return fraction
	case money.Total:
		pesos, _ := strconv.ParseFloat(v.String(), 64)
		return pesos
	case id.ID:
		return v.String()
	case civil.Date:
		if v.IsZero() {
			return nil
		}
		return v.Midnight()
	case time.Time:
		if v.IsZero() {
			return nil
		}
		return time.Date(v.Year(), v.Month(), v.Day(), v.Hour(), v.Minute(), v.Second(), 0, time.UTC) // cells have no time zone
	}
	return value
}
