package seedform

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/core/screening"
)

// reader sets a field to a value, or returns a flaw.
type reader func(node, reflect.Value) *fault.Flaw

var readers = map[reflect.Type]reader{
	reflect.TypeFor[string]():              readText,
	reflect.TypeFor[bool]():                readBool,
	reflect.TypeFor[int]():                 readWhole,
	reflect.TypeFor[int64]():               readInteger,
	reflect.TypeFor[money.Amount]():        decimal(parseMoney, 2),
	reflect.TypeFor[rate.Annual]():         decimal(parseRate, 6),
	reflect.TypeFor[collections.Degrees](): decimal(parseDegrees, 6),
	reflect.TypeFor[screening.ListCode]():  readText,
	reflect.TypeFor[id.ID]():               readID,
	reflect.TypeFor[time.Time]():           readTime,
	reflect.TypeFor[civil.Date]():          readDate,
	reflect.TypeFor[civil.Month]():         readMonth,
}

// strict has other readers for bodies in which unknown members are refused. They accept no
// other kind of value, and no fraction.
var strict = map[reflect.Type]reader{
	reflect.TypeFor[string](): readString,
	reflect.TypeFor[bool]():   readTrueOrFalse,
	reflect.TypeFor[int64]():  readWhole,
}

// readTrueOrFalse accepts booleans.
func readTrueOrFalse(given node, into reflect.Value) *fault.Flaw {
	if given.kind != boolean {
		return broken(Boolean)
	}
	return readBool(given, into)
}

// maxText is the maximum length of a text in bytes. Only the content of a file may be longer.
const maxText = 16 << 10

// readString accepts strings that can be stored.
func readString(given node, into reflect.Value) *fault.Flaw {
	switch {
	case given.kind != str:
		return broken(Text)
	case len(given.text) > maxText:
		return broken(fault.MaxLength, "most", int64(maxText))
	case strings.Contains(given.text, "\x00") || !utf8.ValidString(given.text):
		return broken(fault.ValidText)
	}
	into.SetString(given.text)
	return nil
}

// readText accepts strings, and numbers and booleans in the notation of Python.
func readText(given node, into reflect.Value) *fault.Flaw {
	if given.kind == list || given.kind == object {
		return broken(Text)
	}
	into.SetString(given.text)
	return nil
}

// readInteger accepts integers, other numbers without their fraction, booleans as 0 or 1,
// and strings of digits. Values beyond 64 bits become the nearest 64-bit integer.
func readInteger(given node, into reflect.Value) *fault.Flaw {
	n, ok := int64(0), true
	switch given.kind {
	case boolean:
		if given.text == "True" {
			n = 1
		}
	case str:
		n, ok = integer(strings.TrimSpace(given.text))
	case number:
		if n, ok = integer(given.text); !ok {
			n, ok = truncated(given.text)
		}
	default:
		ok = false
	}
	if !ok {
		return broken(Integer)
	}
	into.SetInt(n)
	return nil
}

// readWhole accepts whole numbers, also as strings. It refuses fractions.
func readWhole(given node, into reflect.Value) *fault.Flaw {
	n, err := money.ParseFixed(given.text, 0, math.MaxInt32)
	if err != nil || given.kind != number && given.kind != str {
		return broken(Whole, "most", math.MaxInt32)
	}
	into.SetInt(n)
	return nil
}

// readBool accepts booleans, also as strings.
func readBool(given node, into reflect.Value) *fault.Flaw {
	value, err := strconv.ParseBool(given.text)
	if err != nil || given.kind != boolean && given.kind != str {
		return broken(Boolean)
	}
	into.SetBool(value)
	return nil
}

// choice returns the reader of a string with a fixed set of values.
func choice(accepted []string) reader {
	return func(given node, into reflect.Value) *fault.Flaw {
		if given.kind != str || !slices.Contains(accepted, given.text) {
			return broken(Choice, "accepted", typed(accepted, into.Type()))
		}
		into.SetString(given.text)
		return nil
	}
}

// typed converts choices to their type, which has labels.
func typed(accepted []string, of reflect.Type) any {
	choices := reflect.MakeSlice(reflect.SliceOf(of), len(accepted), len(accepted))
	for i, choice := range accepted {
		choices.Index(i).SetString(choice)
	}
	return choices.Interface()
}

func integer(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil || errors.Is(err, strconv.ErrRange)
}

func truncated(s string) (int64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, false
	}
	switch f = math.Trunc(f); {
	case f >= math.MaxInt64:
		return math.MaxInt64, true
	case f <= math.MinInt64:
		return math.MinInt64, true
	}
	return int64(f), true
}

var notFinite = []string{"nan", "snan", "inf", "infinity"}

func parseMoney(s string) (int64, error) {
	amount, err := money.Parse(s)
	return int64(amount), err
}

func parseDegrees(s string) (int64, error) {
	d, err := collections.ParseDegrees(s)
	return int64(d), err
}

// parseRate replaces a rate out of range by one that every rule refuses.
func parseRate(s string) (int64, error) {
	annual, err := rate.Parse(s)
	if errors.Is(err, money.ErrRange) {
		annual, err = math.MaxInt64, nil
		if strings.HasPrefix(strings.TrimSpace(s), "-") {
			annual = math.MinInt64
		}
	}
	return int64(annual), err
}

// moneyDigits is the number of digits of money.Max.
const moneyDigits = 15

// decimal returns the reader of a decimal number, from a number or a string.
func decimal(parse func(string) (int64, error), places int) reader {
	return func(given node, into reflect.Value) *fault.Flaw {
		if given.kind != number && given.kind != str {
			return broken(Decimal)
		}
		n, err := parse(given.text)
		switch {
		case err == nil:
			into.SetInt(n)
			return nil
		case errors.Is(err, money.ErrPrecision):
			return broken(DecimalPlaces, "most", places)
		case errors.Is(err, money.ErrRange):
			return broken(Digits, "most", moneyDigits)
		case slices.Contains(notFinite, strings.TrimLeft(strings.ToLower(strings.TrimSpace(given.text)), "+-")):
			return broken(Finite)
		}
		return broken(Decimal)
	}
}

var idDecoration = strings.NewReplacer("urn:", "", "uuid:", "", "-", "", "{", "", "}", "")

// readID accepts a UUID in either case, with hyphens anywhere, in braces or with the prefix
// urn:uuid:.
func readID(given node, into reflect.Value) *fault.Flaw {
	parsed, err := id.Parse(given.text)
	if err != nil && len(given.text) <= 100 {
		parsed, err = id.Parse(idDecoration.Replace(given.text))
	}
	if err != nil || given.kind != str {
		return broken(UUID)
	}
	into.Set(reflect.ValueOf(parsed))
	return nil
}

// readTime accepts an RFC 3339 time, or a date, which means midnight UTC. A space counts as
// the + of an offset, which is its meaning in a query.
func readTime(given node, into reflect.Value) *fault.Flaw {
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if moment, err := time.Parse(form, strings.ReplaceAll(given.text, " ", "+")); err == nil {
			into.Set(reflect.ValueOf(moment))
			return nil
		}
	}
	return broken(Moment)
}

// readDate accepts a date.
func readDate(given node, into reflect.Value) *fault.Flaw {
	day, err := civil.Parse(given.text)
	if err != nil || given.kind != str {
		return broken(Date)
	}
	into.Set(reflect.ValueOf(day))
	return nil
}

// readMonth accepts a month as YYYY-MM, after the year 1.
func readMonth(given node, into reflect.Value) *fault.Flaw {
	month, err := time.Parse("2006-01", given.text)
	if err != nil || given.kind != str || month.Year() <= 1 {
		return broken(MonthOfYear)
	}
	into.Set(reflect.ValueOf(civil.DateOf(month).MonthOf()))
	return nil
}
