package console

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"sofipo/core/civil"
	"sofipo/core/folio"
	"sofipo/core/money"
	"sofipo/text"
)

// functions are what templates may call, in a language:
//
//	t       a phrase, with pairs of names and values of its parameters
//	of      a value in the form for people: a status, an amount with $, a rate, a date
//	money   an amount without $, for tables; total: a sum of amounts
//	number  a count with separators
//	next    the day after
//	date    12 nov 2026; long: lunes 30 de noviembre de 2026; field: 30/11/2026
//	client, loan, receipt   a short number
//	asset   the address of a file of the console
//	crumb   the data of the part "crumb"
//	upper   a text in upper case
//	input   the data of the part "input"
func functions(l text.Lang) template.FuncMap {
	return template.FuncMap{
		"t":       func(english string, pairs ...any) string { return phrase(l, english, pairs...) },
		"of":      func(v any) string { return text.Of(l, v) },
		"money":   amount,
		"total":   totalAmount,
		"number":  countText,
		"next":    func(d civil.Date) civil.Date { return d.AddDays(1) },
		"date":    func(d civil.Date) string { return dated(d, text.Of(l, d)) },
		"long":    func(d civil.Date) string { return dated(d, long(l, d)) },
		"field":   fieldDate,
		"client":  folio.Client.Print,
		"loan":    folio.Loan.Print,
		"receipt": folio.Receipt.Print,
		"asset":   asset,
		"lang":    func() string { return [...]string{text.EN: "en", text.ES: "es-MX"}[l] },
		"input":   input,
		"inputID": inputID,
		"split":   func(a money.Amount) [2]string { s := text.Of(l, a); return [2]string{s[:len(s)-3], s[len(s)-3:]} },
		"crumb":   func(path, label string) option { return option{path, label} },
		"upper":   strings.ToUpper,
		"add":     func(a, b int) int { return a + b },
	}
}

// amount returns an amount with separators and a real minus, without the sign of the
// currency.
func amount(a money.Amount) string {
	return strings.Replace(text.Of(text.EN, a), "-", "−", 1)
}

// totalAmount is amount for a sum that may be larger than an amount.
func totalAmount(t money.Total) string {
	digits, sign := strings.CutPrefix(t.String(), "-")
	for at := len(digits) - 6; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	if sign {
		return "−" + digits
	}
	return digits
}

// dated returns the text of a date, or a dash if there is no date.
func dated(d civil.Date, s string) string {
	if d.IsZero() {
		return "—"
	}
	return s
}

var (
	weekdays = [...][]string{text.EN: strings.Fields("Sunday Monday Tuesday Wednesday Thursday Friday Saturday"), text.ES: strings.Fields("domingo lunes martes miércoles jueves viernes sábado")}
	months   = [...][]string{
		text.EN: strings.Fields("January February March April May June July August September October November December"),
		text.ES: strings.Fields("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
	}
)

// long returns a date with its weekday: "lunes 30 de noviembre de 2026", "Monday, 30 November
// 2026".
func long(l text.Lang, d civil.Date) string {
	if !d.Valid() {
		return d.String()
	}
	weekday, month := weekdays[l][d.Weekday()], months[l][d.Month-1]
	if l == text.EN {
		return fmt.Sprintf("%s, %d %s %d", weekday, d.Day, month, d.Year)
	}
	return fmt.Sprintf("%s %d de %s de %d", weekday, d.Day, month, d.Year)
}

// fieldDate returns a date as people write it in fields and documents: 30/11/2026.
func fieldDate(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d/%02d/%04d", d.Day, d.Month, d.Year)
}

// clock returns the time of day at the institution: 18:20.
func (v *visit) clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(v.Location).Format("15:04")
}

// countText returns a whole number with commas between thousands.
func countText(n int64) string {
	return strings.TrimSuffix(totalAmount(money.TotalOf(0, n*100)), ".00")
}

// inputPart is the data of the template "input": a labelled input of a form.
type inputPart struct {
	Form              *form
	Name, Label       string
	Hint, Class, Mode string
	Type              string
	Options           []option
	Required          bool
}

// option is a choice of an input.
type option struct{ Value, Label string }

// Value returns what the user typed.
func (p inputPart) Value() string { return p.Form.Get(p.Name) }

// Flaw returns what is wrong with it.
func (p inputPart) Flaw() string { return p.Form.Flaws[p.Name] }

// ID returns the id of the element.
func (p inputPart) ID() string { return inputID(p.Name) }

func inputID(name string) string {
	return "in-" + strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(name)
}

// input returns the data of an input: the form, its name and its label, then pairs of an
// option and a value: "hint", "class", "mode" (inputmode), "type", "required", "options".
func input(f *form, name, label string, pairs ...any) (p inputPart, err error) {
	p = inputPart{Form: f, Name: name, Label: label, Type: "text"}
	for i := 0; i+1 < len(pairs); i += 2 {
		switch key := fmt.Sprint(pairs[i]); key {
		case "hint":
			p.Hint = capital(pairs[i+1].(string))
		case "class":
			p.Class = pairs[i+1].(string)
		case "mode":
			p.Mode = pairs[i+1].(string)
		case "type":
			p.Type = pairs[i+1].(string)
		case "required":
			p.Required = pairs[i+1].(bool)
		case "options":
			p.Options = pairs[i+1].([]option)
		default:
			return p, fmt.Errorf("input %s: unknown option %s", name, strconv.Quote(key))
		}
	}
	return p, nil
}
