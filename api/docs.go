package api

import (
	"net/http"

	"github.com/swaggest/swgui/v5emb"

	"sofipo/core/fault"
	"sofipo/web"
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
			w.(*call).refuse(fault.Refuse(web.MethodNotAllowed))
			return
		}
		w.Header().Del("Cache-Control")
		h.ServeHTTP(w, r)
	})
}
