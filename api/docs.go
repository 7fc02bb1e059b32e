package api

import (
	"net/http"

	"github.com/swaggest/swgui/v5emb"

	"sofipo/core/fault"
	"sofipo/web"
)

// referencePolicy lets the reference page load nothing but its own styles.
const referencePolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// swaggerPolicy lets Swagger UI load its files and call the API, both from this server.
const swaggerPolicy = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"

// mountPages serves the documents: Swagger UI at /docs, the reference page at /redoc,
// and the JSON documents. None of them uses another server.
func (s *server) mountPages() {
	s.mux.Handle("/openapi.json", page("application/json", OpenAPI))
	s.mux.Handle("/asyncapi.json", page("application/json", AsyncAPI))
	s.mux.Handle("/redoc", protected(referencePolicy, page("text/html; charset=utf-8", referencePage)))
	swagger := protected(swaggerPolicy, getOnly(v5emb.New("SOFIPO Backend API", "/openapi.json", "/docs/")))
	s.mux.Handle("/docs", swagger)
	s.mux.Handle("/docs/", swagger)
	for _, path := range []string{"/openapi.json/{$}", "/asyncapi.json/{$}", "/redoc/{$}"} {
		s.mux.HandleFunc(path, redirect)
	}
}

// protected adds a content security policy to a page.
func protected(policy string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		h.ServeHTTP(w, r)
	})
}

// page serves a document that is generated once.
func page(contentType string, document func() []byte) http.Handler {
	return getOnly(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(document()) // the client may have disconnected
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
