package seedform

import (
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"sofipo/core/fault"
)

// form describes how a JSON object is read: the fields of a struct by their json tags,
// including embedded structs.
type form struct {
	fields []field
	strict bool  // refuses unknown members, here and below, and values that are not objects
	given  []int // index of the field of type Given, if any
	depth  int   // number of nested levels
	index  []int // of the body in the input
}

// filler reads an object or a list. The paths of its flaws are relative to it.
type filler func(node, reflect.Value) []fault.Flaw

// Given is a field of a body that receives the names of the fields that are present.
type Given []string

const (
	maxUnknown = 5   // number of unknown members reported per object
	maxFlaws   = 100 // number of flaws after which a list is not read further
)

// DefaultItems is the default maximum number of elements of a list.
const DefaultItems = 1000

// newForm returns the form of a struct type.
func newForm(t reflect.Type, strict bool) *form {
	out := &form{strict: strict}
	for _, f := range reflect.VisibleFields(t) {
		switch {
		case f.Anonymous: // its fields follow
		case f.Type == reflect.TypeFor[Given]():
			out.given = f.Index
		default:
			out.fields = append(out.fields, newField(f, strict))
			out.depth = max(out.depth, out.fields[len(out.fields)-1].depth)
		}
	}
	return out
}

// newValue returns the reader of a scalar value or the filler of an object or list, and
// the number of nested levels.
func newValue(t reflect.Type, tag reflect.StructTag, strict bool) (reader, filler, int) {
	if read := newReader(t, tag); read != nil {
		return read, nil, 0
	}
	switch t.Kind() {
	case reflect.Struct:
		inner := newForm(t, strict)
		return nil, inner.fill, inner.depth + 1
	case reflect.Slice:
		read, parts, depth := newValue(t.Elem(), tag, strict)
		if read != nil || parts != nil {
			return nil, newList(element(read, parts), tag), depth + 1
		}
	}
	return nil, nil, 0
}

// bind reads an object's members into the struct.
func (o *form) bind(given node, into reflect.Value) (flaws []fault.Flaw) {
	for i := range o.fields {
		flaws = o.fields[i].bind(given.member(o.fields[i].name), into, flaws)
	}
	if o.strict {
		flaws = o.refuseUnknown(given, flaws)
	}
	if o.given != nil {
		into.FieldByIndex(o.given).Set(reflect.ValueOf(o.namesIn(given)))
	}
	return flaws
}

// accepts reports whether a value is an object or, unless the form is strict, a value that
// the seed treated as an empty object.
func (o *form) accepts(given node) bool {
	return given.kind == object || !o.strict && given.emptyInSeed()
}

// fill reads an object within the body.
func (o *form) fill(given node, into reflect.Value) []fault.Flaw {
	if !o.accepts(given) {
		return []fault.Flaw{*broken(Object)}
	}
	return o.bind(given, into)
}

// namesIn returns the names of the fields that are present in an object.
func (o *form) namesIn(given node) (names Given) {
	for i := range o.fields {
		if name := o.fields[i].name; given.member(name).kind != absent {
			names = append(names, name)
		}
	}
	return names
}

// refuseUnknown appends a flaw for each of the first unknown members.
func (o *form) refuseUnknown(given node, flaws []fault.Flaw) []fault.Flaw {
	names := func(yield func(string) bool) {
		for _, m := range given.members {
			if !yield(m.name) {
				return
			}
		}
	}
	return append(flaws, unknown(KnownField, names, o.fields)...)
}

// unknown returns the flaws of the first names that are not fields.
func unknown(rule fault.Rule, names iter.Seq[string], fields []field) (flaws []fault.Flaw) {
	for name := range names {
		if slices.ContainsFunc(fields, func(f field) bool { return f.name == name }) {
			continue
		}
		known := make([]string, len(fields))
		for i := range fields {
			known[i] = fields[i].name
		}
		flaw := broken(rule, "known", known)
		flaw.Path = []any{excerpt(strings.ToValidUTF8(name, "?"))}
		flaws = append(flaws, *flaw)
		if len(flaws) == maxUnknown {
			break
		}
	}
	return flaws
}

// element reads one element of a list.
func element(read reader, parts filler) filler {
	return func(given node, into reflect.Value) []fault.Flaw {
		switch {
		case given.kind == null:
			return []fault.Flaw{*broken(NotNull)}
		case parts != nil:
			return parts(given, into)
		}
		if flaw := read(given, into); flaw != nil {
			return []fault.Flaw{*flaw}
		}
		return nil
	}
}

// newList returns the filler of a list, with the length limits of the tag.
func newList(each filler, tag reflect.StructTag) filler {
	least, _ := strconv.Atoi(tag.Get("minItems"))
	most := DefaultItems
	if n, err := strconv.Atoi(tag.Get("maxItems")); err == nil {
		most = n
	}
	return func(given node, into reflect.Value) (flaws []fault.Flaw) {
		n := len(given.members)
		switch {
		case given.kind != list:
			return []fault.Flaw{*broken(List)}
		case n < least:
			return []fault.Flaw{*broken(MinItems, "least", int64(least))}
		case n > most:
			return []fault.Flaw{*broken(MaxItems, "most", int64(most))}
		}
		into.Set(reflect.MakeSlice(into.Type(), n, n))
		for i := range given.members {
			flaws = append(flaws, under(each(given.members[i].value, into.Index(i)), i)...)
			if len(flaws) >= maxFlaws {
				break
			}
		}
		return flaws
	}
}

// under prefixes the paths of flaws with a field name or index.
func under(flaws []fault.Flaw, place any) []fault.Flaw {
	for i := range flaws {
		flaws[i] = flaws[i].In(place)
	}
	return flaws
}
