package seedform

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"sofipo/core/fault"
)

// Merge adds the flaws of a command's check to those of the binder, for fields that could
// be read. The result is in the order of the fields.
func (b *Binder) Merge(read, checked []fault.Flaw) []fault.Flaw {
	if !slices.ContainsFunc(read, b.ofWholeBody) {
		for _, f := range checked {
			if !slices.ContainsFunc(read, func(g fault.Flaw) bool { return within(f.Path, g.Path) || within(g.Path, f.Path) }) {
				read = append(read, f)
			}
		}
	}
	slices.SortStableFunc(read, func(f, g fault.Flaw) int { return cmp.Compare(b.rank(f), b.rank(g)) })
	return read
}

// within reports whether a path equals another path or is below it.
func within(path, other []any) bool {
	return len(path) >= len(other) && slices.Equal(path[:len(other)], other)
}

// ofWholeBody reports whether a flaw concerns the whole body.
func (b *Binder) ofWholeBody(f fault.Flaw) bool {
	if len(f.Path) == 0 {
		return true
	}
	_, position := f.Path[0].(int)
	return position
}

// place returns the location of a flaw: path, query, header or body.
func (b *Binder) place(f fault.Flaw) string {
	switch f.Rule {
	case KnownField, NoField:
		return "body"
	case KnownParameter, NoParameter:
		return "query"
	}
	name := ""
	if len(f.Path) > 0 {
		name, _ = f.Path[0].(string)
	}
	if i := slices.IndexFunc(b.fields, func(g field) bool { return g.name == name }); i >= 0 {
		return b.fields[i].in
	}
	switch {
	case slices.Contains(b.headers, name):
		return "header"
	case b.body == nil && !b.ofWholeBody(f):
		return "query"
	}
	return "body"
}

// rank returns the sort key of a flaw: the URL first, then headers, then the fields of the
// body in order.
func (b *Binder) rank(f fault.Flaw) int {
	switch b.place(f) {
	case "path", "query":
		return 0
	case "header":
		return 1
	}
	if b.body == nil {
		return 2
	}
	return 2 + slices.IndexFunc(b.body.fields, func(g field) bool { return len(f.Path) > 0 && f.Path[0] == g.name })
}

// Fields returns flaws in the form of the seed.
func (b *Binder) Fields(flaws []fault.Flaw) []Field {
	out := make([]Field, len(flaws))
	for i, f := range flaws {
		out[i] = reported(f)
		out[i].Loc = slices.Concat([]any{b.place(f)}, f.Path)
	}
	return out
}

// Rename replaces the field names of a command in flaws by those of the input, according
// to the tag blame. The input is a pointer to a struct.
func (b *Binder) Rename(flaws []fault.Flaw, input any) []fault.Flaw {
	if b.body == nil {
		return flaws
	}
	return b.body.rename(flaws, reflect.ValueOf(input).Elem().FieldByIndex(b.body.index))
}

// Rename replaces the field names of the engine in flaws by those of a struct with json
// tags, according to the tag blame.
func Rename(flaws []fault.Flaw, of any) []fault.Flaw {
	v := reflect.Indirect(reflect.ValueOf(of))
	return newForm(v.Type(), Ignored).rename(flaws, v)
}

// anything is a blame for flaws of fields that are not in the request. The flaws keep their
// path, below the field.
const anything = "*"

// weak is the prefix of a blame that applies only if no other field matches.
const weak = "~"

// rename changes the paths of flaws. If several fields match a path, the first one that is
// present is used, or the first one if none is.
func (o *form) rename(flaws []fault.Flaw, v reflect.Value) []fault.Flaw {
	out := slices.Clone(flaws)
	for i, f := range flaws {
		found := o.blamed(f, v)
		switch {
		case found == nil || len(f.Path) == 0:
		case slices.Contains(found.blames, anything) && f.Path[0] != found.name:
			out[i].Path = slices.Concat([]any{found.name}, f.Path)
		case slices.Contains(found.blames, f.Name()) || slices.Contains(found.blames, weak+f.Name()):
			out[i].Path = []any{found.name}
		}
	}
	return out
}

// blamed returns the field that a flaw belongs to, or nil.
func (o *form) blamed(f fault.Flaw, v reflect.Value) *field {
	path := f.Name()
	head, _, _ := strings.Cut(path, ".")
	var first, given, weakly, catcher *field
	for i := range o.fields {
		g := &o.fields[i]
		here := !g.optional && g.fallback.kind == absent || !v.FieldByIndex(g.index).IsZero()
		switch {
		case slices.Contains(g.blames, anything) && here:
			catcher = g
		case slices.Contains(g.blames, path) || head == g.name:
			first = cmp.Or(first, g)
			if here {
				given = cmp.Or(given, g)
			}
		case slices.Contains(g.blames, weak+path) && here:
			weakly = cmp.Or(weakly, g)
		}
	}
	return cmp.Or(given, catcher, weakly, first)
}

// Name returns the path of a flaw with dots, or body if it concerns the whole body.
func Name(f fault.Flaw) string {
	if len(f.Path) > 0 {
		if _, position := f.Path[0].(int); !position {
			return f.Name()
		}
	}
	return "body"
}
