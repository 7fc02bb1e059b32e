package api_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"sofipo/api"
	"sofipo/core/access"
)

// bigQuote is the body of a quote whose answer has more than a megabyte.
const bigQuote = `{"amount":100000,"annual_rate":0.5,"periods":1560,"frequency":"weekly","method":"equal_principal","disbursement_date":"2026-01-15","iva_rate":0.16}`

// serve serves the door's API with the time-outs of the program.
func (d *door) serve() (address string) {
	d.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		d.t.Fatal(err)
	}
	server := api.NewServer("", api.New(d.Options))
	go func() { _ = server.Serve(listener) }()
	d.t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// TestSlowReaders: 400 connections that do not read an answer of a megabyte hold a bounded part
// of the memory. Further ones get 503, everybody else is served, and those that do not read lose
// their connection.
func TestSlowReaders(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for time-outs")
	}
	const limit = 24 << 20
	d := open(t, func(o *api.Options) { o.AnswerBytes = limit })
	address := d.serve()
	token, size := d.as(access.Admin)[1], len(d.post(quotePath+"?explain=true", bigQuote).body)
	if size < 1<<20 {
		t.Fatalf("got a quote of %d bytes, want at least a megabyte", size)
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	connections, statuses := make([]net.Conn, 400), make([]string, 400)
	var all sync.WaitGroup
	for i := range connections {
		all.Go(func() {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			connections[i] = c
			_ = c.(*net.TCPConn).SetReadBuffer(4 << 10) // a smaller part of the answer is in the system
			_, _ = fmt.Fprintf(c, "POST %s?explain=true HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", quotePath, token, len(bigQuote), bigQuote)
			statuses[i], _ = bufio.NewReaderSize(c, 16).ReadString('\n')
		})
	}
	all.Wait()
	defer func() {
		for _, c := range connections {
			_ = c.Close()
		}
	}()
	runtime.GC()
	runtime.ReadMemStats(&after)
	times := map[string]int{}
	for _, status := range statuses {
		times[strings.TrimSpace(status)]++
	}
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > 2*limit || after.Sys > 300<<20 {
		t.Errorf("got %d MB of heap and %d MB from the system for %v, want at most %d and 300", held>>20, after.Sys>>20, times, 2*limit>>20)
	}
	accepted, shed := times["HTTP/1.1 200 OK"], times["HTTP/1.1 503 Service Unavailable"]
	if accepted < limit/size/4 || shed == 0 || accepted+shed != 400 {
		t.Errorf("got %v, want some 200 and 503, 400 in all", times)
	}
	began := time.Now()
	if r := d.get("/api/v1/loans/" + d.loan); r.status != 200 || time.Since(began) > 2*time.Second {
		t.Errorf("another read: got %d after %s, want 200 at once", r.status, time.Since(began))
	}
	for i, c := range connections {
		if statuses[i] == "HTTP/1.1 200 OK\r\n" {
			assertDropped(t, c, size)
			break
		}
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if strings.Contains(d.ownMetrics(address), "sofipo_answer_bytes 0\n") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("got bytes of slow readers held for a minute, want none")
		}
	}
}

// assertDropped waits until the server has ended the connection of a client that did not read.
func assertDropped(t *testing.T, c net.Conn, size int) {
	t.Helper()
	time.Sleep(11 * time.Second) // longer than a client may stall
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	if n, err := io.Copy(io.Discard, c); n >= int64(size) {
		t.Errorf("got %d bytes and %v, want the connection ended before %d", n, err, size)
	}
}

// ownMetrics returns the metrics of the server at an address.
func (d *door) ownMetrics(address string) string {
	d.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		d.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(text)
}
