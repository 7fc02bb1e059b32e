package webhook_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/webhook"
)

func networks(t *testing.T, text string) webhook.Networks {
	t.Helper()
	n, err := webhook.ParseNetworks(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPermit: public addresses are called over HTTPS, those of the networks over HTTP too, and
// some never.
func TestPermit(t *testing.T) {
	for _, c := range []struct {
		networks, addr string
		https, http    bool
	}{
		{"", "8.8.8.8", true, false},
		{"", "2606:4700::1111", true, false},
		{"", "127.0.0.1", false, false},
		{"", "10.1.2.3", false, false},
		{"", "172.31.0.1", false, false},
		{"", "192.168.0.1", false, false},
		{"", "100.64.0.1", false, false},
		{"", "::1", false, false},
		{"", "fd00::1", false, false},
		{"", "::ffff:10.0.0.1", false, false},
		{"", "::ffff:8.8.8.8", true, false},
		{"", "64:ff9b::7f00:1", false, false},
		{"", "2002:7f00:1::", false, false},
		{"10.0.0.0/8", "10.1.2.3", true, true},
		{"10.0.0.0/8", "192.168.0.1", false, false},
		{"10.0.0.0/8", "8.8.8.8", true, false},
		{"127.0.0.1, ::1", "127.0.0.1", true, true},
		{"127.0.0.1, ::1", "127.0.0.2", false, false},
		{"127.0.0.1, ::1", "::1", true, true},
		{"10.0.0.0/8", "::ffff:10.0.0.1", true, true},
		{"0.0.0.0/0, ::/0", "169.254.169.254", false, false},
		{"0.0.0.0/0, ::/0", "::ffff:169.254.169.254", false, false},
		{"0.0.0.0/0, ::/0", "fe80::1%eth0", false, false},
		{"0.0.0.0/0, ::/0", "fd00:ec2::254", false, false},
		{"0.0.0.0/0, ::/0", "100.100.100.200", false, false},
		{"0.0.0.0/0, ::/0", "0.0.0.0", false, false},
		{"0.0.0.0/0, ::/0", "224.0.0.1", false, false},
		{"0.0.0.0/0, ::/0", "255.255.255.255", false, false},
		{"0.0.0.0/0, ::/0", "fd00::1", true, true},
	} {
		n, a := networks(t, c.networks), netip.MustParseAddr(c.addr)
		if https, http := n.Permit(true, a), n.Permit(false, a); https != c.https || http != c.http {
			t.Errorf("%s with the networks %q: got https %t, http %t, want %t, %t", c.addr, c.networks, https, http, c.https, c.http)
		}
	}
	for _, text := range []string{"169.254.0.0/16", "169.254.169.254", "fe80::1", "10.0.0.0/33", "example.com"} {
		if n, err := webhook.ParseNetworks(text); err == nil {
			t.Errorf("the networks %q: got %v, want an error", text, n)
		}
	}
}

// TestCheck: each wrong field is refused with its rule.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		networks, url string
		want          fault.Rule
	}{
		{"", "https://example.com/events?x=1", ""},
		{"", "https://8.8.8.8:8443/", ""},
		{"", "https://[2606:4700::1111]/", ""},
		{"10.0.0.0/8", "http://bi.example.com/", ""},
		{"10.0.0.0/8", "http://10.0.0.1/", ""},
		{"", "http://example.com/", webhook.PlainHTTP},
		{"", "https://10.0.0.1/", webhook.ForbiddenAddress},
		{"", "https://[::ffff:127.0.0.1]/", webhook.ForbiddenAddress},
		{"10.0.0.0/8", "http://8.8.8.8/", webhook.ForbiddenAddress},
		{"0.0.0.0/0", "http://169.254.169.254/latest/meta-data", webhook.ForbiddenAddress},
		{"", "", webhook.URLForm},
		{"", "example.com", webhook.URLForm},
		{"", "ftp://example.com/", webhook.URLForm},
		{"", "https://ana:secret@example.com/", webhook.URLForm},
		{"", "https://example.com/#x", webhook.URLForm},
		{"", "https://example.com/a b", webhook.URLForm},
		{"", "https:///events", webhook.URLForm},
		{"", "https://example.com/" + strings.Repeat("a", webhook.MaxURL), webhook.URLForm},
	} {
		err := webhook.Webhook{Name: "BI", URL: c.url}.Check(nil, networks(t, c.networks))
		var e *fault.Error
		got := fault.Rule("")
		if errors.As(err, &e) {
			got = e.Flaws[0].Rule
		}
		if got != c.want {
			t.Errorf("%.60s with the networks %q: got %q, want %q", c.url, c.networks, got, c.want)
		}
	}
	err := webhook.Webhook{Name: " ", URL: "x", Events: []string{"loan_created", "all"}}.Check([]string{"loan_created"}, nil)
	if want := "invalid; name: blank; url: webhook_url; events.1: webhook_event"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestPauses: the pauses double up to five minutes, are spread, and the receiver can ask for an
// hour at most.
func TestPauses(t *testing.T) {
	for _, c := range []struct {
		attempts int64
		chance   float64
		asked    time.Duration
		want     time.Duration
	}{
		{1, 1, 0, time.Second}, {1, 0, 0, 500 * time.Millisecond}, {2, 1, 0, 2 * time.Second}, {9, 1, 0, 256 * time.Second}, {10, 1, 0, 5 * time.Minute},
		{1 << 40, 1, 0, 5 * time.Minute}, {1, 1, 20 * time.Second, 20 * time.Second}, {9, 1, time.Second, 256 * time.Second}, {1, 1, 48 * time.Hour, time.Hour},
	} {
		if got := webhook.Pause(c.attempts, c.chance, c.asked); got != c.want {
			t.Errorf("after %d attempts with chance %g, asked for %s: got %s, want %s", c.attempts, c.chance, c.asked, got, c.want)
		}
	}
}

// TestGivingUp: a refused event has twelve attempts, one that the receiver does not answer a day.
func TestGivingUp(t *testing.T) {
	first := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		status   int
		attempts int64
		after    time.Duration
		replayed bool
		want     bool
	}{
		{422, 11, 48 * time.Hour, false, false}, {422, 12, 0, false, true}, {500, 12, 0, false, true}, {302, 12, 0, false, true}, {422, 13, 0, true, true},
		{0, 500, 24*time.Hour - 1, false, false}, {0, 1, 24 * time.Hour, false, true}, {503, 12, 0, false, false}, {429, 12, 24 * time.Hour, false, true}, {410, 99, 48 * time.Hour, false, false},
	} {
		if got := webhook.GivesUp(webhook.OutcomeOf(c.status), c.attempts, first, first.Add(c.after), c.replayed); got != c.want {
			t.Errorf("status %d after %d attempts and %s: got %t, want %t", c.status, c.attempts, c.after, got, c.want)
		}
	}
}

// TestWants: an empty list means all events; a test event is only for its webhook.
func TestWants(t *testing.T) {
	all, some := webhook.Webhook{ID: id.ID{1}}, webhook.Webhook{ID: id.ID{2}, Events: []string{"loan_created"}}
	for _, c := range []struct {
		w         webhook.Webhook
		eventType string
		subject   id.ID
		want      bool
	}{
		{all, "loan_created", id.ID{9}, true}, {some, "loan_created", id.ID{9}, true}, {some, "client_created", id.ID{9}, false},
		{some, "webhook_tested", some.ID, true}, {all, "webhook_tested", some.ID, false},
	} {
		if got := c.w.Wants(c.eventType, c.subject); got != c.want {
			t.Errorf("%s for the events %v: got %t, want %t", c.eventType, c.w.Events, got, c.want)
		}
	}
}
