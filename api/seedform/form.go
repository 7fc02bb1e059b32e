package seedform

import (
	"reflect"
	"slices"
	"strconv"

	"sofipo/core/fault"
)

// form describes how a JSON object is read: the fields of a struct by their json tags,
// including embedded structs.
type form struct {
	fields  []field
	unknown Unknown  // treatment of unknown members, here and below; Refused also refuses values that are not objects
	acting  []string // names that are refused although unknown members are ignored
	inFile  string   // operation with the fields of a client's file, whose names are refused too; empty: ignored
	given   []int    // index of the field of type Given, if any
	depth   int      // number of nested levels
	index   []int    // of the body in the input
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
func newForm(t reflect.Type, unknown Unknown) *form {
	out := &form{unknown: unknown}
	for _, f := range reflect.VisibleFields(t) {
		switch {
		case f.Anonymous: // its fields follow
		case f.Type == reflect.TypeFor[Given]():
			out.given = f.Index
		default:
			out.fields = append(out.fields, newField(f, unknown))
			out.depth = max(out.depth, out.fields[len(out.fields)-1].depth)
		}
	}
	out.acting = slices.Concat(namesOf(out.fields), trialWords)
	return out
}

// newValue returns the reader of a scalar value or the filler of an object or list, and
// the number of nested levels.
func newValue(t reflect.Type, tag reflect.StructTag, unknown Unknown) (reader, filler, int) {
	read := newReader(t, tag)
	if exact := strict[t]; exact != nil && unknown == Refused && tag.Get("enum") == "" && tag.Get("encoding") == "" {
		read = exact
	}
	if read != nil {
		return read, nil, 0
	}
	switch t.Kind() {
	case reflect.Struct:
		inner := newForm(t, unknown)
		return nil, inner.fill, inner.depth + 1
	case reflect.Slice:
		read, parts, depth := newValue(t.Elem(), tag, unknown)
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
	flaws = append(flaws, o.unknownMembers(given)...)
	if o.given != nil {
		into.FieldByIndex(o.given).Set(reflect.ValueOf(o.namesIn(given)))
	}
	return flaws
}

// accepts reports whether a value is an object or, if unknown members are ignored, a value that
// the seed treated as an empty object.
func (o *form) accepts(given node) bool {
	return given.kind == object || o.unknown == Ignored && given.emptyInSeed()
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
