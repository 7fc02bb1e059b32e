package api_test

import (
	"strings"
	"testing"

	"sofipo/api"
	"sofipo/core/access"
	"sofipo/web"
)

// TestRates: beyond the limits of a user or an address, a request is refused before its body is
// read, on the seed's routes and on our own. Checks of the health always pass.
func TestRates(t *testing.T) {
	slow := web.Rate{PerSecond: 1, Burst: 3}
	d := open(t, func(o *api.Options) { o.Rates = web.NewRates(slow, web.Rate{}, nil) })
	for _, route := range [][2]string{{"POST", "/api/v1/loans/" + d.loan + "/payments"}, {"GET", "/api/v1/me"}} {
		var last reply
		for range 6 {
			last = d.send(route[0], route[1], "not JSON", d.as(access.Teller)...)
		}
		if last.status != 429 || last.header.Get("Retry-After") != "1" || !strings.HasPrefix(last.body, `{"detail":"Too many requests; try again in 1 second","type":"urn:sofipo:error:too_many_requests"`) {
			t.Errorf("%s: got %d %v %s, want 429 with Retry-After 1", route[1], last.status, last.header, last.body)
		}
	}
	d.want(200, d.send("GET", "/api/v1/me", "", d.as(access.Officer)...))
	if got := d.get("/metrics").body; !strings.Contains(got, `sofipo_requests_limited_total{reason="user"} `) {
		t.Error("metrics: got no counter of limited requests, want one")
	}

	d = open(t, func(o *api.Options) { o.Rates = web.NewRates(web.Rate{}, web.Rate{PerSecond: 1, Burst: 4}, nil) })
	var last reply
	for range 6 {
		last = d.get("/api/v1/products/")
	}
	if last.status != 429 {
		t.Errorf("an address: got %d %s, want 429", last.status, last.body)
	}
	d.want(200, d.get("/healthz"))
}
