package console

import (
	"reflect"
	"testing"

	"sofipo/core/client"
)

// TestFormKeepsTheFile: the form of a client has an input for every field of a file of its kind,
// and sending it back unchanged gives the same file.
func TestFormKeepsTheFile(t *testing.T) {
	v := &visit{}
	for _, kind := range []client.PersonKind{client.Person, client.Company} {
		var file client.File
		fill(reflect.ValueOf(&file).Elem(), 0)
		file.Kind = kind
		f := &form{Values: v.valuesOf(file)}
		got, _, err := v.readFile(f)
		if err != nil || !reflect.DeepEqual(got, file) {
			t.Errorf("got %+v, %v, want the same file %+v", got, err, file)
		}
		inputs := map[string]bool{"kind": true}
		for _, s := range v.fileSections(f, kind) {
			for _, grid := range s.Grids {
				for _, in := range grid {
					inputs[in.Name] = true
				}
			}
		}
		foreign := client.File{Kind: client.Person}
		if kind == client.Person {
			foreign.Kind = client.Company
		}
		other := map[string]bool{}
		for _, s := range v.fileSections(&form{Values: v.valuesOf(file)}, foreign.Kind) {
			for _, grid := range s.Grids {
				for _, in := range grid {
					other[in.Name] = true
				}
			}
		}
		for name := range f.Values {
			if !inputs[name] && !other[name] {
				t.Errorf("got no input for %s of a %s, want one", name, kind)
			}
		}
	}
}

// TestEmptyEntriesAreLeftOut: an entry of a list that only has its choices is no entry, and the
// flaws of the others are shown at their inputs.
func TestEmptyEntriesAreLeftOut(t *testing.T) {
	v := &visit{}
	f := &form{Values: map[string][]string{"phones.0.kind": {"mobile"}, "phones.1.kind": {"home"}, "phones.1.number": {"12"}, "addresses.0.country": {"MX"}}}
	file, names, err := v.readFile(f)
	if err != nil || len(file.Phones) != 1 || file.Phones[0].Kind != client.HomePhone || len(file.Addresses) != 0 {
		t.Errorf("got %+v, %v, want one phone", file, err)
	}
	if names["phones.0.number"] != "phones.1.number" {
		t.Errorf("got the input %q, want phones.1.number", names["phones.0.number"])
	}
}
