package api

import (
	"fmt"
	"net/http"
	"testing"
)

// named is a handler with a name.
type named string

func (named) ServeHTTP(http.ResponseWriter, *http.Request) {}

func TestPaths(t *testing.T) {
	var p paths
	for _, pattern := range []string{"/{$}", "/loans/{$}", "/loans/applications", "/loans/{first}", "/loans/clients/{first}/statement", "/loans/{first}/transactions/{second}", "/loans/{first}/schedule.pdf"} {
		p.add(pattern, named(pattern))
	}
	for path, want := range map[string]string{
		"/":                                  "/{$} []",
		"/loans/":                            "/loans/{$} []",
		"/loans":                             "<nil> []",
		"":                                   "<nil> []",
		"/loans/x":                           "/loans/{first} [x]",
		"/loans/x/":                          "<nil> []",
		"/loans/applications":                "/loans/applications []",
		"/loans/%61pplications":              "/loans/applications []",
		"/loans/clients":                     "/loans/{first} [clients]",
		"/loans/clients/x/statement":         "/loans/clients/{first}/statement [x]",
		"/loans/clients/transactions/x":      "/loans/{first}/transactions/{second} [clients x]",
		"/loans/clients/transactions/":       "<nil> []",
		"/loans/x/transactions/a%2Fb%20c":    "/loans/{first}/transactions/{second} [x a/b c]",
		"/loans/x/transactions/y/z":          "<nil> []",
		"/loans/%zz":                         "/loans/{first} [%zz]",
		"/loans/x/schedule.pdf":              "/loans/{first}/schedule.pdf [x]",
		"/loans/applications/transactions/1": "/loans/{first}/transactions/{second} [applications 1]",
	} {
		h, parts := p.find(path)
		if got := fmt.Sprint(h, " ", parts); got != want {
			t.Errorf("%q: got %s, want %s", path, got, want)
		}
	}
}
