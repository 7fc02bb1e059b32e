package bankfile

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
)

// The limits of a file.
const (
	MaxBytes = 8 << 20
	MaxRows  = 20_000
	maxText  = 250 // characters of a text field that are kept
)

// Row is money that came in, as a row of a file reports it.
type Row struct {
	ID        id.ID // set by Identify
	Line      int   // number of the line in the file, from 1
	Date      civil.Date
	Amount    money.Amount
	Operation string
	Reference string
	Concept   string
	Sender    string
}

// Same reports whether the row has the date and the amount.
func (r Row) Same(date civil.Date, amount money.Amount) bool {
	return r.Date == date && r.Amount == amount
}

// Bad is a row that cannot be taken.
type Bad struct {
	Line int
	Flaw fault.Flaw // its path is the field
}

// File has the rows of a file.
type File struct {
	Rows []Row // in the order of the lines
	Bad  []Bad
	Out  int // number of rows of money that went out

	Repeated []Row // rows that Identify left out
}

// Parse reads a file. latest is the last day that a row may have. It refuses a file that does
// not fit the layout as a whole with the flaws of the field content; rows that cannot be read
// are listed in Bad.
func (l Layout) Parse(content []byte, latest civil.Date) (File, error) {
	text, err := l.decode(content)
	if err != nil {
		return File{}, err
	}
	r := reader{Layout: l, latest: latest}
	r.format, _ = goFormat(l.DateFormat)
	lines := strings.Split(text, "\n")
	first := min(l.SkipLines, len(lines))
	if err := r.place(lines[first:]); err != nil {
		return File{}, err
	}
	if l.Header {
		first++
	}
	for i := first; i < len(lines); i++ {
		line := strings.TrimSuffix(lines[i], "\r")
		if strings.Trim(line, " \t,;|\x1a") == "" {
			continue
		}
		r.read(i+1, line)
		if len(r.file.Rows)+len(r.file.Bad)+r.file.Out > MaxRows {
			return File{}, fault.Wrong(fault.At("content", TooManyRows, "most", MaxRows))
		}
	}
	if len(r.file.Rows)+len(r.file.Bad)+r.file.Out == 0 {
		return File{}, fault.Wrong(fault.At("content", NoRows))
	}
	return r.file, nil
}

// decode returns the text of a file.
func (l Layout) decode(content []byte) (string, error) {
	if len(content) > MaxBytes {
		return "", fault.Wrong(fault.At("content", TooLarge, "most", MaxBytes>>20))
	}
	if l.Encoding == Latin1 {
		runes := make([]rune, len(content))
		for i, b := range content {
			runes[i] = rune(b)
		}
		return string(runes), nil
	}
	text := strings.TrimPrefix(string(content), "\ufeff")
	if !utf8.ValidString(text) {
		line := 1
		for _, r := range text {
			if r == utf8.RuneError {
				break
			}
			if r == '\n' {
				line++
			}
		}
		return "", fault.Wrong(fault.At("content", NotUTF8, "line", line))
	}
	return text, nil
}

// reader reads the lines of a file.
type reader struct {
	Layout
	format string
	latest civil.Date
	at     map[Field]Column
	file   File
}

// place finds the columns in the header, which is the first line.
func (r *reader) place(lines []string) error {
	r.at = map[Field]Column{}
	var titles []string
	if r.Header {
		if len(lines) == 0 {
			return fault.Wrong(fault.At("content", NoRows))
		}
		titles, _ = r.split(strings.TrimSuffix(lines[0], "\r"))
	}
	var flaws fault.Flaws
	for _, c := range r.Columns {
		if c.Name != "" {
			c.Position = 1 + slices.IndexFunc(titles, func(t string) bool { return strings.EqualFold(t, strings.TrimSpace(c.Name)) })
			if c.Position == 0 {
				flaws.Add(fault.At("content", NoColumn, "column", c.Name, "line", r.SkipLines+1))
			}
		}
		r.at[c.Field] = c
	}
	return flaws.Err()
}

// split returns the columns of a line without spaces around them. A column in quotes may have
// the delimiter; a double quote in it is a quote. closed is false if a quote is not closed.
func (l Layout) split(line string) (columns []string, closed bool) {
	delimiter := delimiters[l.Delimiter]
	var column []byte
	quoted := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quoted && c == '"' && i+1 < len(line) && line[i+1] == '"':
			column = append(column, c)
			i++
		case c == '"' && (quoted || len(strings.TrimSpace(string(column))) == 0):
			quoted = !quoted
		case c == delimiter && !quoted:
			columns, column = append(columns, strings.TrimSpace(string(column))), nil
		default:
			column = append(column, c)
		}
	}
	return append(columns, strings.TrimSpace(string(column))), !quoted
}

// line is one line with its columns.
type line struct {
	columns []string
	runes   []rune
}

// value returns the value of a column, "" if the line is too short.
func (n line) value(c Column) string {
	if c.From > 0 {
		from := min(c.From-1, len(n.runes))
		return strings.TrimSpace(string(n.runes[from:min(c.To, len(n.runes))]))
	}
	if c.Position > len(n.columns) {
		return ""
	}
	return n.columns[c.Position-1]
}

// read adds the row of a line.
func (r *reader) read(number int, text string) {
	bad := func(f fault.Flaw) { r.file.Bad = append(r.file.Bad, Bad{number, f}) }
	var n line
	if r.Delimiter == Fixed {
		n.runes = []rune(text)
	} else {
		closed := false
		if n.columns, closed = r.split(text); !closed {
			bad(fault.At("", OpenQuote))
			return
		}
	}
	get := func(f Field) string {
		if c, has := r.at[f]; has {
			return n.value(c)
		}
		return ""
	}
	amount, incoming, flaw := r.amount(get)
	if flaw == nil && !incoming {
		r.file.Out++
		return
	}
	date, wrong := r.date(get(Date))
	if flaw = cmp.Or(wrong, flaw); flaw != nil {
		bad(*flaw)
		return
	}
	for _, f := range []Field{Operation, Reference, Concept, Sender} {
		if strings.ContainsFunc(get(f), func(c rune) bool { return c < ' ' || c == 0x7f }) {
			bad(fault.At(string(f), fault.Printable))
			return
		}
	}
	r.file.Rows = append(r.file.Rows, Row{
		Line: number, Date: date, Amount: amount,
		Operation: short(get(Operation)), Reference: short(get(Reference)), Concept: short(get(Concept)), Sender: short(get(Sender)),
	})
}

// short returns the first maxText characters of a text.
func short(text string) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), maxText)])
}

func (r *reader) date(text string) (civil.Date, *fault.Flaw) {
	moment, err := time.Parse(r.format, text)
	if err != nil {
		return civil.Date{}, broken(Date, DateForm, "example", example(r.DateFormat))
	}
	day := civil.DateOf(moment)
	switch earliest := r.latest.AddDays(-maxAge); {
	case day.After(r.latest):
		return day, broken(Date, fault.NotFuture, "latest", r.latest)
	case day.Before(earliest):
		return day, broken(Date, TooOld, "earliest", earliest)
	}
	return day, nil
}

// maxAge is the number of days before the business date that a row may have.
const maxAge = 366

// amount returns the amount of a line and whether it came in.
func (r *reader) amount(get func(Field) string) (amount money.Amount, incoming bool, flaw *fault.Flaw) {
	if _, two := r.at[Credit]; two {
		out, flaw := r.number(Debit, get(Debit))
		if flaw != nil {
			return 0, false, flaw
		}
		in, flaw := r.number(Credit, get(Credit))
		switch {
		case flaw != nil:
			return 0, false, flaw
		case in != 0 && out != 0:
			return 0, false, broken(Credit, OneSide)
		case in == 0 && out == 0 || in < 0:
			return 0, false, broken(Credit, fault.Positive)
		}
		return in, in > 0, nil
	}
	text := get(Amount)
	if text == "" {
		return 0, false, broken(Amount, fault.Missing)
	}
	amount, flaw = r.number(Amount, text)
	if flaw != nil {
		return 0, false, flaw
	}
	if amount == 0 {
		return 0, false, broken(Amount, fault.Positive)
	}
	if _, sided := r.at[Side]; sided {
		side := get(Side)
		if side == "" {
			return 0, false, broken(Side, fault.Missing)
		}
		in := slices.ContainsFunc(r.Incoming, func(v string) bool { return strings.EqualFold(v, side) })
		if in && amount < 0 {
			return 0, false, broken(Amount, fault.Positive)
		}
		return amount, in, nil
	}
	return amount, amount > 0, nil
}

// number reads an amount in the layout's form. An empty text is 0.
func (r *reader) number(f Field, text string) (money.Amount, *fault.Flaw) {
	negative := false
	plain := strings.TrimSpace(strings.Replace(text, "$", "", 1))
	switch {
	case plain == "":
		return 0, nil
	case strings.HasPrefix(plain, "(") && strings.HasSuffix(plain, ")"):
		negative, plain = true, plain[1:len(plain)-1]
	case strings.HasPrefix(plain, "-"), strings.HasPrefix(plain, "+"):
		negative, plain = plain[0] == '-', strings.TrimSpace(plain[1:])
	case strings.HasSuffix(plain, "-"):
		negative, plain = true, plain[:len(plain)-1]
	}
	whole, fraction, pointed := strings.Cut(plain, marks[r.Decimal])
	groups := []string{whole}
	if r.Thousands != NoMark {
		groups = strings.Split(whole, marks[r.Thousands])
	}
	valid := !pointed || fraction != ""
	for i, g := range groups {
		valid = valid && onlyDigits(g) && g != "" && (i == 0 || len(g) == 3) && (len(groups) == 1 || len(g) <= 3)
	}
	if !valid || !onlyDigits(fraction) {
		return 0, broken(f, AmountForm, "example", r.example())
	}
	amount, err := money.Parse(strings.Join(groups, "") + "." + fraction)
	switch {
	case errors.Is(err, money.ErrPrecision):
		return 0, broken(f, AmountForm, "example", r.example())
	case err != nil:
		return 0, broken(f, fault.AtMost, "most", money.Max)
	case negative:
		return -amount, nil
	}
	return amount, nil
}

// example returns an amount in the layout's form.
func (l Layout) example() string { return "1" + marks[l.Thousands] + "234" + marks[l.Decimal] + "50" }

func onlyDigits(text string) bool { return strings.Trim(text, "0123456789") == "" }

func broken(f Field, rule fault.Rule, values ...any) *fault.Flaw {
	flaw := fault.At(string(f), rule, values...)
	return &flaw
}
