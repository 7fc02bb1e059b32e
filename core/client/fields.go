package client

import (
	"reflect"
	"strings"
)

// fileFields has the names of the fields of a file, in order.
var fileFields = func() (names []string) {
	for f := range reflect.TypeFor[File]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}()

// FileFields lists the names of the fields of a file.
func FileFields() []string { return append([]string(nil), fileFields...) }

// Changed returns the names of the fields in which two files differ, in order.
func (f File) Changed(from File) (names []string) {
	a, b := reflect.ValueOf(f), reflect.ValueOf(from)
	for i, name := range fileFields {
		x, y := a.Field(i), b.Field(i)
		if x.Kind() == reflect.Slice && x.Len() == 0 && y.Len() == 0 {
			continue
		}
		if !reflect.DeepEqual(x.Interface(), y.Interface()) {
			names = append(names, name)
		}
	}
	return names
}
