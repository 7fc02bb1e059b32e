package api

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/swaggest/swgui/v5emb"

	"sofipo/core/fault"
)

// mountPages serves the documents: Swagger UI at /docs, a page to read at
// /redoc, both without the network, and what they are made of.
func (s *server) mountPages() {
	s.mux.Handle("/openapi.json", page("application/json", OpenAPI))
	s.mux.Handle("/asyncapi.json", page("application/json", AsyncAPI))
	s.mux.Handle("/redoc", page("text/html; charset=utf-8", readingPage))
	swagger := getOnly(v5emb.New("SOFIPO Backend API", "/openapi.json", "/docs/"))
	s.mux.Handle("/docs", swagger)
	s.mux.Handle("/docs/", swagger)
	for _, path := range []string{"/openapi.json/{$}", "/asyncapi.json/{$}", "/redoc/{$}"} {
		s.mux.HandleFunc(path, redirect)
	}
}

// page serves a document that is made once.
func page(contentType string, document func() []byte) http.Handler {
	return getOnly(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(document()) // a client that went away needs no page
	}))
}

func getOnly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			w.(*call).refuse(fault.New(methodNotAllowed, "Method Not Allowed", "Método no permitido"))
			return
		}
		w.Header().Del("Cache-Control")
		h.ServeHTTP(w, r)
	})
}

//go:embed reading.html
var readingTemplate string

// readingPage shows all operations and schemas on one page.
var readingPage = sync.OnceValue(func() []byte {
	document := describe(table())
	page := template.Must(template.New("reading").Funcs(template.FuncMap{"kind": kindOf}).Parse(readingTemplate))
	var out bytes.Buffer
	if err := page.Execute(&out, struct {
		*huma.OpenAPI
		Operations []operation
		Schemas    map[string]*huma.Schema
		Described  func(operation) *huma.Operation
	}{document, byPath(table()), document.Components.Schemas.Map(), func(o operation) *huma.Operation {
		return *slot(document.Paths[o.path], o.method)
	}}); err != nil {
		panic("api: the reading page: " + err.Error())
	}
	return out.Bytes()
})

func byPath(operations []operation) []operation {
	slices.SortStableFunc(operations, func(a, b operation) int { return strings.Compare(a.path, b.path) })
	return operations
}

// Method is the HTTP method, for the page.
func (o operation) Method() string { return o.method }

// Path is the path, for the page.
func (o operation) Path() string { return o.path }

// kindOf names the form of a value in a few words.
func kindOf(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
	case len(s.OneOf) > 0:
		kinds := make([]string, len(s.OneOf))
		for i, one := range s.OneOf {
			kinds[i] = kindOf(one)
		}
		return strings.Join(kinds, " or ")
	case s.Type == huma.TypeArray:
		return "list of " + kindOf(s.Items)
	case s.Format != "":
		return s.Type + " (" + s.Format + ")"
	}
	return s.Type
}
