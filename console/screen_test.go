package console

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sofipo/checks"
	"sofipo/core/civil"
	"sofipo/test/ground"
	"sofipo/text"
)

// TestEveryScreenRenders: each template finds all that it names in the struct of its page, in
// both languages, empty and full.
func TestEveryScreenRenders(t *testing.T) {
	for name, of := range screens {
		for _, l := range []text.Lang{text.EN, text.ES} {
			for _, full := range []bool{false, true} {
				page := reflect.New(of).Elem()
				if full {
					fill(page, 0)
				} else {
					giveForms(page)
				}
				var f frame
				fill(reflect.ValueOf(&f).Elem(), 0)
				var b bytes.Buffer
				if err := templates()[l][name].ExecuteTemplate(&b, "frame", whole{f, page.Interface()}); err != nil {
					t.Errorf("%s (full %t): got %v, want a page", name, full, err)
				}
				if strings.Count(b.String(), "<h1>") != 1 {
					t.Errorf("%s (full %t): got %d headings of the first level, want 1", name, full, strings.Count(b.String(), "<h1>"))
				}
			}
		}
	}
	if len(screens) < 4 {
		t.Errorf("got %d screens, want at least 4", len(screens))
	}
}

// TestPhonesAreDialled: the numbers of phones are links that dial. Templates let no address of
// another kind through.
func TestPhonesAreDialled(t *testing.T) {
	for _, name := range []string{"collection", "route"} {
		page := reflect.New(screens[name]).Elem()
		fill(page, 0)
		var b bytes.Buffer
		if err := templates()[text.ES][name].ExecuteTemplate(&b, "frame", whole{frame{}, page.Interface()}); err != nil || !strings.Contains(b.String(), `href="tel:text"`) {
			t.Errorf("%s: got %v and no link that dials, want one", name, err)
		}
	}
}

// giveForms sets the forms of a page to empty ones, which every page with forms has.
func giveForms(page reflect.Value) {
	for i := range page.NumField() {
		switch of := page.Type().Field(i).Type; {
		case of == reflect.TypeFor[*form]():
			page.Field(i).Set(reflect.ValueOf(&form{}))
		case of.Kind() == reflect.Struct && of.PkgPath() == page.Type().PkgPath():
			giveForms(page.Field(i))
		}
	}
}

// fill sets every field to a value that is not zero; lists get one element.
func fill(v reflect.Value, depth int) {
	if depth > 8 || !v.CanSet() {
		return
	}
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 11, 30, 18, 20, 0, 0, time.UTC)))
		return
	case civil.Date:
		v.Set(reflect.ValueOf(civil.On(2026, 11, 30)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(1)
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth+1)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), depth+1)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, depth+1)
		fill(value, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth+1)
		}
	}
}

// named finds the phrases that templates and code name.
var named = regexp.MustCompile(`(?:\bt |\(t |\.say\(|phrase\([a-zA-Z.]+, |label: |title: )("(?:[^"\\]|\\.)*")`)

// TestPhrases: every phrase that is named has a Spanish text, and every Spanish text is used.
func TestPhrases(t *testing.T) {
	used := map[string]bool{}
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".html") {
			return err
		}
		body, err := os.ReadFile(path)
		for _, m := range named.FindAllSubmatch(body, -1) {
			english, err := strconv.Unquote(string(m[1]))
			if err != nil {
				t.Errorf("%s: %s: %v", path, m[1], err)
			}
			used[english] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range menu {
		used[s.title] = true
		for _, l := range s.links {
			used[l.label] = true
		}
	}
	for _, l := range deeds {
		used[l.label] = true
	}
	for english := range checkPhrases {
		used[english] = true
	}
	for _, remedy := range checks.Remedies() {
		used[remedy] = true
	}
	for english := range used {
		if _, known := spanish[english]; !known {
			t.Errorf("got no Spanish for %q, want it in the phrases of its page", english)
		}
	}
	for english, es := range spanish {
		if !used[english] {
			t.Errorf("got the phrase %q without a use, want none", english)
		}
		if es == "" || places(english) != places(es) {
			t.Errorf("%q: got %q, want a Spanish text with the same parameters", english, es)
		}
	}
	declared := map[string]bool{}
	for _, p := range allPhrases {
		for english := range p {
			if declared[english] {
				t.Errorf("got the phrase %q twice, want it once: in words.go", english)
			}
			declared[english] = true
		}
	}
	if len(used) < 20 {
		t.Errorf("got %d phrases, want at least 20", len(used))
	}
}

var place = regexp.MustCompile(`\{(\w+)`)

// places lists the parameters of a text.
func places(s string) string {
	seen := map[string]bool{}
	for _, m := range place.FindAllStringSubmatch(s, -1) {
		seen[m[1]] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(seen)), " ")
}

// TestCheckPhrases: every check of the books has its name for people.
func TestCheckPhrases(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	all := append(checks.Run(t.Context(), d, 1), checks.Overdrawn(t.Context(), d))
	for _, c := range append(all, checks.Server(t.Context(), d, "1")...) {
		if _, known := checkPhrases[c.Name]; !known {
			t.Errorf("got no Spanish for the check %q, want it in checkPhrases", c.Name)
		}
	}
}
