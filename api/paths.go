package api

import (
	"net/http"
	"net/url"
	"strings"
)

// paths finds the handler of a path, part by part. A literal part has priority over a
// parameter. net/http's mux refuses patterns such as
// /loans/clients/{first}/account-statement and /loans/{first}/transactions/{second},
// since one path can match both.
type paths struct {
	literal map[string]*paths // by part; the part after a trailing slash is empty
	param   *paths            // of any part that is not empty
	handler http.Handler      // nil if no pattern ends here
}

// add registers the handler of a pattern: a path with parameters in braces and, for a
// trailing slash, /{$}.
func (p *paths) add(pattern string, h http.Handler) {
	at := p
	for _, part := range strings.Split(pattern, "/")[1:] {
		at = at.next(strings.TrimSuffix(part, "{$}"))
	}
	at.handler = h
}

// next returns the node of a part. It creates the node if it does not exist.
func (p *paths) next(part string) *paths {
	if strings.HasPrefix(part, "{") {
		if p.param == nil {
			p.param = &paths{}
		}
		return p.param
	}
	if p.literal[part] == nil {
		if p.literal == nil {
			p.literal = map[string]*paths{}
		}
		p.literal[part] = &paths{}
	}
	return p.literal[part]
}

// find returns the handler of an escaped path and the values of its parameters, or nil.
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
	if next := p.literal[part]; next != nil {
		if h, parts = next.find(rest); h != nil {
			return h, parts
		}
	}
	if p.param == nil || part == "" {
		return nil, nil
	}
	if h, parts = p.param.find(rest); h != nil {
		parts = append([]string{part}, parts...)
	}
	return h, parts
}

// serve handles the request and returns true if its path has a handler. It sets the path
// values to the parameters.
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
