package api

import (
	"net/http"
	"net/url"
	"strings"
)

// paths finds what serves a path, part by part. A part that a pattern writes out
// comes before one that it leaves open, which net/http's mux does not settle:
// /loans/clients/{first}/account-statement and /loans/{first}/transactions/{second}
// both fit one path.
type paths struct {
	written map[string]*paths // by the part; the part behind a last slash is empty
	open    *paths            // of any part but the empty one
	handler http.Handler      // nil if no pattern ends here
}

// add lets a handler serve a pattern: a path whose open parts are in braces and
// whose last slash, if it has one, is /{$}.
func (p *paths) add(pattern string, h http.Handler) {
	at := p
	for _, part := range strings.Split(pattern, "/")[1:] {
		at = at.next(strings.TrimSuffix(part, "{$}"))
	}
	at.handler = h
}

// next is where the part of a pattern leads; it is made if it is not there.
func (p *paths) next(part string) *paths {
	if strings.HasPrefix(part, "{") {
		if p.open == nil {
			p.open = &paths{}
		}
		return p.open
	}
	if p.written[part] == nil {
		if p.written == nil {
			p.written = map[string]*paths{}
		}
		p.written[part] = &paths{}
	}
	return p.written[part]
}

// find gives what serves a path, escaped, and the open parts; nil if nothing does.
func (p *paths) find(path string) (h http.Handler, parts []string) {
	path, more := strings.CutPrefix(path, "/")
	if !more {
		return p.handler, nil
	}
	part, rest := path, ""
	if i := strings.IndexByte(path, '/'); i >= 0 {
		part, rest = path[:i], path[i:]
	}
	if plain, err := url.PathUnescape(part); err == nil {
		part = plain
	}
	if next := p.written[part]; next != nil {
		if h, parts = next.find(rest); h != nil {
			return h, parts
		}
	}
	if p.open == nil || part == "" {
		return nil, nil
	}
	if h, parts = p.open.find(rest); h != nil {
		parts = append([]string{part}, parts...)
	}
	return h, parts
}

// serve answers a request whose path is served, with the open parts as the values
// of the wildcards, and tells whether it was.
func (p *paths) serve(w http.ResponseWriter, r *http.Request) bool {
	h, parts := p.find(r.URL.EscapedPath())
	if h == nil {
		return false
	}
	for i, part := range parts {
		r.SetPathValue(wildcards[i], part)
	}
	h.ServeHTTP(w, r)
	return true
}
