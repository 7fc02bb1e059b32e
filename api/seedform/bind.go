package seedform

import (
	"bytes"
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

// maxBody is the longest body accepted, in bytes.
const maxBody = 1 << 20

// Binder reads requests into inputs of one type. An input is a struct whose fields
// say where they come from, in the order in which their flaws are reported:
//
//	ClientID id.ID `path:"client_id"`
//	Limit    int64 `query:"limit" default:"100" minimum:"0" maximum:"1000"`
//	Body     LoanCreate            // a struct with json tags; `form:"true"` for a form
//	                               // `unknown:"refused"` if no other members may be in it;
//	                               // of a field of the query, no other parameters
//
// A pointer is optional; so is what has a default, and what encoding/json may
// omit: it stays zero. What has an enum takes one of its values. A help is added
// to a flaw that does not itself say what is accepted. A field of a JSON body may
// be a struct with json tags, or a list (see form.go). A blame lists the names
// that a command has for the field (see place.go). The OpenAPI document is made
// from the same tags.
type Binder struct {
	fields   []field
	parts    []string // names of the parts of the path, in order
	headers  []string // names of the headers whose values may be wrong
	strict   bool     // the query may have no parameter that is not a field
	body     *form    // nil: no body is read
	bodiless bool     // there may be no body
	encoded  bool     // the body is a form of HTML
}

// field is one part of an input.
type field struct {
	in, name string // in: path or query; empty for a member of an object
	index    []int
	pointer  bool
	optional bool // may be absent
	fallback string
	help     string   // what is accepted
	blames   []string // paths of a command's flaws that are the field's
	least    *int64   // of a number in the query
	most     *int64
	positive bool // a number in the body whose zero is the same as its absence
	read     reader
	parts    filler // in place of read: of a struct or a list
	depth    int    // of nested structs and lists
}

// New studies the type of an input once, when the program starts. The parts of the
// path are looked up by the given names, in the order of the input's fields; the
// headers are those whose flaws are reported as such.
func New(input reflect.Type, parts, headers []string) *Binder {
	b := &Binder{parts: parts, headers: headers}
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
	b.mustName()
	return b
}

// mustName panics if two fields of the input have one name: a flaw of the name could be
// of either.
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

// newField studies a field; strict is of the forms below it.
func newField(f reflect.StructField, strict bool) field {
	out := field{index: f.Index, fallback: f.Tag.Get("default"), help: f.Tag.Get("help"), blames: strings.Fields(f.Tag.Get("blame"))}
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
			out.positive = f.Tag.Get("exclusiveMinimum") == "0"
		}
	}
	if out.read == nil && (out.parts == nil || out.fallback != "") {
		panic(fmt.Sprintf("seedform: an input cannot have the field %s %s `%s`", f.Name, f.Type, f.Tag))
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

// Bind fills an input, a struct, from the request. The flaws are in the order of
// the fields; an error refuses the whole request.
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
	if b.strict {
		flaws = append(flaws, b.others(query)...)
	}
	if b.body == nil {
		return flaws, nil
	}
	doc, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	if b.bodiless && doc == "" {
		return flaws, nil
	}
	given, flaw := b.parse(r.Header, doc)
	if flaw != nil {
		return append(flaws, *flaw), nil
	}
	return append(flaws, b.body.bind(given, into.FieldByIndex(b.body.index))...), nil
}

// others are the flaws of the first parameters that are no fields.
func (b *Binder) others(query url.Values) []fault.Flaw {
	var parameters []field
	for _, f := range b.fields {
		if f.in == "query" {
			parameters = append(parameters, f)
		}
	}
	return unknown(KnownParameter, slices.Values(slices.Sorted(maps.Keys(query))), parameters)
}

// parse gives the body as an object, or as what the seed took for one.
func (b *Binder) parse(header http.Header, doc string) (node, *fault.Flaw) {
	if b.encoded {
		return parseForm(header, doc), nil
	}
	switch {
	case doc == "":
		return node{}, broken(fault.Missing)
	case !saysJSON(header.Get("Content-Type")):
		return node{}, broken(Object)
	case !utf8.ValidString(doc):
		return node{}, broken(UTF8)
	}
	value, stray := parse(strings.TrimPrefix(doc, "\ufeff"), b.body.depth)
	if stray != nil {
		return node{}, stray.flaw(strings.TrimPrefix(doc, "\ufeff"))
	}
	switch {
	case value.kind == null:
		return node{}, broken(fault.Missing)
	case b.body.takes(value):
		return value, nil
	}
	return node{}, broken(Object)
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
			out.members = append(out.members, member{name, node{kind: str, text: last}})
		}
	}
	return out
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readBody gives the whole body, or a refusal of a body that is too long, too slow or cut short.
func readBody(w http.ResponseWriter, r *http.Request) (string, error) {
	if r.ContentLength > maxBody {
		return "", fault.Refuse(fault.TooLarge)
	}
	buffer := buffers.Get().(*bytes.Buffer)
	buffer.Reset()
	defer buffers.Put(buffer)
	_, err := buffer.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody))
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

// bind puts what was given for a field into the input, or adds a flaw.
func (f *field) bind(given node, into reflect.Value, flaws []fault.Flaw) []fault.Flaw {
	switch {
	case given.kind == absent && f.fallback != "":
		given = node{kind: str, text: f.fallback}
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

// blame is the flaw as one of the field, with the field's help.
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

// fill reads a value of one piece.
func (f *field) fill(given node, target reflect.Value) *fault.Flaw {
	if flaw := f.read(given, target); flaw != nil {
		return flaw
	}
	switch {
	case f.in != "" && target.Kind() == reflect.String:
		return plain(target.String())
	case f.positive && target.Int() <= 0:
		return broken(fault.Positive)
	case f.least != nil && target.Int() < *f.least:
		return broken(fault.AtLeast, "least", *f.least)
	case f.most != nil && target.Int() > *f.most:
		return broken(fault.AtMost, "most", *f.most)
	}
	return nil
}

// plain refuses a text of the address that no stored text can equal.
func plain(s string) *fault.Flaw {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl) {
		return nil
	}
	return broken(fault.Printable)
}
