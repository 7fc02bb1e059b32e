package seedform

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"sofipo/core/fault"
	"sofipo/web"
)

// maxBody is the maximum length of a body in bytes.
const maxBody = 1 << 20

// Binder decodes requests into inputs of one type. An input is a struct with tags for the
// sources of its fields. Flaws are reported in the order of the fields:
//
//	ClientID id.ID `path:"client_id"`
//	Limit    int64 `query:"limit" default:"100" minimum:"0" maximum:"1000"`
//	Body     LoanCreate            // a struct with json tags; `form:"true"` for a form; or a File
//
// Pointers, fields with a default and fields that encoding/json may omit are optional. A
// field with an enum accepts only these values. A help text is added to flaws that do not
// say what is accepted. A field of a JSON body may be a struct with json tags or a list
// (see form.go). The tag blame lists the names of the field in commands (see place.go).
// The OpenAPI document is generated from the same tags.
type Binder struct {
	fields   []field
	parts    []string // names of the path parameters, in order
	headers  []string // names of the headers that may have flaws
	unknown  Unknown  // treatment of unknown parameters
	body     *form    // nil: there is none
	bodiless bool     // the body is optional
	encoded  bool     // the body is an HTML form
	file     *file    // of a body that is a File; nil: it is not
}

// field is one field of an input.
type field struct {
	in, name string // in: path or query; empty for a member of an object
	index    []int
	pointer  bool
	optional bool     // may be absent
	fallback node     // of an absent field; absent: none
	help     string   // what is accepted
	blames   []string // names of the field in the flaws of commands
	least    *int64   // of a number in the query
	most     *int64
	longest  *int64 // of a text in the query, in characters
	positive bool   // a number in the body that must be above 0 if present
	read     reader
	parts    filler // instead of read, for a struct or a list
	depth    int    // of nested structs and lists
}

// New returns the binder of an input type. Call it once, at start-up. Parts are the names
// of the path parameters in the order of the fields; headers are the names of the headers
// that may have flaws. If unknown names are refused, an input without a Body accepts only an
// empty body or an empty object.
func New(input reflect.Type, parts, headers []string, unknown Unknown) *Binder {
	b := &Binder{parts: parts, headers: headers, unknown: unknown}
	for _, f := range reflect.VisibleFields(input) {
		switch {
		case f.Anonymous: // its fields follow
		case f.Name != "Body":
			b.fields = append(b.fields, newField(f, unknown))
		case f.Type == reflect.TypeFor[File]():
			b.file = newFile(f)
		default:
			b.encoded, b.bodiless = f.Tag.Get("form") == "true", f.Tag.Get("body") == "optional"
			b.body = newForm(f.Type, unknown)
			b.body.index = f.Index
			b.body.acting = append(b.body.acting, headers...)
			b.body.inFile = f.Tag.Get("file")
		}
	}
	b.mustName()
	return b
}

// mustName panics if two fields of the input have the same name, since a flaw would be
// ambiguous.
func (b *Binder) mustName() {
	fields := b.fields
	if b.body != nil {
		fields = slices.Concat(fields, b.body.fields)
	}
	for i, f := range fields {
		if slices.ContainsFunc(fields[:i], func(g field) bool { return g.name == f.name }) {
			panic("seedform: two fields of an input have the name " + f.name)
		}
	}
}

// newField returns the description of a field. Unknown applies to the objects within it.
func newField(f reflect.StructField, unknown Unknown) field {
	out := field{index: f.Index, help: f.Tag.Get("help"), blames: strings.Fields(f.Tag.Get("blame"))}
	for _, in := range []string{"path", "query", "json"} {
		if name, found := f.Tag.Lookup(in); found && out.in == "" {
			name, omit, _ := strings.Cut(name, ",")
			out.in, out.name, out.optional = in, name, strings.HasPrefix(omit, "omit")
		}
	}
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t, out.pointer, out.optional = t.Elem(), true, true
	}
	if text := f.Tag.Get("default"); text != "" {
		out.fallback = node{kind: kindOf(t), text: text}
	}
	switch out.in {
	case "path":
		out.read = newReader(t, f.Tag)
	case "query":
		out.read, out.least, out.most = newReader(t, f.Tag), integerTag(f, "minimum"), integerTag(f, "maximum")
		out.longest = integerTag(f, "maxLength")
	case "json": // other limits of a body's fields are the rules of the nouns
		out.read, out.parts, out.depth = newValue(t, f.Tag, unknown)
		out.in = ""
		if out.optional && !out.pointer {
			out.positive = f.Tag.Get("exclusiveMinimum") == "0"
		}
	}
	if out.read == nil && (out.parts == nil || out.fallback.kind != absent) {
		panic(fmt.Sprintf("seedform: an input cannot have the field %s %s `%s`", f.Name, f.Type, f.Tag))
	}
	return out
}

// kindOf returns the kind of the JSON values of a type of scalars.
func kindOf(t reflect.Type) kind {
	switch t.Kind() {
	case reflect.Bool:
		return boolean
	case reflect.Int, reflect.Int64:
		return number
	}
	return str
}

// newReader returns the reader of a type with its tags, or nil.
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

// Bind decodes the request into an input, a struct. The flaws are in the order of the
// fields. An error refuses the whole request.
func (b *Binder) Bind(w http.ResponseWriter, r *http.Request, into reflect.Value) (flaws []fault.Flaw, err error) {
	var query url.Values
	paths := 0
	for i := range b.fields {
		f := &b.fields[i]
		given := node{}
		if f.in == "path" {
			given = node{kind: str, text: r.PathValue(b.parts[paths])}
			paths++
		} else {
			if query == nil {
				query = r.URL.Query()
			}
			if values := query[f.name]; len(values) > 0 {
				given = node{kind: str, text: values[len(values)-1]}
			}
		}
		flaws = f.bind(given, into, flaws)
	}
	if r.URL.RawQuery != "" {
		flaws = append(flaws, b.unknownParameters(r.URL.RawQuery, r.URL.Query())...)
	}
	if b.file != nil {
		flaw, err := b.file.bind(w, r, into)
		if flaw != nil {
			flaws = append(flaws, *flaw)
		}
		return flaws, err
	}
	if b.body == nil && b.unknown == Ignored {
		return flaws, nil
	}
	doc, err := readBody(w, r, maxBody)
	if err != nil {
		return nil, err
	}
	if doc == "" && (b.body == nil || b.bodiless) {
		return flaws, nil
	}
	form := cmp.Or(b.body, noFields)
	given, flaw := b.parse(r.Header, doc, form)
	switch {
	case flaw != nil:
		return append(flaws, *flaw), nil
	case b.body == nil:
		return append(flaws, form.unknownMembers(given)...), nil
	}
	return append(flaws, form.bind(given, into.FieldByIndex(form.index))...), nil
}

// noFields is the form of an operation without a body.
var noFields = newForm(reflect.TypeFor[struct{}](), Refused)

// parse returns the body as an object, or as a value that the seed treated as one.
func (b *Binder) parse(header http.Header, doc string, form *form) (node, *fault.Flaw) {
	if b.encoded {
		return parseForm(header, doc), nil
	}
	switch {
	case doc == "":
		return node{}, broken(fault.Missing)
	case !isJSON(header.Get("Content-Type")):
		return node{}, broken(Object)
	case !utf8.ValidString(doc):
		return node{}, broken(UTF8)
	}
	value, stray := parse(strings.TrimPrefix(doc, "\ufeff"), form.depth)
	if stray != nil {
		return node{}, stray.flaw(strings.TrimPrefix(doc, "\ufeff"))
	}
	switch {
	case value.kind == null:
		return node{}, broken(fault.Missing)
	case form.accepts(value):
		return value, nil
	}
	return node{}, broken(Object)
}

// isJSON reports whether a content type is JSON. No content type counts as JSON.
func isJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	kind, _, _ := strings.Cut(contentType, ";")
	kind, sub, _ := strings.Cut(strings.ToLower(strings.TrimSpace(kind)), "/")
	return kind == "application" && (sub == "json" || strings.HasSuffix(sub, "+json"))
}

// parseForm reads a form. Empty fields count as absent. Another kind of body is an empty
// form.
func parseForm(header http.Header, doc string) node {
	out := node{kind: object}
	if kind, _, _ := mime.ParseMediaType(header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return out
	}
	values, _ := url.ParseQuery(doc) // invalid pairs count as absent
	for _, name := range slices.Sorted(maps.Keys(values)) {
		given := values[name]
		if last := given[len(given)-1]; last != "" {
			out.members = append(out.members, member{name, node{kind: str, text: last}})
		}
	}
	return out
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readBody returns the whole body, or a refusal if it is too long, too slow or incomplete.
func readBody(w http.ResponseWriter, r *http.Request, most int64) (string, error) {
	if r.Body == http.NoBody {
		return "", nil
	}
	if r.ContentLength > most {
		return "", fault.Refuse(fault.TooLarge)
	}
	buffer := buffers.Get().(*bytes.Buffer)
	buffer.Reset()
	defer buffers.Put(buffer)
	_, err := buffer.ReadFrom(http.MaxBytesReader(w, r.Body, most))
	var over *http.MaxBytesError
	switch {
	case err == nil:
		return buffer.String(), nil
	case errors.As(err, &over):
		return "", fault.Refuse(fault.TooLarge)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "", fault.Refuse(web.TooSlow)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "", fault.Wrong(*broken(WholeBody))
	}
	return "", fault.Wrong(*broken(ReadableBody))
}

// bind sets the field of the input to the given value, or appends a flaw.
func (f *field) bind(given node, into reflect.Value, flaws []fault.Flaw) []fault.Flaw {
	switch {
	case given.kind == absent && f.fallback.kind != absent:
		given = f.fallback
	case given.kind == absent && f.optional:
		return flaws
	case given.kind == absent:
		return append(flaws, f.blame(broken(fault.Missing)))
	case given.kind == null:
		return append(flaws, f.blame(broken(NotNull)))
	}
	target := into.FieldByIndex(f.index)
	if f.pointer {
		target.Set(reflect.New(target.Type().Elem()))
		target = target.Elem()
	}
	if f.parts != nil {
		return append(flaws, under(f.parts(given, target), f.name)...)
	}
	if flaw := f.fill(given, target); flaw != nil {
		return append(flaws, f.blame(flaw))
	}
	return flaws
}

// blame returns the flaw with the name and help text of the field.
func (f *field) blame(flaw *fault.Flaw) fault.Flaw {
	flaw.Path = []any{f.name}
	if f.help != "" {
		if flaw.Values == nil {
			flaw.Values = map[string]any{}
		}
		flaw.Values[help] = f.help
	}
	return *flaw
}

// fill reads a scalar value.
func (f *field) fill(given node, target reflect.Value) *fault.Flaw {
	if flaw := f.read(given, target); flaw != nil {
		return flaw
	}
	switch {
	case f.longest != nil && int64(utf8.RuneCountInString(target.String())) > *f.longest:
		return broken(fault.MaxLength, "most", *f.longest)
	case f.in != "" && target.Kind() == reflect.String:
		return checkPrintable(target.String())
	case f.positive && target.Int() <= 0:
		return broken(fault.Positive)
	case f.least != nil && target.Int() < *f.least:
		return broken(fault.AtLeast, "least", *f.least)
	case f.most != nil && target.Int() > *f.most:
		return broken(fault.AtMost, "most", *f.most)
	}
	return nil
}

// checkPrintable refuses text in the URL that no stored text can equal.
func checkPrintable(s string) *fault.Flaw {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl) {
		return nil
	}
	return broken(fault.Printable)
}
