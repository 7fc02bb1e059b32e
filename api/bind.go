package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"mime"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// maxBody is the longest body accepted, in bytes.
const maxBody = 1 << 20

// An input is a struct whose fields say where they come from, in the order in
// which their faults are told:
//
//	ClientID id.ID `path:"client_id"`
//	Limit    int64 `query:"limit" default:"100" minimum:"0" maximum:"1000"`
//	Body     LoanCreate            // a struct with json tags; `form:"true"` for a form
//	                               // `unknown:"refused"` if no other members may be in it;
//	                               // of a field of the query, no other parameters
//
// A pointer is optional; so is what has a default, and what encoding/json may
// omit: it stays zero. What has an enum takes one of its values. A help is told
// with a fault that does not itself say what is accepted. A field of a JSON
// body may be a struct with json tags, or a list (see form.go). The OpenAPI
// document is made from the same tags.
type binder struct {
	fields   []field
	strict   bool  // the query may have no parameter that is not a field
	body     *form // nil: no body is read
	bodiless bool  // there may be no body
	encoded  bool  // the body is a form of HTML
}

// field is one part of an input.
type field struct {
	in, name string // in: path or query; empty for a member of an object
	index    []int
	pointer  bool
	optional bool // may be absent
	fallback string
	help     string // what is accepted
	least    *int64 // of a number in the query
	above    *int64 // of a number in the body whose zero is the same as its absence
	most     *int64
	read     reader
	parts    filler // in place of read: of a struct or a list
	depth    int    // of nested structs and lists
}

// reader puts a value into a field, or says in pydantic's words why it cannot.
type reader func(node, reflect.Value) *fault.Field

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
}

// newBinder studies the type of an input once, when the program starts.
func newBinder(input reflect.Type) *binder {
	b := &binder{}
	for _, f := range reflect.VisibleFields(input) {
		switch {
		case f.Anonymous: // its fields follow
		case f.Name != "Body":
			b.fields = append(b.fields, newField(f, false))
			b.strict = b.strict || f.Tag.Get("unknown") == "refused"
		default:
			b.encoded, b.bodiless = f.Tag.Get("form") == "true", f.Tag.Get("body") == "optional"
			b.body = newForm(f.Type, f.Tag.Get("unknown") == "refused")
			b.body.index = f.Index
		}
	}
	return b
}

// newField studies a field; strict is of the forms below it.
func newField(f reflect.StructField, strict bool) field {
	out := field{index: f.Index, fallback: f.Tag.Get("default"), help: f.Tag.Get("help")}
	for _, in := range []string{"path", "query", "json"} {
		if name, found := f.Tag.Lookup(in); found {
			name, omit, _ := strings.Cut(name, ",")
			out.in, out.name, out.optional = in, name, strings.HasPrefix(omit, "omit")
		}
	}
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t, out.pointer, out.optional = t.Elem(), true, true
	}
	switch out.in {
	case "path":
		out.read = newReader(t, f.Tag)
	case "query":
		out.read, out.least, out.most = newReader(t, f.Tag), integerTag(f, "minimum"), integerTag(f, "maximum")
	case "json": // other limits of a body's fields are the rules of the nouns
		out.read, out.parts, out.depth = newValue(t, f.Tag, strict)
		out.in = ""
		if out.optional && !out.pointer {
			out.above = integerTag(f, "exclusiveMinimum")
		}
	}
	if out.read == nil && (out.parts == nil || out.fallback != "") {
		panic(fmt.Sprintf("api: an input cannot have the field %s %s `%s`", f.Name, f.Type, f.Tag))
	}
	return out
}

// newReader is the reader of a type with its tags, nil if there is none.
func newReader(t reflect.Type, tag reflect.StructTag) reader {
	if values := tag.Get("enum"); values != "" && t.Kind() == reflect.String {
		return choice(strings.Split(values, ","))
	}
	return readers[t]
}

func integerTag(f reflect.StructField, name string) *int64 {
	n, err := strconv.ParseInt(f.Tag.Get(name), 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// bind fills an input from the request. The faults are in the order of the
// fields; an error is a refusal of the whole request.
func (b *binder) bind(c *call, into reflect.Value) (faults []fault.Field, err error) {
	var query url.Values
	paths := 0
	for i := range b.fields {
		f := &b.fields[i]
		given := node{}
		if f.in == "path" {
			given = node{kind: text, text: c.request.PathValue(wildcards[paths])}
			paths++
		} else {
			if query == nil {
				query = c.request.URL.Query()
			}
			if values := query[f.name]; len(values) > 0 {
				given = node{kind: text, text: values[len(values)-1]}
			}
		}
		faults = f.bind(given, into, faults)
	}
	if b.strict {
		faults = append(faults, b.others(query)...)
	}
	if b.body == nil {
		return faults, nil
	}
	doc, err := readBody(c)
	if err != nil {
		return nil, err
	}
	if b.bodiless && doc == "" {
		return faults, nil
	}
	given, fault := b.parse(c.request.Header, doc)
	if fault != nil {
		return append(faults, *fault), nil
	}
	return append(faults, under(b.body.bind(given, into.FieldByIndex(b.body.index)), "body")...), nil
}

// others are the faults of the first parameters that are no fields.
func (b *binder) others(query url.Values) []fault.Field {
	var parameters []field
	for _, f := range b.fields {
		if f.in == "query" {
			parameters = append(parameters, f)
		}
	}
	return under(unknown("parameter", slices.Values(slices.Sorted(maps.Keys(query))), parameters), "query")
}

// parse gives the body as an object, or as what the seed took for one.
func (b *binder) parse(header http.Header, doc string) (node, *fault.Field) {
	if b.encoded {
		return parseForm(header, doc), nil
	}
	whole := func(message, kind string) *fault.Field {
		return &fault.Field{Loc: []any{"body"}, Message: message, Type: kind}
	}
	switch {
	case doc == "":
		return node{}, whole("field required", "value_error.missing")
	case !saysJSON(header.Get("Content-Type")):
		return node{}, whole("value is not a valid dict", "type_error.dict")
	case !utf8.ValidString(doc):
		return node{}, whole("body is not valid UTF-8", "value_error.utf8")
	}
	value, flaw := parse(strings.TrimPrefix(doc, "\ufeff"), b.body.depth)
	if flaw != nil {
		at := flaw.field(strings.TrimPrefix(doc, "\ufeff"))
		return node{}, &at
	}
	switch {
	case value.kind == null:
		return node{}, whole("field required", "value_error.missing")
	case b.body.takes(value):
		return value, nil
	}
	return node{}, whole("value is not a valid dict", "type_error.dict")
}

// saysJSON tells whether a content type, or the lack of one, is JSON's.
func saysJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	kind, _, _ := strings.Cut(contentType, ";")
	kind, sub, _ := strings.Cut(strings.ToLower(strings.TrimSpace(kind)), "/")
	return kind == "application" && (sub == "json" || strings.HasSuffix(sub, "+json"))
}

// parseForm reads a form. What was left empty is absent; any other kind of body is an empty form.
func parseForm(header http.Header, doc string) node {
	out := node{kind: object}
	if kind, _, _ := mime.ParseMediaType(header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return out
	}
	values, _ := url.ParseQuery(doc) // a pair that cannot be read is as good as absent
	for name, given := range values {
		if last := given[len(given)-1]; last != "" {
			out.members = append(out.members, member{name, node{kind: text, text: last}})
		}
	}
	return out
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readBody gives the whole body, or a refusal of a body that is too long, too slow or cut short.
func readBody(c *call) (string, error) {
	if c.request.ContentLength > maxBody {
		return "", tooLarge()
	}
	buffer := buffers.Get().(*bytes.Buffer)
	buffer.Reset()
	defer buffers.Put(buffer)
	_, err := buffer.ReadFrom(http.MaxBytesReader(c.ResponseWriter, c.request.Body, maxBody))
	var over *http.MaxBytesError
	switch {
	case err == nil:
		return buffer.String(), nil
	case errors.As(err, &over):
		return "", tooLarge()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "", fault.New(tooSlow, "Request Timeout: the body did not arrive in time", "El cuerpo de la solicitud no llegó a tiempo")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "", fault.InFields([]fault.Field{{Loc: []any{"body"}, Message: "body ends before its Content-Length", Type: "value_error.body"}})
	}
	return "", fault.InFields([]fault.Field{{Loc: []any{"body"}, Message: "body cannot be read", Type: "value_error.body"}})
}

func tooLarge() error {
	return fault.New(fault.TooLarge, "Request Entity Too Large: the body may have at most 1 MiB", "El cuerpo de la solicitud excede 1 MiB")
}

// bind puts what was given for a field into the input, or adds a fault.
func (f *field) bind(given node, into reflect.Value, faults []fault.Field) []fault.Field {
	var at *fault.Field
	switch {
	case given.kind == absent && f.fallback != "":
		given = node{kind: text, text: f.fallback}
	case given.kind == absent && f.optional:
		return faults
	case given.kind == absent:
		at = &fault.Field{Message: "field required", Type: "value_error.missing"}
	case given.kind == null:
		at = &fault.Field{Message: "none is not an allowed value", Type: "type_error.none.not_allowed"}
	}
	if at != nil {
		return append(faults, f.blame(at))
	}
	target := into.FieldByIndex(f.index)
	if f.pointer {
		target.Set(reflect.New(target.Type().Elem()))
		target = target.Elem()
	}
	if f.parts != nil {
		return append(faults, under(f.parts(given, target), f.loc()...)...)
	}
	if at := f.fill(given, target); at != nil {
		return append(faults, f.blame(at))
	}
	return faults
}

// blame is the fault as one of the field, with the field's help unless the
// message says after a colon what is accepted.
func (f *field) blame(at *fault.Field) fault.Field {
	at.Loc = f.loc()
	if f.help != "" && !strings.Contains(at.Message, ": ") {
		at.Message += ": " + f.help
	}
	return *at
}

// loc is the place of the field, in the object of which it is a member.
func (f *field) loc() []any {
	if f.in == "" {
		return []any{f.name}
	}
	return []any{f.in, f.name}
}

// fill reads a value of one piece.
func (f *field) fill(given node, target reflect.Value) *fault.Field {
	if at := f.read(given, target); at != nil {
		return at
	}
	switch {
	case f.in != "" && target.Kind() == reflect.String:
		return f.plain(target.String())
	case f.above != nil && target.Int() <= *f.above:
		return limit("ensure this value is greater than %d", "value_error.number.not_gt", *f.above)
	case f.least != nil && target.Int() < *f.least:
		return limit("ensure this value is greater than or equal to %d", "value_error.number.not_ge", *f.least)
	case f.most != nil && target.Int() > *f.most:
		return limit("ensure this value is less than or equal to %d", "value_error.number.not_le", *f.most)
	}
	return nil
}

// plain refuses a text of the address that no stored text can equal.
func (f *field) plain(s string) *fault.Field {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl) {
		return nil
	}
	return &fault.Field{Message: "ensure this value has no control characters and is valid UTF-8", Type: "value_error.str.control"}
}

func limit(message, kind string, value int64) *fault.Field {
	return &fault.Field{Message: fmt.Sprintf(message, value), Type: kind, Context: map[string]any{"limit_value": value}}
}

// readText takes texts, and numbers and booleans as Python writes them.
func readText(given node, into reflect.Value) *fault.Field {
	if given.kind == list || given.kind == object {
		return &fault.Field{Message: "str type expected", Type: "type_error.str"}
	}
	into.SetString(given.text)
	return nil
}

// readInteger takes integers, the integral part of other numbers, true as 1 and
// texts of digits. What is beyond 64 bits becomes the nearest that is not.
func readInteger(given node, into reflect.Value) *fault.Field {
	n, ok := int64(0), true
	switch given.kind {
	case boolean:
		if given.text == "True" {
			n = 1
		}
	case text:
		n, ok = integer(strings.TrimSpace(given.text))
	case number:
		if n, ok = integer(given.text); !ok {
			n, ok = truncated(given.text)
		}
	default:
		ok = false
	}
	if !ok {
		return &fault.Field{Message: "value is not a valid integer", Type: "type_error.integer"}
	}
	into.SetInt(n)
	return nil
}

// readWhole takes whole numbers and their texts, and nothing that would have to
// be rounded.
func readWhole(given node, into reflect.Value) *fault.Field {
	n, err := money.ParseFixed(given.text, 0, math.MaxInt32)
	if err != nil || given.kind != number && given.kind != text {
		return &fault.Field{Message: fmt.Sprintf("value is not a whole number of at most %d", math.MaxInt32), Type: "type_error.integer"}
	}
	into.SetInt(n)
	return nil
}

// readBool takes booleans and their texts.
func readBool(given node, into reflect.Value) *fault.Field {
	value, err := strconv.ParseBool(given.text)
	if err != nil || given.kind != boolean && given.kind != text {
		return &fault.Field{Message: "value could not be parsed to a boolean: use true or false", Type: "type_error.bool"}
	}
	into.SetBool(value)
	return nil
}

// choice makes the reader of a text that must be one of the given.
func choice(accepted []string) reader {
	return func(given node, into reflect.Value) *fault.Field {
		if given.kind != text || !slices.Contains(accepted, given.text) {
			return &fault.Field{
				Message: "value is not a valid enumeration member; permitted: " + strings.Join(accepted, ", "),
				Type:    "type_error.enum", Context: map[string]any{"enum_values": accepted},
			}
		}
		into.SetString(given.text)
		return nil
	}
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
	return func(given node, into reflect.Value) *fault.Field {
		invalid := &fault.Field{Message: "value is not a valid decimal", Type: "type_error.decimal"}
		if given.kind != number && given.kind != text {
			return invalid
		}
		n, err := parse(given.text)
		switch {
		case err == nil:
			into.SetInt(n)
			return nil
		case errors.Is(err, money.ErrPrecision):
			return &fault.Field{
				Message: fmt.Sprintf("ensure that there are no more than %d decimal places", places),
				Type:    "value_error.decimal.max_places", Context: map[string]any{"decimal_places": places},
			}
		case errors.Is(err, money.ErrRange):
			return &fault.Field{
				Message: fmt.Sprintf("ensure that there are no more than %d digits in total", moneyDigits),
				Type:    "value_error.decimal.max_digits", Context: map[string]any{"max_digits": moneyDigits},
			}
		case slices.Contains(notFinite, strings.TrimLeft(strings.ToLower(strings.TrimSpace(given.text)), "+-")):
			invalid.Type = "value_error.decimal.not_finite"
		}
		return invalid
	}
}

var idDecoration = strings.NewReplacer("urn:", "", "uuid:", "", "-", "", "{", "", "}", "")

// readID takes a UUID with its hyphens anywhere, in either case, in braces or behind urn:uuid: .
func readID(given node, into reflect.Value) *fault.Field {
	parsed, err := id.Parse(given.text)
	if err != nil && len(given.text) <= 100 {
		parsed, err = id.Parse(idDecoration.Replace(given.text))
	}
	if err != nil || given.kind != text {
		return &fault.Field{Message: "value is not a valid uuid", Type: "type_error.uuid"}
	}
	into.Set(reflect.ValueOf(parsed))
	return nil
}

// readTime takes a moment of RFC 3339, or a date, which is its midnight in UTC.
// The + of an offset may come as a blank, which is what it means in an address.
func readTime(given node, into reflect.Value) *fault.Field {
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if moment, err := time.Parse(form, strings.ReplaceAll(given.text, " ", "+")); err == nil {
			into.Set(reflect.ValueOf(moment))
			return nil
		}
	}
	return &fault.Field{Message: "invalid datetime format: use RFC 3339 (2026-11-23T09:00:00Z) or YYYY-MM-DD", Type: "value_error.datetime"}
}

// readDate takes a day of the calendar.
func readDate(given node, into reflect.Value) *fault.Field {
	day, err := civil.Parse(given.text)
	if err != nil || given.kind != text {
		return &fault.Field{Message: "invalid date: use a day of the calendar as YYYY-MM-DD", Type: "value_error.date"}
	}
	into.Set(reflect.ValueOf(day))
	return nil
}
