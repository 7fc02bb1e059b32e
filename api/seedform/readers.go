package seedform

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// reader puts a value into a field, or gives the rule that the value breaks.
type reader func(node, reflect.Value) *fault.Flaw

var readers = map[reflect.Type]reader{
	reflect.TypeFor[string]():       readText,
	reflect.TypeFor[bool]():         readBool,
	reflect.TypeFor[int]():          readWhole,
	reflect.TypeFor[int64]():        readInteger,
	reflect.TypeFor[money.Amount](): decimal(parseMoney, 2),
	reflect.TypeFor[rate.Annual]():  decimal(parseRate, 6),
	reflect.TypeFor[id.ID]():        readID,
	reflect.TypeFor[time.Time]():    readTime,
	reflect.TypeFor[civil.Date]():   readDate,
	reflect.TypeFor[civil.Month]():  readMonth,
}

// readText takes texts, and numbers and booleans as Python writes them.
func readText(given node, into reflect.Value) *fault.Flaw {
	if given.kind == list || given.kind == object {
		return broken(Text)
	}
	into.SetString(given.text)
	return nil
}

// readInteger takes integers, the integral part of other numbers, true as 1 and
// texts of digits. What is beyond 64 bits becomes the nearest that is not.
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

// readWhole takes whole numbers and their texts, and nothing that would have to
// be rounded.
func readWhole(given node, into reflect.Value) *fault.Flaw {
	n, err := money.ParseFixed(given.text, 0, math.MaxInt32)
	if err != nil || given.kind != number && given.kind != str {
		return broken(Whole, "most", math.MaxInt32)
	}
	into.SetInt(n)
	return nil
}

// readBool takes booleans and their texts.
func readBool(given node, into reflect.Value) *fault.Flaw {
	value, err := strconv.ParseBool(given.text)
	if err != nil || given.kind != boolean && given.kind != str {
		return broken(Boolean)
	}
	into.SetBool(value)
	return nil
}

// choice makes the reader of a text that must be one of the given.
func choice(accepted []string) reader {
	return func(given node, into reflect.Value) *fault.Flaw {
		if given.kind != str || !slices.Contains(accepted, given.text) {
			return broken(Choice, "accepted", typed(accepted, into.Type()))
		}
		into.SetString(given.text)
		return nil
	}
}

// typed are the values of choices, which have labels.
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

// parseRate lets a rate beyond all numbers through as one that all rules refuse.
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

// moneyDigits is how many digits money.Max has.
const moneyDigits = 15

// decimal makes the reader of a decimal number of so many places, from a
// number's own digits or from a text.
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

// readID takes a UUID with its hyphens anywhere, in either case, in braces or behind urn:uuid: .
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

// readTime takes a moment of RFC 3339, or a date, which is its midnight in UTC.
// The + of an offset may come as a blank, which is what it means in an address.
func readTime(given node, into reflect.Value) *fault.Flaw {
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if moment, err := time.Parse(form, strings.ReplaceAll(given.text, " ", "+")); err == nil {
			into.Set(reflect.ValueOf(moment))
			return nil
		}
	}
	return broken(Moment)
}

// readDate takes a day of the calendar.
func readDate(given node, into reflect.Value) *fault.Flaw {
	day, err := civil.Parse(given.text)
	if err != nil || given.kind != str {
		return broken(Date)
	}
	into.Set(reflect.ValueOf(day))
	return nil
}

// readMonth takes a month as YYYY-MM, after the year 1.
func readMonth(given node, into reflect.Value) *fault.Flaw {
	month, err := time.Parse("2006-01", given.text)
	if err != nil || given.kind != str || month.Year() <= 1 {
		return broken(MonthOfYear)
	}
	into.Set(reflect.ValueOf(civil.DateOf(month).MonthOf()))
	return nil
}
