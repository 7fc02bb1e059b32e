package api_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"

	"sofipo/api"
)

// TestTwoLengths: after a request with both Content-Length and Transfer-Encoding, the connection
// is closed and what follows is not answered; one with the first alone keeps the connection.
func TestTwoLengths(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := api.NewServer("", api.New(api.Options{}))
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()
	const next = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
	for _, c := range []struct {
		head, body string
		closes     bool
	}{
		{"Content-Length: 2\r\n", "{}", false},
		{"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", true},
		{"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", "0\r\n\r\n", true},
		{"Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", true},
	} {
		connection, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := connection.Write([]byte("POST /nope HTTP/1.1\r\nHost: x\r\n" + c.head + "\r\n" + c.body + next)); err != nil {
			t.Fatal(err)
		}
		answers := bufio.NewReader(connection)
		first, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, first.Body)
		_ = first.Body.Close()
		second, err := http.ReadResponse(answers, nil)
		if err == nil {
			_ = second.Body.Close()
		}
		if first.StatusCode != 404 || first.Close != c.closes || (err != nil) != c.closes || first.Header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%q: got %d %v, closed %t, then %v, want 404 with X-Frame-Options, and closed: %t", c.head, first.StatusCode, first.Header, first.Close, err, c.closes)
		}
		_ = connection.Close()
	}
}
