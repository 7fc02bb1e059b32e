package api

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sofipo/api/seedform"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/product"
	texts "sofipo/text"
)

// TestProductChoices: a product of nothing but its code and name, or with empty
// objects for what is nested, has the defaults of core.
func TestProductChoices(t *testing.T) {
	b := seedform.New(reflect.TypeFor[createProduct](), nil, nil, seedform.Refused)
	read := func(body string) product.Product {
		var in createProduct
		flaws, err := b.Bind(httptest.NewRecorder(), httptest.NewRequest("POST", "/", strings.NewReader(body)), reflect.ValueOf(&in).Elem())
		if err != nil || flaws != nil {
			t.Fatalf("got %v, %v, %v, want no flaws and no error", body, flaws, err)
		}
		return in.Body.product(in.Body.Code)
	}
	want := product.Product{Code: "x", Name: "X"}.Defaults()
	for _, body := range []string{
		`{"code":"x","name":"X"}`,
		`{"code":"x","name":"X","grace":{},"iva":{},"fees":{"origination":{},"periodic":{}},"penalty_interest":{},"limits":{}}`,
	} {
		if got := read(body).Defaults(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got\n%+v\nwant %+v", body, got, want)
		}
	}
	if got := (&ProductChange{Name: "X"}).product("x").Defaults(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// TestProductFields: what a product is made of are the fields of a product, but
// for those that the bank gives it, at all depths.
func TestProductFields(t *testing.T) {
	for answer, input := range choices {
		got, want := jsonNames(input), jsonNames(answer)
		want = slices.DeleteFunc(want, func(name string) bool {
			return name == "version" || name == "effective_to" || name == "changed_by" || name == "changed_at"
		})
		if !slices.Equal(got, want) || len(got) == 0 {
			t.Errorf("%s: got %v, want those of %s, %v", input, got, answer, want)
		}
	}
	full := reflect.New(reflect.TypeFor[ProductChange]()).Elem()
	fillIn(full, 7)
	made := full.Interface().(ProductChange)
	assertFull(t, "product", reflect.ValueOf(made.product("x")))
}

func jsonNames(t reflect.Type) (names []string) {
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// fillIn gives every field a value that is not zero.
func fillIn(v reflect.Value, n int) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fillIn(v.Field(i), n+i+1)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillIn(v.Index(0), n)
	case reflect.String:
		v.SetString(fmt.Sprint(n))
	case reflect.Bool:
		v.SetBool(true)
	default:
		v.SetInt(int64(n))
	}
}

// assertFull finds the fields that are zero.
func assertFull(t *testing.T, name string, v reflect.Value) {
	t.Helper()
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			if field := v.Type().Field(i).Name; field != "Version" && field != "To" {
				assertFull(t, name+"."+field, v.Field(i))
			}
		}
	}
	if v.IsZero() {
		t.Errorf("%s: got the zero value, want the value that was given", name)
	}
}

// TestProductEnums: the accepted values of each choice are core's, no more and no less.
func TestProductEnums(t *testing.T) {
	checked := 0
	var visit func(reflect.Type, []int, string)
	visit = func(of reflect.Type, index []int, path string) {
		for _, f := range reflect.VisibleFields(of) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			at := append(slices.Clone(index), f.Index...)
			values := strings.ReplaceAll(f.Tag.Get("enum"), ",", ", ")
			if last := strings.LastIndex(values, ", "); last > 0 {
				values = values[:last] + " or " + values[last+2:]
			}
			switch {
			case f.Type.Kind() == reflect.Struct && f.Type != reflect.TypeFor[civil.Date]():
				visit(f.Type, at, path+name+".")
			case values != "":
				in := ProductChange{Name: "X", From: civil.Date{Year: 2026, Month: 1, Day: 1}, Grace: GraceChoices{InterestPeriods: 1, PrincipalPeriods: 1, Mode: "defer"}}
				want := path + name + " must be one of " + values
				if target := reflect.ValueOf(&in).Elem().FieldByIndex(at); target.Kind() == reflect.Slice {
					in.Allocation, want = append(slices.Clone(product.Components), "x"), path+name+` has the unknown component "x"; each must be `+values
				} else {
					target.SetString("x")
				}
				p := in.product("x")
				p.Version = 1
				if got := firstFault(p.Check()); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				checked++
			}
		}
	}
	visit(reflect.TypeFor[ProductChange](), nil, "")
	if checked != 17 {
		t.Errorf("got %d choices, want 17", checked)
	}
}

func firstFault(err error) string {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return fmt.Sprint(err)
	}
	return refusal.Flaws[0].Name() + " " + texts.DetailOf(refusal.Flaws[0])
}
