package seedform

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/text"
	"sofipo/web"
)

// Field is an invalid part of a request, in the form of the seed.
type Field struct {
	Loc  []any // body, path, query or header, then names and positions
	Msg  string
	Type string
	Ctx  []Value
}

// Value is a member of a context.
type Value struct {
	Name  string
	Value any
}

// help is the name of the flaw value with the help text of the field.
const help = "help"

// wording is the form in which the seed reported a violated rule. A name in braces stands
// for a value of the flaw. Without a message, the one of package text is used.
type wording struct {
	kind, message string
	context       []string // pairs of a member's name and a value's
}

// wordings has the rules of the seed and similar rules. Other rules are reported as a
// value_error with the message of package text.
var wordings = map[fault.Rule]wording{
	fault.Missing:   {"value_error.missing", "field required", nil},
	fault.Positive:  {"value_error.number.not_gt", "ensure this value is greater than 0", []string{"limit_value", "0"}},
	fault.AtLeast:   {"value_error.number.not_ge", "ensure this value is greater than or equal to {least}", []string{"limit_value", "least"}},
	fault.AtMost:    {"value_error.number.not_le", "ensure this value is less than or equal to {most}", []string{"limit_value", "most"}},
	fault.MinLength: {"value_error.any_str.min_length", "ensure this value has at least {least} characters", []string{"limit_value", "least"}},
	fault.MaxLength: {"value_error.any_str.max_length", "ensure this value has at most {most} characters", []string{"limit_value", "most"}},
	fault.Printable: {"value_error.str.control", "ensure this value has no control characters and is valid UTF-8", nil},
	fault.ValidText: {"value_error.str.control", "ensure this value has no NUL and is valid UTF-8", nil},

	rate.FractionAtMost: {"value_error.number.not_le", "ensure this value is less than or equal to {most}", []string{"limit_value", "most"}},

	client.EmailForm: {"value_error.email", "value is not a valid email address", nil},
	fault.NotAfter:   {"value_error.date", "", nil},
	fault.DayBetween: {"value_error.date", "", nil},
	fault.WithinDays: {"value_error.date", "", nil},
	fault.PageMark:   {"value_error.page", "", nil},
	product.CodeForm: {"value_error.product", "", nil},
	client.RFCLength: {"value_error.rfc", "", nil},
	client.RFCForm:   {"value_error.rfc", "", nil},
	client.RFCDate:   {"value_error.rfc", "", nil},
	client.RFCWord:   {"value_error.rfc", "", nil},
	client.RFCDigit:  {"value_error.rfc", "", nil},

	NotNull:        {"type_error.none.not_allowed", "none is not an allowed value", nil},
	Object:         {"type_error.dict", "value is not a valid dict", nil},
	List:           {"type_error.list", "value is not a valid list", nil},
	Text:           {"type_error.str", "str type expected", nil},
	Integer:        {"type_error.integer", "value is not a valid integer", nil},
	Whole:          {"type_error.integer", "value is not a whole number of at most {most}", nil},
	Boolean:        {"type_error.bool", "value could not be parsed to a boolean: use true or false", nil},
	Choice:         {"type_error.enum", "value is not a valid enumeration member; permitted: {accepted}", []string{"enum_values", "accepted"}},
	Decimal:        {"type_error.decimal", "value is not a valid decimal", nil},
	Finite:         {"value_error.decimal.not_finite", "value is not a valid decimal", nil},
	DecimalPlaces:  {"value_error.decimal.max_places", "ensure that there are no more than {most} decimal places", []string{"decimal_places", "most"}},
	Digits:         {"value_error.decimal.max_digits", "ensure that there are no more than {most} digits in total", []string{"max_digits", "most"}},
	UUID:           {"type_error.uuid", "value is not a valid uuid", nil},
	Moment:         {"value_error.datetime", "invalid datetime format: use RFC 3339 (2026-11-23T09:00:00Z) or YYYY-MM-DD", nil},
	Date:           {"value_error.date", "invalid date: use a valid date as YYYY-MM-DD", nil},
	MonthOfYear:    {"value_error.date", "must be a month as YYYY-MM", nil},
	MinItems:       {"value_error.list.min_items", "ensure this value has at least {least} items", []string{"limit_value", "least"}},
	MaxItems:       {"value_error.list.max_items", "ensure this value has at most {most} items", []string{"limit_value", "most"}},
	KnownField:     {"value_error.extra", "unknown field: use {known}", nil},
	KnownParameter: {"value_error.extra", "unknown parameter: use {known}", nil},
	FieldElsewhere: {"value_error.extra", "this operation does not have the field: use {operation}", nil},
	NoField:        {"value_error.extra", "unknown field: the body of this operation has no fields", nil},
	NoParameter:    {"value_error.extra", "unknown parameter: this operation has no query parameters", nil},
	Once:           {"value_error.extra", "must not be repeated", nil},
	NotTogether:    {"value_error.extra", "must not be given together with {other}", nil},
	NotBelow:       {"value_error.number.not_ge", "must not be lower than {other}", nil},
	UTF8:           {"value_error.utf8", "body is not valid UTF-8", nil},
	WholeBody:      {"value_error.body", "body ends before its Content-Length", nil},
	ReadableBody:   {"value_error.body", "body cannot be read", nil},
	KeyForm:        {"value_error.header", "use 1 to 255 visible ASCII characters", nil},
	TokenForm:      {"value_error.header", "use the X-Sofipo-Position of an earlier response", nil},
	FileMedia:      {"value_error.body", "body is not a file of an accepted content type: use {accepted}", nil},
	GrantType:      {"value_error.str.regex", `string does not match regex "{pattern}"`, []string{"pattern", "pattern"}},
	JSON: {"value_error.jsondecode", "{msg}: line {lineno} column {colno} (char {pos})",
		[]string{"msg", "msg", "doc", "doc", "pos", "pos", "lineno", "lineno", "colno", "colno"}},
}

// reported returns a flaw in the form of the seed, without its location.
func reported(f fault.Flaw) Field {
	w, known := wordings[f.Rule]
	if !known {
		return Field{Msg: web.DetailOf(f), Type: "value_error", Ctx: contextOf(f)}
	}
	if w.message == "" {
		return Field{Msg: web.DetailOf(f), Type: w.kind, Ctx: contextOf(f)}
	}
	out := Field{Msg: w.message, Type: w.kind}
	for name, value := range f.Values {
		out.Msg = strings.ReplaceAll(out.Msg, "{"+name+"}", spelled(value))
	}
	if about, found := f.Values[help]; found && !strings.Contains(out.Msg, ": ") {
		out.Msg += ": " + spelled(about)
	}
	for i := 0; i < len(w.context); i += 2 {
		out.Ctx = append(out.Ctx, Value{w.context[i], bare(valueOf(f, w.context[i+1]))})
	}
	return out
}

// valueOf returns a value of a flaw. For rules without values, such as Positive, the name
// is the limit itself.
func valueOf(f fault.Flaw, name string) any {
	if value, found := f.Values[name]; found {
		return value
	}
	return json.Number(name)
}

// contextOf returns all values of a flaw by name.
func contextOf(f fault.Flaw) (ctx []Value) {
	for _, name := range slices.Sorted(maps.Keys(f.Values)) {
		if name != help {
			ctx = append(ctx, Value{name, f.Values[name]})
		}
	}
	return ctx
}

// spelled formats a value for a message.
func spelled(value any) string {
	value = bare(value)
	if list := reflect.ValueOf(value); list.Kind() == reflect.Slice {
		parts := make([]string, list.Len())
		for i := range parts {
			parts[i] = fmt.Sprint(list.Index(i))
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(value)
}

// bare removes decimals that are zero, as Python formats its limits: 0 and
// 9999999999999.99.
func bare(value any) any {
	switch value.(type) {
	case money.Amount, rate.Annual:
		digits := fmt.Sprint(value)
		return json.Number(strings.TrimSuffix(strings.TrimRight(digits, "0"), "."))
	}
	return value
}

// Detail returns the text of a refusal without flaws. It is the seed's text if it had one.
func Detail(e *fault.Error) string {
	words, known := details[refusal{e.Code, e.Rule}]
	if !known {
		return web.Detail(e)
	}
	for name, value := range e.Values {
		words = strings.ReplaceAll(words, "{"+name+"}", spelled(value))
	}
	return words
}

// details are the seed's texts that differ from those of package text.
var details = map[refusal]string{
	{servicing.NotActive, ""}:                     "Loan is not active. Status: {loan_status}",
	{servicing.NotActive, servicing.NotDisbursed}: "Loan is not active. Status: {loan_status}",
	{servicing.OverPayment, ""}:                   "Payment amount cannot be greater than the current balance",
}

// refusal is a code with the rule that selects one of its texts, if it has several.
type refusal struct {
	code fault.Code
	rule fault.Rule
}

// Message returns the message of an invalid field in a language.
func Message(l text.Lang, f fault.Flaw) string {
	if t, found := Texts[f.Rule]; found {
		return text.Render(l, t, f.Values)
	}
	return web.Message(l, f)
}
