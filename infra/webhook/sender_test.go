package webhook

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestSign: the signature is that of the example of Standard Webhooks.
func TestSign(t *testing.T) {
	const secret, want = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	got := Sign([]string{secret, secret}, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if got != want+" "+want {
		t.Errorf("got %s, want %s twice", got, want)
	}
	if a, b := NewSecret(), NewSecret(); a == b || len(a) != len("whsec_")+44 {
		t.Errorf("got the secrets %s and %s, want different ones of 32 bytes", a, b)
	}
}

// TestForbiddenAddress: nothing is sent to an address that is not permitted, whatever name leads to
// it, and a redirect is not followed.
func TestForbiddenAddress(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "http://127.0.0.2/", http.StatusFound)
	}))
	defer server.Close()
	forbid := NewSender("test", func(bool, netip.Addr) bool { return false })
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	for _, host := range []string{"127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]"} {
		for _, scheme := range []string{"http://", "https://"} {
			if a := forbid.Send(t.Context(), Message{URL: scheme + host + port}); a.Err == nil || a.Status != 0 {
				t.Errorf("%s%s: got status %d, %v, want no answer", scheme, host, a.Status, a.Err)
			} else if strings.Contains(a.Err.Error(), port) && host == "127.0.0.1" {
				t.Errorf("got the error %v, want one without the address", a.Err)
			}
		}
	}
	if asked != 0 {
		t.Errorf("got %d requests, want 0", asked)
	}
	permit := NewSender("test", func(secure bool, a netip.Addr) bool { return !secure && a == netip.MustParseAddr("127.0.0.1") })
	if a := permit.Send(t.Context(), Message{URL: server.URL}); a.Status != http.StatusFound || asked != 1 {
		t.Errorf("a redirect: got status %d, %v after %d requests, want 302 after one", a.Status, a.Err, asked)
	}
	if a := permit.Send(t.Context(), Message{URL: "file:///etc/passwd"}); a.Err == nil {
		t.Errorf("a file: got status %d, want an error", a.Status)
	}
}

// TestLongAnswer: an answer without end does not hold the sender.
func TestLongAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "7")
		for line := []byte(strings.Repeat("x", 1024)); r.Context().Err() == nil; {
			_, _ = w.Write(line)
		}
	}))
	defer server.Close()
	s := NewSender("test", func(bool, netip.Addr) bool { return true })
	if a := s.Send(t.Context(), Message{URL: server.URL}); a.Status != 200 || a.Took > 5*time.Second || a.RetryAfter != 7*time.Second {
		t.Errorf("got status %d after %s, retry after %s, %v, want 200 at once and 7 s", a.Status, a.Took, a.RetryAfter, a.Err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{"": 0, "5": 5 * time.Second, "-1": 0, "soon": 0, "Mon, 30 Nov 2026 12:01:00 GMT": time.Minute, "Mon, 30 Nov 2026 11:00:00 GMT": 0} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}
