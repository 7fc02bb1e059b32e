package api

import (
	"context"
	"net/http"
	"strings"

	"sofipo/web"
)

// private marks the context of a request that came to the private address.
type private struct{}

// Private passes only requests for operators on to a handler: the metrics and the documents. With
// Options.Closed the API answers them only if they come through it.
func Private(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !forOperators(r.URL.Path) {
			web.Protected(http.NotFoundHandler()).ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), private{}, true)))
	})
}

// forOperators reports whether a path is of the metrics or the documents.
func forOperators(path string) bool {
	switch strings.TrimSuffix(path, "/") {
	case "/metrics", "/docs", "/redoc", "/openapi.json", "/asyncapi.json":
		return true
	}
	return strings.HasPrefix(path, "/docs/")
}
