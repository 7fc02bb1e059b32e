package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the networks of the reverse proxies in front of the program. Only these are
// believed when they name the client's address and scheme.
type Proxies []netip.Prefix

// ParseProxies parses addresses and networks separated by commas, such as "127.0.0.1,10.0.0.0/8".
// An IPv4-mapped address, such as ::ffff:10.0.0.5, means the IPv4 address; networks are written as
// IPv4 ones. An empty text means that there is no proxy.
func ParseProxies(text string) (all Proxies, err error) {
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		network, failed := netip.ParsePrefix(part)
		if one, err := netip.ParseAddr(part); err == nil {
			one = one.Unmap()
			network, failed = netip.PrefixFrom(one, one.BitLen()), nil
		}
		if failed != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network, such as 10.0.0.0/8", part)
		}
		if network.Addr().Is4In6() {
			return nil, fmt.Errorf("%q is a network of IPv4-mapped addresses; write it as an IPv4 network, such as 10.0.0.0/8", part)
		}
		all = append(all, network.Masked())
	}
	return all, nil
}

// The headers in which proxies name the client and its scheme.
const (
	forwardedFor   = "X-Forwarded-For"
	forwardedProto = "X-Forwarded-Proto"
)

// Wrap passes requests on with the RemoteAddr and the X-Forwarded-Proto that may be believed. From
// a trusted proxy, RemoteAddr becomes the last address in X-Forwarded-For that is not of a
// trusted proxy itself. From anybody else the headers are removed.
func (p Proxies) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !p.trusts(peer(r.RemoteAddr)) {
			delete(r.Header, forwardedFor)
			delete(r.Header, forwardedProto)
		} else if client := p.client(r.Header[forwardedFor]); client.IsValid() {
			r.RemoteAddr = net.JoinHostPort(client.String(), "0")
		}
		next.ServeHTTP(w, r)
	})
}

func peer(remote string) netip.Addr {
	at, _ := netip.ParseAddrPort(remote) // a zero address is not trusted
	return at.Addr().Unmap()
}

func (p Proxies) trusts(a netip.Addr) bool {
	for _, network := range p {
		if network.Contains(a) {
			return true
		}
	}
	return false
}

// client returns the last address that is not of a trusted proxy. The addresses before it are
// what the client says, and anybody can say anything. It returns a zero address if there is none
// or if a proxy wrote something else.
func (p Proxies) client(lines []string) netip.Addr {
	named := strings.Split(strings.Join(lines, ","), ",")
	for i := len(named) - 1; i >= 0; i-- {
		a, err := netip.ParseAddr(strings.TrimSpace(named[i]))
		if err != nil {
			return netip.Addr{}
		}
		if a = a.Unmap(); !p.trusts(a) {
			return a
		}
	}
	return netip.Addr{}
}

// Secure reports whether the client uses HTTPS, to this program or to a proxy before it.
func Secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get(forwardedProto) == "https"
}

// Protected adds the security headers that all answers have.
func Protected(next http.Handler) http.Handler {
	noSniff, deny, referrer, hsts := []string{"nosniff"}, []string{"DENY"}, []string{"same-origin"}, []string{"max-age=31536000"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["X-Content-Type-Options"], h["X-Frame-Options"], h["Referrer-Policy"] = noSniff, deny, referrer
		if Secure(r) {
			h["Strict-Transport-Security"] = hsts
		}
		next.ServeHTTP(w, r)
	})
}
