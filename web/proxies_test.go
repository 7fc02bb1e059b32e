package web_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"sofipo/web"
)

func TestProxies(t *testing.T) {
	trusted, err := web.ParseProxies(" 10.0.0.0/8, 2001:db8::1,192.0.2.7,::ffff:192.0.2.8 ")
	if err != nil || len(trusted) != 4 {
		t.Fatalf("got %v, %v, want four networks", trusted, err)
	}
	for _, c := range []struct {
		peer        string
		chain       []string
		scheme      string
		want        string
		wantsSecure bool
	}{
		{"203.0.113.9:4000", []string{"198.51.100.1"}, "https", "203.0.113.9:4000", false},
		{"10.1.2.3:4000", []string{"198.51.100.1"}, "https", "198.51.100.1:0", true},
		{"10.1.2.3:4000", []string{"198.51.100.1"}, "http", "198.51.100.1:0", false},
		{"10.1.2.3:4000", []string{"1.1.1.1, 198.51.100.1, 10.9.9.9"}, "https", "198.51.100.1:0", true},
		{"10.1.2.3:4000", []string{"1.1.1.1", "198.51.100.1", "192.0.2.7"}, "https", "198.51.100.1:0", true},
		{"[::ffff:10.1.2.3]:4000", []string{"::ffff:198.51.100.1"}, "https", "198.51.100.1:0", true},
		{"192.0.2.8:4000", []string{"198.51.100.1"}, "https", "198.51.100.1:0", true},
		{"[2001:db8::1]:4000", []string{"2001:db8::5"}, "https", "[2001:db8::5]:0", true},
		{"10.1.2.3:4000", []string{"198.51.100.1, unknown"}, "https", "10.1.2.3:4000", true},
		{"10.1.2.3:4000", []string{"10.0.0.1"}, "https", "10.1.2.3:4000", true},
		{"10.1.2.3:4000", nil, "https", "10.1.2.3:4000", true},
		{"nonsense", []string{"198.51.100.1"}, "https", "nonsense", false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.peer
		for _, line := range c.chain {
			r.Header.Add("X-Forwarded-For", line)
		}
		r.Header.Set("X-Forwarded-Proto", c.scheme)
		w := httptest.NewRecorder()
		trusted.Wrap(web.Protected(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.RemoteAddr != c.want || web.Secure(r) != c.wantsSecure {
				t.Errorf("from %s through %v by %s: got %s, secure %t, want %s, %t", c.peer, c.chain, c.scheme, r.RemoteAddr, web.Secure(r), c.want, c.wantsSecure)
			}
		}))).ServeHTTP(w, r)
		if got := w.Header().Get("Strict-Transport-Security") != ""; got != c.wantsSecure {
			t.Errorf("from %s by %s: got Strict-Transport-Security %t, want %t", c.peer, c.scheme, got, c.wantsSecure)
		}
	}
	for _, text := range []string{"10.0.0.0/33", "proxy.example.com", "10.0.0.1;10.0.0.2", "::ffff:10.0.0.0/104"} {
		if got, err := web.ParseProxies(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}
