package text

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/money"
	"sofipo/core/nouns"
	"sofipo/core/rate"
)

// noBreak is a no-break space, which keeps a number and its unit on one line.
const noBreak = "\u00a0"

var (
	months     = strings.Fields("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")
	connectors = [...]string{EN: " or ", ES: " o "}
)

// value returns a value in the form for people.
func value(l Lang, v any) string {
	switch v := v.(type) {
	case money.Amount:
		return pesos(l, v)
	case rate.Annual:
		return percent(l, v)
	case civil.Date:
		return day(l, v)
	case civil.Month:
		return month(l, v)
	case *fault.Error:
		if len(v.Flaws) > 0 {
			return each(v.Flaws, func(f fault.Flaw) string { return field(l, f) })
		}
		if l == ES {
			return afterColon(Title(l, v))
		}
		return Title(l, v)
	}
	if list := reflect.ValueOf(v); list.Kind() == reflect.Slice {
		parts := make([]string, list.Len())
		for i := range parts {
			parts[i] = value(l, list.Index(i).Interface())
		}
		return joined(l, parts)
	}
	if t, declared := nouns.Text(v); declared {
		return l.of(t)
	}
	return fmt.Sprint(v)
}

// field returns a field with what is wrong with it. Spanish messages are sentences of their own,
// after the field's name if a noun declares it.
func field(l Lang, f fault.Flaw) string {
	if l == EN {
		return f.Name() + " " + Message(l, f)
	}
	message := afterColon(Message(l, f))
	if name, declared := nouns.Text(fault.Field(f.Name())); declared {
		return l.of(name) + ": " + message
	}
	return message
}

// afterColon returns a Spanish sentence without the capital at its beginning, unless it begins
// with an abbreviation.
func afterColon(sentence string) string {
	first, size := utf8.DecodeRuneInString(sentence)
	if second, _ := utf8.DecodeRuneInString(sentence[size:]); unicode.IsUpper(second) {
		return sentence
	}
	return string(unicode.ToLower(first)) + sentence[size:]
}

// each joins the texts of fields.
func each(flaws []fault.Flaw, text func(fault.Flaw) string) string {
	parts := make([]string, len(flaws))
	for i, f := range flaws {
		parts[i] = text(f)
	}
	return strings.Join(parts, "; ")
}

// plain returns a value in the form for programs.
func plain(v any) string {
	if cause, ok := v.(*fault.Error); ok {
		if len(cause.Flaws) > 0 {
			return each(cause.Flaws, func(f fault.Flaw) string { return f.Name() + " " + DetailOf(f) })
		}
		return Detail(cause)
	}
	if list := reflect.ValueOf(v); list.Kind() == reflect.Slice {
		parts := make([]string, list.Len())
		for i := range parts {
			parts[i] = plain(list.Index(i).Interface())
		}
		return joined(EN, parts)
	}
	return fmt.Sprint(v)
}

// pesos returns an amount with thousands separators: "34,970.54", "$34,970.54".
func pesos(l Lang, a money.Amount) string {
	digits, sign := a.String(), ""
	if a < 0 {
		digits, sign = digits[1:], "−"
	}
	for at := len(digits) - len("000.00"); at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	if l == ES {
		sign += "$"
	}
	return sign + digits
}

// percent returns a rate in per cent without trailing zeros: "36%", "36 %".
func percent(l Lang, r rate.Annual) string {
	digits := strings.TrimSuffix(rate.Annual(int64(r)*100).Fixed(1), ".0")
	if l == ES {
		return digits + noBreak + "%"
	}
	return digits + "%"
}

// day returns a date: "2026-03-05", "5 mar 2026".
func day(l Lang, d civil.Date) string {
	if l == EN || !d.Valid() {
		return d.String()
	}
	return strconv.Itoa(int(d.Day)) + " " + months[d.Month-1][:3] + " " + strconv.Itoa(int(d.Year))
}

// month returns a month: "2026-03", "marzo de 2026".
func month(l Lang, m civil.Month) string {
	if l == EN || m.Month < 1 || int(m.Month) > len(months) {
		return m.String()
	}
	return months[m.Month-1] + " de " + strconv.Itoa(m.Year)
}

// joined returns a list of choices: "a, b or c", "a, b o c". It uses semicolons if a
// choice has a comma.
func joined(l Lang, parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := parts[len(parts)-1]
	or := connectors[l]
	if start := strings.ToLower(last); l == ES && (strings.HasPrefix(start, "o") || strings.HasPrefix(start, "ho")) {
		or = " u "
	}
	if strings.Contains(strings.Join(parts, ""), ",") {
		return strings.Join(parts[:len(parts)-1], "; ") + ";" + or + last
	}
	return strings.Join(parts[:len(parts)-1], ", ") + or + last
}
