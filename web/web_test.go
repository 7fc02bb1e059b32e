package web_test

import (
	"net/url"
	"testing"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/nouns"
	"sofipo/text"
	"sofipo/web"
)

// TestStatus: each class of refusal has a status, and each code that a noun declares
// that of its class.
func TestStatus(t *testing.T) {
	want := map[fault.Class]int{
		fault.ClassInvalid: 422, fault.ClassNotFound: 404, fault.ClassRefused: 400, fault.ClassConflict: 409, fault.ClassDenied: 403,
		fault.ClassUnauthenticated: 401, fault.ClassTooLarge: 413, fault.ClassLimited: 429, fault.ClassUnavailable: 503,
	}
	seen := map[fault.Class]bool{}
	for _, n := range nouns.All {
		for _, d := range n.Faults {
			seen[d.Class] = true
			if got := web.Status(d.Code); got != want[d.Class] {
				t.Errorf("%s: got the status %d, want %d", d.Code, got, want[d.Class])
			}
		}
	}
	for class, status := range want {
		if !seen[class] {
			t.Errorf("the class of %d: got no code, want one", status)
		}
	}
	for code, status := range map[fault.Code]int{web.NoSuchPath: 404, web.MethodNotAllowed: 405, web.TooSlow: 408, web.Internal: 500, "nobody's": 0} {
		if got := web.Status(code); got != status {
			t.Errorf("%s: got the status %d, want %d", code, got, status)
		}
	}
}

func TestTitle(t *testing.T) {
	for _, c := range []struct {
		code   fault.Code
		en, es string
	}{
		{web.NoSuchPath, "Not Found", "No existe esa ruta"},
		{fault.TooLarge, "Request Entity Too Large: the body may have at most 1 MiB", "La solicitud excede el tamaño máximo de 1 MiB"},
	} {
		e := fault.Refuse(c.code)
		if en, es := web.Title(text.EN, e), web.Title(text.ES, e); en != c.en || es != c.es || web.Detail(e) != c.en {
			t.Errorf("%s: got %q and %q, detail %q; want %q and %q", c.code, en, es, web.Detail(e), c.en, c.es)
		}
	}
}

func TestLanguage(t *testing.T) {
	for accept, want := range map[string]text.Lang{
		"": text.EN, "es-MX": text.ES, "es": text.ES, "en": text.EN, "fr, es;q=0.8, en;q=0.5": text.ES, "en-US,en;q=0.9,es;q=0.8": text.EN, "de": text.EN, "\x00": text.EN,
	} {
		if got := web.Language(accept); got != want {
			t.Errorf("%q: got %d, want %d", accept, got, want)
		}
	}
}

func TestNextPage(t *testing.T) {
	of, err := url.Parse("/api/v1/clients/?skip=3&limit=2&after=old")
	if err != nil {
		t.Fatal(err)
	}
	want := `</api/v1/clients/?after=01000000-0000-0000-0000-000000000000&limit=2>; rel="next"`
	if got := web.NextPage(of, id.ID{1}); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	want = `</api/v1/clients/?after=a&limit=2>; rel="next", </api/v1/clients/?before=b&limit=2>; rel="prev"`
	if got := web.Links(of, "a", "b"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
