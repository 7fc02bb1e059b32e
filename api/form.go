package api

import (
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"sofipo/core/fault"
)

// form is what a JSON object is read into: the fields of a struct by their json
// tags, those of embedded structs among them.
type form struct {
	fields []field
	strict bool  // members that no field takes are refused, here and below, and what is no object is not taken for an empty one
	given  []int // the field of type givenFields, if there is one
	depth  int   // of what is nested in it
	index  []int // of the struct in the input, for the body itself
}

// filler reads an object or a list. The places of its faults begin below it.
type filler func(node, reflect.Value) []fault.Field

// givenFields is a field of a body, without a name of its own, that gets the
// names of the fields that were given.
type givenFields []string

const (
	maxUnknown = 5    // unknown members of an object that are told
	maxFaults  = 100  // faults of a list after which it is read no further
	maxItems   = 1000 // elements of a list, unless its tag says otherwise
)

// newForm studies the type of an object.
func newForm(t reflect.Type, strict bool) *form {
	out := &form{strict: strict}
	for _, f := range reflect.VisibleFields(t) {
		switch {
		case f.Anonymous: // its fields follow
		case f.Type == reflect.TypeFor[givenFields]():
			out.given = f.Index
		default:
			out.fields = append(out.fields, newField(f, strict))
			out.depth = max(out.depth, out.fields[len(out.fields)-1].depth)
		}
	}
	return out
}

// newValue finds how a value of a JSON body is read: by a reader if it is of one
// piece, else by a filler; and how deep it is.
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
func (o *form) bind(given node, into reflect.Value) (faults []fault.Field) {
	for i := range o.fields {
		faults = o.fields[i].bind(given.member(o.fields[i].name), into, faults)
	}
	if o.strict {
		faults = o.refuseUnknown(given, faults)
	}
	if o.given != nil {
		into.FieldByIndex(o.given).Set(reflect.ValueOf(o.namesIn(given)))
	}
	return faults
}

// takes tells an object, and unless the form is strict what the seed took for an empty one.
func (o *form) takes(given node) bool {
	return given.kind == object || !o.strict && given.emptyInSeed()
}

// fill is bind for an object inside the body.
func (o *form) fill(given node, into reflect.Value) []fault.Field {
	if !o.takes(given) {
		return []fault.Field{{Message: "value is not a valid dict", Type: "type_error.dict"}}
	}
	return o.bind(given, into)
}

// namesIn gives the names of the fields that an object has.
func (o *form) namesIn(given node) (names givenFields) {
	for i := range o.fields {
		if name := o.fields[i].name; given.member(name).kind != absent {
			names = append(names, name)
		}
	}
	return names
}

// refuseUnknown adds a fault for each of the first members that no field takes.
func (o *form) refuseUnknown(given node, faults []fault.Field) []fault.Field {
	names := func(yield func(string) bool) {
		for _, m := range given.members {
			if !yield(m.name) {
				return
			}
		}
	}
	return append(faults, unknown("field", names, o.fields)...)
}

// unknown are the faults of the first names that none of the fields has.
func unknown(what string, names iter.Seq[string], fields []field) (faults []fault.Field) {
	for name := range names {
		if slices.ContainsFunc(fields, func(f field) bool { return f.name == name }) {
			continue
		}
		known := make([]string, len(fields))
		for i := range fields {
			known[i] = fields[i].name
		}
		faults = append(faults, fault.Field{
			Loc: []any{excerpt(strings.ToValidUTF8(name, "?"))}, Message: "unknown " + what + ": use " + strings.Join(known, ", "), Type: "value_error.extra",
		})
		if len(faults) == maxUnknown {
			break
		}
	}
	return faults
}

// element reads one element of a list.
func element(read reader, parts filler) filler {
	return func(given node, into reflect.Value) []fault.Field {
		switch {
		case given.kind == null:
			return []fault.Field{{Message: "none is not an allowed value", Type: "type_error.none.not_allowed"}}
		case parts != nil:
			return parts(given, into)
		}
		if at := read(given, into); at != nil {
			return []fault.Field{*at}
		}
		return nil
	}
}

// newList makes the filler of a list of so many elements as the tag lets it have.
func newList(each filler, tag reflect.StructTag) filler {
	least, _ := strconv.Atoi(tag.Get("minItems"))
	most := maxItems
	if n, err := strconv.Atoi(tag.Get("maxItems")); err == nil {
		most = n
	}
	return func(given node, into reflect.Value) (faults []fault.Field) {
		n := len(given.members)
		switch {
		case given.kind != list:
			return []fault.Field{{Message: "value is not a valid list", Type: "type_error.list"}}
		case n < least:
			return []fault.Field{*limit("ensure this value has at least %d items", "value_error.list.min_items", int64(least))}
		case n > most:
			return []fault.Field{*limit("ensure this value has at most %d items", "value_error.list.max_items", int64(most))}
		}
		into.Set(reflect.MakeSlice(into.Type(), n, n))
		for i := range given.members {
			faults = append(faults, under(each(given.members[i].value, into.Index(i)), i)...)
			if len(faults) >= maxFaults {
				break
			}
		}
		return faults
	}
}

// under puts the faults of what is at a place below it.
func under(faults []fault.Field, place ...any) []fault.Field {
	for i := range faults {
		faults[i].Loc = slices.Concat(place, faults[i].Loc)
	}
	return faults
}
