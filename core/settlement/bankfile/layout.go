// Package bankfile reads the files in which banks report the money that arrived in an
// account: text with one row per operation. Each bank has its own form, which a Layout
// describes as data. Parse returns the rows that it can read and the reason for each one that
// it cannot.
package bankfile

import (
	"slices"
	"strings"
	"time"

	"sofipo/core/fault"
	"sofipo/core/settlement"
)

// Layout describes the form of a bank's file.
type Layout struct {
	Method     settlement.Method `json:"method"` // how the clients paid: transfer, or shop and others if a collector sends the file
	Delimiter  Delimiter         `json:"delimiter"`
	Encoding   Encoding          `json:"encoding"`
	SkipLines  int               `json:"skip_lines"`         // lines before the header or, without one, before the first row
	Header     bool              `json:"header"`             // a line names the columns
	DateFormat string            `json:"date_format"`        // with DD, MM and YYYY or YY: DD/MM/YYYY, YYYYMMDD
	Decimal    Mark              `json:"decimal"`            // PointMark or CommaMark
	Thousands  Mark              `json:"thousands"`          // the mark between thousands, or NoMark
	Columns    []Column          `json:"columns"`            // where each field is
	Incoming   []string          `json:"incoming,omitempty"` // values of the field side for money that comes in
	Excess     Excess            `json:"excess"`             // what to do with money above the payoff amount of a loan
}

// Column says where a field of a row is. Exactly one of Name, Position and From is set.
type Column struct {
	Field    Field  `json:"field"`
	Name     string `json:"name,omitempty"`     // title in the header
	Position int    `json:"position,omitempty"` // number of the column, from 1
	From     int    `json:"from,omitempty"`     // first character of the column in lines without a delimiter, from 1
	To       int    `json:"to,omitempty"`       // last character
}

// Delimiter is what separates the columns.
type Delimiter string

// The delimiters. Fixed means that columns have fixed places in the line.
const (
	Comma     Delimiter = "comma"
	Semicolon Delimiter = "semicolon"
	Tab       Delimiter = "tab"
	Pipe      Delimiter = "pipe"
	Fixed     Delimiter = "fixed"
)

var delimiters = map[Delimiter]byte{Comma: ',', Semicolon: ';', Tab: '\t', Pipe: '|'}

// Mark is a mark in a number.
type Mark string

// The marks.
const (
	NoMark         Mark = "none"
	PointMark      Mark = "point"
	CommaMark      Mark = "comma"
	SpaceMark      Mark = "space"
	ApostropheMark Mark = "apostrophe"
)

var marks = map[Mark]string{NoMark: "", PointMark: ".", CommaMark: ",", SpaceMark: " ", ApostropheMark: "'"}

// Encoding is the character encoding. UTF-8 may begin with a byte order mark.
type Encoding string

// The encodings.
const (
	UTF8   Encoding = "utf-8"
	Latin1 Encoding = "latin-1"
)

// Excess says what to do with money above the payoff amount of the loan that it is for.
type Excess string

// The treatments of money above the payoff amount.
const (
	ToUnapplied Excess = "unapplied" // it becomes unapplied funds of the loan
	ToSuspense  Excess = "suspense"  // it waits among the unidentified deposits
)

// Field is what a column has.
type Field string

// The fields. A layout has a date and either an amount or a credit.
const (
	Date      Field = "date"
	Amount    Field = "amount"    // money in, or out if it is negative or the side says so
	Credit    Field = "credit"    // money in
	Debit     Field = "debit"     // money out; such rows are counted and left out
	Side      Field = "side"      // says whether the amount came in, see Layout.Incoming
	Operation Field = "operation" // the bank's own id of the operation
	Reference Field = "reference"
	Concept   Field = "concept"
	Sender    Field = "sender" // who sent the money
)

// Fields lists the fields.
var Fields = []Field{Date, Amount, Credit, Debit, Side, Operation, Reference, Concept, Sender}

// The limits of a layout.
const (
	maxSkipped = 100
	maxColumns = 200
	maxWidth   = 2000 // characters of a line
	maxName    = 60
)

// Check refuses a layout that is incomplete or contradictory. It reports every wrong field.
func (l Layout) Check() error {
	var f fault.Flaws
	fault.Among(&f, l.Method, "method", settlement.Transfer, settlement.Shop, settlement.PayrollDeduction, settlement.Card)
	fault.Among(&f, l.Delimiter, "delimiter", Comma, Semicolon, Tab, Pipe, Fixed)
	fault.Among(&f, l.Encoding, "encoding", UTF8, Latin1)
	fault.Within(&f, l.SkipLines, 0, maxSkipped, "skip_lines")
	if _, known := goFormat(l.DateFormat); !known {
		f.Add(fault.At("date_format", DateFormat))
	}
	fault.Among(&f, l.Decimal, "decimal", PointMark, CommaMark)
	fault.Among(&f, l.Thousands, "thousands", NoMark, PointMark, CommaMark, SpaceMark, ApostropheMark)
	if l.Thousands == l.Decimal {
		f.Add(fault.At("thousands", OtherMark))
	}
	fault.Among(&f, l.Excess, "excess", ToUnapplied, ToSuspense)
	if l.Header && l.Delimiter == Fixed {
		f.Add(fault.At("header", NoHeader))
	}
	l.checkColumns(&f)
	return f.Err()
}

// checkColumns adds the flaws of the columns.
func (l Layout) checkColumns(f *fault.Flaws) {
	has := map[Field]bool{}
	for i, c := range l.Columns {
		at := func(path string, r fault.Rule, values ...any) { f.Add(fault.At(path, r, values...).In("columns", i)) }
		switch {
		case !slices.Contains(Fields, c.Field):
			at("field", fault.OneOf, "accepted", Fields)
		case has[c.Field]:
			at("field", Twice)
		}
		has[c.Field] = true
		switch fixed := c.From != 0 || c.To != 0; {
		case l.Delimiter == Fixed && (c.Name != "" || c.Position != 0 || c.From < 1 || c.To < c.From || c.To > maxWidth):
			at("from", FixedPlace, "most", maxWidth)
		case l.Delimiter == Fixed:
		case fixed || (c.Name == "") == (c.Position == 0):
			at("position", OnePlace)
		case c.Position < 0 || c.Position > maxColumns:
			at("position", fault.Between, "least", 1, "most", maxColumns)
		case c.Name != "" && !l.Header:
			at("name", NeedsHeader)
		case len(c.Name) > maxName:
			at("name", fault.MaxLength, "most", maxName)
		}
	}
	if !has[Date] || has[Amount] == has[Credit] || has[Side] && !has[Amount] || has[Debit] && !has[Credit] {
		f.Add(fault.At("columns", NeedsFields))
	}
	if has[Side] != (len(l.Incoming) > 0) {
		f.Add(fault.At("incoming", WithSide))
	}
}

// goFormat returns the format of package time for a date format, and whether the format is
// valid: a day, a month and a year, each once, and separators.
func goFormat(format string) (string, bool) {
	rest := format
	for _, part := range []string{"YYYY", "YY", "MM", "DD"} {
		rest = strings.Replace(rest, part, "", 1)
	}
	year := strings.Contains(format, "YY") && strings.Contains(format, "MM") && strings.Contains(format, "DD")
	written := strings.NewReplacer("YYYY", "2006", "YY", "06", "MM", "01", "DD", "02").Replace(format)
	return written, year && len(format) <= len("DD/MM/YYYY") && strings.Trim(rest, "/-. ") == ""
}

// example returns today's date in a date format.
func example(format string) string {
	written, _ := goFormat(format)
	return time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC).Format(written)
}
