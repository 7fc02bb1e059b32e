package imports

import (
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/glyph"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// MaxText is the maximum length of a text in characters.
const MaxText = 255

// Form says how a file writes values.
type Form struct {
	DecimalComma bool           // 1.234,56; otherwise 1,234.56. A value with both signs needs no form
	Serial       bool           // a date may be the number of a day in a spreadsheet
	Location     *time.Location // of dates and times without a zone
}

// Line is a row of a file: its values by field.
type Line struct {
	Number int64
	Values map[Field]string
	form   *Form
	flaws  *fault.Flaws
}

// Read returns the line with the columns of a heading.
func Read(number int64, values []string, at map[Field]int, form *Form) Line {
	l := Line{number, map[Field]string{}, form, &fault.Flaws{}}
	for field, i := range at {
		if i < len(values) {
			l.Values[field] = strings.TrimSpace(values[i])
		}
	}
	return l
}

// Flaws returns what is wrong with the values that were read.
func (l Line) Flaws() fault.Flaws { return *l.flaws }

func (l Line) flaw(field Field, rule fault.Rule, values ...any) {
	l.flaws.Add(fault.At(string(field), rule, values...))
}

// text returns a text that documents can show.
func (l Line) text(field Field) string {
	value := l.Values[field]
	if utf8.RuneCountInString(value) > MaxText {
		l.flaw(field, fault.MaxLength, "most", MaxText)
		return ""
	}
	glyph.Check(value, string(field), l.flaws)
	return value
}

// required is text that must be there.
func (l Line) required(field Field) string {
	value := l.text(field)
	if value == "" && !l.flaws.Has(string(field)) {
		l.flaw(field, fault.Missing)
	}
	return value
}

// whole returns a whole number from 0 up.
func (l Line) whole(field Field) int64 {
	value := l.Values[field]
	if value == "" {
		return 0
	}
	number, rule := decimalPoint(value, l.form.DecimalComma)
	number, fraction, _ := strings.Cut(number, ".")
	n, err := strconv.ParseInt(number, 10, 64)
	if rule != "" || err != nil || n < 0 || strings.Trim(fraction, "0") != "" {
		l.flaw(field, WholeNumber)
		return 0
	}
	return n
}

// amount returns an amount with at most two decimals.
func (l Line) amount(field Field) money.Amount {
	value := l.Values[field]
	if value == "" {
		return 0
	}
	a, rule := ParseAmount(value, l.form.DecimalComma)
	if rule != "" {
		l.flaw(field, rule)
	}
	return a
}

// ParseAmount reads an amount as people write it, such as $1,234.56, 1.234,56 or (10.00). The last
// of two different signs is the decimal sign. A single comma with three digits after it separates
// thousands, unless the file has decimal commas. The rule is empty if the value is an amount.
func ParseAmount(value string, decimalComma bool) (money.Amount, fault.Rule) {
	text := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "$", "", "MXN", "", "'", "").Replace(strings.ToUpper(value))
	negative := strings.HasPrefix(text, "-")
	if strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") {
		text, negative = text[1:len(text)-1], true
	}
	text = strings.TrimLeft(text, "-+")
	text, rule := decimalPoint(text, decimalComma)
	if rule != "" {
		return 0, rule
	}
	if text == "" || strings.Trim(text, "0123456789.") != "" {
		return 0, AmountForm
	}
	whole, cents, _ := strings.Cut(text, ".")
	if cents = strings.TrimRight(cents, "0"); len(cents) > 2 {
		return 0, TwoDecimals
	}
	a, err := money.Parse(strings.TrimSuffix(whole+"."+cents, "."))
	if err != nil {
		return 0, AmountForm
	}
	if negative {
		a = -a
	}
	return a, ""
}

// decimalPoint returns a number with a decimal point and without signs between thousands.
func decimalPoint(text string, decimalComma bool) (string, fault.Rule) {
	comma, point := strings.LastIndexByte(text, ','), strings.LastIndexByte(text, '.')
	switch {
	case comma < 0 && point < 0:
		return text, ""
	case comma >= 0 && point >= 0:
		decimalComma = comma > point
	case comma >= 0 && strings.Count(text, ",") == 1 && len(text)-comma != 4:
		decimalComma = true // 1234,5
	case point >= 0 && strings.Count(text, ".") == 1 && len(text)-point != 4:
		decimalComma = false
	case comma >= 0 && strings.Count(text, ",") == 1 && decimalComma, point >= 0 && strings.Count(text, ".") == 1 && !decimalComma:
		return "", TwoDecimals // three decimals
	}
	thousands, decimal := ",", "."
	if decimalComma {
		thousands, decimal = ".", ","
	}
	whole, fraction, cut := strings.Cut(text, decimal)
	groups := strings.Split(whole, thousands)
	if len(groups) > 1 && (len(groups[0]) < 1 || len(groups[0]) > 3 || groups[0][0] == '0') {
		return "", AmountForm // 1234.567 or 0.500 with a decimal comma
	}
	for i, g := range groups {
		if i > 0 && len(g) != 3 || strings.Contains(fraction, thousands) {
			return "", AmountForm
		}
	}
	if whole = strings.Join(groups, ""); cut {
		return whole + "." + fraction, ""
	}
	return whole, ""
}

// rate returns an annual rate: a percentage with its sign, or a fraction up to 1.
func (l Line) rate(field Field) rate.Annual {
	value := l.Values[field]
	number, percent := strings.CutSuffix(strings.ReplaceAll(value, " ", ""), "%")
	number, _ = strings.CutPrefix(number, "+")
	if strings.Count(number, ",") == 1 && !strings.Contains(number, ".") {
		number = strings.Replace(number, ",", ".", 1)
	}
	exact, ok := new(big.Rat).SetString(number)
	if !ok || strings.ContainsAny(number, "/eE") {
		l.flaw(field, RateForm)
		return 0
	}
	if percent {
		exact.Quo(exact, big.NewRat(100, 1))
	}
	exact.Mul(exact, big.NewRat(int64(rate.One), 1))
	most := big.NewRat(int64(rate.One), 1)
	if percent {
		most.Mul(most, big.NewRat(10, 1))
	}
	if !exact.IsInt() || exact.Sign() < 0 || exact.Cmp(most) > 0 {
		l.flaw(field, RateForm)
		return 0
	}
	return rate.Annual(exact.Num().Int64())
}

// dateForms are the forms of dates and times.
var dateForms = []string{
	time.DateOnly, "2/1/2006", "2-1-2006", "2.1.2006", "2006/1/2", time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999Z07",
	"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04", "2/1/2006 15:04:05", "2/1/2006 15:04", "20060102",
}

// inRange reports whether a moment can be the date of a row.
func inRange(t time.Time) bool { return t.Year() >= 1900 && t.Year() <= 2200 }

// moment returns a date or a time; a date is its noon, so that it is the same day everywhere in
// Mexico.
func (l Line) moment(field Field) time.Time {
	value := l.Values[field]
	if value == "" {
		return time.Time{}
	}
	for _, form := range dateForms {
		t, err := time.ParseInLocation(form, value, l.form.Location)
		if err != nil {
			continue
		}
		if !inRange(t) {
			break
		}
		if !strings.Contains(form, "15") {
			t = t.Add(12 * time.Hour)
		}
		return t.UTC()
	}
	if t, ok := serial(value, l.form); ok {
		return t
	}
	l.flaw(field, DateForm)
	return time.Time{}
}

// serial reads the number of a day in a spreadsheet; 25569 is 1 January 1970.
func serial(value string, form *Form) (time.Time, bool) {
	n, ok := new(big.Rat).SetString(value)
	if !form.Serial || !ok || strings.ContainsAny(value, "/eE") {
		return time.Time{}, false
	}
	seconds := new(big.Rat).Mul(n, big.NewRat(86_400, 1))
	whole := new(big.Int).Quo(seconds.Num(), seconds.Denom())
	if !whole.IsInt64() || whole.Int64() < 20_000*86_400 || whole.Int64() > 80_000*86_400 {
		return time.Time{}, false
	}
	t := time.Unix(whole.Int64()-25_569*86_400, 0).UTC()
	if n.IsInt() {
		t = t.Add(12 * time.Hour)
	}
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, form.Location).UTC(), true
}

// day returns a date.
func (l Line) day(field Field) civil.Date {
	t := l.moment(field)
	if t.IsZero() {
		return civil.Date{}
	}
	return civil.DateOf(t.In(l.form.Location))
}
