package seedform

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
	given  []int // the field of type Given, if there is one
	depth  int   // of what is nested in it
	index  []int // of the struct in the input, for the body itself
}

// filler reads an object or a list. The paths of its flaws begin below it.
type filler func(node, reflect.Value) []fault.Flaw

// Given is a field of a body, without a name of its own, that gets the
// names of the fields that were given.
type Given []string

const (
	maxUnknown = 5   // unknown members of an object that are reported
	maxFlaws   = 100 // flaws of a list after which it is read no further
)

// DefaultItems is how many elements a list may have, unless its tag says otherwise.
const DefaultItems = 1000

// newForm studies the type of an object.
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

// takes tells an object, and unless the form is strict what the seed took for an empty one.
func (o *form) takes(given node) bool {
	return given.kind == object || !o.strict && given.emptyInSeed()
}

// fill is bind for an object inside the body.
func (o *form) fill(given node, into reflect.Value) []fault.Flaw {
	if !o.takes(given) {
		return []fault.Flaw{*broken(Object)}
	}
	return o.bind(given, into)
}

// namesIn gives the names of the fields that an object has.
func (o *form) namesIn(given node) (names Given) {
	for i := range o.fields {
		if name := o.fields[i].name; given.member(name).kind != absent {
			names = append(names, name)
		}
	}
	return names
}

// refuseUnknown adds a fault for each of the first members that no field takes.
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

// unknown are the flaws of the first names that none of the fields has.
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

// newList makes the filler of a list of so many elements as the tag lets it have.
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

// under puts the flaws of what is at a place below it.
func under(flaws []fault.Flaw, place any) []fault.Flaw {
	for i := range flaws {
		flaws[i] = flaws[i].In(place)
	}
	return flaws
}
