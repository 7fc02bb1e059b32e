package api

import (
	"net/http"

	"sofipo/core/fault"
	"sofipo/web"
)

// Starting answers while a server starts: GET /healthz with status 200, GET /readyz with
// status 503 and "starting", and everything else with status 503.
var Starting = web.Protected(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	c := &call{ResponseWriter: w, request: r, server: &server{}}
	header := w.Header()
	header["Cache-Control"] = noStore
	if r.URL.Path == "/healthz" {
		c.answer(http.StatusOK, []byte(`{"status":"ok"}`))
		return
	}
	header.Set("Retry-After", "2")
	if r.URL.Path == "/readyz" {
		c.answer(http.StatusServiceUnavailable, []byte(`{"status":"starting","checks":{}}`))
		return
	}
	c.answer(http.StatusServiceUnavailable, c.problem(fault.Refuse(fault.Unavailable), http.StatusServiceUnavailable))
}))
