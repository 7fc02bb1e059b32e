package main

import (
	"net/http"
	"net/http/pprof"
)

// withProfiles adds the profiles of the Go runtime, at /debug/pprof/, to what operators see. The
// command line is not among them, because flags may have passwords.
func withProfiles(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", next)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}
